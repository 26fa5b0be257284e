"""Which matrices of a model a name of modules, or a pattern of such names, means.

The paths of modules stand in `data/families.toml`; names and patterns are applied to them.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from .fields import Reader, families, shown
from .layers import blocks_of, in_order

if TYPE_CHECKING:
    from collections.abc import Mapping

Matrix = tuple[int, str, str]
"""A layer, a part of it, and a matrix of that part; tables of the vocabulary are of layer -1."""


def taken(
    reader: Reader, numbers: Mapping[str, float], named: list[tuple[str, str]]
) -> dict[Matrix, dict[str, float]]:
    """Return of each matrix what share of it has which format, by the names that have one.

    Of several names that fit a matrix, the first counts. What looks like the name of a module that
    is counted, and fits none, is noted.
    """
    meant: dict[tuple[str, str, bool, str], list[str]] = {}
    for name, format_ in named:
        meant.setdefault((*_meant(name), format_), []).append(name)
    table = _table(reader, " ".join(source for source, *_ in meant))
    paths = _paths(table, numbers, _places(reader, numbers))
    of_layer: dict[str, list[Matrix]] = {"": list(paths)}
    for each in paths:
        of_layer.setdefault(str(each[0]), []).append(each)
    found: dict[Matrix, dict[str, float]] = {each: {} for each in paths}
    unfit = []
    for (source, layer, one, format_), names in meant.items():
        fits = re.compile(source or "$").match
        here = [each for each in of_layer.get(layer, ()) if any(map(fits, paths[each]))]
        share = min(1.0, len(names) / (numbers.get("experts") or 1)) if one else 1.0
        for each in here:
            more = min(share, 1 - sum(found[each].values()))
            found[each][format_] = found[each].get(format_, 0) + more
        if not here and layer in of_layer and re.search(table["spelled"]["likely"], source):
            every = [(int(layer or 0), part) for part in table["blocks"]]
            others = _paths(table, numbers, every).values()
            unfit += [] if any(map(fits, itertools.chain(*others))) else names[:1]
    if unfit:
        reader.notes.append(
            f"of the modules that are listed, {', '.join(map(shown, unfit[:_MOST]))} "
            f"{'fits' if len(unfit) == 1 else 'fit'} none that is counted"
        )
    return found


_MOST = 3
"""Names that a note quotes at most."""


def _meant(name: str) -> tuple[str, str, bool]:
    """Return a pattern of paths for a name, the layer that it is in, and if it is of one expert.

    The pattern is empty if the name is of modules that are not counted, the layer if it is any.
    """
    table, classes = families()["modules"]["spelled"], families()["modules"]["classes"]
    if name in classes:
        return classes[name], "", False
    bare = re.sub(r"^(re|[-+]):", "", name)
    pattern = bare != name or bool(re.search(r"[\\^$|(\[]", name))
    asked = bare.removeprefix("^") if pattern else bare.strip(".").removesuffix(".weight")
    if root := re.match(table["root"], asked):
        if re.search(table["beside"], root[0]):
            return "", "", False
        asked = _ROOT + asked[root.end() :]
    asked, one = re.subn(r"(experts\\?\.)\d+\b", r"\g<1>0", asked)
    layer = re.match(_ROOT + r"\\?\.(\d+)(?=\\?\.(?!\*)|$)", asked)
    if not pattern:  # the name, or with a shell's stars
        source = re.escape(asked).replace(r"\*", ".*").replace(r"\?", ".")
        asked = rf"(?:.*\.)?{source}(?:\.|$)"
    applied = not pattern or not re.search(table["slow"], asked)
    try:
        re.compile(asked)
    except re.error:
        applied = False
    fitting = asked if applied else f"(?!){re.escape(asked)}"
    return fitting, layer[1] if layer else "", bool(one)


_ROOT = "model.layers"


def _table(reader: Reader, text: str) -> dict[str, dict[str, Any]]:
    """Return where a family has its modules, in the names that a list of modules uses."""
    own = reader.family.get("modules", {})
    table = {what: {**each, **own.get(what, {})} for what, each in families()["modules"].items()}
    alike = re.sub(r"\((?:\?:)?([^()]*)\)(\w*)", _apart, text.replace("\\", ""))
    said = {*re.findall(r"[a-z_]\w*", alike)}
    names = {
        step: [each for each in words if said.issuperset(each.split("."))] or words[:1]
        for step, words in table["names"].items()
    }
    return {**table, "names": names}


def _apart(group: re.Match[str]) -> str:
    """Return the names that a group of alternatives and what follows it stand for."""
    return " ".join(each + group[2] for each in group[1].split("|"))


def _paths(
    table: Mapping[str, Mapping[str, Any]],
    numbers: Mapping[str, float],
    places: list[tuple[int, str]],
) -> dict[Matrix, list[str]]:
    """Return the paths that each matrix of these layers and parts may have, and of the tables."""

    def spelled(steps: str) -> list[str]:
        each = (table["names"].get(step, [step]) for step in steps.split())
        return [".".join(path) for path in itertools.product(*each)]

    found = {(-1, each, ""): spelled(each) for each in TABLES}
    for layer, part in places:
        for matrix in matrices(part, numbers):
            found[layer, part, matrix] = [
                f"{_ROOT}.{layer}.{path}"
                for block in table["blocks"][part]
                for path in spelled(f"{block} {matrix}")
            ]
    return found


def matrices(part: str, numbers: Mapping[str, float]) -> Mapping[str, list[Any]]:
    """Return the matrices of a part of a layer, and what each is of the part's weights."""
    table: Mapping[str, Any] = families()["modules"]["matrices"]
    own = (each for column, each in table["by_column"].items() if numbers.get(column))
    return table[next((each[part] for each in own if part in each), part)]


TABLES = ("head", "embedding")


def _places(reader: Reader, numbers: Mapping[str, float]) -> list[tuple[int, str]]:
    """Return the layers and what parts each has."""
    layers, order = int(numbers["layers"]), in_order(reader)
    feeding = [] if {"experts", "dense"} & set(order) else ["dense"] * layers
    if feeding and numbers.get("experts"):
        feeding = blocks_of(reader, layers)
    beside = {"shared": numbers.get("shared_ffn_size"),
              "dense": feeding and numbers["dense_layers"] == layers}  # fmt: skip
    parts = {
        "experts": ["expert", *(each for each, there in beside.items() if there)],
        "compressed": ["full"],
        "heavily_compressed": ["full"],
        "linear": ["linear" if numbers.get("linear_layers") else "recurrent"],
    }
    many = len(reader.family.get("layer", "*"))
    return [
        (at // many, part)
        for at, kind in (*enumerate(order), *enumerate(feeding))
        for part in parts.get(kind, [kind])
    ]
