"""The book's figures: one function each, all in one style, drawn from the package's own data.

A function of this folder's modules is one of them if it stands under `@style.drawn`. Matplotlib
is imported when the first of them is asked for.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from ..registry import functions


@cache
def _homes() -> dict[str, str]:
    """Return the module of each figure, by the figure's name."""
    homes: dict[str, str] = {}
    for module, name, decorators in functions(__name__):
        if "style.drawn" in decorators:
            if name in homes:
                raise LookupError(
                    f"two figures are called {name}, in {homes[name]}.py and in {module}.py: "
                    "rename one of them"
                )
            homes[name] = module
    return homes


def __getattr__(name: str) -> Any:
    """Import a figure's module when it is first asked for."""
    if name == "__all__":
        return sorted(_homes())
    if name.startswith("__") or name not in _homes():
        raise AttributeError(
            f"there is no figure {name}: it must be a function under @style.drawn in a module of "
            f"{__name__}"
        )
    return getattr(importlib.import_module(f".{_homes()[name]}", __name__), name)


def __dir__() -> list[str]:
    """List the figures, imported or not."""
    return sorted(_homes())
