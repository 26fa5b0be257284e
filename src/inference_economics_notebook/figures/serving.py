"""One decode step: where its time goes, and what a larger batch does to it."""

from __future__ import annotations

import numpy as np

from inference_economics.algebra.formula import checked
from inference_economics.algebra.units import show
from inference_economics.equations import decode, parts, roofline, serving
from inference_economics.facts import configuration, own_machine
from inference_economics.ledger import post, post_on_card, stated, traffic
from inference_economics.serving import balance

from . import style
from .picture import Picture, drawn

REAL, SPARSE = "h100_sxm5", "deepseek_v3"
PARAMETERS = stated("model-parameters", "parameter")
_COLORS = {
    "reading the weights": style.TERMS["weights"],
    "arithmetic": style.TERMS["arithmetic"],
    "traffic between GPUs": style.TERMS["traffic"],
    "delay of the traffic": style.TERMS["delays"],
}


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
    moved = (
        inputs.evaluate(traffic, micro_tokens=batch)
        if accelerator
        else inputs.evaluate(serving.traffic_time, batch=batch)
    )
    times = {
        "arithmetic": inputs.evaluate(serving.compute_time, batch=batch),
        "traffic between GPUs": moved,
        "delay of the traffic": inputs.evaluate(parts.exposed_latency),
        "reading the weights": inputs.evaluate(serving.weight_time),
    }
    # One GPU alone has no traffic, and a logarithmic scale no zero.
    times = {name: time for name, time in times.items() if time}
    with style.drawing(2.7) as (figure, axes):
        for row, (name, time) in enumerate(reversed(times.items())):
            axes.plot([time], [row], "o", color=_COLORS[name], ms=11)
            text = f"{name}, {show(time, 'second')}"
            style.note(axes, text, (time, row), (11, 0), _COLORS[name])
        axes.set(xscale="log", xlim=(min(5e-6, min(times.values()) / 2), 90))
        style.rows_alone(axes, -0.6, len(times) - 0.4)
        style.plain_log_ticks(axes.xaxis, "second", at=[1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1])
    listed = ", ".join(f"{name} {show(time, 'second')}" for name, time in times.items())
    reading = times.pop("reading the weights")
    longer = {name: show(reading / time, "dimensionless", 2) for name, time in times.items()}
    delay = (
        f"The reading takes {longer['delay of the traffic']} times as long as all delays of the "
        "step together, in which GPUs wait to exchange data. The delays come from measurements. "
        if "delay of the traffic" in times
        else ""
    )
    basis = "By the card's datasheet," if accelerator else "By the post's figures,"
    return Picture(
        figure,
        title="One token for one user" if batch == 1 else f"A step for {show(batch, 'user')}",
        alt=f"Dots on a logarithmic scale of time: {listed}.",
        caption=f"{basis} reading the weights, the numbers that make up the model, takes "
        f"{longer['arithmetic']} times as long as the arithmetic. {delay}"
        "Each mark of the scale is ten times the one before it.",
        data=style.columns(("part", "seconds"), [*times.items(), ("reading the weights", reading)]),
    )


