"""A question as a widget: what a page shows, working in a notebook."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import anywidget
import traitlets

from ..explorers import bundle
from ..mathml import typeset
from . import markup
from .question import Question  # noqa: TC001  (of what a widget keeps)


@cache
def source(name: str) -> str:
    """Return a file of the folder `js`."""
    return (resources.files(__package__) / "js" / name).read_text(encoding="utf-8")


@cache
def script(*, module: bool) -> str:
    """Return the code of all questions: an ES module with `render`, or a script for a page."""
    parts = [bundle.unit_tables(), bundle.source("quantity.js"), source("question.js")]
    if module:
        return "\n".join([*parts, "export default { render: renderQuestion };", ""])
    return "\n".join(["(() => {", *parts, "startQuestions(document);", "})();", ""])


class Asked(anywidget.AnyWidget):
    """A question; its `markup` is what a page has too."""

    _esm = script(module=True)
    _css = source("question.css")
    markup = traitlets.Unicode().tag(sync=True)

    def __init__(self, question: Question) -> None:
        super().__init__(markup=typeset(markup.page(question)))
        self.question = question

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the widget, the same markup for a page without a kernel, and its text."""
        shown = super()._repr_mimebundle_(**kwargs)
        data, metadata = shown if isinstance(shown, tuple) else (shown or {}, {})
        page = markup.page(self.question)
        return {**data, "text/html": page, "text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        """Return the question and its answer as text."""
        return markup.text(self.question)
