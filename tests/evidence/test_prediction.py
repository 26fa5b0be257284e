"""What the model says of rows: by hand, beside single deployments, and in the rows' own units."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from predictions import answered
from thoroughly import THOROUGH

from inference_economics.evidence import fitting, validation
from inference_economics.evidence.prediction import Cases, deployment_of, why_refused
from inference_economics.facts import calibration, catalog
from inference_economics.facts.calibration import ONE_BY_ONE, RECORDED, Calibration, Fitted
from inference_economics.facts.measurements import read, read_all

if TYPE_CHECKING:
    from collections.abc import Sequence

PLAIN = {"hardware": "h100_sxm5", "n_chips": "1", "model": "llama3_8b", "weight_bits": "16",
         "kv_bits": "16", "batch": "4", "input_tokens": "1000", "output_tokens": "100",
         "metric": "request_latency", "unit": "ms", "launch": RECORDED}  # fmt: skip

GIVEN = {"bandwidth_share": 0.8, "compute_share": 0.5, "layer_time": 40e-6, "link_latency": 12e-6,
         "node_latency": 70e-6, "unpack_flop": 0.0, "prefill_share": 0.625,
         "work_overlap": 0.0}  # fmt: skip


def row(**changed: str) -> dict[str, str]:
    return {**PLAIN, **changed}


def cases(*rows: dict[str, str]) -> Cases:
    return Cases([read(each) for each in rows])


def only(found: Any) -> float:
    (number,) = found
    return float(number)


def said(**changed: str) -> float:
    """Return what is predicted of one row, in seconds or tokens per second."""
    case = cases(row(**changed))
    return only(case.metric(case.durations(**GIVEN)))


# A request by hand: Llama-3 8B on one H100, in 16 bits, 4 users, 1000 tokens in and 100 out.

TABLE = 128_256 * 4096
PARAMETERS = 8.03e9 - TABLE  # the embedding is looked up, not read through
PROMPT = 1000 * (PARAMETERS - TABLE) + TABLE  # only its last token gets a choice of words
CACHE = 32 * 2 * 8 * 128 * 2  # bytes of a token: a key and a value in 32 layers and 8 heads
ATTENTION = 2 * 32 * 32 * (128 + 128)  # FLOP of a token of context, over 32 heads
READ, PEAK = 0.8 * 3.35e12, 9.894e14

STEP = (
    PARAMETERS * 2 / READ
    + 4 * 2 * PARAMETERS / (0.5 * PEAK)
    + max(4 * 1050 * CACHE / READ, 4 * 1050 * ATTENTION / (0.5 * PEAK))
    + 32 * 40e-6
)
PREFILL = (
    PARAMETERS * 2 / READ
    + 4 * 2 * PROMPT / (0.625 * PEAK)
    + 4 * 1000 * 500 * ATTENTION / (0.625 * PEAK)  # each token attends to half of the others
    + 32 * 40e-6
)
REQUEST = PREFILL + 100 * STEP


def test_the_figures_used_by_hand_are_the_catalogs() -> None:
    chip, model = catalog.load().accelerators["h100_sxm5"], catalog.load().models["llama3_8b"]
    assert (chip.memory_bandwidth, chip.peak_flops_16bit) == (3.35e12, PEAK)
    shape = (model.parameters, model.layers, model.heads, model.kv_heads, model.head_dim)
    assert shape == (8.03e9, 32, 32, 8, 128)
    assert model.kv_bytes_per_token_16bit == CACHE


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, REQUEST),
        ({"metric": "first_token_latency"}, PREFILL),
        ({"metric": "inter_token_latency"}, STEP),
        ({"metric": "step_latency", "input_tokens": "", "context_tokens": "1050"}, STEP),
        ({"metric": "decode_speed", "unit": "tok/s"}, 1 / STEP),
        ({"metric": "decode_throughput_total", "unit": "tok/s"}, 4 / STEP),
        ({"metric": "output_throughput_total", "unit": "tok/s"}, 4 * 100 / REQUEST),
        ({"metric": "output_throughput_total", "unit": "tok/s", "phase": "decode"}, 4 / STEP),
        ({"metric": "output_throughput_per_gpu", "unit": "tok/s/GPU"}, 4 * 100 / REQUEST),
        ({"metric": "output_throughput_per_node", "unit": "tok/s/node"}, 4 * 100 / REQUEST),
    ],
)
def test_each_metric_is_what_one_computes_by_hand(changed: dict[str, str], expected: float) -> None:
    assert said(**changed) == pytest.approx(expected, rel=1e-9)


# The same on machines of several chips

LARGE = 70.55e9 - 128_256 * 8192
WIDE_CACHE = 80 * 2 * 8 * 128 * 2


def test_eight_chips_share_the_work_and_add_up_in_every_layer() -> None:
    sent = 2 * 16 * 8192 * 2 * (1 - 1 / 8)  # a ring: bytes out of each chip, twice
    step = (
        LARGE * 2 / (8 * READ)
        + 16 * 2 * LARGE / (8 * 0.5 * PEAK)
        + 16 * 1050 * WIDE_CACHE / (8 * READ)
        + 80 * 2 * (sent / 450e9 + 12e-6)
        + 80 * 40e-6
    )
    wide = {"model": "llama3_70b", "n_chips": "8", "notes": "TP8", "batch": "16"}
    assert said(**wide, metric="inter_token_latency") == pytest.approx(step, rel=1e-9)
    rate = {"metric": "output_throughput_per_gpu", "unit": "tok/s/GPU", "phase": "decode"}
    assert said(**wide, **rate) == pytest.approx(16 / step / 8, rel=1e-9)
    rate = {"metric": "output_throughput_per_node", "unit": "tok/s/node", "phase": "decode"}
    assert said(**wide, **rate) == pytest.approx(16 / step, rel=1e-9)


def test_a_node_of_several_makes_its_part_of_the_tokens() -> None:
    staged = {"model": "llama3_70b", "n_chips": "16", "notes": "TP8 PP2", "batch": "16"}
    whole = said(**staged, metric="output_throughput_total", unit="tok/s")
    node = said(**staged, metric="output_throughput_per_node", unit="tok/s/node")
    chip = said(**staged, metric="output_throughput_per_gpu", unit="tok/s/GPU")
    assert node == pytest.approx(whole / 2)
    assert chip == pytest.approx(whole / 16)


def test_a_part_of_a_node_is_a_node_of_its_own() -> None:
    part = {"n_chips": "4", "notes": "TP4"}
    whole = said(**part, metric="output_throughput_total", unit="tok/s")
    assert said(**part, metric="output_throughput_per_node", unit="tok/s/node") == whole


def staged_by_hand(width: int, bandwidth: float, latency: float) -> float:
    """Return the step of 16 users in two stages of so many chips: 8 of them in each stage."""
    sent = 2 * 8 * 8192 * 2 * (1 - 1 / width)
    return float(
        LARGE * 2 / (width * READ)
        + 8 * 2 * LARGE / (width * 0.5 * PEAK)
        + 8 * 1050 * WIDE_CACHE / (width * READ)
        + 80 * 2 * (sent / 450e9 + 12e-6)
        + (8 * 8192 * 2 / bandwidth + latency)
        + 80 * 40e-6
    )


def test_stages_take_turns_on_their_part_of_the_users() -> None:
    staged = {"model": "llama3_70b", "n_chips": "16", "notes": "TP8 PP2", "batch": "16"}
    step = staged_by_hand(8, 50e9, 70e-6)
    assert said(**staged, metric="inter_token_latency") == pytest.approx(step, rel=1e-9)


def test_stages_inside_a_node_hand_over_by_its_links() -> None:
    staged = {"model": "llama3_70b", "n_chips": "8", "stages": "2", "batch": "16"}
    step = staged_by_hand(4, 450e9, 12e-6)
    assert said(**staged, metric="inter_token_latency") == pytest.approx(step, rel=1e-9)


def test_copies_are_as_many_machines_that_share_the_users() -> None:
    copies = said(n_chips="4", notes="TP1", batch="16", metric="inter_token_latency")
    assert copies == pytest.approx(said(batch="4", metric="inter_token_latency"), rel=1e-9)


def test_weights_of_four_bits_are_unpacked() -> None:
    narrow = {"weight_bits": "4", "metric": "inter_token_latency"}
    step = STEP - PARAMETERS * 1.5 / READ
    assert said(**narrow) == pytest.approx(step, rel=1e-9)
    case = cases(row(**narrow))
    found = only(case.metric(case.durations(**{**GIVEN, "unpack_flop": 3.0})))
    assert found == pytest.approx(step + PARAMETERS * 3 / 6.691e13, rel=1e-9)


def test_bits_of_cache_and_arithmetic_count() -> None:
    reading = 4 * 1050 * CACHE / READ
    half = said(kv_bits="8", metric="inter_token_latency")
    assert half == pytest.approx(STEP - reading / 2, rel=1e-9)
    arithmetic = 4 * 2 * PARAMETERS / 0.5
    fast = said(compute_bits="8", metric="inter_token_latency")
    assert fast == pytest.approx(STEP - arithmetic / PEAK + arithmetic / 1.9789e15, rel=1e-9)


# Units


def test_a_prediction_is_in_the_unit_of_its_row() -> None:
    rows = [row(unit=unit) for unit in ("s", "ms", "us")]
    seconds, *others = (each["predicted"] for each in answered(rows).rows)
    assert others == [pytest.approx(seconds * 1e3), pytest.approx(seconds * 1e6)]


def test_a_measured_rate_and_its_time_are_each_over_the_other() -> None:
    request = {"metric": "output_throughput_total", "unit": "tok/s", "value": "500"}
    found = cases(
        row(value="820"),
        row(**request),
        row(**request, phase="decode"),
        row(metric="decode_speed", unit="tok/s/user", value="100"),
        row(),
    ).measured_durations()
    assert list(found[:4]) == pytest.approx([0.82, 4 * 100 / 500, 4 / 500, 1 / 100])
    assert np.isnan(found[4])


def test_measured_rates_are_turned_into_times() -> None:
    rate = {"metric": "output_throughput_total", "unit": "tok/s", "value": "500"}
    found = cases(row(value="820"), row(), row(**rate)).measured_durations()
    assert found[0] == pytest.approx(0.82)
    assert np.isnan(found[1])
    assert found[2] == pytest.approx(4 * 100 / 500)


# Many rows at once


def sample(count: int, seed: int) -> list[int]:
    chance = random.Random(seed)  # noqa: S311
    return chance.sample(range(len(validation.own().cases)), count)


def test_rows_together_are_as_single_deployments() -> None:
    own = validation.own().cases
    steps, prefills = own.step_time(), own.prefill_time()
    for place in sample(80, 0):
        measured = own.rows[place]
        alone = deployment_of(measured.layout)
        # A label in GB may mean a little more, and engines may fill more than is usual.
        alone = alone.with_values(memory_capacity=4 * alone.values["memory_capacity"])
        step = alone.step(measured.batch, measured.context).step_time
        assert steps[place] == pytest.approx(step, rel=1e-12)
        if measured.prompt:
            prefill = alone.prefill_time(measured.batch, measured.prompt)
            assert prefills[place] == pytest.approx(prefill, rel=1e-12)


def test_a_row_is_predicted_as_if_it_were_alone() -> None:
    own = validation.own()
    every = own.predicted(calibration.load())
    for place in sample(40, 1):
        alone = validation.Evidence([own.table[own.places[place]]])
        assert only(alone.predicted(calibration.load())) == pytest.approx(every[place], rel=1e-12)


def test_machines_of_unlike_datasheets_do_not_touch_each_other() -> None:
    machines = ("h100_sxm5", "b300", "gaudi3", "tpu_v4", "mi325x", "rtx4090", "v100_sxm2")
    rows = [row(hardware=machine, batch="1") for machine in machines]
    together = [each["predicted"] for each in answered(rows).rows]
    alone = [answered([each]).rows[0]["predicted"] for each in rows]
    assert None not in alone
    assert together == pytest.approx(alone, rel=1e-12)


def test_no_row_at_all_is_no_error() -> None:
    assert len(Cases([])) == 0
    assert answered([]).rows == []


# What else is said of a row


def test_the_datasheet_says_how_much_of_a_row_is_decoding() -> None:
    # At full rates, without fixed times and latencies, arithmetic hidden behind reading.
    step = PARAMETERS * 2 / 3.35e12 + 4 * 1050 * CACHE / 3.35e12
    prefill = 4 * (2 * PROMPT + 1000 * 500 * ATTENTION) / PEAK
    share = 100 * step / (100 * step + prefill)
    found = cases(row(), row(metric="first_token_latency"), row(metric="inter_token_latency"))
    assert list(found.decode_share()) == pytest.approx([share, 0.0, 1.0], rel=1e-9)


def test_the_state_of_a_hybrid_is_as_real_as_a_cache() -> None:
    hybrid = row(model="qwen35_27b", n_chips="8", weight_bits="8", batch="256", input_tokens="100")
    whole, without = cases(hybrid), cases(hybrid)
    without.scenario = without.scenario.having(state_bytes=0.0)
    assert only(whole.decode_share()) > 0.8 > only(without.decode_share())


def test_memory_is_weights_and_caches_at_the_end_of_the_answer() -> None:
    held = 8.03e9 * 2 + 4 * 1100 * CACHE
    assert only(cases(row()).memory_filled()) == pytest.approx(held / 80e9, rel=1e-9)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"batch": "1"}, "weights"),
        ({"batch": "1", "output_tokens": "1"}, "prompt"),
        ({"metric": "first_token_latency"}, "prompt"),
        ({"batch": "40", "context_tokens": "11000", "phase": "decode"}, "cache"),
        ({"batch": "2000", "context_tokens": "1", "metric": "inter_token_latency"}, "arithmetic"),
        ({"model": "gpt_350m", "metric": "inter_token_latency"}, "fixed time"),
        ({"n_chips": "8", "notes": "TP8", "batch": "500", "context_tokens": "9",
          "metric": "inter_token_latency", "hardware": "l40s"}, "all-reduce volume"),
        ({"weight_bits": "1", "metric": "inter_token_latency"}, "unpacking"),
    ],
)  # fmt: skip
def test_what_takes_longest_is_named(changed: dict[str, str], expected: str) -> None:
    given = {**GIVEN, "unpack_flop": 40.0 if "weight_bits" in changed else 0.0}
    assert only_word(cases(row(**changed)).binding(**given)) == expected


def only_word(found: Sequence[str]) -> str:
    (word,) = found
    return str(word)


def test_what_binds_a_step_is_what_binds_its_deployment() -> None:
    own = validation.own().cases
    steps = [place for place, each in enumerate(own.rows) if each.metric.of == "step"]
    fitted = calibration.load()
    design = fitting.Design(own)
    binding = own.binding(**design.calibrated(fitted))
    for place in steps[::8]:
        measured = own.rows[place]
        served = deployment_of(measured.layout)
        served = served.with_values(memory_capacity=4 * served.values["memory_capacity"])
        served = served.fitted(measured.launch)
        assert binding[place] == served.step(measured.batch, measured.context).binding


# What cannot be predicted


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"n_chips": "3"}, "tensor parallelism does not divide"),
        ({"n_chips": "8", "stages": "3"}, "chips = 8 cannot be split into stages = 3"),
        ({"n_chips": "64", "stages": "64"}, "stages = 64: Llama-3 / 3.1 8B has 32 layers only"),
        ({"compute_bits": "4"}, "has no 4-bit arithmetic"),
        ({"hardware": "wse3"}, "no source states peak_flops_16bit of wse3"),
    ],
)
def test_a_layout_that_cannot_be_has_its_reason(changed: dict[str, str], reason: str) -> None:
    found = why_refused(read(row(**changed)))
    assert found is not None
    assert reason in str(found)
    (answer,) = answered([row(**changed)]).rows
    assert (answer["predicted"], answer["low"], answer["high"]) == (None, None, None)
    assert answer["note"] == str(found)


def test_a_model_that_does_not_fit_is_refused_and_its_neighbors_are_not() -> None:
    big = row(model="llama3_70b")  # 141.1 GB of weights and 1.4 GB of caches in 80 GB
    full = row(batch="512", input_tokens="8000")
    first, second, third, fourth = answered([row(), big, full, row()]).rows
    assert first == fourth
    assert first["predicted"] > 0
    assert "does not fit: weights and caches fill 178% of the memory" in second["note"]
    assert "does not fit" in third["note"]
    assert second["predicted"] is third["predicted"] is None


def test_memory_that_is_almost_full_is_said() -> None:
    (found,) = answered([row(batch="64", context_tokens="7000", output_tokens="2")]).rows
    held = 8.03e9 * 2 + 64 * 7001 * CACHE
    assert 0.9 < held / 80e9 < 1
    assert f"{held / 80e9:.0%} of the memory filled" in found["note"]


# Tables with answers


def test_low_and_high_lie_a_factor_from_the_prediction() -> None:
    factors = calibration.load().within_factors
    rows = [row(), row(output_tokens="5"), row(model="gpt_oss_20b", weight_bits="4")]
    kinds = ("decoding", "with a prompt", "with experts")
    for kind, found in zip(kinds, answered(rows).rows, strict=True):
        assert found["low"] < found["predicted"] < found["high"]
        assert found["high"] / found["predicted"] == pytest.approx(factors[kind])
        assert found["predicted"] / found["low"] <= factors[kind] * (1 + 1e-9)


# What the H100 of the datasheet would take, 3.35 TB/s read and 989 TFLOP/s done all the time.

STEP_AT_PEAK = max(
    (PARAMETERS * 2 + 4 * 1050 * CACHE) / 3.35e12, 4 * (2 * PARAMETERS + 1050 * ATTENTION) / PEAK
)
PREFILL_AT_PEAK = 4 * (2 * PROMPT + 1000 * 500 * ATTENTION) / PEAK
REQUEST_AT_PEAK = PREFILL_AT_PEAK + 100 * STEP_AT_PEAK


@pytest.mark.parametrize(
    ("changed", "sort", "at_peak"),
    [
        ({"unit": "s"}, "decoding", REQUEST_AT_PEAK),
        ({"metric": "first_token_latency", "unit": "s"}, "with a prompt", PREFILL_AT_PEAK),
        ({"metric": "inter_token_latency", "unit": "s"}, "decoding", STEP_AT_PEAK),
        ({"metric": "decode_speed", "unit": "tok/s"}, "decoding", 1 / STEP_AT_PEAK),
        ({"metric": "output_throughput_total", "unit": "tok/s"}, "decoding",
         400 / REQUEST_AT_PEAK),
    ],
)  # fmt: skip
def test_no_end_of_an_interval_is_beyond_the_machines_peak(
    changed: dict[str, str], sort: str, at_peak: float
) -> None:
    (found,) = answered([row(**changed)]).rows
    value, factor = found["predicted"], calibration.load().within_factors[sort]
    if changed["unit"] == "s":
        assert found["low"] == pytest.approx(max(value / factor, at_peak))
        assert found["high"] == pytest.approx(value * factor)
    else:
        assert found["high"] == pytest.approx(min(value * factor, at_peak))
        assert found["low"] == pytest.approx(value / factor)


def test_the_engine_and_the_kind_of_machine_count() -> None:
    def latency(recorded: float, one_by_one: float) -> list[float]:
        values = {"layer_time": {RECORDED: recorded, ONE_BY_ONE: one_by_one}}
        fitted = Calibration(
            tuple(
                Fitted(each.parameter, each.group,
                       values.get(each.parameter, {}).get(each.group, each.value), 0.0, 1.0)
                for each in calibration.load().fitted
            )
        )  # fmt: skip
        rows = [row(metric="inter_token_latency", launch=kind) for kind in (RECORDED, ONE_BY_ONE)]
        return [float(each) for each in validation.Evidence(rows).predicted(fitted)]

    quick, slow = latency(1e-6, 2e-6), latency(11e-6, 102e-6)
    assert slow[0] - quick[0] == pytest.approx(32 * 10e-6)
    assert slow[1] - quick[1] == pytest.approx(32 * 100e-6)


@pytest.mark.timed
def test_a_hundred_thousand_rows_take_seconds() -> None:
    import time

    many = 100_000 if THOROUGH else 20_000
    rows = [row(batch=f"{1 + count % 397}", value="900") for count in range(many)]
    start = time.process_time()
    found = answered(rows).rows
    assert time.process_time() - start < 30 * many / 100_000
    assert len(found) == many
    assert all(each["predicted"] for each in found)
    assert found[0]["predicted"] == found[397]["predicted"]


def test_reading_many_rows_is_reading_each() -> None:
    rows = [row(batch=str(count)) for count in range(1, 50)]
    assert read_all(rows) == [read(each) for each in rows]
    assert read_all(rows)[3] == replace(read(rows[0]), batch=4.0)
