"""The figures as the committed notebooks hold them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

BOOK = Path(__file__).parents[1] / "book"


@cache
def stored(kind: str = "image/svg+xml") -> str:
    """All of one kind that the committed notebooks show, such as every SVG."""
    outputs = [
        "".join(output["data"][kind])
        for path in sorted(BOOK.glob("*.ipynb"))
        for cell in json.loads(path.read_text(encoding="utf8"))["cells"]
        for output in cell.get("outputs", [])
        if kind in output.get("data", {})
    ]
    return "\n".join(outputs)
