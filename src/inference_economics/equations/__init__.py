"""The equations, by topic: each module of this folder is one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from ..algebra.formula import Formula
from ..algebra.own_names import own_names
from ..facts.catalog import find

__all__ = ["TOPICS", "all_formulas", "formula"]
TOPICS = {
    found.name: importlib.import_module(f".{found.name}", __name__)
    for found in pkgutil.iter_modules(__path__)
}
for _topic in TOPICS.values():  # a formula is called as its variable is, and not as its result
    for _variable, _formula in vars(_topic).items():
        if isinstance(_formula, Formula) and _formula.name == _formula.result.name:
            vars(_formula)["name"] = _variable
    # Of what is in a topic, its own equations are public.
    vars(_topic)["__dir__"] = own_names(_topic.__name__)


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


def formula(name: str) -> Formula:
    """Return an equation of the book by its name; CatalogError with a hint if there is none."""
    return find(all_formulas(), name, "equation")


def __dir__() -> list[str]:
    """List the public names, and the topics."""
    return [*__all__, *TOPICS]
