"""The editions that were made of the built site: each as a reader gets it."""

from __future__ import annotations

import json
import posixpath
import re
import zipfile
from collections import Counter
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup
from built_site import SITE, parsed
from playwright.sync_api import expect
from pypdf import PdfReader
from thoroughly import THOROUGH

from inference_economics_notebook.explorers import SPECS
from inference_economics_site import addresses
from inference_economics_site.editions import articles, edition, listing, notebooks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
PDF_LIMIT, EPUB_LIMIT = 7_000_000, 2_000_000  # bytes

# The editions are in one group: what is unpacked and read once is shared.
pytestmark = pytest.mark.xdist_group("editions")


@pytest.fixture(scope="module")
def downloads(site: Path) -> Path:
    return site / "downloads"


def existing(path: Path) -> Path:
    assert path.exists(), f"there is no {path.name}: run `make editions`"
    return path


@pytest.fixture(scope="module")
def drawn(browser: Browser, downloads: Path) -> Path:
    """Give the folder of what a browser makes: without one, its tests are skipped."""
    assert browser.is_connected()
    return downloads


# ---- The site as one file ----


@pytest.fixture(scope="module")
def unpacked(
    downloads: Path, about: edition.Edition, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(existing(downloads / f"{about.stem}-site.zip")) as archive:
        archive.extractall(folder)
    return folder / f"{about.stem}-site"


@pytest.fixture
def on_disk(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """Give a page, and the list of what it complains of or asks of a host."""
    notes: list[str] = []
    page = browser.new_page(color_scheme="light", viewport={"width": 1300, "height": 900})
    page.on("pageerror", lambda error: notes.append(str(error)))
    page.on("requestfailed", lambda request: notes.append(f"not found: {request.url}"))
    page.on("request", lambda r: r.url.startswith("http") and notes.append(f"asks: {r.url}"))
    page.on("console", lambda m: m.type == "error" and notes.append(m.text))
    yield page, notes
    page.close()


def test_the_archive_is_the_site(site: Path, unpacked: Path, about: edition.Edition) -> None:
    def listed(folder: Path) -> set[str]:
        return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}

    editions = (about.stem, about.package, about.notebook_wheel)
    others = ("social/", *(f"downloads/{name}" for name in editions))
    left_out = {n for n in listed(site) if n.startswith(others)}
    assert listed(unpacked) == listed(site) - left_out


def test_every_link_of_the_archive_leads_somewhere(unpacked: Path, about: edition.Edition) -> None:
    ids: dict[Path, set[str]] = {}
    links: list[tuple[Path, str]] = []
    for path in unpacked.rglob("*.html"):
        text = path.read_text(encoding="utf8")
        ids[path] = set(re.findall(r'\sid="([^"]+)"', text))
        found = re.findall(r'<(?:a|link|script|img)\b[^>]*\s(?:href|src)="([^"]*)"', text)
        links += [(path, unescape(link)) for link in found]
    broken = []
    for path, link in links:
        parts = urlsplit(link)
        if parts.scheme or f"downloads/{about.stem}" in parts.path:
            continue
        target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        there = target.exists()
        if there and parts.fragment and target in ids:
            there = parts.fragment in ids[target]
        if not there:
            broken.append(f"{path.name}: {link}")
    assert len(links) > 1000
    assert not broken, broken


def test_from_a_disk_the_search_finds(unpacked: Path, on_disk: tuple[Page, list[str]]) -> None:
    page, notes = on_disk
    page.goto(f"{(unpacked / 'search.html').as_uri()}?q=memory")
    page.wait_for_selector("#search-results li a", timeout=10_000)
    page.wait_for_function("document.querySelector('.search-summary')?.textContent.match(/\\d/)")
    page.click("#search-results li a")
    page.wait_for_load_state()
    assert page.locator("article.bd-article h1").count() == 1
    assert page.url.startswith(unpacked.as_uri())
    assert not notes, notes


def test_from_a_disk_the_ledger_filters(unpacked: Path, on_disk: tuple[Page, list[str]]) -> None:
    page, notes = on_disk
    page.goto((unpacked / "ledger.html").as_uri())
    counted = page.locator(".ledger-filter output")
    everything = counted.inner_text()
    page.fill(".ledger-filter input", "brain")
    expect(counted).not_to_have_text(everything)  # the list of claims is asked for first
    shown, of = map(int, re.findall(r"\d+", counted.inner_text()))
    assert 0 < shown < of == int(everything.split()[0])
    assert "?q=brain" in page.url
    page.reload()
    expect(counted).to_have_text(f"{shown} of {of} claims")
    assert not notes, notes


def test_from_a_disk_explorers_and_theme_work(
    unpacked: Path, on_disk: tuple[Page, list[str]]
) -> None:
    page, notes = on_disk
    page.goto((unpacked / "sharing-the-weights.html").as_uri())
    root = page.locator("[data-explorer]").first
    root.scroll_into_view_if_needed()
    page.wait_for_selector(".ex-chart svg")
    before = root.locator("[data-sentence]").inner_text()
    root.locator("[data-preset]").select_option("llama-h100")
    page.wait_for_function("location.search.includes('llama-h100')")
    after = root.locator("[data-sentence]").inner_text()
    assert after != before
    page.reload()
    root.scroll_into_view_if_needed()
    page.wait_for_selector(".ex-chart svg")
    assert root.locator("[data-sentence]").inner_text() == after

    for _ in range(3):
        page.click(".theme-switch-button")
        if page.evaluate("document.documentElement.dataset.theme") == "dark":
            break
    page.click(".bd-sidebar-primary nav a:has-text('One user')")
    page.wait_for_url("**/one-user.html")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(
        "document.fonts.ready.then(() => document.fonts.check('16px \"Source Serif 4\"'))"
    )
    assert not notes, notes


# ---- Notebooks ----


@pytest.fixture(scope="module")
def kept() -> dict[str, dict[str, Any]]:
    """Read the notebooks of the repository."""
    found = {path.stem: json.loads(path.read_text("utf8")) for path in ROOT.glob("book/*.ipynb")}
    assert found
    return found


def stored(folder: Path, page: str, kind: str) -> list[dict[str, Any]]:
    path = existing(folder / "notebooks" / addresses.notebook(page, kind))
    return json.loads(path.read_text("utf8"))["cells"]


def test_executed_notebooks_have_the_stored_outputs(
    downloads: Path, kept: dict[str, dict[str, Any]]
) -> None:
    for page, notebook in kept.items():
        about_it, *cells = stored(downloads, page, "executed")
        assert about_it["id"] == notebooks.FIRST_CELL
        assert [cell["id"] for cell in cells] == [cell["id"] for cell in notebook["cells"]]
        for cell, own in zip(cells, notebook["cells"], strict=True):
            text = json.dumps(own.get("outputs"))
            beside = re.sub(r'(href=\\"[a-z0-9-]+)\.ipynb', r"\1.executed.ipynb", text)
            assert json.dumps(cell.get("outputs")) == beside, f"{page}: {own['id']}"


def test_clean_notebooks_have_no_outputs_and_the_same_code(
    downloads: Path, kept: dict[str, dict[str, Any]]
) -> None:
    for page, notebook in kept.items():
        _, install, *cells = stored(downloads, page, "clean")
        assert install["id"] == notebooks.INSTALL_CELL
        assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]
        code, own = (
            [cell["source"] for cell in each if cell["cell_type"] == "code"]
            for each in (cells, notebook["cells"])
        )
        assert code == own


