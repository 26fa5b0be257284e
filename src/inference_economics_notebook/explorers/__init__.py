"""Explorers: change any assumption and see what comes out.

Each is a widget in a notebook, and the same on the site, where no kernel runs. Its module in this
folder has a function `spec`; calling its name makes a new one from a preset, with some inputs
changed: ``sharing("post", concurrent_users=100)``. Inputs can be read, set and observed.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Any

from ..registry import functions

if TYPE_CHECKING:
    from collections.abc import Callable

    from .spec import Spec
    from .widget import Explorer

SPECS: dict[str, Callable[[], Spec]] = {
    module: importlib.import_module(f".{module}", __name__).spec
    for module, name, _ in functions(__name__)
    if name == "spec"
}
"""The explorers' specs by id, each made when it is first asked for."""


@cache
def _class(id: str) -> type[Explorer]:
    from .widget import widget_class

    return widget_class(SPECS[id]())


def _maker(id: str) -> Callable[..., Explorer]:
    def explorer(preset: str = "", **changed: Any) -> Explorer:
        """Return the explorer from a preset, with some inputs changed."""
        return _class(id)(preset, **changed)

    explorer.__name__ = explorer.__qualname__ = id
    return explorer


# In place of the modules of these names, which importing them has put here.
globals().update({id: _maker(id) for id in SPECS})
