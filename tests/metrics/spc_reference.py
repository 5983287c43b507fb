"""Charts that NHSRplotthedots made: read from a folder of CSV files, and compared with ours."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import isclose, isnan, nan
from pathlib import Path
from typing import Any

from metrics.spc import XmrChart, xmr

SPECIAL_CAUSE = {
    "Common Cause": "none",
    "Above UCL": "above_upper_limit",
    "Below LCL": "below_lower_limit",
    "7 Point Trend (Increasing)": "trend_up",
    "7 Point Trend (Decreasing)": "trend_down",
    "2 in 3 Above CL": "two_of_three_above",
    "2 in 3 Below CL": "two_of_three_below",
    "7 Points Above CL": "shift_above",
    "7 Points Below CL": "shift_below",
}

# The limits' names there, and here.
NUMBERS = {
    "y": "value",
    "mean": "mean",
    "lpl": "lower_limit",
    "upl": "upper_limit",
    "nlpl": "lower_near_limit",
    "nupl": "upper_near_limit",
}

# The reference stops at a missing value inside a would-be trend; here it only breaks the run.
STOPS_AT_A_MISSING_VALUE = "missing value where TRUE/FALSE needed"


@dataclass(frozen=True)
class ReferenceSeries:
    id: str
    options: dict[str, str]
    given: list[dict[str, str]]
    points: list[dict[str, str]]
    icons: dict[str, str]
    error: str

    @property
    def is_refused_here_too(self) -> bool:
        return bool(self.error) and STOPS_AT_A_MISSING_VALUE not in self.error

    def chart(self) -> XmrChart:
        return xmr(self._values(), self._periods(), **self._arguments())

    def _values(self) -> list[Any]:
        if "must be a numeric vector" in self.error:
            return [row["y"] for row in self.given]
        return [number(row["y"]) if row["y"] else None for row in self.given]

    def _periods(self) -> list[Any]:
        if "must be a Date" in self.error:
            return [row["x"] for row in self.given]
        return [date.fromisoformat(row["x"]) for row in self.given]

    def _arguments(self) -> dict[str, Any]:
        options = self.options
        targets = [number(text) for text in options["target"].split(";") if text]
        fix_after = options["fix_after_n_points"]
        return {
            "improvement": options["improvement_direction"],
            "target": targets if len(targets) > 1 else next(iter(targets), None),
            "rebase_at": [
                date.fromisoformat(text) for text in options["rebase_dates"].split(";") if text
            ],
            "fix_after": float(fix_after) if fix_after else None,
            "screen_outliers": options["screen_outliers"] == "TRUE",
        }


def read_reference(folder: Path) -> list[ReferenceSeries]:
    given, points = defaultdict(list), defaultdict(list)
    for row in read_rows(folder / "input_points.csv"):
        given[row["series_id"]].append(row)
    for row in read_rows(folder / "expected_points.csv"):
        points[row["series_id"]].append(row)
    icons = {row["series_id"]: row for row in read_rows(folder / "expected_icons.csv")}
    errors = {row["series_id"]: row["error"] for row in read_rows(folder / "expected_errors.csv")}
    return [
        ReferenceSeries(
            id=row["series_id"],
            options=row,
            given=given[row["series_id"]],
            points=points[row["series_id"]],
            icons=icons.get(row["series_id"], {}),
            error=errors.get(row["series_id"], ""),
        )
        for row in read_rows(folder / "inputs.csv")
    ]


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def number(text: str) -> float:
    return float(text) if text else nan


def assert_agrees(series: ReferenceSeries) -> None:
    chart = series.chart()

    rows = chart.to_frame().to_dict("records")
    assert len(rows) == len(series.points) > 0
    for row, expected in zip(rows, series.points, strict=True):
        where = f"{series.id} at {expected['x']}"
        assert row["period"].isoformat() == expected["x"], where
        assert row["segment"] == int(expected["rebase_group"]), where
        for there, here in NUMBERS.items():
            assert_same_number(row[here], number(expected[there]), f"{where}: {here}")
        assert row["special_cause"] == SPECIAL_CAUSE[expected["special_cause_type"]], where
        assert row["judgement"] == expected["point_type"].removeprefix("special_cause_"), where
        is_short = row["segment"] in chart.short_segments
        assert is_short == (expected["short_group_warning"] == "TRUE"), where
    assert chart.variation == series.icons["variation_type"].removeprefix("special_cause_")
    assert (chart.assurance or "") == series.icons["assurance_type"]


def assert_same_number(ours: float, theirs: float, where: str) -> None:
    same = isnan(ours) if isnan(theirs) else isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12)
    assert same, f"{where}: {ours} here, {theirs} in the reference"
