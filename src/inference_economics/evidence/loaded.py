"""Rows of a table that are of a server under load, predicted as services are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..equations import parts
from ..facts import load_calibration
from ..facts.load_calibration import ENGINES, FIRST_TOKEN, PER_TOKEN
from ..facts.measurements import RowError
from ..serving import fitted, fitted_load, load, memory
from ..serving.requests import INSIDE, STOPPED, between, causes, if_much, least
from .prediction import Cases, too_full, try_deployment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..facts.measurements import Measurement
    from ..serving.load import Loaded
    from ..serving.scenario import Scenario

    Array = np.ndarray[Any, np.dtype[Any]]
    Solver = Callable[[Cases], "_Solved"]


READERS = "prefill workers"
"""What binds a service whose machines for prompts are always busy."""


class _Solved(NamedTuple):
    """Cases under load, what they give, who reads their prompts if others do, and what is unknown.

    `off` is by which factor engines differ where a row names none, `inside` whether prompts are
    then taken to be read inside the steps of others, `beside` what other layouts give, where rows
    do not say how their model is spread.
    """

    here: Scenario
    found: Loaded
    reading: Scenario | None = None
    off: Array | float = 1.0
    inside: Array | bool = False
    beside: Loaded | None = None


class Served:
    """Rows that are all under load, as arrays with an element for each.

    Attributes:
        durations: seconds, as `Cases.metric` takes them: of a token, of the first one, or of
            a request; for a rate, those in which the requests at once are done.
        halves: half of each interval.
        least: seconds that a machine at its peak would take.
        binding: what takes the longest part of a token's time.
        waiting: requests that wait for memory.
        alone: whether there is hardly more than one request at a time.
        off: by which factor engines or layouts differ, where a row names none.
        notes: what is said of that, in words.

    """

    def __init__(self, rows: Sequence[Measurement]) -> None:
        """Predict the rows by the values that the package holds."""
        places: dict[Solver, list[int]] = {}
        for place, row in enumerate(rows):
            places.setdefault(_solver(row), []).append(place)
        found = [
            _predicted(Cases([rows[i] for i in some]), solve) for solve, some in places.items()
        ]
        order = np.argsort([place for some in places.values() for place in some])
        columns = (np.concatenate(each)[order] for each in zip(*found, strict=True))
        self.durations, self.halves, self.least, self.binding, self.waiting, *more = columns
        off, inside, spread, self.alone = more
        self.off = np.maximum(off, spread)
        self.notes = np.empty(len(off), dtype=object)
        self.notes[:] = [
            (*((INSIDE,) if each[1] else if_much(STOPPED, each[0])), *if_much(_SPREAD, each[2]))
            for each in zip(off, inside, spread, strict=True)
        ]


def refused(rows: Sequence[Measurement]) -> dict[int, str]:
    """Return which places no server can serve, with the reason.

    More requests come than it can answer, or its readers lack the memory and were not measured.
    """
    found = {}
    if places := [place for place, row in enumerate(rows) if row.rate]:
        most = load.most_at_rate(_with_room(Cases([rows[place] for place in places]))[0])
        for place, each in zip(places, most, strict=True):
            if each < (rate := rows[place].rate):
                found[place] = load.TOO_MANY.format(rate=f"{rate:g}", most=each)
    if places := [place for place, row in enumerate(rows) if row.apart and row.value is None]:
        readers = _readers([rows[place] for place in places])
        told = zip(places, readers.verdicts(), readers.memory_filled(), strict=True)
        found |= {
            place: f"prefill workers: {too_full(filled, rows[place])}"
            for place, verdict, filled in told
            if verdict == memory.DOES_NOT_FIT
        }
    return found


def _solver(row: Measurement) -> Solver:
    if row.apart is not None:
        return _apart
    return _at_rate if row.rate else _at_once


def _at_once(cases: Cases) -> _Solved:
    here = _fitted(cases).having(concurrency=cases.batch)
    found, unnamed = load.under_load(here), _unnamed(cases)
    beside = _with_other_layouts(cases)
    if not unnamed.any():
        return _Solved(here, found, beside=beside)
    engines = (_fitted(cases, each).having(concurrency=cases.batch) for each in ENGINES)
    off = between([found, *map(load.under_load, engines)])
    return _Solved(here, found, off=np.where(unnamed, off, 1.0), beside=beside)


def _with_other_layouts(cases: Cases) -> Loaded | None:
    """Return what rows give with the layouts that they may have had as well, if any has one."""
    open_ones = [bool(row.other) and not isinstance(try_deployment(row.other), RowError)
                 for row in cases.rows]  # fmt: skip
    if not any(open_ones):
        return None
    rows = [
        replace(row, layout=row.other) if row.other and is_open else row
        for row, is_open in zip(cases.rows, open_ones, strict=True)
    ]
    others = Cases(rows)
    return load.under_load(_fitted(others).having(concurrency=others.batch))


_SPREAD = (
    "how the model is spread is not said: with a copy of attention on each accelerator (data "
    "parallel), times may differ by a factor of {:.2g}"
)


def _at_rate(cases: Cases) -> _Solved:
    here, inside = _with_room(cases)
    found, unnamed = load.at_rate(here), _unnamed(cases)
    if not unnamed.any():
        return _Solved(here, found)
    sharing = np.where(unnamed, 1.0, here.values["prompt_sharing"])
    off = between([found, load.at_rate(here.having(prompt_sharing=sharing))])
    return _Solved(here, found, off=off, inside=inside)


def _with_room(cases: Cases) -> tuple[Scenario, Array]:
    """Return cases at their rates, and which read prompts inside the steps of others to keep up."""
    rates = np.array([row.rate for row in cases.rows])
    here = _fitted(cases).having(request_rate=rates, burst_share=0.0)
    inside = _unnamed(cases)
    if not inside.any():
        return here, inside
    inside &= rates > load.most_at_rate(here)
    sharing = np.where(inside, 1.0, here.values["prompt_sharing"])
    return here.having(prompt_sharing=sharing), inside


def _unnamed(cases: Cases) -> Array:
    """Return which rows name no engine that services were fitted with."""
    return np.array([not row.engine for row in cases.rows])


def _apart(cases: Cases) -> _Solved:
    groups = [row.apart for row in cases.rows if row.apart is not None]
    reading = _fitted(_readers(cases.rows))
    machines = [of.layout.machine.numbers for of in groups]
    links = reading.values["link_bandwidth"]
    moved = [of.get("node_bandwidth", link) for of, link in zip(machines, links, strict=True)]
    writers = np.array([of.writers for of in groups])
    readers = np.array([of.readers for of in groups]) / writers
    reading = reading.having(readers=readers, transfer_bandwidth=np.array(moved))
    here = _fitted(cases).having(concurrency=cases.batch / writers)
    return _Solved(here, load.apart(reading, here), reading)


def _readers(rows: Sequence[Measurement]) -> Cases:
    """Return the groups that read prompts in place of those that answer."""
    return Cases([replace(row, layout=row.apart.layout) for row in rows if row.apart is not None])


def _fitted(cases: Cases, engine: str = "") -> Scenario:
    """Return the cases' values with those that the package holds of services.

    `engine` serves them all, in place of their own.
    """
    values = [fitted_load.stored(row.layout.machine, engine or row.engine) for row in cases.rows]
    named = {name: np.array([each[name] for each in values]) for name in values[0]}
    unpacks = np.array([fitted.unpacked(cases.deployments[row.layout]) for row in cases.rows])
    here = cases.scenario.having(answer=cases.answer)
    return fitted_load.applied(here, named, cases.experts().astype(float), unpacks)


def interval_kinds(names: Iterable[str], cases: Cases, users: Iterable[float]) -> list[str]:
    """Return under which name the interval of each case stands, for a time and so many users."""
    return [
        load_calibration.interval_of(
            name, concurrency=many, prompt=row.prompt, answer=row.answer, experts=bool(sparse)
        )
        for name, row, many, sparse in zip(names, cases.rows, users, cases.experts(), strict=True)
    ]


def _predicted(cases: Cases, solve: Solver) -> tuple[Array, ...]:
    """Return the durations, halves, causes and waiting requests of cases that are solved alike."""
    here, found, reading, off, inside, beside = solve(cases)
    at_once = here.values.get("concurrency", found.admitted)
    # Of requests that come at a rate, one stands for all.
    in_flight = np.where("concurrency" in here.values, at_once, 1.0)
    stay = in_flight / found.requests_done
    metrics = [row.metric for row in cases.rows]
    of = np.array([metric.of for metric in metrics])
    # The speed of one user is the time of a token; other rates are those of all requests.
    of_all = np.array([each.rate and (each.of, each.per) != ("step", "user") for each in metrics])

    def asked_for(first: Array, token: Array, stay: Array) -> Array:
        each = np.select(
            [of == "step", of == "prompt"], [token, first], first + cases.answer * token
        )
        return np.where(of_all, np.where(of == "step", stay / cases.answer, stay), each)

    durations = asked_for(found.first_token_time, found.time_per_token, stay)
    first, token, work = least(here, found, reading=reading)
    at_peak = asked_for(first, token, in_flight * work)
    names = np.where((of == "prompt") & ~of_all, FIRST_TOKEN, PER_TOKEN)
    factors = load_calibration.load().within_factors
    halves = [factors[kind] for kind in interval_kinds(names, cases, at_once)]
    given = of_all & np.array([row.rate > 0 for row in cases.rows])
    binding = parts.longest(causes(here, found, whole=True))
    writes = (of == "step") & ~of_all
    binding = np.where(found.readers_full & ~writes, READERS, binding)
    waiting = np.where(found.readers_full, 0.0, np.maximum(0.0, at_once - found.admitted))
    spread = ones = np.ones(len(cases))
    if beside is not None:
        stays = in_flight / beside.requests_done
        other = asked_for(beside.first_token_time, beside.time_per_token, stays)
        spread = np.maximum(durations / other, other / durations)
    off, spread = (np.where(given, 1.0, each * ones) for each in (off, spread))
    return (
        durations,
        np.where(given, 1.0, halves),
        at_peak,
        binding,
        waiting,
        off,
        inside * ones,
        spread,
        at_once * ones <= 1,
    )
