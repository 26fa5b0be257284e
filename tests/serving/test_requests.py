"""A service for requests: what it gives, how sure that is, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from inference_economics import cli
from inference_economics.algebra.formula import InputError
from inference_economics.facts import catalog, load_calibration
from inference_economics.facts.load_calibration import CROWDED, FIRST_TOKEN, OF_DENSE, OF_EXPERTS
from inference_economics.serving import deployment
from inference_economics.serving.load import under_load
from inference_economics.serving.requests import serve

WHOSE = ("a prompt's", "an answer's")
PROMPT_COST = "cost of a prompt's tokens"
PARALLEL: dict[str, Any] = {"prompt": 2000, "answer": 500, "concurrency": 32}


def test_a_user_is_as_fast_as_a_token_is_short() -> None:
    found = serve("h100_sxm5", 8, "llama3_70b", weight_bits=8, **PARALLEL)
    token, speed = found.figures["time per token"], found.figures["speed of a user"]
    assert speed.value == pytest.approx(1 / token.value)
    assert speed.high == pytest.approx(1 / token.low)
    per_chip = found.figures["output of a chip"].value
    assert per_chip == pytest.approx(found.figures["requests"].value * 500 / 8)


@pytest.mark.parametrize("copies", [1, 2, 8])
def test_the_causes_of_a_tokens_time_add_up_to_it(copies: int) -> None:
    for guesses in ({}, {"draft_length": 3, "acceptance": 0.7}):
        found = serve("h100_sxm5", 8, "llama3_8b", replicas=copies, **guesses, **PARALLEL)
        assert sum(found.parts.values()) == pytest.approx(found.loaded.time_per_token)


def test_intervals_are_those_of_what_was_left_out() -> None:
    found = serve("h100_sxm5", 8, "llama3_70b", weight_bits=8, **PARALLEL)
    factors = load_calibration.load().within_factors
    named = {"time per token": OF_DENSE, "time to the first token": FIRST_TOKEN}
    for name, of in named.items():
        each = found.figures[name]
        assert each.high / each.value == pytest.approx(factors[of])
        assert each.value / each.low == pytest.approx(factors[of])


def test_a_rate_near_the_most_is_said_to_be_too_much_for_a_slower_machine() -> None:
    asked = {"prompt": 2000, "answer": 500, "weight_bits": 8, "engine": "vllm"}
    at_once = serve("h100_sxm5", 8, "llama3_70b", concurrency=4096, **asked).figures["requests"]
    for rate, said in ((0.95 * at_once.low, False), (1.05 * at_once.low, True)):
        found = serve("h100_sxm5", 8, "llama3_70b", rate=rate, **asked)
        assert any("would wait ever longer" in note for note in found.notes) == said


def test_what_a_slow_machine_answers_does_not_depend_on_what_is_asked_of_it() -> None:
    told = set()
    for rate in (18, 19, 20, 22):
        notes = serve("h100_sxm5", 1, "llama3_8b", rate=rate, prompt=1000, answer=200).notes
        told |= {note for note in notes if "would wait ever longer" in note}
    assert len(told) == 1


def test_a_request_at_a_time_is_as_little_known_at_a_rate() -> None:
    asked = {"prompt": 1024, "answer": 256, "engine": "vllm"}
    alone = serve("h100_sxm5", 1, "llama3_8b", concurrency=1, **asked)
    seldom = serve("h100_sxm5", 1, "llama3_8b", rate=0.01, **asked)
    first = "time to the first token"
    factors = [each.figures[first].high / each.figures[first].value for each in (alone, seldom)]
    assert factors[0] == pytest.approx(factors[1])
    often = serve("h100_sxm5", 1, "llama3_8b", rate=10, **asked).figures[first]
    assert often.high / often.value < factors[1]


def test_more_requests_than_likely_fit_are_named() -> None:
    asked = {"prompt": 1500, "answer": 1000}
    many = serve("h100_sxm5", 2, "llama3_70b", concurrency=24, **asked)
    likely = many.deployment.largest_batch(2500)
    assert f"24 requests held at once may fit, but likely no more than {likely}" in many.notes
    few = serve("h100_sxm5", 2, "llama3_70b", concurrency=likely, **asked)
    assert not any("held at once" in note for note in few.notes)


def test_it_is_said_how_many_guesses_are_kept() -> None:
    kept = load_calibration.load().value("acceptance", "any")
    served = serve("h100_sxm5", 8, "llama3_70b", draft_length=3, **PARALLEL)
    said = "a guessed token is taken to be kept with a chance of {}: give acceptance"
    assert said.format(f"{kept:.0%}") in served.notes
    deployed = deployment.deploy("h100_sxm5", 8, "llama3_70b", draft_length=3)
    assert said.format(f"{kept:.0%}") in deployed.step(8, 1000).notes
    later = deployment.deploy("h100_sxm5", 8, "llama3_70b").with_values(draft_length=3)
    assert later.values["acceptance"] == deployed.values["acceptance"] == kept
    first = deployment.deploy("h100_sxm5", 8, "llama3_70b", acceptance=0.7)
    assert first.with_values(draft_length=3).values["acceptance"] == 0.7
    given = deployed.with_values(acceptance=0.7).step(8, 1000).notes
    assert not any("guessed" in note for note in given)


@pytest.mark.parametrize("chips", [1, 8])
@pytest.mark.parametrize("cached", [0.0, 0.99])
def test_an_engine_that_is_not_named_may_be_any(chips: int, cached: float) -> None:
    """Short prompts read in others' steps are many times as many as those that stop these."""
    prompt = 50 / (1 - cached)
    asked = {"prompt": prompt, "answer": 5, "concurrency": 64, "cached_share": cached}
    of_any = serve("h100_sxm5", chips, "llama3_8b", **asked)
    of_each = [serve("h100_sxm5", chips, "llama3_8b", engine=engine, **asked)
               for engine in load_calibration.ENGINES]  # fmt: skip
    for engine, named in zip(load_calibration.ENGINES, of_each, strict=True):
        for name in ("requests", "time per token", "speed of a user"):
            each = of_any.figures[name]
            of_this = named.figures[name].value
            assert each.low <= of_this * (1 + 1e-9), (engine, name)
            assert each.high >= of_this * (1 - 1e-9), (engine, name)
        assert not any("no engine is named" in note for note in named.notes)
    told = [
        [float(getattr(found.loaded, name)) for found in (of_any, *of_each)]
        for name in ("requests_done", "time_per_token")
    ]
    off = max(max(each) / min(each) for each in told)
    assert [note for note in of_any.notes if f"may be {off:.2g} times as fast" in note]
    assert sum("times as fast" in note for note in of_any.notes) == 1
    asked = {"prompt": 50, "answer": 5}
    most = serve("h100_sxm5", chips, "llama3_8b", concurrency=256, **asked).figures["requests"]
    rate = 1.5 * most.value
    with pytest.raises(InputError, match=r"rate = .* answer at most"):
        serve("h100_sxm5", chips, "llama3_8b", rate=rate, engine="sglang", **asked)
    served = serve("h100_sxm5", chips, "llama3_8b", rate=rate, **asked)
    assert served.figures["requests"].value == pytest.approx(rate)
    assert any("else the machines could not keep up" in note for note in served.notes)
    served = serve("h100_sxm5", chips, "llama3_8b", rate=most.value / 10, **asked)
    assert not any("else the machines could not keep up" in note for note in served.notes)


