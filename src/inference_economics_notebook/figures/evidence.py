"""Figures of the evidence: predictions beside measurements."""

from __future__ import annotations

import itertools

import numpy as np

from inference_economics.algebra.units import show
from inference_economics.equations import decode
from inference_economics.evidence import findings, own_runs, validation
from inference_economics.facts import calibration
from inference_economics.facts.calibration import SORTS

from ..evidence_tables import percent
from . import style
from .picture import Picture, drawn

DECODING, PROMPT, EXPERTS = SORTS


@drawn
def predicted_against_measured() -> Picture:
    """Draw every measured time that can be predicted against its prediction."""
    table = validation.own()
    ratios = table.ratios(calibration.load())
    measured = table.cases.measured_durations()
    split = table.column("split")
    experts = table.sorts == EXPERTS
    groups = {
        "fitted to": (np.isin(split, ("fit", "later")) & ~experts, style.TEAL, "o"),
        "never fitted to": ((split == "test") & ~experts, style.VERMILION, "o"),
        "again, another version": ((split == "repeat") & ~experts, style.GOLD, "o"),
        "with experts, not fitted to": (experts & (split != "shown"), style.VIOLET, "^"),
        "shown, not counted": (split == "shown", style.MUTED, "x"),
    }
    ends = np.array([measured.min() / 2, measured.max() * 2])
    named = {0.01: "10 ms", 0.1: "100 ms", 1: "1 s", 10: "10 s", 100: "100 s", 1000: "1000 s"}
    with style.drawing(5.4) as (figure, axes):
        style.agreement(axes, ends, calibration.load().within_factors[DECODING], named)
        for name, (mine, color, marker) in groups.items():
            axes.plot(
                measured[mine], (measured * ratios)[mine], marker, color=color, ms=4,
                alpha=0.75, mew=0.8 if marker == "x" else 0, label=f"{name}: {mine.sum()}",
            )  # fmt: skip
        axes.set(xlabel="measured", ylabel="predicted")
        axes.legend(loc="upper left", fontsize=10, handletextpad=0.2, borderaxespad=0.2)
    return Picture(
        figure,
        title="Predicted against measured",
        alt=f"Predicted against measured times on logarithmic axes, {len(measured)} points from "
        f"{show(measured.min(), 'second', 2)} to {show(measured.max(), 'second', 2)}, nearly all "
        "within a narrow band about the diagonal; models with experts scatter more.",
        caption="Times of steps, prompts and whole requests. What was used in the fit is "
        "predicted by that same fit. On the line, prediction and measurement agree; the gray band "
        "is the 90% interval for decoding.",
        data={
            "id": table.column("id"),
            "split": split,
            "measured (s)": measured,
            "predicted (s)": measured * ratios,
        },
    )


@drawn
def error_ladder() -> Picture:
    """Draw the error of each model, from the bare roofline to the fitted one."""
    chosen = validation.decoded()
    errors = validation.ladder(chosen)
    errors[calibration.UNSEEN] = validation.unseen_errors(DECODING)
    with style.drawing(4.2) as (figure, axes):
        for place, (name, each) in enumerate(reversed(errors.items())):
            color = style.SKY if place else style.TEAL
            axes.barh(place, 100 * each.mean, color=color, height=0.34)
            text = f"{name}: {percent(each.mean)}"
            style.median_of_errors(axes, text, (each.median, place), size=14)
        axes.set(xlim=(0, 62), xlabel="mean error of the time, %")
        style.rows_alone(axes, -0.5, len(errors) - 0.25)
    told = "; ".join(
        f"{name} {percent(each.mean)}, median {percent(each.median)}"
        for name, each in errors.items()
    )
    return Picture(
        figure,
        title="What each term is worth",
        alt=f"Bars of the mean absolute error over {chosen.sum()} measurements. {told}.",
        caption=f"Every bar is computed on the same {chosen.sum()} measurements of decoding with "
        "dense models. The tick is the median. The first five bars use no fitted value.",
        data=style.columns(
            ("model", "mean", "median"),
            [(name, each.mean, each.median) for name, each in errors.items()],
        ),
    )


