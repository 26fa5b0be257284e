"""The glossary: every symbol of the book's equations, one line each.

A symbol has a name; its sign, unit, meaning and allowed range stand in `GLOSSARY` under
it. Plain numbers given for a symbol are in its unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from keyword import iskeyword
from typing import TYPE_CHECKING

from . import units
from .expressions import Symbol
from .own_names import own_names
from .suggest import suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sympy

__dir__ = own_names(__name__)


@dataclass(frozen=True)
class Range:
    """The values that a symbol may take, in its unit.

    Attributes:
        words: the range as an error message says it.
        low, high: its ends; an infinite `high` is never itself allowed.
        low_is_allowed: whether `low` itself is in the range; a finite `high` always is.

    """

    words: str
    low: float
    high: float = float("inf")
    low_is_allowed: bool = True


POSITIVE = Range("a positive number", 0.0, low_is_allowed=False)
NONNEGATIVE = Range("zero or a positive number", 0.0)
SHARE = Range("a share between 0 and 1", 0.0, 1.0)
AT_LEAST_ONE = Range("at least 1", 1.0)
SHARE_ABOVE_ZERO = Range("a share above 0, up to 1", 0.0, 1.0, low_is_allowed=False)
LOSS_OR_GAIN = Range("at least -1", -1.0)
SHARE_BELOW_ONE = Range("a share of at least 0 and less than 1", 0.0, 1 - 1e-9)


@dataclass(frozen=True)
class Entry:
    """One line of the glossary.

    Attributes:
        name: the symbol's name in code.
        sign: its sign in LaTeX.
        unit: the unit that plain numbers given for it are in.
        meaning: what it stands for.
        range: the values it may take.
        value: the value it has unless another is given; None if it must be given.

    """

    name: str
    sign: str
    unit: str
    meaning: str
    range: Range = POSITIVE
    value: float | None = None

    @property
    def shown_unit(self) -> str:
        """The unit as a legend gives it: none for a bare number."""
        return "" if self.unit in ("dimensionless", "fraction") else self.unit


GLOSSARY: dict[str, Entry] = {}
PLACE = "\N{WHITE SQUARE}"
"""Begins the text that stands in LaTeX for a value, before the name of its symbol."""


def _symbol(  # noqa: PLR0913, PLR0917 (a line of the glossary reads best as it stands)
    name: str,
    sign: str,
    unit: str,
    meaning: str,
    allowed: Range = POSITIVE,
    value: float | None = None,
) -> Symbol:
    if name in GLOSSARY:
        raise ValueError(f"symbol {name!r} is declared twice")
    GLOSSARY[name] = Entry(name, sign, unit, meaning, allowed, value)
    return Symbol(name)


def symbol(name: str) -> Symbol:
    """Return a symbol of the glossary, for an expression; LookupError with a hint if there is none."""
    if name not in GLOSSARY:
        raise LookupError(f"the glossary has no symbol {name}{suggestion(name, GLOSSARY)}")
    return Symbol(name)


_OWN: set[str] = set()


def new_symbol(  # noqa: PLR0913  (one argument a column of the glossary)
    name: str,
    unit: str,
    meaning: str,
    *,
    sign: str = "",
    allowed: Range = POSITIVE,
    value: float | None = None,
) -> Symbol:
    """Declare a symbol that the book does not have, and return it, for an expression.

    A second declaration takes the place of the first, as where a notebook's cell is run again.

    Args:
        name: its name in code, which no symbol of the book has.
        unit: the unit of plain numbers given for it, such as "watt/chip".
        meaning: what it stands for.
        sign: its sign in LaTeX; its name, unless another is given.
        allowed: the values that it may take, such as `SHARE`.
        value: the value it has unless another is given.

    Raises ValueError for a name that is taken or cannot be one, and UnitsError for a unit that
    is unknown.

    """
    if not name.isidentifier() or iskeyword(name):
        raise ValueError(f"name = {name!r}: must be a valid name in Python, such as idle_power")
    if name in GLOSSARY and name not in _OWN:
        raise ValueError(
            f"name = {name!r}: the glossary already has a symbol of that name: {GLOSSARY[name].meaning}"
        )
    units.dimensions(unit)
    GLOSSARY.pop(name, None)
    _OWN.add(name)
    with_values.cache_clear()
    written = name.replace("_", " ")  # MathML has no sign for LaTeX's underscore
    return _symbol(name, sign or rf"\text{{{written}}}", unit, meaning, allowed, value)


def entry(symbol: Symbol | sympy.Symbol) -> Entry:
    """Return the glossary's line for a symbol; KeyError if it has none."""
    return GLOSSARY[symbol.name]


@cache
def with_values() -> frozenset[str]:
    """Return the names of the symbols that have a value unless another is given."""
    return frozenset(name for name, line in GLOSSARY.items() if line.value is not None)


# fmt: off
# ruff: noqa: E501  (one line a symbol is easier to scan than a wrapped one)

# The machine
chips = _symbol("chips", "n", "chip", "accelerators that work on one model together", AT_LEAST_ONE)
peak_flops = _symbol("peak_flops", r"F", "FLOP/second/chip", "peak arithmetic rate of one accelerator at the precision used")
memory_bandwidth = _symbol("memory_bandwidth", r"\beta", "byte/second/chip", "rate at which one accelerator reads its own memory")
memory_capacity = _symbol("memory_capacity", "M", "byte/chip", "memory of one accelerator")
link_bandwidth = _symbol("link_bandwidth", r"\beta_\text{link}", "byte/second/chip", "rate at which one accelerator sends to its peers, one way")
ridge_point = _symbol("ridge_point", r"I^*", "FLOP/byte", "operations an accelerator can do in the time it reads one byte")
one_flop_per_byte = _symbol("one_flop_per_byte", "1", "FLOP/byte", "one operation per byte: a balanced machine", value=1)
orders_of_magnitude = _symbol("orders_of_magnitude", r"o", "dimensionless", "powers of ten between arithmetic and bandwidth")
total_bandwidth = _symbol("total_bandwidth", r"\beta_\text{total}", "byte/second", "memory bandwidth of all the accelerators together")
power_ratio = _symbol("power_ratio", r"r_\text{power}", "dimensionless", "power of an accelerator over power of a brain")
chip_power = _symbol("chip_power", r"P_\text{chip}", "watt/chip", "power an accelerator is rated for")
brain_power = _symbol("brain_power", r"P_\text{brain}", "watt", "power a human brain consumes")

