"""What SymPy does for equations: typesetting, working, JavaScript and units.

It is imported when one of these is first asked for.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy
from sympy.codegen.cfunctions import log2, log10
from sympy.printing.jscode import JavascriptCodePrinter
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from . import symbols, units
from .printed import Printed, filled, place, spaced
from .symbols import PLACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .formula import Formula


def latex_with_places(formula: Formula) -> str:
    """Return the right-hand side, typeset, with a place for the value of each symbol."""
    text = _PlacesLatex().doprint(_with_numerals(formula.expression))
    return filled(text, lambda name: rf"\text{{{PLACE}{name}}}", r"\left({}\right)".format)


def javascript(formula: Formula, given: frozenset[str]) -> str:
    """Return the source of a JavaScript function; see `Formula.javascript`."""
    printer = _JavaScript({"user_functions": {"log2": "Math.log2", "log10": "Math.log10"}})
    fixed = {name: symbols.GLOSSARY[name].value for name in formula.needed(given)}
    lines = []
    for step in formula.steps(given):
        name, value = step.result.name, printer.doprint(step.expression)
        if step is formula:
            lines.append(f'  return within("{name}", {value}, [{", ".join(sorted(fixed))}]);')
        elif step.stays_in_range():
            lines.append(f"  const {name} = {value};")
        else:
            lines.append(f'  const {name} = within("{name}", {value});')
    names = ", ".join(n if v is None else f"{n} = {v!r}" for n, v in sorted(fixed.items()))
    return f"function {formula.name}({{{names}}}) {{\n" + "\n".join(lines) + "\n}"


def check_units(formula: Formula) -> None:
    """Raise UnitsError unless both sides of the equation have the same dimensions."""
    found = _dimensions_of(formula.expression)
    wanted = Counter(units.dimensions(formula.unit))
    if not _equal(found, wanted):
        raise units.UnitsError(
            f"{formula.name} is in {formula.unit}, but its expression has {_told(found)}"
        )


def _told(powers: Mapping[str, float]) -> str:
    """Return dimensions in words: "energy/user"."""
    over, below = (
        [
            name.strip("[]") + (f"^{abs(power):g}" if abs(power) != 1 else "")
            for name, power in powers.items()
            if power * side > 0
        ]
        for side in (1, -1)
    )
    return "/".join([" x ".join(over) or "1", *below]) if over or below else "no unit"


def printed(expression: sympy.Expr) -> Printed:
    """Return an expression as it is printed, in LaTeX and as text."""
    plain = _without_ones(expression)
    return Printed(
        latex=typeset(expression),
        latex_places="" if expression.is_Symbol else _PlacesLatex().doprint(plain),
        text=_with_slashes(sympy.sstr(plain)),
        text_places=_PlacesText().doprint(plain),
    )


def _without_ones(expression: sympy.Expr) -> sympy.Expr:
    """Leave out factors such as "one token": only the check of units needs them."""
    ones = {x: sympy.Integer(1) for x in expression.free_symbols if symbols.entry(x).sign == "1"}
    return expression.xreplace(ones)


def typeset(expression: Any) -> str:
    """Return an expression in LaTeX; a symbol without a line in the glossary is its own words."""
    plain = _with_numerals(sympy.sympify(expression))
    signs = {x: _sign(x) for x in plain.free_symbols}
    # Words that are multiplied need a sign between them.
    times = "dot" if any(x.name not in symbols.GLOSSARY for x in plain.free_symbols) else None
    return str(sympy.latex(plain, symbol_names=signs, mul_symbol=times))


def _sign(symbol: sympy.Symbol) -> str:
    known = symbol.name in symbols.GLOSSARY
    return symbols.entry(symbol).sign if known else rf"\text{{{symbol.name}}}"


def plain(expression: Any) -> str:
    """Return an expression as text, over the names of its symbols."""
    return _with_slashes(sympy.sstr(_with_numerals(sympy.sympify(expression))))


def _with_slashes(text: str) -> str:
    return spaced(text.replace("/", " / "))


def names(expression: Any) -> list[str]:
    """Return the names of an expression's symbols, sorted."""
    return sorted(x.name for x in sympy.sympify(expression).free_symbols)


def _with_numerals(expression: sympy.Expr) -> sympy.Expr:
    """Put numbers for symbols whose sign is one; factors of 1 thereby go."""
    numerals = {x: sympy.Integer(_sign(x)) for x in expression.free_symbols if _sign(x).isdigit()}
    return expression.xreplace(numerals)


# What follows from what, for derivations

Known = dict[sympy.Symbol, sympy.Expr]


def _without(expression: Any, known: Known) -> sympy.Expr:
    return _with_numerals(sympy.sympify(expression)).subs(known)


