"""In how many bits the parts of a model are stored, by its configuration.

Which words and fields say it stands in `data/families.toml`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from . import matching, modules
from .catalog import CatalogError
from .fields import Reader, families, shown


def stored(reader: Reader, numbers: Mapping[str, float]) -> dict[str, str]:
    """Return the formats in which parts of a model are stored; none if nothing is said."""
    table = families()["quantization"]
    name, said = reader.first(table["tables"])
    if said is None:
        name, kept = reader.first(table["kept"])
        if kept in table["wide"]:
            reader.notes.append(f"{name} = {shown(kept)}: taken as 16 bits, {_OTHERWISE}")
        return {}
    if not isinstance(said, Mapping):
        raise CatalogError(f"{name} = {shown(said)}: must be a table of fields")
    if isinstance(inner := said.get("quantization"), Mapping):  # as ModelOpt keeps it
        said = {"quant_method": "modelopt", **inner}
    groups = said.get("config_groups")
    groups = list(groups.values()) if isinstance(groups, Mapping) else []
    inside = Reader(({"group": groups[0], **said},) if len(groups) == 1 else (said,))
    name, sparse = inside.first(table["sparse"]["fields"])
    if sparse in table["sparse"]["words"]:
        reader.notes.append(f"{name} = {shown(sparse)}: zeros are counted as if they were stored")
    cached = _cached(reader, *inside.first(table["caches"]))
    if said.get("moe_quant_algo"):  # the other words and lists are about the experts, too
        inside = Reader(({"quant_method": said.get("quant_method")},))
    listed = _modules(inside, groups)
    usual = dict.fromkeys(_PARTS, _TRAINED) if listed else _by_word(inside)
    named = _named(inside, listed)
    if usual is None or any(format_ is None for _, format_ in named):
        words = " ".join(str(inside.get(each)) for each in table["fields"] if inside.get(each))
        reader.notes.append(
            f"the format of quantization {shown(words or dict(said))} is not known: taken as 16 "
            f"bits, {_OTHERWISE}"
        )
        return cached
    parts = _by_part(reader, numbers, usual, named)
    if not numbers.get("experts"):
        parts["expert"] = parts["other"]
    elif own := Reader((said, *reader.parts)).first(table["of_experts"])[1]:
        parts["expert"] = _format(Reader(({"fmt": own},)), table) or parts["expert"]
    return {**{f"{part}_format": format_ for part, format_ in parts.items()}, **cached}


_PARTS = ("expert", "other", "attention")
_TRAINED = "bf16"
_OTHERWISE = "unless --weight-bits (in Python, weight_bits) says what a weight takes on average"


def _by_word(said: Reader) -> dict[str, str] | None:
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
    return parts


def _modules(said: Reader, groups: list[Any]) -> list[tuple[Any, Any]]:
    """Return modules, or several groups of them, that each have a format: all of them last."""
    _, named = said.first(families()["quantization"]["modules"])
    if isinstance(named, Mapping) and named:
        return sorted(named.items(), key=lambda pair: pair[0] == "_default")
    found = [
        (target, {"quant_method": said.get("quant_method"), "group": group})
        for group in groups
        if isinstance(group, Mapping)
        for target in _listed(group.get("targets"))
    ]
    if len(groups) > 1 or any(not str(target).isalpha() for target, _ in found):
        return sorted(found, key=lambda pair: pair[0] == "Linear")
    # GPTQ's, a list for each pass over a layer.
    passes = _listed(said.get("modules_in_block_to_quantize"))
    return [(f"layers.*.{name}", dict(said.parts[0])) for each in passes for name in _listed(each)]


def _listed(said: Any) -> list[Any]:
    return said if isinstance(said, list) else []


def _named(said: Reader, listed: list[tuple[Any, Any]]) -> list[tuple[str, str | None]]:
    """Return modules and what format each has: of several that fit a matrix, the first counts."""
    table, own = families()["quantization"], said.parts[-1]
    pairs = [(name, None) for field in table["spared"] for name in _listed(said.get(field))]
    for each in (*map(said.get, table["apart"]), {} if said.get("quant_method") else own):
        fields = each.items() if isinstance(each, Mapping) else ()
        pairs += [
            (name, how)
            for name, how in fields
            if each is not own or how is False or isinstance(how, Mapping)
        ]
    # What a module does not say, the whole says, unless that is only the list of modules; of MLX,
    # which names no method, its code.
    usual = {name: how for name, how in own.items() if not (listed or isinstance(how, Mapping))}
    usual = usual if said.get("quant_method") else table["of_modules"]
    found: list[tuple[str, str | None]] = []
    for name, how in (*pairs, *listed):
        bits = how.get("bits") if isinstance(how, Mapping) else None
        plain = how in (None, False) or bits in (_PLAIN, 2 * _PLAIN) or str(name).startswith("-:")
        format_ = _TRAINED if plain else _format(Reader((how, usual)), table) or ""
        found.append((str(name), format_.partition(", else ")[0] or None))
    return found


def _by_part(
    reader: Reader,
    numbers: Mapping[str, float],
    usual: Mapping[str, str],
    named: list[tuple[str, str | None]],
) -> dict[str, str]:
    """Return the formats of parts; of kinds of blocks and matrices of attention, if they differ."""
    parts = dict(usual)
    if not named:
        return parts
    mixed: dict[str, dict[str, Counter[str]]] = {}
    taken = modules.taken(reader, numbers, [(name, str(format_)) for name, format_ in named])
    for (_, part, matrix), formats in taken.items():
        whole = _WHOLE.get(part, "attention")
        name = f"{part}_{matrix}" if whole == "attention" else part
        many = mixed.setdefault(whole, {}).setdefault(name, Counter())
        own = usual.get(whole, _TRAINED)
        for format_, share in (*formats.items(), (own, 1 - sum(formats.values()))):
            many[format_] += round(share * _FINE)
    for whole, each in mixed.items():
        said = {name: _said(many) for name, many in each.items()}
        parts |= {whole: min(said.values())} if len({*said.values()}) == 1 else said
    if "other" not in mixed:  # only what chooses the experts
        parts["other"] = parts["attention"]
    return parts


_WHOLE = {"expert": "expert", "shared": "other", "dense": "other"} | {
    table: table for table in modules.TABLES
}
"""Parts of a layer, but for its attention, and what has their format where they are alike."""


def _said(many: Counter[str]) -> str:
    """Return the formats of a part and their shares as a text, which `shares` reads."""
    found = [(each / many.total(), format_) for format_, each in many.most_common() if each]
    several = _MIXED.join(f"{share:.9g}{_IN}{format_}" for share, format_ in found)
    return several if found[1:] else found[0][1]


_FINE = 10**9
"""Shares are counted so finely."""
_MIXED, _IN = " + ", " in "
"""What parts the formats of a part that has several, and a share from its format."""


def shares(formats: str) -> list[tuple[float, str]]:
    """Return the formats of a part and what share of it each has, the largest first."""
    if _MIXED not in formats:
        return [(1.0, formats)]
    parted = (each.partition(_IN) for each in formats.split(_MIXED))
    return [(float(share), format_) for share, _, format_ in parted]


def _cached(reader: Reader, name: str, said: Any) -> dict[str, str]:
    """Return the format of the cache that a configuration asks for; none if it asks for none."""
    called = str(said or "none").lower()
    called = families()["quantization"]["cached"].get(called, called)
    if called == "none":
        return {}
    if isinstance(said, Mapping) and "num_bits" not in said:  # Quark's, for keys and for values
        called = str(Reader((next(iter(said.values()), {}),)).get("output_tensors.dtype"))
    elif isinstance(said, Mapping):
        whole = "int" if said.get("type") == "int" else "fp"
        called = f"{whole}{said.get('num_bits')}"
    if matching.stored(called):
        return {"cache_format": called}
    reader.notes.append(f"{name} {shown(said)} is not known: the cache is taken in 16 bits")
    return {}


def _format(said: Reader, table: Mapping[str, Any]) -> str | None:
    """Return the format that fields say, with what it is multiplied with; None if it is unknown."""
    said = _of_torchao(said, table)
    format_, acting = _stored(said, table), _acting(said, table)
    if format_ is None or acting is None or ", else " in format_:
        return format_
    known = families()["formats"].get(format_)
    wanted = "" if acting == _PLAIN else f", multiplied in {acting:g}"
    if known is None:
        return f"{format_.partition(',')[0]}{wanted}"
    if known["multiplied"] == acting:
        return format_
    block = f" and {known['scale_bits']:g} for {known['block']}" if known["scale_bits"] else ""
    return f"{known['bits']:g} bits{block}{wanted}"


def _of_torchao(said: Reader, table: Mapping[str, Any]) -> Reader:
    """Return what torchao says by the name of a class in the fields that others have."""
    name, kind = said.first(table["classes"])
    found = re.match(table["torchao"], str(kind or "").lower().replace("_", ""))
    if not found:
        return said
    own = said.get(f"{name.removesuffix('_type')}_data") or said.get("quant_type_kwargs")
    inner = Reader((own if isinstance(own, Mapping) else {},))
    kept, acting = (
        str(inner.first(table["dtypes"][which])[1] or found[which]) for which in ("weight", "act")
    )
    plain: dict[str, Any] = {"group_size": inner.first(table["blocks"])[1]}
    whole = re.match(r"u?int(\d)", kept)
    if whole and plain["group_size"]:
        method = "tinygemm" if found["weight"] == "int4" and found["only"] else "torchao"
        plain |= {"quant_method": method, "bits": int(whole[1])}
    else:
        plain["weights"] = kept.removeprefix("u").replace("float", "fp")
    bits = re.search(r"\d", acting)
    return Reader(({**plain, "act_bits": int(bits[0]) if bits else _PLAIN},))


def _acting(said: Reader, table: Mapping[str, Any]) -> float | None:
    """Return the bits of what weights are multiplied with, where fields say it; else None."""
    if said.get("quant_method") in table["weights_only"]:
        return _PLAIN
    acting = said.get("act_bits")
    for within, name in table["acting"].items():
        part = said.get(within)
        if isinstance(part, Mapping) and name in part:
            own = part[name]
            fields = Reader((own,)) if isinstance(own, Mapping) else None
            acting = fields.first(["num_bits", "dtype"])[1] if fields else own or _PLAIN
    bits = re.search(r"\d+", str(acting))
    return float(bits[0]) if bits and bits[0] in _ACTING else None


_ACTING = ("4", "8", "16")
"""Bits in which chips multiply."""


def _stored(said: Reader, table: Mapping[str, Any]) -> str | None:
    for flag, format_ in table["flags"].items():
        if said.get(flag) is True:
            return str(format_)
    words = " ".join(str(said.get(name) or "") for name in table["fields"]).lower()
    for word, format_ in table["words"].items():
        if word in words:
            size = said.get("weight_block_size")
            many = size if isinstance(size, list) and {*map(type, size)} == {int} else []
            return table["of_floats"].get(f"8 in {math.prod(many)}", format_) or None
    name, stated = said.first(table["bits"])
    if stated is None:
        return None
    number, block = _bits(name, stated), said.first(table["blocks"])[1]
    bits = f"{number:g}"
    if any(each in words for each in table["floats"]):
        known = table["of_floats"]
        return known.get(f"{bits} in {block}") or known.get(bits) or f"{bits} bits"
    if not _BLOCK.fullmatch(str(block)):  # no format of such: as many as are stored
        exact = block is not None or said.get("quant_method") in table["exact"]
        exact = exact or said.get("group.weights.strategy") in table["unblocked"]
        return (not exact and table["of_bits"].get(bits)) or f"{bits} bits"
    zero = table["zero_bits"].get(str(said.get("quant_method") or ""), number)
    if said.get("group.weights.symmetric") is False:
        zero = number
    return f"{bits} bits and {_PLAIN + zero:g} for {block}"


_BLOCK = re.compile(r"[1-9]\d{0,8}")
FORMAT = re.compile(
    r"(?P<bits>[\d.]+) bits(?: and (?P<scale_bits>[\d.]+) for (?P<block>\d+))?"
    r"(?:, multiplied in (?P<multiplied>\d+))?"
)
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
