"""The name that was probably meant, where one is wrong."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def suggestion(wrong: str, known: Iterable[str], *, quoted: bool = False) -> str:
    """Return "; did you mean NAME?" with the nearest known name; nothing if none is near.

    Capitals do not count.
    """
    by_letters = {each.lower(): each for each in known}
    for near in difflib.get_close_matches(wrong.lower(), by_letters, n=1):
        found = by_letters[near]
        return f"; did you mean {repr(found) if quoted else found}?"
    return ""
