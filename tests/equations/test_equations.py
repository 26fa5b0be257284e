"""The equations: their units, and their closed forms against counting step by step."""

from __future__ import annotations

import math
import random
from itertools import product

import numpy as np
import pytest
from alike import with_each
from random_points import points

from inference_economics.algebra import units
from inference_economics.algebra.formula import Formula
from inference_economics.equations import (
    TOPICS,
    all_formulas,
    brain,
    demand,
    roofline,
    serving,
    shape,
    silicon,
)

FORMULAS = with_each("formula", all_formulas().values())

# The post's example: 1.6 trillion weights of a byte on 20 cards.
POST = {
    "parameters": 1.6e12, "bits_per_parameter": 8, "flop_per_parameter": 2, "chips": 20,
    "peak_flops": 3e15, "memory_bandwidth": 3e12,
}  # fmt: skip


# Every equation


@FORMULAS
def test_both_sides_have_the_same_units(formula: Formula) -> None:
    formula.check_units()


@FORMULAS
def test_the_unit_of_the_result_is_that_of_its_inputs_scaled(formula: Formula) -> None:
    # Dimensions alone do not tell a bit from a byte: what is given in other units must give
    # the same.
    (point,) = points(formula, 1)
    scaled = {
        name: f"{value / factor!r} {unit}"
        for name, value in point.items()
        for unit, factor in [_other_unit(formula.unit_of(name))]
    }
    assert formula(**scaled) == pytest.approx(formula(**point), rel=1e-9)


def _other_unit(unit: str) -> tuple[str, float]:
    """Return the unit with its first part exchanged for another, and how many old ones it is."""
    exchanged = {"byte": "bit", "bit": "byte", "second": "hour", "FLOP": "GFLOP", "watt": "kW"}
    top, slash, below = unit.partition("/")
    other = exchanged.get(top, top) + slash + below
    return other, units.conversion(other, unit)


def test_no_equation_is_declared_twice_under_one_name() -> None:
    names = [
        name
        for topic in TOPICS.values()
        for name, value in vars(topic).items()
        if isinstance(value, Formula) and name not in _imported(topic.__name__)
    ]
    assert len(names) == len(set(names)) == len(all_formulas())


def _imported(module: str) -> set[str]:
    """Return the names of formulas that a topic takes over from an earlier one."""
    seen: set[int] = set()
    taken = set()
    for topic in TOPICS.values():
        for name, value in vars(topic).items():
            if isinstance(value, Formula):
                if topic.__name__ == module and id(value) in seen:
                    taken.add(name)
                if topic.__name__ != module:
                    seen.add(id(value))
        if topic.__name__ == module:
            break
    return taken


# Known values


def test_ridge_and_critical_batch_of_the_post() -> None:
    ridge = roofline.ridge_point(peak_flops=3e15, memory_bandwidth=3e12)
    assert ridge == 1000
    assert roofline.orders_of_magnitude(ridge_point=ridge) == pytest.approx(3)
    found = roofline.critical_batch(ridge_point=ridge, bits_per_parameter=8, flop_per_parameter=2)
    assert found == 500


@pytest.mark.parametrize(
    ("peak", "bandwidth", "bits", "ridge", "batch"),
    [
        ("1978.9 TFLOP/s", "3.35 TB/s", 8, 591, 295),  # H100 SXM, dense
        ("989.4 TFLOP/s", "3.35 TB/s", 16, 295, 295),  # the same in 16 bits: the same batch
        ("1513 TFLOP/s", "2 TB/s", 8, 756, 378),  # H100 PCIe
        ("312 TFLOP/s", "2.04 TB/s", 16, 153, 153),  # A100 80 GB
    ],
)
def test_ridge_and_critical_batch_of_real_cards(
    peak: str, bandwidth: str, bits: int, ridge: int, batch: int
) -> None:
    card = {"peak_flops": peak, "memory_bandwidth": bandwidth}
    assert round(roofline.ridge_point(**card)) == ridge
    found = roofline.critical_batch(**card, bits_per_parameter=bits, flop_per_parameter=2)
    assert round(found) == batch


def test_the_example_of_the_post_step_by_step() -> None:
    assert serving.weight_bytes(parameters=1.6e12, bits_per_parameter=8) == 1.6e12
    assert serving.flop_per_parameter(multiplications=1, additions=1) == 2
    assert serving.flop_per_token(parameters=1.6e12, flop_per_parameter=2) == 3.2e12
    assert serving.total_bandwidth(chips=20, memory_bandwidth=3e12) == 60e12
    assert serving.utilization(batch=1, **POST) == pytest.approx(1 / 500)
    assert serving.utilization(batch=100, **POST) == pytest.approx(0.2)
    assert serving.chips_needed(weight_bytes=1.6e12, memory_capacity=80e9) == 20
    assert serving.free_memory(chips=20, memory_capacity=80e9, weight_bytes=1.6e12) == 0


