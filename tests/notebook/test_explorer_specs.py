"""The explorers' specs and widgets: what they start from, take, refuse and give."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from inference_economics import uncertainty
from inference_economics.algebra.formula import InputError
from inference_economics.equations import decode
from inference_economics.ledger import example
from inference_economics.serving import arrivals, deploy, scale
from inference_economics_notebook import explorers
from inference_economics_notebook.explorers import SPECS
from inference_economics_notebook.explorers.bundle import bundle
from inference_economics_notebook.explorers.spec import Field, Output, even, stops

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inference_economics_notebook.explorers.spec import Spec

MAKE = {id: getattr(explorers, id) for id in SPECS}


@pytest.fixture(params=SPECS)
def spec(request: pytest.FixtureRequest) -> Spec:
    """Give each explorer's spec."""
    found: Spec = SPECS[request.param]()
    return found


def test_a_slider_stops_at_round_numbers_of_two_digits() -> None:
    found = stops(1, 100)
    assert found[:9] == (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8)
    assert found[-4:] == (84.0, 89.0, 94.0, 100.0)
    assert len(found) == 77  # of 81: in each decade two round to 1.1, and two to 1.3
    assert stops(1, 13, whole=True) == tuple(range(1, 14))
    assert stops(2.0, 3.0, zero=True)[:2] == (0.0, 2.0)
    assert all(1.05 <= stop <= 1.55 for stop in stops(1.05, 1.55))


def test_a_slider_of_even_steps_reaches_both_ends() -> None:
    assert even(0.5, 1, 0.05) == (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)
    assert even(0.01, 1, 0.01)[::33] == (0.01, 0.34, 0.67, 1.0)
    assert even(0, 1, 1 / 3) == (0.0, 0.333333333, 0.666666667, 1.0)


@pytest.mark.parametrize(
    ("name", "unit", "shown", "value", "text"),
    [
        ("chip_rent", "dollar/hour", "dollar/hour", 2 / 3600, "$2 per h"),
        ("chips", "", "dimensionless", 12345.0, "12,345"),
        ("memory_bandwidth", "", "byte/second", 3.35678e12, "3.357 TB/s"),
        ("reading_rate", "word/minute", "word/minute", 238 / 60, "238 words/min"),
    ],
)
def test_a_field_is_shown_in_four_digits_of_its_unit(
    name: str, unit: str, shown: str, value: float, text: str
) -> None:
    field = Field(name, "Label", unit=unit)
    assert field.shown_unit == shown
    assert field.shown(value) == text
    assert field.shown(None) == ""
    assert field.read(text) == pytest.approx(value, rel=1e-3)


def test_an_output_is_shown_in_its_digits_or_says_that_it_is_missing() -> None:
    assert Output("Reading", "word/minute", own_unit="word/second").shown(4.0) == "240 words/min"
    assert Output("Time", "second").shown(0.0123456) == "12.3 ms"
    assert Output("Time", "second", 2).shown(0.0123456) == "12 ms"
    assert Output("Time", "second").shown(None) == "\N{EN DASH}"
    assert Output("Time", "second", missing="none given").shown(None) == "none given"


def test_every_preset_can_be_or_says_why_not(spec: Spec) -> None:
    for preset in spec.presets:
        results = spec.results(spec.state(preset))
        assert bool(results.refusal) == all(v is None for v in results.numbers.values()), preset


WITH: dict[str, dict[str, float]] = {
    "window": {"windowed_share": 0.5},
    "general_flops": {"unpack_flop": 1000},
    "acceptance": {"draft_length": 4},
    "draft_cost": {"draft_length": 4},
}
"""Without which an input means nothing."""


def test_every_input_moves_something(spec: Spec) -> None:
    still = [name for name in spec.fields if not any(moved(spec, name))]
    assert not still, f"explorers/{spec.id}.py: what comes out does not take {still}"


def moved(spec: Spec, name: str) -> Iterator[bool]:
    """Yield whether other values of an input give another result, preset by preset."""
    for preset in spec.presets:
        state = spec.state(preset, **WITH.get(name, {}))
        for times in (2, 0.5, 1.3, 0.9) if name in state.values else ():
            try:
                value = (state.values[name] or 0.5) * times
                other = spec.state(preset, **WITH.get(name, {}), **{name: value})
            except InputError:
                continue
            found = spec.results(other)
            yield not found.refusal and found.numbers != spec.results(state).numbers


