"""The words of the field that the chapters use, each with what it means, by its id.

A text links a word as ``[token](glossary.ipynb#word-token)``.
"""

from __future__ import annotations

WORDS = {
    "token": (
        "token",
        "A piece of a word: what a language model reads and writes one at a time.",
    ),
    "model": (
        "model",
        (
            "A program that continues a text, made of layers of numbers that it learned in "
            "training; our own calculation is called the book's model."
        ),
    ),
    "weight": (
        "weight, parameter",
        (
            "One of the numbers that a model learned in training, and with which it "
            "computes every token."
        ),
    ),
    "layer": (
        "layer",
        (
            "One of the stages of a model: a token passes through an attention block and a "
            "feed-forward block in each of them."
        ),
    ),
    "hidden-state": (
        "hidden state",
        (
            "The list of numbers that stands for a token between two layers; its length is "
            "the width of the model."
        ),
    ),
    "attention": (
        "attention",
        (
            "The part of a layer that looks back at all earlier tokens of the same text, "
            "through their keys and values."
        ),
    ),
    "kv-cache": (
        "KV cache",
        (
            "The keys and values of a user's earlier tokens, kept in memory so that they "
            "are not computed again; each further token reads them all."
        ),
    ),
    "query": (
        "query, key, value",
        (
            "What attention computes of each token: its query is compared with the keys of the "
            "tokens before it, and says how much each of their values counts."
        ),
    ),
    "linear-attention": (
        "linear attention, state-space layer",
        (
            "A layer that keeps a state of fixed size for each user, in place of a cache that "
            "grows with the text."
        ),
    ),
    "gqa": (
        "grouped-query attention (GQA)",
        (
            "Attention in which several heads share one set of keys and values, which makes"
            " the KV cache smaller."
        ),
    ),
    "mla": (
        "multi-head latent attention (MLA)",
        (
            "DeepSeek's attention, which keeps one short vector for all heads in place of "
            "their keys and values."
        ),
    ),
    "context": (
        "context",
        ("The tokens that a model can look back at: the prompt and what has been written so far."),
    ),
    "prompt": (
        "prompt",
        "The text that a user sends, with what went before it in the conversation.",
    ),
    "request": (
        "request",
        "One prompt and the answer to it.",
    ),
    "prefill": (
        "prefill",
        (
            "Reading a prompt: all of its tokens go through the model together, before the "
            "first token of the answer."
        ),
    ),
    "decode": (
        "decode",
        ("Writing an answer: one token after the other, each of which needs a step of its own."),
    ),
    "step": (
        "step",
        ("One pass through the model in which each request of the batch gets its next token."),
    ),
    "batch": (
        "batch",
        (
            "The requests that are served in the same step, so that they share one reading "
            "of the weights."
        ),
    ),
    "critical-batch": (
        "critical batch",
        (
            "The batch at which arithmetic takes as long as reading the weights; a larger "
            "one lengthens the step."
        ),
    ),
    "full-batch": (
        "full batch",
        (
            "The largest batch that a chapter allows: by the arithmetic, by the memory, or "
            "by the speed that users want; the chapter says which."
        ),
    ),
    "dense": (
        "dense model",
        "A model in which every token uses every weight.",
    ),
    "dense-matrix": (
        "dense and sparse matrices",
        (
            "A chip's rate for dense matrices counts every number; one for sparse matrices "
            "counts on two zeros in every four numbers."
        ),
    ),
    "moe": (
        "mixture of experts (MoE), sparse model",
        (
            "A model whose layers are split into many parts, the experts, of which each "
            "token uses only a few."
        ),
    ),
    "expert": (
        "expert",
        (
            "One of the parts of a layer of a mixture of experts; a router chooses which "
            "ones a token uses."
        ),
    ),
    "speculative-decoding": (
        "speculative decoding, guessing ahead",
        (
            "A cheap program drafts several tokens, and the model checks them in one step "
            "and keeps those that it would have written; MTP is one way to draft."
        ),
    ),
    "ttft": (
        "time to first token (TTFT)",
        ("How long a user waits from sending the prompt until the first token of the answer."),
    ),
    "tpot": (
        "time per output token (TPOT)",
        (
            "How long each further token of an answer takes; without guessing ahead it is the "
            "time between tokens as they arrive (ITL)."
        ),
    ),
    "throughput": (
        "throughput",
        "The tokens that a machine writes in a second for all its users together.",
    ),
    "goodput": (
        "goodput",
        "The part of the throughput that keeps the times promised to users.",
    ),
    "slo": (
        "service-level objective (SLO)",
        (
            "A promise on the times of a service, such as that nearly all first tokens come"
            " within a second."
        ),
    ),
    "operation": (
        "operation, FLOP",
        (
            "One multiplication or addition of numbers; FLOP/s says how many a chip does in"
            " a second."
        ),
    ),
    "ridge-point": (
        "ridge point, operations per byte (FLOP/byte)",
        (
            "A chip's arithmetic divided by its memory bandwidth: the operations that it "
            "can do while it reads one byte."
        ),
    ),
    "bandwidth": (
        "memory bandwidth",
        "The bytes that a chip can read from its memory in a second.",
    ),
    "utilization": (
        "utilization (MFU, MBU)",
        (
            "The share of a chip's peak arithmetic that is used (MFU), or of its memory "
            "bandwidth (MBU)."
        ),
    ),
    "precision": (
        "precision (BF16, FP8, FP4, INT8)",
        (
            "How many bits a number takes: sixteen, eight or four; fewer bits are read and "
            "multiplied faster, and are less exact."
        ),
    ),
    "quantization": (
        "quantization",
        (
            "Storing a model's weights in fewer bits than it was trained with; to "
            "dequantize is to turn them back before they are multiplied."
        ),
    ),
    "gpu": (
        "GPU, accelerator, card, chip",
        (
            "The processor that runs a model, with its own memory; the book uses the four "
            "words alike."
        ),
    ),
    "h100": (
        "H100",
        (
            "NVIDIA's GPU for data centers, which the post takes as its example; the SXM "
            "module is the faster version, the PCIe card the slower one."
        ),
    ),
    "hbm": (
        "HBM (high-bandwidth memory)",
        (
            "The fast memory beside a GPU, made of stacked chips, in which the weights and "
            "the KV caches lie."
        ),
    ),
    "nvlink": (
        "NVLink",
        (
            "The fast links between the GPUs of a node; between nodes a slower network "
            "carries the traffic."
        ),
    ),
    "node": (
        "node",
        "One computer with its GPUs, mostly eight of them.",
    ),
    "machine": (
        "machine, deployment, unit",
        "The chips that together hold a model and serve it, from one card to many nodes.",
    ),
    "engine": (
        "engine",
        (
            "The program that serves a model on a machine, such as vLLM, SGLang or "
            "TensorRT-LLM; the ordinary computer that it runs on is the host processor."
        ),
    ),
    "host": (
        "host",
        "A company that runs a model on its machines and sells its tokens.",
    ),
    "kernel": (
        "kernel",
        (
            "A small program that a GPU runs for one part of a step, such as one product of"
            " matrices."
        ),
    ),
    "cuda-graph": (
        "CUDA graph",
        (
            "The recorded kernels of a step, replayed together; an eager engine starts them"
            " one after the other."
        ),
    ),
    "tensor-parallelism": (
        "tensor parallelism (TP)",
        (
            "Every GPU holds a slice of each layer, and all of them add up their results "
            "after each block."
        ),
    ),
    "pipeline-parallelism": (
        "pipeline parallelism (PP)",
        (
            "Groups of GPUs, called stages, hold different layers and work one after the "
            "other; a micro-batch is the part of the batch that is in one stage."
        ),
    ),
    "expert-parallelism": (
        "expert parallelism (EP)",
        (
            "GPUs hold different experts, and each token travels to those that it uses; it "
            "is called wide if many GPUs take part."
        ),
    ),
    "data-parallelism": (
        "data parallelism (DP), replicas",
        (
            "Each group of GPUs has a copy of the weights, or of the attention alone, and "
            "serves its own users."
        ),
    ),
    "all-reduce": (
        "all-reduce",
        ("The exchange in which GPUs add up what each of them has, and all receive the sum."),
    ),
    "all-to-all": (
        "all-to-all",
        ("The exchange in which each GPU sends every other one the tokens that its experts need."),
    ),
    "prefix-cache": (
        "prefix cache",
        (
            "KV caches that are kept after an answer, so that a later prompt with the same "
            "beginning need not be read in full."
        ),
    ),
    "chunked-prefill": (
        "chunked prefill",
        "Reading a prompt in pieces, inside the steps that write answers for others.",
    ),
    "disaggregation": (
        "disaggregated prefill",
        "Reading prompts on machines of their own, and writing answers on others.",
    ),
    "continuous-batching": (
        "continuous batching",
        (
            "Letting a new request into the batch as soon as another ends; the batch has a "
            "fixed number of places, or slots."
        ),
    ),
    "die": (
        "die, wafer",
        (
            "A die is one piece of silicon, a chip without its case; a wafer is the disk "
            "that dies are cut from, or one chip of that size."
        ),
    ),
    "mask": (
        "mask",
        "A stencil for one layer of a chip; a new design needs a new set of masks.",
    ),
    "transformer": (
        "transformer",
        (
            "The kind of model that today's chatbots use: layers of attention and of "
            "feed-forward blocks."
        ),
    ),
    "interval": (
        "90% interval, band",
        "A range that should hold the true value in nine cases of ten.",
    ),
    "held-out": (
        "fitted, held out, test set",
        (
            "Fitted data set a value of the book's model; data held out, such as a test "
            "set, only test it."
        ),
    ),
    "roofline": (
        "roofline",
        "The rule that a step takes the longer of its reading and its arithmetic.",
    ),
    "post": (
        "the post, the thread",
        "The blog post of 2023 that this book checks, and the comments below it.",
    ),
    "claim": (
        "claim, verdict",
        ("A statement of the post or its thread, and what this book found when it recomputed it."),
    ),
}
"""For each word its name, with others for the same thing, and what it means."""
