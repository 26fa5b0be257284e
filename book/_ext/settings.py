"""Where the book is published and where its source lives: two settings, both of them optional.

They stand in `_config.yml`; the variables BOOK_ADDRESS and BOOK_REPOSITORY come before them, so
that a publisher need not edit a file. Without them no page names an address.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sphinx.errors import ConfigError

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.util.typing import ExtensionMetadata

ADDRESS, REPOSITORY = "BOOK_ADDRESS", "BOOK_REPOSITORY"


def site(app: Sphinx) -> str:
    """Return the address at which the book is published, with a slash at its end, or nothing."""
    return app.config.html_baseurl or ""


def repository(app: Sphinx) -> str:
    """Return the address of the source's repository, without a slash at its end, or nothing."""
    return app.config.html_theme_options.get("repository_url") or ""


def source(app: Sphinx, path: str) -> str:
    """Return the address of a file of the source, or nothing."""
    return f"{repository(app)}/blob/HEAD/{path}" if repository(app) else ""


def issue(app: Sphinx, title: str, text: str) -> str:
    """Return the address that opens a new issue with its title and text filled in, or nothing."""
    filled = urlencode({"title": title, "body": text})
    return f"{repository(app)}/issues/new?{filled}" if repository(app) else ""


def read(app: Sphinx, config: Config) -> None:
    """Take the two addresses, and refuse what is none."""
    options = config.html_theme_options
    address = os.environ.get(ADDRESS) or config.html_baseurl
    repo = os.environ.get(REPOSITORY) or options.get("repository_url") or ""
    config.html_baseurl = f"{checked(ADDRESS, address)}/" if address else ""
    options["repository_url"] = checked(REPOSITORY, repo) if repo else ""


def checked(name: str, address: str) -> str:
    """Return an address without a slash at its end; ConfigError unless it is one."""
    if not re.fullmatch(r"https?://[\w.:-]+(/[\w./~-]*)?", address):
        raise ConfigError(f"{name} = {address!r}: must be an address such as https://example.org/")
    return address.rstrip("/")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Read the settings before the theme does."""
    app.connect("config-inited", read, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
