"""The picture that a pasted link shows: a claim with its figures and verdict, or a page."""

from __future__ import annotations

import io
import itertools
import math
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageColor, ImageDraw

from inference_economics.ledger import claims
from inference_economics.notebook import claim_markup

from . import citation
from .lettering import Lines, Style, fit, narrowest, put, put_lines, shorten, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Column = tuple[str, Lines]

SIZE = (1200, 630)
MARGIN = 56
SPINE = 300
"""The width of the colored strip at the left, which holds the sign and the verdict."""
LEFT, RIGHT = SPINE + 52, SIZE[0] - MARGIN
MEASURE = RIGHT - LEFT
TOP, FOOT = 50, 508
"""Where the text begins, and where the foot's rule is."""

# A chat shows the picture at a third of its size: nothing may be smaller than 26 pixels.
SMALL = Style(28)
SMALLEST = Style(26)
NAME = Style(30, 600)
SPINE_WORD = Style(38, 640, 1.1)
STATEMENT = [Style(size, 430) for size in (58, 52, 48, 44, 40, 36, 33, 30, 28)]
FIGURES = [
    (Style(size, 520, 1.08), lines)
    for size, lines in ((88, 1), (76, 1), (66, 1), (58, 1), (52, 1), (58, 2), (52, 2), (46, 2),
                        (46, 3), (40, 2), (40, 3), (34, 3), (30, 3))
]  # fmt: skip
TITLE = [Style(size, 640, 1.1) for size in (80, 70, 62, 54, 46, 40)]
ANSWER = [Style(size, 400, 1.28) for size in (42, 38, 35, 32, 30, 28)]
ARROW_SPACE, COLUMN_SPACE = 96, 54

STYLE_NAMES = {word: claim_markup.css(word) for word in claims.VERDICTS}
"""The verdicts, with their names in the style sheet."""


@dataclass(frozen=True)
class ClaimCard:
    """What the picture of a claim shows.

    Attributes:
        id: the claim's permanent name.
        says: the statement in the book's words.
        who: where it was made.
        figures: labels with their figures: the stated one, then those recomputed.
        verdict: one of the ledger's verdicts.
        address: the site's address without its scheme; may be empty.

    """

    id: str
    says: str
    who: str
    figures: tuple[tuple[str, str], ...]
    verdict: str
    address: str = ""


@dataclass(frozen=True)
class PageCard:
    """What the picture of a page shows.

    Attributes:
        title: the page's title.
        answer: what the page finds, in one or two sentences.
        label: what kind of page it is, such as "Chapter 3"; may be empty.
        address: the site's address without its scheme; may be empty.

    """

    title: str
    answer: str
    label: str = ""
    address: str = ""


def draw(card: ClaimCard | PageCard) -> bytes:
    """Return the card as a PNG of 1200 by 630 pixels; ValueError for an unknown verdict."""
    file = io.BytesIO()
    shades = picture(card).quantize(palette=_palette(_color(card)), dither=Image.Dither.NONE)
    # The highest level takes twice the time and saves nothing.
    shades.save(file, "PNG", compress_level=8)
    return file.getvalue()


def picture(card: ClaimCard | PageCard) -> Image.Image:
    """Return the card in full color; ValueError for an unknown verdict."""
    return _claim(card) if isinstance(card, ClaimCard) else _page(card)


def _color(card: ClaimCard | PageCard) -> str:
    """Return the color of a card's spine."""
    if isinstance(card, PageCard):
        return _colors()["accent"]
    if card.verdict not in STYLE_NAMES:
        raise ValueError(f"claim {card.id}: {card.verdict!r} is none of {', '.join(STYLE_NAMES)}")
    return _colors()[f"verdict-{STYLE_NAMES[card.verdict]}"]


def _claim(card: ClaimCard) -> Image.Image:
    color = _color(card)
    image, pen = _sheet(color, _sign(card.verdict), card.verdict, card.address)
    top = _origin(pen, card)
    columns = _columns(card.figures)
    figures_top = FOOT - 30
    if columns:
        figures_top -= SMALL.line_height + max(column.height for _, column in columns)
        _figures(pen, figures_top, columns, color)
    box = (MEASURE, figures_top - 36 - top)
    put_lines(pen, LEFT, top, fit(_kept(card.says), box, STATEMENT), _colors()["ink"])
    return image


def _kept(prose: str) -> str:
    """Return prose in which no line ends between a number and what it counts."""
    return re.sub(r"(?<=\d) ", "\N{NO-BREAK SPACE}", prose)


def _page(card: PageCard) -> Image.Image:
    colors = _colors()
    image, pen = _sheet(_color(card), _mark_alone(), card.label, card.address)
    title = fit(card.title, (MEASURE, 190), TITLE)
    put_lines(pen, LEFT, TOP, title, colors["ink"])
    top = TOP + title.height + 22
    answer = fit(_kept(card.answer), (MEASURE, FOOT - 24 - top), ANSWER)
    put_lines(pen, LEFT, top, answer, colors["ink"])
    return image


