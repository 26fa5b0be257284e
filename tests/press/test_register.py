"""The register: ids that stay, and figures that cannot change unnoticed."""

from __future__ import annotations

import hashlib
import re
import runpy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import inference_economics
from inference_economics.ledger import claims
from inference_economics_site import register

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[2]
FIRST_EDITION = 104
# Of the ids of the first edition, in the order of their numbers. It never changes.
FIRST_IDS = "861680328ee51726"


def test_the_register_is_up_to_date() -> None:
    """Every claim is in it with its present figures, and no other is, but those retired."""
    now = inference_economics.__version__
    expected = register.updated(register.load(), claims.load(), now, inference_economics.__date__)
    changed = [id for id in expected if expected[id] != register.load().get(id)]
    assert changed == [], (
        f"`make register` records {', '.join(changed)}; the changelog names the changed figures"
    )


def test_no_id_of_the_first_edition_is_lost() -> None:
    ids = list(register.load())[:FIRST_EDITION]
    assert hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16] == FIRST_IDS


def unnamed(entries: Iterable[register.Entry], changelog: str) -> list[str]:
    """Return the ids whose change is not named under the version in which it was made."""
    versions = dict(
        re.findall(r"^## (\S+) \([^)]*\)\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    )
    return [
        entry.id
        for entry in entries
        if not {entry.added, entry.changed} <= versions.keys()
        or (entry.changed != entry.added and f"`{entry.id}`" not in versions[entry.changed])
    ]


def test_every_change_is_in_the_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    missing = unnamed(register.load().values(), text)
    assert not missing, f"CHANGELOG.md does not name the changed figures of {missing}"


def test_a_table_of_the_changelog_names_each_headline_once() -> None:
    """Of two rows with one name, one is stale."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        named = [row.split(" | ")[0] for row in table.splitlines()]
        assert sorted(named) == sorted(set(named))


@pytest.mark.parametrize(
    ("added", "changed", "told"),
    [
        ("1.0.0", "1.0.0", True),
        ("1.0.0", "1.1.0", True),  # as the second version below says
        ("1.0.0", "1.2.0", False),
        ("1.0.0", "1.3.0", False),
        ("0.9.0", "1.1.0", False),
    ],
)
def test_a_change_that_the_changelog_does_not_name_is_found(
    added: str, changed: str, *, told: bool
) -> None:
    text = "# Changes\n\n## 1.2.0 (2026)\n\nNo figure.\n\n## 1.1.0 (2026)\n\n`user-base`\n\n"
    entry = replace(register.load()["user-base"], added=added, changed=changed)
    assert unnamed([entry], f"{text}## 1.0.0 (2026)\n\nAll.\n") == ([] if told else ["user-base"])


def test_dates_and_versions_agree() -> None:
    """The package, the changelog and the citation file name one version and one date."""
    version, date = inference_economics.__version__, inference_economics.__date__
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (.+)$", changelog, re.MULTILINE)[1] == f"{version} ({date})"
    cff = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {version}\n" in cff
    assert f"\ndate-released: {date}\n" in cff


@pytest.mark.parametrize("before", ["1 user", "900 users"])  # on both sides, also as texts
def test_a_changed_figure_is_noticed(before: str) -> None:
    entries = register.load()
    stale = {**entries, "users-needed": replace(entries["users-needed"], recomputed=before)}
    found = register.updated(stale, claims.load(), "9.0.0", "2030-01-02")["users-needed"]
    assert (found.added, found.changed, found.changed_on) == ("1.0.0", "9.0.0", "2030-01-02")
    assert found.cells == entries["users-needed"].cells
    assert found.number == entries["users-needed"].number


def test_a_new_claim_gets_the_next_number_and_a_lost_one_is_retired() -> None:
    entries = dict(register.load())
    last = entries.pop("thousandfold-compute")
    gone = replace(next(iter(entries.values())), number=len(entries) + 1, id="gone")
    found = register.updated({**entries, "gone": gone}, claims.load(), "9.0.0", "2030-01-02")
    assert found["thousandfold-compute"].number == len(entries) + 2
    assert found["thousandfold-compute"].added == "9.0.0"
    assert found["thousandfold-compute"].cells == last.cells
    assert found["gone"].retired == "9.0.0"


def test_a_retired_id_is_never_used_again() -> None:
    entries = register.load()
    old = {**entries, "users-needed": replace(entries["users-needed"], retired="1.1.0")}
    with pytest.raises(register.RegisterError, match=r"users-needed.*retired in 1\.1\.0"):
        register.updated(old, claims.load(), "9.0.0", "2030-01-02")


@pytest.mark.parametrize(
    ("old", "new"), [("\n2,", "\n3,"), ("\n2,name-of-a-chip", "\n2,karma")], ids=["number", "id"]
)
def test_a_damaged_register_is_refused(old: str, new: str) -> None:
    with pytest.raises(register.RegisterError, match="line 2 of the register"):
        register.parse(register.text(register.load()).replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\n1,", "\none,", "line 1 .* must have a number and id, added"),
        ("number,id", "no,id", "first line .* must be number,id,added"),
    ],
)
def test_a_line_that_lacks_something_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(register.RegisterError, match=said):
        register.parse(register.text(register.load()).replace(old, new, 1))


@pytest.mark.parametrize("damage", [b"\xff\xfe", b"number,id\n1,a-claim\n", b"\0", b"{}\n{}"])
def test_a_damaged_file_is_told_in_a_sentence(
    damage: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    damaged = tmp_path / register.FILE.name
    damaged.write_bytes(damage)
    monkeypatch.setattr(register, "FILE", damaged)
    register.load.cache_clear()
    try:
        with pytest.raises(SystemExit) as ended:
            runpy.run_module("register", run_name="__main__")
    finally:
        register.load.cache_clear()
    assert "register" in str(ended.value.code)
    assert capsys.readouterr().out == ""


def test_a_claim_that_is_not_registered_says_how_it_will_be() -> None:
    with pytest.raises(register.RegisterError, match=r"claim new is not in .*: `make register`"):
        _ = register.load()["new"]


def test_the_file_is_what_is_written() -> None:
    assert register.text(register.load()) == register.FILE.read_text(encoding="utf-8")
