"""Machines and models by the names that people write: one matcher for every entrance.

Names are compared loosely: a name means a record if it has every word that one of the record's
names cannot do without, and if no size, version or form in it is another record's. What a name
carries besides (a count of accelerators, a memory, the bits of the weights) comes with it, and
so does what had to be guessed.
"""

from __future__ import annotations

import contextlib
import difflib
import math
import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

from ..algebra import units
from . import catalog, files
from .catalog import CatalogError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .catalog import Record


@dataclass(frozen=True)
class Meant:
    """What a name means.

    Attributes:
        id: the record's id in the catalog.
        count: accelerators that the name counts; 1 if it counts none.
        memory: bytes of each, where the name says other than the record; None otherwise.
        bits: bits of a stored weight that the name says; None if it says none.
        bits_by: by what these are known, in words.
        multiplied: bits in which weights of that format are multiplied, if it says so.
        format: the format of the weights that the name says; empty if it says none.
        cache: bits of a cached number that the name says; None if it says none.
        notes: what was taken for what, in words.
        doubt: what else the name could mean, in words; empty if nothing.

    """

    id: str
    count: int = 1
    memory: float | None = None
    bits: float | None = None
    bits_by: str = ""
    multiplied: float | None = None
    format: str = ""
    cache: float | None = None
    notes: tuple[str, ...] = ()
    doubt: str = ""

    def chips(self, said: int | None, called: str = "chips") -> int:
        """Return how many accelerators there are, from the number beside the name if there is one.

        Raises CatalogError where that number, named as `called`, contradicts the name.
        """
        if said is None:
            return self.count
        if said % self.count == 0:
            return said
        raise CatalogError(f"{called} = {said}: the name counts {self.count} of {self.id}")


class UnknownNameError(CatalogError):
    """A name that means no record, with the reason where there is one."""

    def __init__(self, kind: str, said: str, reason: str) -> None:
        listed = "machines" if kind == "accelerator" else f"{kind}s"
        there_are = f" (`inference-economics {listed}` lists those that there are)"
        super().__init__(f"no {kind} {units.shortened(said)}{reason or there_are}")
        self.reason = reason


_names = partial(files.toml, "names.toml")
"""Other names of machines, models and formats."""


def accelerator(said: str) -> Meant:
    """Return the accelerator that a name means; raise UnknownNameError if it means none."""
    return _known(_accelerator, said)


@lru_cache(4096)
def count(said: str) -> int | None:
    """Return how many accelerators a name counts, 1 of 1xH100; None if it counts none."""
    number, rest = 0, said
    with contextlib.suppress(UnknownNameError):
        number, rest = _counted(said)
        number = accelerator(said).count  # of several rented machines all that they hold
    return number if number > 1 or rest != said else None


def is_a_computer(said: str) -> bool:
    """Say whether a name means a whole computer, which has one chip, and counts no more of them."""
    with contextlib.suppress(UnknownNameError):
        meant = accelerator(said)
        return meant.count == 1 and catalog.load().accelerators[meant.id].words.get("kind") == "soc"
    return False


@lru_cache(4096)
def _found(find: Callable[[str], Meant], said: str) -> Meant | UnknownNameError:
    """Return what a name means, or why it means nothing: both are looked for once."""
    try:
        return find(said)
    except UnknownNameError as error:
        return error


def _known(find: Callable[[str], Meant], said: str) -> Meant:
    found = _found(find, said)
    if isinstance(found, UnknownNameError):
        raise found.with_traceback(None)
    return found


