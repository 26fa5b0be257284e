"""What the chapter reads off the measurements: by hand, and where the data say it."""

from __future__ import annotations

from statistics import median

import pytest

from inference_economics.equations import roofline
from inference_economics.evidence import findings, own_runs, validation
from inference_economics.facts import calibration, catalog
from inference_economics.facts.catalog import CatalogError
from inference_economics.ledger import claims


def test_a_curve_starts_alone_and_rises() -> None:
    curves = findings.curves()
    assert len(curves) > 40
    for curve in curves:
        assert curve.batches[0] == 1
        assert curve.batches == tuple(sorted(set(curve.batches)))
        assert curve.batches[-1] >= findings.SMALLEST_CURVE
        assert len(curve.batches) == len(curve.measured) == len(curve.predicted)
        assert 1 < curve.gain <= curve.batches[-1]


def test_the_gain_of_a_curve_by_hand() -> None:
    # Llama-3.1-70B on eight MI300X, short prompt: 128 requests took 46.484 s, one 17.236 s.
    mine = [c for c in findings.curves() if c.source == "rocm-vllm-docker" and c.prompt == 128]
    small = next(curve for curve in mine if "70B" in curve.name)
    assert small.gain == pytest.approx(128 * 17.236 / 46.484)


def test_the_largest_gain_was_measured_with_short_prompts_on_stages() -> None:
    """A chapter says so: a single request keeps one of the stages busy at a time."""
    largest = max(findings.curves(), key=lambda curve: curve.gain)
    assert (largest.prompt, largest.answer) == (20, 8)
    mine = (row for row in validation.own().table if row["source"] == largest.source)
    alone = [
        row
        for row in mine
        if row["batch"] == "1" and float(row["value"]) / 1000 == pytest.approx(largest.measured[0])
    ]
    assert {row["stages"] for row in alone} == {"3"}
    gains = {c.gain for c in findings.curves() if (c.source, c.prompt) == (largest.source, 20)}
    assert largest.gain == pytest.approx(256 * 842 / 3140) == pytest.approx(max(gains))


def test_the_arithmetic_that_was_used_by_hand() -> None:
    # The same 128 requests: two operations for each weight that is read, and those of attention.
    table = validation.own()
    model = catalog.load().model("llama3_70b")
    weights = model.parameters - model.vocabulary * model.hidden_size
    products = 128 * 2 * weights / 2.61e15
    attention = 128 * 1152 * 80 * 64 * 2 * 2 * 128 / 1.3e15
    used = 2048 * (products + attention) / 8 / 46.484
    assert findings.utilization(table.place("amd-008")) == pytest.approx(used)


def test_the_arithmetic_that_a_single_step_used_by_hand() -> None:
    # A lone user of Llama 2 7B gets 104.9 tokens a second from an A100, about 100 tokens in.
    model = catalog.load().model("llama2_7b")
    weights = model.parameters - model.vocabulary * model.hidden_size
    attention = 105 * 32 * 32 * 128 * 2 * 2
    used = (2 * weights + attention) / 312e12 * 104.9
    assert findings.utilization(validation.own().place("gptfast-001")) == pytest.approx(used)


def test_the_two_terms_are_short_of_every_step() -> None:
    """So their mean error is by how much they fall short, as the chapter says."""
    off = dict(validation.LADDER)[validation.BARE]
    assert (validation.rung(off)[validation.decoded()] < 1).all()


def test_about_a_hundred_users_are_listed_by_use() -> None:
    found = findings.hundred_users()
    shares = [each.share for each in found]
    assert shares == sorted(shares)
    assert all(90 <= each.batch <= 130 for each in found)
    assert all(0 < each.share < 1 for each in found)
    rows = [(each.name, each.engine, each.prompt) for each in found]
    assert len(set(rows)) == len(rows), "the table tells its rows apart"