@pytest.mark.parametrize(
    ("machine", "chips", "model", "asked"),
    [
        ("rtx4090", 1, "llama3_8b", {"prompt": 1000, "answer": 200, "concurrency": 1}),
        ("rtx4090", 1, "llama3_8b",
         {"prompt": 1000, "answer": 50, "concurrency": 8, "waves": True}),
        ("h100_sxm5", 8, "llama3_70b", {"prompt": 1e6, "answer": 1, "concurrency": 1}),
        ("h100_sxm5", 8, "llama3_70b",
         {"prompt": 100_000, "answer": 2, "concurrency": 4, "cached_share": 0.9}),
        ("m4_max", 1, "llama3_8b", {"prompt": 1000, "answer": 1, "concurrency": 64}),
        ("h100_sxm5", 2, "gpt_oss_120b",
         {"prompt": 50, "answer": 5, "concurrency": 10_000, "engine": "vllm"}),
    ],
)  # fmt: skip
def test_no_end_of_an_interval_is_beyond_the_machines_peak(
    machine: str, chips: int, model: str, asked: dict[str, Any]
) -> None:
    """By hand, from weights and operations alone: caches and attention come on top."""
    found = serve(machine, chips, model, **asked)
    values, figures = found.deployment.values, found.figures
    peak, reading = chips * values["peak_flops"], chips * values["memory_bandwidth"]
    shared = values["stored_parameters"] - values["routed_parameters"] - values["input_embedding"]
    routed = values["routed_parameters"] * values["experts_per_token"] / values["experts"]
    work = 2 * (shared + routed)  # of a token, and less than that in bytes is never read
    read = asked["prompt"] * (1 - asked.get("cached_share", 0.0))
    # Only the last token of a prompt goes through the table of the output.
    prompt = read * work - (read - 1) * 2 * values["output_embedding"]
    assert figures["time to the first token"].low >= prompt / peak
    token = (shared + routed) * values["bits_per_parameter"] / 8 / reading
    assert figures["time per token"].low >= token
    assert figures["speed of a user"].high <= 1 / token
    done = figures["requests"].high
    assert done * (prompt + (asked["answer"] - 1) * work) <= peak * (1 + 1e-9)
    assert figures["output of a chip"].high == pytest.approx(done * asked["answer"] / chips)
    for each in figures.values():
        assert each.low <= each.value <= each.high


