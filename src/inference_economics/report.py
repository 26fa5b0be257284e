"""A claim and its verdict as plain text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from . import units

if TYPE_CHECKING:
    from . import claims


def arithmetic(result: claims.Result) -> str:
    """Return a claim, its arithmetic and its verdict as text."""
    claim = result.claim
    parts = [f"{claim.id}  ({claim.who}, {claim.place})", claim.says, ""]
    parts.append(f"stated:      {claim.stated.replace(chr(92), '')}")
    if result.recomputed is not None:
        parts.append(f"recomputed:  {result.shown(result.recomputed)}")
    if result.recomputed_on_facts is not None:
        parts.append(f"on facts:    {result.shown(result.recomputed_on_facts)}")
    parts.append(f"verdict:     {verdict_text(result)}")
    if claim.hedge:
        parts.append(f"its caveat:  {claim.hedge}")
    for title, worked in (
        ("On the author's own inputs", result.worked),
        ("On sourced facts", result.worked_on_facts),
    ):
        if worked:
            parts += ["", f"{title}:", textwrap.indent(worked.text(), "  ")]
    if result.note:
        parts += ["", textwrap.fill(result.note.replace("\\$", "$"), 88)]
    if result.sources:
        parts += ["", f"sources: {', '.join(result.sources)}"]
    return "\n".join(parts)


def verdict_text(result: claims.Result) -> str:
    """Return the verdict with its factor, and what it is on facts where that differs."""
    text = result.verdict
    if result.verdict in ("off", "roughly", "inconsistent") and result.factor:
        text += f", by a factor of {units.show(result.factor, 'dimensionless')}"
    if result.inconsistent_with:
        text += f", with {', '.join(result.inconsistent_with)}"
    if result.verdict_on_facts and not result.judged_on_facts:
        text += f"; on facts: {result.verdict_on_facts}"
        if result.verdict_on_facts != "holds" and result.factor_on_facts:
            text += f", by a factor of {units.show(result.factor_on_facts, 'dimensionless')}"
    return text
