import datetime
from itertools import cycle, islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.calendar import MONTHS_IN, add_months
from metrics.definition import Measure
from metrics.findings import (
    POINTS_NEEDED,
    RECENT_PERIODS,
    Finding,
    judge_series,
    way_of,
    with_pairs,
)
from metrics.spc import SpecialCause, xmr
from tests.metrics.measure_tables import a_measure, day

MEASURE = a_measure(numerator={"rows": "referral", "on": "received_at"})
# Its moving ranges average 2, so the limits lie 5.32 on either side of 50.
STEADY = [49.0, 51.0] * 12
FIRST = day("2023-01-01")


def starts(count: int, every: str = "month") -> list[datetime.date]:
    length = MONTHS_IN["quarter"] if every == "quarter" else MONTHS_IN["month"]
    return [add_months(FIRST, length * number) for number in range(count)]


def a_series(values: list[float | None], every: str = "month", **last: Any) -> list[dict[str, Any]]:
    """Return values as rows of `measure_value`, None as missing; `last` changes the last row."""
    months = starts(len(values) + 1, every)
    rows = [
        {
            "split": "",
            "area_level": "team",
            "area_id": "T1",
            "period_start": start,
            "period_end": end,
            "numerator": value,
            "denominator": None,
            "n": None if value is None else int(value),
            "value": value,
            "state": "missing" if value is None else "value",
            "provisional": False,
            "reason": "not received" if value is None else "",
        }
        for value, start, end in zip(values, months, months[1:], strict=False)
    ]
    rows[-1] |= last
    return rows


def finding_of(values: list[float | None], measure: Measure = MEASURE, **options: Any) -> Finding:
    return judge_series(measure, a_series(values, measure.every), **options).finding


# ---------------------------------------------------------------- what may be claimed at all


@pytest.mark.parametrize("count", [1, 2, POINTS_NEEDED - 1])
def test_nothing_is_claimed_below_13_points(count):
    values = [*islice(cycle([49.0, 51.0]), count - 1), 500.0]

    judged = judge_series(MEASURE, a_series(values))

    finding = judged.finding
    assert (finding.kind, finding.points, finding.value) == ("too_new", count, 500.0)
    assert (finding.variation, finding.way, finding.special_cause) == (None, None, "none")
    assert finding.mean is finding.lower_limit is finding.upper_limit is None
    assert finding.recent == ()
    for point in judged.points:
        assert point["upper_limit"] is point["lower_near_limit"] is None
        assert (point["special_cause"], point["judgement"]) == ("none", "common_cause")


def test_with_the_13th_point_the_limits_speak():
    steady = finding_of(STEADY[:POINTS_NEEDED])
    high = finding_of([*STEADY[: POINTS_NEEDED - 1], 500.0])

    assert (steady.kind, steady.variation, steady.way) == ("usual", "common_cause", None)
    assert (high.kind, high.variation, high.way) == ("signal", "concern", "higher")


def test_missing_values_do_not_count_towards_the_13():
    finding = finding_of([None, *STEADY[:6], None, *STEADY[:5], 500.0])

    assert (finding.kind, finding.points) == ("too_new", 12)
    assert finding.began == add_months(FIRST, 1)


@pytest.mark.parametrize(
    "values",
    [[5.0] * 24, [0.0] * 20 + [3.0, 0.0, 0.0, 9.0], [0.0] * 12 + [7.0] * 12],
    ids=["constant", "rare", "one step"],
)
def test_nothing_is_claimed_where_the_moving_range_is_0(values):
    judged = judge_series(MEASURE, a_series(values))

    assert judged.finding.kind == "no_variation"
    assert judged.finding.variation is None
    assert judged.finding.upper_limit is None
    assert {point["special_cause"] for point in judged.points} == {"none"}
    assert {point["upper_limit"] for point in judged.points} == {None}


@pytest.mark.parametrize("state", ["missing", "suppressed", "not_collected", "not_applicable"])
def test_a_period_without_a_figure_is_no_value_and_says_why(state):
    series = a_series([*STEADY, None], state=state, reason="for a reason")

    finding = judge_series(MEASURE, series).finding

    assert (finding.kind, finding.state, finding.value) == ("no_value", state, None)
    assert finding.reason.startswith("for a reason")
    assert (finding.variation, finding.mean, finding.previous) == (None, None, None)


