"""The data to download, and the list of it: the directive `downloads` stands for that."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive

from . import exports, feed

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

FOLDER = "downloads"


class Downloads(Directive):
    """List every table with what its columns mean."""

    has_content: ClassVar[bool] = False

    def run(self) -> list[nodes.Node]:
        """Return the list."""
        listed = "".join(map(_table, exports.tables()))
        return [nodes.raw("", listed, format="html")]


def _table(table: exports.Table) -> str:
    rows = ""
    for written in table.header:
        name, unit = exports.column(written)
        measured = f" <span>{escape(unit)}</span>" if unit else ""
        rows += f"<li><code>{name}</code>{measured} {escape(table.columns[name])}</li>"
    files = [table.file, "claims.json"] if table.name == "claims" else [table.file]
    links = ", ".join(f'<a href="{FOLDER}/{file}" download>{file}</a>' for file in files)
    return (
        f'<div class="download" id="data-{table.name}"><p><strong>{escape(table.title)}</strong> '
        f"{links}. {escape(table.about)} {table.rows:,} rows.</p>"
        f'<details class="about"><summary>Its {len(table.header)} columns</summary>'
        f'<ul class="columns">{rows}</ul></details></div>'
    )


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the data, and the feed of changes."""
    if error is not None or app.builder.name != "html":
        return
    site = Path(app.outdir)
    (site / FOLDER).mkdir(exist_ok=True)
    for name, text in exports.files().items():
        (site / FOLDER / name).write_text(text, encoding="utf-8")
    changelog = Path(app.srcdir).parent / "CHANGELOG.md"
    text = feed.atom(changelog.read_text(encoding="utf-8"), app.config.html_baseurl)
    (site / feed.FILE).write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register both."""
    app.add_directive("downloads", Downloads)
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
