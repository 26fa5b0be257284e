"""What stands before the first page of the EPUB and of the PDF: the title."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .edition import Edition

MARK = Path(__file__).parents[3] / "book/_static/mark.svg"
"""The site's icon, of which the style sheets show the bars."""


def title(edition: Edition) -> str:
    """Return the title page's content as XHTML."""
    where = "".join(
        f'<p>{label}: <a href="{escape(address)}">{escape(address)}</a></p>'
        for label, address in (
            ("The live book", edition.address),
            ("Its source", edition.repository),
        )
        if address
    )
    day = f"{edition.date.day} {edition.date:%B %Y}"
    return (
        f'<div class="mark" aria-hidden="true">{MARK.read_text(encoding="utf-8").strip()}</div>'
        f'<h1 class="book-title">{escape(edition.title)}</h1>'
        f'<p class="abstract">{escape(edition.abstract.strip())}</p>'
        f'<div class="imprint"><p class="author">{escape(edition.author)}</p>'
        f"<p>Version {edition.version}, {day}</p>{where}"
        "<p>Text and figures: CC BY 4.0. Code: MIT. The code of every figure is in the book’s "
        "notebooks.</p></div>"
    )
