"""Figures on the site: within the page without their ground, and as files that stand alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from sphinx.errors import ExtensionError

from inference_economics_notebook import figures
from inference_economics_site import figures as on_site
from inference_economics_site.inline_svg import inline_svg

if TYPE_CHECKING:
    from pathlib import Path

CALL = 'figures.parts_of_a_step(accelerator="b200")'


def test_a_call_is_drawn_as_it_is_written() -> None:
    picture = on_site.redrawn(CALL)
    assert picture.call == CALL
    assert picture.csv() == figures.parts_of_a_step(accelerator="b200").csv()
    assert on_site.redrawn('figures.tornado("petabytes")').call == 'figures.tornado("petabytes")'


def test_in_a_page_a_figure_has_no_ground_and_the_type_of_the_page() -> None:
    svg = figures.parts_of_a_step().svg()
    inline = inline_svg(svg, "fig1-")
    assert "data-call" not in inline
    assert "font-family" not in inline
    # Behind the figure, and behind its axes: what stands behind a label stays.
    assert 'id="fig1-patch_1"' not in inline
    assert svg.count('"fill: none"/>') > inline.count('"fill: none" />') == 0
    paper = "fill: var(--fig-paper"
    assert inline.count(paper) == svg.count(paper) - 1 > 0
    assert inline.count("<text") == svg.count("<text")


def executed(folder: Path, **changed: str) -> Path:
    """Write a notebook with the outputs of one figure, some of them changed."""
    picture = on_site.redrawn(CALL)
    data = {"image/svg+xml": picture.svg(), "text/csv": picture.csv(), **changed}
    path = folder / "page.ipynb"
    path.write_text(json.dumps({"cells": [{"outputs": [{"data": data}]}]}), encoding="utf-8")
    return path


def test_a_figure_is_written_with_its_data_and_where_it_is_from(tmp_path: Path) -> None:
    (tmp_path / "downloads" / "figures").mkdir(parents=True)
    on_site._write(executed(tmp_path), tmp_path, "https://example.org/")
    start = tmp_path / "downloads" / "figures" / "page.parts-of-a-step"
    assert start.with_suffix(".parts-of-a-step.csv").read_text() == on_site.redrawn(CALL).csv()
    svg = start.with_suffix(".parts-of-a-step.svg").read_text(encoding="utf-8")
    png: Any = Image.open(start.with_suffix(".parts-of-a-step.png"))
    address = "https://example.org/page.html#figure-parts-of-a-step"
    assert f">{address}</text>" in svg
    assert address in png.info["Source"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"text/csv": "part,seconds\n"}, r"page: figures\.parts.* draws other data than the page"),
        ({"image/svg+xml": "<svg/>"}, "a figure does not name what drew it: draw it under @drawn"),
    ],
)
def test_a_figure_that_cannot_be_drawn_again_stops_the_build(
    tmp_path: Path, changed: dict[str, str], message: str
) -> None:
    with pytest.raises(ExtensionError, match=message):
        on_site._write(executed(tmp_path, **changed), tmp_path, "")
