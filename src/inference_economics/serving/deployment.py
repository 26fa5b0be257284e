"""A model served on a machine: what its decode step takes, costs and fits.

A deployment puts the catalog's figures under the names of the glossary, adds what no
datasheet gives (achieved shares, latencies, fixed times: sourced facts, each of which can be
replaced), refuses what cannot be, and notes what it had to assume.
"""

from __future__ import annotations

import contextlib
import math
import numbers
import statistics
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from ..algebra import symbols, units
from ..algebra.formula import InputError, checked, checked_as, refuse_together, say_what_is_unlikely
from ..algebra.own_names import own_names
from ..algebra.suggest import suggestion
from ..equations import decode, parts
from ..facts import (
    calibration,
    catalog,
    configuration,
    load_calibration,
    matching,
    measurements,
    own_machine,
)
from ..facts.catalog import CatalogError
from . import fitted, memory, outside, refusals
from .scenario import Scenario, switched_off
from .served import as_stored, multiplied_bits, served

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
    from pathlib import Path

    from ..algebra.formula import Formula
    from ..facts.catalog import Record

__dir__ = own_names(__name__)


class LimitError(InputError):
    """A deployment that cannot be: it does not fit, does not divide, or lacks the hardware."""


class TooBigError(LimitError):
    """Weights, or the caches of so many users, do not fit into the memory."""

    def __init__(self, reason: str, memory: float, largest_batch: int) -> None:
        super().__init__(reason)
        self.memory = memory
        self.largest_batch = largest_batch

    def as_json(self) -> dict[str, Any]:
        """Return what `DecodeStep.as_json` has, with no number for what cannot be."""
        nothing = dict.fromkeys(DecodeStep.KEYS)
        known = {"memory_bytes": self.memory, "fits": False, "max_batch": self.largest_batch,
                 "verdict": memory.DOES_NOT_FIT}  # fmt: skip
        return {**nothing, **known, "reason": str(self)}


@dataclass(frozen=True)
class DecodeStep:
    """What one decode step takes and gives, for a number of users and a context.

    Attributes:
        concurrent_users: requests that are generating.
        context: tokens of context that each of them has, on average.
        step_time: seconds from a token to the next, guessing included.
        parts: seconds by cause; they add up to `step_time`.
        hidden: seconds of what another part hides: of the reading, or of the arithmetic.
        user_speed: tokens per second that each user gets.
        throughput: tokens per second of all users together.
        mfu: share of the peak arithmetic rate that goes into kept tokens.
        mbu: share of the memory bandwidth that is used.
        memory: bytes of weights and caches.
        largest_batch: most users of this context that fit; None if a user takes no cache.
        verdict: whether it fits: one of `memory.FITS` and `memory.MAY_FIT`.
        batch_range: users that surely fit, and users that may.
        cost_per_token: dollars; None if no rent is known.
        energy_per_token: joules that the accelerators draw at their rated power; None if that is
            not known.
        notes: what was assumed, left out or is unusual, and how far such times are from measured
            ones, a sentence each.

    """

    KEYS: ClassVar[Mapping[str, str]] = {
        "step_time_s": "step_time",
        "breakdown": "parts",
        "hidden": "hidden",
        "tokens_per_s_per_user": "user_speed",
        "tokens_per_s": "throughput",
        "mfu": "mfu",
        "mbu": "mbu",
        "memory_bytes": "memory",
        "fits": "fits",
        "max_batch": "largest_batch",
        "verdict": "verdict",
        "max_batch_range": "batch_range",
        "usd_per_million_tokens": "cost_per_million",
        "binding": "binding",
        "next_binding": "next_binding",
    }
    """The names of the command's output, and what of a step stands under each."""

    concurrent_users: float
    context: float
    step_time: float
    parts: Mapping[str, float]
    hidden: Mapping[str, float]
    user_speed: float
    throughput: float
    mfu: float
    mbu: float
    memory: float
    largest_batch: int | None
    verdict: str
    batch_range: tuple[int, int] | None
    cost_per_token: float | None
    energy_per_token: float | None
    notes: tuple[str, ...]
    fits: ClassVar = True
    """What does not fit is no step: it raises TooBigError."""

    @property
    def cost_per_million(self) -> float | None:
        """Dollars for a million tokens; None if no rent is known."""
        return None if self.cost_per_token is None else self.cost_per_token * 1e6

    @property
    def binding(self) -> str:
        """The part that takes the longest."""
        return str(parts.longest(self.parts))

    @property
    def next_binding(self) -> str:
        """The part that would take the longest if the binding one took no time."""
        rest = {name: time + self.hidden.get(name, 0.0) for name, time in self.parts.items()}
        del rest[self.binding]
        return str(parts.longest(rest))

    def as_json(self) -> dict[str, Any]:
        """Return plain values under the names of the command's output."""
        found = {key: getattr(self, name) for key, name in self.KEYS.items()}
        return found | {"max_batch_range": self.batch_range and list(self.batch_range)}


