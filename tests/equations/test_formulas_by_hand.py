"""Every equation agrees with its value worked by hand, and no slip in one goes unnoticed.

Each equation is also changed in memory, one place at a time: a factor becomes a divisor, a
term changes its sign, a maximum becomes a minimum, a constant grows by one, two symbols trade
places, a part is left out. At least one case of the table must notice.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
import sympy
from alike import with_each
from by_hand import EQUATIONS, THROUGH_STEPS
from thoroughly import some

from inference_economics import equations
from inference_economics.algebra.formula import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from by_hand import Case

    from inference_economics.algebra.formula import Formula

FORMULAS = equations.all_formulas()
NAMES = [name for name in EQUATIONS if name in FORMULAS]
WORKED = with_each("name", NAMES)

SAME = 1e-9
"""How far results may lie apart, relative to the larger, that differ by the order of steps only."""


def agree(left: object, right: float) -> bool:
    """Say whether two results are one but for rounding; what is not a number agrees with none."""
    return isinstance(left, (int, float)) and math.isclose(left, right, rel_tol=SAME)


# The table is whole, and says what the equations say


@with_each("name", FORMULAS)
def test_every_formula_is_worked_by_hand(name: str) -> None:
    assert EQUATIONS.get(name), (
        f"{name} has no value worked by hand: add a case to EQUATIONS in tests/by_hand.py, "
        f"its result worked from what the formula says of itself ({FORMULAS[name].about!r}), "
        f"given {', '.join(sorted(own_symbols(FORMULAS[name])))}"
    )


def test_no_case_is_of_a_formula_that_there_is_not() -> None:
    assert sorted({*EQUATIONS, *THROUGH_STEPS} - set(FORMULAS)) == []


@WORKED
def test_a_formula_gives_what_it_gives_by_hand(name: str) -> None:
    for each in EQUATIONS[name]:
        found = FORMULAS[name](**each.given)
        assert found == pytest.approx(each.result, rel=SAME, abs=0), each


@with_each("name", THROUGH_STEPS)
def test_a_formula_gives_what_its_steps_give_by_hand(name: str) -> None:
    formula, each = FORMULAS[name], THROUGH_STEPS[name]
    computed = {str(step.result.name) for step in formula.steps()}
    assert computed.isdisjoint(each.given), "worked from the first inputs"
    assert formula(**each.given) == pytest.approx(each.result, rel=SAME)


def test_formulas_of_one_equation_are_told_apart_by_what_they_rest_on() -> None:
    count = Counter((each.result, each.expression) for each in FORMULAS.values())
    alike = [name for name, each in FORMULAS.items() if count[each.result, each.expression] > 1]
    missing = sorted(set(alike) - set(THROUGH_STEPS))
    assert not missing, (
        f"{', '.join(missing)}: another formula has the same equation; add a case to "
        "THROUGH_STEPS in tests/by_hand.py, worked from the first inputs"
    )


# The inputs tell the parts of an equation apart


def own_symbols(formula: Formula) -> set[str]:
    """Return the names of the symbols of the equation itself, not of its steps."""
    return {str(symbol.name) for symbol in formula.expression.free_symbols}


@WORKED
def test_every_symbol_of_the_equation_is_given(name: str) -> None:
    for each in EQUATIONS[name]:
        assert set(each.given) == own_symbols(FORMULAS[name])


@WORKED
def test_no_input_hides_a_factor_without_a_reason(name: str) -> None:
    for each in EQUATIONS[name]:
        values = list(each.given.values())
        hides = len(set(values)) < len(values) or not {0, 1}.isdisjoint(values)
        assert hides == bool(each.why), f"0, 1 and equal inputs need a reason, others none: {each}"


@WORKED
def test_every_input_changes_the_result(name: str) -> None:
    formula = FORMULAS[name]
    for symbol in own_symbols(formula):
        assert any(moves(formula, each, symbol) for each in EQUATIONS[name]), (
            f"{symbol}: a tenth more or less changes nothing"
        )


def moves(formula: Formula, each: Case, symbol: str) -> bool:
    """Say whether the result is another with a tenth more or less of an input."""
    for factor in (1.1, 1 / 1.1):
        try:
            found = formula(**each.given | {symbol: factor * each.given[symbol]})
        except InputError:  # out of range: the other way may be allowed
            continue
        if not agree(found, each.result):
            return True
    return False


# No change to an equation goes unnoticed

EXCHANGED = {
    sympy.Max: sympy.Min,
    sympy.Min: sympy.Max,
    sympy.ceiling: sympy.floor,
    sympy.floor: sympy.ceiling,
}
LEFT_OUT = (sympy.Add, sympy.Mul, sympy.Max, sympy.Min)


def changed(expression: sympy.Expr) -> Iterator[sympy.Expr]:
    """Yield the expression with one place changed, for each place and each change."""
    kind, parts = expression.func, expression.args
    if expression.is_Number:
        yield expression + 1
    if expression.is_Symbol:
        yield 1 / expression
    if kind in EXCHANGED:
        yield EXCHANGED[kind](*parts)
    for place, part in enumerate(parts):
        before, after = parts[:place], parts[place + 1 :]
        others = list(changed(part))
        if kind is sympy.Mul:
            others.append(1 / part)
        if kind is sympy.Add:
            others.append(-part)
        for other in others:
            yield kind(*before, other, *after)
        if kind in LEFT_OUT:
            yield kind(*before, *after)


def mutants(expression: sympy.Expr) -> list[sympy.Expr]:
    """Return every other expression that one change makes of this one, in a fixed order."""
    traded = (
        expression.xreplace({one: other, other: one})
        for one, other in combinations(sorted(expression.free_symbols, key=str), 2)
    )
    return sorted({*changed(expression), *traded} - {expression}, key=str)


def value(expression: sympy.Expr, given: dict[str, float]) -> object:
    """Return an expression's value, or None where it has none, as with a division by zero."""
    if expression.has(sympy.zoo):
        return None
    symbols = [sympy.Symbol(name, positive=True) for name in given]
    function = sympy.lambdify(symbols, expression, modules="math")
    try:
        return function(*given.values())
    except (OverflowError, ValueError, ZeroDivisionError):
        return None


