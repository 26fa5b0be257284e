"""Roles that put figures of the ledger and of the catalog into prose, linked to their origin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes

from inference_economics import catalog, claim_markup, claims, units

if TYPE_CHECKING:
    from collections.abc import Callable

    from docutils.parsers.rst.states import Inliner
    from sphinx.application import Sphinx

    Role = Callable[..., tuple[list[nodes.Node], list[nodes.system_message]]]

_CLAIMED = ("claim", "recomputed", "on-facts")
_SOURCED = ("fact", "chip", "model")
_TARGET = re.compile(r"(?:(?P<text>.+?)\s*<)?(?P<id>[a-z0-9-]+)>?")


def _figure(kind: str, result: claims.Result, text: str | None) -> str:
    """Return the figure to print; a part of the stated one may be chosen, and nothing else."""
    if kind == "claim":
        stated = result.claim.stated.replace("\\$", "$")
        if text and text not in stated:
            raise ValueError(f"{result.claim.id} states {stated!r}, not {text!r}")
        return text or stated
    value = result.recomputed if kind == "recomputed" else result.recomputed_on_facts
    if value is None:
        raise ValueError(f"{result.claim.id} has no figure {kind}")
    return result.shown(value)


def _sourced(kind: str, text: str) -> tuple[str, str]:
    """Return a sourced figure, and the address of its row among the sources."""
    facts = catalog.load()
    if kind == "fact":
        fact = facts.fact(text)
        return units.show(fact.value, fact.unit), f"sources.html#fact-{fact.id}"
    id, _, column = text.partition(".")
    record = facts.accelerator(id) if kind == "chip" else facts.model(id)
    figure = units.show(float(getattr(record, column)), record.unit(column))
    return figure, f"sources.html#record-{record.id}"


def _claimed(kind: str, text: str) -> tuple[str, str]:
    """Return a figure of a claim, and the address of its card."""
    match = _TARGET.fullmatch(text)
    chosen, id = (match["text"], match["id"]) if match else (None, text)
    result = claims.load()[id]
    return _figure(kind, result, chosen), claim_markup.address(result.claim)


def _role(kind: str) -> Role:
    def role(
        name: str, rawtext: str, text: str, lineno: int, inliner: Inliner, *_: Any
    ) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        find = _sourced if kind in _SOURCED else _claimed
        try:
            figure, address = find(kind, text)
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


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the roles."""
    for kind in (*_CLAIMED, *_SOURCED):
        app.add_role(kind, _role(kind))
    app.connect("html-page-context", _add_ledger_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
