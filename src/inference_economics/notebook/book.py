"""What the chapters show: claim cards, tables, and the numbers that the prose takes up.

Everything is HTML or text made from the ledger and the catalog; the site's style sheet and the
notebook's own both know how to set it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..algebra import symbols, units
from ..facts import catalog as catalogs
from ..ledger import claims
from . import claim_markup, report
from .claim_markup import css, link, pill, stated
from .markup import legend, math, prose, sign

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..algebra.formula import Formula, Worked


@dataclass(frozen=True)
class Html:
    """Markup that a notebook shows, with the text that stands for it elsewhere."""

    markup: str
    text: str

    def _repr_html_(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        """Return the text that says the same."""
        return self.text


def tell(**figures: str) -> None:
    """Give texts to the prose, which takes them up by name: ``{glue:text}`name```.

    MyST-NB's own `glue` does the same, but takes Sphinx along into every kernel.
    """
    from IPython.display import display

    publish: Any = display  # IPython gives it no types
    for name, text in figures.items():
        prefix = "application/papermill.record/"
        publish(
            {f"{prefix}text/plain": repr(text)},  # quoted, or "60,000" is read as a pair
            raw=True,
            metadata={"scrapbook": {"name": name, "mime_prefix": prefix}},
        )


def show(value: float, unit: str = "dimensionless", digits: int = 3) -> str:
    """Return a quantity as text; see :func:`units.show`."""
    return units.show(value, unit, digits)


def equation(formula: Formula) -> Html:
    """Return an equation, typeset, with its legend."""
    markup = (
        f'<div class="equation" id="equation-{formula.name}">{math(formula.latex())}'
        f"{legend(formula.legend())}</div>"
    )
    return Html(markup, repr(formula))


def worked(work: Worked) -> Html:
    """Return a worked equation, typeset."""
    return Html(f'<div class="worked">{math(work.latex())}</div>', work.text())


def card(id: str) -> Html:
    """Return a claim's card: what was said, what comes out, the verdict, the arithmetic."""
    return cards([id])


def cards(ids: Iterable[str]) -> Html:
    """Return the cards of several claims, in this order."""
    results = [claims.load()[id] for id in ids]
    text = "\n\n".join(report.arithmetic(result) for result in results)
    return Html("\n".join(map(claim_markup.card, results)), text)


def remaining(chapter: str, shown: Iterable[str]) -> Html:
    """Return the cards of a chapter's claims but for those shown already."""
    seen = set(shown)
    ids = [r.claim.id for r in claims.load() if r.claim.chapter == chapter]
    return cards(id for id in ids if id not in seen)


def score() -> Html:
    """Return how many claims have each verdict, as a bar and in words."""
    counts = {word: count for word, count in claims.load().score().items() if count}
    text = f"{sum(counts.values())} claims: "
    text += ", ".join(f"{count} {word}" for word, count in counts.items())
    bar = "".join(
        f'<span data-verdict="{css(word)}" style="--count: {count}"></span>'
        for word, count in counts.items()
    )
    legend = "".join(
        f'<li data-verdict="{css(word)}"><a href="ledger.html?verdict={css(word)}">'
        f'<span class="score-count">{count}</span> {word}</a></li>'
        for word, count in counts.items()
    )
    markup = (
        f'<div class="score"><div class="score-bar" aria-hidden="true">{bar}</div>'
        f'<ol class="score-legend" aria-label="Verdicts on the claims">{legend}</ol></div>'
    )
    return Html(markup, text)


