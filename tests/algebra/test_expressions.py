"""Expressions as they are recorded: Python, NumPy and SymPy make the same of them."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
import sympy
from alike import with_each
from random_points import points
from sympy.codegen.cfunctions import log2 as sympy_log2

from inference_economics.algebra import expressions, units
from inference_economics.algebra import symbols as s
from inference_economics.algebra.expressions import Max, Min, ceiling, floor, log2, log10, sqrt
from inference_economics.algebra.formula import Formula
from inference_economics.equations import all_formulas
from inference_economics.facts import catalog
from inference_economics.ledger import claims

FORMULAS = with_each("formula", all_formulas().values())
A, B, C = s.chips, s.batch, s.layers
SLOW = ("sympy", "pint", "numpy", "scipy", "mpmath")


@FORMULAS
def test_python_and_sympy_compute_the_same(formula: Formula) -> None:
    # One equation without what it rests on, so that SymPy is given all of its symbols.
    alone = Formula(formula.result, formula.rule, "")
    assert {x.name for x in formula.expression.free_symbols} == formula.rule.names
    (point,) = points(formula, 1)
    worked = formula.explain(**point).steps[-1]
    names = sorted(alone.rule.names)
    exact = sympy.lambdify(names, alone.expression, modules="math")
    assert worked.result == pytest.approx(exact(*(worked.values[x] for x in names)), rel=1e-9)


@pytest.mark.parametrize(
    ("rule", "theirs"),
    [
        (A + 2 * B - C / 3, lambda a, b, c: a + 2 * b - c / 3),
        (2 - A**2, lambda a, _b, _c: 2 - a**2),
        (1 / A - -B, lambda a, b, _c: 1 / a + b),
        ((-2) ** (A - 4) + np.float64(1.5) * C, lambda a, _b, c: (-2) ** (a - 4) + 1.5 * c),
        ((-0.5) ** (A - 5) + (-1) ** (B + 1), lambda a, b, _c: (-0.5) ** (a - 5) + (-1) ** (b + 1)),
        (2**A + (1 + B), lambda a, b, _c: 2**a + 1 + b),
        (Max(A, B, 3) * Min(B, C), lambda a, b, c: max(a, b, 3) * min(b, c)),
        (ceiling(A / 3) + floor(B / 3), lambda a, b, _c: math.ceil(a / 3) + math.floor(b / 3)),
        (sqrt(A) + log2(B) + log10(C), lambda a, b, c: a**0.5 + math.log2(b) + math.log10(c)),
    ],
)
def test_an_expression_is_what_was_written(rule: expressions.Expression, theirs: object) -> None:
    def source(which: expressions.Expression) -> str:
        return f"def computed(chips, batch, layers): return {which.python}"

    values = (7.0, 5.0, 11.0)
    wanted = theirs(*values)  # type: ignore[operator]
    again = expressions.recorded(rule.sympy)
    for each in (rule, again):
        assert expressions.compiled(source(each), arrays=False)(*values) == pytest.approx(wanted)
        grid = expressions.compiled(source(each), arrays=True)(*(np.full(2, v) for v in values))
        assert grid == pytest.approx([wanted, wanted])
        assert each.names == rule.names
    assert rule.sympy.subs(dict(zip(("chips", "batch", "layers"), values, strict=True))) is not None


def test_expressions_of_sympy_may_stand_among_them() -> None:
    mixed = sympy.Max(A, 3) * B + sympy.Rational(1, 2) * sympy_log2(C)
    assert isinstance(mixed, sympy.Expr)
    found = expressions.recorded(mixed)
    assert found.names == {"chips", "batch", "layers"}
    assert repr(Max(A, B)) == "Max(batch, chips)"
    with pytest.raises(ValueError, match="there is no function sin in an equation"):
        expressions.recorded(sympy.sin(A))
    with pytest.raises(ValueError, match="is not in the glossary"):
        expressions.recorded(sympy.Symbol("chips"))


@pytest.mark.parametrize("rule", [A - B, -A, A * -1, Max(A, B - 1), log2(A), A + (B - C)])
def test_what_may_be_negative_is_told(rule: expressions.Expression) -> None:
    assert not rule.never_negative
    assert (A + Max(B, 0) * sqrt(C) / 2).never_negative


def test_units_are_what_pint_says() -> None:
    figures = [*catalog.load().facts.values(), *(result.claim for result in claims.load())]
    tables = (catalog.load().accelerators, catalog.load().models)
    known = {str(each.unit) for each in figures if each.unit} | {
        unit for table in tables for record in table.values() for unit in record.columns.values()
    }
    known |= {line.unit for line in s.GLOSSARY.values()} | {"kWh", "ms", "µs", "1/week", "", "kB"}
    for unit in sorted(known):
        quick = units._quotient(unit)
        assert quick is not None, unit
        exact = units.registry().Quantity(1.0, unit or "dimensionless").to_root_units()
        assert quick.scale == exact.magnitude, unit
        powers = units.registry().parse_units(unit or "dimensionless").dimensionality
        assert dict(quick.powers) == {name: float(power) for name, power in powers.items()}, unit
    assert units._quotient("hours") is None  # Pint reads what is no plain quotient
    assert units._quotient("byte**2") is None
    assert units._quotient("/s") is None
    assert units._quotient("mday") is None


DECODE = ["decode", "--accelerator", "h100_sxm5", "--chips", "8", "--model", "llama3_70b",
          "--batch", "64"]  # fmt: skip


@pytest.mark.parametrize(
    "code",
    [
        "from inference_economics.cli import main; main(['claims'])",
        f"from inference_economics.cli import main; main({DECODE})",
        "import inference_economics as ie; print([each.verdict for each in ie.claims()])",
    ],
)
def test_answers_come_without_slow_libraries(code: str) -> None:
    check = f"{code}\nimport sys; print([x for x in {SLOW} if x in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
