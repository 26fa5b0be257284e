"""The named deployments that the chapter on scale compares, and what is asked of them.

What may be rented is made from the catalog once, and all else whenever it is asked for.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from ..algebra.formula import InputError
from ..algebra.own_names import own_names
from ..algebra.units import show
from ..equations import decode, demand, load, market, serving, shape
from ..facts import calibration, catalog, load_calibration, prices, serving_runs, sourced
from . import fitted_load, fleet
from .deployment import Deployment, deploy
from .load import apart, under_load
from .market import Offers, Request, Service, SpeedError
from .scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..facts.measurements import Layout
    from ..facts.serving_runs import Run

__dir__ = own_names(__name__)


def by_one_share(*choices: Any, **named: Any) -> Deployment:
    """Return a deployment that fits as far as one share of the memory goes, as chapters count.

    It takes what `deploy` takes.
    """
    usual = catalog.load().fact("usable_memory_share").value
    return deploy(*choices, **{"usable_share": usual, **named})


SPEED = 20.0
"""Tokens per second that every user gets at least where services are compared."""
CONTEXT = 2000.0
"""Tokens of context of every user where only a step is looked at."""
LIFETIME = "4 year"
"""How long a machine is used that one has bought: our assumption."""
CAPITAL = "0.1 1/year"
"""What capital costs a company: our assumption."""
HOUR_A_DAY = 1 / 24
"""The share of its life that a machine generates if it does so for an hour a day."""
SAMPLES = 4
"""Answers that are tried at once for each user, where several are: our choice."""
SOON = 0.2
"""Seconds that a prompt waits for others on average, where that is limited: our choice."""


# What users ask for

CHAT, THINKING, AGENTS = "chat", "thinking", "agents"


def requests() -> dict[str, Request]:
    """Return what users send and get: in a chat, where a model thinks first, and from agents.

    They are the means of a trace of conversations, of a day of DeepSeek's fleet, and of sessions
    of an agent that writes code, halfway from their first request to their last.
    """
    ends = [sourced(f"agent_context_{end}", "token") for end in ("first", "last")]
    agent = sum(ends) / 2
    return {
        CHAT: Request(
            sourced("azure_2023_conversation_context_mean", "token/request"),
            sourced("azure_2023_conversation_output_mean", "token/request"),
        ),
        THINKING: Request(*fleet.lengths(), fleet.cached()),
        AGENTS: Request(
            agent,
            agent / sourced("agent_prompt_over_answer", "dimensionless"),
            sourced("agent_cached_share", "fraction"),
        ),
    }


# What may be rented for each model

BITS = dict.fromkeys(("gpt_oss_20b", "gpt_oss_120b"), "mxfp4")
"""The format of weights where its maker publishes fewer than eight."""
READ_ALONE = 8.0
"""Bits of a weight that a lone user of gpt-oss reads, on average.

It keeps its experts in four bits and a quarter and the rest in sixteen; a token uses about twice
as many weights of experts as others.
"""


def rented(chip: str, count: int, model: str, **how: Any) -> Deployment:
    """Return a model on cards at the rent of a three-year contract, with fitted values.

    Weights have eight bits or those of `BITS`, caches eight.
    """
    bits = {"weight_bits": BITS.get(model, 8), "kv_bits": 8}
    rent = sourced(f"{chip.partition('_')[0]}_rental_3_years", "dollar/chip/hour")
    here = deploy(chip, count, model, rent=rent, **{**bits, **how})
    return fitted_load.of_machine(here)


def _spread(chip: str, model: str, *counts: int, **how: Any) -> list[Deployment]:
    """Return cards with a copy each of the attention, and the experts spread over all."""
    return [rented(chip, count, model, replicas=count, **how) for count in counts]


WIDE = (16, 32, 64, 144)
"""Cards over which DeepSeek-V3's experts are spread beyond a node."""

RACK = (8, 16, 36, 72)
"""GPUs of a rack of 72 over which they are spread there."""


def _deepseek(*wide: int, chip: str = "h200_sxm", **how: Any) -> list[Deployment]:
    """Return DeepSeek-V3 on a node of eight cards, or spread over so many."""
    node = rented(chip, 8, "deepseek_v3", **how)
    return [node, *_spread(chip, "deepseek_v3", 8, *wide, **how)]


CARDS = ("h100_sxm5", "h200_sxm", "b200")
"""What is rented by the card, and joined within a server."""
SERVER = (1, 2, 4, 8)
"""How many of them."""


