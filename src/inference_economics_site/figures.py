"""The figures of notebook cells: within the page, with what drew them, their data, a citation."""

from __future__ import annotations

import json
import re
from collections import Counter
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform

from inference_economics.notebook.markup import element, folded, link

from . import addresses, citation, settings
from .citation import cited
from .inline_svg import inline_svg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

_FUNCTION = re.compile(r'data-function="(?P<module>\w+)\.(?P<name>\w+)"')
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
            image.replace_self(
                [
                    _html(f'<figure class="plot" id="figure-{name}">'),
                    _html(inline_svg(svg, f"fig{number}-")),
                    _html("<figcaption>"),
                    *caption,
                    _html("</figcaption>"),
                    _html(_about(self.app, page, svg, name)),
                    _html("</figure>"),
                ]
            )


def _function(svg: str) -> tuple[str, str]:
    """Return the module and the name of the function that drew a picture."""
    match = _FUNCTION.search(svg)
    if not match:
        raise ExtensionError("a figure does not name its function: draw it under @style.drawn")
    return match["module"], match["name"]


def _told_apart(svgs: list[str]) -> list[str]:
    """Return a name for each picture of a page: its function's, with a number if it comes again."""
    found: list[str] = []
    counts: Counter[str] = Counter()
    for svg in svgs:
        name = _function(svg)[1].replace("_", "-")
        counts[name] += 1
        found.append(name if counts[name] == 1 else f"{name}-{counts[name]}")
    return found


def _csv(page: str, name: str) -> str:
    return f"{addresses.FIGURES}/{page}.{name}.csv"


def _about(app: Sphinx, page: str, svg: str, name: str) -> str:
    """Return what stands folded under a figure: its function, its data, how to cite it."""
    found = _TITLE.search(svg)
    title = unescape(found[1]) if found else name
    module, function = _function(svg)
    shown = element("code", f"figures.{module}.{function}")
    address = settings.source(app, f"src/inference_economics/notebook/figures/{module}.py")
    drawn = link(address, shown) if address else shown
    id = f"figure-{name}"
    key, path = f"{page}-{id}", f"{page}.html#{id}"
    how = citation.part("figure", title, path, key=key, site=settings.site(app))
    facts, data = (
        link("sources.html", "sourced figures"),
        link(_csv(page, name), "Its data as CSV", download=True),
    )
    made = f"Drawn by {drawn} from the package’s equations and {facts}. {data}."
    return folded("Data and citation", element("p", made), cited(how, id))


def _html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def _is_output(node: nodes.Node | None) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code_output"


def _output_svgs(document: nodes.document) -> Iterator[nodes.image]:
    for image in document.findall(nodes.image):
        if image["uri"].endswith(".svg") and _is_output(image.parent):
            yield image


def _take_caption(image: nodes.image) -> list[nodes.Element]:
    """Remove the paragraph that follows the image and hand it over."""
    siblings = image.parent.children
    following = siblings[siblings.index(image) + 1 :]
    if following and isinstance(following[0], nodes.paragraph):
        image.parent.remove(following[0])
        return [following[0]]
    return []


def write_data(app: Sphinx, site: Path) -> None:
    """Write the data of every figure, as its cell has given it."""
    (site / addresses.FIGURES).mkdir(parents=True, exist_ok=True)
    for notebook in sorted((site.parent / "jupyter_execute").glob("*.ipynb")):
        drawn = [data for data in _output_data(notebook) if "image/svg+xml" in data]
        names = _told_apart(["".join(data["image/svg+xml"]) for data in drawn])
        for data, name in zip(drawn, names, strict=True):
            if "text/csv" not in data:
                raise ExtensionError(f"{notebook.name}: the figure {name} comes without its data")
            text = "".join(data["text/csv"])
            (site / _csv(notebook.stem, name)).write_text(text, encoding="utf-8")


def _output_data(notebook: Path) -> Iterator[dict[str, Any]]:
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", ()):
            yield output.get("data", {})


def setup(app: Sphinx) -> None:
    """Register both."""
    app.add_post_transform(InlineFigures)
    settings.when_built(app, write_data)