def test_machines_at_their_peak_bound_what_is_shown() -> None:
    """One user of an RTX 4090: each token reads all weights, and none comes sooner."""
    found = serve("rtx4090", 1, "llama3_8b", prompt=1000, answer=200, concurrency=1)
    weights, caches = (8.03e9 - 128_256 * 4096) * 2, 1100 * 32 * 2 * 8 * 128 * 2
    token = found.figures["time per token"]
    assert token.low == pytest.approx((weights + caches) / 1.008e12)
    assert token.high / token.value > token.value / token.low
    # Who is alone gets the first token with the prompt, and 199 more after it.
    assert found.figures["requests"].high == pytest.approx(1 / (199 * token.low))
    # Of three guesses, each right in half of the cases, a step keeps 1.875 tokens with its own.
    guessing = {"draft_length": 3, "acceptance": 0.5}
    found = serve("rtx4090", 1, "llama3_8b", prompt=1000, answer=200, concurrency=1, **guessing)
    kept = 1 + 1 / 2 + 1 / 4 + 1 / 8
    assert found.figures["time per token"].low == pytest.approx(
        (weights + caches) / 1.008e12 / kept
    )


def test_the_first_token_is_known_less_where_many_wait() -> None:
    few, many = (
        serve("h100_sxm5", 8, "llama3_70b", weight_bits=8, **{**PARALLEL, "concurrency": count})
        for count in (64, 65)
    )
    wide = [each.figures["time to the first token"] for each in (few, many)]
    assert wide[1].high / wide[1].low > 2 * wide[0].high / wide[0].low
    assert many.figures["time per token"].high < 1.5 * many.figures["time per token"].value


@pytest.mark.parametrize(
    ("model", "asked", "kind"),
    [
        ("llama3_70b", {}, OF_DENSE),
        ("gpt_oss_120b", {}, OF_EXPERTS),
        ("llama3_70b", {"concurrency": 65}, CROWDED),
        ("gpt_oss_120b", {"prompt": 8.9 * 500}, OF_EXPERTS),
        ("gpt_oss_120b", {"prompt": 9.1 * 500}, CROWDED),
    ],
)
def test_the_interval_of_a_token_depends_on_what_is_asked(
    model: str, asked: dict[str, Any], kind: str
) -> None:
    found = serve("h100_sxm5", 8, model, weight_bits=8, **{**PARALLEL, **asked})
    token = found.figures["time per token"]
    half = load_calibration.load().within_factors[kind]
    assert token.high / token.value == pytest.approx(half)


