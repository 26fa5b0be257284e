"""Questions on *What scale saves*."""

from __future__ import annotations

import math

from inference_economics.equations import decode, market
from inference_economics.facts import catalog, sourced
from inference_economics.serving import scale

from .question import EASY, HARD, MEDIUM, Choice, Number, Option, asked, show


@asked(EASY)
def price_of_a_token() -> Number:
    """The price of a token."""
    rent = sourced("h100_rental_2026_03", "dollar/chip/second")
    chips, speed = 8, 10_000.0
    work = decode.cost_per_token.explain(chip_rent=rent, chips=chips, throughput=speed)
    return Number(
        asks=f"Eight H100s rent for {show(rent * 3600, 'dollar')} an hour each, and make "
        f"{show(speed)} tokens a second together. What do a million tokens cost?",
        hint="What do all of them cost in an hour, and how many tokens do they make meanwhile?",
        work=(work,),
        value=work.value * 1e6,
        unit="dollar",
        means="If the machine made half as many tokens, each would cost twice as much, since the "
        "rent stays the same.",
        mistakes={
            work.value * 1e6 / chips: "You counted the rent of one card only.",
            work.value * 3.6e9: "The rent is for an hour, and the tokens are for a second.",
            work.value * 6e7: "An hour has 3600 seconds.",
            work.value * 1e6 * chips: "You multiplied by the cards twice.",
        },
    )


@asked(EASY)
def a_quarter_full() -> Number:
    """A quarter full."""
    full, busy, speed, rent = 600.0, 150.0, 20.0, 0.005
    told = {"tokens_per_second_per_user": speed, "unit_rent": rent}
    small = market.service_cost.explain(**told, busy_users=busy)
    whole = market.service_cost.explain(**told, busy_users=full)
    ratio = small.value / whole.value
    return Number(
        asks=f"A service rents one machine. It could serve {show(full)} users at once, and there "
        f"are {show(busy)}. How many times as much does a token cost as on a full machine?",
        hint="The rent is the same. How many users share it?",
        work=(small, whole),
        value=ratio,
        unit="dimensionless",
        means=f"If, for example, the rent is {show(rent * 3600, 'dollar')} an hour and each user "
        f"gets {show(speed)} tokens a second, a million tokens cost "
        f"{show(small.value * 1e6, 'dollar')} instead of {show(whole.value * 1e6, 'dollar')}.",
        mistakes={
            1 / ratio: "This is the share that is used.",
            1.0: "An empty place is paid for as well.",
            full - busy: "This is the number of empty places.",
        },
    )


@asked(MEDIUM)
def the_tenth_unit() -> Choice:
    """The tenth machine."""
    full, speed, rent = 600.0, 20.0, 0.005
    one, ten = (
        market.service_cost(
            unit_rent=n * rent, busy_users=n * full, tokens_per_second_per_user=speed
        )
        for n in (1, 10)
    )
    prices = [show(cost * 1e6, "dollar") for cost in (one, ten)]
    return Choice(
        asks="A service that fills one machine grows until it fills ten, at the same rent for "
        "each. Each reads the prompts of its own users. Demand is even. What becomes of the "
        "cost of a token?",
        hint="How many users share the rent of each machine?",
        means=f"A million tokens cost {prices[0]} on the full machine of the question above, and "
        f"{prices[1]} on ten such machines. The sharing of weights separates those who fill a "
        "machine from those who do not. It gives the largest no further advantage.",
        options={
            "tenth": Option("It falls to a tenth.", "Ten machines cost ten times the rent."),
            "half": Option("It falls to about half.", "Each machine is as full as before."),
            "same": Option("It stays the same.", ""),
        },
        right="same" if math.isclose(ten, one) else "half",
    )


@asked(MEDIUM)
def margin_of_a_day() -> Number:
    """The margin of a day."""
    cost = sourced("deepseek_fleet_cost", "dollar/second")
    income = sourced("deepseek_fleet_revenue", "dollar/second")
    work = market.margin.explain(revenue=income, fleet_cost=cost)
    day = 86400
    return Number(
        asks=f"DeepSeek put a day’s rent of its fleet at {show(day * cost, 'dollar', 5)}, and what "
        f"all tokens would bring at list prices at {show(day * income, 'dollar', 6)}. What margin "
        "is that, as a share of the cost?",
        hint="Subtract the cost from the income, and divide by the cost.",
        work=(work,),
        unit="fraction",
        means="The source calls the income theoretical: not every token is billed at these prices.",
        mistakes={
            1 - cost / income: "This is a share of the income, as accountants state it. The source "
            "states a share of the cost.",
            income / cost: "This is the income over the cost. Subtract the cost first.",
            cost / income: "This is the cost over the income.",
        },
    )


@asked(MEDIUM)
def a_card_at_home() -> Number:
    """A card at home."""
    own = scale.own_machines()["card_dense"]
    share = scale.HOUR_A_DAY
    work = market.own_cost.explain(**own.inputs(share))
    life, speed = own.inputs(share)["lifetime"], own.throughput
    power = own.inputs(1.0)["machine_power"] * own.inputs(1.0)["electricity_price"]
    alone = (work.value * speed - power) / speed
    return Number(
        asks=f"A card costs {show(own.price, 'dollar')} and lasts {life}s. With its PC it draws "
        f"{show(own.inputs(1.0)['machine_power'], 'watt')}, and a kilowatt-hour costs "
        f"{show(own.inputs(1.0)['electricity_price'] * 3.6e6, 'dollar', 4)}. It makes "
        f"{show(speed)} tokens a second, time for prompts included, and works for an hour a day. "
        "What do a million tokens cost?",
        hint="Divide the price by the seconds in which it works. Add the electricity of a second.",
        work=(work,),
        value=work.value * 1e6,
        unit="dollar",
        within=1.03,
        means=f"Used all day, it would be about {show(own.cost(1.0), 'dollar/token', 3)}. The "
        f"idle hours make a token {show(work.value / own.cost(1.0), '', 2)} times as expensive.",
        mistakes={
            own.cost(1.0) * 1e6: "This is for a card that works all day.",
            alone * 1e6: "This leaves out the electricity.",
            power / speed * 1e6: "This is the electricity alone.",
        },
    )


@asked(HARD)
def users_of_a_card() -> Number:
    """How many users share a card."""
    node = sourced("deepseek_fleet_decode_throughput", "token/second")
    cards = catalog.load().fact("deepseek_fleet_gpus_per_node").value
    speed = catalog.load().fact("deepseek_fleet_user_speed").value
    found = scale.fleet_load().gpu_users
    return Number(
        asks=f"In DeepSeek’s fleet a node of {show(cards)} cards makes {show(node)} tokens a "
        f"second, and a user sees {show(speed)} a second. How many users does a card serve at "
        "once?",
        hint="How many users does the node serve?",
        value=found,
        unit="user",
        means=f"It is {show(node)} / {show(cards)} / {show(speed)} = {show(found)}. That is far "
        "below the critical batch of a card that serves users by itself. Yet its experts have "
        "enough work: each of them gets tokens from the users of all cards that share the experts.",
        mistakes={
            found * cards: "This is what the node serves.",
            node / cards: "These are the tokens of a card, not its users.",
            found / cards: "You divided by the cards twice.",
        },
    )
