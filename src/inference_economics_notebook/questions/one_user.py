"""Questions on *One user*."""

from __future__ import annotations

from inference_economics.equations import roofline, serving
from inference_economics.facts import catalog
from inference_economics.ledger import post, post_on_card

from .question import EASY, HARD, MEDIUM, Number, asked, show


@asked(EASY)
def bytes_of_weights() -> Number:
    """The weights in bytes."""
    model = catalog.load().model("llama31_405b")
    size = {"parameters": model.parameters, "bits_per_parameter": 16}
    work = serving.weight_bytes.explain(**size)
    return Number(
        asks=f"{model.name} has {show(model.parameters, 'parameter', 4)} of 16 bits each. How much "
        "memory do they take?",
        hint="Find the bytes of one parameter first.",
        work=(work,),
        means="That is for the weights alone, before any user comes.",
        mistakes={
            work.value * 8: "These are bits. Eight bits make a byte.",
            work.value / 2: "This is one byte for each parameter. Sixteen bits are two.",
            work.value * 2: "This is four bytes for each parameter. Sixteen bits are two.",
        },
    )


@asked(EASY)
def cards_for_weights() -> Number:
    """Cards that hold them."""
    model, card = catalog.load().model("llama31_405b"), catalog.load().accelerator("h100_sxm5")
    size = {"parameters": model.parameters, "memory_capacity": card.memory_capacity}
    work = serving.chips_needed.explain(**size, bits_per_parameter=16)
    weights = serving.weight_bytes(parameters=model.parameters, bits_per_parameter=16)
    exact = weights / card.memory_capacity
    return Number(
        asks=f"How many H100s of {show(card.memory_capacity, 'byte')} does it take at least to "
        f"hold the {show(model.parameters, 'parameter')} of {model.name} in 16 bits?",
        hint="Divide the bytes of the weights by the bytes of a card. Cards come whole, so round "
        "up.",
        work=(work,),
        within=1.03,
        means=f"The weights fill {show(exact)} cards, and cards come whole. The cards come in "
        "nodes of eight, so in practice it is two nodes.",
        mistakes={
            float(int(exact)): f"These hold almost all of the weights. The division gives "
            f"{show(exact)}: round up.",
            serving.chips_needed(**size, bits_per_parameter=8): "This is for weights of 8 bits.",
            serving.chips_needed(**size, bits_per_parameter=128): "You took the bits for bytes.",
        },
    )


@asked(MEDIUM)
def time_of_a_token() -> Number:
    """The time of a token."""
    real = post_on_card("h100_sxm5")
    names = ("parameters", "bits_per_parameter", "chips", "memory_bandwidth")
    of = {name: real.values[name] for name in names}
    work = serving.weight_time.explain(**of)
    return Number(
        asks=f"The post’s model has {show(of['parameters'], 'parameter')} of "
        f"{show(of['bits_per_parameter'])} bits each, on {show(of['chips'])} cards. A real H100 "
        f"reads {show(of['memory_bandwidth'], 'byte/second')}. How long does it take to read the "
        "weights for one token?",
        hint="All cards read at the same time, each its own part.",
        work=(work,),
        means=f"If each reading gives one token, a lone user gets at most one every "
        f"{show(work.value, 'second')}, so {show(1 / work.value, digits=2)} a second, however "
        "fast the arithmetic is.",
        mistakes={
            work.value * of["chips"]: "This is the time of one card that reads all of it. The "
            "cards share the work.",
            work.value * 8: "This divides bits by bytes a second: eight bits make a byte.",
            work.value / 8: "This takes the weights for bits: they are in bytes, as the bandwidth "
            "is.",
            post().evaluate(serving.weight_time): "This is with the post’s bandwidth. The real "
            "card is a little faster.",
        },
    )


@asked(MEDIUM)
def share_of_arithmetic() -> Number:
    """How much a lone user keeps busy."""
    card = catalog.load().accelerator("a100_sxm_80")
    rates = {"peak_flops": card.peak_flops_16bit, "memory_bandwidth": card.memory_bandwidth}
    critical = roofline.critical_batch(**rates, bits_per_parameter=16, flop_per_parameter=2)
    work = serving.utilization.explain(
        **rates, bits_per_parameter=16, flop_per_parameter=2, batch=1, chips=1, parameters=7e9
    )
    return Number(
        asks=f"An A100 does {show(card.peak_flops_16bit, 'FLOP/second')} in 16 bits and reads "
        f"{show(card.memory_bandwidth, 'byte/second')}. One user runs a model of "
        f"{show(7e9, 'parameter')} in 16 bits on it. What share of the arithmetic does the user "
        "keep busy?",
        hint="Find the time of the arithmetic and the time of the reading. The longer one sets the "
        "pace.",
        work=(work,),
        means=f"It is one part in {show(critical)}, whatever the size of the model.",
        mistakes={
            work.value / 2: "This is one operation for each weight. Each weight is multiplied, and "
            "the product is added: two.",
            work.value * 2: "This is as if a weight took one byte. Sixteen bits are two.",
            1 - work.value: "This is the share that idles.",
        },
    )


@asked(HARD)
def bytes_on_the_ring() -> Number:
    """What a card sends."""
    model = catalog.load().model("llama3_70b")
    of = {"hidden_size": model.hidden_size, "layers": model.layers}
    fixed = {"activation_bytes": 2, "reductions_per_layer": 2, "ring_passes": 2, "batch": 1}
    cards, link = 8, catalog.load().accelerator("h100_sxm5").interconnect_bandwidth
    work = serving.traffic_bytes.explain(**of, **fixed, chips=cards)
    whole = work.value * cards / (cards - 1)
    return Number(
        asks=f"{model.name} has {show(model.layers)} layers and a hidden state of "
        f"{show(model.hidden_size)} numbers, sent in 16 bits. Eight cards add up the hidden state "
        "of a token twice in each layer, in a ring. How many bytes does each card send for one "
        "token?",
        hint=f"In a ring each card sends {cards - 1} of its {cards} pieces twice: once to add up "
        "(reduce-scatter), once to hand out the sums (all-gather).",
        work=(work,),
        means=f"At {show(link, 'byte/second')} the volume takes only "
        f"{show(work.value / link, 'second')}. What costs a lone user time is the delay "
        f"before each of these {show(2 * model.layers)} sums, two in each layer.",
        mistakes={
            work.value / 2: "Half of it is missing. A ring goes round twice, and each layer adds "
            "up twice: after attention and after the feed-forward block.",
            work.value / 4: "A ring goes round twice, and each layer adds up twice.",
            whole: "Almost: a card does not send its own eighth to itself.",
            work.value * cards: "This is what all cards send together, or bits in place of bytes.",
        },
    )
