"""Questions on *Requests under load*."""

from __future__ import annotations

from inference_economics.equations import load
from inference_economics.serving import arrivals

from .question import EASY, HARD, MEDIUM, Choice, Number, Option, asked, show


@asked(EASY)
def at_once() -> Number:
    """How many are there at once?"""
    rate, stay = 5.0, 30.0
    at_once = rate * stay
    multiply = f"You divided. Multiply: {show(rate)} come in each of the {show(stay)} seconds that "
    multiply += "a request stays."
    return Number(
        asks=f"A service gets {show(rate)} requests a second. Each takes {show(stay, 'second')} "
        "from the moment it comes until its answer is done. How many are being served at a time?",
        hint="How many come while one of them is served?",
        value=at_once,
        unit="request",
        means=f"It is {show(rate)} × {show(stay)} = {show(at_once)}, by Little’s law. This law "
        "holds whatever the order of the requests, and however much their lengths vary.",
        mistakes={
            stay / rate: multiply,
            rate / stay: multiply,
            stay: "This would be so if one came each second.",
        },
    )


@asked(EASY)
def busy_with_prompts() -> Number:
    """How much of its time goes to prompts?"""
    rate, each = 4.0, 0.1
    work = load.reading_share.explain(request_rate=rate, prompt_time=each)
    return Number(
        asks=f"A server gets {show(rate)} requests a second, and reading a prompt takes "
        f"{show(each, 'second')} in which nobody’s answer goes on. For what share of its time does "
        "it read prompts?",
        hint="How long does it read in each second?",
        work=(work,),
        means="The rest of the time is left for answers. When this share comes near to one, "
        "prompts queue.",
        mistakes={
            each: "This is the time of one prompt in each second.",
            1 - work.value: "This is what is left for answers.",
            each / rate: "More requests read more prompts: multiply.",
        },
    )


@asked(MEDIUM)
def token_between_prompts() -> Number:
    """The time between two tokens."""
    step, users, prompt, answer = 0.02, 64.0, 0.1, 200.0
    work = load.time_per_token.explain(
        round_time=step,
        accepted_tokens=1,
        concurrent_users=users,
        prompt_time=prompt,
        answer=answer,
        host_time=0,
        replicas=1,
    )
    return Number(
        asks=f"A step takes {show(step, 'second')} for {show(users)} users, and gives each a "
        f"token. Answers have {show(answer)} tokens. Whenever one is done, the prompt of the next "
        f"user is read, which takes {show(prompt, 'second')} and makes all others wait. How long "
        "is it from a token to the next, on average?",
        hint="While one answer is written, each of the others is replaced once. Spread these "
        "prompts over the tokens of the answer.",
        work=(work,),
        unit="second",
        means=f"Without the prompts it would be {show(step, 'second')}. The step is what a table "
        "of decode speeds shows, and not what users see.",
        mistakes={
            step: "This leaves out the prompts. Each of the users is replaced once in the time of "
            "an answer.",
            step + prompt: "Not every token waits for a prompt.",
            work.value - step: "This is the waiting alone.",
        },
    )


@asked(MEDIUM)
def one_large_or_ten_small() -> Choice:
    """One large service or ten small ones?"""
    small, large = 30, 300
    places = {name: arrivals.places_needed(size) for name, size in (("s", small), ("l", large))}
    needed = {"large": places["l"], "small": 10 * places["s"]}
    right = "same" if needed["large"] == needed["small"] else min(needed, key=needed.__getitem__)
    wrong = "Each service needs spare places, for when more come than on average. Compare how many."
    return Choice(
        asks=f"Requests come at random, and one in {show(1 / arrivals.RARE)} may have to wait. "
        "Which needs fewer places (requests that can be answered at once): one service that "
        f"answers {large} requests at a time on average, or ten services that answer {small} each?",
        hint="A number that comes about by chance varies by about its square root.",
        means=f"They need {show(needed['large'])} places in one service, and "
        f"{show(needed['small'])} in ten. Chance favors size, but less and less as a service "
        "grows. So if requests come at random and can hardly wait, a second machine does make "
        "tokens a little cheaper, mostly where each machine serves few. This book says that a "
        "second machine makes them hardly cheaper; this holds for even demand. The gain from "
        "chance comes on top of that.",
        options={
            "large": Option("The large one", wrong),
            "small": Option("The ten small ones", wrong),
            "same": Option("They need equally many", wrong),
        },
        right=right,
    )


@asked(HARD)
def twice_the_load() -> Number:
    """Twice the load."""
    low, high, prompt = 0.4, 0.8, 0.2
    waits = [
        load.queue_wait.explain(reading_share=share, prefill_time=prompt) for share in (low, high)
    ]
    ratio = waits[1].value / waits[0].value
    return Number(
        asks="Requests come at random to a server that reads one prompt at a time, each in "
        f"{show(prompt, 'second')}. It spends {show(low, 'fraction')} of its time on them. Then "
        f"twice as many come, and it spends {show(high, 'fraction')}. How many times as long does "
        "a prompt wait for those before it?",
        hint="The wait grows with the share that is busy, and falls with the share that is free.",
        work=tuple(waits),
        value=ratio,
        unit="dimensionless",
        means="The wait is in proportion to the busy share over the free share. Near a full load "
        "a little more traffic makes everyone wait much longer. So a "
        "server with a tight target for the time to the first token (TTFT) must be idle at times.",
        mistakes={
            high / low: "The wait is not in proportion: the free time shrinks as well.",
            (1 - low) / (1 - high): "This counts the free time alone. The busy time doubles too.",
            (high / low) ** 2: "The free time shrinks by more than half.",
            1 / (1 - high): "This is one over the free share at the higher load. Compare both "
            "loads.",
        },
    )
