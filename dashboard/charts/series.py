"""A series as it is drawn: published rows in, one plain record a period out."""

import datetime
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

import pandas as pd

from dashboard.numbers import Figures
from metrics.findings import Variation


@dataclass(frozen=True)
class ChartPoint:
    """One period of a series. `value`, `mean` and the limits are None where there is none."""

    start: datetime.date
    end: datetime.date
    value: float | None
    numerator: float | None
    denominator: float | None
    state: str
    reason: str
    provisional: bool
    segment: int
    mean: float | None
    lower: float | None
    upper: float | None
    judgement: Variation


Series = tuple[ChartPoint, ...]


def series_by(frame: pd.DataFrame, key: str | list[str]) -> dict[Any, Series]:
    """Return the series of a frame of chart points, split by one or more of its columns.

    Rows keep the frame's order: oldest first.
    """
    found: dict[Any, list[ChartPoint]] = {}
    # Taken out column by column: a frame for each series takes five times as long.
    names = list(frame.columns)
    for values in zip(*(frame[name].tolist() for name in names), strict=True):
        row = dict(zip(names, values, strict=True))
        name = row[key] if isinstance(key, str) else tuple(row[part] for part in key)
        found.setdefault(name, []).append(_point(row))
    return {name: tuple(points) for name, points in found.items()}


def as_drawn(series: Series, figures: Figures) -> Series:
    """Return a series with its limits cut as the words cut them: no share is usually 106%."""
    values = [point.value for point in series if point.value is not None]

    def cut(point: ChartPoint) -> ChartPoint:
        if point.lower is None or point.upper is None or not values:
            return point
        lower, upper = figures.possible(point.lower, point.upper, values)
        return replace(point, lower=lower, upper=upper)

    return tuple(cut(point) for point in series)


def _point(row: Mapping[Hashable, Any]) -> ChartPoint:
    has_value = row["state"] == "value"
    return ChartPoint(
        start=_date(row["period_start"]),
        end=_date(row["period_end"]),
        value=_number(row["value"]) if has_value else None,
        numerator=_number(row["numerator"]) if has_value else None,
        denominator=_number(row["denominator"]) if has_value else None,
        state=str(row["state"]),
        reason=str(row["reason"]),
        provisional=row["provisional"] is True or bool(row["provisional"] == 1),
        segment=int(_number(row["segment"]) or 0),
        mean=_number(row["mean"]),
        lower=_number(row["lower_limit"]),
        upper=_number(row["upper_limit"]),
        judgement=row["judgement"],
    )


def _date(value: datetime.date) -> datetime.date:
    return value.date() if isinstance(value, datetime.datetime) else value


def _number(value: Any) -> float | None:
    if value is None or value is pd.NA:
        return None
    number = float(value)
    return None if isnan(number) else number
