"""Make the editions that a reader downloads: `SITE [--package] [--notebooks] ...`.

Run as `make editions`. SITE is the folder of the built site, and they are written to its folder
`downloads`. Without an option all are made. `--package`, `--notebooks` and `--zip` take a moment
and are part of `make book`; `--epub` and `--pdf` need Chromium or Chrome, which draws the explorers
and prints.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .. import addresses, browser
from . import articles, edition, epub, listing, notebooks, package, printed, site

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[3]
EDITIONS = {
    "package": "the packages as wheels, and the source of the book",
    "zip": "the site as one file",
    "notebooks": "the chapters as notebooks, with their outputs and clean",
    "epub": "the book for a reader",
    "pdf": "the book for paper",
}


def make(built: Path, wanted: Sequence[str], about: edition.Edition) -> Iterator[Path]:
    """Make the editions of a built site, and give the path of each file as it is written.

    Raises browser.NoBrowserError where one is needed and there is none, and ValueError where the
    site or BROWSER_PATH is not as it must be.
    """
    folder = built / addresses.DOWNLOADS
    folder.mkdir(exist_ok=True)
    listing.clear(built)
    if "package" in wanted:
        yield from package.write(ROOT, about, folder)
    # After the package, which goes with them.
    if "notebooks" in wanted:
        yield from notebooks.write(built.parent / "jupyter_execute", about, folder)
    # After the notebooks, which are part of it.
    if "zip" in wanted:
        yield site.write(built, about, folder)
    if not {"epub", "pdf"}.intersection(wanted):
        return
    with browser.start() as started:
        pages = articles.read(started, built, about)
        if "epub" in wanted:
            yield epub.write(pages, printed.cover(started, built, about), about, folder)
        if "pdf" in wanted:
            yield printed.write(started, pages, built, about, folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m inference_economics_site.editions",
        description="Make the editions that a reader downloads.",
    )
    parser.add_argument("site", type=Path, help="the folder of the built site")
    for name, what in EDITIONS.items():
        parser.add_argument(f"--{name}", action="store_true", help=what)
    parser.add_argument(
        "--if-possible", action="store_true", help="without a browser, make what needs none"
    )
    chosen = parser.parse_args(arguments)
    wanted = [name for name in EDITIONS if getattr(chosen, name)] or list(EDITIONS)
    if not (chosen.site / listing.PAGE).exists():
        print(f"make_editions: there is no {listing.PAGE} in {chosen.site}", file=sys.stderr)
        return 2
    try:
        report(chosen.site, wanted, edition.read(ROOT))
    except (browser.NoBrowserError, ValueError) as error:
        print(f"make_editions: {error}", file=sys.stderr)
        tolerated = chosen.if_possible and isinstance(error, browser.NoBrowserError)
        return 0 if tolerated else 2
    return 0


def report(built: Path, wanted: Sequence[str], about: edition.Edition) -> None:
    """Make the editions, print the size of each, and list on the site whichever there are then."""
    begun = time.monotonic()
    try:
        for path in make(built, wanted, about):
            # A single notebook is also in a ZIP file, which stands for it.
            if path.suffix != ".ipynb":
                seconds, begun = time.monotonic() - begun, time.monotonic()
                print(f"{path.name}: {listing.size(path)} in {seconds:.0f} s")
    finally:
        listing.write(built, about)


if __name__ == "__main__":
    sys.exit(main())
