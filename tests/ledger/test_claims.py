"""The ledger: complete, well formed, and judged by the rules of the design."""

from __future__ import annotations

import json
import math
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from alike import with_each

from inference_economics.algebra import units
from inference_economics.equations import all_formulas
from inference_economics.facts import catalog, files
from inference_economics.ledger import claims, telling
from inference_economics.ledger.claims import Claim, ClaimError, Result

BOOK = Path(__file__).parents[2] / "book"

EVERY = with_each("claim", claims.load().claims)


# Completeness


def test_every_number_of_the_text_is_numbered_without_a_gap() -> None:
    assert [number.index for number in claims.occurrences()] == list(range(1, 161))


def test_every_number_of_the_text_has_a_claim() -> None:
    unknown = {number.claim for number in claims.occurrences()} - set(claims.load().claims)
    assert not unknown, f"numbers.csv names {unknown}, and the ledger has no such claim"


@with_each("number", claims.occurrences())
def test_the_claim_of_a_number_shows_it(number: claims.Occurrence) -> None:
    claim = claims.load().claim(number.claim)
    if claim.unit is None:
        return  # a name, a year, a list's mark: one record stands for many
    shown = re.findall(r"\d[\d,]*(?:\.\d+)?(?:e\d+)?", f"{claim.stated} {claim.says}")
    # The edit on chip counts writes its figure twice: "3 trillion flops/token" is "3e12".
    assert number.written in shown or claims.read_number(number.written)[0] == claim.value


def test_a_claim_without_a_number_in_the_text_is_in_words() -> None:
    named = {number.claim for number in claims.occurrences()}
    in_words = [
        claim for claim in claims.load().claims.values()
        # The one figure of the post that is stated once and claimed twice.
        if claim.id not in named and claim.id != "brain-compute"
    ]  # fmt: skip
    assert in_words
    invented = [f"{each.id} = {each.stated}" for each in in_words if re.search(r"\d", each.stated)]
    assert not invented, f"no line of numbers.csv has the figure of {', '.join(invented)}"


def test_the_ledger_has_the_size_of_the_text() -> None:
    ledger = claims.load()
    assert len(ledger) - ledger.score()["not a quantity"] >= 75


def test_the_score_counts_the_verdicts() -> None:
    quantities = {"a": ("27", 27), "b": ("27", 26), "c": ("27", 27), "d": ("27", 100)}
    text = "".join(record(*each).replace("[it]", f"[{id}]") for id, each in quantities.items())
    text += record("5", None).replace("[it]", "[e]")
    text += record("GPT-4", None, unit="none").replace("[it]", "[f]")
    assert list(claims.parse(text, catalog.load()).score().items()) == [
        ("holds", 2), ("roughly", 1), ("off", 1), ("inconsistent", 0), ("assumption", 1),
        ("not a quantity", 1),
    ]  # fmt: skip


# Records


@EVERY
def test_a_record_says_what_who_and_where(claim: str) -> None:
    record = claims.load().claim(claim)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", record.id)
    assert record.who
    assert record.place
    assert record.stated
    assert record.says[0].isupper() or record.says[0].isdigit()
    assert record.says.endswith((".", "?"))
    assert (BOOK / f"{record.chapter}.ipynb").exists(), f"the book has no {record.chapter}"


def test_no_verdict_is_written_down() -> None:
    records = tomllib.loads(files.read("claims.toml"))
    fields = {field for record in records.values() for field in record}
    assert not {field for field in fields if "verdict" in field or "factor" in field}
    values = {
        value for record in records.values() for value in record.values() if isinstance(value, str)
    }
    assert not values & set(claims.VERDICTS)


def test_the_range_of_a_fact_is_in_the_unit_of_its_claim() -> None:
    """An H100 rented for 8 dollars an hour in 2023, or for 7 to 12."""
    said = "It costs $200 a day."
    found = claims.new_claim(
        said, "$200", "dollar/chip/day", text="A blog", fact="fact:h100_rental_2023"
    )
    assert found.recomputed_on_facts == pytest.approx(8 * 24)
    assert found.range_on_facts == pytest.approx((7 * 24, 12 * 24))


