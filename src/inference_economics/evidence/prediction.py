"""What the model says of measurements: times and rates of many rows at once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..algebra import symbols, units
from ..algebra.formula import InputError
from ..equations import decode, parts
from ..facts.catalog import CatalogError
from ..facts.measurements import Measurement, RowError, bits_assumed
from ..serving import memory, refusals
from ..serving.deployment import GUESS, RATES, deploy
from ..serving.scenario import AT_PEAK, Scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..facts.measurements import Layout
    from ..serving.deployment import Deployment

    Array = np.ndarray[Any, np.dtype[np.float64]]


@lru_cache(4096)
def try_deployment(layout: Layout) -> Deployment | RowError:
    """Return the deployment of a layout, or the reason why there is none."""
    try:
        return deploy(layout.machine, layout.chips, layout.model, **layout.how, padded=layout.ran)
    except (CatalogError, InputError) as error:
        return RowError(error.args[0])


class Cases:
    """Measurements that can be predicted, as arrays with an element for each.

    Attributes:
        rows: the measurements.
        deployments: for each layout among them, its deployment.
        scenario: the values of all rows' deployments, users and contexts.
        measured: seconds or tokens per second; NaN where nothing was measured.

    """

    def __init__(self, rows: Sequence[Measurement]) -> None:
        """Lay the rows out; each row's layout must be one that can be deployed."""
        self.rows = tuple(rows)
        layouts = dict.fromkeys(row.layout for row in rows)
        self.deployments = {layout: deployment_of(layout) for layout in layouts}
        self.scenario = Scenario(self._inputs(), ranges=self._ranges())
        self.batch = np.array([row.batch for row in rows], dtype=float)
        self.prompt = np.array([row.prompt for row in rows], dtype=float)
        self.answer = np.array([row.answer for row in rows], dtype=float)
        self.measured = np.array([row.value or np.nan for row in rows], dtype=float)
        self._of = np.array([row.metric.of for row in rows], dtype=object)
        inside = [self.deployments[row.layout].inside_a_node for row in rows]
        self._inside = np.array(inside, dtype=bool)
        self._rate = np.array([row.metric.rate for row in rows], dtype=bool)
        self.under_load = np.array([row.under_load for row in rows], dtype=bool)
        self._counted_by = np.array([row.metric.counted for row in rows], dtype=object)
        self._shared_by = np.array([self._counted(row) for row in rows], dtype=float)

    def __len__(self) -> int:
        """Return how many measurements there are."""
        return len(self.rows)

    def _inputs(self) -> dict[str, Array]:
        """Return an array for each value of the deployments, and the users and their context."""
        deployments = self.deployments.values()
        place = {layout: index for index, layout in enumerate(self.deployments)}
        where = np.array([place[row.layout] for row in self.rows], dtype=int)
        names = set().union(*(each.values for each in deployments))
        values = {}
        for name in names - {"chip_rent"}:
            own = symbols.GLOSSARY[name].value
            column = [each.values.get(name, own) for each in deployments]
            values[name] = np.array(column, dtype=float)[where]
        context = np.array([row.context for row in self.rows], dtype=float)
        known = np.array(["context" not in each.values for each in deployments])[where]
        values["context"] = np.where(known, context, 0.0)
        values["concurrent_users"] = np.array([row.batch for row in self.rows], dtype=float)
        values["prompt"] = np.maximum(1.0, [row.prompt for row in self.rows])
        return values

    def _ranges(self) -> dict[str, tuple[Any, Any]]:
        """Return arrays with the ends of each term of a started engine."""
        found = [self.deployments[row.layout].ranges for row in self.rows]
        names = found[0] if found else {}
        ends = {name: np.array([each[name] for each in found]) for name in names}
        return {name: (both[:, 0], both[:, 1]) for name, both in ends.items()}

    def _counted(self, row: Measurement) -> float:
        """Return what a row's tokens are divided by: chips, nodes, users or nothing."""
        if row.metric.per == "chip":
            return float(row.chips)
        if row.metric.per == "node":
            size = self.deployments[row.layout].values["node_size"]
            return row.chips / min(row.chips, size)
        return row.batch if row.metric.per == "user" else 1.0

    def at(self, **parameters: Any) -> Scenario:
        """Return the cases' values with some replaced; `prefill_share` is none of a step's."""
        parameters.pop("prefill_share", None)
        here = self.scenario.having(**parameters)
        if "node_latency" not in parameters:
            return here
        # No matter what it is where nothing leaves a node.
        inner, outer = here.values["link_latency"], here.values["node_latency"]
        return here.having(node_latency=np.where(self._inside, inner, outer))

    def step_time(self, **parameters: Any) -> Any:
        """Return the seconds of each row's decode step."""
        return self.at(**parameters).evaluate(decode.round_time)

    def prefill_time(self, **parameters: Any) -> Any:
        """Return the seconds in which each row's prompts are read in.

        `prefill_share` is the share of the peak arithmetic rate that they achieve: long
        matrices keep the arithmetic units busier than the few tokens of a step.
        """
        if (share := parameters.get("prefill_share")) is not None:
            parameters["compute_share"] = share
        return self.at(**parameters).evaluate(decode.prefill_time)

    def durations(self, **parameters: Any) -> Any:
        """Return the seconds that each row's metric is about: of a step, a prompt or a request."""
        step = self.step_time(**parameters)
        if (self._of == "step").all():
            return step
        return self._whole(step, self.prefill_time(**parameters))

    def least_durations(self) -> Any:
        """Return the least of such seconds: those of reading and arithmetic at the peak."""
        return self._whole(np.maximum(*self.scenario.least_parts()), self.prefill_time(**AT_PEAK))

    def _whole(self, step: Any, prefill: Any) -> Any:
        """Return, of each row, the seconds of its step, of its prompt, or of its request."""
        request = decode.request_time(
            prefill_time=prefill,
            round_time=step,
            accepted_tokens=1.0,
            answer=np.maximum(1.0, self.answer),
        )
        return np.select([self._of == "step", self._of == "prompt"], [step, prefill], request)

    def metric(self, durations: Any) -> Any:
        """Return seconds as what was measured: as they are, or as tokens per second."""
        tokens = self.batch * np.select(
            [self._counted_by == "requests", self._counted_by == "all tokens",
             self._of == "request", self._of == "prompt"],
            [1.0, self.prompt + self.answer, self.answer, self.prompt],
            1.0,
        )  # fmt: skip
        return np.where(self._rate, tokens / durations / self._shared_by, durations)

    def measured_durations(self) -> Any:
        """Return the seconds that were measured, or that the measured rates imply."""
        return self.metric(self.measured)  # a rate and its time are each over the other

    def decode_share(self) -> Any:
        """Return the part of each row's time that is decoding, on the datasheet alone.

        It is the same whatever is fitted, so that what counts as decoding cannot be chosen.
        """
        step = self.answer * self.step_time(**AT_PEAK)  # caches and unread tables are real
        whole = step + self.prefill_time(**AT_PEAK)
        share = np.where(self._of == "prompt", 0.0, step / whole)
        return np.where(self._of == "step", 1.0, share)

    def doubt(self, **parameters: Any) -> Any:
        """Return by what factor each row's time may be longer for the rates that are guessed."""
        guessed = [self.deployments[row.layout].guessed & RATES for row in self.rows]
        if not any(guessed):
            return np.ones(len(self.rows))
        slower = {
            name: self.scenario.values[name]
            / np.where([name in each for each in guessed], GUESS, 1.0)
            for name in set().union(*guessed)
        }
        return self.durations(**parameters, **slower) / self.durations(**parameters)

    def experts(self) -> Any:
        """Return whether each row's model has experts."""
        return self.scenario.values["experts"] > 1

    def at_the_end(self) -> Scenario:
        """Return the cases' values when an answer's last token is made.

        A server under load must have room for one: others wait.
        """
        context = self.scenario.values["context"]
        known = context > 0  # of some models no source states the cache
        return self.scenario.having(
            context=np.where(known, context + self.answer / 2, 0.0),
            concurrent_users=np.where(self.under_load, 1.0, self.batch),
        )

    def memory_filled(self) -> Any:
        """Return weights and caches over the memory of all chips, at the end of the answer."""
        return self.at_the_end().evaluate(decode.memory_filled)

    def verdicts(self) -> Any:
        """Return, for each row at the end of its answer, whether it fits: as `memory` says."""
        here = self.at_the_end()
        return memory.room(here, here.ranges).verdict(here.evaluate(decode.cache_filled))

    def binding(self, **parameters: Any) -> Any:
        """Return, in words, what takes the longest part of each row's time."""
        steps = np.where(self._of == "request", np.maximum(1.0, self.answer), 1.0)
        steps = np.where(self._of == "prompt", 0.0, steps)
        times = {name: steps * time for name, time in self.at(**parameters).times().items()}
        prefill = self.prefill_time(**parameters)
        return parts.longest({**times, "prompt": np.where(self._of == "step", 0.0, prefill)})


