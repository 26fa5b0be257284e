"""The post's example as inputs of the equations: on its own figures, and on a real card.

Every number comes from a claim of the ledger or from the catalog, under the names that the
equations take, grouped by the formulas that take them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from . import catalog, claims, units
from .equations import demand, serving

BITS = 8
"""The post's weights have 8 bits."""
CACHE_VALUE_BYTES = 1
"""Storage of one number in the cache: as small as the weights, which favors the post."""
ACTIVATION_BYTES = 2
"""Hidden states travel between GPUs in 16 bits, as serving engines send them."""


@dataclass(frozen=True)
class Scenario:
    """A model on some accelerators; the groups below are keyword arguments of formulas."""

    parameters: float
    layers: float
    chips: float
    peak_flops: float
    memory_bandwidth: float
    link_bandwidth: float
    flop_per_parameter: float

    @property
    def arithmetic(self) -> dict[str, float]:
        """What `compute_time` takes, besides the batch."""
        return {
            "flop_per_parameter": self.flop_per_parameter,
            "parameters": self.parameters,
            "chips": self.chips,
            "peak_flops": self.peak_flops,
        }

    @property
    def weights(self) -> dict[str, float]:
        """What `weight_bytes` takes."""
        return {"parameters": self.parameters, "bits_per_parameter": BITS}

    @property
    def weights_stored(self) -> dict[str, float]:
        """The storage of the weights, for what takes it as it is."""
        return {"weight_bytes": serving.weight_bytes(**self.weights)}

    @property
    def bandwidth(self) -> dict[str, float]:
        """What `total_bandwidth` takes."""
        return {"chips": self.chips, "memory_bandwidth": self.memory_bandwidth}

    @property
    def reading(self) -> dict[str, float]:
        """What `weight_time` takes."""
        return {**self.weights, **self.bandwidth}

    @property
    def memory(self) -> dict[str, float]:
        """What `utilization` takes besides the batch and `arithmetic`."""
        return {"bits_per_parameter": BITS, "memory_bandwidth": self.memory_bandwidth}

    @property
    def ridge(self) -> dict[str, float]:
        """What `critical_batch` takes."""
        return {
            "peak_flops": self.peak_flops,
            "memory_bandwidth": self.memory_bandwidth,
            "bits_per_parameter": BITS,
            "flop_per_parameter": self.flop_per_parameter,
        }

    @property
    def cache(self) -> dict[str, float]:
        """What `kv_bytes_per_token` takes."""
        return {
            "parameters": self.parameters,
            "layers": self.layers,
            "cache_value_bytes": CACHE_VALUE_BYTES,
        }

    @property
    def traffic(self) -> dict[str, float]:
        """What `traffic_time` takes, besides the batch."""
        return {
            "parameters": self.parameters,
            "layers": self.layers,
            "activation_bytes": ACTIVATION_BYTES,
            "chips": self.chips,
            "link_bandwidth": self.link_bandwidth,
        }


def stated(id: str, unit: str) -> float:
    """Return the figure that a claim states, in a unit."""
    claim = claims.load().claim(id)
    if claim.value is None or claim.unit is None:
        raise claims.ClaimError(f"claim {id} states no figure")
    return claim.value * units.factor(claim.unit, unit)


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
    own, card = post(), catalog.load().accelerator("h100_sxm5")
    return Scenario(
        parameters=own.parameters,
        layers=own.layers,
        chips=own.chips,
        peak_flops=card.peak_flops_8bit,
        memory_bandwidth=card.memory_bandwidth,
        link_bandwidth=card.interconnect_bandwidth,
        flop_per_parameter=own.flop_per_parameter,
    )


@cache
def quiet_hour_margin(trace: str) -> float:
    """Return mean load over that of the quietest hour, in Azure's "conversation" or "coding"."""
    fact = catalog.load().fact
    margin: float = demand.steady_margin(
        requests=fact(f"azure_2024_{trace}_requests").value,
        period=fact("azure_2024_duration").value * units.factor("day", "second"),
        trough_load=fact(f"azure_2024_{trace}_trough").value / units.factor("minute", "second"),
    )
    return margin