def _accelerator(said: str) -> Meant:
    known = catalog.load().accelerators
    if said in known:
        return Meant(said)
    if _PARTS.search(said):
        reason = ": it is a slice of a card; give its memory_bandwidth and memory_capacity"
        raise UnknownNameError("accelerator", said, reason)
    if " + " in said:
        raise UnknownNameError("accelerator", said, ": give one kind with a count, as 2xH100")
    count, rest = _counted(said)
    taken = f"{said} taken as {count} x" if count > 1 else f"{said} taken as"
    if id := _recorded(rest):
        return Meant(id, count, notes=(f"{taken} {id}",))
    instance, instances = _INSTANCE_OF.sub("", rest.strip().lower()), _names()["instances"]
    if found := instances.get(instance.replace("_", " ")):
        id, count = found[0], count * found[1]
        return Meant(id, count, notes=(f"{said} taken as {count} x {id}",))
    words = _chip_words(rest)
    fits = {id: score for id in known if (score := _chip_score(words, id))}
    exact = {id: score for id, score in fits.items() if _right_size(words, known[id])}
    if not exact and fits:
        return replace(_with_other_memory(said, taken, words, fits), count=count)
    if not exact:
        close = difflib.get_close_matches(instance, instances, n=1, cutoff=0.75)
        near = f"; did you mean {close[0]!r}?" if close else _near(said, known, _chip_words)
        raise UnknownNameError("accelerator", said, near)
    # Among equals the one that has this name, or else the earliest in the catalog.
    best = max(exact, key=lambda each: (exact[each], words in _chip_cores(each)))
    others = _others(rest, words, best, exact)
    known_words = frozenset[str]().union(_chip_words(known[best].name), *_chip_cores(best))
    strange = ", ".join(sorted(repr(w) for w in words - known_words if _COUNT_LIKE.fullmatch(w)))
    return Meant(
        best,
        count,
        notes=(f"{taken} {best}{strange and f' ({strange} not looked at)'}",),
        doubt=f"{said} could also be {' or '.join(others)}" if others else "",
    )


def _recorded(said: str) -> str | None:
    """Return the id of the machine whose id or whole name this is, in capitals or not."""
    return _whole_names().get(said.strip().lower())


@cache
def _whole_names() -> Mapping[str, str]:
    """Return the machines' ids by their names in small letters, and by themselves."""
    known = catalog.load().accelerators
    # Of two of one name the first counts.
    names = {each.name.lower(): id for id, each in reversed(list(known.items()))}
    return {**names, **dict(zip(known, known, strict=True))}


def _with_other_memory(
    said: str, taken: str, words: frozenset[str], fits: Mapping[str, float]
) -> Meant:
    """Return a machine with the memory that its name says, if only one can be meant."""
    (size, *more) = _memories(words)
    one = {id for id in fits if fits[id] == max(fits.values())}
    known = catalog.load().accelerators
    # The catalog has the most memory that a computer can have.
    most = {id for id in one if known[id].words.get("kind") == "soc"}
    one = {id for id in most if known[id].memory_capacity >= size * 1e9} or one
    if more or len(one) > 1:
        sizes = ", ".join(f"{id} {known[id].memory_capacity / 1e9:.0f} GB" for id in sorted(one))
        raise UnknownNameError("accelerator", said, f" (there are: {sizes})")
    (id,) = one
    note = f"{taken} {id} with {size} GB of memory, as the name says"
    return Meant(id, memory=size * 1e9, notes=(note,))


def model(said: str) -> Meant:
    """Return the model that a name means; raise UnknownNameError if it means none."""
    return _known(_named_model, said)


def _named_model(said: str) -> Meant:
    owner, _, own = said.rpartition("/")
    if (id := own.strip().lower()) in catalog.load().models:
        return Meant(id)
    if owner and (found := _model(said, own)):
        return found
    if found := _model(said, said):
        return found
    raise UnknownNameError("model", said, _why_no_model(own))


