"""A model from its `config.json`, as hubs keep it: the same record as the catalog's.

What fields mean, and what a family of models leaves unsaid, stands in `data/families.toml`.
The record holds the shape only; what follows from it is counted by `equations.counting`.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from . import catalog, files, matching
from .catalog import CatalogError, Record
from .matching import Meant

Config = Mapping[str, Any]

MOST = 10**9
"""The greatest count or width that a configuration may name."""
_MOST_LAYERS = 10**4
_QUOTED = 60


def model(said: str | Path | Config) -> Record:
    """Return a model by a name, by its `config.json`, or from its content: see `named`."""
    return named(said)[0]


def named(said: str | Path | Config) -> tuple[Record, Meant]:
    """Return a model by a name, by its `config.json`, or from its content; and what a name means.

    A text is a path if it ends in `.json`, or is no id and names a folder that has a
    `config.json`. Raises CatalogError for an unknown name, and for a configuration that cannot be
    read.
    """
    if isinstance(said, Mapping):
        return record(said), Meant("")
    if isinstance(said, Path) or (isinstance(said, str) and is_path(said)):
        return read(str(said)), Meant(str(said))
    if not isinstance(said, str):
        raise CatalogError(f"model = {said!r:.60}: must be a name, in quotes")
    meant = matching.model(said)
    return catalog.load().models[meant.id], meant


def cache_bits(model: Record, meant: Meant) -> tuple[float, str]:
    """Return the bits of a cached number where none are given, and who says so, if anybody does.

    Engines keep 16, whatever the bits of the weights, unless the model itself asks for others.
    """
    if meant.cache is not None:
        return meant.cache, "as the model's name says"
    if own := model.words.get("cache_format"):
        return matching.stored(own)[0], "as the model's configuration says"
    return 16.0, ""


def is_path(said: str) -> bool:
    """Say whether a text names a file with a configuration, and not a model of the catalog."""
    if said.endswith(".json"):
        return True
    try:
        known = not said or said in catalog.load().models
        return not known and (Path(said) / "config.json").is_file()
    except (OSError, ValueError):  # too long for a path, or none
        return False


def read(path: str) -> Record:
    """Return the model whose `config.json`, or whose folder, has this path."""
    try:
        file = Path(path) / "config.json" if Path(path).is_dir() else Path(path)
        return _read(path, file, file.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise CatalogError(f"{path}: cannot be read as text ({error})") from None


@lru_cache(256)
def _read(path: str, file: Path, changed: int) -> Record:
    """Return the model of a file; `changed` is when it last did, so that none is stale."""
    del changed
    try:
        config = json.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path}: cannot be read as text ({error})") from None
    except (ValueError, RecursionError) as error:
        raise CatalogError(f"{path}: is no JSON ({error})") from None
    if not isinstance(config, dict):
        raise CatalogError(f"{path}: holds {_shown(config)}: must hold the fields of a model")
    try:
        own = file.resolve()
        return record(config, name=own.parent.name if own.stem == "config" else own.stem)
    except CatalogError as error:
        raise CatalogError(f"{path}: {error}") from None


@cache
def families() -> Mapping[str, Any]:
    """Return the table of fields and families."""
    return tomllib.loads(files.read("families.toml"))


@dataclass
class _Reader:
    """A configuration, its language part first, with what its family takes for granted last."""

    parts: tuple[Config, ...]
    family: Mapping[str, Any]
    notes: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def get(self, name: str) -> Any:
        """Return a field of the language part, of the whole, or of the family; None if none."""
        self.asked.add(name)
        for part in (*self.parts, self.family.get("silent", {})):
            found: Any = part
            for step in name.split("."):
                found = found.get(step) if isinstance(found, Mapping) else None
            if found is not None:
                return found
        return None

    def first(self, names: list[str]) -> tuple[str, Any]:
        """Return the first of these fields that is there, and its value."""
        return next(((n, v) for n in names if (v := self.get(n)) is not None), (names[0], None))

    def names(self, column: str) -> list[str]:
        """Return the fields that may give a column."""
        return [*self.family.get("fields", {}).get(column, ()), *families()["fields"][column]]

    def count(self, column: str, most: int = MOST) -> int | None:
        """Return a column's whole number, at least 1; None if no field gives it or it is 0."""
        name, value = self.first(self.names(column))
        if column == "window" and value == -1:  # as some files say that there is none
            return None
        return _whole(name, value, most) or None

    def needed(self, column: str, most: int = MOST) -> int:
        """Return a column's whole number; raise CatalogError if no field gives it, or it is 0."""
        names = self.names(column)
        name, value = self.first(names)
        if value is None:
            others = f" (nor {', '.join(names[1:])})" if names[1:] else ""
            raise CatalogError(f"no {names[0]}{others}: a model of this kind needs it")
        if not (found := _whole(name, value, most)):
            raise CatalogError(f"{name} = {_shown(value)}: must be at least 1")
        return found


