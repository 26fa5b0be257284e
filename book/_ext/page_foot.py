"""What stands at the end of every page: how to cite it, and the notebook that made it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import settings

from inference_economics import citation
from inference_economics.claim_page import cite

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

NOTEBOOKS = "downloads/notebooks"


def add_foot(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Add it to the page's body."""
    if doctree is None:
        return
    if page == app.config.root_doc:
        kind, how = "book", citation.book(settings.site(app))
    else:
        kind = "chapter" if app.env.toc_secnumbers.get(page) else "page"
        title = app.env.titles[page].astext()
        how = citation.part("", title, f"{page}.html", key=page, site=settings.site(app))
    context["body"] += (
        '<aside class="page-foot" aria-label="Cite and download">'
        f'<details class="about"><summary>Cite this {kind}</summary>{cite(how, "page")}</details>'
        f"{_notebook(app, page)}</aside>"
    )


def _notebook(app: Sphinx, page: str) -> str:
    if Path(app.env.doc2path(page)).suffix != ".ipynb":
        return ""
    return (
        "<p>This page is a notebook: "
        f'<a href="{NOTEBOOKS}/{page}.executed.ipynb" download>with its results</a>, or '
        f'<a href="{NOTEBOOKS}/{page}.clean.ipynb" download>ready to run</a>.</p>'
    )


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add it to every page that has a text."""
    app.connect("html-page-context", add_foot, priority=300)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
