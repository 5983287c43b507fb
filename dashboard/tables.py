"""The same figures as text: the table behind a chart, and the file that somebody takes along."""

import csv
import io
import re
from collections.abc import Iterable, Mapping

import pandas as pd

from dashboard.book import Book
from dashboard.charts.full import judged_as
from dashboard.charts.series import ChartPoint, Series
from dashboard.numbers import Figures, number, period
from dashboard.wording import NO_VALUE
from data.safe_cells import as_safe_text
from metrics.definition import PART, Measure
from metrics.findings import AreaLevel

CSV_COLUMNS = (
    "measure",
    "title",
    "unit",
    "area_level",
    "area_id",
    "area",
    "period_start",
    "period_end",
    "numerator",
    "denominator",
    "value",
    "state",
    "reason",
    "provisional",
    "average",
    "lower_process_limit",
    "upper_process_limit",
    "judgement",
)


def as_table(series: Series, measure: Measure) -> pd.DataFrame:
    """Return a series in words and numbers as people say them, newest first."""
    figures = Figures(measure)
    rows = [_row(point, measure, figures) for point in reversed(series)]
    return pd.DataFrame(rows, dtype="str").set_index("Period") if rows else pd.DataFrame()


def _row(point: ChartPoint, measure: Measure, figures: Figures) -> dict[str, str]:
    row = {"Period": period(point.start, point.end)}
    if point.value is None:
        said = NO_VALUE.get(point.state, NO_VALUE["missing"])[1]  # type: ignore[arg-type]
        row |= {measure.unit: said, "Usually": "", "That is": ""}
    else:
        usual, decimals = "", None
        if point.lower is not None and point.upper is not None:
            usual, decimals = figures.between(point.lower, point.upper, point.value)
        row |= {
            measure.unit: figures.bare(point.value, decimals),
            "Usually": usual,
            "That is": judged_as(point),
        }
    if measure.denominator is not None:
        row["Above the line"] = _count(point.numerator)
        row["Below the line"] = _count(point.denominator)
    row["Note"] = point.reason
    return row


def _count(amount: float | None) -> str:
    return "" if amount is None else number(amount, 0)


def as_csv(book: Book, measure: Measure, series: Mapping[tuple[AreaLevel, str], Series]) -> bytes:
    """Return a measure's figures in every area as a CSV file that Excel opens as UTF-8.

    Percentages and rates have all their decimals. A figure that is not there is an empty cell, and
    `state` and `reason` say why.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    for area in book.areas.values():
        for point in series.get((area.level, area.id), ()):
            writer.writerow(
                _safe(
                    [
                        measure.main_id,
                        measure.title,
                        measure.unit,
                        area.level,
                        area.id,
                        area.name,
                        point.start,
                        point.end,
                        point.numerator,
                        point.denominator,
                        point.value,
                        point.state,
                        point.reason,
                        "yes" if point.provisional else "no",
                        point.mean,
                        point.lower,
                        point.upper,
                        point.judgement,
                    ]
                )
            )
    return text.getvalue().encode("utf-8-sig")


def file_name(book: Book, measure: Measure) -> str:
    """Return what the CSV file of a measure is called; invented figures say so."""
    fictional = "_fictional" if book.settings.fictional else ""
    part = re.sub(r"[^a-z0-9]+", "_", measure.id.partition(PART)[2].casefold()).strip("_")
    named = "_".join(filter(None, [measure.main_id, measure.slug, part]))
    return f"{named}{fictional}.csv"


def _safe(cells: Iterable[object]) -> list[object]:
    return [as_safe_text(cell) if isinstance(cell, str) else cell for cell in cells]
