"""The Python packages that run in a browser, and the lock file that says where each comes from."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from inference_economics import __date__, __version__, equations
from inference_economics.algebra import printed
from inference_economics.algebra.formula import as_printed

from .. import in_browser
from ..editions import package

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Compile = Callable[[dict[str, dict[str, Any]]], None]

ROOT = Path(__file__).parents[3]
PACKAGE, SHOWN = OWN = ("inference-economics", "inference-economics-notebook")
MODULE = PACKAGE.replace("-", "_")
DISTRIBUTION = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
"""Where Pyodide publishes what it has compiled for browsers."""

AT_START = ("micropip", "packaging", "ipython", "jedi", "comm", SHOWN)
"""What is there before the first cell runs: all of it pure Python, from the site itself."""

# What Pyodide's distribution lacks, and what each of them needs in a browser. JupyterLab's part
# of the widgets comes with JupyterLite, and type checkers' needs are no reader's.
ADDED = {
    "anywidget": ("ipywidgets", "psygnal", "typing-extensions"),
    "comm": (),
    "flexcache": ("typing-extensions",),
    "flexparser": ("typing-extensions",),
    "ipywidgets": ("comm", "ipython", "traitlets"),
    "latex2mathml": (),
    "pint": ("flexcache", "flexparser", "platformdirs", "typing-extensions"),
    "psygnal": (),
    PACKAGE: (),
    SHOWN: (PACKAGE, "ipython", "latex2mathml"),
}  # fmt: skip

LIBRARY = "python_stdlib.zip"
"""Python's own library, as Pyodide has it."""

# Libraries' own tests, what they bring for JupyterLab, and what Jedi knows of other libraries.
_UNUSED = re.compile(r"/tests/|/testsuite/|\.data/|/django-stubs/|/typeshed/third_party/")


def build(folder: Path) -> None:
    """Build the book's own wheels into a folder."""
    with TemporaryDirectory() as made:
        source = package.copied(ROOT, Path(made) / "source")
        # Of the press, what fetches NumPy and others when they are needed comes along.
        own = source / "src" / MODULE
        shutil.copy(in_browser.__file__, own)
        rules = (formula.rule for formula in equations.all_formulas().values())
        before = json.dumps({rule.python: as_printed(rule) for rule in rules}, sort_keys=True)
        (own / "algebra" / printed.KEPT.name).write_text(before, encoding="utf8")
        with (own / "__init__.py").open("a", encoding="utf-8") as start:
            start.write("\nfrom . import in_browser\n\nin_browser.install()\n")
        for project in (source, source / package.NOTEBOOK):
            package.build("wheel", project, folder, dt.date.fromisoformat(__date__))


def fetch(wanted: Iterable[str], folder: Path, python: str) -> None:
    """Download pure-Python wheels for a version of Python, each named with its own version."""
    pip = [sys.executable, "-m", "pip", "-qq", "download", "--no-deps", "--only-binary", ":all:"]
    machine = ["--implementation", "py", "--abi", "none", "--platform", "any"]
    given = ["--python-version", python, *machine, "--dest", str(folder), *wanted]
    subprocess.run([*pip, *given], check=True)


def locked(
    original: dict[str, Any], version: str, folder: Path, compile_archives: Compile
) -> dict[str, Any]:
    """Return the site's lock file, and put the wheels that the site serves into a folder.

    `original` is the lock file of that version of Pyodide. What is there at the start or comes
    behind the first answer is served by the site and carries the hash of what is served; the
    others come from Pyodide's distribution, with the hash that it states. What nothing here needs
    is left out. `compile_archives` is given the names of the archives in the folder that the first
    answer waits for, with how each is compiled.
    """
    known = original["packages"]
    distribution = DISTRIBUTION.format(version=version)
    own = _pinned(set(ADDED).difference(OWN))
    at_start = _closure(AT_START, known)
    needed = _closure([*AT_START, *in_browser.NAMES], known)
    pure = [name for name in _closure([*AT_START, *in_browser.PURE], known) if name in known]
    versions = {name: known[name]["version"] for name in pure} | own
    fetch([f"{n}=={v}" for n, v in versions.items()], folder, original["info"]["python"])
    build(folder)
    own |= dict.fromkeys(OWN, __version__)
    for path in folder.glob("*.whl"):
        _slim(path)
    wheels = {_normal(path.name.split("-")[0]): path for path in folder.glob("*.whl")}
    # Of the library that every Python has, nobody reads the docstrings here; and of Pygments'
    # hundreds of languages a notebook needs one or two, so compiling all would only add weight.
    how: dict[str, dict[str, Any]] = {
        wheels[name].name: {} for name in at_start if name != "pygments"
    }
    how |= {wheels[name].name: {"keep_sources": True} for name in OWN}
    compile_archives({**how, LIBRARY: {"optimize": 2}})
    packages = {}
    for name in needed:
        entry = dict(known.get(name) or _entry(name, own[name], wheels[name]))
        if name in wheels:
            entry["file_name"] = wheels[name].name
            entry["sha256"] = hashlib.sha256(wheels[name].read_bytes()).hexdigest()
        else:
            entry["file_name"] = distribution + entry["file_name"]
        packages[name] = entry
    return {"info": original["info"], "packages": packages}


def _slim(wheel: Path) -> None:
    """Leave out what no page needs, a third of SymPy for one, and make the file anew."""
    with zipfile.ZipFile(wheel) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if not _UNUSED.search(name)}
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in kept.items():
            # The same date in every file, so that a wheel is the same in every build.
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def _closure(names: Iterable[str], known: dict[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += ADDED[name] if name in ADDED else map(_normal, known[name]["depends"])
    return sorted(found)


def _entry(name: str, version: str, wheel: Path) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    return {
        "depends": list(ADDED[name]),
        "imports": sorted(top for top in tops if top.isidentifier()),
        "install_dir": "site",
        "name": name,
        "package_type": "package",
        "unvendored_tests": False,
        "version": version,
    }


def _pinned(names: set[str]) -> dict[str, str]:
    """Give the versions that the book itself is made with."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf8")
    found = dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", text, re.MULTILINE))
    return {name: found[name] for name in sorted(names)}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
