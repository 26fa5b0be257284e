"""A chip of one's own: what holds a model, how many an audience needs, and what each then costs."""

from __future__ import annotations

from typing import Any

import numpy as np

from inference_economics.algebra.units import show
from inference_economics.equations import serving, silicon
from inference_economics.facts import catalog, own_machine
from inference_economics.ledger import example, stated

from . import style
from .picture import Picture, drawn

SHARE = 0.1
"""A one-off cost is small if it is at most this share of a chip's price, by our rule."""


@drawn
def chips_that_hold() -> Picture:
    """Draw how many chips hold the post's model, in each kind of memory and in wires."""
    facts = catalog.load()
    weights = stated("model-bytes", "byte")
    low, median, high = example.dies_for_the_post()
    rack, chips = facts.fact("groq3_rack_memory"), facts.fact("groq3_rack_chips")
    h100, wafer, groq = (
        serving.chips_needed(weight_bytes=weights, memory_capacity=capacity)
        for capacity in (
            facts.accelerator("h100_sxm5").memory_capacity,
            facts.accelerator("wse3").memory_capacity,
            rack.value / chips.value,
        )
    )
    held: list[tuple[Any, ...]] = [
        ("H100s, memory beside the chip", h100, style.SKY),
        ("wafers of Cerebras, memory on the chip", wafer, style.TEAL),
        ("dies such as Taalas's, weights in the wires", median, style.VERMILION, low, high),
        ("Groq 3 chips, memory on the chip", groq, style.TEAL),
    ]
    rows = [(f"{show(each, 'dimensionless', 2)} {name}", each, *how) for name, each, *how in held]
    told = "; ".join(label for label, *_ in rows)
    between = " to ".join(show(end, "dimensionless", 2) for end in (low, high))
    return Picture(
        style.ladder(3.2, rows, (8, 2e4), "chips"),
        title="Chips that hold the post's model",
        alt=f"Dots on a logarithmic scale of chips. {told}. A pale strip of {between} lies behind "
        "the dot of the dies.",
        caption="Memory close to the arithmetic is small, so the same weights take more chips. The "
        f"pale strip is a 90% interval, {between} dies (pieces of silicon), for weights of as few "
        "bits as those of the first die. How many weights of another model fit on a die is our "
        "judgment. A GPU or a wafer (a chip as large as a plate) can be given another model. A die "
        "whose wires are the weights cannot.",
        data=style.columns(
            ("holds_it_with", "chips", "low", "high"),
            [(name, each, *(band or (each, each))) for name, each, _, *band in held],
        ),
    )


@drawn
def chips_against_operations(accelerator: str = "h100_sxm5") -> Picture:
    """Draw the chips for ten million readers against the operations that a token takes.

    Beside the comment's chip stands an `accelerator` of the catalog.
    """
    facts = catalog.load()
    operations = np.geomspace(1e9, 1e13, 100)
    users = stated("active-users", "user")
    flops = stated("asic-flops", "FLOP/second/chip")
    card = own_machine.find(accelerator)[0]
    name = "H100" if card.id == "h100_sxm5" else card.name
    column = f"chips_{card.id.partition('_')[0]}"
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
         f"{wrong:,.0f} for\nits 10 ms", (0, 38), style.VERMILION),
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
    back = show(saved, "fraction", 2)
    listed = "; ".join(
        f"{' '.join(text.split())}: {show(y, 'chip')} at {show(x, 'FLOP/token')}"
        for x, y, text, _, _ in points
    )
    return Picture(
        figure,
        title="Chips for ten million readers",
        alt="Two parallel lines on logarithmic axes: chips against operations per token, on the "
        f"comment's figures and with all of the arithmetic of {name}s. Marked: {listed}.",
        caption="With the comment's 100 chips, each reader gets the words a minute that it names. "
        "A token every 10 ms would take ten times as many chips. The edit takes a model a thousand "
        "times as large, and a thousand times as many chips. The reported GPT-4 on H100s needs "
        f"{back} fewer chips than that. In all of these counts every chip uses all of its "
        "arithmetic. Real chips use a part of it, so many times as many are needed. All ten "
        "million read at the same moment, and prompts are left out.",
        data={"flop_per_token": operations, "chips_comment": comment, column: cards},
    )


@drawn
def one_off_cost() -> Picture:
    """Draw what masks and a design cost per chip, against the chips made, stated and sourced."""
    facts = catalog.load()
    volume = np.geomspace(50, 1e6, 80)
    price = facts.fact("h100_purchase").value
    bearable = SHARE * price
    data, told = {"chips": volume}, []
    with style.drawing(3.7) as (figure, axes):
        axes.set(xscale="log", yscale="log")
        for name, cost, color in (
            ("mask, as stated", stated("mask-cost", "dollar"), style.VERMILION),
            ("set of masks", facts.fact("mask_set_cost_7nm").value, style.GOLD),
            ("whole design", facts.fact("design_cost_5nm").value, style.TEAL),
        ):
            data[name] = silicon.mask_cost_per_chip(mask_cost=cost, audience_chips=volume)
            chips = silicon.break_even_chips(
                mask_cost=cost, acceptable_share=SHARE, chip_price=price
            )
            text = f"{name}:\n{show(cost, 'dollar')}, {show(chips, 'chip')}"
            style.line(axes, (volume, data[name]), text, (8, 0), color)
            axes.plot([chips], [bearable], "o", color=color, ms=9)
            told.append(" ".join(text.split()))
        axes.axhline(bearable, color=style.MUTED, **style.DASHED)
        text = "a tenth of an H100's price"
        style.words(axes, text, (2.5e5, bearable), (0, 7), style.MUTED)
        axes.set(xlim=(40, 4e12), ylim=(0.1, 2e7), xlabel="chips made",
                 ylabel="one-off cost per chip")  # fmt: skip
        style.plain_log_ticks(axes.xaxis, every=3)
        style.plain_log_ticks(axes.yaxis, "dollar", every=2)
    return Picture(
        figure,
        title="A mask and a design, spread over chips",
        alt="Three parallel falling lines on logarithmic axes: a one-off cost per chip against "
        "the chips made. Each has a dot where it comes to a dashed line at "
        f"{show(bearable, 'dollar')}, a tenth of an H100's price. {'; '.join(told)}.",
        caption="We take the comment's mask as a whole set, and call its cost small if it adds a "
        "tenth of a chip's price or less. By the comment's figure, the masks are a small part once "
        "hundreds of chips share them; by the sourced price it takes thousands. The comment says "
        "that it takes tens or hundreds of thousands. Of the sums in this picture, only the whole "
        "design needs so many. All chips are taken to be alike.",
        data=data,
    )
