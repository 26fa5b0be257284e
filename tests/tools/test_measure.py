"""The measuring tool: what it multiplies, what it counts, how it samples, and what it stores."""

from __future__ import annotations

import csv
import dataclasses
import functools
import io
import itertools
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import measure
import numpy as np
import pytest
from measurement import cpu, decoder, gpu, machine, points, result

from inference_economics.evidence import own_runs

TOOL = Path(__file__).parents[2] / "tools" / "measure.py"

COLUMNS = (
    "experiment precision batch context bytes flop experts experts_used seconds seconds_low "
    "seconds_high repeats date machine device workers clock_hz clock_now_hz memory_bytes "
    "cache_bytes library python system"
)
SMALL = (24, 40)
"""Rows and columns of a test's matrices: no square, so that a wrong orientation shows."""

TINY = decoder.Shape(layers=2, hidden=24, heads=6, kv_heads=2, head=8, inner=40, vocabulary=50)
STEPS = gpu.Steps("decode", (1, 4), (10, 20))
ABOUT = machine.Machine(
    date="2026-01-02", machine="Chip", device="cpu", workers=2, clock_hz=None, memory_bytes=2**30,
    cache_bytes=2**25, library="NumPy 2", python="3.11.7", system="Linux x86_64",
)  # fmt: skip


def ring(total: int = 4 * 24 * 40 * 3, **options: Any) -> cpu.Ring:
    return cpu.Ring(total, shape=SMALL, **options)


def measured(
    experiment: str, seconds: float, batch: int = 1, bytes_: int = 4000, flop: int = 2000
) -> points.Measured:
    point = points.Point(experiment, "float32", batch, None, bytes_, flop)
    return points.Measured(point, seconds, seconds * 0.9, seconds * 1.1, 5)


def quiet() -> points.Progress:
    return points.Progress(lambda _: None)


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch", reason="PyTorch is not installed: it is no dependency")


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_the_product_is_the_matrix_product(batch: int) -> None:
    weights = ring().take()
    inputs = np.random.default_rng(3).random((40, batch), np.float32)
    out = np.full((24, batch), np.nan, np.float32)
    cpu.multiply(weights, inputs, out)
    by_hand = [
        [sum(float(w) * float(x) for w, x in zip(row, column, strict=True)) for column in inputs.T]
        for row in weights
    ]
    np.testing.assert_allclose(out, by_hand, rtol=1e-4, atol=1e-5)


def test_the_ring_gives_every_matrix_before_it_gives_one_again() -> None:
    own = ring()
    first, second, third, again = (own.take() for _ in range(4))
    assert again is not first
    np.testing.assert_array_equal(again, first)
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)
    assert np.abs(own.matrices).max() <= 0.5
    assert own.matrices.std() == pytest.approx(12**-0.5, rel=0.1)


def test_the_ring_is_eight_caches_within_bounds() -> None:
    mib = 2**20
    assert cpu.ring_bytes(None) == 512 * mib
    assert cpu.ring_bytes(32 * mib) == 512 * mib
    assert cpu.ring_bytes(128 * mib) == 1024 * mib
    assert cpu.ring_bytes(1024 * mib) == 1536 * mib


def test_too_little_memory_halves_the_ring_and_says_so() -> None:
    one, said = 4 * 24 * 40, []
    own = ring(8 * one, available=5 * one, say=said.append)
    assert len(own.matrices) == 2
    assert "memory is short" in said[0]
    with pytest.raises(cpu.MemoryShortError):
        ring(8 * one, available=one)


def test_the_counts_of_a_processor_are_those_made_by_hand() -> None:
    found = {str(task.point): task.point for task in cpu.tasks(ring(), quick=True)}
    product = found["product, float32, batch 8"]
    assert (product.bytes, product.flop) == (3840, 15360)  # 960 weights: x 4 bytes, x 2 x 8
    read = found["read, float32, batch 1"]
    assert (read.bytes, read.flop) == (3840, 1920)
    arithmetic = found["arithmetic, float32, batch 512"]
    assert (arithmetic.bytes, arithmetic.flop) == (2**20, 2**28)


