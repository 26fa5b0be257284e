"""The points of a GPU, in PyTorch: products, in bf16 and FP8, and a transformer's steps.

Products are with one matrix, or with experts, of which each token uses a few. A transformer takes
decode steps and reads prompts. PyTorch is handed in, as `torch`: the project does not depend on
it. AMD's chips count as `cuda` there. Everything also runs with the device "cpu", without a
graph, so that it can be tested.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from . import decoder, points
from .points import Point, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .decoder import Shape

GIB = 2**30
RING_BYTES = 4 * GIB
ROWS, COLUMNS = 16384, 8192
"""A matrix: 256 MiB in bf16, more than the cache of any GPU now sold holds twice."""

EXPERTS = 128
EXPERT_ROWS, EXPERT_COLUMNS = 5760, 2880
"""The first matrix of each expert of gpt-oss-120b."""

EXPERTS_USED = (4, 16)
"""How many experts a token uses: as in that model, and four times as many."""

DRAWS = 8
"""Choices of experts that take turns: a small batch reaches a different few in each."""

SIDE = 8192
BATCHES = tuple(2**power for power in range(13))
EXPERT_INPUTS = 2**19
"""The most inputs of experts: of a batch, each as often as it is used."""

EXPERT_BATCHES = tuple(2**power for power in range(18))
QUICK_BATCHES = (1, 16, 256, 4096)
PROMPTS = (512, 2048, 8192)
SPARE_BYTES = 3 * GIB
"""Left free beside weights and cache, for the libraries' workspaces and the graphs."""

FP8_CAPABILITY = (8, 9)
FP8_ROWS = 16
"""The FP8 product wants its batch in sixteens: a smaller one is filled up with zeros."""


@dataclass(frozen=True)
class Place:
    """PyTorch, and the device that it works on: "cuda" or "cpu"."""

    torch: Any
    device: str


@dataclass(frozen=True)
class Steps:
    """Decode steps to measure: what the experiment is called, its batches and its contexts."""

    experiment: str
    batches: tuple[int, ...]
    contexts: tuple[int, ...]


DECODE = Steps("decode", (1, 4, 16, 64, 256), (512, 2048, 8192))
QUICK_DECODE = Steps("decode", (1, 16), (512, 2048))
FIXED = Steps("fixed", (1, 16, 256), (16,))
"""With a nearly empty model: only the fixed time of a step is left."""


def random(place: Place, kind: Any, *sizes: int) -> Any:
    """Return random numbers of a type: zeros would take less power."""
    values = place.torch.randn(*sizes, dtype=_wide(place.torch, kind), device=place.device)
    return values.to(kind)


