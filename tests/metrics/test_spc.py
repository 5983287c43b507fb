import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from math import inf, isnan, nan
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.spc import XmrChart, XmrPoint, process_limits, xmr

COLUMNS = [
    "period",
    "value",
    "segment",
    "mean",
    "lower_limit",
    "upper_limit",
    "lower_near_limit",
    "upper_near_limit",
    "special_cause",
    "judgement",
]

# 28 values, 4 apart in turn: mean 50, moving ranges all 4, limits 39.36 and 60.64,
# near limits 42.91 and 57.09 (rounded).
STEADY = [48.0, 52.0] * 14


def months(count: int, first: int = 2021 * 12) -> list[date]:
    return [date(month // 12, month % 12 + 1, 1) for month in range(first, first + count)]


def chart_of(values: list[Any], **options: Any) -> XmrChart:
    return xmr(values, months(len(values)), **options)


def causes(chart: XmrChart) -> list[str]:
    return [str(point.special_cause) for point in chart.points]


def marked(chart: XmrChart, cause: str) -> list[int]:
    return [position for position, found in enumerate(causes(chart)) if found == cause]


# The points of STEADY, judged by its limits, then others judged by the same limits.
def after_steady(values: list[float | None], **options: Any) -> XmrChart:
    return chart_of([*STEADY, *values], fix_after=len(STEADY), **options)


# ---------------------------------------------------------------- limits


# Published: NHSRplotthedots, vignettes/deviations.Rmd.
@pytest.mark.parametrize(
    ("screen_outliers", "lower", "upper"), [(True, -0.72, 4.60), (False, -3.06, 6.95)]
)
def test_process_limits_match_the_published_example(screen_outliers, lower, upper):
    values = [1.0, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]

    limits = process_limits(values, screen_outliers=screen_outliers)

    assert limits.mean == pytest.approx(1.94, abs=0.005)
    assert limits.lower == pytest.approx(lower, abs=0.005)
    assert limits.upper == pytest.approx(upper, abs=0.005)


def test_limits_are_2_66_mean_moving_ranges_from_the_mean():
    limits = process_limits(STEADY)

    assert limits.mean == 50
    assert (limits.lower, limits.upper) == pytest.approx((39.36, 60.64), rel=1e-12)
    assert (limits.lower_near, limits.upper_near) == pytest.approx(
        (50 - 4 * 2.66 * 2 / 3, 50 + 4 * 2.66 * 2 / 3), rel=1e-12
    )


def test_a_moving_range_at_the_screening_limit_is_left_out():
    # Moving ranges 0, 0 and 3: 3.267 times their mean of 1 is above 3, so 3 stays.
    kept = process_limits([0.0, 0, 0, 3])
    # Moving ranges 0, 0, 0 and 3: 3.267 times their mean of 0.75 is below 3, so 3 goes.
    left_out = process_limits([0.0, 0, 0, 0, 3])

    assert kept.upper > kept.mean
    assert left_out.upper == left_out.mean == 0.6


def test_no_moving_range_bridges_a_missing_value():
    with_gap = process_limits([10.0, 12, nan, 90, 92], screen_outliers=False)

    assert with_gap.mean == 51
    assert with_gap.upper == pytest.approx(51 + 2.66 * 2)


def test_a_constant_series_has_no_limits_when_screened_and_its_mean_when_not():
    screened = chart_of([5] * 15, target=5)
    unscreened = chart_of([5] * 15, target=5, screen_outliers=False)

    assert all(isnan(point.lower_limit) and point.mean == 5 for point in screened.points)
    assert all(point.lower_limit == point.upper_limit == 5 for point in unscreened.points)
    for chart in (screened, unscreened):
        assert set(causes(chart)) == {"none"}
        assert chart.variation == "common_cause"
        assert chart.assurance == "inconsistent"


def test_a_series_that_is_mostly_zero_has_every_point_off_its_mean_outside():
    values = [0, 0, 0, 0, 0, 1] * 4

    chart = chart_of(values)

    assert causes(chart) == [
        "above_upper_limit" if value else "below_lower_limit" for value in values
    ]


@pytest.mark.parametrize("value", [0.01, 0.03, 0.1, 0.95, 0.7, 1 / 3, 33.3])
@pytest.mark.parametrize("count", [7, 9, 13, 29, 36, 57])
def test_the_mean_of_a_constant_series_is_that_constant(value, count):
    chart = chart_of([value] * count, screen_outliers=False)

    assert {point.mean for point in chart.points} == {value}
    assert set(causes(chart)) == {"none"}


def test_one_value_has_a_mean_but_no_limits():
    chart = chart_of([50], target=40)

    (point,) = chart.points
    assert point.mean == 50
    assert isnan(point.lower_limit)
    assert isnan(point.upper_near_limit)
    assert chart.variation == "common_cause"
    assert chart.assurance == "inconsistent"
    assert chart.short_segments == (0,)


def test_limits_are_not_clipped_at_zero():
    chart = chart_of([0, 5, 1, 4, 0, 6, 1, 5, 0, 4, 1, 6, 0])

    assert chart.points[0].lower_limit < 0


# ---------------------------------------------------------------- rules


def test_steady_values_are_common_cause():
    chart = chart_of(STEADY)

    assert set(causes(chart)) == {"none"}
    assert {str(point.judgement) for point in chart.points} == {"common_cause"}


def test_points_beyond_the_limits_are_outside():
    chart = after_steady([60.7, 50, 39.3])

    assert marked(chart, "above_upper_limit") == [28]
    assert marked(chart, "below_lower_limit") == [30]


def test_a_point_on_a_limit_is_inside():
    upper = after_steady([50]).points[-1].upper_limit

    chart = after_steady([upper])

    assert chart.points[-1].special_cause == "none"


def test_all_seven_points_of_a_trend_are_marked_and_all_that_extend_it():
    seven = after_steady([47, 48, 49, 50, 51, 52, 53])
    nine = after_steady([54, 53, 52, 51, 50, 49, 48, 47, 46])

    assert marked(seven, "trend_up") == [28, 29, 30, 31, 32, 33, 34]
    # The last steady value, 52, is below 54: the fall starts after it.
    assert marked(nine, "trend_down") == list(range(28, 37))


def test_six_rising_points_are_no_trend():
    assert marked(after_steady([53, 47, 48, 49, 51, 52.5, 53, 50]), "trend_up") == []


def test_a_tie_breaks_a_trend():
    assert marked(after_steady([47, 48, 49, 50, 50, 51, 52, 53]), "trend_up") == []


def test_a_peak_that_two_trends_share_belongs_to_the_falling_one():
    chart = after_steady([47, 48, 49, 50, 51, 52, 53, 52, 51, 50, 49, 48, 47])

    assert marked(chart, "trend_up") == list(range(28, 34))
    assert marked(chart, "trend_down") == list(range(34, 41))


def test_after_a_tied_peak_the_last_rising_point_is_named_falling_as_in_the_reference():
    chart = after_steady([47, 48, 49, 50, 51, 52, 53, 53, 52, 51, 50, 49, 48, 47])

    assert marked(chart, "trend_up") == list(range(28, 34))
    assert marked(chart, "trend_down") == list(range(34, 42))


def test_seven_points_on_one_side_of_the_mean_are_a_shift():
    above = after_steady([51, 52, 51, 52, 51, 52, 51])
    below = after_steady([50, 49, 48, 49, 48, 49, 48, 49])

    # The last steady value, 52, is above the mean already.
    assert marked(above, "shift_above") == list(range(27, 35))
    assert marked(below, "shift_below") == list(range(29, 36))


def test_a_point_on_the_mean_breaks_a_shift():
    assert marked(after_steady([51, 52, 51, 50, 51, 52, 51]), "shift_above") == []


def test_two_of_three_marks_only_the_near_points():
    chart = after_steady([48, 58, 51, 58, 48])

    assert marked(chart, "two_of_three_above") == [29, 31]


def test_two_of_three_needs_all_three_on_one_side():
    assert marked(after_steady([48, 58, 49, 58, 48]), "two_of_three_above") == []
    assert marked(after_steady([48, 58, 50, 58, 48]), "two_of_three_above") == []
    assert marked(after_steady([48, 58, 58, 48]), "two_of_three_above") == []


def test_two_of_three_below_the_mean():
    assert marked(after_steady([50, 42, 49, 42, 50]), "two_of_three_below") == [29, 31]


def test_in_the_reference_a_point_outside_the_limits_is_only_a_third_one_on_its_side():
    one_near = after_steady([48, 70, 58, 51, 48])
    two_near = after_steady([48, 70, 58, 58, 48])

    assert marked(one_near, "two_of_three_above") == []
    assert marked(two_near, "two_of_three_above") == [30, 31]


def test_by_the_late_2023_rule_a_point_outside_the_limits_counts_in_two_of_three():
    chart = after_steady([48, 70, 58, 51, 48], two_of_three_counts_outside=True)

    assert marked(chart, "above_upper_limit") == [29]
    assert marked(chart, "two_of_three_above") == [30]


def test_by_the_late_2023_rule_the_third_point_is_still_not_marked_itself():
    chart = after_steady([48, 70, 51, 58, 48], two_of_three_counts_outside=True)

    assert marked(chart, "two_of_three_above") == [31]


def test_by_the_late_2023_rule_all_three_are_still_on_one_side():
    chart = after_steady([48, 70, 58, 49], two_of_three_counts_outside=True)

    assert marked(chart, "two_of_three_above") == []


def test_outside_names_a_point_before_trend_and_two_of_three_before_shift():
    rising = after_steady([47, 49, 50, 51, 52, 53, 70])
    high = after_steady([48, 51, 58, 51, 58, 51, 51, 51])

    assert marked(rising, "trend_up") == list(range(28, 34))
    assert marked(rising, "above_upper_limit") == [34]
    assert marked(high, "two_of_three_above") == [30, 32]
    assert marked(high, "shift_above") == [29, 31, 33, 34, 35]


# ---------------------------------------------------------------- judgement and assurance


@pytest.mark.parametrize(
    ("improvement", "high", "low"),
    [
        ("increase", "improvement", "concern"),
        ("decrease", "concern", "improvement"),
        ("neutral", "neutral_high", "neutral_low"),
    ],
)
def test_the_direction_decides_what_a_signal_means(improvement, high, low):
    up = after_steady([70], improvement=improvement)
    down = after_steady([30], improvement=improvement)

    assert up.variation == up.points[-1].judgement == high
    assert down.variation == down.points[-1].judgement == low


def test_a_falling_trend_above_the_mean_is_judged_by_its_direction():
    chart = after_steady([58, 57, 56, 55, 54, 53, 51], improvement="increase")

    assert chart.points[-1].special_cause == "trend_down"
    assert chart.variation == "concern"


def test_variation_is_that_of_the_latest_point_only():
    assert after_steady([70, 50]).variation == "common_cause"


def test_increase_is_the_direction_unless_another_is_given():
    assert after_steady([70]).variation == "improvement"


@pytest.mark.parametrize(
    ("target", "increase", "decrease"),
    [
        (39.35, "consistent_pass", "consistent_fail"),
        (39.37, "inconsistent", "inconsistent"),
        (60.63, "inconsistent", "inconsistent"),
        (60.65, "consistent_fail", "consistent_pass"),
    ],
)
def test_assurance_compares_the_limits_with_the_target(target, increase, decrease):
    assert chart_of(STEADY, target=target, improvement="increase").assurance == increase
    assert chart_of(STEADY, target=target, improvement="decrease").assurance == decrease


def test_a_target_on_a_limit_is_inconsistent():
    point = chart_of(STEADY).points[-1]

    assert chart_of(STEADY, target=point.upper_limit).assurance == "inconsistent"
    assert chart_of(STEADY, target=point.lower_limit).assurance == "inconsistent"


def test_without_a_target_there_is_no_assurance():
    assert chart_of(STEADY).assurance is None


def test_assurance_is_that_of_the_last_segment():
    periods = months(40)

    chart = xmr([*STEADY, *[20, 24] * 6], periods, target=40, rebase_at=[periods[28]])

    assert chart.assurance == "consistent_fail"


# ---------------------------------------------------------------- segments


def test_segments_are_counted_from_0_or_from_1_when_the_first_date_is_a_rebase_date():
    periods = months(28)

    from_0 = xmr(STEADY, periods, rebase_at=[periods[13]])
    from_1 = xmr(STEADY, periods, rebase_at=[periods[0], periods[13]])

    assert [point.segment for point in from_0.points] == [0] * 13 + [1] * 15
    assert [point.segment for point in from_1.points] == [1] * 13 + [2] * 15


def test_a_rebase_date_that_is_no_period_is_ignored():
    chart = chart_of(STEADY, rebase_at=[date(2021, 5, 2), date(1999, 1, 1)])

    assert {point.segment for point in chart.points} == {0}


def test_runs_do_not_cross_a_rebase():
    periods = months(14)
    rising = [float(value) for value in range(14)]

    whole = xmr(rising, periods)
    halves = xmr(rising, periods, rebase_at=[periods[6]])

    # Each half is shorter or longer than 7: 6 rising points, then 8.
    assert "trend_up" in causes(whole)[:6]
    assert "trend_up" not in causes(halves)[:6]


def test_fixed_rows_are_counted_within_each_segment():
    periods = months(40)
    values = [*[10, 12] * 6, *[50] * 8, *[30, 34] * 6, *[90] * 8]

    chart = xmr(values, periods, rebase_at=periods[20], fix_after=12)

    assert [chart.points[0].mean, chart.points[20].mean] == [11, 32]
    assert {point.mean for point in chart.points} == {11, 32}
    assert set(marked(chart, "above_upper_limit")) == {*range(12, 20), *range(32, 40)}


def test_fixing_more_rows_than_there_are_changes_nothing():
    assert chart_of(STEADY, fix_after=99) == chart_of(STEADY)
    assert chart_of(STEADY, fix_after=inf) == chart_of(STEADY)


def test_segments_of_fewer_than_13_rows_are_short_and_missing_values_count_as_rows():
    periods = months(40)
    values = [None, *STEADY, *[48, 52] * 5, None]

    chart = xmr(values, periods, rebase_at=[periods[13], periods[28]])

    assert [point.segment for point in chart.points].count(0) == 13
    assert chart.short_segments == (2,)
    assert chart_of(STEADY).short_segments == ()


# ---------------------------------------------------------------- missing values


def test_a_missing_value_is_never_marked_and_breaks_a_trend():
    whole = after_steady([47, 48, 49, 50, 51, 52, 53, 54])
    broken = after_steady([47, 48, 49, 50, None, 52, 53, 54])

    assert marked(whole, "trend_up") == list(range(28, 36))
    assert marked(broken, "trend_up") == []
    assert broken.points[32].special_cause == "none"


def test_a_missing_value_breaks_a_shift_and_two_of_three():
    shift = after_steady([51, 52, 51, None, 51, 52, 51])
    near = after_steady([48, 58, None, 58, 48])

    assert marked(shift, "shift_above") == []
    assert marked(near, "two_of_three_above") == []


def test_a_full_run_on_either_side_of_a_missing_value_is_marked():
    chart = after_steady([47, 48, 49, 50, 51, 52, 53, None, 47, 48, 49, 50, 51, 52, 53])

    assert marked(chart, "trend_up") == [*range(28, 35), *range(36, 43)]


def test_a_missing_latest_value_is_common_cause():
    chart = after_steady([70, None], target=70)

    assert chart.variation == "common_cause"
    assert chart.assurance == "consistent_fail"


def test_a_series_of_missing_values_has_no_mean_no_limits_and_no_signal():
    chart = chart_of([None] * 8, target=1)

    assert all(isnan(point.mean) and isnan(point.upper_limit) for point in chart.points)
    assert set(causes(chart)) == {"none"}
    assert (chart.variation, chart.assurance) == ("common_cause", "inconsistent")


@pytest.mark.parametrize("missing", [None, nan, np.nan, pd.NA, pd.NaT, Decimal("NaN")])
def test_every_way_to_write_a_missing_value_is_read(missing):
    chart = chart_of([48, missing, 52])

    assert isnan(chart.points[1].value)
    assert chart.points[0].mean == 50


# ---------------------------------------------------------------- what is given and what comes back


def test_the_table_has_exactly_its_columns_and_plain_labels():
    table = after_steady([70]).to_frame()

    assert list(table.columns) == COLUMNS == list(XmrPoint._fields)
    assert len(table) == 29
    assert {type(label) for label in table["special_cause"]} == {str}
    assert {type(label) for label in table["judgement"]} == {str}
    assert table["segment"].dtype.kind == "i"
    assert all(table[column].dtype.kind == "f" for column in COLUMNS[3:8])


def test_periods_come_back_as_they_were_given():
    dates = chart_of(STEADY).to_frame()
    times = xmr(STEADY, pd.date_range("2021-01-01", periods=28, freq="MS")).to_frame()

    assert dates["period"].tolist() == months(28)
    assert times["period"].dtype.kind == "M"


@pytest.mark.parametrize(
    "periods",
    [
        [datetime(day.year, day.month, day.day) for day in months(28)],
        [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in months(28)],
        pd.to_datetime(months(28)),
        pd.Series(pd.to_datetime(months(28))),
        np.array(months(28), dtype="datetime64[D]"),
        np.array(months(28), dtype="datetime64[ns]"),
    ],
    ids=["times", "times with zone", "index", "column", "numpy days", "numpy nanoseconds"],
)
def test_every_kind_of_date_is_read(periods):
    chart = xmr(STEADY, periods, rebase_at=[periods[14]])

    assert [point.segment for point in chart.points] == [0] * 14 + [1] * 14


@pytest.mark.parametrize(
    "values",
    [
        np.array(STEADY),
        np.array(STEADY, dtype="int32"),
        pd.Series(STEADY),
        pd.Series(STEADY, dtype="Int64"),
        [Decimal(str(value)) for value in STEADY],
        (value for value in STEADY),
    ],
    ids=["floats", "integers", "column", "nullable column", "decimals", "generator"],
)
def test_every_kind_of_number_is_read(values):
    assert xmr(values, months(28)) == chart_of(STEADY)


def test_a_rebase_date_is_matched_whatever_kind_of_date_it_is():
    periods = pd.date_range("2021-01-01", periods=28, freq="MS")

    for rebase_at in (date(2022, 1, 1), datetime(2022, 1, 1), np.datetime64("2022-01-01")):
        chart = xmr(STEADY, periods, rebase_at=rebase_at)
        assert chart.points[12].segment == 1, rebase_at
        assert chart.points[11].segment == 0, rebase_at


def test_a_chart_can_be_stored_and_read_again():
    chart = after_steady([70], target=40)

    assert pickle.loads(pickle.dumps(chart)) == chart


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ([48, "52", 50], TypeError, "number 2 is of type str"),
        ([48, True, 50], TypeError, "number 2 is of type bool"),
        ([48, np.True_, 50], TypeError, "number 2 is of type bool"),
        ([48, 52j, 50], TypeError, "number 2 is of type complex"),
        ([48, inf, 50], ValueError, "number 2 is infinite"),
        ([48, 52], ValueError, "2 values and 3 periods"),
        ([], ValueError, "0 values and 3 periods"),
    ],
)
def test_values_that_cannot_be_charted_are_refused(values, error, words):
    with pytest.raises(error, match=words):
        xmr(values, months(3))


