"""Equations on the site: in MathML before the page is written.

Sphinx holds equations as nodes; notebook cells write them into their HTML, as
`inference_economics_notebook.mathml` says. Both become `math` elements here. JupyterLab still
typesets the LaTeX of the cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from inference_economics_notebook.markup import escape, math, sign
from inference_economics_notebook.mathml import MARKED, typeset

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class TypesetMarkup(nodes.raw):
    """Markup with MathML; its text, which the search index reads, is without the equations."""


def _node(markup: str) -> TypesetMarkup:
    text = MARKED.sub(" ", markup)
    return TypesetMarkup("", text, format="html", typeset=typeset(markup))


def _marked(node: nodes.Element) -> str:
    latex = escape(node.astext())
    if isinstance(node, nodes.math):
        return sign(latex)
    if node.get("number"):
        raise ValueError(f"no rule for an equation with a number: {latex}")
    return math(latex)


class Equations(SphinxPostTransform):
    """Typeset what Sphinx holds as equations and what cells have written as such."""

    # After MyST-NB has chosen among an output's formats (4).
    default_priority = 10
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Replace them."""
        equations = nodes.math | nodes.math_block
        for node in list(self.document.findall(lambda node: isinstance(node, equations))):
            node.replace_self(_node(_marked(node)))
        for raw in list(self.document.findall(nodes.raw)):
            if "html" in raw.get("format", "").split() and MARKED.search(raw.astext()):
                found = _node(raw.astext())
                found["classes"] = raw["classes"]
                raw.replace_self(found)


def write_typeset(translator: Any, node: TypesetMarkup) -> None:
    """Write the markup."""
    translator.body.append(node["typeset"])
    raise nodes.SkipNode


def write_equation(translator: Any, node: nodes.Element) -> None:
    """Write an equation of a title, as tables of contents repeat it."""
    translator.body.append(typeset(_marked(node)))
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register all of it; with `html_math_renderer: mathml`, Sphinx loads no MathJax."""
    app.add_node(TypesetMarkup, html=(write_typeset, None))
    app.add_post_transform(Equations)
    app.add_html_math_renderer("mathml", (write_equation, None), (write_equation, None))
