"""The figures: the same bytes every time, as they stand in the book, and words for who listens."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from stored_figures import stored

from inference_economics.evidence import own_runs
from inference_economics.notebook import figures

if TYPE_CHECKING:
    from inference_economics.notebook.figures import style

OURS = own_runs.ours()
# All tests of one figure follow one another, so that one process draws it once for them.
# That of a headline's inputs is drawn with the other figures of uncertainty.
NAMES = sorted(set(figures.__all__) - {"tornado"})
EVERY = pytest.mark.parametrize("name", NAMES, scope="module")


@pytest.fixture(autouse=True)
def our_run_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what a reader has measured: the stored figures are without it."""
    monkeypatch.setattr(own_runs, "load", lambda: (OURS,))


def drawn(name: str) -> style.Picture:
    return getattr(figures, name)()


@cache
def picture(name: str) -> style.Picture:
    return drawn(name)


@cache
def svg(name: str) -> str:
    return picture(name).svg()


@EVERY
def test_a_figure_is_drawn_the_same_every_time(name: str) -> None:
    assert drawn(name).svg() == svg(name)


@EVERY
def test_a_figure_stands_in_the_book(name: str) -> None:
    """Strict nbval compares the stored SVG; it can, because the bytes are the same."""
    assert svg(name).strip() in stored()


@EVERY
def test_a_figure_says_what_it_shows(name: str) -> None:
    shown = picture(name)
    assert re.search(r"\d", shown.alt), "the description names the values"
    assert len(shown.alt) > len(shown.title)
    assert shown.caption.endswith(".")
    assert len({len(column) for column in shown.data.values()}) == 1, "columns of equal length"


@EVERY
def test_every_color_follows_the_theme(name: str) -> None:
    """A color that is not one of the style's variables would not change in dark mode."""
    bare = re.sub(r"var\(--fig-\w+, [^)]*\)", "", svg(name))
    assert not re.findall(r"#[0-9a-f]{6}\b", bare)


@EVERY
def test_the_data_of_a_figure_are_what_it_draws(name: str) -> None:
    """Every long column of numbers is drawn, as the points of one line or of several."""
    shown = picture(name)
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
