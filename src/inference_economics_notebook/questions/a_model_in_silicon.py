"""Questions on *A model in silicon*."""

from __future__ import annotations

import math

from inference_economics.equations import roofline, serving, silicon
from inference_economics.facts import catalog, sourced
from inference_economics.ledger import stated

from .question import EASY, HARD, MEDIUM, Choice, Number, Option, asked, show


@asked(EASY)
def between_two_tokens() -> Number:
    """Many readers, few chips."""
    users, chips = 50e6, 1000.0
    speed = stated("tokens-per-chip", "token/second/chip")
    told = {"active_users": users, "audience_chips": chips, "tokens_per_second_per_chip": speed}
    work = silicon.token_interval.explain(**told, tokens_per_user_step=1)
    reading = sourced("reading_speed", "word/second") / sourced("words_per_token", "word/token")
    return Number(
        asks=f"A chip makes {show(speed)} tokens a second. {show(chips)} of them serve "
        f"{show(users)} readers at the same time. How long is it from one token of a reader to the "
        "next?",
        hint="How many tokens do all chips make in a second, and how many readers share them?",
        work=(work,),
        means=f"Each reader gets {show(1 / work.value)} tokens a second, "
        f"about {show(1 / work.value / reading, digits=1)} times as fast as people read.",
        mistakes={
            1 / work.value: "This is how many tokens a reader gets in a second. Take one over it.",
            work.value / chips: "This counts the chips twice.",
            work.value * chips: "This is what one chip would take for all readers.",
        },
    )


@asked(EASY)
def wafers_for_a_model() -> Number:
    """A model on wafers."""
    model, wafer = catalog.load().model("llama31_405b"), catalog.load().accelerator("wse3")
    size = {"parameters": model.parameters, "unit_capacity": wafer.memory_capacity}
    work = silicon.wafers_needed.explain(**size, bits_per_parameter=8)
    exact = serving.weight_bytes(parameters=model.parameters, bits_per_parameter=8)
    return Number(
        asks=f"A wafer of Cerebras keeps {show(wafer.memory_capacity, 'byte')} beside its "
        f"arithmetic. How many wafers hold the {show(model.parameters, 'parameter')} of "
        f"{model.name} in 8 bits?",
        hint="Divide the bytes of the weights by the bytes of a wafer. There are no parts of "
        "wafers.",
        work=(work,),
        within=1.03,
        means="Memory on the chip is fast, and there is little of it. So the smallest machine "
        "becomes large.",
        mistakes={
            float(int(exact / wafer.memory_capacity)): "These hold almost all of it. "
            f"The division gives {show(exact / wafer.memory_capacity)}: round up.",
            silicon.wafers_needed(**size, bits_per_parameter=16): "This is for 16 bits.",
            silicon.wafers_needed(**size, bits_per_parameter=64): "You took bits for bytes.",
        },
    )


@asked(EASY)
def dies_for_a_model() -> Number:
    """A model in wires."""
    held = catalog.load().fact("taalas_hc1_weights").value
    weights = stated("model-parameters", "parameter")
    dies = math.ceil(weights / held)
    return Number(
        asks="The first die that we know of whose wires are the weights of a model holds "
        f"{show(held, 'parameter')}. How many such dies does the post’s model of "
        f"{show(weights, 'parameter')} take, if each holds as many?",
        hint="Count weights, and let each take as much of a die as those of the first.",
        value=float(dies),
        unit="chip",
        means=f"The division gives {show(weights / held, digits=4)}, and dies come whole. The "
        "first die keeps most of its weights in three bits; more bits would likely take more dies. "
        "Each of them holds other weights, and a new model needs new ones.",
        mistakes={
            held / weights: "This is the share of the model that one die holds.",
            float(dies * 8): "You took bytes for bits. The question counts weights.",
            float(dies * 2): "Two operations with each weight need no more wires.",
        },
    )


