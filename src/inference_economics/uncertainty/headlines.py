"""How sure each headline is: 90% intervals of its inputs, carried through its equation.

A headline is a record in `data/headlines.toml`: a question, the equation that answers it, an
interval for each input with the reason for it, and the conclusions that are drawn. What comes
out, which input drives it, and what would turn a conclusion are computed.

Inputs are drawn independently of each other, but for those that a record draws together. A
sourced range counts as a 90% interval.
NumPy and SciPy load when they are first needed.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ..algebra import symbols, units
from ..algebra.formula import InputError
from ..algebra.own_names import own_names
from ..equations import all_formulas
from ..facts import catalog as catalogs
from ..facts import files
from ..ledger import claims
from .intervals import CENTRAL, HIGH, LOW, Interval, UncertaintyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..algebra.formula import Formula
    from .intervals import Array

__dir__ = own_names(__name__)

SAMPLES = 1 << 14
SEED = 2023


@dataclass(frozen=True)
class Conclusion:
    """A statement that is true while a headline's answer is on one side of a threshold.

    Attributes:
        says: the statement, in words.
        holds: "at least" or "at most": the side on which it is true.
        threshold: in the headline's unit.
        threshold_from: the threshold as it is written, often as "claim:ID" or "fact:ID".

    Raises UncertaintyError where `holds` is neither, and where the threshold is not positive.

    """

    says: str
    holds: str
    threshold: float
    threshold_from: str = ""

    def __post_init__(self) -> None:
        """Refuse what could not be judged."""
        if self.holds not in ("at least", "at most"):
            raise UncertaintyError(f"holds = {self.holds!r} is neither 'at least' nor 'at most'")
        if not 0 < self.threshold < math.inf:
            raise UncertaintyError(f"threshold = {self.threshold!r} is not a positive number")

    def is_true(self, answer: Any) -> Any:
        """Say of an answer, or of each in an array, whether the conclusion holds."""
        return answer >= self.threshold if self.holds == "at least" else answer <= self.threshold


@dataclass(frozen=True)
class Samples:
    """Draws of every input, in its symbol's unit, and the answers, in the headline's.

    Every array has one axis, as long as there are draws.
    """

    inputs: Mapping[str, Array]
    answers: Array


@dataclass(frozen=True)
class Bar:
    """The answer with one input at either end of its interval, all others at their medians."""

    name: str
    low: float
    high: float

    @property
    def factor(self) -> float:
        """How many times the larger answer is the smaller."""
        small, large = sorted((self.low, self.high))
        return large / small if small > 0 else math.inf


ALIKE = 1.05
"""Bars that differ by no more than this factor are as long as each other."""


def widest(bars: Sequence[Bar]) -> list[Bar]:
    """Return the inputs that move an answer most: the first of a tornado's bars, and its like."""
    return [bar for bar in bars if bar.factor > bars[0].factor / ALIKE]


@dataclass(frozen=True)
class Flip:
    """The value of one input, all others at their medians, at which a conclusion turns.

    `value` is in the symbol's unit, and None if no allowed value does it.
    """

    name: str
    value: float | None


