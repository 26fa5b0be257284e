"""A model from its config.json: what is counted, against what others published and counted."""

from __future__ import annotations

import json
import math
import os
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alike import with_each
from hypothesis import given
from hypothesis import strategies as st

from inference_economics.equations import decode
from inference_economics.facts import catalog, configuration, fields, measurements
from inference_economics.facts.catalog import CatalogError
from inference_economics.serving.deployment import LimitError, deploy
from inference_economics.serving.served import as_stored, counts, multiplied_bits, served

TABLE = tomllib.loads(Path(__file__).with_name("configurations.toml").read_text("utf-8"))
SOURCES = TABLE.pop("sources")
MODELS = with_each("name", TABLE)
PUBLISHED = [name for name, each in TABLE.items() if "parameters" in each]
QWEN = TABLE["Qwen3-8B"]["config"]
PLAIN = {"hidden_size": 4096, "intermediate_size": 14336, "num_attention_heads": 32,
         "num_hidden_layers": 32, "vocab_size": 32000}  # fmt: skip


def shape_of(name: str) -> catalog.Record:
    return configuration.record(TABLE[name]["config"], name=name)


def counted(name: str) -> dict[str, float]:
    return counts(shape_of(name))


COMPRESSED = {"DeepSeek-V4-Flash": (21, 20), "DeepSeek-V4-Pro": (30, 31)}


# What others published


def test_the_table_spans_the_families_and_names_its_sources() -> None:
    assert len(PUBLISHED) >= 30
    named = {each["read_in"] for each in TABLE.values()}
    named |= {TABLE[name]["counted_in"] for name in PUBLISHED}
    unlisted, unused = sorted(named - set(SOURCES)), sorted(set(SOURCES) - named)
    assert not unlisted, f"configurations.toml: [sources] has no {unlisted}"
    assert not unused, f"configurations.toml: no model was read or counted in {unused}"
    types = {
        kind
        for each in TABLE.values()
        for kind in (each["config"], each["config"].get("text_config", {}))
        for kind in [kind.get("model_type", "")]
    }
    families = fields.families()["families"]
    untried = [name for name, each in families.items() if not types & set(each["types"])]
    assert untried == [
        "smollm3", "olmo3", "bitnet", "hy_v4", "lfm2", "nemotron",
        "gpt_neo", "chatglm", "two_in_one", "mllama", "gpt_bigcode", "gpt",
    ]  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_all_weights_are_those_that_others_counted(name: str) -> None:
    assert counted(name)["stored_parameters"] == pytest.approx(TABLE[name]["parameters"], rel=5e-3)


@MODELS
def test_cache_and_state_are_those_worked_by_hand(name: str) -> None:
    each, found = TABLE[name], counted(name)
    growing, passing = (
        math.prod(each[part]) if part in each else 0 for part in ("grows", "passes")
    )
    if name in COMPRESSED:  # some layers keep an entry for 4 tokens, others for 128
        some, others = COMPRESSED[name]
        growing = 2 * (some * (512 + 128) / 4 + others * 512 / 128)
    by_hand = growing + passing
    assert found["kv_bytes_per_token"] == by_hand, f"configurations.toml: the cache of {name}"
    assert found.get("windowed_share", 0.0) == pytest.approx(passing / (growing + passing))
    assert found.get("state_bytes", 0.0) == (math.prod(each["state"]) if "state" in each else 0.0)


@pytest.mark.parametrize(
    ("name", "active"),  # as their makers say
    [
        ("Mixtral-8x22B", 39e9),
        ("Qwen3-235B-A22B", 22e9),
        ("Qwen3-Next-80B-A3B", 3e9),
        ("gpt-oss-120b", 5.1e9),
        ("DeepSeek-V3", 37e9),
        ("DeepSeek-V4-Flash", 13e9),
        ("DeepSeek-V4-Pro", 49e9),
        ("Kimi-K2", 32e9),
        ("GLM-5", 40e9),
        ("MiniMax-M2", 10e9),
        ("Llama-4-Scout-17B-16E", 17e9),
    ],
)
def test_a_token_passes_through_the_weights_that_makers_say(name: str, active: float) -> None:
    found = counted(name)
    assert found["active_parameters"] + found["input_embedding"] == pytest.approx(active, rel=0.3)
    assert found["active_parameters"] == pytest.approx(
        found["shared_parameters"]
        + found["routed_parameters"] * shape_of(name).experts_per_token / shape_of(name).experts
    )


def test_a_size_that_nothing_knows_is_told() -> None:
    known = {**QWEN, "rotary_dim": 64, "num_hidden_groups": 1}
    assert "note" not in configuration.record(known).words
    read = configuration.record({**known, "routed_latent_dim": 3584, "memory_heads": 4})
    assert read.words["note"] == (
        "not known, and not counted: routed_latent_dim = 3584, memory_heads = 4"
    )


def test_kimi_k3_is_as_large_as_its_summary_says() -> None:
    """2.8 trillion weights, 104 billion for a token: narrow experts, gates as wide as outputs."""
    found = counted("Kimi-K3")
    assert round(found["stored_parameters"], -11) == 2.8e12
    assert round(found["active_parameters"], -9) == 104e9
    language = TABLE["Kimi-K3"]["config"]["text_config"]
    linear = {**language["linear_attn_config"], "use_full_rank_gate": False}
    for ungated in ({"mla_use_output_gate": False}, {"linear_attn_config": linear}):
        fewer = counts(configuration.record({**language, **ungated}))
        assert fewer["active_parameters"] < 0.99 * found["active_parameters"]


@pytest.mark.parametrize("name", [name for name, each in TABLE.items() if "id" in each])
def test_the_catalog_has_what_a_configuration_says(name: str) -> None:
    listed, read = catalog.load().model(TABLE[name]["id"]), shape_of(name)
    not_in_the_table = {"published_parameters": 0, "longest_context": 0}
    assert {**listed.numbers, **not_in_the_table} == {**read.numbers, **not_in_the_table}
    kept = ("attention", "embeddings")
    assert [listed.words[each] for each in kept] == [read.words[each] for each in kept]


def test_stated_totals_agree_with_their_shapes() -> None:
    # A dense model's shape is whole in the catalog: its count is the total that is stated.
    for model in catalog.load().models.values():
        if model.has("published_parameters"):
            said = model.published_parameters
            assert counts(model)["stored_parameters"] == pytest.approx(said, rel=5e-3), model.id


@with_each("model", catalog.load().models)
def test_no_model_has_experts_heavier_than_its_total(model: str) -> None:
    record = catalog.load().model(model)
    found = counts(record)
    assert found.get("routed_parameters", 0) < found["stored_parameters"]


def test_kimi_k2_is_served() -> None:
    step = deploy("b200", 16, "kimi_k2", weight_bits=8, replicas=16).step(64, 8192)
    assert step.memory > 1.026e12


# What a family leaves unsaid


def test_a_model_of_no_known_family_is_read_as_a_plain_decoder_and_says_so() -> None:
    known = configuration.record(QWEN)
    unknown = configuration.record({**QWEN, "model_type": "brand_new"})
    assert unknown.numbers == known.numbers
    written = {**QWEN, "hidden_size": float(QWEN["hidden_size"])}  # some tools write 4096.0
    assert configuration.record(written).numbers == known.numbers
    notes: list[str] = []
    served(unknown, 16, notes)
    assert any("model_type 'brand_new' is not known: read as a plain decoder" in n for n in notes)
    ungated = (
        counts(unknown)["stored_parameters"]
        - counts(
            configuration.record({**QWEN, "model_type": "starcoder2", "tie_word_embeddings": False})
        )["stored_parameters"]
    )
    assert any(f"without one it has {ungated:.2g} parameters fewer" in n for n in notes)
    assert "note" not in known.words
    usual = configuration.record({**QWEN, "model_type": "brand_new", "hidden_act": "silu"})
    assert usual.words["note"] == "model_type 'brand_new' is not known: read as a plain decoder"


def test_what_is_left_out_is_said_with_its_size() -> None:
    notes = deploy("h200_sxm", 8, TABLE["Qwen3.5-35B-A3B"]["config"]).notes
    said = "; ".join(notes)
    assert "30 of 40 layers keep a state of 64.4 MB a user" in said
    assert "turns images or sound into tokens is left out: about 4.1e+08 parameters" in said
    selecting = "; ".join(deploy("h200_sxm", 8, TABLE["DeepSeek-V3.2"]["config"]).notes)
    assert "each layer with a cache reads 2048 selected tokens; 61 of them read the" in selecting
    shared = "; ".join(deploy("h200_sxm", 16, TABLE["GLM-5.2"]["config"]).notes)
    assert "2048 selected tokens; 21 of them read the small keys of all, to select" in shared


def test_layers_with_a_window_by_a_list_an_interval_or_all() -> None:
    base = {**QWEN, "model_type": "mistral", "sliding_window": 1024}
    kinds = ["sliding_attention", "full_attention"] * 18
    by_list = configuration.record({**base, "layer_types": kinds})
    by_interval = configuration.record({**base, "sliding_window_pattern": 2})
    everywhere = configuration.record(base)
    letters = configuration.record({**base, "sliding_window_pattern": "LLLG"})
    half = configuration.record({**base, "use_sliding_window": True, "max_window_layers": 18})
    off = configuration.record({**base, "use_sliding_window": False})
    assert letters.windowed_layers == 27
    assert [each.windowed_layers for each in (by_list, by_interval, half)] == [18, 18, 18]
    assert everywhere.windowed_layers == 36
    assert not off.has("window")


WINDOW = {**QWEN, "sliding_window": 1024}


@pytest.mark.parametrize(
    ("fields", "windowed"),  # of 36 layers
    [
        ({"model_type": "mistral"}, 36),
        ({"model_type": "qwen3"}, 0),
        ({"model_type": "gpt_oss"}, 18),
        ({"model_type": "olmo3"}, 36 - 9),
        ({"model_type": "afmoe"}, 36 - 9),
        ({"model_type": "brand_new", "global_attn_every_n_layers": 6}, 36 - 6),
        ({"model_type": "brand_new", "use_sliding_window": True}, 36),
        ({"model_type": "brand_new", "use_sliding_window": False}, 0),
        ({"model_type": "brand_new", "sliding_window": -1}, 0),
        ({"model_type": "brand_new", "sliding_window": 40960, "max_position_embeddings": 40960}, 0),
    ],
)
def test_a_window_without_a_list_is_that_of_the_layers_that_the_code_gives_it(
    fields: dict[str, Any], windowed: int
) -> None:
    record = configuration.record({**WINDOW, **fields})
    assert record.numbers.get("windowed_layers", 0) == windowed


def test_a_list_that_the_code_takes_for_granted_may_be_left_out() -> None:
    for name, lists in (
        ("gpt-oss-120b", {"layer_types"}),
        ("GLM-5.3-Flash", {"layer_types"}),
        ("MiniMax-M1", {"attn_type_list"}),
    ):
        config = TABLE[name]["config"]
        fewer = {field: said for field, said in config.items() if field not in lists}
        assert len(fewer) < len(config)
        assert counts(configuration.record(fewer)) == counted(name)
    flash = {**TABLE["DeepSeek-V4-Flash"]["config"], "compress_ratios": None}
    with pytest.raises(
        CatalogError, match="o_lora_rank = 1024: needs a list that says which layers comp"
    ):
        configuration.record(flash)


def test_layers_that_select_by_themselves_are_listed_or_every_so_many_th() -> None:
    config = TABLE["GLM-5.2"]["config"]
    own, none = counted("GLM-5.2"), {**config, "indexer_types": None}
    letters = {**none, "index_topk_pattern": "FFF" + "SSSF" * 18 + "SSS"}
    steps = {**none, "index_topk_freq": 4, "index_skip_topk_offset": 3}
    for same in (letters, steps):
        assert counts(configuration.record(same)) == own
    # Where nothing is said, all 78 do, with 2048 × 32 × 128 + 6144 × (128 + 32) weights each.
    every = counts(configuration.record(none))
    more = every["stored_parameters"] - own["stored_parameters"]
    assert more == (78 - 21) * (2048 * 32 * 128 + 6144 * (128 + 32))
    assert every["kv_bytes_per_token"] == 78 * 128 * 2 + 78 * 576 * 2


def test_state_space_layers_may_be_called_linear_attention() -> None:
    # As transformers 5 saves them.
    config = dict(TABLE["Nemotron-3-Nano-30B-A3B"]["config"])
    names = {"M": "linear_attention", "E": "moe", "*": "full_attention"}
    saved = [names[letter] for letter in config.pop("hybrid_override_pattern")]
    found = counts(configuration.record({**config, "layers_block_type": saved}))
    assert found == counted("Nemotron-3-Nano-30B-A3B")


