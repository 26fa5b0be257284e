"""The data files: every figure with unit, date and source; what is missing is not made up."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import pytest
from alike import with_each

from inference_economics.algebra import symbols, units
from inference_economics.facts import catalog, files, measurements
from inference_economics.facts.catalog import CatalogError

if TYPE_CHECKING:
    from inference_economics.facts.catalog import Record

CATALOG = catalog.load()
RECORDS = {**CATALOG.accelerators, **CATALOG.models}


@with_each("fact", CATALOG.facts.values())
def test_a_fact_has_a_unit_a_date_and_a_value_within_its_range(fact: catalog.Fact) -> None:
    units.dimensions(fact.unit)
    assert fact.name
    assert fact.topic
    low, high = fact.range or (fact.value, fact.value)
    assert low <= fact.value <= high
    assert re.fullmatch(r"(\d{4}(-\d\d){0,2}(/\d{4}(-\d\d){0,2})?)?", fact.date)


@with_each("fact", CATALOG.facts.values())
def test_a_price_has_a_date_and_every_fact_the_day_it_was_checked(fact: catalog.Fact) -> None:
    assert fact.date or "dollar" not in fact.unit
    checked = [CATALOG.sources[id].checked for id in fact.sources]
    assert CATALOG.checked(fact) in checked
    assert all("2026-11-23" <= day <= CATALOG.checked(fact) for day in checked)


@with_each("record", RECORDS.values())
def test_a_record_has_a_year_and_figures_in_known_units(record: Record) -> None:
    assert 2010 <= record.year <= 2027
    assert record.numbers
    for name, unit in record.columns.items():
        try:
            units.dimensions(unit)
        except units.UnitsError as error:
            pytest.fail(f"the column {name} of {record.id}'s file: {error}")


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


@with_each("record", CATALOG.models.values())
def test_the_cache_of_a_model_follows_from_its_shape(record: Record) -> None:
    if not record.has("parameters"):
        return  # what its shape gives is counted, and tested with configurations
    if not record.has("kv_heads", "head_dim", "kv_bytes_per_token_16bit"):
        assert record.attention in ("mla", "unknown")  # where it does not
        return
    heads = record.layers * record.kv_heads * record.head_dim
    assert record.kv_bytes_per_token_16bit == 2 * heads * 2


@with_each("record", CATALOG.models.values())
def test_the_parameters_of_a_model_follow_from_its_shape(record: Record) -> None:
    if not record.has("parameters"):
        return  # what its shape gives is counted, and tested with configurations
    if not record.has("layers", "hidden_size"):
        assert record.status == "reported"  # as a whole, not as a shape
        return
    found = weights_of(record)
    # Those of today come within 2.5%: norms, biases, shared experts and first layers are left out.
    assert record.parameters == pytest.approx(found, rel=0.05), (
        f"models.csv: {record.id} states {record.parameters:.3g} parameters, and its shape gives "
        f"{found:.3g} (tests/facts/test_catalog.py lists what has no gate, under UNGATED)"
    )


# Their notes say so: two matrices in a feed-forward block, where the others have three.
UNGATED = {
    "gpt3_175b", "gpt_530b", "gpt_6_7b", "gpt_1_3b", "gpt_350m", "gpt_j_6b", "falcon_180b",
}  # fmt: skip


def weights_of(model: Record) -> float:
    """Return the parameters of a model's large matrices, by hand."""
    width, wide = model.hidden_size, model.heads * model.head_dim
    if model.attention == "mla":
        queries = width * model.heads * (model.head_dim + model.position_size)
        latent = width * (model.latent_size + model.position_size) + 2 * model.latent_size * wide
        attention = queries + latent + wide * width
    else:
        attention = 2 * width * (wide + model.kv_heads * model.head_dim)
    blocks = model.expert_layers * model.experts if model.has("experts") else model.layers
    block = (2 if model.id in UNGATED else 3) * width * model.ffn_size
    tables = (1 if model.embeddings == "tied" else 2) * model.vocabulary * width
    return model.layers * attention + blocks * block + tables


@with_each("record", CATALOG.accelerators.values())
def test_lower_precision_is_never_slower(record: Record) -> None:
    names = [f"peak_flops_{bits}bit" for bits in (32, 16, 8, 4)]
    peaks = [record.numbers[name] for name in names if record.has(name)]
    assert peaks == sorted(peaks)


