"""What lies outside of the measurements that were fitted to: said, and with a wider interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..facts import files
from ..facts.calibration import ANY, LATER, ONE_BY_ONE, machine_kind
from ..facts.load_calibration import WITH_SERVICES

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

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
    name: Kind(**said) for name, said in files.toml("outside.toml").items()
}
"""In the order in which they are said."""

_FEWEST_BITS = 4
FAST = 1e11
"""Bytes per second and accelerator that links of PCIe do not reach."""
_LITTLE = 100
"""Operations for a byte of bandwidth: those fitted that have stacked memory do 117 or more."""


def of(
    machine: Record, model: Record, values: Mapping[str, float], guessed: Container[str] = ()
) -> tuple[str, ...]:
    """Return which of `KINDS` a deployment is, whatever launches its kernels and asks for it.

    `guessed` are the names of values that no source states.
    """
    chips, kind = values["chips"], machine_kind(machine)
    linked = values["link_bandwidth"] >= FAST and "link_bandwidth" not in guessed
    found = {
        "strange": kind == ANY,
        "hardly known": kind in LATER,
        "strange experts": kind in {ANY, *LATER} and values["experts"] > 1,
        "no service": kind not in {WITH_SERVICES, ANY},
        "little arithmetic": machine.words.get("stacked_memory") != "no"
        and machine.has("peak_flops_16bit")
        and machine.peak_flops_16bit < _LITTLE * values["memory_bandwidth"],
        "kernel by kernel": values["experts"] > 1,
        "few bits": values["bits_per_parameter"] < _FEWEST_BITS,
        "no fast links": chips > 1 and not linked,
        "nodes": chips > values["node_size"],
        "sparse attention": model.has("selected") or model.has("compressed_layers"),
        "AMD experts": kind == "AMD, HBM" and values["experts"] > 1,
    }
    return tuple(kind for kind in KINDS if found.get(kind))


def kinds(
    of_deployment: Iterable[str],
    launch: str,
    *,
    service: bool = False,
    apart: bool = False,
    alone: bool = False,
) -> tuple[str, ...]:
    """Return the kinds of a deployment whose kernels are launched so, for steps or a service.

    `apart` says whether the service has machines of their own for prompts, `alone` whether it
    has one request at a time.
    """
    left = {"no service": not service, "kernel by kernel": launch != ONE_BY_ONE}
    found = [kind for kind in of_deployment if not left.get(kind)]
    said = {"apart": apart, "alone": alone}
    return (*(kind for kind, so in said.items() if so), *found)


MOST_CHIPS = 8
"""Most accelerators that one of the services that were fitted shared."""
_SHORT = 4


def cautions(chips: float, answer: float) -> tuple[str, ...]:
    """Return in words what else no service was fitted to: many accelerators, and short answers."""
    found = []
    if chips > MOST_CHIPS:
        found.append(
            f"no run of a service on more than {MOST_CHIPS} accelerators was fitted: the interval "
            "may be too narrow"
        )
    if answer <= _SHORT:
        found.append(
            f"an answer of so few tokens ({answer:g}): the first one may come later, by the time "
            "of a further one"
        )
    return tuple(found)


def factor(found: Iterable[str], *, first: bool = True) -> float:
    """Return by which factor the interval is wider: that of the widest kind.

    Some kinds are of the time to the `first` token alone.
    """
    return max((KINDS[each].factor for each in found if first or each != "alone"), default=1.0)
