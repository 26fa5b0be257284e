"""One decode step: weights, arithmetic, cache and traffic; and the memory they need."""

from ..algebra import symbols as s
from ..algebra.expressions import Max, Min, ceiling, floor, sqrt
from ..algebra.formula import Formula
from . import decode
from .roofline import bytes_per_parameter
from .shape import cached_values, hidden_bytes, kv_bytes_grouped, kv_bytes_per_token

weight_bytes = Formula(
    s.weight_bytes,
    s.parameters * s.bytes_per_parameter,
    "Storage of all the weights.",
    where=(bytes_per_parameter,),
)
flop_per_parameter = Formula(
    s.flop_per_parameter,
    s.multiplications + s.additions,
    "A dot product multiplies each weight by an input and adds it to a running sum.",
)
flop_per_token = Formula(
    s.flop_per_token,
    s.flop_per_parameter * s.parameters,
    "Every weight is multiplied once and added once for each token.",
)
total_bandwidth = Formula(
    s.total_bandwidth,
    s.chips * s.memory_bandwidth,
    "Each accelerator reads its own part of the weights.",
)
compute_time = Formula(
    s.compute_time,
    s.batch * s.flop_per_token / (s.chips * s.peak_flops),
    "Time of one step's arithmetic.",
    where=(flop_per_token,),
)
weight_time = Formula(
    s.weight_time,
    s.weight_bytes / s.total_bandwidth,
    "Time to read every weight once, whatever the batch.",
    where=(weight_bytes, total_bandwidth),
)
step_time = Formula(
    s.step_time,
    Max(s.compute_time, s.weight_time),
    "Arithmetic and reading overlap: the slower of the two sets the pace.",
    where=(compute_time, weight_time),
)
utilization = Formula(
    s.utilization,
    s.compute_time / s.step_time,
    "Share of a step in which the arithmetic units are busy.",
    where=(compute_time, step_time),
)
utilization_of_batch = Formula(
    s.utilization,
    Min(1, s.batch * s.utilization_alone / s.one_token),
    "Each request adds the same share, until the arithmetic is the limit.",
)
cost_ratio = Formula(
    s.cost_ratio,
    s.utilization / s.utilization_alone,
    "The same machine time costs the same, whether it makes one token or a full batch.",
)
sharing_limit = Formula(
    s.cost_ratio,
    (s.weight_bytes + s.one_user * s.cache_bytes) / (s.one_user * s.cache_bytes),
    "Each user's cache is read for that user alone: sharing the weights can save no more.",
)
batch_to_fill = Formula(
    s.critical_batch,
    s.one_token / s.utilization_alone,
    "If one request uses a share of the arithmetic, this many use all of it.",
)
chips_needed = Formula(
    s.chips_needed,
    ceiling(s.weight_bytes / s.memory_capacity),
    "Fewest accelerators whose memory holds the weights.",
    where=(weight_bytes,),
)
share_of_layer = Formula(
    s.share_of_layer,
    s.one_chip / s.chips,
    "Tensor parallelism gives each accelerator an equal slice of every layer.",
)
free_memory = Formula(
    s.free_memory,
    s.chips * s.memory_capacity - s.weight_bytes,
    "Memory that the weights leave for the cache.",
    where=(weight_bytes,),
)
compression = Formula(
    s.compression,
    s.bits_before / s.bits_per_parameter,
    "Quantization shrinks the weights, and the time to read them, by this factor.",
)

# What a model of a given size implies

hidden_size = Formula(
    s.hidden_size,
    sqrt(s.parameters / (s.block_factor * s.layers)),
    "Width of a standard transformer with that many weights in that many layers.",
)
hidden_bytes_of_width = hidden_bytes.using(
    hidden_size,
    about="The hidden state that one token of such a model carries from layer to layer.",
)
kv_bytes_of_width = kv_bytes_per_token.using(
    cached_values.using(hidden_size, name="cached_values_of_width"),
    about="Each layer keeps a key and a value as wide as the hidden state for every token.",
)
cache_bytes = Formula(
    s.cache_bytes,
    s.context * s.kv_bytes_per_token,
    "Cache of one user.",
    where=(kv_bytes_of_width,),
)
cache_total = Formula(
    s.cache_total,
    s.concurrent_users * s.cache_bytes,
    "Cache of all users: unlike the weights, it is not shared.",
    where=(cache_bytes,),
)
cache_breakeven = Formula(
    s.cache_breakeven,
    s.weight_bytes / s.cache_bytes,
    "Users at which their caches are as large as the weights.",
    where=(weight_bytes, cache_bytes),
)
cache_to_weights = Formula(
    s.cache_to_weights,
    s.one_user * s.cache_bytes / s.weight_bytes,
    "What is read for one user alone, over the weights that all share.",
    where=(cache_bytes, weight_bytes),
)
cache_to_weights_grouped = cache_to_weights.using(
    kv_bytes_grouped,
    about="The same where several heads share one key and one value.",
)
users_that_fit = Formula(
    s.largest_batch,
    s.one_user * floor(s.free_memory / (s.one_user * s.cache_bytes)),
    "Users whose caches fit into the memory that the weights leave.",
    where=(free_memory, cache_bytes),
)

# Traffic between accelerators

traffic_bytes = Formula(
    s.traffic_bytes,
    (s.chips - s.one_chip)
    / (s.chips * s.one_chip)
    * s.ring_passes
    * s.reductions_per_layer
    * s.layers
    * s.batch
    * s.hidden_bytes,
    "Bytes that each accelerator sends in a step: a ring all-reduce of every hidden state.",
    where=(hidden_bytes_of_width,),
)
traffic_time = Formula(
    s.traffic_time,
    s.traffic_bytes / s.link_bandwidth,
    "Time of that traffic, latency left out.",
    where=(traffic_bytes,),
)
slowdown_by_traffic = Formula(
    s.slowdown,
    (s.weight_time + s.reduce_time) / s.weight_time,
    "GPUs wait for each exchange: a lone user's step takes its time on top of the reading.",
    where=(weight_time, decode.reduce_time.using(hidden_bytes_of_width)),
)

# Experts and nodes

expert_batch = Formula(
    s.expert_batch,
    s.batch * s.experts_per_token / s.experts,
    "A batch is split among the experts: each sees only its share.",
)
cluster_chips = Formula(
    s.chips,
    s.chips_per_node * s.nodes,
    "Accelerators of a cluster split by tensor and by pipeline.",
)
parameters_per_node = Formula(
    s.parameters_per_node,
    s.parameters / s.nodes,
    "Each node holds its share of the layers.",
)
parameters_held = Formula(
    s.parameters_per_node,
    s.bytes_per_chip * s.chips_per_node / s.bytes_per_parameter,
    "Weights that fit where each accelerator of a node holds so many bytes.",
    where=(bytes_per_parameter,),
)
bytes_per_chip = Formula(
    s.bytes_per_chip,
    s.parameters_per_node * s.bytes_per_parameter / s.chips_per_node,
    "Each accelerator of a node holds its slice of the node's weights.",
    where=(parameters_per_node, bytes_per_parameter),
)
