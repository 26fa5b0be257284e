"""The page of a claim, and the state of an explorer that shows its figure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from alike import with_each
from bs4 import BeautifulSoup

from inference_economics import uncertainty
from inference_economics.algebra import symbols, units
from inference_economics.algebra.formula import InputError
from inference_economics.ledger import claims, telling
from inference_economics_notebook import claim_markup
from inference_economics_notebook.explorers import SPECS
from inference_economics_site import claim_page, dependence, explorer_links, register

LEDGER = claims.load()
CHAPTERS: defaultdict[str, str] = defaultdict(lambda: "A chapter")


def page(id: str, **given: str) -> BeautifulSoup:
    return BeautifulSoup(claim_page.body(LEDGER[id], CHAPTERS, **given), "html.parser")


@with_each("id", LEDGER.claims)
def test_a_page_says_what_the_ledger_says(id: str) -> None:
    result, found = LEDGER[id], page(id)
    text = found.get_text(" ", strip=True)
    assert found.h1.get_text() == result.claim.says.replace("'", "’")
    assert [value.get_text() for value in found.select(".claim-figures dd")] == [
        value.replace("'", "’")
        for value in (result.claim.written, result.shown(result.recomputed),
                      result.shown(result.recomputed_on_facts))
        if value != "–"
    ]  # fmt: skip
    verdicts = [pill.get_text() for pill in found.select(".claim-verdict .verdict")]
    assert found.select_one(".claim-verdict .verdict")["data-verdict"] == (
        result.verdict if result.claim.unit else "none"
    )
    apart = result.verdict_on_facts in ("roughly", "off") and result.recomputed is not None
    word = {"roughly": "roughly right", "off": "off"}.get(str(result.verdict_on_facts))
    assert [each.startswith(f"{word} on facts, ") for each in verdicts[1:]] == [True] * apart
    whose = "with inputs that we add" if result.claim.supplied else "on its own inputs"
    assert (whose in verdicts[0]) == (apart and result.verdict != "inconsistent")
    assert claims.POST_TITLE in found.select_one(".claim-where").get_text()
    assert f"claim {register.load()[id].number}" in text
    equations = found.select("div.math")
    assert len(equations) == sum(1 for w in (result.worked, result.worked_on_facts) if w)
    linked = {a["href"] for a in found.find_all("a")}
    assert f"../{result.claim.chapter}.html#claim-{id}" in linked
    assert linked.issuperset(f"../sources.html#source-{source}" for source in result.sources)
    assert linked.issuperset(f"../claims/{other}.html" for other in result.inconsistent_with)


@with_each("id", LEDGER.claims)
def test_every_premise_is_named_with_its_figure(id: str) -> None:
    own, *others = dependence.depends_on(LEDGER, id)
    assert own == f"claim:{id}"
    listed = page(id).select(".claim-premises li")
    assert len(listed) == len(others)
    for binding, each in zip(others, listed, strict=True):
        kind, _, rest = binding.partition(":")
        place = {"fact": f"fact-{rest}", "claim": rest}.get(kind, f"record-{rest.split('.')[0]}")
        assert place in str(each.a["href"])
        value, unit, _ = LEDGER.resolve(binding, [])
        shown = LEDGER.claim(rest).written if kind == "claim" else units.show(value, unit)
        assert shown.replace("'", "’") in each.get_text()


def test_connections_are_those_of_the_bindings() -> None:
    text = " ".join(page("users-needed").get_text().split())
    assert "It uses utilization-alone and operations-per-parameter." in text
    assert "It is used by user-base." in text
    assert "It contradicts utilization-alone." in text
    opposed = " ".join(page("utilization-alone").get_text().split()).partition("It contradicts ")[2]
    assert "users-needed" in opposed.partition(".")[0]


def test_what_uses_each_other_says_so() -> None:
    text = " ".join(page("reading-rate").get_text().split())
    assert "This claim and chips-for-audience are each computed from the other" in text
    assert "computed from the other" not in page("users-needed").get_text()


def test_the_claims_before_and_after_are_those_of_the_text() -> None:
    ids = list(LEDGER.claims)
    for at, id in enumerate(ids):
        found = page(id).select_one(".claim-neighbors")
        near = [str(link["href"]).removesuffix(".html") for link in found.find_all("a")]
        assert near == ids[max(at - 1, 0) : at] + ids[at + 1 : at + 2]


@pytest.mark.parametrize("id", [id for id in LEDGER.claims if dependence.doubled(LEDGER, id)])
def test_doubling_an_input_is_told_as_what_it_does(id: str) -> None:
    """The words of the page are those of the equation, evaluated at twice the input."""
    claim = LEDGER.claim(id)
    equation, inputs = claim.equation, claim.inputs
    if not (equation and inputs):
        equation = claim.equation_on_facts or claim.equation
        inputs = {**claim.inputs, **claim.facts}
    formula, values = LEDGER.bound(equation, inputs, [])
    words, told = {2.0: "twice as large", 0.5: "half as large"}, []
    for name, value in values.items():
        twice = 2 * value if not isinstance(value, str) else f"{2 * float(value.split()[0])} month"
        try:
            times = formula(**{**values, name: twice}) / formula(**values)
        except InputError:
            told.append((symbols.GLOSSARY[name].meaning, "impossible"))
            continue
        same = "no different" if abs(times - 1) < 0.005 else ""
        larger = words.get(round(times, 3), f"{units.show(times, 'dimensionless')} times as large")
        told.append((symbols.GLOSSARY[name].meaning, same or larger))
    rows = page(id).select(".claim-drivers li")
    shown = [tuple(each.get_text() for each in row.find_all("span")) for row in rows]
    shown = [(what.removesuffix(", doubled:"), does) for what, does in shown]
    assert sorted((what, does.split(":")[0]) for what, does in shown) == (
        sorted(told) if any(does != "no different" for _, does in told) else []
    )


def test_what_cannot_be_doubled_is_said_and_why() -> None:
    """Forty-eight GPUs have room for seven times the users; twice the weights have no room."""
    rows = {
        row.find("span").get_text().removesuffix(", doubled:"): row.find_all("span")[1].get_text()
        for row in page("batch-hundred").select(".claim-drivers li")
    }
    assert rows["accelerators that work on one model together"] == "7.13 times as large"
    assert rows["precision at which a weight is stored"] == (
        "impossible: memory that the weights leave for the cache must be zero or a positive number"
    )


def test_the_band_is_that_of_the_headline() -> None:
    headline = uncertainty.load()["users-needed"]
    low, central, high = (units.show(each, headline.unit, 2) for each in headline.band())
    text = " ".join(page("user-base").get_text().split())
    assert (
        f"the median answer is {central}, and 90% of random draws lie between {low} "
        f"and {high}." in text
    )
    most, like, other = (symbols.GLOSSARY[bar.name].meaning for bar in headline.tornado()[:3])
    assert f"These inputs move the answer most: the {most} and the {like}." in text
    assert f"and {other}" not in text


def test_a_batch_is_told_in_requests_and_why_its_median_is_below_the_figure_on_facts() -> None:
    text = " ".join(page("users-needed").get_text().split())
    assert "the median answer is 240 requests, and 90% of random draws lie between 68 req" in text
    assert "the answer would be 295 requests. The median is lower: no random value of the " in text
    # An input whose middle is below its highest, and a fixed one, bound no answer.
    assert "The median is lower" not in page("chips-for-audience").get_text()


def test_the_range_of_the_sources_is_given_from_low_to_high() -> None:
    result = LEDGER["synapse-bytes"]
    low, high = map(result.shown, result.range_on_facts)
    assert f"at its ends, it lies between {low} and {high}." in " ".join(
        page("synapse-bytes").get_text().split()
    )


def test_a_figure_that_only_sources_judge_may_lie_in_their_range() -> None:
    covered = "But sources give a range of values, and by some of them the stated figure can be"
    given = LEDGER["mask-volume"]
    assert given.within_sourced_range
    claim = replace(given.claim, equation="ridge_point")
    for verdict, said in (("off", True), ("roughly", True), ("holds", False)):
        result = replace(given, claim=claim, verdict=verdict, recomputed=None)
        assert result.judged_on_facts
        assert (covered in claim_markup.qualified(result)) == said


def test_a_range_in_powers_of_ten_is_said_to_be_one() -> None:
    rough, sharp = LEDGER["flops-per-token-range"], LEDGER["openai-chips"]
    assert telling.beside(rough).endswith(
        "within the stated 1 TFLOP/token to 10 TFLOP/token, rounded to a power of ten"
    )
    assert (rough.claim.digits, sharp.claim.digits) == (0, 1)
    assert "powers" not in telling.beside(sharp)


@pytest.mark.parametrize(("id", "numbered"), [("year", True), ("single-user", False)])
def test_it_says_why_what_has_no_quantity_is_counted(id: str, *, numbered: bool) -> None:
    text = " ".join(page(id).get_text().split())
    assert ("so that every number of the text is accounted for" in text) == numbered
    assert ("It stands here because the book answers it." in text) != numbered


def test_it_says_when_a_figure_last_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = register.load()["users-needed"]
    assert f"have not changed since version {entry.changed}" in page("users-needed").get_text()
    later = replace(entry, changed="9.0.0", changed_on="2030-01-02")
    monkeypatch.setattr(register, "load", lambda: {"users-needed": later})
    text = page("users-needed").get_text()
    assert "Its figures last changed in version 9.0.0 (2030-01-02)" in text


def test_the_explorer_is_told_what_to_look_at() -> None:
    text = " ".join(page("users-needed").get_text().split())
    assert (
        "The figure as recomputed comes out as “Users that fill the arithmetic (critical batch)”."
        in text
    )
    text = " ".join(page("synapses").get_text().split())
    assert "The figure as stated is the input “Synapses”." in text


def test_a_claim_that_was_given_up_keeps_its_figures() -> None:
    entry = replace(register.load()["users-needed"], retired="9.0.0")
    found = BeautifulSoup(claim_page.retired(entry), "html.parser")
    for part in ("users-needed", "version 9.0.0", entry.stated, entry.recomputed, entry.verdict):
        assert part in found.get_text()


def test_signs_are_explained_once() -> None:
    result = LEDGER["users-needed"]
    steps = [s for w in (result.worked, result.worked_on_facts) for s in w.steps]
    names = {line.name for step in steps for line in step.formula.legend()}
    assert len(page("users-needed").select(".legend li")) == len(names)


def test_a_dispute_is_offered_only_where_it_can_be_opened() -> None:
    assert "Dispute" not in page("users-needed").get_text()
    found = page("users-needed", issue="https://example.org/issues/new?title=x&body=y")
    link = next(a for a in found.find_all("a") if a.get_text() == "Dispute this number")
    assert link["href"] == "https://example.org/issues/new?title=x&body=y"


def test_swings_are_ordered_and_lie_within_the_range() -> None:
    moved = 0
    for result in LEDGER:
        swings = list(dependence.swings(LEDGER, result.claim.id).values())
        factors = [high / low for low, high in swings]
        assert factors == sorted(factors, reverse=True)
        for low, high in swings:
            assert result.range_on_facts
            assert result.range_on_facts[0] <= low <= high <= result.range_on_facts[1]
            moved += 1
    assert moved > 10


@pytest.mark.parametrize(
    ("id", "link"), explorer_links.load().items(), ids=lambda each: str(each)[:24]
)
def test_an_explorer_shows_the_figure(id: str, link: explorer_links.Link) -> None:
    """The state that a claim leads to has its figure, among the inputs or what comes out."""
    result, spec = LEDGER[id], SPECS[link.explorer]()
    claimed = {
        "stated": result.claim.value,
        "recomputed": result.recomputed,
        "on facts": result.recomputed_on_facts,
    }[link.shows]
    if link.figure in spec.fields:
        value, unit = link.state.values[link.figure], symbols.GLOSSARY[link.figure].unit
    else:
        output = spec.outputs[link.figure]
        value, unit = spec.results(link.state).numbers[link.figure], output.own_unit or output.unit
    assert value is not None
    assert claimed is not None
    kept = result.claim.unit.partition("/chip")[0] if "/chip" not in unit else result.claim.unit
    assert value * factor(unit, kept) == pytest.approx(claimed, rel=1e-9)


def factor(unit: str, into: str) -> float:
    """Convert as the ledger does; a user is a request, which counts as a token of the batch."""
    try:
        return units.conversion(unit, into)
    except units.UnitsError:
        assert {unit, into} <= {"token", "user", "chip", "dimensionless", "byte", "byte/chip"}
        return 1.0


def test_an_address_reads_as_the_explorers_do() -> None:
    spec = SPECS["sharing"]()
    state = spec.state("post", concurrent_users=1, memory_bandwidth=1.5e12, off=["caches"])
    address = urlsplit(explorer_links.address(spec, state))
    written = parse_qs(address.query)["sharing"][0].split("~")
    assert address.path == "sharing-the-weights.html"
    assert address.fragment == "explorer-sharing"
    assert written[1] == f"post.{spec.presets['post'].stamp}"
    assert set(written[2:]) == {
        "concurrent_users:1", "memory_bandwidth:1500000000000", "off:caches"
    }  # fmt: skip


def test_conclusions_that_rest_on_a_claim_can_be_turned() -> None:
    found = explorer_links.flips("user-base")
    assert len(found) == 1
    assert all("how-sure-are-we.html?flip=1~users-needed-1." in each for each in found.values())
    assert explorer_links.flips("karma") == {}


def test_a_picture_is_offered_where_there_is_one() -> None:
    with_one = page("users-needed", card="social/claims-users-needed.png")
    (offered,) = with_one.select('a[href$=".png"]')
    assert offered["href"] == "../social/claims-users-needed.png"
    assert page("users-needed").select('a[href$=".png"]') == []
