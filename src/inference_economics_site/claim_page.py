"""The page of a claim: what was said, what comes out, how, how surely, and from what."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from inference_economics import uncertainty
from inference_economics.algebra import symbols, units
from inference_economics.algebra.formula import InputError
from inference_economics.facts import files
from inference_economics.ledger import claims, telling
from inference_economics_notebook import claim_markup
from inference_economics_notebook.explorers import SPECS
from inference_economics_notebook.figures.uncertainty import named
from inference_economics_notebook.markup import element, escape, folded, items, link, prose

from . import citation, dependence, explorer_links, register
from .citation import cited

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inference_economics.uncertainty import Headline

ROOT = "../"


def place(claim: claims.Claim, root: str = "") -> str:
    """Return where a claim's card stands in the chapter that works it out."""
    return f"{root}{claim.chapter}.html#claim-{claim.id}"


def title(result: claims.Result) -> str:
    """Return the page's title, as text."""
    return f"{result.claim.id}: {result.claim.written}"


def description(result: claims.Result) -> str:
    """Return what a pasted link says: the statement, the figures, the verdict."""
    return f"{citation.sentence(result)}. Verdict: {result.verdict}."


def body(
    result: claims.Result, chapters: dict[str, str], site: str = "", issue: str = "", card: str = ""
) -> str:
    """Return the page's content.

    `chapters` has the titles of chapters by their names; `site` is the address at which the
    book is published, `issue` one that opens a prefilled complaint, and `card` the path of the
    claim's picture from the site's root; each may be empty.
    """
    claim = result.claim
    entry = register.load()[claim.id]
    post = link(claims.POST_URL, element("cite", prose(claims.POST_TITLE)))
    said_in = f"Said in {post} (LessWrong, 2023), {prose(telling.origin(claim))}:"
    return _page(
        entry,
        element("p", said_in, css="claim-where"),
        element("h1", prose(claim.says)),
        element(
            "div",
            claim_markup.figure_list(result),
            element("p", claim_markup.pills(result), css="claim-verdict"),
            claim_markup.remarks(result, ROOT),
            css="claim-answer",
            data_verdict=claim_markup.css(result.verdict),
        ),
        _section("The arithmetic", _arithmetic(result)),
        _section("How sure", _how_sure(result)),
        _section("What it rests on", _premises(claim.id)),
        _section("Sources", _sources(result)),
        _section("Change it", _change(claim)),
        _section("Where it belongs", _belongs(claim, chapters)),
        folded("Cite this claim", cited(citation.claim(result, site), claim.id), _picture(card)),
        _kept(entry, issue),
    )


def retired(entry: register.Entry) -> str:
    """Return the content of the page of a claim that was given up: its last figures."""
    return _page(
        entry,
        element("h1", entry.id),
        element(
            "p",
            f"This claim was given up in version {entry.retired}; the {_changelog()} says why. "
            f"Its last figures: stated {prose(entry.stated)}; recomputed "
            f"{prose(entry.recomputed)}; on sourced facts {prose(entry.on_facts)}. The verdict "
            f"was: {entry.verdict}.",
        ),
    )


def _page(entry: register.Entry, *content: str) -> str:
    """Return a page under a line that says what it is about and leads back to the book."""
    ways = [link(f"{ROOT}index.html", citation.TITLE), link(f"{ROOT}ledger.html", "the ledger")]
    named = [*ways, element("span", f"claim {entry.number}")]
    if not entry.retired:
        named.append(element("code", entry.id))
    kicker = element("p", " ".join(named), css="claim-kicker")
    return element("section", kicker, *content, css="claim-page", id=f"claim-{entry.id}")


def _section(heading: str, content: str) -> str:
    return element("section", element("h2", heading), content) if content else ""


def _changelog() -> str:
    return link(f"{ROOT}changelog.html", "changelog")


def _arithmetic(result: claims.Result) -> str:
    """Return the worked equations, or why there are none."""
    if result.worked or result.worked_on_facts:
        equations = element("div", claim_markup.arithmetic(result), css="derivations")
        return equations + claim_markup.signs_of(result)
    if result.claim.unit is None:
        reason = (
            "It is counted so that every number of the text is accounted for."
            if any(each.claim == result.claim.id for each in claims.occurrences())
            else "It stands here because the book answers it."
        )
        why = f"There is none: it states no quantity that could be recomputed. {reason}"
    elif result.recomputed_on_facts is not None:
        why = "There is none: it is a premise, compared with a sourced figure."
    else:
        why = "There is none: it is a premise, and no source gives a figure to compare."
    return element("p", why)


