"""Months and days as whole numbers, so that a stretch of calendar is a range."""

import datetime
import re

import numpy as np

from data.errors import DataError

Month = int
"""Months since January of year 0: 2024-07 is 2024 * 12 + 6."""

Day = int
"""Days since 1 January 1970, which is what NumPy counts its dates in."""

# What NumPy reads as "not a time": a day that has not come.
NO_DAY = int(np.iinfo(np.int64).min)

_YEAR_AND_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
# The city's teams exist from April 2016; two years of referrals are made before the first month.
_EARLIEST, _LATEST = "2021-03", "2099-12"


def month_of(text: str) -> Month:
    """Return the month that `YYYY-MM` names.

    Raises:
        DataError: If the text is not of that form, or lies outside the city's time.
    """
    found = _YEAR_AND_MONTH.fullmatch(text)
    if found is None or not _EARLIEST <= text <= _LATEST:
        raise DataError(
            f"{text!r} is not a month the fictional city can end with. Write the year and the"
            f" month as in 2026-03, from {_EARLIEST} to {_LATEST}."
        )
    return int(found[1]) * 12 + int(found[2]) - 1


def month_name(month: Month) -> str:
    """Return the month as `YYYY-MM`."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def first_day(month: Month) -> Day:
    """Return the first day of the month."""
    return day_of(datetime.date(month // 12, month % 12 + 1, 1))


def days_in(month: Month) -> int:
    """Return how many days the month has."""
    return first_day(month + 1) - first_day(month)


def calendar_month(month: Month) -> int:
    """Return 0 for a January and 11 for a December."""
    return month % 12


def day_of(date: datetime.date) -> Day:
    """Return the number of a date."""
    return date.toordinal() - _EPOCH


def date_of(day: Day) -> datetime.date:
    """Return the date of a day's number."""
    return datetime.date.fromordinal(day + _EPOCH)


def months_of(days: np.ndarray) -> np.ndarray:
    """Return the month in which each day lies."""
    since_1970 = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return since_1970 + 1970 * 12


def weekday(days: np.ndarray) -> np.ndarray:
    """Return 0 for every Monday and 6 for every Sunday."""
    # 1 January 1970 was a Thursday.
    return (days + 3) % 7


def dates(days: np.ndarray) -> np.ndarray:
    """Return days as NumPy dates; NO_DAY becomes "not a time"."""
    return days.astype("datetime64[D]").astype("datetime64[s]")


def date64(day: Day) -> np.datetime64:
    """Return one day as NumPy has it."""
    return np.datetime64(day, "D")


def times(days: np.ndarray, minutes: np.ndarray) -> np.ndarray:
    """Return days and minutes past midnight as NumPy times."""
    return (days * 86_400 + minutes * 60).astype("datetime64[s]")


_EPOCH = datetime.date(1970, 1, 1).toordinal()