# The model
parameters = _symbol("parameters", "N", "parameter", "weights of a model; where operations are counted, those that a token passes through")
bits_per_parameter = _symbol("bits_per_parameter", "b", "bit/parameter", "precision at which a weight is stored")
bits_per_byte = _symbol("bits_per_byte", r"8", "bit/byte", "bits in a byte", value=8)
bytes_per_parameter = _symbol("bytes_per_parameter", r"w", "byte/parameter", "storage of one weight")
multiplications = _symbol("multiplications", r"k_\times", "FLOP/parameter/token", "multiplications per weight and token")
additions = _symbol("additions", r"k_+", "FLOP/parameter/token", "additions per weight and token")
flop_per_parameter = _symbol("flop_per_parameter", r"k", "FLOP/parameter/token", "operations per weight and token: one multiplication, one addition")
flop_per_token = _symbol("flop_per_token", r"C", "FLOP/token", "operations that one token takes")
weight_bytes = _symbol("weight_bytes", "W", "byte", "storage of all the weights")
layers = _symbol("layers", "L", "dimensionless", "layers of the model", AT_LEAST_ONE)
hidden_size = _symbol("hidden_size", "d", "dimensionless", "width of the hidden state", AT_LEAST_ONE)
block_factor = _symbol("block_factor", r"c", "parameter", "weights of a layer over the square of its width; 12 in a standard transformer", value=12)
hidden_bytes = _symbol("hidden_bytes", r"h", "byte/token", "storage of one token's hidden state", NONNEGATIVE)
activation_bytes = _symbol("activation_bytes", r"a", "byte/token", "storage of one number of a token's hidden state", NONNEGATIVE)
compression = _symbol("compression", r"q", "dimensionless", "factor by which quantization shrinks the weights")
bits_before = _symbol("bits_before", r"b_0", "bit/parameter", "precision before quantization")

# One decode step
batch = _symbol("batch", "B", "token", "tokens computed together in a step, one for each request served", AT_LEAST_ONE)
compute_time = _symbol("compute_time", r"t_\text{compute}", "second", "time of a step's arithmetic at the peak rate")
weight_time = _symbol("weight_time", r"t_\text{weights}", "second", "time to read every weight once")
step_time = _symbol("step_time", r"t", "second", "time of one decode step")
arithmetic_intensity = _symbol("arithmetic_intensity", "I", "FLOP/byte", "operations done for each byte of weights read")
utilization = _symbol("utilization", "u", "fraction", "share of the peak arithmetic rate that is used", SHARE)
utilization_alone = _symbol("utilization_alone", "u_1", "fraction", "utilization with a single request", SHARE)
one_token = _symbol("one_token", r"1", "token", "a batch of one", value=1)
one_user = _symbol("one_user", r"1", "user", "a single user", value=1)
one_expert = _symbol("one_expert", r"1", "expert", "a single expert", value=1)
one_chip = _symbol("one_chip", r"1", "chip", "a single accelerator", value=1)
critical_batch = _symbol("critical_batch", r"B^*", "token", "batch at which arithmetic takes as long as reading the weights")
critical_users = _symbol("critical_users", r"U^*", "user", "users served at once with whom arithmetic takes as long as reading the weights")
cost_ratio = _symbol("cost_ratio", r"r_\text{alone}", "dimensionless", "cost of a token alone over its cost in a full batch")
read_per_written = _symbol("read_per_written", r"\lambda_\text{in}", "dimensionless", "prompt tokens read for each token written, without those found in a cache", NONNEGATIVE)
kv_vectors = _symbol("kv_vectors", r"v", "1/token", "vectors cached per layer and token: one key, one value", value=2)
cache_value_bytes = _symbol("cache_value_bytes", r"a_\text{kv}", "byte", "storage of one number in the cache")
kv_bytes_per_token = _symbol("kv_bytes_per_token", r"\kappa", "byte/token", "cache that one token of context takes")
cache_breakeven = _symbol("cache_breakeven", r"U_\text{cache}", "user", "users at which their caches outweigh the weights")
context = _symbol("context", r"s", "token/user", "tokens of context that the cache holds for each user", NONNEGATIVE)
cache_bytes = _symbol("cache_bytes", r"K", "byte/user", "cache of one user", NONNEGATIVE)
cache_total = _symbol("cache_total", r"K_\text{all}", "byte", "cache of all users together", NONNEGATIVE)
cache_to_weights = _symbol("cache_to_weights", r"r_K", "dimensionless", "cache of one user over the weights", NONNEGATIVE)
free_memory = _symbol("free_memory", r"M_\text{free}", "byte", "memory that the weights leave for the cache", NONNEGATIVE)
chips_needed = _symbol("chips_needed", r"n_\text{min}", "chip", "fewest accelerators that hold the weights")
share_of_layer = _symbol("share_of_layer", r"\sigma", "fraction", "share of each layer that one accelerator holds", SHARE)

# The shape of a model
stored_parameters = _symbol("stored_parameters", r"N_\text{all}", "parameter", "all weights of a model, every expert counted")
expert_parameters = _symbol("expert_parameters", r"N_\text{e}", "parameter/expert", "weights of one expert of one layer")
active_parameters = _symbol("active_parameters", r"N_\text{act}", "parameter", "weights that one token passes through, experts chosen")
shared_parameters = _symbol("shared_parameters", r"N_\text{sh}", "parameter", "weights that every token passes through", NONNEGATIVE)
routed_parameters = _symbol("routed_parameters", r"N_\text{E}", "parameter", "weights of all experts in all layers", NONNEGATIVE)
input_embedding = _symbol("input_embedding", r"N_\text{in}", "parameter", "table of which a token reads one row: the input embedding, where it is a table of its own", NONNEGATIVE)
routed_share = _symbol("routed_share", r"\phi_E", "fraction", "share of the weights that belongs to experts", SHARE_BELOW_ONE)
embedding_share = _symbol("embedding_share", r"\phi_\text{in,N}", "fraction", "share of the weights that is the input embedding, where that is a table of its own", SHARE_BELOW_ONE)
vocabulary = _symbol("vocabulary", r"\nu", "parameter", "entries of the vocabulary, each a row as wide as the hidden state")
ffn_matrices = _symbol("ffn_matrices", "3", "parameter/expert", "matrices of a gated feed-forward block: up, gate and down", value=3)
ffn_size = _symbol("ffn_size", r"d_\text{ffn}", "dimensionless", "inner width of one expert's feed-forward block", AT_LEAST_ONE)
expert_layers = _symbol("expert_layers", r"L_E", "dimensionless", "layers that have experts", NONNEGATIVE)
heads = _symbol("heads", r"n_h", "dimensionless", "attention heads of a layer", AT_LEAST_ONE)
kv_heads = _symbol("kv_heads", r"n_\text{kv}", "dimensionless", "heads of a layer that have keys and values of their own", AT_LEAST_ONE)
head_size = _symbol("head_size", r"d_h", "dimensionless", "width of one attention head", AT_LEAST_ONE)
key_width = _symbol("key_width", r"d_k", "dimensionless", "numbers that a head compares for each token of context")
value_width = _symbol("value_width", r"d_v", "dimensionless", "numbers that a head sums up for each token of context")
latent_size = _symbol("latent_size", r"d_c", "1/token", "numbers of the latent vector that stands for a token's keys and values")
position_size = _symbol("position_size", r"d_r", "1/token", "numbers cached beside the latent vector for the token's position", NONNEGATIVE)
cached_values = _symbol("cached_values", r"v_\text{kv}", "1/token", "numbers that a layer caches for each token of context")
multiply_add = _symbol("multiply_add", "2", "FLOP/token", "operations for each number of a dot product: one multiplication and one addition", value=2)
attention_flop = _symbol("attention_flop", r"C_\text{att}", "FLOP/token", "operations of attention for each token of context that a new token attends to")
windowed_layers = _symbol("windowed_layers", r"L_w", "dimensionless", "layers that attend to a window only", NONNEGATIVE)
windowed_share = _symbol("windowed_share", r"\phi_w", "fraction", "share of the layers that attend to a window only", SHARE)
window = _symbol("window", r"s_w", "token/user", "tokens that a windowed layer attends to")
attended_context = _symbol("attended_context", r"\bar s", "token/user", "context that a layer attends to, on average over the layers", NONNEGATIVE)
kept_share = _symbol("kept_share", r"\phi_\text{kept}", "fraction", "of the tokens that a layer does not attend to, the share that it keeps: 1 where it selects among all tokens, 0 where it forgets them", SHARE, value=0)
kept_context = _symbol("kept_context", r"\hat s", "token/user", "context that a layer keeps, on average over the layers", NONNEGATIVE)
state_bytes = _symbol("state_bytes", r"K_\text{state}", "byte/user", "what layers keep of a user whatever the length of the context: the states of linear attention", NONNEGATIVE, value=0)

