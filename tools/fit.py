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
    step, served = validation.refitted(), load.refitted()
    made = {
        calibration.FILE: calibration.as_csv(step),
        load_calibration.FILE: calibration.as_csv(served),
        load_calibration.LEFT_OUT: load_calibration.left_out_csv(load.fits()[1]),
    }
    for name, text in made.items():
        Path(str(files.FOLDER / name)).write_text(text, encoding="utf-8", newline="\n")
        print(text, end="")


if __name__ == "__main__":
    main()
