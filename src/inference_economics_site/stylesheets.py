"""Style sheets without the rules that nothing on the site can match.

A rule stays when every class, id and element that one of its selectors asks for occurs in a page,
or as a word in a script, which may set it. Attributes and states (`:hover`, `[data-theme]`) are
not asked about, and neither is what `:not()` excludes. Then go the custom properties and
animations that nobody names any more, and what asks for a file that the site does not have.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import tinycss2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tinycss2.ast import Node

# Words that scripts put together from parts, where no search finds them.
MADE_UP = frozenset({"bs-tooltip-auto"})

_TAG = re.compile(r"<([a-zA-Z][\w-]*)")
_NAMES = re.compile(r"""\s(?:class|id)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_INLINE_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script>", re.DOTALL)
_WORD = re.compile(r"[\w-]+")
_PROPERTY = re.compile(r"--[\w-]+")
_IMPORTANT_COMMENT = "!"
_GROUPS = frozenset({"media", "supports", "layer", "container"})
_ANY_OF = frozenset({"is", "where", "has", "matches", "-webkit-any", "-moz-any", "host"})


class StylesheetError(ValueError):
    """A style sheet that cannot be read, or that has what this module has no rule for."""


@dataclass(frozen=True)
class Site:
    """What the pages and scripts of a site name."""

    names: frozenset[str]
    """Classes and ids of pages, and all words of scripts."""
    tags: frozenset[str]
    """Elements of pages, in lower case, and all words of scripts."""
    properties: frozenset[str]
    """Custom properties, with their dashes, that pages and scripts name."""

    @classmethod
    def of(cls, pages: Iterable[str], scripts: Iterable[str]) -> Site:
        """Read HTML pages and scripts."""
        names, tags, properties, words = set(MADE_UP), {"html", "body"}, set(), set()
        for page in pages:
            tags.update(tag.lower() for tag in _TAG.findall(page))
            for double, single in _NAMES.findall(page):
                names.update((double or single).split())
            for script in _INLINE_SCRIPT.findall(page):
                words.update(_WORD.findall(script))
            properties.update(_PROPERTY.findall(page))
        for script in scripts:
            words.update(_WORD.findall(script))
            properties.update(_PROPERTY.findall(script))
        return cls(frozenset(names | words), frozenset(tags | words), frozenset(properties))


@dataclass
class Rule:
    """A rule, or a group of them such as `@media`, or text that stays as it is."""

    head: str
    """What stands before the brace; all of it, for text that stays as it is."""
    selectors: list[list[Node]] = field(default_factory=list)
    declarations: list[tuple[str, str]] = field(default_factory=list)
    children: list[Rule] | None = None
    keyframes: str = ""
    """The name of an animation, for its steps."""

    def __str__(self) -> str:
        if self.children is not None:
            return f"{self.head}{{{''.join(map(str, self.children))}}}" if self.children else ""
        if self.selectors:
            head = ",".join(tinycss2.serialize(selector).strip() for selector in self.selectors)
            inside = ";".join(f"{name}:{value}" for name, value in self.declarations)
            return f"{head}{{{inside}}}" if inside else ""
        return self.head


def purged(sheets: Iterable[Path], kept: Iterable[str], site: Site) -> str:
    """Return style sheets as one, in their order, without what nothing on the site can match.

    `kept` are the texts of the sheets that stay as they are beside it, and may name its custom
    properties and animations. StylesheetError if a sheet cannot be read.
    """
    rules = [rule for sheet in sheets for rule in _read(sheet, site)]
    others = "".join(kept)
    _drop_unnamed_properties(rules, site.properties | set(_PROPERTY.findall(others)))
    values = others + "".join(
        value for rule in _all(rules) for name, value in rule.declarations if "animation" in name
    )
    names = set(_WORD.findall(values))
    return "".join(str(rule) for rule in rules if not rule.keyframes or rule.keyframes in names)


def _read(sheet: Path, site: Site) -> list[Rule]:
    """Parse what may match of a sheet, with those that it imports in their place."""
    text = sheet.read_text(encoding="utf-8")
    return _parsed(tinycss2.parse_stylesheet(text, skip_whitespace=True), sheet, site)


def _parsed(nodes: Iterable[Node], sheet: Path, site: Site) -> list[Rule]:
    rules = []
    for node in nodes:
        if node.type == "qualified-rule":
            if selectors := _matching(list(_split(node.prelude)), site):
                rules.append(Rule("", selectors, _declarations(node.content, sheet)))
        elif node.type == "at-rule":
            rules += _at_rule(node, sheet, site)
        elif node.type != "comment":
            raise _error(node, sheet)
        elif node.value.startswith(_IMPORTANT_COMMENT):  # a license
            rules.append(Rule(node.serialize()))
    return rules