# The weights and the cache of a shape, counted
one_weight = _symbol("one_weight", "1", "parameter", "a single weight", value=1)
full_layers = _symbol("full_layers", r"L_a", "dimensionless", "layers that attend to the whole context", NONNEGATIVE)
linear_layers = _symbol("linear_layers", r"L_l", "dimensionless", "layers of linear attention, which keep a state in place of a cache", NONNEGATIVE)
recurrent_layers = _symbol("recurrent_layers", r"L_r", "dimensionless", "state-space layers, which keep a state in place of a cache", NONNEGATIVE)
attention_weights = _symbol("attention_weights", r"N_a", "parameter", "weights of the attention of one layer", NONNEGATIVE)
windowed_weights = _symbol("windowed_weights", r"N_w", "parameter", "weights of the attention of one layer with a window", NONNEGATIVE)
linear_weights = _symbol("linear_weights", r"N_l", "parameter", "weights of one layer of linear attention", NONNEGATIVE, value=0)
gate_weights = _symbol("gate_weights", r"N_g", "parameter", "weights that gate the output of a layer of linear attention", NONNEGATIVE)
recurrent_weights = _symbol("recurrent_weights", r"N_r", "parameter", "weights of one state-space layer", NONNEGATIVE, value=0)
index_weights = _symbol("index_weights", r"N_i", "parameter", "weights with which a layer selects tokens", NONNEGATIVE, value=0)
compressor_weights = _symbol("compressor_weights", r"N_m", "parameter", "weights with which all layers make one entry of the cache from several tokens", NONNEGATIVE, value=0)
query_weights = _symbol("query_weights", r"N_q", "parameter", "weights that make the queries of one layer", NONNEGATIVE)
attention_parameters = _symbol("attention_parameters", r"N_\text{att}", "parameter", "weights of attention, or of what is in its place, in all layers", NONNEGATIVE)
dense_parameters = _symbol("dense_parameters", r"N_\text{ff}", "parameter", "weights of the feed-forward blocks that every token passes through, and weights that choose the experts", NONNEGATIVE)
narrowing_parameters = _symbol("narrowing_parameters", r"N_n", "parameter", "weights that make the hidden state narrow for the experts, and wide again", NONNEGATIVE, value=0)
layer_input_parameters = _symbol("layer_input_parameters", r"N_\text{ple}", "parameter", "weights that bring a token's own input to every layer", NONNEGATIVE, value=0)
output_embedding = _symbol("output_embedding", r"N_\text{out}", "parameter", "table that turns the last hidden state into a choice among the vocabulary", NONNEGATIVE)
tower_parameters = _symbol("tower_parameters", r"N_\text{tower}", "parameter", "weights that turn images or sound into hidden states", NONNEGATIVE)
query_projections = _symbol("query_projections", r"g_q", "dimensionless", "matrices as wide as the queries: one that makes the queries, and one more where there is an output gate", AT_LEAST_ONE, value=1)
kv_projections = _symbol("kv_projections", r"g_\text{kv}", "dimensionless", "matrices that make keys and values: one where they are the same", AT_LEAST_ONE, value=2)
query_latent = _symbol("query_latent", r"d_q", "dimensionless", "width of the latent vector from which queries are made", AT_LEAST_ONE)
value_size = _symbol("value_size", r"d_{hv}", "dimensionless", "width of a head's values, where it differs from that of the keys", AT_LEAST_ONE)
windowed_heads = _symbol("windowed_heads", r"n_{h,w}", "dimensionless", "attention heads of a layer with a window", AT_LEAST_ONE)
windowed_kv_heads = _symbol("windowed_kv_heads", r"n_{\text{kv},w}", "dimensionless", "heads of a layer with a window that have keys and values of their own", AT_LEAST_ONE)
windowed_head_size = _symbol("windowed_head_size", r"d_{h,w}", "dimensionless", "width of a head of a layer with a window", AT_LEAST_ONE)
index_layers = _symbol("index_layers", r"L_i", "dimensionless", "layers that select tokens", NONNEGATIVE)
index_heads = _symbol("index_heads", r"n_i", "dimensionless", "heads with which a layer selects tokens", AT_LEAST_ONE)
index_size = _symbol("index_size", r"d_i", "dimensionless", "width of a head that selects tokens, and numbers cached for each token that it can select", NONNEGATIVE)
dense_layers = _symbol("dense_layers", r"L_d", "dimensionless", "layers whose feed-forward block has no experts", NONNEGATIVE)
dense_ffn_size = _symbol("dense_ffn_size", r"d_\text{ffn,d}", "dimensionless", "inner width of a feed-forward block without experts, on average", AT_LEAST_ONE)
shared_ffn_size = _symbol("shared_ffn_size", r"d_\text{ffn,s}", "dimensionless", "inner width of a layer's shared experts, which every token passes through, all together", NONNEGATIVE, value=0)
expert_input = _symbol("expert_input", r"d_E", "dimensionless", "width of an expert's input, where that is not the hidden state itself", AT_LEAST_ONE)
layer_input = _symbol("layer_input", r"d_p", "dimensionless", "width of the further input that each layer has of its own for a token", NONNEGATIVE)
linear_key_heads = _symbol("linear_key_heads", r"n_{l,k}", "dimensionless", "key heads of linear attention", AT_LEAST_ONE)
linear_key_size = _symbol("linear_key_size", r"d_{l,k}", "dimensionless", "width of a key head of linear attention", AT_LEAST_ONE)
linear_value_heads = _symbol("linear_value_heads", r"n_{l,v}", "dimensionless", "value heads of linear attention", AT_LEAST_ONE)
linear_value_size = _symbol("linear_value_size", r"d_{l,v}", "dimensionless", "width of a value head of linear attention", AT_LEAST_ONE)
gate_latent = _symbol("gate_latent", r"d_g", "dimensionless", "width of the latent vector from which gates of linear attention are made", AT_LEAST_ONE)
recurrent_heads = _symbol("recurrent_heads", r"n_r", "dimensionless", "heads of a state-space layer", AT_LEAST_ONE)
recurrent_head_size = _symbol("recurrent_head_size", r"d_\text{state}", "dimensionless", "width of a state-space layer's head", AT_LEAST_ONE)
recurrent_groups = _symbol("recurrent_groups", r"g_r", "dimensionless", "groups of a state-space layer's heads that share their inputs", AT_LEAST_ONE)
state_size = _symbol("state_size", r"d_s", "dimensionless", "numbers of state for each number of a state-space layer's width", AT_LEAST_ONE)
convolution = _symbol("convolution", r"k_\text{conv}", "dimensionless", "tokens that a layer's convolution spans", AT_LEAST_ONE)
state_value_bytes = _symbol("state_value_bytes", r"a_s", "byte", "storage of one number of a state")
convolved_value_bytes = _symbol("convolved_value_bytes", r"a_c", "byte", "storage of one number that a convolution looks back at")
linear_state_bytes = _symbol("linear_state_bytes", r"K_l", "byte/user", "states of the layers of linear attention", NONNEGATIVE)
recurrent_state_bytes = _symbol("recurrent_state_bytes", r"K_r", "byte/user", "states of the state-space layers", NONNEGATIVE)
caching_layers = _symbol("caching_layers", r"L_\text{kv}", "dimensionless", "layers that keep a cache of the whole context; others may share it", NONNEGATIVE)
windowed_caching_layers = _symbol("windowed_caching_layers", r"L_{\text{kv},w}", "dimensionless", "layers that keep a cache of their window; others may share it", NONNEGATIVE)
growing_cache = _symbol("growing_cache", r"\kappa_\infty", "byte/token", "cache that every token of context takes as long as the request lasts", NONNEGATIVE)
passing_cache = _symbol("passing_cache", r"\kappa_w", "byte/token", "cache of a token that is kept only while it is in the window, or read only while it is selected", NONNEGATIVE)
compressed_layers = _symbol("compressed_layers", r"L_m", "dimensionless", "layers whose cache has one entry for every few tokens, and which select among these entries", NONNEGATIVE)
heavily_compressed_layers = _symbol("heavily_compressed_layers", r"L_M", "dimensionless", "layers whose cache has one entry for many tokens", NONNEGATIVE)
tokens_per_entry = _symbol("tokens_per_entry", r"m_\text{entry}", "dimensionless", "tokens for which a compressing layer keeps one entry", AT_LEAST_ONE)
tokens_per_heavy_entry = _symbol("tokens_per_heavy_entry", r"M_m", "dimensionless", "tokens for which a heavily compressing layer keeps one entry", AT_LEAST_ONE)
output_latent = _symbol("output_latent", r"d_o", "dimensionless", "width of the latent vector that a group of heads puts out", AT_LEAST_ONE)
output_groups = _symbol("output_groups", r"g_o", "dimensionless", "groups of heads that put out a latent vector each", AT_LEAST_ONE)
tower_layers = _symbol("tower_layers", r"L_t", "dimensionless", "layers of a tower that turns images or sound into hidden states", NONNEGATIVE)
tower_size = _symbol("tower_size", r"d_t", "dimensionless", "width of a tower's hidden state", AT_LEAST_ONE)
tower_ffn_size = _symbol("tower_ffn_size", r"d_{t,\text{ffn}}", "dimensionless", "inner width of a tower's feed-forward block", AT_LEAST_ONE)
format_bits = _symbol("format_bits", r"b_f", "bit/parameter", "bits of a number of a format, its share of a scale not counted")
scale_bits = _symbol("scale_bits", r"b_s", "bit", "bits of what a block of numbers shares, such as a scale", NONNEGATIVE)
block_size = _symbol("block_size", r"n_b", "parameter", "numbers that share a scale")
expert_bits = _symbol("expert_bits", r"b_E", "bit/parameter", "precision at which an expert's weights are stored")
other_bits = _symbol("other_bits", r"b_o", "bit/parameter", "precision at which all other weights are stored")

