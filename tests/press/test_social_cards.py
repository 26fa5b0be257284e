"""The pictures that a pasted link shows: of the right size, legible, and within their margins."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from inference_economics.ledger import claims
from inference_economics_site import citation, lettering, metadata, social, social_cards
from inference_economics_site.social_cards import ClaimCard, PageCard, draw, picture

BOOK = Path(social_cards.__file__).parents[1]
RESULTS = list(claims.load())
LONG = "a rather long statement of 1,000,000 users/second/chip and many other things, " * 6
CARD = ClaimCard(
    "user-base",
    "So the service needs a base of about 144K users.",
    "post, paragraph 10",
    (("stated", "144K"), ("recomputed", "72,000"), ("on sourced facts", "2.35 × 10¹⁵")),
    "inconsistent",
    "example.org/book",
)
PAGE = PageCard("How many users?", "So many.", "Chapter 6", "example.org/book")

Box = tuple[int, int, int, int]


def card_of(result: claims.Result) -> ClaimCard:
    return social.claim_card(result, "https://example.org/")


def changed(before: Image.Image, after: Image.Image) -> Box:
    box = ImageChops.difference(before, after).getbbox()
    assert box, "nothing was drawn"
    return box


def assert_margins_are_clear(image: Image.Image) -> None:
    """Look for ink to the right, above, below, in the gutter, and at the spine's edges."""
    spine, (across, down) = social_cards.SPINE, social_cards.SIZE
    paper, color = image.getpixel((across - 1, 0)), image.getpixel((0, 0))
    for box in (
        (social_cards.RIGHT + 2, 0, across, down),
        (spine, 0, across, 38),
        (spine, down - 24, across, down),
        (spine, 0, social_cards.LEFT - 3, down),
    ):
        assert image.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]), paper)], box
    for box in ((0, 0, 30, down), (spine - 12, 0, spine, down), (0, 470, spine, down)):
        assert image.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]), color)], box


@pytest.mark.parametrize("card", [CARD, PAGE, PageCard("Sources", "")])
def test_card_is_a_small_png_of_the_usual_size_and_says_nothing_else(
    card: ClaimCard | PageCard,
) -> None:
    made = draw(card)
    with Image.open(io.BytesIO(made)) as image:
        assert (image.format, image.size, image.mode) == ("PNG", (1200, 630), "P")
        assert image.info == {}
    assert len(made) < 32_000


def test_palette_keeps_the_colors_of_the_style_sheet() -> None:
    image = Image.open(io.BytesIO(draw(CARD))).convert("RGB")
    drawn = {f"#{bytes(color).hex()}" for _, color in image.getcolors(256)}
    names = ("paper", "ink", "ink-soft", "rule", "accent", "verdict-inconsistent")
    assert drawn >= {social_cards._colors()[name] for name in names}
    # What the palette lacks is nearer to one of its shades than an eye can tell.
    apart = ImageChops.difference(image, picture(CARD)).getextrema()
    assert max(most for _, most in apart) <= 20


def test_another_process_draws_the_same_bytes() -> None:
    code = "import sys, social_cards as s; sys.stdout.buffer.write(s.draw(s.{!r}))"
    for card in (CARD, PAGE):
        command = [sys.executable, "-c", code.format(card)]
        found = subprocess.run(command, capture_output=True, check=True, cwd=BOOK / "_ext")
        assert found.stdout == draw(card)


def test_every_verdict_has_a_card_of_its_own() -> None:
    assert tuple(social_cards.STYLE_NAMES) == claims.VERDICTS
    images = [picture(replace(CARD, verdict=verdict)) for verdict in claims.VERDICTS]
    assert len({image.getpixel((0, 0)) for image in images}) == len(images)
    signs = {social_cards._sign(verdict).tobytes() for verdict in claims.VERDICTS}
    assert len(signs) == len(images)
    for image in images:
        assert_margins_are_clear(image)


def test_unknown_verdict_is_refused() -> None:
    with pytest.raises(ValueError, match="user-base: 'true' is none of holds, roughly"):
        draw(replace(CARD, verdict="true"))


