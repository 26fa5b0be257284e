"""A table of measurements in, the same table with predictions out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..algebra.formula import InputError
from ..facts import calibration, files
from ..facts.measurements import PREDICTED
from .validation import Errors, Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..facts.measurements import Row

_SOURCES = ("source", "source_title")
_NOTABLY_FULL = 0.9


@dataclass(frozen=True)
class Answer:
    """A table with its predictions.

    Attributes:
        rows: the table's rows, all of their columns, and those of `PREDICTED`.
        errors: by source, and over "all rows", how far the predictions miss; empty if the
            table has no measured values.

    """

    rows: list[dict[str, Any]]
    errors: Mapping[str, Errors]

    def as_csv(self) -> str:
        """Return the table as CSV; a row that is not predicted has empty cells and a note."""
        short = (
            {**row, **{name: f"{row[name]:.5g}" for name in PREDICTED[:3] if row[name] is not None}}
            for row in self.rows
        )
        return files.as_csv(self.rows[0] if self.rows else (), (row.values() for row in short))

    def as_json(self) -> dict[str, Any]:
        """Return rows and errors as plain values, with null for what is not predicted."""
        return {
            "rows": self.rows,
            "errors": {name: vars(each) for name, each in self.errors.items()},
        }

    def summary(self) -> str:
        """Return in words how many rows are predicted, and the errors as a table."""
        predicted = sum(row["predicted"] is not None for row in self.rows)
        lines = [f"{predicted:,} of {len(self.rows):,} rows predicted"]
        if not self.errors:
            return lines[0]
        width = max(map(len, self.errors))
        lines.append(f"{'time, against measured':{width}}  rows  median   mean   bias  in interval")
        for name, each in self.errors.items():
            inside = "" if each.covered is None else f"{each.covered:.0%}"
            lines.append(
                f"{name:{width}}  {each.count:4}  {each.median:6.1%}  {each.mean:5.1%}  "
                f"{each.bias:+5.0%}  {inside:>11}"
            )
        return "\n".join(lines)


def predict(table: Sequence[Row], name: str = "this table") -> Answer:
    """Return a table's rows with what the fitted model predicts for each.

    `name` stands for the source of rows that name none.
    """
    taken = sorted(set(PREDICTED) & {column for row in table[:1] for column in row})
    if taken and len(taken) < len(PREDICTED):  # a table with all of them has been predicted before
        raise InputError(f"{name}: a prediction adds a column {taken[0]!r}; rename the table's own")
    evidence, fitted = Evidence(table), calibration.load()
    rows: list[dict[str, Any]] = [
        {**row, **dict.fromkeys(PREDICTED[:3]), "binding": "", "note": ""} for row in table
    ]
    for place, reason in evidence.refused.items():
        rows[place]["note"] = reason
    if not evidence.places:
        return Answer(rows, {})
    _fill(rows, evidence, fitted)
    return Answer(rows, _errors(evidence, fitted, name))


def _fill(rows: list[dict[str, Any]], evidence: Evidence, fitted: calibration.Calibration) -> None:
    """Write predictions, their intervals and what binds into the rows that have them."""
    cases = evidence.cases
    predicted, factors = evidence.predicted(fitted), evidence.within_factors(fitted)
    binding = cases.binding(**evidence.design.calibrated(fitted))
    filled = cases.memory_filled()
    for index, place in enumerate(evidence.places):
        case, factor = cases.rows[index], float(factors[index])
        value = float(predicted[index]) / case.unit
        notes = [*case.assumed, *evidence.design.notes(index)]
        if filled[index] > _NOTABLY_FULL:
            notes.append(f"{filled[index]:.0%} of the memory filled")
        rows[place] |= {
            "predicted": value,
            "low": value / factor,
            "high": value * factor,
            "binding": str(binding[index]),
            "note": "; ".join(notes),
        }


def _errors(evidence: Evidence, fitted: calibration.Calibration, name: str) -> dict[str, Errors]:
    """Return the errors of the rows that were measured: of each source, and of all."""
    import numpy as np

    ratios = evidence.ratios(fitted)
    known = np.isfinite(ratios)
    if not known.any():
        return {}
    factors = evidence.within_factors(fitted)
    column = next((each for each in _SOURCES if each in evidence.table[0]), None)
    said = evidence.column(column) if column else [""] * len(evidence.places)
    sources = np.array([str(source) or name for source in said])
    found = {}
    for source in dict.fromkeys(sources[known]):
        mine = known & (sources == source)
        found[str(source)] = Errors.of(ratios[mine], factors[mine])
    return {**found, "all rows": Errors.of(ratios[known], factors[known])}
