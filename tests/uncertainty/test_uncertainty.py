"""Intervals, what they do to a headline, and the headlines' own records."""

from __future__ import annotations

import dataclasses
import math
import re
import subprocess
import sys
import tomllib
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference_economics import uncertainty
from inference_economics.algebra import symbols, units
from inference_economics.algebra.formula import Formula, InputError
from inference_economics.equations import demand, silicon
from inference_economics.facts import catalog, files
from inference_economics.facts.catalog import CatalogError
from inference_economics.ledger import claims
from inference_economics.uncertainty import (
    Conclusion,
    Headline,
    Interval,
    UncertaintyError,
)
from inference_economics.uncertainty.intervals import deviates, lattice
from inference_economics_notebook import marks

HEADLINES = uncertainty.load()
RAW = tomllib.loads(files.read("headlines.toml"))
EVERY = pytest.mark.parametrize("headline", HEADLINES.values(), ids=HEADLINES)
EVERY_CONCLUSION = pytest.mark.parametrize(
    ("headline", "number"),
    [(each, number) for each in HEADLINES.values() for number in range(len(each.conclusions))],
    ids=lambda value: getattr(value, "id", str(value)),
)


# The same examples on every machine, and no clock: the first one waits for SciPy to load.
STEADY = settings(deadline=None, derandomize=True)

# Intervals

INTERVALS = pytest.mark.parametrize(
    "interval",
    [
        Interval("parameters", 1e9, 7e10, 1.6e12),
        Interval("parameters", 1e9, 1.6e12, 1.6e12),
        Interval("parameters", 1e9, 1e9, 1.6e12),
        Interval("parameters", 7e10, 7e10, 7e10),
        Interval("context", 10, 1000, 2000),
        Interval("utilization", 0.01, 0.3, 0.9),
        Interval("utilization", 0.3, 0.3, 0.999),
        Interval("utilization", 1, 1, 1),
        Interval("batch", 1.5, 2, 4000),
        Interval("batch", 1, 1, 1),
    ],
    ids=lambda each: f"{each.name} {each.low:g} {each.central:g} {each.high:g}",
)


@INTERVALS
def test_the_three_quantiles_are_those_given(interval: Interval) -> None:
    found = interval.quantile(np.array([0.05, 0.5, 0.95]))
    assert found == pytest.approx([interval.low, interval.central, interval.high], rel=1e-12)


@INTERVALS
def test_nothing_lies_outside_the_symbols_range(interval: Interval) -> None:
    line = symbols.GLOSSARY[interval.name].range
    values = interval.quantile(np.array([1e-12, 1e-6, 0.3, 0.7, 1 - 1e-6, 1 - 1e-12]))
    assert np.all(np.diff(values) >= 0)
    assert values.min() >= line.low
    assert values.max() <= line.high


def test_a_positive_quantity_is_log_normal_on_either_side() -> None:
    interval = Interval("parameters", 50, 100, 400)
    # By hand: half of the way in z is the square root of the factor.
    halfway = NormalDist().cdf(NormalDist().inv_cdf(0.95) / 2)
    assert interval.quantile(halfway) == pytest.approx(200)
    assert interval.quantile(1 - halfway) == pytest.approx(100 / math.sqrt(2))


def test_a_share_is_normal_in_its_logit() -> None:
    interval = Interval("utilization", 0.2, 0.5, 0.8)
    halfway = NormalDist().cdf(NormalDist().inv_cdf(0.95) / 2)
    assert interval.quantile(halfway) == pytest.approx(2 / 3)  # odds of 2, the root of 4


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    name, low, high = draw(
        st.sampled_from(
            [("parameters", 1e-9, 1e18), ("utilization", 1e-6, 1 - 1e-6), ("batch", 1.001, 1e9)]
        )
    )
    ends = sorted(draw(st.lists(st.floats(low, high), min_size=3, max_size=3)))
    return Interval(name, *ends)


