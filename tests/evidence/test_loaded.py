"""Rows with requests in flight: predicted as a server under load, as `serve` says."""

from __future__ import annotations

from typing import Any

import pytest
from predictions import answered

from inference_economics.evidence import load
from inference_economics.facts import calibration, measurements, serving_runs
from inference_economics.facts.load_calibration import FIRST_TOKEN, PER_TOKEN
from inference_economics.serving import outside, scale, serve

ROW = {
    "hardware": "H200", "n_chips": "8", "model": "deepseek_v3", "weight_bits": "8", "kv_bits": "16",
    "concurrency": "64", "input_tokens": "4000", "output_tokens": "500", "engine": "sglang",
    "tensor": "8", "metric": "tpot", "unit": "", "batch": "",
}  # fmt: skip
ASKED: dict[str, Any] = {
    "prompt": 4000, "answer": 500, "concurrency": 64, "weight_bits": 8, "engine": "sglang"
}  # fmt: skip


def predicted(**changed: str) -> dict[str, Any]:
    return answered([{**ROW, **changed}]).rows[0]


AS_SERVED = pytest.mark.parametrize(
    ("metric", "figure", "times"),
    [
        ("tpot", "time per token", 1),
        ("itl", "time per token", 1),
        ("ttft", "time to the first token", 1),
        ("decode_speed", "speed of a user", 1),
        ("output_throughput_per_gpu", "output of a chip", 1),
        ("output_throughput_total", "output of a chip", 8),
        ("decode_throughput_total", "output of a chip", 8),
        ("total_throughput", "output of a chip", 8 * 4500 / 500),
        ("prompt_throughput", "output of a chip", 8 * 4000 / 500),
        ("request_throughput", "requests", 1),
    ],
)
"""What tables call a figure of `serve`, and how many times as large it is there."""


@AS_SERVED
def test_a_row_under_load_is_predicted_as_serve_predicts_it(
    metric: str, figure: str, times: float
) -> None:
    found, of = predicted(metric=metric), serve("h200_sxm", 8, "deepseek_v3", **ASKED)
    expected = of.figures[figure]
    for end, value in (("predicted", expected.value), ("low", expected.low)):
        assert found[end] == pytest.approx(value * times), end
    assert found["high"] == pytest.approx(expected.high * times)
    assert found["binding"] == of.binding
    assert "a server under load" in found["note"]


