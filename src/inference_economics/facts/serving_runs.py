"""Runs of services: a number of requests at once, the time to the first token and for each more.

The table has what was published, and a column that says what was not: `draft_length` is that of
recipes that guess ahead, by the engine's version.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from . import files, measurements
from .load_calibration import FIRST_TOKEN, PER_TOKEN
from .measurements import Measurement

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "serving_runs.csv"
OURS = "own_serving.csv"
"""Runs of our own: also with a `rate`, in requests per second, where there is no concurrency."""
TOGETHER, APART = "aggregated", "disaggregated"
"""Prompts are read on the machines that answer, or on others."""


@dataclass(frozen=True, kw_only=True)
class Run(Measurement):
    """One run of a service, a measurement of its time per token.

    Attributes:
        id: its id.
        draft: tokens guessed ahead.
        first_token: seconds to the first token, on average.
        per_token: seconds for each further token, on average.
        limited: whether it is one of `limited_elsewhere`.

    """

    id: str
    draft: float
    first_token: float
    per_token: float
    limited: bool

    @property
    def concurrency(self) -> float:
        """Requests at once; 1 where they come at a rate, and are counted by no one."""
        return self.batch

    @property
    def times(self) -> Mapping[str, float]:
        """The two times in seconds, under the names of what is predicted."""
        return {PER_TOKEN: self.per_token, FIRST_TOKEN: self.first_token}

    @property
    def group(self) -> str:
        """The model and the machine, which are left out of a fit together."""
        return f"{self.layout.model} on {self.layout.accelerator}"


@cache
def table() -> tuple[dict[str, str], ...]:
    """Return the rows of the package's table."""
    return tuple(files.rows(files.read(FILE)))


def together() -> tuple[dict[str, str], ...]:
    """Return the rows of the table whose prompts are read on the machines that answer."""
    return tuple(row for row in table() if row["mode"] == TOGETHER)


@cache
def ours() -> tuple[dict[str, str], ...]:
    """Return the rows of our own runs."""
    return tuple(files.rows(files.read(OURS)))


MANY, LITTLE = 32, 0.03
_ALIKE = (
    "engine", "version", "mode", "hardware", "model", "weights", "input_tokens", "output_tokens",
    "draft_length", "expert_parallel", "replicas",
)  # fmt: skip


@cache
def limited_elsewhere() -> frozenset[str]:
    """Return the ids of runs that look limited by something else than their machines.

    Requests came too slowly, or the server's processor was too slow for them.

    At `MANY` requests or more, either twice the chips bring less than `LITTLE` more requests, or
    twice the requests change the time of a token by less than `LITTLE` while the first token
    comes after less than twice the time: none of them waits for memory.
    """
    alike: dict[tuple[str, ...], list[Mapping[str, str]]] = {}
    for row in together():
        if int(row["concurrency"]) >= MANY:
            alike.setdefault(tuple(row[name] for name in _ALIKE), []).append(row)
    found = set()
    for one, other in (pair for rows in alike.values() for pair in itertools.permutations(rows, 2)):
        chips, users, first, token = (
            float(other[name]) / float(one[name])
            for name in ("chips", "concurrency", "ttft_ms", "tpot_ms")
        )
        if (chips, users) == (2, 1) and other["replicas"] == "1":
            if _stay(one) / _stay(other) < 1 + LITTLE:
                found.add(other["id"])
        elif (chips, users) == (1, 2) and abs(token - 1) < LITTLE and first < 2:
            found |= {one["id"], other["id"]}
    return frozenset(found)


def _stay(row: Mapping[str, str]) -> float:
    return float(row["ttft_ms"]) + float(row["output_tokens"]) * float(row["tpot_ms"])


def read(row: Mapping[str, str]) -> Run:
    """Return a run; RowError or CatalogError if it cannot be read."""
    measured = {"metric": "tpot", "value": row["tpot_ms"], "unit": "ms"}
    return Run(
        **vars(measurements.read({**row, **measured})),
        id=row["id"],
        draft=float(row["draft_length"] or 0),
        first_token=float(row["ttft_ms"]) / 1e3,
        per_token=float(row["tpot_ms"]) / 1e3,
        limited=row["id"] in limited_elsewhere(),
    )
