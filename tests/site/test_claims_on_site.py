"""Claims on the site: a page each, what its head says, its card, its copies, and the search."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from built_site import SITE, parsed, some_pages
from PIL import Image
from playwright.sync_api import expect
from thoroughly import some

from inference_economics import __version__
from inference_economics.ledger import claims
from inference_economics_site import citation, explorer_links, exports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bs4 import BeautifulSoup
    from playwright.sync_api import Browser, Page

    from inference_economics_site.editions.edition import Edition

pytestmark = pytest.mark.xdist_group("files")  # a page is parsed once in each worker
LEDGER = claims.load()
BOOK = SITE.parents[1] / "book"
TITLE = re.compile(r"<title>(.*?)</title>")
JUDGED = ("holds", "roughly", "off", "inconsistent")

# What schema.org or Google's guide to it asks of each kind.
REQUIRED = {
    "ScholarlyArticle": {"headline", "author", "datePublished", "url", "isPartOf", "license"},
    "Book": {"name", "author", "url", "license"},
    "Dataset": {"name", "description", "creator", "license", "distribution"},
    "ClaimReview": {"claimReviewed", "reviewRating", "itemReviewed", "author", "url"},
    "Claim": {"author", "appearance"},
    "Rating": {"ratingValue", "bestRating", "worstRating", "alternateName"},
    "DataDownload": {"contentUrl", "encodingFormat"},
    "Organization": {"name"},
    "CreativeWork": {"name", "url"},
}


def linked_data(page: BeautifulSoup) -> list[dict[str, Any]]:
    return [json.loads(each.string) for each in page.find_all("script", type="application/ld+json")]


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Give every node of linked data, from the outside in."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from nodes(each)


def names_in(page: BeautifulSoup) -> dict[str, str]:
    return {
        str(meta.get("name") or meta.get("property")): str(meta["content"])
        for meta in page.find_all("meta", content=True)
        if meta.get("name") or meta.get("property")
    }


@pytest.mark.parametrize("id", LEDGER.claims)
def test_a_claim_has_its_page_and_its_head(id: str, about: Edition) -> None:
    result, page = LEDGER[id], parsed(f"claims/{id}.html")
    assert id in page.title.get_text()
    head = names_in(page)
    for name in ("description", "og:description"):
        assert result.claim.says in head[name]
        assert result.verdict in head[name]
    assert head["citation_inbook_title"] == citation.TITLE
    how = citation.claim(result, about.address)
    forms = [form.get_text() for form in page.select(".cite-form pre")]
    assert forms == [how.plain, how.markdown, how.bibtex]
    assert len(page.select(".cite-form button.copy")) == len(forms)
    data = linked_data(page)
    reviews = [each for each in data if each["@type"] == "ClaimReview"]
    assert len(reviews) == (result.verdict in JUDGED)
    for review in reviews:
        rating = review["reviewRating"]
        assert rating["alternateName"].startswith(result.verdict)
        assert rating["worstRating"] <= rating["ratingValue"] <= rating["bestRating"]
        assert (rating["ratingValue"] == rating["bestRating"]) == (result.verdict == "holds")
        assert result.claim.says in review["claimReviewed"]


@pytest.mark.parametrize("name", sorted(path.name for path in SITE.glob("*.html")))
def test_linked_data_have_what_is_required(name: str, about: Edition) -> None:
    check_linked_data(name, about)


def test_linked_data_of_claims_have_what_is_required(about: Edition) -> None:
    for id in LEDGER.claims:
        check_linked_data(f"claims/{id}.html", about)


def check_linked_data(name: str, about: Edition) -> None:
    found = linked_data(parsed(name))
    assert found or name == "search.html"
    for each in found:
        assert each["@context"] == "https://schema.org"
        for node in nodes(each):
            kind = node["@type"]
            assert REQUIRED.get(kind, set()) <= node.keys(), f"{name}: {kind}"
            assert kind in REQUIRED, f"{name}: no rule for {kind}"
            for download in (node["contentUrl"],) if kind == "DataDownload" else ():
                assert download.startswith(about.address)
                assert (SITE / download.removeprefix(about.address)).is_file()


@pytest.mark.parametrize("name", ["index.html", "one-user.html", "claims/users-needed.html"])
def test_the_address_of_the_book_is_named_where_it_has_one(name: str, about: Edition) -> None:
    """Without one, neither the head nor a citation makes up a place where the book might be."""
    page = parsed(name)
    head = names_in(page)
    canonical = page.find("link", rel="canonical")
    forms = [form.get_text() for form in page.select(".cite-form pre")]
    assert forms
    if about.address:
        assert canonical["href"] == f"{about.address}{name}"
        for tag in ("og:url", "citation_public_url"):
            assert head[tag] == f"{about.address}{name}".removesuffix("index.html")
        assert all(about.address in form for form in forms)
    else:
        assert canonical is None
        assert not {"og:url", "og:image", "citation_public_url"} & head.keys()
        assert not any("http" in form for form in forms)


@pytest.mark.parametrize("name", some_pages())
def test_a_picture_that_is_named_is_there(name: str, about: Edition) -> None:
    named = names_in(parsed(name)).get("og:image")
    assert named is None or about.address
    if named:
        assert (SITE / named.removeprefix(about.address)).read_bytes().startswith(b"\x89PNG")


def test_a_number_can_be_disputed_where_there_is_a_repository(about: Edition) -> None:
    link = parsed("claims/users-needed.html").find("a", string="Dispute this number")
    if about.repository:
        assert link["href"].startswith(f"{about.repository}/issues/new?")
    else:
        assert link is None


def test_downloads_are_those_of_the_package() -> None:
    for name, text in exports.files().items():
        assert (SITE / "downloads" / name).read_text(encoding="utf-8") == text
        assert name in (SITE / "downloads.html").read_text(encoding="utf-8")


def stored_data() -> dict[tuple[str, str], set[str]]:
    """Give the data that the committed notebooks hold, by page and by the figure's title."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for path in BOOK.glob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", ()):
                if "image/svg+xml" in output.get("data", {}):
                    title = TITLE.search("".join(output["data"]["image/svg+xml"]))
                    text = "".join(output["data"]["text/csv"])
                    found[path.stem, unescape(title[1])].add(text)
    return found


