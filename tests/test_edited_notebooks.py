"""The inputs at a chapter's head: edited and run again, what they reach changes, and nothing else.

With THOROUGH=1 every chapter runs with all of its inputs edited; otherwise the quickest one does.
"""

from __future__ import annotations

import ast
import dis
import re
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from thoroughly import THOROUGH

from inference_economics_notebook import marks
from inference_economics_site import execute, mentions

ROOT = Path(__file__).parents[1]
BOOK, TOC = ROOT / "book", ROOT / "_toc.yml"
MARKED = "inputs"
"""The tag of a cell that is there to be edited."""
BY_CHANCE = ("image/png", execute.WIDGET_VIEW)
LEAST = 0.6
"""The share of the outputs that a chapter's inputs could reach, and that change."""

EDITS = {
    "three-orders-of-magnitude": {
        "peak_flops": "2e15",
        "memory_bandwidth": "2e12",
        "machine": '"b200"',
        "other": '"h200_sxm"',
    },
    "one-user": {
        "machine": '"b200"',
        "real_machine": '"b200"',
        "parameters": "70e9",
        "chips": "8",
        "batch": "64",
    },
    "sharing-the-weights": {
        "machine": '"b200"',
        "sparse": '"qwen3_30b_a3b"',
        "parameters": "400e9",
        "users": "64",
        "context": "8000",
        "requests": "1000",
    },
    "a-real-machine": {
        "machine": '"h200_sxm"',
        "chips": "4",
        "model": '"llama2_70b"',
        "batch": "64",
        "context": "1000",
    },
    "requests-under-load": {
        "machine": '"h200_sxm"',
        "chips": "4",
        "model": '"llama2_70b"',
        "bits": "16",
        "prompt": "3000",
        "answer": "500",
        "concurrency": "40",
    },
    "does-the-arithmetic-survive": {
        "batch": "32",
        "least": "50",
        "most": "200",
        "model": '"llama3_8b"',
    },
    "how-many-users": {"at_once": "200", "minutes": "1200", "machine": '"b200"'},
    "what-scale-saves": {
        "speed": "30.0",
        "request": '"thinking"',
        "base": '"DeepSeek-V3"',
        "level": "1.5",
    },
    "a-model-in-silicon": {
        "machine": '"mi300x"',
        "large_machine": '"mi325x"',
        "model_name": '"llama31_405b"',
        "weights": "70e9",
        "cost": "1e8",
        "few": "1000",
    },
    "the-brains-memory": {
        "synapses": "5e14",
        "petabytes": "1e15",
        "size": "5e14",
        "capacity": "141e9",
        "rate": "2e6",
    },
    "how-sure-are-we": {
        "changed": """{
            "peak_flops": (1e15, 2e15, 4e15), "tokens_per_message": (200, 600, 2000),
            "context": (500, 1000, 4000), "utilization": (0.1, 0.3, 0.5),
            "synapses": (1e14, 2e14, 4e14),
        }"""
    },
    "does-inference-centralize": {
        "speed": "40.0",
        "request": '"thinking"',
        "bits": "8",
        "model": '"llama3_8b"',
    },
}
"""For each chapter its inputs, and another value of each."""

