"""Requests under load: measured, predicted, and what a token's time is spent on."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

import numpy as np

from inference_economics.algebra.formula import checked
from inference_economics.algebra.units import show
from inference_economics.evidence import load, load_compared, own_servers
from inference_economics.facts import catalog, load_calibration
from inference_economics.facts.load_calibration import FIRST_TOKEN, PER_TOKEN
from inference_economics.serving import fleet
from inference_economics.serving.requests import serve

from ..evidence_tables import percent
from . import decode, style
from .picture import Picture, drawn

if TYPE_CHECKING:
    from typing import Any

    from inference_economics.facts.serving_runs import Run

SHORT, LONG = 921.6, 7372.8
"""Mean tokens of prompts in runs that are drawn; their answers are as long as the short ones."""
SERIES = (
    ("Llama 70B, short prompts", "llama3_70b", 2, "trtllm", SHORT, "Llama-3 70B"),
    ("Llama 70B, long prompts", "llama3_70b", 2, "trtllm", LONG, "Llama-3 70B"),
    ("DeepSeek, short prompts", "deepseek_v3", 8, "sglang", SHORT, "DeepSeek-V3"),
    ("DeepSeek, long prompts", "deepseek_v3", 8, "sglang", LONG, "DeepSeek-V3"),
)  # fmt: skip
"""Runs that are drawn, in eight bits on B200s: name, model, chips, engine, prompt, whose color."""


@drawn
def throughput_under_load() -> Picture:
    """Draw what a chip puts out against requests at once: measured, and predicted unseen."""
    runs, predicted = load.own(), load.held_out()
    rows, told = [], []
    with style.drawing(4.6) as (figure, axes):
        for name, model, chips, engine, prompt, whose in SERIES:
            layout = ("b200", chips, model, 8.0, 1)
            outputs = [
                (
                    run.concurrency,
                    _output(run, run.first_token, run.per_token),
                    _output(run, predicted[FIRST_TOKEN][place], predicted[PER_TOKEN][place]),
                )
                for place, run in enumerate(runs.runs)
                if _layout(run) == layout
                and (run.engine, run.prompt, run.answer, run.draft) == (engine, prompt, SHORT, 0)
            ]
            outputs.sort(key=itemgetter(0))
            users, measured, ours = map(np.array, zip(*outputs, strict=True))
            color, long = style.MODELS[whose], prompt == LONG
            axes.loglog(users, measured, "o", color=color, mfc=style.PAPER if long else color, ms=5)
            axes.loglog(users, ours, "--" if long else "-", color=color, lw=1.6, label=name)
            rows += [(name, *each) for each in outputs]
            told.append(_at_most(name, users, measured, ours))
        axes.set(xlabel="requests at once", ylabel="tokens written per second and GPU")
        style.plain_log_axes(axes, steps=(1, 3))
        figure.legend(loc="outside upper left", fontsize=10, ncols=2)
    return Picture(
        figure,
        title="What a GPU writes for many",
        alt="Tokens per second and GPU against requests at once on logarithmic axes, dots measured "
        f"and lines predicted. {'; '.join(told)}.",
        caption="Dots are measured, on B200s, by a published benchmark. Its short prompts have "
        f"{SHORT:,.0f} tokens on average, long ones {LONG:,.0f}, and answers {SHORT:,.0f}. Lines "
        "are predicted, with values that were fitted to other pairs of a model and a machine. "
        "With long prompts a curve rises less: each prompt is read for one request only, and so is "
        "its cache, in every step.",
        data=style.columns(
            ("runs", "requests at once", "measured (tokens/s/GPU)", "predicted (tokens/s/GPU)"),
            rows,
        ),
    )


def _at_most(name: str, users: Any, measured: Any, predicted: Any) -> str:
    """Say in words what the most requests at once came to, the last of each."""
    was, said = (show(each[-1], "dimensionless", 2) for each in (measured, predicted))
    return f"{name}, {users[-1]:,.0f} at once: {was}, predicted {said}"


def _layout(run: Run) -> tuple[str, int, str, float | None, int]:
    here = run.layout
    return here.accelerator, here.chips, here.model, here.weight_bits, here.replicas


def _output(run: Run, first_token: float, per_token: float) -> float:
    """Return the tokens that a chip writes in a second, by Little's law."""
    stay = first_token + run.answer * per_token
    return float(run.concurrency * run.answer / stay / run.layout.chips)


