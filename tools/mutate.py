"""Mutation testing: change the package in hundreds of ways, and see that a test fails each time.

Run as `make mutate`, or `make mutate ARGS="--only equations/demand.py"`. Cosmic Ray makes the
mutants, of module-level expressions too, as the equations are. The tests that matter for a module
are listed in mutation/tests.toml. Each of two workers has a copy of the tree of its own.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mutation.draw import FROM_THE_REST, Mark, Mutant, chosen_tests, draw, read_marks
from mutation.mutants import mutants, mutated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / "tools" / "mutation"
PACKAGE = Path("src/inference_economics")
WORKERS = 2
MUST_DIE = 0.95
MAY_BE_EQUIVALENT = 0.08
LONGEST = 900.0
NEVER_NEEDED = shutil.ignore_patterns(".*", "_build", "*.egg-info", "__pycache__")
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}


class Worker:
    """A copy of the tree, and the process that runs tests in it."""

    def __init__(self, python: str, folder: Path) -> None:
        self.copy = folder
        shutil.copytree(ROOT, folder, ignore=NEVER_NEEDED)
        self.process = subprocess.Popen(
            [python, str(TOOLS / "tester.py"), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **ENVIRONMENT, "PYTHONPATH": str(folder / "src")},
        )

    def ask(self, path: Path, text: str, tests: Sequence[str], timeout: float) -> dict[str, Any]:
        """Run tests with this text in that file."""
        assert self.process.stdin  # noqa: S101
        assert self.process.stdout  # noqa: S101
        request = {"path": str(path), "text": text, "tests": tests, "timeout": timeout}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        answer["log"] = (self.copy / "mutant.log").read_text(encoding="utf-8", errors="replace")
        return answer


class Tests:
    """The test files, how long each takes, and the workers that run them."""

    def __init__(self, python: str, folder: Path) -> None:
        self.workers: queue.Queue[Worker] = queue.Queue()
        for number in range(WORKERS):
            self.workers.put(Worker(python, folder / str(number)))
        found = sorted(ROOT.glob("tests/**/test_*.py"))
        self.paths = {path.name: str(path.relative_to(ROOT)) for path in found}
        config = tomllib.loads((TOOLS / "tests.toml").read_text(encoding="utf-8"))
        left_out = tuple(config["left_out"])
        self.all = [path for path in self.paths.values() if not path.startswith(left_out)]
        self.mapping: dict[str, list[str]] = config["tests"]
        self.seconds: dict[str, float] = {}

    def ask(self, path: Path, text: str, tests: Sequence[str], timeout: float) -> dict[str, Any]:
        """Have the next free worker run tests."""
        worker = self.workers.get()
        try:
            return worker.ask(path, text, tests, timeout)
        finally:
            self.workers.put(worker)

    def of(self, file: str) -> list[str]:
        """Return the test files that matter for a module: as listed, or all, quick ones first."""
        names = chosen_tests(file, self.mapping)
        if names is None:
            return sorted(self.all, key=lambda path: self.seconds.get(path, 0.0))
        return [self.paths[name] for name in names if name in self.paths]

    def missing(self) -> set[str]:
        """Return the listed files that there are not."""
        return {name for names in self.mapping.values() for name in names} - self.paths.keys()

    def measure(self, files: Iterable[str]) -> None:
        """Run on the package as it is what its modules need, and note the time it takes."""
        needed = sorted({test for file in files for test in self.of(file)})
        path = PACKAGE / "__init__.py"
        text = (ROOT / path).read_text(encoding="utf-8")
        with ThreadPoolExecutor(WORKERS) as pool:
            answers = pool.map(lambda test: self.ask(path, text, [test], LONGEST), needed)
            for test, answer in zip(needed, answers, strict=True):
                if answer["failed"] != 0:
                    print(answer["log"])
                    sys.exit(f"{test} fails on the package as it is, in a copy of the tree")
                self.seconds[test] = answer["seconds"]

    def close(self) -> None:
        """Let the workers end."""
        while not self.workers.empty():
            process = self.workers.get().process
            process.communicate()


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant."""

    mutant: Mutant
    formula: str
    diff: str
    killed_by: str
    seconds: float


def attempt(tests: Tests, source: str, mutant: Mutant, formula: str) -> Outcome:
    """Run the tests that matter on a mutant."""
    text = mutated(source, mutant)
    chosen = tests.of(mutant.file)
    # Thrice the time it took, for the machine may be busy.
    timeout = 20 + 3 * sum(tests.seconds[test] for test in chosen)
    answer = tests.ask(PACKAGE / mutant.file, text, chosen, timeout)
    failed = answer["failed"]
    if failed is None:
        killer = "the timeout"
    else:
        killer = chosen[failed - 1] if 0 < failed <= len(chosen) else "a crash" if failed else ""
    lines = difflib.unified_diff(source.splitlines(), text.splitlines(), n=0, lineterm="")
    diff = "\n".join(f"    {line}" for line in list(lines)[3:])
    return Outcome(mutant, formula, diff, killer, answer["seconds"])