@EVERY
def test_an_equation_that_a_record_names_exists_and_gives_its_unit(claim: str) -> None:
    record = claims.load().claim(claim)
    for equation in filter(None, (record.equation, record.equation_on_facts)):
        units.conversion(all_formulas()[equation].unit, str(record.unit))


def test_one_slip_is_counted_once() -> None:
    ledger = claims.load()
    slips = {name: [each.claim.id for each in found] for name, found in ledger.slips().items()}
    assert list(slips.values()) == [
        ["thousand-times-cost", "users-needed"],
        ["token-interval"],
    ]
    assert sum(map(len, slips.values())) == ledger.score()["inconsistent"]


@EVERY
def test_a_claim_with_a_slip_shares_it_with_those_that_contradict_the_same(claim: str) -> None:
    ledger = claims.load()
    mine = ledger.claim(claim)
    assert bool(mine.slip) == bool(mine.against)
    for other in ledger.claims.values():
        same = {claim, *mine.against} & {other.id, *other.against}
        if mine.against and other.against and same:
            assert mine.slip == other.slip, f"{claim} and {other.id} are one slip"


def test_a_slip_without_words_is_named_by_its_claim() -> None:
    text = record("27", 100, against=["other"]) + record("1", None).replace("[it]", "[other]")
    assert list(claims.parse(text, catalog.load()).slips()) == ["it"]


def test_the_brains_petabytes_are_named_as_often_as_the_record_says() -> None:
    times = sum(each.claim == "brain-capacity" for each in claims.occurrences())
    assert f"{times} times" in claims.load().claim("brain-capacity").place


@EVERY
def test_what_contradicts_is_another_claim_and_says_so(claim: str) -> None:
    ledger = claims.load()
    result = ledger[claim]
    assert (result.verdict == "inconsistent") == bool(result.inconsistent_with)
    assert claim not in result.inconsistent_with
    for other in result.inconsistent_with:
        # What is contradicted enters the sum, or holds the sum's result up to the same text.
        assert ledger.claim(other).unit is not None
        inputs = json.dumps(dict(result.claim.inputs))
        back = json.dumps(dict(ledger.claim(other).inputs))
        shared = f"claim:{other}" in inputs or f"claim:{claim}" in back
        chain = re.findall(r"claim:([\w-]+)", inputs)
        theirs = re.findall(r"claim:([\w-]+)", back)
        assert shared or set(chain) & set(theirs), f"{claim} and {other} share nothing"


@pytest.mark.parametrize(
    ("claim", "word"),
    [
        ("h100-flops", "around"),
        ("model-parameters", "suppose"),
        ("operations-per-parameter", "roughly"),
        ("utilization-alone", "approximately"),
        ("nvlink-bandwidth", "around"),
        ("hidden-states", "usually"),
        ("users-needed", "if"),
        ("utilization-hundred", "realistic"),
        ("thousand-times-cost", "might"),
        ("user-base", "lower bound"),
        ("steady-user-base", "perhaps"),
        ("brain-compute", "think"),
        ("synapse-bytes", "probably"),
        ("quantization", "might"),
        ("small-model-flops", "assume"),
        ("openai-chips", "edit"),
        ("gpt4-on-a-node", "might"),
        ("design-budget", "higher"),
        ("few-bits", "maybe"),
        ("large-synapse-bits", "ish"),
        ("median-synapse-bits", "probably"),
        ("roadmap-bits", "overestimate"),
        ("thousandfold-compute", "plausibly"),
    ],
)
def test_the_caveat_of_the_text_is_kept(claim: str, word: str) -> None:
    assert word in claims.load().claim(claim).hedge


# Figures as written


