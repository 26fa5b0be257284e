"""What the tables of measurements say of rows that are not counted."""

from __future__ import annotations

import re
from html import unescape

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
