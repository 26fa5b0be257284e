"""Requests come at random: how many are in generation at once, and how many must find a place.

Requests that arrive independently, and wait for nothing, are in service in a number that has
the Poisson distribution, whatever the distribution of their lengths. Erlang's formula for
waiting takes lengths to be exponential.
"""

from __future__ import annotations

import bisect
import math
from functools import cache
from typing import Any

from ..algebra.formula import InputError
from ..algebra.own_names import own_names
from ..equations import demand
from ..facts import sourced

__dir__ = own_names(__name__)

RARE = 0.01
"""The share of requests that may have to wait."""


def busy_at_most(load: Any, chance: float) -> Any:
    """Return the number in generation that is not exceeded with this chance.

    `load` is the mean, a number or an array.
    """
    import numpy as np
    from scipy.stats import poisson

    if not 0 < chance < 1:
        raise InputError(f"chance = {chance!r}: must lie between 0 and 1")
    if not (np.all(np.isfinite(load)) and np.all(np.asarray(load) >= 0)):
        raise InputError(f"load = {load!r}: must be zero or positive numbers")
    return poisson.ppf(chance, load)


def waiting_share(places: float, load: float) -> float:
    """Return the share of requests that find all places taken, by Erlang's formula (C).

    Raises InputError where the load is more than the places can bear: the queue would grow.
    """
    from scipy.stats import poisson

    load = _load(load)
    if places != math.floor(places):
        raise InputError(f"places = {places!r}: must be a whole number")
    if not load < places:
        raise InputError(f"places = {places}: must exceed the load, {load:g}")
    blocked = poisson.pmf(places, load) / poisson.cdf(places, load)
    return float(blocked / (1 - load / places * (1 - blocked)))


def places_needed(load: float, rare: float = RARE) -> int:
    """Return the fewest places at which no more than this share of requests has to wait."""
    load = _load(load)
    if not 0 < rare < 1:
        raise InputError(f"rare = {rare!r}: must lie between 0 and 1")
    least = most = math.floor(load) + 1
    while waiting_share(most, load) > rare:
        most += least
    fewer = range(least, most)
    return least + bisect.bisect_left(fewer, -rare, key=lambda places: -waiting_share(places, load))


def _load(load: float) -> float:
    if not (math.isfinite(load) and load >= 0):
        raise InputError(f"load = {load!r}: must be zero or a positive number")
    return float(load)


@cache
def quiet_hour_margin(trace: str) -> float:
    """Return mean load over that of the quietest hour, in Azure's "conversation" or "coding"."""
    margin: float = demand.steady_margin(
        requests=sourced(f"azure_2024_{trace}_requests", "request"),
        period=sourced("azure_2024_duration", "second"),
        trough_load=sourced(f"azure_2024_{trace}_trough", "request/second"),
    )
    return margin
