"""The ledger agrees with the same sums done by hand, claim by claim."""

from __future__ import annotations

import pytest
from alike import with_each
from by_hand import CLAIMS, POST_HIDDEN
from ledger_checks import disagreements

from inference_economics.ledger import claims


def test_every_claim_is_worked_by_hand() -> None:
    known = list(claims.load().claims)
    missing = [id for id in known if id not in CLAIMS]
    assert not missing, f"tests/by_hand.py: CLAIMS has no {', '.join(missing)}: work it by hand"
    lost = [id for id in CLAIMS if id not in known]
    assert not lost, f"tests/by_hand.py: claims.toml has no {', '.join(lost)}"
    assert list(CLAIMS) == known, "tests/by_hand.py: CLAIMS has not the order of claims.toml"


@with_each("claim", CLAIMS)
def test_the_ledger_says_what_the_sum_by_hand_says(claim: str) -> None:
    assert disagreements(claims.load(), claim) == []


def test_the_caches_of_almost_one_more_user_fit() -> None:
    """As the note on the batch of a hundred says."""
    fit = 320e9 / (2000 * POST_HIDDEN * 20)
    assert claims.load()["batch-hundred"].recomputed_on_facts == fit // 1
    assert fit % 1 > 0.9


def test_a_life_of_pictures_fits_by_little() -> None:
    """As the note on everything that was perceived says: by six percent, and by our inputs."""
    lasts = claims.load()["everything-perceived"].recomputed_on_facts or 0
    assert round(lasts / 60, 2) == 1.06
    assert lasts < 70  # a longer life does not fit,
    assert lasts / 2 / (1 - 2 / 5) < 60  # and weaker compression is not enough,
    assert lasts / 2 < 60  # not to speak of none


def test_the_headline_numbers() -> None:
    ledger = claims.load()
    assert ledger["imbalance"].recomputed == pytest.approx(1000)
    assert round(ledger["imbalance"].recomputed_on_facts or 0) == 591
    # 0.2% is one five-hundredth: the post's later thousand should have been five hundred ...
    assert ledger["utilization-alone"].recomputed == pytest.approx(100 / 500)
    for later in ("thousand-times-cost", "users-needed"):
        assert ledger[later].recomputed == pytest.approx(500)
        assert ledger[later].factor == pytest.approx(2)
        assert round(ledger[later].recomputed_on_facts or 0) == 295
    # ... and with it 144K would have been 72K.
    user_base, users = ledger["user-base"].recomputed, ledger["users-needed"].recomputed
    assert (user_base or 0) * (users or 0) / 1000 == pytest.approx(72_000)
