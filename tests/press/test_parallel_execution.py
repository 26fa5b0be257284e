"""What the build executes: every chapter, and anew each time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import nbformat
from jupyter_cache import get_cache

from inference_economics_site.parallel_execution import execute

if TYPE_CHECKING:
    from pathlib import Path


def test_no_output_of_an_earlier_build_is_kept(tmp_path: Path) -> None:
    book, kept = tmp_path / "book", tmp_path / "kept"
    book.mkdir()
    cell = nbformat.v4.new_code_cell("print(open('value.txt').read())")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), book / "chapter.ipynb")
    app: Any = SimpleNamespace(
        srcdir=book,
        env=SimpleNamespace(mystnb_config=SimpleNamespace(execution_cache_path=kept)),
        config=SimpleNamespace(nb_execution_timeout=60),
    )
    for value in ("one", "two"):
        (book / "value.txt").write_text(value)
        execute(app)
        (record,) = get_cache(kept).list_cache_records()
        done = get_cache(kept).get_cache_bundle(record.pk).nb
        assert done.cells[0].outputs[0].text.strip() == value