def _how_sure(result: claims.Result) -> str:
    id = result.claim.id
    headlines = [each for each in uncertainty.load().values() if id in each.stated]
    parts = [_headline_band(headline) for headline in headlines]
    if result.range_on_facts:
        low, high = map(result.shown, result.range_on_facts)
        parts.append(
            "The claim's own figure on sourced facts holds most inputs fixed. With the inputs for "
            f"which sources give a range at its ends, it lies between {low} and {high}."
        )
    swings = [
        f"{_meaning(name)}. It alone moves the figure from {result.shown(low)} to "
        f"{result.shown(high)}"
        for name, (low, high) in dependence.swings(claims.load(), id).items()
        if high > low
    ]
    if len(swings) > 1:
        parts.append(f"One input matters most within those ranges: {swings[0]}.")
    found = "".join(element("p", words) for words in parts)
    doubled = dependence.doubled(claims.load(), id)
    if any(_effect(by) != SAME for by in doubled.values()):
        drivers = (
            element("span", f"{_meaning(name)}, doubled:") + element("span", _effect(by))
            for name, by in doubled.items()
        )
        found += element("p", "If one input doubles and the others stay, the figure becomes:")
        found += items(drivers, css="claim-drivers")
    return found


def _headline_band(headline: Headline) -> str:
    band, drivers = _spread(headline)
    moving = " and ".join(f"the {_meaning(each)}" for each in drivers)
    most = "One input moves" if len(drivers) == 1 else "These inputs move"
    low, central, high = (_answer(headline, each, 2) for each in band)
    band_there = link(f"{ROOT}how-sure-are-we.html", f"between {low} and {high}")
    return (
        f"The claim bears on a question: {prose(headline.question)} With a range for every input "
        f"(our judgment where no source gives one), the median answer is {central}, and 90% of "
        f"random draws lie {band_there}. "
        f"{most} the answer most: {moving}.{_above(headline, band[1])}"
    )


def _answer(headline: Headline, value: float, digits: int = 3) -> str:
    """Return an answer with its unit: a batch's tokens, one for each request, are its requests."""
    return units.show(value, headline.unit, digits).replace("tokens", "requests")


def _above(headline: Headline, median: float) -> str:
    """Say why the median lies below the answer for inputs at their middle, where one is bounded."""
    bounded = [each for each in headline.inputs.values() if each.low < each.central == each.high]
    answer = float(headline.answer())
    if not bounded or median >= answer:
        return ""
    drawn = " or the ".join(escape(named(each.name)) for each in bounded)
    return (
        f" With every input at its central figure, the answer would be "
        f"{_answer(headline, answer)}. The median is lower: no random value of the {drawn} lies "
        "above the central figure, and half of them lie below it."
    )


@cache
def _spread(headline: Headline) -> tuple[tuple[float, float, float], tuple[str, ...]]:
    """Return a headline's band, and the inputs that move it most within their own intervals."""
    return headline.band(), tuple(bar.name for bar in uncertainty.widest(headline.tornado()))


def _meaning(name: str) -> str:
    return escape(symbols.GLOSSARY[name].meaning)


SAME = "no different"


def _effect(times: float | InputError) -> str:
    """Say what doubling an input does, or what it would break."""
    if isinstance(times, InputError):
        line = symbols.GLOSSARY[times.symbol]
        return f"impossible: {escape(line.meaning)} must be {escape(line.range.words)}"
    if abs(times - 1) < 0.005:
        return SAME
    words = {0.5: "half as large", 2.0: "twice as large"}.get(round(times, 3))
    return words or f"{units.show(times, 'dimensionless')} times as large"


def _change(claim: claims.Claim) -> str:
    parts = []
    if found := explorer_links.load().get(claim.id):
        explorer = SPECS[found.explorer]()
        field = explorer.fields.get(found.figure)
        shown = field.label if field else explorer.outputs[found.figure].label
        role = "is the input" if field else "comes out as"
        which = {"stated": "as stated", "recomputed": "as recomputed", "on facts": "on facts"}
        there = link(ROOT + found.address, f"Open the explorer “{prose(explorer.title)}”")
        parts.append(
            f"{there} with these numbers set. The figure {which[found.shows]} {role} "
            f"“{prose(shown)}”."
        )
    for says, address in explorer_links.flips(claim.id).items():
        there = link(ROOT + address, "See what would turn it around")
        parts.append(f"The book tests a statement with this figure: “{prose(says)}” {there}.")
    return "".join(element("p", words) for words in parts)


