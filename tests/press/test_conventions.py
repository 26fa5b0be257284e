"""How one starts: what is pinned for people, for make, for Binder, and for the host's checks."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SHOWN = tomllib.loads(
    (ROOT / "src/inference_economics_notebook/pyproject.toml").read_text(encoding="utf-8")
)["project"]
LOCKS = sorted(ROOT.glob("requirements.lock")) + sorted(ROOT.glob("[st]*/**/requirements.lock"))


def entries(path: Path) -> list[str]:
    """Give the entries of a file of requirements, with their hashes."""
    text = re.sub(r"^#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return text.replace("\\\n", " ").splitlines()


def pins(path: Path) -> dict[str, str]:
    """Give what it pins, by name."""
    found = (Requirement(e.split("--hash")[0]) for e in entries(path) if not e.startswith("--"))
    return {each.name: f"{each.specifier};{each.marker}" for each in found}


def test_people_install_the_project_itself_with_what_its_notebooks_need() -> None:
    path = ROOT / "requirements.txt"
    assert entries(path)[-1] == "--editable ."
    pinned = pins(path)
    for text in (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["notebooks"]):
        needed = Requirement(text)
        version = pinned[needed.name].removeprefix("==").split(";")[0]
        assert needed.specifier.contains(version, prereleases=True), text
    assert pinned.items() <= pins(ROOT / "requirements.lock").items()


def test_the_lock_has_what_everything_needs() -> None:
    pinned = pins(ROOT / "requirements.lock")
    for text in (t for extra in PROJECT["optional-dependencies"].values() for t in extra):
        needed = Requirement(text)
        assert needed.name in pinned, "run `make lock`"
        version = pinned[needed.name].removeprefix("==").split(";")[0]
        assert needed.specifier.contains(version, prereleases=True), "run `make lock`"


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.parent.name)
def test_every_lock_pins_and_has_hashes(path: Path) -> None:
    assert len(LOCKS) == 4
    for entry in entries(path):
        assert re.match(r"[a-z0-9.-]+==\S+ ", entry), entry
        assert re.search(r" --hash=sha256:[0-9a-f]{64}", entry), entry


def test_binder_takes_a_python_that_the_package_runs_on() -> None:
    """Binder reads runtime.txt and requirements.txt of the root, where it has no folder of its own.

    Without the former it takes a Python that is too old.
    """
    assert not (ROOT / "binder").exists()
    name, version = (ROOT / "runtime.txt").read_text().strip().split("-")
    assert name == "python"
    assert SpecifierSet(PROJECT["requires-python"]).contains(Version(version))
    assert f"Programming Language :: Python :: {version}" in PROJECT["classifiers"]


def test_hosted_notebooks_keep_what_they_bring() -> None:
    """What Colab had in August 2026, as its makers list it, meets every bound."""
    brought = {
        "anywidget": "0.9.21", "ipython": "7.34.0", "matplotlib": "3.10.0", "mpmath": "1.3.0",
        "numpy": "2.1.3", "scipy": "1.16.3", "sympy": "1.14.0",
        "pillow": "9.4.0",  # of an older list: Matplotlib brings one at least as new
    }  # fmt: skip
    own = "inference-economics"
    needed = [*PROJECT["dependencies"], *SHOWN["dependencies"]]
    bounds = {(r := Requirement(text)).name: r.specifier for text in needed if own not in text}
    assert set(bounds) - set(brought) == {"latex2mathml", "pint"}  # which it lacks
    for name, version in brought.items():
        assert bounds[name].contains(version), name


def test_the_checks_of_the_host_run_what_is_pinned_and_keep_no_token() -> None:
    text = (ROOT / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+)(.*)", text)
    assert len(used) == text.count("uses:") > 3
    for action, comment in used:
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action
    checkouts = text.count("actions/checkout@")
    assert checkouts == text.count("persist-credentials: false") == 1
    assert "make test-lite" in text