def test_cache_of_llama_2_7b() -> None:
    # 32 layers of width 4096, a key and a value each, two bytes a number.
    llama = {"layers": 32, "hidden_size": 4096, "cache_value_bytes": 2}
    assert shape.kv_bytes_per_token(**llama) == 524_288
    assert serving.cache_bytes(context=4096, **llama) == 2**31
    assert serving.cache_total(concurrent_users=8, context=4096, **llama) == 2**34


def test_width_of_gpt_3() -> None:
    # 175 billion weights in 96 layers: 12,288 wide, but for the embeddings, which are left out.
    assert serving.hidden_size(parameters=175e9, layers=96) == pytest.approx(12_288, rel=0.01)


def test_a_batch_split_among_experts() -> None:
    assert serving.expert_batch(batch=4000, experts=16, experts_per_token=2) == 500


def test_parameters_of_a_node_and_back() -> None:
    node = {"bits_per_parameter": 16, "chips_per_node": 8}
    held = serving.bytes_per_chip(parameters=1.8e12, nodes=16, **node)
    assert held == pytest.approx(28.125e9)
    assert serving.parameters_held(bytes_per_chip=held, **node) == pytest.approx(1.8e12 / 16)


def test_a_whole_is_rounded_up_and_never_down() -> None:
    assert serving.chips_needed(weight_bytes=80e9, memory_capacity=80e9) == 1
    assert serving.chips_needed(weight_bytes=80e9 + 1, memory_capacity=80e9) == 2
    assert silicon.wafers_needed(weight_bytes=1.6e12, unit_capacity=44e9) == 37


def test_brain_figures() -> None:
    assert brain.synapse_bytes(synapses=1e14, bits_per_synapse=8) == 1e14
    assert brain.implied_bits(capacity="2.5 PB", synapses=1e14) == pytest.approx(200)
    assert brain.power_ratio(chip_power=700, brain_power=20) == 35
    years = brain.recording_time(capacity="2.5 PB", recording_rate="1 MB/s") / (365.25 * 86_400)
    assert round(years) == 79
    # Unordered targets: log2(e N / k) bits each, 27.6 of them for 86 billion neurons.
    assert brain.target_bits(synapses=1e14, neurons=8.61e10) == pytest.approx(27.6, abs=0.05)


# Accounting: count what the closed form claims


def test_arithmetic_and_reading_of_a_matrix_product_counted_one_by_one() -> None:
    rows, columns, batch, bytes_each = 3, 4, 5, 2
    weights = np.arange(12.0).reshape(rows, columns)
    inputs = np.arange(20.0).reshape(columns, batch)
    outputs = np.zeros((rows, batch))
    flop = bytes_read = 0
    for row, column in product(range(rows), range(columns)):
        weight = weights[row, column]  # read once, used for the whole batch
        bytes_read += bytes_each
        for item in range(batch):
            outputs[row, item] += weight * inputs[column, item]
            flop += 2
    assert np.array_equal(outputs, weights @ inputs)

    model = {"parameters": weights.size, "bits_per_parameter": 16}
    step = {"flop_per_parameter": serving.flop_per_parameter(multiplications=1, additions=1)}
    assert serving.weight_bytes(**model) == bytes_read
    assert serving.flop_per_token(parameters=weights.size, **step) * batch == flop
    intensity = roofline.arithmetic_intensity(
        batch=batch, flop_per_parameter=2, bits_per_parameter=16
    )
    assert intensity == flop / bytes_read
    machine = {"chips": 1, "peak_flops": 1, "memory_bandwidth": 1}
    found = serving.step_time(batch=batch, **model, **step, **machine)
    assert found == max(flop, bytes_read)


@pytest.mark.parametrize("chips", [2, 3, 4, 8])
def test_a_ring_all_reduce_sent_piece_by_piece(chips: int) -> None:
    size = 24  # numbers of a byte each, cut into one piece a chip
    chance = random.Random(chips)  # noqa: S311
    vectors = [[chance.randrange(10) for _ in range(size)] for _ in range(chips)]
    total = [sum(column) for column in zip(*vectors, strict=True)]
    piece = size // chips
    sent = [0] * chips
    for phase, step in product(("add", "copy"), range(chips - 1)):
        messages = []
        for chip in range(chips):
            which = (chip - step + (phase == "copy")) % chips
            start = which * piece
            messages.append((start, vectors[chip][start : start + piece]))
            sent[chip] += piece
        for chip, (start, message) in enumerate(messages):
            target = vectors[(chip + 1) % chips]
            for offset, number in enumerate(message):
                kept = target[start + offset] if phase == "add" else 0
                target[start + offset] = kept + number
    assert all(vector == total for vector in vectors)

    predicted = serving.traffic_bytes(
        chips=chips, reductions_per_layer=1, layers=1, batch=1, hidden_bytes=size
    )
    assert sent == [predicted] * chips
    assert predicted == pytest.approx(2 * (chips - 1) / chips * size)


