"""The post's example as inputs of the equations: on its own figures, and on a real card.

Its numbers come from the claims of the ledger and from the catalog.
"""

from __future__ import annotations

from functools import cache

from ..algebra import units
from ..algebra.own_names import own_names
from ..equations import parts, serving, silicon
from ..facts import catalog, own_machine, sourced
from ..serving.scenario import Scenario
from . import claims

__dir__ = own_names(__name__)


def stated(id: str, unit: str) -> float:
    """Return the figure that a claim states, in a unit.

    Raises ClaimError if it states none, CatalogError if there is no such claim, and UnitsError if
    the unit is of another kind.
    """
    claim = claims.load().claim(id)
    if claim.value is None or claim.unit is None:
        raise claims.ClaimError(f"claim {id} states no figure")
    return claim.value * units.conversion(claim.unit, unit)


def recomputed(id: str, unit: str, *, on_facts: bool = False) -> float:
    """Return what a claim comes out at, on its author's inputs or on sourced facts, in a unit.

    Raises ClaimError if there is nothing to compute, CatalogError if there is no such claim, and
    UnitsError if the unit is of another kind.
    """
    result = claims.load()[id]
    value = result.recomputed_on_facts if on_facts else result.recomputed
    if value is None or result.claim.unit is None:
        raise claims.ClaimError(f"claim {id} has no such recomputed value")
    return value * units.conversion(result.claim.unit, unit)


DIES_WITHIN = 2.0
"""A die of another model holds as many weights as the first, within this factor nine times in ten.

It is our judgment. Half as many: six bits for each weight, and not three. Twice as many: a finer
process, or less memory for caches.
"""


def dies_for_the_post() -> tuple[float, float, float]:
    """Return how many dies such as the first would hold the post's weights in their wires.

    They are the low end, the median and the high end of a 90% interval.
    """
    weights = stated("model-parameters", "parameter")
    held = catalog.sourced("taalas_hc1_weights", "parameter/chip")
    low, median, high = (
        silicon.model_dies(parameters=weights, weights_per_die=held * factor)
        for factor in (DIES_WITHIN, 1.0, 1 / DIES_WITHIN)
    )
    return low, median, high


@cache
def post() -> Scenario:
    """Return the example on the post's own figures; NVLink at its 1 TB/s.

    Some figures are ours, since the post leaves them out: weights have its 8 bits, the cache
    keeps a byte a number (as small as the weights, which favors the post), and hidden states
    travel between GPUs in 16 bits, as serving engines send them. Nodes, and the delay of an
    exchange inside one and between them, are sourced.
    """
    return Scenario(
        {
            "parameters": stated("model-parameters", "parameter"),
            "layers": stated("layers", "dimensionless"),
            "chips": stated("gpus-needed", "chip"),
            "peak_flops": stated("h100-flops", "FLOP/second/chip"),
            "memory_bandwidth": stated("h100-bandwidth", "byte/second/chip"),
            "link_bandwidth": stated("nvlink-bandwidth", "byte/second/chip"),
            "flop_per_parameter": stated("operations-per-parameter", "FLOP/parameter/token"),
            "bits_per_parameter": 8,
            "cache_value_bytes": 1,
            "activation_bytes": 2,
            **dict.fromkeys(("stages", "replicas"), 1),
            "traffic_overlap": 0,
            "node_size": sourced("nvlink_node_gpus", "chip"),
            "link_latency": sourced("allreduce_latency_node", "second"),
            "node_latency": sourced("allreduce_latency_between_nodes", "second"),
        }
    )


def post_on_card(id: str) -> Scenario:
    """Return the same example on cards of the catalog, by their datasheet, dense.

    Raises CatalogError for an unknown name, and where no source states what the example takes.
    """
    card = own_machine.find(id)[0]
    return post().having(
        peak_flops=card.peak_flops_8bit,
        memory_bandwidth=card.memory_bandwidth,
        link_bandwidth=card.interconnect_bandwidth,
        **{n: card.numbers[n] for n in ("node_size", "node_bandwidth") if card.has(n)},
    )


@cache
def post_on_a_real_card() -> Scenario:
    """Return the same example on H100 SXM cards."""
    return post_on_card("h100_sxm5")


traffic = parts.exposed_volume.using(serving.hidden_bytes_of_width)
"""Time in which the example's GPUs exchange a step's hidden states, delays left out.

They are added up inside each node, and then between nodes: `micro_tokens` of them.
"""
