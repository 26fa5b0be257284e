"""The fit: it finds what made the measurements, is not bent by a trap, and is what is stored."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from inference_economics.evidence import fitting, validation
from inference_economics.evidence.fitting import Design, fit_later, jackknife
from inference_economics.evidence.prediction import Cases, deployment_of
from inference_economics.facts import calibration, catalog
from inference_economics.facts.calibration import (
    ANY,
    KINDS,
    LAUNCHES,
    ONE_BY_ONE,
    PARAMETERS,
    RECORDED,
    SORTS,
    Calibration,
    machine_kind,
)
from inference_economics.facts.measurements import read
from inference_economics.serving import outside
from inference_economics.serving.deployment import deploy

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARES = ("bandwidth_share", "compute_share", "prefill_share")
TIMES = ("layer_time", "link_latency", "node_latency")


@cache
def measured() -> tuple[Cases, tuple[str, ...]]:
    """Return the cases that the stored parameters are fitted to, and their sources."""
    own = validation.own()
    chosen = validation.dense(own, "fit")
    rows = [each for each, wanted in zip(own.cases.rows, chosen, strict=True) if wanted]
    return Cases(rows), tuple(str(each) for each in own.column("source")[chosen])


def fit(cases: Cases, sources: Sequence[str]) -> dict[tuple[str, str], float]:
    found = fitting.fit(cases, list(sources))
    return {(each.parameter, each.group): each.value for each in found.fitted}


@cache
def fitted() -> dict[tuple[str, str], float]:
    return fit(*measured())


@cache
def refitted() -> Calibration:
    return validation.refitted()


def remade(seconds: Any) -> Cases:
    """Return the cases with other times in place of the measured ones."""
    cases, _ = measured()
    values = cases.metric(np.asarray(seconds))
    return Cases([replace(row, value=float(v)) for row, v in zip(cases.rows, values, strict=True)])


def as_calibration(found: dict[tuple[str, str], float]) -> Calibration:
    return Calibration(
        tuple(calibration.Fitted(*key, value, value, value) for key, value in found.items())
    )


def furthest(one: dict[tuple[str, str], float], other: dict[tuple[str, str], float]) -> float:
    assert one.keys() == other.keys()
    return max(abs(one[key] / other[key] - 1) for key in one)


# What is stored


def test_the_stored_file_is_a_new_fit() -> None:
    stored = calibration.load()
    assert [(each.parameter, each.group) for each in stored.fitted] == [
        (each.parameter, each.group) for each in refitted().fitted
    ]
    for old, new in zip(stored.fitted, refitted().fitted, strict=True):
        assert (old.value, old.low, old.high) == pytest.approx(
            (new.value, new.low, new.high), rel=1e-3
        )
    assert stored.within_factors == pytest.approx(refitted().within_factors, rel=1e-3)
    assert stored.errors == pytest.approx(refitted().errors, rel=1e-3)


def test_each_parameter_has_a_value_for_each_of_its_kinds_and_a_typical_one() -> None:
    found = {(each.parameter, each.group) for each in calibration.load().fitted}
    machine, launch = {ANY, *KINDS}, {ANY, *LAUNCHES}
    by = {"bandwidth_share": machine, "compute_share": machine, "layer_time": launch,
          "link_latency": launch}  # fmt: skip
    expected = {(name, group) for name in (*SHARES, *TIMES, "unpack_flop")
                for group in by.get(name, {ANY})}  # fmt: skip
    assert found == expected | {("layer_time", "AWS, HBM")}
    assert len(calibration.load().fitted) == len(found)


def test_what_is_fitted_is_physically_possible() -> None:
    for each in calibration.load().fitted:
        assert 0 < each.low < each.value < each.high
        if each.parameter in SHARES:
            assert 0.15 < each.value <= 1
            assert each.high <= 1
        elif each.parameter in TIMES:
            assert 2e-6 < each.value < 3e-4
        else:
            assert 0.5 < each.value < 20  # instructions for a weight of few bits
    assert set(calibration.load().within_factors) == set(SORTS)
    assert all(1 < factor < 2.5 for factor in calibration.load().within_factors.values())


def test_recorded_kernels_start_no_slower_than_those_started_one_by_one() -> None:
    value = calibration.load().value
    assert value("layer_time", RECORDED) < value("layer_time", ONE_BY_ONE)
    assert value("link_latency", RECORDED) < value("link_latency", ONE_BY_ONE)
    assert value("link_latency", ONE_BY_ONE) < value("node_latency")


def test_a_calibration_survives_its_file() -> None:
    stored = calibration.load()
    assert calibration.parse(calibration.as_csv(stored)) == stored


# The fit


TRUE = Calibration(
    tuple(
        calibration.Fitted(name, group, value, value, value)
        for name, values in {
            "bandwidth_share": (0.75, 0.85, 0.65, 0.72, 0.69),
            "compute_share": (0.50, 0.60, 0.40, 0.45, 0.43),
            "layer_time": (50e-6, 40e-6, 65e-6),
            "link_latency": (12e-6, 8e-6, 20e-6),
            "node_latency": (90e-6,),
            "unpack_flop": (4.0,),
            "prefill_share": (0.70,),
        }.items()
        for group, value in zip(
            (ANY, *{5: KINDS, 3: LAUNCHES, 1: ()}[len(values)]), values, strict=True
        )
    )
)


CLOSE = {
    "bandwidth_share": 0.03,
    "layer_time": 0.04,
    "node_latency": 0.05,
    "prefill_share": 0.02,
    "unpack_flop": 0.10,
    # Few rows tell these apart from the rest, so that they stay nearer to where they start.
    "compute_share": 0.25,
    "link_latency": 0.25,
}


def test_the_fit_finds_the_parameters_that_made_the_measurements() -> None:
    cases, sources = measured()
    made = remade(cases.durations(**Design(cases).calibrated(TRUE)))
    found = fit(made, sources)
    kinds = {each.name: each.groups or (ANY,) for each in PARAMETERS}
    for each in TRUE.fitted:
        if each.group in kinds[each.parameter]:
            value = found[each.parameter, each.group]
            assert value == pytest.approx(each.value, rel=CLOSE[each.parameter])
    assert found["compute_share", "NVIDIA, HBM"] == pytest.approx(0.60, rel=0.02)
    again = cases.durations(**Design(cases).calibrated(as_calibration(found)))
    assert np.median(np.abs(np.log(again / made.measured_durations()))) < 0.01


def test_a_part_of_a_kind_that_nothing_measures_is_like_that_kind() -> None:
    cases, sources = measured()
    shared = np.array([machine_kind(row.layout.machine) == "shared memory" for row in cases.rows])
    assert shared.any()
    rows = [row for row, left in zip(cases.rows, shared, strict=True) if not left]
    left = [source for source, out in zip(sources, shared, strict=True) if not out]
    found = fit(Cases(rows), left)
    for name in ("bandwidth_share", "compute_share"):
        assert found[name, "shared memory"] == pytest.approx(found[name, "without HBM"])
        own, whole = (fitted()[name, kind] for kind in ("shared memory", "without HBM"))
        assert own < 0.98 * whole
    share = found["bandwidth_share", "without HBM"]
    assert share != pytest.approx(found["bandwidth_share", ANY], rel=1e-3)


def test_noise_in_the_measurements_is_evened_out() -> None:
    cases, sources = measured()
    noise = np.exp(np.random.default_rng(0).normal(0, 0.05, len(cases)))
    made = remade(noise * cases.durations(**Design(cases).calibrated(TRUE)))
    found = fit(made, sources)
    for group, value in zip(KINDS, (0.85, 0.65, 0.72, 0.69), strict=True):
        assert found["bandwidth_share", group] == pytest.approx(value, rel=0.05)
    assert found["prefill_share", ANY] == pytest.approx(0.70, rel=0.05)


def moved(found: dict[tuple[str, str], float]) -> Any:
    """Return by how much the predictions of the fitted rows move with the parameters."""
    cases, _ = measured()
    design = Design(cases)
    before, after = (
        cases.durations(**design.calibrated(as_calibration(each))) for each in (fitted(), found)
    )
    return np.abs(np.log(after / before))


@pytest.mark.parametrize("factor", [10.0, 0.1])
@pytest.mark.parametrize("place", [5, 150, 200, 250])
def test_an_absurd_row_of_a_table_hardly_moves_the_fit(place: int, factor: float) -> None:
    cases, sources = measured()
    assert sources.count(sources[place]) > 10
    seconds = np.array(cases.measured_durations())
    seconds[place] *= factor
    found = fit(remade(seconds), sources)
    assert furthest(found, fitted()) < 0.10
    assert np.median(moved(found)) < 0.003


@pytest.mark.parametrize("factor", [10.0, 0.1])
def test_an_absurd_row_among_few_moves_few_predictions(factor: float) -> None:
    cases, sources = measured()
    for place in (each for each, source in enumerate(sources) if sources.count(source) < 5):
        seconds = np.array(cases.measured_durations())
        seconds[place] *= factor
        assert np.median(moved(fit(remade(seconds), sources))) < 0.02


def test_the_same_rows_again_say_little_more() -> None:
    cases, sources = measured()
    for source in dict.fromkeys(sources):
        again = [place for place, each in enumerate(sources) if each == source] * 2
        rows = [*cases.rows, *(cases.rows[place] for place in again)]
        shift = moved(fit(Cases(rows), [*sources, *[source] * len(again)]))
        assert np.median(shift) < 0.005
        assert shift.max() < 0.10


def test_a_source_counts_once_however_long_its_table() -> None:
    def share(quick: int, slow: int) -> float:
        """Return the fitted share, of sources with so many rows at 8 and at 9 milliseconds."""
        row = {"hardware": "h100_sxm5", "n_chips": "1", "model": "llama3_8b", "batch": "1",
               "context_tokens": "1000", "metric": "step_latency", "unit": "ms",
               "launch": RECORDED}  # fmt: skip
        rows = [read({**row, "value": "8"})] * quick + [read({**row, "value": "9"})] * slow
        sources = ["quick"] * quick + ["slow"] * slow
        return fit(Cases(rows), sources)["bandwidth_share", "NVIDIA, HBM"]

    assert share(40, 1) == pytest.approx(share(1, 40), rel=1e-4)
    assert share(41, 0) > 1.02 * share(40, 1) > 1.02**2 * share(0, 41)


def test_two_sources_are_more_than_one() -> None:
    cases, sources = measured()
    slow = np.array(cases.measured_durations())
    mine = np.array([each == "gpt-fast-readme" for each in sources])
    slow[mine] *= 1.3
    split = [f"{each} {place % 3}" if each == "gpt-fast-readme" else each
             for place, each in enumerate(sources)]  # fmt: skip
    key = ("bandwidth_share", "NVIDIA, HBM")
    once, thrice = fit(remade(slow), sources)[key], fit(remade(slow), split)[key]
    assert thrice < once < fitted()[key]


def test_the_order_of_the_rows_is_of_no_account() -> None:
    cases, sources = measured()
    assert furthest(fit(Cases(cases.rows[::-1]), sources[::-1]), fitted()) < 1e-3


def test_kinds_without_data_get_the_typical_value() -> None:
    cases, sources = measured()
    mine = [place for place, row in enumerate(cases.rows)
            if machine_kind(row.layout.machine) == KINDS[0] and row.launch == RECORDED]  # fmt: skip
    found = fit(Cases([cases.rows[place] for place in mine]), [sources[place] for place in mine])
    for name in ("bandwidth_share", "compute_share"):
        for kind in KINDS[1:]:
            assert found[name, kind] == pytest.approx(found[name, ANY])
    for name in ("layer_time", "link_latency"):
        assert found[name, ONE_BY_ONE] == pytest.approx(found[name, ANY])


def test_without_a_measurement_that_tells_a_parameter_stays_where_it_starts() -> None:
    # One chip, 16 bits: nothing is unpacked, added up or sent.
    row = {"hardware": "h100_sxm5", "n_chips": "1", "model": "llama3_8b", "batch": "1",
           "context_tokens": "1000", "metric": "step_latency", "unit": "ms",
           "value": "8"}  # fmt: skip
    found = fit(Cases([read(row)]), ["mine"])
    starts = {each.name: each.start for each in PARAMETERS}
    for name in ("link_latency", "node_latency", "unpack_flop", "prefill_share"):
        assert found[name, ANY] == pytest.approx(starts[name])
    assert found["bandwidth_share", ANY] != pytest.approx(starts["bandwidth_share"], rel=1e-3)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_slopes_are_those_of_finite_differences(seed: int) -> None:
    cases, _ = measured()
    design = Design(cases)
    theta = np.random.default_rng(seed).normal(0, 0.1, len(design.names))
    slopes = fitting.slopes(design.logs, theta)
    step = 1e-4
    for place in range(len(theta)):
        nudge = np.zeros(len(theta))
        nudge[place] = step
        between = (design.logs(theta + nudge) - design.logs(theta - nudge)) / (2 * step)
        off = np.abs(slopes[:, place] - between)
        # At the corner of a maximum the two sides differ: few rows lie there.
        assert np.mean(off < 1e-3) > 0.98
        assert off.max() < 0.5


def test_a_share_at_its_limit_is_one_and_does_not_move() -> None:
    cases, _ = measured()
    design = Design(cases)
    theta = np.zeros(len(design.names))
    theta[0] = 5.0
    assert design.physical(theta)["bandwidth_share"].max() == 1.0
    assert not fitting.slopes(design.logs, theta)[:, 0].any()


def test_faster_hardware_is_never_slower() -> None:
    cases, _ = measured()
    design = Design(cases)
    slopes = fitting.slopes(design.logs, np.zeros(len(design.names)))
    for place, (parameter, _) in enumerate(design.names):
        sign = -1 if parameter.name in SHARES else 1
        assert (sign * slopes[:, place] >= -1e-6).all()


# What is fitted later


def later() -> Cases:
    """Return the rows of machines of which one value is fitted after all others."""
    own = validation.own()
    mine = validation.counted(own, "later")
    return Cases([row for row, yes in zip(own.cases.rows, mine, strict=True) if yes])


def test_a_value_fitted_later_is_the_one_that_made_the_measurements() -> None:
    stored, cases = calibration.load(), later()
    values = Design(cases).calibrated(stored)
    made = cases.metric(
        cases.durations(**{**values, "layer_time": values["layer_time"] * 0 + 9e-5})
    )
    rows = [replace(row, value=float(v)) for row, v in zip(cases.rows, made, strict=True)]
    found = fit_later(Cases(rows), stored, "AWS, HBM", "layer_time")
    assert (found.parameter, found.group) == ("layer_time", "AWS, HBM")
    assert (found.low, found.value, found.high) == pytest.approx((9e-5, 9e-5, 9e-5), rel=1e-3)


def test_a_layer_takes_longer_on_these_machines_than_elsewhere() -> None:
    stored, cases = calibration.load(), later()
    (mine,) = (each for each in stored.fitted if each.group == "AWS, HBM")
    assert mine.low > 1.2 * stored.value("layer_time", ONE_BY_ONE)
    values = Design(cases).calibrated(stored)
    as_elsewhere = {**values, "layer_time": stored.value("layer_time", RECORDED)}
    before, after = (
        np.median(np.abs(cases.durations(**each) / cases.measured_durations() - 1))
        for each in (as_elsewhere, values)
    )
    assert after < 0.2
    assert before > 0.4


def test_the_jackknife_is_that_of_the_textbook() -> None:
    logs = [1.0, 2.0, 4.0, 5.0]  # about 3: squares 4, 1, 1, 4; Student's 95% of three is 2.353
    assert jackknife(logs) == pytest.approx(math.sqrt(3 / 4 * 10) * 2.353363)
    assert jackknife([[7.0, 0.0], [7.0, 2.0]]) == pytest.approx([0, 6.313752])


# Kinds


@pytest.mark.parametrize(
    ("machine", "kind"),
    [
        ("h100_sxm5", "NVIDIA, HBM"), ("a100_sxm_40", "NVIDIA, HBM"), ("b200", "NVIDIA, HBM"),
        ("mi300x", "AMD, HBM"), ("mi250x_gcd", "AMD, HBM"), ("rtx4090", "without HBM"),
        ("dgx_spark", "shared memory"), ("m2_ultra", "shared memory"), ("l40s", "without HBM"),
        ("rx7900_xtx", "without HBM"), ("jetson_thor", "shared memory"),
        ("rtx5090", "without HBM"), ("v100_sxm2", "NVIDIA, HBM"), ("tpu_v4", ANY),
        ("gaudi3", ANY), ("trainium2", "AWS, HBM"),
    ],
)  # fmt: skip
def test_machines_are_of_a_kind(machine: str, kind: str) -> None:
    assert calibration.machine_kind(catalog.load().accelerator(machine)) == kind


def test_values_are_those_of_the_kind_or_typical() -> None:
    stored = calibration.load()
    narrow = deploy("mi300x", 1, "llama3_8b", weight_bits=4)
    found = narrow.fitted("eager").values
    assert found["bandwidth_share"] == stored.value("bandwidth_share", "AMD, HBM")
    assert found["layer_time"] == stored.value("layer_time", ONE_BY_ONE)
    assert found["unpack_flop"] == stored.value("unpack_flop") > 0
    assert found["work_overlap"] == 0  # reading and arithmetic wait for each other
    unknown = deploy("tpu_v4", 1, "llama3_8b").fitted().values
    assert unknown["bandwidth_share"] == stored.value("bandwidth_share", ANY)
    assert unknown["unpack_flop"] == 0
    for machine, kind in (("tpu_v4", RECORDED), ("inferentia2", "AWS, HBM")):
        found = deploy(machine, 1, "llama3_8b").fitted().values["layer_time"]
        assert found == stored.value("layer_time", kind), machine


def test_arrays_hold_the_values_of_each_rows_kinds() -> None:
    own, stored = validation.own().cases, calibration.load()
    found = Design(own).calibrated(stored)
    for place, row in enumerate(own.rows):
        machine = catalog.load().accelerator(row.layout.accelerator)
        kind = calibration.machine_kind(machine)
        by = {"machine": kind, "launch": row.launch}
        for parameter in PARAMETERS:
            if parameter.name != "unpack_flop":
                later = kind == "AWS, HBM" and parameter.name == "layer_time"
                value = stored.value(parameter.name, kind if later else by.get(parameter.by, ANY))
                assert found[parameter.name][place] == pytest.approx(value)


@pytest.mark.parametrize(
    ("machine", "bits", "compute", "unpacked"),
    [
        ("h100_sxm5", 16, None, False),
        ("h100_sxm5", 8, None, False),
        ("h100_sxm5", 8, 16, True),
        ("h100_sxm5", 4, None, True),
        ("b200", 4, None, False),
        ("b200", 4, 8, True),
        ("mi300x", 4, None, True),
        ("rtx4090", 4.5, 16, True),
        ("b300", 4, 16, False),  # no source states at what rate it unpacks
    ],
)
def test_weights_are_unpacked_if_they_are_multiplied_in_more_bits(
    machine: str,
    bits: float,
    compute: int | None,
    unpacked: bool,  # noqa: FBT001
) -> None:
    served = deploy(machine, 1, "llama3_8b", weight_bits=bits, compute_bits=compute)
    tuned = served.fitted()
    assert (tuned.values["unpack_flop"] > 0) == unpacked


def test_a_deployment_with_fitted_values_is_a_row_with_them() -> None:
    own, stored = validation.own().cases, calibration.load()
    parameters = Design(own).calibrated(stored)
    steps = own.step_time(**parameters)
    for place in range(0, len(own), 11):
        row = own.rows[place]
        served = deployment_of(row.layout)
        served = served.with_values(memory_capacity=4 * served.values["memory_capacity"])
        served = served.fitted(row.launch)
        step = served.step(row.batch, row.context).step_time
        assert step == pytest.approx(steps[place], rel=1e-12)


def test_a_machine_of_no_fitted_kind_is_noted() -> None:
    own = validation.own()
    for place, row in enumerate(own.cases.rows):
        for kind, machines in (
            ("strange", {"tpu_v4"}),
            ("hardly known", {"trainium2", "trainium1", "inferentia2"}),
        ):
            said = outside.KINDS[kind].said in own.outside(place)
            assert said == (row.layout.accelerator in machines)


def test_fitted_values_miss_the_fitted_rows_less_than_the_defaults() -> None:
    cases, _ = measured()
    design = Design(cases)
    wanted = cases.measured_durations()

    def missed(durations: Any) -> float:
        return float(np.median(np.abs(np.log(durations / wanted))))

    tuned = missed(cases.durations(**design.calibrated(calibration.load())))
    assert tuned < 0.5 * missed(cases.durations())
