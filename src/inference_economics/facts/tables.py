"""Tables as people have them: their columns, metrics, units and numbers by other names.

What they are called stands in `data/tables.toml`. A table keeps its own columns: only the
reader of a row looks at them under the package's names.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from ..algebra.formula import InputError
from . import files, own_machine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Row = Mapping[str, str]

REQUIRED = ("hardware", "n_chips", "model", "batch", "metric")
"""The columns that a table must have, under these or other names."""
OPTIONAL = (
    "weight_bits",
    "kv_bits",
    "compute_bits",
    "context_tokens",
    "input_tokens",
    "output_tokens",
    "value",
    "unit",
    "phase",
    "mode",
    "tensor",
    "stages",
    "replicas",
    "concurrency",
    "rate",
    "readers",
    "reader_tensor",
    "reader_replicas",
    "writers",
    "writer_tensor",
    "writer_replicas",
    "launch",
    "params_total",
    "params_active",
    "notes",
    "source",
    "source_title",
    "engine",
)
"""The columns that are read where there are any; all others pass through."""
STANDS_FOR = {"batch": ("concurrency", "rate"), "n_chips": ("tensor", "readers")}
"""Columns that are not missed where others are there."""


@cache
def _names() -> Mapping[str, Any]:
    return tomllib.loads(files.read("tables.toml"))


@cache
def _by_alias(table: str) -> Mapping[str, str]:
    """Return what each name of a table means, its own names included."""
    found = {name: name for name in _names()[table]}
    return {alias: name for name, aliases in _names()[table].items() for alias in aliases} | found


_UNIT_BEHIND = re.compile(r"(.+?)\s*[(\[]([^()\[\]]*)[)\]]\s*")
_TIME_BEHIND = re.compile(r"(.+)_(ms|msec|us|s|sec|seconds)")


def _plain(name: str) -> tuple[str, str]:
    """Return a name in small letters, and the unit that stands behind it in brackets."""
    bracket = _UNIT_BEHIND.fullmatch(name)
    if bracket:
        name = bracket[1]
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"), bracket[2] if bracket else ""


_LENGTH = re.compile(r"(tg|pp)_?(\d{1,7})")
_STATISTIC = re.compile(r"^(?:mean|median|avg|average|p50)_|_(?:mean|median|avg|average|p50)$")


@lru_cache(1024)
def metric_called(said: str) -> tuple[str, str, Mapping[str, str]] | None:
    """Return the metric that a name means, its unit, and the lengths that the name says.

    None if it means none; the name of one that the package itself uses means that one.
    """
    plain, unit = _plain(said)
    if match := _LENGTH.fullmatch(plain):
        of_answer = match[1] == "tg"
        lengths = {"output_tokens" if of_answer else "input_tokens": match[2]}
        return "decode_speed" if of_answer else "prompt_throughput", unit or "tok/s", lengths
    plain = _STATISTIC.sub("", plain)
    for name, behind in ((plain, ""), *_without_time(plain)):
        short = _STATISTIC.sub("", name)
        if found := _by_alias("metrics").get(short) or (short if short in _own_metrics() else None):
            return found, unit or behind, {}
    return None


def _without_time(plain: str) -> Iterator[tuple[str, str]]:
    if match := _TIME_BEHIND.fullmatch(plain):
        yield match[1], match[2]


@cache
def _own_metrics() -> frozenset[str]:
    return frozenset(_names()["own"]["metrics"])


@lru_cache(1024)
def unit_called(said: str) -> str:
    """Return a unit as the package writes it; what is not known, as it is."""
    plain = said.partition(" (")[0].strip()
    small = re.sub(r"\s*(?:/|\bper\b)\s*", "/", plain.lower())
    if small in _by_alias("units"):
        return _by_alias("units")[small]
    small = re.sub(r"^tps(?=/|$)", "tok/s", small)
    small = re.sub(r"^(?:tokens?|toks?|t)(?=/)", "tok", small)
    small = re.sub(r"/(?:seconds?|secs?)(?=/|$)", "/s", small)
    small = re.sub(r"/(?:chip|device|accelerator)(?=/|$)", "/gpu", small)
    small = re.sub(r"^tok/(gpu|user|node)/s$", r"tok/s/\1", small)
    return small if re.fullmatch(r"tok/s(?:/(?:gpu|user|node))?", small) else plain


_SHORT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s?([kKM])?(?:\s?±.*)?")
_TIMES = {"k": 1e3, "K": 1e3, "M": 1e6}


def number(said: str) -> float:
    """Return a number as tables have it ("15,000", "1k"); NaN if it is none."""
    try:
        return float(said)
    except ValueError:
        match = _SHORT.fullmatch(said)
    if not match:
        return math.nan
    return float(match[1].replace(",", "") + (match[2] or "")) * _TIMES.get(match[3] or "", 1.0)


# Columns


@lru_cache(256)
def columns(header: tuple[str, ...]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return which column of a table is which of the package's, and the units that they name."""
    found: dict[str, str] = {}
    units: dict[str, str] = {}
    known = _by_alias("columns")
    for exactly in (True, False):
        for column in header:
            plain, unit = _plain(column)
            name = column if exactly else known.get(plain) or own_machine.figure_called(plain)
            own = name in _names()["columns"] or name in own_machine.FIGURES
            if name and own and name not in found and column not in found.values():
                found[name] = column
                if unit and (name == "value" or name in own_machine.FIGURES):
                    units[name] = unit
    return found, units


