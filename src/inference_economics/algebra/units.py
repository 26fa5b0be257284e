"""Units of the field: what they are, how they are read, and how a quantity is shown.

A quantity is a plain number in a stated unit. Units are strings such as
``"byte/second/chip"``; Pint does the algebra over the counting units defined here, so
that bytes per parameter times parameters is bytes, and nothing else.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

from .own_names import own_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pint

__dir__ = own_names(__name__)

# The registry holds these definitions and no others: it loads fast, and a unit that the
# book does not use (a gauss, a barn) is an error, not a surprise.
_COUNTED = [
    "chip", "user", "token", "parameter", "word", "synapse", "cell", "base_pair", "expert",
    "wafer", "request",
]  # fmt: skip
_DEFINITIONS = [
    "micro- = 1e-6 = µ- = μ- = u-",  # the micro sign, the Greek letter, and what keyboards have
    *(f"{prefix}- = {factor} = {sign}-" for prefix, factor, sign in [
        ("nano", "1e-9", "n"), ("milli", "1e-3", "m"),
        ("kilo", "1e3", "k"), ("mega", "1e6", "M"), ("giga", "1e9", "G"), ("tera", "1e12", "T"),
        ("peta", "1e15", "P"), ("exa", "1e18", "E"),
    ]),
    "second = [time] = s = sec", "minute = 60 second = min", "hour = 60 minute = h = hr",
    "day = 24 hour", "week = 7 day", "year = 365.25 day = yr", "month = year / 12",
    "byte = [information] = B", "bit = byte / 8",
    *(f"{name} = {2**power} byte = {sign}" for name, power, sign in [
        ("kibibyte", 10, "KiB"), ("mebibyte", 20, "MiB"), ("gibibyte", 30, "GiB"),
        ("tebibyte", 40, "TiB"),
    ]),
    "FLOP = [operation]",
    "joule = [energy] = J", "watt = joule / second = W", "kilowatt_hour = 3.6e6 joule = kWh",
    "dollar = [money] = USD = usd", "fraction = [] = frac", "percent = 0.01 = %",
    *(f"{name} = [{name}]" for name in _COUNTED),
    "neuron = cell", "message = request", "tok = token", "req = request",
    "rps = request / second",
]  # fmt: skip

_FULL_NAMES = {
    sign: each.split(" = ")[0]
    for each in _DEFINITIONS
    if not each.split(" = ")[0].endswith("-")
    for sign in each.split(" = ")[2:]
}
"""The names of units by their signs."""

COUNTED = frozenset(f"[{name}]" for name in _COUNTED)
"""The dimensions of things that are merely counted."""

SUFFIXES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6,
    "b": 1e9, "billion": 1e9, "t": 1e12, "trillion": 1e12,
}  # fmt: skip
_NUMBER = re.compile(
    r"\s*([+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*([^\d,.].*?)?\s*",
    re.DOTALL | re.ASCII,
)
# No quantity is longer; the patterns take the square of a text's length, and Pint its own time.
_LONGEST = 200
_QUOTED_AT_MOST = 60
# Pint works out what stands in a unit, and 9**9**9 keeps it busy for ever: of digits it gets the 1
# of "1/s", and a single power behind a name.
_HARMLESS = re.compile(r"^\s*1(?=\s*/)|(?<=[^\W\d_])\s*(?:\*\*|\^)\s*[+-]?\d(?![\d.]|\s*[*^])")
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SUPERSCRIPTS = str.maketrans("-0123456789", f"⁻{_RAISED}")
_LOWERED = {raised: plain for plain, raised in _SUPERSCRIPTS.items()}
_POWER = re.compile(r"(?<=[\d.])\s*×\s*10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", re.ASCII)
_PER = re.compile(
    rf"(.*?)\s*(?:/|\bper\s)\s*(?:({'|'.join(SUFFIXES)})\s+)?([^/\s].*)",
    re.DOTALL | re.ASCII | re.IGNORECASE,
)

# As data sheets write a rate of operations: TFLOPS, TOPS, Tflop/s.
_OPERATIONS = re.compile(
    r"(?<![a-z])([kmgtpe]?)(?:fl)?op(?:s(?:/s)?|/s)(?![a-z])", re.ASCII | re.IGNORECASE
)


class UnitsError(ValueError):
    """A unit is unknown, or is not the kind of quantity that is asked for."""


class UnitWarning(UserWarning):
    """A number alone was taken in a unit in which it is unlikely to be meant."""


def shortened(text: str) -> str:
    """Return a text in quotes as an error names it: not longer than a line bears."""
    return repr(text if len(text) <= _QUOTED_AT_MOST else f"{text[:_QUOTED_AT_MOST]}…")


@dataclass(frozen=True)
class _Unit:
    """A unit: the factors that lead to the base units of its dimensions, and their powers."""

    factors: tuple[float, ...]
    powers: Mapping[str, float]

    @property
    def scale(self) -> float:
        return math.prod(self.factors, start=1.0)

    def over(self, other: _Unit) -> _Unit:
        powers = dict(self.powers)
        for name, power in other.powers.items():
            powers[name] = powers.get(name, 0.0) - power
        # One by one, as Pint does: the last digit is then the same.
        factors = (*self.factors, *(1 / factor for factor in reversed(other.factors)))
        return _Unit(factors, {name: power for name, power in powers.items() if power})


@cache
def _known() -> tuple[dict[str, _Unit], dict[str, float]]:
    """Return the defined units by each of their names, and the prefixes."""
    found = dict.fromkeys(_PLAIN, _Unit((), {}))
    prefixes: dict[str, float] = {}
    for definition in _DEFINITIONS:
        name, value, *others = definition.split(" = ")
        if name.endswith("-"):
            prefixes |= {each.removesuffix("-"): float(value) for each in (name, *others)}
            continue
        if value.startswith("["):
            unit = _Unit((), {value: 1.0} if value != "[]" else {})
        else:
            first, *below = value.split(" / ")
            *number, of = first.split()
            one = found.get(of) or _Unit((float(of),), {})
            unit = _Unit((*map(float, number), *one.factors), one.powers)
            for each in below:
                unit = unit.over(found.get(each) or _Unit((float(each),), {}))
        found |= dict.fromkeys((name, *others), unit)
    return found, prefixes


def _quotient(unit: str) -> _Unit | None:
    """Return a quotient of defined units, which needs no Pint; None for what else there is."""
    found, prefixes = _known()
    whole: _Unit | None = None
    for part in (unit or "1").split("/"):
        one = found.get(part)
        for prefix, times in prefixes.items() if one is None else ():
            of = found.get(part.removeprefix(prefix)) if part.startswith(prefix) else None
            if of and of.powers and len(of.factors) < 2:  # of seconds, and not of days
                one = _Unit((times, *of.factors), of.powers)
        if one is None:
            return None
        whole = one if whole is None else whole.over(one)
    return whole


@cache
def _spelt_out(unit: str) -> tuple[str, float]:
    """Return a unit by its parts' full names without prefixes, and how many of it one `unit` is."""
    whole, scale = [], 1.0
    for place, part in enumerate(unit.split("/")):
        name, times = _full_name(part)
        whole.append(name)
        scale = scale / times if place else scale * times
    return "/".join(whole), scale


