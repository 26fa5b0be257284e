"""Measure a server under load: `measure_serving.py config.json OUT LOAD...`.

Starts vLLM on this machine's GPU with a public model's shape and random weights, and sends loads
with vLLM's own generator. A load is `prompt:answer:concurrency` or `prompt:answer::rate`, in
tokens, requests at once, and requests in a second. Each load is a row of
OUT, with the columns of `facts/data/own_serving.csv`. Nothing is fetched; vLLM must be installed.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import importlib
import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measurement import machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

COLUMNS = (
    "id", "engine", "version", "measured", "mode", "hardware", "chips", "model", "weights",
    "kv_bits", "concurrency", "rate", "requests", "input_tokens", "output_tokens", "replicas",
    "draft_length", "ttft_ms", "tpot_ms", "latency_ms", "output_per_second",
)  # fmt: skip
PORT, PATIENCE = 8001, 600.0
"""Where the server listens, and the seconds within which it must have started."""
WAVES, FEWER_WAVES, MANY, LEAST = 4, 3, 128, 4
"""Requests of a load are so many times those at once, fewer from `MANY` on, and never below."""
SECONDS = 30
"""How long requests come where they come at a rate."""
SPECIAL = {"unk_token": "[unk]", "eos_token": "[eos]", "bos_token": "[bos]", "pad_token": "[pad]"}
"""The first words of the tokenizer, by their names in it."""
NAMED_BY_USER = ("hardware", "chips", "model", "weights", "kv_bits")
"""Columns that an option each fills."""


def folder(place: Path, configuration: Mapping[str, Any]) -> Path:
    """Write a model's folder without weights: a shape, and a tokenizer with a word for each id."""
    tokenizers = importlib.import_module("tokenizers")
    transformers = importlib.import_module("transformers")
    others = (f"w{number}" for number in range(len(SPECIAL), configuration["vocab_size"]))
    words = {word: number for number, word in enumerate([*SPECIAL.values(), *others])}
    model = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token=SPECIAL["unk_token"]))
    model.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    transformers.PreTrainedTokenizerFast(tokenizer_object=model, **SPECIAL).save_pretrained(place)
    (place / "config.json").write_text(json.dumps(configuration), encoding="utf-8")
    return place


@contextmanager
def server(model: Path, options: Sequence[str]) -> Iterator[None]:
    """Run vLLM on a model's folder; RuntimeError if it does not start."""
    command = [
        sys.executable, "-m", "vllm.entrypoints.cli.main", "serve", str(model),
        "--load-format", "dummy", "--generation-config", "vllm", "--no-enable-prefix-caching",
        "--port", str(PORT), *options,
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=sys.stderr)
    try:
        end = time.monotonic() + PATIENCE
        while not _answers():
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("vLLM did not start: its own words stand above")
            time.sleep(0.5)
        yield
    finally:
        process.terminate()
        process.wait(60)


def _answers() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


LOAD = re.compile(
    r"(?P<prompt>\d+):(?P<answer>\d+):(?:(?P<concurrency>\d+)|:(?P<rate>\d+(?:\.\d+)?))"
)


def split(load: str) -> dict[str, str]:
    """Return a load's prompt, answer, requests at once and rate; ValueError if it is none."""
    if (found := LOAD.fullmatch(load)) is None:
        raise ValueError(f"load {load!r}: must be prompt:answer:concurrency or prompt:answer::rate")
    return found.groupdict(default="")


def requests(load: str) -> int:
    """Return how many requests a load has."""
    parts = split(load)
    if parts["rate"]:
        return max(LEAST, round(SECONDS * float(parts["rate"])))
    concurrency = int(parts["concurrency"])
    return max(LEAST, (WAVES if concurrency < MANY else FEWER_WAVES) * concurrency)


def send(model: Path, load: str) -> dict[str, Any]:
    """Send a load with vLLM's own generator and return what it reports."""
    bench = importlib.import_module("vllm.benchmarks.serve")
    parts = split(load)
    limit = "--request-rate" if parts["rate"] else "--max-concurrency"
    parser = argparse.ArgumentParser()
    bench.add_cli_args(parser)
    options = parser.parse_args([
        "--model", str(model), "--port", str(PORT), "--dataset-name", "random",
        "--random-input-len", parts["prompt"], "--random-output-len", parts["answer"],
        "--num-prompts", str(requests(load)), "--ignore-eos",
        "--num-warmups", str(min(int(parts["concurrency"] or 8), 8)), "--temperature", "0",
        "--percentile-metrics", "ttft,tpot,e2el", limit, parts["rate"] or parts["concurrency"],
    ])  # fmt: skip
    return dict(asyncio.run(bench.main_async(options)))


def row(found: Mapping[str, Any], load: str, said: Mapping[str, str]) -> dict[str, str]:
    """Return the row of a load; RuntimeError where requests failed."""
    if found["failed"] or found["completed"] != found["num_prompts"]:
        raise RuntimeError(f"{load}: {found['completed']} of {found['num_prompts']} were answered")
    parts = split(load)
    times = ("mean_ttft_ms", "mean_tpot_ms", "mean_e2el_ms", "output_throughput")
    return {
        **dict.fromkeys(COLUMNS, ""),
        **said,
        "engine": "vllm",
        "measured": machine.today(),
        "mode": "aggregated",
        "replicas": "1",
        "concurrency": parts["concurrency"],
        "rate": parts["rate"] and f"{float(parts['rate']):g}",
        "requests": str(found["num_prompts"]),
        "input_tokens": parts["prompt"],
        "output_tokens": parts["answer"],
        **dict(zip(COLUMNS[-4:], (f"{found[each]:.5g}" for each in times), strict=True)),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit status."""
    parser = argparse.ArgumentParser(description="Measure vLLM under load on this machine.")
    parser.add_argument("config", type=Path, help="the config.json of a model")
    parser.add_argument("out", type=Path, help="the table to write")
    parser.add_argument("loads", nargs="+", help="prompt:answer:concurrency or prompt:answer::rate")
    for name in NAMED_BY_USER:
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, default="", help="what the row says of it")
    parser.add_argument("--server", default="", help="options of vLLM, in one text")
    chosen = parser.parse_args(arguments)
    try:
        for each in chosen.loads:
            split(each)
    except ValueError as error:
        parser.error(str(error))
    if importlib.util.find_spec("vllm") is None:
        print("measure_serving: vLLM is not installed here", file=sys.stderr)
        return 2
    said = {name: getattr(chosen, name) for name in NAMED_BY_USER}
    said["version"] = importlib.metadata.version("vllm")
    configuration = json.loads(chosen.config.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as place, chosen.out.open("w", newline="") as file:
        model = folder(Path(place), configuration)
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        with server(model, chosen.server.split()):
            for each in chosen.loads:
                table.writerow(row(send(model, each), each, said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
