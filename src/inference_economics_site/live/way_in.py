"""The way from a chapter's page to its live notebook, and back to the book's version of it."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = "run"
RESET = Path(__file__).parent / "reset.js"
STYLE = Path(__file__).parent / "way_in.css"
MARKUP = Path(__file__).parent / "way_in.html"

FROM_HERE = 30
"""Megabytes that the site gives before the first cell runs, uncompressed; a test measures them."""

# Sizes of the versions nearest to these on https://anaconda.org/pyodide: numpy 2.2.5 has 2.96 MB,
# matplotlib 3.8.4 has 6.41, scipy 1.17.1 has 13.4.
FROM_PYODIDE = {"NumPy": 3, "Matplotlib": 6, "SciPy": 13}

_TITLE = re.compile(r"(?<=</h1>)")


def add(site: Path, pages: Iterable[str]) -> None:
    """Put the way in below the title of each page of a site that has a live notebook."""
    (site / FOLDER / RESET.name).write_bytes(RESET.read_bytes())
    style = f"<style>{STYLE.read_text(encoding='utf8')}</style></head>"
    for page in pages:
        path = site / f"{page}.html"
        head, start, article = path.read_text(encoding="utf8").partition("<article")
        head = head.replace("</head>", style, 1)
        article = _TITLE.sub(markup(page), article, count=1)
        path.write_text(head + start + article, encoding="utf8")


def markup(page: str) -> str:
    """Return the way in: first what it takes, then the link."""
    later = ", ".join(f"{name} some {size} MB" for name, size in FROM_PYODIDE.items())
    text = Template(MARKUP.read_text(encoding="utf8"))
    return "\n" + text.substitute(folder=FOLDER, page=page, megabytes=FROM_HERE, later=later)
