"""The figures as the committed notebooks hold them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

BOOK = Path(__file__).parents[1] / "book"


@cache
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
