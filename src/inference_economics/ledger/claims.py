"""The ledger: every numeric statement of the post and its thread, recomputed and judged.

A claim is a record in `data/claims.toml`: what was said, as written, with which inputs. Its
figure is read from the words as written, its recomputed values come from the equations,
and its verdict follows from both. No verdict is written down anywhere.
"""

from __future__ import annotations

import itertools
import math
import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ..algebra import units
from ..algebra.formula import Formula
from ..algebra.own_names import own_names
from ..equations import all_formulas
from ..facts import catalog as catalogs
from ..facts import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..algebra.formula import Worked

__dir__ = own_names(__name__)

VERDICTS = ("holds", "roughly", "off", "inconsistent", "assumption", "not a quantity")
POST_TITLE = "Memory bandwidth constraints imply economies of scale in AI inference"
POST_URL = (
    "https://www.lesswrong.com/posts/cB2Rtnp7DBTpDy3ii/"
    "memory-bandwidth-constraints-imply-economies-of-scale-in-ai"
)
ROUGHLY = 1.5
"""The factor within which a figure that is not equal still counts as roughly right."""


class ClaimError(ValueError):
    """A record of the ledger is not well formed."""


@dataclass(frozen=True)
class Claim:
    """One statement, as recorded.

    Attributes:
        id: permanent name, never reused.
        who: the post, or a short label of the comment.
        place: where in the text.
        says: the statement in our own words.
        stated: the figure exactly as written.
        unit: the unit of the figure, as Pint reads it; None where there is no quantity.
        value: the figure in `unit`; for a range, its geometric middle.
        span: the ends of a stated range.
        digits: significant digits that were stated; 0 for an order of magnitude.
        relation: "equal", or "at least" or "at most" where the figure is a bound.
        equation, inputs: how the author's own inputs give the figure; a formula of one's own, or
            the name of one of the book's.
        supplied: the names of those inputs, of either kind, that the author leaves unsaid and the
            record supplies.
        equation_on_facts, facts: what replaces them when sourced facts are used.
        fact: for a premise, the sourced figure that it is compared with.
        against: claims of the same text that the figure contradicts, if it fails.
        slip: what went wrong then, in words; claims with the same words share one slip.
        hedge: the caveat that the text itself makes: its words, or a sentence of ours that
            ends with a full stop.
        note: what a reader should know.
        chapter: the chapter that works it out; in another text, the part of it.
        text: the title of the text, if it is another than the post and its thread.

    """

    id: str
    who: str
    place: str
    says: str
    stated: str
    chapter: str
    unit: str | None = None
    value: float | None = None
    span: tuple[float, float] | None = None
    digits: int = 1
    relation: str = "equal"
    equation: str | Formula | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    supplied: tuple[str, ...] = ()
    equation_on_facts: str | Formula | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    fact: str | None = None
    against: tuple[str, ...] = ()
    slip: str = ""
    hedge: str = ""
    note: str = ""
    text: str = ""

    @property
    def adds_inputs(self) -> bool:
        """Whether the record supplies one of the author's inputs."""
        return any(name in self.inputs for name in self.supplied)

    @property
    def adds_to_facts(self) -> bool:
        """Whether the record supplies an input on facts, which no source states."""
        _, inputs = on_facts_with(self)
        return any(name in inputs and not isinstance(inputs[name], str) for name in self.supplied)

    @property
    def written(self) -> str:
        """The stated figure as plain text, without the source's Markdown escapes."""
        return self.stated.replace("\\$", "$")