def test_where_no_service_was_fitted_single_steps_count_and_the_interval_is_wider() -> None:
    machine = {"hardware": "MI300X", "model": "llama31_405b"}
    found = predicted(**machine)
    of = serve("mi300x", 8, "llama31_405b", **ASKED)
    time = of.figures["time per token"]
    for end, value in (("predicted", time.value), ("low", time.low), ("high", time.high)):
        assert found[end] == pytest.approx(value), end
    wider = outside.KINDS["no service"]
    assert wider.said in found["note"]
    narrow = predicted(model="llama31_405b")
    assert found["high"] / found["predicted"] == pytest.approx(
        wider.factor * narrow["high"] / narrow["predicted"]
    )
    steps, values = calibration.load(), of.deployment.values
    for name in ("bandwidth_share", "compute_share"):
        assert values[name] == steps.value(name, "AMD, HBM"), name
    published = scale._batch_of_mi300x("405b", "llama31_405b")
    assert published.predicted == pytest.approx(published.measured, rel=0.1)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ""),
        ({"n_chips": "16", "tensor": "16"}, "no run of a service on more than 8 accelerators"),
        ({"output_tokens": "4"}, "an answer of so few tokens (4): the first one may come later"),
        ({"output_tokens": "5"}, ""),
    ],
)
def test_what_no_service_was_fitted_to_is_said_as_serve_says_it(
    changed: dict[str, str], said: str
) -> None:
    chips, answer = int(changed.get("n_chips", "8")), int(changed.get("output_tokens", "500"))
    of = serve("h200_sxm", chips, "deepseek_v3", **{**ASKED, "answer": answer})
    note = predicted(**changed)["note"]
    for caution in outside.cautions(16, min(answer, 4)):
        here = bool(said) and caution.startswith(said)
        assert (caution in note, caution in of.notes) == (here, here), caution
    # A batch that starts together is no service.
    assert "no run of a service" not in predicted(batch="64", n_chips="16", tensor="16")["note"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"concurrency": 64.0}, ""),
        ({"concurrency": 1.0, "model": "Qwen/Qwen3-8B-FP8", "answer": 200}, "as vLLM does, may be"),
        ({"rate": 5.0}, ""),
        ({"rate": 9.05}, "as vLLM does, may be 2.9 times as fast"),
        ({"rate": 9.2}, "else the machines could not keep up"),
        ({"rate": 10.0}, "else the machines could not keep up"),
    ],
)
def test_a_service_of_no_known_engine_is_as_sure_as_serve_says(
    asked: dict[str, Any], said: str
) -> None:
    how = {"model": "llama3_70b", "prompt": 1000, "answer": 500, "kv_bits": 16, **asked}
    cells = {name: str(value) for name, value in how.items() if name not in {"prompt", "answer"}}
    row = {"hardware": "H100", "weight_bits": "", "concurrency": "", "engine": "",
           "input_tokens": "1000", "output_tokens": str(how["answer"]), **cells}  # fmt: skip
    of = serve("h100_sxm5", 8, how.pop("model"), **how)
    found, time = predicted(**row), of.figures["time per token"]
    assert [found[each] for each in ("predicted", "low", "high")] == pytest.approx(
        [time.value, time.low, time.high]
    )
    for notes in (found["note"], "; ".join(of.notes)):
        assert ("no engine is named" in notes) == bool(said)
        assert said in notes


def test_where_engines_differ_the_times_of_a_little_more_load_overlap() -> None:
    """Prompts stop the steps of others until the machines could not keep up."""
    before, after = (
        serve("h100_sxm5", 8, "llama3_70b", prompt=1000, answer=500, rate=rate).figures[
            "time per token"
        ]
        for rate in (9.05, 9.12)
    )
    assert before.low < after.high
    assert before.low < after.value < before.value


def test_steps_alone_read_no_prompts() -> None:
    note = predicted(batch="64", concurrency="", phase="decode", metric="total_throughput")["note"]
    assert "phase = 'decode': steps alone, of which answers' tokens count" in note


@pytest.mark.parametrize(
    ("changed", "loaded"),
    [
        ({"metric": "tpot"}, True),
        ({"metric": "ttft"}, True),
        ({"metric": "tpot", "phase": "decode"}, False),
        ({"metric": "tpot", "batch": "1"}, False),
        ({"metric": "tpot", "phase": ""}, False),
        ({"metric": "request_latency"}, False),
    ],
)
def test_the_time_of_a_token_between_which_prompts_are_read_is_of_a_server(
    changed: dict[str, str], *, loaded: bool
) -> None:
    given = {"batch": "64", "concurrency": "", "phase": "mixed", **changed}
    assert ("a server under load" in predicted(**given)["note"]) == loaded
    if loaded:
        assert predicted(**given)["predicted"] == predicted(metric=changed["metric"])["predicted"]


def test_a_request_takes_its_first_token_and_the_others() -> None:
    loaded = serve("h200_sxm", 8, "deepseek_v3", **ASKED).loaded
    whole = loaded.first_token_time + 500 * loaded.time_per_token
    assert predicted(metric="request_latency")["predicted"] == pytest.approx(whole)


def test_a_batch_is_static_and_says_so() -> None:
    static, loaded = predicted(batch="64"), predicted()
    assert "under load" not in static["note"]
    assert loaded["predicted"] > 1.2 * static["predicted"]
    lengths = {"input_tokens": "", "output_tokens": "", "context_tokens": "4000"}
    assert "no prompt and answer to count" in predicted(**lengths)["note"]


