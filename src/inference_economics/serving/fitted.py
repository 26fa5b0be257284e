"""A deployment with the values that were fitted to measurements, in place of the defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..algebra.formula import InputError
from ..facts import own_machine
from ..facts.calibration import ANY, LAUNCHES, PARAMETERS, machine_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..facts.calibration import Calibration
    from .deployment import Deployment


def applied(
    calibration: Calibration, deployment: Deployment, accelerator: own_machine.Said, launch: str
) -> Deployment:
    """Return a deployment with the fitted values in place of the defaults.

    `accelerator` is its machine, `launch` the kind of its engine. Values that the
    deployment was given stay. Raises InputError for another launch than `LAUNCHES`.
    """
    if launch not in LAUNCHES:
        raise InputError(f"launch {launch!r}: must be {' or '.join(map(repr, LAUNCHES))}")
    kinds = {"machine": machine_kind(own_machine.find(accelerator)[0]), "launch": launch}
    own = {each.name: calibration.value(each.name, kinds.get(each.by, ANY)) for each in PARAMETERS}
    fitted = in_the_equations(own, unpacked(deployment), calibration.overlap)
    del fitted["prefill_share"]
    if deployment.inside_a_node:  # stages hand over by its own links
        fitted["node_latency"] = fitted["link_latency"]
    kept = {name: value for name, value in fitted.items() if name not in deployment.given}
    return deployment.with_values(**kept)


def in_the_equations(values: Mapping[str, Any], unpacked: Any, overlap: float) -> dict[str, Any]:
    """Return fitted values, numbers or arrays, as what the equations take.

    `unpacked` is one where weights are unpacked, and zero elsewhere.
    """
    return {**values, "unpack_flop": values["unpack_flop"] * unpacked, "work_overlap": overlap}


def unpacked(deployment: Deployment) -> float:
    """Return one if weights are kept in fewer bits than they are multiplied in, or else zero.

    It is left out, too, where no source states at what rate a machine unpacks.
    """
    multiplied = deployment.multiplied_bits
    narrow = multiplied is not None and deployment.values["bits_per_parameter"] < multiplied
    return float(narrow and deployment.unpacks)
