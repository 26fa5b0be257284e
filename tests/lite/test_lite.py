"""A chapter runs in a reader's browser, with every other host out of reach."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from inference_economics_notebook import book
from inference_economics_site import in_browser
from inference_economics_site.live import way_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

MOST_BYTES = 44e6  # beyond the site
LONGEST = 60  # seconds to the first answer, on a machine that does other things too
CLAIM = "users-needed"
WORK = f"from inference_economics_notebook import book; print(book.card('{CLAIM}'))"

NOTE_STAR = """cell => {
    window.ran = false;
    const prompt = () => cell.querySelector(".jp-InputPrompt").textContent;
    const look = () => { window.ran ||= prompt().includes("*"); };
    new MutationObserver(look).observe(cell, {childList: true, characterData: true, subtree: true});
}"""
"""Notes that a cell has begun: its prompt shows a star, if only for a moment."""


class Notebook:
    """A chapter's notebook in the browser."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.foreign: list[str] = []
        self.given: dict[str, int] = {}  # a service worker passes on what it is asked for
        page.context.route("**/*", self._request)
        page.context.on("response", self._response)

    def _request(self, route: Any) -> None:
        if route.request.url.startswith((self.address, "data:", "blob:")):
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def _response(self, response: Any) -> None:
        self.given[response.url] = int(response.headers.get("content-length", 0))

    def cell(self, number: int) -> Locator:
        """Find a cell with code."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def run(self, code: str) -> str:
        """Put code into the first cell, run it, and give what it shows."""
        self.cell(0).locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)
        prompt = self.cell(0).locator(".jp-InputPrompt")
        # The number may be that of the stored outputs, and a quick answer leaves no time to look.
        self.cell(0).evaluate(NOTE_STAR)
        self.page.keyboard.press("Control+Enter")
        deadline = time.monotonic() + LONGEST
        while not self.page.evaluate("window.ran") or not re.search(r"\d", prompt.inner_text()):
            assert time.monotonic() < deadline, f"no answer within {LONGEST} s"
            self.page.wait_for_timeout(20)
        return self.cell(0).locator(".jp-OutputArea").inner_text()


@pytest.fixture(scope="module")
def notebook(browser: Browser, address: str) -> Iterator[Notebook]:
    """Open a chapter on the site, and its notebook by the button at its top."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    opened = Notebook(context.new_page(), address)
    opened.page.goto(f"{address}one-user.html")
    yield opened
    context.close()


def test_the_way_in_is_at_the_top_and_loads_nothing_before(notebook: Notebook) -> None:
    page, asked = notebook.page, []
    page.on("request", lambda request: asked.append(request.url))
    page.locator(".run-here summary").click()
    expect(page.get_by_text("MB for it, once")).to_be_visible()
    assert set(way_in.FROM_PYODIDE) == set(in_browser.COMPILED.values())
    for name, size in way_in.FROM_PYODIDE.items():
        expect(page.locator(".run-here")).to_contain_text(f"{name} some {size} MB")
    assert page.locator(".run-here").evaluate("(e) => e.previousElementSibling.tagName") == "H1"
    assert asked == []


