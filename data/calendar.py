"""Days and periods as tables, so that no engine's own idea of a week or a month is relied on."""

import datetime
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Literal

import holidays
import pandas as pd
import pyarrow as pa

from data.batches import Batch
from data.snapshots import Connection

Every = Literal["week", "month", "quarter"]
MONTHS_IN: dict[str, int] = {"month": 1, "quarter": 3}
WEEK = datetime.timedelta(days=7)
ALWAYS: tuple[str, ...] = ("month", "quarter")
FINANCIAL_YEAR_BEGINS = 4


def add_months(first: datetime.date, months: int) -> datetime.date:
    """Return the first day of the month that many months later."""
    count = first.year * 12 + first.month - 1 + months
    return datetime.date(count // 12, count % 12 + 1, 1)


def months_covered(batches: Sequence[Batch]) -> tuple[datetime.date, datetime.date] | None:
    """Return the first day of the first and of the last month that any batch covers, if any."""
    months = [month for batch in batches for month in batch.covers.months()]
    return (min(months), max(months)) if months else None


def windows(every: Every, rolling: int | None) -> str:
    """Return the name of a kind of period: "month", or "month*12" for windows of twelve."""
    return every if rolling is None else f"{every}*{rolling}"


def periods(
    kind: str, first: datetime.date, last: datetime.date
) -> Iterator[tuple[datetime.date, datetime.date]]:
    """Yield the start and the (exclusive) end of each period of a kind that holds the months given.

    Quarters are those of the financial year; of the two at the edges, both are whole. Weeks begin
    on Monday, and windows overlap: of both there are only those that lie wholly in the months.
    """
    every, _, rolling = kind.partition("*")
    if rolling:
        whole = [
            (start, end)
            for start, end in periods(every, first, last)
            if start >= first and end <= add_months(last, 1)
        ]
        span = int(rolling)
        for number in range(len(whole) - span + 1):
            yield whole[number][0], whole[number + span - 1][1]
        return
    if every == "week":
        start = first + datetime.timedelta(days=-first.weekday() % 7)
        while start + WEEK <= add_months(last, 1):
            yield start, start + WEEK
            start += WEEK
        return
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


def create_periods(
    connection: Connection,
    first: datetime.date,
    last: datetime.date,
    kinds: Collection[str] = (),
    *,
    temporary: bool = False,
) -> None:
    """Create `period` (every, period_start, period_end, last_day, days), `period_month` and `_day`.

    `period_month` (every, period_start, month, next_month) has the months that a period touches,
    and `period_day` (every, period_start, day) its days, whole also at the edges. In windows, which
    overlap, a day lies in several.

    Args:
        connection: Where they are made.
        first: First day of the first month.
        last: First day of the last.
        kinds: The kinds of period asked for, as `windows` names them; what windows are of is there
            with them, and months and quarters are always there.
        temporary: They go before a snapshot's own, which stay as they are.
    """
    every, starts, ends = [], [], []
    of_windows = (kind.partition("*")[0] for kind in kinds)
    for kind in sorted({*ALWAYS, *kinds, *of_windows}):
        for start, end in periods(kind, first, last):
            every.append(kind)
            starts.append(start)
            ends.append(end)
    rows = pa.table(
        {
            "every": pa.array(every, pa.string()),
            "period_start": pa.array(starts, pa.date32()),
            "period_end": pa.array(ends, pa.date32()),
        }
    )
    months = [add_months(first, -MONTHS_IN["quarter"])]
    while months[-1] <= add_months(last, MONTHS_IN["quarter"]):
        months.append(add_months(months[-1], 1))
    pairs = list(pairwise(months))
    month_rows = pa.table(
        {
            "month": pa.array([month for month, _ in pairs], pa.date32()),
            "next_month": pa.array([after for _, after in pairs], pa.date32()),
        }
    )
    days = pa.table({"day": pa.array(pd.date_range(months[0], months[-1]).date, pa.date32())})
    for name, table in (("period_rows", rows), ("month_rows", month_rows), ("day_rows", days)):
        connection.register(name, table)
    create = "CREATE TEMP TABLE" if temporary else "CREATE TABLE"
    connection.execute(
        f"""
        {create} period AS
        SELECT every, period_start, period_end,
            (SELECT MAX(day) FROM day_rows WHERE day < period_end) AS last_day,
            DATE_DIFF('day', period_start, period_end) AS days
        FROM period_rows;
        {create} period_month AS
        SELECT p.every, p.period_start, m.month, m.next_month
        FROM period AS p
        JOIN month_rows AS m ON m.month < p.period_end AND m.next_month > p.period_start;
        {create} period_day AS
        SELECT p.every, d.day, p.period_start
        FROM period AS p
        JOIN day_rows AS d ON d.day >= p.period_start AND d.day < p.period_end;
        """
    )
    for name in ("period_rows", "month_rows", "day_rows"):
        connection.unregister(name)
