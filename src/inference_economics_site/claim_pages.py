"""A page for every claim, the cards that chapters show of it, and the pictures of pasted links."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from inference_economics import __date__, __version__
from inference_economics.ledger import claims, telling
from inference_economics_notebook import claim_markup
from inference_economics_notebook.markup import CLAIMS
from inference_economics_notebook.mathml import typeset

from . import claim_page, register, settings
from .metadata import PUBLISHER, About, address, card_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sphinx.application import Sphinx

CARDS = f"{CLAIMS}/cards.js"
_TAG = re.compile(r"<[^>]+>")
_RATINGS = {"off": 1, "inconsistent": 2, "roughly": 3, "holds": 4}
"""How true a figure was found, from the worst to the best; other verdicts judge nothing."""


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the page of every claim."""
    chapters = {page: title.astext() for page, title in app.env.titles.items()}
    for result in claims.load():
        id = result.claim.id
        description = claim_page.description(result)
        about = About(
            title=f"{result.claim.says} ({result.verdict})",
            description=description,
            image_text=description,
            data=review(app, result),
        )
        page = f"{CLAIMS}/{id}"
        card = card_path(page) if settings.pictures(app) else ""
        body = claim_page.body(result, chapters, settings.site(app), dispute(app, result), card)
        context = {"title": claim_page.title(result), "body": typeset(body), "about": about}
        yield page, context, "page.html"
    for entry in register.load().values():
        if entry.retired:
            text = f"The claim {entry.id}, given up in version {entry.retired}."
            about = About(title=entry.id, description=text)
            context = {"title": entry.id, "body": claim_page.retired(entry), "about": about}
            yield f"{CLAIMS}/{entry.id}", context, "page.html"


def dispute(app: Sphinx, result: claims.Result) -> str:
    """Return the address of a new issue about a claim, filled in with what the book says of it."""
    page = address(app, f"{CLAIMS}/{result.claim.id}")
    text = (
        "Which number is wrong, what should it be, and what is the source?\n\n\n---\n"
        f"{page}, version {__version__}\n\n```\n{telling.as_text(result)}\n```\n"
    )
    return settings.issue(app, f"Claim {result.claim.id}: {result.claim.written}", text)


def review(app: Sphinx, result: claims.Result) -> list[dict[str, Any]]:
    """Return the verdict as a review by schema.org's words, where it judges someone's claim."""
    rating = _RATINGS.get(result.verdict)
    if rating is None:
        return []
    claim = result.claim
    return [
        {
            "@type": "ClaimReview",
            "url": address(app, f"{CLAIMS}/{claim.id}"),
            "datePublished": __date__,
            "author": PUBLISHER,
            "claimReviewed": f"{claim.says} ({claim.written})",
            "itemReviewed": {
                "@type": "Claim",
                "author": {"@type": "Organization", "name": "LessWrong"},
                "appearance": {
                    "@type": "CreativeWork",
                    "name": f"{claims.POST_TITLE}: {telling.origin(claim)}",
                    "url": claims.POST_URL,
                },
            },
            "reviewRating": {
                "@type": "Rating",
                "ratingValue": rating,
                "bestRating": max(_RATINGS.values()),
                "worstRating": min(_RATINGS.values()),
                "alternateName": telling.verdict_text(result),
            },
        }
    ]


def cards() -> str:
    """Return what chapters show of a claim when its number is pointed at.

    It is JSON within a call, so that a page that was opened from a folder can load it too.
    """
    found = {
        result.claim.id: {
            "says": result.claim.says,
            "who": telling.origin(result.claim),
            "figures": telling.labeled_values(result),
            "verdict": result.verdict,
            "css": claim_markup.css(result.verdict),
            "more": _TAG.sub("", claim_markup.qualified(result)),
            "worked": _last_lines(result),
            "note": result.note,
            "numbers": [float(f"{number:.4g}") for number in result.numbers()],
        }
        for result in claims.load()
    }
    return f"bookClaims({json.dumps(found, ensure_ascii=False)});\n"


def _last_lines(result: claims.Result) -> list[str]:
    """Return the last line of each worked equation: the values, and what comes out."""
    worked = (result.worked, result.worked_on_facts)
    return [work.text().splitlines()[-1].partition(" = ")[2] for work in worked if work]


def write(app: Sphinx, site: Path) -> None:
    """Write the cards."""
    (site / CARDS).write_text(cards(), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register both."""
    app.connect("html-collect-pages", pages)
    settings.when_built(app, write)