# A decode step on a real machine
stages = _symbol("stages", r"P", "dimensionless", "pipeline stages, each holding some of the layers", AT_LEAST_ONE)
replicas = _symbol("replicas", r"R_\text{sh}", "dimensionless", "copies of the shared weights in a stage, each serving its part of the batch", AT_LEAST_ONE)
tensor_width = _symbol("tensor_width", r"n_T", "chip", "accelerators that split each shared layer among them", AT_LEAST_ONE)
micro_users = _symbol("micro_users", r"U_\mu", "user", "users in one micro-batch, into which the stages split a batch; at least one for each copy of the shared weights", AT_LEAST_ONE)
routed_tokens = _symbol("routed_tokens", r"B_E^\mu", "token", "tokens of one micro-batch that choose experts")
micro_tokens = _symbol("micro_tokens", r"B_\mu", "token", "tokens in one micro-batch")
bandwidth_share = _symbol("bandwidth_share", r"\eta_\beta", "fraction", "share of the memory bandwidth that kernels achieve", SHARE_ABOVE_ZERO)
compute_share = _symbol("compute_share", r"\eta_F", "fraction", "share of the peak arithmetic rate that kernels achieve", SHARE_ABOVE_ZERO)
stage_bandwidth = _symbol("stage_bandwidth", r"\beta_P", "byte/second", "bandwidth that the accelerators of a stage achieve together")
attention_flops = _symbol("attention_flops", r"F_\text{att}", "FLOP/second/chip", "peak arithmetic rate at the precision of attention")
coverage = _symbol("coverage", r"c_E", "fraction", "expected share of the experts that the tokens of a step are routed to", SHARE)
weights_read = _symbol("weights_read", r"W_\text{read}", "byte", "weights that a step reads, or all stages for one micro-batch (a part of the batch)")
linear_time = _symbol("linear_time", r"t_\text{lin}", "second", "time of the layers' matrix products: reading or arithmetic, whichever is longer", NONNEGATIVE)
cache_copies = _symbol("cache_copies", r"\chi", "dimensionless", "copies of the cache, where more accelerators share a layer than it has key-value heads")
cache_read = _symbol("cache_read", r"K_\text{read}", "byte", "cache read for one micro-batch, over all stages", NONNEGATIVE)
cache_time = _symbol("cache_time", r"t_\text{cache}", "second", "time to read the cache of every user", NONNEGATIVE)
attention_compute_time = _symbol("attention_compute_time", r"t_\text{att,F}", "second", "time of attention's arithmetic", NONNEGATIVE)
attention_time = _symbol("attention_time", r"t_\text{att}", "second", "time of attention over the cache: reading or arithmetic, whichever is longer", NONNEGATIVE)
node_size = _symbol("node_size", r"n_\text{fast}", "chip", "accelerators that fast links join", AT_LEAST_ONE)
group_in_node = _symbol("group_in_node", r"g_T", "chip", "accelerators of a tensor-parallel group inside one node", AT_LEAST_ONE)
group_nodes = _symbol("group_nodes", r"G_T", "dimensionless", "nodes that a tensor-parallel group spans", AT_LEAST_ONE)
node_bandwidth = _symbol("node_bandwidth", r"\beta_\text{net}", "byte/second/chip", "rate at which one accelerator sends to other nodes, one way")
link_latency = _symbol("link_latency", r"\alpha_\text{link}", "second", "time of an all-reduce of very few bytes inside a node", NONNEGATIVE)
node_latency = _symbol("node_latency", r"\alpha_\text{net}", "second", "time that crossing to other nodes adds", NONNEGATIVE)
hop_latency = _symbol("hop_latency", r"\alpha_\text{hop}", "second", "time of one hop from an accelerator to the next", NONNEGATIVE)
reduced_bytes = _symbol("reduced_bytes", r"m_\text{red}", "byte", "hidden states that one all-reduce adds up", NONNEGATIVE)
link_sent = _symbol("link_sent", r"V_\text{link}", "byte/chip", "bytes that each accelerator sends inside its node in one all-reduce", NONNEGATIVE)
net_sent = _symbol("net_sent", r"V_\text{net}", "byte/chip", "bytes that each accelerator sends to other nodes in one all-reduce", NONNEGATIVE)
reduce_latency = _symbol("reduce_latency", r"\alpha", "second", "latency of one all-reduce", NONNEGATIVE)
reduce_time = _symbol("reduce_time", r"t_\text{red}", "second", "time of a step's all-reduces", NONNEGATIVE)
exchanging_layers = _symbol("exchanging_layers", r"L_x", "dimensionless", "layers whose tokens travel to experts on other accelerators and back", NONNEGATIVE)
exchanged_bytes = _symbol("exchanged_bytes", r"a_x", "byte/token", "storage of one number of a hidden state on its way to an expert and back, both together", NONNEGATIVE)
outside_share = _symbol("outside_share", r"\phi_\text{out}", "fraction", "share of the experts that lie in other nodes", SHARE)
inside_share = _symbol("inside_share", r"\phi_\text{in}", "fraction", "share of the experts that lie on other accelerators of the same node", SHARE)
exchange_sent = _symbol("exchange_sent", r"V_x", "byte/chip", "bytes that each accelerator exchanges with experts in one layer, there and back, its own experts included", NONNEGATIVE)
one_way_latency = _symbol("one_way_latency", r"\alpha_\text{way}", "second", "latency of one all-to-all, there or back", NONNEGATIVE)
both_ways = _symbol("both_ways", "2", "dimensionless", "ways of an exchange: there and back", value=2)
bytes_there = _symbol("bytes_there", r"a_\text{there}", "byte/token", "storage of one number of a hidden state on its way to an expert", NONNEGATIVE)
bytes_back = _symbol("bytes_back", r"a_\text{back}", "byte/token", "storage of one number of a hidden state on its way back", NONNEGATIVE)
exchange_latency = _symbol("exchange_latency", r"\alpha_x", "second", "latency of one all-to-all and its return", NONNEGATIVE)
exchange_time = _symbol("exchange_time", r"t_x", "second", "time of a step's all-to-alls", NONNEGATIVE)
handover_time = _symbol("handover_time", r"t_P", "second", "time in which hidden states pass from stage to stage", NONNEGATIVE)
traffic_overlap = _symbol("traffic_overlap", r"\omega_x", "fraction", "share of the traffic that is hidden behind other work", SHARE)
exposed_traffic = _symbol("exposed_traffic", r"t_\text{traffic}", "second", "time of the traffic that is not hidden behind other work", NONNEGATIVE)
exposed_latency = _symbol("exposed_latency", r"t_\text{lat}", "second", "latency of a step's all-reduces that no other work hides", NONNEGATIVE)
exposed_volume = _symbol("exposed_volume", r"t_\text{vol}", "second", "time in which a step's all-reduces move their bytes and no other work hides it", NONNEGATIVE)
exposed_exchange = _symbol("exposed_exchange", r"t_\text{x,open}", "second", "time of the all-to-alls that no other work hides", NONNEGATIVE)
exposed_handover = _symbol("exposed_handover", r"t_\text{P,open}", "second", "time of handing over from stage to stage that no other work hides", NONNEGATIVE)
work_overlap = _symbol("work_overlap", r"\omega_F", "fraction", "share of the shorter of reading and arithmetic that is done during the longer", SHARE, value=1)
work_hidden = _symbol("work_hidden", r"h_\text{lin}", "second", "time of the matrix products' reading or arithmetic that the longer of the two hides", NONNEGATIVE)
attention_hidden = _symbol("attention_hidden", r"h_\text{att}", "second", "time of attention's reading or arithmetic that the longer of the two hides", NONNEGATIVE)
unpack_flop = _symbol("unpack_flop", r"k_\upsilon", "FLOP/parameter", "operations that turn a stored weight into one that can be multiplied", NONNEGATIVE, value=0)
general_flops = _symbol("general_flops", r"F_\upsilon", "FLOP/second/chip", "arithmetic rate of one accelerator outside its matrix units, in 32 bits")
unpack_time = _symbol("unpack_time", r"t_\upsilon", "second", "time to unpack the weights", NONNEGATIVE)
layer_time = _symbol("layer_time", r"\theta", "second", "fixed time per layer: kernel launches, norms, and other work that more accelerators do not shorten", NONNEGATIVE)
fixed_time = _symbol("fixed_time", r"t_\text{fix}", "second", "fixed time of a step", NONNEGATIVE)

