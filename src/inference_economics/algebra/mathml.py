"""The equations in MathML, which browsers typeset themselves, with places for the values.

The explorers show an equation worked with the numbers at hand, anew with every frame. Its
markup is made once, here: a script only sets the text of each element that has a
`data-value`, the name of the symbol whose value it shows.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

import sympy
from sympy.printing.printer import Printer

from . import symbols

if TYPE_CHECKING:
    from .formula import Formula

# SymPy's printers find their methods by these names; letters of the equations look like others.
# ruff: noqa: N802, RUF001

_LETTERS = {
    r"\alpha": "α", r"\beta": "β", r"\gamma": "γ", r"\delta": "δ", r"\eta": "η",
    r"\theta": "θ", r"\kappa": "κ", r"\lambda": "λ", r"\mu": "μ", r"\nu": "ν", r"\rho": "ρ",
    r"\sigma": "σ", r"\tau": "τ", r"\upsilon": "υ", r"\phi": "ϕ", r"\chi": "χ", r"\omega": "ω",
    r"\ell": "ℓ", r"\infty": "∞",
}  # fmt: skip
_OPERATORS = {"*": "*", "+": "+", r"\times": "×"}

_TEXT = r"\text{"
_ATOM = r"\\text\{[^{}\\$]+\}|\\[A-Za-z]+|[A-Za-z]|\d|[*+]"
_SIGN = re.compile(rf"(\\bar\s*)?({_ATOM})(?:_({_ATOM}))?(?:\^({_ATOM}))?")

_APPLIED = "<mo>&#x2061;</mo>"
"""Says to those who hear the equation that a function's argument follows; shows nothing."""


def sign(latex: str) -> str:
    r"""Return the MathML of a sign of the glossary, such as `\beta_\text{total}`.

    Raises ValueError for LaTeX that no sign of the glossary has used so far.
    """
    match = _SIGN.fullmatch(latex)
    if not match:
        raise ValueError(f"no MathML for the sign {latex}")
    bar, *parts = match.groups()
    base, below, above = (_atom(part, latex) if part else "" for part in parts)
    if bar:
        base = f'<mover accent="true">{base}<mo stretchy="false">¯</mo></mover>'
    if below and above:
        return f"<msubsup>{base}{below}{above}</msubsup>"
    if below or above:
        tag = "msub" if below else "msup"
        return f"<{tag}>{base}{below or above}</{tag}>"
    return base


def _atom(part: str, whole: str) -> str:
    if part.startswith(_TEXT):
        return _upright(part.removeprefix(_TEXT).removesuffix("}"))
    if part in _OPERATORS:
        return f"<mo>{_OPERATORS[part]}</mo>"
    if part == r"\Delta":  # LaTeX sets capital Greek letters upright
        return _upright("Δ")
    if part.isdigit():
        return f"<mn>{part}</mn>"
    letter = _LETTERS.get(part, part)
    if len(letter) > 1:
        raise ValueError(f"no MathML for {part} in the sign {whole}")
    return f"<mi>{letter}</mi>"


def _upright(text: str) -> str:
    return f'<mi mathvariant="normal">{escape(text)}</mi>'


def equation(formula: Formula) -> str:
    """Return the right-hand side in symbols, without the `math` element around it.

    Raises ValueError for a kind of expression or a sign for which there is no rule.
    """
    return str(_Signs().doprint(_with_numerals(formula.expression)))


def worked(formula: Formula) -> str:
    """Return the right-hand side with an empty place for the value of each symbol.

    Raises ValueError for a kind of expression for which there is no rule.
    """
    return str(_Values().doprint(_with_numerals(formula.expression)))


def line(formula: Formula) -> str:
    """Return the whole equation: its sign, the symbols, the values, the result.

    Browsers break lines only between `math` elements, so that each term of a sum stands in
    one of its own. Where `.worked-side` is an inline block, a side that does not fit begins
    a line before it is broken. Raises ValueError like `equation`.
    """
    expression = _with_numerals(formula.expression)
    sides = [_side(_Signs().terms(expression), of=sign(symbols.entry(formula.result).sign))]
    if not formula.expression.is_Symbol:
        sides.append(_side(_Values().terms(expression)))
    sides.append(_side([("", _place(formula.result))]))
    return f'<div class="worked-step">{" ".join(sides)}</div>'


def _side(terms: list[tuple[str, str]], of: str = "") -> str:
    (_, first), *others = terms
    parts = [f"{of}<mo>=</mo>{first}" if of else _behind("=", first)]
    parts += [_behind(operator, term) for operator, term in others]
    shown = " ".join(f'<math displaystyle="true">{part}</math>' for part in parts)
    return f'<span class="worked-side">{shown}</span>'


def _behind(operator: str, term: str) -> str:
    """Put a term behind its operator, which has no space on its left to begin a line with."""
    return f'<mo form="infix" lspace="0">{operator}</mo>{term}'


def _with_numerals(expression: sympy.Expr) -> sympy.Expr:
    """Put numbers for symbols whose sign is one; factors of 1 thereby go."""
    numerals = {
        symbol: sympy.Integer(symbols.entry(symbol).sign)
        for symbol in expression.free_symbols
        if symbols.entry(symbol).sign.isdigit()
    }
    return expression.xreplace(numerals)