def said(row: Row) -> dict[str, str]:
    """Return a row's cells under the package's names."""
    found, units = columns(tuple(row))
    cells = {name: row[column] or "" for name, column in found.items()}
    for name, unit in units.items():
        if name == "value":
            cells["unit"] = cells.get("unit") or unit
        elif cells[name]:
            cells[name] = f"{cells[name]} {unit}"
    return cells


def is_read(name: str) -> bool:
    """Say whether a table's column of this name is looked at."""
    return name in _names()["columns"] or name in own_machine.FIGURES


def not_read(header: Iterable[str], added: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the columns of a table that nothing looks at, but those that merely describe."""
    header = tuple(header)
    passing = {*columns(header)[0].values(), *added, *_names()["passing"]["columns"]}
    return tuple(
        each
        for each in header
        if each not in passing and not each.startswith(RESULT) and metric_called(each) is None
    )


RESULT = "result."
"""What stands before the columns that hold a tool's own figures."""


def _check(header: list[str], name: str, given: Row) -> None:
    found = {*columns(tuple(header))[0], *given}
    if any(metric_called(column) for column in header):
        found.add("metric")
    missing = [column for column in REQUIRED if not {column, *STANDS_FOR.get(column, ())} & found]
    if missing:
        raise InputError(
            f"{name}: no column {', '.join(map(repr, missing))} "
            f"(needed: {', '.join(REQUIRED)}; read where given: {', '.join(OPTIONAL)})"
        )
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise InputError(f"{name}: the column {twice[0]!r} is there twice")


# Rows


def table(text: str, name: str) -> list[Row]:
    """Return the rows of a CSV text; raise InputError if it is no table of measurements."""
    return list(rows(io.StringIO(text.removeprefix("\ufeff"), newline=""), name))


def rows(text: Iterable[str], name: str, given: Row | None = None) -> Iterator[Row]:
    """Yield the rows of a CSV file's lines, whose cells commas, semicolons or tabs part.

    A row with a column for each metric is a row for each of them. `given` are cells under the
    package's names, for what the file leaves open. Raises InputError, which calls the file by
    `name`, where it is no table of measurements.
    """
    given = given or {}
    text = iter(text)
    first = next(text, "")
    mark = max(",;\t", key=first.count)
    lines = csv.reader(itertools.chain([first], text), delimiter=mark, strict=True)
    found = False
    try:
        header = [column.strip() for column in next(lines, [])]
        _check(header, name, given)
        wide = () if "metric" in columns(tuple(header))[0] else _metrics_of(header)
        for cells in lines:
            if not cells:
                continue  # a blank line
            if len(cells) != len(header):
                raise InputError(
                    f"{name}, line {lines.line_num}: {len(cells)} cells, and {len(header)} columns"
                )
            found = True
            row = filled(dict(zip(header, map(str.strip, cells), strict=True)), given)
            yield from _each_metric(row, wide) if wide else (row,)
    except csv.Error as error:
        raise InputError(f"{name}, line {lines.line_num}: no CSV ({error})") from None
    if not found:
        raise InputError(f"{name}: a header and no rows")


def filled(row: dict[str, str], given: Row) -> dict[str, str]:
    """Return a row with what is given in place of what it leaves open."""
    found, _ = columns(tuple(row))
    for name, cell in given.items():
        column = found.get(name, name)
        row[column] = row.get(column) or cell
    return row


def _metrics_of(header: Iterable[str]) -> tuple[tuple[str, str, str], ...]:
    """Return the columns that are metrics, the first of each: its name, the metric, its unit."""
    found: dict[str, tuple[str, str, str]] = {}
    for column in header:
        if called := metric_called(column):
            found.setdefault(called[0], (column, *called[:2]))
    return tuple(found.values())


def _each_metric(row: Row, wide: tuple[tuple[str, str, str], ...]) -> Iterator[Row]:
    """Yield a row for each of its metrics that has a value, or for the first if none has."""
    some = [each for each in wide if row[each[0]]] or wide[:1]
    for column, metric, unit in some:
        yield {**row, "metric": metric, "value": row[column], "unit": unit}
