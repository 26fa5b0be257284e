"""The book's figures: one function each, all in one style, drawn from the package's own data."""

from .brain import brain_capacities
from .demand import users_ladder
from .hardware import imbalance_history, which_card
from .serving import parts_of_a_step, step_time_against_batch, utilization_against_batch
from .silicon import chips_against_operations, one_off_cost

__all__ = [
    "brain_capacities",
    "chips_against_operations",
    "imbalance_history",
    "one_off_cost",
    "parts_of_a_step",
    "step_time_against_batch",
    "users_ladder",
    "utilization_against_batch",
    "which_card",
]
