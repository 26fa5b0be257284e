"""Questions on *Three orders of magnitude*."""

from __future__ import annotations

import math

from inference_economics.equations import roofline
from inference_economics.facts import catalog, sourced
from inference_economics.ledger import stated

from .question import EASY, HARD, MEDIUM, Choice, Number, Option, asked, show


@asked(EASY)
def ridge_point() -> Number:
    """The ridge point of an H100."""
    h100 = catalog.load().accelerator("h100_sxm5")
    rate, bandwidth = h100.peak_flops_8bit, h100.memory_bandwidth
    work = roofline.ridge_point.explain(peak_flops=rate, memory_bandwidth=bandwidth)
    sparse = sourced("h100_sxm_sparse_8bit", "FLOP/second/chip")
    return Number(
        asks=f"An H100, as an SXM module, does {show(rate, 'FLOP/second', 4)} on dense 8-bit "
        f"numbers, and reads {show(bandwidth, 'byte/second')} from its memory. How many "
        "operations can it do in the time in which it reads one byte?",
        hint="Divide what it computes in a second by what it reads in a second.",
        work=(work,),
        means=f"A program that does fewer than {show(work.value, 'FLOP/byte')} on what it reads "
        "leaves arithmetic idle.",
        mistakes={
            work.value * sparse / rate: "This is the sparse rate, twice the dense one. Only "
            "matrices with two zeros in every four numbers get it.",
            work.value / 8: "This is operations for each bit. A byte has eight.",
            work.value * 8: "You took bytes for bits: bandwidth is given in bytes.",
            work.value * h100.peak_flops_16bit / rate: "This is the ratio for 16-bit numbers. This "
            "is also how many requests keep the chip busy in 8 bits, since each does two "
            "operations with a weight. But the question asks for operations per byte.",
            stated("imbalance", "FLOP/byte"): "This is the post’s ratio, of a rounded sparse rate "
            "of one card and a rounded bandwidth of another. Use the two figures above.",
        },
    )


@asked(EASY)
def more_of_both() -> Choice:
    """More of everything."""
    h100 = catalog.load().accelerator("h100_sxm5")
    both = {"peak_flops": h100.peak_flops_8bit, "memory_bandwidth": h100.memory_bandwidth}
    before = roofline.ridge_point(**both)
    after = roofline.ridge_point(**{name: 2 * value for name, value in both.items()})
    return Choice(
        asks="A maker doubles both the arithmetic and the memory bandwidth of a chip. What "
        "becomes of its ridge point?",
        hint="The ridge point is the arithmetic divided by the bandwidth.",
        means=f"For an H100, for example, it was {show(before, 'FLOP/byte')} and is still "
        f"{show(after, 'FLOP/byte')}. It moves only if one of the two grows more than the other.",
        options={
            "doubles": Option("It doubles.", "It would, if only the arithmetic grew."),
            "stays": Option("It stays as it was.", ""),
            "halves": Option("It halves.", "It would, if only the bandwidth grew."),
            "fourfold": Option("It becomes four times as large.", "It is a ratio, not a product."),
        },
        right="stays" if math.isclose(after, before) else "doubles",
    )


@asked(EASY)
def whose_arithmetic() -> Choice:
    """Whose arithmetic does the post use?"""
    facts = catalog.load()
    said = stated("h100-flops", "FLOP/second/chip")
    sxm, pcie = facts.accelerator("h100_sxm5"), facts.accelerator("h100_pcie")
    rates = {
        "sxm": ("The SXM module, on dense matrices", sxm.peak_flops_8bit),
        "sxm-sparse": (
            "The SXM module, on sparse matrices",
            sourced("h100_sxm_sparse_8bit", "FLOP/second/chip"),
        ),
        "pcie": ("The PCIe card, on dense matrices", pcie.peak_flops_8bit),
        "pcie-sparse": (
            "The PCIe card, on sparse matrices",
            sourced("h100_pcie_sparse_8bit", "FLOP/second/chip"),
        ),
    }
    right = min(rates, key=lambda key: abs(rates[key][1] / said - 1))
    return Choice(
        asks=f"The post gives an H100 {show(said, 'FLOP/second')} on 8-bit numbers, beside the "
        "bandwidth and the power of the SXM module. Which product does that much arithmetic?",
        hint="A sparse rate is twice the dense one, and the PCIe card is the slower product.",
        means=f"{rates[right][0]}, does {show(rates[right][1], 'FLOP/second')}. So the post’s "
        "figures belong to no single product.",
        options={
            key: Option(words, f"It does {show(rate, 'FLOP/second')}.")
            for key, (words, rate) in rates.items()
        },
        right=right,
    )


@asked(MEDIUM)
def operations_per_weight() -> Number:
    """Operations for each small weight."""
    b200 = catalog.load().accelerator("b200")
    rate, bandwidth = b200.peak_flops_4bit, b200.memory_bandwidth
    ridge = roofline.ridge_point.explain(peak_flops=rate, memory_bandwidth=bandwidth)
    size = roofline.bytes_per_parameter.explain(bits_per_parameter=4)
    per_weight = ridge.value * size.value
    return Number(
        asks=f"On 4-bit numbers a B200 does {show(rate, 'FLOP/second')}. It reads "
        f"{show(bandwidth, 'byte/second')}. How many operations can it do in the time in which it "
        "reads one 4-bit weight?",
        hint="First find the operations for each byte. Then ask how many weights a byte holds.",
        work=(ridge, size),
        value=per_weight,
        unit="FLOP/parameter",
        means=f"Operations for a byte, times the bytes of a weight, are "
        f"{show(per_weight, 'FLOP/parameter')}. In 8 bits the B200 "
        f"does {show(b200.peak_flops_8bit, 'FLOP/second')}, and a weight takes a whole byte: "
        f"{show(b200.peak_flops_8bit / bandwidth, 'FLOP/parameter')}. So smaller numbers raise the "
        "operations per byte, but not necessarily the operations per weight.",
        mistakes={
            ridge.value: "This is operations for each byte. A byte holds two such weights.",
            ridge.value * 4: "You took the four bits for four bytes.",
            per_weight / 2: "This is the number of requests that would keep it busy: "
            "each request does two operations with a weight.",
        },
    )


@asked(HARD)
def yearly_growth() -> Number:
    """How fast the gap widened."""
    arithmetic = catalog.load().fact("growth_server_flops_20_years").value
    bandwidth = catalog.load().fact("growth_dram_bandwidth_20_years").value
    years = 20
    ratio = arithmetic / bandwidth
    yearly = ratio ** (1 / years) - 1
    return Number(
        asks=f"Over {years} years the peak arithmetic of servers grew {show(arithmetic)} times, "
        f"and their memory bandwidth {show(bandwidth)} times. By how many percent did the ratio "
        "of the two grow in a year?",
        hint=f"Find by what the ratio grew in all. Equal growth multiplies: take the {years}th "
        "root.",
        value=yearly,
        unit="fraction",
        means=f"The ratio grew {show(arithmetic)} / {show(bandwidth)} = {show(ratio)} times, and "
        f"the {years}th root of that is {show(1 + yearly, digits=4)}. So it grew "
        f"{show(yearly, 'fraction')} a year, and doubled about every two years.",
        mistakes={
            ratio / years: "You divided the growth by the years. Growth multiplies from year to "
            "year: take a root.",
            arithmetic ** (1 / years) - 1: "This is the growth of the arithmetic alone.",
            bandwidth ** (1 / years) - 1: "This is the growth of the bandwidth alone.",
            1 + yearly: "This is the factor by which the ratio grows in a year. Subtract one.",
        },
    )
