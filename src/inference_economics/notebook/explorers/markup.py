"""The explorers as HTML: the same markup on the site, in a notebook and where no script runs.

The numbers in it are computed by the package. A script finds its places by `data-` attributes
and only changes values and texts, so nothing moves when it takes over.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...algebra.formula import Formula
    from .spec import Field, Output, Results, Spec, State


def page(spec: Spec, state: State, changed: str, prefix: str = "") -> str:
    """Return an explorer in a state; `changed` is the state as the script reads it.

    `prefix` goes before ids, where the same explorer stands more than once.
    """
    results = spec.results(state)
    parts = (
        _head(spec, state),
        f'<p class="ex-sentence" data-sentence>{escape(results.refusal or spec.about)}.</p>',
        '<p class="ex-link" data-link></p><p class="ex-heard" role="status" data-heard></p>',
        spec.view(spec, state, results),
        _outputs(spec, results),
        _fields(spec, state, prefix),
        _more(spec, state, prefix),
        _worked(spec),
        _actions(),
    )
    return (
        f'<section class="explorer" id="{prefix}explorer-{spec.id}" data-explorer="{spec.id}" '
        f"data-state='{escape(changed)}' aria-label=\"Explorer: {escape(spec.title)}\">"
        f"{''.join(parts)}</section>"
    )


def data(name: str, value: float | None, output: Output) -> str:
    """Return the place of a number that comes out, with its value in full and as it is shown."""
    full = "" if value is None else repr(float(value))
    return f'<data value="{full}" data-output="{escape(name)}">{escape(output.shown(value))}</data>'


def unless(shown: object) -> str:
    """Return the attribute that hides an element, unless there is something to show."""
    return "" if shown else " hidden"


def chart(height: int) -> str:
    """Return the place of a chart, of a fixed height so that nothing moves when it is drawn."""
    return (
        f'<figure class="ex-chart" style="--height: {height}px">'
        "<p>The chart is drawn by a script.</p></figure>"
    )


def _head(spec: Spec, state: State) -> str:
    options = "".join(
        f'<option value="{id}"{" selected" if id == state.preset else ""}>'
        f"{escape(preset.label)}</option>"
        for id, preset in spec.presets.items()
    )
    return (
        f'<div class="ex-head"><p class="ex-title">{escape(spec.title)}</p>'
        f'<label class="ex-preset"><span>{escape(spec.choice)}</span> '
        f'<select data-preset disabled>{options}</select></label>'
        '<button type="button" data-action="reset" disabled>Reset</button></div>'
        f'<p class="ex-about" data-about>{escape(spec.presets[state.preset].note)}</p>'
    )  # fmt: skip


def _outputs(spec: Spec, results: Results) -> str:
    shown = "".join(
        f"<div><dt>{escape(output.label)}</dt>"
        f"<dd>{data(name, results.numbers[name], output)}</dd></div>"
        for name, output in spec.outputs.items()
        if output.listed
    )
    return f'<dl class="ex-outputs">{shown}</dl>' if shown else ""


def _fields(spec: Spec, state: State, prefix: str) -> str:
    sliders = "".join(_field(each, spec, state, prefix) for each in spec.main)
    terms = "".join(
        f'<label><input type="checkbox" data-term="{id}" disabled'
        f"{'' if id in state.off else ' checked'}> {escape(term.label)}</label>"
        for id, term in spec.terms.items()
    )
    if terms:
        terms = f'<fieldset class="ex-terms"><legend>Also count</legend>{terms}</fieldset>'
    return f'<div class="ex-fields">{sliders}</div>{terms}'


def _more(spec: Spec, state: State, prefix: str) -> str:
    if not spec.more:
        return ""
    groups = "".join(
        f"<fieldset><legend>{escape(heading)}</legend>"
        f"{''.join(_field(each, spec, state, prefix) for each in fields)}</fieldset>"
        for heading, fields in spec.more.items()
    )
    fitted = (
        '<button type="button" data-action="fitted" disabled>Use values fitted to measurements'
        "</button>"
        if any("fitted" in preset.extra for preset in spec.presets.values())
        else ""
    )
    return (
        f'<details class="ex-more"><summary>Every other assumption</summary>{fitted}'
        f'<div class="ex-groups">{groups}</div></details>'
    )


def _field(each: Field, spec: Spec, state: State, prefix: str) -> str:
    """Return a labelled box, and the slider beside it if it has one."""
    id = f"{prefix}{spec.id}-{each.name}"
    value = state.values.get(each.name)
    shown = escape(each.shown(value))
    slider = ""
    if each.stops:
        at = min(range(len(each.stops)), key=lambda k: abs(each.stops[k] - (value or 0.0)))
        slider = (
            f'<input type="range" class="ex-slider" min="0" max="{len(each.stops) - 1}" '
            f'value="{at}" aria-label="{escape(each.label)}" aria-valuetext="{shown}" disabled>'
        )
    # As the script marks it, so that nothing moves when it starts.
    counted = "" if all(each.name not in spec.terms[term].off for term in state.off) else " ex-idle"
    return (
        f'<div class="ex-field{counted}" data-field="{each.name}"'
        f"{unless(each.name in state.values)}>"
        f'<label for="{id}">{escape(each.label)}</label>'
        f'<input id="{id}" class="ex-box" type="text" autocomplete="off" spellcheck="false" '
        f'value="{shown}" aria-describedby="{id}-note" disabled>{slider}'
        f'<p class="ex-note" id="{id}-note"></p></div>'
    )


def worked_step(formula: Formula) -> str:
    """Return an equation with empty places for its values, which a script fills in.

    Browsers break lines only between `math` elements, so that each term of a sum stands in
    one of its own. Where `.worked-side` is an inline block, a side that does not fit begins
    a line before it is broken.
    """
    from ...algebra import typesetting  # slow to import

    sides = " ".join(
        f'<span class="worked-side">{" ".join(terms)}</span>'
        for terms in typesetting.worked_sides(formula)
    )
    return f'<div class="worked-step">{sides}</div>'


def _worked(spec: Spec) -> str:
    if not spec.worked:
        return ""
    lines = "".join(
        f'<div data-worked="{name}">{worked_step(spec.tree[name])}</div>' for name in spec.worked
    )
    return (
        '<details class="ex-worked"><summary>The arithmetic, with these numbers</summary>'
        f"{lines}</details>"
    )


def _actions() -> str:
    buttons = "".join(
        f'<button type="button" data-action="{action}" disabled>{label}</button>'
        for action, label in (
            ("link", "Copy link"),
            ("comment", "Copy for a comment"),
            ("csv", "Data (CSV)"),
            ("svg", "Chart (SVG)"),
        )
    )
    return f'<div class="ex-actions">{buttons}</div>'
