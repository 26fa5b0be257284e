"""Measurements of token generation: a table's rows, read and put under the catalog's names.

The package's own measurements and anyone's table have the same columns. A row that cannot be
read says why; no row is dropped.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ..algebra import units
from ..algebra.own_names import own_names
from . import configuration, files, matching, own_machine, tables
from .calibration import LAUNCHES, ONE_BY_ONE, RECORDED
from .catalog import CatalogError
from .load_calibration import engine_called

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .catalog import Record
    from .matching import Meant
    from .tables import Row

__dir__ = own_names(__name__)

PREDICTED = ("predicted", "low", "high", "binding", "note")
"""The columns that a prediction adds."""


@dataclass(frozen=True)
class Metric:
    """What was measured.

    Attributes:
        of: "request" (the prompt read in, then the answer), "prompt" or "step".
        rate: whether it is tokens per second; seconds otherwise.
        per: what the tokens are counted for: "all", "chip", "node" or "user".
        counted: what is counted: "answers" (of steps and requests), "all tokens" or "requests".

    """

    of: str
    rate: bool = False
    per: str = "all"
    counted: str = "answers"


METRICS: Mapping[str, Metric] = {
    name: Metric(**said) for name, said in files.toml("tables.toml")["measures"].items()
}
"""The metrics that can be predicted. A throughput of phase "decode" is one of steps alone."""

SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_RATES = {
    "all": ("tok/s",),
    "chip": ("tok/s/GPU", "tok/s/chip"),
    "node": ("tok/s/node",),
    "user": ("tok/s", "tok/s/user"),
}


CACHE_OF_8 = ("FP8", "NVFP4")
"""Formats of weights with which the services that were fitted kept the cache in eight bits, too."""
HOW = ("weight_bits", "kv_bits", "compute_bits", "stages", "replicas")
"""What `deployment.deploy` takes beside a model and its machines."""


@dataclass(frozen=True)
class Layout:
    """A model on a machine, as `deployment.deploy` takes it.

    Attributes:
        accelerator: an id, the path of a TOML file, or a machine's name with its `figures`.
        figures: what a row says of its machine, by the catalog's columns.
        ran: whether something was measured: what ran in fact is not refused for its heads.

    """

    accelerator: str
    chips: int
    model: str
    weight_bits: float | None
    kv_bits: float
    compute_bits: int | None
    stages: int
    replicas: int
    figures: tuple[tuple[str, float], ...] = ()
    ran: bool = False

    @property
    def machine(self) -> Record:
        """The machine, with figures that the row itself gives in place of the catalog's."""
        return own_machine.of_row(self.accelerator, self.figures)

    @property
    def how(self) -> dict[str, Any]:
        """How the model is stored and spread, by the names of `HOW`."""
        return {name: getattr(self, name) for name in HOW}


@dataclass(frozen=True)
class Apart:
    """Groups of machines that only read prompts, beside those that only answer.

    Attributes:
        layout: one group that reads.
        readers, writers: how many groups read, and how many answer.

    """

    layout: Layout
    readers: float
    writers: float


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
        doubts: what else its names could mean, in words.
        under_load: whether the batch is of requests that come and go, each with its prompt.
        engine: the engine that served them, one of `load_calibration.ENGINES`; "" for any other.
        rate: requests that come in a second, at random; 0 where the batch says how many there are.
        apart: the machines that read prompts, where those of the layout only answer.
        other: a layout that the row may have had as well, where it does not say.

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
    doubts: tuple[str, ...] = ()
    under_load: bool = False
    engine: str = ""
    rate: float = 0.0
    apart: Apart | None = None
    other: Layout | None = None

    @property
    def chips(self) -> float:
        """The accelerators of all groups."""
        if self.apart is None:
            return self.layout.chips
        return self.apart.readers * self.apart.layout.chips + self.apart.writers * self.layout.chips


class RowError(ValueError):
    """A row that cannot be read, with the reason."""


# Rows


@cache
def own() -> tuple[Row, ...]:
    """Return the rows of the package's own table."""
    return tuple(tables.table(files.read("measurements.csv"), "measurements.csv"))


