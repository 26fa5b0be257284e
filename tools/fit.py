"""Fit the parameters of a step and of a server under load to measurements, and store them.

Run as `make fit` after the measurements or the equations have changed. A test fits them too, and
fails where the stored ones are not those.
"""

from __future__ import annotations

from pathlib import Path

from inference_economics.evidence import load, validation
from inference_economics.facts import calibration, files, load_calibration


def main() -> None:
    """Fit, store, and print what is stored."""
    made = {calibration.FILE: validation.refitted, load_calibration.FILE: load.refitted}
    for name, refitted in made.items():
        text = calibration.as_csv(refitted())
        Path(str(files.FOLDER / name)).write_text(text, encoding="utf-8", newline="\n")
        print(text, end="")


if __name__ == "__main__":
    main()
