"""What Python compiles beforehand for a browser, and what SymPy prints beforehand."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from inference_economics import equations
from inference_economics.algebra import printed
from inference_economics.algebra.formula import as_printed
from inference_economics_site.live.compiled import compile_archive

if TYPE_CHECKING:
    from pathlib import Path

MODULE = '"""Says."""\n\n\ndef answer():\n    """Give it."""\n    return 1 / 0\n'


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Make an archive with a module, data, and a template that is no Python."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("some/__init__.py", "")
        made.writestr("some/module.py", MODULE)
        made.writestr("some/data.txt", "data")
        made.writestr("some/template.py", "{{ no python }} {")
    return path


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as made:
        return set(made.namelist())


def run(path: Path, code: str) -> str:
    """Run code where the archive's modules can be imported, from a folder as in a browser."""
    folder = path.with_suffix("")
    with zipfile.ZipFile(path) as made:
        made.extractall(folder)
    done = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_what_is_compiled_takes_the_place_of_its_source(archive: Path) -> None:
    compile_archive(archive)
    assert names(archive) == {
        "some/__init__.pyc", "some/module.pyc", "some/data.txt", "some/template.py",
    }  # fmt: skip
    assert run(archive, "from some import module; print(module.answer.__doc__)") == "Give it.\n"


def test_with_its_source_a_traceback_shows_the_line(archive: Path) -> None:
    compile_archive(archive, keep_sources=True)
    tag = sys.implementation.cache_tag
    assert f"some/__pycache__/module.{tag}.pyc" in names(archive)
    found = run(archive, "from some import module; module.answer()")
    assert "return 1 / 0" in found
    assert "ZeroDivisionError" in found


def test_a_library_whose_docstrings_nobody_reads_has_none(archive: Path) -> None:
    compile_archive(archive, optimize=2)
    assert run(archive, "from some import module; print(module.answer.__doc__)") == "None\n"


def test_the_same_sources_make_the_same_archive(archive: Path) -> None:
    first = archive.read_bytes()
    compile_archive(archive)
    made = archive.read_bytes()
    archive.write_bytes(first)
    compile_archive(archive)
    assert archive.read_bytes() == made


def test_every_equation_is_printed_beforehand_as_it_is_printed_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = [formula.rule for formula in equations.all_formulas().values()]
    anew = [as_printed(rule) for rule in rules]
    kept = {rule.python: made for rule, made in zip(rules, anew, strict=True)}
    (tmp_path / "kept.json").write_text(json.dumps(kept), encoding="utf8")
    monkeypatch.setattr(printed, "KEPT", tmp_path / "kept.json")
    printed._kept.cache_clear()
    try:
        assert [printed.kept(rule) for rule in rules] == anew
    finally:
        monkeypatch.undo()
        printed._kept.cache_clear()
    assert printed.kept(rules[0]) is None