def _at_rule(node: Node, sheet: Path, site: Site) -> list[Rule]:
    keyword = node.lower_at_keyword
    prelude = tinycss2.serialize(node.prelude).strip()
    if keyword == "charset":
        return []
    if keyword == "import":
        addresses = [token for token in node.prelude if token.type != "whitespace"]
        if [token.type for token in addresses] not in (["string"], ["url"]):
            raise _error(node, sheet)
        return _read(sheet.parent / addresses[0].value, site)
    if node.content is None:
        raise _error(node, sheet)
    if keyword in _GROUPS:
        inside = tinycss2.parse_rule_list(node.content, skip_whitespace=True)
        return [Rule(f"@{keyword} {prelude}", children=_parsed(inside, sheet, site))]
    text = f"@{node.at_keyword} {prelude}{{{tinycss2.serialize(node.content)}}}"
    if keyword.endswith("keyframes"):
        return [Rule(text, keyframes=prelude)]
    if keyword == "font-face":
        return [] if _lacks_file(node.content, sheet) else [Rule(text)]
    if keyword == "page":
        return [Rule(text)]
    raise _error(node, sheet)


def _declarations(content: list[Node], sheet: Path) -> list[tuple[str, str]]:
    found = []
    for node in tinycss2.parse_blocks_contents(content, skip_whitespace=True, skip_comments=True):
        if node.type != "declaration":
            raise _error(node, sheet)
        if not _lacks_file(node.value, sheet):
            value = tinycss2.serialize(node.value).strip() or " "
            found.append((node.name, value + ("!important" if node.important else "")))
    return found


def _lacks_file(tokens: list[Node], sheet: Path) -> bool:
    """Tell whether a file that is asked for is not on the site."""
    addresses = [
        address for address in _addresses(tokens) if not address.startswith(("data:", "#"))
    ]
    if all((sheet.parent / address).is_file() for address in addresses):
        if addresses and sheet.parent.name != "_static":
            raise StylesheetError(f"{sheet}: {addresses} would lie elsewhere, seen from the bundle")
        return False
    return True


def _addresses(tokens: Iterable[Node]) -> Iterator[str]:
    for token in tokens:
        if token.type == "url":
            yield token.value
        elif token.type == "function" and token.lower_name == "url":
            yield from (argument.value for argument in token.arguments if argument.type == "string")
        elif token.type == "function":
            yield from _addresses(token.arguments)


def _error(node: Node, sheet: Path) -> StylesheetError:
    what = node.message if node.type == "error" else node.serialize()[:80]
    return StylesheetError(f"{sheet}, line {node.source_line}: cannot read {what}")


def _split(tokens: Iterable[Node]) -> Iterator[list[Node]]:
    """Part a list of selectors at its commas."""
    selector: list[Node] = []
    for part in tokens:
        if part == ",":
            yield selector
            selector = []
        elif part.type != "comment":
            selector.append(part)
    yield selector


def _matching(selectors: list[list[Node]], site: Site) -> list[list[Node]]:
    matching = [selector for selector in selectors if may_match(selector, site)]
    # Browsers ignore a whole list for one part that they do not know: it stays whole.
    return selectors if matching and any(map(_is_of_a_vendor, selectors)) else matching


def _is_of_a_vendor(selector: list[Node]) -> bool:
    return any(
        token.type in ("ident", "function") and token.serialize().startswith("-")
        for before, token in pairwise(selector)
        if before == ":"
    )


def may_match(selector: list[Node], site: Site) -> bool:
    """Tell whether all that a selector asks for occurs on the site."""
    before = None
    for token in selector:
        if token.type == "hash" or (token.type == "ident" and before == "."):
            known = token.value in site.names
        elif token.type == "ident" and before != ":":
            known = token.lower_value in site.tags
        elif token.type == "function" and token.lower_name in _ANY_OF:
            known = any(may_match(part, site) for part in _split(token.arguments))
        else:
            known = True
        if not known:
            return False
        before = token
    return True


def _all(rules: Iterable[Rule]) -> Iterator[Rule]:
    for rule in rules:
        yield rule
        yield from _all(rule.children or [])


def _drop_unnamed_properties(rules: list[Rule], named: Iterable[str]) -> None:
    """Drop the custom properties that neither `named` has nor a value that stays."""
    styled = [rule for rule in _all(rules) if rule.declarations]
    values: dict[str, list[str]] = defaultdict(list)
    new = {*named, *(name for rule in _all(rules) for name in _PROPERTY.findall(rule.head))}
    for name, value in (each for rule in styled for each in rule.declarations):
        if name.startswith("--"):
            values[name].append(value)
        else:
            new.update(_PROPERTY.findall(value))
    stay = set()
    while new:
        stay |= new
        new = {asked for name in new for asked in _PROPERTY.findall("".join(values[name]))} - stay
    for rule in styled:
        rule.declarations = [
            (name, value)
            for name, value in rule.declarations
            if not name.startswith("--") or name in stay
        ]
