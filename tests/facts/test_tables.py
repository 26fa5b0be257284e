"""Tables as people have them: columns, metrics, units and numbers by other names."""

from __future__ import annotations

import io
import math

import pytest
from predictions import answered

from inference_economics.algebra.formula import InputError
from inference_economics.evidence import predicted_tables
from inference_economics.facts import measurements, tables
from inference_economics.facts.measurements import RowError, read


@pytest.mark.parametrize(
    ("said", "metric", "unit"),
    [
        ("TTFT", "ttft", ""), ("TPOT", "tpot", ""), ("ITL", "itl", ""),
        ("Mean TPOT (ms)", "tpot", "ms"), ("median_itl_ms", "itl", "ms"), ("ttft_ms", "ttft", "ms"),
        ("E2E", "request_latency", ""), ("e2e_latency", "request_latency", ""),
        ("interactivity", "decode_speed", ""), ("tput_per_gpu", "total_throughput_per_gpu", ""),
        ("total_token_throughput", "total_throughput", ""), ("tg128", "decode_speed", "tok/s"),
        ("pp512", "prompt_throughput", "tok/s"),
        ("Input token throughput (tok/s)", "prompt_throughput", "tok/s"),
        ("Output token throughput (tok/s)", "output_throughput_total", "tok/s"),
        ("output tok/s/gpu", "output_throughput_per_gpu", ""),
        ("gen tok/s", "output_throughput_total", ""),
        ("output tokens per second", "output_throughput_total", ""),
        ("Total tokens/sec/GPU", "total_throughput_per_gpu", ""),
        ("throughput_tok_s", "output_throughput_total", "tok/s"),
        ("tokens_per_second_per_user", "decode_speed", ""),
    ],
)  # fmt: skip
def test_a_metric_is_known_as_tools_print_it(said: str, metric: str, unit: str) -> None:
    called = tables.metric_called(said)
    assert called is not None
    assert called[:2] == (metric, unit)
    assert metric in measurements.METRICS


@pytest.mark.parametrize(
    ("column", "metric"),
    [
        ("tok/s/gpu", "output_throughput_per_gpu"), ("Tokens/s", "output_throughput_total"),
        ("Tokens/sec", "output_throughput_total"), ("Speed (t/s)", "decode_speed"),
        ("Requests/s", "request_throughput"), ("req/s", "request_throughput"),
        ("Latency (s)", "request_latency"),
    ],
)  # fmt: skip
def test_what_a_loose_name_is_taken_as_is_said(column: str, metric: str) -> None:
    text = f"gpu,gpus,model,batch,isl,osl,{column}\nH200,8,llama3_70b,16,1024,1024,17.2\n"
    (row,) = tables.table(text, "mine.csv")
    assert f"{column} taken as {metric}" in read(row).assumed


def test_percentiles_are_no_means() -> None:
    assert tables.metric_called("p99_ttft_ms") is None
    assert tables.metric_called("std_tpot_ms") is None
    assert tables.metric_called("T s") is None  # nor are the seconds of llama-batched-bench tokens


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        ("msec", "ms"), ("seconds", "s"), ("t/s", "tok/s"), ("tokens/s", "tok/s"),
        ("tok/s/gpu", "tok/s/gpu"), ("tok/s/GPU", "tok/s/gpu"), ("tokens per second", "tok/s"),
        ("tokens/sec/user", "tok/s/user"), ("tps", "tok/s"), ("tok/gpu/s", "tok/s/gpu"),
        ("requests/sec", "req/s"), ("furlong", "furlong"),
    ],
)  # fmt: skip
def test_a_unit_is_known_as_people_write_it(said: str, unit: str) -> None:
    assert tables.unit_called(said) == unit


@pytest.mark.parametrize(
    ("said", "number"),
    [("1 900", 1900), ("1\u202f234\u202f567.5", 1_234_567.5),
     ("15,000", 15_000), ("1,234,567.5", 1_234_567.5), ("1k", 1000), ("4K", 4000), ("1.5k", 1500),
     ("2M", 2e6), ("197.71 ± 0.81", 197.71), ("1e3", 1000)],
)  # fmt: skip
def test_a_number_is_read_as_people_write_it(said: str, number: float) -> None:
    assert tables.number(said) == number