def _full_name(part: str) -> tuple[str, float]:
    """Return the name for which a sign, a plural or a prefixed unit stands, and its prefix."""
    known, prefixes = _known()
    plural = part.removesuffix("s")
    for short, times in (("", 1.0), *prefixes.items()):
        for each in (part, plural) if part.startswith(short) else ():
            of = each.removeprefix(short)
            if of in known:
                return _FULL_NAMES.get(of, of), times
    return part, 1.0


@cache
def registry() -> pint.UnitRegistry[float]:
    """Return the Pint registry of the book's units, built once, on first use."""
    import pint

    built: pint.UnitRegistry[float] = pint.UnitRegistry(None)
    for definition in _DEFINITIONS:
        built.define(definition)
    return built


@cache
def dimensions(unit: str) -> Mapping[str, float]:
    """Return the powers of the base dimensions of `unit`: ``{"[information]": 1, ...}``.

    Raises UnitsError if Pint cannot read the unit, and for numbers in it.
    """
    if known := _quotient(unit):
        return known.powers
    if len(unit) > _LONGEST or re.search(r"\d", _HARMLESS.sub("", unit)):
        raise UnitsError(f"unknown unit {shortened(unit)}: write names, as in 'TB/s'")
    try:
        powers = registry().parse_units(unit or "dimensionless").dimensionality
        return {name: float(str(power)) for name, power in powers.items()}
    except Exception as error:  # noqa: BLE001 (Pint raises many kinds; the reader needs one)
        raise UnitsError(f"unknown unit {shortened(unit)}: {error}") from None