def _model(said: str, name: str) -> Meant | None:
    whole = name
    name, cached = _WITH_CACHE.subn(" ", name)
    name, format_ = _without_format(name)
    format_ = format_ or ("fp8" if cached else "")
    words, known = _model_words(name), catalog.load().models
    if (id := name.strip(" -_").lower()) in known:
        words, fits = frozenset[str](), {id: 1.0}
    else:
        fits = {id: score for id in known if (score := _model_score(words, id))}
    if not fits:
        return None
    # Among equals the earliest in the catalog is meant: LLaMA 70B is the second edition's.
    best = max(fits, key=fits.__getitem__)
    others = [
        id
        for id in fits
        if id != best and fits[id] == fits[best] and _has_sizes(id) == _has_sizes(best)
    ]
    sized = any(map(_SIZE.fullmatch, words))
    if others and not sized and _has_sizes(best):
        return None  # a family without a size
    if words & set(_names()["other_releases"].get(best, ())):
        return None
    taken = f"{said} taken as {best}"
    strange = sorted(
        word
        for word in words - _known_words(best) - _words("of_a_release")
        if not _of_a_release(word)
    )
    if strange and not sized and any(map(_SIZE.fullmatch, _shape_words(best))):
        return None  # what tells it from its family, and no size that says it is of this one
    if strange:
        taken += f" ({', '.join(map(repr, strange))} not looked at)"
    if {"vl"} & words - _shape_words(best):
        taken += ": what reads images is left out"
    doubts = [f"{said} could also be {' or '.join(others)}"] if others else []
    own = known[best].words.get("expert_format", "").partition("_of_")[0]
    if not (format_ or own) and _OF_PACKED_FILES.search(whole):
        doubts.append(f"{said} names no bits, and such files seldom have 16: give weight_bits")
    published = _names()["published"].get(best, {}).items()
    by = "as the model's name says"
    if not format_ and (format_ := next((each for word, each in published if word in words), "")):
        by = "as its maker publishes it"
    # Of the record's own format the record says more, such as what is stored in another.
    bits, multiplied = (*(_stored_in_a_name(format_) if format_ != own else ()), None, None)[:2]
    return Meant(
        best,
        bits=bits,
        bits_by=by,
        multiplied=multiplied,
        format=format_,
        cache=stored("fp8")[0] if cached else None,
        notes=(taken,),
        doubt="; ".join(doubts),
    )


_WITH_CACHE = re.compile(r"fp8[-_ ]kv(?![a-z])", re.IGNORECASE)
"""What says in a name that the cache has the format of the weights."""
_OF_PACKED_FILES = re.compile(r"gguf|^[a-z0-9.-]+:\d+(?:\.\d+)?[bm]\b", re.IGNORECASE)
"""Names of files for llama.cpp, and Ollama's, which are of fewer than 16 bits as a rule."""


# Words

_NOISE = frozenset(
    {"nvidia", "amd", "instinct", "geforce", "apple", "google", "gpu", "the", "one", "per"}
    | {"rtx", "sxm", "gen"}
)
_APART = frozenset({"pcie", "nvl", "max", "pro", "ti", "super", "mobile", "laptop", "ultra"})
"""Words that tell one chip from another of the same number."""
_FORMS = frozenset({"pcie", "nvl"})
_SIZE = re.compile(r"[ae]?\d+(?:\.\d+)?[bmt]|\d+x\d+b|\d+e")
_VERSION = re.compile(r"[a-z]?\d+(?:\.\d+)?[a-z]?")
_DATE = re.compile(r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|2[3-9](?:0[1-9]|1[0-2])|20\d{6}")
_MEMORY = re.compile(r"(\d+)gb")
# Of data-center cards that differ by it, as in "A100 80".
_BARE_MEMORY = re.compile(r"\b([ahb]\d00\b.*?)[ -](40|80|94|96|141|180|192)\s*$")
_NO_CHIP = re.compile(r"\d+(?:gb|w)?|(?:sxm|hbm|gddr|lpddr|ddr)\d?\w?")
_CAPACITY_MARGIN = 0.1


def _chip_words(name: str) -> frozenset[str]:
    """Return the words of a machine's name, sizes and capacities each written in one way."""
    plain = name.lower().replace("_", " ").replace("gcd", "die")
    for product in _names()["words"]["products"]:
        plain = plain.replace(product.lower(), " ")
    plain = re.sub(r"\b(rtx|rx|gaudi|tpu|cs|wse)-?(?=v?\d)", r"\1 ", plain)
    plain = re.sub(r"(\d)[ -]*g(?:i?b)?\b", r"\1gb", plain)
    plain = _BARE_MEMORY.sub(r"\1 \2gb", plain)
    plain = re.sub(r"(?<=\d)(ti|xtx|xt)\b", r" \1", plain)
    plain = re.sub(r"(?<=\d{3})(x?)s\b", r"\1", plain)  # several, as in 8 H100s
    return frozenset(re.findall(r"[a-z0-9.]+", plain)) - _NOISE


_INSTANCE_OF = re.compile(
    r"^(?:amazon|aws|nvidia|google|gcp|azure|microsoft)[ -]+|^standard_|^ml\.(?=[a-z]+\d)"
)
_NODES = re.compile(
    r"\s*(\d{1,4}) ?(?:[x×*] ?|nodes? ?(?:of|with|[x×*,]) ?)(?=\d{1,2} ?[x×*]? ?[a-z])(.*)",
    re.IGNORECASE | re.DOTALL,
)
_COUNT_LIKE = re.compile(r"\d{1,3}x?|x\d{1,3}|\d+x\d+")
_OF_A_RECORD = re.compile(
    r"(?P<rest>.+?) ?(?:[x×*:] ?(\d{1,6})|\((\d{1,6})\)|[-_]([1-9]|[1-7]\d))\s*",
    re.IGNORECASE | re.DOTALL,
)
_ITEMS = r"(?: ?x|[ -]?(?:gpus?|cards?|chips?|accelerators?))"
_END = r"\s*(?P<more>\(\D*\))?\s*"
_COUNTS = [
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"\s*(?:gpu_)?(?:(\d{1,6}) ?[x×*](?!tx?\b)[ _]?|(\d{1,2}) )(?=[a-z]|\d{4})(?P<rest>.*)",
        rf"(?P<rest>.*?),? (?:[x×*] ?(\d{{1,4}})|(\d{{1,4}}){_ITEMS}){_END}",
        # A name may end in an X of its own, or have one inside, as RTX has.
        rf"(?P<rest>.*\d.*?) ?\([x×*]? ?(\d{{1,6}}){_ITEMS}?\){_END}",
        rf"(?P<rest>.*\d.*?) ?(?<!t)[x×*:] ?(\d{{1,6}}){_END}",
        # Of what stands in servers.
        r"(?P<rest>.*\b(?:[ahb]\d00|l40s|mi\d{3}x?)\b.*?)[ _-]([248])\s*",
    )
]
"""How a name counts accelerators, the likely first: before it or behind it."""
_PARTS = re.compile(r"\bmig\b", re.IGNORECASE)
"""What says that a card is only a part of one."""
_SLICE = re.compile(r"(.*)(?<![a-z0-9])v(\d[a-z]*)-(\d{1,6})\s*", re.IGNORECASE | re.DOTALL)
_CORES_OF_SLICES = {"2": 2, "3": 2, "4": 2, "5p": 2, "5e": 1, "5litepod": 1, "6e": 1}
"""What the number of a slice of TPUs counts: so many for each chip."""


