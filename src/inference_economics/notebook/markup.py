"""The smallest pieces of HTML: words, equations, signs and what they mean, a citation."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..algebra.symbols import Entry


def prose(text: str) -> str:
    """Return words of the ledger as HTML, with typographic apostrophes."""
    return html.escape(text.replace("\\$", "$").replace("'", "’"), quote=False)


def math(latex: str) -> str:
    """Return a display equation."""
    return f'<div class="math notranslate nohighlight">\\[{latex}\\]</div>'


def sign(latex: str) -> str:
    """Return a sign that stands in a line."""
    return f'<span class="math notranslate nohighlight">\\({latex}\\)</span>'


def legend(lines: Iterable[Entry]) -> str:
    """Return what signs mean, with their units, as a list."""
    rows = "".join(
        f"<li>{sign(line.sign)} {html.escape(line.meaning)}"
        f'<span class="unit">{html.escape(line.shown_unit)}</span></li>'
        for line in lines
    )
    return f'<ul class="legend">{rows}</ul>'