def test_rows_under_load_stand_beside_others() -> None:
    rows = [{**ROW, "batch": "64"}, ROW, {**ROW, "batch": "8", "metric": "ttft"}]
    together = answered(rows).rows
    alone = [answered([row]).rows[0] for row in rows]
    for one, other in zip(together, alone, strict=True):
        assert one["predicted"] == pytest.approx(other["predicted"])
        assert one["binding"] == other["binding"]


def test_those_who_do_not_fit_wait_and_are_not_refused() -> None:
    row = {"n_chips": "1", "tensor": "1", "model": "llama3_8b", "concurrency": "5000"}
    found = predicted(**row)
    assert "requests wait for memory" in found["note"]
    assert found["predicted"] == pytest.approx(
        serve("h200_sxm", 1, "llama3_8b", **{**ASKED, "concurrency": 5000})
        .figures["time per token"].value
    )  # fmt: skip
    refused = predicted(**{**row, "model": "llama31_405b"})
    assert refused["predicted"] is None
    assert "does not fit" in refused["note"]


@pytest.mark.parametrize(
    ("metric", "figure"),
    [
        ("ttft", "time to the first token"),
        ("tpot", "time per token"),
        ("decode_speed", "speed of a user"),
        ("output_throughput_total", "output of a chip"),
    ],
)
def test_a_row_under_load_ends_at_the_machines_peak_as_a_service_does(
    metric: str, figure: str
) -> None:
    asked = {"prompt": 1000, "answer": 200, "concurrency": 1}
    expected = serve("rtx4090", 1, "llama3_8b", **asked).figures[figure]
    found = predicted(
        hardware="rtx4090", n_chips="1", tensor="1", model="llama3_8b", weight_bits="16",
        concurrency="1", input_tokens="1000", output_tokens="200", engine="", metric=metric,
    )  # fmt: skip
    ends = [found[name] for name in ("low", "predicted", "high")]
    assert ends == pytest.approx([expected.low, expected.value, expected.high])


AT_RATE: dict[str, Any] = {**ASKED, "concurrency": None, "rate": 0.5}


@AS_SERVED
def test_requests_that_come_at_a_rate_are_predicted_as_serve_predicts_them(
    metric: str, figure: str, times: float
) -> None:
    found = predicted(metric=metric, concurrency="", rate="0.5")
    expected = serve("h200_sxm", 8, "deepseek_v3", **AT_RATE).figures[figure]
    for end, value in (
        ("predicted", expected.value), ("low", expected.low), ("high", expected.high)
    ):  # fmt: skip
        assert found[end] == pytest.approx(value * times), end
    assert "at random, so many a second: a server under load" in found["note"]


