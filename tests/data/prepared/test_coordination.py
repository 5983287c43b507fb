import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.data.prepared.few_rows import FIRST_DAY, days, days_or_none, numbered, people, prepared

referrals = st.lists(
    st.fixed_dictionaries(
        {
            "person_key": people,
            "team_id": st.sampled_from(["T1", "T2"]),
            "received_at": days,
            "closed_on": days_or_none,
            "coordinator_recorded": st.sampled_from([True, False, None]),
        }
    ),
    max_size=4,
).map(lambda rows: numbered("referral_id", rows))
contacts = st.lists(
    st.fixed_dictionaries(
        {
            "referral_id": st.sampled_from(["r00", "r01", "r02"]),
            "profession_id": st.sampled_from(["nurse", "social_worker", None]),
            "started_at": days,
            "attended": st.sampled_from(["5", "6", "3"]),
        }
    ),
    max_size=7,
).map(lambda rows: [{**row, "contact_id": f"c{at}"} for at, row in enumerate(rows)])
EVERY_DAY = [FIRST_DAY + datetime.timedelta(days=number) for number in range(45)]


def open_on(day: datetime.date, row: dict[str, Any]) -> bool:
    return row["received_at"] <= day < (row["closed_on"] or datetime.date.max)


@given(referrals, contacts)
def test_on_each_day_those_are_there_whom_two_professions_have_seen(
    rows: list[dict[str, Any]], seen: list[dict[str, Any]]
) -> None:
    expected = {}
    for day in EVERY_DAY:
        for person, team in {(r["person_key"], r["team_id"]) for r in rows if r["person_key"]}:
            cases = [
                r
                for r in rows
                if (r["person_key"], r["team_id"]) == (person, team) and open_on(day, r)
            ]
            involved = {
                c["profession_id"]
                for c in seen
                if c["referral_id"] in {r["referral_id"] for r in cases}
                and c["attended"] != "3"
                and c["started_at"] <= day
            } - {None}
            if len(involved) > 1:
                expected[person, team, day] = any(r["coordinator_recorded"] for r in cases)

    found: dict[tuple[str, str, datetime.date], bool] = {}
    for person, team, begins, ends, coordinated in prepared(
        "coordination",
        "person_key, team_id, from_on, until_on, has_coordinator",
        {"referral": rows, "contact": seen},
    ):
        for day in EVERY_DAY:
            if begins <= day < (ends or datetime.date.max):
                assert (person, team, day) not in found
                found[person, team, day] = coordinated

    assert found == expected
