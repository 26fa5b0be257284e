"""Make the site with its chapters as live notebooks: `SITE FOLDER --tools BIN`.

Run as `make lite`. SITE is the folder of the built site, FOLDER the one to write, and BIN the
folder of `jupyter` (with JupyterLite) and `npm`. The site is copied and stays as it was; the copy
has JupyterLite in its folder `run`, and at the top of each chapter a way into it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .. import addresses, mentions
from ..editions import edition
from . import app, way_in

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[3]


def make(site: Path, folder: Path, tools: Path) -> int:
    """Make it, and return how many bytes it has beyond the site's own.

    Raises RuntimeError where JupyterLite cannot be built.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(site, folder)
    about = edition.read(ROOT)
    single = site / addresses.NOTEBOOKS
    paths = {page: single / addresses.notebook(page, "executed") for page in about.pages()}
    # There a chapter's notebook has the chapter's name, and links lead to it.
    texts = {
        page: light(path.read_text("utf8").replace(".executed.ipynb", ".ipynb"))
        for page, path in paths.items()
        if path.exists()
    }
    with TemporaryDirectory() as work:
        app.build(tools, texts, about.title, folder / way_in.FOLDER, Path(work))
    way_in.add(folder, texts)
    return sum(p.stat().st_size for p in (folder / way_in.FOLDER).rglob("*") if p.is_file())


def light(notebook: str) -> str:
    """Return a notebook's text with one picture of each figure, and not two: all are fetched."""
    content = json.loads(notebook)
    for output in mentions.outputs(content):
        if "image/svg+xml" in output.get("data", {}):
            output["data"].pop("image/png", None)
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m inference_economics_site.live",
        description="Make the site with its chapters as live notebooks.",
    )
    parser.add_argument("site", type=Path, help="the folder of the built site")
    parser.add_argument("folder", type=Path, help="the folder to write")
    parser.add_argument("--tools", type=Path, required=True, help="where jupyter and npm are")
    given = parser.parse_args(arguments)
    if not (given.site / "index.html").exists():
        parser.error(f"SITE = {str(given.site)!r}: there is no site; make one with `make book`")
    size = make(given.site, given.folder.absolute(), given.tools.absolute())
    print(f"{size / 1e6:.1f} MB beyond the site")
    return 0


if __name__ == "__main__":
    sys.exit(main())
