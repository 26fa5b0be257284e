"""Every mutant of a module, by Cosmic Ray's operators and two of our own."""

from __future__ import annotations

import contextlib
import warnings
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator

from .draw import Mutant

if TYPE_CHECKING:
    from collections.abc import Iterator

# A star that separates arguments, or unpacks, is no multiplication.
NO_OPERATION = {"parameters", "lambdef", "dictorsetmaker", "atom"}
# Two hundred operators look at every node: most can be told at once which are not theirs.
NODES = {
    "ReplaceBinaryOperator": ("operator",),
    "ReplaceComparisonOperator": ("comparison",),
    "ReplaceUnaryOperator": ("factor", "not_test"),
    "NumberReplacer": ("number",),
}
SWAPPED = {"Max": "Min", "Min": "Max", "ceiling": "floor", "floor": "ceiling"}


class Own(Operator):
    """An operator of our own."""

    @classmethod
    def examples(cls) -> tuple[()]:
        """Return nothing: only Cosmic Ray's own tests ask."""
        return ()


class SymbolScaled(Own):
    """Doubles or halves a symbol, which leaves the units right."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Yield each symbol twice."""
        if node.type == "name" and node.value == "s":
            after = node.get_next_sibling()
            if after is not None and after.type == "trailer" and after.children[0] == ".":
                yield from [(node.start_pos, after.end_pos)] * 2

    def mutate(self, node: Any, index: int) -> Any:
        """Write a factor before the symbol, and parentheses around both."""
        node.value = f"({('2', '0.5')[index]} * s"
        node.get_next_sibling().children[1].value += ")"
        return node


class ExtremeSwapped(Own):
    """Takes the smaller for the larger, and rounds the other way."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Yield each name of such a function."""
        if node.type == "name" and node.value in SWAPPED:
            yield (node.start_pos, node.end_pos)

    def mutate(self, node: Any, index: int) -> Any:  # noqa: ARG002  (Cosmic Ray's signature)
        """Put the opposite function's name."""
        node.value = SWAPPED[node.value]
        return node


@cache
def operators() -> dict[str, Any]:
    """Return the operators that need no settings, by name."""
    classes = [plugins.get_operator(name) for name in plugins.operator_names()]
    found = {kind.__name__: kind() for kind in classes if not kind.arguments()}
    return {**found, "SymbolScaled": SymbolScaled(), "ExtremeSwapped": ExtremeSwapped()}


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Yield every mutant of a file, counted as Cosmic Ray counts."""
    lines = source.splitlines()
    every = list(ast_nodes(get_ast(source)))
    chosen = {kind: [node for node in every if node.type in types] for kind, types in NODES.items()}
    for name, operator in operators().items():
        seen: Counter[str] = Counter()
        nodes = chosen.get(name.partition("_")[0], every)
        places = [(node, *place) for node in nodes for place in operator.mutation_positions(node)]
        for occurrence, (node, start, end) in enumerate(places):
            if "BinaryOperator" in name and node.parent.type in NO_OPERATION:
                continue
            line = lines[start[0] - 1]
            changed = line[start[1] : end[1] if start[0] == end[0] else None]
            line = line.strip()
            yield Mutant(file, start, changed, line, name, occurrence, seen[line])
            seen[line] += 1


def mutated(source: str, mutant: Mutant) -> str:
    """Return the file with the mutant in it."""
    text: str | None = mutate_code(source, operators()[mutant.operator], mutant.occurrence)
    if text is None:
        raise ValueError(f"{mutant} does not apply")
    return text


def compiles(source: str, mutant: Mutant) -> bool:
    """Say whether a mutant can be made of a file, and is Python at all."""
    # Cosmic Ray raises AttributeError where an exception's name has a dot in it.
    unfit = contextlib.suppress(SyntaxError, AttributeError)
    with warnings.catch_warnings(action="ignore"), unfit:
        compile(mutated(source, mutant), "mutant", "exec")
        return True
    return False
