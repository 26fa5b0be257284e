"""Equations in MathML: what each step mends, what is refused, and what Sphinx makes of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from inference_economics.algebra import symbols
from inference_economics_notebook import book
from inference_economics_notebook.mathml import typeset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def inline(latex: str) -> str:
    return typeset(rf'<span class="math notranslate">\({latex}\)</span>')


def display(latex: str) -> str:
    return typeset(rf'<div class="math notranslate">\[{latex}\]</div>')


def within(latex: str) -> str:
    return inline(latex).removeprefix("<math>").removesuffix("</math>")


TIMES = '<mo rspace="0.1em">\u2062</mo>'

MENDED = {
    r"a \times b": "<mi>a</mi><mo>×</mo><mi>b</mi>",
    # Numbers stay whole; signs of currency and percent are no factors.
    "1{,}234{,}567.8": "<mn>1,234,567.8</mn>",
    r"\$30{,}000": "<mi>$</mi><mn>30,000</mn>",
    r"86.9\,\%": '<mn>86.9</mn><mspace width="0.167em"></mspace><mi>%</mi>',
    "f(1, 234)": '<mi>f</mi><mo stretchy="false">(</mo><mn>1</mn><mo>,</mo><mn>234</mn>'
    '<mo stretchy="false">)</mo>',
    # Words and units are upright, and behind a space.
    r"t_\text{att,F}": "<msub><mi>t</mi><mi>att,F</mi></msub>",
    r"3\ \text{W}": '<mn>3</mn><mtext>\u00a0</mtext><mi mathvariant="normal">W</mi>',
    r"2\ \text{per token}": "<mn>2</mn><mtext>\u00a0</mtext><mi>per\u00a0token</mi>",
    # Factors have an invisible sign between them.
    "8 b_S S": f"<mn>8</mn>{TIMES}<msub><mi>b</mi><mi>S</mi></msub>{TIMES}<mi>S</mi>",
    # Functions are applied; what only looks like one is not.
    r"\max\left(a, b\right)": '<mi>max</mi><mo>\u2061</mo><mrow><mo stretchy="false">(</mo>'
    '<mi>a</mi><mo>,</mo><mi>b</mi><mo stretchy="false">)</mo></mrow>',
    r"\operatorname{log}_{10}{x}": "<msub><mi>log</mi><mn>10</mn></msub><mo>\u2061</mo><mi>x</mi>",
    r"\ln n": "<mi>ln</mi><mo>\u2061</mo><mi>n</mi>",
    r"\max = 3": "<mi>max</mi><mo>=</mo><mn>3</mn>",
    # Brackets grow where they must.
    r"\left\lceil{\frac{W}{M}}\right\rceil": "<mo>⌈</mo><mfrac><mi>W</mi><mi>M</mi></mfrac>"
    "<mo>⌉</mo>",
    r"\lceil x \rceil": '<mo stretchy="false">⌈</mo><mi>x</mi><mo stretchy="false">⌉</mo>',
    # A minus is a sign at the beginning and behind an operator, and an operator elsewhere.
    "a - b": "<mi>a</mi><mo>−</mo><mi>b</mi>",
    "-a": "<mo>−</mo><mi>a</mi>",
    "a = -b": '<mi>a</mi><mo>=</mo><mo form="prefix">−</mo><mi>b</mi>',
    "10^{-3}": "<msup><mn>10</mn><mrow><mo>−</mo><mn>3</mn></mrow></msup>",
    "I^*": "<msup><mi>I</mi><mo>\u2217</mo></msup>",
    r"\Delta": '<mi mathvariant="normal">Δ</mi>',
    r"\phi": "<mi>ϕ</mi>",
    r"\bar\ell_\text{in}": '<msub><mover accent="true"><mi>\u2113</mi><mo stretchy="false">¯</mo>'
    "</mover><mi>in</mi></msub>",
    r"a &lt; b": "<mi>a</mi><mo>&lt;</mo><mi>b</mi>",
}


@pytest.mark.parametrize("latex", MENDED)
def test_what_is_mended(latex: str) -> None:
    assert within(latex) == MENDED[latex]


@pytest.mark.parametrize(
    "latex",
    ["", r"\nosuch", r"\text{a} \nosuch{b}", "x_", "a^b^c", r"\frac{a}", r"\frac{a}{b", "a}", "{a",
     r"\left(a", "a & b", r"\begin{aligned} a", r"\begin{aligned} a &= b & c \end{aligned}",
     r"\sqrt", r"\text{a"],
)  # fmt: skip
def test_what_is_broken_is_refused(latex: str) -> None:
    for write in (inline, display):
        with pytest.raises(ValueError, match=r"LaTeX|equation|brace|alignment"):
            write(latex)


def test_an_element_without_an_equation_is_refused() -> None:
    with pytest.raises(ValueError, match="without an equation"):
        typeset('<span class="math">a = b</span>')


def test_a_display_is_lines_of_two_sides_that_break_between_terms() -> None:
    found = display(r"\begin{aligned} a &= b + c \\ &= -2 \\[0.6em] d &\approx 3 \end{aligned}")
    lines = re.findall(r'<div class="(relation[^"]*)">(.*?)</div>', found)
    assert [name for name, _ in lines] == ["relation", "relation", "relation new"]
    assert [text.count("<math") for _, text in lines] == [3, 1, 2]
    assert ['class="left"' in text for _, text in lines] == [True, False, True]
    assert '<mo form="infix" lspace="0">+</mo><mi>c</mi></math>' in lines[0][1]
    assert '<mo form="infix" lspace="0">=</mo><mo form="prefix">−</mo><mn>2</mn>' in lines[1][1]
    assert "≈" in lines[2][1]


def test_a_display_without_a_relation_is_one_line() -> None:
    assert display(r"\frac{a}{b}").count("<math") == 1


def test_all_else_is_left_alone() -> None:
    before = '<p class="maths">\\(a\\)</p><pre>\\[b\\]</pre>'
    assert typeset(before) == before
    once = f"{before}{display('a = b')}{inline('c')}"
    assert typeset(once) == once


def test_every_sign_of_the_glossary_can_be_typeset() -> None:
    found = typeset(book.glossary().markup)
    assert found.count("<math>") == len(symbols.GLOSSARY)
    assert "\\" not in found


PAGE = r"""
The speed of :math:`\beta` memory
=================================

