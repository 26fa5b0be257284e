"""Servers that we ran ourselves, beside what is predicted of them; nothing was fitted to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ..facts import load_calibration, serving_runs
from ..facts.load_calibration import FIRST_TOKEN, PER_TOKEN
from ..serving.load import in_waves
from .load import Runs, kinds, predicted, stored, times
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
    spread = predicted(runs)
    kept = Runs([run for run in runs if not run.rate])
    together = times(in_waves(kept.scenario(stored())))
    waves = {name: [*together[name], *spread[name][len(kept) :]] for name in spread}
    found = []
    for place, (row, run) in enumerate(zip(rows, runs, strict=True)):
        measured = {**run.times, WHOLE: float(row["latency_ms"]) / 1e3}
        told = [{name: float(each[name][place]) for name in each} for each in (spread, waves)]
        for each in told:
            each[WHOLE] = each[FIRST_TOKEN] + (run.answer - 1) * each[PER_TOKEN]
        output = float(row["output_per_second"])
        found.append(Served(run, run.rate or None, output, measured, *told))
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
