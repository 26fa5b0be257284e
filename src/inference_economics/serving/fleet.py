"""A fleet that reads prompts and writes answers on separate machines, its experts spread wide.

DeepSeek published what a node of its own fleet takes in and gives out. Both are predicted here
with values that were fitted to other machines, and nothing of these figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..equations import decode, load
from ..facts import catalog, sourced
from . import fitted_load
from .deployment import deploy

if TYPE_CHECKING:
    from .deployment import Deployment

OVERLAP = 0.0
"""Share of the traffic that is hidden: what two micro-batches hide they lose again by halves.

On 72 H100 that overlap two micro-batches, the published output is what this gives without any.
"""


def lengths() -> tuple[float, float]:
    """Return tokens of a prompt, cached or not, and of an answer: means over the fleet's answers.

    The source gives the tokens read and written, and the mean context of a token that is written:
    the prompt, and half of the answer.
    """
    ratio = sourced("deepseek_fleet_input_tokens", "token/second")
    ratio /= sourced("deepseek_fleet_output_tokens", "token/second")
    answer = sourced("deepseek_fleet_context", "token") / (ratio + 0.5)
    return ratio * answer, answer


def _unit(gpus: str, machine: str = "h800_sxm", **values: float) -> Deployment:
    """Return a unit with a copy of the attention on each GPU, and fitted values."""
    count = int(sourced(gpus, "chip"))
    here = deploy(machine, count, "deepseek_v3", weight_bits=8, replicas=count)
    return fitted_load.of_machine(here, machine, experts=True).having(
        traffic_overlap=OVERLAP, **values
    )


def _nodes(unit: Deployment) -> float:
    return float(unit.values["chips"] / sourced("deepseek_fleet_gpus_per_node", "chip"))


def read_per_node(overlap: float = OVERLAP) -> float:
    """Return tokens of prompts that a node reads in a second, those found in a cache counted."""
    length, _ = lengths()
    read = sourced("deepseek_fleet_input_tokens", "token/second")
    hit = sourced("deepseek_fleet_input_tokens_cached", "token/second") / read
    unit = _unit("deepseek_prefill_unit_gpus", input_length=length, cached_share=hit)
    unit = unit.having(
        traffic_overlap=overlap, compute_share=unit.values["prefill_share"], concurrent_users=1.0
    )
    # What is sent to a node's experts goes to that node once.
    prefill = decode.prefill_time.using(
        load.uncached_prompt, load.cached_prompt_attended, load.outside_share_once
    )
    together = float(unit.evaluate(prefill))  # one prompt on each GPU
    return float(unit.values["replicas"] * length / together / _nodes(unit))


def written_per_node(overlap: float = OVERLAP) -> float:
    """Return tokens that a node writes in a second at the speed that the fleet's users see."""
    unit = _unit(
        "deepseek_decode_unit_gpus",
        context=sourced("deepseek_fleet_context", "token"),
        draft_length=1.0,
        acceptance=sourced("deepseek_mtp_acceptance", "fraction"),
        draft_cost=sourced("deepseek_v3_mtp_parameters", "parameter")
        / catalog.load().model("deepseek_v3").parameters,
    ).having(traffic_overlap=overlap)
    speed = sourced("deepseek_fleet_user_speed", "token/second/user")
    low, high = 0.0, float(unit.values["chips"] * _MOST_USERS)
    for _ in range(_HALVINGS):
        users = (low + high) / 2
        low, high = (users, high) if _time(unit, users) < 1 / speed else (low, users)
    return low * speed / _nodes(unit)


def written_on_h100() -> float:
    """Return tokens that a node of 72 H100 writes in a second: the run that SGLang published."""
    here = deploy("h100_sxm5", 72, "deepseek_v3", weight_bits=8, replicas=72)
    unit = fitted_load.of_machine(here, "h100_sxm5", experts=True)
    unit = unit.having(traffic_overlap=OVERLAP, context=2000.0, acceptance=0.0)
    users = 256.0 * 72
    return users / _time(unit, users) / _nodes(unit)


_MOST_USERS, _HALVINGS = 1000.0, 40


def _time(unit: Deployment, users: float) -> Any:
    """Return the seconds of a token where no prompts are read between."""
    here = unit.having(concurrent_users=users, prompt_time=0.0, answer=1.0)
    return here.evaluate(load.time_per_token)
