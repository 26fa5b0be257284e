"""JupyterLab on this machine, with folders of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = 60  # seconds that the server may take


def folders(root: Path) -> dict[str, str]:
    """Return the variables that name JupyterLab's own folders."""
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR",
             "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")  # fmt: skip
    return {name: str(root / f".{name.lower()}") for name in names}


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """Serve a folder's notebooks in JupyterLab, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.root_dir": str(root), "ServerApp.port": port, "ServerApp.ip": "127.0.0.1",
        "ServerApp.open_browser": False, "ServerApp.allow_root": True,
        "IdentityProvider.token": "", "ServerApp.password": "",
        "LabApp.news_url": "None", "LabApp.expose_app_in_browser": True,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }  # fmt: skip
    command = [sys.executable, "-m", "jupyterlab", *(f"--{k}={v}" for k, v in options.items())]
    own = {**os.environ, **folders(root)}
    with (root / "lab.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=own)
        address = f"http://127.0.0.1:{port}/"
        try:
            _wait(address)
            yield address
        finally:
            server.terminate()
            server.wait()


def _wait(address: str) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address + "api").close()  # noqa: S310
        except OSError:
            time.sleep(0.3)
        else:
            return
    pytest.fail(f"JupyterLab did not answer at {address} within {START} s")
