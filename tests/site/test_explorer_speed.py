"""From moving a slider to a painted chart: within half a frame at sixty a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from explorer_pages import opened

from inference_economics.explorers import SPECS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LIMIT = 8.0  # milliseconds, at the 95th percentile
ROUNDS = 12  # other programs on the machine only ever add: one quick round is enough

# A message posted within a frame's callbacks arrives after that frame has been painted.
MOVE = """async (root) => {
  const sliders = [...root.querySelectorAll(".ex-fields .ex-field:not([hidden]) .ex-slider")];
  const channel = new MessageChannel();
  const times = [];
  for (let k = 0; k < 160; k += 1) {
    const slider = sliders[k % sliders.length];
    await new Promise((painted) => requestAnimationFrame(() => {
      const start = performance.now();
      slider.value = Number(slider.value) + ((k * 7) % 13) - 6;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      channel.port2.onmessage = () => { times.push(performance.now() - start); painted(); };
      channel.port1.postMessage(0);
    }));
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.95)];
}"""


@pytest.mark.timed
@pytest.mark.parametrize("id", SPECS)
def test_a_slider_repaints_within_half_a_frame(id: str, browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    root = opened(page, address, id)
    found: list[float] = []
    while len(found) < ROUNDS and (not found or found[-1] > LIMIT):
        found.append(root.evaluate(MOVE))
    page.close()
    assert found[-1] <= LIMIT, found
