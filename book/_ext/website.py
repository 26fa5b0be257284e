"""What the theme leaves undone: figures within the page, page metadata, and a light, clean site."""

from __future__ import annotations

import re
import shutil
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from docutils import nodes
from inline_svg import inline_svg
from sphinx.transforms.post_transforms import SphinxPostTransform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

DESCRIPTION_LENGTH = 200

# A long bar over a short one: compute over memory bandwidth.
FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="6" fill="#0f5257"/>'
    '<path d="M6 9h20v6H6zM6 18h4v6H6z" fill="#fff"/></svg>'
)

# Built, but asked for by no page.
DEAD_WEIGHT = (
    "**/*.map",
    "**/*.LICENSE.txt",
    "_static/images",
    "_static/locales",
    "_static/plus.png",
    "_static/minus.png",
    "_static/file.png",
    "_static/sbt-webpack-macros.html",
    "_static/scripts/fontawesome.js",
    "_static/vendor",
    "_static/webpack-macros.html",
    ".buildinfo",
)
SOURCE_MAP_LINE = re.compile(rb"(//|/\*)# sourceMappingURL=[^\n]*")


class InlineFigures(SphinxPostTransform):
    """Put the SVG figures of notebook cells into the page, where they follow its colors."""

    # After MyST-NB has chosen among an output's formats (4), before images are copied.
    default_priority = 10
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace every SVG image of a cell's output, and the caption that follows it."""
        for number, image in enumerate(list(_output_svgs(self.document)), start=1):
            source = Path(self.app.srcdir, image["uri"]).read_text(encoding="utf8")
            caption = _take_caption(image)
            figure = [_html(f'<figure class="plot">{inline_svg(source, f"fig{number}-")}')]
            if caption:
                figure += [_html("<figcaption>"), *caption, _html("</figcaption>")]
            image.replace_self([*figure, _html("</figure>")])


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


def add_metadata(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give the page an icon and, if it has text, a description of its own."""
    icon = f'<link rel="icon" href="data:image/svg+xml,{quote(FAVICON)}">'
    tags = [icon, _meta("property", "og:site_name", app.config.project)]
    if doctree is not None and (description := _description(doctree)):
        tags += [
            _meta("name", "description", description),
            _meta("property", "og:title", app.env.titles[page].astext()),
            _meta("property", "og:description", description),
            _meta("property", "og:type", "article"),
        ]
    context["metatags"] = context.get("metatags", "") + "\n".join(tags)


def _meta(kind: str, name: str, content: str) -> str:
    return f'<meta {kind}="{name}" content="{escape(content)}">'


def _description(doctree: nodes.document) -> str:
    """Take the page's first paragraphs of prose, cut at a word."""
    prose = (p for p in doctree.findall(nodes.paragraph) if isinstance(p.parent, nodes.section))
    text = ""
    for paragraph in prose:
        text = f"{text} {' '.join(paragraph.astext().split())}".strip()
        if len(text) >= DESCRIPTION_LENGTH:
            return f"{text[:DESCRIPTION_LENGTH].rpartition(' ')[0]} …"
    return text


def mend_body(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Mend what the page's body says, to Sphinx and to a screen reader."""
    body = context.get("body", "")
    # Sphinx knows only of its own equations: tell it of those that cells emit as HTML.
    if 'class="math' in body:
        app.env.get_domain("math").data["has_equations"][page] = True
    # MyST-NB hides the words that a toggle shows behind others.
    context["body"] = body.replace(' aria-label="Toggle hidden content"', "")


def lighten(app: Sphinx, error: Exception | None) -> None:
    """Remove what no page asks for, and the lines that ask for it."""
    if error is not None or app.builder.name != "html":
        return
    site = Path(app.outdir)
    for pattern in DEAD_WEIGHT:
        for path in list(site.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    for path in [*site.glob("_static/**/*.js"), *site.glob("_static/**/*.css")]:
        path.write_bytes(SOURCE_MAP_LINE.sub(b"", path.read_bytes()))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register all of it."""
    app.add_post_transform(InlineFigures)
    app.connect("html-page-context", add_metadata)
    # Before Sphinx decides whether the page needs MathJax.
    app.connect("html-page-context", mend_body, priority=400)
    app.connect("build-finished", lighten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
