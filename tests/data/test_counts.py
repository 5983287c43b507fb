import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.batches import list_batches
from data.counts import (
    MONTHLY,
    WEEKLY,
    Count,
    counts_sent,
    days_sent,
    is_odd,
    last_before,
    reasons,
    recent_months,
    recent_weeks,
    save_month,
    save_week,
    teams_now,
)
from data.home import Home
from tests.small_partnership import set_up

FEBRUARY, MARCH = datetime.date(2024, 2, 1), datetime.date(2024, 3, 1)
MONDAY = datetime.date(2024, 3, 4)
TODAY = datetime.date(2024, 4, 9)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return set_up(tmp_path / "small")


def save(home: Home, month: datetime.date, **counts: Count) -> None:
    report = save_month(home, "N1", month, counts, role="team lead", by="team lead")
    assert report.status == "accepted", report.as_text()


def test_the_teams_of_a_day_are_those_that_are_there(home: Home) -> None:
    team = "team_id,locality_id,name,valid_from,valid_to\n"
    rows = "B,N,Beta,2020-01-01,\nA,N,Alpha,2020-01-01,2024-04-01\nC,S,Gamma,2024-05-01,\n"
    (home.reference / "team.csv").write_text(team + rows, encoding="utf-8")
    (home.reference / "practice_team.csv").unlink()
    (home.reference / "population.csv").unlink()

    assert [place.name for place in teams_now(home, TODAY)] == ["Beta"]
    assert [place.name for place in teams_now(home, datetime.date(2024, 3, 31))] == [
        "Alpha",
        "Beta",
    ]


def test_what_was_typed_is_kept_as_a_batch_and_read_back(home: Home) -> None:
    save(home, MARCH, W03=Count(12, Decimal(540)), S02=Count(2))

    assert counts_sent(home, "N1") == {
        MARCH: {"W03": Count(12, Decimal(540)), "S02": Count(2)},
    }
    assert counts_sent(home, "N2") == {}
    (batch,) = list_batches(home, MONTHLY)
    assert batch.rows_accepted == 2
    assert batch.covers.areas == ("N1",)
    assert (batch.covers.from_month, batch.covers.to_month) == ("2024-03", "2024-03")


def test_a_blank_is_not_sent_and_is_not_zero(home: Home) -> None:
    save(home, MARCH, W03=Count(0, Decimal(540)), S02=Count())

    assert counts_sent(home, "N1")[MARCH] == {"W03": Count(0, Decimal(540))}


def test_a_correction_takes_the_place_of_what_was_sent(home: Home) -> None:
    save(home, MARCH, W03=Count(12, Decimal(540)), S02=Count(2))
    save(home, MARCH, W03=Count(21, Decimal(540)), S02=Count(2))

    assert counts_sent(home, "N1")[MARCH]["W03"] == Count(21, Decimal(540))


def test_a_count_that_is_emptied_is_taken_back(home: Home) -> None:
    save(home, MARCH, W03=Count(12, Decimal(540)))
    save(home, MARCH, W03=Count())

    assert counts_sent(home, "N1")[MARCH]["W03"].is_blank


def test_the_last_count_is_the_newest_one_before_the_month(home: Home) -> None:
    january = datetime.date(2024, 1, 1)
    save(home, january, W03=Count(5))
    save(home, FEBRUARY, S02=Count(1))
    sent = counts_sent(home, "N1")

    assert last_before(sent, MARCH, "W03") == (january, Count(5))
    assert last_before(sent, january, "W03") is None
    assert last_before(sent, MARCH, "J05") is None


def test_a_week_is_kept_with_every_reason_so_that_a_correction_replaces_it(home: Home) -> None:
    first = save_week(home, "N1", MONDAY, 92, {"no car": 4, "IT/system": 2})
    second = save_week(home, "N1", MONDAY, 90, {"duty cover": 1})

    assert first.status == second.status == "accepted"
    assert first.rows_accepted == len(reasons(home))
    week = days_sent(home, "N1")[MONDAY]
    assert {reason: count.numerator for reason, count in week.items() if count.numerator} == {
        "duty cover": 1
    }
    assert {count.denominator for count in week.values()} == {Decimal(90)}
    assert len(list_batches(home, WEEKLY)) == 2


def test_the_month_and_the_week_that_run_come_first() -> None:
    months, weeks = recent_months(TODAY, 3), recent_weeks(TODAY, 2)

    assert [f"{month:%Y-%m}" for month in months] == ["2024-04", "2024-03", "2024-02"]
    assert [week.isoformat() for week in weeks] == ["2024-04-08", "2024-04-01"]


@pytest.mark.parametrize(
    ("now", "before", "odd"),
    [
        (12, 12, False),
        (12, 20, False),
        (12, 24, True),
        (60, 12, True),
        (0, 5, False),
        (0, 6, True),
        (3, 1, False),
        (None, 12, False),
        (12, None, False),
    ],
)
def test_a_number_is_odd_where_it_is_twice_or_half_the_last_and_not_by_a_few(
    now: int | None, before: int | None, odd: bool
) -> None:
    assert is_odd(now, before) is odd


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_which_of_two_numbers_came_first_does_not_matter_for_oddness(one: int, other: int) -> None:
    assert is_odd(one, other) == is_odd(other, one)
