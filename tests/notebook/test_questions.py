"""Questions: their answers and hints, and that the chapters ask all of them."""

from __future__ import annotations

import json
import re
from importlib import import_module
from itertools import pairwise
from math import exp, log, log2, sqrt
from pathlib import Path

import pytest
from alike import with_each

from inference_economics.algebra import units
from inference_economics.algebra.formula import InputError
from inference_economics.evidence import findings
from inference_economics.facts import prices
from inference_economics.serving import deploy, quiet_hour_margin, scale
from inference_economics_notebook import book, questions
from inference_economics_notebook.questions import markup, widget
from inference_economics_notebook.questions.question import (
    CLOSE,
    LEVELS,
    Choice,
    Number,
    Option,
    Question,
    show,
)

BOOK = Path(__file__).parents[2] / "book"
CHAPTERS = list(dict.fromkeys(module.replace("_", "-") for module in questions.ALL.values()))
ALL = list(questions.ALL)
LEAST, MOST = 3, 6
"""Questions of a chapter."""

# The prefixes that one may also give an answer in, and the text of a unit without a prefix.
OTHER_UNITS = {
    "byte": ("GB", "TB", "bytes"),
    "byte/second": ("GB/s", "TB/s"),
    "second": ("s", "ms", "min"),
    "fraction": ("%", ""),
    "dollar": ("", " dollars"),
    "user": ("", " users"),
    "request": ("", " requests"),
    "chip": ("", " chips"),
    "wafer": ("", " wafers"),
    "year": ("", " years", " months"),
    "FLOP/byte": ("", " FLOP/byte"),
}


def numbers() -> list[Number]:
    found = map(questions.load, questions.ALL)
    return [each for each in found if isinstance(each, Number)]


def choices() -> list[Choice]:
    found = map(questions.load, questions.ALL)
    return [each for each in found if isinstance(each, Choice)]


def typed(value: float, unit: str) -> str:
    """Return a value as a reader would type it, in full."""
    return f"{units.show(value, unit, 8)}"


# Each answer worked by hand, from the datasheets and the texts, and not from the equations.
BY_HAND = {
    "ridge-point": 1978.9e12 / 3.35e12,
    "operations-per-weight": 9e15 / 8e12 / 2,
    "yearly-growth": exp(log(60_000 / 100) / 20) - 1,
    "bytes-of-weights": 405.8e9 * 2,
    "cards-for-weights": 11.0,  # 811.6 GB / 80 GB = 10.145
    "time-of-a-token": 1.6e12 / (20 * 3.35e12),
    "share-of-arithmetic": 2 * 2.04e12 / 2 / 312e12,
    "bytes-on-the-ring": 2 * (7 / 8) * 2 * 80 * 8192 * 2,
    "critical-batch": 1979e12 / 4.8e12 / 2,
    "price-of-a-small-batch": 1978.9e12 / 3.35e12 / 2 / 20,
    "caches-like-weights": 70.55e9 * 2 / (8000 * 80 * 2 * 8 * 128 * 2),
    "batch-for-experts": 1978.9e12 / 3.35e12 / 2 * 32,
    "cache-of-a-token": 126 * 2 * 8 * 128 * 2,
    "experts-touched": 1 - (31 / 32) ** 32,
    "latent-against-heads": 2 * 128 * 128 / (512 + 64),
    "arithmetic-in-use": 2 * 70.55e9 * 128 * 2048 / 46.484 / (8 * 2.61e15),
    "at-once": 5 * 30,
    "busy-with-prompts": 4 * 0.1,
    "token-between-prompts": 0.020 + 63 * 0.1 / 200,
    "twice-the-load": (0.8 / 0.2) / (0.4 / 0.6),
    "users-for-a-batch": 295 * 24 * 60 / 15,
    "generation-of-a-day": 18e9 / 700e6 / 7 * 211 / 60,
    "full-at-night": 300_000 * 27_303_999 / (7 * 24 * 60) / 1280,
    "scatter-of-chance": 20 / 400,
    "price-of-a-token": 8 * 2.35 / 3600 / 10_000 * 1e6,
    "a-quarter-full": 600 / 150,
    "margin-of-a-day": 562_027 / 87_072 - 1,
    "users-of-a-card": 14_800 / 8 / 21,
    "between-two-tokens": 50e6 / (1000 * 1e6),
    "wafers-for-a-model": 10.0,  # 405.8 GB / 44 GB = 9.22
    "dies-for-a-model": 200.0,  # 1.6e12 / 8.03e9 = 199.3
    "chips-to-spread-a-design": 542.2e6 / 3000,
    "fewer-bits": 2610e12 / (2 * 5.3e12) / 2,
    "power-of-a-brain": 700 / 20,
    "strengths-in-bytes": 500e12 * 4.7 / 8,
    "bits-of-a-synapse": 2.5e15 * 8 / 500e12,
    "a-life-on-record": 2.5e15 / 4e6 / 3600 / 24 / 365.25,
    "bits-of-a-target": log2(86.1e9 * exp(1) / (500e12 / 86.1e9)),
    "bands-that-miss": 7 / 10,
    "faster-memory": 1 - 1 / 1.25,
    "where-it-turns": 1978.9e12 / (2 * 1000),
    "three-doubtful-inputs": exp(log(2) * sqrt(3)),
    "memory-on-the-chip": 307.0,  # 70.55 GB / 230 MB = 306.7
}


