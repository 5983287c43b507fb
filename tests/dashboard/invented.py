"""Areas, findings and series made up for tests, and Hypothesis strategies for many more."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from dashboard.book import Book
from dashboard.charts.series import ChartPoint, Series
from data.contract import load_contracts
from data.records import schema_of
from metrics.definition import Measure, load_measures
from metrics.findings import Finding, State, Variation, Way, judge_series
from metrics.reading import Area, Event

CONTRACTS = load_contracts(None)
SHIPPED = load_measures(None, schema_of(CONTRACTS))
WAITING, UNALLOCATED, SICKNESS = SHIPPED["F02"], SHIPPED["F04"], SHIPPED["W01"]
ADMISSIONS, EXPERIENCE, WAIT, STAY = (SHIPPED[name] for name in ("H01", "X01", "F05", "H05"))
WHOLE = Area(level="partnership", id="city", name="The City", short_name="The City")
NORTH = Area(level="locality", id="N", name="North", short_name="North", parent_id="city")
NORTH_1, NORTH_2 = (
    Area(
        level="team",
        id=code,
        name=f"North {code[1]} (A)",
        short_name=f"North {code[1]}",
        parent_id="N",
    )
    for code in ("N1", "N2")
)

# What the fixture `book_of` gives: books of other findings than the city's.
BookOf = Callable[..., Book]

ABOVE = ("above_upper_limit", "shift_above", "trend_up", "two_of_three_above")
BELOW = ("below_lower_limit", "shift_below", "trend_down", "two_of_three_below")


def month(number: int) -> tuple[datetime.date, datetime.date]:
    """Return the start and the end of a month, counted from April 2023."""
    first, second = number + 3, number + 4
    return (
        datetime.date(2023 + first // 12, first % 12 + 1, 1),
        datetime.date(2023 + second // 12, second % 12 + 1, 1),
    )


MARCH = month(35)


def finding(measure: Measure = WAITING, area: Area = NORTH_2, **what: Any) -> Finding:
    """Return a finding for March 2026: as usual at 150, unless it is told otherwise."""
    usual = {
        "value": 150.0,
        "numerator": 150.0,
        "denominator": None,
        "n": 150,
        "state": "value",
        "kind": "usual",
        "variation": "common_cause",
        "mean": 150.0,
        "lower_limit": 120.0,
        "upper_limit": 180.0,
        "points": 36,
        "began": month(0)[0],
        "period_start": MARCH[0],
        "period_end": MARCH[1],
    }
    return Finding(
        measure_id=measure.id,
        measure_version=measure.version,
        area_level=area.level,
        area_id=area.id,
        **{**usual, **what},
    )


def signal(
    measure: Measure = WAITING,
    area: Area = NORTH_2,
    way: Way = "higher",
    special_cause: str = "",
    **what: Any,
) -> Finding:
    """Return a finding that is beyond its usual range in March 2026, for the first time."""
    cause = special_cause or (ABOVE if way == "higher" else BELOW)[0]
    there = {
        "value": 247.0 if way == "higher" else 93.0,
        "kind": "signal",
        "way": way,
        "special_cause": cause,
        "variation": variation(measure, way),
        "signal_since": MARCH[0],
        "recent": (way,),
    }
    return finding(measure, area, **{**there, **what})


def no_value(measure: Measure = WAITING, area: Area = NORTH_2, **what: Any) -> Finding:
    """Return a finding of a figure that is not there: missing, unless it is told otherwise."""
    nothing = {
        "kind": "no_value",
        "state": "missing",
        "variation": None,
        **dict.fromkeys(("value", "numerator", "n", "mean", "lower_limit", "upper_limit")),
    }
    return finding(measure, area, **{**nothing, **what})


def too_new(measure: Measure = WAITING, area: Area = NORTH_2, **what: Any) -> Finding:
    """Return a finding of a series of five figures."""
    young = {"kind": "too_new", "variation": None, "points": 5}
    young |= dict.fromkeys(("mean", "lower_limit", "upper_limit"))
    return finding(measure, area, **{**young, **what})


def variation(measure: Measure, way: Way) -> Variation:
    """Return what a move one way is for a measure."""
    if measure.improvement == "neutral":
        return "neutral_high" if way == "higher" else "neutral_low"
    better = {"increase": "higher", "decrease": "lower"}[measure.improvement]
    return "improvement" if way == better else "concern"


def event(text: str = "A step.", **what: Any) -> Event:
    """Return something that happened in North 2 in July 2024."""
    there = {"scope": "team", "scope_id": "N2", "on": datetime.date(2024, 7, 1)}
    return Event(**{**there, "kind": "recording change", "text": text, **what})


def point(number: int = 0, value: float | None = 150.0, **what: Any) -> ChartPoint:
    """Return one point of a series that usually lies between 120 and 180."""
    start, end = month(number)
    usual = ChartPoint(
        start=start,
        end=end,
        value=value,
        numerator=value,
        denominator=None,
        state="missing" if value is None else "value",
        reason="",
        provisional=False,
        segment=0,
        mean=150.0,
        lower=120.0,
        upper=180.0,
        judgement="common_cause",
    )
    return replace(usual, **what)


def series(*values: float | None, **what: Any) -> Series:
    """Return a series with these values, one a month."""
    return tuple(point(number, value, **what) for number, value in enumerate(values))


def point_of(found: Finding) -> ChartPoint:
    """Return the last point of the series that a finding is about."""
    return ChartPoint(
        start=found.period_start,
        end=found.period_end,
        value=found.value,
        numerator=found.numerator,
        denominator=found.denominator,
        state=found.state,
        reason=found.reason,
        provisional=found.provisional,
        segment=0,
        mean=found.mean,
        lower=found.lower_limit,
        upper=found.upper_limit,
        judgement=found.variation or "common_cause",
    )


# --- Many of them --------------------------------------------------------------------------------

WAYS_TO_SHOW = {
    "count": "referrals",
    "percent": "% of open cases",
    "per_1000_people_a_year": "admissions per 1,000 people a year",
    "ratio": "a worker",
    "mean": "visits",
    "mean_a_day": "people a day",
    "days": "days",
}
LACKS: tuple[State, ...] = ("missing", "suppressed", "not_collected", "not_applicable")
amounts = st.one_of(
    st.integers(0, 10**7).map(float),
    st.floats(0, 1e7, allow_subnormal=False).map(lambda value: round(value, 9)),
    st.sampled_from([0.0, 0.5, 0.04999, 0.95, 9.95, 99.5, 99.9999, 100.0, 999.5]),
)
ranges = st.tuples(st.floats(-500, 1e6), st.floats(1e-3, 1e6))


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    """Yield shipped definitions, shown in any of the ways that there are."""
    shipped = draw(st.sampled_from(list(SHIPPED.values())))
    shown = draw(st.sampled_from(list(WAYS_TO_SHOW)))
    also = ("count",) if draw(st.booleans()) else ()
    return shipped.model_copy(
        update={
            "show": shipped.show.model_copy(update={"as_": shown, "also": also}),
            "unit": WAYS_TO_SHOW[shown],
            "decimals": draw(st.integers(0, 3)),
            "better": draw(st.sampled_from(["higher", "lower", "neither"])),
            "contested": draw(st.booleans()),
            "every": draw(st.sampled_from(["month", "quarter"])),
        }
    )


@st.composite
def findings(draw: st.DrawFn, measure: Measure) -> Finding:
    """Yield findings as `judge_series` may return them, with numbers that it would seldom meet."""
    common: dict[str, Any] = {
        "provisional": False,
        "numerator": draw(amounts),
        "denominator": draw(amounts.map(lambda amount: amount + 1)),
        "explained_by": tuple(draw(st.lists(st.just("the file changed"), max_size=1))),
    }
    kind = draw(st.sampled_from(["signal", "usual", "too_new", "no_variation", "no_value"]))
    if kind == "no_value":
        reason = draw(st.sampled_from(["", "5 of 6 teams", "no answers"]))
        return no_value(measure, state=draw(st.sampled_from(LACKS)), reason=reason, **common)
    if kind in ("too_new", "no_variation"):
        points = draw(st.integers(1, 12)) if kind == "too_new" else 20
        common["provisional"] = draw(st.booleans())
        return too_new(measure, kind=kind, value=draw(amounts), points=points, **common)
    lower, breadth = draw(ranges)
    common |= {"lower_limit": lower, "upper_limit": max(lower, 0.0) + breadth}
    upper = common["upper_limit"]
    within = st.floats(max(lower, 0.0), upper)
    if kind == "usual":
        common |= {"value": draw(within), "mean": draw(within)}
        return finding(measure, provisional=draw(st.booleans()), **_without(common, "provisional"))
    way: Way = draw(st.sampled_from(["higher", "lower"] if lower > 0 else ["higher"]))
    cause = draw(st.sampled_from(ABOVE if way == "higher" else BELOW))
    common["value"] = draw(_values_for(cause, lower, upper))
    common["mean"] = draw(_means_for(cause, lower, upper, common["value"]))
    return signal(measure, way=way, special_cause=cause, **common)


def _without(what: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in what.items() if key != name}


def _values_for(cause: str, lower: float, upper: float) -> st.SearchStrategy[float]:
    if cause == "above_upper_limit":
        return st.floats(upper, upper * 2 + 1, exclude_min=True)
    if cause == "below_lower_limit":
        return st.floats(0, lower, exclude_max=True)
    # There is room for an average on the far side of it.
    shifted = {"exclude_min": cause == "shift_above", "exclude_max": cause == "shift_below"}
    return st.floats(max(lower, 0.0), upper, **shifted)


def _means_for(cause: str, lower: float, upper: float, value: float) -> st.SearchStrategy[float]:
    """Return averages inside the range, on the side of the value that a shift says they are on."""
    if cause == "shift_above":
        return st.floats(max(lower, 0.0), value, exclude_max=True)
    if cause == "shift_below":
        return st.floats(value, upper, exclude_min=True)
    return st.floats(max(lower, 0.0), upper)


@st.composite
def judged_series(draw: st.DrawFn) -> tuple[Measure, Finding, Sequence[Mapping[str, Any]]]:
    """Yield a measure and what `judge_series` finds in a series with steps, drifts and gaps."""
    measure = draw(measures())
    length = draw(st.integers(1, 40))
    level, step, drift = (draw(st.integers(*reach)) for reach in ((0, 60), (-30, 40), (-3, 4)))
    noise = draw(st.lists(st.integers(-6, 6), min_size=length, max_size=length))
    gaps = draw(st.sets(st.integers(0, length - 1), max_size=3))
    newest = draw(st.booleans())
    rows = []
    for number, wobble in enumerate(noise):
        start, end = month(number)
        amount = max(level + wobble + drift * (number // 6) + step * (number > length // 2), 0)
        here = number not in gaps
        rows.append(
            {
                "period_start": start,
                "period_end": end,
                "value": amount / 1.7 if here else None,
                "numerator": float(amount) if here else None,
                "denominator": 170.0 if here else None,
                "n": amount if here else None,
                "state": "value" if here else draw(st.sampled_from(LACKS)),
                "reason": "" if here else "nothing was sent",
                "provisional": here and newest and number == length - 1,
                "split": "",
                "area_level": "team",
                "area_id": "N2",
            }
        )
    judged = judge_series(measure, rows)
    drawn = [{**row, **at} for row, at in zip(rows, judged.points, strict=True)]
    return measure, judged.finding, drawn