@pytest.mark.parametrize("kind", notebooks.KINDS)
def test_links_lead_to_notebooks_beside_them(
    downloads: Path, kept: dict[str, dict[str, Any]], kind: str
) -> None:
    names = {addresses.notebook(page, kind) for page in kept}
    for page in kept:
        for cell in stored(downloads, page, kind):
            if cell["cell_type"] == "markdown":
                for target in re.findall(r"\]\(([^)]*)\)", "".join(cell["source"])):
                    there = target.partition("#")[0] in names
                    assert there or target.startswith("https://"), f"{page}: {target}"


# ---- The EPUB ----


@pytest.fixture(scope="module")
def book(drawn: Path, about: edition.Edition) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(existing(drawn / f"{about.stem}.epub")) as opened:
        yield opened


@pytest.fixture(scope="module")
def texts(book: zipfile.ZipFile) -> dict[str, ET.Element]:
    """Read every XHTML file: one that is not well-formed fails here."""
    return {
        name: ET.fromstring(book.read(name))  # noqa: S314 (made from this book's own site)
        for name in book.namelist()
        if name.endswith(".xhtml")
    }


@pytest.fixture(scope="module")
def package(book: zipfile.ZipFile) -> ET.Element:
    container = ET.fromstring(book.read("META-INF/container.xml"))  # noqa: S314
    (rootfile,) = container.iter("{urn:oasis:names:tc:opendocument:xmlns:container}rootfile")
    return ET.fromstring(book.read(rootfile.attrib["full-path"]))  # noqa: S314


