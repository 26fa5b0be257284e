"""A scenario with the values that were fitted to runs of services, in place of the defaults."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from ..facts import calibration, load_calibration, own_machine
from ..facts.load_calibration import PARAMETERS, SHARING
from .fitted import unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .deployment import Deployment
    from .scenario import Scenario

SomeScenario = TypeVar("SomeScenario", bound="Scenario")

LABEL = 2**30 / 1e9
"""Bytes of memory over those of its label: labels in GB mean 2^30 bytes."""
NAMES = frozenset(each.name for each in PARAMETERS)


def applied(
    here: SomeScenario, values: Mapping[str, Any], experts: Any, unpacks: Any
) -> SomeScenario:
    """Return a scenario with fitted values, numbers or arrays, in place of its own.

    `values` has one for each of `NAMES`, and `prompt_sharing`. `experts` and `unpacks` are one
    where a model has experts and where weights are unpacked, and zero elsewhere.
    """
    fitted = dict(values)
    prompts = fitted["prefill_share"] * fitted.pop("sparse_prefill") ** experts
    layers = fitted["layer_time"] * fitted.pop("sparse_layer") ** experts
    link = here.values["link_bandwidth"] * fitted.pop("link_share")
    inside = here.values["chips"] <= here.values["node_size"]
    return here.having(
        **{
            **fitted,
            "prefill_share": prompts,
            "layer_time": layers,
            "link_bandwidth": link,
            # Within a node, stages hand over by its own links.
            "node_latency": inside * fitted["link_latency"]
            + (1 - inside) * here.values["node_latency"],
            "usable_share": here.values["usable_share"] * LABEL,
            "unpack_flop": calibration.load().value("unpack_flop") * unpacks,
            "work_overlap": 0.0,
        }
    )


def of_machine(here: Deployment, accelerator: own_machine.Said, *, engine: str = "") -> Deployment:
    """Return a deployment with the stored values of its machine's generation and its engine."""
    kind = load_calibration.generation(own_machine.find(accelerator)[0])
    return applied(here, stored(kind, engine), float(here.values["experts"] > 1), unpacked(here))


@cache
def stored(kind: str, engine: str = "") -> Mapping[str, float]:
    """Return the stored values of a generation of machines and an engine, as `applied` takes them.

    Without an engine, its delay is a typical one, and prompts stop the steps of others.
    """
    held = load_calibration.load()
    groups = {each.name: each.group for each in PARAMETERS}
    values = {
        name: held.value(name, kind if group in load_calibration.GENERATIONS else engine or group)
        for name, group in groups.items()
    }
    values["engine_delay"] = held.value("engine_delay", engine)
    values["prompt_sharing"] = SHARING.get(engine, 0.0)
    return values
