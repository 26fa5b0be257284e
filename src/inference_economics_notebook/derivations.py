"""Where the book's main equations come from, step by step.

Importing this takes a while, since SymPy is imported: whoever needs it does so late.
"""

from __future__ import annotations

import sympy

from inference_economics.algebra import symbols as s
from inference_economics.algebra.expressions import ceiling, log2
from inference_economics.equations import decode, demand, market, roofline, serving, shape
from inference_economics.equations.brain import target_bits
from inference_economics.facts.catalog import find

from .derivation import Derivation, Step, follows, given, nearly, taken, words

_BALANCED = given(
    "We require both to take equally long, so that neither waits for the other.",
    s.compute_time,
    s.weight_time,
)

_RIDGE_POINT = (
    given(
        "Suppose that each byte that is read brings exactly enough operations to keep the "
        "arithmetic busy. The arithmetic of a step, one pass through the model, then takes this "
        "long.",
        s.compute_time,
        s.weights_read * s.ridge_point / s.peak_flops,
    ),
    given(
        "The bytes that are read are weights, the numbers that make up the model. Reading them "
        "takes this long.",
        s.weight_time,
        s.weights_read / s.memory_bandwidth,
    ),
    _BALANCED,
    follows(
        "Substitute both times.",
        s.weights_read * s.ridge_point / s.peak_flops,
        s.weights_read / s.memory_bandwidth,
    ),
    follows(
        "The number of bytes cancels. What is left is a property of the chip.",
        s.ridge_point,
        s.peak_flops / s.memory_bandwidth,
    ),
)

_CRITICAL_BATCH = (
    taken(
        "A step does the operations of every token of its batch, on all accelerators at once.",
        serving.compute_time,
        batch=s.critical_batch,
    ),
    taken("It reads every weight once, on all accelerators at once.", serving.weight_time),
    taken("The weights take this many bytes.", serving.weight_bytes),
    taken("The accelerators read side by side.", serving.total_bandwidth),
    taken(
        "Each token is multiplied by every weight, at some operations for each weight.",
        serving.flop_per_token,
    ),
    _BALANCED,
    follows(
        "Substitute all of this.",
        s.critical_batch * s.flop_per_parameter * s.parameters / (s.chips * s.peak_flops),
        s.parameters * s.bytes_per_parameter / (s.chips * s.memory_bandwidth),
    ),
    follows(
        "The weights and the accelerators are on both sides, and cancel.",
        s.critical_batch * s.flop_per_parameter / s.peak_flops,
        s.bytes_per_parameter / s.memory_bandwidth,
    ),
    taken("This ratio of the two rates is the ridge point.", roofline.ridge_point),
    follows(
        "Solve for the batch.",
        s.critical_batch,
        s.ridge_point * s.bytes_per_parameter / s.flop_per_parameter,
    ),
)

_BATCH_OF_EXPERTS = (
    taken(
        "If all experts are equally likely, each gets this many tokens on average.",
        serving.expert_batch,
        batch=s.critical_batch,
    ),
    given(
        "Its arithmetic takes this long: a few operations for each of its tokens and weights.",
        s.compute_time,
        s.expert_batch * s.flop_per_parameter * s.expert_parameters / s.peak_flops,
    ),
    given(
        "The reading of its weights takes this long.",
        s.weight_time,
        s.expert_parameters * s.bytes_per_parameter / s.memory_bandwidth,
    ),
    _BALANCED,
    follows(
        "Substitute both times. The weights of the expert cancel.",
        s.expert_batch * s.flop_per_parameter / s.peak_flops,
        s.bytes_per_parameter / s.memory_bandwidth,
    ),
    taken("The ratio of the two rates is the ridge point.", roofline.ridge_point),
    follows(
        "So one expert needs as many tokens as a dense model.",
        s.expert_batch,
        s.ridge_point * s.bytes_per_parameter / s.flop_per_parameter,
    ),
    follows(
        "The whole batch is larger, by this factor: all experts over those that a token uses.",
        s.critical_batch,
        s.ridge_point
        * s.bytes_per_parameter
        / s.flop_per_parameter
        * s.experts
        / s.experts_per_token,
    ),
)


