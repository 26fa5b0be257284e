"""Runs tests on mutants, each in a fork of a process that has the libraries loaded already."""

from __future__ import annotations

import ast
import multiprocessing
import os
import queue
import resource
import shutil
import signal
import sys
import time
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

LIBRARIES = [
    "IPython.display", "anywidget", "hypothesis", "ipywidgets", "matplotlib.pyplot", "mpmath",
    "numpy", "pint", "pytest", "scipy.optimize", "scipy.stats", "sympy.codegen.cfunctions",
]  # fmt: skip
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
NEVER_NEEDED = shutil.ignore_patterns(".*", "_build", "*.egg-info", "__pycache__")
MEMORY = 8 << 30
LONGEST = 900.0
LOG = "mutant.log"


def chosen_tests(file: str, mapping: dict[str, list[str]]) -> list[str] | None:
    """Return the tests under the longest beginning of the file's path; None stands for all."""
    found = [start for start in mapping if file.startswith(start)]
    return mapping[max(found, key=len)] if found else None


def imported(source: str) -> set[str]:
    """Return the dotted name of each module that this imports, or imports something from."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def own_tests(file: str, imports: Mapping[str, set[str]]) -> list[str]:
    """Return the tests that import a module, which no list may leave out."""
    name = ".".join(PurePath(file).with_suffix("").parts)
    return [path for path, names in imports.items() if name in names]


class Tests:
    """The test files, how long each takes, and copies of the tree in which they are run."""

    def __init__(
        self, root: Path, source: Path, folder: Path, workers: int, config: dict[str, Any]
    ) -> None:
        self.root, self.source = root, source
        self.copies: queue.Queue[Path] = queue.Queue()
        for number in range(workers):
            self.copies.put(shutil.copytree(root, folder / str(number), ignore=NEVER_NEEDED))
        found = [path.relative_to(root) for path in sorted(root.glob("tests/**/test_*.py"))]
        self.paths = {path.name: str(path) for path in found}
        self.all = [p for p in self.paths.values() if not p.startswith(tuple(config["left_out"]))]
        self.mapping: dict[str, list[str]] = config["tests"]
        inside = {path.name for path in (root / source).glob("*/*")} | {"cli", "notebook"}
        rooms = [path for path in self.all if PurePath(path).parts[1] in inside]
        self.imports = {p: imported((root / p).read_text(encoding="utf-8")) for p in rooms}
        self.last: list[str] = config["last"]
        self.thorough: tuple[str, ...] = tuple(config["thorough"])
        listed = {name for names in (*self.mapping.values(), self.last) for name in names}
        if lost := sorted({name.partition("::")[0] for name in listed} - set(self.paths)):
            sys.exit(f"tests.toml lists {', '.join(lost)}, which there is not")
        self.seconds: dict[str, float] = {}
        self.moment = 0
        os.environ.update(ENVIRONMENT)
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(LIBRARIES)

    def of(self, file: str) -> list[str]:
        """Return a module's tests: listed, the last and its own; or all, quick ones first."""

        def quick_first(paths: Iterable[str]) -> list[str]:
            return sorted(paths, key=lambda path: self.seconds.get(path, 0.0))

        names = chosen_tests(file, self.mapping)
        if names is None:
            return quick_first(self.all)
        listed, last = ([self._path(name) for name in some] for some in (names, self.last))
        own = quick_first(own_tests(file, self.imports))
        return list(dict.fromkeys([*listed, *last, *own]))

    def _path(self, name: str) -> str:
        """Return where a test file lies, or one test of a file, written as pytest has it."""
        file, sign, test = name.partition("::")
        return f"{self.paths[file]}{sign}{test}"

    def measure(self, files: Iterable[str], pool: Executor) -> None:
        """Run on the package as it is what its modules need, and note the time it takes."""

        def seconds(test: str) -> float:
            start = time.monotonic()
            failed, log = self._run("inference_economics/__init__.py", None, [test], LONGEST)
            if failed != 0:
                print(log)
                sys.exit(f"{test} fails on the package as it is, in a copy of the tree")
            return time.monotonic() - start

        needed = sorted({test for file in files for test in self.of(file)})
        self.seconds.update(zip(needed, pool.map(seconds, needed), strict=True))

    def killer(self, file: str, text: str) -> str:
        """Return what fails with this text in that module: nothing, or a test."""
        chosen = self.of(file)
        # Thrice the time it took, for the machine may be busy.
        timeout = 20 + 3 * sum(self.seconds[test] for test in chosen)
        if file.startswith(self.thorough):
            timeout = LONGEST
        failed, _ = self._run(file, text, chosen, timeout)
        if failed is None:
            return "the timeout"
        if 0 < failed <= len(chosen):
            return chosen[failed - 1]
        return "a crash" if failed else ""

    def _run(
        self, file: str, text: str | None, tests: Sequence[str], timeout: float
    ) -> tuple[int | None, str]:
        """Run tests in the next free copy; None after the timeout, and what they have printed."""
        thorough = text is not None and file.startswith(self.thorough)
        copy = self.copies.get()
        path = copy / self.source / file
        if text is not None:
            path.write_text(text, encoding="utf-8")
            # A time at which no other version of the file was compiled.
            self.moment += 1
            os.utime(path, (self.moment, self.moment))
        process = self.context.Process(target=run, args=(str(copy), tests, thorough))
        process.start()
        process.join(timeout)
        failed = process.exitcode
        if failed is None and process.pid:
            os.killpg(process.pid, signal.SIGKILL)
            process.join()
        shutil.copy2(self.root / self.source / file, path)
        log = (copy / LOG).read_text(encoding="utf-8", errors="replace")
        self.copies.put(copy)
        return failed, log


def run(copy: str, tests: Sequence[str], thorough: bool) -> None:  # noqa: FBT001
    """Exit with the number of the test file that failed first, counted from 1, or with 0."""
    os.setsid()
    os.chdir(copy)
    # Before the tree that the environment has installed, here and in what tests start.
    sys.path.insert(0, f"{copy}/src")
    os.environ["PYTHONPATH"] = f"{copy}/src"
    os.environ["THOROUGH"] = str(int(thorough))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    import pytest

    options = ["-x", "-q", "-p", "no:nbval", "-p", "no:cacheprovider", "-m", "not timed"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of what is loaded already
    passed = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    for number, test in enumerate(tests, 1):
        if pytest.main([*options, test]) not in passed:
            sys.exit(number)
