"""Which mutants are tried, with which tests, and which of them are marked as equivalent.

A draw is by the hash of what a mutant changes, not by its place: when a module moves, or lines are
added above, the same mutants are drawn.
"""

from __future__ import annotations

import ast
import hashlib
import itertools
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Spot = tuple[int, int]
    Span = tuple[Spot, Spot]

SEED = 20230627
FOR_EACH_FORMULA = 3
FROM_THE_REST = 300


@dataclass(frozen=True)
class Mutant:
    """One change of one line: `nth` tells it from others by the same operator on equal lines."""

    file: str
    spot: Spot
    changed: str
    line: str
    operator: str
    occurrence: int
    nth: int

    @property
    def rank(self) -> str:
        """Return the place in the order of the draw, which looks random and never changes."""
        key = (SEED, PurePath(self.file).name, self.line, self.operator, self.nth)
        return hashlib.sha256(repr(key).encode()).hexdigest()

    @property
    def keeps_units(self) -> bool:
        """Say whether no check of units can notice it, so that a value has to."""
        return self.operator in ("SymbolScaled", "ExtremeSwapped")


class Mark(NamedTuple):
    """What says of a mutant that no test can tell it from the original."""

    file: str
    line: str
    operator: str
    nth: int = 0

    @classmethod
    def of(cls, mutant: Mutant) -> Mark:
        """Return the mark that would fit a mutant."""
        return cls(mutant.file, mutant.line, mutant.operator, mutant.nth)


def read_marks(toml: str) -> dict[Mark, str]:
    """Return each mark with its reason."""
    marks = {}
    for entry in tomllib.loads(toml).get("equivalent", []):
        reason = entry.pop("reason").strip()
        if not reason:
            raise ValueError(f"{entry}: no reason is given")
        marks[Mark(**entry)] = reason
    return marks


def chosen_tests(file: str, mapping: dict[str, list[str]]) -> list[str] | None:
    """Return the tests under the longest beginning of the file's path; None stands for all."""
    found = [start for start in mapping if file.startswith(start)]
    return mapping[max(found, key=len)] if found else None


# What is worth a mutant


def _span(node: ast.expr | ast.stmt) -> Span:
    end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
    return (node.lineno, node.col_offset), end


def _inside(spot: Spot, spans: Iterable[Span]) -> bool:
    return any(start <= spot < end for start, end in spans)


def idle_spans(source: str) -> list[Span]:
    """Return what never runs, or changes no result: annotations, their imports, and caches."""
    found: list[Span] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation:
            found.append(_span(node.annotation))
        elif isinstance(node, ast.FunctionDef):
            found += [_span(node.returns)] if node.returns else []
            found += [
                ((mark.lineno, 0), _span(mark)[1])
                for mark in node.decorator_list
                if ast.unparse(mark) in ("cache", "overload")
            ]
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            found.append(_span(node))
    return found


def is_telling(mutant: Mutant) -> bool:
    """Say whether a mutant is neither certain to crash nor too small a change to be seen."""
    kind, *swapped = mutant.operator.split("_")
    if kind == "ReplaceBinaryOperator":
        bitwise = [name.startswith("Bit") or name.endswith("Shift") for name in swapped]
        return bitwise[0] == bitwise[1]
    if kind == "NumberReplacer":  # by one
        return abs(complex(ast.literal_eval(mutant.changed))) < 1e6
    return True


def formula_spans(source: str) -> dict[str, list[Span]]:
    """Return where each formula's expression is written, other variables it names included."""
    values = {
        target.id: statement.value
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    calls = {name: call for name, value in values.items() if (call := _formula_call(value))}
    found = {}
    for name, call in calls.items():
        expression = call.args[1]
        named = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
        helpers = [values[helper] for helper in named & values.keys() - calls.keys()]
        found[name] = [_span(part) for part in (expression, *helpers)]
    return found


def _formula_call(value: ast.expr) -> ast.Call | None:
    for node in ast.walk(value):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Formula":
            return node
    return None


# The draw


def draw(
    mutants: Sequence[Mutant],
    sources: dict[str, str],
    compiles: Callable[[Mutant], bool],
    rest: int = FROM_THE_REST,
) -> dict[str, list[Mutant]]:
    """Return the mutants of each formula, under its name, and those of the rest under ""."""
    drawn: dict[str, list[Mutant]] = {}
    of_file = defaultdict(list)
    for mutant in sorted(mutants, key=lambda mutant: mutant.rank):
        of_file[mutant.file].append(mutant)
    taken: set[Mutant] = set()
    for file, source in sources.items():
        for name, spans in formula_spans(source).items():
            own = [mutant for mutant in of_file[file] if _inside(mutant.spot, spans)]
            taken.update(own)
            drawn[name] = list(_mixed(filter(is_telling, own)))
    others = [mutant for mutant in sorted(mutants, key=lambda m: m.rank) if mutant not in taken]
    idle = {file: idle_spans(source) for file, source in sources.items()}
    worth = (
        mutant
        for mutant in others
        if is_telling(mutant) and not mutant.keeps_units and not mutant.file.endswith("__.py")
        if not _inside(mutant.spot, idle[mutant.file])
    )
    drawn[""] = list(itertools.islice(filter(compiles, worth), rest))
    return drawn


def _mixed(mutants: Iterable[Mutant]) -> Iterator[Mutant]:
    """Yield the first that keeps units, the first that does not, and the next of any sort."""
    kinds: dict[bool, list[Mutant]] = {True: [], False: []}
    for mutant in mutants:
        kinds[mutant.keeps_units].append(mutant)
    first = [of_kind[0] for of_kind in kinds.values() if of_kind]
    further = [*kinds[True][1:], *kinds[False][1:]]
    yield from (first + sorted(further, key=lambda mutant: mutant.rank))[:FOR_EACH_FORMULA]