def test_no_part_of_any_claim_of_the_ledger_touches_another_or_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cut = []
    shorten = lettering.shorten

    def note(text: str, style: lettering.Style, limit: float) -> str:
        found = shorten(text, style, limit)
        if found != text:
            cut.append(text)
        return found

    monkeypatch.setattr(lettering, "shorten", note)
    monkeypatch.setattr(social_cards, "shorten", note)
    blank = {v: picture(ClaimCard("", "", "", (), v, "example.org")) for v in claims.VERDICTS}
    for card in map(card_of, RESULTS):
        full, silent = picture(card), picture(replace(card, says=""))
        assert_margins_are_clear(full)
        bare = picture(replace(card, says="", figures=()))
        origin = changed(blank[card.verdict], bare)
        says, figures = changed(silent, full), changed(bare, silent)
        assert origin[3] + 8 < says[1], card.id
        assert says[3] + 16 < figures[1], card.id
        assert figures[3] + 8 < social_cards.FOOT, card.id
    # Where a comment was made may be long, and is no part of what was said.
    assert set(cut) <= {card_of(result).who for result in RESULTS}


@pytest.mark.parametrize(
    "card",
    [
        replace(CARD, says=LONG),
        replace(CARD, who=LONG),
        replace(CARD, id=LONG.replace(" ", "-")),
        replace(CARD, address=LONG),
        replace(CARD, says=LONG.replace(" ", "")),
        replace(CARD, says=LONG, figures=(("stated", LONG), (LONG, "1"), (LONG, LONG))),
        replace(CARD, figures=tuple((f"label {n}", f"{n} million users") for n in range(9))),
        replace(CARD, figures=(("stated", LONG.replace(" ", "")),) * 3),
        replace(PAGE, title=LONG),
        replace(PAGE, answer=LONG),
        replace(PAGE, label=LONG),
    ],
)
def test_too_long_a_text_stays_within_the_margins(card: ClaimCard | PageCard) -> None:
    image = picture(card)
    assert_margins_are_clear(image)
    rule = image.crop((social_cards.LEFT, social_cards.FOOT - 4, social_cards.RIGHT, 508))
    assert len(rule.getcolors()) == 1


def test_text_that_is_cut_ends_in_an_ellipsis_and_fits() -> None:
    style = lettering.Style(30)
    short = lettering.shorten(LONG, style, 300)
    assert short.endswith("…")
    assert lettering.width(short, style) <= 300
    assert lettering.shorten("short", style, 300) == "short"
    lines = lettering.fit(LONG, (300, 100), [style]).lines
    assert (len(lines), lines[-1][-1]) == (2, "…")


def test_a_number_keeps_its_unit_on_its_line() -> None:
    style = lettering.Style(40)
    assert lettering.wrap("~= 27 ms", style, 1) == ("~= 27 ms",)
    assert lettering.wrap("2.35 × 10¹⁵ bits", style, 1) == ("2.35 × 10¹⁵", "bits")
    assert lettering.wrap("1.8 trillion parameters", style, 1) == ("1.8 trillion", "parameters")


def test_no_sign_is_shown_as_an_empty_box() -> None:
    kinds = {character: lettering._kind(character) for character in "5µ×–⁵⁻σ≈\ufffe"}
    assert [c for c, kind in kinds.items() if kind == "plain"] == ["5", "µ", "×", "–"]
    assert [c for c, kind in kinds.items() if kind == "raised"] == ["⁵", "⁻"]
    box = lettering._stand_in(40).getmask("\ufffe")
    assert all(bytes(lettering._stand_in(40).getmask(c)) != bytes(box) for c in "σ≈")


def test_card_shows_the_book_s_own_name_and_mark() -> None:
    config = (BOOK.parent / "_config.yml").read_text(encoding="utf-8")
    assert f"project: {citation.TITLE}\n" in config
    paths = re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)H", metadata.FAVICON)
    bars = [(int(x), int(y), int(x) + int(w), int(y) + int(h)) for x, y, w, h in paths]
    assert bars == list(social_cards._BARS)
