"""The glossary: every symbol of the book's equations, one line each.

A symbol is a SymPy symbol; its sign, unit, meaning and allowed range stand in
`GLOSSARY` under its name. Plain numbers given for a symbol are in its unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import sympy

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Range:
    """The values that a symbol may take: an interval, said in words."""

    words: str
    low: float
    high: float = float("inf")
    low_is_allowed: bool = True


POSITIVE = Range("a positive number", 0.0, low_is_allowed=False)
NONNEGATIVE = Range("zero or a positive number", 0.0)
SHARE = Range("a share between 0 and 1", 0.0, 1.0)
COUNT = Range("at least 1", 1.0)


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


GLOSSARY: dict[str, Entry] = {}


def _symbol(  # noqa: PLR0913, PLR0917 (a line of the glossary reads best as it stands)
    name: str,
    sign: str,
    unit: str,
    meaning: str,
    allowed: Range = POSITIVE,
    value: float | None = None,
) -> sympy.Symbol:
    if name in GLOSSARY:
        raise ValueError(f"symbol {name!r} is declared twice")
    GLOSSARY[name] = Entry(name, sign, unit, meaning, allowed, value)
    return sympy.Symbol(name, positive=True)


def entry(symbol: sympy.Symbol) -> Entry:
    """Return the glossary's line for a symbol."""
    return GLOSSARY[symbol.name]


@cache
def with_values() -> frozenset[str]:
    """Return the names of the symbols that have a value unless another is given."""
    return frozenset(name for name, line in GLOSSARY.items() if line.value is not None)


@cache
def signs() -> Mapping[sympy.Symbol, str]:
    """Return the LaTeX sign of every symbol, as SymPy's printers take it."""
    return {sympy.Symbol(name, positive=True): line.sign for name, line in GLOSSARY.items()}


# fmt: off
# ruff: noqa: E501  (one line a symbol is easier to scan than a wrapped one)

# The machine
chips = _symbol("chips", "n", "chip", "accelerators that work on one model together", COUNT)
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
parameters = _symbol("parameters", "N", "parameter", "weights that a token passes through (all of them, in a dense model)")
bits_per_parameter = _symbol("bits_per_parameter", "b", "bit/parameter", "precision at which a weight is stored")
bits_per_byte = _symbol("bits_per_byte", r"8", "bit/byte", "bits in a byte", value=8)
bytes_per_parameter = _symbol("bytes_per_parameter", r"w", "byte/parameter", "storage of one weight")
multiplications = _symbol("multiplications", r"k_\times", "FLOP/parameter/token", "multiplications per weight and token")
additions = _symbol("additions", r"k_+", "FLOP/parameter/token", "additions per weight and token")
flop_per_parameter = _symbol("flop_per_parameter", r"k", "FLOP/parameter/token", "operations per weight and token: one multiplication, one addition")
flop_per_token = _symbol("flop_per_token", r"C", "FLOP/token", "operations that one token takes")
weight_bytes = _symbol("weight_bytes", "W", "byte", "storage of all the weights")
layers = _symbol("layers", "L", "dimensionless", "layers of the model", COUNT)
hidden_size = _symbol("hidden_size", "d", "dimensionless", "width of the hidden state", COUNT)
block_factor = _symbol("block_factor", r"c", "parameter", "weights of a layer over the square of its width; 12 in a standard transformer", value=12)
hidden_bytes = _symbol("hidden_bytes", r"h", "byte/token", "one token's hidden state between two layers")
activation_bytes = _symbol("activation_bytes", r"a", "byte/token", "storage of one number of a token's hidden state")
compression = _symbol("compression", r"q", "dimensionless", "factor by which quantization shrinks the weights")
bits_before = _symbol("bits_before", r"b_0", "bit/parameter", "precision before quantization")

