"""A figure follows its data: were they others, it would be another."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import cycle
from typing import TYPE_CHECKING

import pytest
from stored_figures import stored

from inference_economics import uncertainty
from inference_economics.evidence import findings, own_runs, prediction, validation
from inference_economics.facts import catalog, files
from inference_economics.ledger import claims, example
from inference_economics.notebook import figures
from inference_economics.serving import arrivals

if TYPE_CHECKING:
    from collections.abc import Iterator

OURS = own_runs.ours()
YEAR = re.compile(r"20[012]\d$")


def slower_by_a_tenth(run: own_runs.Run) -> own_runs.Run:
    """A run that took longer, but for its reading."""
    rows = [
        row if row["experiment"] == "read" else {**row, "seconds": str(1.1 * float(row["seconds"]))}
        for row in run.rows
    ]
    return replace(run, rows=tuple(rows))


@pytest.fixture(scope="module", autouse=True)
def changed_data() -> Iterator[None]:
    """Numbers of the catalog, each by a factor of its own, and some of those stated."""
    texts = dict(catalog.read_files())
    factors = cycle((1.03, 1.11, 1.05, 1.19, 1.07))
    for name in ("accelerators.csv", "facts.csv"):
        number = r"(?<=,)(\d[\d.]*e\d+|\d{2,}(?:\.\d+)?)(?=,)"
        texts[name] = re.sub(
            number,
            lambda match: (
                match[1] if YEAR.match(match[1]) else repr(float(match[1]) * next(factors))
            ),
            texts[name],
        )
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
        prediction.try_deployment,
        validation.own,
        validation.own_left_out,
        findings.curves,
    )
    originals = (catalog.load, claims.load)
    for cached in caches:
        cached.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "load", lambda: mutated)
        patch.setattr(claims, "load", lambda: ledger)
        patch.setattr(own_runs, "load", lambda: (slower_by_a_tenth(OURS),))
        yield
    assert (catalog.load, claims.load) == originals
    for cached in caches:
        cached.cache_clear()


@pytest.mark.parametrize("name", figures.__all__)
def test_other_data_draw_another_figure(name: str) -> None:
    """What nbval compares differs, so a stored figure cannot go stale."""
    assert getattr(figures, name)().svg().strip() not in stored()
