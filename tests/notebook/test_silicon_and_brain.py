"""Numbers of the chapters on silicon and on the brain, worked by hand from what they rest on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from inference_economics import uncertainty
from inference_economics.algebra import units
from inference_economics.equations import brain, serving, silicon
from inference_economics.facts import catalog
from inference_economics.ledger import claims, example
from inference_economics_notebook import book, figures, marks
from inference_economics_notebook.figures.hardware import critical_batch_of
from inference_economics_notebook.questions import a_model_in_silicon

FACTS = catalog.load()
SILICON = marks.of_chapter("a-model-in-silicon")
BRAIN = marks.of_chapter("the-brains-memory")
CHAPTER = Path(__file__).parents[2] / "book" / "a-model-in-silicon.ipynb"


def test_dies_that_hold_the_posts_model() -> None:
    """1.6 trillion weights, on dies of 8.03 billion, of half as many and of twice as many."""
    assert example.dies_for_the_post() == pytest.approx(
        (1.6e12 / 16.06e9, 1.6e12 / 8.03e9, 1.6e12 / 4.015e9), rel=1e-3
    )
    assert (SILICON["dies_low"], SILICON["dies"], SILICON["dies_high"]) == ("100", "200", "400")


def test_a_die_holds_the_model_that_it_is_made_for() -> None:
    weights = FACTS.model("llama3_8b").parameters
    assert FACTS.fact("taalas_hc1_weights").value == pytest.approx(weights, rel=1e-3)


def test_weights_of_four_bits_lower_the_batch_of_chips_that_widen_them() -> None:
    """They are read in a quarter of the time of sixteen bits, and multiplied no faster."""
    assert critical_batch_of("h100_sxm5", 16, weight_bits=4) == pytest.approx(73.8, rel=1e-3)
    mixed = critical_batch_of("mi300x", 8, weight_bits=4)
    assert SILICON["mixed_batch"] == units.show(mixed, "dimensionless") == "123"
    assert critical_batch_of("b200", 4) == pytest.approx(critical_batch_of("b200", 16), rel=1e-2)


def test_the_figure_of_what_holds_the_model() -> None:
    data = figures.chips_that_hold().data
    # 1.6 TB on cards of 80 GB, on wafers of 44 GB, in wires, and on chips of 0.5 GB.
    assert list(data["chips"]) == pytest.approx([20, 37, 199.25, 3200], rel=1e-3)


def test_the_caches_of_a_batch_of_2500() -> None:
    # Two vectors of 12,288 numbers of two bytes, in each of 96 layers, for 2,048 tokens.
    cache = 2 * 12288 * 2 * 96 * 2048
    total = serving.cache_total(
        concurrent_users=2500, context=2048, kv_bytes_per_token=cache / 2048
    )
    assert total == 2500 * cache == pytest.approx(24.16e12, rel=1e-3)
    assert SILICON["gpt3_caches"] == "24.2 TB"
    assert SILICON["gpt3_weights"] == "350 GB"
    assert SILICON["gpt3_times"] == "69"
    # Eight chips of 144 GB, less 350 GB of weights, hold 82 caches of 9.66 GB.
    assert SILICON["gpt3_room"] == str(int((8 * 144e9 - 350e9) / cache)) == "82"
    # Llama-3-70B: 8 heads of 128 and not 96 of 128, in 80 layers, a byte a number.
    llama = 2 * 8 * 128 * 80 * 2048 * 2500
    assert SILICON["llama_caches"] == book.show(llama, "byte", 2) == "840 GB"


def test_masks_and_designs_are_kept_apart() -> None:
    tenth = {"acceptable_share": 0.1, "chip_price": 30_000}
    found = [silicon.break_even_chips(mask_cost=cost, **tenth) for cost in (1e6, 10e6, 30e6)]
    assert found == pytest.approx([1e6 / 3000, 10e6 / 3000, 30e6 / 3000])
    assert SILICON["mask_error"] == "10"
    assert SILICON["design_volume"] == "181,000 chips"
    assert SILICON["taalas_volume"] == "10,000 chips"


def test_a_chip_of_ones_own_is_cheaper_than_a_gpu_and_not_small_by_our_rule() -> None:
    card = FACTS.fact("h100_purchase").value
    design = FACTS.fact("design_cost_5nm").value / 100_000
    assert [card / 10 < each < card for each in (1e6 / 100, design)] == [True, True]


def test_the_caption_counts_the_chips_that_the_edit_has_too_many() -> None:
    chips = claims.load()["chips-corrected"].recomputed_on_facts
    assert chips is not None
    fewer = units.show(1 - chips / 100_000, "fraction", 2)
    assert f"needs {fewer} fewer" in figures.chips_against_operations().caption


def test_readers_of_the_question_get_more_than_people_read() -> None:
    # 238 words a minute, at three words for four tokens, are 5.3 tokens a second.
    question = a_model_in_silicon.between_two_tokens()
    assert f"about {20 / (238 / 60 / 0.75):.0f} times as fast as people read" in question.means


def test_readers_at_a_moment() -> None:
    # 16 minutes on each of 13.2 days of a month, of 100 million users.
    share = 16 * 13.2 / (365.25 / 12) / (24 * 60)
    assert SILICON["at_once"] == book.show(100e6 * share, "user") == "482,000 users"


def test_chips_for_what_is_written_and_with_the_prompts() -> None:
    # 18 billion messages a week of 700 million users, answered in 211 tokens to 1155 of a prompt.
    written = 100e6 * 18e9 / 700e6 / (7 * 86400) * 211
    chips = written / (1.979e15 / 560e9)
    assert SILICON["made"] == book.show(chips, "chip") == "254 chips"
    assert SILICON["with_prompts"] == book.show(chips * (211 + 1155) / 211, "chip")
    # Nine times as many users since.
    assert SILICON["grown"] == book.show(chips * (211 + 1155) / 211 * 900 / 100, "chip")


def test_prices_fell_as_the_reply_supposes() -> None:
    assert SILICON["fallen"] == str(round(60 / 0.6))
    assert SILICON["dearer"] == str(round(0.08 / 0.0075))


def test_the_table_links_to_listed_sources() -> None:
    addresses = {source.url for source in FACTS.sources.values()}
    cells = json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    linked = re.findall(r"\]\((https://[^)]+)\)", text)
    assert len(linked) > 7
    assert [each for each in linked if each not in addresses] == []


def test_the_brain_is_headed_by_its_band() -> None:
    band = uncertainty.load()["brain-storage"].band()
    told = [BRAIN[name] for name in ("least", "median", "most")]
    assert told == [book.show(end, "byte", 2) for end in band]
    low, _, high = band
    assert low < example.stated("synapse-bytes", "byte") < high, "the text says it lies inside"
    assert high < example.stated("brain-capacity", "byte")


def test_what_stereology_counted() -> None:
    found = brain.synapse_bytes(synapses=1.5e14, bits_per_synapse=4.7)
    assert found == pytest.approx(88.1e12, rel=1e-3)
    assert BRAIN["counted"] == "88 TB"
    assert BRAIN["roadmap_synapses"] == book.show(1e15 / 5)
    assert BRAIN["pcie_ratio"] == str(350 / 20)