def test_the_counts_of_a_decode_step_are_those_made_by_hand() -> None:
    # Two layers of 24 x 48 and 24 x 32 for attention, 3 x 24 x 40 inside; 50 x 24 at the end.
    matrices = 2 * (2 * 24 * 48 + 2 * 24 * 16 + 3 * 24 * 40) + 50 * 24
    norms = 5 * 24
    assert TINY.matrix_weights == matrices
    assert decoder.cache_bytes_per_token(TINY, 2) == 2 * 2 * 2 * 2 * 8
    read = decoder.read_bytes(TINY, 2, batch=3, context=10)
    assert read == 2 * (matrices + norms + 3 * 24) + 3 * 10 * 128
    # Each of 6 heads: 8 products with every key, and 8 with every value.
    assert decoder.step_flop(TINY, batch=3, context=10) == 3 * (
        2 * matrices + 2 * 6 * (2 * 8 * 10 + 2 * 8 * 10)
    )
    # A prompt of 3: the last alone is multiplied with the 50 x 24; 1 + 2 + 3 pairs are seen.
    assert decoder.prompt_flop(TINY, 3) == 2 * 3 * (matrices - 1200) + 2400 + 2 * 6 * 6 * 2 * 2 * 8
    eight = decoder.Shape()
    stored = decoder.stored_bytes(eight, 2)
    assert stored == 2 * 8_030_261_248  # the parameters that Llama 3 8B's card rounds to 8.03 B
    assert decoder.cache_bytes_per_token(eight, 2) == 128 * 1024


def test_low_and_high_are_extremes_of_few_samples_and_percentiles_of_many() -> None:
    assert points.spread([3.0, 1.0, 2.0]) == (1.0, 2.0, 3.0)
    low, median, high = points.spread([float(n) for n in range(101)])
    assert (low, median, high) == pytest.approx((5.0, 50.0, 95.0))


def test_points_take_turns_and_keep_their_order() -> None:
    turns: list[str] = []

    def task(name: str, seconds: float) -> points.Task:
        def run(times: int) -> float:
            turns.append(name)
            time.sleep(0.002)
            return seconds + times * 0

        return points.Task(points.Point(name, "float32", 1, None, 1, 1), run)

    found = points.measure([task("a", 2.0), task("b", 3.0)], 10.0, quiet())
    assert [(one.point.experiment, one.seconds) for one in found] == [("a", 2.0), ("b", 3.0)]
    after_warming = turns[4:]
    assert after_warming == ["a", "b"] * points.ENOUGH
    assert {one.repeats for one in found} == {points.ENOUGH}


def test_a_product_too_slow_for_the_budget_is_left_out_and_said_so() -> None:
    def run(_: int) -> float:
        time.sleep(0.05)
        return 0.05

    lines: list[str] = []
    slow = [
        points.Task(points.Point(name, "float32", 4, None, 1, 1), run)
        for name in ("product", "arithmetic")
    ]
    found = points.measure(slow, 0.1, points.Progress(lines.append))
    assert [one.point.experiment for one in found] == ["arithmetic"]
    assert found[0].repeats == points.FEWEST
    assert any("product, float32, batch 4: left out" in line for line in lines)


def test_the_knee_of_a_roofline_is_found_where_it_is() -> None:
    curve = {batch: max(1.0, batch / 16) for batch in (1, 4, 16, 64, 256)}
    assert own_runs.observed_knee(curve) == pytest.approx(16)
    # 4 bytes a weight, 2 flop: at 8 flop a byte, 16 inputs make up for the reading.
    assert own_runs.expected_knee(200e9, 25e9, 4) == pytest.approx(16)


def test_the_summary_names_both_knees() -> None:
    found = [
        measured("read", 1e-3),
        measured("arithmetic", 1e-3, 100, flop=16_000),
        measured("product", 1e-3, 1),
        measured("product", 2e-3, 32, flop=64_000),
    ]
    lines = "\n".join(result.summary(found, ABOUT))
    assert "predicted at batch 8\n" in lines
    assert "observed at batch 16\n" in lines


