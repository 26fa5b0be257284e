"""The book as one PDF, printed by the browser; and the picture of its title page, for a cover."""

from __future__ import annotations

import json
import re
from html import escape, unescape
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..stylesheets import waiting_fonts
from . import front
from .edition import from_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from playwright.sync_api import Browser, Page

    from .articles import Article
    from .edition import Edition

STYLE = Path(__file__).parent / "print.css"
FIT = Path(__file__).parent / "fit.js"
SITE_STYLES = (
    "_static/pygments.css",
    "_static/book.css",
    "_static/ledger.css",
    "explorers/explorer.css",
    "questions/question.css",
)
"""What the articles look like; the theme's own style is for what stands around them."""

PAPER = 642
"""Width of the text in CSS pixels: that of A4 without its margins."""

_LINK = re.compile(r'href="([a-z0-9-]+)\.xhtml(?:#([^"]+))?"')
_HEADING = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


def write(
    browser: Browser, articles: Sequence[Article], site: Path, edition: Edition, folder: Path
) -> Path:
    """Print the book to a folder, and return the PDF's path.

    It is printed twice, since only a printed book knows on which pages its chapters start.
    Raises ValueError where something is wider than the paper, or the second printing moves a
    chapter.
    """
    window = browser.new_page(color_scheme="light", viewport={"width": PAPER, "height": 900})
    window.emulate_media(media="print")
    pages = [each.page for each in articles]
    numbers = page_numbers(_print(window, document(articles, edition, site, {})), pages)
    content = _print(window, document(articles, edition, site, numbers))
    window.close()
    if page_numbers(content, pages) != numbers:
        raise ValueError("the page numbers in the contents have moved the chapters")
    made = folder / f"{edition.stem}.pdf"
    texts = [edition.title, *(text for each in articles for text in headings(each.xhtml))]
    made.write_bytes(finished(content, edition, texts))
    return made


def cover(browser: Browser, site: Path, edition: Edition) -> bytes:
    """Draw the title page as a PNG of 1200 × 1800 pixels."""
    window = browser.new_page(viewport={"width": 600, "height": 900}, device_scale_factor=2)
    _open(window, _html(edition, site, _title(edition)))
    picture = window.screenshot()
    window.close()
    return picture


def document(
    articles: Sequence[Article], edition: Edition, site: Path, numbers: Mapping[str, int]
) -> str:
    """Return the whole book as one HTML page: title, contents, and the articles in their order.

    `numbers` are the pages of paper on which the articles start.
    """
    headers = ""
    body = _title(edition) + _contents(articles, edition, numbers)
    for each in articles:
        # A text of JSON is one of CSS, too.
        title = json.dumps(each.numbered_title, ensure_ascii=False)
        headers += f"@page {each.page} {{ @top-left {{ content: {title}; }} }}\n"
        headers += f"#{each.page} {{ page: {each.page}; }}\n"
        body += _LINK.sub(lambda link: f'href="#{link[2] or link[1]}"', each.xhtml)
    return _html(edition, site, body, headers)


def page_numbers(pdf: bytes, names: Sequence[str]) -> dict[str, int]:
    """Return the numbers of the pages on which the named destinations lie, from 1."""
    from pikepdf import Page, Pdf

    with Pdf.open(BytesIO(pdf)) as book:
        places = book.Root.Dests
        return {name: Page(places[f"/{name}"][0]).index + 1 for name in names}


def finished(pdf: bytes, edition: Edition, headings: Sequence[str]) -> bytes:
    """Return the PDF with the edition's date and the headings as they are written.

    In its list of contents the browser leaves out the space at which a heading goes on in the
    next line. It also writes each of the 70,000 parts that a voice reads by itself: packed, they
    take a third.
    """
    from pikepdf import ObjectStreamMode, Pdf

    written = {_close(heading): heading for heading in headings}
    day = f"D:{edition.date:%Y%m%d}000000+00'00'"
    made = BytesIO()
    with Pdf.open(BytesIO(pdf)) as book:
        with book.open_outline() as outline:
            for entry in _entries(outline.root):
                entry.title = written.get(_close(entry.title), entry.title)
        del book.docinfo
        book.docinfo["/Title"] = edition.title
        book.docinfo["/Author"] = edition.author
        book.docinfo["/Subject"] = f"Version {edition.version}"
        book.docinfo["/CreationDate"] = book.docinfo["/ModDate"] = day
        book.save(
            made,
            object_stream_mode=ObjectStreamMode.generate,
            recompress_flate=True,
            deterministic_id=True,
        )
    return made.getvalue()


def headings(xhtml: str) -> list[str]:
    """Return the text of every heading."""
    return [
        " ".join(unescape(_TAG.sub("", found[2])).split()) for found in _HEADING.finditer(xhtml)
    ]


def _close(text: str) -> str:
    return "".join(text.split())


def _entries(items: Iterable[Any]) -> Iterator[Any]:
    """Give every entry of a PDF's list of contents."""
    for entry in items:
        yield entry
        yield from _entries(entry.children)


def _title(edition: Edition) -> str:
    return f'<section class="title">{front.title(edition)}</section>'


def _contents(articles: Sequence[Article], edition: Edition, numbers: Mapping[str, int]) -> str:
    by_page = {each.page: each for each in articles}

    def entry(page: str) -> str:
        article = by_page[page]
        return (
            f'<li><a href="#{page}"><span class="at">{article.number}</span>'
            f'<span class="name">{escape(article.title)}</span>'
            f'<span class="page">{numbers.get(page, "000")}</span></a></li>'
        )

    parts = "".join(
        f"<p>{escape(part.caption)}</p><ol>{''.join(map(entry, part.pages))}</ol>"
        for part in edition.parts
    )
    return (
        '<nav class="contents" aria-label="Contents"><h1>Contents</h1>'
        f"<ol>{entry(edition.first_page)}</ol>{parts}</nav>"
    )


def _html(edition: Edition, site: Path, body: str, style: str = "") -> str:
    styles = [*((site / name).absolute() for name in SITE_STYLES), STYLE.absolute()]
    links = "".join(f'<link rel="stylesheet" href="{path.as_uri()}"/>' for path in styles)
    title, style = escape(edition.title), waiting_fonts(site) + style
    language = edition.language
    return from_template(
        "print.xhtml", language=language, title=title, links=links, style=style, body=body
    )


def _open(window: Page, html: str) -> None:
    """Open a document from a file, since only such a one may use the site's fonts."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "book.xhtml"
        path.write_text(html, encoding="utf-8")
        window.goto(path.as_uri(), wait_until="load")
        window.evaluate("document.fonts.ready.then(() => null)")


def _print(window: Page, html: str) -> bytes:
    _open(window, html)
    too_wide = window.evaluate(FIT.read_text(encoding="utf-8"), PAPER)
    if too_wide:
        raise ValueError(f"wider than the paper: {too_wide}")
    return window.pdf(prefer_css_page_size=True, outline=True, tagged=True, print_background=True)
