"""A model on machines under load: many requests at once, each with a prompt and an answer.

The number of requests in generation and the time of a token depend on each other. Both are found
in a fixed number of rounds, so that a page can do the same sum, for single values or for arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from ..algebra.formula import InputError
from ..equations import decode, load
from .scenario import AT_PEAK, switched_off

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..algebra.formula import Formula
    from .scenario import Scenario

SomeScenario = TypeVar("SomeScenario", bound="Scenario")

ROUNDS = 3
"""Rounds in which users and times are made to agree: each squares what is missing."""
TOO_MANY = (
    "request_rate = {rate}: by this prediction the machines answer at most {most:.3g} requests a "
    "second"
)
HALVINGS = 40
"""Halvings in which a number is found at which something turns."""


@dataclass(frozen=True)
class Loaded:
    """What a server under load gives, each a number or an array.

    Attributes:
        users: requests in generation, on average.
        batch: requests in the step that writes a request's token, itself included.
        admitted: requests whose caches the server holds.
        prefill_time: seconds in which a prompt is read while nothing else is done.
        prompt_time: seconds that a prompt takes from all others.
        round_time: seconds of a step, guesses included.
        time_per_token: seconds from a token to the next.
        first_token_time: seconds from a request's arrival to its first token.
        queue_wait, burst_wait, memory_wait: of these, those spent waiting for prompts that come
            before, for prompts that come with it, and for room in memory.
        requests_done: requests done in each second.
        readers_full: whether more would be done if machines of their own read more prompts.

    """

    users: Any
    batch: Any
    admitted: Any
    prefill_time: Any
    prompt_time: Any
    round_time: Any
    time_per_token: Any
    first_token_time: Any
    queue_wait: Any
    burst_wait: Any
    memory_wait: Any
    requests_done: Any
    readers_full: Any = False


def under_load(here: Scenario, off: Iterable[str] = ()) -> Loaded:
    """Return what a scenario gives under load.

    Its values are those of a deployment, with `concurrency`, `prompt` and `answer`, and those of
    `equations.load` that differ from their own values; `prefill_share`, if there is one, is the
    share of the peak arithmetic rate that prompts achieve, and `cached_share`, one number, that of
    the prompt that a cache holds; `prefill_time`, if there is one, is that of a prompt as it is.
    `off` names terms of `load.OFF`.
    """
    return _settled(_settling(_admitted(with_prompts(here, off))))


def in_waves(here: Scenario) -> Loaded:
    """Return what a scenario gives where equally long requests come and go together.

    A wave's prompts are read one after another, then all of its answers are written. A benchmark
    that keeps a number of equal requests in flight ends up so. Takes what `under_load` takes.
    """
    here = _admitted(with_prompts(here.having(burst_share=1.0), off=("interruptions",)))
    # All answers of a wave are written at the same time.
    every = here.values["admitted_users"]
    found = _settled(here.having(served_users=every, concurrent_users=every))
    # Those who come last wait for all other prompts, twice as long as one waits on average.
    first = found.first_token_time - found.memory_wait
    wave = first + found.burst_wait + here.values["answer"] * found.time_per_token
    # Who finds no room waits for whole waves, and not for the answers alone.
    waited = (here.values["concurrency"] / found.admitted - 1) * wave
    return replace(
        found,
        first_token_time=first + waited,
        memory_wait=waited,
        requests_done=found.admitted / wave,
    )


def at_rate(here: Scenario) -> Loaded:
    """Return what a scenario gives where `request_rate` requests come in a second, at random.

    Takes what `under_load` takes, without `concurrency`. Raises InputError where more come than
    can be done: the queue would grow.
    """
    import numpy as np

    here = _with_places(with_prompts(here))
    rate = np.asarray(here.values["request_rate"], dtype=float)
    high = here.values["admitted_users"] + 0.0 * rate
    most = _done(here, high)
    if np.any(most < rate):
        raise InputError(TOO_MANY.format(rate=rate, most=np.min(most)))
    _, high = halved(0.0 * high, high, lambda users: _done(here, users) < rate)
    # A small share of the most is between two halvings; by Little's law it is found at once.
    here = _serving(here, high)
    high *= rate / here.evaluate(load.requests_done)
    here = _queueing(_serving(here, high), load.queue_wait)
    stay = here.evaluate(load.answer_time) + here.evaluate(load.entry_time)
    held = np.maximum(1.0, rate * stay)
    return _settled(here.having(admitted_users=held, concurrency=held))


def most_at_rate(here: Scenario) -> Any:
    """Return how many requests a second `at_rate` takes at most."""
    here = _with_places(with_prompts(here))
    return _done(here, here.values["admitted_users"])


def apart(reading: Scenario, writing: Scenario) -> Loaded:
    """Return what separate machines give: groups that read prompts, and groups that answer.

    `reading` is one group that reads; its `readers` says how many of them there are for each group
    that answers, and its `transfer_bandwidth` how fast caches move. `writing` is one of those that
    answer, with its `concurrency`. Both have `prompt` and `answer`. Where prompts are read too
    slowly, fewer are answered at a time.
    """
    import numpy as np

    reading = with_prompts(reading)
    reading = reading.having(
        prompt_sharing=0.0, concurrent_users=1.0, input_length=reading.values["prompt"]
    )
    moved = reading.evaluate(load.transfer_time)
    ready = reading.values["prefill_time"] + moved
    most = reading.evaluate(load.prompt_rate)
    here = writing.having(
        prefill_time=reading.values["prefill_time"],
        reading_time=ready,
        prompt_time=0.0,
        context=writing.values["prompt"] + writing.values["answer"] / 2,
        queue_wait=0.0,
    )
    here = _admitted(here)
    users = _settling(here).values["served_users"]
    fewer, _ = halved(0.0 * users, users, lambda some: _done(here, some) <= most)
    full = _done(here, users) > most
    found = _settled(_serving(here, np.where(full, fewer, users)))
    # Who is not being answered waits: by Little's law, for so long.
    stay = writing.values["concurrency"] / found.requests_done
    waited = stay - writing.values["answer"] * found.time_per_token
    first = np.maximum(found.first_token_time, waited)
    return replace(found, first_token_time=first, readers_full=full)


def halved(low: Any, high: Any, is_below: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Return the two ends, numbers or arrays, after `HALVINGS` halvings of what lies between them.

    `is_below` says of a value whether what is sought lies above it.
    """
    import numpy as np

    for _ in range(HALVINGS):
        middle = (low + high) / 2
        below = is_below(middle)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return low, high


