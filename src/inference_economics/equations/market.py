"""What scale saves: a service against its size, a machine of one's own, a published fleet."""

from ..algebra import symbols as s
from ..algebra.expressions import Max
from ..algebra.formula import Formula
from .roofline import critical_batch
from .serving import cache_bytes, weight_bytes

sharing_limit_of_requests = Formula(
    s.cost_ratio,
    (
        s.weight_bytes
        + s.one_user * s.cache_bytes
        + s.read_per_written * s.weight_bytes * s.one_token / s.critical_batch
    )
    / (
        Max(s.one_user * s.cache_bytes, s.weight_bytes * s.one_token / s.critical_batch)
        + s.read_per_written * s.weight_bytes * s.one_token / s.critical_batch
    ),
    "Alone, a token takes the reading of the weights; in a large batch that of its cache, or its "
    "arithmetic. Its prompt takes the arithmetic either way: sharing saves nothing of that.",
    where=(weight_bytes, cache_bytes, critical_batch),
)
saturated_cost = Formula(
    s.saturated_cost,
    s.unit_rent / (s.full_users * s.tokens_per_second_per_user),
    "The rent of full machines, shared by all the tokens that they make.",
)
service_cost = Formula(
    s.service_cost,
    s.unit_rent / (s.busy_users * s.tokens_per_second_per_user),
    "A service pays the rent of whole machines, however few users share them.",
)
efficient_users = Formula(
    s.efficient_users,
    s.unit_rent / (s.cost_factor * s.saturated_cost * s.tokens_per_second_per_user),
    "Users at once whose tokens bear a machine's rent at a cost within the factor.",
)
own_cost = Formula(
    s.own_cost,
    (s.purchase_price / (s.lifetime * s.time_used) + s.machine_power * s.electricity_price)
    / s.throughput,
    "Price and electricity of a machine of one's own, shared by its tokens.",
)
owning_cost = Formula(
    s.owning_cost,
    s.chip_price * (1 / s.lifetime + s.cost_of_capital / 2) + s.chip_power * s.electricity_price,
    "Written off evenly, half of the price is tied up on average; power comes on top.",
)
fleet_cost = Formula(s.fleet_cost, s.chips * s.chip_rent, "Rent of every accelerator of a fleet.")
revenue = Formula(
    s.revenue,
    s.input_tokens * s.input_price
    + s.cached_tokens * s.cached_price
    + s.output_tokens * s.output_price,
    "What the tokens would bring at the listed prices.",
)
margin = Formula(
    s.margin,
    s.revenue / s.fleet_cost - 1,
    "Profit for each dollar of cost.",
    where=(revenue, fleet_cost),
)