def test_the_first_answer_equals_the_books(
    notebook: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook.given.clear()
    start = time.monotonic()
    notebook.page.get_by_role("link", name="Open the notebook").click()
    notebook.cell(0).wait_for(timeout=LONGEST * 1000)
    found = notebook.run(WORK)
    took, given = time.monotonic() - start, sum(notebook.given.values()) / 1e6
    with capsys.disabled():
        sys.stdout.write(f"\nclick to first answer: {took:.1f} s, with {given:.1f} MB\n")
    assert found.split() == str(book.card(CLAIM)).split()
    assert "500 users" in found
    assert not [url for url in notebook.given if "/sympy-" in url]
    assert given == pytest.approx(way_in.FROM_HERE, abs=1)
    assert notebook.foreign == []


def test_python_starts_beside_jupyterlab_and_without_that_too(
    browser: Browser, address: str
) -> None:
    """The kernel gets the worker that began with the page, or else one of its own."""
    for is_early in (True, False):
        page = browser.new_page()
        if not is_early:
            page.route("**/early.worker.js", lambda route: route.abort())
        notebook = Notebook(page, address)
        page.goto(f"{address}run/notebooks/index.html?path=one-user.ipynb")
        notebook.cell(0).wait_for(timeout=LONGEST * 1000)
        assert notebook.run("print(6 * 7)").split()[-1] == "42"
        kernels = [worker for worker in page.workers if "comlink" in worker.url]
        assert (kernels == []) == is_early
        page.close()


def test_without_a_connection_a_figure_says_what_is_missing(notebook: Notebook) -> None:
    for code in (
        "from inference_economics_notebook import figures; figures.which_card",
        "import numpy",
    ):
        found = notebook.run(code)
        assert "Traceback" not in found
        assert "could not be fetched from Pyodide's distribution" in found
    assert all(url.startswith("https://cdn.jsdelivr.net/pyodide/") for url in notebook.foreign)
    notebook.foreign.clear()


def test_what_is_missing_is_fetched_when_it_is_needed(notebook: Notebook) -> None:
    """Here with a library that the site serves; for NumPy, from elsewhere, it is the same."""
    found = notebook.run(
        "import pyodide_js, shutil, sysconfig\n"
        "del pyodide_js.loadedPackages.anywidget\n"
        "shutil.rmtree(sysconfig.get_path('purelib') + '/anywidget')\n"
        "print(__import__('anywidget').__name__)"
    )
    assert found.split()[-1] == "anywidget"


def test_behind_the_first_answer_the_rest_comes(notebook: Notebook) -> None:
    code = "import sys; print('sympy' in sys.modules, __import__('sympy').__name__)"
    assert notebook.run(code).split()[-2:] == ["False", "sympy"]
    given = [url for url in notebook.given if "/sympy-" in url]
    assert len(given) == 1


@pytest.mark.parametrize("id", ["users", "sharing", "chips"])
def test_an_explorer_that_draws_no_samples_is_alive(id: str, notebook: Notebook) -> None:
    notebook.run(f"from inference_economics_notebook import explorers; x = explorers.{id}(); x")
    root = notebook.cell(0).locator(f'.explorer[data-explorer="{id}"]')
    expect(root).to_have_attribute("data-live", "", timeout=LONGEST * 1000)
    expect(root.locator(".ex-outputs")).to_have_css("display", "grid")  # a notebook says block
    before = root.locator("[data-sentence]").inner_text()
    root.locator(".ex-slider").first.press("ArrowRight")
    expect(root.locator("[data-sentence]")).not_to_have_text(before)


def test_changes_are_kept_until_they_are_taken_back(notebook: Notebook, address: str) -> None:
    page = notebook.page
    notebook.run("print('mine')")
    page.keyboard.press("Control+S")
    page.wait_for_timeout(1000)
    page.get_by_role("menuitem", name="File").click()
    with page.expect_download() as waiting:
        page.get_by_role("menuitem", name="Download", exact=True).click()
    assert waiting.value.suggested_filename == "one-user.ipynb"
    assert "mine" in waiting.value.path().read_text(encoding="utf8")
    page.reload()
    expect(notebook.cell(0).locator(".cm-content")).to_contain_text("mine", timeout=30_000)
    page.goto(f"{address}one-user.html")
    page.locator(".run-here summary").click()
    page.locator(".run-reset").click()
    expect(page.locator(".run-reset")).to_have_text("It is the book’s version again")
    page.get_by_role("link", name="Open the notebook").click()
    first = notebook.cell(0).locator(".cm-content")
    expect(first).to_contain_text("inference_economics", timeout=30_000)
    expect(first).not_to_contain_text("mine")


def test_it_is_light_and_the_site_is_as_it_was(lite: Path) -> None:
    files = [path for path in (lite / "run").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= MOST_BYTES
    assert [path for path in files if path.suffix == ".map"] == []
    site = lite.parent / "html"
    assert not (site / "run").exists()
    archives = (site / "downloads").glob("*-site.zip")
    (archive,) = filter(Path.is_file, archives)  # not the stub of an earlier edition
    with zipfile.ZipFile(archive) as whole:
        assert [name for name in whole.namelist() if "/run/" in name] == []


def test_every_chapter_is_there_and_has_a_way_in(lite: Path) -> None:
    chapters = {path.stem for path in (lite / "run/files").glob("*.ipynb")}
    notebooks = {path.stem for path in (lite.parents[1] / "book").glob("*.ipynb")}
    assert chapters == notebooks
    for path in (lite / "run/files").glob("*.ipynb"):
        first = json.loads(path.read_text(encoding="utf8"))["cells"][0]["source"]
        assert "nothing to install" in first
        assert "pip install" not in first
    for page in chapters:
        text = (lite / f"{page}.html").read_text(encoding="utf8")
        assert text.count(f"path={page}.ipynb") == 1


def test_the_lock_says_what_is_served(lite: Path) -> None:
    folder = lite / "run/pyodide"
    lock = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf8"))
    elsewhere = set()
    for name, entry in lock["packages"].items():
        needed = {each.replace("_", "-") for each in entry["depends"]}
        assert needed <= set(lock["packages"])
        assert re.fullmatch("[0-9a-f]{64}", entry["sha256"])
        if "/" in entry["file_name"]:
            assert entry["file_name"].startswith("https://cdn.jsdelivr.net/pyodide/v")
            elsewhere.add(name)
        else:
            data = (folder / entry["file_name"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == entry["sha256"], name
    assert set(in_browser.COMPILED) <= elsewhere
    assert set(in_browser.PURE) & elsewhere == set()
    served = {path.name for path in folder.glob("*.whl")}
    assert served == {
        e["file_name"] for e in lock["packages"].values() if "/" not in e["file_name"]
    }
