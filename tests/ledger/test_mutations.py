"""The tests of the ledger can fail: no figure can be changed without one of them noticing.

Every figure that is stated and every number of the data is changed in memory, one at a
time. At least one guard must notice: the sums by hand (`by_hand`), a verdict, or, for
figures that no claim uses, the tables of all sourced figures, whose committed output strict
nbval compares.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import pytest
from alike import with_each
from ledger_checks import disagreements
from thoroughly import some

from inference_economics.algebra import units
from inference_economics.facts import catalog, files
from inference_economics.ledger import claims
from inference_economics.ledger.claims import ClaimError, Ledger
from inference_economics_notebook.book import fact_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

TOML = files.read("claims.toml")
STATED = [key for key, claim in claims.load().claims.items() if claim.value is not None]


def noticed(ledger: Ledger, claim: str) -> bool:
    """Say whether the sum by hand disagrees with a claim more than it does unchanged."""
    try:
        found = disagreements(ledger, claim)
    except (ClaimError, ValueError):
        return True  # a value out of its range is refused
    return found != unchanged(claim)


@cache
def unchanged(claim: str) -> list[str]:
    """Return the disagreements of the data as they are: none, or test_by_hand fails."""
    return disagreements(claims.load(), claim)


# Figures as stated


def block(key: str) -> tuple[int, int]:
    """Return where the record of a claim starts and ends in the file."""
    start = TOML.index(f"\n[{key}]\n") + 1
    end = TOML.find("\n[", start)
    return start, len(TOML) if end < 0 else end


def restated(key: str, figure: float) -> Ledger:
    """Return the ledger of the file in which that claim states another figure."""
    start, end = block(key)
    record = re.sub(r"(?m)^(value|span|digits) = .*\n?", "", TOML[start:end] + "\n")
    digits = claims.load().claim(key).digits
    text = f"{TOML[:start]}{record}value = {figure!r}\ndigits = {digits}\n{TOML[end:]}"
    return claims.parse(text, catalog.load())


def next_figure(key: str) -> float:
    """Return the stated figure one step up in its last stated digit: 27 to 28, 0.05 to 0.06."""
    claim = claims.load().claim(key)
    value = claim.span[1] if claim.span else float(claim.value or 0)
    if claim.digits == 0:  # an order of magnitude
        return value * 10
    mantissa, exponent = f"{value:.{claim.digits - 1}e}".split("e")
    step = 10.0 ** (int(exponent) - claim.digits + 1)
    return float(mantissa) * 10.0 ** int(exponent) + step


@with_each("claim", STATED)
def test_a_stated_figure_cannot_change_unnoticed(claim: str) -> None:
    assert noticed(restated(claim, next_figure(claim)), claim)


HOLDING = [
    result.claim.id
    for result in claims.load()
    if result.verdict == "holds" and result.claim.relation == "equal" and not result.claim.span
]


@pytest.mark.parametrize("claim", HOLDING)
def test_a_figure_that_holds_does_not_one_step_further(claim: str) -> None:
    figure = next_figure(claim)
    if (claims.load().claim(claim).unit, figure) == ("dimensionless", 4):
        figure = 5  # three orders of magnitude: 4 is within the factor of 1.5 of 3
    assert restated(claim, figure)[claim].verdict != "holds"


BOUNDED = [
    result.claim.id
    for result in claims.load()
    if result.claim.relation != "equal" or result.claim.span
    if result.verdict not in ("assumption", "not a quantity")
]


@pytest.mark.parametrize("claim", BOUNDED)
def test_a_bound_holds_at_what_is_found_and_not_far_beyond(claim: str) -> None:
    result = claims.load()[claim]
    found = result.recomputed if result.recomputed is not None else result.recomputed_on_facts
    assert found is not None
    assert restated(claim, found)[claim].verdict == "holds"
    verdicts = {restated(claim, found * times)[claim].verdict for times in (0.1, 10)}
    assert verdicts & {"off", "inconsistent"}


# Numbers of the inputs


def literals() -> Iterator[tuple[str, str, str]]:
    """Yield each number that a record gives as an input: its claim, its field and its name."""
    for key, claim in claims.load().claims.items():
        for where in ("inputs", "facts"):
            for name, value in getattr(claim, where).items():
                if not isinstance(value, str):
                    yield key, where, name


@pytest.mark.parametrize(("claim", "where", "name"), literals())
def test_a_number_of_the_inputs_cannot_change_unnoticed(claim: str, where: str, name: str) -> None:
    before = claims.load().claim(claim)
    given = getattr(before, where)
    after = replace(before, **{where: {**given, name: given[name] * 1.07}})
    ledger = Ledger({**claims.load().claims, claim: after}, catalog.load())
    assert noticed(ledger, claim)


def bindings() -> Iterator[tuple[str, str, str]]:
    """Yield each input that a record takes from elsewhere."""
    for key, claim in claims.load().claims.items():
        for where in ("inputs", "facts"):
            for name, value in getattr(claim, where).items():
                if isinstance(value, str) and ":" in value:
                    yield key, where, name


# A share of a step is the same for any number of chips: all of its parts shrink alike.
CANCELS = {
    ("utilization-alone", "inputs", "chips"),
    ("utilization-hundred", "facts", "chips"),
}


@with_each("binding", sorted(set(bindings()) - CANCELS))
def test_an_input_from_elsewhere_is_used(binding: tuple[str, str, str]) -> None:
    claim, where, name = binding
    # Twice the figure, so that rounding up to whole chips shows it.
    before = claims.load().claim(claim)
    ledger = claims.load()
    given = getattr(before, where)
    value, unit, _ = ledger.resolve(given[name], [])
    after = replace(before, **{where: {**given, name: f"{2 * value!r} {unit}"}})
    assert noticed(Ledger({**ledger.claims, claim: after}, catalog.load()), claim)


# Cells of the data files

TABLES = ("accelerators.csv", "models.csv", "facts.csv")


@cache
def users() -> dict[str, list[str]]:
    """Return the claims that use a record of the catalog, by the record's id."""
    found: dict[str, list[str]] = {}
    direct: dict[str, set[str]] = {}
    for key, claim in claims.load().claims.items():
        texts = [claim.fact or "", *map(str, [*claim.inputs.values(), *claim.facts.values()])]
        direct[key] = {text for text in texts if ":" in text}
    for key, texts in direct.items():
        reached, waiting = set(texts), list(texts)
        while waiting:  # a claim may take what another one finds on facts
            kind, _, rest = waiting.pop().partition(":")
            further = direct[rest] - reached if kind == "facts" else set()
            reached |= further
            waiting += further
        for text in reached:
            kind, _, rest = text.partition(":")
            if kind in ("chip", "model", "fact"):
                found.setdefault(rest.partition(".")[0], []).append(key)
    return found


