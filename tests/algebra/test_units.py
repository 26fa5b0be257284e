"""Units: how a quantity is read, converted and shown."""

from __future__ import annotations

import math
import re
import time
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from alike import with_each
from hypothesis import example, given
from hypothesis import strategies as st

from inference_economics.algebra import symbols, units
from inference_economics.algebra.units import UnitsError

if TYPE_CHECKING:
    from collections.abc import Callable

UNITS = list(dict.fromkeys(entry.unit for entry in symbols.GLOSSARY.values()))


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("3.35 TB/s", "byte/second", 3.35e12),
        ("3.35 TB/second", "byte/second", 3.35e12),
        ("80 GB", "byte", 80e9),
        ("80GB", "byte", 80e9),
        ("3e15 FLOP/s", "FLOP/second", 3e15),
        ("3 PFLOP/s", "FLOP/second", 3e15),
        ("27 ms", "second", 0.027),
        ("5 µs", "second", 5e-6),
        ("0.5 hours", "second", 1800),
        ("600 words/minute", "word/second", 10),
        ("10 minutes/day", "fraction", 600 / 86_400),
        ("16 bits", "byte", 2),
        ("700 W", "watt", 700),
        ("1979 TFLOPS", "FLOP/second/chip", 1.979e15),
        ("1979 TOPS", "FLOP/second/chip", 1.979e15),
        ("2 TFLOPs", "FLOP/second", 2e12),  # a rate is asked for
        ("2 TFLOPs", "FLOP", 2e12),  # and here a number
        ("5 GFLOPS/W", "FLOP/joule", 5e9),
        ("3 Pflop/s", "FLOP/second", 3e15),
        ("10 TOP/s per chip", "FLOP/second/chip", 1e13),
        ("$3/Mtok", "dollar/token", 3e-6),
        ("2400 tok/s", "token/second", 2400),
        ("5 USD", "dollar", 5),
        ("$2.5/hr", "dollar/hour/chip", 2.5),
        ("2.5 USD/hr", "dollar/hour/chip", 2.5),
        ("2.5usd/h", "dollar/hour/chip", 2.5),
        ("8760 USD/yr", "dollar/hour", 8760 / 8766),
        ("3.35 TB/sec", "byte/second", 3.35e12),
        ("2 hrs", "second", 7200),
        ("20 secs", "second", 20),
    ],
)
def test_a_quantity_is_read_in_the_unit_that_is_asked_for(
    text: str, unit: str, value: float
) -> None:
    assert units.parse(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(("text", "value"), [("20", 20), ("1,000", 1000), (".5", 0.5), ("-3", -3)])
def test_a_number_alone_is_in_the_unit_that_is_asked_for(text: str, value: float) -> None:
    assert units.parse(text, "byte/second") == value


@pytest.mark.parametrize("text", ["3 TB*s^-1", "3 TB s**-1", "3 TB/(s)", "3 (TB/s)"])
def test_a_unit_may_be_written_with_powers_and_brackets(text: str) -> None:
    assert units.parse(text, "byte/second") == pytest.approx(3e12)


@pytest.mark.parametrize(
    "text",
    [
        "1 9**9**9 TB/s",
        "1 2**2**30 TB/s",
        "1 TB/s*9^9^9",
        "1 TB**9**9**9/s",
        "1 (TB)**99999999/s",
        "1 /9**9**9",
        "1" + " " * 20_000 + "TB/s",
        "1 " + "(" * 20_000,
        " " * 20_000,
        "1" * 20_000,
        "1 TB/s" + "/s" * 20_000,
    ],
)
def test_a_hostile_text_is_refused_at_once_and_briefly(text: str) -> None:
    units.registry()
    start = time.process_time()
    with pytest.raises(UnitsError) as refused:
        units.parse(text, "byte/second")
    assert time.process_time() - start < 0.5
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("144K", "user", 144e3),
        ("144K users", "user", 144e3),
        ("10M", "user", 10e6),
        ("7B", "parameter", 7e9),
        ("1.6 trillion", "parameter", 1.6e12),
        ("1.6 trillion parameters", "parameter", 1.6e12),
        ("2 thousand tokens", "token", 2e3),
        ("$2.5M per year", "dollar/year", 2.5e6),
        # What is a unit already is no suffix.
        ("7 B", "byte", 7),
    ],
)
def test_words_and_letters_multiply(text: str, unit: str, value: float) -> None:
    assert units.parse(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(("unit", "value"), [("fraction", 0.2), ("percent", 20)])
def test_a_percentage_is_a_fraction(unit: str, value: float) -> None:
    assert units.parse("20%", unit) == pytest.approx(value)
    assert units.parse("20 %", unit) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("$2.5", "dollar", 2.5),
        ("-$2.5", "dollar", -2.5),
        ("$3.6/h", "dollar/second", 1e-3),
        ("3.6 $/h", "dollar/second", 1e-3),
        ("$3.6 per chip/hour", "dollar/chip/second", 1e-3),
        ("$30,000 per chip", "dollar/chip", 30_000),
        ("$1 million per chip", "dollar/chip", 1e6),
        ("$30 per million tokens", "dollar/token", 3e-5),
        ("$30/M tokens", "dollar/token", 3e-5),
        ("$30 / thousand tokens", "dollar/token", 0.03),
        ("5 per second", "token/second", 5),
        ("5 tokens per second", "token/second", 5),
        ("2 per token", "1/token", 2),
        ("2 /token", "1/token", 2),
    ],
)
def test_what_is_per_thing_may_leave_out_what_is_counted(
    text: str, unit: str, value: float
) -> None:
    assert units.parse(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "value"),
    [("3 × 10²⁰ synapses", 3e20), ("-2.5×10⁻³", -2.5e-3), ("1. × 10⁰", 1), ("1 × 10¹²", 1e12)],
)
def test_a_power_of_ten_is_read(text: str, value: float) -> None:
    assert units.parse(text, "synapse") == value


