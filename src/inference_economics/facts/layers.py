"""Which of a model's layers are of which kind, and which have experts, by its configuration."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from .catalog import CatalogError
from .fields import Reader, families, shown, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_LAYERS = 10**4
OF_KIND = {
    "linear": ("linear_key_heads", "linear_key_size", "linear_value_heads", "linear_value_size"),
    "recurrent": ("recurrent_heads", "recurrent_head_size", "recurrent_groups", "state_size"),
    "convolved": (),
}
"""Kinds of layers that keep a state, and what each needs."""


def blocks_of(reader: Reader, layers: int) -> list[str]:
    """Return of each feed-forward block, from the first to the last, whether it has experts."""
    table = families()["feed_forward"]
    for name in table["lists"]:
        said = reader.get(name)
        if isinstance(said, (list, str)):
            return as_words(name, said, table["words"], layers)
    for name in table["with_experts"]:
        said = reader.get(name)
        if isinstance(said, str):
            said = [int(each) if each.strip().isdecimal() else each for each in said.split(",")]
        if isinstance(said, list) and said:
            inside = {whole(name, place) for place in said}
            return ["experts" if place in inside else "dense" for place in range(layers)]
    first = reader.number(table["leading"]) or 0
    step = reader.number(table["every"]) or 1
    name, without = reader.first(table["without_experts"])
    if not isinstance(without or [], list):
        raise CatalogError(f"{name} = {shown(without)}: must be a list of layers")
    return [
        "experts"
        if place >= first and (place + 1) % step == 0 and place not in (without or ())
        else "dense"
        for place in range(layers)
    ]


def as_words(
    name: str,
    said: Any,
    known: Mapping[str, list[Any]],
    many: int,
    own: Mapping[int, str] | None = None,
) -> list[str]:
    """Return what each entry of a list, or letter of a text, means; `own` goes before `known`."""
    meaning = {word: kind for kind, words in known.items() for word in words} | dict(own or {})
    entries = list(said)
    if many and len(entries) != many:
        raise CatalogError(f"{name} has {len(entries)} entries: must be {many}, one for each layer")
    for entry in entries:
        if isinstance(entry, (list, dict)) or entry not in meaning:
            allowed = ", ".join(map(repr, meaning))
            raise CatalogError(f"{name} has {shown(entry)}: not known; known are {allowed}")
    return [meaning[entry] for entry in entries]


def in_order(reader: Reader) -> list[str]:
    """Return what each layer is, from the first to the last."""
    table = families()["layers"]
    layers = reader.count("layers", _MOST_LAYERS) or 0
    if inside := reader.family.get("layer"):
        return as_words("layer", inside * layers, table["words"], 0)
    for name in table["lists"]:
        said = reader.get(name)
        if isinstance(said, (list, str)) and said:
            guessing = len(said) == layers + (reader.count("draft_layers") or 0)
            if layers and (name == "compress_ratios" or guessing):
                said = said[:layers]  # layers that guess further tokens may follow
            own = dict(enumerate(table["numbers"].get(name, ())))
            return as_words(name, said, table["words"], layers, own)
    return _order_without_list(reader, reader.needed("layers", _MOST_LAYERS))


def _order_without_list(reader: Reader, layers: int) -> list[str]:
    """Return what each layer is where some are named, or every so many-th is another."""
    table = families()["layers"]
    for name, each in table["numbered"].items():
        if isinstance(said := reader.get(name), list):
            named = {whole(name, place, layers) for place in said}
            places = range(each["first"], layers + each["first"])
            return [each["named"] if place in named else each["rest"] for place in places]
    for name, other in table["every"].items():
        if isinstance(said := reader.get(name), str) and said:
            repeated = as_words(name, said, table["words"], 0)
            return [repeated[place % len(said)] for place in range(layers)]
        if step := whole(name, said):
            return ["full" if place % step == 0 else other for place in range(1, layers + 1)]
    return _order_by_window(reader, layers)


def _order_by_window(reader: Reader, layers: int) -> list[str]:
    """Return what each layer is where no field tells them apart: all attend, some by a window."""
    for column, what in families()["layers"]["unsaid"].items():
        name, said = reader.first(reader.names(column))
        if said:
            raise CatalogError(
                f"{name} = {shown(said)}: needs a list that says which layers {what}, such as "
                f"{families()['layers']['lists'][0]}"
            )
    name, window = reader.first(families()["fields"]["window"])
    used = reader.get("use_sliding_window")
    wide, longest = reader.count("window"), reader.count("longest_context")
    if used is False or not wide or (longest and wide >= longest):  # none, or of any context
        return ["full"] * layers
    if used is not True:
        raise CatalogError(
            f"{name} = {shown(window)}: needs a list that says which layers have a window, such "
            f"as {families()['layers']['lists'][0]}; or use_sliding_window, true if all have one "
            "and false if none has"
        )
    # Where a file says so, the first layers have no window.
    first = min(layers, reader.number(["max_window_layers"]) or 0)
    return ["full"] * first + ["windowed"] * (layers - first)


def counted(reader: Reader) -> tuple[Counter[str], Counter[str]]:
    """Return the layers of each kind, and feed-forward blocks that stand for themselves."""
    order = Counter(in_order(reader))
    if reader.count("state_size") and not reader.count("linear_key_heads"):
        # Files that are saved today call state-space layers linear attention, too.
        order["recurrent"] += order.pop("linear", 0)
    blocks = Counter({kind: order.pop(kind, 0) for kind in ("experts", "dense")})
    if not set(order) - set(OF_KIND):
        raise CatalogError(
            "no layer has attention: a model that has only layers with a state cannot be read"
        )
    return order, blocks
