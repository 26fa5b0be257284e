"""The figures: the same bytes every time, as they stand in the book, and words for who listens."""

from __future__ import annotations

import inspect
import io
import re
from collections import Counter
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib import colors
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.path import Path as Curve
from matplotlib.text import Text
from PIL import Image
from pypdf import PdfReader
from stored_figures import stored
from thoroughly import some

from inference_economics import __version__, uncertainty
from inference_economics.algebra.formula import InputError
from inference_economics.evidence import own_runs
from inference_economics.facts.catalog import CatalogError
from inference_economics.serving.deployment import LimitError
from inference_economics_notebook import explorers, figures
from inference_economics_notebook.figures import picture as pictures
from inference_economics_notebook.figures import style
from inference_economics_notebook.figures.picture import Picture
from inference_economics_notebook.figures.style import TERMS

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = own_runs.ours()
BOOK_CSS = Path(__file__).parents[2] / "book" / "_static" / "book.css"
SVG = "{http://www.w3.org/2000/svg}"
LARGEST = 60_000
READABLE = 4.5
"""The least contrast of text, by the guidelines for accessible pages."""

# All tests of one figure follow one another, so that one process draws it once for them.
CALLS = [
    *(f"figures.{name}()" for name in figures.__all__ if name != "tornado"),
    *(f'figures.tornado("{id}")' for id in uncertainty.load()),
]
# The notebooks' own test compares every one with what is stored.
EVERY = pytest.mark.parametrize("call", some(CALLS, 3), scope="module")
SOME = pytest.mark.parametrize("call", some(CALLS, 6), scope="module")


@pytest.fixture(autouse=True)
def our_runs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what a reader has measured: the stored figures are without it."""
    monkeypatch.setattr(own_runs, "load", lambda: OURS)


def drawn(call: str) -> Picture:
    made: Picture = eval(call, {"figures": figures})  # noqa: S307 (what the book prints)
    return made


@cache
def picture(call: str) -> Picture:
    return drawn(call)


@cache
def svg(call: str) -> str:
    return picture(call).svg()


@cache
def png(call: str) -> bytes:
    return picture(call).png()


@EVERY
def test_a_figure_stands_in_the_book(call: str) -> None:
    """The bytes are the same in every process: so strict nbval can compare the stored SVG."""
    stands = svg(call).strip() in stored()  # not inside the assertion, which would print it whole
    assert stands, f"no stored output has {call} as it is drawn now: run `make notebooks`"
    assert picture(call).caption_text in stored("text/plain")


@EVERY
def test_what_is_printed_under_a_figure_draws_it(call: str) -> None:
    assert picture(call).call == call
    assert f'data-call="{call.replace(chr(34), "&quot;")}"' in svg(call)


@EVERY
def test_the_svg_says_the_same_as_the_words_and_the_drawing(call: str) -> None:
    """Coordinates are rounded, and no number that is read."""
    root = ET.fromstring(svg(call))  # noqa: S314 (drawn by this book's own code)
    assert [root.find(f"{SVG}{tag}").text for tag in ("title", "desc")] == [
        picture(call).title, picture(call).alt,
    ]  # fmt: skip
    written = Counter(words("".join(each.itertext())) for each in root.iter(f"{SVG}text"))
    told = (line for text in labels(picture(call).figure) for line in plain(text).split("\n"))
    unwritten = list(Counter(map(words, told)) - written)
    assert not unwritten, f"drawn otherwise than written: {unwritten} (powers: plain_log_ticks)"


def plain(text: Text) -> str:
    return text.get_text().replace(r"\$", "$")


@EVERY
def test_a_figure_says_what_it_shows(call: str) -> None:
    shown = picture(call)
    assert re.search(r"\d", shown.alt), "the description names the values"
    assert len(shown.alt) > len(shown.title)
    assert shown.caption.endswith(".")
    assert repr(shown) == f"<Picture {shown.title!r}, drawn by {call}>"
    assert "\n" not in repr(shown)


@EVERY
def test_every_color_follows_the_theme(call: str) -> None:
    """A color that is not one of the style's variables would not change in dark mode."""
    bare = re.sub(r"var\(--fig-\w+, [^)]*\)", "", svg(call))
    assert not re.findall(r"#[0-9a-f]{6}\b", bare)


@EVERY
def test_the_typeface_is_that_of_the_page(call: str) -> None:
    assert svg(call).count("font-family") == svg(call).count(' font-family="sans-serif" ') == 1
    assert "DejaVu" not in svg(call)