def read(row: Row) -> Measurement:
    """Return a row, understood; raise RowError with the reason if that cannot be."""
    called, row = tables.columns(tuple(row)), tables.said(row)
    assumed: list[str] = []
    row["phase"] = _phase(row, called, assumed)
    metric = _metric(row, assumed)
    value = _value(row, assumed)
    metric, unit = _unit(row, metric)
    if not metric.rate and not row.get("unit"):
        assumed.append("predicted in seconds")
    machine, figures = _machine(row, called, assumed)
    model = _model(row, assumed)
    doubts = tuple(each.doubt for each in (machine, model) if each.doubt)
    prompt, answer = _amount(row, "input_tokens"), _amount(row, "output_tokens")
    if metric.of == "request" and metric.rate and not (prompt and answer):
        if metric.counted != "answers":
            raise RowError("input_tokens and output_tokens: needed for a rate of requests")
        metric = Metric("step", rate=True, per=metric.per)
        assumed.append("prompt and answer not both known: taken as decoding alone")
    if metric.of == "request" and not answer:
        raise RowError("output_tokens: needed for the time of a request")
    if metric.of in {"request", "prompt"} and not prompt:
        raise RowError("input_tokens: needed where a prompt is read in")
    _all_on_chips(row, called, model.id)
    _spread_as_flagged(row, called, assumed)
    if row.get("guessing", "").lower() not in _NO:
        assumed.append(
            f"{called['guessing']} = {units.shortened(row['guessing'])} left out: a row is "
            "predicted without guessing ahead, with which tokens come sooner"
        )
    groups = _groups(row, called)
    under_load, batch, rate = _load(
        row, metric, assumed, whole=bool(prompt and answer), apart=bool(groups)
    )
    if under_load and not row.get("kv_bits") and cache_of_8(row.get("weight_bits", "")):
        row["kv_bits"] = "8"
        assumed.append(f"kv_bits of 8 assumed, {AS_FITTED.format(row['weight_bits'])}")
    if under_load and row.get("engine") and not engine_called(row["engine"]):
        assumed.append(f"no run of {row['engine']} was fitted: a typical engine taken")
    users, apart = users_at(rate, answer) if rate else batch, None
    if groups:
        assumed.append("prompts are read on machines of their own")
        machine = replace(machine, count=1)  # the row counts those of each group
        reading = _layout({**row, **groups["reader"]}, machine, model, figures, users, [])
        apart = Apart(reading, _amount(row, "readers"), _amount(row, "writers"))
    layout = _layout({**row, **groups.get("writer", {})}, machine, model, figures, users, assumed)
    return Measurement(
        layout=layout,
        launch=_launch(row, assumed, under_load=under_load),
        batch=batch,
        context=_context(row, metric, prompt, answer),
        prompt=prompt,
        answer=answer,
        metric=metric,
        unit=unit,
        value=None if value is None else value * unit,
        assumed=(*assumed, *doubts),
        doubts=doubts,
        under_load=under_load,
        engine=engine_called(row.get("engine", "")),
        rate=rate,
        apart=apart,
        other=_other(layout)
        if under_load and batch > 1 and not apart and _ALL.format(layout.chips) in assumed
        else None,
    )


def _other(layout: Layout) -> Layout | None:
    """Return the layout with a copy of attention on each chip, as many run models with experts."""
    experts = configuration.model(layout.model).has("experts")
    return replace(layout, replicas=layout.chips) if experts else None


