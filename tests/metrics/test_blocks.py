import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from metrics.blocks import (
    AGE_BANDS,
    COUNT_BLOCKS,
    SEXES,
    Condition,
    Days,
    DaysInside,
    Followed,
    Level,
    Open,
    People,
    PersonDays,
    Population,
    Quantile,
    Rows,
    Submitted,
    Sum,
    columns_named,
)
from metrics.definition import Measure
from tests.metrics.measure_tables import a_measure, day

WAIT = {
    "at": 0.5,
    "days": ["received_at", "first_seen_on"],
    "of": "referral",
    "on": "received_at",
    "open_cases": "waiting",
}


def refusal(kind: type, **entries: Any) -> str:
    try:
        kind.model_validate(entries)
    except ValidationError as error:
        return "; ".join(fault["msg"] for fault in error.errors())
    pytest.fail("it was not refused")


# ---------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    "entries",
    [
        {"column": "sector", "is": "health"},
        {"column": "sector", "is_not": "health"},
        {"column": "sector", "in": ["health"]},
        {"column": "sector", "not_in": ["health", "social care"]},
        {"column": "headcount", "at_least": 1},
        {"column": "headcount", "at_most": 1},
        {"column": "headcount", "at_least": 1, "at_most": 5},
        {"column": "closed_on", "empty": True},
        {"column": "closed_on", "not_empty": True},
        {"days": ["received_at", "closed_on"], "at_least": 0},
        {"days": ["received_at", "closed_on"], "at_least": 0, "at_most": 28},
    ],
)
def test_a_condition_is_one_subject_and_one_test(entries):
    condition = Condition.model_validate(entries)

    said = condition.model_dump(by_alias=True, exclude_none=True)
    assert {name: list(v) if isinstance(v, tuple) else v for name, v in said.items()} == entries


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"is": "health"}, "either one `column` or two dates in `days`"),
        (
            {"column": "a", "days": ["received_at", "closed_on"], "at_least": 1},
            "either one `column` or two dates in `days`",
        ),
        ({"column": "sector"}, "this one has none"),
        ({"column": "sector", "is": "a", "is_not": "b"}, "this one has is, is_not"),
        ({"column": "sector", "is": "a", "at_least": "b"}, "this one has is, at_least"),
        ({"days": ["a", "b"], "is": 3}, "takes `at_least`, `at_most` or both"),
        ({"days": ["a", "b"]}, "takes `at_least`, `at_most` or both"),
        ({"days": ["a"], "at_least": 3}, "Field required"),
        ({"column": "sector", "in": []}, "at least 1 item"),
        ({"column": "sector", "empty": False}, "Input should be True"),
        ({"column": "sector", "like": "a%"}, "Extra inputs are not permitted"),
        ({"column": "sector", "is": ["a"]}, "write one text in quotes, one number, one date"),
        ({"column": "sector", "is": {"sql": "1=1"}}, "write one text in quotes"),
        ({"column": "in_post_fte", "at_least": float("nan")}, "write one text in quotes"),
        ({"column": "in_post_fte", "at_least": float("inf")}, "write one text in quotes"),
        (
            {"column": "received_at", "at_least": datetime.datetime(2025, 3, 1, 9)},
            "without the time of day",
        ),
    ],
)
def test_a_condition_that_says_nothing_or_too_much_is_refused(entries, words):
    assert words in refusal(Condition, **entries)


@pytest.mark.parametrize(
    "value", [True, False, 0, 1, -3, Decimal("2.50"), "", "1", "true", "2025-03-31"]
)
def test_a_value_keeps_its_kind(value):
    condition = Condition.model_validate({"column": "a", "is": value})

    assert condition.is_ == value
    assert type(condition.is_) is type(value)


def test_decimals_are_those_that_were_written():
    tenth = Condition.model_validate({"column": "in_post_fte", "at_least": 0.1, "at_most": 2.675})

    assert tenth.values == (Decimal("0.1"), Decimal("2.675"))
    assert Quantile.model_validate({**WAIT, "at": 0.9}).at == Decimal("0.9")