def _ring_traffic() -> tuple[Step, ...]:
    summed, piece, rounds, sent = words("summed up", "a piece", "rounds", "sent each time")
    return (
        given(
            "The hidden state of each token is a sum, and every accelerator (here a GPU) holds one "
            "contribution to it. The contributions have to be added up.",
            summed,
            s.batch * s.hidden_bytes,
        ),
        given(
            "The accelerators stand in a ring. They cut what they hold into as many pieces as "
            "there are accelerators.",
            piece,
            summed / s.chips,
        ),
        given(
            "In a round, each sends one piece to the next, which adds its own. A "
            "piece is complete when it has been at all n accelerators, after n - 1 rounds. Each "
            "accelerator then holds one complete piece.",
            rounds,
            s.chips - 1,
        ),
        given(
            "These rounds are called a reduce-scatter. A second turn of as many rounds, an "
            "all-gather, shares the complete pieces. In each round of both turns, each "
            "accelerator sends one piece.",
            sent,
            2 * rounds * piece,
        ),
        follows(
            "Substitute the rounds and the piece. However many accelerators there are, each sends "
            "less than twice what is summed up.",
            sent,
            2 * summed * (1 - 1 / s.chips),
        ),
        given(
            "In a step, the accelerators add up twice in each layer: after attention, and after "
            "the feed-forward block.",
            s.traffic_bytes,
            s.reductions_per_layer * s.layers * sent,
        ),
        follows(
            "Combine these.",
            s.traffic_bytes,
            s.batch
            * s.hidden_bytes
            * s.layers
            * s.reductions_per_layer
            * 2
            * (s.chips - 1)
            / s.chips,
        ),
    )


def _ring_latency() -> tuple[Step, ...]:
    (rounds,) = words("rounds")
    return (
        given(
            "In a ring, a piece is complete when it has passed every other accelerator.",
            rounds,
            s.tensor_width - 1,
        ),
        given(
            "A second turn shares it. Each turn takes several rounds, and each round waits for one "
            "hop.",
            s.reduce_latency,
            2 * rounds * s.hop_latency,
        ),
        follows(
            "So latency grows in proportion to the number of accelerators.",
            s.reduce_latency,
            2 * s.hop_latency * (s.tensor_width - 1),
        ),
    )


def _tree_latency() -> tuple[Step, ...]:
    (levels,) = words("levels")
    return (
        given(
            "In a tree, accelerators add up in pairs, then pairs of pairs, and so on. Each level "
            "leaves half as many sums, until one is left.",
            levels,
            ceiling(log2(s.tensor_width)),
        ),
        given(
            "The sum goes back down the same levels. Each level waits for one hop each way.",
            s.reduce_latency,
            2 * levels * s.hop_latency,
        ),
        follows(
            "So latency grows with the logarithm of the accelerators. The price is volume: at "
            "each level an accelerator sends all that it holds, and not one piece of it.",
            s.reduce_latency,
            2 * ceiling(log2(s.tensor_width)) * s.hop_latency,
        ),
    )


def _cache() -> tuple[Step, ...]:
    (of_a_head,) = words("numbers of a head")
    return (
        given(
            "For each token, a head keeps a key and a value, each as wide as the head.",
            of_a_head,
            s.kv_vectors * s.head_size,
        ),
        given(
            "A layer has some heads with keys and values of their own.",
            s.cached_values,
            s.kv_heads * of_a_head,
        ),
        given(
            "Every layer keeps its own numbers, and each number takes some bytes.",
            s.kv_bytes_per_token,
            s.layers * s.cached_values * s.cache_value_bytes,
        ),
        follows(
            "Combine these.",
            s.kv_bytes_per_token,
            s.layers * s.kv_vectors * s.kv_heads * s.head_size * s.cache_value_bytes,
        ),
    )


def _coverage() -> tuple[Step, ...]:
    chosen, missed, unused = words("chosen by a token", "missed by a token", "missed by all tokens")
    return (
        given(
            "A token chooses a few of the experts of a layer. If all are equally likely, this is "
            "the chance that it chooses a certain one.",
            chosen,
            s.experts_per_token / s.experts,
        ),
        given("Otherwise it misses that expert.", missed, 1 - chosen),
        given(
            "If tokens choose independently, their chances multiply.",
            unused,
            missed**s.routed_tokens,
        ),
        given(
            "An expert is read unless all tokens miss it. What holds for one holds for each, so "
            "this is also the expected share of all experts.",
            s.coverage,
            1 - unused,
        ),
        follows(
            "Combine these.",
            s.coverage,
            1 - (1 - s.experts_per_token / s.experts) ** s.routed_tokens,
        ),
    )


