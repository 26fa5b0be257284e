"""The command `inference-economics`: the ledger and its arithmetic, as text or JSON."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from . import __version__
from .algebra import symbols, units
from .algebra.formula import InputError, checked, unlikely
from .algebra.suggest import suggestion
from .equations import decode
from .facts import calibration, catalog, configuration, measurements, own_machine, results, tables
from .facts.catalog import CatalogError
from .facts.load_calibration import ENGINES, engine_called
from .ledger import claims
from .ledger.telling import as_text
from .serving import fitted
from .serving.deployment import TooBigError, deploy
from .serving.requests import serve
from .serving.served import counts, left_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from .facts.catalog import Record
    from .serving.deployment import DecodeStep, Deployment


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments; return its exit status."""
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without "×" still gets the rest
    try:
        _write(options.run(options))
    except (CatalogError, claims.ClaimError, InputError) as error:
        if isinstance(error, TooBigError) and options.json:
            _write(_as_json(error.as_json()))
        return _failed(error.args[0], 2)
    except BrokenPipeError:
        _write_no_more()  # the reader, such as `head`, has seen enough
    except OSError as error:
        _write_no_more()
        return _failed(f"the output cannot be written: {error.strerror or error}", 1)
    except KeyboardInterrupt:
        _write_no_more()
        return _INTERRUPTED
    return int(options.status)


_INTERRUPTED = 130
"""What a shell gives a command that Ctrl-C ended."""


def _write(answer: str | Iterable[str]) -> None:
    """Write an answer, a whole one as lines; raises OSError where that cannot be done."""
    if sys.stdout is None:  # whoever started the command has closed it
        raise OSError("it is closed")
    for part in [answer, "\n"] if isinstance(answer, str) else answer:
        sys.stdout.write(part)
    sys.stdout.flush()


def _write_no_more() -> None:
    """Keep the interpreter from writing what is left when it ends."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _failed(reason: str, status: int) -> int:
    _tell(f"inference-economics: {reason}")
    return status


def _tell(text: str) -> None:
    """Say something beside the answer, if anybody can hear it."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(text, file=sys.stderr)


def _count(text: str) -> float:
    """Return a number that may be written with a suffix, such as 8K."""
    with contextlib.suppress(ValueError):
        return float(text)
    try:
        return units.parse(text, "dimensionless")
    except units.UnitsError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number, such as 8000 or 8K") from None


