import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.data.prepared.few_rows import (
    day,
    days,
    days_or_none,
    in_order,
    numbered,
    people,
    prepared,
)

referrals = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": people,
            "team_id": st.sampled_from(["T1", "T2"]),
            "received_at": days,
            "first_contact_on": days_or_none,
            "closed_on": days_or_none,
        }
    ),
    max_size=7,
).map(lambda rows: numbered("referral_id", rows))


def waits(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Put waits together one after another, as a person would with a pencil."""
    found: list[list[Any]] = []
    for row in sorted(rows, key=lambda r: (r["received_at"], r["referral_id"])):
        ends = [row[name] for name in ("first_contact_on", "closed_on") if row[name]]
        end = min(ends, default=datetime.date.max)
        if end <= row["received_at"]:
            continue
        for wait in found:
            same = row["person_key"] is not None and wait[1] == row["person_key"]
            if same and wait[2] == row["team_id"] and row["received_at"] < wait[4]:
                wait[4] = max(wait[4], end)
                break
        else:
            found.append(
                [row["referral_id"], row["person_key"], row["team_id"], row["received_at"], end]
            )
    return [(*w[:4], None if w[4] == datetime.date.max else w[4]) for w in found]


@given(referrals)
def test_waits_of_one_person_for_one_team_that_overlap_are_one(rows: list[dict[str, Any]]) -> None:
    columns = "referral_id, person_key, team_id, received_on, seen_or_closed_on"

    assert prepared("people_waiting", columns, {"referral": rows}) == in_order(waits(rows))


def test_a_wait_that_begins_on_the_day_another_ended_is_a_new_one() -> None:
    rows = [
        {
            "referral_id": "r1",
            "person_key": "p1",
            "team_id": "T1",
            "received_at": day("1"),
            "first_contact_on": day("10"),
        },
        {"referral_id": "r2", "person_key": "p1", "team_id": "T1", "received_at": day("10")},
    ]

    assert prepared("people_waiting", "received_on, seen_or_closed_on", {"referral": rows}) == [
        (day("1"), day("10")),
        (day("10"), None),
    ]


def test_the_wait_of_somebody_who_died_is_over_though_nobody_closed_it() -> None:
    rows = [{"referral_id": "r1", "person_key": "p1", "team_id": "T1", "received_at": day("1")}]
    died = [
        {
            "spell_id": "s1",
            "person_key": "p1",
            "practice_code": "P1",
            "admitted_on": day("2"),
            "discharged_on": day("9"),
            "discharge_method": "4",
        }
    ]

    found = prepared(
        "people_waiting", "seen_or_closed_on", {"referral": rows, "hospital_spell": died}
    )

    assert found == [(day("9"),)]
