"""What the chapters show: claim cards, tables, and the numbers that the prose takes up.

Everything is HTML or text made from the ledger and the catalog; the site's style sheet and the
notebook's own both know how to set it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from inference_economics.algebra import symbols, units
from inference_economics.algebra.formula import InputError
from inference_economics.algebra.own_names import own_names
from inference_economics.algebra.suggest import suggestion
from inference_economics.facts import catalog as catalogs
from inference_economics.facts import files
from inference_economics.ledger import claims, telling
from inference_economics.serving.comparing import COLUMNS
from inference_economics.uncertainty import origins

from . import claim_markup, marks
from .claim_markup import css, pill
from .markup import (
    Cell,
    Html,
    breakable,
    cell,
    element,
    escape,
    folded,
    legend,
    link,
    math,
    prose,
    row,
    sign,
    signs,
    table,
)

if TYPE_CHECKING:
    from inference_economics.algebra.formula import Formula, Worked

    from .questions.widget import Asked

__dir__ = own_names(__name__)

_prose: dict[str, str] = {}
"""What the prose of the chapter that runs here says, by name: a kernel runs one notebook."""


def chapter(name: str) -> None:
    """Say which chapter runs, so that `glue` shows where its prose says something else."""
    _prose.clear()
    _prose.update(marks.of_chapter(name))


def glue(**texts: str) -> None:
    """Give texts to the prose, which takes them up by name: ``<data value="glue:name"></data>``.

    They are shown, and `make notebooks` writes them into the marks. What an edit has changed is
    shown beside what the prose of the `chapter` still says.
    """
    from IPython.display import display

    publish: Any = display  # IPython gives it no types
    publish({"text/plain": marks.listed(texts, _prose)}, raw=True, metadata={"glued": texts})


def show(value: float, unit: str = "dimensionless", digits: int = 3) -> str:
    """Return a quantity as text; see :func:`units.show`."""
    return units.show(value, unit, digits)


def ends(
    name: str, values: Iterable[float], unit: str = "dimensionless", digits: int = 2
) -> dict[str, str]:
    """Return the least and the most of some quantities as texts to glue, by name.

    Raises ValueError if there are none.
    """
    known = [*values]
    found = {"least": min(known), "most": max(known)}
    return {f"{name}_{end}": show(value, unit, digits) for end, value in found.items()}


def at_most(value: float, unit: str = "dimensionless", digits: int = 3) -> str:
    """Return an upper bound as text, rounded up; see :func:`units.at_most`."""
    return units.at_most(value, unit, digits)


def at_least(value: float, unit: str = "dimensionless", digits: int = 3) -> str:
    """Return a lower bound as text, rounded down; see :func:`units.at_least`."""
    return units.at_least(value, unit, digits)


def equation(formula: Formula) -> Html:
    """Return an equation, typeset, with its legend."""
    parts = (math(formula.latex()), legend(formula.legend()))
    markup = element("div", *parts, css="equation", id=f"equation-{formula.name}")
    return Html(markup, repr(formula))


def worked(work: Worked) -> Html:
    """Return a worked equation, typeset, with what its signs mean."""
    return Html(element("div", math(work.latex()), signs(work), css="worked"), work.text())


def derivation(name: str) -> Html:
    """Return how an equation follows, step by step, folded; each step is checked once more.

    Raises CatalogError where the equation of that name has no derivation, and DerivationError
    where a step does not follow.
    """
    from . import derivations

    found = derivations.derivation(name)
    found.check()
    steps = (element("li", element("p", prose(s.why)), math(s.latex())) for s in found.steps)
    markup = folded(
        f"Step by step: {found.title}",
        element("ol", *steps),
        legend(found.legend()),
        css="about derivation",
        id=f"derivation-{name}",
    )
    text = "\n".join(f"{s.why}\n  {s.text()}" for s in found.steps)
    return Html(markup, f"Step by step: {found.title}\n{text}")


def running_example(upto: str) -> Html:
    """Return the book's example as a table: the rows of the chapters up to one, its own in bold.

    Raises CatalogError for a chapter that adds no row.
    """
    from . import running_example as example

    found, note = example.told(upto), example.notes()[upto]
    if found[0][0] != upto:
        note += " Where another chapter explains a row, the name of the row links to it."

    def named(chapter: str, name: str) -> str:
        if chapter == upto:
            return element("b", prose(name))
        return element("a", prose(name), href=f"{chapter}.html#the-example-so-far")

    lines = (
        row(named(chapter, name), *map(escape, cells), headed=True)
        for chapter, (name, *cells) in found
    )
    markup = table(
        ("figure", *map(prose, example.examples())),
        lines,
        css="evidence",
        caption="One example, carried through the book; what this chapter adds is in bold",
    )
    text = "\n".join(", ".join(cells) for _, cells in found)
    return Html(markup + element("p", prose(note), css="note"), f"{text}\n{note}")


def question(id: str) -> Asked:
    """Return a question to the reader, by its id: see `questions`."""
    from . import questions
    from .questions.widget import Asked  # as slow to import as all widgets

    return Asked(questions.load(id))


def rows(of_table: Iterable[Mapping[str, Any]], *columns: str) -> Html:
    """Return a table of rows, such as a sweep's, each quantity with its unit.

    `columns` are the names of those to be shown; all of them, unless some are given. Raises
    InputError for a name that a row does not have, and for what is no row.
    """
    of_table = list(of_table)
    for each in of_table:
        if not isinstance(each, Mapping):
            raise InputError(f"a row = {each!r:.60}: must be a dict, such as a claim's as_json()")
        for name in columns:
            if name not in each:
                raise InputError(f"a row has no {name!r}{suggestion(name, each, quoted=True)}")
    listed = [{name: _shown(name, each[name]) for name in columns or each} for each in of_table]
    names = list(listed[0]) if listed else []
    markup = table(
        (escape(name.replace("_", " ")) for name in names),
        (row(*map(escape, each.values())) for each in listed),
    )
    text = "\n".join(", ".join(f"{k} {v}" for k, v in each.items()) for each in listed)
    return Html(element("div", markup, css="wide"), text)


def _shown(name: str, value: Any) -> str:
    """Return a cell of a row as text, in the unit that its column's name stands for."""
    if value is None:
        return "–"
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return str(value)
    line = symbols.GLOSSARY.get(name)
    return units.show(value, COLUMNS.get(name, line.unit if line else "dimensionless"))