@pytest.mark.parametrize("column", ["request_rate", "QPS", "arrival rate (req/s)", "target_rps"])
def test_a_rate_is_known_by_its_names(column: str) -> None:
    row = {**ROW, "concurrency": "", "batch": "", column: "0.5"}
    assert measurements.read(row).rate == 0.5


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rate": "50"}, "request_rate = 50: by this prediction the machines answer at most"),
        ({"rate": "1", "output_tokens": ""}, "input_tokens and output_tokens: needed of a server"),
        ({"rate": "-1"}, "rate = '-1': must be a positive number"),
        ({"rate": "inf"}, "batch = '': needed, or a concurrency, or a finite rate of requests"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(changed: dict[str, str], said: str) -> None:
    rows = [{**ROW, "concurrency": "", **changed}, {**ROW, "rate": "0.5"}]
    refused, other = answered(rows).rows
    assert refused["predicted"] is None
    assert said in refused["note"]
    assert other["predicted"] == predicted()["predicted"]  # what is in flight counts


APART = {
    "hardware": "B200", "model": "DeepSeek-V3", "weight_bits": "FP8", "kv_bits": "", "batch": "",
    "mode": "disaggregated", "n_chips": "16", "tensor": "", "engine": "trtllm",
    "concurrency": "128", "input_tokens": "8000", "output_tokens": "1000",
    "prefill_workers": "1", "prefill_tensor_parallel": "1", "prefill_data_parallel": "8",
    "decode_workers": "1", "decode_tensor_parallel": "1", "decode_data_parallel": "8",
}  # fmt: skip


def test_the_packages_runs_on_separate_machines_are_predicted_from_a_table_as_they_are() -> None:
    table = [row for row in serving_runs.table() if row["mode"] == serving_runs.APART]
    for metric, name in (("tpot", PER_TOKEN), ("ttft", FIRST_TOKEN)):
        rows = [
            {**row, "metric": metric, "value": row[f"{metric}_ms"], "unit": "ms",
             "kv_bits": ""}
            for row in table
        ]  # fmt: skip
        found, expected = answered(rows), load.apart_errors()[name]
        errors = found.errors["all rows"]
        assert (errors.count, errors.median, errors.mean) == pytest.approx(
            (84, expected.median, expected.mean)
        )
        assert all("prompts are read on machines of their own" in row["note"] for row in found.rows)


def test_the_output_of_separate_machines_is_that_of_all_over_all() -> None:
    two = {"n_chips": "32", "prefill_workers": "2", "decode_workers": "2", "concurrency": "256"}
    asked = [
        {**APART, **more, "metric": metric}
        for more in ({}, two)
        for metric in ("tpot", "output_throughput_total", "output_throughput_per_gpu")
    ]
    one, other = (
        [row["predicted"] for row in answered(some).rows] for some in (asked[:3], asked[3:])
    )
    assert one[1] == pytest.approx(16 * one[2])
    assert other == pytest.approx([one[0], 2 * one[1], one[2]])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"n_chips": "24"}, "n_chips = 24: prefill and decode workers take 16"),
        ({"prefill_workers": ""}, "prefill_workers, and prefill_tensor_parallel or prefill_data_p"),
        ({"decode_tensor_parallel": "", "decode_data_parallel": ""}, "decode_workers, and decode"),
        ({"concurrency": "", "rate": "1"}, "concurrency: needed where prompts are read on"),
        ({"prefill_data_parallel": "1", "n_chips": ""}, "prefill workers: does not fit: weights"),
        ({"output_tokens": ""}, "input_tokens and output_tokens: needed of a server under load"),
    ],
)
def test_separate_machines_that_cannot_be_are_refused(changed: dict[str, str], said: str) -> None:
    found = answered([{**APART, "metric": "tpot", **changed}]).rows[0]
    assert found["predicted"] is None
    assert said in found["note"]


@pytest.mark.parametrize(
    ("bits", "cached"),
    [("fp8", 8), ("FP8", 8), ("NVFP4", 8), ("8", 16), ("8-bit", 16), ("w8a8", 16)],
)
def test_narrow_weights_keep_a_cache_of_the_same_bits_at_every_entrance(
    bits: str, cached: int
) -> None:
    given = {"weight_bits": bits, "kv_bits": "", "concurrency": "256", "metric": "ttft"}
    row = predicted(**given)
    assert f"kv_bits of {cached} assumed" in row["note"]
    asked = {"prompt": float(ROW["input_tokens"]), "answer": float(ROW["output_tokens"])}
    found = serve("h200_sxm", 8, "deepseek_v3", weight_bits=bits, concurrency=256, replicas=8,
                  engine="sglang", **asked)  # fmt: skip
    assert found.loaded.first_token_time == pytest.approx(
        predicted(**given, dp="8")["predicted"], rel=1e-6
    )
    why = "as engines keep it by default" if cached == 16 else "as in the services with"
    assert f"the cache in {cached} bits, {why}" in " ".join(found.notes)


def test_columns_of_inference_x_say_how_attention_and_experts_are_spread() -> None:
    spread = predicted(dp_attn="true", ep="8", tp="8")
    assert "dp_attn: attention data-parallel over 8" in spread["note"]
    assert "ep = 8 left out: experts are split over all" in spread["note"]
    assert spread["predicted"] == predicted(dp="8", tp="8")["predicted"]
    assert predicted(dp_attn="false", tp="8")["predicted"] == predicted(tp="8")["predicted"]
    with pytest.raises(
        measurements.RowError, match="dp_attn = 'maybe': must be true, false or their number"
    ):
        measurements.read({**ROW, "dp_attn": "maybe"})


