"""The package's own measurements: how they are split, how far each model misses, and the floor."""

from __future__ import annotations

import math
from collections import defaultdict
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from inference_economics.evidence import validation
from inference_economics.evidence.validation import Errors, Evidence
from inference_economics.facts import calibration, catalog, measurements, serving_runs
from inference_economics.serving.deployment import deploy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inference_economics.facts.measurements import Measurement

FACTS = catalog.load()
OWN = validation.own()


@cache
def held_out(*splits: str) -> Errors:
    return validation.held_out_errors(*splits)


# The table


def test_no_source_is_both_fitted_to_and_tested() -> None:
    splits = defaultdict(set)
    for row in OWN.table:
        splits[row["source"]].add(row["split"])
    for source, found in splits.items():
        assert len(found - {"shown"}) <= 1, source


def test_no_measurement_is_there_twice() -> None:
    told = [name for name in OWN.table[0] if name not in {"id", "source", "split", "notes"}]
    seen = defaultdict(set)
    for row in OWN.table:
        if row["split"] in {"fit", "test"}:
            seen[tuple(row[name] for name in told)].add((row["source"], row["id"]))
    twice = {key: found for key, found in seen.items() if len({name for name, _ in found}) > 1}
    assert twice == {}


def test_every_row_is_predicted_or_refused_with_a_reason() -> None:
    assert len(OWN.table) == len(measurements.own())
    assert sorted([*OWN.places, *OWN.refused]) == list(range(len(OWN.table)))
    assert all(reason.strip() for reason in OWN.refused.values())
    assert len(OWN.cases) == len(OWN.places) > 600


def test_cases_stand_where_their_rows_do() -> None:
    for case, place in zip(OWN.cases.rows, OWN.places, strict=True):
        row = OWN.table[place]
        assert case.layout.accelerator == row["hardware"]
        assert case.layout.model == row["model"]
        assert (case.value or 0) / case.unit == pytest.approx(float(row["value"]))


def test_own_rows_are_named_as_the_catalog_names_them() -> None:
    for case in OWN.cases.rows:
        assert not any("taken as" in note for note in case.assumed)


def test_a_row_that_is_not_counted_says_why() -> None:
    for row in OWN.table:
        assert row["split"] != "shown" or row["notes"]


def test_few_counted_rows_are_refused() -> None:
    refused = [place for place in OWN.refused if OWN.table[place]["split"] in {"fit", "test"}]
    counted = [row for row in OWN.table if row["split"] in {"fit", "test"}]
    assert len(refused) < 0.05 * len(counted)
    for place in refused:
        reason = OWN.refused[place]
        assert any(words in reason for words in ("no source states", "needed", "does not fit"))


def test_a_measured_row_that_cannot_have_run_is_refused_in_its_place() -> None:
    chosen = [place for place in OWN.places if OWN.table[place]["model"] == "llama3_70b"]
    rows = [dict(OWN.table[place]) for place in chosen[:3]]
    rows[1] |= {"hardware": "rtx4090", "n_chips": "1", "stages": "1", "replicas": "1"}
    found = validation.Evidence(rows)
    assert list(found.places) == [0, 2]
    assert "of the memory of n_chips = 1, which cannot have run: check" in found.refused[1]


# Errors


def test_errors_by_hand() -> None:
    found = Errors.of(np.array([0.5, 0.9, 1.0, 1.2, 3.0]), np.array([1.5] * 4 + [4.0]))
    assert found.count == 5
    assert found.mean == pytest.approx((0.5 + 0.1 + 0 + 0.2 + 2.0) / 5)
    assert found.median == pytest.approx(0.2)
    assert found.bias == pytest.approx(0.0)
    assert found.covered == pytest.approx(4 / 5)  # one half is further than a factor of 1.5
    assert Errors.of([1.1, 1.3]).covered is None
    assert Errors.of([1.1, 1.3]).bias == pytest.approx(0.2)


def test_an_interval_reaches_as_far_down_as_up() -> None:
    for ratio in (1.499, 1 / 1.499):
        assert Errors.of([ratio], [1.5]).covered == 1
    for ratio in (1.501, 1 / 1.501):
        assert Errors.of([ratio], [1.5]).covered == 0


def test_of_no_measurement_there_is_no_error() -> None:
    with pytest.raises(ValueError, match="no measurement to compare with"):
        Errors.of([])


