"""Fingerprints of the essay and its thread, against which every quotation is checked.

    python tools/fingerprint.py TEXTFILE

The text is its authors' and does not come with the book; its fingerprints do, in
tests/ledger/fingerprints.txt. They are short, deliberately slow hashes of its runs of words: of
each four words that stand in a row, and of three and two for what is shorter; of one word only if
it has a digit, for figures alone. A phrase of more than four words is the text's if each
four of it in a row are, so that a word put in, left out or swapped shows. Besides, each number
of the text is kept with its place.

The hashes name no word. One could still guess, run after run, at a millisecond each; whoever
wants the text is quicker to open its address.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import re
import textwrap
import unicodedata
from dataclasses import dataclass
from pathlib import Path

STORED = Path(__file__).parents[1] / "tests" / "ledger" / "fingerprints.txt"
LONGEST = 4
"""Words in a run: three would let two sentences be joined where they share two words."""
SIZE = 4
"""Bytes of a fingerprint: by chance, one false run in 300,000 is taken for the text's."""
ROUNDS = 1000

# A word keeps its case, digits and inner signs: M is a million, m a thousandth, 1000:1 a ratio.
_WORD = re.compile(r"\w+(?:[.,:'/@_-]+\w+)*|[~=<>+%$×≈≤≥]")
# But what starts a sentence there may stand within one here.
_CAPITALIZED = re.compile(r"[A-Z][a-z]+")
_NUMBER = re.compile(r"\d+(?:,\d+)*(?:\.\d+)?(?:e\d+)?")


def words(text: str) -> list[str]:
    """Return the words of a text; how it is typeset makes no difference."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'")
    found = _WORD.findall(plain.replace("\\", ""))  # a $ is escaped in Markdown
    return [word.lower() if _CAPITALIZED.fullmatch(word) else word for word in found]


def numbers(text: str) -> list[str]:
    """Return every number of a text in order, those inside names too."""
    return _NUMBER.findall(text)


def runs(found: list[str], length: int) -> list[tuple[str, ...]]:
    """Return the runs of so many words that stand in a row."""
    return [tuple(found[k : k + length]) for k in range(len(found) - length + 1)]


@dataclass(frozen=True)
class Fingerprints:
    """What is kept of a text: a set of hashes, and how many numbers it has."""

    hashes: frozenset[bytes]
    numbers: int

    @classmethod
    def of(cls, text: str) -> Fingerprints:
        """Return the fingerprints of a text."""
        found = words(text)
        kept = {run for length in range(2, LONGEST + 1) for run in runs(found, length)}
        kept |= {(word,) for word in found if re.search(r"\d", word)}
        hashes = {_hash("words", *run) for run in kept}
        listed = numbers(text)
        hashes |= {_hash("number", str(k), each) for k, each in enumerate(listed, start=1)}
        return cls(frozenset(hashes), len(listed))

    @classmethod
    def read(cls, stored: str) -> Fingerprints:
        """Return the fingerprints that a file has."""
        lines = [line for line in stored.splitlines() if not line.startswith("#")]
        packed = base64.b64decode("".join(lines[1:]))
        hashes = (packed[k : k + SIZE] for k in range(0, len(packed), SIZE))
        return cls(frozenset(hashes), int(lines[0]))

    def written(self) -> str:
        """Return the file that `read` reads."""
        packed = base64.b64encode(b"".join(sorted(self.hashes))).decode()
        about = "# Fingerprints of the essay and its thread: see tools/fingerprint.py.\n"
        return f"{about}{self.numbers}\n{textwrap.fill(packed, 100)}\n"

    def has_number(self, index: int, written: str) -> bool:
        """Say whether that is the number of the text at that place, counted from one."""
        return _hash("number", str(index), written) in self.hashes

    def strange(self, phrase: str) -> str | None:
        """Return the first words of a phrase that the text does not say so; None if it says all."""
        found = words(phrase)
        if not found:
            return phrase
        for run in runs(found, min(len(found), LONGEST)):
            if _hash("words", *run) not in self.hashes:
                return " ".join(run)
        return None


def stored() -> Fingerprints:
    """Return the fingerprints that come with the book."""
    return Fingerprints.read(STORED.read_text(encoding="utf-8"))


def _hash(*parts: str) -> bytes:
    # Slow on purpose, so that guessing is, too.
    return hashlib.pbkdf2_hmac("sha256", "\0".join(parts).encode(), b"", ROUNDS, SIZE)


def main() -> None:
    """Write the fingerprints of the text that is named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("text", type=Path, help="the essay and its thread, as plain text")
    text = parser.parse_args().text.read_text(encoding="utf-8")
    STORED.write_text(Fingerprints.of(text).written(), encoding="utf-8")
    print(f"{STORED}: {STORED.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
