"""Questions on *The brain's memory*."""

from __future__ import annotations

import math

from inference_economics.equations import brain
from inference_economics.facts import catalog, sourced
from inference_economics.ledger import stated

from .question import EASY, HARD, MEDIUM, Number, asked, show


@asked(EASY)
def power_of_a_brain() -> Number:
    """The power of a brain."""
    facts = catalog.load()
    chip, power = facts.accelerator("h100_sxm5").power, facts.fact("brain_power").value
    work = brain.power_ratio.explain(chip_power=chip, brain_power=power)
    return Number(
        asks=f"An H100 draws {show(chip, 'watt')}, a brain {show(power, 'watt')}. How many times "
        "as much does the H100 draw?",
        hint="Divide the one by the other.",
        work=(work,),
        means=f"The post says about {show(stated('power-ratio', 'dimensionless'))}.",
        mistakes={
            1 / work.value: "This is the brain over the chip.",
            chip - power: "This is the difference. How many times as much is it?",
            work.value / 10: "A zero is lost.",
        },
    )


@asked(EASY)
def strengths_in_bytes() -> Number:
    """Synapses in bytes."""
    facts = catalog.load()
    count, bits = facts.fact("synapses_whole_brain").value, facts.fact("bits_per_synapse").value
    work = brain.synapse_bytes.explain(synapses=count, bits_per_synapse=bits)
    posts = brain.synapse_bytes(synapses=stated("synapses", "synapse"), bits_per_synapse=bits)
    return Number(
        asks=f"A brain has {show(count)} synapses, by one author's count. By its measured size, "
        f"each holds {show(bits)} bits. How many bytes are the strengths of all of them?",
        hint="Find the bits of all of them. Eight make a byte.",
        work=(work,),
        means=f"One byte for each of the post's {show(stated('synapses', 'synapse'))} synapses "
        f"would be {show(stated('synapse-bytes', 'byte'), 'byte')}.",
        mistakes={
            work.value * 8: "These are bits.",
            count: "This is a byte for each synapse.",
            work.value * 64: "You multiplied by eight where you should divide.",
            posts: "This is with the post’s count of synapses.",
        },
    )


@asked(MEDIUM)
def bits_of_a_synapse() -> Number:
    """What the petabytes ask of a synapse."""
    count = catalog.load().fact("synapses_whole_brain").value
    capacity = stated("brain-capacity", "byte")
    work = brain.implied_bits.explain(capacity=capacity, synapses=count)
    posts = brain.implied_bits(capacity=capacity, synapses=stated("synapses", "synapse"))
    return Number(
        asks=f"The thread gives a brain {show(capacity, 'byte')}. How many bits would each of "
        f"{show(count)} synapses have to hold?",
        hint="Divide the bytes by the synapses, and mind the unit.",
        work=(work,),
        means="By its measured size, a synapse holds "
        f"{show(catalog.load().fact('bits_per_synapse_bartol').value)} bits.",
        mistakes={
            work.value / 8: "These are bytes.",
            work.value / 64: "You divided by eight where you should multiply.",
            posts: "This is with the post’s count of synapses.",
        },
    )


@asked(MEDIUM)
def a_life_on_record() -> Number:
    """A life on record."""
    capacity, rate = stated("brain-capacity", "byte"), 4e6
    work = brain.recording_time.explain(capacity=capacity, recording_rate=rate)
    year = 365.25 * 86400
    recalled = sourced("human_memory_landauer", "byte")
    return Number(
        asks=f"A camera records {show(rate, 'byte/second')}, day and night. After how many years "
        f"has it filled {show(capacity, 'byte')}?",
        hint=f"Find the seconds. A year has {show(year / 1e6)} million of them.",
        work=(work,),
        unit="year",
        value=work.value / year,
        means="So a store of that size holds a part of a life on film. What people recall, by "
        f"experiments on learning, is {show(recalled, 'byte')}.",
        mistakes={
            work.value / year / 8: "You took the bytes of the store for bits.",
            work.value / year * 8: "You took the bytes of the camera for bits.",
            work.value / 86400: "These are days.",
            work.value / year * 4: f"This is one megabyte a second. The camera records "
            f"{show(rate, 'byte/second')}.",
        },
    )


@asked(HARD)
def bits_of_a_target() -> Number:
    """Where a synapse leads."""
    facts = catalog.load()
    count, cells = (
        facts.fact(name).value for name in ("synapses_whole_brain", "neurons_whole_brain")
    )
    work = brain.target_bits.explain(synapses=count, neurons=cells)
    fan = brain.fan_out(synapses=count, neurons=cells)
    return Number(
        asks=f"A neuron has {show(fan)} synapses, and chooses the cells that they lead to among "
        f"{show(cells)}. The order in which they are listed does not matter. How many bits does "
        "each synapse add?",
        hint="To name one cell takes the logarithm of their number, to base two. But the order "
        "says nothing, so each synapse needs fewer bits, by the logarithm of k/e to base two. Here "
        f"k is the number of synapses of the neuron, and e is {show(math.e, 'dimensionless', 4)}.",
        work=(work,),
        within=1.02,
        means="Among so many cells it takes more bits to say where the synapses lead than how "
        "strong they are. The figure is an upper bound: a neuron cannot reach every other.",
        mistakes={
            math.log2(cells): "This names each cell by itself. That counts each set of "
            "cells once for every order of them.",
            math.log2(cells / fan): "Almost: you divided by k, the synapses of the neuron. "
            "Divide by k/e: k things have about (k/e)^k orders, not k^k.",
            math.log2(fan): "This is the choice among the synapses of the neuron itself.",
            work.value / 8: "These are bytes.",
        },
    )
