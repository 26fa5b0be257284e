"""Runs of services: how they are read, what is fitted to them, and how far the model misses."""

from __future__ import annotations

import numpy as np
import pytest

from inference_economics.evidence import load
from inference_economics.evidence.validation import Errors
from inference_economics.facts import load_calibration, serving_runs
from inference_economics.facts.load_calibration import (
    FIRST_OF_MANY,
    FIRST_TOKEN,
    PARAMETERS,
    PER_TOKEN,
)
from inference_economics.facts.measurements import RowError

HELD_OUT = "llama3_8b on h100_sxm5"


def test_every_run_is_predicted_or_says_why_not() -> None:
    runs, rows = load.own(), serving_runs.table()
    assert len(runs) + len(runs.refused) == len(rows) == 1415
    apart = [row for row in rows if row["mode"] == serving_runs.APART]
    assert len(apart) == 84
    assert all("disaggregated" in runs.refused[row["id"]] for row in apart)


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


def test_a_run_that_looks_limited_by_rate_gains_little_from_twice_as_much() -> None:
    limited = [row for row in serving_runs.table() if row["flag"] == "rate"]
    assert 0 < len(limited) < 50
    assert all(int(row["concurrency"]) >= 32 for row in limited)


def test_a_row_of_separate_machines_is_refused_in_words() -> None:
    row = next(r for r in serving_runs.table() if r["mode"] == serving_runs.APART)
    with pytest.raises(RowError, match="mode 'disaggregated'"):
        serving_runs.read(row)


def test_stored_values_lie_in_their_intervals_and_limits() -> None:
    held = {(each.parameter, each.group): each for each in load_calibration.load().fitted}
    for each in PARAMETERS:
        found = held[each.name, each.group]
        assert found.low <= found.value <= found.high <= each.most
    assert {name for name, _ in held} == {each.name for each in PARAMETERS}


def test_what_is_stored_is_what_fits() -> None:
    again = load.fit(load.own(), load.stored())
    assert again == pytest.approx(load.stored(), rel=0.03)


def test_a_group_that_was_left_out_is_predicted_as_well_as_is_claimed() -> None:
    runs = load.own()
    mine = runs.groups == HELD_OUT
    values = load.fit(runs.chosen(~mine), load.stored())
    out = runs.chosen(mine)
    errors = {name: Errors.of(out.times(values)[name] / out.measured[name]) for name in load.SCALES}
    assert errors[PER_TOKEN].median < 0.16
    assert errors[PER_TOKEN].mean < 0.23
    assert errors[FIRST_TOKEN].median < 0.40


def test_stored_errors_are_below_what_is_aimed_at() -> None:
    held = load_calibration.load()
    assert held.errors[PER_TOKEN] < 0.20
    assert 1.1 < held.within_factors[PER_TOKEN] < 1.6
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


def test_each_rung_of_the_ladder_misses_less() -> None:
    found = load.ladder()
    per_token = [errors[PER_TOKEN].mean for errors in found.values()]
    first = [errors[FIRST_TOKEN].mean for errors in found.values() if FIRST_TOKEN in errors]
    assert per_token == sorted(per_token, reverse=True)
    assert per_token[0] > 1.5 * per_token[-1]
    assert first[-1] < first[-2] < min(first[:-2])
    assert len(first) == len(per_token) - 1
