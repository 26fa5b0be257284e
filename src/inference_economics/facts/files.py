"""The package's data files, read in one place."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FOLDER: Traversable = resources.files(__package__) / "data"
"""Where they lie."""


def read(name: str) -> str:
    """Return the text of a data file, such as "claims.toml" or "measured/2026-11-23.csv"."""
    return (FOLDER / name).read_text(encoding="utf-8")
