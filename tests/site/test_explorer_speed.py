"""From moving a slider to a painted chart: within half a frame at sixty a second.

A limit in milliseconds means nothing on a machine that is slower, or has less to spare, than the
one where it was set. So each move takes turns with a yardstick: a frame of fixed work, some script
and some text to lay out and paint. Where the yardstick takes longer than it took there, the limit
is longer in proportion; where it takes less, the limit stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from explorer_pages import opened
from thoroughly import THOROUGH

from inference_economics_notebook.explorers import SPECS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LIMIT = 8.0  # milliseconds, at the 95th percentile
# The explorer `sharing` of 1.5.0 took 7.9 ms where the limit was set, the middle of 6.6 to 9.2,
# and takes 1.3 times as long as the yardstick.
YARDSTICK = 6.1
SLOWEST = "sharing"
"""The explorer with most to compute and to paint, which stands for all without THOROUGH=1."""
# Other programs only ever add, so each move counts with its quickest time of some rounds.
FEWEST, ROUNDS = 3, 12

# A message posted within a frame's callbacks arrives after that frame has been painted.
MOVE = """async (root) => {
  const sliders = [...root.querySelectorAll(".ex-fields .ex-field:not([hidden]) .ex-slider")];
  const starts = sliders.map((slider) => slider.value);
  const channel = new MessageChannel();
  const moves = [];
  const yardsticks = [];
  const move = (slider, value) => {
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const board = document.createElement("div");
  board.style = "position: fixed; inset: auto 0 0 0; height: 60px; contain: strict";
  board.innerHTML = "<span>0</span> ".repeat(150);
  document.body.append(board);
  const yardstick = (k) => {
    for (let i = 0; i < 3000; i += 1) Number((k + Math.sqrt(i + k)).toExponential(14));
    for (const place of board.children) place.firstChild.data = String(1000 + k);
  };
  const painted = (times, work) => new Promise((done) => requestAnimationFrame(() => {
    const start = performance.now();
    work();
    channel.port2.onmessage = () => { times.push(performance.now() - start); done(); };
    channel.port1.postMessage(0);
  }));
  for (let k = 0; k < 80; k += 1) {
    const slider = sliders[k % sliders.length];
    await painted(moves, () => move(slider, Number(slider.value) + ((k * 7) % 13) - 6));
    await painted(yardsticks, () => yardstick(k));
  }
  board.remove();
  sliders.forEach((slider, k) => move(slider, starts[k]));
  return { moves, yardsticks };
}"""


def late(rounds: list[list[float]]) -> float:
    """Return the 95th percentile of the moves, each with its quickest time."""
    quickest = sorted(min(times) for times in zip(*rounds, strict=True))
    return quickest[int(0.95 * len(quickest))]


@pytest.mark.timed
@pytest.mark.parametrize("id", SPECS if THOROUGH else [SLOWEST])
def test_a_slider_repaints_within_half_a_frame(id: str, browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    root = opened(page, address, id)
    moves: list[list[float]] = []
    yardsticks: list[list[float]] = []
    found: list[tuple[float, float]] = []
    for number in range(1, ROUNDS + 1):
        times = root.evaluate(MOVE)
        moves.append(times["moves"])
        yardsticks.append(times["yardsticks"])
        taken, beside = late(moves), late(yardsticks)
        found.append((taken, beside))
        # More rounds make no move slower; but a yardstick's quickest time takes some of them.
        slower = max(1.0, beside / YARDSTICK) if number >= FEWEST else 1.0
        if taken <= LIMIT * slower:
            break
    page.close()
    taken, beside = found[-1]
    assert taken <= LIMIT * max(1.0, beside / YARDSTICK), found