def _own_series() -> dict[str, list[own_servers.Served]]:
    """Return our own loads of one length, by what was served where, the fewest at once first."""
    facts = catalog.load()
    series: dict[str, list[own_servers.Served]] = {}
    for each in sorted(own_servers.served(), key=lambda each: each.run.concurrency):
        here = each.run.layout
        if each.rate is None and (each.run.prompt, each.run.answer) == OWN_LOAD:
            names = facts.model(here.model).name, facts.accelerator(here.accelerator).name
            series.setdefault(f"{names[0]}, {here.weight_bits:g} bits, {names[1]}", []).append(each)
    return series


OWN_LOAD = (1024, 256)
"""Tokens of a prompt and of an answer, of our own loads that are drawn."""


@drawn
def own_servers_under_load() -> Picture:
    """Draw what our own servers wrote against requests at once, and what is predicted."""
    rows, told = [], []
    colors = (style.TEAL, style.SKY, style.VIOLET, style.VERMILION)
    with style.drawing(4.6) as (figure, axes):
        for (name, loads), color in zip(_own_series().items(), colors, strict=True):
            users = [each.run.concurrency for each in loads]
            measured, spread, waves = (
                [
                    _output(each.run, times[FIRST_TOKEN], times[PER_TOKEN])
                    for each, times in zip(loads, map(attrgetter(kind), loads), strict=True)
                ]
                for kind in ("measured", "predicted", "waves")
            )
            axes.loglog(users, measured, "o", color=color, ms=6)
            axes.loglog(users, waves, color=color, lw=1.6, label=name)
            axes.loglog(users, spread, ":", color=color, lw=1.6)
            rows += [(name, *each) for each in zip(users, measured, waves, spread, strict=True)]
            told.append(_at_most(name, users, measured, waves))
        axes.set(xlabel="requests at once", ylabel="tokens written per second")
        style.plain_log_axes(axes, steps=(1, 3))
        figure.legend(loc="outside upper left", fontsize=10)
    prompt, answer = OWN_LOAD
    return Picture(
        figure,
        title="Our own servers",
        alt="Tokens per second of one card against requests at once on logarithmic axes, dots "
        f"measured and lines predicted. {'; '.join(told)}.",
        caption=f"One card, prompts of {prompt:,} tokens, answers of {answer}. Dots are measured. "
        "Solid lines are predicted for requests in waves, which start and end together; dotted "
        "ones for requests that are spread out. Nothing was fitted to these runs.",
        data=style.columns(
            ("server", "requests at once", "measured (tokens/s)", "in waves (tokens/s)",
             "spread out (tokens/s)"),
            rows,
        ),
    )  # fmt: skip


AT_ONCE = (1.0, 8.0, 32.0, 128.0)


@drawn
def token_under_load(  # noqa: PLR0913, PLR0917  (what the chapter's inputs name)
    accelerator: str = "b200",
    chips: int = 2,
    model: str = "llama3_70b",
    weight_bits: float = 8,
    prompt: float = 8000,
    answer: float = 1000,
) -> Picture:
    """Draw what a token's time is spent on, as more requests are answered at once.

    `accelerator` and `model` are ids of the catalog; each request has `prompt` and `answer`
    tokens.
    """
    prompt, answer = checked("prompt", prompt), checked("answer", answer)
    found = {
        users: serve(
            accelerator, chips, model, weight_bits=weight_bits, kv_bits=8, prompt=prompt,
            answer=answer, concurrency=users, engine="trtllm",
        )
        for users in AT_ONCE
    }  # fmt: skip
    times = decode.by_cause(each.parts for each in found.values())
    longest = "; ".join(
        f"{users:,.0f} at once: {show(each.loaded.time_per_token, 'second')}, most of it "
        f"{each.binding}"
        for users, each in found.items()
    )
    name = next(iter(found.values())).deployment.name
    return Picture(
        style.stacked(4.2, times, list(found), "requests at once", "milliseconds for a token"),
        title="What a token waits for",
        alt=f"Stacked bars of the time per token by cause. {longest}.",
        caption=f"{name}, served by TensorRT-LLM, {prompt:,.0f} tokens in and {answer:,.0f} out. "
        "The weights are shared by all requests, and so is most of the fixed time. Nearly all else "
        "grows with the number of requests.",
        data={
            "requests at once": list(found),
            **{f"{name} (s)": row for name, row in times.items()},
        },
    )


