"""The full decode step: its parts by hand and by counting, and what holds for every layout."""

from __future__ import annotations

import itertools
import math
import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_economics.equations import decode, roofline, serving, shape
from inference_economics.facts import catalog
from inference_economics.serving.deployment import Deployment
from inference_economics.serving.scenario import Scenario

# The same examples on every run and machine, and no clock: a slow runner is no failure.
settings.register_profile("book", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("book")

# Rounding in the last places, where a property is exact.
SLACK = 1e-12

ONE_GROUP = {"stages": 1, "replicas": 1}

# A dense model of the size of Llama-2-70B on eight cards of one node, every term switched on.
DENSE = {
    "stored_parameters": 69e9, "input_embedding": 0.26e9, "routed_parameters": 0, "experts": 1,
    "experts_per_token": 1, "bits_per_parameter": 16, "flop_per_parameter": 2, "layers": 80,
    "hidden_size": 8192, "kv_heads": 8, "kv_bytes_per_token": 327_680, "attention_flop": 2_621_440,
    "windowed_share": 0, "window": 1, "chips": 8, **ONE_GROUP, "peak_flops": 1e15,
    "attention_flops": 1e15, "memory_bandwidth": 3e12, "bandwidth_share": 0.8,
    "compute_share": 0.75, "node_size": 8, "link_bandwidth": 450e9, "node_bandwidth": 50e9,
    "link_latency": 5e-6, "node_latency": 60e-6, "activation_bytes": 2, "exchanging_layers": 0,
    "exchanged_bytes": 3, "exchange_latency": 0, "traffic_overlap": 0, "layer_time": 32e-6,
    "draft_length": 0, "draft_cost": 0, "acceptance": 0, "chip_rent": 6e-4,
    "concurrent_users": 64, "context": 2048, "general_flops": 67e12,
}  # fmt: skip


def of(formula: object, values: dict[str, float], **changed: float) -> float:
    """Return a formula's result for what it needs of these values."""
    return Scenario({**values, **changed}).evaluate(formula)  # type: ignore[arg-type]


# The cache


@pytest.mark.parametrize(
    ("model", "size"), [("llama2_70b", 327_680), ("llama2_7b", 524_288), ("llama3_8b", 131_072)]
)
def test_cache_of_grouped_heads(model: str, size: int) -> None:
    one = catalog.load().model(model)
    heads = {"kv_heads": one.kv_heads, "head_size": one.head_dim}
    assert shape.kv_bytes_grouped(layers=one.layers, cache_value_bytes=2, **heads) == size
    assert one.kv_bytes_per_token_16bit == size


def test_a_head_of_its_own_for_every_query_is_the_width_of_the_hidden_state() -> None:
    grouped = shape.cached_values_grouped(kv_heads=32, head_size=128)
    assert grouped == shape.cached_values(hidden_size=4096) == 8192


def test_latent_cache_of_deepseek() -> None:
    # 61 layers of 512 + 64 numbers: neither heads nor a key besides the value count.
    latent = {"layers": 61, "latent_size": 512, "position_size": 64}
    assert shape.kv_bytes_latent(**latent, cache_value_bytes=2) == 70_272
    assert catalog.load().model("deepseek_v3").kv_bytes_per_token_16bit == 70_272


@pytest.mark.parametrize("tokens", [1, 100, 128, 129, 8192])
def test_a_sliding_window_counted_layer_by_layer(tokens: int) -> None:
    model = catalog.load().model("gpt_oss_120b")
    layers, windowed = int(model.layers), int(model.windowed_layers)
    seen = [min(tokens, model.window) if layer < windowed else tokens for layer in range(layers)]
    found = shape.attended_context(
        context=tokens, window=model.window, windowed_share=windowed / layers
    )
    assert found == pytest.approx(sum(seen) / layers)
    read = of(
        decode.cache_read, DENSE, context=tokens, window=128, windowed_share=windowed / layers,
        kv_bytes_per_token=model.kv_bytes_per_token_16bit, concurrent_users=1,
    )  # fmt: skip
    in_a_layer = 2 * model.kv_heads * model.head_dim * 2  # keys and values of two bytes
    assert read == pytest.approx(sum(seen) * in_a_layer)


def test_key_value_heads_are_copied_where_more_accelerators_share_a_layer() -> None:
    # Each accelerator holds the heads that its own queries need: whole ones, at least one.
    for chips in (1, 2, 4, 8, 16, 32):
        held = chips * max(1, 8 // chips)
        assert decode.cache_copies(chips=chips, kv_heads=8, **ONE_GROUP) == held / 8
    assert decode.cache_copies(chips=8, kv_heads=1, **ONE_GROUP) == 8  # one latent vector
    assert decode.cache_copies(chips=8, kv_heads=1, stages=1, replicas=8) == 1


# Attention's arithmetic


@pytest.mark.parametrize("model", ["llama2_70b", "llama3_8b", "qwen3_235b_a22b"])
def test_attention_takes_four_operations_per_head_dimension_and_layer(model: str) -> None:
    one = catalog.load().model(model)
    widths = {"key_width": one.head_dim, "value_width": one.head_dim}
    found = shape.attention_flop(layers=one.layers, heads=one.heads, **widths)
    assert found == 4 * one.layers * one.heads * one.head_dim


def test_attention_counted_operation_by_operation() -> None:
    context, key_width, value_width = 5, 3, 2
    flop = 0
    for _token in range(context):
        for _number in range(key_width):  # the score: multiply and add
            flop += 2
        for _number in range(value_width):  # the weighted sum: multiply and add
            flop += 2
    one = shape.attention_flop(layers=1, heads=1, key_width=key_width, value_width=value_width)
    assert one * context == flop


# Routed, shared and active weights


def test_mixtral_counted_matrix_by_matrix() -> None:
    layers, width, heads_of_keys, ffn, experts, vocabulary = 32, 4096, 8 * 128, 14_336, 8, 32_000
    expert = 3 * width * ffn  # up, gate, down
    attention = 2 * width * width + 2 * width * heads_of_keys
    router, norms = experts * width, 2 * width
    embedding = vocabulary * width  # one on the way in, another on the way out
    shared = layers * (attention + router + norms) + width + embedding
    stored = shared + layers * experts * expert + embedding
    active = shared + layers * 2 * expert
    assert stored == pytest.approx(46.7e9, rel=1e-3)
    assert active + embedding == pytest.approx(12.9e9, rel=2e-3)  # as published

    routed = shape.routed_parameters(
        expert_layers=layers, experts=experts, hidden_size=width, ffn_size=ffn
    )
    assert routed == layers * experts * expert
    weights = {"stored_parameters": stored, "routed_parameters": routed}
    weights["input_embedding"] = shape.input_embedding(vocabulary=vocabulary, hidden_size=width)
    assert shape.shared_parameters(**weights) == shared
    assert shape.active_parameters(**weights, experts=8, experts_per_token=2) == active


@pytest.mark.parametrize(
    ("model", "published", "with_embedding", "tolerance"),
    [
        ("mixtral_8x7b", 12.9e9, True, 2e-3),
        ("qwen3_235b_a22b", 22e9, True, 0.01),
        # 36.6 or 37.5 billion, with the embedding counted or not.
        ("deepseek_v3", 37e9, False, 0.015),
        # All weights are published as 117e9: half of that last digit is a tenth of the active ones.
        ("gpt_oss_120b", 5.1e9, False, 0.05),
    ],
)
def test_active_weights_of_a_shape_are_those_published(
    model: str, published: float, tolerance: float, *, with_embedding: bool
) -> None:
    one = catalog.load().model(model)
    assert one.active_parameters == pytest.approx(published, rel=0.01)
    routed = shape.routed_parameters(
        expert_layers=one.expert_layers,
        experts=one.experts,
        hidden_size=one.hidden_size,
        ffn_size=one.ffn_size,
    )
    embedding = shape.input_embedding(vocabulary=one.vocabulary, hidden_size=one.hidden_size)
    found = shape.active_parameters(
        stored_parameters=one.parameters,
        routed_parameters=routed,
        input_embedding=embedding,
        experts=one.experts,
        experts_per_token=one.experts_per_token,
    )
    assert found + embedding * with_embedding == pytest.approx(published, rel=tolerance)


# Experts that a batch needs


def coverage(batch: float, experts: int, chosen: int) -> float:
    return decode.coverage(routed_tokens=batch, experts=experts, experts_per_token=chosen)


def test_one_token_needs_its_own_experts_and_a_large_batch_all_of_them() -> None:
    assert coverage(1, 256, 8) == pytest.approx(8 / 256)
    assert coverage(1, 8, 2) == pytest.approx(2 / 8)
    assert coverage(1e5, 256, 8) == 1
    assert coverage(7, 1, 1) == 1  # a dense model is one expert


@pytest.mark.parametrize(("experts", "chosen", "batch"), [(3, 1, 2), (4, 2, 2), (4, 1, 4)])
def test_expected_coverage_over_every_choice_of_every_token(
    experts: int, chosen: int, batch: int
) -> None:
    choices = list(itertools.combinations(range(experts), chosen))
    needed = [len(set().union(*each)) for each in itertools.product(choices, repeat=batch)]
    expected = sum(needed) / len(needed) / experts
    assert coverage(batch, experts, chosen) == pytest.approx(expected, rel=SLACK)


@pytest.mark.parametrize(("experts", "chosen", "batch"), [(8, 2, 3), (128, 4, 32), (256, 8, 64)])
def test_coverage_drawn_at_random(experts: int, chosen: int, batch: int) -> None:
    chance = random.Random(experts)  # noqa: S311
    shares = []
    for _ in range(400):
        needed: set[int] = set()
        for _token in range(batch):
            needed.update(chance.sample(range(experts), chosen))
        shares.append(len(needed) / experts)
    error = np.std(shares) / math.sqrt(len(shares))
    assert np.mean(shares) == pytest.approx(coverage(batch, experts, chosen), abs=4 * error)


# All-reduces, sent piece by piece


def pass_round(vectors: list[list[int]], start: int, size: int, *, add: bool) -> int:
    """Pass pieces of a slice once round a ring, to be added or copied; return what each sends."""
    chips, sent = len(vectors), 0
    piece = size // chips
    for step in range(chips - 1):
        messages = []
        for chip in range(chips):
            at = start + (chip - step + (not add)) % chips * piece
            messages.append((at, vectors[chip][at : at + piece]))
        sent += piece
        for chip, (at, message) in enumerate(messages):
            target = vectors[(chip + 1) % chips]
            for offset, number in enumerate(message):
                target[at + offset] = number + (target[at + offset] if add else 0)
    return sent


@pytest.mark.parametrize(("nodes", "in_node"), [(1, 1), (1, 2), (1, 8), (2, 4), (3, 2), (4, 2)])
def test_an_all_reduce_sent_inside_nodes_and_between_them(nodes: int, in_node: int) -> None:
    size = 48  # numbers of a byte
    chance = random.Random(10 * nodes + in_node)  # noqa: S311
    cluster = [
        [[chance.randrange(10) for _ in range(size)] for _ in range(in_node)] for _ in range(nodes)
    ]
    total = [sum(column) for column in zip(*itertools.chain(*cluster), strict=True)]
    # Add up inside each node, then across nodes slice by slice, then share inside each node.
    added = [pass_round(node, 0, size, add=True) for node in cluster]
    owned = size // in_node
    network = []
    for chip in range(in_node):
        peers = [node[chip] for node in cluster]
        start = (chip + 1) % in_node * owned  # the slice whose sum this chip of a node has
        network.append(sum(pass_round(peers, start, owned, add=add) for add in (True, False)))
    copied = [pass_round(node, 0, size, add=False) for node in cluster]
    assert all(vector == total for node in cluster for vector in node)

    group = {"chips": nodes * in_node, **ONE_GROUP, "node_size": in_node, "reduced_bytes": size}
    sent = [sum(passes) for passes in zip(added, copied, strict=True)]
    assert sent == [pytest.approx(decode.link_sent(**group))] * nodes
    assert network == [pytest.approx(decode.net_sent(**group))] * in_node


def test_a_group_inside_a_larger_node_sends_nothing_to_others() -> None:
    group = {"reduced_bytes": 48, "chips": 4, **ONE_GROUP, "node_size": 8}
    assert decode.net_sent(**group) == 0
    assert decode.link_sent(**group) == 2 * 3 / 4 * 48


def test_a_switch_that_adds_takes_each_vector_once() -> None:
    one = {"reduced_bytes": 48, **ONE_GROUP, "node_size": 8}
    assert decode.link_sent_by_switch(chips=1, **one) == 0
    for chips in (2, 4, 8):
        sent = decode.link_sent_by_switch(chips=chips, **one)
        assert sent == 48
        assert sent <= decode.link_sent(chips=chips, **one)  # as much as a ring of two


@pytest.mark.parametrize(
    ("chips", "latency"), [(1, 0), (2, 5e-6), (8, 5e-6), (16, 65e-6), (64, 65e-6)]
)
def test_latency_of_an_all_reduce(chips: int, latency: float) -> None:
    links = {"node_size": 8, "link_latency": 5e-6, "node_latency": 60e-6}
    found = decode.reduce_latency(chips=chips, **ONE_GROUP, **links)
    assert found == pytest.approx(latency)


def test_latency_is_paid_by_each_all_reduce_whatever_it_moves() -> None:
    silent = {**DENSE, "hidden_bytes": 0}
    assert of(decode.reduce_time, silent) == pytest.approx(2 * 80 * 5e-6)
    assert of(decode.reduce_time, silent, chips=1) == 0
    assert of(decode.reduce_time, silent, chips=16) == pytest.approx(2 * 80 * 65e-6)


@pytest.mark.parametrize("chips", [1, 2, 8])
def test_ring_latency_is_a_hop_for_each_message_in_turn(chips: int) -> None:
    hops = sum(1 for _phase in ("add", "copy") for _step in range(chips - 1))
    assert decode.ring_latency(chips=chips, **ONE_GROUP, hop_latency=1e-6) == hops * 1e-6
    by_ring = decode.reduce_time.using(decode.ring_latency)
    silent = {**DENSE, "hidden_bytes": 0, "hop_latency": 1e-6}
    assert of(by_ring, silent, chips=chips) == pytest.approx(2 * 80 * hops * 1e-6)


# The exchange of expert parallelism


@pytest.mark.parametrize("chips", [8, 320])
def test_the_least_time_of_a_token_as_deepseek_works_it_out(chips: int) -> None:
    """The paper: 2 x 61 x (1 + 2) byte x 32 x 9 x 7K / (50 GB/s), for 32 tokens a GPU.

    Its factor 2 stands for two micro-batches that take turns: while one computes, the other
    exchanges, so a token waits for the exchanges of both. Ours has no such factor: it counts
    one dispatch and one combine a layer (3 bytes a number, both together) for all tokens that
    are under way, here two times 32 a GPU. Ours also leaves out what an accelerator would send
    to itself, the share 1/n, which the paper counts.
    """
    facts = catalog.load()
    tokens = 2 * 32 * chips
    found = decode.exchange_time(
        micro_tokens=tokens,
        experts_per_token=facts.fact("deepseek_copies_per_token").value,
        hidden_size=7000,  # "7K"
        exchanged_bytes=(
            facts.fact("deepseek_dispatch_bytes").value + facts.fact("deepseek_combine_bytes").value
        ),
        exchanging_layers=61,
        exchange_latency=0,
        chips=chips,
        stages=1,
        node_size=8,
        link_bandwidth=50e9,
        node_bandwidth=50e9,
    )
    stated = facts.fact("deepseek_tpot_floor_infiniband").value
    assert stated == 0.01476
    assert found == pytest.approx(stated * (1 - 1 / chips), rel=5e-4)  # stated to four digits


def test_an_exchange_counted_token_by_token() -> None:
    # Every token to every other chip once: as many experts as chips, one a chip, all chosen.
    chips, tokens, width = 4, 12, 10
    sent = [0] * chips
    for token in range(tokens):
        for expert in range(chips):
            if expert != token % chips:
                sent[token % chips] += width * 1  # on the way
                sent[expert] += width * 2  # on the way back
    found = decode.exchange_sent(
        micro_tokens=tokens, experts_per_token=chips, hidden_size=width, exchanged_bytes=3,
        stages=1, chips=chips,
    )  # fmt: skip
    others = decode.inside_share(chips=chips, stages=1, node_size=8)
    assert sent == [pytest.approx(found * others)] * chips


@pytest.mark.parametrize(("chips", "stages"), [(4, 1), (16, 1), (144, 1), (32, 2)])
def test_an_expert_lies_here_in_the_node_or_outside(chips: int, stages: int) -> None:
    where = {"chips": chips, "stages": stages, "node_size": 8}
    here = stages / chips
    elsewhere = decode.inside_share(**where) + decode.outside_share(**where)
    assert here + elsewhere == pytest.approx(1)


@pytest.mark.parametrize(
    ("chips", "stages", "share"), [(4, 1, 0), (8, 1, 0), (32, 1, 3 / 4), (32, 2, 1 / 2), (32, 4, 0)]
)
def test_experts_of_a_stage_lie_outside_a_node_of_eight(
    chips: int, stages: int, share: float
) -> None:
    assert decode.outside_share(chips=chips, stages=stages, node_size=8) == share


# Pipelines

PARTS = (decode.decode_compute_time, decode.cache_time, decode.attention_compute_time)


@pytest.mark.parametrize("stages", [2, 4, 8])
def test_a_pipeline_reads_its_weights_for_each_part_of_the_batch(stages: int) -> None:
    for part in PARTS:
        assert of(part, DENSE, stages=stages) == pytest.approx(of(part, DENSE))
    reading = of(decode.decode_weight_time, DENSE)
    assert of(decode.decode_weight_time, DENSE, stages=stages) == pytest.approx(stages * reading)


def test_with_fewer_users_than_stages_a_step_is_no_faster_than_for_one() -> None:
    alone, few, full, more = (
        of(decode.full_step_time, DENSE, stages=8, concurrent_users=users) for users in (1, 5, 8, 9)
    )
    assert alone == few == full < more


def test_a_handover_for_each_boundary_between_stages() -> None:
    assert of(decode.handover_time, DENSE) == 0
    one = 64 / 4 * 8192 * 2 / 50e9 + 60e-6
    assert of(decode.handover_time, DENSE, stages=4) == pytest.approx(3 * one)


# Copies, reading against arithmetic


def test_copies_multiply_the_reading_of_shared_weights_only() -> None:
    experts = {**DENSE, "routed_parameters": 60e9, "experts": 8, "experts_per_token": 2}
    shared = 69e9 - 0.26e9 - 60e9
    for formula, copied in ((decode.weights_read, shared), (decode.weights_held, shared + 0.26e9)):
        once, four = (of(formula, experts, replicas=replicas) for replicas in (1, 4))
        assert four - once == pytest.approx(3 * copied * 2)
    read = of(decode.weights_read, experts, concurrent_users=1)
    assert read == pytest.approx((shared + 60e9 * 2 / 8) * 2)


def test_copies_share_the_all_reduces_among_them() -> None:
    assert of(decode.reduced_bytes, DENSE, replicas=4) == 64 / 4 * 8192 * 2


def test_reading_takes_as_long_as_arithmetic_at_the_critical_batch_of_an_a100() -> None:
    card = {"peak_flops": 312e12, "memory_bandwidth": 2.04e12, "bits_per_parameter": 16}
    critical = roofline.critical_batch(**card, flop_per_parameter=2)
    assert round(critical) == 153
    full = {**DENSE, **card, "bandwidth_share": 1, "compute_share": 1}
    for users, slower, faster in (
        (152, decode.decode_weight_time, decode.decode_compute_time),
        (153, decode.decode_compute_time, decode.decode_weight_time),
    ):
        assert of(slower, full, concurrent_users=users) > of(faster, full, concurrent_users=users)
        linear = of(decode.linear_time, full, concurrent_users=users)
        assert linear == of(slower, full, concurrent_users=users)


# Speculation


@pytest.mark.parametrize(("acceptance", "guesses"), [(0.3, 2), (0.7, 4), (0.95, 8)])
def test_kept_guesses_drawn_at_random(acceptance: float, guesses: int) -> None:
    chance = random.Random(guesses)  # noqa: S311
    kept = []
    for _ in range(20_000):
        right = itertools.takewhile(
            lambda _: chance.random() < acceptance,
            range(guesses),
        )
        kept.append(1 + len(list(right)))  # one token more than the guesses that were right
    error = np.std(kept) / math.sqrt(len(kept))
    found = decode.accepted_tokens(acceptance=acceptance, draft_length=guesses)
    assert np.mean(kept) == pytest.approx(found, abs=4 * error)
    series = sum(acceptance**index for index in range(guesses + 1))
    assert found == pytest.approx(series, rel=1e-9)


def test_without_guesses_or_without_luck_a_step_is_one_token() -> None:
    assert decode.accepted_tokens(acceptance=0, draft_length=5) == 1
    assert decode.accepted_tokens(acceptance=0.8, draft_length=0) == pytest.approx(1, rel=SLACK)
    assert decode.verified_tokens(draft_length=5) == 6


def test_guesses_cost_their_own_time_and_that_of_verifying() -> None:
    drafted = {**DENSE, "draft_length": 3, "tokens_per_user_step": 4, "acceptance": 0.7}
    step = of(decode.full_step_time, drafted)
    assert step > of(decode.full_step_time, DENSE)
    assert of(decode.round_time, drafted, draft_cost=0.1) == pytest.approx(1.3 * step)
    speed = of(decode.user_speed, drafted, draft_cost=0.1)
    assert speed == pytest.approx((1 + 0.7 + 0.49 + 0.343) / (1.3 * step))
    assert of(decode.throughput, drafted, draft_cost=0.1) == pytest.approx(64 * speed)


# Prefill


PROMPT = {
    **DENSE, "prompt_attention_flop": 2_621_440, "concurrent_users": 1, "output_embedding": 0.26e9,
}  # fmt: skip


def test_a_prompt_reads_the_weights_once() -> None:
    fast = {**PROMPT, "peak_flops": 1e30, "attention_flops": 1e30, "link_bandwidth": 1e30}
    fixed = 80 * 32e-6 + 2 * 80 * 5e-6
    reading = (69e9 - 0.26e9) * 2 / (0.8 * 8 * 3e12)
    for prompt in (1, 100, 10_000):
        assert of(decode.prefill_time, fast, prompt=prompt) == pytest.approx(reading + fixed)


def test_attention_over_a_prompt_counted_token_by_token() -> None:
    prompt = 200
    one = 2_621_440 / (0.75 * 8 * 1e15)
    found = of(decode.prompt_attention_time, PROMPT, tokens_per_user_step=prompt, prompt=prompt)
    others = sum(range(prompt)) * one  # each token attends to those before it
    itself = prompt * one
    assert found == pytest.approx(others + itself / 2)


def test_a_long_prompt_takes_its_arithmetic() -> None:
    # Without traffic and fixed time: its matrix products and half of its square in attention.
    bare = {**PROMPT, "layer_time": 0, "traffic_overlap": 1}
    for users in (1, 4):
        # The last token of each prompt alone goes through the table of the output.
        weights = 10_000 * (69e9 - 0.26e9 - 0.26e9) + 0.26e9
        products = users * 2 * weights / (0.75 * 8 * 1e15)
        attention = users * 10_000**2 / 2 * 2_621_440 / (0.75 * 8 * 1e15)
        found = of(decode.prefill_time, bare, prompt=10_000, concurrent_users=users)
        assert found == pytest.approx(products + attention)


@pytest.mark.parametrize(("users", "turns"), [(1, 4), (2, 5), (4, 7), (64, 7)])
def test_a_pipeline_must_fill_before_all_prompts_are_read(users: int, turns: int) -> None:
    # Four stages of two cards, counted by turns: a micro-batch enters each turn, and the last
    # leaves after it has passed all four.
    staged = {**PROMPT, "stages": 4, "concurrent_users": users, "prompt": 1000}
    turn = (
        of(
            decode.full_step_time,
            {
                **staged,
                "tokens_per_user_step": 1000,
                "prompt": 1000,
                "flop_per_token": of(
                    decode.prompt_flop_per_token, staged, tokens_per_user_step=1000
                ),
            },
            attention_time=of(decode.prompt_attention_time, staged, tokens_per_user_step=1000),
        )
        / 4
    )
    assert of(decode.prefill_time, staged) == pytest.approx(turns * turn)


def test_a_request_is_its_prompt_and_a_step_for_each_token() -> None:
    request = {"prefill_time": 0.5, "answer": 200}
    assert decode.request_time(**request, round_time=0.01, accepted_tokens=1) == pytest.approx(2.5)
    guessed = decode.request_time(**request, round_time=0.012, accepted_tokens=2)
    assert guessed == pytest.approx(0.5 + 100 * 0.012)


# Memory


def test_a_cache_that_fills_the_room_exactly_is_allowed() -> None:
    # In floats, 3/10 over 1/10 is a little less than 3.
    for users in range(1, 2000):
        full = {"room": users / 10, "context": 1, "kv_bytes_per_token": 0.1, "window": 1}
        layout = {"windowed_share": 0, "chips": 1, **ONE_GROUP, "kv_heads": 1}
        assert decode.largest_batch(**full, **layout) == users
        short = {**full, "room": users / 10 * (1 - 1e-9)}
        assert decode.largest_batch(**short, **layout) == users - 1


def test_memory_is_weights_and_caches() -> None:
    cache = 64 * 2048 * 327_680
    assert of(decode.memory_needed, DENSE) == pytest.approx(69e9 * 2 + cache)
    assert of(decode.memory_needed, DENSE, chips=16) == pytest.approx(69e9 * 2 + 2 * cache)
    free = {**DENSE, "memory_capacity": 80e9, "usable_share": 0.9}
    assert of(decode.room, free) == pytest.approx(0.9 * 8 * 80e9 - 69e9 * 2)


# With every term off: the post

OFF = {name: value for values in decode.OFF.values() for name, value in values.items()}
POST = {
    **DENSE, **OFF, "stored_parameters": 1.6e12, "bits_per_parameter": 8, "chips": 20,
    "node_size": 20, "peak_flops": 3e15, "memory_bandwidth": 3e12,
}  # fmt: skip


@pytest.mark.parametrize(("batch", "utilization"), [(1, 0.002), (100, 0.2), (500, 1), (1000, 1)])
def test_with_every_term_off_a_step_is_that_of_the_post(batch: int, utilization: float) -> None:
    post = {"parameters": 1.6e12, "bits_per_parameter": 8, "flop_per_parameter": 2, "chips": 20}
    post |= {"peak_flops": 3e15, "memory_bandwidth": 3e12, "batch": batch}
    found = of(decode.full_step_time, POST, concurrent_users=batch)
    assert found == serving.step_time(**post)
    share = of(decode.flops_utilization, POST, concurrent_users=batch)
    assert share == pytest.approx(serving.utilization(**post), rel=SLACK)
    assert share == pytest.approx(utilization, rel=SLACK)


# For every layout


def sizes(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers spread over the orders of magnitude between two ends."""
    return st.floats(math.log(low), math.log(high)).map(math.exp)


@st.composite
def layouts(draw: st.DrawFn) -> dict[str, float]:
    """Draw a model, dense or of experts, on a machine, laid out in any way that divides."""
    pick = st.sampled_from
    stages, replicas, width = (draw(pick(few)) for few in ([1, 2, 8], [1, 2, 16], [1, 2, 8, 16]))
    experts = draw(pick([1, 8, 256]))
    stored = draw(sizes(1e9, 1e13))
    routed = 0.0 if experts == 1 else stored * draw(st.floats(0.1, 0.97))
    guesses = draw(pick([0, 0, 1, 4]))
    return {
        "chips": stages * replicas * width,
        "stages": stages,
        "replicas": replicas,
        "experts": experts,
        "experts_per_token": draw(st.integers(1, min(experts, 8))),
        "stored_parameters": stored,
        "routed_parameters": routed,
        "input_embedding": (stored - routed) * draw(st.floats(0, 0.3)),
        "bits_per_parameter": draw(pick([4, 8, 16])),
        "flop_per_parameter": 2,
        "layers": draw(st.integers(stages, 128)),
        "hidden_size": draw(st.integers(512, 20_000)),
        "kv_heads": draw(pick([1, 4, 8, 64])),
        "kv_bytes_per_token": draw(sizes(1e3, 1e7)),
        "attention_flop": draw(sizes(1e4, 1e9)),
        "windowed_share": draw(pick([0, 0.5, 1])),
        "window": draw(pick([1, 128, 4096])),
        "peak_flops": draw(sizes(1e13, 1e17)),
        "attention_flops": draw(sizes(1e13, 1e17)),
        "memory_bandwidth": draw(sizes(1e11, 1e14)),
        "bandwidth_share": draw(st.floats(0.3, 1)),
        "compute_share": draw(st.floats(0.3, 1)),
        "node_size": draw(pick([1, 2, 8, 72])),
        "link_bandwidth": draw(sizes(1e10, 1e13)),
        "node_bandwidth": draw(sizes(1e9, 1e12)),
        "link_latency": draw(st.floats(0, 1e-4)),
        "node_latency": draw(st.floats(0, 1e-4)),
        "reductions_per_layer": draw(pick([1, 2])),
        "activation_bytes": draw(pick([1, 2, 4])),
        "exchanging_layers": draw(pick([0, 60])),
        "exchanged_bytes": draw(pick([2, 3])),
        "exchange_latency": draw(st.floats(0, 1e-4)),
        "traffic_overlap": draw(st.floats(0, 1)),
        "work_overlap": draw(st.floats(0, 1)),
        "unpack_flop": draw(st.floats(0, 10)),
        "general_flops": draw(sizes(1e12, 1e15)),
        "layer_time": draw(st.floats(0, 1e-4)),
        "draft_length": guesses,
        "tokens_per_user_step": 1 + guesses,
        "draft_cost": draw(st.floats(0, 0.5)),
        "acceptance": draw(st.floats(0, 0.99)),
        "chip_rent": draw(sizes(1e-5, 1e-2)),
        "concurrent_users": draw(sizes(0.5, 1e5)),
        "context": draw(st.one_of(st.just(0.0), sizes(1, 1e6))),
    }


MORE = sizes(1, 1e3)


@given(layouts())
def test_shares_of_arithmetic_and_bandwidth_are_at_most_what_can_be_reached(
    layout: dict[str, float],
) -> None:
    arithmetic = of(decode.flops_utilization, layout)
    assert 0 < arithmetic <= layout["compute_share"] * (1 + SLACK)
    bandwidth = of(decode.bandwidth_utilization, layout)
    assert 0 < bandwidth <= layout["bandwidth_share"] * (1 + SLACK)


@pytest.mark.parametrize(
    "faster",
    [
        "memory_bandwidth",
        "link_bandwidth",
        "node_bandwidth",
        "peak_flops",
        "attention_flops",
        "general_flops",
    ],
)
@given(layout=layouts(), more=MORE)
def test_a_faster_machine_is_never_slower(
    faster: str, layout: dict[str, float], more: float
) -> None:
    better = of(decode.round_time, layout, **{faster: layout[faster] * more})
    assert better <= of(decode.round_time, layout) * (1 + SLACK)


@pytest.mark.parametrize("term", [term for term in decode.OFF if term != "embedding"])
@given(layout=layouts())
def test_a_term_takes_time_or_none(term: str, layout: dict[str, float]) -> None:
    off = of(decode.full_step_time, layout, **decode.OFF[term])
    assert off <= of(decode.full_step_time, layout) * (1 + SLACK)


@given(layouts())
def test_the_term_of_the_embedding_saves_time(layout: dict[str, float]) -> None:
    # The one term that takes something away: with it, a table that is not read is not counted.
    off = of(decode.full_step_time, layout, **decode.OFF["embedding"])
    assert off >= of(decode.full_step_time, layout) * (1 - SLACK)


@pytest.mark.parametrize("grown", ["concurrent_users", "context"])
@given(layout=layouts(), more=MORE)
def test_time_never_falls_with_users_or_context(
    grown: str, layout: dict[str, float], more: float
) -> None:
    larger = of(decode.round_time, layout, **{grown: layout[grown] * more})
    assert larger >= of(decode.round_time, layout) * (1 - SLACK)


@given(layout=layouts(), more=MORE)
def test_a_token_never_costs_more_among_more_users(layout: dict[str, float], more: float) -> None:
    users = layout["concurrent_users"]
    shared = of(decode.cost_per_token, layout, concurrent_users=users * more)
    assert shared <= of(decode.cost_per_token, layout) * (1 + SLACK)


@given(layouts())
def test_causes_add_up_to_the_step(layout: dict[str, float]) -> None:
    parts, hidden = Deployment(layout).breakdown()
    assert sum(parts.values()) == pytest.approx(of(decode.round_time, layout), rel=SLACK)
    assert min(parts.values()) >= 0
    # What hides something takes at least as long.
    for one, other in (("weights", "arithmetic"), ("cache", "attention arithmetic")):
        if other in hidden:
            assert parts[one] >= hidden[other]
        else:
            assert parts[other] >= hidden[one]


@given(layout=layouts(), users=st.lists(sizes(0.5, 1e5), min_size=2, max_size=5))
def test_a_grid_is_every_pair_of_users_and_context(
    layout: dict[str, float], users: list[float]
) -> None:
    contexts = [0.0, 1.0, 5000.0]
    axes = {"concurrent_users": np.array(users)[:, None], "context": np.array(contexts)}
    grid = Scenario({**layout, **axes}).evaluate(decode.full_step_time)
    wanted = [
        [of(decode.full_step_time, layout, concurrent_users=u, context=c) for c in contexts]
        for u in users
    ]
    np.testing.assert_allclose(grid, wanted, rtol=1e-12)


# Speed


TRIES = 6
"""Another test on the same core slows a try down: only all tries together count as too slow."""


def quickest(inputs: dict[str, object]) -> float:
    """Return the seconds of the quickest of a few calls; the first, which compiles, is left out."""
    decode.full_step_time(**inputs)
    taken = []
    for _ in range(TRIES):
        start = time.perf_counter()
        decode.full_step_time(**inputs)
        taken.append(time.perf_counter() - start)
    return min(taken)


@pytest.mark.timed
def test_a_million_steps_take_a_second_at_most() -> None:
    chance = np.random.default_rng(0)
    inputs = Scenario(DENSE).inputs(decode.full_step_time)
    grown = {"stored_parameters", "memory_bandwidth", "peak_flops", "context", "concurrent_users"}
    arrays = {name: inputs[name] * chance.uniform(1, 2, 1_000_000) for name in sorted(grown)}
    assert quickest({**inputs, **arrays}) < 1


@pytest.mark.timed
def test_one_step_takes_less_than_a_millisecond() -> None:
    assert quickest(Scenario(DENSE).inputs(decode.full_step_time)) < 1e-3