_MEANS = {
    "hardware": "accelerator, such as H100 or 8xH100",
    "n_chips": "how many accelerators",
    "model": "model, such as Llama-3.1-8B",
    "weight_bits": "bits of a stored weight",
    "kv_bits": "bits of a cached number",
    "batch": "requests served in one step",
    "launch": " or ".join(map(repr, calibration.LAUNCHES)),
}
_NAMES = {
    "time to the first token": "time to first token (TTFT)",
    "time per token": "time per output token (TPOT)",
    "prompts of others": "prompts of others (prefill)",
}
"""What the field calls figures and parts of a service, beside the book's own names."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="inference-economics", description="Numbers of AI inference, recomputed and judged."
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.set_defaults(status=0)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("claims", help="list every claim with its verdict")
    listing.set_defaults(run=_claims)
    single = commands.add_parser("claim", help="show the arithmetic of one claim")
    single.set_defaults(run=_claim)
    single.add_argument("id", help="the claim's id, as listed by 'claims'")
    shown = [listing, single]
    for kind, file in (("machine", "a TOML file"), ("model", "a config.json")):
        plural = commands.add_parser(f"{kind}s", help=f"list every {kind} of the catalog")
        plural.set_defaults(run=_records, kind=kind)
        one = commands.add_parser(kind, help=f"show one {kind} with its sources")
        one.set_defaults(run=_record, kind=kind)
        one.add_argument("id", help=f"its name, as listed by '{kind}s', or {file}")
        shown += [plural, one]
    step = commands.add_parser(
        "decode",
        help="time, cost and memory of one decode step",
        description="Print the time of one decode step of a fixed batch by cause, what it gives "
        "each user and in all, the shares of peak arithmetic (MFU) and of memory bandwidth (MBU), "
        "the memory, the largest batch that fits, what binds, and the cost of a million tokens.",
    )
    step.set_defaults(run=_decode)
    add = step.add_argument
    _add_layout(step)
    add("--batch", type=_count, required=True, help="requests that are served in one step")
    add("--context", type=_count, help="tokens of context of each (default 0)")
    add("--without", action="append", default=[], metavar="TERM", choices=list(decode.OFF),
        help=f"switch a term off; may be repeated: {', '.join(decode.OFF)}")  # fmt: skip
    add("--fitted", choices=calibration.LAUNCHES, metavar=f"{{{','.join(fitted.NAMES)}}}",
        type=lambda given: fitted.NAMES.get(given, given),
        help="values fitted to measurements, for an engine that replays recorded kernels (CUDA "
        "graphs) or for one that launches kernel by kernel (eager)")  # fmt: skip
    serve = commands.add_parser(
        "serve",
        help="times and output of a service: requests with prompts and answers",
        description="Print what a service with continuous batching gives, each figure with its "
        "90% interval: time to first token (TTFT), time per output token (TPOT), throughput and "
        "costs, where prompts are read (prefill) between the steps of other requests or in them.",
    )
    serve.set_defaults(run=_serve)
    add = serve.add_argument
    _add_layout(serve)
    add("--prompt", type=_count, required=True, help="tokens of a prompt, cached ones included")
    add("--answer", type=_count, required=True, help="tokens of an answer")
    load = serve.add_mutually_exclusive_group(required=True)
    load.add_argument("--concurrency", type=_count, help="requests at once")
    load.add_argument("--rate", help="requests that come in a second, at random, or as 600/min")
    add("--waves", action="store_true",
        help="the requests at once are equally long and come together")  # fmt: skip
    add("--cached", default="0", dest="cached_share", metavar="SHARE",
        help="share of the prompts' tokens in the prefix cache, as 50%% (default 0)")  # fmt: skip
    add("--engine", choices=ENGINES, default="", type=lambda said: engine_called(said) or said,
        help="the engine that serves (default: not known)")  # fmt: skip
    add("--busy", default="1", dest="busy_share", metavar="SHARE",
        help="share of the day with this load; the rest is idle but paid (default 1)")  # fmt: skip
    predict = commands.add_parser(
        "predict",
        help="predict the rows of a table of measurements",
        description="Predict each row of a CSV file and print the table with what was added; "
        "where values are given, say on the terminal how far the predictions miss.",
        epilog=f"Metrics: {', '.join(measurements.METRICS)}. Units: "
        f"{', '.join(measurements.SECONDS)}, tok/s, tok/s/GPU, tok/s/node. "
        f"launch: {' or '.join(calibration.LAUNCHES)}. Added: "
        f"{', '.join(measurements.PREDICTED)}. Times of requests and first tokens need "
        "input_tokens, those of requests output_tokens; steps need context_tokens, or both. "
        "A batch is static, but for times per token, first tokens and throughputs of the phase "
        "mixed; a concurrency, or a rate of requests in a second, is that of a server "
        "under load. "
        "Machines and models are matched loosely by name, with those that 'machines' and "
        "'models' list; a model may also be the path of its config.json. A file of two lines: "
        "hardware,n_chips,model,batch,metric,context_tokens and "
        "H100,1,Llama-3.1-8B,1,decode_speed,1000. "
        "Lines that begin with # are comments. "
        "Exit status: 0 if a row was predicted, 1 if none was or the output could not be written, "
        "2 if the file or an option was refused.",
    )
    predict.set_defaults(run=_predict)
    predict.add_argument(
        "file",
        help="a file that a benchmark tool wrote, or a CSV file, or - for standard input, with "
        "the columns "
        f"{', '.join(tables.REQUIRED)}, and as many as are known of "
        f"{', '.join(tables.OPTIONAL)}",
    )
    for column, option in results.OPTIONS.items():
        predict.add_argument(
            option,
            dest=f"given_{column}",
            metavar="VALUE",
            help=f"{_MEANS[column]}, where a table's column {column} is missing or empty, or in "
            "place of what a tool's file says",
        )
    predict.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="values",
        help="any other column that the file lacks, as in memory_bandwidth=1TB/s")  # fmt: skip
    for command in (*shown, step, serve, predict):
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _add_layout(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("--accelerator", required=True,
        help="an accelerator by name, as h100_sxm5 or 8xH100, or a TOML file")  # fmt: skip
    add("--chips", type=int,
        help="accelerators that serve the model (default: as the name counts, or 1)")  # fmt: skip
    add("--model", required=True,
        help="a model by name, such as llama3_70b, or the path of its config.json")  # fmt: skip
    add("--weight-bits",
        help="bits of a stored weight, or a format such as fp8 (default: as the name says, or as "
        "published)")  # fmt: skip
    add("--kv-bits",
        help="bits of a cached number, or a format (default: as the model asks for, or 16; serve "
        "takes 8 with weights of fp8 or nvfp4)")  # fmt: skip
    add("--compute-bits", type=int, choices=(4, 8, 16, 32), help="precision of the arithmetic")
    add("--stages", type=int,
        help="pipeline stages (default: as many as nodes, but 1 with copies of attention); chips "
        "over stages and replicas split each layer (tensor parallelism)")  # fmt: skip
    add("--replicas", type=int,
        help="data-parallel copies of the attention and of other weights that are no routed "
        "experts (default: with experts one on each of more than 8 chips, if there are as many "
        "users or there is no other way; else 1)")  # fmt: skip
    add("--rent", "--usd-per-chip-hour",
        help="dollars per chip-hour, or as '60 dollar/day' (default: the catalog's)")  # fmt: skip
    add("--set", action="append", default=[], metavar="NAME=VALUE", dest="values",
        help="another value by its name in the glossary, as in link_latency=8us")  # fmt: skip


def _as_json(answer: Any) -> str:
    return json.dumps(answer, indent=2)


def _claims(options: argparse.Namespace) -> str:
    ledger = claims.load()
    return _as_json([each.as_json() for each in ledger]) if options.json else _table(ledger)


def _claim(options: argparse.Namespace) -> str:
    result = claims.load()[options.id]
    return _as_json(result.as_json()) if options.json else as_text(result)


def _choices(options: argparse.Namespace, *more: str) -> dict[str, Any]:
    """Return how a model is laid out, its rent, and what else is asked for by these names."""
    return {name: getattr(options, name) for name in (*measurements.HOW, "rent", *more)}


def _decode(options: argparse.Namespace) -> str:
    if not 1 <= options.batch <= measurements.MOST:  # as in a table that `predict` takes
        raise InputError(f"--batch {options.batch:g}: must be from 1 to {measurements.MOST:,.0f}")
    chosen = {**_set(options), **_choices(options), "users": options.batch}
    deployment = deploy(options.accelerator, options.chips, options.model, **chosen)
    if options.fitted:
        deployment = deployment.fitted(options.fitted)
    if options.context is None:
        deployment = deployment.noted("a context of 0 tokens taken: give --context")
    step = deployment.without(*options.without).step(options.batch, options.context or 0)
    if options.json:
        return _as_json({**step.as_json(), "notes": list(step.notes)})
    return decode_text(deployment, step)


def _set(options: argparse.Namespace) -> dict[str, Any]:
    """Return what `--set` sets of a deployment, by names of the glossary."""
    chosen = _chosen(options.values)
    for name, value in chosen.items():
        if name in vars(options).keys() - {"command", "run", "values"}:
            option = _SHORTER.get(name, name).replace("_", "-")
            raise InputError(f"--set {name}: it has an option of its own, --{option}")
        checked(name, value)  # no argument of `deploy` that is none of the glossary's
        if column := own_machine.figure_called(name):
            own_machine.figure(column, value, name)
    for said in unlikely(chosen):  # with its unit it is taken
        raise InputError(said)
    return chosen


_SHORTER = {"cached_share": "cached", "busy_share": "busy"}
"""Options that are called otherwise than what they set."""


def _chosen(pairs: Sequence[str]) -> dict[str, Any]:
    """Return what `--set` sets, by name."""
    malformed = [pair for pair in pairs if "=" not in pair]
    if malformed:
        raise InputError(f"--set {malformed[0]}: write NAME=VALUE")
    found: dict[str, Any] = {}
    for name, value in (pair.split("=", 1) for pair in pairs):
        if name in found:
            raise InputError(f"--set {name}: it is set twice, to {found[name]} and to {value}")
        found[name] = value
    return found


def decode_text(deployment: Deployment, step: DecodeStep) -> str:
    """Return a decode step as text: its time by cause, its speed, its memory and its cost."""
    show = units.show
    rows = [
        ("step", show(step.step_time, "second")),
        *((f"  {name}", show(time, "second")) for name, time in step.parts.items() if time),
        ("for each user", show(step.user_speed, "token/second/user")),
        ("in all", show(step.throughput, "token/second")),
        ("MFU", show(step.mfu, "fraction")),
        ("MBU", show(step.mbu, "fraction")),
        ("memory", f"{show(step.memory, 'byte')}: {step.verdict}"),
        ("largest batch", _batch_text(step)),
        ("bound by", f"{step.binding}, then {step.next_binding}"),
    ]
    cost, rent = step.cost_per_token, _rent(deployment)
    told = "no rent known" if cost is None else f"${cost * 1e6:,.3g}, at a rent of {rent}"
    rows.append(("a million tokens", told))
    users = "1 user" if step.concurrent_users == 1 else f"{step.concurrent_users:,g} users"
    return _told(f"{deployment.name}, {users} of {step.context:,g} tokens", rows, step.notes)


def _rent(here: Deployment) -> str:
    """Return what a chip rents for, and of when that is, if it is what the catalog has."""
    if "chip_rent" not in here.values:
        return ""
    rent = here.values["chip_rent"] * units.conversion("dollar/chip/second", "dollar/chip/hour")
    id = here.machine.words.get("rent")
    known = catalog.load().fact(id) if id else None
    date = f" ({known.date})" if known and math.isclose(known.value, rent) else ""
    return units.show(rent, "dollar/chip/hour") + date


def _told(asked: str, rows: Sequence[Sequence[str]], notes: Iterable[str]) -> str:
    """Return an answer as text: what was asked, the rows, and the notes."""
    return "\n".join([asked, "", _aligned(rows), *(f"note: {note}" for note in notes)])


def _serve(options: argparse.Namespace) -> str:
    chosen = {**_choices(options, *_ASKED), **_set(options)}
    found = serve(options.accelerator, options.chips, options.model, **chosen)
    if options.json:
        return _as_json(found.as_json())
    here = found.deployment
    rows = [
        *((_NAMES.get(name, name), str(each)) for name, each in found.figures.items()),
        *([("at a rent of", rent)] if (rent := _rent(here)) else []),
        ("requests decoding", units.show(found.loaded.users, "dimensionless")),
        ("memory", units.show(found.memory, "byte")),
        ("bound by", _NAMES.get(found.binding, found.binding)),
    ]
    asked = f"prompts of {options.prompt:,g} tokens, answers of {options.answer:,g}"
    return _told(f"{here.name}, {asked}", rows, found.notes)


_ASKED = (
    "prompt", "answer", "concurrency", "rate", "waves", "cached_share", "engine", "busy_share",
)  # fmt: skip
"""What `serve` is asked, as its options and its arguments are called."""


def _batch_text(step: DecodeStep) -> str:
    """Return the largest batch with the users that surely fit and those that may."""
    if step.largest_batch is None or step.batch_range is None:
        return "any"
    least, most = step.batch_range
    return f"{step.largest_batch:,}" + (f" ({least:,} to {most:,})" if least < most else "")


def _predict(options: argparse.Namespace) -> Iterator[str]:
    from .evidence import predicted_tables  # the fit, which a step does not need

    name = "standard input" if options.file == "-" else options.file
    given = {c: v for c in results.OPTIONS if (v := getattr(options, f"given_{c}"))}
    given |= _chosen(options.values)
    if unknown := [each for each in given if not tables.is_read(each)]:
        near = suggestion(unknown[0], (*tables.OPTIONAL, *own_machine.FIGURES))
        raise InputError(f"--set {unknown[0]}: a table has no such column{near}")
    try:
        text = _text(options.file)
    except OSError as error:
        raise InputError(f"{name}: cannot be read as text ({error})") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: cannot be read as text ({error}: save it in UTF-8)") from None
    rows: Iterable[tables.Row]
    if results.looks_like(text):
        tool, rows = results.rows(text, name, given)
        told = [f"read as results of {tool}: {len(rows)} measurements"]
    else:
        unused = dict(given)
        for row in results.of_table(io.StringIO(text, newline=""), name, given):
            # What is damaged at its end is refused before anything is printed.
            unused = {c: v for c, v in unused.items() if not tables.takes(row, c, v)}
        options_of = {column: f"--set {column}" for column in unused} | results.OPTIONS
        told = [f"{options_of[column]} not looked at: every row has its own" for column in unused]
        rows = results.of_table(io.StringIO(text, newline=""), name, given)
    prediction = predicted_tables.Prediction(rows, name)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # the same file on every terminal
    yield from prediction.as_json() if options.json else prediction.as_csv()
    options.status = 0 if prediction.predicted else 1
    if not options.json:
        for line in (*told, prediction.summary()):
            _tell(line)


_PACKED = {
    b"\x1f\x8b": "it is compressed with gzip: unpack it with gunzip",
    b"PK\x03\x04": "it is a ZIP archive or a workbook: save the table as CSV",
    b"\xff\xfe": "it is in UTF-16: save it in UTF-8",
    b"\xfe\xff": "it is in UTF-16: save it in UTF-8",
}
"""How files begin that hold a table and are not read, and what to do with them."""


def _text(path: str) -> str:
    """Return what a file holds, or standard input; OSError for what is packed, or closed."""
    if path == "-" and sys.stdin is None:
        raise OSError("it is closed")
    held = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    for mark, advice in _PACKED.items():
        if held.startswith(mark):
            raise OSError(advice)
    return held.decode("utf-8-sig")


def _table(ledger: claims.Ledger) -> str:
    rows: list[tuple[str, ...]] = [("id", "stated", "recomputed", "on facts", "verdict")]
    for result in ledger:
        claim = result.claim
        figures = map(result.shown, (result.recomputed, result.recomputed_on_facts))
        rows.append((claim.id, claim.written, *figures, result.verdict))
    score = ", ".join(f"{count} {verdict}" for verdict, count in ledger.score().items())
    return f"{_aligned(rows)}\n\n{len(ledger)} claims: {score}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as lines whose columns begin at the same places."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


_COLUMNS = {
    "machine": ("memory_capacity", "memory_bandwidth", "peak_flops_16bit"),
    "model": ("stored_parameters", "active_parameters", "kv_bytes_per_token"),
}
"""What a list shows of each record, beside its id, its name and its year."""


def _counted(record: Record) -> dict[str, Any]:
    """Return what follows from a model's shape; nothing where it cannot be counted."""
    with contextlib.suppress(CatalogError):
        return dict(counts(record))
    return {}


