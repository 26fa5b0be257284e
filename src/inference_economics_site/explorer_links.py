"""Addresses that open an explorer in a given state, and the state that shows a claim's figure."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from inference_economics import uncertainty
from inference_economics_notebook.explorers import SPECS
from inference_economics_notebook.explorers.spec import LINK_VERSION

if TYPE_CHECKING:
    from inference_economics_notebook.explorers.spec import Spec, State

RECORDS = Path(__file__).with_suffix(".toml")
PAGES = {
    "sharing": "sharing-the-weights",
    "users": "how-many-users",
    "chips": "a-model-in-silicon",
    "brain": "the-brains-memory",
    "flip": "how-sure-are-we",
}
"""The page on which each explorer stands; that of decode steps stands on the front page too."""


@dataclass(frozen=True)
class Link:
    """A state of an explorer that shows a claim's figure.

    Attributes:
        explorer: the explorer's id.
        state: the state.
        figure: the input or the output that is the claim's figure.
        shows: which of the claim's figures it is: stated, recomputed, or on facts.

    """

    explorer: str
    state: State
    figure: str
    shows: str

    @property
    def address(self) -> str:
        """Where the state opens, from the site's root."""
        return address(SPECS[self.explorer](), self.state)


def address(spec: Spec, state: State) -> str:
    """Return the address, from the site's root, that opens an explorer in a state."""
    if spec.id not in PAGES:
        raise LookupError(
            f"the explorer {spec.id} stands on no page: name it in explorer_links.PAGES"
        )
    return f"{PAGES[spec.id]}.html?{spec.id}={encoded(spec, state)}#explorer-{spec.id}"


def encoded(spec: Spec, state: State) -> str:
    """Return a state as the explorers' scripts write it into an address, and read it."""
    preset = spec.presets[state.preset]
    changed = [
        f"~{name}:{_plain(value)}"
        for name, value in state.values.items()
        if value is not None and value != preset.values[name]
    ]
    off = f"~off:{'.'.join(sorted(state.off))}" if state.off != preset.off else ""
    return f"{LINK_VERSION}~{state.preset}.{preset.stamp}{''.join(changed)}{off}"


def _plain(value: float) -> str:
    """Return a number without a plus sign, which an address would turn into a blank."""
    return repr(int(value) if value == int(value) else value).replace("+", "")


@cache
def load() -> dict[str, Link]:
    """Return the link of each claim that has one, read once.

    Raises InputError for an explorer's input, preset or value that cannot be.
    """
    found = {}
    for id, record in tomllib.loads(RECORDS.read_text(encoding="utf-8")).items():
        state = SPECS[record["explorer"]]().state(record["preset"], **record.get("with", {}))
        found[id] = Link(record["explorer"], state, record["figure"], record["is"])
    return found


def flips(claim: str) -> dict[str, str]:
    """Return the conclusions that are about a claim, in words, and where to turn each of them.

    They are those whose threshold is its figure; if there are none, the first of each headline
    that names it.
    """
    spec = SPECS["flip"]()
    every = [
        (number, conclusion, headline)
        for headline in uncertainty.load().values()
        if claim in headline.stated
        for number, conclusion in enumerate(headline.conclusions, start=1)
    ]
    own = [each for each in every if each[1].threshold_from == f"claim:{claim}"]
    return {
        conclusion.says: address(spec, spec.state(f"{headline.id}-{number}"))
        for number, conclusion, headline in own or [each for each in every if each[0] == 1]
    }
