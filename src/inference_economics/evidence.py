"""Predictions beside measurements: how far each model misses, on rows it was not fitted to.

The package's own measurements are split in the data, by source: those that the parameters are
fitted to ("fit"), those that were found later and only tested ("test"), the same table measured
again with another version ("repeat"), and those that are shown but not counted ("shown"), with
the reason in their notes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from . import calibration, measurements
from .calibration import SORTS, Calibration, Design
from .equations import decode
from .measurements import Measurement, RowError
from .prediction import Cases, refusal, too_full

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DECODING = 0.8
"""A measurement is one of decoding if the datasheet gives its prompt less than the rest."""
FULL = 2**30 / 1e9
"""Most of the labelled memory that can be filled: labels in GB often mean 2^30 bytes."""
NINE_TENTHS = 0.9


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
    def of(cls, ratios: Any, factors: Any = None) -> Errors:
        """Return the errors of predicted over measured; `factors` are half the intervals."""
        import numpy as np

        if not len(ratios):
            raise ValueError("no measurement to compare with")
        off = np.asarray(ratios) - 1
        inside = None
        if factors is not None:
            inside = float(np.mean(np.abs(np.log(ratios)) <= np.log(factors)))
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

    def __init__(self, table: Sequence[Mapping[str, str]]) -> None:
        """Read and sort a table's rows."""
        self.table = tuple(table)
        found = measurements.read_all(dict(row) for row in table)
        self.refused: dict[int, str] = {}
        rows: list[tuple[int, Measurement]] = []
        for place, each in enumerate(found):
            reason = each if isinstance(each, RowError) else refusal(each)
            if isinstance(each, Measurement) and reason is None:
                rows.append((place, each))
            else:
                self.refused[place] = str(reason)
        if rows:
            filled = Cases([row for _, row in rows]).memory_filled()
            shares = zip(rows, filled, strict=True)
            full = {place: float(share) for (place, _), share in shares if share > FULL}
            self.refused |= {place: too_full(share) for place, share in full.items()}
            rows = [(place, row) for place, row in rows if place not in full]
        self.places = tuple(place for place, _ in rows)
        self.cases = Cases([row for _, row in rows])

    def column(self, name: str) -> Any:
        """Return a column's cells for the cases, as an array."""
        import numpy as np

        return np.array([self.table[place].get(name, "") for place in self.places])

    def place(self, id: str) -> int:
        """Return where a row stands among the cases; raise LookupError if it does not."""
        found = (self.column("id") == id).nonzero()[0]
        if not len(found):
            raise LookupError(f"no measurement {id!r} that can be predicted")
        return int(found[0])

    @cached_property
    def sorts(self) -> Any:
        """Return each case's sort: one of `SORTS`."""
        import numpy as np

        decoding, prompt, experts = SORTS
        dense = np.where(self.cases.decode_share() >= DECODING, decoding, prompt)
        return np.where(self.cases.experts(), experts, dense)

    def predicted(self, fitted: Calibration) -> Any:
        """Return what fitted parameters give in place of each measurement."""
        return self.cases.predicted(**Design(self.cases).calibrated(fitted))

    def ratios(self, fitted: Calibration) -> Any:
        """Return predicted over measured times: above 1 if the model is too slow."""
        durations = self.cases.durations(**Design(self.cases).calibrated(fitted))
        return durations / self.cases.measured_durations()

    def fit(self, chosen: Any) -> Calibration:
        """Return the parameters that fit the chosen cases."""
        rows = [row for row, wanted in zip(self.cases.rows, chosen, strict=True) if wanted]
        return calibration.fit(Cases(rows), list(self.column("source")[chosen]))

    def held_out(self, chosen: Any, groups: Any) -> Any:
        """Return predicted over measured times, each case's group left out of the fit.

        Cases that are not chosen have no number.
        """
        import numpy as np

        ratios = np.full(len(self.places), np.nan)
        for group in dict.fromkeys(groups[chosen]):
            mine = chosen & (groups == group)
            ratios[mine] = self.ratios(self.fit(chosen & (groups != group)))[mine]
        return ratios


@cache
def own() -> Evidence:
    """Return the package's own measurements."""
    return Evidence(measurements.own())


def counted(evidence: Evidence, *splits: str, sort: str | None = None) -> Any:
    """Return which cases belong to these parts of the split, and to this sort."""
    import numpy as np

    chosen = np.isin(evidence.column("split"), splits)
    return chosen if sort is None else chosen & (evidence.sorts == sort)


