"""Sharing the weights: a decode step taken apart, for any model, machine and batch."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

from inference_economics.algebra import symbols, units
from inference_economics.algebra.formula import InputError
from inference_economics.equations import decode, parts, serving, shape
from inference_economics.facts import calibration, catalog
from inference_economics.ledger import example
from inference_economics.serving import refusals, scale
from inference_economics.serving.deployment import Deployment, TooBigError, deploy
from inference_economics.serving.memory import NOISE
from inference_economics.serving.scenario import Scenario

from ..markup import element
from . import markup
from .spec import Field, Output, Preset, Results, Spec, State, Term, even, stops

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inference_economics.algebra.formula import Formula

_SHARES = (shape.routed_by_share, shape.embedding_by_share)
_HEAD = 128
"""Width of an attention head, as in GPT-3: the post names none for its example."""

MAIN = (
    Field("concurrent_users", "Users at once (the batch)", stops(1, 1e5, whole=True), whole=True),
    Field("context", "Context of each user", stops(10, 1e6, whole=True, zero=True)),
    Field("stored_parameters", "Weights of the model", stops(1e8, 1e13)),
    Field("bits_per_parameter", "Bits of a weight", (2, 3, 4, 5, 6, 8, 12, 16, 32)),
    Field("chips", "Accelerators", stops(1, 1000, whole=True), whole=True),
    Field("peak_flops", "Arithmetic of each, at its peak", stops(1e13, 1e17)),
    Field("memory_bandwidth", "Memory bandwidth of each", stops(1e11, 1e14)),
    Field("memory_capacity", "Memory of each", stops(1e9, 1e12)),
)  # fmt: skip

MORE = {
    "Money and memory": (
        Field("chip_rent", "Rent of an accelerator", unit="dollar/hour"),
        Field("usable_share", "Share of the memory that can be filled"),
    ),
    "The model": (
        Field("layers", "Layers", whole=True),
        Field("hidden_size", "Width of the hidden state"),
        Field("kv_bytes_per_token", "KV cache of a token"),
        Field("kv_heads", "Key-value heads"),
        Field("attention_flop", "Operations of attention, for each token of context"),
        Field("windowed_share", "Share of layers with a window"),
        Field("window", "Tokens of such a window"),
        Field("routed_share", "Share of weights in experts"),
        Field("experts", "Experts of a layer", whole=True),
        Field("experts_per_token", "Experts that a token uses"),
        Field("embedding_share", "Share of weights in the input embedding"),
        Field("flop_per_parameter", "Operations for each weight and token"),
    ),
    "What kernels achieve": (
        Field("bandwidth_share", "Share of the peak bandwidth", even(0.01, 1, 0.01)),
        Field("compute_share", "Share of the peak arithmetic", even(0.01, 1, 0.01)),
        Field("work_overlap", "Overlap of reading and arithmetic"),
        Field("layer_time", "Fixed time of a layer"),
        Field("attention_flops", "Arithmetic of each, for attention"),
        Field("unpack_flop", "Operations to unpack a weight"),
        Field("general_flops", "Arithmetic outside the matrix units"),
    ),
    "Between accelerators": (
        Field("stages", "Pipeline stages", whole=True),
        Field("replicas", "Copies of the shared weights (data parallel)", whole=True),
        Field("node_size", "Accelerators of a node", whole=True),
        Field("link_bandwidth", "Bandwidth of links in a node, one way"),
        Field("node_bandwidth", "Bandwidth of links between nodes, one way"),
        Field("link_latency", "Latency of an all-reduce in a node"),
        Field("node_latency", "Latency that another node adds"),
        Field("activation_bytes", "Bytes of a hidden number"),
        Field("reductions_per_layer", "All-reduces of a layer"),
        Field("exchanging_layers", "Layers that exchange tokens"),
        Field("exchanged_bytes", "Bytes of an exchanged number"),
        Field("exchange_latency", "Latency of an exchange"),
        Field("traffic_overlap", "Share of traffic at the same time as other work"),
    ),
    "Guessing ahead (speculative decoding)": (
        Field("draft_length", "Tokens guessed for each user"),
        Field("acceptance", "Chance that a guess is kept (acceptance)"),
        Field("draft_cost", "Time of a guess, as a share of a step’s"),
    ),
}

TERMS = {
    "caches": Term("Caches", decode.OFF["cache"]),
    "losses": Term("Shares of the peak rates that are reached", decode.OFF["achieved shares"]),
    "traffic": Term("Traffic", {**decode.OFF["traffic"], **decode.OFF["latency"]}),
    "fixed": Term("Fixed time", decode.OFF["fixed time"]),
}

_Needs = list[list["str | float"]]
_CACHED: _Needs = [["context", 0]]
_JOINED: _Needs = [["chips", 1], ["link_latency", 0]]
NEEDED_IF: Mapping[str, _Needs] = {
    "kv_bytes_per_token": _CACHED,
    "kv_heads": _CACHED,
    "attention_flop": _CACHED,
    "hidden_size": [["chips", 1], ["activation_bytes", 0]],
    "general_flops": [["unpack_flop", 0]],
    "node_size": _JOINED,
    "link_bandwidth": _JOINED,
    "node_bandwidth": [*_JOINED, ["chips", "node_size"]],
}
"""When a figure that no source states must be given: if all of these are more than those."""

_PARTS = {
    "weights": ("weights",),
    "arithmetic": ("arithmetic", "part-filled tiles"),
    "caches": ("cache", "attention arithmetic"),
    "traffic": ("all-reduce latency", "all-reduce volume", "expert exchange", "stage handover"),
    "fixed time": ("fixed time", "unpacking"),
    "guessing": ("guessing",),
}
_WRITTEN = {"guessing": "guessing ahead"}
"""The causes of a step's time, as the bar shows them."""

