"""The named deployments that the chapter on scale compares, and what is asked of them.

Everything is made anew from the catalog whenever it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..algebra.formula import InputError
from ..algebra.own_names import own_names
from ..algebra.units import show
from ..equations import decode, demand, market, serving, shape
from ..facts import catalog, sourced
from .deployment import Deployment, deploy
from .market import Service
from .scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable

__dir__ = own_names(__name__)


def by_one_share(*choices: Any, **named: Any) -> Deployment:
    """Return a deployment that fits as far as one share of the memory goes, as chapters count.

    It takes what `deploy` takes.
    """
    usual = catalog.load().fact("usable_memory_share").value
    return deploy(*choices, **{"usable_share": usual, **named})


SPEED = 20.0
"""Tokens per second that every user gets where services are compared."""
CONTEXT = 2000.0
"""Tokens of context of every user."""
LIFETIME = "4 year"
"""How long a machine of one's own is used: our assumption."""
HOUR_A_DAY = 1 / 24
"""The share of its life that a machine generates if it does so for an hour a day."""
SAMPLES = 4
"""Answers that are tried at once for each user, where several are: our choice."""


# What may be rented for each model


def _on(chip: str, model: str, *counts: int) -> list[Deployment]:
    """Return a model with weights and cache in eight bits on so many chips."""
    return [by_one_share(chip, count, model, weight_bits=8, kv_bits=8) for count in counts]


def _deepseek(weight_bits: float = 8, **options: Any) -> list[Deployment]:
    """Return groups of cards that share all weights, or keep a copy of the shared ones each."""
    smallest = 8 if weight_bits <= 8 else 16
    layouts = [(smallest, 1), *((n, n) for n in (8, 16, 32, 64, 144) if n >= smallest)]
    return [
        by_one_share(
            "h200_sxm", n, "deepseek_v3", weight_bits=weight_bits, replicas=copies, **options
        )
        for n, copies in layouts
    ]


def deployments() -> dict[str, list[Deployment]]:
    """Return what may be rented for each model, under the model's name in the figures."""
    return {
        "Llama-3 8B": [
            *_on("h100_sxm5", "llama3_8b", 1, 2, 4, 8), *_on("rtx4090", "llama3_8b", 1)
        ],
        "Llama-3 70B": _on("h100_sxm5", "llama3_70b", 1, 2, 4, 8),
        "Llama-3.1 405B": [
            *_on("h100_sxm5", "llama31_405b", 8), *_on("h200_sxm", "llama31_405b", 8)
        ],
        "Mixtral 8x7B": _on("h100_sxm5", "mixtral_8x7b", 1, 2, 4, 8),
        "DeepSeek-V3": _deepseek(),
        "gpt-oss-120b": [
            by_one_share("h100_sxm5", n, "gpt_oss_120b", weight_bits=4, replicas=copies)
            for n in (1, 2, 4, 8)
            for copies in sorted({1, n})
        ],
    }  # fmt: skip


def services(speed: float = SPEED, context: float = CONTEXT) -> dict[str, Service]:
    """Return a service of each model, which rents whatever of its deployments is cheapest."""
    return {name: Service(tuple(group), context, speed) for name, group in deployments().items()}


# Alone and together


@dataclass(frozen=True)
class Priced:
    """A deployment at work: for whom, how fast, and at what cost.

    Attributes:
        deployment: the model on its machines.
        users: users at once.
        speed: tokens per second that each gets.
        cost: dollars per token.

    """

    deployment: Deployment
    users: int
    speed: float
    cost: float


def _cheapest(service: Service, *, shared: bool) -> Priced:
    """Return the cheapest of a service's units: full, or with one user alone."""
    found = []
    for unit in service.units:
        users = unit.users if shared else 1
        step = unit.deployment.step(users, service.context)
        if step.cost_per_token is None:
            raise catalog.CatalogError(f"no rent is known of {unit.deployment.name}")
        found.append(Priced(unit.deployment, users, step.user_speed, step.cost_per_token))
    return min(found, key=lambda each: each.cost)


def alone(service: Service) -> Priced:
    """Return the cheapest token of a lone user who rents a machine and keeps it busy."""
    return _cheapest(service, shared=False)


def together(service: Service) -> Priced:
    """Return the cheapest token of a full machine: no user below the service's speed.

    Where memory is full before the step takes too long, users get more than that speed.
    """
    return _cheapest(service, shared=True)


# From users at once to people


def generation_share(speed: float = SPEED) -> float:
    """Return the share of the day that tokens are generated for a weekly user of a chat."""
    daily: float = demand.generation_time(
        message_rate=sourced("chatgpt_messages_2025_07", "request/second"),
        audience=sourced("chatgpt_weekly_users_2025_07", "user"),
        tokens_per_message=sourced("azure_2023_conversation_output_mean", "token/request"),
        tokens_per_second_per_user=speed,
    )
    return float(demand.time_share(daily_use=daily))


