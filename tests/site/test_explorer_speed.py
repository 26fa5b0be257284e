"""From moving a slider to a painted chart: within half a frame at sixty a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from explorer_pages import opened

from inference_economics.notebook.explorers import SPECS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LIMIT = 8.0  # milliseconds, at the 95th percentile
ROUNDS = 12  # at most; other programs only ever add, so each move counts with its quickest time

# A message posted within a frame's callbacks arrives after that frame has been painted.
MOVE = """async (root) => {
  const sliders = [...root.querySelectorAll(".ex-fields .ex-field:not([hidden]) .ex-slider")];
  const starts = sliders.map((slider) => slider.value);
  const channel = new MessageChannel();
  const times = [];
  const move = (slider, value) => {
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
  for (let k = 0; k < 160; k += 1) {
    const slider = sliders[k % sliders.length];
    await new Promise((painted) => requestAnimationFrame(() => {
      const start = performance.now();
      move(slider, Number(slider.value) + ((k * 7) % 13) - 6);
      channel.port2.onmessage = () => { times.push(performance.now() - start); painted(); };
      channel.port1.postMessage(0);
    }));
  }
  sliders.forEach((slider, k) => move(slider, starts[k]));
  return times;
}"""


@pytest.mark.timed
@pytest.mark.parametrize("id", SPECS)
def test_a_slider_repaints_within_half_a_frame(id: str, browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    root = opened(page, address, id)
    rounds: list[list[float]] = []
    found: list[float] = []
    while len(found) < ROUNDS and (not found or found[-1] > LIMIT):
        rounds.append(root.evaluate(MOVE))
        quickest = sorted(min(times) for times in zip(*rounds, strict=True))
        found.append(quickest[int(0.95 * len(quickest))])
    page.close()
    assert found[-1] <= LIMIT, found