@drawn
def utilization_against_batch(accelerator: str = REAL, model: str = SPARSE) -> Picture:
    """Draw the share of the arithmetic that a batch uses: the post's GPU, and a real one.

    The real one is an `accelerator`. It has the post's dense model and, as a second line, a
    `model` of the catalog; weights and arithmetic are in eight bits.
    """
    card, other = own_machine.find(accelerator)[0], configuration.model(model)
    name = "a real H100" if card.id == REAL else card.name
    real, sparse = post_on_card(accelerator), balance.two_terms(accelerator, model)
    batch = np.unique(np.round(np.geomspace(1, 20_000, 240)))
    named = other.name.split(" / ")[0]
    used = [post().evaluate(serving.utilization, batch=batch),
            real.evaluate(serving.utilization, batch=batch),
            sparse.evaluate(balance.utilization, concurrent_users=batch)]  # fmt: skip
    full = [post().evaluate(roofline.critical_batch), real.evaluate(roofline.critical_batch),
            sparse.evaluate(decode.critical_batch_at_work)]  # fmt: skip
    lines = [
        ("the post's H100", style.VERMILION, (0, 30), "center", "the post"),
        (name, style.TEAL, (-6, 13), "right", name),
        (f"{named} on {name}", style.SKY, (-14, 13), "center", named),
    ]
    quoted = {
        1: (stated("utilization-alone", "fraction"), (12, -2), "one user, {}"),
        stated("batch-hundred", "user"): (
            stated("utilization-hundred", "fraction"), (10, -5), "{}"
        ),
        stated("users-needed", "user"): (1.0, (-30, -14), "{1:.0f} users"),
    }  # fmt: skip
    data = {"batch": batch, **{each[0]: share for each, share in zip(lines, used, strict=True)}}
    backed = {**style.BACKED, "alpha": 0.85}
    with style.drawing(4.3) as (figure, axes):
        for (_, color, to, side, label), share, knee in zip(lines, used, full, strict=True):
            axes.loglog(batch, share, color=color)
            axes.plot([knee], [1.0], "o", color=color, ms=8)
            text = f"{label}: {show(knee, 'dimensionless')}"
            style.words(axes, text, (knee, 1.0), to, color, ha=side, va="center")
        for users, (share, offset, text) in quoted.items():
            axes.plot([users], [share], "o", mfc=style.PAPER, mec=style.INK, ms=8, mew=1.8)
            words = text.format(show(share, "fraction"), users)
            style.words(axes, words, (users, share), offset, style.INK, va="center", bbox=backed)
        axes.set(xlim=(0.8, 25_000), ylim=(0.0012, 6), xlabel="requests in the batch",
                 ylabel="share of the arithmetic used")  # fmt: skip
        style.plain_log_ticks(axes.xaxis)
        style.plain_log_ticks(axes.yaxis, "fraction", at=[0.001, 0.01, 0.1, 1.0])
        axes.set_ylim(0.0012, 6)
    corners = ", ".join(
        f"{line[0]} at {show(knee, 'dimensionless')} requests"
        for line, knee in zip(lines, full, strict=True)
    )
    marked = "; ".join(
        f"{show(users, 'user')}, {show(share, 'fraction')}" for users, (share, *_) in quoted.items()
    )
    thousand = float(
        sparse.evaluate(balance.utilization, concurrent_users=stated("users-needed", "user"))
    )
    return Picture(
        figure,
        title="Utilization against batch",
        alt="Lines on logarithmic axes rise with the batch and level off at 100%: "
        f"{corners}. Three of the post's figures are marked: {marked}.",
        caption="By the post's own figures, "
        f"{show(full[0], 'dimensionless')} requests, one from each user, already use all of the "
        f"arithmetic; it does not take {stated('users-needed', 'user'):.0f}. By the datasheet of "
        f"{name}, {show(full[1], 'dimensionless')} requests are enough. {named} has experts, and "
        f"needs {show(full[2], 'dimensionless')}: with {stated('users-needed', 'user'):.0f} it "
        f"uses {show(thousand, 'fraction', 2)} of the arithmetic. It needs still more if several "
        "chips each read their own copy of the same weights.",
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
    inputs = post_on_card(accelerator).having(parameters=checked("parameters", parameters))
    batch = np.unique(np.round(np.geomspace(1, 2000, 160)))
    weights = inputs.evaluate(serving.weight_time)
    cache = inputs.evaluate(serving.cache_total, concurrent_users=batch, context=context)
    times = {
        "weights": np.full_like(batch, weights),
        "arithmetic": inputs.evaluate(serving.compute_time, batch=batch),
        "cache": cache / inputs.evaluate(serving.total_bandwidth),
        "traffic": inputs.evaluate(traffic, micro_tokens=batch),
    }
    breakeven = inputs.evaluate(serving.cache_breakeven, context=context)
    busy = weights / inputs.evaluate(traffic, micro_tokens=1)
    inside, between = (
        show(inputs.values[name], "byte/second") for name in ("link_bandwidth", "node_bandwidth")
    )
    cards = "real H100s" if accelerator == REAL else own_machine.find(accelerator)[0].name
    computed = inputs.evaluate(roofline.critical_batch)
    with style.drawing(3.9) as (figure, axes):
        for name, each in times.items():
            nudge = {"cache": 11, "traffic": -13, "weights": -6}.get(name, -1)
            style.line(axes, (batch, each), name, (7, nudge), style.TERMS[name])
        axes.plot([breakeven], [weights], "o", mfc=style.PAPER, mec=style.INK, ms=8, mew=1.8)
        text = f"{breakeven:.0f} users: caches\nas large as the weights"
        style.words(axes, text, (breakeven, weights), (-9, 22), style.INK, ha="right")
        axes.set(xscale="log", yscale="log", xlim=(0.9, 22000), ylim=(8e-6, 2),
                 xlabel="requests in the batch", ylabel="time")  # fmt: skip
        style.plain_log_ticks(axes.xaxis, at=[1, 10, 100, 1000])
        style.plain_log_ticks(axes.yaxis, "second")
    last = ", ".join(f"{name} {show(float(each[-1]), 'second')}" for name, each in times.items())
    return Picture(
        figure,
        title="What a larger batch adds",
        alt="Four lines of time against batch on logarithmic axes. Reading the weights stays at "
        f"{show(weights, 'second')}; arithmetic, traffic and caches grow with the batch. The "
        f"caches pass the weights at {breakeven:.0f} users, and the traffic passes them at "
        f"{busy:.0f}. At a batch of {batch[-1]:.0f}: {last}.",
        caption=f"Only the weights are shared. On {cards}, the time to read the weights is fixed. "
        "If the memory had room, the caches would take as long as the weights with "
        f"{breakeven:.0f} users. The arithmetic would take as long with {computed:.0f}, and the "
        f"traffic between the cards with {busy:.0f}. We count 16 bits for each number that is "
        f"sent, and leave out the delay of each exchange. Each card's links carry {inside} inside "
        f"a node and {between} between nodes. Each user has {show(context, 'token')} of context "
        "(text so far), and the cache has one byte for each number of the post's "
        f"{inputs.values['layers']:.0f} wide layers.",
        data={"batch": batch, **times},
    )
