"""The equations in MathML: well formed, complete, and meaning what the formulas compute."""

from __future__ import annotations

import math
import random
import re
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import sympy
from random_points import value_of
from sympy.codegen.cfunctions import log2

from inference_economics.algebra import mathml, symbols
from inference_economics.algebra import symbols as s
from inference_economics.algebra.formula import Formula, InputError
from inference_economics.equations import all_formulas, brain, decode, roofline, serving, silicon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FORMULAS = pytest.mark.parametrize("formula", all_formulas().values(), ids=all_formulas())
FORMS = pytest.mark.parametrize("form", [mathml.equation, mathml.worked])


def tree(markup: str) -> ET.Element:
    return ET.fromstring(markup)  # noqa: S314  (the package's own)


def canonical(markup: str) -> str:
    return ET.tostring(tree(markup), encoding="unicode")


def place(symbol: sympy.Symbol) -> str:
    return f'<mn data-value="{symbol.name}"></mn>'


def shown_symbols(formula: Formula) -> set[sympy.Symbol]:
    return {x for x in formula.expression.free_symbols if not symbols.entry(x).sign.isdigit()}


def elements(markup: str) -> set[str]:
    return {ET.tostring(node, encoding="unicode") for node in tree(markup).iter()}


# Reading the markup back

CLOSING = {"(": ")", "⌈": "⌉", "⌊": "⌋"}
ROUNDED: dict[str, Callable[[float], float]] = {"(": float, "⌈": math.ceil, "⌊": math.floor}
FUNCTIONS: dict[str, Callable[..., float]] = {
    "max": max, "min": min, "ln": math.log, "log2": math.log2, "log10": math.log10,
    "exp": math.exp,
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


def read(markup: str, values: Mapping[sympy.Symbol, float]) -> float:
    signs = {canonical(mathml.sign(symbols.entry(x).sign)): value for x, value in values.items()}
    places = {canonical(place(x)): value for x, value in values.items()}
    return Reader(signs | places, tree(markup)).value()


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


@FORMULAS
def test_the_markup_means_what_the_formula_computes(formula: Formula) -> None:
    step = replace(formula, where=())
    chance = random.Random(formula.name)  # noqa: S311  (no secret, the same every time)
    for _ in range(3):
        values, result = allowed_values(step, chance)
        shown = {x: values[x] for x in shown_symbols(formula)}
        # A difference of two large numbers has the noise of both.
        close = pytest.approx(result, rel=1e-9, abs=1e-12 * max(values.values()))
        assert read(mathml.equation(formula), shown) == close
        assert read(mathml.worked(formula), shown) == close


# What occurs


@FORMULAS
def test_every_symbol_occurs_by_its_sign(formula: Formula) -> None:
    occurring = elements(mathml.equation(formula))
    for symbol in shown_symbols(formula):
        assert canonical(mathml.sign(symbols.entry(symbol).sign)) in occurring


@FORMULAS
def test_every_symbol_has_a_place_and_nothing_else_has(formula: Formula) -> None:
    worked = tree(mathml.worked(formula))
    places = [node for node in worked.iter() if "data-value" in node.attrib]
    assert {node.get("data-value") for node in places} == {x.name for x in shown_symbols(formula)}
    assert {(node.tag, node.text) for node in places} <= {("mn", None)}


@FORMULAS
def test_the_order_is_that_of_the_typeset_equation(formula: Formula) -> None:
    names = {x: f"<{x.name}>" for x in formula.expression.free_symbols}
    numerals = {x: int(symbols.entry(x).sign) for x in set(names) - shown_symbols(formula)}
    typeset = sympy.latex(formula.expression.xreplace(numerals), symbol_names=names)
    places = [node.get("data-value") for node in tree(mathml.worked(formula)).iter("mn")]
    assert [name for name in places if name] == re.findall("<(.*?)>", typeset)


@FORMULAS
def test_a_line_has_both_forms_and_the_result(formula: Formula) -> None:
    line = tree(mathml.line(formula))
    left, *right = line.findall("span")
    assert line.get("class") == "worked-step"
    assert len(right) == (1 if formula.expression.is_Symbol else 2)
    assert [node.find("math/mo").text for node in (left, *right)] == ["="] * (1 + len(right))
    result = symbols.entry(formula.result)
    first = left[0][0]
    assert ET.tostring(first, encoding="unicode") == canonical(mathml.sign(result.sign))
    named = [node.get("data-value") for node in line.iter("mn") if node.get("data-value")]
    wanted = set() if formula.expression.is_Symbol else {x.name for x in shown_symbols(formula)}
    assert named[-1] == formula.result.name
    assert set(named[:-1]) == wanted


@FORMULAS
def test_a_line_holds_the_terms_of_its_sides_in_order(formula: Formula) -> None:
    line = tree(mathml.line(formula))
    text = "".join("".join(node.itertext()) for node in line.iter("math"))
    sides = [mathml.sign(symbols.entry(formula.result).sign), mathml.equation(formula)]
    if not formula.expression.is_Symbol:
        sides.append(mathml.worked(formula))
    assert text == "=".join("".join(tree(side).itertext()) for side in sides) + "="


# Signs

BAR_S = '<mover accent="true"><mi>s</mi><mo stretchy="false">¯</mo></mover>'


@pytest.mark.parametrize(
    ("latex", "markup"),
    [
        ("N", "<mi>N</mi>"),
        ("8", "<mn>8</mn>"),
        (r"\beta", "<mi>β</mi>"),
        (r"\Delta", '<mi mathvariant="normal">Δ</mi>'),
        (r"\text{MFU}", '<mi mathvariant="normal">MFU</mi>'),
        (r"\beta_P", "<msub><mi>β</mi><mi>P</mi></msub>"),
        (r"\beta_\text{total}", '<msub><mi>β</mi><mi mathvariant="normal">total</mi></msub>'),
        ("I^*", "<msup><mi>I</mi><mo>*</mo></msup>"),
        (r"k_\times", "<msub><mi>k</mi><mo>×</mo></msub>"),
        (r"B_E^\mu", "<msubsup><mi>B</mi><mi>E</mi><mi>μ</mi></msubsup>"),
        (r"\bar s_w", f"<msub>{BAR_S}<mi>w</mi></msub>"),
        (r"x_\text{a<b}", '<msub><mi>x</mi><mi mathvariant="normal">a&lt;b</mi></msub>'),
    ],
)
def test_a_sign(latex: str, markup: str) -> None:
    assert mathml.sign(latex) == markup


@pytest.mark.parametrize("entry", symbols.GLOSSARY.values(), ids=lambda entry: entry.name)
def test_every_sign_of_the_glossary_is_well_formed(entry: symbols.Entry) -> None:
    tree(mathml.sign(entry.sign))


def test_signs_differ_as_in_the_glossary() -> None:
    signs = {entry.sign for entry in symbols.GLOSSARY.values()}
    assert len({mathml.sign(sign) for sign in signs}) == len(signs)


@pytest.mark.parametrize(
    "latex", ["", r"\hat x", r"\zeta", r"x_\zeta", "x_{ab}", "ab", "x_1_2", r"\text{$x$}", "12"]
)
def test_an_unknown_sign_is_refused_by_name(latex: str) -> None:
    with pytest.raises(ValueError, match="no MathML") as error:
        mathml.sign(latex)
    assert str(error.value).endswith(f"the sign {latex}")


# Equations

TIMES = "<mo>×</mo>"
NEXT = '<mo rspace="0.1em">&#x2062;</mo>'
APPLIED = "<mo>&#x2061;</mo>"


def upright(text: str) -> str:
    return f'<mi mathvariant="normal">{text}</mi>'


def test_a_larger_of_two() -> None:
    compute, weights = (
        f"<msub><mi>t</mi>{upright(name)}</msub>" for name in ("compute", "weights")
    )
    inner = f"<mrow><mo>(</mo>{compute}<mo>,</mo>{weights}<mo>)</mo></mrow>"
    assert mathml.equation(serving.step_time) == f"<mrow><mi>max</mi>{APPLIED}{inner}</mrow>"
    compute, weights = place(s.compute_time), place(s.weight_time)
    inner = f"<mrow><mo>(</mo>{compute}<mo>,</mo>{weights}<mo>)</mo></mrow>"
    assert mathml.worked(serving.step_time) == f"<mrow><mi>max</mi>{APPLIED}{inner}</mrow>"


def test_a_fraction_of_a_product() -> None:
    ridge = "<msup><mi>I</mi><mo>*</mo></msup>"
    over = f"<mrow><mi>w</mi>{NEXT}{ridge}</mrow>"
    assert mathml.equation(roofline.critical_batch) == f"<mfrac>{over}<mi>k</mi></mfrac>"
    over = f"<mrow>{place(s.bytes_per_parameter)}{TIMES}{place(s.ridge_point)}</mrow>"
    under = place(s.flop_per_parameter)
    assert mathml.worked(roofline.critical_batch) == f"<mfrac>{over}{under}</mfrac>"


def test_a_numeral_is_no_place() -> None:
    over = f"<mrow>{place(s.bits_per_synapse)}{TIMES}{place(s.synapses)}</mrow>"
    assert mathml.worked(brain.synapse_bytes) == f"<mfrac>{over}<mn>8</mn></mfrac>"


def test_factors_of_one_go_and_other_ones_stay() -> None:
    assert mathml.worked(serving.share_of_layer) == f"<mfrac><mn>1</mn>{place(s.chips)}</mfrac>"
    fraction = f"<mfrac>{place(s.chip_power)}{place(s.brain_power)}</mfrac>"
    assert mathml.worked(all_formulas()["power_ratio"]) == fraction


def test_the_base_of_a_power_is_in_parentheses_when_it_has_a_unit() -> None:
    assert mathml.equation(silicon.compute_growth) == "<msup><mi>ℓ</mi><mi>D</mi></msup>"  # noqa: RUF001
    base = f"<mrow><mo>(</mo>{place(s.size_ratio)}<mo>)</mo></mrow>"
    assert mathml.worked(silicon.compute_growth) == f"<msup>{base}{place(s.geometry)}</msup>"


def test_a_number_rounded_up() -> None:
    inner = f"<mfrac>{place(s.weight_bytes)}{place(s.memory_capacity)}</mfrac>"
    assert mathml.worked(serving.chips_needed) == f"<mrow><mo>⌈</mo>{inner}<mo>⌉</mo></mrow>"


def test_a_sum_as_a_factor_is_in_parentheses() -> None:
    inside = f"{place(s.bits_per_synapse)}<mo>+</mo>{place(s.target_bits)}"
    factor = f"<mrow><mo>(</mo><mrow>{inside}</mrow><mo>)</mo></mrow>"
    over = f"<mrow>{place(s.synapses)}{TIMES}{factor}</mrow>"
    assert mathml.worked(brain.wired_bytes) == f"<mfrac>{over}<mn>8</mn></mfrac>"


def test_a_difference() -> None:
    memory = f"<mrow>{place(s.chips)}{TIMES}{place(s.memory_capacity)}</mrow>"
    wanted = f"<mrow>{memory}<mo>−</mo>{place(s.weight_bytes)}</mrow>"
    assert mathml.worked(serving.free_memory) == wanted


def test_a_line_begins_with_the_sign_and_breaks_at_sides_and_terms() -> None:
    assert mathml.line(decode.room) == (
        '<div class="worked-step">'
        '<span class="worked-side"><math displaystyle="true">'
        f"<msub><mi>M</mi>{upright('room')}</msub><mo>=</mo>"
        f"<msub><mi>M</mi>{upright('use')}</msub></math> "
        '<math displaystyle="true"><mo form="infix" lspace="0">−</mo>'
        f"<msub><mi>W</mi>{upright('held')}</msub></math></span> "
        '<span class="worked-side"><math displaystyle="true">'
        f'<mo form="infix" lspace="0">=</mo>{place(s.memory_usable)}</math> '
        '<math displaystyle="true">'
        f'<mo form="infix" lspace="0">−</mo>{place(s.weights_held)}</math></span> '
        '<span class="worked-side"><math displaystyle="true">'
        f'<mo form="infix" lspace="0">=</mo>{place(s.room)}</math></span></div>'
    )


# Kinds of expressions that no equation of the book has yet

ratio, power, x, y = s.size_ratio, s.geometry, s.compute_growth, s.bandwidth_growth


@FORMS
@pytest.mark.parametrize(
    "expression",
    [
        sympy.exp(ratio),
        sympy.log(ratio) ** 2,
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
def test_other_expressions_mean_what_they_say(
    form: Callable[[Formula], str], expression: sympy.Expr
) -> None:
    formula = Formula(s.imbalance_growth, expression, "Made up.")
    values = {ratio: 1.7, power: 2.3, x: 3.1, y: 0.6}
    assert read(form(formula), values) == pytest.approx(float(expression.subs(values)))


@FORMS
def test_an_expression_without_a_rule_is_refused(form: Callable[[Formula], str]) -> None:
    formula = Formula(s.imbalance_growth, sympy.sin(s.size_ratio), "Made up.")
    with pytest.raises(ValueError, match=r"no MathML for sin: sin\(size_ratio\)"):
        form(formula)
