"""A decode step on a real machine: its terms one by one, and what it is spent on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from inference_economics.algebra.formula import checked
from inference_economics.algebra.units import show
from inference_economics.equations import decode
from inference_economics.facts import catalog
from inference_economics.serving import deploy, scale
from inference_economics.serving.requests import HOST, PROMPTS

from . import style
from .picture import Picture, drawn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inference_economics.serving.deployment import Deployment

H100, LLAMA = "h100_sxm5", "llama3_70b"
"""The case that tools are compared on: eight such cards, and this model in 16 bits."""
CONTEXT = 2048.0
BATCHES = (1, 8, 64, 256)
"""Users of the steps that are drawn by cause; the last one drawn has as many as fit."""

CAUSES = {
    "weights": ("weights",),
    "arithmetic": ("arithmetic", "attention arithmetic", "part-filled tiles", "unpacking"),
    "cache": ("cache",),
    "traffic": ("all-reduce volume", "all-reduce latency", "expert exchange", "stage handover"),
    "fixed time": ("fixed time", HOST),
    "guessing": ("guessing",),
    "prompts of others": (PROMPTS,),
}
"""Parts of a token's time that are drawn together, under the names that have colors."""

ADDED = {
    "weights, as in the post": "",
    "… and every user's cache": "cache",
    "… at the bandwidth kernels reach": "achieved shares",
    "… and traffic between GPUs": "traffic",
    "… and its latency": "latency",
    "… and a fixed time per layer": "fixed time",
}
"""What is counted more and more: how a bar is called, and the term that it adds."""
BY_CAUSE = (
    "A lone user waits for the weights and the fixed time. The last bar has as many users as the "
    "memory holds. They wait longest for the KV caches, each of which is read for one user. With "
    "so many users, the arithmetic takes longer than the reading of the weights. The reading goes "
    "on at the same time, and so adds nothing."
)
IDLE = " With all terms of the step, the memory is full while most of the arithmetic is still idle."
COMPARED = (
    " The upright band is the range of three engines (programs that serve a model), TensorRT-LLM, "
    "vLLM and SGLang. For this range no whole step was timed: NVIDIA's tool aiconfigurator adds up "
    "the measured times of the kernels (small GPU programs) of which each engine's step consists. "
    "No value of ours was fitted to these times."
)


def with_terms(*terms: str, case: Deployment) -> Deployment:
    """Return a case with these terms of a step on, and all others off."""
    # That a step reads one row a token of the embedding is no matter of taste: always on.
    return case.without(*(term for term in decode.OFF if term not in {*terms, "embedding"}))


def by_cause(steps: Iterable[Mapping[str, float]]) -> dict[str, list[float]]:
    """Return the times of steps, given by their parts, by the causes that any of them has."""
    listed = list(steps)
    times = {
        name: [sum(parts.get(part, 0.0) for part in those) for parts in listed]
        for name, those in CAUSES.items()
    }
    return {name: row for name, row in times.items() if any(row)}


def _is_reference(case: Deployment, context: float) -> bool:
    """Tell whether this is the case that tools are compared on."""
    return (case.name, context) == (deploy(H100, 8, LLAMA).name, CONTEXT)


def _measured(case: Deployment, users: int, context: float) -> tuple[float, float] | None:
    """Return the range of what tools say of the case that they are compared on."""
    if not _is_reference(case, context) or users not in (1, 256):
        return None
    fact = catalog.load().fact(f"aiconfigurator_70b_step_{users}")
    return fact.range or (fact.value, fact.value)


@drawn
def terms_one_by_one(
    accelerator: str = H100,
    chips: int = 8,
    model: str = LLAMA,
    context: float = CONTEXT,
    batch: int = 256,
) -> Picture:
    """Draw the step of one user, and of a full `batch`, as terms are switched on one by one.

    `accelerator` and `model` are ids of the catalog; `context` is each user's tokens. What other
    tools say stands beside the default case alone.
    """
    full, context = deploy(accelerator, chips, model), checked("context", context)
    many = int(checked("batch", batch))
    added = list(ADDED.values())
    cases = [with_terms(*added[: n + 1], case=full) for n in range(len(added))]
    times = [
        (users, [case.step(users, context).step_time for case in cases]) for users in (1, many)
    ]
    compared = False
    with style.drawing(7.6, rows=2) as (figure, panels):
        for axes, (users, row) in zip(panels, times, strict=True):
            places, now = range(len(row))[::-1], 1e3 * np.array(row)
            before = np.array([0.0, *now[:-1]])
            axes.barh(places, before, color=style.GRID, height=0.4)
            axes.barh(places, now - before, left=before, color=style.TEAL, height=0.4)
            for place, label, time in zip(places, ADDED, row, strict=True):
                style.words(axes, label, (0, place), (0, 15), style.INK, fontsize=10.5, va="center")
                shown = show(time, "second")
                style.words(axes, shown, (1e3 * time, place), (4, 0), style.INK, va="center")
            most = row[-1]
            if measured := _measured(full, users, context):
                low, high = (1e3 * end for end in measured)
                axes.axvspan(low, high, color=style.VERMILION, alpha=0.25, lw=0)
                most, compared = max(measured[1], most), True
            axes.set(title=f"A step for {show(users, 'user')}", xlim=(0, 1.3e3 * most))
            style.rows_alone(axes, -0.5, len(row) - 0.1)
        panels[-1].set_xlabel("milliseconds")
    told = "; ".join(
        f"for {show(users, 'user')} " + ", ".join(show(time, "second") for time in row)
        for users, row in times
    )
    return Picture(
        figure,
        title="From two terms to a real machine",
        alt="Bars that grow as terms are switched on: weights, cache, achieved bandwidth, "
        f"traffic, latency, fixed time: {told}.",
        caption=f"{full.name}, {context:,.0f} tokens of context. Each bar adds one term "
        f"to the one above it.{COMPARED if compared else ''}",
        data={
            "terms": list(ADDED),
            **{f"step time for {users} users (s)": row for users, row in times},
        },
    )


