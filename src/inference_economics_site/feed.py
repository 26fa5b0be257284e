"""The changelog as an Atom feed: an entry for each version."""

from __future__ import annotations

import re
import uuid
from xml.etree import ElementTree as ET

from markdown_it import MarkdownIt

from . import citation

FILE = "changelog.atom"
ATOM = "http://www.w3.org/2005/Atom"
_VERSION = re.compile(
    r"^## (?P<version>\d+\.\d+\.\d+) \((?P<date>\d{4}-\d\d-\d\d)\)\n(?P<text>.*?)(?=^## |\Z)",
    re.MULTILINE | re.DOTALL,
)
# Names of things, not places: they stay the same wherever the book is published.
_NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, "inference-economics-recomputed")


def atom(changelog: str, site: str) -> str:
    """Return the feed of a changelog in Markdown; without a site its links are relative.

    Raises ValueError if the changelog has no version.
    """
    versions = list(_VERSION.finditer(changelog))
    if not versions:
        raise ValueError("the changelog has no line such as: ## 1.0.0 (2026-01-31)")
    # Plain names and one declaration: a registered prefix would be others' to change.
    feed = ET.Element("feed", xmlns=ATOM)
    _add(feed, "title", f"{citation.TITLE}: changes")
    _add(feed, "id", f"urn:uuid:{_NAMES}")
    _add(feed, "updated", _time(versions[0]["date"]))
    _add(_add(feed, "author"), "name", citation.AUTHOR)
    _add(feed, "link", rel="alternate", type="text/html", href=f"{site}changelog.html")
    if site:
        _add(feed, "link", rel="self", type="application/atom+xml", href=f"{site}{FILE}")
    markdown = MarkdownIt()
    for found in versions:
        entry = _add(feed, "entry")
        _add(entry, "title", f"Version {found['version']}")
        _add(entry, "id", f"urn:uuid:{uuid.uuid5(_NAMES, found['version'])}")
        _add(entry, "updated", _time(found["date"]))
        _add(entry, "link", rel="alternate", type="text/html", href=f"{site}changelog.html")
        _add(entry, "content", markdown.render(found["text"].strip()), type="html")
    ET.indent(feed)
    return ET.tostring(feed, encoding="unicode", xml_declaration=True) + "\n"


def _time(date: str) -> str:
    return f"{date}T00:00:00Z"


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = text
    return element