@pytest.mark.parametrize("said", ["1,5", "15,00", "k", "1 k m", "8-bit", "", "1kk"])
def test_what_is_no_number_is_none(said: str) -> None:
    assert math.isnan(tables.number(said))


LONG = """hardware,n_chips,tensor,model,batch,input_tokens,output_tokens,metric,value,unit
H200,8,8,DeepSeek-R1-FP8,16,1024,1024,tpot,17.2,ms
"""


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        LONG.replace(",", ";"),
        LONG.replace(",", "\t"),
        "gpu;gpus;tp;llm;bs;isl;osl;metric;value\nH200;8;8;R1;16;1024;1024;TPOT (msec);17.2",
        'GPU,TP,Model,Batch Size,ISL,OSL,Mean TPOT (ms)\nH200,8,R1,16,"1,024",1024,17.2',
        "gpu,model,batch,isl,osl,tpot_ms,tp\n8xH200,DeepSeek-R1-FP8,16,1024,1024,17.2,8\n",
    ],
)
def test_columns_have_other_names_and_marks(text: str) -> None:
    text = text.replace(";R1;", ";DeepSeek-R1-FP8;").replace(",R1,", ",DeepSeek-R1-FP8,")
    (row,), (plain,) = tables.table(text, "mine.csv"), tables.table(LONG, "mine.csv")
    found, expected = read(row), read(plain)
    assert (found.layout, found.batch, found.context) == (
        expected.layout, expected.batch, expected.context,
    )  # fmt: skip
    assert (found.metric, found.value) == (expected.metric, expected.value)


def test_a_row_with_a_column_for_each_metric_is_a_row_for_each() -> None:
    text = (
        "gpu,tp,model,concurrency,isl,osl,ttft_ms,tpot_ms\nH200,8,DeepSeek-V3,16,1024,1024,90,17\n"
    )
    first, second = tables.table(text, "mine.csv")
    assert (first["metric"], first["value"], first["unit"]) == ("ttft", "90", "ms")
    assert (second["metric"], second["value"]) == ("tpot", "17")
    assert first["tpot_ms"] == "17"  # nothing is lost
    assert any("requests in flight: a server under load" in each for each in read(first).assumed)


def test_all_tokens_are_those_of_prompts_too() -> None:
    row = tables.table(LONG, "mine.csv")[0]
    rates = {"metric": "total_throughput", "unit": "", "value": ""}
    every, answers, each_chip = answered(
        [
            {**row, **rates},
            {**row, **rates, "metric": "output_throughput_total"},
            {**row, **rates, "metric": "tput_per_gpu"},
        ]
    ).rows
    assert every["predicted"] == pytest.approx(2 * answers["predicted"])
    assert each_chip["predicted"] == pytest.approx(every["predicted"] / 8)
    (requests,) = answered([{**row, **rates, "metric": "request_throughput"}]).rows
    assert requests["predicted"] == pytest.approx(answers["predicted"] / 1024)


def test_a_prompts_rate_is_its_tokens_over_its_time() -> None:
    row = {**tables.table(LONG, "mine.csv")[0], "value": "", "batch": "1"}
    speed, time = answered(
        [{**row, "metric": "pp1024", "unit": ""}, {**row, "metric": "ttft", "unit": "s"}]
    ).rows
    assert speed["predicted"] == pytest.approx(1024 / time["predicted"])


@pytest.mark.parametrize(
    ("format", "bits", "multiplied"),
    [("FP8", 8, None), ("NVFP4", 4.5, None), ("MXFP4", 4.25, None), ("BF16", 16, None),
     ("Q4_K_M", 4.85, 16), ("W4A16", 4.15625, 16), ("int4", 4.15625, 16), ("8", 8, None)],
)  # fmt: skip
def test_a_cell_may_name_a_format(format: str, bits: float, multiplied: int | None) -> None:
    layout = read({**tables.table(LONG, "mine.csv")[0], "weights": format}).layout
    assert (layout.weight_bits, layout.compute_bits) == (bits, multiplied)


