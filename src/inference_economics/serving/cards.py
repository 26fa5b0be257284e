"""What whole cards of one kind do, in groups of the sizes that may be rented, by their number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..algebra.own_names import own_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__dir__ = own_names(__name__)


@dataclass(frozen=True)
class Cards:
    """Whole cards of one kind that are rented together.

    Attributes:
        kind: their name.
        rent: dollars per second of all of them.
        tokens: tokens per second that they write at most.
        writing: those of them that answer, whether or not they read prompts, too.
        reading: those that only read prompts.

    """

    kind: str
    rent: float
    tokens: float
    writing: int
    reading: int

    @property
    def machines(self) -> str:
        """How many of them answer, and how many read prompts, in words."""
        return in_words(self.kind, self.writing, self.reading)


@dataclass(frozen=True)
class Kind:
    """What each number of cards of one kind does, from none on.

    Attributes:
        name: the kind.
        rent: dollars per second of a card.
        written: tokens per second that so many cards write at most, prompts read; an array.
        reading: how many of them only read prompts; an array.

    """

    name: str
    rent: float
    written: Any
    reading: Any

    @property
    def least_cost(self) -> float:
        """Dollars per token of the number of cards where it is least; infinite if none writes."""
        import numpy as np

        paid, written = self.rent * np.arange(len(self.written)), self.written
        return float(np.min(paid[written > 0] / written[written > 0], initial=math.inf))

    def first_within(self, cost: float) -> Cards | None:
        """Return the fewest cards whose tokens cost at most so many dollars each, if any do."""
        import numpy as np

        paid = self.rent * np.arange(len(self.written))
        enough = np.flatnonzero((self.written > 0) & (paid <= cost * self.written))
        if not enough.size:
            return None
        count, read = int(enough[0]), int(self.reading[enough[0]])
        tokens = float(self.written[count])
        return Cards(self.name, float(paid[count]), tokens, count - read, read)


def parted(name: str, rent: float, writing: Any, reading: Any, both: Any) -> Kind:
    """Return what cards do that are parted in the best way.

    Args:
        name: their kind.
        rent: dollars per second of a card.
        writing: tokens per second that each number of cards writes if others read, an array.
        reading: tokens per second for whose prompts each number of cards has time, an array.
        both: tokens per second that each number of cards writes if it reads prompts, too.

    """
    import numpy as np

    shared, writers = _best_parted(writing, reading, np.minimum)
    written, sharing = _best_parted(shared, both, np.add)
    return Kind(name, rent, written, sharing - writers[sharing])


def most_done(groups: Iterable[tuple[int, float]], cards: int) -> Any:
    """Return what each number of cards up to `cards` does in a second, in groups of whole cards.

    `groups` are the cards of a group, and what it does in a second.
    """
    import numpy as np

    groups, done = set(groups), [0.0]
    for count in range(1, cards + 1):
        fit = (done[count - size] + rate for size, rate in groups if size <= count)
        done.append(max(fit, default=0.0))
    return np.array(done)


def least_rent(kinds: Sequence[Kind], tokens: Any, *, more: bool = False) -> Any:
    """Return the least rent of cards of one kind that write so many tokens per second.

    With `more` they can write more. It is infinite where none of `kinds` does; `tokens` may be an
    array.
    """
    import numpy as np

    rents = []
    for kind in kinds:
        if more:
            cards = np.searchsorted(kind.written, tokens * (1 + 1e-12), side="right")
        else:
            cards = np.searchsorted(kind.written, tokens * (1 - 1e-12))
        rents.append(np.where(cards < len(kind.written), cards * kind.rent, math.inf))
    return np.minimum.reduce(rents)


def in_words(kind: str, writing: float, reading: float) -> str:
    """Return how many cards of a kind answer, and how many read prompts."""
    answering = f"{writing:g} {'card' if writing == 1 else 'cards'} ({kind})"
    beside = f" to write and {round(reading, 1):g} to read prompts"
    return answering + beside if reading else answering


def _best_parted(one: Any, other: Any, together: Callable[..., Any]) -> tuple[Any, Any]:
    """Return the most that each number of cards does in two parts, and the cards of the first."""
    import numpy as np

    done = (together(one[: count + 1], other[count::-1]) for count in range(len(one)))
    found = [(each[first := each.argmax()], first) for each in done]
    return np.array([most for most, _ in found]), np.array([first for _, first in found])