def _load(
    row: Row, metric: Metric, assumed: list[str], *, whole: bool, apart: bool
) -> tuple[bool, float, float]:
    """Return whether requests come and go, how many there are at once, and how many a second come.

    `whole` says whether prompts and answers are known. Where prompts are read in between, the time
    of a token is not that of a batch. Of requests that come at a rate, one stands for all.
    """
    several = [name for name in ("batch", "concurrency", "rate") if _given(row, name)]
    said = several[0] if several else "batch"
    assumed += [f"{name} = {row[name]} not looked at: {said} is given" for name in several[1:]]
    if not row.get(said):
        raise RowError("batch = '': needed, or a concurrency, or a finite rate of requests")
    if (said == "rate" or apart) and not whole:
        raise RowError("input_tokens and output_tokens: needed of a server under load")
    if said == "rate" and apart:
        raise RowError("concurrency: needed where prompts are read on machines of their own")
    number = _number(row, said, least=0.0 if said == "rate" else 1.0)
    mixed = row["phase"] == "mixed" and number > 1
    between = mixed and (metric.of != "request" or metric.rate)
    loaded = whole and (apart or said != "batch" or between)
    if loaded:
        come = "at random, so many a second" if said == "rate" else "in flight"
        assumed.append(f"requests {come}: a server under load, with waiting and others' prompts")
    elif mixed and whole:
        assumed.append("the time of a request is taken as that of a batch, not of a service")
    elif said == "concurrency" or between:
        assumed.append("requests in flight taken as the batch: no prompt and answer to count")
    return (loaded, 1.0, number) if said == "rate" else (loaded, number, 0.0)


def _given(row: Row, column: str) -> bool:
    """Say whether a cell says something: an endless rate of requests is none."""
    return bool(row.get(column)) and not math.isinf(tables.number(row[column]))


def _value(row: dict[str, str], assumed: list[str]) -> float | None:
    """Return what was measured; None, and why, if that is no number: a prediction needs none."""
    if not (said := row.get("value", "")):
        return None
    row["value"], unit = tables.measured(said)
    stated = row.get("unit", "")
    if unit and stated and unit != tables.unit_called(stated):
        why = f"value = {units.shortened(said)}: must be in {stated!r}, the row's unit"
    else:
        row["unit"] = stated or unit
        try:
            return _number(row, "value", _MEASURABLE, 1 / _MEASURABLE)
        except RowError as error:
            why = str(error)
    row["value"] = ""
    assumed.append(f"not compared: {why}")
    return None


def _phase(row: Row, called: Mapping[str, str], assumed: list[str]) -> str:
    phase = row.get("phase", "").strip().lower()
    if phase not in PHASES:
        known = ", ".join(filter(None, PHASES))
        assumed.append(f"{called['phase']} = {units.shortened(phase)} not looked at (are: {known})")
    return phase


def _metric(row: dict[str, str], assumed: list[str]) -> Metric:
    name = row.get("metric", "")
    called = tables.Called(name, "", {}) if name in METRICS else tables.metric_called(name)
    if called is None or called.metric not in METRICS:
        raise RowError(
            f"metric {units.shortened(name)} is not predicted (are: {', '.join(METRICS)})"
        )
    metric = METRICS[called.metric]
    if called.loose:
        assumed.append(f"{name} taken as {called.metric}")
    if called.unit and not row.get("unit"):
        row["unit"] = called.unit
    for column, length in called.lengths.items():
        row[column] = row.get(column) or length
    if metric.rate and metric.of == "request" and row["phase"] == "decode":
        if metric.counted == "requests":
            raise RowError("phase = 'decode': no requests are done by steps alone; leave it empty")
        if metric.counted == "all tokens":
            assumed.append("phase = 'decode': steps alone, of which answers' tokens count")
        return Metric("step", rate=True, per=metric.per)
    return metric


_PER = {"tok/s/gpu": "chip", "tok/s/user": "user", "tok/s/node": "node"}


def _unit(row: Row, metric: Metric) -> tuple[Metric, float]:
    """Return the metric, counted as the unit says, and the unit over seconds or tokens a second."""
    written = row.get("unit", "").partition(" (")[0]
    said = tables.unit_called(written)
    if not metric.rate:
        if not said and not row.get("value"):
            return metric, 1.0  # nothing to be read in it: the answer is in seconds
        if said not in SECONDS:
            raise RowError(
                f"unit {written!r}: must be one of {', '.join(SECONDS)}, in the column unit, in "
                "the metric's name as in 'TTFT (ms)', or behind the value as in '25 ms'"
            )
        return metric, SECONDS[said]
    if metric.counted == "requests":
        if said and said != "req/s":
            raise RowError(f"unit {written!r}: must be req/s")
        return metric, 1.0
    if metric.per == "all" and said in _PER:
        return replace(metric, per=_PER[said]), 1.0
    if said and said not in map(tables.unit_called, _RATES[metric.per]):
        raise RowError(f"unit {written!r}: must be {' or '.join(_RATES[metric.per])}")
    return metric, 1.0


