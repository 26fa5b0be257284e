"""The site with live chapters, a server for it, and a browser."""

from __future__ import annotations

from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from serve import Handler

from inference_economics_site import browser as browsers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

LITE = Path(__file__).parents[2] / "_build" / "lite"


class Server(ThreadingHTTPServer):
    """A server that does not mind when a browser leaves a page and hangs up."""

    def handle_error(self, *_: object) -> None:
        """Say nothing: what a page lacks fails its test."""


@pytest.fixture(scope="session")
def lite() -> Path:
    """Give the folder of the site with live chapters."""
    if not (LITE / "run").exists():
        pytest.fail(f"there is none in {LITE}: run `make lite`")
    return LITE


@pytest.fixture(scope="session")
def address(lite: Path) -> Iterator[str]:
    """Serve it on this machine."""
    with Server(("127.0.0.1", 0), partial(Handler, directory=str(lite))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser found on this machine; without one nothing is tested here."""
    with browsers.start() as started:
        yield started
