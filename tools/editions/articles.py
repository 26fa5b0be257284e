"""The articles of the built site as XHTML, from which the EPUB and the PDF are assembled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from .edition import Edition

SCRIPT = Path(__file__).parent / "article.js"

LIVE = "As it is drawn first."
LIVE_WHERE = " The explorer that takes your numbers is on this page of the book’s site"
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
    # Equations that a script would typeset stay as they are written.
    window.route("**/mathjax/**", lambda route: route.abort())
    script = SCRIPT.read_text(encoding="utf-8")
    pages = list(edition.pages())
    live = f"{LIVE}{LIVE_WHERE}{':' if edition.address else '.'}"
    articles = []
    for page in pages:
        window.goto((site / f"{page}.html").absolute().as_uri(), wait_until="load")
        options = {"page": page, "pages": pages, "address": edition.address, "live": live}
        articles.append(Article(**window.evaluate(script, options)))
    window.close()
    return articles