def test_nine_of_ten_lie_within_the_factor() -> None:
    ratios = np.exp(np.linspace(-0.5, 0.5, 201))
    assert validation.within_factor(ratios, ["one"] * 201) == pytest.approx(math.exp(0.45))
    assert np.mean(np.abs(np.log(ratios)) <= 0.45 + 1e-9) == pytest.approx(0.9, abs=0.01)


def test_a_factor_counts_every_source_the_same() -> None:
    ratios = np.exp([0.1] * 90 + [0.5] * 10)
    assert validation.within_factor(ratios, ["one"] * 100) == pytest.approx(math.exp(0.1))
    assert validation.within_factor(ratios, ["a"] * 90 + ["b"] * 10) == pytest.approx(math.exp(0.5))
    with pytest.raises(ValueError, match="to take a factor from"):
        validation.within_factor([], [])
    with pytest.raises(ValueError, match="to take a factor from"):
        validation.within_factor([1.0, math.nan], ["a", "a"])


# Models with experts: services of a few users are among what their interval comes from


def few_users() -> list[serving_runs.Run]:
    told = (*serving_runs.table(), *serving_runs.ours())
    runs = {row["id"]: row for row in told}
    found = [row["id"] for row in validation.with_experts().table if row["id"] in runs]
    return [serving_runs.read(runs[id]) for id in found]


def test_services_of_few_users_hardly_read_prompts_while_they_write() -> None:
    runs = few_users()
    assert max(run.concurrency / run.layout.replicas for run in runs) == 4
    assert all(run.prompt <= run.answer and not run.draft for run in runs)
    told = [serving_runs.read(row) for row in serving_runs.table() if row["mode"] == "aggregated"]
    of_more = {run.id for run in told if run.concurrency > 4 * run.layout.replicas}
    assert of_more
    assert not of_more & {run.id for run in runs}


def test_a_service_of_one_user_is_predicted_as_its_steps() -> None:
    table = validation.with_experts()
    run = next(each for each in few_users() if each.id == "own-22")  # Qwen3-30B-A3B, one H100
    step = deploy("h100_sxm5", 1, "qwen3_30b_a3b", weight_bits=16, kv_bits=16, compute_bits=16)
    seconds = step.fitted("graphs").step(1, context=run.prompt + run.answer / 2).step_time
    ratio = table.ratios(calibration.load())[table.place("own-22")]
    assert ratio == pytest.approx(seconds / run.per_token)


def test_the_interval_of_experts_counts_them_by_model_and_machine() -> None:
    table, stored = validation.with_experts(), calibration.load()
    mine = validation.counted(table, "fit", sort="with experts")
    off = np.abs(np.log(table.ratios(stored)[mine]))
    sources = [str(source) for source in table.column("source")[mine]]
    assert {"deepseek_v3 on b200", "qwen3_30b_a3b on h100_sxm5", "llama-cpp-spark"} <= set(sources)
    of = [np.array([each == source for each in sources]) for source in set(sources)]
    within = stored.within_factors["with experts"]
    shares = [
        np.mean([(off <= math.log(within * turn))[mine].mean() for mine in of])
        for turn in (0.99, 1.01)
    ]
    assert shares[0] < 0.9 <= shares[1]


def test_services_of_few_users_take_longer_than_predicted() -> None:
    found = validation.few_users()
    runs = [run for run in few_users() if catalog.load().model(run.layout.model).has("experts")]
    assert found.count == len(runs)
    assert found.bias < -0.1


# What has not been seen


def test_what_was_fitted_to_is_predicted_without_its_source() -> None:
    table = validation.own()
    ratios, _ = validation.unseen()
    seen = validation.dense(table, "fit")
    left, _ = validation.own_left_out("fit")
    stored = table.ratios(calibration.load())
    np.testing.assert_array_equal(ratios[seen], left[seen])
    np.testing.assert_array_equal(ratios[~seen], stored[~seen])


def test_what_was_not_seen_is_predicted_as_well_as_was_set_out_to() -> None:
    found = validation.unseen_errors(calibration.SORTS[0])
    assert found.mean <= 0.15
    assert found.median <= 0.10
    assert 0.85 <= (found.covered or 0) <= 0.95
    assert found.mean == pytest.approx(calibration.load().errors[calibration.UNSEEN], rel=1e-3)