STAYS = {
    # In sixteen bits the chips after a B200 have about its ratio, too.
    "three-orders-of-magnitude": {"grown_16"},
    # The post's own critical batch is that of its card; on a B200, too, every model needs more.
    "sharing-the-weights": {"cell-7.0", "above models"},
    # What no datasheet says is the same for every machine of the list; the other model has as many
    # layers, and a step of it is also about twice as long as counted.
    "a-real-machine": {
        "bandwidth", "by_flops", "compute", "fit_compute",
        "fit_layer", "latency", "layer", "most_share", "planned_share", "reduces", "starts",
        "times_one",
    },
    # The smaller of two batches, and users for each place, which no size of a batch changes.
    "how-many-users": {"more", "small small_places", "small_used"},
    # Ratios and a cost that come out the same in two digits, and a lone user's step at any speed.
    "what-scale-saves": {
        "cards_fast", "cards_fastest", "day_few", "far_card",
        "sparse_read_least sparse_read_most",
    },
    # The same model takes the most users in the other case, too, and the same run is far off.
    "does-inference-centralize": {"demanding", "far_card"},
    # Chances beyond what is told, inputs that are not edited, and marks that are stated.
    "how-sure-are-we": {
        "audience_chips_chance_1", "cell-27.1", "cell-31.1", "cell-33.1", "critical_batch_chance_0",
        "critical_batch_chance_1", "faster", "gives reads", "many", "petabytes_chance_0",
        "price_ratio_chance_0",
    },
}  # fmt: skip
"""Outputs that an input reaches and that stay with these values, as `named_outputs` has them."""

QUICK = ("three-orders-of-magnitude",)
CHAPTERS = list(EDITS) if THOROUGH else QUICK


@cache
def stored(chapter: str) -> Any:
    return execute.read(BOOK / f"{chapter}.ipynb")


def marked(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if MARKED in cell.metadata.get("tags", ())]


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


# ---- What an input reaches, read off the code ----


