"""A server under load: the sums against the static step, and against a simulated server."""

from __future__ import annotations

import random
from statistics import mean
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import simpy
from thoroughly import some

from inference_economics.algebra.formula import InputError
from inference_economics.equations import decode, load
from inference_economics.serving import deploy
from inference_economics.serving.load import apart, at_rate, in_waves, under_load
from inference_economics.serving.requests import serve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inference_economics.serving.deployment import Deployment

PROMPT, ANSWER = 2000.0, 200.0


def server(**values: Any) -> Deployment:
    """Return a small model on one card, and what it is asked to do."""
    alone = deploy("h100_sxm5", 1, "llama3_8b", weight_bits=16)
    return alone.having(prompt=PROMPT, answer=ANSWER, **values)


@pytest.mark.parametrize("model", ["llama3_8b", "deepseek_v3"])
def test_with_every_term_off_a_token_takes_a_static_step_to_the_digit(model: str) -> None:
    here = deploy("h200_sxm", 8, model, weight_bits=8).having(
        prompt=1000.0, answer=300.0, concurrency=48.0, host_time=2e-5, burst_share=0.2,
        engine_delay=0.1,
    )  # fmt: skip
    found = under_load(here, off=load.OFF)
    step = here.having(concurrent_users=48.0, context=1150.0).evaluate(decode.round_time)
    assert (found.users, found.time_per_token, found.first_token_time) == (48.0, step, 0.0)
    assert under_load(here).time_per_token > step


def test_arrays_give_what_single_values_give() -> None:
    many = np.array([1.0, 8.0, 500.0])
    found = under_load(server(concurrency=many, prompt_sharing=1.0))
    for place, each in enumerate(many):
        single = under_load(server(concurrency=each, prompt_sharing=1.0))
        for name, value in vars(single).items():
            column = np.broadcast_to(getattr(found, name), many.shape)
            assert column[place] == pytest.approx(value, rel=1e-12), name


@pytest.mark.parametrize("delay", [0.0, 0.4])
@pytest.mark.parametrize("answer", [5.0, 100.0, 3000.0])
def test_as_many_are_there_as_come_and_stay(answer: float, delay: float) -> None:
    """Little's law: those in flight are those done in a second, times what each of them takes."""
    in_flight = np.array([1.0, 7.0, 64.0, 2000.0])
    here = server(concurrency=in_flight, engine_delay=delay, burst_share=0.1)
    found = under_load(here.having(answer=answer))
    # The burst is at the start, and does not come again.
    stay = found.first_token_time - found.burst_wait + answer * found.time_per_token
    assert found.requests_done * stay == pytest.approx(in_flight, rel=1e-3)
    waves = in_waves(here.having(answer=answer))
    stay = waves.first_token_time + waves.burst_wait + answer * waves.time_per_token
    assert waves.requests_done * stay == pytest.approx(in_flight, rel=1e-9)


@pytest.mark.parametrize("engine", ["vllm", "trtllm", "sglang"])
@pytest.mark.parametrize("cached", [0.0, 0.9])
@pytest.mark.parametrize("model", ["gpt_oss_120b", "qwen3_30b_a3b", "llama3_8b"])
def test_no_server_computes_more_than_its_chips_can(model: str, cached: float, engine: str) -> None:
    """A prompt inside a step of others shares the reading of weights, and no arithmetic."""
    prompts, answers = np.array([1.0, 30.0, 300.0, 3000.0])[:, None], np.array([1.0, 9.0])
    asked = {"concurrency": 3000, "cached_share": cached, "engine": engine}
    here = serve("h100_sxm5", 2, model, prompt=50, answer=5, **asked).deployment
    found = under_load(here.having(prompt=prompts, answer=answers))
    tokens = prompts * (1 - cached) + answers - 1
    flop = here.evaluate(decode.active_flop_per_token)
    most = here.values["chips"] * here.values["peak_flops"]
    assert np.all(found.requests_done * tokens * flop <= most)
    assert np.all(found.prompt_time > 0)


@pytest.mark.parametrize("prompt", [100.0, 8000.0])
def test_who_is_alone_waits_for_nobody(prompt: float) -> None:
    """A lone request has its prompt read, and then takes the steps of one user."""
    here = server(concurrency=1.0).having(prompt=prompt)
    found = under_load(here)
    step = here.having(concurrent_users=1.0, context=prompt + ANSWER / 2)
    assert found.time_per_token == step.evaluate(decode.round_time)
    assert found.first_token_time == found.prefill_time
    assert found.requests_done == pytest.approx(
        1 / (found.prefill_time + ANSWER * found.time_per_token), rel=1e-4
    )
    rare = at_rate(here.having(request_rate=1e-6))
    assert rare.time_per_token == pytest.approx(found.time_per_token, rel=1e-4)
    assert rare.first_token_time == pytest.approx(found.first_token_time, rel=1e-4)


