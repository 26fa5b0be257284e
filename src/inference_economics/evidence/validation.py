"""Predictions beside measurements: how far each model misses, on rows it was not fitted to.

The package's own measurements are split in the data, by source: those that the parameters are
fitted to ("fit"), those that were found later and only tested ("test"), the same table measured
again with another version ("repeat"), those that one value of a kind of machines is fitted to when
all others are ("later"), and those that are shown but not counted ("shown"), with the reason in
their notes.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..equations import decode
from ..facts import calibration, measurements, serving_runs
from ..facts.calibration import OVERLAP, SORTS, Calibration
from ..facts.measurements import Measurement, RowError
from ..serving import memory, outside, refusals
from ..serving.deployment import MOST_DOUBT, too_uncertain
from ..serving.scenario import fits
from . import fitting
from .fitting import Design
from .loaded import Served, refused
from .prediction import Cases, too_full, why_refused, why_unsourced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DECODING = 0.8
"""A measurement is one of decoding if the datasheet gives its prompt less than the rest."""
FULL = 2**30 / 1e9
"""Most of the labelled memory that can be filled: labels in GB often mean 2^30 bytes."""
MOST_FILLED = 2.0
"""More of the memory than a measured row can have filled: one that says so is mistaken."""
FEW = 4
"""Users at once of a service that hardly reads prompts while it writes."""
NINE_TENTHS = 0.9
WORSE = 1.1
"""By how much a parameter is made worse to see what it moves."""


@dataclass(frozen=True)
class Errors:
    """How far predictions miss measurements, in relative terms.

    Attributes:
        count: measurements.
        mean: mean of the absolute errors, as a share of what was measured.
        median: their median.
        bias: median of the errors with their sign; positive if the prediction is too high.
        covered: share of the measurements inside the 90% interval; None without one.

    """

    count: int
    mean: float
    median: float
    bias: float
    covered: float | None = None

    @classmethod
    def of(cls, ratios: Any, within: Any = None) -> Errors:
        """Return the errors of predicted over measured; `within` are half the intervals."""
        if not len(ratios):
            raise ValueError("no measurement to compare with")
        off = np.asarray(ratios) - 1
        inside = None
        if within is not None and (known := np.asarray(within) > 1).any():  # what is given has none
            missed = np.abs(np.log(np.asarray(ratios)[known]))
            inside = float(np.mean(missed <= np.log(np.asarray(within)[known])))
        return cls(
            len(off), float(np.mean(np.abs(off))), float(np.median(np.abs(off))),
            float(np.median(off)), inside,
        )  # fmt: skip


class Evidence:
    """A table's measurements that can be predicted, and what is known of each.

    Attributes:
        table: all rows, as they are.
        cases: those that can be predicted.
        places: where in the table each case stands.
        refused: for the place of each other row, the reason.

    """

    def __init__(
        self,
        table: Sequence[Mapping[str, str]],
        most: float | None = None,
        *,
        sourced: bool = False,
        read: Iterable[Measurement | RowError] | None = None,
    ) -> None:
        """Read and sort a table's rows; `sourced` ones alone leave out what rests on a guess.

        What does not fit is refused, if nothing was measured there. With `most`, all rows are
        refused that fill more of the memory than that share of its label. Rows that have been
        `read` are not read again.
        """
        self.table = tuple(table)
        self.refused: dict[int, str] = {}
        rows: list[tuple[int, Measurement]] = []
        for place, each in enumerate(measurements.read_all(table) if read is None else read):
            if isinstance(each, RowError):
                self.refused[place] = str(each)
            elif reason := why_refused(each) or (sourced and why_unsourced(each)):
                self.refused[place] = "; ".join((str(reason), *each.doubts))
            else:
                rows.append((place, each))
        self.cases = Cases([row for _, row in rows])
        if unfit := _unfit(self.cases, most):
            self.refused |= {rows[index][0]: why for index, why in unfit.items()}
            rows = [each for index, each in enumerate(rows) if index not in unfit]
            self.cases = Cases([row for _, row in rows])
        self.places = tuple(place for place, _ in rows)

    def column(self, name: str) -> Any:
        """Return a column's cells for the cases, as an array."""
        cells = np.empty(len(self.places), dtype=object)
        cells[:] = [self.table[place].get(name, "") for place in self.places]
        return cells

    def place(self, id: str) -> int:
        """Return where a row stands among the cases; raise LookupError if it does not."""
        found = (self.column("id") == id).nonzero()[0]
        if not len(found):
            raise LookupError(f"no measurement {id!r} that can be predicted")
        return int(found[0])

    @cached_property
    def sorts(self) -> Any:
        """Return each case's sort: one of `SORTS`."""
        decoding, prompt, experts = SORTS
        dense = np.where(self.cases.decode_share() >= DECODING, decoding, prompt)
        return np.where(self.cases.experts(), experts, dense)

    @cached_property
    def design(self) -> Design:
        """How each case depends on what is fitted."""
        return Design(self.cases)

    @cached_property
    def served(self) -> Served | None:
        """The cases that are of a server under load, predicted as such; None if none is."""
        rows = [row for row in self.cases.rows if row.under_load]
        return Served(rows) if rows else None

    def durations(self, fitted: Calibration) -> Any:
        """Return the predicted seconds of each case; fitted parameters are those of a step."""
        found = self.cases.durations(**self.design.calibrated(fitted))
        return self._with_served(found, "durations")

    def least_durations(self) -> Any:
        """Return the seconds of each case that its machine would take at its peak."""
        return self._with_served(self.cases.least_durations(), "least")

    def binding(self, fitted: Calibration) -> Any:
        """Return, in words, what takes the longest part of each case's time."""
        found = self.cases.binding(**self.design.calibrated(fitted))
        return self._with_served(found.astype(object), "binding")

    def waiting(self) -> Any:
        """Return how many requests of each case wait for memory."""
        return self._with_served(np.zeros(len(self.places)), "waiting")

    def _with_served(self, found: Any, name: str) -> Any:
        """Return an array of the cases with what is known of those that are under load."""
        if self.served is not None:
            found = found.copy()
            found[self.cases.under_load] = getattr(self.served, name)
        return found

    def predicted(self, fitted: Calibration) -> Any:
        """Return what fitted parameters give in place of each measurement."""
        return self.cases.metric(self.durations(fitted))

    def ratios(self, fitted: Calibration) -> Any:
        """Return predicted over measured times: above 1 if the model is too slow."""
        return self.durations(fitted) / self.cases.measured_durations()

    def within_factors(self, fitted: Calibration) -> Any:
        """Return half of each case's interval, by its sort."""
        of_sorts = np.array([fitted.within_factors[str(sort)] for sort in self.sorts])
        of_sorts = self._with_served(of_sorts, "halves")
        return of_sorts * self.cases.doubt(**self.design.calibrated(fitted))

    def outside(self, case: int) -> list[str]:
        """Return in words what of a case lies outside of what was fitted."""
        row = self.cases.rows[case]
        more = outside.cautions(row.layout.chips, row.answer) if row.under_load else ()
        kinds = (outside.KINDS[kind].said for kind in self._outside[case])
        return [*self._of_engines[case], *kinds, *more]

    @cached_property
    def _of_engines(self) -> Any:
        """What is said of each case's engine, where none is named."""
        nothing = np.empty(len(self.places), dtype=object)
        nothing[:] = [()] * len(self.places)
        return self._with_served(nothing, "notes")

    @cached_property
    def _outside(self) -> list[tuple[str, ...]]:
        """The kinds of each case that lie outside, by their names."""
        of = self.cases.deployments
        alone = self._with_served(np.zeros(len(self.places), dtype=bool), "alone")
        return [
            outside.kinds(
                of[row.layout].outside,
                row.launch,
                service=row.under_load,
                apart=row.apart is not None,
                alone=bool(alone) and row.metric.of == "prompt",
            )
            for row, alone in zip(self.cases.rows, alone, strict=True)
        ]

    def widened_factors(self, fitted: Calibration) -> Any:
        """Return half of each case's interval, wider outside of what was fitted."""
        wider = np.array([outside.factor(kinds) for kinds in self._outside])
        within = self.within_factors(fitted)
        wider = np.where(within > 1, within * wider, within)  # what is given stays so
        return np.maximum(wider, self._with_served(np.ones(len(wider)), "off"))

    def fit(self, chosen: Any, overlap: float = OVERLAP) -> Calibration:
        """Return the parameters that fit the chosen cases."""
        rows = [row for row, wanted in zip(self.cases.rows, chosen, strict=True) if wanted]
        return fitting.fit(Cases(rows), list(self.column("source")[chosen]), overlap)

    def held_out(self, chosen: Any, groups: Any) -> Any:
        """Return predicted over measured times, each case's group left out of the fit.

        Cases that are not chosen have no number.
        """
        ratios = np.full(len(self.places), np.nan)
        for group in dict.fromkeys(groups[chosen]):
            mine = chosen & (groups == group)
            ratios[mine] = self.ratios(self.fit(chosen & (groups != group)))[mine]
        return ratios