# Speculation
draft_length = _symbol("draft_length", r"\gamma", "token/user", "tokens guessed ahead for each user", NONNEGATIVE, value=0)
one_token_each = _symbol("one_token_each", r"1", "token/user", "one token for each user", value=1)
acceptance = _symbol("acceptance", r"a_\gamma", "fraction", "chance that a guessed token is kept", SHARE_BELOW_ONE, value=0)
accepted_tokens = _symbol("accepted_tokens", r"\tau_\text{kept}", "token/user", "tokens that a user gets in a step: one, and the guesses that prove right", POSITIVE)
draft_cost = _symbol("draft_cost", r"c_\gamma", "user/token", "time of guessing one token, over the time of a step", NONNEGATIVE, value=0)
guess_time = _symbol("guess_time", r"t_\gamma", "second", "time of the guesses before a step", NONNEGATIVE)
round_time = _symbol("round_time", r"t_\text{round}", "second", "time of a step, and of guessing tokens before it")

# What a step gives
throughput = _symbol("throughput", r"X", "token/second", "tokens that all accelerators together generate")
ideal_compute_time = _symbol("ideal_compute_time", r"t_\text{ideal}", "second", "time of the arithmetic that kept tokens need, at the peak rate")
flops_utilization = _symbol("flops_utilization", r"\text{MFU}", "fraction", "share of the peak arithmetic rate that kept tokens use", SHARE)
bandwidth_utilization = _symbol("bandwidth_utilization", r"\text{MBU}", "fraction", "share of the memory bandwidth that a step uses", SHARE)
usable_share = _symbol("usable_share", r"\phi_M", "fraction", "share of the memory that weights and cache may fill", SHARE_ABOVE_ZERO)
weights_held = _symbol("weights_held", r"W_\text{held}", "byte", "storage of the weights, copies counted")
cache_held = _symbol("cache_held", r"K_\text{held}", "byte", "storage of the caches of all users, copies counted", NONNEGATIVE)
memory_needed = _symbol("memory_needed", r"M_\text{need}", "byte", "memory that weights and caches take")
memory_usable = _symbol("memory_usable", r"M_\text{use}", "byte", "memory that weights and caches may fill")
room = _symbol("room", r"M_\text{room}", "byte", "memory that the weights leave for caches", NONNEGATIVE)
memory_filled = _symbol("memory_filled", r"\mu_M", "fraction", "share of the memory that weights and caches take")
memory_reported = _symbol("memory_reported", r"M_\text{rep}", "byte/chip", "memory that the driver of one accelerator reports")
engine_share = _symbol("engine_share", r"\phi_\text{engine}", "fraction", "share of the reported memory that an engine takes", SHARE_ABOVE_ZERO)
most_engine_share = _symbol("most_engine_share", r"\hat\phi_E", "fraction", "largest share of the reported memory that engines are run with", SHARE_ABOVE_ZERO)
wide_parameters = _symbol("wide_parameters", r"N_{16}", "parameter", "weights that stay in 16 bits where the others are stored in fewer: the embeddings", NONNEGATIVE, value=0)
wide_bytes = _symbol("wide_bytes", r"b_{16}", "byte/parameter", "storage of a weight in 16 bits", value=2)
loading_share = _symbol("loading_share", r"\lambda_\text{load}", "fraction", "what loading adds to the weights as stored: padding, and further parts left in 16 bits", NONNEGATIVE)
weights_loaded = _symbol("weights_loaded", r"W_\text{load}", "byte", "memory of the weights once they are loaded")
runtime_share = _symbol("runtime_share", r"\phi_\text{run}", "fraction", "share of the reported memory that libraries and the buffers of links take", NONNEGATIVE)
graph_memory = _symbol("graph_memory", r"M_\text{graph}", "byte/chip", "memory that recorded kernels take on an accelerator", NONNEGATIVE)
passed_tokens = _symbol("passed_tokens", r"\ell_\text{pass}", "token", "most tokens that pass through the layers together: of prompts, whole or in chunks", NONNEGATIVE)
whole_width = _symbol("whole_width", r"w_1", "1/chip", "how many times its hidden state a token takes on every accelerator, at the moment when it takes most", NONNEGATIVE)
split_width = _symbol("split_width", r"w_T", "dimensionless", "numbers of a token, at the moment when most are alive, that accelerators split among them, over its hidden state", NONNEGATIVE)
activation_peak = _symbol("activation_peak", r"M_\text{act}", "byte/chip", "memory of the tokens that pass through, at the peak", NONNEGATIVE)
fragment_share = _symbol("fragment_share", r"\phi_\text{frag}", "fraction", "share of the reported memory that is lost to fragments", NONNEGATIVE)
memory_started = _symbol("memory_started", r"M_\text{start}", "byte", "memory of a started engine that is no cache")
memory_lent = _symbol("memory_lent", r"M_\text{lent}", "byte", "memory that an engine takes")
cache_filled = _symbol("cache_filled", r"K_\text{fill}", "byte", "memory that caches fill, where no user is spread over two copies of the weights", NONNEGATIVE)
largest_batch = _symbol("largest_batch", r"U_\text{max}", "user", "most users whose caches fit", NONNEGATIVE)
chip_rent = _symbol("chip_rent", r"p_t", "dollar/chip/second", "rent of one accelerator")
cost_per_token = _symbol("cost_per_token", r"p_\text{token}", "dollar/token", "cost of a generated token")
energy_per_token = _symbol("energy_per_token", r"\epsilon_\text{token}", "joule/token", "energy of a generated token")
prompt = _symbol("prompt", r"\ell_\text{in}", "token/user", "tokens of a request's prompt")
answer = _symbol("answer", r"\ell_\text{ans}", "token/user", "tokens generated for a request")
prompt_attention_flop = _symbol("prompt_attention_flop", r"C_\text{att,in}", "FLOP/token", "operations of attention for each token of context, while a prompt is read in")
prompt_attended = _symbol("prompt_attended", r"\bar\ell_\text{in}", "token/user", "tokens of the prompt that each of its tokens attends to, on average")
prefill_time = _symbol("prefill_time", r"t_\text{in}", "second", "time in which the prompts of a batch are read in")
request_time = _symbol("request_time", r"t_\text{req}", "second", "time of a request from its prompt to its last token")

