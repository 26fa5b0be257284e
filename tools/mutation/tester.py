"""Runs tests on one mutant after another, each in a fork that has the libraries loaded already.

Run as `python tester.py COPY`, with a copy of the tree that it may change. It reads requests from
its input and answers each, a line of JSON at a time.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LIBRARIES = (
    "IPython.display", "anywidget", "hypothesis", "ipywidgets", "matplotlib.pyplot", "mpmath",
    "numpy", "pint", "pytest", "scipy.optimize", "scipy.stats", "sympy.codegen.cfunctions",
)  # fmt: skip
MEMORY = 8 << 30
LOG = "mutant.log"


@contextmanager
def changed(path: Path, text: str, moment: int) -> Iterator[None]:
    """Let a file have another text, and a time at which no other version of it was compiled."""
    original, before = path.read_bytes(), path.stat()
    path.write_text(text, encoding="utf-8")
    os.utime(path, (moment, moment))
    try:
        yield
    finally:
        path.write_bytes(original)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def run(tests: Sequence[str]) -> int:
    """Return which test file failed first, counted from 1, or 0 if none did."""
    import pytest

    options = ["-x", "-q", "-p", "no:nbval", "-p", "no:cacheprovider", "-m", "not timed"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of what is loaded already
    for number, test in enumerate(tests, 1):
        if pytest.main([*options, test]) not in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            return number
    return 0


def in_a_fork(tests: Sequence[str], timeout: float) -> int | None:
    """Return what `run` does, or another number if the process died, or None after the timeout."""
    child = os.fork()
    if not child:
        code = 255
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(log, 1)
            os.dup2(log, 2)
            code = run(tests)
        except BaseException:  # noqa: BLE001  (whatever it is, the fork must end here)
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def main() -> None:
    """Answer until the input ends."""
    copy = Path(sys.argv[1])
    os.chdir(copy)
    sys.path[0] = str(copy / "src")  # before the tree that the environment has installed
    for name in LIBRARIES:
        importlib.import_module(name)
    for moment, line in enumerate(sys.stdin, 1):
        request = json.loads(line)
        start = time.monotonic()
        with changed(copy / request["path"], request["text"], moment):
            failed = in_a_fork(request["tests"], request["timeout"])
        print(json.dumps({"failed": failed, "seconds": time.monotonic() - start}), flush=True)


if __name__ == "__main__":
    main()