def _unfit(cases: Cases, most: float | None) -> dict[int, str]:
    """Return which cases do not fit, depend on a guess, or cannot be served, with the reason."""
    if not cases.rows:
        return {}
    shares, experts, ran = cases.memory_filled(), cases.experts(), np.isfinite(cases.measured)
    if most is None:
        too_big = (cases.verdicts() == memory.DOES_NOT_FIT) & ~ran
        impossible = ran & (shares > MOST_FILLED)
    else:
        too_big, impossible = ~fits(shares, most), np.zeros_like(ran)
    found: dict[int, str] = {}
    for said, chosen in ((refusals.MEMORY["row"], too_big), (refusals.IMPOSSIBLE, impossible)):
        for index in map(int, chosen.nonzero()[0]):
            row, sparse = cases.rows[index], bool(experts[index])
            found[index] = too_full(float(shares[index]), row, experts=sparse, said=said)
    for index in map(int, (cases.doubt() > MOST_DOUBT).nonzero()[0]):
        found[index] = too_uncertain(cases.deployments[cases.rows[index].layout].guessed)
    return found | refused(cases.rows)


@cache
def own() -> Evidence:
    """Return the package's own measurements."""
    return Evidence(measurements.own(), FULL, sourced=True)


def counted(evidence: Evidence, *splits: str, sort: str | None = None) -> Any:
    """Return which cases belong to these parts of the split, and to this sort."""
    chosen = np.isin(evidence.column("split"), splits)
    return chosen if sort is None else chosen & (evidence.sorts == sort)


