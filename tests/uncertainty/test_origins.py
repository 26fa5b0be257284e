"""How close to their origin the figures are that verdicts and headlines rest on."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from inference_economics.facts import catalog, files
from inference_economics.uncertainty import origins

if TYPE_CHECKING:
    from collections.abc import Iterator

CATALOG = catalog.load()
BOOK = Path(__file__).parents[2] / "book"
BINDING = re.compile(r"(fact|chip|model):\w+(\.\w+)?")
ASKED = 0.7


def written(file: str) -> set[str]:
    """Return the sourced figures that a file names, by reading its text alone."""

    def texts(value: Any, key: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                yield from texts(inner, name)
        elif isinstance(value, list):
            for inner in value:
                yield from texts(inner)
        elif isinstance(value, str):
            yield f"fact:{value}" if key == "fact" and ":" not in value else value

    return {text for text in texts(tomllib.loads(files.read(file))) if BINDING.fullmatch(text)}


def rows_of(binding: str) -> tuple[str, ...]:
    """Return the sources of the row that a binding names, looked up in the files' text."""
    kind, _, name = binding.partition(":")
    file = {"fact": "facts.csv", "chip": "accelerators.csv", "model": "models.csv"}[kind]
    id = name.partition(".")[0]
    row = next(row for row in files.rows(files.read(file)) if row["id"] == id)
    return tuple(row["sources"].split(";"))


KINDS = {id: entry["kind"] for id, entry in tomllib.loads(files.read("sources.toml")).items()}


def share(bindings: set[str]) -> float:
    """Return the share of figures that some primary source states."""
    primary = [each for each in bindings if "primary" in {KINDS[id] for id in rows_of(each)}]
    return len(primary) / len(bindings)


@pytest.mark.parametrize(
    ("found", "names"),
    [
        (origins.of_headlines(), {"headlines.toml"}),
        (origins.of_both(), {"claims.toml", "headlines.toml"}),
    ],
)
def test_the_figures_are_those_that_the_files_name(found: origins.Figures, names: set[str]) -> None:
    expected = set[str]().union(*map(written, names))
    assert set(found.bindings) == expected
    assert len(found) == len(expected)
    assert found.share == pytest.approx(share(expected))
    assert len(found.others) == len(found) - len(found.primary)
    assert set(found.from_copies) < set(found.primary)


def test_most_of_what_is_concluded_rests_on_primary_sources() -> None:
    assert share(written("headlines.toml")) >= ASKED
    assert share(written("headlines.toml") | written("claims.toml")) >= ASKED


def test_the_page_of_sources_states_the_share() -> None:
    page = json.loads((BOOK / "sources.ipynb").read_text(encoding="utf-8"))
    prose = "\n".join("".join(cell["source"]) for cell in page["cells"])
    said = dict(re.findall(r'<data value="glue:(\w+)">([^<]*)</data>', prose))
    everything = written("claims.toml") | written("headlines.toml")
    assert said["reached"] == str(len(everything))
    assert said["primary"] == str(round(share(everything) * len(everything)))
    assert said["share"] == f"{100 * share(everything):.0f}%"
    assert said["headline_share"] == f"{100 * share(written('headlines.toml')):.0f}%"


@pytest.mark.parametrize("binding", origins.of_both().others)
def test_what_rests_on_no_primary_source_has_two_others_and_says_what_was_searched_for(
    binding: str,
) -> None:
    one = origins.record(binding)
    note = one.note if isinstance(one, catalog.Fact) else one.words["note"]
    assert "No primary source was found (searched for: " in note
    assert len(one.sources) >= 2
    assert [id for id in one.sources if CATALOG.sources[id].kind == "primary"] == []


def test_a_copy_counts_as_one_only_where_the_original_was_not_read() -> None:
    brain = origins.Figures(("fact:neurons_whole_brain",))
    assert brain.from_copies == brain.primary == brain.bindings
    card = origins.Figures(("chip:h100_sxm5.memory_bandwidth",))
    assert (card.primary, card.from_copies) == (card.bindings, ())


def test_a_figure_that_is_not_there_is_refused_with_a_hint() -> None:
    with pytest.raises(catalog.CatalogError, match="did you mean 'brain_power'"):
        origins.record("fact:brain_powr")