def _occupancy() -> tuple[Step, ...]:
    (present,) = words("being served")
    return (
        taken(
            "The chance that a user is being served at a random moment is the share of the day in "
            "which the user is served.",
            demand.time_share,
        ),
        given(
            "If users come evenly through the day, the chances of all of them add up.",
            present,
            s.user_base * s.time_share,
        ),
        given("The machine is to serve this many users at once.", present, s.concurrent_users),
        follows("Combine these.", s.user_base * s.daily_use / s.day, s.concurrent_users),
        follows("Solve for the users.", s.user_base, s.concurrent_users / s.time_share),
    )


_EFFICIENT_SCALE = (
    taken(
        "A machine that is full shares its rent among the most tokens. Suppose first that no "
        "provider has a lower cost than this.",
        market.saturated_cost,
    ),
    given(
        "A service with fewer users pays the same rent, for fewer tokens.",
        s.service_cost,
        s.unit_rent / (s.efficient_users * s.tokens_per_second_per_user),
    ),
    follows(
        "If a full machine would serve three times as many users, a token of the small service "
        "costs three times as much.",
        s.service_cost,
        s.saturated_cost * s.full_users / s.efficient_users,
    ),
    given(
        "We call the service large enough when its cost is at most a chosen multiple of the "
        "lowest.",
        s.service_cost,
        s.cost_factor * s.saturated_cost,
    ),
    follows(
        "Solve for the users. The service needs as many users as fill a machine, divided by this "
        "multiple.",
        s.efficient_users,
        s.full_users / s.cost_factor,
    ),
    follows(
        "In general, the small service may rent other cards than the large one, whose machines "
        "may also share readers. Multiply the lowest cost by the chosen multiple, and by the "
        "tokens that one user gets in an hour: this is the most that one user may cost in an hour. "
        "Divide the hourly rent of the small service's cards by this amount: that is the number of "
        "users that it needs. How many more these cards could serve does not matter: their rent "
        "stays the same.",
        s.efficient_users,
        s.unit_rent / (s.cost_factor * s.saturated_cost * s.tokens_per_second_per_user),
    ),
)


def _wiring() -> tuple[Step, ...]:
    listed, order, chosen = words("bits of a list", "bits of its order", "bits of a choice")
    large = {"neurons": 10**9, "fan_out": 10**4}
    return (
        nearly(
            "List a neuron's targets one by one. Each is one of all neurons, and to name one of "
            "that many takes the logarithm of their number in bits. Targets are so few that one "
            "hardly ever comes twice.",
            listed,
            s.fan_out * log2(s.neurons),
            exact=sympy.log(sympy.ff(s.neurons, s.fan_out), 2),
            **large,
        ),
        nearly(
            "But the order of the list does not matter. A list of length k has k! orders. "
            "By Stirling's formula that is about (k/e)^k, where e is Euler's number.",
            order,
            s.fan_out * log2(s.fan_out / s.euler),
            exact=sympy.log(sympy.factorial(s.fan_out), 2),
            **large,
        ),
        given("The bits that would tell the order are not needed.", chosen, listed - order),
        follows(
            "A difference of logarithms is the logarithm of a ratio.",
            chosen,
            s.fan_out * log2(s.euler * s.neurons / s.fan_out),
        ),
        given(
            "The bits that are left are shared by all the targets.",
            s.target_bits,
            chosen / s.fan_out,
        ),
        follows("So each takes this many.", s.target_bits, log2(s.euler * s.neurons / s.fan_out)),
    )


DERIVATIONS = {
    each.formula.name: each
    for each in (
        Derivation("the ridge point", roofline.ridge_point, _RIDGE_POINT),
        Derivation("the critical batch", roofline.critical_batch, _CRITICAL_BATCH),
        Derivation(
            "the critical batch of a mixture of experts",
            roofline.critical_batch_of_experts,
            _BATCH_OF_EXPERTS,
        ),
        Derivation("what a ring of accelerators sends", serving.traffic_bytes, _ring_traffic()),
        Derivation("the latency of a ring", decode.ring_latency, _ring_latency()),
        Derivation("the latency of a tree", decode.tree_latency, _tree_latency()),
        Derivation("the cache of a token", shape.kv_bytes_grouped, _cache()),
        Derivation("the share of the experts that a batch reads", decode.coverage, _coverage()),
        Derivation("the users of a service, from its occupancy", demand.user_base, _occupancy()),
        Derivation("the smallest efficient scale", market.efficient_users, _EFFICIENT_SCALE),
        Derivation("the bits of wiring", target_bits, _wiring()),
    )
}


def derivation(name: str) -> Derivation:
    """Return the derivation of an equation by its name; CatalogError with a hint if none."""
    return find(DERIVATIONS, name, "derivation")