@dataclass(frozen=True)
class Deployment(Scenario):
    """A model on accelerators, laid out and with the terms of its step chosen.

    Attributes:
        name: the deployment in words.
        notes: what was assumed, left out or is unusual, a sentence each.
        multiplied_bits: precision of the matrix products; None if only their rate is given.
        unpacks: whether it is known at what rate weights are unpacked.
        given: names of the values that were given, in place of the catalog's or the defaults.
        outside: of which kinds it is that were not fitted to, as `outside.KINDS` names them.
        guessed: names of values that no source states: rates are as is typical, and may not bind.
        on: the accelerator's record; None where only its values are given.
        launch: how kernels are started, as `fitted` was told; "" where nothing is fitted.
        longest_context: tokens for which the model is configured; None if that is not known.

    """

    name: str = ""
    notes: tuple[str, ...] = field(default=())
    multiplied_bits: float | None = None
    unpacks: bool = True
    given: frozenset[str] = frozenset()
    outside: tuple[str, ...] = ()
    guessed: frozenset[str] = frozenset()
    on: Record | None = None
    launch: str = ""
    longest_context: float | None = None

    def __repr__(self) -> str:
        """Return the name; all values are in `values`."""
        return f"<Deployment {self.name!r}>"

    def without(self, *terms: str) -> Deployment:
        """Return this deployment with terms of `decode.OFF` switched off."""
        return self.having(**switched_off(terms, decode.OFF))

    def noted(self, *notes: str) -> Deployment:
        """Return this deployment with further notes."""
        return replace(self, notes=(*self.notes, *notes))

    def beyond(self, context: float) -> tuple[str, ...]:
        """Return a note if the context is longer than that for which the model is configured."""
        if self.longest_context is None or context <= self.longest_context:
            return ()
        longest = f"the model is configured for at most {self.longest_context:,.0f}"
        return (f"context of {context:,.0f} tokens: {longest}",)

    def guessing(self) -> tuple[str, ...]:
        """Return a note of how many guessed tokens are kept, where that was not given."""
        if not self.values["draft_length"] or "acceptance" in self.given:
            return ()
        kept = units.show(self.values["acceptance"], "fraction", 2)
        return (f"a guessed token is taken to be kept with a chance of {kept}: give acceptance",)

    def with_values(self, **values: float | str) -> Deployment:
        """Return this deployment with some values replaced, in the glossary's units or as text.

        The layout stays; what `deploy` derives from a value, such as an exchange's latency
        from that of a link, stays as well.
        """
        say_what_is_unlikely(values)
        _refuse_unused(values, self.values)
        allowed = _checked(values)
        unpacks = self.unpacks or "general_flops" in allowed
        if allowed.get("unpack_flop") and not unpacks:
            raise InputError(f"unpack_flop of {self.name}: no source states general_flops; give it")
        if "memory_capacity" in allowed and "memory_reported" in self.values:
            allowed.setdefault("memory_reported", allowed["memory_capacity"])
        ranges = {name: each for name, each in self.ranges.items() if name not in allowed}
        given = self.given | allowed.keys()
        here = self.having(**{**_kept(allowed, self.given), **allowed})
        return replace(here, unpacks=unpacks, ranges=ranges, given=given)

    def fitted(self, launch: str = "graphs") -> Deployment:
        """Return this deployment with values fitted to measured steps in place of the defaults.

        `launch` is "graphs" for an engine that replays recorded kernels, "eager" for one that
        launches kernel by kernel. What was given stays. Raises InputError for another launch.
        """
        return fitted.applied(self, fitted.launched(launch))

    def cautions(self) -> tuple[str, ...]:
        """Return in words how far a step's times are from measured ones, and why."""
        has_experts = self.values["experts"] > 1
        said = calibration.load().caution(fitted=bool(self.launch), experts=has_experts)
        kinds = outside.kinds(self.outside, self.launch)
        return (said, *(outside.KINDS[kind].said for kind in kinds))

    @property
    def machine(self) -> Record:
        """The accelerator's record; raises InputError where only its values were given."""
        if self.on is None:
            raise InputError(f"{self.name}: values are fitted to machines, and it names none")
        return self.on

    @property
    def inside_a_node(self) -> bool:
        """Whether no traffic leaves a node."""
        return self.values["chips"] <= self.values["node_size"]

    @property
    def one_share(self) -> bool:
        """Whether one share of the memory decides what fits: that which was given."""
        return "usable_share" in self.given or "memory_reported" not in self.values

    def verdict(self) -> str:
        """Say whether weights and caches fit: one of `memory.FITS` and its like.

        With a `usable_share` that was given, they fit as far as that share of the memory goes.
        """
        if self.one_share:
            return memory.FITS if self.fits() else memory.DOES_NOT_FIT
        filled = self.evaluate(decode.cache_filled)
        return str(memory.room(self, self.ranges).verdict(filled))

    def rooms(self, context: Any = 0.0) -> memory.Room:
        """Return the room for caches; all that a `usable_share` leaves, if that was given."""
        if not self.one_share:
            return super().rooms(context)
        left = max(0.0, self.evaluate(decode.memory_usable) - self.evaluate(decode.weights_held))
        return memory.Room(left, left, left)

    def _rooms(self, context: float) -> memory.Room:
        """Return the room for caches of that context; raise TooBigError if weights do not fit."""
        if self.having(concurrent_users=1.0, context=0.0).verdict() != memory.DOES_NOT_FIT:
            return self.rooms(context)
        held = self.evaluate(decode.weights_held)
        if self.one_share:
            usable = self.evaluate(decode.memory_usable)
        else:
            usable = self.values["most_engine_share"] * self.values["chips"]
            usable *= self.values["memory_reported"]
        if usable >= held:  # but for what a started engine takes
            usable = max(0.0, self.rooms().most + held)
        shown = {"held": units.show(held, "byte"), "usable": units.show(usable, "byte")}
        raise self._too_big("weights", held, 0, **shown)

    def _too_big(self, what: str, needed: float, largest: int, **shown: str) -> TooBigError:
        """Return the refusal of weights or users that need so much memory."""
        reason = refusals.MEMORY[what].format(name=self.name, **shown)
        if self.values.get("experts", 1.0) > 1:
            reason += refusals.OFFLOADED
        return TooBigError(reason, needed, largest)

    @cached_property
    def room(self) -> float:
        """Bytes that are likely left for caches; raises LimitError if the weights do not fit."""
        return max(0.0, float(self._rooms(0.0).likely))

    def largest_batch(self, context: float) -> int | None:
        """Return the most users of that context that likely fit; None if they take no cache."""
        return self._batch(context, self._rooms(self.counted(context)).likely)

    def batch_range(self, context: float) -> tuple[int, int] | None:
        """Return how many users of that context surely fit, and how many may."""
        found = self._rooms(self.counted(context))
        least, most = (self._batch(context, each) for each in (found.least, found.most))
        return None if least is None or most is None else (least, most)

    def _batch(self, context: float, room: float) -> int | None:
        grows = self.counted(context) and self.values["kv_bytes_per_token"]
        if not (grows or self.values.get("state_bytes")):
            return None
        left = max(0.0, float(room))
        return int(self.evaluate(decode.largest_batch, room=left, context=self.counted(context)))

    def step(self, concurrent_users: float, context: float = 0.0) -> DecodeStep:
        """Return one decode step; raise LimitError if weights and caches do not fit.

        `concurrent_users` is the number of requests that generate together, `context` the tokens
        that each has in the cache. InputError where a million tokens
        cost more than a number holds.
        """
        here, most = self._serving(concurrent_users, context)
        here.refuse_doubt(decode.round_time)
        shown, hidden = here.breakdown()
        results: dict[str, Any] = {
            name: here.evaluate(formula) if NEEDED.get(name, "chips") in here.values else None
            for name, formula in RESULTS.items()
        }
        cost = results["cost_per_token"]
        if cost is not None and math.isinf(cost * 1e6):
            raise InputError(f"{self.name}: a token costs {cost:.2g} dollars: a value is too small")
        beyond = here.beyond(here.values["context"])
        return DecodeStep(
            concurrent_users=here.values["concurrent_users"],
            context=here.values["context"],
            parts=shown,
            hidden=hidden,
            memory=here.evaluate(decode.memory_needed),
            largest_batch=most,
            verdict=here.verdict(),
            batch_range=self.batch_range(context),
            notes=(*here.notes, *beyond, *here.guessing(), *here.cautions()),
            **results,
        )

    def doubt(self, formula: Formula, **inputs: Any) -> Any:
        """Return by what factor a time may be longer for the rates that are guessed."""
        slower = {name: self.values[name] / GUESS for name in self.guessed & RATES}
        return self.having(**slower).evaluate(formula, **inputs) / self.evaluate(formula, **inputs)

    def refuse_doubt(self, formula: Formula, **inputs: Any) -> None:
        """Raise CatalogError where a time depends on a rate that no source states."""
        if self.guessed & RATES and self.doubt(formula, **inputs) > MOST_DOUBT:
            raise CatalogError(too_uncertain(self.guessed))

    def _serving(self, users: float, context: float) -> tuple[Deployment, int | None]:
        """Return this deployment at work, and its largest batch; refuse users who do not fit."""
        users = at_most("concurrent_users", users)
        here = self.having(concurrent_users=users, context=self.counted(context))
        most = self.largest_batch(context)
        if here.verdict() == memory.DOES_NOT_FIT:
            shown = {"users": f"{users:,g}", "context": f"{context:,g}", "most": f"{most:,}"}
            raise self._too_big("users", here.evaluate(decode.memory_needed), most or 0, **shown)
        return here, most

    def counted(self, context: float) -> float:
        """Return the context that counts: none where the cache is switched off or unknown."""
        return self.values.get("context", at_most("context", context))

    def prefill_time(self, concurrent_users: float, prompt: float) -> float:
        """Return the seconds in which prompts of so many tokens are read in together.

        With fitted values, the share of the arithmetic that prompts reach is their own, as in the
        prediction of a table: long matrices keep it busier than the few tokens of a step. Raises
        TooBigError if the weights, or the caches of the prompts, do not fit.
        """
        at_most("prompt", prompt)
        self._serving(concurrent_users, prompt)
        inputs = {"concurrent_users": concurrent_users, "prompt": prompt}
        if "prefill_share" in self.values and "compute_share" not in self.given:
            inputs["compute_share"] = self.values["prefill_share"]
        self.refuse_doubt(decode.prefill_time, **inputs)
        return float(self.evaluate(decode.prefill_time, **inputs))


