"""What a decode step's time is made of: each part by name, and what one hides of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..algebra import symbols as s
from ..algebra.expressions import Min
from ..algebra.formula import Formula
from . import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

# Traffic, as far as no other work hides it

exposed_latency = Formula(
    s.exposed_latency,
    (1 - s.traffic_overlap) * s.layers * s.reductions_per_layer * s.reduce_latency,
    "All-reduces take this long however little they move.",
    where=(decode.reduce_latency,),
)
exposed_volume = Formula(
    s.exposed_volume,
    (1 - s.traffic_overlap)
    * s.layers
    * s.reductions_per_layer
    * (s.link_sent / s.link_bandwidth + s.net_sent / s.node_bandwidth),
    "All-reduces take this long for what they move.",
    where=(decode.link_sent, decode.net_sent),
)
exposed_exchange = Formula(
    s.exposed_exchange,
    (1 - s.traffic_overlap) * s.exchange_time,
    "All-to-alls count as far as no other work hides them.",
    where=(decode.exchange_time,),
)
exposed_handover = Formula(
    s.exposed_handover,
    (1 - s.traffic_overlap) * s.handover_time,
    "Handing over counts as far as no other work hides it.",
    where=(decode.handover_time,),
)
guess_time = Formula(
    s.guess_time,
    s.step_time * s.draft_length * s.draft_cost,
    "Guesses are made one after the other, before the step.",
    where=(decode.full_step_time,),
)

# What the longer of two hides of the shorter

work_hidden = Formula(
    s.work_hidden,
    s.work_overlap * Min(s.compute_time, s.weight_time),
    "Of the matrix products' reading and arithmetic, the shorter is done during the longer.",
    where=(decode.decode_compute_time, decode.decode_weight_time),
)
attention_hidden = Formula(
    s.attention_hidden,
    Min(s.attention_compute_time, s.cache_time),
    "Of attention's reading and arithmetic, the shorter is done during the longer.",
    where=(decode.attention_compute_time, decode.cache_time),
)

TIMES: Mapping[str, Formula] = {
    "weights": decode.decode_weight_time,
    "arithmetic": decode.decode_compute_time,
    "cache": decode.cache_time,
    "attention arithmetic": decode.attention_compute_time,
    "all-reduce latency": exposed_latency,
    "all-reduce volume": exposed_volume,
    "expert exchange": exposed_exchange,
    "stage handover": exposed_handover,
    "part-filled tiles": decode.tile_wait,
    "unpacking": decode.unpack_time,
    "fixed time": decode.fixed_time,
    "guessing": guess_time,
}
"""The parts of a step and of its guesses, by name; of two that overlap, each in full."""
OVERLAPS: Mapping[tuple[str, str], Formula] = {
    ("weights", "arithmetic"): work_hidden,
    ("cache", "attention arithmetic"): attention_hidden,
}
"""Parts that happen during each other, and how much of the shorter the longer hides."""


def longest(times: Mapping[str, Any]) -> Any:
    """Return the name of what takes longest, the first of several; an array of names for arrays."""
    if all(isinstance(time, (int, float)) for time in times.values()):
        return max(times, key=lambda name: times[name])
    import numpy as np

    places = np.argmax(np.stack(np.broadcast_arrays(*times.values())), axis=0)
    return np.array(list(times))[places]
