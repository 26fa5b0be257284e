"""Names as people write them: each means a record, or is refused with the reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from inference_economics import cli, deploy
from inference_economics.facts import catalog, configuration, matching, own_machine
from inference_economics.facts.catalog import CatalogError
from inference_economics.facts.measurements import read
from inference_economics.serving.served import counts

CONFIGURATIONS = {
    name: each["config"]
    for name, each in tomllib.loads(
        Path(__file__).with_name("configurations.toml").read_text("utf-8")
    ).items()
    if "config" in each
}
MACHINES = {
    "3090Ti": "rtx3090_ti", "4090": "rtx4090", "A100": "a100_sxm_80", "a100-80g": "a100_sxm_80",
    "A100 80": "a100_sxm_80", "a100-40": "a100_sxm_40", "A100 PCIe 80": "a100_pcie_80",
    "A100 40GB": "a100_sxm_40", "A100 PCIe": "a100_pcie_80", "A40": "a40", "NVIDIA A30": "a30",
    "AMD Instinct MI325X": "mi325x", "AMD Radeon AI Pro R9700": "r9700", "Cerebras CS-3": "wse3",
    "DGX Spark": "dgx_spark", "Dell Pro Max with GB10 (Nvidia Spark)": "dgx_spark",
    "GB10": "dgx_spark",
    "Groq LPU": "groq_lpu1", "H100 SXM": "h100_sxm5", "h100": "h100_sxm5",
    "H200": "h200_sxm", "h200": "h200_sxm", "Intel Arc Pro B60": "arc_pro_b60",
    "Jetson Orin": "jetson_agx_orin_64", "L40S": "l40s", "M1 Pro 16GB": "m1_pro",
    "M3 Max": "m3_max", "M3 Pro 36GB": "m3_pro", "M3 Ultra 96GB": "m3_ultra",
    "M4 Mac mini (10 core - 32GB)": "m4", "MI355": "mi355x", "MI355X": "mi355x",
    "Mac Studio (M3 Ultra 512GB)": "m3_ultra", "MacBook Pro M3 Max": "m3_max",
    "NVIDIA H20 96GB": "h20", "NVIDIA HGX B200": "b200", "Nvidia 5090": "rtx5090",
    "NVIDIA H100 80GB HBM3": "h100_sxm5", "Nvidia RTX 3080 Ti": "rtx3080_ti",
    "Nvidia RTX 4090": "rtx4090", "RTX 3090": "rtx3090", "RTX 5090 FE": "rtx5090",
    "RTX PRO 6000": "rtx_pro_6000", "RTX Pro 6000": "rtx_pro_6000", "RTX4090": "rtx4090",
    "RTX4090-48GB": "rtx4090", "Radeon RX 7900 XTX": "rx7900_xtx",
    "Radeon RX 9070 XT": "rx9070_xt", "SambaNova SN40L": "sn40l", "TPU v6e": "tpu_v6e",
    "TPU v7x": "tpu_v7", "TPU7x": "tpu_v7", "Trillium": "tpu_v6e", "Ironwood": "tpu_v7",
    "M5 Max 36GB": "m5_max_32", "M5 Max": "m5_max", "M5 Max 64GB": "m5_max",
    "Trainium1": "trainium1", "Trainium2": "trainium2",
}  # fmt: skip
COUNTED = {
    "H100:8": ("h100_sxm5", 8), "H100 (8)": ("h100_sxm5", 8), "2 H100": ("h100_sxm5", 2),
    "16 A100 80GB": ("a100_sxm_80", 16), "8x H100 (80GB)": ("h100_sxm5", 8),
    "RX 7900 XTX": ("rx7900_xtx", 1), "H100 (80GB)": ("h100_sxm5", 1),
    "8xH100": ("h100_sxm5", 8), "H100x8": ("h100_sxm5", 8), "8x MI300X": ("mi300x", 8),
    "MI300X x8": ("mi300x", 8), "2x RTX 4090": ("rtx4090", 2), "TPU v5e-8": ("tpu_v5e", 8),
    "TPU v6e-1": ("tpu_v6e", 1), "TPU v4-8": ("tpu_v4", 4), "trn1.32xlarge": ("trainium1", 16),
    "trn2.48xlarge": ("trainium2", 16), "Inf2.48xlarge": ("inferentia2", 12),
    "p5.48xlarge": ("h100_sxm5", 8), "AWS p5e.48xlarge": ("h200_sxm", 8),
    "a3-highgpu-8g": ("h100_sxm5", 8), "a3-megagpu-8g": ("h100_sxm5", 8),
    "DGX H100": ("h100_sxm5", 8), "NVIDIA DGX A100": ("a100_sxm_80", 8),
    "DGX Spark x2": ("dgx_spark", 2), "Strix Halo x 2": ("strix_halo", 2),
    "dual 3090": ("rtx3090", 2),
    "2x3090": ("rtx3090", 2), "4x4090": ("rtx4090", 4), "2 x 4090": ("rtx4090", 2),
    "RTX4090x2": ("rtx4090", 2), "2 3090": ("rtx3090", 2), "HGX H200 8-GPU": ("h200_sxm", 8),
    "gpu_8x_h100_sxm5": ("h100_sxm5", 8), "g5.2xlarge": ("a10g", 1), "RTX 3090": ("rtx3090", 1),
    "ml.p5.48xlarge": ("h100_sxm5", 8), "Standard_NC24ads_A100_v4": ("a100_pcie_80", 1),
    "mi300x-8": ("mi300x", 8), "MI300X_8": ("mi300x", 8), "tpu_v5e-16": ("tpu_v5e", 16),
    "v6e-8": ("tpu_v6e", 8), "H100 (8 GPUs)": ("h100_sxm5", 8), "H100 8x": ("h100_sxm5", 8),
    "H100 x 8 (DGX)": ("h100_sxm5", 8), "2x8 H100": ("h100_sxm5", 16),
    "2 nodes of 8xH100": ("h100_sxm5", 16), "2 nodes, 8xH200": ("h200_sxm", 16),
    "8 H100s": ("h100_sxm5", 8), "8xMI300Xs": ("mi300x", 8), "4 L40S": ("l40s", 4),
    "RTX 4090, 2 GPUs": ("rtx4090", 2), "h100_sxm5, 2 GPUs": ("h100_sxm5", 2),
    "H100-8": ("h100_sxm5", 8), "H100 SXM 8": ("h100_sxm5", 8), "7900 XTX": ("rx7900_xtx", 1),
    "2x DGX H100": ("h100_sxm5", 16), "Standard_ND96isr_H100_v5": ("h100_sxm5", 8),
}  # fmt: skip
MODELS = {
    "DeepSeek R1 14b": "qwen25_14b", "DeepSeek R1 671b": "deepseek_v3",
    "DeepSeek V3.2": "deepseek_v32", "DeepSeek-R1": "deepseek_v3",
    "deepseek-ai/DeepSeek-R1-0528": "deepseek_v3", "DeepSeek-V3-0324": "deepseek_v3",
    "deepseek-ai/DeepSeek-V3.2-Exp": "deepseek_v32", "deepseek-r1:70b": "llama3_70b",
    "moonshotai/Kimi-K2-Instruct-0905": "kimi_k2", "Llama 3.2:3b": "llama32_3b",
    "Llama-3.3-70B-Instruct": "llama3_70b", "llama 7B v2": "llama2_7b", "Vicuna-7B": "llama2_7b",
    "meta-llama/Llama-4-Scout-17B-16E-Instruct": "llama4_scout", "llama3.1:70b": "llama3_70b",
    "mistralai/Mixtral-8x7B-Instruct-v0.1": "mixtral_8x7b", "MiniMax-M2.5": "minimax_m2",
    "Mistral-7B-Instruct-v0.2": "mistral_7b", "mistral-small3.2:24b": "mistral_small_3_24b",
    "mistralai/Mistral-Small-3.1-24B-Instruct-2503": "mistral_small_3_24b",
    "mistralai/Mistral-Small-24B-Instruct-2501": "mistral_small_3_24b",
    "Devstral-Small-2-24B-Instruct-2512": "devstral_small_2_24b",
    "Ministral-3-8B-Reasoning-2512": "ministral3_8b", "Nemotron Nano 30B": "nemotron3_nano_30b_a3b",
    "moonshotai/Kimi-K2-Thinking": "kimi_k25", "moonshotai/Kimi-K2.5": "kimi_k25",
    "Qwen3-4B-Instruct-2507": "qwen3_4b", "Qwen3Guard-Gen-8B": "qwen3_8b",
    "Qwen3.6-27B": "qwen35_27b", "Qwen3.6-35B-A3B": "qwen35_35b_a3b", "GLM-4.5-Air": "glm45_air",
    "qwen2.5-coder:32b": "qwen25_32b", "qwen3:8b": "qwen3_8b", "gpt-oss 20b": "gpt_oss_20b",
    "gemma-4-26B-A4B-it": "gemma4_26b_a4b", "Phi-4": "phi4", "QwQ-32B": "qwq_32b",
    "nvidia/Llama-3_3-Nemotron-Super-49B-v1": "llama33_nemotron_super_49b",
    "nvidia/Llama-3_3-Nemotron-Super-49B-v1_5": "llama33_nemotron_super_49b",
    "microsoft/Phi-3-mini-4k-instruct": "phi3_mini", "lmsys/vicuna-13b-v1.5": "llama2_13b",
    "TinyLlama/TinyLlama-1.1B-Chat-v1.0": "tinyllama_1_1b",
    "Qwen/Qwen2.5-7B-Instruct-1M": "qwen25_7b",
    "mistralai/Devstral-Small-2507": "mistral_small_3_24b",
    "mlx-community/gpt-oss-120b-MXFP4-Q8": "gpt_oss_120b",
    "Nemotron Super 49B": "llama33_nemotron_super_49b", "poolside/Laguna-S-2.1": "laguna_s_21",
}  # fmt: skip
FORMATS = {
    "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8": ("qwen3_235b_a22b", 8.0),
    "Qwen3-14B-AWQ": ("qwen3_14b", 4.15625), "qwen3-8B Q4_K_M": ("qwen3_8b", 4.85),
    "llama 8B Q8_0": ("llama3_8b", 8.5), "DeepSeek-R1-NVFP4": ("deepseek_v3", 4.5),
    "Kimi-K2-Thinking-MXFP4": ("kimi_k25", 4.25), "MiniMax-M3-MXFP8": ("minimax_m3", 8.25),
    "RedHatAI/Meta-Llama-3.1-70B-Instruct-quantized.w4a16": ("llama3_70b", 4.15625),
    "Qwen3.5-397B-A17B-NVFP4": ("qwen35_397b_a17b", 4.5), "GLM-5.2-MXFP4": ("glm5", 4.25),
    "mistral3 3B Q4_K - Medium": ("ministral3_3b", 4.85), "DeepSeek-V3-bf16": ("deepseek_v3", 16.0),
    "Ministral-3-14B-Instruct-2512": ("ministral3_14b", 8.0),
    "Qwen/Qwen3-14B-GPTQ-Int8": ("qwen3_14b", 8.15625),
    "Qwen/Qwen2.5-7B-Instruct-GPTQ-Int4": ("qwen25_7b", 4.15625),
    "mlx-community/DeepSeek-R1-4bit": ("deepseek_v3", 4.5),
    "mlx-community/Qwen3-30B-A3B-8bit": ("qwen3_30b_a3b", 8.5),
    "unsloth/llama-3-8b-bnb-4bit": ("llama3_8b", 4.5),
    "turboderp/Llama-3-8B-exl2-4.0bpw": ("llama3_8b", 4.0),
    "Llama-3.1-8B fp16 / fp8 kv": ("llama3_8b", 16.0),
    "unsloth/DeepSeek-R1-GGUF:UD-IQ1_S": ("deepseek_v3", 2.0),
    "unsloth/DeepSeek-R1-GGUF:Q3_K_XL": ("deepseek_v3", 4.27),
    "Ministral-3-8B-Instruct-2512-BF16": ("ministral3_8b", 16.0),
}  # fmt: skip


def machine_row(**cells: str) -> dict[str, str]:
    return {"hardware": "H200", "n_chips": "1", "model": "Qwen3-8B", "batch": "1",
            "metric": "tpot", "context_tokens": "1000", **cells}  # fmt: skip


@pytest.mark.parametrize(("said", "id"), MACHINES.items())
def test_a_machine_is_known_as_people_write_it(said: str, id: str) -> None:
    """The same in Python, on the command line and in a table."""
    assert matching.accelerator(said).id == id
    assert own_machine.find(said)[0].id == id  # what `deploy` and `decode` ask
    assert cli.main(["machine", said]) == 0
    assert read(machine_row(hardware=said)).layout.accelerator == id


@pytest.mark.parametrize(("said", "meant"), COUNTED.items())
def test_a_name_may_count(said: str, meant: tuple[str, int]) -> None:
    found = matching.accelerator(said)
    assert (found.id, found.count) == meant
    counted = "1" if meant[1] == 1 else ""
    layout = read(machine_row(hardware=said, n_chips=counted)).layout
    assert (layout.accelerator, layout.chips) == meant
    links = {"node_size": 64, "link_bandwidth": "50 GB/s"}
    assert deploy(said, None, "llama2_13b", padded=True, **links).values["chips"] == meant[1]


@pytest.mark.parametrize(
    "written", ["2x{}", "2 x {}", "dual {}", "{}x2", "{} x 2", "{}:2", "{} (2)"]
)
def test_an_id_or_name_of_the_catalog_is_known_with_a_count_as_without(written: str) -> None:
    for id, record in catalog.load().accelerators.items():
        for said in (id, id.upper(), record.name):
            found = matching.accelerator(written.format(said))
            assert (found.id, found.count, found.doubt) == (id, 2, "")
            assert matching.accelerator(said).id == id


def test_an_id_of_the_catalog_is_known_in_capitals_behind_an_owner_and_with_a_format() -> None:
    for id in catalog.load().models:
        for said in (id, id.upper(), f"owner/{id}", f"{id}-fp8", f"{id.upper()}_int4"):
            found = matching.model(said)
            assert (found.id, found.doubt) == (id, "")
            assert "not looked at" not in "".join(found.notes)
    assert matching.model("qwen25_7b-fp8").bits == 8
    assert matching.model("llama33-70b-instruct-fp8").id == "llama3_70b"  # a version without a dot


def test_a_count_beside_the_name_may_be_the_same_or_a_multiple_and_no_other() -> None:
    meant = matching.accelerator("8xH100")
    assert [meant.chips(n) for n in (None, 8, 16)] == [8, 8, 16]
    for other in (1, 4):
        with pytest.raises(CatalogError, match=f"n_chips = {other}: the name counts 8 of h100_sx"):
            meant.chips(other, "n_chips")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("NVIDIA H100 80GB HBM3 MIG 1g.10gb", "it is a slice of a card; give its memory_bandwidth"),
        ("RTX 3090 + RTX 4090", "give one kind with a count, as 2xH100"),
    ],
)
def test_no_part_of_a_card_and_no_two_kinds_are_taken_as_one(said: str, why: str) -> None:
    with pytest.raises(CatalogError, match=why):
        matching.accelerator(said)


def test_what_may_be_a_count_and_is_not_taken_as_one_is_told() -> None:
    said = "H100 x8 SXM taken as h100_sxm5 ('x8' not looked at)"
    assert matching.accelerator("H100 x8 SXM").notes == (said,)
    assert matching.accelerator("M3 Max (40-core GPU)").notes == (
        "M3 Max (40-core GPU) taken as m3_max",
    )
    # What is no slice of TPUs, and what may be a memory.
    assert matching.accelerator("ND v2-4 V100").count == 1
    for said in ("mi300x-192", "l40s-48", "RTX4090_24", "GeForce RTX 4090-24", "t4-16"):
        assert matching.accelerator(said).count == 1, said
    assert matching.accelerator("A100 80").count == 1


def test_a_count_of_none_is_none() -> None:
    for said in ("0xH100", "H100:0", "0 H100", "0 nodes of 8xH100"):
        with pytest.raises(CatalogError, match=f"no accelerator '{said}': it counts none"):
            matching.accelerator(said)


@pytest.mark.parametrize(("said", "id"), MODELS.items())
def test_a_model_is_known_as_people_write_it(said: str, id: str) -> None:
    found = matching.model(said)
    assert (found.id, found.bits) == (id, None)
    assert configuration.model(said).id == id  # what `deploy` and `decode` ask
    assert cli.main(["model", said]) == 0
    assert read(machine_row(model=said)).layout.model == id


@pytest.mark.parametrize(("said", "meant"), FORMATS.items())
def test_a_name_carries_the_bits_of_the_weights(said: str, meant: tuple[str, float]) -> None:
    found = matching.model(said)
    assert (found.id, found.bits) == meant
    layout = read(machine_row(model=said)).layout
    assert (layout.model, layout.weight_bits) == meant
    assert read(machine_row(model=said, weight_bits="16")).layout.weight_bits == 16


@pytest.mark.parametrize(
    ("said", "published"),  # the format of the experts, where all else is in another
    [("deepseek-ai/DeepSeek-V3.1", {"quant_method": "fp8"}),
     ("DeepSeek-R1-FP8", {"quant_method": "fp8"}),
     ("Kimi-K2-Instruct", {"quant_method": "fp8"}), ("MiniMax-M2.5", {"quant_method": "fp8"}),
     ("Kimi-K2.5", {"quant_method": "compressed-tensors", "format": "pack-quantized",
                    "config_groups": {"group_0": {"weights": {"num_bits": 4, "group_size": 32}}},
                    "ignore": ["re:.*self_attn.*", "re:.*shared_experts.*"]}),
     *((name, {"quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn"]})
       for name in ("gpt-oss-120b", "gpt-oss-20b", "openai/gpt-oss-20b-MXFP4"))],
)  # fmt: skip
def test_a_name_gives_the_bits_in_which_its_maker_publishes_it(
    said: str, published: dict[str, object]
) -> None:
    """As its config.json does: in Python and in a table."""
    name = configuration.model(said).name.partition(" /")[0]
    shape = CONFIGURATIONS[re.sub("Kimi K2.*", "Kimi-K2", name)]
    config = {**shape, "quantization_config": published}
    bits = deploy("b200", 8, config, padded=True).values["bits_per_parameter"]
    here = deploy("b200", 8, said, padded=True)
    assert here.values["bits_per_parameter"] == pytest.approx(bits, rel=1e-3)
    assert here.multiplied_bits == deploy("b200", 8, config, padded=True).multiplied_bits
    average = counts(configuration.record(config))["bits_per_parameter"]
    assert f"weights in {average:.3g} bits on average, as the model's configuration says" in (
        here.notes
    )
    row = read(machine_row(model=said))
    assert row.layout.weight_bits is None
    assert any("weight_bits of the model's configuration assumed" in each for each in row.assumed)


def test_the_bits_of_a_name_are_those_of_python_too() -> None:
    step = deploy("H200", 1, "Qwen3-8B-FP8")
    assert step.values["bits_per_parameter"] == 8
    assert "weights in 8 bits, as the model's name says" in step.notes
    plain = deploy("B200", 1, "Qwen3-14B").values["peak_flops"]
    for name in ("AWQ", "GPTQ-Int8", "4bit", "exl2-4.0bpw"):  # weights alone are in few bits
        assert deploy("B200", 1, f"Qwen3-14B-{name}").values["peak_flops"] == plain, name
    assert "weights in 8 bits, as its maker publishes it" in (
        deploy("H200", 1, "Ministral-3-8B-Instruct-2512").notes
    )
    assert matching.model("Llama-3.1-8B fp16 / fp8 kv").cache == 8


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("Qwen3-14B-sparse", "'sparse' may be another shape than qwen3_14b"),
        ("microsoft/Phi-4-mini", "'mini' may be another shape than phi4"),
        ("DeepSeek-V3.3", "did you mean"),
        ("Llama-3", "'llama3_8b'"),
        ("Qwen3", "'qwen3_8b'"),
        ("Laguna-XS-2.1", "no model 'Laguna-XS-2.1'"),
        ("Nemotron-3-Super-120B-A12B", "nemotron3_nano_30b_a3b"),
        ("nvidia/Llama-3_1-Nemotron-Ultra-253B-v1", "or 'nemotron3_nano_30b_a3b'"),
        ("mixtral", "'mixtral_8x7b' or 'mixtral_8x22b'"),
        ("mistralai/Mistral-Nemo-Instruct-2407", "did you mean"),
        ("mistralai/Ministral-8B-Instruct-2410", "did you mean"),
    ],
)
def test_another_shape_under_a_like_name_is_refused(said: str, named: str) -> None:
    with pytest.raises(CatalogError) as raised:
        matching.model(said)
    assert named in str(raised.value)


def test_a_name_like_no_other_is_told_which_command_lists_those_that_there_are() -> None:
    with pytest.raises(CatalogError, match=r"no model 'zzz' \(`inference-economics models` lists"):
        matching.model("zzz")
    with pytest.raises(CatalogError, match=r"'zzz' \(`inference-economics machines` lists"):
        matching.accelerator("zzz")


def test_what_reads_images_is_said_to_be_left_out() -> None:
    (note,) = matching.model("Qwen3-VL-235B").notes
    assert note.endswith("taken as qwen3_235b_a22b: what reads images is left out")


@pytest.mark.parametrize(
    ("said", "doubt"),
    [
        ("A100", "A100 could also be a100_sxm_40 or a100_pcie_80"),
        ("H100", "H100 could also be h100_pcie or h100_nvl"),
        ("Jetson Orin", "Jetson Orin could also be jetson_orin_nano_super"),
        ("A100 80GB", "A100 80GB could also be a100_pcie_80"),
        ("A100 SXM", "A100 SXM could also be a100_sxm_40"),
        ("H100 SXM", ""),
    ],
)
def test_an_ambiguous_machine_is_said(said: str, doubt: str) -> None:
    assert matching.accelerator(said).doubt == doubt
    notes = deploy(said, 1, "llama32_1b").notes
    assert (doubt in notes) == bool(doubt)


@pytest.mark.parametrize(
    ("said", "near", "far"),
    [
        ("p5x.48xlarge", "p5.48xlarge", "jetson"),
        ("a3-highgpu-16g", "a3-highgpu-", "a30"),
        ("L20", "l40", "l4'"),
        ("RTX 4070", "rtx4070_ti_super", "l4'"),
        ("M6 Max 36GB", "max", "h100"),
    ],
)
def test_the_nearest_by_meaning_is_suggested(said: str, near: str, far: str) -> None:
    with pytest.raises(CatalogError) as raised:
        matching.accelerator(said)
    assert near in str(raised.value)
    assert far not in str(raised.value)


def test_the_memory_that_a_name_says_is_taken() -> None:
    here = deploy("RTX4090-48GB", 1, "llama3_8b")
    assert here.values["memory_capacity"] == 48e9
    assert any("with 48 GB of memory, as the name says" in note for note in here.notes)
    with pytest.raises(CatalogError, match="a100_sxm_40 40 GB, a100_sxm_80 80 GB"):
        matching.accelerator("A100 24GB")


@pytest.mark.parametrize(
    ("said", "memory"),
    [
        ("H100 SXM 72GB", None), ("H100 SXM 88GB", None), ("H100 SXM 71GB", 71e9),
        ("H100 SXM 89GB", 89e9), ("MI300X 173GB", None), ("MI300X 172GB", 172e9),
        ("MI300X 211 GB", None), ("MI300X 212 GiB", 212e9), ("A100 SXM 44GB", None),
    ],
)  # fmt: skip
def test_a_memory_within_a_tenth_is_that_of_the_machine(said: str, memory: float | None) -> None:
    assert matching.accelerator(said).memory == memory


def test_no_slice_is_counted_by_what_it_may_not_count() -> None:
    with pytest.raises(CatalogError, match="8 may count chips or halves"):
        matching.accelerator("TPU v7x-8")


def test_every_other_name_is_of_a_record() -> None:
    facts = catalog.load()
    names = matching._names()
    assert set(names["machines"]) <= set(facts.accelerators)
    assert set(names["models"]) <= set(facts.models)
    assert {id for id, _ in names["instances"].values()} <= set(facts.accelerators)
    for id, others in names["models"].items():
        for other in others:
            assert id in {matching.model(other).id, *matching.model(other).doubt.split()}
