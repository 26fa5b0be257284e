"""The explorers as HTML: the same markup on the site, in a notebook and where no script runs.

The numbers in it are computed by the package. A script finds its places by `data-` attributes
and only changes values and texts, so nothing moves when it takes over.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..markup import definitions, element, escape, folded

if TYPE_CHECKING:
    from inference_economics.algebra.formula import Formula

    from .spec import Field, Results, Spec, State


def page(spec: Spec, state: State, prefix: str = "") -> str:
    """Return an explorer in a state.

    `prefix` goes before ids, where the same explorer stands more than once.
    """
    kept = {"preset": state.preset, "values": dict(state.values), "off": sorted(state.off)}
    results = spec.results(state)
    sentence = f"{escape(results.refusal or spec.about)}."
    parts = (
        _head(spec, state),
        element("p", sentence, css="ex-sentence", data_sentence=True),
        element("p", css="ex-link", data_link=True),
        element("p", css="ex-heard", role="status", data_heard=True),
        spec.view(spec, state, results),
        _outputs(spec, results),
        _fields(spec, state, prefix),
        _more(spec, state, prefix),
        _worked(spec),
        _actions(),
    )
    return element(
        "section",
        *parts,
        css="explorer",
        id=f"{prefix}explorer-{spec.id}",
        data_explorer=spec.id,
        data_state=json.dumps(kept),
        aria_label=f"Explorer: {spec.title}",
    )


def shown(spec: Spec, results: Results, name: str) -> str:
    """Return the place of a number that comes out, with its value in full and as it is shown."""
    value = results.numbers[name]
    full = "" if value is None else repr(float(value))
    return element("data", escape(spec.outputs[name].shown(value)), value=full, data_output=name)


def chart(height: int) -> str:
    """Return the place of a chart, of a fixed height so that nothing moves when it is drawn."""
    drawn = element("p", "The chart is drawn by a script.")
    return element("figure", drawn, css="ex-chart", style=f"--height: {height}px")


def _button(label: str, action: str) -> str:
    return element("button", label, type="button", data_action=action, disabled=True)


def _head(spec: Spec, state: State) -> str:
    options = (
        element("option", escape(preset.label), value=id, selected=id == state.preset)
        for id, preset in spec.presets.items()
    )
    choice = element("select", *options, data_preset=True, disabled=True)
    head = element(
        "div",
        element("p", escape(spec.title), css="ex-title"),
        element("label", f"{element('span', escape(spec.choice))} {choice}", css="ex-preset"),
        _button("Reset", "reset"),
        css="ex-head",
    )
    note = escape(spec.presets[state.preset].note)
    return head + element("p", note, css="ex-about", data_about=True)


def _outputs(spec: Spec, results: Results) -> str:
    listed = [
        (escape(output.label), shown(spec, results, name))
        for name, output in spec.outputs.items()
        if output.listed
    ]
    return definitions(listed, css="ex-outputs") if listed else ""


def _fields(spec: Spec, state: State, prefix: str) -> str:
    sliders = (_field(each, spec, state, prefix) for each in spec.main)
    terms = [
        element("label", f"{box} {escape(term.label)}")
        for id, term in spec.terms.items()
        for on in [id not in state.off]
        for box in [element("input", type="checkbox", data_term=id, disabled=True, checked=on)]
    ]
    fields = element("div", *sliders, css="ex-fields")
    if not terms:
        return fields
    return fields + element("fieldset", element("legend", "Also count"), *terms, css="ex-terms")


def _more(spec: Spec, state: State, prefix: str) -> str:
    if not spec.more:
        return ""
    groups = (
        element(
            "fieldset",
            element("legend", escape(heading)),
            *(_field(each, spec, state, prefix) for each in fields),
        )
        for heading, fields in spec.more.items()
    )
    has_fitted = any("fitted" in preset.extra for preset in spec.presets.values())
    return folded(
        "Every other assumption",
        _button("Use values fitted to measurements", "fitted") if has_fitted else "",
        element("div", *groups, css="ex-groups"),
        css="ex-more",
    )


def _field(each: Field, spec: Spec, state: State, prefix: str) -> str:
    """Return a labelled box, and the slider beside it if it has one."""
    id = f"{prefix}{spec.id}-{each.name}"
    value = state.values.get(each.name)
    written = each.shown(value)
    slider = ""
    if each.stops:
        at = min(range(len(each.stops)), key=lambda k: abs(each.stops[k] - (value or 0.0)))
        slider = element(
            "input", css="ex-slider", type="range", min="0", max=len(each.stops) - 1, value=at,
            aria_label=each.label, aria_valuetext=written, disabled=True,
        )  # fmt: skip
    box = element(
        "input", css="ex-box", id=id, type="text", autocomplete="off", spellcheck="false",
        value=written, aria_describedby=f"{id}-note", disabled=True,
    )  # fmt: skip
    # As the script marks it, so that nothing moves when it starts.
    counted = all(each.name not in spec.terms[term].off for term in state.off)
    return element(
        "div",
        element("label", escape(each.label), for_=id),
        box + slider,
        element("p", css="ex-note", id=f"{id}-note"),
        css="ex-field" if counted else "ex-field ex-idle",
        data_field=each.name,
        hidden=each.name not in state.values,
    )


def worked_step(formula: Formula) -> str:
    """Return an equation with empty places for its values, which a script fills in.

    Browsers break lines only between `math` elements, so that each term of a sum stands in
    one of its own. Where `.worked-side` is an inline block, a side that does not fit begins
    a line before it is broken.
    """
    from .. import typesetting  # slow to import

    sides = (
        element("span", " ".join(terms), css="worked-side")
        for terms in typesetting.worked_sides(formula)
    )
    return element("div", " ".join(sides), css="worked-step")


def _worked(spec: Spec) -> str:
    if not spec.worked:
        return ""
    lines = (element("div", worked_step(spec.tree[name]), data_worked=name) for name in spec.worked)
    return folded("The arithmetic, with these numbers", *lines, css="ex-worked")


def _actions() -> str:
    buttons = (
        ("Copy link", "link"), ("Copy embed code", "embed"), ("Copy for a comment", "comment"),
        ("Data (CSV)", "csv"), ("Chart (SVG)", "svg"),
    )  # fmt: skip
    return element("div", *(_button(*each) for each in buttons), css="ex-actions")