def _sheet(
    color: str, sign: Image.Image, word: str, address: str
) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Return a sheet of paper with spine and foot."""
    colors = _colors()
    image = Image.new("RGB", SIZE, colors["paper"])
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, SPINE - 1, SIZE[1]), fill=color)
    left = 38
    pen.bitmap((left, TOP - 10), sign, fill=colors["paper"])
    if word:
        lines = fit(word, (SPINE - left - 14, 200), [SPINE_WORD, Style(32, 640, 1.1), SMALLEST])
        put_lines(pen, left, TOP + sign.height + 14, lines, colors["paper"])
    pen.rectangle((LEFT, FOOT, RIGHT - 1, FOOT + 1), fill=colors["rule"])
    mark = _mark()
    middle = FOOT + 58
    pen.bitmap((LEFT, middle - mark.height // 2), mark, fill=colors["accent"])
    x = LEFT + mark.width + 18
    if address:
        put(pen, (x, middle - 6), citation.TITLE, NAME, colors["ink"])
        address = shorten(address, SMALLEST, RIGHT - x)
        put(pen, (x, middle + 28), address, SMALLEST, colors["ink-soft"])
    else:
        put(pen, (x, middle + 10), citation.TITLE, NAME, colors["ink"])
    return image, pen


def _origin(pen: ImageDraw.ImageDraw, card: ClaimCard) -> int:
    """Write a claim's name and origin, on one line if they fit; return where they end."""
    colors = _colors()
    name = Style(SMALL.size, 640)
    baseline = TOP + 24
    shown = shorten(card.id, name, MEASURE)
    put(pen, (LEFT, baseline), shown, name, colors["accent"])
    x = LEFT + width(shown, name) + 22
    if x + width(card.who, SMALL) > RIGHT:
        x, baseline = LEFT, baseline + SMALL.line_height + 2
    who = fit(card.who, (RIGHT - x, SMALL.line_height), [SMALL, SMALLEST])
    put(pen, (x, baseline), who.lines[0], who.style, colors["ink-soft"])
    return baseline + 28


def _columns(figures: Sequence[tuple[str, str]]) -> list[Column]:
    """Return the labels with their figures, all in the largest style that has room for all."""
    if not figures:
        return []
    room = MEASURE - sum(_spaces(len(figures)))
    for style, count in FIGURES:
        columns = [(label, narrowest(figure, style, count)) for label, figure in figures]
        if _width(columns) <= room:
            return _unbroken(columns, figures, room)
    style, count = FIGURES[-1]
    box = (room / len(figures), count * style.line_height)
    return [(shorten(label, SMALL, box[0]), fit(figure, box, [style])) for label, figure in figures]


def _unbroken(
    columns: list[Column], figures: Sequence[tuple[str, str]], room: float
) -> list[Column]:
    """Return the columns with each figure on as few lines as there is room for."""
    for number, (label, figure) in enumerate(figures):
        style = columns[number][1].style
        for count in range(1, len(columns[number][1].lines)):
            freer = [*columns]
            freer[number] = (label, narrowest(figure, style, count))
            if _width(freer) <= room:
                columns = freer
                break
    return columns


def _spaces(columns: int) -> Iterator[int]:
    """Yield the space before each column: an arrow leads to the second."""
    return (ARROW_SPACE if number == 1 else COLUMN_SPACE for number in range(1, columns))


def _column_width(column: Column) -> float:
    label, figure = column
    return max(width(label, SMALL), figure.width)


def _width(columns: Sequence[Column]) -> float:
    return sum(map(_column_width, columns))


def _figures(pen: ImageDraw.ImageDraw, top: int, columns: Sequence[Column], verdict: str) -> None:
    """Write the figures: the stated one soft, the next in the verdict's color."""
    colors = _colors()
    x: float = LEFT
    spaces = (*_spaces(len(columns)), 0)
    for number, ((label, figure), space) in enumerate(zip(columns, spaces, strict=True)):
        color = (colors["ink-soft"], verdict, colors["ink"])[min(number, 2)]
        put(pen, (x, top + 24), label, SMALL, colors["ink-soft"])
        put_lines(pen, x, top + SMALL.line_height, figure, color)
        x += _column_width((label, figure))
        middle = round(top + SMALL.line_height + figure.style.line_height * 0.53)
        if number == 0 and space:
            _arrow(pen, round(x) + 18, round(x) + space - 20, middle, colors["ink-soft"])
        x += space


def _arrow(pen: ImageDraw.ImageDraw, start: int, end: int, y: int, color: str) -> None:
    pen.rectangle((start, y - 2, end - 4, y + 1), fill=color)
    for step in range(15):
        pen.rectangle((end - step - 3, y - step - 1, end - step, y - step), fill=color)
        pen.rectangle((end - step - 3, y + step - 1, end - step, y + step), fill=color)