def test_the_last_layer_of_a_group_attends_to_all() -> None:
    ring = {
        "model_type": "bailing_moe_linear", "hidden_size": 2048, "intermediate_size": 5120,
        "moe_intermediate_size": 512, "num_hidden_layers": 20, "num_attention_heads": 16,
        "num_key_value_heads": 4, "head_dim": 128, "num_experts": 256, "num_experts_per_tok": 8,
        "num_shared_experts": 1, "first_k_dense_replace": 1, "vocab_size": 157184,
        "layer_group_size": 5,
    }  # fmt: skip
    found = counts(configuration.record(ring))
    assert found["stored_parameters"] == pytest.approx(16.4e9, rel=5e-3)  # as its page says
    assert found["kv_bytes_per_token"] == 4 * 2 * 4 * 128 * 2
    assert found["state_bytes"] == 16 * 16 * 128 * 128 * 2
    bamba = {
        "model_type": "bamba", "hidden_size": 4096, "intermediate_size": 14336,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
        "vocab_size": 128256, "attn_layer_indices": [9, 18, 27], "mamba_d_state": 128,
        "mamba_n_heads": 128, "mamba_d_head": 64, "mamba_n_groups": 1, "mamba_d_conv": 4,
    }  # fmt: skip
    found = counts(configuration.record(bamba))
    assert found["stored_parameters"] == pytest.approx(9.78e9, rel=5e-3)  # as its page says
    assert found["kv_bytes_per_token"] == 3 * 2 * 8 * 128 * 2


LFM2_350M = {
    "model_type": "lfm2", "vocab_size": 65536, "hidden_size": 1024, "num_hidden_layers": 16,
    "num_attention_heads": 16, "num_key_value_heads": 8, "full_attn_idxs": [2, 5, 8, 10, 12, 14],
    "block_ff_dim": 6656,
}  # fmt: skip


def test_a_short_convolution_stands_in_place_of_attention() -> None:
    record = configuration.record(LFM2_350M)
    found = counts(record)
    # Two thirds of the width that is named, rounded up to the next 256: 4437 to 4608.
    assert record.dense_ffn_size == 18 * 256
    convolved, attending = 4 * 1024**2 + 3 * 1024, 1024 * 64 * (2 * 16 + 2 * 8)
    by_hand = 10 * convolved + 6 * attending + 16 * 3 * 1024 * 4608 + 65536 * 1024
    assert found["stored_parameters"] == by_hand
    assert by_hand == pytest.approx(354.48e6, rel=5e-3)  # as its maker says
    assert found["kv_bytes_per_token"] == 6 * 2 * 8 * 64 * 2
    assert found["state_bytes"] == 10 * 2 * 1024 * 2
    assert "10 of 16 layers keep a state" in "; ".join(deploy("h200_sxm", 1, LFM2_350M).notes)


APERTUS_70B = {
    "model_type": "apertus", "hidden_act": "xielu", "hidden_size": 8192,
    "intermediate_size": 43008, "num_attention_heads": 64, "num_key_value_heads": 8,
    "num_hidden_layers": 80, "vocab_size": 131072,
}  # fmt: skip
AFM_4B = {
    "model_type": "arcee", "hidden_act": "relu2", "hidden_size": 2560,
    "intermediate_size": 18432, "num_attention_heads": 20, "num_key_value_heads": 4,
    "head_dim": 128, "num_hidden_layers": 36, "vocab_size": 128004,
}  # fmt: skip
BITNET_2B = {
    "model_type": "bitnet", "hidden_act": "relu2", "hidden_size": 2560,
    "intermediate_size": 6912, "num_attention_heads": 20, "num_key_value_heads": 5,
    "num_hidden_layers": 30, "vocab_size": 128256,
}  # fmt: skip


@pytest.mark.parametrize(
    ("config", "parameters", "matrices"),  # as transformers 5.24.0 builds them
    [(APERTUS_70B, 70599864480, 2), (AFM_4B, 4619184640, 2), (BITNET_2B, 2741155840, 3)],
    ids=lambda each: each["model_type"] if isinstance(each, dict) else "",
)
def test_an_activation_says_whether_blocks_have_a_gate(
    config: dict[str, Any], parameters: float, matrices: int
) -> None:
    record = configuration.record(config)
    assert counts(record)["stored_parameters"] == pytest.approx(parameters, rel=5e-4)
    if matrices == 2:
        act = config["hidden_act"]
        assert f"have no gate, as hidden_act = {act!r} has none" in record.words["note"]


GROK_2 = {
    "model_type": "git", "hidden_size": 8192, "intermediate_size": 32768,
    "moe_intermediate_size": 16384, "num_hidden_layers": 64, "num_attention_heads": 64,
    "num_key_value_heads": 8, "head_dim": 128, "num_local_experts": 8, "num_experts_per_tok": 2,
    "residual_moe": True, "sliding_window_size": -1, "vocab_size": 131072,
}  # fmt: skip
HUNYUAN_LARGE = {
    "model_type": "hunyuan", "hidden_size": 6400, "intermediate_size": 18304,
    "num_hidden_layers": 64, "num_attention_heads": 80, "num_key_value_heads": 8,
    "attention_head_dim": 80, "num_experts": 16, "moe_topk": 1, "num_shared_expert": 1,
    "use_cla": True, "cla_share_factor": 2, "vocab_size": 128512, "tie_word_embeddings": True,
}  # fmt: skip


def test_a_dense_block_may_stand_beside_the_experts_of_each_layer() -> None:
    found = counts(configuration.record(GROK_2))
    dense, experts = 3 * 8192 * 32768, 3 * 8192 * 16384
    attention = 8192 * 128 * (2 * 64 + 2 * 8)
    by_hand = 64 * (attention + dense + 8 * experts + 8 * 8192) + 2 * 131072 * 8192
    assert found["stored_parameters"] == by_hand
    assert by_hand == pytest.approx(269.5e9, rel=1e-3)


GPT_OSS_ORIGINAL = {
    "num_hidden_layers": 36, "num_experts": 128, "experts_per_token": 4, "vocab_size": 201088,
    "hidden_size": 2880, "intermediate_size": 2880, "swiglu_limit": 7.0, "head_dim": 64,
    "num_attention_heads": 64, "num_key_value_heads": 8, "sliding_window": 128,
    "initial_context_length": 4096, "rope_theta": 150000, "rope_scaling_factor": 32.0,
    "rope_ntk_alpha": 1, "rope_ntk_beta": 32,
}  # fmt: skip


def test_gpt_oss_is_read_as_its_maker_keeps_it() -> None:
    record, shape = configuration.record(GPT_OSS_ORIGINAL), shape_of("gpt-oss-120b")
    assert record.numbers == {**shape.numbers, "longest_context": 131072}
    held = deploy("b200", 1, GPT_OSS_ORIGINAL).evaluate(decode.weights_held)
    routed = 36 * 128 * 3 * 2880 * 2880
    rest = 36 * 2880 * (64 * (2 * 64 + 2 * 8) + 128) + 2 * 201_088 * 2880
    assert held == pytest.approx((routed * 4.25 + rest * 16) / 8)


def test_a_type_of_two_families_is_told_apart_by_a_field() -> None:
    """Ling 2.6 flash, 104B-A7.4B by its page, has linear attention without a convolution."""
    ling = {
        "model_type": "bailing_hybrid", "hidden_size": 4096, "intermediate_size": 9216,
        "moe_intermediate_size": 1024, "moe_shared_expert_intermediate_size": 1024,
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
        "head_dim": 128, "kv_lora_rank": 512, "q_lora_rank": 1536, "qk_nope_head_dim": 128,
        "qk_rope_head_dim": 64, "v_head_dim": 128, "num_experts": 256, "num_experts_per_tok": 8,
        "num_shared_experts": 1, "first_k_dense_replace": 1, "layer_group_size": 8,
        "group_norm_size": 4, "vocab_size": 157184, "tie_word_embeddings": False,
    }  # fmt: skip
    found = counts(configuration.record(ling))
    assert found["stored_parameters"] == pytest.approx(104e9, rel=5e-3)
    assert found["active_parameters"] + found["input_embedding"] == pytest.approx(7.4e9, rel=0.01)
    assert found["kv_bytes_per_token"] == 4 * (512 + 64) * 2
    assert found["state_bytes"] == 28 * 32 * 128 * 128 * 2


MUSE_SPARK = {
    "model_type": "muse_spark_text", "vocab_size": 202048, "hidden_size": 8192,
    "intermediate_size": 16384, "moe_intermediate_size": 4096, "moe_hidden_size": 4096,
    "num_hidden_layers": 62, "num_attention_heads": 128, "num_key_value_heads": 16,
    "head_dim": 64, "num_local_experts": 256, "num_experts_per_tok": 8, "sliding_window": 2048,
    "layer_types": [*["sliding_attention", "full_attention"], *[*["sliding_attention"] * 3,
                     "full_attention"] * 15], "tie_word_embeddings": False,
}  # fmt: skip


def test_experts_of_muse_are_narrower_than_the_hidden_state() -> None:
    """816B-A42B by its name, with tables of 3.3B; matrices as transformers 5.24.0 builds them."""
    record = configuration.record(MUSE_SPARK)
    found = counts(record)
    attention = 8192 * 64 * (3 * 128 + 2 * 16)  # queries, their gate, and the way back
    routed = 62 * 256 * 3 * 4096 * 4096
    rest = 62 * (attention + 8192 * (2 * 4096 + 256)) + 2 * 202_048 * 8192
    assert found["stored_parameters"] == routed + rest
    assert routed + rest == pytest.approx(816e9, rel=5e-3)
    assert record.windowed_layers == 46
    assert "note" not in record.words


def test_rates_of_compression_may_be_fields_of_their_own() -> None:
    config = TABLE["DeepSeek-V4-Flash"]["config"]
    plain, halved = (
        counts(configuration.record({**config, **more}))["kv_bytes_per_token"]
        for more in ({}, {"compress_rate_csa": 8, "compress_rate_hca": 256})
    )
    growing = 2 * (21 * (512 + 128) / 4 + 20 * 512 / 128)
    assert plain - halved == pytest.approx(growing / 2)


@pytest.mark.parametrize(
    ("config", "kv_heads"),
    [
        # As Falcon-7B and SantaCoder are kept: one head, whatever the number of the first says.
        ({"model_type": "falcon", "hidden_size": 4544, "multi_query": True, "vocab_size": 65024,
          "new_decoder_architecture": False, "num_attention_heads": 71, "num_hidden_layers": 32,
          "num_kv_heads": 71}, 1),
        ({"model_type": "gpt2", "attention_head_type": "multiquery", "n_embd": 2048, "n_head": 16,
          "n_inner": 8192, "n_layer": 24, "vocab_size": 49280}, 1),
        # What the class of a type takes where its file leaves it out.
        ({**PLAIN, "model_type": "mistral"}, 8),
        ({**PLAIN, "model_type": "gemma2"}, 4),
        ({**PLAIN, "model_type": "starcoder2"}, 2),
        ({**PLAIN, "model_type": "llama"}, 32),
    ],
)  # fmt: skip
def test_heads_of_keys_are_those_that_the_code_takes(config: dict[str, Any], kv_heads: int) -> None:
    assert configuration.record(config).numbers["kv_heads"] == kv_heads


@pytest.mark.parametrize(
    ("config", "weights"),
    [
        ({"model_type": "RefinedWebModel", "hidden_size": 4544, "multi_query": True, "n_head": 71,
          "n_layer": 32, "vocab_size": 65024}, 32 * 4544 * (2 * 64 + 10 * 4544) + 65024 * 4544),
        ({"model_type": "codegen", "n_embd": 4096, "n_head": 16, "n_layer": 33, "n_inner": None,
          "vocab_size": 51200}, 33 * 12 * 4096**2 + 2 * 51200 * 4096),
        ({"model_type": "openai-gpt", "n_embd": 768, "n_head": 12, "n_layer": 12,
          "vocab_size": 40478}, 12 * 12 * 768**2 + 40478 * 768),
        ({**PLAIN, "model_type": "llama", "tied_embeddings": True},
         32 * 4096 * (4 * 4096 + 3 * 14336) + 32000 * 4096),
        ({**PLAIN, "model_type": "minicpm"},
         32 * 4096 * (4 * 4096 + 3 * 14336) + 32000 * 4096),
        ({"model_type": "codegen", "n_embd": 4096, "n_head": 16, "n_layer": 33, "n_inner": 16384,
          "vocab_size": 51200}, 33 * 12 * 4096**2 + 2 * 51200 * 4096),
        ({"model_type": "gpt_neo", "hidden_size": 2560, "num_heads": 20, "num_layers": 32,
          "intermediate_size": None, "vocab_size": 50257}, 32 * 12 * 2560**2 + 50257 * 2560),
        ({"model_type": "gpt_neo", "hidden_size": 2560, "num_heads": 20, "num_layers": 32,
          "intermediate_size": 5120, "vocab_size": 50257}, 32 * 8 * 2560**2 + 50257 * 2560),
        ({"model_type": "xglm", "d_model": 1024, "attention_heads": 16, "ffn_dim": 4096,
          "num_layers": 24, "vocab_size": 256008}, 24 * 12 * 1024**2 + 256008 * 1024),
        ({"model_type": "ctrl", "n_embd": 1280, "n_head": 16, "n_layer": 48, "dff": 8192,
          "vocab_size": 246534}, 48 * 1280 * (4 * 1280 + 2 * 8192) + 246534 * 1280),
        ({"model_type": "gpt_neox_japanese", "hidden_size": 2560, "num_attention_heads": 32,
          "num_hidden_layers": 32, "intermediate_multiple_size": 4, "vocab_size": 32000},
         32 * 12 * 2560**2 + 32000 * 2560),
        ({"model_type": "mpt", "d_model": 4096, "n_heads": 32, "n_layers": 32, "vocab_size": 50432,
          "expansion_ratio": 3}, 32 * 10 * 4096**2 + 50432 * 4096),
        # ChatGLM-6B, of 6.2 billion by its page.
        ({"model_type": "chatglm", "hidden_size": 4096, "inner_hidden_size": 16384,
          "num_attention_heads": 32, "num_layers": 28, "vocab_size": 130528},
         28 * 12 * 4096**2 + 130528 * 4096),
        # Qwen-7B, 7.7 billion, and OLMo-7B, 6.9 billion, by their pages: the width is of two.
        ({"model_type": "qwen", "hidden_size": 4096, "intermediate_size": 22016,
          "num_attention_heads": 32, "num_hidden_layers": 32, "vocab_size": 151936},
         32 * 4096 * (4 * 4096 + 3 * 11008) + 2 * 151936 * 4096),
        ({"model_type": "hf_olmo", "d_model": 4096, "mlp_hidden_size": 22016, "n_heads": 32,
          "n_layers": 32, "vocab_size": 50280, "weight_tying": False},
         32 * 4096 * (4 * 4096 + 3 * 11008) + 2 * 50280 * 4096),
        ({"model_type": "minicpm3", "hidden_size": 2560, "intermediate_size": 6400,
          "num_attention_heads": 40, "num_hidden_layers": 62, "vocab_size": 73448,
          "kv_lora_rank": 256, "q_lora_rank": 768, "qk_nope_head_dim": 64, "qk_rope_head_dim": 32},
         62 * (2560 * (768 + 256 + 32) + 768 * 40 * 96 + 256 * 40 * 128 + 40 * 64 * 2560
               + 3 * 2560 * 6400) + 73448 * 2560),
        # A language part leaves out what its class takes, as those of LLaVA do.
        ({"model_type": "llava", "text_config": {"model_type": "llama", "vocab_size": 32064}},
         32 * 4096 * (4 * 4096 + 3 * 11008) + 2 * 32064 * 4096),
        ({"model_type": "llava_next", "text_config": {"model_type": "mistral",
          "vocab_size": 32064, "num_key_value_heads": 8}},
         32 * 4096 * (2 * 4096 + 2 * 1024 + 3 * 14336) + 2 * 32064 * 4096),
        ({"model_type": "llava_llama", "llm_cfg": {**PLAIN, "model_type": "llama"}},
         32 * 4096 * (4 * 4096 + 3 * 14336) + 2 * 32000 * 4096),
    ],
)  # fmt: skip
def test_blocks_may_be_as_wide_as_code_of_that_time_takes_them(
    config: dict[str, Any], weights: int
) -> None:
    stored = counts(configuration.record(config))["stored_parameters"]
    assert stored == pytest.approx(weights, rel=1e-3)


