"""XmR charts: mean, process limits and special causes, in the words of Making Data Count.

An XmR chart (individual values and moving ranges) says which points of a series are more than its
usual variation. The rules are those of the R package NHSRplotthedots 0.2.2 (NHS-R Community, MIT
licence), which stands as the reference: `docs/deviations.md` names the one place where this module
differs from it, and where both differ from the Making Data Count workbook.

Inside, a missing value is NaN. Every comparison with NaN is false, so a missing value is never
outside, never on a side of the mean and never a step up or down: it breaks each run by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from math import fsum, isfinite, isinf, isnan, nan
from numbers import Real
from typing import Literal, NamedTuple, SupportsFloat, TypeGuard

import numpy as np
import pandas as pd

# 3 / d2 for moving ranges of two points (d2 = 1.128), and two thirds of it: three sigma, two sigma.
LIMIT_FACTOR = 2.66
NEAR_LIMIT_FACTOR = 2 * (LIMIT_FACTOR / 3)

# D4 for moving ranges of two points: the upper limit of the moving range itself.
SCREEN_FACTOR = 3.267

# Successive points on one side of the mean (a shift), or steadily rising or falling (a trend).
RUN_LENGTH = 7

# With fewer rows than this, limits are trial limits that each new point still moves.
FEWEST_ROWS = 13

# A baseline is never fixed on fewer rows than this.
FEWEST_FIXED_ROWS = 12


class Improvement(StrEnum):
    """The direction in which a measure gets better; neutral where neither direction is right."""

    INCREASE = "increase"
    DECREASE = "decrease"
    NEUTRAL = "neutral"


class SpecialCause(StrEnum):
    """The rule that marks a point, with its direction."""

    NONE = "none"
    ABOVE_UPPER_LIMIT = "above_upper_limit"
    BELOW_LOWER_LIMIT = "below_lower_limit"
    TREND_UP = "trend_up"
    TREND_DOWN = "trend_down"
    TWO_OF_THREE_ABOVE = "two_of_three_above"
    TWO_OF_THREE_BELOW = "two_of_three_below"
    SHIFT_ABOVE = "shift_above"
    SHIFT_BELOW = "shift_below"


class Judgement(StrEnum):
    """What a special cause means once the measure's direction of improvement is known."""

    COMMON_CAUSE = "common_cause"
    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    NEUTRAL_HIGH = "neutral_high"
    NEUTRAL_LOW = "neutral_low"


class Assurance(StrEnum):
    """Whether the process, as its limits show it, will meet the target."""

    CONSISTENT_PASS = "consistent_pass"
    CONSISTENT_FAIL = "consistent_fail"
    INCONSISTENT = "inconsistent"


_HIGH = frozenset(
    {
        SpecialCause.ABOVE_UPPER_LIMIT,
        SpecialCause.TREND_UP,
        SpecialCause.TWO_OF_THREE_ABOVE,
        SpecialCause.SHIFT_ABOVE,
    }
)

# For each direction of improvement: the judgement of a high signal, then of a low one.
_HIGH_AND_LOW = {
    Improvement.INCREASE: (Judgement.IMPROVEMENT, Judgement.CONCERN),
    Improvement.DECREASE: (Judgement.CONCERN, Judgement.IMPROVEMENT),
    Improvement.NEUTRAL: (Judgement.NEUTRAL_HIGH, Judgement.NEUTRAL_LOW),
}


class ProcessLimits(NamedTuple):
    """The mean, the process limits and the near limits (two sigma), in the unit of the values.

    NaN where there is nothing to calculate them from. They are not clipped: a lower limit may be
    below 0, an upper one above 100%.
    """

    mean: float
    lower: float
    upper: float
    lower_near: float
    upper_near: float


