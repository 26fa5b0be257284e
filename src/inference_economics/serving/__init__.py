"""A model on machines: one step, what fits, what it costs, who waits, and what scale brings."""

from .arrivals import quiet_hour_margin
from .deployment import Deployment, LimitError, deploy
from .requests import serve
from .scenario import Scenario

__all__ = ["Deployment", "LimitError", "Scenario", "deploy", "quiet_hour_margin", "serve"]


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
