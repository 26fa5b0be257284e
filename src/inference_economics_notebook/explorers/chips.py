"""Chips for an audience: what the thread's hundred chips would do, and what they would cost."""

from __future__ import annotations

from functools import cache

from inference_economics import uncertainty
from inference_economics.algebra import units
from inference_economics.equations import serving, silicon
from inference_economics.facts import catalog
from inference_economics.ledger import example
from inference_economics.serving.scenario import Scenario

from . import markup
from .spec import Field, Output, Preset, Results, Spec, State, even, stops

MAIN = (
    Field("flop_per_token", "Operations of a token", stops(1e8, 1e14)),
    Field("active_users", "Users reading at the same moment", stops(1, 1e10, whole=True)),
    Field("token_interval", "Time from one token to the next", stops(0.001, 10)),
    Field("peak_flops", "Arithmetic of a chip, at its peak", stops(1e13, 1e18)),
    Field("utilization", "Share of arithmetic that is used", even(0.01, 1, 0.01)),
    Field("mask_cost", "Paid once: masks, or design", stops(1e5, 1e10)),
    Field("words_per_token", "Words in a token", even(0.5, 1, 0.05)),
)  # fmt: skip

FORMULAS = {
    each.name: each
    for each in (
        silicon.tokens_per_second_per_chip,
        silicon.audience_chips,
        silicon.mask_cost_per_chip,
        silicon.tokens_per_second_per_user,
        silicon.reading_rate,
    )
}
OUTPUTS = {
    "audience_chips": Output("Chips", "chip"),
    "tokens_per_second_per_chip": Output("Tokens of a chip", "token/second"),
    "mask_cost_per_chip": Output("Paid once, for each chip", "dollar"),
    "tokens_per_second_per_user": Output("Each user gets", "token/second"),
    "reading_rate": Output("Reading speed", "word/minute", own_unit="word/second"),
}


def compute(state: State) -> Results:
    """Return the chips, what each bears of the design's cost, and how fast a user reads."""
    chips = Scenario(state.given).evaluate(silicon.audience_chips)
    audience = Scenario({**state.given, "audience_chips": chips})
    return Results({name: audience.evaluate(FORMULAS[name]) for name in OUTPUTS})


def _words_a_minute(interval: float) -> str:
    """Return how fast one reads a token every so many seconds, each of them a word, in words."""
    rate = silicon.reading_rate(token_interval=interval, words_per_token=1.0)
    return f"{units.show(rate * units.conversion('minute', 'second'), 'word')} a minute"


def view(_spec: Spec, _state: State, _results: Results) -> str:
    """Return the chart's place."""
    return markup.chart(310)


def _presets() -> dict[str, Preset]:
    thread = {
        "flop_per_token": example.stated("small-model-flops", "FLOP/token"),
        "active_users": example.stated("active-users", "user"),
        "peak_flops": example.stated("asic-flops", "FLOP/second/chip"),
        "utilization": 1.0,
        "mask_cost": example.stated("mask-cost", "dollar"),
        "words_per_token": 1.0,
    }
    inputs = {name: thread[name] for name in ("flop_per_token", "active_users", "peak_flops")}
    chips = example.stated("chips-for-audience", "chip")
    said = example.stated("token-interval", "second")
    implied = silicon.token_interval(**inputs, utilization=1.0, audience_chips=chips)
    faster = silicon.audience_chips(**inputs, utilization=1.0, token_interval=said)
    large = example.stated("large-model-flops", "FLOP/token")
    gpt4 = catalog.load().model("gpt4_semianalysis")
    words = catalog.sourced("words_per_token", "word/token")
    reading = catalog.sourced("reading_speed", "word/second")
    h100 = catalog.load().accelerator("h100_sxm5")
    return {
        "hundred": Preset(
            "The thread: 100 chips",
            {**thread, "token_interval": implied},
            note="A hundred chips are right for a token every tenth of a second: "
            f"{_words_a_minute(implied)}, if every token is a word.",
        ),
        "ten-ms": Preset(
            "The thread: a token every 10 ms",
            {**thread, "token_interval": said},
            note=f"The same comment says {units.show(said, 'second')}, which takes "
            f"{units.show(faster, 'chip')} and is {_words_a_minute(said)}: more than anyone reads.",
        ),
        "corrected": Preset(
            "The thread, corrected: 100,000 chips",
            {**thread, "flop_per_token": large, "token_interval": implied},
            note="The comment’s edit takes a model like GPT-4, a thousand times as large.",
        ),
        "facts": Preset(
            "GPT-4 as reported, on H100s, at reading speed",
            {
                **thread,
                "flop_per_token": serving.flop_per_token(
                    parameters=gpt4.active_parameters, flop_per_parameter=2
                ),
                "peak_flops": h100.peak_flops_8bit,
                "utilization": uncertainty.load()["audience-chips"].inputs["utilization"].central,
                "token_interval": words / reading,
                "words_per_token": words,
                "mask_cost": catalog.sourced("mask_set_cost_7nm", "dollar"),
            },
            note="Utilization as worked out from a throughput that is quoted of eight H100s. "
            "What is paid once is a set of masks at 7 nm; the design is not counted.",
        ),
    }  # fmt: skip


@cache
def spec() -> Spec:
    """Return the explorer, its presets made from the claims and the catalog."""
    presets = _presets()
    at = {
        name: interval
        for name, each in presets.items()
        if (interval := each.values["token_interval"]) is not None
    }
    hundred = example.stated("chips-for-audience", "chip")
    written = units.show(hundred, "chip")
    corrected = example.stated("chips-corrected", "chip")
    stated = [
        [f"{written}, {units.show(at['hundred'], 'second')}", at["hundred"], hundred],
        [f"{written}, {units.show(at['ten-ms'], 'second')}", at["ten-ms"], hundred],
        [units.show(corrected, "chip"), at["corrected"], corrected],
    ]
    return Spec(
        id="chips",
        title="Chips for an audience",
        about="Chips that give an audience its tokens, and how much of the design falls on each",
        main=MAIN,
        presets=presets,
        outputs=OUTPUTS,
        formulas=FORMULAS,
        given={"mask_cost_per_chip": frozenset({"mask_cost", "audience_chips"})},
        worked=(
            "tokens_per_second_per_chip", "tokens_per_second_per_user", "audience_chips",
            "mask_cost_per_chip", "reading_rate",
        ),
        compute=compute,
        view=view,
        extra={"stated": stated},
    )  # fmt: skip
