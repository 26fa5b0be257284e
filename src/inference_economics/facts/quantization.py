"""In how many bits the parts of a model are stored, by its configuration.

Which words and fields say it stands in `data/families.toml`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from . import matching
from .catalog import CatalogError
from .fields import Reader, families, shown


def stored(reader: Reader, numbers: Mapping[str, float | None]) -> dict[str, str]:
    """Return the formats in which parts of a model are stored; none if nothing is said."""
    table = families()["quantization"]
    name, said = reader.first(table["tables"])
    if said is None:
        return {}
    if not isinstance(said, Mapping):
        raise CatalogError(f"{name} = {shown(said)}: must be a table of fields")
    groups = said.get("config_groups")
    groups = list(groups.values()) if isinstance(groups, Mapping) else []
    inside = Reader(({"group": groups[0], **said},) if len(groups) == 1 else (said,), {})
    cached = _cached(reader, *inside.first(table["caches"]))
    parts = _by_module(reader, inside, groups) or _by_word(inside, numbers)
    if parts is None:
        words = " ".join(str(inside.get(each)) for each in table["fields"] if inside.get(each))
        reader.notes.append(
            f"the format of quantization {shown(words or dict(said))} is not known: taken as 16 "
            f"bits, {_OTHERWISE}"
        )
        return cached
    if not numbers.get("experts"):
        parts["expert"] = parts["other"]
    elif (reader.get("expert_dtype") or said.get("expert_dtype")) == "fp4":
        parts["expert"] = "mxfp4"
    return {**{f"{part}_format": format_ for part, format_ in parts.items()}, **cached}


_TRAINED = "bf16"
_OTHERWISE = "unless --weight-bits (in Python, weight_bits) says what a weight takes on average"


def _spared(said: Reader, numbers: Mapping[str, float | None]) -> list[str]:
    """Return the parts that are left in 16 bits: in most layers, and not only a little of them."""
    table, layers = families()["quantization"], numbers["layers"] or 1
    named = [str(each) for name in table["spared"] for each in _listed(said.get(name))]
    left: dict[str, list[str]] = {"attention": [], "other": []}
    for name in named:
        part = _part(name, table)
        if part == "mlp" and not numbers.get("experts"):
            part = "other"
        if part in left and not re.search(table["small"], name):
            left[part].append(name)
    found = [part for part, names in left.items() if _is_most(names, layers)]
    beside = numbers.get("dense_layers") or numbers.get("shared_ffn_size")
    if found == ["attention"] and numbers.get("experts") and not beside:
        found.append("other")  # only routers are left, which files keep in 16 bits
    return found


def _listed(said: Any) -> list[Any]:
    """Return the modules that a field spares: its list, or the keys that say so."""
    if isinstance(said, Mapping):  # GPTQ begins them with a sign, AutoRound gives them 16 bits
        return [
            name
            for name, each in said.items()
            if str(name).startswith("-:")
            or (isinstance(each, Mapping) and each.get("bits") in (_PLAIN, 2 * _PLAIN))
        ]
    return said if isinstance(said, list) else []


def _is_most(names: list[str], layers: float) -> bool:
    """Say whether modules are those of most layers, and more than one projection of each."""
    if any(not re.search(r"\d\.", name) for name in names):
        return True
    kinds = {name.rpartition(".")[2] for name in names}
    places = {re.search(r"\d+", name)[0] for name in names}  # type: ignore[index]
    one = len(kinds) == 1 and next(iter(kinds)).endswith("_proj")
    return not one and 2 * len(places) >= layers


def _part(name: str, table: Mapping[str, Any]) -> str:
    """Return the part of a model that a module belongs to, by its name."""
    return next((p for p, like in table["parts"].items() if re.search(like, name)), "other")


def _by_word(said: Reader, numbers: Mapping[str, float | None]) -> dict[str, str] | None:
    """Return the formats of parts where one word or number says them; None if none does."""
    if (format_ := _format(said, families()["quantization"])) is None:
        return None
    expert, _, rest = format_.partition(", else ")
    parts = {"expert": expert, "other": rest or expert, "attention": rest or expert}
    if said.get("lm_head") is True:
        parts["head"] = expert
    elif (bits := said.get("head_bits")) is not None:
        parts["head"] = f"{_bits('head_bits', bits):g} bits"
    if not said.get("quant_method") and said.get("bits"):  # MLX, which names no method
        parts |= {"head": expert, "embedding": expert}
    return parts | dict.fromkeys(_spared(said, numbers), _TRAINED)


def _by_module(reader: Reader, said: Reader, groups: list[Any]) -> dict[str, str] | None:
    """Return the formats of parts where modules, or several groups of them, each have their own."""
    table = families()["quantization"]
    _, named = said.first(table["modules"])
    modules = list(named.items()) if isinstance(named, Mapping) else []
    if not modules and len(groups) > 1:
        modules = [
            (target, {"quant_method": said.get("quant_method"), "group": group})
            for group in groups
            if isinstance(group, Mapping) and isinstance(group.get("targets"), list)
            for target in group["targets"]
        ]
    found: dict[str, Counter[str]] = {}
    for name, each in modules:
        if re.search(table["small"], str(name)):
            continue
        format_ = _format(Reader((each,), {}), table) if isinstance(each, Mapping) else None
        part = _part(str(name), table).replace("mlp", "other")
        found.setdefault(part, Counter())[format_ or ""] += 1
    found.pop("left_out", None)
    if not found or any("" in formats for formats in found.values()):
        return None
    if several := [part for part, formats in found.items() if len(formats) > 1]:
        reader.notes.append(
            f"quantization has several formats for {' and '.join(several)} weights: all are taken "
            f"in the one with the most names, {_OTHERWISE}"
        )
    parts = {part: formats.most_common(1)[0][0] for part, formats in found.items()}
    usual = parts.pop("every", _TRAINED)
    return {"expert": usual, "other": usual, "attention": usual, **parts}


def _cached(reader: Reader, name: str, said: Any) -> dict[str, str]:
    """Return the format of the cache that a configuration asks for; none if it asks for none."""
    called = str(said or "none").lower()
    if called == "none":
        return {}
    if isinstance(said, Mapping):
        whole = "int" if said.get("type") == "int" else "fp"
        called = f"{whole}{said.get('num_bits')}"
    if matching.stored(called):
        return {"cache_format": called}
    reader.notes.append(f"{name} {shown(said)} is not known: the cache is taken in 16 bits")
    return {}


def _format(said: Reader, table: Mapping[str, Any]) -> str | None:
    flagged = [format_ for flag, format_ in table["flags"].items() if said.get(flag) is True]
    if flagged:
        return flagged[0]
    words = " ".join(str(said.get(name) or "") for name in table["fields"]).lower()
    for word, format_ in table["words"].items():
        if word in words:
            return format_ or None
    name, stated = said.first(table["bits"])
    if stated is None:
        return None
    number, block = _bits(name, stated), said.first(table["blocks"])[1]
    bits = f"{number:g}"
    if any(each in words for each in table["floats"]):
        known = table["of_floats"]
        return known.get(f"{bits} in {block}") or known.get(bits) or f"{bits} bits"
    if not _BLOCK.fullmatch(str(block)):  # no format of such: as many as are stored
        return (block is None and table["of_bits"].get(bits)) or f"{bits} bits"
    zero = table["zero_bits"].get(str(said.get("quant_method") or ""), number)
    if said.get("group.weights.symmetric") is False:
        zero = number
    return f"{bits} bits and {_PLAIN + zero:g} for {block}"


_BLOCK = re.compile(r"[1-9]\d{0,8}")
BLOCKS = re.compile(r"(?P<bits>[\d.]+) bits and (?P<scale_bits>[\d.]+) for (?P<block>\d+)")
"""A format without a name: the bits of a number, and those that a block of so many shares."""


def _bits(name: str, stated: Any) -> float:
    """Return a number of bits that a field states; raise CatalogError if it is none."""
    try:
        bits = math.nan if isinstance(stated, bool) else float(stated)
    except (TypeError, ValueError, OverflowError):
        bits = math.nan
    if not 1 <= bits <= _PLAIN:
        raise CatalogError(f"{name} = {shown(stated)}: must be a number of bits from 1 to 16")
    return bits


_PLAIN = 16
"""Bits of a weight that is stored as it was trained."""