@pytest.mark.parametrize(
    ("stated", "value", "digits"),
    [
        ("~= 27 ms", 27, 2),
        ("~ 0.05 milliseconds", 0.05, 1),
        ("0.2%", 0.2, 1),
        ("1.6 trillion", 1.6e12, 2),
        ("around 3e15", 3e15, 1),
        ("144K users", 144e3, 3),
        ("1M", 1e6, 1),
        ("1MB", 1, 1),
        ("10ms", 10, 1),
        ("3 TB/s", 3, 1),
        ("100,000 chips", 100_000, 1),
        ("2,500", 2500, 2),
        ("1.0", 1.0, 2),
        ("4k+", 4000, 1),
        (">1000x", 1000, 1),
        ("~130B parameters", 130e9, 2),
        ("less than 30GB", 30, 1),
        ("175 billion", 175e9, 3),
        ("\\$1 million", 1e6, 1),
        ("2x batch size", 2, 1),
        ("1e6 tokens/s", 1e6, 1),
    ],
)
def test_a_figure_is_read_with_its_precision(stated: str, value: float, digits: int) -> None:
    assert claims.read_number(stated) == (pytest.approx(value), digits)


def result_of(unit: str | None = "byte", **parts: Any) -> Result:
    """Return the result of a claim of 30 that its text makes without inputs."""
    of_claim = {"value": 30.0, **parts.pop("claim", {})}
    words = dict.fromkeys(("id", "who", "place", "says", "stated", "chapter"), "text")
    return Result(Claim(**words, unit=unit, **of_claim), "assumption", **parts)


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        ("ms", 0.0123, "0.0123 ms"),
        ("ms", 999.0, "999 ms"),
        ("ms", 1000.0, "1 s"),
        ("ms", 90_000.0, "1.5 min"),
        ("TB/s", 0.002, "2 GB/s"),
        ("GB/chip", 1500.0, "1.5 TB"),
        ("percent", 50.0, "50%"),
        ("minute", 120.0, "2 h"),
        ("year", 0.5, "183 days"),
        ("chip", 20.0, "20 chips"),
        (None, 20.0, "\N{EN DASH}"),
        ("chip", None, "\N{EN DASH}"),
    ],
)
def test_a_figure_is_shown_with_a_prefix_of_its_own(
    unit: str | None, value: float | None, shown: str
) -> None:
    assert result_of(unit).shown(value) == shown


@pytest.mark.parametrize(
    ("sourced", "span", "inside"),
    [
        (None, None, None),
        ((20.0, 40.0), None, True),
        ((30.0, 40.0), None, True),
        ((20.0, 30.0), None, True),
        ((31.0, 40.0), None, False),
        ((20.0, 29.0), None, False),
        ((50.0, 60.0), (10.0, 50.0), True),
        ((51.0, 60.0), (10.0, 50.0), False),
        ((1.0, 10.0), (10.0, 50.0), True),
        ((1.0, 9.0), (10.0, 50.0), False),
    ],
)
def test_a_figure_lies_in_the_range_of_sources_or_touches_it(
    sourced: tuple[float, float] | None, span: tuple[float, float] | None, inside: Any
) -> None:
    result = result_of(range_on_facts=sourced, claim={"span": span, "digits": 2})
    assert result.within_sourced_range is inside
    assert result_of(range_on_facts=(1.0, 2.0), claim={"value": None}).within_sourced_range is None


@pytest.mark.parametrize(
    ("sourced", "digits", "inside"),
    [((31.0, 40.0), 1, True), ((35.0, 40.0), 1, False), ((20.0, 24.9), 1, False),
     ((20.0, 25.0), 1, True), ((12.0, 14.0), 0, True), ((50.0, 60.0), 0, False)],
)  # fmt: skip
def test_a_figure_has_no_more_digits_than_its_author_gave(
    sourced: tuple[float, float], digits: int, inside: Any
) -> None:
    result = result_of(range_on_facts=sourced, claim={"value": 30.0, "digits": digits})
    assert result.within_sourced_range is inside


def test_the_numbers_of_a_claim_are_in_its_unit_without_a_prefix() -> None:
    result = result_of("GB/chip", recomputed=2.0, claim={"span": (10.0, 90.0)})
    assert result.numbers() == pytest.approx([10e9, 90e9, 30e9, 2e9])
    assert result_of(None).numbers() == [30.0]