def record(config: Config, *, name: str = "") -> Record:
    """Return the model of a configuration; raise CatalogError with what is wrong in it.

    `name` is what it is called if it does not say so itself.
    """
    table = families()
    whole = dict(config)
    inner = next((whole[n] for n in table["language"] if isinstance(whole.get(n), Mapping)), None)
    if inner is not None and isinstance(inner.get("text_config"), Mapping):
        inner = inner["text_config"]
    parts = (whole,) if inner is None else (inner, whole)
    types = [str(part["model_type"]) for part in parts if part.get("model_type")]
    for what, kinds in table["not_read"].items():
        for kind in kinds:
            if kind in types:
                raise CatalogError(f"model_type = {kind!r}: {what} cannot be read")
    if whole.get("is_encoder_decoder") is True:
        raise CatalogError("is_encoder_decoder = True: an encoder with a decoder cannot be read")
    family: Mapping[str, Any] = next(
        (each for kind in types for each in table["families"].values() if kind in each["types"]), {}
    )
    reader = _Reader(parts, family)
    if "note" in family:
        reader.notes.append(family["note"])
    numbers, words = _shape(reader)
    if not family:
        said = f"model_type {_shown(types[0])} is not known" if types else "no model_type"
        reader.notes.append(f"{said}: read as a plain decoder{_gates(reader, numbers)}")
    numbers |= _tower(whole)
    _refuse_what_differs(reader)
    _tell_what_is_unread(reader)
    words |= _stored(reader, numbers)
    called = whole.get("_name_or_path") or name or (types[0] if types else "a model")
    columns = next(iter(catalog.load().models.values())).columns
    return Record(
        id=str(called),
        name=str(called).rstrip("/").rpartition("/")[2],
        year=0,
        numbers={column: float(value) for column, value in numbers.items() if value is not None},
        words={**words, "note": "; ".join(reader.notes)} if reader.notes else words,
        columns=columns,
        sources=(),
    )


def _shape(reader: _Reader) -> tuple[dict[str, float | None], dict[str, str]]:
    count, needed = reader.count, reader.needed
    kinds, blocks = _kinds(reader)
    hidden, heads = needed("hidden_size"), needed("heads")
    mixing = sum(kinds.values())
    gated = reader.get("mla_use_output_gate") is True
    numbers: dict[str, float | None] = {
        "layers": mixing,
        "hidden_size": hidden,
        "heads": heads,
        "vocabulary": needed("vocabulary"),
        **{f"{kind}_layers": kinds[kind] or None for kind in (*_OF_KIND, *_COMPRESSED)},
        "query_projections": 2 if gated else reader.family.get("query_projections"),
        "layer_input": count("layer_input"),
        "draft_layers": count("draft_layers"),
        "longest_context": _longest(reader),
        **_feed_forward(reader, mixing, blocks),
    }
    # Of a file with several parts the whole decides: the parts may keep what their code assumes.
    tied = reader.parts[-1].get("tie_word_embeddings")
    tied = reader.get("tie_word_embeddings") if tied is None else tied
    if tied is not None and not isinstance(tied, bool):
        raise CatalogError(f"tie_word_embeddings = {_shown(tied)}: must be true or false")
    words = {"embeddings": "tied" if tied else "separate", "status": "published"}
    for kind, columns in _OF_KIND.items():
        if kinds[kind]:
            numbers |= {column: needed(column) for column in columns}
    if kinds["linear"] and "gate_latent" in reader.family:
        full = reader.get("linear_attn_config.use_full_rank_gate") is True
        column = "decay_latent" if full else "gate_latent"
        numbers[column] = numbers[reader.family["gate_latent"]]
    numbers["decay_projections"] = reader.family.get("decay_projections")
    if any(kinds[kind] for kind in _OF_KIND):
        numbers["convolution"] = needed("convolution")
        said = reader.get("mamba_ssm_cache_dtype") or reader.get("mamba_ssm_dtype")
        numbers["state_value_bits"] = 32 if said == "float32" else 16
    if count("latent_size"):
        words["attention"] = "mla"
        if kinds["windowed"]:
            raise CatalogError("layers with a window and a latent vector at once cannot be read")
        numbers |= _latent(reader)
    elif any(kinds[kind] for kind in _COMPRESSED):
        words["attention"] = "compressed"
        numbers |= _compressed(reader)
    else:
        numbers |= _grouped(reader, kinds, hidden, heads)
        kv = numbers["kv_heads"]
        words["attention"] = "mha" if kv == heads else "mqa" if kv == 1 else "gqa"
    return numbers | _sharing(reader), words


