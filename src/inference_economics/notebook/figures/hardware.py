"""The imbalance: which card the post describes, and how the ratio has moved."""

from __future__ import annotations

from ...algebra.formula import InputError
from ...algebra.units import show
from ...equations import roofline
from ...facts import catalog
from ...ledger import stated
from . import style
from .picture import Picture, drawn

_LINES = (
    ("peak_flops_32bit", "32-bit", style.SLATE, "D"),
    ("peak_flops_16bit", "16-bit", style.SKY, "o"),
    ("peak_flops_8bit", "8-bit", style.TEAL, "s"),
    ("peak_flops_4bit", "4-bit", style.VERMILION, "^"),
)
# One datacenter GPU a generation, of one maker, so that like is compared with like.
_GENERATIONS = (
    "k40", "p100_sxm2", "v100_sxm2", "a100_sxm_80", "h100_sxm5", "b200", "rubin",
)  # fmt: skip


@drawn
def which_card() -> Picture:
    """Draw the post's H100 among the real ones, by arithmetic and bandwidth."""
    facts = catalog.load()
    sxm, pcie = facts.accelerator("h100_sxm5"), facts.accelerator("h100_pcie")
    cards = [
        ("SXM, dense", sxm.memory_bandwidth, sxm.peak_flops_8bit, sxm.power),
        ("SXM, sparse", sxm.memory_bandwidth, facts.fact("h100_sxm_sparse_8bit").value, sxm.power),
        ("PCIe, dense", pcie.memory_bandwidth, pcie.peak_flops_8bit, pcie.power),
        ("PCIe, sparse", pcie.memory_bandwidth, facts.fact("h100_pcie_sparse_8bit").value,
         pcie.power),
        ("the post", stated("h100-bandwidth", "byte/second/chip"),
         stated("h100-flops", "FLOP/second/chip"), stated("h100-power", "watt/chip")),
    ]  # fmt: skip
    with style.drawing(3.6) as (figure, axes):
        for name, reads, computes, power in cards:
            post = name == "the post"
            color = style.VERMILION if post else style.TEAL
            axes.plot(reads / 1e12, computes / 1e15, "X" if post else "o", color=color, ms=10)
            ridge = roofline.ridge_point(peak_flops=computes, memory_bandwidth=reads)
            text = f"{name}, {power:.0f} W\n{show(ridge, 'FLOP/byte')}"
            side = -11 if name.startswith("SXM") else 11
            style.note(axes, text, (reads / 1e12, computes / 1e15), (side, 0), color)
        axes.set(
            xlim=(1.6, 4.1), ylim=(0.9, 4.5), xlabel="memory bandwidth, TB/s",
            ylabel="8-bit arithmetic, PFLOP/s",
        )  # fmt: skip
    listed = "; ".join(
        f"{name}: {show(reads, 'byte/second')} and {show(computes, 'FLOP/second')}, {power:.0f} W"
        for name, reads, computes, power in cards
    )
    return Picture(
        figure,
        title="The post's H100 among the real ones",
        alt=f"Scatter of 8-bit arithmetic against memory bandwidth. {listed}. "
        "The post's point coincides with none of the four cards.",
        caption="The post's card takes its arithmetic from one product and its bandwidth and "
        "power from another. Figures are operations per byte.",
        data=style.columns(("card", "memory_bandwidth", "flops_8bit", "power"), cards),
    )


