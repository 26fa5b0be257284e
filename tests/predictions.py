"""A whole table with its predictions at once, as tests look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from inference_economics.evidence.predicted_tables import Prediction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inference_economics.evidence.validation import Errors
    from inference_economics.facts.measurements import Row


class Answer(NamedTuple):
    """Rows with what was predicted of each, the errors by source, and columns not looked at."""

    rows: list[dict[str, Any]]
    errors: Mapping[str, Errors]
    not_read: tuple[str, ...]


def answered(table: Iterable[Row], name: str = "this table") -> Answer:
    """Return a table's rows with what the fitted model predicts for each."""
    prediction = Prediction(table, name)
    return Answer(list(prediction), prediction.errors, prediction.not_read)
