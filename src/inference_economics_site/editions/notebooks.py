"""The chapters as notebooks, to be read and run outside the book: with their outputs, and clean.

Links to other chapters lead to their notebooks of the same kind.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import nbformat

from inference_economics_notebook import marks

from .. import addresses, mentions
from ..execute import read, tidy
from . import archive

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from .edition import Edition

KINDS = ("executed", "clean")
FIRST_CELL = "about-this-notebook"
"""The id of the cell that is put before the chapter's own."""

INSTALL_CELL = "install-the-package"
"""The id of the one after it, in notebooks that are ready to run."""

_LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<page>[a-z0-9-]+)\.(ipynb|md)(?P<place>#[^)]*)?\)")

_OUTPUT_LINK = re.compile(r'(?<=href=")(?P<page>[a-z0-9-]+)\.ipynb')


def write(executed: Path, edition: Edition, folder: Path) -> list[Path]:
    """Write both kinds to a folder, each notebook by itself and all of a kind in a ZIP file.

    `executed` is the folder where the build left its notebooks.
    Raises LookupError or ValueError where prose mentions a figure that does not exist.
    """
    single = folder / "notebooks"
    single.mkdir(parents=True, exist_ok=True)
    pages = [page for page in edition.pages() if (executed / f"{page}.ipynb").exists()]
    titles = {page: _title(read(executed / f"{page}.ipynb")) for page in pages}
    made = []
    for kind in KINDS:
        files = {}
        for page in pages:
            content = nbformat.writes(_edited(executed, page, kind, edition, titles)) + "\n"
            name = addresses.notebook(page, kind)
            files[name] = content.encode()
            (single / name).write_bytes(files[name])
            made.append(single / name)
        top = f"{edition.stem}-notebooks-{kind}"
        if kind == "clean":
            wheels = [w for w in edition.wheels if (folder / w).exists()]
            files |= {wheel: (folder / wheel).read_bytes() for wheel in wheels}
        made.append(folder / f"{top}.zip")
        archive.write(made[-1], {f"{top}/{name}": c for name, c in files.items()}, edition.date)
    return made


def portable(source: str, pages: Collection[str], kind: str, address: str = "") -> str:
    """Return Markdown whose links lead to what is there.

    `pages` are those whose notebooks are; a link to another keeps its words. With the site's
    address, figures are linked to their origin. Raises LookupError or ValueError where a mark has
    no origin.
    """

    def sibling(found: re.Match[str]) -> str:
        text, page, place = found["text"], found["page"], found["place"] or ""
        return f"[{text}]({addresses.notebook(page, kind)}{place})" if page in pages else text

    def origin(found: re.Match[str]) -> str:
        if found["kind"] == marks.GLUE:
            return found[0]
        _, place = mentions.figure(found["kind"], found["name"])
        return f"[{found[0]}]({address}{place})"

    linked = _LINK.sub(sibling, source)
    return marks.MARK.sub(origin, linked) if address else linked


def _edited(
    folder: Path, page: str, kind: str, edition: Edition, titles: Mapping[str, str]
) -> nbformat.NotebookNode:
    notebook = read(folder / f"{page}.ipynb")
    tidy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = portable(cell.source, titles, kind, edition.address)
        elif kind == "clean":
            cell.outputs, cell.execution_count = [], None
        else:
            for output in cell.outputs:
                if markup := output.get("data", {}).get("text/html"):
                    output.data["text/html"] = _OUTPUT_LINK.sub(
                        lambda found: addresses.notebook(found["page"], "executed"), markup
                    )
    about = nbformat.v4.new_markdown_cell(_about(edition, page, titles[page], kind), id=FIRST_CELL)
    notebook.cells.insert(0, about)
    if kind == "clean":
        first = nbformat.v4.new_code_cell(install(edition), id=INSTALL_CELL)
        notebook.cells.insert(1, first)
    nbformat.validate(notebook)
    return notebook


def _title(notebook: nbformat.NotebookNode) -> str:
    return notebook.cells[0].source.partition("\n")[0].lstrip("# ")


def _about(edition: Edition, page: str, title: str, kind: str) -> str:
    """Say what the notebook is, where it comes from, and what it needs."""
    chapter = f"[{title}]({edition.address}{page}.html)" if edition.address else f"“{title}”"
    outputs = (
        "With the outputs of the book’s build."
        if kind == "executed"
        else "Without outputs: run it to get them."
    )
    return (
        f"*{chapter}, from “{edition.title}”, version {edition.version}. {outputs}*\n\n"
        "*It needs Python 3.11 or newer and the book’s packages, `inference_economics` and "
        f"`inference_economics_notebook` {edition.version}: `pip install {_packages(edition)}`. "
        "Text and figures: CC BY 4.0. Code: MIT.*"
    )


def install(edition: Edition) -> str:
    """Return the code of the cell that installs the packages where they are missing."""
    return (
        "# Where the book’s packages are missing, as in a hosted notebook, this installs them.\n"
        "try:\n"
        "    import inference_economics_notebook\n"
        "except ModuleNotFoundError:\n"
        f"    %pip install --quiet {_packages(edition)}"
    )


def _packages(edition: Edition) -> str:
    """Return what pip is to install: from the site, or else the files that lie beside."""
    where = edition.address and f"{edition.address}{addresses.DOWNLOADS}/"
    return " ".join(f"{where}{wheel}" for wheel in edition.wheels)
