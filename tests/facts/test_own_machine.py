"""A machine of one's own: columns of a table, a small file, figures in Python."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from predictions import answered

from inference_economics import cli, deploy
from inference_economics.facts import calibration, own_machine
from inference_economics.facts.catalog import CatalogError

FIGURES = {"memory_bandwidth": "1 TB/s", "memory_capacity": "24 GiB", "peak_flops": "150 TFLOP/s"}
ROW = {"hardware": "My card", "n_chips": "1", "model": "llama3_8b", "weight_bits": "16",
       "kv_bits": "16", "batch": "1", "context_tokens": "1000", "metric": "decode_speed",
       "launch": "recorded"}  # fmt: skip


def saved(folder: Path, *lines: str) -> str:
    path = folder / "mine.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def file_of(folder: Path) -> str:
    return saved(folder, 'name = "My card"', *(f'{name} = "{v}"' for name, v in FIGURES.items()))


def test_columns_a_file_and_figures_are_one_machine(tmp_path: Path) -> None:
    path = file_of(tmp_path)
    by_columns, by_file = answered([{**ROW, **FIGURES}, {**ROW, "hardware": path}]
    ).rows  # fmt: skip
    assert by_columns["predicted"] == by_file["predicted"] > 0
    assert "My card taken as the row describes it" in by_columns["note"]
    one, other = deploy(path, 1, "llama3_8b"), deploy(FIGURES, 1, "llama3_8b")
    assert one.values == other.values
    assert one.values["memory_capacity"] == 24 * 2**30
    assert one.values["memory_bandwidth"] == 1e12


def test_the_command_takes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file_of(tmp_path)
    line = ["--accelerator", path, "--model", "llama3_8b", "--batch", "1"]
    assert cli.main(["decode", *line, "--fitted", "recorded"]) == 0
    assert "My card" in capsys.readouterr().out
    assert cli.main(["machine", path]) == 0
    assert "memory_bandwidth" in capsys.readouterr().out


def test_words_of_a_machine_are_known_in_whatever_letters(tmp_path: Path) -> None:
    """Its kind and its maker decide which fitted values it has."""
    said = {"vendor": "aws", "kind": "Accelerator", "stacked_memory": True}
    here = deploy({**FIGURES, **said}, 1, "llama3_8b")
    assert here.machine.words == {"vendor": "AWS", "kind": "accelerator", "stacked_memory": "yes"}
    trainium = deploy("trainium2", 1, "llama3_8b").fitted().values["layer_time"]
    assert here.fitted().values["layer_time"] == trainium
    path = saved(tmp_path, 'like = "h100_sxm5"', "stacked_memory = false", 'vendor = "Mine"')
    plain = deploy(path, 1, "llama3_8b").machine
    assert plain.words["stacked_memory"] == "no"
    assert calibration.machine_kind(plain) == "without HBM"
    assert plain.vendor == "Mine"
    with pytest.raises(CatalogError, match="kind = 'tpu9': must be one of accelerator, gpu, pim"):
        deploy({**FIGURES, "kind": "tpu9"}, 1, "llama3_8b")


def test_what_is_given_beside_a_table_stands_where_it_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("model,batch,context_tokens,metric\nllama3_8b,1,1000,tpot\n", "utf-8")
    given = [f"--set={name}={value}" for name, value in FIGURES.items() if name != "peak_flops"]
    line = ["predict", str(table), "--hardware", "My card", "--chips", "1", *given]
    assert cli.main([*line, "--set", "peak_flops_16bit=150 TFLOP/s"]) == 0
    assert capsys.readouterr().err.startswith("1 of 1 rows predicted")
    assert cli.main([*line, "--set", "speed=1"]) == 2
    assert "--set speed: a table has no such column" in capsys.readouterr().err


def test_a_machine_may_be_like_one_of_the_catalog(tmp_path: Path) -> None:
    path = saved(tmp_path, 'like = "H100 SXM"', 'memory_capacity = "94 GB"', "rent = 1.5")
    mine, theirs = deploy(path, 8, "llama3_70b"), deploy("h100_sxm5", 8, "llama3_70b")
    assert mine.values["memory_capacity"] == 94e9
    assert mine.values["chip_rent"] == pytest.approx(1.5 / 3600)
    for name in ("memory_bandwidth", "peak_flops", "node_size", "link_bandwidth"):
        assert mine.values[name] == theirs.values[name]


def test_a_row_changes_a_machine_of_the_catalog() -> None:
    row = {**ROW, "hardware": "H100 SXM"}
    plain, faster = answered([row, {**row, "memory_bandwidth": "6.7 TB/s"}]).rows
    assert 1.5 < faster["predicted"] / plain["predicted"] < 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('memory_bandwith = "1 TB/s"', "a machine has no 'memory_bandwith'; did you mean"),
        ('memory_bandwidth = "1 TB"', "memory_bandwidth: '1 TB' is not a quantity in "),
        ("memory_capacity = -1", "memory_capacity = -1: must be positive"),
        ("memory_capacity = 160", "memory_capacity = 160 is taken as 160 bytes: must be at least"),
        ("peak_flops = 1200", "peak_flops = 1200 is taken as 1.2 kFLOP/s: must be at least 1 MF"),
        ('memory_bandwidth = "6 byte/s"', "least 1 MB/s; give its unit, as in '3.35 TB/s'"),
        ("name = ", "cannot be read as TOML"),
        ('like = "GTX 1081"', "no accelerator 'GTX 1081'"),
        ("node_size = 1.5", "node_size = 1.5: must be a whole number"),
        (
            'bandwidth = "1 TB/s"\nmemory_bandwidth = "2 TB/s"',
            "memory_bandwidth = '2 TB/s': bandwidth is the same; give one of them",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_said(line: str, said: str, tmp_path: Path) -> None:
    path = saved(tmp_path, line)
    with pytest.raises(CatalogError) as raised:
        own_machine.find(path)
    assert str(raised.value).startswith(path)
    assert said in str(raised.value)


@pytest.mark.parametrize("through", [(), ("other.toml",), ("one.toml", "two.toml")])
def test_a_machine_that_is_like_itself_is_refused(
    through: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    *names, _ = files = [str(tmp_path / name) for name in ("mine.toml", *through, "mine.toml")]
    for name, like in pairwise(files):
        Path(name).write_text(f"like = {like!r}", "utf-8")
    told = "".join(f"{name}: " for name in names)
    assert cli.main(["machine", names[0]]) == 2
    assert f"{told}like = {names[0]!r}: leads back to itself\n" in capsys.readouterr().err


def test_a_figure_of_a_row_is_called_as_its_column_is() -> None:
    row = {**ROW, **FIGURES, "peak_flops": "150 parsec"}
    (found,) = answered([row]).rows
    assert found["note"].startswith("peak_flops: '150 parsec' is not a quantity in ")
    assert "as '20 TFLOP/s' is" in found["note"]
    (found,) = answered([{**row, "peak_flops": "150 TFLOPS"}]).rows
    assert found["predicted"] > 0


@pytest.mark.parametrize("text", ["", 'name = "My card"'])
def test_a_file_without_a_figure_is_no_machine(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    assert cli.main(["machine", str(path)]) == 2
    with pytest.raises(CatalogError, match=r"mine.toml: no figure of a machine .needed: memory_b"):
        own_machine.find(path)


def test_a_mark_at_the_start_of_a_file_is_none_of_its_text(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('memory_bandwidth = "1 TB/s"', encoding="utf-8-sig")
    assert own_machine.find(path)[0].memory_bandwidth == 1e12


def test_a_rate_that_cannot_bind_is_guessed_said_and_widens() -> None:
    row = {**ROW, "hardware": "arc_b580", "weight_bits": "8"}
    found, given = answered([row, {**row, "peak_flops": "1e14"}]).rows
    assert "no source states peak_flops of Arc B580" in found["note"]
    assert "no source states" not in given["note"]
    width, plain = (each["high"] / each["low"] for each in (found, given))
    assert plain < width < 1.5 * plain
    (many,) = answered([{**row, "batch": "64", "context_tokens": "10"}]).rows
    assert many["predicted"] is None
    assert "no source states peak_flops, and the time depends on it" in many["note"]


def test_python_guesses_alike() -> None:
    here = deploy("h100_nvl", 1, "llama3_8b")
    assert any("no source states peak_flops" in note for note in here.notes)
    assert here.step(1, 100).binding == "weights"
    with pytest.raises(CatalogError, match="the time depends on it"):
        deploy("arc_b580", 1, "llama32_3b").step(256, 10)


def test_boards_without_links_of_their_own_are_one_machine() -> None:
    here = deploy("RTX 3090", 4, "llama3_8b")
    assert here.values["node_size"] == 4
    assert any("4 taken as one machine" in note for note in here.notes)


def test_a_machine_of_ones_own_is_told_what_it_lacks() -> None:
    row = {**ROW, "hardware": "MyChip", "memory_bandwidth": "1 TB/s"}
    found, whole = answered([row, {**row, "VRAM (GB)": "80"}]).rows
    assert "as the row describes it, memory_capacity is missing" in found["note"]
    assert whole["predicted"] > 0


def test_a_computer_with_one_chip_needs_no_count() -> None:
    (found,) = answered([{**ROW, "hardware": "MacBook Pro (M4 Max)", "n_chips": ""}]).rows
    assert found["predicted"] > 0
    assert "n_chips of 1 assumed" in found["note"]


def test_no_prompt_rests_on_a_guess() -> None:
    here = deploy("arc_b580", 1, "llama32_3b")
    with pytest.raises(CatalogError, match="the time depends on it"):
        here.prefill_time(1, 1000)
