"""The market test: who serves open models and at what price, and the bar in tokens a day."""

from __future__ import annotations

from collections import Counter
from datetime import date
from operator import itemgetter
from typing import Any

import numpy as np

from inference_economics.algebra.formula import checked
from inference_economics.algebra.units import show
from inference_economics.facts import catalog, prices, sourced
from inference_economics.facts.catalog import find
from inference_economics.serving import scale

from ..market_tables import dollars
from . import style
from .market import LEVELS
from .picture import Picture, drawn

DEMANDS = (
    ("Google, all products", "google_tokens_2026_05"),
    ("OpenRouter, all models", "openrouter_tokens_2026_05"),
    ("OpenAI's API", "openai_api_tokens_2025_10"),
    ("OpenRouter, its most used model", "openrouter_top_model_2026_05"),
    ("one buyer, Cline, of one model", "cline_tokens_2026_06"),
)
"""Known demands for tokens, read and written together: what each is called, and the fact."""


@drawn
def prices_of_hosts() -> Picture:
    """Draw what each host asks for a million output tokens of each of the open models."""
    markets = list(prices.markets().values())
    rows, told = [], []
    with style.drawing(0.56 * len(markets) + 0.85) as (figure, axes):
        axes.set(xscale="log", xlim=(0.07, 9), xlabel="$ per million output tokens")
        for at, market in enumerate(reversed(markets)):
            text = f"{market.model}: {market.hosts} hosts, median {dollars(market.median)}"
            axes.plot([market.outputs[0], market.outputs[-1]], [at, at], color=style.TEAL, lw=1)
            for price, hosts in Counter(market.outputs).items():
                size = 4.5 * hosts**0.5  # so that a dot's area counts them
                axes.plot([price], [at], "o", ms=size, color=style.TEAL, alpha=0.55, mew=0)
            if own := market.developers_price:
                axes.plot([own], [at], "D", color=style.VERMILION, ms=5)
            style.words(
                axes, text, (0.07, at), (2, 12), style.INK, fontsize=10.5, bbox=style.BACKED
            )
        style.rows_alone(axes, -0.5, len(markets) - 0.1)
        axes.xaxis.set_major_formatter(lambda value, _: f"${value:g}")
    for market in markets:
        ends = f"{dollars(market.outputs[0])} to {dollars(market.outputs[-1])}"
        own = market.developers_price
        asked = f", {dollars(own)} at its developer" if own else ""
        told.append(
            f"{market.model}, {market.hosts} hosts: {ends}, median {dollars(market.median)}{asked}"
        )
        rows += [(market.model, each.seller, each.kind, each.output) for each in market.offers]
    month = date.fromisoformat(max(prices.counts()[prices.ALL])).strftime("%B %Y")
    return Picture(
        figure,
        title="Many hosts serve each open model",
        alt=f"Dots on a logarithmic scale of dollars per million output tokens. {'; '.join(told)}.",
        caption=f"List prices of output tokens at the start of {month}. A dot is a price, and its "
        "area counts the hosts that charge it. The diamond is the price of the model's developer, "
        "where it sells the model.",
        data=style.columns(("model", "seller", "kind", "output_price"), rows),
    )


@drawn
def demand_against_the_bar(speed: float = scale.SPEED, request: str = scale.CHAT) -> Picture:
    """Draw the tokens a day at which a host is efficient, beside what is asked for.

    Tokens are counted read and written together, for hosts as for the demand.

    Every user gets `speed` tokens a second at least, for requests of one of the kinds of
    `serving.scale.requests()`.
    """
    services = scale.services(checked("tokens_per_second_per_user", speed), request)
    asked = scale.requests()[request]
    read = asked.read_per_written
    rows: list[tuple[Any, ...]] = []
    for name, service in services.items():
        users = map(service.efficient_users, LEVELS)
        daily = [scale.tokens_per_day(each, speed) * (1 + read) for each in users]
        rows.append((name, *daily, style.TEAL))
    rows.sort(key=itemgetter(1))
    dated = catalog.load().facts
    known = ((f"{name}, {dated[id].date[:7]}", sourced(id, "token/day")) for name, id in DEMANDS)
    rows += [(name, each, each, style.SKY) for name, each in sorted(known, key=itemgetter(1))]
    pairs = []
    for name, most, fewest, color in rows:
        ends = [show(each, "token", 2).removesuffix(" tokens") for each in (fewest, most)]
        pairs.append(
            (f"{name}: {' to '.join(dict.fromkeys(ends))}", most, color, most, most, fewest)
        )
    told = "; ".join(pair[0] for pair in pairs)
    return Picture(
        style.ladder(
            0.46 * len(pairs) + 0.8, pairs, (2e7, 6e14), "tokens a day, read and written", every=2
        ),
        title="A host's bar and the demand, in tokens read and written",
        alt=f"Dots on a logarithmic scale of tokens a day, read and written. {told}.",
        caption="All dots count tokens read and written together. Beside each model (teal): "
        "tokens a day with which a host pays at most twice the lowest cost per token (hollow "
        "dots), or a tenth more (filled dots). For each token written such a host reads "
        f"{show(read, '', 2)}. Below the models (blue): tokens that are asked for in a day, in "
        "uses that may read more or fewer for each one written. Every user "
        f"gets at least {show(speed, '')} tokens a second, with prompts of "
        f"{show(asked.prompt, 'token')} and answers of {show(asked.answer, '')}.",
        data=style.columns(("case", "within_a_tenth", "within_twice"), rows),
    )