def _records(options: argparse.Namespace) -> str:
    facts, kind = catalog.load(), options.kind
    found = (facts.models if kind == "model" else facts.accelerators).values()
    if options.json:
        return _as_json([_record_as_json(kind, each) for each in found])
    names = _COLUMNS[kind]
    rows = [("id", "name", "year", *(name.replace("_", " ") for name in names))]
    for each in found:
        shown = dict(_shown(each, _counted(each) if kind == "model" else each.numbers, 4))
        cells = (shown.get(name, "") for name in names)
        rows.append((each.id, each.name, str(each.year), *cells))
    return f"{_aligned(rows)}\n\n{len(found)} {kind}s"


def _shown(
    record: Record, figures: Mapping[str, float], digits: int = 6
) -> Iterator[tuple[str, str]]:
    """Yield figures of a record, or what follows from them, with their units."""
    for name, value in figures.items():
        yield name, units.show(value, _unit(record, name), digits)


def _unit(record: Record, name: str) -> str:
    return record.unit(name) if name in record.columns else symbols.GLOSSARY[name].unit


def _record_as_json(kind: str, record: Record) -> dict[str, Any]:
    ids = (*record.sources, *record.more_sources)
    return {
        "id": record.id,
        "name": record.name,
        "year": record.year or None,
        **record.words,
        **record.numbers,
        **({"counted": _counted(record)} if kind == "model" else {}),
        "sources": [asdict(catalog.load().sources[id]) for id in ids],
    }


def _record(options: argparse.Namespace) -> str:
    kind, id = options.kind, options.id
    record = configuration.model(id) if kind == "model" else own_machine.find(id)[0]
    if options.json:
        return _as_json(_record_as_json(kind, record))
    year = f", {record.year}" if record.year else ""
    words = [(name, value) for name, value in record.words.items() if name != "note"]
    rows = [*_shown(record, record.numbers), *words]
    lines = [f"{record.name} ({record.id}){year}", "", _aligned(rows)]
    notes = [record.words["note"]] if "note" in record.words else []
    if counted := _counted(record) if kind == "model" else {}:
        shown = _aligned([*_shown(record, counted)])
        lines += ["", "counted from its shape, the cache in 16 bits:", "", shown]
        notes = list(left_out(record)) or notes
    known = catalog.load().sources
    told = [f"note: {note}" for note in notes]
    told += [f"source: {_cited(known[id])}" for id in (*record.sources, *record.more_sources)]
    return "\n".join([*lines, *([""] if told else []), *told])


def _cited(source: catalog.Source) -> str:
    parts = (source.author, source.title, str(source.year or ""), source.url, source.locator)
    return f"{source.id} ({source.kind}): {', '.join(part for part in parts if part)}"
