"""The list of editions on the page of downloads: those that have been made, with their sizes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inference_economics_notebook.markup import element, link

from ..addresses import DOWNLOADS

if TYPE_CHECKING:
    from pathlib import Path

    from .edition import Edition

PAGE = "downloads.html"
_LIST = re.compile(r'(<ul class="editions[^>]*>).*?(</ul>)', re.DOTALL)

# The names of files, and what a reader makes of each.
KINDS = {
    "{0.stem}-site.zip": (
        "The site", "as one file: unpack it and open index.html, with no network",
    ),
    "{0.stem}.pdf": (
        "PDF", "for paper: all chapters, equations, figures and the explorers as they start",
    ),
    "{0.stem}.epub": ("EPUB", "for a reader of books"),
    "{0.stem}-notebooks-executed.zip": ("Notebooks", "all chapters, with their results"),
    "{0.stem}-notebooks-clean.zip": (
        "Notebooks to run", "all chapters, without results, and the packages that they need",
    ),
    "{0.wheel}": ("The package", "as a wheel, which pip installs: Python and the command line"),
    "{0.notebook_wheel}": (
        "What notebooks show", "cards, figures and calculators, as another wheel",
    ),
    "{0.package}.tar.gz": (
        "The source", "of the packages, the chapters and the site, with its tests",
    ),
    "CITATION.cff": ("Citation file", "for programs that keep references"),
}  # fmt: skip


def clear(built: Path) -> None:
    """Empty the list: no edition names the others, which are not in it."""
    page = built / PAGE
    page.write_text(filled(page.read_text(encoding="utf-8"), ""), encoding="utf-8")


def write(built: Path, edition: Edition) -> None:
    """Put the editions that there are into the list; ValueError where the page has no list."""
    page = built / PAGE
    items = ""
    for pattern, (name, about) in KINDS.items():
        path = built / DOWNLOADS / pattern.format(edition)
        if path.exists():
            file = link(f"{DOWNLOADS}/{path.name}", name, download=True)
            items += element("li", f"{file}, {about}. {size(path)}.")
    page.write_text(filled(page.read_text(encoding="utf-8"), items), encoding="utf-8")


def size(path: Path) -> str:
    """Return the size of a file, in kilobytes where it has less than a million bytes."""
    found = path.stat().st_size
    return f"{found / 1e6:.1f} MB" if found >= 1e6 else f"{max(found // 1000, 1)} kB"


def filled(text: str, items: str) -> str:
    """Return a page with other items in its list."""
    found, count = _LIST.subn(lambda match: match[1] + items + match[2], text)
    if count != 1:
        raise ValueError(f"{PAGE} has {count} lists of editions, where it must have one")
    return found