RESULTS: Mapping[str, Formula] = {
    "step_time": decode.round_time,
    "user_speed": decode.user_speed,
    "throughput": decode.throughput,
    "mfu": decode.flops_utilization,
    "mbu": decode.bandwidth_utilization,
    "cost_per_token": decode.cost_per_token,
    "energy_per_token": decode.energy_per_token,
}
"""What a step gives, by name."""
NEEDED = {"cost_per_token": "chip_rent", "energy_per_token": "chip_power"}
"""What must be known of a deployment for some of it."""
RATES = frozenset({"peak_flops", "attention_flops", "link_bandwidth", "node_bandwidth"})
"""The rates that may be guessed."""
GUESS = 3.0
"""By what factor a rate may be less than is typical."""
MOST_DOUBT = 1.5
"""By what factor a time may depend on a rate that is guessed."""


def too_uncertain(guessed: Iterable[str]) -> str:
    """Return in words that a time depends on rates that no source states."""
    names = sorted(RATES.intersection(guessed) - {"attention_flops"})
    return f"no source states {' and '.join(names)}, and the time depends on it: {_give(names)}"


def _give(names: Iterable[str]) -> str:
    """Return in words how values are given at every entrance."""
    values = [f"{name}={_EXAMPLES[name]}" for name in names]
    return (
        f"give {' and '.join(values)} or what it is, as an argument, with --set, or in a column of "
        "a table"
    )


