"""A page of the site in a frame on somebody else's page, where perhaps nothing is stored."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator, Page


class Elsewhere(BaseHTTPRequestHandler):
    """A page of somebody else; only one that is really served may frame what this machine has."""

    content = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.content.encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def framed(page: Page, elsewhere: str, frame: str) -> FrameLocator:
    """Show a frame on a page of somebody else's."""
    Elsewhere.content = frame
    page.goto(elsewhere)
    return page.frame_locator("iframe")


def locked(address: str, width: int = 1300) -> str:
    """Return a frame in which no storage is to be had."""
    sandbox = 'sandbox="allow-scripts allow-forms"'
    return f'<iframe src="{address}" {sandbox} width="{width}" height="900"></iframe>'
