"""What stands before the first page of the EPUB and of the PDF: the title."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inference_economics_notebook.markup import element, escape, link

if TYPE_CHECKING:
    from .edition import Edition

MARK = Path(__file__).parents[3] / "book/_static/mark.svg"
"""The site's icon, of which the style sheets show the bars."""

RIGHTS = (
    "Text and figures: CC BY 4.0. Code: MIT. The code of every figure is in the book’s notebooks."
)


def title(edition: Edition) -> str:
    """Return the title page's content as XHTML."""
    where = {"The live book": edition.address, "Its source": edition.repository}
    day = f"{edition.date.day} {edition.date:%B %Y}"
    imprint = (
        element("p", escape(edition.author), css="author"),
        element("p", f"Version {edition.version}, {day}"),
        *(element("p", f"{name}: {link(at, escape(at))}") for name, at in where.items() if at),
        element("p", RIGHTS),
    )
    title = element("h1", escape(edition.title), css="book-title")
    abstract = element("p", escape(edition.abstract.strip()), css="abstract")
    mark = MARK.read_text(encoding="utf-8").strip()
    picture = f'<div class="mark" aria-hidden="true">{mark}</div>'
    return f"{picture}{title}{abstract}{element('div', *imprint, css='imprint')}"
