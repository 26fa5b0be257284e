"""The figures of the bands: every headline is drawn, with its values, and told in the chapter."""

from __future__ import annotations

import json
import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from thoroughly import some

from inference_economics import uncertainty
from inference_economics.algebra.units import show
from inference_economics.facts import files
from inference_economics.ledger import claims
from inference_economics.uncertainty import headlines
from inference_economics_notebook.figures import uncertainty as figures
from inference_economics_notebook.markup import to_notebooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inference_economics.uncertainty import Headline
    from inference_economics_notebook.figures.picture import Picture

CHAPTER = Path(__file__).parents[2] / "book" / "how-sure-are-we.ipynb"
HEADLINES = uncertainty.load()
EVERY = pytest.mark.parametrize("headline", HEADLINES.values(), ids=HEADLINES)
PICTURES: dict[str, Callable[[], Picture]] = {
    "bands": figures.headline_bands,
    "brain": figures.brain_distribution,
    **{id: partial(figures.tornado, id) for id in HEADLINES},
}
EVERY_PICTURE = pytest.mark.parametrize("name", PICTURES)


@cache
def chapter() -> str:
    """Every SVG and all markup that the chapter holds."""
    cells = json.loads(CHAPTER.read_text(encoding="utf8"))["cells"]
    return "\n".join(
        "".join(text)
        for cell in cells
        for output in cell.get("outputs", [])
        for text in output.get("data", {}).values()
        if isinstance(text, (str, list))
    )


@cache
def laid_out(name: str) -> Picture:
    """Return a picture whose axes have found their place: they do when it is written."""
    picture = PICTURES[name]()
    picture.svg()
    return picture


@pytest.mark.parametrize("name", some(PICTURES, 2))
def test_a_picture_is_drawn_the_same_every_time_and_stands_in_the_chapter(name: str) -> None:
    svg = PICTURES[name]().svg()
    assert svg == PICTURES[name]().svg()
    assert svg.strip() in chapter()


@EVERY_PICTURE
def test_a_picture_says_what_it_shows(name: str) -> None:
    picture = laid_out(name)
    assert re.search(r"\d", picture.alt)
    assert picture.alt.endswith(".")
    assert picture.caption.endswith(".")
    assert len({len(column) for column in picture.data.values()}) == 1
    bare = re.sub(r"var\(--fig-\w+, [^)]*\)", "", picture.svg())
    assert not re.findall(r"#[0-9a-f]{6}\b", bare), "a color that no theme changes"


@EVERY_PICTURE
def test_no_text_of_a_picture_is_cut(name: str) -> None:
    picture = laid_out(name)
    width, height = picture.figure.get_size_inches() * picture.figure.dpi
    for axes in picture.figure.axes:
        for text in axes.texts:
            box = text.get_window_extent()
            assert box.x0 >= 0, text.get_text()
            assert box.x1 <= width, text.get_text()
            assert 0 <= box.y0 < box.y1 <= height, text.get_text()


@EVERY_PICTURE
def test_no_two_texts_of_a_picture_overlap(name: str) -> None:
    for axes in laid_out(name).figure.axes:
        boxes = [(text.get_text(), text.get_window_extent().padded(-1)) for text in axes.texts]
        for at, (text, box) in enumerate(boxes):
            for other, its in boxes[at + 1 :]:
                assert not box.overlaps(its), f"{text!r} on {other!r}"


@EVERY
def test_every_headline_is_drawn_with_its_band(headline: Headline) -> None:
    picture = laid_out("bands")
    row = picture.data["headline"].index(headline.id)
    drawn = tuple(picture.data[end][row] for end in ("low", "median", "high"))
    assert drawn == headline.band()
    assert picture.data["beside"][row] == headline.conclusions[0].threshold
    for end in drawn:
        assert figures.figure_of(headline, end) in picture.alt
    bars = [
        line for line in picture.figure.axes[0].get_lines() if len(np.asarray(line.get_xdata())) > 1
    ]
    ratios = np.array([drawn[0], drawn[2]]) / headline.conclusions[0].threshold
    assert any(np.array_equal(line.get_xdata(), ratios) for line in bars)


@EVERY
def test_a_tornado_has_a_bar_for_every_uncertain_input(headline: Headline) -> None:
    picture = laid_out(headline.id)
    free = {name for name, each in headline.inputs.items() if not each.fixed}
    assert set(picture.data["input"]) == free
    for name in free:
        assert figures.named(name) in picture.alt
        ends = figures.ends_of(name, headline.inputs[name].low, headline.inputs[name].high)
        assert f"{figures.named(name)} from {' to '.join(ends)}" in picture.alt
    low, middle, high = headline.band()
    for end in (low, middle, high):
        assert figures.figure_of(headline, end) in picture.alt


@EVERY
def test_inputs_are_listed_with_their_reasons_and_sources(headline: Headline) -> None:
    listed = figures.inputs_of(headline.id)
    assert listed.markup.count("<li>") == len(headline.inputs)
    for interval in headline.inputs.values():
        assert interval.because.replace("'", "’") in listed.text
        for source in interval.sources:
            assert f'"sources.html#source-{source}"' in listed.markup
    assert to_notebooks(listed.markup) in chapter()