def test_what_is_judged_on_facts_is_an_equation_without_inputs_of_the_author() -> None:
    given = {"equation": "weight_bytes"}
    assert result_of(claim=given).judged_on_facts
    assert not result_of(claim=given, recomputed=1.0).judged_on_facts
    assert not result_of().judged_on_facts


def test_a_result_is_told_in_a_line() -> None:
    result = result_of("ms", recomputed=2.0, recomputed_on_facts=3.0)
    assert repr(result) == "text: stated text, recomputed 2 ms, on facts 3 ms: assumption"


def test_words_are_no_figure() -> None:
    with pytest.raises(ClaimError, match="does not hold exactly one positive number"):
        claims.read_number("a thousand times")


def test_a_value_is_given_only_for_words_or_stands_among_several_numbers() -> None:
    records = tomllib.loads(files.read("claims.toml")).items()
    given = {id: raw for id, raw in records if "value" in raw}
    among = {id for id, raw in given.items() if re.search(r"\d", raw["stated"])}
    assert len(given) > len(among) > 0
    assert [id for id in among if str(given[id]["value"]) not in given[id]["stated"]] == []


def test_what_has_no_unit_has_no_value() -> None:
    bare = record("79 GB", None, unit="none")
    assert claims.parse(bare, catalog.load()).claim("it").value is None


# Verdicts


def record(stated: str, found: float | None, **fields: Any) -> str:
    """Return a record whose recomputed value is `found` chips."""
    lines = {
        "who": "a test", "place": "here", "says": "So many chips.", "stated": stated,
        "chapter": "method", "unit": "chip", **fields,
    }  # fmt: skip
    if found is not None:
        lines |= {"equation": "budget_chips", "inputs": {"budget": found, "chip_price": 1}}
    return "[it]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in lines.items())


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)


def judge(stated: str, found: float | None, **fields: Any) -> Result:
    other = record("1", None).replace("[it]", "[other]")
    return claims.parse(record(stated, found, **fields) + other, catalog.load())["it"]


@pytest.mark.parametrize(
    ("stated", "found", "verdict"),
    [
        ("27", 26.67, "holds"),
        ("27", 26.5, "holds"),  # halves are rounded up
        ("27", 26.49, "roughly"),
        ("27", 27.49, "holds"),
        ("27", 27.5, "roughly"),
        ("0.2", 0.15, "holds"),  # as a float a little less than it is written
        ("0.2", 0.2499, "holds"),
        ("0.2", 0.25, "roughly"),
        ("20", 15, "holds"),  # one digit was stated
        ("20.0", 15, "roughly"),
        ("1000", 500, "off"),
        ("1000", 1500, "roughly"),  # rounds to 2000, by a factor of 1.5 exactly
        ("144K", 144_000, "holds"),
        ("144K", 143_499, "roughly"),
        ("10", 9.5, "holds"),  # 9.5 has one digit: 10
    ],
)
def test_equal_at_the_precision_that_was_stated(stated: str, found: float, verdict: str) -> None:
    assert judge(stated, found).verdict == verdict


@pytest.mark.parametrize(
    ("found", "verdict"),
    [(150.0, "roughly"), (150.1, "off"), (100 / 1.5, "roughly"), (66.6, "off"), (200, "off")],
)
def test_roughly_is_within_a_factor_of_one_and_a_half(found: float, verdict: str) -> None:
    assert judge("100", found, digits=3).verdict == verdict


def test_the_factor_says_how_many_times_the_larger_is_the_smaller() -> None:
    assert judge("1000", 500).factor == pytest.approx(2)
    assert judge("500", 1000).factor == pytest.approx(2)
    assert judge("500", 500).factor == 1