def test_in_the_median_they_used_less_than_half_of_what_the_post_says() -> None:
    """As the note of its claim says, without a number of its own."""
    claim = claims.load()["utilization-hundred"]
    assert "used less than half of the stated share, in the median" in claim.note
    assert claim.claim.value is not None
    assert median(each.share for each in findings.hundred_users()) < claim.claim.value / 2


def test_versions_of_an_engine_are_compared_case_by_case() -> None:
    apart = findings.versions_apart()
    assert len(apart) == 32  # every case of the latency tables
    assert all(0 < each < 1 for each in apart)
    # 70B alone: 19.08859 s, 15.566 s and 17.236 s.
    assert pytest.approx(19.08859 / 15.566 - 1) == apart[0]


def test_more_cards_serve_a_lone_user_faster_but_not_in_proportion() -> None:
    times = [seconds for seconds, _ in findings.alone_on_cards().values()]
    assert list(findings.alone_on_cards()) == [1, 2, 4, 8]
    assert times == sorted(times, reverse=True)
    assert times[0] == pytest.approx(1 / 104.9)
    assert times[0] / times[-1] < 4
    assert 0.5 < findings.idle_share("gptfast-011") < 0.9


def test_machines_are_counted_in_words() -> None:
    table = validation.own()
    words = findings.machines(table.column("source") == "gpt-fast-readme")
    assert words == "31 on A100 and 2 on Instinct MI250X (one die)"


# Our own runs


def test_our_run_has_the_knee_that_its_parts_give() -> None:
    run, *_ = own_runs.ours()
    rows = {(row["experiment"], row["batch"]): row for row in run.rows}
    read, most = rows["read", "1"], rows["arithmetic", "2048"]
    bandwidth = float(read["bytes"]) / float(read["seconds"])
    arithmetic = float(most["flop"]) / float(most["seconds"])
    assert run.knee("float32") == pytest.approx(arithmetic / bandwidth * 4 / 2)
    times = run.products("float32")
    assert run.seen_knee("float32") == pytest.approx(
        times[1] / min(t / b for b, t in times.items())
    )
    for batch, (reading, computing) in run.bounds("float32").items():
        assert reading == pytest.approx(4 * 1024 * 4096 / bandwidth)
        assert computing == pytest.approx(2 * batch * 1024 * 4096 / arithmetic)


def test_our_run_shows_the_knee() -> None:
    run, *_ = own_runs.ours()
    times = run.products("float32")
    assert times[16] / times[2] < 2  # eight times the work in less than twice the time
    assert times[512] / times[64] > 6  # and here nearly in proportion
    assert 0.5 < run.seen_knee("float32") / run.knee("float32") < 2


def test_on_a_gpu_the_knee_is_where_reading_and_arithmetic_put_it() -> None:
    """In each precision, on both; and a faster memory moves it down, the arithmetic being equal."""
    _, h100, h200 = own_runs.ours()
    # In its run, the H200 did arithmetic alone a tenth faster than in the steepest products.
    for run, near, close in ((h100, 0.05, 0.13), (h200, 0.17, 0.24)):
        for precision in ("bf16", "fp8"):
            assert run.seen_knee(precision) == pytest.approx(run.knee(precision), rel=near)
            times = run.products(precision)
            for batch, (reading, computing) in run.bounds(precision).items():
                assert times[batch] == pytest.approx(max(reading, computing), rel=close)
    assert h200.arithmetic("bf16") == pytest.approx(h100.arithmetic("bf16"), rel=0.08)
    faster = h200.bandwidth() / h100.bandwidth()
    assert h100.seen_knee("bf16") / h200.seen_knee("bf16") == pytest.approx(faster, rel=0.07)


