"""Tables as people have them: their columns, metrics, units and numbers by other names.

What they are called stands in `data/tables.toml`. A table keeps its own columns: only the
reader of a row looks at them under the package's names.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

from ..algebra import units
from ..algebra.formula import InputError
from ..algebra.units import shortened
from . import files, matching, own_machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Row = Mapping[str, str]

REQUIRED = ("hardware", "n_chips", "model", "batch", "metric")
"""The columns that a table must have, under these or other names."""
STANDS_FOR = {"batch": ("concurrency", "rate"), "n_chips": ("tensor", "readers")}
"""Columns that are not missed where others are there; `hardware` may count chips, too (8xH100)."""


_names = partial(files.toml, "tables.toml")
OPTIONAL: tuple[str, ...] = tuple(name for name in _names()["columns"] if name not in REQUIRED)
"""The columns that are read where there are any; all others pass through."""


@cache
def _by_alias(table: str) -> Mapping[str, str]:
    """Return what each name of a table means, its own names included."""
    found = {name: name for name in _names()[table]}
    return {alias: name for name, aliases in _names()[table].items() for alias in aliases} | found


_UNIT_BEHIND = re.compile(r"(.+?)\s*[(\[]([^()\[\]]*)[)\]]\s*")
_MEASURE_BEHIND = re.compile(r"(.+?)_(tok_s|ms|msec|us|s|sec|seconds)")
_TOKENS_A_SECOND = re.compile(
    r"(?<![a-z])(?:tokens?|toks?|(?<=_)t)(?:_per)?_(?:seconds?|secs?|s)(?:_(?:per_)?(gpu|user|node))?$"
)


@lru_cache(1024)
def _plain(name: str) -> tuple[str, str]:
    """Return a name in small letters, and the unit that stands behind it in brackets."""
    bracket = _UNIT_BEHIND.fullmatch(name)
    if bracket:
        name = bracket[1]
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"), bracket[2] if bracket else ""


_LENGTH = re.compile(r"(tg|pp)_?(\d{1,7})")
_STATISTIC = re.compile(r"^(?:mean|median|avg|average|p50)_|_(?:mean|median|avg|average|p50)$")


class Called(NamedTuple):
    """The metric that a name means.

    Attributes:
        metric: its name here.
        unit: the unit that the name says, if it says one.
        lengths: the lengths of prompt or answer that the name says, by column.
        loose: whether the name could mean another.

    """

    metric: str
    unit: str
    lengths: Mapping[str, str]
    loose: bool = False


@lru_cache(1024)
def metric_called(said: str) -> Called | None:
    """Return the metric that a name means; None if it means none.

    The name of one that the package itself uses means that one.
    """
    plain, unit = _plain(said)
    if match := _LENGTH.fullmatch(plain):
        of_answer = match[1] == "tg"
        lengths = {"output_tokens" if of_answer else "input_tokens": match[2]}
        metric = "decode_speed" if of_answer else "prompt_throughput"
        return Called(metric, unit or "tok/s", lengths)
    plain = _STATISTIC.sub("", plain)
    rate = _TOKENS_A_SECOND.sub(lambda found: f"tok_s_{found[1]}" if found[1] else "tok_s", plain)
    names = [(plain, ""), (rate, "")]
    if match := _MEASURE_BEHIND.fullmatch(rate):
        names.append((match[1], match[2].replace("_", "/")))
    for name, behind in names:
        short = _STATISTIC.sub("", name)
        if found := _by_alias("metrics").get(short):
            return Called(found, unit or behind, {}, short in _own("loose"))
    return None


@cache
def _own(what: str) -> frozenset[str]:
    return frozenset(_names()["own"][what])


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


_SPACES = " '’\u00a0\u202f"
"""What may part groups of three digits, in whatever language."""
_SHORT = re.compile(
    rf"(\d{{1,3}}(?:,\d{{3}})+|\d{{1,3}}(?:[{_SPACES}]\d{{3}})+|\d+)(\.\d+)?"
    r"\s?([kKM])?(?:\s?±.*)?"
)
_TIMES = {"k": 1e3, "K": 1e3, "M": 1e6}


def number(said: str) -> float:
    """Return a number as tables have it ("15,000", "1k"); NaN if it is none."""
    try:
        return float(said)
    except ValueError:
        match = _SHORT.fullmatch(said)
    if not match:
        return math.nan
    digits = re.sub(rf"[,{_SPACES}]", "", match[1])
    return float(digits + (match[2] or "")) * _TIMES.get(match[3] or "", 1.0)


_MEASURED = re.compile(r"(.*\d)\s*([^\W\d].*)")


def measured(said: str) -> tuple[str, str]:
    """Return a cell's number and the unit behind it, if it has one that a metric may have."""
    match = _MEASURED.fullmatch(said) if math.isnan(number(said)) else None
    if match and re.match(r"(?:s|ms|us|req/s)$|tok/s", unit := unit_called(match[2])):
        return match[1], unit
    return said, ""


