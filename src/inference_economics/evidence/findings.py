"""What the chapter on evidence reads off the measurements, beyond errors."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ..equations import decode, roofline
from ..facts import calibration, catalog
from . import own_runs, validation
from .prediction import deployment_of

if TYPE_CHECKING:
    from ..facts.measurements import Layout, Measurement
    from ..serving.deployment import Deployment


@dataclass(frozen=True)
class Curve:
    """Times of one model on one machine, from a lone request to many.

    Attributes:
        name: model and machine, in words.
        source: id of the source.
        split: what its measurements are for.
        experts: whether the model has experts.
        prompt: tokens of each prompt.
        answer: tokens of each answer.
        batches: requests at once, rising from one.
        measured: seconds of each batch.
        predicted: seconds that the fitted model gives.

    """

    name: str
    source: str
    split: str
    experts: bool
    prompt: float
    answer: float
    batches: tuple[float, ...]
    measured: tuple[float, ...]
    predicted: tuple[float, ...]

    @property
    def gain(self) -> float:
        """How many times as much the largest batch gets done in the same time as a lone request."""
        return self.batches[-1] * self.measured[0] / self.measured[-1]

    @property
    def predicted_gain(self) -> float:
        """The same, as the model has it."""
        return self.batches[-1] * self.predicted[0] / self.predicted[-1]


@cache
def curves() -> tuple[Curve, ...]:
    """Return the batching curves among the counted measurements: from one request to eight or more.

    A curve has one model, machine, layout and length; its batches differ.
    """
    table = validation.own()
    measured = table.cases.measured_durations()
    ratios = table.ratios(calibration.load())
    groups: dict[tuple[Any, ...], dict[float, int]] = {}
    for place in validation.counted(table, "fit", "test").nonzero()[0]:
        row, source = table.cases.rows[place], str(table.column("source")[place])
        key = (source, row.layout, row.launch, row.metric.of, row.prompt, row.context)
        groups.setdefault(key, {})[row.batch] = int(place)
    found = []
    for (source, layout, *_), places in groups.items():
        if 1 not in places or max(places) < SMALLEST_CURVE:
            continue
        batches = tuple(sorted(places))
        rows = [places[batch] for batch in batches]
        alone, split = table.cases.rows[rows[0]], str(table.column("split")[rows[0]])
        experts = catalog.load().model(layout.model).has("experts")
        times = tuple(float(measured[row]) for row in rows)
        predicted = tuple(float(measured[row] * ratios[row]) for row in rows)
        of = name_of(layout), source, split, experts, alone.prompt, alone.answer
        found.append(Curve(*of, batches, times, predicted))
    return tuple(found)


SMALLEST_CURVE = 8
"""A batching curve goes to at least so many requests."""


def name_of(layout: Layout) -> str:
    """Return a model and its machine in words."""
    facts = catalog.load()
    model, chip = facts.model(layout.model).name, facts.accelerator(layout.accelerator).name
    return f"{model} on {layout.chips} x {chip}" if layout.chips > 1 else f"{model} on {chip}"


def utilization(place: int) -> float:
    """Return the share of the peak arithmetic rate that a case was measured to use."""
    table = validation.own()
    row = table.cases.rows[place]
    here = at_work(row)
    steps = row.answer if row.metric.of == "request" else 1.0
    ideal = here.evaluate(decode.ideal_compute_time)
    return float(steps * ideal / table.cases.measured_durations()[place])


def at_work(row: Measurement) -> Deployment:
    """Return a measurement's deployment at work, with its users and their context."""
    deployment = deployment_of(row.layout)
    return deployment.having(concurrent_users=row.batch, context=deployment.counted(row.context))


# Readings


def machines(chosen: Any) -> str:
    """Return in words on which machines chosen cases were measured, the most frequent first."""
    facts, table = catalog.load(), validation.own()
    counts = Counter(
        facts.accelerator(row.layout.accelerator).name.split(" SXM")[0]
        for row, wanted in zip(table.cases.rows, chosen, strict=True)
        if wanted
    )
    words = [f"{count} on {name}" for name, count in counts.most_common()]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def versions_apart(source: str = "rocm-vllm-docker") -> list[float]:
    """Return how much longer the slowest version of an engine took than the fastest, less one.

    One number for each case that every version's table has.
    """
    table = validation.own()
    rows, sources = table.cases.rows, table.column("source")
    of_engine = {str(each) for each in sources if source in each}
    times: dict[tuple[Any, ...], list[float]] = {}
    for row, own, seconds in zip(rows, sources, table.cases.measured_durations(), strict=True):
        if own in of_engine:
            case = (row.layout.model, row.batch, row.prompt, row.answer)
            times.setdefault(case, []).append(float(seconds))
    same = [each for each in times.values() if len(each) == len(of_engine)]
    return [max(each) / min(each) - 1 for each in same]


