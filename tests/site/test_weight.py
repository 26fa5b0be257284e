"""How much a page asks for before it is used, and what it does with little."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from built_site import SITE, parsed, some_pages, unlike_pages
from thoroughly import some

from inference_economics_site import browser as browsers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

MOST_REQUESTS = 14
MOST_BYTES = 350_000

# Kept from the first paint on: what moved without the reader's doing.
SHIFTS = """new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) window.shifted = (window.shifted ?? 0) + shift.value;
}).observe({ type: "layout-shift", buffered: true })"""


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    """Give a page of a phone's size."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def transferred(path: str) -> int:
    """Count the bytes of a file as a host sends it: fonts and pictures are compressed already."""
    data = (SITE / path).read_bytes()
    return (
        len(gzip.compress(data)) if path.endswith((".html", ".css", ".js", ".svg")) else len(data)
    )


def test_pages_ask_for_little(phone: Page, address: str) -> None:
    """Few requests and few bytes, on a page that is opened and left alone."""
    heavy = []
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    for name in unlike_pages():
        asked.clear()
        phone.goto(address + name, wait_until="load")
        phone.evaluate("document.fonts.ready.then(() => true)")
        files = [urlsplit(url).path.lstrip("/") for url in asked if url.startswith(address)]
        size = sum(map(transferred, files))
        if len(files) > MOST_REQUESTS or size > MOST_BYTES:
            heavy.append(f"{name}: {len(files)} requests, {size} bytes")
    assert heavy == []


@pytest.mark.xdist_group("files")
@pytest.mark.parametrize("name", some_pages())
def test_files_are_linked_once_and_block_nothing(name: str) -> None:
    """Each style sheet and script is there, is linked once, and no script holds up the page."""
    page = parsed(name)
    scripts = page.find_all("script", src=True)
    sheets = page.find_all("link", rel="stylesheet")
    links = [urlsplit(tag.get("src") or tag["href"]).path for tag in [*sheets, *scripts]]
    assert len(links) == len(set(links))
    for link in links:
        assert ((SITE / name).parent / link).is_file(), link
    assert all(tag.has_attr("defer") or tag.get("type") == "module" for tag in scripts)
    # What a kernel's widgets were has random names, and nobody to read it.
    kinds = {tag.get("type") for tag in page.find_all("script", src=False)}
    assert kinds <= {None, "application/ld+json"}


@pytest.fixture(scope="module", params=[None, Path("/usr/share/fonts/truetype/dejavu")])
def fonts(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """Give a browser with this machine's fonts, and one that has those of a folder alone."""
    if request.param is None:
        yield browser
        return
    if not request.param.is_dir():
        pytest.skip(f"there is no {request.param}")
    folder = tmp_path_factory.mktemp("fonts")
    settings = f"<dir>{request.param}</dir><cachedir>{folder}</cachedir>"
    (folder / "fonts.conf").write_text(f"<fontconfig>{settings}</fontconfig>", encoding="utf8")
    environment = {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    started = browser.browser_type.launch(
        executable_path=browsers.find(),
        args=["--no-sandbox"],
        env=environment,  # type: ignore[arg-type]
    )
    yield started
    started.close()


@pytest.mark.parametrize("name", ["index.html", "one-user.html", "ledger.html"])
@pytest.mark.parametrize("width", some([390, 412], 2))
def test_nothing_moves_while_a_page_loads(
    fonts: Browser, address: str, name: str, width: int
) -> None:
    """Not even when the fonts come late: their place is held by one as wide."""
    page = fonts.new_page(viewport={"width": width, "height": 900})

    def late(route: Any) -> None:
        page.wait_for_timeout(400)
        route.continue_()

    page.route("**/*.woff2", late)
    page.add_init_script(SHIFTS)
    page.goto(address + name, wait_until="load")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifted ?? 0") < 0.1
    page.close()


# The part that is read, unless it is so short that it ends in the window's upper part.
MARKED = """(hash) => {
  const [marked, own] = ["#pst-page-toc-nav a.active", `#pst-page-toc-nav a[href="${hash}"]`].map(
    (links) => [...document.querySelectorAll(links)].at(-1));
  const { bottom } = document.querySelector(hash).getBoundingClientRect();
  return marked === own || (marked && bottom < 0.4 * innerHeight);
}"""


def test_what_stands_in_for_bootstrap(browser: Browser, address: str) -> None:
    """A button's hint, and the mark in the contents."""
    page = browser.new_page(viewport={"width": 1400, "height": 900}, reduced_motion="reduce")
    page.goto(f"{address}one-user.html")
    page.hover(".theme-switch-button:visible")
    page.wait_for_selector(".tooltip.show")
    assert page.inner_text(".tooltip") == "Color mode"
    page.keyboard.press("Escape")
    page.wait_for_selector(".tooltip", state="detached")
    contents = page.locator("#pst-page-toc-nav a")
    for index in range(contents.count()):
        link = contents.nth(index)
        assert link.is_visible()
        page.evaluate(
            "(hash) => document.querySelector(hash).scrollIntoView()", link.get_attribute("href")
        )
        page.wait_for_function(MARKED, arg=link.get_attribute("href"))
    page.close()