def dense(evidence: Evidence, *splits: str) -> Any:
    """Return which cases of these parts have no experts: those that parameters are fitted to."""
    return counted(evidence, *splits) & (evidence.sorts != SORTS[2])


@cache
def with_experts() -> Evidence:
    """Return measurements of models with experts, our own and those of services with few users.

    A service counts with at most `FEW` users for each copy of its model, with prompts no longer
    than answers, and if it guesses nothing ahead: then nearly all of its steps only write. The
    services of one model on one machine are one source.
    """
    rows = (*serving_runs.table(), *serving_runs.ours())
    few = [
        run
        for run in map(serving_runs.read, rows)
        if run.apart is None
        and not run.rate
        and run.concurrency <= FEW * run.layout.replicas
        and run.prompt <= run.answer
        and not run.draft
    ]
    mine = [own().table[place] for place in own().places]
    told = ({"id": run.id, "source": run.group, "split": "fit"} for run in few)
    steps = (replace(run, under_load=False) for run in few)
    return Evidence([*mine, *told], FULL, sourced=True, read=[*own().cases.rows, *steps])


def decoded() -> Any:
    """Return which of our own cases are of decoding, of dense models, and count."""
    return counted(own(), "fit", "test", sort=SORTS[0])


# The fit, and how far it misses what it has not seen


def refitted() -> Calibration:
    """Return the parameters and intervals, fitted anew to the package's measurements."""
    evidence = own()
    chosen, sources = dense(evidence, "fit"), evidence.column("source")
    fitted = _with_later(evidence.fit(chosen))
    factors = _within_factors(evidence, evidence.held_out(chosen, sources), chosen)
    factors[SORTS[2]] = within_factor(*_of_experts(fitted, "fit"))
    found = replace(fitted, within_factors=factors)
    errors = {
        BARE: untuned(BARE).mean,
        calibration.UNTUNED: untuned().mean,
        calibration.UNSEEN: unseen_errors(SORTS[0], fitted=found).mean,
    }
    return replace(found, errors=errors)


