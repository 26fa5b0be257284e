"""The site where a browser keeps nothing, and an explorer in a frame on another page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from explorer_pages import PAGES, numbers, opened
from frames import framed, locked
from playwright.sync_api import expect
from thoroughly import some

from inference_economics import __version__
from inference_economics_notebook.explorers import SPECS
from inference_economics_site import explorer_links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1400, "height": 1000}, color_scheme="light")
    yield page
    page.close()


def errors(page: Page) -> list[str]:
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def test_with_storage_blocked_the_ledger_is_filtered(
    page: Page, address: str, elsewhere: str
) -> None:
    said = errors(page)
    inside = framed(page, elsewhere, locked(f"{address}ledger.html?q=144K"))
    expect(inside.locator(".ledger-filter output")).to_contain_text("1 of ")
    inside.locator(".ledger-filter input").fill("")
    inside.locator(".ledger-filter select").select_option("inconsistent")
    expect(inside.locator("table.ledger tbody tr:visible").first).to_have_attribute(
        "data-verdict", "inconsistent"
    )
    assert said == []


def test_with_storage_blocked_the_search_finds_pages_and_claims(
    page: Page, address: str, elsewhere: str
) -> None:
    said = errors(page)
    inside = framed(page, elsewhere, locked(f"{address}index.html"))
    inside.locator(".search-button-field:visible").first.click()
    inside.locator("#pst-search-dialog input").fill("bandwidth")
    inside.locator("#pst-search-dialog input").press("Enter")
    expect(inside.locator("#search-results li a").first).to_be_visible(timeout=10_000)
    expect(inside.locator(".claims-found a").first).to_be_visible()
    # A page without an origin of its own may not read the found pages' text: no excerpts.
    assert set(said) <= {"Failed to fetch"}


def test_with_storage_blocked_cards_theme_and_menu_work(
    page: Page, address: str, elsewhere: str
) -> None:
    said = errors(page)
    inside = framed(page, elsewhere, locked(f"{address}one-user.html"))
    inside.locator('.bd-article p a[href*="claims/"]').first.hover()
    expect(inside.locator("#claim-card")).to_be_visible()
    root = inside.locator("html")
    for theme in ("light", "dark"):
        button = inside.locator(".theme-switch-button:visible")
        for _ in range(3):
            if root.get_attribute("data-theme") != theme:
                button.click()
        assert root.get_attribute("data-theme") == theme
    inside = framed(page, elsewhere, locked(f"{address}one-user.html", width=390))
    assert root.get_attribute("data-theme") == "light"  # nothing is remembered
    inside.locator(".primary-toggle:visible").click()
    expect(inside.locator(".bd-sidebar-primary a:visible").first).to_be_visible()
    assert said == []


def moved(root: Any) -> dict[str, str]:
    """Move an explorer's first slider, and give what comes out."""
    before = numbers(root)
    root.locator(".ex-slider:visible").first.press("ArrowRight")
    after = numbers(root)
    assert after != before
    return after


@pytest.mark.parametrize("id", some(PAGES, 3))
def test_with_storage_blocked_an_explorer_works(
    id: str, page: Page, address: str, elsewhere: str
) -> None:
    said = errors(page)
    inside = framed(page, elsewhere, locked(f"{address}{PAGES[id]}#explorer-{id}"))
    root = inside.locator(f"#explorer-{id}[data-live]")
    root.scroll_into_view_if_needed()
    moved(root)
    assert said == []


@pytest.mark.parametrize("id", some(PAGES, 3))
def test_a_state_is_embedded_in_another_page(
    id: str, browser: Browser, address: str, elsewhere: str
) -> None:
    """What the button copies shows the same in a frame, alone, and leads back to the page."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    root = opened(page, address, id)
    shown = moved(root)
    root.locator('[data-action="embed"]').click()
    expect(root.locator('[data-action="embed"]')).to_have_text("Copied")
    code = page.evaluate("navigator.clipboard.readText()")
    assert f'title="{SPECS[id]().title}"' in code

    said = errors(page)
    inside = framed(page, elsewhere, code)
    root = inside.locator(f"#explorer-{id}[data-live]")
    expect(root).to_be_visible()
    assert numbers(root) == shown
    for absent in ("header", ".bd-sidebar-primary", "nav"):
        expect(inside.locator(absent)).to_have_count(0)
    source = inside.locator(".ex-source")
    expect(source).to_contain_text(f"Inference Economics, Recomputed, version {__version__}")
    history = page.evaluate("history.length")
    again = moved(root)
    assert page.evaluate("history.length") == history
    whole = source.locator("a").get_attribute("href")
    assert whole is not None
    assert re.fullmatch(rf"{address}{explorer_links.PAGES[id]}\.html\?{id}=.+#explorer-{id}", whole)
    assert numbers(opened(page, address, id, whole)) == again
    assert said == []
    context.close()


@pytest.mark.parametrize("id", some(PAGES, 3))
@pytest.mark.parametrize("width", [1400, 390])
def test_the_copied_height_is_enough_and_not_much_more(
    id: str, width: int, browser: Browser, address: str, elsewhere: str
) -> None:
    """Wherever it was copied, and with what unfolded, it fits where it is shown."""
    context = browser.new_context(viewport={"width": width, "height": 1000})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    root = opened(page, address, id)
    for folded in root.locator("summary").all()[:1]:
        folded.click()
    root.locator('[data-action="embed"]').click()
    expect(root.locator('[data-action="embed"]')).to_have_text("Copied")
    code = page.evaluate("navigator.clipboard.readText()")

    frame = f'<meta charset="utf-8"><div style="max-width: 680px">{code}</div>'
    for shown in (1000, 360):
        page.set_viewport_size({"width": shown, "height": 1000})
        inside = framed(page, elsewhere, frame)
        expect(inside.locator(f"#explorer-{id}[data-live]")).to_be_visible()
        spare = "(page) => page.clientHeight - page.querySelector('body').offsetHeight"
        assert 0 <= inside.locator("html").evaluate(spare) < 160, shown
    context.close()


def test_what_is_answered_in_place_of_the_cards_leaves_the_ledger_its_words(
    page: Page, address: str
) -> None:
    """A host may answer with its page for what is not found, and call it a success."""
    page.route(
        "**/claims/cards.js",
        lambda route: route.fulfill(body="<!doctype html><p>Not here", content_type="text/html"),
    )
    page.goto(f"{address}ledger.html?q=brain")
    expect(page.locator(".ledger-filter output")).to_contain_text(" of ", timeout=5000)
    shown = page.locator("table.ledger tbody tr:visible")
    assert 0 < shown.count() < page.locator("table.ledger tbody tr").count()