@pytest.mark.parametrize(
    ("found", "verdict", "factor"),
    [
        (100, "holds", 1),
        (9000, "holds", 1),
        (1000, "holds", 1),
        (95, "holds", 100 / 95),  # 95 has one digit: 100
        (94, "roughly", 100 / 94),
        (9400, "holds", 94 / 90),
        (9500, "roughly", 95 / 90),
        (66, "off", 100 / 66),
        (14_000, "off", 14 / 9),
    ],
)
def test_a_range_is_compared_at_its_nearer_end(found: float, verdict: str, factor: float) -> None:
    result = judge("hundreds or thousands", found, span=[100, 9000])
    assert result.verdict == verdict
    assert result.factor == pytest.approx(factor)
    assert result.claim.value == pytest.approx(math.sqrt(100 * 9000))


@pytest.mark.parametrize(
    ("relation", "found", "verdict"),
    [
        ("at least", 30, "holds"),
        ("at least", 3e9, "holds"),
        ("at least", 29.9, "roughly"),  # a bound is sharp
        ("at least", 19, "off"),
        ("at most", 30, "holds"),
        ("at most", 0.1, "holds"),
        ("at most", 30.4, "roughly"),
        ("at most", 46, "off"),
    ],
)
def test_a_bound_is_sharp_on_one_side_only(relation: str, found: float, verdict: str) -> None:
    assert judge("30", found, relation=relation).verdict == verdict


@pytest.mark.parametrize(
    ("found", "verdict", "names"),
    [(27, "holds", ()), (26, "inconsistent", ("other",)), (100, "inconsistent", ("other",))],
)
def test_a_claim_contradicts_only_if_it_fails(
    found: float, verdict: str, names: tuple[str, ...]
) -> None:
    result = judge("27", found, against=["other"])
    assert result.verdict == verdict
    assert result.inconsistent_with == names


def test_a_premise_is_an_assumption_and_is_compared_with_facts() -> None:
    fact = catalog.load().accelerator("h100_sxm5").memory_capacity
    assert fact == 80e9
    right = judge("80", None, unit="GB/chip", fact="chip:h100_sxm5.memory_capacity", digits=2)
    wrong = judge("40", None, unit="GB/chip", fact="chip:h100_sxm5.memory_capacity", digits=2)
    assert right.verdict == wrong.verdict == "assumption"
    assert (right.verdict_on_facts, right.recomputed_on_facts) == ("holds", pytest.approx(80))
    assert (wrong.verdict_on_facts, wrong.factor_on_facts) == ("off", pytest.approx(2))
    assert right.sources


def test_the_range_of_the_sources_is_told_apart_from_their_central_value() -> None:
    inside = judge("100", None, unit="synapse", value=1e14, fact="fact:synapses_whole_brain")
    outside = judge("50", None, unit="synapse", value=5e13, fact="fact:synapses_whole_brain")
    assert inside.verdict_on_facts == outside.verdict_on_facts == "off"
    assert (inside.within_sourced_range, outside.within_sourced_range) == (True, False)


def test_a_source_is_named_with_its_kind_unless_it_is_primary() -> None:
    assert telling.distance("brysbaert-2019") == ""
    assert telling.distance("new-savanna-reading") == " (secondary)"


def test_without_inputs_a_calculation_is_judged_on_facts() -> None:
    priced = {"budget": 1e6, "chip_price": "fact:h100_purchase"}
    result = judge("33", None, equation="budget_chips", facts=priced)
    assert (result.recomputed, result.verdict) == (None, "holds")
    result = judge("20", None, equation="budget_chips", facts=priced, digits=2)
    assert (result.verdict, result.factor) == ("off", pytest.approx(1e6 / 30_000 / 20))


def test_facts_replace_inputs_and_a_dash_leaves_one_out() -> None:
    result = judge("5", 5, facts={"chip_price": 2})
    assert (result.recomputed, result.recomputed_on_facts) == (5, 2.5)
    result = judge(
        "5", None, unit="byte", equation="synapse_bytes",
        inputs={"synapses": 5, "bits_per_synapse": 8, "bits_per_byte": 8},
        facts={"bits_per_byte": "-", "synapses": 10},
    )  # fmt: skip
    assert (result.recomputed, result.recomputed_on_facts) == (5, 10)


