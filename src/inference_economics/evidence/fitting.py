"""The fit of what no datasheet gives to measurements.

Kinds with little data are drawn to the typical value. Every source counts the same, so that a
long table does not outvote ten short ones.
"""

from __future__ import annotations

import math
from collections import Counter
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..facts.calibration import ANY, OVERLAP, PARAMETERS, WITHIN, Calibration, Fitted, machine_kind
from ..serving.fitted import in_the_equations, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .prediction import Cases

_BETWEEN_KINDS = 0.6
"""How far kinds lie from the typical value, over how far that may lie from its start."""
_FURTHEST = 3.0
"""How far the logarithm of a value that is fitted later may lie from the typical one's."""
SCALE = 0.12
"""Relative error beyond which a row's pull on the fit no longer grows in proportion."""


class Design:
    """Measured cases, and how each depends on the parameters that are fitted."""

    def __init__(self, cases: Cases, overlap: float = OVERLAP) -> None:
        """Note each case's kinds."""
        self.cases = cases
        self.overlap = overlap
        machines = [row.layout.machine for row in cases.rows]
        self.kinds = {"machine": [machine_kind(machine) for machine in machines],
                      "launch": [row.launch for row in cases.rows],
                      "": [ANY] * len(machines)}  # fmt: skip
        self.names = [(p, group) for p in PARAMETERS for group in (ANY, *p.groups)]
        self.unpacked = np.array([unpacked(cases.deployments[row.layout]) for row in cases.rows])

    @cached_property
    def columns(self) -> dict[str, Any]:
        """For each parameter, which of its groups each case belongs to, as ones and zeros."""
        return {
            p.name: np.array([
                [group in _all_of(kind) for group in (ANY, *p.groups)] for kind in self.kinds[p.by]
            ], dtype=float)
            for p in PARAMETERS
        }  # fmt: skip

    def physical(self, theta: Any) -> dict[str, Any]:
        """Return an array for each fitted parameter, from the logarithms that are fitted.

        Those of several fits, in rows, give as many rows.
        """
        values, at = {}, 0
        for parameter in PARAMETERS:
            width = 1 + len(parameter.groups)
            logs = theta[..., at : at + width] @ self.columns[parameter.name].T
            values[parameter.name] = np.minimum(parameter.start * np.exp(logs), parameter.most)
            at += width
        return values

    def calibrated(self, calibration: Calibration) -> dict[str, Any]:
        """Return the equations' parameters for each case, by its kinds."""
        each = list(zip(self.kinds["machine"], self.kinds["launch"], strict=True))
        values = {}
        for p in PARAMETERS:
            of = {kinds: calibration.value(p.name, *kinds) for kinds in set(each)}
            values[p.name] = np.array([of[kinds] for kinds in each])
        return in_the_equations(values, self.unpacked, calibration.overlap)

    def logs(self, theta: Any) -> Any:
        """Return the logarithm of each case's predicted seconds."""
        values = in_the_equations(self.physical(theta), self.unpacked, self.overlap)
        return np.log(self.cases.durations(**values))


def _all_of(kind: str) -> tuple[str, ...]:
    """Return a kind with those that it is part of, the typical one first."""
    return tuple(dict.fromkeys((ANY, WITHIN.get(kind, ANY), kind)))


def softened(error: Any) -> Any:
    """Return errors that grow like their root where they are beyond one, either way."""
    return error * np.sqrt(2 / (1 + np.sqrt(1 + error**2)))


def slopes(errors: Callable[[Any], Any], theta: Any) -> Any:
    """Return how each error changes with each fitted value, asked for all at once, in rows."""
    nudge = np.sqrt(np.finfo(float).eps)
    base, *moved = errors(theta + np.vstack([0 * theta, nudge * np.eye(len(theta))]))
    return (np.array(moved) - base).T / nudge


