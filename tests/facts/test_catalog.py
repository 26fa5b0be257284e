"""The data files: every figure with unit, date and source; what is missing is not made up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from inference_economics.algebra import symbols, units
from inference_economics.facts import catalog, measurements
from inference_economics.facts.catalog import CatalogError

if TYPE_CHECKING:
    from inference_economics.facts.catalog import Record

CATALOG = catalog.load()
RECORDS = {**CATALOG.accelerators, **CATALOG.models}


@pytest.mark.parametrize("fact", CATALOG.facts.values(), ids=CATALOG.facts)
def test_a_fact_has_a_unit_a_source_and_a_value_within_its_range(fact: catalog.Fact) -> None:
    units.dimensions(fact.unit)
    assert fact.name
    assert fact.topic
    assert fact.value > 0
    assert set(fact.sources) <= set(CATALOG.sources)
    low, high = fact.range or (fact.value, fact.value)
    assert low <= fact.value <= high
    assert re.fullmatch(r"(\d{4}(-\d\d){0,2}(/\d{4}(-\d\d){0,2})?)?", fact.date)


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_a_record_has_units_sources_and_positive_figures(record: Record) -> None:
    assert set(record.sources) <= set(CATALOG.sources)
    assert 2010 <= record.year <= 2027
    for name, figure in record.figures.items():
        units.dimensions(record.unit(name))
        assert figure > 0


@pytest.mark.parametrize("name", ["memory_capacity", "memory_bandwidth", "parameters"])
def test_columns_are_in_the_units_of_the_symbols_they_fill(name: str) -> None:
    some = next(record for record in RECORDS.values() if record.has(name))
    assert some.unit(name) == symbols.GLOSSARY[name].unit


def test_the_trend_runs_from_the_k40_to_the_newest() -> None:
    with_ridge = [
        record for record in CATALOG.accelerators.values() if record.has("memory_bandwidth")
    ]
    years = {record.year for record in with_ridge}
    assert {"k40", "p100_sxm2", "v100_sxm2", "a100_sxm_80", "h100_sxm5", "b200"} <= {
        record.id for record in with_ridge
    }
    assert min(years) == 2013
    assert max(years) >= 2025


def test_known_cards() -> None:
    # By hand, from the makers' tables.
    card = CATALOG.accelerator("h100_sxm5")
    assert (card.peak_flops_8bit, card.memory_bandwidth, card.power) == (1978.9e12, 3.35e12, 700)
    assert CATALOG.accelerator("mi300x").memory_capacity == 192e9
    assert CATALOG.model("llama2_7b").kv_bytes_per_token_16bit == 2 * 32 * 4096 * 2


@pytest.mark.parametrize("record", CATALOG.models.values(), ids=CATALOG.models)
def test_the_cache_of_a_model_follows_from_its_shape(record: Record) -> None:
    if not record.has("kv_heads", "head_dim", "kv_bytes_per_token_16bit"):
        assert record.attention in ("mla", "unknown")  # where it does not
        return
    heads = record.layers * record.kv_heads * record.head_dim
    assert record.kv_bytes_per_token_16bit == 2 * heads * 2


@pytest.mark.parametrize("record", CATALOG.accelerators.values(), ids=CATALOG.accelerators)
def test_lower_precision_is_never_slower(record: Record) -> None:
    names = [f"peak_flops_{bits}bit" for bits in (32, 16, 8, 4)]
    peaks = [record.figures[name] for name in names if record.has(name)]
    assert peaks == sorted(peaks)


@pytest.mark.parametrize("record", CATALOG.models.values(), ids=CATALOG.models)
def test_no_token_passes_through_more_weights_than_there_are(record: Record) -> None:
    if record.has("active_parameters"):
        dense = not record.has("experts")
        assert (record.active_parameters == record.parameters) == dense
        assert record.active_parameters <= record.parameters


@pytest.mark.parametrize("source", CATALOG.sources.values(), ids=CATALOG.sources)
def test_a_source_says_what_it_is(source: catalog.Source) -> None:
    assert source.kind in ("primary", "secondary", "hearsay")
    assert source.title
    assert source.url == "" or source.url.startswith("https://") or "http://" in source.url


def test_every_source_is_used() -> None:
    records = [*RECORDS.values(), *CATALOG.facts.values()]
    used = {source for record in records for source in record.sources}
    used |= {source for record in RECORDS.values() for source in record.more_sources}
    used |= {row["source"] for row in measurements.own()}
    assert used <= set(CATALOG.sources)
    assert set(CATALOG.sources) - used <= {"post"}


def test_a_figure_that_no_source_states_is_an_error() -> None:
    card = CATALOG.accelerator("h100_nvl")
    assert not card.has("peak_flops_8bit")
    with pytest.raises(CatalogError, match="no source states peak_flops_8bit of h100_nvl"):
        _ = card.peak_flops_8bit
    with pytest.raises(AttributeError, match="no column 'color'"):
        _ = card.color


@pytest.mark.parametrize(
    ("ask", "wrong", "near"),
    [
        (CATALOG.accelerator, "h100_sxm", "h100_sxm5"),
        (CATALOG.model, "llama2-7b", "llama2_7b"),
        (CATALOG.fact, "brain_powr", "brain_power"),
    ],
)
def test_an_unknown_record_gets_a_hint(ask: object, wrong: str, near: str) -> None:
    with pytest.raises(CatalogError, match=f"no .* '{wrong}'; did you mean '{near}'"):
        ask(wrong)  # type: ignore[operator]


def test_a_row_without_a_listed_source_is_refused() -> None:
    files = catalog.read_files()
    sources = files["sources.toml"].replace("[azevedo-2009-abstract]", "[someone-else]")
    without = {**files, "sources.toml": sources}
    with pytest.raises(CatalogError, match=r"names no listed source: \['azevedo-2009-abstract'\]"):
        catalog.parse(without)


def test_an_id_given_twice_is_refused() -> None:
    files = catalog.read_files()
    last = files["facts.csv"].rstrip("\n").splitlines()[-1]
    with pytest.raises(CatalogError, match="twice"):
        catalog.parse({**files, "facts.csv": f"{files['facts.csv'].rstrip()}\n{last}\n"})
