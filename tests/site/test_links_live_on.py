"""What readers have saved of every published edition: each address still opens, and as it did.

What was saved is in data/, which tools/addresses.py writes down when an edition is published.
Nothing there may be changed or removed later: it is out in the world.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from built_site import LEADS_ON, SITE
from playwright.sync_api import expect

from inference_economics_site import renamed

if TYPE_CHECKING:
    import pytest
    from editions.edition import Edition
    from playwright.sync_api import Browser, Page

DATA = Path(__file__).parent / "data"
NOT_MADE = (".epub", ".pdf")  # where there is no browser
CHANGED = "The figures that it starts from have changed since it was made."


# ---- Pages, anchors and files ----


def addresses() -> dict[str, list[str]]:
    """Give every address that was published, and the anchors of each page, of all editions."""
    found: dict[str, list[str]] = {}
    for path in sorted(DATA.glob("addresses-*.txt")):
        for line in path.read_text(encoding="utf8").splitlines():
            name, *anchors = line.split()
            found.setdefault(name, []).extend(anchors)
    return found


@cache
def text_of(name: str) -> str:
    """Read a page; where it has moved, the one that its old address leads to."""
    text = (SITE / name).read_text(encoding="utf8")
    moved = LEADS_ON.search(text)
    return text_of(posixpath.normpath(posixpath.join(name, "..", moved[1]))) if moved else text


def dead(name: str, anchors: list[str]) -> list[str]:
    """Say of each address of a file that is dead what has to be done."""
    # What stands instead of a file that is no page is the page of a folder of the file's name.
    page = name if name.endswith(".html") else f"{name}/index.html"
    if not (SITE / name).is_file() and not (SITE / page).is_file():
        key = page.removesuffix(".html")
        return [f'{name} is gone: restore it, or add "{key}" to renamed_pages in _config.yml.']
    ids = set(re.findall(r'\sid="([^"]+)"', text_of(page))) if anchors else set()
    return [
        f"{name}#{anchor} is gone: restore the id, or say in moved_anchors in _config.yml "
        "where its text stands now."
        for anchor in anchors
        if anchor not in ids
    ]


def test_every_address_and_anchor_is_still_there(about: Edition) -> None:
    drawn = {f"downloads/{about.stem}{ending}" for ending in NOT_MADE}
    known = addresses()
    found = [
        each for name, anchors in known.items() if name not in drawn for each in dead(name, anchors)
    ]
    assert len(known) > 200
    assert not found, "\n" + "\n".join(found)


def test_numbered_headings_of_the_changelog_are_those_of_their_versions() -> None:
    text = text_of("changelog.html")
    versions = ("1.5.0", "1.4.0", "1.3.0", "1.2.0", "1.1.0", "1.0.0")
    for number, version in enumerate(versions, start=1):
        heading = rf'<span id="id{number}"></span><h2>{re.escape(version)} '
        assert re.search(heading, text), f"changelog.html#id{number} is not {version} any more"


def test_a_dead_address_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("test_links_live_on.SITE", tmp_path)
    text_of.cache_clear()
    old = ("a/old", "b.zip/index")
    pages = {f"{name}.html": renamed.stub(name, "new", "New") for name in old}
    for name, text in {"new.html": '<p id="kept">', **pages}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert dead("a/old.html", ["kept"]) == dead("b.zip", []) == []
    assert dead("a/old.html", ["lost"])[0].startswith("a/old.html#lost is gone: restore the id")
    assert '"c.zip/index" to renamed_pages' in dead("c.zip", [])[0]
    assert '"c" to renamed_pages' in dead("c.html", ["kept"])[0]
    text_of.cache_clear()


# ---- Links to explorers ----

# Lets a page's explorers be asked for the state that they are in, to the last digit.
OVERHEAR = """(() => {
  let given;
  window.overheard = {};
  Object.defineProperty(window, "explorers", {
    get: () => given,
    set: ({ add }) => {
      given = { add: (explorer) => add({ ...explorer, render: (place) => {
        window.overheard[explorer.spec.id] = { ...explorer, model: place.model };
        return explorer.render(place);
      } }) };
    },
  });
})()"""

# Opens one link after the other, as the browser's own buttons do, and gives what each comes to:
# the state, whether what is seen agrees with it, and what is said about the link.
OPEN = """async ([id, texts]) => {
  const { spec, model, stateOf } = window.overheard[id];
  const root = document.querySelector(`#explorer-${id}`);
  const found = [];
  for (const text of texts) {
    history.replaceState(null, "", `?${id}=${text}#explorer-${id}`);
    window.dispatchEvent(new PopStateEvent("popstate"));
    await new Promise((painted) => setTimeout(painted));
    const { preset, values, off } = stateOf(model);
    const chosen = root.querySelector("[data-preset]").value;
    const terms = [...root.querySelectorAll("[data-term]")];
    const rows = [...root.querySelectorAll("[data-field]")]
      .map((row) => [row, values[row.dataset.field]]);
    const seen = chosen === preset
      && terms.every((box) => box.checked !== off.has(box.dataset.term))
      && rows.every(([row, value]) => row.hidden === (value === undefined)
        && (row.hidden || (row.querySelector(".ex-box").value === "") === (value === null)));
    const notes = root.querySelector("[data-link]").textContent;
    found.push({ preset, values, off: [...off], seen, notes });
  }
  return { found, version: spec.version, renamed: spec.renamed };
}"""


def saved() -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Give the saved links by page and explorer, each with the values that it did not change."""
    found = defaultdict(list)
    for path in sorted(DATA.glob("links-*.json")):
        kept = json.loads(path.read_text(encoding="utf8"))
        for link in kept["links"]:
            start = kept["starts"][link["explorer"]][link["preset"]]["values"]
            left = {n: value for n, value in start.items() if n not in link["changed"]}
            page = link["link"].partition("?")[0]
            found[page, link["explorer"]].append({**link, "left": left})
    return found


