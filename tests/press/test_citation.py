"""Citations: the same facts in every form, and no address that was not given."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from alike import with_each

import inference_economics
from inference_economics.ledger import claims
from inference_economics_site import citation
from inference_economics_site.editions import edition, package

ROOT = Path(__file__).parents[2]
SITE = "https://example.org/book/"
VERSION, DATE = inference_economics.__version__, inference_economics.__date__
HOWS = {
    "book": citation.book,
    "chapter": lambda site="": citation.page(
        "One user", "one-user.html", key="one-user", site=site
    ),
    "figure": lambda site="": citation.figure(
        "Gains", "x.html#gains", key="gains", chapter="One user", site=site
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


@pytest.mark.parametrize("site", ["", SITE])
def test_a_figure_is_cited_with_its_chapter(site: str) -> None:
    """Where the book has no address, nothing else says on which page it is."""
    how = HOWS["figure"](site)
    assert ". Figure “Gains” of “One user”. In " in how.plain
    assert re.search(r"^  chapter += \{One user\},$", how.bibtex, re.MULTILINE)
    assert how.markdown.startswith(
        f"[Gains]({SITE}x.html#gains) of “One user”, *" if site else "“Gains” of “One user”, *"
    )
    assert "chapter" not in HOWS["chapter"](site).bibtex


def test_a_claim_is_cited_with_what_comes_out() -> None:
    how = citation.claim(claims.load()["users-needed"], SITE)
    for form in (how.plain, how.bibtex, how.markdown):
        assert "Keeping a chip reasonably busy takes 1000 users" in form
        for part in ("1000 concurrent users", "500 users", "295 users", "inconsistent"):
            assert part in form
        assert f"{SITE}claims/users-needed.html" in form


def test_a_claim_is_cited_with_its_text_and_with_both_verdicts() -> None:
    found = citation.claim(claims.load()["users-needed"], SITE)
    for text in (found.plain, found.bibtex):
        assert f"(in “{claims.POST_TITLE}”, LessWrong: post)" in text
        assert "inconsistent with utilization-alone, by a factor of 2; on facts off" in text
    assert "on facts off, by a factor of 3.39**" in found.markdown


@with_each("id", claims.load().claims)
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


def cff() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_the_citation_file_says_the_same() -> None:
    stated = cff()
    assert stated["title"] == citation.TITLE
    assert stated["authors"] == [{"name": citation.AUTHOR}]
    assert (stated["version"], str(stated["date-released"])) == (VERSION, DATE)
    assert DATE.startswith(citation.YEAR)


def test_the_file_for_an_archive_says_the_same() -> None:
    """Zenodo reads it before CITATION.cff, so that both licenses are named in its notes."""
    stated, deposit = cff(), json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    text_license = stated["license"][1].replace("CC-BY-", "CC BY ")
    assert deposit == {
        "title": stated["title"],
        "description": stated["abstract"],
        "creators": stated["authors"],
        "upload_type": stated["type"],
        "version": stated["version"],
        "publication_date": str(stated["date-released"]),
        "access_right": "open",
        "license": stated["license"][0],
        "keywords": stated["keywords"],
        "notes": f"{stated['message']} Text and figures: {text_license}. Code: MIT.",
    }


@pytest.mark.skipif(os.environ.get("START") != "1", reason="fetches a program: START=1")
def test_the_citation_file_is_valid(tmp_path: Path) -> None:
    """As it is, and with addresses, by the format's own program, in an environment of its own."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    programs = tmp_path / "venv" / "bin"
    # It imports pkg_resources, which later versions of setuptools do without.
    wanted = ["cffconvert==2.0.0", "setuptools<81"]
    subprocess.run([programs / "pip", "install", "-qq", *wanted], check=True)
    for site, source in (("", ""), (SITE, "https://example.org/us/book")):
        about = replace(edition.read(ROOT), address=site, repository=source)
        text = package.cited((ROOT / "CITATION.cff").read_text("utf8"), about)
        (tmp_path / "CITATION.cff").write_text(text, encoding="utf-8")
        command = [programs / "cffconvert", "--validate"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    (tmp_path / "CITATION.cff").write_text(text.replace("title:", "titel:"), encoding="utf-8")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode
