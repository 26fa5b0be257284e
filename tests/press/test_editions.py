"""The editions' parts: archives, notebooks in plain words, settings, dates, and old addresses."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import sys
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import nbformat
import pytest
from docutils import nodes
from IPython.core.interactiveshell import InteractiveShell
from pypdf import PdfReader, PdfWriter
from sphinx.errors import ConfigError

from inference_economics import __version__
from inference_economics_notebook import marks
from inference_economics_site import browser, renamed
from inference_economics_site.editions import __main__ as make_editions
from inference_economics_site.editions import (
    archive,
    edition,
    front,
    listing,
    notebooks,
    printed,
    site,
)

ROOT = Path(__file__).parents[2]
DAY = dt.date(2026, 1, 2)
TITLES = {"one-user": "One user", "sources": "Sources"}


@pytest.fixture(scope="module")
def about() -> edition.Edition:
    """Describe the book as it is, but for its addresses: it has none."""
    return replace(edition.read(ROOT), address="", repository="")


def bytes_of(path: Path) -> bytes:
    return path.read_bytes()


# ---- Settings ----


def test_the_settings_are_those_of_the_book(about: edition.Edition) -> None:
    assert about.version == __version__
    assert about.stem == f"inference-economics-recomputed-{__version__}"
    pages = list(about.pages())
    assert pages[0] == "index"
    written = {path.stem for kind in ("ipynb", "md") for path in (ROOT / "book").glob(f"*.{kind}")}
    assert sorted(pages) == sorted(written)


def test_addresses_come_from_the_environment_first(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"BOOK_ADDRESS": "https://a.example/book/", "BOOK_REPOSITORY": "https://b.example/x"}
    for name, address in given.items():
        monkeypatch.setenv(name, address)
    about = edition.read(ROOT)
    assert about.address == "https://a.example/book/"
    assert about.repository == "https://b.example/x"
    for address in given.values():
        assert f'href="{address}"' in front.title(about)


@pytest.mark.parametrize("name", ["BOOK_ADDRESS", "BOOK_REPOSITORY"])
def test_what_is_no_address_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "example.org")
    with pytest.raises(ValueError, match=f"{name} = 'example.org'.*https://example.org/book/"):
        edition.read(ROOT)


def test_without_addresses_none_is_named(about: edition.Edition) -> None:
    assert "href" not in front.title(about)


def test_a_citation_of_another_version_is_refused(tmp_path: Path) -> None:
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, tmp_path)
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf8")
    (tmp_path / "CITATION.cff").write_text(re.sub(r"\nversion: .*", "\nversion: 0.0.1", cited))
    with pytest.raises(ValueError, match=r"0\.0\.1"):
        edition.read(tmp_path)


# ---- Archives ----


def test_an_archive_depends_on_names_and_contents_alone(tmp_path: Path) -> None:
    files = {"b/x.txt": b"x" * 99, "a.txt": b"a"}
    archive.write(tmp_path / "1.zip", files, DAY)
    archive.write(tmp_path / "2.zip", dict(reversed(files.items())), DAY)
    assert bytes_of(tmp_path / "1.zip") == bytes_of(tmp_path / "2.zip")
    with zipfile.ZipFile(tmp_path / "1.zip") as made:
        assert made.namelist() == ["a.txt", "b/x.txt"]
        assert {entry.date_time for entry in made.infolist()} == {(2026, 1, 2, 0, 0, 0)}
        assert {name: made.read(name) for name in made.namelist()} == files


def test_what_comes_first_is_not_compressed(tmp_path: Path) -> None:
    archive.write(tmp_path / "1.zip", {"a": b"a" * 99}, DAY, first={"mimetype": b"m" * 99})
    with zipfile.ZipFile(tmp_path / "1.zip") as made:
        first, second = made.infolist()
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert second.compress_type == zipfile.ZIP_DEFLATED


def test_the_site_is_mended_for_a_disk(tmp_path: Path, about: edition.Edition) -> None:
    built, out = tmp_path / "html", tmp_path / "out"
    files = {
        "index.html": '<p><link rel="preload" href="f" as="font" crossorigin />\n<b>1 &amp; 2</b>',
        "_static/documentation_options.js": "SHOW_SEARCH_SUMMARY: true,",
        "_static/other.txt": "SHOW_SEARCH_SUMMARY: true,",
        f"downloads/{about.stem}.pdf": "another",
        f"downloads/{about.stem}-site.zip": "itself",
        f"downloads/{about.wheel}": "the package",
        f"downloads/{about.notebook_wheel}": "the other",
        "downloads/notebooks/one-user.clean.ipynb": "kept",
        "social/one-user.png": "picture",
    }
    for name, text in files.items():
        (built / name).parent.mkdir(parents=True, exist_ok=True)
        (built / name).write_text(text)
    out.mkdir()
    made = site.write(built, about, out)
    top = f"{about.stem}-site"
    assert made.name == f"{top}.zip"
    with zipfile.ZipFile(made) as opened:
        assert {name: opened.read(name).decode() for name in opened.namelist()} == {
            f"{top}/_static/documentation_options.js": "SHOW_SEARCH_SUMMARY: false,",
            f"{top}/_static/other.txt": "SHOW_SEARCH_SUMMARY: true,",
            f"{top}/downloads/notebooks/one-user.clean.ipynb": "kept",
            f"{top}/index.html": "<p><b>1 &amp; 2</b>",
        }


# ---- Notebooks ----

ON_FACTS = '<data value="on-facts:utilization-alone">0.339%</data>'


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[a machine](one-user.ipynb)", "[a machine](one-user.clean.ipynb)"),
        ("[why](one-user.ipynb#The-time)", "[why](one-user.clean.ipynb#The-time)"),
        ("[the files](downloads.md)", "the files"),
        ("[post](https://example.org/x.ipynb)", "[post](https://example.org/x.ipynb)"),
        (ON_FACTS, ON_FACTS),
    ],
)
def test_links_lead_to_notebooks_of_the_same_kind(source: str, expected: str) -> None:
    assert notebooks.portable(source, TITLES, "clean") == expected


def test_with_an_address_figures_are_linked() -> None:
    source = f"One in {marks.mark('glue', 'inverse', '500')}: {ON_FACTS}."
    shown = notebooks.portable(source, TITLES, "clean", "https://a.example/")
    at = "https://a.example/claims/utilization-alone.html"
    assert shown == source.replace(ON_FACTS, f"[{ON_FACTS}]({at})")
    with pytest.raises(LookupError):
        notebooks.portable('<data value="fact:x">1</data>', TITLES, "clean", "https://a.example/")


def one_cell(*cells: nbformat.NotebookNode) -> str:
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return nbformat.writes(nbformat.v4.new_notebook(cells=list(cells)))


def test_notebooks_with_and_without_outputs(tmp_path: Path, about: edition.Edition) -> None:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1f"}, "text/plain": "2"}
    output = nbformat.v4.new_output("execute_result", data=view, execution_count=3)
    code = nbformat.v4.new_code_cell("1 + 1", outputs=[output], execution_count=3)
    code.metadata["execution"] = {"iopub.execute_input": "2026-01-02T03:04:05Z"}
    text = nbformat.v4.new_markdown_cell("# One user\n\nIt is [42](sources.ipynb).")
    executed = tmp_path / "executed"
    executed.mkdir()
    (executed / "one-user.ipynb").write_text(one_cell(text, code), encoding="utf8")
    for wheel in about.wheels:
        (tmp_path / wheel).write_bytes(b"wheel")

    made = notebooks.write(executed, about, tmp_path)
    assert [path.name for path in made] == [
        "one-user.executed.ipynb", f"{about.stem}-notebooks-executed.zip",
        "one-user.clean.ipynb", f"{about.stem}-notebooks-clean.zip",
    ]  # fmt: skip
    with_outputs, clean = (nbformat.read(path, as_version=4) for path in (made[0], made[2]))
    install = clean.cells.pop(1)
    assert install.id == notebooks.INSTALL_CELL
    for notebook in (with_outputs, clean):
        first, title, cell = notebook.cells
        assert first.id == notebooks.FIRST_CELL
        assert f"version {__version__}" in first.source
        assert "http" not in first.source
        assert title.source == "# One user\n\nIt is 42."  # there is no such notebook
        assert cell.metadata == {}
    assert with_outputs.cells[2].outputs[0].data == {"text/plain": "2"}
    assert with_outputs.cells[2].execution_count == 3
    assert clean.cells[2].outputs == []
    assert clean.cells[2].execution_count is None
    for path, single in ((made[1], made[0]), (made[3], made[2])):
        with zipfile.ZipFile(path) as opened:
            name = f"{path.stem}/{single.name}"
            assert opened.read(name) == bytes_of(single)
            others = set(opened.namelist()) - {name}
            ready = single is made[2]
            assert others == (
                {f"{path.stem}/{wheel}" for wheel in about.wheels} if ready else set()
            )


@pytest.mark.parametrize(
    ("address", "asked"), [("", ""), ("https://a.example/", "https://a.example/downloads/")]
)
def test_the_first_cell_installs_the_packages_where_they_are_missing(
    about: edition.Edition, monkeypatch: pytest.MonkeyPatch, address: str, asked: str
) -> None:
    """From the site, or from the files that lie beside it in the archive."""
    source = notebooks.install(replace(about, address=address))
    shell, called = InteractiveShell.instance(), []
    monkeypatch.setattr(shell, "run_line_magic", lambda *given, **_: called.append(given))
    assert shell.run_cell(source).success
    assert called == []
    monkeypatch.setitem(sys.modules, "inference_economics_notebook", None)
    assert shell.run_cell(source).success
    wheels = f"{asked}{about.wheel} {asked}{about.notebook_wheel}"
    assert called == [("pip", f"install --quiet {wheels}")]


# ---- The PDF ----


def test_headings_are_read_as_they_are_written() -> None:
    xhtml = "<h1 id='a'><span>2. </span>One &amp;\n  user</h1><p>x</p><h3>Two</h3>"
    assert printed.headings(xhtml) == ["2. One & user", "Two"]


def test_a_finished_pdf_has_whole_headings_and_the_editions_date(about: edition.Edition) -> None:
    writer, raw = PdfWriter(), BytesIO()
    writer.add_blank_page(100, 100)
    above = writer.add_outline_item("3. Doesit survive?", 0)
    writer.add_outline_item("Unknown", 0, parent=above)
    writer.metadata = {"/Creator": "Browser", "/ModDate": "D:20991231235959Z"}
    writer.write(raw)

    headings = ["3. Does it survive?", "Another"]
    pdf = printed.finished(raw.getvalue(), about, headings)
    assert pdf == printed.finished(raw.getvalue(), about, headings)
    read = PdfReader(BytesIO(pdf))
    first, below = read.outline
    assert (first.title, below[0].title) == ("3. Does it survive?", "Unknown")
    assert read.metadata == {
        "/Title": about.title, "/Author": about.author, "/Subject": f"Version {__version__}",
        "/CreationDate": f"D:{about.date:%Y%m%d}000000+00'00'",
        "/ModDate": f"D:{about.date:%Y%m%d}000000+00'00'",
    }  # fmt: skip


# ---- The list of them ----


def test_the_list_names_what_there_is_with_its_size(tmp_path: Path, about: edition.Edition) -> None:
    (tmp_path / listing.PAGE).write_text('<ul class="editions"></ul>')
    (tmp_path / "downloads").mkdir()
    for name, bytes_in_it in ((about.wheel, 345_678), (f"{about.stem}.pdf", 1_234_567)):
        (tmp_path / "downloads" / name).write_bytes(b"x" * bytes_in_it)
    listing.write(tmp_path, about)
    pdf, wheel = (tmp_path / listing.PAGE).read_text().split("</li>")[:2]
    assert f'"downloads/{about.stem}.pdf"' in pdf
    assert "1.2 MB." in pdf
    assert f'"downloads/{about.wheel}"' in wheel
    assert "345 kB." in wheel


# ---- The command ----


@pytest.fixture
def bare_site(tmp_path: Path) -> Path:
    """Give the folder of a site that has nothing but its list of editions."""
    (tmp_path / listing.PAGE).write_text('<ul class="editions"></ul>')
    return tmp_path


def complaint(capsys: Any) -> str:
    """Return what the command has complained of, which is one line."""
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_without_a_site_it_says_so(tmp_path: Path, capsys: Any) -> None:
    assert make_editions.main([str(tmp_path)]) == 2
    assert str(tmp_path) in complaint(capsys)


@pytest.mark.parametrize(("options", "status"), [([], 2), (["--if-possible"], 0)])
def test_without_a_browser_it_says_so(
    bare_site: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, options: list[str], status: int
) -> None:
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    monkeypatch.setenv("PATH", str(bare_site))
    assert make_editions.main([str(bare_site), "--zip", "--pdf", *options]) == status
    assert browser.HOW_TO_GET_ONE in complaint(capsys)
    (made,) = (bare_site / "downloads").iterdir()
    listed = re.findall('href="([^"]*)"', (bare_site / listing.PAGE).read_text())
    assert listed == [f"downloads/{made.name}"], "what needs no browser is made and listed"


def test_a_browser_that_is_not_there_is_an_error(
    bare_site: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER_PATH", str(bare_site / "none"))
    assert make_editions.main([str(bare_site), "--pdf", "--if-possible"]) == 2
    assert f"BROWSER_PATH = {str(bare_site / 'none')!r}" in complaint(capsys)


def test_what_is_not_as_it_must_be_is_told_in_a_line(
    bare_site: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv("BOOK_ADDRESS", "example.org")
        assert make_editions.main([str(bare_site), "--zip"]) == 2
        assert "BOOK_ADDRESS = 'example.org'" in complaint(capsys)
    (bare_site / listing.PAGE).write_text("<p>No list</p>")
    assert make_editions.main([str(bare_site), "--zip"]) == 2
    assert "0 lists of editions" in complaint(capsys)


# ---- Pages that have moved ----

PAGES = {"new": "The <new> page", "kept": "Kept"}


def test_a_stub_leads_to_the_new_page() -> None:
    page = renamed.stub("old", "new", PAGES["new"])
    assert '<link rel="canonical" href="new.html">' in page
    assert '<meta http-equiv="refresh" content="0; url=new.html">' in page
    assert '<a href="new.html">The &lt;new&gt; page</a>' in page
    assert 'location.replace("new.html" + location.search + location.hash)' in page


def test_a_stub_in_a_folder_leads_out_of_it() -> None:
    assert 'href="../../new.html"' in renamed.stub("a/b/old", "new", "New")
    assert 'href="c/new.html"' in renamed.stub("old", "c/new", "New")


def test_only_what_has_moved_may_be_renamed() -> None:
    renamed.check({"old": "new", "older": "new"}, PAGES)
    with pytest.raises(ConfigError, match="'gone', which is no page"):
        renamed.check({"old": "gone"}, PAGES)
    with pytest.raises(ConfigError, match="'kept' is still a page"):
        renamed.check({"kept": "new"}, PAGES)


class _App:
    """As much of Sphinx's application as the extension looks at."""

    def __init__(
        self, folder: Path, renamed_pages: dict[str, str], moved: dict[str, str] | None = None
    ) -> None:
        self.outdir = str(folder)
        uri = staticmethod(lambda _, page: f"{page}.html")
        self.builder = type("Builder", (), {"name": "html", "get_relative_uri": uri})
        settings = {"renamed_pages": renamed_pages, "moved_anchors": moved or {}, "language": "en"}
        self.config = type("Config", (), settings)
        titles = {page: nodes.title("", title) for page, title in PAGES.items()}
        self.env = type("Environment", (), {"titles": titles})