@STEADY
@given(intervals(), st.lists(st.floats(1e-9, 1 - 1e-9), min_size=2, max_size=9))
def test_quantiles_rise_and_stay_in_range(interval: Interval, chances: list[float]) -> None:
    line = symbols.GLOSSARY[interval.name].range
    values = interval.quantile(np.sort(chances))
    assert np.all(values[1:] >= values[:-1] * (1 - 1e-12))
    assert np.all((values >= line.low) & (values <= line.high))
    inside = interval.quantile(np.array([0.05, 0.5, 0.95]))
    assert inside == pytest.approx([interval.low, interval.central, interval.high], rel=1e-9)


@STEADY
@given(intervals())
def test_a_value_is_found_again_at_its_place(interval: Interval) -> None:
    for value in (interval.low, interval.central, interval.high):
        assert interval.at(interval.place(value)) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        ("parameters", math.e, 1.0),
        ("parameters", 0.0, -36.0),
        ("utilization", 0.5, 0.0),
        ("utilization", 0.2, -math.log(4)),
        ("utilization", 0.0, -36.0),
        ("utilization", 1.0, 36.0),
        ("batch", 1 + math.e, 1.0),
        ("batch", 1.0, -36.0),
    ],
)
def test_a_place_is_the_logarithm_or_logit_from_the_least_value_on(
    name: str, value: float, place: float
) -> None:
    inside = {"parameters": 1.0, "utilization": 0.5, "batch": 2.0}[name]
    assert Interval(name, inside, inside, inside).place(value) == pytest.approx(place)


def test_chances_of_two_fill_their_square_evenly() -> None:
    one, other = lattice()
    assert len(one) == len(other) == 987
    for chances in (one, other):
        assert sorted(chances) == pytest.approx([(n + 0.5) / 987 for n in range(987)])
    assert (one[1], other[1]) == pytest.approx((1.5 / 987, 610.5 / 987))
    assert np.corrcoef(one, other)[0, 1] == pytest.approx(0, abs=0.01)


def test_deviates_are_one_at_the_ends_of_an_interval() -> None:
    found = deviates(np.array([0.05, 0.5, 0.95]))
    assert found == pytest.approx([-1, 0, 1])


@pytest.mark.parametrize(
    ("name", "ends", "message"),
    [
        ("parameters", (2, 1, 3), r"parameters: low = 2, central = 1 and high = 3 must rise"),
        ("parameters", (1, 3, 2), r"must rise"),
        ("parameters", (0, 1, 2), r"parameters = 0: must be a positive number, in parameter"),
        ("parameters", (-1, 1, 2), r"parameters = -1: must be a positive number"),
        ("parameters", (1, 2, math.inf), r"parameters = inf: must be"),
        ("parameters", (1, math.nan, 2), r"parameters = nan: must be"),
        ("utilization", (0.1, 0.5, 1.1), r"utilization = 1.1: must be a share between 0 and 1"),
        ("utilization", (0.1, 0.5, 1), r"the interval must stay inside these limits"),
        ("utilization", (0, 0.5, 0.9), r"the interval must stay inside these limits"),
        ("batch", (0.5, 2, 3), r"batch = 0.5: must be at least 1, in token"),
        ("batch", (1, 2, 3), r"the interval must stay inside these limits"),
    ],
)
def test_an_impossible_interval_is_refused(
    name: str, ends: tuple[float, float, float], message: str
) -> None:
    with pytest.raises(UncertaintyError, match=message):
        Interval(name, *ends)


def test_an_interval_is_for_a_symbol_of_the_glossary() -> None:
    with pytest.raises(CatalogError, match="did you mean 'parameters'"):
        Interval("parameter", 1, 2, 3)


@pytest.mark.parametrize("chance", [0.0, 1.0, -0.1, math.nan])
def test_a_quantile_is_asked_for_at_a_chance(chance: float) -> None:
    with pytest.raises(UncertaintyError, match="above 0 and below 1"):
        Interval("parameters", 1, 2, 3).quantile(chance)


# A headline whose answer is known: a product of log-normals is log-normal


def purse(**changed: Interval) -> Headline:
    inputs = {
        "budget": Interval("budget", 5e5, 1e6, 2e6),
        "chip_price": Interval("chip_price", 1e4, 3e4, 9e4),
        **changed,
    }
    conclusions = (Conclusion("Enough.", "at least", 50), Conclusion("Too few.", "at most", 1e9))
    return Headline(
        "purse", "chips", "How many?", silicon.budget_chips, "chip", inputs, conclusions
    )


