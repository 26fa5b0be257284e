"""What fits: memory that drivers report, less what a started engine holds, against the caches.

Each term is known within a range. They are independent: what they add to the room for caches, and
what they may take from it, are the roots of the sums of squares.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..equations import decode
from ..facts import catalog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..facts.catalog import Record
    from .scenario import Scenario

    Ranges = Mapping[str, tuple[Any, Any]]

NOISE = 1e-12
"""What float noise may add to the memory that is filled, in relative terms."""
FITS, MAY_FIT, DOES_NOT_FIT = "fits", "may fit", "does not fit"
"""The answers: even with little room; depending on the engine; not even with the most room."""

TERMS: Mapping[str, str] = {
    "runtime_share": "runtime_memory_share",
    "graph_memory": "graph_memory",
    "passed_tokens": "passed_tokens",
    "whole_width": "whole_activations",
    "split_width": "split_activations",
    "fragment_share": "fragment_share",
}
"""Terms of a started engine, and the facts that have their values and ranges: loading apart."""
_WIDE_BITS, _NARROW_BITS = 16, 6
_DRIVERS = 0.006
"""How far drivers differ in what they report of the same accelerator."""


def terms(
    machine: Record,
    model: Record,
    weight_bits: float,
    *,
    known: bool,
    given: Mapping[str, float],
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Return the values of the terms, and the ranges of those that are not given.

    `known` says whether what embeddings take beyond the bits of other weights is counted already.
    """
    facts = catalog.load()
    usual, most = _engine_shares()
    values = {
        "engine_share": usual,
        "most_engine_share": given.get("engine_share", most),
        "wide_parameters": 0.0,
    }
    ranges = {}
    for name, id in {**TERMS, "loading_share": _loading(weight_bits)}.items():
        fact = facts.fact(id)
        values[name] = fact.value
        ranges[name] = fact.range or (fact.value, fact.value)
    if weight_bits < _WIDE_BITS and not known and model.has("vocabulary", "hidden_size"):
        tables = 2 if model.words.get("embeddings") == "separate" else 1
        values["wide_parameters"] = tables * model.vocabulary * model.hidden_size
    values["memory_reported"], ranges["memory_reported"] = _reported(machine, given)
    return values, {name: each for name, each in ranges.items() if name not in given}


def most_usable(machine: Record) -> float:
    """Return the most memory of a card that an engine can use: nearly all that it reports."""
    reported, _ = _reported(machine, {})
    return reported * _engine_shares()[1]


def _engine_shares() -> tuple[float, float]:
    """Return the share of a card's memory that engines plan with, and the most."""
    share = catalog.load().fact("engine_memory_share")
    return share.value, share.high or share.value


def _loading(weight_bits: float) -> str:
    if weight_bits >= _WIDE_BITS:
        return "loading_share_16bit"
    return "loading_share_8bit" if weight_bits >= _NARROW_BITS else "loading_share_4bit"


def _reported(machine: Record, given: Mapping[str, float]) -> tuple[float, tuple[float, float]]:
    if machine.has("memory_reported") and "memory_capacity" not in given:
        known = machine.memory_reported
        return known, (known * (1 - _DRIVERS), known * (1 + _DRIVERS))
    share = catalog.load().fact("reported_memory_share")
    label = given.get("memory_capacity") or machine.memory_capacity
    low, high = share.range or (share.value, share.value)
    return label * share.value, (label * low, label * high)


@dataclass(frozen=True)
class Room:
    """Memory for caches in bytes, numbers or arrays: the least, what is likely, and the most."""

    least: Any
    likely: Any
    most: Any

    def verdict(self, filled: Any) -> Any:
        """Return, for caches of so many bytes, one of `FITS`, `MAY_FIT` and `DOES_NOT_FIT`."""
        least, most = (each + NOISE * abs(filled) for each in (self.least, self.most))
        if isinstance(filled, float):  # what is one number needs no NumPy
            if filled <= most:
                return FITS if filled <= least else MAY_FIT
            return DOES_NOT_FIT
        import numpy as np

        return np.select([filled <= least, filled <= most], [FITS, MAY_FIT], DOES_NOT_FIT)


def room(here: Scenario, ranges: Ranges) -> Room:
    """Return the room for caches in a scenario; less than nothing where weights do not fit.

    Prompts may pass whole, if an engine does not cut them: `passed_tokens` reaches to the context.
    """
    likely = _left(here)
    context = here.values.get("context", 0.0)
    longer, hypot = _for(likely, context)
    reached = dict(ranges)
    if "passed_tokens" in reached:
        low, high = reached["passed_tokens"]
        reached["passed_tokens"] = (low, longer(high, context))
    up = down = likely * 0.0
    for name, ends in reached.items():
        for end in ends:
            more = _left(here.having(**{name: end})) - likely
            up, down = hypot(up, longer(0.0, more)), hypot(down, longer(0.0, -more))
    shares = here.values["most_engine_share"] - here.values["engine_share"]
    whole = here.values["chips"] * here.values["memory_reported"]
    return Room(likely - down, likely, likely + up + longer(0.0, shares) * whole)


def _for(*values: Any) -> tuple[Any, Any]:
    """Return the larger and the root of squares: of numbers, which need no NumPy, or of arrays."""
    if all(isinstance(value, (int, float)) for value in values):
        return max, math.hypot
    import numpy as np

    return np.maximum, np.hypot


def _left(here: Scenario) -> Any:
    return here.evaluate(decode.memory_lent) - here.evaluate(decode.memory_started)