@pytest.mark.parametrize("text", ["3 × 10", "3 × 10⁻⁻¹", "× 10³", "1e3 × 10²e", "3 × 20³", "10³"])
def test_what_is_no_power_of_ten_is_refused(text: str) -> None:
    with pytest.raises(UnitsError, match="not a quantity"):
        units.parse(text, "synapse")


@pytest.mark.parametrize("text", ["1e400", "1e308 GB", "2e305 thousand GB", "9 × 10⁴⁰⁰"])
def test_what_is_too_large_is_refused(text: str) -> None:
    with pytest.raises(UnitsError, match="too large a number"):
        units.parse(text, "byte")


@pytest.mark.parametrize("text", ["", "fast", "--5 byte", "1 2 byte", "1.2.3", "1_000", "5 (byte"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(UnitsError, match="not a quantity"):
        units.parse(text, "byte")


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("5 W", "byte"),
        ("5 GB", "byte/second"),
        ("5 GB/s/s", "byte/second"),
        ("5 GB/chip", "byte"),
        ("20%", "byte"),
        ("5 apples", "byte"),
        ("5 user", "token"),
        ("600 words/second", "token/second"),
        ("5 //s", "dollar/second"),
        ("5 per", "token/second"),
        ("5 per s", "byte/second"),
    ],
)
def test_a_quantity_of_another_kind_is_refused(text: str, unit: str) -> None:
    with pytest.raises(UnitsError, match="not a quantity in"):
        units.parse(text, unit)


@pytest.mark.parametrize(
    ("unit", "example"),
    [("FLOP/second/chip", "20 TFLOP/s"), ("byte/second", "3.35 TB/s"), ("fraction", "20%"),
     ("dollar/token", "$20/million tokens"), ("dollar/chip/second", "$20/chip/h"),
     ("dimensionless", "20"), ("byte/(second/chip)", "3.35 byte/(second/chip)")],
)  # fmt: skip
def test_an_error_has_an_example_that_is_read(unit: str, example: str) -> None:
    with pytest.raises(UnitsError, match=re.escape(f"as {example!r} is")):
        units.parse("5 apples", unit)
    with pytest.raises(UnitsError, match=re.escape(f"as in {example!r}")):
        units.parse("apples", unit)
    assert units.parse(example, unit) > 0


def test_what_is_merely_counted_may_be_left_out_of_what_is_given() -> None:
    assert units.parse("80 GB", "byte/chip") == 80e9
    assert units.parse("3 TB/s", "byte/second/chip") == 3e12
    assert units.conversion("GB", "byte/chip") == 1e9
    assert units.conversion("dimensionless", "user") == 1


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("byte/chip", "byte"),  # what is stated is not dropped
        ("user", "token"),  # and a count of one thing is no count of another
        ("byte", "second"),
        ("byte", "byte/second"),
        ("FLOP", "byte"),
        ("watt", "joule"),
    ],
)
def test_units_of_different_kinds_do_not_convert(given: str, wanted: str) -> None:
    with pytest.raises(UnitsError, match="is not a quantity in"):
        units.conversion(given, wanted)


