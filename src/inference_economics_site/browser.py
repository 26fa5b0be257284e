"""The browser on this machine, which draws the explorers and prints."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

# First the one without windows: it does the same with half the work.
NAMES = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome",
    "google-chrome-stable", "chrome",
)  # fmt: skip
HOW_TO_GET_ONE = "no Chromium or Chrome found: `apt install chromium`, or set BROWSER_PATH to one"


class NoBrowserError(Exception):
    """There is no browser on this machine."""


def find() -> str | None:
    """Return the path of a browser: the one that BROWSER_PATH names, or one that is installed.

    Raises ValueError where BROWSER_PATH names no program: another one was not asked for.
    """
    named = os.environ.get("BROWSER_PATH")
    if named and shutil.which(named) is None:
        raise ValueError(f"BROWSER_PATH = {named!r}: there is no such program")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def start() -> Iterator[Browser]:
    """Start the browser, and end it afterwards.

    Raises NoBrowserError where there is none, and ValueError where BROWSER_PATH names none.
    """
    from playwright.sync_api import sync_playwright

    path = find()
    if path is None:
        raise NoBrowserError(HOW_TO_GET_ONE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
