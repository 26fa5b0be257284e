"""The equations, by topic."""

from __future__ import annotations

from functools import cache

from ..algebra.formula import Formula
from . import brain, decode, demand, market, parts, roofline, serving, shape, silicon

TOPICS = {
    "roofline": roofline,
    "shape": shape,
    "serving": serving,
    "decode": decode,
    "parts": parts,
    "demand": demand,
    "market": market,
    "silicon": silicon,
    "brain": brain,
}

__all__ = [
    "TOPICS",
    "all_formulas",
    "brain",
    "decode",
    "demand",
    "market",
    "parts",
    "roofline",
    "serving",
    "shape",
    "silicon",
]


@cache
def all_formulas() -> dict[str, Formula]:
    """Return every formula under the name of its variable, which no other topic uses."""
    found: dict[str, Formula] = {}
    for topic in TOPICS.values():
        for variable, value in vars(topic).items():
            if not isinstance(value, Formula):
                continue
            if value.name != variable or found.setdefault(variable, value) is not value:
                raise ValueError(f"{variable} is not the one formula of that name")
    return found
