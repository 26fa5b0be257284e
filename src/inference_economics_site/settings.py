"""Where the book is published and where its source lives, for whatever writes a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from sphinx.errors import ConfigError

from . import addresses, browser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx.application import Sphinx
    from sphinx.config import Config


PICTURE = (1200, 630)
"""The size of the picture that a pasted link shows, in pixels."""


def site(app: Sphinx) -> str:
    """Return the address at which the book is published, with a slash at its end, or nothing."""
    return app.config.html_baseurl or ""


def pictures(app: Sphinx) -> bool:
    """Tell whether pasted links show a picture.

    It is found by its full address only, and takes a browser to draw.
    """
    return bool(site(app)) and browser.find() is not None


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


def binder(app: Sphinx, page: str) -> str:
    """Return the address at which Binder starts a page's notebook, or nothing."""
    where = urlsplit(repository(app))
    if not where.netloc:
        return ""
    host, path = ("gh", where.path) if where.netloc == "github.com" else ("git", "")
    source = path.strip("/") or quote(repository(app), safe="")
    opened = urlencode({"urlpath": f"lab/tree/book/{page}.ipynb"})
    return f"https://mybinder.org/v2/{host}/{source}/HEAD?{opened}"


def read(app: Sphinx, config: Config) -> None:
    """Take the two addresses; ConfigError for what is none."""
    options = config.html_theme_options
    given = config.html_baseurl or "", options.get("repository_url") or ""
    try:
        config.html_baseurl, options["repository_url"] = addresses.read(*given)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def when_built(app: Sphinx, write: Callable[[Sphinx, Path], None], priority: int = 500) -> None:
    """Have something written to the folder of the site, once it is built without an error."""

    def call(app: Sphinx, error: Exception | None) -> None:
        if error is None and app.builder.name == "html":
            write(app, Path(app.outdir))

    app.connect("build-finished", call, priority=priority)


def write_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files by name into a folder of the site."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def load_where(app: Sphinx, needed: str, style: str, script: str) -> None:
    """Load a style and a script, files of the site, on the pages whose body has what needs them."""

    def load(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
        if needed in context.get("body", ""):
            app.add_css_file(f"../{style}")
            app.add_js_file(f"../{script}", loading_method="defer")

    app.connect("html-page-context", load)


def setup(app: Sphinx) -> None:
    """Read the settings before the theme does."""
    app.connect("config-inited", read, priority=100)