@dataclass(frozen=True)
class Result:
    """A claim recomputed and judged.

    Each value comes twice: from the author's own inputs, and from sourced facts. It is None
    where there is nothing to compute.

    Attributes:
        verdict, verdict_on_facts: one of `VERDICTS`.
        factor, factor_on_facts: the ratio of the stated and the recomputed value, the larger one
            divided by the smaller.
        recomputed, recomputed_on_facts: the value, in the claim's unit.
        worked, worked_on_facts: the equation with its values.
        range_on_facts: the least and the largest value over the ranges that sources give.
        sources: ids of the documents on which the value on facts rests.
        inconsistent_with: claims of the same text that the figure contradicts.
        note: the claim's note, the values that it quotes filled in.

    """

    claim: Claim
    verdict: str
    factor: float | None = None
    recomputed: float | None = None
    worked: Worked | None = None
    verdict_on_facts: str | None = None
    factor_on_facts: float | None = None
    recomputed_on_facts: float | None = None
    worked_on_facts: Worked | None = None
    range_on_facts: tuple[float, float] | None = None
    sources: tuple[str, ...] = ()
    inconsistent_with: tuple[str, ...] = ()
    note: str = ""

    @property
    def judged_on_facts(self) -> bool:
        """Whether the verdict is that on facts: a calculation whose author gives no inputs."""
        return self.recomputed is None and self.claim.equation is not None

    @property
    def within_sourced_range(self) -> bool | None:
        """Whether the figure, to its digits, is in the range of sources; None if there is none."""
        if self.range_on_facts is None or self.claim.value is None:
            return None
        # As a verdict does, it looks at the digits that the author gives.
        low, high = (units.rounded(end, self.claim.digits) for end in self.range_on_facts)
        span = self.claim.span or (self.claim.value, self.claim.value)
        least, most = (units.rounded(end, self.claim.digits) for end in span)
        return low <= most and least <= high

    def shown(self, value: float | None) -> str:
        """Return a figure of this claim with its unit, as text; a dash for none."""
        if value is None or self.claim.unit is None:
            return "–"
        unit = self.claim.unit
        if unit == "ms" and value < 1000:  # as the claim has it, rather than in µs
            return f"{units.show(value, 'dimensionless')} ms"
        base = _DISPLAY.get(unit, unit)
        return units.show(value * units.conversion(unit, base), base)

    def __repr__(self) -> str:
        """Return in a line what was stated, what comes out, and the verdict."""
        found = (("recomputed", self.recomputed), ("on facts", self.recomputed_on_facts))
        shown = [f"{name} {self.shown(value)}" for name, value in found if value is not None]
        stated = f"stated {self.claim.written}"
        return f"{self.claim.id}: {', '.join([stated, *shown])}: {self.verdict}"

    def numbers(self) -> list[float]:
        """Return all values of this claim, in its unit without a prefix: GB/chip is byte/chip."""
        unit = self.claim.unit
        found = [self.claim.value, self.recomputed, self.recomputed_on_facts]
        ends = [*(self.claim.span or ()), *found]
        times = units.conversion(unit, _DISPLAY.get(unit, unit)) if unit else 1.0
        return [value * times for value in ends if value is not None]

    def as_json(self) -> dict[str, Any]:
        """Return the result as plain values, under the keys that the documentation lists."""
        own = {"paraphrase": self.claim.says, "stated": self.claim.written}
        found = {**vars(self.claim), **vars(self), **own}
        found["within_sourced_range"] = self.within_sourced_range
        plain = {
            key: list(each) if isinstance(each, tuple) else each for key, each in found.items()
        }
        return {key: plain[key] for key in _KEYS}


_KEYS = (
    "id", "who", "place", "paraphrase", "stated", "value", "span", "unit", "relation", "recomputed",
    "recomputed_on_facts", "verdict", "verdict_on_facts", "factor", "factor_on_facts",
    "range_on_facts", "within_sourced_range", "inconsistent_with", "hedge", "note", "sources",
    "chapter",
)  # fmt: skip


# Units of the ledger that are shown under another name, so that prefixes are chosen afresh.
_DISPLAY = {
    "ms": "second", "TB/s": "byte/second", "TB/s/chip": "byte/second/chip", "GB/chip": "byte/chip",
    "TB": "byte", "PB": "byte", "MB/s": "byte/second", "percent": "fraction",
    "minute": "second", "year": "second",
}  # fmt: skip