def test_an_empty_series_is_refused():
    with pytest.raises(ValueError, match="found no values"):
        xmr([], [])


@pytest.mark.parametrize(
    ("period", "error", "words"),
    [
        ("2021-02-01", TypeError, "number 2 is of type str"),
        (20210201, TypeError, "number 2 is of type int"),
        (None, ValueError, "number 2 is missing"),
        (pd.NaT, ValueError, "number 2 is missing"),
        (np.datetime64("NaT"), ValueError, "number 2 is missing"),
        (date(2021, 3, 1), ValueError, "2021-03-01 comes twice"),
        (datetime(2021, 3, 1), ValueError, "comes twice"),
        (datetime(2021, 2, 1, tzinfo=UTC), TypeError, "with and without a time zone"),
    ],
)
def test_periods_that_cannot_be_put_in_order_are_refused(period, error, words):
    with pytest.raises(error, match=words):
        xmr([1, 2, 3], [date(2021, 1, 1), period, date(2021, 3, 1)])


@pytest.mark.parametrize(
    ("option", "error", "words"),
    [
        ({"improvement": "up"}, ValueError, "one of increase, decrease, neutral"),
        ({"improvement": None}, ValueError, "one of increase"),
        ({"target": [1, 2]}, TypeError, "target: found a list"),
        ({"target": "40"}, TypeError, "target: found a str"),
        ({"target": nan}, ValueError, "one finite number"),
        ({"fix_after": 11}, ValueError, "12 rows or more"),
        ({"fix_after": nan}, ValueError, "12 rows or more"),
        ({"fix_after": [12, 24]}, TypeError, "fix_after: found a list"),
        ({"fix_after": "12"}, TypeError, "fix_after: found a str"),
        ({"rebase_at": "2021-02-01"}, TypeError, "rebase_at: number 1 is of type str"),
        ({"rebase_at": ["2021-02-01"]}, TypeError, "rebase_at: number 1 is of type str"),
        ({"screen_outliers": "no"}, TypeError, "screen_outliers: found a str"),
        ({"two_of_three_counts_outside": None}, TypeError, "Give True or False"),
    ],
)
def test_options_that_mean_nothing_are_refused(option, error, words):
    with pytest.raises(error, match=words):
        chart_of(STEADY, **option)


