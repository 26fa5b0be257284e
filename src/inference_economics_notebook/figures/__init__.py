"""The book's figures: one function each, all in one style, drawn from the package's own data.

A function of this folder's modules is one of them if it stands under `@drawn`. Matplotlib
is imported when the first of them is asked for.

A cell shows what they return. ``.save("name.png")`` stores it, as SVG or PDF, too; ``.csv()`` is
its data.

What a figure is about can be given, by the catalog's ids, in the glossary's units or as text
with a unit; what is not given is as the book has it:

- `accelerator`: chips_against_operations;
- `accelerator`, `model`: utilization_against_batch;
- `accelerator`, `batch`, `parameters`: parts_of_a_step;
- `context`, `accelerator`, `parameters`: step_time_against_batch;
- `accelerator`, `chips`, `model`: utilization_of_a_real_machine;
- `accelerator`, `chips`, `model`, `context`: step_by_cause;
- `accelerator`, `chips`, `model`, `context`, `batch`: terms_one_by_one;
- `accelerator`, `chips`, `model`, `weight_bits`, `prompt`, `answer`: token_under_load;
- `speed`, `request`: token_cost_against_batch, cost_against_users;
- `speed`, `request`: bar_against_audiences, demand_against_the_bar;
- `speed`, `request`: alone_against_shared, output_beside_measured, what_moves_the_bar;
- `name`, of `serving.scale.services()`: one_full_machine;
- `daily_use`: busy_users_through_the_day;
- `bits`: critical_batches;
- `changed`: headline_bands, brain_distribution;
- `id`, `changed`: tornado, for a headline of `uncertainty.load()`.

What is `changed` are intervals, as `uncertainty.having` takes them.

All others compare what is stated, sourced or measured, and take nothing.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from ..registry import functions


@cache
def homes() -> dict[str, str]:
    """Return the module of each figure, by the figure's name."""
    found: dict[str, str] = {}
    for module, name, decorators in functions(__name__):
        if "drawn" in decorators:
            if name in found:
                raise LookupError(
                    f"two figures are called {name}, in {found[name]}.py and in {module}.py: "
                    "rename one of them"
                )
            found[name] = module
    return found


def __getattr__(name: str) -> Any:
    """Import a figure's module when it is first asked for."""
    if name == "__all__":
        return sorted(homes())
    if name.startswith("__") or name not in homes():
        raise AttributeError(
            f"there is no figure {name}: it must be a function under @drawn in a module of "
            f"{__name__}"
        )
    return getattr(importlib.import_module(f".{homes()[name]}", __name__), name)


def __dir__() -> list[str]:
    """List the figures, imported or not."""
    return sorted(homes())
