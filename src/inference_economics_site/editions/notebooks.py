"""The chapters as notebooks, to be read and run outside the book: with their outputs, and clean.

In prose, what only the book's own builder understands becomes plain words and links.
"""

from __future__ import annotations

import ast
import json
import re
from functools import partial
from typing import TYPE_CHECKING

import nbformat

from .. import addresses, mentions
from ..execute import read, tidy
from . import archive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .edition import Edition

KINDS = ("executed", "clean")
FIRST_CELL = "about-this-notebook"
"""The id of the cell that is put before the chapter's own."""

INSTALL_CELL = "install-the-package"
"""The id of the one after it, in notebooks that are ready to run."""

_ROLE = re.compile(r"\{(?P<name>[a-z][a-z:-]*)\}`(?P<text>[^`]+)`")
_LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[a-z0-9-]+)\)")
_LABEL = re.compile(r"^\([a-z0-9-]+\)=\n", re.MULTILINE)
# Markup in a block of code is an example: it stays. An odd number of parts: every second is code.
_CODE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_GLUED = "glue:text"


def write(executed: Path, edition: Edition, folder: Path) -> list[Path]:
    """Write both kinds to a folder, each notebook by itself and all of a kind in a ZIP file.

    `executed` is the folder where the build left its notebooks and the figures that they glue.
    Raises LookupError where prose mentions a figure that does not exist.
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
        if kind == "clean" and (folder / edition.wheel).exists():
            files[edition.wheel] = (folder / edition.wheel).read_bytes()
        made.append(folder / f"{top}.zip")
        archive.write(made[-1], {f"{top}/{name}": c for name, c in files.items()}, edition.date)
    return made


def plain(
    source: str, glued: Mapping[str, str], titles: Mapping[str, str], kind: str, address: str = ""
) -> str:
    """Return Markdown without the book's own markup.

    `glued` are the figures that the notebook's cells name, and `titles` those of the pages whose
    notebooks are there to be linked to. With the site's address, figures are linked to their
    origin. Raises LookupError or ValueError where a role has no text.
    """
    parts = _CODE.split(_LABEL.sub("", source))
    for k in range(0, len(parts), 2):
        parts[k] = _ROLE.sub(partial(_figure, glued, address), parts[k])
        parts[k] = _LINK.sub(partial(_sibling, titles, kind), parts[k])
    return "".join(parts)


def _figure(glued: Mapping[str, str], address: str, role: re.Match[str]) -> str:
    if role["name"] == _GLUED:
        return glued[role["text"]]
    figure, origin = mentions.figure(role["name"], role["text"])
    # A dollar sign alone, since two of them would be taken for mathematics.
    shown = figure.replace("$", r"\$")
    return f"[{shown}]({address}{origin})" if address else shown


def _sibling(titles: Mapping[str, str], kind: str, link: re.Match[str]) -> str:
    """Link to the other notebook; a place that has none keeps its words."""
    text, target = link["text"], link["target"]
    if target not in titles:
        return text
    return f"[{text or titles[target]}]({addresses.notebook(target, kind)})"


def _edited(
    folder: Path, page: str, kind: str, edition: Edition, titles: Mapping[str, str]
) -> nbformat.NotebookNode:
    notebook = read(folder / f"{page}.ipynb")
    tidy(notebook)
    glued = _glued(folder / f"{page}.glue.json")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = plain(cell.source, glued, titles, kind, edition.address)
        elif kind == "clean" and cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    about = nbformat.v4.new_markdown_cell(_about(edition, page, titles[page], kind), id=FIRST_CELL)
    notebook.cells.insert(0, about)
    if kind == "clean":
        first = nbformat.v4.new_code_cell(install(edition), id=INSTALL_CELL)
        notebook.cells.insert(1, first)
    nbformat.validate(notebook)
    return notebook


def _glued(path: Path) -> dict[str, str]:
    """Read the figures that a notebook's cells have named."""
    if not path.exists():
        return {}
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {
        name: ast.literal_eval(output["data"]["text/plain"]).replace("$", r"\$")
        for name, output in stored.items()
    }


def _title(notebook: nbformat.NotebookNode) -> str:
    return notebook.cells[0].source.partition("\n")[0].lstrip("# ")


def _about(edition: Edition, page: str, title: str, kind: str) -> str:
    """Say what the notebook is, where it comes from, and what it needs."""
    at = edition.page_address(page)
    chapter = f"[{title}]({at})" if at else f"“{title}”"
    outputs = (
        "With the outputs of the book’s build."
        if kind == "executed"
        else "Without outputs: run it to get them."
    )
    return (
        f"*{chapter}, from “{edition.title}”, version {edition.version}. {outputs}*\n\n"
        f"*It needs Python 3.11 or newer and the book’s package, `inference_economics` "
        f"{edition.version}: `pip install {_package(edition)}`. "
        "Text and figures: CC BY 4.0. Code: MIT.*"
    )


def install(edition: Edition) -> str:
    """Return the code of the cell that installs the package where it is missing."""
    return (
        "# Where the book’s package is missing, as in a hosted notebook, this installs it.\n"
        "try:\n"
        "    import inference_economics\n"
        "except ModuleNotFoundError:\n"
        f"    %pip install --quiet {_package(edition)}"
    )


def _package(edition: Edition) -> str:
    """Return what pip is to install: from the site, or else the file that lies beside."""
    return f"{edition.address and f'{edition.address}{addresses.DOWNLOADS}/'}{edition.wheel}"