def card(claim: str | claims.Result) -> Html:
    """Return a claim's card: what was said, what comes out, the verdict, the arithmetic.

    Takes the id of a claim of the book, or one of another text that was recomputed.
    """
    return cards([claim])


def cards(ids: Iterable[str | claims.Result]) -> Html:
    """Return the cards of several claims, in this order."""
    results = [each if isinstance(each, claims.Result) else claims.load()[each] for each in ids]
    text = "\n\n".join(map(telling.as_text, results))
    return Html("\n".join(map(claim_markup.card, results)), text)


def remaining(chapter: str, shown: Iterable[str]) -> Html:
    """Return a chapter's claims but for those shown already: a table that a reader opens."""
    seen = set(shown)
    results = [
        result
        for result in claims.load()
        if result.claim.chapter == chapter and result.claim.id not in seen
    ]
    rows = (
        row(
            *_ledger_cells(order, result),
            id=f"claim-{result.claim.id}",
            data_verdict=css(result.verdict),
        )
        + (row(cell(prose(result.note), colspan=5), class_="claim-note") if result.note else "")
        for order, result in enumerate(results)
    )
    listed = table(_LEDGER_HEAD, rows, css="ledger")
    text = "\n".join(f"{r.claim.id}: {telling.verdict_text(r)}" for r in results)
    summary = f"{len(results)} more claims"
    return Html(folded(summary, listed, css="more-claims"), text)