_EXAMPLES = {
    "peak_flops": "100TFLOP/s",
    "link_bandwidth": "25GB/s",
    "node_bandwidth": "25GB/s",
    "node_size": "8",
}


def deploy(  # noqa: PLR0913  (one argument a choice, as the command has them)
    accelerator: own_machine.Said,
    chips: int | None,
    model: str | Path | Mapping[str, Any],
    *,
    weight_bits: float | str | None = None,
    kv_bits: float | str | None = None,
    compute_bits: float | None = None,
    stages: int | None = None,
    replicas: int | None = None,
    users: float | None = None,
    rent: str | float | None = None,
    padded: bool = False,
    **assumed: float | str,
) -> Deployment:
    """Return a model on accelerators, of the catalog or one's own.

    Args:
        accelerator: an accelerator by its name or id, by the path of a TOML file, or by its
            figures; a name may count ("8xH100").
        chips: how many of them work on one copy of the model's experts or layers; None for as
            many as the name counts.
        model: a model by its name or id, the path of its `config.json`, or that file's content.
        weight_bits: bits in which a weight is stored, the scales of its block counted, or a
            format, such as "fp8" or "Q4_K_M"; those that the model's name says, or else those in
            which it is published.
        kv_bits: bits in which a number of the cache is stored, or a format; those that the model's
            name or configuration asks for, or else 16, whatever the weights have.
        compute_bits: precision of the matrix products; the weights' if the chip has it.
        stages: pipeline stages that the layers are split among.
        replicas: copies of the shared weights in a stage; more than one means data-parallel
            attention, and expert parallelism if the model has experts.
        users: how many there are at once, by which stages and replicas are chosen where neither
            is given, as in tables; None for tensor parallelism over all accelerators.
        rent: dollars per chip-hour, or a text with a unit; the catalog's figure if it has one.
        padded: whether heads that do not divide over the accelerators are padded, as some
            engines do, and not refused.
        assumed: values by the glossary's names, in place of the catalog's or the defaults.

    Raises CatalogError for an unknown id or a figure that no source states, LimitError for a
    layout that cannot be, InputError for a value that is not allowed.

    """
    say_what_is_unlikely(assumed)
    refuse_unless_bool("padded", padded)
    if users is not None and stages is replicas is None:
        how = {"weight_bits": weight_bits, "kv_bits": kv_bits, "compute_bits": compute_bits}
        how |= {"rent": rent, "padded": padded, **assumed}
        return _for_users(users, accelerator, chips, model, **how)
    stages, replicas = (1 if each is None else each for each in (stages, replicas))
    machine, named = own_machine.find(accelerator)
    record, called = configuration.named(model)
    notes = [note for each in (named, called) for note in (*each.notes, each.doubt) if note]
    guesses = _Guesses(machine, notes)
    _check_counts(chips=1 if chips is None else chips, stages=stages, replicas=replicas)
    chips = int(named.chips(chips))
    format_ = str(weight_bits or called.format or record.words.get("expert_format", ""))
    if formatted := matching.stored(str(weight_bits)):
        weight_bits, *multiplies = formatted
        compute_bits = compute_bits or next(iter(multiplies), None)
    if weight_bits is None and called.bits is not None:
        weight_bits = called.bits
        compute_bits = called.multiplied if compute_bits is None else compute_bits
        notes.append(f"weights in {weight_bits:g} bits, {called.bits_by}")
    average, stored = (None, {}) if weight_bits is not None else as_stored(record)
    if average:
        notes.append(f"weights in {average:.3g} bits on average, as the model's configuration says")
    weight_bits = stored.pop("bits_per_parameter", 16 if weight_bits is None else weight_bits)
    weight_bits = _bits("weight_bits", weight_bits)
    kv_bits = _cache_bits(kv_bits, weight_bits, record, called, notes)
    if compute_bits is None:
        compute_bits = own_machine.widened(machine, format_, notes)
    if compute_bits is not None:
        compute_bits = _bits("compute_bits", compute_bits)
    multiplied = _arithmetic_bits(
        machine, multiplied_bits(weight_bits, record if stored else None), compute_bits
    )
    given = _checked(assumed)
    notes += _check_layout(chips, stages, replicas, record, padded=padded)
    values = {
        "chips": float(chips),
        "stages": float(stages),
        "replicas": float(replicas),
        "bits_per_parameter": weight_bits,
        **_machine(guesses, weight_bits, multiplied, compute_bits, given),
        **stored,
        **served(record, kv_bits, notes),
        **{name: catalog.load().fact(id).value for name, id in UNLISTED.items()},
        **_USUAL,
    }
    if weight_bits >= multiplied:  # kernels that unpack weights have smaller tiles
        values["tile_tokens"] = machine.numbers.get("tile_tokens", 0.0)
    started, ranges = memory.terms(machine, record, weight_bits, known=bool(stored), given=given)
    values |= started
    values |= _traffic({**values, **given}, record, guesses)
    notes += _copied(values)
    if power := given.get("chip_power", machine.numbers.get("power")):
        values["chip_power"] = power
    _refuse_unused(given, values)
    values |= {**_kept(given), **given}
    refuse_together(values)
    values |= _rent(machine, rent, notes)
    name = f"{record.name} in {weight_bits:g} bits on {chips} x {machine.name}"
    return Deployment(
        values,
        name=name,
        on=machine,
        notes=tuple(notes),
        multiplied_bits=None if "peak_flops" in given else multiplied,
        unpacks=machine.has("general_flops") or "general_flops" in given,
        given=frozenset(given),
        ranges=ranges,
        outside=outside.of(machine, record, values, guesses.names),
        guessed=frozenset(guesses.names),
        longest_context=record.numbers.get("longest_context"),
    )