WIDTH = math.hypot(math.log(2), math.log(3))


def test_the_band_of_a_product_is_the_known_one() -> None:
    middle = 1e6 / 3e4
    known = (middle * math.exp(-WIDTH), middle, middle * math.exp(WIDTH))
    assert purse().band() == pytest.approx(known, rel=5e-3)


def test_the_chance_of_a_conclusion_is_the_known_one() -> None:
    deviations = math.log(50 * 3e4 / 1e6) / WIDTH * NormalDist().inv_cdf(0.95)
    assert purse().chance() == pytest.approx(1 - NormalDist().cdf(deviations), abs=2e-3)
    assert purse().chance(1) == 1
    for judge in (purse().chance, purse().flips):
        with pytest.raises(UncertaintyError, match=r"conclusion = 2: must be one of 2, from 0"):
            judge(2)
        with pytest.raises(UncertaintyError, match=r"conclusion = 0\.0: must be"):
            judge(0.0)  # type: ignore[arg-type]


def test_the_tornado_has_the_widest_bar_on_top() -> None:
    bars = purse().tornado()
    assert [bar.name for bar in bars] == ["chip_price", "budget"]
    assert (bars[0].low, bars[0].high) == (pytest.approx(100), pytest.approx(1e6 / 9e4))
    assert [bar.factor for bar in bars] == [pytest.approx(9), pytest.approx(4)]


def test_what_is_fixed_has_no_bar_but_can_flip() -> None:
    headline = purse(budget=Interval("budget", 1e6, 1e6, 1e6))
    assert [bar.name for bar in headline.tornado()] == ["chip_price"]
    flips = {flip.name: flip for flip in headline.flips()}
    assert flips["budget"].value == pytest.approx(1.5e6)
    assert flips["chip_price"].value == pytest.approx(2e4)


def test_without_any_interval_there_is_one_answer() -> None:
    fixed = {name: Interval(name, *[each.central] * 3) for name, each in purse().inputs.items()}
    assert purse(**fixed).band() == (pytest.approx(1e6 / 3e4),) * 3
    assert purse(**fixed).tornado() == []
    assert purse(**fixed).chance() == 0


def day(threshold: float) -> Headline:
    use = Interval("daily_use", 1000, 50_000, 80_000)
    conclusions = (Conclusion("Often.", "at least", threshold),)
    inputs = {"daily_use": use}
    return Headline(
        "day", "a share", "How long?", demand.time_share, "percent", inputs, conclusions
    )


@pytest.mark.parametrize(("central", "turns"), [(2, 1.5), (7, 8.5)])
def test_of_two_values_that_turn_a_conclusion_the_nearer_is_told(
    central: float, turns: float
) -> None:
    # The square of what lies between x and 5 is 12.25 at 1.5 and at 8.5.
    formula = Formula(
        symbols.symbol("budget_chips"), (symbols.symbol("batch") - 5) ** 2, "Made up."
    )
    inputs = {"batch": Interval("batch", central - 0.5, central, central + 0.5)}
    headline = Headline(
        "made-up", "a square", "How far?", formula, "chip", inputs,
        (Conclusion("Near.", "at most", 12.25),),
    )  # fmt: skip
    (flip,) = headline.flips()
    assert flip.value == pytest.approx(turns)


def test_a_flip_is_looked_for_up_to_what_the_formula_allows() -> None:
    (flip,) = day(99.99).flips()
    assert flip.value == pytest.approx(0.9999 * 86_400)
    assert day(101).flips()[0].value is None


def test_no_draw_that_the_formula_refuses_is_left_out() -> None:
    with pytest.raises(InputError, match="time_share"):
        day(99).samples()


