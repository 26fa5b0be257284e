"""A question: what is asked, what is right, and what is said of a wrong answer."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, wraps
from typing import TYPE_CHECKING, Any

from inference_economics.algebra import units

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inference_economics.algebra.formula import Worked

EASY, MEDIUM, HARD = LEVELS = ("easy", "medium", "hard")

CLOSE = 1.5
"""The factor within which a wrong answer is called close."""
FAR = 10.0
"""The factor beyond which it is called far off."""


def show(value: float, unit: str = "dimensionless", digits: int = 3) -> str:
    """Return a quantity as text; see :func:`units.show`."""
    return units.show(value, unit, digits)


@dataclass(frozen=True)
class Said:
    """What is said of an answer, and whether it is right."""

    right: bool
    says: str


@dataclass(frozen=True, kw_only=True)
class _Question:
    """What every question has.

    Attributes:
        asks: the question, with its numbers.
        hint: how to begin.
        work: the equations that lead to the answer, worked.
        means: what the answer says.
        name: its id; with `level`, `chapter` and `title`, from where it is declared.

    """

    asks: str
    hint: str
    means: str
    work: tuple[Worked, ...] = ()
    name: str = ""
    level: str = ""
    chapter: str = ""
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Number(_Question):
    """A question for a quantity.

    Attributes:
        value: the answer in `unit`; what the last of `work` comes to, unless it is given.
        unit: the unit that a number alone is taken in; that of the last of `work`.
        mistakes: what a wrong way comes to, in `unit`, and what is said of it.
        within: the factor within which an answer is right, as people round.

    """

    value: float = math.nan
    unit: str = ""
    mistakes: Mapping[float, str] = field(default_factory=dict)
    within: float = 1.04

    def __post_init__(self) -> None:
        """Take the answer from the work, where it is not given."""
        if math.isnan(self.value):
            object.__setattr__(self, "value", self.work[-1].value)
        if not self.unit:
            object.__setattr__(self, "unit", self.work[-1].steps[-1].formula.unit)

    @property
    def answer(self) -> str:
        """The right answer, as a reader may give it."""
        return units.show(self.value, self.unit)

    @property
    def needs_unit(self) -> bool:
        """Whether a number alone might be of bytes or of gigabytes."""
        return units.has_prefixes(self.unit) and not units.is_ratio(self.unit)

    @cached_property
    def wrong(self) -> dict[float, str]:
        """What wrong answers come to: the question's own, and those of every quantity."""
        found = dict(self.mistakes)
        for value, says in _slips(self.value, self.unit).items():
            if not any(_apart(value, other) <= self.within**2 for other in found):
                found[value] = says
        return found

    def judge(self, given: str) -> Said:
        """Say what a page says of an answer; raises UnitsError where it is none."""
        if self.needs_unit and not any(letter.isalpha() or letter == "$" for letter in given):
            raise units.UnitsError(f"{given!r} needs its unit, as in {self.answer!r}")
        value = units.parse(given, self.unit)
        nearest = min((self.value, *self.wrong), key=lambda known: _apart(value, known))
        if _apart(value, nearest) > self.within:
            return Said(right=False, says=f"{self._off(value)} {self.hint}")
        right = nearest == self.value
        return Said(right, says=f"Right: {self.answer}." if right else self.wrong[nearest])

    def _off(self, value: float) -> str:
        """Return how far off a value is that no known mistake gives."""
        way = "large" if value > self.value else "small"
        apart = _apart(value, self.value)
        if apart < CLOSE:
            return f"Close, but too {way}. Try again."
        return f"Too {way}{', by more than a factor of ten' if apart > FAR else ''}. Try again."

    def judged_by(self) -> dict[str, Any]:
        """Return what the module in the browser judges an answer by."""
        return {
            "value": self.value,
            "right": f"Right: {self.answer}.",
            "wrong": [[value, says] for value, says in self.wrong.items()],
            "within": self.within,
            "hint": self.hint,
            "close": CLOSE,
            "far": FAR,
            "prefixed": self.needs_unit,
            "spellings": units.spellings(self.unit),
            "money": units.is_money(self.unit),
            "counted": units.is_counted(self.unit),
        }


@dataclass(frozen=True)
class Option:
    """One of several answers: its words, and what is said of it where it is wrong."""

    words: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Choice(_Question):
    """A question with several answers, of which one is right.

    Attributes:
        options: the answers by key, in their order.
        right: the key of the right one, computed.

    """

    options: Mapping[str, Option]
    right: str

    def __post_init__(self) -> None:
        """Refuse a right answer that is not among the answers."""
        if self.right not in self.options:
            raise ValueError(f"{self.right!r} is none of the answers: {', '.join(self.options)}")

    @property
    def answer(self) -> str:
        """The right answer, as it stands among the others."""
        return self.options[self.right].words

    def judge(self, given: str) -> Said:
        """Say what a page says of an answer, which is given by its key."""
        if given == self.right:
            return Said(right=True, says="Right.")
        return Said(right=False, says=f"{self.options[given].says} Try again.")

    def judged_by(self) -> dict[str, Any]:
        """Return what the module in the browser judges an answer by."""
        return {"options": {key: vars(self.judge(key)) for key in self.options}}


Question = Number | Choice


def asked(level: str) -> Callable[[Callable[[], Question]], Callable[[], Question]]:
    """Declare a question of a level: its id is the function's name, its title the docstring's line.

    The module is the chapter's.
    """

    def declare(make: Callable[[], Question]) -> Callable[[], Question]:
        @cache
        @wraps(make)
        def made() -> Question:
            return replace(
                make(),
                level=level,
                name=make.__name__.replace("_", "-"),
                chapter=make.__module__.rpartition(".")[2].replace("_", "-"),
                title=(make.__doc__ or "").splitlines()[0].removesuffix("."),
            )

        return made

    return declare


def _apart(value: float, other: float) -> float:
    """Return the factor between two values: 1 if they are equal, infinite from zero downward."""
    if value <= 0 or other <= 0:
        return 1.0 if value == other else math.inf
    return max(value / other, other / value)


def _slips(value: float, unit: str) -> dict[float, str]:
    """Return what the slips come to that can be made with any quantity."""
    if unit == "fraction":
        says = "That is a factor of a hundred off: mind the percent sign."
        return {value * 100: says, value / 100: says}
    found = dict[float, str]()
    for factor, word in ((1e3, "thousand"), (1e6, "million")):
        says = f"That is a factor of a {word} off: look at the prefixes and the zeros."
        found |= {value * factor: says, value / factor: says}
    return found
