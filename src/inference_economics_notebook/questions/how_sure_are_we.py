"""Questions on *How sure are we?*."""

from __future__ import annotations

import math

from inference_economics import uncertainty
from inference_economics.equations import roofline
from inference_economics.facts import catalog
from inference_economics.ledger import stated, telling

from ..figures.uncertainty import figure_of, named
from .question import EASY, HARD, MEDIUM, Choice, Number, Option, asked, show


@asked(EASY)
def bands_that_miss() -> Number:
    """Bands that miss."""
    bands, level = len(uncertainty.load()), 0.9
    return Number(
        asks=f"The chapter draws {bands} bands, each meant to hold the truth in "
        f"{show(level, 'fraction')} of cases. If they do what they are meant to, how many of the "
        f"{bands} miss the truth, on average?",
        hint="One minus nine tenths is the share of bands that miss.",
        value=bands * (1 - level),
        unit="dimensionless",
        means="Bands that never miss are too wide. Bands do what they promise if the truth "
        "lies outside about one in ten of them.",
        mistakes={
            bands * level: "These are the bands that hold the truth.",
            1 - level: "This is the share of the bands that miss.",
            float(bands): "Nine in ten hold the truth.",
        },
    )


@asked(EASY)
def what_widens_it() -> Choice:
    """What widens the band?"""
    bands = {headline: headline.band() for headline in uncertainty.load().values()}
    widest = max(bands, key=lambda each: bands[each][2] / bands[each][0])
    low, _, high = (figure_of(widest, end) for end in bands[widest])
    bars = {bar.name: bar.factor for bar in widest.tornado()[:4]}
    right = max(bars, key=bars.__getitem__)

    def words(name: str) -> str:
        return telling.begun(named(name))

    return Choice(
        asks=f"The widest band of the chapter is that of {widest.name}: it goes from {low} to "
        f"{high}. Which input makes it so wide?",
        hint="Which of these is known least, as a factor from its low end to its high end?",
        means=f"{words(right)}: from its low end to its high end it moves the answer by a factor "
        f"of {show(bars[right], digits=2)}.",
        options={
            name: Option(words(name), f"It moves the answer by a factor of "
                         f"{show(bars[name], digits=2)} from end to end.")
            for name in sorted(bars)
        },
        right=right,
    )  # fmt: skip


@asked(MEDIUM)
def faster_memory() -> Number:
    """A little more bandwidth."""
    card = catalog.load().accelerator("h100_sxm5")
    told = {"peak_flops": card.peak_flops_8bit, "bits_per_parameter": 8, "flop_per_parameter": 2}
    more = 0.25
    before = roofline.critical_batch.explain(**told, memory_bandwidth=card.memory_bandwidth)
    after = roofline.critical_batch.explain(
        **told, memory_bandwidth=card.memory_bandwidth * (1 + more)
    )
    fall = 1 - after.value / before.value
    return Number(
        asks=f"If a card reads {show(more, 'fraction')} faster and computes as before, by how many "
        "percent does its critical batch fall?",
        hint="The batch is divided by the bandwidth.",
        work=(before, after),
        value=fall,
        unit="fraction",
        means="For a small change, the batch falls by nearly the same percentage by which the "
        "bandwidth rises. The larger the change, the more they differ.",
        mistakes={
            more: f"Only for small changes are both percentages alike. A bandwidth "
            f"{show(1 + more)} times as high divides the batch by {show(1 + more)}.",
            1 - fall: "This is what is left of it.",
            1 / (1 - more) - 1: "This is by how much it would rise if the bandwidth fell.",
        },
    )


@asked(MEDIUM)
def where_it_turns() -> Number:
    """Where a conclusion turns."""
    card = catalog.load().accelerator("h100_sxm5")
    told = {"peak_flops": card.peak_flops_8bit, "bits_per_parameter": 8, "flop_per_parameter": 2}
    wanted = stated("thousand-uses", "token")
    batch = roofline.critical_batch(**told, memory_bandwidth=card.memory_bandwidth)
    turns = card.memory_bandwidth * batch / wanted
    return Number(
        asks=f"An H100 does {show(card.peak_flops_8bit, 'FLOP/second', 4)} in 8 bits. How fast "
        f"would it have to read its memory for a batch of {show(wanted)} to be needed, as the "
        "post has it?",
        hint="Set the critical batch to the post’s, and solve for the bandwidth. The slower the "
        "memory, the larger the batch.",
        work=(roofline.critical_batch.explain(**told, memory_bandwidth=turns),),
        value=turns,
        unit="byte/second",
        means=f"It reads {show(card.memory_bandwidth, 'byte/second')}. Our range does not reach "
        "so far down, so it stands that a thousand are not needed.",
        mistakes={
            turns * 2: "Twice too fast: each request does two operations with a weight.",
            card.memory_bandwidth * wanted / batch: "Faster memory needs a smaller batch, not a "
            "larger one.",
            turns * 8: "These are bits a second.",
            card.memory_bandwidth: f"At this rate the critical batch is {show(batch)}.",
        },
    )


@asked(HARD)
def three_doubtful_inputs() -> Number:
    """Three doubtful inputs."""
    factor, inputs = 2.0, 3
    together = factor ** math.sqrt(inputs)
    return Number(
        asks=f"An answer is the product of {show(inputs)} inputs. Each is known to within a factor "
        f"of {show(factor)}, up or down, nine times in ten. They are independent, and bell-shaped "
        "on a logarithmic scale. To within which factor is the answer known, nine times in ten?",
        hint="On a logarithmic scale, add up the squares of the errors, and take the root.",
        value=together,
        unit="dimensionless",
        means=f"It is {show(factor)} to the power of the square root of {show(inputs)}. It rarely "
        "happens that all inputs are wrong the same way.",
        mistakes={
            factor**inputs: "This is if all of them are wrong the same way at once.",
            factor: "Three doubtful inputs are worse than one.",
            factor * inputs: "Factors multiply; they do not add up.",
            factor * math.sqrt(inputs): "Almost: take the square root on the logarithmic scale.",
        },
        within=1.02,
    )
