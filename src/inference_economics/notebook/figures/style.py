"""One style for all figures: sharp, small, and at home in a light and a dark page.

A figure is SVG whose text stays text and whose colors are CSS variables with a fallback, so
that the page's theme can change them. The same data give the same bytes.
"""

from __future__ import annotations

import functools
import html
import io
import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ParamSpec

import matplotlib as mpl

from ...facts import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_P = ParamSpec("_P")

INK, MUTED, GRID, PAPER = "#1c2430", "#5b6675", "#d9dee5", "#fefefe"
TEAL, VERMILION, GOLD, VIOLET, SKY, BROWN = (
    "#0b7a75", "#c8501e", "#a87400", "#7b4bb3", "#2f73c4", "#7a5a3a",
)  # fmt: skip

# The page's name for each color: `book.css` gives it a value for each theme.
_VARIABLES = {
    INK: "--fig-ink", MUTED: "--fig-muted", GRID: "--fig-grid", PAPER: "--fig-paper",
    TEAL: "--fig-1", VERMILION: "--fig-2", SKY: "--fig-3", GOLD: "--fig-4", VIOLET: "--fig-5",
    BROWN: "--fig-6",
}  # fmt: skip

_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "inference-economics",
    **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), "none"),
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
    "mathtext.default": "regular",
}

BACKED = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0}
"""A label's background, so that a line behind it does not cross the words."""

DASHED: Any = {"lw": 1.2, "ls": (0, (4, 3))}
"""How a line is drawn that marks a figure."""

WIDTH = 5.2
"""Width in inches: text of this size stays legible where the page is 390 pixels wide."""


@dataclass(frozen=True)
class Picture:
    """A figure with what it shows (`alt`), what it means (`caption`), and its data.

    `data` has columns of equal length; `function` names what drew it, as "serving.step".

    Shown in a notebook it is an SVG image followed by its caption; compared by `nbval`, both
    must be the same to the byte.
    """

    figure: Figure
    title: str
    alt: str
    caption: str
    data: Mapping[str, Sequence[Any] | np.ndarray]
    function: str = ""

    @property
    def caption_text(self) -> str:
        """The caption with typographic apostrophes, as the page's prose has them."""
        return self.caption.replace("'", "’")

    def svg(self) -> str:
        """Return the figure as a standalone SVG document with a title and a description."""
        buffer = io.StringIO()
        with mpl.rc_context(_STYLE):
            # Which renderer wrote the file, and when, are no part of the picture.
            self.figure.savefig(
                buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None}
            )
        names = f"<title>{html.escape(self.title)}</title><desc>{html.escape(self.alt)}</desc>"
        start = f' data-function="{self.function}">{names}'
        head, svg, rest = buffer.getvalue().partition("<svg")
        return _themed(_short(f"{head}{svg}{rest.replace('>', start, 1)}"))

    def csv(self) -> str:
        """Return the data as CSV: a line of names, then the rows; numbers to six digits."""
        rows = zip(*self.data.values(), strict=True)
        short = ([f"{x:.6g}" if isinstance(x, float) else x for x in row] for row in rows)
        return files.as_csv(self.data, short)

    def _ipython_display_(self) -> None:
        """Show the picture, then its caption."""
        from IPython.display import display

        show: Any = display  # IPython gives it no types
        bundle = {"image/svg+xml": self.svg(), "text/plain": self.alt, "text/csv": self.csv()}
        show(bundle, raw=True)
        show({"text/markdown": self.caption_text, "text/plain": self.caption_text}, raw=True)


def drawn(function: Callable[_P, Picture]) -> Callable[_P, Picture]:
    """Let the pictures of a function name it, so that a reader finds what drew them."""
    name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"

    @functools.wraps(function)
    def named(*args: _P.args, **kwargs: _P.kwargs) -> Picture:
        return replace(function(*args, **kwargs), function=name)

    return named


def _short(svg: str) -> str:
    """Round coordinates: smaller files, and no last digit that differs between machines."""
    svg = re.sub(r"-?\d+\.\d{3,}", lambda match: f"{float(match[0]):.2f}", svg)
    svg = re.sub(r"<!DOCTYPE.*?>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    return re.sub(r"[ \t]+\n", "\n", svg)


def _themed(svg: str) -> str:
    for color, variable in _VARIABLES.items():
        svg = svg.replace(color, f"var({variable}, {color})")
    # Text is set in the page's own sans serif, which is never wider than Matplotlib's.
    return re.sub(r"(font: [^'\";]*?px )[^;\"]*", r"\1var(--fig-font, sans-serif)", svg)


@contextmanager
def drawing(height: float, columns: int = 1, rows: int = 1) -> Iterator[tuple[Figure, Any]]:
    """Yield a figure and its axes in the book's style; `height` is in inches."""
    from matplotlib.figure import Figure as NewFigure

    with mpl.rc_context(_STYLE):
        figure = NewFigure(figsize=(WIDTH, height))
        axes = figure.subplots(rows, columns)
        yield figure, axes
        # Labels stand inside the axes: they must not push their frame about.
        for text in (text for each in figure.axes for text in each.texts):
            text.set_in_layout(False)
        figure.canvas.draw()


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


def rows_alone(axes: Axes, low: float, high: float) -> None:
    """Leave out the vertical axis, where each row carries its own label."""
    axes.set(yticks=[], ylim=(low, high))
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)


def dots(axes: Axes, rows: Sequence[tuple[Any, ...]]) -> None:
    """Draw one dot a row on a logarithmic axis, on a line from its left end, under its label.

    A row is a label, a value and a color, and perhaps a second value: a hollow dot.
    """
    start = axes.get_xlim()[0]
    axes.set_xscale("log")
    placed = list(enumerate(reversed(rows)))
    for at, (label, value, color, *_) in placed:
        axes.plot([start, value], [at, at], color=color, lw=1.2)
        axes.plot([value], [at], "o", color=color, ms=9)
        text = label.replace("$", r"\$")  # a pair of dollar signs would be mathematics
        words(axes, text, (start * 1.1, at), (0, 9), INK, fontsize=10.5)
    for at, (_, value, color, *second) in placed:
        if second and second[0] != value:
            axes.plot(second, [at], "o", mfc=PAPER, mec=color, ms=8, mew=1.8)
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
    steps: Sequence[int] = (1,),
) -> None:  # fmt: skip
    """Label a logarithmic axis with quantities, at steps of every so many powers of ten.

    In place of a unit there may be what writes a value.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    from ...algebra.units import show

    def text(value: float, _place: int) -> str:
        return unit(value) if callable(unit) else show(value, unit).replace(" ", "\u00a0")

    axis.set_major_locator(LogLocator(10**every, subs=steps, numticks=20))
    axis.set_major_formatter(FuncFormatter(text))
    axis.set_minor_formatter(NullFormatter())
