"""What is committed in book/: executed notebooks, short cells, no number typed in prose."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from inference_economics.ledger import claims

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
NOTEBOOKS = sorted(BOOK.glob("*.ipynb"))
PAGES = sorted(BOOK.glob("*.md"))
MOST_LINES, MOST_LINES_WITH_IMPORTS = 6, 9

# A folder of whoever ran the notebook, on any system.
LOCAL_PATH = re.compile(r"(/home/|/root/|/Users/|/tmp/|/opt/|[A-Z]:\\\\Users)")

# Taken out of the text before digits are looked for, in this order.
NOT_PROSE = {
    "front matter": r"(?s)\A---\n.*?\n---\n",
    "fenced code and directives without text": r"(?ms)^(`{3,})(?!\{(note|tip)).*?^\1\s*$",
    "directive and option lines": r"(?m)^\s*(:{3,}.*|:[\w-]+:.*)$",
    "labels": r"(?m)^\([\w:.-]+\)=$",
    "displayed mathematics": r"(?s)\$\$.*?\$\$",
    "figures quoted in a note": r"\{(value|recomputed|on-facts|fact) [\w-]+\}",
    "roles, glue included": r"\{[\w:.-]+\}`[^`]*`",
    "code spans": r"(`+).+?\1",
    "mathematics in the line": r"(?<!\\)\$[^$\n]+\$",
    "comments and tags": r"(?s)<!--.*?-->|</?[a-z][^>]*>",
    "attributes": r"\{[.#][^}]*\}",
    "targets of links": r"\]\([^)]*\)",
    "addresses": r"https?://\S+",
    "footnote marks": r"\[\^[^\]]+\]",
    "marks of ordered lists": r"(?m)^\s*\d+[.)]\s",
}

# Digits that are no result of anything.
NAMES = {
    "years": r"\b(19|20)\d\d(s|[-–]\d{2}(\d\d)?)?\b",
    "accelerators": r"\b(A|B|GB|GH|H|K|L|M|P|V)\d{1,3}s?\b|\bMI\d{3}X?s?\b|\bTPU ?v\d\w?\b",
    "form factors": r"\bSXM\d?\b",
    "models": r"\b(GPT|Llama|PaLM|Mixtral|DeepSeek|Gemini)[- ]?v?\d(\.\d)?([- ]\d+B)?\b",
    "number formats": r"\b(FP|BF|TF|INT)\d{1,2}\b|\b\d{1,2}-bit\b",
    "structured sparsity": r"\b2:4\b",
    "memory and interconnect generations": r"\b(HBM|GDDR|DDR|PCIe |NVLink )\d\w?\b",
    "dimensions": r"\b[23]-?[Dd]\b",
    "licenses and versions of tools": r"\bCC BY 4\.0\b|\bPython 3\.\d+\b",
}


@cache
def load(path: Path) -> dict[str, Any]:
    """Read a notebook."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf8"))
    return notebook


def cells(path: Path, kind: str) -> list[tuple[int, dict[str, Any]]]:
    """Number the cells of a notebook from 1 and give those of one kind."""
    numbered = enumerate(load(path)["cells"], start=1)
    return [(number, cell) for number, cell in numbered if cell["cell_type"] == kind]


def prose() -> list[tuple[str, str]]:
    """Give every text of the book with its place."""
    texts = [
        (f"book/{path.name}, cell {number}", "".join(cell["source"]))
        for path in NOTEBOOKS
        for number, cell in cells(path, "markdown")
    ]
    texts += [(f"book/{path.name}", path.read_text(encoding="utf8")) for path in PAGES]
    ledger = claims.load().claims.values()
    return texts + [(f"the note of {claim.id}", claim.note) for claim in ledger]


