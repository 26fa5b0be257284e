"""Notebooks of the live copy, which a reader fetches."""

from __future__ import annotations

import json

from inference_economics_site.live.__main__ import light


def test_a_live_notebook_has_one_picture_of_each_figure() -> None:
    both = {"image/svg+xml": "<svg/>", "image/png": "iVBO", "text/plain": "figure"}
    outputs = [{"data": both}, {"data": {"image/png": "iVBO"}}, {"text": "printed"}]
    cells = [{"source": "figure()", "outputs": outputs}, {"source": "# Words"}]
    found = json.loads(light(json.dumps({"cells": cells})))["cells"]
    assert list(found[0]["outputs"][0]["data"]) == ["image/svg+xml", "text/plain"]
    assert found[0]["outputs"][1:] == outputs[1:]
    assert found[1] == cells[1]
