"""What the explorers show on the site is what the package computes."""

from __future__ import annotations

import random
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from explorer_pages import opened
from thoroughly import THOROUGH

from inference_economics.algebra import units
from inference_economics.algebra.formula import InputError
from inference_economics_notebook.explorers import SPECS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from inference_economics_notebook.explorers.spec import Field, Spec

SETTINGS = 1000 if THOROUGH else 200

# Type every value into its box, as a reader would, and read what comes out. The chart, which would
# be drawn after each, is tested elsewhere: where it has no room it is not drawn.
RUN = """async ([id, settings]) => {
  const root = document.querySelector(`#explorer-${id}`);
  root.querySelector(".ex-chart").style.display = "none";
  await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
  const told = (element) => element.dispatchEvent(new Event("change", { bubbles: true }));
  const pushed = history.pushState;
  history.pushState = () => {};  // a browser allows only so many in a minute
  const found = settings.map(({ preset, off, typed }) => {
    const select = root.querySelector("select");
    select.value = preset;
    told(select);
    for (const box of root.querySelectorAll("[data-term]"))
      if (box.checked === off.includes(box.dataset.term)) box.click();
    for (const [name, value] of Object.entries(typed)) {
      const box = root.querySelector(`[data-field="${name}"] .ex-box`);
      box.value = String(value);
      told(box);
    }
    const places = [...root.querySelectorAll("[data-output]")];
    const refused = root.querySelector("[data-sentence]").matches(".ex-refused");
    return [refused, Object.fromEntries(places.map((p) => [p.dataset.output, p.value]))];
  });
  history.pushState = pushed;
  return found;
}"""


def text(field: Field, value: float) -> str:
    """Write a value as one types it: in full, with the unit of the box."""
    names = units.spellings(field.shown_unit).items()
    one = next(name for name, times in names if times == 1)
    return (
        f"${value / field.factor!r}{one[1:]}"
        if one[:1] == "$"
        else f"{value / field.factor!r} {one}"
    )


def settings(spec: Spec, count: int) -> Iterator[dict[str, Any]]:
    """Give random states: a preset, some terms, and inputs on their sliders or near the preset."""
    chance = random.Random(spec.id)  # noqa: S311
    for _ in range(count):
        preset = chance.choice(list(spec.presets))
        meant: dict[str, float] = {}
        for field in spec.fields.values():
            start = spec.presets[preset].values.get(field.name)
            if field.name not in spec.presets[preset].values or chance.random() < 0.5:
                continue
            if field.stops:
                value = chance.choice(field.stops) * (1 if field.whole else chance.uniform(0.9, 1))
            elif not start:
                value = chance.choice([0.0, 0.5, 1.0, 2.0])
            else:
                value = start * chance.choice([0.5, 1.0, 1.0, 1.0, 2.0])
            with suppress(InputError):
                meant[field.name] = field.read(value)
        off = [term for term in spec.terms if chance.random() < 0.5]
        typed = {name: text(spec.fields[name], value) for name, value in meant.items()}
        yield {"preset": preset, "off": off, "meant": meant, "typed": typed}


@pytest.mark.parametrize("id", SPECS)
def test_what_comes_out_is_what_the_package_computes(
    id: str, browser: Browser, address: str
) -> None:
    spec = SPECS[id]()
    asked = list(settings(spec, SETTINGS))
    page = browser.new_page()
    opened(page, address, id)
    shown = page.evaluate(RUN, [id, asked])
    page.close()
    served = 0
    for setting, (refused, found) in zip(asked, shown, strict=True):
        state = spec.state(setting["preset"], off=setting["off"], **setting["meant"])
        results = spec.results(state)
        assert refused == bool(results.refusal), (setting, results.refusal)
        wanted = {n: v for n, v in results.numbers.items() if v is not None}
        numbers = {name: float(value) for name, value in found.items() if value}
        assert numbers == pytest.approx(wanted, rel=1e-9, abs=1e-15), setting
        served += len(wanted) > 4
    assert served > SETTINGS / 4, "too few of the settings can be"
