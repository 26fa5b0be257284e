"""A model's record as values of the glossary: its weights, its cache, its state, its bits.

What sources state of the whole counts; of a record that holds a shape only, as one made from a
`config.json`, all is counted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..algebra import units
from ..algebra.formula import InputError
from ..equations import counting, shape
from ..facts import fields, matching, modules, quantization
from ..facts.catalog import CatalogError
from .scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..algebra.formula import Formula
    from ..facts.catalog import Record

COUNTS = (
    "stored_parameters",
    "active_parameters",
    "routed_parameters",
    "shared_parameters",
    "input_embedding",
    "kv_bytes_per_token",
    "windowed_share",
    "state_bytes",
    "bits_per_parameter",
)
"""What `counts` gives, by the glossary's names."""
_KV_BITS = 16.0
_PLAIN = 16.0


def counts(model: Record, kv_bits: float = _KV_BITS) -> dict[str, float]:
    """Return what follows from a model's shape, of `COUNTS` what is known and not zero."""
    try:
        values = dict(served(model, kv_bits, []))
        here = Scenario(values)
        values["shared_parameters"] = here.evaluate(shape.shared_parameters)
        values["active_parameters"] = here.evaluate(shape.active_parameters)
    except InputError as error:
        raise InputError(f"the shape of {model.id}: {error}") from None
    values["bits_per_parameter"] = as_stored(model)[0] or _PLAIN
    unknown = {"kv_bytes_per_token"} if "context" in values else set()
    return {name: values[name] for name in COUNTS if values.get(name) and name not in unknown}


def left_out(model: Record) -> list[str]:
    """Return what of a model no source states or nothing models, a sentence each, with its size."""
    notes: list[str] = []
    served(model, _KV_BITS, notes)
    return notes


def as_stored(model: Record) -> tuple[float | None, dict[str, float]]:
    """Return the bits of a weight on average; and those of most, with what others take beyond.

    Both are empty if the record says nothing of them.
    """
    if (known := _by_part(model)) is None:
        return None, {}
    surplus = (counting.shared_surplus, counting.embedding_surplus)
    return float(known.evaluate(counting.bits_on_average)), {
        "bits_per_parameter": known.values["expert_bits"],
        **{each.result.name: known.evaluate(each) for each in surplus},
    }


def _by_part(model: Record) -> Scenario | None:
    """Return a shape with the bits of its parts; None if the record says nothing of them."""
    if "expert_format" not in model.words or "other_format" not in model.words:
        return None
    usual = {"attention": model.words["other_format"], "head": _TABLES, "embedding": _TABLES}
    bits = {
        f"{part}_bits": _bits_of(model.words.get(f"{part}_format", usual.get(part, "")))
        for part in ("expert", "other", *usual)
    }
    if model.has("dense_layers"):  # the shape is whole, and a total that sources state is rounded
        numbers = {name: each for name, each in model.numbers.items() if name != "parameters"}
        model = replace(model, numbers=numbers)
    known = Scenario({**_named(model), **served(model, _KV_BITS, [])})
    several = any(name.startswith(("dense_", "shared_", *_KINDS)) for name in model.words)
    if not several and bits["attention_bits"] == bits["other_bits"]:
        known = known.having(attention_parameters=0.0)
    else:
        known = known.having(**_weights(model, known))
    for part, sizes in _matrices(model, known).items() if several else ():
        own = {name: size for name, size in sizes.items() if f"{name}_format" in model.words}
        if total := sum(own.values()):
            each = (_bits_of(model.words[f"{name}_format"]) * size for name, size in own.items())
            bits[f"{part}_bits"] = sum(each) / total
    if not model.has("experts"):  # what has the fewest is what others take more than
        bits["expert_bits"] = min(bits.values())
    known = known.having(**bits)
    return known.having(shared_parameters=known.evaluate(shape.shared_parameters))


