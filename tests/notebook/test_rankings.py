"""A sentence that ranks or counts machines, models or measurements follows the catalog.

Rows are added that are more than all others, or newer. Every sentence of these chapters, their
claims' notes and their figures' captions with a word that ranks must then say something else.
"""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from inference_economics.evidence import findings
from inference_economics.facts import catalog, files
from inference_economics.ledger import claims, example
from inference_economics.serving import balance
from inference_economics_notebook import book, figures, marks

BOOK = Path(__file__).parents[2] / "book"
CHAPTERS = ("three-orders-of-magnitude", "one-user", "sharing-the-weights")
RANKS = re.compile(
    r"\b((?<!at )[Mm]ost|(?<!at )least|fewest|the only|[Oo]nly (?:one|two|three)|none of them"
    r"|(?:high|low|larg|small|new|old|fast|slow|great)est|peaked|models with experts)\b"
)

NEW_MACHINES = {
    "fast_chip": {"name": "Fast", "vendor": "NVIDIA", "year": "2031", "kind": "gpu",
                  "stacked_memory": "yes", "memory_bandwidth": "4e13", "peak_flops_16bit": "4e17",
                  "peak_flops_8bit": "8e17", "peak_flops_4bit": "1.6e18"},
}  # fmt: skip
NEW_MODELS = {
    "many_experts": {"name": "Many", "year": "2031", "experts": "4096", "experts_per_token": "1"},
    "few_experts": {"name": "Few", "year": "2031", "experts": "3", "experts_per_token": "2"},
}

STAYS = {
    "how much larger it is for models with experts": "what another chapter has",
    "Most large models of today": "of the world, and not of the catalog",
    "In most large models of today": "of the world, and not of the catalog",
}
"""Sentences with such a word that rank no row of the catalog, by words of theirs, and why."""


def with_rows(table: str, new: dict[str, dict[str, str]]) -> str:
    """Return a table of the catalog with more rows, whose sources are those of its first one."""
    text = files.read(table)
    (head, *_), first = csv.reader(io.StringIO(text)), files.rows(text)[0]
    written = io.StringIO()
    writer = csv.writer(written)
    for id, cells in new.items():
        given = {"id": id, "sources": first["sources"], **cells}
        writer.writerow([given.get(column.partition(" ")[0], "") for column in head])
    return f"{text.rstrip()}\n{written.getvalue()}"


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.:?])\s+|\n+", text)


def prose(chapter: str) -> list[str]:
    cells = json.loads((BOOK / f"{chapter}.ipynb").read_text("utf8"))["cells"]
    return [
        "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "markdown" and "remove-cell" not in cell["metadata"].get("tags", ())
    ]