# Requests under load
concurrency = _symbol("concurrency", r"U_\text{all}", "user", "requests that a server has at once, waiting or being answered", AT_LEAST_ONE)
decoding_users = _symbol("decoding_users", r"U_\text{gen}", "user", "requests in generation, where some others wait or have their prompt read")
admitted_users = _symbol("admitted_users", r"U_\text{in}", "user", "requests whose caches a server holds", AT_LEAST_ONE)
standing_time = _symbol("standing_time", r"t_0", "second", "time that a step takes even for a single token", NONNEGATIVE)
prompt_sharing = _symbol("prompt_sharing", r"\omega_\text{in}", "fraction", "share of a step's fixed time that a prompt need not pay again: 1 where it is read inside the steps of others (chunked prefill), 0 where those steps stop for it", SHARE, value=0)
prompt_time = _symbol("prompt_time", r"t_\text{prompt}", "second/user", "time that reading a request's prompt takes from all other requests", NONNEGATIVE)
reading_time = _symbol("reading_time", r"t_\text{read}", "second", "time from a request's turn to its first token", NONNEGATIVE)
host_time = _symbol("host_time", r"\theta_\text{host}", "second/user", "time that the host adds to a step for each user: sampling, scheduling, sending", NONNEGATIVE, value=0)
time_per_token = _symbol("time_per_token", r"t_\text{token}", "second/token", "time from a token of an answer to the next, prompts of others included")
answer_time = _symbol("answer_time", r"t_\text{ans}", "second", "time of an answer from its first token to its last")
engine_delay = _symbol("engine_delay", r"\theta_\text{delay}", "second", "time from a request's arrival until its prompt can be read: network, splitting into tokens, scheduling", NONNEGATIVE, value=0)
burst_share = _symbol("burst_share", r"\phi_\text{burst}", "fraction", "share of the requests that come all at once", SHARE, value=0)
burst_wait = _symbol("burst_wait", r"w_\text{burst}", "second", "wait for the prompts of those who came at the same moment", NONNEGATIVE)
memory_wait = _symbol("memory_wait", r"w_M", "second", "wait for memory that others fill", NONNEGATIVE)
queue_wait = _symbol("queue_wait", r"w_\text{queue}", "second", "wait for the prompts of those who came before, if requests come at random", NONNEGATIVE, value=0)
first_token_time = _symbol("first_token_time", r"t_\text{first}", "second", "time from a request's arrival to its first token", NONNEGATIVE)
request_rate = _symbol("request_rate", r"\lambda", "user/second", "requests that come in each second", NONNEGATIVE)
requests_done = _symbol("requests_done", r"X_U", "user/second", "requests that are done in each second")
reading_share = _symbol("reading_share", r"\rho_\text{in}", "fraction", "share of the time in which prompts are read", SHARE_BELOW_ONE)
busy_share = _symbol("busy_share", r"\phi_\text{busy}", "fraction", "share of the time in which a service has these requests; else it has none", SHARE_ABOVE_ZERO, value=1)
prompt_token_cost = _symbol("prompt_token_cost", r"p_\text{in}", "dollar/token", "cost of reading a token of a prompt", NONNEGATIVE)
answer_token_cost = _symbol("answer_token_cost", r"p_\text{out}", "dollar/token", "cost of a token of an answer, without that of its prompt", NONNEGATIVE)
input_length = _symbol("input_length", r"\ell_\text{all}", "token/user", "tokens of a prompt, with those that a cache holds")
cached_share = _symbol("cached_share", r"\phi_\text{hit}", "fraction", "share of a prompt that a cache holds", SHARE_BELOW_ONE, value=0)
transfer_bandwidth = _symbol("transfer_bandwidth", r"\beta_\text{move}", "byte/second/chip", "rate at which one accelerator sends caches to the machines that answer")
transfer_time = _symbol("transfer_time", r"t_\text{move}", "second", "time in which a prompt's cache moves to the machines that answer", NONNEGATIVE)
readers = _symbol("readers", r"n_\text{read}", "dimensionless", "groups of machines that read prompts")
prompt_rate = _symbol("prompt_rate", r"\lambda_\text{prompt}", "user/second", "prompts that are read in each second")
readers_per_writer = _symbol("readers_per_writer", r"r_\text{read}", "dimensionless", "groups that read prompts, over groups that answer", NONNEGATIVE)

