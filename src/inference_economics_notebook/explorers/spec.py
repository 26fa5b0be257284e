"""What an explorer is made of: inputs that a reader may change, presets, and what comes out.

A spec is plain data and one function. From it come the markup of the page, the widget's
traits, the ES module that runs in the browser, and the numbers that Python computes for the
same state, against which the module is tested.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from inference_economics import __title__, __version__
from inference_economics.algebra import symbols, units
from inference_economics.algebra.formula import InputError, checked
from inference_economics.algebra.suggest import suggestion
from inference_economics.uncertainty import UncertaintyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from inference_economics.algebra.formula import Formula
    from inference_economics.algebra.symbols import Entry

LINK_VERSION = 1
"""Raised when an input is renamed; `Spec.renamed` then says what it was called before."""
_STEPS_PER_DECADE = 40


def stops(low: float, high: float, *, whole: bool = False, zero: bool = False) -> tuple[float, ...]:
    """Return the stops of a logarithmic slider: numbers of two digits, whole ones if asked."""
    first, last = math.log10(low), math.log10(high)
    count = round((last - first) * _STEPS_PER_DECADE)
    tens = (10 ** (first + (last - first) * k / count) for k in range(count + 1))
    found = (float(f"{ten:.1e}") for ten in tens)
    kept = dict.fromkeys(float(round(stop)) if whole else stop for stop in found)
    between = [stop for stop in kept if low <= stop <= high]
    return tuple([0.0, *between] if zero else between)


def even(low: float, high: float, step: float) -> tuple[float, ...]:
    """Return the stops of a linear slider."""
    count = round((high - low) / step)
    return tuple(round(low + k * step, 9) for k in range(count + 1))


@dataclass(frozen=True)
class Field:
    """An input: a symbol of the glossary, what a reader calls it, and where its slider stops.

    Attributes:
        name: the symbol's name.
        label: the name in words.
        stops: the values at which the slider stops; without any there is only the box.
        whole: whether only whole numbers make sense.
        unit: the unit of the box, if not the symbol's own.

    """

    name: str
    label: str
    stops: tuple[float, ...] = ()
    whole: bool = False
    unit: str = ""

    @property
    def shown_unit(self) -> str:
        """The unit of the box: things that are merely counted are left out."""
        if self.unit:
            return self.unit
        top, *below = self.line.unit.split("/")
        parts = [part for part in below if f"[{part}]" not in units.COUNTED]
        counted = f"[{top}]" in units.COUNTED and top not in ("token", "word")
        return "/".join(["dimensionless" if counted else top, *parts])

    @property
    def factor(self) -> float:
        """How many of the symbol's own unit make one of the box's."""
        return units.conversion(self.shown_unit, self.line.unit)

    @property
    def line(self) -> Entry:
        """The symbol's line in the glossary."""
        if self.name not in symbols.GLOSSARY:
            raise LookupError(
                f"an explorer has the input {self.name}, which is no symbol: declare it in "
                "algebra/glossary.csv"
            )
        return symbols.GLOSSARY[self.name]

    def read(self, value: float | str) -> float:
        """Return a value as a number in the symbol's unit, or raise InputError."""
        number = checked(self.name, value)
        if self.whole and number % 1:
            raise InputError(f"{self.name} = {value}: must be a whole number")
        return number

    def shown(self, value: float | None) -> str:
        """Return a value as it stands in the box."""
        return "" if value is None else units.show(value / self.factor, self.shown_unit, 4)

    def as_json(self) -> dict[str, Any]:
        """Return what the module in the browser knows of the field."""
        unit = self.shown_unit
        spellings = units.spellings(unit)
        if unit == "dimensionless":  # "20 users" is 20
            spellings |= units.spellings(self.line.unit)
        return {
            "name": self.name,
            "label": self.label,
            "unit": unit,
            "factor": self.factor,
            "stops": list(self.stops),
            "whole": self.whole,
            "spellings": spellings,
            "money": units.is_money(unit),
            "counted": units.is_counted(unit),
            "prefixed": units.has_prefixes(unit),
        }


@dataclass(frozen=True)
class Term:
    """A part of the model that can be switched off, and the values at which it vanishes."""

    label: str
    off: Mapping[str, float]


