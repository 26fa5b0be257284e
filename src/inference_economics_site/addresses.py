"""Where the book is published and where its source lives: two settings, both of them optional.

They stand in `_config.yml`; the variables BOOK_ADDRESS and BOOK_REPOSITORY come before them, so
that a publisher need not edit a file. Without them no page and no edition names an address.
"""

from __future__ import annotations

import os
import re

DOWNLOADS, SOCIAL = "downloads", "social"
"""Folders of the site: what is downloaded, and the pictures that only other sites show."""

FIGURES, NOTEBOOKS = f"{DOWNLOADS}/figures", f"{DOWNLOADS}/notebooks"

ADDRESS, REPOSITORY = "BOOK_ADDRESS", "BOOK_REPOSITORY"


def read(address: str, repository: str) -> tuple[str, str]:
    """Return the settings: those of the environment, or else those given, which may be empty.

    The first is where the book is published, with a slash at its end, and the second where its
    source lives, without one. Raises ValueError for what is no address.
    """
    site = checked(ADDRESS, os.environ.get(ADDRESS) or address)
    source = checked(REPOSITORY, os.environ.get(REPOSITORY) or repository)
    return f"{site}/" if site else "", source


def notebook(page: str, kind: str) -> str:
    """Return the name of a page's notebook: with its results, "executed", or without, "clean"."""
    return f"{page}.{kind}.ipynb"


def checked(name: str, address: str) -> str:
    """Return an address without a slash at its end, or nothing; ValueError unless it is either."""
    if address and not re.fullmatch(r"https?://[\w.:-]+(/[\w./~-]*)?", address):
        raise ValueError(
            f"{name} = {address!r}: must be empty or an address of http or https without a query, "
            "such as https://example.org/book/"
        )
    return address.rstrip("/")
