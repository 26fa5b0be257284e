"""What scale saves: the cost of a token alone and shared, and the users that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...algebra.units import show
from ...facts import sourced
from ...ledger import recomputed, stated
from ...serving import scale
from . import style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

COLORS = {
    "Llama-3 8B": style.BROWN,
    "Llama-3 70B": style.TEAL,
    "Llama-3.1 405B": style.VERMILION,
    "Mixtral 8x7B": style.GOLD,
    "DeepSeek-V3": style.SKY,
    "gpt-oss-120b": style.VIOLET,
}
SWEPT = ("Llama-3.1 405B", "DeepSeek-V3", "Llama-3 70B", "gpt-oss-120b")
TEN_PERCENT, TWICE = 1.1, 2.0


def _count(users: float, digits: int = 3) -> str:
    return show(users, "user", digits).replace(" users", "").replace(" user", "")


def _price(cost: float, digits: int = 2) -> str:
    """Return dollars per million tokens, briefly."""
    return show(cost, "dollar/token", digits).removesuffix(" per million tokens")


def _label(text: str) -> str:
    """Return a text as Matplotlib takes it: a pair of dollar signs would be mathematics."""
    return text.replace("$", r"\$")


def _floats(values: Sequence[float] | np.ndarray) -> list[float]:
    return [float(value) for value in values]


def _second_dots(axes: Axes, rows: Sequence[tuple[float | None, str]]) -> None:
    """Draw a hollow dot on each row of a ladder that has a second, smaller figure."""
    for at, (value, color) in enumerate(reversed(rows)):
        if value is not None:
            axes.plot([value], [at], "o", mfc=style.PAPER, mec=color, ms=8, mew=1.8)


@style.drawn
def token_cost_against_batch() -> style.Picture:
    """Draw the cost of a token against the users who share the machine, for four models."""
    services = scale.services()
    data: dict[str, list[float]] = {}
    ends, machines = [], []
    with style.drawing(4.2) as (figure, axes):
        for name in SWEPT:
            full = scale.together(services[name])
            users = np.geomspace(1, full.users, 120)
            swept = full.deployment.sweep(concurrent_users=users, context=scale.CONTEXT)
            cost = swept["cost_per_token"].filled(np.nan)
            axes.loglog(users, cost, color=COLORS[name])
            axes.plot(users[-1:], cost[-1:], "o", color=COLORS[name], ms=8)
            style.note(axes, name, (1, cost[0]), (-5, 0), COLORS[name])
            data |= {f"{name}, users": _floats(users), f"{name}, cost": _floats(cost)}
            ends.append(
                f"{name} falls from {_price(cost[0])} to {_price(cost[-1])} at {full.users:,} users"
            )
            machines.append(f"{name} on {full.deployment.name.rsplit(' on ', 1)[1]}")
        axes.set(xlim=(0.02, 6000), ylim=(1e-8, 4e-4), xlabel="users who share the machine",
                 ylabel="$ per million tokens")  # fmt: skip
        style.plain_log_ticks(axes.xaxis)
        axes.set_xticks([1, 10, 100, 1000])
        axes.yaxis.set_major_formatter(lambda value, _: _price(value))
    return style.Picture(
        figure,
        title="The cost of a token against the batch",
        alt="Four falling lines of dollars per million tokens against users, on logarithmic "
        f"axes. {'; '.join(ends)}.",
        caption=f"{'; '.join(machines)}. Each line ends where the memory is full, or where a "
        f"user would get less than {show(scale.SPEED, 'dimensionless')} tokens a second; each "
        f"user has {show(scale.CONTEXT, 'token')} of context.",
        data=data,
    )


@style.drawn
def alone_against_shared() -> style.Picture:
    """Draw how much more a token costs alone: as claimed, as computed, as measured."""
    argued = [
        ("the post", stated("thousand-times-cost", "dimensionless"), style.VERMILION),
        ("the post, with its own utilization",
         recomputed("thousand-times-cost", "dimensionless"), style.VERMILION),
        ("the same with the datasheet of an H100",
         recomputed("thousand-times-cost", "dimensionless", on_facts=True), style.GOLD),
    ]  # fmt: skip
    computed = [
        (f"full model, {name}", scale.alone(each).cost / scale.together(each).cost, style.TEAL)
        for name, each in scale.services().items()
    ]
    measured = [
        (f"measured, {name}", gain, style.SKY) for name, gain in scale.measured_gains().items()
    ]
    rows = [
        (f"{name}: {show(ratio, 'dimensionless', digits)}", ratio, color)
        for group, digits in ((argued, 3), (computed, 2), (measured, 2))
        for name, ratio, color in sorted(group, key=lambda row: -row[1])
    ]
    with style.drawing(6.6) as (figure, axes):
        axes.set(xlim=(8, 2000), xlabel="cost alone over cost shared")
        style.dots(axes, rows)
        style.plain_log_ticks(axes.xaxis)
    return style.Picture(
        figure,
        title="A token alone against a token shared",
        alt="Dots on a logarithmic scale of the cost alone over the cost shared. "
        + "; ".join(label for label, _, _ in rows)
        + ".",
        caption="In the full model a lone user takes the cheapest machine for one, and a "
        "provider the cheapest full one. Measured is what one machine makes for many over what "
        "it makes for one; with 32 or 128 users it is not full.",
        data={"case": [row[0] for row in rows], "ratio": [row[1] for row in rows]},
    )


@style.drawn
def cost_against_users() -> style.Picture:
    """Draw the cost of a token over that of a saturated provider, against users at once."""
    services = scale.services()
    users = np.geomspace(10, 20_000, 240)
    data: dict[str, list[float]] = {"users": _floats(users)}
    found = []
    with style.drawing(4.6) as (figure, axes):
        for level, text in ((TEN_PERCENT, "10% more"), (TWICE, "twice")):
            axes.axhline(level, color=style.MUTED, lw=1.2, ls=(0, (4, 3)))
            style.note(axes, text, (10, level), (-5, 0), style.MUTED)
        for name, service in services.items():
            ratio = service.cost(users) / service.saturated_cost
            axes.loglog(users, ratio, color=COLORS[name], lw=1.8)
            data[name] = _floats(ratio)
            # Two models start on the same line: their names stand below each other.
            lower = -13 if name == "Llama-3 70B" else 0
            style.note(axes, name, (10, ratio[0]), (-5, lower), COLORS[name])
            bars = {level: service.efficient_users(level) for level in (TEN_PERCENT, TWICE)}
            axes.plot([bars[TEN_PERCENT]], [TEN_PERCENT], "o", color=COLORS[name], ms=7)
            axes.plot([bars[TWICE]], [TWICE], "o", mfc=style.PAPER, mec=COLORS[name], ms=7)
            found.append(
                f"{name} at {_count(bars[TWICE], 2)} and {_count(bars[TEN_PERCENT], 2)} users"
            )
        axes.set(xlim=(0.38, 20_000), ylim=(0.88, 250), xlabel="users at once",
                 ylabel="cost over that of a full provider")  # fmt: skip
        style.plain_log_ticks(axes.xaxis)
        axes.set_xticks([10, 100, 1000, 10_000])
        style.plain_log_ticks(axes.yaxis)
    return style.Picture(
        figure,
        title="How large is large enough?",
        alt="Six lines fall in proportion to the users at once, then level off at one. They "
        f"reach twice and 1.1 times the lowest cost: {'; '.join(found)}.",
        caption="A small service rents one unit and shares its rent among its users. Steps come "
        "where a larger unit becomes the cheaper one. Hollow dots: twice the cost of a full "
        f"provider; filled dots: 10% more. Every user gets {show(scale.SPEED, '')} tokens a "
        f"second, with {show(scale.CONTEXT, 'token')} of context.",
        data=data,
    )


@style.drawn
def bar_against_audiences() -> style.Picture:
    """Draw the weekly users that each model needs, beside known audiences."""
    rows: list[tuple[str, float, float, str]] = [
        ("the post, and its margin for a steady service",
         stated("steady-user-base", "user"), stated("user-base", "user"), style.VERMILION),
    ]  # fmt: skip
    for name, service in scale.services().items():
        bars = [
            scale.weekly_users(service.efficient_users(level)) for level in (TEN_PERCENT, TWICE)
        ]
        rows.append((name, bars[0], bars[1], style.TEAL))
    rows[1:] = sorted(rows[1:], key=lambda row: row[1])
    known = sorted(scale.audiences().items(), key=lambda each: each[1])
    rows += [(name, users, users, style.SKY) for name, users in known]
    labels = [
        f"{name}: {_count(high)}" if low == high
        else f"{name}: {_count(low, 2)} to {_count(high, 2)}"
        for name, high, low, _ in rows
    ]  # fmt: skip
    with style.drawing(6.4) as (figure, axes):
        axes.set(xlim=(2e4, 4e9), xlabel="users")
        style.dots(axes, [(label, row[1], row[3]) for label, row in zip(labels, rows, strict=True)])
        _second_dots(axes, [(low if low != high else None, color) for _, high, low, color in rows])
        style.plain_log_ticks(axes.xaxis)
    return style.Picture(
        figure,
        title="Large enough, in people",
        alt=f"Dots on a logarithmic scale of users. {'; '.join(labels)}.",
        caption="For the models, weekly users of a chat: hollow dots at twice the cost of a full "
        "provider, filled ones at 10% more. Known audiences are counted in different ways, each "
        "named.",
        data={
            "case": [row[0] for row in rows],
            "users": [row[1] for row in rows],
            "fewest": [row[2] for row in rows],
        },
    )


@style.drawn
def what_moves_the_bar() -> style.Picture:
    """Draw the users that DeepSeek-V3 needs, as it is and with one thing changed at a time."""
    found = [
        (lever.name, lever.users(TEN_PERCENT), lever.users(TWICE),
         style.TEAL if key == "base" else style.GOLD)
        for key, lever in scale.levers().items()
    ]  # fmt: skip
    with style.drawing(4.6) as (figure, axes):
        axes.set(xlim=(100, 8000), xlabel="users at once")
        for level in (1, 2):
            axes.axvline(found[0][level], color=style.TEAL, lw=1, ls=(0, (4, 3)))
        style.dots(
            axes,
            [
                (f"{name}: {_count(low, 2)} to {_count(high, 2)}", high, color)
                for name, high, low, color in found
            ],
        )
        _second_dots(axes, [(low, color) for _, _, low, color in found])
        for text in axes.texts:
            text.set_bbox(style.BACKED)
        style.plain_log_ticks(axes.xaxis)
    return style.Picture(
        figure,
        title="What moves the bar",
        alt="Pairs of dots on a logarithmic scale of users at once. "
        + "; ".join(
            f"{name}: {_count(low, 2)} to {_count(high, 2)}" for name, high, low, _ in found
        )
        + ".",
        caption="Hollow dots: twice the cost of a full provider of the same model; filled dots: "
        "10% more. Dashed: the base case.",
        data={
            "case": [row[0] for row in found],
            "10% more": [row[1] for row in found],
            "twice": [row[2] for row in found],
        },
    )


@style.drawn
def own_machine_against_price() -> style.Picture:
    """Draw the cost of a token from a machine of one's own, beside prices of the day."""
    rows = [
        (own.name, own.cost(scale.HOUR_A_DAY), own.cost(1.0), own.listed,
         style.VIOLET if "gpt" in own.name else style.TEAL)
        for own in scale.own_machines().values()
    ]  # fmt: skip
    with style.drawing(2.9) as (figure, axes):
        axes.set(xlim=(4e-8, 6e-4), xlabel="$ per million tokens")
        style.dots(
            axes,
            [
                (_label(f"{name}: {_price(always)} to {_price(hour)}"), hour, color)
                for name, hour, always, _, color in rows
            ],
        )
        _second_dots(axes, [(always, color) for _, _, always, _, color in rows])
        for at, (_, _, _, listed, _) in enumerate(reversed(rows)):
            axes.plot([listed], [at], "D", color=style.VERMILION, ms=6)
        axes.xaxis.set_major_formatter(lambda value, _: _price(value))
    dense = sourced("api_price_llama3_70b", "dollar/token")
    sparse = sourced("api_price_gpt_oss_120b_groq_output", "dollar/token")
    return style.Picture(
        figure,
        title="A machine of one's own",
        alt="Pairs of dots on a logarithmic scale of dollars per million tokens, for use all day "
        "and for an hour a day. "
        + "; ".join(
            f"{name}: {_price(always)} to {_price(hour)}" for name, hour, always, _, _ in rows
        )
        + f". Marked: the listed prices, {_price(dense)} for dense models and {_price(sparse)} "
        "for sparse ones.",
        caption="Hollow dots: the machine generates all day; filled dots: an hour a day. "
        "Diamonds: what an API lists for a million tokens of output, of Llama-3 70B and of "
        "gpt-oss-120b. The small models stand beside the price of the larger one of their "
        "family.",
        data={
            "case": [row[0] for row in rows],
            "hour a day": [row[1] for row in rows],
            "all day": [row[2] for row in rows],
            "listed": [row[3] for row in rows],
        },
    )