@dataclass(frozen=True)
class Output:
    """A quantity that comes out: what it is called, and the unit in which it is shown.

    `own_unit` is the unit of its number, if that is another; `listed` says whether it stands
    among the others, or where the explorer's own view has it; `missing` is said in its place.
    """

    label: str
    unit: str
    digits: int = 3
    listed: bool = True
    own_unit: str = ""
    missing: str = "–"

    @property
    def factor(self) -> float:
        """How many of the unit of its number make one of the unit in which it is shown."""
        return units.conversion(self.unit, self.own_unit or self.unit)

    def shown(self, value: float | None) -> str:
        """Return the quantity as it is shown, or what is said where there is none."""
        if value is None:
            return self.missing
        return units.show(value / self.factor, self.unit, self.digits)


@dataclass(frozen=True)
class Preset:
    """A named state: a value for each input, None where no source states one.

    Attributes:
        label: its name in words.
        values: the inputs, in the units of the glossary; those left out do not apply.
        off: the terms that are switched off.
        note: what it is, and what is assumed.
        extra: what else the explorer's view wants to know of it.

    """

    label: str
    values: Mapping[str, float | None]
    off: frozenset[str] = frozenset()
    note: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stamp(self) -> str:
        """Four characters that change with the figures, so that an old link can be told."""
        given = [dict(self.values), sorted(self.off), dict(self.extra)]
        text = json.dumps(given, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:4]


@dataclass(frozen=True)
class State:
    """A preset, and the values and terms as a reader has set them."""

    preset: str
    values: Mapping[str, float | None]
    off: frozenset[str]

    @property
    def given(self) -> dict[str, float]:
        """The values, without those that no source states."""
        return {name: value for name, value in self.values.items() if value is not None}


@dataclass(frozen=True)
class Results:
    """What comes out, None where nothing does; and why, if a state cannot be."""

    numbers: Mapping[str, float | None]
    refusal: str = ""