@drawn
def errors_by_source() -> Picture:
    """Draw, for each source, how far its times lie from those predicted without it."""
    table = validation.own()
    sources = table.column("source")
    ratios, _ = validation.unseen()
    rows = []
    for sort, color in ((DECODING, style.TEAL), (PROMPT, style.GOLD), (EXPERTS, style.VIOLET)):
        mine = validation.counted(table, "fit", "test", sort=sort)
        for source in dict.fromkeys(sources[mine]):
            its = ratios[mine & (sources == source)]
            low, middle, high = np.quantile(its, [0.05, 0.5, 0.95])
            rows.append((str(source), sort, len(its), middle, low, high, color))
    rows.sort(key=lambda row: (SORTS.index(row[1]), row[3]))
    with style.drawing(0.27 * len(rows) + 1.2) as (figure, axes):
        half = calibration.load().within_factors[DECODING]
        axes.axvspan(1 / half, half, color=style.GRID, lw=0)
        axes.axvline(1, color=style.INK, lw=1)
        for place, (*_, middle, low, high, color) in enumerate(reversed(rows)):
            axes.plot([low, high], [place, place], color=color, lw=2)
            axes.plot([middle], [place], "o", color=color, ms=6)
        axes.set(
            xscale="log", xlim=(0.28, 2.6), xlabel="predicted time over measured time",
            xticks=[0.33, 0.5, 0.7, 1, 1.4, 2], xticklabels=["⅓", "½", "0.7", "1", "1.4", "2"],
            yticks=range(len(rows)), ylim=(-0.6, len(rows) - 0.4),
            yticklabels=[f"{_short(name)} ({count})" for name, _, count, *_ in reversed(rows)],
        )  # fmt: skip
        axes.minorticks_off()
        axes.tick_params(axis="y", labelsize=9.5, length=0)
        axes.grid(visible=False, axis="y")
    told = "; ".join(f"{name}, {sort}: {middle:.2f}" for name, sort, _, middle, *_ in rows)
    return Picture(
        figure,
        title="Every source, left out",
        alt=f"For each source the median of predicted over measured time, with a range. {told}.",
        caption="For each source, median and middle 90% of predicted over measured time; in "
        "brackets, how many measurements it has. Left of one, predicted times are too short. "
        "From the top: decoding (teal), a prompt that takes a fifth of the time or more (gold), "
        "and models with experts (violet). No prediction comes from values fitted to the same "
        "measurements.",
        data=style.columns(("source", "sort", "measurements", "median"), rows),
    )


def _short(source: str) -> str:
    """Return a source's id without what its neighbors say as well."""
    return (
        source.replace("tensorrt-llm", "trt-llm").replace("-benchmarks", "").replace("-guide", "")
    )


KNEES = (
    ("rocm-vllm-docker", "405B", style.VERMILION),
    ("fastertransformer-gpt-guide", "GPT-530B (Megatron) on 32", style.SKY),
    ("lmdeploy-a100", "Llama-2-7B", style.TEAL),
    ("llama-cpp-spark", "Qwen2.5-7B", style.VIOLET),
)
"""Curves that are drawn: their source, a part of their name, and a color.

Of several that fit, it is the one with the shortest prompt.
"""