def deployment_of(layout: Layout) -> Deployment:
    """Return the deployment of a layout that can be deployed; raise RowError if it cannot."""
    found = try_deployment(layout)
    if isinstance(found, RowError):
        raise found
    return found


def why_refused(row: Measurement) -> RowError | None:
    """Return why a measurement cannot be predicted: its layout cannot be; None if it can."""
    layouts = (row.layout,) if row.apart is None else (row.layout, row.apart.layout)
    found = map(try_deployment, layouts)
    return next((each for each in found if isinstance(each, RowError)), None)


def why_unsourced(row: Measurement) -> RowError | None:
    """Return what of a measurement's machine no source states; None if nothing was guessed."""
    guessed = sorted(deployment_of(row.layout).guessed)
    return RowError(f"no source states {', '.join(guessed)}") if guessed else None


def too_full(
    filled: float,
    row: Measurement,
    *,
    experts: bool = False,
    said: str = refusals.MEMORY["row"],
) -> str:
    """Return in words that weights and caches do not fit into the memory, in which bits."""
    reason = said.format(filled=units.show(filled, "fraction"), chips=row.layout.chips)
    reason = f"{reason}{refusals.OFFLOADED}" if experts else reason
    return "; ".join((reason, *bits_assumed(row), *row.doubts))
