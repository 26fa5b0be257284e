"""What the tests of the ledger share: the comparison of a claim with its sum by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from by_hand import CLAIMS

if TYPE_CHECKING:
    from inference_economics.ledger.claims import Ledger, Result


def disagreements(ledger: Ledger, claim: str) -> list[str]:
    """Say where the ledger and the sum by hand differ on a claim; an empty list if nowhere."""
    hand, found = CLAIMS[claim], ledger[claim]
    expected_value, expected_verdict = hand.on_facts or (None, None)
    pairs = {
        "unit": (found.claim.unit, hand.unit),
        "stated": (found.claim.value, hand.value),
        "recomputed": (found.recomputed, hand.recomputed),
        "recomputed on facts": (found.recomputed_on_facts, expected_value),
        "verdict": (found.verdict, hand.verdict),
        "verdict on facts": (found.verdict_on_facts, expected_verdict),
        "inconsistent with": (found.inconsistent_with, hand.against),
        **{name: (_shown(found, name), value) for name, value in hand.values},
    }
    return [
        f"{what} is {here!r}, by hand {there!r}"
        for what, (here, there) in pairs.items()
        if not _same(here, there)
    ]


def _same(here: object, there: object) -> bool:
    if isinstance(here, float | int) and isinstance(there, float | int):
        return math.isclose(here, there, rel_tol=1e-9)
    return here == there


def _shown(result: Result, name: str) -> float | None:
    """Return the value that the worked equation substitutes for a symbol."""
    steps = result.worked.steps if result.worked else ()
    return next((step.values[name] for step in steps if name in step.values), None)
