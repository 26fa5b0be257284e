"""Sourced figures: accelerators, models and single facts, read from `data/`.

A number enters the book once, in a file, with its unit, its date and its source. Empty
cells are figures that no source states: asking for one is an error, not a NaN.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from ..algebra import units
from . import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_T = TypeVar("_T")


class CatalogError(LookupError):
    """A record or a figure is asked for that the catalog does not hold."""


@dataclass(frozen=True)
class Source:
    """A document that figures were taken from.

    `kind` is "primary" (the maker's or measurer's own words), "secondary" or "hearsay".
    """

    id: str
    title: str
    kind: str
    author: str = ""
    year: int | None = None
    url: str = ""
    locator: str = ""
    note: str = ""


@dataclass(frozen=True)
class Fact:
    """One sourced figure: its value in `unit`, and the range that sources give."""

    id: str
    topic: str
    name: str
    value: float
    low: float | None
    high: float | None
    unit: str
    date: str
    sources: tuple[str, ...]
    note: str

    @property
    def range(self) -> tuple[float, float] | None:
        """The ends of the range that sources give; None if they give a single figure."""
        if self.low is None and self.high is None:
            return None
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        return low, high


@dataclass(frozen=True)
class Record:
    """A row of a table: an accelerator or a model, with a figure per column.

    Figures are read as attributes: ``accelerator("h100_sxm5").memory_bandwidth``. One that
    no source states raises CatalogError. `more_sources` state what a deployment takes besides
    (how machines are joined, how a model is laid out): no claim rests on them.
    """

    id: str
    name: str
    year: int
    figures: Mapping[str, float]
    words: Mapping[str, str]
    columns: Mapping[str, str] = field(repr=False)
    sources: tuple[str, ...]
    more_sources: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        """Return a figure or a word of the row by the name of its column."""
        if name.startswith("__") or name not in self.columns:
            raise AttributeError(f"{type(self).__name__} has no column {name!r}")
        if name in self.figures:
            return self.figures[name]
        if name in self.words:
            return self.words[name]
        raise CatalogError(f"no source states {name} of {self.id}")

    def has(self, *names: str) -> bool:
        """Say whether sources state all of these figures."""
        return all(name in self.figures for name in names)

    def unit(self, name: str) -> str:
        """Return the unit of a column."""
        return self.columns[name]


_R = TypeVar("_R", Fact, Record)


@dataclass(frozen=True)
class Catalog:
    """All sourced figures, by kind and id."""

    accelerators: Mapping[str, Record]
    models: Mapping[str, Record]
    facts: Mapping[str, Fact]
    sources: Mapping[str, Source]

    def accelerator(self, id: str) -> Record:
        """Return an accelerator by its id, or raise CatalogError."""
        return find(self.accelerators, id, "accelerator")

    def model(self, id: str) -> Record:
        """Return a language model by its id, or raise CatalogError."""
        return find(self.models, id, "model")

    def fact(self, id: str) -> Fact:
        """Return a fact by its id, or raise CatalogError."""
        return find(self.facts, id, "fact")


def find(records: Mapping[str, _T], id: str, kind: str) -> _T:
    """Return a record by its id; raise CatalogError with a hint if there is none."""
    if id in records:
        return records[id]
    near = difflib.get_close_matches(id, records, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise CatalogError(f"no {kind} {id!r}{hint}")


FILES = ("accelerators.csv", "models.csv", "facts.csv", "sources.toml")


def read_files() -> dict[str, str]:
    """Return the text of each data file under its name."""
    return {name: files.read(name) for name in FILES}


@cache
def load() -> Catalog:
    """Return the catalog of the data files, read once."""
    return parse(read_files())


def sourced(id: str, unit: str) -> float:
    """Return a fact in a unit; raise CatalogError or UnitsError where there is none such."""
    fact = load().fact(id)
    return fact.value * units.factor(fact.unit, unit)


def parse(texts: Mapping[str, str]) -> Catalog:
    """Return the catalog that these files' texts describe.

    Raises CatalogError where a row names a source that is not listed.
    """
    sources = {
        id: Source(id=id, **entry) for id, entry in tomllib.loads(texts["sources.toml"]).items()
    }
    catalog = Catalog(
        accelerators=_records(texts["accelerators.csv"]),
        models=_records(texts["models.csv"]),
        facts=_by_id(map(_fact, _rows(texts["facts.csv"]))),
        sources=sources,
    )
    for group in (catalog.accelerators, catalog.models, catalog.facts):
        for record in group.values():
            unknown = {*record.sources, *getattr(record, "more_sources", ())} - set(sources)
            if unknown or not record.sources:
                raise CatalogError(f"{record.id} names no listed source: {sorted(unknown)}")
    return catalog


def _rows(text: str) -> list[dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        if None in row or None in row.values():
            raise CatalogError(f"the row of {row.get('id')!r} has not as many cells as the header")
    return rows


def _by_id(records: Iterable[_R]) -> dict[str, _R]:
    found: dict[str, _R] = {}
    for record in records:
        if record.id in found:
            raise CatalogError(f"the id {record.id!r} is given twice")
        found[record.id] = record
    return found


def _fact(row: dict[str, str]) -> Fact:
    return Fact(
        id=row["id"],
        topic=row["topic"],
        name=row["name"],
        value=_positive(row["value"], row["id"]),
        low=_positive(row["low"], row["id"]) if row["low"] else None,
        high=_positive(row["high"], row["id"]) if row["high"] else None,
        unit=row["unit"],
        date=row["date"],
        sources=tuple(row["sources"].split(";")),
        note=row["note"],
    )


_COLUMN = re.compile(r"(\w+)(?: \[(.*)\])?")
_OWN = ("id", "name", "year", "sources", "more_sources")


def _records(text: str) -> dict[str, Record]:
    """Read a table whose header gives units in brackets; empty cells are left out."""
    records = []
    for row in _rows(text):
        columns: dict[str, str] = {}
        figures: dict[str, float] = {}
        words: dict[str, str] = {}
        for header, cell in row.items():
            match = _COLUMN.fullmatch(header)
            if not match:
                raise CatalogError(f"the column {header!r} is not 'name [unit]'")
            name = match[1]
            columns[name] = match[2] or "dimensionless"
            if name in _OWN or not cell:
                continue
            if match[2]:
                figures[name] = _positive(cell, f"{name} of {row['id']}")
            else:
                _keep(cell, name, figures, words)
        records.append(
            Record(
                id=row["id"],
                name=row["name"],
                year=int(row["year"]),
                figures=figures,
                words=words,
                columns=columns,
                sources=tuple(row["sources"].split(";")),
                more_sources=tuple(filter(None, row["more_sources"].split(";"))),
            )
        )
    return _by_id(records)


def _positive(cell: str, what: str) -> float:
    """Read a figure that has a unit: it cannot be a word, negative or infinite."""
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise CatalogError(f"{what} = {cell!r} is not a positive number")
    return value


def _keep(cell: str, name: str, figures: dict[str, float], words: dict[str, str]) -> None:
    try:
        figures[name] = float(cell)
    except ValueError:
        words[name] = cell
