"""Measurements of token generation: a table's rows, read and put under the catalog's names.

The package's own measurements and anyone's table have the same columns. A row that cannot be
read says why; no row is dropped.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ..algebra.formula import InputError
from . import catalog, configuration, files
from .calibration import LAUNCHES, RECORDED
from .catalog import CatalogError
from .matching import accelerator_id, model_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Row = Mapping[str, str]

REQUIRED = ("hardware", "n_chips", "model", "batch", "metric")
"""The columns that a table must have."""
OPTIONAL = (
    "weight_bits",
    "kv_bits",
    "compute_bits",
    "context_tokens",
    "input_tokens",
    "output_tokens",
    "value",
    "unit",
    "phase",
    "stages",
    "replicas",
    "launch",
    "notes",
    "source",
    "source_title",
)
"""The columns that are read where there are any; all others pass through."""
PREDICTED = ("predicted", "low", "high", "binding", "note")
"""The columns that a prediction adds."""


@dataclass(frozen=True)
class Metric:
    """What was measured.

    Attributes:
        of: "request" (the prompt read in, then the answer), "prompt" or "step".
        rate: whether it is tokens per second; seconds otherwise.
        per: what the tokens are counted for: "all", "chip", "node" or "user".

    """

    of: str
    rate: bool = False
    per: str = "all"


METRICS: Mapping[str, Metric] = {
    "request_latency": Metric("request"),
    "first_token_latency": Metric("prompt"),
    "ttft": Metric("prompt"),
    "step_latency": Metric("step"),
    "inter_token_latency": Metric("step"),
    "itl": Metric("step"),
    "tpot": Metric("step"),
    "decode_speed": Metric("step", rate=True, per="user"),
    "decode_throughput_total": Metric("step", rate=True),
    "output_throughput_total": Metric("request", rate=True),
    "output_throughput_per_gpu": Metric("request", rate=True, per="chip"),
    "output_throughput_per_node": Metric("request", rate=True, per="node"),
}
"""The metrics that can be predicted. A throughput of phase "decode" is one of steps alone."""

SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_RATES = {
    "all": ("tok/s",),
    "chip": ("tok/s/GPU", "tok/s/chip"),
    "node": ("tok/s/node",),
    "user": ("tok/s", "tok/s/user"),
}


@dataclass(frozen=True)
class Layout:
    """A model on a machine, as `deployment.deploy` takes it."""

    accelerator: str
    chips: int
    model: str
    weight_bits: float | None
    kv_bits: float
    compute_bits: int | None
    stages: int
    replicas: int


@dataclass(frozen=True)
class Measurement:
    """One row of a table, understood.

    Attributes:
        layout: the model, the machine and how the one is spread over the other.
        launch: one of `LAUNCHES`.
        batch: requests that generate together.
        context: tokens in the cache of each, on average over the answer.
        prompt: tokens of each request's prompt; 0 if none is read in.
        answer: tokens that each request generates; 0 if that is not known.
        metric: what was measured.
        unit: the value's unit, over that of the metric (seconds, tokens per second).
        value: what came out, in seconds or tokens per second; None if nothing was measured.
        assumed: what the row left open, in words.

    """

    layout: Layout
    launch: str
    batch: float
    context: float
    prompt: float
    answer: float
    metric: Metric
    unit: float
    value: float | None
    assumed: tuple[str, ...] = ()


class RowError(ValueError):
    """A row that cannot be read, with the reason."""


# Reading tables


def table(text: str, name: str) -> list[Row]:
    """Return the rows of a CSV text; raise InputError if it is no table of measurements."""
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [column.strip() for column in next(lines, [])]
        _check_header(header, name)
        rows: list[Row] = []
        for cells in lines:
            if not cells:
                continue  # a blank line
            if len(cells) != len(header):
                raise InputError(
                    f"{name}, line {lines.line_num}: {len(cells)} cells, and {len(header)} columns"
                )
            rows.append(dict(zip(header, (cell.strip() for cell in cells), strict=True)))
    except csv.Error as error:
        raise InputError(f"{name}, line {lines.line_num}: no CSV ({error})") from None
    if not rows:
        raise InputError(f"{name}: a header and no rows")
    return rows


def _check_header(header: list[str], name: str) -> None:
    missing = [column for column in REQUIRED if column not in header]
    if missing:
        raise InputError(
            f"{name}: no column {', '.join(map(repr, missing))} "
            f"(needed: {', '.join(REQUIRED)}; read where given: {', '.join(OPTIONAL)})"
        )
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise InputError(f"{name}: the column {twice[0]!r} is there twice")


@cache
def own() -> tuple[Row, ...]:
    """Return the rows of the package's own table."""
    return tuple(table(files.read("measurements.csv"), "measurements.csv"))


