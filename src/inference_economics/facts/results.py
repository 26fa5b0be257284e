"""Files that benchmark tools write, as rows of a table.

Of vLLM's and SGLang's serving benchmarks, of TensorRT-LLM's, of GenAI-Perf and AIPerf, of
InferenceX, and of llama.cpp's llama-bench and llama-batched-bench. A row has what the file says
under the names of a table's columns, and beside it every single figure of the file under its own
name.
"""

from __future__ import annotations

import csv
import itertools
import json
import math
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ..algebra.formula import InputError
from . import files, matching, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from .tables import Row

Result = dict[str, Any]


class Tool(NamedTuple):
    """A tool that writes results, as `data/results.toml` describes it."""

    name: str
    marks: Sequence[str]
    columns: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]] = {}
    metrics: Sequence[Sequence[str]] = ()
    csv: bool = False
    like: str = ""


@cache
def tools() -> tuple[Tool, ...]:
    """Return the tools whose results are read."""
    table = files.toml("results.toml")
    return tuple(
        Tool(name, **{**table.get(each.get("like"), {}), **each}) for name, each in table.items()
    )


def looks_like(text: str) -> bool:
    """Say whether a text is JSON, by how it begins, and not a table."""
    return bool(re.match(r"[\ufeff\s]*[{[]", text))


def rows(text: str, name: str, given: Row | None = None) -> tuple[str, list[Row]]:
    """Return the tool that wrote a JSON text, and its results as rows.

    `given` are cells for what the file leaves open, or in place of what it says. Raises
    InputError, which calls the file by `name`, for what is no JSON, of no known tool, or still
    lacks a column that is needed.
    """
    results = _read(text, name)
    tool = next((each for each in tools() if results[0].keys() >= {*each.marks}), None)
    if tool is None:
        raise InputError(
            f"{name}: JSON of no known tool (known are results of "
            f"{', '.join(each.name for each in tools())}; of SGLang and vLLM, of their serving "
            "benchmarks)"
        )
    return tool.name, _all_rows(tool, results, name, given or {})


def _all_rows(tool: Tool, results: Iterable[Result], name: str, given: Row) -> list[Row]:
    """Return rows that all have the columns of each, in one order: results may differ in theirs.

    Results that lack what a row needs are refused, with the options that give it.
    """
    found = [row for result in results for row in _rows(tool, result, given)]
    if not found:
        raise InputError(f"{name}: results of {tool.name} without a figure that is predicted")
    said = [tables.said(row) for row in found]
    told = {column for row in said for column, cell in row.items() if cell}
    if matching.is_a_computer(said[0].get("hardware", "")):
        told.add("n_chips")
    if missing := tables.missing(told):
        raise InputError(
            f"{name}: results of {tool.name} do not say {', '.join(missing)}: "
            f"give {' and '.join(OPTIONS[column] for column in missing)}"
            + (", or a --hardware that counts them, as 8xH100" if "n_chips" in missing else "")
        )
    columns = dict.fromkeys((column for row in found for column in row), "")
    return [{**columns, **row} for row in found]


OPTIONS = {
    column: "--" + column.removeprefix("n_").replace("_", "-")
    for column in ("hardware", "n_chips", "model", "weight_bits", "kv_bits", "batch", "launch")
}
"""Options of `predict` for columns that a file lacks."""


def _read(text: str, name: str) -> list[Result]:
    """Return the results of a JSON text, or of one with a result on each line."""
    try:
        read = json.loads(text)
    except ValueError:
        try:
            read = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise InputError(f"{name}: no JSON ({error})") from None
    except RecursionError:
        raise InputError(f"{name}: no JSON (it is nested too deeply)") from None
    results = read if isinstance(read, list) else [read]
    if not results or not all(isinstance(each, dict) for each in results):
        raise InputError(f"{name}: JSON without results")
    return results


def of_table(text: Iterable[str], name: str, given: Row | None = None) -> Iterator[Row]:
    """Yield the rows of a table as `tables.rows` does; of a tool's CSV or Markdown, its results."""
    lines = iter(text)
    first = next(lines, "")
    if _MARKDOWN.match(first):
        yield from of_table(_without_bars([first, *lines], name), name, given)
        return
    try:
        header = next(csv.reader([first]), [])
    except csv.Error:  # `tables.rows` meets it, too, and says so
        header = []
    if header[:2] == ["Metric", "avg"]:
        raise InputError(
            f"{name}: a CSV of GenAI-Perf or AIPerf: give the JSON that it writes beside it"
        )
    tool = next((each for each in tools() if each.csv and {*each.marks} <= {*header}), None)
    if tool is None:
        yield from tables.rows(itertools.chain([first], lines), name, given)
        return
    yield from _all_rows(tool, csv.DictReader(lines, header), name, given or {})


_MARKDOWN = re.compile(r"\s*\||ggml_|\s+Device \d+:")
_DEVICE = re.compile(r"\s*Device \d+: ([^,]+)")