GERMAN = LONG.replace(",", ";").replace("1024;1024", "1.024;1.024").replace("17.2", "17,2")


def test_a_file_says_which_sign_stands_before_decimals() -> None:
    (plain,) = tables.table(LONG, "mine.csv")
    assert tables.table(GERMAN, "mine.csv") == [plain]
    (row,) = tables.table(GERMAN.replace("17,2", "2.950,5 ms"), "mine.csv")
    assert row["value"] == "2950.5 ms"
    (row,) = tables.table(GERMAN.replace("17,2", "17,2 tok./s"), "mine.csv")
    assert row["value"] == "17.2 tok./s"
    (row,) = tables.table(GERMAN.replace("17,2", "0.172"), "mine.csv")
    assert row["input_tokens"] == "1.024"
    for other, said in (
        ("17", "input_tokens = '1.024' may be 1024 or 1.0240, and no other number"),
        ("17,2;0.5", "value = '17,2' and rate = '0.5': one sign must stand before decimals"),
    ):
        text = GERMAN.replace("17,2", other)
        text = text.replace("value;unit", "value;rate;unit") if "0.5" in other else text
        with pytest.raises(InputError, match=f"^mine.csv: {said}"):
            tables.table(text, "mine.csv")


def test_a_spreadsheet_may_say_first_what_parts_its_cells() -> None:
    header, cells = "hardware;n_chips;model;batch;metric", "H100;1;llama3_8b;1;tpot"
    plain = tables.table(f"{header}\n{cells}\n", "mine.csv")
    assert tables.table(f"sep=;\r\n{header}\r\n{cells}\r\n", "mine.csv") == plain


def test_comments_are_no_rows() -> None:
    header, line = LONG.splitlines()
    text = f"# made by hand\n\n{header}\n# so far, one\n{line}\n"
    assert tables.table(text, "mine.csv") == tables.table(LONG, "mine.csv")
    taken_out = f"{header}\n#{line}\n{line}\n"  # a row, of a column that the package knows
    assert tables.table(taken_out, "mine.csv") == tables.table(LONG, "mine.csv")
    (row,) = tables.table(f"#,{header}\n#1,{line}\n", "mine.csv")
    assert row["#"] == "#1"
    with pytest.raises(InputError, match=r"^mine.csv, line 4: 2 cells"):
        tables.table(f"# made by hand\n\n{header}\nH200,8\n", "mine.csv")


@pytest.mark.parametrize(
    ("said", "named"),
    [({"mode": "disaggregated"}, "prefill_workers, and prefill_tp or prefill_dp: needed"),
     ({"num_prefill_workers": "2"}, "num_prefill_workers, and prefill_tp or prefill_dp: needed")],
)  # fmt: skip
def test_machines_apart_for_prompts_must_be_counted(said: dict[str, str], named: str) -> None:
    with pytest.raises(RowError, match=f"^{named}"):
        read({**tables.table(LONG, "mine.csv")[0], **said})


def test_a_column_that_nothing_looks_at_is_named() -> None:
    rows = [{**tables.table(LONG, "mine.csv")[0], "temperature": "0.7", "id": "one"}]
    prediction = predicted_tables.Prediction(rows)
    assert list(prediction)
    assert prediction.not_read == ("temperature",)
    assert prediction.summary().endswith("\nnot looked at: temperature")


