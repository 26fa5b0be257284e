"""The glossary: every symbol of the book's equations, one line each in `glossary.csv`.

A symbol has a name, under which it is an attribute of this module; its sign, unit, meaning and
allowed range stand in `GLOSSARY` under that name. Plain numbers given for a symbol are in its
unit.
"""

from __future__ import annotations

import csv
import math
import sys
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from keyword import iskeyword
from typing import TYPE_CHECKING

from . import units
from .expressions import Symbol
from .own_names import own_names
from .suggest import suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sympy


def __dir__() -> list[str]:
    """List the public names, and the book's symbols."""
    return sorted([*own_names(__name__)(), *(GLOSSARY.keys() - _OWN)])


def __getattr__(name: str) -> Symbol:
    """Say which symbol was probably meant: those of the book are found before this is asked."""
    raise AttributeError(f"the glossary has no symbol {name}{suggestion(name, GLOSSARY)}")


@dataclass(frozen=True)
class Range:
    """The values that a symbol may take, in its unit.

    Attributes:
        words: the range as an error message says it.
        low, high: its ends; an infinite `high` is never itself allowed.
        low_is_allowed: whether `low` itself is in the range; a finite `high` always is.

    """

    words: str
    low: float
    high: float = float("inf")
    low_is_allowed: bool = True

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest float in it."""
        least = self.low if self.low_is_allowed else math.nextafter(self.low, math.inf)
        return least, min(self.high, sys.float_info.max)


POSITIVE = Range("a positive number", 0.0, low_is_allowed=False)
NONNEGATIVE = Range("zero or a positive number", 0.0)
SHARE = Range("a share between 0 and 1", 0.0, 1.0)
AT_LEAST_ONE = Range("at least 1", 1.0)
SHARE_ABOVE_ZERO = Range("a share above 0, up to 1", 0.0, 1.0, low_is_allowed=False)
LOSS_OR_GAIN = Range("at least -1", -1.0)
SHARE_BELOW_ONE = Range("a share of at least 0 and less than 1", 0.0, 1 - 1e-9)
ANY = Range("any number", float("-inf"), low_is_allowed=False)
_RANGES = (
    POSITIVE, NONNEGATIVE, SHARE, AT_LEAST_ONE, SHARE_ABOVE_ZERO, LOSS_OR_GAIN, SHARE_BELOW_ONE,
    ANY,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One line of the glossary.

    Attributes:
        name: the symbol's name in code.
        sign: its sign in LaTeX.
        unit: the unit that plain numbers given for it are in.
        meaning: what it stands for.
        range: the values it may take.
        value: the value it has unless another is given; None if it must be given.

    """

    name: str
    sign: str
    unit: str
    meaning: str
    range: Range = POSITIVE
    value: float | None = None

    @property
    def shown_unit(self) -> str:
        """The unit as a legend gives it: none for a bare number."""
        return "" if self.unit in ("dimensionless", "fraction") else self.unit


GLOSSARY: dict[str, Entry] = {}
PLACE = "\N{WHITE SQUARE}"
"""Begins the text that stands in LaTeX for a value, before the name of its symbol."""


def symbol(name: str) -> Symbol:
    """Return a symbol of the glossary, for an expression; LookupError with a hint if none."""
    if name not in GLOSSARY:
        raise LookupError(f"the glossary has no symbol {name}{suggestion(name, GLOSSARY)}")
    return Symbol(name)


_OWN: set[str] = set()