@EVERY
def test_the_data_of_a_figure_are_what_it_draws(call: str) -> None:
    """Every long column of numbers is drawn, as the points of one line or of several."""
    shown = picture(call)
    drawn_lines = [
        [float(value) for value in axis]
        for axes in shown.figure.axes
        for line in axes.get_lines()
        for axis in (line.get_xdata(), line.get_ydata())
    ]
    points = {value for line in drawn_lines for value in line}
    for column, values in shown.data.items():
        if len(values) >= 50 and not isinstance(values[0], str):
            whole = list(values) in drawn_lines
            assert whole or set(values) <= points, f"{column} is not drawn"


@EVERY
def test_no_dot_lies_outside_its_axes(call: str) -> None:
    for axes in picture(call).figure.axes:
        (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
        for line in axes.get_lines():
            if line.get_marker() not in ("None", None, "|"):
                for x, y in line.get_xydata():
                    assert left <= x <= right, f"{x} is not within {left} to {right}"
                    assert low <= y <= high, f"{y} is not within {low} to {high}"


@EVERY
def test_no_label_covers_a_dot_a_curve_or_another_label(call: str) -> None:
    """A straight line that marks a figure may end at a label and go on behind it."""
    figure = picture(call).figure
    boxes = {text: box.padded(-1) for text, box in labels(figure).items()}
    for one, other in combinations(boxes, 2):
        assert not boxes[one].overlaps(boxes[other]), f"{one.get_text()!r}, {other.get_text()!r}"
    for text, box in boxes.items():
        for line in text.axes.get_lines() if text.axes and text in text.axes.texts else ():
            points = line.get_transform().transform(line.get_xydata())
            points = points[np.isfinite(points).all(axis=1)]
            if line.get_marker() not in ("None", None, "|"):
                covered = [box.padded(line.get_markersize() / 2).contains(*at) for at in points]
                assert not any(covered), f"{text.get_text()!r} covers a dot"
            if line.get_linestyle() != "None" and (np.ptp(points, axis=0) > 1).all():
                crossed = Curve(points).intersects_bbox(box, filled=False)
                assert not crossed, f"{text.get_text()!r} covers a line"


# ---- Everywhere: in a notebook that nobody trusts, on a code host, on a dark ground ----


def labels(figure: Figure) -> dict[Text, Any]:
    """Give every text that is drawn, with its box in pixels."""
    figure.draw_without_rendering()
    ticks = {
        tick: tick in shown
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for shown in [set(axis._update_ticks())]
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
    }
    unseen = {label for tick, seen in ticks.items() if not seen for label in tick.get_children()}
    return {
        text: text.get_window_extent()
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in unseen
    }


def luminance(color: Any) -> float:
    parts = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in colors.to_rgb(color)
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def contrast(one: Any, other: Any) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@EVERY
def test_every_label_is_within_the_figure_and_can_be_read_on_its_ground(call: str) -> None:
    """The ground is measured: the most frequent color where the label stands, without it."""
    figure = picture(call).figure
    boxes = labels(figure)
    told = {text: text.get_color() for text in boxes}
    for text in boxes:
        text.set_color("none")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = Image.fromarray(np.asarray(canvas.buffer_rgba()))
    for text, color in told.items():
        text.set_color(color)
    for text, box in boxes.items():
        assert -1 < box.x0 < box.x1 < pixels.width + 1, f"{text.get_text()!r} is cut"
        assert -1 < box.y0 < box.y1 < pixels.height + 1, f"{text.get_text()!r} is cut"
        place = (int(box.x0), int(pixels.height - box.y1), int(box.x1), int(pixels.height - box.y0))
        ((ground, _),) = Counter(pixels.crop(place).getdata()).most_common(1)
        assert ground[3] == 255
        measured = contrast([part / 255 for part in ground[:3]], told[text])
        assert measured >= READABLE, f"{text.get_text()!r}: {measured:.2f} on {ground}"


@EVERY
def test_a_figure_has_a_ground_of_its_own(call: str) -> None:
    """So that it looks in a dark JupyterLab as in a light one."""
    root = ET.fromstring(svg(call))  # noqa: S314 (drawn by this book's own code)
    first = next(root.iter(f"{SVG}path"))
    assert first.get("style") == f"fill: var(--fig-paper, {style.PAPER})"
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    corners = {
        tuple(map(float, pair)) for pair in re.findall(r"[ML] ([\d.]+) ([\d.]+)", first.attrib["d"])
    }
    assert corners == {(0, 0), (0, height), (width, 0), (width, height)}


@SOME
def test_a_notebook_gets_a_small_png_beside_the_svg(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[dict[str, Any], Any]] = []

    def display(data: dict[str, Any], *, raw: bool, metadata: Any = None) -> None:
        assert raw
        shown.append((data, metadata))

    monkeypatch.setattr("IPython.display.display", display)
    picture(call)._ipython_display_()
    (bundle, metadata), (caption, _) = shown
    assert list(bundle) == ["image/svg+xml", "image/png", "text/plain", "text/csv"]
    assert bundle["image/png"] == png(call) == picture(call).png()
    assert len(png(call)) <= LARGEST
    image = Image.open(io.BytesIO(png(call)))
    assert "transparency" not in image.info
    assert image.mode == "P"
    corner = [part / 255 for part in image.convert("RGB").getpixel((2, 2))]
    assert corner == pytest.approx(colors.to_rgb(style.PAPER), abs=0.01)
    # As wide as the SVG, and sharp where a screen has two dots to a pixel.
    assert metadata == {"image/png": {"width": round(96 * style.WIDTH)}}
    assert image.width == round(pictures.DPI * style.WIDTH)
    assert caption["text/plain"] == picture(call).caption_text


def test_colors_are_those_of_the_page_and_can_be_read_in_both_themes() -> None:
    css = BOOK_CSS.read_text(encoding="utf-8")
    themes = [dict(found) for found in _themes(css)]
    assert len(themes) == 2
    assert themes[0] == {variable: color for color, variable in style.VARIABLES.items()}
    for theme in themes:
        paper = theme.pop("--fig-paper")
        del theme["--fig-grid"]
        for variable, color in theme.items():
            assert contrast(color, paper) >= READABLE, variable


def _themes(css: str) -> Iterator[list[tuple[str, str]]]:
    for block in re.findall(r"{([^{}]*--fig-ink:[^{}]*)}", css):
        yield re.findall(r"(--fig-[\w-]+): (#[0-9a-f]{6});", block)


# ---- A file that stands alone ----


@SOME
def test_a_saved_figure_says_what_it_is_and_where_it_is_from(call: str, tmp_path: Path) -> None:
    shown, before = picture(call), svg(call)
    told = (shown.title, __version__, "CC BY 4.0", "Inference Economics", "example.org/x#y")
    for suffix in (".svg", ".PNG", ".pdf"):
        shown.save(tmp_path / f"figure{suffix}", address="example.org/x#y")
    root = ET.parse(tmp_path / "figure.svg").getroot()  # noqa: S314 (likewise)
    drawn_words = " ".join(text for each in root.iter(f"{SVG}text") for text in each.itertext())
    metadata = " ".join(root.find(f"{SVG}metadata").itertext())
    image = Image.open(tmp_path / "figure.PNG")
    written = " ".join(image.info[name] for name in ("Title", "Source", "Copyright"))
    pdf = PdfReader(tmp_path / "figure.pdf")
    assert pdf.metadata is not None
    paper = " ".join(map(str, pdf.metadata.values()))
    for place in (drawn_words, metadata, written, paper):
        for each in told:
            assert words(each) in words(place)
    assert words(shown.caption_text) in words(drawn_words)
    assert image.info["Description"] == root.find(f"{SVG}desc").text == shown.alt
    # Other programs know no variables of a page.
    assert "var(" not in (tmp_path / "figure.svg").read_text(encoding="utf-8")
    assert image.height > Image.open(io.BytesIO(png(call))).height
    assert shown.svg() == before, "the figure is as it was"
    with pictures._framed(shown.figure, shown.title, shown.caption_text, ["x" * 60]):
        width = shown.figure.get_figwidth() * shown.figure.dpi
        boxes = list(labels(shown.figure).values())
        assert all(0 <= box.x0 < box.x1 <= width + 1 for box in boxes), "a text is cut"
        heading, below = (text.get_window_extent() for text in shown.figure.texts[-2:])
        assert all(
            below.y1 <= box.y0 and box.y1 <= heading.y0 + 1
            for box in boxes
            if box.bounds not in (heading.bounds, below.bounds)
        ), "the drawing lies between"


def words(text: str) -> str:
    return " ".join(text.split())


def test_only_three_formats_can_be_saved(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^path = '.*x\.jpg': must end in \.svg, \.png, \.pdf$"):
        picture(CALLS[0]).save(tmp_path / "x.jpg")
    assert not list(tmp_path.iterdir())


# ---- What a figure is about can be given ----

OTHER = {
    "parts_of_a_step": ['accelerator="b200"', "batch=100", "parameters=70000000000.0"],
    "utilization_against_batch": ['accelerator="mi300x"', 'model="gpt_oss_120b"'],
    "step_time_against_batch": [
        "context=8000",
        'accelerator="a100_sxm_80"',
        "parameters=400000000000.0",
    ],
    "terms_one_by_one": [
        'accelerator="b200"',
        "chips=16",
        'model="llama3_8b"',
        "context=500",
        "batch=64",
    ],
    "token_under_load": [
        'accelerator="h200_sxm"',
        "chips=4",
        'model="llama3_8b"',
        "weight_bits=4",
        "prompt=1000",
        "answer=200",
    ],
    "step_by_cause": ['accelerator="h200_sxm"', "chips=4", 'model="llama3_8b"', "context=8000"],
    "utilization_of_a_real_machine": ['accelerator="mi300x"', "chips=4", 'model="llama3_8b"'],
    "chips_against_operations": ['accelerator="b200"'],
    "critical_batches": ["bits=8"],
    "token_cost_against_batch": ["speed=50", 'request="thinking"'],
    "cost_against_users": ["speed=50", 'request="thinking"'],
    "bar_against_audiences": ["speed=50", 'request="thinking"'],
    "alone_against_shared": ["speed=50", 'request="thinking"'],
    "output_beside_measured": ["speed=50", 'request="thinking"'],
    "what_moves_the_bar": ["speed=50", 'request="thinking"'],
    "demand_against_the_bar": ["speed=50", 'request="thinking"'],
    "one_full_machine": ['name="Llama-3 70B"'],
    "busy_users_through_the_day": ['daily_use="1 hour"'],
    "headline_bands": [
        "changed={'synapses': (200000000000000.0, 300000000000000.0, 400000000000000.0)}"
    ],
    "brain_distribution": [
        "changed={'synapses': (200000000000000.0, 300000000000000.0, 400000000000000.0)}"
    ],
}
OTHERS = [f"figures.{name}({given})" for name, options in OTHER.items() for given in options]


@pytest.mark.parametrize("call", some(OTHERS, 6))
def test_a_figure_of_something_else_has_other_data(call: str) -> None:
    other = drawn(call)
    usual = f"{call.partition('(')[0]}()"
    assert other.call == call
    assert other.csv() != picture(usual).csv()
    assert (other.alt, other.caption) != (picture(usual).alt, picture(usual).caption)
    width = other.figure.get_size_inches()[0] * other.figure.dpi
    assert all(box.x1 <= width + 1 for box in labels(other.figure).values()), "a text is cut"


def test_every_argument_is_tried_and_listed() -> None:
    taken = {
        name: list(inspect.signature(getattr(figures, name)).parameters) for name in figures.__all__
    }
    taken = {name: arguments for name, arguments in taken.items() if arguments}
    del taken["tornado"]
    tried = {name: [each.partition("=")[0] for each in options] for name, options in OTHER.items()}
    assert {name: sorted(each) for name, each in tried.items()} == {
        name: sorted(each) for name, each in taken.items()
    }
    listed = re.findall(r"^- ([^:]*): ([^;.]*)[;.]$", figures.__doc__ or "", re.MULTILINE)
    told = {
        name: sorted(re.findall(r"`(\w+)`", arguments))
        for arguments, names in listed
        for name in names.split(", ")
    }
    assert {name: sorted(each) for name, each in taken.items()} == {
        name: each for name, each in told.items() if name in taken
    }


def test_a_part_of_a_step_has_the_color_that_it_has_in_the_explorers() -> None:
    sheet = Path(explorers.__file__).parent.joinpath("js", "explorer.css").read_text("utf8")
    theirs = dict(re.findall(r'\[data-part="([^"]*)"\] \{ --part: var\(--ex-(\d)\)', sheet))
    ours = {name: style.VARIABLES[color].removeprefix("--fig-") for name, color in TERMS.items()}
    assert {name: number for name, number in ours.items() if name in theirs} == {
        name: number for name, number in theirs.items() if name in ours
    }
    assert len(ours.keys() & theirs.keys()) == 5


REFUSALS = (CatalogError, InputError, LimitError, uncertainty.UncertaintyError)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('parts_of_a_step(accelerator="b20")', "no accelerator 'b20'; did you mean 'b200'?"),
        ("step_by_cause(accelerator=7)", "accelerator = 7: must be a name, in quotes"),
        ('parts_of_a_step(accelerator="tpu_v2")', "no source states peak_flops_8bit of tpu_v2"),
        ('terms_one_by_one(model="x")', "no model 'x'"),
        ("step_by_cause(chips=2.5)", "chips = 2.5: must be a whole number, at least 1"),
        ("step_by_cause(context=-1)", "context = -1: must be zero or a positive number"),
        ("step_time_against_batch(context=-1)", "context = -1: must be zero or a positive number"),
        ("terms_one_by_one(chips=1)", "does not fit: the weights take 141 GB"),
        ("critical_batches(bits=12)", "bits = 12: must be 32, 16, 8 or 4"),
        ("token_cost_against_batch(speed=0)", "tokens_per_second_per_user = 0: must be a positive"),
        ("cost_against_users(request='talk')", "no kind of request 'talk'"),
        ('busy_users_through_the_day(daily_use="3 kg")', "daily_use: '3 kg' is not a quantity"),
        ('tornado("nope")', "no headline 'nope'"),
        ("headline_bands(changed={'synapse': (1, 2, 3)})", "no input of a headline 'synapse'"),
        (
            "headline_bands(changed={'synapses': 3})",
            "synapses = 3: must be three numbers: low, central and high",
        ),
        ("headline_bands(changed={'synapses': (3, 2, 1)})", "synapses: low = 3"),
        ("what_moves_the_bar(speed=0)", "tokens_per_second_per_user = 0: must be a positive"),
        ("alone_against_shared(request='talk')", "no kind of request 'talk'"),
        ("parts_of_a_step(batch=-1)", "batch = -1: must be"),
    ],
)
def test_what_is_not_allowed_is_refused_in_a_sentence(call: str, message: str) -> None:
    with pytest.raises(REFUSALS, match=re.escape(message)) as error:
        drawn(f"figures.{call}")
    assert "\n" not in str(error.value)


