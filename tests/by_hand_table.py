"""The ledger worked by hand: what each claim says, what it should say, and the verdict.

Written from the text of the post and its thread and from the sources' figures, in plain
arithmetic on literal numbers. Nothing here is loaded from the package, so that a slip in
its data, its equations or its rules shows as a disagreement.
"""

from __future__ import annotations

from math import log2, log10, sqrt
from typing import NamedTuple


class Hand(NamedTuple):
    """One claim by hand; figures are in `unit`, and None where there is nothing to compute.

    `on_facts` is the pair of a value and its verdict. `values` are the numbers that the worked
    equation must show besides its result, where the result alone could not tell them apart.
    """

    verdict: str
    unit: str | None = None
    value: float | None = None
    recomputed: float | None = None
    on_facts: tuple[float, str] | None = None
    against: tuple[str, ...] = ()
    values: tuple[tuple[str, float], ...] = ()


NOT_A_QUANTITY = Hand("not a quantity")

# Of the H100 SXM: dense operations a second in 8 bits, and bytes a second.
SXM_FLOPS = 1978.9e12
SXM_BANDWIDTH = 3.35e12
SXM_CRITICAL_BATCH = SXM_FLOPS / SXM_BANDWIDTH / 2  # two operations a byte

GPT4_FLOPS = 560e9  # a token, as reported
WORDS_PER_TOKEN = 0.75

# Seconds a day that tokens are generated for a weekly user: 18e9 messages a week from 700
# million users, 211 tokens each, at 21 tokens a second.
GENERATION = 18e9 / 7 / 700e6 * 211 / 21

SYNAPSE_BYTES = 5e14 * 4.7 / 8