def test_the_epub_says_first_what_it_is(book: zipfile.ZipFile) -> None:
    first = book.infolist()[0]
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", 0, b"")
    assert book.read(first) == b"application/epub+zip"
    assert book.testzip() is None


def test_the_epubs_list_is_complete(
    book: zipfile.ZipFile, package: ET.Element, texts: dict[str, ET.Element]
) -> None:
    items = {item.attrib["href"]: item.attrib for item in package.iter(f"{OPF}item")}
    listed = {f"EPUB/{name}" for name in items}
    rest = {"mimetype", "META-INF/container.xml", "EPUB/package.opf"}
    assert listed | rest == set(book.namelist())
    assert len({item["id"] for item in items.values()}) == len(items)
    for name, root in texts.items():
        tags = {element.tag for element in root.iter()}
        expected = {
            word
            for word, tag in (
                ("svg", "{http://www.w3.org/2000/svg}svg"),
                ("mathml", "{http://www.w3.org/1998/Math/MathML}math"),
            )
            if tag in tags
        } | ({"nav"} if name == "EPUB/nav.xhtml" else set())
        item = items[name.removeprefix("EPUB/")]
        assert set(item.get("properties", "").split()) == expected, name
        assert item["media-type"] == "application/xhtml+xml"
    for required in ("identifier", "title", "language"):
        assert package.find(f".//{{http://purl.org/dc/elements/1.1/}}{required}") is not None


def test_the_epub_is_in_the_books_order(
    package: ET.Element, texts: dict[str, ET.Element], about: edition.Edition
) -> None:
    of = {item.attrib["id"]: item.attrib["href"] for item in package.iter(f"{OPF}item")}
    spine = [of[item.attrib["idref"]] for item in package.iter(f"{OPF}itemref")]
    pages = [f"{page}.xhtml" for page in about.pages()]
    assert spine == ["title.xhtml", "nav.xhtml", *pages]
    toc = texts["EPUB/nav.xhtml"].find(f".//{XHTML}nav")
    assert toc is not None
    linked = [a.attrib["href"] for a in toc.iter(f"{XHTML}a")]
    assert [link for link in linked if "#" not in link] == pages


def references(element: ET.Element) -> Iterator[str]:
    """Give the ids of its own file that an element names."""
    for key, value in element.attrib.items():
        if key.endswith("}href") and value.startswith("#"):
            yield value[1:]
        if key in ("aria-labelledby", "aria-describedby", "headers", "for"):
            yield from value.split()
        yield from re.findall(r"url\(#([^)]+)\)", value)


def test_ids_are_unique_and_every_reference_is_to_one(texts: dict[str, ET.Element]) -> None:
    ids = {}
    for name, root in texts.items():
        counted = Counter(e.attrib["id"] for e in root.iter() if "id" in e.attrib)
        assert not [id for id, count in counted.items() if count > 1], name
        ids[name] = set(counted)
    broken = []
    for name, root in texts.items():
        for element in root.iter():
            broken += [f"{name}: {id}" for id in references(element) if id not in ids[name]]
        for link in root.iter(f"{XHTML}a"):
            parts = urlsplit(link.attrib.get("href", ""))
            if parts.scheme:
                continue
            target = posixpath.join("EPUB", parts.path) if parts.path else name
            if target not in ids or (parts.fragment and parts.fragment not in ids[target]):
                broken.append(f"{name}: {link.attrib['href']}")
    assert not broken, broken


