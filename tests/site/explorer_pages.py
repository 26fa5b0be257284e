"""Where the explorers stand on the built site, and how to wait for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from built_site import SITE, pages

from inference_economics_site import explorer_links

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PAGES = {id: f"{page}.html" for id, page in explorer_links.PAGES.items()}
"""The chapter of each explorer."""


def opened(page: Page, address: str, id: str, name: str = "") -> Locator:
    """Open an explorer's chapter, or another page that has it, and wait until it works."""
    page.goto(name or address + PAGES[id], wait_until="domcontentloaded")
    root = page.locator(f"#explorer-{id}")
    root.scroll_into_view_if_needed()
    page.wait_for_selector(f"#explorer-{id}[data-live]")
    return root


def standing() -> list[tuple[str, str]]:
    """Give every page that has an explorer, with the explorer's id."""
    return [
        (name, id)
        for name in pages()
        for id in PAGES
        if f'id="explorer-{id}"' in (SITE / name).read_text(encoding="utf8")
    ]


def numbers(root: Locator) -> dict[str, str]:
    """Give what comes out, in full."""
    found: dict[str, str] = root.evaluate(
        "(root) => Object.fromEntries([...root.querySelectorAll('[data-output]')]"
        ".map((place) => [place.dataset.output, place.value]))"
    )
    return found
