"""Every page in a real browser: wide and narrow, and with THOROUGH=1 also both light and dark."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from built_site import claim_pages, unlike_pages
from playwright.sync_api import expect
from thoroughly import THOROUGH, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

AXE_SOURCE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf8")
VIEWS = {"wide": {"width": 1400, "height": 900}, "narrow": {"width": 390, "height": 844}}

# The fonts are there.
SETTLED = "() => document.fonts.ready.then(() => true)"

FINDINGS = r"""async () => {
  const found = [];
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide > 0) found.push(`scrolls sideways by ${wide} px`);

  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const bare = /\\\(|\\\[|\\(frac|text|mathrm|times|begin|left|sum)\b|\$\$|\{\}\s*`/;
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest("pre, code, script, style")) continue;
    const text = walker.currentNode.textContent;
    if (bare.test(text)) found.push(`bare LaTeX or markup: ${text.trim().slice(0, 80)}`);
  }
  for (const error of document.querySelectorAll("merror"))
    found.push(`broken MathML: ${error.textContent}`);
  // Equations that are folded away may have their font or not.
  const equations = [...document.querySelectorAll("math")];
  const shown = equations.some((math) => math.checkVisibility());
  const loaded = [...document.fonts].some(
    ({ family, status }) => family.includes("STIX Two Math") && status === "loaded");
  if (loaded ? !equations.length : shown)
    found.push(`equations ${shown}, but their font ${loaded}`);

  for (const image of document.querySelectorAll("img")) {
    if (!image.hasAttribute("alt") || /\.(png|svg|jpe?g|gif|webp)$/i.test(image.alt))
      found.push(`image without a description: ${image.src}`);
    if (image.complete && !image.naturalWidth) found.push(`image does not load: ${image.src}`);
  }
  for (const figure of document.querySelectorAll("figure.plot > svg"))
    for (const tag of ["title", "desc"])
      if (!figure.querySelector(`:scope > ${tag}`)?.textContent.trim())
        found.push(`figure without a <${tag}>`);
  return found;
}"""

# Hidden details are not checked by axe: open them first.
AXE_FINDINGS = """async ([theme, part]) => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const root = document.documentElement;
  for (let k = 0; k < 50 && root.dataset.theme !== theme; k += 1) await frame();
  await frame();
  const shown = root.dataset.theme;
  const where = document.querySelector(part);
  const { violations } = await axe.run(where, { resultTypes: ["violations"] });
  const found = violations.map(({ id, nodes }) => `axe ${id}: ${nodes[0].html.slice(0, 120)}`);
  return shown === theme ? found : [...found, `shows the theme ${shown}, not ${theme}`];
}"""

# axe looks at every fourth page in one of these ways, at the next of these in the next way: what
# frames the pages and what they are made of is the same. With THOROUGH=1 it looks at each page in
# all of them.
WAYS = [("wide", "light"), ("narrow", "dark"), ("wide", "dark"), ("narrow", "light")]
SOME_WAYS = [found for way in WAYS for found in ([way], [], [], [])]


# Another page's article, without its scripts, behind this one's.
PUT_TOGETHER = """async (addresses) => {
  const article = document.querySelector("article.bd-article");
  for (const address of addresses.slice(1)) {
    const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
    article.append(...page.querySelector("article.bd-article").childNodes);
  }
  for (const button of article.querySelectorAll("button.copy")) button.hidden = false;
  document.dispatchEvent(new Event("DOMContentLoaded"));
}"""


class Watched:
    """A browser page that may ask only the site, and notes what goes wrong while it loads."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.notes: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.notes.append(f"script error: {error}"))
        page.on("response", self._response)
        page.route("**/*", self._request)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.notes.append(f"console: {message.text}")

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.notes.append(f"{response.status}: {response.url}")

    def _request(self, route: Any) -> None:
        if route.request.url.startswith((self.address, "data:", "blob:")):
            route.continue_()
        else:
            self.notes.append(f"asks another host: {route.request.url}")
            route.abort()

    def visit(self, name: str, turn: int) -> list[str]:
        """Open a page and give all that is wrong with it."""
        self.notes = []
        self._show("wide", "light")
        self.page.goto(self.address + name, wait_until="load")
        return self._seen("html", turn)

    def visit_claims(self, names: list[str], turn: int) -> list[str]:
        """Give all that is wrong with the articles of claims, put together into one's page."""
        self.notes = []
        self._show("wide", "light")
        self.page.goto(self.address + names[0], wait_until="load")
        self.page.evaluate(PUT_TOGETHER, [self.address + name for name in names])
        return self._seen("article.bd-article", turn)

    def _seen(self, part: str, turn: int) -> list[str]:
        found = []
        self.page.evaluate(AXE_SOURCE)
        for size in VIEWS:
            self._show(size, "light")
            self.page.evaluate(SETTLED)
            found += [f"{size}: {note}" for note in self.page.evaluate(FINDINGS)]
        for size, theme in WAYS if THOROUGH else SOME_WAYS[turn // len(PARTS) % len(SOME_WAYS)]:
            self._show(size, theme)
            notes = self.page.evaluate(AXE_FINDINGS, [theme, part])
            found += [f"{size}, {theme}: {note}" for note in notes]
        return list(dict.fromkeys([*found, *self.notes]))

    def _show(self, size: str, theme: Any) -> None:
        self.page.set_viewport_size(VIEWS[size])  # type: ignore[arg-type]
        self.page.emulate_media(color_scheme=theme)


# Each part of the pages is a group of its own, so that workers share them.
PARTS = [pytest.param(part, marks=pytest.mark.xdist_group(f"part {part}")) for part in range(4)]


@pytest.fixture(scope="module", params=PARTS)
def visited(
    request: pytest.FixtureRequest, browser: Browser, address: str
) -> Iterator[dict[str, list[str]]]:
    """Visit a part of the pages; those of claims differ in their articles alone."""
    context = browser.new_context(viewport=VIEWS["wide"], reduced_motion="reduce")
    watched = Watched(context.new_page(), address)
    found = {
        name: watched.visit(name, turn)
        for turn, name in list(enumerate(unlike_pages()))[request.param :: len(PARTS)]
    }
    names = claim_pages()
    groups = [names[at : at + 13] for at in range(0, len(names), 13)]
    for turn, group in some(enumerate(groups), 4)[request.param :: len(PARTS)]:
        found[f"{group[0]} to {group[-1]}"] = watched.visit_claims(group, turn)
    yield found
    context.close()


def test_pages_are_sound(visited: dict[str, list[str]]) -> None:
    """No error, no failed or foreign request, no sideways scroll, no bare LaTeX."""
    faults = [f"{page}: {note}" for page, notes in visited.items() for note in notes]
    assert not faults, "\n" + "\n".join(faults)


def test_search_finds_a_page(browser: Browser, address: str) -> None:
    """The site's own search works without a server."""
    page = browser.new_page()
    page.goto(f"{address}search.html?q=memory")
    page.wait_for_selector("#search-results li a", timeout=10_000)
    page.wait_for_selector("#search-results li p.context", timeout=10_000)
    assert "\\frac" not in page.inner_text("#search-results")
    # What is shown are the page's own words, not its list of sections.
    assert "On this page" not in page.inner_text("#search-results")
    page.close()


def test_theme_switch(browser: Browser, address: str) -> None:
    """The switch goes through the three modes and the choice is kept on the next page."""
    page = browser.new_page(color_scheme="light")
    page.goto(address)
    for _ in range(3):
        page.click(".theme-switch-button")
        if page.evaluate("document.documentElement.dataset.theme") == "dark":
            break
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.close()


def test_the_ledger_is_filtered_and_sorted(browser: Browser, address: str) -> None:
    """By words, by verdict, by the address and by a column, with no kernel behind it."""
    page = browser.new_page()
    page.goto(f"{address}ledger.html?verdict=inconsistent")
    rows = page.locator("table.ledger tbody tr")
    shown = page.locator("table.ledger tbody tr:visible")
    total, off = rows.count(), shown.count()
    assert 0 < off < total
    expect(page.locator(".ledger-filter")).to_be_in_viewport()
    assert page.locator(".ledger-filter output").inner_text() == f"{off} of {total} claims"
    page.locator(".ledger-filter select").select_option("")
    assert shown.count() == total
    page.locator(".ledger-filter input").fill("144K")
    expect(shown).to_have_count(1)
    assert shown.get_attribute("id") == "row-user-base"
    assert page.url.endswith("?q=144K")
    page.locator(".ledger-filter input").fill("")
    in_text_order = rows.evaluate_all("rows => rows.map((row) => row.id)")
    page.get_by_role("button", name="Verdict", exact=True).click()
    verdicts = rows.evaluate_all("rows => rows.map((row) => row.dataset.verdict)")
    assert len(set(verdicts)) == 1 + sum(a != b for a, b in pairwise(verdicts)), "in one run each"
    page.get_by_role("button", name="Claim", exact=True).click()
    assert rows.evaluate_all("rows => rows.map((row) => row.id)") == in_text_order
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_was_searched_for_is_marked_until_it_is_hidden(
    browser: Browser, address: str, theme: Any
) -> None:
    """Sphinx marks words in figures, too, and would leave those marked."""
    page = browser.new_page(color_scheme=theme)
    page.goto(f"{address}one-user.html?highlight=arithmetic")
    hide = page.locator("#searchbox .highlight-link a")
    expect(hide).to_be_visible()
    left = "(element) => element.getBoundingClientRect().left"
    assert hide.evaluate(left) == page.locator(".bd-article h1").evaluate(left)
    word, drawn = (
        page.locator(f".bd-article {tag}.highlighted").first for tag in ("p > span", "rect")
    )
    ground = "(element) => getComputedStyle(element).backgroundColor"
    assert word.evaluate(ground) == drawn.evaluate("(box) => getComputedStyle(box).fill")
    hide.click()
    for gone in (hide, drawn, page.locator("span.highlighted")):
        expect(gone).to_be_hidden()
    page.close()


def test_on_a_phone_an_opening_has_its_picture_soon(browser: Browser, address: str) -> None:
    """Of what stands before it, the question and the answer are all."""
    page = browser.new_page(viewport=VIEWS["narrow"])
    tops = {}
    for name in unlike_pages():
        page.goto(f"{address}{name}", wait_until="domcontentloaded")
        picture = page.locator(".bd-article > section > .cell figure.plot").first
        if picture.count():
            tops[name] = picture.evaluate("(figure) => figure.getBoundingClientRect().top")
    assert len(tops) > 8
    assert max(tops.values()) < 1.2 * VIEWS["narrow"]["height"], tops
    page.close()


def test_on_the_narrowest_phone_no_page_scrolls_sideways(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 640})
    wide = {}
    for name in unlike_pages():
        page.goto(f"{address}{name}", wait_until="domcontentloaded")
        if (over := page.evaluate("document.documentElement.scrollWidth") - 320) > 0:
            wide[name] = over
    assert wide == {}
    page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["requests-under-load", "does-inference-centralize", "sources"])
def test_on_a_phone_a_box_that_scrolls_says_so(
    browser: Browser, address: str, name: str, theme: Any
) -> None:
    """At its edge stands a shadow, where columns are hidden that one would not look for."""
    page = browser.new_page(viewport=VIEWS["narrow"], color_scheme=theme)
    page.goto(f"{address}{name}.html", wait_until="domcontentloaded")
    boxes = page.locator(".bd-article :has(> table)")
    plain = """(boxes) => boxes.filter((box) => box.scrollWidth > box.clientWidth
      && !getComputedStyle(box).backgroundImage.includes("gradient")).map((box) => box.className)"""
    assert boxes.evaluate_all(plain) == []
    page.close()