def _cache_bits(
    said: float | str | None,
    weight_bits: float,
    model: Record,
    called: matching.Meant,
    notes: list[str],
) -> float:
    """Return the bits of a cached number: as asked, or as the model asks for, with a note."""
    if said is not None and said != "auto":
        return _bits("kv_bits", said)
    bits, why = configuration.cache_bits(model, called)
    if why or weight_bits < bits:
        why = why or "as engines keep it by default: kv_bits sets others"
        notes.append(f"the cache in {bits:g} bits, {why}")
    return bits


def _kept(given: Mapping[str, float], before: Container[str] = ()) -> dict[str, float]:
    """Return the share of guessed tokens that services kept, where one is needed and none given."""
    if not given.get("draft_length") or "acceptance" in given or "acceptance" in before:
        return {}
    return {"acceptance": load_calibration.load().value("acceptance", calibration.ANY)}


def refuse_unless_bool(name: str, value: bool) -> None:  # noqa: FBT001  (its kind is in question)
    """Refuse what is neither true nor false."""
    if not isinstance(value, bool):
        raise InputError(f"{name} = {value!r:.60}: must be True or False")


def _checked(given: Mapping[str, float | str]) -> dict[str, float]:
    """Return values of the glossary that were given; refuse a part of an accelerator."""
    for name in given:
        if name not in symbols.GLOSSARY and (hint := suggestion(name, measurements.HOW)):
            raise InputError(f"there is no argument {name}{hint}")
    found = {name: checked(name, value) for name, value in given.items()}
    if "node_size" in found:
        _check_counts(node_size=found["node_size"])
    return found


