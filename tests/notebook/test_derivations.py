"""Derivations: every step follows, the last is the equation, and a wrong step is noticed."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path

import pytest
import sympy

from inference_economics import equations
from inference_economics.algebra import symbolic
from inference_economics.algebra import symbols as s
from inference_economics.algebra.expressions import log2
from inference_economics.algebra.formula import Formula
from inference_economics.equations import decode, roofline
from inference_economics_notebook import book
from inference_economics_notebook.derivation import (
    Derivation,
    DerivationError,
    follows,
    given,
    nearly,
)
from inference_economics_notebook.derivations import DERIVATIONS

BOOK = Path(__file__).parents[2] / "book"
NAMED = pytest.mark.parametrize("name", DERIVATIONS)
STEPS = [(name, at) for name, each in DERIVATIONS.items() for at in range(len(each.steps))]


@NAMED
def test_every_step_follows_and_the_last_is_the_equation(name: str) -> None:
    derivation = DERIVATIONS[name]
    derivation.check()
    assert derivation.formula is equations.formula(name)
    assert derivation.steps[-1].left == derivation.formula.result
    assert not derivation.steps[-1].given
    assert len(derivation.steps) >= 3


@pytest.mark.parametrize(("name", "at"), STEPS)
def test_a_wrong_step_is_noticed(name: str, at: int) -> None:
    derivation = DERIVATIONS[name]
    wrong = replace(derivation.steps[at], right=2 * derivation.steps[at].right)
    steps = (*derivation.steps[:at], wrong, *derivation.steps[at + 1 :])
    with pytest.raises(DerivationError, match=name):
        replace(derivation, steps=steps).check()


def test_a_logarithm_to_base_two_is_known_by_others() -> None:
    twice, natural = (log2(4 * s.chips).sympy, sympy.log(s.chips.sympy))
    assert symbolic.equal(twice, 2 + natural / sympy.log(2), {})
    assert not symbolic.equal(twice, 2 + natural / sympy.log(3), {})
    assert not symbolic.equal(twice, 2 + natural, {})


@NAMED
def test_a_derivation_of_another_equation_is_refused(name: str) -> None:
    derivation = DERIVATIONS[name]
    other = Formula(derivation.formula.result, 2 * derivation.formula.expression, "Twice.")
    with pytest.raises(DerivationError, match="the equation is"):
        replace(derivation, formula=other).check()


def test_a_step_says_where_it_fails() -> None:
    ridge = roofline.ridge_point
    end = follows("So.", s.ridge_point, s.peak_flops / s.memory_bandwidth)
    with pytest.raises(DerivationError, match=r"ridge_point, step 1: ridge_point = .* not follow"):
        Derivation("it", ridge, (end,)).check()
    near = nearly("About.", s.ridge_point, s.peak_flops, exact=2 * s.peak_flops, peak_flops=3)
    with pytest.raises(DerivationError, match=r"ridge_point, step 1: .*: not near enough"):
        Derivation("it", ridge, (near, end)).check()
    two = given("Squared.", s.ridge_point**2, (s.ridge_point + 2) * s.peak_flops - s.peak_flops**2)
    with pytest.raises(ValueError, match="gives 2 of ridge_point"):
        Derivation("it", ridge, (two, end)).check()


def test_each_is_shown_once_in_the_book() -> None:
    shown = [
        name
        for path in BOOK.glob("*.ipynb")
        for cell in json.loads(path.read_text("utf8"))["cells"]
        if cell["cell_type"] == "code"
        if "book.derivation" in "".join(cell["source"])
        for name in re.findall(r'"(\w+)"', "".join(cell["source"]))
    ]
    assert sorted(shown) == sorted(DERIVATIONS)


def test_a_page_shows_each_step_with_its_reason_folded() -> None:
    shown = book.derivation("critical_batch")
    steps = DERIVATIONS["critical_batch"].steps
    assert shown.markup.startswith('<details class="about derivation"')
    assert shown.markup.count("<li><p>") == len(steps)
    assert all(each.why in shown.text and each.text() in shown.text for each in steps)
    for name in ("weight_bytes", "compute_time"):  # what the steps use, explained
        assert s.GLOSSARY[name].meaning in shown.markup


# Premises against counting


def test_the_share_of_experts_that_a_batch_reads_counted_choice_by_choice() -> None:
    experts, each, tokens = 5, 2, 3
    choices = list(combinations(range(experts), each))
    read = [len(set().union(*batch)) for batch in product(choices, repeat=tokens)]
    counted = sum(read) / len(read) / experts
    found = decode.coverage(experts=experts, experts_per_token=each, routed_tokens=tokens)
    assert found == pytest.approx(counted)


@pytest.mark.parametrize("chips", [1, 2, 3, 8, 9, 16])
def test_the_hops_of_a_tree_counted_level_by_level(chips: int) -> None:
    sums, levels = chips, 0
    while sums > 1:
        sums, levels = (sums + 1) // 2, levels + 1
    assert decode.tree_latency(tensor_width=chips, hop_latency=1) == 2 * levels
