"""An equation, written once: its value, its errors, its working, its JavaScript, its slopes."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
import warnings
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pint
import pytest
import sympy
from alike import with_each
from random_points import points
from thoroughly import THOROUGH, some

from inference_economics.algebra import symbols as s
from inference_economics.algebra import units
from inference_economics.algebra.expressions import Symbol
from inference_economics.algebra.formula import Formula, InputError
from inference_economics.equations import all_formulas, decode, demand, roofline, serving, silicon

if TYPE_CHECKING:
    from pathlib import Path

# Three equations that rest on one another, as a chapter would declare them.
WEIGHTS = Formula(s.weight_bytes, s.parameters * s.bytes_per_parameter, "All the weights.")
READING = Formula(
    s.weight_time, s.weight_bytes / s.total_bandwidth, "Read them once.", where=(WEIGHTS,)
)
STEP = Formula(
    s.step_time, sympy.Max(s.compute_time, s.weight_time), "The slower.", where=(READING,)
)

FORMULAS = with_each("formula", all_formulas().values())
SOME = with_each("formula", some(all_formulas().values(), 4))


# Values


def test_plain_numbers_are_in_each_symbols_unit() -> None:
    assert READING(weight_bytes=1.6e12, total_bandwidth=60e12) == pytest.approx(0.02667, rel=1e-3)
    assert STEP(parameters=6, bytes_per_parameter=2, total_bandwidth=3, compute_time=5) == 5


def test_texts_carry_their_units() -> None:
    inputs = {"parameters": "1.6 trillion", "bytes_per_parameter": "8 bits"}
    assert READING(**inputs, total_bandwidth="60 TB/s") == pytest.approx(1.6 / 60)


@pytest.mark.parametrize(
    "twelve",
    [
        12,
        12.0,
        np.float64(12),
        np.float32(12),
        np.int64(12),
        np.array(12),
        Decimal(12),
        "12",
        "12 B",
    ],
)
def test_a_scalar_of_any_kind_gives_a_float(twelve: Any) -> None:
    found = READING(weight_bytes=twelve, total_bandwidth=4)
    assert found == 3
    assert type(found) is float


PINT = pint.UnitRegistry()


@pytest.mark.parametrize(
    ("size", "found"),
    [
        (12e3 * PINT.byte, 3000),
        (12 * PINT.kilobyte, 3000),
        (PINT.Quantity(np.array(12), "kB"), 3000),
        (np.array([12, 24]) * PINT.kilobyte, [3000, 6000]),
        ([12 * PINT.byte, 24 * PINT.byte], [3, 6]),
    ],
)
def test_quantities_of_pint_keep_their_units(size: Any, found: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert READING(weight_bytes=size, total_bandwidth=4) == pytest.approx(found)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (
            5 * PINT.second,
            "weight_bytes = 5 second: 'second' is not a quantity in 'byte'",
        ),
        (5 * PINT.meter, "weight_bytes = 5 meter: unknown unit 'meter'"),
    ],
)
def test_a_quantity_of_pint_of_another_kind_is_refused(size: Any, said: str) -> None:
    assert refusal(READING, weight_bytes=size, total_bandwidth=4).startswith(said)


def test_arrays_broadcast() -> None:
    rows, columns = np.array([[6.0], [12.0]]), np.array([1.0, 2.0, 3.0])
    found = READING(weight_bytes=rows, total_bandwidth=columns)
    assert found.tolist() == [[6, 3, 2], [12, 6, 4]]
    listed = READING(weight_bytes=[[6], [12]], total_bandwidth=[1, 2, 3])
    assert listed.tolist() == found.tolist()


def test_whole_numbers_in_an_array_are_divided_as_real_ones() -> None:
    found = READING(weight_bytes=np.array([1, 2]), total_bandwidth=4)
    assert found.tolist() == [0.25, 0.5]


def test_a_maximum_takes_mixed_shapes() -> None:
    found = STEP(compute_time=np.array([[1.0], [4.0]]), weight_time=np.array([2.0, 3.0, 5.0]))
    assert found.tolist() == [[2, 3, 5], [4, 4, 5]]
    assert STEP(compute_time=np.array([1.0, 4.0]), weight_time=3).tolist() == [3, 4]


def test_more_than_two_terms_and_a_minimum_take_mixed_shapes() -> None:
    most = Formula(s.step_time, sympy.Max(s.compute_time, s.weight_time, s.traffic_time), "")
    least = Formula(s.step_time, sympy.Min(s.compute_time, s.weight_time, s.traffic_time), "")
    inputs = {
        "compute_time": np.array([[1.0], [4.0]]),
        "weight_time": np.array([2.0, 3.0, 5.0]),
        "traffic_time": 2.5,
    }
    assert most(**inputs).tolist() == [[2.5, 3, 5], [4, 4, 5]]
    assert least(**inputs).tolist() == [[1, 1, 1], [2, 2.5, 2.5]]


def test_inputs_are_left_as_they_were() -> None:
    given = np.array([6.0, 12.0])
    READING(weight_bytes=given, total_bandwidth=3)
    assert given.tolist() == [6, 12]


def test_a_computed_quantity_may_be_given_in_place_of_its_inputs() -> None:
    assert READING.inputs() == {"parameters", "bytes_per_parameter", "total_bandwidth"}
    assert READING.inputs(frozenset({"weight_bytes"})) == {"weight_bytes", "total_bandwidth"}
    whole = READING(parameters=6, bytes_per_parameter=2, total_bandwidth=3)
    assert READING(weight_bytes=12, total_bandwidth=3) == whole


def test_a_symbol_with_a_value_of_its_own_may_be_left_out_or_given() -> None:
    assert roofline.bytes_per_parameter(bits_per_parameter=16) == 2
    assert roofline.bytes_per_parameter(bits_per_parameter=16, bits_per_byte=4) == 4


# Errors: one kind, and each names the parameter, its value and what is allowed


def refusal(formula: Formula, **inputs: Any) -> str:
    with pytest.raises(InputError) as caught:
        formula(**inputs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (-1, "-1"),
        ("-5 GB", "-5000000000.0"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (True, "True"),
        (np.True_, "True"),
        (None, "None"),
        (1 + 2j, "(1+2j)"),
        (np.complex128(1 + 2j), "(1+2j)"),
        ({1}, "{1}"),
        (b"5", "b'5'"),
        (Decimal("sNaN"), "sNaN"),
    ],
)
def test_a_value_that_is_not_allowed(value: Any, shown: str) -> None:
    message = refusal(READING, weight_bytes=value, total_bandwidth=1)
    assert message.startswith("weight_bytes")
    assert shown in message
    assert "must be a positive number, in byte" in message


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [("utilization", 1.01, "share between 0 and 1"), ("peak_flops", 0, "positive")],
)
def test_the_range_is_that_of_the_symbol(name: str, value: float, allowed: str) -> None:
    inputs = {"peak_flops": 1, "utilization": 1, "flop_per_token": 1, name: value}
    message = refusal(silicon.tokens_per_second_per_chip, **inputs)
    assert message.startswith(f"{name} = {value}")
    assert allowed in message


def test_a_share_below_one_may_come_near_to_one_and_no_further() -> None:
    # Of three guesses that are all but certain, all are kept, and the model's own token.
    assert decode.accepted_tokens(acceptance=0.999999, draft_length=3) == pytest.approx(4, rel=1e-5)
    for certain in (1, 1.5):
        message = refusal(decode.accepted_tokens, acceptance=certain, draft_length=3)
        assert message.startswith(f"acceptance = {certain}: must be a share of at least 0 and less")


def test_a_batch_is_at_least_one() -> None:
    message = refusal(roofline.arithmetic_intensity, batch=0.5, flop_per_parameter=2)
    assert "batch = 0.5: must be at least 1, in token" in message


def test_what_a_mask_hides_is_no_value() -> None:
    hidden = np.ma.array([1.0, 2.0], mask=[False, True])
    message = refusal(READING, weight_bytes=hidden, total_bandwidth=1)
    assert message == "weight_bytes: 1 of its values masked: fill them, or leave them out"
    assert "masked" in refusal(serving.cache_bytes, context=np.ma.masked, kv_bytes_per_token=1)
    shown = np.ma.array([1.0, 2.0])
    assert READING(weight_bytes=shown, total_bandwidth=1) == pytest.approx([1, 2])


def test_a_number_that_is_too_long_for_a_float_is_refused() -> None:
    """Also where numbers of that size make one ask for the unit."""
    inputs = {"peak_flops": 1e15, "memory_bandwidth": 1e12, "bits_per_parameter": 8}
    for name in ("peak_flops", "memory_bandwidth", "bits_per_parameter"):
        message = refusal(
            roofline.critical_batch, **{**inputs, "flop_per_parameter": 2, name: 10**400}
        )
        assert message.startswith(f"{name} = 1000")


@pytest.mark.parametrize("value", ["1_000", True])
def test_what_is_refused_is_not_taken_as_anything_before(value: Any) -> None:
    inputs = {"peak_flops": 1e15, "bits_per_parameter": 8, "flop_per_parameter": 2}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "memory_bandwidth" in refusal(
            roofline.critical_batch, memory_bandwidth=value, **inputs
        )


@pytest.mark.parametrize("experts", [4, [256, 4], np.array([[256], [4]])])
@pytest.mark.parametrize("users", [7.5, 8, [7.5, 8]])
def test_a_token_goes_to_no_more_experts_than_there_are(experts: Any, users: Any) -> None:
    message = refusal(decode.coverage, experts=experts, experts_per_token=8, routed_tokens=users)
    assert message == "experts_per_token = 8: there are 4 experts"
    assert decode.coverage(experts=8, experts_per_token=8, routed_tokens=users) == pytest.approx(1)


def test_nothing_is_a_context_but_no_batch() -> None:
    assert serving.cache_bytes(context=0, kv_bytes_per_token=1) == 0


@pytest.mark.parametrize("text", ["5 W", "5 GB/s", "lots", "", "1e400 byte", "20%"])
def test_a_text_that_is_no_such_quantity(text: str) -> None:
    message = refusal(READING, weight_bytes=text, total_bandwidth=1)
    assert message.startswith("weight_bytes")
    assert repr(text) in message


@pytest.mark.parametrize(
    ("array", "shown"),
    [
        (np.array([]), "x 0"),
        (np.array([1, math.nan]), "nan"),
        (np.array([1, math.inf]), "inf"),
        (np.array([1.0, -2.0]), "-2.0"),
        (np.array([0.0]), "0.0"),
        (np.array([True]), "bool"),
        (np.array(["5"]), "texts"),
        (np.array([1 + 2j]), "complex"),
        (np.array([1, 2], dtype=object), "object"),
    ],
)
def test_an_array_that_is_not_allowed(array: np.ndarray, shown: str) -> None:
    message = refusal(READING, weight_bytes=array, total_bandwidth=1)
    assert message.startswith("weight_bytes")
    assert shown in message


def test_an_unknown_name_gets_a_hint_and_what_is_allowed() -> None:
    message = refusal(READING, weigth_bytes=1, total_bandwidth=1)
    assert "no input weigth_bytes; did you mean weight_bytes?" in message
    assert "allowed: bytes_per_parameter, parameters, total_bandwidth, weight_bytes" in message


def test_a_missing_name_is_told() -> None:
    assert refusal(READING, weight_bytes=1) == "weight_time needs total_bandwidth"
    assert refusal(READING, total_bandwidth=1).endswith("needs bytes_per_parameter, parameters")


def test_a_name_that_a_given_quantity_makes_idle_is_told() -> None:
    message = refusal(READING, weight_bytes=1, parameters=7, total_bandwidth=1)
    assert message.startswith("parameters = 7 is not used")
    assert "total_bandwidth, weight_bytes" in message


@pytest.mark.parametrize("kind", [float, lambda value: np.array([1.0, value])])
def test_a_result_that_overflows_is_refused_by_its_name(kind: Any) -> None:
    message = refusal(READING, weight_bytes=kind(1e308), total_bandwidth=1e-300)
    assert message.startswith("weight_time = inf")
    assert "Read them once." in message


def test_a_power_that_overflows_is_refused_by_its_name() -> None:
    assert "compute_growth" in refusal(silicon.compute_growth, size_ratio=1e300, geometry=3)


def test_memory_that_the_weights_exceed_is_refused() -> None:
    message = refusal(serving.free_memory, chips=1, memory_capacity="80 GB", weight_bytes="81 GB")
    assert message.startswith("free_memory = -1")
    assert "zero or a positive number" in message


def test_shapes_that_do_not_fit_are_refused() -> None:
    message = refusal(READING, weight_bytes=np.ones(3), total_bandwidth=np.ones(4))
    assert "(3,)" in message
    assert "(4,)" in message


@pytest.mark.parametrize(
    "shapes",
    [
        ((65_536,), (65_536,)), ((65_537,), (65_537,)), ((70_000,), (1,)), ((70_000,), ()),
        ((70_000,), (3, 1)), ((300, 300), (300, 300)), ((300, 300), (300, 1)),
    ],
)  # fmt: skip
def test_arrays_of_any_size_and_shape_are_divided_element_by_element(
    shapes: tuple[tuple[int, ...], ...],
) -> None:
    read, rate = (np.arange(1.0, 1 + np.prod(shape)).reshape(shape) for shape in shapes)
    found = READING(weight_bytes=read, total_bandwidth=rate)
    np.testing.assert_allclose(found, read / rate, rtol=1e-12)
    assert found.shape == np.broadcast_shapes(*shapes)


def test_what_only_noise_puts_out_of_its_range_is_at_its_end() -> None:
    """Of what is left where nothing is; what is more than noise is refused."""
    given = {"chips": 1, "memory_capacity": 1.0}
    for weight, left in ((1 + 1e-13, 0.0), (1 - 1e-13, pytest.approx(1e-13, rel=1e-2))):
        assert serving.free_memory(**given, weight_bytes=weight) == left
        found = serving.free_memory(**given, weight_bytes=np.array([weight, 0.25]))
        assert list(found) == [left, 0.75]
    for use in (86_400 * (1 + 1e-13), 86_400.0):
        assert demand.time_share(daily_use=use) == 1
        assert list(demand.time_share(daily_use=np.array([use, 43_200]))) == [1, 0.5]
    with pytest.raises(InputError, match="time_share = "):
        demand.time_share(daily_use=86_400 * (1 + 1e-11))
    with pytest.raises(InputError, match="free_memory = "):
        serving.free_memory(**given, weight_bytes=1 + 1e-11)
    with pytest.raises(InputError, match="free_memory = "):
        serving.free_memory(**given, weight_bytes=np.array([1 + 1e-11, 0.25]))


# Values that each range lets in, of all these.
TRIED = (-1e300, -2, -1, -0.5, 0, 5e-324, 0.5, 1 - 1e-9, 1 - 1e-10, 1, 1.5, 1e300)
ALLOWED = {
    "a positive number": TRIED[5:],
    "zero or a positive number": TRIED[4:],
    "a share between 0 and 1": TRIED[4:10],
    "at least 1": TRIED[9:],
    "a share above 0, up to 1": TRIED[5:10],
    "at least -1": TRIED[2:],
    "a share of at least 0 and less than 1": TRIED[4:8],
    "any number": TRIED,
}


@pytest.mark.parametrize("allowed", s._RANGES, ids=lambda each: each.words)
def test_a_range_lets_in_what_it_says(allowed: s.Range) -> None:
    low, high = allowed.ends
    assert tuple(value for value in TRIED if low <= value <= high) == ALLOWED[allowed.words]
    assert high < math.inf


def test_what_is_computed_on_the_way_has_its_range_too() -> None:
    with pytest.raises(InputError, match="time_share"):
        demand.user_base(batch=1000, daily_use="48 hours")


def test_an_equation_is_worked_with_one_value() -> None:
    for worked in (READING.explain, READING.elasticities):
        with pytest.raises(InputError, match="weight_bytes is an array, but"):
            worked(weight_bytes=np.ones(3), total_bandwidth=1)


def test_a_formula_that_is_not_used_is_refused() -> None:
    with pytest.raises(ValueError, match="weight_time does not use step_time"):
        Formula(s.weight_time, s.weight_bytes / s.total_bandwidth, "", where=(STEP,))


# A formula must be computed in one way only. These are of the same symbols as those above.
TWICE = Formula(s.weight_bytes, 2 * s.parameters * s.bytes_per_parameter, "All, twice.", name="two")
BARE = Formula(s.weight_time, s.weight_bytes / s.total_bandwidth, "What is given, read once.")
SLOWEST = sympy.Max(s.weight_time, s.weight_bytes / s.total_bandwidth)


@pytest.mark.parametrize(
    ("result", "rule", "where", "said"),
    [
        (s.weight_bytes, 2 * Symbol("haste"), (), "weight_bytes: haste is not in the glossary"),
        (Symbol("haste"), 2 * s.weight_bytes, (), "haste: haste is not in the glossary"),
        (s.weight_bytes, 2 * s.weight_bytes, (), "weight_bytes is computed from itself"),
        (s.step_time, SLOWEST, (READING, TWICE), "step_time rests on two formulas for weight_b"),
        (s.step_time, SLOWEST, (READING,), "step_time: step_time takes weight_bytes as given"),
        (s.step_time, SLOWEST, (BARE, WEIGHTS), "step_time: weight_time takes weight_bytes as"),
    ],
)
def test_a_formula_that_cannot_be_computed_in_one_way_is_refused(
    result: Any, rule: Any, where: tuple[Formula, ...], said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        Formula(result, rule, "", where=where)


def test_a_formula_may_rest_on_another_twice_and_keeps_its_own_when_it_rests_on_others() -> None:
    shared = Formula(s.step_time, SLOWEST, "The slower.", where=(READING, WEIGHTS))
    given = {"parameters": 6, "bytes_per_parameter": 2, "total_bandwidth": 3}
    assert shared(**given) == 4
    assert shared.using(TWICE)(**given) == 8
    assert shared.using(TWICE, name="new", about="Of two.").name == "new"
    assert (shared.using(TWICE).name, shared.using(TWICE).about) == ("step_time", "The slower.")
    assert BARE.using(WEIGHTS)(**given) == READING(**given) == 4


# The worked equation


def test_the_working_shows_every_value_and_ends_in_the_result() -> None:
    worked = READING.explain(
        parameters="1.6 trillion", bytes_per_parameter=1, total_bandwidth="60 TB/s"
    )
    first, last = worked.text().splitlines()
    assert first.startswith("weight_bytes = ")
    assert "1 byte/parameter" in first
    assert "1.6 trillion parameters" in first
    assert first.endswith("= 1.6 TB")
    assert last == ("weight_time = weight_bytes / total_bandwidth = (1.6 TB) / (60 TB/s) = 26.7 ms")
    assert worked.value == pytest.approx(0.026667, rel=1e-4)


def test_a_given_quantity_is_not_worked_out() -> None:
    worked = READING.explain(weight_bytes="1.6 TB", total_bandwidth="60 TB/s")
    assert [step.formula.name for step in worked.steps] == ["weight_time"]


def test_steps_come_in_order_and_each_once() -> None:
    names = [step.name for step in serving.utilization.steps()]
    assert names.index("weight_bytes") < names.index("weight_time") < names.index("step_time")
    assert names.count("compute_time") == 1  # used by the step's time and by the utilization
    assert names[-1] == "utilization"


@FORMULAS
def test_every_formula_is_worked_to_the_value_of_its_call(formula: Formula) -> None:
    for point in points(formula, 2):
        worked = formula.explain(**point)
        assert worked.value == pytest.approx(formula(**point), rel=1e-9)
        known = set(point) | set(s.own_values(formula.names))
        for step in worked.steps:
            assert set(step.values) <= known, "a step uses what no earlier step gives"
            known.add(step.formula.result.name)
            text, latex = step.text(), step.latex()
            assert text.endswith(units.show(step.result, step.formula.unit, 4))
            for name, value in step.values.items():
                if s.GLOSSARY[name].sign == "1":  # "one token" serves the units, and no reader
                    continue
                assert units.show(value, s.GLOSSARY[name].unit, 4) in text
                assert units.show_latex(value, s.GLOSSARY[name].unit, 4) in latex
        names = [step.formula.name for step in worked.steps]
        assert len(names) == len(set(names))
        assert names[-1] == formula.name
        shown = units.show_latex(worked.value, formula.unit, 3)
        assert worked.latex().endswith(rf"&= {shown} \end{{aligned}}")


# What is typeset


def test_the_equation_is_typeset_with_the_signs_of_the_glossary() -> None:
    assert READING.latex() == r"t_\text{weights} = \frac{W}{\beta_\text{total}}"


@FORMULAS
def test_every_formula_is_typeset_without_a_name_of_code(formula: Formula) -> None:
    latex = formula.latex()
    assert latex.startswith(f"{s.entry(formula.result).sign} = ")
    assert latex.count("{") == latex.count("}")
    for symbol in formula.expression.free_symbols:
        assert s.entry(symbol).sign == "1" or s.entry(symbol).sign in latex
        assert "_" not in symbol.name or symbol.name not in latex


@FORMULAS
def test_the_legend_names_the_result_and_each_symbol_once(formula: Formula) -> None:
    names = [line.name for line in formula.legend()]
    used = [x.name for x in formula.expression.free_symbols if s.entry(x).sign != "1"]
    assert names[0] == formula.result.name
    assert sorted(names[1:]) == sorted(used)
    assert all(line.meaning for line in formula.legend())


def test_a_notebook_shows_the_equation_and_its_working() -> None:
    assert READING._repr_latex_() == f"$${READING.latex()}$$"
    assert repr(READING) == "weight_time = weight_bytes/total_bandwidth"
    worked = READING.explain(weight_bytes=1, total_bandwidth=1)
    assert worked._repr_latex_() == f"$${worked.latex()}$$"
    assert repr(worked) == worked.text()


# JavaScript


@FORMULAS
def test_every_formula_is_a_javascript_function_of_its_inputs(formula: Formula) -> None:
    source = formula.javascript()
    for opening, closing in ("()", "{}", "[]"):
        assert source.count(opening) == source.count(closing)
    match = re.match(r"function (\w+)\(\{([^}]*)\}\) \{\n", source)
    assert match
    assert match[1] == formula.name
    taken = {part.split(" = ")[0] for part in match[2].split(", ")}
    assert formula.inputs() <= taken <= formula.inputs() | set(s.own_values(formula.names))
    computed = set(re.findall(r"const (\w+) =", source))
    body = re.sub(r'"\w+"', "", source.partition("\n")[2])
    words = set(re.findall(r"(?<![\w.])[a-zA-Z_]\w*", body))
    known = {"const", "return", "Math", "within"}
    assert words - known <= taken | computed, "a name is not declared"
    assert "**" not in source
    assert source.count("return") == 1


@pytest.mark.skipif(not shutil.which("node"), reason="needs node; a browser checks it elsewhere")
def test_javascript_computes_what_python_computes(tmp_path: Path) -> None:
    cases = [
        (index, point, formula(**point))
        for index, formula in enumerate(all_formulas().values())
        for point in points(formula, 25 if THOROUGH else 5)
    ]
    functions = ",\n".join(formula.javascript() for formula in all_formulas().values())
    script = tmp_path / "parity.js"
    script.write_text(
        f"const within = (name, value) => value;\nconst functions = [{functions}];\n"
        f"const cases = {json.dumps([[index, point] for index, point, _ in cases])};\n"
        "console.log(JSON.stringify(cases.map(([index, point]) => functions[index](point))));\n",
        encoding="utf8",
    )
    node = str(shutil.which("node"))
    printed = subprocess.run([node, script], capture_output=True, text=True, check=True).stdout
    computed = np.array(json.loads(printed), dtype=float)
    np.testing.assert_allclose(computed, [wanted for *_, wanted in cases], rtol=1e-12)


# Units


@pytest.mark.parametrize(
    ("result", "expression", "message"),
    [
        (s.weight_time, s.weight_bytes, "weight_time is in second"),
        (s.weight_time, s.weight_bytes * s.total_bandwidth, "weight_time is in second"),
        (s.weight_time, s.compute_time + s.weight_bytes, "different units"),
        (s.weight_time, sympy.Max(s.compute_time, s.weight_bytes), "different units"),
        (s.weight_time, s.compute_time + 1, "different units"),
        (s.layers, sympy.log(s.compute_time), "argument of .* has a unit"),
        (s.weight_time, s.compute_time**s.layers, "no fraction"),
        # A count of one thing is no count of another.
        (s.user_base, s.chips, "user_base is in user"),
    ],
)
def test_a_declaration_with_wrong_units_is_refused(
    result: sympy.Symbol, expression: sympy.Expr, message: str
) -> None:
    with pytest.raises(units.UnitsError, match=message):
        Formula(result, expression, "").check_units()


@pytest.mark.parametrize(
    ("result", "expression"),
    [
        (s.weight_time, s.weight_bytes / s.total_bandwidth),
        (s.weight_time, 2 * s.compute_time - s.step_time),
        (s.weight_time, sympy.sqrt(s.compute_time * s.step_time)),
        (s.weight_time, sympy.Max(s.compute_time, s.step_time)),
        (s.layers, sympy.log(s.compute_time / s.step_time)),
    ],
)
def test_a_declaration_with_right_units_passes(
    result: sympy.Symbol, expression: sympy.Expr
) -> None:
    Formula(result, expression, "").check_units()


# Elasticities


def numerical_elasticities(
    formula: Formula, point: dict[str, float], step: float
) -> dict[str, float] | None:
    """Return log-derivatives by central differences, or None at a kink or the edge of a range."""
    found = {}
    for name, value in point.items():
        try:
            below, at, above = (
                math.log(formula(**{**point, name: value * math.exp(shift)}))
                for shift in (-step, 0, step)
            )
        except (InputError, ValueError):
            return None
        left, right = (at - below) / step, (above - at) / step
        if abs(left - right) > 0.01 * max(1.0, abs(left)):
            return None
        found[name] = (left + right) / 2
    return found


def unrounded(formula: Formula, made: dict[Formula, Formula]) -> Formula:
    """Return a formula without the rounding to whole units, which has no slope."""
    if formula not in made:
        expression = formula.expression.replace(sympy.ceiling, lambda inner: inner)
        made[formula] = replace(
            formula,
            rule=expression.replace(sympy.floor, lambda inner: inner),
            where=tuple(unrounded(each, made) for each in formula.where),
        )
    return made[formula]


@SOME
def test_elasticities_are_slopes_of_the_logarithm(formula: Formula) -> None:
    smooth = unrounded(formula, {})
    for point in points(formula, 20, seed=1):
        wanted = numerical_elasticities(smooth, point, 1e-4)
        if wanted is None:
            continue
        found = formula.elasticities(**point)
        assert {name: found[name] for name in wanted} == pytest.approx(wanted, abs=1e-4, rel=1e-4)
        return
    pytest.fail(f"no smooth point was found for {formula}")


def test_of_a_sum_terms_without_some_factors_are_left() -> None:
    from inference_economics.equations.counting import latent_weights

    shape = {"hidden_size": 8, "heads": 4, "head_size": 2, "position_size": 1, "value_size": 2,
             "latent_size": 3}  # fmt: skip
    # No heads leave the way to the latent vector; no latent vector, the queries and the way back.
    assert latent_weights.without(["heads", "experts"], **shape) == 8 * (3 + 1)
    assert latent_weights.without(["latent_size", "position_size"], **shape) == 2 * 8 * 4 * 2
    with pytest.raises(InputError, match="heads = 0: must be"):
        latent_weights.without(["heads"], **{**shape, "heads": 0})


def test_elasticities_of_a_maximum_belong_to_its_larger_term() -> None:
    inputs = {"compute_time": 5, "weight_bytes": 12, "total_bandwidth": 3}
    found = STEP.elasticities(**inputs)
    assert found == {"compute_time": 1, "weight_bytes": 0, "total_bandwidth": 0}
    found = STEP.elasticities(**{**inputs, "compute_time": 3})
    assert found == {"compute_time": 0, "weight_bytes": 1, "total_bandwidth": -1}


def test_elasticities_have_nine_decimals() -> None:
    both = Formula(s.step_time, s.compute_time + s.weight_time, "One after the other.")
    found = both.elasticities(compute_time=1, weight_time=2)
    assert found == {"compute_time": 0.333333333, "weight_time": 0.666666667}


def test_more_bandwidth_helps_a_small_batch_and_more_arithmetic_a_large_one() -> None:
    post = {
        "flop_per_token": 3.2e12, "chips": 20, "peak_flops": 3e15, "weight_bytes": 1.6e12,
        "memory_bandwidth": 3e12,
    }  # fmt: skip
    slopes = [serving.step_time.elasticities(batch=batch, **post) for batch in (1, 1000)]
    for before, after in pairwise(slopes):
        assert (before["memory_bandwidth"], before["peak_flops"]) == (-1, 0)
        assert (after["memory_bandwidth"], after["peak_flops"]) == (0, -1)
