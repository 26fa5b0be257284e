"""Style sheets without what nothing can match: what goes, what stays, what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from inference_economics_site.stylesheets import StylesheetError, purged, words

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """<html data-theme="light"><body class="wide">
<nav id="top" class='menu a2'><p>card</p></nav>
<table style="color: var(--styled)"></table><script>box.classList.add("set-inline")</script>"""
SCRIPT = 'const made = document.createElement("output"); made.className = "set-by-script";'
KNOWN = words([PAGE], [SCRIPT])


def purge(tmp_path: Path, css: str, kept: str = "") -> str:
    sheet = tmp_path / "_static" / "sheet.css"
    sheet.parent.mkdir(exist_ok=True)
    sheet.write_text(css, encoding="utf-8")
    return purged([sheet], [kept], KNOWN, sheet.parent)


@pytest.mark.parametrize(
    "selector",
    [
        "p",
        "*",
        ":root",
        ".menu",
        "#top",
        "nav.menu.a2>p:hover",
        "P:before",
        ".set-by-script",
        ".set-inline",
        "output",
        "html[data-theme=dark] p",
        "[data-never=seen]",
        ".menu:not(.gone)",
        ":is(.gone,.menu) p",
        ".menu:nth-child(2n+3)",
        ".menu::-webkit-scrollbar",
        ".bs-tooltip-auto",
    ],
)
def test_what_may_match_stays(tmp_path: Path, selector: str) -> None:
    assert purge(tmp_path, f"{selector} {{ color: red }}") == f"{selector}{{color:red}}"


@pytest.mark.parametrize(
    "selector",
    [
        ".card",
        "#gone",
        ".menu .gone",
        ".menu.gone:hover",
        "#menu-2",
        ":is(.gone,#gone) p",
        ".gone:not(.menu)",
    ],
)
def test_what_cannot_match_goes(tmp_path: Path, selector: str) -> None:
    assert purge(tmp_path, f"{selector} {{ color: red }} p {{ color: red }}") == "p{color:red}"


def test_lists_go_if_none_of_them_can_match(tmp_path: Path) -> None:
    assert purge(tmp_path, "p, .gone { margin: 0 } .gone, .card { margin: 0 }") == (
        "p,.gone{margin:0}"
    )


def test_groups_stay_with_what_they_hold(tmp_path: Path) -> None:
    css = "@media print { .gone { color: red } p { top: 0 } } @media print { .gone { top: 0 } }"
    assert purge(tmp_path, css) == "@media print{p{top:0}}"


def test_the_order_of_rules_and_sheets_stays(tmp_path: Path) -> None:
    names = ("b.css", "a.css")
    for name in names:
        (tmp_path / name).write_text(f'p {{ content: "{name}" }}', encoding="utf-8")
    together = purged([tmp_path / name for name in names], [], KNOWN, tmp_path)
    assert together == 'p{content:"b.css";content:"a.css"}'


def test_imports_stand_in_place(tmp_path: Path) -> None:
    (tmp_path / "basic.css").write_text("p { top: 0 }", encoding="utf-8")
    css = '@charset "utf-8"; @import "../basic.css"; .menu { top: 1px !important }'
    assert purge(tmp_path, css) == "p{top:0}.menu{top:1px!important}"


def test_custom_properties_stay_if_a_value_that_stays_names_them(tmp_path: Path) -> None:
    css = """:root { --used: var(--through); --through: 1; --unused: var(--no); --no: 2; --own: 3;
      --styled: ; } p { margin: var(--used) } .gone { margin: var(--no) }"""
    left = purge(tmp_path, css, kept=".x { top: var(--own) }")
    assert left == (
        ":root{--used:var(--through);--through:1;--own:3;--styled: }p{margin:var(--used)}"
    )


def test_animations_stay_if_used(tmp_path: Path) -> None:
    css = """@keyframes turn { to { top: 0 } } @keyframes fade { to { top: 0 } }
      @keyframes no { to { top: 0 } } p { animation: 1s turn }"""
    left = purge(tmp_path, css, kept=".x { animation-name: fade }")
    assert "@keyframes turn" in left
    assert "@keyframes fade" in left
    assert "@keyframes no" not in left


def test_what_asks_for_a_missing_file_goes(tmp_path: Path) -> None:
    css = """@font-face { font-family: A; src: url(a.woff2) } @font-face { src: url("b.woff2") }
      p { background: url(no.png); top: 0; background-image: url(data:,x) }"""
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "b.woff2").touch()
    left = purge(tmp_path, css)
    assert left == "@font-face{src:url(b.woff2)}p{background:url(data:,x);top:0}"


def test_a_file_that_would_lie_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "styles").mkdir()
    (tmp_path / "styles" / "a.png").touch()
    sheet = tmp_path / "styles" / "sheet.css"
    sheet.write_text("p { background-image: url(a.png) }", encoding="utf-8")
    with pytest.raises(StylesheetError, match="would lie elsewhere"):
        purged([sheet], [], KNOWN, tmp_path)


def test_licenses_stay_and_other_comments_go(tmp_path: Path) -> None:
    assert purge(tmp_path, "/*! MIT */ /* no */ p { top: 0 }") == "/*! MIT */\np{top:0}"


@pytest.mark.parametrize(
    "css",
    ["p { top: 0 } q", "p { top }"],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, css: str) -> None:
    with pytest.raises(StylesheetError, match=r"sheet\.css:0:"):
        purge(tmp_path, css)


def test_a_sheet_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        purge(tmp_path, '@import "no.css";')