def _with_later(fitted: Calibration) -> Calibration:
    """Return fitted parameters with those of `calibration.LATER`, from the rows kept for them."""
    rows = [
        row for row, mine in zip(own().cases.rows, counted(own(), "later"), strict=True) if mine
    ]
    found = [
        fitting.fit_later(
            Cases([r for r in rows if calibration.machine_kind(r.layout.machine) == kind]),
            fitted, name=name, kind=kind,
        )
        for kind, name in calibration.LATER.items()
    ]  # fmt: skip
    return replace(fitted, fitted=(*fitted.fitted, *found))


def _of_experts(fitted: Calibration, *splits: str) -> tuple[Any, Any]:
    """Return predicted over measured times of models with experts, and each one's source.

    No parameter is fitted to them, so that all are held out.
    """
    evidence = with_experts()
    mine = counted(evidence, *splits, sort=SORTS[2])
    return evidence.ratios(fitted)[mine], evidence.column("source")[mine]


def _factors_without(ratios: Any, sources: Any) -> dict[str, float]:
    """Return for each source the factor within which nine of ten of all other sources lie."""
    return {
        source: within_factor(ratios[sources != source], sources[sources != source])
        for source in dict.fromkeys(sources)
    }


def _within_factors(evidence: Evidence, ratios: Any, chosen: Any) -> dict[str, float]:
    """Return the factor of each sort of dense cases, from those chosen."""
    sources, found = evidence.column("source"), dict[str, float]()
    for sort in SORTS[:2]:
        mine = chosen & (evidence.sorts == sort)
        found[sort] = within_factor(ratios[mine], sources[mine])
    # A request is decoded, too: with a prompt it is not known better than without.
    found[SORTS[1]] = max(found[SORTS[0]], found[SORTS[1]])
    return found


def within_factor(ratios: Any, sources: Any) -> float:
    """Return the factor within which nine of ten predictions lie of what was measured.

    Every source counts the same, as in the fit: a measurement to come is of another source.
    """
    off = np.abs(np.log(ratios))
    if not len(off) or not np.isfinite(off).all():
        raise ValueError("no measurements, or some without a value, to take a factor from")
    size = Counter(map(str, sources))
    weights = np.array([1 / size[str(source)] for source in sources])
    order = np.argsort(off)
    reached = np.cumsum(weights[order]) / weights.sum()
    return math.exp(float(off[order][np.searchsorted(reached, NINE_TENTHS)]))


def unseen(fitted: Calibration | None = None) -> tuple[Any, Any]:
    """Return predicted over measured times, and half the interval, where nothing was fitted.

    Dense cases to which the parameters are fitted are predicted without their source. All
    others are predicted by the stored parameters, or by `fitted`: those of the test, and those
    with experts, whose interval comes from the other sources with experts.
    """
    evidence, fitted = own(), fitted or calibration.load()
    ratios = evidence.ratios(fitted)
    factors = evidence.within_factors(fitted)
    seen, sources = dense(evidence, "fit"), evidence.column("source")
    left, inside = own_left_out("fit")
    ratios[seen], factors[seen] = left[seen], inside[seen]
    experts = counted(evidence, "fit", "test", sort=SORTS[2])
    without = _factors_without(*_of_experts(fitted, "fit", "test"))
    factors[experts] = [without[source] for source in sources[experts]]
    return ratios, factors


def few_users() -> Errors:
    """Return the errors of a step over services of few users, of models with experts."""
    ratios, sources = _of_experts(calibration.load(), "fit")
    without, known = _factors_without(ratios, sources), set(own().column("source"))
    few = [place for place, source in enumerate(sources) if source not in known]
    return Errors.of(ratios[few], [without[sources[place]] for place in few])


def unseen_errors(
    sort: str, *splits: str, among: Any = True, fitted: Calibration | None = None
) -> Errors:
    """Return the errors where nothing was fitted, over a sort and these parts of the split.

    Without parts it is both those fitted to and those of the test; `among` chooses further.
    """
    ratios, factors = unseen(fitted)
    chosen = counted(own(), *(splits or ("fit", "test")), sort=sort) & among
    return Errors.of(ratios[chosen], factors[chosen])


