"""What scale saves: services, waiting, machines of one's own, a published fleet, the figures."""

from __future__ import annotations

import heapq
import itertools
import math
import random
import statistics
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp
from thoroughly import THOROUGH, some

from inference_economics.algebra.formula import InputError
from inference_economics.equations import decode, load, shape
from inference_economics.equations import market as equations
from inference_economics.facts import calibration, catalog, measurements, prices, serving_runs
from inference_economics.serving import arrivals, fitted_load, market, scale
from inference_economics.serving.deployment import Deployment, deploy
from inference_economics.serving.load import largest_batch
from inference_economics_notebook.figures import hosts, style
from inference_economics_notebook.figures import market as figures

if TYPE_CHECKING:
    from collections.abc import Callable

    from inference_economics.serving.market import Service

settings.register_profile("book", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("book")

YEAR = 365.25 * 86400
NAMES = tuple(style.MODELS)
FIGURES = (
    "token_cost_against_batch",
    "alone_against_shared",
    "cost_against_users",
    "output_beside_measured",
    "bar_against_audiences",
    "what_moves_the_bar",
    "own_machine_against_price",
)

services = cache(scale.services)
levers = cache(scale.levers)


def sizes(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers spread over the orders of magnitude between two ends."""
    return st.floats(math.log(low), math.log(high)).map(math.exp)


NAMED = st.sampled_from(NAMES).map(lambda name: services()[name])
USERS = sizes(1, 1e6)
FACTORS = sizes(1.001, 50)


def offering(
    *group: Deployment,
    request: market.Request | None = None,
    speed: float = scale.SPEED,
    apart: bool = True,
    wait: float | None = None,
) -> Service:
    """Return a service that rents the cheapest of these, for chats unless another is given."""
    asked = request or scale.requests()[scale.CHAT]
    return market.Service(market.Offers(group, asked), speed, apart=apart, wait=wait)


# A service of a given size


@given(NAMED, USERS, st.integers(2, 50))
def test_a_token_never_costs_more_where_a_service_has_several_times_the_users(
    service: Service, users: float, times: int
) -> None:
    """It may rent as many times the cards. (With a few users more, it may need one card more.)"""
    assert service.cost(users * times) <= service.cost(users) * (1 + 1e-12)


@given(NAMED, USERS)
def test_no_service_is_cheaper_than_a_saturated_one(service: Service, users: float) -> None:
    assert service.cost(users) >= service.saturated_cost * (1 - 1e-12)


def test_no_prompt_is_read_faster_than_products_were_measured() -> None:
    best = 1.4534e15 / 1.979e15  # an H200's best product of matrices in eight bits, over its peak
    for name, service in services().items():
        slow = scale.as_products(service)
        pairs = list(zip(service.offers.deployments, slow.offers.deployments, strict=True))
        for before, after in pairs:
            shares = [here.values["prefill_share"] for here in (before, after)]
            assert shares[1] == pytest.approx(min(shares[0], best))
            assert after.having(prefill_share=shares[0]).values == before.values
        dense_on_hopper = name in {"Llama-3 8B", "Llama-3 70B"}
        dearer = slow.saturated_cost / service.saturated_cost
        assert 1.03 < dearer < 1.06 if dense_on_hopper else dearer == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_very_large_service_is_nearly_saturated(name: str) -> None:
    assert services()[name].cost(1e8) == pytest.approx(services()[name].saturated_cost, rel=0.01)


@given(NAMED, FACTORS, sizes(1, 10))
def test_a_looser_aim_needs_no_more_users(service: Service, factor: float, looser: float) -> None:
    assert service.efficient_users(factor * looser) <= service.efficient_users(factor) * (1 + 1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_twice_the_cost_needs_fewer_users_than_a_tenth_more(name: str) -> None:
    assert services()[name].efficient_users(2) < services()[name].efficient_users(1.1)


@given(NAMED, FACTORS)
def test_at_the_bar_a_token_costs_what_it_may(service: Service, factor: float) -> None:
    users = service.efficient_users(factor)
    assert service.cost(users) <= factor * service.saturated_cost * (1 + 1e-9)
    assert users == 1 or service.cost(users) == pytest.approx(factor * service.saturated_cost)


@given(NAMED, FACTORS)
def test_below_the_bar_it_costs_more(service: Service, factor: float) -> None:
    users = service.efficient_users(factor)
    for below in (0.999 * users, 0.9 * users, users / 3):
        assert below < 1 or service.cost(below) > factor * service.saturated_cost


def test_cost_takes_arrays() -> None:
    """And what others ask for at once changes nothing: 6 H100s are cheaper here than 5 H200s."""
    service = services()["Llama-3 70B"]
    users = np.array([1.0, 50.0, 236.0, 1e5])
    assert list(service.cost(users)) == [service.cost(float(each)) for each in users]
    assert isinstance(service.cost("50"), float)
    assert service.cost(236) * 236 * scale.SPEED * 3600 == pytest.approx(6 * 1.30)


def test_thousands_of_readers_are_not_all_listed() -> None:
    """The fewest are, for a single user, and the last, which are the cheapest."""
    offers = services()["Llama-3 8B"].offers
    huge = market.Service(replace(offers, request=market.Request(1e6, 1)), scale.SPEED)
    assert huge.full.groups > 10_000
    assert len(huge.units) < 100_000
    assert 1 <= huge.full.cost / huge.saturated_cost < 1 + 1e-4
    assert min(unit.groups for unit in huge.units if unit.readers) == 1


@pytest.mark.parametrize("users", [0, -1, math.nan, math.inf, [1.0, math.nan]])
def test_users_who_are_no_number_are_refused(users: object) -> None:
    service = services()["Llama-3 70B"]
    for asked in (service.cost, service.cost_at_work):
        with pytest.raises(InputError, match=r"concurrent_users = .*: must be a positive number"):
            asked(users)


@pytest.mark.parametrize("name", NAMES)
def test_with_many_cards_a_token_costs_hardly_more_than_the_least(name: str) -> None:
    service = services()[name]
    cards = service.smallest(1.005)
    assert service.saturated_cost < cards.rent / cards.tokens < 1.005 * service.saturated_cost


def test_a_service_of_one_user_needs_one() -> None:
    assert services()["Llama-3 8B"].efficient_users(1e6) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_full_unit_is_full(name: str) -> None:
    """One user more would be too slow, or find no memory; prompts count where they are read."""
    service = services()[name]
    for unit in service.units:
        here, answer = unit.deployment, service.offers.request.answer
        time = here.evaluate(load.work_per_token, concurrent_users=float(unit.users))
        assert time <= 1 / scale.SPEED
        more = here.evaluate(load.work_per_token, concurrent_users=unit.users + 1.0)
        assert more > 1 / scale.SPEED or unit.users == int(largest_batch(here))
        if unit.readers is None:
            assert unit.tokens == pytest.approx(unit.users / time)
        else:
            reads = unit.groups * market.prompt_rate(unit.readers) * answer
            assert unit.tokens == pytest.approx(min(unit.users / time, reads))


def test_a_unit_says_which_cards_write_and_which_read() -> None:
    service = services()["Llama-3 70B"]
    assert service.alone.machines == "1 card (H200 SXM 141GB)"
    told = "{} (H200 SXM 141GB) to write and {} to read prompts"
    assert service.smallest(1.1).machines == told.format("1 card", 2)
    assert service.full.machines == told.format("1 card", 2)
    assert service.pooled.machines == told.format("1 card", 2.2)  # others use part of one, too
    assert scale.services(apart=False)["Llama-3 8B"].smallest(1.1).machines == (
        "1 card (H100 SXM5 80GB)"
    )


def test_a_unit_counts_and_pays_the_cards_that_read_too() -> None:
    writing = deploy("b200", 1, "llama3_8b", rent=4)
    reading = deploy("h100_sxm5", 2, "llama3_8b", rent=3)
    alone = market.Unit(writing, users=7, tokens=100.0)
    apart = market.Unit(writing, users=7, tokens=100.0, readers=reading, groups=3)
    assert (alone.chips, apart.chips) == (1, 1 + 3 * 2)
    assert alone.rent == pytest.approx(4 / 3600)
    assert apart.rent == pytest.approx((4 + 3 * 2 * 3) / 3600)
    assert apart.cost == pytest.approx((4 + 3 * 2 * 3) / 3600 / 100)
    assert alone.machines == "1 card (B200 SXM)"
    assert apart.machines == "1 card (B200 SXM) to write and 6 to read prompts"


def test_prompts_take_from_answers_by_hand() -> None:
    """On one machine: the time of a step, and that of the prompts that come while it is at work."""
    service = services()["Llama-3 8B"]
    unit = next(each for each in service.units if each.readers is None)
    here, request = unit.deployment, service.offers.request
    step = here.having(concurrent_users=100.0)
    alone = here.evaluate(decode.prefill_time, concurrent_users=1.0,
                          compute_share=here.values["prefill_share"])  # fmt: skip
    taken = step.evaluate(decode.round_time) + 100 * here.values["host_time"]
    assert step.evaluate(load.work_per_token) == pytest.approx(taken + 100 * alone / request.answer)


def test_a_cached_prompt_costs_less() -> None:
    group, chat = scale.deployments()["Llama-3 70B"], scale.requests()[scale.CHAT]
    half = replace(chat, cached_share=0.5)
    cheap, dear = (offering(*group, request=each).full for each in (half, chat))
    assert 0.4 * dear.cost < cheap.cost < 0.8 * dear.cost


@pytest.mark.parametrize("name", ["Llama-3 70B", "gpt-oss-120b"])
def test_where_all_takes_longer_the_bar_is_as_if_users_wanted_more_speed(name: str) -> None:
    longer = 1.4
    rates = ("memory_bandwidth", "peak_flops", "attention_flops", "general_flops",
             "link_bandwidth", "node_bandwidth")  # fmt: skip
    times = ("layer_time", "host_time", "link_latency", "node_latency", "exchange_latency")

    def slowed(here: Deployment) -> Deployment:
        return here.having(
            **{rate: here.values[rate] / longer for rate in rates},
            **{time: here.values[time] * longer for time in times},
        )

    group = scale.deployments()[name]
    slow, fast = offering(*map(slowed, group)), offering(*group, speed=scale.SPEED * longer)
    assert slow.efficient_users(1.1) == pytest.approx(fast.efficient_users(1.1))
    assert slow.full.cost == pytest.approx(longer * fast.full.cost)
    assert slow.full.machines == fast.full.machines
    assert slow.full.cost >= longer * services()[name].full.cost * (1 - 1e-12)


def test_requests_are_those_of_their_sources() -> None:
    chat, thinking, agents = scale.requests().values()
    assert (chat.prompt, chat.answer, chat.cached_share) == (1155, 211, 0)
    assert thinking.prompt / thinking.answer == pytest.approx(608 / 168)
    assert thinking.prompt + thinking.answer / 2 == pytest.approx(4989)
    assert thinking.cached_share == pytest.approx(342 / 608)
    assert agents == market.Request(46_000, pytest.approx(46_000 / 131), 0.942)


def test_a_speed_out_of_reach_is_refused() -> None:
    group = scale.deployments()["Llama-3 70B"]
    with pytest.raises(market.SpeedError, match="none of these reaches it"):
        offering(*group, speed=1e5)
    assert scale.services(1e5) == {}


@pytest.mark.parametrize("wait", [-1.0, math.nan, math.inf])
def test_a_wait_that_is_none_is_refused(wait: float) -> None:
    with pytest.raises(InputError, match=f"queue_wait = {wait}: must be zero or a positive"):
        offering(scale.rented("h100_sxm5", 1, "llama3_8b"), wait=wait)


def test_no_prompt_is_read_in_no_time() -> None:
    with pytest.raises(market.SpeedError, match="speed = 20, wait = 0: none of these reaches it"):
        offering(scale.rented("h100_sxm5", 1, "llama3_8b"), wait=0.0)


def test_a_speed_and_a_wait_may_be_text() -> None:
    here = scale.rented("h100_sxm5", 1, "llama3_8b")
    text = market.Service(market.Offers((here,), SMALL), "20", wait="200 ms")
    number = market.Service(market.Offers((here,), SMALL), 20.0, wait=0.2)
    assert text.efficient_users(1.5) == number.efficient_users(1.5)


SMALL = market.Request(1000, 200)


def test_a_model_that_does_not_fit_serves_nobody() -> None:
    small = deploy("rtx4090", 1, "llama3_70b", weight_bits=8)
    with pytest.raises(InputError):
        offering(small, request=SMALL, speed=1.0)


def test_without_caches_weights_fit_or_do_not() -> None:
    small, large = (
        deploy(machine, 1, "llama3_70b", weight_bits=8, rent=1).having(kv_bytes_per_token=0.0)
        for machine in ("rtx4090", "h200_sxm")
    )
    assert market.Offers((small,), SMALL).together == []
    (offer,) = market.Offers((large,), SMALL).together
    assert offer.most == 1_000_000


def test_what_has_no_rent_is_not_rented() -> None:
    own = deploy("m3_ultra", 1, "llama3_8b", weight_bits=8)
    with pytest.raises(InputError, match="no rent is known"):
        offering(own, request=SMALL, speed=5.0)


def test_all_cards_are_rented_by_one_kind_of_contract() -> None:
    """Three years, as one source has them: an H100 at $1.30, an H200 at $1.60, a B200 at $2.90."""
    for group in scale.deployments().values():
        for each in group:
            name = each.name
            rent = 1.30 if "H100" in name else 1.60 if "H200" in name else 2.90
            assert each.values["chip_rent"] * 3600 == pytest.approx(rent)
            assert each.values["cache_value_bytes"] == 1
            bits = each.values["bits_per_parameter"]
            assert bits == (4.25 if "gpt-oss" in name else 8)


def test_models_are_tried_on_every_card_on_which_they_likely_fit() -> None:
    for name, model in scale.CATALOG_IDS.items():
        tried = {(each.name, each.values["replicas"]): each for each in scale.deployments()[name]}
        kept = ("h200_sxm",) if name == "DeepSeek-V3" else ("h100_sxm5", "h200_sxm", "b200")
        for chip, count in itertools.product(kept, (1, 2, 4, 8)):
            here = scale.rented(chip, count, model)
            assert ((here.name, 1.0) in tried) == (here.rooms().likely > 0), here.name
        spread = {each.values["chips"] for (_, copies), each in tried.items() if copies > 1}
        assert bool(spread) == (name in {"Qwen3 235B", "DeepSeek-V3", "gpt-oss-120b"})
        assert all(each.values["replicas"] in {1, each.values["chips"]} for each in tried.values())


@pytest.mark.parametrize(
    ("name", "tenth", "twice"),
    [
        ("Llama-3 8B", 346.9, 190.8),
        ("Llama-3 70B", 162.8, 29.85),
        ("Llama-3.1 405B", 75.96, 22.63),
        ("Qwen3 235B", 1276, 123.4),
        ("DeepSeek-V3", 1015, 139.6),
        ("gpt-oss-120b", 2635, 241.6),
    ],
)
def test_the_bars_of_the_chapter(name: str, tenth: float, twice: float) -> None:
    """Pinned: these go out into the prose, and a change of them should be noticed."""
    service = services()[name]
    found = (service.efficient_users(1.1), service.efficient_users(2))
    assert found == pytest.approx((tenth, twice), rel=1e-3)


# How sure the bars are


USES = [(speed, request) for request in scale.requests() for speed in (10.0, 20.0, 40.0)]


@pytest.mark.parametrize(("speed", "request_"), USES)
def test_the_band_of_each_bar_covers_every_published_run_like_it(
    speed: float, request_: str
) -> None:
    doubts = scale.doubts(speed, request_)
    for name, runs in scale.published_runs(speed, request_).items():
        for run in runs:
            assert abs(math.log(run.predicted / run.measured)) <= math.log(doubts[name]) + 1e-9
        assert doubts[name] >= 1.30


def test_each_bar_of_the_chapter_stands_beside_a_published_run() -> None:
    runs = scale.published_runs()
    assert set(runs) == set(NAMES)
    assert all(runs.values())
    for name in NAMES:  # the best of them within 30%, but for the largest dense model
        least = min(abs(math.log(run.predicted / run.measured)) for run in runs[name])
        assert least < math.log(1.3) or name == "Llama-3.1 405B"


def test_a_published_run_is_read_as_it_stands() -> None:
    """Requests at once, over the time that each takes from its arrival to its last token."""
    for run in scale.published_runs(40.0, scale.CHAT)["DeepSeek-V3"]:
        row = next(each for each in serving_runs.table() if each["id"] == run.run)
        took = float(row["ttft_ms"]) + float(row["tpot_ms"]) * (run.answer - 1)
        written = float(row["concurrency"]) * run.answer / took * 1e3 / float(row["chips"])
        assert run.measured == pytest.approx(written)
        assert run.concurrency >= 64
        assert 20 <= run.speed <= 80


def test_what_a_cache_holds_counts_as_if_it_were_not_read() -> None:
    """Runs have no caches: 1, 2, 4 or 8 tokens of a prompt for each that is written."""
    # Agents read 131 tokens for each that they write, and 94.2% of them were read before: 7.6.
    # Where models think first it is 3.6 and 56%: 1.6. A run is like that up to a factor of two.
    for request, near in (("agents", {4, 8}), ("thinking", {1, 2})):
        found = {
            run.prompt / run.answer
            for name, runs in scale.published_runs(20.0, request).items()
            for run in runs
            if name != "Llama-3.1 405B"
        }
        assert found == near


def test_a_run_is_like_a_bar_up_to_a_factor_of_two_in_speed() -> None:
    for run in scale.published_runs(40.0)["DeepSeek-V3"]:
        for factor, like in ((2.01, False), (2, True), (0.5, True), (0.49, False)):
            assert (run in scale.published_runs(factor * run.speed)["DeepSeek-V3"]) == like


@pytest.mark.parametrize("factor", [1.1, 2])
def test_a_bar_lies_in_its_band(factor: float) -> None:
    for name, bar in scale.bars(factor).items():
        assert bar.users == services()[name].efficient_users(factor)
        assert bar.low <= bar.users <= bar.high
        for place in (-1, 1):  # as much too fast, and too slow, as the worst of its runs
            speed = scale.SPEED * scale.doubts()[name] ** place  # as much more is needed
            slower = replace(services()[name], speed=speed)
            assert bar.low <= slower.efficient_users(factor) <= bar.high


def test_a_range_reaches_to_both_sides_of_a_jump() -> None:
    """This bar jumps between two of the places at which every bar is sought."""
    name = "Llama-3.1 405B"
    bar, doubt = scale.bars(1.1)[name], scale.doubts()[name]
    bars = {
        factor: replace(services()[name], speed=scale.SPEED * factor).efficient_users(1.1)
        for factor in np.exp(np.linspace(math.log(1.02), math.log(1.09), 60))
    }
    highest = max(bars, key=bars.__getitem__)
    assert bars[highest] == pytest.approx(bar.high, rel=1e-2)
    assert min(bars.values()) < 0.8 * bars[highest]
    assert highest < doubt


def test_the_highest_bar_is_in_doubt_because_times_are() -> None:
    """As the chapter tells it: the same machine is at the bar, and faster ones need more users."""
    bars = scale.bars(1.1)
    name = max(bars, key=lambda each: bars[each].high)
    service, doubt = services()[name], scale.doubts()[name]
    faster, slower = (replace(service, speed=service.speed * times) for times in (1 / doubt, doubt))
    assert faster.efficient_users(1.1) == pytest.approx(bars[name].high)
    assert slower.efficient_users(1.1) == pytest.approx(bars[name].low)
    assert len({each.smallest(1.1).machines for each in (faster, service, slower)}) == 1


def test_the_smallest_machine_is_the_one_at_the_bar() -> None:
    for name in NAMES:
        service, factor = services()[name], 1.1
        cards, most = service.smallest(factor), factor * service.saturated_cost
        assert service.efficient_users(factor) == pytest.approx(cards.rent / most / scale.SPEED)
        assert cards.rent <= cards.tokens * most
        assert all(each.rent >= cards.rent for each in service.units if each.cost <= most)


def least_rent(service: Service) -> Callable[[float], float]:
    """Return what gives the least rent for so many users, of all whole groups of one kind of card.

    It is found by integer programming.
    """
    answer, programs = service.offers.request.answer, []
    for kind, readers in service.offers.readers.items():
        columns: list[tuple[float, float, float]] = []  # rent, tokens written, tokens read for
        for offers, alone in ((service.offers.writing, 0), (service.offers.together, 1)):
            for offer in offers:
                users = service._full(offer).users
                if offer.deployment.machine.id == kind and users:
                    written = users / market.token_time(offer.deployment, users)
                    rent = offer.deployment.values["chips"] * offer.deployment.values["chip_rent"]
                    columns.append((rent, written, alone * written))
        for here, rate in readers:
            columns.append((here.values["chips"] * here.values["chip_rent"], 0.0, rate * answer))
        programs.append(np.array(columns).T)

    def found(users: float) -> float:
        need = users * service.speed
        rents = [
            milp(rent, integrality=np.ones(len(rent)), options={"mip_rel_gap": 1e-9},
                 constraints=LinearConstraint(np.array([written, read]) / need, lb=1.0)).fun
            for rent, written, read in programs
        ]  # fmt: skip
        return min(rents)

    return found


@pytest.mark.parametrize("name", some(NAMES, 2))
def test_with_whole_cards_a_token_stays_cheap_from_more_users_on(name: str) -> None:
    service = services()[name]
    settled, bar, rent = (
        service.settled_users(1.1),
        service.efficient_users(1.1),
        least_rent(service),
    )

    def times(users: float) -> float:
        return rent(users) / users / scale.SPEED / service.saturated_cost

    points = 60 if THOROUGH else 8
    assert times(settled * (1 + 1e-6)) == pytest.approx(1.1, rel=1e-5)
    assert times(settled * (1 - 1e-6)) > 1.1
    for users in np.geomspace(settled * (1 + 1e-6), 10 * settled, points):
        assert times(users) <= 1.1
    # No mixture of groups comes near enough with fewer users than the bar has.
    assert times(bar * (1 + 1e-6)) <= 1.1
    for users in np.geomspace(bar / 20, bar * (1 - 1e-6), points):
        assert times(users) > 1.1


def test_beyond_its_bar_a_service_may_pay_more() -> None:
    most = {}
    for name, service in services().items():
        bar, rent = service.efficient_users(1.1), least_rent(service)
        dearest = service.dearest_beyond(bar)
        tried = sorted(np.geomspace(bar, 3 * bar, 60), key=service.cost)
        costs = [rent(users) / users / scale.SPEED for users in [*some(tried, 6), tried[-1]]]
        assert dearest * 0.9 < max(costs) <= dearest * (1 + 1e-9)
        most[name] = dearest / service.saturated_cost - 1
    assert max(most, key=most.__getitem__) == "Llama-3 8B"
    assert (min(most.values()), max(most.values())) == pytest.approx((0.22, 0.87), abs=0.01)
    # An H100 serves 406 users at once.
    small = services()["Llama-3 8B"]
    assert small.dearest_beyond(390) == pytest.approx(small.dearest_beyond(346))
    assert small.dearest_beyond(450) < small.dearest_beyond(390)


def test_beyond_full_machines_a_service_may_pay_as_much_more_as_just_before() -> None:
    for service in services().values():
        full = service.full.tokens / service.speed
        found = [service.dearest_beyond(full * (1 + off)) for off in (-1e-4, -1e-13, 0, 1e-13)]
        assert found == pytest.approx([found[0]] * 4)
        assert found[0] > 1.01 * service.full.cost


def test_where_a_token_never_costs_more_one_user_is_enough() -> None:
    assert services()["Llama-3 70B"].settled_users(1e6) == 1.0


def test_of_two_full_machines_that_cost_the_same_it_is_the_smaller() -> None:
    full = services()["gpt-oss-120b"].full
    assert full.machines == "4 cards (B200 SXM) to write and 8 to read prompts"


@pytest.mark.parametrize(
    ("name", "speed", "use"),
    [
        ("Llama-3 70B", 20.0, "thinking"),
        ("gpt-oss-120b", 40.0, "thinking"),
        ("Llama-3.1 405B", 40.0, "thinking"),
        ("DeepSeek-V3", 100.0, "chat"),
        ("Llama-3 8B", 40.0, "agents"),
    ],
)
def test_a_service_rents_the_cheapest_of_all_mixtures_of_groups(
    name: str, speed: float, use: str
) -> None:
    """Up to its bar, and beyond, by integer programming."""
    service = scale.services(speed, use)[name]
    rent, bar = least_rent(service), service.efficient_users(1.1)
    for users in np.geomspace(max(1.0, bar / 20), 3 * bar, 40 if THOROUGH else 8):
        assert service.cost(users) == pytest.approx(rent(users) / users / speed)
    assert rent(bar) / bar / speed == pytest.approx(1.1 * service.saturated_cost)


def test_the_range_of_users_from_which_a_token_stays_cheap() -> None:
    low, high = scale.settled_range(1.1)
    assert (low, high) == pytest.approx((7.88e5, 2.56e7), rel=0.01)
    name, service = "gpt-oss-120b", services()["gpt-oss-120b"]
    longer = replace(service, speed=scale.SPEED * scale.doubts()[name])
    assert low < scale.weekly_users(longer.settled_users(1.1)) < high
    assert low < min(scale.weekly_bars(1.1, for_good=True).values())


def test_whole_cards_are_counted_at_one_rent_and_where_prompts_may_wait() -> None:
    service = services()["Llama-3 70B"]
    assert service.settled_users("1.1") == service.settled_users(1.1)
    with pytest.raises(InputError, match=r"wait = 0.2: .* no limit"):
        replace(service, wait=0.2).settled_users(1.1)
    cheap, dear = (scale.rented("h100_sxm5", count, "llama3_8b") for count in (1, 2))
    with pytest.raises(InputError, match=r"rent: H100 .* has 1.3 to 2.6 dollars an hour: give one"):
        offering(cheap, dear.having(chip_rent=2 * dear.values["chip_rent"]))
    for near in (1.0, 1 + 1e-9):
        with pytest.raises(InputError, match=r"over 5000 cards .* further from the lowest"):
            service.settled_users(near)
    with pytest.raises(InputError, match="over 5000 cards"):
        service.dearest_beyond(1e9)


def test_where_prompts_must_not_wait_no_machine_may_come_near_enough() -> None:
    hasty = offering(scale.rented("h100_sxm5", 1, "llama3_8b"), apart=False, wait=0.001)
    with pytest.raises(InputError, match=r"cost_factor = 1.01: no 5000 cards .* come so near"):
        hasty.efficient_users(1.01)
    nearest = hasty.full.cost / hasty.saturated_cost
    assert hasty.efficient_users(nearest) >= 1
    with pytest.raises(InputError, match=f"at least {nearest:.4g} times as much"):
        hasty.efficient_users(nearest * 0.999)


def test_tokens_of_a_day_by_hand() -> None:
    assert scale.tokens_per_day(100, 20) == 100 * 20 * 86400


# The equations, by hand


def test_costs_by_hand() -> None:
    rent = 2.0  # dollars a second
    assert equations.saturated_cost(
        unit_rent=rent, full_users=100, tokens_per_second_per_user=20
    ) == pytest.approx(0.001)
    for users, cost in ((1, 0.1), (50, 0.002), (100, 0.001)):
        assert equations.service_cost(
            unit_rent=rent, busy_users=users, tokens_per_second_per_user=20
        ) == pytest.approx(cost)
    assert equations.efficient_users(
        unit_rent=rent, cost_factor=2, saturated_cost=0.001, tokens_per_second_per_user=20
    ) == pytest.approx(50)


def test_a_machine_of_ones_own_by_hand() -> None:
    """$3,000 over 1,000 seconds of use is $3 a second; 100 W at a cent a joule is $1."""
    assert equations.own_cost(
        purchase_price=3000,
        lifetime=10_000,
        time_used=0.1,
        machine_power=100,
        electricity_price=0.01,
        throughput=8,
    ) == pytest.approx(0.5)


@pytest.mark.parametrize("name", scale.own_machines())
def test_the_speed_of_a_machine_is_that_of_its_only_user(name: str) -> None:
    machine = scale.own_machines()[name]
    alone = machine.deployment.having(concurrent_users=1.0)
    assert machine.speed == pytest.approx(1 / sum(alone.breakdown()[0].values()))


@pytest.mark.parametrize("name", scale.own_machines())
def test_an_idle_machine_makes_dear_tokens(name: str) -> None:
    machine = scale.own_machines()[name]
    power = machine.inputs(1.0)["electricity_price"] * machine.power / machine.throughput
    always, hour = machine.cost(1.0), machine.cost(scale.HOUR_A_DAY)
    assert hour - power == pytest.approx(24 * (always - power))
    assert always - power == pytest.approx(machine.price / (4 * YEAR) / machine.throughput)


def test_the_smallest_mac_that_fits_is_priced() -> None:
    """96 GB at $3,999 hold both models, with three quarters of the cores and all the bandwidth."""
    own = scale.own_machines()
    for key in ("mac_dense", "mac_sparse"):
        values = own[key].deployment.values
        assert own[key].price == 3999
        assert values["memory_capacity"] == 96e9
        assert values["memory_bandwidth"] == pytest.approx(819e9)
        assert values["peak_flops"] == pytest.approx(21.45e12)


@pytest.mark.parametrize(("model", "bits"), [("llama3_70b", 8), ("gpt_oss_120b", None)])
def test_what_the_system_lets_a_macs_gpu_use_just_holds_either_model(
    model: str, bits: float | None
) -> None:
    share = scale.sourced("mac_gpu_memory_share", "fraction")
    here = deploy("m3_ultra", 1, model, weight_bits=bits or scale.BITS[model], kv_bits=8,
                  memory_capacity=share * 96e9)  # fmt: skip
    filled = here.evaluate(decode.memory_filled, concurrent_users=1.0, context=1155 + 211)
    assert 0.85 < filled <= 1


@pytest.mark.parametrize(
    ("key", "sold"), [("mac_dense", "Llama-3.3 70B"), ("mac_sparse", "gpt-oss-120b")]
)
def test_a_listed_price_is_that_of_a_whole_request_in_the_median(key: str, sold: str) -> None:
    offers = [each for each in prices.load() if each.model == sold]
    asked = statistics.median(each.output + each.input * 1155 / 211 for each in offers)
    listed = scale.own_machines()[key].listed
    assert listed is not None
    assert listed * 1e6 == pytest.approx(asked, rel=1e-3)


def test_a_machine_has_a_listed_price_only_if_its_own_model_is_in_the_table() -> None:
    sold, own = prices.markets(), scale.own_machines()
    for key in ("card_dense", "card_sparse"):  # Llama-3 8B and gpt-oss-20b
        assert own[key].listed is None
    assert not [name for name in sold if "8B" in name or "oss-20b" in name]
    assert set(scale.LISTED.values()) <= set(sold)


def test_a_sparse_model_narrows_the_gap_for_the_lone_user() -> None:
    own = scale.own_machines()
    for machine in ("card", "mac"):
        dense, sparse = own[f"{machine}_dense"], own[f"{machine}_sparse"]
        assert sparse.cost(1.0) < dense.cost(1.0)
        assert sparse.speed > dense.speed
    assert sparse.listed is not None
    assert dense.listed is not None
    assert sparse.cost(1.0) / sparse.listed < 0.5 < dense.cost(1.0) / dense.listed < 1.5


def test_owning_by_hand() -> None:
    """$50,000 over four years, a tenth a year on half of it, 1,730 W at 8.06 cents."""
    hour = 50_000 * (1 / 4 + 0.1 / 2) / 365.25 / 24 + 1.730 * 0.0806
    assert equations.owning_cost(**scale.owning()) * 3600 == pytest.approx(hour)
    assert 1.30 < hour < 2.35  # between rents of three years and of one


def test_a_machine_of_ones_own_may_be_as_slow_as_single_steps_were_missed() -> None:
    factors, own = calibration.load().within_factors, scale.own_machines()
    for key, sort in (("mac_dense", "decoding"), ("mac_sparse", "with experts")):
        assert own[key].slow_speed == pytest.approx(own[key].speed / factors[sort])
        # Prompts take as long as before; only the writing of each token takes longer.
        prompts = 1 / own[key].throughput - 1 / own[key].speed
        slow = 1 / own[key].slow_throughput
        assert slow == pytest.approx(factors[sort] / own[key].speed + prompts)


# Alone and together


@pytest.mark.parametrize("name", NAMES)
def test_sharing_is_cheaper(name: str) -> None:
    service = services()[name]
    lone, full = service.alone, service.full
    assert lone.users == 1
    assert lone.cost > full.cost
    assert service.pooled.cost == pytest.approx(service.saturated_cost)
    assert service.saturated_cost <= full.cost
    assert lone.rent == pytest.approx(lone.chips * lone.deployment.values["chip_rent"])


def test_a_lone_user_of_gpt_oss_reads_eight_bits() -> None:
    """Four parts in 128 of the experts' 114.7 billion weights, and 1.8 billion of the others."""
    alone = services()["gpt-oss-120b"].alone.deployment
    experts = alone.values["routed_parameters"] * 4 / 128
    others = alone.evaluate(shape.shared_parameters)
    bits = (4.25 * experts + 16 * others) / (experts + others)
    assert bits == pytest.approx(scale.READ_ALONE, rel=0.05)


def test_measured_gains_by_hand() -> None:
    expected = {
        "70B on eight MI300X, 128 users": 128 * 17.236 / 46.484,
        "405B on eight MI300X, 128 users": 128 * 48.453 / 117.027,
        "7B on a DGX Spark, 32 users": 593.27 / 29.24,
        "gpt-oss-120b on a DGX Spark, 32 users": 312.56 / 57.28,
    }
    assert scale.measured_gains() == pytest.approx(expected)
    assert [round(gain) for gain in expected.values()] == [47, 53, 20, 5]


def test_the_model_is_too_fast_by_nearly_three_times_at_most() -> None:
    steps = scale.steps_of_kernels() | scale.measured_steps()
    ratios = [measured / predicted for predicted, measured in steps.values()]
    assert len(ratios) == 9
    assert all(1 <= ratio < 3 for ratio in ratios)
    assert max(ratios) > 2.7


def test_measured_steps_by_hand() -> None:
    """Times of whole runs over the tokens that each request generated."""
    measured = {name: step for name, (_, step) in scale.measured_steps().items()}
    assert measured == pytest.approx({
        "70B on eight MI300X, 1 user": 17.236 / 2048,
        "70B on eight MI300X, 128 users": 46.484 / 2048,
        "405B on eight MI300X, 1 user": 48.453 / 2048,
        "405B on eight MI300X, 128 users": 117.027 / 2048,
        "DeepSeek-R1 on eight B200, 1 user":
            1 / catalog.sourced("r1_b200_speed_1", "token/second"),
        "DeepSeek-V3 on 72 H100, full":
            256 * 8 / catalog.sourced("sglang_h100_node_throughput", "token/second"),
        "DeepSeek's own fleet, full": 1 / 21,
    })  # fmt: skip
    predicted = {name: step for name, (step, _) in scale.measured_steps().items()}
    machine = scale.by_one_share("mi300x", 8, "llama3_70b", weight_bits=8)
    name = "70B on eight MI300X, 128 users"
    assert predicted[name] == machine.step(128, 128 + 1024).step_time
    spread = scale.by_one_share("h100_sxm5", 72, "deepseek_v3", weight_bits=8, replicas=72)
    name = "DeepSeek-V3 on 72 H100, full"
    assert predicted[name] == spread.step(256 * 72, 2000).step_time


def test_a_lone_user_of_mixed_bits_reads_what_their_source_says() -> None:
    """Attention in sixteen bits; of an expert's, four bits and a scale of eight for sixteen."""
    matrices = 7168 * 1536 + 1536 * 128 * 192 + 7168 * 576 + 512 * 128 * 256 + 128 * 128 * 7168
    wide = 61 * matrices + 58 * 256 * 7168
    bits = (16 * wide + 4.5 * (37e9 - wide)) / 37e9
    stated = catalog.sourced("r1_b200_bits", "bit/parameter")
    assert stated == pytest.approx(bits, rel=2e-3)
    rows = [row for row in measurements.own() if row["id"].startswith("r1b-00")]
    assert {float(row["weight_bits"]) for row in rows} == {stated}


def test_a_batch_on_eight_mi300x_by_hand() -> None:
    """Of the largest dense model: 128 requests of 128 tokens, each answered in 2048."""
    found = scale._batch_of_mi300x("405b", "llama31_405b")
    assert (found.run, found.chips, found.concurrency) == ("mi300x_405b", 8, 128)
    assert (found.prompt, found.answer) == (128, 2048)
    assert found.speed == pytest.approx(2048 / 117.027)
    assert found.measured == pytest.approx(128 * 2048 / 117.027 / 8)
    here = fitted_load.of_machine(deploy("mi300x", 8, "llama31_405b", weight_bits=8))
    loaded = market.Request(128, 2048).of(here)
    time = loaded.evaluate(load.work_per_token, concurrent_users=128.0)
    assert found.predicted == pytest.approx(128 / time / 8)


def test_people_of_the_fleet_by_hand() -> None:
    answer = scale.requests()[scale.THINKING].answer
    seconds = 18e9 / 7 / 7e8 * answer / 21
    users = 144 * 14_800 / 8 / 21
    assert scale.fleet_people() == pytest.approx(users * 86400 / seconds)
    assert scale.weekly_bars(1.1, 20.0, scale.THINKING) == pytest.approx({
        name: service.efficient_users(1.1) * 86400 / (18e9 / 7 / 7e8 * answer / 20)
        for name, service in scale.services(20.0, scale.THINKING).items()
    })  # fmt: skip


def test_weekly_users_by_hand() -> None:
    """ChatGPT: 18 billion messages a week of 700 million users; 211 tokens an answer."""
    seconds = 18e9 / 7 / 7e8 * 211 / 20
    assert scale.generation_share() == pytest.approx(seconds / 86400)
    assert scale.weekly_users(100) == pytest.approx(100 * 86400 / seconds)


def test_no_bar_is_near_the_largest_audience() -> None:
    largest = max(scale.audiences().values())
    for service in services().values():
        assert scale.weekly_users(service.efficient_users(1.1)) < 0.02 * largest


# What moves the bar


def test_the_base_case_is_the_service_of_the_chapter() -> None:
    base = levers()["base"]
    for factor in (1.1, 2):
        assert base.users(factor) == services()["DeepSeek-V3"].efficient_users(factor)


def test_levers_move_the_bar_as_the_chapter_says() -> None:
    at = {key: lever.users(1.1) for key, lever in levers().items()}
    cost = {key: lever.service.saturated_cost for key, lever in levers().items()}
    assert at["samples"] == pytest.approx(at["base"] / scale.SAMPLES)
    assert at["together"] < at["dense"] < at["base"] < at["cached"] < at["hidden"]
    assert cost["together"] > 1.5 * cost["base"]
    assert cost["hidden"] < cost["cached"] < cost["one"] < cost["base"] < cost["weights"]
    assert cost["dense"] < cost["base"]
    assert at["base"] < at["racks"] < at["hidden"]
    assert 0.9 * cost["base"] < cost["racks"] < cost["base"] == cost["soon"]
    assert cost["fours"] < 0.75 * cost["base"] < cost["base"] < cost["b200s"]
    assert at["base"] < at["soon"]


def test_the_axis_of_the_levers_reaches_beyond_the_bars_of_all() -> None:
    users = [lever.users(level) for lever in levers().values() for level in (1.1, 2.0)]
    left, right = drawn("what_moves_the_bar").figure.axes[0].get_xlim()
    assert (left, right) == pytest.approx((min(10, min(users) / 1.1), max(8000, max(users) * 1.1)))


def test_deepseek_runs_on_its_cheapest_cards() -> None:
    base = levers()["base"].service
    every = [each for chip in scale.CARDS for each in scale._deepseek(*scale.WIDE, chip=chip)]
    anywhere = offering(*every)
    assert (anywhere.full.machines, anywhere.alone.machines) == (
        base.full.machines, base.alone.machines,
    )  # fmt: skip


def test_cards_that_write_and_that_read_are_of_one_kind() -> None:
    for service in services().values():
        for unit in service.units:
            if unit.readers is not None:
                assert unit.readers.machine.id == unit.deployment.machine.id


def test_each_lever_changes_what_it_names_and_nothing_else() -> None:
    found = {key: lever.service for key, lever in levers().items()}
    base = found["base"]
    wide = [8, 8, 16, 32, 64, 144]
    chips = {
        key: [each.values["chips"] for each in service.offers.deployments]
        for key, service in found.items()
    }
    others = {
        "narrow": wide[:2], "weights": wide[2:], "racks": [8, 16, 36, 72],
        "dense": [1, 2, 4, 8],
    }  # fmt: skip
    assert chips == {key: others.get(key, wide) for key in found}
    # In the last layout, what is there of one card, apart from what hangs on bits.
    usual = base.offers.deployments[-1].values
    changed = {
        key: {
            name: value
            for name, value in service.offers.deployments[-1].values.items()
            if value != usual.get(name)
        }
        for key, service in found.items()
    }
    heads, size = 8, 128  # those of Llama-3 70B, in 61 layers of 128 heads, caches of eight bits
    assert changed["hidden"] == {"traffic_overlap": 1.0}
    assert changed["grouped"] == {
        "kv_heads": heads,
        "kv_bytes_per_token": 61 * 2 * heads * size,
        "attention_flop": 61 * 128 * 2 * (size + size),
    }
    assert changed["one"] == {
        "draft_length": 1.0, "acceptance": 0.875, "draft_cost": pytest.approx(14 / 671),
    }  # fmt: skip
    assert changed["cache"]["kv_bytes_per_token"] == 2 * usual["kv_bytes_per_token"]
    assert changed["weights"]["bits_per_parameter"] == 16
    assert not any(changed[key] for key in ("base", "together", "soon", "cached", "samples"))
    assert {key: service.apart for key, service in found.items() if not service.apart} == {
        "together": False
    }
    assert {key: service.wait for key, service in found.items() if service.wait} == {"soon": 0.2}
    shares = {key: service.offers.request.cached_share for key, service in found.items()}
    assert {key: share for key, share in shares.items() if share} == {"cached": 0.5}
    assert {key: lever.samples for key, lever in levers().items() if lever.samples > 1} == {
        "samples": 4
    }


def test_what_is_cached_already_stays_cached() -> None:
    found = scale.levers(20.0, scale.AGENTS)["cached"].service.offers.request
    assert found == scale.requests()[scale.AGENTS]


def test_a_lone_user_waits_for_memory_if_the_model_is_dense_and_else_for_fixed_time() -> None:
    for service in services().values():
        here, shares = service.alone.deployment, scale.lone_step(service)
        assert sum(shares.values()) == pytest.approx(1)
        step = here.evaluate(decode.full_step_time, concurrent_users=1.0)
        fixed = here.values["layers"] * here.values["layer_time"] / step
        assert shares["fixed time"] == pytest.approx(fixed)
        dense = here.values["experts"] == 1
        assert here.values["bits_per_parameter"] >= service.bits_alone
        less, more = (fixed, shares["weights"]) if dense else (shares["weights"], fixed)
        assert less < 0.4
        assert more > 0.59


def test_for_the_first_users_of_deepseek_the_fall_of_the_cost_slows_sooner() -> None:
    """Doubling nearly halves the cost at first; with experts that nobody else calls, less soon."""
    data, gains = figures.token_cost_against_batch().data, {}
    for name in ("Llama-3.1 405B", "Llama-3 70B", "DeepSeek-V3", "gpt-oss-120b"):
        users, cost = (np.log(data[f"{name}, {what}"]) for what in ("users", "cost"))
        few = np.log([1, 2, 4, 8])
        gains[name] = np.exp(-np.diff(np.interp(few, users, cost)))
        assert gains[name][0] > 1.85
    deepseek = gains.pop("DeepSeek-V3")
    assert all((deepseek < others).all() for others in gains.values())


def test_without_fixed_time_sharing_gains_less() -> None:
    bare = scale.without(scale.FIXED_TIME)
    for name, service in services().items():
        with_experts = service.full.deployment.values["experts"] > 1
        before, after = (each.alone.cost / each.full.cost for each in (service, bare[name]))
        assert (service.gain, bare[name].gain) == (before, after)
        assert (before / 2 > after, after < before) == (with_experts, True), name
        rents = []
        for here in service.offers.deployments:
            chat = service.offers.request.of(here.having(layer_time=0.0))
            if service.bits_alone:
                chat = chat.having(bits_per_parameter=service.bits_alone)
            time = chat.evaluate(load.work_per_token, concurrent_users=1.0)
            rents.append(here.values["chips"] * here.values["chip_rent"] * time)
        assert bare[name].alone.cost == pytest.approx(min(rents))


def test_without_slow_memory_sharing_gains_as_much_where_models_have_experts() -> None:
    """Then fixed time is left, which is most of what models with experts share."""
    fast = scale.without(scale.SLOW_MEMORY)
    for name, service in services().items():
        with_experts = service.full.deployment.values["experts"] > 1
        assert service.alone.cost > 1.1 * fast[name].alone.cost
        gain = fast[name].gain / service.gain
        assert (0.95 < gain < 1.1) if with_experts else (gain < 0.8), name
        shares = scale.lone_step(fast[name])
        assert shares["weights"] < 1e-6
        assert shares["fixed time"] > 0.2


def test_without_slow_memory_and_fixed_time_sharing_gains_little() -> None:
    neither = scale.without(scale.FIXED_TIME, scale.SLOW_MEMORY)
    left = {name: each.gain for name, each in neither.items()}
    assert max(left.values()) < 10
    assert {name for name, gain in left.items() if gain < 2} > {"Llama-3 70B", "gpt-oss-120b"}
    assert scale.without().keys() == neither.keys()
    assert all(each.gain == services()[name].gain for name, each in scale.without().items())
    with pytest.raises(InputError, match="reason = 'heat': must be 'fixed time' or 'slow memory'"):
        scale.without("heat")


def test_guessing_pays_for_a_lone_user_since_most_of_the_step_is_fixed_time() -> None:
    """The second token calls other experts, so that half as much again is read."""
    base, one = (
        levers()[key].service.alone.deployment.having(concurrent_users=1.0)
        for key in ("base", "one")
    )
    before, after = base.breakdown()[0], one.breakdown()[0]
    assert before["fixed time"] == after["fixed time"] > sum(before.values()) / 2
    assert after["weights"] > 1.5 * before["weights"]


def test_a_lever_needs_a_user_at_least() -> None:
    lever = levers()["samples"]
    assert lever.users(1e9) == 1


def test_bars_by_use_are_those_of_each_use(monkeypatch: pytest.MonkeyPatch) -> None:
    def some(offers: str, speed: float) -> dict[str, SimpleNamespace]:
        users = speed + len(offers)
        return {"one": SimpleNamespace(efficient_users=lambda factor: factor * users)}

    monkeypatch.setattr(scale, "_offers", str)
    monkeypatch.setattr(scale, "_services", some)
    assert scale.bars_by_use(1.5) == {
        (request, speed): {"one": 1.5 * (speed + len(request)) * speed * 86_400}
        for request in ("chat", "thinking", "agents")
        for speed in (10.0, 20.0, 40.0, 100.0)
    }


def test_readers_who_must_not_keep_prompts_waiting_read_less() -> None:
    """Each alone less than several that share a queue, and all of them less than without limit."""
    soon = levers()["soon"].service
    one, many = (
        [unit for unit in soon.units if unit.groups == groups and unit.tokens < unit.users * 20]
        for groups in (1, 10)
    )
    answer = soon.offers.request.answer
    for groups, found in ((1, one), (10, many)):
        for unit in found:
            assert unit.readers is not None
            most = groups * market.prompt_rate(unit.readers) * answer
            share = unit.tokens / most
            wait = unit.readers.evaluate(
                load.queue_wait_of_several, readers=float(groups), reading_share=share
            )
            assert wait == pytest.approx(scale.SOON, rel=1e-6)
    assert max(unit.tokens for unit in one) < max(unit.tokens for unit in many) / 10


def test_where_prompts_must_not_wait_fewer_share_the_machine_that_reads_them() -> None:
    hasty, patient = (
        offering(scale.rented("h100_sxm5", 1, "llama3_8b"), apart=False, wait=wait).full
        for wait in (0.001, None)
    )  # fmt: skip
    assert hasty.users < patient.users
    here = hasty.deployment.having(concurrent_users=float(hasty.users))
    rate = hasty.tokens / scale.requests()["chat"].answer
    assert here.evaluate(load.queue_wait, request_rate=rate) <= 0.001


def test_wide_experts_pay_as_those_who_run_them_find() -> None:
    """Ever more the faster users are served: DeepSeek, SGLang and vLLM spread them.

    Where users wait for each token as long as they read, a node does as well.
    """
    gains, cards = [], []
    for speed in (20.0, 40.0, 60.0):
        each = scale.levers(speed)
        gains.append(each["narrow"].service.saturated_cost / each["base"].service.saturated_cost)
        cards.append(each["base"].service.pooled.deployment.values["chips"])
    assert cards == [8, 144, 144]
    assert 1 == gains[0] < gains[1] < gains[2]
    assert gains[1] > 2


@pytest.mark.parametrize("name", NAMES)
def test_a_large_provider_balances_readers_and_writers(name: str) -> None:
    """It pays for the cheapest writers and the cheapest readers of a kind, or for both in one."""
    service = services()[name]
    answer = service.offers.request.answer
    ready = [service.offers.request.of(each) for each in service.offers.deployments]

    def rent(here: Deployment) -> float:
        return here.values["chips"] * here.values["chip_rent"]

    costs = []
    for unit in service.units:
        here, users = unit.deployment, float(unit.users)
        writing = rent(here) * here.evaluate(load.work_per_token, concurrent_users=users) / users
        reading = min(
            rent(each) / market.prompt_rate(each) / answer
            for each in ready
            if each.machine.id == here.machine.id
        )
        costs.append(writing + (reading if unit.readers is not None else 0))
    assert service.pooled.cost == pytest.approx(min(costs))
    assert 1 <= service.full.cost / min(costs) < 1.05  # alone, a machine needs whole readers


def test_what_sharing_readers_saves_at_most_is_that_of_one_model() -> None:
    saved = {name: 1 - each.saturated_cost / each.full.cost for name, each in services().items()}
    assert scale.pooled_share() == max(saved.values()) == saved["Llama-3 8B"]
    assert 0.04 < scale.pooled_share() < 0.05
    assert scale.pooled_share(100.0, scale.AGENTS) > 0.3  # one reader does for several machines


def test_writers_that_share_a_reader_need_not_pay_for_one_each() -> None:
    """Where a reader has time for several, as for few prompts: a whole one each costs far more."""
    service = scale.services(100.0)["DeepSeek-V3"]
    several = service.smallest(1.1)
    one = min(unit.cost for unit in service.units if unit.readers)
    assert one > 1.3 * several.rent / several.tokens
    assert (several.writing, several.reading) == (48, 8)


def test_a_larger_reader_is_kept_only_if_it_reads_more_cheaply() -> None:
    for service in services().values():
        for kept in service.offers.readers.values():
            rents = [here.values["chips"] * here.values["chip_rent"] for here, _ in kept]
            prices = [rent / rate for rent, (_, rate) in zip(rents, kept, strict=True)]
            assert rents == sorted(rents)
            assert all(after < before for before, after in itertools.pairwise(prices))


def test_a_smaller_reader_is_there_for_a_smaller_service() -> None:
    """Of two that read, the smaller stays though it is dearer, and not one that is both."""
    hidden = scale.levers()["hidden"].service
    sizes = sorted({unit.readers.values["chips"] for unit in hidden.units if unit.readers})
    assert len(sizes) > 1
    prices = [
        min(unit.readers.values["chips"] * unit.readers.values["chip_rent"]
            / market.prompt_rate(unit.readers)
            for unit in hidden.units if unit.readers and unit.readers.values["chips"] == size)
        for size in sizes
    ]  # fmt: skip
    assert prices == sorted(prices, reverse=True)


def test_the_dense_model_has_the_weights_that_a_token_uses() -> None:
    """The published 37 billion, to the percent."""
    for each in levers()["dense"].service.offers.deployments:
        assert each.values["stored_parameters"] == pytest.approx(37e9, rel=0.02)


# Waiting: Erlang's formula, by hand, by simulation


@pytest.mark.parametrize(
    ("places", "load", "share"),
    [(1, 0.5, 0.5), (1, 0.9, 0.9), (2, 1.0, 1 / 3), (3, 2.0, 4 / 9), (2, 1.5, 9 / 14)],
)
def test_waiting_share_by_hand(places: int, load: float, share: float) -> None:
    """With one place the share that waits is the load; the others are sums of a few terms."""
    assert arrivals.waiting_share(places, load) == pytest.approx(share)


def simulated_waiting_share(places: int, load: float, requests: int) -> float:
    """Let requests arrive at random, stay for random times, and count those that wait."""
    chance = random.Random(79)  # noqa: S311  (nothing secret)
    now, waited = 0.0, 0
    free_at = [0.0] * places
    for _ in range(requests):
        now += chance.expovariate(load)
        free = heapq.heappop(free_at)
        waited += free > now
        heapq.heappush(free_at, max(free, now) + chance.expovariate(1.0))
    return waited / requests


@pytest.mark.parametrize(("places", "load"), [(5, 4.0), (20, 16.0), (40, 30.0)])
def test_waiting_share_by_simulation(places: int, load: float) -> None:
    expected = arrivals.waiting_share(places, load)
    assert simulated_waiting_share(places, load, 200_000) == pytest.approx(expected, abs=0.02)


@given(sizes(0.01, 5000), sizes(1e-4, 0.9))
def test_places_needed_are_the_fewest(load: float, rare: float) -> None:
    places = arrivals.places_needed(load, rare)
    assert arrivals.waiting_share(places, load) <= rare
    assert places - 1 <= load or arrivals.waiting_share(places - 1, load) > rare


@given(sizes(0.01, 1000), sizes(1.01, 10))
def test_a_larger_service_needs_a_smaller_margin(load: float, more: float) -> None:
    """Places for each user at once never rise by more than the last whole place."""
    small, large = (arrivals.places_needed(each) for each in (load, load * more))
    assert large <= math.ceil(small * more) + 1


@pytest.mark.parametrize("load", [0.5, 7.0, 300.0])
def test_busy_users_is_the_quantile_of_the_poisson_distribution(load: float) -> None:
    found = int(arrivals.busy_at_most(load, 0.95))

    def at_most(users: int) -> float:
        return math.fsum(
            math.exp(k * math.log(load) - load - math.lgamma(k + 1)) for k in range(users + 1)
        )

    assert at_most(found) >= 0.95 > at_most(found - 1)


def test_busy_users_takes_arrays() -> None:
    assert list(arrivals.busy_at_most(np.array([1.0, 100.0]), 0.5)) == [1, 100]


@pytest.mark.parametrize("chance", [0, 1, -0.1, math.nan])
def test_chances_are_between_nothing_and_all(chance: float) -> None:
    with pytest.raises(InputError):
        arrivals.busy_at_most(10, chance)
    with pytest.raises(InputError):
        arrivals.places_needed(10, chance)


def test_where_nothing_comes_one_place_is_enough() -> None:
    assert arrivals.waiting_share(1, 0) == 0
    assert arrivals.places_needed(0) == 1
    assert arrivals.busy_at_most(0, 0.99) == 0
    # By the book's own share, a hundredth: of 0.2, two places let 1.82% wait, three 0.12%.
    blocked = 0.2**2 / 2 / (1 - 0.2 / 2)
    assert arrivals.waiting_share(2, 0.2) == pytest.approx(blocked / (1 + 0.2 + blocked))
    assert arrivals.places_needed(0.2) == arrivals.places_needed(0.2, 0.01) == 3
    for none in (-1.0, math.inf, math.nan):
        with pytest.raises(InputError, match="must be zero or"):
            arrivals.busy_at_most(none, 0.5)
        with pytest.raises(InputError, match="must be zero or a positive number"):
            arrivals.places_needed(none)


@pytest.mark.parametrize("places", [9, 10])
def test_a_queue_that_would_grow_is_refused(places: int) -> None:
    with pytest.raises(InputError, match="must exceed the load"):
        arrivals.waiting_share(places, 10)


def test_places_are_whole() -> None:
    with pytest.raises(InputError, match=r"places = 2\.5: must be a whole number"):
        arrivals.waiting_share(2.5, 1.0)
    assert arrivals.waiting_share(2.0, 1.0) == arrivals.waiting_share(2, 1.0)


# DeepSeek's published day, by hand


def test_the_published_day_by_hand() -> None:
    day = scale.fleet_day()
    cost, income = (
        day.evaluate(each) * 86400 for each in (equations.fleet_cost, equations.revenue)
    )
    assert cost == pytest.approx(226.75 * 8 * 24 * 2)
    assert round(cost) == 87072
    assert income == pytest.approx(266e9 * 0.55e-6 + 342e9 * 0.14e-6 + 168e9 * 2.19e-6)
    # Published from token counts that are rounded here: $562,027, and a margin of 545%.
    assert income == pytest.approx(562_027, rel=2e-4)
    assert day.evaluate(equations.margin) == pytest.approx(5.45, abs=0.01)


def test_the_published_load_by_hand() -> None:
    load = scale.fleet_load()
    assert load.gpu_tokens == 1850
    assert load.gpu_users == pytest.approx(14_800 / 8 / 21)
    assert load.unit_users == pytest.approx(144 * 14_800 / 8 / 21)
    assert load.expert_tokens == pytest.approx(load.unit_users * 8 / 256)


def test_the_published_flop_use_by_hand() -> None:
    use = scale.fleet_flop_use()
    assert use.weights == pytest.approx(2 * 37e9, rel=0.02)
    # 61 layers of 128 heads: a product with 512 + 64 numbers, and a sum of 512.
    assert use.attention == pytest.approx(61 * 128 * 2 * (576 + 512) * 4989)
    assert use.weights_only == pytest.approx(1850 * use.weights / 1979e12)
    attention = use.each_in_its_own - use.weights_only
    assert attention == pytest.approx(1850 * use.attention / 989e12)


def test_the_model_comes_within_a_quarter_of_the_published_unit() -> None:
    step = scale.fleet_unit().step(scale.fleet_load().unit_users, 4989)
    assert 1 < step.throughput / 18 / 14_800 < 1.25
    assert 22 < step.user_speed < 21 * 1.25


# Users who take all that they are given


def test_a_token_costs_less_with_each_user_until_one_unit_is_full() -> None:
    service = scale.services()["DeepSeek-V3"]
    full = service.full
    served = full.tokens / service.speed  # fewer than `full.users`: its readers are the limit
    assert served < full.users - 1
    costs = service.cost_at_work(np.array([1.0, served, 1e3 * full.users, served + 1]))
    assert costs[0] == pytest.approx(service.alone.cost)
    assert costs[1] == pytest.approx(full.cost)
    assert costs[2] == pytest.approx(service.saturated_cost, rel=2e-3)
    # One more user takes another machine, for each would get less than the service's speed.
    assert 1.05 * full.cost < costs[3] < 1.3 * full.cost
    # Two users of one machine share its rent, and each waits a little longer.
    pair = service.cost_at_work(np.array([1.0, 2.0]))
    assert pair[0] / 2 < pair[1] < pair[0]


# The figures


@cache
def drawn(name: str) -> style.Picture:
    return getattr(figures, name)()


@pytest.mark.parametrize("name", FIGURES)
def test_no_label_is_taken_for_mathematics(name: str) -> None:
    """Matplotlib and the site set what stands between two dollar signs as a formula."""
    picture = drawn(name)
    assert picture.caption.count("$") < 2
    for axes in picture.figure.axes:
        for text in axes.texts:
            assert text.get_text().replace(r"\$", "").count("$") < 2


def test_lines_end_where_a_machine_is_full() -> None:
    data = drawn("token_cost_against_batch").data
    for name in figures.SWEPT:
        units = scale.services(apart=False)[name].units
        full = min((unit for unit in units if unit.chips <= 8), key=lambda unit: unit.cost)
        assert data[f"{name}, users"][-1] == pytest.approx(full.users)
        assert data[f"{name}, cost"][-1] == pytest.approx(full.cost)
        assert not np.isnan(data[f"{name}, cost"]).any()
        assert all(np.diff(data[f"{name}, cost"]) < 0)


def test_the_ladder_puts_claims_before_what_is_computed_and_measured() -> None:
    data = drawn("alone_against_shared").data
    assert list(data["ratio"][:3]) == pytest.approx([1000, 500, 295], rel=2e-3)
    assert all(value < 295 for value in data["ratio"][3:])
    assert len(data["ratio"]) == 3 + len(NAMES) + len(scale.measured_gains())


def test_the_curves_level_off_near_one() -> None:
    data = drawn("cost_against_users").data
    for name in NAMES:
        assert 1 - 1e-12 <= data[name][-1] < 1.05
        assert data[name][0] == pytest.approx(
            services()[name].cost(10) / services()[name].saturated_cost
        )


def test_bars_are_drawn_as_people() -> None:
    data = drawn("bar_against_audiences").data
    columns = ("users", "low", "high", "twice", "tokens a day")
    found = dict(
        zip(data["case"], zip(*(data[each] for each in columns), strict=True), strict=True)
    )
    near, far = scale.bars(1.1), scale.bars(2)
    for name in NAMES:
        users = (near[name].users, near[name].low, near[name].high, far[name].users)
        expected = [*map(scale.weekly_users, users), near[name].users * 20 * 86400]
        assert found[name] == pytest.approx(expected)
    for name, users in scale.audiences().items():
        assert found[name][0] == users


def test_measured_output_is_drawn_under_each_bar() -> None:
    rows = [*zip(*drawn("output_beside_measured").data.values(), strict=True)]
    for name in NAMES:
        full, doubt = services()[name].full, scale.doubts()[name]
        written = full.tokens / full.chips
        (_, _, *found), *beside = (row for row in rows if row[0] == name)
        assert found == pytest.approx([written, written / doubt, written * doubt])
        runs = scale.published_runs()[name]
        assert [row[1:3] for row in beside] == [(run.run, run.measured) for run in runs]


def test_own_machines_are_drawn_beside_prices() -> None:
    data = drawn("own_machine_against_price").data
    assert all(np.greater(data["hour a day"], data["all day"]))
    for own, listed in zip(scale.own_machines().values(), data["listed"], strict=True):
        assert own.listed == listed or (own.listed is None and np.isnan(listed))
    picture = drawn("own_machine_against_price")
    diamonds = [line for line in picture.figure.axes[0].lines if line.get_marker() == "D"]
    assert len(diamonds) == len(scale.LISTED) == 2
    assert "The models without a diamond are not in our table" in picture.caption


def test_runs_that_wrote_less_than_predicted_are_counted_of_one_chip() -> None:
    near = scale.published_runs(20.0)["DeepSeek-V3"]
    for chip in {run.chip for run in near}:
        here = [run for run in near if run.chip == chip]
        lower = [run for run in here if run.predicted - run.measured > 0]
        assert scale.slower_runs("DeepSeek-V3", chip, 20.0) == (len(lower), len(here))
    assert scale.slower_runs("DeepSeek-V3", "no-such-chip") == (0, 0)


def test_the_run_that_is_farthest_from_predicted_sets_the_doubt() -> None:
    assert scale.farthest_card("DeepSeek-V3") == "B200 SXM"
    runs = scale.published_runs()["DeepSeek-V3"]
    off = {chip: max(max(run.shortfall, 1 / run.shortfall) for run in runs if run.chip == chip)
           for chip in ("b200", "h200_sxm")}  # fmt: skip
    assert off["h200_sxm"] < 1.4 < off["b200"] == scale.doubts()["DeepSeek-V3"]


def test_the_least_busy_runs_have_the_fewest_users_and_guess_nothing() -> None:
    few = scale.least_busy_runs("DeepSeek-V3", "h200_sxm")
    # Six rows of the table: two engines, each with three lengths of prompt and answer.
    assert {run.run for run in few} == {f"run-0{n}" for n in (645, 666, 686, 860, 872, 881)}
    assert {(run.concurrency, run.chips) for run in few} == {(4.0, 8.0)}
    for run in few:
        assert run.shortfall * run.measured == pytest.approx(run.predicted)
        assert run.shortfall > 1
    # By hand, of run-0666: 4 x 921.6 tokens in 0.25991 + 920.6 x 0.010292 s, on 8 chips.
    assert next(run.measured for run in few if run.run == "run-0666") == pytest.approx(47.33, 1e-3)
    assert not scale.least_busy_runs("DeepSeek-V3", "mi300x")


@pytest.mark.parametrize(
    ("name", "doubted"), [("DeepSeek-V3", True), ("Llama-3 8B", False), ("gpt-oss-120b", False)]
)
def test_a_full_machine_is_doubted_only_where_most_runs_like_it_were_slower(
    name: str, *, doubted: bool
) -> None:
    service = scale.services()[name]
    slower, runs = scale.slower_runs(name, service.full.deployment.machine.id)
    assert (slower > runs / 2) == doubted
    said = (
        f"of {runs} published runs of {name} on such chips under a similar load, "
        f"{slower} were slower than predicted"
    )
    assert (said in hosts.one_full_machine(name).caption) == doubted


def test_kinds_with_too_few_cards_for_a_group_that_reads_are_left_out() -> None:
    long = market.Request(8000, 100)
    cards = [scale.rented(chip, 1, "llama3_8b", weight_bits=8) for chip in ("h100_sxm5", "b200")]
    service = market.Service(market.Offers(tuple(cards), long), 20.0, wait=0.2)
    alone = market.Service(market.Offers((cards[0],), long), 20.0, wait=0.2)
    assert 0 < service.cost(5.0) <= alone.cost(5.0)
    dear = [cards[0].having(chip_rent=0.5 / 3600), cards[1].having(chip_rent=9 / 3600)]
    soon = market.Service(market.Offers(tuple(dear), long), 10.0, apart=False, wait=0.01)
    assert soon.cost(5.0) > 0
