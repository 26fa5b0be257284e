"""The speed that the equations promise, measured by the benchmark script itself."""

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
        if speed >= 10e6 and ratio <= 1.5:
            return
    pytest.fail(f"configurations per second, and time over NumPy's: {found}")


def test_a_full_step_is_quick() -> None:
    point, grid = bench.full_step()
    found = []
    for _ in range(TRIES):
        once, many = bench.full_step_seconds(point, grid, repeats=3)
        found.append((once, bench.CONFIGURATIONS / many))
        if min(once for once, _ in found) < 50e-6 and max(many for _, many in found) > 5e6:
            return
    pytest.fail(f"seconds for one, and configurations per second: {found}")


@pytest.mark.parametrize(
    ("module", "most"), [("inference_economics", 0.5), ("inference_economics.ledger.claims", 1.5)]
)
def test_importing_is_quick(module: str, most: float) -> None:
    assert min(bench.import_seconds(module, repeats=1) for _ in range(3)) < most
