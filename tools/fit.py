"""Fit the parameters of the full model to the measurements, and store them.

Run as `make fit` after the measurements or the equations have changed. A test fits them too, and
fails where the stored ones are not those.
"""

from __future__ import annotations

from pathlib import Path

from inference_economics.evidence import validation
from inference_economics.facts import calibration, files

FILE = Path(str(files.FOLDER / calibration.FILE))


def main() -> None:
    """Fit, store, and print what is stored."""
    text = calibration.as_csv(validation.refitted())
    FILE.write_text(text, encoding="utf-8", newline="\n")
    print(text, end="")


if __name__ == "__main__":
    main()