def _anywhere(model: str) -> list[Deployment]:
    """Return a model on so many of each card, where it likely fits, its experts also spread."""
    found = [rented(chip, count, model) for chip in CARDS for count in SERVER]
    if found[0].values["experts"] > 1:
        found += [each for chip in CARDS for each in _spread(chip, model, *SERVER[1:])]
    return [each for each in found if each.rooms().likely > 0]


def deployments() -> dict[str, list[Deployment]]:
    """Return what may be rented for each model, under the model's name in the figures.

    DeepSeek-V3 is kept on one kind of card, so that its levers change one thing at a time.
    """
    return {
        name: _deepseek(*WIDE) if name == "DeepSeek-V3" else _anywhere(model)
        for name, model in CATALOG_IDS.items()
    }


def services(
    speed: float = SPEED, request: str = CHAT, *, apart: bool = True
) -> dict[str, Service]:
    """Return a service of each model, which rents whatever of its deployments is cheapest.

    A model that reaches the speed on none of them is left out. `apart` is that of a `Service`.
    Raises CatalogError for an unknown `request`.
    """
    return _services(_offers(request), speed, apart=apart)


FIXED_TIME, SLOW_MEMORY = "fixed time", "slow memory"
"""Why a machine is slow for a single user."""
_AT_ONCE = 1e9
"""Times the bandwidth with which reading takes no time to speak of."""


def without(*reasons: str, speed: float = SPEED, request: str = CHAT) -> dict[str, Service]:
    """Return `services` as if these reasons were gone: `FIXED_TIME`, `SLOW_MEMORY` or both.

    Raises InputError for another reason.
    """
    for reason in reasons:
        if reason not in {FIXED_TIME, SLOW_MEMORY}:
            raise InputError(f"reason = {reason!r}: must be {FIXED_TIME!r} or {SLOW_MEMORY!r}")

    def changed(here: Deployment) -> Deployment:
        if SLOW_MEMORY in reasons:
            here = here.having(memory_bandwidth=here.values["memory_bandwidth"] * _AT_ONCE)
        return here.without(FIXED_TIME) if FIXED_TIME in reasons else here

    offers = {
        name: replace(each, deployments=tuple(map(changed, each.deployments)))
        for name, each in _offers(request).items()
    }
    return _services(offers, speed)


def lone_step(service: Service) -> dict[str, float]:
    """Return what shares of a step its parts take for a single user of a whole machine."""
    times, _ = service.alone.deployment.having(concurrent_users=1.0).breakdown()
    return {name: time / sum(times.values()) for name, time in times.items()}


def pooled_share(speed: float = SPEED, request: str = CHAT) -> float:
    """Return what share of a full machine's cost is saved where many of them share readers.

    It is the largest of all models.
    """
    found = services(speed, request).values()
    return max(1 - each.saturated_cost / each.full.cost for each in found)


@cache
def _offers(request: str) -> dict[str, Offers]:
    asked = catalog.find(requests(), request, "kind of request")
    return {name: Offers(tuple(group), asked) for name, group in deployments().items()}


def _services(
    offers: Mapping[str, Offers], speed: float, *, apart: bool = True
) -> dict[str, Service]:
    found = {}
    for name, each in offers.items():
        alone = READ_ALONE if name.startswith("gpt-oss") else 0.0
        try:
            found[name] = Service(each, speed, apart=apart, bits_alone=alone)
        except SpeedError:
            continue
    return found


# From users at once to people


def generation_share(speed: float = SPEED, answer: float | None = None) -> float:
    """Return the share of the day that tokens are generated for a weekly user of a chat.

    `answer` are the tokens of an answer, in place of those of a trace of conversations.
    """
    daily: float = demand.generation_time(
        message_rate=sourced("chatgpt_messages_2025_07", "request/second"),
        audience=sourced("chatgpt_weekly_users_2025_07", "user"),
        tokens_per_message=answer or requests()[CHAT].answer,
        tokens_per_second_per_user=speed,
    )
    return float(demand.time_share(daily_use=daily))


def weekly_users(at_once: float, speed: float = SPEED, answer: float | None = None) -> float:
    """Return the weekly users of a chat who keep so many in generation, evenly over the day."""
    return at_once / generation_share(speed, answer)


def weekly_bars(
    factor: float, speed: float = SPEED, request: str = CHAT, *, for_good: bool = False
) -> dict[str, float]:
    """Return, for each model, the weekly users from which a token costs at most so many times.

    They send as many messages as those of ChatGPT, whatever they ask for. With a few more a token
    may cost more again, since cards come whole; those from which it never does are the ones
    `for_good`.
    """
    answer = requests()[request].answer
    return {
        name: weekly_users(
            service.settled_users(factor) if for_good else service.efficient_users(factor),
            speed, answer,
        )
        for name, service in services(speed, request).items()
    }  # fmt: skip


