"""Predictions of services beside runs of them: the fit, and how far it misses what it has not seen.

Groups of a model and a machine are left out together. Every group counts by the root of its rows,
so that a long one does not outvote the others; rows that were published twice count once.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..facts import load_calibration, serving_runs
from ..facts.calibration import ANY, Calibration, Fitted
from ..facts.load_calibration import FIRST_TOKEN, PARAMETERS, PER_TOKEN, SHARING, generation
from ..facts.measurements import METRICS
from ..serving import fitted, fitted_load
from ..serving.load import under_load
from .fitting import jackknife, slopes, softened
from .loaded import Served, interval_kinds
from .prediction import Cases
from .validation import Errors, within_factor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..facts.serving_runs import Run
    from ..serving.load import Loaded
    from ..serving.scenario import Scenario

SCALES = {PER_TOKEN: 0.12, FIRST_TOKEN: 0.30}
"""Relative errors beyond which a row's pull on the fit no longer grows in proportion."""
WEIGHTS = {PER_TOKEN: 1.0, FIRST_TOKEN: 0.35}
"""How much each of the two counts in the fit: the first token depends on more than the machine."""


MACHINES = {
    load_calibration.FOUR_BITS: "a machine that can multiply in four bits",
    load_calibration.NO_FOUR_BITS: "a machine that can multiply in eight bits at best",
}
"""What tables call a generation of machines."""
GUESSING = "guessing ahead"
LIMITED = "probably not limited by the chips"
"""Runs that probably do not show what the chips can do: requests came too slowly, or the server's
processor was too slow."""


class Runs:
    """Runs of services that can be predicted, as arrays with an element for each.

    Attributes:
        runs: the runs.
        measured: seconds of each run, per token and to the first.
        groups: each run's model and machine.

    """

    def __init__(self, runs: Sequence[Run]) -> None:
        """Lay the runs out; each run's layout must be one that can be deployed."""
        self.runs = tuple(runs)
        self.cases = Cases(runs)
        self.measured = {name: np.array([run.times[name] for run in runs]) for name in SCALES}
        self.groups = np.array([run.group for run in runs], dtype=object)
        deployments = self.cases.deployments
        self.experts = self.cases.experts().astype(float)
        self._unpacked = np.array([fitted.unpacked(deployments[run.layout]) for run in runs])
        kinds = [{ANY, run.engine, generation(run.layout.machine)} for run in runs]
        self._belongs = np.array(
            [[each.group in kind for each in PARAMETERS] for kind in kinds], dtype=float
        ).reshape(len(runs), len(PARAMETERS))
        self._scenario = self.cases.scenario.having(
            concurrency=self.cases.batch,
            answer=self.cases.answer,
            draft_length=np.array([run.draft for run in runs]),
            prompt_sharing=np.array([SHARING[run.engine] for run in runs]),
        )

    def __len__(self) -> int:
        """Return how many runs there are."""
        return len(self.runs)

    def chosen(self, wanted: Any) -> Runs:
        """Return the runs where `wanted` is true."""
        return Runs([run for run, yes in zip(self.runs, wanted, strict=True) if yes])

    @cached_property
    def weights(self) -> Any:
        """How much each run counts in the fit; one on average."""
        same = [(r.group, r.concurrency, r.answer, r.first_token, r.per_token) for r in self.runs]
        count = Counter(same)
        once = np.array([1 / count[each] for each in same])
        size = {group: once[self.groups == group].sum() for group in set(self.groups)}
        weights = once * np.array([size[group] ** -0.5 for group in self.groups])
        return weights / weights.mean()

    def scenario(self, values: Any) -> Scenario:
        """Return the runs with fitted values, in the order of `PARAMETERS`."""
        logs: dict[str, Any] = {}
        for place, each in enumerate(PARAMETERS):
            part = self._belongs[:, place] * np.log(values[place])
            logs[each.name] = logs.get(each.name, 0.0) + part
        named = {name: np.exp(each) for name, each in logs.items()}
        return fitted_load.applied(self._scenario, named, self.experts, self._unpacked)

    def times(self, values: Any) -> dict[str, Any]:
        """Return the predicted seconds per token and to the first token."""
        return times(under_load(self.scenario(values)))


