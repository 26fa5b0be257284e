"""Sourced figures: accelerators, models and single facts, read from `data/`.

A number enters the book once, in a file, with its unit, its date and its source. Empty
cells are figures that no source states: asking for one is an error, not a NaN.
"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from ..algebra import units
from ..algebra.own_names import own_names
from ..algebra.suggest import suggestion
from . import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__dir__ = own_names(__name__)

_T = TypeVar("_T")


class CatalogError(LookupError):
    """A record or a figure is asked for that the catalog does not hold."""


@dataclass(frozen=True)
class Source:
    """A document that figures were taken from.

    Attributes:
        id: its name in the data files.
        kind: "primary" (the maker's or measurer's own words), "secondary" or "hearsay".
        checked: the day on which what is taken from it was last compared with it.
        locator: where in the document, such as a page, a table or a commit.
        copy: what was read, if it was not the document itself but a copy of its text.

    """

    id: str
    title: str
    kind: str
    checked: str
    author: str = ""
    year: int | None = None
    url: str = ""
    locator: str = ""
    copy: str = ""
    note: str = ""


@dataclass(frozen=True)
class Fact:
    """One sourced figure.

    Attributes:
        value: the figure, in `unit`.
        low, high: the ends of the range that sources give, in `unit`; None where there is none.
        date: the day, month or year that the figure is of, or the two ends of a period.
        sources: ids of the documents that state it.

    """

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
        """The ends of the range that sources give, in `unit`; None if they give one figure."""
        if self.low is None and self.high is None:
            return None
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        return low, high


@dataclass(frozen=True)
class Record:
    """A row of a table: an accelerator or a model, with a figure per column.

    Figures are read as attributes: ``accelerator("h100_sxm5").memory_bandwidth``. One that
    no source states raises CatalogError.

    Attributes:
        numbers: numbers by their columns, each in its column's unit.
        words: what is not a number, by column.
        columns: the unit of every column of the table.
        sources: ids of the documents that state the row.
        more_sources: ids of those that state what only a deployment takes, such as how machines
            are joined: no claim rests on them.

    """

    id: str
    name: str
    year: int
    numbers: Mapping[str, float]
    words: Mapping[str, str]
    columns: Mapping[str, str] = field(repr=False)
    sources: tuple[str, ...]
    more_sources: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        """Return a figure or a word of the row by the name of its column."""
        if name.startswith("__") or name not in self.columns:
            raise AttributeError(f"{type(self).__name__} has no column {name!r}")
        if name in self.numbers:
            return self.numbers[name]
        if name in self.words:
            return self.words[name]
        raise CatalogError(f"no source states {name} of {self.id}")

    def has(self, *names: str) -> bool:
        """Say whether sources state all of these figures."""
        return all(name in self.numbers for name in names)

    def unit(self, name: str) -> str:
        """Return the unit of a column; KeyError if the table has none of that name."""
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

    def checked(self, record: Fact | Record) -> str:
        """Return the day on which a fact or a row was last compared with one of its sources."""
        return max(self.sources[id].checked for id in record.sources)


def find(records: Mapping[str, _T], id: str, kind: str) -> _T:
    """Return a record by its id; raise CatalogError with a hint if there is none."""
    if not isinstance(id, str):
        raise CatalogError(f"{kind} = {id!r:.60}: must be an id, in quotes")
    if id in records:
        return records[id]
    hint = suggestion(id, records, quoted=True)
    if not hint and 0 < len(records) <= _FEW:
        hint = f" (there are: {', '.join(records)})"
    raise CatalogError(f"no {kind} {units.shortened(id)}{hint}")


_FEW = 12
"""Names that are all told to whom none is near."""


@cache
def load() -> Catalog:
    """Return the catalog of the data files, read once."""
    return parse()


def sourced(id: str, unit: str) -> float:
    """Return a fact in a unit; raise CatalogError or UnitsError where there is none such."""
    fact = load().fact(id)
    return fact.value * units.conversion(fact.unit, unit)


def parse(changed: Mapping[str, str] | None = None) -> Catalog:
    """Return the catalog of the data files, some of them with another text in place of their own.

    Raises CatalogError, which names the file, where one is not well formed, and where a row
    names a source that is not listed.
    """
    texts = changed or {}

    def read(name: str, reader: Callable[[str], dict[str, _T]]) -> dict[str, _T]:
        try:
            return reader(texts[name] if name in texts else files.read(name))
        except (CatalogError, tomllib.TOMLDecodeError) as error:
            raise CatalogError(f"{name}: {error}") from None

    sources = read("sources.toml", _sources)
    catalog = Catalog(
        accelerators=read("accelerators.csv", partial(_records, table="accelerators")),
        models=read("models.csv", partial(_records, table="models")),
        facts=read("facts.csv", _facts),
        sources=sources,
    )
    for group in (catalog.accelerators, catalog.models, catalog.facts):
        for record in group.values():
            if not record.sources:
                raise CatalogError(f"{record.id} names no source")
            unknown = {*record.sources, *getattr(record, "more_sources", ())} - set(sources)
            if unknown:
                raise CatalogError(f"{record.id} names no listed source: {sorted(unknown)}")
    return catalog


def _sources(text: str) -> dict[str, Source]:
    return {id: _source(id, entry) for id, entry in tomllib.loads(text).items()}


_SOURCE_FIELDS = {each.name for each in fields(Source)} - {"id"}


def _source(id: str, entry: Any) -> Source:
    given = set(entry) if isinstance(entry, dict) else set()
    if missing := {"title", "kind", "checked"} - given:
        raise CatalogError(f"source {id!r} has no {' and no '.join(sorted(missing))}")
    if unknown := given - _SOURCE_FIELDS:
        raise CatalogError(f"source {id!r} has an unknown field {min(unknown)!r}")
    if isinstance(entry["checked"], date):  # TOML's own, without quotes
        entry = {**entry, "checked": str(entry["checked"])}
    try:
        date.fromisoformat(entry["checked"])
    except (TypeError, ValueError):
        raise CatalogError(
            f"checked of source {id!r} = {entry['checked']!r} is no day, such as '2026-11-27'"
        ) from None
    return Source(id=id, **entry)


WORDS: Mapping[str, tuple[str, ...]] = {
    "kind": ("accelerator", "gpu", "pim", "soc", "sram", "tpu", "wafer"),
    "stacked_memory": ("yes", "no"),
    "native_4bit": ("yes", "no"),
    "float_8bit": ("yes", "no"),
    "status": ("announced", "claimed", "preliminary", "shipping", "published", "reported"),
    "attention": ("compressed", "gqa", "mha", "mla", "mqa", "unknown"),
    "embeddings": ("separate", "tied"),
}
"""What may stand in the columns of words that the package looks at."""


@cache
def _columns(table: str) -> tuple[str, ...]:
    """Return the columns of a table, as `columns.toml` describes them."""
    return tuple(files.toml("columns.toml")[table]["columns"])


def _check_columns(found: Iterable[str], table: str) -> None:
    """Refuse a table, named by its file, whose columns are not those that are described."""
    known, given = _columns(table), list(found)
    missing = [name for name in known if name not in given]
    unknown = [name for name in given if name not in known]
    said = [f"no column {', '.join(missing)}"] if missing else []
    said += [f"columns.toml lists no column {name!r}" for name in unknown]
    if said:
        near = suggestion(unknown[0], missing or known, quoted=True) if unknown else ""
        raise CatalogError(", and ".join(said) + near)


def _rows(text: str) -> list[dict[str, str]]:
    rows = files.rows(text)
    for row in rows:
        if None in row or None in row.values():
            raise CatalogError(
                f"the row of {row.get('id')!r} has more or fewer cells than the header"
            )
        if "id" in row and not row["id"].strip():
            raise CatalogError(f"the row of {row.get('name')!r} has no id")
    return rows


def _by_id(records: Iterable[_R]) -> dict[str, _R]:
    found: dict[str, _R] = {}
    for record in records:
        if record.id in found:
            raise CatalogError(f"the id {record.id!r} is given twice")
        found[record.id] = record
    return found


def _facts(text: str) -> dict[str, Fact]:
    rows = _rows(text)
    _check_columns(rows[0] if rows else (), "facts")
    return _by_id(map(_fact, rows))


def _fact(row: Mapping[str, str]) -> Fact:
    id = row["id"]
    ends = {e: positive(row[e], f"{e} of {id}") if row[e] else None for e in ("low", "high")}
    value = positive(row["value"], f"value of {id}")
    given: dict[str, Any] = {**row, **ends, "value": value, "sources": _listed(row["sources"])}
    return Fact(**given)


_COLUMN = re.compile(r"(\w+)(?: \[(.*)\])?")
_OWN = ("id", "name", "year", "sources", "more_sources")


def _records(text: str, table: str) -> dict[str, Record]:
    """Read a table whose header gives units in brackets; empty cells are left out."""
    rows = _rows(text)
    columns = dict(map(_column, rows[0] if rows else ()))
    _check_columns(columns, table)
    records = _by_id(_record(columns, list(row.values())) for row in rows)
    called: dict[str, str] = {}
    for id, record in records.items():
        if not re.fullmatch("[a-z0-9_]+", id):
            raise CatalogError(f"the id {id!r} is not of small letters, digits and underscores")
        if called.setdefault(record.name, id) != id:
            raise CatalogError(f"{id} has the name of {called[record.name]}: {record.name!r}")
    return records


def _column(header: str) -> tuple[str, str]:
    """Return a column's name, and its unit if its cells are figures with one."""
    match = _COLUMN.fullmatch(header)
    if not match:
        raise CatalogError(f"the column {header!r} is not 'name [unit]'")
    return match[1], match[2] or ""


