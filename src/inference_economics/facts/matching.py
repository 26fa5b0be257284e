"""Machines and models by the names that people write.

Names are compared loosely. A name means a record if it has every word that the record's name
cannot do without, and if no size, version or form in it is another record's.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from . import catalog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .catalog import Record

_NOISE = frozenset(
    {"nvidia", "amd", "instinct", "geforce", "apple", "google", "gpu", "the", "one", "per"}
    | {"rtx", "sxm", "gen"}
)
_APART = frozenset({"pcie", "nvl", "max", "pro", "ti", "super", "mobile", "laptop"})
"""Words that tell one chip from another of the same number."""
_SIZE = re.compile(r"a?\d+(?:\.\d+)?[bmt]|\d+x\d+b")
_VERSION = re.compile(r"[a-z]?\d+(?:\.\d+)?[a-z]?")
_MEMORY = re.compile(r"(\d+)gb")
_NO_CHIP = re.compile(r"\d+(?:gb|w)?|(?:sxm|hbm|gddr|lpddr|ddr)\d?\w?")
_CAPACITY_MARGIN = 0.1


def _words(name: str) -> frozenset[str]:
    """Return the words of a name, sizes and capacities each written in one way."""
    plain = name.lower().replace("_", " ").replace("gcd", "die")
    plain = re.sub(r"\b(rtx|gaudi|tpu|llama)-?(?=v?\d)", r"\1 ", plain)
    plain = re.sub(r"^\d+ ?x ?(?=[a-z])", "", plain)
    plain = re.sub(r"(\d)[ -]*g(?:i?b)?\b", r"\1gb", plain)
    plain = re.sub(r"(\d)[ -]+([bm])\b", r"\1\2", plain)
    return frozenset(re.findall(r"[a-z0-9.]+", plain)) - _NOISE


def _core(name: str) -> frozenset[str]:
    """Return the words that a record's name cannot do without: those outside brackets."""
    return _words(re.sub(r"\(.*\)?", "", name))


def _named(words: Iterable[str]) -> set[str]:
    """Return the words without a digit."""
    return {word for word in words if word.isalpha()}


def _nearest(said: str, records: Mapping[str, Record], fits: Callable[..., bool]) -> str | None:
    """Return the id of the record whose name has the most words in common with what is said."""
    if said in records:
        return said
    words, best, best_score = _words(said), None, 0.0
    for id, record in records.items():
        theirs = _words(record.name)
        if _named(_core(record.name)) <= words and fits(words, record):
            score = 2 * len(words & theirs) / (len(words) + len(theirs))
            if score > best_score:
                best, best_score = id, score
    return best


def _same_chip(said: frozenset[str], record: Record) -> bool:
    """Say whether a chip's number, if it has one, and any size of memory are the record's."""
    core = _core(record.name)
    numbers = {word for word in core if not word.isalpha() and not _NO_CHIP.fullmatch(word)}
    digits = {word for word in core if word.isdigit()}
    if not (numbers or digits) <= said or not core & said or not said & _APART <= core:
        return False
    sizes = [int(match[1]) for word in said if (match := _MEMORY.fullmatch(word))]
    capacity = record.numbers.get("memory_capacity", math.nan) / 1e9
    return all(abs(size - capacity) <= _CAPACITY_MARGIN * capacity for size in sizes)


def _same_model(said: frozenset[str], record: Record) -> bool:
    """Say whether every size and version that is said is the record's."""
    theirs = _words(record.name)
    sizes = {word for word in said if _SIZE.fullmatch(word)}
    family = {word for word in (said & _core(record.name)) - sizes if word[0].isalpha()}
    versions = {word for word in said - sizes if _VERSION.fullmatch(word)}
    known = all({word, word.partition(".")[0]} & theirs for word in versions)
    return bool(family) and sizes <= theirs and known


@lru_cache(4096)
def accelerator_id(said: str) -> str | None:
    """Return the id of the accelerator that a name means; None if it means none."""
    return _nearest(said, catalog.load().accelerators, _same_chip)


@lru_cache(4096)
def model_id(said: str) -> str | None:
    """Return the id of the model that a name means; None if it means none."""
    return _nearest(said, catalog.load().models, _same_model)
