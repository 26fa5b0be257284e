"""The house: rooms whose imports run one way, with a few public names and a docstring each."""

from __future__ import annotations

import ast
import graphlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
PACKAGES = ("inference_economics", "inference_economics_notebook", "inference_economics_site")
"""The helper package, what a cell shows, the press: each imports only those before it."""
PACKAGE, SHOWN, PRESS = PACKAGES
ROOMS = (
    "algebra", "facts", "equations", "serving", "ledger", "evidence", "uncertainty", "cli",
    "__main__",
)  # fmt: skip
"""Each imports only from itself and from those before it."""


def module_of(path: Path) -> str:
    """Return a file's dotted name."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_of(path): path for each in PACKAGES for path in (SOURCE / each).rglob("*.py")}


def imports(module: str, *, types: bool = True) -> set[str]:
    """Return what a module imports of the packages, wherever in it; perhaps not for types only."""
    path = FILES[module]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    only_for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    found = set()
    for node in ast.walk(tree):
        if not types and id(node) in only_for_types:
            continue
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, node.module or ""]).strip(".") if node.level else node.module
            whole = {f"{base}.{each.name}" for each in node.names}
            # Of a package's own names the package is imported, of its modules the module.
            found |= {name if name in FILES else str(base) for name in whole}
    return {name for name in found if name.split(".")[0] in PACKAGES} - {module}


def room(module: str) -> str:
    """Return the room of the helper package in which a module is."""
    return module.split(".")[1] if "." in module else ""


def arrows() -> set[tuple[str, str]]:
    """Return which room imports which other."""
    return {
        (room(module), room(name))
        for module in FILES
        if module.split(".")[0] == PACKAGE
        for name in imports(module)
        if name.split(".")[0] == PACKAGE and room(name) not in ("", room(module))
    }


def test_the_rooms_are_those_that_are_known() -> None:
    found = {room(module) for module in FILES if module.split(".")[0] == PACKAGE} - {""}
    assert found == set(ROOMS)


def test_imports_run_one_way() -> None:
    drawn = sorted(arrows(), key=lambda arrow: tuple(map(ROOMS.index, arrow)))
    upward = [f"{a} -> {b}" for a, b in drawn if ROOMS.index(a) < ROOMS.index(b)]
    assert not upward, f"import only what stands before: {', '.join(ROOMS)}"
    assert ("cli", "serving") in drawn


def test_the_packages_import_one_way() -> None:
    drawn = {
        (module.split(".")[0], name.split(".")[0]) for module in FILES for name in imports(module)
    }
    assert {(SHOWN, PACKAGE), (PRESS, SHOWN)} < drawn
    upward = [f"{a} -> {b}" for a, b in drawn if PACKAGES.index(a) < PACKAGES.index(b)]
    assert not upward, f"import only what stands before: {', '.join(PACKAGES)}"


def test_no_import_goes_round_in_a_circle() -> None:
    """A package stands before its modules, which therefore may not need its names."""
    graph = {module: imports(module, types=False) & set(FILES) for module in FILES}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("name", ROOMS[:-2])
def test_a_room_says_who_lives_there(name: str) -> None:
    text = FILES[f"{PACKAGE}.{name}"].read_text(encoding="utf-8")
    first = (ast.get_docstring(ast.parse(text)) or "").splitlines()
    assert len("".join(first[:1])) > 20, f"{name}/__init__.py says nothing of what is in the room"