OUTPUTS = {
    "step_time": Output("A step takes", "second"),
    "user_speed": Output("Each user gets", "token/second"),
    "throughput": Output("All together", "token/second"),
    "flops_utilization": Output("Arithmetic used (MFU)", "fraction"),
    "bandwidth_utilization": Output("Bandwidth used (MBU)", "fraction"),
    "cost_per_token": Output("Cost", "dollar/token", missing="no rent given"),
    "memory_needed": Output("Memory", "byte", listed=False),
    "memory_usable": Output("Memory that can be filled", "byte", listed=False),
    "largest_batch": Output("Users that fit", "user", missing="caches not counted"),
    "critical_users": Output("Users that fill the arithmetic (critical batch)", "user"),
    **{f"part:{name}": Output(name, "second", listed=False) for name in _PARTS},
    **{
        f"hidden:{name}": Output(name, "second", listed=False)
        for name in ("weights", "arithmetic", "caches")
    },
}


def _own(formula: Formula) -> Formula:
    """Return a formula of the step with the model's parts given as shares of its weights."""
    return formula.using(*_SHARES, name=formula.name)


FORMULAS: Mapping[str, Formula] = {
    name: _own(formula)
    for name, formula in {
        "step_time": decode.round_time,
        "user_speed": decode.user_speed,
        "throughput": decode.throughput,
        "flops_utilization": decode.flops_utilization,
        "bandwidth_utilization": decode.bandwidth_utilization,
        "cost_per_token": decode.cost_per_token,
        "memory_needed": decode.memory_needed,
        "memory_usable": decode.memory_usable,
        "weights_held": decode.weights_held,
        "memory_filled": decode.memory_filled,
        "room": decode.room,
        "largest_batch": decode.largest_batch,
        "critical_users": decode.critical_users,
        **parts.TIMES,
        **{formula.name: formula for formula in parts.OVERLAPS.values()},
    }.items()
}

WORKED = (
    "weights_read", "stage_bandwidth", "weight_time", "flop_per_token", "compute_time",
    "linear_time", "cache_read", "attention_time", "reduce_time", "exposed_traffic",
    "fixed_time", "step_time", "round_time", "tokens_per_second_per_user", "throughput",
    "ideal_compute_time", "flops_utilization", "cost_per_token", "weights_held",
    "memory_needed", "memory_usable",
)  # fmt: skip


