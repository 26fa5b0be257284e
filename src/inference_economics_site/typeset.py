r"""Equations in MathML, which browsers typeset themselves: no script, and nothing to wait for.

Sphinx holds equations as nodes; notebook cells write them into their HTML, as
`<span class="math">\(…\)</span>` and `<div class="math">\[…\]</div>`. Both become `math`
elements here, before the page is written. JupyterLab still typesets the LaTeX of the cells.

The library latex2mathml reads the LaTeX. What it leaves undone is mended in its tree:

- it knows no `\\[0.6em]` within `aligned`, so that rows are split before it sees them;
- an unknown command is shown as it stands; here it is an error;
- a name such as max is an operator, with space around it; here it is applied to what follows;
- `{,}` between digits takes a number apart; here it stays one number;
- two factors stand beside each other without a sign; here an invisible one is between them,
  which leaves a hair's breadth and is read aloud;
- a capital Greek letter would be slanted, a star be raised twice, a bar be stretched.

Browsers break lines only between `math` elements. A displayed equation therefore is several of
them: its left side, and the terms of its right side, each behind its operator.
"""

from __future__ import annotations

import html
import re
from copy import copy
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, tostring

from docutils import nodes
from latex2mathml import exceptions
from latex2mathml.converter import Converter
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

_MARKED = re.compile(r'(<(div|span) class="math(?: [^"]*)?">)(.*?)</\2>', re.DOTALL)
_SOURCE = re.compile(r"\s*(?:\\\[(?P<display>.*)\\\]|\\\((?P<inline>.*)\\\))\s*", re.DOTALL)
_ALIGNED = re.compile(r"\s*\\begin\{(aligned|split)\}(.*)\\end\{\1\}\s*", re.DOTALL)
_NEXT_ROW = re.compile(r"\\\\(\[[^\]]*\])?")
_BRACE = re.compile(r"\\.|([{}])", re.DOTALL)
_ALIGNMENT = re.compile(r"(?<!\\)&")

_RELATIONS = frozenset("=≈≃≅≠≡<>≤≥≪≫→")
_BREAKS = _RELATIONS | frozenset("+−±×·")
_OPENING, _CLOSING = frozenset("([{⌈⌊"), frozenset(")]}⌉⌋")
_ROWS = frozenset({"math", "mrow", "msqrt", "mstyle", "mtd"})
_SCRIPTS = frozenset({"msub", "msup", "msubsup", "munder", "mover", "munderover"})
_OPERANDS = _SCRIPTS | {"mi", "mn", "mrow", "mfrac", "msqrt", "mroot"}
_TALL = frozenset({"mfrac", "mtable", "munder", "munderover"})
_FUNCTIONS = frozenset({"exp", "inf", "lim", "ln", "log", "max", "min", "sup"})
_CHILDREN = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "mover": 2, "munder": 2, "msubsup": 3}
_APPLY, _TIMES = "\u2061", "\u2062"
_CAPITAL_GREEK = re.compile("[\u0391-\u03a9]")

# The library's errors have no common base, and it runs into an end without one of them.
_ERRORS: tuple[type[Exception], ...] = (
    *(each for each in vars(exceptions).values() if isinstance(each, type)),
    IndexError,
    KeyError,
    RuntimeError,
    StopIteration,
)


def typeset(markup: str) -> str:
    r"""Return HTML with its equations in MathML: those in elements of the class `math`.

    What is in MathML already is left alone. Raises ValueError for LaTeX that is broken or for
    which there is no rule.
    """
    return _MARKED.sub(_typeset, markup)


def _typeset(match: re.Match[str]) -> str:
    start, tag, content = match.groups()
    if "<math" in content:
        return match[0]
    source = _SOURCE.fullmatch(html.unescape(content))
    if not source:
        raise ValueError(f"an element of the class math without an equation: {match[0]}")
    if source["inline"] is not None:
        return _inline(source["inline"])
    return f"{start}{_displayed(source['display'])}</{tag}>"


@cache
def _inline(latex: str) -> str:
    return _written("math", _parsed(latex))


@cache
def _displayed(latex: str) -> str:
    """Return an equation as lines, each with the two sides of a relation."""
    aligned = _ALIGNED.fullmatch(latex)
    if not aligned:
        return _line(_parsed(latex))
    body, *more = _NEXT_ROW.split(aligned[2])
    lines = [_line(_parsed(_unaligned(body)))]
    for gap, row in zip(more[::2], more[1::2], strict=True):
        lines.append(_line(_parsed(_unaligned(row)), new=gap is not None))
    return "".join(lines)