# One decode step
batch = _symbol("batch", "B", "token", "tokens computed together in a step, one for each request served", COUNT)
compute_time = _symbol("compute_time", r"t_\text{compute}", "second", "time of a step's arithmetic at the peak rate")
weight_time = _symbol("weight_time", r"t_\text{weights}", "second", "time to read every weight once")
step_time = _symbol("step_time", r"t", "second", "time of one decode step, arithmetic and reading overlapped")
arithmetic_intensity = _symbol("arithmetic_intensity", "I", "FLOP/byte", "operations done for each byte of weights read")
utilization = _symbol("utilization", "u", "fraction", "share of the peak arithmetic rate that is used", SHARE)
utilization_alone = _symbol("utilization_alone", "u_1", "fraction", "utilization with a single request", SHARE)
one_token = _symbol("one_token", r"1", "token", "a batch of one", value=1)
one_user = _symbol("one_user", r"1", "user", "a single user", value=1)
one_chip = _symbol("one_chip", r"1", "chip", "a single accelerator", value=1)
critical_batch = _symbol("critical_batch", r"B^*", "token", "batch at which arithmetic takes as long as reading the weights")
cost_ratio = _symbol("cost_ratio", r"r_\text{alone}", "dimensionless", "cost of a token alone over its cost in a full batch")
kv_vectors = _symbol("kv_vectors", r"v", "1/token", "vectors cached per layer and token: one key, one value", value=2)
cache_value_bytes = _symbol("cache_value_bytes", r"a_\text{kv}", "byte", "storage of one number in the cache")
kv_bytes_per_token = _symbol("kv_bytes_per_token", r"\kappa", "byte/token", "cache that one token of context takes")
cache_breakeven = _symbol("cache_breakeven", r"U_\text{cache}", "user", "users at which their caches outweigh the weights")
context = _symbol("context", r"s", "token/user", "tokens of context that the cache holds for each user", NONNEGATIVE)
cache_bytes = _symbol("cache_bytes", r"K", "byte/user", "cache of one user", NONNEGATIVE)
cache_total = _symbol("cache_total", r"K_\text{all}", "byte", "cache of all users together", NONNEGATIVE)
free_memory = _symbol("free_memory", r"M_\text{free}", "byte", "memory that the weights leave for the cache", NONNEGATIVE)
chips_needed = _symbol("chips_needed", r"n_\text{min}", "chip", "fewest accelerators that hold the weights")
share_of_layer = _symbol("share_of_layer", r"\sigma", "fraction", "share of each layer that one accelerator holds", SHARE)

# Traffic of tensor parallelism
reductions_per_layer = _symbol("reductions_per_layer", r"r", "dimensionless", "all-reduces per layer: one after attention, one after the feed-forward block", value=2)
ring_passes = _symbol("ring_passes", "2", "dimensionless", "times a vector goes round a ring: once to be summed, once to be shared", value=2)
traffic_bytes = _symbol("traffic_bytes", r"V", "byte/chip", "bytes that each accelerator sends in one step (ring all-reduce)", NONNEGATIVE)
traffic_time = _symbol("traffic_time", r"t_\text{link}", "second", "time of that traffic at the link's rate, latency left out", NONNEGATIVE)

# Experts, nodes
experts = _symbol("experts", "E", "expert", "experts per layer of a mixture-of-experts model", COUNT)
experts_per_token = _symbol("experts_per_token", "k_E", "expert", "experts that each token is routed to", COUNT)
expert_batch = _symbol("expert_batch", r"B_E", "token", "tokens that each expert gets in a step when the load is even")
nodes = _symbol("nodes", r"n_\text{nodes}", "dimensionless", "groups of accelerators, each holding some of the layers", COUNT)
chips_per_node = _symbol("chips_per_node", r"n_\text{T}", "chip", "accelerators of a group, which share each of its layers", COUNT)
parameters_per_node = _symbol("parameters_per_node", r"N_\text{node}", "parameter", "weights held by one node")
bytes_per_chip = _symbol("bytes_per_chip", r"W_\text{chip}", "byte/chip", "weights held by one accelerator")