def _place(symbol: sympy.Symbol) -> str:
    # Not `mtext`, which counts as space: a × between two of them would lose the space around it.
    return f'<mn data-value="{escape(symbol.name)}"></mn>'


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _in_parentheses(shown: str) -> str:
    return _row("<mo>(</mo>", shown, "<mo>)</mo>")


class _Signs(Printer):
    """Print an expression in MathML, in the order of SymPy's LaTeX."""

    times = '<mo rspace="0.1em">&#x2062;</mo>'
    bare_bases: tuple[type[sympy.Basic], ...] = (
        sympy.Symbol, sympy.Integer, sympy.Max, sympy.Min, sympy.ceiling, sympy.floor,
    )  # fmt: skip

    def emptyPrinter(self, expr: object) -> str:
        raise ValueError(f"no MathML for {type(expr).__name__}: {expr}")

    def terms(self, expr: sympy.Expr) -> list[tuple[str, str]]:
        """Return the terms of a sum, or the only one, each behind its operator, if it has one."""
        first, *others = expr.as_ordered_terms()
        parts = [("", str(self._print(first)))]
        for term in others:
            negative = bool(term.as_coeff_Mul()[0].is_negative)
            parts.append(("−", self._factor(-term)) if negative else ("+", self._print(term)))
        return parts

    def _print_Symbol(self, expr: sympy.Symbol) -> str:
        return sign(symbols.entry(expr).sign)

    def _print_Integer(self, expr: sympy.Integer) -> str:
        return self._negated(expr) if expr < 0 else f"<mn>{expr}</mn>"

    def _print_Rational(self, expr: sympy.Rational) -> str:
        return self._negated(expr) if expr < 0 else self._fraction(expr.p, expr.q)

    def _print_Add(self, expr: sympy.Add) -> str:
        (_, first), *others = self.terms(expr)
        return _row(first, *(f"<mo>{operator}</mo>{term}" for operator, term in others))

    def _print_Mul(self, expr: sympy.Mul) -> str:
        if expr.as_coeff_Mul()[0].is_negative:
            return self._negated(expr)
        over, under = sympy.fraction(expr, exact=True)
        if under != 1:
            return self._fraction(over, under)
        return _row(self.times.join(map(self._factor, expr.as_ordered_factors())))

    def _print_Pow(self, expr: sympy.Pow) -> str:
        base, exponent = expr.args
        if exponent.is_Rational and exponent < 0:
            return self._fraction(1, base**-exponent)
        if exponent == sympy.Rational(1, 2):
            return f"<msqrt>{self._print(base)}</msqrt>"
        shown = self._print(base)
        if not isinstance(base, self.bare_bases) or base.is_negative:
            shown = _in_parentheses(shown)
        return f"<msup>{shown}{self._print(exponent)}</msup>"

    def _print_Max(self, expr: sympy.Max) -> str:
        return self._function("<mi>max</mi>", expr)

    def _print_Min(self, expr: sympy.Min) -> str:
        return self._function("<mi>min</mi>", expr)

    def _print_log(self, expr: sympy.log) -> str:
        return self._function("<mi>ln</mi>", expr)

    def _print_log2(self, expr: sympy.Expr) -> str:
        return self._function("<msub><mi>log</mi><mn>2</mn></msub>", expr)

    def _print_log10(self, expr: sympy.Expr) -> str:
        return self._function("<msub><mi>log</mi><mn>10</mn></msub>", expr)

    def _print_exp(self, expr: sympy.exp) -> str:
        return self._function("<mi>exp</mi>", expr)

    def _print_ceiling(self, expr: sympy.ceiling) -> str:
        return _row("<mo>⌈</mo>", self._print(expr.args[0]), "<mo>⌉</mo>")

    def _print_floor(self, expr: sympy.floor) -> str:
        return _row("<mo>⌊</mo>", self._print(expr.args[0]), "<mo>⌋</mo>")

    def _function(self, name: str, expr: sympy.Expr) -> str:
        in_order = map(self._print, sorted(expr.args, key=sympy.default_sort_key))
        return _row(name, _APPLIED, _in_parentheses("<mo>,</mo>".join(in_order)))

    def _fraction(self, over: sympy.Expr | int, under: sympy.Expr | int) -> str:
        above, below = (self._print(sympy.sympify(part)) for part in (over, under))
        return f"<mfrac>{above}{below}</mfrac>"

    def _negated(self, expr: sympy.Expr) -> str:
        return _row("<mo>−</mo>", self._factor(-expr))

    def _factor(self, expr: sympy.Expr) -> str:
        shown = self._print(expr)
        return _in_parentheses(shown) if expr.is_Add else str(shown)


class _Values(_Signs):
    """Print an expression with a place for the value of each symbol."""

    times = "<mo>×</mo>"
    bare_bases = _Signs.bare_bases[1:]  # a value has a unit, to which the power belongs as well

    def _print_Symbol(self, expr: sympy.Symbol) -> str:
        return _place(expr)