# What the post and the thread say comes out of the presets named after them.
@pytest.mark.parametrize(
    ("id", "preset", "output", "claim", "unit"),
    [
        ("sharing", "post", "flops_utilization", "utilization-hundred", "fraction"),
        ("users", "post", "steady", "user-base", "user"),
        ("chips", "hundred", "audience_chips", "chips-for-audience", "chip"),
        ("chips", "corrected", "audience_chips", "chips-corrected", "chip"),
        ("brain", "post", "central", "synapse-bytes", "byte"),
    ],
)
def test_presets_give_what_was_stated(
    id: str, preset: str, output: str, claim: str, unit: str
) -> None:
    spec = SPECS[id]()
    found = spec.results(spec.state(preset)).numbers[output]
    assert found == pytest.approx(example.stated(claim, unit))


def test_the_hundred_chips_of_the_thread_are_not_for_its_ten_milliseconds() -> None:
    spec = SPECS["chips"]()
    found = spec.results(spec.state("ten-ms")).numbers
    hundred = example.stated("chips-for-audience", "chip")
    assert found["audience_chips"] == pytest.approx(10 * hundred)
    assert found["reading_rate"] == pytest.approx(100)


def test_gpt4_is_read_at_the_speed_of_reading() -> None:
    spec = SPECS["chips"]()
    found = spec.results(spec.state("facts")).numbers
    assert found["reading_rate"] == pytest.approx(238 / 60)  # words a minute, silently
    assert found["tokens_per_second_per_user"] == pytest.approx(238 / 60 / 0.75)


IN_WORDS = {"four": 4, "eight": 8, "sixteen": 16, "a": 1, "an": 1}