def _bits(name: str, value: float | str) -> float:
    least, most = measurements.LEAST_BITS, measurements.MOST_BITS
    try:
        bits = checked("bits_per_parameter", next(iter(matching.stored(str(value))), value))
    except InputError:
        bits = math.nan
    if not least <= bits <= most:
        raise InputError(
            f"{name} = {value!r:.60}: must be from {least:g} to {most:g} bits, or a format as fp8"
        )
    return bits


def _rent(machine: Record, given: str | float | None, notes: list[str]) -> dict[str, float]:
    """Return what a chip costs; nothing, and a note, where nobody says it.

    A number alone is dollars per chip-hour.
    """
    price = given if given is not None else _known_rent(machine)
    if price is None:
        notes.append(f"no rent of {machine.name} is known: give rent, or no cost is shown")
        return {}
    try:
        hourly = own_machine.figure("rent", price)
    except CatalogError:
        raise InputError(
            f"rent = {price!r:.60}: must be a positive number of dollars per chip-hour, or a text "
            "with its unit, as in '60 dollar/day'"
        ) from None
    return {"chip_rent": hourly * units.conversion("dollar/hour/chip", "dollar/second/chip")}


_ARGUMENTS = frozenset(
    {"chips", "stages", "replicas", "bits_per_parameter", "cache_value_bytes", "context"}
)


def _refuse_unused(given: Iterable[str], values: Mapping[str, float]) -> None:
    """Refuse what a deployment does not take: the computed, and what is said elsewhere."""
    for name in given:
        if name in _ARGUMENTS or name not in values:
            allowed = ", ".join(sorted(set(values) - _ARGUMENTS))
            raise InputError(f"{name} is no value to be set here (allowed: {allowed})")


def at_most(name: str, value: float | str, least: float = 0.0) -> float:
    """Return a number of users or tokens, within the ends that a table's cells have."""
    number = checked(name, value)
    if not least <= number <= measurements.MOST:
        ends = f"from {least:g} to" if least else "at most"
        raise InputError(f"{name} = {value!r:.60}: must be {ends} {measurements.MOST:,.0f}")
    return number


_MOST_CHIPS = 10**9


def _check_counts(**counts: float) -> None:
    for name, count in counts.items():
        real = isinstance(count, numbers.Real) and not isinstance(count, bool)
        if not (real and 1 <= count <= _MOST_CHIPS and count % 1 == 0):
            raise InputError(
                f"{name} = {count!r:.60}: must be a whole number, at least 1 and at most "
                f"{_MOST_CHIPS:,}"
            )


def _for_users(
    users: float, accelerator: own_machine.Said, chips: int | None, model: Any, **how: Any
) -> Deployment:
    """Return a deployment in the layout that a table would take, or the next if that cannot be."""
    users = checked_as("users", "concurrent_users", users)
    machine, named = own_machine.find(accelerator)
    _check_counts(chips=1 if chips is None else chips)
    count = int(named.chips(chips))
    node = checked("node_size", how.get("node_size") or measurements.node_size(machine, count))
    record, _ = configuration.named(model)
    choices = measurements.layouts(count, node, record, users) or [(1, 1, "")]
    for stages, replicas, means in choices:
        with contextlib.suppress(InputError, CatalogError):
            here = deploy(accelerator, chips, model, stages=stages, replicas=replicas, **how)
            if here.rooms().most > 0:
                return here.noted(*[f"{means}: stages and replicas set others"][: bool(means)])
    stages, replicas, _ = choices[0]  # which says why there is none
    return deploy(accelerator, chips, model, stages=stages, replicas=replicas, **how)


def _check_layout(
    chips: int, stages: int, replicas: int, model: Record, *, padded: bool
) -> list[str]:
    """Refuse what does not divide; return what is noted of heads that are padded."""
    heads = {name: model.numbers[name] for name in ("heads", "kv_heads") if model.has(name)}
    values = {"chips": chips, "stages": stages, "replicas": replicas, "layers": model.layers}
    values |= {"model": model.name, **heads}
    _refuse_unless(values, refusals.SPLIT)
    if stages > model.layers:
        raise LimitError(refusals.LAYERS.format(**values))
    values["tensor_width"] = chips // (stages * replicas)
    if not padded:
        _refuse_unless(values, *refusals.HEADS)
    elif not all(rule.holds(values) for rule in refusals.HEADS):
        return [refusals.PADDED.format(**values)]
    return []


