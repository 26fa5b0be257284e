"""The functions of the pages' scripts, by value: what each gives is worked out by hand.

The scripts are loaded into pages of their own, with symbols, presets and equations that are
short enough to do in the head. Whether they agree with Python is tested elsewhere; here they
are held to numbers that neither has made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from inference_economics_notebook.explorers.bundle import source, unit_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

BOOK = Path(__file__).parents[2] / "book"
SITE = "http://book.test/"

RANGES = {
    "rest": [0, None, True, "zero or more", "byte"],
    "users": [0, None, False, "above zero", "user"],
    "copies": [1, None, True, "one or more", "dimensionless"],
    "share": [0, 1, True, "from 0 to 1", "fraction"],
    "bits": [2, 10, True, "from 2 to 10", ""],
    "half": [0, 1, False, "above 0 and at most 1", "dimensionless"],
}
FILES = ("ranges", "quantity", "chart", "shell", "brain", "chips", "flip", "sharing", "users")
EXAMPLES = Path(__file__).with_name("script_values.js")
GROUPS = ("within", "shown", "read", "charts", "fields", "addresses", "views")
VALUES = """(name) => window.VALUES[name].map(([act, expected]) => {
  let found;
  try { found = act(); } catch (error) { found = String(error); }
  return [String(act), found, expected];
})"""


@pytest.fixture(scope="module")
def explorers(browser: Browser) -> Iterator[Page]:
    """Load the explorers' scripts into an empty page, in one scope as in a bundle."""
    page = browser.new_page()
    tables = [f"const RANGES = {json.dumps(RANGES)};", unit_tables()]
    scripts = [*tables, *(source(f"{name}.js") for name in FILES)]
    # The examples see what the scripts define, and hide none of it from the scripts.
    examples = ["{", EXAMPLES.read_text(encoding="utf-8"), "window.VALUES = VALUES;", "}"]
    page.add_script_tag(content="\n".join(["(() => {", *scripts, *examples, "})();"]))
    yield page
    page.close()


def same(found: Any, expected: Any) -> bool:
    """Say whether two values are the same, numbers to twelve digits."""
    if isinstance(expected, dict):
        alike = isinstance(found, dict) and found.keys() == expected.keys()
        return alike and all(same(found[key], expected[key]) for key in expected)
    if isinstance(expected, list):
        alike = isinstance(found, list) and len(found) == len(expected)
        return alike and all(map(same, found, expected))
    if isinstance(expected, float | int):
        return isinstance(found, float | int) and found == pytest.approx(expected, rel=1e-12)
    return bool(found == expected)


@pytest.mark.parametrize("group", GROUPS)
def test_what_functions_give(explorers: Page, group: str) -> None:
    lines = explorers.evaluate(VALUES, group)
    assert len(lines) > 10
    wrong = [(act, found, expected) for act, found, expected in lines if not same(found, expected)]
    assert wrong == []


def test_every_group_is_compared(explorers: Page) -> None:
    assert explorers.evaluate("Object.keys(window.VALUES)") == list(GROUPS)


# The site's own scripts