def _without_bars(lines: Iterable[str], name: str) -> Iterator[str]:
    """Yield a Markdown table as CSV; that of llama-bench under the names of its CSV."""
    cards: list[str] = []
    rows: list[list[Any]] = []
    for number, line in enumerate(lines, 1):
        if card := _DEVICE.match(line):
            cards.append(card[1].strip())
        elif line.lstrip().startswith("|") and not re.fullmatch(r"[\s|:-]+", line):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if len(cells) != len((rows or [cells])[0]):
                raise InputError(
                    f"{name}, line {number}: {len(cells)} cells, and {len(rows[0])} columns"
                )
            rows.append(cells)
    header = rows[0] if rows else []
    rows = [row for row in rows if row != header]  # each run of several has a header of its own
    if {"model", "test", "t/s"} <= set(header):
        rows = [_of_markdown(dict(zip(header, row, strict=True)), cards) for row in rows]
        header = list(_AS_IN_CSV)
    return iter(files.as_csv(header, rows).splitlines(keepends=True))


_HOW = {
    "type_k": "type_k", "type_v": "type_v", "n_gpu_layers": "ngl", "n_cpu_moe": "n_cpu_moe",
    "split_mode": "sm", "no_kv_offload": "nkvo", "tensor_buft_overrides": "ot",
}  # fmt: skip
"""How llama-bench kept a model, by its CSV; and what its table calls this where it tells it."""
_AS_IN_CSV = (
    "gpu_info", "model_type", "model_size", "model_n_params", *_HOW, "n_prompt", "n_gen",
    "n_depth", "avg_ts",
)  # fmt: skip
_TEST = re.compile(r"(?:pp(\d+))?\+?(?:tg(\d+))?(?: @ d(\d+))?")
_SIZES = {"MiB": 2**20, "GiB": 2**30, "M": 1e6, "B": 1e9}


def _of_markdown(result: Mapping[str, str], cards: Sequence[str]) -> list[Any]:
    """Return the cells of a line of llama-bench's table, in the order of `_AS_IN_CSV`."""
    size, weights = (
        _figure(number) * _SIZES.get(unit, 0)
        for number, _, unit in (result.get(each, "").partition(" ") for each in ("size", "params"))
    )
    test = _TEST.fullmatch(result["test"])
    lengths = [length or "0" for length in test.groups()] if test else ["", "", ""]
    speed = result["t/s"].partition("±")[0].strip()
    how = {"type_k": "f16", "type_v": "f16", **result}
    kept = [how.get(each, "") for each in _HOW.values()]
    return [", ".join(cards), result["model"], size, weights, *kept, *lengths, speed]


def _rows(tool: Tool, result: Result, given: Row) -> Iterator[Row]:
    common = {column: _in(result, fields) for column, fields in tool.columns.items()}
    if tool.name in _WORKED_OUT:
        common |= _WORKED_OUT[tool.name](result)
    common = {name: _cell(value) for name, value in common.items()}
    for column, words in tool.words.items():
        common[column] = words.get(common[column].lower(), common[column])
    single = {name: _cell(value) for name, value in _flat(result) if name not in common}
    for metric, field, *told in tool.metrics or [_llama_bench_metric(result)]:
        if _figure(value := _in(result, field)):
            unit = str((told[1:] and _in(result, told[0])) or told[-1])
            row = {**common, "metric": metric, "value": _cell(value), "unit": unit}
            yield {**row, **given, **single}


