"""Figures that prose mentions: of a claim, of a sourced fact, of a chip or a model.

A mention is a kind and a text, as in ``{claim}`0.2% <utilization-alone>```. The book's pages turn
it into a link, and a notebook that is read elsewhere into plain words.
"""

from __future__ import annotations

import re

from inference_economics.algebra import units
from inference_economics.facts import catalog
from inference_economics.ledger import claims
from inference_economics.notebook import claim_markup

CLAIMED = ("claim", "recomputed", "on-facts")
SOURCED = ("fact", "chip", "model")
KINDS = (*CLAIMED, *SOURCED)

_TARGET = re.compile(r"(?:(?P<text>.+?)\s*<)?(?P<id>[a-z0-9-]+)>?")


def figure(kind: str, text: str) -> tuple[str, str]:
    """Return the figure to print, and the address of its origin among the book's pages.

    Raises LookupError, ValueError or AttributeError where there is no such figure.
    """
    if kind not in KINDS:
        raise ValueError(f"there is no mention of the kind {kind!r}")
    return _sourced(kind, text) if kind in SOURCED else _claimed(kind, text)


def _claimed(kind: str, text: str) -> tuple[str, str]:
    match = _TARGET.fullmatch(text)
    chosen, id = (match["text"], match["id"]) if match else (None, text)
    result = claims.load()[id]
    return _of_claim(kind, result, chosen), claim_markup.address(result.claim)


def _of_claim(kind: str, result: claims.Result, text: str | None) -> str:
    """Return the figure; a part of the stated one may be chosen, and nothing else."""
    if kind == "claim":
        stated = result.claim.written
        if text and text not in stated:
            raise ValueError(f"{result.claim.id} states {stated!r}, not {text!r}")
        return text or stated
    value = result.recomputed if kind == "recomputed" else result.recomputed_on_facts
    if value is None:
        raise ValueError(f"{result.claim.id} has no figure {kind}")
    return result.shown(value)


def _sourced(kind: str, text: str) -> tuple[str, str]:
    facts = catalog.load()
    if kind == "fact":
        fact = facts.fact(text)
        return units.show(fact.value, fact.unit), f"sources.html#fact-{fact.id}"
    id, _, column = text.partition(".")
    record = facts.accelerator(id) if kind == "chip" else facts.model(id)
    shown = units.show(float(getattr(record, column)), record.unit(column))
    return shown, f"sources.html#record-{record.id}"
