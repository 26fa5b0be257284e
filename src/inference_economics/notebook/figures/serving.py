"""One decode step: where its time goes, and what a larger batch does to it."""

from __future__ import annotations

import numpy as np

from ...algebra.formula import checked
from ...algebra.units import show
from ...equations import roofline, serving
from ...facts import catalog
from ...ledger import post, post_on_card, stated
from . import style
from .picture import Picture, drawn

REAL = "h100_sxm5"
PARAMETERS = stated("model-parameters", "parameter")


@drawn
def parts_of_a_step(
    accelerator: str | None = None, batch: float = 1, parameters: float = PARAMETERS
) -> Picture:
    """Draw the three times of the post's single user: arithmetic, traffic, weights.

    `accelerator` is the id of one of the catalog, in place of the card that the post describes,
    `batch` the users of the step, and `parameters` those of the model.
    """
    inputs = post_on_card(accelerator) if accelerator else post()
    inputs = inputs.having(parameters=checked("parameters", parameters))
    batch = checked("batch", batch)
    parts = [
        ("arithmetic", inputs.evaluate(serving.compute_time, batch=batch), style.VERMILION),
        ("traffic between GPUs", inputs.evaluate(serving.traffic_time, batch=batch), style.GOLD),
        ("reading the weights", inputs.evaluate(serving.weight_time), style.TEAL),
    ]
    shortest = min(time for _, time, _ in parts)
    with style.drawing(2.2) as (figure, axes):
        for row, (name, time, color) in enumerate(reversed(parts)):
            axes.plot([time], [row], "o", color=color, ms=11)
            style.note(axes, f"{name}, {show(time, 'second')}", (time, row), (11, 0), color)
        axes.set(xscale="log", xlim=(min(5e-6, shortest / 2), 60))
        style.rows_alone(axes, -0.6, 2.6)
        style.plain_log_ticks(axes.xaxis, "second")
        axes.set_xticks([1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1])
    listed = ", ".join(f"{name} {show(time, 'second')}" for name, time, _ in parts)
    ratio = parts[2][1] / parts[0][1]
    return Picture(
        figure,
        title="One token for one user" if batch == 1 else f"A step for {show(batch, 'user')}",
        alt=f"Three dots on a logarithmic scale of time: {listed}.",
        caption=f"Reading the weights takes {ratio:.0f} times as long as using them, and "
        f"{show(parts[2][1] / parts[1][1], 'dimensionless', 1)} times as long as the traffic "
        "between GPUs, its latency left out. Each step of the scale is ten times the one before.",
        data=style.columns(("part", "seconds"), parts),
    )


@drawn
def utilization_against_batch(accelerator: str = REAL) -> Picture:
    """Draw utilization against batch, for the post's GPU and for a real one: an `accelerator`."""
    card = catalog.load().accelerator(accelerator).name
    name, again = ("a real H100", "a real one") if accelerator == REAL else (card, card)
    machine = post_on_card(accelerator)
    batch = np.unique(np.round(np.geomspace(1, 3000, 200)))
    critical = post().evaluate(roofline.critical_batch)
    real = machine.evaluate(roofline.critical_batch)
    lines = [
        ("the post's H100", post(), style.VERMILION, critical),
        (name, machine, style.TEAL, real),
    ]
    quoted = [
        (1, stated("utilization-alone", "fraction"), (12, -3), "one user, 0.2%"),
        (100, stated("utilization-hundred", "fraction"), (10, -10), "100 users, 20%"),
        (stated("users-needed", "user"), 1.0, (0, 17), "1000 users"),
    ]
    data = {"batch": batch}
    with style.drawing(3.9) as (figure, axes):
        for column, inputs, color, knee in lines:
            used = inputs.evaluate(serving.utilization, batch=batch)
            axes.loglog(batch, used, color=color)
            axes.plot([knee], [1.0], "o", color=color, ms=8)
            data[column] = used
        for users, used, offset, text in quoted:
            axes.plot([users], [used], "o", mfc=style.PAPER, mec=style.INK, ms=8, mew=1.8)
            side = "left" if offset[0] else "center"
            style.words(axes, text, (users, used), offset, style.INK, ha=side, va="center")
        for label, knee, to, color, side in (
            (name, real, (-10, 20), style.TEAL, "right"),
            ("the post", critical, (4, -22), style.VERMILION, "left"),
        ):
            text = f"{label}:\n{knee:.0f}"
            style.words(axes, text, (knee, 1.0), to, color, ha=side, va="center")
        axes.set(xlim=(0.8, 4000), ylim=(0.0012, 3.5), xlabel="requests in the batch",
                 ylabel="share of the arithmetic used")  # fmt: skip
        style.plain_log_ticks(axes.xaxis)
        style.plain_log_ticks(axes.yaxis, "fraction")
        axes.set_yticks([0.001, 0.01, 0.1, 1.0])
        axes.set_ylim(0.0012, 3.5)
    return Picture(
        figure,
        title="Utilization against batch",
        alt="Two lines on logarithmic axes rise in proportion to the batch and level off at 100%: "
        f"the post's H100 at a batch of {critical:.0f}, {again} at {real:.0f}. The post's "
        "figures of 0.2% for one user and 20% for 100 users lie on its line; its 1000 users lie "
        "beyond the corner.",
        caption="The post's figures for one user and for 100 lie on its own line. That line is "
        f"full at {critical:.0f} requests, not at 1000; {name} is full at {real:.0f}.",
        data=data,
    )