def test_a_seed_repeats_to_the_digit() -> None:
    first, again, other = (purse().samples(n=256, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.answers, again.answers)
    assert all(np.array_equal(first.inputs[name], again.inputs[name]) for name in first.inputs)
    assert not np.array_equal(first.answers, other.answers)
    assert purse().band(seed=1) == pytest.approx(purse().band(seed=2), rel=0.01)


def test_samples_hold_their_inputs_in_their_units() -> None:
    drawn = purse().samples(n=1024)
    assert np.array_equal(drawn.answers, drawn.inputs["budget"] / drawn.inputs["chip_price"])
    below = (drawn.inputs["budget"] < 5e5).mean()
    assert below == pytest.approx(0.05, abs=2e-3)


def test_inputs_drawn_together_rise_and_fall_together() -> None:
    price = dataclasses.replace(purse().inputs["chip_price"], drawn_with="budget")
    drawn = purse(chip_price=price).samples()
    assert np.array_equal(
        np.argsort(drawn.inputs["budget"]), np.argsort(drawn.inputs["chip_price"])
    )
    # A budget of 0.5 to 2 million buys 50 cards at its low end and 22 at its high end.
    ends = (2e6 / 9e4, 1e6 / 3e4, 5e5 / 1e4)
    assert purse(chip_price=price).band() == pytest.approx(ends, rel=1e-3)
    alone = purse(chip_price=price, budget=Interval("budget", 1e6, 1e6, 1e6))
    assert alone.band()[0] == pytest.approx(1e6 / 9e4, rel=1e-3)


def test_weights_of_four_bits_on_arithmetic_of_sixteen_lie_within_the_batch() -> None:
    """They are in everyday use on an H100, which multiplies nothing in four bits."""
    low, _, high = HEADLINES["critical-batch"].band()
    assert low < 989.4e12 / 3.35e12 * 0.5 / 2 < high


@pytest.mark.parametrize("n", [0, 1, 1000, -8, 1 << 31])
def test_a_number_of_draws_is_a_power_of_two(n: int) -> None:
    with pytest.raises(UncertaintyError, match=f"n = {n}: must be a power of two"):
        purse().samples(n=n)


def test_a_headline_needs_an_interval_for_each_input_and_for_nothing_else() -> None:
    whole = purse()
    for inputs, message in (
        ({"budget": whole.inputs["budget"]}, "needs an interval for chip_price"),
        ({**whole.inputs, "chips": Interval("chips", 2, 3, 4)}, "does not use chips"),
    ):
        with pytest.raises(UncertaintyError, match=message):
            dataclasses.replace(whole, inputs=inputs)
    with pytest.raises(units.UnitsError):
        dataclasses.replace(whole, unit="byte")


@pytest.mark.parametrize(
    ("holds", "threshold", "message"),
    [
        ("above", 1, "holds = 'above' is neither"),
        ("at least", 0, "threshold = 0"),
        ("at most", math.inf, "threshold = inf"),
        ("at most", math.nan, "threshold = nan"),
    ],
)
def test_a_conclusion_that_cannot_be_judged_is_refused(
    holds: str, threshold: float, message: str
) -> None:
    with pytest.raises(UncertaintyError, match=message):
        Conclusion("So it is.", holds, threshold)


# Records


def record(replaced: str = "", by: str = "", ledger: claims.Ledger | None = None) -> Headline:
    """Return a headline of one record, a line of which is replaced."""
    text = """
        [it]
        name = "chips"
        question = "How many?"
        formula = "budget_chips"
        unit = "chip"
        stated = ["gpus-for-a-million"]
        [[it.conclusions]]
        says = "Enough."
        holds = "at least"
        threshold = "claim:gpus-for-a-million"
        [it.inputs.chip_price]
        fact = "h100_purchase"
        [it.inputs.budget]
        value = "claim:mask-cost"
        within = 2
        because = "It is so."
        sources = ["bartol-2015"]
    """
    assert replaced in text
    return uncertainty.parse(text.replace(replaced, by, 1), ledger or claims.load())["it"]


def test_a_record_is_read() -> None:
    headline = record()
    price, budget = headline.inputs["chip_price"], headline.inputs["budget"]
    assert (price.low, price.central, price.high) == (25_000, 30_000, 46_000)
    assert price.because.startswith("Price of an H100, new or resold. No primary source was")
    assert price.sources == ("neighborhoodsf-h100", "huggingface-h100")
    assert (budget.low, budget.central, budget.high) == (5e5, 1e6, 2e6)
    assert budget.sources == ("bartol-2015",)
    assert headline.conclusions == (
        Conclusion("Enough.", "at least", 20, "claim:gpus-for-a-million"),
    )
    assert headline.stated == ("gpus-for-a-million",)
    assert headline.answer() == pytest.approx(1e6 / 3e4)


WITHIN = 'value = "claim:mask-cost"\n        within = 2'


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        ('value = "claim:mask-cost"', (1e6, 1e6, 1e6)),
        ("value = 5", (5, 5, 5)),
        ('low = 1\ncentral = "2"\nhigh = "3 thousand"', (1, 2, 3000)),
        (
            'low = "claim:mask-cost"\ncentral = "fact:mask_set_cost_7nm"\nhigh = 2e7',
            (1e6, 1e7, 2e7),
        ),
    ],
)
def test_an_interval_is_given_in_several_ways(given: str, ends: tuple[float, ...]) -> None:
    found = record(WITHIN, given).inputs["budget"]
    assert (found.low, found.central, found.high) == ends