def opened(browser: Browser, markup: str, search: str = "") -> Page:
    """Open a page of that markup at an address of its own; nothing is fetched."""
    page = browser.new_page(viewport={"width": 1000, "height": 600})
    html = f"<!doctype html><meta charset=utf8><body style='margin: 0'>{markup}"
    page.route("**/*", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto(f"{SITE}page.html{search}")
    return page


def script(name: str) -> str:
    """Return a script of the book as an element."""
    return f"<script>{(BOOK / name).read_text(encoding='utf-8')}</script>"


def claim(says: str, numbers: list[float], **more: Any) -> dict[str, Any]:
    figures = more.pop("figures", [])
    plain = {"who": "post", "note": "", "verdict": "holds", "css": "holds"}
    return {"says": says, "numbers": numbers, "figures": figures, **plain, **more}


CLAIMS = {
    "user-base": claim("So many people are needed.", [144_000], figures=[["stated", "144K users"]]),
    "memory-time": claim("Reading takes 27 ms.", [0.027], note="The brain waits, too."),
    "a-share": claim("A fifth is used.", [0.2], verdict="off", css="off"),
    "a-brain": claim("A brain holds 2.5 PB.", [2.5e15], who="comment"),
    "a-day": claim("Ten minutes a day.", [600, 1440]),
    "long-ago": claim("Two years ago; 144,000 times.", [63_390_000]),
    "bandwidth": claim("It reads 3 TB/s.", [3e12], figures=[["on facts", "3.35 TB/s"]]),
}
CARDS = f"<script>window.loadClaims = async () => ({json.dumps(CLAIMS)});</script>"

SOUGHT = [
    ("144K", ["user-base"]),
    ("144,000", ["user-base", "long-ago"]),  # the number first, then the words
    ("0.144 million", ["user-base"]),
    ("144k users", ["user-base"]),
    ("0.144M", ["user-base"]),
    ("144.7k", ["user-base"]),  # within half a percent
    ("145k", []),
    ("143.2K", []),
    ("27 ms", ["memory-time"]),
    ("0.027", ["memory-time"]),
    ("20%", ["a-share"]),
    ("10 minutes", ["a-day"]),
    ("10 min", ["a-day"]),
    ("2 years", ["long-ago"]),  # of 365.25 days: 63.1152 million seconds
    ("2.5 PB", ["a-brain"]),
    ("2.5 petabytes", ["a-brain"]),
    ("2500 terabytes", ["a-brain"]),
    ("2.5e15 bytes", ["a-brain"]),
    ("3 TB/s", ["bandwidth"]),
    ("3.35 TB/s", ["bandwidth"]),
    ("3e12", ["bandwidth"]),
    ("brain", ["memory-time", "a-brain"]),  # a note counts for words
    ("Brain HOLDS", ["memory-time", "a-brain"]),
    ("brain 2.5", ["a-brain"]),
    ("comment", ["a-brain"]),
    ("off", ["a-share"]),
    ("reading takes 27 ms", ["memory-time"]),
    ("no such words", []),
    ("  ", []),
]


@pytest.fixture(scope="module")
def search(browser: Browser) -> Iterator[Page]:
    """Load the script of the claims' cards."""
    page = opened(browser, script("_static/claims.js"))
    yield page
    page.close()


@pytest.mark.parametrize(("query", "expected"), SOUGHT)
def test_claims_are_found_by_number_and_words(
    search: Page, query: str, expected: list[str]
) -> None:
    assert search.evaluate("([q, c]) => window.findClaims(q, c)", [query, CLAIMS]) == expected


ROWS = [
    ("user-base", "holds", "2", "People", "144K"),
    ("a-share", "off", "10", "Fifth", "20%"),
    ("a-brain", "holds", "1", "brain", "2.5 PB"),
]
LEDGER = (
    "<ul class=score-legend><li data-verdict=holds>2 holds<li data-verdict=off>1,000 off</ul>"
    "<table class=ledger><thead><tr><th>No<th>Says<th class=number>Figure</thead><tbody>"
    + "".join(
        f"<tr id=row-{id} data-verdict={verdict}>"
        f"<td data-sort={place}>#{place}<td>{says}<td>{figure}"
        for id, verdict, place, says, figure in ROWS
    )
    + "</table>"
)


def ledger(browser: Browser, search: str = "", cards: str = CARDS) -> Page:
    """Open a ledger of three claims."""
    parts = [LEDGER, script("_static/claims.js"), cards, script("scripts/ledger.js")]
    page = opened(browser, "".join(parts), search)
    page.wait_for_function("document.querySelector('output').textContent !== ''")
    return page


def listed(page: Page) -> list[str]:
    """Give the claims that are to be seen, in their order."""
    return page.evaluate(
        "[...document.querySelectorAll('tbody tr:not([hidden])')].map((row) => row.id.slice(4))"
    )


NO_CARDS = "<script>window.loadClaims = async () => { throw new Error('none'); };</script>"


@pytest.mark.parametrize(
    ("asked", "cards", "expected", "told"),
    [
        ("", CARDS, ["user-base", "a-share", "a-brain"], "3 of 3 claims"),
        ("?verdict=holds", CARDS, ["user-base", "a-brain"], "2 of 3 claims"),
        ("?verdict=nonsense", CARDS, ["user-base", "a-share", "a-brain"], "3 of 3 claims"),
        ("?q=144000", CARDS, ["user-base"], "1 of 3 claims"),
        ("?q=20%25", CARDS, ["a-share"], "1 of 3 claims"),
        ("?q=20%25&verdict=holds", CARDS, [], "0 of 3 claims"),
        ("?q=%20PEOPLE%20", NO_CARDS, ["user-base"], "1 of 3 claims"),
        ("?q=144000", NO_CARDS, [], "0 of 3 claims"),
    ],
)
def test_the_ledger_is_filtered(
    browser: Browser, asked: str, cards: str, expected: list[str], told: str
) -> None:
    page = ledger(browser, asked, cards)
    assert (listed(page), page.inner_text("output")) == (expected, told)
    page.close()


def test_the_ledger_is_sorted_and_keeps_what_is_asked_in_the_address(browser: Browser) -> None:
    page = ledger(browser)
    assert page.locator("th button").all_inner_texts() == ["No", "Says"]
    page.click("th >> text=No")
    assert listed(page) == ["a-brain", "user-base", "a-share"]  # as numbers: 1, 2, 10
    assert page.locator("th").first.get_attribute("aria-sort") == "ascending"
    page.click("th >> text=No")
    assert listed(page) == ["a-share", "user-base", "a-brain"]
    page.click("th >> text=Says")
    assert listed(page) == ["a-brain", "a-share", "user-base"]  # as words: B, F, P
    assert page.locator("th[aria-sort]").all_inner_texts() == ["Says"]
    assert page.locator("option").all_inner_texts() == ["all", "holds", "off"]
    page.select_option("select", "off")
    assert page.evaluate("location.search") == "?verdict=off"
    page.fill("input", "20%")
    assert page.evaluate("location.search") == "?q=20%25&verdict=off"
    page.select_option("select", "")
    page.fill("input", "")
    assert page.evaluate("location.search") == ""
    page.close()


@pytest.mark.parametrize(
    ("asked", "heading", "found"),
    [
        ("?q=144,000", "2 claims", ["user-base", "long-ago"]),
        ("?q=144K", "One claim", ["user-base"]),
        ("?q=nothing+such", None, []),
        ("", None, []),
    ],
)
def test_the_search_shows_claims_first(
    browser: Browser, asked: str, heading: str | None, found: list[str]
) -> None:
    parts = [script("_static/claims.js"), CARDS, script("scripts/search-claims.js")]
    page = opened(browser, "".join([*parts, "<div id=search-results></div>"]), asked)
    page.evaluate("new Promise((done) => setTimeout(done))")
    assert page.locator("section h2").all_inner_texts() == ([heading] if heading else [])
    links = page.locator("section a").evaluate_all(
        "(all) => all.map((a) => a.getAttribute('href'))"
    )
    assert links == [f"claims/{id}.html" for id in found]
    if found:
        assert page.inner_text("section p >> nth=0") == "stated 144K users"
    page.close()


def test_an_explorers_state_stands_beside_others_in_the_address(browser: Browser) -> None:
    state = json.dumps({"preset": "a", "values": {"rest": 3}, "off": ["t"]})
    root = f"<div data-explorer=it data-state='{state}'><p data-link></p></div>"
    site = f"<script src=site.js></script>{root}"
    page = browser.new_page()
    bodies = {"site.js": source("site.js"), "it.js": ""}

    def answer(route: Any) -> None:
        name = route.request.url.rpartition("/")[2]
        kind = "text/javascript" if name in bodies else "text/html"
        route.fulfill(body=bodies.get(name, site), content_type=kind)

    page.route("**/*", answer)
    page.goto(f"{SITE}page?other=1~x&q=2#here")
    page.evaluate("""() => {
      window.seen = [];
      window.text = "3~a.s1~rest:4";
      window.explorers.add({
        spec: { id: "it" },
        presetState: (preset) => ({ preset, values: { rest: 1, users: 2 }, off: new Set() }),
        stateOf: (model) => model,
        encode: () => window.text,
        decode: (preset) =>
          ({ state: { preset, values: { rest: 9 }, off: new Set() }, notes: ["So", "so."] }),
        render: ({ model }) => {
          window.model = model;
          model.on("change", () => seen.push(model.get("rest")));
        },
      });
    }""")
    own = "['preset', 'rest', 'users', 'off'].map((name) => model.get(name))"
    assert page.evaluate(own) == ["a", 3, 2, ["t"]]
    commit = "document.querySelector('[data-explorer]').dispatchEvent(new Event('explorer:commit'))"
    page.evaluate(commit)
    assert page.evaluate("location.search") == "?other=1~x&q=2&it=3~a.s1~rest:4"
    before = page.evaluate("history.length")
    page.evaluate(commit)  # the same again is no step that one could go back
    assert page.evaluate("history.length") == before
    page.evaluate(f"text = '3~a.s1'; {commit}")
    assert page.evaluate("location.search + location.hash") == "?other=1~x&q=2&it=3~a.s1#here"
    page.go_back()
    page.wait_for_function("seen.length > 0")
    assert page.evaluate(own)[:2] == ["3~a.s1~rest:4", 9]
    assert page.inner_text("[data-link]") == "So so."
    assert page.evaluate("model.set('rest', 5); seen") == [9, 5]
    page.close()


def test_a_hint_stands_below_its_button_and_within_the_window(browser: Browser) -> None:
    style = "position: fixed; width: 40px; height: 30px;"
    markup = "".join(
        f"<button style='{style} {where}' data-bs-toggle=tooltip title={name}></button>"
        for name, where in (("Middle", "left: 480px; top: 100px"), ("Right", "right: 0; top: 0"))
    )
    wide = "<style>.tooltip { width: 100px }</style>"
    page = opened(browser, wide + markup + script("_static/in-place-of-bootstrap.js"))
    for name, place in (
        ("Middle", [450, 136, "Middle", 50]),  # its middle, at 500, is the button's
        ("Right", [900, 36, "Right", 80]),
    ):
        page.hover(f"button[aria-label={name}]")
        page.wait_for_selector(f".tooltip.show >> text={name}")
        found = page.evaluate("""() => {
          const hint = document.querySelector(".tooltip");
          const arrow = hint.querySelector(".tooltip-arrow");
          return [parseFloat(hint.style.left), parseFloat(hint.style.top), hint.textContent,
            parseFloat(arrow.style.left) + arrow.offsetWidth / 2];
        }""")
        assert found == place
    page.close()
