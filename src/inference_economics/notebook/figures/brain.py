"""A brain in bytes: every capacity that is named, and what it asks of a synapse."""

from __future__ import annotations

from ...algebra.units import show
from ...equations import brain
from ...facts import sourced
from ...ledger import claims, recomputed, stated
from . import style


@style.drawn
def brain_capacities() -> style.Picture:
    """Draw the capacities named in the thread, with the bits per synapse that each implies."""
    synapses = stated("synapses", "synapse")
    roadmap = claims.load().claim("roadmap-bits").stated
    wired = brain.wired_bytes(
        synapses=sourced("synapses_whole_brain", "synapse"),
        bits_per_synapse=sourced("bits_per_synapse_bartol", "bit/synapse"),
        neurons=sourced("neurons_whole_brain", "cell"),
    )
    rows = [
        ("what a human can recall, Landauer", sourced("human_memory_landauer", "byte"),
         style.SKY),
        ("memory of an H100", stated("h100-memory", "byte/chip"), style.SKY),
        ("the post: a byte per synapse", stated("synapse-bytes", "byte"), style.VERMILION),
        (f"the roadmap's {roadmap}", stated("roadmap-bits", "byte"), style.VERMILION),
        ("sourced synapses and bits", recomputed("synapse-bytes", "byte", on_facts=True),
         style.TEAL),
        ("… and where each is connected", wired, style.TEAL),
        ("the thread's figure", stated("brain-capacity", "byte"), style.VERMILION),
    ]  # fmt: skip
    bits = [
        brain.implied_bits(capacity=size, synapses=synapses) if size > 1e12 else None
        for _, size, _ in rows
    ]
    with style.drawing(4.2) as (figure, axes):
        axes.set(xlim=(1e8, 1e16))
        labels = [
            f"{name}: {show(size, 'byte')}"
            + (f", {show(each, 'dimensionless')} bits per synapse" if each else "")
            for (name, size, _), each in zip(rows, bits, strict=True)
        ]
        style.dots(axes, [(label, row[1], row[2]) for label, row in zip(labels, rows, strict=True)])
        style.plain_log_ticks(axes.xaxis, "byte", every=2)
    return style.Picture(
        figure,
        title="Capacities named for the brain",
        alt="Dots on a logarithmic scale of bytes. "
        + "; ".join(f"{name}: {show(size, 'byte')}" for name, size, _ in rows)
        + ".",
        caption="Bits per synapse are those that each capacity implies on the post's count of "
        f"{show(synapses, 'synapse')}. Naming each synapse's target among all neurons adds far "
        "more than its strength. It is an upper bound, and on the central count it falls short of "
        "the thread's figure.",
        data={
            "capacity": [row[0] for row in rows],
            "bytes": [row[1] for row in rows],
            "implied_bits_per_synapse": bits,
        },
    )
