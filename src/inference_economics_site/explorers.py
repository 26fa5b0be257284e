"""The explorers on the site: their scripts and style, asked for only by pages that have one.

Each also has a page with nothing else on it, for a frame on somebody else's page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from inference_economics import __version__
from inference_economics_notebook.explorers import SPECS, markup
from inference_economics_notebook.explorers.bundle import bundle, source, stylesheet
from inference_economics_notebook.mathml import typeset

from . import explorer_links, settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sphinx.application import Sphinx

FOLDER = "explorers"
"""Where they lie, beside `_static`: what lies in that is loaded by every page."""


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the page of each explorer alone."""
    for id, chapter in explorer_links.PAGES.items():
        spec = SPECS[id]()
        context = {
            "title": spec.title,
            "description": f"{spec.about}.",
            "body": typeset(markup.page(spec, spec.state())),
            "version": __version__,
            "whole": chapter,
        }
        yield f"{FOLDER}/{id}", context, "embed.html"


class Unclip(SphinxPostTransform):
    """Name the outputs that hold an explorer: its chart sticks to the window, unless clipped."""

    # After MyST-NB has chosen among an output's formats (4).
    default_priority = 10
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Name them."""
        for raw in self.document.findall(nodes.raw):
            if "data-explorer=" in raw.astext():
                raw["classes"].append("explorer-output")


def write(app: Sphinx, site: Path) -> None:
    """Write the files."""
    scripts = {f"{id}.js": bundle(spec(), module=False) for id, spec in SPECS.items()}
    files = {"explorer.css": stylesheet(), "site.js": source("site.js"), **scripts}
    settings.write_files(site / FOLDER, files)


def setup(app: Sphinx) -> None:
    """Register all of it."""
    app.add_post_transform(Unclip)
    # The small script fetches an explorer when it is near.
    settings.load_where(app, "data-explorer=", f"{FOLDER}/explorer.css", f"{FOLDER}/site.js")
    app.connect("html-collect-pages", pages)
    settings.when_built(app, write)
