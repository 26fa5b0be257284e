"""Old names of pages: where one stood, a page that leads to the new one.

`renamed_pages` in _config.yml says for each old name what the page is called now.
"""

from __future__ import annotations

import posixpath
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


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
    title = escape(title)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{title}</title>\n<link rel="canonical" href="{address}">\n'
        f'<meta name="description" content="This page has moved. It is now: {title}.">\n'
        f'<meta http-equiv="refresh" content="0; url={address}">\n</head>\n'
        f'<body>\n<main><p>This page has moved: <a href="{address}">{title}</a>.</p></main>\n'
        "</body>\n</html>\n"
    )


def write(app: Sphinx, error: Exception | None) -> None:
    """Write a page for every old name. Raises ConfigError like `check`."""
    if error is not None or app.builder.name != "html":
        return
    titles = {page: title.astext() for page, title in app.env.titles.items()}
    check(app.config.renamed_pages, titles)
    for old, new in app.config.renamed_pages.items():
        path = Path(app.outdir, f"{old}.html")
        path.parent.mkdir(parents=True, exist_ok=True)
        text = stub(old, new, titles[new], app.config.language)
        path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the setting, and the step after the build."""
    app.add_config_value("renamed_pages", {}, "html", dict)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
