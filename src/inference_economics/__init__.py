"""Inference economics, recomputed: equations, sourced facts, and a ledger of claims.

Modules load when first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

__version__ = "1.5.0"
__date__ = "2026-11-23"

__all__ = [
    "__date__",
    "__version__",
    "arrivals",
    "book",
    "calibration",
    "cases",
    "catalog",
    "claims",
    "deployment",
    "equations",
    "evidence",
    "figures",
    "findings",
    "formula",
    "market",
    "measurements",
    "names",
    "own_runs",
    "prediction",
    "register",
    "scenario",
    "symbols",
    "tables",
    "uncertainty",
    "units",
]

if sys.platform == "emscripten":
    from . import in_browser

    in_browser.install()


def __getattr__(name: str) -> Any:
    """Import a module of the package when it is first asked for."""
    if name in __all__:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the modules, imported or not."""
    return __all__
