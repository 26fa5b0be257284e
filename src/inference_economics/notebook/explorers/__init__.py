"""Explorers: change any assumption and see what comes out.

Each is a widget in a notebook, and the same on the site, where no kernel runs. A function makes
a new one: ``sharing("post", concurrent_users=100)``. Its inputs can be read, set and observed.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from . import brain as _brain
from . import chips as _chips
from . import flip as _flip
from . import sharing as _sharing
from . import users as _users

if TYPE_CHECKING:
    from collections.abc import Callable

    from .spec import Spec
    from .widget import Explorer

SPECS: dict[str, Callable[[], Spec]] = {
    "sharing": _sharing.spec,
    "users": _users.spec,
    "chips": _chips.spec,
    "brain": _brain.spec,
    "flip": _flip.spec,
}
"""The explorers' specs by id, each made when it is first asked for."""


@cache
def _class(id: str) -> type[Explorer]:
    from .widget import widget_class

    return widget_class(SPECS[id]())


def sharing(preset: str = "", **changed: Any) -> Explorer:
    """Return the explorer of a decode step, from a preset with some inputs changed."""
    return _class("sharing")(preset, **changed)


def users(preset: str = "", **changed: Any) -> Explorer:
    """Return the explorer of a service's users, from a preset with some inputs changed."""
    return _class("users")(preset, **changed)


def chips(preset: str = "", **changed: Any) -> Explorer:
    """Return the explorer of chips for an audience, from a preset with some inputs changed."""
    return _class("chips")(preset, **changed)


def brain(preset: str = "", **changed: Any) -> Explorer:
    """Return the explorer of a brain's bytes, from a preset with some inputs changed."""
    return _class("brain")(preset, **changed)


def flip(preset: str = "", **changed: Any) -> Explorer:
    """Return the explorer of what turns a conclusion, from a preset with some inputs changed."""
    return _class("flip")(preset, **changed)
