"""From requests at once to a user base: every answer on one line."""

from __future__ import annotations

import numpy as np

from inference_economics.algebra.formula import checked
from inference_economics.algebra.units import show
from inference_economics.equations import decode, demand
from inference_economics.facts import sourced
from inference_economics.ledger import recomputed, stated
from inference_economics.serving import arrivals, balance, quiet_hour_margin, scale

from . import style
from .picture import Picture, drawn

SPARSE = "deepseek_v3"
DAILY_USE = stated("minutes-per-day", "second")


@drawn
def users_ladder() -> Picture:
    """Draw the user bases that the same question gets, from the post's to known audiences."""
    own = demand.user_base(
        concurrent_users=recomputed("users-needed", "user"),
        daily_use=stated("minutes-per-day", "second"),
    )
    post = stated("user-base", "user")
    real = recomputed("user-base", "user", on_facts=True)
    chat = quiet_hour_margin("conversation")
    served = recomputed("users-needed", "user", on_facts=True)
    critical = balance.two_terms("h100_sxm5", SPARSE).evaluate(decode.critical_batch_at_work)
    sparse = real * critical / served
    unit = scale.fleet_unit().without("achieved shares")
    copied = real * unit.evaluate(decode.critical_batch_at_work) / served
    late_2023, in_2026 = (
        sourced(f"chatgpt_weekly_users_{month}", "user") for month in ("2023_11", "2026")
    )
    rows = [
        ("the post, its own 0.2% taken at its word", own, style.VERMILION),
        ("the post, 1000 at once", post, style.VERMILION),
        ("… in the quietest hour of chat, too", post * chat, style.GOLD),
        ("the post's guess for a steady service", stated("steady-user-base", "user"),
         style.VERMILION),
        ("sourced, a dense model on H100s", real, style.TEAL),
        ("… in the quietest hour of chat, too", real * chat, style.TEAL),
        ("sourced, DeepSeek-V3, one copy", sparse, style.TEAL),
        ("… in the quietest hour of chat, too", sparse * chat, style.TEAL),
        ("sourced, DeepSeek-V3 as its maker serves it", copied, style.TEAL),
        ("… in the quietest hour of chat, too", copied * chat, style.TEAL),
        ("ChatGPT, weekly users, late 2023", late_2023, style.SKY),
        ("ChatGPT, weekly users, 2026", in_2026, style.SKY),
    ]  # fmt: skip
    labels = [
        (f"{name}: {show(users, 'user').replace(' users', '')}", users, color)
        for name, users, color in rows
    ]
    largest = max(real, sparse, copied) * chat
    told = "; ".join(f"{name}: {show(users, 'user')}" for name, users, _ in rows)
    return Picture(
        style.ladder(7.0, labels, (2e4, 2e9), "users"),
        title="How many users keep the arithmetic busy?",
        alt=f"Dots on a logarithmic scale of users. {told}.",
        caption="From the top: the post's numbers (orange; gold for the quietest hour of a "
        "measured week), sourced numbers (teal) and known audiences (blue). With a dense model, an "
        "H100 needs fewer users at once than the post says, but each of them is served during less "
        f"of the day. In 2026 ChatGPT had {show(in_2026 / largest, '', 2)} times as many users as "
        f"the largest sourced number, {show(largest, 'user')}. By this arithmetic, hobbyists have "
        "too few users, and the largest companies have more than enough.",
        data=style.columns(("case", "users"), rows),
    )


@drawn
def busy_users_through_the_day(daily_use: float | str = DAILY_USE) -> Picture:
    """Draw how many are in generation at once, against the user base, through a day of chat.

    `daily_use` is the time that a user generates a day, in seconds or as a text with a unit, in
    place of the post's.
    """
    bases = np.geomspace(1e4, 3e6, 60)
    used = checked("daily_use", daily_use)
    mean = bases / demand.user_base(concurrent_users=1, daily_use=used)
    whose = "the post's ten minutes" if used == DAILY_USE else show(used, "second")
    hours = {
        "busiest hour": (mean * sourced("azure_2024_conversation_peak_to_mean", "dimensionless"),
                         style.VERMILION),
        "mean": (mean, style.TEAL),
        "quietest hour": (mean / quiet_hour_margin("conversation"), style.SKY),
    }  # fmt: skip
    full = recomputed("users-needed", "user")
    with style.drawing(4.4) as (figure, axes):
        for name, (load, color) in hours.items():
            band = (arrivals.busy_at_most(load, chance) for chance in (0.05, 0.95))
            axes.fill_between(bases, *band, color=color, alpha=0.25, lw=0)
            style.line(axes, (bases, load), name, (6, 0), color)
        axes.axhline(full, color=style.MUTED, **style.DASHED)
        style.note(
            axes, f"critical batch,\n{show(full, 'user')}", (3.3e6, full), (0, 20), style.MUTED
        )
        for mark in (stated("user-base", "user"), stated("steady-user-base", "user")):
            axes.axvline(mark, color=style.GOLD, lw=1.2)
            shown = show(mark, "user").replace(" users", "")
            style.note(axes, shown, (mark, 14), (4, 0), style.GOLD)
        axes.set(xscale="log", yscale="log", xlabel="user base", ylabel="users served at once",
                 xlim=(1e4, 3e7), ylim=(10, 6e4))  # fmt: skip
        style.plain_log_axes(axes)
    return Picture(
        figure,
        title="How many are in generation at once",
        alt="Users in generation against the user base on logarithmic axes, in the busiest, mean "
        f"and quietest hour, each with its random scatter; the critical batch is "
        f"{show(full, 'user')}."
        + ("" if used == DAILY_USE else f" Each generates for {whose} a day."),
        caption=f"Each user is served for {whose} a day, and the load rises and falls as in "
        "Azure's conversations. If requests come independently, the users served at once lie in "
        "the shaded strip at nine moments in ten. Chance matters for a small service, and the "
        "hour of the day for every one.",
        data={"user base": bases, **{name: load for name, (load, _) in hours.items()}},
    )
