"""The fields of a model's configuration, read by the names that families give them.

What the names mean, and what a family leaves unsaid, stands in `data/families.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from . import files
from .catalog import CatalogError

Config = Mapping[str, Any]

MOST = 10**9
"""The greatest count or width that a configuration may name."""
_QUOTED = 60


families = partial(files.toml, "families.toml")
"""The table of fields and families."""


@dataclass
class Reader:
    """A configuration, its language part first, with what its family takes for granted last."""

    parts: tuple[Config, ...]
    family: Mapping[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def get(self, name: str) -> Any:
        """Return a field of the language part, of the whole, or of the family; None if none."""
        self.asked.add(name)
        for part in (*self.parts, self.family.get("silent", {})):
            found: Any = part
            for step in name.split("."):
                found = found.get(step) if isinstance(found, Mapping) else None
            if found is not None:
                return found
        return None

    def first(self, names: list[str]) -> tuple[str, Any]:
        """Return the first of these fields that is there, and its value."""
        return next(((n, v) for n in names if (v := self.get(n)) is not None), (names[0], None))

    def number(self, names: list[str], most: int = MOST) -> int | None:
        """Return the whole number of the first of these fields that is there; None if none is."""
        return whole(*self.first(names), most)

    def names(self, column: str) -> list[str]:
        """Return the fields that may give a column."""
        return [*self.family.get("fields", {}).get(column, ()), *families()["fields"][column]]

    def count(self, column: str, most: int = MOST) -> int | None:
        """Return a column's whole number, at least 1; None if no field gives it or it is 0."""
        name, value = self.first(self.names(column))
        if column == "window" and value == -1:  # as some files say that there is none
            return None
        return whole(name, value, most) or None

    def needed(self, column: str, most: int = MOST) -> int:
        """Return a column's whole number; raise CatalogError if no field gives it, or it is 0."""
        names = self.names(column)
        name, value = self.first(names)
        if value is None:
            others = f" (nor {', '.join(names[1:])})" if names[1:] else ""
            raise CatalogError(f"no {names[0]}{others}: a model of this kind needs it")
        if not (found := whole(name, value, most)):
            raise CatalogError(f"{name} = {shown(value)}: must be at least 1")
        return found


def whole(name: str, value: Any, most: int = MOST) -> int | None:
    """Return a field's whole number, None if it has none; raise CatalogError if it is another."""
    if isinstance(value, list) and value and all(each == value[0] for each in value):
        value = value[0]  # one for each layer, and all alike
    if value is None:
        return None
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else -1
    if not (0 <= number <= most and number == int(number)):
        raise CatalogError(f"{name} = {shown(value)}: must be a whole number from 0 to {most:,}")
    return int(number)


def shown(value: Any) -> str:
    """Return a value as it is quoted: not longer than a line bears."""
    said = repr(value)
    return said if len(said) <= _QUOTED else f"{said[:_QUOTED]}…"
