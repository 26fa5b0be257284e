"""The press: what only the website, the editions and the live copy need."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

PARTS = (
    "settings", "claim_pages", "downloads", "parallel_execution", "explorers", "figures",
    "ledger", "metadata", "page_foot", "questions", "renamed", "social", "typeset", "website",
    "assets",
)  # fmt: skip
"""What of it takes part in Sphinx's build, in the order in which its steps are taken."""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register all of them."""
    for part in PARTS:
        import_module(f"{__name__}.{part}").setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