def test_text_is_taken_where_a_number_is() -> None:
    assert (
        drawn('figures.step_by_cause(context="8K")').csv()
        == drawn("figures.step_by_cause(context=8000)").csv()
    )


# ---- A figure that is none ----


def made(**parts: Any) -> Picture:
    given = {"title": "Dots", "alt": "One dot at 1.", "caption": "It is one.", "data": {"x": [1]}}
    return Picture(Figure(), **{**given, **parts})


@pytest.mark.parametrize("part", ["alt", "caption"])
def test_a_figure_without_words_is_refused_by_its_name(part: str) -> None:
    with pytest.raises(ValueError, match=f"^the figure 'Dots' has no text as its {part}$"):
        made(**{part: " "})


def test_a_figure_without_a_title_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^the figure 'One dot at 1\.' has no text as its title$"):
        made(title="")


@pytest.mark.parametrize(("data", "counted"), [({"x": [1], "y": [1, 2]}, "x 1, y 2"), ({}, "none")])
def test_a_figure_whose_columns_are_uneven_is_refused_by_its_name(
    data: dict[str, list[int]], counted: str
) -> None:
    with pytest.raises(
        ValueError,
        match=f"^the data of the figure 'Dots' must be columns of equal length, not {counted}$",
    ):
        made(data=data)


def test_a_figure_that_no_function_drew_says_so_in_one_line() -> None:
    assert repr(made()) == "<Picture 'Dots'>"


@pytest.mark.parametrize(
    ("figure", "written", "known"),
    [
        ("utilization_against_batch", {"accelerator": "MI300X"}, {"accelerator": "mi300x"}),
        ("utilization_against_batch", {"model": "gpt-oss-120b"}, {"model": "gpt_oss_120b"}),
        ("chips_against_operations", {"accelerator": "B200"}, {"accelerator": "b200"}),
    ],
)
def test_a_figure_takes_a_name_as_people_write_it(
    figure: str, written: dict[str, str], known: dict[str, str]
) -> None:
    draw = getattr(figures, figure)
    assert draw(**written).csv() == draw(**known).csv()