@drawn
def predicted_under_load() -> Picture:
    """Draw every run's predicted times against the measured ones, its group left out."""
    runs, predicted = load.own(), load.held_out()
    limited = np.array([run.limited for run in runs.runs])
    groups = {
        "dense": ((runs.experts == 0) & ~limited, style.TEAL),
        "with experts": ((runs.experts > 0) & ~limited, style.VIOLET),
        "not limited by the chips": (limited, style.VERMILION),
    }
    named = {0.003: "3 ms", 0.01: "10 ms", 0.03: "30 ms", 0.1: "0.1 s", 1.0: "1 s", 10.0: "10 s",
             100.0: "100 s"}  # fmt: skip
    factors = load_calibration.load().within_factors
    with style.drawing(7.4, rows=2) as (figure, panels):
        for axes, (what, kind) in zip(
            panels,
            ((PER_TOKEN, load_calibration.OF_EXPERTS), (FIRST_TOKEN, FIRST_TOKEN)),
            strict=True,
        ):
            measured, ours = runs.measured[what], predicted[what]
            ends = np.array([min(measured.min(), ours.min()), max(measured.max(), ours.max())])
            ends = ends * np.array([1 / 1.3, 1.3])
            inside = {time: text for time, text in named.items() if 1.3 * ends[0] < time < ends[1]}
            style.agreement(axes, ends, factors[kind], inside)
            for name, (mine, color) in groups.items():
                _dots(axes, measured[mine], ours[mine], color, f"{name}: {mine.sum():,}")
            axes.set(title=what.capitalize(), ylabel="predicted")
        panels[-1].set_xlabel("measured")
        panels[0].legend(loc="upper left", fontsize=10, borderaxespad=0.2)
    errors = {what: load.errors(what)["all"] for what in (PER_TOKEN, FIRST_TOKEN)}
    told = "; ".join(
        f"{what}: {percent(each.median)} off in the median" for what, each in errors.items()
    )
    return Picture(
        figure,
        title="Services, predicted unseen",
        alt=f"Predicted against measured times of {len(runs):,} runs on logarithmic axes, close to "
        f"the diagonal. {told}.",
        caption="On the line, prediction and measurement agree. Each run is predicted by a fit "
        "that used no run of the same model on the same machine. Nine runs in ten should lie in a "
        "gray band. Above, for the time per token, the band is that of models with experts. "
        "Below, for the time to the first token, it is that of all runs with up to "
        f"{load_calibration.MANY:.0f} requests.",
        data={
            "id": [run.id for run in runs.runs],
            "group": list(map(str, runs.groups)),
            "measured time per token (s)": runs.measured[PER_TOKEN],
            "predicted time per token (s)": predicted[PER_TOKEN],
            "measured time to the first token (s)": runs.measured[FIRST_TOKEN],
            "predicted time to the first token (s)": predicted[FIRST_TOKEN],
            "not limited by the chips": ["yes" if each else "" for each in limited],
        },
    )


_NEAR = 1.005
"""How long a dot is: a shorter line would be simplified away."""


def _dots(axes: Any, xs: Any, ys: Any, color: str, label: str) -> None:
    """Draw many dots as one line of gaps: a tenth of what as many markers weigh."""
    gap = np.full(len(xs), np.nan)
    points = [
        np.column_stack([each, each * near, gap]).ravel() for each, near in ((xs, _NEAR), (ys, 1.0))
    ]
    axes.plot(*points, color=color, lw=3.2, alpha=0.6, solid_capstyle="round", label=label)