def alone_on_cards(model: str = "llama2_7b") -> dict[int, tuple[float, float]]:
    """Return the seconds of a lone user's token on one card, two and more, measured and predicted.

    gpt-fast, in 16 bits on A100s.
    """
    table = validation.own()
    measured = table.cases.measured_durations()
    ratios = table.ratios(calibration.load())
    found = {}
    for place in (table.column("source") == "gpt-fast-readme").nonzero()[0]:
        layout = table.cases.rows[place].layout
        if (layout.model, layout.accelerator, layout.weight_bits) == (model, "a100_sxm_80", 16):
            seconds = float(measured[place])
            found[layout.chips] = (seconds, seconds * float(ratios[place]))
    return dict(sorted(found.items()))


def idle_share(id: str) -> float:
    """Return the share of a measured step in which nothing is read or computed.

    Reading and arithmetic are taken at the fitted rates.
    """
    table = validation.own()
    place = table.place(id)
    row = table.cases.rows[place]
    here = at_work(row).fitted(row.launch)
    parts, _ = here.breakdown()
    busy = sum(parts[name] for name in ("weights", "arithmetic", "cache", "attention arithmetic"))
    return float(1 - busy / table.cases.measured_durations()[place])


@dataclass(frozen=True)
class Used:
    """How much of the arithmetic a deployment was measured to use.

    Attributes:
        name: model and machine.
        batch: requests at once.
        critical: the critical batch of the machine's datasheet.
        share: share of the peak arithmetic rate.
        prompt: tokens of each prompt.
        engine: what served it.

    """

    name: str
    batch: float
    critical: float
    share: float
    prompt: float = 0.0
    engine: str = ""


ABOUT_A_HUNDRED = (90, 130)
"""Batches near the post's hundred users."""


def hundred_users(
    least: float = ABOUT_A_HUNDRED[0], most: float = ABOUT_A_HUNDRED[1]
) -> list[Used]:
    """Return what was used of the arithmetic with about a hundred requests at once.

    Counted measurements of decoding, of dense models, with at `least` and at `most` so many
    requests; the least used first.
    """
    table = validation.own()
    found = []
    for place in validation.decoded().nonzero()[0]:
        row = table.cases.rows[place]
        if least <= row.batch <= most:
            critical = deployment_of(row.layout).evaluate(roofline.critical_batch)
            used = utilization(int(place))
            engine = str(table.column("engine")[place])
            found.append(Used(name_of(row.layout), row.batch, critical, used, row.prompt, engine))
    return sorted(found, key=lambda each: each.share)


OWN_MODEL = "llama3_8b"
"""The shape whose decode steps and prompts `make measure` times."""

OWN_BITS = {"bf16": "16", "fp8": "8"}


def own_steps() -> validation.Evidence:
    """Return the decode steps that we measured on our own GPUs; nothing was fitted to them."""
    return _own_model("decode", "step_latency")


def own_prompts() -> validation.Evidence:
    """Return the prompts that we timed on our own GPUs; nothing was fitted to them."""
    return _own_model("prompt", "prefill_latency")


def _own_model(experiment: str, metric: str) -> validation.Evidence:
    return validation.Evidence(
        [
            {
                "hardware": run.about("machine"),
                "n_chips": "1",
                "model": OWN_MODEL,
                "weight_bits": OWN_BITS[row["precision"]],
                "kv_bits": OWN_BITS["bf16"],
                "launch": calibration.RECORDED,
                "batch": row["batch"],
                "context_tokens": row["context"],
                "input_tokens": row["context"] if experiment == "prompt" else "",
                "metric": metric,
                "value": row["seconds"],
                "unit": "s",
            }
            for run in own_runs.ours()
            for row in run.rows
            if row["experiment"] == experiment
        ]
    )
