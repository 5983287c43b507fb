"""Whether a file's months are whole: the last may be part-filled, and any may have lost rows.

Both are said and nothing is held for them: the rows that are there are right.
"""

import datetime
from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.batches import Batch, Covers
from data.contract import Contract

# A file with rows every day that has none in the last three days of its last month was drawn
# before the month was over; over two days, a weekend, many a system has nothing.
SILENT_DAYS = 3
ROWS_A_DAY = 1
# Fewer days than a week show nothing of how often a file has rows.
FEWEST_DAYS = 7
# A fall is under 60% of the usual month, where there is a usual one: the median of up to twelve
# months, three at least. Under 30 rows a month chance alone goes so low too often.
FALL_TO = 0.6
MONTHS_COMPARED = 12
FEWEST_MONTHS = 3
FEWEST_ROWS = 30


def rows_by_month(contract: Contract, accepted: pa.Table, covers: Covers) -> dict[str, int]:
    """Return how many rows each month covered has, by `YYYY-MM`, oldest first."""
    months = [f"{month:%Y-%m}" for month in covers.months()]
    if contract.date is None or not months:
        return {}
    # Counted as numbers: a million months as texts take more memory than all else here.
    found, counts = np.unique(_days(accepted, contract.date), return_counts=True)
    by_month = dict.fromkeys(months, 0)
    for day, count in zip(found.astype("datetime64[M]").astype(str), counts, strict=True):
        if day in by_month:
            by_month[day] += int(count)
    return by_month


def part_filled(
    contract: Contract,
    accepted: pa.Table,
    covers: Covers,
    today: datetime.date,
    extracted_on: datetime.date | None,
) -> tuple[str, str]:
    """Return the month that a file has only a part of, `YYYY-MM`, and why in words; else '', ''.

    It can only be the last month covered. It is part-filled where the file was drawn before the
    month was over: by the sender's word, or because the month is not over today. Where nobody said,
    a file that has rows on at least half of its days is taken to be so when its last three days or
    more have nothing, in any date that says what has happened, and it was never silent for so long.
    """
    months = covers.months()
    if contract.kind == "reference" or contract.date is None or not months:
        return "", ""
    month, last_day = months[-1], _last_day(months[-1])
    name, shown = f"{month:%Y-%m}", f"{month:%B %Y}"
    drawn = min(today, extracted_on or today)
    if drawn <= last_day:
        why = f"was drawn on {extracted_on}" if extracted_on else f"is of today, {today}"
        return name, f"{shown} was not over when this file {why}: its figures are provisional."
    if extracted_on is not None or contract.column(contract.date).type == "month":
        return "", ""
    latest = _latest_day(contract, accepted, last_day)
    if latest is None or (silent := (last_day - latest).days) < SILENT_DAYS:
        return "", ""
    rows = _rows_a_day(_days(accepted, contract.date), months[0], latest)
    if len(rows) < FEWEST_DAYS or np.median(rows) < ROWS_A_DAY or silent <= _longest_silence(rows):
        return "", ""
    return name, (
        f"There are rows for most days, and none after {latest}: {shown} is taken as part-filled"
        " and its figures as provisional. If the file was drawn later, say when:"
        " --extracted DAY."
    )


def falls_in_words(
    contract: Contract, rows: Mapping[str, int], before: Sequence[Batch], part: str
) -> list[str]:
    """Return a sentence for each run of months with far fewer rows than the months before.

    Args:
        contract: The table's.
        rows: Rows of each month in this file.
        before: Earlier batches of the same table and system; of a month sent again the last counts.
        part: The part-filled month, `YYYY-MM`: that it has fewer rows is no news.
    """
    if contract.kind == "reference":
        return []
    known: dict[str, int] = {}
    for batch in before:
        known |= batch.rows_by_month
    known |= rows
    sentences, fell_before = [], False
    for month in sorted(rows):
        earlier = [known[other] for other in sorted(known) if other < month][-MONTHS_COMPARED:]
        usual = median(earlier) if len(earlier) >= FEWEST_MONTHS else 0
        fell = usual >= FEWEST_ROWS and rows[month] < FALL_TO * usual and month != part
        if fell and not fell_before:
            sentences.append(_fall(month, rows[month], usual, is_last=month == max(known)))
        fell_before = fell
    return sentences


def _fall(month: str, rows: int, usual: float, *, is_last: bool) -> str:
    said = (
        f"{month} has {rows:,} rows; the months before it had about {usual:,.0f}. If a system was"
        " switched or something is recorded in another way, say so in the list annotation, with"
        " the day."
    )
    if is_last:
        said += (
            " If the month was not over when the file was drawn, load it with --extracted and the"
            " day: its figures are then provisional."
        )
    return said


def _days(accepted: pa.Table, column: str) -> np.ndarray:
    days = accepted.column(column).cast(pa.timestamp("us")).drop_null()
    return days.to_numpy().astype("datetime64[D]")


def _last_day(month: datetime.date) -> datetime.date:
    beyond = month.replace(day=28) + datetime.timedelta(days=4)
    return beyond - datetime.timedelta(days=beyond.day)


def _latest_day(
    contract: Contract, accepted: pa.Table, last_day: datetime.date
) -> datetime.date | None:
    """Return the latest day, up to a last one, on which the rows say that anything happened."""
    latest: datetime.date | None = None
    for column in contract.columns:
        if column.type not in ("date", "ts") or column.future:
            continue
        days = accepted.column(column.name).cast(pa.date32())
        days = days.filter(pc.call_function("less_equal", [days, pa.scalar(last_day, pa.date32())]))
        found = pc.call_function("max", [days]).as_py()
        latest = found if latest is None or (found and found > latest) else latest
    return latest


def _rows_a_day(days: np.ndarray, first: datetime.date, latest: datetime.date) -> np.ndarray:
    """Return how many rows each day has, from the first to the latest."""
    numbers = (days - np.datetime64(first, "D")).astype(int)
    length = max((latest - first).days + 1, 1)
    inside = numbers[(numbers >= 0) & (numbers < length)]
    return np.bincount(inside, minlength=length)


def _longest_silence(rows: np.ndarray) -> int:
    """Return the longest run of days without a row: Easter, in a service closed at weekends."""
    with_rows = np.flatnonzero(rows)
    return int(np.diff(with_rows).max() - 1) if len(with_rows) > 1 else 0
