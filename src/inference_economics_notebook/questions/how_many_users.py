"""Questions on *How many users?*."""

from __future__ import annotations

import math

from inference_economics.equations import demand
from inference_economics.facts import catalog, sourced
from inference_economics.ledger import recomputed

from .question import EASY, HARD, MEDIUM, Choice, Number, Option, asked, show


@asked(EASY)
def users_for_a_batch() -> Number:
    """From a batch to an audience."""
    at_once = round(recomputed("users-needed", "user", on_facts=True))
    daily = 15 * 60.0
    work = demand.user_base.explain(concurrent_users=at_once, daily_use=daily)
    return Number(
        asks=f"A service is to have {show(at_once)} users at every moment. Each of its users is "
        f"there for {show(daily, 'second')} a day, spread evenly over the day. How many users must "
        "it have?",
        hint="What share of the day is a user there?",
        work=(work,),
        means="The division assumes that a user who is there is always being served.",
        mistakes={
            work.value * 2: f"You doubled the {show(at_once)}, but they are already the users at "
            "once.",
            at_once * 24 * 60: "This would be so if each user came for one minute.",
            at_once * daily / 86400: "You multiplied by the share of the day: divide.",
            at_once * 24 / (daily / 60): "A day has 1440 minutes, not 24.",
            at_once * 24: "This would be so if each user came for an hour.",
        },
    )


@asked(EASY)
def reading_and_typing() -> Choice:
    """Reading and typing."""
    given = {"concurrent_users": 300.0, "daily_use": 900.0}
    always = demand.user_base_by_sessions(**given, generation_share=1.0)
    rarely = demand.user_base_by_sessions(**given, generation_share=0.1)
    return Choice(
        asks="During nine tenths of a session a user reads and types, and nothing is generated. "
        "What does this do to the number of users that fill a batch?",
        hint="While one user reads, the machine serves others.",
        means=f"Take {show(300)} at once, and a quarter of an hour a day for each user. If "
        f"tokens are made all that time, it takes {show(always, 'user')}; if for a tenth of it, "
        f"{show(rarely, 'user')}. So each place in the batch serves more people.",
        options={
            "more": Option("It takes more users.", "Each user fills less of the batch."),
            "same": Option("It takes as many.", "A user who reads fills no place."),
            "fewer": Option("It takes fewer users.", "Each user fills less of the batch."),
        },
        right="more" if rarely > always else "fewer" if rarely < always else "same",
    )


@asked(MEDIUM)
def generation_of_a_day() -> Number:
    """How long is something made for a user?"""
    users = catalog.load().fact("chatgpt_weekly_users_2025_07").value
    messages = sourced("chatgpt_messages_2025_07", "request/second")
    tokens, speed = sourced("azure_2023_conversation_output_mean", "token/request"), 60.0
    given = {"message_rate": messages, "audience": users, "tokens_per_message": tokens}
    work = demand.generation_time.explain(**given, tokens_per_second_per_user=speed)
    week = 7 * 86400
    return Number(
        asks=f"Each week {show(users, 'user')} send {show(messages * week)} messages. An answer "
        f"has {show(tokens)} tokens, and a user gets {show(speed)} tokens a second. For how long "
        "are tokens made for a user on an average day?",
        hint="How many messages does a user send in a day? How long does one answer take?",
        work=(work,),
        means=f"A user sends {show(messages * 86400 / users, digits=2)} messages a day. Faster "
        "machines make this time shorter, so that more users are needed to fill them.",
        mistakes={
            work.value * 7: "This is the time of a week.",
            tokens / speed: "This is the time of one answer.",
            work.value / 7: "You divided by seven twice.",
        },
    )


@asked(MEDIUM)
def full_at_night() -> Number:
    """Full in the quietest hour."""
    trace = {
        "requests": catalog.load().fact("azure_2024_conversation_requests").value,
        "period": sourced("azure_2024_duration", "second"),
        "trough_load": sourced("azure_2024_conversation_trough", "request/second"),
    }
    base = 300_000.0
    work = demand.steady_user_base.explain(**trace, user_base=base)
    margin = work.value / base
    peak = catalog.load().fact("azure_2024_conversation_peak_to_mean").value
    mean = demand.mean_load(requests=trace["requests"], period=trace["period"])
    return Number(
        asks=f"If users came evenly, {show(base)} of them would fill a service. They do not: in a "
        f"public trace {show(mean, 'request/second')} come on average, and "
        f"{show(trace['trough_load'], 'request/second')} in the quietest hour. How many users fill "
        "the service in that hour, too?",
        hint="In the quietest hour fewer come than on average. By what factor?",
        work=(work,),
        means=f"It takes {show(margin)} times as many. At all other hours the service then needs "
        "more machines.",
        mistakes={
            base / margin: "You divided: fewer users would leave the quiet hour emptier still.",
            base * peak: "You multiplied by the busiest hour over the mean. The question is about "
            "the quietest hour.",
            base * peak * margin: "You multiplied by the busiest hour over the quietest one. "
            "Compare the quietest with the mean.",
            base * (margin - 1): "This is how many must be added.",
        },
    )


@asked(HARD)
def scatter_of_chance() -> Number:
    """What chance does."""
    mean = 400.0
    scatter = math.sqrt(mean) / mean
    return Number(
        asks=f"Requests come independently of each other, and {show(mean)} are being answered on "
        "average. By what share of its mean does the number typically scatter, from one moment "
        "to another?",
        hint="Such a number has the Poisson distribution: it scatters by about its square root.",
        value=scatter,
        unit="fraction",
        means=f"It scatters by {show(math.sqrt(mean))}. With a hundred times as many it would be "
        f"{show(scatter / 10, 'fraction')}: chance troubles a small service, and the hour of the "
        "day every one.",
        mistakes={
            1 / mean: "This is the share of one request. The number of requests scatters by its "
            "square root.",
            math.sqrt(mean): f"This is {show(math.sqrt(mean))}, the scatter itself. Divide it by "
            "the mean.",
        },
    )
