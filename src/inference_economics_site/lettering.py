"""Text in the book's serif on a picture: measured, broken into lines, and made to fit."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageFont
from PIL.ImageDraw import Draw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL.ImageDraw import ImageDraw

SERIF = Path(__file__).parents[2] / "book/vendor/fonts/source-serif-4-latin-wght-normal.woff2"
NOT_A_CHARACTER = "\ufffe"
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+−")
# After a space, but not after a bare sign nor between a number and a short word after it.
BREAKS = re.compile(r"(?<=[^\s~=<>≈×] )(?!(?<=\d )(?:\S{1,4}(?:\s|$)|\w*illion))")
FINER = 2
"""Letters are drawn so many times larger, then reduced: Pillow sets them on whole pixels."""


@dataclass(frozen=True)
class Style:
    """A size in pixels, a weight from 200 to 900, and a distance of lines in sizes."""

    size: int
    weight: int = 400
    leading: float = 1.2

    @property
    def line_height(self) -> int:
        """Return the distance from baseline to baseline, in pixels."""
        return round(self.size * self.leading)


@dataclass(frozen=True)
class Lines:
    """Text broken into lines of one style."""

    lines: tuple[str, ...]
    style: Style

    @property
    def width(self) -> float:
        """Return the width of the longest line, in pixels."""
        return max(width(line, self.style) for line in self.lines)

    @property
    def height(self) -> int:
        """Return the height from the top of the first line to the foot of the last."""
        return len(self.lines) * self.style.line_height


@cache
def _face(size: int, weight: int) -> ImageFont.FreeTypeFont:
    face = ImageFont.truetype(SERIF, size)
    face.set_variation_by_axes([weight])
    return face


@cache
def _stand_in(size: int) -> ImageFont.FreeTypeFont:
    """Return a face for what the book's own lacks, such as Greek and signs of mathematics."""
    import matplotlib as mpl

    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts/ttf/DejaVuSerif.ttf", size)


@cache
def _kind(character: str) -> str:
    if ord(character) in RAISED:
        return "raised"
    drawn, box = (_face(40, 400).getmask(each) for each in (character, NOT_A_CHARACTER))
    lacking = drawn.size == box.size and bytes(drawn) == bytes(box)
    return "lacking" if lacking else "plain"


def _runs(text: str, style: Style) -> Iterator[tuple[str, ImageFont.FreeTypeFont, int]]:
    """Yield pieces of a line with their face, and how far above the baseline they stand."""
    size = style.size * FINER
    for kind, characters in itertools.groupby(text, _kind):
        piece = "".join(characters)
        if kind == "raised":
            face = _face(round(size * 0.62), min(style.weight + 60, 900))
            yield piece.translate(RAISED), face, round(size * 0.34)
        elif kind == "lacking":
            yield piece, _stand_in(size), 0
        else:
            yield piece, _face(size, style.weight), 0


@cache
def width(text: str, style: Style) -> float:
    """Return the width of a line in pixels."""
    return sum(face.getlength(piece) for piece, face, _ in _runs(text, style)) / FINER


def put(draw: ImageDraw, at: tuple[float, int], text: str, style: Style, color: str) -> None:
    """Draw a line to the right of a point on its baseline."""
    x, along = divmod(round(at[0] * FINER), FINER)
    mask, left, above = _mask(text, style, along)
    draw.bitmap((x - left, at[1] - above), mask, fill=color)


# Cards share their labels: most lines of a card have been drawn for another.
@lru_cache(maxsize=512)
def _mask(text: str, style: Style, along: int) -> tuple[Image.Image, int, int]:
    """Return a line as a mask, and where in it the line's first point is.

    The line begins a part of a pixel further along: so many of FINER.
    """
    # Room for what hangs over at either end, and for the highest accent and lowest tail.
    left, above = style.size // 4, style.size
    size = (math.ceil(width(text, style)) + 2 * left + 2, above + style.size // 2)
    mask = Image.new("L", (size[0] * FINER, size[1] * FINER))
    pen = Draw(mask)
    x: float = left * FINER + along
    for piece, face, raised in _runs(text, style):
        pen.text((x, above * FINER - raised), piece, fill=255, font=face, anchor="ls")
        x += face.getlength(piece)
    return mask.reduce(FINER), left, above


def put_lines(draw: ImageDraw, x: float, top: float, text: Lines, color: str) -> None:
    """Draw lines one below the other; `top` is where the ascenders of the first may reach."""
    style = text.style
    # Four fifths of the size is about where the ascenders end.
    first = top + (style.line_height - style.size) / 2 + style.size * 0.82
    for number, line in enumerate(text.lines):
        put(draw, (x, round(first + number * style.line_height)), line, style, color)


def shorten(text: str, style: Style, limit: float) -> str:
    """Return the text, or as much of it as fits with an ellipsis."""
    if width(text, style) <= limit:
        return text
    return next(
        shorter
        for end in range(len(text) - 1, -1, -1)
        if width(shorter := f"{text[:end].rstrip()}…", style) <= limit or not end
    )


def wrap(text: str, style: Style, limit: float) -> tuple[str, ...]:
    """Break a text into lines no wider than the limit, unless one piece alone is wider."""
    lines = [""]
    for piece in BREAKS.split(text):
        if lines[-1] and width((lines[-1] + piece).rstrip(), style) > limit:
            lines.append("")
        lines[-1] += piece
    return tuple(line.rstrip() for line in lines)


def narrowest(text: str, style: Style, count: int) -> Lines:
    """Break a text into at most so many lines, as narrow as that allows."""
    low, high = 0.0, width(text, style)
    while high - low > 4:
        middle = (low + high) / 2
        lines = wrap(text, style, middle)
        if len(lines) <= count and Lines(lines, style).width <= middle:
            high = middle
        else:
            low = middle
    return Lines(wrap(text, style, high), style)


def fit(text: str, box: tuple[float, float], styles: Sequence[Style]) -> Lines:
    """Return the text in the first style in which it fits a box of this width and height.

    Its lines are about equally long. In the last style, what does not fit is left out, and
    an ellipsis says so.
    """
    limit, height = box
    for style in styles:
        lines = Lines(wrap(text, style, limit), style)
        if lines.width <= limit and lines.height <= height:
            return narrowest(text, style, len(lines.lines))
    style = styles[-1]
    count = max(int(height // style.line_height), 1)
    lines = Lines(wrap(text, style, limit), style)
    kept = [*lines.lines[: count - 1], " ".join(lines.lines[count - 1 :])]
    return Lines(tuple(shorten(line, style, limit) for line in kept if line), style)