def test_stubs_are_written_after_the_build(tmp_path: Path) -> None:
    app: Any = _App(tmp_path, {"old": "new", "a/older": "kept"})
    renamed.write(app, tmp_path)
    assert (tmp_path / "old.html").read_text() == renamed.stub("old", "new", PAGES["new"])
    assert (tmp_path / "a" / "older.html").read_text() == renamed.stub("a/older", "kept", "Kept")
    with pytest.raises(ConfigError):
        renamed.write(_App(tmp_path, {"kept": "new"}), tmp_path)  # type: ignore[arg-type]


def test_a_part_that_has_moved_is_pointed_at_from_where_it_stood(tmp_path: Path) -> None:
    moved = {"kept#part": "new#now", "kept#gone": "claims/one", "new#other": "kept",
             "kept#old": "kept#part"}  # fmt: skip
    app: Any = _App(tmp_path, {}, moved)
    context = {"body": ""}
    renamed.point(app, "kept", "page.html", context, None)
    assert context["body"] == (
        '<p class="moved" id="part">The section that once stood here is now in '
        '<a href="new.html#now">The &lt;new&gt; page</a>.</p>'
        '<p class="moved" id="gone">The section that once stood here is now in '
        '<a href="claims/one.html">claims/one</a>.</p>'
    )


