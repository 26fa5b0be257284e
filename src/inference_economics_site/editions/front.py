"""What stands before the first page of the EPUB and of the PDF: the title."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inference_economics.notebook.markup import element, escape, link

if TYPE_CHECKING:
    from .edition import Edition

# A long bar over a short one, compute over memory bandwidth: the site's icon.
MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" class="mark" viewBox="6 9 20 13" aria-hidden="true">'
    '<path d="M6 9h20v6H6z" fill="#0f5257"/><path d="M6 18h4v4H6z" fill="#c8501e"/></svg>'
)


def title(edition: Edition) -> str:
    """Return the title page's content as XHTML."""
    where = (
        element("p", f"{label}: {link(address, escape(address))}")
        for label, address in (
            ("The live book", edition.address),
            ("Its source", edition.repository),
        )
        if address
    )
    day = f"{edition.date.day} {edition.date:%B %Y}"
    imprint = (
        element("p", escape(edition.author), css="author"),
        element("p", f"Version {edition.version}, {day}"),
        *where,
        element(
            "p",
            "Text and figures: CC BY 4.0. Code: MIT. The code of every figure is in the book’s "
            "notebooks.",
        ),
    )
    title = element("h1", escape(edition.title), css="book-title")
    abstract = element("p", escape(edition.abstract.strip()), css="abstract")
    return f"{MARK}{title}{abstract}{element('div', *imprint, css='imprint')}"