# A figure quoted in a note.
_QUOTED = re.compile(r"\{(?P<kind>[\w-]+) (?P<id>[\w-]+)\}")
_QUOTABLE: dict[str, Callable[[Result], float | None]] = {
    "value": lambda result: result.claim.value,
    "recomputed": lambda result: result.recomputed,
    "on-facts": lambda result: result.recomputed_on_facts,
}


class Ledger:
    """The claims, in the order of the text, recomputed from a catalog of facts."""

    def __init__(self, claims: Mapping[str, Claim], facts: catalogs.Catalog) -> None:
        """Hold the claims; nothing is computed until it is asked for."""
        self.claims = claims
        self.catalog = facts
        self._results: dict[str, Result] = {}

    def __iter__(self) -> Iterator[Result]:
        """Yield the results in the order of the text."""
        return (self[id] for id in self.claims)

    def __len__(self) -> int:
        """Return the number of claims."""
        return len(self.claims)

    def __getitem__(self, id: str) -> Result:
        """Return a claim recomputed and judged, computed once.

        Raises CatalogError if there is no such claim, and ClaimError if it cannot be computed.
        """
        if id not in self._results:
            claim = self.claim(id)
            try:
                # Kept before its note is filled in: the note may quote the claim itself.
                self._results[id] = self._judge(claim)
                note = self._filled_in(claim.note)
            except ClaimError:
                raise
            except RecursionError:
                raise ClaimError(f"claim {id} rests on itself") from None
            except (ValueError, LookupError, AttributeError, TypeError) as error:
                raise ClaimError(f"claim {id}: {error}") from error
            self._results[id] = replace(self._results[id], note=note)
        return self._results[id]

    def _filled_in(self, note: str) -> str:
        found = _QUOTED.sub(self._quote, note)
        if "{" in found:
            raise ValueError(f"its note has a brace that quotes nothing: {note!r}")
        return found

    def _quote(self, match: re.Match[str]) -> str:
        """Return a figure that a note quotes; a price is followed by its date."""
        kind, id = match["kind"], match["id"]
        if kind == "fact":
            fact = self.catalog.fact(id)
            dated = f" ({fact.date.replace('/', ' to ')})" if "dollar" in fact.unit else ""
            return units.show(fact.value, fact.unit) + dated
        if kind == "stated":
            return self.claim(id).stated
        if kind not in _QUOTABLE:
            raise ValueError(f"{match[0]} quotes none of fact, stated, {', '.join(_QUOTABLE)}")
        result = self[id]
        value = _QUOTABLE[kind](result)
        if value is None:
            raise ValueError(f"{match[0]}: claim {id} has no such figure")
        return result.shown(value)

    def claim(self, id: str) -> Claim:
        """Return a claim's record; CatalogError with a hint if there is none."""
        if id not in self.claims:
            said = [each.id for each in self.claims.values() if id in each.written.split()]
            if said:
                raise catalogs.CatalogError(f"no claim {id!r}: it is stated in {', '.join(said)}")
        return catalogs.find(self.claims, id, "claim")

    def score(self) -> dict[str, int]:
        """Return how many claims have each verdict, in the order of `VERDICTS`."""
        counts = Counter(result.verdict for result in self)
        return {verdict: counts[verdict] for verdict in VERDICTS}

    def slips(self) -> dict[str, tuple[Result, ...]]:
        """Return the claims that contradict their own text, by the slip that led to each.

        A slip is told in the words of the record, or by the claim's id where it has none.
        """
        found: dict[str, tuple[Result, ...]] = {}
        for result in self:
            if result.verdict == "inconsistent":
                name = result.claim.slip or result.claim.id
                found[name] = (*found.get(name, ()), result)
        return found

    def _judge(self, claim: Claim) -> Result:
        if claim.unit is None:
            return Result(claim, "not a quantity")
        sources: list[str] = []
        recomputed, worked = self.recompute(claim, claim.equation, claim.inputs, sources)
        on_facts, worked_on_facts, spread = self._on_facts(claim, sources)
        verdict, factor = _compare(claim, recomputed)
        verdict_on_facts, factor_on_facts = _compare(claim, on_facts)
        if recomputed is None:
            # Where the author gives no inputs, a calculation is judged on facts, and a
            # bare premise is what it is.
            verdict = verdict_on_facts if claim.equation else "assumption"
            factor = factor_on_facts
        contradicted = claim.against if verdict in ("roughly", "off") else ()
        return Result(
            claim=claim,
            verdict="inconsistent" if contradicted else verdict or "assumption",
            factor=factor,
            recomputed=recomputed,
            worked=worked,
            verdict_on_facts=verdict_on_facts,
            factor_on_facts=factor_on_facts,
            recomputed_on_facts=on_facts,
            worked_on_facts=worked_on_facts,
            range_on_facts=spread,
            sources=tuple(dict.fromkeys(sources)),
            inconsistent_with=contradicted,
        )

    def _on_facts(
        self, claim: Claim, sources: list[str]
    ) -> tuple[float | None, Worked | None, tuple[float, float] | None]:
        """Return value, working and range of a claim on sourced facts, in the claim's unit."""
        if claim.fact is not None:
            value, unit, spread = self.resolve(claim.fact, sources)
            factor = _in_its_unit(claim, unit, claim.fact)
            ends = (spread[0] * factor, spread[1] * factor) if spread else None
            return value * factor, None, ends
        equation, inputs = on_facts_with(claim)
        value_and_work = self.recompute(claim, equation, inputs, sources)
        return *value_and_work, self._spread(claim, equation, inputs)

    def _spread(
        self, claim: Claim, equation: str | Formula | None, inputs: Mapping[str, Any]
    ) -> tuple[float, float] | None:
        """Return the least and the largest result over the ends of the inputs' sourced ranges."""
        ends = self.ends(inputs)
        if not ends or equation is None:
            return None
        corners = (dict(zip(ends, at, strict=True)) for at in itertools.product(*ends.values()))
        changed = ({**inputs, **corner} for corner in corners)
        results = [self.recompute(claim, equation, each, [])[0] or 0.0 for each in changed]
        return min(results), max(results)

    def ends(self, inputs: Mapping[str, Any]) -> dict[str, list[str]]:
        """Return the ends of the sourced range of each input that has one."""
        ends = {}
        for name, binding in inputs.items():
            if isinstance(binding, str) and ":" in binding:
                _, unit, spread = self.resolve(binding, [])
                if spread:
                    ends[name] = [f"{end!r} {unit}" for end in spread]
        return ends

    def bound(
        self, equation: str | Formula, inputs: Mapping[str, Any], sources: list[str]
    ) -> tuple[Formula, dict[str, Any]]:
        """Return a claim's equation, and its inputs in the units that it takes."""
        formula = equation
        if isinstance(formula, str):
            formula = catalogs.find(all_formulas(), formula, "equation")
        values = {}
        for name, binding in inputs.items():
            if isinstance(binding, str) and ":" in binding:
                value, unit, _ = self.resolve(binding, sources)
                values[name] = value * units.conversion(unit, formula.unit_of(name))
            else:
                values[name] = binding
        return formula, values

    def recompute(
        self,
        claim: Claim,
        equation: str | Formula | None,
        inputs: Mapping[str, Any],
        sources: list[str],
    ) -> tuple[float | None, Worked | None]:
        """Return what an equation gives, in the claim's unit, and its working; None for none.

        The ids of the documents behind it are added to `sources`, here and by `bound`.
        """
        if equation is None or not inputs:
            return None, None
        formula, values = self.bound(equation, inputs, sources)
        worked = formula.explain(**values)
        return worked.value * _in_its_unit(claim, formula.unit, "its equation"), worked

    def resolve(
        self, binding: str, sources: list[str]
    ) -> tuple[float, str, tuple[float, float] | None]:
        """Return the value, the unit and the sourced range that a binding names.

        A binding is "claim:ID" (what it states), "facts:ID" (what it comes out at on facts),
        "fact:ID", "chip:ID.COLUMN" or "model:ID.COLUMN". The range is None where there is none.
        The ids of the documents behind the value are added to `sources`. Raises ClaimError or
        CatalogError where the binding names nothing that has a value.
        """
        kind, _, rest = binding.partition(":")
        if kind == "claim":
            claim = self.claim(rest)
            if claim.value is None or claim.unit is None:
                raise ClaimError(f"claim {rest} states no figure to compute with")
            return claim.value, claim.unit, None
        if kind == "facts":
            result = self[rest]
            if result.recomputed_on_facts is None:
                raise ClaimError(f"claim {rest} is not recomputed on facts")
            sources.extend(result.sources)
            return result.recomputed_on_facts, str(result.claim.unit), result.range_on_facts
        if kind == "fact":
            fact = self.catalog.fact(rest)
            sources.extend(fact.sources)
            return fact.value, fact.unit, fact.range
        id, _, column = rest.partition(".")
        if kind not in ("chip", "model"):
            raise ClaimError(f"{binding!r} is no binding: claim:, facts:, fact:, chip: or model:")
        record = self.catalog.accelerator(id) if kind == "chip" else self.catalog.model(id)
        value = getattr(record, column) if column else ""
        if isinstance(value, str):
            raise ClaimError(f"{binding!r} names no column of numbers")
        sources.extend(record.sources)
        return float(value), record.unit(column), None