def _longest(reader: _Reader) -> float | None:
    """Return the tokens of the longest context; YaRN stretches the one of the first training."""
    stated = reader.count("longest_context")
    said = reader.get("rope_scaling") or reader.get("rope_parameters")
    if not isinstance(said, Mapping) or "yarn" not in {said.get("type"), said.get("rope_type")}:
        return stated
    name = "original_max_position_embeddings"
    first, factor = _whole(name, said.get(name)), said.get("factor")
    if not first or not isinstance(factor, (int, float)) or not 1 <= factor <= MOST:
        return stated
    return max(stated or 0, int(first * factor))


def _refuse_what_differs(reader: _Reader) -> None:
    """Raise CatalogError where layers differ in a list that nothing has read."""
    layers, blocks = families()["layers"], families()["feed_forward"]
    lists = (layers["lists"], layers["alike"], blocks["lists"], blocks["with_experts"])
    known = reader.asked.union(*lists)
    many = {reader.count("layers"), len(_order(reader))}
    for name, said in ((name, each) for part in reader.parts for name, each in part.items()):
        if not isinstance(said, list) or name in known or len(said) not in many:
            continue
        if said == list(range(len(said))):  # names every layer, and none apart
            continue
        if any(each != said[0] for each in said):
            raise CatalogError(
                f"{name} = {_shown(said)}: layers that differ in it cannot be read, as it is not "
                "known"
            )


def _tell_what_is_unread(reader: _Reader) -> None:
    """Note the sizes of a configuration that nothing knows: what they size is not counted."""
    known = _named_fields()
    unread = [
        f"{name} = {said}"
        for part in reader.parts
        for name, said in part.items()
        if isinstance(said, int) and said > 1 and _SIZED.search(name) and name not in known
    ]
    if unread:
        reader.notes.append(f"not known, and not counted: {', '.join(unread)}")


_SIZED = re.compile(r"(size|dim|rank|heads|experts|width)$")
"""How fields end that size a part of a model."""


@cache
def _named_fields() -> frozenset[str]:
    """Return every field that the table of families names."""
    names: set[str] = set()
    inside: list[Any] = [families()]
    while inside:
        each = inside.pop()
        if isinstance(each, Mapping):
            names |= set(each)
            inside += each.values()
        elif isinstance(each, list):
            inside += each
        elif isinstance(each, str):
            names.add(each)
    return frozenset(names)


def _gates(reader: _Reader, numbers: Mapping[str, float | None]) -> str:
    """Return what is to be said of the gates of feed-forward blocks; nothing if that is plain."""
    act = reader.get("hidden_act")
    if numbers["ffn_matrices"]:
        return f" whose feed-forward blocks have no gate, as hidden_act = {_shown(act)} has none"
    if act in families()["feed_forward"]["gated"]:
        return ""
    return (
        " whose feed-forward blocks have a gate; without one it has "
        f"{_of_gates(numbers):.2g} parameters fewer"
    )


def _of_gates(numbers: Mapping[str, float | None]) -> float:
    """Return the parameters of one matrix of every feed-forward block."""
    of = {name: value or 0 for name, value in numbers.items()}
    routed = of.get("expert_layers", 0) * of.get("experts", 0) * of.get("ffn_size", 0)
    return of["hidden_size"] * (of["dense_layers"] * of.get("dense_ffn_size", 0) + routed)