def test_every_value_that_is_compared_with_is_found():
    between = Condition.model_validate({"column": "a", "at_least": 0, "at_most": 5})
    listed = Condition.model_validate({"column": "a", "in": ["x", "y"]})

    assert between.values == (0, 5)
    assert listed.values == ("x", "y")
    assert Condition.model_validate({"column": "a", "empty": True}).values == ()


def test_nothing_in_a_condition_can_be_changed_afterwards():
    condition = Condition.model_validate({"column": "sector", "is": "health"})

    with pytest.raises(ValidationError, match="frozen"):
        condition.column = "other"


values = st.one_of(
    st.booleans(),
    st.integers(-(10**15), 10**15),
    st.decimals(-(10**9), 10**9, places=4),
    st.dates(),
    st.text(),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(values, min_size=1, max_size=4))
def test_a_condition_comes_back_from_json_as_it_was(listed):
    condition = Condition.model_validate({"column": "a", "in": listed})

    again = Condition.model_validate_json(condition.model_dump_json(by_alias=True))

    assert again == condition
    assert [type(value) for value in again.values] == [type(value) for value in listed]


# ---------------------------------------------------------------- blocks

BLOCKS: list[tuple[dict[str, Any], type, str, set[str]]] = [
    ({"rows": "referral", "on": "closed_on"}, Rows, "referral", {"closed_on"}),
    (
        {"sum": "fte_days_lost", "of": "absence_month", "on": "month"},
        Sum,
        "absence_month",
        {"fte_days_lost", "month"},
    ),
    (
        {"days": ["admitted_on", "discharged_on"], "of": "hospital_spell", "on": "admitted_on"},
        Days,
        "hospital_spell",
        {"admitted_on", "discharged_on"},
    ),
    (
        {"open": "referral", "from": "received_at", "until": ["first_seen_on", "closed_on"]},
        Open,
        "referral",
        {"received_at", "first_seen_on", "closed_on"},
    ),
    (
        {"people": "person_key", "of": "contact", "on": "started_at"},
        People,
        "contact",
        {"person_key", "started_at"},
    ),
    (
        {"days_inside": "hospital_spell", "from": "admitted_on", "until": ["discharged_on"]},
        DaysInside,
        "hospital_spell",
        {"admitted_on", "discharged_on"},
    ),
    (
        {"level": "headcount", "of": "workforce_month", "on": "month"},
        Level,
        "workforce_month",
        {"headcount", "month"},
    ),
    ({"population": {"sex": ["1"]}}, Population, "population", set()),
    ({"person_days": {"age_bands": ["85+"]}}, PersonDays, "population", set()),
    ({"submitted": "numerator"}, Submitted, "aggregate_submission", set()),
]


@pytest.mark.parametrize(
    ("entries", "kind", "table", "columns"), BLOCKS, ids=[kind.__name__ for _, kind, *_ in BLOCKS]
)
def test_a_block_is_known_by_its_first_word(entries, kind, table, columns):
    block = a_measure(numerator=entries).numerator

    assert type(block) is kind
    assert block.table == table
    assert set(columns_named(block)) == columns


def test_every_kind_of_block_is_tested_here():
    assert {kind for _, kind, *_ in BLOCKS} == set(COUNT_BLOCKS.values())


def test_the_columns_of_conditions_are_named_by_a_block_too():
    where = [
        {"column": "sector", "is": "health"},
        {"days": ["received_at", "closed_on"], "at_least": 1},
    ]
    block = Rows.model_validate({"rows": "referral", "on": "received_at", "where": where})

    assert list(columns_named(block)) == ["received_at", "sector", "received_at", "closed_on"]


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"on": "received_at"},
        {"rows": "referral", "open": "referral", "on": "received_at"},
        {"persons": "person_key", "of": "referral", "on": "received_at"},
        "referral",
        ["referral"],
        7,
    ],
)
def test_a_block_has_exactly_one_of_the_first_words(entries):
    with pytest.raises(ValidationError, match="a block has exactly one of rows, sum, days"):
        a_measure(numerator=entries)


