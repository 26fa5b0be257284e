"""The register of claims: permanent ids, and when each claim's figures last changed.

`register.csv` has a line for every claim that the ledger ever had. A line is never removed
and its number never reused; a claim that is given up keeps its line, marked as retired.
"""

from __future__ import annotations

import csv
from dataclasses import astuple, dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from inference_economics.facts import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inference_economics.ledger import claims

FILE = Path(__file__).with_name("register.csv")
CELLS = ("stated", "recomputed", "on_facts", "verdict")


class RegisterError(ValueError):
    """The register is damaged, or the ledger uses an id that was retired."""


@dataclass(frozen=True)
class Entry:
    """A line of the register.

    Attributes:
        number: 1 for the first claim registered, and on without a gap.
        id: the claim's permanent name.
        added, changed: the versions of the book in which the claim appeared, and in which one
            of its figures last changed.
        changed_on: that version's date, as in 2026-11-23.
        retired: the version that gave the claim up; empty while the ledger has it.
        stated, recomputed, on_facts, verdict: the figures as the book shows them.

    """

    number: int
    id: str
    added: str
    changed: str
    changed_on: str
    retired: str
    stated: str
    recomputed: str
    on_facts: str
    verdict: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The figures, in the order of `CELLS`."""
        return tuple(getattr(self, name) for name in CELLS)


COLUMNS = tuple(field.name for field in fields(Entry))


class Register(dict[str, Entry]):
    """The lines of a register under their claims' ids."""

    def __missing__(self, id: str) -> Entry:
        """Say how a claim gets its line."""
        raise RegisterError(f"claim {id} is not in the register: `make register` adds it")


def cells(result: claims.Result) -> tuple[str, str, str, str]:
    """Return what the book shows of a claim: stated, recomputed, on facts, verdict."""
    return (
        result.claim.written,
        result.shown(result.recomputed),
        result.shown(result.recomputed_on_facts),
        result.verdict,
    )


def parse(text: str) -> Register:
    """Return the register of a file's text.

    Raises RegisterError where the first line does not name the columns, where a line lacks a
    cell, where numbers do not rise by one from 1, and where an id comes twice.
    """
    found = Register()
    if not text.startswith(",".join(COLUMNS)):
        raise RegisterError(f"the first line of the register must be {','.join(COLUMNS)}")
    for row in files.rows(text):
        if set(row) != set(COLUMNS) or None in row.values() or not row["number"].isdecimal():
            raise RegisterError(
                f"line {len(found) + 1} of the register must have a number and "
                f"{', '.join(COLUMNS[1:])}"
            )
        entry = Entry(int(row.pop("number")), **row)
        if entry.number != len(found) + 1 or entry.id in found:
            raise RegisterError(
                f"line {len(found) + 1} of the register is number {entry.number}, {entry.id}: "
                "numbers rise by one, and no id comes twice"
            )
        found[entry.id] = entry
    return found


def updated(
    register: Mapping[str, Entry], ledger: Iterable[claims.Result], version: str, date: str
) -> dict[str, Entry]:
    """Return the register as it must be for a ledger.

    What is new or changed is put down to `version` and its `date`, as in 2026-11-23. Raises
    RegisterError where the ledger has an id that was retired.
    """
    found, results = dict(register), {result.claim.id: result for result in ledger}
    for id, result in results.items():
        now, entry = cells(result), found.get(id)
        if entry is None:
            found[id] = Entry(len(found) + 1, id, version, version, date, "", *now)
        elif entry.retired:
            raise RegisterError(f"claim {id}: this id was retired in {entry.retired}; take another")
        elif entry.cells != now:
            found[id] = Entry(entry.number, id, entry.added, version, date, "", *now)
    for id in found.keys() - results.keys():
        found[id] = replace(found[id], retired=found[id].retired or version)
    return found


def text(register: Mapping[str, Entry]) -> str:
    """Return a register as its file has it."""
    return files.as_csv(COLUMNS, map(astuple, register.values()))


@cache
def load() -> Register:
    """Return the register, read once; RegisterError where its file is damaged."""
    try:
        return parse(FILE.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, csv.Error) as error:
        raise RegisterError(f"the register is no CSV ({error})") from None
