"""What a claim depends on: a premise that changes moves what rests on it, and nothing else.

What moves is computed anew here, from the records as they stand in the file and by the rules of
the page on method, so that the ledger's own bookkeeping is not taken at its word.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from inference_economics.algebra import units
from inference_economics.algebra.formula import InputError
from inference_economics.equations import all_formulas
from inference_economics.facts import catalog, files
from inference_economics.ledger import claims
from inference_economics.ledger.claims import ClaimError, Ledger, Result
from inference_economics_site import dependence

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORDS = tomllib.loads(files.read("claims.toml"))
PREMISES = (
    "claim:h100-flops",
    "claim:model-parameters",
    "claim:minutes-per-day",
    "claim:small-model-flops",
    "claim:brain-capacity",
    "chip:h100_sxm5.peak_flops_8bit",
    "chip:h100_sxm5.memory_bandwidth",
    "model:gpt4_semianalysis.parameters",
    "fact:synapses_whole_brain",
    "fact:chatgpt_messages_2025_07",
)
FACTORS = (3.0, 0.2)


def changed(premise: str, times: float) -> Ledger:
    """Return the ledger in which one premise is so many times as large."""
    ledger = claims.load()
    kind, _, rest = premise.partition(":")
    if kind == "claim":
        claim = ledger.claim(rest)
        span = claim.span and (times * claim.span[0], times * claim.span[1])
        other = replace(claim, value=times * float(claim.value or 0), span=span)
        return Ledger({**ledger.claims, rest: other}, ledger.catalog)
    id, _, column = rest.partition(".")
    field = {"chip": "accelerators", "model": "models", "fact": "facts"}[kind]
    records: Mapping[str, Any] = getattr(ledger.catalog, field)
    record = records[id]
    if kind == "fact":
        ends = {end: None if at is None else times * at
                for end, at in (("low", record.low), ("high", record.high))}  # fmt: skip
        other = replace(record, value=times * record.value, **ends)
    else:
        other = replace(record, numbers={**record.numbers, column: times * record.numbers[column]})
    facts = replace(ledger.catalog, **{field: {**records, id: other}})
    return Ledger(ledger.claims, facts)


REFUSED = ("refused",)
"""What a claim comes to whose equation allows no such premise, as a model too large to fit."""


def outcomes(ledger: Ledger) -> dict[str, tuple[Any, ...]]:
    """Return what each claim of a ledger comes to."""
    found = {}
    for id in ledger.claims:
        try:
            found[id] = outcome(ledger[id])
        except ClaimError:
            found[id] = REFUSED
    return found


def outcome(result: Result) -> tuple[Any, ...]:
    """Return what a claim comes to: its values and its verdicts."""
    values = (result.recomputed, result.recomputed_on_facts, result.range_on_facts)
    return (result.verdict, result.verdict_on_facts, result.inconsistent_with, *values)


@cache
def unchanged() -> dict[str, tuple[Any, ...]]:
    return outcomes(claims.load())


# A computation of its own


def figure(ledger: Ledger, id: str) -> tuple[float, str]:
    """Return what a claim states, and the unit it is stated in."""
    claim = ledger.claim(id)
    return float(claim.value or math.nan), RECORDS[id]["unit"]


def value_of(ledger: Ledger, binding: Any, unit: str) -> float:
    """Return an input in a unit, looked up where its binding says."""
    if not isinstance(binding, str):
        return float(binding)
    kind, _, rest = binding.partition(":")
    id, _, column = rest.partition(".")
    if kind == "claim":
        found, own = figure(ledger, rest)
    elif kind == "facts":
        found, own = on_facts(ledger, rest), RECORDS[rest]["unit"]
    elif kind == "fact":
        fact = ledger.catalog.facts[rest]
        found, own = fact.value, fact.unit
    elif kind in ("chip", "model"):
        records = ledger.catalog.accelerators if kind == "chip" else ledger.catalog.models
        found, own = records[id].numbers[column], records[id].columns[column]
    else:
        return units.parse(binding, unit)
    return float(found) * units.conversion(own, unit)


def evaluated(ledger: Ledger, id: str, equation: str, inputs: Mapping[str, Any]) -> float:
    """Return what an equation gives, in the claim's unit."""
    formula = all_formulas()[equation]
    values = {name: value_of(ledger, each, formula.unit_of(name)) for name, each in inputs.items()}
    return float(formula(**values) * units.conversion(formula.unit, RECORDS[id]["unit"]))


def on_inputs(ledger: Ledger, id: str) -> float | None:
    record = RECORDS[id]
    if "equation" not in record or "inputs" not in record:
        return None
    return evaluated(ledger, id, record["equation"], record["inputs"])


def on_facts(ledger: Ledger, id: str) -> float:
    """Return what a claim comes out at on facts; NaN where it has none."""
    record = RECORDS[id]
    if "fact" in record:
        return value_of(ledger, record["fact"], record["unit"])
    if "facts" not in record:
        return math.nan
    inputs = {**record.get("inputs", {}), **record["facts"]}
    taken = {name: each for name, each in inputs.items() if each != "-"}
    return evaluated(ledger, id, record.get("equation_on_facts") or record["equation"], taken)