def test_layers_may_attend_to_a_window_or_to_an_image_in_turn() -> None:
    neo = {"model_type": "gpt_neo", "hidden_size": 2560, "num_heads": 20, "num_layers": 32,
           "vocab_size": 50257, "window_size": 256}  # fmt: skip
    for more in ({}, {"attention_layers": ["global", "local"] * 16}):
        record = configuration.record({**neo, **more})
        assert (record.windowed_layers, record.window) == (16, 256)
    vision = {"model_type": "mllama", "text_config": {
        "model_type": "mllama_text_model", "hidden_size": 4096, "intermediate_size": 14336,
        "num_attention_heads": 32, "num_key_value_heads": 8, "num_hidden_layers": 40,
        "vocab_size": 128256, "cross_attention_layers": list(range(3, 40, 5))}}  # fmt: skip
    found = counts(configuration.record(vision))
    assert found["kv_bytes_per_token"] == (40 - 8) * 2 * 8 * 128 * 2
    # As transformers 5.24.0 builds it.
    assert found["stored_parameters"] == pytest.approx(9_775_192_080, rel=1e-3)
    assert "attend to images" in configuration.record(vision).words["note"]


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("DeepSeek-V3", ("first_k_dense_replace", "n_shared_experts", "kv_lora_rank",
                         "q_lora_rank", "qk_rope_head_dim")),
        ("DeepSeek-V3.2", ("index_topk",)),
        ("GLM-5", ("first_k_dense_replace", "n_shared_experts", "q_lora_rank")),
        ("MiniMax-M2", ("num_key_value_heads", "head_dim")),
        ("Qwen3-30B-A3B", ("num_key_value_heads",)),
        ("Qwen3-Next-80B-A3B", ("num_key_value_heads", "head_dim",
                                "shared_expert_intermediate_size")),
    ],
)  # fmt: skip
def test_what_a_file_leaves_out_is_what_its_class_takes(
    name: str, left_out: tuple[str, ...]
) -> None:
    config = TABLE[name]["config"]
    fewer = {field: said for field, said in config.items() if field not in left_out}
    assert counts(configuration.record(fewer)) == counted(name)


def test_null_and_another_name_are_no_silence() -> None:
    config = {**TABLE["DeepSeek-V3"]["config"], "q_lora_rank": None}
    assert not configuration.record(config).has("query_latent")
    named = {**PLAIN, "model_type": "mixtral", "num_experts": 16}
    assert configuration.record(named).experts == 16
    assert configuration.record({**PLAIN, "model_type": "mixtral", "num_kv_heads": 4}).kv_heads == 4


def test_tables_of_a_type_that_is_not_known_may_be_one() -> None:
    note = configuration.record({**PLAIN, "model_type": "brand_new"}).words["note"]
    assert f"tables of the vocabulary are one, it has {32000 * 4096:.2g} parameters fewer" in note
    tied = {**PLAIN, "model_type": "brand_new", "weight_tying": True}
    assert "vocabulary" not in configuration.record(tied).words["note"]


def test_a_width_of_embeddings_is_told_where_it_is_not_that_of_the_hidden_state() -> None:
    opt = {"model_type": "opt", "hidden_size": 1024, "ffn_dim": 4096, "num_attention_heads": 16,
           "num_hidden_layers": 24, "vocab_size": 50272, "word_embed_proj_dim": 512}  # fmt: skip
    note = configuration.record(opt).words["note"]
    assert note == "not known, and not counted: word_embed_proj_dim = 512"
    assert "note" not in configuration.record({**opt, "word_embed_proj_dim": 1024}).words


def test_a_mixture_without_a_number_of_experts_is_no_dense_model() -> None:
    assert configuration.record({**PLAIN, "model_type": "mixtral"}).numbers["experts"] == 8
    config = {**PLAIN, "model_type": "qwen3_moe", "num_experts_per_tok": 8}
    with pytest.raises(CatalogError, match=r"no n_routed_experts: by num_experts_per_tok = 8, "):
        configuration.record(config)


def test_layers_may_share_a_cache_in_pairs() -> None:
    found = counts(configuration.record(HUNYUAN_LARGE))
    assert found["stored_parameters"] == pytest.approx(389e9, rel=5e-3)  # as its page says
    assert found["kv_bytes_per_token"] == 64 / 2 * 2 * 8 * 80 * 2
    apart = counts(configuration.record({**HUNYUAN_LARGE, "use_cla": False}))
    assert apart["kv_bytes_per_token"] == 64 * 2 * 8 * 80 * 2


def test_layers_may_have_no_experts_though_a_number_of_them_is_named() -> None:
    fields = {"num_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 64}
    config = {**QWEN, **fields, "is_moe": False}
    assert counts(configuration.record(config)) == counts(configuration.record(QWEN))
    leading = {**QWEN, **fields, "is_moe_layer": [False] * 4 + [True] * 32}
    assert configuration.record(leading).expert_layers == 32


def test_a_single_expert_is_a_dense_block_and_two_are_experts() -> None:
    single = configuration.record({**QWEN, "num_experts": 1, "num_experts_per_tok": 1})
    assert counts(single) == counts(configuration.record(QWEN))
    fields = {"num_experts": 2, "num_experts_per_tok": 1, "moe_intermediate_size": 64}
    two = configuration.record({**QWEN, "model_type": "qwen3_moe", **fields})
    assert (two.experts, two.expert_layers) == (2, 36)


def test_heads_may_be_listed_for_layers_that_guess_ahead_too() -> None:
    kinds = {"layer_types": ["full_attention", "sliding_attention"] * 18}
    config = {**WINDOW, **kinds, "num_attention_heads_per_layer": [32, 48] * 18}
    longer = {**config, "num_attention_heads_per_layer": [32, 48] * 18 + [32] * 3}
    assert configuration.record(config).windowed_heads == 48
    assert counts(configuration.record(longer)) == counts(configuration.record(config))
    shorter = {**config, "num_attention_heads_per_layer": [32, 48] * 17}
    with pytest.raises(CatalogError, match="_per_layer has 34 entries: must be 36, one for each"):
        configuration.record(shorter)


def test_a_token_of_longcat_passes_through_two_attentions_and_two_blocks_a_layer() -> None:
    record = shape_of("LongCat-Flash")
    assert [record.layers, record.dense_layers, record.expert_layers] == [56, 56, 28]
    assert "experts that do nothing" in record.words["note"]


def test_a_gate_of_outputs_of_latent_attention_is_counted() -> None:
    config = {**TABLE["DeepSeek-V3.2"]["config"], "quantization_config": None}
    gated = counts(configuration.record({**config, "model_type": "hy_v4"}))
    gate = 61 * 7168 * 128 * 128  # a layer's hidden state, to 128 values of 128 heads
    assert gated["stored_parameters"] - counted("DeepSeek-V3.2")["stored_parameters"] == gate


def test_a_state_is_kept_and_moved_both_ways_and_a_selection_keeps_all() -> None:
    hybrid = deploy("h200_sxm", 1, TABLE["Qwen3.5-35B-A3B"]["config"], weight_bits=8)
    state = hybrid.values["state_bytes"]
    alone, many = hybrid.step(1, 0), hybrid.step(101, 0)
    assert many.memory - alone.memory == pytest.approx(100 * state)
    read = 2 * state / (hybrid.values["bandwidth_share"] * 4.8e12)
    assert many.parts["cache"] == pytest.approx(101 * read)
    assert alone.largest_batch is not None
    sparse = deploy("h200_sxm", 8, TABLE["DeepSeek-V3.2"]["config"])
    held = sparse.step(2, 50_000).memory - sparse.step(1, 50_000).memory
    assert held == pytest.approx(50_000 * 85_888 * 8)  # a copy on each of eight


# Bits, as stored and as multiplied


def _group(weights: dict[str, Any], **more: Any) -> dict[str, Any]:
    own = {"weights": weights, **more}
    return {"quant_method": "compressed-tensors", "config_groups": {"own": own}}


FP8_GROUP = {"num_bits": 8, "type": "float", "group_size": None}
NVFP4_GROUP = {"num_bits": 4, "type": "float", "group_size": 16}
QUARK = {"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp8_e4m3"}}}


LINEAR = 36 * (4096 * 128 * (2 * 32 + 2 * 8) + 3 * 4096 * 12288)
"""Weights of Qwen3-8B: those of its layers, and those of a table of its vocabulary."""
TABLE_OF_WORDS = 151_936 * 4096


@pytest.mark.parametrize(
    ("quantization", "bits", "multiplied"),
    [
        ({"quant_method": "awq", "bits": 4, "group_size": 128}, 4 + 20 / 128, 16),
        ({"quant_method": "fp8", "modules_to_not_convert": ["lm_head"]}, 8, 8),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4", "ignore": ["lm_head"]}, 4.5, 4),
        ({"quant_method": "modelopt", "quant_algo": "W4A8_AWQ"}, 4 + 16 / 128, 8),
    ],
)
def test_tables_of_the_vocabulary_keep_16_bits(
    quantization: dict[str, Any], bits: float, multiplied: float
) -> None:
    config = {**QWEN, "quantization_config": quantization}
    here = deploy("b200", 1, config).having(concurrent_users=1.0)
    held = (LINEAR * bits + 2 * TABLE_OF_WORDS * 16) / 8
    assert here.evaluate(decode.weights_held) == pytest.approx(held)
    assert here.evaluate(decode.weights_loaded) == pytest.approx(
        held * (1 + here.values["loading_share"])
    )
    # Of the table that is looked up, a step reads a row.
    read = (LINEAR * bits + TABLE_OF_WORDS * 16) / 8
    assert here.evaluate(decode.weights_read) == pytest.approx(read)
    average = counts(configuration.record(config))["bits_per_parameter"]
    assert average == pytest.approx(8 * held / (LINEAR + 2 * TABLE_OF_WORDS))
    assert here.multiplied_bits == multiplied
    assert f"weights in {average:.3g} bits on average, as the model's configuration says" in (
        here.notes
    )
    given = deploy("b200", 1, config, weight_bits=8)
    assert given.evaluate(decode.weights_held) == LINEAR + 2 * TABLE_OF_WORDS
    tied = deploy("b200", 1, {**config, "tie_word_embeddings": True})
    assert tied.evaluate(decode.weights_held) == pytest.approx(read)


@pytest.mark.parametrize(
    ("name", "quantization", "gib"),
    [
        # github.com/TimeTreker/chromie, the handoff of 2026-08-29: Qwen/Qwen3-8B-AWQ in vLLM
        ("Qwen3-8B", {"quant_method": "awq", "bits": 4, "group_size": 128}, 5.71),
        # github.com/vllm-project/vllm/issues/17327: nytopop/Qwen3-30B-A3B.w4a16 in vLLM
        ("Qwen3-30B-A3B", _group({"num_bits": 4, "type": "int", "group_size": 128}), 15.68),
    ],
)
def test_weights_take_what_engines_report_of_them(
    name: str, quantization: dict[str, Any], gib: float
) -> None:
    here = deploy("h100_sxm5", 1, {**TABLE[name]["config"], "quantization_config": quantization})
    assert here.evaluate(decode.weights_held) / 2**30 == pytest.approx(gib, rel=0.015)


