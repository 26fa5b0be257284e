"""Inference economics, recomputed: equations, sourced facts, and a ledger of claims.

Modules load when first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "1.0.0"

_MODULES = ("catalog", "claims", "equations", "figures", "formula", "symbols", "units")

__all__ = ["__version__", *_MODULES]


def __getattr__(name: str) -> Any:
    """Import a module of the package when it is first asked for."""
    if name in _MODULES:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the modules, imported or not."""
    return sorted(__all__)
