"""The list of editions on the page of downloads: those that have been made, with their sizes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inference_economics.notebook.markup import element, link

from ..addresses import DOWNLOADS

if TYPE_CHECKING:
    from pathlib import Path

    from .edition import Edition

PAGE = "downloads.html"
_LIST = re.compile(r'(<ul class="editions[^>]*>).*?(</ul>)', re.DOTALL)

# What follows the title and the version in a file's name, and what a reader makes of it.
KINDS = {
    "-site.zip": ("The site", "as one file: unpack it and open index.html, with no network"),
    ".pdf": ("PDF", "for paper: all chapters, equations, figures and the explorers as they start"),
    ".epub": ("EPUB", "for a reader of books"),
    "-notebooks-executed.zip": ("Notebooks", "all chapters, with their results"),
    "-notebooks-clean.zip": ("Notebooks to run", "all chapters, without results"),
}


def clear(built: Path) -> None:
    """Empty the list: no edition names the others, which are not in it."""
    page = built / PAGE
    page.write_text(filled(page.read_text(encoding="utf-8"), ""), encoding="utf-8")


def write(built: Path, edition: Edition) -> None:
    """Put the editions that there are into the list; ValueError where the page has no list."""
    page = built / PAGE
    items = ""
    for ending, (name, about) in KINDS.items():
        path = built / DOWNLOADS / f"{edition.stem}{ending}"
        if path.exists():
            file = link(f"{DOWNLOADS}/{path.name}", name, download=True)
            items += element("li", f"{file}, {about}. {path.stat().st_size / 1e6:.1f} MB.")
    page.write_text(filled(page.read_text(encoding="utf-8"), items), encoding="utf-8")


def filled(text: str, items: str) -> str:
    """Return a page with other items in its list."""
    found, count = _LIST.subn(lambda match: match[1] + items + match[2], text)
    if count != 1:
        raise ValueError(f"{PAGE} has {count} lists of editions, where it must have one")
    return found