def ledger_table() -> Html:
    """Return all claims as a table, each linked to where it is worked out."""
    # What is no quantity comes last: it is there for completeness only.
    results = sorted(claims.load(), key=lambda result: result.claim.unit is None)
    rows = [_ledger_row(order, result) for order, result in enumerate(results)]
    head = "".join(
        f'<th scope="col"{css}>{name}</th>'
        for name, css in (
            ("Claim", ""),
            ("Stated", ' class="number"'),
            ("Recomputed", ' class="number"'),
            ("On facts", ' class="number"'),
            ("Verdict", ""),
            ("Who", ""),
        )
    )
    markup = (
        '<table class="ledger"><caption>Every claim, as stated and as recomputed</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
    return Html(markup, "\n".join(f"{r.claim.id}: {report.verdict_text(r)}" for r in results))


def _ledger_row(order: int, result: claims.Result) -> str:
    claim = result.claim
    figures = "".join(
        f'<td class="number" data-label="{label}">{_breakable(text)}</td>'
        for label, text in (
            ("stated", stated(claim)),
            ("recomputed", html.escape(result.shown(result.recomputed))),
            ("on facts", _on_facts(result)),
        )
    )
    word = css(result.verdict)
    return (
        f'<tr id="row-{claim.id}" data-verdict="{word}">'
        f'<td data-label="claim" data-sort="{order}">'
        f'<a href="{claim_markup.address(claim)}">{prose(claim.says)}</a>'
        f"<code>{claim.id}</code></td>"
        f"{figures}"
        f'<td data-label="verdict" data-sort="{claims.VERDICTS.index(result.verdict)}">'
        f'{pill(result.verdict)}</td><td data-label="who">{html.escape(claim.who)}</td></tr>'
    )


def _on_facts(result: claims.Result) -> str:
    shown = html.escape(result.shown(result.recomputed_on_facts))
    if result.verdict_on_facts is None:
        return shown
    premise = result.verdict == "assumption"
    word = claim_markup.beside(result) if premise else result.verdict_on_facts
    return f'{shown} <small data-verdict="{result.verdict if premise else word}">{word}</small>'


def _breakable(markup: str) -> str:
    """Let a unit such as FLOP/parameter/token break at its slashes, and tags stay whole."""
    return re.sub(r"(?<=\w)/(?=\w)", "/<wbr>", markup)


def occurrences_table() -> Html:
    """Return every number of the text in its order, with the claim that accounts for it."""
    ledger, numbers = claims.load(), claims.occurrences()
    rows = "".join(
        f"<tr><td>{one.index}</td><td>{one.written}</td>"
        f"<td>{link(ledger.claim(one.claim))}</td></tr>"
        for one in numbers
    )
    markup = (
        '<table class="facts"><thead><tr><th scope="col">number</th><th scope="col">as written</th>'
        f'<th scope="col">claim</th></tr></thead><tbody>{rows}</tbody></table>'
    )
    return Html(markup, f"{len(numbers)} numbers")


def glossary() -> Html:
    """Return every symbol with its sign, meaning and unit."""
    lines = sorted(symbols.GLOSSARY.values(), key=lambda line: line.name)
    rows = "".join(
        f'<tr id="symbol-{line.name}"><td>{sign(line.sign)}</td>'
        f"<td><code>{line.name}</code></td><td>{html.escape(line.meaning)}</td>"
        f"<td>{html.escape(line.shown_unit) or '–'}</td></tr>"
        for line in lines
    )
    markup = (
        '<table class="facts glossary"><thead><tr><th scope="col">sign</th>'
        '<th scope="col">name in code</th><th scope="col">meaning</th><th scope="col">unit</th>'
        f"</tr></thead><tbody>{rows}</tbody></table>"
    )
    return Html(markup, "\n".join(f"{line.name}: {line.meaning} [{line.unit}]" for line in lines))


def fact_tables(catalog: catalogs.Catalog | None = None) -> list[Html]:
    """Return every sourced figure as tables: the facts by topic, accelerators, models."""
    facts = catalog or catalogs.load()
    topics = dict.fromkeys(fact.topic for fact in facts.facts.values())
    tables = [
        _facts_table(topic, [f for f in facts.facts.values() if f.topic == topic])
        for topic in topics
    ]
    return [
        *tables,
        _records_table(list(facts.accelerators.values())),
        _records_table(list(facts.models.values())),
    ]


def tiles(ids: Iterable[str]) -> Html:
    """Return claims at a glance, each a link to its page: stated, what comes out, the verdict."""
    results = [claims.load()[id] for id in ids]
    items = "".join(map(_tile, results))
    text = "\n".join(f"{r.claim.id}: {r.claim.written}; {report.verdict_text(r)}" for r in results)
    return Html(f'<ul class="tiles">{items}</ul>', text)


def _tile(result: claims.Result) -> str:
    """Return a claim as a tile: the figure as stated, and the first that comes out."""
    (label, said), *found = claim_markup.figures(result)
    shown = "".join(
        f'<span class="tile-found">{prose(value)} <small>{name}</small></span>'
        for name, value in found
    )
    return (
        f'<li data-verdict="{css(result.verdict)}">'
        f'<a href="{claim_markup.address(result.claim)}">{prose(result.claim.says)}</a>'
        f'<p class="tile-figures"><span class="tile-stated">{prose(said)} <small>{label}</small>'
        f"</span>{shown}</p>{claim_markup.pills(result)}</li>"
    )


def lookup() -> Html:
    """Return a field that looks a number or words up in the ledger."""
    markup = (
        '<form class="lookup" action="ledger.html" role="search" aria-label="Look up a number">'
        '<label for="lookup">Look up a number that you were quoted</label>'
        '<input id="lookup" type="search" name="q" placeholder="144K, 2.5 PB, brain …">'
        '<button type="submit">Find</button></form>'
    )
    return Html(markup, "Look a number up in the ledger.")


def stacked(parts: Iterable[Html]) -> Html:
    """Return several pieces of markup as one."""
    pieces = list(parts)
    return Html("\n".join(p.markup for p in pieces), "\n\n".join(p.text for p in pieces))


def _facts_table(topic: str, rows: list[catalogs.Fact]) -> Html:
    body, lines = [], []
    for fact in rows:
        spread = ""
        if fact.low is not None or fact.high is not None:
            ends = [end for end in (fact.low, fact.high) if end is not None]
            spread = " to ".join(units.show(end, fact.unit, 6) for end in ends)
        value = units.show(fact.value, fact.unit, 6)
        note = f'<p class="fact-note">{html.escape(fact.note)}</p>' if fact.note else ""
        body.append(
            f'<tr id="fact-{fact.id}"><td>{html.escape(fact.name)}{note}</td>'
            f"<td>{html.escape(value)}</td><td>{html.escape(spread)}</td>"
            f"<td>{html.escape(fact.date)}</td><td>{_sources(fact.sources)}</td></tr>"
        )
        lines.append(f"{fact.id} = {fact.value!r} [{fact.low!r}, {fact.high!r}] {fact.unit}")
    head = "".join(
        f'<th scope="col">{name}</th>' for name in ("fact", "value", "range", "date", "sources")
    )
    markup = (
        f'<div class="wide"><table class="facts captioned"><caption>{topic.capitalize()}</caption>'
        f"<thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )
    return Html(markup, "\n".join(lines))


def _records_table(rows: list[catalogs.Record]) -> Html:
    names = [name for name in rows[0].columns if any(name in row.numbers for row in rows)]
    head = "".join(f'<th scope="col">{_heading(name)}</th>' for name in names)
    body, lines = [], []
    for row in rows:
        cells = "".join(f"<td>{html.escape(_cell(row, name))}</td>" for name in names)
        note = html.escape(row.words.get("note", ""))
        body.append(
            f'<tr id="record-{row.id}"><th scope="row">{html.escape(row.name)}</th>'
            f"<td>{row.year}</td>{cells}"
            f"<td>{_sources(row.sources + row.more_sources)}</td><td>{note}</td></tr>"
        )
        lines.append(
            f"{row.id} {row.year} " + ", ".join(f"{k}={v!r}" for k, v in row.numbers.items())
        )
    markup = (
        '<div class="wide"><table class="facts"><thead><tr><th scope="col">name</th>'
        f'<th scope="col">year</th>{head}<th scope="col">sources</th><th scope="col">note</th></tr>'
        f"</thead><tbody>{''.join(body)}</tbody></table></div>"
    )
    return Html(markup, "\n".join(lines))


def _cell(row: catalogs.Record, name: str) -> str:
    return units.show(row.numbers[name], row.unit(name), 6) if row.has(name) else ""


def _heading(name: str) -> str:
    return re.sub(r"_(\d+)bit", r", \1-bit", name).replace("_", " ")


def _sources(ids: Iterable[str]) -> str:
    return ", ".join(f'<a href="#source-{id}">{id}</a>' for id in ids)


def bibliography() -> Html:
    """Return every source: what it is, who wrote it, where it is, and how close to the origin."""
    items, lines = [], []
    for source in sorted(catalogs.load().sources.values(), key=lambda s: s.id):
        title = html.escape(source.title)
        link = f'<a href="{html.escape(source.url)}">{title}</a>' if source.url else title
        parts = [part for part in (source.author, str(source.year or ""), source.locator) if part]
        note = f" {html.escape(source.note)}" if source.note else ""
        items.append(
            f'<li id="source-{source.id}"><code>{source.id}</code> {link}. '
            f"{html.escape('. '.join(parts))}. <em>{source.kind}</em>.{note}</li>"
        )
        lines.append(f"{source.id}: {source.title} ({source.kind})")
    return Html(f'<ul class="bibliography">{"".join(items)}</ul>', "\n".join(lines))


_RULES = {
    "holds": "equal, at the precision that was stated",
    "roughly": f"not equal, but within a factor of {claims.ROUGHLY}",
    "off": "beyond that factor, which is given",
    "inconsistent": "it fails, and contradicts another claim of the same text, which is named",
    "assumption": "a premise: there is nothing to recompute, only facts to compare it with",
    "not a quantity": "a name, a year, a marker, a figure of speech, or no definite figure",
}


def verdict_rules() -> Html:
    """Return what each verdict means, and how many claims have it."""
    counts = claims.load().score()
    rows = "".join(
        f"<tr><td>{pill(word)}</td><td>{rule}</td><td>{counts[word]}</td></tr>"
        for word, rule in _RULES.items()
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("verdict", "meaning", "claims"))
    markup = f'<table class="facts"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return Html(markup, "\n".join(f"{word}: {rule}" for word, rule in _RULES.items()))