@drawn
def step_by_cause(
    accelerator: str = H100, chips: int = 8, model: str = LLAMA, context: float = CONTEXT
) -> Picture:
    """Draw what a step is spent on, for batches from one user to a full memory.

    `accelerator` and `model` are ids of the catalog; `context` is each user's tokens.
    """
    case, context = deploy(accelerator, chips, model), checked("context", context)
    most = case.step(1, context).largest_batch or max(BATCHES)
    drawn_for = sorted({*(users for users in BATCHES if users < most), most})
    steps = {users: case.step(users, context) for users in drawn_for}
    times = by_cause(step.parts for step in steps.values())
    longest = ", ".join(f"{show(users, 'user')}: {step.binding}" for users, step in steps.items())
    told = "; ".join(
        f"{show(users, 'user')}: {show(step.step_time, 'second')}, the largest part of it "
        f"{step.binding}"
        for users, step in steps.items()
    )
    return Picture(
        style.stacked(4.8, times, list(steps), "users at once", "milliseconds"),
        title="What a step is spent on",
        alt=f"Stacked bars of a step's time by cause. {told}.",
        caption=BY_CAUSE
        if _is_reference(case, context)
        else f"{case.name}, {context:,.0f} tokens of context. The largest part, for {longest}.",
        data={"users": list(steps), **{f"{name} (s)": row for name, row in times.items()}},
    )


@drawn
def utilization_of_a_real_machine(
    accelerator: str = H100, chips: int = 8, model: str = LLAMA
) -> Picture:
    """Draw utilization against users: two terms, and the full step until the memory is full.

    `accelerator` and `model` are ids of the catalog.
    """
    full = deploy(accelerator, chips, model)
    contexts = {500.0: style.GOLD, 2000.0: style.VERMILION, 8000.0: style.VIOLET}
    cases = [
        (f"{context:,.0f} tokens", full, context, full.largest_batch(context) or 1, color)
        for context, color in contexts.items()
    ]
    data: dict[str, np.ndarray] = {}
    told, reached = [], []
    with style.drawing(4.2) as (figure, axes):
        for name, case, context, most, color in (
            ("two terms", with_terms(case=full), 0.0, 4000, style.TEAL), *cases
        ):  # fmt: skip
            users = np.geomspace(1, most, 80)
            at_work = case.having(concurrent_users=users, context=case.counted(context))
            percent = 100 * at_work.evaluate(decode.flops_utilization)
            style.line(axes, (users, percent), name, (8, 0), color)
            data |= {f"users, {name}": users, f"MFU, {name}": percent}
            if case is full:
                axes.plot([most], percent[-1:], "o", color=color, ms=7)
                reached.append(percent[-1])
                told.append(f"at {name} of context, {most:,} users and {percent[-1]:.3g}%")
        right = max(3e4, *(12.0 * most for *_, most, _ in cases))
        axes.set(xscale="log", yscale="log", xlabel="users at once", ylabel="MFU, %",
                 xlim=(1, right), ylim=(0.1, 140), yticks=[0.1, 1, 10, 100],
                 yticklabels=["0.1", "1", "10", "100"])  # fmt: skip
        style.plain_log_ticks(axes.xaxis)
    return Picture(
        figure,
        title="Utilization of a real machine",
        alt="MFU against users on logarithmic axes. Two terms reach 100%. With all terms a line "
        f"ends where the memory is full: {'; '.join(told)}.",
        caption=f"{full.name}. MFU is the share of the peak arithmetic that is used. A dot marks "
        "where the memory is full. Each line is labeled with the context of each user."
        f"{IDLE if max(reached) < 50 else ''}",
        data=data,
    )


@drawn
def how_far_off() -> Picture:
    """Draw predicted steps over measured ones: how much too short the predictions are."""
    kernels, machines = scale.steps_of_kernels(), scale.measured_steps()
    rows = [
        (name, predicted / measured)
        for name, (predicted, measured) in (kernels | machines).items()
        if "fleet" not in name  # a service that guesses ahead: figures.load has it
    ]
    told = "; ".join(f"{name} {ratio:.2g}" for name, ratio in rows)
    with style.drawing(4.8) as (figure, axes):
        axes.set(xlim=(0.29, 1.5), xlabel="predicted time over measured time")
        axes.axvline(1, color=style.INK, lw=1)
        style.dots(axes, [
            (f"{name}: {ratio:.2g}", ratio, style.SKY if name in kernels else style.TEAL)
            for name, ratio in rows
        ])  # fmt: skip
        axes.set(xticks=[0.33, 0.5, 0.7, 1], xticklabels=["⅓", "½", "0.7", "1"])
        axes.minorticks_off()
    return Picture(
        figure,
        title="How far off is it?",
        alt=f"Dots on a logarithmic scale of predicted time over measured time. {told}.",
        caption="The axis is the predicted time over the measured one. At 1 the prediction is "
        "right; to the left of 1 it is too short. Steps of “kernels” (blue dots) are added up by "
        "NVIDIA's aiconfigurator from measured kernels. The others (teal) are of whole machines, "
        "measured by those who ran them.",
        data=style.columns(("case", "ratio"), rows),
    )
