"""What the build executes: every chapter, and anew each time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import nbformat
from jupyter_cache import get_cache

from inference_economics_site.parallel_execution import execute

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def built(folder: Path, **cell: Any) -> str:
    """Write a chapter of one cell, execute it as the build does, and give the kept output."""
    book, kept = folder / "book", folder / "kept"
    book.mkdir(exist_ok=True)
    cells = [nbformat.v4.new_code_cell("print(open('value.txt').read())", id="read", **cell)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), book / "chapter.ipynb")
    app: Any = SimpleNamespace(
        srcdir=book,
        env=SimpleNamespace(mystnb_config=SimpleNamespace(execution_cache_path=kept)),
        config=SimpleNamespace(nb_execution_timeout=60),
    )
    execute(app)
    (record,) = get_cache(kept).list_cache_records()
    text: str = get_cache(kept).get_cache_bundle(record.pk).nb.cells[0].outputs[0].text
    return text.strip()


def test_no_output_of_an_earlier_build_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOOK_OUTPUTS", raising=False)
    (tmp_path / "book").mkdir()
    for value in ("one", "two"):
        (tmp_path / "book" / "value.txt").write_text(value)
        assert built(tmp_path) == value


def test_what_nbval_has_just_compared_need_not_be_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOOK_OUTPUTS", "stored")
    stored = nbformat.v4.new_output("stream", text="as stored")
    assert built(tmp_path, outputs=[stored], execution_count=1) == "as stored"
