"""How to cite: at the end of every page, with the notebook that made it, and where asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from inference_economics.ledger import claims

from . import citation, settings
from .citation import cited

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

NOTEBOOKS = "downloads/notebooks"


class CiteAs(SphinxDirective):
    """How to cite the book, or the claim that is named."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the citation, with the book's address where there is one."""
        site, id = settings.site(self.env.app), self.arguments[0] if self.arguments else ""
        how = citation.claim(claims.load()[id], site) if id else citation.book(site)
        return [nodes.raw("", cited(how, f"as-{id or 'book'}"), format="html")]


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
        f'<details class="about"><summary>Cite this {kind}</summary>{cited(how, "page")}</details>'
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
    """Add it to every page that has a text, and the directive."""
    app.add_directive("cite-as", CiteAs)
    app.connect("html-page-context", add_foot, priority=300)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
