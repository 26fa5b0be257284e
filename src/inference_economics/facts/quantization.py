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
    parts = _by_module(reader, inside, groups) or _by_word(inside, table)
    if parts is None:
        words = " ".join(str(inside.get(each)) for each in table["fields"] if inside.get(each))
        reader.notes.append(
            f"the format of quantization {shown(words or dict(said))} is not known: taken as 16 "
            f"bits, {_OTHERWISE}"
        )
        return cached
    experts = bool(numbers.get("experts"))
    if not experts:
        parts["expert"] = parts["other"]
    elif (reader.get("expert_dtype") or said.get("expert_dtype")) == "fp4":
        parts["expert"] = "mxfp4"
    if "attention" not in parts and _spares_attention(inside, numbers["layers"] or 1):
        parts["other" if experts else "attention"] = _TRAINED
    return {**{f"{part}_format": format_ for part, format_ in parts.items()}, **cached}


_TRAINED = "bf16"
_OTHERWISE = "unless --weight-bits (in Python, weight_bits) says what a weight takes on average"


def _spares_attention(said: Reader, layers: float) -> bool:
    """Say whether attention is left in 16 bits: in every layer, and not only small parts of it."""
    table = families()["quantization"]
    spared = said.first(table["spared"])[1]
    names = [str(each) for each in spared] if isinstance(spared, list) else []
    names = [each for each in names if "attn" in each and not re.search(table["small"], each)]
    return len(names) >= layers or any(not re.search(r"\d\.", each) for each in names)


def _by_word(said: Reader, table: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the formats of parts where one word or number says them; None if none does."""
    if (format_ := _format(said, table)) is None:
        return None
    expert, _, rest = format_.partition(", else ")
    parts = {"expert": expert, "other": rest or expert}
    if said.get("lm_head") is True:
        parts["head"] = expert
    elif (bits := said.get("head_bits")) is not None:
        parts["head"] = f"{_bits('head_bits', bits):g} bits"
    if not said.get("quant_method") and said.get("bits"):  # MLX, which names no method
        parts |= {"head": expert, "embedding": expert}
    return parts


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
        fits = (part for part, like in table["parts"].items() if re.search(like, str(name)))
        format_ = _format(Reader((each,), {}), table) if isinstance(each, Mapping) else None
        if format_ is None:
            return None
        found.setdefault(next(fits, "other"), Counter())[format_] += 1
    found.pop("left_out", None)
    if not found:
        return None
    if several := [part for part, formats in found.items() if len(formats) > 1]:
        reader.notes.append(
            f"quantization has several formats for {' and '.join(several)} weights: all are taken "
            f"in the one with the most names, {_OTHERWISE}"
        )
    parts = {part: formats.most_common(1)[0][0] for part, formats in found.items()}
    usual = parts.pop("every", _TRAINED)
    parts = {"other": usual, "attention": usual, **parts}
    return {"expert": parts["other"], **parts}


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
