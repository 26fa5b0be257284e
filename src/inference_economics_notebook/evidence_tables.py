"""The evidence as tables for the pages: what is fitted, and every measurement with its residual."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING

from inference_economics.algebra import symbols, units
from inference_economics.evidence import validation
from inference_economics.facts import calibration, catalog, load_calibration, sourced
from inference_economics.facts.calibration import ANY, PARAMETERS
from inference_economics.serving import fleet

from .markup import Html, element, escape, folded, items, link, row, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from inference_economics.evidence.validation import Errors
    from inference_economics.facts.calibration import Calibration
    from inference_economics.facts.catalog import Record

_SENT = "requests sent are stated, not those run at once"
_NOTES = {
    "caches do not hold the batch": "probably too many caches for the memory",
    "requests sent, not run at once": _SENT,
    "concurrency, not batch": _SENT,
    "the batch is what others concluded": "batch concluded by others, not published",
    "computed from a trace, routing balanced": "computed from a trace, experts evenly used",
    "a kernel, not a model": "only a kernel was timed, not a model",
}
"""Notes of measurements in a reader's words, where those differ."""
_UNSIGNED = {
    "prefill_share": (
        "share of the peak arithmetic rate that kernels achieve in a prompt",
        "fraction",
    ),
    "sparse_prefill": ("the same of a model with experts, as a share of that", "fraction"),
    "sparse_layer": ("fixed time of a layer with experts, over that of another", "dimensionless"),
    "link_share": ("share of the bandwidth between accelerators that is reached", "fraction"),
}
"""What is fitted and stands in no equation under its own name: its meaning and its unit."""


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose cells are markup."""
    return table(head, (row(*each, headed=True) for each in rows), css="evidence", caption=caption)


def _points(points: Iterable[str]) -> str:
    """Return a list that runs on in the line."""
    return items(points, css="points")


def plain(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Html:
    """Return a table of texts."""
    kept = [tuple(row) for row in rows]
    markup = _table(caption, head, [tuple(map(escape, row)) for row in kept])
    return Html(markup, "\n".join(", ".join(row) for row in kept))


def fitted() -> Html:
    """Return the fitted parameters: each kind's value with its 90% interval."""
    moved = validation.sensitivities()
    more = {each.name: percent(moved[each.name]) for each in PARAMETERS}
    caption = "Fitted values, with their 90% intervals"
    return _fitted(calibration.load(), caption, "10% worse: step longer by", more)


def fitted_to_services() -> Html:
    """Return the values of a service: those of each kind, and the most that each may be."""
    caption = "Values fitted to services, with their 90% intervals"
    most = {
        each.name: units.show(each.most, "fraction", 2)
        if _meaning(each.name)[1] == "fraction"
        else ""
        for each in load_calibration.PARAMETERS
    }
    return _fitted(load_calibration.load(), caption, "at most", most)


def _fitted(found: Calibration, caption: str, last: str, more: Mapping[str, str]) -> Html:
    """Return fitted values by their kinds, with one more column of each."""
    lines, rows = [], []
    for name, said in more.items():
        meaning, unit = _meaning(name)
        points = []
        for each in found.own_values():
            if each.parameter != name:
                continue
            value, low, high = (units.show(x, unit, 2) for x in (each.value, each.low, each.high))
            group = load_calibration.ENGINE_NAMES.get(each.group, each.group)
            kind = "" if group == ANY else f"{group}: "
            points.append(f"{kind}{element('b', value)} ({low} to {high})")
            lines.append(f"{name}, {each.group}: {value} ({low} to {high})")
        rows.append((escape(meaning), _points(points), said))
        lines.append(f"{name}, {last.partition(':')[0]}: {said}")
    return Html(_table(caption, ("what", "by kind", last), rows), "\n".join(lines))


def _meaning(name: str) -> tuple[str, str]:
    """Return what a fitted value is, and its unit."""
    line = symbols.GLOSSARY.get(name)
    return (line.meaning, line.unit) if line else _UNSIGNED[name]


def errors(
    named: Iterable[tuple[str, Errors]], caption: str = "Errors of the predicted time"
) -> Html:
    """Return errors over several sets of measurements."""
    rows, lines = [], []
    for name, each in named:
        inside = "" if each.covered is None else percent(each.covered)
        cells = (str(each.count), percent(each.mean), percent(each.median), _signed(each.bias))
        rows.append((escape(name), *cells, inside))
        lines.append(f"{name}: {', '.join(cells)}, {inside}")
    head = ("measurements", "rows", "mean error", "median", "bias (+: too long)", "in 90% interval")
    return Html(_table(caption, head, rows), "\n".join(lines))