_OF_KIND = {
    "linear": ("linear_key_heads", "linear_key_size", "linear_value_heads", "linear_value_size"),
    "recurrent": ("recurrent_heads", "recurrent_head_size", "recurrent_groups", "state_size"),
    "convolved": (),
}
"""Kinds of layers that keep a state, and what each needs."""
_COMPRESSED = ("compressed", "heavily_compressed")


def _latent(reader: _Reader) -> dict[str, float | None]:
    selecting = reader.count("selected") is not None
    return {
        "latent_size": reader.needed("latent_size"),
        "position_size": reader.count("position_size") or 0,
        "head_dim": reader.needed("key_size"),
        "value_size": reader.needed("value_size"),
        "query_latent": reader.count("query_latent"),
        **({c: reader.needed(c) for c in ("selected", "index_heads", "index_size")}
           if selecting else {}),
        **(_indexers(reader) if selecting else {}),
    }  # fmt: skip


def _indexers(reader: _Reader) -> dict[str, float | None]:
    """Return how many layers select by themselves, if not all, and how many tokens share a key."""
    table, order = families()["indexers"], _order(reader)
    name, said = reader.first(table["lists"])
    if not isinstance(said, (list, str)):
        every = _whole(*reader.first(table["every"])) or 1
        first = _whole(*reader.first(table["leading"]))
        offset = 1 if first is None else first - 1
        said = ["shared" if max(at - offset, 0) % every else "full" for at in range(len(order))]
    own = _words(name, said[: len(order)], table["words"], len(order))
    many = sum(kind == word == "full" for kind, word in zip(order, own, strict=True))
    return {
        "index_layers": many if many < order.count("full") else None,
        "tokens_per_key": reader.count("tokens_per_key"),
    }


def _compressed(reader: _Reader) -> dict[str, float | None]:
    rates = reader.get("compress_rates")
    known = rates if isinstance(rates, Mapping) else {}
    columns = (
        "head_dim", "query_latent", "window", "index_heads", "index_size", "output_latent",
        "output_groups",
    )  # fmt: skip
    few = known.get("compressed_sparse_attention", 4)
    many = known.get("heavily_compressed_attention", 128)
    return {
        **{column: reader.needed(column) for column in columns},
        "tokens_per_entry": _whole("compress_rates", few),
        "tokens_per_heavy_entry": _whole("compress_rates", many),
    }


def _grouped(
    reader: _Reader, kinds: Counter[str], hidden: int, heads: int
) -> dict[str, float | None]:
    count = reader.count
    named, said = reader.first(families()["fields"]["kv_heads"])
    kv = 1 if reader.get("multi_query") is True else heads
    # That number is of the other kind of attention where it says so.
    other = named == "multi_query_group_num" and reader.get("multi_query_attention") is False
    if said is not None and not other:
        kv = reader.needed("kv_heads")
    head = count("head_dim")
    if head is None:
        if hidden % heads:
            raise CatalogError(
                f"num_attention_heads = {heads}: must divide hidden_size = {hidden}, "
                "or head_dim be given"
            )
        head = hidden // heads
    # A key and a value, or a query and its output, are as wide together as two of their mean.
    full_head = (head + (count("value_size") or head)) / 2
    if heads % kv:
        raise CatalogError(f"num_key_value_heads = {kv}: must divide num_attention_heads = {heads}")
    numbers: dict[str, float | None] = {"kv_heads": kv, "head_dim": full_head}
    if not kinds["windowed"]:
        return numbers
    numbers |= {"windowed_layers": kinds["windowed"], "window": reader.needed("window")}
    key, value = count("windowed_head_dim"), count("windowed_value_size")
    own: dict[str, float | None] = {
        "windowed_heads": count("windowed_heads") or _windowed_heads(reader),
        "windowed_kv_heads": count("windowed_kv_heads"),
        "windowed_head_dim": (key + (value or key)) / 2 if key else None,
    }
    # Some name the heads of windows apart, others those of the layers that attend to all.
    alike = reader.get("attention_k_eq_v") is True
    if full := count("full_head_dim"):
        own["windowed_head_dim"], numbers["head_dim"] = head, full
    if alike and (full := count("full_kv_heads")):
        own["windowed_kv_heads"], numbers["kv_heads"] = kv, full
    if alike:
        numbers["kv_projections"] = 1
    return {**numbers, **own}


