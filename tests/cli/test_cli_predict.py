"""The command `predict`: a table in, the same table with predictions out, whatever the table."""

from __future__ import annotations

import csv
import gc
import gzip
import io
import json
import math
import random
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from predictions import answered

from inference_economics import cli
from inference_economics.evidence import predicted_tables
from inference_economics.evidence.validation import Errors
from inference_economics.facts import calibration, measurements, tables

if TYPE_CHECKING:
    from collections.abc import Mapping

Capture = pytest.CaptureFixture[str]

PLAIN = {"hardware": "h100_sxm5", "n_chips": "1", "model": "llama3_8b", "weight_bits": "16",
         "kv_bits": "16", "compute_bits": "", "batch": "4", "input_tokens": "1000",
         "output_tokens": "100", "context_tokens": "", "metric": "request_latency",
         "value": "", "unit": "ms", "stages": "", "replicas": "", "notes": "",
         "launch": "recorded", "remark": "kept"}  # fmt: skip
ADDED = ["predicted", "low", "high", "binding", "note"]
ORDINARY = 819.75  # milliseconds of the plain row, roughly


def row(**changed: str) -> dict[str, str]:
    return {**PLAIN, **changed}


def as_text(*rows: Mapping[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def saved(folder: Path, content: str | bytes) -> str:
    path = folder / "mine.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def predict(capsys: Capture, path: str, status: int = 0) -> tuple[list[dict[str, str]], str]:
    """Return the rows that are printed, and what is told beside them."""
    assert cli.main(["predict", path]) == status
    printed = capsys.readouterr()
    return list(csv.DictReader(io.StringIO(printed.out))), printed.err


def no_number(name: str) -> float:
    raise AssertionError(f"{name} is not JSON")


def predict_json(capsys: Capture, path: str, status: int = 0) -> dict[str, Any]:
    assert cli.main(["predict", path, "--json"]) == status
    printed = capsys.readouterr()
    assert printed.err == ""
    found: dict[str, Any] = json.loads(printed.out, parse_constant=no_number)
    return found


def refused(capsys: Capture, path: str) -> str:
    """Return what is told of a file that cannot be a table; both forms say the same."""
    told = []
    for form in ([], ["--json"]):
        assert cli.main(["predict", path, *form]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.count("\n") == 1
        assert printed.err.startswith(f"inference-economics: {path}")
        told.append(printed.err)
    assert told[0] == told[1]
    return told[0]


# What comes out


def test_the_same_table_comes_out_with_five_columns_more(tmp_path: Path, capsys: Capture) -> None:
    rows = [row(), row(batch="8", remark='a, "b"\nc'), row(model="nonesuch")]
    found, told = predict(capsys, saved(tmp_path, as_text(*rows)))
    assert [{name: each[name] for name in PLAIN} for each in found] == rows
    assert list(found[0]) == [*PLAIN, *ADDED]
    assert told == "2 of 3 rows predicted\nnot looked at: remark\n"
    assert [bool(each["predicted"]) for each in found] == [True, True, False]
    assert [found[2][name] for name in ADDED[:4]] == ["", "", "", ""]
    assert found[2]["note"] == "model 'nonesuch' is not in the catalog"


def test_text_and_json_say_the_same(tmp_path: Path, capsys: Capture) -> None:
    path = saved(tmp_path, as_text(row(value="800"), row(model="none"), row(launch="")))
    (printed, _), found = predict(capsys, path), predict_json(capsys, path)
    assert set(found) == {"rows", "errors", "not_read"}
    for text, plain in zip(printed, found["rows"], strict=True):
        assert list(text) == list(plain)
        for name, cell in text.items():
            if name in ADDED[:3] and cell:
                assert float(cell) == pytest.approx(plain[name], rel=1e-4)
            else:
                assert cell == (plain[name] or "")
    assert [each["predicted"] is None for each in found["rows"]] == [False, True, False]


def test_json_is_what_python_gives(tmp_path: Path, capsys: Capture) -> None:
    rows = [row(value="800"), row(model="nonesuch")]
    path = saved(tmp_path, as_text(*rows))
    found = answered(rows, path)
    assert predict_json(capsys, path) == {
        "rows": found.rows,
        "errors": {name: vars(each) for name, each in found.errors.items()},
        "not_read": list(found.not_read),
    }


def test_an_ordinary_row(tmp_path: Path, capsys: Capture) -> None:
    ((found,), _) = predict(capsys, saved(tmp_path, as_text(row())))
    assert float(found["predicted"]) == pytest.approx(ORDINARY, rel=0.1)
    factor = calibration.load().within_factors["decoding"]
    assert float(found["high"]) == pytest.approx(float(found["predicted"]) * factor, rel=1e-4)
    # In less, the machine would be beyond its peak.
    assert float(found["predicted"]) / factor < float(found["low"]) < float(found["predicted"])
    assert found["binding"] == "weights"
    assert found["note"] == ""


@pytest.mark.parametrize(("unit", "factor"), [("s", 1e-3), ("ms", 1.0), ("us", 1e3), ("ns", 1e6)])
def test_numbers_are_in_the_unit_of_their_row(
    unit: str, factor: float, tmp_path: Path, capsys: Capture
) -> None:
    ((found,), _) = predict(capsys, saved(tmp_path, as_text(row(unit=unit))))
    assert float(found["predicted"]) == pytest.approx(ORDINARY * factor, rel=0.1)


def test_guesses_are_noted(tmp_path: Path, capsys: Capture) -> None:
    loose = row(hardware="H100-SXM 80GB", model="Meta-Llama-3.1-8B-Instruct", kv_bits="")
    (found, plain), _ = predict(capsys, saved(tmp_path, as_text(loose, row())))
    assert found["predicted"] == plain["predicted"]
    assert "H100-SXM 80GB taken as h100_sxm5" in found["note"]
    assert "Meta-Llama-3.1-8B-Instruct taken as llama3_8b" in found["note"]
    assert "kv_bits of 16 assumed" in found["note"]
    assert found["hardware"] == "H100-SXM 80GB"


def test_what_a_configuration_leaves_open_is_noted(tmp_path: Path, capsys: Capture) -> None:
    shape = {
        "model_type": "brand_new", "hidden_size": 4096, "num_hidden_layers": 32,
        "num_attention_heads": 32, "intermediate_size": 14336, "vocab_size": 128256,
        "num_nextn_predict_layers": 1, "quantization_config": {"quant_method": "aqlm"},
    }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(shape), encoding="utf-8")
    ((found,), _) = predict(capsys, saved(tmp_path, as_text(row(model=str(tmp_path)))))
    for said in (
        "model_type 'brand_new' is not known: read as a plain decoder",
        "quantization 'aqlm' is not known: taken as 16 bits",
        "layers that guess further tokens are left out: 1",
    ):
        assert said in found["note"]
    narrow = row(weight_bits="4.65", hardware="b200")
    ((found,), _) = predict(capsys, saved(tmp_path, as_text(narrow)))
    assert "4.65-bit arithmetic of" in found["note"]


def test_results_of_unlike_fields_have_cells_under_their_heads(
    tmp_path: Path, capsys: Capture
) -> None:
    run = {
        "max_concurrency": 16, "completed": 100, "total_input_tokens": 100_000,
        "total_output_tokens": 50_000, "mean_ttft_ms": 60.0, "mean_tpot_ms": 6.5,
    }  # fmt: skip
    path = tmp_path / "mine.jsonl"
    for runs in ([run, {**run, "more": 200}], [{**run, "more": 200}, run]):
        path.write_text("\n".join(map(json.dumps, runs)), encoding="utf-8")
        chosen = ["--hardware", "1xH100", "--model", "Llama-3.1-8B"]
        assert cli.main(["predict", str(path), *chosen]) == 0
        first, _, other, _ = csv.DictReader(io.StringIO(capsys.readouterr().out))
        assert {None} & (first.keys() | other.keys()) == set()
        assert first["predicted"] == other["predicted"]


def test_an_option_that_no_row_takes_is_told(tmp_path: Path, capsys: Capture) -> None:
    path = saved(tmp_path, as_text(row(), row(kv_bits="")))
    assert cli.main(["predict", path, "--model", "qwen3_8b", "--kv-bits", "8"]) == 0
    printed = capsys.readouterr()
    assert "--model not looked at: every row has its own" in printed.err
    assert "--kv-bits" not in printed.err
    assert "qwen3_8b" not in printed.out


def test_errors_are_told_by_source(tmp_path: Path, capsys: Capture) -> None:
    (known,) = answered([row()]).rows
    exact = known["predicted"]
    rows = [
        row(value=str(exact / 1.1), source="one"),
        row(value=str(exact / 0.8), source="two"),
        row(value=str(exact / 2.0), source="two"),
        row(source="two"),
        row(value="5", source="two", model="none"),
    ]
    path = saved(tmp_path, as_text(*rows))
    found = predict_json(capsys, path)["errors"]
    assert {name: each["count"] for name, each in found.items()} == {
        "one": 1, "two": 2, "all rows": 3,
    }  # fmt: skip
    assert found["one"]["mean"] == pytest.approx(0.1)
    assert found["two"]["mean"] == pytest.approx((0.2 + 1.0) / 2)
    assert found["two"]["covered"] == 0.5  # twice the time is outside
    assert found["all rows"]["median"] == pytest.approx(0.2)
    _, told = predict(capsys, path)
    assert told.splitlines()[0] == "4 of 5 rows predicted"
    assert [line.split()[0] for line in told.splitlines()[2:]] == ["one", "two", "all", "not"]
    assert "10.0%" in told


def test_rates_and_times_are_missed_by_the_same(tmp_path: Path, capsys: Capture) -> None:
    rate = {"metric": "output_throughput_total", "unit": "tok/s"}
    seconds, tokens = (each["predicted"] for each in answered([row(), row(**rate)]).rows)
    rows = [row(value=str(seconds / 1.25)), row(**rate, value=str(tokens * 1.25))]
    found = predict_json(capsys, saved(tmp_path, as_text(*rows)))["errors"]
    assert found["all rows"]["mean"] == pytest.approx(0.25)
    assert found["all rows"]["bias"] == pytest.approx(0.25)


def test_rows_without_a_source_are_under_the_files_name(tmp_path: Path, capsys: Capture) -> None:
    path = saved(tmp_path, as_text(row(value="800")))
    assert set(predict_json(capsys, path)["errors"]) == {path, "all rows"}


def test_a_table_may_name_its_sources_by_title(tmp_path: Path, capsys: Capture) -> None:
    path = saved(tmp_path, as_text(row(value="800", source_title="A page")))
    assert set(predict_json(capsys, path)["errors"]) == {"A page", "all rows"}


def test_a_summary_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = {"one": Errors(3, 0.123, 0.05, -0.04, 0.9), "all rows": Errors(3, 0.1, 0.1, 0.1)}
    monkeypatch.setattr(predicted_tables.Prediction, "errors", errors)
    prediction = predicted_tables.Prediction([])
    prediction.rows = prediction.predicted = 1
    first, _, one, every = prediction.summary().splitlines()
    assert first == "1 of 1 rows predicted"
    assert one.split() == ["one", "3", "5.0%", "12.3%", "-4%", "90%"]
    assert every.split() == ["all", "rows", "3", "10.0%", "10.0%", "+10%"]


def test_the_own_table_goes_in_and_comes_out(tmp_path: Path, capsys: Capture) -> None:
    rows = list(measurements.own())
    found, told = predict(capsys, saved(tmp_path, as_text(*rows)))
    assert [each["id"] for each in found] == [each["id"] for each in rows]
    assert [{name: each[name] for name in rows[0]} for each in found] == rows
    predicted = [each for each in found if each["predicted"]]
    assert told.startswith(f"{len(predicted)} of {len(rows)} rows predicted\n")
    assert len(predicted) > 600
    for each in found:
        if each["predicted"]:
            assert 0 < float(each["low"]) < float(each["predicted"]) < float(each["high"])
            assert each["binding"]
        else:
            assert each["note"]
            assert not each["low"] + each["high"] + each["binding"]


def test_what_comes_out_may_go_in_again(tmp_path: Path, capsys: Capture) -> None:
    once, _ = predict(capsys, saved(tmp_path, as_text(row(), row(model="none"))))
    twice, _ = predict(capsys, saved(tmp_path, as_text(*once)))
    assert once == twice


def test_a_column_that_would_be_written_over_is_refused(tmp_path: Path, capsys: Capture) -> None:
    path = saved(tmp_path, as_text({**row(), "low": "12"}))
    assert "a prediction adds a column 'low'; rename the table's own" in refused(capsys, path)


# Bad rows

BAD = [
    ("n_chips", "0"), ("n_chips", "-8"), ("n_chips", "eight"), ("n_chips", "1.5"),
    ("n_chips", ""), ("batch", "0"), ("batch", ""), ("batch", "-4"), ("batch", "inf"),
    ("batch", "1e400"), ("input_tokens", "-1"), ("input_tokens", "many"),
    ("output_tokens", "-inf"), ("context_tokens", "x"), ("weight_bits", "0"),
    ("weight_bits", "full"), ("weight_bits", "128"), ("kv_bits", "-8"), ("unit", "h"),
    ("metric", "MFU"), ("stages", "0.5"),
    ("replicas", "x"), ("launch", "eager"), ("hardware", "GTX 1081"), ("model", "NoLlama-34B"),
]  # fmt: skip


def test_each_bad_row_has_its_reason_and_takes_no_other_with_it(
    tmp_path: Path, capsys: Capture
) -> None:
    rows = [row(remark="first")]
    for column, cell in BAD:
        rows += [row(**{column: cell}), row(remark=f"after {column}")]
    path = saved(tmp_path, as_text(*rows))
    found, told = predict(capsys, path)
    assert told.startswith(f"{len(BAD) + 1} of {len(rows)} rows predicted")
    assert [{name: each[name] for name in PLAIN} for each in found] == rows
    good, bad = found[::2], found[1::2]
    assert {each["predicted"] for each in good} == {good[0]["predicted"]}
    assert {each["note"] for each in good} == {""}
    for (column, cell), each in zip(BAD, bad, strict=True):
        assert column in each["note"]
        assert repr(cell) in each["note"]
        assert [each[name] for name in ADDED[:4]] == [""] * 4
    predict_json(capsys, path)


HUGE = [("batch", "1e300"), ("batch", "1e30"), ("input_tokens", "1e300"),
        ("output_tokens", "1e300"), ("context_tokens", "1e300"), ("n_chips", "1e30"),
        ("n_chips", "9" * 300), ("n_chips", "1e9"), ("compute_bits", "1e30"),
        ("stages", "1e300"), ("replicas", "1e18")]  # fmt: skip


@pytest.mark.parametrize(("column", "cell"), HUGE)
def test_a_huge_number_is_refused_alone(
    column: str, cell: str, tmp_path: Path, capsys: Capture
) -> None:
    path = saved(tmp_path, as_text(row(), row(**{column: cell}), row()))
    first, huge, last = predict_json(capsys, path)["rows"]
    assert first["predicted"] == last["predicted"] > 0
    assert huge["predicted"] is None
    assert huge["note"]


@pytest.mark.parametrize(
    "changed",
    [
        {"batch": "1e308"},
        {"context_tokens": "1e308"},
        {"batch": "1e200", "context_tokens": "1e200"},
        {"output_tokens": "1e250", "kv_bits": "1e-300"},
    ],
)
def test_a_number_beyond_all_bounds_is_refused_alone(
    changed: dict[str, str], tmp_path: Path, capsys: Capture
) -> None:
    path = saved(tmp_path, as_text(row(), row(**changed)))
    first, huge = predict_json(capsys, path)["rows"]
    assert first["predicted"] > 0
    assert huge["predicted"] is None


@pytest.mark.parametrize("cell", ["1e30", "1e9"])
def test_too_many_chips_are_named_as_the_table_names_them(cell: str) -> None:
    (found,) = answered([row(n_chips=cell)]).rows
    assert "n_chips" in found["note"]


@pytest.mark.parametrize("column", ["context_tokens", "output_tokens", "input_tokens"])
def test_a_zero_may_have_decimals(column: str) -> None:
    step = row(metric="inter_token_latency", context_tokens="500")
    rows = [{**step, column: cell} for cell in ("0", "0.0")]
    whole, decimal = answered(rows).rows
    assert decimal["predicted"] == whole["predicted"]


def test_numbers_out_of_any_measure_are_refused_with_their_ends() -> None:
    found = answered([row(batch="1e-300"), row(kv_bits="0.1")]).rows
    for each, column in zip(found, ("batch", "kv_bits"), strict=True):
        assert each["predicted"] is None
        assert each["note"].startswith(f"{column} = ")


def test_no_answer_holds_a_number_that_json_has_not(tmp_path: Path, capsys: Capture) -> None:
    chance = random.Random(0)  # noqa: S311
    cells = ["", "0", "1", "3", "8", "64", "1e6", "1e-9", "-1", "nan", "inf", "x", "1e30", "0.5"]
    columns = [name for name in PLAIN if name not in {"metric", "unit", "remark", "model"}]
    metrics = {name: ("tok/s" if each.rate and each.per in {"all", "user"} else "ms")
               for name, each in measurements.METRICS.items()}  # fmt: skip
    models = ["llama3_8b", "gpt_oss_20b", "deepseek_v3", "gemma3_4b", "gpt4_semianalysis"]
    rows = []
    for _ in range(1500):
        metric = chance.choice(list(metrics))
        changed = {name: chance.choice(cells) for name in chance.sample(columns[1:], 2)}
        changed |= {"metric": metric, "unit": metrics[metric], "model": chance.choice(models)}
        rows.append(row(**changed))
    found = predict_json(capsys, saved(tmp_path, as_text(*rows)))["rows"]
    assert [{name: each[name] for name in PLAIN} for each in found] == rows
    predicted = [each for each in found if each["predicted"] is not None]
    assert len(predicted) > 50
    for each in predicted:
        assert 0 < each["low"] < each["predicted"] < each["high"] < math.inf
    assert all(each["note"] for each in found if each["predicted"] is None)


def test_a_note_is_no_formula_in_a_spreadsheet(tmp_path: Path, capsys: Capture) -> None:
    names = ["=h100_sxm5", "+h100 sxm5", "-H100 SXM", "@H100 SXM", "H100 SXM"]
    found, _ = predict(capsys, saved(tmp_path, as_text(*(row(hardware=name) for name in names))))
    assert [each["hardware"] for each in found] == names
    assert [each["note"][:6] for each in found] == [
        "'=h100",
        "'+h100",
        "'-H100",
        "'@H100",
        "H100 S",
    ]


def test_a_dash_is_standard_input(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = as_text(row(value="800"), row(model="none"))
    path = saved(tmp_path, text)
    expected, told = predict(capsys, path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    found, heard = predict(capsys, "-")
    assert found == expected
    assert " ".join(heard.split()) == " ".join(told.replace(path, "standard input").split())


def test_a_long_table_takes_no_more_room_than_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are read, predicted and written some at a time, and all are counted."""
    monkeypatch.setattr(predicted_tables, "_TOGETHER", 50)
    header, line = as_text(row(value="800")).splitlines()

    def peak(count: int) -> int:
        path = saved(tmp_path, "\n".join([header, *[line] * count]))
        with Path(path).open(encoding="utf-8") as file:
            tracemalloc.start()
            prediction = predicted_tables.Prediction(tables.rows(file, path), path)
            for line_number, _ in enumerate(prediction.as_csv()):
                if line_number % 50 == 0:
                    gc.collect()  # what waits to be collected is no room that a table takes
            assert line_number == count
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert (prediction.rows, prediction.errors["all rows"].count) == (count, count)
        return most

    gc.freeze()  # to look through what the other tests hold takes time
    assert peak(150) > 0  # what is kept for good is there
    few, many = peak(150), peak(1000)
    gc.unfreeze()
    assert many < 1.6 * few


# Bad tables


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.rstrip("\n"),
        lambda text: text + "\n\n",
        lambda text: text.replace(",", " , "),
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
    ],
)
def test_ways_to_write_a_file_make_no_difference(
    change: Any, tmp_path: Path, capsys: Capture
) -> None:
    plain = as_text(row(value="800"), row(batch="8"))
    expected = predict(capsys, saved(tmp_path, plain))
    assert predict(capsys, saved(tmp_path, change(plain))) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no column 'hardware', 'n_chips', 'model', 'batch', 'metric'"),
        ("\n\n", "no column 'hardware'"),
        ("just a line of text", "no column 'hardware'"),
        (as_text(row()).replace("model", "mode1"), "no column 'model' "),
        (as_text(row()).replace("remark", "batch"), "the column 'batch' is there twice"),
        (as_text(row()) + "h100_sxm5,1\n", "line 3: 2 cells, and "),
        (as_text(row()).replace("kept", "kept,more"), "line 2: "),
        (bytes(range(256)), "cannot be read as text"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "cannot be read as text"),
        (as_text(row()).encode("utf-16"), "(it is in UTF-16: save it in UTF-8)"),
        (gzip.compress(as_text(row()).encode()), "(it is compressed with gzip: unpack it"),
        (b"PK\x03\x04" + b"\0" * 100, "a workbook: save the table as CSV"),
        (b"\0" * 1000, "no column 'hardware'"),
    ],
)
def test_what_is_no_table_is_told_in_a_line(
    content: str | bytes, message: str, tmp_path: Path, capsys: Capture
) -> None:
    assert message in refused(capsys, saved(tmp_path, content))


def test_a_quote_that_is_never_closed_is_told_in_a_line(tmp_path: Path, capsys: Capture) -> None:
    text = as_text(*[row()] * 3000).replace("\nh100", '\n"h100', 1)
    assert "mine.csv" in refused(capsys, saved(tmp_path, text))


def test_a_missing_file_and_a_folder_are_told_in_a_line(tmp_path: Path, capsys: Capture) -> None:
    assert "cannot be read as text" in refused(capsys, str(tmp_path / "none.csv"))
    assert "cannot be read as text" in refused(capsys, str(tmp_path))


def test_a_table_without_rows_is_told_in_a_line(tmp_path: Path, capsys: Capture) -> None:
    path = saved(tmp_path, as_text(row()).splitlines()[0])
    assert "a header and no rows" in refused(capsys, path)


def test_a_table_of_bad_rows_only_is_told_by_the_status(tmp_path: Path, capsys: Capture) -> None:
    path = saved(tmp_path, as_text(row(model="none", value="5"), row(model="")))
    assert predict(capsys, path, 1)[1].startswith("0 of 2 rows predicted")
    found = predict_json(capsys, path, 1)
    assert found["errors"] == {}
    assert [each["predicted"] for each in found["rows"]] == [None, None]


def test_a_column_without_a_name_is_no_source(tmp_path: Path, capsys: Capture) -> None:
    rows = [{"": str(count), **row(value="800")} for count in range(3)]
    path = saved(tmp_path, as_text(*rows))
    assert set(predict_json(capsys, path)["errors"]) == {path, "all rows"}


def test_no_file_is_wrong_usage(capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["predict"])
    assert ended.value.code == 2
    assert "usage: inference-economics predict" in capsys.readouterr().err


def test_a_model_is_named_by_its_configuration(capsys: Capture, tmp_path: Path) -> None:
    config = {"model_type": "llama", "num_hidden_layers": 32, "hidden_size": 4096,
              "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336,
              "vocab_size": 128256}  # fmt: skip
    file = tmp_path / "config.json"
    file.write_text(json.dumps(config))
    narrow = tmp_path / "narrow.json"
    narrow.write_text(json.dumps({**config, "quantization_config": {"quant_method": "fp8"}}))
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps({**config, "hidden_size": "wide"}))
    table = as_text(
        row(),
        row(model=str(file)),
        row(model=str(narrow), weight_bits=""),
        row(model=str(wrong)),
    )
    (known, same, eight, refused), _ = predict(capsys, saved(tmp_path, table))
    assert float(same["predicted"]) == pytest.approx(float(known["predicted"]), rel=1e-3)
    assert float(eight["predicted"]) < 0.7 * float(same["predicted"])
    assert "weight_bits of the model's configuration assumed" in eight["note"]
    assert refused["predicted"] == ""
    assert refused["note"].endswith("hidden_size = 'wide': must be a whole number from 0 to 1,000,000,000")  # fmt: skip  # noqa: E501


# ---- One layout, whoever is asked ----


STAGES, COPIES = "tensor parallelism inside a node of 8, stages across", "experts spread over all"


@pytest.mark.parametrize(
    ("on", "users", "means"),
    [
        ("16xh100_sxm5 llama3_70b", 64, STAGES),
        ("16xh100_sxm5 qwen3_235b_a22b", 1, STAGES),
        ("16xh100_sxm5 qwen3_235b_a22b", 64, COPIES),
        ("16xgb200_per_gpu qwen3_235b_a22b", 15, ""),
        ("16xgb200_per_gpu qwen3_235b_a22b", 16, COPIES),
        ("8xh100_sxm5 qwen3_235b_a22b", 64, ""),
    ],
)
@pytest.mark.parametrize("command", ["decode", "serve"])
def test_a_step_and_a_service_have_the_layout_of_a_table(
    capsys: Capture, on: str, users: int, means: str, command: str
) -> None:
    machine, model = on.split()
    asked = ["--accelerator", machine, "--model", model, "--weight-bits", "16", "--json"]
    serves = command == "serve"
    asked += (
        ["--prompt", "1000", "--answer", "100", "--concurrency", str(users)] if serves
        else ["--batch", str(users), "--context", "1000", "--fitted", "graphs"]
    )  # fmt: skip
    assert cli.main([command, *asked]) == 0
    here: dict[str, Any] = json.loads(capsys.readouterr().out)
    load = {"concurrency": str(users), "batch": ""} if serves else {"batch": str(users)}
    load |= {} if serves else {"context_tokens": "1000", "input_tokens": "", "output_tokens": ""}
    (told,) = answered([row(
        hardware=machine, n_chips="", model=model, unit="s", metric="tpot", **load
    )]).rows  # fmt: skip
    seconds = here["time_per_token"]["value"] if serves else here["step_time_s"]
    assert float(told["predicted"]) == pytest.approx(seconds, rel=1e-4)
    notes = [each for each in here["notes"] if "stages and replicas set others" in each]
    assert [each.startswith(means) for each in notes] == [True] * bool(means)


def test_a_layout_that_is_said_is_taken(capsys: Capture) -> None:
    at = ["decode", "--accelerator", "h100_sxm5", "--chips", "16", "--batch", "64"]
    assert cli.main([*at, "--model", "llama3_70b", "--stages", "1"]) == 0
    text = capsys.readouterr().out
    assert "tensor parallelism over 16 accelerators crosses the boundary of a node" in text
    assert "set others" not in text
