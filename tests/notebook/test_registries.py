"""What fills itself from the modules of a folder, and what is said where something is missing."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from inference_economics import equations
from inference_economics.algebra import symbols as s
from inference_economics.algebra.formula import Formula
from inference_economics_notebook import explorers, figures
from inference_economics_notebook.explorers import SPECS
from inference_economics_notebook.explorers.spec import Field
from inference_economics_site import explorer_links

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMULA = Formula(s.ridge_point, s.peak_flops / s.memory_bandwidth, "Made up.")


def test_figures_are_listed_without_what_draws_them() -> None:
    code = (
        "import sys; from inference_economics_notebook import figures; "
        "assert 'which_card' in dir(figures); assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_explorers_are_listed_without_what_shows_them() -> None:
    code = (
        "import sys; from inference_economics_notebook import explorers; "
        "assert callable(explorers.users); assert 'anywidget' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_explorer_is_made_by_its_name() -> None:
    assert {"sharing", "users", "chips", "brain", "flip"} <= set(explorers.SPECS)
    made = explorers.users("post", concurrent_users=7)  # type: ignore[operator]
    assert made.concurrent_users == 7


def test_a_figure_that_is_missing_says_what_one_is() -> None:
    with pytest.raises(AttributeError, match=r"no figure wich_card: .* under @drawn"):
        _ = figures.wich_card


def test_two_figures_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def functions(package: str) -> Iterator[tuple[str, str, frozenset[str]]]:
        assert package == figures.__name__
        for module in ("market", "serving"):
            yield module, "same", frozenset({"drawn"})
            yield module, "_helper", frozenset()

    monkeypatch.setattr(figures, "functions", functions)
    with pytest.raises(LookupError, match=r"called same, in market\.py and in serving\.py: rename"):
        figures.homes.__wrapped__()


@pytest.mark.parametrize(
    ("variable", "formula", "message"),
    [
        ("ridge_point", FORMULA, "equations/zoo.py declares ridge_point, as another .*: rename"),
        ("other", FORMULA, "other of equations/zoo.py calls itself ridge_point: give both"),
    ],
)
def test_two_formulas_of_one_name_are_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, formula: Formula, message: str
) -> None:
    zoo = ModuleType("zoo")
    setattr(zoo, variable, formula)
    monkeypatch.setitem(equations.TOPICS, "zoo", zoo)
    with pytest.raises(ValueError, match=message):
        equations.all_formulas.__wrapped__()


def test_an_input_of_an_explorer_that_is_missing_somewhere_is_named() -> None:
    spec = SPECS["users"]()
    with pytest.raises(LookupError, match=r"users\.py: no preset gives the input layers: add"):
        replace(spec, main=(*spec.main, Field("layers", "Layers")))
    with pytest.raises(
        LookupError, match=r"users\.py: a preset gives daily_use, which is no input: add"
    ):
        replace(spec, main=tuple(each for each in spec.main if each.name != "daily_use"))
    with pytest.raises(
        LookupError, match=r"users\.py: layers is shown worked without its equation: add"
    ):
        replace(spec, worked=("layers",))
    own = spec.presets["own"]
    fewer = {name: value for name, value in own.values.items() if name != "daily_use"}
    with pytest.raises(
        LookupError, match=r"users\.py: the preset 'own' gives no daily_use, as others do: add"
    ):
        replace(spec, presets={**spec.presets, "own": replace(own, values=fewer)})
    with pytest.raises(LookupError, match=r"input nonsense, which is no symbol: declare it in"):
        _ = Field("nonsense", "Nonsense").line
    with pytest.raises(LookupError, match=r"layers is .* without a label: add it to LABELS"):
        import_module(f"{explorers.__name__}.flip")._field("layers")
    with pytest.raises(LookupError, match=r"explorer new stands on no page: name it in"):
        explorer_links.address(replace(spec, id="new"), spec.state())