def _counted(said: str) -> tuple[int, str]:
    """Return how many accelerators a name counts, and the rest of it."""
    said = re.sub(r"^\s*dual[ -]", "2 x ", said, flags=re.IGNORECASE)
    if match := _SLICE.fullmatch(said):
        edition, named = match[2].lower(), "tpu" in said.lower()
        if edition in _CORES_OF_SLICES and (named or not edition.isdigit()):
            count = int(match[3]) // _CORES_OF_SLICES[edition]
            return max(1, count), f"tpu v{edition.replace('litepod', 'e')}"
        if named:
            reason = f": {match[3]} may count chips or halves; name the chip, and give n_chips"
            raise UnknownNameError("accelerator", said, reason)
    # An id or a name of the catalog ends where it ends, whether it has a number in it or not.
    if _recorded(said):
        return 1, said
    if match := _NODES.fullmatch(said):
        count, rest = _counted(match[2])
        return _at_least_one(said, match[1]) * count, rest
    counts = (pattern.fullmatch(said) for pattern in (_OF_A_RECORD, *_COUNTS))
    for match in filter(None, counts):
        if match.re is not _OF_A_RECORD or _counts_records(match):
            found = match.groupdict()
            rest, more = match["rest"], found.get("more") or ""
            number = next((n for n in match.groups() if n and n not in {rest, more}), rest)
            return _at_least_one(said, number), rest + more
    return 1, said


def _counts_records(match: re.Match[str]) -> bool:
    """Say whether a number stands behind a machine's id or name, and is not its memory."""
    id, behind = _recorded(match["rest"]), match[4]
    if not (id and behind):
        return id is not None
    return not _right_size(frozenset({f"{behind}gb"}), catalog.load().accelerators[id])


def _at_least_one(said: str, counted: str) -> int:
    if not int(counted):
        raise UnknownNameError("accelerator", said, ": it counts none")
    return int(counted)


def _core(name: str) -> frozenset[str]:
    """Return the words that a machine's name cannot do without: those outside brackets."""
    return _chip_words(re.sub(r"\(.*\)?", "", name))


