"""The figures of notebook cells: within the page, with files of each, what drew it, a citation."""

from __future__ import annotations

import ast
import json
import multiprocessing
import os
import re
from concurrent.futures import ProcessPoolExecutor
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform

from inference_economics_notebook import figures
from inference_economics_notebook.markup import element, escape, folded, link

from . import addresses, citation, mentions, settings
from .citation import cited
from .inline_svg import inline_svg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

    from inference_economics_notebook.figures.picture import Picture

SAVED = ("svg", "png")

_CALL = re.compile(r'data-call="([^"]*)"')
_TITLE = re.compile(r"<title>(.*?)</title>")


class InlineFigures(SphinxPostTransform):
    """Put the SVG figures of notebook cells into the page, where they follow its colors."""

    # After MyST-NB has chosen among an output's formats (4), before images are copied.
    default_priority = 10
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace every SVG image of a cell's output, and the caption that follows it."""
        page = self.env.docname
        images = list(_output_svgs(self.document))
        svgs = [Path(self.app.srcdir, each["uri"]).read_text(encoding="utf8") for each in images]
        names = _told_apart(svgs)
        for number, (image, svg, name) in enumerate(zip(images, svgs, names, strict=True), start=1):
            caption = _take_caption(image)
            drawing = inline_svg(svg, f"fig{number}-")
            image.replace_self(
                [
                    _html(f'<figure class="plot" id="figure-{name}">{drawing}<figcaption>'),
                    *caption,
                    # Apart, since the search takes words of one node that touch for one.
                    _html(f"</figcaption>{_saved(page, name)}"),
                    _html(f"{_about(self.app, page, svg, name)}</figure>"),
                ]
            )


def _call(svg: str) -> str:
    """Return the Python that drew a picture."""
    match = _CALL.search(svg)
    if not match or not match[1]:
        raise ExtensionError("a figure does not name what drew it: draw it under @drawn")
    return unescape(match[1])


def _function(call: str) -> str:
    return call.partition("(")[0].removeprefix("figures.")


def redrawn(call: str) -> Picture:
    """Return the picture that a call draws, written as under a figure."""
    written: Any = ast.parse(call, mode="eval").body
    given = {each.arg: ast.literal_eval(each.value) for each in written.keywords}
    return getattr(figures, _function(call))(*map(ast.literal_eval, written.args), **given)


def _told_apart(svgs: list[str]) -> list[str]:
    """Return a name for each picture of a page: its function's, with a number if it comes again."""
    names = [_function(_call(svg)).replace("_", "-") for svg in svgs]
    earlier = [names[:at].count(name) for at, name in enumerate(names)]
    return [f"{name}-{n + 1}" if n else name for name, n in zip(names, earlier, strict=True)]


def _file(page: str, name: str, kind: str) -> str:
    return f"{addresses.FIGURES}/{page}.{name}.{kind}"


def _saved(page: str, name: str) -> str:
    """Return the links to the figure as a file that stands alone."""
    svg, png = (link(_file(page, name, kind), kind.upper(), download=True) for kind in SAVED)
    return element("p", f"Save as {svg} or {png}", css="save")


def _about(app: Sphinx, page: str, svg: str, name: str) -> str:
    """Return what stands folded under a figure: its function, its data, how to cite it."""
    found = _TITLE.search(svg)
    title = unescape(found[1]) if found else name
    call = _call(svg)
    module = figures.homes()[_function(call)]
    shown = element("code", escape(call))
    address = settings.source(app, f"src/inference_economics_notebook/figures/{module}.py")
    drawn = link(address, shown) if address else shown
    id = f"figure-{name}"
    key, path = f"{page}-{id}", f"{page}.html#{id}"
    # One on the front page stands in no chapter.
    chapter = "" if page == app.config.root_doc else app.env.titles[page].astext()
    how = citation.figure(title, path, key=key, chapter=chapter, site=settings.site(app))
    facts = link("sources.html", "sourced figures")
    data = link(_file(page, name, "csv"), "Its data as CSV", download=True)
    made = f"Drawn by {drawn} from the package’s equations and {facts}. {data}."
    return folded("Data and citation", element("p", made), cited(how, id))


def _html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def _output_svgs(document: nodes.document) -> Iterator[nodes.image]:
    for image in document.findall(nodes.image):
        output = image.parent.get("nb_element") == "cell_code_output"
        if output and image["uri"].endswith(".svg"):
            yield image


def _take_caption(image: nodes.image) -> list[nodes.Element]:
    """Remove the paragraph that follows the image and hand it over."""
    following = image.next_node(descend=False, siblings=True)
    if not isinstance(following, nodes.paragraph):
        return []
    image.parent.remove(following)
    return [following]


def write_files(app: Sphinx, site: Path) -> None:
    """Write every figure and its data: the data as its cell has given them, the figure anew."""
    (site / addresses.FIGURES).mkdir(parents=True, exist_ok=True)
    notebooks = sorted((site.parent / "jupyter_execute").glob("*.ipynb"))
    # Not a copy of this process: it has threads.
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), fresh) as pool:
        written = [pool.submit(_write, each, site, settings.site(app)) for each in notebooks]
        for each in written:
            each.result()


def _write(notebook: Path, site: Path, address: str) -> None:
    page = notebook.stem
    executed = json.loads(notebook.read_text(encoding="utf-8"))
    outputs = (output.get("data", {}) for output in mentions.outputs(executed))
    drawn = [data for data in outputs if "image/svg+xml" in data]
    svgs = ["".join(data["image/svg+xml"]) for data in drawn]
    for data, svg, name in zip(drawn, svgs, _told_apart(svgs), strict=True):
        if "text/csv" not in data:
            raise ExtensionError(f"{page}: the figure {name} comes without its data")
        table, call = "".join(data["text/csv"]), _call(svg)
        picture = redrawn(call)
        if picture.csv() != table:
            raise ExtensionError(f"{page}: {call} draws other data than the page's figure {name}")
        (site / _file(page, name, "csv")).write_text(table, encoding="utf-8")
        for kind in SAVED:
            at = f"{address}{page}.html#figure-{name}" if address else ""
            picture.save(site / _file(page, name, kind), address=at)


def setup(app: Sphinx) -> None:
    """Register both."""
    app.add_post_transform(InlineFigures)
    settings.when_built(app, write_files)
