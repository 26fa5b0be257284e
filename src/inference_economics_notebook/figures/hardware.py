"""The imbalance: which card the post describes, and how the ratio has moved."""

from __future__ import annotations

from inference_economics.algebra.formula import InputError
from inference_economics.algebra.units import rounded, show
from inference_economics.equations import roofline
from inference_economics.facts import catalog
from inference_economics.ledger import claims, stated
from inference_economics.serving import balance

from . import style
from .picture import Picture, drawn

_FORMATS = {16: (style.SKY, "o"), 8: (style.TEAL, "s"), 4: (style.VERMILION, "^")}


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
            style.note(axes, text, (reads / 1e12, computes / 1e15), (11, 0), color)
        axes.set(
            xlim=(1.85, 4.3), ylim=(0.9, 4.5), xlabel="memory bandwidth, TB/s",
            ylabel="8-bit arithmetic, PFLOP/s",
        )  # fmt: skip
    listed = "; ".join(
        f"{name}: {show(reads, 'byte/second')} and {show(computes, 'FLOP/second')}, {power:.0f} W"
        for name, reads, computes, power in cards
    )
    *real, posts = cards
    digits = claims.load().claim("h100-flops").digits
    alike = [rounded(card[2], digits) == posts[2] for card in cards]
    names = [f"“{card[0]}”" for card, same in zip(real, alike, strict=False) if same]
    whole = "A" if posts[1:] in [card[1:] for card in real] else "No"
    return Picture(
        figure,
        title="The post's H100 among the real ones",
        alt=f"Scatter of 8-bit arithmetic against memory bandwidth. {listed}.",
        caption=f"{whole} real H100 has the post's arithmetic, bandwidth and power all at once. "
        "In 2022 the H100 was sold as two products, SXM and PCIe. Each multiplies matrices, "
        "tables of numbers. Each has a peak rate for ordinary (dense) matrices, and one for "
        "sparse ones, in which half of the numbers are "
        f"zero: {len(real)} rates in all. The one that rounds to the post's rate is labeled "
        f"{' and '.join(names) or 'none of them'}. Under each name stand the operations per byte.",
        data={
            **style.columns(("card", "memory_bandwidth", "flops_8bit", "power"), cards),
            "arithmetic_as_in_the_post": alike,
        },
    )


@drawn
def imbalance_history() -> Picture:
    """Draw operations per byte of machines for data centers, by year and number format."""
    rows = [
        (each.chip.name, each.chip.year, f"{bits}-bit", each.ridge)
        for bits in _FORMATS
        for each in sorted(balance.ranked(bits), key=lambda each: each.chip.year)
    ]
    lines = {bits: balance.line(bits) for bits in _FORMATS}
    with style.drawing(4.2) as (figure, axes):
        axes.set_yscale("log")
        for bits, (color, marker) in _FORMATS.items():
            points = [row[1::2] for row in rows if row[2] == f"{bits}-bit"]
            years, ridges = zip(*points, strict=True)
            axes.plot(years, ridges, marker, color=color, ms=4.7, mew=0, alpha=0.4)
            ends = tuple(zip(*((e.chip.year, e.ridge) for e in lines[bits]), strict=True))
            style.line(axes, ends, f"{bits}-bit", (9, 0), color, marker=marker, ms=7)
        for place, each in enumerate(lines[max(_FORMATS)]):
            # Below all dots, where none is covered; those of two years in a row at two heights.
            at, name = (each.chip.year, 10), each.chip.name.split(" ")[0]
            style.words(axes, name, at, (0, 17 - 13 * (place % 2)), style.MUTED, fontsize=10,
                        ha="center", bbox=style.BACKED)  # fmt: skip
        first, last = min(row[1] for row in rows), max(row[1] for row in rows)
        axes.set(xlim=(first - 0.8, last + 1.7), ylim=(10, 3000),
                 ylabel="operations per byte of memory read")  # fmt: skip
        axes.set_xticks(range(first, last + 1, 2))
        style.plain_log_ticks(axes.yaxis)
    told = "; ".join(
        f"in {bits} bits "
        + ", ".join(f"{e.chip.name.split(' ')[0]} ({e.chip.year}) {e.ridge:.0f}" for e in line)
        for bits, line in lines.items()
    )
    most = {bits: balance.ranked(bits)[0] for bits in _FORMATS}
    *highest, last_one = (
        f"the {each.name}'s in {bits} bits ({each.ridge:,.0f})" for bits, each in most.items()
    )
    return Picture(
        figure,
        title=f"Operations per byte, {first} to {last}",
        alt="Scatter on a logarithmic scale: operations per byte of chips for data centers, by "
        f"year. A line joins NVIDIA's for each number format: {told}.",
        caption="Each dot is a chip for data centers with stacked memory (HBM), at its "
        "datasheet's dense rate. For each number format, a line joins one NVIDIA chip from each "
        "year: the one with the fastest memory. In 8 bits some chips have two rates, for integers "
        "and for floating-point numbers; we take the faster. The highest dots are "
        f"{', '.join(highest)} and {last_one}.",
        data=style.columns(("chip", "year", "format", "flop_per_byte"), rows),
    )


_CHIPS = {
    "data center": (style.TEAL, ("v100_sxm2", "a100_sxm_80", "h100_sxm5", "mi300x", "h20",
                                 "h200_sxm", "b200", "mi355x", "rubin")),
    "home": (style.GOLD, ("rtx4090", "rtx5090", "m3_ultra")),
    "TPU": (style.SKY, ("tpu_v4", "tpu_v5e", "tpu_v6e", "tpu_v7")),
    "memory on the chip": (style.VERMILION, ("groq_lpu1", "samsung_hbm_pim")),
}  # fmt: skip


def critical_batch_of(id: str, bits: int, weight_bits: int | None = None) -> float:
    """Return the critical batch of a chip, with arithmetic in that many bits.

    Weights have as many, or `weight_bits`; the chip widens them on the way.
    """
    chip = catalog.load().accelerator(id)
    return float(
        roofline.critical_batch(
            peak_flops=getattr(chip, f"peak_flops_{bits}bit"),
            memory_bandwidth=chip.memory_bandwidth,
            bits_per_parameter=weight_bits or bits,
            flop_per_parameter=2,
        )
    )


@drawn
def critical_batches(bits: int = 16) -> Picture:
    """Draw the critical batch of many chips, in order of their year.

    Weights and arithmetic have so many `bits`; a chip whose rate no source states is left out.
    """
    if bits not in (32, *_FORMATS):
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
        caption=f"Weights and arithmetic in {bits} bits, by the datasheets. From the top: "
        "chips for data centers (teal), chips for homes (gold), TPUs (blue), and memory on the "
        "chip or arithmetic in the memory (orange). The RTX cards, which are made for games, reach "
        "these rates only if sums are kept in 16 bits. With sums in 32 bits, as on the other "
        "chips, rate and batch are half as large.",
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
