"""Whole cards: what numbers of them do in groups, and how they are parted."""

import itertools
import math

import numpy as np
import pytest

from inference_economics.serving.cards import Cards, Kind, least_rent, most_done, parted

WRITE, READ, BOTH = {(2, 10.0), (3, 18.0)}, {(1, 4.0), (4, 20.0)}, {(2, 3.0)}


def kind(cards: int) -> Kind:
    """Return cards that rent for two dollars a second each."""
    return parted("a card", 2.0, *(most_done(each, cards) for each in (WRITE, READ, BOTH)))


def test_groups_do_the_most_that_fits() -> None:
    assert list(most_done(WRITE, 7)) == [0, 0, 10, 18, 20, 28, 36, 38]
    assert list(most_done(iter(WRITE), 7)) == list(most_done(WRITE, 7))
    assert list(most_done(set(), 2)) == [0, 0, 0]


def test_cards_are_parted_by_hand() -> None:
    """Two do both until others may read; three write 18 while four read for 20."""
    found = kind(9)
    assert list(found.written) == [0, 0, 3, 4, 8, 10, 12, 18, 20, 21]
    # Nine are those seven, and two that do both.
    assert list(found.reading) == [0, 0, 0, 1, 2, 3, 3, 4, 4, 4]


def test_no_other_way_to_part_them_writes_more() -> None:
    """All numbers of groups, one by one."""
    groups = [
        *((size, rate, 0.0) for size, rate in WRITE),
        *((size, 0.0, rate) for size, rate in READ),
        *((size, rate, rate) for size, rate in BOTH),
    ]
    most = [0.0] * 15
    for counts in itertools.product(*(range(14 // size + 1) for size, *_ in groups)):
        cards, *done = (
            sum(count * each[part] for count, each in zip(counts, groups, strict=True))
            for part in range(3)
        )
        if cards <= 14:
            most[int(cards)] = max(most[int(cards)], min(done))
    assert list(kind(14).written) == list(itertools.accumulate(most, max))


def test_the_fewest_that_come_near_enough() -> None:
    found = kind(9)
    # Seven cards at 14 dollars write 18, five at 10 dollars 10, and four at 8 dollars 8.
    assert found.first_within(0.8) == Cards("a card", 14.0, 18.0, writing=3, reading=4)
    assert found.first_within(1.0) == Cards("a card", 8.0, 8.0, writing=2, reading=2)
    assert found.first_within(0.7) is None
    assert found.first_within(1e3).tokens == 3


def test_the_least_rent_of_several_kinds() -> None:
    cheap = Kind("small", 1.0, np.array([0.0, 3.0, 6.0]), np.zeros(3))
    large = Kind("large", 1.8, np.array([0.0, 7.0]), np.zeros(2))
    tokens = np.array([1.0, 3.0, 5.0, 6.5, 7.0, 8.0])
    assert list(least_rent([cheap, large], tokens)) == [1.0, 1.0, 1.8, 1.8, 1.8, math.inf]
    more = least_rent([cheap, large], tokens, more=True)
    assert list(more) == [1.0, 1.8, 1.8, 1.8, math.inf, math.inf]
    assert least_rent([cheap], 3.0 * (1 + 1e-14)) == 1.0  # as much, but for rounding
    assert least_rent([cheap], 3.0 * (1 - 1e-14), more=True) == 2.0
    many = Kind("fast", 1.0, np.array([0.0, 1e6 + 1e-5, 2e6]), np.zeros(3))
    assert least_rent([many], 1e6, more=True) == 1.0


@pytest.mark.parametrize(
    ("writing", "reading", "told"),
    [
        (1, 0, "1 card (H200)"),
        (2, 0, "2 cards (H200)"),
        (1, 1, "1 card (H200) to write and 1 to read prompts"),
    ],
)
def test_cards_in_words(writing: int, reading: int, told: str) -> None:
    assert Cards("H200", 1.0, 1.0, writing, reading).machines == told