A sentence with :math:`\kappa_\text{kv}`, and a display:

.. math:: t = \frac{W}{\beta}

.. raw:: html

   <p>Legend <span class="math notranslate nohighlight">\(\rho_\text{words}\)</span> of words</p>

What :math:`\gamma` is
----------------------

A section.
"""


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "index.rst").write_text(PAGE)
    with patch_docutils(), docutils_namespace():
        yield folder


def build(source: Path) -> Path:
    out = source.parent / "html"
    settings = {
        "extensions": ["inference_economics_site.typeset"],
        "html_math_renderer": "mathml",
        "html_theme": "basic",
        "version": "1",
    }
    app = Sphinx(
        source, None, out, source.parent / "trees", "html", settings, status=None, warning=None
    )
    app.build()
    return out


def test_the_site_has_mathml_and_no_script_for_it(source: Path) -> None:
    out = build(source)
    page = (out / "index.html").read_text()
    contents = page[page.index("Table of Contents") :].partition("</div>")[0]
    assert contents.count("<math") == 2
    text = page[page.index("<section") : page.rindex("</section>")]
    assert text.count("<math") == 6, "two titles, a sentence, two sides, a legend"
    assert "\\" not in page
    assert "mathjax" not in page.lower()
    index = (out / "searchindex.js").read_text()
    terms = re.search(r'"?terms"?: ?(\{.*?\})', index)
    assert terms is not None
    assert "legend" in terms[1]
    assert not re.search(r"kappa|kv|frac|text|rho", terms[1])


def test_a_build_with_broken_latex_fails(source: Path) -> None:
    (source / "index.rst").write_text("A\n=\n\nHere: :math:`\\nosuch{b}`\n")
    with pytest.raises(Exception, match="nosuch"):
        build(source)