@cache
def conversion(unit: str, into: str) -> float:
    """Return the number of `into` that make one `unit`.

    Counting units may be left out of `unit`: "80 GB" is taken for bytes per chip. Raises
    UnitsError for any other difference of dimension, and where a unit is unknown.
    """
    if not _same_kind(dimensions(unit), dimensions(into)):
        raise UnitsError(f"{unit!r} is not a quantity in {into!r}")
    return _scale(unit) / _scale(into)


def _scale(unit: str) -> float:
    if known := _quotient(unit):
        return known.scale
    quantity = registry().Quantity(1.0, unit or "dimensionless").to_root_units()
    return float(quantity.magnitude)


def _same_kind(given: Mapping[str, float], wanted: Mapping[str, float]) -> bool:
    return all(
        given.get(each, 0) == wanted.get(each, 0) or (each in COUNTED and each not in given)
        for each in {*given, *wanted}
    )


def parse(text: str, unit: str) -> float:
    """Read a quantity such as "3.35 TB/s", "144K", "20%" or "$2.5/h" as a number of `unit`.

    A number alone is taken in `unit`. The suffixes K, M, B and T (and thousand, million,
    billion, trillion) multiply numbers of things that are counted. What `show` prints is
    read too. Raises UnitsError if the text is no quantity, or one of another kind.
    """
    plain = text.replace("$", "", 1) if is_money(unit) else text
    plain = plain if len(plain) <= _LONGEST else ""
    plain = _POWER.sub(lambda power: "e" + power[1].translate(_LOWERED), plain)
    match = _NUMBER.fullmatch(plain)
    if not match:
        raise UnitsError(
            f"{shortened(text)} is not a quantity: write a number and a unit, as in "
            f"{example(unit)!r}"
        )
    try:
        value = _times(float(match[1].replace(",", "")), match[2] or "", unit)
    except UnitsError:
        raise UnitsError(
            f"{shortened(text)} is not a quantity in {unit!r}, as {example(unit)!r} is"
        ) from None
    if not math.isfinite(value):
        raise UnitsError(f"{shortened(text)} is too large a number")
    return value


def _times(number: float, rest: str, unit: str) -> float:
    """Return that number of `rest`, the text behind it, as a number of `unit`."""
    if rest in ("", "%"):
        return number * conversion("frac", unit) / 100 if rest else number
    try:
        return number * _one(rest, unit)
    except UnitsError:
        suffix, _, of = rest.partition(" ")
        times = SUFFIXES.get(suffix.lower())
        if times is None or not (of or is_counted(unit)):
            raise
        return number * times * (_one(of.strip(), unit) if of else 1.0)


def _one(name: str, unit: str) -> float:
    """Return the number of `unit` in one `name`, which may be "per million tokens"."""
    per = _PER.fullmatch(name)
    if not per:
        return _conversion(name, unit)
    top = per[1] or ("dollar" if is_money(unit) else "1")  # the $ stands before the number
    return _conversion(f"{top}/{per[3]}", unit) / (SUFFIXES[per[2].lower()] if per[2] else 1.0)


def _conversion(name: str, unit: str) -> float:
    """Return what `conversion` does, of a rate of operations as data sheets write it as well."""
    try:
        return conversion(name, unit)
    except UnitsError:
        rate = _OPERATIONS.sub(lambda found: f"{found[1].upper().replace('K', 'k')}FLOP/s", name)
        if rate == name:
            raise
        return conversion(rate, unit)


def is_money(unit: str) -> bool:
    """Say whether a unit is one of money, before which a $ may stand."""
    return "[money]" in dimensions(unit)


