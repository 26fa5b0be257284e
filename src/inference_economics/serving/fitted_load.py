"""A scenario with the values that were fitted to runs of services, in place of the defaults."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from ..facts import calibration, load_calibration
from ..facts.load_calibration import PARAMETERS, SHARING, WITH_SERVICES
from .fitted import unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..facts.catalog import Record
    from .deployment import Deployment
    from .scenario import Scenario

SomeScenario = TypeVar("SomeScenario", bound="Scenario")


def applied(
    here: SomeScenario, values: Mapping[str, Any], experts: Any, unpacks: Any
) -> SomeScenario:
    """Return a scenario with fitted values, numbers or arrays, in place of its own.

    `values` has one for each name of `PARAMETERS`, and `prompt_sharing`. `experts` and `unpacks`
    are one where a model has experts and where weights are unpacked, and zero elsewhere.
    """
    fitted = dict(values)
    prompts = fitted["prefill_share"] * fitted.pop("sparse_prefill") ** experts
    layers = fitted["layer_time"] * fitted.pop("sparse_layer") ** experts
    link = here.values["link_bandwidth"] * fitted.pop("link_share")
    inside = here.values["chips"] <= here.values["node_size"]
    # Within a node, stages hand over by its own links.
    outer = inside * fitted["link_latency"] + (1 - inside) * here.values["node_latency"]
    fitted |= {
        "prefill_share": prompts,
        "layer_time": layers,
        "link_bandwidth": link,
        "node_latency": outer,
        "unpack_flop": calibration.load().value("unpack_flop") * unpacks,
        "work_overlap": 0.0,
    }
    return here.having(**fitted)


def of_machine(here: Deployment, *, engine: str = "") -> Deployment:
    """Return a deployment with the stored values of its machine and its engine.

    What it was given stays.
    """
    values = stored(here.machine, engine)
    fitted = applied(here, values, float(here.values["experts"] > 1), unpacked(here))
    kept = here.given - {"link_bandwidth"}  # of which a service reaches a share
    return fitted.having(**{name: here.values[name] for name in kept if name in here.values})


def stored(machine: Record, engine: str = "") -> Mapping[str, float]:
    """Return the stored values of a machine and an engine, as `applied` takes them.

    Where no service on machines of its kind was fitted, those of a step are as single steps showed
    them. Without an engine, its delay is a typical one, and prompts stop the steps of others.
    """
    return _stored(load_calibration.generation(machine), calibration.machine_kind(machine), engine)


@cache
def _stored(generation: str, kind: str, engine: str) -> Mapping[str, float]:
    held = load_calibration.load()
    values = {each.name: held.value(each.name, generation, engine) for each in PARAMETERS}
    values["prompt_sharing"] = SHARING.get(engine, 0.0)
    if kind == WITH_SERVICES:
        return values
    steps, known = calibration.load(), values.keys() & {p.name for p in calibration.PARAMETERS}
    measured = {name: steps.value(name, kind, calibration.RECORDED) for name in known}
    return {**values, **measured, "link_share": 1.0}