def learn(known: Known, left: Any, right: Any, unknown: Any) -> None:
    """Add an equation to what is known.

    Where its left side is a symbol that is not known yet, it defines that symbol; otherwise it is
    a condition, from which the `unknown` is found. Raises ValueError where there is not one value
    that meets it.
    """
    symbol, value = _with_numerals(sympy.sympify(left)), _without(right, known)
    if not symbol.is_Symbol or symbol in known:
        symbol, condition = sympy.sympify(unknown), _without(left, known) - value
        found = sympy.solve(condition, symbol)
        if len(found) != 1:
            raise ValueError(f"{plain(left)} = {plain(right)} gives {len(found)} of {symbol}")
        value = found[0]
    for name in known:
        known[name] = known[name].subs(symbol, value)
    known[symbol] = value


def equal(left: Any, right: Any, known: Known) -> bool:
    """Say whether two expressions are the same, given what is known."""
    difference = _without(left, known) - _without(right, known)
    in_one_base = difference.replace(log2, lambda part: sympy.log(part) / sympy.log(2))
    return bool(sympy.simplify(sympy.expand_log(in_one_base)) == 0)


def near(exact: Any, right: Any, at: Mapping[str, float], share: float) -> bool:
    """Say whether the right side is within a share of the exact value, at these values.

    Symbols that have a value of their own need none here.
    """
    sides = [sympy.sympify(side) for side in (exact, right)]
    order = sorted({x for side in sides for x in side.free_symbols}, key=str)
    values = [at.get(x.name, symbols.entry(x).value) for x in order]
    whole, found = sympy.lambdify(order, sides, modules="mpmath")(*values)
    return bool(abs(whole / found - 1) < share)


# SymPy's printers find their methods by these names.
# ruff: noqa: N802, ARG002, FBT001, FBT002


class _JavaScript(JavascriptCodePrinter):
    """Print ceilings and floors that float noise does not move."""

    def _print_ceiling(self, expr: sympy.Expr) -> str:
        return f"Math.ceil(({self._print(expr.args[0])})*(1 - 1e-12))"

    def _print_floor(self, expr: sympy.Expr) -> str:
        return f"Math.floor(({self._print(expr.args[0])})*(1 + 1e-12))"


class _PlacesLatex(LatexPrinter):
    """Print a place for each symbol's value, in LaTeX."""

    def __init__(self) -> None:
        super().__init__({"mul_symbol": r"times"})

    def _print_Symbol(self, expr: sympy.Symbol, style: str = "") -> str:
        return place(expr.name, in_brackets=False)

    def parenthesize(self, item: Any, level: int, *args: Any, **options: Any) -> str:
        if item.is_Symbol and level >= PRECEDENCE["Pow"]:
            return place(item.name, in_brackets=True)
        return str(super().parenthesize(item, level, *args, **options))


class _PlacesText(StrPrinter):
    """Print a place for each symbol's value, in plain text."""

    def _print_Symbol(self, expr: sympy.Symbol) -> str:
        return place(expr.name, in_brackets=False)

    def parenthesize(self, item: Any, level: int, strict: bool = False) -> str:
        if item.is_Symbol:
            return place(item.name, in_brackets=True)
        return str(super().parenthesize(item, level, strict))


def _dimensions_of(expression: sympy.Expr) -> Counter[str]:  # noqa: C901 (one rule a kind)
    """Return the dimensions of an expression over the glossary's symbols."""
    if expression.is_Symbol:
        return Counter(units.dimensions(symbols.entry(expression).unit))
    if expression.is_number:
        return Counter()
    parts = [_dimensions_of(part) for part in expression.args]
    if expression.is_Mul:
        total: Counter[str] = Counter()
        for part in parts:
            total.update(part)
        return total
    if expression.is_Pow:
        base, exponent = expression.args
        if any(parts[1].values()):
            raise units.UnitsError(f"the exponent of {expression} has a unit")
        if any(parts[0].values()) and not exponent.is_Rational:
            raise units.UnitsError(f"{base} has a unit, and an exponent that is no fraction")
        power = Fraction(str(exponent)) if exponent.is_Rational else 0
        return Counter({name: value * power for name, value in parts[0].items()})
    if isinstance(expression, (sympy.Add, sympy.Max, sympy.Min, sympy.ceiling, sympy.floor)):
        # Zero may have any unit; another bare number has none, so its fellows may have none.
        parts = [part for part, term in zip(parts, expression.args, strict=True) if term != 0]
        if any(not _equal(part, parts[0]) for part in parts):
            raise units.UnitsError(f"the terms of {expression} have different units")
        return parts[0]
    if not isinstance(expression, (sympy.log, log2, log10, sympy.exp)):
        raise units.UnitsError(f"there is no rule for the units of {type(expression).__name__}")
    # A logarithm takes a plain number, and a count is one.
    if any(power and name not in units.COUNTED for part in parts for name, power in part.items()):
        raise units.UnitsError(f"the argument of {expression} has a unit")
    return Counter()


def _equal(left: Counter[str], right: Counter[str]) -> bool:
    return all(left[name] == right[name] for name in {*left, *right})
