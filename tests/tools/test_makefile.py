"""What make does to a folder: killed, twice at once, with odd settings. Programs are stand-ins."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "src/inference_economics_site/live/requirements.lock")
PATIENCE = 60  # seconds

# Each notes what it was called with, and waits or fails where a test has asked it to.
PROGRAM = """\
#!/bin/sh
echo "$(basename "$0") $*" >> log
echo "$MPLCONFIGDIR $IPYTHONDIR $LC_ALL" > settings
while test -e "wait-$(basename "$0")"; do sleep 0.1; done
echo "end of $(basename "$0")" >> log
test ! -e "fail-$(basename "$0")"
"""
PYTHON = f"""\
#!/bin/sh
test "$1 $2" = "-m venv" || exec {sys.executable} "$@"
echo "venv" >> log
mkdir -p "$3/bin"
for name in python pip uv jupyter jupyter-book; do cp program "$3/bin/$name"; done
"""


class Folder:
    """A folder with the Makefile, where programs only note that they were called."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name in ("Makefile", "tools/alone.py", "pyproject.toml", *LOCKS):
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, path / name)
        for name in ("_config.yml", "_toc.yml", "CHANGELOG.md", "CITATION.cff", "README.md"):
            (path / name).touch()
        (path / "book").mkdir()
        for name, text in (("program", PROGRAM), ("stand-in", PYTHON)):
            (path / name).write_text(text)
            (path / name).chmod(0o755)

    def start(self, *goals: str, **settings: str) -> subprocess.Popen[str]:
        """Start make, as from a shell that is in no other make."""
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "BOOK_"))
        }
        return subprocess.Popen(
            ["make", "PYTHON=./stand-in", *goals],  # noqa: S607  whichever make there is
            cwd=self.path,
            env=kept | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def make(self, *goals: str, **settings: str) -> str:
        """Run make to its end, and return what it said."""
        run = self.start(*goals, **settings)
        said, _ = run.communicate(timeout=PATIENCE)
        assert run.returncode == 0, said
        return said

    def log(self) -> list[str]:
        path = self.path / "log"
        return path.read_text().splitlines() if path.exists() else []

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    made = Folder(tmp_path)
    yield made
    for waits in tmp_path.glob("wait-*"):
        waits.unlink()


def test_a_set_up_that_was_killed_is_made_anew(folder: Folder) -> None:
    (folder.path / "wait-pip").touch()
    first = folder.start(".venv/.ready")
    folder.until(lambda: any(line.startswith("pip install") for line in folder.log()))
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    (folder.path / "wait-pip").unlink()
    half = folder.path / ".venv" / "half-installed"
    half.touch()
    folder.make(".venv/.ready")
    assert not half.exists()
    assert folder.log().count("venv") == 2


def test_a_finished_set_up_is_kept_and_brought_up_to_date(folder: Folder) -> None:
    folder.make(".venv/.ready")
    kept = folder.path / ".venv" / "kept"
    kept.touch()
    before = len(folder.log())
    assert "up to date" in folder.make(".venv/.ready")
    assert len(folder.log()) == before
    later = time.time() + 5
    os.utime(folder.path / "requirements.lock", (later, later))
    folder.make(".venv/.ready")
    assert kept.exists()
    assert folder.log().count("venv") == 1
    assert any("--require-hashes -r requirements.lock" in line for line in folder.log()[before:])


@pytest.mark.parametrize("missing", [False, True], ids=["uv", "no uv"])
def test_pip_installs_what_uv_does_not(folder: Folder, *, missing: bool) -> None:
    (folder.path / "fail-uv").touch() if missing else None
    folder.make(".venv/.ready")
    by = [line.split()[0] for line in folder.log()
          if line.endswith(" --require-hashes -r requirements.lock")]  # fmt: skip
    assert by == ["uv", "pip"][: 1 + missing]
    before = folder.log().index("end of uv")
    assert any(
        line.endswith("-r tools/install/requirements.lock") for line in folder.log()[:before]
    )


def test_of_two_builds_the_second_waits_and_finds_it_done(folder: Folder) -> None:
    folder.make(".venv/.ready")
    (folder.path / "wait-jupyter-book").touch()
    first = folder.start("book")
    folder.until(lambda: any(line.startswith("jupyter-book build") for line in folder.log()))
    second = folder.start("book")
    assert second.stdout is not None
    assert "Waiting: another make is at work" in second.stdout.readline()
    (folder.path / "wait-jupyter-book").unlink()
    for run in (first, second):
        said, _ = run.communicate(timeout=PATIENCE)
        assert run.returncode == 0, said
        assert "The book is at" in said
    assert sum(line.startswith("jupyter-book build") for line in folder.log()) == 1


def test_a_build_for_another_address_waits_and_builds_anew(folder: Folder) -> None:
    folder.make(".venv/.ready")
    (folder.path / "wait-jupyter-book").touch()
    first = folder.start("book", BOOK_ADDRESS="https://one.example")
    folder.until(lambda: any(line.startswith("jupyter-book build") for line in folder.log()))
    second = folder.start("book", BOOK_ADDRESS="https://two.example")
    assert second.stdout is not None
    assert "Waiting: another make is at work" in second.stdout.readline()
    assert "one.example" in (folder.path / "_build" / ".addresses").read_text()
    (folder.path / "wait-jupyter-book").unlink()
    for run in (first, second):
        run.communicate(timeout=PATIENCE)
        assert run.returncode == 0
    builds = [line for line in folder.log() if line.endswith("of jupyter-book")]
    assert len(builds) == 2
    assert "two.example" in (folder.path / "_build" / ".addresses").read_text()


@pytest.mark.parametrize("address", ["$(shell touch made)", "`touch made`", "'; touch made; '"])
def test_an_address_is_text_and_no_command(folder: Folder, address: str) -> None:
    folder.make("book", BOOK_ADDRESS=address)
    assert not (folder.path / "made").exists()
    assert address in (folder.path / "_build" / ".addresses").read_text()


def test_caches_lie_in_the_environment_and_text_is_utf_8(folder: Folder) -> None:
    folder.make("book", HOME="/dev/null/none", LC_ALL="C")
    cache = folder.path / ".venv" / "cache"
    settings = (folder.path / "settings").read_text().split()
    assert settings == [f"{cache}/matplotlib", f"{cache}/ipython", "C.UTF-8"]
    # The list of fonts is made at set-up, and not by a cell.
    before = folder.log()[: [line.split()[0] for line in folder.log()].index("jupyter-book")]
    assert "python -c import matplotlib.font_manager" in before


def test_what_is_left_of_an_interrupted_clean_is_no_environment(folder: Folder) -> None:
    said = folder.make("--just-print", "clean")
    assert said.index("rm -f .venv/.ready") < said.index("rm -rf .venv")


def test_root_may_open_jupyterlab(folder: Folder) -> None:
    folder.make("lab")
    (call,) = [line for line in folder.log() if line.startswith("jupyter lab")]
    assert call.endswith("--allow-root") == (os.getuid() == 0)


def test_help_lists_every_command_in_two_columns(folder: Folder) -> None:
    lines = folder.make("help").splitlines()
    assert len(lines) > 20
    for line in lines:
        assert line[15] == " " != line[16], line
        assert "\t" not in line


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "", "\uff18\uff10"])
def test_a_port_that_is_none_is_refused_in_a_sentence(port: str) -> None:
    command = [sys.executable, str(ROOT / "tools" / "serve.py"), ".", port]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"PORT = {port!r}: must be a whole number from 0 to 65535\n"