def _queueing(here: Scenario, wait: Formula) -> Scenario:
    """Return a scenario with the wait for the prompts of others, unless that is switched off."""
    return here if "queue_wait" in here.values else here.having(queue_wait=here.evaluate(wait))


def _admitted(here: Scenario) -> Scenario:
    """Return a scenario with those whose caches the server holds, kept at their number."""
    most = here.evaluate(load.admitted_users, largest_batch=largest_batch(here))
    return _finding_others(here.having(admitted_users=most))


def _with_places(here: Scenario) -> Scenario:
    """Return a scenario in which as many may come as there is room for, one at least."""
    import numpy as np

    return _finding_others(here.having(admitted_users=np.maximum(1.0, largest_batch(here))))


def _finding_others(here: Scenario) -> Scenario:
    return here.having(others_share=here.evaluate(load.others_share))


def _settling(here: Scenario) -> Scenario:
    """Return a scenario with its served users, found in rounds from all who are admitted."""
    import numpy as np

    def next_of(users: Any) -> Any:
        now = _queueing(_replaced(here, users), load.queue_wait_replaced)
        return now.evaluate(load.served_users)

    users = 1.0 * here.values["admitted_users"]
    for _ in range(ROUNDS):
        once = next_of(users)
        twice = next_of(once)
        # Aitken's step: where a series ends whose differences shrink by one factor.
        bend = users - 2 * once + twice
        still = np.abs(bend) <= 1e-12 * twice
        beyond = users - (users - once) ** 2 / np.where(still, 1.0, bend)
        users = np.where(still | (beyond <= 0), twice, beyond)
    return _queueing(_replaced(here, users), load.queue_wait_replaced)