@drawn
def imbalance_history() -> Picture:
    """Draw operations per byte of NVIDIA's datacenter GPUs, by number format."""
    chips = [catalog.load().accelerator(id) for id in _GENERATIONS]
    rows = []
    for column, label, _, _ in _LINES:
        for chip in chips:
            # Single precision counts only where nothing smaller was faster.
            old = chip.has("peak_flops_16bit") and column == "peak_flops_32bit"
            if chip.has(column) and not old:
                ridge = roofline.ridge_point(
                    peak_flops=getattr(chip, column), memory_bandwidth=chip.memory_bandwidth
                )
                rows.append((chip.name, chip.year, label, ridge))
    with style.drawing(3.9) as (figure, axes):
        axes.set_yscale("log")
        for _, label, color, marker in _LINES:
            points = tuple(zip(*(row[1::2] for row in rows if row[2] == label), strict=True))
            style.line(axes, points, label, (9, 0), color, marker=marker, ms=7)
        for chip in chips:
            lowest = min(row[3] for row in rows if row[0] == chip.name)
            name, at = chip.name.split(" ")[0].split("_")[0], (chip.year, lowest)
            style.words(axes, name, at, (4, -14), style.MUTED, ha="left", fontsize=10)
        axes.set(xlim=(2012.2, 2029), ylim=(8, 3000), ylabel="operations per byte of memory read")
        axes.set_xticks(range(2014, 2027, 3))
        style.plain_log_ticks(axes.yaxis)
    in_16_bits = {name: ridge for name, _, label, ridge in rows if label == "16-bit"}
    h100, last = (in_16_bits[chips[_GENERATIONS.index(id)].name] for id in ("h100_sxm5", "rubin"))
    told = "; ".join(f"{name} ({year}, {label}) {ridge:.0f}" for name, year, label, ridge in rows)
    return Picture(
        figure,
        title="Operations per byte, 2013 to 2026",
        alt=f"Line chart, logarithmic, of operations per byte for NVIDIA datacenter GPUs: {told}.",
        caption=f"In 16 bits the ratio peaked with the H100 at {h100:.0f}, and the generation "
        f"announced last falls back to {last:.0f}. What still drives it up is ever smaller "
        "numbers. Dense rates, from datasheets.",
        data=style.columns(("chip", "year", "format", "flop_per_byte"), rows),
    )


_CHIPS = {
    "data center": (style.TEAL, ("v100_sxm2", "a100_sxm_80", "h100_sxm5", "mi300x", "h200_sxm",
                                 "b200", "mi355x", "rubin")),
    "home": (style.GOLD, ("rtx4090", "rtx5090", "m3_ultra")),
    "TPU": (style.SKY, ("tpu_v4", "tpu_v5e", "tpu_v6e", "tpu_v7")),
    "memory on the chip": (style.VERMILION, ("groq_lpu1", "samsung_hbm_pim")),
}  # fmt: skip


def critical_batch_of(id: str, bits: int) -> float:
    """Return the critical batch of a chip, with weights and arithmetic in that many bits."""
    chip = catalog.load().accelerator(id)
    return float(
        roofline.critical_batch(
            peak_flops=getattr(chip, f"peak_flops_{bits}bit"),
            memory_bandwidth=chip.memory_bandwidth,
            bits_per_parameter=bits,
            flop_per_parameter=2,
        )
    )


@drawn
def critical_batches(bits: int = 16) -> Picture:
    """Draw the critical batch of many chips, in order of their year.

    Weights and arithmetic have so many `bits`; a chip whose rate no source states is left out.
    """
    if f"{bits}-bit" not in {label for _, label, _, _ in _LINES}:
        raise InputError(f"bits = {bits!r}: must be 32, 16, 8 or 4")
    rows = []
    for kind, (color, ids) in _CHIPS.items():
        for chip in map(catalog.load().accelerator, ids):
            if chip.has(f"peak_flops_{bits}bit"):
                name = f"{chip.name.split(' (')[0]}, {chip.year}"
                rows.append((name, critical_batch_of(chip.id, bits), kind, color))
    labels = [(f"{name}: {batch:,.3g}", batch, color) for name, batch, _, color in rows]
    told = "; ".join(f"{name} {batch:,.3g}" for name, batch, _, _ in rows)
    return Picture(
        style.ladder(0.44 * len(rows) + 0.8, labels, (0.5, 2000), "critical batch, tokens"),
        title="The critical batch of a chip",
        alt=f"Dots on a logarithmic scale of the critical batch, in {bits} bits. {told}.",
        caption=f"Weights and arithmetic in {bits} bits, by the datasheets. Green: data centers. "
        "Yellow: homes. Blue: TPUs. Red: memory on the chip, or arithmetic in the memory.",
        data=style.columns(("chip", "critical_batch", "kind"), rows),
    )


def later_batches(id: str, bits: int) -> dict[str, float]:
    """Return the critical batch of each data-center chip newer than one, by name, oldest first.

    Chips whose rate in so many bits no source states are left out, and so are cards and systems
    for a desk.
    """
    chips = catalog.load().accelerators
    newer = [
        chip
        for chip in sorted(chips.values(), key=lambda each: each.year)
        if chip.year > chips[id].year
        and chip.has(f"peak_flops_{bits}bit", "memory_bandwidth")
        and chip.words.get("kind") in ("accelerator", "gpu", "tpu")
        and chip.words.get("stacked_memory") != "no"
    ]
    return {chip.name: critical_batch_of(chip.id, bits) for chip in newer}
