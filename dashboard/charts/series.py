"""A series as it is drawn: published rows in, one plain record a period out."""

import datetime
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

import pandas as pd

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
    return {
        name: tuple(_point(row) for row in part.to_dict("records"))
        for name, part in frame.groupby(key, sort=False, dropna=False)
    }


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


def _date(value: Any) -> datetime.date:
    return datetime.date.fromisoformat(f"{value:%Y-%m-%d}")


def _number(value: Any) -> float | None:
    if value is None or value is pd.NA:
        return None
    number = float(value)
    return None if isnan(number) else number
