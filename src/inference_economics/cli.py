"""The command `inference-economics`: the ledger and its arithmetic, as text or JSON."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import textwrap
from typing import TYPE_CHECKING

from . import __version__, claims, units
from .catalog import CatalogError

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="inference-economics", description="Numbers of AI inference, recomputed and judged."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("claims", help="list every claim with its verdict")
    listing.add_argument("--json", action="store_true", help="print JSON, with all figures")
    single = commands.add_parser("claim", help="show the arithmetic of one claim")
    single.add_argument("id", help="the claim's id, as listed by 'claims'")
    single.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    ledger = claims.load()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without "×" still gets the rest
    try:
        if options.command == "claims":
            print(_as_json(list(ledger)) if options.json else _table(ledger))
        else:
            result = ledger[options.id]
            print(json.dumps(result.as_json(), indent=2) if options.json else arithmetic(result))
        sys.stdout.flush()
    except CatalogError as error:
        print(f"inference-economics: {error.args[0]}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; keep the interpreter from flushing again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _as_json(results: list[claims.Result]) -> str:
    return json.dumps([result.as_json() for result in results], indent=2)


def _table(ledger: claims.Ledger) -> str:
    rows = [("id", "stated", "recomputed", "on facts", "verdict")]
    for result in ledger:
        claim = result.claim
        rows.append(
            (
                claim.id,
                claim.stated.replace("\\$", "$"),
                result.shown(result.recomputed),
                result.shown(result.recomputed_on_facts),
                result.verdict,
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    score = ", ".join(f"{count} {verdict}" for verdict, count in ledger.score().items())
    return "\n".join([*(line.rstrip() for line in lines), "", f"{len(ledger)} claims: {score}"])


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
    judged_on_facts = result.recomputed is None and result.claim.equation
    if result.verdict_on_facts and not judged_on_facts:
        text += f"; on facts: {result.verdict_on_facts}"
        if result.verdict_on_facts != "holds" and result.factor_on_facts:
            text += f", by a factor of {units.show(result.factor_on_facts, 'dimensionless')}"
    return text


if __name__ == "__main__":
    sys.exit(main())
