"""How fast the package is: import, one value, and a grid against the same sum in NumPy.

Run as `make bench`. A grid is a million configurations of `serving.utilization`, or of the full
decode step, whose every input but the counts of the layout is an array of its own.

A limit in seconds means nothing on a machine four times slower, so each limit goes with a
yardstick: a fixed piece of work of the same kind, timed beside what it measures. `yardstick` is
for plain Python, `by_hand` for arrays. Edition 1.5.0 took 33 microseconds for a full step, and
141 milliseconds for a million, on the machine where the limits were set; what the yardsticks
took there follows from how they compare with that edition. Where they take longer, a limit is
longer in proportion (`slowness`); where they take less, it stays as it is.
"""

from __future__ import annotations

import os

# One core: set before NumPy is imported, which reads it.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))

import math
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from inference_economics.equations import decode, serving
from inference_economics.serving.deployment import deploy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONFIGURATIONS = 1_000_000

YARDSTICK = 15.2e-6
"""Seconds that `yardstick` took at best where 1.5.0 took 33 microseconds for a full step."""

BY_HAND = 10.6e-3
"""Seconds that `by_hand` took for `full_arrays` where a million full steps took 141 ms."""

POST: Mapping[str, float] = {
    "batch": 100.0,
    "parameters": 1.6e12,
    "bits_per_parameter": 8.0,
    "flop_per_parameter": 2.0,
    "chips": 20.0,
    "peak_flops": 3e15,
    "memory_bandwidth": 3e12,
}


@dataclass(frozen=True)
class Range:
    """What the yardstick's inputs must lie in."""

    low: float
    high: float


RANGES = {f"input {k}": Range(0.0, 10.0 * (k + 1)) for k in range(50)}
INPUTS = {name: allowed.high / 3 for name, allowed in RANGES.items()}


def yardstick() -> float:
    """Work with the means of a full step: look up and check fifty inputs, then compute."""
    values = {name: _within(name, value) for name, value in INPUTS.items()}
    if any(not isinstance(value, float) for value in values.values()):
        raise TypeError("the yardstick has floats only")
    total = 1.0
    for value in [values[name] for name in RANGES]:
        total = max(total / (1 + value), total * value / (1 + total))
    return total


def _within(name: str, value: float) -> float:
    allowed = RANGES[name]
    if type(value) is float and allowed.low < value <= allowed.high and value < math.inf:
        return value
    raise ValueError(f"{name} = {value}")


def slowness(taken: float, reference: float) -> float:
    """Return how many times longer than its reference a yardstick took; at least 1."""
    return max(1.0, taken / reference)


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


def turns(*tasks: Callable[[], object], repeats: int) -> list[list[float]]:
    """Return the times of each task; they take turns, so that noise hits all alike."""
    taken: list[list[float]] = [[] for _ in tasks]
    for _ in range(repeats):
        for task, times in zip(tasks, taken, strict=True):
            start = time.perf_counter()
            task()
            times.append(time.perf_counter() - start)
    return taken


def seconds(*tasks: Callable[[], object], repeats: int = 15) -> list[float]:
    """Return the median time of each task."""
    return [statistics.median(times) for times in turns(*tasks, repeats=repeats)]


def compare(inputs: Mapping[str, np.ndarray], repeats: int = 15) -> tuple[float, float]:
    """Return configurations per second of the formula, and its time over that of NumPy."""
    own, plain = serving.utilization(**inputs), by_hand(**inputs)
    np.testing.assert_allclose(own, plain, rtol=1e-12)
    ours, theirs = seconds(
        lambda: serving.utilization(**inputs), lambda: by_hand(**inputs), repeats=repeats
    )
    return own.size / ours, ours / theirs


def one_step(point: Mapping[str, float], repeats: int = 6000) -> tuple[float, float]:
    """Return the time of one full step, and the slowness of the machine at the time.

    Both are the quickest of many, since other programs only ever add.
    """
    decode.full_step_time(**point)
    once, beside = turns(lambda: decode.full_step_time(**point), yardstick, repeats=repeats)
    return min(once), slowness(min(beside), YARDSTICK)


def million_steps(grid: Mapping[str, np.ndarray], repeats: int = 7) -> tuple[float, float]:
    """Return the time of a million full steps, and the slowness of the machine at the time.

    What memory gives changes from second to second with what else runs, so that each million is
    compared with its neighbors, and the middle one of these comparisons counts.
    """
    decode.full_step_time(**grid)
    inputs = full_arrays()
    found = []
    for _ in range(repeats):
        ((many,),) = turns(lambda: decode.full_step_time(**grid), repeats=1)
        (beside,) = seconds(lambda: by_hand(**inputs), repeats=7)
        found.append((many, slowness(beside, BY_HAND)))
    return sorted(found, key=lambda each: each[0] / each[1])[repeats // 2]


def import_seconds(module: str, repeats: int = 3) -> tuple[float, float]:
    """Return the processor time of an import in a process of its own, and the machine's slowness.

    It is the best of some: each is compared with yardsticks right after it.
    """
    code = f"import time; start = time.process_time(); import {module}; "
    command = [sys.executable, "-c", f"{code}print(time.process_time() - start)"]
    found = []
    for _ in range(repeats):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        (beside,) = seconds(yardstick, repeats=3000)
        found.append((float(done.stdout), slowness(beside, YARDSTICK)))
    return min(found, key=lambda each: each[0] / each[1])


def main() -> None:
    """Print what was measured."""
    for what, module in (
        ("package", "inference_economics"),
        ("ledger", "inference_economics.ledger.claims"),
    ):
        print(f"import of the {what:14}{import_seconds(module)[0] * 1e3:8.1f} ms")
    serving.utilization(**POST)
    (once,) = seconds(lambda: serving.utilization(**POST), repeats=2000)
    print(f"one value                   {once * 1e6:8.1f} µs")
    for name, inputs in (("full arrays", full_arrays()), ("broadcast axes", broadcast_axes())):
        speed, ratio = compare(inputs)
        print(f"a million, {name:16} {speed / 1e6:8.1f} million/s, {ratio:.2f} x NumPy by hand")
    point, grid = full_step()
    (once, slow), (many, slow_arrays) = one_step(point), million_steps(grid)
    print(f"one full step               {once * 1e6:8.1f} µs")
    print(f"a million full steps        {CONFIGURATIONS / many / 1e6:8.1f} million/s")
    print(f"slower than the reference   {slow:8.1f} x, with arrays {slow_arrays:.1f} x")


if __name__ == "__main__":
    main()
