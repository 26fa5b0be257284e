"""In JupyterLab: explorers, whose values Python and the page both set, and questions."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from lab import serving
from playwright.sync_api import expect
from thoroughly import THOROUGH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page

CELLS = [
    """\
import ipywidgets
from inference_economics_notebook import explorers

explorer = explorers.users()
label = ipywidgets.Label()
ipywidgets.dlink((explorer, "concurrent_users"), (label, "value"), lambda n: f"linked: {n:.0f}")
display(explorer, label)""",
    'print("python has", explorer.concurrent_users, explorer.results["steady"])',
    'explorer.concurrent_users = "20K"',
    """\
try:
    explorer.concurrent_users = -5
except Exception as error:
    print(type(error).__name__, error)""",
]


QUESTION = [
    """\
from inference_economics_notebook import book

book.question("ridge-point")""",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab on two notebooks, and give its address."""
    folder = tmp_path_factory.mktemp("lab")
    empty = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    for name, cells in {"explorer": CELLS, "question": QUESTION}.items():
        notebook = {
            "cells": [{**empty, "source": cell} for cell in cells],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            "nbformat": 4,
            "nbformat_minor": 4,
        }
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf8")
    with serving(folder) as address:
        yield address


def opened(browser: Browser, lab: str, name: str) -> tuple[Page, Locator, Callable[[int], None]]:
    """Open a notebook, and give the page, its cells, and what runs one of them."""
    page = browser.new_page(viewport={"width": 1400, "height": 1400})
    page.set_default_timeout(60_000)
    # A busy machine makes it ask which kernel to use, or say that one was slow.
    asked = page.locator(".jp-Dialog .jp-mod-accept")
    page.add_locator_handler(asked, lambda accept: accept.first.click())
    page.goto(f"{lab}lab/tree/{name}.ipynb?reset")
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    cells.nth(0).wait_for()
    page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()

    def run(number: int) -> None:
        # Until JupyterLab has settled, it may not hear a click.
        for patience in (5_000, 10_000, 30_000):
            cells.nth(number).locator(".jp-InputArea-editor").click()
            page.get_by_role("button", name=re.compile("^Run this cell and advance")).click()
            prompt = cells.nth(number).locator(".jp-InputPrompt")
            with suppress(AssertionError):
                expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=patience)
                return
        pytest.fail(f"cell {number} was not run")

    return page, cells, run


def test_a_slider_changes_the_value_in_python_and_the_reverse(lab: str, browser: Browser) -> None:
    page, cells, run = opened(browser, lab, "explorer")
    run(0)
    root = page.locator(".jp-OutputArea .explorer")
    expect(root).to_have_attribute("data-live", "", timeout=60_000)
    box = root.locator('[data-field="concurrent_users"] .ex-box')
    expect(box).to_have_value("1,000")
    label = page.get_by_text(re.compile("^linked: "))
    expect(label).to_have_text("linked: 1000")

    # From the page to Python, and to another widget on the way.
    root.locator('[data-field="concurrent_users"] .ex-slider').press("ArrowRight")
    expect(box).not_to_have_value("1,000")
    moved = float(box.input_value().replace(",", ""))
    expect(label).to_have_text(f"linked: {moved:.0f}")
    steady = float(root.locator('[data-output="steady"]').get_attribute("value") or "nan")
    run(1)
    expect(cells.nth(1).locator(".jp-OutputArea-output")).to_have_text(
        f"python has {moved} {steady}"
    )

    # From Python to the page.
    run(2)
    expect(box).to_have_value("20,000")
    expect(root.locator('[data-output="steady"]')).to_have_text("2.88 million users")
    expect(label).to_have_text("linked: 20000")

    # What cannot be is refused by name, and nothing changes.
    run(3)
    said = cells.nth(3).locator(".jp-OutputArea-output")
    expect(said).to_contain_text("InputError concurrent_users = -5: must be")
    expect(box).to_have_value("20,000")

    # A preset sets everything, in Python too.
    root.locator("[data-preset]").select_option("chat")
    expect(label).not_to_have_text("linked: 20000")
    page.close()


@pytest.mark.skipif(not THOROUGH, reason="only with THOROUGH=1: a page's questions are tested so")
def test_a_question_is_answered_by_keyboard_alone(lab: str, browser: Browser) -> None:
    page, _, run = opened(browser, lab, "question")
    run(0)
    root = page.locator(".jp-OutputArea .question")
    expect(root).to_have_attribute("data-live", "", timeout=60_000)
    expect(root.locator(".q-answer")).to_be_hidden()
    root.locator("input").focus()
    page.keyboard.type("1180")
    page.keyboard.press("Enter")
    expect(root.locator(".q-said")).to_contain_text("This is the sparse rate")
    root.locator("input").fill("")
    page.keyboard.type("591 FLOP/byte")
    page.keyboard.press("Enter")
    expect(root.locator(".q-said")).to_have_text("Right: 591 FLOP/byte.")
    expect(root.locator(".q-answer math").first).to_be_visible()
    run(0)
    expect(root.locator("input")).to_have_value("591 FLOP/byte")
    expect(root).to_have_attribute("data-committed", "right")
    page.close()
