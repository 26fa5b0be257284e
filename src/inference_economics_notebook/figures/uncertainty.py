"""How sure each headline is: its band, what drives it, and the brain in bytes, as a spread."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from inference_economics import uncertainty
from inference_economics.algebra.symbols import GLOSSARY
from inference_economics.algebra.units import COUNTED, rounded, show
from inference_economics.ledger import claims, stated

from .. import claim_markup
from ..markup import Html, element, escape, folded, items
from . import style
from .picture import Picture, drawn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from inference_economics.uncertainty import Bar, Conclusion, Headline, Interval

    Changed = Mapping[str, tuple[float, float, float]] | None

NEAR = 8.0
"""A figure is drawn beside the bars if it lies within this factor of them."""
ROW = 0.54
"""Height of a bar and its label, in inches."""
COUNTS = {2: "Two", 3: "Three", 4: "Four"}
"""Numbers that begin a sentence."""
KERNEL = 0.08
"""Width, in powers of ten, of the kernel that makes a density of draws."""


# Texts


def figure_of(headline: Headline, value: float, digits: int = 2) -> str:
    """Return an answer as a reader wants it: bytes with their prefix, counts as plain numbers."""
    return show(value, headline.unit if headline.unit == "byte" else "dimensionless", digits)


def named(name: str) -> str:
    """Return what a symbol means, in few words: the glossary's, without what it adds."""
    return re.split(r" \(|, |: ", GLOSSARY[name].meaning)[0]


def value_of(name: str, value: float, digits: int = 3) -> str:
    """Return an input's value; of its unit, only what its name does not say."""
    top, *below = GLOSSARY[name].unit.split("/")
    top = "dimensionless" if f"[{top}]" in COUNTED else top
    unit = "/".join([top, *(part for part in below if part == "second")])
    return show(float(rounded(value, digits)), unit, digits)


def ends_of(name: str, low: float, high: float) -> tuple[str, str]:
    """Return both ends of an input; ends that are near have the prefix of the higher one."""
    lower, upper = value_of(name, low), value_of(name, high)
    if high / low >= NEAR or lower.split(" ")[1:] == upper.split(" ")[1:]:
        return lower, upper
    number, _, unit = upper.partition(" ")
    size = high / float(number.replace(",", ""))
    prefix = 10.0 ** round(math.log10(size))
    if abs(size / prefix - 1) > 0.01:  # a minute is no power of ten of a second
        return lower, upper
    return f"{show(low / prefix, 'dimensionless')} {unit}", upper


def _range(headline: Headline, low: float, high: float) -> str:
    return f"{figure_of(headline, low)} to {figure_of(headline, high)}"


def inputs_of(id: str, changed: Changed = None) -> Html:
    """Return a headline's inputs, folded: what each may be, why, and from where."""
    headline = uncertainty.having(changed)[id]
    listed, lines = [], []
    for interval in headline.inputs.values():
        values, because = _values(interval), interval.because.replace("'", "’")
        linked = ", ".join(claim_markup.source(source, source) for source in interval.sources)
        listed.append(
            f"{element('strong', escape(named(interval.name)))}: {escape(values)}. "
            f"{escape(because)}{f' Sources: {linked}.' if linked else ''}"
        )
        lines.append(f"{named(interval.name)}: {values}. {because}")
    markup = folded("The inputs, and why", items(listed), css="claim-arithmetic")
    return Html(markup, "\n".join(lines))


def _values(interval: Interval) -> str:
    name = interval.name
    if interval.fixed:
        return f"{value_of(name, interval.central)}, fixed"
    low, high = ends_of(name, interval.low, interval.high)
    central = value_of(name, interval.central)
    if interval.central in (interval.low, interval.high):
        return f"{low} to {high}, half of the random values exactly {central}"
    return f"{low} to {high}, the median {central}"


# Pictures


@drawn
def headline_bands(changed: Changed = None) -> Picture:
    """Draw every headline's band beside the figure that it is about, which stands at one.

    `changed` are other intervals of inputs, as `uncertainty.having` takes them.
    """
    listed = list(uncertainty.having(changed).values())
    bands = [headline.band() for headline in listed]
    claimed = [headline.conclusions[0].threshold for headline in listed]
    texts = [
        f"{headline.name}: {_range(headline, low, high)}, beside "
        f"{_named_figure(headline, headline.conclusions[0]).removesuffix(' stated')}"
        for headline, (low, _, high) in zip(listed, bands, strict=True)
    ]
    ratios = np.array(bands) / np.array(claimed)[:, None]
    crossing = [low <= 1 <= high for low, _, high in ratios]
    with style.drawing(ROW * len(listed) + 0.75) as (figure, axes):
        axes.set(xscale="log", xlim=(ratios[:, 0].min() / 1.6, ratios[:, 2].max() * 1.6))
        axes.axvline(1, color=style.INK, lw=1.2)
        rows = zip(texts, ratios, crossing, strict=True)
        for row, (text, band, crosses) in enumerate(reversed(list(rows))):
            _bar(axes, row, text, style.TEAL if crosses else style.VERMILION, *band)
        style.rows_alone(axes, -0.45, len(listed) - 0.2)
        axes.set_xlabel("answer over the figure beside it")
        style.plain_log_ticks(axes.xaxis, _times)
    told = "; ".join(
        f"{text}, median {figure_of(headline, band[1])}"
        for headline, text, band in zip(listed, texts, bands, strict=True)
    )
    return Picture(
        figure,
        title="Every headline beside the figure that it is about",
        alt="Bars on a logarithmic scale, 5% to 95%, as multiples of the figure that each is "
        f"about. {told}.",
        caption="Each bar holds nine of ten random draws, and the dot is their median. In each row "
        "a vertical line marks the stated or measured figure. It crosses the bar in "
        f"{sum(crossing)} of the {len(listed)} rows.",
        data=style.columns(
            ("headline", "beside", "low", "median", "high"),
            [(h.id, figure, *band) for h, figure, band in zip(listed, claimed, bands, strict=True)],
        ),
    )


