import datetime
from collections.abc import Iterator

import pandas as pd
import pytest

from data.calendar import add_months, create_calendar, create_periods, periods
from data.contract import load_contracts
from data.records import create_tables
from data.snapshots import Connection, memory

CONTRACTS = load_contracts(None)


@pytest.fixture
def connection() -> Iterator[Connection]:
    with memory() as opened:
        create_tables(opened, CONTRACTS)
        yield opened


def calendar(connection: Connection, first: str, last: str) -> pd.DataFrame:
    create_calendar(
        connection, datetime.date.fromisoformat(first), datetime.date.fromisoformat(last)
    )
    frame = connection.execute("SELECT * FROM calendar ORDER BY date").df()
    return frame.set_index(frame["date"].dt.strftime("%Y-%m-%d"))


def test_the_calendar_has_every_day_of_its_months_once(connection):
    days = calendar(connection, "2023-04-01", "2026-03-01")

    # Three years, and 29 February 2024.
    assert len(days) == 3 * 365 + 1
    assert days.index.is_unique
    assert (days.index[0], days.index[-1]) == ("2023-04-01", "2026-03-31")


def test_a_leap_year_has_its_29th_of_february(connection):
    days = calendar(connection, "2024-01-01", "2024-12-01")

    assert len(days) == 366
    assert days.loc["2024-02-29", "month_start"] == pd.Timestamp("2024-02-01")
    assert days.loc["2024-02-29", "working_days"] == 1


# As published on gov.uk for England and Wales.
BANK_HOLIDAYS = {
    # New Year fell on a Sunday; the Coronation was an extra one.
    2023: ["01-02", "04-07", "04-10", "05-01", "05-08", "05-29", "08-28", "12-25", "12-26"],
    2024: ["01-01", "03-29", "04-01", "05-06", "05-27", "08-26", "12-25", "12-26"],
    2025: ["01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26"],
    # 26 December falls on a Saturday, so Monday the 28th is free instead.
    2026: ["01-01", "04-03", "04-06", "05-04", "05-25", "08-31", "12-25", "12-28"],
}


@pytest.mark.parametrize("year", BANK_HOLIDAYS)
def test_bank_holidays_are_englands(connection, year):
    days = calendar(connection, f"{year}-01-01", f"{year}-12-01")

    on_weekdays = days[days["bank_holiday"] & (days["date"].dt.day_of_week < 5)]
    assert list(on_weekdays.index) == [f"{year}-{day}" for day in BANK_HOLIDAYS[year]]
    assert (on_weekdays["working_days"] == 0).all()


def test_saturdays_sundays_and_bank_holidays_are_not_worked(connection):
    days = calendar(connection, "2024-12-01", "2024-12-01")

    # December 2024 began on a Sunday: 22 weekdays less Christmas and Boxing Day.
    assert days["working_days"].sum() == 20
    assert set(days["working_days"]) == {0, 1}
    assert days.loc["2024-12-21", "working_days"] == 0
    assert days.loc["2024-12-24", "working_days"] == 1
    assert days.loc["2024-12-25", "working_days"] == 0


@pytest.mark.parametrize(
    ("day", "year", "month", "quarter"),
    [
        ("2024-03-31", "2023/24", 12, 4),
        ("2024-04-01", "2024/25", 1, 1),
        ("2024-06-30", "2024/25", 3, 1),
        ("2024-07-01", "2024/25", 4, 2),
        ("2024-12-31", "2024/25", 9, 3),
        ("2025-01-01", "2024/25", 10, 4),
    ],
)
def test_the_financial_year_begins_in_april(connection, day, year, month, quarter):
    days = calendar(connection, "2024-01-01", "2025-12-01")

    assert days.loc[day, "fin_year"] == year
    assert days.loc[day, "fin_month"] == month
    assert days.loc[day, "fin_quarter"] == quarter


def test_the_turn_of_a_century_is_written_with_two_digits(connection):
    days = calendar(connection, "1999-04-01", "1999-04-01")

    assert set(days["fin_year"]) == {"1999/00"}


def test_a_month_later_is_the_first_of_the_next_month():
    december = datetime.date(2024, 12, 1)

    assert add_months(december, 1) == datetime.date(2025, 1, 1)
    assert add_months(december, -12) == datetime.date(2023, 12, 1)
    assert add_months(december, 15) == datetime.date(2026, 3, 1)


def test_quarters_at_the_edges_are_whole():
    first, last = datetime.date(2024, 2, 1), datetime.date(2024, 7, 1)

    assert list(periods("quarter", first, last)) == [
        (datetime.date(2024, 1, 1), datetime.date(2024, 4, 1)),
        (datetime.date(2024, 4, 1), datetime.date(2024, 7, 1)),
        (datetime.date(2024, 7, 1), datetime.date(2024, 10, 1)),
    ]


def test_a_period_knows_its_last_day_and_how_many_days_it_has(connection):
    create_periods(connection, datetime.date(2024, 1, 1), datetime.date(2024, 3, 1))

    assert connection.execute("SELECT * FROM period ORDER BY every, period_start").fetchall() == [
        ("month", *_span("2024-01-01", "2024-02-01"), datetime.date(2024, 1, 31), 31),
        ("month", *_span("2024-02-01", "2024-03-01"), datetime.date(2024, 2, 29), 29),
        ("month", *_span("2024-03-01", "2024-04-01"), datetime.date(2024, 3, 31), 31),
        ("quarter", *_span("2024-01-01", "2024-04-01"), datetime.date(2024, 3, 31), 91),
    ]


def _span(start: str, end: str) -> tuple[datetime.date, datetime.date]:
    return datetime.date.fromisoformat(start), datetime.date.fromisoformat(end)


def test_every_day_of_a_period_lies_in_it_and_in_no_other_of_its_kind(connection):
    create_periods(connection, datetime.date(2023, 4, 1), datetime.date(2026, 3, 1))

    (days, outside, twice) = connection.execute(
        "SELECT COUNT(*), COUNT(*) FILTER (d.day < p.period_start OR d.day > p.last_day),"
        " COUNT(*) - COUNT(DISTINCT (d.every, d.day))"
        " FROM period_day AS d JOIN period AS p USING (every, period_start)"
    ).fetchall()[0]
    assert (days, outside, twice) == (2 * (3 * 365 + 1), 0, 0)


def test_a_quarter_has_its_three_months_also_at_the_edges(connection):
    create_periods(connection, datetime.date(2024, 2, 1), datetime.date(2024, 2, 1))

    months = connection.execute("SELECT * FROM period_month ORDER BY every, month").fetchall()
    first = datetime.date(2024, 1, 1)
    assert months == [
        ("month", datetime.date(2024, 2, 1), *_span("2024-02-01", "2024-03-01")),
        ("quarter", first, *_span("2024-01-01", "2024-02-01")),
        ("quarter", first, *_span("2024-02-01", "2024-03-01")),
        ("quarter", first, *_span("2024-03-01", "2024-04-01")),
    ]


def test_each_day_knows_the_monday_of_its_week_and_the_start_of_its_quarter(connection):
    days = calendar(connection, "2024-03-01", "2024-04-01").set_index("date")

    sunday, monday = days.loc["2024-03-31"], days.loc["2024-04-01"]
    assert [str(day.date()) for day in (sunday["week_start"], monday["week_start"])] == [
        "2024-03-25",
        "2024-04-01",
    ]
    assert [str(day.date()) for day in (sunday["quarter_start"], monday["quarter_start"])] == [
        "2024-01-01",
        "2024-04-01",
    ]
