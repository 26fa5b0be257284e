"""Rows of a table that are of a server under load, predicted as services are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..equations import parts
from ..facts import load_calibration
from ..facts.load_calibration import FIRST_TOKEN, PER_TOKEN
from ..serving import fitted, fitted_load
from ..serving.load import under_load
from ..serving.requests import causes

if TYPE_CHECKING:
    from .prediction import Cases


class Served:
    """Cases that are all under load, as arrays with an element for each.

    Attributes:
        durations: seconds, as `Cases.metric` takes them: of a token, of the first one, or of
            a request; for a rate, those in which the requests at once are done.
        halves: half of each interval.
        binding: what takes the longest part of a token's time.
        waiting: requests that wait for memory.

    """

    def __init__(self, cases: Cases) -> None:
        """Predict the cases by the values that the package holds."""
        import numpy as np

        rows = cases.rows
        values = [fitted_load.stored(row.layout.machine, row.engine) for row in rows]
        named = {name: np.array([each[name] for each in values]) for name in values[0]}
        unpacks = np.array([fitted.unpacked(cases.deployments[row.layout]) for row in rows])
        here = cases.scenario.having(concurrency=cases.batch, answer=cases.answer)
        here = fitted_load.applied(here, named, cases.experts().astype(float), unpacks)
        found = under_load(here)
        stay = cases.batch / found.requests_done
        request = found.first_token_time + cases.answer * found.time_per_token
        kinds = {
            ("step", False): found.time_per_token,
            ("prompt", False): found.first_token_time,
            ("request", False): request,
            ("step", True): stay / cases.answer,
            ("prompt", True): stay,
            ("request", True): stay,
        }
        asked = [(row.metric.of, row.metric.rate) for row in rows]
        self.durations = np.select([[each == kind for each in asked] for kind in kinds],
                                   list(kinds.values()))  # fmt: skip
        alone = [row.metric.of == "step" and row.metric.per == "user" for row in rows]
        self.durations = np.where(alone, found.time_per_token, self.durations)
        factors = load_calibration.load().within_factors
        self.halves = np.array([
            factors[load_calibration.interval_of(
                FIRST_TOKEN if kind == ("prompt", False) else PER_TOKEN,
                concurrency=row.batch, prompt=row.prompt, answer=row.answer, experts=bool(sparse),
            )]
            for kind, row, sparse in zip(asked, rows, cases.experts(), strict=True)
        ])  # fmt: skip
        self.binding = parts.longest(causes(here, found, whole=True))
        self.waiting = np.maximum(0.0, cases.batch - found.admitted)
