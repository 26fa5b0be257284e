"""README's picture is the front page's figure, as it is now."""

from __future__ import annotations

import json
import re
from pathlib import Path

from PIL import Image

from inference_economics_notebook import figures

ROOT = Path(__file__).parents[2]


def test_the_picture_of_the_readme_is_the_front_pages() -> None:
    index = json.loads((ROOT / "book" / "index.ipynb").read_text(encoding="utf-8"))
    shown = ["".join(cell["source"]) for cell in index["cells"]]
    assert "figures.one_full_machine()" in shown
    now = figures.one_full_machine()
    found = Image.open(ROOT / "docs" / "front-page.png").info
    assert (found["Title"], found["Description"]) == (now.title, now.alt)


def test_the_readme_names_it() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(re.findall(r"!\[[^\]]+\]\(docs/front-page\.png\)", text)) == 1
