"""The market test as tables: who serves open models at what price, and what a host needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inference_economics.algebra.units import rounded, show
from inference_economics.facts import prices
from inference_economics.serving import scale

from .evidence_tables import plain
from .markup import Html, element

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SERVED_AS = {
    "Llama-3.3 70B": "Llama-3 70B",
    "DeepSeek-V3.2": "DeepSeek-V3",
    "gpt-oss-120b": "gpt-oss-120b",
}
"""Models that are sold, and the service of `scale.services()` that has each one's shape."""


@dataclass(frozen=True)
class Needs:
    """What a host of one model needs, by the book's model of a service.

    Attributes:
        market: the model as it is sold.
        cost: the least dollars per million output tokens, their prompts counted.
        income: dollars that they bring at the median prices, their prompts counted.
        paying_users: users at once from which this pays the rent; None if it is below the cost.
        paying_tokens: output tokens a day that they take.
        near_tokens: output tokens a day that bring a host within a tenth of that cost.

    """

    market: prices.Market
    cost: float
    income: float
    paying_users: int | None
    paying_tokens: float | None
    near_tokens: float


def needs(speed: float = scale.SPEED, request: str = scale.CHAT) -> list[Needs]:
    """Return what hosts need whose users each get `speed` tokens a second for such a `request`."""
    services, found = scale.services(speed, request), []
    asked = scale.requests()[request]
    for name, served in SERVED_AS.items():
        service, market = services[served], prices.markets()[name]
        cost = service.saturated_cost * 1e6
        income = market.income(asked.read_per_written)
        users = math.ceil(service.efficient_users(income / cost)) if income >= cost else None
        tokens = None if users is None else scale.tokens_per_day(users, speed)
        near = scale.tokens_per_day(service.efficient_users(1.1), speed)
        found.append(Needs(market, cost, income, users, tokens, near))
    return found


def hosts() -> Html:
    """Return the table of hosts: how many serve each model, and what they ask."""
    head = (
        "model", "hosts", "lowest", "median", "highest", "its developer",
        "hosts at the developer's price", "output ÷ input", "cached ÷ new input",
    )  # fmt: skip
    rows = map(_row, prices.markets().values())
    return _scrolling("Dollars per million output tokens, and ratios of prices", head, rows)


def _row(market: prices.Market) -> tuple[str, ...]:
    own, cached = market.developers_price, market.cached_over_input
    return (
        market.model,
        str(market.hosts),
        *map(dollars, (market.outputs[0], market.median, market.outputs[-1])),
        dollars(own) if own else "–",
        str(market.asking(own)) if own else "–",
        show(market.output_over_input, "dimensionless", 2),
        show(cached, "fraction", 2) if cached else "–",
    )


def hosts_over_time() -> Html:
    """Return how many served each model at the start of each quarter."""
    counts = prices.counts()
    dates = list(counts[prices.ALL])
    named = {prices.ALL: "all who sell tokens"}
    rows = (
        (named.get(model, model), *(str(found.get(date, "–")) for date in dates))
        for model, found in counts.items()
    )
    return _scrolling(
        "Hosts listed at the start of a month", ("model", *(date[:7] for date in dates)), rows
    )


def changes() -> dict[str, str]:
    """Return, as text, how many models were counted more than once, and whose hosts grew or fell.

    `grew` is how many of them have more hosts than when first counted, of how many. `fell` names
    the models that had fewer hosts at the last date than at the one before.
    """
    followed = {
        model: list(found.values())
        for model, found in prices.counts().items()
        if model != prices.ALL and len(found) > 1
    }
    fell = [
        f"{model} (from {before} to {last})"
        for model, (*_, before, last) in followed.items()
        if last < before
    ]
    grew = sum(hosts[-1] > hosts[0] for hosts in followed.values())
    return {
        "grew": f"All {grew}" if grew == len(followed) else f"{grew} of the {len(followed)}",
        "fell": ", ".join(fell) or "none of them",
    }


def hosts_need(speed: float = scale.SPEED, request: str = scale.CHAT) -> Html:
    """Return what a host needs to pay its rent, and to come near the lowest cost."""
    head = (
        "model", "lowest cost of a million written tokens", "income from them",
        "fewest users at once who pay the rent", "tokens that they get a day",
        "tokens a day with which a token costs at most a tenth above the lowest cost",
    )  # fmt: skip
    rows = (
        (
            each.market.model,
            dollars(each.cost),
            dollars(each.income),
            "none" if each.paying_users is None else show(each.paying_users, "dimensionless", 2),
            "–" if each.paying_tokens is None else _tokens(each.paying_tokens),
            _tokens(each.near_tokens),
        )
        for each in needs(speed, request)
    )
    return _scrolling(
        "What a host needs; dollars per million output tokens, with their prompts", head, rows
    )


def _scrolling(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Html:
    made = plain(caption, head, rows)
    return Html(element("div", made.markup, css="pst-scrollable-table-container"), made.text)


def dollars(price: float) -> str:
    """Return dollars in three digits, with their cents."""
    return f"${rounded(price, 3):.3f}".removesuffix("0")


def _tokens(count: float) -> str:
    return show(count, "token", 2).removesuffix(" tokens")
