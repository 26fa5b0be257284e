"""A model from its `config.json`, as hubs keep it: the same record as the catalog's.

What fields mean, and what a family of models leaves unsaid, stands in `data/families.toml`.
The record holds the shape only; what follows from it is counted by `equations.counting`.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from . import catalog, matching
from .catalog import CatalogError, Record
from .fields import MOST, Config, Reader, families, shown, whole
from .layers import OF_KIND, as_words, blocks_of, counted, in_order
from .matching import Meant
from .quantization import stored


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
        return not known and os.path.isfile(os.path.join(said, "config.json"))  # noqa: PTH113, PTH118 (a table has many)
    except (OSError, ValueError):  # too long for a path, or none
        return False


def read(path: str) -> Record:
    """Return the model whose `config.json`, or whose folder, has this path."""
    try:
        file = Path(path) / "config.json" if Path(path).is_dir() else Path(path)
        beside = file.with_name(_BESIDE) if file.stem == "config" else None
        there = (file, beside) if beside and beside.is_file() else (file,)
        return _read(path, there, tuple(each.stat().st_mtime_ns for each in there))
    except (OSError, ValueError) as error:
        raise CatalogError(f"{path}: cannot be read as text ({error})") from None


_BESIDE = "hf_quant_config.json"
"""Where ModelOpt says how weights are stored, if the configuration does not."""


@lru_cache(256)
def _read(path: str, files: tuple[Path, ...], changed: tuple[int, ...]) -> Record:
    """Return the model of a file, and of the one beside it if there is one.

    `changed` is when each last did, so that none is stale.
    """
    del changed
    file, *beside = files
    config = _fields(path, file)
    for each in beside:
        config.setdefault("quantization_config", _fields(str(each), each))
    try:
        own = file.resolve()
        return record(config, name=own.parent.name if own.stem == "config" else own.stem)
    except CatalogError as error:
        raise CatalogError(f"{path}: {error}") from None


def _fields(path: str, file: Path) -> dict[str, Any]:
    """Return the fields that a file holds; `path` is how it is called where it holds none."""
    try:
        config = json.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path}: cannot be read as text ({error})") from None
    except (ValueError, RecursionError) as error:
        raise CatalogError(f"{path}: is no JSON ({error})") from None
    if not isinstance(config, dict):
        raise CatalogError(f"{path}: holds {shown(config)}: must hold the fields of a model")
    return config


def record(config: Config, *, name: str = "") -> Record:
    """Return the model of a configuration; raise CatalogError with what is wrong in it.

    `name` is what it is called if it does not say so itself.
    """
    table = families()
    own = dict(config)
    inner = next((own[n] for n in table["language"] if isinstance(own.get(n), Mapping)), None)
    if inner is not None and isinstance(inner.get("text_config"), Mapping):
        inner = inner["text_config"]
    parts = (own,) if inner is None else (inner, own)
    types = [str(part["model_type"]) for part in parts if part.get("model_type")]
    for what, kinds in table["not_read"].items():
        for kind in kinds:
            if kind in types:
                raise CatalogError(f"model_type = {kind!r}: {what} cannot be read")
    built = own.get("architectures")
    if isinstance(built, list) and any(str(each).endswith("ForMaskedLM") for each in built):
        raise CatalogError(f"architectures = {shown(built)}: an encoder cannot be read")
    if own.get("is_encoder_decoder") is True:
        raise CatalogError("is_encoder_decoder = True: an encoder with a decoder cannot be read")
    family: Mapping[str, Any] = next(
        (
            each
            for kind in types or [""]
            for each in table["families"].values()
            if kind in each["types"] and all(name in parts[0] for name in each.get("marks", ()))
        ),
        {},
    )
    silent = {**family.get("silent", {}), **_of_class(parts, types)}
    reader = Reader(parts, {**family, "silent": silent})
    if "note" in family:
        reader.notes.append(family["note"])
    numbers, words = _shape(reader)
    if not family:
        said = f"model_type {shown(types[0])} is not known" if types else "no model_type"
        doubt = f"{_gates(reader, numbers)}{_tables(reader, numbers)}"
        reader.notes.append(f"{said}: read as a plain decoder{doubt}")
    numbers |= _tower(own)
    _refuse_what_differs(reader)
    _tell_what_is_unread(reader)
    words |= stored(reader, numbers)
    called = own.get("_name_or_path") or name or (types[0] if types else "a model")
    columns = next(iter(catalog.load().models.values())).columns
    return Record(
        id=str(called),
        name=str(called).rstrip("/").rpartition("/")[2],
        year=0,
        numbers={column: float(value) for column, value in numbers.items()},
        words={**words, "note": "; ".join(reader.notes)} if reader.notes else words,
        columns=columns,
        sources=(),
    )


def _of_class(parts: tuple[Config, ...], types: list[str]) -> dict[str, Any]:
    """Return what the class of a type takes for what its file has under no name."""
    table = families()
    said = {name for part in parts for name in part}
    nested = types[:1] if len(parts) > 1 else []
    taken = {"tie_word_embeddings": True} if set(types) & set(table["tied_types"]) else {}
    taken |= next((table["nested"][kind] for kind in nested if kind in table["nested"]), {})
    taken |= next((table["silent"][kind] for kind in types if kind in table["silent"]), {})
    columns = (*table["fields"].values(), *table["shared"].values(), table["tied"],
               table["feed_forward"]["leading"])  # fmt: skip
    return {
        name: value
        for name, value in taken.items()
        if said.isdisjoint({name}.union(*(each for each in columns if name in each)))
    }


def _shape(reader: Reader) -> tuple[dict[str, float], dict[str, str]]:
    count, needed = reader.count, reader.needed
    kinds, blocks = counted(reader)
    hidden, heads = needed("hidden_size"), needed("heads")
    mixing = sum(kinds.values())
    gated = reader.get("mla_use_output_gate") is True
    numbers: dict[str, float | None] = {
        "layers": mixing,
        "hidden_size": hidden,
        "heads": heads,
        "vocabulary": needed("vocabulary"),
        **{f"{kind}_layers": kinds[kind] or None for kind in (*OF_KIND, *_COMPRESSED)},
        "query_projections": 2 if gated else reader.family.get("query_projections"),
        "layer_input": count("layer_input"),
        "draft_layers": count("draft_layers"),
        "longest_context": _longest(reader),
        **_feed_forward(reader, mixing, blocks),
    }
    # Of a file with several parts the whole decides: the parts may keep what their code assumes.
    name, tied = Reader((reader.parts[-1],)).first(families()["tied"])
    name, tied = reader.first(families()["tied"]) if tied is None else (name, tied)
    if tied is not None and not isinstance(tied, bool):
        raise CatalogError(f"{name} = {shown(tied)}: must be true or false")
    words = {"embeddings": "tied" if tied else "separate", "status": "published"}
    for kind, columns in OF_KIND.items():
        if kinds[kind]:
            numbers |= {column: needed(column) for column in columns}
    if kinds["linear"] and "gate_latent" in reader.family:
        full = reader.get("linear_attn_config.use_full_rank_gate") is True
        column = "decay_latent" if full else "gate_latent"
        numbers[column] = numbers[reader.family["gate_latent"]]
    numbers["decay_projections"] = reader.family.get("decay_projections")
    if any(kinds[kind] for kind in OF_KIND):
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
    numbers |= _sharing(reader)
    return {column: value for column, value in numbers.items() if value is not None}, words


def _longest(reader: Reader) -> float | None:
    """Return the tokens of the longest context; YaRN stretches the one of the first training."""
    stated = reader.count("longest_context")
    said = reader.get("rope_scaling") or reader.get("rope_parameters")
    if not isinstance(said, Mapping) or "yarn" not in {said.get("type"), said.get("rope_type")}:
        return stated
    name = "original_max_position_embeddings"
    first, factor = whole(name, said.get(name)), said.get("factor")
    if not first or not isinstance(factor, (int, float)) or not 1 <= factor <= MOST:
        return stated
    return max(stated or 0, int(first * factor))


def _refuse_what_differs(reader: Reader) -> None:
    """Raise CatalogError where layers differ in a list that nothing has read."""
    layers, blocks = families()["layers"], families()["feed_forward"]
    lists = (layers["lists"], layers["alike"], blocks["lists"], blocks["with_experts"])
    known = reader.asked.union(*lists)
    many = {reader.count("layers"), len(in_order(reader))}
    for name, said in ((name, each) for part in reader.parts for name, each in part.items()):
        if not isinstance(said, list) or name in known or len(said) not in many:
            continue
        names_every_layer = said == list(range(len(said)))
        if not names_every_layer and any(each != said[0] for each in said):
            raise CatalogError(
                f"{name} = {shown(said)}: layers that differ in it cannot be read, as it is not "
                "known"
            )


def _tell_what_is_unread(reader: Reader) -> None:
    """Note the sizes of a configuration that nothing knows: what they size is not counted."""
    known, own = _named_fields(), families()["as_hidden"]
    known -= set() if reader.first(own)[1] == reader.count("hidden_size") else set(own)
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


def _gates(reader: Reader, numbers: Mapping[str, float]) -> str:
    """Return what is to be said of the gates of feed-forward blocks; nothing if that is plain."""
    act = reader.get("hidden_act")
    if "ffn_matrices" in numbers:
        return f" whose feed-forward blocks have no gate, as hidden_act = {shown(act)} has none"
    if act in families()["feed_forward"]["gated"]:
        return ""
    return (
        " whose feed-forward blocks have a gate; without one it has "
        f"{_of_gates(numbers):.2g} parameters fewer"
    )


def _tables(reader: Reader, numbers: Mapping[str, float]) -> str:
    """Return what is to be said of the tables of the vocabulary; nothing if a field says it."""
    if reader.first(families()["tied"])[1] is not None:
        return ""
    size = numbers["vocabulary"] * numbers["hidden_size"]
    return f"; if its two tables of the vocabulary are one, it has {size:.2g} parameters fewer"


def _of_gates(of: Mapping[str, float]) -> float:
    """Return the parameters of one matrix of every feed-forward block."""
    routed = of.get("expert_layers", 0) * of.get("experts", 0) * of.get("ffn_size", 0)
    return of["hidden_size"] * (of["dense_layers"] * of.get("dense_ffn_size", 0) + routed)


_COMPRESSED = ("compressed", "heavily_compressed")


def _latent(reader: Reader) -> dict[str, float | None]:
    return {
        "latent_size": reader.needed("latent_size"),
        "position_size": reader.count("position_size") or 0,
        "head_dim": reader.needed("key_size"),
        "value_size": reader.needed("value_size"),
        "query_latent": reader.count("query_latent"),
        **({} if reader.count("selected") is None else _indexers(reader)),
    }


def _indexers(reader: Reader) -> dict[str, float | None]:
    """Return what selects tokens: its sizes, and in how many layers it stands, if not in all."""
    sizes = {column: reader.needed(column) for column in ("selected", "index_heads", "index_size")}
    table, order = families()["indexers"], in_order(reader)
    name, said = reader.first(table["lists"])
    if not isinstance(said, (list, str)):
        every = reader.number(table["every"]) or 1
        first = reader.number(table["leading"])
        offset = 1 if first is None else first - 1
        said = ["shared" if max(at - offset, 0) % every else "full" for at in range(len(order))]
    own = as_words(name, said[: len(order)], table["words"], len(order))
    many = sum(kind == word == "full" for kind, word in zip(order, own, strict=True))
    return {
        **sizes,
        "index_layers": many if many < order.count("full") else None,
        "tokens_per_key": reader.count("tokens_per_key"),
    }


def _compressed(reader: Reader) -> dict[str, float | None]:
    rates = reader.get("compress_rates")
    known = rates if isinstance(rates, Mapping) else {}
    columns = (
        "head_dim", "query_latent", "window", "index_heads", "index_size", "output_latent",
        "output_groups",
    )  # fmt: skip
    few = known.get("compressed_sparse_attention", reader.get("compress_rate_csa") or 4)
    many = known.get("heavily_compressed_attention", reader.get("compress_rate_hca") or 128)
    return {
        **{column: reader.needed(column) for column in columns},
        "tokens_per_entry": whole("compress_rates", few),
        "tokens_per_heavy_entry": whole("compress_rates", many),
    }


def _kv_heads(reader: Reader, heads: int) -> int:
    """Return how many heads keys and values have."""
    one = reader.get("multi_query") is True or reader.get("attention_head_type") == "multiquery"
    # Falcon's first kind has one head of keys, whatever number it names.
    if one and reader.get("new_decoder_architecture") is False:
        return 1
    named, said = reader.first(families()["fields"]["kv_heads"])
    # That number is of the other kind of attention where it says so.
    other = named == "multi_query_group_num" and reader.get("multi_query_attention") is False
    if said is None or other:
        return 1 if one else heads
    return reader.needed("kv_heads")


def _grouped(
    reader: Reader, kinds: Counter[str], hidden: int, heads: int
) -> dict[str, float | None]:
    count, kv = reader.count, _kv_heads(reader, heads)
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


def _windowed_heads(reader: Reader) -> int | None:
    """Return the heads of layers with a window, where a list gives those of every layer."""
    name = "num_attention_heads_per_layer"
    listed = reader.get(name)
    if not isinstance(listed, list):
        return None
    order = in_order(reader)
    if len(listed) < len(order):
        raise CatalogError(
            f"{name} has {len(listed)} entries: must be {len(order)}, one for each layer"
        )
    return whole(name, listed[order.index("windowed")])


def _sharing(reader: Reader) -> dict[str, float | None]:
    """Return how many layers of either kind use the cache of another."""
    order = in_order(reader)
    crossed = reader.get("cross_attention_layers")
    sharing = len(crossed) if isinstance(crossed, list) else reader.count("sharing_layers")
    if reader.get("use_cla") is True:  # the first of every so many layers keeps a cache
        together = reader.number(["cla_share_factor"]) or 1
        sharing = len(order) - math.ceil(len(order) / together)
    if not sharing:
        return {}
    if sharing >= len(order):
        raise CatalogError(f"num_kv_shared_layers = {sharing}: must be less than {len(order)}")
    last = Counter(order[len(order) - sharing :])
    return {"sharing_layers": last["full"], "sharing_windowed_layers": last["windowed"]}


def _feed_forward(reader: Reader, layers: int, blocks: Counter[str]) -> dict[str, float | None]:
    """Return the columns of feed-forward blocks: with experts, without, their widths."""
    count, family = reader.count, reader.family
    table = families()["feed_forward"]
    known = "types" in family
    ungated = not known and reader.get("hidden_act") in table["ungated"]
    matrices = _UNGATED if ungated else family.get("matrices")
    experts = count("experts")
    off = any(reader.get(name) is False for name in table["switches"])
    if reader.first(reader.names("experts"))[1] is None:
        name, said = reader.first(table["of_experts"])
        if said and not off:
            needed = reader.names("experts")[0]
            raise CatalogError(f"no {needed}: by {name} = {shown(said)}, there are experts")
    if experts == 1:
        experts = None
    if not sum(blocks.values()):
        blocks = Counter(blocks_of(reader, layers)) if experts else Counter(dense=layers)
    numbers: dict[str, float | None] = {"ffn_matrices": matrices}
    if experts and not off and blocks["experts"]:
        width = reader.needed("ffn_size")
        named, _ = reader.first(reader.names("ffn_size"))
        if known and named == "intermediate_size" and not family.get("wide_experts"):
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


def _dense_width(reader: Reader, dense: int, matrices: int | None) -> float:
    """Return the width of blocks without experts, on average over so many."""
    if matrices == _UNGATED:  # code of that time takes a width for granted
        times = reader.count("expansion") or _FFN_OF_GPT
        width = reader.count("dense_ffn_size") or times * reader.needed("hidden_size")
    else:
        width = reader.needed("dense_ffn_size")
    if reader.family.get("two_in_one"):
        return width / 2
    if reader.get("block_auto_adjust_ff_dim") is True:
        # What is named is the width of a block without a gate: with one it is less, rounded up.
        step = reader.number(["block_multiple_of"]) or 1
        width = math.ceil(2 * width // 3 / step) * step
    if reader.get("use_double_wide_mlp") is True:
        # Layers that use another's cache have blocks of twice the width.
        return width * (dense + (reader.count("sharing_layers") or 0)) / dense
    return width


_UNGATED = 2
_FFN_OF_GPT = 4
"""Width of a feed-forward block over that of the hidden state, where no field gives it."""


def _shared_width(reader: Reader, width: int) -> int | None:
    table = families()["shared"]
    together = reader.number(table["width"])
    if together is not None:
        return together
    return (reader.number(table["count"]) or 0) * width or None


def _tower(config: Config) -> dict[str, float]:
    """Return the size of what turns images or sound into hidden states, where one is described."""
    table = families()
    for name in table["towers"]:
        if isinstance(part := config.get(name), Mapping):
            reader = Reader((part,))
            found: dict[str, float] = {
                f"tower_{what}": reader.number(fields) or 0
                for what, fields in table["tower"].items()
            }
            if all(found.values()):
                return found
    return {}