@dataclass(frozen=True, eq=False)
class Headline:
    """A question, the formula that answers it in `unit`, its inputs and its conclusions.

    `name` says in a few words what the answer is, for a figure's label. Raises
    UncertaintyError unless there is an interval for each input, and for nothing else.
    """

    id: str
    name: str
    question: str
    formula: Formula
    unit: str
    inputs: Mapping[str, Interval]
    conclusions: tuple[Conclusion, ...]
    stated: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse intervals that are missing or not used."""
        units.conversion(self.formula.unit, self.unit)
        needed = self.formula.inputs(frozenset(self.inputs))
        for kind, names in (
            ("needs an interval for", needed - set(self.inputs)),
            ("does not use", set(self.inputs) - needed),
        ):
            if names:
                raise UncertaintyError(f"{self.formula.name} {kind} {', '.join(sorted(names))}")

    def answer(self, **changed: Any) -> Any:
        """Return the answer in `unit`, inputs at their medians but for those changed.

        Those may be numbers or arrays that broadcast, in their symbols' units; the answer is a
        float, or an array of the broadcast shape. Raises InputError where the formula does.
        """
        medians = {name: interval.central for name, interval in self.inputs.items()}
        times = units.conversion(self.formula.unit, self.unit)
        return self.formula(**{**medians, **changed}) * times

    def samples(self, n: int = SAMPLES, seed: int = SEED) -> Samples:
        """Return `n` draws, spread evenly (scrambled Sobol); one seed always gives the same.

        Raises UncertaintyError unless `n` is a power of two, and InputError if the formula
        refuses a single draw: no draw is left out.
        """
        import numpy as np
        from scipy.stats import qmc

        if n < 2 or n & (n - 1) or n > 1 << _BITS:
            raise UncertaintyError(f"n = {n!r}: must be a power of two, from 2 to 2^{_BITS}")
        open_ones = [interval for interval in self.inputs.values() if not interval.fixed]
        names = {interval.name for interval in open_ones}
        leads = [each.drawn_with if each.drawn_with in names else each.name for each in open_ones]
        columns = list(dict.fromkeys(leads))
        sobol = qmc.Sobol(max(len(columns), 1), bits=_BITS, rng=np.random.default_rng(seed))
        chances = sobol.random(n) + 2.0 ** -(_BITS + 1)  # the middle of a cell, so never 0
        drawn = {name: np.full(n, each.central) for name, each in self.inputs.items()}
        for interval, lead in zip(open_ones, leads, strict=True):
            drawn[interval.name] = interval.quantile(chances[:, columns.index(lead)])
        return Samples(drawn, self.answer(**drawn))

    def band(self, n: int = SAMPLES, seed: int = SEED) -> tuple[float, float, float]:
        """Return the 5%, 50% and 95% quantiles of the answer, in `unit`; raises like `samples`."""
        import numpy as np

        low, central, high = np.quantile(self.samples(n, seed).answers, (LOW, CENTRAL, HIGH))
        return float(low), float(central), float(high)

    def chance(self, conclusion: int = 0, n: int = SAMPLES, seed: int = SEED) -> float:
        """Return the share of draws for which a conclusion holds; raises like `samples`.

        `conclusion` is its place among `conclusions`, here and in `flips`.
        """
        judged = self._judged(conclusion).is_true(self.samples(n, seed).answers)
        return float(judged.mean())

    def _judged(self, place: int) -> Conclusion:
        if not isinstance(place, int) or place not in range(len(self.conclusions)):
            raise UncertaintyError(
                f"conclusion = {place!r}: must be one of {len(self.conclusions)}, from 0"
            )
        return self.conclusions[place]

    def tornado(self, **changed: float) -> list[Bar]:
        """Return a bar for each input that is not fixed; the largest factor comes first.

        The others are at their medians, but for those changed.
        """

        def answer(name: str, value: float) -> float:
            return float(self.answer(**{**changed, name: value}))

        bars = [
            Bar(name, answer(name, interval.low), answer(name, interval.high))
            for name, interval in self.inputs.items()
            if not interval.fixed
        ]
        return sorted(bars, key=lambda bar: -bar.factor)

    def flips(self, conclusion: int = 0, **changed: float) -> list[Flip]:
        """Return for each input, fixed ones too, what would turn a conclusion, by its number.

        The others are at their medians, but for those changed.
        """
        threshold = self._judged(conclusion).threshold
        return [self._flip(interval, threshold, changed) for interval in self.inputs.values()]

    def _flip(self, interval: Interval, threshold: float, changed: Mapping[str, float]) -> Flip:
        def excess(place: float) -> float:
            answer = self.answer(**{**changed, interval.name: float(interval.at(place))})
            return float(answer / threshold - 1)

        start = interval.place(changed.get(interval.name, interval.central))
        both = [_crossing(excess, start, way) for way in (-1.0, 1.0)]
        found = [place for place in both if place is not None]
        if not found:
            return Flip(interval.name, None)
        nearest = min(found, key=lambda place: abs(place - start))
        return Flip(interval.name, float(interval.at(nearest)))


_BITS = 30
FAR = 60.0
"""How far a crossing is looked for: a factor of e^60 either way."""


def _crossing(excess: Callable[[float], float], start: float, way: float) -> float | None:
    """Return the nearest place on one side of `start` where `excess` is zero, or None."""
    from scipy.optimize import brentq

    here, before, step = start, excess(start), way / 2
    while abs(here - start) < FAR and abs(step) > 1e-6:
        try:
            after = excess(here + step)
        except InputError:  # beyond what the formula allows: approach its border
            step /= 2
            continue
        if before * after <= 0:
            return float(brentq(excess, here, here + step, xtol=1e-14, rtol=1e-15))
        here, before = here + step, after
    return None


def show_chance(chance: float) -> str:
    """Return a chance in percent; judgment reaches no further than 1% from certainty."""
    if chance < 0.01:
        return "less than 1%"
    if chance > 0.99:
        return "more than 99%"
    return units.show(chance, "fraction", 2)


# Reading


class Headlines(dict[str, Headline]):
    """The headlines under their ids; one that does not exist raises CatalogError with a hint."""

    def __missing__(self, id: str) -> Headline:
        """Say which id may have been meant."""
        return catalogs.find(self, id, "headline")


def _figure(written: Any, unit: str, ledger: claims.Ledger, sources: list[str]) -> float:
    """Return a figure in a unit: a number, a text with its unit, or where it stands."""
    if isinstance(written, (int, float)) and not isinstance(written, bool):
        return float(written)
    if str(written).partition(":")[0] in ("claim", "fact", "chip", "model"):
        value, own, _ = ledger.resolve(str(written), sources)
        return value * units.conversion(own, unit)
    return units.parse(str(written), unit)


def _interval(name: str, record: Mapping[str, Any], ledger: claims.Ledger) -> Interval:
    unit = catalogs.find(symbols.GLOSSARY, name, "symbol").unit
    because, sources = record.get("because", ""), list(record.get("sources", ()))
    if drawn_with := record.get("drawn_with", ""):
        catalogs.find(symbols.GLOSSARY, drawn_with, "symbol")
    given = set(record) - {"because", "sources", "drawn_with"}
    if given == {"fact"}:
        fact = ledger.catalog.fact(record["fact"])
        value, own, ends = ledger.resolve(f"fact:{fact.id}", sources)
        least, most = ends or (value, value)
        low, central, high = (
            figure * units.conversion(own, unit) for figure in (least, value, most)
        )
        because = because or f"{fact.name}. {fact.note}".strip()
    elif given in ({"value"}, {"value", "within"}):
        central, factor = _figure(record["value"], unit, ledger, sources), record.get("within", 1)
        if not isinstance(factor, (int, float)) or not (factor > 1 or "within" not in given):
            raise UncertaintyError(f"{name}: within = {factor!r} must be a number above 1")
        low, high = central / factor, central * factor
    elif given == {"low", "central", "high"}:
        low, central, high = (
            _figure(record[end], unit, ledger, sources) for end in ("low", "central", "high")
        )
    else:
        raise UncertaintyError(
            f"{name} is given by {', '.join(sorted(given)) or 'nothing'}: must be by fact, by "
            "value, by value and within, or by low, central and high"
        )
    if not because:
        raise UncertaintyError(f"{name} gives no reason: because is empty")
    for source in sources:
        catalogs.find(ledger.catalog.sources, source, "source")
    return Interval(name, low, central, high, because, tuple(dict.fromkeys(sources)), drawn_with)


def _conclusion(record: Mapping[str, Any], unit: str, ledger: claims.Ledger) -> Conclusion:
    if missing := [name for name in ("says", "holds", "threshold") if name not in record]:
        raise UncertaintyError(f"a conclusion has no {' and no '.join(missing)}")
    written = record["threshold"]
    threshold = _figure(written, unit, ledger, [])
    return Conclusion(record["says"], record["holds"], threshold, threshold_from=str(written))


_FIELDS: dict[str, type] = {
    "name": str, "question": str, "formula": str, "using": list, "unit": str, "stated": list,
    "conclusions": list, "inputs": dict,
}  # fmt: skip


def _headline(
    id: str, record: Mapping[str, Any], shared: Mapping[str, Any], ledger: claims.Ledger
) -> Headline:
    for field in record:
        if field not in _FIELDS:
            raise UncertaintyError(f"unknown field {field!r}")
    for field in ("name", "question", "formula", "unit", "conclusions", *record):
        if not isinstance(record.get(field), _FIELDS[field]):
            raise UncertaintyError(f"{field} = {record.get(field)!r} is of the wrong type")
    chosen = [catalogs.find(all_formulas(), name, "equation") for name in record.get("using", ())]
    formula = catalogs.find(all_formulas(), record["formula"], "equation").using(*chosen)
    own = record.get("inputs", {})
    needed = formula.inputs(frozenset(own))
    inputs = {name: shared[name] for name in shared if name in needed} | own
    intervals = {name: _interval(name, given, ledger) for name, given in inputs.items()}
    unit = record["unit"]
    conclusions = tuple(_conclusion(each, unit, ledger) for each in record["conclusions"])
    stated = tuple(ledger.claim(claim).id for claim in record.get("stated", ()))
    name, question = record["name"], record["question"]
    return Headline(id, name, question, formula, unit, intervals, conclusions, stated)


def parse(text: str, ledger: claims.Ledger) -> Headlines:
    """Return the headlines that the text of a headlines file describes.

    Raises UncertaintyError, which names the headline, where a record is not well formed.
    """
    try:
        records = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UncertaintyError(f"the headlines are no TOML: {error}") from None
    shared = records.pop("inputs", {})
    found = Headlines()
    for id, record in records.items():
        try:
            found[id] = _headline(id, record, shared, ledger)
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            raise UncertaintyError(f"headline {id}: {error}") from error
    unused = set(shared).difference(*(headline.inputs for headline in found.values()))
    if unused:
        raise UncertaintyError(f"no headline uses the shared {', '.join(sorted(unused))}")
    return found


@cache
def load() -> Headlines:
    """Return the headlines of the data files, read once."""
    return parse(files.read("headlines.toml"), claims.load())


def having(changed: Mapping[str, tuple[float, float, float]] | None = None) -> Headlines:
    """Return the book's headlines, some inputs with other intervals: low, central, high.

    They are given under their symbols' names, in their units, and hold for every headline that
    has them. Raises UncertaintyError for one that no headline has or that cannot be.
    """
    if not changed:
        return load()
    known = {name: None for each in load().values() for name in each.inputs}
    own: dict[str, Any] = {}
    for name, ends in changed.items():
        catalogs.find(known, name, "input of a headline")
        try:
            low, central, high = ends
        except (TypeError, ValueError):
            raise UncertaintyError(
                f"{name} = {ends!r}: must be three numbers: low, central and high"
            ) from None
        own[name] = {
            "low": low, "central": central, "high": high,
            "because": "An interval of your own.", "sources": (),
        }  # fmt: skip
    found = Headlines()
    for id, each in load().items():
        ours = {
            name: replace(each.inputs[name], **own[name]) for name in own if name in each.inputs
        }
        found[id] = replace(each, inputs={**each.inputs, **ours})
    return found


def headline(id: str) -> Headline:
    """Return a headline of the book; CatalogError with a hint if there is none.

    `samples()`, `band()`, `chance()` and `tornado()` say how sure its answer is and why.
    """
    return load()[id]
