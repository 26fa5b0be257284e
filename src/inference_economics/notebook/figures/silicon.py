"""A chip of one's own: how many an audience needs, and what each then costs."""

from __future__ import annotations

import numpy as np

from ...algebra.units import show
from ...equations import silicon
from ...facts import catalog
from ...ledger import stated
from . import style
from .picture import Picture, drawn


@drawn
def chips_against_operations(accelerator: str = "h100_sxm5") -> Picture:
    """Draw the chips for ten million readers against the operations that a token takes.

    Beside the comment's chip stands an `accelerator` of the catalog.
    """
    facts = catalog.load()
    operations = np.geomspace(1e9, 1e13, 100)
    users = stated("active-users", "user")
    flops = stated("asic-flops", "FLOP/second/chip")
    card = facts.accelerator(accelerator)
    name = "H100" if accelerator == "h100_sxm5" else card.name
    column = f"chips_{accelerator.partition('_')[0]}"
    rate = stated("reading-rate", "word/second/user")
    english = facts.fact("words_per_token").value
    reported = facts.fact("gpt4_flops_per_token").value

    comment, cards, for_gpt4 = (
        silicon.chips_for_readers(
            active_users=users, reading_rate=rate, words_per_token=words,
            peak_flops=peak, utilization=1, flop_per_token=per_token,
        )
        for peak, words, per_token in (
            (flops, 1, operations),
            (card.peak_flops_8bit, english, operations),
            (card.peak_flops_8bit, english, reported),
        )
    )  # fmt: skip
    wrong = silicon.audience_chips(
        active_users=users, token_interval=stated("token-interval", "second"),
        tokens_per_second_per_chip=stated("tokens-per-chip", "token/second/chip"),
    )  # fmt: skip
    points = [
        (stated("small-model-flops", "FLOP/token"), stated("chips-for-audience", "chip"),
         "100 chips at 600 words/min", (9, -9), style.VERMILION),
        (stated("small-model-flops", "FLOP/token"), wrong,
         f"{wrong:,.0f} for its 10 ms", (1, 16), style.VERMILION),
        (stated("large-model-flops", "FLOP/token"), stated("chips-corrected", "chip"),
         "the edit's 100,000", (9, -7), style.VERMILION),
        (reported, for_gpt4, "reported GPT-4", (-10, 8), style.TEAL),
    ]  # fmt: skip
    with style.drawing(3.8) as (figure, axes):
        axes.loglog(operations, comment, color=style.VERMILION)
        axes.loglog(operations, cards, color=style.TEAL)
        for x, y, text, offset, color in points:
            axes.plot([x], [y], "o", color=color, ms=8)
            style.note(axes, text, (x, y), offset, color)
        for label, chips, color, offset, side in (
            (f"{name}s, English", cards, style.TEAL, (-8, 8), "right"),
            ("the comment", comment, style.VERMILION, (8, 2), "left"),
        ):
            end = (operations[-1], chips[-1])
            style.words(axes, label, end, offset, color, ha=side, va="center")
        axes.set(xlim=(5e8, 5e14), ylim=(20, 4e6), xlabel="operations per token",
                 ylabel="chips for ten million readers")  # fmt: skip
        style.plain_log_ticks(axes.xaxis, "FLOP", every=2)
        style.plain_log_ticks(axes.yaxis)
    saved = 1 - for_gpt4 / stated("chips-corrected", "chip")
    back = "about two thirds" if name == "H100" else show(saved, "fraction", 2)
    listed = "; ".join(
        f"{text}: {show(y, 'chip')} at {show(x, 'FLOP/token')}" for x, y, text, _, _ in points
    )
    return Picture(
        figure,
        title="Chips for ten million readers",
        alt="Two parallel lines on logarithmic axes: chips against operations per token, on the "
        f"comment's figures and on a real {name}. Marked: {listed}.",
        caption="The comment's 100 chips fit its words a minute; its 10 ms would take ten times "
        "as many. The edit then multiplies by a thousand, and the reported GPT-4 takes back "
        f"{back} of that. Every operation used, at any moment, by every user.",
        data={
            "flop_per_token": operations,
            "chips_comment": comment,
            column: cards,
        },
    )


@drawn
def one_off_cost() -> Picture:
    """Draw the one-off cost per chip against the number of chips, as stated and as sourced."""
    facts = catalog.load()
    volume = np.geomspace(50, 1e6, 80)
    stated_cost = stated("mask-cost", "dollar")
    design = facts.fact("design_cost_5nm").value
    few, many = stated("chips-for-audience", "chip"), stated("chips-corrected", "chip")
    price = facts.fact("h100_purchase").value
    data, costs = {"chips": volume}, []
    with style.drawing(3.7) as (figure, axes):
        axes.set(xscale="log", yscale="log")
        for cost, color, label, offset in (
            (stated_cost, style.VERMILION, "the thread's", (8, -2)),
            (design, style.TEAL, "sourced, 5 nm", (8, 0)),
        ):
            per_chip = silicon.mask_cost_per_chip(mask_cost=cost, audience_chips=volume)
            data[label] = per_chip
            text = f"{label}\n{show(cost, 'dollar')}"
            style.line(axes, (volume, per_chip), text, offset, color)
        axes.axhline(price, color=style.MUTED, **style.DASHED)
        text = f"an H100, {show(price, 'dollar')}"
        style.words(axes, text, (1.3e5, price), (0, 8), style.MUTED)
        for chips, cost, color, offset in (
            (few, stated_cost, style.VERMILION, (10, 6)),
            (many, design, style.TEAL, (10, 8)),
        ):
            each = silicon.mask_cost_per_chip(mask_cost=cost, audience_chips=chips)
            costs.append(each)
            axes.plot([chips], [each], "o", color=color, ms=9)
            text = f"{show(chips, 'chip')}: {show(each, 'dollar')}"
            style.note(axes, text, (chips, each), offset, color)
        axes.set(xlim=(40, 3e8), ylim=(0.15, 2e7), xlabel="chips made",
                 ylabel="one-off cost per chip")  # fmt: skip
        style.plain_log_ticks(axes.xaxis, every=2)
        style.plain_log_ticks(axes.yaxis, "dollar")
    return Picture(
        figure,
        title="One-off cost per chip",
        alt="Two parallel falling lines on logarithmic axes. The thread's million dollars over "
        f"its {few:.0f} chips is {show(costs[0], 'dollar')} each; the sourced design cost of "
        f"{show(design, 'dollar')} over the edit's {many:,.0f} chips is {show(costs[1], 'dollar')} "
        f"each. A dashed line marks the price of an H100, {show(price, 'dollar')}.",
        caption=f"The thread's cost is {design / stated_cost:.0f} times too low and its first "
        f"volume {many / few:,.0f} times: the two nearly cancel, and either way the chip's share "
        "of the one-off cost stays below the price of a GPU.",
        data=data,
    )
