"""How closely to test: with THOROUGH=1 all of it, otherwise some of what is alike."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

THOROUGH = os.environ.get("THOROUGH") == "1"


def some(of: Iterable[Any], every: int) -> list[Any]:
    """Return all of them, or only every so many-th of things that the same code makes."""
    return list(of)[:: 1 if THOROUGH else every]
