"""The book as an EPUB 3: a ZIP file of the site's articles with a list of them."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from . import archive, front
from .edition import from_template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .articles import Article
    from .edition import Edition

MEDIA_TYPE = "application/epub+zip"
HERE = Path(__file__).parent
FOLDER = "EPUB"

_SUMMARY = "Figures have a title and a description, equations are MathML, and tables have headers."
_ACCESS = (
    ("accessMode", "textual"),
    ("accessMode", "visual"),
    ("accessModeSufficient", "textual"),
    ("accessibilityFeature", "alternativeText"),
    ("accessibilityFeature", "MathML"),
    ("accessibilityFeature", "readingOrder"),
    ("accessibilityFeature", "structuralNavigation"),
    ("accessibilityFeature", "tableOfContents"),
    ("accessibilityHazard", "none"),
    ("accessibilitySummary", _SUMMARY),
)
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
    files[f"{FOLDER}/style.css"] = (HERE / "epub.css").read_bytes()
    files[f"{FOLDER}/cover.png"] = cover
    files[f"{FOLDER}/package.opf"] = _package(texts, edition).encode()
    files["META-INF/container.xml"] = (HERE / "container.xml").read_bytes()
    made = folder / f"{edition.stem}.epub"
    archive.write(made, files, edition.date, first={"mimetype": MEDIA_TYPE.encode()})
    return made


def _document(edition: Edition, title: str, body: str) -> str:
    return from_template("page.xhtml", language=edition.language, title=escape(title), body=body)


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


def _package(texts: dict[str, str], edition: Edition) -> str:
    items = []
    for name, text in texts.items():
        found = [word for word, sign in _PROPERTIES.items() if sign in text]
        if name == "nav.xhtml":
            found.append("nav")
        properties = f' properties="{" ".join(found)}"' if found else ""
        items.append(
            f'<item id="{_id(name)}" href="{name}" media-type="application/xhtml+xml"{properties}/>'
        )
    about = {
        "title": edition.title,
        "creator": edition.author,
        "language": edition.language,
        "date": edition.date.isoformat(),
        "description": edition.abstract.strip(),
        "rights": edition.license,
        "source": edition.address,
    }
    return from_template(
        "package.opf",
        language=edition.language,
        id=edition.stem,
        about="".join(f"<dc:{name}>{escape(of)}</dc:{name}>" for name, of in about.items() if of),
        modified=f"{edition.date}T00:00:00Z",  # a time is asked for; the edition has a day
        access="".join(f'<meta property="schema:{name}">{of}</meta>' for name, of in _ACCESS),
        items="".join(items),
        spine="".join(f'<itemref idref="{_id(name)}"/>' for name in texts),
    )


def _id(name: str) -> str:
    return f"page-{name.removesuffix('.xhtml')}"
