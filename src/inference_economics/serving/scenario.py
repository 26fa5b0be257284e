"""Values under the names of the glossary, and what equations give for them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

from ..algebra.formula import InputError
from ..equations import decode, parts
from . import memory
from .memory import NOISE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..algebra.formula import Formula, Worked


def fits(filled: Any, share: Any) -> Any:
    """Say whether what is filled of the memory is no more than that share of it."""
    return filled <= share * (1 + NOISE)


@lru_cache(maxsize=4096)
def _taken(formula: Formula, known: frozenset[str]) -> tuple[str, ...]:
    """Return what a formula takes of these names, and neither more nor what rests on them."""
    known &= formula.names
    return tuple(sorted(formula.needed(known) & known))


def switched_off(
    terms: Iterable[str], allowed: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Return the values at which terms vanish; raise InputError for one that is not allowed."""
    values = dict[str, float]()
    for term in terms:
        if term not in allowed:
            raise InputError(f"no term {term!r} (allowed: {', '.join(allowed)})")
        values |= allowed[term]
    return values


AT_PEAK: Mapping[str, float] = decode.off(
    *(term for term in decode.OFF if term not in {"cache", "embedding"})
)
"""Values with which all that is read and computed takes what the datasheet says, and no more."""


@dataclass(frozen=True)
class Scenario:
    """Values under the names and in the units of the glossary: numbers, or arrays.

    Attributes:
        values: by their names.
        ranges: between which values the terms of a started engine lie, by their names.

    """

    values: Mapping[str, Any]
    ranges: Mapping[str, tuple[Any, Any]] = field(default_factory=dict, kw_only=True)

    def having(self, **values: Any) -> Self:
        """Return this scenario with some values replaced or added, unchecked."""
        return replace(self, values={**self.values, **values})

    def inputs(self, formula: Formula, **given: Any) -> dict[str, Any]:
        """Return what a formula takes: what is given, and the rest from this scenario."""
        at_hand = {**self.values, **given}
        taken = _taken(formula, frozenset(at_hand))
        return {**{name: at_hand[name] for name in taken if name not in given}, **given}

    def evaluate(self, formula: Formula, **given: Any) -> Any:
        """Return a formula's result in this scenario, with what else it needs."""
        return formula(**self.inputs(formula, **given))

    def explain(self, formula: Formula, **given: Any) -> Worked:
        """Return a formula worked in this scenario, with what else it needs."""
        return formula.explain(**self.inputs(formula, **given))

    def times(self) -> dict[str, Any]:
        """Return the seconds of each of `parts.TIMES`; of two that overlap, each in full."""
        return {name: self.evaluate(formula) for name, formula in parts.TIMES.items()}

    def least_parts(self) -> tuple[Any, Any]:
        """Return the seconds in which a step's weights and caches could be read, at the peak.

        And those in which its operations could be done, by the datasheet as well.
        """
        here = self.having(**AT_PEAK)
        read = here.evaluate(decode.decode_weight_time) + here.evaluate(decode.cache_time)
        done = here.evaluate(decode.decode_compute_time)
        return read, done + here.evaluate(decode.attention_compute_time)

    def breakdown(self) -> tuple[dict[str, float], dict[str, float]]:
        """Return the times that add up to a step and its guesses, and those that overlap hides.

        Of two that overlap the longer comes first, and counts whole. Takes no arrays.
        """
        times, shown, hidden = self.times(), dict[str, float](), dict[str, float]()
        for pair, overlapped in parts.OVERLAPS.items():
            longer, shorter = sorted(pair, key=lambda name: times[name], reverse=True)
            hidden[shorter] = self.evaluate(overlapped)
            shown |= {longer: times.pop(longer), shorter: times.pop(shorter) - hidden[shorter]}
        return {**shown, **times}, hidden

    def rooms(self, context: Any = 0.0) -> memory.Room:
        """Return the room for caches of so many tokens; less than nothing beside large weights."""
        return memory.room(self.having(context=context), self.ranges)

    def fits(self) -> Any:
        """Say whether weights and caches fill no more than the usable share of the memory."""
        usable = decode.memory_usable.check(self.inputs(decode.memory_usable))
        return fits(self.evaluate(decode.memory_filled), usable["usable_share"])
