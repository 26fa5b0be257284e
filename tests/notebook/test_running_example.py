"""The running example: its figures against direct evaluation, and its rows chapter by chapter."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from inference_economics.algebra.units import at_least, show
from inference_economics.equations import decode
from inference_economics.facts import sourced
from inference_economics.facts.catalog import CatalogError
from inference_economics.ledger import stated
from inference_economics.serving import deploy, fleet, scale
from inference_economics.serving.requests import serve
from inference_economics_notebook import book, running_example
from inference_economics_notebook.running_example import NO_ROOM, ROWS

BOOK = Path(__file__).parents[2] / "book"
LAST = list(ROWS)[-1]


@pytest.fixture(scope="module")
def examples() -> list[running_example.Figures]:
    return list(running_example.examples().values())


def test_the_post_worked_by_hand(examples: list[running_example.Figures]) -> None:
    found = examples[0]
    time, rent = 1.6e12 / (20 * 3e12), sourced("h100_rental_3_years", "dollar/chip/hour")
    layers = stated("layers", "dimensionless")
    width = math.sqrt(1.6e12 / (12 * layers))
    daily = scale.generation_share(1 / time)
    by_hand = {
        "bits": 8, "read": 1.6e12, "reading": time, "critical_batch": 500, "shared": 3.2e9,
        "context": 2000, "own": 2000 * 2 * layers * width, "users": 500,
        "answer": sourced("azure_2023_conversation_output_mean", "token/request"), "speed": 37.5,
        "people": 500 / daily, "cost_alone": 1e6 * 20 * rent / 3600 * time,
        "cost_full": 1e6 * 20 * rent / 3600 * time / 500, "saved": 500,
    }  # fmt: skip
    assert {name: found[name] for name in by_hand} == pytest.approx(by_hand)
    assert found["machines"] == "20 H100"
    assert not {"alone", "full", "loaded"} & set(found)


def test_llama_evaluated_directly(examples: list[running_example.Figures]) -> None:
    found, here = examples[1], deploy("h100_sxm5", 8, "llama3_70b")
    users, weights = found["users"], (here.values["stored_parameters"] - 128256 * 8192) * 2
    alone, full = here.step(1, 2000), here.step(users, 2000)
    critical = 989.4e12 / 3.35e12
    prompt, answer = (length * 2000 / 4989 for length in fleet.lengths())
    lengths = {"prompt": prompt, "answer": answer, "concurrency": users}
    direct = {
        "bits": 16, "read": weights, "reading": weights / (8 * 3.35e12),
        "critical_batch": critical, "shared": weights / critical,
        "context": 2000, "own": 2000 * 80 * 2 * 8 * 128 * 2,
        "alone": alone.step_time, "full": full.step_time,
        "loaded": serve("h100_sxm5", 8, "llama3_70b", **lengths).loaded.time_per_token,
        # 29,760 messages a second from 700 million people, each with its answer's time.
        "answer": answer, "speed": 1 / found["loaded"],
        "people": users * 700e6 / (18e9 / 7 / 86400 * answer * found["loaded"]),
        "cost_alone": 1e6 * scale.services()["Llama-3 70B"].alone.cost,
    }  # fmt: skip
    assert {name: found[name] for name in direct} == pytest.approx(direct, rel=1e-3)
    assert users == here.largest_batch(2000)


def test_deepseek_evaluated_directly(examples: list[running_example.Figures]) -> None:
    found, unit = examples[2], scale.fleet_unit()
    users, context = scale.fleet_load().unit_users, sourced("deepseek_fleet_context", "token")
    alone, full = unit.step(1, context), unit.step(users, context)
    routed, held = unit.values["routed_parameters"], unit.values["stored_parameters"]
    shared = held - routed - unit.values["input_embedding"]
    critical = 1979e12 / 3.35e12 / 2 * (144 * shared + routed) / (shared + routed * 8 / 256)
    direct = {
        "bits": 8, "read": shared + routed * 8 / 256, "critical_batch": critical,
        "reading": (144 * shared + routed * 8 / 256) / (144 * 3.35e12),
        "shared": (144 * shared + routed) / critical,
        "own": context * 61 * (512 + 64) * 2, "users": users,
        "alone": alone.step_time, "full": full.step_time,
        "loaded": 1 / fleet.separate(users / 144)[0],
        "answer": fleet.lengths()[1], "speed": 21,
        "people": users * 21 * 700e6 / (18e9 / 7 / 86400 * fleet.lengths()[1]),
        "cost_full": 1e6 * scale.services()["DeepSeek-V3"].full.cost,
    }  # fmt: skip
    assert {name: found[name] for name in direct} == pytest.approx(direct, rel=1e-3)


@pytest.mark.parametrize("column", [1, 2])
def test_what_sharing_saves_is_one_cost_over_the_other(
    examples: list[running_example.Figures], column: int
) -> None:
    found = examples[column]
    assert found["saved"] == pytest.approx(found["cost_alone"] / found["cost_full"])
    service = scale.services()[("Llama-3 70B", "DeepSeek-V3")[column - 1]]
    gain = service.alone.rent / service.alone.tokens * service.full.tokens / service.full.rent
    assert found["saved"] == pytest.approx(gain)


def test_each_chapter_shows_the_rows_before_it_and_its_own() -> None:
    shown: list[list[str]] = []
    for chapter, added in ROWS.items():
        rows = running_example.told(chapter)
        assert [cells for _, cells in rows][: len(shown)] == shown
        own = [cells[0] for page, cells in rows if page == chapter]
        assert own == [name for name, _ in added.values()]
        assert rows[-1][0] == chapter
        shown = [cells for _, cells in rows]
        table = book.running_example(chapter)
        assert running_example.notes()[chapter] in table.text
        assert table.markup.count("<b>") == len(added)
        others = len(rows) - len(added)
        assert table.markup.count(".html#the-example-so-far") == others
        assert ("another chapter explains a row" in table.text) == (others > 0)
    assert len(shown) == sum(map(len, ROWS.values()))


def test_the_table_shows_what_is_computed() -> None:
    found = book.running_example(LAST)
    for figures in running_example.examples().values():
        for rows in ROWS.values():
            for name, (_, unit) in rows.items():
                value = figures.get(name)
                wanted = (show(value, unit) if unit else value) if value else NO_ROOM
                assert f"<td>{wanted}</td>" in found.markup
    assert found.markup.count("<tr>") == 1 + sum(map(len, ROWS.values()))


def test_the_notes_tell_what_is_computed(examples: list[running_example.Figures]) -> None:
    notes = running_example.notes()
    assert list(notes) == list(ROWS)
    assert (
        "divided by the 21 that one user gets. At this published speed a token takes 48 ms. "
        "By our equations, a step without prompts and without guesses ahead takes "
        f"{show(examples[2]['full'], 'second')};" in notes["a-real-machine"]
    )
    speed = show(1 / examples[1]["loaded"], "dimensionless", 2)
    loaded = show(examples[1]["loaded"], "second")
    assert (
        f"A token takes {loaded}, so each user gets {speed} tokens a second."
        in (notes["requests-under-load"])
    )
    assert "the chapters on costs ask for 20 tokens a second." in notes["requests-under-load"]


def test_experts_that_lie_whole_take_a_lone_user_longer() -> None:
    # One of 256 experts in each of 58 layers, three matrices of 2,048 times 7,168, one byte each.
    shared = 671e9 - 58 * 256 * 3 * 2048 * 7168 - 129_280 * 7168
    time = (shared + 58 * 3 * 2048 * 7168) / 3.35e12
    note = running_example.notes()["one-user"]
    assert f"The token therefore takes at least {at_least(time, 'second')}." in note
    assert f"The reading of this copy, {show(shared, 'byte')}, takes nearly all" in note


def test_another_chapter_is_refused_with_a_hint() -> None:
    with pytest.raises(CatalogError, match=r"one-users.*did you mean 'one-user'"):
        book.running_example("one-users")


@pytest.mark.parametrize("chapter", [each for each in ROWS if (BOOK / f"{each}.ipynb").exists()])
def test_a_chapter_that_adds_rows_shows_the_example(chapter: str) -> None:
    cells = json.loads((BOOK / f"{chapter}.ipynb").read_text("utf8"))["cells"]
    calls = [c for c in cells if f'book.running_example("{chapter}")' in "".join(c["source"])]
    assert len(calls) == 1


def test_all_experts_are_read_at_the_critical_batch(
    examples: list[running_example.Figures],
) -> None:
    read = scale.fleet_unit().evaluate(
        decode.coverage, concurrent_users=examples[2]["critical_batch"]
    )
    assert read > 0.999


def test_what_the_chapters_say_of_the_table_is_so(
    examples: list[running_example.Figures],
) -> None:
    for found in examples:
        assert found["own"] > found["shared"]  # the cache is the larger part
    for found in examples[1:]:
        assert 1.5 < found["alone"] / found["reading"] < 2.5  # about twice
        assert 3 < found["full"] / found["alone"] < 6  # a few times longer than alone
    llama, deepseek = examples[1:]
    unit = scale.fleet_unit().values
    copied = unit["stored_parameters"] - unit["routed_parameters"] - unit["input_embedding"]
    assert 0.4 < copied / deepseek["read"] < 0.5  # nearly half of the bytes, at one for a weight
    assert deepseek["reading"] == pytest.approx(copied / 3.35e12, rel=0.02)  # by one card alone
    assert llama["loaded"] > 2 * llama["full"]  # too many, where prompts are read beside
    assert deepseek["loaded"] < 1.2 * deepseek["full"]  # little longer, where others read them
