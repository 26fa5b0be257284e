"""The chapters' prose in JupyterLab and through nbconvert: what the site says, figures included."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup
from built_site import SITE
from lab import folders, serving
from nbconvert import HTMLExporter, MarkdownExporter
from nbformat.sign import NotebookNotary
from thoroughly import THOROUGH, some

from inference_economics_notebook import marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from playwright.sync_api import Browser, Page

BOOK = Path(__file__).parents[2] / "book"
CHAPTERS = sorted(path.stem for path in BOOK.glob("*.ipynb"))
THEMES = ("JupyterLab Light", "JupyterLab Dark")
BLOCKS = ["h1", "h2", "h3", "p", "li"]
LEGIBLE = 4.5  # contrast with the ground, as WCAG has it for text

# One JupyterLab serves all of it.
pytestmark = pytest.mark.xdist_group("prose")

TRUSTED = """jupyterapp.shell.currentWidget.content.widgets
  .every((cell) => cell.model.type != "code" || cell.model.trusted)"""
# Closes what is not in front. An empty window would get a launcher, at a time of its own, and it
# would come before the notebook opened next.
ALONE = """[...jupyterapp.shell.widgets("main")]
  .filter((each) => each !== jupyterapp.shell.currentWidget).forEach((each) => each.dispose())"""
# What a reader sees of the prose of the notebook in front.
SEEN = """() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if ((color[3] ?? 1) > 0) return color;
    }
    return [255, 255, 255];
  };
  const light = (color) => color.slice(0, 3).map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
  const contrast = (element) => {
    const [dark, bright] = [channels(getComputedStyle(element).color), ground(element)]
      .map(light).sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const all = (selector) => [...document.querySelectorAll(`.jp-MarkdownCell ${selector}`)];
  return {
    texts: all(":is(h1, h2, h3, p, li)").map((block) => block.textContent),
    figures: all("data").map((mark) => ({
      value: mark.getAttribute("value"), text: mark.textContent, contrast: contrast(mark),
      seen: mark.checkVisibility({ opacityProperty: true, visibilityProperty: true })
        && mark.getBoundingClientRect().width > 0,
    })),
    links: [...document.querySelectorAll(":is(.jp-RenderedMarkdown, .jp-RenderedHTML) a[href]")]
      .map((link) => link.href),
  };
}"""


def plain(text: str) -> str:
    """Return words without what each place sets in its own way: quotes, spaces, heads' marks."""
    straight = re.sub("[\u2018\u2019]", "'", re.sub("[\u201c\u201d]", '"', text))
    return re.sub(r"\s+", " ", straight.replace("¶", "")).strip(" #")


def parsed(markup: str) -> BeautifulSoup:
    return BeautifulSoup(markup, "html.parser")


def blocks(page: BeautifulSoup, within: str) -> list[str]:
    return [each.get_text() for part in page.select(within) for each in part.find_all(BLOCKS)]


@cache
def on_the_site(chapter: str) -> frozenset[str]:
    """Return every heading, paragraph and entry of a list of a chapter's page."""
    page = parsed((SITE / f"{chapter}.html").read_text(encoding="utf8"))
    # The theme writes the chapter's number into its title.
    return frozenset(
        re.sub(r"^\d+\. ", "", plain(text)) for text in blocks(page, "article.bd-article")
    )


@cache
def read(chapter: str) -> nbformat.NotebookNode:
    return nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4)


def prose_of(chapter: str) -> list[str]:
    return [cell.source for cell in read(chapter).cells if cell.cell_type == "markdown"]


def for_who_runs_it(chapter: str) -> set[str]:
    """Return the paragraphs that the site leaves out: they say what can be edited."""
    cells = (cell for cell in read(chapter).cells if cell.cell_type == "markdown")
    notes = (cell.source for cell in cells if "remove-cell" in cell.metadata.get("tags", ()))
    return {plain(re.sub("[*`]", "", note)) for note in notes}


def figures(chapter: str) -> list[tuple[str, str]]:
    """Return the figures of a chapter's prose in their order: where from, and the text."""
    found = marks.MARK.finditer("\n".join(prose_of(chapter)))
    return [(f"{each['kind']}:{each['name']}", marks.shown(each)) for each in found]


