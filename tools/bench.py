"""How fast the package is: import, one value, and a grid against the same sum in NumPy.

Run as `make bench`. A grid is a million configurations of `serving.utilization`, or of the full
decode step, whose every input but the counts of the layout is an array of its own.
"""

from __future__ import annotations

import os

# One core: set before NumPy is imported, which reads it.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from inference_economics.equations import decode, serving
from inference_economics.serving.deployment import deploy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONFIGURATIONS = 1_000_000

POST: Mapping[str, float] = {
    "batch": 100.0,
    "parameters": 1.6e12,
    "bits_per_parameter": 8.0,
    "flop_per_parameter": 2.0,
    "chips": 20.0,
    "peak_flops": 3e15,
    "memory_bandwidth": 3e12,
}


def by_hand(  # noqa: PLR0913  (one argument an input, as the formula takes them)
    *,
    batch: np.ndarray,
    parameters: np.ndarray,
    bits_per_parameter: np.ndarray,
    flop_per_parameter: np.ndarray,
    chips: np.ndarray,
    peak_flops: np.ndarray,
    memory_bandwidth: np.ndarray,
) -> np.ndarray:
    """Return the utilization as one would write it in NumPy, without checks."""
    compute = batch * flop_per_parameter * parameters / (chips * peak_flops)
    weights = parameters * bits_per_parameter / 8 / (chips * memory_bandwidth)
    used: np.ndarray = compute / np.maximum(compute, weights)
    return used


def full_arrays() -> dict[str, np.ndarray]:
    """Return every input as an array of a million values."""
    chance = np.random.default_rng(0)
    return {name: value * chance.uniform(1, 2, CONFIGURATIONS) for name, value in POST.items()}


def broadcast_axes() -> dict[str, np.ndarray]:
    """Return the batch down, the bandwidth across, and the rest as single values."""
    side = round(CONFIGURATIONS**0.5)
    inputs = {name: np.array([[value]]) for name, value in POST.items()}
    inputs["batch"] = np.geomspace(1, 1e4, side)[:, None]
    inputs["memory_bandwidth"] = np.geomspace(1e12, 1e13, side)[None, :]
    return inputs


def full_step() -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Return the inputs of a full decode step, as single values and as a million of them."""
    deployment = deploy("b200", 8, "gpt_oss_120b", weight_bits=8)
    point = deployment.inputs(decode.full_step_time, concurrent_users=64.0, context=2048.0)
    chance = np.random.default_rng(0)
    kept = {"chips", "stages", "replicas", "experts", "kv_heads", "stored_parameters"}
    grid = {
        name: np.full(CONFIGURATIONS, value)
        if name in kept
        else value * chance.uniform(0.9, 1, CONFIGURATIONS)
        for name, value in point.items()
    }
    return point, grid


def seconds(*tasks: Callable[[], object], repeats: int = 15) -> list[float]:
    """Return the median time of each task; they take turns, so that noise hits all alike."""
    taken: list[list[float]] = [[] for _ in tasks]
    for _ in range(repeats):
        for task, times in zip(tasks, taken, strict=True):
            start = time.perf_counter()
            task()
            times.append(time.perf_counter() - start)
    return [statistics.median(times) for times in taken]


def compare(inputs: Mapping[str, np.ndarray], repeats: int = 15) -> tuple[float, float]:
    """Return configurations per second of the formula, and its time over that of NumPy."""
    own, plain = serving.utilization(**inputs), by_hand(**inputs)
    np.testing.assert_allclose(own, plain, rtol=1e-12)
    ours, theirs = seconds(
        lambda: serving.utilization(**inputs), lambda: by_hand(**inputs), repeats=repeats
    )
    return own.size / ours, ours / theirs


def full_step_seconds(
    point: Mapping[str, float], grid: Mapping[str, np.ndarray], repeats: int = 5
) -> tuple[float, float]:
    """Return the time of one full step, and of a million of them."""
    decode.full_step_time(**point), decode.full_step_time(**grid)
    (once,) = seconds(lambda: decode.full_step_time(**point), repeats=500)
    (many,) = seconds(lambda: decode.full_step_time(**grid), repeats=repeats)
    return once, many


def import_seconds(module: str, repeats: int = 5) -> float:
    """Return the median time of an import, each in a process of its own."""
    code = f"import time; start = time.perf_counter(); import {module}; "
    command = [sys.executable, "-c", f"{code}print(time.perf_counter() - start)"]
    return statistics.median(
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(repeats)
    )


def main() -> None:
    """Print what was measured."""
    for what, module in (
        ("package", "inference_economics"),
        ("ledger", "inference_economics.ledger.claims"),
    ):
        print(f"import of the {what:14}{import_seconds(module) * 1e3:8.1f} ms")
    serving.utilization(**POST)
    (once,) = seconds(lambda: serving.utilization(**POST), repeats=2000)
    print(f"one value                   {once * 1e6:8.1f} µs")
    for name, inputs in (("full arrays", full_arrays()), ("broadcast axes", broadcast_axes())):
        speed, ratio = compare(inputs)
        print(f"a million, {name:16} {speed / 1e6:8.1f} million/s, {ratio:.2f} x NumPy by hand")
    once, many = full_step_seconds(*full_step())
    print(f"one full step               {once * 1e6:8.1f} µs")
    print(f"a million full steps        {CONFIGURATIONS / many / 1e6:8.1f} million/s")


if __name__ == "__main__":
    main()
