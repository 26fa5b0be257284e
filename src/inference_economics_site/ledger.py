"""The links of notebooks, made those of the site; and the ledger's page."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.errors import SphinxError
from sphinx.transforms import SphinxTransform

from inference_economics_notebook import marks
from inference_economics_notebook.markup import to_pages

from . import mentions, settings

if TYPE_CHECKING:
    from pathlib import Path

    from sphinx.application import Sphinx

_START = re.compile(r'<data value="(?P<kind>[a-z-]+):(?P<name>[^"]+)">')
# Where a line should not end: after a number, and within one that is written in several words.
_NUMBER = r"[~≈±−-]*\$?\d[\d.,]*[⁻⁰¹²³⁴-⁹]*|×|[mb]illion|trillion"
_BLANK = re.compile(rf"(?<![^\s(])({_NUMBER}) (?!(?:to|and|or|of)\b)(?=\S)")


class Link(SphinxTransform):
    """Put in place of every mark its text, linked to its origin, and link outputs to pages."""

    default_priority = 200

    def apply(self, **_: Any) -> None:
        """Do it."""
        for start in list(self.document.findall(nodes.raw)):
            if found := _START.fullmatch(start.astext()):
                line, at = start.parent, start.parent.index(start)
                end = next(k for k in range(at, len(line)) if line[k].astext() == "</data>")
                text = [_unbroken(each) for each in line[at + 1 : end]]
                line[at : end + 1] = _linked(found["kind"], found["name"], text)
            else:
                start[:] = [nodes.Text(to_pages(start.astext()))]


def _unbroken(node: nodes.Node) -> nodes.Node:
    """Return a part of a mark's text so that no line ends between a number and its unit."""
    if not isinstance(node, nodes.Text):
        return node
    return nodes.Text(_BLANK.sub("\\1\N{NO-BREAK SPACE}", node))


def _linked(kind: str, name: str, text: list[nodes.Node]) -> list[nodes.Node]:
    if kind == marks.GLUE:
        return text
    _, address = mentions.figure(kind, name)
    return [nodes.reference("", "", *text, refuri=address, classes=["claim-link"])]


def _check(app: Sphinx, site: Path) -> None:
    """Raise SphinxError where prose says something else than what its cells have just told it."""
    for path in sorted((site.parent / "jupyter_execute").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        if stale := mentions.stale(notebook):
            raise SphinxError(f"{path.stem}: {stale[0]}; run `make notebooks`")


def add_files(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the table's script and style on the one page that has the table, and the search's."""
    if page == "search":
        app.add_js_file("../search-claims.js", loading_method="defer")
    if page == "ledger":
        app.add_js_file("../ledger.js", loading_method="defer")
        app.add_css_file("../ledger.css", priority=900)


def setup(app: Sphinx) -> None:
    """Register all of it."""
    app.add_transform(Link)
    app.connect("html-page-context", add_files)
    settings.when_built(app, _check, priority=100)