def read(row: Row) -> Measurement:
    """Return a row, understood; raise RowError with the reason if that cannot be."""
    assumed: list[str] = []
    metric = _metric(row)
    unit = _unit(row, metric)
    if not metric.rate and not row.get("unit"):
        assumed.append("predicted in seconds")
    value = _number(row, "value", _MEASURABLE, 1 / _MEASURABLE) if row.get("value") else None
    accelerator = _found(row.get("hardware", ""), "hardware", accelerator_id, assumed)
    model = _found(row.get("model", ""), "model", _model, assumed)
    prompt, answer = _amount(row, "input_tokens"), _amount(row, "output_tokens")
    if metric.of == "request" and metric.rate and not (prompt and answer):
        metric = Metric("step", rate=True, per=metric.per)
        assumed.append("prompt and answer not both known: taken as decoding alone")
    if metric.of == "request" and not answer:
        raise RowError("output_tokens: needed for the time of a request")
    if metric.of in {"request", "prompt"} and not prompt:
        raise RowError("input_tokens: needed where a prompt is read in")
    return Measurement(
        layout=_layout(row, accelerator, model, assumed),
        launch=_launch(row, assumed),
        batch=_number(row, "batch", least=1.0),
        context=_context(row, metric, prompt, answer),
        prompt=prompt,
        answer=answer,
        metric=metric,
        unit=unit,
        value=None if value is None else value * unit,
        assumed=tuple(assumed),
    )


def _metric(row: Row) -> Metric:
    name = row.get("metric", "")
    if name not in METRICS:
        raise RowError(f"metric {name!r} is not predicted (are: {', '.join(METRICS)})")
    metric = METRICS[name]
    if metric.rate and metric.of == "request" and row.get("phase") == "decode":
        return Metric("step", rate=True, per=metric.per)
    return metric


def _unit(row: Row, metric: Metric) -> float:
    """Return the unit of a row's value over seconds, or over tokens per second."""
    said = row.get("unit", "").partition(" (")[0]
    if not metric.rate:
        if not said and not row.get("value"):
            return 1.0  # nothing to be read in it: the answer is in seconds
        if said not in SECONDS:
            raise RowError(f"unit {said!r}: must be one of {', '.join(SECONDS)}")
        return SECONDS[said]
    if said and said not in _RATES[metric.per]:
        raise RowError(f"unit {said!r}: must be {' or '.join(_RATES[metric.per])}")
    return 1.0


MOST = 1e9
"""The greatest batch, and the most tokens, that a row may have."""
_MOST_CHIPS = 1e6
_MEASURABLE = 1e15
_LEAST_BITS, _MOST_BITS = 0.5, 64.0


def _number(row: Row, column: str, most: float = MOST, least: float = 0.0) -> float:
    """Return a positive number of a row, within these ends."""
    said = row.get(column, "")
    try:
        number = float(said)
    except ValueError:
        number = math.nan
    if not (0 < number <= most and number >= least):
        ends = f"from {least:g} to {most:,.16g}" if least else f"at most {most:,.16g}"
        raise RowError(f"{column} = {_shortened(said)}: must be a positive number, {ends}")
    return number


