r"""Equations of HTML in MathML, where nothing else typesets them: on the site, and in a widget.

Cells write equations as `<span class="math">\(…\)</span>` and `<div class="math">\[…\]</div>`.
"""

from __future__ import annotations

import html
import re

from . import typesetting
from .markup import element

MARKED = re.compile(r'(<(div|span) class="math(?: [^"]*)?">)(.*?)</\2>', re.DOTALL)
_SOURCE = re.compile(r"\s*(?:\\\[(?P<display>.*)\\\]|\\\((?P<inline>.*)\\\))\s*", re.DOTALL)


def typeset(markup: str) -> str:
    r"""Return HTML with its equations in MathML: those in elements of the class `math`.

    What is in MathML already is left alone. Raises ValueError for LaTeX that is broken or for
    which there is no rule.
    """
    return MARKED.sub(_typeset, markup)


def _typeset(match: re.Match[str]) -> str:
    start, tag, content = match.groups()
    if "<math" in content:
        return match[0]
    source = _SOURCE.fullmatch(html.unescape(content))
    if not source:
        raise ValueError(f"an element of the class math without an equation: {match[0]}")
    if source["inline"] is not None:
        return typesetting.inline(source["inline"])
    lines = "".join(map(_relation, typesetting.displayed(source["display"])))
    return f"{start}{lines}</{tag}>"


def _relation(line: typesetting.Line) -> str:
    right = element("span", " ".join(line.right), css="right")
    return element("div", f"{line.left} {right}", css="relation new" if line.new else "relation")