def test_figures_are_taken_in_the_unit_of_the_symbol() -> None:
    rate = HEADLINES["users-needed"].inputs["message_rate"]
    assert rate.central == pytest.approx(1.8e10 / (7 * 86_400))
    assert HEADLINES["petabytes"].inputs["capacity"].central == 2.5e15
    assert HEADLINES["critical-batch"].inputs["memory_bandwidth"].low == 3e12


@pytest.mark.parametrize(
    ("replaced", "by", "message"),
    [
        ('name = "chips"', "", "name = None is of the wrong type"),
        ('question = "How many?"', "", "question = None is of the wrong type"),
        ('question = "How many?"', "question = 3", "question = 3 is of the wrong type"),
        ('question = "How many?"', 'qestion = "?"', "unknown field 'qestion'"),
        ('"budget_chips"', '"budget_chip"', "no equation 'budget_chip'; did you mean"),
        ('unit = "chip"', 'unit = "byte"', "is not a quantity in 'byte'"),
        ('stated = ["gpus-for-a-million"]', 'stated = ["gpus"]', "no claim 'gpus'"),
        ('stated = ["gpus-for-a-million"]', 'using = ["no"]', "no equation 'no'"),
        ('holds = "at least"', 'holds = "never"', "holds = 'never' is neither"),
        ('holds = "at least"', "", "a conclusion has no holds"),
        ('"claim:gpus-for-a-million"\n', '"claim:no"\n', "no claim 'no'"),
        ('"claim:gpus-for-a-million"\n', '"claim:karma"\n', "claim karma states no figure"),
        ('"claim:gpus-for-a-million"\n', '"claim:h100-memory"\n', "not a quantity in 'chip'"),
        ('"claim:gpus-for-a-million"\n', "true\n", "'True' is not a quantity"),
        ("[it.inputs.budget]", "[it.inputs.bugdet]", "no symbol 'bugdet'; did you mean 'budget'"),
        ("[it.inputs.budget]", "[it.inputs.mask_cost]", "needs an interval for budget"),
        ('"h100_purchase"', '"h100_purchases"', "no fact 'h100_purchases'; did you mean"),
        ('"h100_purchase"', '"h100_rental_2023"', "is not a quantity in 'dollar/chip'"),
        ('fact = "h100_purchase"', "", "chip_price is given by nothing"),
        ('fact = "h100_purchase"', "low = 1", "chip_price is given by low: must be by fact"),
        ('value = "claim:mask-cost"', "value = -1", "budget = -0.5: must be a positive number"),
        ('value = "claim:mask-cost"', 'value = "much"', "'much' is not a quantity"),
        ('"claim:mask-cost"', '"chip:h100_sxm5.power"', "is not a quantity in 'dollar'"),
        ('"claim:mask-cost"', '"chip:h100_sxm5.colour"', "no column 'colour'"),
        ('"claim:mask-cost"', '"model:gpt5.parameters"', "no model 'gpt5'"),
        ("within = 2", "within = 0.5", "within = 0.5 must be a number above 1"),
        ("within = 2", 'within = "2"', "within = '2' must be a number above 1"),
        (WITHIN, "low = 3\ncentral = 2\nhigh = 4", "budget: low = 3.0, central = 2.0 and high"),
        ('because = "It is so."', "", "budget gives no reason: because is empty"),
        ('"bartol-2015"', '"bartol"', "no source 'bartol'"),
    ],
)
def test_a_record_that_is_not_well_formed_is_refused(replaced: str, by: str, message: str) -> None:
    with pytest.raises(UncertaintyError, match="headline it: .*" + message.replace("(", r"\(")):
        record(replaced, by)