@dataclass(frozen=True, eq=False)
class Spec:
    """An explorer.

    Attributes:
        id: its name in addresses and in code.
        title: its name in words.
        about: what it answers, in a sentence.
        main: the inputs with sliders, shown at once.
        more: groups of further inputs by their headings, folded away.
        terms: what can be switched off.
        presets: the named states; the first is where an explorer starts.
        outputs: what comes out.
        formulas: the equations that the module needs, by the names it calls them.
        given: what an equation takes as given, by its name, if not just the inputs.
        worked: the symbols whose equations are shown worked with the current numbers.
        compute: the same numbers from the package; raises InputError where a state is refused.
        view: the markup that is this explorer's own: its chart, and what else it shows.
        choice: what its presets are called.
        extra: what else the module wants to know.
        renamed: for each version of links before this one, the inputs that have a new name.
        apart: whether each preset has inputs of its own; all have the same otherwise.

    """

    id: str
    title: str
    about: str
    main: tuple[Field, ...]
    presets: Mapping[str, Preset]
    outputs: Mapping[str, Output]
    formulas: Mapping[str, Formula]
    compute: Callable[[State], Results]
    view: Callable[[Spec, State, Results], str]
    choice: str = "Start from"
    given: Mapping[str, frozenset[str]] = field(default_factory=dict)
    more: Mapping[str, tuple[Field, ...]] = field(default_factory=dict)
    terms: Mapping[str, Term] = field(default_factory=dict)
    worked: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    renamed: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    apart: bool = False

    def __post_init__(self) -> None:
        """Refuse what would only be missed later, saying what is missing and where."""
        given = {name for preset in self.presets.values() for name in preset.values}
        missing = [
            *(f"a preset gives {name}, which is no input: add a Field of that name"
              for name in sorted(given - self.fields.keys())),
            *(f"no preset gives the input {name}: add its value to the presets"
              for name in sorted(self.fields.keys() - given)),
            *(f"the preset {id!r} gives no {name}, as others do: add its value, or None"
              for id, preset in self.presets.items() if not self.apart
              for name in sorted(given - preset.values.keys())),
            *(f"{name} is shown worked without its equation: add that to the formulas"
              for name in self.worked if name not in self.tree),
        ]  # fmt: skip
        if missing:
            raise LookupError(f"explorers/{self.id}.py: {missing[0]}")

    @property
    def fields(self) -> dict[str, Field]:
        """All inputs by name."""
        every = [*self.main, *(each for group in self.more.values() for each in group)]
        return {each.name: each for each in every}

    @cached_property
    def tree(self) -> dict[str, Formula]:
        """The equations of all symbols that are computed on the way, by symbol."""
        found: dict[str, Formula] = {}
        for formula in self.formulas.values():
            for step in formula.steps():
                found.setdefault(str(step.result.name), step)
        return found

    @cached_property
    def _shown(self) -> set[str]:
        """The symbols that stand in the equations shown worked."""
        return {
            str(symbol.name)
            for each in self.worked
            for symbol in (*self.tree[each].expression.free_symbols, self.tree[each].result)
        }

    @cached_property
    def between(self) -> dict[str, Formula]:
        """The equations whose results are wanted where others are shown worked."""
        computed = (self._shown & set(self.tree)) - set(self.fields)
        return {name: self.tree[name] for name in sorted(computed)}

    def taken(self, name: str = "") -> frozenset[str]:
        """Return what an equation takes as given, if it rests on it."""
        return self.given.get(name, frozenset(self.fields))

    @property
    def shown_units(self) -> dict[str, tuple[str, float]]:
        """The units in which worked equations show symbols, and each in the symbol's own."""
        own = {name: symbols.GLOSSARY[name].unit for name in sorted(self._shown)}
        chosen = {name: each.unit for name, each in self.fields.items() if each.unit}
        return {
            name: (chosen.get(name, unit), units.conversion(chosen.get(name, unit), unit))
            for name, unit in own.items()
        }

    @cached_property
    def constants(self) -> dict[str, float]:
        """The values of symbols that have one of their own and are no input."""
        taken = {name for each in self.formulas.values() for name in each.needed(self.taken())}
        own = symbols.own_values(frozenset(taken - set(self.fields)))
        return dict(sorted(own.items()))

    @property
    def computed(self) -> dict[str, str]:
        """What computed symbols mean that may come out of their range, by name."""
        last = {formula.result.name for formula in self.formulas.values()}
        return {
            name: symbols.GLOSSARY[name].meaning
            for name, step in self.tree.items()
            if name in last or not step.stays_in_range()
        }

    @property
    def first(self) -> str:
        """The id of the preset with which it starts."""
        return next(iter(self.presets))

    def state(
        self, preset: str = "", *, off: Iterable[str] | None = None, **values: float | str | None
    ) -> State:
        """Return a preset's state with some values and terms changed, or raise InputError."""
        preset = preset or self.first
        if preset not in self.presets:
            raise InputError(f"preset = {preset!r}: must be one of {', '.join(self.presets)}")
        chosen, fields = self.presets[preset], self.fields
        for name in values:
            self.refuse_unknown(name, chosen.values)
        off = chosen.off if off is None else frozenset(off)
        if unknown := sorted(off - set(self.terms)):
            allowed = ", ".join(self.terms) or "none"
            raise InputError(f"{self.id} has no term {unknown[0]!r} (allowed: {allowed})")
        given = {name: fields[name].read(each) for name, each in values.items() if each is not None}
        for name, value in values.items():
            if value is None and chosen.values[name] is not None:
                raise InputError(f"{name} = None: must be given")
        return State(preset, {**chosen.values, **given}, off)

    def refuse_unknown(self, name: str, inputs: Iterable[str]) -> None:
        """Raise InputError, with a hint, unless a name is among the inputs."""
        allowed = list(inputs)
        if name not in allowed:
            hint = suggestion(name, allowed)
            raise InputError(f"{self.id} has no input {name}{hint} (allowed: {', '.join(allowed)})")

    def results(self, state: State) -> Results:
        """Return what comes out of a state; where it is refused, the reason and no numbers."""
        try:
            return self.compute(state)
        except (InputError, UncertaintyError) as error:
            return Results(dict.fromkeys(self.outputs), str(error))

    def as_json(self) -> dict[str, Any]:
        """Return what the module in the browser knows, equations left out."""
        return {
            "id": self.id,
            "title": self.title,
            "fields": [each.as_json() for each in self.fields.values()],
            "terms": {id: {"label": t.label, "off": dict(t.off)} for id, t in self.terms.items()},
            "presets": {
                id: {"label": p.label, "note": p.note, "values": dict(p.values),
                     "off": sorted(p.off), "stamp": p.stamp, **p.extra}
                for id, p in self.presets.items()
            },
            "outputs": {
                id: {"unit": o.unit, "digits": o.digits, "factor": o.factor, "missing": o.missing}
                for id, o in self.outputs.items()
            },
            "version": LINK_VERSION,
            "book": f"{__title__}, version {__version__}",
            "named": [each.name for each in self.main],
            "units": self.shown_units,
            "constants": self.constants,
            "computed": self.computed,
            "renamed": {str(version): dict(names) for version, names in self.renamed.items()},
            **self.extra,
        }  # fmt: skip
