"""A claim and its verdict, or a decode step, as plain text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ..algebra import units

if TYPE_CHECKING:
    from ..ledger import claims
    from ..serving.deployment import DecodeStep, Deployment


def arithmetic(result: claims.Result) -> str:
    """Return a claim, its arithmetic and its verdict as text."""
    claim = result.claim
    parts = [f"{claim.id}  ({claim.who}, {claim.place})", claim.says, ""]
    parts.append(f"stated:      {claim.written}")
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


def decode_text(deployment: Deployment, step: DecodeStep) -> str:
    """Return a decode step as text: its time by cause, its speed, its memory and its cost."""
    show = units.show
    rows = [
        ("step", show(step.step_time, "second")),
        *((f"  {name}", show(time, "second")) for name, time in step.parts.items() if time),
        ("for each user", show(step.user_speed, "token/second/user")),
        ("in all", show(step.throughput, "token/second")),
        ("MFU", show(step.mfu, "fraction")),
        ("MBU", show(step.mbu, "fraction")),
        ("memory", show(step.memory, "byte")),
        ("largest batch", "any" if step.largest_batch is None else f"{step.largest_batch:,}"),
        ("binding", f"{step.binding}, then {step.next_binding}"),
    ]
    if step.cost_per_token is not None:
        rows.append(("a million tokens", f"${step.cost_per_token * 1e6:,.3g}"))
    width = max(len(name) for name, _ in rows)
    lines = [f"{name.ljust(width)}  {value}" for name, value in rows]
    title = f"{deployment.name}, {step.users:,g} users of {step.context:,g} tokens"
    return "\n".join([title, "", *lines, *(f"note: {note}" for note in deployment.notes)])
