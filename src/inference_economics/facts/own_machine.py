"""Machines, those of one's own included: by a name, from a small TOML file, or from figures.

A file holds figures under the names of the catalog's columns, with their units as text, and may
name a machine of the catalog that it is `like` in all else:

    name = "My card"
    memory_bandwidth = "1008 GB/s"
    memory_capacity = "24 GiB"
    peak_flops = "165 TFLOP/s"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..algebra import units
from ..algebra.suggest import suggestion
from . import catalog, files, matching
from .catalog import CatalogError, Record
from .matching import Meant

Said = str | Path | Mapping[str, Any] | Record

_RENT = "dollar/hour/chip"
_FLOATS = re.compile(r"fp8|float8|modelopt$", re.IGNORECASE)


def widened(machine: Record, format_: str, notes: list[str]) -> int | None:
    """Return the bits in which a machine multiplies weights of a format if it widens them; note it.

    So it does with floats of eight bits where its arithmetic in eight bits takes integers only.
    """
    if machine.words.get("float_8bit") != "no" or not _FLOATS.search(format_):
        return None
    notes.append(f"weights multiplied in 16 bits: {machine.name} multiplies no 8-bit floats")
    return 16


FIGURES: Mapping[str, list[str]] = files.toml("tables.toml")["figures"]
"""What can be said of a machine, by the catalog's columns, each with its other names."""
_ALIASES = {alias: column for column, aliases in FIGURES.items() for alias in aliases}
_WORDS = ("name", "vendor", "kind", "stacked_memory", "float_8bit", "like")


def figure_called(name: str) -> str | None:
    """Return the column that a name means; None if it means none."""
    column = _ALIASES.get(name, name)
    return column if column in FIGURES else None


def figure(column: str, said: Any, called: str = "") -> float:
    """Return a figure of a column in its unit; raise CatalogError if it is none.

    A number alone is in the column's unit, a rent in dollars per chip-hour. A memory or a rate
    that no machine has is refused: a number of gigabytes was likely given without its unit.
    """
    unit = _RENT if column == "rent" else _columns()[column]
    try:
        value = units.parse(str(said), unit)
    except units.UnitsError as error:
        raise CatalogError(f"{called or column}: {error}") from None
    if not value > 0:
        raise CatalogError(f"{called or column} = {said!r:.60}: must be positive")
    if value < catalog.LEAST_RATE and unit.startswith(("byte", "FLOP")):
        raise CatalogError(
            f"{called or column} = {said!r:.60} is taken as {units.show(value, unit)}: must be at "
            f"least {units.show(catalog.LEAST_RATE, unit)}; give its unit, as in "
            f"{units.example(unit)!r}"
        )
    if column == "node_size" and value % 1:
        raise CatalogError(f"{called or column} = {said!r:.60}: must be a whole number")
    return value


def is_path(said: str) -> bool:
    """Say whether a text names a file with a machine, and not a machine of the catalog."""
    return said.endswith(".toml")


def find(said: Said, *, above: tuple[Path, ...] = ()) -> tuple[Record, Meant]:
    """Return a machine by a name, its TOML file, or its figures; and what the name means.

    `above` are the files through which it was reached. Raises CatalogError for a name that means
    none, and for a file that cannot be read.
    """
    if isinstance(said, Record):
        return said, Meant(said.id)
    if isinstance(said, Mapping):
        return _made(said, above), Meant(str(said.get("name", "my machine")))
    if isinstance(said, Path) or (isinstance(said, str) and is_path(said)):
        return _read(str(said), above), Meant(str(said))
    if not isinstance(said, str):
        raise CatalogError(f"accelerator = {said!r:.60}: must be a name, in quotes")
    meant = matching.accelerator(said)
    more = {"memory_capacity": meant.memory} if meant.memory else {}
    return changed(catalog.load().accelerators[meant.id], more), meant


@lru_cache(4096)
def of_row(said: str, figures: tuple[tuple[str, float], ...]) -> Record:
    """Return a machine of a table: an id, a file, or any name with figures of its own."""
    known = catalog.load().accelerators
    base = known.get(said) or (_read(said) if is_path(said) else _empty(said))
    return changed(base, dict(figures))


def changed(record: Record, figures: Mapping[str, float]) -> Record:
    """Return a machine with some figures in place of its own."""
    if not figures:
        return record
    words = {name: word for name, word in record.words.items() if name not in figures}
    numbers = {**record.numbers, **figures}
    if "memory_capacity" in figures:  # what drivers report is of the catalog's size
        numbers.pop("memory_reported", None)
    return replace(record, numbers=numbers, words=words)


def _columns() -> Mapping[str, str]:
    return next(iter(catalog.load().accelerators.values())).columns


def _empty(name: str) -> Record:
    return Record(name, name, 0, {}, {}, _columns(), ())


def _read(path: str, above: tuple[Path, ...] = ()) -> Record:
    file = Path(path).absolute()
    if file in above:
        raise CatalogError(f"like = {path!r}: leads back to itself")
    try:
        given = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise CatalogError(f"{path}: cannot be read as TOML ({error})") from None
    try:
        return replace(_made({"name": Path(path).stem, **given}, (*above, file)), id=path)
    except CatalogError as error:
        raise CatalogError(f"{path}: {error}") from None


def _word(name: str, said: Any) -> str:
    """Return a word as the catalog writes it, in whatever letters it is given."""
    word = {True: "yes", False: "no"}[said] if isinstance(said, bool) else str(said)
    if name == "vendor":
        known = [each.words.get(name, "") for each in catalog.load().accelerators.values()]
        return next((each for each in known if each.lower() == word.lower()), word)
    if name in catalog.WORDS and (word := word.lower()) not in catalog.WORDS[name]:
        allowed = ", ".join(catalog.WORDS[name])
        raise CatalogError(f"{name} = {said!r:.60}: must be one of {allowed}")
    return word


def _made(given: Mapping[str, Any], above: tuple[Path, ...] = ()) -> Record:
    figures, words, names = {}, {}, dict[str, str]()
    for name, said in given.items():
        column = figure_called(name)
        if column:
            if (other := names.setdefault(column, name)) != name:
                raise CatalogError(f"{name} = {said!r:.60}: {other} is the same; give one of them")
            figures[column] = figure(column, said, name)
        elif name in _WORDS:
            words[name] = _word(name, said)
        else:
            near = suggestion(str(name), (*FIGURES, *_ALIASES, *_WORDS), quoted=True)
            raise CatalogError(f"a machine has no {name!r}{near}")
    if not figures and "like" not in words:
        raise CatalogError(f"no figure of a machine (needed: {', '.join([*FIGURES][:2])})")
    called, like = words.pop("name", "my machine"), words.pop("like", None)
    base = find(like, above=above)[0] if like else _empty(called)
    made = replace(changed(base, figures), id=called, name=called)
    return replace(made, words={**made.words, **words})