def score() -> Html:
    """Return how many claims have each verdict, as a bar and in words."""
    counts = {word: count for word, count in claims.load().score().items() if count}
    told = ", ".join(f"{count} {word}" for word, count in counts.items())
    bar = (
        element("span", data_verdict=css(word), style=f"--count: {count}")
        for word, count in counts.items()
    )
    words = (
        element("li", link(f"ledger.html?verdict={css(word)}", said), data_verdict=css(word))
        for word, count in counts.items()
        for said in [f"{element('span', str(count), css='score-count')} {word}"]
    )
    markup = element(
        "div",
        element("div", *bar, css="score-bar", aria_hidden="true"),
        element("ol", *words, css="score-legend", aria_label="Verdicts on the claims"),
        css="score",
    )
    return Html(markup, f"{sum(counts.values())} claims: {told}")


def ledger_table() -> Html:
    """Return all claims as a table, each linked to where it is worked out."""
    # What is no quantity comes last: it is there for completeness only.
    results = sorted(claims.load(), key=lambda result: result.claim.unit is None)
    rows = (
        row(
            *_ledger_cells(order, result),
            cell(escape(result.claim.who), data_label="who"),
            id=f"row-{result.claim.id}",
            data_verdict=css(result.verdict),
        )
        for order, result in enumerate(results)
    )
    caption = "Every claim, as stated and as recomputed"
    markup = table((*_LEDGER_HEAD, "Who"), rows, css="ledger", caption=caption)
    return Html(markup, "\n".join(f"{r.claim.id}: {telling.verdict_text(r)}" for r in results))


_LEDGER_HEAD: tuple[str | Cell, ...] = (
    "Claim",
    *(cell(name, class_="number") for name in ("Stated", "Recomputed", "On facts")),
    "Verdict",
)


def _ledger_cells(order: int, result: claims.Result) -> list[Cell]:
    claim, word = result.claim, result.verdict
    said = f"{link(claim_markup.address(claim), prose(claim.says))} {element('code', claim.id)}"
    return [
        cell(said, data_label="claim", data_sort=order),
        _number("stated", claim_markup.as_stated(claim)),
        _number("recomputed", escape(result.shown(result.recomputed))),
        _number("on facts", _on_facts(result)),
        cell(pill(word), data_label="verdict", data_sort=claims.VERDICTS.index(word)),
    ]


def _number(label: str, shown: str) -> Cell:
    return cell(breakable(shown), class_="number", data_label=label)


def _on_facts(result: claims.Result) -> str:
    shown = escape(result.shown(result.recomputed_on_facts))
    if result.verdict_on_facts is None:
        return shown
    premise = result.verdict == "assumption"
    word = telling.beside(result) if premise else result.verdict_on_facts
    verdict = result.verdict if premise else word
    ours = ", with our inputs" if result.claim.adds_to_facts else ""
    return f"{shown} {element('small', f'{word}{ours}', data_verdict=verdict)}"


def occurrences_table() -> Html:
    """Return every number of the text in its order, with the claim that accounts for it."""
    ledger, numbers = claims.load(), claims.occurrences()
    markup = table(
        ("number", "as written", "claim"),
        (
            row(str(one.index), one.written, claim_markup.to_page(ledger.claim(one.claim)))
            for one in numbers
        ),
    )
    return Html(markup, f"{len(numbers)} numbers")


def glossary() -> Html:
    """Return every symbol with its sign, meaning and unit."""
    lines = sorted(symbols.GLOSSARY.values(), key=lambda line: line.name)
    markup = table(
        ("sign", "name in code", "meaning", "unit"),
        (
            row(
                sign(line.sign),
                element("code", breakable(line.name)),
                escape(line.meaning),
                breakable(escape(line.shown_unit)) or "–",
                id=f"symbol-{line.name}",
            )
            for line in lines
        ),
        css="facts glossary",
    )
    return Html(markup, "\n".join(f"{line.name}: {line.meaning} [{line.unit}]" for line in lines))


def words() -> Html:
    """Return the words of the field that the book uses, each with what it means."""
    known = files.toml("words.toml")
    listed = sorted(known.items(), key=lambda item: item[1]["word"].lower())
    rows = (
        row(prose(each["word"]), prose(each["meaning"]), headed=True, id=f"word-{id}")
        for id, each in listed
    )
    markup = table(("word", "meaning"), rows, css="facts words")
    return Html(markup, "\n".join(f"{each['word']}: {each['meaning']}" for _, each in listed))


