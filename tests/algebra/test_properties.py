"""What holds for every allowed input, tried on inputs that Hypothesis makes up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from alike import with_each
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from random_points import points

from inference_economics.algebra import units
from inference_economics.algebra.formula import InputError
from inference_economics.equations import all_formulas, roofline, serving, silicon

if TYPE_CHECKING:
    from inference_economics.algebra.formula import Formula

# The same examples on every run and machine, and no clock: a slow runner is no failure.
settings.register_profile("book", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("book")


def sizes(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers spread over the orders of magnitude between two ends."""
    return st.floats(math.log(low), math.log(high)).map(math.exp)


MACHINE = {"peak_flops": sizes(1e9, 1e18), "memory_bandwidth": sizes(1e9, 1e16)}
MODEL = {
    "parameters": sizes(1e6, 1e14),
    "bits_per_parameter": st.sampled_from([1, 4, 8, 16, 32]),
    "flop_per_parameter": sizes(0.1, 10),
}
STEP = st.fixed_dictionaries({**MACHINE, **MODEL, "chips": sizes(1, 1e5), "batch": sizes(1, 1e7)})
MORE = sizes(1, 1e3)

# Rounding in the last place, where a property is exact.
SLACK = 1e-12


@given(STEP)
def test_utilization_is_a_share(step: dict[str, float]) -> None:
    assert 0 < serving.utilization(**step) <= 1


@given(STEP, MORE)
def test_time_never_falls_with_the_batch(step: dict[str, float], more: float) -> None:
    larger = {**step, "batch": step["batch"] * more}
    assert serving.step_time(**larger) >= serving.step_time(**step) * (1 - SLACK)


@pytest.mark.parametrize("faster", ["memory_bandwidth", "peak_flops", "chips"])
@given(step=STEP, more=MORE)
def test_time_never_rises_with_a_faster_machine(
    faster: str, step: dict[str, float], more: float
) -> None:
    better = {**step, faster: step[faster] * more}
    assert serving.step_time(**better) <= serving.step_time(**step) * (1 + SLACK)


@given(STEP, MORE)
def test_time_per_token_never_rises_with_the_batch(step: dict[str, float], more: float) -> None:
    larger = {**step, "batch": step["batch"] * more}
    alone, together = (serving.step_time(**each) / each["batch"] for each in (step, larger))
    assert together <= alone * (1 + SLACK)


@given(STEP)
def test_a_step_takes_its_longer_part(step: dict[str, float]) -> None:
    compute, reading = (
        formula(**{name: step[name] for name in formula.inputs()})
        for formula in (serving.compute_time, serving.weight_time)
    )
    assert serving.step_time(**step) == pytest.approx(max(compute, reading), rel=SLACK)


@given(STEP)
def test_utilization_is_one_exactly_from_the_critical_batch_on(step: dict[str, float]) -> None:
    critical = roofline.critical_batch(
        **{name: step[name] for name in roofline.critical_batch.inputs()}
    )
    assume(critical > 1.01)
    assert serving.utilization(**{**step, "batch": critical * 1.01}) == 1
    below = serving.utilization(**{**step, "batch": max(critical * 0.5, 1)})
    assert below == pytest.approx(max(0.5, 1 / critical))


@given(STEP, sizes(1e-3, 1e3))
def test_a_machine_twice_as_fast_takes_half_the_time(step: dict[str, float], times: float) -> None:
    faster = {
        **step,
        "peak_flops": step["peak_flops"] * times,
        "memory_bandwidth": step["memory_bandwidth"] * times,
    }
    assert serving.step_time(**faster) * times == pytest.approx(serving.step_time(**step))
    assert serving.utilization(**faster) == pytest.approx(serving.utilization(**step))


@given(STEP, sizes(1e-3, 1e3))
def test_utilization_does_not_depend_on_the_size_of_the_model(
    step: dict[str, float], times: float
) -> None:
    larger = {**step, "parameters": step["parameters"] * times}
    assert serving.utilization(**larger) == pytest.approx(serving.utilization(**step))


@given(STEP)
def test_a_token_alone_costs_at_most_the_critical_batch_times_more(
    step: dict[str, float],
) -> None:
    alone = serving.utilization(**{**step, "batch": 1})
    ratio = serving.cost_ratio(utilization=1, utilization_alone=alone)
    critical = roofline.critical_batch(
        **{name: step[name] for name in roofline.critical_batch.inputs()}
    )
    assert ratio == pytest.approx(max(critical, 1))


@given(sizes(1e-6, 1), sizes(1, 1e7))
def test_a_share_each_adds_up_to_one_at_most(alone: float, batch: float) -> None:
    found = serving.utilization_of_batch(batch=batch, utilization_alone=alone)
    assert found == pytest.approx(min(1, batch * alone))
    assert found <= 1
    # Sharing never makes a token more expensive.
    assert serving.cost_ratio(utilization=max(found, alone), utilization_alone=alone) >= 1


# Whole bytes, so that the products below are exact.
@given(st.integers(1, 2**46), st.integers(1, 2**40))
@example(80 * 10**9, 80 * 10**9)
def test_chips_needed_hold_the_weights_and_one_fewer_would_not(weights: int, memory: int) -> None:
    assume(weights / memory < 2**40)  # beyond it the quotient itself is rounded
    chips = serving.chips_needed(weight_bytes=weights, memory_capacity=memory)
    assert chips == int(chips)
    assert int(chips) * memory >= weights
    assert (int(chips) - 1) * memory < weights