def test_what_is_missing_says_for_when_the_last_figure_is():
    assert finding_of([*STEADY, None, None]).reason == (
        "not received; the last figure is for December 2024"
    )
    assert finding_of([None, None]).reason == "not received"


def test_a_series_that_never_had_a_figure_has_nothing_to_say():
    finding = finding_of([None] * 20)

    assert (finding.kind, finding.points, finding.began) == ("no_value", 0, None)


# ---------------------------------------------------------------- what is claimed


def test_a_finding_says_all_that_there_is_to_say_of_a_signal():
    finding = finding_of([*STEADY, 70.0])

    chart = xmr([*STEADY, 70.0], starts(25), improvement="decrease")
    assert finding.kind == "signal"
    assert finding.special_cause == "above_upper_limit"
    assert finding.mean == chart.points[-1].mean
    assert (finding.lower_limit, finding.upper_limit) == chart.points[-1][4:6]
    assert (finding.value, finding.previous, finding.points) == (70.0, 51.0, 25)
    assert finding.began == FIRST
    assert (finding.period_start, finding.period_end) == (day("2025-01-01"), day("2025-02-01"))


@pytest.mark.parametrize(
    ("better", "contested", "high", "low"),
    [
        ("lower", False, "concern", "improvement"),
        ("higher", False, "improvement", "concern"),
        ("neither", False, "neutral_high", "neutral_low"),
        ("lower", True, "neutral_high", "neutral_low"),
        ("higher", True, "neutral_high", "neutral_low"),
    ],
)
def test_the_direction_decides_what_a_signal_means_unless_it_is_disputed(
    better, contested, high, low
):
    measure = a_measure(
        numerator={"rows": "referral", "on": "received_at"},
        better=better,
        contested=contested,
        dispute="Some say so." if contested else "",
    )

    assert finding_of([*STEADY, 70.0], measure).variation == high
    assert finding_of([*STEADY, 30.0], measure).variation == low
    assert finding_of([*STEADY, 30.0], measure).way == "lower"


@pytest.mark.parametrize("cause", [str(cause) for cause in SpecialCause])
def test_every_special_cause_lies_on_one_side_and_none_on_none(cause):
    expected = {"none": None}
    for word in ("above", "up"):
        expected |= {name: "higher" for name in SpecialCause if name.endswith(word)}
    for word in ("below", "down"):
        expected |= {name: "lower" for name in SpecialCause if name.endswith(word)}
    expected |= {"above_upper_limit": "higher", "below_lower_limit": "lower"}

    assert way_of(cause) == expected[cause]


def test_points_are_those_of_the_chart():
    values = [*STEADY, 70.0, None, 50.0]

    judged = judge_series(MEASURE, a_series(values))

    chart = xmr(values, starts(27), improvement="decrease")
    for point, drawn in zip(chart.points, judged.points, strict=True):
        assert drawn == {
            "period_start": point.period,
            "segment": point.segment,
            "mean": point.mean,
            "lower_limit": point.lower_limit,
            "upper_limit": point.upper_limit,
            "lower_near_limit": point.lower_near_limit,
            "upper_near_limit": point.upper_near_limit,
            "special_cause": str(point.special_cause),
            "judgement": str(point.judgement),
        }


# ---------------------------------------------------------------- runs, gaps and since when

SHIFTED = [53.0, 54.0, 53.0, 54.0, 53.0, 54.0, 53.0]


def test_a_shift_is_a_signal_since_its_first_point():
    finding = finding_of([*STEADY[:-1], *SHIFTED])

    assert finding.special_cause == "shift_above"
    assert finding.signal_since == starts(24)[-1]


def test_a_gap_breaks_a_run():
    finding = finding_of([*STEADY[:-1], *SHIFTED[:4], None, *SHIFTED[4:]])

    assert (finding.kind, finding.signal_since) == ("usual", None)


def test_a_signal_is_new_when_the_one_before_was_not_the_same_way():
    assert finding_of([*STEADY, 70.0]).signal_since == starts(25)[-1]
    assert finding_of([*STEADY, 30.0, 70.0]).signal_since == starts(26)[-1]
    assert finding_of([*STEADY, 70.0, None, 70.0]).signal_since == starts(27)[-1]
    assert finding_of([*STEADY, 70.0, 71.0]).signal_since == starts(26)[-2]