def _shortened(said: str) -> str:
    """Return a cell as it is quoted: not longer than a line bears."""
    return repr(said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…")


_LONGEST = 60


def _amount(row: Row, column: str) -> float:
    """Return a number of tokens; zero where the cell is empty or says so."""
    said = row.get(column, "")
    try:
        none = not said or float(said) == 0
    except ValueError:
        none = False
    return 0.0 if none else _number(row, column, least=1.0)


def _count(row: Row, column: str, most: float = _MOST_CHIPS) -> int:
    number = _number(row, column, most)
    if number % 1:
        raise RowError(f"{column} = {row[column]!r}: must be a whole number")
    return int(number)


def _context(row: Row, metric: Metric, prompt: float, answer: float) -> float:
    if row.get("context_tokens"):
        said = _amount(row, "context_tokens")
        if metric.of != "step" and said < prompt:
            raise RowError(f"context_tokens = {said:g}: less than input_tokens = {prompt:g}")
        return said
    if metric.of != "prompt" and not answer:
        raise RowError("context_tokens: needed, or input_tokens and output_tokens")
    return prompt + answer / 2


def _launch(row: Row, assumed: list[str]) -> str:
    said = row.get("launch", "")
    if not said:
        assumed.append("an engine that replays recorded kernels assumed")
        return RECORDED
    if said not in LAUNCHES:
        raise RowError(f"launch {said!r}: must be {' or '.join(map(repr, LAUNCHES))}")
    return said


# Layouts

_FORMAT = re.compile(r"^(?:bf|fp|int|mxfp|nvfp)(?=\d)", re.IGNORECASE)
# In capitals: in small letters, pp512 is a prompt in llama.cpp's tables.
_PARALLEL = re.compile(r"\b(TP|PP|DP)[ -]?(\d{1,6})\b")


def _layout(row: Row, accelerator: str, model: str, assumed: list[str]) -> Layout:
    chips = _count(row, "n_chips")
    bits: dict[str, float] = {}
    as_stored = not row.get("weight_bits") and configuration.model(model).words.get("other_format")
    for column in ("weight_bits", "kv_bits"):
        if not row.get(column):
            said = "the model's configuration" if as_stored and column == "weight_bits" else "16"
            assumed.append(f"{column} of {said} assumed")
        bits[column] = _bits(row, column) if row.get(column) else 16.0
    compute_bits = _count(row, "compute_bits") if row.get("compute_bits") else None
    stages, replicas = _spread(row, chips, accelerator, model, assumed)
    return Layout(
        accelerator,
        chips,
        model,
        None if as_stored else bits["weight_bits"],
        bits["kv_bits"],
        compute_bits=compute_bits,
        stages=stages,
        replicas=replicas,
    )


def _bits(row: Row, column: str) -> float:
    """Return a number of bits; a format's letters may stand before it, and more words after."""
    first = _FORMAT.sub("", row[column].partition(" ")[0])
    return _number({column: first}, column, _MOST_BITS, _LEAST_BITS)


def _spread(
    row: Row, chips: int, accelerator: str, model: str, assumed: list[str]
) -> tuple[int, int]:
    """Return stages and replicas: as the row says, as its notes say, or a default that is named."""
    if row.get("stages") or row.get("replicas"):
        stages = _count(row, "stages") if row.get("stages") else 1
        return stages, _count(row, "replicas") if row.get("replicas") else 1
    experts = configuration.model(model).has("experts")
    noted = _noted(row.get("notes", ""))
    if noted:
        return _as_noted(noted, chips, experts=experts, assumed=assumed)
    return _by_default(chips, accelerator, experts=experts, assumed=assumed)


def _as_noted(
    noted: Mapping[str, int], chips: int, *, experts: bool, assumed: list[str]
) -> tuple[int, int]:
    """Return stages and replicas from the parallelism that notes name."""
    if experts and noted.get("TP") == noted.get("DP") == chips:
        return 1, chips  # attention is data-parallel, the experts are split
    stages, copies = noted.get("PP", 1), noted.get("DP", 1)
    tensor = noted.get("TP", max(1, chips // (stages * copies)))
    if "DP" not in noted:
        copies = max(1, chips // (tensor * stages))
    if tensor * stages * copies != chips:
        said = ", ".join(f"{kind}{size}" for kind, size in noted.items())
        raise RowError(f"n_chips = {chips}: {said} in the notes cannot be spread over it")
    if copies > 1 and "DP" not in noted:
        if experts:
            raise RowError(
                f"n_chips = {chips}: TP{tensor} makes {copies} copies of a model with experts; "
                "give one copy's chips and batch, or DP"
            )
        assumed.append(f"{copies} copies of the model share the batch")
    return stages, copies


def _by_default(
    chips: int, accelerator: str, *, experts: bool, assumed: list[str]
) -> tuple[int, int]:
    """Return the stages and replicas of a row that says nothing of them."""
    if chips == 1:
        return 1, 1
    node = int(catalog.load().accelerators[accelerator].numbers.get("node_size", chips))
    if chips <= node:
        assumed.append(f"tensor parallelism over all {chips} assumed")
        return 1, 1
    if experts:
        assumed.append("experts spread over all, attention data-parallel, assumed")
        return 1, chips
    if chips % node:
        raise RowError(f"n_chips = {chips}: say TP and PP, since nodes have {node}")
    assumed.append(f"tensor parallelism inside a node of {node}, stages across, assumed")
    return chips // node, 1


def _noted(notes: str) -> dict[str, int]:
    """Return the parallelism that notes name: the accelerators of each kind."""
    noted: dict[str, int] = {}
    for kind, size in _PARALLEL.findall(notes):
        if noted.setdefault(kind.upper(), int(size)) != int(size):
            raise RowError(f"notes: {kind}{noted[kind.upper()]} and {kind}{size} contradict")
        if not int(size):
            raise RowError(f"notes: {kind}{size} must be at least 1")
    return noted


def _model(said: str) -> str | None:
    """Return a model's id, or the path of its `config.json` if the cell is one."""
    if not configuration.is_path(said):
        return model_id(said)
    configuration.read(said)  # to say now what is wrong in it
    return said


def _found(said: str, column: str, find: Callable[[str], str | None], assumed: list[str]) -> str:
    if not said:
        raise RowError(f"{column}: needed")
    id = find(said)
    if id is None:
        raise RowError(f"{column} {_shortened(said)} is not in the catalog")
    if id != said:
        assumed.append(f"{said} taken as {id}")
    return id


def read_all(rows: Iterable[Row]) -> list[Measurement | RowError]:
    """Return each row understood, or the reason why it is not."""
    found: list[Measurement | RowError] = []
    for row in rows:
        try:
            found.append(read(row))
        except RowError as error:
            found.append(error)
        except CatalogError as error:
            found.append(RowError(error.args[0]))
    return found
