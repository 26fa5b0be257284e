"""Models on machines: the reference case, the loud limits, and every row of the catalog."""

from __future__ import annotations

import itertools
import json
import math
import random
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from alike import with_each
from hypothesis import given, settings
from hypothesis import strategies as st
from predictions import answered

from inference_economics.algebra.formula import InputError
from inference_economics.equations import decode, shape
from inference_economics.facts import calibration, catalog
from inference_economics.facts.catalog import CatalogError
from inference_economics.serving import memory, served
from inference_economics.serving.deployment import (
    RESULTS,
    DecodeStep,
    Deployment,
    LimitError,
    TooBigError,
    deploy,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# The same examples on every run and machine, and no clock: a slow runner is no failure.
settings.register_profile("book", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("book")

# Rounding in the last places, where two ways must agree.
SLACK = 1e-12

# What the two terms of the post leave out.
BARE = ("achieved shares", "traffic", "latency", "fixed time")


def reference(bits: float = 16, **other: float) -> Deployment:
    """Llama-3 70B on a node of eight H100."""
    chosen = {"usable_share": 0.9, **other}
    return deploy("h100_sxm5", 8, "llama3_70b", weight_bits=bits, kv_bits=bits, **chosen)  # type: ignore[arg-type]


def too_big(call: Callable[[], object]) -> TooBigError:
    """Return the error of a call that cannot be, for what does not fit."""
    with pytest.raises(TooBigError, match="does not fit") as raised:
        call()
    return raised.value


# The reference case


@pytest.mark.parametrize(
    ("bits", "users", "milliseconds"),
    [(16, 1, 5.21), (16, 256, 11.60), (8, 1, 2.61), (8, 256, 5.80)],
)
def test_weights_and_caches_alone(bits: int, users: int, milliseconds: float) -> None:
    # 69.5 billion weights, for which the input embedding is not read, and 2048 tokens of
    # 80 layers x 2 x 8 heads x 128 numbers a user, over 8 x 3.35 TB/s.
    step = reference(bits).without(*BARE).step(users, 2048)
    assert round(step.step_time * 1e3, 2) == milliseconds
    weights = 70.55e9 - 128_256 * 8192
    caches = users * 2048 * 80 * 2 * 8 * 128
    by_hand = (weights + caches) * bits / 8 / (8 * 3.35e12)
    assert step.step_time == pytest.approx(by_hand, rel=1e-9)
    assert step.mbu == pytest.approx(1)


@pytest.mark.parametrize(("users", "low", "high"), [(1, 8e-3, 12e-3), (256, 20e-3, 30e-3)])
def test_the_full_model_takes_what_engines_take(users: int, low: float, high: float) -> None:
    assert low < reference().step(users, 2048).step_time < high


def test_what_binds_and_what_would_next() -> None:
    alone = reference().step(1, 2048)
    assert (alone.binding, alone.next_binding) == ("weights", "fixed time")
    together = reference().step(256, 2048)
    assert (together.binding, together.next_binding) == ("cache", "weights")
    # Without the reading, its arithmetic shows: hidden parts count for what is next.
    hidden = reference().without(*BARE).step(400, 1)
    assert (hidden.binding, hidden.next_binding) == ("arithmetic", "weights")
    assert "weights" in hidden.hidden


def test_a_step_in_other_words() -> None:
    step = reference(rent=2.5).step(256, 2048)
    assert sum(step.parts.values()) == pytest.approx(step.step_time, rel=SLACK)
    assert step.user_speed == pytest.approx(1 / step.step_time)
    assert step.throughput == pytest.approx(256 / step.step_time)
    hourly = step.throughput * 3600
    assert step.cost_per_token == pytest.approx(8 * 2.5 / hourly)
    assert step.memory == pytest.approx(70.55e9 * 2 + 256 * 2048 * 327_680)
    found = step.as_json()
    assert tuple(found) == tuple(DecodeStep.KEYS)
    assert found["usd_per_million_tokens"] == pytest.approx(8 * 2.5 / hourly * 1e6)
    assert found["step_time_s"] == step.step_time
    assert found["fits"] is True
    assert json.loads(json.dumps(found)) == found


def test_no_rent_no_cost() -> None:
    assert reference().step(1).cost_per_token is not None  # the catalog knows it for an H100
    unpriced = deploy("b300", 8, "llama3_70b")
    assert unpriced.step(1).cost_per_token is None
    assert unpriced.step(1).as_json()["usd_per_million_tokens"] is None
    priced = deploy("b300", 8, "llama3_70b", rent="36 dollar/chip/hour")
    assert priced.values["chip_rent"] == pytest.approx(0.01)


def test_eight_bits_multiply_faster_but_for_attention() -> None:
    wide, narrow = reference(16).values, reference(8).values
    assert narrow["peak_flops"] == pytest.approx(2 * wide["peak_flops"], rel=1e-3)
    assert narrow["attention_flops"] == wide["attention_flops"]
    mixed = reference(8, compute_bits=16)
    assert mixed.values["peak_flops"] == wide["peak_flops"]
    assert mixed.values["bits_per_parameter"] == 8
    assert narrow["kv_bytes_per_token"] == wide["kv_bytes_per_token"] / 2


# Loud limits: memory


def test_weights_that_do_not_fit() -> None:
    error = too_big(lambda: deploy("h100_sxm5", 1, "llama3_70b").step(1))
    assert str(error) == (
        "Llama-3 / 3.1 70B in 16 bits on 1 x H100 SXM5 80GB does not fit: the weights take "
        "141 GB, and 83.4 GB can be used of the memory"
    )
    assert error.memory == pytest.approx(141.1e9)
    assert error.largest_batch == 0


def test_caches_that_do_not_fit() -> None:
    error = too_big(lambda: reference().step(1000, 2048))
    assert "1,000 users of 2,048 tokens each" in str(error)
    assert "room for 648 of them" in str(error)
    # 0.9 x 8 x 80 GB, less the weights, over the cache of a user.
    assert error.largest_batch == (0.9 * 8 * 80e9 - 70.55e9 * 2) // (2048 * 327_680) == 648
    assert error.memory == pytest.approx(70.55e9 * 2 + 1000 * 2048 * 327_680)
    assert isinstance(error, LimitError)
    assert isinstance(error, InputError)


def test_a_context_that_is_too_long_for_one_has_room_for_none() -> None:
    error = too_big(lambda: deploy("h100_sxm5", 1, "llama3_8b").step(1, 1_000_000))
    assert "the weights leave room for 0 of them" in str(error)
    assert error.largest_batch == 0


def test_what_does_not_fit_as_json() -> None:
    found = too_big(lambda: reference().step(1000, 2048)).as_json()
    assert tuple(found) == (*DecodeStep.KEYS, "reason")
    given = {name: value for name, value in found.items() if value is not None}
    assert set(given) == {"memory_bytes", "fits", "max_batch", "verdict", "reason"}
    assert given["fits"] is False
    assert given["max_batch"] == 648
    assert "does not fit" in given["reason"]
    json.dumps(found)


@pytest.mark.parametrize("tokens", [1, 100, 2048, 100_000])
def test_the_largest_batch_fits_and_one_more_does_not(tokens: int) -> None:
    most = reference().largest_batch(tokens)
    assert most is not None
    assert reference().step(most, tokens).largest_batch == most
    assert too_big(lambda: reference().step(most + 1, tokens)).largest_batch == most


def test_users_without_a_cache_are_as_many_as_one_likes() -> None:
    assert reference().largest_batch(0) is None
    assert reference().step(1e6).largest_batch is None
    assert reference().without("cache").step(1e6, 2048).parts["arithmetic"] > 0


def test_a_cache_that_fills_the_memory_exactly_is_allowed() -> None:
    room = reference().room
    for users in (1, 3, 7, 49, 641):
        full = reference(kv_bytes_per_token=room / (users * 2048))
        assert full.step(users, 2048).largest_batch == users


def test_weights_that_fill_the_memory_exactly_are_allowed() -> None:
    held = reference().evaluate(decode.weights_held)
    chance = random.Random(0)  # noqa: S311
    for _ in range(2000):
        share = chance.uniform(0.5, 1)
        full = {"memory_capacity": held / (8 * share), "usable_share": share}
        assert reference().with_values(**full).room <= 1e-9 * held


# Loud limits: layouts and precisions


@pytest.mark.parametrize(
    ("machine", "chips", "model", "other", "message"),
    [
        ("h100_sxm5", 8, "qwen25_7b", {}, "tensor parallelism does not divide: 8 .* 28 attention"),
        ("h100_sxm5", 128, "llama3_8b", {}, "tensor parallelism does not divide"),
        ("h100_sxm5", 64, "llama3_8b", {"stages": 64}, "stages = 64: .* has 32 layers only"),
        ("h100_sxm5", 8, "llama3_70b", {"stages": 3}, "chips = 8 cannot be split"),
        ("h100_sxm5", 8, "llama3_70b", {"replicas": 3}, "chips = 8 cannot be split"),
        ("h100_sxm5", 8, "llama3_70b", {"stages": 4, "replicas": 4}, "cannot be split"),
        ("h100_sxm5", 8, "llama3_70b", {"compute_bits": 4}, "H100 SXM5 80GB has no 4-bit"),
        ("a100_sxm_80", 8, "llama3_70b", {"compute_bits": 32}, "has no 32-bit arithmetic"),
    ],
)
def test_what_cannot_be_is_refused(
    machine: str, chips: int, model: str, other: dict[str, int], message: str
) -> None:
    with pytest.raises(LimitError, match=message):
        deploy(machine, chips, model, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"compute_bits": "eight"}, "compute_bits = 'eight': must be"),
        ({"compute_bits": [8]}, "compute_bits = "),
        ({"rent": [1]}, r"rent = \[1\]: must be a positive number of dollars per chip-hour"),
        ({"rent": 10**400}, "rent = 10000"),
        ({"rent": True}, "rent = True: must be"),
        ({"chips": True}, "chips = True: must be a whole number"),
        ({"chips": "8"}, "chips = '8': must be a whole number"),
        ({"chips": 10**21}, "chips = 10+: must be .* at most 1,000,000,000"),
        ({"accelerator": {8: 1}}, "a machine has no 8"),
        ({"accelerator": None}, "accelerator = None: must be a name"),
        ({"model": ["llama3_70b"]}, "model = .*: must be a name"),
    ],
)
def test_what_is_of_another_kind_is_refused_by_name(changed: dict[str, Any], message: str) -> None:
    asked = {"accelerator": "h100_sxm5", "chips": 8, "model": "llama3_70b", **changed}
    with pytest.raises((InputError, CatalogError), match=message):
        deploy(**asked)


