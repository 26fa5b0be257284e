"""Deployments beside each other: tables over users and context, and the best of several.

A table is a list of rows, each a dict with the same keys: ``pandas.DataFrame(rows)`` takes it.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..algebra.formula import InputError, checked_as
from ..algebra.own_names import own_names
from ..facts import configuration, own_machine
from .deployment import RESULTS, Deployment, LimitError, TooBigError, deploy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Row = dict[str, Any]

__dir__ = own_names(__name__)

MOST_CHIPS = 1024
"""Accelerators beyond which `fewest_chips` does not look."""


def sweep(
    deployments: Deployment | Iterable[Deployment],
    *,
    concurrent_users: float | Sequence[float] = 1,
    context: float | Sequence[float] = 0,
) -> list[Row]:
    """Return decode steps as a table: a row for each deployment, number of users and context.

    Columns are "deployment", "concurrent_users", "context" (tokens of each user), and those of
    `COLUMNS`. What does not fit into the memory has None in place of its results, and so have a
    cost where no rent is known and an energy where no power is.

    Raises InputError for a value that is not allowed.
    """
    rows = []
    several: Iterable[Any] = [deployments]
    if isinstance(deployments, Iterable) and not isinstance(deployments, str):
        several = deployments
    for each in several:
        if not isinstance(each, Deployment):
            raise InputError(f"deployments: {each!r:.60} is none: `deploy` makes them")
        for tokens, users in itertools.product(_several(context), _several(concurrent_users)):
            row: Row = {"deployment": each.name, "concurrent_users": users, "context": tokens}
            rows.append(row | _results(each, users, tokens))
    return rows


def _several(values: Any) -> list[float]:
    if hasattr(values, "tolist"):  # an array
        values = values.tolist()
    return list(values) if isinstance(values, (list, tuple, range)) else [values]


COLUMNS: Mapping[str, str] = {name: formula.unit for name, formula in RESULTS.items()}
"""The results in a sweep's rows, with their units."""


def _results(deployment: Deployment, users: float, context: float) -> Row:
    try:
        step = deployment.step(users, context)
    except TooBigError:
        return dict.fromkeys(COLUMNS)
    return {name: getattr(step, name) for name in COLUMNS}


def frontier(rows: Iterable[Row]) -> list[Row]:
    """Return the rows of a sweep than which no other is both faster for a user and cheaper.

    The fastest comes first. Rows without a cost are left out.
    """
    try:
        priced = [row for row in rows if row["cost_per_token"] is not None]
    except (KeyError, TypeError):
        raise InputError("rows: these are none of a sweep's: `sweep` makes them") from None
    priced.sort(key=lambda row: (-row["user_speed"], row["cost_per_token"]))
    best: list[Row] = []
    for row in priced:
        if not best or row["cost_per_token"] < best[-1]["cost_per_token"]:
            best.append(row)
    return best


def fewest_chips(
    accelerator: str, model: str, *, concurrent_users: float = 1, context: float = 0, **choices: Any
) -> Deployment:
    """Return a model on the fewest accelerators that hold it and the caches of its users.

    `choices` are those of `deploy`, such as `weight_bits`. Of a name that counts, such as
    "8xH100", there are as many or a multiple. Of a model with experts, each may have a copy of
    attention, unless `replicas` are given. Raises LimitError where no number up to `MOST_CHIPS`
    does, and what `deploy` raises.
    """
    last: LimitError | None = None
    counted = own_machine.find(accelerator)[1].count
    experts = configuration.named(model)[0].numbers.get("experts", 1.0)
    given = choices.pop("replicas", None)
    most = max(MOST_CHIPS, counted)
    for chips in range(counted, most + 1, counted):
        # Experts are split evenly.
        copies = max(1, chips // choices.get("stages", 1)) if experts % chips == 0 else 1
        for replicas in sorted({1, copies}) if given is None else [given]:
            try:
                found = deploy(accelerator, chips, model, replicas=replicas, **choices)
                found.step(concurrent_users, context)
            except LimitError as error:
                # That a number does not divide is not why all of them are too few.
                last = error if last is None or isinstance(error, TooBigError) else last
            else:
                return found
    raise LimitError(f"no number of {accelerator} up to {most} is enough: {last}")


_DEAREST = 0.01
"""Dollars for one token, a hundred times what any is sold for."""


def break_even(deployment: Deployment, price: float | str, *, context: float = 0) -> int:
    """Return the fewest concurrent users at which a token costs no more than an API's price.

    `price` is in dollars per token, or a text such as "$3 per million tokens". Raises InputError
    where no rent is known, where even the largest batch, or a million users, is dearer, and for a
    bare number that nobody asks for one token.
    """
    limit = checked_as("price", "output_price", price)
    if "token" not in str(price) and limit > _DEAREST:
        raise InputError(
            f"price = {price!r}: this is in dollars per token; "
            f'write "${limit:g} per million tokens" if that is meant'
        )
    if "chip_rent" not in deployment.values:
        raise InputError(f"no rent of {deployment.name} is known: give rent")
    most = deployment.largest_batch(context) or 10**6

    def saved(users: int) -> float:
        return limit - (deployment.step(users, context).cost_per_token or 0.0)

    if saved(most) < 0:
        raise InputError(
            f"price = {price!r}: a token of {deployment.name} costs more even with "
            f"{most:,} users of {context:,g} tokens"
        )
    return 1 + bisect.bisect_left(range(1, most + 1), 0.0, key=saved)