def test_a_lone_request_has_a_wider_interval_of_its_first_token_alone() -> None:
    said = outside.KINDS["alone"].said
    for metric, wider in (("ttft", 1.5), ("tpot", 1.0)):
        one, two = (predicted(metric=metric, concurrency=many, n_chips="8") for many in "12")
        assert one["high"] / one["predicted"] == pytest.approx(
            wider * two["high"] / two["predicted"]
        )
        assert (said in one["note"], said in two["note"]) == (wider > 1, False)


def test_rows_whose_rate_is_given_are_no_hits() -> None:
    rows = [{**ROW, "concurrency": "", "rate": "1", "metric": "request_throughput", "value": "0.9"}]
    assert answered(rows).errors["all rows"].covered is None


def test_what_a_row_says_twice_and_an_unknown_engine_are_told() -> None:
    note = predicted(batch="8", concurrency="16", rate="2", engine="TGI")["note"]
    assert "concurrency = 16 not looked at: batch is given; rate = 2 not looked at" in note
    assert "no run of TGI was fitted" in predicted(engine="TGI")["note"]


@pytest.mark.parametrize(
    ("said", "engine"),
    [
        ("vLLM", "vllm"), ("TensorRT-LLM 1.0", "trtllm"), ("trtllm", "trtllm"),
        ("SGLang", "sglang"), ("llama.cpp", ""), ("", ""),
    ],
)  # fmt: skip
def test_an_engine_is_known_by_its_names(said: str, engine: str) -> None:
    assert measurements.read({**ROW, "engine": said}).engine == engine


def test_measured_rows_under_load_have_errors_and_intervals() -> None:
    rows = [{**ROW, "metric": "tpot", "value": value, "unit": "ms"} for value in ("40", "400")]
    errors = answered(rows).errors["all rows"]
    assert errors.count == 2
    assert errors.covered == 0.5


@pytest.mark.parametrize(("hardware", "chips"), [("GB200", "64"), ("B200", "64")])
def test_experts_on_many_chips_have_copies_of_attention_whatever_the_node(
    hardware: str, chips: str
) -> None:
    row = {"hardware": hardware, "n_chips": chips, "tensor": "", "concurrency": "4608"}
    assert "experts spread over all" in predicted(**row)["note"]
    few = predicted(**{**row, "concurrency": "4"})["note"]
    assert ("tensor parallelism over all" in few) == (hardware == "GB200")
    dense = predicted(**{**row, "model": "llama31_405b", "tensor": ""})["note"]
    assert "experts spread over all" not in dense


def test_full_readers_are_what_binds() -> None:
    groups = {
        "mode": "disaggregated", "prefill_workers": "1", "prefill_tp": "8", "decode_workers": "1",
        "decode_tp": "8", "n_chips": "", "tensor": "", "model": "llama3_70b", "engine": "vllm",
        "input_tokens": "8000", "concurrency": "256", "metric": "output_throughput_total",
    }  # fmt: skip
    full = predicted(**groups)
    assert full["binding"] == "prefill workers"
    more = predicted(**{**groups, "decode_workers": "2"})
    assert more["predicted"] == pytest.approx(full["predicted"])
    idle = predicted(**{**groups, "prefill_workers": "16"})
    assert idle["binding"] != "prefill workers"
    assert idle["predicted"] > 1.5 * full["predicted"]


@pytest.mark.parametrize(
    ("column", "known"),
    [
        ("Gen tokens", "output_tokens"), ("Output Sequence Length", "output_tokens"),
        ("max_new_tokens", "output_tokens"), ("Prompt length", "input_tokens"),
        ("Clients", "concurrency"), ("parallel requests", "concurrency"),
    ],
)  # fmt: skip
def test_lengths_and_requests_have_the_names_that_people_give_them(column: str, known: str) -> None:
    row = {name: cell for name, cell in ROW.items() if name != known}
    found = answered([{**row, column: ROW[known]}]).rows[0]
    assert found["predicted"] == predicted()["predicted"]