def weekly_users(at_once: float, speed: float = SPEED) -> float:
    """Return the weekly users of a chat who keep so many in generation, evenly over the day."""
    return at_once / generation_share(speed)


def weekly_bars(factor: float, speed: float = SPEED, context: float = CONTEXT) -> dict[str, float]:
    """Return, for each model, the weekly users from which a token costs at most so many times."""
    return {
        name: weekly_users(service.efficient_users(factor), speed)
        for name, service in services(speed, context).items()
    }


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


def _drafted(length: float, acceptance: str) -> list[Deployment]:
    """Return DeepSeek-V3 guessing ahead with its own small module, a share of its weights."""
    share = sourced("deepseek_v3_mtp_parameters", "parameter")
    share /= catalog.load().model("deepseek_v3").parameters
    return _deepseek(
        draft_length=length, acceptance=sourced(acceptance, "fraction"), draft_cost=share
    )


def _dense() -> list[Deployment]:
    """Return a model of DeepSeek-V3's shape whose weights are those that a token of it uses."""
    built = []
    for count in (1, 2, 4, 8):
        sparse = by_one_share("h200_sxm", count, "deepseek_v3", weight_bits=8)
        stored = sparse.evaluate(shape.active_parameters) + sparse.values["input_embedding"]
        one_expert = {"experts": 1, "experts_per_token": 1, "routed_parameters": 0}
        built.append(sparse.with_values(stored_parameters=stored, **one_expert))
    return built


def _grouped() -> list[Deployment]:
    """Return DeepSeek-V3 with the grouped heads of Llama-3 70B, not latent attention."""
    wanted, other = catalog.load().model("deepseek_v3"), catalog.load().model("llama3_70b")
    heads, size = other.kv_heads, other.head_dim
    numbers = shape.cached_values_grouped(kv_heads=heads, head_size=size)
    built = []
    for each in _deepseek():
        cache = shape.kv_bytes_per_token(
            layers=wanted.layers,
            cached_values=numbers,
            cache_value_bytes=each.values["cache_value_bytes"],
        )
        work = shape.attention_flop(
            layers=wanted.layers, heads=wanted.heads, key_width=size, value_width=size
        )
        built.append(
            each.with_values(kv_heads=heads, kv_bytes_per_token=cache, attention_flop=work)
        )
    return built


