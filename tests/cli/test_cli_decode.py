"""The command `decode`: the same step as in Python, as text and as JSON, and its errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from alike import with_each
from predictions import answered
from thoroughly import some

from inference_economics import cli
from inference_economics.algebra import symbols
from inference_economics.cli import decode_text
from inference_economics.evidence import validation
from inference_economics.facts import calibration
from inference_economics.serving import outside
from inference_economics.serving.deployment import DecodeStep, deploy

if TYPE_CHECKING:
    from pathlib import Path

LLAMA = ("--accelerator", "h100_sxm5", "--chips", "8", "--model", "llama3_70b")
USERS = ("--batch", "256", "--context", "2048")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["decode", *arguments]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(capsys, *arguments, "--json"))
    return found


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    """Return what is printed and what is told, of a command that ends with an error."""
    assert cli.main(["decode", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("inference-economics: ")
    assert printed.err.endswith("\n")
    return printed.out, printed.err


UNTUNED = calibration.load().caution(fitted=False)


def test_the_times_of_a_step_come_with_their_error(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, *LLAMA, *USERS)
    assert found["notes"] == [UNTUNED]
    assert f"{validation.untuned().mean:.0%} off in the mean" in UNTUNED


@pytest.mark.parametrize("launch", calibration.LAUNCHES)
def test_fitted_values_take_the_place_of_the_defaults(
    launch: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = run_json(capsys, *LLAMA, *USERS, "--fitted", launch)
    fit = calibration.load()
    served = deploy("h100_sxm5", 8, "llama3_70b")
    fitted = served.fitted(launch).step(256, 2048)
    assert found == {**fitted.as_json(), "notes": list(fitted.notes)}
    assert fitted.notes == (fit.caution(fitted=True),)
    assert served.step(256, 2048).notes == (fit.caution(fitted=False),)
    layer = fit.value("layer_time", launch)
    assert found["breakdown"]["fixed time"] == pytest.approx(80 * layer)


def test_a_value_that_is_set_comes_before_the_fitted_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ("--fitted", "recorded", "--set", "layer_time=1us")
    found = run_json(capsys, *LLAMA, *USERS, *options)
    assert found["breakdown"]["fixed time"] == pytest.approx(80e-6)


def test_json_has_the_keys_of_a_step_and_the_notes(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, *LLAMA, *USERS)
    assert tuple(found) == (*DecodeStep.KEYS, "notes")
    assert found["fits"] is True
    assert found["notes"] == [UNTUNED]
    assert sum(found["breakdown"].values()) == pytest.approx(found["step_time_s"], rel=1e-12)


def test_numbers_are_those_of_the_same_step_in_python(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, *LLAMA, *USERS)
    step = deploy("h100_sxm5", 8, "llama3_70b").step(256, 2048)
    assert found == {**step.as_json(), "notes": [UNTUNED]}
    assert found["binding"] == "cache"
    assert found["max_batch"] == step.largest_batch == 673
    least, most = found["max_batch_range"]
    assert least < 673 < most


def test_every_choice_is_taken_over(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(
        capsys, "--accelerator", "b200", "--chips", "24", "--model", "mixtral_8x7b",
        "--batch", "64", "--context", "1000", "--weight-bits", "4", "--kv-bits", "8",
        "--compute-bits", "8", "--stages", "3", "--replicas", "2", "--rent", "4",
        "--set", "link_latency=8us", "--set", "layer_time=1e-5",
        "--without", "embedding", "--without", "traffic",
    )  # fmt: skip
    served = deploy(
        "b200", 24, "mixtral_8x7b", weight_bits=4, kv_bits=8, compute_bits=8, stages=3, replicas=2,
        rent=4, link_latency="8us", layer_time=1e-5,
    ).without("embedding", "traffic")  # fmt: skip
    step = served.step(64, 1000)
    said = outside.KINDS["nodes"].said
    assert found == {**step.as_json(), "notes": [*served.notes, UNTUNED, said]}
    assert served.notes == ("32 layers do not divide evenly into 3 stages",)


def test_text_tells_the_causes_the_cost_and_what_binds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = run(capsys, *LLAMA, *USERS)
    served = deploy("h100_sxm5", 8, "llama3_70b")
    assert text == decode_text(served, served.step(256, 2048)) + "\n"
    title, empty, *lines, caution = text.splitlines()
    assert caution == f"note: {UNTUNED}"
    assert title == (
        "Llama-3 / 3.1 70B in 16 bits on 8 x H100 SXM5 80GB, 256 users of 2,048 tokens"
    )
    assert empty == ""
    rows = dict(line.rsplit("  ", 1) for line in lines)
    rows = {name.strip(): value.strip() for name, value in rows.items()}
    assert rows["step"].endswith(" ms")
    assert rows["memory"] == "313 GB: fits"
    assert rows["largest batch"].startswith("673 (")
    assert rows["bound by"] == "cache, then weights"
    assert rows["a million tokens"].startswith("$0.")
    assert {"weights", "cache", "fixed time"} <= set(rows)
    assert "stage handover" not in rows  # what takes no time is not listed


def test_a_rent_of_the_catalog_has_its_day(capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--accelerator", "h100_sxm5", "--model", "llama3_8b"]
    step = ["decode", *at, "--batch", "4"]
    service = ["serve", *at, "--prompt", "100", "--answer", "10", "--concurrency", "2"]
    for asked in (step, service):
        for rent, said in (
            ([], "$2.35 per chip/h (2026-03)\n"),
            (["--rent", "2"], "$2 per chip/h\n"),
        ):
            assert cli.main([*asked, *rent]) == 0
            (line,) = (x for x in capsys.readouterr().out.splitlines() if "at a rent of" in x)
            assert f"{line}\n".endswith(said)


def test_text_has_the_notes_and_says_that_no_rent_is_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = run(capsys, "--accelerator", "b300", "--chips", "16", "--model", "llama3_70b",
               "--batch", "1")  # fmt: skip
    assert "note: tensor parallelism inside a node of 8, stages across" in text
    assert "a million tokens      no rent known" in text
    assert "note: no rent of B300 SXM is known" in text
    assert "largest batch" in text
    assert " any\n" in text
    assert "None" not in text


def test_a_value_may_be_set_with_a_unit(capsys: pytest.CaptureFixture[str]) -> None:
    before = run_json(capsys, *LLAMA, *USERS)["breakdown"]
    after = run_json(capsys, *LLAMA, *USERS, "--set", "link_latency=8us")["breakdown"]
    assert before["all-reduce latency"] == pytest.approx(2 * 80 * 5e-6)
    assert after["all-reduce latency"] == pytest.approx(2 * 80 * 8e-6)
    assert after["weights"] == before["weights"]


def test_what_is_taken_for_granted_is_noted(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, *LLAMA, "--batch", "1", "--set", "link_latency=8us")
    context, untuned = found["notes"]
    assert untuned == UNTUNED
    assert context == "a context of 0 tokens taken: give --context"
    assert ", 1 user of 0 tokens\n" in run(capsys, *LLAMA, "--batch", "1", "--context", "0")


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("link_latency=8", "link_latency = '8' is taken as 8 s; if another unit is meant, give "),
        (
            "memory_bandwidth=3.35",
            "memory_bandwidth = '3.35' is taken as 3.35 bytes/s: must be at ",
        ),
        ("peak_flops=989", "peak_flops = '989' is taken as 989 FLOP/s: must be at least 1 MFLOP/s"),
        ("memory_capacity=80", "memory_capacity = '80' is taken as 80 bytes: must be at least "),
        ("general_flops=67", "general_flops = '67' is taken as 67 FLOP/s: must be at least "),
        ("node_size=1.5", "node_size = '1.5': must be a whole number"),
    ],
)
def test_a_number_that_lacks_its_unit_is_not_set(
    pair: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    service = ["--prompt", "1000", "--answer", "100", "--concurrency", "1"]
    for command in (["decode", *LLAMA, "--batch", "8"], ["serve", *LLAMA, *service]):
        assert cli.main([*command, "--set", pair]) == 2
        assert f"inference-economics: {said}" in capsys.readouterr().err


def test_terms_may_be_switched_off(capsys: pytest.CaptureFixture[str]) -> None:
    off = [word for term in ("achieved shares", "traffic", "latency", "fixed time")
           for word in ("--without", term)]  # fmt: skip
    found = run_json(capsys, *LLAMA, *USERS, *off)
    assert round(found["step_time_s"] * 1e3, 2) == 11.60


def test_rent_is_dollars_per_chip_and_hour(capsys: pytest.CaptureFixture[str]) -> None:
    found = run_json(capsys, *LLAMA, *USERS, "--rent", "3.6")
    assert found["usd_per_million_tokens"] == pytest.approx(8 * 1e-3 / found["tokens_per_s"] * 1e6)


@pytest.mark.parametrize(
    ("changed", "memory", "most"),
    [
        (("--batch", "1000", "--context", "2048"), 70.55e9 * 2 + 1000 * 2048 * 327_680, 673),
        (("--batch", "1", "--chips", "1"), 70.55e9 * 2, 0),
    ],
)
def test_what_does_not_fit_is_an_error_and_still_json(
    changed: tuple[str, ...], memory: float, most: int, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = refused(capsys, *LLAMA, *changed, "--json")
    found = json.loads(out)
    assert tuple(found) == (*DecodeStep.KEYS, "reason")
    assert found["fits"] is False
    assert found["memory_bytes"] == pytest.approx(memory)
    assert found["max_batch"] == most
    assert found["step_time_s"] is None
    assert err == f"inference-economics: {found['reason']}\n"
    out, again = refused(capsys, *LLAMA, *changed)  # as text, there is nothing to print
    assert (out, again) == ("", err)


@pytest.mark.parametrize("form", [(), ("--json",)])
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (("--accelerator", "h150_sxm5"), "no accelerator 'h150_sxm5'; did you mean 'h100_sxm5'?"),
        (("--model", "llama3_71b"), "no model 'llama3_71b'; did you mean 'llama3_70b'?"),
        (("--chips", "0"), "chips = 0: must be a whole number"),
        (("--stages", "3"), "chips = 8 cannot be split into stages = 3"),
        (("--model", "qwen25_7b"), "tensor parallelism does not divide"),
        (("--compute-bits", "4"), "has no 4-bit arithmetic"),
        (("--accelerator", "m3_ultra"), "no source states link_bandwidth of m3_ultra"),
        (("--batch", "0"), "--batch 0: must be from 1 to 1,000,000,000"),
        (("--batch", "nan"), "--batch nan: must be from 1"),
        (("--context", "-5"), "context = -5"),
        (("--weight-bits", "nan"), "weight_bits = 'nan': must be from 0.5 to 64 bits, or a format"),
        (("--rent", "-2"), "rent = '-2': must be a positive number of dollars per chip-hour"),
        (("--rent", "2 dollar"), "rent = '2 dollar': must be"),
        (("--set", "link_latency"), "--set link_latency: write NAME=VALUE"),
        (("--set", "link_latency="), "link_latency: '' is not a quantity"),
        (("--set", "link_latency=8 parsec"), "link_latency: '8 parsec' is not a quantity"),
        (("--set", "link_latency=-8us"), "link_latency = "),
        (("--set", "link_latancy=8us"), "link_latancy; did you mean link_latency?"),
        (("--set", "=8us"), "the glossary has no symbol"),
        (("--set", "acceptance=0.5", "--set", "acceptance=0.7"),
         "--set acceptance: it is set twice, to 0.5 and to 0.7"),
        (("--accelerator", "Foo"), "no accelerator 'Foo' (`inference-economics machines` lists"),
        (("--model", "zzz"), "no model 'zzz' (`inference-economics models` lists"),
    ],
)  # fmt: skip
def test_an_error_is_one_line(
    changed: tuple[str, ...], message: str, form: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out, err = refused(capsys, *LLAMA, "--batch", "8", *changed, *form)
    assert out == ""
    assert message in err


@pytest.mark.parametrize("pair", [
    "chips=4", "model=llama3_8b", "stages=2", "rent=3", "weight_bits=4", "kv_bits=8",
    "compute_bits=8", "batch=2", "context=5", "fitted=recorded", "json=1",
])  # fmt: skip
def test_what_has_an_option_of_its_own_is_not_set(
    pair: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = refused(capsys, *LLAMA, "--batch", "8", "--set", pair)
    assert out == ""
    name = pair.split("=", maxsplit=1)[0]
    assert f"--set {name}: it has an option of its own, --{name.replace('_', '-')}\n" in err


@with_each("name", some((each for each in symbols.GLOSSARY if each != "context"), 4))
def test_any_value_that_is_set_works_or_is_refused_in_a_line(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in ("1", "1e-300", "1e300"):
        pair = f"{name}={value}"
        status = cli.main(["decode", *LLAMA, "--batch", "8", "--json", "--set", pair])
        printed = capsys.readouterr()
        if status == 0:
            json.loads(printed.out, parse_constant=no_number)
        else:
            assert (status, printed.err.count("\n")) == (2, 1)


def no_number(name: str) -> float:
    raise AssertionError(f"{name} is not JSON")


BATCHES = ["1", "1.5", "64", "0.999", "0", "1e-308", "-1", "inf", "1e9", "1.1e9"]


@pytest.mark.parametrize("batch", BATCHES)
def test_a_step_takes_the_batches_that_a_table_takes(
    batch: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"hardware": "h100_sxm5", "n_chips": "1", "model": "llama3_8b", "batch": batch,
           "metric": "decode_speed", "context_tokens": "1"}  # fmt: skip
    status = cli.main(
        ["decode", "--accelerator", "h100_sxm5", "--chips", "1", "--model", "llama3_8b",
         "--context", "1", "--batch", batch]
    )  # fmt: skip
    told = capsys.readouterr().err
    (answer,) = answered([row]).rows
    assert (answer["predicted"] is None) == bool(status), (told, answer)
    assert ("must be" in told) == ("must be" in answer["note"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("--batch", "1"),
        LLAMA,
        (*LLAMA, "--batch", "many"),
        (*LLAMA, "--batch", "1", "--without", "caches"),
        (*LLAMA, "--batch", "1", "--compute-bits", "7"),
    ],
)
def test_wrong_usage_is_told(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["decode", *arguments])
    assert ended.value.code == 2
    assert "usage: inference-economics decode" in capsys.readouterr().err


def test_a_model_from_its_configuration(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    config = {"model_type": "llama", "num_hidden_layers": 80, "hidden_size": 8192,
              "num_attention_heads": 64, "num_key_value_heads": 8, "intermediate_size": 28672,
              "vocab_size": 128256}  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(config))
    said = ["--accelerator", "h100_sxm5", "--chips", "8", "--batch", "64", "--context", "1000",
            "--json"]  # fmt: skip
    steps = []
    for model in (str(tmp_path), str(tmp_path / "config.json"), "llama3_70b"):
        assert cli.main(["decode", *said, "--model", model]) == 0
        steps.append(json.loads(capsys.readouterr().out))
    assert steps[0]["step_time_s"] == steps[1]["step_time_s"]
    assert steps[0]["step_time_s"] == pytest.approx(steps[2]["step_time_s"], rel=1e-3)


def test_a_folder_beside_is_a_model_and_an_id_stays_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 256,
              "num_attention_heads": 2, "intermediate_size": 512, "vocab_size": 999}  # fmt: skip
    for name in ("my-model", "llama3_8b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(json.dumps(config))
    monkeypatch.chdir(tmp_path)
    for name, vocabulary in (("my-model", 999), ("llama3_8b", 128_256)):
        assert cli.main(["model", name, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["vocabulary"] == vocabulary


def test_a_context_beyond_what_a_model_is_configured_for_is_noted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    note = "context of 140,000 tokens: the model is configured for at most 131,072"
    here = deploy("h100_sxm5", 8, "llama3_70b")
    assert here.step(1, 140_000).notes == (note, UNTUNED)
    assert here.step(1, 131_072).notes == (UNTUNED,)
    unknown = deploy("h200_sxm", 1, "llama_33b").step(1, 2e4)
    assert not any("configured" in each for each in unknown.notes)
    short = deploy("h200_sxm", 8, "llama2_7b").step(1, 5000).notes
    assert "context of 5,000 tokens: the model is configured for at most 4,096" in short
    assert note in run_json(capsys, *LLAMA, "--batch", "1", "--context", "140000")["notes"]
    tokens = ("--prompt", "139000", "--answer", "1000", "--concurrency", "1")
    assert cli.main(["serve", *LLAMA, *tokens, "--json"]) == 0
    assert note in json.loads(capsys.readouterr().out)["notes"]
    row = {"hardware": "h100_sxm5", "n_chips": "8", "model": "llama3_70b", "batch": "1",
           "input_tokens": "139000", "output_tokens": "1000", "metric": "tpot"}  # fmt: skip
    (answer,) = answered([row]).rows
    assert note in answer["note"]
    config = {"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 256,
              "num_attention_heads": 2, "intermediate_size": 512, "vocab_size": 999,
              "max_position_embeddings": 100}  # fmt: skip
    own, untuned = deploy("h100_sxm5", 1, config).step(1, 101).notes
    assert untuned == UNTUNED
    assert own.endswith("configured for at most 100")
