"""Executed notebooks: figures in their prose, and ids of cells that are never left to chance."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import nbformat

from inference_economics_site.execute import execute, name_cells

if TYPE_CHECKING:
    from pathlib import Path


def cell(source: str, id: str = "") -> dict[str, Any]:
    return {"cell_type": "code", "source": [source]} | ({"id": id} if id else {})


def ids(*cells: dict[str, Any]) -> list[str]:
    name_cells(list(cells))
    return [each["id"] for each in cells]


def test_a_new_cell_renames_no_other_and_gets_the_same_id_every_time() -> None:
    first, new, second = (
        ids(cell("a", "cell-1"), cell("new"), cell("b", "cell-2")) for _ in range(3)
    )
    assert first == new == second
    assert [first[0], first[2]] == ["cell-1", "cell-2"]
    assert first[1] == ids(cell("new"))[0]


def test_cells_of_the_same_content_and_copies_with_their_ids_are_told_apart() -> None:
    same = ids(cell("a"), cell("a"), cell("a"))
    assert len(set(same)) == 3
    assert same[1] == f"{same[0]}-2"
    copied = ids(cell("a", "cell-1"), cell("a, changed", "cell-1"))
    assert copied[0] == "cell-1"
    assert copied[1] == ids(cell("a, changed"))[0]


def test_what_cells_glue_is_written_into_the_prose(tmp_path: Path) -> None:
    path = tmp_path / "chapter.ipynb"
    prose = nbformat.v4.new_markdown_cell("It takes {{glue:users}}.")
    code = nbformat.v4.new_code_cell("from inference_economics_notebook import book")
    code.source += '\nbook.glue(users=book.show(500, "user"))'
    nbformat.write(nbformat.v4.new_notebook(cells=[prose, code]), path)
    assert execute(path) is None
    done = nbformat.read(path, as_version=4).cells
    assert done[0].source == 'It takes <data value="glue:users">500 users</data>.'
    assert done[1].outputs[0].data == {"text/plain": "users = 500 users"}

    prose.source = "It takes {{glue:chips}}."
    nbformat.write(nbformat.v4.new_notebook(cells=[prose, code]), path)
    before = path.read_bytes()
    assert execute(path) == f"{path}: no cell glues 'chips'"
    assert path.read_bytes() == before

    prose.source = "It takes {{glue:users}}."
    again = nbformat.v4.new_code_cell('book.glue(users="400 users")')
    nbformat.write(nbformat.v4.new_notebook(cells=[prose, code, again]), path)
    assert execute(path) == f"{path}: two cells glue 'users': rename one of the two"


def test_what_a_cell_writes_to_stderr_is_told_and_nothing_is_stored(tmp_path: Path) -> None:
    path = tmp_path / "one.ipynb"
    source = "import sys; print('a warning', file=sys.stderr)"
    code = cell(source, "cell-1") | {"metadata": {}, "outputs": [], "execution_count": None}
    notebook = {"cells": [code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf8")
    before = path.read_bytes()
    said = execute(path)
    assert said is not None
    assert "wrote to stderr" in said
    assert "a warning" in said
    assert path.read_bytes() == before


def test_a_cell_that_fails_is_told_with_its_error_and_without_the_frames_below(
    tmp_path: Path,
) -> None:
    path = tmp_path / "one.ipynb"
    code = nbformat.v4.new_code_cell("value = 1\nraise ValueError('no such machine')")
    nbformat.write(nbformat.v4.new_notebook(cells=[code]), path)
    assert execute(path) == f"{path}: ValueError: no such machine\n{code.source}\n"