def test_one_chip_sends_nothing_and_many_send_twice_the_vector() -> None:
    step = {"layers": 20, "batch": 100, "hidden_bytes": 1e5}
    assert serving.traffic_bytes(chips=1, **step) == 0
    # Two all-reduces a layer unless another number is given.
    assert serving.traffic_bytes(chips=1e9, **step) == pytest.approx(2 * 2 * 20 * 100 * 1e5)


def test_synapses_counted_in_a_random_network() -> None:
    neurons = 50
    chance = random.Random(2)  # noqa: S311
    targets = [chance.sample(range(neurons), chance.randint(5, 15)) for _ in range(neurons)]
    synapses = sum(len(of_one) for of_one in targets)
    mean = synapses / neurons
    assert brain.fan_out(synapses=synapses, neurons=neurons) == mean
    strengths = b"".join(bytes(len(of_one)) for of_one in targets)
    assert brain.synapse_bytes(synapses=synapses, bits_per_synapse=8) == len(strengths)


def test_bits_of_wiring_are_those_of_choosing_targets() -> None:
    # log2 of the ways to choose k of N, per target, approaches log2(e N / k) for k << N.
    neurons, fan_out = 10**9, 10**4
    ways = math.lgamma(neurons + 1) - math.lgamma(fan_out + 1) - math.lgamma(neurons - fan_out + 1)
    exact = ways / math.log(2) / fan_out
    assert brain.target_bits(neurons=neurons, fan_out=fan_out) == pytest.approx(exact, rel=1e-4)


def test_genomes_counted_cell_by_cell() -> None:
    neurons, others, bases = 3, 4, 1000
    counted = sum(2 * 2 * bases / 8 for _ in range(neurons + others))  # two copies, two bits
    found = brain.genome_bytes(neurons=neurons, other_cells=others, genome_bits=2 * bases)
    assert found == counted


def test_a_user_base_counted_minute_by_minute() -> None:
    # Ten minutes each, one after another: of 144 users exactly one is there at any moment.
    users, minutes = 144, 10
    present = [0] * (24 * 60)
    for user in range(users):
        for minute in range(minutes):
            present[(user * minutes + minute) % len(present)] += 1
    assert set(present) == {1}
    assert demand.user_base(concurrent_users=1, daily_use="10 minutes") == pytest.approx(users)


def test_tokens_of_an_audience_counted() -> None:
    # 100 chips of a million tokens a second, ten million users in turn: 100 ms, not 10.
    chips = {"audience_chips": 100, "tokens_per_second_per_chip": 1e6, "active_users": 10e6}
    assert silicon.token_interval(**chips) == pytest.approx(0.1)
    words = silicon.reading_rate(**chips, words_per_token=1)
    assert words * 60 == pytest.approx(600)
    back = silicon.audience_chips(
        active_users=10e6, token_interval=0.1, tokens_per_second_per_chip=1e6
    )
    assert back == pytest.approx(100)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_growth_counted_on_a_grid(dimensions: int) -> None:
    def cells(side: int) -> tuple[int, int]:
        """Return the cells of a cube of that side, and those of one of its faces."""
        grid = list(product(range(side), repeat=dimensions))
        return len(grid), sum(cell[0] == 0 for cell in grid)

    (inside, face), (inside_twice, face_twice) = cells(4), cells(8)
    twice = {"size_ratio": 2, "geometry": dimensions}
    assert silicon.compute_growth(**twice) == inside_twice / inside
    assert silicon.bandwidth_growth(**twice) == face_twice / face
    assert silicon.imbalance_growth(**twice) == 2
    assert silicon.imbalance_exponent(**twice) == pytest.approx(1)


# Limits


def test_at_batch_one_the_step_is_the_reading_of_the_weights() -> None:
    assert serving.step_time(batch=1, **POST) == serving.weight_time(
        weight_bytes=1.6e12, total_bandwidth=60e12
    )


def test_at_the_critical_batch_both_take_as_long_and_nothing_idles() -> None:
    compute = serving.compute_time(batch=500, flop_per_token=3.2e12, chips=20, peak_flops=3e15)
    assert compute == pytest.approx(serving.step_time(batch=500, **POST))
    assert serving.utilization(batch=500, **POST) == pytest.approx(1)
    assert serving.utilization(batch=499, **POST) == pytest.approx(499 / 500)


def test_with_an_infinite_batch_utilization_is_one_and_time_is_arithmetic() -> None:
    assert serving.utilization(batch=1e12, **POST) == 1
    assert serving.utilization_of_batch(batch=1e12, utilization_alone=0.002) == 1
    assert serving.step_time(batch=1e12, **POST) == pytest.approx(3.2e24 / 60e15)


def test_alone_costs_the_critical_batch() -> None:
    assert serving.cost_ratio(utilization=1, utilization_alone=0.002) == 500
    assert serving.batch_to_fill(utilization_alone=0.002) == 500
    assert serving.cost_ratio(utilization=0.002, utilization_alone=0.002) == 1