MOST = 1e9
"""The greatest batch, and the most tokens, that a row may have."""
_MOST_CHIPS = 1e6
PHASES = ("", "decode", "prefill", "mixed", "static")
"""Of which part of requests a row can be: both, whose prompts are read between the steps of others
("mixed") or before a batch's own ("static")."""
_MEASURABLE = 1e15
LEAST_BITS, MOST_BITS = 0.5, 64.0
"""Bits that a stored number may have."""


def _number(row: Row, column: str, most: float = MOST, least: float = 0.0) -> float:
    """Return a positive number of a row, within these ends."""
    said = row.get(column, "")
    number = tables.number(said)
    if not (0 < number <= most and number >= least):
        ends = f"from {least:g} to {most:,.16g}" if least else f"at most {most:,.16g}"
        raise RowError(f"{column} = {units.shortened(said)}: must be a positive number, {ends}")
    return number


def _amount(row: Row, column: str) -> float:
    """Return a number of tokens; zero where the cell is empty or says so."""
    said = row.get(column, "")
    none = not said or tables.number(said) == 0
    return 0.0 if none else _number(row, column, least=1.0)


def _count(row: Row, column: str) -> int:
    number = _number(row, column, _MOST_CHIPS)
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


def _launch(row: Row, assumed: list[str], *, under_load: bool) -> str:
    launch = row.get("launch", "")
    if not launch and _EAGER.search(row.get("notes", "")):
        launch = ONE_BY_ONE
        assumed.append("kernels launched one by one, as the notes say")
    elif not launch:
        launch = RECORDED
        assumed.append("an engine that replays recorded kernels assumed")
    if launch not in LAUNCHES:
        raise RowError(f"launch {launch!r}: must be {' or '.join(map(repr, LAUNCHES))}")
    if under_load and launch == ONE_BY_ONE:
        assumed.append("launch not looked at: services were fitted as they record kernels")
    return launch


_EAGER = re.compile(rf"\beager\b|{ONE_BY_ONE}", re.IGNORECASE)


# Layouts

_YES, _NO = {"true", "yes", "1", "on"}, {"false", "no", "0", "off", ""}


def _spread_as_flagged(row: dict[str, str], called: Mapping[str, str], assumed: list[str]) -> None:
    """Give a row whose attention is copied to every accelerator as many replicas; note the rest."""
    said, column = row.get("attention_copies", ""), called.get("attention_copies", "")
    counted = tables.number(said) > 1
    if not counted and said.lower() not in _YES | _NO:
        raise RowError(f"{column} = {units.shortened(said)}: must be true, false or their number")
    if (counted or said.lower() in _YES) and not row.get("replicas"):
        row["replicas"] = said if counted else row.get("tensor") or row.get("n_chips", "")
        if counted and row.get("tensor"):  # as SGLang says it: of all, so many copies
            row["n_chips"], row["tensor"] = row.get("n_chips") or row["tensor"], ""
        assumed.append(f"{column}: attention data-parallel over {row['replicas'] or 'all'}")
    several = tables.number(row.get("n_chips", "")) > 1 and not (
        row.get("stages") or row.get("tensor") or row.get("replicas")
    )
    if several and row.get("split_mode", "").lower() == "layer":
        row["stages"] = row["n_chips"]
        assumed.append(f"{called['split_mode']} = layer: layers one chip after another")
    if tables.number(row.get("expert_groups", "")) > 1:
        assumed.append(
            f"{called['expert_groups']} = {row['expert_groups']} left out: experts are split over "
            "all accelerators of a group"
        )


def _all_on_chips(row: Row, called: Mapping[str, str], model: str) -> None:
    """Raise RowError where a part of a model, or its caches, lies in main memory."""
    if not any(map(row.get, ("gpu_layers", *_ELSEWHERE))):
        return
    layers = configuration.model(model).layers
    for column in ("gpu_layers", *_ELSEWHERE):
        cell = row.get(column, "")
        if column == "gpu_layers":
            elsewhere, of = 0 <= tables.number(cell) < layers, f" of {layers:g} layers"
        else:
            elsewhere, of = cell.lower() not in _NO and tables.number(cell) != 0, ""
        if elsewhere:
            raise RowError(
                f"{called[column]} = {units.shortened(cell)}{of}: what lies in main memory "
                "is not predicted"
            )