AUDIENCES = (
    ("ChatGPT, weekly", "chatgpt_weekly_users_2026"),
    ("Gemini app, monthly", "gemini_monthly_users_2026_05"),
    ("Claude app, monthly", "claude_monthly_app_users_2026_05"),
    ("DeepSeek, daily, at its peak", "deepseek_daily_users_2025_02"),
    ("GitHub Copilot, since its start", "github_copilot_users_2025_07"),
    ("Character.ai apps, monthly, United States", "character_ai_us_app_users_2023"),
)
"""Known audiences, each counted in its own way: what it is called, and the fact."""


def audiences() -> dict[str, float]:
    """Return the known audiences, the largest first."""
    return {name: sourced(id, "user") for name, id in AUDIENCES}


# How sure the bars are


@dataclass(frozen=True)
class Published:
    """A run that was published.

    Attributes:
        run: its id.
        chip: the accelerator's id.
        chips: how many of them.
        concurrency: requests at once.
        prompt, answer: tokens of a request.
        speed: tokens per second that a user got.
        measured, predicted: tokens per second that an accelerator wrote.

    """

    run: str
    chip: str
    chips: float
    concurrency: float
    prompt: float
    answer: float
    speed: float
    measured: float
    predicted: float

    @property
    def shortfall(self) -> float:
        """How many times as much is predicted as was measured."""
        return self.predicted / self.measured

    @property
    def missed_by(self) -> float:
        """Within what factor the prediction lies, too high or too low."""
        return max(self.shortfall, 1 / self.shortfall)


LIKE = 2.0
"""Within what factor a published run is like a bar: in its users' speed, and in the tokens of
prompts that are read for each token that is written."""
CROWD = 64.0
"""Requests at once from which a published run counts as one of a busy machine."""
CATALOG_IDS = {
    "Llama-3 8B": "llama3_8b",
    "Llama-3 70B": "llama3_70b",
    "Llama-3.1 405B": "llama31_405b",
    "Qwen3 235B": "qwen3_235b_a22b",
    "DeepSeek-V3": "deepseek_v3",
    "gpt-oss-120b": "gpt_oss_120b",
}
"""The models' ids, under their names in the figures."""


def _at_work(run: Run, layout: Layout, groups: float) -> Deployment:
    """Return one of so many groups of a run's machines with fitted values, at the run's load."""
    here = deploy(layout.accelerator, layout.chips, layout.model, **layout.how)
    return fitted_load.of_machine(here, engine=run.engine).having(
        prompt=run.prompt,
        answer=run.answer,
        concurrency=run.concurrency / groups,
        draft_length=run.draft,
    )


@cache
def _runs() -> list[tuple[str, Run]]:
    """Return the runs of the models here, each with the model's name.

    Those that look limited are left out.
    """
    names = {id: name for name, id in CATALOG_IDS.items()}
    runs = map(serving_runs.read, serving_runs.table())
    known = ((names.get(run.layout.model), run) for run in runs if not run.limited)
    return [(name, run) for name, run in known if name]


@cache
def _published(run: Run) -> Published:
    """Return a run beside what is predicted of it."""
    groups = 1.0 if run.apart is None else run.apart.writers
    writing = _at_work(run, run.layout, groups)
    if run.apart is None:
        here = under_load(writing)
    else:
        reading = _at_work(run, run.apart.layout, groups)
        link = reading.values["link_bandwidth"]
        readers = run.apart.readers / groups
        here = apart(reading.having(readers=readers, transfer_bandwidth=link), writing)
    took = run.first_token + run.per_token * (run.answer - 1)
    return Published(
        run.id, run.layout.accelerator, run.chips, run.concurrency, run.prompt, run.answer,
        1 / run.per_token, run.concurrency * run.answer / took / run.chips,
        float(groups * here.requests_done * run.answer / run.chips),
    )  # fmt: skip


def least_busy_runs(name: str, chip: str) -> list[Published]:
    """Return the published runs of a model on a chip that had the fewest users, without guessing.

    `name` is that of a service, `chip` an id of the catalog.
    """
    here = [
        run
        for each, run in _runs()
        if (each, run.layout.accelerator, run.apart) == (name, chip, None) and not run.draft
    ]
    fewest = min((run.concurrency for run in here), default=0.0)
    return [_published(run) for run in here if run.concurrency == fewest]


