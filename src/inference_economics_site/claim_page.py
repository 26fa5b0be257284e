"""The page of a claim: what was said, what comes out, how, how surely, and from what."""

from __future__ import annotations

import html
from functools import cache
from typing import TYPE_CHECKING

from inference_economics import uncertainty
from inference_economics.algebra import symbols, units
from inference_economics.ledger import claims, register
from inference_economics.notebook import claim_markup
from inference_economics.notebook.explorers import SPECS, links
from inference_economics.notebook.markup import prose

from . import citation
from .citation import cited

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inference_economics.uncertainty import Headline

ROOT = "../"


def title(result: claims.Result) -> str:
    """Return the page's title, as text."""
    return f"{result.claim.id}: {result.claim.written}"


def description(result: claims.Result) -> str:
    """Return what a pasted link says: the statement, the figures, the verdict."""
    shown = "; ".join(f"{name} {value}" for name, value in claim_markup.figures(result))
    return f"{result.claim.says} {shown[0].upper()}{shown[1:]}. Verdict: {result.verdict}."


def body(result: claims.Result, chapters: dict[str, str], site: str = "", issue: str = "") -> str:
    """Return the page's content.

    `chapters` has the titles of chapters by their names; `site` is the address at which the
    book is published, and `issue` one that opens a prefilled complaint; either may be empty.
    """
    claim = result.claim
    entry = register.entry(claim.id)
    parts = [
        f'<section class="claim-page" id="claim-{claim.id}">',
        f'<p class="claim-kicker"><a href="{ROOT}index.html">{citation.TITLE}</a> ',
        f'<a href="{ROOT}ledger.html">the ledger</a> <span>claim {entry.number}</span> ',
        f"<code>{claim.id}</code></p>",
        f'<p class="claim-where">Said in {_post()}, {prose(claim_markup.origin(claim))}:</p>',
        f"<h1>{prose(claim.says)}</h1>",
        f'<div class="claim-answer" data-verdict="{claim_markup.css(result.verdict)}">',
        claim_markup.figure_list(result),
        f'<p class="claim-verdict">{claim_markup.pills(result)}</p>',
        f"{claim_markup.remarks(result, ROOT)}</div>",
        _section("The arithmetic", _arithmetic(result)),
        _section("How sure", _how_sure(result)),
        _section("Sources", _sources(result)),
        _section("Change it", _change(claim)),
        _section("Where it belongs", _belongs(claim, chapters)),
        '<details class="about"><summary>Cite this claim</summary>',
        f"{cited(citation.claim(result, site), claim.id)}</details>",
        f"{_kept(entry, issue)}</section>",
    ]
    return "".join(parts)


def retired(entry: register.Entry) -> str:
    """Return the content of the page of a claim that was given up: its last figures."""
    return (
        f'<section class="claim-page" id="claim-{entry.id}">'
        f'<p class="claim-kicker"><a href="{ROOT}index.html">{citation.TITLE}</a> '
        f'<a href="{ROOT}ledger.html">the ledger</a> <span>claim {entry.number}</span></p>'
        f"<h1>{entry.id}</h1><p>This claim was given up in version {entry.retired}; the "
        f'<a href="{ROOT}changelog.html">changelog</a> says why. Its last figures: stated '
        f"{prose(entry.stated)}; recomputed {prose(entry.recomputed)}; on sourced facts "
        f"{prose(entry.on_facts)}. The verdict was: {entry.verdict}.</p></section>"
    )


def _section(heading: str, content: str) -> str:
    return f"<section><h2>{heading}</h2>{content}</section>" if content else ""


def _post() -> str:
    title = f"<cite>{prose(claims.POST_TITLE)}</cite>"
    return f'<a href="{claims.POST_URL}">{title}</a> (LessWrong, 2023)'


def _arithmetic(result: claims.Result) -> str:
    """Return the worked equations, or why there are none."""
    if result.worked or result.worked_on_facts:
        return (
            f'<div class="derivations">{claim_markup.arithmetic(result)}</div>'
            '<details class="about"><summary>What the signs mean</summary>'
            f"{claim_markup.signs(result)}</details>"
        )
    if result.claim.unit is None:
        return (
            "<p>There is none. It states no quantity that could be recomputed, and is counted so "
            "that every number of the text is accounted for.</p>"
        )
    if result.recomputed_on_facts is not None:
        return "<p>There is none: it is a premise, compared with a sourced figure.</p>"
    return "<p>There is none: it is a premise, and no source gives a figure to compare.</p>"


def _how_sure(result: claims.Result) -> str:
    id = result.claim.id
    parts = [_headline_band(headline) for headline in _headlines(id)]
    if result.range_on_facts:
        low, high = map(result.shown, result.range_on_facts)
        parts.append(
            f"<p>Where sources give an input a range, its ends allow {low} to {high}. Inputs for "
            "which they give one figure are kept at it.</p>"
        )
    swings = [
        f"{_meaning(name)}, which moves it from {result.shown(low)} to {result.shown(high)}"
        for name, (low, high) in claims.load().swings(id).items()
        if high > low
    ]
    if len(swings) > 1:
        parts.append(f"<p>What moves it most within those ranges is {swings[0]}.</p>")
    elasticities = claims.load().elasticities(id)
    if any(_moves(value) for value in elasticities.values()):
        rows = "".join(
            f"<li><span>{_meaning(name)}</span> <span>{_effect(value)}</span></li>"
            for name, value in elasticities.items()
        )
        parts.append(
            f"<p>Twice as much of one input, the others as they are, makes the figure:</p>"
            f'<ul class="claim-drivers">{rows}</ul>'
        )
    return "".join(parts)


