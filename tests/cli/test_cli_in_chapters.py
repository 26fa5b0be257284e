"""The commands that chapters print: each runs, and prints the figures that the text names."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from inference_economics import cli
from inference_economics_notebook import marks

BOOK = Path(__file__).parents[2] / "book"
COMMAND = re.compile(r"(?m)^inference-economics (.+)$")
BLOCK = re.compile(r"(?ms)^```\n(.*?)^```$")


def parts() -> dict[str, str]:
    """Return the parts of chapters that print a command, by chapter and heading."""
    found = {}
    for path in sorted(BOOK.glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf8"))["cells"]:
            if cell["cell_type"] != "markdown":
                continue
            for part in re.split(r"(?m)^## ", "".join(cell["source"])):
                if any(COMMAND.search(block) for block in BLOCK.findall(part)):
                    found[f"{path.stem}, {part.splitlines()[0]}"] = part
    return found


PARTS = parts()


def printed(part: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a part's commands, where they find the table that the part shows; return the outputs."""
    blocks = BLOCK.findall(part)
    for name in re.findall(r"Saved as `(.+?)`", part):
        (folder / name).write_text(blocks[0], "utf8")
    for command in COMMAND.findall("".join(blocks)):
        assert cli.main(command.split()) == 0, command
    shown = capsys.readouterr()
    assert "refused" not in shown.err
    return shown.out


def test_chapters_print_commands() -> None:
    assert len(PARTS) >= 3


@pytest.mark.parametrize("place", PARTS)
def test_a_command_prints_what_its_chapter_says(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    out = printed(PARTS[place], tmp_path, capsys)
    assert out
    for figure in marks.told(PARTS[place]).values():
        assert re.search(rf"(?<![\d.,]){re.escape(figure)}(?![\d.,]\d)", out), figure
