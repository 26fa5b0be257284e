"""The speed that the equations promise, measured by the benchmark script itself.

The limits hold on the reference machine; a slower one has longer in proportion (see `bench`).
"""

from __future__ import annotations

import bench
import pytest

pytestmark = pytest.mark.timed
TRIES = 12
"""At most: other programs on the machine only ever add, so the quickest times of all count."""


@pytest.mark.parametrize("inputs", [bench.full_arrays, bench.broadcast_axes])
def test_a_grid_is_nearly_as_fast_as_numpy_by_hand(inputs: object) -> None:
    found = []
    for _ in range(TRIES):
        speed, ratio = bench.compare(inputs(), repeats=5)  # type: ignore[operator]
        found.append((speed, ratio))
        if ratio <= 1.5:
            return
    pytest.fail(f"configurations per second, and time over NumPy's: {found}")


def test_a_full_step_is_quick() -> None:
    point, _ = bench.full_step()
    once, slowness = bench.one_step(point)
    assert once / slowness < 50e-6, (once, slowness)


def test_a_million_full_steps_are_quick() -> None:
    _, grid = bench.full_step()
    many, slowness = bench.million_steps(grid)
    assert many / slowness < 0.2, (many, slowness)


@pytest.mark.parametrize(
    ("module", "most"), [("inference_economics", 0.5), ("inference_economics.ledger.claims", 1.5)]
)
def test_importing_is_quick(module: str, most: float) -> None:
    taken, slowness = bench.import_seconds(module)
    assert taken / slowness < most, (taken, slowness)


def test_a_faster_machine_has_no_shorter_limit() -> None:
    assert bench.slowness(1.0, reference=2.0) == 1
    assert bench.slowness(6.0, reference=2.0) == 3
