"""Questions on *A real machine*."""

from __future__ import annotations

from inference_economics.equations import decode, shape
from inference_economics.facts import catalog
from inference_economics.serving import deploy

from .question import EASY, HARD, MEDIUM, Choice, Number, Option, asked, show


@asked(EASY)
def cache_of_a_token() -> Number:
    """The cache of a token."""
    model = catalog.load().model("llama31_405b")
    of = {"layers": model.layers, "kv_heads": model.kv_heads, "head_size": model.head_dim}
    work = shape.kv_bytes_grouped.explain(**of, cache_value_bytes=2)
    return Number(
        asks=f"{model.name} has {show(model.layers)} layers. In each it keeps keys and values for "
        f"{show(model.kv_heads)} key-value heads of {show(model.head_dim)} numbers, in 16 bits. "
        "How many bytes does a token of context take?",
        hint="Each layer keeps a key and a value for each of these heads.",
        work=(work,),
        unit="byte",
        means=f"A user with {show(8000)} tokens of context brings "
        f"{show(8000 * work.value, 'byte')}, which is read again for every new token.",
        mistakes={
            work.value / 2: "Half of it: either the keys or the values are missing, or you took "
            "one byte for a number of sixteen bits.",
            work.value / model.layers: "This is the cache of one layer.",
            work.value * model.heads / model.kv_heads: "This has a key and a value for each "
            f"of the model's {show(model.heads)} heads. But "
            f"every {show(model.heads / model.kv_heads)} heads share one key and one value.",
            work.value * 8: "These are bits.",
        },
    )


@asked(EASY)
def time_of_an_answer() -> Number:
    """A prompt and its answer."""
    machine = deploy("h100_sxm5", 8, "llama3_70b")
    prompt, answer = 2048, 500
    told = {
        "prefill_time": machine.prefill_time(1, prompt),
        "round_time": machine.step(1, prompt).step_time,
        "accepted_tokens": 1,
    }
    work = decode.request_time.explain(**told, answer=answer)
    reading, step = told["prefill_time"], told["round_time"]
    return Number(
        asks=f"Eight H100s read a prompt of {show(prompt)} tokens of a lone user in "
        f"{show(reading, 'second', 4)}, and take {show(step, 'second', 4)} for each token of the "
        f"answer. How long does a request with an answer of {answer} tokens take?",
        hint="The prompt is read once, all of its tokens together. The answer comes token by "
        "token.",
        work=(work,),
        means=f"Reading takes {show(reading / work.value, 'fraction', 2)} of the time, though the "
        "prompt is longer than the answer: its tokens share one reading of the weights.",
        mistakes={
            reading + step: "This is the time of the prompt and of only one token of the answer.",
            (prompt + answer) * step: "The tokens of the prompt are read together, not one by one.",
            (prompt + answer) * reading: f"You counted {show(reading, 'second')} for each token. "
            "It is the time of the whole prompt.",
            answer * reading: "You took the time of the whole prompt for each token of the answer.",
        },
    )


@asked(MEDIUM)
def what_would_help() -> Choice:
    """What would make it faster?"""
    machine = deploy("h100_sxm5", 8, "llama3_70b")
    users, context = 256, 2048
    step = machine.step(users, context).step_time

    def saved(symbol: str, factor: float) -> float:
        changed = machine.with_values(**{symbol: factor * machine.values[symbol]})
        return 1 - changed.step(users, context).step_time / step

    parts = {
        "arithmetic": ("Twice the arithmetic", saved("peak_flops", 2)),
        "bandwidth": ("Twice the memory bandwidth", saved("memory_bandwidth", 2)),
        "links": ("Twice the bandwidth of the links between cards", saved("link_bandwidth", 2)),
        "layers": ("Half the fixed time of each layer", saved("layer_time", 0.5)),
    }
    right = max(parts, key=lambda key: parts[key][1])
    return Choice(
        asks=f"Eight H100s serve Llama-3-70B in 16 bits to {show(users)} users, each with "
        f"{show(context)} tokens of context. What shortens a step most?",
        hint=f"The caches of {show(users)} users are larger than the weights. What limits how "
        "fast they are read?",
        means=f"{parts[right][0]} saves {show(parts[right][1], 'fraction', 2)} of the step. A part "
        "that is hidden behind a longer one costs no time, so making it faster saves none.",
        options={
            key: Option(words, f"It saves {show(round(share, 4), 'fraction', 2)} of the step.")
            for key, (words, share) in parts.items()
        },
        right=right,
    )


@asked(MEDIUM)
def experts_touched() -> Number:
    """Experts that a batch touches."""
    model = catalog.load().model("deepseek_v3")
    routing = {"experts": model.experts, "experts_per_token": model.experts_per_token}
    tokens = 32
    work = decode.coverage.explain(**routing, routed_tokens=tokens)
    return Number(
        asks=f"In a layer of {model.name} each token chooses {show(model.experts_per_token)} of "
        f"{show(model.experts)} experts. If tokens choose at random, what share of the experts do "
        f"{tokens} tokens call together?",
        hint="What is the chance that one token leaves an expert out? And that all of them do?",
        work=(work,),
        means=f"One token calls {show(decode.coverage(**routing, routed_tokens=1), 'fraction')}. "
        "So the first users of such a model share few experts: most bring experts of their own.",
        mistakes={
            min(1.0, tokens * model.experts_per_token / model.experts): "Tokens choose some of the "
            "same experts, so the shares do not add up.",
            model.experts_per_token / model.experts: "This is the share that one token calls.",
            1 - work.value: "This is the share that nobody calls.",
        },
    )


@asked(HARD)
def latent_against_heads() -> Number:
    """What a latent cache saves."""
    model = catalog.load().model("deepseek_v3")
    of = {"latent_size": model.latent_size, "position_size": model.position_size}
    latent = shape.kv_bytes_latent.explain(layers=model.layers, cache_value_bytes=2, **of)
    heads = shape.kv_bytes_grouped.explain(
        layers=model.layers, cache_value_bytes=2, kv_heads=model.heads, head_size=model.head_dim
    )
    ratio = heads.value / latent.value
    return Number(
        asks=f"In each layer {model.name} keeps one vector of {show(model.latent_size)} numbers "
        f"for a token, and {show(model.position_size)} more for its position. Suppose that it kept "
        f"a key and a value of {show(model.head_dim)} numbers for each of its {show(model.heads)} "
        "heads instead. How many times as large would its cache be?",
        hint="Count the numbers of one layer both ways.",
        work=(heads, latent),
        value=ratio,
        unit="dimensionless",
        means=f"So it keeps {show(latent.value, 'byte')} for each token instead of "
        f"{show(heads.value, 'byte')}. The post was written "
        "before most models shrank their caches.",
        mistakes={
            ratio / 2: "This counts the keys alone. Each head keeps a key and a value.",
            ratio * (1 + model.position_size / model.latent_size): "This leaves out the "
            f"{show(model.position_size)} numbers of the position.",
            1 / ratio: "This is the latent cache over the other one.",
            float(model.heads): "This counts heads, and not the numbers that they keep.",
        },
    )
