"""Machines and models against each other: two terms of a step, with and without experts."""

from __future__ import annotations

import pytest

from inference_economics.equations import decode
from inference_economics.facts import catalog
from inference_economics.facts.catalog import CatalogError
from inference_economics.serving import balance

H100 = 1978.9e12 / 3.35e12 / 2
"""The critical batch of an H100 in 8 bits, for a dense model."""

# DeepSeek-V3: 58 layers of 256 experts, each of three matrices of 7168 by 2048, eight of them
# used; 671 billion weights, of which an embedding of 129,280 rows is not read.
ROUTED = 58 * 256 * 3 * 7168 * 2048
READ = 671e9 - 129_280 * 7168
ACTIVE = READ - ROUTED * 248 / 256


def test_a_lone_user_of_any_model_uses_the_same_share() -> None:
    for model in ("llama3_70b", "deepseek_v3"):
        step = balance.two_terms("h100_sxm5", model)
        assert step.evaluate(balance.utilization, concurrent_users=1) == pytest.approx(1 / H100)


def test_a_full_batch_of_experts_is_as_much_larger_as_more_is_read_than_used() -> None:
    step = balance.two_terms("h100_sxm5", "deepseek_v3")
    full = step.evaluate(decode.critical_batch_at_work)
    assert full == pytest.approx(H100 * READ / ACTIVE)
    assert round(full) == 5408
    used = step.evaluate(balance.utilization, concurrent_users=1000)
    assert used == pytest.approx(1000 / full)


def test_what_is_shared_at_once_of_a_token_s_weights() -> None:
    values = balance.two_terms("h100_sxm5", "deepseek_v3").values
    share = values["shared_parameters"] / values["active_parameters"]
    assert share == pytest.approx((READ - ROUTED) / ACTIVE)
    assert round(100 * share) == 44


def test_an_expert_needs_as_many_more_requests_as_there_are_experts_for_each_in_use() -> None:
    found = balance.sparse_batches("h100_sxm5")
    assert found["DeepSeek-V3 / R1"] == pytest.approx(H100 * 256 / 8)
    assert found["Mixtral 8x7B"] == pytest.approx(H100 * 8 / 2)
    assert list(found.values()) == sorted(found.values())
    assert not any("Llama-3" in name for name in found), "dense models have no experts"
    assert len(found) == sum(each.has("experts") for each in catalog.load().models.values())


def test_machines_are_for_data_centers_and_the_line_is_of_one_a_year() -> None:
    names = {chip.id for chip in balance.data_center()}
    assert {"h100_sxm5", "tpu_v6e", "gaudi3", "mi355x"} <= names
    assert not {"rtx4090", "m3_ultra", "groq_lpu1", "wse3", "l40s"} & names
    years = [each.chip.year for each in balance.line(16)]
    assert years == sorted(set(years))
    assert {each.chip.vendor for each in balance.line(16)} == {"NVIDIA"}


def test_the_newest_machines_are_all_those_of_the_last_year() -> None:
    known = [chip for chip in balance.data_center() if balance.smallest(chip)]
    last = max(chip.year for chip in known)
    found = balance.newest()
    assert {each.chip.id for each in found} == {chip.id for chip in known if chip.year == last}
    batches = [each.batch for each in found]
    assert batches == sorted(batches, reverse=True)


def test_order_does_not_hang_on_that_of_the_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    before = balance.data_center()
    found = (balance.ranked(16), balance.line(16), balance.newest(), balance.later(2020, 16))
    for order in (before[::-1], sorted(before, key=lambda chip: chip.id)):
        monkeypatch.setattr(balance, "data_center", lambda order=order: order)
        again = (balance.ranked(16), balance.line(16), balance.newest(), balance.later(2020, 16))
        for one, other in zip(found, again, strict=True):
            assert [each.batch for each in one] == [each.batch for each in other]
    ridges = [each.ridge for each in found[0]]
    assert ridges == sorted(ridges, reverse=True)
    assert {each.chip.year for each in found[3]} == {
        each.chip.year for each in found[0] if each.chip.vendor == "NVIDIA"
    } - {*range(2021)}


def test_the_line_has_the_machine_that_reads_fastest_in_its_year() -> None:
    for each in balance.line(16):
        rates = [
            chip.memory_bandwidth
            for chip in balance.data_center()
            if (chip.vendor, chip.year) == ("NVIDIA", each.chip.year) and balance.balance(chip, 16)
        ]
        assert each.chip.memory_bandwidth == max(rates)


def test_a_balance_by_hand() -> None:
    found = balance.smallest(catalog.load().accelerator("h100_sxm5"))
    assert found is not None
    assert (found.bits, found.ridge) == (8, pytest.approx(1978.9 / 3.35))
    assert found.batch == pytest.approx(H100)


def test_what_no_source_states_has_no_balance() -> None:
    assert balance.balance(catalog.load().accelerator("tpu_8i"), 16) is None
    assert balance.balance(catalog.load().accelerator("tpu_v2"), 16) is None
    with pytest.raises(CatalogError, match="no source states peak_flops_8bit of tpu_8i"):
        balance.two_terms("tpu_8i", "deepseek_v3")
