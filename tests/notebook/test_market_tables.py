"""The market test's tables, their sums worked by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from inference_economics.facts import catalog, prices
from inference_economics.ledger import claims
from inference_economics.serving import scale
from inference_economics_notebook import market_tables

RENT, COST, SPEED = 0.001, 2e-7, 20.0
"""Dollars a second of a machine, dollars a token when it is full, and tokens a second."""


@dataclass(frozen=True)
class Service:
    saturated_cost: float = COST

    def efficient_users(self, factor: float) -> float:
        return RENT / (factor * COST * SPEED)


@pytest.fixture
def simple(monkeypatch: pytest.MonkeyPatch) -> None:
    names = dict.fromkeys(market_tables.SERVED_AS.values(), Service())
    monkeypatch.setattr(scale, "services", lambda _speed, _request: names)


@pytest.mark.usefixtures("simple")
def test_what_a_host_needs_is_worked_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    offers = tuple(each._replace(output=3.0, input=0.1) for each in prices.load())
    monkeypatch.setattr(prices, "load", lambda: offers)
    found = {each.market.model: each for each in market_tables.needs(SPEED, scale.CHAT)}
    assert set(found) == {"Llama-3.3 70B", "DeepSeek-V3.2", "gpt-oss-120b"}
    deepseek = found["DeepSeek-V3.2"]
    assert deepseek.cost == pytest.approx(0.2)
    # A prompt of 1155 tokens comes with each answer of 211: 300 cents a million for what is written
    # and 10 for what is read.
    assert deepseek.income == pytest.approx(3 + 0.1 * 1155 / 211)
    # A user brings 20 tokens a second, paid so: a thousandth of a dollar takes so many.
    least = 0.001 / (20 * deepseek.income * 1e-6)
    assert deepseek.paying_users is not None
    assert least <= deepseek.paying_users < least + 1
    assert deepseek.paying_tokens == pytest.approx(deepseek.paying_users * 20 * 86400)
    # Within a tenth of 20 cents is 22.
    assert deepseek.near_tokens == pytest.approx(0.001 / 0.22e-6 * 86400)


@pytest.mark.usefixtures("simple")
def test_a_price_below_cost_pays_for_no_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = tuple(each._replace(output=0.1, input=0.001) for each in prices.load())
    monkeypatch.setattr(prices, "load", lambda: cheap)
    for each in market_tables.needs(SPEED, scale.CHAT):
        assert (each.paying_users, each.paying_tokens) == (None, None)
    assert "none" in market_tables.hosts_need().markup


def test_every_model_that_is_served_is_sold_and_computed() -> None:
    assert set(market_tables.SERVED_AS) <= set(prices.markets())
    assert set(market_tables.SERVED_AS.values()) <= set(scale.deployments())


def test_the_table_of_hosts_has_what_was_read_off_the_prices() -> None:
    lines = repr(market_tables.hosts()).splitlines()
    assert lines[0] == "gpt-oss-120b, 30, $0.10, $0.575, $4.20, –, –, 4, 50%"
    assert lines[1] == "Kimi K2.6, 26, $0.60, $4.00, $5.75, $4.00, 10, 4.2, 17%"
    assert len(lines) == len(prices.markets())


def test_the_table_over_time_has_every_count() -> None:
    markup = market_tables.hosts_over_time().markup
    assert re.findall(r"<th[^>]*>(\d{4}-\d\d)", markup) == [
        date[:7] for date in prices.counts()[prices.ALL]
    ]
    assert repr(market_tables.hosts_over_time()).splitlines()[0] == (
        "all who sell tokens, 28, 39, 51, 67"
    )


def test_the_posts_two_audiences_lie_in_the_ranges_that_the_closing_chapter_names() -> None:
    for claim, factor in (("user-base", 2), ("steady-user-base", 1.1)):
        bars = scale.weekly_bars(factor).values()
        assert min(bars) < claims.claim(claim).claim.value < max(bars), claim


def test_growth_of_hosts_is_from_the_first_date_and_a_fall_from_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dates = ("2026-01-01", "2026-04-01", "2026-07-01")
    hosts = {"fell": (5, 9, 7), "back": (5, 2, 5), "new": (8,), prices.ALL: (3, 2, 1)}
    counts = {model: dict(zip(dates, found, strict=False)) for model, found in hosts.items()}
    monkeypatch.setattr(prices, "counts", lambda: counts)
    assert market_tables.changes() == {"grew": "1 of the 2", "fell": "fell (from 9 to 7)"}
    monkeypatch.setattr(prices, "counts", lambda: {"back": counts["back"]})
    assert market_tables.changes() == {"grew": "0 of the 1", "fell": "none of them"}


def test_the_newer_design_reads_less_only_of_texts_that_are_longer_than_a_chat() -> None:
    chat = scale.requests()[scale.CHAT]
    newer = catalog.load().model("deepseek_v32")
    assert chat.prompt + chat.answer < newer.selected