def flow(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """Return the names that a statement reads before it sets them, and those that it sets."""
    reads, sets = set[str](), set[str]()

    def follow(compiled: CodeType) -> None:
        for step in dis.get_instructions(compiled):
            if isinstance(step.argval, CodeType):
                follow(step.argval)
            elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL") and step.argval not in sets:
                reads.add(step.argval)
            elif step.opname == "STORE_NAME":
                sets.add(step.argval)

    follow(compile(ast.Module([statement], []), "cell", "exec"))
    if isinstance(statement, ast.Assign):  # x["key"] = value sets x, too
        parts = [each.value for each in statement.targets if isinstance(each, ast.Subscript)]
        sets |= {each.id for each in parts if isinstance(each, ast.Name)}
    return reads, sets


def shows(statement: ast.stmt, *, last: bool) -> bool:
    """Tell whether a statement has an output."""
    calls = re.search(r"\bbook\.glue\(|\bprint\(", ast.unparse(statement))
    return bool(calls) or (last and isinstance(statement, ast.Expr))


def reached(chapter: str, *inputs: str) -> set[str]:
    """Return the outputs that depend on inputs, by the flow of names between statements.

    Of the statements of a cell that show something, a loop has as many outputs as the others
    leave it, or else the last one has.
    """
    tainted, found = set[str](), set[str]()
    for cell in code(stored(chapter)):
        statements = ast.parse(cell.source).body
        showing: list[tuple[bool, bool]] = []
        for statement in statements:
            reads, sets = flow(statement)
            depends = bool(reads & tainted)
            tainted = tainted | sets if depends else tainted - sets
            if shows(statement, last=statement is statements[-1]):
                showing.append((depends, isinstance(statement, ast.For)))
        if MARKED in cell.metadata.get("tags", ()):
            tainted = set(inputs)
        labels, more = named_outputs(cell), len(cell.outputs) - len(showing)
        many = next((i for i, (_, loop) in enumerate(showing) if loop), len(showing) - 1)
        spread = [dep for i, (dep, _) in enumerate(showing) for _ in range(1 + more * (i == many))]
        found |= {label for label, depends in zip(labels, spread, strict=True) if depends}
    return found


def named_outputs(cell: Any) -> list[str]:
    """Name a cell's outputs: what they tell the prose, or the cell and their place."""
    return [
        " ".join(sorted(output.get("metadata", {}).get("glued", ()))) or f"{cell.id}.{place}"
        for place, output in enumerate(cell.outputs)
    ]


# ---- What has changed, after it has run ----


def run_with(chapter: str, edits: dict[str, str]) -> Any:
    """Return a chapter's notebook, run with other values at the end of the cell that has them."""
    notebook = nbformat.reads(nbformat.writes(stored(chapter)), as_version=4)
    (cell,) = marked(notebook)
    cell.source += "".join(f"\n{name} = {value}" for name, value in edits.items())
    where = {"metadata": {"path": str(BOOK)}}
    client = NotebookClient(notebook, timeout=600, resources=where, coalesce_streams=True)
    client.execute()
    return notebook


def contents(notebook: Any) -> dict[str, Any]:
    """Return the outputs by name, but for a PNG and a widget's id, which differ by chance."""
    found = {}
    for cell in code(notebook):
        for name, output in zip(named_outputs(cell), cell.outputs, strict=True):
            data = output.get("data", {"text": output.get("text")})
            found[name] = {kind: said for kind, said in data.items() if kind not in BY_CHANCE}
    return found


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_the_inputs_reach_changes_and_nothing_else(chapter: str) -> None:
    before = contents(stored(chapter))
    now = contents(run_with(chapter, EDITS[chapter]))
    assert list(before) == list(now)
    changed = {output for output in before if before[output] != now[output]}
    assert changed == reached(chapter, *EDITS[chapter]) - STAYS.get(chapter, set())
    glued = {
        name
        for cell in code(stored(chapter))
        for name, output in zip(named_outputs(cell), cell.outputs, strict=True)
        if "glued" in output.get("metadata", {})
    }
    silent = sorted(
        name for name in changed & glued if " (the text says " not in now[name]["text/plain"]
    )
    assert not silent, f"{chapter}: what the text says is not told beside the new value of {silent}"


@pytest.mark.parametrize("chapter", EDITS)
def test_most_of_what_the_inputs_could_reach_follows(chapter: str) -> None:
    could = reached(chapter, *EDITS[chapter])
    stay = STAYS.get(chapter, set())
    assert stay <= could, "listed, and no input reaches it"
    assert len(could - stay) >= LEAST * len(could)


@pytest.mark.parametrize("chapter", EDITS)
def test_every_input_is_edited_and_reaches_an_output(chapter: str) -> None:
    (cell,) = marked(stored(chapter))
    statements = ast.parse(cell.source).body
    given = set().union(*(flow(each)[1] for each in statements if isinstance(each, ast.Assign)))
    assert given == set(EDITS[chapter])
    assert all(reached(chapter, name) for name in given)


def test_every_chapter_has_its_inputs_at_its_head_and_says_so() -> None:
    chapters = re.findall(r"(?m)^      - file: (\S+)", TOC.read_text("utf8").split("Reference")[0])
    lacks = sorted(set(chapters) ^ set(EDITS))
    assert not lacks, f"EDITS in {Path(__file__).name} and _toc.yml do not both have {lacks}"
    for chapter in chapters:
        opening, note, cell = stored(chapter).cells[:3]
        assert (opening.cell_type, note.cell_type) == ("markdown", "markdown")
        assert "edit the next cell" in note.source
        tags = note.metadata.get("tags", [])
        assert "remove-cell" in tags, f"{chapter}: tag the line above the inputs remove-cell, too"
        assert marked(stored(chapter)) == [cell], (
            f"{chapter}: tag its third cell, and no other, inputs"
        )


def test_cells_say_what_the_text_says_instead() -> None:
    """The notebooks were executed since, and each names its own chapter."""
    found = {path.stem: execute.read(path) for path in sorted(BOOK.glob("*.ipynb"))}
    assert marks.TOLD.read_text(encoding="utf8") == mentions.told_table(found), (
        "run `make notebooks`"
    )
    for chapter in EDITS:
        source = "\n".join(cell.source for cell in code(stored(chapter)))
        called = re.findall(r'book\.chapter\("(.*)"\)', source)
        assert called == [chapter], f'after the inputs of {chapter}, call book.chapter("{chapter}")'
        assert source.index("book.chapter(") < source.index("book.glue(")
