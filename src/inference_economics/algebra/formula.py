"""An equation, written once.

A `Formula` is a symbolic expression over the glossary. From that one declaration come the
number (scalar or grid), the typeset equation, the equation worked with its values, the
JavaScript function, the check of its units and its sensitivities.
"""

from __future__ import annotations

import inspect
import math
import numbers
import re
import sys
import textwrap
import warnings
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from . import expressions, printed, symbols, units
from .expressions import Expression, Symbol
from .own_names import own_names
from .suggest import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    import sympy

    Array = npt.NDArray[np.float64]
    Value = float | Array

__dir__ = own_names(__name__)


class InputError(ValueError):
    """An input has a wrong name, unit or value; the message says what is allowed.

    `symbol` names the symbol whose value is out of its range, where that is what is wrong.
    """

    symbol = ""


@dataclass(frozen=True, eq=False)
class Formula:
    """`result` = `rule`, with the formulas that give the symbols it rests on.

    Attributes:
        result: the symbol that the equation defines.
        rule: the equation's right-hand side, over symbols of the glossary; also given as an
            expression of SymPy's.
        about: one sentence: what the equation says.
        where: the formulas of symbols in `rule` that are themselves computed.
        name: the formula's own name; in a topic of `equations`, that of its variable.

    Raises ValueError if a symbol is not in the glossary, or if two formulas for one symbol
    meet. Its units are checked by `check_units`, which the tests call for every formula.

    """

    result: Symbol
    rule: Expression
    about: str
    where: tuple[Formula, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse a declaration that could not be computed in one way only."""
        if not isinstance(self.rule, Expression):
            self.__dict__["expression"] = self.rule
            object.__setattr__(self, "rule", expressions.recorded(self.rule))
        if not self.name:
            object.__setattr__(self, "name", self.result.name)
        for name in {*self.rule.names, self.result.name}:
            if name not in symbols.GLOSSARY:
                raise ValueError(f"{self.name}: {name} is not in the glossary")
        if self.result.name in self.rule.names:
            raise ValueError(f"{self.name} is computed from itself")
        self._refuse_two_ways()

    @cached_property
    def expression(self) -> sympy.Expr:
        """The right-hand side as an expression of SymPy's, which is imported for it."""
        return self.rule.sympy

    def _refuse_two_ways(self) -> None:
        """Refuse a symbol with two formulas, or one that is computed here and given there."""
        chosen: dict[str, Formula] = {}
        for formula in self.where:
            if formula.result.name not in self.rule.names:
                raise ValueError(f"{self.name} does not use {formula.name}")
            for step in formula.steps():
                if chosen.setdefault(step.result.name, step) is not step:
                    raise ValueError(f"{self.name} rests on two formulas for {step.result.name}")
        for step in (*chosen.values(), self):
            computed = {formula.result.name for formula in step.where}
            if given := step.rule.names & set(chosen) - computed:
                names = ", ".join(sorted(given))
                raise ValueError(
                    f"{self.name}: {step.name} takes {names} as given, but others compute it"
                )

    def using(self, *formulas: Formula, name: str = "", about: str = "") -> Formula:
        """Return this formula resting on these ones for their results, at any depth."""
        chosen = {formula.result.name: formula for formula in formulas}
        return self._resting_on(chosen, {}, name or self.name, about or self.about)

    def _resting_on(
        self,
        chosen: Mapping[str, Formula],
        changed: dict[Formula, Formula],
        name: str,
        about: str,
    ) -> Formula:
        """Return a copy that rests on `chosen`; what is shared below it stays shared."""
        if self in changed:
            return changed[self]
        already = {old.result.name for old in self.where}
        wanted = [chosen.get(old.result.name, old) for old in self.where]
        wanted += [
            new
            for result, new in chosen.items()
            if result not in already and result in self.rule.names
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
        return _used_in(self.steps())

    def inputs(self, given: frozenset[str] = frozenset()) -> frozenset[str]:
        """Return the names that must be given when those in `given` are.

        A computed quantity that is given takes the place of the inputs it rests on. A symbol
        that has a value of its own, such as the bits of a byte, may be left out.
        """
        needed = self.needed(given)
        return needed - symbols.own_values(needed).keys()

    def needed(self, given: frozenset[str] = frozenset()) -> frozenset[str]:
        """Return the names that it is computed from when those in `given` are given.

        Unlike `inputs`, it names symbols with a value of their own too.
        """
        steps = list(self.steps(given))
        return _used_in(steps) - {step.result.name for step in steps}

    def __call__(self, **inputs: float | str | Array) -> Any:
        """Return the result in `unit`, for numbers, texts with units, or arrays.

        Numbers and arrays are in each symbol's own unit; texts such as "3.35 TB/s" carry theirs.
        Arrays may be of any shapes that broadcast together. The result is a float if no input is
        an array, and otherwise an array of floats of the broadcast shape.

        Raises InputError for a name, unit or value that is not allowed, for shapes that do not
        go together, and where the result is out of its symbol's range.
        """
        say_what_is_unlikely(inputs)
        return self._of(self.check(inputs))

    def without(self, names: Iterable[str], **inputs: float | str | Array) -> Any:
        """Return what a call does, but as if those of these inputs were zero, whatever their range.

        Of a sum it is what is left without the terms that they are factors of.
        """
        return self._of(
            {**(known := self.check(inputs)), **dict.fromkeys({*names} & {*known}, 0.0)}
        )

    def _of(self, values: Mapping[str, Value]) -> Any:
        """Return the result for checked values."""
        arrays = not {float}.issuperset(map(type, values.values()))
        compute, order, between = _compiled(self, frozenset(values), arrays=arrays)
        at_hand = [values[name] for name in order]
        try:
            result, *others = _grid(compute, at_hand, order) if arrays else compute(*at_hand)
        except InputError:  # shapes that do not fit
            raise
        except (OverflowError, ZeroDivisionError, ValueError):  # as the logarithm of a negative
            result, others = math.nan, []
        _within(dict(zip(between, others, strict=False)))
        name = self.result.name
        try:  # the result has a range too: what does not fit in memory is not served
            return _within({name: result})[name]
        except InputError:
            result = _without_noise(symbols.entry(self.result).range, result, at_hand)
        try:
            return checked_each(name, result)
        except InputError as error:
            error.args = (f"{error}. ({self.about})",)
            raise

    def check(self, inputs: Mapping[str, Any]) -> dict[str, Value]:
        """Return the inputs as floats and arrays in their symbols' units.

        Symbols with a value of their own are added where they are left out. Raises InputError
        for a name, unit or value that is not allowed, and where an input is missing or not used.
        """
        own, missing, unused = _left_open(self, frozenset(inputs))
        values = {**_within(inputs), **own}
        refuse_together(values)
        if missing:
            raise InputError(f"{self.name} needs {', '.join(missing)}")
        if unused:
            needed = ", ".join(sorted(self.needed(frozenset(inputs))))
            raise InputError(
                f"{unused[0]} = {inputs[unused[0]]} is not used: {self.name} is computed "
                f"from {needed}"
            )
        return values

    def _single(self, inputs: Mapping[str, Any], reason: str) -> dict[str, float]:
        values = self.check(inputs)
        for name, value in values.items():
            if not isinstance(value, float):
                raise InputError(f"{name} is an array, but {reason}")
        return {name: float(value) for name, value in values.items()}

    def _refuse_unknown(self, names: Iterable[str]) -> None:
        if unknown := sorted({*names} - self.names):
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
        say_what_is_unlikely(inputs)
        values = self._single(inputs, "an equation is worked with one value")
        steps = []
        for formula in self.steps(frozenset(values)):
            wanted = sorted(formula.rule.names)
            at_hand = {name: values[name] for name in wanted}
            values[formula.result.name] = formula._of(at_hand)  # noqa: SLF001 (its own kind)
            steps.append(Step(formula, at_hand, values[formula.result.name]))
        return Worked(tuple(steps))

    def latex(self) -> str:
        """Return the typeset equation, without delimiters."""
        return f"{symbols.entry(self.result).sign} = {as_printed(self.rule).latex}"

    def latex_with_places(self) -> str:
        """Return the right-hand side, typeset, with a place for the value of each symbol.

        A place is a text that begins with `symbols.PLACE`, and goes on with the symbol's name.
        """
        return _symbolic().latex_with_places(self)

    def legend(self) -> list[symbols.Entry]:
        """Return the glossary's lines for the result and the symbols of the expression."""
        names = [name for name in sorted(self.rule.names) if symbols.GLOSSARY[name].sign != "1"]
        return [symbols.GLOSSARY[name] for name in (self.result.name, *names)]

    def javascript(self, given: frozenset[str] = frozenset()) -> str:
        """Return the source of a JavaScript function of one object that holds the inputs.

        Computed quantities in `given` are among its inputs. The function refuses what a call
        refuses. For that it needs a function `within(name, value, inputs)` in its scope. That one
        returns the value if it is in its symbol's range, and throws if it is not. Where it is
        given the inputs, it first sets aside what only float noise puts out of the range.
        """
        return _symbolic().javascript(self, given)

    def stays_in_range(self) -> bool:
        """Say whether inputs in their ranges are enough for the result to be in its own."""
        allowed = symbols.entry(self.result).range
        if allowed is symbols.POSITIVE:  # the declarations see to it, and a zero shows in the end
            return True
        return allowed is symbols.NONNEGATIVE and self.rule.never_negative

    def check_units(self) -> None:
        """Raise UnitsError unless both sides of the equation have the same dimensions."""
        _symbolic().check_units(self)

    def elasticities(self, **inputs: float | str) -> dict[str, float]:
        """Return, for each input, the percent by which the result grows when it grows 1%.

        Rounding to whole units is left out: an elasticity is a local slope. Symbols that have a
        value of their own are left out too, unless another is given for them. Raises InputError
        as a call does, and where the result is zero.
        """
        import mpmath

        values = self._single(inputs, "an elasticity is taken at one point")
        source, order, _ = _source(self, frozenset(values))
        compute = expressions.unrounded(source)

        def result(**changed: Any) -> Any:
            return compute(*[{**values, **changed}[name] for name in order])[0]

        with mpmath.workdps(30):
            at_point = result()
            if at_point == 0:
                raise InputError(
                    f"{self.name} is zero for these inputs: no percentage of zero can be taken"
                )
            slopes = {
                name: mpmath.diff(lambda x, name=name: result(**{name: x}), values[name])
                for name in inputs
            }
        # Rounded, since what cancels leaves noise behind.
        return {n: round(float(slopes[n] * values[n] / at_point), 9) + 0.0 for n in inputs}

    def _repr_latex_(self) -> str:
        """Show the equation, typeset, in a notebook."""
        return f"$${self.latex()}$$"

    def __repr__(self) -> str:
        """Return the equation as one line of text."""
        return f"{self.name} = {self.rule}"


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
    parts.append("Returns:\n" + lines([formula.result.name]))
    parts.append("Raises InputError for a name, a unit or a value that is not allowed.")
    parts.append(
        "Takes the same inputs: `.explain(...)`, which shows the arithmetic, and "
        "`.elasticities(...)`.\nTakes none: `.latex()`, `.legend()`, and `.javascript()`, a page's "
        "function."
    )
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
        result, rule = self.formula.result, as_printed(self.formula.rule)
        rows = [rule.latex]
        if rule.latex_places:
            rows.append(printed.filled(rule.latex_places, self._latex_of, _latex_in_brackets))
        rows.append(units.show_latex(self.result, self.formula.unit, digits))
        return rf"{symbols.entry(result).sign} &= " + r" \\ &= ".join(rows)

    def text(self, digits: int = 4) -> str:
        """Return the step as one line of text."""
        rule = as_printed(self.formula.rule)
        worked = printed.spaced(printed.filled(rule.text_places, self._text_of, _text_in_brackets))
        result = units.show(self.result, self.formula.unit, digits)
        return f"{self.formula.result.name} = {rule.text} = {worked} = {result}"

    def _latex_of(self, name: str) -> str:
        return units.show_latex(self.values[name], symbols.GLOSSARY[name].unit, 4)

    def _text_of(self, name: str) -> str:
        return units.show(self.values[name], symbols.GLOSSARY[name].unit, 4)


def _latex_in_brackets(value: str) -> str:
    return rf"\left({value}\right)" if r"\ " in value else value


def _text_in_brackets(value: str) -> str:
    return f"({value})" if " " in value or "/" in value else value


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


def _symbolic() -> Any:
    """Return what needs SymPy, which takes long to import."""
    from . import symbolic

    return symbolic


@lru_cache(maxsize=4096)
def as_printed(rule: Expression) -> printed.Printed:
    """Return an expression as it is printed, with places for values."""
    found: printed.Printed = printed.kept(rule) or _symbolic().printed(rule.sympy)
    return found


def new_formula(
    result: Symbol,
    expression: Expression | sympy.Expr,
    about: str = "",
    *,
    where: Formula | tuple[Formula, ...] = (),
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

    Raises InputError for what is no symbol or no expression, ValueError where it could not be
    computed in one way only, and UnitsError unless both sides have the same units.

    """
    if not isinstance(result, Symbol):
        raise InputError(f"result = {result!r:.60}: must be a symbol, as `symbol` returns it")
    if not isinstance(expression, Expression) and not hasattr(expression, "free_symbols"):
        raise InputError(
            f"expression = {expression!r:.60}: must be made of symbols, as `symbol` returns them"
        )
    rests_on = (where,) if isinstance(where, Formula) else tuple(where)
    made = Formula(result, expression, about, rests_on, name)
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
    number = checked_each(name, value)
    if not isinstance(number, float):
        raise InputError(f"{name} is an array, but one value is wanted")
    return number


def checked_as(called: str, name: str, value: float | str) -> float:
    """Return a value that an argument has by another name than the glossary's: see `checked`."""
    try:
        return checked(name, value)
    except InputError as error:
        raise InputError(str(error).replace(name, called, 1)) from None


def say_what_is_unlikely(inputs: Mapping[str, Any]) -> None:
    """Warn where a number alone was likely meant in another unit than its symbol's.

    Called by what is called from outside: the package's own calls have numbers in their units.
    """
    caller = sys._getframe(2).f_globals.get("__name__", "")  # noqa: SLF001
    if caller.startswith(__name__.partition(".")[0]):
        return
    for said in unlikely(inputs):
        warnings.warn(said, units.UnitWarning, stacklevel=3)


_ALONE = (numbers.Real, Decimal, str)
"""Kinds of what may be a number alone."""


def unlikely(inputs: Mapping[str, Any]) -> Iterator[str]:
    """Yield in words what numbers alone are taken as, where another unit was likely meant."""
    for name, value in inputs.items():
        low, high, text = symbols.UNLIKELY.get(name, (0.0, math.inf, ""))
        if type(value) is float and low <= value <= high:  # most values, and quick to see
            continue
        try:
            alone = isinstance(value, _ALONE) and not isinstance(value, bool)
            number = float(value) if alone else low
            if isinstance(value, str):
                units.parse(value, symbols.GLOSSARY[name].unit)
        except (OverflowError, ValueError):  # too large, or a text that is refused or has a unit
            continue
        if not low <= number <= high and 0 < number <= sys.float_info.max:
            shown = units.show(number, symbols.GLOSSARY[name].unit)
            yield (
                f"{name} = {value!r} is taken as {shown}; if another unit is meant, give a text "
                f"with it, as in {text!r}"
            )


def refuse_together(values: Mapping[str, Value]) -> None:
    """Refuse values that are in their ranges, but not beside each other."""
    for name, (most, sentence) in symbols.AT_MOST.items():
        if name in values and most in values:
            value, limit = _greatest(values[name], values[most])
            if value > limit:
                raise InputError(sentence.format(**{name: f"{value:g}", most: f"{limit:g}"}))


def _greatest(value: Value, limit: Value) -> tuple[float, float]:
    """Return a value and its limit; of arrays, those where it is the most beyond it."""
    if isinstance(value, float) and isinstance(limit, float):
        return value, limit
    import numpy as np

    try:
        values, limits = np.broadcast_arrays(value, limit)
    except ValueError:  # refused where all are combined
        return 0.0, 0.0
    place = int(np.argmax(values - limits))
    return float(values.flat[place]), float(limits.flat[place])


def _within(values: Mapping[str, Any]) -> dict[str, Value]:
    """Return values by their names as `checked_each` does; floats in range are quick to see."""
    found = {}
    for (name, value), (least, most) in zip(values.items(), _ends(tuple(values)), strict=True):
        plain = type(value) is float and least <= value <= most
        found[name] = value if plain else checked_each(name, value)
    return found


@lru_cache(maxsize=4096)
def _ends(names: tuple[str, ...]) -> list[tuple[float, float]]:
    return [symbols.GLOSSARY[name].range.ends for name in names]


def checked_each(name: str, value: Any) -> Value:
    """Return a value as a float or an array within its symbol's range, or raise InputError."""
    line = symbols.GLOSSARY[name]
    if isinstance(value, str):
        value = _of_text(line, value)
    elif not isinstance(value, (int, float)):
        value = _of_quantities(line, value)
    if getattr(value, "_mask", False) is not False:
        _refuse_masked(name, value)
    if hasattr(value, "ndim") and value.ndim == 0:
        value = value.item()  # NumPy's own scalars
    if isinstance(value, (list, tuple)) or hasattr(value, "ndim"):
        return _array(line, value)
    try:
        real = isinstance(value, (numbers.Real, Decimal)) and not isinstance(value, bool)
        number = float(value) if real else math.nan
    except OverflowError:
        number = math.inf
    except ValueError:  # one of Decimal's signals
        number = math.nan
    least, most = line.range.ends
    if not least <= number <= most:
        refused = InputError(f"{name} = {value!r:.60}: must be {line.range.words}, in {line.unit}")
        refused.symbol = name
        raise refused
    return number


def _of_text(line: symbols.Entry, said: str) -> float:
    """Return the quantity that a text says, in the symbol's unit."""
    if line.unit == "dollar/chip/second" and re.fullmatch(r"\s*\$\s*[\d.,]+\s*", said):
        raise InputError(f"{line.name} = {said!r} does not say for how long: write '{said}/hour'")
    try:
        return units.parse(said, line.unit)
    except units.UnitsError as error:
        raise InputError(f"{line.name}: {error}") from None


def _of_quantities(line: symbols.Entry, value: Any) -> Any:
    """Return quantities of a units package, such as Pint's, as numbers in the symbol's unit."""
    if isinstance(value, (list, tuple)):
        return [_of_quantities(line, each) for each in value]
    for held, unit in (("magnitude", "units"), ("value", "unit")):  # Pint's, and Astropy's
        if hasattr(value, held) and hasattr(value, unit):
            try:
                factor = units.conversion(str(getattr(value, unit)), line.unit)
            except units.UnitsError as error:
                raise InputError(f"{line.name} = {value!s:.60}: {error}") from None
            return getattr(value, held) * factor
    return value


def _refuse_masked(name: str, values: Any) -> None:
    """Refuse an array with masked cells: what they hide is no value."""
    import numpy as np

    if hidden := int(np.count_nonzero(np.ma.getmaskarray(values))):
        raise InputError(f"{name}: {hidden} of its values masked: fill them, or leave them out")


def _array(line: symbols.Entry, values: Sequence[float] | Array) -> Array:
    try:
        import numpy as np

        value = np.asarray(values)
    except (ImportError, ValueError) as error:
        raise InputError(f"{line.name} cannot be read as an array: {error}") from None
    if value.dtype.kind not in "fiu" or value.size == 0:
        held = "texts" if value.dtype.kind in "US" else f"{value.dtype} x {value.size}"
        raise InputError(f"{line.name}: an array must hold numbers, not {held}")
    low, high = float(value.min()), float(value.max())  # np.min would take twice as long
    least, most = line.range.ends
    if not (least <= low and high <= most):  # false for NaN as well
        wrong = high if least <= low and not math.isnan(high) else low
        raise InputError(f"{line.name} = {wrong!r} in an array: must be {line.range.words}")
    return value.astype(float, copy=False)


@lru_cache(maxsize=4096)
def _left_open(
    formula: Formula, given: frozenset[str]
) -> tuple[Mapping[str, float], list[str], list[str]]:
    """Return own values of symbols that are not given, what else is missing, and what is unused.

    Raises InputError for a name that the formula does not know.
    """
    formula._refuse_unknown(given)  # noqa: SLF001 (its own kind)
    needed = formula.needed(given)
    own = symbols.own_values(needed - given)
    return own, sorted(needed - given - own.keys()), sorted(given - needed)


@lru_cache(maxsize=4096)
def _compiled(
    formula: Formula, given: frozenset[str], *, arrays: bool
) -> tuple[Callable[..., list[Any]], tuple[str, ...], tuple[str, ...]]:
    """Return the formula as a function, the order of its arguments, and what else it returns."""
    source, order, between = _source(formula, given)
    return expressions.compiled(source, arrays=arrays), order, between


def _source(
    formula: Formula, given: frozenset[str]
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return a function's source, the order of its arguments, and what else it returns.

    Besides the result it returns those quantities on the way to it whose range is narrower
    than what positive inputs give by themselves: a share, for instance, may not pass 1.
    """
    steps = list(formula.steps(given))
    narrow = [step for step in steps if step is not formula and not step.stays_in_range()]
    order = tuple(sorted(given & _used_in(steps)))
    lines = [f"    {step.result.name} = {step.rule.python}" for step in steps]
    wanted = ", ".join([formula.result.name, *(step.result.name for step in narrow)])
    source = "\n".join([f"def computed({', '.join(order)}):", *lines, f"    return [{wanted}]"])
    return source, order, tuple(step.result.name for step in narrow)


def _used_in(steps: Iterable[Formula]) -> frozenset[str]:
    return frozenset().union(*(step.rule.names for step in steps))


def _without_noise(allowed: symbols.Range, result: Any, values: list[Value]) -> Any:
    """Return a result with what only float noise puts out of its range set to the range's end.

    A difference may come out below zero where nothing is left, and a share above one where
    all is used.
    """
    if not isinstance(result, float) and not hasattr(result, "ndim"):
        return result  # a complex number: no noise
    if allowed not in (symbols.NONNEGATIVE, symbols.SHARE):
        return result
    low, high, noise = allowed.low, allowed.high, 1e-12
    if allowed == symbols.NONNEGATIVE:
        noise *= max(value if isinstance(value, float) else float(value.max()) for value in values)
    if isinstance(result, float):
        return min(max(result, low), high) if low - noise <= result <= high + noise else result
    import numpy as np

    near = (result >= low - noise) & (result <= high + noise)
    return np.where(near, np.clip(result, low, high), result)


_BLOCK = 1 << 15
"""Elements of an array computed at a time: what is in between then stays in the cache."""


def _grid(
    compute: Callable[..., list[Any]], values: list[Value], names: Sequence[str]
) -> list[Any]:
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
        told = (
            f"{name} of shape {shape}" for name, shape in zip(names, shapes, strict=True) if shape
        )
        raise InputError(f"arrays cannot be combined: {', '.join(told)}") from None


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