_ELSEWHERE = ("cpu_experts", "cpu_cache", "cpu_tensors")

_GROUPS = {"reader": "prefill", "writer": "decode"}
"""The groups of machines, and what each does, which the field calls its columns after."""


def _groups(row: Row, called: Mapping[str, str]) -> Mapping[str, Row]:
    """Return the cells of a group that reads prompts and of one that answers, if these are two.

    Their chips must add up to the row's, if that counts them.
    """
    counts = {group: _amount(row, f"{group}s") for group in _GROUPS}
    if not (any(counts.values()) or row.get("mode", "").startswith("disagg")):
        return {}
    found = {}
    for group, count in counts.items():
        split = {name: row.get(f"{group}_{name}", "") for name in ("tensor", "replicas")}
        if not count or not any(split.values()):
            workers = called.get(f"{group}s", f"{_GROUPS[group]}_workers")
            tensor = called.get(f"{group}_tensor", f"{_GROUPS[group]}_tp")
            replicas = called.get(f"{group}_replicas", f"{_GROUPS[group]}_dp")
            raise RowError(
                f"{workers}, and {tensor} or {replicas}: needed where prompts are read on machines "
                "of their own"
            )
        chips = math.prod(_count(row, f"{group}_{name}") for name, said in split.items() if said)
        found[group] = {**split, "n_chips": str(chips), "stages": ""}
    taken = sum(count * int(found[group]["n_chips"]) for group, count in counts.items())
    if row.get("n_chips") and taken != _count(row, "n_chips"):
        raise RowError(f"n_chips = {row['n_chips']}: prefill and decode workers take {taken:g}")
    return found


_FORMAT = re.compile(r"^(?:bf|fp|int)(?=\d)", re.IGNORECASE)
# In capitals: in small letters, pp512 is a prompt in llama.cpp's tables.
_SPREAD = re.compile(r"\bEP\d*\b")
"""Experts that notes say are spread over the accelerators."""
_PARALLEL = re.compile(r"\b(TP|PP|DP)[ -]?(\d{1,6})\b")


def _layout(  # noqa: PLR0913, PLR0917  (a layout depends on all of them)
    row: Row,
    machine: Meant,
    model: Meant,
    figures: tuple[tuple[str, float], ...],
    users: float,
    assumed: list[str],
) -> Layout:
    chips = _chips(row, machine, assumed)
    weights, multiplied = _weights(row, model, assumed)
    if row.get("kv_bits"):
        kv_bits, _ = _bits(row, "kv_bits")
    else:
        kv_bits, why = configuration.cache_bits(configuration.model(model.id), model)
        assumed.append(f"kv_bits of {kv_bits:g}{f', {why}' if why else ' assumed'}")
    here = own_machine.of_row(machine.id, figures)
    own = configuration.model(model.id).words.get("expert_format", "")
    said = row.get("weight_bits") or model.format or own
    if multiplied is None and not row.get("compute_bits"):
        multiplied = own_machine.widened(here, said, assumed)
    stages, replicas = _spread(row, chips, here, model.id, users, assumed)
    return Layout(
        machine.id,
        chips,
        model.id,
        weights,
        kv_bits,
        compute_bits=_count(row, "compute_bits") if row.get("compute_bits") else multiplied,
        stages=stages,
        replicas=replicas,
        figures=figures,
        ran=bool(row.get("value")),
    )


def cache_of_8(weights: object) -> bool:
    """Return whether a service with weights of this format is taken to cache in eight bits."""
    return isinstance(weights, str) and weights.strip().upper() in CACHE_OF_8


AS_FITTED = "as in the services with {} weights that were fitted"


def bits_assumed(row: Measurement) -> tuple[str, ...]:
    """Return which bits a row left open, and what was taken for them."""
    return tuple(each for each in row.assumed if each.startswith(("weight_bits", "kv_bits")))


