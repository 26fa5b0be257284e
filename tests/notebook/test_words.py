"""The words of the glossary: each is explained in a sentence, and what links to one finds it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

from alike import with_each

from inference_economics.algebra import symbols
from inference_economics.facts import files
from inference_economics_notebook import book

WORDS = tomllib.loads(files.read("words.toml"))
BOOK = Path(__file__).parents[2] / "book"
# What is typeset as the number that it is.
NUMBERS = {"1", "2"}


@with_each("id", WORDS)
def test_a_word_is_explained_in_one_sentence(id: str) -> None:
    meaning = WORDS[id]["meaning"]
    assert re.fullmatch(r"[A-Z].+\w\)?\.", meaning)
    assert not re.search(r"[.?!] [A-Z]", meaning)
    assert len(meaning.split()) <= 32


def test_each_word_has_its_place_on_the_page() -> None:
    assert re.findall(r'id="word-([\w-]+)"', book.words().markup) == sorted(
        WORDS, key=lambda word: WORDS[word]["word"].lower()
    )


def test_links_lead_to_words_that_there_are() -> None:
    linked = {
        word
        for path in BOOK.glob("*.ipynb")
        for word in re.findall(r"glossary\.ipynb#word-([\w-]+)", path.read_text(encoding="utf-8"))
    }
    assert linked
    assert linked <= set(WORDS)


def test_a_sign_means_one_thing() -> None:
    shared = {
        sign
        for sign, count in Counter(line.sign for line in symbols.GLOSSARY.values()).items()
        if count > 1
    }
    assert shared <= NUMBERS
