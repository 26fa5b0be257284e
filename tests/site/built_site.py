"""Where the built site lies, and what it consists of."""

import re
from functools import cache
from pathlib import Path

from bs4 import BeautifulSoup
from thoroughly import some

SITE = Path(__file__).parents[2] / "_build" / "html"
LEADS_ON = re.compile(r'<noscript><meta http-equiv="refresh" content="0; url=([^"]+)">')
"""What only a page has that stands where another one stood, and leads to it."""


@cache
def pages() -> tuple[str, ...]:
    """Name every page of the built site, but those that only lead to another."""
    found = (
        path.relative_to(SITE).as_posix()
        for path in SITE.rglob("*.html")
        if not LEADS_ON.search(path.read_text(encoding="utf8"))
    )
    return tuple(sorted(found))


def claim_pages() -> list[str]:
    """Name the pages of claims: alike but for what stands in their article."""
    return [name for name in pages() if name.startswith("claims/")]


def unlike_pages() -> list[str]:
    """Name every page but the claims', and the first of those."""
    alike = {*claim_pages()[1:]}
    return [name for name in pages() if name not in alike]


def some_pages() -> list[str]:
    """Name every page but those of claims, and some of these."""
    return [*unlike_pages(), *some(claim_pages(), 6)[1:]]


@cache
def parsed(name: str) -> BeautifulSoup:
    """Parse a page of the built site, once; what comes is not to be changed."""
    return BeautifulSoup((SITE / name).read_text(encoding="utf8"), "html.parser")
