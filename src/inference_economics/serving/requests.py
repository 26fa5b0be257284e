"""A service for requests: a deployment under load, with fitted values and their intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..algebra import units
from ..algebra.formula import InputError, checked, checked_as
from ..equations import decode, load, parts
from ..facts import load_calibration, measurements, tables
from ..facts.calibration import RECORDED
from ..facts.load_calibration import ENGINES, FIRST_TOKEN, PER_TOKEN
from . import fitted_load, outside
from .deployment import at_most, deploy, refuse_unless_bool
from .load import Loaded, at_rate, in_waves, least_of_a_prompt, most_at_rate, under_load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..facts import own_machine
    from .deployment import Deployment
    from .scenario import Scenario


PROMPTS, HOST = "prompts of others", "host"
"""Parts of a token's time that a step alone does not have."""
_ASKED = ("prompt", "answer", "cached_share", "busy_share")
_MUCH = 1.25
STOPPED = (
    "no engine is named, and prompts are taken to stop the steps of others: one that reads them "
    "inside these steps, as vLLM does, may be {:.2g} times as fast"
)
INSIDE = (
    "no engine is named, and prompts are taken to be read inside the steps of others, as vLLM "
    "does: else the machines could not keep up"
)
_GROWS = (
    "at the slow end of the interval, the machines answer at most {:.3g} requests a second: more "
    "than that would wait ever longer"
)
_MOSTLY = 0.25
_AT_THE_START = (
    "{} of the time to the first token is the wait at the start of a benchmark, where all requests "
    "come at once, on average over its run: later ones wait less"
)
COSTS = {
    "cost of a prompt's tokens": load.prompt_token_cost,
    "cost of an answer's tokens": load.answer_token_cost,
}
"""What of a service's cost falls on what."""


@dataclass(frozen=True)
class Interval:
    """A value in a unit, and the ends of its 90% interval."""

    value: float
    low: float
    high: float
    unit: str

    def __str__(self) -> str:
        """Return the value and its ends, rounded."""
        shown, low, high = (
            units.show(each, self.unit) for each in (self.value, self.low, self.high)
        )
        return shown if low == high else f"{shown} ({low} to {high})"


@dataclass(frozen=True)
class Requests:
    """What a service gives to those who ask.

    Attributes:
        deployment: the model on its machines, with fitted values.
        loaded: users and times, each a number.
        figures: by what they are: times, speeds and requests, with their intervals.
        memory: bytes of weights and of the caches of those admitted, at the end of their answers.
        parts: seconds by cause; they add up to the time per token.

    """

    deployment: Deployment
    loaded: Loaded
    figures: Mapping[str, Interval]
    memory: float
    parts: Mapping[str, float]

    @property
    def binding(self) -> str:
        """What takes the longest part of a token's time."""
        return str(parts.longest(self.parts))

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed, left out or is unusual, a sentence each."""
        return self.deployment.notes

    def as_json(self) -> dict[str, Any]:
        """Return plain values under the names of the command's output."""
        figures = {name.replace(" ", "_"): {**vars(each)} for name, each in self.figures.items()}
        return {
            **figures,
            "users_in_generation": self.loaded.users,
            "requests_admitted": self.loaded.admitted,
            "memory_bytes": self.memory,
            "binding": self.binding,
            "notes": list(self.notes),
        }


