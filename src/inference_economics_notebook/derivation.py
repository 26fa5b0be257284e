"""How an equation follows from others: steps that a reader can follow, each of them checked.

Importing this imports SymPy, which takes a while.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inference_economics.algebra import symbolic, symbols
from inference_economics.algebra.expressions import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import sympy

    from inference_economics.algebra.formula import Formula

NEAR = 1e-3
"""How far the two sides of a step that is nearly right may lie apart, relative to the right."""


class DerivationError(ValueError):
    """A step that does not follow, or an end that is not the equation; the message says which."""


@dataclass(frozen=True)
class Step:
    """An equation, and why it holds.

    Attributes:
        why: a sentence for the reader.
        left: its left side, an expression of this package's or of SymPy's.
        right: its right side.
        given: whether it is a premise; otherwise it must follow from the steps before.
        exact: what the left side stands for exactly, where the right side is only near it.
        at: the values of symbols at which it must be near.

    """

    why: str
    left: Any
    right: Any
    given: bool = False
    exact: Any = None
    at: Mapping[str, float] = field(default_factory=dict)

    def latex(self) -> str:
        """Return the equation, typeset, without delimiters."""
        sign = "=" if self.exact is None else r"\approx"
        return f"{symbolic.typeset(self.left)} {sign} {symbolic.typeset(self.right)}"

    def text(self) -> str:
        """Return the equation as one line of text."""
        sign = "=" if self.exact is None else "≈"
        return f"{symbolic.plain(self.left)} {sign} {symbolic.plain(self.right)}"


def given(why: str, left: Any, right: Any) -> Step:
    """Return a premise: the sentence is the whole reason for it."""
    return Step(why, left, right, given=True)


def taken(why: str, formula: Formula, **renamed: Symbol) -> Step:
    """Return an equation of the book as a premise, symbols by these names put as others."""
    others = {symbols.symbol(name).sympy: other.sympy for name, other in renamed.items()}
    return given(why, formula.result, formula.expression.xreplace(others))


def follows(why: str, left: Any, right: Any) -> Step:
    """Return an equation that must follow from the steps before it."""
    return Step(why, left, right)


def nearly(why: str, left: Any, right: Any, exact: Any, **at: float) -> Step:
    """Return a premise that is nearly right: `exact` over the right side is about 1 at values."""
    return Step(why, left, right, given=True, exact=exact, at=at)


def words(*said: str) -> Iterator[Symbol]:
    """Yield symbols for quantities that have no line in the glossary: their signs are words."""
    return map(Symbol, said)


@dataclass(frozen=True)
class Derivation:
    """The steps that lead to an equation of the book, which is the last of them.

    Attributes:
        title: what is derived, in words.
        formula: the equation.
        steps: the steps in order.

    """

    title: str
    formula: Formula
    steps: tuple[Step, ...]

    def check(self) -> None:
        """Raise DerivationError unless each step follows and the last is the equation itself."""
        known: dict[sympy.Symbol, sympy.Expr] = {}
        result = self.formula.result
        for number, step in enumerate(self.steps, 1):
            where = f"{self.formula.name}, step {number}: {step.text()}"
            if step.exact is not None and not symbolic.near(step.exact, step.right, step.at, NEAR):
                raise DerivationError(f"{where}: not near enough")
            if step.given:
                symbolic.learn(known, step.left, step.right, result)
            elif not symbolic.equal(step.left, step.right, known):
                raise DerivationError(f"{where}: does not follow")
        declared: dict[sympy.Symbol, sympy.Expr] = {}
        for part in self.formula.steps():
            if part is not self.formula:
                symbolic.learn(declared, part.result, part.expression, result)
        last = self.steps[-1]
        if last.left != result or not symbolic.equal(last.right, self.formula.expression, declared):
            raise DerivationError(f"{where}: the equation is {self.formula!r}")

    def legend(self) -> list[symbols.Entry]:
        """Return the glossary's lines for the symbols of all steps, in the order of the steps."""
        sides = [side for step in self.steps for side in (step.left, step.right)]
        found = dict.fromkeys(name for side in sides for name in symbolic.names(side))
        lines = (symbols.GLOSSARY[name] for name in found if name in symbols.GLOSSARY)
        return [line for line in lines if not line.sign.isdigit()]