def told_by(chapter: str, patch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return what the cells of a chapter tell its prose, run here and now."""
    found: dict[str, str] = {}
    patch.setattr(book, "glue", lambda **texts: found.update(texts))
    names: dict[str, Any] = {}
    for cell in json.loads((BOOK / f"{chapter}.ipynb").read_text("utf8"))["cells"]:
        source = "".join(cell["source"])
        # Questions are kept once they are made: other tests would meet what the new rows gave.
        if cell["cell_type"] == "code" and not source.startswith(
            ("figures.", "explorers.", "book.question(")
        ):
            exec(source, names)  # noqa: S102 (the book's own cells)
    return found


def captions() -> dict[str, str]:
    names = ("which_card", "imbalance_history", "utilization_against_batch")
    return {name: f"{(shown := getattr(figures, name)()).caption} {shown.alt}" for name in names}


@pytest.fixture(scope="module")
def changed() -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Return what the chapters' cells and figures say once the catalog has the new rows."""
    mutated = catalog.parse(
        {
            "accelerators.csv": with_rows("accelerators.csv", NEW_MACHINES),
            "models.csv": with_rows("models.csv", NEW_MODELS),
            "facts.csv": files.read("facts.csv").replace("3958e12", "3e15"),
        }
    )
    ledger = claims.parse(files.read("claims.toml"), mutated)
    used = [findings.Used("x", 100, 295, share) for share in (0.01, 0.5, 0.9)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "load", lambda: mutated)
        patch.setattr(claims, "load", lambda: ledger)
        patch.setattr(findings, "hundred_users", lambda: used)
        example.post.cache_clear()
        told = {chapter: told_by(chapter, patch) for chapter in CHAPTERS}, captions()
    example.post.cache_clear()
    return told


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_ranks_or_counts_changes_with_the_catalog(chapter: str, changed: Any) -> None:
    now, stale = changed[0][chapter], []
    assert set(marks.told("\n".join(prose(chapter)))) == set(now)
    for sentence in (each for text in prose(chapter) for each in sentences(text)):
        words = marks.MARK.sub(marks.shown, sentence)
        if not RANKS.search(words) or sentence.startswith("#"):
            continue
        moved = any(now[name] != said for name, said in marks.told(sentence).items())
        if not moved and not any(known in words for known in STAYS):
            stale.append(words)
    assert not stale, "these rank or count, and say the same with other rows:\n" + "\n".join(stale)


def test_every_exception_is_of_a_sentence_that_ranks() -> None:
    texts = [marks.MARK.sub(marks.shown, text) for chapter in CHAPTERS for text in prose(chapter)]
    whole = [each for text in texts for each in sentences(text) if RANKS.search(each)]
    lost = [known for known in STAYS if not any(known in sentence for sentence in whole)]
    assert not lost


@pytest.mark.parametrize("name", ["which_card", "imbalance_history"])
def test_a_caption_that_ranks_changes_with_the_catalog(name: str, changed: Any) -> None:
    assert captions()[name] != changed[1][name]


def test_notes_of_the_chapters_claims_rank_nothing_but_what_a_test_counts() -> None:
    counted = {"h100-flops"}  # of four rates, by the test below
    for claim in claims.load().claims.values():
        if claim.chapter in CHAPTERS and claim.id not in counted:
            found = RANKS.search(claim.note)
            assert not found, f"{claim.id}: {found[0]}"


def test_one_of_the_four_rates_rounds_to_the_post_s() -> None:
    shown = figures.which_card().data
    assert sum(shown["arithmetic_as_in_the_post"][:-1]) == 1
    assert len(shown["card"]) == 5


def test_users_that_models_with_experts_need_are_as_many_as_the_note_says() -> None:
    dense = claims.load()["users-needed"].recomputed_on_facts
    times = [each / dense for each in balance.sparse_batches("h100_sxm5").values()]
    said = "from a few times to more than a hundred times as many users"
    assert said in claims.load().claim("users-needed").note
    assert 2 < min(times) < 6
    assert 100 < max(times) < 150


def test_cards_of_the_h100_that_the_picture_leaves_out_state_no_arithmetic() -> None:
    cards = {id: chip for id, chip in catalog.load().accelerators.items() if "h100_" in id}
    stated = {id for id, chip in cards.items() if chip.has("peak_flops_8bit")}
    assert stated == {"h100_sxm5", "h100_pcie"}
    assert "h100_nvl" in cards


def test_whether_the_gap_grew_follows_nvidia_s_later_cards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = told_by("three-orders-of-magnitude", monkeypatch)
    h100 = catalog.load().accelerator("h100_sxm5")
    later = [
        chip.peak_flops_8bit / chip.memory_bandwidth
        for chip in catalog.load().accelerators.values()
        if chip.vendor == "NVIDIA" and chip.words.get("stacked_memory") == "yes"
        if chip.year > h100.year and chip.has("peak_flops_8bit", "memory_bandwidth")
    ]
    more = sum(each > 1.01 * h100.peak_flops_8bit / h100.memory_bandwidth for each in later)
    assert (told["more_8"], told["after_8"]) == (str(more), str(len(later)))
    assert more < len(later) / 2
    assert told["grown_8"] == "has hardly changed"


def test_newest_and_highest_are_read_off_the_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {bits: balance.ranked(bits)[0].chip.id for bits in balance.BITS}
    changed = catalog.parse({"accelerators.csv": with_rows("accelerators.csv", NEW_MACHINES)})
    monkeypatch.setattr(catalog, "load", lambda: changed)
    assert "fast_chip" not in before.values()
    for bits in balance.BITS:
        assert balance.ranked(bits)[0].chip.id == "fast_chip"
        assert balance.ranked(bits)[0].ridge == pytest.approx(10_000 * 16 / bits)
        assert balance.line(bits)[-1].chip.id == "fast_chip"
    assert [(each.chip.id, each.bits) for each in balance.newest()] == [("fast_chip", 4)]
    assert balance.newest()[0].batch == pytest.approx(40_000 * 0.5 / 2)


@pytest.mark.parametrize(
    "text",
    [
        "In 16 bits the ratio peaked with the H100.",
        "Only one of the four rounds to it.",
        "It is the newest machine.",
        "Most of them use less.",
    ],
)
def test_a_sentence_that_ranks_is_found(text: str) -> None:
    assert RANKS.search(text)
    assert not RANKS.search("A lone user pays at most 295 times as much, and at least 200.")
