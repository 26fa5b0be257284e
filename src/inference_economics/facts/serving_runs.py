"""Runs of services: a number of requests at once, the time to the first token and for each more.

The table has what was published, and a column that says what was not: `draft_length` is that of
recipes that guess ahead, by the engine's version.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from . import catalog, files, matching
from .measurements import Layout, RowError, cache_of_8

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "serving_runs.csv"
OURS = "own_serving.csv"
"""Runs of our own: also with a `rate`, in requests per second, where there is no concurrency."""
TOGETHER, APART = "aggregated", "disaggregated"
"""Prompts are read on the machines that answer, or on others."""


@dataclass(frozen=True)
class Run:
    """One run of a service.

    Attributes:
        id: its id.
        layout: the model, the machines, and how the one is spread over the other.
        engine: what served it: "trtllm", "vllm" or "sglang".
        concurrency: requests at once.
        prompt, answer: tokens of a request, on average.
        draft: tokens guessed ahead.
        first_token: seconds to the first token, on average.
        per_token: seconds for each further token, on average.
        limited: whether it is one of `limited_elsewhere`.

    """

    id: str
    layout: Layout
    engine: str
    concurrency: float
    prompt: float
    answer: float
    draft: float
    first_token: float
    per_token: float
    limited: bool

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
    """Return a run with prompts and answers on the same machines; RowError if it cannot be read."""
    if row["mode"] != TOGETHER:
        raise RowError(f"mode {row['mode']!r}: only {TOGETHER!r} is read as one group of machines")
    at_once = float(row["concurrency"] or 1)  # those that come at a rate are counted by no one
    return _read(row, int(row["chips"]), int(row["replicas"]), at_once)


def read_apart(row: Mapping[str, str], part: str) -> Run:
    """Return a run's group of machines that reads ("reader") or answers ("writer").

    The concurrency is that of each group that answers.
    """
    copies = int(row[f"{part}_replicas"])
    chips = int(row[f"{part}_tensor"]) * copies
    return _read(row, chips, copies, float(row["concurrency"]) / int(row["writers"]))


def readers_for_each_writer(row: Mapping[str, str]) -> float:
    """Return how many groups read prompts for each that answers."""
    return int(row["readers"]) / int(row["writers"])


def _read(row: Mapping[str, str], chips: int, replicas: int, concurrency: float) -> Run:
    try:
        accelerator = matching.accelerator(row["hardware"]).id
        model = matching.model(row["model"]).id
    except catalog.CatalogError as error:
        raise RowError(str(error)) from None
    bits = matching.stored(row["weights"])[0]
    own = catalog.load().accelerator(accelerator)
    narrow = 4 if bits < 8 else int(bits)
    layout = Layout(
        accelerator,
        chips,
        model,
        weight_bits=bits,
        kv_bits=float(row.get("kv_bits") or (8 if cache_of_8(row["weights"]) else 16)),
        compute_bits=narrow if own.has(f"peak_flops_{narrow}bit") else 16,
        stages=1,
        replicas=replicas,
    )
    return Run(
        row["id"],
        layout,
        row["engine"],
        concurrency,
        float(row["input_tokens"]),
        float(row["output_tokens"]),
        float(row["draft_length"] or 0),
        float(row["ttft_ms"]) / 1e3,
        float(row["tpot_ms"]) / 1e3,
        limited=row["id"] in limited_elsewhere(),
    )
