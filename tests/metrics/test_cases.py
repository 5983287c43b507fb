import datetime
from decimal import Decimal
from typing import Any

import pytest

from metrics.cases import run_cases
from metrics.definition import Measure, load_measures
from tests.metrics.measure_tables import ENGLAND, SCHEMA, a_measure, day

ALL = load_measures(ENGLAND, SCHEMA)
RECEIVED = {"rows": "referral", "on": "received_at"}


def a_case(**entries: Any) -> dict[str, Any]:
    referral = {"referral_id": "r1", "received_at": day("2025-03-03")}
    whole = {"given": "One.", "at": day("2025-03-31"), "rows": {"referral": [referral]}}
    return {**whole, **entries}


def outcome_of(measure: Measure) -> Any:
    (outcome,) = run_cases(measure, SCHEMA)
    return outcome


@pytest.mark.parametrize("measure", ALL.values(), ids=ALL)
def test_every_worked_case_holds(measure):
    outcomes = list(run_cases(measure, SCHEMA))

    assert [(o.given, o.expected, o.found) for o in outcomes if not o.holds] == []
    assert [outcome.number for outcome in outcomes] == list(range(1, len(measure.case) + 1))


def test_there_are_enough_cases_to_speak_of():
    assert {measure_id[0] for measure_id in ALL} >= {"E", "F", "H", "W", "X"}
    assert sum(len(measure.case) for measure in ALL.values()) >= 60
    assert {case.state for measure in ALL.values() for case in measure.case} == {
        "value",
        "missing",
        "suppressed",
        "not_applicable",
    }


def test_a_case_that_is_wrong_is_reported_with_what_was_expected_and_found():
    measure = a_measure(numerator=RECEIVED, case=[a_case(numerator=2)])

    outcome = outcome_of(measure)

    assert not outcome.holds
    assert (outcome.measure_id, outcome.number, outcome.given) == ("Z1", 1, "One.")
    assert outcome.expected == {"numerator": 2, "state": "value"}
    assert outcome.found == {"numerator": 1, "state": "value"}


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        ({"numerator": 1}, True),
        ({"numerator": Decimal("1.0")}, True),
        ({"numerator": Decimal("1.0001")}, False),
        ({"value": 1}, True),
        ({"denominator": 1}, False),
        ({"numerator": 1, "value": 2}, False),
        ({"state": "missing"}, False),
        ({"state": "missing", "numerator": 1}, False),
    ],
)
def test_every_answer_that_a_case_gives_must_come_out(expected, holds):
    measure = a_measure(numerator=RECEIVED, case=[a_case(**expected)])

    assert outcome_of(measure).holds == holds


def test_where_there_is_no_figure_none_is_found():
    share = {"numerator": RECEIVED, "denominator": RECEIVED, "show": {"as": "percent"}}
    measure = a_measure(**share, case=[a_case(value=0, at=day("2025-05-31"))])

    outcome = outcome_of(measure)

    assert not outcome.holds
    assert outcome.found == {"value": None, "state": "not_applicable"}


def test_counts_are_compared_exactly_and_values_to_the_last_bits():
    lost = {"sum": "fte_days_lost", "of": "absence_month", "on": "month"}
    available = {**lost, "sum": "fte_days_available"}
    rows = {
        "absence_month": [
            {
                "month": day("2025-03-01"),
                "employer": "NHS",
                "fte_days_lost": 1_000_000_000,
                "fte_days_available": 3_000_000_000,
            }
        ]
    }
    cases = [
        a_case(rows=rows, numerator=1_000_000_000, value=Decimal("33.33333333333333")),
        a_case(rows=rows, numerator=1_000_000_001),
        a_case(rows=rows, denominator=2_999_999_999),
        a_case(rows=rows, value=Decimal("33.3333")),
    ]
    measure = a_measure(
        numerator=lost,
        denominator=available,
        show={"as": "percent"},
        attribution="employing",
        case=cases,
    )

    assert [o.holds for o in run_cases(measure, SCHEMA)] == [True, False, False, False]


def test_cases_know_nothing_of_each_other():
    case = a_case(numerator=1)

    outcomes = run_cases(a_measure(numerator=RECEIVED, case=[case] * 3), SCHEMA)

    assert [outcome.holds for outcome in outcomes] == [True, True, True]


def test_a_case_is_about_the_period_that_holds_its_day():
    rows = {
        "referral": [
            {"referral_id": "r1", "received_at": datetime.datetime(2025, 4, 1)},
            {"referral_id": "r2", "received_at": datetime.datetime(2025, 6, 30, 23, 59)},
            {"referral_id": "r3", "received_at": datetime.datetime(2025, 7, 1)},
        ]
    }
    months = [a_case(rows=rows, at=day(f"2025-{m}-15"), numerator=1) for m in ("04", "06", "07")]
    quarters = [a_case(rows=rows, at=day("2025-05-31"), numerator=2)]

    by_month = run_cases(a_measure(numerator=RECEIVED, case=months), SCHEMA)
    by_quarter = run_cases(a_measure(numerator=RECEIVED, every="quarter", case=quarters), SCHEMA)

    assert [outcome.holds for outcome in (*by_month, *by_quarter)] == [True] * 4


def test_a_case_may_have_teams_and_practices_of_its_own():
    teams = [
        {"team_id": "N1", "locality_id": "N", "name": "N1", "valid_from": day("2025-01-01")},
        {"team_id": "N2", "locality_id": "N", "name": "N2", "valid_from": day("2025-04-01")},
    ]
    referrals = [
        {"referral_id": "r1", "team_id": "N1", "received_at": day("2025-03-04")},
        {"referral_id": "r2", "team_id": "N2", "received_at": day("2025-03-04")},
    ]
    case = a_case(rows={"team": teams, "referral": referrals}, numerator=1)

    assert outcome_of(a_measure(numerator=RECEIVED, case=[case])).holds
