"""Questions on *Does inference centralize?*."""

from __future__ import annotations

import math

from inference_economics.equations import serving
from inference_economics.facts import catalog, prices, sourced
from inference_economics.serving import quiet_hour_margin, scale

from ..figures.hardware import critical_batch_of
from .question import EASY, HARD, MEDIUM, Choice, Number, Option, asked, show

_NEAR = 1.1


def _bar() -> float:
    """Return the weekly users of the most demanding model, at a tenth above the least cost."""
    return max(scale.weekly_bars(_NEAR).values())


@asked(EASY)
def nearest_audience() -> Choice:
    """Which audience is nearest?"""
    audiences, bar = scale.audiences(), _bar()
    right = min(audiences, key=lambda name: abs(math.log(audiences[name] / bar)))
    side = "below" if audiences[right] < bar else "above"
    above = sum(size > bar for size in audiences.values())
    return Choice(
        asks="With the model of the book that needs the most users, a service needs "
        f"{show(bar)} weekly users to pay at most a tenth more than the lowest cost of a "
        "token. Which of these audiences is nearest to that?",
        hint="The audiences lie far apart: the largest have hundreds of millions. The picture at "
        "the top of What scale saves shows them.",
        means=f"{right}: {show(audiences[right])}, {side} the bar. {above} of these "
        f"{len(audiences)} audiences lie above the bar. Hobbyists and small services lie below "
        "such a bar and pay more for a token; large services do not.",
        options={
            name: Option(name, f"It has {show(size)} users.") for name, size in audiences.items()
        },
        right=right,
    )


@asked(EASY)
def room_for_providers() -> Number:
    """Room for how many?"""
    bar, audience = _bar(), sourced("chatgpt_weekly_users_2026", "user")
    room = audience / bar
    return Number(
        asks=f"ChatGPT has {show(audience)} weekly users. A service needs {show(bar)} of "
        "them to pay at most a tenth more than the lowest cost of a token, for the model that "
        "needs the most users. How many services of that size would these users fill?",
        hint="How often does the bar go into the audience?",
        value=room,
        unit="dimensionless",
        means="By this argument alone, that many providers could coexist. What "
        "else makes the largest cheaper is not memory bandwidth.",
        mistakes={
            1 / room: "This is the share of the audience that one service needs.",
            room / 10: "You divided by ten as well. The bar already allows a token to cost "
            "a tenth more.",
            room / quiet_hour_margin("conversation"): "So many would fit if each had to be "
            "full even in its quietest hour. Here users come evenly.",
        },
    )


@asked(MEDIUM)
def smaller_numbers() -> Choice:
    """Does a smaller format help?"""
    half, full = critical_batch_of("b200", 4), critical_batch_of("b200", 8)
    ratio = round(half / full, 2)
    wrong = "Half the bytes are read in half the time."
    return Choice(
        asks="A B200 does twice as many operations in 4 bits as in 8. What becomes of the number "
        "of requests that keep it busy, if the weights are kept and multiplied in 4 bits?",
        hint="How many weights does it read in a second now, and how many operations can it do?",
        means=f"It takes {show(half)} requests in 4 bits and {show(full)} in 8. Half the "
        "bits leave the batch as it was if the chip then multiplies twice as fast.",
        options={
            "twice": Option("It doubles.", wrong),
            "same": Option("It stays the same.", ""),
            "half": Option("It halves.", "The arithmetic on them is twice as fast."),
        },
        right="same" if 0.8 < ratio < 1.25 else "twice" if ratio > 1 else "half",
    )


@asked(MEDIUM)
def memory_on_the_chip() -> Number:
    """A model in memory on chips."""
    model, chip = catalog.load().model("llama3_70b"), catalog.load().accelerator("groq_lpu1")
    size = {"parameters": model.parameters, "memory_capacity": chip.memory_capacity}
    work = serving.chips_needed.explain(**size, bits_per_parameter=8)
    exact = serving.weight_bytes(parameters=model.parameters, bits_per_parameter=8)
    return Number(
        asks=f"The first chip of Groq reads {show(chip.memory_bandwidth, 'byte/second')} from "
        f"{show(chip.memory_capacity, 'byte')} of memory of its own. How many of them hold the "
        f"{show(model.parameters, 'parameter', 4)} of Llama-3-70B in 8 bits?",
        hint="Divide the bytes of the weights by the bytes of a chip.",
        work=(work,),
        unit="chip",
        within=1.01,
        means="There is hardly any imbalance between memory and arithmetic: a batch of "
        f"{show(critical_batch_of('groq_lpu1', 8), digits=1)} keeps the arithmetic busy. But "
        "many users must share the rent of this large machine.",
        mistakes={
            serving.chips_needed(**size, bits_per_parameter=16): "This is for weights of 16 bits.",
            serving.chips_needed(**size, bits_per_parameter=64): "You took bits for bytes.",
            exact / catalog.load().accelerator("h100_sxm5").memory_capacity: "This is for an H100.",
        },
    )


@asked(MEDIUM)
def tokens_that_pay() -> Number:
    """Tokens that pay the rent."""
    name, market = max(prices.markets().items(), key=lambda each: each[1].hosts)
    rent, cards = sourced("h200_rental_3_years", "dollar/chip/hour"), 8
    tokens = rent * cards * 24 / market.median * 1e6
    return Number(
        asks=f"Of the models here, {name} has the most hosts: {show(market.hosts)}. The "
        f"median host charges {show(market.median, 'dollar')} for a million tokens written. A host "
        f"rents eight H200s for {show(rent, 'dollar')} an hour each. How many tokens must it write "
        "in a day to pay the rent, if only these were paid for?",
        hint="What does the machine cost in a day? How many millions of tokens bring as much?",
        value=tokens,
        unit="token",
        means=f"It pays {show(rent * cards * 24, 'dollar')} a day, so it must write "
        f"{show(tokens / 86400, digits=2)} tokens a second, day and night. Tokens that are read "
        "are paid for as well, so fewer written tokens are enough.",
        mistakes={
            tokens / cards: "You counted the rent of one card only.",
            tokens / 24: "This is the rent of an hour.",
            tokens / 24 / cards: "You counted the rent of one card, for an hour.",
            tokens / 86400: "This is in a second. How many is it in a day?",
        },
    )


@asked(HARD)
def full_at_night_too() -> Number:
    """Full at night, too."""
    bar, audience = _bar(), sourced("chatgpt_weekly_users_2026", "user")
    margin, chat = quiet_hour_margin("coding"), quiet_hour_margin("conversation")
    room = audience / (bar * margin)
    return Number(
        asks="Suppose that each service must be full even in its quietest hour, and that a mean "
        f"hour has {show(margin)} times as many requests as the quietest, as in coding. If users "
        f"came evenly, a service would need {show(bar)} of them a week. How many such "
        f"services would an audience of {show(audience)} fill?",
        hint="First find the bar of such a service.",
        value=room,
        unit="dimensionless",
        means=f"A service then needs {show(bar * margin, digits=2)} users, because people sleep; "
        f"memory has no part in that. Even so, about {show(room, digits=2)} such services fit. "
        "And a service need not be full at night to be cheap on average.",
        mistakes={
            audience / bar: "This is for users who come evenly.",
            audience / bar * margin: "Fewer services, not more: each needs more users.",
            audience / bar / chat: "This is for a chat service, which is less quiet at night.",
        },
    )
