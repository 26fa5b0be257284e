"""The pictures that a pasted link shows: the words of their page, whole and within the margins."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
from thoroughly import some

from inference_economics.ledger import claims, telling
from inference_economics_notebook import claim_markup
from inference_economics_site import browser, citation, settings, social
from inference_economics_site.metadata import About, card_path
from inference_economics_site.social import Card, claim_card
from inference_economics_site.stylesheets import waiting_fonts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    Studio = tuple[Page, Callable[[Card], bytes]]

BOOK = Path(__file__).parents[2] / "book"
ADDRESS = "https://example.org/book/"
LONG = "a rather long statement of 1,000,000 users/second/chip and many other things, " * 6
PAGE = social.page_card(About("How many users?", "So many."), "Chapter 6")
CLAIM = claim_card(claims.load()["users-needed"])

# What sticks out of the card or covers another part, and what was left out.
FAULTS = """() => {
  const box = (part) => part.getBoundingClientRect();
  const parts = [...document.querySelectorAll(".origin, h1, .answer, dl, footer")];
  const faults = [...document.querySelectorAll("main *")].filter((part) => {
    const { left, right, top, bottom } = box(part);
    const limit = part.closest("aside") ? 300 : 1144;
    const hidden = part.closest("svg, .cut")
      || getComputedStyle(part.parentElement).overflow === "hidden";
    return !hidden && part.tagName !== "ASIDE" && part.tagName !== "ARTICLE"
      && (left < 0 || right > limit + 1 || top < 0 || bottom > 631);
  });
  for (const [above, below] of parts.slice(1).map((part, n) => [parts[n], part]))
    if (box(above).bottom > box(below).top) faults.push(above);
  return faults.map((part) => `${part.tagName} ${part.textContent}`);
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    (folder / "_static").symlink_to(BOOK / "_static")
    (folder / "fonts").symlink_to(BOOK / "vendor/fonts")
    return folder


@pytest.fixture(scope="module")
def studio(site: Path) -> Iterator[Studio]:
    if browser.find() is None:
        pytest.skip(browser.HOW_TO_GET_ONE)
    with social.studio(site, ADDRESS) as made:
        yield made


def words(text: str) -> str:
    return " ".join(text.replace("\N{WORD JOINER}", "").split())


def test_every_claim_has_its_words_whole(studio: Studio) -> None:
    window, draw = studio
    for result in some(claims.load(), 5):
        made = draw(claim_card(result))
        assert made.startswith(b"\x89PNG")
        assert struct.unpack(">2I", made[16:24]) == settings.PICTURE
        shown = words(window.inner_text("main"))
        figures = [part for figure in telling.labeled_values(result) for part in figure]
        for part in (result.claim.id, result.claim.says, result.verdict, citation.TITLE,
                     telling.origin(result.claim), "example.org/book", *figures):  # fmt: skip
            plain = part.translate(social._LOWERED).replace("'", "’")
            assert plain in shown, f"{result.claim.id}: {plain}"
        assert window.evaluate(FAULTS) == [], result.claim.id
        assert window.locator(".cut").count() == 0, result.claim.id


def test_a_page_has_its_title_and_what_it_finds(studio: Studio) -> None:
    window, draw = studio
    draw(PAGE)
    shown = words(window.inner_text("main"))
    assert shown == f"Chapter 6 How many users? So many. {citation.TITLE} example.org/book"
    assert window.evaluate(FAULTS) == []


def test_the_book_s_own_fonts_and_colors_are_used(studio: Studio) -> None:
    window, draw = studio
    draw(CLAIM)
    assert window.evaluate("""[...document.fonts].filter((font) => font.status === "loaded")
        .some((font) => font.family.includes("Source Serif 4"))""")
    color = "getComputedStyle(document.querySelector('aside')).backgroundColor"
    colors = set()
    for word in claims.VERDICTS:
        draw(replace(CLAIM, verdict=claim_markup.css(word)))
        assert window.locator(f"symbol#{claim_markup.css(word)}").count() == 1
        colors.add(window.evaluate(color))
    assert len(colors) == len(claims.VERDICTS)


def test_another_process_draws_the_same_bytes(site: Path, studio: Studio) -> None:
    _, draw = studio
    code = (
        "import sys, pathlib\n"
        "from inference_economics_site import social\n"
        "from inference_economics_site.social import Card\n"
        f"with social.studio(pathlib.Path({str(site)!r}), {ADDRESS!r}) as (_, draw):\n"
        f"    for card in {(CLAIM, PAGE)!r}: sys.stdout.buffer.write(draw(card))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    # In another order, so that nothing is left of the card before.
    page, claim = draw(PAGE), draw(CLAIM)
    assert found.stdout == claim + page


@pytest.mark.parametrize(
    "card",
    [
        replace(CLAIM, title=LONG),
        replace(CLAIM, who=LONG),
        replace(CLAIM, id=LONG),
        replace(CLAIM, title=LONG.replace(" ", "")),
        replace(CLAIM, title=LONG, figures=(("stated", LONG), ("recomputed", LONG))),
        replace(CLAIM, figures=(("stated", LONG.replace(" ", "")),) * 3),
        replace(PAGE, title=LONG),
        replace(PAGE, answer=LONG),
        replace(PAGE, word=LONG),
    ],
)
def test_too_long_a_text_stays_within_the_margins(card: Card, studio: Studio) -> None:
    window, draw = studio
    draw(card)
    assert window.evaluate(FAULTS) == []


def test_what_is_not_named_is_not_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "find", lambda: None)
    for address in ("", ADDRESS):
        app: Any = SimpleNamespace(
            config=SimpleNamespace(html_baseurl=address),
        )
        social.write(app, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_every_page_that_names_a_picture_has_one(
    tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, draw = studio
    monkeypatch.setattr(social, "studio", lambda *_: nullcontext((None, draw)))
    monkeypatch.setattr(claims, "load", list)
    app: Any = SimpleNamespace(
        config=SimpleNamespace(html_baseurl=ADDRESS),
        env=SimpleNamespace(toc_secnumbers={"one": {"": (3,)}}),
    )
    for page in ("one", "claims/given-up"):
        social.remember(app, page, "page.html", {"about": About(page, "So many.")}, None)
    social.remember(app, "search", "search.html", {}, None)
    social.write(app, tmp_path)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png")}
    assert found == {card_path("one"), card_path("claims/given-up")}


def test_what_is_drawn_once_waits_for_the_fonts(site: Path) -> None:
    """A page does without a font that comes late; a picture has no next page."""
    style = waiting_fonts(site)
    assert style.count("@font-face") == style.count("block") == 2
    assert "optional" not in style
    for address in re.findall(r'url\("?([^")]+)', style):
        assert Path(unquote(urlsplit(address).path)).is_file()
