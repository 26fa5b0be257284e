"""Equations in MathML: complete, and meaning what the formulas compute."""

from __future__ import annotations

import math
import random
import re
import subprocess
import sys
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import sympy
from alike import with_each
from random_points import value_of
from sympy.codegen.cfunctions import log2

from inference_economics.algebra import symbols
from inference_economics.algebra import symbols as s
from inference_economics.algebra.formula import Formula, InputError
from inference_economics.equations import all_formulas, brain, decode, serving, silicon
from inference_economics_notebook import typesetting
from inference_economics_notebook.explorers.markup import worked_step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FORMULAS = with_each("formula", all_formulas().values())


def tree(markup: str) -> ET.Element:
    return ET.fromstring(markup)  # noqa: S314  (the package's own)


def canonical(element: ET.Element) -> str:
    return ET.tostring(element, encoding="unicode")


def sign(latex: str) -> str:
    (element,) = tree(typesetting.inline(latex))
    return canonical(element)


def place(symbol: sympy.Symbol) -> str:
    return f'<mn data-value="{symbol.name}" />'


def side(formula: Formula, number: int) -> list[ET.Element]:
    """Return what stands on a side of an equation, behind the sign of equality."""
    parts = [part for term in typesetting.worked_sides(formula)[number] for part in tree(term)]
    at = next(index for index, part in enumerate(parts) if part.text == "=")
    return parts[at + 1 :]


def shown_symbols(formula: Formula) -> set[sympy.Symbol]:
    return {x for x in formula.expression.free_symbols if not symbols.entry(x).sign.isdigit()}


def places(formula: Formula) -> list[str]:
    """Return the symbols whose places follow each other in the equation worked."""
    named = [part.get("data-value") for top in side(formula, 1) for part in top.iter("mn")]
    return [name for name in named if name]


# Reading the markup back

CLOSING = {"(": ")", "⌈": "⌉", "⌊": "⌋"}
ROUNDED: dict[str, Callable[[float], float]] = {"(": float, "⌈": math.ceil, "⌊": math.floor}
FUNCTIONS: dict[str, Callable[..., float]] = {
    "max": max, "min": min, "log": math.log, "log2": math.log2, "log10": math.log10,
}  # fmt: skip


class Reader:
    """Computes what MathML shows, given the values of the elements that stand for symbols.

    Rows do not count, since they are not seen: what is read is what stands side by side.
    """

    def __init__(self, values: Mapping[str, float], *nodes: ET.Element) -> None:
        self.values = values
        self.ahead = deque(part for node in nodes for part in self.side_by_side(node))

    def side_by_side(self, node: ET.Element) -> Iterator[ET.Element]:
        if node.tag != "mrow":
            yield node
        else:
            for child in node:
                yield from self.side_by_side(child)

    def value(self) -> float:
        found = self.sum()
        assert not self.ahead
        return found

    def took(self, *operators: str) -> str:
        """Take the next element if it is one of these operators."""
        if self.ahead and self.ahead[0].tag == "mo" and self.ahead[0].text in operators:
            return str(self.ahead.popleft().text)
        return ""

    def sum(self) -> float:
        total = -self.product() if self.took("−") else self.product()
        while operator := self.took("+", "−"):
            total += self.product() if operator == "+" else -self.product()
        return total

    def product(self) -> float:
        total = self.factor()
        while self.took("×", "\u2062"):
            total *= self.factor()
        return total

    def factor(self) -> float:
        if opened := self.took(*CLOSING):
            inner = self.sum()
            assert self.took(CLOSING[opened])
            return ROUNDED[opened](inner)
        node = self.ahead.popleft()
        return self.function(node) if self.took("\u2061") else self.alone(node)

    def function(self, name: ET.Element) -> float:
        if self.ahead[0].tag == "msup":  # a power of the function, written at its parentheses
            base, exponent = self.ahead.popleft()
            found = Reader(self.values, base).function(name)
            return found ** Reader(self.values, exponent).value()
        assert self.took("(")
        arguments = [self.sum()]
        while self.took(","):
            arguments.append(self.sum())
        assert self.took(")")
        return FUNCTIONS["".join(name.itertext())](*arguments)

    def alone(self, node: ET.Element) -> float:
        if (own := self.values.get(ET.tostring(node, encoding="unicode"))) is not None:
            return own
        if node.tag == "mn":
            return float(node.text or "")
        if node.tag == "msubsup":
            base, below, exponent = node
            whole = f"<msub>{canonical(base)}{canonical(below)}</msub>"
            return self.values[whole] ** Reader(self.values, exponent).value()
        if node.tag == "msup":
            assert "data-value" not in node[0].attrib
            base = Reader(self.values, node[0])
            found = base.factor() ** Reader(self.values, node[1]).value()
            assert not base.ahead
            return found
        first, *second = (Reader(self.values, child).value() for child in node)
        if node.tag == "mfrac":
            return first / second[0]
        assert node.tag == "msqrt"
        return math.sqrt(first)


