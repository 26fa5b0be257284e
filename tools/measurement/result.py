"""The result of a measurement: the CSV, and the summary that is printed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from inference_economics.evidence import own_runs
from inference_economics.facts import files

from .machine import Machine
from .points import Measured, Point

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

COLUMNS = (
    *(field.name for field in dataclasses.fields(Point)),
    "seconds",
    "seconds_low",
    "seconds_high",
    "repeats",
    *(field.name for field in dataclasses.fields(Machine)),
)


def as_csv(found: Iterable[Measured], machine: Machine) -> str:
    """Return one row a point; what is not known stays empty."""
    rows = []
    for one in found:
        own = (*dataclasses.astuple(one.point), one.seconds, one.low, one.high, one.repeats)
        rows.append(map(_text, (*own, *dataclasses.astuple(machine))))
    return files.as_csv(COLUMNS, rows)


def summary(found: Sequence[Measured], machine: Machine) -> Iterator[str]:
    """Give the lines that say what was found.

    The predicted knee comes from reading and arithmetic alone, and the observed one from the
    products alone.
    """
    yield f"{machine.machine}, {machine.workers} workers, {machine.library}"
    (bandwidth,) = (one.bandwidth for one in found if one.point.experiment == "read")
    for bound in (one for one in found if one.point.experiment == "arithmetic"):
        precision, arithmetic = bound.point.precision, bound.arithmetic
        every = (one for one in found if one.point.experiment == "product")
        products = [one for one in every if one.point.precision == precision]
        yield f"{precision}: reads {bandwidth / 1e9:.4g} GB/s, does {arithmetic / 1e9:.4g} Gflop/s"
        if products:
            first = products[0].point
            item = 2 * first.bytes * first.batch / first.flop
            predicted = own_runs.expected_knee(arithmetic, bandwidth, item)
            observed = own_runs.observed_knee({one.point.batch: one.seconds for one in products})
            yield f"  knee predicted at batch {predicted:.3g}"
            yield f"  knee observed at batch {observed:.3g}"
            yield from _table(products)
    decode = [one for one in found if one.point.experiment == "decode"]
    if decode:
        yield f"decode, {decode[0].point.precision}"
        yield "  batch  context        ms   tokens/s   of bandwidth"
    for one in decode:
        point = one.point
        yield (
            f"  {point.batch:5} {point.context:8} {one.seconds * 1e3:9.4g} "
            f"{point.batch / one.seconds:10.4g} {one.bandwidth / bandwidth:14.0%}"
        )


def _table(products: Sequence[Measured]) -> Iterator[str]:
    yield "  batch        ms   times the first     GB/s   Gflop/s"
    for one in products:
        yield (
            f"  {one.point.batch:5} {one.seconds * 1e3:9.4g} "
            f"{one.seconds / products[0].seconds:17.3g} "
            f"{one.bandwidth / 1e9:8.4g} {one.arithmetic / 1e9:9.4g}"
        )


def _text(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, float) else value
