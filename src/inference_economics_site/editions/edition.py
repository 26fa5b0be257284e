"""What every edition says of the book: its name, version, date, addresses and order of pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import yaml

from inference_economics import __version__

from .. import addresses

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator


@dataclass(frozen=True)
class Part:
    """A part of the book: its caption, and the names of its pages in their order."""

    caption: str
    pages: tuple[str, ...]


@dataclass(frozen=True)
class Edition:
    """The book as its settings describe it.

    `address` is that of the site, with a slash at its end, and `repository` that of the source,
    without one; either is empty where it is not known.
    """

    title: str
    author: str
    license: str
    abstract: str
    language: str
    version: str
    date: dt.date
    address: str
    repository: str
    first_page: str
    parts: tuple[Part, ...]

    @property
    def stem(self) -> str:
        """The start of every edition's file name: the title and the version."""
        return f"{re.sub('[^a-z0-9]+', '-', self.title.lower()).strip('-')}-{self.version}"

    @property
    def package(self) -> str:
        """The start of the file names of the book's package."""
        return f"inference_economics-{self.version}"

    @property
    def wheel(self) -> str:
        """The file name of the package, ready to be installed."""
        return f"{self.package}-py3-none-any.whl"

    @property
    def notebook_wheel(self) -> str:
        """The file name of the package of what notebooks show."""
        return f"inference_economics_notebook-{self.version}-py3-none-any.whl"

    @property
    def wheels(self) -> tuple[str, str]:
        """The file names of both, in the order in which they build on each other."""
        return self.wheel, self.notebook_wheel

    def pages(self) -> Iterator[str]:
        """Name every page in the order of reading."""
        yield self.first_page
        for part in self.parts:
            yield from part.pages


def read(root: Path) -> Edition:
    """Read the settings in a folder: _config.yml, _toc.yml and CITATION.cff.

    The addresses are those that the site is built with: see `inference_economics_site.addresses`.
    Raises ValueError for what is no address, and where the cited version is not the package's.
    """
    config, contents, citation = (
        _load(root / name) for name in ("_config.yml", "_toc.yml", "CITATION.cff")
    )
    if citation["version"] != __version__:
        raise ValueError(f"CITATION.cff cites {citation['version']}, the package is {__version__}")
    address, repository = addresses.read(
        config["html"]["baseurl"] or "", config["repository"]["url"] or ""
    )
    return Edition(
        title=config["title"],
        author=config["author"],
        license=" and ".join(citation["license"]),
        abstract=citation["abstract"],
        language=config["sphinx"]["config"]["language"],
        version=__version__,
        date=citation["date-released"],
        address=address,
        repository=repository,
        first_page=contents["root"],
        parts=tuple(
            Part(part["caption"], tuple(chapter["file"] for chapter in part["chapters"]))
            for part in contents["parts"]
        ),
    )


def from_template(name: str, **given: str) -> str:
    """Return the document of that name in this folder with what is given in its places."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return Template(text).substitute(given)


def _load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