def read(parts: list[ET.Element], values: Mapping[str, float]) -> float:
    return Reader(values, *parts).value()


def allowed_values(step: Formula, chance: random.Random) -> tuple[dict[sympy.Symbol, float], float]:
    """Return random values of the symbols of one equation, and its result."""
    for _ in range(4000):
        values = {
            x: float(symbols.entry(x).sign)
            if symbols.entry(x).sign.isdigit()
            else value_of(x.name, chance)
            for x in sorted(step.expression.free_symbols, key=str)
        }
        try:
            return values, step(**{x.name: value for x, value in values.items()})
        except InputError:
            continue
    raise AssertionError(f"found no allowed values for {step}")


def assert_means(formula: Formula, values: Mapping[sympy.Symbol, float], result: object) -> None:
    """Check both forms: in symbols, and with the values filled into their places."""
    by_sign = {sign(symbols.entry(x).sign): value for x, value in values.items()}
    assert read(side(formula, 0), by_sign) == result
    if not formula.expression.is_Symbol:
        by_place = {place(x): value for x, value in values.items()}
        assert read(side(formula, 1), by_place) == result


@FORMULAS
def test_the_markup_means_what_the_formula_computes(formula: Formula) -> None:
    step = replace(formula, where=())
    chance = random.Random(formula.name)  # noqa: S311  (no secret, the same every time)
    for _ in range(3):
        values, result = allowed_values(step, chance)
        shown = {x: values[x] for x in shown_symbols(formula)}
        # A difference of two large numbers has the noise of both.
        close = pytest.approx(result, rel=1e-9, abs=1e-12 * max(values.values()))
        assert_means(formula, shown, close)


@FORMULAS
def test_every_symbol_has_a_place_in_the_order_of_the_typeset_equation(formula: Formula) -> None:
    if formula.expression.is_Symbol:
        assert len(typesetting.worked_sides(formula)) == 2
        return
    names = {x: f"<{x.name}>" for x in formula.expression.free_symbols}
    numerals = {x: int(symbols.entry(x).sign) for x in set(names) - shown_symbols(formula)}
    typeset = sympy.latex(formula.expression.xreplace(numerals), symbol_names=names)
    assert places(formula) == re.findall("<(.*?)>", typeset)
    assert set(places(formula)) == {x.name for x in shown_symbols(formula)}


@FORMULAS
def test_a_worked_step_has_the_symbols_their_places_and_that_of_the_result(
    formula: Formula,
) -> None:
    step = tree(worked_step(formula))
    sides = step.findall("span")
    assert step.get("class") == "worked-step"
    assert len(sides) == (2 if formula.expression.is_Symbol else 3)
    assert canonical(sides[0][0][0]) == sign(symbols.entry(formula.result).sign)
    assert [canonical(part) for part in side(formula, -1)] == [place(formula.result)]
    empty = [part for part in step.iter() if "data-value" in part.attrib]
    assert {(part.tag, part.text) for part in empty} == {("mn", None)}


@with_each("entry", symbols.GLOSSARY.values())
def test_every_sign_of_the_glossary_is_typeset(entry: symbols.Entry) -> None:
    assert tree(typesetting.inline(entry.sign)).tag == "math"


