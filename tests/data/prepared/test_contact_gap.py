import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.data.prepared.few_rows import prepared

FIRST = datetime.date(2024, 1, 1)
WINDOW = [FIRST + datetime.timedelta(days=number) for number in range(400)]
some_day = st.integers(0, 380).map(lambda number: WINDOW[number])
seen = st.lists(
    st.fixed_dictionaries({"started_at": some_day, "attended": st.sampled_from(["5", "6", "3"])}),
    max_size=4,
)


def gap_days(rows: dict[str, list[dict[str, Any]]]) -> list[datetime.date]:
    """Return each day on which the one referral has had no contact for 84 days, and no plan."""
    stretches = prepared("contact_gap", "from_on, until_on", rows)
    return [
        day
        for day in WINDOW
        if any(
            (day - begins).days >= 84 and day < (ends or datetime.date.max)
            for begins, ends in stretches
        )
    ]


@given(seen, st.none() | some_day, st.none() | some_day)
def test_a_day_counts_84_days_after_the_last_contact_unless_a_date_lies_in_the_next_28(
    contacts: list[dict[str, Any]],
    booked: datetime.date | None,
    closed: datetime.date | None,
) -> None:
    met = [FIRST, *(c["started_at"] for c in contacts if c["attended"] != "3")]
    rows: dict[str, list[dict[str, Any]]] = {
        "referral": [
            {"referral_id": "r1", "team_id": "T1", "received_at": FIRST, "closed_on": closed}
        ],
        "contact": [{**c, "contact_id": f"c{at}"} for at, c in enumerate(contacts)],
    }
    if booked is not None:
        rows["contact"].append({"contact_id": "b", "booked_on": booked})
    for contact in rows["contact"]:
        contact |= {"referral_id": "r1", "team_id": "T1"}

    plans = met if booked is None else [*met, booked]
    expected = [
        day
        for day in WINDOW
        if day < (closed or datetime.date.max)
        and (day - max(on for on in met if on <= day)).days >= 84
        and not any(0 < (plan - day).days <= 28 for plan in plans)
    ]

    assert gap_days(rows) == expected


def test_a_date_in_the_diary_is_a_plan_though_somebody_came_before_it() -> None:
    """Seen after 100 days, with a date booked for day 110: planned from day 82 on."""
    day = WINDOW.__getitem__
    rows: dict[str, list[dict[str, Any]]] = {
        "referral": [{"referral_id": "r1", "team_id": "T1", "received_at": FIRST}],
        "contact": [
            {"contact_id": "c1", "started_at": day(100), "attended": "5"},
            {"contact_id": "c2", "started_at": day(150), "attended": "5"},
            {"contact_id": "c3", "started_at": day(200), "attended": "5"},
            {"contact_id": "c4", "started_at": day(250), "attended": "5"},
            {"contact_id": "c5", "started_at": day(300), "attended": "5"},
            {"contact_id": "c6", "started_at": day(350), "attended": "5"},
            {"contact_id": "b", "booked_on": day(110)},
        ],
    }
    for contact in rows["contact"]:
        contact |= {"referral_id": "r1", "team_id": "T1"}

    assert gap_days(rows) == []