def test_factors_are_those_of_the_definitions() -> None:
    assert units.conversion("byte", "bit") == 8
    assert units.conversion("day", "second") == 86_400
    assert units.conversion("year", "day") == 365.25
    assert units.conversion("kilowatt_hour", "joule") == 3.6e6
    assert units.conversion("fraction", "percent") == pytest.approx(100)
    assert units.conversion("neuron", "cell") == 1


@pytest.mark.parametrize(
    ("unit", "of", "factor"),
    [
        ("ns", "second", 1e-9), ("us", "second", 1e-6), ("µs", "second", 1e-6),
        ("μs", "second", 1e-6), ("ms", "second", 1e-3), ("kB", "byte", 1e3), ("MB", "byte", 1e6),
        ("GB", "byte", 1e9), ("TB", "byte", 1e12), ("PB", "byte", 1e15), ("EB", "byte", 1e18),
        ("KiB", "byte", 2**10), ("MiB", "byte", 2**20), ("GiB", "byte", 2**30),
        ("TiB", "byte", 2**40), ("bit", "byte", 1 / 8), ("minute", "second", 60),
        ("hour", "second", 3600), ("week", "day", 7), ("year", "month", 12), ("W", "joule/s", 1),
        ("kWh", "joule", 3.6e6), ("percent", "fraction", 0.01), ("message", "request", 1),
        ("tok", "token", 1), ("USD", "dollar", 1),
        # As data sheets write rates of operations.
        ("TFLOPS", "FLOP/second", 1e12), ("Tflop/s", "FLOP/second", 1e12),
        ("TOPS", "FLOP/second", 1e12), ("POPS", "FLOP/second", 1e15),
    ],
)  # fmt: skip
def test_a_sign_is_that_of_its_unit(unit: str, of: str, factor: float) -> None:
    assert units.parse(f"2 {unit}", of) == pytest.approx(2 * factor, rel=1e-12)


@pytest.mark.parametrize(
    ("suffix", "factor"),
    [
        ("k", 1e3), ("K", 1e3), ("thousand", 1e3), ("M", 1e6), ("m", 1e6), ("million", 1e6),
        ("B", 1e9), ("b", 1e9), ("billion", 1e9), ("T", 1e12), ("t", 1e12), ("trillion", 1e12),
    ],
)  # fmt: skip
def test_a_suffix_multiplies(suffix: str, factor: float) -> None:
    assert units.parse(f"2{suffix}", "user") == units.parse(f"2 {suffix}", "user") == 2 * factor


def test_a_text_is_quoted_up_to_sixty_signs() -> None:
    assert units.shortened("x" * 60) == repr("x" * 60)
    assert units.shortened("x" * 61) == repr("x" * 60 + "\N{HORIZONTAL ELLIPSIS}")


def test_no_quantity_is_longer_than_two_hundred_signs() -> None:
    assert units.parse("1" + " " * 198 + "B", "byte") == 1
    with pytest.raises(UnitsError, match="is not a quantity"):
        units.parse("1" + " " * 199 + "B", "byte")


@pytest.mark.parametrize("unit", ["gauss", "byte/", "furlong/fortnight"])
def test_a_unit_that_the_book_does_not_use_is_unknown(unit: str) -> None:
    with pytest.raises(UnitsError, match="unknown unit"):
        units.dimensions(unit)


