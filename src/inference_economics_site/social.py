"""The picture of every page and claim, for where its link is pasted: the browser draws it."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.util import logging

from inference_economics.ledger import claims, telling
from inference_economics_notebook import claim_markup
from inference_economics_notebook.markup import CLAIMS, prose

from . import browser, citation, settings
from .metadata import About, card_path
from .stylesheets import waiting_fonts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page
    from sphinx.application import Sphinx

HERE = Path(__file__).parent
# No line ends between a number and a short word after it, nor after a bare sign or a hyphen.
_KEPT = re.compile(r"(?<=\d) (?=\S{1,5}(?:\s|$)|\w*illion)|(?<=[~=<>≈×]) ")
# The book's font has only some of them.
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+−")


@dataclass(frozen=True)
class Card:
    """What a picture shows, each part as HTML.

    Attributes:
        title: a page's title, or the statement of a claim.
        word: what stands beside it: what kind of page it is, or the verdict; may be empty.
        answer: what a page finds, in one or two sentences; empty for a claim.
        verdict: the verdict as the style sheet names it; empty for a page.
        id: a claim's permanent name.
        who: where it was made.
        figures: labels with their figures: the stated one, then those recomputed.

    """

    title: str
    word: str
    answer: str = ""
    verdict: str = ""
    id: str = ""
    who: str = ""
    figures: tuple[tuple[str, str], ...] = ()


def claim_card(result: claims.Result) -> Card:
    """Return what a claim's picture shows."""
    claim = result.claim
    return Card(
        title=_html(claim.says),
        word=result.verdict,
        verdict=claim_markup.css(result.verdict),
        id=claim.id,
        who=prose(telling.origin(claim)),
        figures=tuple((name, _html(value)) for name, value in telling.labeled_values(result)),
    )


def page_card(about: About, label: str) -> Card:
    """Return what a page's picture shows."""
    return Card(_html(about.title), label, _html(about.description))


def _html(text: str) -> str:
    text = _KEPT.sub("\N{NO-BREAK SPACE}", prose(text)).replace("-", "-\N{WORD JOINER}")
    return _RAISED.sub(lambda found: f"<sup>{found[0].translate(_LOWERED)}</sup>", text)


@contextmanager
def studio(site: Path, address: str) -> Iterator[tuple[Page, Callable[[Card], bytes]]]:
    """Give a window of the browser, and what draws a card in it as a PNG.

    `site` is the folder of the built site, whose colors, fonts and mark the cards have.
    """
    width, height = settings.PICTURE
    same = {
        "mark": (site / "_static/mark.svg").read_text(encoding="utf-8"),
        "book": citation.TITLE,
        "address": prose(address.partition("://")[2].rstrip("/")),
    }
    with browser.start() as started:
        window = started.new_page(viewport={"width": width, "height": height})
        # A file, since only such a one may use the site's fonts.
        window.goto((HERE / "card.html").as_uri())
        window.add_style_tag(url=(site / "_static/book.css").absolute().as_uri())
        window.add_style_tag(content=waiting_fonts(site))
        window.add_style_tag(path=HERE / "card.css")

        def draw(card: Card) -> bytes:
            window.evaluate("(card) => show(card)", {**same, **asdict(card)})
            return window.screenshot()

        yield window, draw


def remember(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Keep what a page is about until its picture is drawn."""
    about: About | None = context.get("about")
    if about is not None:
        number = app.env.toc_secnumbers.get(page, {}).get("")
        _cards(app)[page] = page_card(about, f"Chapter {number[0]}" if number else "")


def _cards(app: Sphinx) -> dict[str, Card]:
    cards: dict[str, Card] = app.__dict__.setdefault("social_cards", {})
    return cards


def write(app: Sphinx, site: Path) -> None:
    """Draw all of them, where the pages name them."""
    if not settings.pictures(app):
        return
    ledger = {f"{CLAIMS}/{result.claim.id}": claim_card(result) for result in claims.load()}
    with studio(site, settings.site(app)) as (_, draw):
        for page, card in {**_cards(app), **ledger}.items():
            path = site / card_path(page)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(draw(card))


def explain(app: Sphinx) -> None:
    """Say why links will show no picture, where they could."""
    if settings.site(app) and not settings.pictures(app):
        log = logging.getLogger(__name__)
        log.info("pasted links will show no picture: %s", browser.HOW_TO_GET_ONE)


def setup(app: Sphinx) -> None:
    """Register all three."""
    app.connect("builder-inited", explain)
    # After the page's metadata are there.
    app.connect("html-page-context", remember, priority=600)
    settings.when_built(app, write)