@cache
def _chip_cores(id: str) -> tuple[frozenset[str], ...]:
    others = _names()["machines"].get(id, ())
    cores = (_core(catalog.load().accelerators[id].name), *map(_chip_words, others))
    return tuple(frozenset(w for w in core if not _MEMORY.fullmatch(w)) for core in cores)


def _chip_score(said: frozenset[str], id: str) -> float:
    """Return how near a name is to a machine's, its memory aside; 0 if it is another's."""
    whole = _chip_words(catalog.load().accelerators[id].name)
    return max(
        (
            2 * len(said & (core | whole)) / (len(said) + len(core | whole))
            for core in _chip_cores(id)
            if _same_chip(said, core)
        ),
        default=0.0,
    )


def _same_chip(said: frozenset[str], core: frozenset[str]) -> bool:
    """Say whether a chip's number, if it has one, and its form are those of a name."""
    if not {word for word in core if word.isalpha()} <= said:
        return False
    numbers = {word for word in core if not word.isalpha() and not _NO_CHIP.fullmatch(word)}
    digits = {word for word in core if word.isdigit()}
    return (numbers or digits) <= said and bool(core & said) and said & _APART <= core


def _memories(said: frozenset[str]) -> list[int]:
    return sorted(int(match[1]) for word in said if (match := _MEMORY.fullmatch(word)))


def _right_size(said: frozenset[str], record: Record) -> bool:
    capacity = record.numbers.get("memory_capacity", math.nan) / 1e9
    return all(abs(size - capacity) <= _CAPACITY_MARGIN * capacity for size in _memories(said))


def _others(name: str, said: frozenset[str], best: str, exact: Mapping[str, float]) -> list[str]:
    """Return what else a name could mean: the same chip with another memory or on another board."""
    known = catalog.load().accelerators
    found = [id for id in exact if exact[id] == exact[best]]
    found += [id for id in exact if said in _chip_cores(id)]
    if not re.search(r"sxm|hgx|dgx|hbm3", name, re.IGNORECASE) and not said & _FORMS:
        for id, record in known.items():
            forms = _core(record.name) & _FORMS
            if forms and _chip_score(said | forms, id) and _right_size(said, record):
                found.append(id)
    found = [id for id in dict.fromkeys(found) if known[id].words.get("status") != "preliminary"]
    return [id for id in found if id != best]


# Models


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(_names()["words"][kind])


def _of_a_release(word: str) -> bool:
    """Say whether a version is a date, or one before the first, which keeps the shape."""
    return bool(_DATE.fullmatch(word)) or word.startswith("0.")


def stored(written: str) -> tuple[float, ...]:
    """Return the bits of a weight in a format, and those of its arithmetic if the format says so.

    A number of bits may have the word behind it. Nothing if the format is not known.
    """
    if bits := _BITS.fullmatch(written):
        return (float(bits[1]),)
    return tuple(_names()["formats"].get(re.sub(r"[ -]", "_", written.lower()), ()))


_BITS = re.compile(r"(\d{1,2}(?:\.\d+)?)(?:[ _-]?bits?|bpw)", re.IGNORECASE)
_BITS_IN_A_NAME = re.compile(r"(?:exl[23]_)?(\d(?:\.\d+)?)(?:_?bits?|bpw)?")
_SCALES = 0.5
"""Bits of a weight's share of its group's scales, where a name has no more than a number of bits:
64 weights with two numbers of sixteen bits (MLX), or with one of 32 (bitsandbytes)."""


def _stored_in_a_name(format_: str) -> tuple[float, ...]:
    """Return what `stored` does for a format in a model's name, as 4bit or 4.0bpw."""
    if bits := _BITS_IN_A_NAME.fullmatch(format_):
        return float(bits[1]) + _SCALES * ("bit" in format_), 16.0
    return stored(format_)


@cache
def _formats() -> re.Pattern[str]:
    names = sorted(_names()["formats"], key=len, reverse=True)
    loose = "|".join(name.replace("_", "[_ -]+") for name in names)
    bits = r"(?<!\d\.)\d(?:\.\d+)?(?:[_ -]?bits?|bpw)|exl[23][_ -]\d(?:\.\d+)?(?:bpw)?"
    return re.compile(rf"(?<![a-z0-9])(?:{loose}|{bits})(?![a-z0-9])", re.IGNORECASE)


