"""How to cite the book, a page, a figure or a claim: as a sentence, as BibTeX, as Markdown.

`site` is the address at which the book is published, with a slash at its end; without one a
citation names the version and has no link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inference_economics import __date__, __title__, __version__
from inference_economics.ledger import claims, telling
from inference_economics_notebook import claim_markup
from inference_economics_notebook.markup import element, escape

TITLE = __title__
AUTHOR = "The Inference Economics contributors"
YEAR = __date__[:4]
_KEY = "inference-economics"
_EDITION = f"Version {__version__}, {__date__}"
_WITHIN = f"In {TITLE}, {_EDITION.lower()}"


@dataclass(frozen=True)
class Citation:
    """One citation in three forms; Markdown is for a comment."""

    plain: str
    bibtex: str
    markdown: str


def cited(how: Citation, id: str) -> str:
    """Return a citation in its three forms, each to be copied; `id` is unique on the page."""
    forms = (("Sentence", how.plain), ("Markdown", how.markdown), ("BibTeX", how.bibtex))
    return "".join(_form(name, text, f"cite-{id}-{name.lower()}") for name, text in forms)


def _form(name: str, text: str, label: str) -> str:
    shown = element("pre", escape(text), tabindex=0, role="group", aria_labelledby=label)
    copy = element("button", "Copy", css="copy", type="button", aria_describedby=label, hidden=True)
    return element("div", element("p", name, id=label), shown, copy, css="cite-form")


def sentence(result: claims.Result) -> str:
    """Return what a claim says, its figures behind it, as text without a stop at its end."""
    values = "; ".join(f"{name} {value}" for name, value in telling.labeled_values(result))
    return f"{result.claim.says} {telling.begun(values)}"


def book(site: str = "") -> Citation:
    """Return the citation of the whole book."""
    linked = f"[*{TITLE}*]({site})" if site else f"*{TITLE}*"
    return Citation(
        plain=_sentence(TITLE, _EDITION, site),
        bibtex=_bibtex("book", "recomputed", {"title": TITLE}, site),
        markdown=f"{linked}, {_EDITION.lower()}",
    )


def page(title: str, path: str, *, key: str, site: str = "") -> Citation:
    """Return the citation of a page, `path` being its address from the site's root.

    `key` ends that of BibTeX.
    """
    return _part(f"“{title}”", title, f"{site}{path}" if site else "", key=key)


def figure(title: str, path: str, *, key: str, chapter: str, site: str = "") -> Citation:
    """Return the citation of a figure with the title of its chapter, if it stands in one."""
    address = f"{site}{path}" if site else ""
    return _part(f"Figure “{title}”", title, address, key=key, chapter=chapter)


def _part(named: str, title: str, address: str, *, key: str, chapter: str = "") -> Citation:
    shown = f"[{title}]({address})" if address else f"“{title}”"
    inside = f" of “{chapter}”" if chapter else ""
    fields = {"title": title, **({"chapter": chapter} if chapter else {}), "booktitle": TITLE}
    return Citation(
        plain=_sentence(f"{named}{inside}", _WITHIN, address),
        bibtex=_bibtex("incollection", key, fields, address),
        markdown=f"{shown}{inside}, *{TITLE}*, {_EDITION.lower()}",
    )


def claim(result: claims.Result, site: str = "") -> Citation:
    """Return the citation of a claim: what was stated, what comes out, and the verdict."""
    one = result.claim
    address = claim_markup.address(one, site) if site else ""
    values = "; ".join(f"{name} {value}" for name, value in telling.labeled_values(result))
    verdict = telling.verdict_text(result)
    text = f"“{one.text}”" if one.text else f"“{claims.POST_TITLE}”, LessWrong"
    outcome = f"{values}; verdict: {verdict} (in {text}: {one.who})"
    title = f"Claim {one.id}: {one.says.rstrip('.')}"
    linked = f"[claim `{one.id}`]({address})" if address else f"claim `{one.id}`"
    fields = {"title": title, "booktitle": TITLE}
    return Citation(
        plain=_sentence(f"{title}: {outcome}", _WITHIN, address),
        bibtex=_bibtex("incollection", one.id, fields, address, note=outcome),
        markdown=f"{sentence(result)}: **{verdict}** ({linked}, *{TITLE}*, {_EDITION.lower()})",
    )


def _sentence(what: str, edition: str, address: str) -> str:
    said = f"{AUTHOR} ({YEAR}). {what}. {edition}."
    return f"{said} {address}" if address else said


def _bibtex(kind: str, key: str, named: dict[str, str], address: str, **last: str) -> str:
    fields = {**named, "author": f"{{{AUTHOR}}}", "year": YEAR, "date": __date__,
              "version": __version__, **({"url": address} if address else {}), **last}  # fmt: skip
    width = max(map(len, fields))
    lines = [f"  {name.ljust(width)} = {{{_escaped(value)}}}" for name, value in fields.items()]
    return f"@{kind}{{{_KEY}-{key},\n" + ",\n".join(lines) + "\n}"


def _escaped(text: str) -> str:
    """Escape what BibTeX would read as a command; an address is taken as it is."""
    if text.startswith("http"):
        return text
    return re.sub(r"(?<!\\)([%$&#_])", r"\\\1", text).replace("~", r"\textasciitilde{}")