@drawn
def load_ladder() -> Picture:
    """Draw the error of each model of a service, of other tools, and how far engines differ."""
    ladder, rivals = load_compared.ladder(), load_compared.rivals()
    floor = load_compared.spread()
    rows: list[tuple[Any, ...]] = []
    heights = [len(ladder[what]) + len(rivals[what]) + len(floor[what]) for what in ladder]
    with style.drawing(8.0, rows=2) as (figure, panels):
        panels[0].get_gridspec().set_height_ratios(heights)  # bars as thick in both
        for axes, (what, errors) in zip(panels, ladder.items(), strict=True):
            bars = [(name, each.median, each.mean, style.SKY) for name, each in errors.items()]
            bars[-1] = (*bars[-1][:3], style.TEAL)
            bars += [(name, *each, style.SLATE) for name, each in rivals[what].items()]
            for place, (name, median, mean, color) in enumerate(reversed(bars)):
                axes.barh(place, 100 * mean, color=color, height=0.34)
                style.median_of_errors(axes, f"{name}: {percent(mean)}", (median, place))
            for place, (name, each) in enumerate(floor[what].items()):
                label = f"{name}: {percent(each.median)} in the median"
                style.median_of_errors(axes, label, (each.median, -1 - place), style.VERMILION)
                rows.append((what, name, each.median, None))
            axes.set(title=what.capitalize(), xlim=(0, 80))
            style.rows_alone(axes, -0.5 - len(floor[what]), len(bars) - 0.2)
            rows += [(what, *each) for each in bars]
        panels[-1].set_xlabel("error, %")
    told = "; ".join(
        f"{what}, {name} {show(mean, 'fraction', 2)}" if mean is not None else
        f"{what}, {name} {show(median, 'fraction', 2)} in the median"
        for what, name, median, mean, *_ in rows
    )  # fmt: skip
    return Picture(
        figure,
        title="From two terms to a service",
        alt=f"Bars of the mean error over {len(load.own()):,} runs. {told}.",
        caption="From the top: the book's calculation with some of its terms (blue), and with all "
        f"of them (teal). Both are for the same {len(load.own()):,} runs. Then come other tools "
        "(gray). Bars are means, ticks are medians. The last rows (orange) say how much measured "
        "times of the same model, machine and load differ between versions of an engine, and "
        "between engines.",
        data=style.columns(("what", "model", "median", "mean"), rows),
    )


FEW, MANY = 16, 144
"""GPUs of a group that just holds the weights, and of one that DeepSeek writes on."""


@drawn
def together_and_apart() -> Picture:
    """Draw a GPU's output against a user's speed: few GPUs, many, and separate ones for prompts."""
    users = np.geomspace(1.0, 150.0, 60)
    lines = {
        f"{FEW} GPUs\ndo both": (*fleet.together(FEW, users), style.GOLD),
        f"{MANY} GPUs\ndo both": (*fleet.together(MANY, users), style.SKY),
        f"{MANY} decode,\nothers prefill": (*fleet.separate(users), style.TEAL),
    }
    speed, output = fleet.published()
    shown = np.geomspace(18.0, 80.0, 40)
    data: dict[str, Any] = {"speed of a user (tokens/s)": shown}
    told = []
    with style.drawing(4.2) as (figure, axes):
        for name, (speeds, outputs, color) in lines.items():
            at = np.interp(-shown, -speeds, outputs)
            axes.plot(shown, at, color=color)
            plain = name.replace("\n", " ")
            data[f"{plain} (tokens/s/GPU)"] = at
            told.append(f"{plain}: {np.interp(40, shown, at):,.0f}")
        axes.plot([speed], [output], "o", color=style.VERMILION, ms=8)
        style.note(axes, "DeepSeek's fleet,\npublished", (speed, output), (9, 23), style.VERMILION)
        for (name, (_, _, color)), (place, to) in zip(
            lines.items(), ((45, (-6, -16)), (58, (6, 14)), (58, (6, 16))), strict=True
        ):
            at = np.interp(place, shown, data[f"{name.replace(chr(10), ' ')} (tokens/s/GPU)"])
            style.note(axes, name, (place, at), to, color)
        axes.set(xlim=(15, 84), ylim=(0, 1300), xlabel="tokens/s that a user sees",
                 ylabel="tokens written per second and GPU")  # fmt: skip
        axes.yaxis.set_major_formatter("{x:,.0f}")
    return Picture(
        figure,
        title="When separate cards pay",
        alt="Tokens per second and GPU against the speed of a user. At 40 tokens/s, "
        f"{'; '.join(told)}. The published fleet gives {output:,.0f} at {speed:.0f} tokens/s.",
        caption="DeepSeek-V3 on H800s, which are H100s with slower links. Prompts, answers and the "
        "share of prompts that a cache holds are those of DeepSeek's own fleet (next section), "
        "and one token is guessed ahead. The tokens written are divided by the number of "
        "all GPUs, those that only read prompts included. Nothing was fitted to the fleet.",
        data=data,
    )
