"""The questions on the site: their script and style, asked for only by pages that have one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inference_economics_notebook.questions import widget

from . import settings

if TYPE_CHECKING:
    from pathlib import Path

    from sphinx.application import Sphinx

FOLDER = "questions"
"""Where they lie, beside `_static`: what lies in that is loaded by every page."""


def write(app: Sphinx, site: Path) -> None:
    """Write the files."""
    style, script = widget.source("question.css"), widget.script(module=False)
    settings.write_files(site / FOLDER, {"question.css": style, "question.js": script})


def setup(app: Sphinx) -> None:
    """Register all of it."""
    settings.load_where(app, "data-question=", f"{FOLDER}/question.css", f"{FOLDER}/question.js")
    settings.when_built(app, write)