def test_whoever_is_not_named_in_a_population_is_everybody_registered():
    who = Population.model_validate({"population": {}}).who

    assert (who.age_bands, who.sex, who.basis) == (AGE_BANDS, SEXES, "registered")


@pytest.mark.parametrize("kind", [Population, PersonDays])
def test_people_are_chosen_by_who_they_are_and_not_by_conditions(kind):
    name = "population" if kind is Population else "person_days"
    where = [{"column": "sex", "is": "1"}]

    assert "remove `where`" in refusal(kind, **{name: {}, "where": where})


@pytest.mark.parametrize(
    "who", [{"age_bands": ["65+"]}, {"sex": ["male"]}, {"basis": "employed"}, {"age": 3}]
)
def test_people_are_chosen_only_by_what_a_list_of_people_holds(who):
    with pytest.raises(ValidationError):
        Population.model_validate({"population": who})


def test_only_quantiles_and_different_people_are_not_added_up_over_areas():
    assert [kind for kind in COUNT_BLOCKS.values() if not kind.additive] == [People]
    assert not Quantile.additive


def test_what_stands_at_one_moment_is_not_added_up_over_time():
    stocks = [kind for kind in COUNT_BLOCKS.values() if not kind.adds_up_over_time]

    assert stocks == [People, Open, Level, Population]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([29, 0], "[nearest, furthest]"),
        ([-1, 29], "from 0 up"),
        ([0], "Field required"),
        (["0", "x"], "valid integer"),
    ],
)
def test_days_before_or_after_run_from_the_nearer_to_the_further(days, words):
    assert words in refusal(Followed, table="referral", on="received_at", within_days=days)


def test_a_block_knows_how_far_it_looks_ahead_and_back():
    other = {"table": "referral", "on": "received_at"}
    block = Rows.model_validate(
        {
            "rows": "referral",
            "on": "closed_on",
            "followed_by": [{**other, "within_days": [0, 29]}],
            "not_followed_by": [{**other, "within_days": [1, 182]}],
            "preceded_by": [{**other, "within_days": [0, 90], "same": ["reason_group"]}],
        }
    )

    assert (block.days_after, block.days_before) == (182, 90)
    assert [o.same for o in block.fellows] == [("person_key",), ("person_key",), ("reason_group",)]
    assert (Rows(rows="referral", on="closed_on").days_after) == 0


@pytest.mark.parametrize("at", [0, 1, -0.1, 1.5, 50])
def test_a_quantile_lies_between_0_and_1(at):
    assert "than" in refusal(Quantile, **{**WAIT, "at": at})


def test_those_who_wait_cannot_be_counted_on_the_day_they_stop_waiting():
    assert "would never be counted" in refusal(Quantile, **{**WAIT, "on": "first_seen_on"})
    assert Quantile.model_validate(
        {**WAIT, "on": "first_seen_on", "open_cases": "left out"}
    ).dates == ("received_at", "first_seen_on", "first_seen_on")


def test_a_measure_with_dates_and_decimals_comes_back_from_json_as_it_was():
    where = [
        {"column": "closed_on", "at_least": day("2025-03-01")},
        {"column": "in_post_fte", "at_most": 2.5},
    ]
    measure = a_measure(
        numerator={"rows": "referral", "on": "received_at", "where": where},
        case=[
            {
                "given": "A row of every kind of cell.",
                "at": day("2025-03-31"),
                "numerator": 46.5,
                "rows": {
                    "referral": [
                        {
                            "referral_id": "2025-03-31",
                            "received_at": datetime.datetime(2025, 3, 3, 9, 30),
                            "closed_on": day("2025-03-04"),
                            "coordinator_recorded": True,
                            "people": 3,
                            "in_post_fte": 0.1,
                        }
                    ]
                },
            }
        ],
    )

    again = Measure.model_validate_json(measure.model_dump_json(by_alias=True))

    assert again == measure
    before, after = (m.case[0].rows["referral"][0].values() for m in (measure, again))
    assert [type(cell) for cell in after] == [type(cell) for cell in before]
