"""What the theme leaves undone: a body that screen readers follow, and a light, clean site."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util import logging

from . import settings

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sphinx.application import Sphinx

# Built, but asked for by no page.
DEAD_WEIGHT = (
    "**/*.map",
    "**/*.LICENSE.txt",
    "_static/images",
    "_static/locales",
    "_static/plus.png",
    "_static/minus.png",
    "_static/file.png",
    "_static/sbt-webpack-macros.html",
    "_static/scripts/fontawesome.js",
    "_static/vendor",
    "_static/webpack-macros.html",
    ".buildinfo",
)
# The theme asks for what it has stored before anything else. Where a browser keeps nothing, as in a
# frame that is locked up, even to look at the storage throws, and no script of the site would run.
STORAGE = (
    '<script>for(const name of["localStorage","sessionStorage"])try{window[name].length}catch{'
    "const kept=new Map();Object.defineProperty(window,name,{value:{getItem:k=>kept.get(k)??null,"
    "setItem:(k,v)=>kept.set(k,v),removeItem:k=>kept.delete(k)}})}</script>"
)
# Of what the theme's templates leave behind: a tenth of a short page.
COMMENTS = re.compile(r"<!--.*?-->", re.DOTALL)
# The title and the sections once more, for paper only. `book.css` prints the page's own title; the
# search would show these words first, as what it has found.
FOR_PAPER = re.compile(r'<div id="jb-print-docs-body".*?(?=<div id="searchbox")', re.DOTALL)
LINE_ENDS = re.compile(r"\s*\n\s*")
SOURCE_MAP_LINE = re.compile(rb"(//|/\*)# sourceMappingURL=[^\n]*")


def report_stderr(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of what cells wrote to stderr, where no cell of the book writes, with its words."""
    for block in doctree.findall(nodes.literal_block):
        if "stderr" in block["classes"]:
            said = block.astext().strip()
            logging.getLogger(__name__).warning("a cell wrote to stderr: %s", said, location=block)


def mend(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Mend what a screen reader says, and put the stand-in for a storage ahead of all scripts."""
    # MyST-NB hides the words that a toggle shows behind others.
    context["body"] = context.get("body", "").replace(' aria-label="Toggle hidden content"', "")
    context["metatags"] = STORAGE + context.get("metatags", "")


def prune(folder: Path, patterns: Iterable[str]) -> None:
    """Remove the files and folders whose paths match."""
    for pattern in patterns:
        for path in list(folder.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def lighten(app: Sphinx, site: Path) -> None:
    """Remove what no page asks for, and the lines that ask for it."""
    prune(site, DEAD_WEIGHT)
    for path in site.rglob("*.html"):
        head, article, text = path.read_text(encoding="utf-8").partition("<article")
        head = LINE_ENDS.sub("\n", FOR_PAPER.sub("", COMMENTS.sub("", head))).lstrip()
        path.write_text(head + article + text, encoding="utf-8")
    for path in [*site.glob("_static/**/*.js"), *site.glob("_static/**/*.css")]:
        path.write_bytes(SOURCE_MAP_LINE.sub(b"", path.read_bytes()))


def setup(app: Sphinx) -> None:
    """Register all of it."""
    app.connect("doctree-read", report_stderr)
    app.connect("html-page-context", mend)
    settings.when_built(app, lighten)
