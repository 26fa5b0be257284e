"""What a symbol may be: a median, and the ends of a 90% interval.

NumPy and SciPy load when they are first needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..algebra import symbols
from ..algebra.own_names import own_names
from ..facts import catalog as catalogs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

__dir__ = own_names(__name__)

LOW, CENTRAL, HIGH = 0.05, 0.5, 0.95
"""The chances at which an interval and a band are stated."""


class UncertaintyError(ValueError):
    """An interval, a headline or a question about one is not well formed."""


@dataclass(frozen=True)
class Interval:
    """What a symbol may be: its 5%, 50% and 95% quantiles, in the symbol's own unit.

    The distribution has two halves, one on either side of the median. Each is half a normal
    distribution, with a width of its own. It is normal in the logarithm of the distance from the
    least allowed value, or for a share in its logit, so that nothing lies outside the symbol's
    range. Where the median equals an end, that half has no width. Where all three quantiles are
    equal, the value is fixed.

    `drawn_with` names another input, if the two rise and fall together: both then take their
    values at the same chance, so that their low ends meet.

    Raises UncertaintyError unless the quantiles are finite, in the symbol's range and rising.
    """

    name: str
    low: float
    central: float
    high: float
    because: str = ""
    sources: tuple[str, ...] = ()
    drawn_with: str = ""

    def __post_init__(self) -> None:
        """Refuse an interval that no distribution could have."""
        line = catalogs.find(symbols.GLOSSARY, self.name, "symbol")
        for figure in (self.low, self.central, self.high):
            inside = line.range.low < figure < line.range.high
            at_low = figure == line.range.low and line.range.low_is_allowed
            at_high = figure == line.range.high and math.isfinite(figure)
            if not (inside or (self.fixed and (at_low or at_high))):
                raise UncertaintyError(
                    f"{self.name} = {figure!r}: must be {line.range.words}, in {line.unit}"
                    + (": the interval must stay inside these limits" if at_low or at_high else "")
                )
        if not self.low <= self.central <= self.high:
            raise UncertaintyError(
                f"{self.name}: low = {self.low!r}, central = {self.central!r} and "
                f"high = {self.high!r} must rise"
            )

    @property
    def fixed(self) -> bool:
        """Whether there is only one value."""
        return self.low == self.central == self.high

    def quantile(self, chance: float | Array) -> Array:
        """Return the values, in the symbol's unit, that it falls below with these chances.

        The result is an array of the shape of `chance`. Raises UncertaintyError unless chances
        lie between 0 and 1, ends left out.
        """
        import numpy as np

        chances = np.asarray(chance, dtype=float)
        if not np.all((chances > 0) & (chances < 1)):
            raise UncertaintyError(f"{self.name}: a chance must be above 0 and below 1")
        if self.fixed:
            return np.full(chances.shape, self.central)
        low, central, high = map(self.place, (self.low, self.central, self.high))
        deviations = deviates(chances)
        widths = np.where(deviations < 0, central - low, high - central)
        return self.at(central + deviations * widths)

    def place(self, value: float) -> float:
        """Return where a value of the symbol lies on the line on which the interval is normal.

        It is the value's logarithm or logit, or `EDGE` where that would be infinite.
        """
        line = symbols.GLOSSARY[self.name].range
        above, below = value - line.low, line.high - value
        if above <= 0 or below <= 0:  # a fixed value at an end of the range
            return -EDGE if above <= 0 else EDGE
        return math.log(above) - (math.log(below) if math.isfinite(below) else 0.0)

    def at(self, place: float | Array) -> Array:
        """Return the value that lies at a place on that line: the inverse of `place`."""
        import numpy as np

        line = symbols.GLOSSARY[self.name].range
        if math.isinf(line.high):
            return line.low + np.exp(place)
        return line.low + (line.high - line.low) / (1 + np.exp(-np.asarray(place)))


def deviates(chances: Array) -> Array:
    """Return where a normal variable lies at these chances, in an array of the same shape.

    The unit is such that the ends of its 90% interval are -1 and 1.
    """
    from scipy.special import ndtri

    deviations: Array = ndtri(chances) / ndtri(HIGH)
    return deviations


LATTICE = (987, 610)
"""Points of the lattice, and the step of its second chance: neighbors among Fibonacci's numbers."""


def lattice() -> tuple[Array, Array]:
    """Return chances of two variables that fill their square evenly, as two arrays of one axis.

    They are the same every time. A thousand of these points do what takes a million random draws.
    """
    import numpy as np

    points, step = LATTICE
    order = np.arange(points)
    return (order + 0.5) / points, ((order * step) % points + 0.5) / points


EDGE = 36.0
"""Where a float can no longer tell a share from 0 or 1."""