class Products:
    """A ring of matrices in one precision, and their product with a batch.

    The ring is halved until it fits, and `say` is told.
    """

    def __init__(
        self,
        place: Place,
        precision: str,
        shape: tuple[int, int] = (ROWS, COLUMNS),
        total: int = RING_BYTES,
        say: Callable[[str], Any] = lambda _: None,
    ) -> None:
        self.place, self.precision = place, precision
        self.torch, self.device = torch, device = place.torch, place.device
        self.kind = _kind(torch, precision)
        one = shape[0] * shape[1] * self.kind.itemsize
        count = max(2, -(-total // one))
        while True:
            try:
                self.matrices = [self.random(*shape) for _ in range(count)]
                break
            except torch.cuda.OutOfMemoryError:
                if count == 1:
                    raise
                self.matrices = []
                count //= 2
                say(f"memory is short: {count} matrices in {precision}")
        self.scale = torch.ones((), dtype=torch.float32, device=device)

    def random(self, rows: int, columns: int) -> Any:
        """Return random numbers in the ring's precision."""
        return random(self.place, self.kind, rows, columns)

    def inputs(self, batch: int) -> Any:
        """Return a batch to multiply, one input a row; in FP8, filled up to sixteens."""
        _, columns = self.matrices[0].shape
        if self.precision != "fp8":
            return self.random(batch, columns)
        rows = -(-batch // FP8_ROWS) * FP8_ROWS
        padded = self.torch.zeros(rows, columns, dtype=self.torch.bfloat16, device=self.device)
        padded[:batch] = self.random(batch, columns).to(self.torch.bfloat16)
        return padded.to(self.kind)

    def multiply(self, inputs: Any, weights: Any) -> Any:
        """Return the product, one output a row; FP8 gives bf16."""
        if self.precision != "fp8":
            return self.torch.nn.functional.linear(inputs, weights)
        return scaled(self.place, inputs, weights, (self.scale, self.scale))

    def tasks(self, batches: Sequence[int], side: int = SIDE) -> Iterator[Task]:
        """Give reading (but in FP8), arithmetic, and products by batch; a run is a whole ring."""
        weights = self.matrices[0]
        item = weights.element_size()
        size = weights.numel() * item
        if self.precision != "fp8":
            words = [matrix.view(self.torch.float32) for matrix in self.matrices]
            point = Point("read", self.precision, 1, None, size, words[0].numel())
            read = timed(self.place, lambda: [word.sum() for word in words], len(words))
            yield Task(point, read)
        left, right = self.random(side, side), self.random(side, side)
        point = Point("arithmetic", self.precision, side, None, side * side * item, 2 * side**3)
        yield Task(point, timed(self.place, lambda: self.multiply(left, right), 1))
        for batch in batches:
            inputs = self.inputs(batch)
            run = timed(self.place, partial(self._ring, inputs), len(self.matrices))
            flop = 2 * batch * weights.numel()
            yield Task(Point("product", self.precision, batch, None, size, flop), run)

    def _ring(self, inputs: Any) -> None:
        for weights in self.matrices:
            self.multiply(inputs, weights)


def scaled(place: Place, inputs: Any, weights: Any, scales: tuple[Any, Any]) -> Any:
    """Return the product of two tables in FP8, times both scales, in bf16."""
    # The library's only way to an FP8 product, though its name marks it as internal.
    return place.torch._scaled_mm(  # noqa: SLF001
        inputs,
        weights.t(),
        scale_a=scales[0],
        scale_b=scales[1],
        out_dtype=place.torch.bfloat16,
        use_fast_accum=place.device == "cuda",
    )


class Experts:
    """Matrices of which each token is multiplied with a few, drawn at random."""

    def __init__(
        self,
        place: Place,
        shape: tuple[int, int] = (EXPERT_ROWS, EXPERT_COLUMNS),
        experts: int = EXPERTS,
    ) -> None:
        self.place, self.torch = place, place.torch
        self.matrices = random(place, self.torch.bfloat16, experts, *shape)

    def draw(self, batch: int, used: int) -> Any:
        """Return at which row of the inputs each expert's end, for a batch of tokens.

        The inputs stand in the order of the experts, each as often as it is used.
        """
        experts, device = len(self.matrices), self.place.device
        chosen = self.torch.rand(batch, experts, device=device).topk(used).indices
        each = self.torch.bincount(chosen.flatten(), minlength=experts)
        return each.cumsum(0).to(self.torch.int32)

    def multiply(self, inputs: Any, ends: Any) -> Any:
        """Return the product of each input with its expert."""
        weights = self.matrices.transpose(1, 2)
        return self.torch.nn.functional.grouped_mm(inputs, weights, offs=ends)

    def fitting(self, batches: Sequence[int], used: int, free: int) -> list[int]:
        """Return the batches whose inputs and outputs fit beside the matrices in so many bytes."""
        _, rows, columns = self.matrices.shape
        item = self.matrices.element_size()
        # A graph keeps its outputs, and smaller batches together keep about as much as the largest.
        each = 2 * (rows + columns) * item * len(EXPERTS_USED)
        most = (free - self.matrices.numel() * item) // each
        return [batch for batch in batches if batch * used <= most]

    def tasks(self, batches: Sequence[int], used: int) -> Iterator[Task]:
        """Give the products by batch; a run takes one choice of experts after the other."""
        experts, rows, columns = self.matrices.shape
        size = rows * columns * self.matrices.element_size()
        for batch in batches:
            inputs = random(self.place, self.torch.bfloat16, batch * used, columns)
            draws = [self.draw(batch, used) for _ in range(DRAWS)]
            reached = sum(int(ends.unique().count_nonzero()) for ends in draws) / DRAWS
            flop = 2 * batch * used * rows * columns
            point = Point(
                "experts", "bf16", batch, None, round(reached * size), flop, experts, used
            )
            yield Task(point, timed(self.place, partial(self._turns, inputs, draws), DRAWS))

    def _turns(self, inputs: Any, draws: Sequence[Any]) -> None:
        for ends in draws:
            self.multiply(inputs, ends)


def expert_tasks(
    place: Place, batches: Sequence[int], free: int, say: Callable[[str], Any]
) -> Iterator[Task]:
    """Give the products with experts, for each number that a token uses, by batch.

    `free` is the memory in bytes that they may take. What does not fit is left out, and `say` is
    told.
    """
    experts = Experts(place)
    for used in EXPERTS_USED:
        wanted = [batch for batch in batches if batch * used <= EXPERT_INPUTS]
        fitting = experts.fitting(wanted, used, free)
        if left := wanted[len(fitting) :]:
            say(f"experts ({used} of {EXPERTS}): batches from {left[0]} left out, do not fit")
        yield from experts.tasks(fitting, used)


def decode_tasks(
    place: Place, shape: Shape, steps: Steps, free: int, say: Callable[[str], Any]
) -> Iterator[Task]:
    """Give the decode steps of a transformer with random weights, by batch and context.

    `free` is the memory in bytes that weights and cache may take. What does not fit is left out,
    and `say` is told.
    """
    torch, device = place.torch, place.device
    precision = "bf16" if device == "cuda" else "float32"
    kind = _kind(torch, precision)
    item = kind.itemsize

    def point(batch: int, context: int) -> Point:
        read = decoder.read_bytes(shape, item, batch, context)
        flop = decoder.step_flop(shape, batch, context)
        return Point(steps.experiment, precision, batch, context, read, flop)

    left = free - decoder.stored_bytes(shape, item)
    fitting = []
    for batch, context in itertools.product(steps.batches, steps.contexts):
        if batch * context * decoder.cache_bytes_per_token(shape, item) <= left:
            fitting.append((batch, context))
        else:
            say(f"{point(batch, context)}: left out, does not fit")
    if not fitting:
        return
    model = decoder.Model(torch, shape, device, kind, max(context for _, context in fitting))
    store = decoder.Store(
        torch, shape, device, kind, max(batch * context for batch, context in fitting)
    )
    for batch, context in fitting:
        cache = store.cache(batch, context)
        tokens = torch.randint(shape.vocabulary, (batch,), device=device)

        def step(cache: Any = cache, tokens: Any = tokens, context: int = context) -> None:
            tokens.copy_(decoder.step(model, cache, tokens, context).argmax(-1))

        yield Task(point(batch, context), timed(place, step, 1))


def prompt_tasks(
    place: Place, shape: Shape, precision: str, lengths: Sequence[int]
) -> Iterator[Task]:
    """Give the prompts that a transformer with random weights reads, one at a time, by length.

    In FP8 are the matrices of the layers, and what they are multiplied with.
    """
    torch, device = place.torch, place.device
    kind = _kind(torch, precision)
    started = _wide(torch, kind)
    model = decoder.Model(torch, shape, device, started, max(lengths))
    if kind != started:
        model.quantize(kind, partial(scaled, place))
    for length in lengths:
        tokens = torch.randint(shape.vocabulary, (length,), device=device)
        # Nothing is in the cache yet: what a prompt reads is weights, and its embeddings.
        read = decoder.read_bytes(shape, started.itemsize, length, 0)
        read -= (started.itemsize - kind.itemsize) * shape.layer_weights
        point = Point("prompt", precision, 1, length, read, decoder.prompt_flop(shape, length))
        yield Task(point, timed(place, partial(decoder.read_prompt, model, tokens), 1))


def timed(place: Place, work: Callable[[], Any], steps: int) -> Callable[[int], float]:
    """Return a runner of the work that gives the seconds of one of its steps.

    On a GPU the work is captured as a graph and replayed, so that no kernel waits for Python,
    and timed by the GPU's own events.
    """
    torch = place.torch
    if place.device != "cuda":
        return points.timed(work, steps)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        work()
    torch.cuda.current_stream().wait_stream(side)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))

    # A graph reads where its inputs lay: `work` holds them, or they would be given back.
    def replay(times: int, _kept: Callable[[], Any] = work) -> float:
        start.record()
        for _ in range(times):
            graph.replay()
        end.record()
        end.synchronize()
        return float(start.elapsed_time(end)) / 1e3 / (times * steps)

    return replay


def has_fp8(torch: Any) -> bool:
    """Return whether the GPU multiplies in FP8."""
    return bool(torch.cuda.get_device_capability() >= FP8_CAPABILITY)


def _wide(torch: Any, kind: Any) -> Any:
    """Return the type in which the numbers of a type are made: FP8 cannot be drawn."""
    return kind if kind == torch.float32 else torch.bfloat16


def _kind(torch: Any, precision: str) -> Any:
    """Return PyTorch's type of a precision."""
    if precision == "float32":
        return torch.float32
    if precision == "bf16":
        return torch.bfloat16
    # The MI300's FP8 is a variant of its own.
    arch = torch.cuda.get_device_properties(0).gcnArchName if torch.version.hip else ""
    return torch.float8_e4m3fnuz if arch.startswith("gfx94") else torch.float8_e4m3fn