def test_in_waves_a_longer_prompt_makes_no_token_faster() -> None:
    here = server(concurrency=64.0)
    short, long = (in_waves(here.having(prompt=each)).time_per_token for each in (500.0, 4000.0))
    assert short < long


def test_those_who_do_not_fit_wait_for_a_whole_answer() -> None:
    found = under_load(server(concurrency=2000.0))
    held = deploy("h100_sxm5", 1, "llama3_8b", weight_bits=16).batch_range(PROMPT + ANSWER)
    assert held is not None
    assert found.admitted == held[1]  # as many as may fit, by the rule of a step
    stay = found.admitted / found.requests_done
    waits = (2000 / found.admitted - 1) * stay
    assert found.first_token_time > waits
    assert found.first_token_time == pytest.approx(waits, rel=0.01)


def test_a_shared_step_saves_what_it_does_anyway() -> None:
    alone, shared = (under_load(server(concurrency=32.0, prompt_sharing=x)) for x in (0.0, 1.0))
    weights = 2 * 7.5e9 / (0.8 * 3.35e12)  # seven and a half billion of two bytes, at four fifths
    saved = alone.prompt_time - shared.prompt_time
    assert saved == pytest.approx(weights + 32 * server().values["layer_time"], rel=0.01)
    assert shared.time_per_token < alone.time_per_token


def test_terms_that_there_are_not_are_refused() -> None:
    with pytest.raises(InputError, match=r"no term 'weather' \(allowed: prompts, host"):
        under_load(server(concurrency=2.0), off=["weather"])


def test_more_requests_than_can_be_done_are_refused() -> None:
    with pytest.raises(InputError, match="request_rate = 1000"):
        at_rate(server(request_rate=1000.0))


def test_at_a_rate_as_many_are_done_as_come() -> None:
    rates = np.array([0.5, 2.0, 6.0])
    found = at_rate(server(request_rate=rates))
    assert found.requests_done == pytest.approx(rates, rel=1e-6)
    assert found.users == pytest.approx(rates * ANSWER * found.time_per_token, rel=1e-6)


def test_as_few_are_done_as_come() -> None:
    rates = np.array([1e-300, 1e-12, 1e-6, 1e-3])
    found = at_rate(server(request_rate=rates))
    assert found.requests_done == pytest.approx(rates, rel=1e-9)
    assert found.users == pytest.approx(rates * ANSWER * found.time_per_token, rel=1e-9)


@pytest.mark.parametrize("answer", [1.0, 10.0, 100.0, 5000.0])
@pytest.mark.parametrize("concurrency", [1.0, 16.0, 64.0, 2000.0])
def test_in_waves_the_machines_read_and_write_no_more_than_there_is_time(
    answer: float, concurrency: float
) -> None:
    """In a second, all prompts of its requests are read, and then their answers written."""
    here = server(concurrency=concurrency).having(answer=answer)
    found = in_waves(here)
    reading = found.requests_done * found.prefill_time
    writing = found.requests_done * answer * found.time_per_token / found.admitted
    others = 1 - 1 / found.admitted
    idle = found.requests_done / found.admitted * others * found.round_time / 2
    assert reading + writing + idle == pytest.approx(1)
    assert (idle > 0) == (concurrency > 1)


def test_who_finds_no_room_waits_for_whole_waves() -> None:
    found = in_waves(server(concurrency=2000.0))
    wave = found.admitted / found.requests_done
    assert found.memory_wait == pytest.approx((2000 / found.admitted - 1) * wave)
    step = (1 - 1 / found.admitted) * found.round_time / 2
    parts = found.prefill_time + step + found.burst_wait + found.memory_wait
    assert found.first_token_time == pytest.approx(parts)


def test_machines_apart_answer_as_fast_as_no_prompt_comes_between() -> None:
    reading, writing = server(readers=1.0, transfer_bandwidth=5e10), server(concurrency=8.0)
    found, together = apart(reading, writing), under_load(writing)
    steps = writing.having(concurrent_users=found.batch, context=PROMPT + ANSWER / 2)
    assert found.time_per_token == steps.evaluate(decode.round_time)
    assert found.time_per_token < together.time_per_token
    moved = PROMPT * 131072 / 5e10
    assert found.first_token_time == pytest.approx(found.prefill_time + moved, rel=1e-6)


def test_machines_that_read_too_slowly_keep_those_that_answer_waiting() -> None:
    found = apart(server(readers=0.1, transfer_bandwidth=5e10), server(concurrency=64.0))
    assert found.requests_done == pytest.approx(0.1 / found.prefill_time, rel=1e-6)
    inside = found.requests_done * (ANSWER * found.time_per_token + found.first_token_time)
    assert inside == pytest.approx(64, rel=1e-6)


# A simulated server: it stops its steps for each prompt that waits, one prompt at a time


