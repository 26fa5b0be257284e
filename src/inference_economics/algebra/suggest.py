"""The name that was probably meant, where one is wrong."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def suggestion(wrong: str, known: Iterable[str], *, quoted: bool = False) -> str:
    """Return "; did you mean NAME?" with the nearest known name; nothing if none is near."""
    for near in difflib.get_close_matches(wrong, known, n=1):
        return f"; did you mean {repr(near) if quoted else near}?"
    return ""
