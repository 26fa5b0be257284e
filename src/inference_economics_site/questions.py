"""The questions on the site: their script and style, asked for only by pages that have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inference_economics.notebook.questions import widget

from . import settings

if TYPE_CHECKING:
    from pathlib import Path

    from docutils import nodes
    from sphinx.application import Sphinx

FOLDER = "questions"
"""Where they lie, beside `_static`: what lies in that is loaded by every page."""


def load_where_needed(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Load both, where the page has a question."""
    if "data-question=" in context.get("body", ""):
        app.add_css_file(f"../{FOLDER}/question.css")
        app.add_js_file(f"../{FOLDER}/question.js", loading_method="defer")


def write(app: Sphinx, site: Path) -> None:
    """Write the files."""
    folder = site / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / "question.css").write_text(widget.source("question.css"), encoding="utf-8")
    (folder / "question.js").write_text(widget.script(module=False), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register all of it."""
    app.connect("html-page-context", load_where_needed)
    settings.when_built(app, write)
