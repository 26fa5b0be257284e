"""The equations, by topic: each module of this folder is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from ..algebra.formula import Formula

TOPICS = {
    found.name: importlib.import_module(f".{found.name}", __name__)
    for found in pkgutil.iter_modules(__path__)
}


@cache
def all_formulas() -> dict[str, Formula]:
    """Return every formula under the name of its variable, which no other topic uses."""
    found: dict[str, Formula] = {}
    for topic, module in TOPICS.items():
        for variable, value in vars(module).items():
            if not isinstance(value, Formula):
                continue
            if value.name != variable:
                raise ValueError(
                    f"the formula {variable} of equations/{topic}.py calls itself {value.name}: "
                    "give both the same name"
                )
            if found.setdefault(variable, value) is not value:
                raise ValueError(
                    f"equations/{topic}.py declares {variable}, as another topic does: "
                    "rename one of them"
                )
    return found
