"""Inference economics, recomputed: equations, sourced facts, and a ledger of claims.

Rooms, each of which imports only from those before it:

- `algebra`: an equation, written once;
- `facts`: what sources state;
- `equations`: the book's equations, by topic;
- `serving`: a model on machines;
- `ledger`: what the post and its thread say, and the verdicts;
- `evidence`: measurements, and how far predictions miss;
- `uncertainty`: how sure the conclusions are;
- `notebook`: what a cell shows;
- `cli`: the same as text or JSON.
"""

__title__ = "Inference Economics, Recomputed"
__version__ = "2.0.0.dev0"
__date__ = "2026-11-26"
