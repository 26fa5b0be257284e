"""The wheel and the source archive: complete, light, and the same bytes in every build."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from dataclasses import replace
from email.parser import Parser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from thoroughly import THOROUGH

from inference_economics import __version__
from inference_economics_site.editions import edition, package

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

ROOT = Path(__file__).parents[2]
SITE, REPOSITORY = "https://example.org/book/", "https://example.org/us/book"
WITH = replace(edition.read(ROOT), address=SITE, repository=REPOSITORY)
WITHOUT = replace(WITH, address="", repository="")
MOST_BYTES = 450_000  # of the helper package's wheel


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both for a book with addresses."""
    folder = tmp_path_factory.mktemp("with")
    package.write(ROOT, WITH, folder)
    return folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both for a book without; with THOROUGH=1 once more, as another person would."""
    first, second = tmp_path_factory.mktemp("without"), tmp_path_factory.mktemp("again")
    paths = package.write(ROOT, WITHOUT, first)
    if not THOROUGH:
        return first
    before = os.umask(0o077)
    try:
        package.write(ROOT, WITHOUT, second)
    finally:
        os.umask(before)
    for path in paths:
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name
    return first


def metadata(folder: Path) -> Message:
    with zipfile.ZipFile(folder / WITH.wheel) as wheel:
        text = wheel.read(f"{WITH.package}.dist-info/METADATA").decode()
    return Parser().parsestr(text)


@pytest.fixture
def source(made: Path) -> Iterator[tarfile.TarFile]:
    with tarfile.open(made / f"{WITH.package}.tar.gz") as opened:
        yield opened


def read(source: tarfile.TarFile, name: str) -> str:
    file = source.extractfile(f"{WITH.package}/{name}")
    assert file is not None
    return file.read().decode()


def test_the_wheel_is_light(made: Path, bare: Path) -> None:
    for folder in (made, bare):
        assert (folder / WITH.wheel).stat().st_size < MOST_BYTES


@pytest.mark.parametrize(
    ("name", "built"),
    [("inference_economics", WITH.wheel), ("inference_economics_notebook", WITH.notebook_wheel)],
)
def test_a_wheel_is_its_package(made: Path, name: str, built: str) -> None:
    with zipfile.ZipFile(made / built) as wheel:
        held = {each for each in wheel.namelist() if ".dist-info/" not in each}
        licenses = [each for each in wheel.namelist() if each.endswith("/LICENSE")]
    src = ROOT / "src"
    assert held == {
        path.relative_to(src).as_posix()
        for path in (src / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.name != "pyproject.toml"
    }
    assert licenses


def test_both_packages_have_one_version_and_what_the_book_needs() -> None:
    """The second names the first in its version; the environment has what the second needs."""
    own, shown = (
        tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf8"))["project"]
        for folder in (".", package.NOTEBOOK)
    )
    first, *others = sorted(shown["dependencies"], key=lambda each: "==" not in each)
    assert (shown["version"], first) == (__version__, f"inference-economics=={__version__}")
    assert set(others) <= set(own["optional-dependencies"]["notebooks"])
    assert not set(others) & set(own["dependencies"])


def test_the_helper_package_needs_nothing_of_what_draws_or_shows() -> None:
    """Of an environment in which there are none of these, its modules are imported all the same."""
    missing = ["IPython", "PIL", "anywidget", "latex2mathml", "matplotlib"]
    code = (
        "import importlib, pkgutil, sys\n"
        f"sys.modules.update(dict.fromkeys({[*missing, 'inference_economics_notebook']}))\n"
        "import inference_economics as ie\n"
        "found = list(pkgutil.walk_packages(ie.__path__, 'inference_economics.'))\n"
        "for each in found:\n"
        "    importlib.import_module(each.name)\n"
        "assert len(found) > 50\n"
        "assert all(getattr(ie, name) is not None for name in ie.__all__)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_names_the_addresses_that_there_are(made: Path, bare: Path) -> None:
    urls = [f"Homepage, {SITE}", f"Source, {REPOSITORY}"]
    assert metadata(made).get_all("Project-URL") == urls
    assert metadata(bare).get_all("Project-URL") is None
    assert (bare / "CITATION.cff").read_bytes() == (ROOT / "CITATION.cff").read_bytes()
    cited = yaml.safe_load((made / "CITATION.cff").read_text())
    assert (cited["url"], cited["repository-code"]) == (SITE, REPOSITORY)


def test_its_front_page_shows_no_picture_that_is_not_there(made: Path, bare: Path) -> None:
    assert "](docs/front-page.png)" in (ROOT / "README.md").read_text()
    for folder, picture in ((made, f"]({REPOSITORY}/raw/HEAD/docs/front-page.png)"), (bare, "")):
        page = metadata(folder)
        assert page["Description-Content-Type"] == "text/markdown"
        text = str(page.get_payload())
        assert text.startswith("# Inference Economics, Recomputed")
        assert "](docs/" not in text
        assert picture in text
        assert ("![" in text) == bool(picture)


def test_the_source_is_all_of_it(source: tarfile.TarFile, tmp_path: Path) -> None:
    """Tests with their helpers and data, chapters, and what builds the site."""
    copied = package.copied(ROOT, tmp_path / "copied")
    rooms = (".ci", ".github", "book", "docs", "src", "tests", "tools")
    wanted = {path for room in rooms for path in (copied / room).rglob("*") if path.is_file()}
    wanted |= {path for path in copied.glob("*.*") if path.is_file()} | {copied / "Makefile"}
    held = {name.removeprefix(f"{WITH.package}/") for name in source.getnames()}
    missing = {path.relative_to(copied).as_posix() for path in wanted} - held
    assert missing == set()
    assert len(held) > 200
    assert not [name for name in held if "__pycache__" in name or name.startswith((".venv", "_b"))]


def test_the_source_names_the_addresses(source: tarfile.TarFile) -> None:
    assert yaml.safe_load(read(source, "CITATION.cff"))["url"] == SITE
    related = json.loads(read(source, ".zenodo.json"))["related_identifiers"]
    assert [each["identifier"] for each in related] == [SITE, REPOSITORY]
    assert f'Homepage = "{SITE}"' in read(source, "pyproject.toml")


def test_what_cannot_be_built_says_why(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 3\n")
    with pytest.raises(RuntimeError, match=r"the wheel cannot be built:(.|\n)*name"):
        package.build("wheel", tmp_path, tmp_path, WITH.date)