def typed_numbers(text: str) -> list[str]:
    """Find the lines of a text in which a number is typed rather than computed."""
    for pattern in (*NOT_PROSE.values(), *NAMES.values()):
        text = re.sub(pattern, " ", text)
    return [" ".join(line.split()) for line in text.splitlines() if re.search(r"\d", line)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_as_executed(path: Path) -> None:
    """Every cell has run, in order, without an error; nbval compares nothing otherwise."""
    counts = [cell["execution_count"] for _, cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1)), "run `make notebooks`"
    outputs = [output for _, cell in cells(path, "code") for output in cell["outputs"]]
    assert outputs, "no cell has an output"
    assert not [o for o in outputs if o["output_type"] == "error"]
    assert not [o for o in outputs if o.get("name") == "stderr"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_same_on_every_machine(path: Path) -> None:
    """Metadata and ids are fixed, and no path of one machine is stored."""
    metadata = load(path)["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"
    assert "version" not in metadata.get("language_info", {})
    assert "widgets" not in metadata
    ids = [cell["id"] for cell in load(path)["cells"]]
    assert len(set(ids)) == len(ids)
    found = LOCAL_PATH.search(path.read_text(encoding="utf8"))
    assert found is None, f"{found} in {path.name}"


def test_every_chapter_is_in_the_table_of_contents() -> None:
    listed = set(re.findall(r"(?:file|root): (\S+)", (ROOT / "_toc.yml").read_text("utf8")))
    files = {path.stem for path in (*NOTEBOOKS, *PAGES)}
    assert not files - listed, f"_toc.yml does not name {', '.join(sorted(files - listed))}"
    assert not listed - files, f"_toc.yml: book/ has no {', '.join(sorted(listed - files))}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_the_text_takes_up_a_cell_has_glued(path: Path) -> None:
    outputs = [output for _, cell in cells(path, "code") for output in cell["outputs"]]
    records = [output.get("metadata", {}).get("scrapbook", {}) for output in outputs]
    glued = {record.get("name") for record in records}
    for number, cell in cells(path, "markdown"):
        taken = set(re.findall(r"\{glue:text\}`([^`:]+)", "".join(cell["source"])))
        unknown = ", ".join(sorted(taken - glued))
        assert not unknown, (
            f"book/{path.name}, cell {number}: no cell glues {unknown} (`make notebooks` stores "
            "what cells glue)"
        )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_cells_are_short(path: Path) -> None:
    """A cell does one thing, in six lines or fewer; what it imports, and from where, is no line."""
    long = [
        n
        for n, cell in cells(path, "code")
        if sum(not line.startswith(("from ", "import ")) for line in cell["source"]) > MOST_LINES
        or len(cell["source"]) > MOST_LINES_WITH_IMPORTS
    ]
    assert long == [], f"{path.name}: cells of more than {MOST_LINES} lines"


def test_no_number_is_typed_in_prose() -> None:
    """A number in the text comes from the code, by glue, so that it cannot go stale."""
    found = [f"{place}: {line}" for place, text in prose() for line in typed_numbers(text)]
    assert not found, "typed numbers; glue them from the code:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "about 27 ms",
        "a factor of 1.5",
        "[100 chips](#x)",
        "**144K** users",
        ":::{note}\nas 3 of 4\n:::",
        "on 8 GPUs\n\n$x$ and $y$",
    ],
)
def test_typed_numbers_are_found(text: str) -> None:
    """The test above can fail."""
    assert typed_numbers(text)


@pytest.mark.parametrize(
    "text",
    [
        "an H100 of 2023, in FP8, with 2:4 sparsity and HBM3",
        "{glue:text}`ratio:.0f` times, see [the ledger](ledger.md#claim-12)",
        "$x^2$ and `x[3]`\n\n$$\ny = 4\n$$\n\n1. one\n2. two",
        "```{code-block} python\nx = 3\n```\n\n```{glue} figure-1\n:name: figure-1\n```",
        "(section-2)=\n## In 3D, on GPT-4 and Llama 3",
    ],
)
def test_names_are_not_numbers(text: str) -> None:
    """Years, names, code, mathematics and glue stay allowed."""
    assert typed_numbers(text) == []