class XmrPoint(NamedTuple):
    """One row of a chart: the value, its limits, and the judgement on it.

    `segment` counts the rebase dates up to and including this row. A missing value is NaN.
    """

    period: date
    value: float
    segment: int
    mean: float
    lower_limit: float
    upper_limit: float
    lower_near_limit: float
    upper_near_limit: float
    special_cause: SpecialCause
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class XmrChart:
    """An XmR chart, computed.

    Attributes:
        points: One for each row, oldest first.
        improvement: The direction in which the measure gets better.
        target: The figure to reach, or None.
        variation: The judgement on the latest point; earlier signals do not show in it.
        assurance: What the limits of the latest point say about the target. None without a target,
            and where the direction is neutral.
        short_segments: The numbers of the segments with fewer than 13 rows (missing values count
            as rows). Empty when every segment is long enough.
        screen_outliers: Whether outlying moving ranges were left out of the limits.
        two_of_three_counts_outside: Whether points outside the limits counted in two of three.
    """

    points: tuple[XmrPoint, ...]
    improvement: Improvement
    target: float | None
    variation: Judgement
    assurance: Assurance | None
    short_segments: tuple[int, ...]
    screen_outliers: bool
    two_of_three_counts_outside: bool

    def to_frame(self) -> pd.DataFrame:
        """Return the points as a table with the columns of `XmrPoint`, labels as plain text.

        Periods are as they were given. Missing values and limits are NaN.
        """
        table = pd.DataFrame(self.points, columns=list(XmrPoint._fields))
        for label in ("special_cause", "judgement"):
            table[label] = [str(getattr(point, label)) for point in self.points]
        return table


def xmr(
    values: Iterable[SupportsFloat | None],
    periods: Iterable[date | np.datetime64],
    *,
    improvement: Improvement | Literal["increase", "decrease", "neutral"] = "increase",
    target: SupportsFloat | None = None,
    rebase_at: date | np.datetime64 | Iterable[date | np.datetime64] = (),
    fix_after: float | None = None,
    screen_outliers: bool = True,
    two_of_three_counts_outside: bool = False,
) -> XmrChart:
    """Return the XmR chart of a series.

    Each segment (the rows between two rebase dates) is judged by itself: nothing carries over a
    rebase. Four rules mark a point, and where several do, the first names it: outside the limits;
    a trend of 7; two of three beyond two sigma; a shift of 7.

    Args:
        values: One number per period, in one unit. None and NaN are missing: no rule marks them,
            they break every run, and no moving range bridges them.
        periods: The date of each value, in any order, each once. Periods only put the values in
            order: a period that is not there is not a gap.
        improvement: The direction in which the measure gets better.
        target: The figure to reach, in the unit of the values.
        rebase_at: Dates that start a new segment. A date that is not one of the periods is ignored.
        fix_after: Calculate mean and limits from this many first rows of each segment, 12 or more,
            and keep them for the rows that follow. None uses every row.
        screen_outliers: Leave moving ranges of 3.267 times their mean or more out of the limits,
            once. False gives the limits of the Making Data Count workbook.
        two_of_three_counts_outside: Let points outside the limits count as beyond two sigma in two
            of three: Making Data Count's rule since late 2023. False is the reference's rule.

    Raises:
        TypeError: If a value or option is not a number, or a period not a date (text is refused).
        ValueError: If there are no values, more or fewer periods than values, a period that is
            missing or comes twice, an infinite value, a direction that is none of the three,
            or `fix_after` below 12.

    References:
        NHSRplotthedots 0.2.2, NHS-R Community (ptd_spc): rules, precedence and icons.
        Nelson LS (1982). Control charts for individual measurements. Journal of Quality
        Technology 14(3): 172-173: screening of moving ranges.
        Making Data Count, NHS England: words, and two of three since late 2023 (NHSRplotthedots
        issue 194).
    """
    direction = _read_improvement(improvement)
    wanted = None if target is None else _read_number(target, "target")
    fixed_rows = None if fix_after is None else _read_fix_after(fix_after)
    screens = _read_switch(screen_outliers, "screen_outliers")
    counts_outside = _read_switch(two_of_three_counts_outside, "two_of_three_counts_outside")
    rows = _read_rows(values, periods)
    segments = _split(rows, _read_rebase_dates(rebase_at))

    points: list[XmrPoint] = []
    for number, segment in segments:
        series = [row.value for row in segment]
        baseline = series[:fixed_rows]
        limits = process_limits(baseline, screen_outliers=screens)
        causes = find_special_causes(series, limits, two_of_three_counts_outside=counts_outside)
        points += [
            XmrPoint(row.period, row.value, number, *limits, cause, judge(cause, direction))
            for row, cause in zip(segment, causes, strict=True)
        ]

    latest = points[-1]
    return XmrChart(
        points=tuple(points),
        improvement=direction,
        target=wanted,
        variation=latest.judgement,
        assurance=assure(wanted, latest.lower_limit, latest.upper_limit, direction),
        short_segments=tuple(n for n, segment in segments if len(segment) < FEWEST_ROWS),
        screen_outliers=screens,
        two_of_three_counts_outside=counts_outside,
    )