def serve(  # noqa: PLR0913  (one argument a choice, as the command has them)
    accelerator: own_machine.Said,
    chips: int | None,
    model: str | Path | Mapping[str, Any],
    *,
    prompt: float,
    answer: float,
    concurrency: float | None = None,
    rate: float | str | None = None,
    waves: bool = False,
    cached_share: float = 0.0,
    engine: str = "",
    busy_share: float = 1.0,
    **layout: Any,
) -> Requests:
    """Return what a service gives: a model on machines, for so many requests.

    Args:
        accelerator: an accelerator, as `deploy` takes it.
        chips: how many of them serve the model together.
        model: a model, as `deploy` takes it.
        prompt: tokens of a request's prompt, those included that a cache holds.
        answer: tokens of its answer.
        concurrency: requests at once; or else give `rate`.
        rate: requests that come in a second, at random.
        waves: whether the requests at once are equally long and come together, as in benchmarks
            that do not vary them; else they are spread out.
        cached_share: share of a prompt that a cache holds.
        engine: one of `ENGINES`; without one, an engine of which nothing is known.
        busy_share: share of the time in which there are such requests: what is idle costs, too.
        layout: further arguments of `deploy`. With weights of "fp8" or "nvfp4" the cache has eight
            bits unless `kv_bits` says otherwise, as in the services that were fitted.

    Many loads at once, as arrays, go through `serving.load`: ``under_load(found.deployment.having(
    prompt=..., answer=..., concurrency=...))`` gives users and times as arrays, without intervals,
    where `found` is what this returned for one of them.

    Raises InputError for a value that is not allowed, and what `deploy` raises.

    """
    if (concurrency is None) == (rate is None):
        raise InputError("give either concurrency or rate, and not both")
    if waves and rate is not None:
        raise InputError("waves = True: requests that come at a rate, at random, make no waves")
    refuse_unless_bool("waves", waves)
    if engine and not (known := load_calibration.engine_called(str(engine))):
        raise InputError(f"engine {engine!r:.60}: must be one of {', '.join(ENGINES)}")
    engine = known if engine else ""
    sizes = at_most("prompt", prompt, 1), at_most("answer", answer, 1)
    if (whole := sum(sizes)) > measurements.MOST:
        raise InputError(
            f"prompt and answer have {whole:,.0f} tokens together: must be at most "
            f"{measurements.MOST:,.0f}"
        )
    shares = checked("cached_share", cached_share), checked("busy_share", busy_share)
    asked = dict(zip(_ASKED, (*sizes, *shares), strict=True))
    many = None if concurrency is None else at_most("concurrency", concurrency, 1)
    often = None if rate is None else _per_second(rate)
    layout.setdefault("users", many or measurements.users_at(often or 0.0, sizes[1]))
    notes = []
    weights = layout.get("weight_bits")
    if layout.get("kv_bits") in (None, "auto") and measurements.cache_of_8(weights):
        layout["kv_bits"] = 8
        notes.append(f"the cache in 8 bits, {measurements.AS_FITTED.format(weights)}")
    unfitted = deploy(accelerator, chips, model, **layout).noted(*notes)
    here = fitted_load.of_machine(unfitted, engine=engine)
    here.step(1.0, asked["prompt"] + asked["answer"])  # refuses what does not fit
    beyond = here.beyond(asked["prompt"] + asked["answer"])
    here = here.noted(*beyond).having(**asked)
    off = 1.0
    if often is None:
        here = here.having(concurrency=many)
        loaded = in_waves(here) if waves else under_load(here)
        if not (engine or waves):
            off = _between_engines(unfitted, here, loaded)
    else:  # as it goes on: nobody comes with others, but by chance
        loaded, here, off = _at_rate(here.having(burst_share=0.0), often, engine)
    here = here.noted(*if_much(STOPPED, off))
    if (share := float(loaded.burst_wait / loaded.first_token_time)) > _MOSTLY and not waves:
        here = here.noted(_AT_THE_START.format(units.show(share, "fraction", 2)))
    return _told(_cautioned(here, loaded), loaded, off, steady=rate is not None, waves=waves)


def _between_engines(unfitted: Deployment, here: Deployment, loaded: Loaded) -> float:
    """Return by which factor engines differ from each other, and from what is taken of none."""
    given = {name: here.values[name] for name in (*_ASKED, "concurrency")}
    engines = (fitted_load.of_machine(unfitted, engine=each).having(**given) for each in ENGINES)
    return float(between([loaded, *map(under_load, engines)]))


def between(found: Sequence[Loaded]) -> Any:
    """Return by which factor services differ, in requests done or in time per token.

    It is a number, or an array where theirs are.
    """
    import numpy as np

    every = np.array([(each.requests_done, each.time_per_token) for each in found], dtype=float)
    return (every.max(axis=0) / every.min(axis=0)).max(axis=0)


def if_much(sentence: str, factor: float) -> tuple[str, ...]:
    """Return a sentence on the factor by which what is not known may differ, if that is much."""
    return (sentence.format(factor),) if factor > _MUCH else ()