def _windowed_heads(reader: _Reader) -> int | None:
    """Return the heads of layers with a window, where a list gives those of every layer."""
    name = "num_attention_heads_per_layer"
    listed = reader.get(name)
    if not isinstance(listed, list):
        return None
    kinds = zip(_order(reader), listed, strict=False)
    return _whole(name, next((heads for kind, heads in kinds if kind == "windowed"), None))


def _sharing(reader: _Reader) -> dict[str, float | None]:
    """Return how many layers of either kind use the cache of another."""
    order = _order(reader)
    sharing = reader.count("sharing_layers")
    if reader.get("use_cla") is True:  # the first of every so many layers keeps a cache
        together = _whole("cla_share_factor", reader.get("cla_share_factor")) or 1
        sharing = len(order) - math.ceil(len(order) / together)
    if not sharing:
        return {}
    if sharing >= len(order):
        raise CatalogError(f"num_kv_shared_layers = {sharing}: must be less than {len(order)}")
    last = Counter(order[len(order) - sharing :])
    return {"sharing_layers": last["full"], "sharing_windowed_layers": last["windowed"]}


def _feed_forward(reader: _Reader, layers: int, blocks: Counter[str]) -> dict[str, float | None]:
    """Return the columns of feed-forward blocks: with experts, without, their widths."""
    count, family = reader.count, reader.family
    table = families()["feed_forward"]
    ungated = not family and reader.get("hidden_act") in table["ungated"]
    matrices = _UNGATED if ungated else family.get("matrices")
    experts = count("experts")
    if experts == 1:
        experts = None
    if not sum(blocks.values()):
        blocks = _blocks(reader, layers) if experts else Counter(dense=layers)
    numbers: dict[str, float | None] = {"ffn_matrices": matrices}
    off = any(reader.get(name) is False for name in table["switches"])
    if experts and not off and blocks["experts"]:
        width = reader.needed("ffn_size")
        named, _ = reader.first(reader.names("ffn_size"))
        if family and named == "intermediate_size" and not family.get("wide_experts"):
            raise CatalogError("no moe_intermediate_size: a model of this kind needs it")
        chosen = reader.needed("experts_per_token")
        if chosen > experts:
            name, _ = reader.first(reader.names("experts_per_token"))
            raise CatalogError(
                f"{name} = {chosen}: must be at most the number of experts, {experts}"
            )
        numbers |= {
            "experts": experts,
            "experts_per_token": chosen,
            "expert_layers": blocks["experts"],
            "ffn_size": width,
            "shared_ffn_size": _shared_width(reader, width),
            "expert_input": count("expert_input"),
        }
        beside = family.get("dense_everywhere") or reader.get("residual_moe") is True
        dense = layers if beside else blocks["dense"]
    else:
        dense = blocks["dense"] + blocks["experts"]
    if dense:
        numbers["dense_ffn_size"] = _dense_width(reader, dense, matrices)
        if not numbers.get("experts"):
            numbers["ffn_size"] = numbers["dense_ffn_size"]
    return {**numbers, "dense_layers": dense}


