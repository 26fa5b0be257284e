"""List prices of open models by who serves them, and how many that has been.

`tools/prices.py` takes both tables from the public price files of models.dev, which carry the
date and the license that the source names. A list price is what is asked; what large customers
pay is not listed.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from . import files
from .catalog import CatalogError, positive

FILE, COUNTS = "prices.csv", "hosts.csv"
SOURCE = "models-dev-2026-07"
KINDS = ("developer", "host")
"""Who serves a model: its maker or another. Who passes requests on to them is left out."""
ALL = "any"
"""What stands for all models together where hosts are counted."""


class Offer(NamedTuple):
    """What one seller asks for a model's tokens.

    Attributes:
        model: the model's name.
        seller: the seller's name in the source; the developer's is its own.
        kind: one of `KINDS`.
        input, output: dollars per million tokens read and written.
        cached: dollars per million tokens of input that the seller has read before; None where
            no such price is listed.

    """

    model: str
    seller: str
    kind: str
    input: float
    output: float
    cached: float | None


@dataclass(frozen=True)
class Market:
    """One model as it is sold: the offers of those who serve it."""

    model: str
    offers: tuple[Offer, ...]

    @property
    def hosts(self) -> int:
        """How many serve it, the developer with them."""
        return len(self.offers)

    @property
    def outputs(self) -> list[float]:
        """Dollars per million output tokens, rising."""
        return sorted(each.output for each in self.offers)

    @property
    def median(self) -> float:
        """The middle one of the prices of output tokens."""
        return statistics.median(self.outputs)

    def income(self, read_per_written: float) -> float:
        """Return what a million tokens written bring with so many times more read, in the median.

        None of those that are read has been read before.
        """
        return statistics.median(
            each.output + read_per_written * each.input for each in self.offers
        )

    @property
    def spread(self) -> float:
        """How many times the least price the largest is."""
        return self.outputs[-1] / self.outputs[0]

    @property
    def middle_spread(self) -> float:
        """The same of the middle half: the upper quartile over the lower one."""
        low, _, high = statistics.quantiles(self.outputs, n=4, method="inclusive")
        return high / low

    @property
    def developers_price(self) -> float | None:
        """What the developer asks for a million output tokens; None if it sells none."""
        found = (each.output for each in self.offers if each.kind == "developer")
        return next(found, None)

    def asking(self, price: float) -> int:
        """Return how many besides the developer ask exactly that for a million output tokens."""
        return sum(each.output == price for each in self.offers if each.kind != "developer")

    @property
    def output_over_input(self) -> float:
        """How many times the price of a token read that of a token written is, in the median."""
        return statistics.median(each.output / each.input for each in self.offers)

    @property
    def cached_over_input(self) -> float | None:
        """What a token costs that was read before, over one that was not, in the median."""
        shares = [each.cached / each.input for each in self.offers if each.cached is not None]
        return statistics.median(shares) if shares else None


@cache
def load() -> tuple[Offer, ...]:
    """Return every offer of the table; CatalogError where it is not well formed."""
    return parse(files.read(FILE))


def parse(text: str) -> tuple[Offer, ...]:
    """Return the offers that a table's text lists; CatalogError where it is not well formed."""
    rows = files.rows(text)
    if not rows or any(tuple(row) != Offer._fields for row in rows):
        raise CatalogError(f"{FILE}: its columns must be {', '.join(Offer._fields)}")
    return tuple(_offer(row) for row in rows)


def _offer(row: dict[str, str]) -> Offer:
    named = f"{row['model']} of {row['seller']}"
    if row["kind"] not in KINDS:
        raise CatalogError(f"kind of {named} = {row['kind']!r} is none of {', '.join(KINDS)}")
    figures = {name: positive(row[name], f"{name} of {named}") for name in ("input", "output")}
    cached = positive(row["cached"], f"cached of {named}") if row["cached"] else None
    return Offer(row["model"], row["seller"], row["kind"], **figures, cached=cached)


def markets(offers: tuple[Offer, ...] | None = None) -> dict[str, Market]:
    """Return each model's market by its name, that with the most hosts first.

    `offers` are those of the book's table unless others are given.
    """
    serving = load() if offers is None else offers
    names = dict.fromkeys(each.model for each in serving)
    found = [Market(name, tuple(o for o in serving if o.model == name)) for name in names]
    return {each.model: each for each in sorted(found, key=lambda each: -each.hosts)}


def counts() -> dict[str, dict[str, int]]:
    """Return how many served each model at each date, as in "2026-07-01", by model and date.

    Under `ALL` stand all who sell tokens, of whatever model.
    """
    found: dict[str, dict[str, int]] = {}
    for row in files.rows(files.read(COUNTS)):
        found.setdefault(row["model"], {})[row["date"]] = int(row["hosts"])
    return found
