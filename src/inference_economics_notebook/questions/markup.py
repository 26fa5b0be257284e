"""A question as HTML: readable where no script runs, and the places that a script finds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from inference_economics.algebra import units

from ..markup import element, escape, folded, items, math, prose, signs
from . import of_chapter
from .question import Choice, Number

if TYPE_CHECKING:
    from .question import Question


def page(question: Question) -> str:
    """Return a question, its hint and its answer."""
    number = of_chapter(question.chapter).index(question.name) + 1
    title = (
        element("span", f"Question {number}", css="q-number"),
        element("span", prose(question.title), css="q-name"),
        element("span", question.level, css="q-level"),
    )
    return element(
        "section",
        element("p", " ".join(title), css="q-title"),
        element("p", prose(question.asks), css="q-asks"),
        _form(question),
        element("p", css="q-said", role="status"),
        folded("Hint", element("p", prose(question.hint)), css="q-hint"),
        folded("Answer", *_answer(question), css="q-answer"),
        css="question",
        id=f"question-{question.name}",
        data_question=question.name,
        aria_label=f"Question {number}: {question.title.replace(chr(39), '’')}",
    )


def text(question: Question) -> str:
    """Return a question and its answer as text."""
    lines = [f"{question.title} ({question.level})", question.asks]
    if isinstance(question, Choice):
        lines += [f"  - {option.words}" for option in question.options.values()]
    lines += [f"Answer: {question.answer}", *(work.text() for work in question.work)]
    return "\n".join([*lines, question.means])


def _form(question: Question) -> str:
    check = element("button", "Check", type="submit")
    forget = element("button", "Clear", type="reset", hidden=True)
    if isinstance(question, Choice):
        options = (
            element("label", element("input", type="radio", name="answer", value=key, disabled=True)
                    + element("span", prose(option.words)))
            for key, option in question.options.items()
        )  # fmt: skip
        listed = items(options, css="q-options")
        answer = element("fieldset", element("legend", "Your choice"), listed)
        row = element("p", check, forget, css="q-row", hidden=True)
    else:
        answer = ""
        box = element("input", type="text", name="answer", autocomplete="off", spellcheck="false")
        label = element("span", f"Your answer{_with_unit(question)}")
        row = element("p", element("label", label, box), check, forget, css="q-row", hidden=True)
    judged = json.dumps(question.judged_by(), ensure_ascii=False, separators=(",", ":"))
    return element("form", answer, row, css="q-form", data_judge=judged)


def _with_unit(question: Number) -> str:
    """Return in which unit a number may be given."""
    typed = escape(next(iter(units.spellings(question.unit))))
    if question.needs_unit:
        return f", with its unit, such as {typed}"
    return f", in {typed}" if typed else ", a number"


def _answer(question: Question) -> list[str]:
    parts = [
        element(
            "p", element("strong", f"{prose(question.answer.removesuffix('.'))}."), css="q-right"
        )
    ]
    parts += [*(math(work.latex()) for work in question.work), signs(*question.work)]
    parts.append(element("p", prose(question.means)))
    if isinstance(question, Number) and question.mistakes:
        listed = (
            f"{element('b', escape(units.show(value, question.unit)))} {prose(says)}"
            for value, says in question.mistakes.items()
        )
        parts += [element("p", "If you had something else:"), items(listed, css="q-mistakes")]
    return parts