def test_a_layout_that_is_not_said_is_in_doubt_where_the_model_has_experts() -> None:
    said = "how the model is spread is not said"
    row = {"tensor": "", "concurrency": "2048", "input_tokens": "1000", "output_tokens": "1000",
           "metric": "output_throughput_per_gpu", "model": "qwen3_235b_a22b"}  # fmt: skip
    opened, split = predicted(**row), predicted(**{**row, "tensor": "8"})
    copied = predicted(**row, attention_copies="true")
    assert said in opened["note"]
    assert said not in copied["note"]
    assert opened["low"] <= split["predicted"] <= opened["high"]
    assert copied["predicted"] > 1.5 * split["predicted"]
    assert copied["predicted"] <= opened["high"] * 1.001
    assert split["high"] < opened["high"]
    assert said not in predicted(**{**row, "model": "llama3_70b"})["note"]
    assert said not in predicted(**{**row, "n_chips": "1", "model": "qwen3_30b_a3b"})["note"]


def test_a_row_of_eight_bit_floats_is_widened_as_a_deployment_is() -> None:
    row = {"hardware": "A100 80GB SXM", "model": "llama3_70b"}
    floats, wide = predicted(**row, weight_bits="fp8"), predicted(**row, weight_bits="w8a16")
    assert "multiplies no 8-bit floats" in floats["note"]
    assert floats["predicted"] == wide["predicted"]
    assert predicted(**row, weight_bits="w8a8")["predicted"] < wide["predicted"]


@pytest.mark.parametrize("copies", ["8", "true", "1"])
def test_copies_of_attention_may_be_counted(copies: str) -> None:
    assert predicted(attention_copies=copies)["predicted"] == predicted(replicas="8")["predicted"]


def test_the_doubt_of_a_layout_is_of_what_is_asked() -> None:
    row = {"tensor": "", "concurrency": "1000", "input_tokens": "1000", "output_tokens": "1000",
           "metric": "ttft"}  # fmt: skip
    opened, copied = predicted(**row), predicted(**row, replicas="8")
    assert copied["predicted"] < opened["predicted"] / 10
    assert opened["low"] <= copied["predicted"] * 1.001
    one = predicted(**{**row, "concurrency": "1"})
    assert "how the model is spread" not in one["note"]


def test_where_readers_are_full_nobody_waits_for_memory_and_a_token_is_not_theirs() -> None:
    groups = {
        "mode": "disaggregated", "prefill_workers": "1", "prefill_tp": "4", "decode_workers": "1",
        "decode_tp": "8", "n_chips": "12", "tensor": "", "model": "llama3_70b", "engine": "vllm",
        "hardware": "H100", "input_tokens": "8000", "output_tokens": "100", "concurrency": "256",
    }  # fmt: skip
    for metric, binds in (("tpot", False), ("ttft", True), ("output_throughput_total", True)):
        found = predicted(**groups, metric=metric)
        assert (found["binding"] == "prefill workers") == binds
        assert "wait for memory" not in found["note"]


def test_seldom_requests_are_as_little_known_as_in_a_service() -> None:
    row = {"n_chips": "1", "tensor": "1", "model": "llama3_8b", "concurrency": "", "rate": "0.01",
           "metric": "ttft", "engine": "vllm", "input_tokens": "1000", "output_tokens": "200",
           "weight_bits": "16"}  # fmt: skip
    found = predicted(**row)
    asked = {"rate": 0.01, "prompt": 1000, "answer": 200, "engine": "vllm"}
    served = serve("h200_sxm", 1, "llama3_8b", **asked).figures["time to the first token"]
    for end in ("low", "high"):
        assert found[end] == pytest.approx(getattr(served, end))


def test_copies_within_tensor_parallelism_are_counted_of_all() -> None:
    whole = predicted(tensor="", replicas="4", n_chips="8")["predicted"]
    assert predicted(attention_copies="4", tensor="8")["predicted"] == whole