def process_limits(values: Sequence[float], *, screen_outliers: bool = True) -> ProcessLimits:
    """Return the mean and the limits that a series sets for itself.

    The mean is over every value that is there; only moving ranges are screened, and only once.
    Screening a constant series leaves no moving range, so its limits are NaN. A series that is
    mostly constant keeps only moving ranges of 0, so its limits are its mean.

    Args:
        values: Oldest first; NaN is missing, and no moving range bridges it.
        screen_outliers: Leave out moving ranges of 3.267 times their mean or more.

    References:
        Nelson LS (1982). Journal of Quality Technology 14(3): 172-173.
    """
    mean = _mean([value for value in values if not isnan(value)])
    ranges = [gap for a, b in pairwise(values) if not isnan(gap := abs(b - a))]
    if screen_outliers:
        ceiling = SCREEN_FACTOR * _mean(ranges)
        ranges = [gap for gap in ranges if gap < ceiling]
    average_range = _mean(ranges)
    reach = LIMIT_FACTOR * average_range
    near_reach = NEAR_LIMIT_FACTOR * average_range
    return ProcessLimits(mean, mean - reach, mean + reach, mean - near_reach, mean + near_reach)


def find_special_causes(
    values: Sequence[float], limits: ProcessLimits, *, two_of_three_counts_outside: bool = False
) -> list[SpecialCause]:
    """Return the special cause of each point of one segment, oldest first; NaN is missing.

    Where several rules mark a point: outside, then trend, then two of three, then shift.
    """
    sides = [_compare(value, limits.mean) for value in values]
    outside = [value > limits.upper or value < limits.lower for value in values]
    beyond = [value > limits.upper_near or value < limits.lower_near for value in values]
    if not two_of_three_counts_outside:
        beyond = [far and not out for far, out in zip(beyond, outside, strict=True)]
    return [
        _name_cause(*facts)
        for facts in zip(
            sides,
            outside,
            find_trends(values),
            find_two_of_three(beyond, sides),
            find_shifts(sides),
            strict=True,
        )
    ]


def find_trends(values: Sequence[float]) -> list[int]:
    """Return 1 for each point of a rising trend, -1 of a falling one, 0 elsewhere.

    A trend is 7 or more successive points, each above (or each below) the one before; every point
    of it is marked, the first as well. A tie or a missing value ends it. A point that ends one
    trend and starts another belongs to the one on its right, as in the reference; so does the last
    point of a rising trend when a falling one starts, at a tie, with the next point.
    """
    steps = [_compare(later, earlier) for earlier, later in pairwise(values)]
    in_trend = [False] * len(values)
    for position, sign in enumerate(_keep_runs(steps, RUN_LENGTH - 1)):
        if sign:
            in_trend[position] = in_trend[position + 1] = True

    directions = [0] * len(values)
    for position, marked in enumerate(in_trend):
        if marked:
            goes_on = position + 1 < len(values) and in_trend[position + 1]
            step = steps[position] if goes_on else steps[position - 1]
            directions[position] = 1 if step == 1 else -1
    return directions


def find_two_of_three(beyond: Sequence[bool], sides: Sequence[int]) -> list[bool]:
    """Return which points are beyond two sigma together with another one out of three.

    Args:
        beyond: Whether each point counts as beyond two sigma.
        sides: 1 above the mean, -1 below it, 0 on it or missing. All three are on one side.
    """
    marked = [False] * len(beyond)
    for start in range(len(beyond) - 2):
        three = slice(start, start + 3)
        if sum(beyond[three]) >= 2 and abs(sum(sides[three])) == 3:
            for position in range(start, start + 3):
                marked[position] = marked[position] or beyond[position]
    return marked