def test_no_token_passes_through_more_weights_than_there_are() -> None:
    known = [each for each in CATALOG.models.values() if each.has("active_parameters")]
    dense = [each.id for each in known if each.active_parameters == each.parameters]
    assert dense == [each.id for each in known if not each.has("experts")]
    assert 0 < len(dense) < len(known)
    assert [each.id for each in known if each.active_parameters > each.parameters] == []


@with_each("source", CATALOG.sources.values())
def test_a_source_says_what_it_is(source: catalog.Source) -> None:
    assert source.kind in ("primary", "secondary", "hearsay")
    assert source.title
    assert source.url == "" or source.url.startswith("https://") or "http://" in source.url
    assert source.url or source.locator, f"{source.id}: neither url nor locator: where is it found?"


def test_every_source_is_used() -> None:
    records = [*RECORDS.values(), *CATALOG.facts.values()]
    measured = {row["source"] for row in measurements.own()}
    assert measured
    assert measured <= set(CATALOG.sources)
    used = measured | {source for record in records for source in record.sources}
    used |= {source for record in RECORDS.values() for source in record.more_sources}
    used |= {"aiconfigurator-runs", "inferencex-recipes"}  # of runs of services
    unused = set(CATALOG.sources) - used - {"post"}
    assert not unused, f"no record names these sources: {sorted(unused)}"


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
    sources = files.read("sources.toml").replace("[azevedo-2009-abstract]", "[someone-else]")
    without = {"sources.toml": sources}
    with pytest.raises(CatalogError, match=r"names no listed source: \['azevedo-2009-abstract'\]"):
        catalog.parse(without)


def test_a_day_may_be_written_as_toml_has_it() -> None:
    text = re.sub(r'checked = "(.*)"', r"checked = \1", files.read("sources.toml"), count=1)
    assert catalog.parse({"sources.toml": text}).sources == CATALOG.sources


def changed(file: str, cells: dict[str, str]) -> dict[str, str]:
    """Return a data file with other cells in its first row."""
    rows = list(csv.DictReader(io.StringIO(files.read(file))))
    assert set(cells) <= set(rows[0])
    rows[0] |= cells
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return {file: written.getvalue()}


@pytest.mark.parametrize("file", ["accelerators.csv", "models.csv"])
def test_a_row_has_an_id_and_a_name_of_its_own(file: str) -> None:
    rows = list(csv.DictReader(io.StringIO(files.read(file))))
    with pytest.raises(CatalogError, match=f"{rows[1]['id']} has the name of {rows[0]['id']}"):
        catalog.parse(changed(file, {"name": rows[1]["name"]}))
    with pytest.raises(CatalogError, match="the id 'My Own' is not of small letters"):
        catalog.parse(changed(file, {"id": "My Own"}))


@pytest.mark.parametrize(
    ("column", "cell"),
    [("memory_capacity [byte/chip]", "80"), ("memory_bandwidth [byte/second/chip]", "3350")],
)
def test_gigabytes_in_place_of_bytes_are_refused(column: str, cell: str) -> None:
    name, unit = column.rstrip("]").split(" [")
    with pytest.raises(CatalogError, match=f": {name} of .* = {cell}: must be in {unit}, at least"):
        catalog.parse(changed("accelerators.csv", {column: cell}))


@pytest.mark.parametrize("cell", ["0", "-1", "nan", "inf", "many", "1,5"])
@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("facts.csv", "value"),
        ("facts.csv", "low"),
        ("facts.csv", "high"),
        ("accelerators.csv", "memory_bandwidth [byte/second/chip]"),
        ("models.csv", "parameters [parameter]"),
    ],
)
def test_a_figure_that_is_not_positive_is_refused(file: str, column: str, cell: str) -> None:
    with pytest.raises(CatalogError, match=f"= {cell!r} is not a positive number"):
        catalog.parse(changed(file, {column: cell}))


@pytest.mark.parametrize(
    ("file", "column", "cell"),
    [
        ("facts.csv", "sources", ""),
        ("facts.csv", "sources", "nobody"),
        ("accelerators.csv", "sources", "nobody"),
        ("models.csv", "sources", ""),
        ("models.csv", "more_sources", "nobody"),
    ],
)
def test_a_figure_without_a_source_is_refused(file: str, column: str, cell: str) -> None:
    with pytest.raises(CatalogError, match=f"names no (listed )?source.*{cell}"):
        catalog.parse(changed(file, {column: cell}))


