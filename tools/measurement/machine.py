"""What the result says of the machine: its name, its size, its clocks, and its software.

No host name, no user name and no path is read. What cannot be found out is None.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

CPUS = Path("/sys/devices/system/cpu")
CPUINFO = Path("/proc/cpuinfo")
THREAD_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "OMP_NUM_THREADS",
)


def today() -> str:
    """Return the date in Greenwich."""
    return dt.datetime.now(tz=dt.UTC).date().isoformat()


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The columns that are the same in every row.

    `workers` are threads, or a GPU's multiprocessors; `clock_hz` is the most that the maker
    names, and `clock_now_hz` what was read while the machine multiplied matrices.
    """

    date: str = field(default_factory=today)
    machine: str
    device: str
    workers: int
    clock_hz: float | None
    clock_now_hz: float | None = None
    memory_bytes: int | None
    cache_bytes: int | None
    library: str
    python: str = field(default_factory=platform.python_version)
    system: str = f"{platform.system()} {platform.machine()}"


def slug(name: str) -> str:
    """Return a name in lower case, fit for a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "machine"


def clean(name: str) -> str:
    """Return a chip's name without the trade marks, its clock and its number of cores."""
    name = re.sub(r"\((?:R|TM|C)\)|®|™", " ", name, flags=re.IGNORECASE)
    name = re.sub(r"\s+@.*$|\b\S+-Core\b|\b(?:CPU|Processor)\b", " ", name, flags=re.IGNORECASE)
    return " ".join(name.split())


def cpu_name() -> str:
    """Return the processor's name, or the architecture where it has none."""
    found = _cpuinfo("model name") or _cpuinfo("Model") or _sysctl("machdep.cpu.brand_string") or ""
    return clean(found) or platform.machine()


def cpu_cache_bytes() -> int | None:
    """Return the size of the last level of cache, all its parts together."""
    parts: dict[tuple[int, str], int] = {}
    for folder in CPUS.glob("cpu[0-9]*/cache/index*"):
        level, size = _text(folder / "level"), _text(folder / "size")
        if _text(folder / "type") != "Instruction" and level.isdigit() and size[:-1].isdigit():
            unit = {"K": 2**10, "M": 2**20}.get(size[-1], 1)
            parts[int(level), _text(folder / "shared_cpu_list")] = int(size[:-1]) * unit
    if parts:
        last = max(level for level, _ in parts)
        return sum(size for (level, _), size in parts.items() if level == last)
    for name in ("hw.l3cachesize", "hw.perflevel0.l2cachesize", "hw.l2cachesize"):
        if int(_sysctl(name) or 0):
            return int(_sysctl(name))
    return None


def memory_bytes() -> int | None:
    """Return the memory that the system has."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return int(_sysctl("hw.memsize") or 0) or None


def available_bytes() -> int | None:
    """Return the memory that can be taken now, within the limit of a container."""
    found = re.search(r"MemAvailable:\s+(\d+) kB", _text(Path("/proc/meminfo")))
    free = [int(found[1]) * 1024] if found else []
    group = Path("/sys/fs/cgroup")
    limit, used = _text(group / "memory.max"), _text(group / "memory.current")
    if limit.isdigit() and used.isdigit():
        free.append(max(0, int(limit) - int(used)))
    return min(free) if free else memory_bytes()


def cpu_threads() -> int:
    """Return the threads that matrix products use: as set by the user, or one a core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    for name in THREAD_VARIABLES:
        value = os.environ.get(name, "")
        if value.isdigit() and int(value):
            return min(int(value), cores or 1)
    return cores or 1


def cpu_clock() -> float | None:
    """Return the processor's highest clock, in Hz."""
    most = _text(CPUS / "cpu0/cpufreq/cpuinfo_max_freq")
    if most.isdigit():
        return float(most) * 1e3
    named = re.search(r"@ *([\d.]+) *GHz", _cpuinfo("model name"))
    if named:
        return float(named[1]) * 1e9
    if _sysctl("hw.cpufrequency_max"):
        return float(_sysctl("hw.cpufrequency_max"))
    # Without the counters of cycles, Linux gives the clock that the chip, or its host, names.
    return None if _counts_cycles() else _cpuinfo_clock()


def cpu_clock_now() -> float | None:
    """Return the clock of the core that is fastest at the moment, in Hz."""
    now = [_text(path) for path in CPUS.glob("cpu[0-9]*/cpufreq/scaling_cur_freq")]
    if any(text.isdigit() for text in now):
        return max(float(text) for text in now if text.isdigit()) * 1e3
    return _cpuinfo_clock() if _counts_cycles() else None


def under_load(run: Callable[[int], float], read: Callable[[], float | None]) -> float | None:
    """Return what `read` says of the clock within three seconds of work."""
    if read() is None:
        return None
    start = time.perf_counter()
    run(1)
    times = max(1, round(3 / (time.perf_counter() - start)))
    with ThreadPoolExecutor(1) as pool:
        work = pool.submit(run, times)
        time.sleep(1)
        clock = read()
        work.result()
    return clock


def numpy_library() -> str:
    """Return the versions of NumPy and of the library that multiplies for it."""
    import numpy as np

    built: Any = np.show_config(mode="dicts")
    blas = built.get("Build Dependencies", {}).get("blas", {})
    name = str(blas.get("name", "unknown BLAS"))
    name = "OpenBLAS" if "openblas" in name.lower() else name
    version = ".".join(str(blas.get("version", "")).split(".")[:3])
    return f"NumPy {np.__version__}, {name} {version}".strip()


def nvidia(uuid: str | None, *fields: str) -> list[str | None]:
    """Return what nvidia-smi says of a GPU, one value a field."""
    chosen = ["-i", f"GPU-{uuid}"] if uuid else []
    query = [f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"]
    lines = _output("nvidia-smi", *chosen, *query).splitlines()
    values = lines[0].split(", ") if lines else []
    if len(values) != len(fields):
        return [None] * len(fields)
    return [value if value[:1].isdigit() else None for value in values]


def _cpuinfo(key: str) -> str:
    found = re.search(rf"^{key}\s*:\s*(.+)$", _text(CPUINFO), flags=re.MULTILINE)
    return found[1].strip() if found else ""


def _cpuinfo_clock() -> float | None:
    clocks = re.findall(r"^cpu MHz\s*:\s*([\d.]+)", _text(CPUINFO), flags=re.MULTILINE)
    return max(map(float, clocks)) * 1e6 if clocks else None


def _counts_cycles() -> bool:
    return "aperfmperf" in _cpuinfo("flags").split()


def _sysctl(name: str) -> str:
    return _output("sysctl", "-n", name) if sys.platform == "darwin" else ""


def _output(*command: str) -> str:
    """Return what a command prints, or nothing where it is missing or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
