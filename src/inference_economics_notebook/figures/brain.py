"""A brain in bytes: every capacity that is named, and what it asks of a synapse."""

from __future__ import annotations

from inference_economics import uncertainty
from inference_economics.algebra.units import show
from inference_economics.equations import brain
from inference_economics.facts import sourced
from inference_economics.ledger import claims, stated

from . import style
from .picture import Picture, drawn


@drawn
def brain_capacities() -> Picture:
    """Draw the capacities named in the thread beside those that sources allow, each a range."""
    synapses = stated("synapses", "synapse")
    roadmap = claims.load().claim("roadmap-bits").stated
    bands = uncertainty.load()
    named = [
        ("what a human can recall, Landauer", sourced("human_memory_landauer", "byte"), style.SKY),
        ("memory of an H100", stated("h100-memory", "byte/chip"), style.SKY),
        ("the post: a byte per synapse", stated("synapse-bytes", "byte"), style.VERMILION),
        (f"the roadmap's {roadmap}", stated("roadmap-bits", "byte"), style.VERMILION),
        ("the thread's figure", stated("brain-capacity", "byte"), style.VERMILION),
        ("strengths, from sources", bands["brain-storage"].band(), style.TEAL),
        ("with the wiring, at the most", bands["brain-wiring"].band(), style.TEAL),
    ]
    rows, labels = [], []
    for name, size, color in named:
        low, middle, high = size if isinstance(size, tuple) else (size, size, size)
        bits = brain.implied_bits(capacity=middle, synapses=synapses) if middle > 1e12 else None
        text = f"{name}: {show(middle, 'byte')}"
        if low < high:
            text = f"{name}: {show(low, 'byte', 2)} to {show(high, 'byte', 2)}"
        elif bits:
            text = f"{text}, {show(bits, 'dimensionless')} bits per synapse"
        rows.append((name, middle, bits, low, high))
        labels.append((text, middle, color, low, high))
    return Picture(
        style.ladder(4.2, labels, (1e8, 1e16), unit="byte", every=2),
        title="Capacities named for the brain",
        alt="Dots on a logarithmic scale of bytes, the last two with a bar behind them. "
        f"{'; '.join(text for text, *_ in labels)}.",
        caption="Each bar is a 90% interval, its dot the median. The bar of the strengths of all "
        "synapses includes the post's figure and the one that a commenter had estimated in 2022, "
        "but not the petabytes of another comment. The last bar adds a record of which cells are "
        "connected. It is an upper bound, because it lets every cell connect with any other. The "
        f"bits beside a figure are what each of the post's {show(synapses, 'synapse')} would have "
        "to hold.",
        data=style.columns(
            ("capacity", "bytes", "implied_bits_per_synapse", "low_bytes", "high_bytes"), rows
        ),
    )
