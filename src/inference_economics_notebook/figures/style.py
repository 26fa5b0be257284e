"""One style for all figures: sharp, small, and at home in a light and a dark page.

Text of a figure stays text, and its colors are those below, so that the page's theme can change
them. The same data give the same bytes.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, GRID, PAPER = "#1c2226", "#565f64", "#e2dfd6", "#fcfbf8"
TEAL, VERMILION, GOLD, VIOLET, SKY, SLATE = (
    "#0b6e6e", "#c04c1c", "#8f6c00", "#8a4a9e", "#2f62b3", "#66727b",
)  # fmt: skip

LABELS = {"traffic": "traffic between GPUs"}
"""What a part is called where its name alone says too little."""

VARIABLES = {
    INK: "--fig-ink", MUTED: "--fig-muted", GRID: "--fig-grid", PAPER: "--fig-paper",
    TEAL: "--fig-1", VERMILION: "--fig-2", SKY: "--fig-3", GOLD: "--fig-4", VIOLET: "--fig-5",
    SLATE: "--fig-6",
}  # fmt: skip
"""The page's name for each color: `book.css` has its value in each theme, here is that in light."""

TERMS = {
    "weights": TEAL, "arithmetic": VERMILION, "cache": SKY, "traffic": GOLD, "delays": MUTED,
    "fixed time": SLATE, "guessing": VIOLET, "prompts of others": INK,
}  # fmt: skip
"""The color of each part of a step or of a token's time, in every figure and in the explorers."""

MODELS = {
    "Llama-3 8B": SLATE, "Llama-3 70B": TEAL, "Llama-3.1 405B": VERMILION, "Qwen3 235B": GOLD,
    "DeepSeek-V3": SKY, "gpt-oss-120b": VIOLET,
}  # fmt: skip
"""The color of each model that has a line of its own, in every figure."""

SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "inference-economics",
    # A ground of its own: a figure is read on a dark page too. The site takes it away.
    **dict.fromkeys(("figure.facecolor", "savefig.facecolor"), PAPER),
    "axes.facecolor": "none",
    **dict.fromkeys(("text.color", "axes.titlecolor"), INK),
    **dict.fromkeys(("axes.labelcolor", "axes.edgecolor"), MUTED),
    **{f"{axis}tick.{part}": MUTED for axis in "xy" for part in ("color", "labelcolor")},
    **{f"{axis}tick.minor.size": 0 for axis in "xy"},
    "font.size": 11,
    "axes.labelsize": 11,
    "axes.titlesize": 12.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 2.2,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.hspace": 0.08,
    "mathtext.default": "regular",
}

BACKED = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0}
"""A label's background, so that a line behind it does not cross the words."""

DASHED: Any = {"lw": 1.2, "ls": (0, (4, 3))}
"""How a line is drawn that marks a figure."""

WIDTH = 5.2
"""Width in inches: text of this size stays legible where the page is 390 pixels wide."""


@contextmanager
def drawing(height: float, rows: int = 1) -> Iterator[tuple[Figure, Any]]:
    """Yield a figure and its axes in the book's style, and lay it out; `height` is in inches."""
    from matplotlib.figure import Figure as NewFigure

    with mpl.rc_context(SETTINGS):
        figure = NewFigure(figsize=(WIDTH, height))
        axes = figure.subplots(rows)
        yield figure, axes
        # Labels stand inside the axes: they must not push their frame about.
        for text in (text for each in figure.axes for text in each.texts):
            text.set_in_layout(False)
        # Once, so that it is the same in every form and however often it is written.
        figure.draw_without_rendering()
        figure.set_layout_engine("none")


def columns(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
    """Return a picture's data from the rows that it shows; what is behind the names is left out."""
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=False))


def words(
    axes: Axes, text: str, at: tuple[float, float], to: tuple[float, float], color: str, **how: Any
) -> None:
    """Write a text at an offset in points from a place in the data."""
    axes.annotate(text, at, to, textcoords="offset points", color=color, **how)


def note(
    axes: Axes, text: str, at: tuple[float, float], to: tuple[float, float], color: str
) -> None:
    """Write a label beside a place in the data, on a background, without an arrow."""
    side = "left" if to[0] >= 0 else "right"
    words(axes, text, at, to, color, va="center", ha=side, linespacing=1.25, bbox=BACKED)


def line(
    axes: Axes, points: Sequence[Any], name: str, to: tuple[float, float], color: str, **how: Any
) -> None:
    """Draw a line through the points of these places, with its name at its end."""
    axes.plot(*points, color=color, **how)
    xs, ys = points
    note(axes, name, (xs[-1], ys[-1]), to, color)


def median_of_errors(
    axes: Axes, text: str, at: tuple[float, float], color: str = INK, size: float = 12
) -> None:
    """Draw a row's median, in percent, as a tick of a size in points, with its label above it."""
    median, row = at
    axes.plot([100 * median], [row], "|", color=color, ms=size, mew=2)
    words(axes, text, (0, row), (2, size - 1), color, fontsize=10.5)