@pytest.mark.parametrize(
    ("quantization", "head", "embedding"),
    [
        ({"bits": 4, "group_size": 64}, 4.5, 4.5),  # mlx_lm.convert says 4.501 of all weights
        ({"quant_method": "exl2", "bits": 4.5, "head_bits": 6}, 6, 16),
        ({"quant_method": "gptq", "bits": 4, "group_size": 40, "lm_head": True}, 4.5, 16),
    ],
)
def test_a_format_may_have_the_tables_too(
    quantization: dict[str, Any], head: float, embedding: float
) -> None:
    here = deploy("b200", 1, {**QWEN, "quantization_config": quantization})
    held = LINEAR * 4.5 + TABLE_OF_WORDS * (head + embedding)
    assert here.evaluate(decode.weights_held) == pytest.approx(held / 8)


@pytest.mark.parametrize(
    ("quantization", "bits"),
    [
        ({"quant_method": "fp8"}, 8),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, 4.5),
        ({"quant_method": "modelopt", "quant_algo": "FP8"}, 8),
        ({"quant_method": "quark", "fmt": "mxfp4"}, 4.25),
        ({"quant_method": "awq", "bits": 4}, 4 + 20 / 128),
        ({"quant_method": "gptq", "bits": 8}, 8),
        ({"quant_method": "gptq", "bits": 3}, 3 + 19 / 128),
        ({"quant_method": "gptq", "bits": 2}, 2 + 18 / 128),
        ({"quant_method": "exl2", "bits": 4.25}, 4.25),
        ({"quant_method": "deepspeedfp", "bits": 6}, 6),
        ({"quant_method": "quanto", "weights": "int4"}, 4 + 20 / 128),
        ({"quant_method": "eetq"}, 8),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True, "load_in_8bit": False}, 4.5),
        ({"quant_method": "bitsandbytes", "load_in_4bit": False, "load_in_8bit": True}, 8),
        ({"quant_method": "bitsandbytes", "_load_in_4bit": True}, 4.5),
        ({"quant_method": "fp_quant", "forward_dtype": "nvfp4"}, 4.5),
        ({"quant_method": "auto-round", "bits": 4, "data_type": "nv_fp4_with_static_gs"}, 4.5),
        ({"quant_method": "modelopt", "quant_algo": "W8A8_SQ_PER_CHANNEL"}, 8),
        ({"quant_method": "hqq", "nbits": 4, "group_size": 64}, 4 + 32 / 64),
        ({"quant_method": "awq", "bits": 4, "group_size": 32}, 4 + 20 / 32),
        ({"quant_method": "awq", "bits": 4, "q_group_size": "64"}, 4 + 20 / 64),
        ({"quant_method": "gptq", "bits": 8, "group_size": 128}, 8 + 24 / 128),
        ({"quant_method": "gptq", "bits": 4, "group_size": -1}, 4),
        ({"quant_method": "auto-round", "bits": 4, "group_size": 32}, 4 + 20 / 32),
        ({"quant_method": "auto-round", "bits": 4, "group_size": 16, "data_type": "nv_fp"}, 4.5),
        ({"quant_method": "auto-round", "bits": 4, "group_size": 32, "data_type": "mx_fp"}, 4.25),
        ({"quant_method": "auto-round", "bits": 8, "group_size": 32, "data_type": "mx_fp"}, 8.25),
        ({"bits": 4, "group_size": 64}, 4 + (16 + 16) / 64),
        ({"bits": 3, "group_size": 64, "mode": "affine"}, 3 + (16 + 16) / 64),
        ({"bits": 4, "group_size": 32, "mode": "mxfp4"}, 4.25),
        ({"bits": 4, "group_size": 16, "mode": "nvfp4"}, 4.5),
        ({"quant_method": "modelopt", "quant_algo": "W4A16_AWQ"}, 4 + 16 / 128),
        ({"quant_method": "modelopt", "quant_algo": "W4A8_AWQ"}, 4 + 16 / 128),
        *(
            (_group({"num_bits": 4, "type": "float", "group_size": block}), 4 + 8 / block)
            for block in (16, 32)
        ),
        *(
            (_group({"num_bits": 4, "group_size": 32, "symmetric": symmetric}), bits)
            for symmetric, bits in ((True, 4 + 16 / 32), (False, 4 + 20 / 32))
        ),
        ({"quant_method": "hqq", "quant_config": {"weight_quant_params": {"nbits": 8}}}, 8),
        ({"quant_method": "torchao", "quant_type": "int4_weight_only"}, 4 + 20 / 128),
        (
            {
                "quant_method": "torchao",
                "quant_type": {"default": {"_type": "Int8WeightOnlyConfig"}},
            },
            8,
        ),
        ({"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp8_e4m3"}}}, 8),
        ({"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp4"}}}, 4.25),
        (
            {
                "quant_method": "compressed-tensors",
                "config_groups": {"group_0": {"weights": {"num_bits": 4, "type": "int"}}},
            },
            4 + 20 / 128,
        ),
        (
            {
                "quant_method": "compressed-tensors",
                "format": "float-quantized",
                "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float"}}},
            },
            8,
        ),
    ],
)
def test_a_quantization_block_gives_the_bits(quantization: dict[str, Any], bits: float) -> None:
    found = deploy("b200", 1, {**QWEN, "quantization_config": quantization})
    assert found.values["bits_per_parameter"] == bits
    told = deploy("b200", 1, {**QWEN, "quantization_config": quantization}, weight_bits=16)
    assert told.values["bits_per_parameter"] == 16


def _torchao(kind: str, **data: Any) -> dict[str, Any]:
    return {"quant_method": "torchao", "quant_type": {"default": {"_type": kind, "_data": data}}}


INT = {"num_bits": 4, "type": "int", "group_size": 128}
INT8 = {"num_bits": 8, "type": "int", "strategy": "channel", "group_size": None}
WEIGHTS_ALONE = {"input_activations": None}
DYNAMIC = "DynamicActivation"


@pytest.mark.parametrize(
    ("quantization", "bits", "multiplied"),
    [
        # Weights that are multiplied with numbers of 16 bits are unpacked to them.
        (_group(INT8, **WEIGHTS_ALONE), 8, 16),
        (_group(NVFP4_GROUP, **WEIGHTS_ALONE), 4 + 8 / 16, 16),
        (_group({**NVFP4_GROUP, "group_size": 32}, **WEIGHTS_ALONE), 4 + 8 / 32, 16),
        (_group(INT, input_activations={"num_bits": 8, "type": "float"}), 4 + 16 / 128, 8),
        (_group(INT8, input_activations={"num_bits": 8, "type": "int"}), 8, 8),
        (_group(NVFP4_GROUP, input_activations={"num_bits": 4, "type": "float"}), 4.5, 4),
        (_group({**INT, "group_size": None, "strategy": "channel"}), 4, 16),
        ({"quant_method": "eetq"}, 8, 16),
        ({"quant_method": "quanto", "weights": "int8"}, 8, 16),
        ({"quant_method": "gptq", "bits": 8, "group_size": -1}, 8, 16),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, 8, 8),
        ({"quant_method": "modelopt", "quant_algo": "W4A8_MXFP4_FP8"}, 4.25, 8),
        ({**QUARK, "global_quant_config": {
            "weight": {"dtype": "fp8_e4m3"}, "input_tensors": None}}, 8, 16),
        ({**QUARK, "global_quant_config": {
            "weight": {"dtype": "fp4"}, "input_tensors": {"dtype": "fp8_e4m3"}}}, 4.25, 8),
        ({"quant_method": "fp8", "scale_fmt": "ue8m0", "weight_block_size": [1, 32]}, 8.25, 8),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, 8, 8),
        ({"quant_method": "fp8", "weight_block_size": [None, 32]}, 8, 8),
        # Torchao names what is multiplied before what is stored.
        (_torchao(f"Float8{DYNAMIC}Int4WeightConfig"), 4 + 20 / 128, 8),
        (_torchao(f"Int8{DYNAMIC}Int4WeightConfig", group_size=32), 4 + 16 / 32, 8),
        (_torchao("Int4WeightOnlyConfig", group_size=32), 4 + (16 + 16) / 32, 16),
        (_torchao("Int8WeightOnlyConfig"), 8, 16),
        (_torchao("Float8WeightOnlyConfig", weight_dtype={"_data": "float8_e4m3fn"}), 8, 16),
        (_torchao(f"Float8{DYNAMIC}Float8WeightConfig"), 8, 8),
        (_torchao(f"MX{DYNAMIC}MXWeightConfig", weight_dtype={"_data": "float4_e2m1fn_x2"},
                  activation_dtype={"_data": "float8_e4m3fn"}), 4.25, 8),
        (_torchao(f"Int8{DYNAMIC}IntxWeightConfig", weight_dtype={"_data": "int4"},
                  weight_granularity={"_data": {"group_size": 64}}), 4 + 16 / 64, 8),
        ({"quant_method": "torchao", "quant_type": "int4_weight_only",
          "quant_type_kwargs": {"group_size": 64}}, 4 + (16 + 16) / 64, 16),
    ],
)  # fmt: skip
def test_weights_are_multiplied_in_the_bits_of_what_they_are_multiplied_with(
    quantization: dict[str, Any], bits: float, multiplied: float
) -> None:
    here = deploy("b200", 1, {**QWEN, "quantization_config": quantization})
    assert here.values["bits_per_parameter"] == bits
    assert here.multiplied_bits == multiplied


def test_torchao_has_modules_of_their_own() -> None:
    int4 = {
        "_type": "Int8DynamicActivationIntxWeightConfig",
        "_data": {
            "weight_dtype": {"_data": "int4"},
            "weight_granularity": {"_data": {"group_size": 32}},
        },
    }
    int8 = {"_type": "IntxWeightOnlyConfig", "_data": {"weight_dtype": {"_data": "int8"}}}
    own = {"_default": int4, "model.embed_tokens": int8, "re:.*self_attn.*": None}
    attention = 36 * 4096 * 128 * (2 * 32 + 2 * 8)
    kinds = {"ModuleFqnToConfig": "module_fqn_to_config", "FqnToConfig": "fqn_to_config"}
    for kind, name in kinds.items():
        said = _torchao(kind, **{name: own})
        here = deploy("b200", 1, {**QWEN, "quantization_config": said})
        held = (LINEAR - attention) * 4.5 + attention * 16 + TABLE_OF_WORDS * (8 + 16)
        assert here.evaluate(decode.weights_held) == pytest.approx(held / 8)
        assert here.multiplied_bits == 8


@pytest.mark.parametrize(
    "more",
    [
        {"moe_quant_algo": "NVFP4", "group_size": 16},
        {"moe_quant_algo": "NVFP4", "quant_algo": "MIXED_PRECISION",
         "ignore": ["*.attn.*", "*.ffn.shared_experts.*", "head", "mtp.*"]},
    ],
)  # fmt: skip
def test_experts_may_have_a_word_of_their_own(more: dict[str, Any]) -> None:
    config = TABLE["DeepSeek-V4-Flash"]["config"]
    said = {"quant_method": "fp8", "weight_block_size": [128, 128], **more}
    here = deploy("b200", 8, {**config, "quantization_config": said})
    whole = counted("DeepSeek-V4-Flash")
    words = 129_280 * 4096
    rest = whole["stored_parameters"] - whole["routed_parameters"] - 2 * words
    held = whole["routed_parameters"] * 4.5 + rest * 8 + 2 * words * 16
    assert here.evaluate(decode.weights_held) == pytest.approx(held / 8)


def test_zeros_that_a_file_leaves_out_are_told() -> None:
    said = {**_group(INT), "sparsity_config": {"sparsity_structure": "2:4"}}
    note = configuration.record({**QWEN, "quantization_config": said}).words["note"]
    assert note == (
        "sparsity_config.sparsity_structure = '2:4': zeros are counted as if they were stored"
    )
    said = {**_group(INT), "format": "marlin-24"}
    note = configuration.record({**QWEN, "quantization_config": said}).words["note"]
    assert note.startswith("format = 'marlin-24': zeros are")


def test_bits_of_no_format_are_unpacked_before_they_are_multiplied() -> None:
    for bits in (4.25, 6):
        config = {**QWEN, "quantization_config": {"quant_method": "exl2", "bits": bits}}
        assert deploy("b200", 1, config).multiplied_bits == 16


GPTQ = {"quant_method": "gptq", "bits": 4, "group_size": 128}


@pytest.mark.parametrize(
    ("fields", "bits"),
    [
        ({"quantization": {"bits": 4, "group_size": 128}}, 4.25),
        ({"quantization": {"qformat_weight": "fp8_e4m3"}}, 8),  # as Mistral's params.json has it
        ({"compression_config": {**GPTQ, "quant_method": "compressed-tensors"}}, 4.125),
        ({"quantization_config": {**GPTQ, "bits": "4"}}, 4.15625),
        ({"quantization_config": {**GPTQ, "bits": 4.0}}, 4.15625),
    ],
)
def test_a_quantization_block_may_have_another_name_or_a_text(
    fields: dict[str, Any], bits: float
) -> None:
    assert deploy("b200", 1, {**QWEN, **fields}).values["bits_per_parameter"] == bits