def test_signs_differ_as_in_the_glossary() -> None:
    signs = {entry.sign for entry in symbols.GLOSSARY.values()}
    assert len({typesetting.inline(sign) for sign in signs}) == len(signs)


# Equations


def shown(formula: Formula) -> str:
    return "".join(canonical(part) for part in side(formula, 1))


TIMES = "<mo>×</mo>"


def test_a_numeral_is_no_place() -> None:
    over = f"<mrow>{place(s.bits_per_synapse)}{TIMES}{place(s.synapses)}</mrow>"
    assert shown(brain.synapse_bytes) == f"<mfrac>{over}<mn>8</mn></mfrac>"


def test_factors_of_one_go_and_other_ones_stay() -> None:
    assert shown(serving.share_of_layer) == f"<mfrac><mn>1</mn>{place(s.chips)}</mfrac>"
    fraction = f"<mfrac>{place(s.chip_power)}{place(s.brain_power)}</mfrac>"
    assert shown(all_formulas()["power_ratio"]) == fraction


def test_the_base_of_a_power_is_in_parentheses_since_a_value_has_a_unit() -> None:
    (power,) = side(silicon.compute_growth, 1)
    assert [part.tag for part in power] == ["mrow", "mn"]
    assert "".join(power[0].itertext()) == "()"


def test_a_line_may_be_broken_at_its_sides_and_terms() -> None:
    upright = "<msub><mi>{}</mi><mi>{}</mi></msub>".format
    assert worked_step(decode.room) == (
        '<div class="worked-step">'
        '<span class="worked-side"><math displaystyle="true">'
        f"{upright('M', 'room')}<mo>=</mo>{upright('M', 'use')}</math> "
        '<math displaystyle="true"><mo form="infix" lspace="0">−</mo>'
        f"{upright('W', 'held')}</math></span> "
        '<span class="worked-side"><math displaystyle="true"><mo form="infix" lspace="0">=</mo>'
        '<mn data-value="memory_usable"></mn></math> '
        '<math displaystyle="true"><mo form="infix" lspace="0">−</mo>'
        '<mn data-value="weights_held"></mn></math></span> '
        '<span class="worked-side"><math displaystyle="true"><mo form="infix" lspace="0">=</mo>'
        '<mn data-value="room"></mn></math></span></div>'
    )


# Kinds of expressions that no equation of the book has yet

ratio, power, x, y = (
    symbol.sympy for symbol in (s.size_ratio, s.geometry, s.compute_growth, s.bandwidth_growth)
)


@pytest.mark.parametrize(
    "expression",
    [
        sympy.log(ratio) * 2,
        log2(ratio) / sympy.sqrt(power),
        ratio ** sympy.Rational(-3, 2),
        ratio**-power,
        (ratio**power) ** 2 * 3,
        -(ratio**2) * (power + 1),
        x - (ratio + 1) * (power - 1) / 2,
        x - 2 * (y * (ratio - power)),
        sympy.Rational(-3, 2) + x / (y - ratio),
        sympy.Mul(-1, x + y, evaluate=False),
        sympy.Add(ratio, sympy.Mul(-1, x + y, evaluate=False), evaluate=False),
        sympy.floor(x * y) - sympy.Max(x, y, 3),
    ],
    ids=str,
)
def test_other_expressions_mean_what_they_say(expression: sympy.Expr) -> None:
    formula = Formula(s.imbalance_growth, expression, "Made up.")
    values = {ratio: 1.7, power: 2.3, x: 3.1, y: 0.6}
    assert_means(formula, values, pytest.approx(float(expression.subs(values))))


def test_a_long_sum_is_typeset_to_its_end() -> None:
    (line,) = typesetting.displayed("x = " + " + ".join(["a"] * 300))
    assert sum(term.count("<mi>a</mi>") for term in line.right) == 300


def test_the_library_is_imported_only_by_who_typesets() -> None:
    code = (
        "import sys, inference_economics.cli, inference_economics_notebook.explorers, "
        "inference_economics.equations as e; e.all_formulas(); "
        "assert 'latex2mathml' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
