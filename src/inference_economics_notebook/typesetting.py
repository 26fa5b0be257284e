r"""LaTeX in MathML, which browsers typeset themselves: no script, and nothing to wait for.

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

Importing this takes a while, since the library reads its tables: whoever needs it does so late.
"""

from __future__ import annotations

import html
import re
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, tostring

from latex2mathml import exceptions
from latex2mathml.converter import Converter

from inference_economics.algebra.symbols import PLACE

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from inference_economics.algebra.formula import Formula

_ALIGNED = re.compile(r"\s*\\begin\{(aligned|split)\}(.*)\\end\{\1\}\s*", re.DOTALL)
_NEXT_ROW = re.compile(r"\\\\(\[[^\]]*\])?")
_BRACE = re.compile(r"\\.|([{}])", re.DOTALL)
_ALIGNMENT = re.compile(r"(?<!\\)&")

_RELATIONS = frozenset("=≈≃≅≠≡<>≤≥≪≫→")
_SIGNS_OF_SUMS = frozenset("+−")
_BREAKS = _RELATIONS | _SIGNS_OF_SUMS | frozenset("±×·")
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


@dataclass(frozen=True)
class Line:
    """A line of a displayed equation, in MathML: its left side, and the terms of its right side.

    `new` says that it begins another equation, with a gap before it.
    """

    left: str
    right: tuple[str, ...]
    new: bool = False


@cache
def inline(latex: str) -> str:
    """Return an equation that stands in a line of text.

    Raises ValueError for LaTeX that is broken or for which there is no rule.
    """
    return _math(_parsed(latex))


@cache
def displayed(latex: str) -> tuple[Line, ...]:
    """Return an equation as lines, each with the two sides of a relation.

    Raises ValueError like `inline`.
    """
    aligned = _ALIGNED.fullmatch(latex)
    if not aligned:
        return (_line(_parsed(latex)),)
    body, *more = _NEXT_ROW.split(aligned[2])
    gaps = [None, *more[::2]]
    rows = zip(gaps, [body, *more[1::2]], strict=True)
    return tuple(_line(_parsed(_unaligned(row)), new=gap is not None) for gap, row in rows)


@cache
def worked_sides(formula: Formula) -> tuple[tuple[str, ...], ...]:
    """Return the sides of an equation: in symbols, with a place for each value, and the result's.

    A place is an empty `mn` that names its symbol in `data-value`. Each side comes as its terms.
    Raises ValueError like `inline`.
    """
    values = [] if formula.expression.is_Symbol else [formula.latex_with_places()]
    values.append(rf"\text{{{PLACE}{formula.result.name}}}")
    return (
        _displayed_terms(_parsed(formula.latex()), _SIGNS_OF_SUMS),
        *(_displayed_terms(_parsed(f"= {side}"), _SIGNS_OF_SUMS | {"="}) for side in values),
    )


def _unaligned(row: str) -> str:
    """Leave out the mark of alignment: lines are aligned at their first relation anyway."""
    if len(_ALIGNMENT.findall(row)) > 1:
        raise ValueError(f"more than one mark of alignment: {row}")
    return _ALIGNMENT.sub("", row)


def _line(parts: list[Element], *, new: bool = False) -> Line:
    at = next((i for i, part in enumerate(parts) if _operator(part) in _RELATIONS), 0)
    left = _math(parts[:at], {"class": "left", "displaystyle": "true"}) if at else ""
    return Line(left, _displayed_terms(parts[at:], _BREAKS), new)


def _displayed_terms(parts: list[Element], breaks: Container[str]) -> tuple[str, ...]:
    return tuple(_math(term, {"displaystyle": "true"}) for term in _terms(parts, breaks))


def _terms(parts: list[Element], breaks: Container[str]) -> Iterator[list[Element]]:
    """Yield the runs between which a line may be broken; an operator begins its run."""
    run: list[Element] = []
    for part in parts:
        binary = _operator(part) in breaks and part.get("form") != "prefix"
        if binary and run:
            yield run
            run = []
        if binary:
            # Before it stands the space between words.
            part.attrib.update(form="infix", lspace="0")
        run.append(part)
    yield run


def _math(parts: Iterable[Element], attributes: dict[str, str] | None = None) -> str:
    element = Element("math", attributes or {})
    element.extend(parts)
    return tostring(element, "unicode", short_empty_elements=False)


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
    if element.tag == "mtext" and text.startswith(PLACE):
        element.tag, element.text = "mn", ""
        element.set("data-value", text.removeprefix(PLACE))
    elif element.tag == "mtext" and text.strip():
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