@pytest.mark.parametrize(("id", "value"), BY_HAND.items(), ids=BY_HAND)
def test_the_answer_is_that_of_hand(id: str, value: float) -> None:
    question = questions.load(id)
    assert isinstance(question, Number)
    assert question.value == pytest.approx(value, rel=1e-4)


def test_what_chapters_compute_is_asked_as_they_have_it() -> None:
    """Answers that follow the book's own model, composed in another way."""
    machine = deploy("h100_sxm5", 8, "llama3_70b")
    alone = {chips: times[0] for chips, times in findings.alone_on_cards().items()}
    worst = max(real / ours for ours, real in scale.measured_steps().values())
    gains = [curve.gain for curve in findings.curves() if not curve.experts]
    bar = max(scale.weekly_bars(1.1).values())
    card = scale.own_machines()["card_dense"]
    expected = {
        "time-of-an-answer": machine.prefill_time(1, 2048) + 500 * machine.step(1, 2048).step_time,
        "how-far-short": 1 - 1 / worst,
        "work-of-a-batch": max(gains),
        "alone-on-eight": alone[1] / (8 * alone[8]),
        "a-card-at-home": card.cost(1 / 24) * 1e6,
        "room-for-providers": 900e6 / bar,
        "tokens-that-pay": 8 * 24 * 1.60e6 / prices.markets()["gpt-oss-120b"].median,
        "full-at-night-too": 900e6 / bar / quiet_hour_margin("coding"),
    }
    assert {*expected, *BY_HAND} == {question.name for question in numbers()}
    found = {id: getattr(questions.load(id), "value", None) for id in expected}
    assert found == pytest.approx(expected, rel=1e-9)


