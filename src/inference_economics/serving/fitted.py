"""A deployment with the values that were fitted to measurements, in place of the defaults."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..algebra.formula import InputError
from ..facts import calibration
from ..facts.calibration import LAUNCHES, ONE_BY_ONE, PARAMETERS, RECORDED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .deployment import Deployment

NAMES = {"graphs": RECORDED, "eager": ONE_BY_ONE}
"""How an engine starts kernels, in the field's words; the measurements' own words serve as well."""


def launched(name: str) -> str:
    """Return how kernels are started, as the measurements say it.

    Raises InputError for what is none of `NAMES` and of `calibration.LAUNCHES`.
    """
    launch = NAMES.get(name, name)
    if launch not in LAUNCHES:
        allowed = ", ".join(map(repr, (*NAMES, *LAUNCHES)))
        raise InputError(f"launch = {name!r}: must be one of {allowed}")
    return launch


def applied(deployment: Deployment, launch: str) -> Deployment:
    """Return a deployment with the fitted values in place of the defaults.

    `launch` is the kind of its engine, as `launched` returns it. What the deployment was given
    stays.
    """
    held = calibration.load()
    kinds = calibration.machine_kind(deployment.machine), launch
    own = {each.name: held.value(each.name, *kinds) for each in PARAMETERS}
    fitted = in_the_equations(own, unpacked(deployment), held.overlap)
    prompts = fitted.pop("prefill_share")
    if deployment.inside_a_node:  # stages hand over by its own links
        fitted["node_latency"] = fitted["link_latency"]
    kept = {name: value for name, value in fitted.items() if name not in deployment.given}
    here = deployment.with_values(**kept).having(prefill_share=prompts)
    return replace(here, given=deployment.given, launch=launch)


def in_the_equations(values: Mapping[str, Any], unpacked: Any, overlap: float) -> dict[str, Any]:
    """Return fitted values, numbers or arrays, as what the equations take.

    `unpacked` is one where weights are unpacked, and zero elsewhere.
    """
    return {
        **values,
        "unpack_flop": values["unpack_flop"] * unpacked,
        "tile_share": values["prefill_share"],  # a prompt's tiles are whole
        "work_overlap": overlap,
    }


def unpacked(deployment: Deployment) -> float:
    """Return one if weights are kept in fewer bits than they are multiplied in, or else zero.

    It is left out, too, where no source states at what rate a machine unpacks.
    """
    multiplied = deployment.multiplied_bits
    narrow = multiplied is not None and deployment.values["bits_per_parameter"] < multiplied
    return float(narrow and deployment.unpacks)
