"""From requests at once to a user base: every answer on one line."""

from __future__ import annotations

from .. import catalog, claims
from ..equations import demand
from ..scenario import stated
from ..units import show
from . import style


def users_ladder() -> style.Picture:
    """Draw the user bases that the same question gets, from the post's to known audiences."""
    ledger, facts = claims.load(), catalog.load()
    minutes = stated("minutes-per-day", "second")
    own = ledger["users-needed"].recomputed or 0.0
    coding = demand.steady_margin(
        requests=facts.fact("azure_2024_coding_requests").value,
        period=facts.fact("azure_2024_duration").value * 86400,
        trough_load=facts.fact("azure_2024_coding_trough").value / 60,
    )
    base = ledger["user-base"]
    rows = [
        ("the post, its own 0.2% taken at its word",
         demand.user_base(concurrent_users=own, daily_use=minutes), style.VERMILION),
        ("the post: 1000 at once, 10 min a day", base.claim.value, style.VERMILION),
        ("… full in the quietest hour (chat trace)",
         ledger["steady-user-base"].recomputed_on_facts, style.GOLD),
        ("real H100, generation time instead of sessions", base.recomputed_on_facts, style.TEAL),
        ("the post's guess for a steady service", ledger.claim("steady-user-base").value,
         style.VERMILION),
        ("1000 at once, quietest hour (coding trace)",
         (base.claim.value or 0.0) * coding, style.GOLD),
        ("ChatGPT, weekly users, late 2023", facts.fact("chatgpt_weekly_users_2023_11").value,
         style.SKY),
        ("ChatGPT, weekly users, late 2025", facts.fact("chatgpt_weekly_users_2025_10").value,
         style.SKY),
    ]  # fmt: skip
    with style.drawing(4.3) as (figure, axes):
        for row, (name, users, color) in enumerate(reversed(rows)):
            axes.plot([2e4, users], [row, row], color=color, lw=1.2)
            axes.plot([users], [row], "o", color=color, ms=9)
            text = f"{name}: {show(users or 0.0, 'user', 3).replace(' users', '')}"
            axes.annotate(
                text,
                (2.2e4, row),
                (0, 9),
                textcoords="offset points",
                color=style.INK,
                fontsize=10.5,
            )
        axes.set(xscale="log", xlim=(2e4, 2e9), yticks=[], ylim=(-0.5, 7.9), xlabel="users")
        axes.grid(visible=False, axis="y")
        axes.spines["left"].set_visible(False)
        style.plain_log_ticks(axes.xaxis)
    return style.Picture(
        figure,
        title="How many users keep a batch full?",
        alt="Dots on a logarithmic scale of users. "
        + "; ".join(f"{name}: {show(users or 0.0, 'user')}" for name, users, _ in rows)
        + ".",
        caption="Corrections of the post's figure pull in opposite directions. The largest known "
        f"audience is {show((rows[-1][1] or 0) / (rows[-3][1] or 1), 'dimensionless', 1)} times "
        "the largest of these answers: on this arithmetic, scale keeps out hobbyists, not "
        "companies.",
        data={"case": [row[0] for row in rows], "users": [row[1] for row in rows]},
    )