def _chips(row: Row, machine: Meant, assumed: list[str]) -> int:
    """Return how many accelerators there are: as the row says, its name, or its layout."""
    if row.get("n_chips"):
        return machine.chips(_count(row, "n_chips"), "n_chips")
    if machine.count > 1:
        return machine.count
    if row.get("tensor"):
        split = ("tensor", "stages", "replicas")
        return math.prod(_count(row, column) for column in split if row.get(column))
    if matching.is_a_computer(machine.id):
        assumed.append("n_chips of 1 assumed")
        return 1
    raise RowError("n_chips = '': needed, or a count in hardware, as in 8xH100")


def _weights(row: Row, model: Meant, assumed: list[str]) -> tuple[float | None, int | None]:
    """Return the bits of a stored weight, and those of the arithmetic if the format says so."""
    if row.get("weight_bits"):
        return _bits(row, "weight_bits")
    if model.bits is not None:
        assumed.append(f"weight_bits of {model.bits:g}, {model.bits_by}")
        return model.bits, None if model.multiplied is None else int(model.multiplied)
    if configuration.model(model.id).words.get("other_format"):
        assumed.append("weight_bits of the model's configuration assumed")
        return None, None
    assumed.append("weight_bits of 16 assumed")
    return 16.0, None


def _bits(row: Row, column: str) -> tuple[float, int | None]:
    """Return a number of bits, or a format's, and the bits of its arithmetic if it says so.

    A format's letters may stand before a number, and more words after.
    """
    first = row[column].partition(" ")[0]
    if known := matching.stored(first):
        return known[0], int(known[1]) if known[1:] else None
    try:
        return _number({column: _FORMAT.sub("", first)}, column, MOST_BITS, LEAST_BITS), None
    except RowError as error:
        raise RowError(f"{error}, or a format as fp8") from None


def _spread(  # noqa: PLR0913, PLR0917  (as for a layout)
    row: Row, chips: int, machine: Record, model: str, users: float, assumed: list[str]
) -> tuple[int, int]:
    """Return stages and replicas: as the row says, as its notes say, or a default that is named."""
    record = configuration.model(model)
    experts = record.has("experts")
    if row.get("tensor"):
        kinds = {"TP": "tensor", "PP": "stages", "DP": "replicas"}
        said = {kind: _count(row, column) for kind, column in kinds.items() if row.get(column)}
        return _as_said(said, "its columns", chips, experts=experts, assumed=assumed)
    if row.get("stages") or row.get("replicas"):
        stages, replicas = (_count(row, c) if row.get(c) else 1 for c in ("stages", "replicas"))
        return stages, replicas
    if noted := _noted(row.get("notes", ""), assumed):
        return _as_said(noted, "the notes", chips, experts=experts, assumed=assumed)
    if _SPREAD.search(row.get("notes", "")):
        users = max(users, chips)
    found = layouts(chips, node_size(machine, chips), record, users)
    stages, replicas, means = found[0] if found else (1, 1, "")
    if chips > 1:
        assumed.append(f"{means}, assumed" if means else _ALL.format(chips))
    return stages, replicas