def _headline_band(headline: Headline) -> str:
    band, driver = _spread(headline)
    low, central, high = (units.show(each, headline.unit, 2) for each in band)
    return (
        f"<p>{prose(headline.question)} With a range for every input, those that no source gives "
        f"by our judgment, the median answer is {central}, and 90% lie "
        f'<a href="{ROOT}how-sure-are-we.html">between {low} and {high}</a>. '
        f"Most of that comes from {_meaning(driver)}.</p>"
    )


@cache
def _spread(headline: Headline) -> tuple[tuple[float, float, float], str]:
    """Return a headline's band, and the input that explains most of it."""
    return headline.band(), next(iter(headline.drivers()))


def _headlines(id: str) -> Iterable[Headline]:
    return (each for each in uncertainty.load().values() if id in each.stated)


def _meaning(name: str) -> str:
    return html.escape(symbols.GLOSSARY[name].meaning)


def _moves(elasticity: float) -> bool:
    return abs(elasticity) > 0.005


def _effect(elasticity: float) -> str:
    """Say what doubling an input does, to first order."""
    if not _moves(elasticity):
        return "no different"
    times = 2**elasticity
    words = {0.5: "half as large", 2.0: "twice as large"}.get(round(times, 3))
    return words or f"{units.show(times, 'dimensionless')} times as large"


def _change(claim: claims.Claim) -> str:
    parts = []
    if found := links.load().get(claim.id):
        explorer = SPECS[found.explorer]()
        field = explorer.fields.get(found.figure)
        shown = field.label if field else explorer.outputs[found.figure].label
        role = "is the input" if field else "comes out as"
        which = {"stated": "as stated", "recomputed": "as recomputed", "on facts": "on facts"}
        parts.append(
            f'<p><a href="{ROOT}{found.address}">Open the explorer “{prose(explorer.title)}”</a> '
            f"with these numbers set. The figure {which[found.shows]} {role} “{prose(shown)}”.</p>"
        )
    for says, address in links.flips(claim.id).items():
        parts.append(
            f"<p>A conclusion that the book tests with it: {prose(says)} "
            f'<a href="{ROOT}{address}">See what would turn it around</a>.</p>'
        )
    return "".join(parts)


def _belongs(claim: claims.Claim, chapters: dict[str, str]) -> str:
    ledger = claims.load()
    taken = ledger.rests_on(claim.id)
    users = [id for id in ledger.claims if claim.id in ledger.rests_on(id)]
    opposed = dict.fromkeys([*ledger[claim.id].inconsistent_with, *_opposed_by(claim.id)])
    chapter, there = prose(chapters[claim.chapter]), claim_markup.place(claim, ROOT)
    lines = [f'It stands in the chapter <a href="{there}">{chapter}</a>.']
    connections = (("It uses", taken), ("It is used by", users), ("It contradicts", opposed))
    lines += [f"{words} {claim_markup.links(ids, ROOT)}." for words, ids in connections if ids]
    both = [id for id in taken if id in users]
    if both:
        lines.append(
            f"It and {claim_markup.links(both, ROOT)} use each other: that they agree is all that "
            "is tested."
        )
    return f"<p>{' '.join(lines)}</p>{_neighbors(claim.id)}"


def _opposed_by(id: str) -> list[str]:
    return [other.claim.id for other in claims.load() if id in other.inconsistent_with]


def _neighbors(id: str) -> str:
    """Return links to the claims before and after this one in the text."""
    ids = list(claims.load().claims)
    at = ids.index(id)
    before, after = ids[at - 1] if at else "", ids[at + 1] if at + 1 < len(ids) else ""
    parts = []
    if before:
        parts.append(f'<a rel="prev" href="{before}.html">← {before}</a>')
    if after:
        parts.append(f'<a rel="next" href="{after}.html">{after} →</a>')
    return f'<p class="claim-neighbors">In the text: {" ".join(parts)}</p>'


def _sources(result: claims.Result) -> str:
    found = claim_markup.sources(result, ROOT)
    return f"<p>Figures from: {found}.</p>" if found else ""


def _kept(entry: register.Entry, issue: str) -> str:
    kept = (
        f"Its figures have not changed since version {entry.changed} ({entry.changed_on})."
        if entry.changed == entry.added
        else f"Its figures last changed in version {entry.changed} ({entry.changed_on}); "
        f'the <a href="{ROOT}changelog.html">changelog</a> says how.'
    )
    dispute = f' <a href="{html.escape(issue)}">Dispute this number</a>.' if issue else ""
    return f'<p class="claim-kept">{kept} The address of this page stays.{dispute}</p>'
