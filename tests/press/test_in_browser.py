"""What is compiled is fetched when the package or a reader first needs it, and at no other time."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from importlib.machinery import PathFinder
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from inference_economics_site import in_browser


def asked_by(module: str, fetcher: in_browser.Fetcher, name: str = "numpy") -> object:
    """Look for a module as the code of another module would."""
    scope = {"__name__": module, "fetcher": fetcher, "name": name}
    exec("found = fetcher.find_spec(name)", scope)  # noqa: S102
    return scope["found"]


@pytest.fixture
def nothing_there(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have no library installed, and give the names that were looked for."""
    looked: list[str] = []
    monkeypatch.setattr(PathFinder, "find_spec", lambda name, *_: looked.append(name))
    return looked


def test_it_is_fetched_for_the_package_and_the_reader_only() -> None:
    fetched: list[str] = []
    fetcher = in_browser.Fetcher(fetched.append)
    assert asked_by("pint.compat", fetcher) is None
    assert asked_by("sympy", fetcher) is None
    assert fetched == []
    for module in ("__main__", "inference_economics_notebook.figures.style"):
        assert asked_by(module, fetcher).name == "numpy"  # type: ignore[attr-defined]
    assert asked_by("__main__", fetcher, "pandas") is None
    assert fetched == ["numpy", "numpy"]


def test_what_cannot_be_fetched_is_said_in_a_sentence(nothing_there: list[str]) -> None:
    def refuse(_: str) -> None:
        raise OSError("no network")

    for fetch in (refuse, lambda _: None):
        with pytest.raises(in_browser.NotFetchedError, match="Matplotlib is not here") as caught:
            asked_by("__main__", in_browser.Fetcher(fetch), "matplotlib")
        assert ("no network" in str(caught.value)) == (fetch is refuse)
    assert nothing_there == ["matplotlib"] * 2


def test_run_all_goes_on_past_a_figure_and_the_rest_comes_behind_the_first_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def draw() -> None:
        raise in_browser.NotFetchedError("Matplotlib is not here")

    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.setattr(sys, "platform", "emscripten")
    later: list[tuple[Any, ...]] = []
    loop = SimpleNamespace(call_later=lambda *call: later.append(call))
    monkeypatch.setattr(asyncio, "get_event_loop", lambda: loop)
    shell = InteractiveShell()
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    monkeypatch.setitem(sys.modules, "pyodide_js", SimpleNamespace(loadPackage="load"))
    in_browser.install()
    told: list[object] = []
    monkeypatch.setattr(shell, "_showtraceback", lambda *error: told.append(error))
    shell.user_ns["draw"] = draw
    assert later == []
    shell.run_cell("draw()")
    assert capsys.readouterr().out == "Matplotlib is not here\n"
    assert told == []  # of what a kernel takes for an error
    shell.run_cell("1 / 0")
    assert len(told) == 1  # what is an error stays one
    assert later == [(in_browser.SOON, "load", list(in_browser.PURE))]  # once


def test_it_is_installed_once_and_in_a_browser_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    in_browser.install()
    assert not any(isinstance(each, in_browser.Fetcher) for each in sys.meta_path)
    monkeypatch.setattr(sys, "platform", "emscripten")
    for _ in range(2):
        in_browser.install()
    (at,) = (k for k, each in enumerate(sys.meta_path) if isinstance(each, in_browser.Fetcher))
    assert sys.meta_path[at - 1] is PathFinder


def test_the_chapters_first_cells_need_no_compiled_library() -> None:
    """Claims, equations, cards and the names of figures, but no figure."""
    code = (
        "import sys\n"
        "for name in ('numpy', 'scipy', 'matplotlib', 'pint'): sys.modules[name] = None\n"
        "from inference_economics.facts import catalog\n"
        "from inference_economics.ledger import claims, stated\n"
        "from inference_economics_notebook import book, figures\n"
        "from inference_economics.serving import market\n"
        "from inference_economics.equations import decode, roofline, serving\n"
        "print(book.card('users-needed'), claims.load()['users-needed'].recomputed)\n"
        "assert 'step_time_against_batch' in dir(figures)\n"
        "try: figures.step_time_against_batch\n"
        "except ImportError as error: print(error)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert found.splitlines()[0].startswith("users-needed")
    assert " 500.0\n" in found
    assert "numpy" in found.splitlines()[-1]