@drawn
def tornado(id: str, changed: Changed = None) -> Picture:
    """Draw a headline's answer with each input at either end, and with all of them drawn.

    `changed` are other intervals of inputs, as `uncertainty.having` takes them.
    """
    headline = uncertainty.having(changed)[id]
    bars, (low, middle, high) = headline.tornado(), headline.band()
    ends = [low, high, *(end for bar in bars for end in (bar.low, bar.high))]
    least, most = min(ends), max(ends)
    near = [
        conclusion
        for conclusion in headline.conclusions
        if least / NEAR < conclusion.threshold < most * NEAR
    ]
    rows = len(bars) + 1
    with style.drawing(ROW * rows + (1.05 if near else 0.8)) as (figure, axes):
        axes.set(xscale="log", xlim=_room(least, most, [each.threshold for each in near]))
        together = f"all at once: {_range(headline, low, high)}"
        _bar(axes, rows - 1, together, style.GOLD, low, middle, high)
        for row, bar in enumerate(reversed(bars)):
            _bar(axes, row, named(bar.name), style.TEAL, bar.low, None, bar.high)
            _ends(axes, row, bar, headline.inputs[bar.name])
        style.rows_alone(axes, -0.45, rows + (0.55 if near else -0.2))
        _stated_lines(axes, headline, near, rows)
        left, right = axes.get_xlim()
        style.plain_log_ticks(
            axes.xaxis,
            lambda value: figure_of(headline, value).replace(" ", "\u00a0"),
            steps=(1, 2, 5) if right / left < 60 else (1,),
        )
    told = "; ".join(
        f"{named(bar.name)} from {' to '.join(ends_of(bar.name, its.low, its.high))}: "
        f"{_range(headline, bar.low, bar.high)}"
        for bar in bars
        for its in [headline.inputs[bar.name]]
    )
    return Picture(
        figure,
        title=f"What drives it: {headline.name}",
        alt=f"Bars on a logarithmic scale: {headline.name}. All inputs at once, 5% to 95%: "
        f"{_range(headline, low, high)}, median {figure_of(headline, middle)}. {told}.",
        caption=_widest(headline, bars),
        data=style.columns(
            ("input", "at_low", "at_high"), [(bar.name, bar.low, bar.high) for bar in bars]
        ),
    )


def _widest(headline: Headline, bars: Sequence[Bar]) -> str:
    """Say which input matters most, or which ones, where they matter about as much."""
    most = {bar.name: bar.factor for bar in uncertainty.widest(bars)}
    names = " and ".join(f"the {named(name)}" for name in most)
    ends = dict.fromkeys(
        show(end, "dimensionless", 2) for end in (min(most.values()), max(most.values()))
    )
    factor = f"a factor of {' to '.join(ends)}"
    if len(bars) == 1:
        return f"Only one input varies here, by {factor}: {names}."
    if len(most) == 1:
        return f"One input moves the answer most, by {factor}: {names}."
    count = COUNTS.get(len(most), str(len(most)))
    said = f"{count} inputs move the answer most, each by {factor}: {names}."
    drawn = {name for name in most if headline.inputs[name].drawn_with in most}
    drawn |= {headline.inputs[name].drawn_with for name in drawn}
    if not drawn:
        return said
    pair = "they" if drawn == set(most) else "some of them"
    rest = "the other is" if len(drawn) == 2 else "the others are"
    return (
        f"{said} In the first bar {pair} move together: where one is low, {rest}, too. In its own "
        "bar each moves alone."
    )