_WRITTEN = re.compile(
    rf"([-+]?\d+(?:[.,{_SPACES}]\d+)*)(?![\d.,]|[eE][-+]?\d)(\s*[^\s\d.,{_SPACES}].*)?"
)
_EITHER = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")


def _decimal_mark(figure: str) -> str:
    """Return the sign before a number's decimals as it is written; none if nothing says it."""
    marks = re.findall("[.,]", figure)
    if not marks or _EITHER.fullmatch(figure):
        return ""
    if len(marks) > 1 == len(set(marks)):  # one that parts groups: the other stands for decimals
        return "," if marks[0] == "." else "."
    return str(marks[-1])


_Lines = Iterable[tuple[int, list[str]]]


def _with_points(
    header: Sequence[str], lines: _Lines, name: str
) -> Iterator[tuple[int, list[str]]]:
    """Yield a file's lines with a point before decimals, as the numbers of commas' files have.

    Where commas part no cells they are before decimals in many languages. What 1.024 is follows
    from the file's other numbers; raises InputError where none of them says it, or they disagree.
    """
    lines = list(lines)
    known = {column: kind for kind, column in columns(tuple(header)).items()}
    places = [
        place
        for place, column in enumerate(header)
        if known.get(column, "model") not in _own("words") or metric_called(column)
    ]
    found: dict[str, tuple[str, str]] = {}  # the first number of each, and its column
    for _, cells in lines:
        for place in places:
            written = _WRITTEN.fullmatch(cells[place].strip()) if place < len(cells) else None
            if written and re.search("[.,]", written[1]):
                found.setdefault(_decimal_mark(written[1]), (header[place], written[1]))
    if {",", "."} <= found.keys():
        both = " and ".join(f"{column} = {figure!r}" for column, figure in (found[","], found["."]))
        raise InputError(f"{name}: {both}: one sign must stand before decimals")
    if found.keys() == {""}:
        column, figure = found[""]
        raise InputError(
            f"{name}: {column} = {figure!r} may be {re.sub('[.,]', '', figure)} or {figure}0, and "
            "no other number of the file says which: write one of these"
        )
    for line, cells in lines:
        for place in places if "," in found else ():
            if place < len(cells) and (written := _WRITTEN.fullmatch(cells[place].strip())):
                figure = re.sub(rf"[.{_SPACES}]", "", written[1]).replace(",", ".")
                cells[place] = figure + (written[2] or "")
        yield line, cells


# Columns


@lru_cache(256)
def columns(header: tuple[str, ...]) -> Mapping[str, str]:
    """Return which column of a table is which of the package's."""
    return {name: called[0] for name, called in _every_column(header).items()}


