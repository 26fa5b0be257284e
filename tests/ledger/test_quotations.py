"""What is quoted of the essay and its thread stands there, word for word.

The text itself is not the book's to ship: see tools/fingerprint.py for what is kept of it.
"""

from __future__ import annotations

import itertools
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fingerprint import SIZE, Fingerprints, numbers, stored, words

from inference_economics.facts import files
from inference_economics.ledger import claims
from inference_economics.ledger.claims import Occurrence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inference_economics.ledger.claims import Claim

ROOT = Path(__file__).parents[2]
STORED = stored()
QUOTED = re.compile(r"“([^”]*)”|\"([^\"\n]*)\"")
OF_OTHERS: set[str] = set()
"""Phrases of two words and more that the book quotes of another text."""


def phrases(text: str) -> list[str]:
    """Return what stands between quotation marks; one word alone is a term, and no quotation."""
    found = ["".join(pair) for pair in QUOTED.findall(text)]
    return [phrase for phrase in found if len(words(phrase)) > 1]


def complaint(claim: Claim) -> str:
    """Say which words a claim quotes that are not the text's; empty if there are none."""
    prose = (claim.says, claim.place, claim.hedge, claim.note)
    cautious = [] if claim.hedge.endswith(".") or len(words(claim.hedge)) < 2 else [claim.hedge]
    for phrase in (claim.stated, *cautious, *(each for text in prose for each in phrases(text))):
        strange = STORED.strange(phrase)
        if strange is not None:
            return f"claim {claim.id} quotes “{phrase}”, but the text never says “{strange}”"
    return ""


