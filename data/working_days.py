"""Days counted in working days become calendar days, so that two employers can be added."""

import datetime
from calendar import monthrange
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache

import holidays
import pyarrow as pa

from data.batches import ARROW_TYPES
from data.contract import Contract

_PLACES = Decimal("0.0001")


@cache
def days_of_month(month: datetime.date) -> tuple[int, int]:
    """Return how many days a month has, and how many are worked: weekdays but bank holidays.

    Args:
        month: Any day of it. The bank holidays are those of England.
    """
    days = monthrange(month.year, month.month)[1]
    free = holidays.country_holidays("GB", subdiv="ENG", years=month.year)
    each = (datetime.date(month.year, month.month, day) for day in range(1, days + 1))
    return days, sum(day.weekday() < 5 and day not in free for day in each)


def in_calendar_days(contract: Contract, rows: pa.Table) -> tuple[pa.Table, int]:
    """Return rows with their working days made calendar days, and how many rows that were.

    A number of days is multiplied by the days of its month and divided by its working days, to
    four decimals, halves to even. The column that said which days are counted says calendar
    afterwards.
    """
    conversion = contract.working_days
    if conversion is None or contract.date is None:
        return rows, 0
    kinds, months = (rows.column(name).to_pylist() for name in (conversion.where, contract.date))
    places = [
        at
        for at, (kind, month) in enumerate(zip(kinds, months, strict=True))
        if kind == conversion.working and month is not None
    ]
    if not places:
        return rows, 0
    for name in conversion.columns:
        values = rows.column(name).to_pylist()
        for at in places:
            if values[at] is not None:
                days, worked = days_of_month(months[at])
                values[at] = (values[at] * days / worked).quantize(_PLACES, ROUND_HALF_EVEN)
        rows = _with(rows, contract, name, values)
    for at in places:
        kinds[at] = conversion.calendar
    return _with(rows, contract, conversion.where, kinds), len(places)


def _with(rows: pa.Table, contract: Contract, name: str, values: list[object]) -> pa.Table:
    array = pa.array(values, ARROW_TYPES[contract.column(name).type])
    return rows.set_column(rows.column_names.index(name), name, array)


def conversion_in_words(contract: Contract, rows: int) -> str:
    """Return what is said of rows whose days were converted."""
    conversion = contract.working_days
    assert conversion is not None
    names = " and ".join(conversion.columns)
    return (
        f"{rows:,} rows count {conversion.working} days. Their {names} were multiplied by the days"
        " of the month and divided by its working days, so that they can be added to calendar days."
    )
