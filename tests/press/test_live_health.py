"""A live notebook whose files are damaged says which, where else a cell would wait for ever."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from inference_economics_site import browser as browsers
from inference_economics_site.live import app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

SITE = "https://book.test/run/"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    if browsers.find() is None and os.environ.get("REQUIRE_BROWSER") != "1":
        pytest.skip(browsers.HOW_TO_GET_ONE)
    with browsers.start() as browser:
        yield browser.new_page()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder as JupyterLite makes it, with two files that Python starts from."""
    (tmp_path / "pyodide").mkdir()
    (tmp_path / "pyodide/the.whl").write_bytes(b"a wheel")
    (tmp_path / "pyodide/pyodide.asm.wasm").write_bytes(b"a kernel")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/index.html").write_text("<head></head><body></body>", encoding="utf8")
    app._watch(tmp_path)
    return tmp_path


def damage(folder: Path, what: str) -> None:
    path = folder / "pyodide" / what
    path.write_bytes(path.read_bytes()[:-3])


def told(page: Page, folder: Path) -> list[str]:
    def answer(route: Any) -> None:
        path = folder / route.request.url.removeprefix(SITE)
        kind = "text/javascript" if path.suffix == ".js" else "text/html"
        if path.is_file():
            route.fulfill(body=path.read_bytes(), content_type=kind)
        else:
            route.fulfill(status=404, body="not found")

    page.unroute_all()
    page.route("**/*", answer)
    page.goto(f"{SITE}notebooks/index.html")
    (script,) = page.locator("script").evaluate_all("(all) => all.map((one) => one.src)")
    page.evaluate("(script) => import(script).then((it) => it.check())", script)
    return page.locator("[role=alert]").all_inner_texts()


def test_sound_files_are_passed_over(page: Page, folder: Path) -> None:
    sums = json.loads((folder / "pyodide/files.json").read_text(encoding="utf8"))
    assert sums["the.whl"] == hashlib.sha256(b"a wheel").hexdigest()
    assert told(page, folder) == []


@pytest.mark.parametrize("what", ["the.whl", "pyodide.asm.wasm", "files.json"])
def test_a_damaged_file_is_named(page: Page, folder: Path, what: str) -> None:
    damage(folder, what)
    (said,) = told(page, folder)
    assert f"the file {what} is damaged or missing" in said


def test_a_missing_file_is_named(page: Page, folder: Path) -> None:
    (folder / "pyodide/the.whl").unlink()
    assert "the file the.whl is damaged or missing" in told(page, folder)[0]