@cache
def prose() -> dict[str, str]:
    """Return the text of every page of the book that is written by hand."""
    found = {}
    for path in sorted((ROOT / "book").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        found[path.name] = "\n".join(texts)
    for path in sorted((ROOT / "book").glob("*.md")):
        found[path.name] = path.read_text(encoding="utf-8")
    # Between the quotation marks of a tag stand addresses, and where a figure comes from.
    return {name: re.sub(r"<[^>]*>", "", text) for name, text in found.items()}


# The book


def test_every_claim_quotes_what_the_text_says() -> None:
    ledger = claims.load().claims.values()
    assert ledger
    assert list(filter(None, map(complaint, ledger))) == []


def test_every_number_is_that_of_the_text_at_its_place() -> None:
    found = claims.occurrences()
    assert len(found) == STORED.numbers
    assert [each for each in found if not STORED.has_number(each.index, each.written)] == []


def test_what_a_page_quotes_is_the_texts_or_named_as_anothers() -> None:
    found = {(page, phrase) for page, text in prose().items() for phrase in phrases(text)}
    assert found
    ours = {(page, phrase) for page, phrase in found if phrase not in OF_OTHERS}
    assert {each for each in ours if STORED.strange(each[1]) is not None} == set()


def test_what_is_quoted_of_others_is_quoted() -> None:
    quoted = {phrase for text in prose().values() for phrase in phrases(text)}
    assert quoted >= OF_OTHERS


# Quotations that are refused


def restated(id: str, stated: str) -> Claim:
    """Return a claim of the ledger in which other words are quoted."""
    text = files.read("claims.toml")
    before = f"stated = {json.dumps(claims.load().claim(id).stated, ensure_ascii=False)}\n"
    start = text.index(before, text.index(f"\n[{id}]\n"))
    after = f"stated = {json.dumps(stated, ensure_ascii=False)}\n"
    changed = text[:start] + after + text[start + len(before) :]
    return claims.parse(changed, claims.load().catalog).claim(id)


@pytest.mark.parametrize(
    ("id", "stated", "strange"),
    [
        ("geometry", "as everybody knows", "as everybody knows"),
        ("geometry", "minus dimension one", "minus dimension one"),  # swapped
        ("loaded-once", "multiply them together, and they add them", "them together and they"),
        ("loaded-once", "multiply them, and we add them together", "multiply them and we"),
        ("memory-time", "~= 28 ms", "~ = 28 ms"),
        ("memory-time", "27 s", "27 s"),
        ("steady-user-base", "1m", None),  # the text has both a million and this
        ("user-base", "~= 144k users", "~ = 144k users"),
        ("hundredfold-cheaper", "<100x cheaper", "< 100x cheaper"),
        ("few-bits", "a few bits per neuron", "few bits per neuron"),
        ("brain-capacity", "around 2.5 terabytes", "around 2.5 terabytes"),
    ],
)
def test_an_invented_quotation_is_refused(id: str, stated: str, strange: str | None) -> None:
    said = complaint(restated(id, stated))
    never = f"claim {id} quotes “{stated}”, but the text never says “{strange}”"
    assert said == ("" if strange is None else never)


def test_no_two_words_of_a_quotation_can_be_swapped() -> None:
    swapped = set()
    for claim in claims.load().claims.values():
        found = words(claim.stated)
        for k in range(len(found) - 1):
            swapped.add((*found[:k], found[k + 1], found[k], *found[k + 2 :]))
    assert len(swapped) > 100
    assert {each for each in swapped if STORED.strange(" ".join(each)) is None} == set()


def test_an_invented_quotation_in_a_note_is_refused() -> None:
    record = """[it]
who = "post"
place = "here"
says = "It says so."
stated = "79"
unit = "none"
chapter = "method"
"""
    for field, phrase in (("note", "trust me on this"), ("hedge", "give or take")):
        text = f'{record}{field} = "The author says “{phrase}”."\n'
        claim = claims.parse(text, claims.load().catalog).claim("it")
        assert complaint(claim).startswith(f"claim it quotes “{phrase}”")
    claim = claims.parse(f'{record}hedge = "give or take"\n', claims.load().catalog).claim("it")
    assert complaint(claim).startswith("claim it quotes “give or take”")


@pytest.mark.parametrize("change", [("1", "27"), ("160", "100"), ("161", "1")])
def test_a_number_at_another_place_is_not_the_texts(change: tuple[str, str]) -> None:
    assert not STORED.has_number(int(change[0]), change[1])


def test_numbers_cannot_change_places_unnoticed() -> None:
    found = claims.occurrences()
    pairs = [
        (Occurrence(a.index, b.written, b.claim), Occurrence(b.index, a.written, a.claim))
        for a, b in itertools.pairwise(found)
        if a.written != b.written
    ]
    assert len(pairs) > 100
    for pair in pairs:
        assert not any(STORED.has_number(each.index, each.written) for each in pair)


# The fingerprints themselves

TEXT = "At 3 TB/s, it's 1.6 TB: that “costs” (1.6 TB)/(3 TB/s) ~= 533 ms.\nIt costs 1M of them."


def variants() -> Iterator[tuple[str, str | None]]:
    """Yield phrases, with the words of each that the text has not."""
    yield "it’s 1.6  TB", None  # typeset otherwise
    yield "that costs\n(1.6 TB)", None
    yield "533 ms. It costs", None
    yield "it costs 1M", None  # where a sentence starts
    yield "1M", None
    yield "\\~= 533", None
    yield "1m", "1m"
    yield "2M", "2M"
    yield "them", "them"  # one word alone is no quotation
    yield "~533", "~ 533"  # the sign before it is another
    yield "tb/s it's 1.6 TB", "tb/s it's 1.6 TB"
    yield "costs 1M of them all", "1M of them all"
    yield "", ""
    yield "…", "…"


@pytest.mark.parametrize(("phrase", "strange"), variants())
def test_a_phrase_is_the_texts_if_its_runs_of_words_are(phrase: str, strange: str | None) -> None:
    assert Fingerprints.of(TEXT).strange(phrase) == strange


def test_fingerprints_are_read_as_they_were_written() -> None:
    found = Fingerprints.of(TEXT)
    assert Fingerprints.read(found.written()) == found
    assert numbers(TEXT) == ["3", "1.6", "1.6", "3", "533", "1"]
    assert numbers("2,500, 3e15, H100 and 1e12-1e13") == ["2,500", "3e15", "100", "1e12", "1e13"]
    assert found.numbers == 6
    assert {len(each) for each in found.hashes} == {SIZE}


def test_the_text_itself_is_not_there() -> None:
    # Fingerprints of a text of this length: fewer would let some quotation through unseen.
    assert 10_000 < len(STORED.hashes) < 20_000
    lines = (
        (ROOT / "tests" / "ledger" / "fingerprints.txt").read_text(encoding="utf-8").splitlines()
    )
    assert all(re.fullmatch(r"[A-Za-z0-9+/=]+", line) for line in lines[1:])