def _refuse_unless(values: Mapping[str, Any], *rules: refusals.Divides) -> None:
    for rule in rules:
        if not rule.holds(values):
            raise LimitError(rule.sentence.format(**values))


_FALLBACK_BITS = 16


def _arithmetic_bits(machine: Record, bits: float, compute_bits: float | None) -> float:
    """Return the precision of the matrix products: that asked for, the format's, or 16 bits."""
    if compute_bits is not None:
        return compute_bits
    return bits if machine.has(f"peak_flops_{bits:g}bit") else _FALLBACK_BITS


@dataclass(frozen=True)
class _Guesses:
    """What is taken of a machine where no source states it, with the notes that say so."""

    machine: Record
    notes: list[str]
    names: set[str] = field(default_factory=set)

    def take(self, name: str, taken: str) -> None:
        """Note that a value is guessed, and what was taken for it."""
        self.names.add(name)
        self.notes.append(f"no source states {name} of {self.machine.name}: {taken}")

    def rate(self, name: str, rate: float, unit: str = "byte/second", kind: str = "") -> float:
        """Return a rate that is typical for a memory bandwidth, and note it."""
        shown = units.show(rate, unit)
        self.take(name, f"{shown} taken, as is typical {kind}for its memory bandwidth")
        return rate


def _machine(
    guesses: _Guesses,
    bits: float,
    multiplied: float,
    compute_bits: float | None,
    given: Mapping[str, float],
) -> dict[str, float]:
    """Return the figures of the datasheet at the precision of the arithmetic."""
    machine = guesses.machine
    figures = {
        name: given[name] if name in given else getattr(machine, name)
        for name in ("memory_bandwidth", "memory_capacity")
    }
    general = given.get("general_flops", machine.numbers.get("general_flops"))
    if general is None and given.get("unpack_flop"):
        raise CatalogError(f"no source states general_flops of {machine.id}: give general_flops")
    # Where nothing is unpacked the rate does not matter; `with_values` refuses to unpack.
    figures["general_flops"] = general or figures["memory_bandwidth"]
    if "peak_flops" in given:
        if compute_bits is not None:
            raise InputError("give either peak_flops or compute_bits, not both")
        known = machine.numbers.get("peak_flops_16bit", given["peak_flops"])
        return {**figures, "peak_flops": given["peak_flops"], "attention_flops": known}
    if compute_bits is None and bits != multiplied:
        guesses.notes.append(
            f"no {bits:g}-bit arithmetic of {machine.name} is known: weights are multiplied in "
            "16 bits"
            if multiplied == _FALLBACK_BITS
            else f"weights stored in {bits:g} bits, scales included, are multiplied in "
            f"{multiplied:g} bits"
        )
    column = f"peak_flops_{multiplied:g}bit"
    if machine.has(column):
        rate = getattr(machine, column)
        attention = machine.numbers.get("peak_flops_16bit", rate)
    elif machine.has("peak_flops_16bit"):
        raise LimitError(f"{machine.name} has no {multiplied:g}-bit arithmetic in the catalog")
    elif machine.has("peak_flops_32bit"):  # what has no narrower units widens its numbers
        rate = attention = machine.peak_flops_32bit
        guesses.notes.append(f"no 16-bit arithmetic of {machine.name} is known: in 32 bits")
    else:
        typical = _typical(machine, "peak_flops_16bit")
        if math.isnan(typical):
            raise CatalogError(f"no source states {column} of {machine.id}: give peak_flops")
        # Matrix units do at least what the others do.
        rate = attention = max(figures["memory_bandwidth"] * typical, general or 0.0)
        guesses.rate("peak_flops", rate, "FLOP/second", "of its kind ")
        guesses.names.add("attention_flops")
    return {**figures, "peak_flops": rate, "attention_flops": attention}


def _typical(machine: Record, column: str, *, like: bool = True) -> float:
    """Return the median of a rate over memory bandwidth, over machines of the same kind or all.

    NaN if too few of them say what is typical.
    """
    kind = machine.words.get("kind", "gpu")
    ratios = [
        getattr(each, column) / each.memory_bandwidth
        for each in catalog.load().accelerators.values()
        if (not like or each.words.get("kind") == kind) and each.has(column, "memory_bandwidth")
    ]
    return statistics.median(ratios) if len(ratios) >= _ENOUGH else math.nan


_ENOUGH = 5
"""Machines that say what is typical of a kind."""


UNLISTED: Mapping[str, str] = {
    "bandwidth_share": "bandwidth_share",
    "compute_share": "compute_share",
    "layer_time": "fixed_time_per_layer",
    "usable_share": "usable_memory_share",
    "link_latency": "allreduce_latency_node",
    "node_latency": "allreduce_latency_between_nodes",
}
"""What no datasheet gives: the glossary's names, and the facts that stand in."""