def find_shifts(sides: Sequence[int]) -> list[bool]:
    """Return which points are among 7 or more successive ones on one side of the mean.

    Args:
        sides: 1 above the mean, -1 below it, 0 on it or missing, which ends a shift.
    """
    return [side != 0 for side in _keep_runs(sides, RUN_LENGTH)]


def judge(cause: SpecialCause, improvement: Improvement) -> Judgement:
    """Return what a special cause means for a measure that improves in the given direction."""
    if cause is SpecialCause.NONE:
        return Judgement.COMMON_CAUSE
    high, low = _HIGH_AND_LOW[improvement]
    return high if cause in _HIGH else low


def assure(
    target: float | None, lower_limit: float, upper_limit: float, improvement: Improvement
) -> Assurance | None:
    """Return whether limits lie wholly on the right or the wrong side of a target.

    Only the limits count, never how often the target was met. A target on a limit, and limits that
    are NaN, are inconsistent. None without a target or a direction.
    """
    if target is None or improvement is Improvement.NEUTRAL:
        return None
    if target > upper_limit:
        reached = improvement is Improvement.DECREASE
    elif target < lower_limit:
        reached = improvement is Improvement.INCREASE
    else:
        return Assurance.INCONSISTENT
    return Assurance.CONSISTENT_PASS if reached else Assurance.CONSISTENT_FAIL


def _mean(values: Sequence[float]) -> float:
    """Return the mean, rounded once; NaN of nothing."""
    # The sum divided by n rounds twice and can miss a constant series by its last digit (nine times
    # 0.03), which would put every point on one side of the mean. Adding the mean of what is left
    # over gives the mean rounded once, as R's two passes in long double do.
    n = len(values)
    if n == 0:
        return nan
    near = fsum(values) / n
    return near + fsum([*values, *([-near] * n)]) / n


def _compare(a: float, b: float) -> int:
    """Return 1 if a is above b, -1 if below, 0 if equal or either is missing."""
    return (a > b) - (a < b)


def _keep_runs(signs: Sequence[int], length: int) -> list[int]:
    """Return the signs that stand in unbroken runs of at least this length, 0 for all others."""
    kept = [0] * len(signs)
    start = 0
    for end in range(1, len(signs) + 1):
        if end == len(signs) or signs[end] != signs[start]:
            if end - start >= length:
                kept[start:end] = signs[start:end]
            start = end
    return kept


def _name_cause(
    side: int, is_outside: bool, trend: int, is_two_of_three: bool, is_shift: bool
) -> SpecialCause:
    if is_outside:
        return SpecialCause.ABOVE_UPPER_LIMIT if side == 1 else SpecialCause.BELOW_LOWER_LIMIT
    if trend:
        return SpecialCause.TREND_UP if trend == 1 else SpecialCause.TREND_DOWN
    if is_two_of_three:
        return SpecialCause.TWO_OF_THREE_ABOVE if side == 1 else SpecialCause.TWO_OF_THREE_BELOW
    if is_shift:
        return SpecialCause.SHIFT_ABOVE if side == 1 else SpecialCause.SHIFT_BELOW
    return SpecialCause.NONE


class _Row(NamedTuple):
    moment: datetime  # what rows are ordered and compared by: a date is its midnight
    period: date  # as it was given
    value: float


def _split(rows: Sequence[_Row], rebase_dates: set[datetime]) -> list[tuple[int, list[_Row]]]:
    """Return each segment with its number: 0 first, or 1 if the first row is a rebase date."""
    number = 0
    segments: list[tuple[int, list[_Row]]] = []
    for row in rows:
        rebased = row.moment in rebase_dates
        number += rebased
        if rebased or not segments:
            segments.append((number, []))
        segments[-1][1].append(row)
    return segments


