"""How close to their origin the sourced figures are that verdicts and headlines rest on.

A figure is named as a binding is: "fact:ID", "chip:ID.COLUMN" or "model:ID.COLUMN". Which ones
are asked for is seen by judging every claim, and reading every headline, with a ledger that keeps
a record of it: nothing is listed by hand. Numbers that a headline works out, or judges, are not
among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

from ..algebra.own_names import own_names
from ..facts import catalog as catalogs
from ..facts import files
from ..ledger import claims
from . import headlines

__dir__ = own_names(__name__)


class _Recording(claims.Ledger):
    """The book's ledger, which keeps the sourced figures that it is asked for."""

    def __init__(self) -> None:
        """Hold the book's claims; nothing is asked for yet."""
        book = claims.load()
        super().__init__(book.claims, book.catalog)
        self.asked: dict[str, None] = {}

    def resolve(
        self, binding: str, sources: list[str]
    ) -> tuple[float, str, tuple[float, float] | None]:
        """Return what the ledger returns, and keep the binding of a sourced figure."""
        if binding.partition(":")[0] in ("fact", "chip", "model"):
            self.asked[binding] = None
        return super().resolve(binding, sources)


@dataclass(frozen=True)
class Figures:
    """Sourced figures, by their bindings, in the order in which they were asked for."""

    bindings: tuple[str, ...]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.bindings)

    @cached_property
    def primary(self) -> tuple[str, ...]:
        """Those whose row names the maker's or the measurer's own words."""
        return tuple(each for each in self.bindings if _best(each) is not None)

    @cached_property
    def from_copies(self) -> tuple[str, ...]:
        """Those whose maker's or measurer's own words were read in copies alone."""
        return tuple(each for each in self.primary if _best(each) == "copy")

    @property
    def others(self) -> tuple[str, ...]:
        """Those that rest on what others repeat."""
        return tuple(each for each in self.bindings if each not in self.primary)

    @property
    def share(self) -> float:
        """The share that rests on primary sources, from 0 to 1."""
        return len(self.primary) / len(self)


def record(binding: str) -> catalogs.Fact | catalogs.Record:
    """Return the fact or the row that a binding names; CatalogError if there is none."""
    kind, _, name = binding.partition(":")
    id, facts = name.partition(".")[0], catalogs.load()
    if kind == "fact":
        return facts.fact(id)
    return facts.accelerator(id) if kind == "chip" else facts.model(id)


def _best(binding: str) -> str | None:
    """Return how the primary source of a figure was read, "itself" or "copy"; None for none."""
    known = catalogs.load().sources
    primary = [known[id] for id in record(binding).sources if known[id].kind == "primary"]
    if not primary:
        return None
    return "copy" if all(source.copy for source in primary) else "itself"


@cache
def of_headlines() -> Figures:
    """Return the sourced figures that the headlines' intervals and conclusions rest on."""
    ledger = _Recording()
    headlines.parse(files.read("headlines.toml"), ledger)
    return Figures(tuple(ledger.asked))


def of_both() -> Figures:
    """Return the sourced figures that a verdict or a headline rests on, through claims too."""
    ledger = _Recording()
    _ = list(ledger)
    return Figures(tuple(dict.fromkeys((*ledger.asked, *of_headlines().bindings))))
