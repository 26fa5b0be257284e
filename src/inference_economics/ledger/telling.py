"""A claim as text: who said it, its figures, its arithmetic, its verdict in words."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ..algebra import units
from ..facts import catalog as catalogs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..algebra.formula import Worked
    from .claims import Claim, Result

IN_WORDS = {"holds": "holds", "roughly": "roughly right", "off": "off"}
"""Verdicts as a sentence says them."""
_SUPPOSED = ("if", "suppose", "assume")


def as_text(result: Result) -> str:
    """Return a claim, its arithmetic and its verdict as text."""
    claim = result.claim
    said_in = origin(claim) if claim.text else f"{claim.who}, {claim.place}"
    parts = [f"{claim.id}  ({said_in})", claim.says, ""]
    for name, value in (*labeled_values(result), ("verdict", verdict_text(result))):
        parts.append(f"{name.replace(' sourced', '')}:".ljust(12) + " " + value)
    if claim.hedge:
        parts.append(caution(claim))
    for title, work in worked(result):
        parts += ["", f"{title}:", textwrap.indent(work.text(), "  ")]
    if result.note:
        parts += ["", textwrap.fill(result.note.replace("\\$", "$"), 88)]
    if result.sources:
        listed = (f"{id}{distance(id)}" for id in result.sources)
        parts += ["", f"sources: {', '.join(listed)}"]
    return "\n".join(parts)


def verdict_text(result: Result) -> str:
    """Return the verdict with its factor, and what it is on facts where that differs.

    A premise is compared with facts, and not judged.
    """
    text = result.verdict
    if result.verdict in ("off", "roughly", "inconsistent") and result.factor:
        if result.inconsistent_with:
            text += f" with {', '.join(result.inconsistent_with)}"
        text += f", by a factor of {units.show(result.factor, 'dimensionless')}"
    if result.verdict_on_facts is None or result.judged_on_facts:
        return text
    if result.verdict == "assumption":
        return f"{text}; {compared(result)}"
    text += f"; {basis(result.claim)} {IN_WORDS[result.verdict_on_facts]}"
    if result.verdict_on_facts != "holds" and result.factor_on_facts:
        text += f", by a factor of {units.show(result.factor_on_facts, 'dimensionless')}"
    return text


def begun(words: str) -> str:
    """Return words as they begin a sentence."""
    return f"{words[0].upper()}{words[1:]}"


def basis(claim: Claim, *, sourced: bool = False) -> str:
    """Return on what a figure rests that is on facts, called sourced if all of them are."""
    facts = "on sourced facts" if sourced else "on facts"
    return "on facts and our inputs" if claim.adds_to_facts else facts


def compared(result: Result) -> str:
    """Return how a sourced figure compares with a premise, as the end of a sentence."""
    ours = result.claim.adds_to_facts
    figure = f"the figure {basis(result.claim)}" if ours else "the sourced figure"
    return f"{figure} is {beside(result)}"


def beside(result: Result) -> str:
    """Return how a sourced figure compares with a premise, rounded as the premise is."""
    claim = result.claim
    if result.verdict_on_facts == "holds":
        if claim.span:
            inside = "within the stated {} to {}".format(*map(result.shown, claim.span))
            return inside if claim.digits else f"{inside}, rounded to a power of ten"
        if claim.relation != "equal":
            way = {"at least": "less", "at most": "more"}[claim.relation]
            return f"no {way} than {result.shown(claim.value or 0.0)}"
        digits = f"{claim.digits} digit{'s' if claim.digits > 1 else ''}"
        return f"the same, to {digits}" if claim.digits else "of the same order of magnitude"
    factor = units.show(result.factor_on_facts or 1.0, "dimensionless")
    said, found = claim.value or 0.0, result.recomputed_on_facts or 0.0
    way = "smaller" if said > found else "larger"
    return f"{way} by a factor of {factor}{from_end(result, found)}"


def from_end(result: Result, found: float | None) -> str:
    """Say what a factor is counted from, where the text states a range."""
    if result.claim.span is None or found is None:
        return ""
    low, high = result.claim.span
    end, name = (low, "low") if found < low else (high, "high")
    return f" (counted from {result.shown(end)}, the {name} end of the stated range)"


def origin(claim: Claim) -> str:
    """Return who said it, and where in the text, which is named if it is not the book's."""
    parts = (claim.who, claim.place, claim.text and claim.chapter, claim.text)
    return ", ".join(dict.fromkeys(filter(None, parts)))


def labeled_values(result: Result) -> list[tuple[str, str]]:
    """Return what was stated and what comes out, each with its name, as text."""
    on_facts = basis(result.claim, sourced=True)
    found = (("recomputed", result.recomputed), (on_facts, result.recomputed_on_facts))
    shown = [(name, result.shown(value)) for name, value in found if value is not None]
    return [("stated", result.claim.written), *shown]


def caution(claim: Claim) -> str:
    """Return the caveat that the text itself makes: its words, quoted, or a sentence about it."""
    said = claim.hedge
    if not said or said.endswith("."):
        return said
    if said in _SUPPOSED:
        return f"The text itself only supposes this: it says “{said}”."
    if not any(map(str.isalpha, said)):
        return f"The text itself calls its figure approximate: it writes “{said}”."
    return f"The text itself is cautious: it says “{said}”."


def worked(result: Result) -> Iterator[tuple[str, Worked]]:
    """Yield the worked equations of a claim, each with what it rests on."""
    if result.worked:
        yield f"On the author's {_inputs(result)}", result.worked
    if result.worked_on_facts:
        yield begun(basis(result.claim, sourced=True)), result.worked_on_facts


def _inputs(result: Result) -> str:
    """Say whether all inputs of a recomputed figure are its author's."""
    return "inputs, with ours added" if result.claim.adds_inputs else "own inputs"


def distance(source: str) -> str:
    """Return in parentheses what kind of source it is; nothing if it is primary."""
    kind = catalogs.load().sources[source].kind
    return "" if kind == "primary" else f" ({kind})"
