"""The brain in bytes: synapses, wiring, genomes and memories."""

from ..algebra import symbols as s
from ..algebra.expressions import log2
from ..algebra.formula import Formula

power_ratio = Formula(
    s.power_ratio,
    s.one_chip * s.chip_power / s.brain_power,
    "Power of an accelerator over power of a brain.",
)
synapse_bytes = Formula(
    s.synapse_bytes,
    s.synapses * s.bits_per_synapse / s.bits_per_byte,
    "Storage of all synaptic strengths.",
)
implied_bits = Formula(
    s.implied_bits,
    s.capacity * s.bits_per_byte / s.synapses,
    "Bits that each synapse must hold for the brain to have a stated capacity.",
)
fan_out = Formula(s.fan_out, s.synapses / s.neurons, "Synapses per neuron.")
target_bits = Formula(
    s.target_bits,
    s.bit_per_choice * log2(s.euler * s.neurons / s.fan_out),
    "Information in the choice of a neuron's targets among all neurons, order left out.",
    where=(fan_out,),
)
wired_bytes = Formula(
    s.wired_bytes,
    s.synapses * (s.bits_per_synapse + s.target_bits) / s.bits_per_byte,
    "Storage of strengths and wiring together.",
    where=(target_bits,),
)
cells = Formula(s.cells, s.neurons + s.other_cells, "Neurons and all other cells of a brain.")
genome_bytes = Formula(
    s.genome_bytes,
    s.cells * s.genomes_per_cell * s.genome_bits / s.bits_per_byte,
    "Information of every genome in the brain, each copy counted.",
    where=(cells,),
)
recording_time = Formula(
    s.recording_time, s.capacity / s.recording_rate, "Time in which a recording fills a capacity."
)
seeing_time = Formula(
    s.recording_time,
    s.capacity * s.bits_per_byte * s.video_compression / (s.eyes * s.retina_rate),
    "Time in which what the eyes send, compressed, fills a capacity.",
)