def fact_tables(catalog: catalogs.Catalog | None = None) -> list[Html]:
    """Return every sourced figure as tables: the facts by topic, accelerators, models."""
    facts = catalog or catalogs.load()
    topics: dict[str, list[catalogs.Fact]] = {}
    for fact in facts.facts.values():
        topics.setdefault(fact.topic, []).append(fact)
    return [
        *(_facts_table(*topic) for topic in topics.items()),
        _records_table(list(facts.accelerators.values())),
        _records_table(list(facts.models.values())),
    ]


def tiles(ids: Iterable[str]) -> Html:
    """Return claims at a glance, each a link to its page: stated, what comes out, the verdict."""
    results = [claims.load()[id] for id in ids]
    text = "\n".join(f"{r.claim.id}: {r.claim.written}; {telling.verdict_text(r)}" for r in results)
    return Html(element("ul", *map(_tile, results), css="tiles"), text)


def _tile(result: claims.Result) -> str:
    """Return a claim as a tile: the figure as stated, and the first that comes out."""
    shown = (
        element("span", f"{prose(value)} {element('small', name)}", css=f"tile-{kind}")
        for name, value in telling.labeled_values(result)
        for kind in ["stated" if name == "stated" else "found"]
    )
    return element(
        "li",
        link(claim_markup.address(result.claim), prose(result.claim.says)),
        element("p", " ".join(shown), css="tile-figures"),
        claim_markup.pills(result),
        data_verdict=css(result.verdict),
    )


def lookup() -> Html:
    """Return a field that looks a number or words up in the ledger."""
    markup = element(
        "form",
        element("label", "Look up a number that you were quoted", for_="lookup"),
        element("input", id="lookup", type="search", name="q", placeholder="144K, 2.5 PB, brain …"),
        element("button", "Find", type="submit"),
        css="lookup",
        action="ledger.html",
        role="search",
        aria_label="Look up a number",
    )
    return Html(markup, "Look a number up in the ledger.")


def stacked(parts: Iterable[Html]) -> Html:
    """Return several pieces of markup as one."""
    pieces = list(parts)
    return Html("\n".join(p.markup for p in pieces), "\n\n".join(p.text for p in pieces))


def _facts_table(topic: str, facts: list[catalogs.Fact]) -> Html:
    rows, lines = [], []
    for fact in facts:
        ends = [units.show(end, fact.unit, 6) for end in (fact.low, fact.high) if end is not None]
        note = element("p", escape(fact.note), css="fact-note") if fact.note else ""
        cells = (units.show(fact.value, fact.unit, 6), " to ".join(ends), fact.date)
        name = escape(fact.name) + note
        shown = (name, *map(escape, cells), _checked(fact), _sources(fact.sources))
        rows.append(row(*shown, id=f"fact-{fact.id}"))
        lines.append(f"{fact.id} = {fact.value!r} [{fact.low!r}, {fact.high!r}] {fact.unit}")
    head = ("fact", "value", "range", "date", "checked", "sources")
    found = table(head, rows, css="facts captioned", caption=topic.capitalize())
    return Html(element("div", found, css="wide"), "\n".join(lines))


def _records_table(records: list[catalogs.Record]) -> Html:
    names = [n for n in records[0].columns if any(n in each.numbers for each in records)]
    few = {n for n in names if len(names) > _WIDE and _is_rare(n, records)}
    names = [n for n in names if n not in few]
    rows = (
        row(
            escape(each.name),
            str(each.year),
            *(_figure(each, name) for name in names),
            *([_besides(each, few)] if few else []),
            _checked(each),
            _sources(each.sources + each.more_sources),
            escape(each.words.get("note", "")),
            headed=True,
            id=f"record-{each.id}",
        )
        for each in records
    )
    lines = (
        f"{each.id} {each.year} " + ", ".join(f"{k}={v!r}" for k, v in each.numbers.items())
        for each in records
    )
    besides = ("besides",) if few else ()
    last = (*besides, "checked", "sources", "note")
    found = table(("name", "year", *map(_heading, names), *last), rows)
    return Html(element("div", found, css="wide"), "\n".join(lines))


