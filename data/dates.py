"""How a column writes its dates: found once for the whole column, never for one cell.

A cell that is not written like the rest of its column is not a date. Where a column can be read
day first and month first, nothing is assumed: the sender is asked.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.recipe import DateOrder
from data.report import FileRefusedError, Problem

_TIME = (
    r"(?:[T ]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.[0-9]+)?)?)?"
)
DEFAULT_ZONE = ZoneInfo("Europe/London")
_SHORT_OR_LONG_YEAR = r"(?P<year>[0-9]{4}|[0-9]{2})"
# Two-digit years: 69 is 2069 and 70 is 1970, as most systems have it.
_CENTURY_TURNS_AT = 70
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_EXCEL_DAY_0 = np.datetime64("1899-12-30", "us")
# What systems write for "no date", in any of the ways of writing it.
PLACEHOLDERS = ("1899-12-30", "1900-01-01", "1970-01-01", "9999-12-31")
_PLACEHOLDER = (
    r"^(?:(?:1900|1970)[-/.]?01[-/.]?01|9999[-/.]?12[-/.]?31|1899[-/.]?12[-/.]?30"
    r"|0?1[-/.]0?1[-/.](?:1900|1970)|31[-/.]12[-/.]9999|12[-/.]31[-/.]9999|30[-/.]12[-/.]1899"
    r"|0000-00-00|00[-/.]00[-/.]0000)(?:[T ]+[0-9:.]+)?$"
)
# A column in which so many cells can only be read the other way round is mixed, not mistyped.
_MIXED_SHARE = 0.05


@dataclass(frozen=True)
class Form:
    """One way of writing a date.

    Attributes:
        like: How it is said to a sender.
        month_only: It names a month, or a quarter, and no day.
        quarter: It names a quarter.
        zoned: It says how far each time is from Greenwich.
        order: Where the pattern leaves open which number is the day: `dmy` or `mdy`.
    """

    name: str
    pattern: str
    like: str
    month_only: bool = False
    order: str = ""
    quarter: bool = False
    zoned: bool = False


ISO = Form("iso", r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})" + _TIME, "2024-01-31")
SLASHED = Form(
    "slashed",
    r"(?P<first>[0-9]{1,2})[/.-](?P<then>[0-9]{1,2})[/.-]" + _SHORT_OR_LONG_YEAR + _TIME,
    "",
)
DAY_FIRST = Form("day first", SLASHED.pattern, "31/01/2024 (day, month, year)", order="dmy")
MONTH_FIRST = Form("month first", SLASHED.pattern, "01/31/2024 (month, day, year)", order="mdy")
EXCEL = Form("excel", r"(?P<serial>[2-7][0-9]{4}(?:\.[0-9]+)?)", "45322 (an Excel day number)")
_YEAR_FIRST = Form(
    "year first",
    r"(?P<year>[0-9]{4})[/.](?P<month>[0-9]{1,2})[/.](?P<day>[0-9]{1,2})" + _TIME,
    "2024/01/31",
)
_NAMED = Form(
    "named",
    r"(?P<day>[0-9]{1,2})[ /-](?P<name>[A-Za-z]{3,9})[ /-]" + _SHORT_OR_LONG_YEAR + _TIME,
    "31-Jan-2024",
)
_COMPACT = Form(
    "compact", r"(?P<year>[12][0-9]{3})(?P<month>[0-9]{2})(?P<day>[0-9]{2})", "20240131"
)
_MONTH_FORMS = (
    Form("iso month", r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})", "2024-01", True),
    Form("named month", r"(?P<name>[A-Za-z]{3,9})[ /-]?" + _SHORT_OR_LONG_YEAR, "Jan-24", True),
    Form("compact month", r"(?P<year>20[0-9]{2})(?P<month>[0-9]{2})", "202401", True),
    Form("slashed month", r"(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})", "01/2024", True),
)
_ZONED = Form(
    "with its zone",
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ]"
    r"(?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)"
    r" ?(?P<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)",
    "2024-07-01T09:30:00Z",
    zoned=True,
)
_DAY_FORMS = (ISO, SLASHED, _YEAR_FIRST, _NAMED, _COMPACT, EXCEL, _ZONED)
# Months and quarters of the financial year, which begins in April: M01 or P1 of 2024/25.
_FINANCIAL_YEAR = r"(?P<begins>20[0-9]{2}|[0-9]{2})[/-](?P<ends>20[0-9]{2}|[0-9]{2})"
_NHS_MONTH = r"[MmPp] ?(?P<of_year>0?[1-9]|1[0-2])"
_QUARTER = r"[Qq](?:[Tt][Rr])? ?(?P<quarter>[1-4])"
_FINANCIAL_MONTHS = (
    Form("financial month", rf"{_NHS_MONTH},? +{_FINANCIAL_YEAR}", "M01 2024/25", True),
    Form("month of a year", rf"{_FINANCIAL_YEAR},? +{_NHS_MONTH}", "2024/25 M01", True),
)
_QUARTERS = (
    Form("quarter", rf"{_QUARTER},? +{_FINANCIAL_YEAR}", "Q1 2024/25", True, quarter=True),
    Form(
        "quarter of a year", rf"{_FINANCIAL_YEAR},? +{_QUARTER}", "2024/25 Q1", True, quarter=True
    ),
)
_WITHOUT_YEAR = Form("month without a year", _NHS_MONTH, "M01", True)
_MONTHS_BEFORE_JANUARY, _MONTHS_IN_A_QUARTER = 9, 3
# So few cells written in another way are slips, and are held.
_FEWEST_MIXED = 3


@dataclass(frozen=True)
class DatedColumn:
    """The distinct texts of one column of dates, without blanks, and how often each is there."""

    texts: pd.Series
    times: np.ndarray
    is_month: bool
    quarters: bool = False

    def counts(self, fits: pd.Series | np.ndarray) -> int:
        """Return how many rows have a text for which the mask is true."""
        return int(self.times[np.asarray(fits, bool)].sum())


def are_placeholders(texts: pa.StringArray) -> np.ndarray:
    """Return for each text whether it is one of the dates that systems write for no date."""
    options = pc.MatchSubstringOptions(_PLACEHOLDER)
    return np.asarray(pc.call_function("match_substring_regex", [texts], options), bool)


def as_series(texts: pa.StringArray) -> pd.Series:
    """Return texts as pandas has them, without making a Python string of each."""
    return pd.Series(pd.StringDtype(na_value=np.nan).__from_arrow__(texts))


def find_forms(
    columns: Mapping[str, DatedColumn], declared: DateOrder | None = None
) -> dict[str, Form]:
    """Return how each column writes its dates.

    A column whose order cannot be told from itself is read like the other columns of the file,
    where these leave no doubt.

    Args:
        columns: The columns, by the name a sender knows.
        declared: The order that the sender or the recipe states.

    Raises:
        FileRefusedError: If a column can be read both ways, or mixes them.
    """
    forms = {name: _commonest(column, declared) for name, column in columns.items()}
    slashed = {name: columns[name] for name, form in forms.items() if form is SLASHED}
    orders = {name: _order(column, declared) for name, column in slashed.items()}
    known = {form for form in orders.values() if form is not None}
    problems = [
        problem for name, form in forms.items() for problem in _cannot_be(name, columns[name], form)
    ]
    for name, form in orders.items():
        chosen = form or (next(iter(known)) if len(known) == 1 else None)
        if chosen is None:
            problems.append(_question(name, columns[name]))
        else:
            forms[name] = chosen
            problems += _mixed(name, columns[name], chosen, declared)
    if problems:
        raise FileRefusedError(problems)
    return forms


def _commonest(column: DatedColumn, declared: DateOrder | None) -> Form:
    if declared == "excel":
        return EXCEL
    forms = [*_DAY_FORMS]
    if column.is_month:
        forms += [*_MONTH_FORMS, *_FINANCIAL_MONTHS, _WITHOUT_YEAR]
    if column.is_month or column.quarters:
        forms += _QUARTERS
    if declared == "ymd":
        forms.remove(SLASHED)
    most, commonest = -1, ISO
    for form in forms:
        fitting = column.counts(column.texts.str.fullmatch(form.pattern))
        if fitting > most:
            most, commonest = fitting, form
        if most == column.times.sum():
            break
    return commonest


def _first_and_second(column: DatedColumn) -> tuple[np.ndarray, np.ndarray]:
    parts = column.texts.str.extract(f"^{SLASHED.pattern}$")
    first, second = (parts[name].fillna("0").astype(int) for name in ("first", "then"))
    return first.to_numpy(), second.to_numpy()


def _order(column: DatedColumn, declared: DateOrder | None) -> Form | None:
    """Return which number is the day, or None where both readings are possible."""
    if declared in ("dmy", "mdy"):
        return DAY_FIRST if declared == "dmy" else MONTH_FIRST
    first, second = _first_and_second(column)
    day_first, month_first = column.counts(first > 12), column.counts(second > 12)
    if day_first or month_first:
        return DAY_FIRST if day_first >= month_first else MONTH_FIRST
    written = first > 0
    if (first == second)[written].all() or (column.is_month and (first == 1)[written].all()):
        return DAY_FIRST
    return None


def _mixed(
    name: str, column: DatedColumn, chosen: Form, declared: DateOrder | None
) -> list[Problem]:
    if declared is not None:
        return []
    first, second = _first_and_second(column)
    other_way = column.counts((second if chosen is DAY_FIRST else first) > 12)
    if other_way <= _MIXED_SHARE * column.times.sum():
        return []
    day_first, month_first = column.counts(first > 12), column.counts(second > 12)
    message = (
        f"{day_first:,} dates of this column have the day first and {month_first:,} the month"
        " first, so those that can be read both ways cannot be trusted. Do not guess: export the"
        " file again where it was made, with all dates one way, best as 2024-01-31."
    )
    return [Problem(None, name, "mixed_dates", message)]


def _cannot_be(name: str, column: DatedColumn, form: Form) -> list[Problem]:
    """Return why a column cannot be read, whichever of its numbers is the day."""
    if form is _WITHOUT_YEAR:
        message = (
            "These months do not say their year. Write M01 2024/25 for April 2024, or 2024-04, and"
            " send the file again."
        )
        return [Problem(None, name, "month_without_year", message)]
    if form.quarter and not column.quarters:
        message = (
            "This column holds quarters, and a row is asked for each month. Send the months; a"
            " quarter cannot be divided among them."
        )
        return [Problem(None, name, "quarters_for_months", message)]
    return _two_ways(name, column, form)


def _two_ways(name: str, column: DatedColumn, form: Form) -> list[Problem]:
    others = np.flatnonzero(~np.asarray(column.texts.str.fullmatch(form.pattern), bool))
    if column.times[others].sum() < max(_FEWEST_MIXED, _MIXED_SHARE * column.times.sum()):
        return []
    rest = DatedColumn(column.texts.iloc[others], column.times[others], column.is_month)
    # A time with its zone among times without one is one cell that cannot be told, and is held.
    also = [
        (rest.counts(rest.texts.str.fullmatch(other.pattern)), other)
        for other in _DAY_FORMS
        if other is not form and not (other.zoned or form.zoned)
    ]
    count, other = max(also, key=lambda pair: pair[0], default=(0, ISO))
    if count < _FEWEST_MIXED or count <= _MIXED_SHARE * column.times.sum():
        return []
    like, unlike = (made.like or "31/01/2024" for made in (form, other))
    message = (
        f"Some dates of this column are written like {like}, and {count} like {unlike}. A"
        " spreadsheet leaves such a column where it has changed day and month in the dates that"
        " it could read, so none can be trusted. Export the file again, without opening it in a"
        " spreadsheet, or write all dates as 2024-01-31."
    )
    return [Problem(None, name, "mixed_dates", message)]


def _question(name: str, column: DatedColumn) -> Problem:
    slashed = column.texts[column.texts.str.fullmatch(SLASHED.pattern)]
    # A day that is its own month asks nothing.
    differs = [text for text in slashed if len(set(re.split(r"[/.-]", text)[:2])) > 1]
    example = differs[0] if differs else slashed.iloc[0]
    first, second = re.split(r"[/.-]", example)[:2]
    message = (
        f"Every date in this column can be read two ways. Is {example} day {int(first)} of month"
        f" {int(second)}, or day {int(second)} of month {int(first)}? Say --dates dmy for the"
        " first, --dates mdy for the second."
    )
    return Problem(None, name, "ambiguous_dates", message)


def read_dates(texts: pd.Series, form: Form, zone: ZoneInfo = DEFAULT_ZONE) -> np.ndarray:
    """Return the texts as dates and times, to the second; NaT where one is not written like that.

    Args:
        texts: Texts without blanks.
        form: How they are written.
        zone: The zone whose local time is wanted, where each says its own.
    """
    fits = np.asarray(texts.str.fullmatch(form.pattern), bool)
    read = np.full(len(texts), np.datetime64("NaT", "us"))
    if not fits.any():
        return read
    fitting = texts[fits]
    if form is EXCEL:
        seconds = np.rint(np.asarray(fitting, float) * 86_400).astype("timedelta64[s]")
        read[fits] = _EXCEL_DAY_0 + seconds
        return read
    if form.zoned:
        parts = fitting.str.extract(f"^{form.pattern}$")
        written = parts["date"] + "T" + parts["time"] + parts["zone"].str.upper()
        moments = pd.to_datetime(written, format="ISO8601", errors="coerce", utc=True)
        local = moments.dt.tz_convert(zone).dt.tz_localize(None)
        read[fits] = np.asarray(local).astype("datetime64[s]")
        return read
    written = fitting if form is ISO else _as_iso(fitting.str.extract(f"^{form.pattern}$"), form)
    dates = pd.to_datetime(written, format="ISO8601", errors="coerce")
    read[fits] = np.asarray(dates).astype("datetime64[s]")
    return read


def _as_iso(parts: pd.DataFrame, form: Form) -> pd.Series:
    if form.order:
        day, month = ("first", "then") if form.order == "dmy" else ("then", "first")
        parts = parts.rename(columns={day: "day", month: "month"})
    if "begins" in parts:
        parts = _of_the_calendar(parts)
    if "name" in parts:
        parts["month"] = parts["name"].map(_month_number)
    day = parts["day"] if "day" in parts else pd.Series("01", index=parts.index)
    iso = parts["year"].map(_full_year) + "-" + parts["month"].str.zfill(2) + "-"
    iso = iso + day.str.zfill(2)
    if "hour" not in parts:
        return iso
    time = parts["hour"].fillna("00").str.zfill(2) + ":" + parts["minute"].fillna("00")
    return iso + "T" + time + ":" + parts["second"].fillna("00")


def _of_the_calendar(parts: pd.DataFrame) -> pd.DataFrame:
    """Return months or quarters of a financial year as the year and month of the calendar."""
    begins, ends = (parts[name].map(_full_year).astype(int) for name in ("begins", "ends"))
    if "quarter" in parts:
        of_year = (parts["quarter"].astype(int) - 1) * _MONTHS_IN_A_QUARTER + 1
    else:
        of_year = parts["of_year"].astype(int)
    in_second = of_year > _MONTHS_BEFORE_JANUARY
    # 2024/26 is no financial year, and month 0 no month.
    month = (of_year + 2) % 12 + 1
    month = month.where(ends == begins + 1, 0)
    year = begins + in_second
    return pd.DataFrame({"year": year.astype(str), "month": month.astype(str)})


def _month_number(name: str) -> str:
    """Return the number of a month named in full, by its first three letters, or as Sept."""
    said = name.casefold()
    for number, month in enumerate(_MONTHS, start=1):
        if said in (month, month[:3]) or (said == "sept" and month == "september"):
            return str(number)
    return "0"


def _full_year(year: str) -> str:
    if len(year) == 4:
        return year
    return f"{'20' if int(year) < _CENTURY_TURNS_AT else '19'}{year}"