class Simulated:
    """A server that reads one prompt, or does one step for all who are in generation."""

    def __init__(self, here: Deployment, seed: int = 1) -> None:
        self.world = simpy.Environment()
        self.random = random.Random(seed)  # noqa: S311 (a simulation, to be repeated)
        self.answer = here.values["answer"]
        at = here.having(context=here.values["prompt"] + self.answer / 2)
        few, many = (
            at.having(concurrent_users=n).evaluate(decode.round_time) for n in (1.0, 101.0)
        )
        self.each = (many - few) / 100  # a dense model's step grows evenly with its users
        self.empty = few - self.each
        self.prefill = here.having(concurrent_users=1.0).evaluate(decode.prefill_time)
        self.waiting: list[dict[str, Any]] = []
        self.active: list[dict[str, Any]] = []
        self.done: list[dict[str, Any]] = []
        self.users: list[tuple[float, int]] = []
        self.woken = self.world.event()
        self.world.process(self.serve())

    def ask(self) -> simpy.Event:
        """Put a request, and return the event of its end."""
        request = {
            "came": self.world.now,
            "left": round(self.random.uniform(0.8, 1.2) * self.answer),
            "end": self.world.event(),
        }
        self.waiting.append(request)
        if not self.woken.triggered:
            self.woken.succeed()
        return request["end"]

    def serve(self) -> Iterator[simpy.Event]:
        while True:
            begun, users = self.world.now, len(self.active)
            if self.waiting:
                request = self.waiting.pop(0)
                yield self.world.timeout(self.prefill)
                request |= {"first": self.world.now, "tokens": request["left"]}
                self.active.append(request)
            elif self.active:
                yield self.world.timeout(self.empty + self.each * users)
                for each in self.active:
                    each["left"] -= 1
                for each in [one for one in self.active if not one["left"]]:
                    self.active.remove(each)
                    each["last"] = self.world.now
                    self.done.append(each)
                    each["end"].succeed()
            else:
                self.woken = self.world.event()
                yield self.woken
            self.users.append((self.world.now - begun, users))

    def means(self) -> tuple[float, float, float]:
        """Return users, time per token and time to the first token, the first third left out."""
        kept, spans = self.done[len(self.done) // 3 :], self.users[len(self.users) // 3 :]
        users = sum(span * count for span, count in spans) / sum(span for span, _ in spans)
        tokens = mean((each["last"] - each["first"]) / each["tokens"] for each in kept)
        return users, tokens, mean(each["first"] - each["came"] for each in kept)


@pytest.mark.parametrize(
    ("concurrency", "prompt", "answer"),
    [
        *((kept, PROMPT, ANSWER) for kept in (1, 2, 4, 16, 64)),
        *((kept, 8000.0, 50.0) for kept in (2, 16)),
    ],
)
def test_users_and_times_are_those_of_a_simulated_server(
    concurrency: int, prompt: float, answer: float
) -> None:
    here = server().having(prompt=prompt, answer=answer)
    simulated = Simulated(here)

    def client() -> Iterator[simpy.Event]:
        while True:
            yield simulated.ask()

    for _ in range(concurrency):
        simulated.world.process(client())
    simulated.world.run(until=150.0)
    users, token, first = simulated.means()
    found = under_load(here.having(concurrency=float(concurrency)))
    assert found.users == pytest.approx(users, rel=0.03)
    assert found.time_per_token == pytest.approx(token, rel=0.01)
    assert found.first_token_time == pytest.approx(first, rel=0.15)


@pytest.mark.parametrize("rate", [1.0, 4.0])
def test_the_queue_of_those_who_come_at_random_is_that_of_a_simulated_server(rate: float) -> None:
    here = server(request_rate=rate)
    simulated = Simulated(here)

    def visitors() -> Iterator[simpy.Event]:
        while True:
            yield simulated.world.timeout(simulated.random.expovariate(rate))
            simulated.ask()

    simulated.world.process(visitors())
    simulated.world.run(until=600.0)
    users, token, first = simulated.means()
    found = at_rate(here)
    assert found.users == pytest.approx(users, rel=0.05)
    assert found.time_per_token == pytest.approx(token, rel=0.05)
    assert found.first_token_time == pytest.approx(first, rel=0.10)


QUEUES = [(1, 0.5), (4, 0.8), (16, 0.9), (60, 0.95)]


@pytest.mark.parametrize(("readers", "busy"), some(QUEUES, 2))
def test_the_queue_of_several_readers_is_that_of_a_simulated_one(readers: int, busy: float) -> None:
    world, chance, waits = simpy.Environment(), random.Random(1), []  # noqa: S311
    at_work = simpy.Resource(world, readers)

    def prompt() -> Iterator[simpy.Event]:
        came = world.now
        with at_work.request() as turn:
            yield turn
            waits.append(world.now - came)
            yield world.timeout(1.0)

    def visitors() -> Iterator[simpy.Event]:
        while True:
            yield world.timeout(chance.expovariate(busy * readers))
            world.process(prompt())

    world.process(visitors())
    world.run(until=100_000 / readers)
    found = load.queue_wait_of_several(prefill_time=1.0, readers=readers, reading_share=busy)
    assert found == pytest.approx(mean(waits), rel=0.15)