def fragment(link: str) -> str:
    """Give the part of a link that says the state."""
    return re.split("[=#]", link)[1]


def amiss(link: dict[str, Any], opened: dict[str, Any], named: dict[str, dict[str, str]]) -> str:
    """Say in what a link opens otherwise than it did when it was saved; empty where in nothing.

    `named` says for each version of links what inputs are called from the next one on.
    """
    told = opened["notes"] == CHANGED
    version = int(fragment(link["link"]).partition("~")[0])
    later = [names for since, names in sorted(named.items()) if int(since) >= version]

    def same(values: dict[str, Any]) -> bool:
        for names in later:
            values = {names.get(name, name): value for name, value in values.items()}
        return values.items() <= opened["values"].items()

    wrongs = {
        "its preset is gone: restore it": opened["preset"] != link["preset"],
        "an input has another value: restore it, or add its old name to Spec.renamed": (
            not same(link["changed"])
        ),
        "other terms are off: restore those that it names": sorted(opened["off"]) != link["off"],
        f"the page complains ({opened['notes']}): let it read what the link says": (
            opened["notes"] and not told
        ),
        "an input that it leaves alone has changed unsaid: let the stamp change with it": (
            not same(link["left"]) and not told
        ),
        "the page shows another state than it has: mend the explorer": not opened["seen"],
    }
    what = next((each for each, true in wrongs.items() if true), "")
    return what and f"{link['link']} no longer opens as it did, {what}."


def visit(page: Page, address: str, id: str, links: list[dict[str, Any]]) -> list[str]:
    """Open links to an explorer on one page, the first as a reader does, and say what is amiss."""
    page.goto(address + links[0]["link"], wait_until="domcontentloaded")
    page.wait_for_selector(f"#explorer-{id}[data-live]")
    told = page.evaluate(OPEN, [id, [fragment(link["link"]) for link in links]])
    return [
        fault
        for link, opened in zip(links, told["found"], strict=True)
        if (fault := amiss(link, opened, told["renamed"]))
    ]


def test_every_saved_link_to_an_explorer_opens_as_it_did(browser: Browser, address: str) -> None:
    found: list[str] = []
    opened = 0
    context = browser.new_context(reduced_motion="reduce")
    context.on("weberror", lambda error: found.append(f"script error: {error.error}"))
    context.add_init_script(OVERHEAR)
    page = context.new_page()
    for (_, id), links in saved().items():
        found += visit(page, address, id, links)
        expect(page.locator(f"#explorer-{id}")).to_be_in_viewport()
        opened += len(links)
    context.close()
    assert opened >= 200
    assert not found, "\n" + "\n".join(found)


def test_a_page_that_was_renamed_hands_on_state_and_place(browser: Browser, address: str) -> None:
    page = browser.new_page()
    stub = renamed.stub("old", "how-many-users", "How many users?")
    page.route("**/old.html*", lambda route: route.fulfill(body=stub, content_type="text/html"))
    state = "?users=1~post~daily_use:300#explorer-users"
    page.goto(f"{address}old.html{state}", wait_until="commit")
    page.wait_for_url(f"{address}how-many-users.html{state}")
    page.wait_for_selector("#explorer-users[data-live]")
    expect(page.locator('[data-field="daily_use"] .ex-box')).to_have_value("5 min")
    page.close()


def test_a_link_that_opens_otherwise_is_told() -> None:
    link = {
        "link": "a.html?x=1~p.0000~old:5#explorer-x", "preset": "p", "changed": {"old": 5.0},
        "left": {"kept": None}, "off": ["t"],
    }  # fmt: skip
    as_it_was = {
        "preset": "p", "values": {"new": 5, "kept": None}, "off": ["t"], "notes": "", "seen": True,
    }  # fmt: skip
    named = {"1": {"old": "new"}}
    assert amiss(link, as_it_was, named) == ""
    assert (
        amiss(link, {**as_it_was, "values": {"new": 5, "kept": 2}, "notes": CHANGED}, named) == ""
    )
    for part, message in (
        ({"preset": "q"}, "its preset is gone"),
        ({"values": {"new": 6, "kept": None}}, "an input has another value"),
        ({"values": {"kept": None}}, "an input has another value"),
        ({"off": []}, "other terms are off"),
        ({"notes": "“old” is not known here."}, "the page complains (“old” is not"),
        ({"values": {"new": 5, "kept": 2}}, "changed unsaid"),
        ({"values": {"new": 5}}, "changed unsaid"),
        ({"seen": False}, "mend the explorer"),
    ):
        assert message in amiss(link, {**as_it_was, **part}, named)
    assert "another value" in amiss(link, as_it_was, {})


def test_the_saved_links_are_of_every_explorer_preset_input_and_term() -> None:
    kept = json.loads((DATA / "links-1.5.0.json").read_text(encoding="utf8"))
    links = kept["links"]
    assert len({link["link"] for link in links}) == len(links) == 200
    for id, starts in kept["starts"].items():
        own = [link for link in links if link["explorer"] == id]
        assert {link["preset"] for link in own} == set(starts)
        inputs = {name for start in starts.values() for name in start["values"]}
        assert {name for link in own for name in link["changed"]} == inputs
    assert {t for link in links for t in link["off"]} == {
        "caches", "losses", "traffic", "fixed", "wiring",
    }  # fmt: skip