def test_a_file_that_is_no_toml_is_refused() -> None:
    with pytest.raises(UncertaintyError, match=r"the headlines are no TOML: .*line 1"):
        uncertainty.parse("[it\n", claims.load())


def test_a_shared_interval_that_nobody_uses_is_refused() -> None:
    text = '[inputs.chips]\nvalue = 2\nbecause = "Two."\n'
    with pytest.raises(UncertaintyError, match="no headline uses the shared chips"):
        uncertainty.parse(text, claims.load())


def with_fact(id: str, **changed: Any) -> claims.Ledger:
    """Return the ledger with one fact of its catalog changed."""
    facts, ledger = catalog.load().facts, claims.load()
    other = dataclasses.replace(facts[id], **changed)
    return claims.Ledger(
        ledger.claims, dataclasses.replace(ledger.catalog, facts={**facts, id: other})
    )


@pytest.mark.parametrize(
    ("id", "fact"),
    [
        ("users-needed", "chatgpt_messages_2025_07"),
        ("audience-chips", "reading_speed"),
        ("brain-storage", "bits_per_synapse"),
        ("petabytes", "synapses_whole_brain"),
    ],
)
def test_a_band_moves_with_the_facts_below_it(id: str, fact: str) -> None:
    found = catalog.load().fact(fact)
    low, high = found.range or (None, None)
    doubled = with_fact(fact, value=2 * found.value, low=low and 2 * low, high=high and 2 * high)
    headline = uncertainty.parse(files.read("headlines.toml"), doubled)[id]
    ratios = np.array(headline.band()) / np.array(HEADLINES[id].band())
    up = id in ("audience-chips", "brain-storage")
    assert ratios == pytest.approx([2 if up else 0.5] * 3, rel=0.03)


def test_the_price_ratio_has_two_caps() -> None:
    headline = HEADLINES["price-ratio"]
    batch = HEADLINES["critical-batch"]
    # With next to no cache and no prompts the arithmetic is the limit, with a huge one the cache;
    # with prompts, the tokens that are read for each that is written.
    bare = headline.answer(kv_bytes_per_token=1, read_per_written=0)
    assert bare == pytest.approx(batch.answer(), rel=1e-4)
    prompts = headline.answer(kv_bytes_per_token=1, read_per_written=4)
    assert prompts == pytest.approx((bare + 4) / (1 + 4), rel=1e-4)
    none = {"read_per_written": 0}
    large = headline.answer(kv_bytes_per_token=1e7, **none)
    assert headline.answer(kv_bytes_per_token=1e7, peak_flops=1e17, **none) == pytest.approx(large)
    assert headline.answer(kv_bytes_per_token=2e7, **none) - 1 == pytest.approx((large - 1) / 2)
    drawn = headline.samples()
    same = {name: drawn.inputs[name] for name in batch.inputs}
    weights = drawn.inputs["parameters"] * drawn.inputs["bits_per_parameter"] / 8
    cache = drawn.inputs["context"] * drawn.inputs["kv_bytes_per_token"]
    assert np.all(drawn.answers <= batch.answer(**same) * (1 + cache / weights) * (1 + 1e-9))
    assert np.all(drawn.answers <= (1 + weights / cache) * (1 + 1e-9))


