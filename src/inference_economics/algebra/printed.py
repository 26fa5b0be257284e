"""Expressions as they are printed, with a place for each symbol's value.

SymPy orders and brackets an expression. That is done once for each, and the values are filled in
afterwards. In a browser SymPy takes long to come, so the package there brings along, in a file
beside this module, what SymPy has printed of the book's own equations.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from .expressions import Expression

KEPT = Path(__file__).with_name("printed.json")
"""What was printed beforehand, by the expression's source; most installations have none."""

_PLACE = re.compile("([\ue000\ue001])(\\w+)\ue002")


class Printed(NamedTuple):
    """An expression in LaTeX and as text, each with its symbols and with places for values."""

    latex: str
    latex_places: str
    text: str
    text_places: str


def place(name: str, *, in_brackets: bool) -> str:
    """Return the place of a symbol's value; in brackets where one with a unit needs them."""
    return ("\ue001" if in_brackets else "\ue000") + name + "\ue002"


def filled(text: str, shown: Callable[[str], str], bracketed: Callable[[str], str]) -> str:
    """Return a text with each place filled: `shown` gives a value, `bracketed` brackets one."""

    def value(found: re.Match[str]) -> str:
        kind, name = found.groups()
        return shown(name) if kind == "\ue000" else bracketed(shown(name))

    return _PLACE.sub(value, text)


def spaced(text: str) -> str:
    """Write operators of SymPy's text as people do; slashes inside units stay as they are."""
    text = (
        text.replace("**", "^").replace("*", " × ").replace("Max(", "max(").replace("Min(", "min(")
    )
    text = re.sub(r"\((\([^()]*\))\)", r"\1", text)
    return re.sub(r"(?<=[)\w%])/(?=\()|(?<=\))/(?=\w)", " / ", text)


def kept(rule: Expression) -> Printed | None:
    """Return an expression as it was printed beforehand, or None."""
    found = _kept().get(rule.python)
    return Printed(*found) if found else None


@cache
def _kept() -> dict[str, list[str]]:
    return dict(json.loads(KEPT.read_text(encoding="utf8"))) if KEPT.exists() else {}
