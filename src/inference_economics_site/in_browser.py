"""In a reader's browser: what takes long to come is fetched when it is first needed.

Pyodide runs Python in a web page, where the first answer waits for all that is there from the
start. That is as little as numbers, claims and worked equations take. The other pure-Python
libraries come from the site itself, behind the first answer or when one is imported before. NumPy,
SciPy and Matplotlib are megabytes from Pyodide's distribution, so each waits for its import.
"""

from __future__ import annotations

import importlib
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

COMPILED = {"numpy": "NumPy", "scipy": "SciPy", "matplotlib": "Matplotlib"}
"""What comes from Pyodide's distribution, by the name of its module."""

PURE = {"sympy": "SymPy", "pint": "Pint", "anywidget": "anywidget"}
"""What comes from the site."""

SOON = 2
"""Seconds after the first answer: it is to be seen first."""

OFTEN = 0.05
"""Seconds between looks for the kernel's shell: its first cell comes later than that."""

NAMES = COMPILED | PURE
"""All that is fetched."""

_OWN = ("inference_economics", "inference_economics_notebook")
_MACHINERY = ("importlib.", "_frozen_importlib")


class NotFetchedError(ImportError):
    """What was asked for is not there and could not be fetched."""


def note(_shell: object, _kind: object, error: NotFetchedError, *_: Any, **__: Any) -> None:
    """Show what is missing where a cell's output would stand.

    For IPython it is no error, after which "run all" would stop: the arithmetic goes on.
    """
    sys.stdout.write(f"{error}\n")


class Fetcher(MetaPathFinder):
    """Fetches a package when it is first imported.

    `fetch` is given the module's name, and returns when the package is installed.
    """

    def __init__(self, fetch: Callable[[str], object]) -> None:
        self._fetch = fetch

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: Any = None
    ) -> ModuleSpec | None:
        """Fetch what the package or the reader asks for, and say where it lies then.

        Other libraries ask whether it is there, and do without. Raises NotFetchedError where it
        cannot be had.
        """
        if name not in NAMES or _asker().split(".")[0] not in ("__main__", *_OWN):
            return None
        reason = ""
        try:
            self._fetch(name)
        except Exception as error:  # noqa: BLE001  what a browser throws is of no one kind
            reason = f" ({error})"
        importlib.invalidate_caches()
        found = PathFinder.find_spec(name, path, target)
        if found is None:
            whose = "Pyodide's distribution" if name in COMPILED else "this site"
            raise NotFetchedError(
                f"{NAMES[name]} is not here and could not be fetched from {whose}: "
                f"is there a connection?{reason} Arithmetic without arrays works without it. "
                f"Where a browser cannot wait, a cell with `import {name}` fetches it first."
            )
        return found


def install() -> None:
    """Have what is missing fetched, where Python runs in a browser and elsewhere never."""
    if sys.platform == "emscripten" and not any(isinstance(f, Fetcher) for f in sys.meta_path):
        # Pyodide's own finder, at the end, only says that a package is not loaded.
        sys.meta_path.insert(sys.meta_path.index(PathFinder) + 1, Fetcher(_fetch))
        _tell_shell()


def _tell_shell() -> None:
    """Have the kernel's shell do its part, as soon as there is one: Python starts before it."""
    import asyncio

    from IPython.core.getipython import get_ipython

    if shell := get_ipython():
        shell.set_custom_exc((NotFetchedError,), note)  # type: ignore[no-untyped-call]
        shell.events.register("post_run_cell", _fetch_the_rest)
    else:
        asyncio.get_event_loop().call_later(OFTEN, _tell_shell)


def _fetch_the_rest(*_: object) -> None:
    """Have what the site serves fetched soon, once the first answer is there.

    So a browser that cannot wait in the middle of a cell has it too.
    """
    import asyncio

    import pyodide_js
    from IPython.core.getipython import get_ipython

    get_ipython().events.unregister("post_run_cell", _fetch_the_rest)  # type: ignore[union-attr]
    asyncio.get_event_loop().call_later(SOON, pyodide_js.loadPackage, list(PURE))


def _asker() -> str:
    """Return the name of the module that imports."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001  inspect would be slower
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_MACHINERY):
        frame = frame.f_back
    return "" if frame is None else str(frame.f_globals.get("__name__", ""))


def _fetch(name: str) -> None:
    import pyodide_js
    from pyodide.ffi import run_sync

    run_sync(pyodide_js.loadPackage(name))