def test_many_loads_at_once_are_those_of_each() -> None:
    """As the help says: arrays on the deployment that one answer has."""
    asked = {"prompt": 2000.0, "answer": 300.0}
    one = serve("b200", 8, "deepseek_v3", concurrency=1, **asked)
    loads = np.array([1.0, 16.0, 200.0])
    prompts = np.array([100.0, 2000.0, 9000.0])
    found = under_load(one.deployment.having(concurrency=loads, prompt=prompts))
    for place, (load, prompt) in enumerate(zip(loads, prompts, strict=True)):
        single = serve("b200", 8, "deepseek_v3", concurrency=load, **{**asked, "prompt": prompt})
        for name in ("users", "time_per_token", "first_token_time"):
            each = np.broadcast_to(getattr(found, name), loads.shape)[place]
            assert each == pytest.approx(getattr(single.loaded, name), rel=1e-9), (name, load)


def test_a_given_rate_comes_out_and_is_certain() -> None:
    asked = {**PARALLEL, "concurrency": None, "rate": 3}
    found = serve("h100_sxm5", 8, "llama3_70b", weight_bits=8, **asked)
    requests = found.figures["requests"]
    assert (requests.low, requests.high) == (requests.value, requests.value)
    assert requests.value == pytest.approx(3)


def test_prompts_and_answers_pay_for_the_machines() -> None:
    asked = {**PARALLEL, "rent": 2.0, "weight_bits": 8}
    for busy in (1.0, 0.25):
        found = serve("h100_sxm5", 8, "llama3_70b", busy_share=busy, **asked)
        costs = [found.figures[f"cost of {whose} tokens"].value for whose in WHOSE]
        spent = 2000 * costs[0] + 500 * costs[1]
        assert spent * found.figures["requests"].value * 3600 == pytest.approx(8 * 2.0 / busy)
    cached = serve("h100_sxm5", 8, "llama3_70b", cached_share=0.5, **asked)
    whole = serve("h100_sxm5", 8, "llama3_70b", **asked)
    assert cached.figures[PROMPT_COST].value < 0.7 * whole.figures[PROMPT_COST].value
    assert cached.figures[PROMPT_COST].high > cached.figures[PROMPT_COST].value
    with pytest.raises(InputError, match="busy_share"):
        serve("h100_sxm5", 8, "llama3_70b", busy_share=0.0, **asked)


def test_where_no_rent_is_known_no_cost_is_shown() -> None:
    found = serve("h100_nvl", 1, "llama3_8b", **PARALLEL)
    assert PROMPT_COST not in found.figures
    assert any("no rent" in note for note in found.deployment.notes)


def test_a_cached_prompt_is_read_sooner() -> None:
    none, half = (
        serve("h100_sxm5", 8, "llama3_70b", weight_bits=8, cached_share=x, **PARALLEL)
        for x in (0.0, 0.5)
    )
    assert half.loaded.prefill_time == pytest.approx(none.loaded.prefill_time / 2, rel=0.25)
    assert half.loaded.time_per_token < none.loaded.time_per_token
    assert half.memory == none.memory


def test_long_prompts_bind_before_reading_does() -> None:
    long = serve("h100_sxm5", 1, "llama3_8b", prompt=8000, answer=100, concurrency=8)
    short = serve("h100_sxm5", 1, "llama3_8b", prompt=10, answer=1000, concurrency=1)
    assert (long.binding, short.binding) == ("prompts of others", "weights")


