"""What the page on one's own analysis shows: each task in a few lines, with public names alone."""

from __future__ import annotations

import ast
import json
import pydoc
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import inference_economics as ie
from inference_economics.algebra import symbols, units
from inference_economics.algebra.formula import InputError
from inference_economics.equations import TOPICS, decode, market
from inference_economics.facts.catalog import CatalogError
from inference_economics.ledger import claims
from inference_economics.serving.deployment import LimitError
from inference_economics_notebook import book, explorers, typesetting

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[1] / "book" / "your-own-analysis.ipynb"
MOST_LINES = 5


def tasks() -> list[str]:
    """Return the code of the page's cells, in order."""
    cells = json.loads(PAGE.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Run the page; return its names, and under "shown" what the last line of each cell gives."""
    names: dict[str, Any] = {"shown": []}
    for code in tasks():
        *lines, last = ast.parse(code).body
        exec(compile(ast.Module(lines, []), "page", "exec"), names)  # noqa: S102
        if isinstance(last, ast.Expr):
            names["shown"].append(eval(ast.unparse(last.value), names))  # noqa: S307
        else:
            exec(ast.unparse(last), names)  # noqa: S102
    return names


@pytest.mark.parametrize("code", tasks())
def test_each_task_takes_a_few_lines_and_no_private_name(code: str) -> None:
    assert len(code.splitlines()) <= MOST_LINES
    tree = ast.parse(code)
    private = [n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr[0] == "_"]
    assert private == []
    imported = [n for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom))]
    assert {ast.unparse(each) for each in imported} <= {
        "import inference_economics as ie",
        "from inference_economics_notebook import book, explorers",
    }


def test_every_public_name_is_on_the_page_and_in_the_help() -> None:
    used = {
        node.attr
        for code in tasks()
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "ie"
    }
    assert used <= set(ie.__all__)
    assert set(ie.__all__) - used == {"InputError", "formulas", "serve"}
    assert all(f"`ie.{name}" in str(ie.__doc__) for name in ie.__all__)
    assert dir(ie) == sorted(ie.__all__)
    assert all(getattr(ie, name) is not None for name in ie.__all__)
    with pytest.raises(ie.InputError, match="rows: these are none of a sweep's"):
        ie.frontier([{"price": 1}])
    with pytest.raises(AttributeError, match=r"has no deplay \(it has: InputError, .*deploy"):
        _ = ie.deplay  # type: ignore[attr-defined]


def test_importing_it_imports_nothing_slow() -> None:
    code = (
        "import sys, inference_economics as ie; dir(ie)\n"
        "slow = {'sympy', 'pint', 'numpy', 'inference_economics.algebra'} & set(sys.modules)\n"
        "sys.exit(str(slow) if slow else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_page_says_what_the_equations_say(page: dict[str, Any]) -> None:
    gains = page["ahead"].user_speed / page["node"].step(1, 4000).user_speed
    kept = (1 - 0.7**5) / (1 - 0.7)
    assert 1 < gains < kept
    assert page["cheaper"].step(64, 4000).cost_per_token == pytest.approx(
        8 * 1.5 / 3600 / page["step"].throughput
    )
    assert page["daily"](idle_share=0.4, chip_rent="$2/h", chips=8) == pytest.approx(
        0.6 * 2 * 8 * 24
    )
    assert page["own"].verdict == "off"
    assert page["own"].factor == pytest.approx(600 / (1979 / 3.35 / 2))
    assert "A talk on serving" in page["shown"][-2].markup
    assert "claims/own-claim.html" not in page["shown"][-2].markup
    assert page["samples"].answers.shape == page["samples"].inputs["audience"].shape


# Tables


def test_rows_of_a_sweep_are_steps() -> None:
    node = ie.deploy("h100_sxm5", 8, "llama3_70b", weight_bits=8)
    rows = ie.sweep(node, concurrent_users=np.array([1, 64]), context=[1000, 4000])
    assert [(row["concurrent_users"], row["context"]) for row in rows] == [
        (1, 1000), (64, 1000), (1, 4000), (64, 4000),
    ]  # fmt: skip
    step = node.step(64, 4000)
    assert rows[-1]["cost_per_token"] == step.cost_per_token
    assert rows[-1]["energy_per_token"] == pytest.approx(8 * 700 / step.throughput)
    assert len({tuple(row) for row in rows}) == 1


def test_what_does_not_fit_or_is_not_known_is_none() -> None:
    big, unpriced = ie.deploy("h100_sxm5", 8, "llama3_70b"), ie.deploy("m3_ultra", 1, "llama3_8b")
    (row,) = ie.sweep([big], concurrent_users=10**6, context=4000)
    assert row["step_time"] is None
    (row,) = ie.sweep([unpriced])
    assert row["step_time"] is not None
    assert row["cost_per_token"] is None
    assert any("no rent of" in note for note in unpriced.notes)
    assert "–" in book.rows([row]).text
    assert ie.frontier([row]) == []
    assert ie.deploy("m3_ultra", 1, "llama3_8b", rent="$1/h").step(1).cost_per_token is not None


def test_a_frontier_is_no_worse_in_both() -> None:
    def row(speed: float, cost: float | None) -> dict[str, Any]:
        return {"user_speed": speed, "cost_per_token": cost}

    rows = [row(1, 5), row(3, 4), row(2, 4), row(2, 3), row(5, 9), row(5, 8), row(9, None)]
    assert ie.frontier(rows) == [row(5, 8), row(3, 4), row(2, 3)]


def test_one_chip_fewer_does_not_do() -> None:
    of_eight = ie.fewest_chips("8xH100", "llama3_405b")  # a name that counts
    assert of_eight.values["chips"] == 16
    found = ie.fewest_chips("h100_sxm5", "llama3_70b", concurrent_users=32, context=4000)
    assert found.values["chips"] == 4
    for chips in range(1, 4):
        with pytest.raises(LimitError):
            ie.deploy("h100_sxm5", chips, "llama3_70b").step(32, 4000)
    with pytest.raises(LimitError, match="no number of h100_sxm5 up to 1024"):
        ie.fewest_chips("h100_sxm5", "llama3_8b", concurrent_users=10**9, context=4000)
    assert ie.fewest_chips("2000xH100", "llama3_8b", replicas=2000).values["chips"] == 2000


def test_experts_on_the_fewest_chips_may_have_copies_of_attention() -> None:
    asked = {"concurrent_users": 1024, "context": 8000}
    bits = {"weight_bits": 8, "kv_bits": 8}
    found = ie.fewest_chips("h200_sxm", "deepseek_v3", **asked, **bits)
    assert (found.values["chips"], found.values["replicas"]) == (8, 8)
    with pytest.raises(LimitError, match="no number of h200_sxm up to 1024"):
        ie.fewest_chips("h200_sxm", "deepseek_v3", **asked, **bits, replicas=1)
    staged = ie.fewest_chips(
        "h100_sxm5", "deepseek_v3", stages=2, concurrent_users=512, context=8000
    )
    assert (staged.values["chips"], staged.values["replicas"]) == (16, 8)
    copied = "keeps 8 copies of each cache; replicas, with experts, avoid that"
    assert any(copied in note for note in ie.deploy("h200_sxm", 8, "deepseek_v3").notes)
    for chips, model, copies in (
        (8, "deepseek_v3", 8),
        (8, "qwen3_235b_a22b", 1),
        (8, "llama3_70b", 1),
    ):
        assert not any(
            "copies" in n for n in ie.deploy("h200_sxm", chips, model, replicas=copies).notes
        )


def test_one_user_fewer_does_not_break_even() -> None:
    node = ie.deploy("h100_sxm5", 8, "llama3_70b", weight_bits=8)
    users = ie.break_even(node, "$1 per million tokens", context=4000)
    costs = [node.step(each, 4000).cost_per_token or 0.0 for each in (users - 1, users)]
    assert costs[1] <= 1e-6 < costs[0]
    assert ie.break_even(node, "$1 per token") == 1
    with pytest.raises(InputError, match="costs more even with"):
        ie.break_even(node, "$0.01 per million tokens", context=4000)
    with pytest.raises(InputError, match="no rent of"):
        ie.break_even(ie.deploy("m3_ultra", 1, "llama3_8b"), 1e-6)
    with pytest.raises(ie.InputError, match=r"^price = 0: must be a positive number"):
        ie.break_even(node, 0)
    with pytest.raises(InputError, match=r'^price = 3: .* write "\$3 per million tokens"'):
        ie.break_even(node, 3)


# What help says, and what is said of bare numbers


def test_help_of_a_formula_lists_what_it_takes_and_returns() -> None:
    text = pydoc.render_doc(market.own_cost, renderer=pydoc.plaintext)
    for name in (
        "lifetime [second]",
        "electricity_price [dollar/joule]",
        "own_cost [dollar/token]",
    ):
        assert name in text
    assert "time over which a machine is written off; a positive number" in text
    text = pydoc.render_doc(ie.formula("critical_batch"), renderer=pydoc.plaintext)
    assert "bits in a byte; a positive number; 8 unless given" in text
    assert "ridge_point [FLOP/byte]" in text.partition("in place of")[2]
    assert "Attributes:" in pydoc.render_doc(type(market.own_cost), renderer=pydoc.plaintext)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("lifetime", 4, r"lifetime = 4 is taken as 4 s; .*'4 year'"),
        ("electricity_price", 0.15, r"taken as \$0.15 per joule; .*'\$0.15/kWh'"),
    ],
)
def test_a_bare_number_in_an_unlikely_unit_says_so(name: str, value: float, said: str) -> None:
    given = {
        "purchase_price": 2000, "lifetime": "4 year", "time_used": 0.5, "machine_power": 400,
        "electricity_price": "$0.15/kWh", "throughput": 30,
    }  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        market.own_cost(**given)
        market.own_cost.explain(**{**given, "lifetime": 4 * 365.25 * 86400})
        market.own_cost.explain(**{**given, "lifetime": "4 s"})  # meant, and said so
    for call in (market.own_cost, market.own_cost.explain):
        with pytest.warns(units.UnitWarning, match=said) as caught:
            call(**{**given, name: value})
        assert [Path(each.filename) for each in caught] == [Path(__file__)]


def test_a_deployment_says_so_too() -> None:
    for said in (8, "8"):
        told = rf"link_latency = {said!r} is taken as 8 s; .*'8 us'"
        with pytest.warns(units.UnitWarning, match=told):
            ie.deploy("h100_sxm5", 8, "llama3_70b", link_latency=said)


def test_what_is_unlikely_is_a_symbol_and_its_example_is_not() -> None:
    for name, (low, high, text) in symbols.UNLIKELY.items():
        assert low <= units.parse(text, symbols.GLOSSARY[name].unit) <= high


def test_help_of_a_formula_names_what_else_it_does() -> None:
    text = pydoc.render_doc(ie.formula("critical_batch"), renderer=pydoc.plaintext)
    for name in ("explain", "elasticities", "latex", "legend", "javascript"):
        assert f".{name}(" in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: ie.deploy("b200", 8, "llama3_70b", rent=-1), "rent = -1: must be a positive"),
        (lambda: ie.deploy("b200", "8", "llama3_70b"), "chips = '8': must be a whole number"),
        (lambda: ie.sweep("b200"), "deployments: 'b200' is none"),
        (lambda: ie.sweep(None), "deployments: None is none"),
        (
            lambda: book.rows(ie.sweep(ie.deploy("b200", 8, "llama3_8b")), "step_tim"),
            "did you mean 'step_time'",
        ),
        (lambda: book.rows(ie.claims()), "must be a dict, such as a claim's as_json"),
        (
            lambda: ie.formula("ridge_point")(peak_flops=[1, 2], memory_bandwidth=[1, 2, 3]),
            r"memory_bandwidth of shape \(3,\), peak_flops of shape \(2,\)",
        ),
        (
            lambda: ie.formula("ridge_point")(peak_flops=["1 FLOP/s"], memory_bandwidth=1),
            "an array must hold numbers, not texts",
        ),
        (lambda: ie.new_formula(ie.symbol("chips"), "batch"), "expression = 'batch': must be"),
        (lambda: ie.new_formula(ie.symbol("chips"), 3), "expression = 3: must be"),
        (lambda: ie.new_formula("chips", ie.symbol("batch")), "result = 'chips': must be"),
    ],
)
def test_what_is_wrong_is_said_as_it_was_given(wrong: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        wrong()


def test_what_no_name_is_near_to_is_told_the_few_there_are() -> None:
    with pytest.raises(CatalogError, match=r"no headline 'gain' \(there are: .*users-needed"):
        ie.headline("gain")
    with pytest.raises(CatalogError, match="did you mean 'mi300x'"):
        ie.catalog().accelerator("MI300X")


def test_a_deployment_is_shown_by_its_name() -> None:
    node = ie.deploy("b200", 8, "llama3_70b")
    assert repr(node) == f"<Deployment {node.name!r}>"


# Symbols, formulas and claims of one's own


@pytest.fixture(autouse=True, scope="module")
def glossary_as_it_was() -> Iterator[None]:
    """Forget the symbols declared here: other tests read the book's alone."""
    before = dict(symbols.GLOSSARY)
    yield
    symbols.GLOSSARY.clear()
    symbols.GLOSSARY.update(before)
    symbols.own_values.cache_clear()


def test_a_symbol_may_be_declared_again_but_not_in_place_of_the_books() -> None:
    ie.new_symbol("spare_time", "second", "time left")
    ie.new_symbol("spare_time", "hour", "time left over", value=2)
    assert symbols.GLOSSARY["spare_time"].unit == "hour"
    assert "spare" in typesetting.inline(symbols.GLOSSARY["spare_time"].sign)
    made = ie.new_formula(ie.symbol("daily_use"), ie.symbol("spare_time") * 3)
    assert made() == pytest.approx(6.0)
    with pytest.raises(
        ValueError, match="already has a symbol of that name: accelerators that work"
    ):
        ie.new_symbol("chips", "chip", "")
    with pytest.raises(ValueError, match="must be a valid name in Python"):
        ie.new_symbol("two words", "chip", "")
    with pytest.raises(units.UnitsError, match="unknown unit 'parsec'"):
        ie.new_symbol("distance", "parsec", "how far")
    with pytest.raises(ValueError, match="value = 3: must be from 0 to 1"):
        ie.new_symbol("spare_share", "fraction", "share left", allowed=(0, 1), value=3)
    with pytest.raises(LookupError, match="no symbol chps; did you mean chips"):
        ie.symbol("chps")


def test_units_of_an_own_formula_are_checked_at_once() -> None:
    with pytest.raises(units.UnitsError, match="is in second"):
        ie.new_formula(ie.symbol("step_time"), ie.symbol("chips") * ie.symbol("batch"))
    with pytest.raises(CatalogError, match="did you mean 'critical_batch'"):
        ie.formula("critical_bach")


@pytest.mark.parametrize(
    ("expression", "units_of_it"),
    [
        (ie.symbol("chip_power") / ie.symbol("batch"), "energy/time/chip/token"),
        (ie.symbol("step_time") ** 2, r"time\^2"),
        (ie.symbol("steady_margin") * 1, "no unit"),
    ],
)
def test_the_units_of_a_wrong_formula_are_told_in_words(expression: Any, units_of_it: str) -> None:
    with pytest.raises(units.UnitsError, match=f"its expression has {units_of_it}$"):
        ie.new_formula(ie.symbol("weight_bytes"), expression)


def test_an_own_formula_may_rest_on_a_single_one() -> None:
    step, users = ie.symbol("step_time"), ie.symbol("chips")
    slow = ie.new_symbol("chip_seconds", "second*chip", "chips times a step")
    assert ie.new_formula(slow, step * users, where=ie.formula("step_time")).where == (
        ie.formula("step_time"),
    )


def test_a_claim_of_another_text_has_a_unit_and_a_text() -> None:
    for unit in ("", None):
        with pytest.raises(claims.ClaimError, match=r"unit = .*: give the unit of '21 ms'"):
            ie.new_claim("It takes 21 ms.", "21 ms", unit, text="A blog")
    with pytest.raises(claims.ClaimError, match="give the title"):
        ie.new_claim("It takes 21 ms.", "21 ms", "ms", text="")
    with pytest.raises(claims.ClaimError, match="the book's ledger has a claim"):
        ie.new_claim("It takes 21 ms.", "21 ms", "ms", text="A blog", id="users-needed")
    named = ie.new_claim("It is called 21.", "21", "none", text="A blog")
    assert named.verdict == "not a quantity"


def test_a_claim_may_rest_on_an_own_formula_and_on_facts() -> None:
    made = ie.new_formula(ie.symbol("weight_time"), ie.symbol("weight_bytes") /
                          (ie.symbol("chips") * ie.symbol("memory_bandwidth")))  # fmt: skip
    inputs = {"weight_bytes": "140 GB", "chips": 1, "memory_bandwidth": "3.35 TB/s"}
    result = ie.new_claim(
        "Reading 140 GB takes 42 ms.", "42 ms", "ms", text="A blog", chapter="Part 2", who="a",
        equation=made, inputs=inputs,
        facts={"memory_bandwidth": "chip:h200_sxm.memory_bandwidth"},
    )  # fmt: skip
    assert (result.verdict, result.verdict_on_facts) == ("holds", "roughly")
    assert "A blog" in str(book.card(result))
    assert "Part 2" in str(book.card(result))
    named = {"text": "A blog", "equation": made, "inputs": inputs}
    assert "recomputed 41.8 ms:" in repr(ie.new_claim("So long.", "41790 us", "us", **named))
    for rests, said in (({"equation": made, "inputs": inputs}, "its equation gives 'second'"),
                       ({"fact": "chip:h200_sxm.power"}, "chip:h200_sxm.power gives 'watt/chip'")
                       ):  # fmt: skip
        with pytest.raises(claims.ClaimError, match=f"own-claim: its unit is 'GB', and {said}: "):
            ie.new_claim("So long.", "42 GB", "GB", text="A blog", **rests)
    with pytest.raises(claims.ClaimError, match="neither inputs nor facts"):
        ie.new_claim("So long.", "42 ms", "ms", text="A blog", equation=made, inputs={})


# Names


def test_public_modules_list_what_they_define() -> None:
    listed = {name: dir(module) for name, module in sys.modules.items()
              if name.startswith("inference_economics") and hasattr(module, "__dir__")
              and "__dir__" in vars(module)}  # fmt: skip
    rooms = ("algebra", "facts", "equations", "serving", "ledger", "uncertainty")
    homes = ("algebra.formula", "serving.deployment", "ledger.claims")
    topics = (f"equations.{topic}" for topic in TOPICS)
    assert {f"inference_economics.{name}" for name in (*rooms, *homes, *topics)} <= set(listed)
    assert "inference_economics_notebook.book" in listed
    for name, names in listed.items():
        if names and not name.endswith("figures"):
            assert not {"Any", "annotations", "TYPE_CHECKING", "sympy", "s", "math"} & set(names)
    assert "throughput" in dir(decode)
    assert "bytes_per_parameter" not in dir(decode)  # it is roofline's


def test_an_explorer_refuses_an_attribute_that_it_has_not() -> None:
    explorer = explorers.sharing("llama-h100")
    with pytest.raises(InputError, match="sharing has no input contxt; did you mean context"):
        explorer.contxt = "8K"
    explorer.context = "8K"
    assert explorer.context == 8000
