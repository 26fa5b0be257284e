"""A figure with its words and its data, as a notebook shows it and as a file that stands alone."""

from __future__ import annotations

import functools
import html
import inspect
import io
import json
import re
import textwrap
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import matplotlib as mpl

from inference_economics import __date__, __title__, __version__
from inference_economics.facts import files

from . import style

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    from matplotlib.figure import Figure

_P = ParamSpec("_P")

LICENSE = "CC BY 4.0"
FORMATS = (".svg", ".png", ".pdf")

DPI = 180
COLORS = 48
"""A PNG has so many dots an inch, sharp where a screen has two to a pixel, and so many colors."""

_TITLE: Any = {"size": 12.5, "weight": "bold", "color": style.INK, "linespacing": 1.2}
_WORDS: Any = {"size": 8.5, "color": style.MUTED, "linespacing": 1.25}
# In points: what a line of either takes, and what stands between words and drawing.
_TITLE_LINE, _LINE, _GAP = 17, 12, 9
_TITLE_LETTERS, _LETTERS = 44, 74
_FINE = re.compile(r"-?\d+\.\d{3,}")


@dataclass(frozen=True, repr=False)
class Picture:
    """A figure with what it shows (`alt`), what it means (`caption`), and its data.

    `data` has columns of equal length; `call` is the Python that drew it, as a reader can type
    it. Raises ValueError where words are missing or columns are uneven.

    Shown in a notebook it is an image, as SVG and as PNG, followed by its caption. `nbval`
    compares all of it to the byte but the PNG.
    """

    figure: Figure
    title: str
    alt: str
    caption: str
    data: Mapping[str, Sequence[Any] | np.ndarray]
    call: str = ""

    def __post_init__(self) -> None:
        """Refuse a figure that somebody could not hear, or whose data are no table."""
        for part in ("title", "alt", "caption"):
            if not getattr(self, part).strip():
                raise ValueError(f"the figure {self._name!r} has no text as its {part}")
        lengths = {name: len(column) for name, column in self.data.items()}
        if len(set(lengths.values())) != 1:
            counted = ", ".join(f"{name} {length}" for name, length in lengths.items())
            raise ValueError(
                f"the data of the figure {self._name!r} must be columns of equal length, "
                f"not {counted or 'none'}"
            )

    def __repr__(self) -> str:
        """Return the title, and what drew it."""
        return f"<Picture {self.title!r}{f', drawn by {self.call}' if self.call else ''}>"

    @property
    def _name(self) -> str:
        return self.title or self.alt or self.caption

    @property
    def caption_text(self) -> str:
        """The caption with typographic apostrophes, as the page's prose has them."""
        return self.caption.replace("'", "’")

    def svg(self) -> str:
        """Return the figure as SVG whose colors a page can change, as `style` says."""
        return _themed(_without_metadata(self._svg({}, f' data-call="{html.escape(self.call)}"')))

    def png(self) -> bytes:
        """Return the figure as PNG, on a ground of its own: it is read on any page."""
        return _png(self.figure, {})

    def csv(self) -> str:
        """Return the data as CSV: a line of names, then the rows; numbers to six digits."""
        rows = zip(*self.data.values(), strict=True)
        short = ([f"{x:.6g}" if isinstance(x, float) else x for x in row] for row in rows)
        return files.as_csv(self.data, short)

    def save(self, path: str | os.PathLike[str], *, address: str = "") -> None:
        """Save the figure as a file that stands alone: SVG, PNG or PDF, by the path's suffix.

        Its title, its caption, and the name, version and license of the book are drawn with it,
        and are the file's metadata. `address` is where the book is published, if that is to be
        said. Raises ValueError for another suffix.
        """
        suffix = Path(path).suffix.lower()
        if suffix not in FORMATS:
            raise ValueError(f"path = {str(path)!r}: must end in {', '.join(FORMATS)}")
        source = f"{__title__}, version {__version__}, {__date__}"
        lines = [f"{source}. {LICENSE}.", *([address] if address else [])]
        told = {
            "Title": self.title,
            "Description": self.alt,
            "Source": " ".join([source, *lines[1:]]),
        }
        with _framed(self.figure, self.title, self.caption_text, lines):
            if suffix == ".svg":
                content = self._svg({**told, "Rights": LICENSE}).encode()
            elif suffix == ".png":
                content = _png(self.figure, {**told, "Copyright": LICENSE})
            else:
                silent = dict.fromkeys(("Creator", "Producer", "CreationDate"))
                author = f"{told['Source']}. {LICENSE}"
                named = {"Title": self.title, "Subject": self.alt, "Author": author}
                content = _written(self.figure, "pdf", {**silent, **named})
        Path(path).write_bytes(content)

    def _svg(self, told: Mapping[str, str], attributes: str = "") -> str:
        """Return a standalone SVG document with a title and a description."""
        # Which renderer wrote the file, and when, are no part of the picture.
        silent = {"Date": None, "Creator": None, "Format": None}
        written = _written(self.figure, "svg", {**silent, **told}).decode()
        names = f"<title>{html.escape(self.title)}</title><desc>{html.escape(self.alt)}</desc>"
        head, svg, rest = written.partition("<svg")
        start = f' font-family="sans-serif"{attributes}>{names}'
        return _short(f"{head}{svg}{rest.replace('>', start, 1)}")

    def _ipython_display_(self) -> None:
        """Show the picture, then its caption."""
        from IPython.display import display

        show: Any = display  # IPython gives it no types
        bundle = {
            "image/svg+xml": self.svg(),
            "image/png": self.png(),
            "text/plain": self.alt,
            "text/csv": self.csv(),
        }
        width = round(96 * self.figure.get_figwidth())
        show(bundle, raw=True, metadata={"image/png": {"width": width}})
        show({"text/markdown": self.caption_text, "text/plain": self.caption_text}, raw=True)