QWEN_MOE = TABLE["Qwen3.5-35B-A3B"]["config"]
"""Layers with attention or a state, 256 experts and a shared one, and tables of their own."""
PARTS = counted("Qwen3.5-35B-A3B")
WORDS = 248_320 * 2048
SHARED = PARTS["shared_parameters"] - WORDS
ROUTED = 40 * 256 * 3 * 2048 * 512
MIXED = {"quant_method": "modelopt", "quant_algo": "MIXED_PRECISION"}


def _of_each(module: str, algorithm: str) -> dict[str, dict[str, str]]:
    prefix = "model.language_model.layers"
    return {f"{prefix}.{layer}.{module}": {"quant_algo": algorithm} for layer in range(40)}


@pytest.mark.parametrize(
    ("quantization", "experts", "others", "head"),
    [
        # Experts in groups of 128, the other matrices in FP8, as vLLM's and SGLang's loaders read.
        ({"quant_method": "w4afp8"}, 4 + 16 / 128, 8, 16),
        ({"quant_method": "w4afp8", "dynamic": {"+:.*mlp.experts.*": {}}}, 4 + 16 / 128, 8, 16),
        # As NVIDIA's Qwen3.6-35B-A3B-NVFP4 lists its modules.
        (
            {**MIXED, "ignore": ["mtp*"], "quantized_layers": {
                **_of_each("mlp.experts", "W4A16_NVFP4"),
                **_of_each("mlp.shared_expert.gate_proj", "FP8"),
                **_of_each("mlp.shared_expert.up_proj", "FP8"),
                **_of_each("mlp.shared_expert.down_proj", "FP8"),
                **_of_each("self_attn.q_proj", "FP8"), **_of_each("self_attn.k_proj", "FP8"),
                **_of_each("self_attn.v_proj", "FP8"), **_of_each("self_attn.o_proj", "FP8"),
                **_of_each("linear_attn.in_proj_qkv", "FP8"),
                **_of_each("linear_attn.out_proj", "FP8"),
                "model.visual.blocks.0.attn.qkv": {"quant_algo": "NVFP4"},
                "mtp.layers.0.mlp.experts": {"quant_algo": "FP8"},
                "lm_head": {"quant_algo": "W4A16_NVFP4"}}},
            4.5, 8, 4.5,
        ),
        # As hubs keep it of unsloth's Qwen3.6-35B-A3B-NVFP4-Fast.
        (
            {"quant_method": "compressed-tensors", "format": "mixed-precision", "config_groups": {
                "group_0": {"targets": ["Linear", ".self_attn.q_proj", "lm_head"],
                            "weights": FP8_GROUP},
                "group_1": {"targets": ["re:.*mlp.experts.*"], "weights": NVFP4_GROUP}}},
            4.5, 8, 8,
        ),
        ({"quant_method": "fp8", "modules_to_not_convert": ["model.visual.blocks.0.attn.proj"]},
         8, 8, 16),
        ({"quant_method": "fp8", "modules_to_not_convert": [
            f"model.layers.{layer}.linear_attn.{part}" for layer in range(40)
            for part in ("conv1d", "in_proj_a", "in_proj_b")]}, 8, 8, 16),
        ({"quant_method": "fp8", "modules_to_not_convert": ["model.layers.0.self_attn.o_proj"]},
         8, 8, 16),
        ({"quant_method": "fp8", "modules_to_not_convert": [
            f"model.layers.{layer}.self_attn.kv_b_proj" for layer in range(40)]}, 8, 8, 16),
        ({"quant_method": "fp8", "modules_to_not_convert": ["re:.*attn.*", "re:.*shared_expert.*"]},
         8, 16, 16),
        ({"quant_method": "gptq", "bits": 4, "group_size": 128,
          "dynamic": {"-:.*attn.*": {}, "-:.*shared_expert.*": {}, "+:.*experts.*": {}}},
         4 + 20 / 128, 16, 16),
        ({"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp8_e4m3"}},
          "exclude": ["*attn*", "*shared_expert*"]}, 8, 16, 16),
        # Attention alone, in fewer bits than what no list names.
        ({**MIXED, "quantized_layers": {
            **_of_each("self_attn", "FP8"), **_of_each("linear_attn", "FP8"),
            **_of_each("mlp.shared_expert", "FP8"), **_of_each("mlp.gate", "UNQUANTIZED")}},
         16, 8, 16),
        # Matrices of blocks without experts, as Kimi K2.6 spares them: this model has none.
        ({"quant_method": "fp8", "ignore": [r"re:.*mlp\.(gate|up|gate_up|down)_proj.*"]}, 8, 8, 16),
        ({"quant_method": "fp8", "ignore": ["re:.*attn.*", "re:.*share_expert.*"]}, 8, 16, 16),
        # All but the experts, as Quark writes it.
        ({"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp8_e4m3"}},
          "exclude": [r"re:^(?!.*\.mlp\.experts(?:\.|$)).*$"]}, 8, 16, 16),
        ({"quant_method": "compressed-tensors", "config_groups": {
            "group_0": {"targets": ["re:.*mlp.experts.*(gate|up|down)_proj"],
                        "weights": NVFP4_GROUP}}}, 4.5, 16, 16),
        # Its head is usually narrower than the rest of a file of so many bits.
        ({"quant_method": "exl2", "bits": 8.0, "head_bits": 6}, 8, 8, 6),
    ],
)  # fmt: skip
def test_parts_of_a_model_are_stored_in_formats_of_their_own(
    quantization: dict[str, Any], experts: float, others: float, head: float
) -> None:
    config = {**QWEN_MOE, "quantization_config": quantization}
    here = deploy("b200", 1, config)
    held = ROUTED * experts + SHARED * others + WORDS * (head + 16)
    assert here.evaluate(decode.weights_held) == pytest.approx(held / 8)


@pytest.mark.parametrize(
    "names",
    [[f"model.layers.{layer}.{each}_attn" for layer in range(40) for each in ("self", "linear")],
     ["re:.*(self|linear)_attn.*"], ["re:.*linear_attn.*", "re:.*self_attn.(q|k|v|o)_proj$"]],
)  # fmt: skip
def test_attention_that_is_spared_leaves_shared_experts_as_they_are(names: list[str]) -> None:
    said = {"quant_method": "fp8", "modules_to_not_convert": names}
    here = deploy("b200", 1, {**QWEN_MOE, "quantization_config": said})
    beside = 40 * 2048 * (3 * 512 + 256)  # the shared expert, and the router
    held = (ROUTED + beside) * 8 + (SHARED - beside) * 16 + 2 * WORDS * 16
    assert here.evaluate(decode.weights_held) == pytest.approx(held / 8)


def test_feed_forward_blocks_of_a_dense_model_may_be_spared() -> None:
    said = {"quant_method": "fp8", "modules_to_not_convert": [
        f"model.layers.{layer}.mlp" for layer in range(36)]}  # fmt: skip
    here = deploy("b200", 1, {**QWEN, "quantization_config": said})
    blocks = 36 * 3 * 4096 * 12288
    held = blocks * 16 + (LINEAR - blocks) * 8 + 2 * TABLE_OF_WORDS * 16
    assert here.evaluate(decode.weights_held) == pytest.approx(held / 8)


@pytest.mark.parametrize(
    ("said", "bits"),
    [
        ({"quant_method": "compressed-tensors", "config_groups": {
            "group_0": {"targets": ["re:.*self_attn.*"], "weights": FP8_GROUP}}}, 8),
        ({"quant_method": "gptq", "bits": 4, "group_size": 128, "modules_in_block_to_quantize": [
            ["self_attn.k_proj", "self_attn.v_proj", "self_attn.q_proj"], ["self_attn.o_proj"]]},
         4 + 20 / 128),
    ],
)  # fmt: skip
def test_what_no_list_of_modules_names_keeps_16_bits(said: dict[str, Any], bits: float) -> None:
    here = deploy("b200", 1, {**QWEN, "quantization_config": said})
    attention = 36 * 2 * 4096 * (4096 + 1024)
    held = attention * bits + (LINEAR - attention) * 16 + 2 * TABLE_OF_WORDS * 16
    assert here.evaluate(decode.weights_held) == pytest.approx(held / 8)


@pytest.mark.parametrize(
    ("name", "weights"),
    [("kv_a_proj_with_mqa", 7168 * (512 + 64)), ("q_a_proj", 7168 * 1536),
     ("q_b_proj", 1536 * 128 * (128 + 64)), ("kv_b_proj", 512 * 128 * (128 + 128)),
     ("o_proj", 128 * 128 * 7168)],
)  # fmt: skip
def test_one_matrix_of_latent_attention_is_spared_by_its_weights(name: str, weights: int) -> None:
    def held(spared: list[str]) -> float:
        said = {"quant_method": "fp8", "ignore": spared}
        model = {**TABLE["DeepSeek-V3"]["config"], "quantization_config": said}
        return deploy("b200", 8, model).evaluate(decode.weights_held)

    modules = [f"model.layers.{layer}.self_attn.{name}" for layer in range(61)]
    assert held(modules) - held([]) == pytest.approx(61 * weights, rel=1e-6)


def test_kimi_is_stored_with_its_experts_alone_in_four_bits() -> None:
    said = {"quant_method": "compressed-tensors", "config_groups": {"group_0": {
        "targets": ["Linear"], "weights": {"num_bits": 4, "type": "int", "group_size": 32}}},
        "ignore": ["lm_head", "re:.*self_attn.*", "re:.*shared_experts.*",
                   r"re:.*mlp\.(gate|up|gate_up|down)_proj.*"]}  # fmt: skip
    model = {**TABLE["Kimi-K2"]["config"], "quantization_config": said}
    routed = 60 * 384 * 3 * 7168 * 2048
    held = deploy("b200", 8, model).evaluate(decode.weights_held)
    assert held == pytest.approx(routed * 4.5 / 8 + 11.72e9 * 2, rel=1e-3)


@pytest.mark.parametrize(
    ("model", "name", "weights", "near"),
    [
        # 27 layers of Kimi Linear, 7 latent and 20 linear, bring 32 heads of 128 back to 2304.
        ("Kimi-Linear-48B-A3B", "re:.*self_attn.o_proj", 27 * 32 * 128 * 2304, 0.01),
        # 30 of 40 layers of Qwen 3.5 have a state: 32 heads of 128, and a gate beside the way back.
        ("Qwen3.5-35B-A3B", "re:.*linear_attn.out_proj", 30 * 32 * 128 * 2048, 0.01),
        ("Qwen3.5-35B-A3B", "re:.*in_proj_z", 30 * 32 * 128 * 2048, 0.01),
        ("Qwen3.5-35B-A3B", "re:.*self_attn.k_proj", 10 * 2 * 256 * 2048, 1e-6),
        # 23 of 52 layers of Nemotron: 64 heads of 64 in the hidden state of 2688.
        ("Nemotron-3-Nano-30B-A3B", "re:.*mixer.out_proj", 23 * 64 * 64 * 2688, 0.01),
        # Of DeepSeek V4's 43 layers, queries from a vector of 1024, and 8 groups' ways out.
        ("DeepSeek-V4-Flash", "re:.*attn.wq_a", 43 * 4096 * 1024, 1e-6),
        ("DeepSeek-V4-Flash", "re:.*attn.wkv", 43 * 4096 * 512, 1e-6),
        ("DeepSeek-V4-Flash", "re:.*attn.wo_b", 43 * 8 * 1024 * 4096, 1e-6),
    ],
)  # fmt: skip
def test_one_matrix_of_each_kind_of_layer_is_spared_by_its_weights(
    model: str, name: str, weights: int, near: float
) -> None:
    config = {**TABLE[model]["config"], "expert_dtype": None}
    more = _held(config, [name]) - _held(config, [])
    assert more == pytest.approx(weights, rel=near)


def test_attention_alone_may_be_narrow_in_part() -> None:
    group = {"targets": ["re:.*self_attn.q_proj"], "weights": FP8_GROUP}
    said = {"quant_method": "compressed-tensors", "config_groups": {"own": group}}
    here = deploy("b200", 1, {**QWEN, "quantization_config": said})
    queries = 36 * 4096 * 32 * 128
    held = LINEAR * 16 - queries * 8 + 2 * TABLE_OF_WORDS * 16
    assert here.evaluate(decode.weights_held) == pytest.approx(held / 8)


def test_leading_blocks_may_be_spared_and_all_attention_alike() -> None:
    config = TABLE["DeepSeek-V3.2"]["config"]
    blocks = [f"model.layers.{layer}.mlp" for layer in range(3)]
    more = _held(config, [*blocks, "re:.*self_attn.*"]) - _held(config, blocks)
    attention = 7168 * 1536 + 1536 * 128 * 192 + 7168 * 576 + 512 * 128 * 256 + 128 * 128 * 7168
    index = 1536 * 64 * 128 + 7168 * (64 + 128)
    assert more == pytest.approx(61 * (attention + index))


def _held(config: dict[str, Any], spared: list[str]) -> float:
    said = {"quant_method": "fp8", "modules_to_not_convert": spared}
    return deploy("b200", 8, {**config, "quantization_config": said}).evaluate(decode.weights_held)


