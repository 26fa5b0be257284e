"""Mutation testing: change the package in hundreds of ways, and see that a test fails each time.

Run as `make mutate`, or `make mutate ARGS="--only equations/demand.py"`. Cosmic Ray makes the
mutants, of module-level expressions too, as the equations are. The tests that matter for a module
are listed in mutation/tests.toml. What survives is in _build/mutants.txt as soon as it is known.
"""

from __future__ import annotations

import argparse
import difflib
import sys
import tempfile
import time
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mutation.draw import Mark, Mutant
    from mutation.tester import Tests

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / "tools" / "mutation"
SOURCE = Path("src")
PACKAGES = ("inference_economics", "inference_economics_notebook")
SURVIVORS = ROOT / "_build" / "mutants.txt"
WORKERS = 2
MUST_DIE = 0.95
MAY_BE_EQUIVALENT = 0.08


class Outcome(NamedTuple):
    """What became of a mutant; `shown` has the count that a mark takes as `nth`."""

    mutant: Mutant
    formula: str
    shown: str
    killed_by: str


def attempt(tests: Tests, source: str, text: str, mutant: Mutant, formula: str) -> Outcome:
    """Run the tests that matter on a mutant."""
    lines = list(difflib.unified_diff(source.splitlines(), text.splitlines(), n=0, lineterm=""))
    of = f", formula {formula}" if formula else ""
    where = f"{SOURCE / mutant.file}:{mutant.spot[0]}: {mutant.operator} {mutant.nth}{of}"
    shown = "\n    ".join([where, *lines[3:]])
    return Outcome(mutant, formula, shown, tests.killer(mutant.file, text))


def judge(outcomes: Sequence[Outcome], marks: dict[Mark, str], stale: set[Mark]) -> int:
    """Report what survived, and return 1 if that is too much."""
    marked = [o for o in outcomes if not o.killed_by and o.mutant.mark in marks]
    left = [o for o in outcomes if not o.killed_by and o.mutant.mark not in marks]
    print(f"\n{len(left)} survivors")
    for outcome in sorted(left, key=lambda o: (not o.formula, o.mutant.file)):
        print(outcome.shown)
    for mark in sorted(stale):
        print(f"No mutant is any more what this mark of an equivalent says: {mark}")
    for outcome in outcomes:
        if outcome.killed_by and outcome.mutant.mark in marks:
            print(f"Marked as equivalent, but killed by {outcome.killed_by}: {outcome.shown}")
    killers = Counter(outcome.killed_by for outcome in outcomes if outcome.killed_by)
    print("Killed by " + ", ".join(f"{name}: {n}" for name, n in killers.most_common()))
    real = len(outcomes) - len(marked)
    died, equivalent = (real - len(left)) / max(real, 1), len(marked) / max(len(outcomes), 1)
    print(f"{len(outcomes)} mutants, {equivalent:.1%} equivalent; {died:.1%} of the others died")
    in_formulas = any(outcome.formula for outcome in left)
    return int(in_formulas or died < MUST_DIE or equivalent > MAY_BE_EQUIVALENT)


def main() -> int:
    """Draw, try and judge."""
    # Here, since each process that runs tests reads this file too, to begin with.
    from mutation.draw import FROM_THE_REST, draw, read_marks
    from mutation.mutants import compiles, mutants, mutated
    from mutation.tester import Tests

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="a part of the path of the modules to change")
    parser.add_argument("--rest", type=int, default=FROM_THE_REST, help="how many outside formulas")
    args = parser.parse_args()
    begin = time.monotonic()
    sources = {
        file: path.read_text(encoding="utf-8")
        for package in PACKAGES
        for path in sorted((ROOT / SOURCE / package).rglob("*.py"))
        if args.only in (file := path.relative_to(ROOT / SOURCE).as_posix())
    }
    every = [mutant for file, source in sources.items() for mutant in mutants(file, source)]
    marks = read_marks((TOOLS / "equivalent.toml").read_text(encoding="utf-8"))
    stale = {mark for mark in marks if args.only in mark.file} - {m.mark for m in every}
    drawn = draw(every, sources, lambda m: compiles(sources[m.file], m), args.rest)
    few = [name for name, own in drawn.items() if name and len(own) < 2]
    jobs = [(mutant, name) for name, own in drawn.items() for mutant in own]
    print(f"{len(jobs)} mutants of {len(every)}, {len(jobs) - len(drawn[''])} of them in formulas")
    SURVIVORS.parent.mkdir(exist_ok=True)
    config = tomllib.loads((TOOLS / "tests.toml").read_text(encoding="utf-8"))
    outcomes = []
    with (
        tempfile.TemporaryDirectory() as folder,
        SURVIVORS.open("w", encoding="utf-8") as survivors,
        ThreadPoolExecutor(WORKERS) as pool,
    ):
        say = partial(print, flush=True)
        tests = Tests(ROOT, SOURCE, Path(folder), WORKERS, config)
        tests.measure({mutant.file for mutant, _ in jobs}, pool)
        say(f"Drawn, and tested as it is, in {time.monotonic() - begin:.0f} s")

        def tried(mutant: Mutant, formula: str) -> Outcome:
            source = sources[mutant.file]
            return attempt(tests, source, mutated(source, mutant), mutant, formula)

        for outcome in pool.map(lambda job: tried(*job), jobs):
            outcomes.append(outcome)
            if not outcome.killed_by:
                say(outcome.shown)
                say(outcome.shown, file=survivors)
            if len(outcomes) % 50 == 0:
                say(f"{len(outcomes)} of {len(jobs)} in {time.monotonic() - begin:.0f} s")
    failed = judge(outcomes, marks, stale)
    for name in few:
        print(f"Fewer than two mutants can be made of the formula {name}")
    print(f"It took {(time.monotonic() - begin) / 60:.1f} minutes")
    return int(failed or bool(few))


if __name__ == "__main__":
    sys.exit(main())
