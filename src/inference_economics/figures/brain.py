"""A brain in bytes: every capacity that is named, and what it asks of a synapse."""

from __future__ import annotations

from .. import catalog, claims
from ..equations import brain
from ..scenario import stated
from ..units import show
from . import style


def brain_capacities() -> style.Picture:
    """Draw the capacities named in the thread, with the bits per synapse that each implies."""
    ledger, facts = claims.load(), catalog.load()
    synapses = stated("synapses", "synapse")
    roadmap = ledger.claim("roadmap-bits").stated
    sourced = ledger["synapse-bytes"].recomputed_on_facts or 0.0
    wired = brain.wired_bytes(
        synapses=facts.fact("synapses_whole_brain").value,
        bits_per_synapse=facts.fact("bits_per_synapse_bartol").value,
        neurons=facts.fact("neurons_whole_brain").value,
    )
    rows = [
        ("what a human can recall, Landauer", facts.fact("human_memory_landauer").value / 8,
         style.SKY),
        ("memory of an H100", stated("h100-memory", "byte/chip"), style.SKY),
        ("the post: a byte per synapse", stated("synapse-bytes", "byte"), style.VERMILION),
        (f"the roadmap's {roadmap}", stated("roadmap-bits", "byte"), style.VERMILION),
        ("sourced synapses and bits", sourced * 1e12, style.TEAL),
        ("… and where each is connected", wired, style.TEAL),
        ("the thread's figure", stated("brain-capacity", "byte"), style.VERMILION),
    ]  # fmt: skip
    bits = [
        brain.implied_bits(capacity=size, synapses=synapses) if size > 1e12 else None
        for _, size, _ in rows
    ]
    with style.drawing(4.2) as (figure, axes):
        for row, ((name, size, color), implied) in enumerate(zip(rows, bits, strict=True)):
            at = len(rows) - 1 - row
            axes.plot([1e8, size], [at, at], color=color, lw=1.2)
            axes.plot([size], [at], "o", color=color, ms=9)
            text = f"{name}: {show(size, 'byte')}"
            if implied is not None:
                text += f", {show(implied, 'dimensionless')} bits per synapse"
            axes.annotate(text, (1.1e8, at), (0, 9), textcoords="offset points", color=style.INK,
                          fontsize=10.5)  # fmt: skip
        axes.set(xscale="log", xlim=(1e8, 1e16), yticks=[], ylim=(-0.5, 6.9))
        axes.grid(visible=False, axis="y")
        axes.spines["left"].set_visible(False)
        style.plain_log_ticks(axes.xaxis, "byte", every=2)
    return style.Picture(
        figure,
        title="Capacities named for the brain",
        alt="Dots on a logarithmic scale of bytes. "
        + "; ".join(f"{name}: {show(size, 'byte')}" for name, size, _ in rows)
        + ".",
        caption="Bits per synapse are those that each capacity implies on the post's count of "
        f"{show(synapses, 'synapse')}. Naming each synapse's target among all neurons adds far "
        "more than its strength; it is an upper bound, since most wiring is local, and on the "
        "central count it falls short of the thread's figure.",
        data={
            "capacity": [row[0] for row in rows],
            "bytes": [row[1] for row in rows],
            "implied_bits_per_synapse": bits,
        },
    )
