"""How sure the conclusions are: 90% intervals, the bands that follow, and what would turn them.

`origins` says how close to their origin the figures are that conclusions rest on.
"""

from .headlines import (
    FAR,
    Bar,
    Conclusion,
    Headline,
    having,
    load,
    parse,
    show_chance,
    widest,
)
from .intervals import (
    EDGE,
    HIGH,
    LATTICE,
    LOW,
    Interval,
    UncertaintyError,
    deviates,
    lattice,
)

__all__ = [
    "EDGE",
    "FAR",
    "HIGH",
    "LATTICE",
    "LOW",
    "Bar",
    "Conclusion",
    "Headline",
    "Interval",
    "UncertaintyError",
    "deviates",
    "having",
    "lattice",
    "load",
    "parse",
    "show_chance",
    "widest",
]


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