def _matrices(model: Record, known: Scenario) -> dict[str, dict[str, float]]:
    """Return the weights of kinds of blocks, and of each matrix of attention in all its layers.

    A matrix is what is left of a layer's weights, or a share of it, where others have none.
    """
    formulas = _formulas(model)
    known = known.having(full_layers=known.evaluate(counting.full_layers))

    def left(name: str, without: Iterable[str]) -> float:
        return float(formulas[name].without(without, **known.inputs(formulas[name])))

    blocks = {"dense": ["expert_layers"], "shared": ["dense_layers", "experts"]}
    other = {name: left("dense_parameters", without) for name, without in blocks.items()}
    found = dict[str, float]()
    for kind, weights in _ATTENTION.items():
        layers, each = known.values[f"{kind}_layers"], dict[str, float]()
        for matrix, rule in modules.matrices(kind, model.numbers).items() if layers else ():
            share, *without = rule or [1]
            each[matrix] = share * left(weights, without) - (0 if rule else sum(each.values()))
        found |= {f"{kind}_{matrix}": layers * size for matrix, size in each.items()}
    found["attention"] = known.evaluate(counting.attention_parameters) - sum(found.values())
    return {"other": other, "attention": found}


_ATTENTION = {"full": "attention_weights"} | {
    kind: f"{kind}_weights" for kind in ("windowed", "linear", "recurrent", "convolved")
}
"""Kinds of layers that may be stored in bits of their own, and what names the weights of one."""
_KINDS = tuple(f"{kind}_" for kind in _ATTENTION)
_TABLES = "bf16"
"""The format of tables of the vocabulary, unless a record names another."""


def multiplied_bits(bits: float, model: Record | None = None) -> float:
    """Return the precision in which weights of so many bits are multiplied where a chip has it.

    Most weights of a mixture are its experts': their format decides, where `model` names one.
    """
    if model is not None and (named := model.words.get("expert_format")):
        return _format(quantization.shares(named)[0][1])["multiplied"]
    for name, each in fields.families()["formats"].items():
        if abs(_bits_of(name) - bits) < _NEAR:
            return float(each["multiplied"])
    return bits


_NEAR = 0.01


def _bits_of(formats: str) -> float:
    """Return the bits of a weight with its scales, on average over the shares of formats."""
    bits = 0.0
    for share, name in quantization.shares(formats):
        each = _format(name)
        bits += share * counting.bits_as_stored(
            format_bits=each["bits"], scale_bits=each["scale_bits"], block_size=each["block"]
        )
    return bits


def _format(name: str) -> dict[str, float]:
    """Return what is known of a format: weights of none that a chip has are multiplied in 16."""
    if known := fields.families()["formats"].get(name):
        return {part: float(said) for part, said in known.items()}
    found = quantization.FORMAT.fullmatch(name)
    said = found.groupdict() if found else {"bits": matching.stored(name)[0]}
    plain = {"scale_bits": 0.0, "block": 1.0, "multiplied": _PLAIN}
    return plain | {part: float(each) for part, each in said.items() if each is not None}


def served(model: Record, kv_bits: float, notes: list[str]) -> Mapping[str, float]:
    """Return what a model's record gives, and note what no source states or nothing models."""
    values: dict[str, float] = {
        "layers": model.layers,
        "flop_per_parameter": 2.0,
        "experts": 1.0,
        "experts_per_token": 1.0,
        "windowed_share": 0.0,
        "window": 1.0,
        "cache_value_bytes": kv_bits * units.conversion("bit", "byte"),
    }
    known = Scenario({**model.numbers, "cache_value_bytes": values["cache_value_bytes"]})
    if model.has("experts"):
        values |= {"experts": model.experts, "experts_per_token": model.experts_per_token}
    if model.has("parameters") and not model.has("hidden_size"):
        notes.append(
            f"no source states the shape of {model.name}: its cache, and the volume of its "
            "traffic, are left out"
        )
        left_out = (
            "hidden_size",
            "kv_heads",
            "kv_bytes_per_token",
            "attention_flop",
            "prompt_attention_flop",
        )
        unknown = dict.fromkeys(left_out, 1.0) | {"context": 0.0, "output_embedding": 0.0}
        return {**values, **_parameters(model, known), **unknown}
    values["hidden_size"] = model.hidden_size
    values["output_embedding"] = (
        known.evaluate(counting.output_embedding) if model.has("vocabulary") else 0.0
    )
    known = known.having(**_named(model))
    values |= {**_parameters(model, known), **_cache(model, known), **_states(model, known)}
    if not model.has("parameters"):
        _note_what_is_left_out(model, known, values, notes)
    return values