def fleets() -> Html:
    """Return what two published fleets do, beside what is predicted: see `fleet.OVERLAP`."""
    rate = "token/second"
    rows = (
        ("DeepSeek, tokens taken in per node and second, cached ones included",
         sourced("deepseek_fleet_prefill_throughput", rate), fleet.read_per_node()),
        ("DeepSeek, tokens written per node and second",
         sourced("deepseek_fleet_decode_throughput", rate), fleet.written_per_node()),
        ("DeepSeek, nodes that read and write, day's mean",
         sourced("deepseek_fleet_nodes_mean", "dimensionless"), sum(fleet.nodes())),
        ("SGLang on 72 H100, tokens written per node and second (no test: it settled a choice)",
         sourced("sglang_h100_node_throughput", rate), fleet.written_on_h100()),
    )  # fmt: skip
    cells = [
        (name, units.show(said, "dimensionless"), units.show(ours, "dimensionless"),
         _signed(ours / said - 1))
        for name, said, ours in rows
    ]  # fmt: skip
    return plain("Two fleets, predicted", ("what", "published", "predicted", "off by"), cells)


def percent(share: float) -> str:
    """Return a share in percent, to two digits."""
    return units.show(share, "fraction", 2)


def _signed(share: float) -> str:
    return f"{round(share, 2) or 0.0:+.0%}".replace("+0%", "0%").replace("-", "\N{MINUS SIGN}")


def _why(row: Mapping[str, str], refused: str) -> str:
    """Return why a row is not counted, in a reader's words."""
    if row["split"] == "shown":
        return _noted(row["notes"].split("; ", maxsplit=1)[0])
    return _plainly(refused)


def _plainly(reason: str) -> str:
    """Return why a row cannot be predicted, in a reader's words."""
    if "does not fit" in reason:
        return "caches do not fit into the memory"
    if "context_tokens: needed" in reason:
        return "length of the context not stated"
    if "no source states" in reason:
        return "a figure of the machine is stated by no source"
    return reason.split(" (", maxsplit=1)[0]


def _noted(note: str) -> str:
    """Return a note of a measurement in a reader's words."""
    if note.startswith("PP"):
        return f"layers in {note.removeprefix('PP')} groups (pipeline stages)"
    if note.startswith("called "):
        return f"{note} there"
    return _NOTES.get(note, note)


def uncounted() -> Html:
    """Return how many measurements are shown without being counted, by reason."""
    own = validation.own()
    reasons = Counter(
        _why(each, own.refused.get(place, ""))
        for place, each in enumerate(own.table)
        if place in own.refused or each["split"] == "shown"
    )
    found = reasons.most_common()
    points = [f"{escape(reason)}: {element('b', str(count))}" for reason, count in found]
    lines = [f"{reason}: {count}" for reason, count in found]
    return Html(_points(points), "\n".join(lines))


def measurements() -> Html:
    """Return every measurement of the package, by source, with its prediction over it."""
    own = validation.own()
    ratios = dict(zip(own.places, own.ratios(calibration.load()).tolist(), strict=True))
    by_source: dict[str, dict[str, list[str]]] = {}
    off: dict[str, list[float]] = {}
    lines = []
    for place, each in enumerate(own.table):
        ratio = ratios.get(place)
        shown = "not predicted" if ratio is None else f"{ratio:.2f}"
        groups = by_source.setdefault(each["source"], {})
        batch = each["batch"] or "?"
        said = shown if ratio is None else f"({shown})"
        point = f"{element('b', batch)} {escape(each['value'])} {said}"
        groups.setdefault(_what(each, own.refused.get(place, "")), []).append(point)
        lines.append(f"{each['id']} {each['value']} {shown} {each['split']}")
        if ratio is not None:
            off.setdefault(each["source"], []).append(ratio)
    parts = [_source(source, groups, off.get(source, [])) for source, groups in by_source.items()]
    return Html("\n".join(parts), "\n".join(lines))


def _name(records: Mapping[str, Record], id: str) -> str:
    return records[id].name if id in records else id


def _what(row: Mapping[str, str], refused: str) -> str:
    """Return what the rows of a group have in common: all but the batch and the value."""
    facts = catalog.load()
    model = _name(facts.models, row["model"])
    chip = _name(facts.accelerators, row["hardware"])
    machine = f"{row['n_chips']} × {chip}" if row["n_chips"] != "1" else chip
    bits = f", {float(row['weight_bits']):.3g} bits" if row["weight_bits"] else ""
    tokens = ", ".join(
        f"{row[column]} tokens {word}"
        for column, word in (("input_tokens", "in"), ("output_tokens", "out"))
        if row[column] not in {"", "0"}
    )
    asked = f"{row['metric'].replace('_', ' ')} in {row['unit']}"
    split, notes = row["split"], [_noted(each) for each in row["notes"].split("; ")]
    if refused and split != "shown":
        split, notes = f"{split}, not counted", [_plainly(refused), *notes]
    words = [f"{model} on {machine}{bits}", tokens, asked, row["engine"], split, *notes]
    return "; ".join(escape(word) for word in words if word)


def _source(source: str, groups: Mapping[str, list[str]], ratios: Sequence[float]) -> str:
    """Return a source's measurements, folded up under its title."""
    title = escape(catalog.load().sources[source].title)
    count = sum(map(len, groups.values()))
    middle = f", median ratio {statistics.median(ratios):.2f}" if ratios else ""
    rows = (element("dt", what) + element("dd", _points(points)) for what, points in groups.items())
    return folded(
        f"{title}: {count} {'row' if count == 1 else 'rows'}{middle}",
        element("p", link(f"sources.html#source-{source}", "the source")),
        element("dl", *rows),
        css="measured",
        id=f"measured-{source}",
    )