# ---- Colors and shapes -------------------------------------------------------------------------


@cache
def _colors() -> dict[str, str]:
    """Return the colors of the light theme, as the site's style sheet has them."""
    style = (Path(__file__).parents[2] / "book/_static/book.css").read_text(encoding="utf-8")
    light = style.partition("html[data-theme] {")[2].partition("}")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))


SIGN_SIZE = 200
FINER = 4
"""Shapes are drawn so many times larger, then reduced: Pillow draws no smooth edges."""


class _Shape:
    """A shape drawn in tenths of its size, from which a mask with smooth edges is made."""

    def __init__(self, size: int) -> None:
        self.unit = size * FINER / 10
        self.mask = Image.new("L", (size * FINER, size * FINER))
        self.pen = ImageDraw.Draw(self.mask)

    def bar(self, left: float, top: float, right: float, bottom: float) -> None:
        ends = (self.unit * left, self.unit * top, self.unit * right - 1, self.unit * bottom - 1)
        self.pen.rectangle(ends, fill=255)

    def polygon(self, *points: tuple[float, float], fill: int = 255) -> None:
        self.pen.polygon([(self.unit * x, self.unit * y) for x, y in points], fill=fill)

    def dot(self, x: float, y: float, radius: float) -> None:
        self.pen.circle((self.unit * x, self.unit * y), self.unit * radius, fill=255)

    def smooth(self) -> Image.Image:
        return self.mask.reduce(FINER)


@cache
def _sign(verdict: str) -> Image.Image:
    """Return the sign that the site sets before a verdict, as a mask."""
    shape = _Shape(SIGN_SIZE)
    if verdict in ("holds", "off"):
        shape.bar(0, 2.9, 9, 4.3)
        shape.bar(0, 5.9, 9, 7.3)
    if verdict == "off":
        shape.polygon((6.1, 0.6), (7.7, 0.6), (2.9, 9.6), (1.3, 9.6))
    if verdict == "roughly":
        for middle in (3.5, 6.7):
            edge = [(x / 10, middle - 0.85 * math.sin(x / 90 * math.tau)) for x in range(91)]
            lower = [(x, y + 0.75) for x, y in reversed(edge)]
            shape.polygon(*[(x, y - 0.75) for x, y in edge], *lower)
    if verdict == "inconsistent":
        shape.bar(0, 2.6, 7.6, 3.8)
        shape.polygon((6.4, 0.8), (9.2, 3.2), (6.4, 5.6))
        shape.bar(1.4, 6.6, 9, 7.8)
        shape.polygon((2.8, 4.8), (0, 7.2), (2.8, 9.6))
    if verdict == "assumption":
        for x, y in ((1.3, 2.6), (7.1, 2.6), (4.2, 7.6)):
            shape.dot(x, y, 1.25)
    if verdict == "not a quantity":
        shape.bar(0, 4.4, 9, 5.8)
    return shape.smooth()


# The mark of the site's icon: a long bar over a short one, on a square of 32.
_BARS = ((6, 9, 26, 15), (6, 18, 10, 24))


@cache
def _mark() -> Image.Image:
    """Return the icon as a mask: a rounded square with its bars left out."""
    size = 52
    shape = _Shape(size)
    side = size * FINER
    shape.pen.rounded_rectangle((0, 0, side - 1, side - 1), radius=side * 6 / 32, fill=255)
    for bar in _BARS:
        left, top, right, bottom = (end * 10 / 32 for end in bar)
        shape.polygon((left, top), (right, top), (right, bottom), (left, bottom), fill=0)
    return shape.smooth()


@cache
def _mark_alone() -> Image.Image:
    """Return the icon's bars, as large as a verdict's sign."""
    shape = _Shape(SIGN_SIZE)
    for left, top, right, bottom in _BARS:
        shape.bar(*((end - 6) * 9.5 / 20 for end in (left, top - 1, right, bottom - 1)))
    return shape.smooth()


# ---- The palette -------------------------------------------------------------------------------

STEPS = 8
"""So many shades from one color to another: more are not seen at the edge of a letter."""


@cache
def _palette(color: str) -> Image.Image:
    """Return the colors of a card with the shades between them, as Pillow takes a palette."""
    colors = _colors()
    start, rule = (ImageColor.getrgb(colors[name]) for name in ("paper", "rule"))
    shades: dict[tuple[int, ...], None] = {rule: None}
    for ink in (colors["ink"], colors["ink-soft"], colors["accent"], color):
        end = ImageColor.getrgb(ink)
        for step in range(STEPS + 1):
            pairs = zip(start, end, strict=True)
            shades[tuple(round(a + (b - a) * step / STEPS) for a, b in pairs)] = None
    palette = Image.new("P", (1, 1))
    palette.putpalette(list(itertools.chain.from_iterable(shades)))
    return palette