def _in_its_unit(claim: Claim, unit: str, giver: str) -> float:
    """Return how many of a claim's unit make one `unit`, in which `giver` is."""
    try:
        return units.conversion(unit, str(claim.unit))
    except units.UnitsError as error:
        raise ClaimError(
            f"claim {claim.id}: its unit is {claim.unit!r}, and {giver} gives {unit!r}: {error}"
        ) from None


def on_facts_with(claim: Claim) -> tuple[str | Formula | None, dict[str, Any]]:
    """Return the equation and the inputs of a claim on sourced facts; none if it has no facts."""
    if not claim.facts:
        return None, {}
    changed = {**claim.inputs, **claim.facts}
    inputs = {name: value for name, value in changed.items() if value != "-"}
    return claim.equation_on_facts or claim.equation, inputs


def _compare(claim: Claim, found: float | None) -> tuple[str | None, float | None]:
    """Return the verdict on a recomputed value, and the factor between it and the figure."""
    if found is None or claim.value is None:
        return None, None
    low, high = claim.span or (claim.value, claim.value)
    at_precision = units.rounded(found, claim.digits)
    above = at_precision > units.rounded(high, claim.digits)
    below = at_precision < units.rounded(low, claim.digits)
    # A bound is sharp: "less than 30 GB" is not 30.4 GB, whatever the digits.
    if claim.relation == "at least":
        above, below = False, below or found < low
    elif claim.relation == "at most":
        above, below = above or found > high, False
    nearest = high if found > high else max(found, low)
    factor = max(found, nearest) / min(found, nearest) if found > 0 and nearest > 0 else math.inf
    if not above and not below:
        return "holds", factor
    return ("roughly" if factor <= ROUGHLY else "off"), factor