# Traffic of tensor parallelism
reductions_per_layer = _symbol("reductions_per_layer", r"r", "dimensionless", "all-reduces per layer: one after attention, one after the feed-forward block", value=2)
ring_passes = _symbol("ring_passes", "2", "dimensionless", "times a vector goes round a ring: once to be summed, once to be shared", value=2)
traffic_bytes = _symbol("traffic_bytes", r"V", "byte/chip", "bytes that each accelerator sends in one step (ring all-reduce)", NONNEGATIVE)
slowdown = _symbol("slowdown", r"r_\text{link}", "dimensionless", "time of a step with the traffic between accelerators, over its time without", AT_LEAST_ONE)
traffic_time = _symbol("traffic_time", r"t_\text{link}", "second", "time of a step's traffic at the link's rate, without latency", NONNEGATIVE)

# Experts, nodes
experts = _symbol("experts", "E", "expert", "experts per layer of a mixture-of-experts model", AT_LEAST_ONE)
experts_per_token = _symbol("experts_per_token", "k_E", "expert", "experts that each token is routed to", AT_LEAST_ONE)
expert_batch = _symbol("expert_batch", r"B_E", "token", "tokens that each expert gets in a step when the load is even")
nodes = _symbol("nodes", r"n_\text{nodes}", "dimensionless", "groups of accelerators, each holding some of the layers", AT_LEAST_ONE)
chips_per_node = _symbol("chips_per_node", r"n_\text{T}", "chip", "accelerators of one group; they share each of the group's layers", AT_LEAST_ONE)
parameters_per_node = _symbol("parameters_per_node", r"N_\text{node}", "parameter", "weights held by one node")
bytes_per_chip = _symbol("bytes_per_chip", r"W_\text{chip}", "byte/chip", "weights held by one accelerator")

# Demand
concurrent_users = _symbol("concurrent_users", r"U", "user", "users for whom a token is being generated at any moment")
tokens_per_user_step = _symbol("tokens_per_user_step", r"\tau", "token/user", "tokens per user in one step: one, without guessing ahead", value=1)
audience_share = _symbol("audience_share", r"\phi_A", "fraction", "users of a service as a share of a known audience")
time_share = _symbol("time_share", r"\delta", "fraction", "share of the day that a user is being served", SHARE)
daily_use = _symbol("daily_use", r"T_\text{use}", "second", "time per day that a user is being served")
generation_share = _symbol("generation_share", r"\gamma_\text{gen}", "fraction", "share of a user's time with the service in which tokens are made", SHARE_ABOVE_ZERO)
use_on_active_days = _symbol("use_on_active_days", r"T_\text{active}", "second", "time of use on a day on which the service is used")
active_days = _symbol("active_days", r"n_\text{active}", "dimensionless", "days of use in a month")
month = _symbol("month", r"T_\text{month}", "second", "length of a month")
day = _symbol("day", r"T_\text{day}", "second", "length of a day", value=86_400)
message_rate = _symbol("message_rate", r"\mu", "request/second", "messages that an audience sends, each asking for one answer")
audience = _symbol("audience", r"U_\text{known}", "user", "users of a known service")
tokens_per_message = _symbol("tokens_per_message", r"\ell_\text{out}", "token/request", "tokens of an answer")
user_base = _symbol("user_base", r"U_\text{base}", "user", "users that a service must have, so that a given number of them are served at any moment")
steady_margin = _symbol("steady_margin", r"m", "dimensionless", "mean load over the load of the quietest hour", AT_LEAST_ONE)
steady_user_base = _symbol("steady_user_base", r"U_\text{steady}", "user", "users that keep the batch full in the quietest hour too")
mean_load = _symbol("mean_load", r"\lambda_\text{mean}", "request/second", "mean request rate")
requests = _symbol("requests", r"R", "request", "requests counted in a period")
period = _symbol("period", r"T", "second", "the period of the count")
trough_load = _symbol("trough_load", r"\lambda_\text{trough}", "request/second", "request rate in the quietest hour")

# Chips for an audience
active_users = _symbol("active_users", r"A", "user", "users reading tokens at the same moment")
tokens_per_second_per_user = _symbol("tokens_per_second_per_user", r"\rho", "token/second/user", "speed at which each user gets tokens")
token_interval = _symbol("token_interval", r"\Delta", "second", "time between two tokens of one user")
tokens_per_second_per_chip = _symbol("tokens_per_second_per_chip", r"\rho_\text{chip}", "token/second/chip", "tokens that one chip computes")
audience_chips = _symbol("audience_chips", r"n_\text{aud}", "chip", "chips that an audience needs")
words_per_token = _symbol("words_per_token", r"\omega", "word/token", "English words per token")
reading_rate = _symbol("reading_rate", r"\rho_\text{words}", "word/second/user", "words that each user gets")
mask_cost = _symbol("mask_cost", r"Q", "dollar", "one-off cost of a chip's design and masks")
mask_cost_per_chip = _symbol("mask_cost_per_chip", r"q_\text{chip}", "dollar/chip", "one-off cost spread over the chips made")
chip_price = _symbol("chip_price", r"p", "dollar/chip", "price of one accelerator")
acceptable_share = _symbol("acceptable_share", r"\phi", "fraction", "share that the one-off cost may have in a chip's price", SHARE)
break_even_chips = _symbol("break_even_chips", r"n_\phi", "chip", "chips to be made until the one-off cost for each is the acceptable share of its price")
budget = _symbol("budget", r"Q_0", "dollar", "a sum of money")
budget_chips = _symbol("budget_chips", r"n_Q", "chip", "accelerators that a sum buys")