@given(sizes(1, 1e6), sizes(1e9, 1e12), sizes(1e6, 1e18))
def test_what_is_free_and_what_is_used_make_up_the_memory(
    chips: float, memory: float, weights: float
) -> None:
    assume(weights < 0.999 * chips * memory)
    free = serving.free_memory(chips=chips, memory_capacity=memory, weight_bytes=weights)
    assert free + weights == pytest.approx(chips * memory)


@given(sizes(1.01, 1e3), st.sampled_from([2, 3]))
def test_compute_outgrows_bandwidth_by_the_size(size: float, dimensions: int) -> None:
    grown = {"size_ratio": size, "geometry": dimensions}
    assert silicon.imbalance_growth(**grown) == pytest.approx(size)
    assert silicon.imbalance_exponent(**grown) == pytest.approx(1)


# Units

# Texts of these are readable again; "$5" and "3 × 10^20" are for reading only.
SHOWN = [
    ("byte", 1e-3, 1e20), ("byte/second/chip", 1, 1e20), ("byte/token", 1, 1e12),
    ("FLOP/second/chip", 1, 1e20), ("FLOP/token", 1, 1e18), ("FLOP/byte", 0.01, 1e5),
    ("second", 1e-9, 1e12), ("fraction", 1e-5, 1), ("percent", 1e-3, 100), ("watt", 1, 1e9),
    ("user", 0.01, 9e14), ("token", 1, 9e14), ("parameter", 1, 9e14), ("chip", 1, 9e14),
    ("bit/parameter", 1, 1e3), ("word/minute/user", 1, 1e4), ("token/second/user", 0.01, 1e4),
]  # fmt: skip


@given(data=st.data(), digits=st.integers(1, 8))
@pytest.mark.parametrize(("unit", "low", "high"), SHOWN, ids=[unit for unit, *_ in SHOWN])
def test_what_is_shown_is_read_again_to_the_digits_shown(
    unit: str, low: float, high: float, data: st.DataObject, digits: int
) -> None:
    value = data.draw(sizes(low, high))
    read = units.parse(units.show(value, unit, digits), unit)
    assert read == pytest.approx(value, rel=0.5001 * 10 ** (1 - digits))


@given(sizes(1e-3, 1e3))
def test_a_unit_is_no_part_of_a_quantity(terabytes: float) -> None:
    numbers = {"weight_bytes": terabytes * 1e12, "total_bandwidth": 3e12}
    texts = {"weight_bytes": f"{terabytes!r} TB", "total_bandwidth": "3 TB/s"}
    bits = {"weight_bytes": f"{terabytes * 8e3!r} Gbit", "total_bandwidth": "10.8 PB/hour"}
    wanted = serving.weight_time(**numbers)
    assert serving.weight_time(**texts) == pytest.approx(wanted, rel=SLACK)
    assert serving.weight_time(**bits) == pytest.approx(wanted, rel=SLACK)


@given(sizes(1e-300, 1e300), st.integers(1, 9))
def test_rounding_moves_a_number_by_half_a_digit_at_most(value: float, digits: int) -> None:
    rounded = units.rounded(value, digits)
    assert float(rounded) == pytest.approx(value, rel=0.5001 * 10 ** (1 - digits))
    assert units.rounded(float(rounded), digits) == rounded
    assert len(rounded.normalize().as_tuple().digits) <= digits


# Arrays


@with_each("formula", all_formulas().values())
def test_arrays_and_scalars_agree(formula: Formula) -> None:
    scalars = list(points(formula, 8, seed=2))
    arrays = {name: np.array([point[name] for point in scalars]) for name in scalars[0]}
    wanted = [formula(**point) for point in scalars]
    assert formula(**arrays).tolist() == pytest.approx(wanted, rel=1e-12)


@given(STEP, st.integers(1, 4), st.integers(1, 4))
def test_a_grid_is_every_pair(step: dict[str, float], rows: int, columns: int) -> None:
    batches = step["batch"] * np.arange(1, rows + 1)[:, None]
    bandwidths = step["memory_bandwidth"] * np.arange(1, columns + 1)
    grid = serving.utilization(**{**step, "batch": batches, "memory_bandwidth": bandwidths})
    assert grid.shape == (rows, columns)
    corner = {**step, "batch": batches[-1, 0], "memory_bandwidth": bandwidths[-1]}
    assert grid[-1, -1] == pytest.approx(serving.utilization(**corner), rel=1e-12)


@given(weights=st.floats(1e9, 1e14), chips=st.integers(1, 4096))
def test_memory_that_is_exactly_full_is_not_refused(weights: float, chips: int) -> None:
    """The example of the post fills its GPUs to the last byte; float noise must not overflow."""
    full = {"weight_bytes": weights, "chips": chips, "memory_capacity": weights / chips}
    free = serving.free_memory(**full)
    assert 0 <= free <= 1e-9 * weights
    grid = serving.free_memory(**{**full, "weight_bytes": np.array([weights, weights / 2])})
    assert grid[0] == free
    with pytest.raises(InputError, match="free_memory"):
        serving.free_memory(**{**full, "weight_bytes": weights * 1.001})
