"""The package's data files, read in one place, and how tables are read and written as CSV."""

from __future__ import annotations

import csv
import io
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable

FOLDER: Traversable = resources.files(__package__) / "data"
"""Where they lie."""


def read(name: str) -> str:
    """Return the text of a data file, such as "claims.toml" or "measured/2026-11-23.csv"."""
    return (FOLDER / name).read_text(encoding="utf-8")


def names(folder: str) -> list[str]:
    """Return the names of the CSV files in a folder of the data files, in order."""
    return sorted(path.name for path in (FOLDER / folder).iterdir() if path.name.endswith(".csv"))


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV text, each by the names in its first line."""
    return list(csv.DictReader(io.StringIO(text)))


def as_csv(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Return a table as CSV text, its first line the header; None is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()
