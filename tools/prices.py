"""Take the price tables of the book from a clone of models.dev.

    python tools/prices.py CLONE

CLONE is a git clone of https://github.com/anomalyco/models.dev with its history. Which models are
taken, at which dates hosts are counted and who counts as a host stand in `prices.toml` beside
this file. `prices.csv` and `hosts.csv` of the package's data are written anew.
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import tarfile
import tomllib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from inference_economics.facts import files, prices

if TYPE_CHECKING:
    from collections.abc import Iterator

CHOICES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
OTHERS = re.compile(r"free|flex|cheaper|thinking|-exp|speciale|distill|abliterated|shisa")
"""What a name has where another model, or another bargain than tokens at once, is listed."""


class Listed(NamedTuple):
    """One listing: who sells, the listing's name, and dollars per million tokens."""

    provider: str
    name: str
    cost: dict[str, Any]


def git(clone: Path, *arguments: str) -> bytes:
    """Return what git prints."""
    return subprocess.run(["git", "-C", clone, *arguments], check=True, capture_output=True).stdout  # noqa: S607


def commit_at(clone: Path, date: str) -> str:
    """Return the last commit before a day begins."""
    return git(clone, "rev-list", "-1", f"--before={date} 00:00 +0000", "HEAD").decode().strip()


def listings(clone: Path, commit: str) -> Iterator[Listed]:
    """Yield every priced listing of a commit."""
    packed = git(clone, "archive", commit, "providers")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            path = re.fullmatch(r"providers/([^/]+)/models/(.+)\.toml", member.name)
            found = archive.extractfile(member) if path and member.isfile() else None
            if path and found:
                cost = tomllib.loads(found.read().decode()).get("cost", {})
                if cost.get("input") and cost.get("output"):
                    yield Listed(path[1], path[2].lower(), cost)


def kind(provider: str, developer: str) -> str:
    """Return what a provider is to a model."""
    kinds = (name for name, members in CHOICES["kinds"].items() if provider in members)
    return next(kinds, "developer" if provider == developer else "host")


def offers(listed: list[Listed]) -> list[prices.Offer]:
    """Return the cheapest listing of each model of each who serves it."""
    found: dict[tuple[str, str], prices.Offer] = {}
    for model, chosen in CHOICES["models"].items():
        for provider, name, cost in listed:
            if not re.search(chosen["is"], name.replace("_", "-")) or OTHERS.search(name):
                continue
            seller = CHOICES["same"].get(provider, provider)
            figures = (cost["input"], cost["output"], cost.get("cache_read") or None)
            offer = prices.Offer(model, seller, kind(seller, chosen["by"]), *figures)
            if offer.kind not in prices.KINDS:
                continue
            known = found.get((model, seller))
            if known is None or offer.output < known.output:
                found[model, seller] = offer
    return sorted(found.values(), key=lambda each: (each.model, each.kind, each.seller))


def counted(listed: list[Listed]) -> dict[str, int]:
    """Return how many serve each model, and under `prices.ALL` how many sell tokens at all."""
    sellers = {CHOICES["same"].get(each.provider, each.provider) for each in listed}
    selling = sum(kind(name, name) in prices.KINDS for name in sellers)
    return {prices.ALL: selling, **Counter(each.model for each in offers(listed))}


def main() -> None:
    """Read the clone and write both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clone", type=Path)
    clone = parser.parse_args().clone
    listed = {date: list(listings(clone, commit_at(clone, date))) for date in CHOICES["dates"]}
    counts = [(date, *each) for date, found in listed.items() for each in counted(found).items()]
    last = offers(listed[CHOICES["dates"][-1]])
    tables = {
        prices.FILE: files.as_csv(prices.Offer._fields, last),
        prices.COUNTS: files.as_csv(("date", "model", "hosts"), counts),
    }
    for name, text in tables.items():
        Path(str(files.FOLDER / name)).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