def _parameters(model: Record, known: Scenario) -> dict[str, float]:
    """Return the weights of experts, of the input's tables and in all: as stated, or counted."""
    found = {"routed_parameters": 0.0, "input_embedding": 0.0}
    if model.has("routed_parameters"):  # reported as a whole, not as a shape
        found["routed_parameters"] = model.routed_parameters
    elif model.has("experts"):
        narrow = model.has("expert_input")
        expert = counting.narrow_expert_parameters if narrow else shape.expert_parameters
        found["routed_parameters"] = known.evaluate(
            shape.routed_parameters, expert_parameters=known.evaluate(expert)
        )
    if model.has("hidden_size") and model.embeddings == "separate":
        found["input_embedding"] = known.evaluate(shape.input_embedding)
    if model.has("layer_input"):
        found["input_embedding"] += known.evaluate(counting.layer_embedding)
    if not model.has("parameters"):
        shared = known.evaluate(counting.shared_of_shape, **_weights(model, known))
        counted = known.evaluate(counting.stored_of_shape, shared_parameters=shared, **found)
        return {**found, "stored_parameters": counted}
    stored = model.parameters
    if model.has("experts", "shared_parameters"):
        stored = known.having(**found).evaluate(shape.stored_of_parts)
    if sum(found.values()) >= stored:
        raise CatalogError(
            f"the experts of {model.id} have more weights than the rounded total that sources "
            f"state, {stored:g}: leave the total out, and give the widths of the other layers, so "
            "that it is counted"
        )
    return {**found, "stored_parameters": stored}


def _attention(model: Record, known: Scenario, work: Any) -> dict[str, float]:
    """Return attention's operations for a token of context, in a step and in a prompt."""
    widths = {
        "key_width": model.head_dim,
        "value_width": model.numbers.get("value_size", model.head_dim),
    }
    step, prompt = widths, widths
    if model.has("latent_size"):
        step = {
            "key_width": known.evaluate(shape.key_width_latent),
            "value_width": known.evaluate(shape.value_width_latent),
        }
        prompt = {**widths, "key_width": known.evaluate(shape.key_width_expanded)}
    return {
        "attention_flop": known.evaluate(work, **step),
        "prompt_attention_flop": known.evaluate(work, **prompt),
    }


# A shape, counted


_STATES = {
    "linear_layers": counting.linear_state_bytes,
    "recurrent_layers": counting.recurrent_state_bytes,
    "convolved_layers": counting.convolved_state_bytes,
}
"""Layers that keep a state, and its bytes."""
_WITHOUT = {
    **dict.fromkeys(_STATES, 0.0),
    "windowed_layers": 0.0,
    "compressed_layers": 0.0,
    "heavily_compressed_layers": 0.0,
    "expert_layers": 0.0,
    "experts": 1.0,
    "dense_ffn_size": 1.0,
    "position_size": 0.0,
}
"""What a shape may lack, at which it counts for nothing."""


def _named(model: Record) -> dict[str, float]:
    """Return a record's columns under the glossary's names, and what follows from others."""
    own = {**_WITHOUT, **model.numbers}
    head = model.numbers.get("head_dim", 1.0)
    of_windows = {
        "windowed_heads": own.get("windowed_heads", own["heads"]),
        "windowed_kv_heads": own.get("windowed_kv_heads", own.get("kv_heads", 1.0)),
        "windowed_head_size": own.get("windowed_head_dim", head),
    }
    plain = Scenario(own).evaluate(counting.full_layers)
    return {
        **own,
        **of_windows,
        "head_size": head,
        "value_size": own.get("value_size", head),
        "caching_layers": plain - own.get("sharing_layers", 0.0),
        "windowed_caching_layers": own["windowed_layers"] - own.get("sharing_windowed_layers", 0.0),
        "query_latent": own.get("query_latent", own["hidden_size"]),
        "index_layers": own.get("index_layers", plain) if model.has("selected") else 0.0,
        "state_value_bytes": own.get("state_value_bits", 16.0) / 8,
        "convolved_value_bytes": 2.0,
    }


def _weights(model: Record, known: Scenario) -> dict[str, float]:
    """Return the weights of every kind of layer, and those of feed-forward blocks."""
    formulas = _formulas(model)
    return {"windowed_weights": 0.0} | {
        name: known.evaluate(formula) for name, formula in formulas.items()
    }