def test_a_part_that_is_called_something_else_keeps_its_old_anchor(tmp_path: Path) -> None:
    app: Any = _App(tmp_path, {}, {"kept#old": "kept#now", "new#old": "new#now", "kept#x": "new#y"})
    app.env.docname = "kept"
    section, other = nodes.section(ids=["now"]), nodes.section(ids=["y"])
    page = nodes.section("", section, other, ids=["kept"])
    renamed.keep_anchors(app, page)  # type: ignore[arg-type]
    assert [each["ids"] for each in (page, section, other)] == [["kept"], ["now", "old"], ["y"]]
    shown = nodes.raw("", '<ul><li id="now" class="one">text</li><li id="y"></li></ul>')
    renamed.keep_anchors(app, nodes.section("", shown))  # type: ignore[arg-type]
    kept = '<ul><li id="now" class="one"><span id="old"></span>text</li><li id="y"></li></ul>'
    assert shown.astext() == kept


def test_only_an_anchor_that_is_gone_may_be_moved_and_to_one_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "kept.html").write_text('<p id="part"><p id="twice"><p id="twice">')
    (tmp_path / "new.html").write_text('<p id="now">')
    for moved in ({"kept#part": "new#now"}, {"kept#part": "new"}):
        renamed.check_anchors(moved, tmp_path)
    for old, new, wrong in (
        ("kept#twice", "new#now", "kept#twice"),
        ("kept#part", "new#gone", "new#gone"),
        ("kept#part", "lost", "lost"),
        ("lost#part", "new", "lost#part"),
    ):
        with pytest.raises(ConfigError, match=f"'{wrong}' is not on the site, or more than once"):
            renamed.check_anchors({old: new}, tmp_path)


def test_a_version_keeps_the_anchor_that_it_had_when_it_was_numbered() -> None:
    from docutils import nodes

    document = nodes.document(None, None)  # type: ignore[arg-type]
    titles = ("1.6.0 (2027-01-31)", "1.5.0 (2026-11-23)", "1.0.0 (2026-11-23)", "None")
    for number, title in enumerate(titles):
        document += nodes.section("", nodes.title(title, title), ids=[f"id{number + 1}"])
    renamed.name_versions(None, document)  # type: ignore[arg-type]
    assert [section["ids"] for section in document.children] == [
        ["version-1-6-0"], ["version-1-5-0", "id1"], ["version-1-0-0", "id6"], ["id4"],
    ]  # fmt: skip