@with_each("name", symbols.GLOSSARY)
def test_every_symbol_has_a_unit_that_can_be_read_and_shown(name: str) -> None:
    unit = symbols.GLOSSARY[name].unit
    units.dimensions(unit)
    assert units.show(12.5, unit)
    assert units.show_latex(12.5, unit)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.02667, "second", "26.7 ms"),
        (5.333e-5, "second", "53.3 µs"),
        (2.5e9, "second", "79.2 years"),
        (2.0, "byte/ms", "2 kB/s"),
        (1.6e12, "byte", "1.6 TB"),
        (999.6, "byte", "1 kB"),
        (1e21, "byte", "1,000 EB"),
        (3.35e12, "byte/second/chip", "3.35 TB/s"),
        (3e15, "FLOP/second/chip", "3 PFLOP/s"),
        (3.2e12, "FLOP/token", "3.2 TFLOP/token"),
        (590.7, "FLOP/byte", "591 FLOP/byte"),
        (44e9, "byte/wafer", "44 GB/wafer"),
        (0.002, "fraction", "0.2%"),
        (1, "fraction", "100%"),
        (5, "percent", "5%"),
        (20, "chip", "20 chips"),
        (1, "chip", "1 chip"),
        (144_000, "user", "144,000 users"),
        (1.5e6, "user", "1.5 million users"),
        (1e14, "synapse", "100 trillion synapses"),
        (3e20, "synapse", "3 × 10²⁰ synapses"),
        (3.1e9, "base_pair", "3.1 billion base pairs"),
        (1, "bit/parameter", "1 bit/parameter"),
        (16, "bit/parameter", "16 bits/parameter"),
        (30_000, "dollar/chip", "$30,000 per chip"),
        (1e6, "dollar", "$1 million"),
        (2.3e6, "dollar", "$2.3 million"),
        # Money has two places, but never a cent that is not there.
        (1.3, "dollar", "$1.30"),
        (-1.3, "dollar/chip", "-$1.30 per chip"),
        (1.3 / 3600, "dollar/second", "$0.000361 per s"),
        (4e-7, "dollar/token", "$0.40 per million tokens"),
        (20.24, "dollar", "$20.2"),
        (20.2, "dollar", "$20.20"),
        (0.02, "dollar", "$0.02"),
        (3e-5, "dollar/token", "$30 per million tokens"),
        (2.5, "dimensionless", "2.5"),
        (1.234e-5, "dimensionless", "1.23 × 10⁻⁵"),
        (3, "J/token", "3 J/token"),
        (0.5, "kW/chip", "500 W"),
        (1500, "GB/chip", "1.5 TB"),
        (5, "tokens/s", "5 tokens/s"),
        (2, "USD/h", "$2 per h"),
        (5, "1/second/chip", "5 per s/chip"),
        (2, "dollar/chip/hour", "$2 per chip/h"),
        # Where one step ends and the next begins.
        (1e-9, "second", "1 ns"),
        (1e-12, "second", "0.001 ns"),
        (1e-6, "second", "1 µs"),
        (1e-3, "second", "1 ms"),
        (1, "second", "1 s"),
        (60, "second", "1 min"),
        (3600, "second", "1 h"),
        (86_400, "second", "1 day"),
        (2 * 86_400, "second", "2 days"),
        (365.25 * 86_400, "second", "1 year"),
        *((10.0 ** (3 * k), "byte", f"1 {prefix}B") for k, prefix in enumerate("kMGTPE", 1)),
        (1e6, "chip", "1 million chips"),
        (999_400, "chip", "999,400 chips"),
        (999_999, "chip", "1 million chips"),
        (1e9, "chip", "1 billion chips"),
        (9.99e15, "chip", "9,990 trillion chips"),
        (1e16, "chip", "1 × 10¹⁶ chips"),
        (1234, "dimensionless", "1,234"),
        (1234.5, "dimensionless", "1,230"),
        (0.0001, "dimensionless", "0.0001"),
        (0.00001, "dimensionless", "1 × 10⁻⁵"),
        (0.10004, "dimensionless", "0.1"),
        (100.4, "dimensionless", "100"),
    ],
)
def test_a_quantity_is_shown_as_a_reader_wants_it(value: float, unit: str, shown: str) -> None:
    assert units.show(value, unit) == shown


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (1234, 2, "1,200"),
        (1234, 3, "1,234"),
        (1234.56, 4, "1,235"),
        (1234.56, 5, "1,234.6"),
        (1_234_567, 4, "1.235 million"),
        (0.98765, 1, "1"),
        (0.98765, 2, "0.99"),
        (2, 6, "2"),
    ],
)
def test_a_number_is_shown_in_as_many_digits_as_are_asked_for(
    value: float, digits: int, shown: str
) -> None:
    assert units.show(value, "dimensionless", digits) == shown


