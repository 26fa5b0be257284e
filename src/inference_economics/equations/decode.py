"""A decode step on a real machine: every term that the post's two leave out.

Each added term is off at the values that `OFF` lists for it. With all of them off, and one
token for each user, `full_step_time` is the post's `serving.step_time`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..algebra import symbols as s
from ..algebra.expressions import Max, Min, ceiling, floor, log2
from ..algebra.formula import Formula
from .roofline import bytes_per_parameter
from .shape import (
    active_parameters,
    attended_context,
    hidden_bytes,
    kept_context,
    shared_parameters,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

OFF: Mapping[str, Mapping[str, float]] = {
    "cache": {"context": 0.0, "state_bytes": 0.0},
    "embedding": {"input_embedding": 0.0},
    "achieved shares": {"bandwidth_share": 1.0, "compute_share": 1.0},
    "traffic": {"activation_bytes": 0.0, "exchanged_bytes": 0.0},
    "latency": {"link_latency": 0.0, "node_latency": 0.0, "exchange_latency": 0.0},
    "fixed time": {"layer_time": 0.0},
    "unpacking": {"unpack_flop": 0.0},
    "tiles": {"tile_tokens": 0.0},
    "waiting": {"work_overlap": 1.0},
}
"""The terms that can be switched off, each with the values at which it vanishes."""


def off(*terms: str) -> dict[str, float]:
    """Return the values at which terms of `OFF` vanish."""
    return {name: value for term in terms for name, value in OFF[term].items()}


# How users are split among stages, and weights among accelerators

verified_tokens = Formula(
    s.tokens_per_user_step,
    s.one_token_each + s.draft_length,
    "A step verifies the guesses and adds one token of its own.",
)
micro_users = Formula(
    s.micro_users,
    Max(s.replicas * s.one_user, s.concurrent_users / s.stages),
    "Each stage works on its part of the users. A copy of the shared weights has its own users: "
    "with fewer users than copies, one sets the pace.",
)
micro_tokens = Formula(
    s.micro_tokens,
    s.micro_users * s.tokens_per_user_step,
    "Tokens that pass through a stage together.",
    where=(micro_users, verified_tokens),
)
tensor_width = Formula(
    s.tensor_width,
    s.chips / (s.stages * s.replicas),
    "Accelerators that split each layer among them.",
)
stage_bandwidth = Formula(
    s.stage_bandwidth,
    s.bandwidth_share * s.chips * s.memory_bandwidth / s.stages,
    "The accelerators of one stage read at the same time; the other stages hold other layers.",
)

# Matrix products: weights against arithmetic

routed_tokens = Formula(
    s.routed_tokens,
    Max(s.one_user, s.concurrent_users / s.stages) * s.tokens_per_user_step,
    "All tokens of a micro-batch choose among the same experts, whatever copy they come from.",
    where=(verified_tokens,),
)
coverage = Formula(
    s.coverage,
    1 - (1 - s.experts_per_token / s.experts) ** (s.routed_tokens / s.one_token),
    "Expected share of the experts that at least one token chooses, if all are equally likely.",
    where=(routed_tokens,),
)
weights_read = Formula(
    s.weights_read,
    (s.replicas * s.shared_parameters + s.coverage * s.routed_parameters) * s.bytes_per_parameter
    + s.replicas * s.shared_surplus,
    "Every copy of the shared weights is read, and every expert that is needed.",
    where=(shared_parameters, coverage, bytes_per_parameter),
)
decode_weight_time = Formula(
    s.weight_time,
    s.weights_read / s.stage_bandwidth,
    "Time to read the weights, one stage after the other.",
    where=(weights_read, stage_bandwidth),
)
active_flop_per_token = Formula(
    s.flop_per_token,
    s.flop_per_parameter * s.active_parameters,
    "Every weight that a token passes through is multiplied once and added once.",
    where=(active_parameters,),
)
decode_compute_time = Formula(
    s.compute_time,
    s.micro_tokens * s.flop_per_token * s.stages / (s.compute_share * s.chips * s.peak_flops),
    "Time of the matrix products' arithmetic, one stage after the other.",
    where=(micro_tokens, active_flop_per_token),
)
unpack_time = Formula(
    s.unpack_time,
    (s.weights_read - s.replicas * s.shared_surplus)
    / s.bytes_per_parameter
    * s.unpack_flop
    * s.stages
    / (s.chips * s.general_flops),
    "Weights kept in fewer bits than they are multiplied in are unpacked outside the matrix units.",
    where=(weights_read, bytes_per_parameter),
)
tile_time = Formula(
    s.tile_time,
    s.weights_read
    / s.bytes_per_parameter
    * s.flop_per_parameter
    * s.tile_tokens
    * s.stages
    / (s.tile_share * s.chips * s.peak_flops),
    "Matrix units multiply whole tiles: a lone token takes as long as all that would fit.",
    where=(weights_read, bytes_per_parameter),
)
_read_and_multiplied = Max(s.compute_time, s.weight_time) + (1 - s.work_overlap) * Min(
    s.compute_time, s.weight_time
)
tile_wait = Formula(
    s.tile_wait,
    Max(_read_and_multiplied, s.tile_time) - _read_and_multiplied,
    "Part-filled tiles cost time where the weights could be read faster than that.",
    where=(decode_compute_time, decode_weight_time, tile_time),
)
linear_time = Formula(
    s.linear_time,
    _read_and_multiplied + s.tile_wait + s.unpack_time,
    "Where arithmetic and reading overlap, the slower of the two sets the pace.",
    where=(decode_compute_time, decode_weight_time, tile_wait, unpack_time),
)

# Attention: every user's cache is read for that user alone

cache_copies = Formula(
    s.cache_copies,
    Max(1, s.tensor_width / (s.kv_heads * s.one_chip)),
    "A key-value head cannot be split: accelerators beyond their number hold copies.",
    where=(tensor_width,),
)
cache_read = Formula(
    s.cache_read,
    s.micro_users
    * (s.attended_context * s.kv_bytes_per_token * s.cache_copies + s.both_ways * s.state_bytes),
    "Each user's keys and values are read once in a step; a state is read and written.",
    where=(micro_users, attended_context, cache_copies),
)
cache_time = Formula(
    s.cache_time,
    s.cache_read / s.stage_bandwidth,
    "Time to read the caches.",
    where=(cache_read, stage_bandwidth),
)
attention_compute_time = Formula(
    s.attention_compute_time,
    s.micro_users
    * s.attended_context
    * s.attention_flop
    * (s.tokens_per_user_step / s.one_token_each)
    * s.stages
    / (s.compute_share * s.chips * s.attention_flops),
    "Time of attention's arithmetic.",
    where=(micro_users, attended_context, verified_tokens),
)
attention_time = Formula(
    s.attention_time,
    Max(s.attention_compute_time, s.cache_time),
    "Attention, too, takes the longer of its arithmetic and its reading.",
    where=(attention_compute_time, cache_time),
)

# Traffic of tensor parallelism: all-reduces, each with a volume and a latency

group_in_node = Formula(
    s.group_in_node,
    Min(s.tensor_width, s.node_size),
    "The part of a tensor-parallel group that fast links join.",
    where=(tensor_width,),
)
group_nodes = Formula(
    s.group_nodes,
    ceiling(s.tensor_width / s.group_in_node),
    "Nodes that the group spans.",
    where=(tensor_width, group_in_node),
)
reduced_bytes = Formula(
    s.reduced_bytes,
    s.micro_tokens * s.hidden_bytes / s.replicas,
    "The hidden states of the tokens that the group serves.",
    where=(micro_tokens, hidden_bytes),
)
link_sent = Formula(
    s.link_sent,
    s.ring_passes * s.reduced_bytes * (1 - s.one_chip / s.group_in_node) / s.one_chip,
    "In a ring, each accelerator sends almost twice what is added up: to sum it, and to share it.",
    where=(reduced_bytes, group_in_node),
)
link_sent_by_switch = Formula(
    s.link_sent,
    s.reduced_bytes * Min(s.one_chip, s.group_in_node - s.one_chip) / s.one_chip**2,
    "Where the switch itself adds up, each accelerator sends its part once.",
    where=(reduced_bytes, group_in_node),
)
net_sent = Formula(
    s.net_sent,
    s.ring_passes * s.reduced_bytes * (1 - 1 / s.group_nodes) / s.group_in_node,
    "Across nodes, each accelerator sends only its slice of what its node has added up.",
    where=(reduced_bytes, group_nodes, group_in_node),
)
reduce_latency = Formula(
    s.reduce_latency,
    s.link_latency * Min(1, s.group_in_node / s.one_chip - 1)
    + s.node_latency * Min(1, s.group_nodes - 1),
    "An all-reduce takes its time however little it moves, and more if it leaves the node.",
    where=(group_in_node, group_nodes),
)
ring_latency = Formula(
    s.reduce_latency,
    s.ring_passes * (s.tensor_width / s.one_chip - 1) * s.hop_latency,
    "Round a ring, latency grows with the number of accelerators.",
    where=(tensor_width,),
)
tree_latency = Formula(
    s.reduce_latency,
    s.both_ways * ceiling(log2(s.tensor_width / s.one_chip)) * s.hop_latency,
    "Up a tree and down, latency grows with the logarithm of the number of accelerators.",
    where=(tensor_width,),
)
reduce_time = Formula(
    s.reduce_time,
    s.layers
    * s.reductions_per_layer
    * (s.link_sent / s.link_bandwidth + s.net_sent / s.node_bandwidth + s.reduce_latency),
    "Every layer adds up its hidden states after attention and after the feed-forward block.",
    where=(link_sent, net_sent, reduce_latency),
)

# Traffic of expert and pipeline parallelism

outside_share = Formula(
    s.outside_share,
    1 - Min(1, s.node_size * s.stages / s.chips),
    "Experts spread evenly lie outside a node in this share.",
)
inside_share = Formula(
    s.inside_share,
    Min(1, s.node_size * s.stages / s.chips) - s.one_chip * s.stages / s.chips,
    "Of those inside, some lie on the accelerator itself.",
)
exchanged_bytes = Formula(
    s.exchanged_bytes,
    s.bytes_there + s.bytes_back,
    "A number may go to an expert in fewer bits than it comes back in.",
)
exchange_latency = Formula(
    s.exchange_latency,
    s.both_ways * s.one_way_latency,
    "A token goes to its experts and comes back.",
)
exchange_sent = Formula(
    s.exchange_sent,
    s.micro_tokens
    * s.experts_per_token
    * s.hidden_size
    * s.exchanged_bytes
    * s.stages
    / (s.chips * s.one_expert),
    "Each token's hidden state goes to each of its experts, and back.",
    where=(micro_tokens,),
)
exchange_time = Formula(
    s.exchange_time,
    s.exchanging_layers
    * (
        s.exchange_sent * (s.inside_share / s.link_bandwidth + s.outside_share / s.node_bandwidth)
        + s.exchange_latency
    ),
    "Time of the all-to-alls of expert parallelism.",
    where=(exchange_sent, inside_share, outside_share),
)
handover_time = Formula(
    s.handover_time,
    (s.stages - 1) * (s.reduced_bytes / (s.one_chip * s.node_bandwidth) + s.node_latency),
    "Hidden states pass from one stage to the next, those of each copy by a link of its own.",
    where=(reduced_bytes,),
)
exposed_traffic = Formula(
    s.exposed_traffic,
    (1 - s.traffic_overlap) * (s.reduce_time + s.exchange_time + s.handover_time),
    "Traffic counts as far as no other work hides it.",
    where=(reduce_time, exchange_time, handover_time),
)

# The step

fixed_time = Formula(s.fixed_time, s.layers * s.layer_time, "Launches, norms and waits of a layer.")
full_step_time = Formula(
    s.step_time,
    s.linear_time + s.attention_time + s.exposed_traffic + s.fixed_time,
    "One kind of work after the other.",
    where=(linear_time, attention_time, exposed_traffic, fixed_time),
)

# Speculation: guess cheaply, verify in one step

accepted_tokens = Formula(
    s.accepted_tokens,
    s.one_token_each
    * (1 - s.acceptance ** (s.draft_length / s.one_token_each + 1))
    / (1 - s.acceptance),
    "Guesses are kept up to the first wrong one, if each is right with the same chance.",
)
round_time = Formula(
    s.round_time,
    s.step_time * (1 + s.draft_length * s.draft_cost),
    "Guessing takes its time before the step that verifies.",
    where=(full_step_time,),
)

# What comes out

user_speed = Formula(
    s.tokens_per_second_per_user,
    s.accepted_tokens / s.round_time,
    "Speed that a user sees.",
    where=(accepted_tokens, round_time),
)
throughput = Formula(
    s.throughput,
    s.concurrent_users * s.tokens_per_second_per_user,
    "Tokens that all users get together.",
    where=(user_speed,),
)
ideal_compute_time = Formula(
    s.ideal_compute_time,
    s.concurrent_users
    * s.accepted_tokens
    * (
        s.flop_per_token / s.peak_flops
        + s.attended_context * s.attention_flop / (s.one_token_each * s.attention_flops)
    )
    / s.chips,
    "Time in which the arithmetic of kept tokens could be done.",
    where=(accepted_tokens, active_flop_per_token, attended_context),
)
flops_utilization = Formula(
    s.flops_utilization,
    s.ideal_compute_time / s.round_time,
    "Share of the peak arithmetic rate that goes into kept tokens.",
    where=(ideal_compute_time, round_time),
)
bandwidth_utilization = Formula(
    s.bandwidth_utilization,
    s.concurrent_users
    / s.micro_users
    * (s.weights_read + s.cache_read)
    / (s.chips * s.memory_bandwidth * s.round_time),
    "Bytes of weights and caches that are read, over what the memory could deliver meanwhile.",
    where=(micro_users, weights_read, cache_read, round_time),
)
cost_per_token = Formula(
    s.cost_per_token,
    s.chips * s.chip_rent / s.throughput,
    "Rent of all accelerators, shared by the tokens that they make.",
    where=(throughput,),
)
energy_per_token = Formula(
    s.energy_per_token,
    s.chips * s.chip_power / s.throughput,
    "Energy of all accelerators at the power they are rated for, shared by their tokens.",
    where=(throughput,),
)


# Where arithmetic catches up

critical_batch_at_work = Formula(
    s.critical_batch,
    s.compute_share
    * s.peak_flops
    / (s.bandwidth_share * s.memory_bandwidth)
    * s.bytes_per_parameter
    / s.flop_per_parameter
    * (s.replicas * s.shared_parameters + s.routed_parameters)
    / s.active_parameters,
    "All experts are read, but a token is multiplied with few: so many more tokens fill a chip.",
    where=(bytes_per_parameter, shared_parameters, active_parameters),
)
critical_users = Formula(
    s.critical_users,
    s.stages * s.critical_batch / s.tokens_per_user_step,
    "Users of all stages together at whose number arithmetic takes as long as reading weights.",
    where=(critical_batch_at_work, verified_tokens),
)

# What must fit

weights_held = Formula(
    s.weights_held,
    (s.stored_parameters + (s.replicas - 1) * (s.shared_parameters + s.input_embedding))
    * s.bytes_per_parameter
    + s.replicas * (s.shared_surplus + s.embedding_surplus),
    "All weights, and the further copies of those that are shared, embedding included.",
    where=(shared_parameters, bytes_per_parameter),
)
_held_for_each = s.kept_context * s.kv_bytes_per_token * s.cache_copies + s.state_bytes
cache_held = Formula(
    s.cache_held,
    s.concurrent_users * _held_for_each,
    "Every user's cache and state; a windowed layer keeps its window only.",
    where=(kept_context, cache_copies),
)
memory_needed = Formula(
    s.memory_needed,
    s.weights_held + s.cache_held,
    "Weights and caches.",
    where=(weights_held, cache_held),
)
cache_filled = Formula(
    s.cache_filled,
    s.replicas
    * s.one_user
    * ceiling(s.concurrent_users / (s.replicas * s.one_user))
    * _held_for_each,
    "No user is spread over two copies of the weights.",
    where=(kept_context, cache_copies),
)
memory_filled = Formula(
    s.memory_filled,
    (s.weights_held + s.cache_filled) / (s.chips * s.memory_capacity),
    "Weights and caches over all memory. No user is spread over two copies of the weights.",
    where=(weights_held, cache_filled),
)
memory_usable = Formula(
    s.memory_usable,
    s.usable_share * s.chips * s.memory_capacity,
    "The rest is for activations, buffers and fragments.",
)
room = Formula(
    s.room,
    s.memory_usable - s.weights_held,
    "Memory that the weights leave for caches.",
    where=(memory_usable, weights_held),
)
largest_batch = Formula(
    s.largest_batch,
    s.replicas * s.one_user * floor(s.room / (s.replicas * s.one_user * _held_for_each)),
    "Users whose caches fit; none can be spread over two copies of the weights.",
    where=(room, kept_context, cache_copies),
)

# What a started engine takes, and what it leaves for caches

weights_loaded = Formula(
    s.weights_loaded,
    (s.weights_held + s.replicas * s.wide_parameters * (s.wide_bytes - s.bytes_per_parameter))
    * (1 + s.loading_share),
    "Embeddings stay in 16 bits where the other weights are stored in fewer, and loading pads.",
    where=(weights_held, bytes_per_parameter),
)
activation_peak = Formula(
    s.activation_peak,
    s.passed_tokens * s.hidden_bytes * (s.whole_width + s.split_width / s.tensor_width),
    "Tokens that pass through a layer together keep some vectors whole, and split the wider ones.",
    where=(hidden_bytes, tensor_width),
)
memory_started = Formula(
    s.memory_started,
    s.weights_loaded
    + s.chips
    * (
        s.graph_memory
        + s.activation_peak
        + (s.runtime_share + s.fragment_share) * s.memory_reported
    ),
    "Whatever a started engine holds besides caches.",
    where=(weights_loaded, activation_peak),
)
memory_lent = Formula(
    s.memory_lent,
    s.engine_share * s.chips * s.memory_reported,
    "An engine leaves some of what drivers report to others.",
)

# Prefill: the prompt's tokens are known, so they go through together

prompt_tokens = Formula(
    s.tokens_per_user_step,
    s.prompt,
    "All tokens of a prompt are computed in one step.",
)
prompt_flop_per_token = Formula(
    s.flop_per_token,
    s.flop_per_parameter
    * (s.active_parameters - s.output_embedding * (1 - s.one_token_each / s.tokens_per_user_step)),
    "Of a prompt's tokens only the last is turned into a choice among the vocabulary.",
    where=(active_parameters, prompt_tokens),
)
seen = Min(s.prompt, s.window)
prompt_attended = Formula(
    s.prompt_attended,
    (1 - s.windowed_share) * s.prompt / 2 + s.windowed_share * (seen - seen**2 / (2 * s.prompt)),
    "Each token of a prompt attends to those before it, in a windowed layer to the last of them.",
)
prompt_attention_time = Formula(
    s.attention_time,
    s.micro_users
    * s.prompt_attended
    * s.prompt_attention_flop
    * (s.tokens_per_user_step / s.one_token_each)
    * s.stages
    / (s.compute_share * s.chips * s.attention_flops),
    "Time of attention's arithmetic in a prompt.",
    where=(micro_users, prompt_attended, verified_tokens),
)
prefill_time = Formula(
    s.prefill_time,
    s.step_time * (1 + (Max(1, s.concurrent_users / s.micro_users) - 1) / s.stages),
    "A prompt's tokens share one reading of the weights; the first micro-batch must pass all "
    "stages before the last can.",
    where=(full_step_time, micro_users),
).using(prompt_tokens, prompt_flop_per_token, prompt_attention_time)
request_time = Formula(
    s.request_time,
    s.prefill_time + s.answer * s.round_time / s.accepted_tokens,
    "The prompt is read in, then each step keeps a token, or several.",
)
