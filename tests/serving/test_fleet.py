"""A published fleet, predicted: prompts and answers apart, experts spread, one token guessed."""

from __future__ import annotations

import numpy as np
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


def test_what_was_published_by_hand() -> None:
    # A day's tokens, by the rates of a node that reads and of one that writes.
    found = fleet.nodes_as_published()
    assert found == pytest.approx((6.08e11 / 86400 / 73_700, 1.68e11 / 86400 / 14_800))
    assert fleet.published() == pytest.approx((21, 1.68e11 / 86400 / (226.75 * 8)))
    assert fleet.cached() == pytest.approx(3.42 / 6.08)


def test_a_node_writes_what_gives_its_users_the_published_speed() -> None:
    unit = fleet.writing_unit()
    users = fleet.written_per_node() * (144 / 8) / 21
    assert fleet.token_time(unit, users) == pytest.approx(1 / 21, rel=1e-6)
    assert unit.values["draft_cost"] == pytest.approx(14 / 671, rel=1e-3)
    assert (unit.values["chips"], unit.values["context"]) == (144, 4989)
    assert fleet.writing_unit(16).values["chips"] == 16


def test_a_fleet_of_nodes_is_counted_in_parts_of_a_node() -> None:
    assert fleet._nodes(fleet.writing_unit(12)) == 1.5


def test_readers_are_counted_where_they_read_for_others() -> None:
    # Of every GPU that writes, as much of a reader as its prompts need.
    speed, output = fleet.separate(100.0)
    written = 100 * speed
    prompt, answer = fleet.lengths()
    reading = written * prompt / answer / (fleet.read_per_node() / 8)
    assert output == pytest.approx(written / (1 + reading))


def test_nothing_hidden_is_what_72_h100_gave() -> None:
    published = sourced("sglang_h100_node_throughput", "token/second")
    assert fleet.written_on_h100() == pytest.approx(published, rel=0.10)


def test_hidden_traffic_saves_at_most_all_of_it() -> None:
    for predicted in (fleet.read_per_node, fleet.written_per_node):
        none, half, all_of_it = (predicted(share) for share in (0.0, 0.5, 1.0))
        assert none < half < all_of_it < 3 * none


def test_the_whole_fleet_has_as_many_nodes_as_was_published() -> None:
    reading, writing = fleet.nodes()
    published = sourced("deepseek_fleet_nodes_mean", "dimensionless")
    assert reading + writing == pytest.approx(published, rel=0.10)
    assert reading == pytest.approx(6.08e11 / 86400 / fleet.read_per_node())
    # By the published rates of a node, 95.5 read and 131.4 write.
    assert reading == pytest.approx(95.5, rel=0.25)
    assert writing == pytest.approx(131.4, rel=0.25)


def test_separate_machines_give_what_the_nodes_that_read_and_write_give() -> None:
    speed, output = fleet.published()
    users = np.linspace(20.0, 150.0, 400)
    speeds, outputs = fleet.separate(users)
    at = float(np.interp(-speed, -speeds, outputs))
    written = sourced("deepseek_fleet_output_tokens", "token/second")
    assert at == pytest.approx(written / (8 * sum(fleet.nodes())), rel=0.01)
    assert at == pytest.approx(output, rel=0.10)


def test_separate_machines_and_many_pay_where_users_want_speed() -> None:
    users = np.geomspace(1.0, 128.0, 60)
    lines = {
        "few": fleet.together(16, users),
        "many": fleet.together(144, users),
        "separate": fleet.separate(users),
    }

    def output(name: str, speed: float) -> float:
        speeds, outputs = lines[name]
        return float(np.interp(-speed, -speeds, outputs))

    assert output("few", 60) < output("many", 60) < output("separate", 60)
    # Where users are slow, spreading wide gains nothing.
    assert output("many", 22) < output("few", 22)