@pytest.mark.parametrize(
    ("unit", "kind"),
    [
        ("dollar/token", (True, True, False, False)),
        ("byte/second", (False, False, True, False)),
        ("FLOP/second/chip", (False, True, True, False)),
        ("FLOP/byte", (False, True, True, True)),
        ("byte/parameter", (False, False, True, True)),
        ("bit/parameter", (False, False, False, True)),
        ("second", (False, False, True, False)),
        ("token/byte/second", (False, True, False, True)),
        ("user", (False, True, False, False)),
        ("watt/chip", (False, False, True, False)),
        ("joule/token", (False, False, True, False)),
    ],
)
def test_what_kind_of_unit_it_is(unit: str, kind: tuple[bool, ...]) -> None:
    """Whether it is of money, merely counted, comes in sizes, and is a plain ratio."""
    asked = (units.is_money, units.is_counted, units.has_prefixes, units.is_ratio)
    assert tuple(each(unit) for each in asked) == kind


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.02667, "second", r"26.7\ \text{ms}"),
        (144_000, "user", r"144{,}000\ \text{users}"),
        (0.002, "fraction", r"0.2\,\%"),
        (1e6, "dollar", r"\$\,1\ \text{million}"),
        (-1e6, "dollar", r"-\$\,1\ \text{million}"),
        (5, "dollar", r"\$\,5"),
        (4.8, "dollar", r"\$\,4.80"),
        (-5, "dollar", r"-\$\,5"),
        (2, "dollar/chip", r"\$\,2\ \text{per chip}"),
        (5e-6, "second", r"5\ \text{μs}"),
        (3e20, "synapse", r"3 \times 10^{20}\ \text{synapses}"),
        (2.5, "dimensionless", "2.5"),
    ],
)
def test_the_same_in_latex(value: float, unit: str, shown: str) -> None:
    assert units.show_latex(value, unit) == shown


@pytest.mark.parametrize(
    ("value", "unit", "digits", "most", "least"),
    [
        (1.348, "dimensionless", 2, "1.4", "1.3"),
        (245.04, "dimensionless", 3, "246", "245"),
        (0.3501, "fraction", 2, "36%", "35%"),
        (0.00559999, "second", 3, "5.6 ms", "5.59 ms"),
        (9.99, "dimensionless", 2, "10", "9.9"),
        (1.3, "dimensionless", 2, "1.3", "1.3"),
        (0.1 + 0.2, "fraction", 2, "30%", "30%"),
        (0, "byte", 2, "0 bytes", "0 bytes"),
        (-1.348, "dimensionless", 2, "-1.3", "-1.4"),
    ],
)
def test_a_bound_is_rounded_to_its_safe_side(
    value: float, unit: str, digits: int, most: str, least: str
) -> None:
    assert units.at_most(value, unit, digits) == most
    assert units.at_least(value, unit, digits) == least


@pytest.mark.parametrize("bound", [units.at_most, units.at_least])
def test_what_is_not_finite_is_no_bound(bound: Callable[[float, str], str]) -> None:
    with pytest.raises(UnitsError, match="not a finite number"):
        bound(math.inf, "byte")


@pytest.mark.parametrize("value", [1, 1.0, 1.0004, 0.9996])
def test_one_byte_is_singular(value: float) -> None:
    assert units.show(value, "byte") == "1 byte"
    assert units.show_latex(value, "byte") == r"1\ \text{byte}"


@pytest.mark.parametrize(("value", "shown"), [(0, "0 bytes"), (0.5, "0.5 bytes"), (2, "2 bytes")])
def test_any_other_number_of_bytes_is_plural(value: float, shown: str) -> None:
    assert units.show(value, "byte") == shown


@pytest.mark.parametrize(
    ("unit", "shown"), [("second", "0 s"), ("byte/second", "0 bytes/s"), ("fraction", "0%")]
)
def test_zero_takes_no_prefix(unit: str, shown: str) -> None:
    assert units.show(0, unit) == shown


def test_a_negative_quantity_keeps_its_sign() -> None:
    assert units.show(-0.02667, "second") == "-26.7 ms"
    assert units.show(-1.6e12, "byte") == "-1.6 TB"
    assert units.show(-5, "dollar") == "-$5"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_not_shown(value: float) -> None:
    with pytest.raises(UnitsError, match="not a finite number"):
        units.show(value, "byte")
    with pytest.raises(UnitsError, match="not a finite number"):
        units.show_latex(value, "byte")


def test_what_is_finite_until_it_is_scaled_is_not_shown_either() -> None:
    with pytest.raises(UnitsError, match="not a finite number"):
        units.show(1e305, "dollar/token")


