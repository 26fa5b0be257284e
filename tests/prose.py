"""What the book says in words: cells, captions and claims, each with its place."""

from __future__ import annotations

import json
import re
from pathlib import Path

from inference_economics.ledger import claims
from inference_economics_notebook import marks

BOOK = Path(__file__).parents[1] / "book"

NO_SENTENCES = (
    r"(?ms)^(`{3,}).*?^\1\s*$",  # code
    r"(?s)\$\$.*?\$\$",
    r"(?m)^\|.*$",  # tables
    r"(?m)^#+ .*$",
)


def texts() -> dict[str, str]:
    """Return every text of the book by its place: what a reader of the site reads in sentences."""
    found = {}
    for path in sorted(BOOK.glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf8"))["cells"]:
            place = f"book/{path.name}, {cell['id']}"
            if cell["cell_type"] == "markdown":
                found[place] = "".join(cell["source"])
            for output in cell.get("outputs", ()):
                if caption := "".join(output.get("data", {}).get("text/markdown", "")):
                    found[f"{place}, caption"] = caption
    for path in sorted(BOOK.glob("*.md")):
        found[f"book/{path.name}"] = path.read_text("utf8")
    for claim in claims.load().claims.values():
        found[f"claim {claim.id}"] = "\n\n".join(
            filter(None, (claim.says, claim.hedge, claim.note))
        )
    return found


def paragraphs(text: str) -> list[str]:
    """Return a text's paragraphs and entries of lists in words alone, figures included."""
    for pattern in NO_SENTENCES:
        text = re.sub(pattern, "", text)
    text = re.sub(r"`[^`\n]*`", "code", marks.MARK.sub(marks.shown, text))
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    parts = re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", text)
    plain = (re.sub(r"^\s*(?:[-*]|\d+\.) ", "", each.strip()) for each in parts)
    return [re.sub(r"[*_\\]", "", " ".join(each.split())) for each in plain if each]


def sentences(paragraph: str) -> list[str]:
    """Return a paragraph's sentences; a colon or a semicolon ends none."""
    return re.split(r"(?<=[.?!])[”\")]*\s+(?=[A-Z“\"(])", paragraph)