def test_a_shared_expert_of_another_name_is_none_of_the_experts() -> None:
    """Step 3.5 in FP8 spares all but its experts; its lists name matrix by matrix."""
    names = [f"model.layers.{layer}.{block}.{each}_proj" for layer in range(45)
             for block, four in (("self_attn", "qkvo"), ("mlp", ""), ("share_expert", ""))
             for each in four or ("gate", "up", "down")]  # fmt: skip
    routed = 42 * 288 * 3 * 4096 * 1280
    stored = counts(configuration.record(STEP_35))["stored_parameters"]
    router = 42 * 4096 * 288
    held = _held(STEP_35, ["lm_head", "model.layers.3.moe.gate", *names])
    assert held == pytest.approx(routed + 2 * (stored - routed), abs=2 * router)


def test_experts_may_stand_beside_a_block_and_not_in_it() -> None:
    config = TABLE["Gemma-4-26B-A4B"]["config"]
    text = config.get("text_config", config)
    dense = text["num_hidden_layers"] * 3 * text["hidden_size"] * text["intermediate_size"]
    more = _held(config, [r"re:.*\.mlp\..*"]) - _held(config, [])
    assert more == pytest.approx(dense, rel=0.05)  # and what chooses experts


@pytest.mark.parametrize(
    ("names", "noted"),
    [
        (["model.layers.0.self_attn.z_proj"], "'model.layers.0.self_attn.z_proj' fits none"),
        (["re:(.*attn(a+)+)+$", "re:.*mlp.("], " fit none that is counted"),
        (["model.layers.0.self_attn.z_proj", "re:.*mlp.widening$"], " fit none that is counted"),
        (["model.layers.36.self_attn.q_proj", "model.visual.blocks.0.attn.qkv", "lm_head",
          "re:.*mlp.experts.*", "re:.*self_attn.rotary_emb", "re:.*shared_expert_gate$",
          "model.layers.0.mlp.experts.1.up_proj", "model.layers.0.linear_attn",
          "re:.*router.*", "score"], ""),
    ],
)  # fmt: skip
def test_names_of_modules_that_fit_none_are_told(names: list[str], noted: str) -> None:
    said = {"quant_method": "fp8", "ignore": names}
    note = configuration.record({**QWEN, "quantization_config": said}).words.get("note", "")
    assert noted in note if noted else not note


def test_quantization_may_stand_in_a_file_beside(tmp_path: Path) -> None:
    """As NVIDIA's tool leaves it."""
    (tmp_path / "config.json").write_text(json.dumps(QWEN))
    (tmp_path / "hf_quant_config.json").write_text(json.dumps({
        "producer": {"name": "modelopt"}, "quantization": {
            "quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8", "exclude_modules": ["lm_head"]},
    }))  # fmt: skip
    read = configuration.read(str(tmp_path))
    assert (read.words["expert_format"], read.words["cache_format"]) == ("nvfp4", "fp8")
    beside = tmp_path / "hf_quant_config.json"
    beside.write_text('{"quantization": {"quant_algo": "FP8"}}')
    os.utime(beside, (1, 1))  # clocks of files may be coarse
    assert configuration.read(str(tmp_path)).words["expert_format"] == "fp8", "what it says now"
    for at, wrong in enumerate(("[1]", "no JSON"), 2):
        beside.write_text(wrong)
        os.utime(beside, (at, at))
        with pytest.raises(CatalogError, match=r"hf_quant_config\.json: (holds|is no JSON)"):
            configuration.read(str(tmp_path))


@pytest.mark.parametrize("word", ["expert_format", "other_format"])
def test_one_format_alone_says_nothing_of_a_whole_model(word: str) -> None:
    model = catalog.load().models["gpt_oss_120b"]
    assert as_stored(model)[0]
    assert as_stored(replace(model, words={word: "mxfp4"})) == (None, {})


def test_a_scale_of_scales_takes_fewer_bits() -> None:
    # A scale of 8 bits for 64 weights, and one of 32 bits for 256 of these.
    said = {"load_in_4bit": True, "bnb_4bit_use_double_quant": True}
    here = deploy("b200", 1, {**QWEN, "quantization_config": said})
    held = LINEAR * (4 + 8 / 64 + 32 / (64 * 256)) + 2 * TABLE_OF_WORDS * 16
    assert here.evaluate(decode.weights_held) == pytest.approx(held / 8)


def test_experts_of_4_bits_are_multiplied_in_8_where_a_format_says_so() -> None:
    config = {**QWEN_MOE, "quantization_config": {"quant_method": "w4afp8"}}
    assert deploy("h200_sxm", 1, config).multiplied_bits == 8


def test_attention_of_a_dense_model_has_a_format_of_its_own() -> None:
    attention = 36 * 4096 * 128 * (2 * 32 + 2 * 8)
    spared = {"quant_method": "fbgemm_fp8", "modules_to_not_convert": ["*.self_attn.*"]}
    listed = {**MIXED, "quantized_layers": {
        **_of_each("mlp", "NVFP4"), **_of_each("self_attn", "FP8")}}  # fmt: skip
    for quantization, narrow, wide in ((spared, 8, 16), (listed, 4.5, 8)):
        here = deploy("b200", 1, {**QWEN, "quantization_config": quantization})
        held = (LINEAR - attention) * narrow + attention * wide + 2 * TABLE_OF_WORDS * 16
        assert here.evaluate(decode.weights_held) == pytest.approx(held / 8)


BLOCKS = 3 * 4096 * 12288
ATTENTION = 4096 * 128 * (2 * 32 + 2 * 8)
"""Weights of a layer of Qwen3-8B: its feed-forward block, and its attention."""
FIRST_8 = [f"model.layers.{layer}" for layer in range(8)]
QUARK_MXFP4 = {"weight": {"dtype": "fp4", "group_size": 32}}


@pytest.mark.parametrize(
    ("quantization", "usual", "own"),  # bits of most weights, and further bits, for so many weights
    [
        ({"quant_method": "fp8", "modules_to_not_convert": FIRST_8},
         8, {8 * (BLOCKS + ATTENTION): 8}),
        ({"quant_method": "fp8", "modules_to_not_convert": [r"re:model\.layers\.[0-7]\..*"]},
         8, {8 * (BLOCKS + ATTENTION): 8}),
        ({"quant_method": "fp8", "ignore": ["re:.*layers.(0|1|2).(self_attn|mlp)..*", "layers.("]},
         8, {3 * (BLOCKS + ATTENTION): 8}),
        ({"quant_method": "fp8", "ignore": [f"{name}.mlp.{each}_proj" for name in FIRST_8
                                           for each in ("gate", "up", "down")]},
         8, {8 * BLOCKS: 8}),
        ({"quant_method": "fp8", "ignore": ["re:.*down_proj$", "model.layers.99.self_attn"]},
         8, {36 * BLOCKS / 3: 8}),
        ({"quant_method": "fp8", "ignore": ["re:.*self_attn.(q|k)_proj", "lm_head", "score"]},
         8, {36 * ATTENTION * (32 + 8) / (2 * 32 + 2 * 8): 8}),
        ({**QUARK, "layer_quant_config": {"*self_attn*": QUARK_MXFP4}},
         8, {36 * ATTENTION: 4.25 - 8}),
        ({**QUARK, "layer_quant_config": {"*layers.0.*": None, "*mlp*": QUARK_MXFP4}},
         8, {BLOCKS + ATTENTION: 8, 35 * BLOCKS: 4.25 - 8}),
        ({**QUARK, "exclude": ["*.mlp.*"], "layer_quant_config": {"*mlp*": QUARK_MXFP4}},
         8, {36 * BLOCKS: 8}),
        ({"quant_method": "gptq", "bits": 4, "group_size": 128, "dynamic": {
            r"+:.*\.layers\.[0-8]\..*": {"bits": 8}, r"-:.*\.layers\.35\..*": {}}},
         4 + 20 / 128, {9 * (BLOCKS + ATTENTION): 4 + 4 / 128,
                        BLOCKS + ATTENTION: 12 - 20 / 128}),
        ({"quant_method": "auto-round", "bits": 4, "group_size": 128, "extra_config": {
            "model.layers.0.mlp.down_proj": {"bits": 16}, "model.layers.1.mlp": {"bits": 8}}},
         4 + 20 / 128, {BLOCKS / 3: 12 - 20 / 128, BLOCKS: 4 + 4 / 128}),
    ],
)  # fmt: skip
def test_some_layers_or_matrices_have_bits_of_their_own(
    quantization: dict[str, Any], usual: float, own: dict[float, float]
) -> None:
    here = deploy("b200", 1, {**QWEN, "quantization_config": quantization})
    more = sum(weights * bits for weights, bits in own.items())
    held = (LINEAR * usual + more + 2 * TABLE_OF_WORDS * 16) / 8
    assert here.evaluate(decode.weights_held) == pytest.approx(held)


@pytest.mark.parametrize(
    ("names", "multiplied"), [(FIRST_8, 8), (["*mlp*"], 16), (["model.layers.*"], 16)]
)
def test_weights_are_multiplied_in_the_format_of_most(names: list[str], multiplied: float) -> None:
    said = {"quant_method": "fp8", "modules_to_not_convert": names}
    assert deploy("b200", 1, {**QWEN, "quantization_config": said}).multiplied_bits == multiplied


def test_mlx_takes_its_own_bits_for_what_a_module_leaves_unsaid() -> None:
    own = {"lm_head": {"bits": 8}, "model.embed_tokens": {"group_size": 32}}
    said = {"bits": 4, "group_size": 32, "mode": "mxfp4", **own}
    here = deploy("b200", 1, {**QWEN, "quantization": said})
    held = LINEAR * 4.25 + TABLE_OF_WORDS * (8 + 32 / 64 + 4 + 32 / 32)
    assert here.evaluate(decode.weights_held) == pytest.approx(held / 8)


def test_mlx_has_modules_of_their_own_bits_beside_its_fields() -> None:
    own = {"model.layers.0.mlp.down_proj": {"bits": 8, "group_size": 64}, "lm_head": False}
    here = deploy("b200", 1, {**QWEN, "quantization": {"bits": 4, "group_size": 64, **own}})
    held = (LINEAR + TABLE_OF_WORDS) * 4.5 + BLOCKS / 3 * 4 + TABLE_OF_WORDS * 16
    assert here.evaluate(decode.weights_held) == pytest.approx(held / 8)


@pytest.mark.parametrize("named", ["layers", "matrices"])
def test_kinds_of_layers_are_spared_each_by_its_weights(named: str) -> None:
    """Nemotron 3 Nano in NVFP4 leaves attention in 16 bits, and the layer before each: 19.3 GB.

    Its list is that of ollama.com/dhiltgen/nemotron-3-nano:30b-a3b-nvfp4.
    """
    config = TABLE["Nemotron-3-Nano-30B-A3B"]["config"]
    six = [at for at, kind in enumerate(config["hybrid_override_pattern"]) if kind == "*"]
    names = [f"backbone.layers.{at - before}.mixer*" for at in six for before in (0, 1)]
    if named == "matrices":
        names = [f"backbone.layers.{at}.mixer.{each}_proj" for at in six for each in "qkvo"]
        names += [f"backbone.layers.{at - 1}.mixer.{each}" for at in six
                  for each in ("in_proj", "out_proj", "conv1d")]  # fmt: skip
    said = {"quant_method": "modelopt", "quant_algo": "NVFP4", "ignore": ["lm_head", *names]}
    here = deploy("b200", 1, {**config, "quantization_config": said}).having(concurrent_users=1.0)
    attention = 2688 * 128 * (2 * 32 + 2 * 2)
    inner, states = 64 * 64, 8 * 128
    recurrent = 2688 * (3 * inner + 64 + 2 * states) + 4 * (inner + 2 * states)
    beside = 23 * 2688 * (2 * 3712 + 128)  # the shared expert, and what chooses the others
    passed = beside * 4.5 + 6 * (attention + recurrent) * 16 + 17 * recurrent * 4.5
    words, experts = 131_072 * 2688 * 16, 23 * 128 * 2 * 2688 * 1856 * 4.5
    assert here.evaluate(decode.weights_held) == pytest.approx((passed + 2 * words + experts) / 8)
    read = passed + words + experts * 6 / 128
    assert here.evaluate(decode.weights_read) == pytest.approx(read / 8)
    assert here.multiplied_bits == 4


def test_leading_blocks_without_experts_are_spared_by_their_width() -> None:
    config = TABLE["DeepSeek-V3.2"]["config"]
    names = [f"model.layers.{layer}.mlp" for layer in range(3)]
    names += [f"model.layers.60.mlp.experts.{expert}.up_proj" for expert in range(64)]
    said = {"quant_method": "fp8", "modules_to_not_convert": names}
    plain, spared = (
        deploy("b200", 8, {**config, "quantization_config": each}).evaluate(decode.weights_held)
        for each in ({"quant_method": "fp8"}, said)
    )
    beside = 3 * (3 * 7168 * 18432), 58 * 7168 * 256  # what chooses experts goes with the others
    share = 3 * 18432 / (3 * 18432 + 58 * 2048)
    assert spared - plain == pytest.approx(
        beside[0] + beside[1] * share + 64 * 7168 * 2048, rel=1e-6
    )


def test_experts_and_attention_are_spared_in_models_of_every_make() -> None:
    spared = {"quant_method": "fp8", "modules_to_not_convert": ["model.layers.*.self_attn*"]}
    longcat = {**TABLE["LongCat-Flash"]["config"], "quantization_config": spared}
    assert configuration.record(longcat).words["attention_format"] == "bf16"
    last = {"quant_method": "fp8", "modules_to_not_convert": ["model.layers.27.*"]}
    record = configuration.record({**longcat, "quantization_config": last})
    assert record.words["expert_format"].endswith(" + 0.0357142857 in bf16")
    grok = {**GROK_2, "quantization_config": {"quant_method": "fp8", "ignore": FIRST_8}}
    assert configuration.record(grok).words["other_format"] == "0.875 in fp8 + 0.125 in bf16"