def test_an_interval_of_ones_own_holds_in_every_headline_that_has_the_input() -> None:
    mine = uncertainty.having({"synapses": (1e14, 2e14, 4e14)})
    # Not HEADLINES: another test in this process may have had them read anew.
    assert uncertainty.having(None) is uncertainty.having({}) is uncertainty.load()
    for id, headline in mine.items():
        others = {name: each for name, each in headline.inputs.items() if name != "synapses"}
        assert others.items() <= HEADLINES[id].inputs.items()
        if "synapses" in headline.inputs:
            its = headline.inputs["synapses"]
            assert (its.low, its.central, its.high) == (1e14, 2e14, 4e14)
            assert headline.band() != HEADLINES[id].band()
        else:
            assert headline.band() == HEADLINES[id].band()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"synapse": (1, 2, 3)}, "no input of a headline 'synapse'; did you mean 'synapses'"),
        ({"batch": (1, 2, 3)}, "no input of a headline 'batch'"),
        ({"synapses": 3}, "synapses = 3: must be three numbers: low, central and high"),
        ({"synapses": (1, 2)}, "synapses = (1, 2): must be three numbers: low, central and high"),
        ({"synapses": (3, 2, 1)}, "synapses: low = 3, central = 2 and high = 1 must rise"),
    ],
)
def test_an_interval_that_cannot_be_is_refused(changed: Any, message: str) -> None:
    with pytest.raises((CatalogError, UncertaintyError), match=re.escape(message)):
        uncertainty.having(changed)


def test_a_chance_is_never_shown_as_certain() -> None:
    shown = [uncertainty.show_chance(chance) for chance in (0, 0.0099, 0.01, 0.784, 0.991, 1)]
    assert shown == ["less than 1%", "less than 1%", "1%", "78%", "more than 99%", "more than 99%"]


@EVERY
def test_a_headline_has_a_name_for_a_label(headline: Headline) -> None:
    assert 0 < len(headline.name) <= 40


# The headlines of the book


def test_the_headlines_of_the_book_are_there() -> None:
    assert list(HEADLINES) == [
        "critical-batch", "users-needed", "price-ratio", "audience-chips", "brain-storage",
        "brain-wiring", "petabytes",
    ]  # fmt: skip
    with pytest.raises(CatalogError, match="no headline 'petabyte'; did you mean 'petabytes'"):
        HEADLINES["petabyte"]


@EVERY
def test_every_input_of_the_formula_has_its_interval(headline: Headline) -> None:
    names = frozenset(headline.inputs)
    assert headline.formula.inputs(names) == names
    headline.formula.check_units()


@EVERY
def test_a_headline_asks_concludes_and_names_what_it_is_about(headline: Headline) -> None:
    assert headline.question.endswith("?")
    assert headline.conclusions
    ledger = claims.load()
    assert headline.stated
    assert {ledger.claim(id).id for id in headline.stated} == set(headline.stated)
    for conclusion in headline.conclusions:
        assert conclusion.says.endswith(".")
        kind, _, id = conclusion.threshold_from.partition(":")
        figure = ledger.claim(id) if kind == "claim" else ledger.catalog.fact(id)
        factor = units.conversion(str(figure.unit), headline.unit)
        assert conclusion.threshold == pytest.approx((figure.value or 0) * factor)
        assert kind != "claim" or id in headline.stated


@EVERY
def test_every_interval_says_why_and_from_where(headline: Headline) -> None:
    for interval in headline.inputs.values():
        assert interval.because.endswith(".")
        assert set(interval.sources) <= set(catalog.load().sources)


@pytest.mark.parametrize("id", RAW)
def test_a_range_that_no_source_gives_is_called_our_judgment(id: str) -> None:
    given = RAW[id] if id == "inputs" else RAW[id].get("inputs", {})
    for name, interval in given.items():
        ours = "within" in interval or "low" in interval
        assert ours == ("our judgment" in interval.get("because", "")), name


@EVERY
def test_the_answer_lies_in_the_band_and_the_band_in_the_corners(headline: Headline) -> None:
    low, middle, high = headline.band()
    assert 0 < low < middle < high
    assert low <= headline.answer() <= high
    corner = math.prod(bar.factor for bar in headline.tornado())
    assert headline.answer() / corner < low
    assert high < headline.answer() * corner


