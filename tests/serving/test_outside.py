"""What lies outside of the measurements that were fitted to."""

from __future__ import annotations

from typing import Any

import pytest
from predictions import answered

from inference_economics.facts.calibration import ONE_BY_ONE, RECORDED
from inference_economics.serving import outside
from inference_economics.serving.deployment import deploy


@pytest.mark.parametrize(
    ("machine", "chips", "model", "given", "launch", "kinds"),
    [
        ("h100_sxm5", 8, "llama3_70b", {}, RECORDED, ()),
        ("h100_sxm5", 8, "llama3_70b", {}, ONE_BY_ONE, ()),
        ("h100_sxm5", 8, "deepseek_v3", {"weight_bits": 3.9}, RECORDED, ("few bits",)),
        ("h100_sxm5", 8, "gpt_oss_120b", {}, ONE_BY_ONE, ("kernel by kernel",)),
        ("l40s", 2, "llama3_8b", {}, RECORDED, ("no fast links",)),
        ("l40s", 1, "llama3_8b", {}, RECORDED, ()),
        ("h100_sxm5", 16, "llama3_70b", {}, RECORDED, ("nodes",)),
        ("h200_sxm", 8, "deepseek_v32", {}, RECORDED, ("sparse attention",)),
        ("b200", 8, "deepseek_v4_pro", {}, RECORDED, ("sparse attention",)),
        ("rtx3090", 2, "llama3_8b", {}, RECORDED, ("no fast links",)),
        ("mi300x", 8, "deepseek_v3", {"weight_bits": 8}, RECORDED, ("AMD experts",)),
        ("mi355x", 8, "llama3_70b", {"weight_bits": 8}, RECORDED, ()),
        ("tpu_v4", 1, "llama3_8b", {}, RECORDED, ("strange",)),
        ("tpu_v4", 16, "qwen3_235b_a22b", {}, RECORDED, ("strange", "strange experts")),
        ("trainium2", 1, "llama3_8b", {}, RECORDED, ("hardly known",)),
        ("trainium2", 16, "qwen3_235b_a22b", {}, RECORDED, ("hardly known", "strange experts")),
        ("h20", 1, "llama3_8b", {}, RECORDED, ("little arithmetic",)),
    ],
)
def test_each_kind_is_told(  # noqa: PLR0913, PLR0917
    machine: str,
    chips: int,
    model: str,
    given: dict[str, Any],
    launch: str,
    kinds: tuple[str, ...],
) -> None:
    served = deploy(machine, chips, model, **given)
    assert outside.kinds(served.outside, launch) == kinds
    assert (outside.factor(kinds) > 1) == bool(kinds)


def test_ends_of_what_was_fitted_are_inside() -> None:
    eight = {"weight_bits": 8}
    for given, kinds in (
        ({"link_bandwidth": outside.FAST}, ()),
        ({"link_bandwidth": 0.999 * outside.FAST}, ("no fast links",)),
        ({"weight_bits": 4, "compute_bits": 8}, ()),
        ({"node_size": 7}, ("nodes",)),
    ):
        assert deploy("h100_sxm5", 8, "llama3_70b", **{**eight, **given}).outside == kinds, given


def test_a_service_is_told_otherwise_than_a_step() -> None:
    here = ("no service", "kernel by kernel", "nodes")
    step, served = (outside.kinds(here, RECORDED, service=each) for each in (False, True))
    assert (step, served) == (("nodes",), ("no service", "nodes"))
    assert outside.kinds(here, ONE_BY_ONE) == ("kernel by kernel", "nodes")
    assert outside.kinds((), RECORDED, service=True, apart=True, alone=True) == ("apart", "alone")
    assert outside.kinds((), RECORDED, alone=True) == ("alone",)


def test_an_interval_is_as_wide_as_the_widest_of_its_kinds() -> None:
    others = {"strange": 2.0, "strange experts": 6.0, "few bits": 2.5, "nodes": 1.25,
              "no service": 1.3, "AMD experts": 1.3}  # fmt: skip
    assert {name: outside.factor([name]) for name in outside.KINDS} == {
        name: others.get(name, 1.5) for name in outside.KINDS
    }
    assert outside.factor(["nodes", "few bits", "apart"]) == 2.5
    assert outside.factor([]) == 1
    assert outside.factor(["alone"], first=False) == 1
    assert outside.factor(["alone", "nodes"], first=False) == 1.25


ROW = {
    "hardware": "H100", "n_chips": "1", "model": "deepseek_v3", "weight_bits": "1.67",
    "kv_bits": "16", "batch": "1", "metric": "decode_speed", "unit": "tok/s",
    "context_tokens": "1000", "value": "",
}  # fmt: skip


def test_a_row_outside_is_said_and_has_a_wider_interval() -> None:
    rows = [ROW | {"n_chips": "8", "weight_bits": bits} for bits in ("1.67", "4")]
    few, four = answered(rows).rows
    assert outside.KINDS["few bits"].said in few["note"]
    assert "below four bits" not in four["note"]
    assert few["high"] / few["low"] == pytest.approx(
        four["high"] / four["low"] * outside.KINDS["few bits"].factor ** 2
    )


def test_what_cannot_have_run_is_refused_in_a_sentence() -> None:
    crowd = {"model": "qwen25_32b", "weight_bits": "", "kv_bits": "", "batch": "1024"}
    (found,) = answered([ROW | crowd | {"context_tokens": "2000", "value": "11"}]).rows
    assert found["predicted"] is None
    assert "would fill 753% of the memory of n_chips = 1, which cannot have run" in found["note"]
    assert "weight_bits of 16 assumed; kv_bits of 16 assumed" in found["note"]


def test_a_refusal_for_memory_names_the_bits_that_were_assumed() -> None:
    packed = {"model": "unsloth/Qwen3-30B-A3B-GGUF", "weight_bits": "", "hardware": "RTX 5090"}
    (found,) = answered([ROW | packed]).rows
    assert "does not fit" in found["note"]
    assert "weight_bits of 16 assumed" in found["note"]
    assert "seldom have 16: give weight_bits" in found["note"]


def test_what_was_measured_is_never_refused_for_its_memory() -> None:
    asked, ran = answered([ROW, ROW | {"value": "11"}]).rows
    assert asked["predicted"] is None
    assert "does not fit" in asked["note"]
    assert "experts in the main memory are outside the model" in asked["note"]
    assert ran["predicted"] > 0
    assert ran["note"].count("does not fit") == 1
    assert "fewer bits, tokens or requests" in ran["note"]
