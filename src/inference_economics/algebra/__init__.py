"""An equation, written once: units, symbols, formulas, and how they are typeset.

Everything else stands on this room; it knows no fact and no model.
"""

from .formula import Formula, InputError, Worked, checked

__all__ = [
    "Formula",
    "InputError",
    "Worked",
    "checked",
]


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