@drawn
def knees() -> Picture:
    """Draw how time grows with the batch on real machines, measured and predicted."""
    told, rows = [], []
    with style.drawing(4.8) as (figure, axes):
        for source, part, color in KNEES:
            found = [c for c in findings.curves() if c.source == source and part in c.name]
            curve = min(found, key=lambda curve: curve.prompt)
            times = np.array(curve.measured) / curve.measured[0]
            predicted = np.array(curve.predicted) / curve.measured[0]
            axes.loglog(curve.batches, times, "o", color=color, ms=5, label=curve.name)
            axes.loglog(curve.batches, predicted, color=color, lw=1.6)
            told.append(f"{curve.name}: {curve.batches[-1]:.0f} take {times[-1]:.2g} times as long")
            points = zip(curve.batches, curve.measured, curve.predicted, strict=True)
            rows += [(curve.name, *point) for point in points]
        axes.loglog([1, 100], [1, 100], color=style.MUTED, lw=1)
        style.words(
            axes, "nothing\nshared", (14, 14), (-4, 4), style.MUTED, ha="right", fontsize=10
        )
        axes.set(xlabel="requests at once", ylabel="time over a lone request's",
                 xlim=(0.9, 700), ylim=(0.8, 50), yticks=[1, 2, 5, 10, 20],
                 yticklabels=["1", "2", "5", "10", "20"])  # fmt: skip
        style.plain_log_ticks(axes.xaxis)
        axes.minorticks_off()
        figure.legend(loc="outside upper left", fontsize=10)
    return Picture(
        figure,
        title="The knee, measured",
        alt=f"Time against requests at once on logarithmic axes. {'; '.join(told)}.",
        caption="Dots are measured, lines are predicted. Where a curve is flat, another request "
        "adds almost no time. Where it is as steep as the line “nothing shared”, sharing gains "
        "nothing more.",
        data=style.columns(("curve", "batch", "measured (s)", "predicted (s)"), rows),
    )


@drawn
def gains() -> Picture:
    """Draw what sharing gains: predicted against measured, for every batching curve."""
    curves = findings.curves()
    with style.drawing(4.2) as (figure, axes):
        axes.loglog([1, 1500], [1, 1500], color=style.INK, lw=1)
        for name, experts, color, marker in (
            ("dense models", False, style.TEAL, "o"),
            ("models with experts", True, style.VIOLET, "^"),
        ):
            some = [curve for curve in curves if curve.experts == experts]
            axes.loglog([c.gain for c in some], [c.predicted_gain for c in some], marker,
                        color=color, ms=5.5, alpha=0.8, mew=0, label=name)  # fmt: skip
        axes.axvline(1000, color=style.VERMILION, lw=1.2)
        style.note(axes, 'the post\'s\n"thousand times"', (1000, 2.2), (-6, 0), style.VERMILION)
        axes.set(xlim=(2, 1500), ylim=(1.6, 300), xlabel="gain, measured", ylabel="gain, predicted")
        style.plain_log_axes(axes)
        axes.legend(loc="upper left", fontsize=10.5)
    most = max(curves, key=lambda curve: curve.gain)
    largest = max(curve.batches[-1] for curve in curves)
    return Picture(
        figure,
        title="What sharing gains",
        alt=f"Predicted against measured gains of {len(curves)} batching curves on logarithmic "
        f"axes. The largest measured is {show(most.gain, 'dimensionless', 2)}, of {most.name}.",
        caption="A gain is the work that the largest measured batch does in a given time, over "
        "that of a lone request on the same machine. The largest such batch has "
        f"{largest:,.0f} requests.",
        data=style.columns(
            ("curve", "largest batch", "gain, measured", "gain, predicted"),
            [(c.name, c.batches[-1], c.gain, c.predicted_gain) for c in curves],
        ),
    )


def _runs() -> list[tuple[own_runs.Run, str, str]]:
    """Return our own runs and the reader's, each in its first precision, and what to call it."""
    return [
        (run, precision, f"{run.about('machine')}, {precision}")
        for run in own_runs.load()
        for precision in run.precisions()[:1]
    ]