def agreement(axes: Axes, ends: Any, factor: float, ticks: Mapping[float, str]) -> None:
    """Draw the diagonal on which two quantities agree, in a band of a factor either way.

    `ends` are those of both axes, which are logarithmic, and `ticks` the labels of both. What is
    drawn afterwards is drawn by `plot`: `loglog` would label the axes anew.
    """
    axes.fill_between(ends, ends / factor, ends * factor, color=GRID, lw=0)
    axes.loglog(ends, ends, color=INK, lw=1)
    places, texts = list(ticks), list(ticks.values())
    axes.set(xlim=ends, xticks=places, xticklabels=texts)
    axes.set(ylim=ends, yticks=places, yticklabels=texts)
    axes.minorticks_off()


def rows_alone(axes: Axes, low: float, high: float) -> None:
    """Leave out the vertical axis, where each row carries its own label."""
    axes.set(yticks=[], ylim=(low, high))
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)


def stacked(
    height: float, seconds: Mapping[str, Sequence[float]], rows: Sequence[float], ylabel: str,
    xlabel: str,
) -> Figure:  # fmt: skip
    """Return a picture of a bar a row, the first on top, of these parts of `TERMS`.

    `rows` count what is at once in each.
    """
    from inference_economics.algebra.units import show

    places, left = range(len(rows))[::-1], [0.0] * len(rows)
    with drawing(height) as (figure, axes):
        for name, row in seconds.items():
            axes.barh(places, [1e3 * time for time in row], left=left, color=TERMS[name],
                      height=0.6, label=LABELS.get(name, name))  # fmt: skip
            left = [before + 1e3 * time for before, time in zip(left, row, strict=True)]
        for place, whole in zip(places, left, strict=True):
            note(axes, show(whole / 1e3, "second"), (whole, place), (5, 0), INK)
        axes.set(yticks=places, yticklabels=[f"{count:,.0f}" for count in rows], ylabel=ylabel,
                 xlabel=xlabel, xlim=(0, 1.2 * max(left)))  # fmt: skip
        axes.grid(visible=False, axis="y")
        figure.legend(loc="outside upper left", ncols=2, fontsize=10.5)
    return figure


def dots(axes: Axes, rows: Sequence[tuple[Any, ...]]) -> None:
    """Draw one dot a row on a logarithmic axis, under its label.

    A row is a label, a value and a color; then perhaps the ends of a band behind the dot, and a
    hollow dot.
    """
    start = axes.get_xlim()[0]
    axes.set_xscale("log")
    for at, (label, value, color, *more) in enumerate(reversed(rows)):
        low, high, *hollow = more or (value, value)
        if low < high:
            axes.plot([low, high], [at, at], color=color, lw=7, alpha=0.35, solid_capstyle="butt")
        axes.plot([value], [at], "o", color=color, ms=9)
        if hollow and hollow != [value]:
            axes.plot(hollow, [at], "o", mfc=PAPER, mec=color, ms=8, mew=1.8)
        text = label.replace("$", r"\$")  # a pair of dollar signs would be mathematics
        words(
            axes, text, (start * 1.1, at), (0, 9), INK, fontsize=10.5, bbox=BACKED if more else None
        )
    rows_alone(axes, -0.5, len(rows) - 0.1)


def ladder(
    height: float, rows: Sequence[tuple[Any, ...]], xlim: tuple[float, float], xlabel: str = "",
    **ticks: Any,
) -> Figure:  # fmt: skip
    """Return a picture of `dots` with quantities at the ticks of its axis."""
    with drawing(height) as (figure, axes):
        axes.set(xlim=xlim, xlabel=xlabel)
        dots(axes, rows)
        plain_log_ticks(axes.xaxis, **ticks)
    return figure


def plain_log_ticks(
    axis: Any, unit: str | Callable[[float], str] = "dimensionless", every: int = 1,
    steps: Sequence[int] = (1,), at: Sequence[float] = (),
) -> None:  # fmt: skip
    """Label a logarithmic axis with quantities, at steps of every so many powers of ten.

    In place of a unit there may be what writes a value; `at` names the values that have labels, in
    place of the steps.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    from inference_economics.algebra.units import show

    def text(value: float, _place: int) -> str:
        return unit(value) if callable(unit) else show(value, unit).replace(" ", "\u00a0")

    axis.set_major_locator(LogLocator(10**every, subs=steps, numticks=20))
    axis.set_major_formatter(FuncFormatter(text))
    axis.set_minor_formatter(NullFormatter())
    if at:
        axis.set_ticks(at)


def plain_log_axes(axes: Axes, **ticks: Any) -> None:
    """Label both axes, which are logarithmic, with plain numbers."""
    plain_log_ticks(axes.xaxis, **ticks)
    plain_log_ticks(axes.yaxis, **ticks)
