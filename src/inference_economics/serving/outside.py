"""What lies outside of the measurements that were fitted to: said, and with a wider interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..facts.calibration import ONE_BY_ONE, machine_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..facts.catalog import Record


class Kind(NamedTuple):
    """A way to lie outside: what is said of it, and by which factor the interval is wider."""

    sentence: str
    factor: float

    @property
    def said(self) -> str:
        """The sentence, with what follows for the interval."""
        return f"{self.sentence}; an interval is {self.factor:g} times as wide"


KINDS: Mapping[str, Kind] = {
    "few bits": Kind("below four bits nothing was fitted", 2.5),
    "kernel by kernel": Kind(
        "experts with kernels launched one by one were not fitted to",
        1.5,
    ),
    "no fast links": Kind(
        "no fast links are known between these accelerators: the latency of an all-reduce is that "
        "of NVLink, and PCIe's is longer",
        1.5,
    ),
    "nodes": Kind("few sources that were fitted to span several nodes", 1.25),
    "sparse attention": Kind("no sparse attention was fitted to", 1.5),
    "newest": Kind("experts on this maker's newest accelerators were not fitted to", 2.0),
}
"""In the order in which they are said."""

_FEWEST_BITS = 4
_FAST = 1e11
"""Bytes per second and accelerator that links of PCIe do not reach."""
_NEW = 2024


def of(machine: Record, model: Record, values: Mapping[str, float]) -> tuple[str, ...]:
    """Return which of `KINDS` a deployment is, whatever launches its kernels."""
    chips = values["chips"]
    found = {
        "kernel by kernel": values["experts"] > 1,
        "few bits": values["bits_per_parameter"] < _FEWEST_BITS,
        "no fast links": chips > 1 and values["link_bandwidth"] < _FAST,
        "nodes": chips > values["node_size"],
        "sparse attention": model.has("selected"),
        "newest": machine_kind(machine) == "AMD, HBM"
        and machine.year >= _NEW
        and values["experts"] > 1,
    }
    return tuple(kind for kind in KINDS if found.get(kind))


def kinds(of_deployment: Iterable[str], launch: str) -> tuple[str, ...]:
    """Return the kinds of a deployment whose kernels are launched so."""
    return tuple(
        kind for kind in of_deployment if kind != "kernel by kernel" or launch == ONE_BY_ONE
    )


def factor(found: Iterable[str]) -> float:
    """Return by which factor the interval is wider: that of the widest kind."""
    return max((KINDS[kind].factor for kind in found), default=1.0)