BY_HAND: dict[str, Hand] = {
    # The post
    "karma": NOT_A_QUANTITY,
    "name-of-a-chip": NOT_A_QUANTITY,
    "name-of-a-precision": NOT_A_QUANTITY,
    "name-of-a-model": NOT_A_QUANTITY,
    "h100-flops": Hand(
        "assumption", "FLOP/second/chip", 3e15, on_facts=(SXM_FLOPS, "off")
    ),
    "h100-bandwidth": Hand("assumption", "TB/s/chip", 3, on_facts=(3.35, "holds")),
    "bits-per-byte": Hand("holds", "byte/parameter", 1, 8 / 8),
    "orders-of-magnitude": Hand(
        "holds", "dimensionless", 3, log10(3e15 / 3e12),
        on_facts=(log10(SXM_FLOPS / SXM_BANDWIDTH), "holds"),
    ),
    "model-parameters": Hand("assumption", "parameter", 1.6e12, on_facts=(1.8e12, "roughly")),
    "gpus-needed": Hand("holds", "chip", 20, 1600 / 80, on_facts=(1600 / 80, "holds")),
    "h100-memory": Hand("assumption", "GB/chip", 80, on_facts=(80, "holds")),
    "layers": Hand("assumption", "dimensionless", 20, on_facts=(120, "off")),
    "tensor-parallelism": Hand("assumption", "chip", 20, on_facts=(8, "off")),
    "share-of-layer": Hand("holds", "percent", 5, 100 / 20),
    "operations-per-parameter": Hand(
        "holds", "FLOP/parameter/token", 2, 1 + 1,
        values=(("multiplications", 1), ("additions", 1)),
    ),
    "operations-per-pass": Hand("holds", "FLOP/token", 3.2e12, 2 * 1.6e12),
    "compute-time": Hand(
        "holds", "ms", 0.05, 3.2e12 / (20 * 3e15) * 1e3,
        on_facts=(3.2e12 / (20 * SXM_FLOPS) * 1e3, "off"),
    ),
    "total-bandwidth": Hand("holds", "TB/s", 60, 20 * 3, on_facts=(20 * 3.35, "roughly")),
    "model-bytes": Hand("holds", "TB", 1.6, 1.6),
    "memory-time": Hand(
        "holds", "ms", 27, 1.6e12 / 60e12 * 1e3,
        on_facts=(1.6e12 / (20 * 3.35e12) * 1e3, "roughly"),
    ),
    "utilization-alone": Hand(
        "holds", "percent", 0.2, (3.2 / 60_000) / (1.6 / 60) * 100,
        on_facts=(2 / (SXM_FLOPS / SXM_BANDWIDTH) * 100, "off"),
    ),
    "nvlink-bandwidth": Hand("assumption", "TB/s/chip", 1, on_facts=(0.9, "roughly")),
    "thousand-uses": Hand("assumption", "token", 1000, on_facts=(SXM_CRITICAL_BATCH, "off")),
    "thousands-of-users": Hand("assumption", "user", sqrt(1000 * 9000)),
    "hidden-states": NOT_A_QUANTITY,
    "batch-hundred": Hand("assumption", "user", 100),
    "utilization-hundred": Hand(
        "holds", "percent", 20, 100 * 0.2, on_facts=(100 / SXM_CRITICAL_BATCH * 100, "off")
    ),
    "thousand-times-cost": Hand(
        "inconsistent", "dimensionless", 1000, 100 / 0.2,
        on_facts=(SXM_CRITICAL_BATCH, "off"), against=("utilization-alone",),
    ),
    "users-needed": Hand(
        "inconsistent", "user", 1000, 100 / 0.2,
        on_facts=(SXM_CRITICAL_BATCH, "off"), against=("utilization-alone",),
    ),
    "imbalance": Hand(
        "holds", "FLOP/byte", 1000, 3000 / 3, on_facts=(SXM_FLOPS / SXM_BANDWIDTH, "off")
    ),
    # A user's minutes of a calendar day: 16 on each of 13.2 days of a month.
    "minutes-per-day": Hand(
        "assumption", "minute", 10, on_facts=(16 * 13.2 / (365.25 / 12), "roughly")
    ),
    "user-base": Hand(
        "holds", "user", 144_000, 1000 * 24 * 60 / 10,
        on_facts=(SXM_CRITICAL_BATCH * 86_400 / GENERATION, "off"),
    ),
    "around-the-clock": NOT_A_QUANTITY,
    "steady-user-base": Hand(
        "assumption", "user", 1e6,
        on_facts=(
            SXM_CRITICAL_BATCH / (GENERATION / 86400) * 27_303_999 / (7 * 24 * 60) / 1280, "holds"
        ),
    ),
    "h100-power": Hand("assumption", "watt/chip", 700, on_facts=(700, "holds")),
    "brain-compute": Hand("assumption", "FLOP/second", 3e15, on_facts=(1e15, "off")),
    "power-ratio": Hand("roughly", "dimensionless", 30, on_facts=(700 / 20, "roughly")),
    "synapses": Hand("assumption", "synapse", 100e12, on_facts=(500e12, "off")),
    "synapse-bytes": Hand(
        "holds", "TB", 100, 100e12 * 1 / 1e12, on_facts=(SYNAPSE_BYTES / 1e12, "off")
    ),
    "brain-batch": Hand("assumption", "dimensionless", 1),
    # Geometry and hardware
    "geometry": Hand(
        "holds", "dimensionless", 1, log2(2**2 / 2) / log2(2),
        values=(("geometry", 2), ("size_ratio", 2)),
    ),
    "year": NOT_A_QUANTITY,
    "decade-neuromorphic": Hand("assumption", "year", 10),
    "decade-in-memory": Hand("assumption", "year", 10),
    "quantization": Hand("off", "dimensionless", 100, 16 / 1, on_facts=(16 / 4, "off")),
    # Etched
    "loaded-once": Hand(
        "holds", "FLOP/parameter/token", 2, 1 + 1,
        values=(("multiplications", 1), ("additions", 1)),
    ),
    "gpt3-parameters": Hand("assumption", "parameter", 175e9, on_facts=(175e9, "holds")),
    "examples-of-batches": NOT_A_QUANTITY,
    "gpu-batch": Hand("assumption", "token", 64, on_facts=(SXM_CRITICAL_BATCH, "off")),
    "asic-batch": Hand("assumption", "token", 2500),
    "mask-cost": Hand("assumption", "dollar", 1e6, on_facts=(10e6, "off")),
    # A tenth of a chip of 30,000 dollars is 3,000 dollars.
    "mask-volume": Hand(
        "holds", "chip", sqrt(10_000 * 900_000), on_facts=(542.2e6 / 3000, "holds")
    ),
    "small-model-flops": Hand("assumption", "FLOP/token", 3e9, on_facts=(GPT4_FLOPS, "off")),
    "asic-flops": Hand("assumption", "FLOP/second/chip", 3e15, on_facts=(SXM_FLOPS, "off")),
    "tokens-per-chip": Hand(
        "holds", "token/second/chip", 1e6, 3e15 / 3e9, on_facts=(SXM_FLOPS / GPT4_FLOPS, "off")
    ),
    "active-users": Hand("assumption", "user", 10e6, on_facts=(100e6, "off")),
    # 600 words a minute are ten a second.
    "chips-for-audience": Hand(
        "holds", "chip", 100, 10e6 * 10 / 1e6,
        on_facts=(10e6 * 10 / WORDS_PER_TOKEN / (SXM_FLOPS / GPT4_FLOPS), "off"),
    ),
    # 10 ms is 100 tokens a second: 6,000 a minute, not the 600 of the same sentence.
    "token-interval": Hand(
        "inconsistent", "ms", 10, 10e6 / (100 * 1e6) * 1e3,
        on_facts=(10e6 / (100 * SXM_FLOPS / GPT4_FLOPS) * 1e3, "off"), against=("reading-rate",),
    ),
    "reading-rate": Hand(
        "holds", "word/minute/user", 600, 100 * 1e6 / 10e6 * 60,
        on_facts=(100 * 1e6 / 10e6 * 60 * WORDS_PER_TOKEN, "roughly"),
    ),
    "openai-chips": Hand(
        "holds", "chip", sqrt(100 * 9000), 100e6 * 10 / 1e6,
        on_facts=(100e6 * 10 / WORDS_PER_TOKEN / (SXM_FLOPS / GPT4_FLOPS), "off"),
    ),
    "large-model-flops": Hand("assumption", "FLOP/token", 3e12, on_facts=(GPT4_FLOPS, "off")),
    "chips-corrected": Hand(
        "holds", "chip", 100_000, 10e6 * 10 / (3e15 / 3e12),
        on_facts=(10e6 * 10 / WORDS_PER_TOKEN / (SXM_FLOPS / GPT4_FLOPS), "off"),
    ),
    # The replies
    "gpus-for-a-million": Hand("off", "chip", 20, on_facts=(1e6 / 30_000, "off")),
    "hundredfold-cheaper": Hand("assumption", "dimensionless", 100),
    "free-gpt2": NOT_A_QUANTITY,
    "flops-per-token-range": Hand(
        "assumption", "FLOP/token", sqrt(1e12 * 1e13), on_facts=(GPT4_FLOPS, "holds")
    ),
    "flops-per-parameter": Hand(
        "off", "FLOP/parameter/token", 1, 1 + 1,
        values=(("multiplications", 1), ("additions", 1)),
    ),
    "training-budget": Hand("assumption", "dollar", 1e9),
    "training-to-inference": Hand("assumption", "dimensionless", 1),
    "design-budget": Hand("assumption", "dollar", 1e6, on_facts=(542.2e6, "off")),
    # MI300X
    "mi300x-memory": Hand("assumption", "GB/chip", 192, on_facts=(192, "holds")),
    "fp4-weights": Hand("assumption", "bit/parameter", 4),
    # 900 GB over 192 GB is 4.7 chips: five.
    "gpt4-on-a-node": Hand("holds", "chip", 8, on_facts=(-(-1.8e12 / 2 // 192e9), "holds")),
    "double-batch": Hand("assumption", "dimensionless", 2),
    "cache-use-before": Hand("assumption", "percent", 10),
    "cache-use-after": Hand("assumption", "percent", 30),
    # The brain
    "brain-capacity": Hand("assumption", "PB", 2.5, on_facts=(SYNAPSE_BYTES / 1e15, "off")),
    "brain-watts": Hand("assumption", "watt", 20, on_facts=(20, "holds")),
    "oversampled-wires": Hand("assumption", "PB", 2.5),
    "all-genomes": Hand(
        "holds", "PB", 2.5, on_facts=((86.1e9 + 84.6e9) * 2 * 6.2e9 / 8 / 1e15, "holds")
    ),
    "unknown-petabytes": NOT_A_QUANTITY,
    "jpeg-rate": Hand("assumption", "MB/s", 1),
    "jpeg-lifetime": Hand("holds", "year", 60, 2.5e15 / 1e6 / (365.25 * 24 * 3600)),
    # Two eyes of ten million bits a second, against 60 years.
    "everything-perceived": Hand(
        "off", "year", 60, on_facts=(2.5e15 * 8 / (2 * 1e7) / (365.25 * 86400), "off")
    ),
    "years-ago": NOT_A_QUANTITY,
    "chapter-number": NOT_A_QUANTITY,
    "few-bits": Hand("assumption", "bit/synapse", sqrt(2 * 5), on_facts=(4.7, "holds")),
    "large-synapse-bits": Hand("assumption", "bit/synapse", 5, on_facts=(4.7, "holds")),
    "median-synapse-bits": Hand("assumption", "bit/synapse", 1, on_facts=(4.7, "off")),
    "roadmap-bits": Hand(
        "inconsistent", "bit", 1e15, 100e12 * 5,
        on_facts=(5e14 * 4.7, "off"), against=("large-synapse-bits",),
    ),
    "space-dimensions": NOT_A_QUANTITY,
    "name-of-a-user": NOT_A_QUANTITY,
    # SemiAnalysis
    "openai-batch": Hand("assumption", "token", 4000),
    "batch-per-expert": Hand("holds", "token", 500, 4000 * 2 / 16),
    "cluster-gpus": Hand("holds", "chip", 128, 8 * 16),
    "tensor-ways": Hand("assumption", "chip", 8, on_facts=(8, "holds")),
    "pipeline-ways": Hand("assumption", "dimensionless", 16),
    "node-gpus": Hand("assumption", "chip", 8, on_facts=(8, "holds")),
    # Eight GPUs of less than 30 GB hold less than 120 billion parameters of two bytes, and eight of
    # less than 15 GB no more of one byte.
    "node-parameters": Hand(
        "inconsistent", "parameter", 130e9, 8 * 30e9 / 2,
        on_facts=(1.8e12 / 16, "roughly"), against=("gpu-bytes-16bit", "gpu-bytes-8bit"),
    ),
    "gpu-bytes-16bit": Hand(
        "inconsistent", "GB/chip", 30, 130 * 2 / 8,
        on_facts=(1800 / 16 * 2 / 8, "holds"), against=("node-parameters",),
    ),
    "gpu-bytes-8bit": Hand(
        "inconsistent", "GB/chip", 15, 130 / 8,
        on_facts=(1800 / 16 / 8, "holds"), against=("node-parameters",),
    ),
    "a100-memory": Hand("assumption", "GB/chip", 40, on_facts=(40, "holds")),
    # The last comment
    "list-marker": NOT_A_QUANTITY,
    "thousandfold-compute": Hand(
        "inconsistent", "dimensionless", 1000, 100 / 0.2,
        on_facts=(SXM_CRITICAL_BATCH, "off"), against=("utilization-alone",),
    ),
}  # fmt: skip