def _replaced(here: Scenario, users: Any) -> Scenario:
    """Return a scenario with served users, one of whom comes for each that is done."""
    here = _serving(here, users)
    return here.having(request_rate=here.evaluate(load.requests_done))


def _serving(here: Scenario, users: Any) -> Scenario:
    """Return a scenario with served users, and the step that one of them finds."""
    here = here.having(served_users=users)
    return here.having(concurrent_users=here.evaluate(load.users_of_a_step))


def with_prompts(here: SomeScenario, off: Iterable[str] = ()) -> SomeScenario:
    """Return a scenario with the context of its users, the time of a prompt, and terms off."""
    values = {**here.values}
    share = values.pop("prefill_share", values["compute_share"])
    prompts = here.having(concurrent_users=1.0, compute_share=share)
    if "prefill_time" not in values:
        values["prefill_time"] = _of_a_prompt(prompts, decode.prefill_time, _PARTLY_CACHED)
    values["prompt_standing"] = _of_a_prompt(prompts, _STANDING, _STANDING_PARTLY_CACHED)
    values["context"] = values["prompt"] + values["answer"] / 2
    return here.having(**{**values, **switched_off(off, load.OFF)})


_PARTLY_CACHED = decode.prefill_time.using(load.uncached_prompt, load.cached_prompt_attended)
_STANDING = load.standing_time.using(decode.prompt_tokens)
_STANDING_PARTLY_CACHED = _STANDING.using(load.uncached_prompt)


def _of_a_prompt(here: Scenario, whole: Formula, partly: Formula) -> Any:
    """Return the seconds of a formula, or of another where a cache holds a part of the prompt."""
    if not here.values.get("cached_share"):
        return here.evaluate(whole)
    values = {**here.values}
    values["input_length"] = values.pop("prompt")
    return replace(here, values=values).evaluate(partly)


def least_of_a_prompt(here: Scenario) -> tuple[Any, Any]:
    """Return the least seconds of a prompt that is alone, and of its operations among others.

    They are those of the datasheet: reading at the peak bandwidth, operations at the peak rate.
    """
    here = here.having(concurrent_users=1.0, **AT_PEAK)
    done = sum(_of_a_prompt(here, whole, partly) for whole, partly in _OPERATIONS)
    # Other stages and copies work on other prompts meanwhile.
    done /= here.values["stages"] * here.values["replicas"]
    return _of_a_prompt(here, decode.prefill_time, _PARTLY_CACHED), done


_COMPUTED = decode.decode_compute_time.using(decode.prompt_tokens, decode.prompt_flop_per_token)
_ATTENDED = decode.prompt_attention_time.using(decode.prompt_tokens)
_OPERATIONS = (
    (_COMPUTED, _COMPUTED.using(load.uncached_prompt)),
    (_ATTENDED, _ATTENDED.using(load.uncached_prompt, load.cached_prompt_attended)),
)


def largest_batch(here: Scenario) -> Any:
    """Return the most requests whose caches may fit at the end of their answers.

    A service is set up to lend to caches all that there is: it holds as many as may fit.
    """
    room = here.rooms().most
    whole = here.values["prompt"] + here.values["answer"]
    return here.evaluate(decode.largest_batch, room=(room > 0) * room, context=whole)


def _done(here: Scenario, users: Any) -> Any:
    return _serving(here, users).evaluate(load.requests_done)


def _given_or_computed(here: Scenario, formula: Formula) -> Any:
    name = formula.result.name
    return here.values[name] if name in here.values else here.evaluate(formula)


def _settled(here: Scenario) -> Loaded:
    values = here.values
    return Loaded(
        users=here.evaluate(load.decoding_users),
        batch=values["concurrent_users"],
        admitted=values["admitted_users"],
        prefill_time=values["prefill_time"],
        prompt_time=_given_or_computed(here, load.prompt_time),
        round_time=here.evaluate(decode.round_time),
        time_per_token=here.evaluate(load.time_per_token),
        first_token_time=here.evaluate(load.first_token_time),
        queue_wait=values["queue_wait"],
        burst_wait=_given_or_computed(here, load.burst_wait),
        memory_wait=here.evaluate(load.memory_wait),
        requests_done=here.evaluate(load.requests_done),
    )