def in_the_equations(values: Mapping[str, float | None], off: frozenset[str]) -> dict[str, float]:
    """Return what the equations take: terms switched off, and what is unknown but not needed.

    Raises InputError for a figure that no source states and that the state needs.
    """
    found = {name: value for name, value in values.items() if value is not None}
    for term in sorted(off):
        found |= TERMS[term].off
    for name, value in values.items():
        if value is not None or name == "chip_rent":
            continue
        needed = NEEDED_IF[name]
        ends = [[found.get(e, 1.0) if isinstance(e, str) else e for e in pair] for pair in needed]
        if all(left > right for left, right in ends):
            raise InputError(refusals.UNKNOWN.format(label=FIELDS[name].label))
        found[name] = 1.0
    return found


def compute(state: State) -> Results:
    """Return what a decode step takes, gives and costs, from the package's own deployment."""
    found = in_the_equations(state.values, state.off)
    users, context = found.pop("concurrent_users"), found["context"]
    if not refusals.SPLIT_ON_A_PAGE.holds(found):
        shown = {name: f"{value:g}" for name, value in found.items()}
        raise InputError(refusals.SPLIT_ON_A_PAGE.sentence.format(**shown))
    given = Scenario(found)
    found |= {formula.result.name: given.evaluate(formula) for formula in _SHARES}
    del found["routed_share"], found["embedding_share"]
    machine = Deployment(found, name="It")
    always = {
        "memory_usable": machine.evaluate(decode.memory_usable),
        "critical_users": machine.evaluate(decode.critical_users),
    }
    try:
        step = machine.step(users, context)
    except TooBigError as error:
        known = {**always, "memory_needed": error.memory, "largest_batch": error.largest_batch}
        return Results({**dict.fromkeys(OUTPUTS), **known}, str(error))
    numbers = {
        **always,
        "step_time": step.step_time,
        "user_speed": step.user_speed,
        "throughput": step.throughput,
        "flops_utilization": step.mfu,
        "bandwidth_utilization": step.mbu,
        "cost_per_token": step.cost_per_token,
        "memory_needed": step.memory,
        "largest_batch": step.largest_batch,
    }
    for kind, times in (("part", step.parts), ("hidden", step.hidden)):
        for name, causes in _PARTS.items():
            if f"{kind}:{name}" in OUTPUTS:
                numbers[f"{kind}:{name}"] = sum(times.get(cause, 0.0) for cause in causes)
    return Results(numbers)


# Presets


def _values(deployment: Deployment, users: float, context: float) -> dict[str, float | None]:
    """Return a deployment's values under the names of the inputs.

    The memory that can be filled is what weights and caches find beside the engine's own: one
    share on the page, where the package has a term for each.
    """
    values = dict(deployment.values)
    weights = values["stored_parameters"]
    filled = deployment.evaluate(decode.weights_held) + deployment.room
    values["usable_share"] = round(filled / (values["chips"] * values["memory_capacity"]), 3)
    values["routed_share"] = values["routed_parameters"] / weights
    values["embedding_share"] = values["input_embedding"] / weights
    values |= {"concurrent_users": users, "context": context}
    if values["chips"] == 1:  # alone, it says nothing of links
        values = {**values, "reductions_per_layer": 2.0, "exchanging_layers": 0.0}
    return {name: values.get(name) for name in FIELDS}


def _joined(deployment: Deployment) -> dict[str, float | None]:
    """Return how a deployment's cards are joined, as far as sources state it."""
    stated = deployment.machine.numbers
    return {
        "node_size": stated.get("node_size"),
        "link_bandwidth": stated.get("interconnect_bandwidth"),
        "node_bandwidth": stated.get("node_bandwidth"),
        "node_latency": catalog.sourced("allreduce_latency_between_nodes", "second"),
        "general_flops": stated.get("general_flops"),
    }


def _fitted(deployment: Deployment) -> dict[str, float]:
    """Return the values that are fitted to measurements, for machines of a kind."""
    fitted = deployment.fitted()
    changed = {
        name: value
        for name, value in fitted.values.items()
        if name in FIELDS and value != deployment.values.get(name)
    }
    return {**changed, "node_latency": calibration.load().value("node_latency")}


