"""A published fleet, predicted: prompts and answers apart, experts spread, one token guessed."""

from __future__ import annotations

import numpy as np
import pytest

from inference_economics.facts import calibration, catalog, load_calibration, sourced
from inference_economics.serving import deploy, fitted_load, fleet


def test_lengths_are_those_that_the_published_means_leave() -> None:
    prompt, answer = fleet.lengths()
    assert prompt + answer / 2 == pytest.approx(4989)
    assert prompt / answer == pytest.approx(608 / 168)


def test_a_node_reads_and_writes_what_deepseek_published() -> None:
    assert fleet.read_per_node() == pytest.approx(73_700, rel=0.25)
    assert fleet.written_per_node() == pytest.approx(14_800, rel=0.25)


def test_what_was_published_by_hand() -> None:
    # A day's tokens, by the rates of a node that reads and of one that writes.
    found = fleet.nodes_as_published()
    assert found == pytest.approx((6.08e11 / 86400 / 73_700, 1.68e11 / 86400 / 14_800))
    assert fleet.published() == pytest.approx((21, 1.68e11 / 86400 / (226.75 * 8)))
    assert fleet.cached() == pytest.approx(3.42 / 6.08)


def test_a_node_writes_what_gives_its_users_the_published_speed() -> None:
    unit = fleet.writing_unit()
    users = fleet.written_per_node() * (144 / 8) / 21
    assert fleet.token_time(unit, users) == pytest.approx(1 / 21, rel=1e-6)
    assert unit.values["draft_cost"] == pytest.approx(14 / 671, rel=1e-3)
    assert (unit.values["chips"], unit.values["context"]) == (144, 4989)
    assert fleet.writing_unit(16).values["chips"] == 16


def test_a_fleet_of_nodes_is_counted_in_parts_of_a_node() -> None:
    assert fleet._nodes(fleet.writing_unit(12)) == 1.5


def test_readers_are_counted_where_they_read_for_others() -> None:
    # Of every GPU that writes, as much of a reader as its prompts need.
    speed, output = fleet.separate(100.0)
    written = 100 * speed
    prompt, answer = fleet.lengths()
    reading = written * prompt / answer / (fleet.read_per_node() / 8)
    assert output == pytest.approx(written / (1 + reading))


def test_nothing_hidden_is_what_72_h100_gave() -> None:
    published = sourced("sglang_h100_node_throughput", "token/second")
    assert fleet.written_on_h100() == pytest.approx(published, rel=0.10)


def test_hidden_traffic_saves_at_most_all_of_it() -> None:
    for predicted in (fleet.read_per_node, fleet.written_per_node):
        none, half, all_of_it = (predicted(share) for share in (0.0, 0.5, 1.0))
        assert none < half < all_of_it < 3 * none


def test_the_whole_fleet_has_as_many_nodes_as_was_published() -> None:
    reading, writing = fleet.nodes()
    published = sourced("deepseek_fleet_nodes_mean", "dimensionless")
    assert reading + writing == pytest.approx(published, rel=0.10)
    assert reading == pytest.approx(6.08e11 / 86400 / fleet.read_per_node())
    # By the published rates of a node, 95.5 read and 131.4 write.
    assert reading == pytest.approx(95.5, rel=0.25)
    assert writing == pytest.approx(131.4, rel=0.25)


def test_separate_machines_give_what_the_nodes_that_read_and_write_give() -> None:
    speed, output = fleet.published()
    users = np.linspace(20.0, 150.0, 400)
    speeds, outputs = fleet.separate(users)
    at = float(np.interp(-speed, -speeds, outputs))
    written = sourced("deepseek_fleet_output_tokens", "token/second")
    assert at == pytest.approx(written / (8 * sum(fleet.nodes())), rel=0.01)
    assert at == pytest.approx(output, rel=0.10)


def test_separate_machines_and_many_pay_where_users_want_speed() -> None:
    users = np.geomspace(1.0, 128.0, 60)
    lines = {
        "few": fleet.together(16, users),
        "many": fleet.together(144, users),
        "separate": fleet.separate(users),
    }

    def output(name: str, speed: float) -> float:
        speeds, outputs = lines[name]
        return float(np.interp(-speed, -speeds, outputs))

    assert output("few", 60) < output("many", 60) < output("separate", 60)
    # Where users are slow, spreading wide gains nothing.
    assert output("many", 22) < output("few", 22)


@pytest.mark.parametrize(
    ("machine", "generation"),
    [("b200", "multiplies in four bits"), ("h100_sxm5", "multiplies in eight bits at best")],
)
@pytest.mark.parametrize("engine", ["", "trtllm", "vllm", "sglang"])
def test_fitted_values_are_those_of_the_machine_and_the_engine(
    machine: str, generation: str, engine: str
) -> None:
    held = {(each.parameter, each.group): each.value for each in load_calibration.load().fitted}
    found = fitted_load.stored(catalog.load().accelerator(machine), engine)
    by_machine = ("bandwidth_share", "prefill_share", "layer_time", "link_latency")
    alike = ("compute_share", "sparse_prefill", "sparse_layer", "link_share", "host_time",
             "burst_share", "acceptance", "draft_cost")  # fmt: skip
    assert found == {
        **{name: held[name, generation] for name in by_machine},
        **{name: held[name, "any"] for name in alike},
        "engine_delay": held["engine_delay", engine or "any"],
        "prompt_sharing": 1.0 if engine in ("trtllm", "vllm") else 0.0,
    }


def test_a_machine_of_which_no_service_is_known_has_what_its_steps_showed() -> None:
    machine = catalog.load().accelerator("rtx4090")
    found = fitted_load.stored(machine)
    steps = calibration.load()
    kind = calibration.machine_kind(machine)
    assert found["bandwidth_share"] == steps.value("bandwidth_share", kind)
    assert found["compute_share"] == steps.value("compute_share", kind)
    assert found["layer_time"] == steps.value("layer_time", calibration.RECORDED)
    assert found["link_latency"] == steps.value("link_latency", calibration.RECORDED)
    assert found["link_share"] == 1.0
    assert found["host_time"] == load_calibration.load().value("host_time")


@pytest.mark.parametrize("chips", [8, 16])
@pytest.mark.parametrize(("model", "experts"), [("llama3_70b", 0), ("deepseek_v3", 1)])
def test_fitted_values_take_the_place_of_those_of_a_datasheet(
    chips: int, model: str, experts: int
) -> None:
    here = deploy("h200_sxm", chips, model, weight_bits=8, stages=chips // 8, layer_time=1e-5)
    values = fitted_load.stored(here.machine)
    fitted = fitted_load.of_machine(here).values
    assert fitted["layer_time"] == 1e-5, "what was given stays"
    free = fitted_load.of_machine(
        deploy("h200_sxm", chips, model, weight_bits=8, stages=chips // 8)
    ).values
    assert free["layer_time"] == values["layer_time"] * values["sparse_layer"] ** experts
    assert free["prefill_share"] == values["prefill_share"] * values["sparse_prefill"] ** experts
    assert free["link_bandwidth"] == here.values["link_bandwidth"] * values["link_share"]
    between = here.values["node_latency"]
    assert free["node_latency"] == (values["link_latency"] if chips == 8 else between)
    assert free["work_overlap"] == 0
    assert free["unpack_flop"] == 0