def published_runs(speed: float = SPEED, request: str = CHAT) -> dict[str, list[Published]]:
    """Return, for each model, the published runs of a busy machine that are like a bar, by `LIKE`.

    Of the largest dense model there is none: a batch without prompts to speak of stands in.
    """
    asked = requests()[request]
    read = asked.read_per_written * (1 - asked.cached_share)
    found: dict[str, list[Published]] = {name: [] for name in CATALOG_IDS}
    for name, run in _runs():
        ratios = (1 / run.per_token / speed, run.prompt / run.answer / read)
        like = all(1 / LIKE <= ratio <= LIKE for ratio in ratios)
        if like and run.concurrency >= CROWD:
            found[name].append(_published(run))
    found["Llama-3.1 405B"].append(_batch_of_mi300x("405b", CATALOG_IDS["Llama-3.1 405B"]))
    return found


def slower_runs(name: str, chip: str, speed: float = SPEED, request: str = CHAT) -> tuple[int, int]:
    """Return how many `published_runs` of a model on a chip wrote less than predicted, of how many.

    `name` is that of a service, `chip` an id of the catalog.
    """
    runs = [run for run in published_runs(speed, request)[name] if run.chip == chip]
    return sum(run.shortfall > 1 for run in runs), len(runs)


def farthest_card(name: str, speed: float = SPEED, request: str = CHAT) -> str:
    """Return the card of that of a model's `published_runs` which is farthest from predicted."""
    far = max(published_runs(speed, request)[name], key=lambda run: run.missed_by)
    return catalog.load().accelerator(far.chip).name


def _batch_of_mi300x(size: str, model: str) -> Published:
    """Return a batch on eight MI300X: all that is published of the largest dense model."""
    request = Request(_PROMPT, _GENERATED)
    here = deploy("mi300x", 8, model, weight_bits=8)
    here = request.of(fitted_load.of_machine(here))
    time = sourced(f"mi300x_{size}_latency_{MEASURED_USERS}", "second") / _GENERATED
    predicted = here.evaluate(load.work_per_token, concurrent_users=float(MEASURED_USERS))
    return Published(
        f"mi300x_{size}", "mi300x", 8.0, float(MEASURED_USERS), request.prompt, request.answer,
        1 / time, MEASURED_USERS / time / 8, MEASURED_USERS / float(predicted) / 8,
    )  # fmt: skip


def doubts(speed: float = SPEED, request: str = CHAT) -> dict[str, float]:
    """Return, for each model, within what factor its times lie, nine times in ten.

    It is that of busy runs that were left out of the fit, or as much more as covers every published
    run that is like the bar. Where none is, it is the widest of all models.
    """
    factor = load_calibration.load().within_factors[load_calibration.CROWDED]
    found = {}
    for name, runs in published_runs(speed, request).items():
        found[name] = max([factor, *(run.missed_by for run in runs)]) if runs else 0.0
    return {name: each or max(found.values()) for name, each in found.items()}


@dataclass(frozen=True)
class Bar:
    """Users at once from which a token costs at most so many times the least.

    Attributes:
        users: the bar at the times that the model gives.
        low, high: the least and the highest bar for times within the model's doubt. The bar lies
            between them nine times in ten or more, as far as only these times are in doubt.

    """

    users: float
    low: float
    high: float


DOUBT_PLACES = 21
"""Places at which a bar is sought over the doubt."""
_AT_A_JUMP = 1e-3
"""Share of the doubt to which it is known where other machines take over: there a bar jumps."""


@cache
def bars(factor: float, speed: float = SPEED, request: str = CHAT) -> dict[str, Bar]:
    """Return the bar of each model, with the range that doubt about its times leaves."""
    doubt, found = doubts(speed, request), {}
    for name, service in services(speed, request).items():
        over = _bars_over(service, factor, doubt[name])
        found[name] = Bar(service.efficient_users(factor), min(over), max(over))
    return found


def settled_range(factor: float, speed: float = SPEED, request: str = CHAT) -> tuple[float, float]:
    """Return the fewest and the most weekly users of `weekly_bars` for good, within the doubt.

    It is looked at as many places of the doubt as `bars` begins with, and at as many again on
    both sides of either end.
    """
    doubt, known = doubts(speed, request), services(speed, request)
    answer = requests()[request].answer

    def users_at(name: str, places: Iterable[float]) -> dict[tuple[str, float], float]:
        found = {}
        for place in places:
            if here := _at(known[name], doubt[name], place):
                found[name, place] = weekly_users(here.settled_users(factor), speed, answer)
        return found

    every = {at: users for name in known for at, users in users_at(name, _places()).items()}
    ends = []
    for end in (min, max):
        name, place = end(every, key=every.__getitem__)
        near = (place + 2 * each / (DOUBT_PLACES - 1) for each in _places())
        ends.append(end(users_at(name, (at for at in near if abs(at) <= 1)).values()))
    return ends[0], ends[1]