_USUAL: Mapping[str, float] = {
    "activation_bytes": 2.0,
    **dict.fromkeys(("work_overlap", "tile_share"), 1.0),
    **dict.fromkeys(("traffic_overlap", "unpack_flop", "tile_tokens"), 0.0),
    **dict.fromkeys(("draft_length", "draft_cost", "acceptance"), 0.0),
}
"""What counts unless it is given: numbers in 16 bits travel, nothing is guessed or unpacked."""


_COPIES = 4
"""Copies of a cache from which they are noted."""


def _copied(values: Mapping[str, float]) -> list[str]:
    """Return a note where accelerators hold the same cache, and a model with experts need not."""
    width = values["chips"] / (values["stages"] * values["replicas"])
    copies = width / values.get("kv_heads", width)
    if copies < _COPIES or values["experts"] <= 1:
        return []
    said = f"tensor parallelism over {width:g} accelerators keeps {copies:g} copies of each cache"
    return [f"{said}; replicas, with experts, avoid that"]


def _traffic(values: Mapping[str, float], model: Record, guesses: _Guesses) -> dict[str, float]:
    """Return how accelerators are joined; refuse to guess what a layout needs and no one states."""
    machine, notes = guesses.machine, guesses.notes
    chips, stages, replicas = (int(values[name]) for name in ("chips", "stages", "replicas"))
    width, stage = chips // (stages * replicas), chips // stages
    if chips == 1:  # no traffic: whatever the links
        ones = ("node_size", "link_bandwidth", "node_bandwidth")
        zeros = ("exchanging_layers", "exchanged_bytes", "exchange_latency")
        return {**dict.fromkeys(ones, 1.0), **dict.fromkeys(zeros, 0.0)}
    node = values.get("node_size") or machine.numbers.get("node_size")
    if node is None:
        linked = machine.numbers.get("interconnect_bandwidth", 0.0) >= outside.FAST
        if chips > measurements.ONE_BOX and linked:  # a network of its maker's, of any size
            raise CatalogError(
                f"no source states node_size of {machine.id}: {_give(['node_size'])}"
            )
        node = measurements.node_size(machine, chips)
        guesses.take("node_size", f"{node:g} taken as one machine")
    link = values.get("link_bandwidth") or machine.numbers.get("interconnect_bandwidth")
    if link is None:
        if machine.words.get("kind") == _WHOLE_COMPUTER:
            raise CatalogError(
                f"no source states link_bandwidth of {machine.id}, each a computer of its own: "
                f"{_give(['link_bandwidth'])}"
            )
        typical = _typical(machine, "interconnect_bandwidth", like=False)
        link = guesses.rate("link_bandwidth", values["memory_bandwidth"] * typical)
    joined = {"node_size": node, "link_bandwidth": link}
    spread = replicas > 1 and model.has("experts")
    if chips > node and (width > node or stages > 1 or spread):
        network = values.get("node_bandwidth") or machine.numbers.get("node_bandwidth")
        if network is None:
            typical = _typical(machine, "node_bandwidth", like=False)
            network = min(link, values["memory_bandwidth"] * typical)
            guesses.rate("node_bandwidth", network)
        joined["node_bandwidth"] = network
        if width > node:
            notes.append(
                f"tensor parallelism over {width} accelerators crosses the boundary of a node "
                f"of {node:g}: every all-reduce goes over the network; stages, or replicas with "
                "experts, avoid that"
            )
    else:  # nothing leaves the node, pipeline stages included
        joined["node_bandwidth"] = joined["link_bandwidth"]
        joined["node_latency"] = values["link_latency"]
    if stages > 1 and model.layers % stages:
        notes.append(f"{model.layers:g} layers do not divide evenly into {stages} stages")
    facts = catalog.load()
    sent = decode.exchanged_bytes(
        bytes_there=facts.fact("deepseek_dispatch_bytes").value,
        bytes_back=facts.fact("deepseek_combine_bytes").value,
    )
    one_way = (
        facts.fact("h100_send_between_nodes").value if stage > node else values["link_latency"]
    )
    return {
        **joined,
        "reductions_per_layer": 1.0 if spread else 2.0,
        "exchanging_layers": model.expert_layers if spread else 0.0,
        "exchanged_bytes": sent,
        "exchange_latency": decode.exchange_latency(one_way_latency=one_way) if spread else 0.0,
    }


_WHOLE_COMPUTER = "soc"
"""A kind of machines that are no cards: several are joined by cables, not by a board."""


def _known_rent(machine: Record) -> str | None:
    if machine.has("rent"):
        return f"{machine.numbers['rent']} dollar/hour/chip"
    if "rent" not in machine.words:
        return None
    fact = catalog.load().fact(machine.rent)
    return f"{fact.value} {fact.unit}"