def test_every_figure_has_its_files_and_what_drew_it() -> None:
    count = 0
    drawn = stored_data()
    for path in SITE.glob("*.html"):
        for figure in parsed(path.name).select("figure.plot"):
            count += 1
            name = f"{path.name}#{figure['id']}"
            about = figure.select_one("details.about")
            assert re.fullmatch(r"figures\.\w+\(.*\)", about.find("code").get_text()), name
            data = about.find("a", download=True)["href"]
            title = figure.select_one("svg > title").get_text()
            assert (SITE / data).read_text(encoding="utf-8") in drawn[path.stem, title], name
            assert len(about.select(".cite-form")) == 3, name
            cited = about.select_one(".cite-form pre").get_text()
            chapter = parsed(path.name).h1.find(string=True, recursive=False)
            inside = "" if path.stem == "index" else f" of “{chapter}”"
            assert f"“{title}”{inside}. In " in cited, name
            svg, png = (SITE / link["href"] for link in figure.select(".save a[download]"))
            plain = re.sub("<[^>]*>", "", svg.read_text(encoding="utf-8"))
            words = " ".join(unescape(plain).split())
            told = " ".join(Image.open(png).info[key] for key in ("Title", "Source", "Copyright"))
            for each in (title, f"version {__version__}", "CC BY 4.0"):
                assert each in words, name
                assert each in told, name
    assert count > 20


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a wide, light page that may write to the clipboard."""
    context = browser.new_context(viewport={"width": 1200, "height": 800})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def test_a_number_shows_its_card(page: Page, address: str) -> None:
    """Pointed at or focused; Escape closes it, and the card can be reached."""
    page.goto(f"{address}one-user.html")
    card = page.locator("#claim-card")
    link = page.locator('a.claim-link[href="claims/utilization-alone.html"]').first
    link.hover()
    expect(card).to_be_visible()
    result = LEDGER["utilization-alone"]
    for text in (result.claim.says, "0.339%", result.verdict, "utilization-alone"):
        expect(card).to_contain_text(text)
    expect(link).to_have_attribute("aria-describedby", "claim-card")
    card.hover()
    page.wait_for_timeout(400)
    expect(card).to_be_visible()
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    page.mouse.move(5, 5)
    page.keyboard.press("Tab")
    link.focus()
    expect(card).to_be_visible()


def test_a_tap_shows_the_card_and_the_next_one_follows(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"{address}one-user.html")
    link = page.locator('a.claim-link[href="claims/utilization-alone.html"]').first
    link.tap()
    expect(page.locator("#claim-card")).to_be_visible()
    assert page.url.endswith("one-user.html")
    link.tap()
    expect(page).to_have_url(f"{address}claims/utilization-alone.html")
    context.close()


def test_every_card_is_there() -> None:
    text = (SITE / "claims" / "cards.js").read_text(encoding="utf-8")
    cards = json.loads(text.removeprefix("bookClaims(").removesuffix(");\n"))
    assert list(cards) == list(LEDGER.claims)
    for id, card in cards.items():
        result = LEDGER[id]
        assert (card["says"], card["verdict"]) == (result.claim.says, result.verdict)
        assert len(card["worked"]) == sum(1 for w in (result.worked, result.worked_on_facts) if w)


@pytest.mark.parametrize("id", ["users-needed", "mask-cost"])
def test_a_citation_is_copied(page: Page, address: str, id: str, about: Edition) -> None:
    page.goto(f"{address}claims/{id}.html")
    how = citation.claim(LEDGER[id], about.address)
    page.get_by_text("Cite this claim").click()
    buttons = page.locator("button.copy")
    for number, form in enumerate((how.plain, how.markdown, how.bibtex)):
        buttons.nth(number).click()
        expect(buttons.nth(number)).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == form


@pytest.mark.parametrize(
    ("query", "id"),
    [
        ("144K", "user-base"), ("144,000", "user-base"), ("2.5 PB", "brain-capacity"),
        ("2.5 petabytes", "brain-capacity"), ("0.2%", "utilization-alone"),
        ("27 ms", "memory-time"), ("100 chips", "chips-for-audience"), ("1M", "steady-user-base"),
        ("100 trillion", "synapses"), ("NVLink", "nvlink-bandwidth"),
        ("thousand times", "thousand-times-cost"),
    ],
)  # fmt: skip
def test_the_search_finds_a_claim(page: Page, address: str, query: str, id: str) -> None:
    page.goto(f"{address}search.html?q={query.replace(' ', '+').replace('%', '%25')}")
    found = page.locator(f'.claims-found a[href="claims/{id}.html"]')
    expect(found).to_be_visible()


def test_the_front_page_looks_a_number_up(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("searchbox", name="Look up a number").fill("144K")
    page.keyboard.press("Enter")
    expect(page.locator("table.ledger tbody tr:visible")).to_have_count(1)
    expect(page.locator("#row-user-base")).to_be_visible()


OPENS = ["users-needed", "chips-for-audience", "synapse-bytes", "user-base"]


@pytest.mark.parametrize("id", some(OPENS, 2))
def test_a_claim_opens_its_explorer(page: Page, address: str, id: str) -> None:
    """The link sets the numbers, with nothing lost on the way."""
    link = explorer_links.load()[id]
    page.goto(f"{address}claims/{id}.html")
    page.get_by_role("link", name="Open ", exact=False).first.click()
    root = page.locator(f"#explorer-{link.explorer}")
    page.wait_for_selector(f"#explorer-{link.explorer}[data-live]")
    assert root.locator("select").first.input_value() == link.state.preset
    result = LEDGER[id]
    said = result.claim.value if result.recomputed is None else result.recomputed
    expect(root).to_contain_text(result.shown(said).split()[0])
    expect(root).not_to_contain_text("link was made")
