"""How quantities are shown and read in a browser: as in Python, for every unit of the book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from inference_economics.algebra import symbols, units
from inference_economics.algebra.units import UnitsError
from inference_economics_notebook.explorers import SPECS, bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

SOURCE = f"{bundle.unit_tables()}\n{bundle.source('quantity.js')}"
FIELDS = [field for spec in SPECS.values() for field in spec().fields.values()]
UNITS = list(
    dict.fromkeys(
        [*(e.unit for e in symbols.GLOSSARY.values()), *(field.shown_unit for field in FIELDS)]
    )
)
DIGITS = [2, 3, 4, 6]

EDGES = [
    0.0, -0.0, 1.0, -1.0, 2.0, 60.0, 3600.0, 86_400.0, 365.25 * 86_400, 0.15, 0.25, 2.5, 1 / 3,
    2 / 3, 0.9995, 0.99949, 0.9995e-3, 9.995, 99.95, 999.5, -999.5, 999.4999, 999.5e3, 999_999.0,
    999_999.5, 1e6, 999.5e6, 1e9, 999.9996e9, 1e12, 9.996e14, 1e15, 1e21, 59.96, 59.96 * 60,
    1.3, 4.8e-6, 20.2, 20.24, 0.004, 23.996 * 3600, 9.9996e-5, 1e-4, 9.5e-5, 1e-30, 1e30, 5e-324,
    1250.0, 1234.5, 12_345_678.0, 100_499_999_999_999.5, 1e3, 1e-3, 1e-6, 1e-9, 0.002, 5e-5, 0.01,
    0.1, 7e-8, -30_000.0, -2.5e9,
]  # fmt: skip

GOOD = [
    "2", "+2", "-5", ".5", "5.", "1e3", "1E-3", "1,440,000", "  7  ", "2.675e-5", "0.1", "00012",
    "0.30000000000000004", "123456789012345678901234567890", "1e-400", "3 × 10⁻⁵", "2×10⁶", "9e99",
]  # fmt: skip
# Not one of these is read, in any unit.
BAD = [
    "", "  ", "NaN", "nan", "1e400", "-1e400", "Infinity", "-inf", "<script>alert(1)</script>",
    "1<script>", "\uff11\uff12", "1\uff12", "1,44,000", "1,0000", ",5", "0x10", "0b1", "1_000",
    "--1", "+-1", "1e", "1e+", "1.2.3", "1 2", "5 apples", "2 constructor", "2 __proto__",
    "² × 10²", "3 × 10", "3 × 10⁻⁻¹", "$", "$$2", "%", "1 per", "2 /", "2 //s", "\u22125", "two",
    "2 TB/s/s/s", "2 KB", "2 tb/s", "1e308 × 10⁹", "2 k k", "2 million million", "2 toString",
]  # fmt: skip
# Of some units these are quantities, of others not.
SOME = [
    "$2", "$2.5", "-$5", "2 $", "$ 2", "20%", "20 %", "57%", "1.6T", "1.6 T", "144K", "144k", "10M",
    "10m", "7B", "7 b", "1.6 trillion", "1.6 Trillion", "1.6T parameter", "1.6 trillion parameters",
    "144K users", "2 thousand tokens", "2 thousand  tokens", "3.35TB/s", "3.35 TB / s",
    "3.35\u00a0TB/s", "7 \u212a", "57 percent", "1 million GB", "5 tokens per second",
    "600 words/minute", "27 ms", "0.5 hours", "$30 per million tokens", "$30/M tokens", "$2.5/h",
    "2.5 $/chip/hour", "$2 per chip/year", "$1.5M per year", "2 per token", "16 bits", "700 W",
    "$1 million per chip", "1e308 PB", "5e305 K",
]  # fmt: skip
# Pint reads these also for units for which no page needs them: a percentage of a user.
ONLY_IN_PYTHON = {
    "20%", "20 %", "57%", "57 percent", "16 bits", "7B", "1 million GB", "2 per token",
    "3.35TB/s", "3.35 TB / s", "3.35\u00a0TB/s",
}  # fmt: skip

READ = """([texts, options]) => texts.map((text) => {
  try {
    return String(parseQuantity(text, options));
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    return null;
  }
})"""
REFUSAL = """([text, options]) => {
  try {
    return `read: ${parseQuantity(text, options)}`;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """Load the module in an empty page."""
    page = browser.new_page()
    out = "\nObject.assign(window, { show, parseQuantity, QuantityError });"
    page.add_script_tag(type="module", content=SOURCE + out)
    page.wait_for_function("window.parseQuantity !== undefined")
    yield page
    page.close()


def values() -> list[float]:
    chance = np.random.default_rng(1)
    spread = chance.choice([1, -1], 200) * 10 ** chance.uniform(-30, 30, 200)
    short = np.round(10 ** chance.uniform(-3, 7, 60), 4)
    return [*EDGES, *spread.tolist(), *short.tolist()]


def options(unit: str) -> dict[str, Any]:
    return {
        "unit": unit,
        "spellings": units.spellings(unit),
        "money": units.is_money(unit),
        "counted": units.is_counted(unit),
    }


def read(text: str, unit: str) -> float | None:
    try:
        return units.parse(text, unit)
    except UnitsError:
        return None


def test_a_quantity_is_shown_as_in_python(page: Page) -> None:
    cases = [(value, digits) for value in values() for digits in DIGITS]
    script = """([units, cases]) =>
      units.map((unit) => cases.map(([value, digits]) => show(value, unit, digits)))"""
    shown = page.evaluate(script, [UNITS, cases])
    wrong = [
        (unit, value, digits, there, here)
        for unit, texts in zip(UNITS, shown, strict=True)
        for (value, digits), there in zip(cases, texts, strict=True)
        if there != (here := units.show(value, unit, digits))
    ]
    assert not wrong, (len(wrong), wrong[:10])


def test_three_digits_are_shown_unless_others_are_asked_for(page: Page) -> None:
    assert page.evaluate("show(1234567, 'byte')") == "1.23 MB"


def test_what_is_not_finite_is_shown_as_a_dash(page: Page) -> None:
    script = """(units) => units.flatMap((unit) =>
      [NaN, Infinity, -Infinity, undefined, null].map((value) => show(value, unit)))"""
    assert set(page.evaluate(script, UNITS)) == {"–"}
    assert page.evaluate("[show(1e307, 'fraction'), show(1e307, 'dollar/token')]") == ["–", "–"]


def differences(page: Page, unit: str, texts: list[str]) -> list[tuple[object, ...]]:
    """Give the texts that the browser and Python read differently, or only one of them reads."""
    there = page.evaluate(READ, [texts, options(unit)])
    numbers = [None if number is None else float(number) for number in there]
    return [
        (unit, text, number, here)
        for text, number in zip(texts, numbers, strict=True)
        if number != (here := read(text, unit))
    ]


def test_every_spelling_is_read_as_in_python(page: Page) -> None:
    wrong = []
    for unit in UNITS:
        names = units.spellings(unit)
        texts = [f"{n}{name}" for name in names for n in ("3.35 ", "-57", "1,000 ", "2.5 K ")]
        assert all(read(f"57{name}", unit) is not None for name in names)
        wrong += differences(page, unit, texts)
    assert not wrong, (len(wrong), wrong[:10])


def test_what_is_shown_is_read_as_in_python(page: Page) -> None:
    wrong = []
    for unit in UNITS:
        texts = [units.show(value, unit, 4) for value in values()]
        assert None not in {read(text, unit) for text in texts}
        wrong += differences(page, unit, texts)
    assert not wrong, (len(wrong), wrong[:10])


def test_any_text_is_read_or_refused_as_in_python(page: Page) -> None:
    wrong = [
        (unit, text, number, here)
        for each in UNITS
        for unit, text, number, here in differences(page, each, GOOD + BAD + SOME)
        if number is not None or text not in ONLY_IN_PYTHON
    ]
    assert not wrong, (len(wrong), wrong[:10])


@pytest.mark.parametrize("unit", ["byte/second", "dollar/token", "fraction", "user"])
def test_what_is_no_quantity_is_refused(page: Page, unit: str) -> None:
    assert set(page.evaluate(READ, [BAD, options(unit)])) == {None}
    assert None not in page.evaluate(READ, [GOOD, options(unit)])


def test_a_percentage_is_divided_last(page: Page) -> None:
    assert page.evaluate(READ, [["20%", "57 %"], options("fraction")]) == ["0.2", "0.57"]


@pytest.mark.parametrize(
    ("text", "unit", "said"),
    [
        (
            "abc",
            "byte/second",
            'not a quantity: write a number and a unit, as in "3.35 TB/s"',
        ),
        ("5 W", "byte/chip", 'no unit that fits: write a number and a unit, as in "3.35 TB"'),
        ("two", "user", 'not a quantity: write a number and a unit, as in "20 users"'),
        ("5 W", "dollar/hour", 'unit that fits: write a number and a unit, as in "$20/h"'),
        ("half", "fraction", 'not a quantity: write a number and a unit, as in "20%"'),
        ("5 W", "dimensionless", 'has no unit that fits: write a number, as in "20"'),
        ("1e400", "byte", '"1e400" is too large a number'),
        ("<b>", "byte", '"<b>" is not a quantity'),
        ("x" * 61, "byte", f'"{"x" * 60}…" is not a quantity'),
        ("x" * 60, "byte", f'"{"x" * 60}" is not a quantity'),
    ],
)
def test_an_error_says_what_is_allowed(page: Page, text: str, unit: str, said: str) -> None:
    message = page.evaluate(REFUSAL, [text, options(unit)])
    assert message.startswith('QuantityError: "')
    assert said in message


HOSTILE = ["1 9**9**9 TB/s", "1 2**2**30 TB/s", f"1{' ' * 20_000}TB/s", " " * 20_000, "1" * 20_000]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_refused_at_once(text: str, page: Page) -> None:
    timed = f"(given) => {{ const start = performance.now(); const said = ({REFUSAL})(given); "
    said, took = page.evaluate(
        timed + "return [said, performance.now() - start]; }", [text, options("byte/second")]
    )
    assert said.startswith("QuantityError: ")
    assert len(said) < 250
    assert took < 500
