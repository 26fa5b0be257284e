"""The data to download, and the list of it: the directive `downloads` stands for that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.parsers.rst import Directive

from inference_economics_notebook.markup import element, escape, folded, items, link

from . import addresses, exports, feed, settings

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Downloads(Directive):
    """List every table with what its columns mean."""

    def run(self) -> list[nodes.Node]:
        """Return the list."""
        listed = "".join(map(_table, exports.tables()))
        return [nodes.raw("", listed, format="html")]


def _table(table: exports.Table) -> str:
    columns = []
    for written in table.header:
        name, unit = exports.column(written)
        measured = f" {element('span', escape(unit))}" if unit else ""
        columns.append(f"{element('code', name)}{measured} {escape(table.columns[name])}")
    files = [table.file, "claims.json"] if table.name == "claims" else [table.file]
    links = ", ".join(link(f"{addresses.DOWNLOADS}/{file}", file, download=True) for file in files)
    about = (
        f"{element('strong', escape(table.title))} {links}. {escape(table.about)} "
        f"{table.rows:,} rows."
    )
    return element(
        "div",
        element("p", about),
        folded(f"Its {len(table.header)} columns", items(columns, css="columns")),
        css="download",
        id=f"data-{table.name}",
    )


def write(app: Sphinx, site: Path) -> None:
    """Write the data, and the feed of changes."""
    settings.write_files(site / addresses.DOWNLOADS, exports.files())
    changelog = Path(app.srcdir).parent / "CHANGELOG.md"
    text = feed.atom(changelog.read_text(encoding="utf-8"), app.config.html_baseurl)
    (site / feed.FILE).write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register both."""
    app.add_directive("downloads", Downloads)
    settings.when_built(app, write)
