"""Expressions over symbols: recorded as they are written, and computed without SymPy.

An expression is a tree of operations. Python and NumPy compute it as it stands; SymPy is
imported when it is to be typeset, differentiated or simplified, and takes it operation by
operation. An expression of SymPy's may stand wherever one of these may.
"""

from __future__ import annotations

import importlib
import operator
from functools import cached_property, partial, reduce
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from sympy import Expr

_NUMBERS = (int, float)
_PYTHON = {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "**"}
_COMPARED = {"Max": "maximum", "Min": "minimum"}
_ROUNDED = {"ceiling": ("ceil", "1 - 1e-12"), "floor": ("floor", "1 + 1e-12")}
"""Rounded so that float noise takes no whole number to the next."""
_PLAIN = ("sqrt", "log", "log2", "log10", "exp")


def _either_way(operation: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return what Python calls for an operator with an expression before it, and behind it."""
    return (
        lambda self, other: _recorded(operation, self, other),
        lambda self, other: _recorded(operation, other, self),
    )


class Expression:
    """An operation and what it is applied to.

    Attributes:
        operation: a name of the module `operator`, or that of a function in this module.
        parts: the expressions and numbers that it is applied to.

    """

    def __init__(self, operation: str, *parts: Expression | float) -> None:
        self.operation = operation
        self.parts = parts

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the symbols in it."""
        inner = [part.names for part in self.parts if isinstance(part, Expression)]
        return frozenset().union(*inner)

    @cached_property
    def sympy(self) -> Expr:
        """The same as an expression of SymPy."""
        import sympy
        from sympy.codegen import cfunctions

        parts = [part.sympy if isinstance(part, Expression) else part for part in self.parts]
        if self.operation == "sqrt":
            return sympy.sqrt(*parts, evaluate=False)
        for home in (operator, sympy, cfunctions):
            if hasattr(home, self.operation):
                return getattr(home, self.operation)(*parts)
        raise AssertionError(self.operation)

    def _sympy_(self) -> Expr:
        """Return what SymPy's functions take for it."""
        return self.sympy

    @cached_property
    def python(self) -> str:
        """The same as Python's source, over names of symbols and of what `compiled` has."""
        parts = [p.python if isinstance(p, Expression) else _number(p) for p in self.parts]
        if self.operation in _PYTHON:
            return f"({parts[0]} {_PYTHON[self.operation]} {parts[1]})"
        if self.operation == "neg":
            return f"(-{parts[0]})"
        if self.operation in _ROUNDED:
            name, slack = _ROUNDED[self.operation]
            return f"_{name}({parts[0]} * ({slack}))"
        if self.operation in _COMPARED:
            first, *rest = parts
            for part in rest:  # one by one: NumPy compares two at a time
                first = f"_{_COMPARED[self.operation]}({first}, {part})"
            return first
        return f"_{self.operation}({parts[0]})"

    @cached_property
    def never_negative(self) -> bool:
        """Whether it is made without subtraction; no symbol is ever negative."""
        if self.operation in ("sub", "neg", "log", "log2", "log10", "exp"):
            return False
        parts = self.parts[:1] if self.operation == "pow" else self.parts
        return all(
            part.never_negative if isinstance(part, Expression) else part >= 0 for part in parts
        )

    def __repr__(self) -> str:
        """Return it as SymPy writes it."""
        return str(self.sympy)

    __add__, __radd__ = _either_way("add")
    __sub__, __rsub__ = _either_way("sub")
    __mul__, __rmul__ = _either_way("mul")
    __truediv__, __rtruediv__ = _either_way("truediv")
    __pow__, __rpow__ = _either_way("pow")

    def __neg__(self) -> Expression:
        return Expression("neg", self)


class Symbol(Expression):
    """A quantity by its name in the glossary: a real number that is never negative."""

    def __init__(self, name: str) -> None:
        super().__init__("symbol")
        self.name = self.python = name
        self.names = frozenset({name})
        self.never_negative = True

    @cached_property
    def sympy(self) -> Expr:
        """The symbol of SymPy."""
        import sympy

        return sympy.Symbol(self.name, positive=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Symbol) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


def _number(number: float) -> str:
    plain = int(number) if isinstance(number, int) else float(number)  # none of NumPy's
    return f"({plain!r})" if plain < 0 else repr(plain)


def _recorded(operation: str, *parts: Any) -> Any:
    """Return an operation of expressions and numbers; leave what else there is to its own rules."""
    if all(isinstance(part, (Expression, *_NUMBERS)) for part in parts):
        return Expression(operation, *parts)
    return NotImplemented


def _applied(operation: str, *parts: Any) -> Expression:
    return Expression(operation, *(recorded(part) for part in parts))


Max, Min, ceiling, floor, sqrt, log2, log10 = (
    partial(_applied, name) for name in ("Max", "Min", "ceiling", "floor", "sqrt", "log2", "log10")
)
"""The functions of the equations, called as SymPy calls them."""


def recorded(expression: Any) -> Any:
    """Return an expression of SymPy as one of these; what is one already stays.

    Raises ValueError for a function that is not known here.
    """
    if isinstance(expression, (Expression, *_NUMBERS)):
        return expression
    kind, parts = type(expression).__name__, [recorded(each) for each in expression.args]
    if kind == "Symbol":
        if not expression.is_positive:  # not as the glossary's are
            raise ValueError(f"{expression} is not in the glossary")
        return Symbol(expression.name)
    if expression.is_number:
        return int(expression) if expression.is_Integer else float(expression)
    if kind in ("Add", "Mul"):
        return reduce(partial(Expression, kind.lower()), parts)
    if kind == "Pow":
        return Expression("pow", *parts)
    if kind in (*_COMPARED, *_ROUNDED, *_PLAIN):
        return Expression(kind, *parts)
    raise ValueError(f"{expression}: there is no function {kind} in an equation")


def compiled(source: str, *, arrays: bool) -> Any:
    """Return what the source of a function defines, over Python's numbers or NumPy's arrays."""
    home = importlib.import_module("numpy" if arrays else "math")
    functions = {f"_{name}": getattr(home, name) for name in ("ceil", "floor", *_PLAIN)}
    functions |= {"_maximum": max, "_minimum": min}
    if arrays:
        functions |= {f"_{name}": getattr(home, name) for name in _COMPARED.values()}
    return _defined(source, functions)


def unrounded(source: str) -> Any:
    """Return what the source defines over mpmath's numbers, rounding to whole units left out."""
    import mpmath

    functions = {f"_{name}": getattr(mpmath, name) for name in ("sqrt", "log", "log10", "exp")}
    functions |= {"_log2": lambda x: mpmath.log(x, 2), "_maximum": max, "_minimum": min}
    functions |= dict.fromkeys(("_ceil", "_floor"), mpmath.mpf)
    return _defined(source, functions)


def _defined(source: str, functions: dict[str, Any]) -> Any:
    exec(source, functions)  # noqa: S102  (made from expressions, as SymPy's lambdify does)
    return functions["computed"]
