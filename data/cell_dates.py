"""Reading dates, months and times in the form found for their column."""

import datetime

import numpy as np
import pyarrow as pa

from data.contract import Column
from data.dates import PLACEHOLDERS, Form, are_placeholders, as_series, read_dates
from data.distinct import Notes

_NO_DATES = np.array(PLACEHOLDERS, "datetime64[D]")
_EARLIEST = np.datetime64("1900-01-02", "us")
_NONE = np.datetime64("NaT", "us")


def read_dated(
    column: Column, texts: list[str], form: Form | None, today: datetime.date, notes: Notes
) -> pa.Array:
    """Return each text as a timestamp; null where it is blank or no date.

    Dates that stand for "no date" become blanks, in the texts too; a month is brought to its first
    day; what has not happened yet is a fault, but in columns that may look ahead.
    """
    words = pa.array(texts, pa.string())
    for at in _places(are_placeholders(words)):
        notes.fixed("placeholder_date", at)
        texts[at] = ""
    read = np.full(len(texts), _NONE)
    written = np.array([bool(text) for text in texts], bool)
    if form is not None and written.any():
        read[written] = read_dates(as_series(words.filter(pa.array(written))), form)
        what = "month" if column.type == "month" else "date"
        for at in _places(written & np.isnat(read)):
            message = f"{{}} is not a {what} written like the others of this column: {form.like}."
            notes.fault(at, f"not_a_{what}", f"{message} Correct it.")
    _blank_placeholders(read, texts, notes)
    if column.type == "month":
        _to_first_days(read, notes)
    _refuse_implausible(column, read, today, notes)
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
