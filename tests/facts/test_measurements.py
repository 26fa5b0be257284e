"""Reading tables of measurements: loose names, columns, units, layouts, and what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_economics.algebra.formula import InputError
from inference_economics.facts import catalog, matching, measurements, tables
from inference_economics.facts.calibration import ONE_BY_ONE, RECORDED
from inference_economics.facts.measurements import (
    Layout,
    Measurement,
    RowError,
    read,
    read_all,
)
from inference_economics.facts.tables import table

FACTS = catalog.load()


def accelerator_id(said: str) -> str | None:
    """Return the id of the accelerator that a name means; None if it means none."""
    try:
        return matching.accelerator(said).id
    except matching.UnknownNameError:
        return None


def model_id(said: str) -> str | None:
    """Return the id of the model that a name means; None if it means none."""
    try:
        return matching.model(said).id
    except matching.UnknownNameError:
        return None


HEADER = "hardware,n_chips,model,batch,metric,unit,input_tokens,output_tokens"
LINE = "h100_sxm5,1,llama3_8b,4,request_latency,ms,1000,100"
PLAIN = {
    **dict(zip(HEADER.split(","), LINE.split(","), strict=True)),
    "weight_bits": "16",
    "kv_bits": "16",
    "launch": RECORDED,
}


def row(**changed: str) -> dict[str, str]:
    return {**PLAIN, **changed}


def reason(**changed: str) -> str:
    with pytest.raises(RowError) as raised:
        read(row(**changed))
    return str(raised.value)


# Tables


def test_a_table_is_its_rows_by_column() -> None:
    (only,) = table(f"{HEADER}\n{LINE}\n", "mine.csv")
    assert only == dict(zip(HEADER.split(","), LINE.split(","), strict=True))


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{HEADER}\n{LINE}\n",
        f"{HEADER}\r\n{LINE}\r\n",
        f"{HEADER}\n{LINE}",
        f"{HEADER}\n\n{LINE}\n\n",
        f"{HEADER}\n{LINE}\n".replace(",", " , "),
        f"{HEADER}\n{LINE}\n".replace("h100_sxm5", '"h100_sxm5"'),
    ],
)
def test_ways_to_write_a_table_make_no_difference(text: str) -> None:
    assert table(text, "mine.csv") == table(f"{HEADER}\n{LINE}\n", "mine.csv")


def test_commas_and_line_ends_in_quotes_are_part_of_a_cell() -> None:
    (only,) = table(f'{HEADER},notes\n{LINE},"one, ""two""\nthree"\n', "mine.csv")
    assert only["notes"] == 'one, "two"\nthree'


def test_a_header_alone_is_refused() -> None:
    with pytest.raises(InputError, match=r"mine.csv: a header and no rows"):
        table(HEADER, "mine.csv")


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "\0\0\0", "a;b;c\n1;2;3\n"])
def test_what_is_no_table_lacks_every_needed_column(text: str) -> None:
    with pytest.raises(InputError) as raised:
        table(text, "mine.csv")
    assert str(raised.value).startswith("mine.csv: no column 'hardware', 'n_chips', 'model'")


@pytest.mark.parametrize("column", sorted({*tables.REQUIRED} - {"n_chips"}))
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(InputError, match=f"mine.csv: no column '{column}' "):
        table(f"{HEADER}\n{LINE}\n".replace(column, "other"), "mine.csv")


def test_a_column_that_is_there_twice_is_named() -> None:
    with pytest.raises(InputError, match=r"mine.csv: the column 'batch' is there twice"):
        table(f"{HEADER}, batch \n{LINE},8\n", "mine.csv")


@pytest.mark.parametrize("cells", [f"{LINE},extra", "h100_sxm5,1", LINE.rsplit(",", 1)[0]])
def test_a_ragged_row_is_named_by_its_line(cells: str) -> None:
    with pytest.raises(InputError, match=r"mine.csv, line 3: \d+ cells, and 8 columns"):
        table(f"{HEADER}\n{LINE}\n{cells}\n{LINE}\n", "mine.csv")


def test_a_cell_longer_than_any_is_refused_like_any_bad_table() -> None:
    with pytest.raises(InputError, match=r"mine.csv"):
        table(f'{HEADER}\n"{"x" * 200_000}{LINE}\n', "mine.csv")


ADDED = {"source_title", "mode", "tensor", "params_total", "params_active", "concurrency", "rate"}
ADDED |= {"split_mode", "gpu_layers", "cpu_experts", "cpu_cache", "cpu_tensors", "guessing"}
ADDED |= {"attention_copies", "expert_groups"} | {
    f"{group}{what}" for group in ("reader", "writer") for what in ("s", "_tensor", "_replicas")
}


def test_the_own_table_has_every_row_once() -> None:
    rows = measurements.own()
    assert len({each["id"] for each in rows}) == len(rows) == 675
    assert {*tables.REQUIRED, *tables.OPTIONAL} - ADDED <= set(rows[0])
    assert {each["split"] for each in rows} == {"fit", "test", "repeat", "later", "shown"}


# Rows


def test_a_row_is_understood() -> None:
    assert read(row(value="820")) == Measurement(
        layout=Layout("h100_sxm5", 1, "llama3_8b", 16.0, 16.0, None, 1, 1, ran=True),
        launch=RECORDED,
        batch=4.0,
        context=1050.0,  # the prompt, and half of the answer
        prompt=1000.0,
        answer=100.0,
        metric=measurements.METRICS["request_latency"],
        unit=1e-3,
        value=pytest.approx(0.82),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("unit", "seconds"), [("s", 1.0), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9)]
)
def test_times_are_read_in_their_unit(unit: str, seconds: float) -> None:
    assert read(row(unit=unit, value="8")).value == pytest.approx(8 * seconds)


def test_short_names_of_metrics_mean_the_long_ones() -> None:
    for short, long in (("tpot", "inter_token_latency"), ("itl", "inter_token_latency"),
                        ("ttft", "first_token_latency")):  # fmt: skip
        assert read(row(metric=short)) == read(row(metric=long))


def test_what_was_not_measured_needs_no_unit() -> None:
    found = read(row(unit=""))
    assert (found.unit, found.value) == (1.0, None)
    assert "predicted in seconds" in found.assumed


def test_a_stated_context_counts_and_none_is_guessed() -> None:
    assert read(row(context_tokens="3000")).context == 3000
    assert "context_tokens: needed" in reason(
        metric="step_latency", input_tokens="", output_tokens=""
    )
    assert "output_tokens: needed" in reason(output_tokens="", context_tokens="9")
    assert "input_tokens: needed" in reason(input_tokens="", context_tokens="9")
    assert "input_tokens: needed" in reason(metric="first_token_latency", input_tokens="0")


def test_a_throughput_of_the_phase_decode_is_one_of_steps() -> None:
    rate = {"metric": "output_throughput_total", "unit": "tok/s"}
    assert read(row(**rate)).metric.of == "request"
    assert read(row(**rate, phase="mixed")).metric.of == "request"
    assert read(row(**rate, phase="decode")).metric.of == "step"
    alone = read(row(**rate, input_tokens="", output_tokens="", context_tokens="500"))
    assert (alone.metric.of, alone.metric.rate, alone.context) == ("step", True, 500)
    assert read(row(phase="decode")).metric.of == "request"  # of a time, nothing is taken away


def test_what_is_left_open_is_assumed_and_said() -> None:
    assert read(row()).assumed == ()
    found = read(row(weight_bits="", kv_bits="", launch=""))
    assert (found.layout.weight_bits, found.layout.kv_bits, found.launch) == (16, 16, RECORDED)
    assert set(found.assumed) == {
        "weight_bits of 16 assumed",
        "kv_bits of 16 assumed",
        "an engine that replays recorded kernels assumed",
    }
    assert read(row(launch=ONE_BY_ONE)).launch == ONE_BY_ONE
    for notes in ("transformers, eager", "Kernel by kernel; FP8"):
        noted = read(row(launch="", notes=notes))
        assert noted.launch == ONE_BY_ONE
        assert "kernels launched one by one, as the notes say" in noted.assumed
        assert read(row(launch=RECORDED, notes=notes)).launch == RECORDED
    assert read(row(launch="", notes="an eagerness of ours")).launch == RECORDED


def test_a_format_may_follow_the_bits() -> None:
    for said in ("FP8", "int8", "fp8 (per channel)"):
        assert read(row(weight_bits=said)).layout.weight_bits == 8
    assert read(row(kv_bits="BF16")).layout.kv_bits == 16
    layout = read(row(weight_bits="8 (FP8)", kv_bits="8 fp8", compute_bits="8")).layout
    assert (layout.weight_bits, layout.kv_bits, layout.compute_bits) == (8.0, 8.0, 8)


NUMBERS = ("n_chips", "batch", "context_tokens", "input_tokens", "output_tokens",
           "weight_bits", "kv_bits", "compute_bits", "stages", "replicas")  # fmt: skip
NOT_POSITIVE = ("-1", "text", "inf", "-inf", "1e400", "0x10", "1,5", "8-bits-or-so")


@pytest.mark.parametrize("cell", NOT_POSITIVE)
@pytest.mark.parametrize("column", NUMBERS)
def test_a_bad_number_is_named_with_its_column(column: str, cell: str) -> None:
    assert reason(**{column: cell}).startswith(f"{column} = {cell!r}: must be a positive number, ")


@pytest.mark.parametrize("cell", [*NOT_POSITIVE, "0", "25 parsec"])
def test_a_prediction_needs_no_value(cell: str) -> None:
    found = read(row(value=cell))
    assert found.value is None
    assert not found.layout.ran
    assert found.assumed[0].startswith(f"not compared: value = {cell!r}: must be a positive number")


@pytest.mark.parametrize("cell", ["n/a", "-", "–", "NaN", "None", "null"])
def test_a_cell_that_says_nothing_is_empty(cell: str) -> None:
    assert read(row(value=cell, kv_bits=cell)) == read(row(value="", kv_bits=""))
    words = ("launch", "engine", "phase", "notes")
    assert read(row(**dict.fromkeys(words, cell))) == read(row(**dict.fromkeys(words, "")))
    with pytest.raises(RowError, match="model: needed"):
        read(row(model=cell))


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [("25ms", "", 0.025), ("0.4 s", "s", 0.4), ("1 900 ms", "", 1.9), ("1’900", "ms", 1.9)],
)
def test_a_value_may_have_its_unit_behind_it(cell: str, unit: str, value: float) -> None:
    assert read(row(value=cell, unit=unit)).value == pytest.approx(value)
    assert read(row(metric="decode_speed", value="2400 tok/s", unit="")).value == 2400
    other = read(row(value="0.4 s", unit="ms"))
    assert other.value is None
    assert "not compared: value = '0.4 s': must be in 'ms', the row's unit" in other.assumed


@pytest.mark.parametrize(
    ("column", "inside", "outside"),
    [
        ("batch", ("1", "1e9"), ("0.999", "1000000001")),
        ("n_chips", ("1", "1e6"), ("0.5", "1000001")),
        ("input_tokens", ("1", "1e9"), ("0.5", "1000000001")),
        ("output_tokens", ("1", "1e9"), ("0.5", "1000000001")),
        ("weight_bits", ("0.5", "64"), ("0.499", "64.01")),
        ("kv_bits", ("0.5", "64"), ("0.499", "64.01")),
    ],
)
def test_a_number_may_be_at_its_ends_and_no_further(
    column: str, inside: tuple[str, str], outside: tuple[str, str]
) -> None:
    for cell in outside:
        assert reason(**{column: cell}).startswith(f"{column} = {cell!r}: must be a")
    for cell in inside:
        told = read_all([row(**{column: cell})])[0]
        assert "must be a" not in str(told), cell


def test_a_value_may_be_at_its_ends_and_no_further() -> None:
    values = {cell: read(row(value=cell)).value for cell in ("1e-15", "9e-16", "1e15", "1.1e15")}
    assert [cell for cell, value in values.items() if value is not None] == ["1e-15", "1e15"]


def test_a_rate_of_requests_may_be_as_small_as_one_likes() -> None:
    found = read(row(batch="", rate="1e-9"))
    assert (found.under_load, found.batch, found.rate) == (True, 1.0, 1e-9)
    assert "needed, or a concurrency, or a finite rate" in reason(batch="", rate="inf")
    assert reason(batch="", concurrency="0.5").startswith("concurrency = '0.5': must be a")


@pytest.mark.parametrize("column", ["n_chips", "batch", "weight_bits", "stages"])
def test_zero_is_no_count(column: str) -> None:
    assert reason(**{column: "0"}).startswith(f"{column} = '0': must be a positive number, ")


def test_what_is_needed_cannot_be_empty() -> None:
    assert reason(batch="") == "batch = '': needed, or a concurrency, or a finite rate of requests"
    assert reason(n_chips="") == "n_chips = '': needed, or a count in hardware, as in 8xH100"


@pytest.mark.parametrize(
    ("hardware", "chips"), [("1xH100", 1), ("2 x Mine", 2), ("p5.48xlarge", 8)]
)
def test_a_name_may_count_the_chips(hardware: str, chips: int) -> None:
    mine = {"memory_bandwidth": "1 TB/s", "memory_capacity": "24 GB", "peak_flops": "99 TOPS"}
    assert read({**row(hardware=hardware, n_chips=""), **mine}).layout.chips == chips


@pytest.mark.parametrize("column", ["n_chips", "compute_bits", "stages", "replicas"])
def test_a_count_is_whole(column: str) -> None:
    assert reason(**{column: "1.5"}) == f"{column} = '1.5': must be a whole number"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"metric": "MFU"}, "metric 'MFU' is not predicted"),
        ({"metric": ""}, "metric '' is not predicted"),
        ({"unit": "minutes"}, "unit 'minutes': must be one of s, ms, us, ns"),
        (
            {"unit": "", "value": "5"},
            "unit '': must be one of s, ms, us, ns, in the column unit, in",
        ),
        ({"metric": "decode_speed", "unit": "ms"}, "unit 'ms': must be tok/s or tok/s/user"),
        ({"metric": "output_throughput_per_node", "unit": "tok/s/GPU"}, "unit 'tok/s/GPU'"),
        ({"launch": "eager"}, "launch 'eager': must be 'recorded' or 'kernel by kernel'"),
        ({"hardware": ""}, "hardware: needed"),
        ({"model": ""}, "model: needed"),
        ({"hardware": "GTX 1081"}, "hardware 'GTX 1081' is not in the catalog"),
        ({"model": "NoLlama-34B"}, "model 'NoLlama-34B' is not in the catalog"),
        ({"weight_bits": "65"}, "weight_bits = '65': must be a positive number, from 0.5 to 64"),
        (
            {"metric": "request_throughput", "unit": "", "phase": "decode"},
            "phase = 'decode': no requests are done by steps alone",
        ),
        ({"kv_bits": "1e300"}, "kv_bits = '1e300': must be a positive number, from 0.5 to 64"),
    ],
)
def test_the_reason_says_what_is_wrong(changed: dict[str, str], said: str) -> None:
    assert said in reason(**changed)


RUN = {"metric": "tpot", "unit": "ms", "value": "20", "phase": "mixed", "source": "a"}
OF_IT = {"metric": "output_throughput_total", "unit": "tok/s", "value": "150", "source": "a"}


def test_a_throughput_whose_prompts_are_read_in_between_is_of_a_server() -> None:
    rate = read(row(**OF_IT, phase="mixed"))
    assert rate == read(row(**OF_IT, batch="", concurrency="4"))
    assert rate.under_load
    assert not any(read(row(**OF_IT, phase=phase)).under_load for phase in ("static", "decode", ""))
    assert read(row(**OF_IT, phase=" Mixed ")) == rate
    assert read(row(**OF_IT, phase="-")) == read(row(**OF_IT, phase=""))
    for eager in ({"launch": ONE_BY_ONE}, {"launch": "", "notes": "eager mode"}):
        notes = read(row(**OF_IT, phase="mixed", **eager)).assumed
        assert any("launch not looked at" in note for note in notes)
    short = read(row(**RUN | {"output_tokens": "", "metric": "ttft"}))
    assert not short.under_load
    assert "requests in flight taken as the batch: no prompt and answer to count" in short.assumed
    whole = {"metric": "request_latency", "unit": "s", "value": "2", "phase": "mixed"}
    said = "the time of a request is taken as that of a batch, not of a service"
    assert said in read(row(**whole)).assumed
    other = read(row(**OF_IT, phase="bananas"))
    assert not other.under_load
    assert "phase = 'bananas' not looked at (are: decode, prefill, mixed, static)" in other.assumed
    for asked in (RUN, OF_IT):  # two are enough
        alone, both = (read(row(**asked | {"phase": "mixed", "batch": n})) for n in "12")
        assert (alone.under_load, both.under_load) == (False, True)
    eight_bits = {"weight_bits": "FP8", "kv_bits": ""}  # a service's cache has them, too
    found = read_all([row(**OF_IT | RUN, **eight_bits), row(**RUN, **eight_bits)])
    assert [each.layout.kv_bits for each in found if isinstance(each, Measurement)] == [8, 8]


def test_a_row_that_is_refused_takes_no_other_with_it() -> None:
    found = read_all([row(), row(batch="none"), row(batch="8"), row(model="x"), row()])
    assert [place for place in range(5) if isinstance(found[place], Measurement)] == [0, 2, 4]
    assert [str(found[place])[:5] for place in (1, 3)] == ["batch", "model"]
    assert found[0] == found[4]


# Layouts


def layout(**changed: str) -> tuple[int, int]:
    found = read(row(**changed)).layout
    return found.stages, found.replicas


@pytest.mark.parametrize(
    ("chips", "notes", "expected"),
    [
        ("8", "TP8", (1, 1)),
        ("8", "ran with tp-8 on a quiet machine", (1, 1)),
        ("24", "PP3", (3, 1)),
        ("16", "TP16 PP1", (1, 1)),
        ("16", "TP8 PP2", (2, 1)),
        ("8", "TP 2, PP 2", (2, 2)),
        ("8", "TP1", (1, 8)),
        ("16", "TP8", (1, 2)),
        ("8", "no word of a layout", (1, 1)),
        ("8", "STEP8", (1, 1)),
    ],
)
def test_notes_may_say_how_a_model_is_spread(
    chips: str, notes: str, expected: tuple[int, int]
) -> None:
    assert layout(n_chips=chips, notes=notes) == expected


def test_columns_say_it_louder_than_notes() -> None:
    assert layout(n_chips="8", stages="2", notes="TP8") == (2, 1)
    assert layout(n_chips="8", replicas="4", notes="TP8") == (1, 4)
    assert layout(n_chips="8", stages="2", replicas="2") == (2, 2)


@pytest.mark.parametrize("notes", ["TP3", "TP16", "TP2 PP3", "PP16", "TP16 PP1"])
def test_a_layout_that_does_not_divide_the_chips_is_refused(notes: str) -> None:
    said = reason(n_chips="8", notes=notes)
    assert said.startswith("n_chips = 8: ")
    assert said.endswith(" in the notes cannot be spread over it")
    for kind, size in re.findall(r"(TP|PP)(\d+)", notes):
        assert f"{kind}{size}" in said


def test_copies_that_notes_imply_are_said() -> None:
    found = read(row(n_chips="8", notes="TP2"))
    assert found.assumed == ("4 copies of the model share the batch",)


@pytest.mark.parametrize(
    ("chips", "model", "expected", "said"),
    [
        ("1", "llama3_70b", (1, 1), None),
        ("8", "llama3_70b", (1, 1), "tensor parallelism over all 8 assumed"),
        ("32", "llama3_70b", (4, 1), "tensor parallelism inside a node of 8, stages across"),
        ("8", "deepseek_v3", (1, 1), "tensor parallelism over all 8 assumed"),
        ("32", "deepseek_v3", (1, 32), "experts spread over all, attention data-parallel"),
        ("33", "deepseek_v3", (4, 1), "tensor parallelism inside a node of 8, stages across"),
    ],
)
def test_the_layout_of_a_row_that_says_none(
    chips: str, model: str, expected: tuple[int, int], said: str | None
) -> None:
    """With as many users as 32 chips; and with one fewer than 33, of which whole nodes are 32."""
    users, chips = ("32", chips) if chips != "33" else ("31", "32")
    found = read(row(n_chips=chips, model=model, batch=users))
    assert (found.layout.stages, found.layout.replicas) == expected
    assert len(found.assumed) == (said is not None)
    assert said is None or said in found.assumed[0]


def test_experts_are_split_while_attention_is_copied_where_both_are_over_all_chips() -> None:
    assert layout(n_chips="8", model="deepseek_v3", notes="TP8 DP8") == (1, 8)
    assert "TP8, DP8" in reason(n_chips="8", notes="TP8 DP8")  # a dense model is not split so
    assert "TP4, DP4" in reason(n_chips="8", model="deepseek_v3", notes="TP4 DP4")


def test_experts_and_data_parallelism_in_notes_leave_the_default() -> None:
    assert layout(n_chips="32", model="deepseek_v3", notes="EP/DP, EP32") == (1, 32)


def test_chips_that_fill_no_whole_node_split_every_layer() -> None:
    found = read(row(n_chips="12"))
    assert (found.layout.stages, found.layout.replicas) == (1, 1)
    assert "tensor parallelism over all 12 assumed" in found.assumed
    assert layout(n_chips="12", notes="TP4 PP3") == (3, 1)


def test_a_number_that_no_layout_can_have_is_none() -> None:
    assert layout(n_chips="8", notes="TP" + "9" * 5000) == (1, 1)
    assert "TP999999" in reason(n_chips="8", notes="TP999999")


@pytest.mark.parametrize(
    ("notes", "expected"), [("DP8", (1, 8)), ("TP4 DP2", (1, 2)), ("TP2 PP2 DP2", (2, 2))]
)
def test_copies_may_be_said(notes: str, expected: tuple[int, int]) -> None:
    assert layout(n_chips="8", notes=notes) == expected
    assert read(row(n_chips="8", notes=notes)).assumed == ()


def test_notes_that_name_several_layouts_give_none() -> None:
    found = read(row(n_chips="8", notes="TP8 and TP4 compared"))
    assert (found.layout.stages, found.layout.replicas) == (1, 1)
    assert found.assumed == (
        "the notes name TP8 and TP4: no layout taken from them",
        "tensor parallelism over all 8 assumed",
    )
    assert reason(n_chips="8", notes="TP0") == "notes: TP0 must be at least 1"


def test_one_users_attention_has_no_copies() -> None:
    assert layout(n_chips="16", model="deepseek_v3", batch="1") == (2, 1)
    assert layout(n_chips="16", model="deepseek_v3", batch="64") == (1, 16)


# Loose names

HARDWARE = {
    "A100-SXM4-80GB (DGX SuperPod, NVSwitch)": "a100_sxm_80",
    "a100 40gb": "a100_sxm_40",
    "NVIDIA H100 80GB HBM3": "h100_sxm5",
    "H100-SXM 80GB": "h100_sxm5",
    "H100 PCIe": "h100_pcie",
    "nvidia_h200_sxm_141gb": "h200_sxm",
    "MI300X 192GiB 750W": "mi300x",
    "AMD Instinct MI355X": "mi355x",
    "RTX4090": "rtx4090",
    "GeForce RTX 5090": "rtx5090",
    "DGX Spark GB10 (LPDDR5X unified memory)": "dgx_spark",
    "Apple M2 Ultra": "m2_ultra",
    "MI250X, one GCD": "mi250x_gcd",
    "GB200": "gb200_per_gpu",
    "HGX B200": "b200",
}
MODELS = {
    "Llama-3.1-70B": "llama3_70b",
    "LLaMA 70B": "llama2_70b",
    "Meta-Llama-3.1-8B-Instruct": "llama3_8b",
    "meta-llama/Llama-2-7b-chat-hf": "llama2_7b",
    "Llama 3.1 405B": "llama31_405b",
    "DeepSeek-V3/R1": "deepseek_v3",
    "DeepSeek-R1": "deepseek_v3",
    "Mixtral-8x7B": "mixtral_8x7b",
    "gemma-3-4b-it-qat": "gemma3_4b",
    "Qwen2.5-Coder-7B": "qwen25_7b",
    "Qwen3-30B-A3B": "qwen3_30b_a3b",
    "openai/gpt-oss-120b": "gpt_oss_120b",
    "GPT-J-6B": "gpt_j_6b",
    "tiiuae/falcon-180B": "falcon_180b",
}


@pytest.mark.parametrize(("said", "id"), HARDWARE.items())
def test_hardware_is_known_by_other_spellings(said: str, id: str) -> None:
    assert accelerator_id(said) == id
    found = read(row(hardware=said))
    assert found.layout.accelerator == id
    assert found.assumed == (f"{said} taken as {id}",)


@pytest.mark.parametrize(("said", "id"), MODELS.items())
def test_models_are_known_by_other_spellings(said: str, id: str) -> None:
    assert model_id(said) == id
    found = read(row(model=said))
    assert found.layout.model == id
    assert found.assumed == (f"{said} taken as {id}", *found.doubts)


def test_an_id_means_itself_and_is_no_guess() -> None:
    for id in FACTS.accelerators:
        assert accelerator_id(id) == id
    for id, model in FACTS.models.items():
        assert model_id(id) == id
        assert model_id(model.name) == id


# Invented: a real one would be known on the day that it joins the catalog.
UNKNOWN = ("", "A", "?", "GTX 1081", "RTX 3091", "RTX 4081", "H150", "H10", "MI101", "80GB", "750W",
           "one GPU", "SXM5", "quantum computer", "h100sxm", "' OR 1=1 --", "%s%n", "\0",
           "../../etc/passwd", "H" * 10_000, "日本語")  # fmt: skip


@pytest.mark.parametrize("said", UNKNOWN)
def test_unknown_hardware_is_refused_and_named(said: str) -> None:
    assert accelerator_id(said) is None
    quoted = said if len(said) <= 60 else f"{said[:60]}…"
    expected = f"hardware {quoted!r} is not in the catalog" if said else "hardware: needed"
    assert reason(hardware=said).startswith(expected)


@pytest.mark.parametrize(
    "said",
    ["", "A", "70B", "70", "3", "NoLlama-34B", "OuterLM-20B", "Llama-66B", "Falcon-41B",
     "Mixtral-8x23B", "Mixstral-7B", "Qwen3-5B", "Llama-3.9-3B", "Gemma-3-26b", "OTP-175B",
     "H100", "%s%n", "\0", "b" * 10_000, "模型-70B"],
)  # fmt: skip
def test_unknown_models_are_refused_and_named(said: str) -> None:
    assert model_id(said) is None
    quoted = said if len(said) <= 60 else f"{said[:60]}…"
    expected = f"model {quoted!r} is not in the catalog" if said else "model: needed"
    assert reason(model=said).startswith(expected)


def test_doubt_about_the_hardware_is_a_guess_that_is_said() -> None:
    assert read(row(hardware="H100 or so?")).assumed == (
        "H100 or so? taken as h100_sxm5",
        "H100 or so? could also be h100_pcie or h100_nvl",
    )


FAMILIES = ("Llama", "Llama-2", "Llama-3", "Llama-3.1", "Qwen2.5", "Qwen3", "GPT", "gpt-oss",
            "Gemma 3", "Mixtral", "DeepSeek-V3", "Falcon", "PaLM", "GPT-J", "Kimi K2")  # fmt: skip
SIZES = ("0.5B", "1B", "1.3B", "3B", "4b", "6B", "6.7B", "7B", "7b", "8B", "13B", "14b", "20b",
         "30B", "32B", "34B", "65B", "70B", "72B", "120b", "175B", "180B", "235B", "350M", "405B",
         "530B", "540B", "671B", "8x7B", "8x22B", "1T")  # fmt: skip


IN_FULL = {"deepseek_v3": ("671b",), "kimi_k2": ("1t",)}
"""Sizes of models whose names say none."""


@pytest.mark.parametrize("written", ["{family}-{size}", "{size} {family}", "{family}_{size}-Chat"])
def test_a_size_that_is_said_is_never_matched_by_another(written: str) -> None:
    known = 0
    for family in FAMILIES:
        for size in SIZES:
            id = model_id(written.format(family=family, size=size))
            if id is not None:
                theirs = re.findall(r"[a-z0-9.]+", FACTS.models[id].name.lower())
                assert size.lower() in [*theirs, *IN_FULL.get(id, ())], (family, size, id)
                known += 1
    assert known > 20


@pytest.mark.parametrize("said", ["Llama-2 70 B", "70 B Llama", "Llama-2-70-B"])
def test_a_size_may_be_written_in_two_words(said: str) -> None:
    assert model_id(said) == "llama2_70b"


@pytest.mark.parametrize(
    "said",
    ["Llama-99-Scout", "DeepSeek-V99-Lite", "GPT-99", "GPT-4z", "GPT-NeoZ-20B", "Kimi-K99.5"],
)
def test_another_version_of_a_model_is_not_this_one(said: str) -> None:
    assert model_id(said) is None


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.text(max_size=30), st.sampled_from([*HARDWARE, *MODELS, ""]))
def test_any_text_is_a_known_name_or_none(noise: str, name: str) -> None:
    for said in (noise, f"{noise}{name}", f"{name} {noise}"):
        assert accelerator_id(said) in {None, *FACTS.accelerators}
        assert model_id(said) in {None, *FACTS.models}


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.dictionaries(st.sampled_from([*PLAIN, "notes", "value", "stages"]), st.text(max_size=9)))
def test_any_cell_is_read_or_refused(cells: dict[str, str]) -> None:
    (found,) = read_all([row(**{name: cell.strip() for name, cell in cells.items()})])
    assert isinstance(found, Measurement) or str(found)
