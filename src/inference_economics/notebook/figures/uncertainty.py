"""How sure each headline is: its band, what drives it, and the brain in bytes, as a spread."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ... import uncertainty
from ...algebra.symbols import GLOSSARY
from ...algebra.units import COUNTED, rounded, show
from ...ledger import claims, stated
from ..markup import Html, element, escape, folded, items, link
from . import style

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from matplotlib.axes import Axes

    from ...uncertainty import Bar, Conclusion, Headline, Interval

NEAR = 8.0
"""A figure is drawn beside the bars if it lies within this factor of them."""
ROW = 0.54
"""Height of a bar and its label, in inches."""
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


def _range(headline: Headline, low: float, high: float) -> str:
    return f"{figure_of(headline, low)} to {figure_of(headline, high)}"


def inputs_of(id: str) -> Html:
    """Return a headline's inputs, folded: what each may be, why, and from where."""
    headline = uncertainty.load()[id]
    listed, lines = [], []
    for interval in headline.inputs.values():
        values, because = _values(interval), interval.because.replace("'", "’")
        linked = ", ".join(
            link(f"sources.html#source-{source}", source) for source in interval.sources
        )
        listed.append(
            f"{element('strong', escape(named(interval.name)))}: {escape(values)}. "
            f"{escape(because)}{f' Sources: {linked}.' if linked else ''}"
        )
        lines.append(f"{named(interval.name)}: {values}. {because}")
    markup = folded("The inputs, and why", items(listed), css="claim-arithmetic")
    return Html(markup, "\n".join(lines))


def _values(interval: Interval) -> str:
    ends = (interval.low, interval.central, interval.high)
    if interval.fixed:
        return f"{value_of(interval.name, interval.central)}, fixed"
    low, central, high = (value_of(interval.name, value) for value in ends)
    if interval.central in (interval.low, interval.high):
        return f"{low} to {high}, the median at {central}"
    return f"{low} to {high}, the median {central}"


# Pictures


@style.drawn
def headline_bands() -> style.Picture:
    """Draw every headline's band beside the figure that it is about, which stands at one."""
    listed = list(uncertainty.load().values())
    bands = [headline.band() for headline in listed]
    claimed = [headline.conclusions[0].threshold for headline in listed]
    texts = [
        f"{headline.name}: {_range(headline, low, high)}, beside "
        f"{_named_figure(headline, headline.conclusions[0]).removesuffix(' stated')}"
        for headline, (low, _, high) in zip(listed, bands, strict=True)
    ]
    ratios = [
        tuple(end / figure for end in band) for band, figure in zip(bands, claimed, strict=True)
    ]
    crossing = [low <= 1 <= high for low, _, high in ratios]
    with style.drawing(ROW * len(listed) + 0.75) as (figure, axes):
        least, most = min(band[0] for band in ratios), max(band[2] for band in ratios)
        axes.set(xscale="log", xlim=(least / 1.6, most * 1.6))
        axes.axvline(1, color=style.INK, lw=1.2)
        for row, (text, (low, middle, high), crosses) in enumerate(
            zip(reversed(texts), reversed(ratios), reversed(crossing), strict=True)
        ):
            color = style.TEAL if crosses else style.VERMILION
            axes.plot([low, high], [row, row], color=color, lw=7, solid_capstyle="butt")
            axes.plot([middle], [row], "o", color=style.PAPER, mec=color, mew=2, ms=9)
            _row_label(axes, text, row)
        _bare(axes, len(listed))
        axes.set_xlabel("answer over the figure beside it")
        _times_ticks(axes)
    inside = sum(crossing)
    return style.Picture(
        figure,
        title="Every headline beside the figure that it is about",
        alt="Bars on a logarithmic scale, 5% to 95%, as multiples of the figure that each is "
        "about. "
        + "; ".join(
            f"{text}, median {figure_of(headline, band[1])}"
            for headline, text, band in zip(listed, texts, bands, strict=True)
        )
        + ".",
        caption="Each bar runs from 5% to 95%, and the dot is the median. The line is the figure "
        f"that was stated or measured: {inside} of the {len(listed)} bars cross it.",
        data={
            "headline": [headline.id for headline in listed],
            "beside": claimed,
            "low": [band[0] for band in bands],
            "median": [band[1] for band in bands],
            "high": [band[2] for band in bands],
        },
    )