def test_those_who_wait_for_memory_are_noted() -> None:
    found = serve("h100_sxm5", 1, "llama3_8b", prompt=8000, answer=100, concurrency=500)
    assert any("requests wait for memory" in note for note in found.deployment.notes)
    assert found.loaded.admitted < 500


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"rate": 2}, "give either concurrency or rate"),
        ({"concurrency": None}, "give either concurrency or rate"),
        ({"engine": "magic"}, "engine 'magic': must be one of"),
        ({"cached_share": 1.5}, "cached_share = 1.5: must be a share"),
        ({"answer": 0}, "answer = 0: must be a positive number"),
        ({"answer": 0.5}, "answer = 0.5: must be from 1 to 1,000,000,000"),
        ({"prompt": 1e-300}, "prompt = 1e-300: must be from 1 to"),
        ({"prompt": 1e308}, "prompt = 1e.308: must be from 1 to"),
        ({"concurrency": 1e300}, "concurrency = 1e.300: must be from 1 to"),
        ({"prompt": 1000, "answer": 1e9}, "prompt and answer have 1,000,001,000 tokens together"),
        ({"waves": "no"}, "waves = 'no': must be True or False"),
        ({"padded": "no"}, "padded = 'no': must be True or False"),
        (
            {"concurrency": None, "rate": 1e-320, "rent": 1},
            "^cost of an answer's tokens: more than 1e.12 dollars a token; the rent is",
        ),
        ({"rent": 1e300}, "^cost of a prompt's tokens: more than 1e.12 dollars a token"),
        ({"concurrency": None, "rate": 0}, "rate = 0: must be a positive number of requests"),
        ({"concurrency": None, "rate": "0 /s"}, "rate = 0 /s: must be a positive number"),
        ({"concurrency": None, "rate": float("inf")}, "^rate = inf: must be"),
        (
            {"concurrency": None, "rate": 1e300},
            "^rate = 1e.300: by this prediction the machines answer at most",
        ),
        ({"prompt": 10**7}, "does not fit with 1 users"),
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        serve("h100_sxm5", 1, "llama3_8b", **{**PARALLEL, **changed})


@pytest.mark.parametrize(
    ("machine", "chips", "replicas", "noted"),
    [
        ("h200_sxm", 8, 1, ""),
        ("mi300x", 8, 1, "no service on machines of this kind was fitted"),
        ("h200_sxm", 16, 16, "no run of a service on more than 8 accelerators was fitted"),
    ],
)
def test_what_no_run_was_fitted_to_is_noted(
    machine: str, chips: int, replicas: int, noted: str
) -> None:
    found = serve(machine, chips, "deepseek_v3", weight_bits=8, replicas=replicas, **PARALLEL)
    fitted = [note for note in found.deployment.notes if "was fitted" in note]
    assert len(fitted) == bool(noted)
    assert all(noted in note for note in fitted)


@pytest.mark.parametrize("prompt", [1000, 8192, 50_000])
def test_nothing_jumps_where_a_cache_begins_to_hold_a_prompt(prompt: int) -> None:
    """Of this model half the layers have a window, of 4,096 tokens."""
    asked = {**PARALLEL, "prompt": prompt, "concurrency": 4}
    none, hardly = (
        serve("h100_sxm5", 8, "gemma2_27b", cached_share=share, **asked).loaded
        for share in (0.0, 1e-9)
    )
    assert hardly.prefill_time == pytest.approx(none.prefill_time, rel=1e-6)


@pytest.mark.parametrize("said", ["600/min", "600 requests/min", "10 req/s", 10, 10.0])
def test_a_rate_may_say_what_comes(said: float | str) -> None:
    asked = {**PARALLEL, "concurrency": None, "prompt": 200, "answer": 50}
    found = serve("h100_sxm5", 1, "llama3_8b", **{**asked, "rate": said})
    assert found.loaded.requests_done == pytest.approx(10)


def test_the_start_of_a_benchmark_is_told_where_it_makes_much_of_the_wait() -> None:
    asked = {**PARALLEL, "prompt": 1000, "answer": 500}
    few, many = (
        serve("h100_sxm5", 8, "llama3_70b", **{**asked, "concurrency": users}) for users in (2, 400)
    )
    share = many.loaded.burst_wait / many.loaded.first_token_time
    assert f"{share:.0%} of the time to the first token is the wait at the start" in "; ".join(
        many.notes
    )
    assert "at the start" not in "; ".join(few.notes)


