"""The book as an EPUB 3: a ZIP file of the site's articles with a list of them."""

from __future__ import annotations

import datetime as dt
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from . import archive, front

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .articles import Article
    from .edition import Edition

MEDIA_TYPE = "application/epub+zip"
STYLE = Path(__file__).parent / "epub.css"
FOLDER = "EPUB"
PACKAGE = f"{FOLDER}/package.opf"

_CONTAINER = f"""<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="{PACKAGE}" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_ACCESS = {
    "accessMode": ("textual", "visual"),
    "accessModeSufficient": ("textual",),
    "accessibilityFeature": (
        "alternativeText",
        "MathML",
        "readingOrder",
        "structuralNavigation",
        "tableOfContents",
    ),
    "accessibilityHazard": ("none",),
    "accessibilitySummary": (
        "Figures have a title and a description, equations are MathML, and tables have headers.",
    ),
}
# What a page contains has to be said in the list of files.
_PROPERTIES = {"svg": "<svg", "mathml": "<math"}


def write(articles: Sequence[Article], cover: bytes, edition: Edition, folder: Path) -> Path:
    """Write the EPUB to a folder, and return its path; the cover is a PNG."""
    pages = {
        f"{each.page}.xhtml": _document(edition, each.numbered_title, each.xhtml)
        for each in articles
    }
    title = f'<section class="title" epub:type="titlepage">{front.title(edition)}</section>'
    first = _document(edition, edition.title, title)
    texts = {"title.xhtml": first, "nav.xhtml": _navigation(articles, edition), **pages}
    files = {f"{FOLDER}/{name}": text.encode() for name, text in texts.items()}
    files[f"{FOLDER}/style.css"] = STYLE.read_bytes()
    files[f"{FOLDER}/cover.png"] = cover
    files[PACKAGE] = _package(texts, list(pages), edition).encode()
    files["META-INF/container.xml"] = _CONTAINER.encode()
    made = folder / f"{edition.stem}.epub"
    archive.write(made, files, edition.date, first={"mimetype": MEDIA_TYPE.encode()})
    return made


def _document(edition: Edition, title: str, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" '
        f'lang="{edition.language}" xml:lang="{edition.language}">\n<head><meta charset="utf-8"/>'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="style.css"/></head>\n'
        f"<body>{body}</body>\n</html>\n"
    )


def _navigation(articles: Sequence[Article], edition: Edition) -> str:
    by_page = {each.page: each for each in articles}
    parts = "".join(
        f"<li><span>{escape(part.caption)}</span>"
        f"<ol>{''.join(_entry(by_page[page]) for page in part.pages)}</ol></li>"
        for part in edition.parts
    )
    first = edition.first_page
    contents = (
        '<nav epub:type="toc" id="toc"><h1>Contents</h1>'
        f"<ol>{_entry(by_page[first])}{parts}</ol></nav>"
    )
    start = edition.parts[0].pages[0]
    landmarks = (
        '<nav epub:type="landmarks" id="landmarks" hidden=""><h2>Landmarks</h2><ol>'
        '<li><a epub:type="titlepage" href="title.xhtml">Title</a></li>'
        '<li><a epub:type="toc" href="nav.xhtml#toc">Contents</a></li>'
        f'<li><a epub:type="bodymatter" href="{start}.xhtml">Chapters</a></li></ol></nav>'
    )
    return _document(edition, "Contents", contents + landmarks)


def _entry(article: Article) -> str:
    sections = "".join(
        f'<li><a href="{article.page}.xhtml#{id}">{escape(title)}</a></li>'
        for id, title in article.sections
    )
    below = f"<ol>{sections}</ol>" if sections else ""
    link = f'<a href="{article.page}.xhtml">{escape(article.numbered_title)}</a>'
    return f"<li>{link}{below}</li>"


def _package(texts: dict[str, str], order: Sequence[str], edition: Edition) -> str:
    items = [
        '<item id="cover" href="cover.png" media-type="image/png" properties="cover-image"/>',
        '<item id="style" href="style.css" media-type="text/css"/>',
    ]
    for name, text in texts.items():
        found = [word for word, sign in _PROPERTIES.items() if sign in text]
        if name == "nav.xhtml":
            found.append("nav")
        properties = f' properties="{" ".join(found)}"' if found else ""
        items.append(
            f'<item id="{_id(name)}" href="{name}" media-type="application/xhtml+xml"{properties}/>'
        )
    spine = "".join(f'<itemref idref="{_id(n)}"/>' for n in ("title.xhtml", "nav.xhtml", *order))
    access = "".join(
        f'<meta property="schema:{name}">{escape(value)}</meta>'
        for name, values in _ACCESS.items()
        for value in values
    )
    # A time is asked for; the edition has a day.
    modified = dt.datetime.combine(edition.date, dt.time()).isoformat() + "Z"
    source = f"<dc:source>{escape(edition.address)}</dc:source>" if edition.address else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" '
        f'xml:lang="{edition.language}">\n'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">{edition.stem}</dc:identifier>'
        f"<dc:title>{escape(edition.title)}</dc:title>"
        f"<dc:creator>{escape(edition.author)}</dc:creator>"
        f"<dc:language>{edition.language}</dc:language><dc:date>{edition.date}</dc:date>"
        f"<dc:description>{escape(edition.abstract.strip())}</dc:description>"
        f"<dc:rights>{escape(edition.license)}</dc:rights>{source}"
        f'<meta property="dcterms:modified">{modified}</meta>{access}</metadata>\n'
        f"<manifest>{''.join(items)}</manifest>\n<spine>{spine}</spine>\n</package>\n"
    )


def _id(name: str) -> str:
    return f"page-{name.removesuffix('.xhtml')}"
