"""The questions on the site: what a reader commits to, what is said, and what is remembered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from built_site import SITE
from frames import framed, locked
from playwright.sync_api import expect
from thoroughly import some

from inference_economics.algebra import units
from inference_economics_notebook import questions
from inference_economics_notebook.questions.question import Choice, Number
from inference_economics_site.editions import articles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf8")
CHAPTERS = [
    chapter
    for module in dict.fromkeys(questions.ALL.values())
    for chapter in [module.replace("_", "-")]
    if (SITE / f"{chapter}.html").exists()
]
CHAPTER, NUMBER, CHOICE = "three-orders-of-magnitude", "ridge-point", "more-of-both"
OTHER = {
    "byte": ((1e9, " GB"), (1e12, "TB"), (1, " bytes")),
    "second": ((1, " s"), (1e-3, "ms"), (60, " min")),
    "byte/second": ((1e9, " GB/s"), (1e12, "TB/s")),
    "fraction": ((1, ""), (0.01, "%"), (0.01, " percent")),
    "request": ((1, ""), (1e3, "K"), (1, " requests")),
    "dollar": ((1, ""), (1, " $"), (1, " dollars")),
}
"""Other units in which an answer may be given, with their sizes."""

SAID = """async ([id, texts]) => {
  const root = document.querySelector(`#question-${id}`);
  const found = [];
  for (const text of texts) {
    root.querySelector("[name=answer]").value = text;
    root.querySelector("form").requestSubmit();
    await new Promise((done) => setTimeout(done, 1));
    found.push([root.dataset.committed === "right", root.querySelector(".q-said").textContent]);
  }
  return found;
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, color_scheme="light")
    page = context.new_page()
    yield page
    context.close()


def asked(page: Page, address: str, id: str, chapter: str = CHAPTER) -> Locator:
    page.goto(f"{address}{chapter}.html", wait_until="load")
    return page.locator(f"#question-{id}[data-live]")


def answer(root: Locator, text: str) -> None:
    root.locator("input").fill(text)
    root.get_by_role("button", name="Check").click()


def test_every_chapter_has_its_questions_in_order() -> None:
    assert len(CHAPTERS) >= 11
    for chapter in CHAPTERS:
        text = (SITE / f"{chapter}.html").read_text(encoding="utf8")
        places = [text.index(f'id="question-{id}"') for id in questions.of_chapter(chapter)]
        assert places == sorted(places), chapter
        assert text.count("data-question=") == len(places)
    other = (SITE / "glossary.html").read_text(encoding="utf8")
    assert "question.js" not in other


def test_the_answer_opens_once_the_reader_has_committed(page: Page, address: str) -> None:
    root = asked(page, address, NUMBER)
    said, worked = root.locator(".q-said"), root.locator(".q-answer")
    expect(worked).to_be_hidden()
    expect(root.locator(".q-hint summary")).to_be_visible()

    answer(root, "")
    expect(said).to_have_text("Write your answer first.")
    answer(root, "591 apples")
    expect(said).to_contain_text("has no unit that fits")
    expect(root.locator("input")).to_have_attribute("aria-invalid", "true")
    expect(worked).to_be_hidden()  # that was no answer

    answer(root, "1180")
    expect(said).to_contain_text("This is the sparse rate")
    expect(root).to_have_attribute("data-committed", "wrong")
    expect(worked.locator("> summary")).to_be_visible()
    expect(worked.locator("math").first).to_be_hidden()
    answer(root, "700 FLOP/byte")
    expect(said).to_contain_text("Close, but too large. Try again. Divide")

    answer(root, "590 FLOP/byte")
    expect(said).to_have_text("Right: 591 FLOP/byte.")
    expect(root.locator("input")).not_to_have_attribute("aria-invalid", "true")
    expect(root).to_have_attribute("data-committed", "right")
    expect(worked.locator("math").first).to_be_visible()
    assert "{" not in said.inner_text()