@pytest.mark.parametrize("unit", ["foo", "byte/foo"])
def test_a_quantity_in_an_unknown_unit_is_not_shown(unit: str) -> None:
    with pytest.raises(UnitsError, match="unknown unit"):
        units.show(3, unit)


@pytest.mark.parametrize(
    ("value", "digits", "rounded"),
    [
        (2.5, 1, "3"),
        (-2.5, 1, "-3"),
        (0.15, 1, "0.2"),  # as a float a little less than it is written
        (0.25, 1, "0.3"),
        (26.5, 2, "27"),
        (26.4999, 2, "26"),
        (1250, 2, "1300"),
        (99.95, 3, "100"),
        (0, 3, "0"),
    ],
)
def test_halves_are_rounded_away_from_zero(value: float, digits: int, rounded: str) -> None:
    assert units.rounded(value, digits) == Decimal(rounded)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.2665, "0.267"), (2.665, "2.67"), (26.65, "26.7"), (2.675e-5, "2.68 × 10⁻⁵")],
)
def test_halves_are_shown_as_they_are_rounded(value: float, shown: str) -> None:
    assert units.show(value, "dimensionless") == shown


@pytest.mark.parametrize("seconds", [59.96, 59.96 * 60, 23.996 * 3600])
def test_the_number_shown_is_never_below_one_of_its_unit(seconds: float) -> None:
    shown = units.show(seconds, "second")
    assert float(shown.split()[0]) >= 1, shown


@pytest.mark.parametrize("unit", UNITS)
def test_every_spelling_is_read_with_its_factor(unit: str) -> None:
    spelled = units.spellings(unit)
    assert unit in {*spelled, "dimensionless", "fraction"} or unit.startswith("1/")
    assert len(spelled) <= 44
    for text, factor in spelled.items():
        assert factor > 0
        for written in (f"2 {text}", f"2{text}"):
            assert units.parse(written, unit) == 2 * factor, written


@pytest.mark.parametrize(
    ("unit", "some"),
    [
        ("byte/second/chip", {"TB/s": 1e12, "GB/second": 1e9, "kB/s/chip": 1e3, "bytes/s": 1}),
        ("FLOP/second/chip", {"FLOP/s": 1, "TFLOP/s": 1e12, "EFLOP/s": 1e18}),
        ("byte/chip", {"GB": 1e9, "GB/chip": 1e9}),
        ("second", {"ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9, "h": 3600, "days": 86_400}),
        ("bit/parameter", {"bit": 1, "bits": 1, "bits/parameter": 1, "bytes": 8}),
        ("token/user", {"tokens": 1, "token/user": 1}),
        ("token/second/user", {"tokens/s": 1, "tokens/s/user": 1, "tokens/minute": 1 / 60}),
        ("user", {"users": 1, "user": 1}),
        ("fraction", {"": 1, "%": 0.01}),
        ("dollar/chip/second", {"$/h": 1 / 3600, "dollar/hour": 1 / 3600, "$/chip/hour": 1 / 3600}),
        ("dollar/token", {"$/token": 1, "$/million tokens": 1e-6}),
        ("1/token", {"per token": 1, "/token": 1}),
    ],
)
def test_what_readers_type_is_spelled(unit: str, some: dict[str, float]) -> None:
    spelled = units.spellings(unit)
    assert {text: spelled.get(text) for text in some} == pytest.approx(some, rel=1e-12)


@pytest.mark.parametrize(
    ("unit", "first"),
    [("byte/second", "TB/s"), ("byte/parameter", "bytes/parameter"), ("1/token", "per token")],
)
def test_the_usual_spelling_comes_first(unit: str, first: str) -> None:
    assert next(iter(units.spellings(unit))) == first


@example(0.0, "1/token", 3)
@example(1.0, "byte", 3)
@example(-2e6, "dollar/chip", 3)
@given(
    st.builds(
        lambda power, sign: sign * 10**power, st.floats(-30, 30), st.sampled_from([1.0, -1.0])
    ),
    st.sampled_from(UNITS),
    st.sampled_from([2, 3, 4, 6]),
)
def test_what_is_shown_is_read_back(value: float, unit: str, digits: int) -> None:
    shown = units.show(value, unit, digits)
    rounding = 0.5 * 10.0 ** (1 - digits) * (1 + 1e-9)
    assert units.parse(shown, unit) == pytest.approx(value, rel=rounding, abs=0), shown
