"""What scale saves: the cost of a token alone and shared, and the users that it takes."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from inference_economics.algebra.units import show
from inference_economics.ledger import recomputed, stated
from inference_economics.serving import scale
from inference_economics.serving.market import token_time

from . import style
from .picture import Picture, drawn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inference_economics.serving.market import Service

SWEPT = ("Llama-3.1 405B", "DeepSeek-V3", "Llama-3 70B", "gpt-oss-120b")
ONE_NODE = 8
"""Most cards of a machine that a line of costs is drawn for."""
LEVELS = TEN_PERCENT, TWICE = 1.1, 2.0


def _count(users: float, digits: int = 2) -> str:
    return show(users, "user", digits).replace(" users", "").replace(" user", "")


def _price(cost: float) -> str:
    """Return dollars per million tokens, briefly."""
    return show(cost, "dollar/token", 2).removesuffix(" per million tokens")


def _served(speed: float, request: str) -> str:
    """Return how users are served."""
    asked = scale.requests()[request]
    prompt, answer = show(asked.prompt, "token"), show(asked.answer, "token")
    if asked.cached_share:
        prompt += f", {show(asked.cached_share, 'fraction', 2)} of it cached,"
    return (
        f"Every user gets at least {show(speed, '')} tokens a second; a request has a prompt of "
        f"{prompt} and an answer of {answer}."
    )


def _told(rows: Iterable[tuple[Any, ...]]) -> str:
    return "; ".join(label for label, *_ in rows)


@drawn
def token_cost_against_batch(speed: float = scale.SPEED, request: str = scale.CHAT) -> Picture:
    """Draw the cost of a token against the users who share the machine, for four models.

    Every user gets `speed` tokens a second at least; `request` is one of `scale.requests()`.
    """
    services = scale.services(speed, request, apart=False)
    data: dict[str, np.ndarray] = {}
    ends, machines, below = [], [], np.inf
    lines = []
    for name in (each for each in SWEPT if each in services):
        full = min(
            (unit for unit in services[name].units if unit.chips <= ONE_NODE),
            key=lambda unit: unit.cost,
        )
        users = np.geomspace(1, full.users, 120)
        lines.append((name, full, users, full.rent * token_time(full.deployment, users) / users))
    with style.drawing(4.2) as (figure, axes):
        for name, full, users, cost in sorted(lines, key=lambda line: -line[-1][0]):
            axes.loglog(users, cost, color=style.MODELS[name])
            axes.plot(users[-1:], cost[-1:], "o", color=style.MODELS[name], ms=8)
            below = min(cost[0], below / 1.7)  # names stand one below the other
            style.note(axes, name, (1, below), (-5, 0), style.MODELS[name])
            data |= {f"{name}, users": users, f"{name}, cost": cost}
            ends.append(
                f"{name} falls from {_price(cost[0])} to {_price(cost[-1])} at {full.users:,} users"
            )
            machines.append(f"{name} runs on {full.deployment.name.rsplit(' on ', 1)[1]}")
        axes.set(xlim=(0.02, 6000), ylim=(2e-8, 4e-4), xlabel="users who share the machine",
                 ylabel="$ per million tokens written")  # fmt: skip
        style.plain_log_ticks(axes.xaxis, at=[1, 10, 100, 1000])
        axes.yaxis.set_major_formatter(lambda value, _: _price(value))
    return Picture(
        figure,
        title="The cost of a token against the batch",
        alt="Four falling lines of dollars per million tokens against users, on logarithmic "
        f"axes. {'; '.join(ends)}.",
        caption=f"{'. '.join(machines)}. To keep the picture simple, the cards that write also "
        f"read the prompts, and a machine has at most {ONE_NODE} cards. Separate cards for "
        "prompts can be cheaper, so a line may end above the lowest cost. At its left end it may "
        "lie above the lone user's cost in the next section, because there the user rents a "
        "machine that is cheaper for one. A line ends where one more user would find no "
        f"memory, or make all others too slow. {_served(speed, request)}",
        data=data,
    )


@drawn
def alone_against_shared(speed: float = scale.SPEED, request: str = scale.CHAT) -> Picture:
    """Draw how much more a token costs alone: as claimed, as computed, as measured.

    Where it is computed, users who share a machine get `speed` tokens a second at least;
    `request` is one of `scale.requests()`.
    """
    argued = [
        ("the post", stated("thousand-times-cost", "dimensionless"), style.VERMILION),
        ("the post, with its own utilization",
         recomputed("thousand-times-cost", "dimensionless"), style.VERMILION),
        ("the same with the datasheet of an H100",
         recomputed("thousand-times-cost", "dimensionless", on_facts=True), style.GOLD),
    ]  # fmt: skip
    computed = [
        (f"whole requests, {name}", each.gain, style.TEAL)
        for name, each in scale.services(speed, request).items()
    ]
    measured = [
        (f"measured, {name}", gain, style.SKY) for name, gain in scale.measured_gains().items()
    ]
    rows = [
        (f"{name}: {show(ratio, 'dimensionless', digits)}", ratio, color)
        for group, digits in ((argued, 3), (computed, 2), (measured, 2))
        for name, ratio, color in sorted(group, key=lambda row: -row[1])
    ]
    least = min(ratio for _, ratio, _ in rows)
    return Picture(
        style.ladder(6.6, rows, (min(4, least / 1.1), 2000), "cost alone over cost shared"),
        title="A token alone against a token shared",
        alt=f"Dots on a logarithmic scale of the cost alone over the cost shared. {_told(rows)}.",
        caption="The first ratios, by the post (orange) and a datasheet (gold), count the weights "
        "alone, with the same machine for one user and for many. Those of whole requests (teal) "
        "are computed: a lone user rents the machine that is cheapest for one user, and keeps it "
        f"busy. A provider fills the machine that is cheapest when full. {_served(speed, request)} "
        "What is measured (blue) is what a machine writes in a second for 32 or 128 users, divided "
        "by what it writes for one.",
        data=style.columns(("case", "ratio"), rows),
    )


@drawn
def cost_against_users(speed: float = scale.SPEED, request: str = scale.CHAT) -> Picture:
    """Draw the cost of a token over that of a saturated provider, against users at once.

    Every user gets `speed` tokens a second at least; `request` is one of `scale.requests()`.
    """
    users = np.geomspace(10, 20_000, 480)
    data, found = {"users": users}, []
    services = scale.services(speed, request)

    def above(service: Service) -> float:
        return float(service.cost(float(users[0])) / service.saturated_cost)

    with style.drawing(4.6) as (figure, axes):
        for level, text in ((TEN_PERCENT, "10% more"), (TWICE, "twice")):
            axes.axhline(level, color=style.MUTED, **style.DASHED)
            style.note(axes, text, (10, level), (-5, 0), style.MUTED)
        starts = sorted(services, key=lambda name: above(services[name]))
        below = 0.0
        for name in starts:
            service = services[name]
            ratio = service.cost(users) / service.saturated_cost
            axes.loglog(users, ratio, color=style.MODELS[name], lw=1.1, alpha=0.7)
            data[name] = ratio
            # Names of lines that start close together stand one above the other.
            below = max(ratio[0], below * 1.28)
            style.note(axes, name, (10, below), (-5, 0), style.MODELS[name])
            most, fewest = map(service.efficient_users, (TEN_PERCENT, TWICE))
            stays = service.settled_users(TEN_PERCENT)
            axes.plot([most], [TEN_PERCENT], "o", color=style.MODELS[name], ms=7)
            axes.plot([fewest], [TWICE], "o", mfc=style.PAPER, mec=style.MODELS[name], ms=7)
            axes.plot([stays], [TEN_PERCENT], "D", color=style.MODELS[name], ms=6)
            found.append(f"{name} at {_count(fewest)}, {_count(most)} and {_count(stays)} users")
        axes.set(xlim=(0.38, 20_000), ylim=(0.88, 100), xlabel="users at once",
                 ylabel="cost over the lowest cost")  # fmt: skip
        style.plain_log_ticks(axes.xaxis, at=[10, 100, 1000, 10_000])
        style.plain_log_ticks(axes.yaxis)
    return Picture(
        figure,
        title="How large is large enough?",
        alt=f"{len(found)} jagged lines fall with the users at once, to near one. They reach twice "
        f"the lowest cost, reach 1.1 times, and last exceed 1.1 times: {'; '.join(found)}.",
        caption="A service rents the cards that are cheapest for its users, who share the rent. "
        "A line falls while more users share the same cards, and jumps where they need more cards. "
        "At a hollow dot a token first costs only twice as much as at the largest provider, at a "
        "filled dot only 10% more. Beyond a diamond it never costs over 10% more again. The "
        "largest provider's machines are full, and share the cards that read prompts. Here each "
        "user takes tokens only as fast as on a full machine, so a machine that is not full is "
        "sometimes idle. On the front page, each user takes all that the machines give. "
        f"{_served(speed, request)}",
        data=data,
    )


@drawn
def output_beside_measured(speed: float = scale.SPEED, request: str = scale.CHAT) -> Picture:
    """Draw what a GPU of a full machine writes, with its band, over what published runs wrote.

    The runs are those of `scale.published_runs()`: with users about as fast, and many of them.
    """
    runs, doubts = scale.published_runs(speed, request), scale.doubts(speed, request)
    services = scale.services(speed, request)
    rows: list[tuple[Any, ...]] = []
    found: list[tuple[Any, ...]] = []
    told = []
    for name, service in services.items():
        written, doubt, ran = service.full.tokens / service.full.chips, doubts[name], runs[name]
        low, high = written / doubt, written * doubt
        rows.append((f"{name}: {_count(written)}", written, style.TEAL, low, high))
        found.append((name, "a full machine, predicted", written, low, high))
        found += [(name, run.run, *[run.measured] * 3) for run in ran]
        ratios = [run.predicted / run.measured for run in ran]
        beside = "no run is like it"
        if ratios:
            least, most = show(min(ratios), "", 2), show(max(ratios), "", 2)
            beside = f"the model predicts {least} to {most} times what {len(ran)} runs wrote"
        told.append(f"{name} {_count(written)}, {_count(low)} to {_count(high)}; {beside}")
    with style.drawing(4.8) as (figure, axes):
        axes.set(xlim=(20, 2e4), xlabel="tokens a second that a GPU writes")
        style.dots(axes, rows)
        for at, name in enumerate(reversed(services)):
            measured = [run.measured for run in runs[name]]
            axes.plot(measured, [at - 0.22] * len(measured), "|", color=style.SKY, ms=9, mew=1.6)
        style.plain_log_ticks(axes.xaxis)
    return Picture(
        figure,
        title="What a GPU writes: predicted, and measured",
        alt="Dots with bands on a logarithmic scale of tokens per second and GPU. "
        f"{'; '.join(told)}.",
        caption="Dots: predicted tokens per second of a full machine, divided by all of its "
        "cards, also those that only read prompts. The pale strip is the 90% interval: the "
        f"prediction divided and multiplied by a factor of {show(min(doubts.values()), '', 2)} to "
        f"{show(max(doubts.values()), '', 2)}, depending on the model. {_served(speed, request)} "
        f"Strokes below a dot: published runs of the model with {scale.CROWD:g} requests at once "
        "or more. In these runs, a user's speed and the prompt tokens for each token written are "
        f"within a factor of {scale.LIKE:g} of ours. The one exception is the run of Llama-3.1 "
        "405B, whose prompts are shorter. The runs had other cards, precisions and batches than "
        "the full machines, so a stroke may lie outside its strip.",
        data=style.columns(("model", "machine or run", "tokens a second", "low", "high"), found),
    )


@drawn
def bar_against_audiences(speed: float = scale.SPEED, request: str = scale.CHAT) -> Picture:
    """Draw the weekly users that each model needs, with their bands, beside known audiences.

    Every user gets `speed` tokens a second at least; `request` is one of `scale.requests()`.
    """
    answer = scale.requests()[request].answer
    post, guess = stated("user-base", "user"), stated("steady-user-base", "user")
    near, services = scale.bars(TEN_PERCENT, speed, request), scale.services(speed, request)

    def people(users: float) -> float:
        return scale.weekly_users(users, speed, answer)

    rows: list[tuple[Any, ...]] = [
        (f"the post, and its margin: {_count(post, 3)} to {_count(guess)}",
         guess, style.VERMILION, post, guess)
    ]  # fmt: skip
    found: list[tuple[Any, ...]] = []
    for name, bar in sorted(near.items(), key=lambda each: each[1].users):
        users, low, high = map(people, (bar.users, bar.low, bar.high))
        fewest = people(services[name].efficient_users(TWICE))
        made = scale.tokens_per_day(bar.users, speed)
        found.append((name, users, low, high, fewest, made))
        rows.append(
            (f"{name}: {_count(fewest)}; {_count(users)}, {show(made, 'token')} a day",
             users, style.TEAL, low, high, fewest)
        )  # fmt: skip
    for name, users in sorted(scale.audiences().items(), key=itemgetter(1)):
        found.append((name, *[users] * 4, float("nan")))
        rows.append((f"{name}: {_count(users)}", users, style.SKY))
    return Picture(
        style.ladder(6.6, rows, (1e4, 4e9), "users", every=2),
        title="Large enough, in people",
        alt=f"Dots on a logarithmic scale of users. {_told(rows)}.",
        caption="For each model (teal), the weekly users with whom a chat service pays at most "
        "twice as much per token as the largest provider (hollow), or at most 10% more (filled). "
        "The pale strip is the 90% range that follows from the errors of our predicted times. "
        "A model's label has both numbers of users, and the tokens written in a day for the larger "
        f"number. {_served(speed, request)} Below the models (blue): known audiences, each counted "
        "in its own way. Above them (orange): numbers of users in the post, the blog post that "
        "this book checks.",
        data=style.columns(("case", "users", "low", "high", "twice", "tokens a day"), found),
    )


@drawn
def what_moves_the_bar(speed: float = scale.SPEED, request: str = scale.CHAT) -> Picture:
    """Draw the users that DeepSeek-V3 needs, as it is and with one thing changed at a time.

    Every user gets `speed` tokens a second at least; `request` is one of `scale.requests()`.
    """
    found, rows = [], []
    for key, lever in scale.levers(speed, request).items():
        most, fewest = map(lever.users, LEVELS)
        cost = lever.service.saturated_cost
        found.append((lever.name, most, fewest, cost))
        rows.append(
            (f"{lever.name}: {_count(fewest)}, {_count(most)}; {_price(cost)}",
             most, style.TEAL if key == "base" else style.GOLD, most, most, fewest)
        )  # fmt: skip
    with style.drawing(6.4) as (figure, axes):
        least, most = min(each[2] for each in found), max(each[1] for each in found)
        axes.set(xlim=(min(10, least / 1.1), max(8000, 1.1 * most)), xlabel="users at once")
        for level in (1, 2):
            axes.axvline(found[0][level], color=style.TEAL, lw=1, ls=(0, (4, 3)))
        style.dots(axes, rows)
        style.plain_log_ticks(axes.xaxis)
    return Picture(
        figure,
        title="What moves the bar",
        alt=f"Pairs of dots on a logarithmic scale of users at once. {_told(rows)} per million "
        "tokens.",
        caption="The users at once with which a token costs twice as much as at the largest "
        "provider (hollow), or 10% more (filled). The dollars are that provider's cost of "
        "a million tokens written, prompts included. The dashed lines are the base case. "
        f"{_served(speed, request)}",
        data=style.columns(("case", "10% more", "twice", "cost"), found),
    )


@drawn
def own_machine_against_price() -> Picture:
    """Draw the cost of a token from a machine of one's own, beside prices of the day."""
    machines = [*scale.own_machines().values()]
    found = [
        (own.name, own.cost(scale.HOUR_A_DAY), own.cost(1.0),
         np.nan if own.listed is None else own.listed) for own in machines
    ]  # fmt: skip
    prices = [_price(own.listed) for own in machines if own.listed is not None]
    rows = [
        (f"{name}: {_price(day)} to {_price(hour)}", hour,
         style.VIOLET if "gpt" in name else style.TEAL, hour, hour, day)
        for name, hour, day, _ in found
    ]  # fmt: skip
    with style.drawing(2.9) as (figure, axes):
        axes.set(xlim=(1e-7, 1e-3), xlabel="$ per million tokens written")
        style.dots(axes, rows)
        for at, own in enumerate(reversed(machines)):
            if own.listed is not None:
                axes.plot([own.listed], [at], "D", color=style.VERMILION, ms=6)
        axes.xaxis.set_major_formatter(lambda value, _: _price(value))
    return Picture(
        figure,
        title="A machine of one's own",
        alt="Pairs of dots on a logarithmic scale of dollars per million tokens, for use all day "
        f"and for an hour a day. {_told(rows)}. Marked: the listed prices of "
        f"{' and '.join(scale.LISTED.values())}, {' and '.join(prices)}.",
        caption="Hollow dots: the machine works all day; filled dots: an hour a day. Diamonds: the "
        "median list price of the companies that sell the model (hosts), in July 2026, for a token "
        "written with its share of the prompt. "
        "The models without a diamond are not in our table of prices.",
        data=style.columns(("case", "hour a day", "all day", "listed"), found),
    )