def shown(outcome: Outcome) -> str:
    """Return a survivor as it is reported, with the count that a mark takes as `nth`."""
    mutant = outcome.mutant
    of = f", formula {outcome.formula}" if outcome.formula else ""
    where = f"{PACKAGE / mutant.file}:{mutant.spot[0]}: {mutant.operator} {mutant.nth}{of}"
    return f"{where}\n{outcome.diff}"


def judge(outcomes: Sequence[Outcome], marks: dict[Mark, str], stale: set[Mark]) -> int:
    """Report what survived, and return 1 if that is too much."""
    survived = [outcome for outcome in outcomes if not outcome.killed_by]
    marked = [outcome for outcome in survived if Mark.of(outcome.mutant) in marks]
    open_ = [outcome for outcome in survived if outcome not in marked]
    wrong = [o for o in outcomes if o.killed_by and Mark.of(o.mutant) in marks]
    print(f"\n{len(open_)} survivors")
    for outcome in sorted(open_, key=lambda outcome: (not outcome.formula, outcome.mutant.file)):
        print(shown(outcome))
    for mark in sorted(stale):
        print(f"No mutant is any more what this mark of an equivalent says: {mark}")
    for outcome in wrong:
        print(f"Marked as equivalent, but killed by {outcome.killed_by}: {shown(outcome)}")
    killers = Counter(outcome.killed_by for outcome in outcomes if outcome.killed_by)
    print("Killed by " + ", ".join(f"{name}: {n}" for name, n in killers.most_common()))
    real = len(outcomes) - len(marked)
    died, equivalent = (real - len(open_)) / max(real, 1), len(marked) / max(len(outcomes), 1)
    print(f"{len(outcomes)} mutants, {equivalent:.1%} equivalent; {died:.1%} of the others died")
    in_formulas = any(outcome.formula for outcome in open_)
    return int(in_formulas or died < MUST_DIE or equivalent > MAY_BE_EQUIVALENT)


def main() -> int:
    """Draw, try and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="what runs the tests")
    parser.add_argument("--only", default="", help="a part of the path of the modules to change")
    parser.add_argument("--rest", type=int, default=FROM_THE_REST, help="how many outside formulas")
    args = parser.parse_args()
    begin = time.monotonic()
    files = sorted((ROOT / PACKAGE).rglob("*.py"))
    sources = {
        path.relative_to(ROOT / PACKAGE).as_posix(): path.read_text(encoding="utf-8")
        for path in files
    }
    sources = {file: source for file, source in sources.items() if args.only in file}
    every = [mutant for file, source in sources.items() for mutant in mutants(file, source)]
    marks = read_marks((TOOLS / "equivalent.toml").read_text(encoding="utf-8"))
    stale = {mark for mark in marks if args.only in mark.file} - {Mark.of(m) for m in every}
    drawn = draw(every, sources, lambda m: compiles(mutated(sources[m.file], m)), args.rest)
    few = [name for name, own in drawn.items() if name and len(own) < 2]
    jobs = [(mutant, name) for name, own in drawn.items() for mutant in own]
    print(f"{len(jobs)} mutants of {len(every)}, {len(jobs) - len(drawn[''])} of them in formulas")
    with tempfile.TemporaryDirectory() as folder:
        tests = Tests(args.python, Path(folder))
        for name in sorted(tests.missing()):
            print(f"tests.toml lists {name}, which there is not")
        tests.measure({mutant.file for mutant, _ in jobs})
        print(f"Drawn, and tested as it is, in {time.monotonic() - begin:.0f} s", flush=True)
        outcomes = []
        with ThreadPoolExecutor(WORKERS) as pool:
            for outcome in pool.map(lambda j: attempt(tests, sources[j[0].file], *j), jobs):
                outcomes.append(outcome)
                if not outcome.killed_by:
                    print(shown(outcome), flush=True)
                if len(outcomes) % 50 == 0:
                    passed = time.monotonic() - begin
                    print(f"{len(outcomes)} of {len(jobs)} in {passed:.0f} s", flush=True)
        tests.close()
    failed = judge(outcomes, marks, stale)
    for name in few:
        print(f"Fewer than two mutants can be made of the formula {name}")
    print(f"It took {(time.monotonic() - begin) / 60:.1f} minutes")
    return int(failed or bool(few))


def compiles(text: str) -> bool:
    """Say whether a mutant is Python at all."""
    import warnings

    try:
        with warnings.catch_warnings(action="ignore"):
            compile(text, "mutant", "exec")
    except SyntaxError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
