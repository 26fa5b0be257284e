"""What a token costs a service of a given size, and how large it must be to be efficient."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..algebra.formula import InputError, checked
from ..algebra.own_names import own_names
from ..equations import decode, market
from .deployment import TooBigError

if TYPE_CHECKING:
    from .deployment import Deployment

__dir__ = own_names(__name__)

_MANY = 1_000_000
"""Users of one unit beyond which no deployment is tried."""


@dataclass(frozen=True)
class Unit:
    """A deployment as the smallest thing that a service rents.

    Attributes:
        deployment: the model on its machines, with a rent.
        users: most users whom it gives the wanted speed.

    """

    deployment: Deployment
    users: int

    @property
    def rent(self) -> float:
        """Dollars per second of all its accelerators."""
        return self.deployment.values["chips"] * self.deployment.values["chip_rent"]


@dataclass(frozen=True)
class Service:
    """A choice of deployments that give every user one speed at one context.

    Attributes:
        deployments: what may be rented; each must have a rent.
        context: tokens of context of each user.
        speed: tokens per second that each user is to get.

    Raises InputError where no deployment has a rent and reaches the speed.

    """

    deployments: tuple[Deployment, ...]
    context: float
    speed: float

    def __post_init__(self) -> None:
        """Refuse a speed that nothing reaches."""
        checked("tokens_per_second_per_user", self.speed)
        if not any("chip_rent" in each.values for each in self.deployments):
            raise InputError("no rent is known of any of these deployments: give rent")
        if not self.units:
            names = "; ".join(each.name for each in self.deployments)
            raise InputError(f"speed = {self.speed:g}: none of these reaches it: {names}")

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The deployments that reach the speed, each with the users that fill it."""
        found = [
            Unit(each, full_users(each, self.context, self.speed))
            for each in self.deployments
            if "chip_rent" in each.values
        ]
        return tuple(unit for unit in found if unit.users)

    @cached_property
    def saturated_cost(self) -> float:
        """Dollars per token of a provider of any size, its machines full."""
        return min(
            market.saturated_cost(
                unit_rent=unit.rent,
                full_users=float(unit.users),
                tokens_per_second_per_user=self.speed,
            )
            for unit in self.units
        )

    def cost(self, concurrent_users: Any) -> Any:
        """Return dollars per token for that many users at once, a number or an array."""
        costs = [
            market.service_cost(
                unit_rent=unit.rent,
                full_users=float(unit.users),
                busy_users=concurrent_users,
                tokens_per_second_per_user=self.speed,
            )
            for unit in self.units
        ]
        if all(isinstance(cost, float) for cost in costs):
            return min(costs)
        import numpy as np

        return np.minimum.reduce(costs)

    def efficient_users(self, factor: float) -> float:
        """Return the users at once from which on a token costs at most `factor` times the least.

        A factor of 1.1 is within ten percent of a saturated provider.
        """
        enough = [
            (
                market.efficient_users(
                    unit_rent=unit.rent,
                    cost_factor=factor,
                    saturated_cost=self.saturated_cost,
                    tokens_per_second_per_user=self.speed,
                ),
                unit.users,
            )
            for unit in self.units
        ]
        return max(1.0, min(users for users, most in enough if users <= most * (1 + 1e-12)))


def full_users(deployment: Deployment, context: float, speed: float) -> int:
    """Return the most users who each get that speed, and whose caches fit; 0 if none does."""
    try:
        room = deployment.largest_batch(context)
    except TooBigError:
        return 0
    most = _MANY if room is None else room
    inputs = deployment.inputs(
        decode.user_speed, concurrent_users=1.0, context=deployment.counted(context)
    )

    def slowness(users: int) -> float:
        return -float(decode.user_speed(**{**inputs, "concurrent_users": float(users)}))

    return bisect.bisect_right(range(1, most + 1), -speed, key=slowness)