def test_terms_are_worth_what_the_ladder_descends() -> None:
    table = validation.own()
    rungs = list(
        validation.ladder(
            validation.counted(table, "fit", "test", sort=calibration.SORTS[0])
        ).values()
    )
    assert sum(validation.worth().values()) == pytest.approx(rungs[0].mean - rungs[-1].mean)
    assert min(validation.worth().values()) > 0


def test_a_worse_share_of_the_bandwidth_costs_the_most() -> None:
    found = validation.sensitivities()
    assert max(found, key=lambda name: found[name]) == "bandwidth_share"
    assert all(0 <= change < 0.1 for change in found.values())


# Held out


def test_what_is_measured_at_a_source_does_not_change_what_is_predicted_of_it() -> None:
    changed = [
        {**row, "value": str(1.7 * float(row["value"]))}
        if row["source"] == "rocm-vllm-docker" and row["split"] == "fit"
        else row
        for row in OWN.table
    ]

    def predicted(table: Evidence) -> tuple[Any, Any]:
        chosen = validation.dense(table, "fit")
        sources = table.column("source")
        durations = table.held_out(chosen, sources) * table.cases.measured_durations()
        mine = chosen & (sources == "rocm-vllm-docker")
        return durations[mine], durations[chosen & ~mine]

    mine, others = predicted(OWN)
    mine_after, others_after = predicted(Evidence(changed))
    assert mine_after == pytest.approx(mine, rel=1e-6)
    assert np.abs(others_after / others - 1).max() > 0.01  # they were fitted to it


def test_cases_that_are_not_chosen_have_no_held_out_number() -> None:
    sources = OWN.column("source")
    chosen = np.isin(sources, ["tensorrt-llm-h200", "gpt-fast-readme"])
    chosen &= validation.dense(OWN, "fit")
    ratios = OWN.held_out(chosen, sources)
    assert (np.isfinite(ratios) == chosen).all()


def test_a_held_out_group_is_predicted_by_a_fit_to_the_others() -> None:
    chosen = validation.dense(OWN, "fit")
    sources = OWN.column("source")
    mine = chosen & (sources == "gpt-fast-readme")
    by_hand = OWN.ratios(OWN.fit(chosen & ~mine))
    found = OWN.held_out(chosen, sources)
    assert found[mine] == pytest.approx(by_hand[mine], rel=1e-6)


def stored_errors(chosen: Any) -> validation.Errors:
    """Return the errors of the stored parameters over chosen cases, seen or not."""
    stored = calibration.load()
    factors = np.array([stored.within_factors[sort] for sort in OWN.sorts])
    return validation.Errors.of(OWN.ratios(stored)[chosen], factors[chosen])


def test_fitted_rows_are_missed_less_than_held_out_ones() -> None:
    chosen = validation.counted(OWN, "fit", sort="decoding")
    assert stored_errors(chosen).median < held_out("fit").median


# What the project promises


@pytest.mark.parametrize("splits", [("fit",), ("fit", "test")])
def test_sources_that_were_left_out_are_foretold(splits: tuple[str, ...]) -> None:
    found = held_out(*splits)
    assert found.count == validation.counted(OWN, *splits, sort="decoding").sum() > 170
    assert found.mean <= 0.15
    assert found.median <= 0.10
    assert found.covered is not None
    assert 0.85 <= found.covered <= 0.95


def test_models_that_were_left_out_are_foretold_no_worse_than_sources() -> None:
    found = validation.held_out_errors("fit", "test", by="model")
    assert found.mean <= 0.15
    assert found.median <= 0.10


def test_rows_that_were_found_later_are_foretold() -> None:
    found = stored_errors(validation.counted(OWN, "test"))
    assert found.count > 120
    assert found.mean <= 0.20
    assert found.median <= 0.15
    assert abs(found.bias) <= 0.12
    assert found.covered is not None
    assert 0.80 <= found.covered <= 0.97


@pytest.mark.parametrize("sort", calibration.SORTS)
def test_each_sort_of_fitted_rows_is_inside_its_interval(sort: str) -> None:
    found = stored_errors(validation.counted(OWN, "fit", sort=sort))
    assert found.covered is not None
    assert 0.88 <= found.covered <= 0.99


def test_the_same_table_measured_again_is_foretold() -> None:
    found = stored_errors(validation.counted(OWN, "repeat"))
    assert found.mean <= 0.15


# The ladder


