"""What would flip it: a headline's inputs, moved until its conclusion turns."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from inference_economics import uncertainty
from inference_economics.algebra import symbols, units
from inference_economics.ledger import telling
from inference_economics.uncertainty.headlines import FAR
from inference_economics.uncertainty.intervals import EDGE

from ..markup import element
from . import markup
from .spec import Field, Output, Preset, Results, Spec, State, even, stops

if TYPE_CHECKING:
    from inference_economics.uncertainty import Headline

LABELS = {
    "peak_flops": "Arithmetic of a chip, at its peak",
    "memory_bandwidth": "Memory bandwidth of a chip",
    "bits_per_parameter": "Bits of a weight",
    "flop_per_parameter": "Operations for each weight and token",
    "message_rate": "Messages of an audience, each second",
    "audience": "People in that audience",
    "tokens_per_message": "Tokens of an answer",
    "tokens_per_second_per_user": "Tokens each user gets in a second",
    "parameters": "Weights that a token uses",
    "context": "Context of each user",
    "kv_bytes_per_token": "Cache of each token",
    "read_per_written": "Tokens read for each one written",
    "active_users": "Users reading at the same moment",
    "reading_rate": "Reading speed",
    "words_per_token": "Words in a token",
    "utilization": "Share of the arithmetic used",
    "synapses": "Synapses",
    "bits_per_synapse": "Bits that a synapse holds",
    "neurons": "Neurons",
    "capacity": "The capacity in question",
}
_NOTES = {
    "price-ratio": "Here reading and arithmetic overlap in full, and memory has no end. In the "
    "explorer of shared weights, caches are read first, and the ratio is smaller."
}
_BARS = (
    "Each bar shows the answers that one input gives within its range, the others as they are now. "
    "In the shaded part the statement is true."
)
HOLDS, FAILS = (f"{it} with these inputs." for it in ("True", "False"))
_FAR = 100.0
"""How far a slider reaches beyond the intervals, as a factor."""


def _headlines() -> dict[str, tuple[Headline, int]]:
    """Return every conclusion of every headline, by the id of its preset."""
    return {
        f"{id}-{number + 1}": (headline, number)
        for id, headline in uncertainty.load().items()
        for number in range(len(headline.conclusions))
    }


def _field(name: str) -> Field:
    """Return the input of that name, with a slider that reaches beyond all of its intervals."""
    intervals = [h.inputs[name] for h, _ in _headlines().values() if name in h.inputs]
    if name not in LABELS:
        raise LookupError(f"{name} is an input of a headline without a label: add it to LABELS")
    line = symbols.GLOSSARY[name]
    unit = "word/minute" if name == "reading_rate" else ""
    if line.range.high <= 1:
        return Field(name, LABELS[name], even(0.01, 0.99, 0.01))
    low = min(each.low for each in intervals) / _FAR
    high = max(each.high for each in intervals) * _FAR
    return Field(name, LABELS[name], stops(low, high), unit=unit)


@cache
def _main() -> tuple[Field, ...]:
    names = dict.fromkeys(name for h, _ in _headlines().values() for name in h.inputs)
    return tuple(_field(name) for name in names)


def _outputs() -> dict[str, Output]:
    found = {
        "answer": Output("The answer", "dimensionless", listed=False),
        "holds": Output("The statement is true", "dimensionless", listed=False),
    }
    for field in _main():
        found[f"turn:{field.name}"] = Output(
            field.label, field.shown_unit, listed=False, own_unit=field.line.unit
        )
        for end in ("low", "high"):
            found[f"{end}:{field.name}"] = Output(field.label, "dimensionless", listed=False)
    return found


def compute(state: State) -> Results:
    """Return the answer, whether the conclusion holds, the tornado, and what would turn it."""
    headline, number = _headlines()[state.preset]
    given = state.given
    answer = headline.answer(**given)
    numbers: dict[str, float | None] = dict.fromkeys(_outputs())
    numbers["answer"] = answer
    numbers["holds"] = float(headline.conclusions[number].is_true(answer))
    for bar in headline.tornado(**given):
        numbers[f"low:{bar.name}"], numbers[f"high:{bar.name}"] = bar.low, bar.high
    for flip in headline.flips(number, **given):
        numbers[f"turn:{flip.name}"] = flip.value
    return Results(numbers)


def view(spec: Spec, state: State, results: Results) -> str:
    """Return the verdict, the tornado and what would turn the conclusion, input by input."""
    numbers = results.numbers
    hidden = (
        markup.shown(spec, results, name) for name in spec.outputs if not name.startswith("turn:")
    )
    turns = (_turn(spec, state, results, field.name) for field in spec.main)
    verdict = {None: "", 1.0: HOLDS, 0.0: FAILS}[numbers["holds"]]
    holds = "" if numbers["holds"] is None else f"{numbers['holds']:g}"
    parts = (
        element("p", verdict, css="ex-verdict", data_verdict_word=True, data_holds=holds),
        markup.chart(330),
        element("p", _BARS, css="ex-lead"),
        element("div", *hidden, hidden=True),
        element("p", "What it takes to turn the answer, one input at a time:", css="ex-lead"),
        element("ul", *turns, css="ex-turns"),
    )
    return "".join(parts)


def _turn(spec: Spec, state: State, results: Results, name: str) -> str:
    """Return the line that says where an input turns the conclusion, if it does."""
    value = results.numbers[f"turn:{name}"]
    interval = _headlines()[state.preset][0].inputs.get(name)
    shown = name in state.values and not results.refusal
    inside = value is not None and interval is not None and interval.low <= value <= interval.high
    at = f"turns at {markup.shown(spec, results, f'turn:{name}')}"
    parts = (
        element("span", spec.fields[name].label) + " ",
        element("span", at, css="ex-turns-at", hidden=value is None),
        element("span", "cannot turn it", css="ex-never", hidden=value is not None),
        element("span", "within its range", css="ex-inside", hidden=not inside),
    )
    return element("li", *parts, data_turn=name, hidden=not shown)


def _preset(headline: Headline, number: int) -> Preset:
    conclusion = headline.conclusions[number]
    unit = headline.unit if headline.unit == "byte" else "dimensionless"  # its name says the rest
    threshold = units.show(conclusion.threshold, unit)
    return Preset(
        f"{telling.begun(headline.name)}: {conclusion.holds} {threshold}",
        {name: interval.central for name, interval in headline.inputs.items()},
        note=" ".join(filter(None, (headline.question, _NOTES.get(headline.id)))),
        extra={
            "formula": headline.id,
            "unit": headline.unit,
            "factor": units.conversion(headline.formula.unit, headline.unit),
            "holds": conclusion.holds,
            "threshold": conclusion.threshold,
            "says": conclusion.says,
            "ends": {name: [i.low, i.high] for name, i in headline.inputs.items()},
            "bars": [bar.name for bar in headline.tornado()],
        },
    )


@cache
def spec() -> Spec:
    """Return the explorer, a preset for every conclusion of every headline."""
    return Spec(
        id="flip",
        title="What would flip it",
        about="How large an input must be to turn a statement from true to false, or back",
        choice="Statement",
        apart=True,
        main=_main(),
        presets={id: _preset(*each) for id, each in _headlines().items()},
        outputs=_outputs(),
        formulas={id: headline.formula for id, headline in uncertainty.load().items()},
        given={id: frozenset(h.inputs) for id, h in uncertainty.load().items()},
        compute=compute,
        view=view,
        extra={"edge": EDGE, "far": FAR},
    )
