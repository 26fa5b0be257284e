"""How the book's sentences are written, as far as a rule can tell: see Style in CONTRIBUTING.md."""

from __future__ import annotations

import re

import pytest
from prose import paragraphs, sentences, texts

LONGEST = 32
"""Words of a sentence, figures and their units counted."""

RIDDLES = {
    r"(?<=[\w,;] )but for\b": "except for",
    r"\bthe (more|less|longer|larger|smaller|fewer)\b[^.;]{0,40}\bthe (more|less|longer|larger)\b":
        "say what grows with what",
    r"\bof (those|them) (it|they|he|she)\b": "name them",
    r"\bmost of them the\b": "say of how many",
    r"(^|[;,:] )(so|nor) (is|are|was|were|do|does|has|have)\b": "say it of its own subject",
    r"\bover again\b": "the same as",
    r"\bat the (most|least)\b": "at most, at least",
    r"\bas much again\b|\bhalf again\b|\bby as much\b": "say how many times as much",
    r"\bhas a chance of\b": "with a chance of ..., it ...",
    r"\b(is|are) no (harm|matter)\b": "say what it does",
    r"\bin the median by\b": "the median of ... is",
    r"\bgives? too (little|much)\b": "say how many times too low or too high",
    r"\b(is|are) not among (them|these|those)\b": "say what is left out",
    r"\bc(a|o)mes? out whole\b": "say what is left over",
    r"\bwhat only\b": "name what does it",
    r"\bnothing left over\b": "say what has no room",
}  # fmt: skip
"""Turns of phrase that take a second reading, and what to write in their place."""

NO_NOUN = re.compile(
    r"(It|They|This|That|These|Those|Both|Neither) (is|are|was|were|has|have|had|does|do|did|can"
    r"|could|may|might|will|would|takes?|gives?|comes?|goes|makes?|says?|costs?|needs?|means?"
    r"|moves?|matters?|follows?)\b"
)
"""How a paragraph begins that leaves it to the reader what it is about."""

COLOR = re.compile(
    r"\b(red|orange|vermilion|brown|yellow|gold|green|teal|blue|violet|purple|pink)\b",
    re.IGNORECASE,
)
BOTH_THEMES = {"teal", "orange", "blue", "gold", "violet"}
"""How colors are called that a figure has on a light page and on a dark one."""

NOW: dict[str, int] = {}
"""Faults that stood when the rules were made, by file; a number here only goes down."""


def faults(text: str) -> list[str]:
    """Say what is wrong with a text's sentences, a line each."""
    found = []
    for paragraph in paragraphs(text):
        if NO_NOUN.match(paragraph):
            found.append(f"begins without its noun: {paragraph[:60]}")
        for sentence in sentences(paragraph):
            if (words := len(sentence.split())) > LONGEST:
                found.append(f"{words} words: {sentence[:60]}")
            if sentence.count(";") > 1:
                found.append(f"more than one semicolon: {sentence[:60]}")
            found += [
                f"{match[0]!r} ({better}): {sentence[:60]}"
                for riddle, better in RIDDLES.items()
                if (match := re.search(riddle, sentence, re.IGNORECASE))
            ]
    return found


def test_sentences_are_understood_at_first_reading() -> None:
    found: dict[str, list[str]] = {}
    for place, text in texts().items():
        if place != "book/changelog.md":
            file = re.split(r"[, ]", place)[0]
            found.setdefault(file, []).extend(f"{place}: {each}" for each in faults(text))
    more = [
        line for file, lines in found.items() if len(lines) > NOW.get(file, 0) for line in lines
    ]
    assert not more, "see Style in CONTRIBUTING.md\n" + "\n".join(more)


def test_what_a_caption_says_of_a_color_is_found_without_seeing_it() -> None:
    """It stands in brackets, behind the place or the label, and is right in both themes."""
    captions = {place: text for place, text in texts().items() if place.endswith(", caption")}
    named = 0
    for place, caption in captions.items():
        for color in COLOR.finditer(caption):
            named += 1
            assert color[0] in BOTH_THEMES, place
            before = caption[: color.start()]
            assert before.rfind("(") > before.rfind(")"), f"{place}: {color[0]}"
    assert named > 10


@pytest.mark.parametrize(
    "text",
    [
        "Most of them the less.",
        "The error grows. So is the width of each interval.",
        "A smaller cache raises it, and is no harm.",
        "Of those it has few.",
        "That is 58% of the reading.",
        "Users came; machines came; prices fell.",
        "All agree, but for the two at full load.",
        "The batch holds " + "one more " * 15 + "request.",
        "The bound is met.\n\n- It is 40% of the time.",
    ],
)
def test_a_fault_is_found(text: str) -> None:
    assert len(faults(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "But for every new token, attention reads the keys and values of all earlier tokens.",
        "## So is this\n\n$$x;y;z$$\n\nThe [word](a;b;c) `but for` stands in code: it is short.",
        'The <data value="glue:x">3 users</data> wait; others do not.',
    ],
)
def test_a_plain_sentence_is_left_alone(text: str) -> None:
    assert faults(text) == []
