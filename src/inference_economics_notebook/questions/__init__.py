"""Questions to the reader, by chapter: commit to an answer, get a hint, see it worked.

Each module here is a chapter's; each function in it that is `asked` is a question, and they are
asked in their order. Nothing is typed that could be computed: the answer, the numbers in the words,
and what each usual mistake comes to follow from the catalog and the equations.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from inference_economics.algebra.formula import InputError
from inference_economics.algebra.suggest import suggestion

from ..registry import functions
from .question import Choice, Number, Question, Said

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ALL", "Choice", "Number", "Question", "Said", "load", "of_chapter"]

ALL: Mapping[str, str] = {
    name.replace("_", "-"): module
    for module, name, decorators in functions(__name__)
    if "asked" in decorators
}
"""The ids of all questions, each with the module of its chapter."""


def load(id: str) -> Question:
    """Return a question; raises InputError where there is none of that id."""
    if id not in ALL:
        raise InputError(f"no question {id!r}{suggestion(id, ALL)} (`questions.ALL` lists them)")
    module = importlib.import_module(f".{ALL[id]}", __name__)
    found: Question = getattr(module, id.replace("-", "_"))()
    return found


def of_chapter(chapter: str) -> list[str]:
    """Return the ids of a chapter's questions, in their order."""
    return [id for id, module in ALL.items() if module.replace("_", "-") == chapter]
