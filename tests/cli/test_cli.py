"""The command line: the ledger and its arithmetic, as text and as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alike import with_each

from inference_economics import __version__, cli
from inference_economics.algebra import units
from inference_economics.facts import catalog
from inference_economics.ledger import claims
from inference_economics_notebook import claim_markup

KEYS = [
    "id", "who", "place", "paraphrase", "stated", "value", "unit", "recomputed",
    "recomputed_on_facts", "verdict", "factor", "inconsistent_with", "note", "chapter",
]  # fmt: skip


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(arguments) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


def test_claims_lists_each_with_its_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    head, *lines = run(capsys, "claims").splitlines()
    assert head.split() == ["id", "stated", "recomputed", "on", "facts", "verdict"]
    rows = {line.split()[0]: line for line in lines[: len(claims.load())]}
    assert list(rows) == list(claims.load().claims)
    for result in claims.load():
        assert rows[result.claim.id].endswith(result.verdict)
    assert lines[-1].startswith(f"{len(claims.load())} claims: ")
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize("asked", ["machines", "models", "machine b200", "model llama3_8b"])
@pytest.mark.parametrize("form", ["", " --json"])
def test_an_answer_ends_its_line(asked: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    printed = run(capsys, *(asked + form).split())
    assert printed.endswith("\n")
    assert not printed.endswith("\n\n")


def test_numbers_of_tokens_may_have_a_suffix(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("decode", "--accelerator", "b200", "--model", "llama3_8b", "--batch", "8", "--context")
    assert run(capsys, *asked, "8K") == run(capsys, *asked, "8000")
    with pytest.raises(SystemExit):
        cli.main((*asked, "many"))
    assert "'many' is no number, such as 8000 or 8K" in capsys.readouterr().err


def test_claims_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "claims", "--json"))
    assert [claim["id"] for claim in found] == list(claims.load().claims)
    assert all(set(KEYS) <= set(claim) for claim in found)
    by_id = {claim["id"]: claim for claim in found}
    assert by_id["memory-time"]["recomputed"] == pytest.approx(26.67, abs=0.01)
    assert by_id["users-needed"]["inconsistent_with"] == ["utilization-alone"]


def test_a_claim_with_its_arithmetic(capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, "claim", "memory-time")
    assert "stated:      ~= 27 ms" in text
    assert "recomputed:  26.7 ms" in text
    assert "on facts:    23.9 ms" in text
    assert "verdict:     holds; on facts roughly right, by a factor of 1.13" in text
    assert "(1.6 TB) / (60 TB/s) = 26.7 ms" in text
    assert "stas00-accelerators" in text


@with_each("claim", claims.load().claims)
def test_every_claim_is_printed_with_what_was_stated_and_found(
    claim: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result = claims.load()[claim]
    text = run(capsys, "claim", claim)
    assert text.startswith(f"{claim}  ({result.claim.who}, {result.claim.place})")
    assert result.claim.stated.replace("\\$", "$") in text
    assert f"verdict:     {result.verdict}" in text
    for value, worked in (
        (result.recomputed, result.worked),
        (result.recomputed_on_facts, result.worked_on_facts),
    ):
        if value is not None:
            assert result.shown(value) in text
        if worked:
            assert all(line in text for line in worked.text().splitlines())
    assert result.claim.hedge.split("\n")[0] in text
    assert "None" not in text
    assert "\\" not in text


def test_a_claim_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "claim", "memory-time", "--json"))
    assert found == claims.load()["memory-time"].as_json()


def test_a_contradiction_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, "claim", "users-needed")
    assert (
        "inconsistent with utilization-alone, by a factor of 2; on facts off, by a factor of 3.39"
        in text
    )


@with_each("claim", [each.claim.id for each in claims.load() if each.verdict == "assumption"])
def test_a_premise_is_compared_with_facts_as_its_card_does(
    claim: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is never called off: nobody claimed that its figure is a fact."""
    lines = run(capsys, "claim", claim).splitlines()
    said = next(line for line in lines if line.startswith("verdict:")).removeprefix("verdict:")
    word, _, compared = said.strip().partition("; ")
    assert word == "assumption"
    assert not re.search(r"on facts (holds|off|roughly)", compared)
    card = claim_markup.qualified(claims.load()[claim])
    assert bool(compared) == bool(card)
    assert card.lower().startswith(compared.lower())


