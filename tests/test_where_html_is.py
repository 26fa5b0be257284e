"""What is made in which room of the house."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from alike import with_each

ROOT = Path(__file__).parents[1]
ELSEWHERE = [
    path
    for folder in (ROOT / "src" / "inference_economics", ROOT / "tools")
    for path in sorted(folder.rglob("*.py"))
    # The list of a site's addresses reads pages, and makes none.
    if path.name != "addresses.py"
]
# An end of an element, or a start with an attribute or without one.
TAG = re.compile(r"</[a-z][a-z0-9]*>|<[a-z][a-z0-9]*(\s+[a-z-]+=[^<>]*)?/?>")


def tags(source: str) -> list[str]:
    """Return the HTML tags that stand in a module's strings, docstrings left out."""
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        match[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
        # The name of a group in a regular expression looks like a tag.
        for match in TAG.finditer(re.sub(r"\(\?P[<=][^)>]*>", "(", node.value))
    ]


@with_each("path", ELSEWHERE)
def test_html_is_made_for_notebooks_and_in_the_press_only(path: Path) -> None:
    assert tags(path.read_text(encoding="utf8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('"""Write <b>."""\nx = f"<b>{y}</b>"', ["<b>", "</b>"]),
        ("""x = '<p class="a">' + "</p>" """, ['<p class="a">', "</p>"]),
        ('x = r"(?P<name>a) < b > c"', []),
    ],
)
def test_tags_are_found_in_strings_alone(source: str, found: list[str]) -> None:
    assert tags(source) == found
