"""Figures that prose mentions: of the notebook's own cells, of a claim, a fact, a chip or a model.

`make notebooks` writes each into its mark, and the book's pages link those of claims and of facts
to their origin. While one writes, ``{{fact:h100_power}}`` is enough, or with the part of a claim's
figure that is to be shown ``{{claim:utilization-alone 0.2%}}``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from inference_economics.algebra import units
from inference_economics.facts import catalog, files
from inference_economics.ledger import claims
from inference_economics_notebook import claim_markup, marks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLAIMED = ("claim", "recomputed", "on-facts")
SOURCED = ("fact", "chip", "model")
KINDS = (*CLAIMED, *SOURCED)

_SHORT = re.compile(r"\{\{(?P<kind>[a-z-]+):(?P<name>[\w.-]+)(?: (?P<text>[^{}]+))?\}\}")
_NO_MARK = re.compile(r"</?data\b[^>]*>|\{\{.*?\}\}")


def figure(kind: str, name: str, text: str = "") -> tuple[str, str]:
    """Return the figure to print, and the address of its origin among the book's pages.

    Of what a claim states, `text` may be a part, and nothing else. Raises LookupError or
    ValueError where there is no such figure.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind}:{name}: {kind!r} is none of {', '.join((marks.GLUE, *KINDS))}")
    try:
        return _sourced(kind, name) if kind in SOURCED else _claimed(kind, name, text)
    except AttributeError as error:
        raise LookupError(f"{kind}:{name}: {error}") from error


def _claimed(kind: str, id: str, text: str) -> tuple[str, str]:
    result = claims.load()[id]
    stated, address = result.claim.written, claim_markup.address(result.claim)
    if kind == "claim":
        if text not in stated:
            raise ValueError(f"{id} states {stated!r}, not {text!r}")
        return text or stated, address
    value = result.recomputed if kind == "recomputed" else result.recomputed_on_facts
    if value is None:
        raise ValueError(f"{id} has no figure {kind}")
    return result.shown(value), address


def _sourced(kind: str, name: str) -> tuple[str, str]:
    facts = catalog.load()
    if kind == "fact":
        fact = facts.fact(name)
        return _in_prose(fact.value, fact.unit), f"sources.html#fact-{fact.id}"
    id, _, column = name.partition(".")
    record = facts.accelerator(id) if kind == "chip" else facts.model(id)
    shown = units.show(float(getattr(record, column)), record.unit(column))
    return shown, f"sources.html#record-{record.id}"


def _in_prose(value: float, unit: str) -> str:
    """Return a quantity as a sentence has it, which says of what machine a rent is."""
    if unit == "dollar/chip/hour":
        return f"{units.show(value, 'dollar')} an hour"
    return units.show(value, unit)


def outputs(notebook: Mapping[str, Any]) -> Iterator[Any]:
    """Yield every output of a notebook's cells."""
    for cell in notebook["cells"]:
        yield from cell.get("outputs", ())


def glued(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Return what the cells of an executed notebook have told its prose.

    Raises LookupError if two of them glue one name: a sentence would have the other's figure.
    """
    found: dict[str, str] = {}
    for output in outputs(notebook):
        texts = output.get("metadata", {}).get("glued", {})
        if twice := found.keys() & texts.keys():
            raise LookupError(f"two cells glue {min(twice)!r}: rename one of the two")
        found |= texts
    return found


def refreshed(markdown: str, told: Mapping[str, str]) -> str:
    """Return Markdown with the figure in each of its marks; `told` are those that cells glued.

    Raises LookupError or ValueError for what looks like a mark and has no figure.
    """

    def fresh(found: re.Match[str]) -> str:
        kind, name = found["kind"], found["name"]
        if kind != marks.GLUE:
            return marks.mark(kind, name, figure(kind, name, marks.shown(found))[0])
        if name not in told:
            raise LookupError(f"no cell glues {name!r}")
        return marks.mark(kind, name, told[name])

    whole = _whole(markdown)
    if broken := _NO_MARK.search(marks.MARK.sub("", whole)):
        raise ValueError(f'{broken[0]!r} is no mark, such as <data value="glue:name"></data>')
    return marks.MARK.sub(fresh, whole)


def _whole(markdown: str) -> str:
    """Return Markdown with whole marks for those that were written short."""
    return _SHORT.sub(r'<data value="\g<kind>:\g<name>">\g<text></data>', markdown)


def refresh(notebook: Any) -> None:
    """Write the figures of an executed notebook's prose into their marks.

    What cells have told it is then what it says. Raises LookupError or ValueError like `refreshed`.
    """
    told = glued(notebook)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = refreshed(cell["source"], told)
    for output in outputs(notebook):
        if texts := output.get("metadata", {}).get("glued"):
            output["data"] = {"text/plain": marks.listed(texts, texts)}


def told_table(notebooks: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what the cells of executed notebooks, by name, tell their prose, as `marks.TOLD`."""
    rows = ((name, *told) for name, each in notebooks.items() for told in glued(each).items())
    return files.as_csv(("chapter", "name", "text"), rows)


def stale(notebook: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the figures in an executed notebook's prose, a sentence each."""
    cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    prose = "\n\n".join("".join(cell["source"]) for cell in cells)
    try:
        told = glued(notebook)
    except LookupError as error:
        return [str(error)]
    used = marks.told(_whole(prose))
    wrong = [f"{short[0]} has no figure yet" for short in _SHORT.finditer(prose)]
    wrong += [f"no sentence takes up {name!r}" for name in told if name not in used]
    try:
        fresh = marks.MARK.finditer(refreshed(prose, told))
    except (LookupError, ValueError) as error:
        return [*wrong, str(error)]
    pairs = zip(marks.MARK.finditer(_whole(prose)), fresh, strict=True)
    return wrong + [f"{said[0]} should be {now[0]}" for said, now in pairs if said[0] != now[0]]
