"""The model of load beside simpler models, beside other tools, and beside engines that differ."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from ..equations import decode
from ..facts import catalog, load_calibration, serving_runs
from ..facts.load_calibration import FIRST_TOKEN, PER_TOKEN
from . import load
from .validation import BARE, LADDER, Errors

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOFLINE, STEP = BARE, "the whole step, untuned"
FITTED, LAST = "a step fitted to services", "the whole model of load"
RUNGS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    PER_TOKEN: {
        FITTED: ("prompts", "host"),
        "… and prompts of others": ("host",),
        f"… and the host: {LAST}": (),
    },
    FIRST_TOKEN: {
        "prompts of others and one's own": ("delay", "burst"),
        "… and the engine's delay": ("burst",),
        f"… and those who come at once: {LAST}": (),
    },
}
"""Models of a service, each with the terms of load that it leaves out."""


def ladder() -> dict[str, dict[str, Errors]]:
    """Return the errors of models of a service, from the post's two terms up.

    The untuned ones have one step for all requests, and no first token. The others have values
    that were fitted, with every term, without the run's group.
    """
    measured = load.own().measured
    found: dict[str, dict[str, Errors]] = {PER_TOKEN: {}, FIRST_TOKEN: {}}
    for name, without in ((ROOFLINE, dict(LADDER)[BARE]), (STEP, ())):
        times = load.own().cases.durations(**decode.off(*without))
        found[PER_TOKEN][name] = Errors.of(times / measured[PER_TOKEN])
    for what, rungs in RUNGS.items():
        for name, terms in rungs.items():
            times = load.without_own_group(load_calibration.left_out(), terms)[what]
            found[what][name] = Errors.of(times / measured[what])
    return found


RIVALS: Mapping[str, str] = {
    "kernels": "NVIDIA's aiconfigurator, with measured kernels",
    "closed_form": "code of a paper, and a term for prompts",
}
"""Other models that were tried on the same runs, by the names of the facts about them."""


def rivals() -> dict[str, dict[str, tuple[float, float]]]:
    """Return the median and the mean error of other models on the same runs, as sourced."""
    facts = catalog.load()
    found: dict[str, dict[str, tuple[float, float]]] = {PER_TOKEN: {}, FIRST_TOKEN: {}}
    for what, short in ((PER_TOKEN, "token"), (FIRST_TOKEN, "first")):
        for id, name in RIVALS.items():
            fact = f"rival_{id}_{short}"
            if f"{fact}_median" in facts.facts:
                median, mean = (facts.fact(f"{fact}_{of}").value for of in ("median", "mean"))
                found[what][name] = (median, mean)
    return found


_ALIKE = (
    "mode", "hardware", "chips", "model", "weights", "concurrency", "input_tokens",
    "output_tokens", "replicas", "expert_parallel", "draft_length",
)  # fmt: skip
ENGINES, VERSIONS = "under another engine", "under another version of the engine"


def spread() -> dict[str, dict[str, Errors]]:
    """Return how far runs that are alike differ, by engine and by version of one engine.

    Runs of one engine and version that are alike count as their median.
    """
    alike: dict[tuple[str, ...], dict[tuple[str, str], list[tuple[float, float]]]] = {}
    for row in serving_runs.together():
        same = alike.setdefault(tuple(row[name] for name in _ALIKE), {})
        times = float(row["tpot_ms"]), float(row["ttft_ms"])
        same.setdefault((row["engine"], row["version"]), []).append(times)
    ratios: dict[str, list[Any]] = {VERSIONS: [], ENGINES: []}
    for same in alike.values():
        medians = {name: np.median(np.array(times), axis=0) for name, times in same.items()}
        for (one, its), (other, others) in itertools.combinations(medians.items(), 2):
            ratios[VERSIONS if one[0] == other[0] else ENGINES].append(its / others)
    return {
        what: {name: Errors.of(np.array(each)[:, place]) for name, each in ratios.items()}
        for place, what in enumerate((PER_TOKEN, FIRST_TOKEN))
    }