# ---------------------------------------------------------------- laws

numbers = st.one_of(
    st.integers(-50, 50).map(float),
    st.decimals(-20, 20, places=1).map(float),
    st.floats(-1e9, 1e9),
)
series = st.lists(st.one_of(numbers, numbers, numbers, st.none()), min_size=1, max_size=50)
options = st.fixed_dictionaries(
    {
        "improvement": st.sampled_from(["increase", "decrease", "neutral"]),
        "target": st.one_of(st.none(), numbers),
        "fix_after": st.one_of(st.none(), st.integers(12, 30)),
        "screen_outliers": st.booleans(),
        "two_of_three_counts_outside": st.booleans(),
    }
)
quick = settings(deadline=None, max_examples=60)


@quick
@given(series, options)
def test_limits_stand_in_order_around_the_mean_where_there_are_any(values, options):
    for point in chart_of(values, **options).points:
        limits = [
            point.lower_limit,
            point.lower_near_limit,
            point.mean,
            point.upper_near_limit,
            point.upper_limit,
        ]
        there = [limit for limit in limits if not isnan(limit)]
        assert len(there) in (0, 1, 5)
        assert there == sorted(there)


@quick
@given(st.data(), series, options)
def test_the_order_of_the_rows_given_never_matters(data, values, options):
    pairs = list(zip(values, months(len(values)), strict=True))
    shuffled = data.draw(st.permutations(pairs))
    rebase_at = [months(len(values))[len(values) // 2]]

    in_order = xmr(*zip(*pairs, strict=True), rebase_at=rebase_at, **options)
    as_given = xmr(*zip(*shuffled, strict=True), rebase_at=rebase_at, **options)

    pd.testing.assert_frame_equal(in_order.to_frame(), as_given.to_frame())
    assert in_order.variation == as_given.variation
    assert in_order.assurance == as_given.assurance


@quick
@given(series, series, options)
def test_a_rebased_series_is_two_charts_side_by_side(before, after, options):
    periods = months(len(before) + len(after))
    start = len(before)

    rebased = xmr(before + after, periods, rebase_at=[periods[start]], **options)
    first = xmr(before, periods[:start], **options)
    second = xmr(after, periods[start:], **options)

    side_by_side = pd.concat([first.to_frame(), second.to_frame()], ignore_index=True)
    pd.testing.assert_frame_equal(
        rebased.to_frame().drop(columns="segment"), side_by_side.drop(columns="segment")
    )
    assert (rebased.variation, rebased.assurance) == (second.variation, second.assurance)


@quick
@given(series, options)
def test_a_neutral_measure_has_no_assurance_improvement_or_concern(values, options):
    chart = chart_of(values, **{**options, "improvement": "neutral"})

    assert chart.assurance is None
    assert {str(point.judgement) for point in chart.points} <= {
        "common_cause",
        "neutral_high",
        "neutral_low",
    }


@quick
@given(series, options)
def test_the_direction_changes_judgements_but_never_signals(values, options):
    up = chart_of(values, **{**options, "improvement": "increase"})
    down = chart_of(values, **{**options, "improvement": "decrease"})

    swapped = {"improvement": "concern", "concern": "improvement", "common_cause": "common_cause"}
    assert causes(up) == causes(down)
    assert [str(point.judgement) for point in up.points] == [
        swapped[point.judgement] for point in down.points
    ]


@quick
@given(series, options)
def test_a_missing_value_is_never_a_signal_and_moves_no_other_value(values, options):
    chart = chart_of(values, **options)

    for given_value, point in zip(values, chart.points, strict=True):
        if given_value is None:
            assert isnan(point.value)
            assert point.special_cause == "none"
        else:
            assert point.value == given_value


@quick
@given(series, options)
def test_the_late_2023_rule_never_takes_a_signal_away(values, options):
    reference = chart_of(values, **{**options, "two_of_three_counts_outside": False})
    wider = chart_of(values, **{**options, "two_of_three_counts_outside": True})

    for old, new in zip(causes(reference), causes(wider), strict=True):
        assert old == new or (new.startswith("two_of_three") and not old.startswith("trend"))


@quick
@given(st.lists(numbers, min_size=7, max_size=40))
def test_a_trend_is_marked_exactly_where_seven_points_rise_or_fall(values):
    chart = chart_of(values, screen_outliers=False)

    in_trend = set()
    for start in range(len(values) - 6):
        steps = [later - earlier for earlier, later in pairwise(values[start : start + 7])]
        if all(step > 0 for step in steps) or all(step < 0 for step in steps):
            in_trend |= set(range(start, start + 7))
    expected = {p for p in in_trend if "limit" not in causes(chart)[p]}
    assert {p for p, cause in enumerate(causes(chart)) if cause.startswith("trend")} == expected