def test_a_choice_is_committed_to_as_well(page: Page, address: str) -> None:
    root = asked(page, address, CHOICE)
    check, said = root.get_by_role("button", name="Check"), root.locator(".q-said")
    check.click()
    expect(said).to_have_text("Choose an answer first.")
    root.get_by_label("It doubles.").check()
    check.click()
    expect(said).to_contain_text("only the arithmetic grew. Try again.")
    root.get_by_label("It stays as it was.").check()
    check.click()
    expect(said).to_have_text("Right.")
    expect(root.locator(".q-answer")).to_contain_text("It moves only if")


@pytest.mark.parametrize("width", [1400, 390])
def test_the_keyboard_is_enough(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    number, choice = asked(page, address, NUMBER), page.locator(f"#question-{CHOICE}")
    number.locator("input").focus()
    page.keyboard.type("300")
    page.keyboard.press("Enter")
    expect(number).to_have_attribute("data-committed", "wrong")
    for name in ("Check", "Clear"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == name
    for name in ("Hint", "Answer"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == name
        page.keyboard.press("Enter")
    expect(number.locator(".q-answer math").first).to_be_visible()
    inside = f"document.activeElement.closest('#question-{CHOICE}') !== null"
    for _ in range(8):  # what scrolls in the answer is a stop on the way
        page.keyboard.press("Tab")
        if page.evaluate(inside):
            break
    page.keyboard.press("ArrowDown")  # from the first choice to the second
    page.keyboard.press("Enter")
    expect(choice).to_have_attribute("data-committed", "right")
    page.close()


def test_it_is_remembered_on_this_machine_and_can_be_forgotten(page: Page, address: str) -> None:
    asked_for: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    root = asked(page, address, NUMBER)
    before = len(asked_for)
    answer(root, "1180")
    other = page.locator(f"#question-{CHOICE}")
    other.get_by_label("It stays as it was.").check()
    other.get_by_role("button", name="Check").click()
    expect(other).to_have_attribute("data-committed", "right")
    assert len(asked_for) == before  # nothing is sent

    page.reload()
    root = asked(page, address, NUMBER)
    expect(root.locator("input")).to_have_value("1180")
    expect(root.locator(".q-said")).to_contain_text("sparse rate")
    expect(other.get_by_label("It stays as it was.")).to_be_checked()
    expect(other.locator(".q-answer > p").first).to_be_hidden()
    root.get_by_role("button", name="Clear").click()
    expect(root.locator("input")).to_have_value("")
    expect(root.locator(".q-answer")).to_be_hidden()
    page.reload()
    expect(root.locator("input")).to_have_value("")
    expect(other).to_have_attribute("data-committed", "right")


STORED = [
    f'{{"{NUMBER}": 5, "{CHOICE}": "no such choice"}}', "no JSON", "null",
    f'{{"{NUMBER}": "<img src=x>", "{CHOICE}": "constructor"}}', "7", '["x"]',
]  # fmt: skip


@pytest.mark.parametrize("stored", some(STORED, 3))
def test_what_is_stored_by_others_breaks_nothing(page: Page, address: str, stored: str) -> None:
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    page.evaluate("(text) => localStorage.setItem('inference-economics-answers', text)", stored)
    root = asked(page, address, NUMBER)
    answer(root, "591")
    expect(root).to_have_attribute("data-committed", "right")
    expect(page.locator(f"#question-{CHOICE}")).not_to_have_attribute("data-committed", "right")
    assert said == []


def test_with_storage_blocked_it_works_and_remembers_nothing(
    page: Page, address: str, elsewhere: str
) -> None:
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    for _ in range(2):
        inside = framed(page, elsewhere, locked(f"{address}{CHAPTER}.html"))
        root = inside.locator(f"#question-{NUMBER}[data-live]")
        expect(root.locator("input")).to_have_value("")
        answer(root, "591")
        expect(root.locator(".q-said")).to_have_text("Right: 591 FLOP/byte.")
    assert said == []


def test_without_scripts_it_is_all_there(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}{CHAPTER}.html")
    root = page.locator(f"#question-{NUMBER}")
    expect(root.locator("form input")).to_be_hidden()
    expect(page.locator(f"#question-{CHOICE}").get_by_text("It halves.")).to_be_visible()
    for name in ("Hint", "Answer"):
        root.locator("summary", has_text=name).click()
    expect(root.locator(".q-answer math").first).to_be_visible()
    expect(root.locator(".q-mistakes")).to_contain_text("sparse")
    context.close()


def test_printed_the_answers_are_there_and_the_boxes_are_not(page: Page, address: str) -> None:
    root = asked(page, address, NUMBER)
    page.emulate_media(media="print")
    expect(root.locator("input")).to_be_hidden()
    expect(root.locator(".q-answer math").first).to_be_visible()


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_screen_reader_finds_its_way_with_all_of_it_open(
    browser: Browser, address: str, width: int, theme: Any
) -> None:
    """Axe finds nothing, and nothing is wider than the page, whatever has been said."""
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    number, choice = asked(page, address, NUMBER), page.locator(f"#question-{CHOICE}")
    answer(number, "1180")
    choice.get_by_label("It stays as it was.").check()
    choice.get_by_role("button", name="Check").click()
    answer(page.locator("#question-operations-per-weight"), "5 apples")
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    expect(number.locator("[role=status]")).to_contain_text("sparse")
    page.evaluate(AXE)
    found = page.evaluate(
        "axe.run('#check-yourself', { resultTypes: ['violations'] })"
        ".then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))"
    )
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()


@pytest.mark.parametrize("chapter", some(CHAPTERS, 3))
def test_the_page_says_what_python_says(chapter: str, page: Page, address: str) -> None:
    """Of right answers in several units, of each mistake, and of what no mistake leads to."""
    page.goto(f"{address}{chapter}.html", wait_until="load")
    page.wait_for_selector("[data-question][data-live]")
    factors = (1, 1.005, 1 / 1.005, 1.23, 1 / 1.23, 3.7, 1 / 3.7, 37, 1e3, 1e-3, 1e6, 100)
    for question in map(questions.load, questions.of_chapter(chapter)):
        if not isinstance(question, Number):
            continue
        values = [question.value * factor for factor in factors] + list(question.mistakes)
        texts = [units.show(value, question.unit, 6) for value in values]
        texts += [f"{question.value / size!r}{name}" for size, name in OTHER.get(question.unit, ())]
        expected = [question.judge(text) for text in texts]
        assert sum(said.right for said in expected) >= 3 + len(OTHER.get(question.unit, ()))
        found = page.evaluate(SAID, [question.name, texts])
        assert found == [[each.right, each.says] for each in expected], question.name


def test_every_choice_is_judged_on_the_page_as_in_python() -> None:
    for question in map(questions.load, questions.ALL):
        if isinstance(question, Choice):
            told = json.loads(json.dumps(question.judged_by()))["options"]
            said = {key: question.judge(key) for key in question.options}
            assert told == {k: {"right": s.right, "says": s.says} for k, s in said.items()}


def test_in_print_the_answers_stand_at_the_end_of_the_chapter(page: Page) -> None:
    page.goto((SITE / f"{CHAPTER}.html").as_uri(), wait_until="load")
    options = {"page": CHAPTER, "pages": [CHAPTER], "places": {}, "address": "", "live": ""}
    article = page.evaluate(articles.SCRIPT.read_text(encoding="utf8"), options)
    assert [title for _, title in article["sections"]][-2:] == ["Check yourself", "Answers"]
    found = BeautifulSoup(article["xhtml"], "html.parser")
    answers = found.select(".answers > .question")
    asked = found.select("section.question:not(.answers > .question)")
    assert len(asked) == len(answers) == len(questions.of_chapter(CHAPTER))
    assert found.select("form, input, button, [data-judge]") == []
    for question, worked in zip(asked, answers, strict=True):
        assert question.select(".q-right, .q-mistakes, .q-said") == []
        way, back = question.select_one(".q-way a"), worked.select_one(".q-title a")
        assert way is not None
        assert way["href"] == f"{CHAPTER}.xhtml#{worked['id']}"
        assert back is not None
        assert back["href"] == f"{CHAPTER}.xhtml#{question['id']}"
        assert worked.select(".q-right")
    choice = found.select_one(f"#{CHAPTER}--question-{CHOICE} .q-options")
    assert choice is not None
    assert "It halves." in choice.get_text()
    assert answers[0].select("math")
