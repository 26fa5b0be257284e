"""What no datasheet gives of a server under load, as it was fitted to runs of services."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from . import calibration, files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .calibration import Calibration
    from .catalog import Record

FILE = "load.csv"
FOUR_BITS, NO_FOUR_BITS = "multiplies in four bits", "multiplies in eight bits at best"
GENERATIONS = (FOUR_BITS, NO_FOUR_BITS)
"""Generations of machines, told apart by the narrowest numbers that they multiply."""
SHARING: Mapping[str, float] = {"trtllm": 1.0, "vllm": 1.0, "sglang": 0.0}
"""Whether engines read prompts inside the steps of others (1) or stop those for them (0)."""
ENGINES = tuple(SHARING)
PER_TOKEN, FIRST_TOKEN = "time per token", "time to the first token"
"""What is predicted, each with its interval."""
MANY = 64.0
"""Requests at once above which the time to the first token has an interval of its own."""
FIRST_OF_MANY = "time to the first token of many"


def interval_of(name: str, concurrency: float) -> str:
    """Return under which name the interval of a prediction stands, for so many requests."""
    return FIRST_OF_MANY if name == FIRST_TOKEN and concurrency > MANY else name


@dataclass(frozen=True)
class Parameter:
    """A quantity that is fitted, of all machines or of one group.

    Attributes:
        name: its name in the glossary, or `prefill_share`, `link_share`, `sparse_prefill` and
            `sparse_layer`: the last two are factors for models with experts.
        group: the generation or the engine whose value it is; "any" if it is one number.
        start: where the fit starts, and to what it is drawn where data are scarce.
        spread: how far it may lie from that, as the standard deviation of its logarithm.
        most: the greatest value it can have.

    """

    name: str
    group: str
    start: float
    spread: float
    most: float


def _each(
    groups: tuple[str, ...], name: str, start: float, spread: float, most: float
) -> list[Parameter]:
    return [Parameter(name, group, start, spread, most) for group in groups]


ANY = (calibration.ANY,)
PARAMETERS = (
    *_each(GENERATIONS, "bandwidth_share", 0.85, 0.10, 0.93),
    *_each(ANY, "compute_share", 0.50, 0.40, 0.85),
    *_each(GENERATIONS, "prefill_share", 0.55, 0.30, 0.85),
    *_each(ANY, "sparse_prefill", 0.70, 0.40, 1.0),
    *_each(GENERATIONS, "layer_time", 50e-6, 0.50, 1e-3),
    *_each(ANY, "sparse_layer", 1.50, 0.50, 9.0),
    *_each(GENERATIONS, "link_latency", 8e-6, 0.70, 1e-3),
    *_each(ANY, "link_share", 0.70, 0.40, 1.0),
    *_each(ANY, "host_time", 20e-6, 0.70, 1e-3),
    *_each(ENGINES, "engine_delay", 0.08, 0.80, 9.0),
    *_each(ANY, "burst_share", 0.10, 0.30, 1.0),
    *_each(ANY, "acceptance", 0.70, 0.20, 0.95),
    *_each(ANY, "draft_cost", 0.05, 0.50, 1.0),
)
"""What is fitted."""


def generation(machine: Record) -> str:
    """Return an accelerator's generation: one of `GENERATIONS`."""
    return FOUR_BITS if machine.has("peak_flops_4bit") else NO_FOUR_BITS


@cache
def load() -> Calibration:
    """Return the fitted values that the package holds."""
    return calibration.parse(files.read(FILE))