def _formulas(model: Record) -> dict[str, Formula]:
    """Return what counts the weights of each kind of layer that a model has, and of blocks."""
    attention = (
        counting.latent_weights
        if model.has("latent_size")
        else counting.compressed_weights
        if model.has("output_latent")
        else counting.grouped_weights
    )
    if model.has("query_latent"):
        attention = attention.using(counting.query_weights_latent)
    linear = counting.linear_weights
    if model.has("gate_latent"):
        linear = linear.using(counting.gate_weights_latent)
    elif model.has("decay_latent"):
        linear = linear.using(counting.gate_weights_decay)
    optional = {
        "output_latent": counting.compressor_weights,
        "windowed_layers": counting.windowed_weights,
        "linear_layers": linear,
        "recurrent_layers": counting.recurrent_weights,
        "convolved_layers": counting.convolved_weights,
        "index_heads": counting.index_weights,
        "layer_input": counting.layer_input_parameters,
        "expert_input": counting.narrowing_parameters,
    }
    own = (formula for column, formula in optional.items() if model.has(column))
    return {each.result.name: each for each in (attention, counting.dense_parameters, *own)}


def _cache(model: Record, known: Scenario) -> dict[str, float]:
    values = {"kv_heads": model.numbers.get("kv_heads", 1.0)}
    if model.has("selected"):
        growing, passing = counting.growing_cache_selected, counting.passing_cache_selected
        values |= {"window": model.selected, "kept_share": 1.0}
    elif model.has("output_latent"):
        growing, passing = counting.growing_cache_compressed, counting.passing_cache_compressed
        values |= {"window": model.window}
    else:
        latent = model.has("latent_size")
        growing = counting.growing_cache_latent if latent else counting.growing_cache
        passing = counting.passing_cache
    parts = {"growing_cache": known.evaluate(growing), "passing_cache": 0.0}
    if model.has("window") or model.has("selected"):
        parts["passing_cache"] = known.evaluate(passing)
        values.setdefault("window", model.numbers.get("window", 1.0))
    cache = counting.cache_of_parts(**parts)
    share = counting.passing_share(**parts) if cache else 0.0
    # Where layers differ, only those that attend to all count, and they are not all.
    differ = any(map(model.has, (*_STATES, "windowed_head_dim")))
    work = counting.attention_flop_of_full if differ and share < 1 else shape.attention_flop
    known = known.having(windowed_share=share)
    return {
        **values,
        "kv_bytes_per_token": cache,
        "windowed_share": share,
        **_attention(model, known, work),
    }


def _states(model: Record, known: Scenario) -> dict[str, float]:
    if not any(map(model.has, _STATES)):
        return {}
    parts = {
        each.result.name: known.evaluate(each) if model.has(layers) else 0.0
        for layers, each in _STATES.items()
    }
    return {"state_bytes": counting.state_of_parts(**parts)}


_SHARING = ("sharing_layers", "sharing_windowed_layers")


def _note_what_is_left_out(
    model: Record, known: Scenario, values: Mapping[str, float], notes: list[str]
) -> None:
    if said := model.words.get("note"):
        notes.append(f"{model.name}: {said}")
    if model.has("tower_layers", "tower_size", "tower_ffn_size"):
        size = known.evaluate(counting.tower_parameters)
        notes.append(
            f"what turns images or sound into tokens is left out: about {size:.2g} parameters"
        )
    if "state_bytes" in values:
        layers = sum(model.numbers.get(kind, 0) for kind in _STATES)
        notes.append(
            f"{layers:g} of {model.layers:g} layers keep a state of "
            f"{units.show(values['state_bytes'], 'byte')} a user in place of a cache; it is read "
            "and written, and its arithmetic is left out"
        )
    if model.has("selected"):
        notes.append(
            f"each layer with a cache reads {model.selected:g} selected tokens; "
            f"{known.values['index_layers']:g} of them read the small keys of all, to select; no "
            "measurement of it was fitted to"
        )
    if sharing := sum(model.numbers.get(each, 0) for each in _SHARING):
        notes.append(f"{sharing:g} layers use the cache of another: it is kept, and read, once")
    if model.has("draft_layers"):
        notes.append(f"layers that guess further tokens are left out: {model.draft_layers:g}")