def _per_second(rate: float | str) -> float:
    """Return how many requests come in a second; an error names the rate as the argument is."""
    said = tables.in_unit(rate, tables.RATE) if isinstance(rate, str) else rate
    number = checked_as("rate", "request_rate", said)
    if number > 0:
        return number
    raise InputError(f"rate = {rate}: must be a positive number of requests in a second")


def _at_rate(here: Deployment, rate: float, engine: str) -> tuple[Loaded, Deployment, float]:
    """Return what comes out at a rate, of what, and by which factor engines may differ.

    Without an engine, prompts are read inside the steps of others where they must be.
    """
    here = here.having(request_rate=rate)
    inside = here.having(prompt_sharing=1.0)
    try:
        if not engine and rate > most_at_rate(here):
            return at_rate(inside), inside.noted(INSIDE), 1.0
        found = at_rate(here)
        return found, here, 1.0 if engine else float(between([found, at_rate(inside)]))
    except InputError as error:
        raise InputError(str(error).replace("request_rate", "rate", 1)) from None


def _cautioned(here: Deployment, loaded: Loaded) -> Deployment:
    """Return a deployment with notes of what no run was fitted to, and of what was assumed."""
    kinds = (outside.KINDS[kind].said for kind in _outside(here, loaded))
    few = outside.cautions(here.values["chips"], here.values["answer"])
    return here.noted(*here.guessing(), *kinds, *few, *_held(here, float(loaded.admitted)))


def _held(here: Deployment, admitted: float) -> tuple[str, ...]:
    """Return a note where more requests are held at once than likely fit."""
    likely = here.largest_batch(here.values["prompt"] + here.values["answer"])
    if likely is None or admitted <= likely:
        return ()
    held = units.show(admitted, "request")
    return (f"{held} held at once may fit, but likely no more than {likely:,}",)


def _outside(here: Deployment, loaded: Loaded) -> tuple[str, ...]:
    alone = here.values.get("concurrency", loaded.admitted) <= 1
    return outside.kinds(here.outside, RECORDED, service=True, alone=alone)


def _at_work(here: Scenario, loaded: Loaded) -> Scenario:
    """Return the step that a request finds on average, halfway through the answers."""
    context = here.values["prompt"] + here.values["answer"] / 2
    return here.having(concurrent_users=loaded.batch, context=context)


def least(
    here: Scenario, loaded: Loaded, *, between: bool = True, reading: Scenario | None = None
) -> tuple[Any, Any, Any]:
    """Return the least seconds of a first token and of the next, and the machine's for a request.

    In less, what is read would not come at the datasheet's bandwidth, or the operations would not
    be done at its peak. `between` says whether prompts of others are read between tokens;
    `reading` are the machines that read prompts, if they are others. All may be arrays.
    """
    import numpy as np

    values = here.values
    at_work = _at_work(here, loaded)
    kept = at_work.evaluate(decode.accepted_tokens)
    read, done = (each / kept for each in at_work.least_parts())
    first, prompt = least_of_a_prompt(reading or here)
    prompt = prompt if reading is None else 0.0 * prompt
    others = between * (loaded.batch - 1) * prompt / values["answer"]
    steps = np.maximum(0.0, values["answer"] - 1) / loaded.batch
    request = np.maximum(steps * read, steps * done + prompt)
    return first, np.maximum(read, done + others), request


def causes(here: Scenario, loaded: Loaded, *, whole: bool = False) -> dict[str, Any]:
    """Return the seconds of a token by cause; they add up to its time.

    With `whole`, of two that overlap each counts in full, and all may be arrays.
    """
    values = here.values
    at_work = _at_work(here, loaded)
    kept = at_work.evaluate(decode.accepted_tokens)
    times = at_work.times() if whole else at_work.breakdown()[0]
    takes = {name: time / kept for name, time in times.items()}
    takes[PROMPTS] = (loaded.batch - 1) * loaded.prompt_time / values["answer"]
    takes[HOST] = values["host_time"] * loaded.batch / values["replicas"] / kept
    return takes