# ---- JupyterLab ----


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the chapters in JupyterLab twice, in a folder of each name: trusted, and not."""
    root = tmp_path_factory.mktemp("lab")
    Path(folders(root)["JUPYTER_DATA_DIR"]).mkdir()
    notary = NotebookNotary(data_dir=folders(root)["JUPYTER_DATA_DIR"])
    settings = Path(folders(root)["JUPYTERLAB_SETTINGS_DIR"]) / "@jupyterlab/notebook-extension"
    settings.mkdir(parents=True)
    # All cells are there at once, and not only those in sight.
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    for trusted in (True, False):
        folder = root / ("trusted" if trusted else "untrusted")
        shutil.copytree(BOOK, folder, ignore=lambda _, names: [n for n in names if "." not in n])
        for chapter in CHAPTERS if trusted else ():
            path = folder / f"{chapter}.ipynb"
            notebook = nbformat.read(path, as_version=4)
            # By what a notebook holds it is known again: these are others than those not trusted.
            notebook.metadata["trusted_copy"] = True
            nbformat.write(notebook, path)
            notary.sign(nbformat.read(path, as_version=4))
    with serving(root) as address:
        yield address


@pytest.fixture(scope="module")
def lab(shelf: str, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(60_000)
    page.goto(f"{shelf}lab?reset")
    page.wait_for_function("window.jupyterapp && jupyterapp.commands.hasCommand('docmanager:open')")
    page.evaluate("jupyterapp.restored")
    yield page
    page.close()


def command(page: Page, name: str, arguments: dict[str, Any] | None = None) -> None:
    call = "([name, args]) => jupyterapp.commands.execute(name, args).then(() => null)"
    page.evaluate(call, [name, arguments or {}])


def bring_to_front(page: Page, path: str) -> None:
    """Open a notebook without a kernel, and wait: on a busy machine it comes to the front later."""
    kernel = {"shouldStart": False, "canStart": False}
    command(page, "docmanager:open", {"path": path, "kernelPreference": kernel})
    in_front = "path => jupyterapp.shell.currentWidget?.context?.path === path"
    page.wait_for_function(in_front, arg=path)


@pytest.mark.skipif(not THOROUGH, reason="only with THOROUGH=1: nbconvert has the same prose")
@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.parametrize("trust", ["untrusted", "trusted"])
def test_in_jupyterlab_the_prose_has_its_figures(lab: Page, chapter: str, trust: str) -> None:
    path = f"{trust}/{chapter}.ipynb"
    bring_to_front(lab, path)
    lab.evaluate(ALONE)
    count = len(prose_of(chapter))
    rendered = ".jp-MarkdownCell .jp-RenderedMarkdown:not(:empty)"
    lab.wait_for_function(f"document.querySelectorAll('{rendered}').length == {count}")
    assert lab.evaluate(TRUSTED) == (trust == "trusted")
    for theme in THEMES:
        command(lab, "apputils:change-theme", {"theme": theme})
        lab.wait_for_function(f"document.body.dataset.jpThemeName == '{theme}'")
        # In place of what was closed JupyterLab may have put a launcher in front meanwhile.
        bring_to_front(lab, path)
        lab.wait_for_function(f"({SEEN})().figures.every((figure) => figure.seen)")
        seen = lab.evaluate(SEEN)
        check(chapter, seen["texts"], [(f["value"], f["text"]) for f in seen["figures"]])
        assert [f for f in seen["figures"] if f["contrast"] < LEGIBLE] == []
    for link in {link.partition("#")[0] for link in seen["links"]}:
        if link.startswith(lab.url.partition("/lab")[0]):
            assert lab.request.get(link).ok, link
        else:
            assert link.startswith(("https://", "http://")), link  # of sources, some have no other


def check(chapter: str, texts: Iterable[str], found: list[tuple[str, str]]) -> None:
    """Compare what a reader sees with the site, and its figures with those of the notebook."""
    assert found == figures(chapter)
    there = on_the_site(chapter) | for_who_runs_it(chapter)
    missing = [text for text in map(plain, texts) if text not in there]
    assert not missing, f"not on the site: {missing}"


# ---- nbconvert ----


@cache
def exporter(kind: type[Any]) -> Any:
    return kind(exclude_output=True)


@pytest.mark.parametrize("chapter", some(CHAPTERS, 8))
def test_nbconvert_keeps_the_figures(chapter: str) -> None:
    page = parsed(exporter(HTMLExporter).from_notebook_node(read(chapter))[0])
    prose = ".jp-RenderedMarkdown"
    found = [(str(mark["value"]), mark.get_text()) for mark in page.select(f"{prose} data")]
    check(chapter, blocks(page, prose), found)
    for link in page.select(f"{prose} a:not(.anchor-link)"):
        parts = urlsplit(str(link["href"]))
        assert parts.scheme == "https" or (BOOK / unquote(parts.path)).is_file(), link

    text, _ = exporter(MarkdownExporter).from_notebook_node(read(chapter))
    assert all(source.strip() in text for source in prose_of(chapter))