def test_a_run_of_signals_does_not_go_back_over_a_break():
    # All of these are signals: a trend up to 110, and from 107 on a shift.
    after = [101.0, 102.0, 103.0, 104.0, 105.0, 106.0, 107.0, *[110.0, 107.0] * 3, 110.0]

    judged = judge_series(MEASURE, a_series([*STEADY, 90.0, *after]), breaks=[starts(26)[-1]])

    signals = [point["special_cause"] for point in judged.points[24:]]
    assert (signals[0], "none" in signals) == ("above_upper_limit", False)
    assert judged.finding.signal_since == starts(26)[-1]


def test_recent_is_within_six_periods_and_says_each_way():
    steady: list[float | None] = list(STEADY)

    assert finding_of([*steady, 70.0, *STEADY[: RECENT_PERIODS - 1]]).recent == ("higher",)
    assert finding_of([*steady, 70.0, *STEADY[:RECENT_PERIODS]]).recent == ()
    assert finding_of([*steady, 30.0, 50.0, 70.0, 50.0]).recent == ("higher", "lower")
    assert finding_of([*steady, 30.0, None, None]).recent == ("lower",)
    assert finding_of([*steady, 30.0, 50.0]).kind == "usual"


def test_the_previous_figure_is_the_latest_one_before():
    assert finding_of([*STEADY, 50.0]).previous == 51.0
    assert finding_of([*STEADY, None, 50.0]).previous == 51.0
    assert finding_of([50.0]).previous is None


# ---------------------------------------------------------------- breaks


def test_limits_begin_anew_at_a_break_and_so_does_the_wait_for_13_points():
    after = [99.0, 101.0] * 3

    judged = judge_series(MEASURE, a_series([*STEADY, *after]), breaks=[starts(25)[-1]])

    assert (judged.finding.kind, judged.finding.points) == ("too_new", 6)
    assert judged.finding.recent == ()
    assert [point["segment"] for point in judged.points] == [0] * 24 + [1] * 6
    assert judged.points[0]["upper_limit"] is not None
    assert judged.points[-1]["upper_limit"] is None
    assert judged.points[-1]["mean"] == 100.0


def test_after_13_points_the_new_limits_judge():
    after = [*[99.0, 101.0] * 7, 50.0]

    finding = finding_of([*STEADY, *after], breaks=[starts(25)[-1]])

    assert (finding.way, finding.points, finding.mean) == ("lower", 15, pytest.approx(96.666667))


def test_a_change_that_explains_a_figure_is_kept_with_it():
    texts = ("A new system.",)

    assert finding_of(list(STEADY), explained_by=texts).explained_by == texts


# ---------------------------------------------------------------- provisional figures


def test_a_provisional_figure_is_drawn_and_not_judged():
    series = a_series([*STEADY, 500.0], provisional=True)

    judged = judge_series(MEASURE, series)

    without = judge_series(MEASURE, a_series(list(STEADY)))
    assert judged.finding.provisional
    assert (judged.finding.value, judged.finding.points) == (500.0, 24)
    assert (judged.finding.way, judged.finding.recent) == (None, ())
    assert judged.finding.kind != "signal"
    assert judged.points[-1]["special_cause"] == "none"
    assert judged.points[-1]["upper_limit"] == without.points[-1]["upper_limit"]


def test_provisional_figures_do_not_count_towards_the_13():
    finding = judge_series(MEASURE, a_series(STEADY[:13], provisional=True)).finding

    assert (finding.kind, finding.points) == ("too_new", 12)


# ---------------------------------------------------------------- quarters


def test_quarterly_figures_are_judged_like_monthly_ones():
    quarterly = a_measure(numerator={"rows": "referral", "on": "received_at"}, every="quarter")

    finding = finding_of([*STEADY[:12], 70.0], quarterly)

    assert (finding.kind, finding.points) == ("signal", 13)
    assert (finding.period_start, finding.period_end) == (day("2026-01-01"), day("2026-04-01"))


