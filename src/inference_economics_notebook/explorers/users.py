"""How many users: from requests served at once to the people a service needs."""

from __future__ import annotations

from functools import cache

from inference_economics.equations import demand
from inference_economics.facts import catalog
from inference_economics.ledger import example
from inference_economics.serving import arrivals, scale
from inference_economics.serving.scenario import Scenario

from ..markup import element, items
from . import markup
from .spec import Field, Output, Preset, Results, Spec, State, stops

MAIN = (
    Field("concurrent_users", "Users served at once", stops(1, 1e6, whole=True)),
    Field("daily_use", "Time a user spends in a day", (
        *stops(10, 600), *(60.0 * m for m in (12, 15, 20, 25, 30, 40, 45, 50, 60, 75, 90, 120,
                                               150, 180, 240, 300, 360, 480, 720, 1440)),
    )),
    Field("generation_share", "Share of that time in which tokens are made", stops(0.001, 1)),
    Field("steady_margin", "Mean load, divided by that of the quietest hour", stops(1, 30)),
)  # fmt: skip


def _outputs() -> dict[str, Output]:
    return {
        "present": Output("If each of them is always served", "user"),
        "generating": Output("With time to read and type, if any is set", "user"),
        "steady": Output("If the service must be full in the quietest hour, too", "user"),
        **{
            f"share:{name}": Output(name, "fraction", 2, listed=False) for name in scale.audiences()
        },
    }


def compute(state: State) -> Results:
    """Return the user bases, and the share of known audiences that the last one is."""
    service = Scenario(state.given)
    steady = service.evaluate(demand.steady_base_by_sessions)
    numbers = {
        "present": service.evaluate(demand.user_base),
        "generating": service.evaluate(demand.user_base_by_sessions),
        "steady": steady,
    }
    for name, audience in scale.audiences().items():
        numbers[f"share:{name}"] = demand.audience_share(user_base=steady, audience=audience)
    return Results(numbers)


def view(spec: Spec, _state: State, results: Results) -> str:
    """Return the chart, and the share of each known audience."""
    shares = (
        f"{markup.shown(spec, results, f'share:{name}')} {element('span', f'of {name}')}"
        for name in scale.audiences()
    )
    told = "The users it takes for the quietest hour, as a share of known audiences:"
    lead = element("p", told, css="ex-lead")
    return markup.chart(372) + lead + items(shares, css="ex-list")


def _presets() -> dict[str, Preset]:
    minutes = example.stated("minutes-per-day", "second")
    own = example.recomputed("users-needed", "user")
    post = {
        "concurrent_users": example.stated("users-needed", "user"),
        "daily_use": minutes,
        "generation_share": 1.0,
        "steady_margin": 1.0,
    }
    even = demand.user_base(concurrent_users=post["concurrent_users"], daily_use=minutes)
    margin = example.stated("steady-user-base", "user") / even
    speed = catalog.sourced("deepseek_fleet_user_speed", "token/second/user")
    made = scale.generation_share(speed) * demand.user_base(concurrent_users=1, daily_use=minutes)
    facts = {
        "concurrent_users": example.recomputed("users-needed", "user", on_facts=True),
        "daily_use": minutes,
        "generation_share": made,
    }
    reading = (
        "In the rest of its ten minutes a user reads and types. The share is put together from "
        "published figures of three services. How sure are we? says how far off it may be."
    )
    return {
        "post": Preset(
            "The post: 144K",
            post,
            note="A thousand users at once. Each comes for ten minutes a day, and is served all "
            "that time.",
        ),
        "clock": Preset(
            "The post: 1M",
            {**post, "steady_margin": margin},
            note="The post’s guess of a million users implies this margin for quiet hours.",
        ),
        "own": Preset(
            "The post, with its own 0.2%",
            {**post, "concurrent_users": own},
            note="If one user keeps 0.2% busy, half as many users as the post says fill a batch.",
        ),
        "chat": Preset(
            "A chat, as published",
            {**facts, "steady_margin": arrivals.quiet_hour_margin("conversation")},
            note="With these users at once, a dense model keeps an H100 busy. Quiet hours are "
            f"those of Azure. {reading}",
        ),
        "coding": Preset(
            "A chat with coding’s quiet hours",
            {**facts, "steady_margin": arrivals.quiet_hour_margin("coding")},
            note="No service is like this. It is a bound: the use of a chat, with the nights and "
            "weekends of Azure’s coding requests.",
        ),
    }  # fmt: skip


@cache
def spec() -> Spec:
    """Return the explorer, its presets made from the claims and the catalog."""
    marks = {
        "The post: 144K": example.stated("user-base", "user"),
        "The post: 1M": example.stated("steady-user-base", "user"),
    }
    return Spec(
        id="users",
        title="How many users?",
        about="The people who must use a service, so that this many are served at once",
        main=MAIN,
        presets=_presets(),
        outputs=_outputs(),
        formulas={
            "steady": demand.steady_base_by_sessions,
            "generating": demand.user_base_by_sessions,
            "present": demand.user_base,
            "audience_share": demand.audience_share,
        },
        given={"audience_share": frozenset({"user_base", "audience"})},
        worked=("time_share", "user_base", "steady_user_base"),
        compute=compute,
        view=view,
        extra={"marks": marks, "audiences": scale.audiences()},
    )
