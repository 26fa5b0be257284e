"""What the tables of measurements say of rows that are not counted."""

from __future__ import annotations

import re
from html import unescape

import pytest

from inference_economics.evidence import validation
from inference_economics_notebook import evidence_tables


def test_every_row_that_is_not_counted_names_a_reason_of_the_list() -> None:
    reasons = {line.rsplit(": ", 1)[0] for line in evidence_tables.uncounted().text.splitlines()}
    groups = re.findall(r"<dt>(.*?)</dt>", unescape(evidence_tables.measurements().markup))
    left_out = [re.split(r"; shown; |, not counted; ", group) for group in groups]
    named = {parts[1].split("; ")[0] for parts in left_out if len(parts) > 1}
    assert named == reasons


def test_a_row_whose_caches_do_not_fit_is_not_predicted() -> None:
    own = validation.own()
    lost = [place for place, why in own.refused.items() if "does not fit" in why]
    assert lost
    assert not set(lost) & set(own.places)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("the batch does not fit: 9 GB (of 8)", "caches do not fit into the memory"),
        ("context_tokens: needed, or both", "length of the context not stated"),
        ("no source states peak_flops of x", "a figure of the machine is stated by no source"),
        ("nodes have 8 (say TP and PP) (or stages)", "nodes have 8"),
        ("a reason of its own", "a reason of its own"),
    ],
)
def test_a_refusal_is_told_in_a_readers_words(reason: str, said: str) -> None:
    row = {"split": "fit", "notes": ""}
    assert evidence_tables._why(row, reason) == said


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("PP4", "layers in 4 groups (pipeline stages)"),
        ("called Llama-3; PP4", "called Llama-3 there"),
        ("a kernel, not a model", "only a kernel was timed, not a model"),
        ("a note of its own; and more", "a note of its own"),
    ],
)
def test_a_row_that_is_only_shown_is_told_by_its_first_note(note: str, said: str) -> None:
    assert evidence_tables._why({"split": "shown", "notes": note}, "refused, too") == said


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.123, "+12%"), (-0.123, "\N{MINUS SIGN}12%"), (0.004, "0%"), (-0.004, "0%"),
        (0.006, "+1%"), (1.5, "+150%"), (0.0, "0%"),
    ],
)  # fmt: skip
def test_a_share_that_is_off_has_its_sign(share: float, shown: str) -> None:
    assert evidence_tables._signed(share) == shown