def _as_said(
    noted: Mapping[str, int], where: str, chips: int, *, experts: bool, assumed: list[str]
) -> tuple[int, int]:
    """Return stages and replicas from the parallelism that a row names."""
    if experts and noted.get("TP") == noted.get("DP") == chips:
        return 1, chips  # attention is data-parallel, the experts are split
    stages, copies = noted.get("PP", 1), noted.get("DP", 1)
    tensor = noted.get("TP", max(1, chips // (stages * copies)))
    if "DP" not in noted:
        copies = max(1, chips // (tensor * stages))
    if tensor * stages * copies != chips:
        said = ", ".join(f"{kind}{size}" for kind, size in noted.items())
        raise RowError(f"n_chips = {chips}: {said} in {where} cannot be spread over it")
    if copies > 1 and "DP" not in noted:
        if experts:
            raise RowError(
                f"n_chips = {chips}: TP{tensor} makes {copies} copies of a model with experts; "
                "give one copy's chips and batch, or DP"
            )
        assumed.append(f"{copies} copies of the model share the batch")
    return stages, copies


_ALL = "tensor parallelism over all {} assumed"
_WIDEST = 8
"""Accelerators over which models with experts split attention: beyond, each has its own copy."""


ONE_BOX = 8
"""Accelerators that are taken to be one machine where no source says how many are."""
_SPEED = 30.0
"""Tokens a second that a user is taken to get where only the rate of requests is known."""


def node_size(machine: Record, chips: int) -> float:
    """Return how many of so many accelerators fast links join: as sources say, or one machine's."""
    return machine.numbers.get("node_size") or float(min(chips, ONE_BOX))


def users_at(rate: float, answer: float) -> float:
    """Return about how many are answered at once, by whom a layout is chosen."""
    return rate * answer / _SPEED


def layouts(chips: int, node: float, model: Record, users: float) -> list[tuple[int, int, str]]:
    """Return the stages and replicas where neither is said, and what they mean, the likely first.

    Over more than `_WIDEST` accelerators a model with experts has a copy of attention on each if
    there are as many users, and if there is no other way. Else a node of so many accelerators
    splits each layer, and nodes are stages. Empty where there is no way.
    """
    heads = model.numbers.get("heads", 0.0)
    stages = int(chips // min(node, chips))
    whole = chips == stages * min(node, chips) and stages <= model.layers
    found = []
    if whole and heads % (chips // stages) == 0:
        means = f"tensor parallelism inside a node of {node:g}, stages across" if stages > 1 else ""
        found.append((stages, 1, means))
    if model.has("experts") and chips > _WIDEST:
        copied = (1, chips, "experts spread over all, attention data-parallel")
        found.insert(0 if users >= chips else len(found), copied)
    return found


def _noted(notes: str, assumed: list[str]) -> dict[str, int]:
    """Return the parallelism that notes name: the accelerators of each kind."""
    noted: dict[str, int] = {}
    for kind, size in _PARALLEL.findall(notes):
        if not int(size):
            raise RowError(f"notes: {kind}{size} must be at least 1")
        if noted.setdefault(kind.upper(), int(size)) != int(size):
            several = f"{kind}{noted[kind.upper()]} and {kind}{size}"
            assumed.append(f"the notes name {several}: no layout taken from them")
            return {}
    return noted


def _machine(
    row: Row, called: Mapping[str, str], assumed: list[str]
) -> tuple[Meant, tuple[tuple[str, float], ...]]:
    """Return the machine of a row, and what the row itself says of it."""
    said = row.get("hardware", "")
    if not said:
        raise RowError("hardware: needed")
    figures = {
        column: own_machine.figure(column, row[column], called.get(column, column))
        for column in sorted(own_machine.FIGURES)
        if row.get(column)
    }
    if figures.pop("rent", None):
        assumed.append("rent not looked at: no cost is predicted")
    try:
        _, meant = own_machine.find(said)
    except matching.UnknownNameError as error:
        if missing := sorted({"memory_bandwidth", "memory_capacity"} - set(figures)):
            lacking = f"; as the row describes it, {missing[0]} is missing"
            raise RowError(
                f"hardware {units.shortened(said)} is not in the catalog"
                f"{lacking if figures else error.reason}"
            ) from None
        meant = matching.Meant(said, notes=(f"{said} taken as the row describes it",))
    assumed += meant.notes
    if meant.memory:
        figures.setdefault("memory_capacity", meant.memory)
    return meant, tuple(figures.items())


def _model(row: Row, assumed: list[str]) -> Meant:
    said = row.get("model", "")
    if not said:
        raise RowError("model: needed")
    try:
        _, meant = configuration.named(said)
    except matching.UnknownNameError as error:
        more = "; params_total alone is no shape" if row.get("params_total") else ""
        raise RowError(
            f"model {units.shortened(said)} is not in the catalog{error.reason}{more}"
        ) from None
    assumed += meant.notes
    return meant


def read_all(rows: Iterable[Row]) -> list[Measurement | RowError]:
    """Return each row understood, or the reason why it is not."""
    return [_read(row) for row in rows]


def _read(row: Row) -> Measurement | RowError:
    try:
        return read(row)
    except RowError as error:
        return error
    except CatalogError as error:
        return RowError(error.args[0])
