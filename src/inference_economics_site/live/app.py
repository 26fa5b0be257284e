"""JupyterLite with the chapters in it, and the browser's Python beside it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

from ..editions.notebooks import FIRST_CELL
from ..website import prune
from . import wheels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KERNEL = "@jupyterlite/pyodide-kernel-extension"
HERE = (
    "\n\n*Python runs in this page, with nothing to install: press ⇧ and Enter in one cell after "
    "another. The first of them waits for Python to start. Figures need a connection, the "
    "arithmetic does not.*"
)
"""What the notebook says of itself in place of how to install the package."""

_FOLDER = Path(__file__).parent
HEALTH = _FOLDER / "health.js"
EARLY = (_FOLDER / "early.js", _FOLDER / "early.worker.js")
"""What has Python start while JupyterLab does, and the worker that it starts in."""
STARTED = _FOLDER / "started.mjs"
PYTHON = "pyodide"
"""The folder of the browser's Python, below that of JupyterLite."""

_EXPECTED = re.compile(r"pyodide/v(\d+\.\d+\.\d+)/full/pyodide\.mjs")
_OF_PYODIDE = {
    "pyodide-lock.json", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide.mjs", wheels.LIBRARY,
}  # fmt: skip
# Every browser that runs Pyodide reads WOFF2. The themes of code are for pages made by nbconvert.
_UNUSED = (
    "**/*.map", "build/fa-*.svg", "build/fa-*.eot", "build/fa-*.ttf", "build/fa-*.woff",
    "rspack.config*.js", "doc", "extensions/jupyterlab_pygments",
)  # fmt: skip
# What draws kinds of output that no chapter has, by the words that only its scripts hold.
_DISABLED = ["@jupyterlab/mermaid-extension", "@jupyterlab/vega5-extension"]
_OF_DISABLED = re.compile(r"elk-worker|cytoscape|katex|vegaEmbed|vega-|mermaid\b.*mermaid")
_HEAVY = 100_000  # bytes: the rest is not worth the risk


def build(tools: Path, chapters: Mapping[str, str], title: str, folder: Path, work: Path) -> None:
    """Build JupyterLite with chapters, each a page's name and its notebook's text, into a folder.

    `tools` is the folder of the programs `jupyter` and `npm`, and `work` an empty folder to work
    in. Raises RuntimeError, with what it said, where one of them fails.
    """
    contents = work / "contents"
    contents.mkdir()
    for page, text in chapters.items():
        notebook = nbformat.reads(text, as_version=4)
        for cell in notebook.cells:
            if cell.id == FIRST_CELL:
                cell.source = cell.source.split("\n\n")[0] + HERE
        # Not nbformat's own writing: JupyterLite takes split lines for something else than text.
        (contents / f"{page}.ipynb").write_text(json.dumps(notebook), encoding="utf8")
    given = ["--apps", "notebooks", "--no-sourcemaps", "--no-unused-shared-packages"]
    _run([tools / "jupyter", "lite", "build", *given, "--contents", contents,
          "--output-dir", folder], work)  # fmt: skip
    prune(folder, _UNUSED)
    _drop_heavy(folder)
    version = expected(folder)
    _python(tools, version, folder / PYTHON, work)
    _configure(folder / "jupyter-lite.json", title)
    _start_early(folder)
    _watch(folder)


def expected(folder: Path) -> str:
    """Return the version of Pyodide that the kernel in a folder is made for.

    Raises ValueError where it names none, or several.
    """
    static = folder / "extensions" / KERNEL / "static"
    found = {v for path in static.glob("*.js") for v in _EXPECTED.findall(path.read_text("utf8"))}
    if len(found) != 1:
        raise ValueError(f"{static}: must name one version of Pyodide, names {sorted(found)}")
    return str(found.pop())


def _python(tools: Path, version: str, folder: Path, work: Path) -> None:
    _run([tools / "npm", "pack", "--silent", f"pyodide@{version}"], work)
    folder.mkdir()
    with tarfile.open(work / f"pyodide-{version}.tgz") as archive:
        for member in archive:
            name = Path(member.name).name
            source = archive.extractfile(member)
            if name in _OF_PYODIDE and source is not None:
                (folder / name).write_bytes(source.read())
    lock = folder / "pyodide-lock.json"

    def compile_archives(how: dict[str, dict[str, Any]]) -> None:
        _run([tools / "node", _FOLDER / "compile.mjs", folder, _FOLDER / "compiled.py",
              json.dumps(how)], work)  # fmt: skip

    made = wheels.locked(json.loads(lock.read_text("utf8")), version, folder, compile_archives)
    text = json.dumps(made, indent=1, sort_keys=True) + "\n"
    lock.write_text(text, encoding="utf8")


def _configure(path: Path, title: str) -> None:
    config = json.loads(path.read_text("utf8"))
    data = config["jupyter-config-data"]
    data["appName"] = title
    data["disabledExtensions"] = _DISABLED
    data["federated_extensions"] = [
        each
        for each in data["federated_extensions"]
        if (path.parent / "extensions" / each["name"]).exists()
    ]
    settings = data["litePluginSettings"].setdefault(f"{KERNEL}:kernel", {})
    settings["pyodideUrl"] = f"./{PYTHON}/{STARTED.name}"
    settings["loadPyodideOptions"] = {"packages": list(wheels.AT_START)}
    path.write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf8")


def _start_early(folder: Path) -> None:
    """Have the page of a notebook start Python before JupyterLab asks for it."""
    for script in EARLY:
        shutil.copy(script, folder)
    shutil.copy(STARTED, folder / PYTHON)
    _into_head(folder, f'<script src="../{EARLY[0].name}"></script>')


def _watch(folder: Path) -> None:
    """Have the page of a notebook say which of the files that Python starts from is damaged."""
    python = folder / PYTHON
    sums = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(python.iterdir())}
    (python / "files.json").write_text(json.dumps(sums, indent=1) + "\n", encoding="utf8")
    shutil.copy(HEALTH, folder)
    _into_head(folder, f'<script type="module" src="../{HEALTH.name}"></script>')


def _into_head(folder: Path, script: str) -> None:
    page = folder / "notebooks" / "index.html"
    page.write_text(page.read_text("utf8").replace("<head>", f"<head>{script}", 1), encoding="utf8")


def _drop_heavy(folder: Path) -> None:
    for path in sorted(folder.glob("build/[0-9]*.js")):
        if path.stat().st_size > _HEAVY and _OF_DISABLED.search(path.read_text("utf8")):
            path.unlink()


def _run(command: Sequence[str | Path], work: Path) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}:\n{done.stdout}{done.stderr}")
