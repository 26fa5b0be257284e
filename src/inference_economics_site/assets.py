"""One style sheet and one script in place of the many that the theme and the extensions bring.

What every page with the theme links is bundled, in its order: the sheets up to the book's own,
without the rules that nothing can match, and all scripts, which then run when the page is read.
"""

from __future__ import annotations

import re
import zlib
from itertools import takewhile
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sphinx.errors import ExtensionError

from . import settings
from .stylesheets import purged, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from sphinx.application import Sphinx

THEME = "_static/styles/pydata-sphinx-theme.css"
"""What a page links that has the theme: an edition of another make is left alone."""
OWN = "_static/book.css"
STYLES, SCRIPTS = "_static/theme.css", "_static/scripts.js"
# In its place stands a script of our own.
REPLACED = ("_static/scripts/bootstrap.js",)
# Read by other scripts only, once this line has run before them; it tells the name of a page to
# the theme's switch between versions, which the book does not have.
PAGE_NAME = re.compile(r"\s*<script>DOCUMENTATION_OPTIONS\.pagename = '[^']*';</script>")
# What a notebook's widgets were when it was executed, under names that are new each time: no
# script of the site asks for it.
WIDGET_STATE = re.compile(
    r'\s*<script type="application/vnd\.jupyter\.widget-state\+json">.*?</script>', re.DOTALL
)

SHEET = re.compile(r'\s*<link rel="stylesheet"[^>]*\shref="([^"]+)"[^>]*>')
SCRIPT = re.compile(r'\s*<script\b[^>]*\ssrc="([^"]+)"[^>]*></script>')


class Page:
    """A page with the theme, and the files that it links."""

    def __init__(self, site: Path, path: Path, text: str) -> None:
        self.site, self.path, self.text = site, path, text
        self.sheets = self._linked(SHEET)
        self.scripts = self._linked(SCRIPT)

    def _linked(self, pattern: re.Pattern[str]) -> list[str]:
        found = dict.fromkeys(map(self.file, pattern.findall(self.text)))
        for name in found:
            if not (self.site / name).is_file():
                raise ExtensionError(f"{self.path.name} links {name}, which does not exist")
        return list(found)

    def file(self, address: str) -> str:
        """Return the path on the site of what a link leads to."""
        path = (self.path.parent / urlsplit(address).path).resolve()
        return path.relative_to(self.site.resolve()).as_posix()

    def address(self, name: str) -> str:
        """Return the link to a file, with a sum of its bytes: a browser keeps what is unchanged."""
        root = "../" * (len(self.path.relative_to(self.site).parts) - 1)
        return f"{root}{name}?v={zlib.crc32((self.site / name).read_bytes()):08x}"

    def relink(self, styles: Iterable[str], scripts: Iterable[str]) -> None:
        """Link the two bundles where the first of their parts stood, and the rest after them."""
        self._relink(SHEET, styles, STYLES, '<link rel="stylesheet" href="{}" />')
        self._relink(SCRIPT, scripts, SCRIPTS, '<script defer src="{}"></script>')
        self.path.write_text(self.text, encoding="utf-8")

    def _relink(
        self, pattern: re.Pattern[str], parts: Iterable[str], bundle: str, markup: str
    ) -> None:
        left = set(parts)
        linked = set()

        def link(match: re.Match[str]) -> str:
            name = self.file(match[1])
            name = bundle if name in left else name
            if name in linked or name in REPLACED:
                return ""
            linked.add(name)
            return f"\n    {markup.format(self.address(name))}"

        self.text = pattern.sub(link, self.text)


def bundle(app: Sphinx, site: Path) -> None:
    """Write the bundles, link them, and remove what no page links any more."""
    texts = {path: light(path) for path in sorted(site.rglob("*.html"))}
    pages = [Page(site, path, text) for path, text in texts.items() if THEME in text]
    styles = list(takewhile(lambda name: name != OWN, _common(pages, lambda page: page.sheets)))
    scripts = [name for name in _common(pages, lambda page: page.scripts) if name not in REPLACED]

    def text(name: str) -> str:
        return (site / name).read_text(encoding="utf-8")

    joined = "\n;\n".join(map(text, scripts))
    names = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.js"))]
    alone = [text(name) for name in names if name not in {*scripts, *REPLACED}]
    others = sorted({name for page in pages for name in page.sheets} - set(styles))
    known = words(texts.values(), [joined, *alone])
    sheet = purged([site / name for name in styles], map(text, others), known, site / "_static")
    (site / STYLES).write_text(sheet, encoding="utf-8")
    (site / SCRIPTS).write_text(joined, encoding="utf-8")
    for page in pages:
        page.relink(styles, scripts)
    for name in [*styles, *scripts, *REPLACED, "_static/basic.css", "_static/copybutton_funcs.js"]:
        (site / name).unlink()
    for folder in {(site / name).parent for name in [*styles, *scripts]}:
        if not any(folder.iterdir()):
            folder.rmdir()


def light(path: Path) -> str:
    """Return the text of a page without what nothing on the site reads."""
    return WIDGET_STATE.sub("", PAGE_NAME.sub("", path.read_text(encoding="utf-8")))


def _common(pages: list[Page], files: Callable[[Page], list[str]]) -> list[str]:
    """List what all pages link, in the order of their links."""
    return [name for name in files(pages[0]) if all(name in files(page) for page in pages)]


def setup(app: Sphinx) -> None:
    """Bundle after all that writes or removes files of the site, and before what packs them."""
    settings.when_built(app, bundle, priority=700)
