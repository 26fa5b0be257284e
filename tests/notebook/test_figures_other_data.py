"""A figure follows its data: were they others, it would be another."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from zlib import crc32

import pytest
from stored_figures import stored
from thoroughly import some

from inference_economics import uncertainty
from inference_economics.evidence import (
    findings,
    load,
    own_runs,
    own_servers,
    prediction,
    validation,
)
from inference_economics.facts import catalog, files, own_machine, prices
from inference_economics.ledger import claims, example
from inference_economics.serving import arrivals, scale
from inference_economics_notebook import figures

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = own_runs.ours()
FACTORS = (1.03, 1.11, 1.05, 1.19, 1.07)
NUMBER = re.compile(r"\d[\d.]*e\d+|\d{2,}(?:\.\d+)?")
YEAR = re.compile(r"20[012]\d$")


def slower_by_a_tenth(run: own_runs.Run) -> own_runs.Run:
    """A run that took longer, but for its reading."""
    rows = [
        row if row["experiment"] == "read" else {**row, "seconds": str(1.1 * float(row["seconds"]))}
        for row in run.rows
    ]
    return replace(run, rows=tuple(rows))


def grown(table: str) -> str:
    """Return a table with larger numbers.

    A cell's factor hangs on its record and column alone, so that a further record leaves all
    others as they were.
    """
    rows = list(csv.DictReader(io.StringIO(table)))
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]))
    writer.writeheader()
    for row in rows:
        for column, cell in row.items():
            if NUMBER.fullmatch(cell) and not YEAR.match(cell):
                factor = FACTORS[crc32(f"{row['id']} {column}".encode()) % len(FACTORS)]
                row[column] = repr(float(cell) * factor)
        writer.writerow(row)
    return written.getvalue()


@pytest.fixture(scope="module", autouse=True)
def changed_data() -> Iterator[None]:
    """Numbers of the catalog, each by a factor of its own, and some of those stated."""
    names = ("accelerators.csv", "facts.csv")
    texts = {name: grown(files.read(name)) for name in names}
    mutated = catalog.parse(texts)
    text = files.read("claims.toml").replace('"around 3e15"', '"around 4e15"')
    text = text.replace('"3e9 flops"', '"4e9 flops"').replace('"around ~ 100', '"around ~ 200')
    ledger = claims.parse(text, mutated)
    caches = (
        catalog.load,
        claims.load,
        example.post,
        example.post_on_a_real_card,
        arrivals.quiet_hour_margin,
        uncertainty.load,
        own_machine.of_row,
        prediction.try_deployment,
        validation.own,
        validation.own_left_out,
        findings.curves,
        load.own,
        load.held_out,
        own_servers.served,
        scale._runs,
        scale._published,
        scale.bars,
        scale._offers,
    )
    originals = (catalog.load, claims.load)
    for cached in caches:
        cached.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "load", lambda: mutated)
        patch.setattr(claims, "load", lambda: ledger)
        patch.setattr(own_runs, "load", lambda: tuple(map(slower_by_a_tenth, OURS)))
        dearer = tuple(each._replace(output=1.1 * each.output) for each in prices.load())
        patch.setattr(prices, "load", lambda: dearer)
        yield
    assert (catalog.load, claims.load) == originals
    for cached in caches:
        cached.cache_clear()


# That of a headline's inputs is drawn with the other figures of uncertainty.
@pytest.mark.parametrize("name", some(sorted(set(figures.__all__) - {"tornado"}), 6))
def test_other_data_draw_another_figure(name: str) -> None:
    """What nbval compares differs, so a stored figure cannot go stale."""
    assert getattr(figures, name)().svg().strip() not in stored()