def test_modules_that_are_not_counted_leave_the_rest_as_it_is() -> None:
    here = counts(shape_of("Devstral-Small-2-24B-Instruct-2512"))
    tables = 2 * 131_072 * 5120 / here["stored_parameters"]
    assert here["bits_per_parameter"] == pytest.approx(8 + 8 * tables)


@pytest.mark.parametrize("kind", ["exl2", "exl3"])
def test_bits_that_are_whole_are_taken_as_they_are_said(kind: str) -> None:
    for bits in (4.0, 3.5, 4):
        said = {"quant_method": kind, "bits": bits, "head_bits": 6, "codebook": "mcg"}
        here = deploy("b200", 1, {**QWEN, "quantization_config": said})
        held = LINEAR * bits + TABLE_OF_WORDS * (6 + 16)
        assert here.evaluate(decode.weights_held) == pytest.approx(held / 8)


@pytest.mark.parametrize("name", ["torch_dtype", "dtype"])
def test_weights_that_are_kept_in_32_bits_are_told(name: str) -> None:
    record = configuration.record({**QWEN, name: "float32"})
    assert record.words["note"] == (
        f"{name} = 'float32': taken as 16 bits, unless --weight-bits (in Python, weight_bits) "
        "says what a weight takes on average"
    )
    assert "float8_e4m3fn" in configuration.record({**QWEN, name: "float8_e4m3fn"}).words["note"]
    assert "note" not in configuration.record({**QWEN, name: "bfloat16"}).words
    said = {"quant_method": "fp8"}
    narrow = configuration.record({**QWEN, name: "float32", "quantization_config": said})
    assert "note" not in narrow.words
    assert deploy("b200", 1, {**QWEN, name: "float32"}, weight_bits=32).evaluate(
        decode.weights_held
    ) == pytest.approx(4 * (LINEAR + 2 * TABLE_OF_WORDS))


@pytest.mark.parametrize(
    ("quantization", "named"),
    [
        ({"quant_method": "aqlm", "nbits_per_codebook": 16}, "aqlm"),
        ({"quant_method": "spqr", "bits": 3, "beta1": 16}, "spqr"),
        (MIXED, "modelopt MIXED_PRECISION"),
        ({**MIXED, "quantized_layers": {"lm_head": {"quant_algo": "odd"}}},
         "modelopt MIXED_PRECISION"),
        (
            {"quant_method": "quark",
             "global_quant_config": {"weight": [{"dtype": "fp8_e4m3"}, {"dtype": "int4"}]}},
            "quark",
        ),
        (
            {
                "quant_method": "compressed-tensors", "format": "mixed-precision",
                "config_groups": {"group_0": {"weights": {"num_bits": 8, "type": "float"}},
                                  "group_1": {"weights": {"num_bits": 4, "type": "int"}}},
            },
            "compressed-tensors mixed-precision",
        ),
    ],
)  # fmt: skip
def test_bits_that_are_not_known_are_noted_and_can_be_given(
    quantization: dict[str, Any], named: str
) -> None:
    config = {**QWEN, "quantization_config": quantization}
    assert configuration.record(config).words["note"] == (
        f"the format of quantization {named!r} is not known: taken as 16 bits, unless "
        "--weight-bits (in Python, weight_bits) says what a weight takes on average"
    )
    assert deploy("b200", 1, config, weight_bits=4.65).values["bits_per_parameter"] == 4.65


FP8 = {"quant_method": "compressed-tensors", "format": "float-quantized"}
CACHES = [
    ({**FP8, "kv_cache_scheme": {"num_bits": 8, "type": "float"}}, 1.0),
    ({**FP8, "kv_cache_scheme": {"num_bits": 8, "type": "int"}}, 1.0),
    ({**FP8, "kv_cache_scheme": None}, 2.0),
    ({"quant_method": "fp8", "kv_cache_scheme": "static"}, 1.0),  # as Quark called it
    (FP8, 2.0),
    ({"quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_quant_algo": "NONE"}, 2.0),
    ({"quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_quant_algo": "FP8"}, 1.0),
    ({"quantization": {"quant_algo": "FP8", "kv_cache_quant_algo": "NVFP4"}}, 4.5 / 8),
    (
        {
            **FP8,
            "kv_cache_quant_config": {
                "*k_proj": {"output_tensors": {"dtype": "fp8_e4m3"}},
                "*v_proj": {"output_tensors": {"dtype": "fp8_e4m3"}},
            },
        },
        1.0,
    ),
]


@pytest.mark.parametrize(("quantization", "size"), CACHES)
def test_a_cache_has_the_bits_that_the_configuration_asks_for(
    quantization: dict[str, Any], size: float, tmp_path: Path
) -> None:
    config = {**QWEN, "quantization_config": quantization}
    here = deploy("b200", 1, config)
    assert here.values["cache_value_bytes"] == size
    if size < 2:
        assert any("as the model's configuration says" in n and "cache" in n for n in here.notes)
    assert deploy("b200", 1, config, kv_bits=16).values["cache_value_bytes"] == 2
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    row = {"hardware": "B200", "n_chips": "1", "model": str(path), "batch": "1",
           "metric": "decode_speed", "context_tokens": "1000"}  # fmt: skip
    assert measurements.read(row).layout.kv_bits == 8 * size
    assert measurements.read({**row, "kv_cache_dtype": "auto"}).layout.kv_bits == 8 * size
    assert measurements.read({**row, "kv_bits": "fp8_e4m3"}).layout.kv_bits == 8


def test_a_cache_of_an_unknown_format_is_noted() -> None:
    config = {**QWEN, "quantization_config": {**FP8, "kv_cache_scheme": {"num_bits": 7.5}}}
    assert "the cache is taken in 16 bits" in configuration.record(config).words["note"]


def test_a_name_may_say_that_the_cache_is_narrow() -> None:
    for name, size in (("amd/Llama-3.1-70B-Instruct-FP8-KV", 1), ("Llama-3.1-70B-FP8", 2)):
        here = deploy("mi300x", 1, name)
        assert here.values["bits_per_parameter"] == 8
        assert here.values["cache_value_bytes"] == size


GPT_2 = {"model_type": "gpt2", "n_embd": 768, "n_head": 12, "n_layer": 12, "vocab_size": 50257}
FALCON_7B = {
    "model_type": "falcon", "hidden_size": 4544, "num_attention_heads": 71,
    "num_hidden_layers": 32, "vocab_size": 65024, "multi_query": True,
}  # fmt: skip
STARCODER2_3B = {
    "model_type": "starcoder2", "hidden_size": 3072, "intermediate_size": 12288,
    "num_attention_heads": 24, "num_key_value_heads": 2, "num_hidden_layers": 30,
    "vocab_size": 49152,
}  # fmt: skip
SMOLLM3 = {
    "model_type": "smollm3", "hidden_size": 2048, "intermediate_size": 11008,
    "num_attention_heads": 16, "num_key_value_heads": 4, "num_hidden_layers": 36,
    "vocab_size": 128256,
}  # fmt: skip


@pytest.mark.parametrize(
    ("config", "million"),
    [(GPT_2, 124.4), (FALCON_7B, 6922), (STARCODER2_3B, 3030), (SMOLLM3, 3075)],
)
def test_a_family_that_ties_its_embeddings_need_not_say_so(
    config: dict[str, Any], million: float
) -> None:
    """The totals are those that the models' pages state."""
    tied, apart = (
        counts(configuration.record({**config, **more}))["stored_parameters"]
        for more in ({}, {"tie_word_embeddings": False})
    )
    assert tied == pytest.approx(million * 1e6, rel=0.01)
    table = config["vocab_size"] * config.get("hidden_size", config.get("n_embd"))
    assert apart - tied == table


@pytest.mark.parametrize(
    ("config", "parameters"),  # as their makers publish
    [
        ({"model_type": "opt", "hidden_size": 12288, "ffn_dim": 49152, "num_attention_heads": 96,
          "num_hidden_layers": 96, "vocab_size": 50272}, 175e9),
        ({"model_type": "bloom", "n_embed": 14336, "n_head": 112, "n_layer": 70,
          "vocab_size": 250880}, 176.247e9),
        ({"model_type": "gpt_neox", "hidden_size": 6144, "intermediate_size": 24576,
          "num_attention_heads": 64, "num_hidden_layers": 44, "vocab_size": 50432}, 20.555e9),
        ({"model_type": "falcon", "hidden_size": 8192, "num_attention_heads": 128,
          "num_kv_heads": 8, "num_hidden_layers": 60, "vocab_size": 65024}, 41.303e9),
        ({"model_type": "starcoder2", "hidden_size": 4608, "intermediate_size": 18432,
          "num_attention_heads": 36, "num_key_value_heads": 4, "num_hidden_layers": 32,
          "vocab_size": 49152}, 7.174e9),
        ({"model_type": "gpt_bigcode", "n_embd": 6144, "n_inner": 24576, "n_head": 48,
          "n_layer": 40, "vocab_size": 49152}, 15.517e9),
        ({"model_type": "mpt", "d_model": 4096, "n_heads": 32, "n_layers": 32,
          "vocab_size": 50432}, 6.649e9),
    ],
    ids=lambda each: each["model_type"] if isinstance(each, dict) else "",
)  # fmt: skip
def test_older_families_have_the_parameters_that_are_published(
    config: dict[str, Any], parameters: float
) -> None:
    record = configuration.record(config)
    assert counts(record)["stored_parameters"] == pytest.approx(parameters, rel=5e-3)
    assert "note" not in record.words


GLM_4_9B = {
    "model_type": "chatglm", "hidden_size": 4096, "ffn_hidden_size": 13696, "kv_channels": 128,
    "num_layers": 40, "num_attention_heads": 32, "multi_query_attention": True,
    "multi_query_group_num": 2, "padded_vocab_size": 151552,
}  # fmt: skip
DBRX = {
    "model_type": "dbrx", "d_model": 6144, "n_heads": 48, "n_layers": 40, "vocab_size": 100352,
    "attn_config": {"kv_n_heads": 8},
    "ffn_config": {"ffn_hidden_size": 10752, "moe_num_experts": 16, "moe_top_k": 4},
}  # fmt: skip
HUNYUAN_A13B = {
    "model_type": "hunyuan_v1_moe", "hidden_size": 4096, "intermediate_size": 3072,
    "moe_intermediate_size": [3072] * 32, "num_hidden_layers": 32, "num_attention_heads": 32,
    "num_key_value_heads": 8, "head_dim": 128, "num_experts": 64, "moe_topk": [8] * 32,
    "num_shared_expert": [1] * 32, "vocab_size": 128167, "tie_word_embeddings": True,
}  # fmt: skip
STEP_35 = {
    "model_type": "step3p5", "hidden_size": 4096, "intermediate_size": 11264,
    "num_hidden_layers": 45, "num_attention_heads": 64, "num_attention_groups": 8, "head_dim": 128,
    "moe_num_experts": 288, "moe_top_k": 8, "moe_intermediate_size": 1280, "share_expert_dim": 1280,
    "moe_layers_enum": ",".join(map(str, range(3, 45))), "vocab_size": 128896,
    "num_nextn_predict_layers": 3, "sliding_window": 512,
    "layer_types": ["full_attention", *["sliding_attention"] * 3] * 12,
    "rope_theta": [5e6, 1e4, 1e4, 1e4] * 12,
    "attention_other_setting": {"num_attention_heads": 96, "num_attention_groups": 8,
                                "head_dim": 128},
}  # fmt: skip
MIXTRAL_PARAMS = {
    "dim": 4096, "n_layers": 32, "head_dim": 128, "hidden_dim": 14336, "n_heads": 32,
    "n_kv_heads": 8, "vocab_size": 32000, "moe": {"num_experts_per_tok": 2, "num_experts": 8},
}  # fmt: skip


@pytest.mark.parametrize(
    ("config", "billion", "active", "cache"),  # as their makers publish, and 16 bits by hand
    [
        (GLM_4_9B, 9.4, 9.4, 40 * 2 * 2 * 128 * 2),
        ({**GLM_4_9B, "multi_query_attention": False}, 10.66, 10.66, 40 * 2 * 32 * 128 * 2),
        (DBRX, 132, 36, 40 * 2 * 8 * 128 * 2),
        (HUNYUAN_A13B, 80, 13, 32 * 2 * 8 * 128 * 2),
        (STEP_35, 196, 11, 45 * 2 * 8 * 128 * 2),
        (MIXTRAL_PARAMS, 46.7, 12.9, 32 * 2 * 8 * 128 * 2),
    ],
    ids=["GLM-4-9B", "all heads", "DBRX", "Hunyuan-A13B", "Step-3.5", "Mixtral's params.json"],
)
def test_fields_of_other_names_and_lists_that_are_alike_are_read(
    config: dict[str, Any], billion: float, active: float, cache: float
) -> None:
    found = counts(configuration.record(config))
    assert found["stored_parameters"] == pytest.approx(billion * 1e9, rel=0.01)
    passed = found["active_parameters"] + found.get("input_embedding", 0)
    assert passed == pytest.approx(active * 1e9, rel=0.1)
    assert found["kv_bytes_per_token"] == cache