def dense(evidence: Evidence, *splits: str) -> Any:
    """Return which cases of these parts have no experts: those that parameters are fitted to."""
    return counted(evidence, *splits) & (evidence.sorts != SORTS[2])


# The fit, and how far it misses what it has not seen


def refitted() -> Calibration:
    """Return the parameters and intervals, fitted anew to the package's measurements."""
    evidence = own()
    chosen = dense(evidence, "fit")
    fitted = evidence.fit(chosen)
    ratios = evidence.held_out(chosen, evidence.column("source"))
    decoding, prompt, experts = SORTS
    factors = {sort: factor(ratios[chosen & (evidence.sorts == sort)])
               for sort in (decoding, prompt)}  # fmt: skip
    # No parameter is fitted to models with experts: all their rows are held out.
    of_experts = counted(evidence, "fit", sort=experts)
    factors[experts] = factor(evidence.ratios(fitted)[of_experts])
    errors = {BARE: untuned(BARE).mean, calibration.UNTUNED: untuned().mean,
              calibration.HELD_OUT: held_out_errors("fit", "test").mean}  # fmt: skip
    return replace(fitted, factors=factors, errors=errors)


def factor(ratios: Any) -> float:
    """Return the factor within which nine of ten predictions lie of what was measured."""
    import numpy as np

    return math.exp(float(np.quantile(np.abs(np.log(ratios)), NINE_TENTHS)))


def left_out(evidence: Evidence, *splits: str, by: str = "source") -> tuple[Any, Any]:
    """Return predicted over measured times, and half the interval, of dense cases left out.

    `by` says what is left out together: a "source", or one "model" of a source. The interval
    of a source comes from the other sources alone.
    """
    import numpy as np

    chosen = dense(evidence, *splits)
    sources = evidence.column("source")
    groups = sources
    if by == "model":
        models = np.array([row.layout.model for row in evidence.cases.rows])
        groups = np.char.add(np.char.add(sources, " "), models)
    ratios = evidence.held_out(chosen, groups)
    factors = np.full(len(ratios), np.nan)
    for group in dict.fromkeys(groups[chosen]):
        for sort in SORTS[:2]:
            others = chosen & (groups != group) & (evidence.sorts == sort)
            factors[chosen & (groups == group) & (evidence.sorts == sort)] = factor(ratios[others])
    return ratios, factors


@cache
def own_left_out(*splits: str, by: str = "source") -> tuple[Any, Any]:
    """Return `left_out` of the package's own measurements; read only."""
    return left_out(own(), *splits, by=by)


def held_out_errors(*splits: str, by: str = "source") -> Errors:
    """Return the errors over decoding of dense models, each row's source left out of the fit."""
    evidence = own()
    ratios, factors = own_left_out(*splits, by=by)
    mine = counted(evidence, *splits, sort=SORTS[0])
    return Errors.of(ratios[mine], factors[mine])


def errors(chosen: Any) -> Errors:
    """Return the errors of the stored parameters over chosen cases."""
    import numpy as np

    evidence, fitted = own(), calibration.load()
    factors = np.array([fitted.factors[sort] for sort in evidence.sorts])
    return Errors.of(evidence.ratios(fitted)[chosen], factors[chosen])


# The ladder: what each term is worth

LADDER: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("the bare roofline", ("cache", "embedding", "achieved shares", "traffic", "latency",
                           "fixed time")),
    ("and caches", ("achieved shares", "traffic", "latency", "fixed time")),
    ("and collectives", ("achieved shares", "fixed time")),
    ("and fixed time", ("achieved shares",)),
    ("and achieved shares", ()),
)  # fmt: skip
"""Models from the post's two terms up, each with the terms of `decode.OFF` that it leaves out."""


def rung(without: Iterable[str]) -> Any:
    """Return predicted over measured times of the untuned model without these terms."""
    cases = own().cases
    off: dict[str, Any] = {}
    for term in without:
        off |= decode.OFF[term]
    return cases.durations(**off) / cases.measured_durations()


BARE, FULL_STEP = LADDER[0][0], LADDER[-1][0]
"""The post's two terms, and the whole untuned step that the other chapters use."""


def untuned(name: str = FULL_STEP) -> Errors:
    """Return the errors of an untuned model over decoding, of dense models."""
    return ladder(counted(own(), "fit", "test", sort=SORTS[0]))[name]


def ladder(chosen: Any) -> dict[str, Errors]:
    """Return the errors of each rung over chosen cases; none of them is fitted."""
    return {name: Errors.of(rung(without)[chosen]) for name, without in LADDER}
