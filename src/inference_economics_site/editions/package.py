"""The book's packages as one installs them: two wheels, and the source of all of the book."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from . import archive

if TYPE_CHECKING:
    import datetime as dt

    from .edition import Edition

KINDS = {"wheel": ".whl", "sdist": ".tar.gz"}
CITATION = "CITATION.cff"
NOTEBOOK = "src/inference_economics_notebook"
"""The folder of the package of what notebooks show, which is a project of its own."""

_PICTURE = re.compile(r"^!\[.*\]\(docs/.*\)\n\n", re.MULTILINE)
_FOLDER = "](docs/"


def write(root: Path, edition: Edition, folder: Path) -> list[Path]:
    """Write them to a folder, and the file that says how to cite; return their paths.

    `root` is the folder of the source. All of them name the book's addresses where they are known.
    """
    with TemporaryDirectory() as made:
        source = copied(root, Path(made) / "source")
        addressed(source, edition)
        citation = Path(shutil.copy(source / CITATION, folder))
        own = [build(kind, source, folder, edition.date) for kind in KINDS]
        shown = build("wheel", source / NOTEBOOK, folder, edition.date)
        return [*own, shown, citation]


def copied(root: Path, folder: Path) -> Path:
    """Copy the source, without what git ignores: building leaves files behind.

    The license goes with both packages.
    """
    ignored = (root / ".gitignore").read_text(encoding="utf-8").replace("/\n", "\n").split()
    shutil.copytree(root, folder, ignore=shutil.ignore_patterns(".git", *ignored))
    shutil.copy(folder / "LICENSE", folder / NOTEBOOK)
    return folder


def addressed(source: Path, edition: Edition) -> None:
    """Write the addresses that are known into the files of a source that can name them."""
    readme = source / "README.md"
    text = readme.read_text(encoding="utf-8")
    if edition.repository:
        text = text.replace(_FOLDER, f"]({edition.repository}/raw/HEAD/docs/")
    else:
        # A package's front page has no picture that lies beside it.
        text = _PICTURE.sub("", text)
    readme.write_text(text, encoding="utf-8")

    for each in (source, source / NOTEBOOK):
        with (each / "pyproject.toml").open("a", encoding="utf-8") as project:
            urls = {"Homepage": edition.address, "Source": edition.repository}
            project.write("\n[project.urls]\n")
            project.writelines(f'{name} = "{url}"\n' for name, url in urls.items() if url)

    citation = source / CITATION
    citation.write_text(cited(citation.read_text(encoding="utf-8"), edition), encoding="utf-8")
    deposit = source / ".zenodo.json"
    deposit.write_text(deposited(deposit.read_text(encoding="utf-8"), edition), encoding="utf-8")


def cited(text: str, edition: Edition) -> str:
    """Return the text of CITATION.cff with the addresses that are known."""
    known = {"url": edition.address, "repository-code": edition.repository}
    return text + "".join(f"{key}: {address}\n" for key, address in known.items() if address)


def deposited(text: str, edition: Edition) -> str:
    """Return the text of .zenodo.json with the addresses that are known."""
    known = {"isDocumentedBy": edition.address, "isSupplementTo": edition.repository}
    related = [{"identifier": url, "relation": how} for how, url in known.items() if url]
    about = json.loads(text) | ({"related_identifiers": related} if related else {})
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"


def build(kind: str, source: Path, folder: Path, date: dt.date) -> Path:
    """Build one kind of a source, the same bytes in every build, and return its path.

    Nothing is fetched: the build backend is the one that is installed here. Raises RuntimeError,
    with what it said, where it fails.
    """
    call = f"from setuptools import build_meta; build_meta.build_{kind}('dist')"
    command = [sys.executable, "-c", call]
    done = subprocess.run(command, cwd=source, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the {kind} cannot be built:\n{done.stderr}")
    (built,) = (source / "dist").glob(f"*{KINDS[kind]}")
    if kind == "wheel":
        with zipfile.ZipFile(built) as wheel:
            archive.write(folder / built.name, {n: wheel.read(n) for n in wheel.namelist()}, date)
    else:
        with tarfile.open(built) as sdist:
            files = {entry.name: sdist.extractfile(entry) for entry in sdist if entry.isfile()}
            contents = {name: file.read() for name, file in files.items() if file}
        archive.write_tar(folder / built.name, contents, date)
    return folder / built.name