def _flat(result: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the single values of a result, those inside others with their path."""
    for name, value in result.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif not isinstance(value, list):
            yield f"{tables.RESULT}{before}{name}", value


def _cell(value: Any) -> str:
    """Return a value as a cell, of a list the first."""
    value = value[0] if isinstance(value, list) and value else value
    return "" if value is None else str(value)


def _figure(value: Any) -> float:
    """Return a number of a result; zero if there is none."""
    try:
        return max(0.0, float(value))
    except (TypeError, ValueError, OverflowError):
        return 0.0


def _over(whole: Any, parts: Any) -> float | None:
    """Return a mean; None if it is not known."""
    return _figure(whole) / _figure(parts) if _figure(whole) and _figure(parts) else None


def _in(result: Result, fields: str) -> Any:
    """Return the first of several fields that says something; a dot leads into a field's own."""
    found: Any = None
    for path in fields.split():
        found = result
        for name in path.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if found:
            break
    return found


# Serving benchmarks: vLLM's, and SGLang's which grew from it


def _serving(result: Result) -> dict[str, Any]:
    completed = result.get("completed")
    answer = _over(result.get("total_output_tokens"), completed)
    latency = _figure(result.get("mean_e2el_ms")) or _figure(result.get("mean_e2e_latency_ms"))
    latency = latency or (
        _figure(result.get("mean_ttft_ms"))
        + _figure(result.get("mean_tpot_ms")) * max(0.0, (answer or 1) - 1)
    )
    # As many are in flight as come in a second, times the seconds that each stays.
    done, asked = _figure(result.get("request_throughput")), _figure(result.get("request_rate"))
    flying = done * latency / 1000
    limit = result.get("max_concurrency") or result.get("concurrency")
    client = str(result.get("backend") or "")  # "openai" asks any engine
    tensor, copies = (_figure(_in(result, f"server_info.{each}_size")) for each in ("tp", "dp"))
    # Else each copy has chips of its own.
    spread = str(_in(result, "server_info.enable_dp_attention")).lower() == "true"
    kept_up = math.isfinite(asked) and 0 < _KEPT_UP * asked < done
    return {
        "engine": None if client.startswith("openai") else client,
        "n_chips": result.get("num_gpus")
        or (tensor * (1 if spread else max(1.0, copies)) if tensor and copies else None),
        "replicas": copies if copies > 1 and not spread else None,
        "attention_copies": (int(copies) if copies > 1 else "true") if spread else None,
        "input_tokens": _over(result.get("total_input_tokens"), completed),
        "output_tokens": answer,
        "rate": None if limit or not kept_up else asked,
        "concurrency": limit or (max(1.0, flying) if flying and not kept_up else None),
    }


_KEPT_UP = 0.9
"""The share of the requests that come of which a server that is not overrun is done at the end."""

# GenAI-Perf and AIPerf, which follows it


def _perf(result: Result) -> dict[str, Any]:
    in_flight = _in(result, _PERF_CONCURRENCY)
    if not in_flight:
        unit = str(_in(result, "request_latency.unit"))
        seconds = {"s": 1.0, "ns": 1e-9}.get(unit, 1e-3)
        waiting = _figure(_in(result, "request_latency.avg")) * seconds
        in_flight = _figure(_in(result, "request_throughput.avg")) * waiting or None
    return {"concurrency": in_flight and max(1.0, _figure(in_flight))}


_PERF_CONCURRENCY = (
    "input_config.loadgen.concurrency input_config.perf_analyzer.stimulus.concurrency "
    "input_config.concurrency"
)


# InferenceX, which was InferenceMAX: times in seconds, rates of each accelerator


def _inference_x(result: Result) -> dict[str, Any]:
    def spread(group: str) -> tuple[Any, Any]:
        """Return a group's tensor parallelism, and its copies where attention has some."""
        many = result.get(f"{group}tp")
        copied = str(result.get(f"{group}dp_attention")).lower() == "true"
        return (None, many) if copied else (many, None)

    of_all: dict[str, Any] = {"hardware": str(result.get("hw") or "").partition("-")[0]}
    if str(result.get("disagg")).lower() == "true":
        (reads, read_copies), (writes, write_copies) = spread("prefill_"), spread("decode_")
        return {
            **of_all,
            "mode": "disaggregated",
            "readers": result.get("prefill_num_workers"),
            "reader_tensor": reads,
            "reader_replicas": read_copies,
            "writers": result.get("decode_num_workers"),
            "writer_tensor": writes,
            "writer_replicas": write_copies,
        }
    _, copies = spread("")
    more = {"tensor": result.get("tp"), "replicas": copies, "ep": result.get("ep")}
    return {**of_all, "n_chips": result.get("tp"), **more}


# llama.cpp


def _llama_bench_metric(result: Result) -> tuple[str, str, str]:
    prompt, answer = _figure(result.get("n_prompt")), _figure(result.get("n_gen"))
    alone = "decode_speed" if answer else "prompt_throughput"
    return ("total_throughput" if bool(prompt) == bool(answer) else alone), "avg_ts", "tok/s"


def _llama_bench(result: Result) -> dict[str, Any]:
    depth = _figure(result.get("n_depth"))
    cards = [card.strip() for card in str(result.get("gpu_info") or "").split(",") if card.strip()]
    split = str(result.get("split_mode") or "layer")  # as llama.cpp does unless it is told
    if split == "none":
        cards = cards[:1]
    return {
        "hardware": cards[0] if cards else None,
        "n_chips": len(cards) or None,
        "split_mode": split,
        "kv_bits": _cached(result),
        "weight_bits": _of_file(result),
        "batch": 1,
        "context_tokens": depth + _figure(result.get("n_gen")) / 2 if depth else None,
    }


def _cached(result: Result) -> Any:
    """Return the bits of a cached number: keys and values may have others."""
    said = [result.get(each) for each in ("type_k", "type_v") if result.get(each)]
    bits = [matching.stored(str(each)) for each in said]
    if not all(bits):
        return said[bits.index(())]
    return f"{sum(each for each, *_ in bits) / len(bits):g}" if bits else None


def _of_file(result: Result) -> float | None:
    """Return the bits of a weight, from the size of the file that holds so many."""
    size, weights = _figure(result.get("model_size")), _figure(result.get("model_n_params"))
    return round(8 * size / weights, 2) if size and weights else None


_WORKED_OUT: Mapping[str, Callable[[Result], dict[str, Any]]] = {
    "SGLang": _serving,
    "vLLM": _serving,
    "GenAI-Perf or AIPerf": _perf,
    "llama-bench": _llama_bench,
    "InferenceX": _inference_x,
}
"""What no single field of a result says, by its tool."""