@pytest.mark.parametrize(
    ("columns", "cells", "unread"),
    [
        ("metric,value,TTFT (ms),tpot_ms", "tpot,20,30,40", ("TTFT (ms)", "tpot_ms")),
        ("metric,value,unit", "tpot,20,ms", ()),
        ("ttft_ms,tpot_ms", "30,40", ()),
        ("ttft_ms,tpot_ms", ",", ()),
        ("mean_tpot_ms,median_tpot_ms", "40,41", ("median_tpot_ms",)),
    ],
)
def test_a_column_of_a_metric_is_looked_at_or_named(
    columns: str, cells: str, unread: tuple[str, ...]
) -> None:
    header = "hardware,n_chips,model,batch,input_tokens,output_tokens"
    text = f"{header},{columns}\nH100,1,Llama-3.1-8B,4,1000,100,{cells}\n"
    prediction = predicted_tables.Prediction(tables.rows(io.StringIO(text), "mine.csv"))
    assert list(prediction)
    assert prediction.not_read == unread


def test_what_a_table_lacks_is_named() -> None:
    said = r"no column 'hardware', 'metric' \(.*; not understood: 'pace'\)"
    with pytest.raises(InputError, match=said):
        tables.table("n_chips,model,batch,isl,pace\n1,llama3_8b,1,5,2\n", "mine.csv")


@pytest.mark.parametrize(
    ("column", "cell", "name", "taken"),
    [
        ("rate (req/min)", "300", "rate", 5), ("Rate (requests/hour)", "3600", "rate", 1),
        ("rate (Req/min)", "300", "rate", 5), ("rate", "2 RPS", "rate", 2),
        ("rate", "600/min", "rate", 10), ("rate", "5 req/s", "rate", 5),
        ("qps", "2 rps", "rate", 2), ("isl", "512 tokens", "input_tokens", 512),
        ("context (K)", "8", "context_tokens", 8000),
        ("Context (K tokens)", "8", "context_tokens", 8000),
        ("isl (mean)", "512", "input_tokens", 512), ("isl", "1,024", "input_tokens", 1024),
        ("weight_bits (bytes)", "2", "weight_bits", 16),
    ],
)  # fmt: skip
def test_a_number_may_be_in_a_unit_that_its_column_or_its_cell_says(
    column: str, cell: str, name: str, taken: float
) -> None:
    assert tables.number(tables.said({column: cell})[name]) == pytest.approx(taken)


@pytest.mark.parametrize(
    ("dtype", "quantization", "bits"),
    [("bfloat16", "awq", "awq"), ("", "fp8", "fp8"), ("bfloat16", "", "bfloat16"),
     ("bfloat16", "none", "bfloat16")],
)  # fmt: skip
def test_of_two_columns_for_one_quantity_the_one_that_says_more_counts(
    dtype: str, quantization: str, bits: str
) -> None:
    for row in (
        {"dtype": dtype, "quantization": quantization},
        {"quantization": quantization, "dtype": dtype},
    ):
        assert tables.said(row)["weight_bits"] == bits


def test_a_line_of_blanks_is_no_row() -> None:
    lines = LONG.splitlines()
    blanks = "\n".join([*lines, "   ", "," * lines[0].count(",")])
    assert tables.table(blanks, "mine.csv") == tables.table(LONG, "mine.csv")


def test_a_total_beside_a_known_model_is_compared() -> None:
    row = {**tables.table(LONG, "mine.csv")[0], "params_total": "671e9", "params_active": "37B"}
    same, other = answered([row, {**row, "params_total": "236B"}]).rows
    assert "params_total" not in same["note"]
    assert "params_active" not in same["note"]
    assert "params_total = 236B: deepseek_v3 has 6.71e+11, which count" in other["note"]
    # As many as 15% more or less are another way to count.
    for total, said in (("771e9", False), ("772e9", True), ("571e9", False), ("570e9", True)):
        (near,) = answered([{**row, "params_total": total}]).rows
        assert ("params_total" in near["note"]) == said, total
    (odd,) = answered([{**row, "params_active": "many"}]).rows
    assert "params_active = many: deepseek_v3 has 3.66e+10" in odd["note"]
    for total in ("671 000 000 000", "671B", "-", "N/A", ""):
        (same,) = answered([{**row, "params_total": total}]).rows
        assert "params_total" not in same["note"], total
    (unknown,) = answered([{**row, "model": "NoLlama-34B"}]).rows
    assert "params_total alone is no shape" in unknown["note"]