def test_what_has_no_narrow_units_computes_in_32_bits() -> None:
    """And matrix units do at least what the others do."""
    here = deployment.deploy("k80_per_gpu", 1, "llama32_1b")
    assert here.values["peak_flops"] == here.machine.peak_flops_32bit
    assert any("is known: in 32 bits" in note for note in here.notes)
    given = deployment.deploy("a10g", 1, "llama3_8b", general_flops="200 TFLOP/s")
    assert given.values["peak_flops"] == 200e12


def test_in_waves_prompts_cost_what_they_take() -> None:
    """Of what the machines cost in a second, prompts take their time, and answers the rest."""
    asked = {**PARALLEL, "rent": 3.6, "waves": True}
    found = serve("h100_sxm5", 1, "llama3_8b", **asked)
    prompts, answers = (found.figures[f"cost of {whose} tokens"].value for whose in WHOSE)
    assert prompts == pytest.approx(0.001 * found.loaded.prefill_time / 2000)
    per_second = found.loaded.requests_done * (2000 * prompts + 500 * answers)
    assert per_second == pytest.approx(0.001)


def test_weights_that_do_not_fit_are_refused() -> None:
    with pytest.raises(deployment.LimitError):
        serve("h100_sxm5", 1, "llama3_70b", **PARALLEL)


COMMAND = (
    "serve", "--accelerator", "b200", "--chips", "4", "--model", "llama3_70b",
    "--weight-bits", "8", "--prompt", "2000", "--answer", "500", "--concurrency", "32",
)  # fmt: skip


