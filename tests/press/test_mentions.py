"""Marks in prose: what is written into them, what is refused, and what a page makes of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from myst_parser.docutils_ import Parser
from sphinx.errors import SphinxError

from inference_economics_notebook import book, marks
from inference_economics_notebook.markup import Html, link
from inference_economics_site import ledger, mentions

if TYPE_CHECKING:
    from pathlib import Path

TOLD = {"inverse": "500", "price": "$6 to $7", "least": "3.3 TB"}


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ('<data value="glue:inverse"></data>', "500"),
        ('<data value="glue:inverse">a guess</data>', "500"),
        ('<data value="glue:price"></data>', r"\$6 to \$7"),
        ('<data value="claim:utilization-alone">0.2%</data>', "0.2%"),
        ('<data value="claim:utilization-alone"></data>', r"\~= 0.2%"),
        ('<data value="on-facts:utilization-alone">9</data>', "0.339%"),
        ('<data value="recomputed:users-needed"></data>', "500 users"),
        ('<data value="claim:mask-cost">\\$1M</data>', r"\$1M"),
        ("{{glue:inverse}}", "500"),
        ("{{chip:wse3.memory_bandwidth}}", "21 PB/s"),
        ("{{claim:utilization-alone 0.2%}}", "0.2%"),
        ("{{claim:mask-cost $1M}}", r"\$1M"),
    ],
)
def test_the_figure_is_written_into_the_mark(typed: str, shown: str) -> None:
    fresh = mentions.refreshed(f"**{typed}** of it", TOLD)
    assert fresh.startswith('**<data value="')
    assert fresh.endswith(f'">{shown}</data>** of it')
    assert mentions.refreshed(fresh, TOLD) == fresh


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("{{glue:nothing}}", "no cell glues 'nothing'"),
        ("{{claim:nothing}}", "nothing"),
        ("{{fact:nothing}}", "nothing"),
        ("{{chip:wse3.nothing}}", "chip:wse3.nothing: .*has no column 'nothing'"),
        ("{{doc:x}}", "'doc' is none of glue, claim, recomputed, on-facts, fact, chip, model"),
        ('<data value="claim:mask-cost">9</data>', "mask-cost states .*, not '9'"),
        ("{{recomputed:model-parameters}}", "model-parameters has no figure recomputed"),
        ("{{inverse}}", r"'{{inverse}}' is no mark, such as <data value="),
        ('<data value="inverse">500</data>', "is no mark"),
        ('<data value="glue:inverse">500', "is no mark"),
        ("500</data>", "is no mark"),
    ],
)
def test_what_has_no_figure_is_refused(typed: str, said: str) -> None:
    with pytest.raises((LookupError, ValueError), match=said):
        mentions.refreshed(typed, TOLD)


def test_what_a_cell_glues_is_shown_and_reaches_its_notebook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "IPython.display.display",
        lambda data, **more: published.append({"data": data, "metadata": more["metadata"]}),
    )
    book.glue(inverse="500", price="$6 to $7")
    book.glue(least="3.3 TB")
    assert published[0]["data"] == {"text/plain": "inverse = 500\nprice = $6 to $7"}
    prose = {"cell_type": "markdown", "source": "{{glue:price}}"}
    notebook = {"cells": [{"cell_type": "code", "outputs": published}, prose]}
    assert mentions.glued(notebook) == TOLD
    mentions.refresh(notebook)
    assert prose["source"] == marks.mark("glue", "price", "$6 to $7")
    assert marks.told(prose["source"]) == {"price": "$6 to $7"}


def test_the_ends_of_a_range_are_glued_by_name() -> None:
    assert book.ends("gain", (n for n in (17.3, 40.6, 20))) == {
        "gain_least": "17",
        "gain_most": "41",
    }
    assert book.ends("share", [0.1234, 0.05], "fraction", 3) == {
        "share_least": "5%",
        "share_most": "12.3%",
    }
    with pytest.raises(ValueError, match="empty"):
        book.ends("nothing", [])


def test_what_an_edit_changes_is_shown_beside_what_the_text_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: published.append(data))
    book.chapter("one-user")
    book.glue(inverse="120", latency="2.6 ms", own="7")
    book.chapter("of-another-book")
    book.glue(inverse="120")
    told = [data["text/plain"] for data in published]
    assert told == ["inverse = 120 (the text says 500)\nlatency = 2.6 ms\nown = 7", "inverse = 120"]


def test_what_a_run_stores_is_what_the_text_then_says() -> None:
    """A cell that told another number while it ran does not go on saying so."""
    output = {
        "data": {"text/plain": "inverse = 120 (the text says 500)"},
        "metadata": {"glued": {"inverse": "120"}},
    }
    notebook = {"cells": [{"cell_type": "code", "outputs": [output]}]}
    mentions.refresh(notebook)
    assert output["data"] == {"text/plain": "inverse = 120"}
    table = mentions.told_table({"one": notebook, "none": {"cells": []}})
    assert table == "chapter,name,text\none,inverse,120\n"


@pytest.mark.parametrize(
    ("prose", "wrong"),
    [
        ('<data value="glue:inverse">500</data>', []),
        ('<data value="glue:inverse">501</data>', ["501</data> should be .*>500</data>"]),
        ('<data value="glue:inverse"></data>', ["></data> should be .*>500</data>"]),
        ("500", ["no sentence takes up 'inverse'"]),
        ("{{glue:inverse}}", ["{{glue:inverse}} has no figure yet", "should be .*>500</data>"]),
        ('<data value="glue:other">500</data>', ["takes up 'inverse'", "no cell glues 'other'"]),
    ],
)
def test_what_is_stale_is_named(prose: str, wrong: list[str]) -> None:
    output = {"metadata": {"glued": {"inverse": "500"}}}
    cells = [
        {"cell_type": "code", "outputs": [output]},
        {"cell_type": "markdown", "source": [prose]},
    ]
    found = mentions.stale({"cells": cells})
    assert len(found) == len(wrong)
    for one, said in zip(found, wrong, strict=True):
        assert re.search(said, one), one


def test_a_name_glued_twice_is_told_as_what_is_stale() -> None:
    cell = {"cell_type": "code", "outputs": [{"metadata": {"glued": {"inverse": "500"}}}]}
    assert mentions.stale({"cells": [cell, cell]}) == [
        "two cells glue 'inverse': rename one of the two"
    ]


def test_a_site_is_not_built_with_stale_prose(tmp_path: Path) -> None:
    executed = tmp_path / "jupyter_execute"
    executed.mkdir()
    app: Any = None

    def build(said: str) -> None:
        cell = {"cell_type": "markdown", "source": [marks.mark("claim", "mask-cost", said)]}
        (executed / "one-user.ipynb").write_text(json.dumps({"cells": [cell]}))
        ledger._check(app, tmp_path / "html")

    build("$1M")
    with pytest.raises(SphinxError, match=r"one-user: mask-cost states .*; run `make notebooks`"):
        build("$2M")


def page(markdown: str) -> nodes.document:
    """Return what Sphinx makes of a cell."""
    settings = {"myst_enable_extensions": ["dollarmath", "smartquotes"]}
    found = publish_doctree(markdown, parser=Parser(), settings_overrides=settings)
    ledger.Link(found).apply()
    return found


CLAIM = mentions.refreshed("{{claim:mask-cost $1M}}", {})


@pytest.mark.parametrize(
    ("markdown", "around"),
    [
        (f"Its {CLAIM} and its {CLAIM}.", nodes.paragraph),
        (f"**{CLAIM}** of it", nodes.strong),
        (f"- {CLAIM}", nodes.paragraph),
        (f"# One\n\n## {CLAIM} for a mask\n\n# Another", nodes.title),
        (f"| a | b |\n|---|---|\n| x | {CLAIM} |", nodes.paragraph),
    ],
)
def test_a_page_links_a_mark_to_where_it_comes_from(markdown: str, around: Any) -> None:
    found = page(markdown)
    for each in found.findall(nodes.reference):
        assert isinstance(each.parent, around)
        assert (each["refuri"], each["classes"]) == ("claims/mask-cost.html", ["claim-link"])
        assert each.astext() == "$1M"
    assert len(list(found.findall(nodes.reference))) == markdown.count("<data")
    assert not list(found.findall(nodes.raw))
    assert not list(found.findall(nodes.math))


def test_what_cells_tell_is_text_on_a_page() -> None:
    found = page(f"[about {marks.mark('glue', 'price', '$6 to $7')} each](https://a.example)")
    assert found.astext() == "about $6 to $7 each"
    (linked,) = found.findall(nodes.reference)
    assert linked.astext() == "about $6 to $7 each"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("500 users", "500_users"),
        ("3.35 TB/s", "3.35_TB/s"),
        ("26.7 ms", "26.7_ms"),
        ("~= 1000:1", "~= 1000:1"),
        ("$1.99 an hour", "$1.99_an hour"),
        ("85.5 billion tokens", "85.5_billion_tokens"),
        ("$30 million", "$30_million"),
        ("3.2 × 10²³ FLOP", "3.2_×_10²³_FLOP"),
        ("$6 to $7", "$6 to $7"),
        ("14 to 13", "14 to 13"),
        ("Mixtral 8x7B and Mixtral 8x22B", "Mixtral 8x7B and Mixtral 8x22B"),
        ("20 x H100 SXM5 80GB", "20_x H100 SXM5 80GB"),
        ("2 cards (B200 SXM) to write and 4 to read prompts",
         "2_cards (B200 SXM) to write and 4 to read prompts"),
    ],
)  # fmt: skip
def test_on_a_page_no_line_ends_between_a_number_and_its_unit(told: str, shown: str) -> None:
    """A long text still has places at which a narrow window can break it."""
    found = page(f"It is **{marks.mark('glue', 'x', told)}** here")
    assert found.astext() == f"It is {shown.replace('_', chr(0xA0))} here"
    linked = page(mentions.refreshed("{{chip:wse3.memory_bandwidth}}", {}))
    assert next(linked.findall(nodes.reference)).astext() == "21\N{NO-BREAK SPACE}PB/s"


def test_links_of_outputs_are_to_notebooks_there_and_to_pages_on_the_site() -> None:
    own = "".join(
        link(address, "x")
        for address in (
            "claims/mask-cost.html", "ledger.html?verdict=off", "sources.html#source-post",
            "#fact-h100_power", "https://a.example/b.html#c",
        )
    )  # fmt: skip
    shown = Html(own, "")._repr_html_()
    assert re.findall(r'href="([^"]*)"', shown) == [
        "ledger.ipynb#row-mask-cost", "ledger.ipynb#?verdict=off", "sources.ipynb#source-post",
        "#fact-h100_power", "https://a.example/b.html#c",
    ]  # fmt: skip
    found = page(f"<div>{shown}</div>")
    assert f"<div>{own}</div>" in found.astext()


def test_what_stands_side_by_side_has_a_sign_between_where_the_style_is_missing() -> None:
    for pair in (
        '<span class="verdict">holds</span> <span class="verdict">off on facts</span>',
        '<span class="tile-stated">1000</span> <span class="tile-found">500</span>',
    ):
        shown = Html(pair, "")._repr_html_()
        assert shown == pair.replace("</span> <", "</span> · <")
        assert pair in page(f"<div>{shown}</div>").astext()
