"""The book's figures: one function each, all in one style, drawn from the package's own data.

Matplotlib is imported when the first of them is asked for.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "brain": ("brain_capacities",),
    "decode": (
        "how_far_off",
        "step_by_cause",
        "terms_one_by_one",
        "utilization_of_a_real_machine",
    ),
    "demand": (
        "busy_users_through_the_day",
        "users_ladder",
    ),
    "evidence": (
        "error_ladder",
        "errors_by_source",
        "gains",
        "knees",
        "own_machine",
        "predicted_against_measured",
    ),
    "hardware": (
        "critical_batches",
        "imbalance_history",
        "which_card",
    ),
    "market": (
        "alone_against_shared",
        "bar_against_audiences",
        "cost_against_users",
        "own_machine_against_price",
        "token_cost_against_batch",
        "what_moves_the_bar",
    ),
    "serving": (
        "parts_of_a_step",
        "step_time_against_batch",
        "utilization_against_batch",
    ),
    "silicon": (
        "chips_against_operations",
        "one_off_cost",
    ),
    "uncertainty": (
        "brain_distribution",
        "headline_bands",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """Import a figure's module when it is first asked for."""
    if name in _HOME_OF:
        return getattr(importlib.import_module(f".{_HOME_OF[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the figures, imported or not."""
    return __all__