def test_the_command_says_what_python_says(capsys: pytest.CaptureFixture[str]) -> None:
    found = serve("b200", 4, "llama3_70b", weight_bits=8, **PARALLEL)
    assert cli.main(COMMAND) == 0
    text = capsys.readouterr().out
    assert all(str(each) in text for each in found.figures.values())
    assert cli.main([*COMMAND, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == found.as_json()


def test_what_is_set_is_kept_by_the_command_and_in_python(
    capsys: pytest.CaptureFixture[str],
) -> None:
    values = {"compute_share": "0.1", "layer_time": "1 ms"}
    found = serve("b200", 4, "llama3_70b", weight_bits=8, **PARALLEL, **values)
    assert (found.deployment.values["compute_share"], found.deployment.values["layer_time"]) == (
        0.1, 1e-3,
    )  # fmt: skip
    plain = serve("b200", 4, "llama3_70b", weight_bits=8, **PARALLEL)
    assert found.loaded.time_per_token > 2 * plain.loaded.time_per_token
    pairs = [part for name, value in values.items() for part in ("--set", f"{name}={value}")]
    assert cli.main([*COMMAND, *pairs, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == found.as_json()
    options = {"concurrency": "concurrency", "answer": "answer", "prompt": "prompt",
               "busy_share": "busy", "cached_share": "cached"}  # fmt: skip
    for name, option in options.items():
        assert cli.main([*COMMAND, "--set", f"{name}=1"]) == 2
        own = f"--set {name}: it has an option of its own, --{option}\n"
        assert own in capsys.readouterr().err


def test_a_name_that_counts_is_not_contradicted(capsys: pytest.CaptureFixture[str]) -> None:
    asked = COMMAND[5:]
    assert cli.main(["serve", "--accelerator", "4xB200", *asked, "--json"]) == 0
    four = json.loads(capsys.readouterr().out)
    assert four["time_per_token"] == serve(
        "b200", 4, "llama3_70b", weight_bits=8, **PARALLEL
    ).as_json()["time_per_token"]  # fmt: skip
    with pytest.raises(catalog.CatalogError, match="chips = 1: the name counts 4 of b200"):
        serve("4xB200", 1, "llama3_70b", **PARALLEL)


def test_a_rate_may_have_a_unit_and_an_engine_its_own_spelling(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = [*COMMAND[:-2], "--json", "--rate"]
    for said, engine in (("600/min", "vLLM"), ("10", "vllm")):
        assert cli.main([*asked, said, "--engine", engine]) == 0
    one, other = capsys.readouterr().out.split("}\n{")
    assert one.strip("{}\n") == other.strip("{}\n")
    assert cli.main([*asked, "often"]) == 2
    assert "rate" in capsys.readouterr().err
    with pytest.raises(InputError, match="engine 'tgi': must be one of "):
        serve("b200", 4, "llama3_70b", engine="tgi", **PARALLEL)


@pytest.mark.parametrize("machine", ["l4", "a40", "rtx4090", "h100_pcie", "a10g"])
def test_many_cards_without_a_known_network_have_typical_ones_and_a_wider_interval(
    machine: str,
) -> None:
    guessed = serve(machine, 16, "llama3_8b", **PARALLEL)
    assert any("no source states node_bandwidth" in note for note in guessed.notes)
    given = serve(machine, 16, "llama3_8b", node_bandwidth="25 GB/s", **PARALLEL)
    assert not any("node_bandwidth" in note for note in given.notes)
    wide, narrow = (each.figures["time per token"] for each in (guessed, given))
    assert wide.high / wide.value > narrow.high / narrow.value


@pytest.mark.parametrize("machine", ["m3_ultra", "strix_halo"])
def test_computers_that_cables_join_need_their_link(
    machine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["serve", "--accelerator", machine, "--chips", "4", *COMMAND[5:]]
    assert cli.main(asked) == 2
    said = capsys.readouterr().err
    assert "give link_bandwidth=25GB/s or what it is, as an argument, with --set, or in" in said
    assert cli.main([*asked, "--set", "link_bandwidth=10GB/s"]) == 0


def test_a_group_that_crosses_nodes_waits_for_the_network() -> None:
    inside, across = (
        serve("h100_sxm5", chips, "llama31_405b", weight_bits=8, **PARALLEL).deployment.values
        for chips in (8, 16)
    )
    assert inside["node_latency"] == inside["link_latency"]
    assert across["node_latency"] > 3 * across["link_latency"]


@pytest.mark.parametrize(
    ("chip", "model", "bits", "wide"),
    [
        ("a100_sxm_80", "llama3_70b", "fp8", True),
        ("a100_sxm_80", "llama3_70b", "w8a8", False),
        ("a100_sxm_80", "llama3_70b", 8, False),
        ("a100_sxm_80", "meta-llama/Llama-3.1-70B-Instruct-FP8", None, True),
        ("a100_sxm_80", "deepseek_v3", None, True),
        ("h100_sxm5", "llama3_70b", "fp8", False),
    ],
)
def test_eight_bit_floats_are_widened_where_only_integers_are_multiplied(
    chip: str, model: str, bits: Any, *, wide: bool
) -> None:
    here = deployment.deploy(chip, 16, model, weight_bits=bits, replicas=2)
    machine = catalog.load().accelerator(chip)
    rate = machine.peak_flops_16bit if wide else machine.peak_flops_8bit
    assert here.values["peak_flops"] == rate
    assert any("multiplies no 8-bit floats" in note for note in here.notes) == wide
    asked = here.multiplied_bits
    assert asked == (16 if wide else 8)


def test_a_service_that_is_nearly_idle_is_laid_out_for_few() -> None:
    """Each prompt is then read by all accelerators, and not by one."""
    asked = {"prompt": 10_000, "answer": 200, "weight_bits": 8}
    idle, busy = (serve("b200", 16, "deepseek_v3", rate=rate, **asked) for rate in (0.001, 4))
    one = serve("b200", 16, "deepseek_v3", concurrency=1, **asked)
    layouts = [each.deployment.values["replicas"] for each in (idle, one, busy)]
    assert layouts == [1, 1, 16]
    first = [each.figures["time to the first token"].value for each in (idle, one)]
    assert first[0] == pytest.approx(first[1], rel=0.05)