def _places() -> list[float]:
    """Return powers of the doubt by which times are longer or shorter."""
    return [2 * step / (DOUBT_PLACES - 1) - 1 for step in range(DOUBT_PLACES)]


def _at(service: Service, doubt: float, place: float) -> Service | None:
    """Return a service as it is where times are longer by a power of the doubt.

    Twice the times are as twice the speed. None is where nothing reaches it.
    """
    try:
        return replace(service, speed=service.speed * doubt**place)
    except SpeedError:
        return None


def _bars_over(service: Service, factor: float, doubt: float) -> list[float]:
    """Return the bars of a service for times that are up to so much shorter or longer.

    Times that are so long that nothing reaches the speed are left out. Between two places with
    other machines it is looked where they take over; of others that take over between two places
    with the same ones nothing is known.
    """
    found: list[float] = []

    def machines_at(place: float) -> list[Any]:
        here = _at(service, doubt, place)
        if here is None:
            return []
        pooled, small = here.pooled, here.smallest(factor)
        found.append(here.efficient_users(factor))
        return [pooled.deployment, pooled.readers, small.kind, small.writing, small.reading]

    pairs = list(itertools.pairwise((place, machines_at(place)) for place in _places()))
    while pairs:
        (low, before), (high, after) = pairs.pop()
        if before != after and high - low > _AT_A_JUMP:
            middle = (low + high) / 2, machines_at((low + high) / 2)
            pairs += [((low, before), middle), (middle, (high, after))]
    return found


SPEEDS = (10.0, 20.0, 40.0, 100.0)
"""Tokens per second over which the bar is looked at."""


def bars_by_use(factor: float) -> dict[tuple[str, float], dict[str, float]]:
    """Return each model's bar in tokens per day, by what users ask for and how fast they get it.

    A model that reaches the speed on no machine is left out.
    """
    return {
        (request, speed): {
            name: tokens_per_day(service.efficient_users(factor), speed)
            for name, service in _services(offers, speed).items()
        }
        for request in requests()
        for offers in [_offers(request)]
        for speed in SPEEDS
    }


def tokens_per_day(at_once: float, speed: float = SPEED) -> float:
    """Return the tokens that are written in a day for so many users at once."""
    return at_once * speed * 86_400


def best_product() -> float:
    """Return the share of an H200's peak that the best measured product in eight bits reached.

    It was measured alone. What was fitted to prompts of H100s in sixteen bits is more.
    """
    peak = catalog.load().accelerator("h200_sxm").peak_flops_8bit
    return sourced("h200_matmul_8bit", "FLOP/second/chip") / peak


def as_products(service: Service) -> Service:
    """Return a service that reads prompts no faster than such a product was measured."""
    most = best_product()
    slow = tuple(
        each.having(prefill_share=min(most, each.values["prefill_share"]))
        for each in service.offers.deployments
    )
    return replace(service, offers=replace(service.offers, deployments=slow))


# What moves the bar


@dataclass(frozen=True)
class Lever:
    """One change of the base case.

    Attributes:
        name: the change in words.
        service: the service with it.
        samples: sequences that are generated at once for each user.

    """

    name: str
    service: Service
    samples: int = 1

    def users(self, factor: float) -> float:
        """Return users at once from which a token costs at most so many times the least."""
        return max(1.0, self.service.efficient_users(factor) / self.samples)


def _dense() -> list[Deployment]:
    """Return a model of DeepSeek-V3's shape whose weights are those that a token of it uses."""
    built = []
    for count in SERVER:
        sparse = rented("h200_sxm", count, "deepseek_v3")
        stored = sparse.evaluate(shape.active_parameters) + sparse.values["input_embedding"]
        one_expert = {"experts": 1, "experts_per_token": 1, "routed_parameters": 0}
        built.append(sparse.with_values(stored_parameters=stored, **one_expert))
    return built


def _grouped() -> list[Deployment]:
    """Return DeepSeek-V3 with the grouped heads of Llama-3 70B, not latent attention."""
    wanted, other = catalog.load().model("deepseek_v3"), catalog.load().model("llama3_70b")
    heads, size = other.kv_heads, other.head_dim
    numbers = shape.cached_values_grouped(kv_heads=heads, head_size=size)
    work = shape.attention_flop(
        layers=wanted.layers, heads=wanted.heads, key_width=size, value_width=size
    )
    built = []
    for each in _deepseek(*WIDE):
        cache = each.evaluate(shape.kv_bytes_per_token, cached_values=numbers)
        changed = each.with_values(kv_heads=heads, kv_bytes_per_token=cache, attention_flop=work)
        built.append(changed)
    return built