def test_each_rung_is_nearer_than_the_one_below() -> None:
    for splits in (("fit",), ("fit", "test")):
        chosen = validation.counted(OWN, *splits, sort="decoding")
        found = [each.median for each in validation.ladder(chosen).values()]
        assert found == sorted(found, reverse=True)
        assert len(set(found)) == len(validation.LADDER)
        assert stored_errors(chosen).median < found[-1]


def test_each_rung_has_more_terms_and_takes_longer() -> None:
    rungs = [set(without) for _, without in validation.LADDER]
    assert all(more < less for less, more in pairwise(rungs))
    times = [validation.rung(without) for _, without in validation.LADDER]
    for below, above in pairwise(times[1:]):  # the first reads the embedding too
        assert (above >= below * (1 - 1e-12)).all()


def decode_rows() -> Iterator[tuple[int, Measurement]]:
    """Yield dense rows about steps alone, in a precision that the datasheet has."""
    for place, case in enumerate(OWN.cases.rows):
        model = FACTS.models[case.layout.model]
        if case.metric.of == "step" and model.has("parameters") and not model.has("experts"):
            bits = case.layout.compute_bits or case.layout.weight_bits
            if FACTS.accelerators[case.layout.accelerator].has(f"peak_flops_{bits:g}bit"):
                yield place, case


def test_the_first_rung_is_the_roofline() -> None:
    rung = validation.rung(dict(validation.LADDER)[validation.BARE])
    rung = rung * OWN.cases.measured_durations()
    count = 0
    for place, case in decode_rows():
        layout = case.layout
        chip = FACTS.accelerators[layout.accelerator].numbers
        parameters = FACTS.models[layout.model].parameters
        bits = layout.compute_bits or layout.weight_bits
        users = max(layout.replicas, case.batch / layout.stages)
        chips = layout.chips / layout.stages
        read = layout.replicas * parameters * layout.weight_bits / 8
        time = max(
            read / (chips * chip["memory_bandwidth"]),
            users * 2 * parameters / (chips * chip[f"peak_flops_{bits:g}bit"]),
        )
        assert rung[place] == pytest.approx(time, rel=1e-9)
        count += 1
    assert count > 100


# Physics


def floor(case: Measurement) -> float:
    """Return the seconds in which the memory, at its full rate, delivers what is decoded from."""
    layout = case.layout
    model, chip = FACTS.models[layout.model], FACTS.accelerators[layout.accelerator]
    looked_up = model.vocabulary * model.hidden_size if model.embeddings == "separate" else 0
    weights = (model.parameters - looked_up) * layout.weight_bits / 8
    windowed = model.windowed_layers / model.layers if model.has("window") else 0.0
    kept = min(case.context, model.window) if windowed else case.context
    context = (1 - windowed) * case.context + windowed * kept
    cache = context * model.kv_bytes_per_token_16bit * layout.kv_bits / 16
    # Users wait until all stages have read their part, in turn.
    users = max(layout.replicas, case.batch / layout.stages)
    read = layout.replicas * weights + users * cache
    steps = case.answer if case.metric.of == "request" else 1
    return float(steps * read * layout.stages / (layout.chips * chip.memory_bandwidth))


def test_no_decoding_was_measured_faster_than_its_bytes_can_be_read() -> None:
    chosen = validation.counted(OWN, "fit", "test", sort="decoding")
    measured = OWN.cases.measured_durations()
    faster = [
        OWN.table[OWN.places[place]]["id"]
        for place in chosen.nonzero()[0]
        if measured[place] < floor(OWN.cases.rows[place])
    ]
    assert faster == []


def test_no_decoding_is_predicted_faster_than_its_bytes_can_be_read() -> None:
    chosen = validation.counted(OWN, "fit", "test", "repeat", "shown", sort="decoding")
    predicted = OWN.ratios(calibration.load()) * OWN.cases.measured_durations()
    for place in chosen.nonzero()[0]:
        assert predicted[place] > floor(OWN.cases.rows[place])


def test_more_users_never_take_less_time() -> None:
    row = {"hardware": "a100_sxm_80", "n_chips": "4", "model": "llama2_70b", "weight_bits": "16",
           "kv_bits": "16", "context_tokens": "300", "metric": "step_latency",
           "unit": "ms"}  # fmt: skip
    batches = (1, 2, 3, 7, 8, 16, 31, 100, 200, 400)
    table = Evidence([{**row, "batch": str(batch)} for batch in batches])
    times = table.predicted(calibration.load())
    assert (np.diff(times) > 0).all()
    assert (np.diff(times / np.array(batches)) < 0).all()