# Demand
concurrent_users = _symbol("concurrent_users", r"U", "user", "users for whom a token is being generated at any moment")
tokens_per_user_step = _symbol("tokens_per_user_step", r"\tau", "token/user", "tokens per user in one step: one, without speculation", value=1)
time_share = _symbol("time_share", r"\delta", "fraction", "share of the day that a user is being served", SHARE)
daily_use = _symbol("daily_use", r"T_\text{use}", "second", "time per day that a user is being served")
use_on_active_days = _symbol("use_on_active_days", r"T_\text{active}", "second", "time of use on a day with any")
active_days = _symbol("active_days", r"n_\text{active}", "dimensionless", "days of use in a month")
month = _symbol("month", r"T_\text{month}", "second", "length of a month")
day = _symbol("day", r"T_\text{day}", "second", "length of a day", value=86_400)
message_rate = _symbol("message_rate", r"\mu", "request/second", "messages that an audience sends, each asking for one answer")
audience = _symbol("audience", r"U_\text{all}", "user", "users of a known service")
tokens_per_message = _symbol("tokens_per_message", r"\ell_\text{out}", "token/request", "tokens of an answer")
user_base = _symbol("user_base", r"U_\text{base}", "user", "users that a service needs to keep that many busy")
steady_margin = _symbol("steady_margin", r"m", "dimensionless", "mean load over the load of the quietest hour", COUNT)
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
acceptable_share = _symbol("acceptable_share", r"\phi", "fraction", "share of a chip's price that the one-off cost may take", SHARE)
break_even_chips = _symbol("break_even_chips", r"n_\phi", "chip", "chips over which the one-off cost shrinks to that share")
budget = _symbol("budget", r"Q_0", "dollar", "a sum of money")
budget_chips = _symbol("budget_chips", r"n_Q", "chip", "accelerators that a sum buys")

# Silicon
unit_capacity = _symbol("unit_capacity", r"M_\text{wafer}", "byte/wafer", "memory of one wafer or chip")
wafers_needed = _symbol("wafers_needed", r"n_\text{wafers}", "wafer", "wafers or chips whose own memory holds the weights")
size_ratio = _symbol("size_ratio", r"\ell", "dimensionless", "linear size over a reference size")
geometry = _symbol("geometry", r"D", "dimensionless", "dimensions in which a device extends: 2 or 3", COUNT)
compute_growth = _symbol("compute_growth", r"g_F", "dimensionless", "growth of compute with size")
bandwidth_growth = _symbol("bandwidth_growth", r"g_\beta", "dimensionless", "growth of bandwidth with size")
imbalance_growth = _symbol("imbalance_growth", r"g", "dimensionless", "growth of compute over bandwidth")
imbalance_exponent = _symbol("imbalance_exponent", r"x", "dimensionless", "power of the size with which the imbalance grows")

# Brain
synapses = _symbol("synapses", "S", "synapse", "synapses of a human brain")
bits_per_synapse = _symbol("bits_per_synapse", r"b_S", "bit/synapse", "information that one synapse holds")
synapse_bytes = _symbol("synapse_bytes", r"W_S", "byte", "storage of all synaptic strengths")
capacity = _symbol("capacity", r"W_\text{claim}", "byte", "a stated storage capacity")
implied_bits = _symbol("implied_bits", r"b_\text{implied}", "bit/synapse", "bits per synapse that a stated capacity implies")
neurons = _symbol("neurons", r"n_N", "cell", "neurons of a human brain")
bit_per_choice = _symbol("bit_per_choice", r"1", "bit/synapse", "information gained when the possible targets of a synapse are halved", value=1)
wired_bytes = _symbol("wired_bytes", r"W_\text{wired}", "byte", "storage of strengths and wiring together")
target_bits = _symbol("target_bits", r"b_\text{wire}", "bit/synapse", "information in which neuron a synapse belongs to")
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
recording_time = _symbol("recording_time", r"T_\text{full}", "second", "time in which a recording fills a capacity")