@EVERY
def test_an_input_that_we_supply_is_told_in_the_note(claim: str) -> None:
    record = claims.load().claim(claim)
    words = r"\b(we (take|supply)|the book takes)\b"
    assert not record.supplied or re.search(words, record.note, re.IGNORECASE)


def test_words_for_each_token_are_ours_wherever_they_are_taken() -> None:
    # No author of the thread says how many words a token is.
    takes = [c for c in claims.load().claims.values() if "words_per_token" in c.inputs]
    assert takes
    assert [c.id for c in takes if "words_per_token" not in c.supplied] == []


def test_what_we_supply_is_among_the_inputs() -> None:
    ours = judge("5", 5, supplied=["chip_price"])
    assert ours.claim.supplied == ("chip_price",)


def test_an_input_on_facts_that_no_source_gives_is_called_ours() -> None:
    facts = {"budget": 1e6, "chip_price": "fact:h100_purchase"}
    on_facts = {"equation_on_facts": "budget_chips", "facts": facts}
    for supplied, verdict in (
        ([], "the sourced figure is the same, to 1 digit"),
        (["budget"], "the figure on facts and our inputs is the same, to 1 digit"),
        (["chip_price"], "the sourced figure is the same, to 1 digit"),  # a fact after all
    ):
        result = judge("30", None, supplied=supplied, **on_facts)
        assert telling.verdict_text(result) == f"assumption; {verdict}"
        ours = supplied == ["budget"]
        assert (result.claim.adds_inputs, result.claim.adds_to_facts) == (False, ours)
        assert [title for title, _ in telling.worked(result)] == [
            "On facts and our inputs" if ours else "On sourced facts"
        ]


@EVERY
def test_a_number_that_only_the_record_gives_on_facts_and_its_note_says_so(claim: str) -> None:
    """A length of text, a share or a rate that has neither an author nor a source is ours."""
    record = claims.load().claim(claim)
    chosen = {"acceptable_share", "activation_bytes", "cache_value_bytes", "context"}
    chosen |= {"bits_before", "video_compression"}
    _, inputs = claims.on_facts_with(record)
    assert chosen & {*inputs, *record.inputs} <= set(record.supplied)


def test_no_unit_is_no_quantity() -> None:
    text = record("GPT-4", None).replace('unit = "chip"', 'unit = "none"')
    result = claims.parse(text, catalog.load())["it"]
    assert (result.verdict, result.recomputed, result.factor) == ("not a quantity", None, None)