@asked(MEDIUM)
def chips_to_spread_a_design() -> Number:
    """Chips that bear a design."""
    facts = catalog.load()
    design, price = facts.fact("design_cost_5nm").value, facts.fact("h100_purchase").value
    share = 0.1
    bearing = {"acceptable_share": share, "chip_price": price}
    work = silicon.break_even_chips.explain(mask_cost=design, **bearing)
    of_the_mask = silicon.break_even_chips(mask_cost=stated("mask-cost", "dollar"), **bearing)
    all_but_a_tenth = work.value * share / (1 - share)
    return Number(
        asks="The design of a chip for a leading process is said to cost "
        f"{show(design, 'dollar')}. An H100 sells for {show(price, 'dollar')}. Over how many chips "
        f"must a design be spread, so that it adds {show(share, 'fraction')} of that price to "
        "each?",
        hint="How many dollars may the design add to a chip?",
        work=(work,),
        means="The thread says tens or hundreds of thousands of chips. That fits the cost of a "
        "design, and not the million dollars that it names for a mask.",
        mistakes={
            work.value * share: "This adds the whole price of an H100 to each chip.",
            all_but_a_tenth: "This lets the design add all of the price but a tenth.",
            of_the_mask: "This is for the million dollars of the thread.",
            design / (price * share) ** 2: "You divided by the dollars of a chip twice. Divide "
            "once.",
        },
    )


@asked(MEDIUM)
def fewer_bits() -> Number:
    """Smaller weights, the same arithmetic."""
    card = catalog.load().accelerator("mi300x")
    rates = {"peak_flops": card.peak_flops_8bit, "memory_bandwidth": card.memory_bandwidth}
    work = roofline.critical_batch.explain(**rates, bits_per_parameter=4, flop_per_parameter=2)
    return Number(
        asks=f"An MI300X reads {show(card.memory_bandwidth, 'byte/second')} and does "
        f"{show(card.peak_flops_8bit, 'FLOP/second')} in 8 bits; it has no arithmetic for fewer. "
        "Weights are kept in 4 bits and widened on the way. How many requests at once keep it "
        "busy?",
        hint="How many weights does it read in a second?",
        work=(work,),
        unit="request",
        means="Weights of half the size are read in half the time, so half the batch is enough. "
        "On a chip whose arithmetic doubles too, the batch stays.",
        mistakes={
            work.value * 2: "This is for weights of 8 bits, or leaves out that each request does "
            "two operations with a weight.",
            work.value * 4: "This is for weights of 8 bits, and for one operation with each.",
            work.value * 8: "You took the bits of a weight for bytes.",
        },
    )


@asked(HARD)
def three_times_the_size() -> Choice:
    """Three times the size."""
    size, geometry = 3.0, 3.0
    growth = silicon.imbalance_growth(size_ratio=size, geometry=geometry)
    arithmetic = silicon.compute_growth(size_ratio=size, geometry=geometry)
    bandwidth = silicon.bandwidth_growth(size_ratio=size, geometry=geometry)
    says = {
        1.0: "Arithmetic fills the volume, and what crosses the surface grows more slowly.",
        growth: "",
        bandwidth: "This is by how much the bandwidth grows.",
        arithmetic: "This is by how much the arithmetic grows.",
    }
    return Choice(
        asks=f"A device in three dimensions becomes {show(size)} times as long, wide and high. "
        "Its arithmetic fills the volume, and what it reads comes through the surface. How many "
        "times as large does the imbalance between them become?",
        hint="By how much does the volume grow, and by how much the surface?",
        means=f"Arithmetic grows {show(arithmetic)} times, bandwidth {show(bandwidth)} times. "
        "In two dimensions, too, the imbalance grows in proportion to the length.",
        options={
            show(value): Option(f"{show(value)} times" if value > 1 else "It stays the same", said)
            for value, said in says.items()
        },
        right=show(growth),
    )
