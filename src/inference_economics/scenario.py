"""The post's example as inputs of the equations: on its own figures, and on a real card.

Its numbers come from the claims of the ledger and from the catalog.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from . import catalog, claims, units
from .equations import demand

if TYPE_CHECKING:
    from .formula import Formula, Worked


@dataclass(frozen=True)
class Scenario:
    """A model on some accelerators, under the names and in the units of the glossary.

    Three figures are ours, since the post leaves them out: weights have its 8 bits, the cache
    keeps a byte a number (as small as the weights, which favors the post), and hidden states
    travel between GPUs in 16 bits, as serving engines send them.
    """

    parameters: float
    layers: float
    chips: float
    peak_flops: float
    memory_bandwidth: float
    link_bandwidth: float
    flop_per_parameter: float
    bits_per_parameter: float = 8
    cache_value_bytes: float = 1
    activation_bytes: float = 2

    def inputs(self, formula: Formula, **given: Any) -> dict[str, Any]:
        """Return what a formula takes: what is given, and the rest from this scenario."""
        names = formula.inputs(frozenset(given)) - set(given)
        return {**{name: getattr(self, name) for name in sorted(names)}, **given}

    def of(self, formula: Formula, **given: Any) -> Any:
        """Return a formula's result in this scenario, with what else it needs."""
        return formula(**self.inputs(formula, **given))

    def explain(self, formula: Formula, **given: Any) -> Worked:
        """Return a formula worked in this scenario, with what else it needs."""
        return formula.explain(**self.inputs(formula, **given))


def stated(id: str, unit: str) -> float:
    """Return the figure that a claim states, in a unit."""
    claim = claims.load().claim(id)
    if claim.value is None or claim.unit is None:
        raise claims.ClaimError(f"claim {id} states no figure")
    return claim.value * units.factor(claim.unit, unit)


def recomputed(id: str, unit: str, *, on_facts: bool = False) -> float:
    """Return what a claim comes out at, on its author's inputs or on sourced facts, in a unit."""
    result = claims.load()[id]
    value = result.recomputed_on_facts if on_facts else result.recomputed
    if value is None or result.claim.unit is None:
        raise claims.ClaimError(f"claim {id} is not recomputed so")
    return value * units.factor(result.claim.unit, unit)


def sourced(id: str, unit: str) -> float:
    """Return a fact of the catalog in a unit."""
    fact = catalog.load().fact(id)
    return fact.value * units.factor(fact.unit, unit)


@cache
def post() -> Scenario:
    """Return the example on the post's own figures; NVLink at its 1 TB/s."""
    return Scenario(
        parameters=stated("model-parameters", "parameter"),
        layers=stated("layers", "dimensionless"),
        chips=stated("gpus-needed", "chip"),
        peak_flops=stated("h100-flops", "FLOP/second/chip"),
        memory_bandwidth=stated("h100-bandwidth", "byte/second/chip"),
        link_bandwidth=stated("nvlink-bandwidth", "byte/second/chip"),
        flop_per_parameter=stated("operations-per-parameter", "FLOP/parameter/token"),
    )


@cache
def post_on_a_real_card() -> Scenario:
    """Return the same example on H100 SXM cards, by their datasheet, dense."""
    card = catalog.load().accelerator("h100_sxm5")
    return replace(
        post(),
        peak_flops=card.peak_flops_8bit,
        memory_bandwidth=card.memory_bandwidth,
        link_bandwidth=card.interconnect_bandwidth,
    )


@cache
def quiet_hour_margin(trace: str) -> float:
    """Return mean load over that of the quietest hour, in Azure's "conversation" or "coding"."""
    margin: float = demand.steady_margin(
        requests=sourced(f"azure_2024_{trace}_requests", "request"),
        period=sourced("azure_2024_duration", "second"),
        trough_load=sourced(f"azure_2024_{trace}_trough", "request/second"),
    )
    return margin
