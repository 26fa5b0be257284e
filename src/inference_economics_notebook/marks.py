"""Figures in a chapter's sentences: each stands in a mark that says where it comes from.

``<data value="claim:utilization-alone">0.2%</data>`` shows its text and nothing else wherever a
notebook opens. The kinds are `glue`, for what :func:`book.glue` tells the prose, `claim`,
`recomputed` and `on-facts` with a claim's id, `fact` with a fact's, and `chip` and `model` with an
id and a column, as in ``chip:wse3.memory_bandwidth``.
"""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING

from inference_economics.facts import files

if TYPE_CHECKING:
    from collections.abc import Mapping

TOLD = resources.files(__package__) / "told.csv"
"""What cells tell each chapter's prose; `make notebooks` writes it."""
GLUE = "glue"
MARK = re.compile(r'<data value="(?P<kind>[a-z-]+):(?P<name>[\w.-]+)">(?P<text>.*?)</data>')
_SIGNS = re.compile(r"([\\$*_`<\[\]|~])")


def mark(kind: str, name: str, text: str) -> str:
    """Return a mark as Markdown: no sign of its text begins mathematics, emphasis or a tag."""
    escaped = _SIGNS.sub(r"\\\1", text)
    return f'<data value="{kind}:{name}">{escaped}</data>'


def shown(found: re.Match[str]) -> str:
    """Return the text that a mark shows."""
    return re.sub(r"\\([^\w\s])", r"\1", found["text"])


def told(markdown: str) -> dict[str, str]:
    """Return what the prose says of each name that a cell has glued."""
    found = (each for each in MARK.finditer(markdown) if each["kind"] == GLUE)
    return {each["name"]: shown(each) for each in found}


def all_told() -> list[dict[str, str]]:
    """Return the rows of what cells tell: chapter, name, text."""
    return files.rows(TOLD.read_text(encoding="utf-8"))


def of_chapter(chapter: str) -> dict[str, str]:
    """Return what a chapter's prose says of each name; nothing of one that is not the book's."""
    return {row["name"]: row["text"] for row in all_told() if row["chapter"] == chapter}


def listed(texts: Mapping[str, str], prose: Mapping[str, str]) -> str:
    """Return texts by name, a line each, with what the prose says where that is something else."""
    lines = []
    for name, text in texts.items():
        said = prose.get(name, text)
        lines.append(f"{name} = {text}" + (f" (the text says {said})" if said != text else ""))
    return "\n".join(lines)
