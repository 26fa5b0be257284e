"""A fleet that reads prompts and writes answers on separate machines, its experts spread wide.

DeepSeek published what a node of its own fleet takes in and gives out. Both are predicted here
with values that were fitted to other machines, and nothing of these figures. One choice was made on
a run that SGLang published: `OVERLAP`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..equations import decode, load
from ..facts import catalog, sourced
from . import fitted_load
from .deployment import deploy
from .load import halved, under_load

if TYPE_CHECKING:
    from .deployment import Deployment

OVERLAP = 0.0
"""Share of the traffic that is hidden: none, since a published run is met so.

On 72 H100 that overlap two micro-batches, the published output is what this gives without any.
"""


def tokens() -> tuple[float, float]:
    """Return the tokens of prompts and of answers that the fleet took and gave in a second."""
    directions = ("deepseek_fleet_input_tokens", "deepseek_fleet_output_tokens")
    read, written = (sourced(each, "token/second") for each in directions)
    return read, written


def lengths() -> tuple[float, float]:
    """Return tokens of a prompt, cached or not, and of an answer: means over the fleet's answers.

    The source gives the tokens read and written, and the mean context of a token that is written:
    the prompt, and half of the answer.
    """
    read, written = tokens()
    ratio = read / written
    answer = sourced("deepseek_fleet_context", "token") / (ratio + 0.5)
    return ratio * answer, answer


def _unit(gpus: float, machine: str = "h800_sxm", **values: float) -> Deployment:
    """Return so many GPUs with a copy of the attention on each, and fitted values."""
    here = deploy(machine, int(gpus), "deepseek_v3", weight_bits=8, replicas=int(gpus))
    return fitted_load.of_machine(here).having(traffic_overlap=OVERLAP, **values)


def _nodes(unit: Deployment) -> float:
    return float(unit.values["chips"] / sourced("deepseek_fleet_gpus_per_node", "chip"))


def cached() -> float:
    """Return the share of the prompts' tokens that the fleet finds in a cache."""
    read, _ = tokens()
    return sourced("deepseek_fleet_input_tokens_cached", "token/second") / read


def _prefill_time(unit: Deployment) -> float:
    """Return the seconds in which a unit reads a prompt on each of its GPUs."""
    length, _ = lengths()
    reading = unit.having(
        input_length=length,
        cached_share=cached(),
        compute_share=unit.values["prefill_share"],
        concurrent_users=1.0,
    )
    # What is sent to a node's experts goes to that node once.
    formula = decode.prefill_time.using(
        load.uncached_prompt, load.cached_prompt_attended, load.outside_share_once
    )
    return float(reading.evaluate(formula))


def read_per_node(overlap: float = OVERLAP) -> float:
    """Return tokens of prompts that a node reads in a second, those found in a cache counted."""
    unit = _unit(sourced("deepseek_prefill_unit_gpus", "chip")).having(traffic_overlap=overlap)
    length, _ = lengths()
    return float(unit.values["replicas"] * length / _prefill_time(unit) / _nodes(unit))


def guessing() -> dict[str, float]:
    """Return how DeepSeek-V3 guesses one token ahead: with a module that has some more weights."""
    module = sourced("deepseek_v3_mtp_parameters", "parameter")
    return {
        "draft_length": 1.0,
        "acceptance": sourced("deepseek_mtp_acceptance", "fraction"),
        "draft_cost": module / catalog.load().model("deepseek_v3").parameters,
    }


def writing_unit(gpus: float | None = None) -> Deployment:
    """Return GPUs that write answers as the fleet does, one token guessed ahead.

    Without a number of them they are as many as a unit of the fleet has.
    """
    unit = _unit(gpus or sourced("deepseek_decode_unit_gpus", "chip"))
    return unit.having(context=sourced("deepseek_fleet_context", "token"), **guessing())


def written_per_node(overlap: float = OVERLAP) -> float:
    """Return tokens that a node writes in a second at the speed that the fleet's users see."""
    unit = writing_unit().having(traffic_overlap=overlap)
    speed = sourced("deepseek_fleet_user_speed", "token/second/user")
    most = unit.values["chips"] * _MOST_USERS
    users, _ = halved(0.0, most, lambda users: token_time(unit, users) < 1 / speed)
    return float(users) * speed / _nodes(unit)


def nodes() -> tuple[float, float]:
    """Return the nodes that read, and those that write, what the fleet read and wrote in a day."""
    read, written = tokens()
    return read / read_per_node(), written / written_per_node()


def nodes_as_published() -> tuple[float, float]:
    """Return the same by the published output of a node that reads, and of one that writes."""
    read, written = tokens()
    read /= sourced("deepseek_fleet_prefill_throughput", "token/second")
    return read, written / sourced("deepseek_fleet_decode_throughput", "token/second")


def separate(users_per_gpu: Any) -> tuple[Any, Any]:
    """Return a user's speed and the output of a GPU where others read the prompts, all counted.

    `users_per_gpu` are those for each GPU of a unit that writes, one number or an array.
    """
    unit = writing_unit()
    users = users_per_gpu * unit.values["chips"]
    length, answer = lengths()
    time = token_time(unit, users)
    written = users / time
    readers = written / answer * length / read_per_node()
    gpus = sourced("deepseek_fleet_gpus_per_node", "chip")
    return 1 / time, written / (unit.values["chips"] + gpus * readers)


def together(gpus: int, users_per_gpu: Any) -> tuple[Any, Any]:
    """Return a user's speed and the output of a GPU where so many read and write.

    `users_per_gpu` are the requests at once for each GPU, one number or an array.
    """
    unit = writing_unit(gpus)
    length, answer = lengths()
    asked = unit.having(prompt=length, answer=answer, prefill_time=_prefill_time(unit))
    found = under_load(asked.having(concurrency=users_per_gpu * unit.values["chips"]))
    return 1 / found.time_per_token, found.requests_done * answer / unit.values["chips"]


def published() -> tuple[float, float]:
    """Return the speed of the fleet's users, and the output of a GPU, all of the fleet counted."""
    _, written = tokens()
    gpus = sourced("deepseek_fleet_nodes_mean", "dimensionless")
    gpus *= sourced("deepseek_fleet_gpus_per_node", "chip")
    return sourced("deepseek_fleet_user_speed", "token/second/user"), written / gpus


def on_h100() -> Deployment:
    """Return 72 H100 with the users of the run that SGLang published."""
    unit = _unit(72, "h100_sxm5", context=2000.0, acceptance=0.0)
    return unit.having(concurrent_users=256.0 * 72)


def written_on_h100() -> float:
    """Return tokens that a node of `on_h100` writes in a second."""
    unit = on_h100()
    users = unit.values["concurrent_users"]
    return float(users / token_time(unit, users) / _nodes(unit))


_MOST_USERS = 1000.0


def token_time(unit: Deployment, users: Any) -> Any:
    """Return the seconds of a token where no prompts are read between."""
    here = unit.having(concurrent_users=users, prompt_time=0.0, answer=1.0)
    return here.evaluate(load.time_per_token)
