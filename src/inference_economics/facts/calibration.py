"""What no datasheet gives, as it was fitted to measurements: a few physical parameters, by kind.

A parameter has one typical value, and where machines or engines differ in it, one for each
kind. The values stand in a file; `evidence.fitting` makes them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from ..algebra import units
from ..algebra.own_names import own_names
from . import files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .catalog import Record

__dir__ = own_names(__name__)

RECORDED, ONE_BY_ONE = "recorded", "kernel by kernel"
LAUNCHES = (RECORDED, ONE_BY_ONE)
"""How an engine starts a step's kernels: replayed from a recording (a CUDA graph), or each anew."""
KINDS = ("NVIDIA, HBM", "AMD, HBM", "without HBM", "shared memory")
"""Kinds of machines: those with stacked memory by their maker, those without, and of these the
ones whose processor and accelerator share a memory."""
WITHIN = {KINDS[3]: KINDS[2]}
"""A kind that is part of another: where it has been measured little, it is like that one."""
LATER: Mapping[str, str] = {"AWS, HBM": "layer_time"}
"""Kinds of machines of which one parameter alone was fitted, after all others."""
ANY = "any"
"""The typical value, and what stands for a kind that has not been measured."""


@dataclass(frozen=True)
class Prior:
    """A quantity that is fitted, and what is assumed of it before.

    Attributes:
        name: its name in the glossary, or one that the module names.
        start: where the fit starts, and to what it is drawn where data are scarce.
        spread: how far it may lie from that, as the standard deviation of its logarithm.
        most: the greatest value it can have.

    """

    name: str
    start: float
    spread: float
    most: float = math.inf


@dataclass(frozen=True)
class Parameter(Prior):
    """A quantity that is fitted; `prefill_share` is `compute_share` in a prompt.

    Attributes:
        by: "machine" or "launch" if it differs by that; "" if it is one number.

    """

    by: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """The kinds that have a value of their own, besides the typical one."""
        return {"machine": KINDS, "launch": LAUNCHES}.get(self.by, ())


def priors(of: str) -> dict[str, dict[str, Any]]:
    """Return what is assumed of each quantity that is fitted, of a "step" or of a "service"."""
    return dict(files.toml("priors.toml")[of])


PARAMETERS = tuple(Parameter(name, **prior) for name, prior in priors("step").items())
"""What is fitted."""


OVERLAP = 0.0
"""Reading and arithmetic are added up: measurements are met better than by the longer alone."""

FILE = "calibration.csv"
ROOFLINE = "the post's two terms"
UNTUNED, UNSEEN = "untuned", "fitted without its source"
"""Names of models among a calibration's errors."""
_FACTOR, _ERROR = "factor", "error"
_HEADER = ("parameter", "group", "value", "low", "high")


def machine_kind(machine: Record) -> str:
    """Return an accelerator's kind: one of `KINDS` or of `LATER`, or `ANY`."""
    if machine.words.get("stacked_memory") == "no":
        return KINDS[3] if machine.words.get("kind") == "soc" else KINDS[2]
    kind = f"{machine.words.get('vendor', '')}, HBM"
    return kind if kind in {*KINDS, *LATER} else ANY


@dataclass(frozen=True)
class Fitted:
    """A parameter's value for one kind, with the ends of its 90% interval."""

    parameter: str
    group: str
    value: float
    low: float
    high: float


SORTS = ("decoding", "with a prompt", "with experts")
"""Sorts of measurements, each of which is missed by so much."""


@dataclass(frozen=True)
class Calibration:
    """All fitted values, and how far their predictions miss.

    Attributes:
        fitted: the parameters.
        within_factors: for each of `SORTS`, the factor within which nine of ten held-out
            measurements lie of what was predicted, both ways.
        errors: for several models by name, the mean absolute error of their times over decoding.
        overlap: share of the shorter of reading and arithmetic that is done during the longer.

    """

    fitted: tuple[Fitted, ...]
    within_factors: Mapping[str, float] = field(default_factory=dict)
    errors: Mapping[str, float] = field(default_factory=dict)
    overlap: float = OVERLAP

    def value(self, parameter: str, *kinds: str) -> float:
        """Return a parameter's value for the first of some kinds that has one, or the typical."""
        values = {each.group: each.value for each in self.fitted if each.parameter == parameter}
        typical = values.pop(ANY)
        return next((values[kind] for kind in kinds if kind in values), typical)

    def own_values(self) -> tuple[Fitted, ...]:
        """Return the values that measured kinds have: typical ones only of what has no kinds."""
        several = {each.parameter for each in self.fitted if each.group != ANY}
        return tuple(v for v in self.fitted if v.group != ANY or v.parameter not in several)

    def caution(self, *, fitted: bool, experts: bool = False) -> str:
        """Return in words how far the times of a model, fitted or not, are from measurements.

        `experts` says whether the model has experts.
        """
        if not fitted:
            return (
                "not fitted: on measured decode steps these times are "
                f"{self.errors[UNTUNED]:.0%} off in the mean, nearly always too short"
            )
        within = self.within_factors[SORTS[2] if experts else SORTS[0]]
        return (
            "fitted: nine of ten held-out measurements of decoding lie within a factor of "
            f"{units.at_most(within, 'dimensionless')} of the time"
        )


@cache
def load() -> Calibration:
    """Return the fitted values that the package holds; `evidence.refitted` makes them anew."""
    return parse(files.read(FILE))


def parse(text: str) -> Calibration:
    """Return the fitted values of a file's text."""
    fitted: list[Fitted] = []
    named: dict[str, dict[str, float]] = {_FACTOR: {}, _ERROR: {}}
    for row in files.rows(text):
        if row["parameter"] in named:
            named[row["parameter"]][row["group"]] = float(row["value"])
            continue
        ends = (float(row[end]) for end in ("value", "low", "high"))
        fitted.append(Fitted(row["parameter"], row["group"], *ends))
    return Calibration(tuple(fitted), named[_FACTOR], named[_ERROR])


def as_csv(calibration: Calibration) -> str:
    """Return fitted values as the text of the file that the package holds."""
    rows = [
        (each.parameter, each.group, *(f"{end:.5g}" for end in (each.value, each.low, each.high)))
        for each in calibration.fitted
    ]
    for kind, named in ((_FACTOR, calibration.within_factors), (_ERROR, calibration.errors)):
        rows += [(kind, name, f"{value:.5g}", "", "") for name, value in named.items()]
    return files.as_csv(_HEADER, rows)