def levers(speed: float = SPEED, request: str = CHAT) -> dict[str, Lever]:
    """Return DeepSeek-V3 as it is, and with one thing changed at a time.

    What a change brings along stays: weights of sixteen bits need more cards and are multiplied
    at half the rate, and a model without experts needs no layouts that spread them.
    """
    usual = _offers(request)["DeepSeek-V3"]
    asked = usual.request
    half_cached = replace(asked, cached_share=max(0.5, asked.cached_share))
    hidden = [each.having(traffic_overlap=1.0) for each in _deepseek(*WIDE)]
    guessing = [each.having(**fleet.guessing()) for each in _deepseek(*WIDE)]
    sixteen = _spread("h200_sxm", "deepseek_v3", *WIDE, weight_bits=16)
    racks = _spread("gb200_per_gpu", "deepseek_v3", *RACK)
    fours = _deepseek(*WIDE, chip="b200", weight_bits="nvfp4")

    def of(group: Iterable[Deployment], request: Request = asked) -> Offers:
        return Offers(tuple(group), request)

    def lever(name: str, offers: Offers, samples: int = 1, **how: Any) -> Lever:
        return Lever(name, Service(offers, speed, **how), samples)

    return {
        "base": lever("DeepSeek-V3 as it is", usual),
        "together": lever("prompts read where answers are written", usual, apart=False),
        "narrow": lever("experts on eight cards at most", of(_deepseek())),
        "hidden": lever("all traffic hidden: an upper limit", of(hidden)),
        "racks": lever("racks of 72 GB200, not servers", of(racks)),
        "b200s": lever("B200s, not H200s", of(_deepseek(*WIDE, chip="b200"))),
        "fours": lever("B200s, and weights in four bits", of(fours)),
        "soon": lever(f"prompts wait {SOON:g} s on average at most", usual, wait=SOON),
        "cached": lever("half of each prompt cached", of(usual.deployments, half_cached)),
        "dense": lever("no experts: only the weights a token uses", of(_dense())),
        "grouped": lever("grouped heads, not latent attention", of(_grouped())),
        "cache": lever("its cache in twice the bits", of(_deepseek(*WIDE, kv_bits=16))),
        "weights": lever("its weights in twice the bits", of(sixteen)),
        "one": lever("one token guessed ahead", of(guessing)),
        "samples": lever("four answers at once for each user", usual, SAMPLES),
    }


# A machine of one's own


@dataclass(frozen=True)
class OwnMachine:
    """A model on a machine that its only user has bought.

    Attributes:
        name: the model and the machine.
        deployment: the model on the machine.
        price: dollars for the machine.
        power: watts while it generates.
        listed: dollars that hosts list for a token that this model writes, with those of its
            prompt, in the median; None where the table of prices does not have the model.

    """

    name: str
    deployment: Deployment
    price: float
    power: float
    listed: float | None

    @property
    def speed(self) -> float:
        """Tokens per second that are written for the only user, once the prompt is read."""
        return float(self.deployment.evaluate(decode.user_speed, concurrent_users=1.0))

    @property
    def slow_speed(self) -> float:
        """The same at the slow end of the 90% interval, by the errors of single steps."""
        experts = self.deployment.values["experts"] > 1
        sort = calibration.SORTS[2] if experts else calibration.SORTS[0]
        return self.speed / calibration.load().within_factors[sort]

    @property
    def throughput(self) -> float:
        """Tokens per second that are written, the reading of prompts counted in."""
        return 1 / float(self.deployment.evaluate(load.work_per_token, concurrent_users=1.0))

    @property
    def slow_throughput(self) -> float:
        """The same where writing is at `slow_speed`, and prompts are read as fast as predicted."""
        return 1 / (1 / self.throughput + 1 / self.slow_speed - 1 / self.speed)

    def inputs(self, time_used: float) -> dict[str, Any]:
        """Return what `market.own_cost` takes, for a share of the machine's life."""
        return {
            "purchase_price": self.price,
            "lifetime": LIFETIME,
            "time_used": time_used,
            "machine_power": self.power,
            "electricity_price": sourced("electricity_us_residential_2024", "dollar/joule"),
            "throughput": self.throughput,
        }

    def cost(self, time_used: float) -> float:
        """Return dollars per token if the machine works that share of its life."""
        return float(market.own_cost(**self.inputs(time_used)))


LISTED = {"llama3_70b": "Llama-3.3 70B", "gpt_oss_120b": "gpt-oss-120b"}
"""The models for machines of one's own that the table of prices has, and their names in it."""