_FIGURE = re.compile(
    r"(?P<mantissa>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?:e(?P<exponent>-?\d{1,3}))?"
    r"\s?(?P<word>thousand|million|billion|trillion|[KkMmBT](?![A-Za-z]))?"
)
_IN_A_NAME = re.compile(r"[A-Za-z]$")  # the 100 of H100


def read_number(stated: str) -> tuple[float, int]:
    """Return the number in a figure as written, and its significant digits.

    Zeros at the end of a whole number are not counted: "144K" has three digits, "20" has
    one, "1.0" has two. Raises ClaimError unless there is one number, and it is positive.
    """
    matches = [m for m in _FIGURE.finditer(stated) if not _IN_A_NAME.search(stated[: m.start()])]
    if len(matches) != 1 or re.search(r"[-/]\s*$", stated[: matches[0].start()]):
        raise ClaimError(
            f"{stated!r} does not hold exactly one positive number: give the record a value"
        )
    match = matches[0]
    mantissa = match["mantissa"].replace(",", "")
    digits = mantissa.replace(".", "").lstrip("0")
    digits = digits if "." in mantissa else digits.rstrip("0")
    times = 10.0 ** int(match["exponent"] or 0) * units.SUFFIXES.get(
        (match["word"] or "").lower(), 1.0
    )
    return float(mantissa) * times, max(len(digits), 1)


