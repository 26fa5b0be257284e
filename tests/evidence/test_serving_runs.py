"""Runs of services: how they are read, what is fitted to them, and how far the model misses."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from inference_economics.evidence import load
from inference_economics.facts import load_calibration, serving_runs
from inference_economics.facts.load_calibration import (
    FIRST_OF_MANY,
    FIRST_TOKEN,
    PARAMETERS,
    PER_TOKEN,
)

HELD_OUT = "llama3_8b on h100_sxm5"


def test_every_run_is_predicted_by_itself_or_with_its_readers() -> None:
    rows = serving_runs.table()
    apart = [row for row in rows if row["mode"] == serving_runs.APART]
    assert len(apart) == 84
    assert len(load.own()) + len(apart) == len(rows) == 1364


def test_a_run_is_read_as_it_was_published() -> None:
    rows = {row["id"]: row for row in serving_runs.table()}
    found = {run.id: run for run in load.own().runs}
    run = next(each for each in found.values() if each.draft == 3)
    row = rows[run.id]
    assert run.per_token == float(row["tpot_ms"]) / 1000
    assert run.first_token == float(row["ttft_ms"]) / 1000
    assert (run.layout.chips, run.concurrency) == (int(row["chips"]), float(row["concurrency"]))
    assert row["engine"] == "trtllm"


def test_runs_that_guess_ahead_are_those_of_the_recipes() -> None:
    for row in serving_runs.table():
        if row["draft_length"]:
            assert row["model"] == "DeepSeek-R1"
            assert (row["version"], row["draft_length"]) in {
                ("1.2.0rc6.post3", "3"), ("1.2.0rc6.post3", "1"),
                ("1.1.0rc2.post2", "3"), ("1.1.0rc2.post2", "1"),
            }  # fmt: skip
            assert (row["draft_length"] == "1") == (row["replicas"] != "1")


def test_runs_that_look_limited_elsewhere_are_those_of_the_rule() -> None:
    limited = serving_runs.limited_elsewhere()
    assert len(limited) == 23
    assert limited == {run.id for run in load.own().runs if run.limited}
    # Eight cards serve the small model no faster than four do, at the same 128 requests.
    rows = {row["id"]: row for row in serving_runs.table()}
    four, eight = rows["run-0490"], rows["run-0535"]
    assert (four["chips"], eight["chips"]) == ("4", "8")
    assert "run-0535" in limited
    assert float(eight["tpot_ms"]) > 0.9 * float(four["tpot_ms"])
    # A token takes no longer for twice the requests where half of them wait for memory.
    assert not limited & {"run-0630", "run-0643"}


def test_a_run_of_separate_machines_is_read_with_its_readers() -> None:
    row = next(r for r in serving_runs.table() if r["mode"] == serving_runs.APART)
    run = serving_runs.read(row)
    assert run.apart is not None
    assert (run.apart.readers, run.apart.writers) == (int(row["readers"]), int(row["writers"]))
    assert (run.chips, run.concurrency) == (int(row["chips"]), float(row["concurrency"]))
    reader = run.apart.layout
    assert reader.chips == int(row["reader_tensor"]) * int(row["reader_replicas"])
    assert reader.replicas == int(row["reader_replicas"])


def test_stored_values_lie_in_their_intervals_and_limits() -> None:
    held = {(each.parameter, each.group): each for each in load_calibration.load().fitted}
    for each in PARAMETERS:
        found = held[each.name, each.group]
        assert found.low <= found.value <= found.high <= each.most
    assert {name for name, _ in held} == {each.name for each in PARAMETERS}


def test_what_is_stored_is_what_fits() -> None:
    # From what is likely beforehand: a search that begins at the stored values stays there.
    again = load.fit(load.own())
    assert again == pytest.approx(load.stored(), rel=0.03)


def test_intervals_and_errors_are_those_that_the_stored_fits_leave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(load, "fits", lambda: (load.stored(), load_calibration.left_out()))
    stored, again = load_calibration.load(), load.refitted()
    held = {(each.parameter, each.group): each for each in stored.fitted}
    assert {(each.parameter, each.group) for each in again.fitted} == set(held)
    for each in again.fitted:
        old = held[each.parameter, each.group]
        assert (each.value, each.low, each.high) == pytest.approx(
            (old.value, old.low, old.high), rel=1e-4
        )
    assert again.within_factors == pytest.approx(stored.within_factors, rel=1e-4)
    assert again.errors == pytest.approx(stored.errors, rel=1e-4)


def test_a_group_that_was_left_out_is_predicted_as_is_stored() -> None:
    runs = load.own()
    mine = runs.groups == HELD_OUT
    again = runs.chosen(mine).times(load.fit(runs.chosen(~mine), load.stored()))
    for name, stored in load.held_out().items():
        assert again[name] == pytest.approx(stored[mine], rel=0.03)


def test_every_group_is_left_out_once() -> None:
    assert set(load_calibration.left_out()) == set(load.own().groups)
    assert not any(np.isnan(each).any() for each in load.held_out().values())


@pytest.mark.parametrize(
    ("concurrency", "prompt", "kinds"),
    [
        (64, 900, (load_calibration.OF_DENSE, load_calibration.OF_EXPERTS, FIRST_TOKEN)),
        (65, 900, (load_calibration.CROWDED, load_calibration.CROWDED, FIRST_OF_MANY)),
        (64, 901, (load_calibration.CROWDED, load_calibration.CROWDED, FIRST_TOKEN)),
    ],
)
def test_many_requests_or_long_prompts_have_an_interval_of_their_own(
    concurrency: float, prompt: float, kinds: tuple[str, str, str]
) -> None:
    """More than 64 requests, or more than nine tokens of a prompt for each of its answer."""
    asked = {"concurrency": concurrency, "prompt": prompt, "answer": 100}
    found = [
        load_calibration.interval_of(name, **asked, experts=experts)
        for name, experts in ((PER_TOKEN, False), (PER_TOKEN, True), (FIRST_TOKEN, True))
    ]
    assert tuple(found) == kinds


@pytest.mark.parametrize(
    ("said", "engine"),
    [
        ("vLLM 0.10", "vllm"), ("SGLang", "sglang"), ("TensorRT-LLM", "trtllm"), ("trt", ""),
        ("TRT-LLM", "trtllm"), ("llama.cpp", ""), ("", ""),
    ],
)  # fmt: skip
def test_an_engine_is_known_as_people_write_it(said: str, engine: str) -> None:
    assert load_calibration.engine_called(said) == engine


def test_a_run_counts_by_the_root_of_its_group_and_once_however_often_it_was_published() -> None:
    weights = load.own().weights
    assert weights.mean() == pytest.approx(1)
    runs = load.own().runs
    same = [(r.group, r.concurrency, r.answer, r.first_token, r.per_token) for r in runs]
    often, distinct = Counter(same), Counter(group for group, *_ in set(same))
    by_hand = np.array([1 / often[each] / distinct[each[0]] ** 0.5 for each in same])
    np.testing.assert_allclose(weights, by_hand / by_hand.mean())


def test_a_run_that_was_published_twice_counts_once() -> None:
    runs = load.own().runs
    one = next(run for run in runs if run.group == HELD_OUT)
    other = next(run for run in runs if run.group != HELD_OUT)
    # Two of a group, one of them twice, and one of another group alone.
    again = next(run for run in runs if run.group == HELD_OUT and run.per_token != one.per_token)
    by_hand = np.array([0.5, 0.5, 1.0, 2**0.5]) / 2**0.5
    found = load.Runs([one, one, again, other]).weights
    np.testing.assert_allclose(found, by_hand / by_hand.mean())


SORTS = (
    "dense", "experts", "prompts under four times as long as answers",
    "prompts at least four times as long as answers", "prompts over nine times as long as answers",
    "over 64 requests",
    *load.MACHINES.values(),
)  # fmt: skip


def test_what_is_left_out_is_predicted_as_well_as_is_aimed_at() -> None:
    token, first = load.errors(PER_TOKEN), load.errors(FIRST_TOKEN)
    assert token["all"].median < 0.14
    assert token["all"].mean < 0.20
    assert first["all"].median < 0.35
    assert all(token[sort].median < 0.30 for sort in SORTS)


@pytest.mark.parametrize("sort", SORTS)
def test_nine_of_ten_lie_inside_in_each_sort(sort: str) -> None:
    inside = load.errors(PER_TOKEN)[sort].covered
    assert inside is not None
    assert 0.85 <= round(inside, 2) <= 0.95


def test_a_kind_that_few_groups_have_is_drawn_to_the_interval_of_all() -> None:
    runs = load.own().chosen(np.arange(len(load.own())) % 4 == 0)
    ratios = np.where(runs.experts > 0, 1.5, 1.1)
    halves = load._halves(runs, PER_TOKEN, ratios, np.ones(len(runs), dtype=bool))
    dense = len(set(runs.groups[runs.experts == 0]))
    assert halves[load_calibration.OF_EXPERTS] == pytest.approx(1.5)
    expected = (1.1**dense * 1.5) ** (1 / (dense + 1))
    assert halves[load_calibration.OF_DENSE] == pytest.approx(expected)


def test_stored_errors_are_those_of_what_was_left_out() -> None:
    held = load_calibration.load()
    for name in load.SCALES:
        assert held.errors[name] == pytest.approx(load.errors(name)["all"].mean, rel=0.01)
    dense, experts, crowded = (
        held.within_factors[kind]
        for kind in (
            load_calibration.OF_DENSE, load_calibration.OF_EXPERTS, load_calibration.CROWDED,
        )
    )  # fmt: skip
    assert 1.1 < dense < experts < crowded < 1.6
    assert 1.1 < held.within_factors[FIRST_TOKEN] < 3.0 < held.within_factors[FIRST_OF_MANY]


def test_the_fit_finds_what_made_the_runs() -> None:
    runs = load.own().chosen([run.draft == 0 for run in load.own().runs])
    truth = np.array([each.start for each in PARAMETERS])
    runs.measured = runs.times(truth)
    found = runs.times(load.fit(runs, truth * 1.05))
    for name in load.SCALES:
        assert np.median(np.abs(found[name] / runs.measured[name] - 1)) < 0.01


def test_separate_machines_are_predicted_without_a_fit_to_them() -> None:
    found = load.apart_errors()
    assert found[PER_TOKEN].count == 84
    assert found[PER_TOKEN].median < 0.25
    assert found[FIRST_TOKEN].median < 0.70


def test_no_run_is_there_twice() -> None:
    """The same times to the last digit, of as many requests on the same chips, are one run."""
    told = [
        tuple(row[name] for name in ("hardware", "chips", "concurrency", "ttft_ms", "tpot_ms"))
        for row in serving_runs.table()
        if row["ttft_ms"] and row["tpot_ms"]
    ]
    assert len(told) == len(set(told))


def test_sorts_divide_runs_at_what_their_names_say() -> None:
    runs = load.own()
    found = load.sorts(runs)
    for index, run in enumerate(runs.runs):
        ratio = run.prompt / run.answer
        assert found["over 64 requests"][index] == (run.concurrency > 64)
        assert found["prompts at least four times as long as answers"][index] == (ratio >= 4)
        assert found["prompts under four times as long as answers"][index] == (ratio < 4)
        assert found["prompts over nine times as long as answers"][index] == (ratio > 9)