@drawn
def step_time_against_batch(
    context: float = 2000, accelerator: str = REAL, parameters: float = PARAMETERS
) -> Picture:
    """Draw the parts of the example's step against the batch, cache and traffic included.

    Every user has `context` tokens, the cards are an `accelerator` of the catalog, and the
    model's layers have so many `parameters`.
    """
    context = checked("context", context)
    inputs, card = post_on_card(accelerator), catalog.load().accelerator(accelerator)
    inputs = inputs.having(parameters=checked("parameters", parameters))
    link = "NVLink" if card.vendor == "NVIDIA" else "its links"
    batch = np.unique(np.round(np.geomspace(1, 2000, 160)))
    weights = inputs.evaluate(serving.weight_time)
    cache = inputs.evaluate(serving.cache_total, concurrent_users=batch, context=context)
    cache = cache / inputs.evaluate(serving.total_bandwidth)
    lines = [
        ("weights", np.full_like(batch, weights), style.TEAL),
        ("arithmetic", inputs.evaluate(serving.compute_time, batch=batch), style.VERMILION),
        ("caches", cache, style.SKY),
        ("traffic", inputs.evaluate(serving.traffic_time, batch=batch), style.GOLD),
    ]
    breakeven = inputs.evaluate(serving.cache_breakeven, context=context)
    order = "before" if breakeven < inputs.evaluate(roofline.critical_batch) else "after"
    with style.drawing(3.9) as (figure, axes):
        for name, times, color in lines:
            nudge = {"caches": 6, "arithmetic": -5}.get(name, 0)
            style.line(axes, (batch, times), name, (7, nudge), color)
        axes.plot([breakeven], [weights], "o", mfc=style.PAPER, mec=style.INK, ms=8, mew=1.8)
        text = f"{breakeven:.0f} users: caches\nas large as the weights"
        style.words(axes, text, (breakeven, weights), (-9, 22), style.INK, ha="right")
        axes.set(xscale="log", yscale="log", xlim=(0.9, 22000), ylim=(8e-6, 2),
                 xlabel="requests in the batch", ylabel="time")  # fmt: skip
        style.plain_log_ticks(axes.xaxis)
        axes.set_xticks([1, 10, 100, 1000])
        style.plain_log_ticks(axes.yaxis, "second")
    last = ", ".join(f"{name} {show(float(times[-1]), 'second')}" for name, times, _ in lines)
    return Picture(
        figure,
        title="What a larger batch adds",
        alt="Four lines of time against batch on logarithmic axes. Reading the weights stays at "
        f"{show(weights, 'second')}; arithmetic, traffic and caches grow with the batch. The "
        f"caches pass the weights at {breakeven:.0f} users. At a batch of {batch[-1]:.0f}: {last}.",
        caption="Only the weights are shared. The cache that each user brings passes them at "
        f"{breakeven:.0f} users, {order} the arithmetic does, for the post's 20 wide layers at "
        f"{show(context, 'token')} of context and one byte a number. Traffic in 16 bits over "
        f"{link}, one way, {show(inputs.values['link_bandwidth'], 'byte/second')}.",
        data={"batch": batch, **{name: times for name, times, _ in lines}},
    )
