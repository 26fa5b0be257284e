"""Servers that we ran ourselves, beside what is predicted of them; nothing was fitted to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ..facts import load_calibration, serving_runs
from ..facts.load_calibration import FIRST_TOKEN, PER_TOKEN
from ..serving.load import at_rate, in_waves, under_load
from .load import Runs, kinds, stored
from .validation import Errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..facts.serving_runs import Run

WHOLE = "time of a whole request"
Times = dict[str, float]


@dataclass(frozen=True)
class Served:
    """One load of a server: what was measured and what is predicted, in seconds.

    Attributes:
        run: the load, and the measured times to the first token and for each more.
        rate: requests that came in a second, at random; None where their number was kept.
        output: tokens written in a second, as measured.
        measured: seconds by name: `PER_TOKEN`, `FIRST_TOKEN` and `WHOLE`.
        predicted: the same, where requests are spread out.
        waves: the same, where they come and go together; as `predicted` where they come at a rate.

    """

    run: Run
    rate: float | None
    output: float
    measured: Times
    predicted: Times
    waves: Times


@cache
def served() -> tuple[Served, ...]:
    """Return every load, those of a kept number of requests first."""
    rows = sorted(serving_runs.ours(), key=lambda row: row["rate"] != "")
    runs = [serving_runs.read(row) for row in rows]
    come = [row for row in rows if row["rate"]]
    kept = len(rows) - len(come)
    here = Runs(runs[:kept]).scenario(stored())
    there = Runs(runs[kept:]).scenario(stored())
    rates = np.array([float(row["rate"]) for row in come])
    random = at_rate(there.having(request_rate=rates, burst_share=0.0))
    spread, waves = (
        [
            {PER_TOKEN: float(token), FIRST_TOKEN: float(first)}
            for loaded in (kind, random)
            for token, first in zip(loaded.time_per_token, loaded.first_token_time, strict=True)
        ]
        for kind in (under_load(here), in_waves(here))
    )
    found = []
    for row, run, *predicted in zip(rows, runs, spread, waves, strict=True):
        for times in predicted:
            times[WHOLE] = times[FIRST_TOKEN] + (run.answer - 1) * times[PER_TOKEN]
        measured = {
            PER_TOKEN: run.per_token,
            FIRST_TOKEN: run.first_token,
            WHOLE: float(row["latency_ms"]) / 1e3,
        }
        rate = float(row["rate"]) if row["rate"] else None
        output = float(row["output_per_second"])
        found.append(Served(run, rate, output, measured, *predicted))
    return tuple(found)


def errors(what: str, among: Iterable[Served], *, waves: bool = False) -> Errors:
    """Return how far loads are missed in one of the three times, spread out or in waves."""
    some = tuple(among)
    predicted = [(each.waves if waves else each.predicted)[what] for each in some]
    ratios = np.array(predicted) / [each.measured[what] for each in some]
    if what == WHOLE:  # which has no interval of its own
        return Errors.of(ratios)
    factors = load_calibration.load().within_factors
    found = kinds(Runs([each.run for each in some]), what)
    return Errors.of(ratios, np.array([factors[kind] for kind in found]))
