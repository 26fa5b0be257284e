"""HTML: the one place that knows how elements, tables, lists and links are written.

Content is markup: text goes through `prose` or `escape` first. Attributes are escaped here.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inference_economics.algebra.formula import Worked
    from inference_economics.algebra.symbols import Entry

    Attribute = str | int | bool

CLAIMS = "claims"
"""The folder of the site in which each claim has its page."""

_VOID = frozenset({"input", "wbr"})


@dataclass(frozen=True)
class Html:
    """Markup that a notebook shows, with the text that stands for it elsewhere."""

    markup: str
    text: str

    def _repr_html_(self) -> str:
        return to_notebooks(self.markup)

    def __repr__(self) -> str:
        """Return the text that says the same."""
        return self.text


def to_notebooks(markup: str) -> str:
    """Return markup whose links lead to notebooks, as no page of the site lies beside one.

    A claim's is the ledger's, at its row. What a page is asked for stands behind ``#``, too. Where
    a notebook is opened the site's style is missing, which keeps verdicts and figures apart.
    """
    rows = re.sub(rf'href="{CLAIMS}/([a-z0-9-]+)\.html"', r'href="ledger.ipynb#row-\1"', markup)
    asked = re.sub(r'href="([a-z0-9-]+)\.html\?', r'href="\1.ipynb#?', rows)
    linked = re.sub(r'(href|action)="([a-z0-9-]+)\.html(?=["#])', r'\1="\2.ipynb', asked)
    return re.sub(rf"</span> (?={_SIDE_BY_SIDE})", "</span> · ", linked)


def to_pages(markup: str) -> str:
    """Return what :func:`to_notebooks` was given."""
    rows = re.sub(r'href="ledger\.ipynb#row-([a-z0-9-]+)"', rf'href="{CLAIMS}/\1.html"', markup)
    asked = re.sub(r'href="([a-z0-9-]+)\.ipynb#\?', r'href="\1.html?', rows)
    linked = re.sub(r'(href|action)="([a-z0-9-]+)\.ipynb(?=["#])', r'\1="\2.html', asked)
    return re.sub(rf"</span> · (?={_SIDE_BY_SIDE})", "</span> ", linked)


_SIDE_BY_SIDE = '<span class="(?:verdict|tile-)'
"""Begins what stands beside another of its kind."""


def escape(text: str) -> str:
    """Return text as markup."""
    return html.escape(text, quote=False)


def breakable(markup: str) -> str:
    """Return markup of which a unit or a name may break after its marks, and not within a word."""
    return re.sub(r"(?<=\w[/_])(?=\w)", element("wbr"), markup)


def prose(text: str) -> str:
    """Return words of the ledger as markup, with typographic apostrophes."""
    return escape(text.replace("\\$", "$").replace("'", "’"))


def element(tag: str, *content: str, css: Attribute = "", **attributes: Attribute) -> str:
    """Return an element; `css` is its class, and `data_sort=1` its attribute `data-sort`.

    An attribute that is True is written without a value, and one that is False not at all.
    """
    named = {"class": css or False, **attributes}
    written = "".join(
        f" {name.rstrip('_').replace('_', '-')}"
        + ("" if value is True else f'="{html.escape(str(value))}"')
        for name, value in named.items()
        if value is not False
    )
    start = f"<{tag}{written}>"
    return start if tag in _VOID else f"{start}{''.join(content)}</{tag}>"


def link(address: str, *content: str, **attributes: Attribute) -> str:
    """Return a link; `download=True` makes it one that saves what it leads to."""
    return element("a", *content, href=address, **attributes)


def items(contents: Iterable[str], css: Attribute = "", **attributes: Attribute) -> str:
    """Return a list."""
    return element("ul", *(element("li", each) for each in contents), css=css, **attributes)


def definitions(pairs: Iterable[tuple[str, str]], css: str) -> str:
    """Return names, each with what belongs to it, as a list."""
    rows = (element("div", element("dt", name), element("dd", said)) for name, said in pairs)
    return element("dl", *rows, css=css)


def folded(summary: str, *content: str, css: str = "about", **attributes: Attribute) -> str:
    """Return content of which a page shows the summary alone until a reader opens it."""
    return element("details", element("summary", summary), *content, css=css, **attributes)


@dataclass(frozen=True)
class Cell:
    """A cell of a table with attributes of its own."""

    content: str
    attributes: Mapping[str, Attribute]


def cell(content: str, **attributes: Attribute) -> Cell:
    """Return a cell of a table with attributes of its own."""
    return Cell(content, attributes)


def row(*cells: str | Cell, headed: bool = False, **attributes: Attribute) -> str:
    """Return a row of a table; if it is `headed`, its first cell says what it is about."""
    first = _written(cells[0], "th", scope="row") if headed else _written(cells[0], "td")
    return element("tr", first, *(_written(each, "td") for each in cells[1:]), **attributes)


def table(
    head: Iterable[str | Cell], rows: Iterable[str], *, css: str = "facts", caption: str = ""
) -> str:
    """Return a table: what its columns are called, its rows, and what it is a table of."""
    return element(
        "table",
        element("caption", caption) if caption else "",
        element("thead", element("tr", *(_written(name, "th", scope="col") for name in head))),
        element("tbody", *rows),
        css=css,
    )


def _written(content: str | Cell, tag: str, **attributes: Attribute) -> str:
    if isinstance(content, Cell):
        return element(tag, content.content, **attributes, **content.attributes)
    return element(tag, content, **attributes)


def math(latex: str) -> str:
    """Return a display equation."""
    return element("div", f"\\[{latex}\\]", css="math notranslate nohighlight")


def sign(latex: str) -> str:
    """Return a sign that stands in a line."""
    return element("span", f"\\({latex}\\)", css="math notranslate nohighlight")


def signs(*works: Worked) -> str:
    """Return what the signs of worked equations mean, folded; nothing where there is none."""
    steps = (step for work in works for step in work.steps)
    lines = {line.name: line for step in steps for line in step.formula.legend()}
    return folded("What the signs mean", legend(lines.values()), css="about signs") if lines else ""


def legend(lines: Iterable[Entry]) -> str:
    """Return what signs mean, with their units, as a list."""
    return items(
        (
            f"{sign(line.sign)} {escape(line.meaning)} "
            f"{element('span', breakable(escape(line.shown_unit)), css='unit')}"
            for line in lines
        ),
        css="legend",
    )
