"""Questions on *Sharing the weights*."""

from __future__ import annotations

from inference_economics.equations import decode, roofline, serving, shape
from inference_economics.facts import catalog
from inference_economics.ledger import stated
from inference_economics.serving import balance

from ..figures.hardware import critical_batch_of
from .question import EASY, HARD, MEDIUM, Choice, Number, Option, asked, show

_TWO = {"flop_per_parameter": 2}


@asked(EASY)
def critical_batch() -> Number:
    """The batch that keeps an H200 busy."""
    card = catalog.load().accelerator("h200_sxm")
    rates = {"peak_flops": card.peak_flops_8bit, "memory_bandwidth": card.memory_bandwidth}
    work = roofline.critical_batch.explain(**rates, **_TWO, bits_per_parameter=8)
    return Number(
        asks=f"An H200 does {show(card.peak_flops_8bit, 'FLOP/second')} in 8 bits and reads "
        f"{show(card.memory_bandwidth, 'byte/second')}. How many requests at once keep its "
        "arithmetic busy, if weights of 8 bits are all that is read?",
        hint="Find the operations for each byte. Each request does two operations with a weight.",
        work=(work,),
        unit="request",
        means="Below this batch another request costs next to nothing, as long as only weights "
        "are read. Above it, each further request lengthens the step for everyone.",
        mistakes={
            work.value * 2: "Twice too many: each request does two operations with a weight, a "
            "multiplication and an addition. This is the post’s own slip.",
            work.value / 2: "Half as many: you divided twice by the two operations of a request.",
            work.value * 8: "You took the bits of a weight for bytes.",
        },
    )


@asked(EASY)
def more_cards() -> Choice:
    """Twice the cards."""
    card = catalog.load().accelerator("h100_sxm5")
    rates = {"peak_flops": card.peak_flops_8bit, "memory_bandwidth": card.memory_bandwidth}
    model = {"parameters": 70e9, "bits_per_parameter": 8, **_TWO, **rates}
    full = {
        chips: serving.batch_to_fill(
            utilization_alone=serving.utilization(**model, chips=chips, batch=1)
        )
        for chips in (8, 16)
    }
    ratio = round(full[16] / full[8], 9)
    return Choice(
        asks="A service splits its model over twice as many cards. How many requests at once does "
        "it take now to keep the arithmetic busy?",
        hint="Twice the cards do twice the arithmetic. What else do they do twice as fast?",
        means=f"With 8 cards and with 16 it takes {show(full[8])} requests: arithmetic and reading "
        "both become twice as fast. The critical batch depends on the card and on the number "
        "format, not on how many cards there are.",
        options={
            "twice": Option("Twice as many", "The reading becomes twice as fast, too."),
            "same": Option("As many as before", ""),
            "half": Option("Half as many", "The arithmetic becomes twice as fast, too."),
        },
        right={2.0: "twice", 1.0: "same", 0.5: "half"}[ratio],
    )


@asked(MEDIUM)
def price_of_a_small_batch() -> Number:
    """The price of a small batch."""
    full, few = critical_batch_of("h100_sxm5", 8), 20
    work = serving.cost_ratio.explain(utilization=1.0, utilization_alone=few / full)
    return Number(
        asks=f"On an H100 it takes {show(full)} requests at once to fill the arithmetic. A small "
        f"service has {few}. Suppose that only the weights are read. How many times as much does "
        f"one of its tokens cost as a token in a batch of {show(full)}?",
        hint=f"A step takes as long with {few} requests as with {show(full)}. How many tokens "
        "share it?",
        work=(work,),
        means=f"A lone user would pay {show(full)} times as much. Most of the saving "
        "comes from the first few requests that share.",
        mistakes={
            full: "This is what a lone user pays. Here several share the step.",
            float(few): f"A lone user pays {few} times as much as each of these {few}. The "
            "question is about the large batch.",
            work.value * 2: "This is twice the right number: the "
            f"{show(full)} requests already count both operations of each weight.",
            1 / work.value: "This is the price in the large batch over that in the small one.",
        },
    )


@asked(MEDIUM)
def caches_like_weights() -> Number:
    """When caches outweigh the weights."""
    model = catalog.load().model("llama3_70b")
    context = 8000
    cached = {"layers": model.layers, "kv_heads": model.kv_heads, "head_size": model.head_dim}
    token = shape.kv_bytes_grouped(**cached, cache_value_bytes=2)
    size = {"parameters": model.parameters, "bits_per_parameter": 16}
    work = serving.cache_breakeven.explain(**size, context=context, kv_bytes_per_token=token)
    return Number(
        asks=f"{model.name} has {show(model.parameters, 'parameter')} in 16 bits, and keeps "
        f"{show(token, 'byte')} for each token of context. How many users with {show(context)} "
        "tokens each bring caches as large as the weights?",
        hint="Find the cache of one user, and how often it goes into the bytes of the weights.",
        work=(work,),
        means="With more users than this, most of what a step reads is not shared by anybody.",
        mistakes={
            work.value / 2: "This is for weights of one byte. Sixteen bits are two bytes.",
            work.value * 8: "You took the bits of the weights for bytes.",
            work.value * context: "This is how many tokens have caches as large as the weights. "
            "Each user has many.",
        },
    )


@asked(HARD)
def batch_for_experts() -> Number:
    """A batch for every expert."""
    model, card = catalog.load().model("deepseek_v3"), catalog.load().accelerator("h100_sxm5")
    dense = critical_batch_of(card.id, 8)
    routing = {"experts": model.experts, "experts_per_token": model.experts_per_token}
    batch = dense * model.experts / model.experts_per_token
    sparse = balance.sparse_batches(card.id).values()
    above = sum(each > stated("users-needed", "user") for each in sparse)
    return Number(
        asks=f"In each layer of {model.name} a token goes through {show(model.experts_per_token)} "
        f"of {show(model.experts)} experts. On an H100 in 8 bits, weights that every request uses "
        f"need {show(dense, digits=4)} requests to keep the arithmetic busy. How many requests at "
        "once must a service have for each expert to see as many?",
        hint="A batch is split among the experts. What share of it does one expert see?",
        work=(serving.expert_batch.explain(batch=batch, **routing),),
        value=batch,
        unit="request",
        means=f"Take {show(dense, digits=4)} times {show(model.experts)}, divide by "
        f"{show(model.experts_per_token)}, and round: {show(batch)}. The post’s thousand "
        f"is too low for the experts of {above} of the {len(sparse)} such models of this book.",
        mistakes={
            dense: "This is for a dense model, in which every request uses every weight. An expert "
            f"sees one request in {show(model.experts / model.experts_per_token)}.",
            balance.two_terms(card.id, model.id).evaluate(decode.critical_batch_at_work): "You "
            "multiplied by all weights over those that a token uses. This is what the model as a "
            "whole takes, if each weight is read from one copy. The question is about the experts "
            "alone.",
            dense * model.experts_per_token / model.experts: "You divided where you should "
            "multiply: this is what an expert sees of the dense batch.",
            dense * model.experts: "This is for one expert a token. Each token goes through "
            f"{show(model.experts_per_token)}.",
        },
    )
