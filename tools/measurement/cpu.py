"""The points of a processor: float32 products in NumPy, with the library that it came with.

The matrices form a ring that is many times as large as the last cache. Every step takes the next
one, so that its weights come from memory, as they do in a model that fills the memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .points import Point, Task, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Array = np.ndarray[Any, np.dtype[np.float32]]

MIB = 2**20
ROWS, COLUMNS = 1024, 4096
"""A matrix: 16 MiB. On Zen 4, taller ones were slower at batches of 2 to 8, smaller no faster."""

SIDE = 2048
"""The square matrices of the arithmetic: three of them stay in most last-level caches."""

BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
QUICK_BATCHES = (1, 8, 64, 256)
CACHES = 8
LEAST, MOST = 512 * MIB, 1536 * MIB
QUICK_BYTES = 128 * MIB


class MemoryShortError(Exception):
    """The machine has too little memory for even one matrix."""


def ring_bytes(cache: int | None, *, quick: bool = False) -> int:
    """Return the size of the ring: eight caches, within 512 MiB and 1.5 GiB."""
    return QUICK_BYTES if quick else min(MOST, max(LEAST, CACHES * (cache or 0)))


class Ring:
    """Matrices of random numbers, of which each step takes the next.

    `available` is the memory in bytes that can be taken, or None where it is not known. The ring
    is halved until it takes no more than half of that, and `say` is told.

    Raises MemoryShortError where one matrix is too much.
    """

    def __init__(
        self,
        total: int,
        available: int | None = None,
        say: Callable[[str], Any] = lambda _: None,
        shape: tuple[int, int] = (ROWS, COLUMNS),
    ) -> None:
        one = 4 * shape[0] * shape[1]
        asked, matrices = total, None
        while matrices is None:
            if total < one:
                raise MemoryShortError("too little memory: not even one matrix fits")
            if available is None or total <= available / 2:
                matrices = _allocate((total // one, *shape))
            if matrices is None:
                total //= 2
        if total < asked:
            say(f"memory is short: matrices of {total // MIB} MiB together, not {asked // MIB}")
        chance = np.random.default_rng(0)
        for index in range(len(matrices)):
            chance.random(out=matrices[index], dtype=np.float32)
            matrices[index] -= 0.5
        self.matrices: Array = matrices
        self._next = 0

    def take(self) -> Array:
        """Return the matrix that was used longest ago."""
        matrix: Array = self.matrices[self._next]
        self._next = (self._next + 1) % len(self.matrices)
        return matrix


def multiply(weights: Array, inputs: Array, out: Array) -> None:
    """Write the product of a matrix and a batch, one input a column, to `out`."""
    # The weights stand on the left and both lie row by row: measured with OpenBLAS on Zen 4, no
    # other order was faster at any batch. `inputs @ weights.T` was as fast at batch 1, twice as
    # slow at 2 to 8, and a tenth slower in the hundreds. From batch 2 on OpenBLAS copies the
    # weights into an order of its own, which a single input is spared: that step in the curve is
    # the library's, not the memory's.
    np.matmul(weights, inputs, out=out)


def tasks(ring: Ring, *, quick: bool = False) -> Iterator[Task]:
    """Give the tasks of a processor: reading, arithmetic, and products by batch."""
    weights = ring.matrices[0]

    def read() -> None:
        # A dot product of the matrix with itself: unlike a sum, OpenBLAS shares it among threads.
        matrix = ring.take().reshape(-1)
        np.dot(matrix, matrix)

    point = Point("read", "float32", 1, None, weights.nbytes, 2 * weights.size)
    yield Task(point, timed(read))
    yield _arithmetic(SIDE // 4 if quick else SIDE)
    yield from _products(ring, QUICK_BATCHES if quick else BATCHES)


def _allocate(shape: tuple[int, ...]) -> Array | None:
    try:
        return np.empty(shape, np.float32)
    except MemoryError:
        return None


def _arithmetic(side: int) -> Task:
    chance = np.random.default_rng(1)
    left, right = (chance.random((side, side), np.float32) - np.float32(0.5) for _ in range(2))
    out = np.empty_like(left)
    point = Point("arithmetic", "float32", side, None, left.nbytes, 2 * side**3)
    return Task(point, timed(lambda: multiply(left, right, out)))


def _products(ring: Ring, batches: Sequence[int]) -> Iterator[Task]:
    weights = ring.matrices[0]
    rows, columns = weights.shape
    chance = np.random.default_rng(2)
    for batch in batches:
        inputs = chance.random((columns, batch), np.float32) - np.float32(0.5)
        out = np.empty((rows, batch), np.float32)

        def step(inputs: Array = inputs, out: Array = out) -> None:
            multiply(ring.take(), inputs, out)

        flop = 2 * batch * weights.size
        point = Point("product", "float32", batch, None, weights.nbytes, flop)
        yield Task(point, timed(step))