def unnoticed(name: str, mutant: sympy.Expr) -> bool:
    """Say whether a changed equation gives, in every case, what it should give unchanged."""
    return all(agree(value(mutant, each.given), each.result) for each in EQUATIONS[name])


@with_each("name", some(NAMES, 4))
def test_no_change_to_an_equation_goes_unnoticed(name: str) -> None:
    expression = FORMULAS[name].expression.doit()  # one way to write a square root, not two
    assert unnoticed(name, expression)
    found = [str(each) for each in mutants(expression) if unnoticed(name, each)]
    assert not found, "add a case that tells these from the equation"


def test_every_kind_of_change_is_made() -> None:
    a, b, c = sympy.symbols("a b c", positive=True)
    made = mutants(a * sympy.Max(b, c - 3))
    expected = [
        sympy.Max(b, c - 3) / a,
        a / sympy.Max(b, c - 3),
        a * sympy.Min(b, c - 3),
        a * sympy.Max(b, -c - 3),
        a * sympy.Max(b, c + 3),
        a * sympy.Max(b, c - 2),
        c * sympy.Max(b, a - 3),
        a * b,
    ]
    assert set(expected) <= set(made)


# Counted one by one


def test_users_placed_on_copies_one_by_one() -> None:
    # Each copy has its part of the memory; a user's cache lies in one of them.
    room, copies, cache = 10_000, 3, 5 * 7 * 11
    left = [room / copies] * copies
    placed = 0
    while max(left) >= cache:
        left[left.index(max(left))] -= cache
        placed += 1
    found = FORMULAS["largest_batch"](
        room=room, replicas=copies, kept_context=5, kv_bytes_per_token=7, cache_copies=11
    )
    assert found == placed == 24


def test_answers_in_the_making_counted_second_by_second() -> None:
    # Messages at random moments, two a second, each answered for a second and a half.
    chance = random.Random(0)  # noqa: S311  (no secret, the same every time)
    seconds, rate, tokens, speed, audience = 20_000, 2, 30, 20, 1_000
    sent = sorted(chance.uniform(0, seconds) for _ in range(rate * seconds))
    moments = range(10, seconds)
    busy = sum(bisect_right(sent, at) - bisect_right(sent, at - tokens / speed) for at in moments)
    found = FORMULAS["user_base_by_messages"](
        concurrent_users=busy / len(moments), message_rate=rate, tokens_per_message=tokens,
        audience=audience, tokens_per_second_per_user=speed,
    )  # fmt: skip
    assert found == pytest.approx(audience, rel=0.02)  # they are all that it needs