# The market
busy_users = _symbol("busy_users", r"U_\text{busy}", "user", "users for whom a service is generating at any moment")
full_users = _symbol("full_users", r"U_\text{full}", "user", "users that one unit of machines serves at the wanted speed")
unit_rent = _symbol("unit_rent", r"p_\text{unit}", "dollar/second", "rent of the smallest unit of machines that serves the model")
saturated_cost = _symbol("saturated_cost", r"p_\infty", "dollar/token", "cost of a token for a provider whose machines are full")
service_cost = _symbol("service_cost", r"p_U", "dollar/token", "cost of a token for a service with a given number of users at once")
cost_factor = _symbol("cost_factor", r"f_p", "dimensionless", "cost of a token over that of a provider whose machines are full", AT_LEAST_ONE)
efficient_users = _symbol("efficient_users", r"U_\text{eff}", "user", "users at once that a service needs so that its token costs at most a given number of times what it costs a provider whose machines are full")
purchase_price = _symbol("purchase_price", r"p_\text{buy}", "dollar", "price of a machine")
lifetime = _symbol("lifetime", r"T_\text{life}", "second", "time over which a machine is written off")
machine_power = _symbol("machine_power", r"P_\text{wall}", "watt", "power that a machine draws while it generates")
electricity_price = _symbol("electricity_price", r"p_\text{el}", "dollar/joule", "price of electricity")
time_used = _symbol("time_used", r"\delta_\text{own}", "fraction", "share of its life in which a machine generates tokens", SHARE)
cost_of_capital = _symbol("cost_of_capital", r"i", "1/second", "what capital costs over time, as a share of it", NONNEGATIVE)
owning_cost = _symbol("owning_cost", r"p_\text{hold}", "dollar/chip/second", "cost of an accelerator of one's own, used or not")
own_cost = _symbol("own_cost", r"p_\text{own}", "dollar/token", "cost of a token from a machine of one's own")
input_tokens = _symbol("input_tokens", r"\ell_\text{miss}", "token/second", "input tokens that no cache holds")
cached_tokens = _symbol("cached_tokens", r"\ell_\text{hit}", "token/second", "input tokens found in a cache")
output_tokens = _symbol("output_tokens", r"\ell_\text{gen}", "token/second", "tokens generated")
input_price = _symbol("input_price", r"p_\text{miss}", "dollar/token", "price of an input token that no cache holds")
cached_price = _symbol("cached_price", r"p_\text{hit}", "dollar/token", "price of an input token found in a cache")
output_price = _symbol("output_price", r"p_\text{gen}", "dollar/token", "price of a generated token")
revenue = _symbol("revenue", r"Y", "dollar/second", "income if every token were paid at the listed price")
fleet_cost = _symbol("fleet_cost", r"Z", "dollar/second", "rent of a fleet")
margin = _symbol("margin", r"\mu_Z", "dimensionless", "income over cost, less one: the profit for each dollar spent", LOSS_OR_GAIN)


# Silicon
unit_capacity = _symbol("unit_capacity", r"M_\text{wafer}", "byte/wafer", "memory of one wafer or chip")
wafers_needed = _symbol("wafers_needed", r"n_\text{wafers}", "wafer", "wafers or chips whose own memory holds the weights")
weights_per_die = _symbol("weights_per_die", r"N_\text{die}", "parameter/chip", "weights that one die holds in its wires")
model_dies = _symbol("model_dies", r"n_\text{dies}", "chip", "dies that hold all weights of a model in their wires")
size_ratio = _symbol("size_ratio", r"\ell", "dimensionless", "linear size over a reference size")
geometry = _symbol("geometry", r"D", "dimensionless", "dimensions in which a device extends: 2 or 3", AT_LEAST_ONE)
compute_growth = _symbol("compute_growth", r"g_F", "dimensionless", "growth of compute with size")
bandwidth_growth = _symbol("bandwidth_growth", r"g_\beta", "dimensionless", "growth of bandwidth with size")
imbalance_growth = _symbol("imbalance_growth", r"g", "dimensionless", "growth of compute over bandwidth")
imbalance_exponent = _symbol("imbalance_exponent", r"x", "dimensionless", "exponent with which the imbalance grows with size")

# Brain
synapses = _symbol("synapses", "S", "synapse", "synapses of a human brain")
bits_per_synapse = _symbol("bits_per_synapse", r"b_S", "bit/synapse", "information that one synapse holds")
synapse_bytes = _symbol("synapse_bytes", r"W_S", "byte", "storage of all synaptic strengths")
capacity = _symbol("capacity", r"W_\text{claim}", "byte", "a stated storage capacity")
implied_bits = _symbol("implied_bits", r"b_\text{implied}", "bit/synapse", "bits per synapse that a stated capacity implies")
synapses_below = _symbol("synapses_below", r"f_\text{S,low}", "dimensionless", "how many times fewer the synapses may be, at the low end of a 90% interval", AT_LEAST_ONE)
synapses_above = _symbol("synapses_above", r"f_\text{S,high}", "dimensionless", "how many times more the synapses may be, at the high end of a 90% interval", AT_LEAST_ONE)
bits_below = _symbol("bits_below", r"f_\text{b,low}", "dimensionless", "how many times fewer bits a synapse may hold, at the low end of a 90% interval", AT_LEAST_ONE)
bits_above = _symbol("bits_above", r"f_\text{b,high}", "dimensionless", "how many times more bits a synapse may hold, at the high end of a 90% interval", AT_LEAST_ONE)
neurons = _symbol("neurons", r"n_N", "cell", "neurons of a human brain")
bit_per_choice = _symbol("bit_per_choice", r"1", "bit/synapse", "information gained when the possible targets of a synapse are halved", value=1)
wired_bytes = _symbol("wired_bytes", r"W_\text{wired}", "byte", "storage of strengths and wiring together")
target_bits = _symbol("target_bits", r"b_\text{wire}", "bit/synapse", "information that says which neuron a synapse leads to")
fan_out = _symbol("fan_out", r"k_N", "synapse/cell", "synapses per neuron")
euler = _symbol("euler", r"e", "dimensionless", "Euler's number", value=math.e)
other_cells = _symbol("other_cells", r"n_G", "cell", "cells of the brain that are not neurons")
cells = _symbol("cells", r"n_\text{cells}", "cell", "cells of a human brain, glia included")
genomes_per_cell = _symbol("genomes_per_cell", r"g_\text{cell}", "1/cell", "copies of the genome in a cell: two", value=2)
genome_bits = _symbol("genome_bits", r"b_\text{genome}", "bit", "information of one copy of the genome, two bits a base pair")
genome_bytes = _symbol("genome_bytes", r"W_\text{genomes}", "byte", "information of every genome in the brain, copies counted")
recording_rate = _symbol("recording_rate", r"\rho_\text{rec}", "byte/second", "bytes recorded each second")
eyes = _symbol("eyes", r"n_\text{eyes}", "dimensionless", "eyes", value=2)
retina_rate = _symbol("retina_rate", r"\rho_\text{eye}", "bit/second", "information that one eye sends")
video_compression = _symbol("video_compression", r"q_\text{seen}", "dimensionless", "factor by which compression shrinks what the eyes send")
recording_time = _symbol("recording_time", r"T_\text{full}", "second", "time in which a recording fills a capacity")

# fmt: on
UNLIKELY: Mapping[str, tuple[float, float, str]] = {
    "lifetime": (1e6, math.inf, "4 year"),
    "month": (1e6, math.inf, "30 day"),
    "daily_use": (60.0, math.inf, "13 min"),
    "use_on_active_days": (60.0, math.inf, "13 min"),
    "chip_rent": (0.0, 0.05, "$2.50/h"),
    "electricity_price": (0.0, 1e-4, "$0.15/kWh"),
    "cost_per_token": (0.0, 1e-3, "$3 per million tokens"),
    "input_price": (0.0, 1e-3, "$3 per million tokens"),
    "cached_price": (0.0, 1e-3, "$3 per million tokens"),
    "output_price": (0.0, 1e-3, "$3 per million tokens"),
    "memory_bandwidth": (1e6, math.inf, "3.35 TB/s"),
    "memory_capacity": (1e6, math.inf, "80 GB"),
    "peak_flops": (1e6, math.inf, "989 TFLOP/s"),
    "link_bandwidth": (1e6, math.inf, "450 GB/s"),
    "node_bandwidth": (1e6, math.inf, "50 GB/s"),
    "link_latency": (0.0, 1.0, "8 us"),
    "node_latency": (0.0, 1.0, "30 us"),
    "layer_time": (0.0, 1.0, "20 us"),
}
"""Where a number alone is likely to be meant in another unit: below the first figure or above
the second, in the symbol's unit; and a text that would say it."""