def _preset(  # noqa: PLR0913, PLR0917 (one argument a choice)
    label: str,
    note: str,
    deployment: Deployment,
    users: float,
    context: float,
    unknown: tuple[str, ...] = (),
) -> Preset:
    values = {**_values(deployment, users, context), **_joined(deployment)}
    if unknown:
        values |= {**dict.fromkeys(unknown), "activation_bytes": 0.0}
    experts = deployment.values["routed_parameters"] > 0
    return Preset(
        label,
        values,
        frozenset({"caches"} if unknown else ()),
        note,
        {"fitted": _fitted(deployment), "experts": experts},
    )


def _post(label: str, note: str, post: Scenario) -> Preset:
    """Return the post's example: its own terms switched on, and ours ready beside them."""
    h100 = deploy("h100_sxm5", 8, "llama3_70b", weight_bits=8)
    width = post.evaluate(serving.hidden_size)
    cache = post.evaluate(serving.kv_bytes_of_width)
    layers, weights = post.values["layers"], post.values["parameters"]
    attention = shape.attention_flop(layers=layers, heads=1, key_width=width, value_width=width)
    values = {
        **_values(h100, example.stated("batch-hundred", "user"), scale.CONTEXT),
        **_joined(h100),
        **{name: value for name, value in post.values.items() if name in FIELDS},
        "stored_parameters": weights,
        "embedding_share": 0.0,
        "hidden_size": width,
        "kv_heads": width / _HEAD,
        "kv_bytes_per_token": cache,
        "attention_flop": attention,
        "attention_flops": post.values["peak_flops"],
        "memory_capacity": example.stated("h100-memory", "byte/chip"),
        "usable_share": 1.0,
    }
    fitted = {**_fitted(h100), "unpack_flop": 0.0}
    return Preset(label, values, frozenset(TERMS), note, {"fitted": fitted, "experts": False})


_GPT4 = ("hidden_size", "kv_heads", "kv_bytes_per_token", "attention_flop")
_UNKNOWN = (
    "No source states its shape, so caches and the volume of traffic are left out. Its parts, as "
    "reported, add up to slightly more weights than the reported total."
)


def _presets() -> dict[str, Preset]:
    a100 = deploy("a100_sxm_40", 128, "gpt4_semianalysis", weight_bits=16, stages=16)
    mi300x = deploy("mi300x", 8, "gpt4_semianalysis", weight_bits=4)
    h100 = deploy("h100_sxm5", 8, "llama3_70b")
    home = deploy("rtx4090", 1, "llama3_8b", weight_bits=8)
    mac = deploy("m3_ultra", 1, "llama3_70b", weight_bits=8)
    batch = example.stated("openai-batch", "token")
    fleet = catalog.sourced("deepseek_fleet_context", "token")
    return {
        "post": _post(
            "The post",
            "The post’s figures. At first a step has only what the post counts: reading the "
            "weights, and arithmetic. Other parts can be switched on. With "
            f"{units.show(example.stated('h100-memory', 'byte/chip'), 'byte')} for each chip, as "
            "in the post, the weights fill all of the memory. No room is left for caches, which "
            "keep what the model has computed from each user’s text so far. The size of a cache is "
            "worked out from the post’s weights and layers, with one byte for each number that it "
            "keeps.",
            example.post(),
        ),
        "post-h100": _post(
            "The post, on a real H100",
            "The same model on the card of the datasheet, at its rate for ordinary matrices.",
            example.post_on_a_real_card(),
        ),
        "gpt4-a100": _preset(
            "GPT-4 as reported, on 128 A100s",
            f"Sixteen experts, each layer on eight GPUs, the layers in sixteen groups. {_UNKNOWN}",
            a100, batch, 0.0, _GPT4,
        ),
        "gpt4-mi300x": _preset(
            "GPT-4 as reported, on eight MI300X",
            f"Weights in four bits, multiplied in sixteen. {_UNKNOWN}",
            mi300x, batch, 0.0, _GPT4,
        ),
        "llama-h100": _preset(
            "Llama-3 70B on eight H100s",
            "Weights in sixteen bits, as published.",
            h100, 64, scale.CONTEXT,
        ),
        "deepseek": _preset(
            "DeepSeek-V3’s decode unit",
            "144 H800s, each with a copy of the shared weights and a part of the experts.",
            scale.fleet_unit(), round(scale.fleet_load().unit_users), fleet,
        ),
        "rtx4090": _preset(
            "Llama-3 8B on a 4090 at home",
            "Weights in eight bits. How many such cards a machine joins, no source states.",
            home, 1, scale.CONTEXT,
        ),
        "mac": _preset(
            "Llama-3 70B on a Mac",
            "An M3 Ultra with 512 GB, weights in eight bits; its arithmetic is an estimate.",
            mac, 1, scale.CONTEXT,
        ),
    }  # fmt: skip


