"""A published fleet, predicted: prompts and answers apart, experts spread, one token guessed."""

from __future__ import annotations

import pytest

from inference_economics.facts import sourced
from inference_economics.serving import fleet


def test_lengths_are_those_that_the_published_means_leave() -> None:
    prompt, answer = fleet.lengths()
    assert prompt + answer / 2 == pytest.approx(4989)
    assert prompt / answer == pytest.approx(608 / 168)


def test_a_node_reads_and_writes_what_deepseek_published() -> None:
    assert fleet.read_per_node() == pytest.approx(73_700, rel=0.25)
    assert fleet.written_per_node() == pytest.approx(14_800, rel=0.25)


def test_nothing_hidden_is_what_72_h100_gave() -> None:
    published = sourced("sglang_h100_node_throughput", "token/second")
    assert fleet.written_on_h100() == pytest.approx(published, rel=0.10)


def test_hidden_traffic_saves_at_most_all_of_it() -> None:
    for predicted in (fleet.read_per_node, fleet.written_per_node):
        none, half, all_of_it = (predicted(share) for share in (0.0, 0.5, 1.0))
        assert none < half < all_of_it < 3 * none