def _read_rows(
    values: Iterable[SupportsFloat | None], periods: Iterable[date | np.datetime64]
) -> list[_Row]:
    listed_values, listed_periods = list(values), list(periods)
    if len(listed_values) != len(listed_periods):
        raise ValueError(
            f"xmr: found {len(listed_values)} values and {len(listed_periods)} periods. "
            "Give one period for each value."
        )
    if not listed_values:
        raise ValueError("xmr: found no values. A chart needs at least one.")
    rows = [
        _Row(*_read_period(period, position, "periods"), _read_value(value, position))
        for position, (value, period) in enumerate(
            zip(listed_values, listed_periods, strict=True), start=1
        )
    ]
    try:
        rows.sort(key=lambda row: row.moment)
    except TypeError as mixed:
        raise TypeError(
            "periods: found times with and without a time zone. Give all of them one way."
        ) from mixed
    for earlier, later in pairwise(rows):
        if earlier.moment == later.moment:
            raise ValueError(
                f"periods: {later.period} comes twice. A series has one value for each period: "
                "add the values up, or chart them as separate series."
            )
    return rows


def _read_value(value: object, position: int) -> float:
    """Return a value as a float, NaN if it is missing."""
    if value is None or value is pd.NA or value is pd.NaT:
        return nan
    if not _is_number(value):
        raise TypeError(
            f"values: number {position} is of type {type(value).__name__}. Give numbers, or None "
            "where a value is missing."
        )
    number = float(value)
    if isinf(number):
        raise ValueError(
            f"values: number {position} is infinite. Give finite numbers, or None where a value "
            "is missing."
        )
    return number


def _read_period(
    period: object, position: int, where: Literal["periods", "rebase_at"]
) -> tuple[datetime, date]:
    """Return the moment that a period stands for, and the period as it was given."""
    if isinstance(period, np.datetime64):
        period = pd.Timestamp(period)
    if period is None or period is pd.NaT or period is pd.NA:
        raise ValueError(f"{where}: number {position} is missing. Give a date.")
    if isinstance(period, datetime):
        return period, period
    if isinstance(period, date):
        return datetime(period.year, period.month, period.day), period
    raise TypeError(
        f"{where}: number {position} is of type {type(period).__name__}. Give dates or times "
        "(datetime, pandas or numpy); text has to be turned into dates first."
    )


def _read_rebase_dates(
    dates: date | np.datetime64 | Iterable[date | np.datetime64],
) -> set[datetime]:
    alone = isinstance(dates, (date, np.datetime64, str))
    listed = [dates] if alone else list(dates)
    return {
        _read_period(listed_date, position, "rebase_at")[0]
        for position, listed_date in enumerate(listed, start=1)
    }


def _is_number(value: object) -> TypeGuard[SupportsFloat]:
    # True and False are numbers to Python, but not to a chart.
    return isinstance(value, (float, int, Decimal, Real)) and not isinstance(value, bool)


def _read_improvement(improvement: str) -> Improvement:
    try:
        return Improvement(improvement)
    except ValueError:
        raise ValueError(
            f"improvement: found {improvement!r}. It is one of {', '.join(Improvement)}."
        ) from None


def _read_fix_after(rows: object) -> int | None:
    """Return how many first rows to calculate from; None for all of them."""
    if not _is_number(rows):
        raise TypeError(
            f"fix_after: found a {type(rows).__name__}. "
            f"Give one number, {FEWEST_FIXED_ROWS} or more."
        )
    number = float(rows)
    if not number >= FEWEST_FIXED_ROWS:
        raise ValueError(
            f"fix_after: found {rows}. Limits are fixed on {FEWEST_FIXED_ROWS} rows or more."
        )
    return None if isinf(number) else int(number)


def _read_number(number: object, where: str) -> float:
    if not _is_number(number):
        raise TypeError(
            f"{where}: found a {type(number).__name__}. Give one number, or leave it out."
        )
    if not isfinite(read := float(number)):
        raise ValueError(f"{where}: found {read}. Give one finite number, or leave it out.")
    return read


def _read_switch(switch: object, where: str) -> bool:
    if not isinstance(switch, (bool, np.bool_)):
        raise TypeError(f"{where}: found a {type(switch).__name__}. Give True or False.")
    return bool(switch)
