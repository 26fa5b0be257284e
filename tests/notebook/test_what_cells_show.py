"""What a cell of one call shows, such as a card or a question, is what the book holds.

To execute a chapter finds the same, and more, but takes longer.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

from alike import with_each

from inference_economics.algebra.symbols import GLOSSARY
from inference_economics.equations import roofline
from inference_economics.ledger import claims
from inference_economics_notebook import book, claim_markup, evidence_tables, explorers, questions
from inference_economics_notebook.markup import escape
from inference_economics_notebook.questions import markup as question_markup

BOOK = Path(__file__).parents[2] / "book"
KNOWN = {"book": book, "explorers": explorers, "tables": evidence_tables}


def calls() -> dict[str, dict[str, Any]]:
    """Return the cells that need nothing of their chapter, each with the data of its output."""
    found = {}
    for path in sorted(BOOK.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and source.startswith(tuple(f"{n}." for n in KNOWN)):
                read = ast.parse(source).body
                names = {each.id for each in ast.walk(read[0]) if isinstance(each, ast.Name)}
                shown = [output for output in cell["outputs"] if "data" in output]
                alone = names <= KNOWN.keys() and "tables[" not in source  # a chapter's own
                if len(read) == len(shown) == 1 and alone:
                    found[source] = shown[0]["data"]
    return found


CALLS = calls()


def test_most_of_what_is_shown_is_of_one_call() -> None:
    assert len(CALLS) > 120


@with_each("call", CALLS)
def test_a_cell_shows_what_is_stored(call: str) -> None:
    shown = eval(call, dict(KNOWN))  # noqa: S307 (what the book's own cells say)
    if isinstance(shown, book.Html):
        data = {"text/html": shown._repr_html_(), "text/plain": repr(shown)}
    else:
        data = shown._repr_mimebundle_()[0]
    for kind, stored in CALLS[call].items():
        same = data[kind] == "".join(stored)  # not in the assertion, which would print all of it
        assert same, f"{call} shows another {kind} than is stored: run `make notebooks`"


def test_each_sign_of_worked_equations_is_explained_once() -> None:
    work = roofline.critical_batch.explain(
        peak_flops="1 PFLOP/s",
        memory_bandwidth="2 TB/s",
        bits_per_parameter=8,
        flop_per_parameter=2,
    )
    names = {work.steps[-1].formula.result.name}
    for step in work.steps:
        names |= {step.formula.result.name, *step.formula.rule.names}
    expected = sorted(escape(GLOSSARY[name].meaning) for name in names)
    asked = max(map(questions.load, questions.of_chapter("one-user")), key=lambda q: len(q.work))
    for markup, lines in (
        (book.worked(work).markup, expected),
        (claim_markup.card(claims.load()["users-needed"]), None),
        (question_markup.page(asked), None),
    ):
        (listed,) = re.findall(r'<ul class="legend">(.*?)</ul>', markup)
        told = re.findall(r"</span> (.*?) <span", listed)
        assert len(told) == len(set(told)) > 1
        assert lines in (None, sorted(told))
