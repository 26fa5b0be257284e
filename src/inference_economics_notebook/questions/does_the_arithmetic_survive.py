"""Questions on *Does the arithmetic survive contact with hardware?*."""

from __future__ import annotations

from inference_economics.equations import serving
from inference_economics.evidence import findings, validation
from inference_economics.facts import catalog, sourced
from inference_economics.serving import scale

from .question import EASY, HARD, MEDIUM, Choice, Number, Option, asked, show


@asked(EASY)
def how_far_short() -> Number:
    """How far short a prediction falls."""
    steps = scale.measured_steps()
    name = max(steps, key=lambda each: steps[each][1] / steps[each][0])
    predicted, measured = steps[name]
    short = 1 - predicted / measured
    return Number(
        asks=f"For {name}, a step was predicted, with no fitted value, to take "
        f"{show(predicted, 'second', 4)}. It took {show(measured, 'second', 4)}. By what share "
        "of the measured time does the prediction fall short?",
        hint="Divide what is missing by what was measured.",
        value=short,
        unit="fraction",
        means=f"It took {show(measured / predicted, digits=2)} times as long as predicted. With "
        "the values that are fitted in this chapter, the same step is missed by less.",
        mistakes={
            measured / predicted - 1: "This is a share of the predicted time. The book’s errors "
            "are shares of the measured one.",
            predicted / measured: "This is the share that was predicted. What is missing is the "
            "rest.",
        },
    )


@asked(EASY)
def which_term_is_worth_most() -> Choice:
    """Which term is worth most?"""
    worth = validation.worth()
    bare = validation.untuned(validation.BARE).mean
    right = max(worth, key=lambda key: worth[key])
    names = {key: key.removeprefix("and ").capitalize() for key in worth}
    return Choice(
        asks=f"The post’s two terms miss by {show(bare, 'fraction', 2)} in the mean. Which further "
        "term takes most of that error away, averaged over the orders in which terms can be added?",
        hint="Which of them lengthens reading as well as arithmetic, in every step?",
        means=f"{names[right]}: they take away {show(100 * worth[right], digits=2)} of the "
        f"{show(100 * bare, digits=2)} percentage points. Kernels do not reach the rates "
        "of the datasheet.",
        options={
            key: Option(names[key], f"It takes away {show(100 * points, digits=2)} points.")
            for key, points in worth.items()
        },
        right=right,
    )


@asked(MEDIUM)
def work_of_a_batch() -> Number:
    """What a batch gets done."""
    curve = max((each for each in findings.curves() if not each.experts), key=lambda c: c.gain)
    batch, alone, together = curve.batches[-1], curve.measured[0], curve.measured[-1]
    return Number(
        asks=f"{curve.name} answers one request in {show(alone, 'second')}, and {show(batch)} "
        f"requests at once in {show(together, 'second')}. In a given time, how many times the work "
        "of a lone request does the batch do?",
        hint="How many times as many requests, in how many times as long?",
        value=curve.gain,
        unit="dimensionless",
        means=f"It does {show(batch)} times the requests in {show(together / alone)} times the "
        "time. Of the dense models that were measured with one request and with a batch of known "
        "size, none gained more.",
        mistakes={
            batch: f"It would be, if the batch took no longer than one request. It takes "
            f"{show(together / alone)} times as long.",
            together / alone: "This is how many times as long the batch takes.",
            alone / together: "Many requests are done in that time, not one.",
        },
    )


@asked(MEDIUM)
def arithmetic_in_use() -> Number:
    """How much of the arithmetic was used."""
    model, card = catalog.load().model("llama3_70b"), catalog.load().accelerator("mi300x")
    users, tokens, chips = 128, 2048, 8
    took = sourced("mi300x_70b_latency_128", "second")
    speed = users * tokens / took
    work = serving.flop_per_token.explain(parameters=model.parameters, flop_per_parameter=2)
    share = work.value * speed / (chips * card.peak_flops_8bit)
    used = findings.utilization(validation.own().place("amd-008"))
    return Number(
        asks=f"Eight MI300X made {show(tokens)} tokens for each of {users} users in "
        f"{show(took, 'second')}. The model has {show(model.parameters, 'parameter')}, and each "
        f"card does {show(card.peak_flops_8bit, 'FLOP/second')} in 8 bits. What share of their "
        "arithmetic went into multiplying with the weights?",
        hint="Find how many tokens they made each second, and how many operations each takes.",
        work=(work,),
        value=share,
        unit="fraction",
        means=f"They made {show(speed, 'token/second')}, which takes "
        f"{show(work.value * speed, 'FLOP/second')} of "
        f"{show(chips * card.peak_flops_8bit, 'FLOP/second')}. The chapter’s table has "
        f"{show(used, 'fraction', 2)} for this run, because it also counts the arithmetic of "
        "attention. The post’s simple calculation gives more for a hundred users, because it "
        "leaves out what else a step does. The post itself says that a real machine would get much "
        "less.",
        mistakes={
            share / 2: "This is half of it: each weight takes two operations, not one.",
            share * chips: "This is a share of one card’s arithmetic.",
            share / users: "This is for the tokens of one user.",
            share / tokens: "This is for one token of each user.",
        },
    )


@asked(HARD)
def alone_on_eight() -> Number:
    """Eight cards for one user."""
    times = findings.alone_on_cards("llama2_7b")
    most = max(times)
    one, many = times[1][0], times[most][0]
    return Number(
        asks=f"A token of Llama-2-7B for a lone user took {show(one, 'second', 4)} on one A100 "
        f"and {show(many, 'second', 4)} on {most}. At best, {most} cards are {most} times as fast. "
        "What share of that speed did they reach?",
        hint=f"How many times as fast were they, and how much of {most} is that?",
        value=one / many / most,
        unit="fraction",
        means=f"They were {show(one / many)} times as fast. The rest was lost, "
        "because waiting for kernels and for the other cards does not shrink with the reading.",
        mistakes={
            many / one: "This is the share of the time that was left.",
            one / many: "This is how many times as fast they were.",
            1 - one / many / most: "This is the share that was lost.",
            1 / most: "This is the share of one card.",
        },
    )
