"""Chips for an audience, what a chip of one's own costs, and what geometry allows."""

from ..algebra import symbols as s
from ..algebra.expressions import ceiling, log2
from ..algebra.formula import Formula
from .demand import daily_use, time_share
from .serving import flop_per_token, weight_bytes

tokens_per_second_per_chip = Formula(
    s.tokens_per_second_per_chip,
    s.peak_flops * s.utilization / s.flop_per_token,
    "Tokens that one chip computes at a given utilization.",
    where=(flop_per_token,),
)
tokens_per_second_per_user = Formula(
    s.tokens_per_second_per_user,
    s.tokens_per_user_step / s.token_interval,
    "Speed that a user sees.",
)
audience_chips = Formula(
    s.audience_chips,
    s.active_users * s.tokens_per_second_per_user / s.tokens_per_second_per_chip,
    "Chips that give an audience its tokens.",
    where=(tokens_per_second_per_user, tokens_per_second_per_chip),
)
speed_of_words = Formula(
    s.tokens_per_second_per_user,
    s.reading_rate / s.words_per_token,
    "Tokens that make up a given rate of words.",
)
chips_for_readers = audience_chips.using(
    speed_of_words,
    about="Chips that give an audience words at a given rate.",
)
readers_at_once = Formula(
    s.active_users,
    s.audience * s.time_share,
    "Users who read at the same moment: those of a service, times their share of the day in it.",
    where=(time_share.using(daily_use, name="time_share_of_use"),),
)
chips_for_audience = chips_for_readers.using(
    readers_at_once,
    about="Chips that give the users of a service words at a given rate, spread over the day.",
)
token_interval = Formula(
    s.token_interval,
    s.tokens_per_user_step * s.active_users / (s.audience_chips * s.tokens_per_second_per_chip),
    "Time between two tokens of a user, when the chips serve all users in turn.",
    where=(tokens_per_second_per_chip,),
)
reading_rate = Formula(
    s.reading_rate,
    s.words_per_token * s.tokens_per_second_per_user,
    "Words per unit of time that a user gets, when the chips serve all users in turn.",
    where=(tokens_per_second_per_user.using(token_interval, name="served_speed"),),
)

# Money

mask_cost_per_chip = Formula(
    s.mask_cost_per_chip,
    s.mask_cost / s.audience_chips,
    "A one-off cost is spread over the chips that are made.",
)
break_even_chips = Formula(
    s.break_even_chips,
    s.mask_cost / (s.acceptable_share * s.chip_price),
    "Chips over which a one-off cost shrinks to a given share of a chip's price.",
)
budget_chips = Formula(s.budget_chips, s.budget / s.chip_price, "Accelerators that a sum buys.")

# Silicon

wafers_needed = Formula(
    s.wafers_needed,
    ceiling(s.weight_bytes / s.unit_capacity),
    "Wafers, or chips, whose own memory holds the weights.",
    where=(weight_bytes,),
)
model_dies = Formula(
    s.model_dies,
    s.parameters / s.weights_per_die,
    "Dies that hold a model whose weights are wires.",
)
compute_growth = Formula(
    s.compute_growth,
    s.size_ratio**s.geometry,
    "Arithmetic grows with the area of a flat device, or the volume of a deep one.",
)
bandwidth_growth = Formula(
    s.bandwidth_growth,
    s.size_ratio ** (s.geometry - 1),
    "What crosses the border grows with the border: one dimension less.",
)
imbalance_growth = Formula(
    s.imbalance_growth,
    s.compute_growth / s.bandwidth_growth,
    "Arithmetic outgrows bandwidth.",
    where=(compute_growth, bandwidth_growth),
)
imbalance_exponent = Formula(
    s.imbalance_exponent,
    log2(s.imbalance_growth) / log2(s.size_ratio),
    "Power of the size with which arithmetic outgrows bandwidth.",
    where=(imbalance_growth,),
)