def test_the_csv_has_its_columns_and_leaves_the_unknown_empty() -> None:
    (row,) = csv.DictReader(io.StringIO(result.as_csv([measured("read", 1.25e-3)], ABOUT)))
    assert list(row) == COLUMNS.split()
    assert (row["context"], row["clock_hz"], row["clock_now_hz"]) == ("", "", "")
    assert float(row["seconds"]) == 1.25e-3
    assert (row["seconds_low"], row["seconds_high"]) == ("0.001125", "0.001375")
    assert row["memory_bytes"] == str(2**30)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz", "Intel Xeon Gold 6130"),
        ("AMD EPYC 9554 64-Core Processor", "AMD EPYC 9554"),
        ("NVIDIA H200", "NVIDIA H200"),
    ],
)
def test_names_are_cleaned(name: str, cleaned: str) -> None:
    assert machine.clean(name) == cleaned
    assert machine.slug("Intel Xeon Gold 6130") == "intel-xeon-gold-6130"


def test_caches_that_cores_share_count_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for core, index in itertools.product(range(4), range(2)):
        folder = tmp_path / f"cpu{core}/cache/index{index}"
        folder.mkdir(parents=True)
        half = f"{core // 2 * 2}-{core // 2 * 2 + 1}"
        (level, size, shared) = (("2", "1024K", str(core)), ("3", "32M", half))[index]
        for name, text in (("level", level), ("size", size), ("shared_cpu_list", shared)):
            (folder / name).write_text(text + "\n")
        (folder / "type").write_text("Unified\n")
    monkeypatch.setattr(machine, "CPUS", tmp_path)
    assert machine.cpu_cache_bytes() == 2 * 32 * 2**20


@pytest.mark.parametrize(
    ("flags", "nominal", "now"), [("fpu", 2.5e9, None), ("aperfmperf", None, 2.5e9)]
)
def test_a_clock_that_linux_does_not_measure_is_the_nominal_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    flags: str,
    nominal: float | None,
    now: float | None,
) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"model name\t: Chip\ncpu MHz\t\t: 2500.000\nflags\t\t: fpu {flags}\n")
    monkeypatch.setattr(machine, "CPUINFO", cpuinfo)
    monkeypatch.setattr(machine, "CPUS", tmp_path)
    monkeypatch.setattr(sys, "platform", "linux")
    assert (machine.cpu_clock(), machine.cpu_clock_now()) == (nominal, now)


