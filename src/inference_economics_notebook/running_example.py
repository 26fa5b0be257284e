"""One example carried through the book: three models, and how the answer moves.

The post's dense model on the post's own figures; a dense model on a real machine; and a mixture
of experts as its maker serves it. Each chapter adds what its terms say.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from inference_economics.algebra.units import at_least, show
from inference_economics.equations import decode, roofline, serving, shape
from inference_economics.facts import catalog, sourced
from inference_economics.ledger import post
from inference_economics.serving import deploy, fleet, scale
from inference_economics.serving.requests import serve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inference_economics.serving.deployment import Deployment

    Figures = Mapping[str, Any]

ROWS = {
    "one-user": {
        "machines": ("accelerators", ""),
        "bits": ("bits of a weight", "dimensionless"),
        "read": ("weights read for a lone user's token", "byte"),
        "reading": ("time of that reading", "second"),
    },
    "sharing-the-weights": {
        "critical_batch": ("users of the critical batch", "dimensionless"),
        "shared": ("weights read for each token of that batch", "byte"),
        "context": ("tokens of context of each user", "dimensionless"),
        "own": ("cache read for each token, at that context", "byte"),
    },
    "a-real-machine": {
        "alone": ("time of a lone user's token, all terms counted", "second"),
        "users": ("users of this table's batch", "dimensionless"),
        "full": ("time of a token in that batch, all terms counted", "second"),
    },
    "requests-under-load": {
        "loaded": (
            "time of a token in a service that also reads prompts, with fitted values",
            "second",
        )
    },
    "how-many-users": {
        "answer": ("tokens of an answer", "dimensionless"),
        "speed": ("tokens a second for each user", "dimensionless"),
        "people": ("weekly users who fill that batch", "dimensionless"),
    },
    "what-scale-saves": {
        "cost_alone": ("cost of a million tokens, for a lone user", "dollar"),
        "cost_full": ("the same, for the users of full machines", "dollar"),
        "saved": ("one cost over the other", "dimensionless"),
    },
}
"""The rows that each chapter adds, in the order of the book: what they are called, and units."""
_NOTES = {
    "one-user": "A token of Llama-3-70B reads all weights except the input embedding, a table of "
    "which it needs one row. In DeepSeek-V3, each GPU has its own copy of the weights that every "
    "token uses. The reading of this copy, {copy}, takes nearly all of the {reading} in the "
    "table. The other weights of the token are those of its experts. The table counts them as "
    "spread evenly over all GPUs. This makes the time too short, because each expert lies whole "
    "on one GPU. So in each layer with experts, the others wait for a GPU that reads at least one "
    "whole expert. The token therefore takes at least {whole}.",
    "sharing-the-weights": "The critical batch of DeepSeek-V3 counts the copies of the weights "
    "that every token uses, one on each GPU. With a single copy it would be smaller. Its maker's "
    "machines also hold a second copy of {copies} experts of each layer, which the table leaves "
    "out. With these copies the batch would be {more} larger.",
    "a-real-machine": "This table's batch is chosen differently in each column. For the post's "
    "model it is the critical batch. On its machine the weights fill the memory that the "
    "datasheet states. So for times that include caches, the table says “no room”. For "
    "Llama-3-70B it is the largest batch that fits in the memory, if each user has {context} "
    "tokens of cache. For DeepSeek-V3 the batch follows from what its maker published: the tokens "
    "that these machines write in a second, divided by the {speed} that one user gets. At this "
    "published speed a token takes {published}. By our equations, a step without prompts and "
    "without guesses ahead takes {full}; the next chapter counts prompts and guesses. The "
    "{single} of its lone user count experts as spread evenly over all GPUs, as in One user.",
    "requests-under-load": "Llama-3-70B's machine now also reads prompts: {ratio} tokens for each "
    "token that it writes, as many as DeepSeek's fleet takes in. Here, however, none are cached. "
    "A token takes {waited}, so each user gets {loaded} tokens a second. A real service would keep "
    "its batch smaller: the chapters on costs ask for {asked} tokens a second. DeepSeek's fleet "
    "reads prompts on other chips, and under load we let it guess a token ahead. Times under load "
    "use values that we fitted to measured services; the other times use none of these.",
    "how-many-users": "We assume that each user sends as many messages as a user of ChatGPT. "
    "Answers of the post's model are as long as in a chat, and those of DeepSeek-V3 as long as in "
    "its fleet. Llama-3-70B has {shorter} of DeepSeek-V3's context, so we give its answers "
    "{shorter} of the length. The post's model writes a token each time its weights are "
    "read, and Llama-3-70B writes at its speed under load. DeepSeek-V3 writes at its published "
    "speed, not at the one that this book predicts.",
    "what-scale-saves": "The costs are those of a chat in which each user gets at least {asked} "
    "tokens a second, prompts included, at the rents of three-year contracts. A lone user rents "
    "the machine that is cheapest for one user, and many users share the one that is cheapest when "
    "full. So the machines and batches behind the costs differ from those of the rows above, "
    "and weights have eight bits. For the post's model only the weights are counted, their reading "
    "and the arithmetic with them, on the machines of the first row.",
}
NO_ROOM = "no room"
CONTEXT = 2000.0
"""Tokens of context of a user where no source states them: our choice."""
_MILLION = 1e6


def of_the_post() -> Figures:
    """Return what follows from the post's two terms and its own figures, at the chapter's rent."""
    here, context = post(), CONTEXT
    batch, time = here.evaluate(roofline.critical_batch), here.evaluate(serving.weight_time)
    rent = here.values["chips"] * sourced("h100_rental_3_years", "dollar/chip/second")
    weights = here.evaluate(serving.weight_bytes)
    return {
        "machines": f"{here.values['chips']:g} H100",
        "bits": here.values["bits_per_parameter"],
        "read": weights,
        "reading": time,
        "critical_batch": batch,
        "shared": weights / batch,
        "context": context,
        "own": here.evaluate(serving.cache_bytes, context=context),
        "users": batch,
        "answer": scale.requests()[scale.CHAT].answer,
        "speed": 1 / time,
        "people": scale.weekly_users(batch, 1 / time),
        "cost_alone": _MILLION * rent * time,
        "cost_full": _MILLION * rent * time / batch,
        "saved": batch,
    }


def of_a_deployment(
    here: Deployment, machine: str, context: float, users: float, loaded: float
) -> Figures:
    """Return what a step of a deployment comes to, with a token's time under load beside it."""
    rated = here.without("achieved shares")
    batch = rated.evaluate(decode.critical_batch_at_work)
    return {
        "machines": f"{here.values['chips']:g} {machine}",
        "bits": here.values["bits_per_parameter"],
        "read": here.evaluate(decode.weights_read, concurrent_users=1, replicas=1),
        "reading": rated.evaluate(decode.decode_weight_time, concurrent_users=1),
        "critical_batch": batch,
        "shared": here.evaluate(decode.weights_read, concurrent_users=batch) / batch,
        "context": context,
        "own": here.evaluate(serving.cache_bytes, context=context),
        "alone": here.step(1, context).step_time,
        "users": users,
        "full": here.step(users, context).step_time,
        "loaded": loaded,
    }


