"""What the modules of a folder define, read without importing them: some are slow to import."""

from __future__ import annotations

import ast
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def functions(package: str) -> Iterator[tuple[str, str, frozenset[str]]]:
    """Yield the functions of a package's modules: the module, the name, its decorators' names."""
    for path in sorted(resources.files(package).iterdir(), key=lambda path: path.name):
        if path.name.endswith(".py") and path.name != "__init__.py":
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef):
                    called = (ast.unparse(each).partition("(")[0] for each in node.decorator_list)
                    yield path.name.removesuffix(".py"), node.name, frozenset(called)
