"""The whole site as one file, which works from a disk once it is unpacked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..addresses import DOWNLOADS, SOCIAL
from . import archive

if TYPE_CHECKING:
    from pathlib import Path

    from .edition import Edition

# Browsers refuse both where pages are opened from a disk: a font fetched ahead of its style
# sheet, which finds it anyway, and the text of another page around what the search has found.
_PRELOADED_FONT = re.compile(rb'<link rel="preload"[^>]*\bas="font"[^>]*>\s*')
_SUMMARY = re.compile(rb"\bSHOW_SEARCH_SUMMARY: true\b")


def write(site: Path, edition: Edition, folder: Path) -> Path:
    """Write the site to a folder as a ZIP file, and return its path."""
    top = f"{edition.stem}-site"
    files = {
        f"{top}/{path.relative_to(site).as_posix()}": _for_a_disk(path)
        for path in site.rglob("*")
        if path.is_file() and not left_out(path.relative_to(site).parts, edition)
    }
    made = folder / f"{top}.zip"
    archive.write(made, files, edition.date)
    return made


def left_out(parts: tuple[str, ...], edition: Edition) -> bool:
    """Tell whether a file of the site is a picture for others, or an edition like this one.

    The data stays, and so do the single notebooks, since the site's pages link to them.
    """
    editions = (edition.stem, edition.package, edition.notebook_wheel)
    return parts[0] == SOCIAL or (parts[0] == DOWNLOADS and parts[1].startswith(editions))


def _for_a_disk(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".html":
        return _PRELOADED_FONT.sub(b"", content)
    if path.suffix == ".js":
        return _SUMMARY.sub(b"SHOW_SEARCH_SUMMARY: false", content)
    return content