def drawn(function: Callable[_P, Picture]) -> Callable[_P, Picture]:
    """Let the pictures of a function name the call that draws them, so that a reader can, too."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def named(*args: _P.args, **kwargs: _P.kwargs) -> Picture:
        picture = function(*args, **kwargs)
        given = signature.bind(*args, **kwargs).arguments
        return replace(picture, call=f"figures.{function.__name__}({_arguments(signature, given)})")

    return named


def _arguments(signature: inspect.Signature, given: Mapping[str, Any]) -> str:
    """Write arguments as Python, without those that are what they are by default."""
    written = []
    for name, value in given.items():
        default = signature.parameters[name].default
        if value != default:
            text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
            written.append(text if default is inspect.Parameter.empty else f"{name}={text}")
    return ", ".join(written)


def _written(figure: Figure, format: str, told: Mapping[str, str | None]) -> bytes:
    buffer = io.BytesIO()
    with mpl.rc_context(style.SETTINGS):
        figure.savefig(buffer, format=format, metadata=dict(told))
    return buffer.getvalue()


def _png(figure: Figure, told: Mapping[str, str]) -> bytes:
    """Return a PNG of few colors: a quarter of what all of them would take."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    drawing, written = io.BytesIO(), io.BytesIO()
    with mpl.rc_context(style.SETTINGS):
        figure.savefig(drawing, format="png", dpi=DPI, pil_kwargs={"compress_level": 0})
    info = PngInfo()
    for name, text in told.items():
        info.add_itxt(name, text)
    few = (
        Image.open(drawing)
        .convert("RGB")
        .quantize(COLORS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    )
    few.save(written, "PNG", optimize=True, pnginfo=info, dpi=(DPI, DPI))
    return written.getvalue()


@contextmanager
def _framed(figure: Figure, title: str, caption: str, source: Sequence[str]) -> Iterator[None]:
    """Give a drawing its title above, and below what it means and where it is from, for a while."""
    heading = textwrap.wrap(title, _TITLE_LETTERS, break_on_hyphens=False)
    below = [*textwrap.wrap(caption, _LETTERS, break_on_hyphens=False), *source]
    width, height = figure.get_size_inches()
    head = (len(heading) * _TITLE_LINE + _GAP) / 72
    foot = (len(below) * _LINE + 2 * _GAP) / 72
    whole = height + head + foot
    edge = _GAP / 72 / width
    texts = [
        figure.text(edge, at, "\n".join(lines), va=va, parse_math=False, **how)
        for lines, at, va, how in (
            (heading, 1 - _GAP / 144 / whole, "top", _TITLE),
            (below, _GAP / 72 / whole, "bottom", _WORDS),
        )
    ]
    places = {axes: axes.get_position() for axes in figure.axes}
    for axes, (x, y, *size) in ((axes, place.bounds) for axes, place in places.items()):
        axes.set_position((x, (foot + y * height) / whole, size[0], size[1] * height / whole))
    for legend in figure.legends:
        legend.set_bbox_to_anchor((0, foot / whole, 1, height / whole), figure.transFigure)
    figure.set_size_inches(width, whole)
    try:
        yield
    finally:
        figure.set_size_inches(width, height)
        for legend in figure.legends:
            legend.set_bbox_to_anchor(None)
        for axes, place in places.items():
            axes.set_position(place)
        for text in texts:
            text.remove()


def _short(svg: str) -> str:
    """Round coordinates: smaller files, and no last digit that differs between machines.

    Of each text the typeface is left out: that of the page holds, which is never wider than
    Matplotlib's, or any sans serif.
    """
    # In tags only: a number that is written in the figure stays as it is.
    svg = re.sub(r"<[^<>]*>", lambda tag: _FINE.sub(_rounded, tag[0]), svg)
    svg = re.sub(r"<!DOCTYPE.*?>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"(; )?font-family: [^;\"]*", "", svg)
    return re.sub(r"[ \t]+\n", "\n", svg)


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}"


def _without_metadata(svg: str) -> str:
    return re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)


def _themed(svg: str) -> str:
    for color, variable in style.VARIABLES.items():
        svg = svg.replace(color, f"var({variable}, {color})")
    return svg
