"""What a claim depends on: its premises, and how far its inputs move its figure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from inference_economics.algebra.formula import InputError
from inference_economics.ledger.claims import on_facts_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inference_economics.ledger.claims import Claim, Ledger


def swings(ledger: Ledger, id: str) -> dict[str, tuple[float, float]]:
    """Return how far each sourced range alone moves a claim's value on facts.

    For each input that has a range, these are the least and the largest value, in the claim's
    unit, with that input at the ends of its range and the others at their central values.
    The input that moves the value most comes first. Raises CatalogError for an unknown claim.
    """
    claim = ledger.claim(id)
    equation, inputs = on_facts_with(claim)
    found = {}
    for name, ends in ledger.ends(inputs).items():
        changed = ({**inputs, name: end} for end in ends)
        at = [ledger.recompute(claim, equation, each, [])[0] or 0.0 for each in changed]
        found[name] = (min(at), max(at))
    return dict(sorted(found.items(), key=lambda item: item[1][0] / item[1][1]))


def doubled(ledger: Ledger, id: str) -> dict[str, float | InputError]:
    """Return by what factor a claim's value changes when one input is doubled.

    The equation is computed again, with each input in turn at twice its value and the others
    as they are. Where it refuses that, its error stands in place of the factor. The value is
    that on the author's inputs where there are any, else that on sourced facts. The input
    that moves it most comes first, what cannot be doubled last; there are none where nothing
    is computed. Raises CatalogError for an unknown claim.
    """
    claim = ledger.claim(id)
    equation, inputs = claim.equation, claim.inputs
    if equation is None or not inputs:
        equation, inputs = on_facts_with(claim)
    if equation is None or not inputs:
        return {}
    formula, values = ledger.bound(equation, inputs, [])
    values = formula.check(values)
    found: dict[str, float | InputError] = {}
    for name in inputs:
        try:
            twice = formula(**{**values, name: 2 * values[name]})
            found[name] = float(twice / formula(**values))
        except InputError as error:
            found[name] = error
    return dict(sorted(found.items(), key=lambda item: -_moved(item[1])))


def _moved(by: float | InputError) -> float:
    """Return how far a factor is from one, either way; less than nothing where there is none."""
    return -1.0 if isinstance(by, InputError) else abs(math.log(by))


def rests_on(claim: Claim) -> tuple[str, ...]:
    """Return the ids of the claims whose figures another takes as its inputs."""
    bindings = [*claim.inputs.values(), *claim.facts.values()]
    named = (str(each).partition(":") for each in bindings)
    return tuple(dict.fromkeys(rest for kind, _, rest in named if kind in ("claim", "facts")))


def depends_on(ledger: Ledger, id: str) -> tuple[str, ...]:
    """Return every premise on which a claim's figures and verdict rest, as bindings.

    That is what the claim itself states, what other claims state ("claim:ID"), and sourced
    figures ("fact:ID", "chip:ID.COLUMN", "model:ID.COLUMN"), also those behind what another
    claim comes out at. Nothing else changes the verdict but the record itself. Raises
    CatalogError for an unknown claim.
    """
    claim = ledger.claim(id)
    found = {f"claim:{id}": None}
    for binding in [*claim.inputs.values(), *_facts_of(claim)]:
        found |= dict.fromkeys(_premises(ledger, binding))
    return tuple(found)


def _premises(ledger: Ledger, binding: Any) -> Iterator[str]:
    """Yield the premises that an input rests on: none if it is a number."""
    kind, _, rest = str(binding).partition(":")
    if kind == "facts":
        for further in _facts_of(ledger.claim(rest)):
            yield from _premises(ledger, further)
    elif rest:
        yield str(binding)


def _facts_of(claim: Claim) -> list[Any]:
    """Return the inputs from which a claim comes out on sourced facts."""
    return [claim.fact] if claim.fact else [*on_facts_with(claim)[1].values()]
