"""From requests at once to a user base: every answer on one line."""

from __future__ import annotations

from .. import catalog, claims
from ..equations import demand
from ..scenario import quiet_hour_margin, stated
from ..units import show
from . import style


def users_ladder() -> style.Picture:
    """Draw the user bases that the same question gets, from the post's to known audiences."""
    ledger, facts = claims.load(), catalog.load()
    own = demand.user_base(
        concurrent_users=ledger["users-needed"].recomputed or 0.0,
        daily_use=stated("minutes-per-day", "second"),
    )
    post = stated("user-base", "user")
    sourced = ledger["user-base"].recomputed_on_facts or 0.0
    chat, coding = quiet_hour_margin("conversation"), quiet_hour_margin("coding")
    late_2023, late_2025 = (
        facts.fact(f"chatgpt_weekly_users_{month}").value for month in ("2023_11", "2025_10")
    )
    rows = [
        ("the post, its own 0.2% taken at its word", own, style.VERMILION),
        ("the post, 1000 at once", post, style.VERMILION),
        ("… full in the quietest hour of chat", post * chat, style.GOLD),
        ("the post's guess for a steady service", stated("steady-user-base", "user"),
         style.VERMILION),
        ("… full in the quietest hour of coding", post * coding, style.GOLD),
        ("sourced, on a real H100", sourced, style.TEAL),
        ("… full in the quietest hour of chat", sourced * chat, style.TEAL),
        ("… full in the quietest hour of coding", sourced * coding, style.TEAL),
        ("ChatGPT, weekly users, late 2023", late_2023, style.SKY),
        ("ChatGPT, weekly users, late 2025", late_2025, style.SKY),
    ]  # fmt: skip
    with style.drawing(5.2) as (figure, axes):
        for row, (name, users, color) in enumerate(reversed(rows)):
            axes.plot([2e4, users], [row, row], color=color, lw=1.2)
            axes.plot([users], [row], "o", color=color, ms=9)
            text = f"{name}: {show(users, 'user', 3).replace(' users', '')}"
            axes.annotate(
                text,
                (2.2e4, row),
                (0, 9),
                textcoords="offset points",
                color=style.INK,
                fontsize=10.5,
            )
        axes.set(xscale="log", xlim=(2e4, 2e9), yticks=[], ylim=(-0.5, 9.9), xlabel="users")
        axes.grid(visible=False, axis="y")
        axes.spines["left"].set_visible(False)
        style.plain_log_ticks(axes.xaxis)
    return style.Picture(
        figure,
        title="How many users keep a batch full?",
        alt="Dots on a logarithmic scale of users. "
        + "; ".join(f"{name}: {show(users, 'user')}" for name, users, _ in rows)
        + ".",
        caption="Corrections of the post's figure pull in opposite directions. The largest "
        f"audience cited here is {show(late_2025 / (sourced * coding), 'dimensionless', 1)} times "
        "the largest of these answers: on this arithmetic, scale keeps out hobbyists, not "
        "companies.",
        data={"case": [row[0] for row in rows], "users": [row[1] for row in rows]},
    )