@cache
def own_left_out(*splits: str, by: str = "source") -> tuple[Any, Any]:
    """Return predicted over measured times, and half the interval, of own dense cases left out.

    `by` says what is left out together: a "source", or one "model" of a source. The interval
    comes from what was not left out with it. The arrays are read only.
    """
    evidence = own()
    chosen = dense(evidence, *splits)
    groups = evidence.column("source")
    if by == "model":
        models = np.array([row.layout.model for row in evidence.cases.rows], dtype=object)
        groups = groups + " " + models
    ratios = evidence.held_out(chosen, groups)
    factors = np.full(len(ratios), np.nan)
    for group in dict.fromkeys(groups[chosen]):
        of_others = _within_factors(evidence, ratios, chosen & (groups != group))
        for sort, half in of_others.items():
            factors[chosen & (groups == group) & (evidence.sorts == sort)] = half
    for kept in (ratios, factors):
        kept.setflags(write=False)
    return ratios, factors


def held_out_errors(*splits: str, by: str = "source") -> Errors:
    """Return the errors over decoding of dense models, each row's source left out of the fit."""
    evidence = own()
    ratios, factors = own_left_out(*splits, by=by)
    mine = counted(evidence, *splits, sort=SORTS[0])
    return Errors.of(ratios[mine], factors[mine])


# The ladder: what each term is worth

LADDER: tuple[tuple[str, tuple[str, ...]], ...] = (
    (calibration.ROOFLINE, ("cache", "embedding", "achieved shares", "traffic", "latency",
                            "fixed time")),
    ("and caches", ("achieved shares", "traffic", "latency", "fixed time")),
    ("and traffic", ("achieved shares", "fixed time")),
    ("and fixed time", ("achieved shares",)),
    ("and achieved shares", ()),
)  # fmt: skip
"""Models from the post's two terms up, each with the terms of `decode.OFF` that it leaves out."""


def rung(without: Iterable[str]) -> Any:
    """Return predicted over measured times of the untuned model without these terms."""
    cases = own().cases
    return cases.durations(**decode.off(*without)) / cases.measured_durations()


BARE, FULL_STEP = LADDER[0][0], LADDER[-1][0]
"""The post's two terms, and the whole untuned step that the other chapters use."""


def untuned(name: str = FULL_STEP) -> Errors:
    """Return the errors of an untuned model over decoding, of dense models."""
    return Errors.of(rung(dict(LADDER)[name])[decoded()])


def worth() -> dict[str, float]:
    """Return how much of the mean error each term of the ladder takes away.

    It is averaged over all orders in which the terms can be added to the bare roofline, so that
    it does not depend on the order of the ladder.
    """
    chosen = decoded()
    groups = {
        name: tuple(set(before) - set(after))
        for (_, before), (name, after) in itertools.pairwise(LADDER)
    }
    error = {
        frozenset(some): Errors.of(rung([t for g in some for t in groups[g]])[chosen]).mean
        for count in range(len(groups) + 1)
        for some in itertools.combinations(groups, count)
    }
    orders = list(itertools.permutations(groups))
    found = dict.fromkeys(groups, 0.0)
    for order in orders:
        for place, name in enumerate(order):
            without = frozenset(order[place:])
            found[name] += (error[without] - error[without - {name}]) / len(orders)
    return found


def sensitivities() -> dict[str, float]:
    """Return by how much a typical time of decoding grows if a parameter is a tenth worse."""
    evidence, chosen = own(), decoded()
    values = evidence.design.calibrated(calibration.load())
    base = evidence.cases.durations(**values)[chosen]
    found = {}
    for parameter in calibration.PARAMETERS:
        worse = 1 / WORSE if parameter.most == 1 else WORSE  # a share is worse if it is smaller
        changed = {**values, parameter.name: np.asarray(values[parameter.name]) * worse}
        found[parameter.name] = float(
            np.median(evidence.cases.durations(**changed)[chosen] / base) - 1
        )
    return found


def ladder(chosen: Any) -> dict[str, Errors]:
    """Return the errors of each rung over chosen cases; none of them is fitted."""
    return {name: Errors.of(rung(without)[chosen]) for name, without in LADDER}
