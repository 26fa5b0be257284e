"""The notebooks run wherever one starts: in an empty folder, with only an interpreter."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from inference_economics_site.editions import package

if TYPE_CHECKING:
    from inference_economics_site.editions.edition import Edition

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("START") != "1", reason="takes a quarter of an hour: START=1"
    ),
    pytest.mark.xdist_group("start"),
]


class Start:
    """A folder with nothing in it but an environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / ".venv" / "bin"
        self.run(sys.executable, "-m", "venv", ".venv")

    def run(self, *command: str | Path) -> None:
        """Run a command there, with nothing of this environment; it must succeed."""
        ours = ("PYTHON", "MPLCONFIGDIR", "IPYTHONDIR", "PYTEST", "VIRTUAL_ENV")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        done = subprocess.run(
            command, cwd=self.folder, env=kept, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]

    def install(self, *what: str | Path) -> None:
        self.run(self.programs / "pip", "install", "-q", *what)

    def pinned(self) -> Path:
        """Write what is pinned as constraints, for outputs are compared to the letter."""
        text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
        path = self.folder / "pinned.txt"
        path.write_text(re.sub(r"(?m)^--.*\n", "", text), encoding="utf-8")
        return path

    def execute(self, notebooks: Path) -> None:
        """Run every notebook of a folder; a cell that fails ends it."""
        found = sorted(notebooks.glob("*.ipynb"))
        assert len(found) > 10
        given = ("nbconvert", "--execute", "--to", "notebook", "--output-dir", "run")
        self.run(self.programs / "jupyter", *given, *found)

    def compare(self, notebooks: Path) -> None:
        """Run every notebook of a folder and compare with the outputs that it has stored.

        Those to download link one another under the names that they have there.
        """
        named = self.folder / "names.cfg"
        named.write_text("[names]\nregex: \\.executed\\.ipynb\nreplace: .ipynb\n", encoding="utf-8")
        same = ("--nbval", "--nbval-sanitize-with", named)
        self.run(self.programs / "pytest", "-q", *same, notebooks)


def test_with_the_two_lines_of_the_readme(tmp_path: Path) -> None:
    line = "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt\n"
    assert line in (ROOT / "README.md").read_text(encoding="utf-8")
    start = Start(package.copied(ROOT, tmp_path / "book"))
    start.install("-r", "requirements.txt")
    start.execute(start.folder / "book")
    start.compare(start.folder / "book")


def test_with_the_wheels_and_their_notebooks(tmp_path: Path, site: Path, about: Edition) -> None:
    start = Start(tmp_path)
    wheel, shown = (site / "downloads" / name for name in about.wheels)
    start.install(f"{wheel}[notebooks]", shown, "--constraint", start.pinned())
    for kind in ("executed", "clean"):
        (tmp_path / kind).mkdir()
        for path in (site / "downloads" / "notebooks").glob(f"*.{kind}.ipynb"):
            shutil.copy(path, tmp_path / kind)
    start.execute(tmp_path / "clean")
    start.compare(tmp_path / "executed")


def test_with_the_source(tmp_path: Path, site: Path, about: Edition) -> None:
    start = Start(tmp_path)
    source = site / "downloads" / f"{about.package}.tar.gz"
    with tarfile.open(source) as opened:
        opened.extractall(tmp_path, filter="data")
    shown = tmp_path / about.package / package.NOTEBOOK
    start.install(f"{source}[notebooks]", shown, "--constraint", start.pinned())
    start.compare(tmp_path / about.package / "book")
