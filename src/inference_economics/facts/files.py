"""The package's data files, read in one place, and how tables are read and written as CSV."""

from __future__ import annotations

import csv
import io
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable

FOLDER: Traversable = resources.files(__package__) / "data"
"""Where they lie."""


def read(name: str) -> str:
    """Return the text of a data file, such as "claims.toml" or "measured/2026-11-23.csv"."""
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def toml(name: str) -> Mapping[str, Any]:
    """Return what a TOML file of the data files holds, read once."""
    return tomllib.loads(read(name))


def names(folder: str) -> list[str]:
    """Return the names of the CSV files in a folder of the data files, in order."""
    return sorted(path.name for path in (FOLDER / folder).iterdir() if path.name.endswith(".csv"))


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV text, each by the names in its first line."""
    return list(csv.DictReader(io.StringIO(text)))


def as_csv(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return a table as CSV text, its first line the header; None is an empty cell."""
    return "".join(csv_lines([header, *rows]))


def csv_lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield a table's rows as CSV, each with the end of its line; None is an empty cell."""
    return map(csv.writer(_Echo(), lineterminator="\n").writerow, rows)


class _Echo:
    """What a CSV writer writes to and gives back."""

    def write(self, text: str) -> str:
        return text