@style.drawn
def tornado(id: str) -> style.Picture:
    """Draw a headline's answer with each input at either end, and with all of them drawn."""
    headline = uncertainty.load()[id]
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
        axes.plot([low, high], [rows - 1] * 2, color=style.GOLD, lw=7, solid_capstyle="butt")
        axes.plot([middle], [rows - 1], "o", color=style.PAPER, mec=style.GOLD, mew=2, ms=9)
        _row_label(axes, together, rows - 1)
        for row, bar in enumerate(reversed(bars)):
            _bar(axes, bar, headline.inputs[bar.name], row)
        _bare(axes, rows, 0.75 if near else 0)
        _stated_lines(axes, headline, near, rows)
        _answer_ticks(axes, headline)
    return style.Picture(
        figure,
        title=f"What drives it: {headline.name}",
        alt=f"Bars on a logarithmic scale: {headline.name}. All inputs at once, 5% to 95%: "
        f"{_range(headline, low, high)}, median {figure_of(headline, middle)}. "
        + "; ".join(
            f"{named(bar.name)} from {value_of(bar.name, headline.inputs[bar.name].low)} to "
            f"{value_of(bar.name, headline.inputs[bar.name].high)}: "
            f"{figure_of(headline, bar.low)} to {figure_of(headline, bar.high)}"
            for bar in bars
        )
        + ".",
        caption=_widest(bars),
        data={
            "input": [bar.name for bar in bars],
            "at_low": [bar.low for bar in bars],
            "at_high": [bar.high for bar in bars],
        },
    )


def _widest(bars: Sequence[Bar]) -> str:
    """Say which input matters most, or which ones, where they matter about as much."""
    names = [named(bar.name) for bar in bars if bar.factor > bars[0].factor / 1.05]
    factor = f"a factor of {show(bars[0].factor, 'dimensionless', 2)}"
    if len(names) == 1:
        return f"Widest: {names[0]}, {factor} from end to end."
    return f"Widest: {' and '.join(names)}, each about {factor}."


@style.drawn
def brain_distribution() -> style.Picture:
    """Draw how the brain's bytes are spread, with and without the wiring."""
    import numpy as np

    found = uncertainty.load()
    grid = np.logspace(12, 16.5, 181)
    curves = [
        ("brain-storage", "strengths only", style.TEAL),
        ("brain-wiring", "with the wiring", style.VIOLET),
    ]
    densities = [_density(found[id].samples().answers, grid) for id, _, _ in curves]
    roadmap = claims.load().claim("roadmap-bits").stated
    marks = [
        (stated("synapse-bytes", "byte"), "the post", "right", 0.92),
        (stated("roadmap-bits", "byte"), roadmap, "left", 0.92),
        (stated("brain-capacity", "byte"), "the thread", "left", 0.92),
    ]
    top = max(float(density.max()) for density in densities) * 1.45
    with style.drawing(3.1) as (figure, axes):
        axes.set(xscale="log", xlim=(grid[0], grid[-1]), ylim=(0, top))
        for (_, _, color), density in zip(curves, densities, strict=True):
            axes.fill_between(grid, density, color=color, alpha=0.16, lw=0)
            axes.plot(grid, density, color=color)
        for size, who, side, height in marks:
            axes.axvline(size, color=style.INK, lw=1.2, ls=(0, (4, 3)))
            offset = -5 if side == "right" else 5
            style.note(
                axes, f"{show(size, 'byte')}\n{who}", (size, top * height), (offset, 0), style.INK
            )
        for (id, label, color), density in zip(curves, densities, strict=True):
            peak = int(density.argmax())
            _curve_label(axes, label, (grid[peak], float(density[peak])), color, id)
        axes.set(yticks=[], ylabel="how likely")
        axes.grid(visible=False, axis="y")
        style.plain_log_ticks(axes.xaxis, "byte")
    bands = [found[id].band() for id, _, _ in curves]
    return style.Picture(
        figure,
        title="The brain in bytes, as a spread",
        alt="Two humps on a logarithmic scale of bytes. "
        + "; ".join(
            f"{label}: {_range(found[id], low, high)}, median {show(middle, 'byte', 2)}"
            for (id, label, _), (low, middle, high) in zip(curves, bands, strict=True)
        )
        + ". Marked: "
        + ", ".join(f"{who}, {show(size, 'byte')}" for size, who, _, _ in marks)
        + ".",
        caption="Sourced counts of synapses and bits, drawn together. The left curve has a tail, "
        "because a synapse may hold much less than its measured size could tell.",
        data={
            "bytes": grid.tolist(),
            "strengths": densities[0].tolist(),
            "with_wiring": densities[1].tolist(),
        },
    )