def new_symbol(  # noqa: PLR0913  (one argument a column of the glossary)
    name: str,
    unit: str,
    meaning: str,
    *,
    sign: str = "",
    allowed: Range | tuple[float, float] = POSITIVE,
    value: float | None = None,
) -> Symbol:
    """Declare a symbol that the book does not have, and return it, for an expression.

    A second declaration takes the place of the first, as where a notebook's cell is run again.

    Args:
        name: its name in code, which no symbol of the book has.
        unit: the unit of plain numbers given for it, such as "watt/chip".
        meaning: what it stands for.
        sign: its sign in LaTeX; its name, unless another is given.
        allowed: the values that it may take: its two ends, as in ``(0, 1)``.
        value: the value it has unless another is given.

    Raises ValueError for a name that is taken or cannot be one, and UnitsError for a unit that
    is unknown.

    """
    if not name.isidentifier() or iskeyword(name):
        raise ValueError(f"name = {name!r}: must be a valid name in Python, such as idle_power")
    if name in GLOSSARY and name not in _OWN:
        raise ValueError(
            f"name = {name!r}: the glossary already has a symbol of that name: "
            f"{GLOSSARY[name].meaning}"
        )
    units.dimensions(unit)
    if not isinstance(allowed, Range):
        low, high = allowed
        allowed = Range(f"from {low:g} to {high:g}", low, high)
    if value is not None and not allowed.low <= value <= allowed.high:
        raise ValueError(f"value = {value!r}: must be {allowed.words}")
    _OWN.add(name)
    own_values.cache_clear()
    written = name.replace("_", " ")  # MathML has no sign for LaTeX's underscore
    GLOSSARY[name] = Entry(name, sign or rf"\text{{{written}}}", unit, meaning, allowed, value)
    return Symbol(name)


def entry(symbol: Symbol | sympy.Symbol) -> Entry:
    """Return the glossary's line for a symbol; KeyError if it has none."""
    return GLOSSARY[symbol.name]


@lru_cache(maxsize=4096)
def own_values(names: frozenset[str]) -> Mapping[str, float]:
    """Return the values of those of these symbols that have one unless another is given."""
    lines = (GLOSSARY[name] for name in names)
    return {line.name: float(line.value) for line in lines if line.value is not None}


def _declare(text: str) -> None:
    """Take up the book's symbols; an empty range is that of positive numbers.

    Raises ValueError for a symbol that is declared twice, and KeyError for an unknown range.
    """
    ranges = {known.words: known for known in _RANGES} | {"": POSITIVE}
    for row in csv.DictReader(text.splitlines()):
        name, value = row["name"], row["value"]
        if name in GLOSSARY:
            raise ValueError(f"symbol {name!r} is declared twice")
        number = int(value) if value.isdecimal() else float(value) if value else None
        GLOSSARY[name] = Entry(
            name, row["sign"], row["unit"], row["meaning"], ranges[row["range"]], number
        )
        globals()[name] = Symbol(name)


_declare((resources.files(__package__) / "glossary.csv").read_text(encoding="utf-8"))

AT_MOST: Mapping[str, tuple[str, str]] = {
    "experts_per_token": (
        "experts",
        "experts_per_token = {experts_per_token}: there are {experts} experts",
    ),
}
"""Symbols whose value may not exceed that of another, and what is said where it does."""
UNLIKELY: Mapping[str, tuple[float, float, str]] = {
    "lifetime": (1e6, math.inf, "4 year"),
    "month": (1e6, math.inf, "30 day"),
    "daily_use": (60.0, math.inf, "13 min"),
    "use_on_active_days": (60.0, math.inf, "13 min"),
    "chip_rent": (0.0, 0.05, "$2.50/h"),
    "electricity_price": (0.0, 1e-4, "$0.15/kWh"),
    "cost_per_token": (0.0, 1e-3, "$3 per million tokens"),
    "input_price": (0.0, 1e-3, "$3 per million tokens"),
    "cached_price": (0.0, 1e-3, "$3 per million tokens"),
    "output_price": (0.0, 1e-3, "$3 per million tokens"),
    "memory_bandwidth": (1e6, math.inf, "3.35 TB/s"),
    "memory_capacity": (1e6, math.inf, "80 GB"),
    "peak_flops": (1e6, math.inf, "989 TFLOP/s"),
    "link_bandwidth": (1e6, math.inf, "450 GB/s"),
    "node_bandwidth": (1e6, math.inf, "50 GB/s"),
    "link_latency": (0.0, 1.0, "8 us"),
    "node_latency": (0.0, 1.0, "30 us"),
    "layer_time": (0.0, 1.0, "20 us"),
}
"""Where a number alone is likely to be meant in another unit: below the first figure or above
the second, in the symbol's unit; and a text that would say it."""