@cache
def rows(file: str) -> list[dict[str, str]]:
    return files.rows(files.read(file))


def cells(file: str) -> Iterator[tuple[str, str]]:
    """Yield the record and column of every number of a data file."""
    for row in rows(file):
        for column, cell in row.items():
            if column not in ("id", "date") and _is_number(cell):
                yield row["id"], column


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def changed(cell: str) -> str:
    """Return the number a little larger; a count or a year stays whole."""
    value = float(cell)
    if re.fullmatch(r"\d{1,6}", cell):
        return str(max(int(value * 1.07), int(value) + 1))
    return repr(value * 1.07 if value else 1.0)


def read_alone(file: str, row: dict[str, str]) -> catalog.Catalog:
    """Return a catalog of this row and the first of the other tables, read as whole files are."""
    kept = {**{name: rows(name)[0] for name in TABLES}, file: row}
    texts = {name: files.as_csv(only, [only.values()]) for name, only in kept.items()}
    cited = [only.get(column) for only in kept.values() for column in ("sources", "more_sources")]
    sources = {source for cell in cited if cell for source in cell.split(";")}
    texts["sources.toml"] = "".join(
        f'["{source}"]\ntitle = "-"\nkind = "-"\nchecked = "2026-11-27"\n'
        for source in sorted(sources)
    )
    return catalog.parse(texts)


def mutant(file: str, key: str, column: str) -> tuple[catalog.Catalog, catalog.Catalog]:
    """Return one record's catalog before and after the change of a cell."""
    row = next(row for row in rows(file) if row["id"] == key)
    return read_alone(file, row), read_alone(file, {**row, column: changed(row[column])})