def test_nothing_in_the_epub_runs_or_comes_from_elsewhere(
    book: zipfile.ZipFile, texts: dict[str, ET.Element]
) -> None:
    for name, root in texts.items():
        for element in root.iter():
            tag = element.tag.rpartition("}")[2]
            assert tag not in {"script", "iframe", "object", "form", "button", "input", "select"}
            for key, value in element.attrib.items():
                assert not key.startswith("on"), f"{name}: {key}"
                assert "var(" not in value, f"{name}: {value}"
                loaded = key in ("src", "data", "srcset") or (key.endswith("href") and tag != "a")
                assert not (loaded and urlsplit(value).scheme), f"{name}: {value}"
    assert "url(" not in book.read("EPUB/style.css").decode()


def test_the_epub_has_the_figures_claims_and_explorers(
    site: Path, texts: dict[str, ET.Element], about: edition.Edition
) -> None:
    explorers = set()
    for page in about.pages():
        html = (site / f"{page}.html").read_text(encoding="utf8")
        root = texts[f"EPUB/{page}.xhtml"]
        classes = Counter(c for e in root.iter() for c in e.attrib.get("class", "").split())
        assert classes["plot"] == html.count('<figure class="plot"'), page
        assert classes["claim"] == html.count('<article class="claim"'), page
        drawn = [e for e in root.iter() if "data-explorer" in e.attrib]
        assert len(drawn) == html.count('data-explorer="'), page
        for each in drawn:
            assert each.find(f".//{XHTML}figure/{{http://www.w3.org/2000/svg}}svg/*") is not None
            assert each.find(".//*[@class='ex-live']") is not None
            explorers.add(each.attrib["data-explorer"])
    assert explorers == set(SPECS)


def test_nothing_in_the_epub_hangs_on_when_it_was_read(texts: dict[str, ET.Element]) -> None:
    """The theme marks what scrolls as soon as it comes to it, and an edition does not scroll."""
    for name, root in texts.items():
        assert not [each.tag for each in root.iter() if "tabindex" in each.attrib], name


def test_an_edition_does_not_hang_on_when_the_page_was_read(browser: Browser, address: str) -> None:
    """The theme makes what scrolls reachable by key, as soon as it comes to it."""
    options = {"page": "method", "pages": ["method"], "places": {}, "address": "", "live": ""}
    read = []
    for mark in ("remove", "set"):
        window = browser.new_page()
        window.goto(f"{address}method.html", wait_until="load")
        window.evaluate(
            "(mark) => document.querySelectorAll('.bd-article :is(pre, table, div)').forEach("
            "(each) => each[`${mark}Attribute`]('tabindex', '0'))",
            mark,
        )
        read.append(window.evaluate(articles.SCRIPT.read_text(encoding="utf-8"), options))
        window.close()
    assert read[0] == read[1]
    assert "<pre" in read[0]["xhtml"]


def test_the_epub_is_light(drawn: Path, about: edition.Edition) -> None:
    assert existing(drawn / f"{about.stem}.epub").stat().st_size < EPUB_LIMIT


# ---- The PDF ----


@pytest.fixture(scope="module")
def paper(drawn: Path, about: edition.Edition) -> PdfReader:
    if not (THOROUGH or (drawn / f"{about.stem}.pdf").exists()):
        pytest.skip("no PDF was made: `make editions` makes one, and THOROUGH=1 looks at it")
    return PdfReader(existing(drawn / f"{about.stem}.pdf"))


def letters(text: str) -> str:
    """Return a text without spaces; the typeface has one shape for two kinds of apostrophe."""
    return re.sub(r"\s+", "", text).replace("ʼ", "’")


