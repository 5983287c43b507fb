"""Weeks, windows that overlap, parts, follow-up, and people known by no key in common."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from metrics.definition import Measure
from tests.metrics.measure_tables import a_measure, calculator, day

LONG_AGO = day("2000-01-01")
PLACES: dict[str, list[dict[str, Any]]] = {
    "team": [
        {
            "team_id": "T1",
            "locality_id": "A",
            "name": "T1",
            "valid_from": LONG_AGO,
            "valid_to": None,
        }
    ],
    "practice_team": [
        {"practice_code": "P1", "team_id": "T1", "valid_from": LONG_AGO, "valid_to": None}
    ],
}
RECEIVED = {"rows": "referral", "on": "received_at"}


def referral(number: int, received: str, **more: Any) -> dict[str, Any]:
    at = datetime.datetime.combine(day(received), datetime.time(9))
    return {
        "referral_id": f"r{number}",
        "team_id": "T1",
        "practice_code": "P1",
        "received_at": at,
        **more,
    }


def spell(number: int, admitted: str, discharged: str | None) -> dict[str, Any]:
    return {
        "spell_id": f"s{number}",
        "practice_code": "P1",
        "person_key": "p1",
        "admitted_on": day(admitted),
        "discharged_on": None if discharged is None else day(discharged),
        "admission_method": "21",
    }


def of_the_team(
    measure: Measure,
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    first: str = "2025-01-01",
    last: str = "2025-04-01",
    **ready: Any,
) -> list[dict[str, Any]]:
    whole = {**PLACES, **rows}
    with calculator(whole, day(first), day(last), kinds=[measure.periods]) as counts:
        values = replace(counts, **ready).values(measure)
    return [row for row in values.to_dict("records") if row["area_level"] == "team"]


REFERRALS = {
    "referral": [
        referral(1, "2025-01-06", sector="health"),
        referral(2, "2025-02-03", sector="health"),
        referral(3, "2025-02-28", sector="social care"),
        referral(4, "2025-03-31"),
        referral(5, "2025-04-01", sector="health"),
    ]
}


def test_a_window_of_three_months_has_what_its_months_have() -> None:
    rows = of_the_team(a_measure(numerator=RECEIVED, rolling=3), REFERRALS)

    spans = [(r["period_start"].date(), r["period_end"].date(), r["numerator"]) for r in rows]
    assert spans == [
        (day("2025-01-01"), day("2025-04-01"), 4),
        (day("2025-02-01"), day("2025-05-01"), 4),
    ]


def test_nights_over_a_window_are_those_of_its_months() -> None:
    block = {"days_inside": "hospital_spell", "from": "admitted_on", "until": ["discharged_on"]}
    spells = {
        "hospital_spell": [spell(1, "2025-01-30", "2025-03-02"), spell(2, "2025-04-29", None)]
    }

    months = of_the_team(a_measure(numerator=block, attribution="population"), spells)
    windows = of_the_team(a_measure(numerator=block, attribution="population", rolling=3), spells)

    assert [row["numerator"] for row in months] == [2, 28, 1, 2]
    assert [row["numerator"] for row in windows] == [31, 31]


def test_weeks_begin_on_monday_and_lie_wholly_inside_the_months() -> None:
    rows = of_the_team(a_measure(numerator=RECEIVED, every="week"), REFERRALS, last="2025-02-01")

    assert rows[0]["period_start"].date() == day("2025-01-06")
    assert rows[-1]["period_end"].date() == day("2025-02-24")
    assert [row["numerator"] for row in rows] == [1, 0, 0, 0, 1, 0, 0]


def test_each_part_is_a_series_of_its_own_and_a_blank_is_in_the_whole_only() -> None:
    rows = of_the_team(
        a_measure(numerator=RECEIVED, split_by="sector"),
        REFERRALS,
        last="2025-03-01",
    )

    found: dict[str, list[float]] = {}
    for row in rows:
        found.setdefault(row["split"], []).append(row["numerator"])
    assert found == {"": [1, 2, 1], "health": [1, 1, 0], "social care": [0, 1, 0]}


def test_where_the_whole_means_nothing_there_are_only_parts() -> None:
    rows = of_the_team(
        a_measure(numerator=RECEIVED, split_by="sector", whole=False),
        REFERRALS,
        last="2025-03-01",
    )

    assert {row["split"] for row in rows} == {"health", "social care"}


def test_without_a_key_in_common_nothing_is_counted_and_the_reason_is_given() -> None:
    measure = a_measure(numerator=RECEIVED, needs_shared_key=True)

    rows = of_the_team(measure, REFERRALS, shared_key=False)

    assert {row["state"] for row in rows} == {"not_collected"}
    assert all("no key in common" in row["reason"] for row in rows)
    assert {row["state"] for row in of_the_team(measure, REFERRALS)} == {"value"}


def test_the_youngest_figures_are_provisional_until_their_follow_up_is_over() -> None:
    other = {"table": "hospital_spell", "on": "admitted_on", "within_days": [0, 29]}
    block = {"rows": "hospital_spell", "on": "discharged_on", "followed_by": [other]}
    spells = {
        "hospital_spell": [
            spell(1, "2025-01-02", "2025-01-10"),
            spell(2, "2025-02-08", "2025-02-20"),
            spell(3, "2025-03-22", "2025-03-30"),
        ]
    }

    rows = of_the_team(a_measure(numerator=block, attribution="population"), spells)

    # Day 29 counts, day 30 does not: 10 January to 8 February is 29 days, 20 February to
    # 22 March is 30.
    assert [row["numerator"] for row in rows] == [1, 0, 0, 0]
    assert [row["provisional"] for row in rows] == [False, False, False, True]
    assert "needs 29 days after the month" in rows[-1]["reason"]


def test_the_oldest_figures_are_provisional_where_they_cannot_look_back() -> None:
    other = {"table": "referral", "on": "closed_on", "within_days": [0, 40]}
    block = {**RECEIVED, "preceded_by": [other]}

    rows = of_the_team(a_measure(numerator=block), REFERRALS)

    assert [row["provisional"] for row in rows] == [True, True, False, False]
    assert "cannot look back 40 days" in rows[0]["reason"]