@drawn
def own_machine() -> Picture:
    """Draw products on our own machines, and on the reader's: time against the batch."""
    told, rows = [], []
    colors = (style.SLATE, style.TEAL, style.VIOLET, style.VERMILION, style.GOLD, style.SKY)
    with style.drawing(4.6) as (figure, axes):
        for (run, precision, name), color in zip(_runs(), itertools.cycle(colors), strict=False):
            products, bounds = run.products(precision), run.bounds(precision)
            rows += [(name, batch, time, *bounds[batch]) for batch, time in products.items()]
            batches = np.array(sorted(products))
            alone, knee = products[batches[0]], run.knee(precision)
            times = np.array([products[batch] for batch in batches]) / alone
            reading, computing = (time / alone for time in bounds[int(batches[0])])
            at = np.sort([*batches, knee])
            longer = np.maximum(reading, computing * at / batches[0])
            expected = f"knee expected at {show(knee, 'dimensionless')}"
            axes.loglog(batches, times, "o", color=color, ms=6, label=f"{name}: {expected}")
            axes.loglog(at, longer, color=color, lw=1.4)
            told.append(
                f"{name}: {times[-1]:.2g} times the time for a batch of {batches[-1]}; {expected}"
            )
        axes.set(xlabel="batch", ylabel="time, over that of a batch of one")
        style.plain_log_axes(axes)
        figure.legend(loc="outside upper left", fontsize=10)
    return Picture(
        figure,
        title="The knee of one product",
        alt=f"Time of a product against the batch on logarithmic axes. {'; '.join(told)}.",
        caption="A matrix too large for the processor's own fast memory, times a batch of vectors, "
        "one for each user. Dots are measured. Each line is the longer of the reading time and the "
        "arithmetic time, each measured on its own. At the knee both take equally long.",
        data=style.columns(
            ("machine", "batch", "seconds", "reading alone (s)", "arithmetic alone (s)"), rows
        ),
    )


@drawn
def knee_with_experts() -> Picture:
    """Draw products with experts, and with one matrix, on our own GPU: time against the batch."""
    run = next(run for run in own_runs.ours() if run.experts_used())
    users = np.geomspace(1, 2**17, 200)
    told, rows = [], []
    with style.drawing(4.4) as (figure, axes):
        for used, color in zip(
            (None, *reversed(run.experts_used())), (style.SLATE, style.TEAL, style.VIOLET),
            strict=True,
        ):  # fmt: skip
            products, bounds = run.products("bf16", used), run.bounds("bf16", used)
            reading_all = max(reading for reading, _ in bounds.values())
            reached = np.ones(len(users)) if used is None else decode.coverage(
                experts=run.experts(), experts_per_token=used, routed_tokens=users
            )  # fmt: skip
            expected = np.maximum(reached, users / run.knee("bf16", used))
            name = "one matrix" if used is None else f"{used} of {run.experts()} experts"
            seen = f"knee at {show(run.seen_knee('bf16', used), 'dimensionless')}"
            axes.loglog(
                [*products], [time / reading_all for time in products.values()], "o",
                color=color, ms=5.5, label=f"{name}: {seen}",
            )  # fmt: skip
            axes.loglog(users, expected, color=color, lw=1.4)
            rows += [(name, batch, time, *bounds[batch]) for batch, time in products.items()]
            told.append(f"{name}: {seen}")
        axes.set(xlabel="users at once", ylabel="time, over that of reading all weights")
        axes.set(xlim=(0.8, 180_000), ylim=(0.02, 80))
        style.plain_log_axes(axes)
        axes.legend(loc="upper left", fontsize=10.5, handletextpad=0.2)
    return Picture(
        figure,
        title="The knee of a product with experts",
        alt=f"Time of a product on an {run.about('machine')} against the users at once, on "
        f"logarithmic axes. {'; '.join(told)}. With experts the time rises at first, then is "
        "flat, then rises in proportion.",
        caption=f"One matrix, or {run.experts()} matrices of which each user's token is multiplied "
        "with a few, chosen at random. Dots are measured. Each line is the longer of two times "
        "that follow from the card's own speeds: to read the matrices that are needed, and to do "
        "the arithmetic. The measured knee is where the flat and the steep part of the dots meet.",
        data=style.columns(
            ("product", "users at once", "seconds", "reading alone (s)", "arithmetic alone (s)"),
            rows,
        ),
    )