_WIDE = 20
"""Columns beyond which those that few records fill share one."""


def _is_rare(name: str, records: list[catalogs.Record]) -> bool:
    return sum(name in each.numbers for each in records) * 8 < len(records)


def _figure(record: catalogs.Record, name: str) -> str:
    """Return a figure of a record with its unit; nothing if it has none."""
    if not record.has(name):
        return ""
    return escape(units.show(record.numbers[name], record.unit(name), 6))


def _besides(record: catalogs.Record, names: Iterable[str]) -> str:
    """Return what else a record has, each figure by its name."""
    return ", ".join(
        f"{_heading(name)}: {_figure(record, name)}" for name in record.numbers if name in names
    )


def _heading(name: str) -> str:
    return re.sub(r"_(\d+)bit", r", \1-bit", name).replace("_", " ")


def _checked(record: catalogs.Fact | catalogs.Record) -> str:
    return element("time", catalogs.load().checked(record))


def _sources(ids: Iterable[str]) -> str:
    return ", ".join(claim_markup.source(id, id, page="") for id in ids)


def second_hand(figures: origins.Figures) -> Html:
    """Return those of the figures that rest on no primary source, with what is known of each."""
    columns: dict[str, list[str]] = {}
    for binding in figures.others:
        row_of, _, column = binding.partition(".")
        columns.setdefault(row_of, []).append(_heading(column))
    rows, lines = [], []
    for row_of, names in columns.items():
        one = origins.record(row_of)
        name = f"{one.name}: {', '.join(names)}" if any(names) else one.name
        kind = "fact" if isinstance(one, catalogs.Fact) else "record"
        note = one.note if isinstance(one, catalogs.Fact) else one.words.get("note", "")
        named = link(f"#{kind}-{one.id}", escape(name))
        rows.append(row(named, escape(note), _sources(one.sources)))
        lines.append(f"{row_of}: {', '.join(one.sources)}")
    found = table(("figure", "what is known of it", "sources"), rows, css="facts captioned")
    return Html(element("div", found, css="wide"), "\n".join(lines))


def bibliography() -> Html:
    """Return every source: what it is, who wrote it, where it is, and how close to the origin."""
    listed, lines = [], []
    for source in sorted(catalogs.load().sources.values(), key=lambda s: s.id):
        title = escape(source.title)
        named = link(source.url, title) if source.url else title
        parts = filter(None, (source.author, str(source.year or ""), source.locator))
        read = (f"Read: {source.copy}." if source.copy else "", f"Checked {source.checked}.")
        rest = escape(" ".join(filter(None, (*read, source.note))))
        said = (
            f"{element('code', source.id)} {named}. {escape('. '.join(parts))}. "
            f"{element('em', source.kind)}. {rest}"
        )
        listed.append(element("li", said, id=f"source-{source.id}"))
        lines.append(f"{source.id}: {source.title} ({source.kind})")
    return Html(element("ul", *listed, css="bibliography"), "\n".join(lines))


_RULES = {
    "holds": "equal, if rounded as the figure was stated",
    "roughly": f"not equal, but within a factor of {claims.ROUGHLY}",
    "off": "beyond that factor, which is given",
    "inconsistent": "not equal, and contradicts another claim of the text, which the card names",
    "assumption": "a premise, or a figure without its author's inputs: compared with sources only",
    "not a quantity": "a name, a year, a marker, a figure of speech, or no definite figure",
}


def verdict_rules() -> Html:
    """Return what each verdict means, and how many claims have it."""
    counts = claims.load().score()
    rows = (row(pill(word), rule, str(counts[word])) for word, rule in _RULES.items())
    markup = table(("verdict", "meaning", "claims"), rows)
    return Html(markup, "\n".join(f"{word}: {rule}" for word, rule in _RULES.items()))