def view(spec: Spec, _state: State, results: Results) -> str:
    """Return the step's bar with its legend, the chart, the memory and the error to expect."""

    def shown(name: str, before: str = "", after: str = "", **attributes: str) -> str:
        told = f"{before}{markup.shown(spec, results, name)}{after}"
        return element("span", told, hidden=not results.numbers[name], **attributes)

    rows = []
    for name in _PARTS:
        times = [shown(f"part:{name}", css="ex-time")]
        if f"hidden:{name}" in OUTPUTS:
            times.append(shown(f"hidden:{name}", "(", " meanwhile)", css="ex-hidden"))
        told = " ".join((_WRITTEN.get(name, name), *times))
        spent = any(results.numbers.get(f"{kind}:{name}") for kind in ("part", "hidden"))
        rows.append(element("li", element("i"), told, data_part=name, hidden=not spent))
    needed, usable = (markup.shown(spec, results, f"memory_{of}") for of in ("needed", "usable"))
    parts = (
        element("div", *(element("span", data_part=name) for name in _PARTS), css="ex-bar",
                aria_hidden="true"),
        element("ul", *rows, css="ex-parts", aria_label="What a step’s time is made of"),
        markup.chart(340),
        element("p", element("span", css="ex-fill", aria_hidden="true"),
                element("span", f"Memory: {needed} of {usable}"), css="ex-memory"),
        element("p", css="ex-caution", data_caution=True),
    )  # fmt: skip
    return "".join(parts)


def cautions() -> dict[str, str]:
    """Return what error to expect: of two terms alone, untuned, of one's own values, fitted."""
    found = calibration.load()
    bare = found.errors[calibration.ROOFLINE]
    factors = (found.within_factors[sort] for sort in calibration.SORTS)
    within = [units.at_most(factor, "dimensionless") for factor in factors]
    return {
        "roofline": f"Against published measurements, times of these two terms alone are "
        f"{bare:.0%} off in the mean, nearly always too short.",
        "untuned": f"Against published measurements, these times are "
        f"{found.errors[calibration.UNTUNED]:.0%} off in the mean, nearly always too short.",
        "own": "With values of your own, no measurement says how far off these times are.",
        "fitted": "Fitted: nine of ten measurements that it had not seen lie within a factor of "
        f"{within[0]} of the time.",
        "experts": "Fitted: nine of ten measurements of models with experts lie within a factor "
        f"of {within[2]} of the time.",
    }


FIELDS = {each.name: each for group in (MAIN, *MORE.values()) for each in group}


@cache
def spec() -> Spec:
    """Return the explorer, its presets made from the catalog."""
    extra: dict[str, Any] = {
        "neededIf": NEEDED_IF,
        "parts": {name: list(causes) for name, causes in _PARTS.items()},
        "times": list(parts.TIMES),
        "overlaps": [[*pair, formula.name] for pair, formula in parts.OVERLAPS.items()],
        "split": asdict(refusals.SPLIT_ON_A_PAGE),
        "atMost": symbols.AT_MOST,
        "memory": dict(refusals.MEMORY),
        "noise": NOISE,
        "unknown": refusals.UNKNOWN,
        "cautions": cautions(),
    }
    return Spec(
        id="sharing",
        title="Sharing the weights",
        about="The time of one step, and how it changes with the number of users",
        main=MAIN,
        more=MORE,
        terms=TERMS,
        presets=_presets(),
        outputs=OUTPUTS,
        formulas=FORMULAS,
        given={"largest_batch": frozenset({*FIELDS, "room"})},
        worked=WORKED,
        compute=compute,
        view=view,
        extra=extra,
    )
