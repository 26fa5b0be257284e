"""The figures: the same bytes every time, other bytes for other data, and words for who listens."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from inference_economics import (
    catalog,
    claims,
    evidence,
    figures,
    findings,
    own_runs,
    prediction,
    scenario,
    uncertainty,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inference_economics.figures import style

BOOK = Path(__file__).parents[1] / "book"
YEAR = re.compile(r"20[012]\d$")


OURS = own_runs.ours()


@pytest.fixture(autouse=True)
def our_run_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what a reader has measured: the stored figures are without it."""
    monkeypatch.setattr(own_runs, "load", lambda: (OURS,))


def drawn(name: str) -> style.Picture:
    return getattr(figures, name)()


def stored() -> str:
    """Every SVG that the committed notebooks hold."""
    outputs = [
        "".join(output["data"]["image/svg+xml"])
        for path in sorted(BOOK.glob("*.ipynb"))
        for cell in json.loads(path.read_text(encoding="utf8"))["cells"]
        for output in cell.get("outputs", [])
        if "image/svg+xml" in output.get("data", {})
    ]
    return "\n".join(outputs)


@pytest.mark.parametrize("name", figures.__all__)
def test_a_figure_is_drawn_the_same_every_time(name: str) -> None:
    assert drawn(name).svg() == drawn(name).svg()


@pytest.mark.parametrize("name", figures.__all__)
def test_a_figure_stands_in_the_book(name: str) -> None:
    """Strict nbval compares the stored SVG; it can, because the bytes are the same."""
    assert drawn(name).svg().strip() in stored()


@pytest.mark.parametrize("name", figures.__all__)
def test_a_figure_says_what_it_shows(name: str) -> None:
    picture = drawn(name)
    assert re.search(r"\d", picture.alt), "the description names the values"
    assert len(picture.alt) > len(picture.title)
    assert picture.caption.endswith(".")
    assert len({len(column) for column in picture.data.values()}) == 1, "columns of equal length"


@pytest.mark.parametrize("name", figures.__all__)
def test_every_color_follows_the_theme(name: str) -> None:
    """A color that is not one of the style's variables would not change in dark mode."""
    bare = re.sub(r"var\(--fig-\w+, [^)]*\)", "", drawn(name).svg())
    assert not re.findall(r"#[0-9a-f]{6}\b", bare)


def slower_by_a_tenth(run: own_runs.Run) -> own_runs.Run:
    """A run that took longer, but for its reading."""
    rows = [
        row if row["experiment"] == "read" else {**row, "seconds": str(1.1 * float(row["seconds"]))}
        for row in run.rows
    ]
    return replace(run, rows=tuple(rows))


@pytest.fixture
def changed_data() -> Iterator[None]:
    """Numbers of the catalog, each by a factor of its own, and some of those stated."""
    files = dict(catalog.read_files())
    factors = cycle((1.03, 1.11, 1.05, 1.19, 1.07))
    for name in ("accelerators.csv", "facts.csv"):
        number = r"(?<=,)(\d[\d.]*e\d+|\d{2,}(?:\.\d+)?)(?=,)"
        files[name] = re.sub(
            number,
            lambda match: (
                match[1] if YEAR.match(match[1]) else repr(float(match[1]) * next(factors))
            ),
            files[name],
        )
    mutated = catalog.parse(files)
    text = claims.read("claims.toml").replace('"around 3e15"', '"around 4e15"')
    text = text.replace('"3e9 flops"', '"4e9 flops"').replace('"around ~ 100', '"around ~ 200')
    ledger = claims.parse(text, mutated)
    caches = (
        catalog.load,
        claims.load,
        scenario.post,
        scenario.post_on_a_real_card,
        scenario.quiet_hour_margin,
        uncertainty.load,
        prediction.deployed,
        evidence.own,
        evidence.own_left_out,
        findings.curves,
    )
    originals = (catalog.load, claims.load)
    for cached in caches:
        cached.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "load", lambda: mutated)
        patch.setattr(claims, "load", lambda: ledger)
        patch.setattr(own_runs, "load", lambda: (slower_by_a_tenth(OURS),))
        yield
    assert (catalog.load, claims.load) == originals
    for cached in caches:
        cached.cache_clear()


@pytest.mark.parametrize("name", figures.__all__)
@pytest.mark.usefixtures("changed_data")
def test_other_data_draw_another_figure(name: str) -> None:
    """What nbval compares differs, so a stored figure cannot go stale."""
    assert drawn(name).svg().strip() not in stored()


@pytest.mark.parametrize("name", figures.__all__)
def test_the_data_of_a_figure_are_what_it_draws(name: str) -> None:
    """Every long column of numbers is drawn, as the points of one line or of several."""
    picture = drawn(name)
    drawn_lines = [
        [float(value) for value in axis]
        for axes in picture.figure.axes
        for line in axes.get_lines()
        for axis in (line.get_xdata(), line.get_ydata())
    ]
    points = {value for line in drawn_lines for value in line}
    for column, values in picture.data.items():
        if len(values) >= 50 and not isinstance(values[0], str):
            whole = list(values) in drawn_lines
            assert whole or set(values) <= points, f"{column} is not drawn"