@drawn
def one_full_machine(name: str = "DeepSeek-V3") -> Picture:
    """Draw a token's cost against users at once, until one machine is full and beyond.

    `name` is one of the services of `serving.scale.services()`.
    """
    service = find(scale.services(), name, "service")
    shared = service.full
    most = round(shared.tokens / service.speed)  # from here on more make it hardly cheaper
    users = np.geomspace(1, 100 * most, 160)
    cost = service.cost_at_work(users) * 1e6
    alone, full = float(cost[0]), shared.cost * 1e6
    with style.drawing(3.7) as (figure, axes):
        axes.axvspan(most, users[-1], color=style.GRID, alpha=0.55, lw=0)
        axes.loglog(users, cost, color=style.TEAL)
        axes.plot([most], [full], "o", color=style.TEAL, ms=9)
        style.words(axes, "more users make\nit cheaper", (1.6, full), (0, -22), style.TEAL)
        style.note(axes, f"alone: {show(alone, 'dollar', 2)}", (1, alone), (12, 4), style.INK)
        text = f"one full machine: {show(full, 'dollar', 2)}"
        style.words(axes, text, (most, full), (0, -22), style.INK, ha="center")
        style.words(axes, "more machines,\nhardly cheaper", (10 * most, full), (0, 26), style.MUTED,
                    ha="center")  # fmt: skip
        axes.set(xlim=(0.8, users[-1]), ylim=(full / 4, alone * 2.5), xlabel="users at once",
                 ylabel="$ per million tokens")  # fmt: skip
        style.plain_log_ticks(axes.xaxis, every=2)
        axes.yaxis.set_major_formatter(lambda value, _: f"${value:g}")
    writing, chip = shared.deployment.values["chips"], shared.deployment.machine.name
    chips = "chip" if writing == 1 else "chips"
    machine = f"The full machine writes answers with {writing:g} {chips} ({chip})"
    if shared.readers is not None:
        share = scale.requests()[scale.CHAT].cached_share
        reading = shared.chips - writing
        machine += f", and reads prompts, the texts that users send, with {reading:g} more. "
        machine += (
            f"A cache holds {show(share, 'fraction')} of each prompt"
            if share
            else "Every prompt is new here; a cache of what was read before would save chips"
        )
    slower, runs = scale.slower_runs(name, shared.deployment.machine.id)
    doubt = (
        f" Real costs are probably higher: of {runs} published runs of {name} on such chips under "
        f"a similar load, {slower} were slower than predicted."
    )
    return Picture(
        figure,
        title="Sharing pays until one machine is full",
        alt=f"A line on logarithmic axes of dollars per million tokens against users at once. It "
        f"falls from {show(alone, 'dollar', 2)} for one user to {show(full, 'dollar', 2)} at "
        f"{most:,} users, where one machine is full, and hardly falls beyond.",
        caption=f"What it costs to write a million tokens with {name}, prompts included. Each "
        f"user gets at least {show(service.speed, 'token/second')}, and takes more if fewer share "
        "the machine. For each number of users, the line assumes the machines that are cheapest "
        "for that number. Where the line is level, the chips that read prompts are fully busy: "
        "with more users, each gets fewer tokens, and a token costs the same. The line rises "
        "where more chips are needed. Users ask all the time, day and night. "
        f"{machine}. Costs follow from the book's equations, at rents of three-year "
        f"contracts.{doubt if 2 * slower > runs else ''}",
        data={"users": users, "dollars_per_million_tokens": cost},
    )
