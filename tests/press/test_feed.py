"""The feed of changes: one entry a version, valid where the book has an address and where not."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from inference_economics_site import feed

CHANGELOG = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")
SITE = "https://example.org/book/"
A = f"{{{feed.ATOM}}}"


def parsed(site: str) -> ET.Element:
    return ET.fromstring(feed.atom(CHANGELOG, site))  # noqa: S314 (our own)


@pytest.mark.parametrize("site", ["", SITE])
def test_what_atom_requires_is_there(site: str) -> None:
    """RFC 4287, section 4.1: id, title and updated of feed and entries, an author, a content."""
    root = parsed(site)
    entries = root.findall(f"{A}entry")
    # A version in the making is not announced.
    assert len(entries) == len(re.findall(r"^## [\d.]+ \(", CHANGELOG, re.MULTILINE))
    for each in (root, *entries):
        for tag in ("id", "title", "updated"):
            assert each.findtext(f"{A}{tag}")
    assert root.findtext(f"{A}author/{A}name")
    assert len({each.findtext(f"{A}id") for each in (root, *entries)}) == 1 + len(entries)
    assert all("<p>" in str(each.findtext(f"{A}content")) for each in entries)


def test_links_are_relative_without_an_address() -> None:
    hrefs = [link.get("href", "") for link in parsed("").iter(f"{A}link")]
    assert all(href.startswith("changelog.html") for href in hrefs)
    hrefs = [link.get("href", "") for link in parsed(SITE).iter(f"{A}link")]
    assert all(href.startswith(SITE) for href in hrefs)


def test_simple_readers_find_the_feed() -> None:
    """Its elements have no prefix."""
    text = feed.atom(CHANGELOG, SITE)
    assert f'<feed xmlns="{feed.ATOM}">' in text
    assert "ns0:" not in text


def test_ids_do_not_depend_on_the_address() -> None:
    ids = [[each.text for each in parsed(site).iter(f"{A}id")] for site in ("", SITE)]
    assert ids[0] == ids[1]


def test_a_text_without_versions_is_refused() -> None:
    with pytest.raises(ValueError, match="has no line such as"):
        feed.atom("# Changelog\n", "")