def test_there_are_enough_of_them() -> None:
    assert len(questions.ALL) >= 40
    for chapter in CHAPTERS:
        assert LEAST <= len(questions.of_chapter(chapter)) <= MOST, chapter


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_asks_from_easy_to_hard(chapter: str) -> None:
    levels = [LEVELS.index(questions.load(id).level) for id in questions.of_chapter(chapter)]
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (0, len(LEVELS) - 1)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_asks_its_questions_at_its_end_and_in_order(chapter: str) -> None:
    path = BOOK / f"{chapter}.ipynb"
    if not path.exists():
        pytest.skip(f"there is no {path.name} yet")
    cells = json.loads(path.read_text(encoding="utf8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    start = next(n for n, text in enumerate(sources) if text.startswith("## Check yourself"))
    assert sources[start + 1 :] == [
        f'book.question("{id}")' for id in questions.of_chapter(chapter)
    ]
    ids = [cell["id"] for cell in cells[start:]]
    assert ids == ["check-yourself", *(f"question-{id}" for id in questions.of_chapter(chapter))]
    assert all(cell["metadata"] == {"tags": ["remove-input"]} for cell in cells[start + 1 :])


@pytest.mark.parametrize("question", numbers(), ids=lambda each: each.name)
def test_the_right_answer_is_right_in_other_units_too(question: Number) -> None:
    """As it is shown, rounded to three digits, in full, and in other units of its kind."""
    for digits in (3, 8):
        said = question.judge(units.show(question.value, question.unit, digits))
        assert said == (said.__class__)(right=True, says=f"Right: {question.answer}.")
    for name in OTHER_UNITS.get(question.unit, ()):
        if name == "%":
            text = f"{question.value * 100!r}%"
        elif name in ("", " dollars") or units.parse(f"1{name}", question.unit) == 1:
            text = f"{question.value!r}{name}"
        else:
            text = f"{question.value / units.parse(f'1 {name.strip()}', question.unit)!r} {name}"
        if question.needs_unit and not name:
            continue
        assert question.judge(text).right, text


@pytest.mark.parametrize("question", numbers(), ids=lambda each: each.name)
def test_what_is_right_is_a_matter_of_a_factor(question: Number) -> None:
    inside, outside = 1 + (question.within - 1) * 0.9, 1 + (question.within - 1) * 1.1
    for factor in (inside, 1 / inside):
        assert question.judge(typed(question.value * factor, question.unit)).right, factor
    for factor in (outside, 1 / outside):
        assert not question.judge(typed(question.value * factor, question.unit)).right, factor


@pytest.mark.parametrize("question", numbers(), ids=lambda each: each.name)
def test_each_mistake_gets_its_own_hint(question: Number) -> None:
    """None is taken for another or for the right answer, whatever was rounded."""
    for value, says in question.mistakes.items():
        for digits in (3, 8):
            said = question.judge(units.show(value, question.unit, digits))
            assert (said.right, said.says) == (False, says), value
    apart = sorted([question.value, *question.mistakes])
    assert all(high / low > question.within**2 for low, high in pairwise(apart)), apart


# What some wrong ways come to, worked by hand.
MISTAKES_BY_HAND = {
    "ridge-point": {2 * 590.72, 590.72 / 8, 590.72 * 8, 590.72 / 2, 1000},
    "cards-for-weights": {10, 6, 82},  # 10.145 rounded down, 5.07, and 81.2 rounded up
    "a-quarter-full": {150 / 600, 1, 450},
    "at-once": {30, 5 / 30, 30 / 5},
}


@pytest.mark.parametrize(("id", "values"), MISTAKES_BY_HAND.items(), ids=MISTAKES_BY_HAND)
def test_mistakes_are_those_of_hand(id: str, values: set[float]) -> None:
    question = questions.load(id)
    assert isinstance(question, Number)
    assert sorted(question.mistakes) == pytest.approx(sorted(values), rel=1e-3)


def test_an_answer_may_be_zero() -> None:
    question = Number(
        level="easy", asks="?", hint="Look.", means="", value=0.0, unit="dimensionless",
        mistakes={5.0: "No."},
    )  # fmt: skip
    assert question.judge("0").right
    assert question.judge("5").says == "No."
    assert question.judge("3").says == "Too large, by more than a factor of ten. Try again. Look."


@pytest.mark.parametrize("question", numbers(), ids=lambda each: each.name)
def test_three_wrong_answers_each_get_the_right_hint_or_try_again(question: Number) -> None:
    known = [question.value, *question.wrong]
    assert len(question.mistakes) >= 2
    # Mistakes of every quantity, unless the question has a hint of its own for the same value.
    if question.unit == "fraction":
        slips = {100.0: "percent sign", 0.01: "percent sign"}
    else:
        slips = {1e3: "a thousand", 1e-3: "a thousand", 1e6: "a million"}
    for factor, word in slips.items():
        said = question.judge(typed(question.value * factor, question.unit))
        own = question.mistakes.get(question.value * factor, "")
        assert not said.right
        assert word in said.says or said.says in question.mistakes.values(), own
    # And what no mistake leads to.
    for factor in (1.23, 1 / 1.23, 3.7, 1 / 3.7, 37.0, 1 / 37.0):
        value = question.value * factor
        if any(max(value / k, k / value) < question.within for k in known if k > 0):
            continue
        said = question.judge(typed(value, question.unit))
        assert not said.right
        assert "Try again." in said.says
        assert said.says.endswith(question.hint)
        assert ("too large" if factor > 1 else "too small") in said.says.lower()
        assert ("Close" in said.says) == (max(factor, 1 / factor) < CLOSE)
        assert ("factor of ten" in said.says) == (max(factor, 1 / factor) > 10)


@pytest.mark.parametrize("text", ["0", "-5"])
def test_what_is_not_positive_is_too_small(text: str) -> None:
    said = questions.load("price-of-a-small-batch").judge(text)
    assert not said.right
    assert said.says.startswith("Too small")


@pytest.mark.parametrize(
    ("id", "text", "words"),
    [
        ("time-of-a-token", "23.9", "needs its unit"),
        ("time-of-a-token", "24 GB", "not a quantity in 'second'"),
        ("time-of-a-token", "soon", "not a quantity"),
        ("critical-batch", "206 apples", "not a quantity"),
    ],
)
def test_what_is_no_answer_is_not_judged(id: str, text: str, words: str) -> None:
    with pytest.raises(units.UnitsError, match=re.escape(words)):
        questions.load(id).judge(text)


@pytest.mark.parametrize("question", choices(), ids=lambda each: each.name)
def test_one_choice_is_right_and_each_other_is_told_why_not(question: Choice) -> None:
    said = {key: question.judge(key) for key in question.options}
    assert [key for key, each in said.items() if each.right] == [question.right]
    assert len(said) >= 3
    for key, each in said.items():
        if key != question.right:
            assert each.says.endswith("Try again.")
            assert len(question.options[key].says) > 10, key


# Of what does not follow measurements or the market: a change here is one of the question.
RIGHT_BY_HAND = {
    "whose-arithmetic": "pcie-sparse",  # 3.03, beside 1.98, 3.96 and 1.51 PFLOP/s
    "more-of-both": "stays",
    "more-cards": "same",
    "what-would-help": "bandwidth",  # caches of 256 x 2048 x 328 kB are what is read most
    "one-large-or-ten-small": "large",
    "reading-and-typing": "more",
    "the-tenth-unit": "same",
    "three-times-the-size": "3",  # 27 / 9
    "what-widens-it": "parameters",
    "smaller-numbers": "same",  # 9 / 4.5 of the arithmetic, 2 of the weights
}


@pytest.mark.parametrize(("id", "right"), RIGHT_BY_HAND.items(), ids=RIGHT_BY_HAND)
def test_the_right_choice_is_that_of_hand(id: str, right: str) -> None:
    question = questions.load(id)
    assert isinstance(question, Choice)
    assert question.right == right


@pytest.mark.parametrize(
    ("needed", "nearest"),
    [
        (1e6, "Character.ai apps, monthly, United States"),
        (24e6, "GitHub Copilot, since its start"),
        (26e6, "DeepSeek, daily, at its peak"),
        (60e6, "Claude app, monthly"),
        (1e8, "Claude app, monthly"),
        (1e9, "ChatGPT, weekly"),
    ],
)
def test_the_nearest_audience_is_the_one_by_the_smallest_factor(
    needed: float, nearest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inference_economics_notebook.questions import does_inference_centralize as chapter

    monkeypatch.setattr(chapter.scale, "weekly_bars", lambda _: {"small": 1.0, "large": needed})
    made: Choice = chapter.nearest_audience.__wrapped__()  # type: ignore[attr-defined]
    assert made.right == nearest


# Two numbers that a question compares, and the choice that is right then. Where nothing but the
# book's own equations is compared, one of two is enough: a question with others must be rewritten.
COMPARED = {
    "does_inference_centralize.smaller_numbers": {
        (200.0, 100.0): "twice", (125.0, 100.0): "twice", (124.0, 100.0): "same",
        (100.0, 100.0): "same", (81.0, 100.0): "same", (80.0, 100.0): "half",
        (50.0, 100.0): "half",
    },
    "how_many_users.reading_and_typing": {
        (1.0, 2.0): "more", (2.0, 2.0): "same", (3.0, 2.0): "fewer",
    },
    "requests_under_load.one_large_or_ten_small": {
        (30.0, 299.0): "large", (30.0, 300.0): "same", (30.0, 301.0): "small",
    },
    "sharing_the_weights.more_cards": {
        (5.0, 10.0): "twice", (5.0, 5.0): "same", (10.0, 5.0): "half",
    },
    "three_orders_of_magnitude.more_of_both": {(5.0, 10.0): "doubles", (5.0, 5.0): "stays"},
    "what_scale_saves.the_tenth_unit": {(1.0, 0.5): "half", (1.0, 1.0): "same"},
}  # fmt: skip
COMPARES = {
    "smaller_numbers": "critical_batch_of",
    "reading_and_typing": "demand.user_base_by_sessions",
    "one_large_or_ten_small": "arrivals.places_needed",
    "more_cards": "serving.batch_to_fill",
    "more_of_both": "roofline.ridge_point",
    "the_tenth_unit": "market.service_cost",
}


@pytest.mark.parametrize(
    ("where", "pair", "right"),
    [(where, pair, right) for where, cases in COMPARED.items() for pair, right in cases.items()],
)
def test_the_right_choice_follows_the_numbers_that_are_compared(
    where: str, pair: tuple[float, float], right: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name = where.split(".")
    path = f"inference_economics_notebook.questions.{module}"
    numbers = iter(pair)
    monkeypatch.setattr(f"{path}.{COMPARES[name]}", lambda *_, **__: next(numbers))
    made = getattr(import_module(path), name).__wrapped__()
    assert made.right == right
    assert list(numbers) == []


def test_a_right_answer_that_is_none_of_the_choices_is_refused() -> None:
    with pytest.raises(ValueError, match="'c' is none of the answers: a, b"):
        Choice(
            level="easy", asks="?", hint="", means="", right="c",
            options={"a": Option("A", ""), "b": Option("B", "")},
        )  # fmt: skip


def test_a_question_that_there_is_not_is_refused_and_the_nearest_is_named() -> None:
    with pytest.raises(InputError, match=r"'ridge-points'; did you mean ridge-point\?"):
        questions.load("ridge-points")


@with_each("id", ALL)
def test_a_question_says_something_and_shows_its_numbers(id: str) -> None:
    question = questions.load(id)
    for text in (question.asks, question.hint, question.means):
        assert text[0].isupper()
        assert text.endswith((".", "?"))
        assert "  " not in text
    assert question.asks.endswith("?")
    said = markup.text(question)
    for word in ("None", "nan", "inf", "{", "000000"):
        assert word not in re.sub(r"infe|info", "", said), word
    assert isinstance(question, Choice) or question.answer in said


def test_what_the_work_comes_to_is_the_answer() -> None:
    """Unless the answer is worked from several equations, or is in another unit."""
    same = [q for q in numbers() if q.work and q.work[-1].value == q.value]
    same = [q for q in same if q.unit == q.work[-1].steps[-1].formula.unit]
    assert len(same) > 20
    for question in same:
        assert question.answer.split()[0] in question.work[-1].text()


@with_each("id", ALL)
def test_the_markup_is_the_same_each_time_and_whole_without_a_script(id: str) -> None:
    question = questions.load(id)
    page = markup.page(question)
    assert page == markup.page(question)
    assert page.count("<details") == 2 + bool(question.work)  # hint, answer, and what signs mean
    assert f'id="question-{id}"' in page
    # Nothing but the boxes of choices is seen of the form.
    row = re.findall(r'<p class="q-row"[^>]*>', page)
    assert row == ['<p class="q-row" hidden>']
    assert 'name="answer"' in page
    assert len(page) < 15_000


def test_a_widget_shows_the_same_and_its_equations_in_mathml() -> None:
    asked = book.question("ridge-point")
    data, _ = asked._repr_mimebundle_()
    assert data["text/html"] == markup.page(questions.load("ridge-point"))
    assert data["text/plain"] == markup.text(questions.load("ridge-point"))
    assert r"\[" in data["text/html"]
    assert r"\[" not in asked.markup
    assert "<math" in asked.markup
    assert asked._esm.startswith("const UNITS")  # a module in one file
    assert len(widget.script(module=False)) < 40_000


@pytest.fixture
def other_answer(monkeypatch: pytest.MonkeyPatch) -> Question:
    """Give a question of which the catalog says something else."""
    from inference_economics.facts import catalog
    from inference_economics_notebook.questions import three_orders_of_magnitude as chapter

    changed = catalog.files.read("accelerators.csv").replace("3.35e12", "6.7e12")
    monkeypatch.setattr(
        chapter.catalog, "load", lambda: catalog.parse({"accelerators.csv": changed})
    )
    made: Question = chapter.ridge_point.__wrapped__()  # type: ignore[attr-defined]
    return made


def test_an_answer_follows_the_catalog(other_answer: Number) -> None:
    now = questions.load("ridge-point")
    assert isinstance(now, Number)
    assert other_answer.value == pytest.approx(now.value / 2)
    assert show(6.7e12, "byte/second") in other_answer.asks
