"""What `dir` lists of a module: what it defines itself, and not what it imports."""

from __future__ import annotations

import ast
import inspect
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def own_names(module: str) -> Callable[[], list[str]]:
    """Return a module's `__dir__`: its public functions, classes and constants, in order."""

    def listed() -> list[str]:
        found: list[str] = []
        for node in ast.parse(inspect.getsource(sys.modules[module])).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found.append(node.name)
            elif isinstance(node, (ast.Assign, ast.AnnAssign)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found += [name.id for each in targets for name in ast.walk(each)
                          if isinstance(name, ast.Name)]  # fmt: skip
        return sorted(name for name in set(found) if not name.startswith("_"))

    return listed