def fit(cases: Cases, sources: Sequence[str], overlap: float = OVERLAP) -> Calibration:
    """Return the parameters that fit measured cases best, in relative terms.

    `sources` names each case's source, `overlap` is the share of the shorter of reading and
    arithmetic that is taken to be done during the longer. Every source counts the same; rows
    far off pull less than in proportion, so that a trap in a table does not bend the fit.
    """
    from scipy.optimize import least_squares

    design = Design(cases, overlap)
    wanted = np.log(cases.measured_durations())
    if not sources:
        raise ValueError("no measurement to fit to")
    size = Counter(sources)
    weights = np.array([size[source] ** -0.5 for source in sources])
    weights /= np.sqrt(np.mean(weights**2))
    drawn = np.array([p.spread * (1.0 if group == ANY else _BETWEEN_KINDS)
                      for p, group in design.names])  # fmt: skip

    def errors(theta: Any) -> Any:
        off = (design.logs(theta) - wanted) / SCALE
        return np.concatenate([softened(off) * weights, theta / drawn], axis=-1)

    found = least_squares(errors, np.zeros(len(drawn)), jac=partial(slopes, errors))
    if not found.success:
        raise RuntimeError(f"the fit did not converge: {found.message}")
    fitted = tuple(_spelled_out(design, found.x, *_spread(found, sources)))
    return Calibration(fitted, overlap=overlap)


def fit_later(cases: Cases, fitted: Calibration, kind: str, name: str) -> Fitted:
    """Return one parameter's value for a kind of machines, with all others as they were fitted.

    Its interval is that of the jackknife, by how much it moves as models are left out.
    """
    from scipy.optimize import minimize_scalar

    design, wanted = Design(cases), np.log(cases.measured_durations())
    values, start = design.calibrated(fitted), math.log(fitted.value(name))
    models = np.array([row.layout.model for row in cases.rows])

    def best(chosen: Any) -> float:
        def errors(log: float) -> float:
            changed = {**values, name: np.full(len(wanted), math.exp(log))}
            off = (np.log(cases.durations(**changed)) - wanted)[chosen] / SCALE
            return float(np.sum(softened(off) ** 2))

        ends = start - _FURTHEST, start + _FURTHEST
        return float(minimize_scalar(errors, bounds=ends, method="bounded").x)

    log = best(np.full(len(wanted), fill_value=True))
    off = float(jackknife([best(models != model) for model in dict.fromkeys(models)]))
    return Fitted(name, kind, *(math.exp(log + side) for side in (0.0, -off, off)))


def jackknife(logs: Any) -> Any:
    """Return how far a 90% interval reaches, from what is fitted as each group is left out."""
    from scipy.stats import t as student

    logs = np.asarray(logs)
    count = len(logs)
    off = np.sqrt((count - 1) / count * ((logs - logs.mean(axis=0)) ** 2).sum(axis=0))
    return off * student.ppf(0.95, count - 1)


def _spread(found: Any, sources: Sequence[str]) -> tuple[Any, float]:
    """Return the covariance of what was fitted, and the standard deviations of a 90% interval.

    The rows of a source are not independent of each other: sources are, as draws of what engines
    and machines do. So the covariance is the robust one of clusters, with Student's distribution
    for as many as there are.
    """
    from scipy.stats import t as student

    inverse = np.linalg.inv(found.jac.T @ found.jac)
    names = np.array(sources)
    prior = found.jac[len(sources) :]
    spread = prior.T @ prior
    kinds = sorted(set(sources))
    few = max(2, len(kinds))
    for source in kinds:
        mine = np.flatnonzero(names == source)
        pull = found.jac[mine].T @ found.fun[mine]
        spread += few / (few - 1) * np.outer(pull, pull)
    return inverse @ spread @ inverse, float(student.ppf(0.95, few - 1))


def _spelled_out(design: Design, theta: Any, covariance: Any, deviations: float) -> list[Fitted]:
    """Return each kind's value: its logarithm comes on top of those of the kinds it is part of."""
    fitted = []
    for parameter, group in design.names:
        parts = [design.names.index((parameter, each)) for each in _all_of(group)]
        log = sum(theta[part] for part in parts)
        off = deviations * math.sqrt(sum(covariance[a, b] for a in parts for b in parts))
        ends = (min(parameter.start * math.exp(log + side), parameter.most)
                for side in (0.0, -off, off))  # fmt: skip
        fitted.append(Fitted(parameter.name, group, *map(float, ends)))
    return fitted
