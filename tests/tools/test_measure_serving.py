"""The measuring of servers, but for the server: no GPU is here."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import measure_serving
import pytest

from inference_economics.facts import files, serving_runs

ROOT = Path(__file__).parents[2]
REPORTED = json.loads((ROOT / "tests/facts/results/vllm-0.20.2.json").read_text(encoding="utf-8"))
SAID = {"version": "0.20.2", "hardware": "H100 SXM", "chips": "1", "model": "Llama-3.1-8B",
        "weights": "BF16", "kv_bits": "16"}  # fmt: skip


def test_what_vllm_reports_becomes_the_row_of_the_data() -> None:
    made = measure_serving.row(REPORTED, "1024:256:64", SAID)
    (stored,) = (
        row
        for row in serving_runs.ours()
        if (row["hardware"], row["weights"], row["input_tokens"], row["concurrency"])
        == ("H100 SXM", "BF16", "1024", "64")
        and row["model"] == SAID["model"]
    )
    differ = {name for name in stored if stored[name] != made[name]}
    assert differ <= {"id", "measured"}
    assert tuple(made) == measure_serving.COLUMNS
    header = files.read(serving_runs.OURS).splitlines()[:1]
    assert next(csv.reader(header)) == list(measure_serving.COLUMNS)


@pytest.mark.parametrize(
    ("load", "found"),
    [
        ("1024:256:64", (256, ["1024", "256", "64", ""])),
        ("1024:256:1", (4, ["1024", "256", "1", ""])),
        ("1024:256:256", (768, ["1024", "256", "256", ""])),
        ("1024:256::12", (360, ["1024", "256", "", "12"])),
    ],
)
def test_a_load_is_read(load: str, found: tuple[int, list[str]]) -> None:
    parts = list(measure_serving.split(load).values())
    assert (measure_serving.requests(load), parts) == found


@pytest.mark.parametrize("load", ["1024:256", "a:b:c", "1:2:3:4", "1:2:", "1:2::"])
def test_what_is_no_load_is_refused(load: str) -> None:
    with pytest.raises(ValueError, match=r"must be prompt:answer:concurrency or"):
        measure_serving.split(load)


def test_a_load_of_which_requests_failed_is_no_row() -> None:
    with pytest.raises(RuntimeError, match="60 of 64 were answered"):
        measure_serving.row(
            {**REPORTED, "num_prompts": 64, "completed": 60, "failed": 4}, "1024:256:16", SAID
        )


def test_without_vllm_it_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert measure_serving.main(["config.json", str(out), "1024:256:64"]) == 2
    assert "vLLM is not installed here" in capsys.readouterr().err
    assert not out.exists()
