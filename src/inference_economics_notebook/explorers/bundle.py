"""The module of an explorer: the book's own scripts, what the spec says, and its equations.

The parts are put together in one scope, so that what comes out asks for no other file. It ends
as an ES module for a notebook, or as a script for the site: a script also runs where pages are
opened from a disk, and browsers refuse modules there.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from inference_economics.algebra import symbols, units

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from inference_economics.algebra.formula import Formula

    from .spec import Spec

_SHARED = ("ranges", "quantity", "chart", "shell")
_EXPORT = re.compile(r"^export ", re.MULTILINE)


@cache
def source(name: str) -> str:
    """Return a file of the folder `js` as it stands in a bundle: in one scope with the others."""
    text = (resources.files(__package__) / "js" / name).read_text(encoding="utf-8")
    return _EXPORT.sub("", text)


@cache
def stylesheet() -> str:
    """Return the style of all explorers."""
    return source("explorer.css")


def _ranges(formulas: Iterable[Formula], names: Iterable[str]) -> str:
    """Return the ranges of all symbols that the formulas and fields know."""
    wanted = {str(step.result.name) for each in formulas for step in each.steps()} | set(names)
    table = {}
    for name in sorted(wanted):
        line = symbols.GLOSSARY[name]
        high = None if line.range.high == float("inf") else line.range.high
        unit = "" if line.unit == "dimensionless" else line.unit
        table[name] = [line.range.low, high, line.range.low_is_allowed, line.range.words, unit]
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"))


def unit_tables() -> str:
    """Return the constant that `quantity.js` reads: how quantities are written and read."""
    tables = json.dumps(units.tables(), ensure_ascii=False, separators=(",", ":"))
    return f"const UNITS = {tables};"


def _functions(formulas: Mapping[str, Formula], given: Callable[[str], frozenset[str]]) -> str:
    listed = ",\n".join(
        f"{json.dumps(key)}: {each.javascript(given(key) - {each.result.name})}"
        for key, each in formulas.items()
    )
    return f"{{\n{listed}\n}}"


def bundle(spec: Spec, *, module: bool) -> str:
    """Return an explorer's code: an ES module with `render`, or a script that registers it."""
    facts = json.dumps(spec.as_json(), ensure_ascii=False, separators=(",", ":"))
    parts = [
        f"const RANGES = {_ranges(spec.formulas.values(), spec.fields)};",
        unit_tables(),
        *(source(f"{name}.js") for name in _SHARED),
        source(f"{spec.id}.js"),
        f"const FORMULAS = {_functions(spec.formulas, spec.taken)};",
        f"const BETWEEN = {_functions(spec.between, lambda _: spec.taken())};",
        f"const SPEC = {facts};",
        f"const EXPLORER = createExplorer(SPEC, {spec.id}(SPEC, FORMULAS, BETWEEN));",
    ]
    if module:
        return "\n".join([*parts, "export default { render: EXPLORER.render };", ""])
    return "\n".join(["(() => {", *parts, "window.explorers.add(EXPLORER);", "})();", ""])
