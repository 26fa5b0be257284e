"""Draw the picture that README.md shows: the figure of the book's front page.

`make notebooks` runs it, so that the picture is as fresh as the chapters.
"""

from __future__ import annotations

from pathlib import Path

from inference_economics_notebook import figures

PICTURE = Path(__file__).parents[1] / "docs" / "front-page.png"


def main() -> None:
    """Write the picture."""
    figures.one_full_machine().save(PICTURE)


if __name__ == "__main__":
    main()