# Parts of a picture


def _density(draws: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Return the draws' density over powers of ten: smooth, so that no bin's edge matters."""
    import numpy as np

    places = np.log10(draws)
    kernels = np.exp(-(((np.log10(grid)[:, None] - places) / KERNEL) ** 2) / 2)
    return kernels.mean(axis=1) / (KERNEL * np.sqrt(2 * np.pi))


def _curve_label(axes: Axes, label: str, peak: tuple[float, float], color: str, id: str) -> None:
    axes.annotate(
        label, peak, (-28 if id == "brain-storage" else 0, 6), textcoords="offset points",
        color=color, ha="center", bbox=style.BACKED,
    )  # fmt: skip


def _row_label(axes: Axes, text: str, row: float) -> None:
    """Write a row's label above its bar, from the left edge of the picture."""
    axes.annotate(
        text, (0, row), (2, 10), xycoords=axes.get_yaxis_transform(), textcoords="offset points",
        color=style.INK, fontsize=10.5, bbox=style.BACKED,
    )  # fmt: skip


def _bar(axes: Axes, bar: Bar, interval: Interval, row: float) -> None:
    """Draw one input's bar, with the input's own value at each end."""
    axes.plot([bar.low, bar.high], [row, row], color=style.TEAL, lw=7, solid_capstyle="butt")
    _row_label(axes, named(bar.name), row)
    for place, value, other in (
        (bar.low, interval.low, bar.high), (bar.high, interval.high, bar.low),
    ):  # fmt: skip
        side = -1 if place < other else 1
        axes.annotate(
            value_of(bar.name, value), (place, row), (5 * side, 0), textcoords="offset points",
            color=style.MUTED, fontsize=10, va="center", ha="right" if side < 0 else "left",
            bbox=style.BACKED,
        )  # fmt: skip


def _room(least: float, most: float, figures: Sequence[float]) -> tuple[float, float]:
    """Return limits that leave room for the labels at either end of a bar."""
    room = max(most / least, 1.5) ** 0.36
    return min(least / room, *(each / 1.3 for each in figures), least), max(
        most * room, *(each * 1.3 for each in figures), most
    )


def _stated_lines(axes: Axes, headline: Headline, near: Sequence[Conclusion], rows: int) -> None:
    """Draw the figures that a headline is judged against, named at the top."""
    for conclusion in near:
        figure = conclusion.threshold
        axes.axvline(figure, color=style.VERMILION, lw=1.4, zorder=0.5)
        low, high = axes.get_xlim()
        left = figure * figure > low * high
        axes.annotate(
            _named_figure(headline, conclusion),
            (figure, rows + 0.15), (-5 if left else 5, 0), textcoords="offset points",
            color=style.VERMILION, fontsize=10.5, va="center", ha="right" if left else "left",
        )  # fmt: skip


def _named_figure(headline: Headline, conclusion: Conclusion) -> str:
    kind = "measured" if conclusion.threshold_from.startswith("fact:") else "stated"
    return f"{figure_of(headline, conclusion.threshold, 3)} {kind}"


def _bare(axes: Axes, rows: int, extra: float = 0) -> None:
    axes.set(yticks=[], ylim=(-0.45, rows - 0.2 + extra))
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)


def _answer_ticks(axes: Axes, headline: Headline) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    low, high = axes.get_xlim()
    axis: Any = axes.xaxis
    axis.set_major_locator(LogLocator(10, subs=(1, 2, 5) if high / low < 60 else (1,), numticks=20))
    axis.set_major_formatter(
        FuncFormatter(lambda value, _: figure_of(headline, value).replace(" ", "\u00a0"))
    )
    axis.set_minor_formatter(NullFormatter())


def _times_ticks(axes: Axes) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    def text(value: float, _: int) -> str:
        if abs(value - 1) < 1e-9:
            return "equal"
        return f"× {show(value, 'dimensionless')}" if value > 1 else f"÷ {show(1 / value, '1')}"

    axis: Any = axes.xaxis
    axis.set_major_locator(LogLocator(10, numticks=20))
    axis.set_major_formatter(FuncFormatter(text))
    axis.set_minor_formatter(NullFormatter())
