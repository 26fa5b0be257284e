"""Citations: the same facts in every form, and no address that was not given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import inference_economics
from inference_economics.ledger import claims
from inference_economics_site import citation

SITE = "https://example.org/book/"
VERSION, DATE = inference_economics.__version__, inference_economics.__date__
HOWS = {
    "book": citation.book,
    "chapter": lambda site="": citation.part(
        "", "One user", "one-user.html", key="one-user", site=site
    ),
    "figure": lambda site="": citation.part(
        "figure", "Gains", "x.html#gains", key="gains", site=site
    ),
    "claim": lambda site="": citation.claim(claims.load()["users-needed"], site),
}


@pytest.mark.parametrize("kind", HOWS)
def test_every_form_names_book_version_and_date(kind: str) -> None:
    how = HOWS[kind](SITE)
    for form in (how.plain, how.bibtex, how.markdown):
        for part in (citation.TITLE, VERSION, DATE):
            assert part in form


@pytest.mark.parametrize("kind", HOWS)
def test_an_address_stands_only_where_there_is_one(kind: str) -> None:
    with_one, without = HOWS[kind](SITE), HOWS[kind]()
    for form in (with_one.plain, with_one.bibtex, with_one.markdown):
        assert form.count(SITE) == 1
    for form in (without.plain, without.bibtex, without.markdown):
        assert "http" not in form
        assert "](" not in form


def test_a_claim_is_cited_with_what_comes_out() -> None:
    how = citation.claim(claims.load()["users-needed"], SITE)
    for form in (how.plain, how.bibtex, how.markdown):
        assert "Reasonable utilization needs 1000 users" in form
        for part in ("1000 concurrent users", "500 users", "295 users", "inconsistent"):
            assert part in form
        assert f"{SITE}claims/users-needed.html" in form


@pytest.mark.parametrize("id", claims.load().claims)
def test_bibtex_is_well_formed(id: str) -> None:
    """Braces balance, and nothing in it is a command but what is meant to be."""
    text = citation.claim(claims.load()[id], SITE).bibtex
    depth = 0
    for mark in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if mark == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert not re.search(r"(?<!\\)[%$&#~]", text)
    assert re.match(rf"@incollection\{{inference-economics-{id},\n", text)


def test_the_citation_file_says_the_same() -> None:
    cff = (Path(__file__).parents[2] / "CITATION.cff").read_text(encoding="utf-8")
    assert f"title: {citation.TITLE}\n" in cff
    assert f"- name: {citation.AUTHOR}\n" in cff
    assert DATE.startswith(citation.YEAR)
