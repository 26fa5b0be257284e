"""What sources state: machines, models, single figures, and the names that people give them.

A number enters the book once, in a file of `data`, with its unit, its date and its source.
"""

from .catalog import CatalogError, sourced

__all__ = [
    "CatalogError",
    "sourced",
]


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
