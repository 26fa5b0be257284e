"""What cannot be laid out or does not fit: each rule, and each sentence that refuses, once.

The sentences have blanks; a page fills them as Python does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Divides:
    """A number must be a multiple of others' product.

    Attributes:
        whole: the name of what is split.
        parts: the names of what it is split into.
        sentence: what is said where it cannot be.
        either: whether the product may be a multiple of the number instead.

    """

    whole: str
    parts: tuple[str, ...]
    sentence: str
    either: bool = False

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Say whether it can be split; what is not known is not refused."""
        product = math.prod(values[name] for name in self.parts)
        whole = values.get(self.whole, product)
        return whole % product == 0 or (self.either and product % whole == 0)


def _heads(name: str, kind: str, *, either: bool = False) -> Divides:
    sentence = (
        "tensor parallelism does not divide: {tensor_width} accelerators cannot share the "
        f"{{{name}:g}} {kind} heads of {{model}} evenly; choose other chips, stages or replicas"
    )
    return Divides(name, ("tensor_width",), sentence, either)


SPLIT = Divides(
    "chips",
    ("stages", "replicas"),
    "chips = {chips} cannot be split into stages = {stages} of replicas = {replicas} each",
)
SPLIT_ON_A_PAGE = replace(
    SPLIT,
    sentence="{chips} accelerators cannot be split into {stages} stages of {replicas} copies each",
)
LAYERS = "stages = {stages}: {model} has {layers:g} layers only"
HEADS = (_heads("heads", "attention"), _heads("kv_heads", "key-value", either=True))

PADDED = (
    "the {heads:g} attention heads of {model} do not divide over {tensor_width} accelerators: they "
    "are taken to be padded"
)

MEMORY: Mapping[str, str] = {
    "weights": "{name} does not fit: the weights take {held}, and {usable} can be used of the "
    "memory",
    "users": "{name} does not fit with {users} users of {context} tokens each: the weights leave "
    "room for {most} of them",
    "row": "does not fit: weights and caches fill {filled} of the memory",
}
IMPOSSIBLE = (
    "weights and caches would fill {filled} of the memory of n_chips = {chips}, which cannot have "
    "run: check n_chips, the requests at once, their tokens and the bits"
)
OFFLOADED = "; experts in the main memory are outside the model"
UNKNOWN = "{label}: no source states it; type a value to count it"
