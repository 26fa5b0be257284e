"""The command `inference-economics`: the ledger and its arithmetic, as text or JSON."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from typing import TYPE_CHECKING

from . import __version__, claims
from .catalog import CatalogError
from .report import arithmetic

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


if __name__ == "__main__":
    sys.exit(main())