def test_a_premise_says_how_far_the_sourced_figure_is(capsys: pytest.CaptureFixture[str]) -> None:
    said = "verdict:     assumption; the sourced figure is smaller by a factor of 20.8\n"
    assert said in run(capsys, "claim", "active-users")


def test_an_unknown_claim_is_an_error_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["claim", "memory-tme"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "inference-economics: no claim 'memory-tme'; did you mean 'memory-time'?\n"
    )
    assert cli.main(["claim", "144K"]) == 2
    assert capsys.readouterr().err == (
        "inference-economics: no claim '144K': it is stated in user-base\n"
    )


@pytest.mark.parametrize("arguments", [[], ["claim"], ["verdict"], ["claims", "--xml"]])
def test_wrong_usage_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage: inference-economics" in capsys.readouterr().err


MACHINE = ("--accelerator h100_sxm5", "--model llama3_70b")
# What a command cannot do without: each is left out once.
NEEDED = {
    "claim": ("memory-time",),
    "machine": ("h100_sxm5",),
    "model": ("llama3_70b",),
    "decode": (*MACHINE, "--batch 8"),
    "serve": (*MACHINE, "--prompt 1000", "--answer 100", "--rate 1"),
    "predict": ("table.csv",),
}


@pytest.mark.parametrize(
    ("command", "left_out"), [(name, each) for name, needed in NEEDED.items() for each in needed]
)
def test_what_a_command_needs_is_asked_for(
    command: str, left_out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = " ".join(each for each in NEEDED[command] if each != left_out)
    with pytest.raises(SystemExit) as ended:
        cli.main([command, *given.split()])
    assert ended.value.code == 2
    assert "required" in (told := capsys.readouterr().err)
    assert left_out.partition(" ")[0] in told or not left_out.startswith("-")


def test_requests_come_in_one_of_two_ways(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["serve", *" ".join((*NEEDED["serve"], "--concurrency 8")).split()])
    assert "--concurrency: not allowed with argument --rate" in capsys.readouterr().err


@pytest.mark.parametrize("bits", range(1, 35))
def test_arithmetic_has_four_precisions(bits: int, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["decode", *" ".join(NEEDED["decode"]).split(), "--compute-bits", str(bits)]
    if bits in (4, 8, 16, 32):
        assert cli.main([*asked, "--chips", "8"]) in (0, 2)  # not every machine has each
    else:
        with pytest.raises(SystemExit):
            cli.main(asked)
        assert "(choose from 4, 8, 16, 32)" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["decode", "serve"])
def test_what_is_left_out_is_as_the_help_says(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [command, *" ".join(NEEDED[command]).split(), "--accelerator", "8xH100", "--json"]
    said = {
        "decode": "--chips 8 --context 0 --stages 1 --replicas 1 --kv-bits 16 --weight-bits 16",
        "serve": "--chips 8 --cached 0 --busy 1 --stages 1 --replicas 1 --kv-bits bf16",
    }[command]
    found = [json.loads(run(capsys, *asked, *more)) for more in ([], said.split())]
    for each in found:  # what was taken for granted is noted only where it is not said
        del each["notes"]
    assert found[0] == found[1]


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.strip() == __version__


COMMAND = [sys.executable, "-m", "inference_economics"]
FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("given", [["claims"], ["claim", "memory-time", "--json"]])
def test_a_full_disk_is_told_in_a_line(given: list[str]) -> None:
    with FULL.open("w") as full:
        ended = subprocess.run(
            [*COMMAND, *given], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr == (
        "inference-economics: the output cannot be written: No space left on device\n"
    )


@pytest.mark.parametrize(("closed", "status"), [(">&-", 1), ("2>&-", 0), ("| true", 0)])
def test_output_that_is_closed_leaves_no_traceback(closed: str, status: int) -> None:
    shell = ["bash", "-o", "pipefail", "-c", f"{shlex.join([*COMMAND, 'claims'])} {closed}"]
    ended = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert ended.returncode == status
    assert "Traceback" not in ended.stderr
    assert "Exception" not in ended.stderr


def test_an_interrupt_ends_it_without_a_word() -> None:
    # What a shell starts in the background ignores interrupts, and what that starts does too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    # Its table never comes: it waits for the rest of it.
    running = subprocess.Popen(
        [*COMMAND, "predict", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    signal.signal(signal.SIGINT, before)
    assert running.stdin is not None
    running.stdin.write(b"x" * 1_000_000)  # more than a pipe holds: it is being read
    running.stdin.flush()
    # Its input stays open, whose end would be answered, too. Python misses an interrupt that
    # comes as it begins to read, so it is sent again, as who waits at a terminal would do.
    for _ in range(60):
        running.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(1)
            break
    out, err = running.communicate()
    assert (running.returncode, out, err) == (130, b"", b"")


def test_the_module_runs_as_a_command() -> None:
    command = [sys.executable, "-m", "inference_economics", "claim", "no-such-claim"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "no claim 'no-such-claim'" in ended.stderr


@pytest.mark.parametrize(("kind", "some"), [("machine", "mi355x"), ("model", "kimi_k2")])
def test_machines_and_models_are_listed_and_shown_with_their_sources(
    kind: str, some: str, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = catalog.load()
    records = facts.accelerators if kind == "machine" else facts.models
    head, *lines = run(capsys, f"{kind}s").splitlines()
    assert head.split()[:3] == ["id", "name", "year"]
    assert [line.split()[0] for line in lines[: len(records)]] == list(records)
    assert lines[-1] == f"{len(records)} {kind}s"
    listed = json.loads(run(capsys, f"{kind}s", "--json"))
    assert [each["id"] for each in listed] == list(records)
    one = json.loads(run(capsys, kind, some, "--json"))
    assert one in listed
    named = {*records[some].sources, *records[some].more_sources}
    assert {each["id"] for each in one["sources"]} == named
    text = run(capsys, kind, some)
    assert text.startswith(f"{records[some].name} ({some}), 2025")
    assert all(f"source: {id} (" in text for id in named)


@pytest.mark.parametrize(("kind", "id"), [("machine", "h100_sxm5"), ("model", "llama3_70b")])
def test_a_record_is_shown_whole(kind: str, id: str, capsys: pytest.CaptureFixture[str]) -> None:
    facts = catalog.load()
    record = facts.accelerator(id) if kind == "machine" else facts.model(id)
    lines = run(capsys, kind, id).splitlines()
    assert lines[:2] == [f"{record.name} ({id}), {record.year}", ""]
    end = lines.index("", 2)
    rows = dict(line.split("  ", 1) for line in lines[2:end])
    assert {name.strip(): shown.strip() for name, shown in rows.items()} == {
        **{name: units.show(value, record.unit(name), 6) for name, value in record.numbers.items()},
        **{name: word for name, word in record.words.items() if name != "note"},
    }
    cited = [line for line in lines if line.startswith("source: ")]
    for said, source in zip(cited, [*record.sources, *record.more_sources], strict=True):
        each = facts.sources[source]
        parts = [each.author, each.title, str(each.year or ""), each.url, each.locator]
        assert said == f"source: {source} ({each.kind}): {', '.join(filter(None, parts))}"
    if kind == "machine":
        assert f"note: {record.words['note']}" in lines


def test_a_model_is_shown_with_what_its_shape_gives(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "model", "kimi_k2", "--json"))["counted"]
    assert found["stored_parameters"] == pytest.approx(1.0264e12, rel=1e-4)  # 1.027T by llama.cpp
    assert found["kv_bytes_per_token"] == 61 * (512 + 64) * 2
    assert "1.02641 trillion parameters" in run(capsys, "model", "kimi_k2")
    reported = json.loads(run(capsys, "model", "gpt4_semianalysis", "--json"))["counted"]
    assert "kv_bytes_per_token" not in reported


@pytest.mark.parametrize("command", ["machine", "model"])
def test_an_unknown_machine_or_model_gets_a_hint(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([command, "mi301"]) == 2
    assert f"no {'accelerator' if command == 'machine' else 'model'} 'mi301'" in (
        capsys.readouterr().err
    )
