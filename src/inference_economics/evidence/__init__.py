"""What has been measured, what the model says of it, the fit, and how far it misses."""

from ..facts.calibration import RECORDED, SORTS
from .validation import Errors, Evidence, counted, held_out_errors, own, unseen_errors

__all__ = [
    "RECORDED",
    "SORTS",
    "Errors",
    "Evidence",
    "counted",
    "held_out_errors",
    "own",
    "unseen_errors",
]


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
