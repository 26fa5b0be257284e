"""The built site, a server for it, and a browser that may ask no other host."""

from __future__ import annotations

import os
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from built_site import SITE
from frames import Elsewhere

from inference_economics_site import browser as browsers
from inference_economics_site.editions import edition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


class QuietHandler(SimpleHTTPRequestHandler):
    """A file server that keeps its log to itself."""

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session", autouse=True)
def site() -> Path:
    """Give the folder of the built site."""
    if not (SITE / "index.html").exists():
        pytest.fail(f"there is no site in {SITE}: run `make book`")
    return SITE


@pytest.fixture(scope="session")
def about() -> edition.Edition:
    """Describe the book with the settings that the build reads, its addresses among them."""
    return edition.read(Path(__file__).parents[2])


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Serve the site on this machine."""
    handler = partial(QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[str]:
    """Serve a page of somebody else, of which a frame may be a part."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser found on this machine."""
    try:
        with browsers.start() as started:
            yield started
    except browsers.NoBrowserError as error:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))
