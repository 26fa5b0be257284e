"""How sure the conclusions are: 90% intervals, the bands that follow, and what would turn them.

`origins` says how close to their origin the figures are that conclusions rest on.
"""

from .headlines import Bar, Conclusion, Headline, having, load, parse, show_chance, widest
from .intervals import Interval, UncertaintyError

__all__ = [
    "Bar",
    "Conclusion",
    "Headline",
    "Interval",
    "UncertaintyError",
    "having",
    "load",
    "parse",
    "show_chance",
    "widest",
]


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