def own_machines() -> dict[str, OwnMachine]:
    """Return a dense and a sparse model on a gamer's card, and on the smallest Mac that holds both.

    They serve one user with the requests of a chat. Of gpt-oss, `READ_ALONE` bits are read.
    """
    chat = requests()[CHAT]
    machines = {
        "card_dense": ("Llama-3 8B on an RTX 4090", "rtx4090", "llama3_8b"),
        "card_sparse": ("gpt-oss-20b on an RTX 4090", "rtx4090", "gpt_oss_20b"),
        "mac_dense": ("Llama-3 70B on an M3 Ultra", "m3_ultra", "llama3_70b"),
        "mac_sparse": ("gpt-oss-120b on an M3 Ultra", "m3_ultra", "gpt_oss_120b"),
    }
    smallest_mac = {
        "memory_capacity": sourced("m3_ultra_96gb_memory", "byte/chip"),
        "peak_flops": sourced("m3_ultra_96gb_gpu_share", "fraction")
        * catalog.load().accelerator("m3_ultra").peak_flops_16bit,
    }
    bought: dict[str, tuple[str, str, dict[str, Any]]] = {
        "rtx4090": ("rtx4090_purchase", "rtx4090_system_power", {}),
        "m3_ultra": ("m3_ultra_96gb_purchase", "mac_studio_m3_ultra_power", smallest_mac),
    }
    found, hosts = {}, prices.markets()
    for key, (name, chip, model) in machines.items():
        price, power, memory = bought[chip]
        here = deploy(chip, 1, model, weight_bits=BITS.get(model, 8), kv_bits=8, **memory)
        here.step(1.0, chat.prompt + chat.answer)  # refuses what does not fit
        listed = None
        if model in LISTED:
            listed = hosts[LISTED[model]].income(chat.read_per_written) / 1e6
        found[key] = OwnMachine(
            name,
            chat.of(here.having(bits_per_parameter=READ_ALONE)),
            sourced(price, "dollar/chip"),
            sourced(power, "watt"),
            listed,
        )
    return found


def owning(price: float | None = None) -> dict[str, Any]:
    """Return what `market.owning_cost` takes of an H100 that is installed at a price."""
    return {
        "chip_price": price or sourced("h100_installed", "dollar/chip"),
        "lifetime": LIFETIME,
        "cost_of_capital": CAPITAL,
        "chip_power": sourced("h100_all_in_power", "watt/chip"),
        "electricity_price": sourced("electricity_us_industrial_2023", "dollar/joule"),
    }


# A published day


def fleet_day() -> Scenario:
    """Return DeepSeek's published day under the names of the glossary."""
    read, written = fleet.tokens()
    cached = sourced("deepseek_fleet_input_tokens_cached", "token/second")
    nodes = sourced("deepseek_fleet_nodes_mean", "dimensionless")
    return Scenario(
        {
            "chips": nodes * sourced("deepseek_fleet_gpus_per_node", "chip"),
            "chip_rent": sourced("deepseek_h800_lease", "dollar/chip/second"),
            "input_tokens": read - cached,
            "cached_tokens": cached,
            "output_tokens": written,
            "input_price": sourced("api_price_deepseek_r1_input_cache_miss", "dollar/token"),
            "cached_price": sourced("api_price_deepseek_r1_input_cache_hit", "dollar/token"),
            "output_price": sourced("api_price_deepseek_r1_output", "dollar/token"),
        }
    )


@dataclass(frozen=True)
class FleetLoad:
    """What the GPUs that generate are given to do.

    Attributes:
        gpu_tokens: tokens per second of each GPU.
        gpu_users: users at once on each GPU: its tokens, over those that a user sees.
        unit_users: users at once of a unit.
        expert_tokens: tokens that each routed expert gets in a step, the load even.

    """

    gpu_tokens: float
    gpu_users: float
    unit_users: float
    expert_tokens: float


def fleet_load() -> FleetLoad:
    """Return the load that follows from the published throughput and speed."""
    tokens = sourced("deepseek_fleet_decode_throughput", "token/second")
    tokens /= sourced("deepseek_fleet_gpus_per_node", "chip")
    users = tokens / sourced("deepseek_fleet_user_speed", "token/second/user")
    together = users * sourced("deepseek_decode_unit_gpus", "chip")
    expert_tokens: float = serving.expert_batch(
        batch=together,
        experts=sourced("deepseek_routed_experts", "dimensionless"),
        experts_per_token=sourced("deepseek_active_experts", "dimensionless"),
    )
    return FleetLoad(tokens, users, together, expert_tokens)


def fleet_people() -> float:
    """Return the weekly users who fill a unit at its published speed and with its answers.

    They send as many messages as those of ChatGPT.
    """
    speed = sourced("deepseek_fleet_user_speed", "token/second/user")
    return weekly_users(fleet_load().unit_users, speed, requests()[THINKING].answer)


