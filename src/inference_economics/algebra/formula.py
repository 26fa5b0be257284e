"""An equation, written once.

A `Formula` is a symbolic expression over the glossary. From that one declaration come the
number (scalar or grid), the typeset equation, the equation worked with its values, the
JavaScript function, the check of its units and its sensitivities.
"""

from __future__ import annotations

import inspect
import itertools
import math
import numbers
import re
import sys
import textwrap
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import mpmath
import sympy
from sympy.codegen.cfunctions import log2, log10
from sympy.printing.codeprinter import CodePrinter
from sympy.printing.jscode import JavascriptCodePrinter
from sympy.printing.latex import LatexPrinter
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pycode import PythonCodePrinter
from sympy.printing.str import StrPrinter

from . import symbols, units
from .own_names import own_names
from .suggest import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Value = float | Array

__dir__ = own_names(__name__)


PLACE = "\N{WHITE SQUARE}"
"""Begins the text that stands in LaTeX for a value, before the name of its symbol."""


class InputError(ValueError):
    """An input has a wrong name, unit or value; the message says what is allowed."""


@dataclass(frozen=True, eq=False)
class Formula:
    """`result` = `expression`, with the formulas that give the symbols it rests on.

    Attributes:
        result: the symbol that the equation defines.
        expression: the equation's right-hand side, over symbols of the glossary.
        about: one sentence: what the equation says.
        where: the formulas of symbols in `expression` that are themselves computed.
        name: the formula's own name; the result's, unless it is one of several for it.

    Raises ValueError if a symbol is not in the glossary, or if two formulas for one symbol
    meet. Its units are checked by `check_units`, which the tests call for every formula.

    """

    result: sympy.Symbol
    expression: sympy.Expr
    about: str
    where: tuple[Formula, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse a declaration that could not be computed in one way only."""
        if not self.name:
            object.__setattr__(self, "name", str(self.result.name))
        for symbol in {*self.expression.free_symbols, self.result}:
            if symbol not in symbols.signs():
                raise ValueError(f"{self.name}: {symbol} is not in the glossary")
        if self.result in self.expression.free_symbols:
            raise ValueError(f"{self.name} is computed from itself")
        self._refuse_two_ways()

    def _refuse_two_ways(self) -> None:
        """Refuse a symbol with two formulas, or one that is computed here and given there."""
        chosen: dict[sympy.Symbol, Formula] = {}
        for formula in self.where:
            if formula.result not in self.expression.free_symbols:
                raise ValueError(f"{self.name} does not use {formula.name}")
            for step in formula.steps():
                if chosen.setdefault(step.result, step) is not step:
                    raise ValueError(f"{self.name} rests on two formulas for {step.result}")
        for step in (*chosen.values(), self):
            computed = {formula.result for formula in step.where}
            if given := step.expression.free_symbols & set(chosen) - computed:
                raise ValueError(f"{self.name}: {step.name} takes {given} as given, others do not")

    def using(self, *formulas: Formula, name: str = "", about: str = "") -> Formula:
        """Return this formula resting on these ones for their results, at any depth."""
        chosen = {formula.result: formula for formula in formulas}
        return self._resting_on(chosen, {}, name or self.name, about or self.about)

    def _resting_on(
        self,
        chosen: Mapping[sympy.Symbol, Formula],
        changed: dict[Formula, Formula],
        name: str,
        about: str,
    ) -> Formula:
        """Return a copy that rests on `chosen`; what is shared below it stays shared."""
        if self in changed:
            return changed[self]
        already = {old.result for old in self.where}
        wanted = [chosen.get(old.result, old) for old in self.where]
        wanted += [
            new
            for result, new in chosen.items()
            if result not in already and result in self.expression.free_symbols
        ]
        where = [each._resting_on(chosen, changed, each.name, each.about) for each in wanted]  # noqa: SLF001
        same = name == self.name and where == list(self.where)
        changed[self] = self if same else replace(self, where=tuple(where), name=name, about=about)
        return changed[self]

    @property
    def unit(self) -> str:
        """The unit of the result."""
        return symbols.entry(self.result).unit

    def unit_of(self, name: str) -> str:
        """Return the unit of an input, or raise InputError if there is none of that name."""
        self._refuse_unknown([name])
        return symbols.GLOSSARY[name].unit

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that may be given: the inputs and all that is computed from them."""
        return frozenset(
            symbol.name for step in self.steps() for symbol in step.expression.free_symbols
        )

    def inputs(self, given: frozenset[str] = frozenset()) -> frozenset[str]:
        """Return the names that must be given when those in `given` are.

        A computed quantity that is given takes the place of the inputs it rests on. A symbol
        that has a value of its own, such as the bits of a byte, may be left out.
        """
        return self.needed(given) - symbols.with_values()

    def needed(self, given: frozenset[str] = frozenset()) -> frozenset[str]:
        """Return the names that it is computed from when those in `given` are given.

        Unlike `inputs`, it names symbols with a value of their own too.
        """
        return _needed(self, given)

    def __call__(self, **inputs: float | str | Array) -> Any:
        """Return the result in `unit`, for numbers, texts with units, or arrays.

        Numbers and arrays are in each symbol's own unit; texts such as "3.35 TB/s" carry theirs.
        Arrays may be of any shapes that broadcast together. The result is a float if no input is
        an array, and otherwise an array of floats of the broadcast shape.

        Raises InputError for a name, unit or value that is not allowed, for shapes that do not
        go together, and where the result is out of its symbol's range.
        """
        return self._of(self.check(inputs))

    def _of(self, values: Mapping[str, Value]) -> Any:
        """Return the result for checked values."""
        arrays = any(not isinstance(value, float) for value in values.values())
        compute, order, between = _compiled(self, frozenset(values), "numpy" if arrays else "math")
        at_hand = [values[name] for name in order]
        try:
            result, *others = _grid(compute, at_hand) if arrays else compute(*at_hand)
        except InputError:  # shapes that do not fit
            raise
        except (OverflowError, ZeroDivisionError, ValueError):  # as the logarithm of a negative
            result, others = math.nan, []
        for name, value in zip(between, others, strict=False):
            _number(name, value)
        name = str(self.result.name)
        try:  # the result has a range too: what does not fit in memory is not served
            return _number(name, result)
        except InputError:
            result = _without_noise(symbols.entry(self.result).range, result, at_hand)
        try:
            return _number(name, result)
        except InputError as error:
            raise InputError(f"{error}. ({self.about})") from None

    def check(self, inputs: Mapping[str, Any]) -> dict[str, Value]:
        """Return the inputs as floats and arrays in their symbols' units.

        Symbols with a value of their own are added where they are left out. Raises InputError
        for a name, unit or value that is not allowed, and where an input is missing or not used.
        """
        self._refuse_unknown(inputs)
        for name in inputs.keys() & symbols.UNLIKELY.keys():
            _say_unlikely(name, inputs[name])
        values = {name: _number(name, value) for name, value in inputs.items()}
        needed = _needed(self, frozenset(inputs))
        if needed == values.keys():
            return values
        missing = sorted(needed - symbols.with_values() - set(inputs))
        if missing:
            raise InputError(f"{self.name} needs {', '.join(missing)}")
        unused = sorted(set(inputs) - needed)
        if unused:
            raise InputError(
                f"{unused[0]} = {inputs[unused[0]]} is not used: {self.name} is computed "
                f"from {', '.join(sorted(needed))}"
            )
        for name in needed & symbols.with_values() - set(inputs):
            values[name] = _own_value(name)
        return values

    def _single(self, inputs: Mapping[str, Any], reason: str) -> dict[str, float]:
        values = self.check(inputs)
        for name, value in values.items():
            if not isinstance(value, float):
                raise InputError(f"{name} is an array, but {reason}")
        return {name: float(value) for name, value in values.items()}

    def _refuse_unknown(self, names: Iterable[str]) -> None:
        if unknown := sorted(set(names) - self.names):
            hint = suggestion(unknown[0], self.names)
            allowed = ", ".join(sorted(self.names))
            raise InputError(f"{self.name} has no input {unknown[0]}{hint} (allowed: {allowed})")

    def steps(self, given: frozenset[str] = frozenset()) -> Iterator[Formula]:
        """Yield the formulas that are worked when the names in `given` are given.

        Each comes once, after all that it rests on; this one comes last.
        """
        yield from self._steps(given, set())

    def _steps(self, given: frozenset[str], seen: set[Formula]) -> Iterator[Formula]:
        for formula in self.where:
            if formula not in seen and formula.result.name not in given:
                yield from formula._steps(given, seen)  # noqa: SLF001 (its own kind)
        seen.add(self)
        yield self

    def explain(self, **inputs: float | str) -> Worked:
        """Return the equation worked with these inputs, with all that it rests on.

        Takes what a call takes, except for arrays. Raises InputError as a call does.
        """
        values = self._single(inputs, "an equation is worked with one value")
        steps = []
        for formula in self.steps(frozenset(values)):
            wanted = sorted(symbol.name for symbol in formula.expression.free_symbols)
            at_hand = {name: values.get(name, _own_value(name)) for name in wanted}
            values[formula.result.name] = formula._of(at_hand)  # noqa: SLF001 (its own kind)
            steps.append(Step(formula, at_hand, values[formula.result.name]))
        return Worked(tuple(steps))

    def latex(self) -> str:
        """Return the typeset equation, without delimiters."""
        sign = symbols.entry(self.result).sign
        return f"{sign} = {_typeset(self.expression)}"

    def latex_with_places(self) -> str:
        """Return the right-hand side, typeset, with a place for the value of each symbol.

        A place is a text that begins with `PLACE`, and goes on with the symbol's name.
        """
        expression = _with_numerals(self.expression)
        places = {x.name: rf"\text{{{PLACE}{x.name}}}" for x in expression.free_symbols}
        return str(_ValuesLatex(places).doprint(expression))

    def legend(self) -> list[symbols.Entry]:
        """Return the glossary's lines for the result and the symbols of the expression."""
        names = sorted(symbol.name for symbol in _without_ones(self.expression).free_symbols)
        return [symbols.GLOSSARY[name] for name in (str(self.result.name), *names)]

    def javascript(self, given: frozenset[str] = frozenset()) -> str:
        """Return the source of a JavaScript function of one object that holds the inputs.

        Computed quantities in `given` are among its inputs. The function refuses what a call
        refuses. For that it needs a function `within(name, value, inputs)` in its scope. That one
        returns the value if it is in its symbol's range, and throws if it is not. Where it is
        given the inputs, it first sets aside what only float noise puts out of the range.
        """
        printer = _JavaScript()
        fixed = {name: symbols.GLOSSARY[name].value for name in _needed(self, given)}
        lines = []
        for step in self.steps(given):
            name, value = str(step.result.name), printer.doprint(step.expression)
            if step is self:
                lines.append(f'  return within("{name}", {value}, [{", ".join(sorted(fixed))}]);')
            elif _stays_in_range(step):
                lines.append(f"  const {name} = {value};")
            else:
                lines.append(f'  const {name} = within("{name}", {value});')
        names = ", ".join(n if v is None else f"{n} = {v!r}" for n, v in sorted(fixed.items()))
        return f"function {self.name}({{{names}}}) {{\n" + "\n".join(lines) + "\n}"

    def check_units(self) -> None:
        """Raise UnitsError unless both sides of the equation have the same dimensions."""
        found = _dimensions_of(self.expression)
        wanted = Counter(units.dimensions(self.unit))
        if not _equal(found, wanted):
            raise units.UnitsError(
                f"{self.name} is in {self.unit}, but its expression has {dict(found)}"
            )

    def elasticities(self, **inputs: float | str) -> dict[str, float]:
        """Return, for each input, the percent by which the result grows when it grows 1%.

        Rounding to whole units is left out: an elasticity is a local slope. Symbols that have a
        value of their own are left out too, unless another is given for them. Raises InputError
        as a call does, and where the result is zero.
        """
        values = self._single(inputs, "an elasticity is taken at one point")
        point = {name: mpmath.mpf(value) for name, value in values.items()}
        slopes = {name: {name: 1.0} for name in inputs}
        for step in self.steps(frozenset(values)):
            compute, order = _compiled_slopes(step.expression)
            result, *partial = compute(*(point[name] for name in order))
            found: dict[str, float] = {}
            for between, slope in zip(order, partial, strict=True):
                for name, part in slopes.get(between, {}).items():
                    found[name] = found.get(name, 0.0) + float(slope) * part
            point[step.result.name], slopes[step.result.name] = result, found
        at_point, own = float(point[self.result.name]), slopes[self.result.name]
        if at_point == 0:
            raise InputError(f"{self.name} is zero here: nothing to take a share of")
        # Rounded, since what cancels leaves noise behind.
        return {
            name: round(own.get(name, 0.0) * values[name] / at_point, 9) + 0.0 for name in inputs
        }

    def _repr_latex_(self) -> str:
        """Show the equation, typeset, in a notebook."""
        return f"$${self.latex()}$$"

    def __repr__(self) -> str:
        """Return the equation as one line of text."""
        return f"{self.name} = {sympy.sstr(self.expression)}"


class _OfEach:
    """An attribute that a formula works out, and that its class has otherwise, or not at all."""

    def __init__(self, work_out: Callable[[Formula], Any], of_class: Any = None) -> None:
        self._work_out, self._of_class = work_out, of_class

    def __get__(self, formula: Formula | None, owner: type) -> Any:
        if formula is not None:
            return self._work_out(formula)
        if self._of_class is None:
            raise AttributeError
        return self._of_class


def _help(formula: Formula) -> str:
    """Return what `help` says of a formula: what it takes, in which units, and what it returns."""

    def lines(names: Iterable[str]) -> str:
        return "\n".join(_help_line(symbols.GLOSSARY[name]) for name in sorted(names))

    needed = formula.needed()
    parts = [
        formula.about,
        "Takes numbers in these units, texts with a unit such as "
        "'3.35 TB/s', or arrays:\n" + lines(needed),
    ]
    if computed := formula.names - needed:
        parts.append("May be given in place of what it follows from:\n" + lines(computed))
    parts.append("Returns:\n" + lines([str(formula.result.name)]))
    parts.append("Raises InputError for a name, a unit or a value that is not allowed.")
    return "\n\n".join(parts)


def _help_line(line: symbols.Entry) -> str:
    default = "" if line.value is None else f"; {line.value:g} unless given"
    text = f"{line.name} [{line.unit}]: {line.meaning}; {line.range.words}{default}"
    return textwrap.fill(text, 96, initial_indent="  ", subsequent_indent="      ")


def _signature(formula: Formula) -> inspect.Signature:
    """Return a formula's inputs as keyword arguments, for an editor that completes them."""
    defaults = {name: symbols.GLOSSARY[name].value for name in sorted(formula.needed())}
    kind, empty = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty
    return inspect.Signature(
        [
            inspect.Parameter(name, kind, default=empty if value is None else value)
            for name, value in defaults.items()
        ]
    )


_ATTRIBUTES = {"__doc__": _OfEach(_help, Formula.__doc__), "__signature__": _OfEach(_signature)}
for _name, _attribute in _ATTRIBUTES.items():
    setattr(Formula, _name, _attribute)


@dataclass(frozen=True)
class Step:
    """One line of a worked equation: a formula, its values and its result."""

    formula: Formula
    values: Mapping[str, float]
    result: float

    def latex(self, digits: int = 4) -> str:
        """Return symbols, values and result as rows of an `aligned` environment."""
        sign = symbols.entry(self.formula.result).sign
        expression = self.formula.expression
        rows = [_typeset(expression)]
        if not expression.is_Symbol:
            shown = {
                x.name: units.show_latex(self.values[x.name], symbols.entry(x).unit, 4)
                for x in _without_ones(expression).free_symbols
            }
            rows.append(_ValuesLatex(shown).doprint(_without_ones(expression)))
        rows.append(units.show_latex(self.result, self.formula.unit, digits))
        return rf"{sign} &= " + r" \\ &= ".join(rows)

    def text(self, digits: int = 4) -> str:
        """Return the step as one line of text."""
        expression = _without_ones(self.formula.expression)
        worked = _ValuesText(self.values).doprint(expression)
        result = units.show(self.result, self.formula.unit, digits)
        symbolic = _spaced(re.sub(r"/", " / ", sympy.sstr(expression)))
        return f"{self.formula.result.name} = {symbolic} = {_spaced(worked)} = {result}"


@dataclass(frozen=True)
class Worked:
    """An equation worked down to its result: the steps in order, the result last."""

    steps: tuple[Step, ...]

    @property
    def value(self) -> float:
        """The result, in the unit of the last step's formula."""
        return self.steps[-1].result

    def latex(self) -> str:
        """Return all steps as one `aligned` environment, without delimiters."""
        *before, last = self.steps
        rows = r" \\[0.6em] ".join([*(step.latex() for step in before), last.latex(digits=3)])
        return rf"\begin{{aligned}} {rows} \end{{aligned}}"

    def text(self) -> str:
        """Return all steps as lines of text."""
        *before, last = self.steps
        return "\n".join([*(step.text() for step in before), last.text(digits=3)])

    def _repr_latex_(self) -> str:
        """Show the worked equation, typeset, in a notebook."""
        return f"$${self.latex()}$$"

    def __repr__(self) -> str:
        """Return the worked equation as text."""
        return self.text()


def _without_ones(expression: sympy.Expr) -> sympy.Expr:
    """Leave out factors such as "one token": only the check of units needs them."""
    ones = {x: sympy.Integer(1) for x in expression.free_symbols if symbols.entry(x).sign == "1"}
    return expression.xreplace(ones)


def _typeset(expression: sympy.Expr) -> str:
    """Return an expression in LaTeX."""
    return str(sympy.latex(_with_numerals(expression), symbol_names=symbols.signs()))


def _with_numerals(expression: sympy.Expr) -> sympy.Expr:
    """Put numbers for symbols whose sign is one; factors of 1 thereby go."""
    numerals = {
        x: sympy.Integer(symbols.entry(x).sign)
        for x in expression.free_symbols
        if symbols.entry(x).sign.isdigit()
    }
    return expression.xreplace(numerals)


def _own_value(name: str) -> float:
    value = symbols.GLOSSARY[name].value
    return math.nan if value is None else float(value)


def new_formula(
    result: sympy.Symbol,
    expression: sympy.Expr,
    about: str = "",
    *,
    where: tuple[Formula, ...] = (),
    name: str = "",
) -> Formula:
    """Return a formula of one's own, its units checked.

    Args:
        result: the symbol that it defines; see `symbols.symbol` and `symbols.new_symbol`.
        expression: its right-hand side, over symbols: SymPy's `Max`, `sqrt` and so on may
            stand in it.
        about: one sentence: what it says.
        where: the formulas of symbols in `expression` that are themselves computed.
        name: its own name; the result's, unless it is one of several for it.

    Raises ValueError where it could not be computed in one way only, and UnitsError unless both
    sides have the same units.

    """
    made = Formula(result, expression, about, where, name)
    made.check_units()
    return made


def checked(name: str, value: float | str) -> float:
    """Return one value as a float in its symbol's unit.

    Raises InputError if the glossary has no such symbol, if the value is an array, and if it is
    not in the symbol's range.
    """
    if name not in symbols.GLOSSARY:
        hint = suggestion(name, symbols.GLOSSARY)
        raise InputError(f"the glossary has no symbol {name}{hint}")
    if name in symbols.UNLIKELY:
        _say_unlikely(name, value)
    number = _number(name, value)
    if not isinstance(number, float):
        raise InputError(f"{name} is an array, but one value is wanted")
    return number


def _say_unlikely(name: str, value: Any) -> None:
    """Warn where a number alone was likely meant in another unit than its symbol's."""
    if not isinstance(value, (int, float)):
        return
    low, high, text = symbols.UNLIKELY[name]
    if 0 < value < low or high < value < math.inf:
        shown = units.show(float(value), symbols.GLOSSARY[name].unit)
        warnings.warn(
            f"{name} = {value!r} is taken as {shown}; if another unit is meant, give a text with "
            f"it, as in {text!r}",
            units.UnitWarning,
            stacklevel=_levels_to_the_caller(),
        )


def _levels_to_the_caller() -> int:
    """Return how many calls above the one that asks the code stands that called the package."""
    package = __name__.partition(".")[0]
    for level in itertools.count(1):
        frame = sys._getframe(level)  # noqa: SLF001
        if frame.f_back is None or frame.f_globals["__name__"].partition(".")[0] != package:
            return level
    raise AssertionError


def _number(name: str, value: Any) -> Value:
    """Return a value as a float or an array within its symbol's range, or raise InputError."""
    line = symbols.GLOSSARY[name]
    if type(value) is float and line.range.low < value <= line.range.high and value < math.inf:
        return value  # most values by far
    if isinstance(value, str):
        try:
            value = units.parse(value, line.unit)
        except units.UnitsError as error:
            raise InputError(f"{name}: {error}") from None
    if hasattr(value, "ndim") and value.ndim == 0:
        value = value.item()  # NumPy's own scalars
    if isinstance(value, (list, tuple)) or hasattr(value, "ndim"):
        return _array(line, value)
    try:
        real = isinstance(value, numbers.Real) and not isinstance(value, bool)
        number = float(value) if real else math.nan
    except OverflowError:
        number = math.inf
    low_enough = number > line.range.low or (number == line.range.low and line.range.low_is_allowed)
    if not (low_enough and number <= line.range.high and math.isfinite(number)):
        raise InputError(f"{name} = {value!r:.60}: must be {line.range.words}, in {line.unit}")
    return number


def _array(line: symbols.Entry, values: Sequence[float] | Array) -> Array:
    try:
        import numpy as np

        value = np.asarray(values)
    except (ImportError, ValueError) as error:
        raise InputError(f"{line.name} cannot be read as an array: {error}") from None
    if value.dtype.kind not in "fiu" or value.size == 0:
        raise InputError(
            f"{line.name}: an array must hold numbers, not {value.dtype} x {value.size}"
        )
    low, high = float(value.min()), float(value.max())  # np.min would take twice as long
    low_enough = low > line.range.low or (low == line.range.low and line.range.low_is_allowed)
    if not (low_enough and high <= line.range.high and high < math.inf):  # false for NaN as well
        wrong = high if low_enough and not math.isnan(high) else low
        raise InputError(f"{line.name} = {wrong!r} in an array: must be {line.range.words}")
    return value.astype(float, copy=False)


@lru_cache(maxsize=4096)
def _needed(formula: Formula, given: frozenset[str]) -> frozenset[str]:
    """Return the names that a formula is computed from when those in `given` are given."""
    steps = list(formula.steps(given))
    used = {symbol.name for step in steps for symbol in step.expression.free_symbols}
    return frozenset(used - {str(step.result.name) for step in steps})


@lru_cache(maxsize=4096)
def _compiled(
    formula: Formula, given: frozenset[str], backend: str
) -> tuple[Callable[..., list[Any]], tuple[str, ...], tuple[str, ...]]:
    """Return the formula as a function, the order of its arguments, and what else it returns.

    Besides the result it returns those quantities on the way to it whose range is narrower
    than what positive inputs give by themselves: a share, for instance, may not pass 1.
    """
    narrow = [
        step for step in formula.steps(given) if step is not formula and not _stays_in_range(step)
    ]
    steps = list(formula.steps(given))
    used = {symbol.name for step in steps for symbol in step.expression.free_symbols}
    order = tuple(sorted(used & given))
    arguments = [sympy.Symbol(name, positive=True) for name in order]
    # One line a step: to write all out first, and then to look for what they share, takes longer.
    lines = [(step.result, step.expression) for step in steps]
    wanted = [formula.result, *(step.result for step in narrow)]
    printer = (_NumPy if backend == "numpy" else _Math)({"fully_qualified_modules": False})
    function = sympy.lambdify(
        arguments, wanted, modules=backend, printer=printer, cse=lambda _: (lines, wanted)
    )
    return function, order, tuple(str(step.result.name) for step in narrow)


def _stays_in_range(step: Formula) -> bool:
    """Say whether inputs in their ranges are enough for the result to be in its own."""
    allowed = symbols.entry(step.result).range
    if allowed is symbols.POSITIVE:  # the declarations see to it, and a zero shows in the end
        return True
    return allowed is symbols.NONNEGATIVE and _never_negative(step.expression)


def _never_negative(expression: sympy.Expr) -> bool:
    """Say whether an expression is made without subtraction; no symbol is ever negative."""
    if expression.is_Symbol or expression.is_Number:
        return not expression.is_negative
    if expression.is_Pow:
        return _never_negative(expression.base)
    kinds = (sympy.Add, sympy.Mul, sympy.Max, sympy.Min, sympy.ceiling, sympy.floor)
    return isinstance(expression, kinds) and all(map(_never_negative, expression.args))


def _without_noise(allowed: symbols.Range, result: Any, values: list[Value]) -> Any:
    """Return a result with what only float noise puts out of its range set to the range's end.

    A difference may come out below zero where nothing is left, and a share above one where
    all is used.
    """
    if not isinstance(result, float) and not hasattr(result, "ndim"):
        return result  # a complex number: no noise
    if allowed is symbols.NONNEGATIVE:
        low, high = 0.0, math.inf
        largest = max(value if isinstance(value, float) else float(value.max()) for value in values)
        noise = 1e-12 * largest
    elif allowed is symbols.SHARE:
        low, high, noise = 0.0, 1.0, 1e-12
    else:
        return result
    if isinstance(result, float):
        return min(max(result, low), high) if low - noise <= result <= high + noise else result
    import numpy as np

    near = (result >= low - noise) & (result <= high + noise)
    return np.where(near, np.clip(result, low, high), result)


_BLOCK = 1 << 15
"""Elements of an array computed at a time: what is in between then stays in the cache."""


def _grid(compute: Callable[..., list[Any]], values: list[Value]) -> list[Any]:
    """Call a function of arrays; what overflows is caught by the range of the result."""
    import numpy as np

    shapes = [np.shape(value) for value in values]
    full = [shape for shape in shapes if shape]
    try:
        with np.errstate(all="ignore"):
            if len(set(full)) == 1 and math.prod(full[0]) > 2 * _BLOCK:
                return _in_blocks(compute, values, full[0])
            return compute(*values)
    except ValueError:
        listed = ", ".join(map(str, full))
        raise InputError(f"arrays of shapes {listed} do not go together") from None


def _in_blocks(
    compute: Callable[..., list[Any]], values: list[Value], shape: tuple[int, ...]
) -> list[Any]:
    import numpy as np

    size = math.prod(shape)
    flat = [value.reshape(-1) if isinstance(value, np.ndarray) else value for value in values]
    results: list[Array] = []
    for start in range(0, size, _BLOCK):
        block = slice(start, start + _BLOCK)
        parts = compute(*[v[block] if isinstance(v, np.ndarray) else v for v in flat])
        results = results or [np.empty(size) for _ in parts]
        for result, part in zip(results, parts, strict=True):
            result[block] = part
    return [result.reshape(shape) for result in results]


# SymPy's printers find their methods by these names.
# ruff: noqa: N802, ARG002, FBT001, FBT002


class _Rounding(CodePrinter):
    """Print ceilings and floors so that float noise takes no whole number to the next."""

    module = ""

    def _print_ceiling(self, expr: sympy.Expr) -> str:
        return f"{self.module}ceil(({self._print(expr.args[0])})*(1 - 1e-12))"

    def _print_floor(self, expr: sympy.Expr) -> str:
        return f"{self.module}floor(({self._print(expr.args[0])})*(1 + 1e-12))"


class _Math(_Rounding, PythonCodePrinter):
    """Print for Python's own `math`: scalars need no NumPy."""


class _NumPy(_Rounding, NumPyPrinter):
    """Print Max and Min as nested ufuncs: SymPy's reduction breaks on mixed shapes."""

    def _print_Max(self, expr: sympy.Max) -> str:
        return self._nested("maximum", expr)

    def _print_Min(self, expr: sympy.Min) -> str:
        return self._nested("minimum", expr)

    def _nested(self, function: str, expr: sympy.Expr) -> str:
        first, *rest = (self._print(argument) for argument in expr.args)
        for argument in rest:
            first = f"{function}({first}, {argument})"
        return str(first)


class _JavaScript(_Rounding, JavascriptCodePrinter):
    """Print logarithms and ceilings by JavaScript's own functions."""

    module = "Math."

    def _print_log2(self, expr: sympy.Expr) -> str:
        return f"Math.log2({self._print(expr.args[0])})"

    def _print_log10(self, expr: sympy.Expr) -> str:
        return f"Math.log10({self._print(expr.args[0])})"


class _ValuesLatex(LatexPrinter):
    """Print each symbol as what stands for its value, in LaTeX."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__({"mul_symbol": r"times"})
        self._values = values

    def _print_Symbol(self, expr: sympy.Symbol, style: str = "") -> str:
        return self._values[expr.name]

    def parenthesize(self, item: Any, level: int, *args: Any, **options: Any) -> str:
        if item.is_Symbol and level >= PRECEDENCE["Pow"]:
            shown = self._print(item)
            with_unit = r"\ " in shown or PLACE in shown
            return rf"\left({shown}\right)" if with_unit else str(shown)
        return str(super().parenthesize(item, level, *args, **options))


class _ValuesText(StrPrinter):
    """Print each symbol as its value and unit, in plain text."""

    def __init__(self, values: Mapping[str, float]) -> None:
        super().__init__()
        self._values = values

    def _print_Symbol(self, expr: sympy.Symbol) -> str:
        return units.show(self._values[expr.name], symbols.entry(expr).unit, 4)

    def parenthesize(self, item: Any, level: int, strict: bool = False) -> str:
        if item.is_Symbol:
            shown = str(self._print(item))
            return f"({shown})" if " " in shown or "/" in shown else shown
        return str(super().parenthesize(item, level, strict))


def _spaced(text: str) -> str:
    """Write operators of SymPy's text as people do; slashes inside units stay as they are."""
    text = (
        text.replace("**", "^").replace("*", " × ").replace("Max(", "max(").replace("Min(", "min(")
    )
    text = re.sub(r"\((\([^()]*\))\)", r"\1", text)
    return re.sub(r"(?<=[)\w%])/(?=\()|(?<=\))/(?=\w)", " / ", text)


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


@lru_cache(maxsize=4096)
def _compiled_slopes(
    expression: sympy.Expr,
) -> tuple[Callable[..., list[mpmath.mpf]], tuple[str, ...]]:
    """Return a function of an expression's symbols that gives its value and its slopes.

    The second part of what it returns is the order of the symbols and of their slopes. Rounding
    to whole units is left out. Its numbers are mpmath's: the square of a large one, as in the
    slope of a quotient, does not overflow.
    """
    smooth = expression.replace(
        lambda part: isinstance(part, (sympy.ceiling, sympy.floor)), lambda part: part.args[0]
    )
    order = sorted(smooth.free_symbols, key=str)
    wanted = [smooth, *(_slope(smooth, symbol) for symbol in order)]
    function = sympy.lambdify(order, wanted, modules="mpmath", cse=True)
    return function, tuple(symbol.name for symbol in order)


def _slope(expression: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
    """Differentiate; where a maximum has its kink, take the mean of both sides."""
    return expression.diff(symbol).replace(
        sympy.Heaviside, lambda argument, *_: (1 + sympy.sign(argument)) / 2
    )
