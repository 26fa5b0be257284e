"""Our own measurements, and the reader's: how long products take as the batch grows, and prompts.

`make measure` writes a table for the machine that it runs on; every table in the folder is one
run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..equations import roofline
from ..facts import files
from ..facts.catalog import CatalogError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Row = dict[str, str]
COLUMNS = ("experiment", "precision", "batch", "bytes", "flop", "seconds", "machine", "workers")
"""What is read of a run's table."""


@dataclass(frozen=True)
class Run:
    """One machine, measured on one day.

    Attributes:
        file: the table's name.
        rows: what was measured, a row each.

    """

    file: str
    rows: tuple[Row, ...]

    def about(self, name: str) -> str:
        """Return what the run says of itself: its machine, date, library and so on."""
        return self.rows[0][name]

    def precisions(self) -> tuple[str, ...]:
        """Return the precisions in which products were measured."""
        return tuple(
            dict.fromkeys(r["precision"] for r in self.rows if r["experiment"] == "product")
        )

    def experts_used(self) -> tuple[int, ...]:
        """Return how many experts a token used, where products with experts were measured."""
        rows = [row for row in self.rows if row["experiment"] == "experts"]
        return tuple(dict.fromkeys(int(row["experts_used"]) for row in rows))

    def experts(self) -> int:
        """Return how many experts there were."""
        return int(self._of("experts")[0]["experts"])

    def products(self, precision: str, used: int | None = None) -> dict[int, float]:
        """Return the seconds of a product for each batch; with experts, where so many are used."""
        return _seconds(self._products(precision, used))

    def bandwidth(self) -> float:
        """Return the bytes per second that are read where nothing else is done."""
        (row,) = self._of("read")
        return float(row["bytes"]) / float(row["seconds"])

    def arithmetic(self, precision: str) -> float:
        """Return the operations per second that are done where next to nothing is read."""
        (row,) = self._of("arithmetic", precision)
        return float(row["flop"]) / float(row["seconds"])

    def bounds(self, precision: str, used: int | None = None) -> Mapping[int, tuple[float, float]]:
        """Return, for each batch, the seconds that reading and that arithmetic alone would take."""
        bandwidth, arithmetic = self.bandwidth(), self.arithmetic(precision)
        return {
            int(row["batch"]): (float(row["bytes"]) / bandwidth, float(row["flop"]) / arithmetic)
            for row in self._products(precision, used)
        }

    def knee(self, precision: str, used: int | None = None) -> float:
        """Return the batch at which arithmetic alone takes as long as reading all weights alone."""
        row = self._reading_all(precision, used)[0]
        weights = float(row["flop"]) / (2 * int(row["batch"]))
        each = float(row["bytes"]) / weights
        return expected_knee(self.arithmetic(precision), self.bandwidth(), each)

    def seen_knee(self, precision: str, used: int | None = None) -> float:
        """Return the batch at which the product's flat and rising parts meet, as measured.

        With experts, the flat part begins where a batch reaches all of them.
        """
        return observed_knee(_seconds(self._reading_all(precision, used)))

    def prompts(self, precision: str) -> Mapping[int, float]:
        """Return the operations per second at which a prompt is read, for each length."""
        return {
            int(row["context"]): float(row["flop"]) / float(row["seconds"])
            for row in self._of("prompt", precision)
        }

    def fixed_times(self) -> Mapping[int, float]:
        """Return the seconds of a step of a model with hardly any weights, for each batch."""
        return _seconds(self._of("fixed"))

    def _products(self, precision: str, used: int | None) -> list[Row]:
        if used is None:
            return self._of("product", precision)
        rows = self._of("experts", precision)
        return [row for row in rows if int(row["experts_used"]) == used]

    def _reading_all(self, precision: str, used: int | None) -> list[Row]:
        rows = self._products(precision, used)
        most = max(float(row["bytes"]) for row in rows)
        return [row for row in rows if float(row["bytes"]) == most]

    def _of(self, experiment: str, precision: str = "") -> list[Row]:
        found = [
            row
            for row in self.rows
            if row["experiment"] == experiment and (not precision or row["precision"] == precision)
        ]
        if not found:
            raise CatalogError(f"{self.file} has no row of {experiment} {precision}".rstrip())
        return found


def _seconds(rows: Iterable[Row]) -> dict[int, float]:
    return {int(row["batch"]): float(row["seconds"]) for row in rows}


def expected_knee(arithmetic: float, bandwidth: float, bytes_per_weight: float) -> float:
    """Return the batch at which arithmetic takes as long as reading the weights.

    `arithmetic` is in operations and `bandwidth` in bytes per second. Raises InputError where
    one of the three is not positive.
    """
    critical: float = roofline.critical_batch(
        peak_flops=arithmetic,
        memory_bandwidth=bandwidth,
        bits_per_parameter=8 * bytes_per_weight,
        flop_per_parameter=2,
    )
    return critical


def observed_knee(products: Mapping[int, float]) -> float:
    """Return the batch at which the flat and the rising line meet, from the seconds of each batch.

    The flat line is the time at the smallest batch; the rising one has the least time per input
    of any batch.
    """
    rising = min(seconds / batch for batch, seconds in products.items())
    return products[min(products)] / rising


def load() -> tuple[Run, ...]:
    """Return all runs in the folder, by name."""
    runs = []
    for name in files.names("measured"):
        rows = tuple(files.rows(files.read(f"measured/{name}")))
        if not rows or not set(COLUMNS) <= set(rows[0]):
            raise CatalogError(f"{name} is no table of `make measure`")
        runs.append(Run(name, rows))
    return tuple(runs)


OURS = (
    "2026-11-23-amd-epyc.csv",
    "2026-11-27-nvidia-h100-80gb-hbm3.csv",
    "2026-11-29-nvidia-h200.csv",
)
"""The runs that the chapter speaks of; others are drawn beside them."""


def ours() -> tuple[Run, ...]:
    """Return the runs that the chapter speaks of, on a processor, an H100 and an H200."""
    return tuple(run for run in load() if run.file in OURS)
