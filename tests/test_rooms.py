"""The package's rooms build on each other in one direction: no room knows those above it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import inference_economics

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(inference_economics.__file__).parent
FLOORS = (
    {"algebra"},
    {"facts"},
    {"equations"},
    {"serving"},
    {"ledger", "evidence", "uncertainty"},
    {"notebook"},
    {"cli"},
)
"""The rooms from the ground up; those of one floor may know each other."""
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def imported(path: Path) -> Iterator[str]:
    """Give the rooms that a module imports from, wherever in it."""
    package = ("inference_economics", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
        for alias in node.names:
            whole = [part for part in (*base, alias.name) if part]
            if whole[1] in FLOOR:
                yield whole[1]


MODULES = [path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem in FLOOR]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_knows_none_above_it(path: Path) -> None:
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    above = {room for room in imported(path) if FLOOR[room] > FLOOR[own]}
    assert not above, f"{path.name} of {own} imports from {', '.join(sorted(above))}"


def test_every_room_has_its_floor() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert rooms <= set(FLOOR)
