"""Days and periods as tables, so that no engine's own idea of a week or a month is relied on."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Literal

import holidays
import pandas as pd

from data.batches import Batch
from data.snapshots import Connection

Every = Literal["month", "quarter"]
MONTHS_IN: dict[Every, int] = {"month": 1, "quarter": 3}
FINANCIAL_YEAR_BEGINS = 4


def add_months(first: datetime.date, months: int) -> datetime.date:
    """Return the first day of the month that many months later."""
    count = first.year * 12 + first.month - 1 + months
    return datetime.date(count // 12, count % 12 + 1, 1)


def months_covered(batches: Sequence[Batch]) -> tuple[datetime.date, datetime.date] | None:
    """Return the first day of the first and of the last month that any batch covers, if any."""
    months = [month for batch in batches for month in batch.covers.months()]
    return (min(months), max(months)) if months else None


def periods(
    every: Every, first: datetime.date, last: datetime.date
) -> Iterator[tuple[datetime.date, datetime.date]]:
    """Yield the start and the (exclusive) end of each period that holds the months given.

    Quarters are those of the financial year; of the two at the edges, both are whole.
    """
    length = MONTHS_IN[every]
    start = add_months(first, -((first.month - 1) % length))
    while start <= last:
        yield start, add_months(start, length)
        start = add_months(start, length)


def create_calendar(connection: Connection, first: datetime.date, last: datetime.date) -> None:
    """Fill the contract table `calendar` for the months given, with England's bank holidays."""
    days = pd.date_range(first, add_months(last, 1), inclusive="left")
    free = holidays.country_holidays("GB", subdiv="ENG", years=range(first.year, last.year + 1))
    fin_month = (days.month - FINANCIAL_YEAR_BEGINS) % 12 + 1
    begins = days.year - (days.month < FINANCIAL_YEAR_BEGINS)
    bank_holiday = [day.date() in free for day in days]
    calendar = pd.DataFrame(
        {
            "date": days,
            "week_start": days - pd.to_timedelta(days.day_of_week, unit="D"),
            "month_start": days.to_period("M").to_timestamp(),
            "quarter_start": days.to_period("Q-MAR").to_timestamp(),
            "fin_year": [f"{year}/{(year + 1) % 100:02d}" for year in begins],
            "fin_month": fin_month,
            "fin_quarter": (fin_month - 1) // 3 + 1,
            "working_days": [
                int(day.weekday() < 5 and not off)
                for day, off in zip(days, bank_holiday, strict=True)
            ],
            "bank_holiday": bank_holiday,
        }
    )
    connection.register("calendar_rows", calendar)
    connection.execute("INSERT INTO main.calendar BY NAME SELECT * FROM calendar_rows")
    connection.unregister("calendar_rows")


def create_periods(connection: Connection, first: datetime.date, last: datetime.date) -> None:
    """Create `period` (every, period_start, period_end, last_day, days), `period_month` and `_day`.

    `period_month` (every, period_start, month, next_month) and `period_day` (every, period_start,
    day) hold each period whole, also at the edges.
    """
    rows: list[tuple[Every, datetime.date, datetime.date, datetime.date, int]] = [
        (every, start, end, end - datetime.timedelta(days=1), (end - start).days)
        for every in MONTHS_IN
        for start, end in periods(every, first, last)
    ]
    frame = pd.DataFrame(rows, columns=["every", "period_start", "period_end", "last_day", "days"])
    frame = frame.astype(dict.fromkeys(("period_start", "period_end", "last_day"), "datetime64[s]"))
    connection.register("period_rows", frame)
    connection.execute(
        "CREATE TABLE period AS SELECT every, CAST(period_start AS DATE) AS period_start,"
        " CAST(period_end AS DATE) AS period_end, CAST(last_day AS DATE) AS last_day, days"
        " FROM period_rows"
    )
    connection.unregister("period_rows")
    month_rows = pd.DataFrame(
        [
            (every, start, add_months(start, number), add_months(start, number + 1))
            for every, start, _, _, _ in rows
            for number in range(MONTHS_IN[every])
        ],
        columns=["every", "period_start", "month", "next_month"],
    ).astype(dict.fromkeys(("period_start", "month", "next_month"), "datetime64[s]"))
    connection.register("period_month_rows", month_rows)
    connection.execute(
        "CREATE TABLE period_month AS SELECT every, CAST(period_start AS DATE) AS period_start,"
        " CAST(month AS DATE) AS month, CAST(next_month AS DATE) AS next_month"
        " FROM period_month_rows"
    )
    connection.unregister("period_month_rows")
    day_rows = pd.DataFrame(
        [
            (every, start + datetime.timedelta(days=number), start)
            for every, start, _, _, days in rows
            for number in range(days)
        ],
        columns=["every", "day", "period_start"],
    ).astype({"day": "datetime64[s]", "period_start": "datetime64[s]"})
    connection.register("period_day_rows", day_rows)
    connection.execute(
        "CREATE TABLE period_day AS SELECT every, CAST(day AS DATE) AS day,"
        " CAST(period_start AS DATE) AS period_start FROM period_day_rows"
    )
    connection.unregister("period_day_rows")
