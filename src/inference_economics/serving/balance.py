"""How much machines compute for each byte that they read: the catalog's, ranked.

What the chapters say of the most, of the newest or of how many is read off here, so that a new
row of the catalog changes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..algebra.own_names import own_names
from ..equations import decode, roofline, serving
from ..facts import catalog, configuration, own_machine
from .scenario import Scenario
from .served import counts

if TYPE_CHECKING:
    from ..facts.catalog import Record

__dir__ = own_names(__name__)

BITS = (16, 8, 4)
"""The number formats in which machines are compared."""


@dataclass(frozen=True)
class Balance:
    """A machine and a number format.

    Attributes:
        chip: the machine, as the catalog has it.
        bits: bits of the numbers that it multiplies, and of a weight.
        ridge: operations that it can do in the time in which it reads a byte.
        batch: its critical batch for a dense model, in tokens.

    """

    chip: Record
    bits: int
    ridge: float
    batch: float

    @property
    def name(self) -> str:
        """The machine's name without what stands in brackets behind it."""
        return str(self.chip.name.split(" (")[0])


def data_center() -> list[Record]:
    """Return the catalog's machines for data centers whose memory lies beside the chip.

    A card of which the catalog also has one die counts once.
    """
    return [
        chip
        for chip in catalog.load().accelerators.values()
        if not chip.name.endswith("(one die)")
        and (
            chip.words.get("kind") in ("accelerator", "tpu")
            or (chip.words.get("kind") == "gpu" and chip.words.get("stacked_memory") == "yes")
        )
    ]


def balance(chip: Record, bits: int) -> Balance | None:
    """Return a machine's balance in a number format; None where no source states its rates."""
    column = f"peak_flops_{bits}bit"
    if not chip.has(column, "memory_bandwidth"):
        return None
    given = {"peak_flops": chip.numbers[column], "memory_bandwidth": chip.memory_bandwidth}
    batch = roofline.critical_batch(**given, bits_per_parameter=bits, flop_per_parameter=2)
    return Balance(chip, bits, float(roofline.ridge_point(**given)), float(batch))


def ranked(bits: int) -> list[Balance]:
    """Return the balances of the machines for data centers, that of most operations first."""
    found = [each for chip in data_center() if (each := balance(chip, bits))]
    return sorted(found, key=lambda each: -each.ridge)


def line(bits: int, vendor: str = "NVIDIA") -> list[Balance]:
    """Return, year by year, the balance of a vendor's machine that reads fastest."""
    fastest: dict[int, Balance] = {}
    for each in ranked(bits):
        if each.chip.vendor == vendor:
            before = fastest.setdefault(each.chip.year, each)
            if each.chip.memory_bandwidth > before.chip.memory_bandwidth:
                fastest[each.chip.year] = each
    return [fastest[year] for year in sorted(fastest)]


def later(year: int, bits: int, vendor: str = "NVIDIA") -> list[Balance]:
    """Return the balances of a vendor's machines of the years after one, the highest first."""
    return [each for each in ranked(bits) if each.chip.vendor == vendor and each.chip.year > year]


def smallest(chip: Record) -> Balance | None:
    """Return a machine's balance in the fewest bits that it multiplies; None if none is known."""
    return next((each for bits in reversed(BITS) if (each := balance(chip, bits))), None)


def newest() -> list[Balance]:
    """Return the machines of the catalog's last year, each in the fewest bits that it multiplies.

    Machines for data centers with a known balance; that of the largest critical batch first.
    """
    known = [each for chip in data_center() if (each := smallest(chip))]
    last = max(each.chip.year for each in known)
    return sorted((e for e in known if e.chip.year == last), key=lambda each: -each.batch)


def two_terms(accelerator: str, model: str, bits: int = 8) -> Scenario:
    """Return a step in which the reading of weights and the arithmetic count, and nothing else.

    `accelerator` and `model` are names of the catalog's; weights and arithmetic have so many bits.
    How many machines share the work changes nothing of the share of the arithmetic that is used.
    Raises CatalogError where no source states a rate.
    """
    chip, shape = own_machine.find(accelerator)[0], configuration.model(model)
    known = counts(shape)
    names = ("stored_parameters", "shared_parameters", "active_parameters")
    return Scenario(
        {
            **{name: known[name] for name in names},
            **{name: known.get(name, 0.0) for name in ("routed_parameters", "input_embedding")},
            **{name: shape.numbers.get(name, 1.0) for name in ("experts", "experts_per_token")},
            "peak_flops": getattr(chip, f"peak_flops_{bits}bit"),
            "memory_bandwidth": chip.memory_bandwidth,
            "bits_per_parameter": bits,
            "flop_per_parameter": 2,
            "draft_length": 0,
            **dict.fromkeys(("chips", "stages", "replicas", "bandwidth_share", "compute_share"), 1),
        }
    )


utilization = serving.utilization.using(decode.decode_compute_time, decode.decode_weight_time)
"""Share of the arithmetic that is used, experts counted that the batch needs."""


def sparse_batches(accelerator: str, bits: int = 8) -> dict[str, float]:
    """Return the critical batch of each listed model that has experts, for one of its experts.

    By the model's name, in tokens, on an accelerator of the catalog whose weights and arithmetic
    have so many bits; the smallest first. Raises CatalogError where no source states its rates.
    """
    chip = own_machine.find(accelerator)[0]
    given = {
        "peak_flops": getattr(chip, f"peak_flops_{bits}bit"),
        "memory_bandwidth": chip.memory_bandwidth,
        "bits_per_parameter": bits,
        "flop_per_parameter": 2,
    }
    found = {
        model.name: float(
            roofline.critical_batch_of_experts(
                **given, experts=model.experts, experts_per_token=model.experts_per_token
            )
        )
        for model in catalog.load().models.values()
        if model.has("experts", "experts_per_token")
    }
    return dict(sorted(found.items(), key=lambda item: item[1]))
