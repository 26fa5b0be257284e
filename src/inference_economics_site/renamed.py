"""Old names of pages and of their parts: what stood there leads to where it stands now.

`renamed_pages` in _config.yml says for each old name what the page is called now, and
`moved_anchors` for each part of a page that others may link to where it is now.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.errors import ConfigError

from inference_economics_notebook.markup import element, link

from . import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sphinx.application import Sphinx

STUB = Path(__file__).with_name("moved.html")

_WITH_ID = re.compile(r'<\w+ id="([\w-]+)"[^>]*>')
_VERSION = re.compile(r"(\d+\.\d+\.\d+) \(")
# Up to 1.5.0 the changelog's headings were numbered from the newest, as docutils does where a
# title has no letters: `id1` is what a link of that time calls version 1.5.0, and always will be.
_NUMBERED = ("1.5.0", "1.4.0", "1.3.0", "1.2.0", "1.1.0", "1.0.0")


def check(renamed: Mapping[str, str], titles: Mapping[str, str]) -> None:
    """Raise ConfigError unless every new page exists and no old one does.

    `titles` are those of the pages by name.
    """
    for old, new in renamed.items():
        if new not in titles:
            raise ConfigError(f"renamed_pages: {old!r} leads to {new!r}, which is no page")
        if old in titles:
            raise ConfigError(f"renamed_pages: {old!r} is still a page")


def stub(old: str, new: str, title: str, language: str = "en") -> str:
    """Return the page that stands where the old one stood, with addresses relative to it."""
    address = escape(posixpath.relpath(f"{new}.html", posixpath.dirname(old) or "."))
    page = Template(STUB.read_text(encoding="utf-8"))
    return page.substitute(address=address, title=escape(title), language=escape(language))


def point(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Add to the end of a page where each of its parts is that has moved to another."""
    for old, new in app.config.moved_anchors.items():
        name, _, anchor = old.partition("#")
        target, hash, place = new.partition("#")
        if name == page != target:
            title = app.env.titles[target].astext() if target in app.env.titles else target
            address = app.builder.get_relative_uri(page, target) + hash + place
            now = f"The section that once stood here is now in {link(address, escape(title))}."
            context["body"] += element("p", now, css="moved", id=anchor)


def check_anchors(moved: Mapping[str, str], site: Path) -> None:
    """Raise ConfigError unless each old anchor is on its page once, and what it leads to is there.

    Where no anchor is named it leads to a whole page.
    """
    for place in (*moved, *moved.values()):
        page, _, anchor = place.partition("#")
        path = site / f"{page}.html"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if not text or (anchor and text.count(f' id="{anchor}"') != 1):
            raise ConfigError(f"moved_anchors: {place!r} is not on the site, or more than once")


def name_versions(app: Sphinx, doctree: nodes.document) -> None:
    """Give the changelog's headings ids that no later version changes, and keep their old ones."""
    for section in doctree.findall(nodes.section):
        if found := _VERSION.match(section[0].astext()):
            version = found[1]
            old = [f"id{_NUMBERED.index(version) + 1}"] if version in _NUMBERED else []
            section["ids"] = [nodes.make_id(f"version-{version}"), *old]


def keep_anchors(app: Sphinx, doctree: nodes.document) -> None:
    """Give a part of a page that has another anchor by now its old ones too."""
    once = defaultdict[str, list[str]](list)
    for old, new in app.config.moved_anchors.items():
        (was, _, before), (page, _, now) = old.partition("#"), new.partition("#")
        if was == page == app.env.docname:
            once[now].append(before)
    if not once:
        return
    for section in doctree.findall(nodes.section):
        section["ids"] += [old for id in section["ids"] for old in once.get(id, ())]
    for shown in doctree.findall(nodes.raw):  # what cells show has ids of its own
        kept = _WITH_ID.sub(
            lambda tag: tag[0] + "".join(f'<span id="{id}"></span>' for id in once.get(tag[1], ())),
            shown.astext(),
        )
        shown[:] = [nodes.Text(kept)]


def name_parts(app: Sphinx, doctree: nodes.document) -> None:
    """Let a link of the prose lead to what a cell shows under an id, such as a glossary's word."""
    shown = (node.astext() for node in doctree.findall(nodes.raw) if "html" in node["format"])
    parts = {id: (0, id, id) for text in shown for id in re.findall(r'\bid="([\w-]+)"', text)}
    headings = app.env.metadata[app.env.docname].get("myst_slugs", {})
    app.env.metadata[app.env.docname]["myst_slugs"] = {**parts, **headings}


def slug(title: str) -> str:
    """Return what a link to a heading is written with: JupyterLab's name for it."""
    return title.replace(" ", "-")


def write(app: Sphinx, site: Path) -> None:
    """Write a page for every old name. Raises ConfigError like `check` and `check_anchors`."""
    titles = {page: title.astext() for page, title in app.env.titles.items()}
    check(app.config.renamed_pages, titles)
    for old, new in app.config.renamed_pages.items():
        path = site / f"{old}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = stub(old, new, titles[new], app.config.language)
        path.write_text(text, encoding="utf-8")
    check_anchors(app.config.moved_anchors, site)


def setup(app: Sphinx) -> None:
    """Register the settings, and the steps that read them."""
    app.add_config_value("renamed_pages", {}, "html", dict)
    app.add_config_value("moved_anchors", {}, "html", dict)
    # Before Sphinx lists the headings for its table of contents.
    app.connect("doctree-read", name_versions, priority=400)
    app.connect("doctree-read", keep_anchors, priority=400)
    app.connect("doctree-read", name_parts)
    app.connect("html-page-context", point, priority=290)  # above the page's foot
    settings.when_built(app, write)
