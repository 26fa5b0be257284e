"""What the files of the site say, without a browser."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urldefrag, urljoin, urlparse

import math_font
import numpy as np
import pytest
from built_site import SITE, claim_pages, pages, parsed, some_pages, unlike_pages

if TYPE_CHECKING:
    from pathlib import Path

# Together, for a page is parsed once in each worker.
pytestmark = pytest.mark.xdist_group("files")
OUTSIDE = ("http:", "https:", "mailto:", "data:", "javascript:")


@cache
def anchors(name: str) -> frozenset[str]:
    """Collect the ids of a page."""
    return frozenset(str(tag["id"]) for tag in parsed(name).find_all(id=True))


def broken_links(name: str) -> list[str]:
    """Name the links of a page that lead nowhere on the site."""
    broken = []
    for tag in parsed(name).find_all(["a", "link", "script", "img"]):
        link = tag.get("href") or tag.get("src")
        if not link or link.startswith(OUTSIDE):
            continue
        target, anchor = urldefrag(urljoin(f"/{name}", link))
        path = unquote(urlparse(target).path).lstrip("/") or "index.html"
        if not (SITE / path).is_file():
            broken.append(f"{link} (no such file)")
        elif anchor and path.endswith(".html") and unquote(anchor) not in anchors(path):
            broken.append(f"{link} (no such anchor)")
    return broken


@pytest.mark.parametrize("name", some_pages())
def test_page(name: str) -> None:
    """Its links resolve, its ids are unique, it has one title and says what it is about."""
    page = parsed(name)
    assert broken_links(name) == []
    ids = [str(tag["id"]) for tag in page.find_all(id=True)]
    # The theme repeats the ids of its two search forms' parts; the text's own are unique.
    repeated = {i for i in ids if ids.count(i) > 1}
    assert repeated == set()
    assert len(page.find_all("h1")) == 1
    if name not in ("search.html", "genindex.html"):
        description = page.find("meta", attrs={"name": "description"})
        assert description is not None, "no description"
        assert len(description["content"]) > 20
        assert re.search(r"[.?!][”)]*$", description["content"]), "it ends in mid-sentence"


def test_pages_of_claims_differ_in_their_articles_alone() -> None:
    """They load the same files, so that what one of them does in a browser all do."""

    def files(name: str) -> list[str]:
        found = parsed(name).select('script:not([type="application/ld+json"]), link')
        # Where the book has an address, each page names its own.
        return [str(t.get("src") or t.get("href")) for t in found if t.get("rel") != ["canonical"]]

    first, *others = claim_pages()
    for name in others:
        assert files(name) == files(first)
        inline = [tag.string for tag in parsed(name).find_all("script", src=False, type=None)]
        assert inline == [t.string for t in parsed(first).find_all("script", src=False, type=None)]


def test_site_is_light(site: Path) -> None:
    """No source maps, no icon script of 1.5 MB, nothing that a page would wait for."""
    files = [path for path in site.rglob("*") if path.is_file() and "downloads" not in path.parts]
    assert not [path for path in files if path.suffix == ".map"]
    assert not [path for path in files if "fontawesome" in path.name]
    heavy = [path.name for path in files if path.stat().st_size > 600_000]
    assert heavy == []


def test_every_equation_is_mathml() -> None:
    """No LaTeX is left for a script to typeset, and what is typeset has content."""
    equations = 0
    for name in pages():
        page = parsed(name)
        for left in page.find_all(class_="math"):
            assert left.find("math") is not None, f"{name}: {left}"
        for math in page.find_all("math"):
            equations += 1
            text = math.get_text()
            assert text.strip(), f"{name}: {math}"
            assert not re.search(r"[\\{}&#]", text), f"{name}: {math}"
            assert math.find("merror") is None
        for bare in page.find_all(string=re.compile(r"\\[(\[]")):
            assert bare.find_parent(["pre", "code", "script", "style"]), f"{name}: {bare}"
    assert equations > 1000


def test_the_font_of_the_equations_has_every_sign() -> None:
    """Else a browser takes some other font for one sign."""
    used = {
        sign for name in pages() for math in parsed(name).find_all("math") for sign in math.text
    }
    assert {chr(sign) for sign in math_font.SIGNS} >= used


def test_no_equation_is_searched_for_by_its_source() -> None:
    """The search index has words, and no LaTeX."""
    index = (SITE / "searchindex.js").read_text(encoding="utf8")
    found = json.loads(index[index.index("(") + 1 : index.rindex(")")])
    assert "memori" in found["terms"]
    # One page shows LaTeX as what a formula gives.
    shown = found["docnames"].index("your-own-analysis")
    source = {"frac", "aligned", "align", "begin{aligned", "0.6em", "operatornam"}
    assert [
        term
        for term in source & set(found["terms"])
        if np.ravel(found["terms"][term]).tolist() != [shown]
    ] == []


def test_what_our_style_sheet_asks_for_by_its_id_is_there() -> None:
    """A heading that is renamed has another id, and would lose its look."""
    sheet = (SITE / "_static" / "book.css").read_text(encoding="utf8")
    selectors = re.findall(r"^[^@/{}]*(?={)", sheet, re.MULTILINE)
    asked = {id for selector in selectors for id in re.findall(r"#([\w-]+)", selector)}
    scripts = "".join(path.read_text(encoding="utf8") for path in SITE.rglob("*.js"))
    filled = [
        tag for name in unlike_pages() for tag in parsed(name).find_all(id=True) if tag.contents
    ]
    there = {tag["id"] for tag in filled}
    assert {id for id in asked - there if id not in scripts} == set()
