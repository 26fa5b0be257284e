"""How to cite: at the end of every page, with the notebook that made it, and where asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from inference_economics.ledger import claims
from inference_economics_notebook.markup import element, folded, link

from . import addresses, citation, settings
from .citation import cited

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class CiteAs(SphinxDirective):
    """How to cite the book, or the claim that is named."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the citation, with the book's address where there is one."""
        site, id = settings.site(self.env.app), self.arguments[0] if self.arguments else ""
        how = citation.claim(claims.load()[id], site) if id else citation.book(site)
        return [nodes.raw("", cited(how, f"as-{id or 'book'}"), format="html")]


def add_foot(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Add it to the page's body."""
    if doctree is None:
        return
    if page == app.config.root_doc:
        kind, how = "book", citation.book(settings.site(app))
    else:
        kind = "chapter" if app.env.toc_secnumbers.get(page) else "page"
        title = app.env.titles[page].astext()
        how = citation.page(title, f"{page}.html", key=page, site=settings.site(app))
    context["body"] += element(
        "aside",
        folded(f"Cite this {kind}", cited(how, "page")),
        _notebook(app, page),
        css="page-foot",
        aria_label="Cite and download",
    )


def _notebook(app: Sphinx, page: str) -> str:
    if Path(app.env.doc2path(page)).suffix != ".ipynb":
        return ""
    executed, clean = (
        link(f"{addresses.NOTEBOOKS}/{addresses.notebook(page, which)}", words, download=True)
        for which, words in (("executed", "with its results"), ("clean", "ready to run"))
    )
    launch = settings.binder(app, page)
    started = f" {link(launch, 'Start it on Binder')}, with nothing to install." if launch else ""
    return element("p", f"Download this page as a notebook, {executed} or {clean}.{started}")


def setup(app: Sphinx) -> None:
    """Add it to every page that has a text, and the directive."""
    app.add_directive("cite-as", CiteAs)
    app.connect("html-page-context", add_foot, priority=300)