def _dense_width(reader: _Reader, dense: int, matrices: int | None) -> float:
    """Return the width of blocks without experts, on average over so many."""
    if matrices == _UNGATED:  # code of that time takes a width for granted
        width = reader.count("dense_ffn_size") or _FFN_OF_GPT * reader.needed("hidden_size")
    else:
        width = reader.needed("dense_ffn_size")
    if reader.get("block_auto_adjust_ff_dim") is True:
        # What is named is the width of a block without a gate: with one it is less, rounded up.
        step = _whole("block_multiple_of", reader.get("block_multiple_of")) or 1
        width = math.ceil(2 * width // 3 / step) * step
    if reader.get("use_double_wide_mlp") is True:
        # Layers that use another's cache have blocks of twice the width.
        return width * (dense + (reader.count("sharing_layers") or 0)) / dense
    return width


_UNGATED = 2
_FFN_OF_GPT = 4
"""Width of a feed-forward block over that of the hidden state, where no field gives it."""


def _shared_width(reader: _Reader, width: int) -> int | None:
    table = families()["shared"]
    name, whole = reader.first(table["width"])
    if whole is not None:
        return _whole(name, whole)
    name, many = reader.first(table["count"])
    return (_whole(name, many) or 0) * width or None


def _blocks(reader: _Reader, layers: int) -> Counter[str]:
    """Return how many feed-forward blocks have experts, and how many have none."""
    table = families()["feed_forward"]
    for name in table["lists"]:
        said = reader.get(name)
        if isinstance(said, (list, str)):
            return Counter(_words(name, said, table["words"], layers))
    for name in table["with_experts"]:
        said = reader.get(name)
        if isinstance(said, str):
            said = [int(each) if each.strip().isdecimal() else each for each in said.split(",")]
        if isinstance(said, list) and said:
            inside = {place for place in said if _whole(name, place) is not None and place < layers}
            return Counter(experts=len(inside), dense=layers - len(inside))
    name, leading = reader.first(table["leading"])
    first = _whole(name, leading) or 0
    name, every = reader.first(table["every"])
    step = _whole(name, every) or 1
    name, without = reader.first(table["without_experts"])
    if not isinstance(without or [], list):
        raise CatalogError(f"{name} = {_shown(without)}: must be a list of layers")
    has = [
        place >= first and (place + 1) % step == 0 and place not in (without or ())
        for place in range(layers)
    ]
    return Counter(experts=sum(has), dense=layers - sum(has))


def _words(
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
            raise CatalogError(f"{name} has {_shown(entry)}: not known; known are {allowed}")
    return [meaning[entry] for entry in entries]


def _order(reader: _Reader) -> list[str]:
    """Return what each layer is, from the first to the last."""
    table = families()["layers"]
    layers = reader.count("layers", _MOST_LAYERS) or 0
    if inside := reader.family.get("layer"):
        return _words("layer", inside * layers, table["words"], 0)
    for name in table["lists"]:
        said = reader.get(name)
        if isinstance(said, (list, str)) and said:
            guessing = len(said) == layers + (reader.count("draft_layers") or 0)
            if layers and (name == "compress_ratios" or guessing):
                said = said[:layers]  # layers that guess further tokens may follow
            own = dict(enumerate(table["numbers"].get(name, ())))
            return _words(name, said, table["words"], layers, own)
    return _order_without_list(reader, reader.needed("layers", _MOST_LAYERS))


def _order_without_list(reader: _Reader, layers: int) -> list[str]:
    """Return what each layer is where some are named, or every so many-th is another."""
    table = families()["layers"]
    for name, each in table["numbered"].items():
        if isinstance(said := reader.get(name), list):
            named = {_whole(name, place, layers) for place in said}
            places = range(each["first"], layers + each["first"])
            return [each["named"] if place in named else each["rest"] for place in places]
    for name, other in table["every"].items():
        if isinstance(said := reader.get(name), str) and said:
            repeated = _words(name, said, table["words"], 0)
            return [repeated[place % len(said)] for place in range(layers)]
        if step := _whole(name, said):
            return ["full" if place % step == 0 else other for place in range(1, layers + 1)]
    return _order_by_window(reader, layers)


def _order_by_window(reader: _Reader, layers: int) -> list[str]:
    """Return what each layer is where no field tells them apart: all attend, some by a window."""
    for column, what in families()["layers"]["unsaid"].items():
        name, said = reader.first(reader.names(column))
        if said:
            raise CatalogError(
                f"{name} = {_shown(said)}: needs a list that says which layers {what}, such as "
                f"{families()['layers']['lists'][0]}"
            )
    name, window = reader.first(families()["fields"]["window"])
    used = reader.get("use_sliding_window")
    if not reader.count("window") or used is False:
        return ["full"] * layers
    if used is not True:
        raise CatalogError(
            f"{name} = {_shown(window)}: needs a list that says which layers have a window, such "
            f"as {families()['layers']['lists'][0]}; or use_sliding_window, true if all have one "
            "and false if none has"
        )
    # Where a file says so, the first layers have no window.
    first = min(layers, _whole("max_window_layers", reader.get("max_window_layers")) or 0)
    return ["full"] * first + ["windowed"] * (layers - first)


def _kinds(reader: _Reader) -> tuple[Counter[str], Counter[str]]:
    """Return the layers of each kind, and feed-forward blocks that stand for themselves."""
    order = Counter(_order(reader))
    if reader.count("state_size") and not reader.count("linear_key_heads"):
        # Files that are saved today call state-space layers linear attention, too.
        order["recurrent"] += order.pop("linear", 0)
    blocks = Counter({kind: order.pop(kind, 0) for kind in ("experts", "dense")})
    if not set(order) - set(_OF_KIND):
        raise CatalogError(
            "no layer has attention: a model that has only layers with a state cannot be read"
        )
    return order, blocks


def _tower(whole: Config) -> dict[str, float | None]:
    """Return the size of what turns images or sound into hidden states, where one is described."""
    table = families()
    for name in table["towers"]:
        if isinstance(part := whole.get(name), Mapping):
            reader = _Reader((part,), {})
            found = {
                f"tower_{what}": _whole(*reader.first(fields))
                for what, fields in table["tower"].items()
            }
            if all(found.values()):
                return {**found}
    return {}


def _stored(reader: _Reader, numbers: Mapping[str, float | None]) -> dict[str, str]:
    """Return the formats in which parts of a model are stored; none if nothing is said."""
    table = families()["quantization"]
    name, said = reader.first(table["tables"])
    if said is None:
        return {}
    if not isinstance(said, Mapping):
        raise CatalogError(f"{name} = {_shown(said)}: must be a table of fields")
    groups = said.get("config_groups")
    groups = list(groups.values()) if isinstance(groups, Mapping) else []
    inside = _Reader(({"group": groups[0], **said},) if len(groups) == 1 else (said,), {})
    cached = _cached(reader, *inside.first(table["caches"]))
    parts = _by_module(reader, inside, groups) or _by_word(inside, table)
    if parts is None:
        words = " ".join(str(inside.get(each)) for each in table["fields"] if inside.get(each))
        reader.notes.append(
            f"the format of quantization {_shown(words or dict(said))} is not known: taken as 16 "
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


def _spares_attention(said: _Reader, layers: float) -> bool:
    """Say whether attention is left in 16 bits: in every layer, and not only small parts of it."""
    table = families()["quantization"]
    spared = said.first(table["spared"])[1]
    names = [str(each) for each in spared] if isinstance(spared, list) else []
    names = [each for each in names if "attn" in each and not re.search(table["small"], each)]
    return len(names) >= layers or any(not re.search(r"\d\.", each) for each in names)


def _by_word(said: _Reader, table: Mapping[str, Any]) -> dict[str, str] | None:
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


def _by_module(reader: _Reader, said: _Reader, groups: list[Any]) -> dict[str, str] | None:
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
        format_ = _format(_Reader((each,), {}), table) if isinstance(each, Mapping) else None
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


def _cached(reader: _Reader, name: str, said: Any) -> dict[str, str]:
    """Return the format of the cache that a configuration asks for; none if it asks for none."""
    called = str(said or "none").lower()
    if called == "none":
        return {}
    if isinstance(said, Mapping):
        whole = "int" if said.get("type") == "int" else "fp"
        called = f"{whole}{said.get('num_bits')}"
    if matching.stored(called):
        return {"cache_format": called}
    reader.notes.append(f"{name} {_shown(said)} is not known: the cache is taken in 16 bits")
    return {}


def _format(said: _Reader, table: Mapping[str, Any]) -> str | None:
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
        raise CatalogError(f"{name} = {_shown(stated)}: must be a number of bits from 1 to 16")
    return bits


_PLAIN = 16
"""Bits of a weight that is stored as it was trained."""


def _whole(name: str, value: Any, most: int = MOST) -> int | None:
    """Return a field's whole number, None if it has none; raise CatalogError if it is another."""
    if isinstance(value, list) and value and all(each == value[0] for each in value):
        value = value[0]  # one for each layer, and all alike
    if value is None:
        return None
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else -1
    if not (0 <= number <= most and number == int(number)):
        raise CatalogError(f"{name} = {_shown(value)}: must be a whole number from 0 to {most:,}")
    return int(number)


def _shown(value: Any) -> str:
    """Return a value as it is quoted: not longer than a line bears."""
    said = repr(value)
    return said if len(said) <= _QUOTED else f"{said[:_QUOTED]}…"