# Records that are refused


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (record("5", 5, verdict="holds"), "claim it: unknown field 'verdict'"),
        (record("5", 5, slip="a word"), "a slip is named, but no claim that it contradicts"),
        (record("5", 5, supplied=["gone"]), "supplied = .'gone'.: the inputs have none of that"),
        (record("5", 5, against=["gone"]), "claim it is against 'gone', which does not exist"),
        (record("a few", 5), "does not hold exactly one positive number"),
        (record("5", 5, unit="apples"), "unknown unit 'apples'"),
        ('[it]\nwho = "a test"\n', "claim it: .*missing"),
        (record("5", 5, relation="about"), "claim it: .*relation.*about"),
        (record("5", 5, chapter=7), "claim it: chapter = 7 is of the wrong type"),
        (record("5", 5, chapter="here"), "claim it: chapter = 'here' is none of three-orders"),
        (record("5", 5).replace('unit = "chip"\n', ""), 'claim it: unit missing .unit = "none"'),
        (record("5", 5, unit="none"), 'unit = "none": the record cannot have equation, inputs'),
        (
            record("5", None, inputs={"budget": 5}),
            "inputs are given, but no equation that takes them",
        ),
        (
            record("5", None, facts={"budget": 5}),
            "facts are given, but no equation that takes them",
        ),
        (record("5", None, equation="budget_chips"), "but neither inputs nor facts"),
        (record("5", 5, digits=-1), "claim it: digits = -1 is negative"),
        (record("5", 5, span=[5]), r"span = \[5\]: must be two rising numbers, with no value"),
        (record("5", 5, span=["a few", 5]), "must be two rising numbers, with no value"),
        ("it = 5\n", "claim it: 5 is not a table of fields"),
        ("[it\n", "the claims are no TOML: .*line 1"),
    ],
)
def test_a_record_that_is_not_well_formed_is_refused(text: str, message: str) -> None:
    with pytest.raises((ClaimError, units.UnitsError), match=message):
        claims.parse(text, catalog.load())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"equation": "gone", "inputs": {"budget": 5}}, "no equation 'gone'"),
        ({"equation": "budget_chips", "inputs": {"budget": 5}}, "claim it: .*needs chip_price"),
        ({"equation": "budget_chips", "inputs": {"budgte": 5}}, "claim it.*did you mean budget"),
        ({"fact": "claim:gone"}, "no claim 'gone'"),
        ({"fact": "fact:h100_purchas"}, "did you mean 'h100_purchase'"),
        ({"fact": "chip:h100_nvl.peak_flops_8bit"}, "no source states peak_flops_8bit"),
        ({"fact": "shop:h100"}, "'shop:h100' is no binding"),
        ({"fact": "chip:h100_sxm5"}, "'chip:h100_sxm5' names no column of numbers"),
        ({"fact": "chip:h100_sxm5.vendor"}, "h100_sxm5.vendor' names no column of numbers"),
        ({"fact": "facts:it"}, "claim it rests on itself"),
        ({"note": "{recomputed other}"}, "claim it: {recomputed other}: claim other has no such"),
        (
            {"note": "{vlaue it}"},
            "claim it: {vlaue it} quotes none of fact, stated, value, recomputed",
        ),
        ({"note": "{value gone}"}, "claim it: no claim 'gone'"),
        ({"note": "{value}"}, "its note has a brace that quotes nothing"),
    ],
)
def test_a_record_that_cannot_be_computed_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises((ClaimError, catalog.CatalogError, ValueError), match=message):
        judge("5", None, **fields)


def test_an_unknown_claim_gets_a_hint() -> None:
    with pytest.raises(catalog.CatalogError, match="did you mean 'memory-time'"):
        claims.load()["memory-tme"]


# What is handed on

KEYS = [
    "id", "who", "place", "paraphrase", "stated", "value", "unit", "recomputed",
    "recomputed_on_facts", "verdict", "factor", "inconsistent_with", "note", "chapter",
]  # fmt: skip


@EVERY
def test_json_has_the_documented_keys_and_plain_values(claim: str) -> None:
    plain = claims.load()[claim].as_json()
    assert set(KEYS) <= set(plain)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    for key in ("value", "recomputed", "recomputed_on_facts", "factor"):
        assert plain[key] is None or type(plain[key]) is float
    assert plain["verdict"] in claims.VERDICTS
    if plain["unit"] is None:
        assert plain["value"] is None


def test_figures_are_in_the_claims_own_unit() -> None:
    plain = claims.load()["memory-time"].as_json()
    assert (plain["value"], plain["unit"]) == (27, "ms")
    assert plain["recomputed"] == pytest.approx(26.67, abs=0.01)


def test_a_figure_is_shown_with_its_unit_and_none_as_a_dash() -> None:
    result = claims.load()["memory-time"]
    assert result.shown(result.recomputed) == "26.7 ms"
    assert result.shown(None) == "–"


@EVERY
def test_every_figure_can_be_shown(claim: str) -> None:
    result = claims.load()[claim]
    for value in (result.claim.value, result.recomputed, result.recomputed_on_facts):
        assert (result.shown(value) == "–") == (value is None)


def test_a_claim_is_a_plain_record() -> None:
    assert isinstance(claims.load().claim("karma"), Claim)
    with pytest.raises(AttributeError):
        claims.load().claim("karma").stated = "80"  # type: ignore[misc]


def test_a_note_gives_the_date_of_a_price_and_of_nothing_else() -> None:
    noted = record("5", 5, note="A card was {fact h100_purchase}, and draws {fact brain_power}.")
    note = claims.parse(noted, catalog.load())["it"].note
    assert note == "A card was $30,000 per chip (2022 to 2026), and draws 20 W."