def levers(speed: float = SPEED, context: float = CONTEXT) -> dict[str, Lever]:
    """Return DeepSeek-V3 as it is, and with one thing changed at a time.

    What a change brings along stays: weights of sixteen bits need more cards and are multiplied
    at half the rate, and a model without experts needs no layouts that spread them.
    """

    def lever(name: str, group: Iterable[Deployment], samples: int = 1) -> Lever:
        return Lever(name, Service(tuple(group), context, speed), samples)

    return {
        "base": lever("DeepSeek-V3 as it is", _deepseek()),
        "dense": lever("no experts: only the weights a token uses", _dense()),
        "grouped": lever("grouped heads, not latent attention", _grouped()),
        "cache": lever("its cache in half the bits", _deepseek(kv_bits=8)),
        "weights": lever("its weights in twice the bits", _deepseek(weight_bits=16)),
        "one": lever("one token guessed ahead", _drafted(1, "deepseek_mtp_acceptance")),
        "several": lever(
            "several guessed ahead, as in Leviathan et al.",
            _drafted(
                sourced("leviathan_draft_length", "dimensionless"),
                "leviathan_acceptance",
            ),
        ),
        "samples": lever("four answers at once for each user", _deepseek(), SAMPLES),
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
        listed: dollars that an API lists for an output token.

    """

    name: str
    deployment: Deployment
    price: float
    power: float
    listed: float

    @property
    def speed(self) -> float:
        """Tokens per second of the only user."""
        return self.deployment.step(1, CONTEXT).user_speed

    def inputs(self, time_used: float) -> dict[str, Any]:
        """Return what `market.own_cost` takes, for a share of the machine's life."""
        return {
            "purchase_price": self.price,
            "lifetime": LIFETIME,
            "time_used": time_used,
            "machine_power": self.power,
            "electricity_price": sourced("electricity_us_residential_2024", "dollar/joule"),
            "throughput": self.speed,
        }

    def cost(self, time_used: float) -> float:
        """Return dollars per token if the machine generates that share of its life."""
        return float(market.own_cost(**self.inputs(time_used)))


def own_machines() -> dict[str, OwnMachine]:
    """Return a dense and a sparse model on a gamer's card, and on a large Mac.

    gpt-oss keeps its experts in four bits and the rest in sixteen. A token reads about as much
    of each, so that it counts with eight.
    """
    power = {"rtx4090": "rtx4090_system_power", "m3_ultra": "mac_studio_m4_max_power"}
    listed = {"dense": "api_price_llama3_70b", "sparse": "api_price_gpt_oss_120b_groq_output"}
    machines = {
        "card_dense": ("Llama-3 8B on an RTX 4090", "rtx4090", "llama3_8b"),
        "card_sparse": ("gpt-oss-20b on an RTX 4090", "rtx4090", "gpt_oss_20b"),
        "mac_dense": ("Llama-3 70B on an M3 Ultra", "m3_ultra", "llama3_70b"),
        "mac_sparse": ("gpt-oss-120b on an M3 Ultra", "m3_ultra", "gpt_oss_120b"),
    }
    return {
        key: OwnMachine(
            name,
            by_one_share(chip, 1, model, weight_bits=8),
            sourced(f"{chip}_purchase", "dollar/chip"),
            sourced(power[chip], "watt"),
            sourced(listed[key.partition("_")[2]], "dollar/token"),
        )
        for key, (name, chip, model) in machines.items()
    }


# A published day


def fleet_day() -> Scenario:
    """Return DeepSeek's published day under the names of the glossary."""
    read = sourced("deepseek_fleet_input_tokens", "token/second")
    cached = sourced("deepseek_fleet_input_tokens_cached", "token/second")
    nodes = sourced("deepseek_fleet_nodes_mean", "dimensionless")
    return Scenario(
        {
            "chips": nodes * sourced("deepseek_fleet_gpus_per_node", "chip"),
            "chip_rent": sourced("deepseek_h800_lease", "dollar/chip/second"),
            "input_tokens": read - cached,
            "cached_tokens": cached,
            "output_tokens": sourced("deepseek_fleet_output_tokens", "token/second"),
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
    return FleetLoad(tokens, users, together, expert_tokens(together))


def expert_tokens(users: float) -> float:
    """Return the tokens that each of DeepSeek-V3's routed experts gets in a step, load even."""
    return float(
        serving.expert_batch(
            batch=users,
            experts=sourced("deepseek_routed_experts", "dimensionless"),
            experts_per_token=sourced("deepseek_active_experts", "dimensionless"),
        )
    )


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
        all_in_8bit: share of the 8-bit peak if all of it counts so.
        all_in_16bit: share of the 16-bit peak if all of it counts so.
        each_in_its_own: weights over the 8-bit peak and attention over the 16-bit one, added.

    """

    weights: float
    attention: float
    weights_only: float
    all_in_8bit: float
    all_in_16bit: float
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
        all_in_8bit=rate * (weights + attention) / gpu.peak_flops_8bit,
        all_in_16bit=rate * (weights + attention) / gpu.peak_flops_16bit,
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
        full = sourced(f"mi300x_{size}_throughput", "token/second")
        name = f"{size[:-1]}B on eight MI300X"
        gains[f"{name}, full load"] = full * one / _GENERATED
        gains[f"{name}, {MEASURED_USERS} users"] = MEASURED_USERS * one / many
    together = sourced("spark_7b_speed_32", "token/second")
    gains["7B on a DGX Spark, 32 users"] = together / sourced("spark_7b_speed_1", "token/second")
    sparse = sourced("spark_gpt_oss_120b_speed_32", "token/second")
    sparse /= sourced("spark_gpt_oss_120b_speed_1", "token/second")
    gains["gpt-oss-120b on a DGX Spark, 32 users"] = sparse
    return gains


def measured_steps() -> dict[str, tuple[float, float]]:
    """Return decode steps of whole machines, predicted and measured, in seconds.

    The first two were put together from measured kernels. Nothing was fitted to any of them.
    """
    found = {}
    h100 = by_one_share("h100_sxm5", 8, "llama3_70b")
    for users in (1, 256):
        name = f"70B on eight H100, {show(users, 'user')} (kernels)"
        measured = sourced(f"aiconfigurator_70b_step_{users}", "second")
        found[name] = (h100.step(users, 2048).step_time, measured)
    for size, model in (("70b", "llama3_70b"), ("405b", "llama31_405b")):
        mi300x = by_one_share("mi300x", 8, model, weight_bits=8)
        for users in (1, MEASURED_USERS):
            # The prompt, and half of what is generated.
            predicted = mi300x.step(users, _PROMPT + _GENERATED / 2).step_time
            measured = sourced(f"mi300x_{size}_latency_{users}", "second") / _GENERATED
            found[f"{size[:-1]}B on eight MI300X, {show(users, 'user')}"] = (predicted, measured)
    b200 = by_one_share("b200", 8, "deepseek_v3", weight_bits=4)
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


# How far the bar depends on what was chosen


SPEEDS = (10.0, 20.0, 40.0)
CONTEXTS = (1000.0, 2000.0, 8000.0)


def bar_ranges(factor: float) -> dict[str, tuple[float, float]]:
    """Return, for each model, the least and the most weekly users that the bar asks for.

    The speed and the context vary over `SPEEDS` and `CONTEXTS`; a choice that no machine
    reaches is left out.
    """
    found: dict[str, tuple[float, float]] = {}
    for name, group in deployments().items():
        bars = []
        for speed in SPEEDS:
            for context in CONTEXTS:
                try:
                    service = Service(tuple(group), context, speed)
                except InputError:
                    continue
                bars.append(weekly_users(service.efficient_users(factor), speed))
        found[name] = (min(bars), max(bars))
    return found
