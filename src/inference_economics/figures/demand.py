"""From requests at once to a user base: every answer on one line."""

from __future__ import annotations

from ..equations import demand
from ..scenario import quiet_hour_margin, recomputed, sourced, stated
from ..units import show
from . import style


def users_ladder() -> style.Picture:
    """Draw the user bases that the same question gets, from the post's to known audiences."""
    own = demand.user_base(
        concurrent_users=recomputed("users-needed", "user"),
        daily_use=stated("minutes-per-day", "second"),
    )
    post = stated("user-base", "user")
    real = recomputed("user-base", "user", on_facts=True)
    chat, coding = quiet_hour_margin("conversation"), quiet_hour_margin("coding")
    late_2023, late_2025 = (
        sourced(f"chatgpt_weekly_users_{month}", "user") for month in ("2023_11", "2025_10")
    )
    rows = [
        ("the post, its own 0.2% taken at its word", own, style.VERMILION),
        ("the post, 1000 at once", post, style.VERMILION),
        ("… full in the quietest hour of chat", post * chat, style.GOLD),
        ("the post's guess for a steady service", stated("steady-user-base", "user"),
         style.VERMILION),
        ("… full in the quietest hour of coding", post * coding, style.GOLD),
        ("sourced, on a real H100", real, style.TEAL),
        ("… full in the quietest hour of chat", real * chat, style.TEAL),
        ("… full in the quietest hour of coding", real * coding, style.TEAL),
        ("ChatGPT, weekly users, late 2023", late_2023, style.SKY),
        ("ChatGPT, weekly users, late 2025", late_2025, style.SKY),
    ]  # fmt: skip
    with style.drawing(5.2) as (figure, axes):
        axes.set(xlim=(2e4, 2e9), xlabel="users")
        labels = [f"{name}: {show(users, 'user').replace(' users', '')}" for name, users, _ in rows]
        style.ladder(
            axes, [(label, row[1], row[2]) for label, row in zip(labels, rows, strict=True)]
        )
        style.plain_log_ticks(axes.xaxis)
    return style.Picture(
        figure,
        title="How many users keep a batch full?",
        alt="Dots on a logarithmic scale of users. "
        + "; ".join(f"{name}: {show(users, 'user')}" for name, users, _ in rows)
        + ".",
        caption="Corrections of the post's figure pull in opposite directions. The largest "
        f"audience cited here is {show(late_2025 / (real * coding), 'dimensionless', 1)} times "
        "the largest of these answers: on this arithmetic, scale keeps out hobbyists, not "
        "companies.",
        data={"case": [row[0] for row in rows], "users": [row[1] for row in rows]},
    )