def test_a_density_adds_up_to_one() -> None:
    data = figures.brain_distribution().data
    places = np.log10(data["bytes"])
    for name in ("strengths", "with_wiring"):
        assert np.trapezoid(data[name], places) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("message_rate", 29_761.9, "29,800 per s"),
        ("context", 19_956, "20,000"),
        ("peak_flops", 1.979e15, "1.98 PFLOP/s"),
        ("bits_per_synapse", 0.264, "0.264 bits"),
        ("utilization", 0.07, "7%"),
        ("parameters", 1.6e12, "1.6 trillion"),
        ("kv_bytes_per_token", 516_096, "516 kB"),
    ],
)
def test_the_value_of_an_input_is_short(name: str, value: float, shown: str) -> None:
    assert figures.value_of(name, value) == shown


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("parameters", "weights that a token uses"),
        ("message_rate", "messages that an audience sends"),
        ("flop_per_parameter", "operations per weight and token"),
        ("synapses", "synapses of a human brain"),
    ],
)
def test_the_name_of_an_input_is_short(name: str, meaning: str) -> None:
    assert figures.named(name) == meaning


# What the chapter says in words


def test_the_two_thousands_are_believed_by_none_and_come_out_several_times_smaller() -> None:
    for id in ("critical-batch", "price-ratio"):
        headline = HEADLINES[id]
        assert headline.chance() < 0.01
        assert headline.band()[1] * 3 < headline.conclusions[0].threshold


def test_the_three_figures_that_lie_inside_do() -> None:
    for id in ("users-needed", "audience-chips", "brain-storage"):
        headline = HEADLINES[id]
        low, _, high = headline.band()
        assert low < headline.conclusions[0].threshold < high
        assert high > 10 * low
    low, _, high = HEADLINES["brain-storage"].band()
    assert low < 1e15 / 8 < high, "the roadmap's bits"


def test_the_petabytes_are_possible_only_with_the_wiring() -> None:
    assert HEADLINES["brain-storage"].chance(1) > 0.99
    assert HEADLINES["petabytes"].chance() > 0.99
    assert 0.05 < HEADLINES["brain-wiring"].chance() < 0.95


@pytest.mark.parametrize(
    ("id", "number", "inside"),
    [
        ("critical-batch", 0, set()),
        ("users-needed", 0, {"tokens_per_message"}),
        ("price-ratio", 0, set()),
        ("audience-chips", 0, {"parameters", "utilization"}),
        ("brain-storage", 0, {"synapses", "bits_per_synapse"}),
        ("brain-wiring", 0, {"synapses"}),
        ("petabytes", 0, set()),
    ],
)
def test_what_turns_a_conclusion_inside_its_range(id: str, number: int, inside: set[str]) -> None:
    headline = HEADLINES[id]
    found = {
        flip.name
        for flip in headline.flips(number)
        if flip.value
        and headline.inputs[flip.name].low <= flip.value <= headline.inputs[flip.name].high
    }
    assert found == inside


@pytest.mark.parametrize(
    ("name", "low", "high", "shown"),
    [
        ("peak_flops", 0.9894e15, 1.979e15, ("0.989 PFLOP/s", "1.98 PFLOP/s")),
        ("memory_bandwidth", 3e12, 4.8e12, ("3 TB/s", "4.8 TB/s")),
        ("kv_bytes_per_token", 70.3e3, 4.72e6, ("70.3 kB", "4.72 MB")),
        ("synapses", 1e14, 1e15, ("100 trillion", "1,000 trillion")),
        ("use_on_active_days", 50, 120, ("50 s", "2 min")),
    ],
)
def test_ends_that_are_near_have_one_prefix(
    name: str, low: float, high: float, shown: tuple[str, str]
) -> None:
    assert figures.ends_of(name, low, high) == shown


def test_the_widest_band_is_that_of_the_chips() -> None:
    widths = {id: each.band()[2] / each.band()[0] for id, each in HEADLINES.items()}
    assert widths["audience-chips"] == max(widths.values())
    assert HEADLINES["audience-chips"].tornado()[0].name == "parameters"


def test_all_three_caps_of_the_price_must_give_way() -> None:
    ratio = HEADLINES["price-ratio"]
    fast = next(flip for flip in HEADLINES["critical-batch"].flips() if flip.name == "peak_flops")
    weights = ratio.inputs["parameters"].central * ratio.inputs["bits_per_parameter"].central / 8
    threshold = ratio.conclusions[0].threshold
    small = weights / (threshold - 1) / ratio.inputs["context"].central
    caps = {"peak_flops": fast.value, "kv_bytes_per_token": small, "read_per_written": 0.0}
    assert ratio.answer(**caps) >= threshold
    for name in caps:
        others = {other: value for other, value in caps.items() if other != name}
        assert ratio.answer(**others) < threshold, name
    assert show(weights / (threshold - 1), "byte", 2) in chapter()


# Other data


@pytest.fixture
def doubled() -> Iterator[None]:
    """The headlines with every factor of judgment widened, and one claim changed."""
    text = files.read("claims.toml").replace('"around ~ 100 trillion', '"around ~ 300 trillion')
    ledger = claims.parse(text, claims.load().catalog)
    raw = re.sub(r"(?m)^within = (\d)$", lambda match: f"within = {int(match[1]) + 1}",
                 files.read("headlines.toml"))  # fmt: skip
    raw = raw.replace("low = 4\ncentral = 8\nhigh = 8", "low = 3\ncentral = 7\nhigh = 8")
    others = uncertainty.parse(raw.replace("low = 0.07", "low = 0.05"), ledger)
    with pytest.MonkeyPatch.context() as patch:
        for module in (uncertainty, headlines):
            patch.setattr(module, "load", lambda: others)
        yield


@pytest.mark.parametrize(
    "name", ["bands", "critical-batch", "users-needed", "price-ratio", "audience-chips"]
)
@pytest.mark.usefixtures("doubled")
def test_other_ranges_draw_another_picture(name: str) -> None:
    assert PICTURES[name]().svg().strip() not in chapter()
