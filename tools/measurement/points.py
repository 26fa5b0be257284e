"""A point to measure, and how it is measured: repeated, in turn with the others, with its spread.

A step is the piece of work that a point times: one matrix product, one reading, or one decode
step. Points take turns, one sample each a round: a machine that slows down for some seconds
slows all of them, not the one that was on just then.
"""

from __future__ import annotations

import math
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SAMPLE_SECONDS = 0.05
"""A sample is at least this long, the step being repeated as often as it takes."""

FEWEST = 3
"""Samples that every point gets, whatever they cost."""

ENOUGH = 20
"""Samples from which the 5th and the 95th percentile are told from the extremes."""

STEADY = 0.03
"""A point with enough samples is done once its spread is no more than this share of its median."""

HEARTBEAT = 10.0
"""Seconds without a point done after which a sign of life is given."""


@dataclass(frozen=True)
class Point:
    """One row of the result, before it is measured.

    `bytes` is what the step must read from memory: the weights, and for a decode step the KV
    cache; inputs and outputs are not counted. `flop` is the step's arithmetic, two to a
    multiplication and addition.
    """

    experiment: str
    precision: str
    batch: int
    context: int | None
    bytes: int
    flop: int
    experts: int | None = None
    experts_used: int | None = None

    def __str__(self) -> str:
        """Name the point in a line of progress."""
        context = "" if self.context is None else f", context {self.context}"
        experts = "" if self.experts is None else f" ({self.experts_used} of {self.experts})"
        return f"{self.experiment}{experts}, {self.precision}, batch {self.batch}{context}"


@dataclass(frozen=True)
class Task:
    """A point with the way to run it.

    `run` does the step that many times, or a fixed number of steps that many times, and returns
    the seconds of one step.
    """

    point: Point
    run: Callable[[int], float]


@dataclass(frozen=True)
class Measured:
    """A point with the seconds of its step: median, low and high, and the samples behind them.

    Low and high are the 5th and the 95th percentile, or the least and the most of few samples.
    """

    point: Point
    seconds: float
    low: float
    high: float
    repeats: int

    @property
    def bandwidth(self) -> float:
        """Bytes a second that the step reads."""
        return self.point.bytes / self.seconds

    @property
    def arithmetic(self) -> float:
        """Flop a second that the step does."""
        return self.point.flop / self.seconds


class Progress:
    """Lines that say how many seconds have passed since the start."""

    def __init__(self, write: Callable[[str], Any]) -> None:
        self.write = write
        self.start = self.last = time.perf_counter()

    def say(self, line: str) -> None:
        """Write a line."""
        self.last = time.perf_counter()
        self.write(f"[{self.last - self.start:4.0f} s] {line}")

    def tick(self, line: str) -> None:
        """Write a line if nothing has been said for long."""
        if time.perf_counter() - self.last >= HEARTBEAT:
            self.say(line)


def timed(step: Callable[[], Any], steps: int = 1) -> Callable[[int], float]:
    """Return a runner of the work that gives the seconds of one of its steps."""

    def run(times: int) -> float:
        start = time.perf_counter()
        for _ in range(times):
            step()
        return (time.perf_counter() - start) / (times * steps)

    return run


def spread(samples: Sequence[float]) -> tuple[float, float, float]:
    """Return low, median and high of the samples."""
    median = statistics.median(samples)
    if len(samples) < ENOUGH:
        return min(samples), median, max(samples)
    cuts = statistics.quantiles(samples, n=20, method="inclusive")
    return cuts[0], median, cuts[-1]


def measure(tasks: Iterable[Task], budget: float, progress: Progress) -> list[Measured]:
    """Return the tasks' points measured, in the order given.

    Each takes about `budget` seconds at most. A point whose fewest samples would take longer is
    left out, and `progress` is told; reading and arithmetic never are.
    """
    kept: list[_Course] = []
    for task in tasks:
        task.run(1)
        start = time.perf_counter()
        task.run(1)
        once = time.perf_counter() - start
        if once * FEWEST > budget and task.point.experiment not in {"read", "arithmetic"}:
            progress.say(f"{task.point}: left out, a run takes {once:.2g} s")
            continue
        kept.append(_Course(task, max(1, math.ceil(SAMPLE_SECONDS / once))))
        progress.tick(f"warmed up, as far as {task.point}")
    going = list(kept)
    progress.say(f"{len(going)} points in turns, {budget * len(going):.0f} s at most")
    while going:
        for course in tuple(going):
            course.sample()
            progress.tick(f"{len(kept) - len(going)} of {len(kept)} points done")
            if course.done(budget):
                going.remove(course)
                found = course.result()
                progress.say(
                    f"{found.point}: {found.seconds:.4g} s "
                    f"({found.low:.4g} to {found.high:.4g}, {found.repeats} repeats)"
                )
    return [course.result() for course in kept]


class _Course:
    """A task on its way: its samples so far, and what they took."""

    def __init__(self, task: Task, times: int) -> None:
        self.task, self.times = task, times
        self.samples: list[float] = []
        self.spent = 0.0

    def sample(self) -> None:
        """Take one more."""
        start = time.perf_counter()
        self.samples.append(self.task.run(self.times))
        self.spent += time.perf_counter() - start

    def done(self, budget: float) -> bool:
        """Return whether the spread is small, or the time is spent."""
        if self.spent >= budget:
            return len(self.samples) >= FEWEST
        low, median, high = spread(self.samples)
        return len(self.samples) >= ENOUGH and high - low <= STEADY * median

    def result(self) -> Measured:
        """Return what the samples say."""
        low, median, high = spread(self.samples)
        return Measured(self.task.point, median, low, high, len(self.samples))