def _without_format(name: str) -> tuple[str, str]:
    """Return a name without the formats of its weights, and the most telling, if it has one."""
    found = [re.sub(r"[_ -]+", "_", each).lower() for each in _formats().findall(name)]
    return _formats().sub(" ", name), min(found, key=_stored_in_a_name, default="")


def _model_words(name: str) -> frozenset[str]:
    """Return the words of a model's name: family and version apart, versions without a v."""
    plain = re.sub(r"[_:/]", " ", name.lower())
    plain = re.sub(r"(?<=\d)moe\b|(?<=b)\.(?=a\d)", " ", plain)  # llama.cpp's qwen3moe 30B.A3B
    plain = re.sub(r"(?<=[a-z])(\d)(?=\d(?: |-|$))", r"\1.", plain)  # llama31, v32
    plain = re.sub(r"(?<=[a-z]{2})-?(?=\d)", " ", plain)  # qwen3, llama-3
    plain = re.sub(r"(\d)[ -]+([bm])\b", r"\1\2", plain)
    plain = re.sub(r"\bv(?=\d)", "", plain)
    return frozenset(word.strip(".") for word in re.findall(r"[a-z0-9.]+", plain)) - {"v", ""}


@cache
def _model_cores(id: str) -> tuple[frozenset[str], ...]:
    name, others = catalog.load().models[id].name, _names()["models"].get(id, ())
    return tuple(map(_model_words, (re.sub(r"\(.*\)", "", name), *others)))


@cache
def _known_words(id: str) -> frozenset[str]:
    return frozenset[str]().union(*_model_cores(id), _model_words(catalog.load().models[id].name))


def _shape_words(id: str) -> frozenset[str]:
    return _model_words(catalog.load().models[id].name)


def _has_sizes(id: str) -> bool:
    return any(map(_SIZE.fullmatch, _known_words(id)))


def _model_score(said: frozenset[str], id: str) -> float:
    return max((_likeness(said, core) for core in _model_cores(id)), default=0.0)


def _likeness(said: frozenset[str], core: frozenset[str]) -> float:
    """Return how near a name is to one of a model's; 0 if it is another model's."""
    sizes = {word for word in said if _SIZE.fullmatch(word)}
    versions = {word for word in said - sizes if _VERSION.fullmatch(word)}
    releases = {word for word in versions - core if _of_a_release(word)}
    family = {word for word in core if word.isalpha()}
    if not (family and family <= said and sizes <= core and versions - releases <= core):
        return 0.0
    if said & _words("of_another_shape") - core:
        return 0.0
    mine = said - releases - (_words("of_a_release") - core)
    # Of names that are equally near, that which says more.
    return 2 * len(mine & core) / (len(mine) + len(core)) + len(mine & core) * _MORE


_MORE = 1e-6


def _why_no_model(said: str) -> str:
    """Return why a name means no model: what is of another shape, or what is nearest."""
    said, _ = _without_format(said)
    words, known = _model_words(said), catalog.load().models
    plain = words - _words("of_another_shape")
    like = [id for id in known if _model_score(plain, id)] if plain != words else []
    if like and (strange := words - plain - _known_words(like[0])):
        other = ", ".join(sorted(map(repr, strange)))
        return f": {other} may be another shape than {like[0]}; give its config.json"
    return _near(said, known, _model_words)


def _near(said: str, known: Mapping[str, Record], words_of: Any) -> str:
    """Return "; did you mean ..." with the records nearest by their words, then by letters."""
    if "_" in said and (near := difflib.get_close_matches(said.lower(), known, n=1, cutoff=0.8)):
        return f"; did you mean {near[0]!r}?"
    words, scores = words_of(said), {}
    for id, record in known.items():
        theirs = words_of(record.name) | words_of(id)
        stems = {
            word
            for word in words - theirs
            for other in theirs
            if min(len(word), len(other)) > 2 and (word in other or other in word)
        }
        score = sum(len(word) if len(word) > 2 else 1 for word in words & theirs) + len(stems)
        if score > 1:
            scores[id] = score - 0.1 * len(theirs - words)
    best = sorted(scores, key=scores.__getitem__, reverse=True)[:2]
    best = best or difflib.get_close_matches(said.lower(), known, n=1)
    return f"; did you mean {' or '.join(map(repr, best))}?" if best else ""