@EVERY_CONCLUSION
def test_the_band_and_the_chance_agree(headline: Headline, number: int) -> None:
    conclusion, chance = headline.conclusions[number], headline.chance(number)
    low, middle, high = headline.band()
    below = 1 - chance if conclusion.holds == "at least" else chance
    assert (below <= 0.05) == (conclusion.threshold <= low)
    assert (below <= 0.5) == (conclusion.threshold <= middle)
    assert (below <= 0.95) == (conclusion.threshold <= high)


@EVERY_CONCLUSION
def test_a_conclusion_turns_at_its_flips_and_nowhere_nearer(
    headline: Headline, number: int
) -> None:
    conclusion = headline.conclusions[number]
    now = conclusion.is_true(headline.answer())
    flips = headline.flips(number)
    assert [flip.name for flip in flips] == list(headline.inputs)
    for flip in flips:
        interval = headline.inputs[flip.name]
        if flip.value is None:
            line = symbols.GLOSSARY[flip.name].range
            for far in (interval.central * 1e-6, min(interval.central * 1e6, line.high)):
                assert conclusion.is_true(headline.answer(**{flip.name: far})) == now
            continue
        assert headline.answer(**{flip.name: flip.value}) == pytest.approx(
            conclusion.threshold, rel=1e-9
        )
        away = 1e-6 if flip.value > interval.central else -1e-6
        beyond, short = (flip.value * (1 + sign * away) for sign in (1, -1))
        assert conclusion.is_true(headline.answer(**{flip.name: beyond})) != now
        assert conclusion.is_true(headline.answer(**{flip.name: short})) == now


def test_the_central_answers_are_those_of_the_ledger() -> None:
    ledger = claims.load()
    for id, claim in (
        ("critical-batch", "thousand-uses"),
        ("users-needed", "user-base"),
        ("brain-storage", "synapse-bytes"),
    ):
        result = ledger[claim]
        assert result.recomputed_on_facts is not None
        in_unit = result.recomputed_on_facts * units.conversion(
            str(result.claim.unit), HEADLINES[id].unit
        )
        assert HEADLINES[id].answer() == pytest.approx(in_unit, rel=1e-9)


def test_the_utilizations_are_those_of_the_throughputs_they_are_worked_out_from() -> None:
    facts, models = catalog.load().facts, catalog.load().models
    peak = catalog.load().accelerator("h100_sxm5").peak_flops_8bit
    interval = HEADLINES["audience-chips"].inputs["utilization"]
    for fact, model, found in (
        ("deepseek_fleet_decode_throughput", "deepseek_v3", interval.low),
        ("h100_server_throughput_quoted_by_etched", "llama3_70b", interval.central),
    ):
        each = (
            facts[fact].value
            / 8
            / silicon.tokens_per_second_per_chip(
                peak_flops=peak,
                utilization=1,
                parameters=models[model].active_parameters,
                flop_per_parameter=2,
            )
        )
        assert each == pytest.approx(found, abs=0.005)


def test_the_longest_answers_are_worked_out_from_deepseeks_tokens() -> None:
    facts = catalog.load().facts
    per_output = (
        facts["deepseek_fleet_input_tokens"].value / facts["deepseek_fleet_output_tokens"].value
    )
    # What is cached while a token is made: the input, and on average half of the output.
    answer = facts["deepseek_fleet_context"].value / (per_output + 0.5)
    assert HEADLINES["users-needed"].inputs["tokens_per_message"].high == pytest.approx(
        answer, rel=0.02
    )


def test_headlines_are_read_and_answered_without_numpy_and_scipy() -> None:
    code = (
        "import sys; sys.modules['scipy'] = sys.modules['numpy'] = None\n"
        "from inference_economics import uncertainty\n"
        "print(len(uncertainty.load()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str(len(HEADLINES)), done.stderr


def test_the_chapter_says_how_far_apart_the_ends_of_a_band_lie() -> None:
    """The narrowest and the widest band are told by one measure, from end to end."""
    told = {
        row["name"]: float(row["text"])
        for row in marks.all_told()
        if row["name"] in ("narrow", "apart") and row["chapter"] == "how-sure-are-we"
    }
    ends = [high / low for low, _, high in map(Headline.band, HEADLINES.values())]
    assert told["narrow"] == round(min(ends))  # "about 5 times"
    assert told["apart"] == pytest.approx(max(ends), rel=0.05)
