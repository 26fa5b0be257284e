"""Files of benchmark tools: one that vLLM wrote, the others after their documented formats.

The fields are those of vLLM's and SGLang's serving benchmarks, of `trtllm-bench --report_json`,
of AIPerf's and GenAI-Perf's profile exports, and of llama.cpp's llama-bench and batched-bench.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inference_economics.algebra.formula import InputError
from inference_economics.facts import matching, results
from inference_economics.facts.measurements import Measurement, RowError, read

HERE = {"hardware": "H100 SXM", "n_chips": "1", "model": "Llama-3.1-8B", "launch": "recorded"}
SERVING = {
    "max_concurrency": 16, "duration": 40.0, "completed": 100, "total_input_tokens": 100_000,
    "total_output_tokens": 50_000, "request_throughput": 2.5, "output_throughput": 1250.0,
    "mean_ttft_ms": 60.0, "median_ttft_ms": 58.0, "mean_tpot_ms": 6.5, "mean_itl_ms": 6.4,
}  # fmt: skip
VLLM = {"model_id": "meta-llama/Llama-3.1-8B-Instruct", "num_prompts": 100, "itls": [[1]],
        "total_token_throughput": 3750.0, "mean_e2el_ms": 3300.0, **SERVING}  # fmt: skip
SGLANG = {"backend": "sglang", "total_output_tokens_retokenized": 49_990,
          "mean_e2e_latency_ms": 3300.0, "total_throughput": 3750.0, "concurrency": 15.2,
          "server_info": {"model_path": "Qwen/Qwen3-32B", "tp_size": 4}, **SERVING}  # fmt: skip
TRTLLM = {
    "engine": {"model": "meta-llama/Llama-3.3-70B-Instruct", "quantization": "FP8",
               "kv_cache_dtype": "FP8", "dtype": "bfloat16", "backend": "Pytorch"},
    "machine": {"name": "NVIDIA H100 80GB HBM3", "memory.total": 79.1},
    "world_info": {"tp_size": 4, "pp_size": 1, "ep_size": 1, "world_size": 4},
    "request_info": {"num_requests": 3000, "avg_num_concurrent_requests": 64.0,
                     "avg_input_length": 1024.0, "avg_output_length": 512.0},
    "performance": {"request_throughput_req_s": 4.0, "system_output_throughput_tok_s": 2048.0,
                    "system_total_throughput_tok_s": 6144.0, "avg_request_latency_ms": 16000.0},
    "streaming_metrics": {"avg_ttft_ms": 300.0, "avg_tpot_ms": 30.0},
}  # fmt: skip
AIPERF = {
    "request_latency": {"unit": "ms", "avg": 3300.0, "p50": 3290.0},
    "request_throughput": {"unit": "requests/sec", "avg": 2.5},
    "time_to_first_token": {"unit": "ms", "avg": 60.0},
    "inter_token_latency": {"unit": "ms", "avg": 6.5},
    "output_token_throughput": {"unit": "tokens/sec", "avg": 1250.0},
    "output_token_throughput_per_user": {"unit": "tokens/sec/user", "avg": 154.0},
    "input_sequence_length": {"unit": "tokens", "avg": 1000.0},
    "output_sequence_length": {"unit": "tokens", "avg": 500.0},
    "input_config": {"endpoint": {"model_names": ["Qwen/Qwen3-8B"]}, "loadgen": {"concurrency": 8}},
}  # fmt: skip
GENAI_PERF = {**AIPERF, "input_config": {"model_names": ["Qwen/Qwen3-8B"],
              "perf_analyzer": {"stimulus": {"concurrency": 8}}}}  # fmt: skip
RUN = {"gpu_info": "NVIDIA GeForce RTX 4090", "model_type": "llama 8B Q4_K - Medium",
       "model_size": 4912898304, "model_n_params": 8030261312, "type_k": "f16"}  # fmt: skip
LLAMA_BENCH = [
    {**RUN, "n_prompt": 512, "n_gen": 0, "n_depth": 0, "avg_ts": 9000.0, "stddev_ts": 20.0},
    {**RUN, "n_prompt": 0, "n_gen": 128, "n_depth": 0, "avg_ts": 140.0, "stddev_ts": 0.4},
]  # fmt: skip
BATCHED = {"n_kv_max": 2048, "n_batch": 2048, "is_pp_shared": 0, "pp": 128, "tg": 128, "pl": 4,
           "n_kv": 1024, "t_pp": 0.4, "speed_pp": 1200.0, "t_tg": 2.0, "speed_tg": 256.0,
           "t": 2.4, "speed": 426.0}  # fmt: skip


def taken(content: Any, **given: str) -> tuple[str, list[Measurement], list[Any]]:
    tool, rows = results.rows(json.dumps(content), "mine.json", given)
    return tool, [read(row) for row in rows], list(rows)


def test_vllm() -> None:
    tool, found, rows = taken(VLLM, **HERE)
    assert tool == "vLLM"
    assert {each.layout.model for each in found} == {"llama3_8b"}
    assert {(each.batch, each.prompt, each.answer) for each in found} == {(16, 1000, 500)}
    measured = {row["metric"]: row["value"] for row in rows}
    assert measured == {
        "ttft": "60.0", "tpot": "6.5", "itl": "6.4", "request_latency": "3300.0",
        "request_throughput": "2.5", "output_throughput_total": "1250.0",
        "total_throughput": "3750.0",
    }  # fmt: skip
    for name, value in VLLM.items():  # nothing is lost
        if not isinstance(value, list):
            assert {row[f"result.{name}"] for row in rows} == {str(value)}


@pytest.mark.parametrize(
    ("server", "chips", "copies", "bits"),
    [
        ({"tp_size": 4}, 4, 1, (16.0, 16.0)),
        ({"tp_size": 4, "dp_size": 1, "quantization": "fp8"}, 4, 1, (8.0, 8.0)),
        ({"tp_size": 4, "dp_size": 2, "kv_cache_dtype": "fp8_e5m2"}, 8, 2, (16.0, 8.0)),
        ({"tp_size": 8, "dp_size": 8, "enable_dp_attention": True,
          "model_path": "deepseek-ai/DeepSeek-R1", "quantization": "fp8"}, 8, 8, (8.0, 8.0)),
        ({"tp_size": 4, "quantization": "awq_marlin", "kv_cache_dtype": "auto"}, 4, 1,
         (4.15625, 16.0)),
    ],
)  # fmt: skip
def test_sglangs_server_says_how_it_keeps_and_spreads_a_model(
    server: dict[str, Any], chips: int, copies: int, bits: tuple[float, float]
) -> None:
    result = {**SGLANG, "server_info": {"model_path": "Qwen/Qwen3-32B", **server}}
    _, found, _ = taken(result, hardware="H100")
    for each in found:
        layout = each.layout
        assert (layout.chips, layout.replicas, layout.weight_bits, layout.kv_bits) == (
            chips, copies, *bits,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("cache", "bits"), [("FP8", 8.0), ("fp8", 8.0), ("NVFP4", 4.5), ("auto", 16.0), (None, 16.0)]
)
def test_tensorrt_llm_names_the_format_of_its_cache(cache: str | None, bits: float) -> None:
    _, found, _ = taken({**TRTLLM, "engine": {**TRTLLM["engine"], "kv_cache_dtype": cache}})
    assert {each.layout.kv_bits for each in found} == {bits}


def test_a_computer_with_one_chip_need_not_be_counted() -> None:
    runs = [{**run, "gpu_info": ""} for run in LLAMA_BENCH]
    _, found, _ = taken(runs, hardware="M2 Ultra")
    assert {(each.layout.accelerator, each.layout.chips) for each in found} == {("m2_ultra", 1)}
    with pytest.raises(InputError, match="do not say n_chips: give --chips"):
        taken(runs, hardware="RTX 4090")


def test_a_machines_name_may_count() -> None:
    _, found, _ = taken(VLLM, **{**HERE, "hardware": "1xH100", "n_chips": ""})
    assert {each.layout.chips for each in found} == {1}


def test_what_vllm_wrote_itself() -> None:
    """A run of our own, on an H100."""
    written = Path(__file__).parent / "results" / "vllm-0.20.2.json"
    tool, found, rows = taken(json.loads(written.read_text(encoding="utf-8")), **HERE)
    assert tool == "vLLM"
    measured = {row["metric"]: float(row["value"]) for row in rows}
    assert measured["tpot"] == pytest.approx(12.661, abs=1e-3)
    assert measured["ttft"] == pytest.approx(848.23, abs=1e-2)
    assert {(each.batch, each.prompt, each.answer) for each in found} == {(64, 1024, 256)}


def test_requests_in_flight_follow_from_arrivals_where_none_are_said() -> None:
    _, found, _ = taken({**VLLM, "max_concurrency": None}, **HERE)
    assert [each.batch for each in found] == pytest.approx([2.5 * 3.3] * len(found))
    # Of 500 tokens of an answer, 499 come after the first.
    untold = {**VLLM, "max_concurrency": None, "mean_e2el_ms": None}
    _, found, _ = taken(untold, **HERE)
    flying = 2.5 * (0.06 + 499 * 0.0065)
    assert [each.batch for each in found] == pytest.approx([flying] * len(found))


@pytest.mark.parametrize("unit", ["ms", "s"])
@pytest.mark.parametrize("rate", [0.125, 2.5])
def test_requests_in_flight_of_aiperf_are_those_that_come_and_stay_and_one_at_least(
    rate: float, unit: str
) -> None:
    asked = {"endpoint": AIPERF["input_config"]["endpoint"]}
    latency = {"unit": unit, "avg": 4.0 / {"ms": 1e-3, "s": 1.0}[unit]}
    content = {**AIPERF, "input_config": asked, "request_latency": latency}
    content["request_throughput"] = {"unit": "requests/sec", "avg": rate}
    _, found, _ = taken(content, **HERE)
    assert [each.batch for each in found] == pytest.approx([max(1.0, 4.0 * rate)] * len(found))


def test_requests_that_came_at_a_rate_are_read_as_such_unless_they_overran_the_server() -> None:
    open_loop = {**VLLM, "max_concurrency": None}
    _, kept_up, _ = taken({**open_loop, "request_rate": 2.6}, **HERE)
    assert {(each.rate, each.under_load) for each in kept_up} == {(2.6, True)}
    for rate in (10.0, "inf"):
        _, overrun, _ = taken({**open_loop, "request_rate": rate}, **HERE)
        assert {each.rate for each in overrun} == {0}
        assert overrun[0].batch == pytest.approx(2.5 * 3.3)
    _, limited, _ = taken({**VLLM, "request_rate": 2.6}, **HERE)
    assert {(each.rate, each.batch) for each in limited} == {(0, 16)}


def test_a_figure_that_is_too_long_for_a_number_is_none() -> None:
    _, found, _ = taken({**VLLM, "request_rate": 10**400, "duration": 10**400}, **HERE)
    assert {each.batch for each in found} == {16}


def test_sglang() -> None:
    tool, found, rows = taken(SGLANG, hardware="H100 SXM")
    assert tool == "SGLang"
    layout = found[0].layout
    assert (layout.model, layout.chips) == ("qwen3_32b", 4)
    assert {row["metric"] for row in rows} >= {"ttft", "tpot", "request_latency"}
    lines = "\n".join(json.dumps(SGLANG) for _ in range(3))  # one more line for each run
    assert len(results.rows(lines, "mine.jsonl", {"hardware": "H100"})[1]) == 3 * len(rows)


def test_tensorrt_llm() -> None:
    tool, found, _ = taken(TRTLLM)
    assert tool == "TensorRT-LLM"
    layout = found[0].layout
    assert (layout.accelerator, layout.chips, layout.model) == ("h100_sxm5", 4, "llama3_70b")
    assert (layout.weight_bits, layout.kv_bits, found[0].batch) == (8, 8, 64)
    assert len(found) == 6


@pytest.mark.parametrize("content", [AIPERF, GENAI_PERF])
def test_aiperf_and_genai_perf(content: dict[str, Any]) -> None:
    tool, found, rows = taken(content, **{**HERE, "model": "Qwen3-8B"})
    assert tool == "GenAI-Perf or AIPerf"
    assert {(each.layout.model, each.batch) for each in found} == {("qwen3_8b", 8)}
    assert len(rows) == 6
    assert rows[0]["result.request_latency.p50"] == "3290.0"


def test_results_that_differ_in_their_fields_have_the_same_columns() -> None:
    """As where a result is added to others that were written without its field."""
    more = {**VLLM, "note_of_mine": "second"}
    apart = {**INFERENCE_X, "disagg": True, "prefill_tp": 4}
    for content in ([VLLM, more], [more, VLLM], [INFERENCE_X, apart]):
        _, rows = results.rows(json.dumps(content), "mine.json", HERE)
        assert {tuple(row) for row in rows} == {tuple(rows[0])}
    _, rows = results.rows(json.dumps([VLLM, more]), "mine.json", HERE)
    assert [row["result.note_of_mine"] for row in rows] == [""] * 7 + ["second"] * 7
    fields = sorted({**INFERENCE_X, **apart})
    lines = [",".join(str(each.get(name, "")) for name in fields) for each in (INFERENCE_X, apart)]
    table = list(results.of_table([",".join(fields) + "\n", *lines], "mine.csv"))
    assert {tuple(row) for row in table} == {tuple(table[0])}


@pytest.mark.parametrize(
    ("content", "engine"),
    [
        (VLLM, ""),
        ({**VLLM, "backend": "vllm"}, "vllm"),
        ({**VLLM, "backend": "openai-chat"}, ""),
        ({**VLLM, "backend": "sglang"}, "sglang"),
        ({**VLLM, "backend": None}, ""),
        (SGLANG, "sglang"),
        (TRTLLM, "trtllm"),
    ],
)
def test_the_engine_that_a_file_names_counts(content: dict[str, Any], engine: str) -> None:
    given = {**HERE, "n_chips": "", "hardware": "4xH100"} if content is not TRTLLM else {}
    found = taken(content, **given)[1]
    assert {each.engine for each in found} == {engine}
    assert not any("was fitted" in note for each in found for note in each.assumed)
    assert {each.engine for each in taken(content, **given, engine="trtllm")[1]} == {"trtllm"}


@pytest.mark.parametrize(
    ("content", "fields", "note"),
    [
        ("INFERENCE_X", {"spec_decoding": "mtp"}, "spec_decoding = 'mtp' left out"),
        ("INFERENCE_X", {"spec_decoding": "none"}, ""),
        ("SGLANG", {"accept_length": 2.4}, "accept_length = '2.4' left out"),
        ("SGLANG", {"accept_length": None}, ""),
        ("VLLM", {"spec_decode_acceptance_length": 3.1}, "accept_length = '3.1' left out"),
    ],
)
def test_guessing_ahead_is_noted(content: str, fields: dict[str, Any], note: str) -> None:
    given = {} if content == "INFERENCE_X" else {**HERE, "n_chips": "4"}
    for each in taken({**globals()[content], **fields}, **given)[1]:
        assert any("without guessing ahead" in said for said in each.assumed) == bool(note)
        assert any(said.startswith(note) for said in each.assumed)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"n_gpu_layers": 0}, "n_gpu_layers = '0' of 32 layers: what lies in main memory is not"),
        ({"n_gpu_layers": 10}, "n_gpu_layers = '10' of 32 layers: what"),
        ({"n_cpu_moe": 4}, "n_cpu_moe = '4': what lies in main memory is not predicted"),
        ({"no_kv_offload": True}, "no_kv_offload = 'True': what lies in main"),
        ({"tensor_buft_overrides": "exps=CPU"}, "tensor_buft_overrides = 'exps=CPU': what"),
    ],
)
def test_what_llama_cpp_keeps_in_main_memory_is_refused(fields: dict[str, Any], said: str) -> None:
    for row in results.rows(json.dumps([{**LLAMA_BENCH[1], **fields}]), "mine.json")[1]:
        with pytest.raises(RowError, match=re.escape(said)):
            read(row)


def test_llama_bench_says_how_a_model_lies_on_several_cards() -> None:
    pair = {
        **LLAMA_BENCH[1], "gpu_info": "NVIDIA GeForce RTX 4090, NVIDIA GeForce RTX 4090",
        "n_gpu_layers": -1, "n_cpu_moe": 0, "no_kv_offload": False, "tensor_buft_overrides": "none",
    }  # fmt: skip
    for fields, chips, stages in (
        ({}, 2, 2),
        ({"split_mode": "layer"}, 2, 2),
        ({"split_mode": "row"}, 2, 1),
        ({"split_mode": "none"}, 1, 1),
    ):
        layout = taken([{**pair, **fields}])[1][0].layout
        assert (layout.chips, layout.stages) == (chips, stages)
    assert taken([{**pair, "gpu_info": ""}], hardware="2x RTX 4090")[1][0].layout.stages == 2
    for key, value, bits in (("q8_0", "q8_0", 8.5), ("f16", "q4_0", 10.25), ("q5_1", "q4_1", 5.5)):
        assert taken([{**pair, "type_k": key, "type_v": value}])[1][0].layout.kv_bits == bits


# Blocks of 32 numbers, with a factor of two bytes; those that end in _1 have an offset as well.
@pytest.mark.parametrize(
    ("said", "block", "of"),
    [("q8_0", 32 + 2, 32), ("q5_1", 20 + 4, 32), ("q5_0", 20 + 2, 32), ("q4_1", 16 + 4, 32),
     ("q4_0", 16 + 2, 32), ("iq4_nl", 16 + 2, 32), ("f16", 2, 1), ("bf16", 2, 1)],
)  # fmt: skip
def test_a_cache_of_llama_cpp_takes_the_bytes_of_its_blocks(said: str, block: int, of: int) -> None:
    _, found, _ = taken([{**LLAMA_BENCH[1], "type_k": said, "type_v": said}])
    assert found[0].layout.kv_bits == 8 * block / of


def test_llama_bench_in_json_and_in_csv() -> None:
    tool, (prompt, answer), rows = taken(LLAMA_BENCH)
    assert tool == "llama-bench"
    assert (answer.layout.accelerator, answer.layout.model) == ("rtx4090", "llama3_8b")
    assert answer.layout.weight_bits == pytest.approx(4.89)
    assert (prompt.metric.of, prompt.prompt) == ("prompt", 512)
    assert (answer.metric.of, answer.answer, answer.value) == ("step", 128, 140.0)
    header = ",".join(LLAMA_BENCH[0])
    lines = [",".join(map(str, each.values())) for each in LLAMA_BENCH]
    table = io.StringIO("\n".join([header, *lines]))
    assert [read(row) for row in results.of_table(table, "mine.csv")] == [read(r) for r in rows]


NAMES = {
    "qwen3moe 30B.A3B Q4_K - Medium": ("qwen3_30b_a3b", 4.85),
    "qwen3moe 235B.A22B Q8_0": ("qwen3_235b_a22b", 8.5),
    "gpt-oss 120B MXFP4 MoE": ("gpt_oss_120b", 4.25),
    "gpt-oss 20B MXFP4 MoE": ("gpt_oss_20b", 4.25),
    "deepseek2 671B Q4_K - Medium": ("deepseek_v3", 4.85),
    "deepseek2 16B Q8_0": ("deepseek_v2_lite", 8.5),
    "qwen2 32B Q4_K - Medium": ("qwen25_32b", 4.85),
    "llama 8x7B Q4_0": ("mixtral_8x7b", 4.5),
}


@pytest.mark.parametrize(("said", "meant"), NAMES.items())
def test_llama_bench_names_models_in_its_own_way(said: str, meant: tuple[str, float]) -> None:
    found = matching.model(said)
    assert (found.id, found.bits) == meant


MARKDOWN = """ggml_cuda_init: found 1 CUDA devices:
  Device 0: NVIDIA GeForce RTX 4090, compute capability 8.9, VMM: yes
