"""Write down what a reader can have saved of an edition: `addresses.py SITE FOLDER`.

Run it once for each edition, when its site is built and before it is published, with FOLDER
tests/site/data: from then on test_links_live_on.py demands that all of it opens. Two files:

- `addresses-VERSION.txt`: each page with its anchors on one line, and then the other files that
  pages link to. An anchor is the id of a part of the text: a heading, claim, figure, equation,
  source, or row of a table. Left out are the ids of the theme, of inputs and buttons, of labels
  that only screen readers follow, and of the strokes within a figure, which change as it is drawn.
- `links-VERSION.json`: addresses that open an explorer in some state, and that state.
"""

from __future__ import annotations

import contextlib
import json
import random
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from inference_economics.algebra import InputError
from inference_economics_notebook.explorers import SPECS
from inference_economics_site import explorer_links
from inference_economics_site.addresses import DOWNLOADS
from inference_economics_site.editions import edition, listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inference_economics_notebook.explorers.spec import Field, Spec, State

ANCHOR = re.compile(
    r'<(?:article|section|figure|details|div|table|tr|li|dt|span)\b[^>]*?\sid="([^"]+)"'
)
FILE = re.compile(r'<a\b[^>]*?\shref="(?:\.\./)*([^":#?]+\.(?!html)\w+)"')
LINKS = {"sharing": 100, "users": 20, "chips": 25, "brain": 20, "flip": 35}
"""How many links of each explorer: enough for every preset and every input."""


def addresses(built: Path, about: edition.Edition) -> str:
    """Return every page with its anchors, and then every other file, a line each."""
    pages = []
    files = {"objects.inv", *(f"{DOWNLOADS}/{name.format(about)}" for name in listing.KINDS)}
    for path in sorted(built.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        article = text.partition('<article class="bd-article"')[2].rpartition("</article>")[0]
        pages.append(" ".join([path.relative_to(built).as_posix(), *ANCHOR.findall(article)]))
        files.update(FILE.findall(text))
    return "\n".join([*pages, *sorted(files)]) + "\n"


def saved(spec: Spec, count: int) -> dict[str, State]:
    """Return the states of so many links by their addresses.

    First those that the book itself links to, each preset, and each input changed; then several
    inputs and terms at once, always the same ones.
    """
    chosen = random.Random(spec.id)  # noqa: S311 (nothing secret)
    found: dict[str, State] = {}
    for state in _states(spec, chosen):
        found[explorer_links.address(spec, state)] = state
        if len(found) == count:
            break
    return found


def _states(spec: Spec, chosen: random.Random) -> Iterator[State]:
    yield from (each.state for each in explorer_links.load().values() if each.explorer == spec.id)
    yield from (spec.state(preset) for preset in spec.presets)
    for number, name in enumerate(spec.fields):
        having = [id for id, preset in spec.presets.items() if name in preset.values]
        yield _changed(spec, having[number % len(having)], [name], chosen)
    while True:
        preset = chosen.choice(list(spec.presets))
        names = list(spec.presets[preset].values)
        several = chosen.sample(names, chosen.randint(0 if spec.terms else 1, min(6, len(names))))
        off = [term for term in spec.terms if chosen.random() < 0.5]
        yield _changed(spec, preset, several, chosen, off=off)


def _changed(
    spec: Spec, preset: str, names: list[str], chosen: random.Random, off: list[str] | None = None
) -> State:
    """Return a preset's state with other values for some inputs, and maybe other terms."""
    given = spec.presets[preset].values
    values = {name: _other(spec.fields[name], given[name], chosen) for name in names}
    return spec.state(preset, off=off, **values)


def _other(field: Field, given: float | None, chosen: random.Random) -> float:
    """Return another value that an input may have: a stop of its slider, or one of many digits."""
    odd = (given or 1) * chosen.uniform(0.3, 3)
    tried = [round(odd) if field.whole else odd, 0.5, 2, 3]
    if field.stops:
        tried.insert(chosen.randint(0, 1), chosen.choice(field.stops))
    for value in tried:
        with contextlib.suppress(InputError):
            if value != given:
                return field.read(value)
    raise ValueError(f"{field.name} has no other value")


def states(version: str) -> str:
    """Return the links as JSON, a line each, and the presets that they start from."""
    starts, lines = {}, []
    for id, count in LINKS.items():
        spec = SPECS[id]()
        starts[id] = {
            name: {"values": dict(preset.values), "off": sorted(preset.off)}
            for name, preset in spec.presets.items()
        }
        for number, (address, state) in enumerate(saved(spec, count).items()):
            # The explorer on the front page takes the same addresses.
            front = id == "sharing" and number % 5 == 4
            values = spec.presets[state.preset].values
            lines.append({
                "link": re.sub(r"^[^?]+", "index.html", address) if front else address,
                "explorer": id,
                "preset": state.preset,
                "changed": {n: v for n, v in state.values.items() if v != values[n]},
                "off": sorted(state.off),
            })  # fmt: skip
    return (
        f'{{"version": {json.dumps(version)},\n"starts": {json.dumps(starts)},\n"links": [\n'
        + ",\n".join(json.dumps(line) for line in lines)
        + "\n]}\n"
    )


def main() -> None:
    """Write both files, and say how much is in them."""
    built, folder = Path(sys.argv[1]), Path(sys.argv[2])
    about = edition.read(Path(__file__).parents[1])
    for name, text in (
        (f"addresses-{about.version}.txt", addresses(built, about)),
        (f"links-{about.version}.json", states(about.version)),
    ):
        with (folder / name).open("x", encoding="utf-8") as file:  # never over what is published
            file.write(text)
        print(f"{name}: {text.count(chr(10))} lines, {len(text) / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