def of_a_service(model: str) -> Figures:
    """Return what a token of a chat costs alone and shared, each on the cheapest machine."""
    service = scale.services()[model]
    cost, least = (_MILLION * each.cost for each in (service.alone, service.full))
    return {"cost_alone": cost, "cost_full": least, "saved": cost / least}


def _llama() -> Figures:
    """Return Llama-3-70B on eight H100, its requests in the proportions of DeepSeek's."""
    machine, model, context = ("h100_sxm5", 8), "llama3_70b", CONTEXT
    here = deploy(*machine, model)
    users = float(here.largest_batch(context) or 0)
    smaller = context / sourced("deepseek_fleet_context", "token")
    prompt, answer = (length * smaller for length in fleet.lengths())
    service = serve(*machine, model, prompt=prompt, answer=answer, concurrency=users)
    loaded = service.loaded.time_per_token
    return {
        **of_a_deployment(here, "H100", context, users, loaded),
        "answer": answer,
        "speed": 1 / loaded,
        "people": scale.weekly_users(users, 1 / loaded, answer),
        **of_a_service("Llama-3 70B"),
    }


def _deepseek() -> Figures:
    """Return DeepSeek-V3 on a unit of its maker's fleet, with the users that were published."""
    load, context = scale.fleet_load(), sourced("deepseek_fleet_context", "token")
    unit, users = scale.fleet_unit(), load.unit_users
    speed, _ = fleet.separate(load.gpu_users)
    return {
        **of_a_deployment(unit, "H800", context, users, 1 / float(speed)),
        "answer": scale.requests()[scale.THINKING].answer,
        "speed": sourced("deepseek_fleet_user_speed", "token/second/user"),
        "people": scale.fleet_people(),
        **of_a_service("DeepSeek-V3"),
    }


