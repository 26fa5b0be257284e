"""Style sheets without the rules that nothing on the site can match.

A rule goes when its selectors ask for a class or an id that occurs in no page, nor as a word in a
script, which may set it. Then go the custom properties and animations that nobody names any more,
and what asks for a file that the site does not have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lightningcss import bundle_css, process_stylesheet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Words that scripts put together from parts, where no search finds them.
MADE_UP = frozenset({"bs-tooltip-auto"})

_NAMES = re.compile(r"""\s(?:class|id)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_INLINE_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script>", re.DOTALL)
_WORD = re.compile(r"[\w-]+")
_PROPERTY = re.compile(r"--[\w-]+")

# In a style sheet: what may be unused, and what is used there.
_SELECTED = re.compile(r"[.#](-?[a-zA-Z_][\w-]*)")
_CALLED = re.compile(r"(?:@[\w-]*keyframes +|(?=--))([\w-]+)(?= *[{:])")
_NAMED = re.compile(r"var\(\s*(--[\w-]+)|\banimation(?:-name)? *:([^;}]*)")

_LICENSE = re.compile(r"/\*!.*?\*/", re.DOTALL)

# As it is written with one declaration a line.
_ASKING = re.compile(r"^@font-face \{[^}]*\}|^ *[\w-]+: url\(.*;$", re.MULTILINE)
_ADDRESS = re.compile(r"""url\("?(?!data:|#)([^")]+)""")


_OPTIONAL = re.compile(r"@font-face\s*\{[^}]*\boptional\b[^}]*\}")


def waiting_fonts(site: Path) -> str:
    """Return the fonts that a page does without if they come late, for what waits for them.

    What is drawn or printed once has no next page. The style holds wherever it is put.
    """
    faces = _OPTIONAL.findall((site / "_static" / "book.css").read_text(encoding="utf-8"))
    there = f"{site.absolute().as_uri()}/"
    return "\n".join(face.replace("../", there).replace("optional", "block") for face in faces)


class StylesheetError(ValueError):
    """A style sheet that cannot be read, or whose files could not be found from elsewhere."""


def words(pages: Iterable[str], scripts: Iterable[str]) -> set[str]:
    """Return the classes, ids and custom properties of HTML pages, and all words of scripts."""
    found = set(MADE_UP)
    texts = list(scripts)
    for page in pages:
        for double, single in _NAMES.findall(page):
            found.update((double or single).split())
        found.update(_PROPERTY.findall(page))
        texts += _INLINE_SCRIPT.findall(page)
    for text in texts:
        found.update(_WORD.findall(text))
    return found


def purged(sheets: Iterable[Path], kept: Iterable[str], known: set[str], folder: Path) -> str:
    """Return style sheets as one for a folder, without what nothing on the site can match.

    `known` are the words of the site, and `kept` the texts of the sheets that stay as they are
    beside it. StylesheetError if a sheet cannot be read.
    """
    known = known.union(*map(_named, kept))
    sheets = list(sheets)
    css = _LICENSE.sub("", "\n".join(_read(sheet, known, folder) for sheet in sheets))
    licenses = _LICENSE.findall("".join(sheet.read_text(encoding="utf-8") for sheet in sheets))
    while True:
        unused = {*_SELECTED.findall(css), *set(_CALLED.findall(css)).difference(_named(css))}
        less = process_stylesheet(css, unused_symbols=unused - known)
        if less == css:
            return "\n".join([*dict.fromkeys(licenses), css])
        css = less


def _read(sheet: Path, known: set[str], folder: Path) -> str:
    """Return what may match of a sheet and of those that it imports, without what lacks a file."""

    def found(asking: re.Match[str]) -> str:
        addresses = _ADDRESS.findall(asking[0])
        there = all((folder / address).is_file() for address in addresses)
        if not there and all((sheet.parent / address).is_file() for address in addresses):
            raise StylesheetError(f"{sheet}: {addresses} would lie elsewhere, seen from the bundle")
        return asking[0] if there else ""

    try:
        # Asked twice, since rules that are alike become one: what is unused has to go before.
        unused = set(_SELECTED.findall(bundle_css(str(sheet)))) - known
        css = bundle_css(str(sheet), unused_symbols=unused, minify=False)
    except ValueError as error:
        raise StylesheetError(f"{sheet}: {error}") from error
    return _ASKING.sub(found, css)


def _named(css: str) -> set[str]:
    """Return the custom properties and the animations that a style sheet uses."""
    return {name for found in _NAMED.findall(css) for name in _WORD.findall(" ".join(found))}
