"""What a page's head says to search engines, to reference managers, and to who pastes its link."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes

from inference_economics import __date__, __version__

from . import addresses, citation, exports, feed, settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx.application import Sphinx

DESCRIPTION_LENGTH = 200
_NEXT_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\W*[A-Z0-9])")
CC_BY = exports.LICENSE["path"]
PUBLISHER = {"@type": "Organization", "name": citation.AUTHOR}
"""Who made the book, as schema.org has it."""

Data = dict[str, Any]


@dataclass(frozen=True)
class About:
    """What a page is about: its title, a description, what its card shows, and what else it is.

    `data` are descriptions by schema.org beside that of the page as an article.
    """

    title: str
    description: str
    image_text: str = ""
    data: Sequence[Data] = field(default=())


def card_path(page: str) -> str:
    """Return where a page's social card lies, from the site's root."""
    return f"{addresses.SOCIAL}/{page.replace('/', '-')}.png"


def picture(app: Sphinx, page: str) -> str:
    """Return the address of a page's social card, or nothing."""
    return settings.site(app) + card_path(page) if settings.pictures(app) else ""


def address(app: Sphinx, page: str) -> str:
    """Return a page's address: the full one where the book has one, else from the page itself."""
    site = settings.site(app)
    if site:
        return site if page == app.config.root_doc else f"{site}{page}.html"
    return f"{page.rpartition('/')[2]}.html"


def _public(app: Sphinx, page: str) -> str:
    """Return a page's full address, or nothing where the book has none."""
    return address(app, page) if settings.site(app) else ""


def add_metadata(app: Sphinx, page: str, template: str, context: Data, doctree: Any) -> None:
    """Put the tags into the page's head."""
    root = "../" * page.count("/")
    changes = (
        '<link rel="alternate" type="application/atom+xml" title="Changes" '
        f'href="{root}{feed.FILE}">'
    )
    tags = [changes, _meta("og:site_name", citation.TITLE)]
    about = context.get("about")
    if about is None and doctree is not None:
        about = context["about"] = _about(app, page, doctree)
    if about is not None:
        named = {**_social(app, page, about), **_scholarly(app, page, about)}
        tags += [_meta(name, content) for name, content in named.items() if content]
        itself = _book(app, about) if page == app.config.root_doc else _article(app, page, about)
        tags += [_json_ld(each) for each in (itself, *about.data, *_datasets(app, page))]
    context["metatags"] = context.get("metatags", "") + "\n".join(tags)


def _meta(name: str, content: str) -> str:
    kind = "property" if name.startswith("og:") else "name"
    return f'<meta {kind}="{name}" content="{escape(content)}">'


def _about(app: Sphinx, page: str, doctree: nodes.document) -> About | None:
    description = _description(doctree)
    if not description:
        return None
    title = app.env.titles[page].astext()
    return About(title, description, image_text=f"{title}. {description}")


def _description(doctree: nodes.document) -> str:
    """Take the page's first sentences: one, and as many more as there is room for."""
    prose = (p for p in doctree.findall(nodes.paragraph) if isinstance(p.parent, nodes.section))
    text = ""
    for paragraph in prose:
        for sentence in _NEXT_SENTENCE.split(" ".join(paragraph.astext().split())):
            if text and (len(text) + len(sentence) > DESCRIPTION_LENGTH or sentence[-1:] == ":"):
                return text
            text = f"{text} {sentence}".strip()
    return text


def _social(app: Sphinx, page: str, about: About) -> dict[str, str]:
    """Return what search engines read, and who shows a pasted link."""
    drawn = picture(app, page)
    width, height = map(str, settings.PICTURE)
    card = {
        "og:image": drawn,
        "og:image:width": width,
        "og:image:height": height,
        "og:image:alt": about.image_text,
        "twitter:card": "summary_large_image",
    }
    return {
        "description": about.description,
        "og:title": about.title,
        "og:description": about.description,
        "og:type": "article",
        "og:url": _public(app, page),
        **(card if drawn else {}),
    }


def _scholarly(app: Sphinx, page: str, about: About) -> dict[str, str]:
    """Return what reference managers read."""
    return {
        "citation_title": about.title,
        "citation_author": citation.AUTHOR,
        "citation_publication_date": __date__.replace("-", "/"),
        "citation_language": app.config.language,
        "citation_technical_report_number": f"version {__version__}",
        "citation_inbook_title": citation.TITLE if page != app.config.root_doc else "",
        "citation_public_url": _public(app, page),
    }


def _json_ld(data: Data) -> str:
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False)
    text = text.replace("<", r"\u003c")  # a "</script>" in a text would end the element
    return f'<script type="application/ld+json">{text}</script>'


def _work(app: Sphinx) -> Data:
    """Return what the book and each of its parts have in common."""
    return {
        "author": PUBLISHER,
        "publisher": PUBLISHER,
        "datePublished": __date__,
        "version": __version__,
        "inLanguage": app.config.language,
        "license": CC_BY,
        "isAccessibleForFree": True,
    }


def _book(app: Sphinx, about: About) -> Data:
    return {
        "@type": "Book",
        "name": citation.TITLE,
        "description": about.description,
        "url": address(app, app.config.root_doc),
        **_work(app),
    }


def _article(app: Sphinx, page: str, about: About) -> Data:
    found = {
        "@type": "ScholarlyArticle",
        "headline": about.title,
        "abstract": about.description,
        "url": address(app, page),
        "isPartOf": {
            "@type": "Book",
            "name": citation.TITLE,
            "url": settings.site(app) or f"{'../' * page.count('/')}index.html",
            "author": PUBLISHER,
            "license": CC_BY,
        },
        **_work(app),
    }
    drawn = picture(app, page)
    return found | ({"image": drawn} if drawn else {})


_DATA_OF = {"ledger": ("claims", "numbers"), "sources": ("facts", "accelerators", "models"),
            "measurements": ("measurements",)}  # fmt: skip


def _datasets(app: Sphinx, page: str) -> list[Data]:
    """Return the data sets that a page shows, each with where it can be downloaded."""
    wanted = _DATA_OF.get(page, ())
    return [dataset(app, table) for table in exports.tables() if table.name in wanted]


def dataset(app: Sphinx, table: exports.Table) -> Data:
    """Return a table as schema.org describes data sets."""
    files = [("text/csv", table.file)]
    if table.name == "claims":
        files.append(("application/json", "claims.json"))
    return {
        "@type": "Dataset",
        "name": f"{table.title} ({citation.TITLE})",
        "description": f"{table.about} Recomputed by the Python package of the book, "
        "with the source of every figure.",
        "creator": PUBLISHER,
        "variableMeasured": list(table.columns),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": kind,
                "contentUrl": f"{settings.site(app)}{addresses.DOWNLOADS}/{file}",
            }
            for kind, file in files
        ],
        **_work(app),
    }


def setup(app: Sphinx) -> None:
    """Add the tags to every page."""
    app.connect("html-page-context", add_metadata)