_LARGE = ("byte/second", "byte/chip", "FLOP/second")
LEAST_RATE = 1e6
"""Bytes, and bytes or operations a second, that any machine has."""


def _record(columns: Mapping[str, str], cells: Iterable[str]) -> Record:
    row = dict(zip(columns, cells, strict=True))
    numbers: dict[str, float] = {}
    words: dict[str, str] = {}
    for name, cell in row.items():
        if name in _OWN or not cell:
            continue
        if columns[name]:
            numbers[name] = positive(cell, f"{name} of {row['id']}")
            if columns[name].startswith(_LARGE) and numbers[name] < LEAST_RATE:
                raise CatalogError(
                    f"{name} of {row['id']} = {cell}: must be in {columns[name]}, at least "
                    f"{LEAST_RATE:g}"
                )
            continue
        try:
            numbers[name] = float(cell)
        except ValueError:
            words[name] = cell
            if cell not in WORDS.get(name, (cell,)):
                allowed = ", ".join(WORDS[name])
                message = f"{name} of {row['id']} = {cell!r} is none of {allowed}"
                raise CatalogError(message) from None
    if not row["year"].isdecimal():
        raise CatalogError(f"year of {row['id']} = {row['year']!r} is not a year")
    return Record(
        id=row["id"],
        name=row["name"],
        year=int(row["year"]),
        numbers=numbers,
        words=words,
        columns={name: unit or "dimensionless" for name, unit in columns.items()},
        sources=_listed(row["sources"]),
        more_sources=_listed(row["more_sources"]),
    )


def _listed(cell: str) -> tuple[str, ...]:
    """Return the parts of a cell, which semicolons part."""
    return tuple(part for part in cell.split(";") if part)


def positive(cell: str, what: str) -> float:
    """Read a figure that has a unit: it cannot be a word, negative or infinite."""
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise CatalogError(f"{what} = {cell!r} is not a positive number")
    return value