@drawn
def brain_distribution(changed: Changed = None) -> Picture:
    """Draw how the brain's bytes are spread, with and without the wiring.

    `changed` are other intervals of inputs, as `uncertainty.having` takes them.
    """
    found = uncertainty.having(changed)
    grid = np.logspace(12, 16.5, 181)
    curves = [
        ("brain-storage", "strengths only", style.TEAL),
        ("brain-wiring", "with the wiring", style.VIOLET),
    ]
    densities = [_density(found[id].samples().answers, grid) for id, _, _ in curves]
    roadmap = claims.load().claim("roadmap-bits").stated
    marks = [
        (stated("synapse-bytes", "byte"), "the post", -5),
        (stated("roadmap-bits", "byte"), roadmap, 5),
        (stated("brain-capacity", "byte"), "the thread", 5),
    ]
    top = max(float(density.max()) for density in densities) * 1.45
    with style.drawing(3.1) as (figure, axes):
        axes.set(xscale="log", xlim=(grid[0], grid[-1]), ylim=(0, top))
        for (_, _, color), density in zip(curves, densities, strict=True):
            axes.fill_between(grid, density, color=color, alpha=0.16, lw=0)
            axes.plot(grid, density, color=color)
        for size, who, side in marks:
            axes.axvline(size, color=style.INK, **style.DASHED)
            text = f"{show(size, 'byte')}\n{who}"
            style.note(axes, text, (size, top * 0.92), (side, 0), style.INK)
        for (id, label, color), density in zip(curves, densities, strict=True):
            peak, to = int(density.argmax()), (-28 if id == "brain-storage" else 0, 6)
            at = (grid[peak], density[peak])
            style.words(axes, label, at, to, color, ha="center", bbox=style.BACKED)
        axes.set(yticks=[], ylabel="how likely")
        axes.grid(visible=False, axis="y")
        style.plain_log_ticks(axes.xaxis, "byte")
    told = "; ".join(
        f"{label}: {_range(found[id], low, high)}, median {show(middle, 'byte', 2)}"
        for id, label, _ in curves
        for low, middle, high in [found[id].band()]
    )
    marked = ", ".join(f"{who}, {show(size, 'byte')}" for size, who, _ in marks)
    return Picture(
        figure,
        title="The brain in bytes, as a spread",
        alt=f"Two humps on a logarithmic scale of bytes. {told}. Marked: {marked}.",
        caption="Counts of synapses and bits, each taken at random from its range. The left curve "
        "has a tail, because a synapse may hold far fewer bits than its size suggests.",
        data={"bytes": grid, "strengths": densities[0], "with_wiring": densities[1]},
    )


# Parts of a picture


def _density(draws: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Return the draws' density over powers of ten: smooth, so that no bin's edge matters."""
    places = np.log10(draws)
    kernels = np.exp(-(((np.log10(grid)[:, None] - places) / KERNEL) ** 2) / 2)
    return kernels.mean(axis=1) / (KERNEL * np.sqrt(2 * np.pi))


def _bar(axes: Axes, row: float, text: str, color: str, *band: Any) -> None:
    """Draw a row's bar from its low to its high end, its median if it has one, and its label."""
    low, middle, high = band
    axes.plot([low, high], [row, row], color=color, lw=7, solid_capstyle="butt")
    if middle is not None:
        axes.plot([middle], [row], "o", color=style.PAPER, mec=color, mew=2, ms=9)
    style.words(axes, text, (0, row), (2, 10), style.INK, fontsize=10.5, bbox=style.BACKED,
                xycoords=axes.get_yaxis_transform())  # fmt: skip


def _ends(axes: Axes, row: float, bar: Bar, interval: Interval) -> None:
    """Write the input's own value at each end of its bar."""
    lower, upper = ends_of(bar.name, interval.low, interval.high)
    for place, text, other in ((bar.low, lower, bar.high), (bar.high, upper, bar.low)):
        side, ha = (-5, "right") if place < other else (5, "left")
        style.words(axes, text, (place, row), (side, 0), style.MUTED,
                    fontsize=10, va="center", ha=ha, bbox=style.BACKED)  # fmt: skip


def _room(least: float, most: float, figures: Sequence[float]) -> tuple[float, float]:
    """Return limits that leave room for the labels at either end of a bar."""
    room = max(most / least, 1.5) ** 0.38
    return min(least / room, *(each / 1.3 for each in figures), least), max(
        most * room, *(each * 1.3 for each in figures), most
    )


def _stated_lines(axes: Axes, headline: Headline, near: Sequence[Conclusion], rows: int) -> None:
    """Draw the figures that a headline is judged against, named at the top."""
    for conclusion in near:
        figure = conclusion.threshold
        axes.axvline(figure, color=style.VERMILION, lw=1.4, zorder=1)
        low, high = axes.get_xlim()
        left = figure * figure > low * high
        side, ha = (-5, "right") if left else (5, "left")
        style.words(axes, _named_figure(headline, conclusion), (figure, rows + 0.15), (side, 0),
                    style.VERMILION, fontsize=10.5, va="center", ha=ha)  # fmt: skip


def _named_figure(headline: Headline, conclusion: Conclusion) -> str:
    kind = "measured" if conclusion.threshold_from.startswith("fact:") else "stated"
    return f"{figure_of(headline, conclusion.threshold, 3)} {kind}"


def _times(value: float) -> str:
    """Return a ratio as so many times, or as a part of one."""
    if abs(value - 1) < 1e-9:
        return "equal"
    return f"× {show(value, 'dimensionless')}" if value > 1 else f"÷ {show(1 / value, '1')}"
