import datetime

import pytest

from tests.data.prepared.few_rows import prepared


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(f"2024-03-{text}")


@pytest.mark.parametrize(
    ("received", "reached", "attended", "expected"),
    [
        ("05T10:00", "05T12:00", "5", True),
        ("05T10:00", "05T12:00:01", "5", False),
        ("05T10:00", "05T10:00", "6", True),
        ("05T10:00", "05T09:59", "5", False),
        ("05T23:30", "06T00:30", "5", True),
        ("05T23:30", "06T00:00", "5", None),
        ("05T00:00", "05T01:00", "5", None),
        ("05T00:00", "08T01:00", "5", False),
        ("05T10:00", "05T10:30", "3", False),
        ("05T10:00", "05T10:30", None, True),
        ("05T10:00", None, None, False),
    ],
)
def test_somebody_came_in_time_or_not_or_nobody_can_tell(
    received: str, reached: str | None, attended: str | None, expected: bool | None
) -> None:
    referral = {"referral_id": "r1", "team_id": "T1", "priority": "2-hour"}
    contact = {"contact_id": "c1", "referral_id": "r1", "team_id": "T1", "attended": attended}

    found = prepared(
        "two_hour_referral",
        "in_two_hours",
        {
            "referral": [{**referral, "received_at": at(received)}],
            "contact": [{**contact, "started_at": at(reached)}] if reached else [],
        },
    )

    assert found == [(expected,)]


@pytest.mark.parametrize(("seen", "expected"), [("05", None), ("06", None), ("07", False)])
def test_a_day_alone_says_only_that_somebody_came_too_late(seen: str, expected: bool | None):
    referral = {
        "referral_id": "r1",
        "team_id": "T1",
        "priority": "2-hour",
        "received_at": at("05T10:00"),
        "first_contact_on": datetime.date.fromisoformat(f"2024-03-{seen}"),
    }

    assert prepared("two_hour_referral", "in_two_hours", {"referral": [referral]}) == [(expected,)]


def test_the_first_contact_that_took_place_answers_and_others_are_none_of_these():
    referrals = [
        {"referral_id": "r1", "team_id": "T1", "priority": "2-hour", "received_at": at("05T10:00")},
        {"referral_id": "r2", "team_id": "T1", "priority": "2-day", "received_at": at("05T10:00")},
    ]
    contacts = [
        {"contact_id": "c1", "referral_id": "r1", "started_at": at("05T18:00"), "attended": "5"},
        {"contact_id": "c2", "referral_id": "r1", "started_at": at("05T11:00"), "attended": "6"},
        {"contact_id": "c3", "referral_id": "r1", "started_at": at("05T10:10"), "attended": "2"},
    ]

    found = prepared(
        "two_hour_referral",
        "referral_id, in_two_hours",
        {"referral": referrals, "contact": contacts},
    )

    assert found == [("r1", True)]