def times(found: Loaded) -> dict[str, Any]:
    """Return the seconds of a token and of the first one."""
    return {PER_TOKEN: found.time_per_token, FIRST_TOKEN: found.first_token_time}


@cache
def own() -> Runs:
    """Return the package's own runs with prompts and answers on the same machines."""
    return Runs([serving_runs.read(row) for row in serving_runs.together()])


def apart_errors() -> dict[str, Errors]:
    """Return the errors of runs with prompts and answers on separate machines.

    Nothing is fitted to them: they are predicted with the stored values.
    """
    rows = (row for row in serving_runs.table() if row["mode"] == serving_runs.APART)
    runs = [serving_runs.read(row) for row in rows]
    return {
        name: Errors.of(each / [run.times[name] for run in runs])
        for name, each in predicted(runs).items()
    }


def predicted(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the seconds of runs per token and to the first, as a table of them is predicted."""
    first = [replace(run, metric=METRICS["ttft"]) for run in runs]
    return {PER_TOKEN: Served(runs).durations, FIRST_TOKEN: Served(first).durations}


def fit(runs: Runs, start: Any = None) -> Any:
    """Return the values, in the order of `PARAMETERS`, that fit runs best, in relative terms."""
    from scipy.optimize import least_squares

    first = np.log([each.start for each in PARAMETERS])
    spread = np.array([each.spread for each in PARAMETERS])
    most = np.log([each.most for each in PARAMETERS])
    root = np.sqrt(runs.weights)

    def values(theta: Any) -> Any:
        return np.exp(np.minimum(first + spread * theta, most))

    def errors(theta: Any) -> Any:
        """Return what each fitted value and each run adds; of several fits at once, in rows."""
        found = runs.times(np.moveaxis(values(theta), -1, 0)[..., None])
        parts = [theta]
        for name, scale in SCALES.items():
            off = np.log(found[name] / runs.measured[name]) / scale
            parts.append(WEIGHTS[name] * softened(off) * root)
        return np.concatenate(parts, axis=-1)

    begin = np.zeros(len(first)) if start is None else (np.log(start) - first) / spread
    jac = partial(slopes, errors)
    found = least_squares(errors, begin, jac=jac, max_nfev=30, ftol=1e-4, xtol=1e-4)
    return values(found.x)


@cache
def fits() -> tuple[Any, dict[str, Any]]:
    """Return the values fitted to all own runs, and to all but each group."""
    runs = own()
    everything = fit(runs)
    groups = dict.fromkeys(map(str, runs.groups))
    return everything, {
        group: fit(runs.chosen(runs.groups != group), everything) for group in groups
    }


@cache
def held_out() -> dict[str, Any]:
    """Return the predicted seconds of each own run, its group left out of the fit; read only."""
    return without_own_group(load_calibration.left_out())


def without_own_group(fitted: Mapping[str, Any], off: Iterable[str] = ()) -> dict[str, Any]:
    """Return the predicted seconds of each own run, by what was fitted without its group.

    `off` names terms of `equations.load.OFF`.
    """
    runs = own()
    values = np.array([fitted[str(group)] for group in runs.groups]).T
    return times(under_load(runs.scenario(values), off))


def refitted() -> Calibration:
    """Return the values fitted anew to all own runs, with what held-out groups are missed by.

    A value's interval is that of the jackknife: by how much it moves as groups are left out.
    """
    runs = own()
    values, without = fits()
    off = jackknife(np.log(list(without.values())))
    ends = zip(values, values / np.exp(off), values * np.exp(off), strict=True)
    found = [
        Fitted(each.name, each.group, float(value), float(low), min(float(high), each.most))
        for each, (value, low, high) in zip(PARAMETERS, ends, strict=True)
    ]
    for name in dict.fromkeys(each.name for each in PARAMETERS if each.group != ANY):
        some = [each.value for each in found if each.parameter == name]
        typical = math.exp(float(np.mean(np.log(some))))
        found.append(Fitted(name, ANY, typical, min(some), max(some)))
    times = without_own_group(without)
    ratios = {name: times[name] / runs.measured[name] for name in SCALES}
    every = np.ones(len(runs), dtype=bool)
    factors = {
        kind: half
        for name, each in ratios.items()
        for kind, half in _halves(runs, name, each, every).items()
    }
    return Calibration(
        tuple(found),
        within_factors=factors,
        errors={name: Errors.of(each).mean for name, each in ratios.items()},
    )


def kinds(runs: Runs, name: str) -> Any:
    """Return under which name the interval of each run stands: `PER_TOKEN` or `FIRST_TOKEN`."""
    return np.array(interval_kinds([name] * len(runs), runs.cases, runs.cases.batch), dtype=object)


def _halves(runs: Runs, name: str, ratios: Any, chosen: Any) -> dict[str, float]:
    """Return half the interval of each kind, from predicted over measured times of chosen runs.

    What all runs together give counts as one group more: a kind that few groups have is drawn
    to it.
    """
    its_kinds, every = kinds(runs, name), within_factor(ratios[chosen], runs.groups[chosen])
    found = {}
    for kind in dict.fromkeys(map(str, its_kinds)):
        mine = chosen & (its_kinds == kind)
        groups = len(set(runs.groups[mine]))
        its = math.log(within_factor(ratios[mine], runs.groups[mine])) if groups else 0.0
        found[kind] = math.exp((groups * its + math.log(every)) / (groups + 1))
    return found


def stored() -> Any:
    """Return the values that the package holds, in the order of `PARAMETERS`."""
    held = load_calibration.load()
    return np.array([held.value(each.name, each.group) for each in PARAMETERS])


# How far it misses, by sorts of runs


def sorts(runs: Runs) -> dict[str, Any]:
    """Return which runs belong to each sort that errors are given for."""
    columns = {
        name: np.array([getattr(run, name) for run in runs.runs])
        for name in ("concurrency", "prompt", "answer", "engine", "draft", "limited")
    }
    kinds = np.array([generation(run.layout.machine) for run in runs.runs])
    experts, long = runs.experts > 0, columns["prompt"] > load_calibration.LONG * columns["answer"]
    longer = columns["prompt"] >= 4 * columns["answer"]
    return {
        "all": np.ones(len(runs), dtype=bool),
        "dense": ~experts,
        "experts": experts,
        "prompts under four times as long as answers": ~longer,
        "prompts at least four times as long as answers": longer,
        "prompts over nine times as long as answers": long,
        "over 64 requests": columns["concurrency"] > load_calibration.MANY,
        **{name: kinds == kind for kind, name in MACHINES.items()},
        **{
            f"under {name}": columns["engine"] == engine
            for engine, name in load_calibration.ENGINE_NAMES.items()
        },
        GUESSING: columns["draft"] > 0,
        LIMITED: columns["limited"],
        **{group: runs.groups == group for group in dict.fromkeys(map(str, runs.groups))},
    }


def errors(name: str) -> dict[str, Errors]:
    """Return the errors of held-out runs by sort: of `PER_TOKEN` or `FIRST_TOKEN`.

    The interval of a group is that of the others.
    """
    runs = own()
    ratios = held_out()[name] / runs.measured[name]
    within, of_runs = np.full(len(runs), np.nan), kinds(runs, name)
    for group in dict.fromkeys(map(str, runs.groups)):
        mine = runs.groups == group
        for kind, half in _halves(runs, name, ratios, ~mine).items():
            within[mine & (of_runs == kind)] = half
    return {
        sort: Errors.of(ratios[mine], within[mine])
        for sort, mine in sorts(runs).items()
        if mine.any()
    }