@pytest.mark.timed
def test_the_tool_runs_from_end_to_end(tmp_path: Path) -> None:
    out = tmp_path / "new" / "found.csv"
    command = [sys.executable, str(TOOL), "--quick", "--device", "cpu"]
    start = time.perf_counter()
    done = subprocess.run(
        [*command, "--out", str(out)], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert time.perf_counter() - start < 20
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == COLUMNS.split()
    assert [row["experiment"] for row in rows] == ["read", "arithmetic", *["product"] * 4]
    for row in rows:
        low, seconds, high = (float(row[f"seconds{end}"]) for end in ("_low", "", "_high"))
        assert 0 < low <= seconds <= high
        assert int(row["repeats"]) >= points.FEWEST
        assert 1e6 < int(row["bytes"]) / seconds < 1e13
        assert 1e6 < int(row["flop"]) / seconds < 1e14
        assert (row["device"], row["context"]) == ("cpu", "")
    products = {int(row["batch"]): float(row["seconds"]) for row in rows[2:]}
    assert products[256] > products[1]
    assert str(out) in done.stdout
    assert "knee observed" in done.stdout
    assert all(f"product, float32, batch {batch}: " in done.stderr for batch in products)


def test_cuda_without_a_gpu_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(measure, "find_torch", lambda: None)
    out = tmp_path / "found.csv"
    assert measure.main(["--device", "cuda", "--out", str(out)]) == 2
    assert not out.exists()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("measure: --device cuda needs")


def test_a_file_that_cannot_be_written_is_refused_before_measuring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(measure, "measure_cpu")
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "found.csv"
    assert measure.main(["--device", "cpu", "--out", str(out)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot be written" in line


@pytest.mark.parametrize("precision", ["float32", "bf16", "fp8"])
def test_products_in_torch_are_the_matrix_product(torch: Any, precision: str) -> None:
    place = gpu.Place(torch, "cpu")
    own = gpu.Products(place, precision, shape=(32, 48), total=1)
    inputs = own.inputs(3)
    try:
        product = own.multiply(inputs, own.matrices[1])
    except (NotImplementedError, RuntimeError) as error:
        if precision != "fp8":
            raise
        pytest.skip(f"PyTorch does not multiply in FP8 here: {error}")
    assert inputs.shape[0] == (16 if precision == "fp8" else 3)
    expected = inputs[:3].double() @ own.matrices[1].double().T
    error = (product[:3].double() - expected).norm() / expected.norm()
    assert error < (1e-6 if precision == "float32" else 1e-2)
    assert not inputs[3:].float().any()


def test_products_in_torch_are_counted_and_timed(torch: Any) -> None:
    own = gpu.Products(gpu.Place(torch, "cpu"), "bf16", shape=(32, 48), total=10_000)
    assert len(own.matrices) == 4  # of 3072 bytes
    found = points.measure(own.tasks([1, 4], side=16), 0.05, quiet())
    counts = [dataclasses.astuple(one.point) for one in found]
    assert counts == [
        ("read", "bf16", 1, None, 3072, 768, None, None),
        ("arithmetic", "bf16", 16, None, 512, 8192, None, None),
        ("product", "bf16", 1, None, 3072, 3072, None, None),
        ("product", "bf16", 4, None, 3072, 12288, None, None),
    ]
    assert all(0 < one.low <= one.seconds <= one.high for one in found)


def test_products_with_experts_are_those_of_each_token(torch: Any) -> None:
    torch.manual_seed(0)
    own = gpu.Experts(gpu.Place(torch, "cpu"), shape=(16, 24), experts=6)
    inputs, ends = gpu.random(own.place, torch.bfloat16, 5 * 2, 24), own.draw(5, 2)
    product = own.multiply(inputs, ends)
    start = 0
    for expert, end in enumerate(ends.tolist()):
        expected = inputs[start:end].double() @ own.matrices[expert].double().T
        assert torch.allclose(product[start:end].double(), expected, rtol=2e-2, atol=2e-2)
        start = end
    assert start == 5 * 2


def test_a_token_is_sent_to_different_experts_and_those_reached_are_counted(torch: Any) -> None:
    own = gpu.Experts(gpu.Place(torch, "cpu"), shape=(16, 24), experts=6)
    assert sorted(own.draw(1, 2).diff(prepend=torch.zeros(1)).tolist()) == [0, 0, 0, 0, 1, 1]
    one, many = points.measure(own.tasks([1, 64], 2), 0.05, quiet())
    assert dataclasses.astuple(one.point) == ("experts", "bf16", 1, None, 2 * 768, 2 * 768, 6, 2)
    assert dataclasses.astuple(many.point) == (
        "experts",
        "bf16",
        64,
        None,
        6 * 768,
        128 * 768,
        6,
        2,
    )


def test_batches_of_experts_that_do_not_fit_are_left_out(torch: Any) -> None:
    own = gpu.Experts(gpu.Place(torch, "cpu"), shape=(16, 24), experts=16)
    # 16 matrices of 768 bytes; twice 40 numbers of 2 bytes an input, for each of the two uses.
    for inputs, largest in ((128, [32, 8]), (127, [16, 4])):
        free = 16 * 768 + inputs * 320
        fitting = [own.fitting([1, 4, 8, 16, 32, 64], used, free) for used in gpu.EXPERTS_USED]
        assert [max(batches) for batches in fitting] == largest


def test_what_is_left_out_for_the_memory_is_said(
    torch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches above `EXPERT_INPUTS` were never meant to run."""
    monkeypatch.setattr(gpu, "Experts", functools.partial(gpu.Experts, shape=(16, 24), experts=16))
    monkeypatch.setattr(gpu, "EXPERT_INPUTS", 32)
    place, said = gpu.Place(torch, "cpu"), list[str]()
    for inputs in (32, 31):
        tasks = gpu.expert_tasks(place, [1, 2, 4, 8, 16], 16 * 768 + inputs * 320, said.append)
        assert len([*tasks]) == (4 + 2 if inputs == 32 else 3 + 1)
    assert said == [
        f"experts ({used} of {gpu.EXPERTS}): batches from {first} left out, do not fit"
        for used, first in zip(gpu.EXPERTS_USED, (8, 2), strict=True)
    ]


def whole_prompt(torch: Any, model: decoder.Model, tokens: Any) -> Any:
    """The logits after the last token, with all positions attended to at once, in float64."""

    def norm(states: Any, weight: Any) -> Any:
        mean = (states**2).mean(-1, keepdim=True)
        return states / (mean + decoder.EPSILON).sqrt() * weight.double()

    def rotate(heads: Any) -> Any:
        half = TINY.head // 2
        turned = torch.empty_like(heads)
        for position, pair in itertools.product(range(heads.shape[1]), range(half)):
            angle = torch.tensor(
                position * decoder.ROTARY_BASE ** (-2 * pair / TINY.head), dtype=torch.float64
            )
            first, second = heads[:, position, :, pair], heads[:, position, :, pair + half]
            turned[:, position, :, pair] = first * angle.cos() - second * angle.sin()
            turned[:, position, :, pair + half] = second * angle.cos() + first * angle.sin()
        return turned

    batch, length = tokens.shape
    states = model.embedding.double()[tokens]
    later = torch.ones(length, length, dtype=torch.bool).triu(1)
    for layer in model.layers:
        mixed = norm(states, layer.attention_norm) @ layer.queries_keys_values.double().T
        heads = mixed.view(batch, length, -1, TINY.head)
        queries, keys, values = heads.split((TINY.heads, TINY.kv_heads, TINY.kv_heads), 2)
        queries, keys = rotate(queries), rotate(keys)
        seen = []
        for head in range(TINY.heads):
            shared = head // (TINY.heads // TINY.kv_heads)
            scores = queries[:, :, head] @ keys[:, :, shared].transpose(1, 2) / TINY.head**0.5
            chances = scores.masked_fill(later, -torch.inf).softmax(-1)
            seen.append(chances @ values[:, :, shared])
        states = states + torch.cat(seen, -1) @ layer.out.double().T
        gate, up = (norm(states, layer.inner_norm) @ layer.gate_up.double().T).chunk(2, -1)
        states = states + (gate * gate.sigmoid() * up) @ layer.down.double().T
    return norm(states[:, -1], model.norm) @ model.output.double().T


def test_a_decode_step_is_that_of_a_transformer(torch: Any) -> None:
    torch.manual_seed(0)
    length = 6
    model = decoder.Model(torch, TINY, "cpu", torch.float32, length)
    cache = decoder.Store(torch, TINY, "cpu", torch.float32, 3 * length).cache(3, length)
    tokens = torch.randint(TINY.vocabulary, (3, length))
    for context in range(1, length + 1):
        logits = decoder.step(model, cache, tokens[:, context - 1], context)
    expected = whole_prompt(torch, model, tokens)
    together = torch.cat([decoder.read_prompt(model, prompt) for prompt in tokens])
    assert (together.double() - expected).norm() / expected.norm() < 1e-5
    assert (logits.double() - expected).norm() / expected.norm() < 1e-5
    assert logits.argmax(-1).tolist() == expected.argmax(-1).tolist()


def test_decode_steps_that_do_not_fit_are_left_out_and_said_so(torch: Any) -> None:
    said: list[str] = []
    free = decoder.stored_bytes(TINY, 4) + 40 * decoder.cache_bytes_per_token(TINY, 4)
    tasks = gpu.decode_tasks(gpu.Place(torch, "cpu"), TINY, STEPS, free, said.append)
    found = points.measure(tasks, 0.05, quiet())
    assert [(one.point.batch, one.point.context) for one in found] == [(1, 10), (1, 20), (4, 10)]
    assert len(said) == 1
    assert "batch 4, context 20: left out" in said[0]


@pytest.mark.parametrize(("precision", "item", "other"), [("float32", 4, 4), ("fp8", 1, 2)])
def test_prompts_are_counted_and_timed(torch: Any, precision: str, item: int, other: int) -> None:
    shape = dataclasses.replace(TINY, hidden=32, heads=4, inner=48)  # FP8 wants sixteens
    tasks = gpu.prompt_tasks(gpu.Place(torch, "cpu"), shape, precision, (16, 32))
    found = [one.point for one in points.measure(tasks, 0.05, quiet())]
    assert [(point.experiment, point.precision) for point in found] == [("prompt", precision)] * 2
    assert [(point.batch, point.context) for point in found] == [(1, 16), (1, 32)]
    # Two layers of 32 x (2 x 4 + 2 x 2) heads of 8 and 3 x 32 x 48; norms, 50 x 32 at the end.
    layers, rest = 2 * (32 * 12 * 8 + 3 * 32 * 48), 5 * 32 + 50 * 32
    read = [item * layers + other * (rest + length * 32) for length in (16, 32)]
    assert [point.bytes for point in found] == read
    assert [point.flop for point in found] == [decoder.prompt_flop(shape, n) for n in (16, 32)]


def test_a_prompt_in_eight_bits_is_nearly_that_in_sixteen(torch: Any) -> None:
    torch.manual_seed(0)
    shape = dataclasses.replace(TINY, hidden=64, heads=8, inner=96)
    model = decoder.Model(torch, shape, "cpu", torch.bfloat16, 32)
    tokens = torch.randint(shape.vocabulary, (32,))
    expected = decoder.read_prompt(model, tokens).double()
    model.quantize(torch.float8_e4m3fn, functools.partial(gpu.scaled, gpu.Place(torch, "cpu")))
    error = (decoder.read_prompt(model, tokens).double() - expected).norm() / expected.norm()
    assert 1e-3 < error < 0.2


def test_a_nearly_empty_model_has_the_layers_and_hardly_a_weight() -> None:
    full, empty = decoder.Shape(), decoder.NEARLY_EMPTY
    assert empty.layers == full.layers
    assert empty.heads // empty.kv_heads == full.heads // full.kv_heads
    assert empty.matrix_weights < full.matrix_weights / 500


def test_steps_of_a_nearly_empty_model_are_called_fixed(torch: Any) -> None:
    assert gpu.FIXED.experiment == "fixed"
    steps = dataclasses.replace(gpu.FIXED, batches=(1,), contexts=(2,))
    place, said = gpu.Place(torch, "cpu"), list[str]()
    tasks = gpu.decode_tasks(place, decoder.NEARLY_EMPTY, steps, 2**30, said.append)
    assert [task.point.experiment for task in tasks] == ["fixed"]


def test_a_decode_step_writes_its_own_position_and_no_other(torch: Any) -> None:
    torch.manual_seed(0)
    model = decoder.Model(torch, TINY, "cpu", torch.float32, 4)
    cache = decoder.Store(torch, TINY, "cpu", torch.float32, 8).cache(2, 4)
    before = [keys.clone() for keys, _ in cache]
    decoder.step(model, cache, torch.tensor([1, 2]), 3)
    for old, (keys, _) in zip(before, cache, strict=True):
        changed = (old != keys).transpose(2, 0).flatten(1).any(1)
        assert changed.tolist() == [False, False, True, False]