@cache
def examples() -> Mapping[str, Figures]:
    """Return the figures of each example under its name, by the names of `ROWS`."""
    return {
        "The post's model": of_the_post(),
        "Llama-3-70B": _llama(),
        "DeepSeek-V3 as served": _deepseek(),
    }


def _experts_whole() -> Mapping[str, str]:
    """Return what DeepSeek-V3's lone user reads if one GPU reads each expert, all side by side."""
    unit = scale.fleet_unit().without("achieved shares")
    stored = unit.evaluate(roofline.bytes_per_parameter)
    copy = unit.evaluate(shape.shared_parameters) * stored
    experts = unit.values["routed_parameters"] / unit.values["experts"] * stored
    whole = (copy + experts) / unit.values["memory_bandwidth"]
    return {"copy": show(copy, "byte"), "whole": at_least(whole, "second")}


def _second_copies() -> Mapping[str, str]:
    """Return how many experts have a second copy in DeepSeek's unit, and what these add to read."""
    unit = scale.fleet_unit()
    copies = sourced("deepseek_redundant_experts", "dimensionless")
    routed = unit.values["routed_parameters"]
    read = routed + unit.values["replicas"] * unit.evaluate(shape.shared_parameters)
    more = routed * copies / unit.values["experts"] / read
    return {"copies": show(copies, "dimensionless"), "more": show(more, "fraction", 2)}


@cache
def notes() -> Mapping[str, str]:
    """Return what each chapter's rows need to have said about them."""
    _, llama, deepseek = examples().values()
    prompt, answer = fleet.lengths()
    numbers = {
        "speed": show(deepseek["speed"], "dimensionless"),
        "full": show(deepseek["full"], "second"),
        "single": show(deepseek["alone"], "second"),
        "published": show(1 / deepseek["speed"], "second", 2),
        "context": show(llama["context"], "dimensionless"),
        "ratio": show(prompt / answer, "dimensionless", 2),
        "loaded": show(llama["speed"], "dimensionless", 2),
        "waited": show(llama["loaded"], "second"),
        "reading": show(deepseek["reading"], "second"),
        **_experts_whole(),
        **_second_copies(),
        "shorter": show(llama["context"] / deepseek["context"], "fraction", 2),
        "asked": show(scale.SPEED, "dimensionless"),
    }
    return {chapter: note.format(**numbers) for chapter, note in _NOTES.items()}


def told(upto: str) -> list[tuple[str, list[str]]]:
    """Return the rows that the chapters up to one have added.

    A row is the chapter that adds it, and its cells as text. Raises CatalogError for a chapter that
    adds none.
    """
    catalog.find(ROWS, upto, "chapter with an example")
    chapters = list(ROWS)
    return [
        (chapter, [name, *(_shown(each.get(row), unit) for each in examples().values())])
        for chapter in chapters[: chapters.index(upto) + 1]
        for row, (name, unit) in ROWS[chapter].items()
    ]


def _shown(figure: Any, unit: str) -> str:
    if figure is None:
        return NO_ROOM
    return show(figure, unit) if unit else str(figure)