| model                  |     size | params | backend | ngl |          test |             t/s |
| ---------------------- | -------: | -----: | ------- | --: | ------------: | --------------: |
| llama 8B Q4_K - Medium | 4.58 GiB | 8.03 B | CUDA    |  99 |         pp512 | 9000.00 ± 20.00 |
| llama 8B Q4_K - Medium | 4.58 GiB | 8.03 B | CUDA    |  99 |         tg128 |   140.00 ± 0.40 |
| llama 8B Q4_K - Medium | 4.58 GiB | 8.03 B | CUDA    |  99 | tg128 @ d4096 |   120.00 ± 0.40 |

build: 5bb9c9c (5010)
"""


def test_llama_bench_as_it_prints() -> None:
    prompt, answer, deep = map(read, results.of_table(io.StringIO(MARKDOWN), "mine.md"))
    layout = answer.layout
    assert (layout.accelerator, layout.chips, layout.model) == ("rtx4090", 1, "llama3_8b")
    assert layout.weight_bits == pytest.approx(4.89, abs=0.02)  # of rounded figures
    assert (prompt.metric.of, prompt.prompt, prompt.value) == ("prompt", 512, 9000.0)
    assert (answer.metric.of, answer.answer, answer.value) == ("step", 128, 140.0)
    assert (deep.context, deep.value) == (4096 + 64, 120.0)
    small = MARKDOWN.replace("4.58 GiB | 8.03 B", "469.72 MiB | 803 M")  # a tenth of each
    for row in results.of_table(io.StringIO(small), "mine.md"):
        assert read(row).layout.weight_bits == pytest.approx(4.907, abs=5e-3)
    few = MARKDOWN.replace("|  99 |", "|  20 |")
    for row in results.of_table(io.StringIO(few), "mine.md"):
        with pytest.raises(RowError, match="n_gpu_layers = '20' of 32 layers"):
            read(row)
    with pytest.raises(InputError, match=r"mine.md, line 6: 1 cells, and 7 columns"):
        list(results.of_table([*MARKDOWN.splitlines()[:5], "| llama"], "mine.md"))
    table = MARKDOWN.partition("VMM: yes\n")[2]
    with pytest.raises(InputError, match="results of llama-bench do not say hardware, n_chips: gi"):
        list(results.of_table(io.StringIO(table), "mine.md"))
    given = {"hardware": "RTX 4090", "n_chips": "1"}
    here = [read(row) for row in results.of_table(io.StringIO(table), "mine.md", given)]
    assert [each.layout.accelerator for each in here] == ["rtx4090"] * 3


def test_any_table_may_be_in_markdown() -> None:
    header = "|hardware|chips|model|batch|context|tpot_ms|\n|:-|-|-|-|-|-|\n"
    table = io.StringIO(f"{header}|H100|1|Llama 8B|4|1,000|5.5|\n")
    (found,) = results.of_table(table, "mine.md")
    assert (read(found).context, read(found).value) == (1000, 5.5e-3)


def test_an_option_counts_more_than_what_a_tools_file_says() -> None:
    _, found, _ = taken(VLLM, **{**HERE, "model": "Qwen/Qwen3-32B"})
    assert {each.layout.model for each in found} == {"qwen3_32b"}


INFERENCE_X = {
    "hw": "h200-trt", "tp": 8, "ep": 8, "dp_attention": "true", "conc": 64, "isl": 1024,
    "osl": 512, "model": "deepseek-ai/DeepSeek-R1-0528", "framework": "trt", "precision": "fp8",
    "tput_per_gpu": 900.0, "output_tput_per_gpu": 300.0, "mean_ttft": 0.5, "mean_tpot": 0.03,
    "mean_intvty": 33.3,
}  # fmt: skip


def test_inference_x_in_json_and_in_csv() -> None:
    """Fields of utils/process_result.py of its repository: times are in seconds."""
    tool, found, rows = taken(INFERENCE_X)
    assert tool == "InferenceX"
    one = found[0]
    assert (one.layout.accelerator, one.layout.chips, one.layout.model) == (
        "h200_sxm", 8, "deepseek_v3",
    )  # fmt: skip
    assert (one.layout.replicas, one.layout.weight_bits, one.engine) == (8, 8, "trtllm")
    assert (one.batch, one.prompt, one.answer, one.under_load) == (64, 1024, 512, True)
    assert [each.value for each in found] == [0.5, 0.03, 900.0, 300.0]
    plain = {**INFERENCE_X, "dp_attention": "false", "ep": 1}
    assert taken(plain)[1][0].layout.replicas == 1
    for groups, said in ((1, False), (2, True)):
        notes = taken({**plain, "ep": groups})[1][0].assumed
        assert any("experts are split over" in note for note in notes) == said
    table = io.StringIO(f"{','.join(INFERENCE_X)}\n{','.join(map(str, INFERENCE_X.values()))}\n")
    assert [read(row) for row in results.of_table(table, "mine.csv")] == [read(r) for r in rows]


def test_inference_x_with_machines_of_their_own_for_prompts() -> None:
    apart = {
        "disagg": True, "prefill_num_workers": 2, "prefill_tp": 4, "prefill_dp_attention": "false",
        "decode_num_workers": 1, "decode_tp": 8, "decode_dp_attention": "true",
    }  # fmt: skip
    _, found, _ = taken({**INFERENCE_X, **apart})
    groups = found[0].apart
    assert groups is not None
    assert (groups.readers, groups.layout.chips, groups.layout.replicas) == (2, 4, 1)
    assert (groups.writers, found[0].layout.chips, found[0].layout.replicas) == (1, 8, 8)
    assert found[0].chips == 2 * 4 + 1 * 8
    assert replace(found[0], apart=replace(groups, writers=3.0)).chips == 2 * 4 + 3 * 8
    assert replace(found[0], apart=None).chips == 8


def test_batched_bench() -> None:
    tool, found, _ = taken(BATCHED, **HERE)
    assert tool == "llama-batched-bench"
    assert [each.batch for each in found] == [4, 4, 4]
    assert [each.metric.of for each in found] == ["prompt", "step", "request"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (json.dumps(VLLM), "results of vLLM do not say hardware, n_chips: give --hardware and "),
        (json.dumps(BATCHED), "do not say hardware, n_chips, model: give "),
        ("{}", "JSON of no known tool (known are results of TensorRT-LLM, SGLang, vLLM, "),
        ('{"elapsed_time": 9.0, "num_requests": 9, "tokens_per_second": 9.0}',
         "; of SGLang and vLLM, of their serving benchmarks)"),
        ("[]", "JSON without results"),
        ("[1]", "JSON without results"),
        ('{"a": ', "no JSON ("),
        ("[" * 100_000, "no JSON (it is nested too deeply)"),
    ],
)  # fmt: skip
def test_what_lacks_something_says_what(content: str, said: str) -> None:
    with pytest.raises(InputError) as raised:
        results.rows(content, "mine.json")
    assert str(raised.value).startswith("mine.json: ")
    assert said in str(raised.value)


def test_a_csv_of_genai_perf_is_called_so() -> None:
    lines = ["Metric,avg,min,max\n", "Request Latency (ms),1700.00,1600.00,1900.00\n"]
    with pytest.raises(InputError, match=r"^mine.csv: a CSV of GenAI-Perf or AIPerf: give the JSO"):
        list(results.of_table(lines, "mine.csv"))


def test_a_cell_that_no_table_has_gets_one_sentence() -> None:
    with pytest.raises(InputError, match=r"^mine.csv, line 1: no CSV \(field larger than"):
        list(results.of_table(["x" * 1_000_000], "mine.csv"))
