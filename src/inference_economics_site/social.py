"""The picture of every page and claim, for where its link is pasted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference_economics.ledger import claims
from inference_economics.notebook import claim_markup

from . import settings
from .metadata import About, card_path
from .social_cards import ClaimCard, PageCard, draw

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def claim_card(result: claims.Result, site: str) -> ClaimCard:
    """Return what a claim's picture shows."""
    claim = result.claim
    return ClaimCard(
        id=claim.id,
        says=claim.says.replace("'", "’"),
        who=claim_markup.origin(claim),
        figures=tuple(claim_markup.figures(result)),
        verdict=result.verdict,
        address=_shown(site),
    )


def _shown(site: str) -> str:
    return site.partition("://")[2].rstrip("/")


def remember(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Keep what a page of the book is about until its picture is drawn."""
    about: About | None = context.get("about")
    if about is not None and doctree is not None:
        number = app.env.toc_secnumbers.get(page, {}).get("")
        label = f"Chapter {number[0]}" if number else ""
        card = PageCard(about.title, about.description, label, address=_shown(settings.site(app)))
        _cards(app)[page] = card


def _cards(app: Sphinx) -> dict[str, PageCard]:
    cards: dict[str, PageCard] = app.__dict__.setdefault("social_cards", {})
    return cards


def write(app: Sphinx, error: Exception | None) -> None:
    """Draw all of them."""
    if error is not None or app.builder.name != "html":
        return
    site, out = settings.site(app), Path(app.outdir)
    cards: dict[str, ClaimCard | PageCard] = {
        f"{claim_markup.FOLDER}/{result.claim.id}": claim_card(result, site)
        for result in claims.load()
    }
    for page, card in {**_cards(app), **cards}.items():
        path = out / card_path(page)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(draw(card))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register both."""
    # After the page's metadata are there.
    app.connect("html-page-context", remember, priority=600)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