def _paid(here: Scenario, name: str) -> float:
    """Return one of `COSTS`; refuse what is no number, for a million tokens."""
    try:
        cost = float(here.evaluate(COSTS[name]))
    except InputError:
        cost = math.inf
    if cost > _DEAREST:
        raise InputError(
            f"{name}: more than {_DEAREST:g} dollars a token; the rent is too high, or the rate or "
            "the busy share too low"
        )
    return cost


_DEAREST = 1e12
"""Dollars a token that nothing costs."""


def _off_by(here: Deployment, loaded: Loaded) -> tuple[float, float]:
    """Return by which factors the time of a token and that of the first one may be off."""
    values = here.values
    at_work = here.having(
        concurrent_users=loaded.batch, context=here.counted(values["prompt"] + values["answer"] / 2)
    )
    doubts = {
        PER_TOKEN: at_work.doubt(decode.round_time),
        FIRST_TOKEN: at_work.doubt(decode.prefill_time, concurrent_users=1.0),
    }

    def factor(name: str) -> float:
        kind = load_calibration.interval_of(
            name,
            concurrency=values.get("concurrency", loaded.admitted),
            prompt=values["prompt"],
            answer=values["answer"],
            experts=values["experts"] > 1,
        )
        within = load_calibration.load().within_factors[kind]
        wider = outside.factor(_outside(here, loaded), first=name == FIRST_TOKEN)
        return float(within * wider * doubts[name])

    return factor(PER_TOKEN), factor(FIRST_TOKEN)


def _told(here: Deployment, loaded: Loaded, off: float, *, steady: bool, waves: bool) -> Requests:
    """Return what is known; where the rate is given, `steady`, what comes out is as certain.

    `off` is by which factor the engines differ from what is taken, where none was named.
    """
    loaded = Loaded(**{name: float(value) for name, value in vars(loaded).items()})
    values = here.values
    machines = _off_by(here, loaded)
    of_token, of_first = (max(factor, off) for factor in machines)
    first, token, request = map(float, least(here, loaded, between=not waves))
    # By what factor each may be slower, and by what factor it is faster at the machine's peak.
    to_first = (of_first, loaded.first_token_time / first)
    per_token = (of_token, loaded.time_per_token / token)
    of_output = (1.0 if steady else of_token, 1 / (loaded.requests_done * request))
    answered = loaded.requests_done * values["answer"]

    def interval(
        value: float, unit: str, half: tuple[float, float], *, rate: bool = False
    ) -> Interval:
        slower, faster = half[0], min(half[0], max(1.0, half[1]))
        below, above = (slower, faster) if rate else (faster, slower)
        return Interval(value, value / below, value * above, unit)

    speed, each = 1 / loaded.time_per_token, answered / values["chips"]
    figures = {
        "time to the first token": interval(loaded.first_token_time, "second", to_first),
        "time per token": interval(loaded.time_per_token, "second/token", per_token),
        "speed of a user": interval(speed, "token/second", per_token, rate=True),
        "output of a chip": interval(each, "token/second/chip", of_output, rate=True),
        "requests": interval(loaded.requests_done, "request/second", of_output, rate=True),
    }
    if "chip_rent" in values:
        # In waves a prompt takes no time from answers, but it takes the machines' time.
        read = loaded.prefill_time / values["replicas"] if waves else loaded.prompt_time
        paid = here.having(prompt_time=read, requests_done=loaded.requests_done)
        for name in COSTS:
            figures[name] = interval(_paid(paid, name), "dollar/token", of_output)
    takes = {name: float(time) for name, time in causes(here, loaded).items()}
    full = here.having(
        concurrent_users=loaded.admitted, context=values["prompt"] + values["answer"]
    )
    # Engines that differ here are no slower than what is taken.
    if steady and (slow := float(most_at_rate(here)) / machines[0]) < values["request_rate"]:
        here = here.noted(_GROWS.format(slow))
    waiting = values.get("concurrency", loaded.admitted) - loaded.admitted
    if waiting > 0:
        here = here.noted(f"{waiting:,.0f} requests wait for memory that others fill")
    return Requests(here, loaded, figures, full.evaluate(decode.memory_needed), takes)