def test_layers_may_differ_in_what_is_not_counted() -> None:
    config = {
        **QWEN, "no_rope_layers": [1, 1, 1, 0] * 9, "mine": [7] * 36, "own": [1, 2],
        "expert_swiglu_limit_list": [0] * 35 + [4], "layer_rope_theta": [1e4, 1e4, 1e4, 0] * 9,
        "sources_of_cache": list(range(36)),
    }  # fmt: skip
    assert counts(configuration.record(config)) == counts(configuration.record(QWEN))
    # Such a list excuses none that comes after it.
    with pytest.raises(CatalogError, match=r"my_list = .* cannot be read"):
        configuration.record({**config, "my_list": [0, 0, 0, 1] * 9})


@pytest.mark.parametrize(
    ("name", "said", "longest"),
    [
        ("rope_scaling", {"type": "yarn", "factor": 4.0}, 32768),
        ("rope_scaling", {"type": "linear", "factor": 4.0}, 32768),
        ("rope_scaling", {"type": "yarn", "factor": "4"}, 32768),
        ("rope_scaling", None, 32768),
        ("rope_scaling", {"type": "yarn", "factor": 4.0, "original": 32768}, 131072),
        ("rope_parameters", {"rope_type": "yarn", "factor": 4.0, "original": 32768}, 131072),
        ("rope_scaling", {"type": "yarn", "factor": 4.0, "original": 4096}, 32768),
        ("rope_scaling", {"rope_type": "llama3", "factor": 8.0, "original": 32768}, 32768),
    ],
)
def test_yarn_stretches_the_longest_context(name: str, said: Any, longest: float) -> None:
    if said and "original" in said:
        said = {**said, "original_max_position_embeddings": said["original"]}
    config = {**QWEN, "max_position_embeddings": 32768, name: said}
    assert configuration.record(config).longest_context == longest


@pytest.mark.parametrize("ratio", [4, 128])
def test_layers_may_all_be_compressed_alike(ratio: int) -> None:
    config = TABLE["DeepSeek-V4-Flash"]["config"]
    alike = {**config, "compress_ratios": [ratio] * config["num_hidden_layers"]}
    assert counts(configuration.record(alike))["stored_parameters"] == pytest.approx(
        counted("DeepSeek-V4-Flash")["stored_parameters"], rel=0.01
    )


def test_a_mark_at_the_start_of_a_file_is_none_of_its_text(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(QWEN), encoding="utf-8-sig")
    assert counts(configuration.read(str(path))) == counts(configuration.record(QWEN))


def test_experts_alone_in_four_bits() -> None:
    found = counted("gpt-oss-120b")
    with_block = {
        **TABLE["gpt-oss-120b"]["config"],
        "quantization_config": {
            "quant_method": "mxfp4",
            "modules_to_not_convert": ["model.layers.*.self_attn", "lm_head"],
        },
    }
    bits = counts(configuration.record(with_block))["bits_per_parameter"]
    routed = found["routed_parameters"] / found["stored_parameters"]
    assert bits == pytest.approx(routed * 4.25 + (1 - routed) * 16)
    assert deploy("b200", 1, with_block).multiplied_bits == 4
    assert deploy("h200_sxm", 1, with_block).multiplied_bits == 16
    # A lone token reads 4 of 128 experts; two copies of the rest are held.
    shared = found["stored_parameters"] - found["routed_parameters"] - 201_088 * 2880
    alone = deploy("b200", 1, with_block).having(concurrent_users=1.0)
    read = found["routed_parameters"] * 4 / 128 * 4.25 + shared * 16
    assert alone.evaluate(decode.weights_read) == pytest.approx(read / 8)
    held = found["routed_parameters"] * 4.25 + 2 * (shared + 201_088 * 2880) * 16
    copies = deploy("b200", 2, with_block, replicas=2)
    assert copies.evaluate(decode.weights_held) == pytest.approx(held / 8)
    # What wide weights take more is no further weight to be unpacked.
    unpacked = alone.having(unpack_flop=1.0).evaluate(decode.unpack_time)
    assert unpacked == pytest.approx(
        (found["routed_parameters"] * 4 / 128 + shared) / alone.values["general_flops"]
    )


@pytest.mark.parametrize("stored", [4, 4.25, 4.5])
def test_four_bits_are_multiplied_natively_where_a_chip_has_them(stored: float) -> None:
    native = deploy("b200", 1, "llama3_70b", weight_bits=stored)
    assert native.multiplied_bits == 4
    assert native.values["peak_flops"] == catalog.load().accelerator("b200").peak_flops_4bit
    assert deploy("h100_sxm5", 1, "llama3_70b", weight_bits=stored).multiplied_bits == 16
    assert deploy("b200", 1, "llama3_70b", weight_bits=stored, compute_bits=16).values[
        "peak_flops"
    ] == pytest.approx(2.25e15)


def test_there_is_no_cliff_between_the_four_bit_formats() -> None:
    times = [
        deploy("b200", 1, "llama3_70b", weight_bits=bits).step(16, 1024).step_time
        for bits in (4, 4.25, 4.5)
    ]
    assert times[2] / times[0] == pytest.approx(4.5 / 4, rel=0.05)
    assert times == sorted(times)
    assert multiplied_bits(4.8) == 4.8  # no known format: unpacked, where a chip has no such rate


# What is wrong is said in one sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"num_hidden_layers": None}, "no num_hidden_layers"),
        ({"num_hidden_layers": 0}, "num_hidden_layers = 0: must be at least 1"),
        ({"hidden_size": 0}, "hidden_size = 0: must be at least 1"),
        ({"intermediate_size": None}, "no intermediate_size (nor ffn_hidden_size, "),
        ({"model_type": "qwen3_moe", "num_experts": 8, "num_experts_per_tok": 2},
         "no moe_intermediate_size: a model of this kind needs it"),
        ({"model_type": "bert"}, "model_type = 'bert': an encoder, which generates no tokens,"),
        ({"model_type": "camembert"}, "an encoder, which generates no tokens, cannot be read"),
        ({"model_type": "brand_new", "architectures": ["BrandNewForMaskedLM"]},
         "architectures = ['BrandNewForMaskedLM']: an encoder cannot be read"),
        ({"model_type": "llada"}, "a model that fills in many tokens at once cannot be read"),
        ({"model_type": "phi3small"}, "a model with block-sparse attention cannot be read"),
        ({"model_type": "hrm_text"}, "a model that passes its layers several times cannot be read"),
        ({"model_type": "t5"}, "model_type = 't5': an encoder with a decoder cannot be read"),
        ({"model_type": "mamba2"}, "of recurrent layers without attention cannot be read"),
        ({"model_type": "jamba"}, "Mamba's first kind cannot be read"),
        ({"model_type": "brand_new", "is_encoder_decoder": True}, "is_encoder_decoder = True: an"),
        ({"num_hidden_layers": "36"}, "num_hidden_layers = '36': must be a whole number from 0"),
        ({"hidden_size": -1}, "hidden_size = -1: must be a whole number from 0 to 1,000,000,000"),
        ({"hidden_size": 4096.5}, "hidden_size = 4096.5: must be a whole number"),
        ({"vocab_size": True}, "vocab_size = True: must be a whole number"),
        ({"vocab_size": float("nan")}, "vocab_size = nan: must be a whole number"),
        ({"num_key_value_heads": 7}, "num_key_value_heads = 7: must divide num_attention_heads"),
        ({"num_key_value_heads": 0}, "num_key_value_heads = 0: must be at least 1"),
        ({"head_dim": None, "num_attention_heads": 24, "num_key_value_heads": 8,
          "model_type": "llama"},
         "num_attention_heads = 24: must divide hidden_size = 4096, or head_dim be given"),
        ({"tie_word_embeddings": "no"}, "tie_word_embeddings = 'no': must be true or false"),
        ({"layer_types": ["full_attention"] * 35},
         "layer_types has 35 entries: must be 36, one for each layer"),
        ({"layer_types": ["full_attention"] * 35 + ["magic"]},
         "layer_types has 'magic': not known; known are 'full_attention', "),
        ({"num_experts": 4, "num_experts_per_tok": 8, "moe_intermediate_size": 9},
         "num_experts_per_tok = 8: must be at most the number of experts, 4"),
        ({"quantization_config": "fp8"}, "quantization_config = 'fp8': must be a table of fields"),
        *(({"quantization_config": {"quant_method": "awq", "bits": bits}},
           f"bits = {bits!r}: must be a number of bits from 1 to 16")
          for bits in (400, -4, 0, True, "few", float("nan"))),
        ({"my_list": [0, 1, 1] * 12, "sliding_window": 128}, "my_list = [0, 1, 1, 0, 1, 1"),
        ({"num_hidden_layers": None, "layer_types": ["full_attention"] * 3, "my_list": [1, 1, 2]},
         "my_list = [1, 1, 2]: layers that differ in it cannot be read"),
        ({"my_list": [0, 0, 0, 1] * 9}, ": layers that differ in it cannot be read"),
        ({"model_type": "falcon_h1"}, "layers have attention and a state at once cannot be read"),
        ({"model_type": "zamba2"}, "a model whose layers share a block of attention cannot be"),
        ({"model_type": "rwkv7"}, "a model of recurrent layers without attention cannot be read"),
        ({"model_type": "ernie4_5_vl_moe", "moe_intermediate_size": [1536, 512]},
         "model_type = 'ernie4_5_vl_moe': a model whose layers or experts differ in width cannot"),
        ({"model_type": "nemotron_h_puzzle"}, "whose layers or experts differ in width cannot be"),
        ({"model_type": "brand_new", "sliding_window": 128},
         "sliding_window = 128: needs a list that says which layers have a window, such as layer_"),
        ({"model_type": "brand_new", "sliding_window": 128},
         "; or use_sliding_window, true if all have one and false if none has"),
        ({"sliding_window": 128, "layer_types": ["sliding_attention"] * 36, "kv_lora_rank": 512},
         "layers with a window and a latent vector at once cannot be read"),
        ({"model_type": "brand_new", "linear_num_key_heads": 16},
         "linear_num_key_heads = 16: needs a list that says which layers are of linear attention"),
        ({"model_type": "brand_new", "mamba_d_state": 256},
         "mamba_d_state = 256: needs a list that says which layers keep a state"),
        ({"model_type": "arctic"}, "a dense block beside the experts of each layer cannot be read"),
        ({"intermediate_size": [12288] * 35 + [1]}, "intermediate_size = [12288, 12288"),
        ({"num_experts": 4, "moe_topk": 2, "moe_intermediate_size": 9, "moe_layers_enum": "3,x"},
         "moe_layers_enum = 'x': must be a whole number"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_value_and_what_is_allowed(
    change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CatalogError) as caught:
        configuration.record({**QWEN, **change})
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


LONGEST = 500
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(0, 3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@given(data=st.data())
def test_fuzzed_and_truncated_configurations_are_served_or_refused(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(TABLE)))
    config = json.loads(json.dumps(TABLE[name]["config"]))
    part = config.get("text_config", config)
    for field in data.draw(st.lists(st.sampled_from(sorted(part)), min_size=1, max_size=3)):
        if data.draw(st.booleans()):
            part.pop(field, None)
        else:
            part[field] = data.draw(JUNK)
    refused = ""
    try:
        deploy("b200", 8, config).step(1, 100)
    except (CatalogError, LimitError) as error:
        refused = str(error)
    assert "\n" not in refused
    assert len(refused) < LONGEST


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "is no JSON"), ("{", "is no JSON"), ("[1]", "holds [1]: must hold the fields of a model"),
     ("[" * 100_000, "is no JSON"), ('{"hidden_size": 1e400}', "no num_hidden_layers")],
)  # fmt: skip
def test_a_file_that_is_none_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "config.json"
    file.write_text(text)
    with pytest.raises(CatalogError) as caught:
        configuration.model(str(file))
    assert str(caught.value).startswith(str(file))
    assert sentence in str(caught.value)


def test_one_entrance_takes_an_id_a_path_a_folder_and_a_dict(tmp_path: Path) -> None:
    folder = tmp_path / "Qwen3-8B"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(QWEN))
    said = (QWEN, folder, folder / "config.json", str(folder), str(folder / "config.json"))
    found = [configuration.model(each) for each in said]
    assert all(each.numbers == found[0].numbers for each in found)
    assert [each.name for each in found[1:]] == ["Qwen3-8B"] * 4
    (folder / "own-8b.json").write_text(json.dumps(QWEN))
    assert configuration.model(folder / "own-8b.json").name == "own-8b"
    assert configuration.model("qwen3_8b") is catalog.load().model("qwen3_8b")
    with pytest.raises(CatalogError, match="no model 'qwen3_8'; did you mean 'qwen3_8b'"):
        configuration.model("qwen3_8")
    with pytest.raises(CatalogError, match="cannot be read as text"):
        configuration.model("nowhere/config.json")


def test_of_several_parts_the_whole_says_whether_embeddings_are_tied() -> None:
    # The part of Qwen3-VL that is the language model says true, the whole false.
    config = TABLE["Qwen3-VL-30B-A3B"]["config"]
    assert config["text_config"]["tie_word_embeddings"]
    alone = counts(configuration.record(config["text_config"]))["stored_parameters"]
    assert counted("Qwen3-VL-30B-A3B")["stored_parameters"] - alone == 151_936 * 2048