def _unaligned(row: str) -> str:
    """Leave out the mark of alignment: lines are aligned at their first relation anyway."""
    if len(_ALIGNMENT.findall(row)) > 1:
        raise ValueError(f"more than one mark of alignment: {row}")
    return _ALIGNMENT.sub("", row)


def _line(parts: list[Element], *, new: bool = False) -> str:
    at = next((i for i, part in enumerate(parts) if _operator(part) in _RELATIONS), 0)
    left = _written('math class="left" displaystyle="true"', parts[:at]) if at else ""
    right = " ".join(_written('math displaystyle="true"', term) for term in _terms(parts[at:]))
    name = "relation new" if new else "relation"
    return f'<div class="{name}">{left} <span class="right">{right}</span></div>'


def _terms(parts: list[Element]) -> Iterator[list[Element]]:
    """Yield the runs between which a line may be broken; an operator begins its run."""
    run: list[Element] = []
    for part in parts:
        binary = _operator(part) in _BREAKS and part.get("form") != "prefix"
        if binary and run:
            yield run
            run = []
        if binary:
            # Before it stands the space between words.
            part.attrib.update(form="infix", lspace="0")
        run.append(part)
    yield run


def _written(start: str, parts: Iterable[Element]) -> str:
    inner = "".join(tostring(part, "unicode", short_empty_elements=False) for part in parts)
    return f"<{start}>{inner}</math>"


def _parsed(latex: str) -> list[Element]:
    """Return the elements of an equation, mended."""
    _check_braces(latex)
    try:
        tree = Converter().convert_to_element(latex.strip())
    except _ERRORS as error:
        raise ValueError(f"broken LaTeX: {latex}") from error
    for element in tree.iter():
        element.text = html.unescape(element.text or "")
        if "\\" in element.text or element.text == "&":
            raise ValueError(f"no MathML for {element.text} in the equation {latex}")
        if len(element) != _CHILDREN.get(element.tag, len(element)):
            raise ValueError(f"broken LaTeX: {latex}")
    parts = [_mended(child) for child in tree]
    parts = list(parts[0]) if [part.tag for part in parts] == ["mrow"] else parts
    if not parts:
        raise ValueError("an equation without content")
    return _in_a_row(parts)


def _check_braces(latex: str) -> None:
    """Raise ValueError unless each brace has its other: the library reads on without it."""
    depth = 0
    for brace in _BRACE.findall(latex):
        depth += {"{": 1, "}": -1, "": 0}[brace]
        if depth < 0:
            break
    if depth:
        raise ValueError(f"a brace without its other: {latex}")


def _mended(element: Element) -> Element:
    """Mend an element and all within it; one that only wraps another goes."""
    if element.tag == "mrow" and _grouped(element) == ",":
        return element  # part of a number: see `_numbers`
    parts = [_mended(child) for child in element]
    if element.tag in _ROWS:
        parts = _in_a_row(_numbers(parts))
        if element.tag == "mrow" and len(parts) == 1:
            return parts[0]
    mended = copy(element)
    mended[:] = parts
    _mend_delimiters(mended)
    _mend_letter(mended)
    if mended.tag == "mover" and _operator(mended[1]) == "¯":
        mended.set("accent", "true")
        mended[1].attrib.update(stretchy="false")
    return mended


def _grouped(element: Element) -> str:
    return _operator(element[0]) if len(element) == 1 else ""


def _operator(element: Element) -> str:
    return element.text or "" if element.tag == "mo" else ""


def _numbers(parts: list[Element]) -> list[Element]:
    """Join the digits that a comma in braces groups by thousands."""
    joined: list[Element] = []
    for part in parts:
        comma = len(joined) > 1 and joined[-1].tag == "mrow" and _grouped(joined[-1]) == ","
        if comma and part.tag == "mn" and joined[-2].tag == "mn":
            joined.pop()
            joined[-1].text = f"{joined[-1].text},{part.text}"
        else:
            joined.append(part)
    return joined