def is_counted(unit: str) -> bool:
    """Say whether a unit counts things, money or operations: seconds and bytes have prefixes."""
    return _parts(unit)[0] not in ("second", "byte", "bit", "watt", "joule")


def has_prefixes(unit: str) -> bool:
    """Say whether a unit comes in sizes: a number alone might be bytes or gigabytes."""
    return _parts(unit)[0] in (*_PREFIXED, "second")


def is_ratio(unit: str) -> bool:
    """Say whether a unit is shown without prefixes, as FLOP/byte is: a number alone says enough."""
    _, below = _parts(unit)
    return bool(below) and below[0] in _RATIOS


# What a reader may type for the part of a unit that stands first; the usual name comes first.
_TYPED = {
    "byte": ["TB", "GB", "MB", "kB", "PB", "EB", "GiB", "TiB", "bytes", "byte", "B"],
    "FLOP": ["TFLOP", "PFLOP", "EFLOP", "GFLOP", "MFLOP", "kFLOP", "FLOP"],
    "watt": ["W", "kW", "MW", "GW", "TW", "PW", "EW", "watt", "watts"],
    "joule": ["J", "kJ", "MJ", "GJ", "TJ", "PJ", "EJ", "kWh", "joule", "joules"],
    "bit": ["bits", "bit", "kbit", "Mbit", "Gbit", "Tbit", "byte", "bytes"],
    "second": [
        "ms", "s", "µs", "μs", "us", "ns", "second", "seconds", "min", "minute", "minutes",
        "h", "hour", "hours", "day", "days", "week", "weeks", "month", "months", "year", "years",
    ],
    "dollar": ["$", "dollar", "dollars"],
    "cell": ["cells", "cell", "neurons", "neuron"],
    "request": ["requests", "request", "messages", "message"],
    "fraction": ["%", "percent", ""],
    "percent": ["%", "percent"],
    "dimensionless": ["", "%", "percent"],
    "": [""],
}  # fmt: skip
_TYPED_BELOW = {
    "byte": ["byte", "B"],
    "joule": ["joule", "J", "kWh"],
    "cell": ["cell", "neuron"],
    "request": ["request", "message"],
}


def spellings(unit: str) -> dict[str, float]:
    """Return what a reader may type as a unit for `unit`, and how many of `unit` each is.

    These are for a page that has no Pint to ask; `parse` reads all of them, and more.
    """
    return {text: parse(f"1 {text}", unit) for text in _spelt(unit)}


def example(unit: str) -> str:
    """Return a quantity as it may be typed for `unit`, such as "3.35 TB/s"; for an error."""
    number = "20" if is_counted(unit) else "3.35"
    try:
        text = _spelt(unit)[0]
    except UnitsError:  # of what is no quotient
        text = unit
    if text.startswith("$"):
        return f"${number}{text[1:]}"
    return f"{number}{text}" if text == "%" else f"{number} {text}".strip()


def _spelt(unit: str) -> list[str]:
    top, below = _parts(unit)
    names = _TYPED.get(unit, _TYPED.get(top, [f"{top}s", top]))
    if is_ratio(unit):
        names = [name for name in names if conversion(name, top) < 1e3]
    texts = ["".join(each) for each in product(names, *(_typed_below(top, part) for part in below))]
    if not top:
        texts = [text.replace("/", "per ") for text in texts] + texts
    return texts


def _typed_below(top: str, part: str) -> list[str]:
    """Return what may be typed for a part that `top` is divided by, with its stroke."""
    if part in ("second", "minute", "hour"):
        names = ["s", "second"]
        if top == "dollar":
            names = ["h", "hour", "day", "month", "year", *names]
        elif top not in (*_PREFIXED, "bit"):
            names += ["min", "minute", "h", "hour", "day"]
    elif (top, part) == ("dollar", "token"):
        names = ["million tokens", "M tokens", "token"]
    else:
        names = _TYPED_BELOW.get(part, [part])
    texts = [f"/{name}" for name in names]
    if not set(dimensions(part)) <= COUNTED:
        return texts
    return ["", *texts] if part == "chip" and top in _PREFIXED else [*texts, ""]