@lru_cache(256)
def _every_column(header: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Return each of the package's columns with a table's columns that may be it, the best first.

    What the package itself calls it is better than other names, as they are listed.
    """
    known, found = _by_alias("columns"), dict[str, list[tuple[int, str]]]()
    for column in header:
        plain, _ = _plain(column)
        exactly = column in _names()["columns"] or column in own_machine.FIGURES
        name = column if exactly else known.get(plain) or own_machine.figure_called(plain)
        if name:
            aliases = _names()["columns"].get(name, [])
            rank = -1 if exactly else aliases.index(plain) if plain in aliases else 0
            found.setdefault(name, []).append((rank, column))
    return {
        name: tuple(column for _, column in sorted(called, key=lambda each: each[0]))
        for name, called in found.items()
    }


RATE = "request/second"
_IN_UNITS = {
    "rate": RATE,
    "context_tokens": "token", "input_tokens": "token", "output_tokens": "token",
    "weight_bits": "bit", "kv_bits": "bit",
}  # fmt: skip
"""Columns whose numbers may come in other units: those of the package."""
_WITH_UNITS = {"value", *own_machine.FIGURES, *_IN_UNITS}


@lru_cache(4096)
def in_unit(cell: str, unit: str, named: str = "") -> str:
    """Return a cell in a column's unit if its own unit, or the header's, leads to that."""
    said = cell if math.isnan(number(cell)) else f"{number(cell)!r} {named}"
    for written in (said, said.lower()):  # "K" is no "k", but "RPS" is "rps"
        with contextlib.suppress(units.UnitsError):
            return f"{units.parse(written, unit):.12g}"
    return cell


def says_nothing(cell: str) -> bool:
    """Say whether a cell is one of those that stand for nothing: empty, "-", "n/a" and such."""
    return cell.lower() in _own("missing")


def said(row: Row) -> dict[str, str]:
    """Return a row's cells under the package's names."""
    cells: dict[str, str] = {}
    for name, called in _every_column(tuple(row)).items():
        told = ((column, cell) for column in called if not says_nothing(cell := row[column] or ""))
        column, cell = next(told, (called[0], ""))
        unit = _plain(column)[1] if name in _WITH_UNITS else ""
        if name == "value":
            cells["unit"] = cells.get("unit") or unit
        elif name in _IN_UNITS and cell and (unit or math.isnan(number(cell))):
            cell = in_unit(cell, _IN_UNITS[name], unit)
        elif cell and unit:
            cell = f"{cell} {unit}"
        cells[name] = cell or cells.get(name, "")
    counts = ("n_chips", *STANDS_FOR["n_chips"])
    if not any(map(cells.get, counts)) and (count := matching.count(cells.get("hardware", ""))):
        cells["n_chips"] = str(count)
    return cells


def is_read(name: str) -> bool:
    """Say whether a table's column of this name is looked at."""
    return name in _names()["columns"] or name in own_machine.FIGURES


def not_read(header: Iterable[str], added: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the columns of a table that nothing looks at, but those that merely describe.

    Of a row in place of a header, columns of metrics are looked at if one of them is the row's own.
    """
    row, header = header, tuple(header)
    passing = {*columns(header).values(), *added, *_names()["passing"]["columns"]}
    metrics = _metrics_of(header)
    if not isinstance(row, Mapping) or any(
        row.get("metric") == metric and row.get("value") == row[column]
        for column, metric, _ in metrics
    ):
        passing |= {column for column, *_ in metrics}
    return tuple(each for each in header if each not in passing and not each.startswith(RESULT))


RESULT = "result."
"""What stands before the columns that hold a tool's own figures."""


def missing(found: set[str]) -> list[str]:
    """Return which required columns are not among these, nor what stands for them."""
    return [column for column in REQUIRED if not {column, *STANDS_FOR.get(column, ())} & found]


def _check(header: list[str], name: str, given: Row) -> None:
    found = {*columns(tuple(header)), *given}
    if any(metric_called(column) for column in header):
        found.add("metric")
    if "hardware" in found:  # whose names may count
        found.add("n_chips")
    if lacking := missing(found):
        unknown = [shortened(column) for column in not_read(header) if column]
        raise InputError(
            f"{name}: no column {', '.join(map(repr, lacking))} "
            f"(needed: {', '.join(' or '.join((c, *STANDS_FOR.get(c, ()))) for c in REQUIRED)}, "
            "which may be a column for each, such as tpot_ms; "
            f"not understood: {', '.join(unknown[:_NAMED]) or 'none'})"
        )
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise InputError(f"{name}: the column {twice[0]!r} is there twice")


_NAMED = 8
"""Columns that an error names."""


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
    skipped, first = next(((n, line) for n, line in enumerate(text) if not _comment(line)), (0, ""))
    mark = max(",;\t", key=first.count)
    lines = csv.reader(itertools.chain([first], text), delimiter=mark, strict=True)
    found = False
    try:
        header = [column.strip() for column in next(lines, [])]
        _check(header, name, given)
        wide = () if "metric" in columns(tuple(header)) else _metrics_of(header)
        begins = {*header[:1]} <= {*columns(tuple(header)).values()}
        numbered: _Lines = ((lines.line_num + skipped, cells) for cells in lines)
        if mark != ",":
            numbered = _with_points(header, numbered, name)
        for line, cells in numbered:
            blank = not any(map(str.strip, cells))
            comment = not blank and cells[0].startswith("#")
            if blank or (comment and (begins or len(cells) < len(header))):
                continue  # ids in a first column may begin as a comment does
            if len(cells) != len(header):
                raise InputError(
                    f"{name}, line {line}: {len(cells)} cells, and {len(header)} columns"
                )
            found = True
            row = filled(dict(zip(header, map(str.strip, cells), strict=True)), given)
            yield from _each_metric(row, wide) if wide else (row,)
    except csv.Error as error:
        raise InputError(f"{name}, line {lines.line_num + skipped}: no CSV ({error})") from None
    if not found:
        raise InputError(f"{name}: a header and no rows")


def _comment(line: str) -> bool:
    """Say whether a line above a table is a comment or blank; a first column may be called #.

    Spreadsheets may write there which sign parts the cells.
    """
    return not line.strip() or bool(re.match(r"#(?!\s*[,;\t])|sep=.\s*$", line))


def takes(row: Row, name: str, cell: str) -> bool:
    """Say whether a row has this cell in the column that the package calls so."""
    return row.get(columns(tuple(row)).get(name, name)) == cell


def filled(row: dict[str, str], given: Row) -> dict[str, str]:
    """Return a row with what is given in place of what it leaves open."""
    found = columns(tuple(row))
    for name, cell in given.items():
        column = found.get(name, name)
        row[column] = row.get(column) or cell
    return row


def _metrics_of(header: Iterable[str]) -> tuple[tuple[str, str, str], ...]:
    """Return the columns that are metrics, the first of each: its name, the metric, its unit."""
    found: dict[str, tuple[str, str, str]] = {}
    for column in header:
        if called := metric_called(column):
            metric = column if called.loose else called.metric  # its reader says what it took
            found.setdefault(called.metric, (column, metric, called.unit))
    return tuple(found.values())


def _each_metric(row: Row, wide: tuple[tuple[str, str, str], ...]) -> Iterator[Row]:
    """Yield a row for each of its metrics that has a value, or for the first if none has."""
    some = [each for each in wide if row[each[0]]] or wide[:1]
    for column, metric, unit in some:
        yield {**row, "metric": metric, "value": row[column], "unit": unit}
