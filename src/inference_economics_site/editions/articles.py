"""The articles of the built site as XHTML, from which the EPUB and the PDF are assembled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inference_economics.ledger import claims
from inference_economics_notebook import claim_markup

from .. import claim_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from .edition import Edition

SCRIPT = Path(__file__).parent / "article.js"

LIVE = (
    "As it is drawn first. The explorer that takes your numbers is on this page of the book’s site"
)
WIDTH = 690
"""Width of the window in CSS pixels, at which an article is as wide as the text of an A4 page."""


@dataclass(frozen=True)
class Article:
    """A page of the book.

    `sections` are the ids and titles of its second level. `xhtml` is one element whose id is the
    page's name; every id in it starts with that name, and a link within the book is
    `PAGE.xhtml` or `PAGE.xhtml#ID`.
    """

    page: str
    number: str
    title: str
    sections: list[tuple[str, str]]
    xhtml: str

    @property
    def numbered_title(self) -> str:
        """The title with the chapter's number, where it has one."""
        return f"{self.number}. {self.title}" if self.number else self.title


def read(browser: Browser, site: Path, edition: Edition) -> list[Article]:
    """Open every page of the site, let its explorers draw, and take its article."""
    window = browser.new_page(
        viewport={"width": WIDTH, "height": 1000}, color_scheme="light", reduced_motion="reduce"
    )
    script = SCRIPT.read_text(encoding="utf-8")
    options = {
        "pages": list(edition.pages()),
        "places": {claim_markup.address(r.claim): claim_page.place(r.claim) for r in claims.load()},
        "address": edition.address,
        "live": f"{LIVE}{':' if edition.address else '.'}",
    }
    articles = []
    for page in edition.pages():
        window.goto((site / f"{page}.html").absolute().as_uri(), wait_until="load")
        articles.append(Article(**window.evaluate(script, {"page": page, **options})))
    window.close()
    return articles