@pytest.mark.parametrize(
    ("written", "bits", "multiplied"), [("fp8", 8, 8), ("Q4_K_M", 4.85, 16), ("NVFP4", 4.5, 16)]
)
def test_bits_may_be_given_as_a_format(written: str, bits: float, multiplied: float) -> None:
    served = deploy("h100_sxm5", 8, "llama3_70b", weight_bits=written, kv_bits="fp8")
    assert served.values["bits_per_parameter"] == bits
    assert served.multiplied_bits == multiplied
    assert served.values["kv_bytes_per_token"] == pytest.approx(80 * 2 * 8 * 128)


@pytest.mark.parametrize("rent", [2, "2", "$2", "$2/h", "48 dollar/day"])
def test_a_rent_is_by_the_hour(rent: float | str) -> None:
    assert deploy("h100_sxm5", 8, "llama3_70b", rent=rent).values["chip_rent"] * 3600 == (
        pytest.approx(2)
    )


def test_a_rent_in_dollars_alone_must_say_for_how_long() -> None:
    with pytest.raises(InputError, match=r"'\$2' does not say for how long: write '\$2/hour'"):
        deploy("h100_sxm5", 8, "llama3_70b").with_values(chip_rent="$2")


def test_bits_may_be_given_as_text() -> None:
    assert deploy("h100_sxm5", 8, "llama3_70b", compute_bits="8") == deploy(  # type: ignore[arg-type]
        "h100_sxm5", 8, "llama3_70b", compute_bits=8
    )


