"""From requests served at once to the users a service needs."""

from ..algebra import symbols as s
from ..algebra.formula import Formula
from .roofline import critical_batch
from .serving import batch_to_fill

concurrent_users = Formula(
    s.concurrent_users,
    s.batch / s.tokens_per_user_step,
    "A decode step makes one token for each user it serves.",
)
concurrent_users_at_ridge = Formula(
    s.concurrent_users,
    s.critical_batch / s.tokens_per_user_step,
    "Users whose requests together use all of the arithmetic of a machine.",
    where=(critical_batch,),
)
concurrent_users_to_fill = concurrent_users_at_ridge.using(
    batch_to_fill,
    about="Users whose requests together use all of the arithmetic, if one uses a given share.",
)
daily_use = Formula(
    s.daily_use,
    s.use_on_active_days * s.active_days * s.day / s.month,
    "Time of use per calendar day, idle days counted in.",
)
time_share = Formula(
    s.time_share,
    s.daily_use / s.day,
    "Share of the day that a user is being served.",
)
user_base = Formula(
    s.user_base,
    s.concurrent_users / s.time_share,
    "Users whose turns, spread evenly over the day, keep that many served at any moment.",
    where=(concurrent_users, time_share),
)
mean_load = Formula(s.mean_load, s.requests / s.period, "Mean request rate of a trace.")
steady_margin = Formula(
    s.steady_margin,
    s.mean_load / s.trough_load,
    "How much the mean load exceeds that of the quietest hour.",
    where=(mean_load,),
)
steady_user_base = Formula(
    s.steady_user_base,
    s.user_base * s.steady_margin,
    "Users of whom as many are served even in the quietest hour.",
    where=(user_base, steady_margin),
)

audience_share = Formula(
    s.audience_share,
    s.user_base / s.audience,
    "A user base beside the users that a service is known to have.",
)

# A session is not generation: most of it is reading and typing

generation_time = Formula(
    s.daily_use,
    s.message_rate * s.day * s.tokens_per_message / (s.audience * s.tokens_per_second_per_user),
    "Time per day that tokens are being generated for one user.",
)
generating_time_share = Formula(
    s.time_share,
    s.daily_use * s.generation_share / s.day,
    "Share of the day that tokens are made for a user: the rest of a session is for people.",
)
user_base_by_sessions = user_base.using(
    generating_time_share,
    about="Users whose sessions keep that many requests in generation, evenly over the day.",
)
steady_base_by_sessions = steady_user_base.using(
    user_base_by_sessions,
    about="Users whose sessions keep that many requests in generation in the quietest hour.",
)
user_base_by_messages = user_base.using(
    generation_time,
    about="Users whose messages keep that many requests in generation at any moment.",
)
