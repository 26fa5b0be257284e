"""Servers that we ran, beside predictions."""

from __future__ import annotations

import numpy as np
import pytest

from inference_economics.algebra.formula import InputError
from inference_economics.evidence import load, own_servers
from inference_economics.facts import serving_runs
from inference_economics.facts.load_calibration import FIRST_TOKEN, PER_TOKEN
from inference_economics.serving import serve

SERVED = own_servers.served()
KEPT = [each for each in SERVED if each.rate is None]


def test_every_load_is_predicted_and_none_was_fitted_to() -> None:
    assert len(SERVED) == len(serving_runs.ours())
    assert not {each.run.id for each in SERVED} & {run.id for run in load.own().runs}


@pytest.mark.parametrize("each", SERVED, ids=lambda each: each.run.id)
def test_what_was_measured_agrees_with_itself(each: own_servers.Served) -> None:
    """A request's time is that to its first token and those for all others."""
    token, first, whole = (
        each.measured[what] for what in (PER_TOKEN, FIRST_TOKEN, own_servers.WHOLE)
    )
    assert whole == pytest.approx(first + (each.run.answer - 1) * token, rel=0.01)


def test_a_service_says_the_same() -> None:
    """The row of 64 requests in 16 bits on an H100, and that of 12 in a second."""
    asked = {"prompt": 1024, "answer": 256, "weight_bits": 16, "kv_bits": 16, "engine": "vllm"}
    load_of = {
        (e.run.layout.accelerator, e.run.layout.weight_bits, e.run.prompt, e.rate
         or e.run.concurrency): e
        for e in SERVED
        if e.run.layout.model == "llama3_8b"
    }  # fmt: skip
    crowd = load_of["h100_sxm5", 16.0, 1024.0, 64.0]
    for waves, times in ((False, crowd.predicted), (True, crowd.waves)):
        found = serve("h100_sxm5", 1, "llama3_8b", concurrency=64, waves=waves, **asked).loaded
        assert found.time_per_token == pytest.approx(times[PER_TOKEN], rel=1e-6)
        assert found.first_token_time == pytest.approx(times[FIRST_TOKEN], rel=1e-6)
    come = load_of["h100_sxm5", 16.0, 1024.0, 12.0]
    found = serve("h100_sxm5", 1, "llama3_8b", rate=12, **asked).loaded
    assert found.first_token_time == pytest.approx(come.predicted[FIRST_TOKEN], rel=1e-6)
    assert come.waves == come.predicted


def test_in_waves_prompts_wait_for_one_another_and_answers_do_not() -> None:
    asked = {"prompt": 1024, "answer": 256, "weight_bits": 16, "kv_bits": 16}
    found = serve("h100_sxm5", 1, "llama3_8b", concurrency=16, waves=True, **asked)
    loaded = found.loaded
    assert loaded.burst_wait == pytest.approx((loaded.admitted - 1) / 2 * loaded.prefill_time)
    assert loaded.queue_wait == 0
    assert found.parts["prompts of others"] == 0
    with pytest.raises(InputError, match="waves = True: requests that come at a rate"):
        serve("h100_sxm5", 1, "llama3_8b", rate=5, waves=True, **asked)


def test_loads_of_equal_requests_move_in_waves() -> None:
    """Both times are then predicted; where they are taken as spread out, only their sum is."""
    many = [each for each in KEPT if each.run.concurrency > 1]
    spread, waves = (
        {
            what: own_servers.errors(what, many, waves=kind)
            for what in (PER_TOKEN, FIRST_TOKEN, own_servers.WHOLE)
        }
        for kind in (False, True)
    )
    assert waves[PER_TOKEN].median < spread[PER_TOKEN].median / 2
    assert waves[FIRST_TOKEN].median < spread[FIRST_TOKEN].median / 3
    for what in (PER_TOKEN, FIRST_TOKEN):
        covered = waves[what].covered
        assert covered is not None
        assert covered >= 0.85
    for found in (spread, waves):
        assert found[own_servers.WHOLE].mean < 0.13


def test_an_error_is_the_share_of_what_was_measured() -> None:
    some = KEPT[:5]
    ratios = np.array([e.predicted[PER_TOKEN] / e.measured[PER_TOKEN] for e in some])
    found = own_servers.errors(PER_TOKEN, some)
    assert found.mean == pytest.approx(np.mean(np.abs(ratios - 1)))
    assert found.bias == pytest.approx(np.median(ratios - 1))
