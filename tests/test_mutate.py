from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from mutation.draw import Mutant, draw, formula_spans, idle_spans, read_marks
from mutation.tester import chosen_tests, imported, own_tests

ROOT = Path(__file__).parents[1]

SOURCE = """\
seen = s.prompt / 2
one = Formula(s.one, s.a * seen, "About.", where=(2 * 3,))
two = Formula(s.two, s.b + 1, "About.").using(one)
third = one.using(two, name="third")
LIMIT = 5
"""


def mutant(line: int, column: int, operator: str = "NumberReplacer", nth: int = 0) -> Mutant:
    text = SOURCE.splitlines()[line - 1]
    return Mutant("equations/some.py", (line, column), "2", text, operator, nth, nth)


def test_a_formula_is_its_expression_and_the_variables_that_it_names() -> None:
    assert formula_spans(SOURCE) == {
        "one": [((2, 21), (2, 31)), ((1, 7), (1, 19))],
        "two": [((3, 21), (3, 28))],
    }


def test_every_formula_has_mutants_of_both_kinds_and_the_rest_is_drawn_by_itself() -> None:
    swap = "ReplaceBinaryOperator_Mul_Add"
    own = [mutant(2, 25, swap, nth) for nth in range(5)]
    scaled = [mutant(2, 21, "SymbolScaled", nth) for nth in range(5)]
    two, rest = [mutant(3, 27)], [mutant(5, 8, nth=nth) for nth in range(9)]
    mutants, sources = [*own, *scaled, *two, *rest], {"equations/some.py": SOURCE}
    drawn = draw(mutants, sources, lambda _: True, rest=4)
    assert [len(drawn[name]) for name in ("one", "two", "")] == [2, 1, 4]
    assert {mutant.keeps_units for mutant in drawn["one"]} == {True, False}
    assert {mutant.spot for mutant in drawn[""]} == {(5, 8)}
    assert draw(mutants[::-1], sources, lambda _: True, rest=4) == drawn
    assert draw(mutants, sources, lambda _: False, rest=4)[""] == []


def test_a_moved_line_is_drawn_as_before() -> None:
    here, moved = mutant(5, 8), Mutant("other/some.py", (9, 8), "2", "LIMIT = 5", *("x", 7, 0))
    again = Mutant("equations/some.py", (5, 8), "2", "LIMIT = 5", "x", 0, 0)
    assert moved.rank == again.rank != here.rank


def test_annotations_and_caches_and_what_forbids_to_write_are_left_alone() -> None:
    frozen = "@dataclass(frozen=True)\nclass C:\n    a = f(frozen)\n"
    assert idle_spans(frozen) == [((1, 18), (1, 22))]
    source = "@cache\ndef f(a: int | None) -> int | None:\n    b: int | None = a or 1\n"
    spans = idle_spans(source)
    assert sorted(start for start, _ in spans) == [(1, 0), (2, 9), (2, 24), (3, 7)]
    sized = "@property\n@lru_cache(4096)\ndef f(): pass\n"
    assert idle_spans(sized) == [((2, 0), (2, 16))]


def test_a_change_that_must_crash_or_cannot_be_seen_is_not_telling() -> None:
    assert mutant(2, 25, "ReplaceBinaryOperator_Mul_Add").is_telling
    assert not mutant(2, 25, "ReplaceBinaryOperator_Mul_BitOr").is_telling
    assert not Mutant("a.py", (1, 0), "3e15", "", "NumberReplacer", 0, 0).is_telling


def test_the_longest_beginning_of_a_path_says_which_tests_matter() -> None:
    mapping = {"figures/": ["a"], "figures/market.py": ["b"]}
    assert chosen_tests("figures/brain.py", mapping) == ["a"]
    assert chosen_tests("figures/market.py", mapping) == ["b"]
    assert chosen_tests("other.py", mapping) is None


def test_a_test_that_imports_a_module_matters_whatever_the_table_says() -> None:
    sources = {
        "a": "from inference_economics.facts import files, prices",
        "b": "def f():\n    from inference_economics.facts.prices import load",
        "c": "import inference_economics.facts.prices as p",
        "d": "from inference_economics.facts.prices_of_2020 import load",
        "e": "import inference_economics_notebook.book\nimport inference_economics.facts.files",
        "f": "from inference_economics.cli import main",
    }
    imports = {path: imported(source) for path, source in sources.items()}
    found = {
        "inference_economics/facts/prices.py": ["a", "b", "c"],
        "inference_economics/facts/files.py": ["a", "e"],
        "inference_economics_notebook/book.py": ["e"],
        "inference_economics/cli.py": ["f"],
        "inference_economics/serving/load.py": [],
    }
    assert {file: own_tests(file, imports) for file in found} == found


def test_each_beginning_in_the_table_is_that_of_a_module() -> None:
    source = ROOT / "src"
    table = tomllib.loads((ROOT / "tools/mutation/tests.toml").read_text(encoding="utf8"))
    modules = [path.relative_to(source).as_posix() for path in source.rglob("*.py")]
    stale = [start for start in table["tests"] if not any(m.startswith(start) for m in modules)]
    assert stale == []


def test_a_mark_needs_a_reason_and_fits_its_mutant_wherever_the_line_is() -> None:
    toml = '[[equivalent]]\nfile = "equations/some.py"\nline = "LIMIT = 5"\n'
    toml += 'operator = "NumberReplacer"\nreason = "REASON"\n'
    marks = read_marks(toml.replace("REASON", "Nothing reads it."))
    assert marks[mutant(5, 8).mark] == "Nothing reads it."
    assert mutant(5, 8, nth=1).mark not in marks
    with pytest.raises(ValueError, match="no reason"):
        read_marks(toml.replace("REASON", " "))