@pytest.mark.parametrize("used", [4, 16])
def test_experts_put_the_knee_where_the_rule_does(used: int) -> None:
    *_, h200 = own_runs.ours()
    assert (h200.experts_used(), h200.experts()) == ((4, 16), 128)
    rule = roofline.critical_batch_of_experts(
        peak_flops=h200.arithmetic("bf16"),
        memory_bandwidth=h200.bandwidth(),
        bits_per_parameter=16,
        flop_per_parameter=2,
        experts=128,
        experts_per_token=used,
    )
    assert h200.knee("bf16", used) == pytest.approx(rule, rel=1e-6)
    assert h200.seen_knee("bf16", used) == pytest.approx(rule, rel=0.21)
    times = h200.products("bf16", used)
    full = min(batch for batch in times if batch * used >= 1024)  # here all are reached
    flat = times[full]
    rising = min(seconds / batch for batch, seconds in times.items())
    assert h200.seen_knee("bf16", used) == pytest.approx(flat / rising, rel=0.02)


@pytest.mark.parametrize("used", [4, 16])
def test_as_many_experts_are_read_as_tokens_reach_by_chance(used: int) -> None:
    *_, h200 = own_runs.ours()
    weights = 128 * 5760 * 2880
    for batch, (reading, computing) in h200.bounds("bf16", used).items():
        reached = 1 - (1 - used / 128) ** batch
        assert reading == pytest.approx(2 * weights * reached / h200.bandwidth(), rel=0.06)
        flop = 2 * batch * used * weights / 128
        assert computing == pytest.approx(flop / h200.arithmetic("bf16"))
        taken = h200.products("bf16", used)[batch] / max(reading, computing)
        assert 1.05 < taken < 2.1  # never faster than the card's own speeds


def test_prompts_use_most_of_what_a_large_product_does() -> None:
    *_, h200 = own_runs.ours()
    sixteen, eight = h200.prompts("bf16"), h200.prompts("fp8")
    assert list(sixteen) == list(eight) == [512, 2048, 8192]
    # 2 x 6.98e9 weights of the layers, 2 x 0.525e9 at the end, 4 x 32 x 4096 for a pair of tokens.
    flop = 2 * 6_979_321_856 * 2048 + 2 * 525_336_576 + 4 * 32 * 4096 * 2048 * 2049 / 2
    rows = {(row["precision"], row["context"]): row for row in h200.rows}
    assert sixteen[2048] == pytest.approx(flop / float(rows["bf16", "2048"]["seconds"]), rel=0.001)
    assert 0.7 < sixteen[8192] / h200.arithmetic("bf16") < 0.85
    assert 0.55 < eight[8192] / h200.arithmetic("fp8") < 0.7


def test_the_fixed_time_of_a_step_hardly_grows_with_the_users() -> None:
    *_, h200 = own_runs.ours()
    fixed, layers = h200.fixed_times(), 32
    assert list(fixed) == [1, 16, 256]
    assert 20e-6 < fixed[1] / layers < fixed[256] / layers < 60e-6
    assert fixed[256] / fixed[1] < 2


def test_our_own_prompts_are_predicted_blind() -> None:
    prompts = findings.own_prompts()
    assert not prompts.refused
    off = prompts.ratios(calibration.load())
    assert len(off) == 6
    assert validation.Errors.of(off).median < 0.12
    assert abs(off - 1).max() < 0.23


def test_our_own_decode_steps_are_predicted_blind() -> None:
    """On an H100 and an H200, which the fit has rows of, but none of ours."""
    steps = findings.own_steps()
    assert not steps.refused
    assert len(steps.cases) == 26
    found = validation.Errors.of(steps.ratios(calibration.load()))
    assert found.median < 0.12
    assert found.mean < 0.15


def test_a_table_that_lacks_a_column_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    header = ",".join(own_runs.COLUMNS[1:])
    monkeypatch.setattr(own_runs.files, "names", lambda _: ["mine.csv"])
    monkeypatch.setattr(own_runs.files, "read", lambda _: f"{header},other\n" + "1," * 7 + "1\n")
    with pytest.raises(CatalogError, match=r"mine\.csv is no table of `make measure`"):
        own_runs.load()


def test_a_run_without_a_row_says_so() -> None:
    run, *_ = own_runs.ours()
    with pytest.raises(CatalogError, match="no row of arithmetic fp8"):
        run.arithmetic("fp8")
