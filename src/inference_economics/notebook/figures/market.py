"""What scale saves: the cost of a token alone and shared, and the users that it takes."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from ...algebra.formula import checked
from ...algebra.units import show
from ...facts import sourced
from ...ledger import recomputed, stated
from ...serving import scale
from . import style
from .picture import Picture, drawn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ...serving.market import Service

COLORS = {
    "Llama-3 8B": style.SLATE,
    "Llama-3 70B": style.TEAL,
    "Llama-3.1 405B": style.VERMILION,
    "Mixtral 8x7B": style.GOLD,
    "DeepSeek-V3": style.SKY,
    "gpt-oss-120b": style.VIOLET,
}
SWEPT = ("Llama-3.1 405B", "DeepSeek-V3", "Llama-3 70B", "gpt-oss-120b")
LEVELS = TEN_PERCENT, TWICE = 1.1, 2.0


def _count(users: float, digits: int = 3) -> str:
    return show(users, "user", digits).replace(" users", "").replace(" user", "")


def _price(cost: float, digits: int = 2) -> str:
    """Return dollars per million tokens, briefly."""
    return show(cost, "dollar/token", digits).removesuffix(" per million tokens")


def _services(speed: float, context: float) -> dict[str, Service]:
    checked("context", context)
    return scale.services(checked("tokens_per_second_per_user", speed), context)


def _served(speed: float, context: float) -> str:
    """Return how users are served, where it is not as in the book."""
    if (speed, context) == (scale.SPEED, scale.CONTEXT):
        return ""
    return (
        f" Every user gets {show(speed, '')} tokens a second, with {show(context, 'token')} "
        "of context."
    )


def _pairs(
    rows: Iterable[tuple[Any, ...]], written: Callable[[float, int], str] = _count
) -> list[tuple[str, float, str, float]]:
    """Return rows of a ladder from names, two figures each, the larger first, and a color."""
    found = []
    for name, most, least, color in rows:
        both = f"{written(least, 2)} to {written(most, 2)}"
        text = f"{name}: {written(most, 3) if most == least else both}"
        found.append((text, most, color, least))
    return found


def _told(pairs: Iterable[tuple[str, float, str, float]]) -> str:
    return "; ".join(label for label, *_ in pairs)


@drawn
def token_cost_against_batch(speed: float = scale.SPEED, context: float = scale.CONTEXT) -> Picture:
    """Draw the cost of a token against the users who share the machine, for four models.

    Every user gets `speed` tokens a second at least, and has `context` tokens.
    """
    services = _services(speed, context)
    data: dict[str, np.ndarray] = {}
    ends, machines = [], []
    with style.drawing(4.2) as (figure, axes):
        for name in SWEPT:
            full = scale.together(services[name])
            users = np.geomspace(1, full.users, 120)
            swept = full.deployment.sweep(concurrent_users=users, context=context)
            cost = swept["cost_per_token"].filled(np.nan)
            axes.loglog(users, cost, color=COLORS[name])
            axes.plot(users[-1:], cost[-1:], "o", color=COLORS[name], ms=8)
            style.note(axes, name, (1, cost[0]), (-5, 0), COLORS[name])
            data |= {f"{name}, users": users, f"{name}, cost": cost}
            ends.append(
                f"{name} falls from {_price(cost[0])} to {_price(cost[-1])} at {full.users:,} users"
            )
            machines.append(f"{name} on {full.deployment.name.rsplit(' on ', 1)[1]}")
        axes.set(xlim=(0.02, 6000), ylim=(1e-8, 4e-4), xlabel="users who share the machine",
                 ylabel="$ per million tokens")  # fmt: skip
        style.plain_log_ticks(axes.xaxis)
        axes.set_xticks([1, 10, 100, 1000])
        axes.yaxis.set_major_formatter(lambda value, _: _price(value))
    return Picture(
        figure,
        title="The cost of a token against the batch",
        alt="Four falling lines of dollars per million tokens against users, on logarithmic "
        f"axes. {'; '.join(ends)}.",
        caption=f"{'; '.join(machines)}. Each line ends where the memory is full, or where a "
        f"user would get less than {show(speed, 'dimensionless')} tokens a second; each "
        f"user has {show(context, 'token')} of context.",
        data=data,
    )


@drawn
def alone_against_shared(speed: float = scale.SPEED, context: float = scale.CONTEXT) -> Picture:
    """Draw how much more a token costs alone: as claimed, as computed, as measured.

    Where it is computed, users who share a machine get `speed` tokens a second at least, and
    each has `context` tokens.
    """
    argued = [
        ("the post", stated("thousand-times-cost", "dimensionless"), style.VERMILION),
        ("the post, with its own utilization",
         recomputed("thousand-times-cost", "dimensionless"), style.VERMILION),
        ("the same with the datasheet of an H100",
         recomputed("thousand-times-cost", "dimensionless", on_facts=True), style.GOLD),
    ]  # fmt: skip
    computed = [
        (f"full model, {name}", scale.alone(each).cost / scale.together(each).cost, style.TEAL)
        for name, each in _services(speed, context).items()
    ]
    measured = [
        (f"measured, {name}", gain, style.SKY) for name, gain in scale.measured_gains().items()
    ]
    rows = [
        (f"{name}: {show(ratio, 'dimensionless', digits)}", ratio, color)
        for group, digits in ((argued, 3), (computed, 2), (measured, 2))
        for name, ratio, color in sorted(group, key=lambda row: -row[1])
    ]
    told = "; ".join(label for label, _, _ in rows)
    least = min(ratio for _, ratio, _ in rows)
    return Picture(
        style.ladder(6.6, rows, (min(4, least / 1.1), 2000), "cost alone over cost shared"),
        title="A token alone against a token shared",
        alt=f"Dots on a logarithmic scale of the cost alone over the cost shared. {told}.",
        caption="In the full model a lone user takes the cheapest machine for one, and a "
        "provider the cheapest full one. Measured is what one machine makes for many over what "
        f"it makes for one; with 32 or 128 users it is not full.{_served(speed, context)}",
        data=style.columns(("case", "ratio"), rows),
    )


@drawn
def cost_against_users(speed: float = scale.SPEED, context: float = scale.CONTEXT) -> Picture:
    """Draw the cost of a token over that of a saturated provider, against users at once.

    Every user gets `speed` tokens a second at least, and has `context` tokens.
    """
    users = np.geomspace(10, 20_000, 240)
    data, found = {"users": users}, []
    with style.drawing(4.6) as (figure, axes):
        for level, text in ((TEN_PERCENT, "10% more"), (TWICE, "twice")):
            axes.axhline(level, color=style.MUTED, **style.DASHED)
            style.note(axes, text, (10, level), (-5, 0), style.MUTED)
        for name, service in _services(speed, context).items():
            ratio = service.cost(users) / service.saturated_cost
            axes.loglog(users, ratio, color=COLORS[name], lw=1.8)
            data[name] = ratio
            # Two models start on the same line: their names stand below each other.
            lower = -13 if name == "Llama-3 70B" else 0
            style.note(axes, name, (10, ratio[0]), (-5, lower), COLORS[name])
            most, fewest = map(service.efficient_users, (TEN_PERCENT, TWICE))
            axes.plot([most], [TEN_PERCENT], "o", color=COLORS[name], ms=7)
            axes.plot([fewest], [TWICE], "o", mfc=style.PAPER, mec=COLORS[name], ms=7)
            found.append(f"{name} at {_count(fewest, 2)} and {_count(most, 2)} users")
        axes.set(xlim=(0.38, 20_000), ylim=(0.88, 250), xlabel="users at once",
                 ylabel="cost over that of a full provider")  # fmt: skip
        style.plain_log_ticks(axes.xaxis)
        axes.set_xticks([10, 100, 1000, 10_000])
        style.plain_log_ticks(axes.yaxis)
    return Picture(
        figure,
        title="How large is large enough?",
        alt="Six lines fall in proportion to the users at once, then level off at one. They "
        f"reach twice and 1.1 times the lowest cost: {'; '.join(found)}.",
        caption="A small service rents one unit and shares its rent among its users. Steps come "
        "where a larger unit becomes the cheaper one. Hollow dots: twice the cost of a full "
        f"provider; filled dots: 10% more. Every user gets {show(speed, '')} tokens a "
        f"second, with {show(context, 'token')} of context.",
        data=data,
    )


@drawn
def bar_against_audiences(speed: float = scale.SPEED, context: float = scale.CONTEXT) -> Picture:
    """Draw the weekly users that each model needs, beside known audiences.

    Every user gets `speed` tokens a second at least, and has `context` tokens.
    """
    post, guess = stated("user-base", "user"), stated("steady-user-base", "user")
    claimed = [("the post, and its margin for a steady service", guess, post, style.VERMILION)]
    models = [
        (
            name,
            *(scale.weekly_users(service.efficient_users(level), speed) for level in LEVELS),
            style.TEAL,
        )
        for name, service in _services(speed, context).items()
    ]
    known = [(name, users, users, style.SKY) for name, users in scale.audiences().items()]
    groups: tuple[list[tuple[Any, ...]], ...] = (claimed, models, known)
    rows = [row for group in groups for row in sorted(group, key=itemgetter(1))]
    pairs = _pairs(rows)
    return Picture(
        style.ladder(6.4, pairs, (2e4, 4e9), "users"),
        title="Large enough, in people",
        alt=f"Dots on a logarithmic scale of users. {_told(pairs)}.",
        caption="For the models, weekly users of a chat: hollow dots at twice the cost of a full "
        "provider, filled ones at 10% more. Known audiences are counted in different ways, each "
        f"named.{_served(speed, context)}",
        data=style.columns(("case", "users", "fewest"), rows),
    )


@drawn
def what_moves_the_bar(speed: float = scale.SPEED, context: float = scale.CONTEXT) -> Picture:
    """Draw the users that DeepSeek-V3 needs, as it is and with one thing changed at a time.

    Every user gets `speed` tokens a second at least, and has `context` tokens.
    """
    checked("context", context)
    levers = scale.levers(checked("tokens_per_second_per_user", speed), context)
    found = [
        (lever.name, *map(lever.users, LEVELS), style.TEAL if key == "base" else style.GOLD)
        for key, lever in levers.items()
    ]
    pairs = _pairs(found)
    with style.drawing(4.6) as (figure, axes):
        fewest, most = min(pair[3] for pair in pairs), max(pair[1] for pair in pairs)
        axes.set(xlim=(min(100, fewest / 1.1), max(8000, 1.1 * most)), xlabel="users at once")
        for level in (1, 2):
            axes.axvline(found[0][level], color=style.TEAL, lw=1, ls=(0, (4, 3)))
        style.dots(axes, pairs)
        for text in axes.texts:
            text.set_bbox(style.BACKED)
        style.plain_log_ticks(axes.xaxis)
    return Picture(
        figure,
        title="What moves the bar",
        alt=f"Pairs of dots on a logarithmic scale of users at once. {_told(pairs)}.",
        caption="Hollow dots: twice the cost of a full provider of the same model; filled dots: "
        f"10% more. Dashed: the base case.{_served(speed, context)}",
        data=style.columns(("case", "10% more", "twice"), found),
    )


@drawn
def own_machine_against_price() -> Picture:
    """Draw the cost of a token from a machine of one's own, beside prices of the day."""
    rows = [
        (own.name, own.cost(scale.HOUR_A_DAY), own.cost(1.0), own.listed,
         style.VIOLET if "gpt" in own.name else style.TEAL)
        for own in scale.own_machines().values()
    ]  # fmt: skip
    pairs = _pairs([(*row[:3], row[4]) for row in rows], _price)
    with style.drawing(2.9) as (figure, axes):
        axes.set(xlim=(4e-8, 6e-4), xlabel="$ per million tokens")
        style.dots(axes, pairs)
        for at, (*_, listed, _) in enumerate(reversed(rows)):
            axes.plot([listed], [at], "D", color=style.VERMILION, ms=6)
        axes.xaxis.set_major_formatter(lambda value, _: _price(value))
    dense = sourced("api_price_llama3_70b", "dollar/token")
    sparse = sourced("api_price_gpt_oss_120b_groq_output", "dollar/token")
    return Picture(
        figure,
        title="A machine of one's own",
        alt="Pairs of dots on a logarithmic scale of dollars per million tokens, for use all day "
        f"and for an hour a day. {_told(pairs)}. Marked: the listed prices, {_price(dense)} for "
        f"dense models and {_price(sparse)} for sparse ones.",
        caption="Hollow dots: the machine generates all day; filled dots: an hour a day. "
        "Diamonds: what an API lists for a million tokens of output, of Llama-3 70B and of "
        "gpt-oss-120b. The small models stand beside the price of the larger one of their "
        "family.",
        data=style.columns(("case", "hour a day", "all day", "listed"), rows),
    )
