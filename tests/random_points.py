"""Random inputs for any formula, within the range of each symbol, the same on every run."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from inference_economics.algebra import symbols
from inference_economics.algebra.formula import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inference_economics.algebra.formula import Formula


NEUTRAL = {"draft_length", "acceptance", "draft_cost", "work_overlap", "unpack_flop"} | {
    "prompt_sharing", "host_time", "engine_delay", "burst_share", "queue_wait", "cached_share",
    "tile_tokens", "tile_share",
}  # fmt: skip
"""What changes nothing unless given, and is given here."""


def value_of(name: str, chance: random.Random) -> float:
    """Return a random value that the symbol may take, over several orders of magnitude."""
    allowed = symbols.GLOSSARY[name].range
    low = max(allowed.low, 1e-3)
    high = min(allowed.high, 1e5)
    return low * (high / low) ** chance.random()


def points(formula: Formula, count: int, seed: int = 0) -> Iterator[dict[str, float]]:
    """Yield that many inputs whose results, on the way and in the end, are allowed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(symbols, "UNLIKELY", {})  # most of them are, and to say so takes time
        found = list(_points(formula, count, seed))
    yield from found


def _points(formula: Formula, count: int, seed: int) -> Iterator[dict[str, float]]:
    chance = random.Random(f"{formula.name}{seed}")  # noqa: S311  (no secret, the same every time)
    found = tries = 0
    while found < count:
        tries += 1
        if tries > 4000 * count:
            raise AssertionError(f"found no allowed inputs for {formula}")
        names = formula.inputs() | (NEUTRAL & formula.needed())
        point = {name: value_of(name, chance) for name in sorted(names)}
        try:
            formula.explain(**point)
        except InputError:
            continue
        found += 1
        yield point