RELATIONS = ("equal", "at least", "at most")
CHAPTERS = (
    "three-orders-of-magnitude", "one-user", "sharing-the-weights", "how-many-users",
    "a-model-in-silicon", "the-brains-memory", "does-inference-centralize", "method",
)  # fmt: skip
_TYPES: dict[str, type | tuple[type, ...]] = {
    "value": (int, float), "span": (list, tuple), "digits": int, "inputs": dict, "facts": dict,
    "against": (list, tuple), "supplied": (list, tuple),
    "equation": (str, Formula), "equation_on_facts": (str, Formula),
}  # fmt: skip


_NEEDED = ("who", "place", "says", "stated", "unit", "chapter")
NO_UNIT = "none"
"""What stands for the unit of a claim that states no quantity, such as a name or a year."""
_OF_QUANTITIES = (
    "value", "span", "digits", "relation", "equation", "inputs", "supplied", "equation_on_facts",
    "facts", "fact", "against", "slip",
)  # fmt: skip


def _claim(id: str, record: Any) -> Claim:
    try:
        _check_fields(record)
        _check_use(record)
        if record["unit"] == NO_UNIT:
            return Claim(id=id, **{**record, "unit": None})
        lists = {name: tuple(record.get(name, ())) for name in ("against", "supplied")}
        return Claim(id=id, **{**record, **_figure(record), **lists})
    except ValueError as error:
        raise ClaimError(f"claim {id}: {error}") from None


def _check_fields(record: Any) -> None:
    """Raise ClaimError where a field is unknown, of the wrong type or missing."""
    if not isinstance(record, dict):
        raise ClaimError(f"{record!r} is not a table of fields")
    for name, value in record.items():
        if name == "id" or name not in Claim.__dataclass_fields__:
            raise ClaimError(f"unknown field {name!r}")
        if not isinstance(value, _TYPES.get(name, str)):
            raise ClaimError(f"{name} = {value!r} is of the wrong type")
    if missing := [name for name in _NEEDED if name not in record]:
        hint = f' (unit = "{NO_UNIT}" where there is no quantity)' if "unit" in missing else ""
        raise ClaimError(f"{', '.join(missing)} missing{hint}")


def _check_use(record: Mapping[str, Any]) -> None:
    """Raise ClaimError where a field cannot be what it says, or nothing would be done with it."""
    of_the_book = not record.get("text")
    for name, allowed in (("relation", RELATIONS), ("chapter", CHAPTERS if of_the_book else ())):
        if allowed and record.get(name, allowed[0]) not in allowed:
            raise ClaimError(f"{name} = {record[name]!r} is none of {', '.join(allowed)}")
    if record["unit"] == NO_UNIT and (useless := set(_OF_QUANTITIES) & set(record)):
        raise ClaimError(f'unit = "{NO_UNIT}": the record cannot have {", ".join(sorted(useless))}')
    if record.get("digits", 0) < 0:
        raise ClaimError(f"digits = {record['digits']!r} is negative")
    if record.get("slip") and not record.get("against"):
        raise ClaimError("a slip is named, but no claim that it contradicts")
    known = {*record.get("inputs", ()), *record.get("facts", ())}
    if unknown := set(record.get("supplied", ())) - known:
        raise ClaimError(f"supplied = {sorted(unknown)}: the inputs have none of that name")
    if record.get("inputs") and "equation" not in record:
        raise ClaimError("inputs are given, but no equation that takes them")
    if record.get("facts") and not {"equation", "equation_on_facts"} & set(record):
        raise ClaimError("facts are given, but no equation that takes them")
    given = record.get("inputs") or record.get("facts")
    if {"equation", "equation_on_facts"} & set(record) and not given:
        raise ClaimError("an equation is given, but neither inputs nor facts for it")