def _belongs(claim: claims.Claim, chapters: dict[str, str]) -> str:
    ledger = claims.load()
    taken = dependence.rests_on(claim)
    users = [each.id for each in ledger.claims.values() if claim.id in dependence.rests_on(each)]
    opposed_by = [other.claim.id for other in ledger if claim.id in other.inconsistent_with]
    opposed = dict.fromkeys([*ledger[claim.id].inconsistent_with, *opposed_by])
    chapter = link(place(claim, ROOT), prose(chapters[claim.chapter]))
    lines = [f"It stands in the chapter {chapter}."]
    connections = (("It uses", taken), ("It is used by", users), ("It contradicts", opposed))
    lines += [f"{words} {_links(ids)}." for words, ids in connections if ids]
    both = [id for id in taken if id in users]
    if both:
        lines.append(
            f"This claim and {_links(both)} are each computed from the other, so "
            "only their agreement is tested."
        )
    return element("p", " ".join(lines)) + _neighbors(claim.id)


def _links(ids: Iterable[str]) -> str:
    """Return links to several claims, the last behind an "and"."""
    *first, last = (claim_markup.to_page(claims.load().claim(id), ROOT) for id in ids)
    return f"{', '.join(first)} and {last}" if first else last


def _neighbors(id: str) -> str:
    """Return links to the claims before and after this one in the text."""
    ids = list(claims.load().claims)
    at = ids.index(id)
    # Slices, since the first has none before it and the last none after it.
    before = [link(f"{each}.html", f"← {each}", rel="prev") for each in ids[:at][-1:]]
    after = [link(f"{each}.html", f"{each} →", rel="next") for each in ids[at + 1 :][:1]]
    return element("p", f"In the text: {' '.join(before + after)}", css="claim-neighbors")


def _premises(id: str) -> str:
    """Return the premises that decide a claim's figures and verdict, each with its figure."""
    others = dependence.depends_on(claims.load(), id)[1:]
    if not others:
        return ""
    told = element("p", "Change one of these figures, and this claim may come out differently.")
    return told + items(map(_premise, others), css="claim-premises")


def _premise(binding: str) -> str:
    """Return one premise: what it is, with a link to where it stands, and its figure."""
    ledger = claims.load()
    kind, _, rest = binding.partition(":")
    id, _, column = rest.partition(".")
    value, unit, _ = ledger.resolve(binding, [])
    if kind == "claim":
        shown = element("q", claim_markup.as_stated(ledger.claim(rest)))
        return f"{claim_markup.to_page(ledger.claim(rest), ROOT)}, stated as {shown}"
    if kind == "fact":
        there, name = f"fact-{rest}", ledger.catalog.fact(rest).name
    else:
        table, find = {
            "chip": ("accelerators", ledger.catalog.accelerator),
            "model": ("models", ledger.catalog.model),
        }[kind]
        holds = files.toml("columns.toml")[table]["columns"][column]
        there, name = f"record-{id}", f"{find(id).name}, {holds}"
    named = link(f"{ROOT}sources.html#{there}", escape(name))
    return f"{named}: {escape(units.show(value, unit))}"


def _sources(result: claims.Result) -> str:
    found = claim_markup.sources(result, ROOT)
    return element("p", f"Figures from: {found}.") if found else ""


def _picture(card: str) -> str:
    """Return the way to the picture that a pasted link shows, if there is one."""
    return element("p", f"{link(f'{ROOT}{card}', 'A picture of it')}, to post.") if card else ""


def _kept(entry: register.Entry, issue: str) -> str:
    kept = (
        f"Its figures have not changed since version {entry.changed} ({entry.changed_on})."
        if entry.changed == entry.added
        else f"Its figures last changed in version {entry.changed} ({entry.changed_on}); "
        f"the {_changelog()} says how."
    )
    dispute = f" {link(issue, 'Dispute this number')}." if issue else ""
    return element("p", f"{kept} The address of this page stays.{dispute}", css="claim-kept")
