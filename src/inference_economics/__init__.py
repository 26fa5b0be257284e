"""Inference economics, recomputed: equations, sourced facts, and a ledger of claims.

For an analysis of your own, ``import inference_economics as ie`` gives:

- `ie.formula(name)`: an equation of the book, to be called, worked, typeset and turned into
  JavaScript; `help` of one says what it takes. `ie.formulas()`: all of them.
- `ie.symbol(name)`, `ie.new_symbol(...)`, `ie.new_formula(...)`: equations of your own.
- `ie.deploy(accelerator, chips, model)`: a model on machines: its step, its largest batch, the
  time of prompts, what a token costs; `.fitted()` has values fitted to measurements, and a step's
  `notes` say how far it may be off. `ie.fewest_chips(accelerator, model)` is the smallest.
- `ie.serve(accelerator, chips, model, prompt=..., answer=..., concurrency=...)`: a service for
  requests, each figure with its interval.
- `ie.sweep(deployments, ...)`: rows over users and context, which `pandas.DataFrame`
  takes; `ie.frontier(rows)`: the best of them.
- `ie.break_even(deployment, price)`: users from which it beats an API's price.
- `ie.claim(id)`, `ie.claims()`: what the post and its thread say, recomputed and judged;
  `ie.new_claim(...)`: what another text says.
- `ie.headline(id)`: a conclusion with its inputs' intervals, to be sampled.
- `ie.catalog()`: machines, models and single figures, with their sources.
- `ie.show(value, unit)`, `ie.InputError`.

What a notebook's cell shows is a package of its own, `inference_economics_notebook`: there
`book.card(claim)` and `book.rows(rows)` show what is named here, beside figures and explorers.

All is imported when it is first asked for. The rooms, each of which imports only from those
before it:

- `algebra`: an equation, written once;
- `facts`: what sources state;
- `equations`: the book's equations, by topic;
- `serving`: a model on machines;
- `ledger`: what the post and its thread say, and the verdicts;
- `evidence`: measurements, and how far predictions miss;
- `uncertainty`: how sure the conclusions are;
- `cli`: the same as text or JSON.
"""

from __future__ import annotations

import importlib
from typing import Any

__title__ = "Inference Economics, Recomputed"
__version__ = "2.0.0.dev0"
__date__ = "2026-11-30"

_HOMES = {
    "InputError": "algebra.formula:InputError",
    "break_even": "serving.comparing:break_even",
    "catalog": "facts.catalog:load",
    "claim": "ledger.claims:claim",
    "claims": "ledger.claims:load",
    "deploy": "serving.deployment:deploy",
    "fewest_chips": "serving.comparing:fewest_chips",
    "formula": "equations:formula",
    "formulas": "equations:all_formulas",
    "frontier": "serving.comparing:frontier",
    "headline": "uncertainty.headlines:headline",
    "new_claim": "ledger.claims:new_claim",
    "new_formula": "algebra.formula:new_formula",
    "new_symbol": "algebra.symbols:new_symbol",
    "serve": "serving.requests:serve",
    "show": "algebra.units:show",
    "sweep": "serving.comparing:sweep",
    "symbol": "algebra.symbols:symbol",
}
"""Where the names live that are imported when they are first asked for."""
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:  # said without help: this is also asked of every room that is imported
        raise AttributeError(f"{__name__} has no {name} (it has: {', '.join(sorted(_HOMES))})")
    module, attribute = _HOMES[name].split(":")
    found = globals()[name] = getattr(importlib.import_module(f".{module}", __name__), attribute)
    return found


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted(_HOMES)
