"""A brain in bytes: every capacity that is named, and what it asks of a synapse."""

from __future__ import annotations

from ...algebra.units import show
from ...equations import brain
from ...facts import sourced
from ...ledger import claims, recomputed, stated
from . import style
from .picture import Picture, drawn


@drawn
def brain_capacities() -> Picture:
    """Draw the capacities named in the thread, with the bits per synapse that each implies."""
    synapses = stated("synapses", "synapse")
    roadmap = claims.load().claim("roadmap-bits").stated
    wired = brain.wired_bytes(
        synapses=sourced("synapses_whole_brain", "synapse"),
        bits_per_synapse=sourced("bits_per_synapse_bartol", "bit/synapse"),
        neurons=sourced("neurons_whole_brain", "cell"),
    )
    named = [
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
    rows, labels = [], []
    for name, size, color in named:
        bits = brain.implied_bits(capacity=size, synapses=synapses) if size > 1e12 else None
        asked = f", {show(bits, 'dimensionless')} bits per synapse" if bits else ""
        rows.append((name, size, bits))
        labels.append((f"{name}: {show(size, 'byte')}{asked}", size, color))
    told = "; ".join(f"{name}: {show(size, 'byte')}" for name, size, _ in rows)
    return Picture(
        style.ladder(4.2, labels, (1e8, 1e16), unit="byte", every=2),
        title="Capacities named for the brain",
        alt=f"Dots on a logarithmic scale of bytes. {told}.",
        caption="Bits per synapse are those that each capacity implies on the post's count of "
        f"{show(synapses, 'synapse')}. Naming each synapse's target among all neurons adds far "
        "more than its strength. It is an upper bound, and on the central count it falls short of "
        "the thread's figure.",
        data=style.columns(("capacity", "bytes", "implied_bits_per_synapse"), rows),
    )