def rounded(value: float, digits: int, way: str = ROUND_HALF_UP) -> Decimal:
    """Return the value at that many significant digits, halves rounded away from zero.

    Another `way` of the module decimal can be given. With no digits at all it is the order of
    magnitude: the nearest power of ten. The value must be finite, and positive if there are no
    digits.
    """
    if value == 0:
        return Decimal(0)
    if digits == 0:
        return Decimal(10) ** round(math.log10(abs(value)))
    # Fifteen digits first: 0.15 as a float is a little less, and no author meant that.
    exact = Decimal(f"{value:.14e}")
    return exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), way)


# How quantities are shown. Of a unit's parts, the first numerator may carry a prefix.

_QUOTED = {
    "fraction": (100.0, "%"), "percent": (1.0, "%"),
    "dollar/token": (1e6, "$ per million tokens"),  # as the trade quotes prices
    "gibibyte/chip": (1.0, "GiB"),
}  # fmt: skip
_PREFIXED = {"byte": "B", "FLOP": "FLOP", "watt": "W", "joule": "J"}
_PREFIXES = [
    (1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""),
]  # fmt: skip
_TIMES = [
    (365.25 * 86400.0, "years"), (86400.0, "days"), (3600.0, "h"), (60.0, "min"), (1.0, "s"),
    (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"),
]  # fmt: skip
_LARGE = [(1e12, "trillion"), (1e9, "billion"), (1e6, "million")]
_BELOW = {"second": "s", "minute": "min", "hour": "h", "dollar": "$"}
_PLURALS = {"base_pair": "base pairs"}
_PLAIN = ("1", "dimensionless")
_RATIOS = ("byte", "parameter")


def tables() -> dict[str, Any]:
    """Return the tables behind `show` and `parse`, for a page that has no Python to ask."""
    return {
        "quoted": _QUOTED,  # units with a size and a name of their own
        "signs": _PREFIXED,  # units that take prefixes, by the sign behind the prefix
        "prefixes": _PREFIXES,
        "times": _TIMES,
        "words": _LARGE,
        "below": _BELOW,  # short names of what a unit is divided by
        "plurals": _PLURALS,
        "plain": _PLAIN,  # how a bare number begins
        "ratios": _RATIOS,  # what takes the prefix away when a unit is divided by it
        "suffixes": SUFFIXES,
        "raised": _RAISED,
        "longest": _LONGEST,
    }


def show(value: float, unit: str, digits: int = 3) -> str:
    """Return the quantity as a reader wants it: ``show(0.02667, "second") == "26.7 ms"``.

    Prefixes and words keep the number between 1 and 1000 where the unit takes them;
    `digits` are significant ones. Fractions are shown in percent. Raises UnitsError for what is
    no finite number, and for an unknown unit. The unit may have signs and prefixes of its own, as
    "kJ/token" has.
    """
    number, name = _scaled(value, unit, digits)
    number = re.sub(r"\^(-?\d+)", lambda match: match[1].translate(_SUPERSCRIPTS), number)
    if name == "%":
        return number + name
    if name.startswith("$"):
        return f"-${number[1:]}{name[1:]}" if number.startswith("-") else f"${number}{name[1:]}"
    return f"{number} {name}".strip()


def at_most(value: float, unit: str, digits: int = 3) -> str:
    """Return what `show` returns, rounded up: ``at_most(1.348, "") == "1.35"``, with two, "1.4".

    So a sentence that says "at most" or "within" stays true. Times of a minute and more, which no
    power of ten makes of seconds, are rounded as seconds. Raises UnitsError as `show` does.
    """
    return show(_bound(value, digits, ROUND_CEILING), unit, digits)


def at_least(value: float, unit: str, digits: int = 3) -> str:
    """Return what `show` returns, rounded down, for "at least" and "or more"; see `at_most`."""
    return show(_bound(value, digits, ROUND_FLOOR), unit, digits)


def _bound(value: float, digits: int, way: str) -> float:
    return float(rounded(value, digits, way)) if math.isfinite(value) else value


def show_latex(value: float, unit: str, digits: int = 3) -> str:
    """Return what `show` returns as LaTeX, for use in an equation; raises UnitsError likewise."""
    number, name = _scaled(value, unit, digits)
    number = re.sub(r"(\S+) × 10\^(-?\d+)", r"\1 \\times 10^{\2}", number).replace(",", "{,}")
    if name == "%":
        return number + r"\,\%"
    if name.startswith("$"):
        number = rf"-\$\,{number[1:]}" if number.startswith("-") else rf"\$\,{number}"
        return number + (rf"\ \text{{{name[1:].strip()}}}" if name[1:] else "")
    return number + (rf"\ \text{{{name.replace('µ', 'μ')}}}" if name else "")


def _scaled(value: float, unit: str, digits: int) -> tuple[str, str]:
    """Split a quantity into the number to print and the name of the unit behind it."""
    plain, scale = _spelt_out(unit)
    dimensions(plain)  # refuses what is none
    times, name = _QUOTED.get(plain, (1.0, ""))
    value *= scale
    if not math.isfinite(value * times):
        raise UnitsError(f"cannot show {value} {unit}: not a finite number")
    if name:
        number = _digits(value * times, digits)
        return _cents(number, value * times) if name.startswith("$") else number, name
    top, below = _parts(plain)
    per = "".join(f"/{_BELOW.get(part, part)}" for part in below)
    if top == "dollar":
        number, word = _large(value, digits)
        number = number if word else _cents(number, value)
        return number, "$" + (f" {word}" if word else "") + per.replace("/", " per ", 1)
    if top in _PREFIXED:
        per = per.replace("/chip", "")  # a datasheet says "3.35 TB/s", of one chip
        step, prefix = (1.0, "") if is_ratio(plain) else _step(value, _PREFIXES, digits)
        number = _digits(value / step, digits)
        name = prefix + _PREFIXED[top]
        if top == "byte" and not prefix:
            name = "byte" if number == "1" else "bytes"
        return number, name + per
    if top == "second":
        step, name = _step(value, _TIMES, digits)
        number = _digits(value / step, digits)
        return number, (name.removesuffix("s") if number == "1" and step > 3600 else name) + per
    number, word = _large(value, digits)
    name = _plural(top, number, word) + per if top else per.replace("/", "per ", 1)
    return number, f"{word} {name}".strip()


def _parts(unit: str) -> tuple[str, list[str]]:
    top, *below = unit.split("/")
    return ("" if top in _PLAIN else top), below


def _step(value: float, steps: list[tuple[float, str]], digits: int) -> tuple[float, str]:
    """Return the largest step of which the value, rounded, is at least one."""
    if value == 0:
        return next(step for step in steps if step[0] == 1.0)
    # Rounded in each step's own unit: 59.96 s is 60 s, and not 0.999 of a minute.
    reached = (step for step in steps if abs(rounded(value / step[0], digits)) >= 1)
    return next(reached, steps[-1])


def _large(value: float, digits: int) -> tuple[str, str]:
    """Spell millions to thousands of trillions as words, and what lies beyond as a power of ten."""
    size = abs(float(rounded(value, digits)))
    for step, word in _LARGE:
        if step <= size < 1e16:
            return _digits(value / step, digits), word
    return _digits(value, digits), ""


def _digits(value: float, digits: int) -> str:
    """Write a number with that many significant digits; from three on, whole ones in full."""
    if value == 0:
        return "0"
    if digits >= 3 and float(value).is_integer() and abs(value) < 1e6:
        return f"{value:,.0f}"
    exponent = rounded(value, digits).adjusted()
    if exponent >= 6 or exponent < -4:
        mantissa = f"{rounded(value, digits).scaleb(-exponent):f}"
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{mantissa} × 10^{exponent}"
    decimals = max(digits - 1 - exponent, 0)
    text = f"{rounded(value, digits):,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _cents(number: str, dollars: float) -> str:
    """Write $1.30, not $1.3, unless this would claim a cent that is not there."""
    if number[-2:-1] != "." or f"{dollars:.2f}" != f"{float(number.replace(',', '')):.2f}":
        return number
    return f"{number}0"


def _plural(name: str, number: str, word: str) -> str:
    singular = number == "1" and not word
    return name if singular else _PLURALS.get(name, f"{name}s")
