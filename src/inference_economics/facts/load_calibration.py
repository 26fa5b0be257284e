"""What no datasheet gives of a server under load, as it was fitted to runs of services."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from . import calibration, files
from .calibration import Prior

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .calibration import Calibration
    from .catalog import Record

FILE, LEFT_OUT = "load.csv", "load_left_out.csv"
"""The values fitted to all runs, and those fitted to all but those of one group."""
FOUR_BITS, NO_FOUR_BITS = "multiplies in four bits", "multiplies in eight bits at best"
GENERATIONS = (FOUR_BITS, NO_FOUR_BITS)
"""Generations of machines, told apart by the narrowest numbers that they multiply."""
WITH_SERVICES = calibration.KINDS[0]
"""The only kind of machines that runs of services are known of."""
SHARING: Mapping[str, float] = {"trtllm": 1.0, "vllm": 1.0, "sglang": 0.0}
"""Whether engines read prompts inside the steps of others (1) or stop those for them (0)."""
ENGINES = tuple(SHARING)
ENGINE_NAMES = dict(zip(ENGINES, ("TensorRT-LLM", "vLLM", "SGLang"), strict=True))


def engine_called(said: str) -> str:
    """Return the engine that a name means, of `ENGINES`; "" if it means none of them."""
    plain = re.sub(r"[^a-z]", "", said.lower()).replace("tensorrt", "trt")
    return next((engine for engine in ENGINES if engine in plain), "")


PER_TOKEN, FIRST_TOKEN = "time per token", "time to the first token"
"""What is predicted, each with its interval."""
MANY = 64.0
"""Requests at once above which the time to the first token has an interval of its own."""
LONG = 9.0
"""Tokens of a prompt for each of its answer above which prompts crowd the steps of others."""
FIRST_OF_MANY = f"{FIRST_TOKEN} of many"
OF_DENSE, OF_EXPERTS, CROWDED = (f"{PER_TOKEN}, {kind}" for kind in ("dense", "experts", "crowded"))
"""Intervals of the time per token: where there are many requests or long prompts, and elsewhere."""


def interval_of(
    name: str, *, concurrency: float, prompt: float, answer: float, experts: bool
) -> str:
    """Return under which name the interval of a prediction stands, for requests like these."""
    if name == FIRST_TOKEN:
        return FIRST_OF_MANY if concurrency > MANY else FIRST_TOKEN
    if concurrency > MANY or prompt > LONG * answer:
        return CROWDED
    return OF_EXPERTS if experts else OF_DENSE


@dataclass(frozen=True)
class Parameter(Prior):
    """A quantity that is fitted: `sparse_...` are factors for models with experts.

    Attributes:
        group: the generation or the engine whose value it is; "any" if it is one number.

    """

    group: str = calibration.ANY


GROUPS = {"machine": GENERATIONS, "engine": ENGINES, "": (calibration.ANY,)}
PARAMETERS = tuple(
    Parameter(name, prior["start"], prior["spread"], prior["most"], group)
    for name, prior in calibration.priors("service").items()
    for group in GROUPS[prior.get("by", "")]
)
"""What is fitted."""


def generation(machine: Record) -> str:
    """Return an accelerator's generation: one of `GENERATIONS`."""
    return FOUR_BITS if machine.has("peak_flops_4bit") else NO_FOUR_BITS


@cache
def load() -> Calibration:
    """Return the fitted values that the package holds."""
    return calibration.parse(files.read(FILE))


_COLUMNS = ("left out", *(f"{each.name}, {each.group}" for each in PARAMETERS))


@cache
def left_out() -> Mapping[str, tuple[float, ...]]:
    """Return the values fitted without each group of runs, in the order of `PARAMETERS`."""
    rows = files.rows(files.read(LEFT_OUT))
    return {row[_COLUMNS[0]]: tuple(float(row[name]) for name in _COLUMNS[1:]) for row in rows}


def left_out_csv(values: Mapping[str, Iterable[float]]) -> str:
    """Return what `left_out` reads."""
    lines = [(group, *(f"{value:.5g}" for value in some)) for group, some in values.items()]
    return files.as_csv(_COLUMNS, lines)
