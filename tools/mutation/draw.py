"""Which mutants are tried, and which of them are marked as equivalent.

A draw is by the hash of what a mutant changes, not by its place: when a module moves, or lines are
added above, the same mutants are drawn.
"""

from __future__ import annotations

import ast
import hashlib
import itertools
import tomllib
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Spot = tuple[int, int]
    Span = tuple[Spot, Spot]

SEED = 20230627
FOR_EACH_FORMULA = 2
FROM_THE_REST = 300


class Mark(NamedTuple):
    """What tells a mutant from others, to say that no test can tell it from the original."""

    file: str
    line: str
    operator: str
    nth: int = 0


class Mutant(NamedTuple):
    """One change of one line: `nth` tells it from others by the same operator on equal lines."""

    file: str
    spot: Spot
    changed: str
    line: str
    operator: str
    occurrence: int
    nth: int

    @property
    def mark(self) -> Mark:
        """Return the mark that would fit it."""
        return Mark(self.file, self.line, self.operator, self.nth)

    @property
    def rank(self) -> str:
        """Return the place in the order of the draw, which looks random and never changes."""
        key = (SEED, PurePath(self.file).name, self.line, self.operator, self.nth)
        return hashlib.sha256(repr(key).encode()).hexdigest()

    @property
    def keeps_units(self) -> bool:
        """Say whether no check of units can notice it, so that a value has to."""
        return self.operator in ("SymbolScaled", "ExtremeSwapped")

    @property
    def is_telling(self) -> bool:
        """Say whether it is neither certain to crash nor too small a change to be seen."""
        kind, *swapped = self.operator.split("_")
        if kind == "ReplaceBinaryOperator":
            bitwise = [name.startswith("Bit") or name.endswith("Shift") for name in swapped]
            return bitwise[0] == bitwise[1]
        # A number is replaced by one that is larger or smaller by one.
        return kind != "NumberReplacer" or abs(complex(ast.literal_eval(self.changed))) < 1e6

    def is_in(self, spans: Iterable[Span]) -> bool:
        """Say whether it lies in one of them."""
        return any(start <= self.spot < end for start, end in spans)


def read_marks(toml: str) -> dict[Mark, str]:
    """Return each mark with its reason."""
    marks = {}
    for entry in tomllib.loads(toml).get("equivalent", []):
        reason = entry.pop("reason").strip()
        if not reason:
            raise ValueError(f"{entry}: no reason is given")
        marks[Mark(**entry)] = reason
    return marks


def _span(node: ast.expr | ast.stmt) -> Span:
    end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
    return (node.lineno, node.col_offset), end


def idle_spans(source: str) -> list[Span]:
    """Return what never runs, or changes no result: annotations, caches, what freezes."""
    found: list[Span] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation:
            found.append(_span(node.annotation))
        elif isinstance(node, ast.FunctionDef):
            found += [_span(node.returns)] if node.returns else []
            names = {mark: ast.unparse(mark).partition("(")[0] for mark in node.decorator_list}
            marks = [m for m, name in names.items() if name in ("cache", "lru_cache", "overload")]
            found += [((mark.lineno, 0), _span(mark)[1]) for mark in marks]
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            found.append(_span(node))
        elif isinstance(node, ast.keyword) and node.arg == "frozen":
            found.append(_span(node.value))
    return found


def formula_spans(source: str) -> dict[str, list[Span]]:
    """Return where each formula's expression is written, other variables it names included."""
    values = {
        target.id: statement.value
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    expressions = {
        name: node.args[1]
        for name, value in values.items()
        for node in ast.walk(value)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Formula"
    }
    found = {}
    for name, expression in expressions.items():
        named = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
        helpers = [values[helper] for helper in named & values.keys() - expressions.keys()]
        found[name] = [_span(part) for part in (expression, *helpers)]
    return found


def draw(
    mutants: Iterable[Mutant],
    sources: dict[str, str],
    compiles: Callable[[Mutant], bool],
    rest: int,
) -> dict[str, list[Mutant]]:
    """Return the mutants of each formula, under its name, and those of the rest under ""."""
    drawn: dict[str, list[Mutant]] = {}
    order = sorted(mutants, key=lambda mutant: mutant.rank)
    taken: set[Mutant] = set()
    for file, source in sources.items():
        for name, spans in formula_spans(source).items():
            own = [mutant for mutant in order if mutant.file == file and mutant.is_in(spans)]
            taken.update(own)
            drawn[name] = _mixed([mutant for mutant in own if mutant.is_telling])
    idle = {file: idle_spans(source) for file, source in sources.items()}
    worth = (
        mutant
        for mutant in order
        if mutant.is_telling and not mutant.keeps_units and not mutant.file.endswith("__.py")
        if mutant not in taken and not mutant.is_in(idle[mutant.file])
    )
    drawn[""] = list(itertools.islice(filter(compiles, worth), rest))
    return drawn


def _mixed(mutants: list[Mutant]) -> list[Mutant]:
    """Return the first that keeps units, the first that does not, and so many in all."""
    first = list({mutant.keeps_units: mutant for mutant in reversed(mutants)}.values())
    return [*first, *(mutant for mutant in mutants if mutant not in first)][:FOR_EACH_FORMULA]