def merged(small: catalog.Catalog) -> catalog.Catalog:
    """Return the whole catalog with the records of a small one in place of its own."""
    whole = catalog.load()
    return catalog.Catalog(
        accelerators={**whole.accelerators, **small.accelerators},
        models={**whole.models, **small.models},
        facts={**whole.facts, **small.facts},
        sources=whole.sources,
    )


def claims_notice(small: catalog.Catalog, key: str) -> bool:
    ledger = Ledger(claims.load().claims, merged(small))
    return any(noticed(ledger, claim) for claim in users().get(key, ()))


def tables_notice(before: catalog.Catalog, after: catalog.Catalog) -> bool:
    """Say whether what a notebook stores of the tables differs, which nbval compares."""
    return shown_tables(before) != shown_tables(after)


def test_the_ends_of_a_range_are_shown_to_six_digits() -> None:
    facts = catalog.load()
    fact = replace(facts.fact("reading_speed"), low=123.456, high=654.321)
    shown = fact_tables(replace(facts, facts={fact.id: fact}))[0]._repr_html_()
    assert "<td>123.456 words/min to 654.321 words/min</td>" in shown


def shown_tables(facts: catalog.Catalog) -> list[tuple[str, str]]:
    return [(table._repr_html_(), repr(table)) for table in fact_tables(facts)]


@pytest.mark.parametrize("file", TABLES)
def test_a_number_of_the_data_cannot_change_unnoticed(file: str) -> None:
    unnoticed = []
    for key, column in some(cells(file), 3):
        before, after = mutant(file, key, column)
        if not (claims_notice(after, key) or tables_notice(before, after)):
            unnoticed.append(f"{key}: {column}")
    assert unnoticed == []


# The figures on which a verdict rests, wherever a table may show them too.
def judged_cells() -> list[tuple[str, str, str]]:
    """Return the file, record and column of every cell that a claim's sum takes."""
    named = {
        text.partition(":")[2]
        for claim in claims.load().claims.values()
        for text in [claim.fact or "", *map(str, [*claim.inputs.values(), *claim.facts.values()])]
        if text.partition(":")[0] in ("chip", "model", "fact")
    }
    found = []
    for file in TABLES:
        for key, column in cells(file):
            name = column.partition(" ")[0]
            if f"{key}.{name}" in named or (key in named and name == "value"):
                found.append((file, key, column))
    assert {key for _, key, _ in found} == {name.partition(".")[0] for name in named}
    return found


@pytest.mark.parametrize(("file", "key", "column"), judged_cells())
def test_a_figure_that_a_claim_uses_cannot_change_unnoticed(
    file: str, key: str, column: str
) -> None:
    _, after = mutant(file, key, column)
    assert claims_notice(after, key)


RANGED = [
    (claim.fact.partition(":")[2], key)
    for key, claim in claims.load().claims.items()
    if claim.fact and claims.load()[key].within_sourced_range is not None
]


@pytest.mark.parametrize(("fact", "claim"), RANGED)
def test_the_range_of_a_fact_decides_whether_it_covers_a_claim(fact: str, claim: str) -> None:
    whole, record = catalog.load(), catalog.load().fact(fact)
    result = claims.load()[claim]
    stated = float(result.claim.value or 0) * units.conversion(str(result.claim.unit), record.unit)
    inside, outside = (0.5 * stated, 2 * stated), (2 * stated, 3 * stated)
    low, high = outside if result.within_sourced_range else inside
    other = replace(record, low=low, high=high)
    ledger = Ledger(claims.load().claims, replace(whole, facts={**whole.facts, fact: other}))
    assert ledger[claim].within_sourced_range is not result.within_sourced_range


# And the checker itself


@pytest.mark.parametrize("file", TABLES)
def test_a_record_read_again_as_it_is_changes_nothing(file: str) -> None:
    used = [row for row in rows(file) if row["id"] in users()]
    assert used
    assert not any(claims_notice(read_alone(file, row), row["id"]) for row in used)


def test_the_same_file_with_the_same_figure_gives_the_same_ledger() -> None:
    again = restated("memory-time", 27.0)
    assert {key: again[key].verdict for key in again.claims} == {
        key: claims.load()[key].verdict for key in again.claims
    }
