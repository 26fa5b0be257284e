"""Measure the batching curve of this machine: `measure.py [--out FILE] [--quick] [--device D]`.

Run as `make measure`. Weights too large for the cache are multiplied with batches of 1, 2, 4 …:
while they must be read anyway, a larger batch costs little; past the knee it costs in proportion.
On a GPU that PyTorch can use, products are in bf16 and FP8, and products with experts and a
transformer's steps are measured too. Without one, NumPy measures the processor. Nothing is fetched.
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import importlib
import importlib.util
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measurement import cpu, decoder, gpu, machine, result
from measurement.machine import Machine
from measurement.points import Measured, Progress, Task, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

FOLDER = Path(__file__).parents[1] / "src" / "inference_economics" / "facts" / "data" / "measured"
CPU_BUDGET, GPU_BUDGET, QUICK_BUDGET = 8.0, 3.0, 0.5
"""Seconds a point."""


class Refusal(Exception):  # noqa: N818  (no fault of the tool)
    """A reason not to measure, for the user."""


def find_torch() -> Any:
    """Return PyTorch if it is installed and has a GPU that it can use, else None."""
    if importlib.util.find_spec("torch") is None:
        return None
    try:
        torch = importlib.import_module("torch")
    except (ImportError, OSError):  # a library of its own is missing
        return None
    return torch if torch.cuda.is_available() else None


def measure_cpu(progress: Progress, *, quick: bool) -> tuple[Machine, list[Measured]]:
    """Measure the processor with NumPy."""
    about = Machine(
        machine=machine.cpu_name(),
        device="cpu",
        workers=machine.cpu_threads(),
        clock_hz=machine.cpu_clock(),
        memory_bytes=machine.memory_bytes(),
        cache_bytes=machine.cpu_cache_bytes(),
        library=machine.numpy_library(),
    )
    progress.say(f"{about.machine}, {about.workers} threads, {about.library}")
    total = cpu.ring_bytes(about.cache_bytes, quick=quick)
    ring = cpu.Ring(total, machine.available_bytes(), progress.say)
    progress.say(f"{len(ring.matrices)} matrices of {ring.matrices[0].nbytes // cpu.MIB} MiB")
    tasks = list(cpu.tasks(ring, quick=quick))
    found = measure(tasks, QUICK_BUDGET if quick else CPU_BUDGET, progress)
    clock = _loaded_clock(tasks, machine.cpu_clock_now)
    return dataclasses.replace(about, clock_now_hz=clock), found


def measure_gpu(torch: Any, progress: Progress, *, quick: bool) -> tuple[Machine, list[Measured]]:
    """Measure the GPU with PyTorch."""
    chip = torch.cuda.get_device_properties(0)
    uuid = str(getattr(chip, "uuid", "")) or None
    most, driver = machine.nvidia(uuid, "clocks.max.sm", "driver_version")
    toolkit = f"ROCm {torch.version.hip}" if torch.version.hip else f"CUDA {torch.version.cuda}"
    library = f"PyTorch {torch.__version__}, {toolkit}"
    about = Machine(
        machine=machine.clean(chip.name),
        device="cuda",
        workers=chip.multi_processor_count,
        clock_hz=float(most) * 1e6 if most else None,
        memory_bytes=chip.total_memory,
        cache_bytes=getattr(chip, "L2_cache_size", None),
        library=f"{library}, driver {driver}" if driver else library,
    )
    progress.say(f"{about.machine}, {about.library}")

    def clock_now() -> float | None:
        (now,) = machine.nvidia(uuid, "clocks.sm")
        return float(now) * 1e6 if now else None

    found, clock = _precision(torch, "bf16", clock_now, progress, quick=quick)
    _free(torch)
    if gpu.has_fp8(torch):
        try:
            found += _precision(torch, "fp8", clock_now, progress, quick=quick)[0]
        except RuntimeError as error:
            progress.say(f"fp8 is left out: {_first_line(error)}")
        _free(torch)
    else:
        progress.say("fp8 is left out: the GPU does not multiply in it")
    for name, tasks in _others(torch, progress, quick=quick):
        try:
            found += measure(tasks, QUICK_BUDGET if quick else GPU_BUDGET, progress)
        except (AttributeError, RuntimeError) as error:  # an older PyTorch, or out of memory
            progress.say(f"{name} left out: {_first_line(error)}")
        _free(torch)
    return dataclasses.replace(about, clock_now_hz=clock), found


def _precision(
    torch: Any,
    precision: str,
    clock_now: Callable[[], float | None],
    progress: Progress,
    *,
    quick: bool,
) -> tuple[list[Measured], float | None]:
    """Measure the products of one precision, and the clock while it multiplies."""
    total = min(gpu.RING_BYTES, torch.cuda.mem_get_info()[0] // 4)
    products = gpu.Products(gpu.Place(torch, "cuda"), precision, total=total, say=progress.say)
    progress.say(f"{len(products.matrices)} matrices in {precision}")
    if precision == "fp8":
        progress.say(f"a batch below {gpu.FP8_ROWS} is filled up to it in fp8")
    tasks = list(products.tasks(gpu.QUICK_BATCHES if quick else gpu.BATCHES))
    found = measure(tasks, QUICK_BUDGET if quick else GPU_BUDGET, progress)
    return found, _loaded_clock(tasks, clock_now)


def _others(torch: Any, progress: Progress, *, quick: bool) -> Iterator[tuple[str, Iterator[Task]]]:
    """Give what is measured beside products with one matrix, each with its name."""
    place, shape = gpu.Place(torch, "cuda"), decoder.Shape()
    free = torch.cuda.mem_get_info()[0] - gpu.SPARE_BYTES
    batches = gpu.QUICK_BATCHES if quick else gpu.EXPERT_BATCHES
    yield "experts", gpu.expert_tasks(place, batches, free, progress.say)
    decode = gpu.QUICK_DECODE if quick else gpu.DECODE
    for model, steps in ((shape, decode), (decoder.NEARLY_EMPTY, gpu.FIXED)):
        yield steps.experiment, gpu.decode_tasks(place, model, steps, free, progress.say)
    for precision in ("bf16", "fp8") if gpu.has_fp8(torch) else ("bf16",):
        lengths = gpu.PROMPTS[:1] if quick else gpu.PROMPTS
        yield f"prompts in {precision}", gpu.prompt_tasks(place, shape, precision, lengths)


def _loaded_clock(tasks: Sequence[Task], read: Callable[[], float | None]) -> float | None:
    (load,) = (task.run for task in tasks if task.point.experiment == "arithmetic")
    return machine.under_load(load, read)


def _free(torch: Any) -> None:
    gc.collect()
    torch.cuda.empty_cache()


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def run(out: Path | None, device: str | None, *, quick: bool) -> None:
    """Measure, store the CSV and print the summary.

    Raises Refusal where the device, the memory or the file is not to be had.
    """
    torch = None if device == "cpu" else find_torch()
    if device == "cuda" and torch is None:
        raise Refusal("--device cuda needs PyTorch and a GPU that it can use; one is missing here")
    name = machine.clean(torch.cuda.get_device_name(0)) if torch else machine.cpu_name()
    if quick and out is None:
        raise Refusal("--quick needs --out: rough figures do not belong among the data")
    out = out or FOLDER / f"{machine.today()}-{machine.slug(name)}.csv"
    _check_writable(out)
    progress = Progress(partial(print, file=sys.stderr, flush=True))
    try:
        if torch:
            about, found = measure_gpu(torch, progress, quick=quick)
        else:
            about, found = measure_cpu(progress, quick=quick)
    except (cpu.MemoryShortError, MemoryError) as error:
        raise Refusal(_first_line(error) or "too little memory") from error
    try:
        out.write_text(result.as_csv(found, about), encoding="utf-8", newline="")
    except OSError as error:
        raise Refusal(f"{out} cannot be written: {error.strerror}") from error
    for line in result.summary(found, about):
        print(line)
    print(f"The result is at {out}")


def _check_writable(out: Path) -> None:
    """Refuse before the measurement, not after it; an older result stays until there is a new."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        new = not out.exists()
        out.open("a").close()
        if new:
            out.unlink()
    except OSError as error:
        raise Refusal(f"{out} cannot be written: {error.strerror}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="measure.py", description="Measure the batching curve of this machine."
    )
    parser.add_argument("--out", type=Path, help="the CSV (default: a new one among the data)")
    parser.add_argument("--quick", action="store_true", help="a check of the tool: rough figures")
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), help="default: the GPU if there is one"
    )
    chosen = parser.parse_args(arguments)
    try:
        run(chosen.out, chosen.device, quick=chosen.quick)
    except Refusal as error:
        print(f"measure: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("measure: interrupted, nothing is stored", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
