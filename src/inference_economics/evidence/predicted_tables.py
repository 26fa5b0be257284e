"""A table of measurements in, the same table with predictions out."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from ..algebra import units
from ..algebra.formula import InputError
from ..equations import shape
from ..facts import calibration, files, tables
from ..facts.measurements import PREDICTED
from ..serving import memory
from .prediction import deployment_of
from .validation import Errors, Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..facts.measurements import Layout
    from ..facts.tables import Row

_SOURCES = ("source", "source_title")
_OF_A_GUESS = (
    "no source states", "padded", "is not known", "no model_type", "left out", "counted as",
    "are taken to", "is taken to", "arithmetic of",
)  # fmt: skip
"""What a deployment notes that a row repeats."""


# Rows that are held at once: the arrays of so many take some hundred megabytes.
_TOGETHER = 20_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Prediction:
    """A table of any length, predicted as its rows are read.

    Attributes:
        rows, predicted: how many have been read, and how many of them are predicted.
        not_read: the table's columns that nothing looks at.

    """

    def __init__(self, table: Iterable[Row], name: str = "this table") -> None:
        """Take a table; `name` stands for the source of rows that name none."""
        self.rows = self.predicted = 0
        self.not_read: tuple[str, ...] = ()
        self._table, self._name, self._fitted = iter(table), name, calibration.load()
        self._misses: dict[str, list[Any]] = {}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the rows with what is predicted of each.

        Raises InputError where the table has some of the columns that a prediction adds.
        """
        while some := list(islice(self._table, _TOGETHER)):
            yield from self._some(some)

    def _some(self, table: list[Row]) -> list[dict[str, Any]]:
        taken = sorted(set(PREDICTED) & set(table[0]))
        if taken and len(taken) < len(PREDICTED):  # with all of them it was predicted before
            raise InputError(
                f"{self._name}: a prediction adds a column {taken[0]!r}; rename the table's own"
            )
        self.not_read = tables.not_read(table[0], PREDICTED)
        evidence = Evidence(table)
        rows: list[dict[str, Any]] = [
            {**row, **dict.fromkeys(PREDICTED[:3]), "binding": "", "note": ""} for row in table
        ]
        for place, reason in evidence.refused.items():
            rows[place]["note"] = reason
        if evidence.places:
            _fill(rows, evidence, self._fitted)
            self._compare(evidence)
        self.rows += len(rows)
        self.predicted += len(evidence.places)
        return rows

    def _compare(self, evidence: Evidence) -> None:
        """Note, under each source, how far the predictions of measured rows miss."""
        ratios = evidence.ratios(self._fitted)
        factors = evidence.widened_factors(self._fitted)
        column = next((each for each in _SOURCES if each in evidence.table[0]), None)
        said = evidence.column(column) if column else [""] * len(evidence.places)
        sources = np.array([str(source) or self._name for source in said])
        known = np.isfinite(ratios)
        for source in dict.fromkeys(sources[known]):
            mine = known & (sources == source)
            self._misses.setdefault(str(source), []).append((ratios[mine], factors[mine]))

    @property
    def errors(self) -> dict[str, Errors]:
        """How far the rows read so far are missed: those of each source, and all."""
        every = [each for some in self._misses.values() for each in some]
        groups = {**self._misses, **({"all rows": every} if every else {})}
        return {
            name: Errors.of(*map(np.concatenate, zip(*some, strict=True)))
            for name, some in groups.items()
        }

    def as_csv(self) -> Iterator[str]:
        """Return the table's lines as CSV: what is not predicted has empty cells and a note.

        A note may begin with what the table says: no spreadsheet takes it for a formula.
        """
        rows = iter(self)
        first = next(rows, {})
        return files.csv_lines(chain([first], map(_cells, chain([first], rows))))

    def as_json(self) -> Iterator[str]:
        """Yield the JSON of an object with the rows, their errors, and the columns not read.

        What is not predicted is null.
        """
        start = '{"rows": ['
        for row in self:
            yield start + json.dumps(row)
            start = ",\n"
        errors = {name: vars(each) for name, each in self.errors.items()}
        not_read = json.dumps(list(self.not_read))
        yield f'], "errors": {json.dumps(errors)}, "not_read": {not_read}}}\n'

    def summary(self) -> str:
        """Return in words how many rows are predicted, and the errors as a table."""
        lines, errors = [f"{self.predicted:,} of {self.rows:,} rows predicted"], self.errors
        if errors:
            width = max(map(len, errors))
            head = f"{'time, against measured':{width}}"
            lines.append(f"{head}  rows  median   mean   bias  in interval")
        for name, each in errors.items():
            inside = "" if each.covered is None else f"{each.covered:.0%}"
            lines.append(
                f"{name:{width}}  {each.count:4}  {each.median:6.1%}  {each.mean:5.1%}  "
                f"{each.bias:+5.0%}  {inside:>11}"
            )
        if self.not_read:
            lines.append(f"not looked at: {', '.join(self.not_read)}")
        return "\n".join(lines)


