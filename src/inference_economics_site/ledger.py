"""Roles that put figures of the ledger and of the catalog into prose, linked to their origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes

from . import mentions

if TYPE_CHECKING:
    from collections.abc import Callable

    from docutils.parsers.rst.states import Inliner
    from sphinx.application import Sphinx

    Role = Callable[..., tuple[list[nodes.Node], list[nodes.system_message]]]


def _role(kind: str) -> Role:
    def role(
        name: str, rawtext: str, text: str, lineno: int, inliner: Inliner, *_: Any
    ) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        try:
            figure, address = mentions.figure(kind, text)
        except (LookupError, ValueError, AttributeError) as error:
            message = inliner.reporter.error(f"{name}: {error}", line=lineno)
            return [inliner.problematic(rawtext, rawtext, message)], [message]
        link = nodes.reference(rawtext, figure, refuri=address, classes=["claim-link"])
        return [link], []

    return role


def _add_ledger_files(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Load the table's script and style on the one page that has the table, and the search's."""
    if pagename == "search":
        app.add_js_file("../search-claims.js", loading_method="defer")
    if pagename == "ledger":
        app.add_js_file("../ledger.js", loading_method="defer")
        app.add_css_file("../ledger.css", priority=900)


def setup(app: Sphinx) -> None:
    """Register the roles."""
    for kind in mentions.KINDS:
        app.add_role(kind, _role(kind))
    app.connect("html-page-context", _add_ledger_files)
