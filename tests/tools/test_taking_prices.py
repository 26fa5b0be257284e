"""What is taken from a clone of the price files, and who counts as a host."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import prices as tool
import pytest

from inference_economics.facts import prices

if TYPE_CHECKING:
    from pathlib import Path

LISTED = {
    "moonshotai/models/kimi-k2.6": (0.95, 4.0),
    "moonshotai-cn/models/kimi-k2.6": (0.95, 4.0),  # the same company
    "togetherai/models/moonshotai/Kimi-K2.6": (1.2, 4.5),
    "togetherai/models/moonshotai/Kimi-K2.6-Fast": (2.4, 9.0),  # dearer: not its price
    "fireworks-ai/models/accounts/kimi-k2p6": (0.9, 3.9),
    "neuralwatt/models/kimi-k2.6-flex": (0.3, 1.6),  # another bargain
    "nvidia/models/moonshotai/kimi-k2.6": (0, 0),  # no price
    "openrouter/models/moonshotai/kimi-k2.6": (0.5, 3.0),  # a router
    "baseten/models/moonshotai/Kimi-K2-Thinking": (1, 2),  # another model
}


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=nobody", "-c", "user.email=nobody"]
    subprocess.run(["git", "-C", folder, *who, *arguments], check=True, capture_output=True)  # noqa: S607


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> list[tool.Listed]:
    clone = tmp_path_factory.mktemp("clone")
    for name, (read, written) in LISTED.items():
        path = clone / "providers" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"[cost]\ninput = {read}\noutput = {written}\n", encoding="utf-8")
    (clone / "providers/togetherai/provider.toml").write_text('name = "T"\n', encoding="utf-8")
    (clone / "providers/vercel").mkdir()
    (clone / "providers/vercel/models").symlink_to("../openrouter/models")
    git(clone, "init", "-q")
    git(clone, "add", ".")
    git(clone, "commit", "-q", "-m", "All", "--date", "2026-01-01T00:00:00+0000")
    return list(tool.listings(clone, "HEAD"))


def test_each_host_has_its_cheapest_price_once(listed: list[tool.Listed]) -> None:
    assert tool.offers(listed) == [
        prices.Offer("Kimi K2.6", "moonshotai", "developer", 0.95, 4.0, None),
        prices.Offer("Kimi K2.6", "fireworks-ai", "host", 0.9, 3.9, None),
        prices.Offer("Kimi K2.6", "togetherai", "host", 1.2, 4.5, None),
    ]


def test_hosts_are_counted_without_routers(listed: list[tool.Listed]) -> None:
    # Moonshot, Together, Fireworks, Neuralwatt and Baseten sell tokens; three of them these.
    assert tool.counted(listed) == {prices.ALL: 5, "Kimi K2.6": 3}