def fleet_unit() -> Deployment:
    """Return one of its units that generate: a replica of the shared weights on every GPU."""
    gpus = int(sourced("deepseek_decode_unit_gpus", "chip"))
    return by_one_share("h800_sxm", gpus, "deepseek_v3", weight_bits=8, replicas=gpus)


@dataclass(frozen=True)
class FlopUse:
    """Arithmetic of a token in the published unit, and the shares of a GPU's peak it makes.

    Attributes:
        weights: operations of a token with the weights.
        attention: operations of a token with the cache.
        weights_only: share of the 8-bit peak, attention left out.
        each_in_its_own: weights over the 8-bit peak and attention over the 16-bit one, added.

    """

    weights: float
    attention: float
    weights_only: float
    each_in_its_own: float


def fleet_flop_use() -> FlopUse:
    """Return how much of the published unit's arithmetic its published throughput uses."""
    unit, rate = fleet_unit(), fleet_load().gpu_tokens
    gpu = catalog.load().accelerator("h800_sxm")
    weights = float(unit.evaluate(decode.active_flop_per_token))
    attention = unit.values["attention_flop"] * sourced("deepseek_fleet_context", "token")
    return FlopUse(
        weights=weights,
        attention=attention,
        weights_only=rate * weights / gpu.peak_flops_8bit,
        each_in_its_own=rate * (weights / gpu.peak_flops_8bit + attention / gpu.peak_flops_16bit),
    )


# Measured, alone and together

MEASURED_USERS = 128
"""Users at once of the runs on eight MI300X, as the facts' names say."""
_PROMPT, _GENERATED = 128, 2048
"""Tokens read in and tokens generated for each of them."""


def measured_gains() -> dict[str, float]:
    """Return measured output of many users over that of one, on the same machine.

    The batches are smaller than those that would fill the machine.
    """
    gains: dict[str, float] = {}
    for size in ("70b", "405b"):
        one = sourced(f"mi300x_{size}_latency_1", "second")
        many = sourced(f"mi300x_{size}_latency_128", "second")
        gains[f"{size[:-1]}B on eight MI300X, {MEASURED_USERS} users"] = MEASURED_USERS * one / many
    for name, model in (("7B", "7b"), ("gpt-oss-120b", "gpt_oss_120b")):
        together, one = (sourced(f"spark_{model}_speed_{n}", "token/second") for n in (32, 1))
        gains[f"{name} on a DGX Spark, 32 users"] = together / one
    return gains


def steps_of_kernels() -> dict[str, tuple[float, float]]:
    """Return decode steps, predicted and put together from measured kernels, in seconds.

    Nothing was fitted to them.
    """
    found = {}
    h100 = by_one_share("h100_sxm5", 8, "llama3_70b")
    for users in (1, 256):
        name = f"70B on eight H100, {show(users, 'user')} (kernels)"
        measured = sourced(f"aiconfigurator_70b_step_{users}", "second")
        found[name] = (h100.step(users, 2048).step_time, measured)
    return found


def measured_steps() -> dict[str, tuple[float, float]]:
    """Return decode steps of whole machines, predicted and measured, in seconds.

    Nothing was fitted to them.
    """
    found = {}
    for size, model in (("70b", "llama3_70b"), ("405b", "llama31_405b")):
        mi300x = by_one_share("mi300x", 8, model, weight_bits=8)
        for users in (1, MEASURED_USERS):
            # The prompt, and half of what is generated.
            predicted = mi300x.step(users, _PROMPT + _GENERATED / 2).step_time
            measured = sourced(f"mi300x_{size}_latency_{users}", "second") / _GENERATED
            found[f"{size[:-1]}B on eight MI300X, {show(users, 'user')}"] = (predicted, measured)
    bits = sourced("r1_b200_bits", "bit/parameter")
    b200 = by_one_share("b200", 8, "deepseek_v3", weight_bits=bits)
    alone = 1 / sourced("r1_b200_speed_1", "token/second")
    found["DeepSeek-R1 on eight B200, 1 user"] = (b200.step(1, CONTEXT).step_time, alone)
    spread = by_one_share("h100_sxm5", 72, "deepseek_v3", weight_bits=8, replicas=72)
    busy = 256 * 72
    measured = busy / (9 * sourced("sglang_h100_node_throughput", "token/second"))
    found["DeepSeek-V3 on 72 H100, full"] = (spread.step(busy, CONTEXT).step_time, measured)
    fleet = fleet_unit().step(fleet_load().unit_users, sourced("deepseek_fleet_context", "token"))
    speed = sourced("deepseek_fleet_user_speed", "token/second/user")
    found["DeepSeek's own fleet, full"] = (fleet.step_time, 1 / speed)
    return found
