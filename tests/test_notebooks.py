"""What is committed in book/: executed notebooks, short cells, and prose with its figures."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from inference_economics.facts import files
from inference_economics.ledger import claims
from inference_economics_notebook import marks
from inference_economics_site import mentions, renamed

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book"
NOTEBOOKS = sorted(BOOK.glob("*.ipynb"))
PAGES = sorted(BOOK.glob("*.md"))
MOST_LINES, MOST_LINES_WITH_IMPORTS = 6, 9

# A folder of whoever ran the notebook, on any system.
LOCAL_PATH = re.compile(r"(/home/|/root/|/Users/|/tmp/|/opt/|[A-Z]:\\\\Users)")

# Where digits may stand, taken out of the text in this order before others are looked for.
NOT_PROSE = {
    "marks, which hold what was computed": r"<data value=\"[^\"]*\">.*?</data>",
    "blocks of code": r"(?ms)^(`{3,}).*?^\1\s*$",
    "displayed mathematics": r"(?s)\$\$.*?\$\$",
    "figures quoted in a note": r"\{(value|recomputed|on-facts|fact) [\w-]+\}",
    "code": r"(`+).+?\1",
    "mathematics": r"(?<!\\)\$[^$\n]+\$",
    "tags": r"</?[a-z][^>]*>",
    "targets of links": r"\]\([^)]*\)",
    "marks of ordered lists": r"(?m)^\s*\d+[.)]\s",
}

# Digits that are no result of anything.
NAMES = {
    "years": r"\b(19|20)\d\d(s|[-–]\d{2}(\d\d)?)?\b",
    "accelerators": r"\b(A|B|GB|GH|H|K|L|M|P|V)\d{1,3}s?\b|\bMI\d{3}X?s?\b|\bTPU ?v\d\w?\b",
    "form factors": r"\bSXM\d?\b",
    "models": r"\b(GPT|Llama|PaLM|Mixtral|DeepSeek|Gemini)[- ]?v?\d(\.\d)?([- ]\d+B)?\b",
    "open models": r"\bgpt-oss-\d+b\b|\bDeepSeek-[RV]\d\b|\bR1\b|\bQwen3([- ]\d+B(-A\d+B)?)?\b",
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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_prose_says_what_its_cells_and_the_package_say(path: Path) -> None:
    """Every mark has the figure of its source, and every figure that a cell glues has a mark."""
    assert mentions.stale(load(path)) == [], "run `make notebooks`"


def test_a_stale_or_missing_figure_is_found_in_every_mark() -> None:
    """The test above can fail: each figure changed or taken out, and each source taken away."""
    counted = 0
    for path in NOTEBOOKS:
        told = mentions.glued(load(path))
        for _, cell in cells(path, "markdown"):
            for found in marks.MARK.finditer("".join(cell["source"])):
                for text in ("", f"{found['text']} and a half"):
                    damaged = found[0].replace(f">{found['text']}<", f">{text}<")
                    assert _stale(damaged, told), damaged
                if found["kind"] == marks.GLUE:
                    fewer = {name: said for name, said in told.items() if name != found["name"]}
                    assert _stale(found[0], fewer), found[0]
                counted += 1
    assert counted > 400


def _stale(prose: str, told: dict[str, str]) -> bool:
    output = {"metadata": {"glued": {k: v for k, v in told.items() if k in marks.told(prose)}}}
    code = {"cell_type": "code", "outputs": [output]}
    return bool(mentions.stale({"cells": [code, {"cell_type": "markdown", "source": prose}]}))


# What only the book's own builder understands, and others show as it is typed.
BUILDERS = re.compile(r"\{[\w:.-]+\}`|^\([\w-]+\)=$|^:{3,}|^`{3,}\{|\{\{|\]\[|\[\^", re.MULTILINE)
LINK = re.compile(r"\]\(([^)]*)\)")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_prose_reads_the_same_wherever_it_opens(path: Path) -> None:
    """No role, directive or label, and each link leads to a file here, at a heading or a word."""
    words = tomllib.loads(files.read("words.toml"))
    for _, cell in cells(path, "markdown"):
        text = "".join(cell["source"])
        assert not BUILDERS.search(text), BUILDERS.search(text)
        for target in LINK.findall(text):
            if target.startswith("https://"):
                continue
            name, _, heading = target.partition("#")
            assert (BOOK / name).is_file(), target
            word = heading.removeprefix("word-") if name == "glossary.ipynb" else ""
            assert not heading or word in words or heading in headings(BOOK / name), target


def headings(path: Path) -> set[str]:
    """Name the headings of a notebook as JupyterLab does."""
    texts = ("".join(cell["source"]) for _, cell in cells(path, "markdown"))
    found = (line for text in texts for line in re.findall(r"(?m)^#+ (.+)$", text))
    return {renamed.slug(title) for title in found}


@pytest.mark.parametrize(
    "text",
    [
        "{glue:text}`x`",
        "(place)=\n## There",
        ":::{note}\nx\n:::",
        "```{figure} x\n```",
        "{{glue:x}}",
    ],
)
def test_what_only_the_builder_reads_is_found(text: str) -> None:
    """The test above can fail."""
    assert BUILDERS.search(f"One.\n\n{text}")


def test_no_number_is_typed_in_prose() -> None:
    """A number in the text stands in a mark, so that it cannot go stale."""
    found = [f"{place}: {line}" for place, text in prose() for line in typed_numbers(text)]
    assert not found, "typed numbers; mark where they come from:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "about 27 ms",
        "a factor of 1.5",
        "[100 chips](#x)",
        "**144K** users",
        "500 users",
        "| users |\n|---|\n| 500 |",
        "# 100 chips",
        "a batch of [300](one-user.ipynb)",
        '<data value="glue:users">500</data> to 600',
        "on 8 GPUs\n\n$x$ and $y$",
        r"\$6 and \$7",
    ],
)
def test_typed_numbers_are_found(text: str) -> None:
    """The test above can fail."""
    assert typed_numbers(text)


@pytest.mark.parametrize(
    "text",
    [
        "an H100 of 2023, in FP8, with 2:4 sparsity and HBM3",
        '<data value="glue:ratio">27</data> times, see [the ledger](ledger.ipynb#claim-12)',
        "$x^2$ and `x[3]`\n\n$$\ny = 4\n$$\n\n1. one\n2. two",
        "```\nx = 3\n```",
        "## In 3D, on GPT-4 and Llama 3",
    ],
)
def test_names_are_not_numbers(text: str) -> None:
    """Years, names, code, mathematics and marks stay allowed."""
    assert typed_numbers(text) == []