def _figure(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return value, digits and span of a claim that states a quantity.

    Raises ValueError where the unit is unknown and where there is not one positive figure.
    """
    units.dimensions(record["unit"])
    if "span" in record:
        span = record["span"]
        two = len(span) == 2 and all(isinstance(end, (int, float)) for end in span)
        if "value" in record or not two or not 0 < span[0] < span[1] < math.inf:
            raise ValueError(
                f"span = {span!r}: must be two rising numbers, with no value beside them"
            )
        low, high = map(float, span)
        return {"span": (low, high), "value": math.sqrt(low * high)}
    if "value" in record:
        value = float(record["value"])
        if not 0 < value < math.inf:
            raise ValueError(f"value = {value!r} is not a positive number")
        return {"value": value}
    value, digits = read_number(record["stated"])
    return {"value": value, "digits": record.get("digits", digits)}


def parse(text: str, facts: catalogs.Catalog) -> Ledger:
    """Return the ledger that the text of a claims file describes.

    Raises ClaimError where a record is not well formed.
    """
    try:
        records = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ClaimError(f"the claims are no TOML: {error}") from None
    claims = {id: _claim(id, record) for id, record in records.items()}
    for claim in claims.values():
        for other in claim.against:
            if other not in claims:
                raise ClaimError(f"claim {claim.id} is against {other!r}, which does not exist")
    return Ledger(claims, facts)


@cache
def load() -> Ledger:
    """Return the ledger of the data files, read once."""
    return parse(files.read("claims.toml"), catalogs.load())


def claim(id: str) -> Result:
    """Return a claim of the book, recomputed and judged; CatalogError with a hint if none.

    Its `verdict`, `factor`, `worked` (the arithmetic), `sources` and `note` say what and why.
    """
    return load()[id]


def new_claim(  # noqa: PLR0913  (what every record has; the rest is optional)
    says: str,
    stated: str,
    unit: str,
    *,
    text: str,
    id: str = "own-claim",
    who: str = "author",
    place: str = "",
    chapter: str = "",
    **more: Any,
) -> Result:
    """Return a claim of another text, recomputed and judged as those of the book are.

    Args:
        says: the statement in your own words.
        stated: the figure exactly as written, such as "~27 ms" or "144K users".
        unit: the unit of the figure, such as "ms"; "none" where there is no quantity.
        text: the title of the text.
        id: a name for it, which no claim of the book has.
        who: who says it.
        place: where in the text.
        chapter: the part of the text.
        more: `equation` (the name of a formula of the book, or a formula of your own) with
            `inputs` (the author's own) or `facts` (what replaces them where sourced facts are
            used), `fact` (the sourced figure that a premise is compared with), and what else
            `Claim` has. An input is a number in its symbol's unit, a text with a unit, or a
            binding such as "claim:users-needed", "fact:ID" or "chip:h100_sxm5.memory_bandwidth".

    Raises ClaimError where the record is not well formed, the unit is left empty, or it cannot
    be computed.

    """
    book = load()
    if not text:
        raise ClaimError(f"text = {text!r}: give the title of the text that says it")
    if not unit:
        raise ClaimError(
            f"unit = {unit!r}: give the unit of {stated!r}, such as 'ms', 'chip' or "
            f"'dimensionless' for a bare number; '{NO_UNIT}' where there is no quantity"
        )
    if id in book.claims:
        raise ClaimError(f"id = {id!r}: the book's ledger has a claim of that name")
    record = {"says": says, "stated": stated, "unit": unit, "text": text, "who": who, **more}
    said = _claim(id, {**record, "place": place, "chapter": chapter})
    return Ledger({**book.claims, id: said}, book.catalog)[id]


@dataclass(frozen=True)
class Occurrence:
    """One number as it stands in the text: which it is, as written, and its claim."""

    index: int
    written: str
    claim: str


def occurrences() -> list[Occurrence]:
    """Return every number of the text in order, with the claim that accounts for it."""
    rows = files.rows(files.read("numbers.csv"))
    return [Occurrence(int(row["index"]), row["written"], row["claim"]) for row in rows]
