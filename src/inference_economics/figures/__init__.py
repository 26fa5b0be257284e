"""The book's figures: one function each, all in one style, drawn from the package's own data."""

from .brain import brain_capacities
from .decode import (
    how_far_off,
    step_by_cause,
    terms_one_by_one,
    utilization_of_a_real_machine,
)
from .demand import busy_users_through_the_day, users_ladder
from .evidence import (
    error_ladder,
    errors_by_source,
    gains,
    knees,
    own_machine,
    predicted_against_measured,
)
from .hardware import critical_batches, imbalance_history, which_card
from .market import (
    alone_against_shared,
    bar_against_audiences,
    cost_against_users,
    own_machine_against_price,
    token_cost_against_batch,
    what_moves_the_bar,
)
from .serving import parts_of_a_step, step_time_against_batch, utilization_against_batch
from .silicon import chips_against_operations, one_off_cost
from .uncertainty import brain_distribution, headline_bands

__all__ = [
    "alone_against_shared",
    "bar_against_audiences",
    "brain_capacities",
    "brain_distribution",
    "busy_users_through_the_day",
    "chips_against_operations",
    "cost_against_users",
    "critical_batches",
    "error_ladder",
    "errors_by_source",
    "gains",
    "headline_bands",
    "how_far_off",
    "imbalance_history",
    "knees",
    "one_off_cost",
    "own_machine",
    "own_machine_against_price",
    "parts_of_a_step",
    "predicted_against_measured",
    "step_by_cause",
    "step_time_against_batch",
    "terms_one_by_one",
    "token_cost_against_batch",
    "users_ladder",
    "utilization_against_batch",
    "utilization_of_a_real_machine",
    "what_moves_the_bar",
    "which_card",
]