# What comes out of other inputs than those of a preset, by hand.
BY_HAND: list[tuple[str, dict[str, float], dict[str, float]]] = [
    (
        "users",
        {"concurrent_users": 1000, "daily_use": 600, "generation_share": 0.1, "steady_margin": 5},
        {"present": 144e3, "generating": 1.44e6, "steady": 7.2e6},
    ),
    (
        "chips",
        {
            "flop_per_token": 2e9, "active_users": 1e6, "token_interval": 0.1, "peak_flops": 1e15,
            "utilization": 0.5, "mask_cost": 1e7, "words_per_token": 0.75,
        },
        {
            "tokens_per_second_per_chip": 250e3, "tokens_per_second_per_user": 10,
            "audience_chips": 40, "mask_cost_per_chip": 250e3, "reading_rate": 7.5,
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("id", "given", "by_hand"), BY_HAND, ids=[id for id, *_ in BY_HAND])
def test_what_comes_out_is_that_of_hand(
    id: str, given: dict[str, float], by_hand: dict[str, float]
) -> None:
    spec = SPECS[id]()
    found = spec.results(spec.state(**given)).numbers
    assert {name: found[name] for name in by_hand} == pytest.approx(by_hand)


def test_an_audience_is_shared_by_the_users_of_the_quietest_hour() -> None:
    found = SPECS["users"]().results(SPECS["users"]().state("chat")).numbers
    shares = {name: found[f"share:{name}"] for name in scale.audiences()}
    assert shares == pytest.approx(
        {name: (found["steady"] or 0) / size for name, size in scale.audiences().items()}
    )


# What presets start from, worked by hand from claims and facts; the rest is as in the first.
STARTS: dict[tuple[str, str], dict[str, float]] = {
    ("users", "post"): {
        "concurrent_users": 1000, "daily_use": 600, "generation_share": 1, "steady_margin": 1,
    },
    ("users", "clock"): {"steady_margin": 1e6 / 144e3},  # a million users for 144 thousand
    ("users", "own"): {"concurrent_users": 500},  # 1 / 0.2%
    ("users", "chat"): {
        "concurrent_users": 1978.9 / 3.35 / 2,
        # 18 billion messages a week of 700 million people, 211 tokens each at 21 a second.
        "generation_share": 18e9 / 7 / 700e6 * 211 / 21 / 600,
        "steady_margin": arrivals.quiet_hour_margin("conversation"),
    },
    ("users", "coding"): {
        "concurrent_users": 1978.9 / 3.35 / 2,
        "generation_share": 18e9 / 7 / 700e6 * 211 / 21 / 600,
        "steady_margin": arrivals.quiet_hour_margin("coding"),
    },
    ("chips", "hundred"): {
        "flop_per_token": 3e9, "active_users": 1e7, "peak_flops": 3e15, "utilization": 1,
        "mask_cost": 1e6, "words_per_token": 1, "token_interval": 0.1,
    },
    ("chips", "ten-ms"): {"token_interval": 0.01},
    ("chips", "corrected"): {"flop_per_token": 3e12},
    ("chips", "facts"): {
        "flop_per_token": 2 * 280e9, "peak_flops": 1978.9e12, "utilization": 0.22,
        "mask_cost": 1e7, "words_per_token": 0.75, "token_interval": 0.75 / (238 / 60),
    },
    ("brain", "post"): {
        "synapses": 1e14, "bits_per_synapse": 8, "neurons": 86.1e9, "synapses_below": 1,
        "synapses_above": 1, "bits_below": 1, "bits_above": 1,
    },
    ("brain", "few"): {"bits_per_synapse": 5, "bits_below": 10},
    ("brain", "facts"): {
        "synapses": 5e14, "synapses_below": 5, "synapses_above": 2, "bits_per_synapse": 4.7,
        "bits_below": 4.7 / 0.264, "bits_above": 1,
    },
}  # fmt: skip


@pytest.mark.parametrize(("id", "preset"), STARTS, ids=["-".join(each) for each in STARTS])
def test_a_preset_starts_from_what_was_worked_by_hand(id: str, preset: str) -> None:
    spec = SPECS[id]()
    first = STARTS[id, spec.first]
    known = {**first, **STARTS[id, preset]}.keys()
    unlike = sorted(spec.presets[preset].values.keys() ^ known)
    assert not unlike, f"STARTS has not the inputs of the explorer {id}: add, or take out, {unlike}"
    assert spec.presets[preset].values == pytest.approx({**first, **STARTS[id, preset]}, rel=1e-4)


def test_the_post_starts_from_its_model_worked_by_hand() -> None:
    """1.6 trillion weights of a byte in 20 layers: each of 12 squares of the width, no experts."""
    presets = SPECS["sharing"]().presets
    width = (1.6e12 / 12 / 20) ** 0.5
    model = {
        "stored_parameters": 1.6e12, "bits_per_parameter": 8, "layers": 20, "hidden_size": width,
        "kv_heads": width / 128, "kv_bytes_per_token": 2 * 20 * width, "routed_share": 0,
        "attention_flop": 4 * 20 * width, "embedding_share": 0, "flop_per_parameter": 2,
        "concurrent_users": 100, "context": 2000, "chips": 20, "memory_capacity": 80e9,
        "usable_share": 1,
    }  # fmt: skip
    rates = {"peak_flops": 3e15, "attention_flops": 3e15, "memory_bandwidth": 3e12}
    real = {"peak_flops": 1978.9e12, "attention_flops": 1978.9e12, "memory_bandwidth": 3.35e12}
    for preset, wanted in (("post", {**model, **rates}), ("post-h100", {**model, **real})):
        values = presets[preset].values
        assert {name: values[name] for name in wanted} == pytest.approx(wanted)
        assert presets[preset].extra["fitted"]["unpack_flop"] == 0


def test_a_fleet_and_a_model_of_no_known_shape_take_what_they_take_elsewhere() -> None:
    """Where no source states a width, what it sends between machines is left out."""
    spec = SPECS["sharing"]()
    for preset, here in {
        "deepseek": scale.fleet_unit(),
        "gpt4-a100": deploy("a100_sxm_40", 128, "gpt4_semianalysis", weight_bits=16, stages=16),
        "gpt4-mi300x": deploy("mi300x", 8, "gpt4_semianalysis", weight_bits=4),
    }.items():
        state = spec.state(preset)
        step = here.step(state.given["concurrent_users"], state.given["context"])
        found = spec.results(state).numbers
        assert found["step_time"] == pytest.approx(step.step_time, rel=1e-4)
        assert found["memory_needed"] == step.memory
        assert spec.presets[preset].off == ({"caches"} if "gpt4" in preset else set())
        assert spec.presets[preset].extra["experts"]
    assert spec.state("deepseek").given["concurrent_users"] == round(144 * 14_800 / 8 / 21)


@pytest.mark.parametrize(
    ("preset", "machine"),
    [
        ("llama-h100", ("h100_sxm5", 8, "llama3_70b", 16)),
        ("rtx4090", ("rtx4090", 1, "llama3_8b", 8)),
        ("mac", ("m3_ultra", 1, "llama3_70b", 8)),
    ],
)
def test_a_known_machine_takes_what_it_takes_elsewhere(
    preset: str, machine: tuple[str, int, str, float]
) -> None:
    spec = SPECS["sharing"]()
    state = spec.state(preset)
    name, chips, model, bits = machine
    here = deploy(name, chips, model, weight_bits=bits)
    users, context = state.given["concurrent_users"], state.given["context"]
    step, usable = here.step(users, context), here.evaluate(decode.weights_held) + here.room
    found = dict(spec.results(state).numbers)
    assert found == pytest.approx({
        **{each: value for each, value in found.items() if ":" in each},
        "step_time": step.step_time, "user_speed": step.user_speed, "throughput": step.throughput,
        "flops_utilization": step.mfu, "bandwidth_utilization": step.mbu,
        "cost_per_token": step.cost_per_token, "memory_needed": step.memory,
        "memory_usable": pytest.approx(usable, rel=1e-3),  # a share of three digits
        "largest_batch": pytest.approx(step.largest_batch, rel=0.01),
        "critical_users": here.evaluate(decode.critical_users),
    })  # fmt: skip
    told = {each: value or 0.0 for each, value in found.items() if each.startswith("part:")}
    assert sum(told.values()) == pytest.approx(step.step_time)
    assert told["part:caches"] == step.parts["cache"] + step.parts["attention arithmetic"]
    assert told["part:weights"] == step.parts["weights"]
    hidden = step.hidden["arithmetic"] + step.hidden.get("part-filled tiles", 0.0)
    assert found["hidden:arithmetic"] == pytest.approx(hidden)


def test_draws_of_a_brain_that_cannot_vary_are_all_as_large_as_its_capacity() -> None:
    spec = SPECS["brain"]()
    found = spec.results(spec.state("post")).numbers
    assert [found[name] for name in ("low", "median", "high")] == pytest.approx([100e12] * 3)
    stated = {"80 GB, a GPU": 8e10, "100 TB, the post": 1e14, "2.5 PB, the thread": 2.5e15}
    bits = {name: size * 8 / 1e14 for name, size in stated.items()}
    assert {name: found[f"bits:{name}"] for name in stated} == pytest.approx(bits)
    assert [found[f"chance:{name}"] for name in stated] == [1, 1, 0]


@pytest.mark.parametrize(("preset", "id"), [("facts", "brain-storage"), ("wired", "brain-wiring")])
def test_draws_of_a_brain_are_those_of_its_headline(preset: str, id: str) -> None:
    spec, headline = SPECS["brain"](), uncertainty.load()[id]
    found = spec.results(spec.state(preset)).numbers
    ends = [found[name] for name in ("low", "median", "high")]
    assert ends == pytest.approx(headline.band(), rel=0.02)
    answers = headline.samples().answers
    for name, size in (("100 TB, the post", 1e14), ("2.5 PB, the thread", 2.5e15)):
        chance = float((answers >= size).mean())
        assert found[f"chance:{name}"] == pytest.approx(chance, abs=0.01)


def test_presets_have_the_machines_and_the_bits_that_their_words_say() -> None:
    presets = SPECS["sharing"]().presets
    bits, chips = {}, {}
    for name, preset in presets.items():
        if said := re.search(r"[Ww]eights in (\w+) bits", preset.note):
            bits[name] = (preset.values["bits_per_parameter"], IN_WORDS[said[1]])
        label = preset.label.partition(" on ")[2]
        if said := re.match(r"(\d+|\w+) (?:A100s|H100s|MI300X|4090|Mac)", label):
            number = int(said[1]) if said[1].isdigit() else IN_WORDS[said[1]]
            chips[name] = (preset.values["chips"], number)
    assert list(bits) == ["gpt4-mi300x", "llama-h100", "rtx4090", "mac"]
    assert list(chips) == ["gpt4-a100", "gpt4-mi300x", "llama-h100", "rtx4090", "mac"]
    assert all(is_so == said for is_so, said in [*bits.values(), *chips.values()])


def test_flip_says_of_every_conclusion_what_the_uncertainty_module_does() -> None:
    spec = SPECS["flip"]()
    for preset in spec.presets:
        id, _, number = preset.rpartition("-")
        headline = uncertainty.load()[id]
        found = spec.results(spec.state(preset)).numbers
        assert found["answer"] == headline.answer()
        for flip in headline.flips(int(number) - 1):
            assert found[f"turn:{flip.name}"] == flip.value


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"concurrent_users": -5}, "concurrent_users = -5"),
        ({"concurrent_users": float("nan")}, "concurrent_users = nan"),
        ({"concurrent_users": "a lot"}, "concurrent_users"),
        ({"concurrent_users": None}, "concurrent_users = None: must be given"),
        ({"nothing": 5}, "users has no input nothing (allowed: concurrent_users"),
        ({"preset": "nowhere"}, "preset = 'nowhere': must be one of post"),
        ({"off": ["nothing"]}, "users has no term 'nothing' (allowed: none)"),
    ],
)
def test_a_state_that_cannot_be_is_refused_by_name(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        SPECS["users"]().state(**change)
    with pytest.raises(InputError, match=re.escape(said)):
        explorers.users(**change)


def test_what_is_counted_in_wholes_is_refused_in_parts() -> None:
    with pytest.raises(InputError, match=r"chips = 1\.5: must be a whole number"):
        explorers.sharing(chips=1.5)


@pytest.mark.parametrize(
    ("id", "preset", "values"),
    [
        ("sharing", "post", {"chips": 10}),
        ("sharing", "deepseek", {"chips": 100}),
        ("sharing", "gpt4-a100", {"off": [], "context": 2000}),
        ("brain", "facts", {"synapses_above": 1e300}),
        ("flip", "brain-wiring-1", {"neurons": 1e-300}),
    ],
)
def test_what_cannot_be_comes_out_as_a_reason_and_no_number(
    id: str, preset: str, values: dict[str, Any]
) -> None:
    spec = SPECS[id]()
    results = spec.results(spec.state(preset, **values))
    assert results.refusal
    assert results.numbers.get("step_time") is None
    widget = MAKE[id](preset, **values)
    with pytest.raises(InputError):
        _ = widget.results
    assert results.refusal.split(":")[0] in repr(widget)


def test_a_preset_is_stamped_by_all_that_it_says() -> None:
    preset = SPECS["sharing"]().presets["post"]
    changed = [
        {"values": {**preset.values, "chips": 21.0}},
        {"off": frozenset({"caches"})},
        {"extra": {**preset.extra, "experts": True}},
    ]
    stamps = {type(preset)(**{**vars(preset), **each}).stamp for each in changed}
    assert len({preset.stamp, *stamps}) == 4


def test_parts_of_a_bundle_do_not_share_names(spec: Spec) -> None:
    script = bundle(spec, module=True)
    names = re.findall(r"^(?:async )?(?:const|let|class|function) (\w+)", script, re.MULTILINE)
    assert not [name for name, count in Counter(names).items() if count > 1]
    assert "import" not in re.findall(r"^\w+", script, re.MULTILINE)


def test_a_widget_takes_quantities_and_gives_what_the_package_computes() -> None:
    widget = explorers.users()
    seen: list[float] = []
    widget.observe(lambda change: seen.append(change["new"]), "concurrent_users")
    widget.concurrent_users = "20K"
    assert widget.concurrent_users == 20_000.0
    assert seen == [20_000.0]
    spec = SPECS["users"]()
    wanted = spec.results(spec.state(concurrent_users=20_000.0)).numbers
    assert widget.results == wanted
    with pytest.raises(InputError, match="concurrent_users = -1"):
        widget.concurrent_users = -1
    assert widget.concurrent_users == 20_000.0


@pytest.mark.parametrize("id", SPECS)
def test_a_preset_chosen_in_python_sets_everything(id: str) -> None:
    spec = SPECS[id]()
    widget = MAKE[id]()
    for preset, chosen in reversed(spec.presets.items()):
        widget.preset = preset
        assert widget.state == spec.state(preset)
        assert set(widget.off) == chosen.off
    with pytest.raises(InputError, match="preset = '': must be one of"):
        widget.preset = ""


def test_a_preset_chosen_on_a_page_keeps_what_the_page_has_moved_since() -> None:
    widget = explorers.users()
    widget.set_state({"preset": "chat", "concurrent_users": 5.0})
    assert widget.preset == "chat"
    assert widget.concurrent_users == 5.0


def test_the_markup_for_a_page_is_the_same_every_time() -> None:
    first, second = (explorers.users()._repr_mimebundle_()[0] for _ in range(2))
    assert first["text/html"] == second["text/html"]
    assert first["text/plain"] == second["text/plain"]
    found = re.search('data-state="(.*?)"', first["text/html"])
    assert found is not None
    state = json.loads(found[1].replace("&quot;", '"'))
    assert state["preset"] == "post"