def _cells(row: Mapping[str, Any]) -> Iterable[Any]:
    """Return a row's cells: numbers rounded, and no note that a spreadsheet would work out."""
    short = {name: f"{row[name]:.5g}" for name in PREDICTED[:3] if row[name] is not None}
    note = f"'{row['note']}" if row["note"].startswith(_FORMULA) else row["note"]
    return {**row, **short, "note": note}.values()


def _fill(rows: list[dict[str, Any]], evidence: Evidence, fitted: calibration.Calibration) -> None:
    """Write predictions, their intervals and what binds into the rows that have them."""
    cases = evidence.cases
    predicted, factors = evidence.predicted(fitted), evidence.widened_factors(fitted)
    with np.errstate(divide="ignore"):  # of what other machines do, this one does nothing
        at_peak = cases.metric(evidence.least_durations())
    binding = evidence.binding(fitted)
    waiting = evidence.waiting()
    filled, verdicts = cases.memory_filled(), cases.verdicts()
    for index, place in enumerate(evidence.places):
        case, factor = cases.rows[index], float(factors[index])
        value = float(predicted[index]) / case.unit
        deployed = cases.deployments[case.layout]
        low, high = value / factor, value * factor
        if case.metric.rate:  # no end is beyond the machine's peak
            high = max(value, min(high, float(at_peak[index]) / case.unit))
        else:
            low = min(value, max(low, float(at_peak[index]) / case.unit))
        notes = list(case.assumed)
        notes += [note for note in deployed.notes if any(word in note for word in _OF_A_GUESS)]
        notes += _unlike(evidence.table[place], case.layout)
        longest = max(case.context, case.prompt + case.answer)
        notes += deployed.beyond(longest)
        if verdicts[index] != memory.FITS:
            by = " by the weights and one request" if case.under_load else ""
            full = f"{verdicts[index]}: {filled[index]:.0%} of the memory filled{by}"
            ran = verdicts[index] == memory.DOES_NOT_FIT  # and so is predicted nevertheless
            less = "it ran, so it kept less than is counted here: fewer bits, tokens or requests"
            notes.append(f"{full}; {less}" if ran else full)
        notes += evidence.outside(index)
        if waiting[index]:
            notes.append(f"{waiting[index]:,.0f} requests wait for memory that others fill")
        rows[place] |= {
            "predicted": value,
            "low": low,
            "high": high,
            "binding": str(binding[index]),
            "note": "; ".join(notes),
        }


_UNLIKE = 0.15


@lru_cache(4096)
def _totals(layout: Layout) -> dict[str, float]:
    """Return the totals of a model's weights, by the columns that may state them."""
    deployment = deployment_of(layout)
    return {
        "params_total": deployment.values["stored_parameters"],
        "params_active": float(deployment.evaluate(shape.active_parameters)),
    }


def _unlike(row: Row, layout: Layout) -> Iterator[str]:
    """Yield in words which total of weights a row states that is not that of its model."""
    columns = tables.columns(tuple(row))
    for name, known in _totals(layout).items():
        said = row[columns[name]] if name in columns else ""
        if not tables.says_nothing(said) and abs(_parameters(said) / known - 1) > _UNLIKE:
            yield f"{name} = {said}: {layout.model} has {known:.3g}, which count"


def _parameters(said: str) -> float:
    """Return a number of weights as a cell has it, "8B" or "8 030 000 000"; zero if it is none."""
    if not math.isnan(number := tables.number(said)):
        return number
    try:
        return units.parse(said, "parameter")
    except units.UnitsError:
        return 0.0
