"""The model of load beside simpler models, other tools, and engines that differ."""

from __future__ import annotations

import pytest

from inference_economics.evidence import load, load_compared
from inference_economics.evidence.load_compared import ENGINES, FITTED, ROOFLINE, STEP, VERSIONS
from inference_economics.facts.load_calibration import FIRST_TOKEN, PER_TOKEN


def test_each_rung_of_the_ladder_misses_less() -> None:
    for errors in load_compared.ladder().values():
        means = [each.mean for each in errors.values()]
        assert means == sorted(means, reverse=True)
        assert means[0] > 2 * means[-1]


def test_the_last_rung_is_what_was_left_out() -> None:
    for what, errors in load_compared.ladder().items():
        last = list(errors.values())[-1]
        assert last.mean == pytest.approx(load.errors(what)["all"].mean)


def test_the_first_rungs_know_of_no_prompts() -> None:
    found = load_compared.ladder()
    assert list(found[PER_TOKEN])[:3] == [ROOFLINE, STEP, FITTED]
    assert all(found[PER_TOKEN][name].bias < -0.1 for name in (ROOFLINE, STEP, FITTED))
    assert ROOFLINE not in found[FIRST_TOKEN]


def test_other_tools_miss_by_more() -> None:
    last = {what: list(errors.values())[-1] for what, errors in load_compared.ladder().items()}
    rivals = load_compared.rivals()
    assert {what: len(some) for what, some in rivals.items()} == {PER_TOKEN: 2, FIRST_TOKEN: 1}
    for what, some in rivals.items():
        for median, mean in some.values():
            assert last[what].median < median
            assert last[what].mean < mean


def test_engines_differ_by_more_than_versions_of_one_do() -> None:
    found = load_compared.spread()
    for what in (PER_TOKEN, FIRST_TOKEN):
        versions, engines = found[what][VERSIONS], found[what][ENGINES]
        assert versions.median < engines.median
        assert (versions.count, engines.count) == (38, 245)
    assert 0.06 < found[PER_TOKEN][VERSIONS].median < 0.12
    assert 0.08 < found[PER_TOKEN][ENGINES].median < 0.15
