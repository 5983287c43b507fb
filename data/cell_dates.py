"""Reading dates, months and times in the form found for their column."""

import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from data.contract import Column
from data.dates import DEFAULT_ZONE, PLACEHOLDERS, Form, are_placeholders, as_series, read_dates
from data.distinct import Notes

_NO_DATES = np.array(PLACEHOLDERS, "datetime64[D]")
_EARLIEST = np.datetime64("1900-01-02", "us")
_NONE = np.datetime64("NaT", "us")
_HOUR = np.timedelta64(1, "h")
# Of dates spread over months, 39 in 100 have a day of 12 or less: 12 days of 30.4.
LAST_DAY_THAT_IS_A_MONTH, EXPECTED_SHARE = 12, 0.394
# Far above that: three in five, of at least 50 dates on six days of three months.
SWAPPED_SHARE, SWAPPED_SEEN, SWAPPED_DAYS, SWAPPED_MONTHS = 0.6, 50, 6, 3
# So many times at exactly midnight are days that somebody made times of.
MIDNIGHT_SHARE = 0.2


def read_dated(
    column: Column,
    texts: list[str],
    form: Form | None,
    today: datetime.date,
    notes: Notes,
    zone: ZoneInfo = DEFAULT_ZONE,
) -> pa.Array:
    """Return each text as a timestamp; null where it is blank or no date.

    Dates that stand for "no date" become blanks, in the texts too; a month is brought to its first
    day; times with their zone, and such as no clock has shown, are brought to local time; what has
    not happened yet is a fault, but in columns that may look ahead.
    """
    words = pa.array(texts, pa.string())
    for at in _places(are_placeholders(words)):
        notes.fixed("placeholder_date", at)
        texts[at] = ""
    read = np.full(len(texts), _NONE)
    written = np.array([bool(text) for text in texts], bool)
    if form is not None and written.any():
        read[written] = read_dates(as_series(words.filter(pa.array(written))), form, zone)
        if form.zoned:
            for at in _places(written & ~np.isnat(read)):
                notes.fixed("time_zone", at)
        what = "month" if column.type == "month" else "date"
        for at in _places(written & np.isnat(read)):
            message = (
                f"{{}} is not a {what}, or is not written like the others of this column, which"
                f" look like {form.like}."
            )
            notes.fault(at, f"not_a_{what}", f"{message} Correct it.")
    _blank_placeholders(read, texts, notes)
    if column.type == "month":
        _to_first_days(read, notes)
    if column.type == "ts" and not (form and form.zoned):
        _to_times_on_the_clock(read, zone, notes)
    _refuse_implausible(column, read, today, notes)
    _look_at_the_whole(column, read, notes)
    return pa.array(read, type=pa.timestamp("us"))


def _places(mask: np.ndarray) -> list[int]:
    return np.flatnonzero(mask).tolist()


def _blank_placeholders(read: np.ndarray, texts: list[str], notes: Notes) -> None:
    for at in _places(np.isin(read.astype("datetime64[D]"), _NO_DATES)):
        notes.fixed("placeholder_date", at)
        texts[at] = ""
        read[at] = _NONE


def _to_first_days(read: np.ndarray, notes: Notes) -> None:
    first = read.astype("datetime64[M]").astype("datetime64[us]")
    for at in _places((read != first) & ~np.isnat(read)):
        notes.fixed("month_first_day", at)
    read[:] = first


def _to_times_on_the_clock(read: np.ndarray, zone: ZoneInfo, notes: Notes) -> None:
    """Move times that the clock leapt over in spring an hour on: they were noted in winter time.

    A time that was there twice in autumn stays what it is: either is the same local time.
    """
    hours = np.unique(read[~np.isnat(read)].astype("datetime64[h]"))
    local = pd.DatetimeIndex(hours.astype("datetime64[s]"))
    leapt = hours[
        local.tz_localize(zone, nonexistent="NaT", ambiguous=np.ones(len(hours), bool)).isna()
    ]
    for at in _places(np.isin(read.astype("datetime64[h]"), leapt)) if len(leapt) else []:
        notes.fixed("clock_change", at)
        read[at] += _HOUR


def _look_at_the_whole(column: Column, read: np.ndarray, notes: Notes) -> None:
    """Say what only the whole column shows: days and months changed about, times that are none."""
    if column.type == "month":
        return
    there = ~np.isnat(read)
    times, moments = notes.distinct.times[there], read[there]
    rows = int(times.sum())
    if not rows:
        return
    days = moments.astype("datetime64[D]")
    if column.type == "ts":
        midnight = int(times[moments == days].sum())
        notes.day_only = midnight > MIDNIGHT_SHARE * rows
        if notes.day_only and midnight < rows:
            notes.warnings.append(
                f"{column.name}: {midnight:,} of {rows:,} times are exactly midnight, which is how"
                " a system writes a day without a time. It is read as days: what needs the time of"
                " day, such as two-hour responses and visits that overlap, cannot use it."
            )
    of_month = (days - days.astype("datetime64[M]")).astype(int) + 1
    low = of_month <= LAST_DAY_THAT_IS_A_MONTH
    count = int(times[low].sum())
    spread = (
        rows >= SWAPPED_SEEN
        and len(np.unique(of_month[low])) >= SWAPPED_DAYS
        and len(np.unique(days.astype("datetime64[M]"))) >= SWAPPED_MONTHS
    )
    if spread and count > SWAPPED_SHARE * rows:
        notes.warnings.append(
            f"{column.name}: {count:,} of {rows:,} dates have a day of 12 or less, where"
            f" {100 * EXPECTED_SHARE:.0f} in 100 are expected. A spreadsheet set to American dates"
            " changes day and month about in just these. Compare a few with where they came from."
        )


def _refuse_implausible(
    column: Column, read: np.ndarray, today: datetime.date, notes: Notes
) -> None:
    for at in _places(read < _EARLIEST):
        notes.fault(at, "not_a_date", "{} is before 1900. Correct the year.")
    tomorrow = np.datetime64(today + datetime.timedelta(days=1), "us")
    for at in _places(read >= tomorrow) if not column.future else []:
        message = (
            f"{{}} is after {today.isoformat()}, the day this file was drawn or read, and this"
            " says what has happened."
            " Correct it, or send the row when it has."
        )
        notes.fault(at, "future_date", message)
    read[list(notes.faults)] = _NONE
