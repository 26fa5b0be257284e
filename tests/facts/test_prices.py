"""The market's tables: read as they stand, and added up as by hand."""

from __future__ import annotations

import pytest

from inference_economics.facts import catalog, files, prices
from inference_economics.facts.catalog import CatalogError

HEAD = "model,seller,kind,input,output,cached\n"
TABLE = f"""{HEAD}A,maker,developer,1,4,0.1
A,one,host,1,4,
A,two,host,2,4,0.4
A,three,host,1,2,1
A,four,host,5,9,
B,one,host,3,6,
"""


def test_a_market_is_added_up_as_by_hand() -> None:
    found = prices.markets(prices.parse(TABLE))
    assert list(found) == ["A", "B"]  # that with the most hosts first
    market = found["A"]
    assert market.hosts == 5
    assert market.outputs == [2, 4, 4, 4, 9]
    assert market.median == 4
    assert market.spread == 4.5
    assert market.middle_spread == 4 / 4  # of five, the second and the fourth are the quartiles
    assert market.developers_price == 4
    assert market.asking(4) == 2  # besides the developer
    assert market.asking(3) == 0
    # 4, 4, 2, 2 and 1.8 times the price of a token read; 0.1, 0.2 and 1 of it where it is cached
    assert market.output_over_input == 2
    assert market.cached_over_input == pytest.approx(0.2)


def test_what_is_not_listed_is_none() -> None:
    market = prices.markets(prices.parse(TABLE))["B"]
    assert market.developers_price is None
    assert market.cached_over_input is None


# Read off the table itself, line by line.
BY_HAND = {
    #                hosts, least, median, most, the developer's, others who ask it
    "gpt-oss-120b": (30, 0.1, (0.55 + 0.6) / 2, 4.2, None, 0),
    "Kimi K2.6": (26, 0.6, 4.0, 5.75, 4.0, 10),
    "GLM-5.1": (23, 2.15, 4.3, 5.5, 4.4, 9),
    "MiniMax-M2.5": (23, 0.88, 1.2, 3.5, 1.2, 15),
    "Llama-3.3 70B": (22, 0.3, (0.72 + 0.74) / 2, 2.92, None, 0),
    "DeepSeek-V4 Pro": (15, 0.8, 3.48, 3.5, 0.87, 1),
    "DeepSeek-V3.2": (13, 0.35, 0.45, 1.68, None, 0),
    "DeepSeek-V4 Flash": (11, 0.2, 0.28, 0.51, 0.28, 5),
}


@pytest.mark.parametrize("model", BY_HAND)
def test_the_books_markets_are_those_of_the_table(model: str) -> None:
    market = prices.markets()[model]
    hosts, least, median, most, own, same = BY_HAND[model]
    assert market.hosts == hosts
    assert market.outputs[0] == least
    assert market.median == pytest.approx(median)
    assert market.outputs[-1] == most
    assert market.developers_price == own
    assert (market.asking(own) if own else 0) == same


def test_the_books_markets_are_these() -> None:
    assert set(prices.markets()) == set(BY_HAND)
    assert catalog.load().sources[prices.SOURCE].year == 2026


def test_a_launch_price_outlives_its_developers() -> None:
    market, launch = prices.markets()["DeepSeek-V4 Pro"], 3.48
    assert catalog.sourced("v4_pro_launch_price", "dollar/token") == pytest.approx(launch / 1e6)
    assert market.asking(launch) == 7


def test_the_last_count_is_that_of_the_prices() -> None:
    counts = prices.counts()
    last = max(counts[prices.ALL])
    assert {m: found[last] for m, found in counts.items() if m != prices.ALL} == {
        name: market.hosts for name, market in prices.markets().items()
    }
    assert list(counts[prices.ALL].values()) == [28, 39, 51, 67]


def test_nobody_sells_a_model_twice() -> None:
    pairs = [(each.model, each.seller) for each in prices.load()]
    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "prices.csv: its columns must be model, seller, kind, input, output, cached"),
        ("model,seller\nA,one\n", "prices.csv: its columns must be model"),
        (f"{HEAD}A,one,host,1,2,\nA,two,host,1,1,200,\n", "prices.csv: its columns must be model"),
        (f"{HEAD}A,two,host,1,1,200,\nA,one,host,1,2,\n", "prices.csv: its columns must be model"),
        (f"{HEAD}A,one,shop,1,2,\n", "kind of A of one = 'shop' is none of developer, host"),
        (f"{HEAD}A,one,host,1,free,\n", "output of A of one = 'free' is not a positive number"),
        (f"{HEAD}A,one,host,0,2,\n", "input of A of one = '0' is not a positive number"),
        (f"{HEAD}A,one,host,1,2,inf\n", "cached of A of one = 'inf' is not a positive number"),
    ],
)
def test_a_table_that_is_not_well_formed_is_refused(text: str, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        prices.parse(text)


def test_the_table_is_read_as_it_is_written() -> None:
    rows = ([*each] for each in prices.load())
    assert prices.parse(files.as_csv(prices.Offer._fields, rows)) == prices.load()