def test_the_last_figure_of_a_quarterly_measure_is_for_three_months():
    quarterly = a_measure(numerator={"rows": "referral", "on": "received_at"}, every="quarter")

    assert finding_of([*STEADY[:12], None], quarterly).reason == (
        "not received; the last figure is for October to December 2025"
    )


# ---------------------------------------------------------------- pairs


def paired(measure_id: str, *pairs: str) -> Measure:
    return a_measure(
        id=measure_id,
        numerator={"rows": "referral", "on": "received_at"},
        pairs_with=[{"measure": pair, "why": "both"} for pair in pairs],
    )


def judged_as(measure_id: str, variation: str | None) -> Finding:
    finding = finding_of(list(STEADY))
    return finding.model_copy(update={"measure_id": measure_id, "variation": variation})


MEASURES = {m.id: m for m in (paired("A1", "B1", "C1"), paired("B1", "A1"), paired("C1"))}


@pytest.mark.parametrize(
    ("a1", "b1", "c1", "conflict"),
    [
        ("improvement", "concern", "common_cause", "B1"),
        ("improvement", "concern", "concern", "B1"),
        ("improvement", "common_cause", "concern", "C1"),
        ("improvement", "improvement", None, None),
        ("common_cause", "concern", "concern", None),
        ("concern", "concern", "concern", None),
        ("improvement", "neutral_high", "common_cause", None),
        ("neutral_low", "concern", "concern", None),
        (None, "concern", "concern", None),
    ],
)
def test_a_pair_conflicts_where_one_is_better_while_the_other_is_worse(a1, b1, c1, conflict):
    findings = [judged_as("A1", a1), judged_as("B1", b1), judged_as("C1", c1)]

    conflicts = {f.measure_id: f.worse_pair for f in with_pairs(findings, MEASURES)}

    assert conflicts == {"A1": conflict, "B1": None, "C1": None}


def test_a_conflict_is_said_of_the_one_that_is_better():
    findings = [judged_as("A1", "concern"), judged_as("B1", "improvement")]

    conflicts = {f.measure_id: f.worse_pair for f in with_pairs(findings, MEASURES)}

    assert conflicts == {"A1": None, "B1": "A1"}


def test_a_pair_that_is_not_measured_here_is_no_conflict():
    assert with_pairs([judged_as("A1", "improvement")], MEASURES)[0].worse_pair is None


# ---------------------------------------------------------------- laws

figures = st.one_of(st.none(), st.integers(0, 60).map(float), st.just(50.0))
long_series = st.lists(figures, min_size=1, max_size=40)


@settings(deadline=None, max_examples=60)
@given(long_series, st.sets(st.integers(0, 39), max_size=2), st.sets(st.integers(0, 39)))
def test_a_finding_never_claims_more_than_its_points(values, breaks, provisional):
    series = a_series(values)
    for number in provisional & set(range(len(series))):
        series[number]["provisional"] = series[number]["state"] == "value"

    judged = judge_series(MEASURE, series, breaks=[add_months(FIRST, n) for n in breaks])

    finding, last = judged.finding, judged.points[-1]
    own = [p for p in judged.points if p["segment"] == last["segment"]]
    known = [
        row
        for row, point in zip(series, judged.points, strict=True)
        if point["segment"] == last["segment"]
        and row["state"] == "value"
        and not row["provisional"]
    ]
    assert finding.points == len(known)
    assert (finding.kind == "no_value") == (finding.value is None)
    assert (finding.kind == "signal") == (finding.signal_since is not None)
    assert (finding.kind == "signal") == (finding.way is not None)
    assert (finding.kind in ("signal", "usual")) == (finding.upper_limit is not None)
    if finding.kind == "signal":
        assert finding.way in finding.recent
        assert finding.signal_since in [point["period_start"] for point in own]
    if finding.points < POINTS_NEEDED:
        assert finding.kind in ("too_new", "no_value")
        assert {point["special_cause"] for point in own} == {"none"}
    for row, point in zip(series, judged.points, strict=True):
        if row["state"] != "value" or row["provisional"]:
            assert point["special_cause"] == "none"


@settings(deadline=None, max_examples=40)
@given(long_series)
def test_a_finding_comes_back_from_json_as_it_was(values):
    finding = finding_of(values, explained_by=("“A new system”, 3 March.",))

    assert Finding.model_validate_json(finding.model_dump_json(by_alias=True)) == finding