def test_the_pdf_has_every_chapter_where_its_contents_say(
    site: Path, paper: PdfReader, about: edition.Edition
) -> None:
    titles = {}
    for page in about.pages():
        html = (site / f"{page}.html").read_text(encoding="utf8")
        (heading,) = re.findall(r'<h1>([^\n]*)<a class="headerlink"', html)
        titles[page] = unescape(re.sub(r"<[^>]+>", "", heading)).strip()
    outline = [entry for entry in paper.outline if not isinstance(entry, list)]
    assert [entry.title for entry in outline] == [
        about.title, "Contents", *titles.values(),
    ]  # fmt: skip
    contents = letters(paper.pages[1].extract_text())
    starts = [paper.get_destination_page_number(entry) for entry in outline[2:]]
    assert starts == sorted(set(starts))
    for title, start in zip(titles.values(), starts, strict=True):
        assert start is not None
        words = letters(re.sub(r"^\d+\. ", "", title))
        assert words in letters(paper.pages[start].extract_text()), title
        assert f"{words}{start + 1}" in contents, title


def test_every_link_within_the_pdf_leads_to_a_page(paper: PdfReader) -> None:
    known = set(paper.named_destinations)
    targets, addresses = set(), set()
    for page in paper.pages:
        for reference in page.get("/Annots", ()):
            note = reference.get_object()
            if "/Dest" in note:
                targets.add(note["/Dest"])
            elif "/A" in note:
                addresses.add(note["/A"]["/URI"])
    assert targets
    assert targets <= known
    assert addresses
    assert {urlsplit(address).scheme for address in addresses} <= {"https", "http"}


def test_the_pdf_can_be_read_aloud_and_says_nothing_of_its_making(
    paper: PdfReader, about: edition.Edition
) -> None:
    root: Any = paper.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is not None
    assert root["/MarkInfo"]["/Marked"].value is True
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == about.language
    assert paper.metadata is not None
    assert set(paper.metadata) == {"/Title", "/Author", "/Subject", "/CreationDate", "/ModDate"}
    assert paper.metadata.title == about.title
    for written in (paper.metadata.creation_date, paper.metadata.modification_date):
        assert written is not None
        assert written.date() == about.date
        assert written.time().isoformat() == "00:00:00"


def test_the_pdf_is_of_one_paper_and_no_page_is_shrunk(
    paper: PdfReader, downloads: Path, about: edition.Edition
) -> None:
    # The browser draws at 300 dots an inch and puts 96 to an inch of a page that it has not shrunk:
    # by more than a fraction of a dot, which the rounding of widths may take.
    for page in paper.pages[1:]:
        content = page.get_contents()
        assert content is not None
        scale = re.search(rb"q\n(3\.\d+) 0 0 \1 ", content.get_data()[:80])
        assert scale
        assert float(scale[1]) == pytest.approx(300 / 96, rel=1e-4)
    sizes = {(round(page.mediabox.width), round(page.mediabox.height)) for page in paper.pages}
    assert sizes == {(595, 842)}
    assert (downloads / f"{about.stem}.pdf").stat().st_size < PDF_LIMIT


def test_the_page_of_downloads_lists_what_there_is(about: edition.Edition) -> None:
    """Each edition that was made, and none in the copy that is one of them."""
    page = parsed(listing.PAGE)
    listed = {link["href"] for link in page.select("ul.editions a")}
    ours = (about.stem, about.package, about.notebook_wheel, "CITATION")
    files = (path.name for path in (SITE / "downloads").iterdir())
    assert listed == {f"downloads/{name}" for name in files if name.startswith(ours)}
    with zipfile.ZipFile(SITE / "downloads" / f"{about.stem}-site.zip") as archive:
        copy = archive.read(f"{about.stem}-site/{listing.PAGE}").decode()
    assert BeautifulSoup(copy, "html.parser").select("ul.editions li") == []


def test_a_page_without_a_list_is_refused() -> None:
    with pytest.raises(ValueError, match="has 0 lists of editions"):
        listing.filled("<p>none</p>", "<li>one</li>")