def at(value: float, digits: int) -> float:
    """Return a value at so many digits; with none, its order of magnitude."""
    if digits == 0:
        return 10.0 ** math.floor(math.log10(value) + 0.5)
    return float(Decimal(repr(value)).normalize(Context(prec=digits, rounding=ROUND_HALF_UP)))


def judged(ledger: Ledger, id: str, found: float | None) -> str | None:
    """Return the verdict on a value by the rules of the page on method."""
    claim = ledger.claim(id)
    if found is None or math.isnan(found) or claim.value is None:
        return None
    low, high = claim.span or (claim.value, claim.value)
    rounded = at(found, claim.digits)
    fits = at(low, claim.digits) <= rounded <= at(high, claim.digits)
    if claim.relation == "at least":
        fits = found >= low and rounded >= at(low, claim.digits)
    elif claim.relation == "at most":
        fits = found <= high and rounded <= at(high, claim.digits)
    if fits:
        return "holds"
    nearest = min(max(found, low), high)
    return "roughly" if max(found / nearest, nearest / found) <= 1.5 else "off"


def fresh(ledger: Ledger, id: str) -> tuple[Any, ...]:
    """Return the values and verdicts of a claim, computed anew."""
    record = RECORDS[id]
    if record["unit"] == "none":
        return ("not a quantity", None, None, None)
    recomputed, facts = on_inputs(ledger, id), on_facts(ledger, id)
    found = None if math.isnan(facts) else facts
    stands = judged(ledger, id, recomputed)
    if recomputed is None:
        calculated = "equation" in record or "equation_on_facts" in record
        stands = judged(ledger, id, found) if "equation" in record else "assumption"
        assert calculated or stands == "assumption"
    if stands in ("roughly", "off") and "against" in record:
        stands = "inconsistent"
    return (stands or "assumption", judged(ledger, id, found), recomputed, found)


def agrees(result: Result, expected: tuple[Any, ...]) -> bool:
    """Say whether a result has these verdicts and, to the last digits, these values."""
    values = (result.recomputed, result.recomputed_on_facts)
    same = [
        (here is None and there is None)
        or (here is not None and there is not None and math.isclose(here, there, rel_tol=1e-9))
        for here, there in zip(values, expected[2:], strict=True)
    ]
    return (result.verdict, result.verdict_on_facts) == expected[:2] and all(same)


# The tests


@pytest.mark.parametrize("times", FACTORS)
@pytest.mark.parametrize("premise", PREMISES)
def test_a_premise_moves_what_depends_on_it_and_nothing_else(premise: str, times: float) -> None:
    before, ledger = claims.load(), changed(premise, times)
    dependent = [id for id in before.claims if premise in dependence.depends_on(before, id)]
    after = outcomes(ledger)
    moved = [id for id in before.claims if after[id] != unchanged()[id]]
    assert moved
    assert set(moved) <= set(dependent)
    computed = [id for id in dependent if after[id] != REFUSED]
    assert [id for id in computed if not agrees(ledger[id], fresh(ledger, id))] == []
    for id in set(dependent) - set(computed):
        with pytest.raises(InputError):
            fresh(ledger, id)


@pytest.mark.parametrize("premise", PREMISES)
def test_some_verdict_changes_with_a_premise(premise: str) -> None:
    """Values that move within one verdict would test little."""
    verdicts = {id: found[:2] for id, found in unchanged().items()}
    found = [outcomes(changed(premise, times)) for times in FACTORS]
    after = [(id, each[:2]) for every in found for id, each in every.items() if each != REFUSED]
    assert any(each != verdicts[id] for id, each in after)


def test_the_ledger_itself_is_what_a_fresh_computation_gives() -> None:
    ledger = claims.load()
    assert [r.claim.id for r in ledger if not agrees(r, fresh(ledger, r.claim.id))] == []


def test_a_premise_left_out_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: one that is not named moves a claim all the same."""
    full = dependence.depends_on
    hidden = "chip:h100_sxm5.memory_bandwidth"

    def short(ledger: Ledger, id: str) -> tuple[str, ...]:
        return tuple(each for each in full(ledger, id) if each != hidden)

    monkeypatch.setattr(dependence, "depends_on", short)
    with pytest.raises(AssertionError):
        test_a_premise_moves_what_depends_on_it_and_nothing_else(hidden, 3.0)


def test_what_stands_behind_another_claims_result_is_a_premise() -> None:
    ledger = claims.load()
    # Its base is what another claim comes out at, whose batch is a third one's.
    found = dependence.depends_on(ledger, "steady-user-base")
    assert {"fact:chatgpt_messages_2025_07", "chip:h100_sxm5.memory_bandwidth"} <= set(found)
    assert "claim:users-needed" not in found  # what it states is not used
    assert dependence.depends_on(ledger, "asic-batch") == ("claim:asic-batch",)
    with pytest.raises(catalog.CatalogError, match="no claim 'nothing'"):
        dependence.depends_on(ledger, "nothing")