def test_a_row_with_too_few_cells_is_refused() -> None:
    short = files.read("facts.csv").rstrip("\n") + "\nshort,topic\n"
    with pytest.raises(CatalogError, match="'short' has more or fewer cells"):
        catalog.parse({"facts.csv": short})


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("facts.csv", "name,value", "name,vlaue", "facts.csv: no column value"),
        ("facts.csv", "name,value", "name,vlaue", "no column 'vlaue'; did you mean 'value'"),
        ("facts.csv", "id,topic", "di,topic", "facts.csv: no column id, and .* no column 'di'"),
        (
            "accelerators.csv",
            "memory_bandwidth [",
            "memory_bandwith [",
            "no column memory_bandwidth, and .* 'memory_bandwith'; did you mean 'memory_bandwidth'",
        ),
        ("models.csv", "layers,", "color,", "models.csv: no column layers, and .* 'color'$"),
        ("facts.csv", ",3026e12,", ",,", "facts.csv: value of h100_pcie_sparse_8bit = '' is not"),
        ("facts.csv", "h100_pcie_sparse_8bit,", ",", "facts.csv: the row of 'H100 PCIe.* no id"),
        ("accelerators.csv", "[byte/chip]", "(byte/chip)", "capacity .byte/chip.' is not 'name"),
        ("accelerators.csv", "sources,more", "source,more", "accelerators.csv: no column sources"),
        ("accelerators.csv", "NVIDIA,2022", "NVIDIA,20x2", "year of h100_sxm5 = '20x2' is not"),
        ("accelerators.csv", "8e10", "-8e10", "memory_capacity of h100_sxm5 = '-8e10' is not a"),
        (
            "accelerators.csv",
            ",gpu,yes",
            ",gpuu,yes",
            "= 'gpuu' is none of accelerator, gpu",
        ),
        (
            "models.csv",
            ",gqa,",
            ",gqaa,",
            "attention of .* = 'gqaa' is none of compressed, gqa, mha",
        ),
        ("models.csv", "litgpt-config,", ",", "llama2_7b names no source"),
        ("models.csv", "litgpt-model", "litgpt-model,", "the row of 'llama2_7b' has more or fewer"),
        ("sources.toml", 'title = "', 'titel = "', "source 'stas00-accelerators' has no title"),
        ("sources.toml", "author =", "autor =", "stas00-accelerators' has an unknown field 'aut"),
        ("sources.toml", 'title = "', "title = ", "sources.toml: .*line 2"),
        ("sources.toml", "checked = ", "cheked = ", "source 'stas00-accelerators' has no checked"),
        (
            "sources.toml",
            'checked = "2026-11-23"',
            'checked = "today"',
            "checked of source 'stas00-accelerators' = 'today' is no day, such as '2026-11-27'",
        ),
    ],
)
def test_a_bad_edit_is_refused_in_a_sentence(file: str, old: str, new: str, said: str) -> None:
    with pytest.raises(CatalogError, match=said):
        catalog.parse({file: files.read(file).replace(old, new, 1)})


def test_an_id_given_twice_is_refused() -> None:
    facts = files.read("facts.csv").rstrip("\n")
    last = facts.splitlines()[-1]
    with pytest.raises(CatalogError, match="twice"):
        catalog.parse({"facts.csv": f"{facts}\n{last}\n"})


def test_a_long_name_is_not_quoted_whole() -> None:
    with pytest.raises(CatalogError) as raised:
        catalog.find({}, "x" * 5000, "claim")
    assert str(raised.value) == f"no claim '{'x' * 60}…'"


def test_a_few_names_are_all_told_to_whom_none_is_near() -> None:
    for count, told in ((1, True), (12, True), (13, False), (0, False)):
        known = {f"name_{number}": number for number in range(count)}
        with pytest.raises(CatalogError) as raised:
            catalog.find(known, "zzz", "claim")
        assert str(raised.value) == "no claim 'zzz'" + (
            f" (there are: {', '.join(known)})" if told else ""
        )


def test_a_name_is_an_id_in_quotes() -> None:
    with pytest.raises(CatalogError, match=r"claim = 7: must be an id, in quotes"):
        catalog.find({"a": 1}, 7, "claim")  # type: ignore[arg-type]