def test_a_part_that_is_only_partly_hidden_counts_whole_for_what_is_next() -> None:
    for overlap in (0.0, 0.2, 1.0):
        step = reference().with_values(work_overlap=overlap).without(*BARE).step(100, 1)
        assert (step.binding, step.next_binding) == ("weights", "arithmetic"), step


@pytest.mark.parametrize("name", ["chips", "stages", "replicas"])
@pytest.mark.parametrize(
    "count",
    [
        0,
        -8,
        1.5,
        *(value for value in (math.nan, math.inf)),
    ],
)
def test_counts_are_whole(name: str, count: float) -> None:
    layout = {"chips": 8, "stages": 1, "replicas": 1, name: count}
    with pytest.raises(InputError, match=f"{name} = .*whole number"):
        deploy("h100_sxm5", model="llama3_70b", **layout)  # type: ignore[arg-type]


def test_a_chip_without_the_precision_unpacks_and_says_so() -> None:
    unpacked = reference(4)
    (note,) = unpacked.notes
    assert note.startswith("no 4-bit arithmetic of H100 SXM5 80GB is known")
    assert unpacked.values["peak_flops"] == reference(16).values["peak_flops"]
    assert deploy("b200", 8, "llama3_70b", weight_bits=4, kv_bits=16).notes == ()