def _mend_delimiters(row: Element) -> None:
    """Leave out what the place of a bracket says anyway, and let it grow only where it must."""
    if row.tag == "mrow" and len(row) > 1:
        # Chromium puts space around a bracket that may grow, even if it does not.
        tall = any(part.tag in _TALL for part in row.iter())
        for part, kind in ((row[0], _OPENING), (row[-1], _CLOSING)):
            if part.get("fence") == "true" and _operator(part) in kind:
                part.attrib = {} if tall else {"stretchy": "false"}


def _mend_letter(element: Element) -> None:
    text = element.text or ""
    if element.tag == "mtext" and text.strip():
        # Not `mtext`, which counts as space: an operator beside it would lose its own.
        element.tag = "mi"
        if len(text) == 1:
            element.set("mathvariant", "normal")
    elif element.tag == "mi" and _CAPITAL_GREEK.fullmatch(text):
        element.set("mathvariant", "normal")
    elif element.tag == "mi" and text in _OPENING | _CLOSING:
        element.tag = "mo"
        element.set("stretchy", "false")
    elif element.tag == "mo" and text == "*":
        element.text = "\u2217"  # in the middle of the line, as LaTeX has it
    elif element.tag == "mo" and len(text) > 1 and text.isalpha():
        element.tag = "mi"


def _in_a_row(parts: list[Element]) -> list[Element]:
    """Put between neighbors what is read but not written, and tell signs from operators."""
    row: list[Element] = []
    for part in parts:
        before = row[-1] if row else None
        if before is not None and part.tag in _OPERANDS | {"mo"}:
            if _is_function(before) and (part.tag != "mo" or _operator(part) in _OPENING):
                row.append(_invisible(_APPLY))
            elif _multiplies(before, part):
                row.append(_invisible(_TIMES, rspace="0.1em"))
            elif _operator(part) in {"+", "−"} and _operator(before) in _BREAKS | _OPENING | {","}:
                part.set("form", "prefix")
        row.append(part)
    return row


def _is_function(element: Element) -> bool:
    base = element[0] if element.tag in _SCRIPTS else element
    return base.tag == "mi" and base.text in _FUNCTIONS


def _multiplies(before: Element, part: Element) -> bool:
    """Tell whether two elements are factors: a currency or a percent sign is part of a number."""
    signs = {before.text, part.text} & {"$", "%"}
    return before.tag in _OPERANDS and part.tag in _OPERANDS and not signs


def _invisible(sign: str, **attributes: str) -> Element:
    element = Element("mo", attributes)
    element.text = sign
    return element


class TypesetMarkup(nodes.raw):
    """Markup with MathML; its text, which the search index reads, is without the equations."""


def _node(markup: str) -> TypesetMarkup:
    text = _MARKED.sub(" ", markup)
    return TypesetMarkup("", text, format="html", typeset=typeset(markup))


def _marked(node: nodes.Element) -> str:
    latex = html.escape(node.astext(), quote=False)
    if isinstance(node, nodes.math):
        return f'<span class="math">\\({latex}\\)</span>'
    if node.get("number"):
        raise ValueError(f"no rule for an equation with a number: {latex}")
    return f'<div class="math notranslate nohighlight">\\[{latex}\\]</div>'


class Equations(SphinxPostTransform):
    """Typeset what Sphinx holds as equations and what cells have written as such."""

    # After MyST-NB has chosen among an output's formats (4).
    default_priority = 10
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace them."""
        for node in list(self.document.findall(_is_equation)):
            node.replace_self(_node(_marked(node)))
        for raw in list(self.document.findall(nodes.raw)):
            if "html" in raw.get("format", "").split() and _MARKED.search(raw.astext()):
                found = _node(raw.astext())
                found["classes"] = raw["classes"]
                raw.replace_self(found)


def _is_equation(node: nodes.Node) -> bool:
    return isinstance(node, nodes.math | nodes.math_block)


def write_typeset(translator: Any, node: TypesetMarkup) -> None:
    """Write the markup."""
    translator.body.append(node["typeset"])
    raise nodes.SkipNode


def write_equation(translator: Any, node: nodes.Element) -> None:
    """Write an equation of a title, as tables of contents repeat it."""
    translator.body.append(typeset(_marked(node)))
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register all of it; with `html_math_renderer: mathml`, Sphinx loads no MathJax."""
    app.add_node(TypesetMarkup, html=(write_typeset, None))
    app.add_post_transform(Equations)
    app.add_html_math_renderer("mathml", (write_equation, None), (write_equation, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
