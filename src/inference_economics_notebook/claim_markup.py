"""A claim as HTML: its figures, its verdict in words, its arithmetic, its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inference_economics.algebra import units
from inference_economics.facts import catalog as catalogs
from inference_economics.ledger import claims, telling

from .markup import CLAIMS, definitions, element, folded, link, math, prose, signs

if TYPE_CHECKING:
    from collections.abc import Iterable


def address(claim: claims.Claim, root: str = "") -> str:
    """Return the permanent address of a claim's page; `root` leads to the site's root."""
    return f"{root}{CLAIMS}/{claim.id}.html"


def to_page(claim: claims.Claim, root: str = "") -> str:
    """Return a link to a claim's page, which shows its id; only the id for another text's."""
    return claim.id if claim.text else link(address(claim, root), claim.id)


def css(word: str) -> str:
    """Return a verdict as the style sheet names it."""
    return "none" if word == "not a quantity" else word


def pill(word: str, said: str = "") -> str:
    """Return a verdict's word in its color, or what is said in place of it."""
    return element("span", said or word, css="verdict", data_verdict=css(word))


def pills(result: claims.Result) -> str:
    """Return the verdict, and beside it that on facts where it is another."""
    word = result.verdict_on_facts
    if result.verdict == "assumption" or result.judged_on_facts or word in (None, "holds"):
        return pill(result.verdict)
    own = result.verdict
    if own != "inconsistent":
        ours = "with inputs that we add" if result.claim.adds_inputs else "on its own inputs"
        own = f"{telling.IN_WORDS[own]} {ours}"
    factor = units.show(result.factor_on_facts or 1.0, "dimensionless")
    on_facts = f"{telling.IN_WORDS[str(word)]} {telling.basis(result.claim)}, "
    on_facts += f"{'off ' if word == 'roughly' else ''}by a factor of {factor}"
    return f"{pill(result.verdict, own)} {pill(str(word), on_facts)}"


def as_stated(claim: claims.Claim) -> str:
    """Return a claim's figure as written."""
    return prose(claim.stated)


def figure_list(result: claims.Result) -> str:
    """Return what was stated and what comes out, as a list."""
    values = ((name, prose(value)) for name, value in telling.labeled_values(result))
    return definitions(values, css="claim-figures")


def card(result: claims.Result) -> str:
    """Return a claim's card: what was said, what comes out, the verdict, the arithmetic."""
    claim, worked = result.claim, arithmetic(result) + signs_of(result)
    if result.sources:
        worked += element("p", f"Figures from: {sources(result)}.", css="claim-sources")
    title = "Arithmetic" if result.worked or result.worked_on_facts else "Sources"
    source = f"{to_page(claim)} · {prose(telling.origin(claim))}"
    return element(
        "article",
        element(
            "header",
            element("p", prose(claim.says), css="claim-statement"),
            element("p", source, css="claim-source"),
        ),
        figure_list(result),
        element("p", pills(result), css="claim-verdict"),
        remarks(result),
        folded(title, worked, css="claim-arithmetic") if worked else "",
        css="claim",
        id=f"claim-{claim.id}",
        data_verdict=css(result.verdict),
    )


def remarks(result: claims.Result, root: str = "") -> str:
    """Return what a verdict's word leaves out, the text's own caveat, and the note."""
    parts = (
        ("claim-qualified", qualified(result, root)),
        ("claim-hedge", prose(telling.caution(result.claim))),
        ("claim-note", prose(result.note)),
    )
    return "".join(element("p", words, css=name) for name, words in parts if words)


def arithmetic(result: claims.Result) -> str:
    """Return the worked equations: on the author's own inputs, and on sourced facts."""
    return "".join(
        element("div", element("p", prose(title), css="claim-basis"), math(work.latex()))
        for title, work in telling.worked(result)
    )


def signs_of(result: claims.Result) -> str:
    """Return what the signs of the worked equations mean, each once, folded."""
    return signs(*(work for _, work in telling.worked(result)))


def sources(result: claims.Result, root: str = "") -> str:
    """Return links to the sources of a claim's facts."""
    titles = catalogs.load().sources
    return "; ".join(
        source(id, prose(titles[id].title), f"{root}sources.html") for id in result.sources
    )


def source(id: str, words: str, page: str = "sources.html") -> str:
    """Return words as a link to a source; its kind follows, unless it is primary."""
    return f"{link(f'{page}#source-{id}', words)}{telling.distance(id)}"


def qualified(result: claims.Result, root: str = "") -> str:
    """Return what a verdict's word leaves out, as HTML: by how much, with what, and on facts."""
    parts = []
    if result.verdict in ("off", "roughly", "inconsistent") and result.factor:
        what = f"It is {_off(result.verdict)}"
        if result.inconsistent_with:
            what = f"It contradicts {_quoted(result.inconsistent_with, root)}, "
        factor = units.show(result.factor, "dimensionless")
        parts.append(f"{what}by a factor of {factor}{telling.from_end(result, result.recomputed)}.")
    if result.verdict_on_facts and not result.judged_on_facts:
        parts.append(_against_facts(result))
    elif result.judged_on_facts and result.within_sourced_range and result.verdict != "holds":
        parts.append(_COVERED)
    return " ".join(parts)


_COVERED = (
    "But sources give a range of values, and by some of them the stated figure can be right, to "
    "the digits that it has."
)


def _quoted(ids: Iterable[str], root: str) -> str:
    """Return links to claims of the same text, each with the figure that it states."""
    found = (claims.load().claim(id) for id in ids)
    return " and ".join(f"“{as_stated(claim)}” ({to_page(claim, root)})" for claim in found)


def _against_facts(result: claims.Result) -> str:
    """Return how a figure stands beside the facts; a premise is compared, and not judged."""
    factor = units.show(result.factor_on_facts or 1.0, "dimensionless")
    differs = result.within_sourced_range and result.verdict_on_facts != "holds"
    covered = f" {_COVERED}" if differs else ""
    if result.verdict == "assumption":
        return f"{telling.begun(telling.compared(result))}.{covered}"
    on_facts = telling.begun(telling.basis(result.claim, sourced=True))
    if result.verdict_on_facts == "holds":
        return f"{on_facts} it holds{', too' if result.verdict == 'holds' else ''}."
    ours = "It holds if we add what its author left out. "
    own = ours if result.claim.adds_inputs else "On its author's own inputs it holds. "
    own = own if result.verdict == "holds" else ""
    word = _off(str(result.verdict_on_facts))
    return (
        f"{prose(own)}{on_facts} it is {word}by a factor of {factor}"
        f"{telling.from_end(result, result.recomputed_on_facts)}.{covered}"
    )


def _off(word: str) -> str:
    """Return a verdict in words, before the factor by which a figure is off."""
    return "roughly right: it is off only " if word == "roughly" else "off "
