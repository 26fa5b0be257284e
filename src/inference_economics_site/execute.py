"""Execute every notebook of a folder in place, and store outputs that do not change by chance.

The figures that prose mentions are written into its marks, and into the package's data: there a
cell that was edited finds what the text says.

`python -m inference_economics_site.execute FOLDER [NAME ...]`; the folder is the book's, and names
are those of single notebooks.
"""

import hashlib
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import as_file
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from inference_economics_notebook import marks

from . import mentions

# What Jupyter writes here otherwise depends on the machine and its Python version.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "name": "python", "pygments_lexer": "ipython3"},
}
KEPT_CELL_METADATA = ("tags", "mystnb")
# A widget's view has an id that differs from run to run; its HTML and text stay.
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

# What nbclient draws around a cell in its errors.
_RULE = "-" * 18 + "\n"


def read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook, and name the cells that have no id of their own yet."""
    raw = json.loads(path.read_text(encoding="utf8"))
    name_cells(raw["cells"])
    raw.update(nbformat=4, nbformat_minor=5)
    return nbformat.reads(json.dumps(raw), as_version=4)


def name_cells(cells: list[dict[str, Any]]) -> None:
    """Give an id made from its content to each cell without one, or with one that is taken.

    The ids of other cells stay, wherever a cell is added, and a second run changes nothing.
    """
    taken = {cell["id"] for cell in cells if "id" in cell}
    seen = set[str]()
    for cell in cells:
        if "id" not in cell or cell["id"] in seen:
            source = "".join(cell["source"])
            start = f"cell-{hashlib.sha256(source.encode()).hexdigest()[:8]}"
            names = (start, *(f"{start}-{number}" for number in range(2, len(cells) + 2)))
            cell["id"] = next(name for name in names if name not in taken)
            taken.add(cell["id"])
        seen.add(cell["id"])


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Leave only what belongs to the book: sources, outputs, counts and tags."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        kept = {key: cell.metadata[key] for key in KEPT_CELL_METADATA if key in cell.metadata}
        cell.metadata = nbformat.from_dict(kept)
    for output in mentions.outputs(notebook):
        output.get("data", {}).pop(WIDGET_VIEW, None)


def stderr(notebook: nbformat.NotebookNode) -> str:
    """Return what the cells have written to stderr."""
    outputs = mentions.outputs(notebook)
    return "".join(output.text for output in outputs if output.get("name") == "stderr")


def execute(path: Path) -> str | None:
    """Execute one notebook in place; the error's text where a cell fails or complains."""
    notebook = read(path)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=300,
        record_timing=False,
        # Silent about its transport: this machine talks to itself.
        extra_arguments=["--IPKernelApp.log_level=40"],
        store_widget_state=False,
        # Lines printed one after another are one output, however long the cell takes for each.
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute()
        mentions.refresh(notebook)
    except CellExecutionError as error:
        # With the cell, without the frames below it: one error of the package stops many chapters.
        cell = str(error).split(_RULE)[1]
        return f"{path}: {error.ename}: {error.evalue}\n{cell}"
    except (LookupError, ValueError) as error:
        return f"{path}: {error}"
    if said := stderr(notebook):
        return f"{path}: a cell wrote to stderr, and nothing is stored:\n{said}"
    tidy(notebook)
    path.write_text(nbformat.writes(notebook).rstrip("\n") + "\n", encoding="utf8")
    return None


def main() -> None:
    """Execute the notebooks, as many at a time as there are cores.

    From threads: those of one process do not give two kernels the same port.
    """
    folder, *names = sys.argv[1:]
    paths = [p for p in sorted(Path(folder).glob("*.ipynb")) if not names or p.stem in names]
    print(f"Executing {len(paths)} notebooks", flush=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        errors = [error for error in pool.map(execute, paths) if error]
    if errors:
        sys.exit("\n".join(errors))
    with as_file(marks.TOLD) as told:
        all_of_them = {path.stem: read(path) for path in sorted(Path(folder).glob("*.ipynb"))}
        told.write_text(mentions.told_table(all_of_them), encoding="utf8")


if __name__ == "__main__":
    main()