@pytest.mark.parametrize(
    ("machine", "model", "message"),
    [
        ("h150_sxm5", "llama3_70b", "no accelerator 'h150_sxm5'; did you mean 'h100_sxm5'"),
        ("h100_sxm5", "llama4_70b", "no model 'llama4_70b'; did you mean"),
    ],
)
def test_an_unknown_id_is_told_with_a_hint(machine: str, model: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        deploy(machine, 8, model)


@pytest.mark.parametrize(
    ("machine", "chips", "model"),
    [("m4_max", 1, "llama3_8b"), ("rtx5090", 1, "llama3_8b"), ("mi300x", 8, "llama3_70b"),
     ("h100_sxm5", 8, "deepseek_v3")],
)  # fmt: skip
def test_a_prompt_takes_as_long_as_a_table_predicts(machine: str, chips: int, model: str) -> None:
    here = deploy(machine, chips, model, weight_bits=4).fitted()
    row = {"hardware": machine, "n_chips": str(chips), "model": model, "batch": "2", "tp": "",
           "weight_bits": "4", "metric": "ttft", "input_tokens": "8000", "replicas": "1",
           "output_tokens": ""}  # fmt: skip
    (found,) = answered([row]).rows
    assert here.prefill_time(2, 8000) == pytest.approx(found["predicted"], rel=1e-6)
    given = deploy(machine, chips, model, weight_bits=4, compute_share=0.5).fitted()
    assert given.prefill_time(2, 8000) != pytest.approx(found["predicted"], rel=1e-3)


@pytest.mark.parametrize(
    ("machine", "chips", "missing", "given"),
    [
        ("gh200", 16, "node_size of gh200: give node_size=8 or what", {"node_size": 16}),
        ("wse3", 1, "peak_flops_16bit of wse3: give peak_flops", {"peak_flops": 8e14}),
        ("m3_ultra", 8, "link_bandwidth of m3_ultra, each", {"link_bandwidth": "10 GB/s"}),
        ("tpu_v2", 1, "memory_bandwidth of tpu_v2", {"memory_bandwidth": "3 TB/s"}),
    ],
)
def test_what_no_source_states_is_asked_for(
    machine: str, chips: int, missing: str, given: dict[str, float | str]
) -> None:
    with pytest.raises(CatalogError, match=f"no source states {missing}"):
        deploy(machine, chips, "llama3_8b")
    served = deploy(machine, chips, "llama3_8b", weight_bits=16, usable_share=1, **given)  # type: ignore[arg-type]
    assert math.isfinite(served.step(1, 10).step_time)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("link_latency", "fast", "link_latency: 'fast' is not a quantity"),
        ("link_latency", "8 kg", "link_latency: '8 kg' is not a quantity in 'second'"),
        ("layer_time", math.nan, "layer_time = nan: must be zero or a positive number"),
        ("layer_time", -1e-6, "layer_time = -1e-06: must be"),
        ("bandwidth_share", 1.2, "bandwidth_share = 1.2: must be a share"),
        ("memory_bandwidth", math.inf, "memory_bandwidth = inf"),
        ("memory_bandwidth", 0, "memory_bandwidth = 0"),
        ("link_latancy", 1, "no symbol link_latancy; did you mean link_latency"),
        ("weight_bits", math.nan, "weight_bits = nan"),
        ("weight_bits", 0, "weight_bits = 0"),
        ("kv_bits", -8, "kv_bits = -8"),
        ("weight_bits", 1e-300, "weight_bits = 1e-300: must be from 0.5 to 64 bits"),
        ("kv_bits", 1e308, "kv_bits = 1e.308: must be from 0.5 to 64 bits"),
        ("rent", "much", "rent = 'much': must be"),
        ("rent", -1, "rent = -1: must be a positive number of dollars per chip-hour"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(name: str, value: float | str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        deploy("h100_sxm5", 8, "llama3_70b", **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("users", "tokens", "name"),
    [(0, 0, "users"), (-1, 0, "users"), (math.nan, 0, "users"), (1, -1, "context"),
     (1, math.nan, "context"), (1, math.inf, "context"),
     (1, 1e308, "context = 1e.308: must be at most 1,000,000,000"),
     (1e308, 1, "concurrent_users = 1e.308: must be at most")],
)  # fmt: skip
def test_users_and_context_are_numbers(users: float, tokens: float, name: str) -> None:
    with pytest.raises(InputError, match=name):
        reference().step(users, tokens)


def test_a_prompt_is_named_as_one() -> None:
    with pytest.raises(InputError, match="prompt = -1: must be a positive number"):
        reference().prefill_time(1, -1)


def test_an_assumed_value_takes_the_place_of_a_default() -> None:
    slow = reference(memory_bandwidth="1.675 TB/s", layer_time="64 us")
    assert slow.values["memory_bandwidth"] == pytest.approx(1.675e12)
    bare = ("achieved shares", "traffic", "latency", "fixed time")
    twice = slow.without(*bare).step(1, 2048).step_time
    assert twice == pytest.approx(2 * reference().without(*bare).step(1, 2048).step_time)
    assert slow.step(1).parts["fixed time"] == pytest.approx(2 * 2.56e-3)


# Nodes


def test_the_boundary_of_a_node_is_noted_and_slow() -> None:
    inside, across = reference(), deploy("h100_sxm5", 16, "llama3_70b")
    assert inside.notes == ()
    (note,) = across.notes
    assert "16 accelerators crosses the boundary of a node of 8" in note
    slower, faster = across.step(1, 2048), inside.step(1, 2048)
    assert slower.parts["weights"] == pytest.approx(faster.parts["weights"] / 2)
    assert slower.step_time > faster.step_time
    gained = slower.parts["all-reduce latency"] - faster.parts["all-reduce latency"]
    assert gained == pytest.approx(2 * 80 * across.values["node_latency"])
    # Stages and copies keep each layer inside a node; a larger node has room for all.
    assert deploy("h100_sxm5", 16, "llama3_70b", stages=2).notes == ()
    assert deploy("h100_sxm5", 16, "llama3_70b", replicas=2).notes == ()
    assert deploy("gb200_per_gpu", 16, "llama3_70b", rent=10).notes == ()


@pytest.mark.parametrize(
    ("chips", "users", "said", "expected"),
    [
        (16, None, {}, (1, 1)),
        (16, 64, {}, (2, 1)),
        (16, 64, {"node_size": 16}, (1, 1)),
        (16, 64, {"stages": 1}, (1, 1)),
        (16, 64, {"replicas": 2}, (1, 2)),
        (8, 64, {}, (1, 1)),
        (32, 64, {"node_size": 12}, (1, 1)),  # nodes that are not filled make no stages
    ],
)
def test_a_layout_that_is_not_said_is_chosen_for_its_users(
    chips: int, users: float | None, said: dict[str, Any], expected: tuple[int, int]
) -> None:
    here = deploy("h100_sxm5", chips, "llama3_70b", users=users, **said)
    assert (here.values["stages"], here.values["replicas"]) == expected
    chosen = [note for note in here.notes if "stages and replicas set others" in note]
    assert len(chosen) == (expected == (2, 1))


@pytest.mark.parametrize(
    ("machine", "chips", "model", "users", "expected"),
    [
        ("h100_sxm5", 16, "deepseek_v3", 15, (2, 1)),  # too few for a copy each
        ("h100_sxm5", 16, "deepseek_v3", 16, (1, 16)),
        ("h100_sxm5", 16, "mimo_v25_pro", 16, (2, 1)),  # copies of what is shared do not fit
        ("h100_sxm5", 32, "gpt4_semianalysis", 64, (4, 1)),  # whose layers no source states
        ("h100_sxm5", 12, "mixtral_8x7b", 1, (1, 12)),  # no whole nodes
        ("gb200_per_gpu", 72, "deepseek_v3", 1, (1, 72)),  # heads do not divide by 72
        ("rtx4090", 16, "llama3_70b", 1, (2, 1)),  # eight are taken as one machine
    ],
)
def test_a_layout_that_cannot_be_gives_way_to_the_next(
    machine: str, chips: int, model: str, users: float, expected: tuple[int, int]
) -> None:
    here = deploy(machine, chips, model, weight_bits=8, users=users)
    assert (here.values["stages"], here.values["replicas"]) == expected


@pytest.mark.parametrize("users", [0, -1, math.nan, "many", [4]])
def test_users_for_whom_a_layout_is_chosen_are_a_number(users: Any) -> None:
    with pytest.raises(InputError, match=r"^users\b"):
        deploy("h100_sxm5", 16, "deepseek_v3", users=users)


def typical(column: str, kind: str = "") -> float:
    """Return the median of a rate over memory bandwidth, by hand, over a kind of machines."""
    ratios = sorted(
        machine.numbers[column] / machine.memory_bandwidth
        for machine in catalog.load().accelerators.values()
        if machine.has(column, "memory_bandwidth") and kind in ("", machine.words["kind"])
    )
    half = len(ratios) // 2
    return ratios[half] if len(ratios) % 2 else (ratios[half - 1] + ratios[half]) / 2


def test_what_no_source_states_is_taken_as_is_typical() -> None:
    board = deploy("rtx4090", 16, "llama3_70b", stages=2).values
    network = board["memory_bandwidth"] * typical("node_bandwidth")
    assert (board["node_size"], board["link_bandwidth"]) == (8, 31e9)
    assert board["node_bandwidth"] == pytest.approx(network, rel=1e-12)
    assert network < 31e9
    pair = deploy("h100_nvl", 2, "llama3_8b").values
    link = pair["memory_bandwidth"] * typical("interconnect_bandwidth")
    assert pair["link_bandwidth"] == pytest.approx(link, rel=1e-12)
    assert pair["node_bandwidth"] == pair["link_bandwidth"]
    card = deploy("arc_b580", 1, "llama32_3b").values
    rate = card["memory_bandwidth"] * typical("peak_flops_16bit", "gpu")
    assert card["peak_flops"] == card["attention_flops"] == pytest.approx(rate, rel=1e-12)


def test_a_network_is_not_taken_to_be_faster_than_the_links_of_a_machine() -> None:
    slow = deploy("rtx4090", 16, "llama3_70b", stages=2, link_bandwidth=1e9).values
    assert slow["node_bandwidth"] == 1e9


def test_layers_that_do_not_divide_into_stages_are_noted() -> None:
    (note,) = deploy("h100_sxm5", 24, "llama3_70b", stages=3).notes
    assert note == "80 layers do not divide evenly into 3 stages"


def test_one_chip_has_no_traffic() -> None:
    parts = deploy("h200_sxm", 1, "llama3_8b").step(8, 2048).parts
    traffic = ("all-reduce latency", "all-reduce volume", "expert exchange", "stage handover")
    assert [parts[name] for name in traffic] == [0, 0, 0, 0]


def test_experts_are_exchanged_only_where_attention_is_copied() -> None:
    shared = deploy("b200", 8, "qwen3_235b_a22b", weight_bits=8).step(64, 2048)
    assert shared.parts["expert exchange"] == 0
    assert shared.parts["all-reduce volume"] > 0
    spread = deploy("b200", 8, "qwen3_235b_a22b", weight_bits=8, replicas=8).step(64, 2048)
    # 94 layers: 8 tokens a chip to 8 experts and back, 7/8 of them elsewhere; two latencies.
    volume = 8 * 8 * 4096 * 3 * 7 / 8 / 9e11
    assert spread.parts["expert exchange"] == pytest.approx(94 * (volume + 2 * 5e-6))
    assert spread.parts["all-reduce volume"] == spread.parts["all-reduce latency"] == 0
    dense = deploy("b200", 8, "llama3_70b", replicas=8).step(64, 2048)
    assert dense.parts["expert exchange"] == 0


def test_an_exchange_between_nodes_starts_later_than_one_inside() -> None:
    inside, across = (deploy("h100_sxm5", n, "mixtral_8x7b", replicas=n) for n in (8, 16))
    assert inside.values["exchange_latency"] == 2 * inside.values["link_latency"]
    sent = catalog.load().fact("h100_send_between_nodes").value
    assert across.values["exchange_latency"] == 2 * sent > inside.values["exchange_latency"]
    # Two stages of eight: experts lie within a node, and only the stages hand over across.
    staged = deploy("h100_sxm5", 16, "mixtral_8x7b", stages=2, replicas=8)
    assert staged.values["exchange_latency"] == inside.values["exchange_latency"]


def test_a_model_without_a_shape_says_what_is_left_out() -> None:
    served = deploy("h100_sxm5", 32, "gpt4_semianalysis", weight_bits=8)
    assert any(
        note.startswith("no source states the shape of GPT-4 (as reported): its cache")
        for note in served.notes
    )
    step = served.step(64, 8192)
    assert step.largest_batch is None
    assert step.parts["cache"] == 0
    assert step.memory == pytest.approx(1.8e12, rel=0.02)


# Other values, other terms


ASLEEP = {
    "unpacking": {"unpack_flop": 3}, "waiting": {"work_overlap": 0}, "tiles": {"tile_tokens": 999},
}  # fmt: skip
"""Terms that a deployment leaves out unless it is told otherwise, and values that wake them."""


@pytest.mark.parametrize("term", ASLEEP)
def test_a_term_that_must_be_asked_for(term: str) -> None:
    plain = reference().step(64, 2048)
    assert reference().without(term).step(64, 2048) == plain
    awake = reference().with_values(**ASLEEP[term])
    assert awake.step(64, 2048).step_time > plain.step_time
    assert awake.without(term).step(64, 2048) == plain
    step = awake.step(64, 2048)
    assert sum(step.parts.values()) == pytest.approx(step.step_time, rel=SLACK)


def test_a_lone_token_fills_no_tile() -> None:
    # An H20 reads a weight of two bytes in 0.5 ps, and multiplies it with 64 tokens in 0.86 ps.
    read = catalog.load().model("qwen3_32b").parameters - 151_936 * 5120
    exact = {"bandwidth_share": 1, "compute_share": 1}
    alone = deploy("h20", 1, "qwen3_32b", **exact).step(1, 1)
    reading, tile = 2 * read / 4e12, 64 * 2 * read / 148e12
    assert alone.parts["part-filled tiles"] == pytest.approx(tile - reading, rel=SLACK)
    assert deploy("h20", 1, "qwen3_32b", **exact).step(64, 1).parts["part-filled tiles"] == 0
    # An H100 has seven times the arithmetic, and where kernels unpack, they have smaller tiles.
    assert deploy("h100_sxm5", 1, "qwen3_32b", **exact).step(1, 1).parts["part-filled tiles"] == 0
    narrow = deploy("h20", 1, "qwen3_32b", weight_bits=4.25, **exact)
    assert narrow.step(1, 1).parts["part-filled tiles"] == 0
    fitted = deploy("h20", 1, "qwen3_32b").fitted()
    assert fitted.values["tile_share"] == calibration.load().value("prefill_share")


def test_what_is_not_done_meanwhile_is_added() -> None:
    # 8 cards, 69.5e9 weights that are read, 16 bits: by hand.
    half = reference().with_values(work_overlap=0.5, unpack_flop=3)
    parts, hidden = half.step(64, 2048).parts, half.step(64, 2048).hidden
    plain = reference().step(64, 2048)
    assert parts["weights"] == plain.parts["weights"]
    assert parts["arithmetic"] == hidden["arithmetic"] == plain.hidden["arithmetic"] / 2
    read = catalog.load().model("llama3_70b").parameters - 128_256 * 8192
    assert parts["unpacking"] == pytest.approx(read * 3 / (8 * 66.91e12))


@pytest.mark.parametrize("term", sorted(set(decode.OFF) - set(ASLEEP)))
def test_a_term_without_which_a_step_is_another(term: str) -> None:
    full, off = reference().step(64, 2048), reference().without(term).step(64, 2048)
    if term == "embedding":
        assert off.step_time > full.step_time
    else:
        assert off.step_time < full.step_time
    assert sum(off.parts.values()) == pytest.approx(off.step_time, rel=SLACK)


def test_an_unknown_term_is_told_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"no term 'caches' \(allowed: cache, embedding, ach"):
        reference().without("traffic", "caches")


def test_with_values_leaves_the_deployment_as_it_is() -> None:
    first = reference()
    room = first.room  # kept, but not for another memory
    other = first.with_values(memory_capacity="160 GB", layer_time=0)
    assert first.values == reference().values
    assert other.room == pytest.approx(room + 0.9 * 8 * 80e9)
    assert other.step(1).parts["fixed time"] == 0
    assert (other.name, other.notes) == (first.name, first.notes)
    for name, value in (("layer_time", -1), ("layer_time", "1 kg"), ("layer_tim", 1)):
        with pytest.raises(InputError, match=name):
            first.with_values(**{name: value})  # type: ignore[arg-type]


def test_guesses_are_verified_in_one_step() -> None:
    guess = {"draft_length": 3, "acceptance": 0.7, "draft_cost": 0.05}
    plain, drafted = reference().step(8, 2048), reference(**guess).step(8, 2048)
    assert drafted.parts["guessing"] == pytest.approx(drafted.step_time * 0.15 / 1.15)
    assert drafted.user_speed == pytest.approx(2.533 / drafted.step_time)
    assert drafted.user_speed > plain.user_speed
    assert drafted.hidden["arithmetic"] == pytest.approx(4 * plain.hidden["arithmetic"])
    assert drafted.memory == plain.memory


def test_a_prompt_is_read_in_alike_whether_answers_are_guessed_or_not() -> None:
    prompt = {"prompt": 2000, "concurrent_users": 1}
    plain = reference().evaluate(decode.prefill_time, **prompt)
    drafted = reference(draft_length=3, acceptance=0.7).evaluate(decode.prefill_time, **prompt)
    assert drafted == pytest.approx(plain)


@pytest.mark.parametrize("name", ["fixed_time", "reduce_time", "parameters", "context", "chips"])
def test_what_a_deployment_does_not_take_is_refused(name: str) -> None:
    with pytest.raises((InputError, TypeError), match=name):
        reference(**{name: 1.0})


# Grids


@pytest.mark.parametrize(
    ("chips", "model", "other"),
    [
        (8, "llama3_70b", {}),
        (8, "gpt_oss_120b", {"weight_bits": 4, "replicas": 8}),
        (16, "deepseek_v3", {"weight_bits": 8, "stages": 2}),
    ],
)
def test_a_grid_is_every_step_that_fits(chips: int, model: str, other: dict[str, int]) -> None:
    served = deploy("h200_sxm", chips, model, **other)  # type: ignore[arg-type]
    contexts = [0, 1000, 32_768]
    most = served.largest_batch(32_768)
    assert most
    users = [1, 100, most, most + 1, 1e5]
    grid = served.having(
        concurrent_users=np.array(users, float)[:, None], context=np.array(contexts, float)
    )
    found = {name: grid.evaluate(formula) for name, formula in RESULTS.items() if name in SWEPT}
    refused = 0
    for (row, batch), (column, context) in itertools.product(enumerate(users), enumerate(contexts)):
        try:
            step = served.step(batch, context)
        except TooBigError:
            refused += 1
            continue
        for name, values in found.items():
            assert values[row, column] == pytest.approx(getattr(step, name), rel=SLACK)
    assert 2 <= refused < len(users) * len(contexts)


SWEPT = {"step_time", "user_speed", "throughput", "mfu", "mbu", "cost_per_token"}


# The whole catalog


def check(step: DecodeStep) -> None:
    """Assert that a step's figures can be: finite, positive, adding up."""
    positive = (step.step_time, step.user_speed, step.throughput, step.memory, step.mfu, step.mbu)
    assert all(0 < number < math.inf for number in positive)
    assert max(step.mfu, step.mbu) <= 1
    assert all(0 <= number < math.inf for number in (*step.parts.values(), *step.hidden.values()))
    assert sum(step.parts.values()) == pytest.approx(step.step_time, rel=SLACK)
    if step.batch_range is not None:
        surely, may = step.batch_range
        assert surely <= (step.largest_batch or 0) <= may
        assert (surely if step.verdict == memory.FITS else may) >= step.concurrent_users
    json.dumps(step.as_json(), allow_nan=False)


REASONS = (
    "no source states",
    "rounded total",
    "does not fit",
    "does not divide",
    "arithmetic in the catalog",
)


def check_outcome(call: Callable[[], DecodeStep]) -> bool:
    """Say whether a step is served; assert that it is sound, or refused with a known reason."""
    try:
        step = call()
    except (CatalogError, LimitError) as error:
        refused = str(error)
    else:
        check(step)
        return True
    assert any(reason in refused for reason in REASONS), refused
    return False


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("replicas", [1, 8])
@with_each("model", catalog.load().models)
def test_every_model_is_served_or_refused_with_a_reason(
    model: str, bits: int, replicas: int
) -> None:
    check_outcome(
        lambda: deploy("b200", 8, model, weight_bits=bits, replicas=replicas).step(16, 1024)
    )


@pytest.mark.parametrize("chips", [1, 8])
@with_each("machine", catalog.load().accelerators)
def test_every_machine_serves_or_is_refused_with_a_reason(machine: str, chips: int) -> None:
    check_outcome(lambda: deploy(machine, chips, "llama3_8b").step(16, 1024))


def test_most_of_the_catalog_is_served() -> None:
    # Without this, the two tests above would pass if all were refused.
    facts = catalog.load()
    models = list(facts.models)
    served = [
        check_outcome(lambda: deploy("b200", 8, model, weight_bits=4, replicas=2).step(16, 1024))  # noqa: B023
        for model in models
    ]
    assert sum(served) >= 0.8 * len(models)
    at_work = [
        check_outcome(lambda: deploy(machine, 1, "llama3_8b", weight_bits=8).step(16, 1024))  # noqa: B023
        for machine in facts.accelerators
    ]
    assert sum(at_work) >= 0.5 * len(at_work)


@pytest.mark.parametrize(
    ("model", "kept"), [("llama2_70b", 327_680), ("llama2_7b", 524_288), ("deepseek_v3", 70_272)]
)
def test_a_deployment_takes_the_cache_of_the_models_shape(model: str, kept: int) -> None:
    assert deploy("b200", 8, model).values["kv_bytes_per_token"] == kept
    half = deploy("b200", 8, model, kv_bits=8)
    assert half.values["kv_bytes_per_token"] == kept / 2
    latent = model == "deepseek_v3"  # one vector for all heads: a copy on each of eight
    assert half.evaluate(decode.cache_copies) == (8 if latent else 1)
    assert half.evaluate(shape.active_parameters) < catalog.load().model(model).parameters


@pytest.mark.parametrize(("tokens", "kept"), [(100, 100), (8192, (8192 + 128) / 2)])
def test_half_of_the_layers_of_gpt_oss_keep_their_window_only(tokens: int, kept: float) -> None:
    served = deploy("h100_sxm5", 8, "gpt_oss_120b", weight_bits=4)
    caches = served.step(10, tokens).memory - served.evaluate(decode.weights_held)
    assert caches == pytest.approx(10 * kept * 73_728, rel=1e-9)


MACHINES = st.sampled_from(["h100_sxm5", "h200_sxm", "a100_sxm_80", "b200", "gb200_per_gpu"])
MODELS = st.sampled_from(["llama3_70b", "mixtral_8x7b", "deepseek_v3", "gpt_oss_120b", "palm_540b"])


@given(
    machine=MACHINES,
    model=MODELS,
    layout=st.tuples(*[st.sampled_from([1, 2, 4, 8])] * 3),
    bits=st.sampled_from([4, 8, 16]),
    users=st.integers(1, 5000),
    context=st.sampled_from([0, 1, 2048, 100_000]),
)
def test_any_deployment_is_sound_or_refused(  # noqa: PLR0913, PLR0917
    machine: str,
    model: str,
    layout: tuple[int, int, int],
    bits: int,
    users: int,
    context: int,
) -> None:
    width, stages, replicas = layout
    split = {"stages": stages, "replicas": replicas, "weight_bits": bits, "kv_bits": 8}

    def step() -> DecodeStep:
        served = deploy(machine, width * stages * replicas, model, **split)
        found = served.step(users, context)
        lent = served.evaluate(decode.memory_lent, engine_share=served.values["most_engine_share"])
        assert found.memory <= lent * 1.07  # drivers may report so much more than a label says
        return found

    check_outcome(step)


# Copies of a dense model are machines of their own


def copies(count: int, **values: float) -> Deployment:
    served = deploy("h100_sxm5", count, "llama3_8b", replicas=count, usable_share=0.9)
    return served.with_values(**values)


@pytest.mark.parametrize("count", [2, 8])
@pytest.mark.parametrize(("users", "context"), [(1, 32_000), (16, 2048), (100, 500)])
def test_copies_with_as_many_users_each_take_the_time_of_one(
    count: int, users: int, context: int
) -> None:
    one = copies(1).step(users, context)
    together = copies(count).step(count * users, context)
    assert together.step_time == pytest.approx(one.step_time, rel=SLACK)
    assert together.largest_batch == count * (one.largest_batch or 0)
    assert together.mfu == pytest.approx(one.mfu, rel=SLACK)


def test_a_lone_user_of_several_copies_is_served_by_one_of_them() -> None:
    alone = copies(1).step(1, 32_000)
    assert copies(8).step(1, 32_000).step_time == pytest.approx(alone.step_time, rel=SLACK)
    prompt = copies(1).prefill_time(1, 10_000)
    assert copies(8).prefill_time(1, 10_000) == pytest.approx(prompt, rel=SLACK)


def test_a_cache_is_not_spread_over_copies() -> None:
    assert copies(1).largest_batch(450_000) == copies(8).largest_batch(450_000) == 0
    with pytest.raises(TooBigError):
        copies(8).step(1, 450_000)


def test_every_copy_holds_the_embedding_too() -> None:
    with pytest.raises(TooBigError, match="weights take"):
        copies(1, memory_capacity=17.5e9).step(1, 10)
    with pytest.raises(TooBigError, match="weights take"):
        copies(8, memory_capacity=17.5e9).step(8, 10)


def test_prompts_that_do_not_fit_are_not_read_in() -> None:
    with pytest.raises(TooBigError):
        deploy("h100_sxm5", 1, "llama3_70b").prefill_time(1, 100)


def test_windowed_layers_read_a_prompt_with_their_window_only() -> None:
    # Every other layer of gpt-oss sees 128 tokens: about half of the attention of a long prompt.
    windowed = deploy("h100_sxm5", 8, "gpt_oss_120b", weight_bits=4)
    everywhere = windowed.with_values(windowed_share=0)
    long = {"prompt": 100_000.0, "concurrent_users": 1.0}
    short, full = (
        case.evaluate(decode.prompt_attention_time, tokens_per_user_step=1e5, **long)
        for case in (windowed, everywhere)
    )
    assert short / full == pytest.approx(0.5 + 128 / 1e5, rel=0.01)


# What goes unnoticed easily


@pytest.mark.parametrize("rent", [2, 2.0, np.int64(2), np.float32(2), "2", "2 dollar/chip/hour"])
def test_a_rent_is_by_the_hour_however_it_is_given(rent: object) -> None:
    served = deploy("h100_sxm5", 8, "llama3_70b", rent=rent)  # type: ignore[arg-type]
    assert served.values["chip_rent"] == pytest.approx(2 / 3600)


@pytest.mark.parametrize("name", ["chips", "stages", "parameters", "linear_time", "context"])
def test_with_values_takes_what_deploy_takes(name: str) -> None:
    with pytest.raises(InputError, match=f"{name} is no value to be set here"):
        reference().with_values(**{name: 2.0})


def test_a_shape_that_is_not_whole_names_its_model() -> None:
    model = catalog.load().model("llama3_8b")
    words = {name: each for name, each in model.numbers.items() if name != "parameters"}
    numbers = {name: each for name, each in words.items() if not name.startswith("dense_")}
    with pytest.raises(InputError, match=r"^the shape of llama3_8b: dense_parameters needs dense_"):
        served.counts(replace(model, numbers=numbers))


def test_a_token_cannot_go_to_more_experts_than_there_are() -> None:
    with pytest.raises(InputError, match="experts_per_token = 10: there are 8 experts"):
        deploy("h100_sxm5", 8, "mixtral_8x7b", experts_per_token=10)


def test_a_node_is_of_whole_accelerators() -> None:
    for make in (
        lambda: deploy("h100_sxm5", 8, "llama3_70b", node_size=1.5),
        lambda: reference().with_values(node_size=1.5),
    ):
        with pytest.raises(InputError, match=r"node_size = 1.5: must be a whole number"):
            make()


def test_what_can_be_used_of_the_memory_is_less_than_weights_that_do_not_fit() -> None:
    """Also where the weights alone would fit, but not beside what a started engine takes."""
    with pytest.raises(LimitError, match="the weights take 141 GB, and 0 bytes can be used"):
        deploy("h100_sxm5", 8, "llama3_70b", hidden_size=1e300).step(8)


def test_a_given_peak_leaves_attention_its_own_rate() -> None:
    card = catalog.load().accelerator("h100_sxm5")
    own = deploy("h100_sxm5", 8, "llama3_70b", weight_bits=8)
    given = deploy("h100_sxm5", 8, "llama3_70b", weight_bits=8, peak_flops=card.peak_flops_8bit)
    assert given.values == own.values
    with pytest.raises(InputError, match="not both"):
        deploy("h100_sxm5", 8, "llama3_70b", peak_flops=1e15, compute_bits=8)


def test_stages_inside_a_node_hand_over_by_its_links() -> None:
    inside = deploy("h100_sxm5", 8, "llama3_70b", stages=2)
    step = inside.step(64, 2048)
    assert step.parts["stage handover"] == pytest.approx(5e-6 + 32 * 8192 * 2 / 4.5e11, rel=1e-6)


def test_spread_experts_leave_one_reduction_a_layer() -> None:
    spread = deploy("b200", 8, "qwen3_235b_a22b", weight_bits=8, replicas=2)
    assert spread.values["reductions_per_layer"] == 1
    assert deploy("b200", 8, "qwen3_235b_a22b", weight_bits=8).values["reductions_per_layer"] == 2


def test_a_prompt_compares_positions_too_under_latent_attention() -> None:
    served = deploy("h200_sxm", 8, "deepseek_v3", weight_bits=8)
    by_hand = 2 * 61 * 128 * (128 + 64 + 128)
    assert served.values["prompt_attention_flop"] == by_hand


def test_key_value_heads_divide_or_are_copied_evenly() -> None:
    with pytest.raises(LimitError, match="key-value heads"):
        deploy("h100_sxm5", 5, "qwen25_14b")  # 40 heads, 8 of keys and values


def test_utilization_counts_attention_at_its_own_rate() -> None:
    served = deploy("h100_sxm5", 8, "llama3_70b", weight_bits=8, kv_bits=8)
    step = served.step(64, 8192)
    weights = 64 * 2 * (70.55e9 - 128_256 * 8192) / 1.9789e15
    attention = 64 * 8192 * 4 * 80 * 8192 / 9.894e14
    assert step.mfu == pytest.approx((weights + attention) / 8 / step.step_time, rel=1e-3)


def test_a_step_and_a_price_need_no_numpy() -> None:
    code = (
        "import sys; sys.modules['scipy'] = sys.modules['numpy'] = None\n"
        "from inference_economics.serving import deploy\n"
        "from inference_economics.serving.market import Offers, Request, Service\n"
        "served = deploy('h100_sxm5', 8, 'llama3_70b')\n"
        "service = Service(Offers((served,), Request(1000, 200)), 20)\n"
        "print(served.step(256, 2048).binding, service.full.cost > 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "cache True", done.stderr
