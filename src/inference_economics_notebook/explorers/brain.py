"""A brain in bytes: synapses, bits and wiring as a distribution, beside what people have said."""

from __future__ import annotations

from functools import cache
from typing import Any

from inference_economics import uncertainty
from inference_economics.equations import brain
from inference_economics.facts import catalog
from inference_economics.ledger import example
from inference_economics.uncertainty import intervals

from ..markup import row, table
from . import markup
from .spec import Field, Output, Preset, Results, Spec, State, Term, stops

_FACTORS = stops(1, 100)
MAIN = (
    Field("synapses", "Synapses", stops(1e13, 1e16)),
    Field("bits_per_synapse", "Bits that a synapse holds", stops(0.01, 100)),
    Field("synapses_below", "Synapses, low end: divided by", _FACTORS),
    Field("bits_below", "Bits, low end: divided by", _FACTORS),
    Field("synapses_above", "Synapses, high end: times", _FACTORS),
    Field("bits_above", "Bits, high end: times", _FACTORS),
    Field("neurons", "Neurons", stops(1e9, 1e13)),
)
TERMS = {"wiring": Term("The wiring: each target named among all neurons", {})}
_DRAWN = {"synapses": "synapses", "bits_per_synapse": "bits"}
"""What is drawn, and how the inputs begin that say how far it may lie off."""
_AS_LARGE = 1 - 1e-9
"""A draw counts as large as a capacity from here on: rounding decides no tie."""


@cache
def marks() -> dict[str, float]:
    """Return the capacities that have been stated, in bytes, by how they are called."""
    return {
        "80 GB, a GPU": example.stated("h100-memory", "byte/chip"),
        "100 TB, the post": example.stated("synapse-bytes", "byte"),
        "1e15 bits, a roadmap": example.stated("roadmap-bits", "byte"),
        "2.5 PB, the thread": example.stated("brain-capacity", "byte"),
    }


def _outputs() -> dict[str, Output]:
    found = {
        "central": Output("On the central figures", "byte"),
        "low": Output("5th percentile", "byte", 2),
        "median": Output("Median", "byte", 2),
        "high": Output("95th percentile", "byte", 2),
    }
    for name in marks():
        found[f"bits:{name}"] = Output(name, "bit", 2, listed=False, own_unit="bit/synapse")
        found[f"chance:{name}"] = Output(name, "fraction", 3, listed=False)
    return found


def _draws(state: State) -> Any:
    """Return the bytes that the lattice's points come out at, as an array."""
    given, drawn = state.given, {}
    for (name, short), chances in zip(_DRAWN.items(), intervals.lattice(), strict=True):
        central = given[name]
        low, high = central / given[f"{short}_below"], central * given[f"{short}_above"]
        drawn[name] = intervals.Interval(name, low, central, high).quantile(chances)
    return _bytes(state, **drawn)


def _bytes(state: State, **drawn: Any) -> Any:
    if "wiring" in state.off:
        return brain.synapse_bytes(**drawn)
    return brain.wired_bytes(**drawn, neurons=state.given["neurons"])


def compute(state: State) -> Results:
    """Return the distribution's quantiles, and what each stated capacity implies and its chance."""
    import numpy as np

    synapses, bits = state.given["synapses"], state.given["bits_per_synapse"]
    drawn = _draws(state)
    quantiles = np.quantile(drawn, (intervals.LOW, 0.5, intervals.HIGH)).tolist()
    numbers = {
        "central": _bytes(state, synapses=synapses, bits_per_synapse=bits),
        **dict(zip(("low", "median", "high"), quantiles, strict=True)),
    }
    for name, capacity in marks().items():
        numbers[f"bits:{name}"] = brain.implied_bits(capacity=capacity, synapses=synapses)
        numbers[f"chance:{name}"] = float(np.mean(drawn >= capacity * _AS_LARGE))
    return Results(numbers)


def view(spec: Spec, _state: State, results: Results) -> str:
    """Return the chart, and what each stated capacity implies."""
    kinds = ("bits", "chance")
    rows = (
        row(name, *(markup.shown(spec, results, f"{kind}:{name}") for kind in kinds), headed=True)
        for name in marks()
    )
    head = (
        "stated",
        "bits in each synapse, at the count chosen",
        "random draws that are at least as large",
    )
    return markup.chart(300) + table(head, rows, css="ex-table")


def _presets() -> dict[str, Preset]:
    headline = uncertainty.load()["brain-storage"]
    neurons = catalog.sourced("neurons_whole_brain", "cell")
    synapses = example.stated("synapses", "synapse")
    capacity = example.stated("synapse-bytes", "byte")
    ends = ("synapses_below", "synapses_above", "bits_below", "bits_above")
    post = {
        **dict.fromkeys(ends, 1.0),
        "synapses": synapses,
        "bits_per_synapse": brain.implied_bits(capacity=capacity, synapses=synapses),
        "neurons": neurons,
    }
    facts: dict[str, float | None] = {"neurons": neurons}
    for name, short in _DRAWN.items():
        interval = headline.inputs[name]
        facts[name] = interval.central
        facts[f"{short}_below"] = interval.central / interval.low
        facts[f"{short}_above"] = interval.high / interval.central
    return {
        "post": Preset(
            "The post: 100 TB",
            post,
            frozenset({"wiring"}),
            "A hundred trillion synapses, a byte each. The post names no range.",
        ),
        "facts": Preset(
            "As sourced",
            facts,
            frozenset({"wiring"}),
            "We draw the number of synapses and the bits per synapse at random. For both, nine "
            "of ten draws lie in the range that the sources give. Counts of "
            "synapses differ by a factor of ten, and theory gives a synapse far fewer bits than "
            "its measured sizes do. In half of the draws a synapse holds fewer bits than its size "
            "shows, and in no draw more. So the median of the draws is lower than the product "
            "of the two central values. The calculator draws random values of its own, so "
            "the ends of its range differ a little from those in the text.",
        ),
        "wired": Preset(
            "As sourced, with the wiring",
            facts,
            frozenset(),
            "Which neuron a synapse leads to counts as well: at most the bits that it takes to "
            "name the neurons to which one leads, in any order.",
        ),
        "few": Preset(
            "The thread: about five bits",
            {
                **post,
                "bits_per_synapse": example.stated("large-synapse-bits", "bit/synapse"),
                "bits_below": 10.0,
            },
            frozenset({"wiring"}),
            "The central figure is what a comment gives large synapses. Others have less: "
            "that they go down to a tenth of it is our choice.",
        ),
    }  # fmt: skip


@cache
def spec() -> Spec:
    """Return the explorer, its presets made from the claims and the catalog."""
    deviates = intervals.deviates(intervals.lattice()[0])
    return Spec(
        id="brain",
        title="A brain in bytes",
        about="How many bytes a brain’s synapses may hold",
        main=MAIN,
        terms=TERMS,
        presets=_presets(),
        outputs=_outputs(),
        formulas={
            "strengths": brain.synapse_bytes,
            "wired": brain.wired_bytes,
            "implied": brain.implied_bits,
        },
        worked=("synapse_bytes", "fan_out", "target_bits", "wired_bytes"),
        compute=compute,
        view=view,
        extra={
            "marks": marks(),
            "as_large": _AS_LARGE,
            "low": intervals.LOW,
            "high": intervals.HIGH,
            "deviates": [float(f"{x:.12g}") for x in deviates[: len(deviates) // 2]],
            "lattice": intervals.LATTICE,
        },
    )
