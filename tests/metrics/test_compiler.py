import datetime
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.calendar import add_months
from metrics.blocks import COUNT_BLOCKS, SEXES
from metrics.compiler import compile_measure, literal
from tests.metrics.measure_tables import (
    SCHEMA,
    a_measure,
    a_practice,
    a_team,
    calculator,
    day,
    everything_received,
    values_of,
)
from tests.metrics.slow_counts import Answer, World, answers

few = settings(deadline=None, max_examples=5, suppress_health_check=[HealthCheck.too_slow])
quick = settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])

TEAMS, LOCALITIES, PRACTICES = ("T1", "T2", "T3"), ("A", "B"), ("P1", "P2", "P3")
FIRST_MONTHS = ("2023-11-01", "2024-01-01", "2024-02-01", "2024-04-01")
LONG_AGO = day("2000-01-01")
PEOPLE = st.sampled_from(["p1", "p2", "p3", None])


# ---------------------------------------------------------------- random partnerships


@st.composite
def worlds(draw: st.DrawFn, *tables: str) -> World:
    """Draw a partnership whose teams and practices move, and what it sent of some tables."""
    first = day(draw(st.sampled_from(FIRST_MONTHS)))
    last = add_months(first, draw(st.integers(0, 4)))
    days = _days(first, add_months(last, 1))
    teams = TEAMS[: draw(st.integers(1, 3))]
    rows: dict[str, list[dict[str, Any]]] = {"team": [], "practice_team": []}
    for team in teams:
        for since, until, where in draw(_history(days, st.sampled_from(LOCALITIES))):
            rows["team"].append(
                {
                    "team_id": team,
                    "locality_id": where,
                    "name": team,
                    "valid_from": since,
                    "valid_to": until,
                }
            )
    for practice in PRACTICES:
        for since, until, where in draw(_history(days, st.sampled_from(teams))):
            rows["practice_team"].append(
                {
                    "practice_code": practice,
                    "team_id": where,
                    "valid_from": since,
                    "valid_to": until,
                }
            )
    for table in tables:
        rows[table] = draw(CONTENT[table](days, teams, first, last))
    sent = sorted(everything_received(rows, first, last))
    lost = draw(st.sets(st.sampled_from(sent), max_size=3)) if draw(st.booleans()) else set()
    return World(rows, first, last, frozenset(sent) - lost)


def _days(first: datetime.date, end: datetime.date) -> st.SearchStrategy[datetime.date]:
    """Draw days in and around the months, those at the edges of months more often."""
    edges = [first - datetime.timedelta(days=number) for number in (90, 40, 1)]
    month = first
    while month <= end:
        edges += [month, month - datetime.timedelta(days=1), month + datetime.timedelta(days=15)]
        month = add_months(month, 1)
    if first <= day("2024-02-29") < end:
        edges += [day("2024-02-29")] * 2
    latest = end + datetime.timedelta(days=40)
    return st.sampled_from(edges) | st.dates(first - datetime.timedelta(days=60), latest)


@st.composite
def _history(
    draw: st.DrawFn, days: st.SearchStrategy[datetime.date], places: st.SearchStrategy[str]
) -> list[tuple[datetime.date, datetime.date | None, str]]:
    """Draw where something was: one place or several one after another, with gaps now and then."""
    turns = draw(st.integers(1, 3))
    marks = sorted(draw(st.sets(days, min_size=turns, max_size=turns)))
    if draw(st.booleans()):
        marks[0] = LONG_AGO
    history = []
    for number, since in enumerate(marks):
        until = marks[number + 1] if number + 1 < len(marks) else None
        if draw(st.integers(0, 5)) == 0:
            until = min(filter(None, [until, since + datetime.timedelta(days=20)]))
        history.append((since, until, draw(places)))
    return history


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def _after(
    draw: st.DrawFn, since: datetime.date, days: st.SearchStrategy[datetime.date]
) -> datetime.date | None:
    """Draw a date that follows another closely, falls on it, lies before it, or is not there."""
    kind = draw(st.integers(0, 4))
    if kind == 0:
        return None
    return draw(days) if kind == 1 else since + datetime.timedelta(days=draw(st.integers(-3, 45)))


@st.composite
def _referrals(draw, days, teams, first, last) -> list[dict[str, Any]]:
    rows = []
    for number in range(draw(st.integers(0, 10))):
        received = draw(days)
        clock = draw(
            st.sampled_from([datetime.time(0), datetime.time(9, 30), datetime.time(23, 59)])
        )
        rows.append(
            {
                "referral_id": f"r{number}",
                "person_key": draw(PEOPLE),
                "team_id": draw(st.sampled_from(teams)),
                "practice_code": draw(_maybe(st.sampled_from(PRACTICES))),
                "received_at": datetime.datetime.combine(received, clock),
                "first_contact_on": _after(draw, received, days),
                "assessed_on": _after(draw, received, days),
                "allocated_on": _after(draw, received, days),
                "allocated_to_key": draw(_maybe(st.sampled_from(["w1", " duty ", "POOL"]))),
                "closed_on": _after(draw, received, days),
                "sector": draw(_maybe(st.sampled_from(["health", "social care"]))),
                "priority": draw(_maybe(st.sampled_from(["2-hour", "urgent", "routine"]))),
                "coordinator_recorded": draw(_maybe(st.booleans())),
            }
        )
    return rows


@st.composite
def _spells(draw, days, teams, first, last) -> list[dict[str, Any]]:
    rows = []
    for number in range(draw(st.integers(0, 10))):
        admitted = draw(days)
        rows.append(
            {
                "spell_id": f"s{number}",
                "person_key": draw(PEOPLE),
                "practice_code": draw(st.sampled_from([*PRACTICES, "P9"])),
                "admitted_on": admitted,
                "discharged_on": _after(draw, admitted, days),
                "admission_method": draw(st.sampled_from(["11", "21", "2A"])),
                "age_band": draw(_maybe(st.sampled_from(["0-17", "85+"]))),
            }
        )
    return rows


@st.composite
def _answers(draw, days, teams, first, last) -> list[dict[str, Any]]:
    return [
        {
            "team_id": draw(st.sampled_from(teams)),
            "responded_on": draw(days),
            "answer": draw(st.sampled_from(["very good", "poor"])),
            "eligible_count": draw(_maybe(st.integers(0, 9))),
        }
        for _ in range(draw(st.integers(0, 8)))
    ]


def _months(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    months = [first]
    while months[-1] < last:
        months.append(add_months(months[-1], 1))
    return months


@st.composite
def _absence(draw, days, teams, first, last) -> list[dict[str, Any]]:
    days_lost = st.decimals(0, 40, places=1)
    return [
        {
            "team_id": team,
            "month": month,
            "employer": employer,
            "fte_days_lost": draw(days_lost),
            "fte_days_available": draw(st.sampled_from([Decimal(0), Decimal("310.5")])),
            "basis": draw(_maybe(st.sampled_from(["calendar", "working"]))),
        }
        for team in teams
        for month in _months(first, last)
        for employer in ("NHS", "council")
        if draw(st.integers(0, 6))
    ]


@st.composite
def _workforce(draw, days, teams, first, last) -> list[dict[str, Any]]:
    return [
        {
            "team_id": team,
            "month": month,
            "employer": employer,
            "in_post_fte": draw(st.decimals(0, 20, places=2)),
            "headcount": draw(st.integers(0, 25)),
            "agency_fte": draw(_maybe(st.decimals(0, 3, places=1))),
        }
        for team in teams
        for month in _months(first, last)
        for employer in ("NHS", "council")
        if draw(st.integers(0, 4))
    ]


@st.composite
def _population(draw, days, teams, first, last) -> list[dict[str, Any]]:
    rows = []
    for team in teams:
        for as_at in sorted(draw(st.sets(days | st.just(LONG_AGO), max_size=3))):
            for band in ("0-17", "85+"):
                if draw(st.integers(0, 5)):
                    rows.append(
                        {
                            "team_id": team,
                            "as_at": as_at,
                            "age_band": band,
                            "sex": draw(st.sampled_from(SEXES)),
                            "people": draw(st.integers(0, 2000)),
                            "basis": draw(st.sampled_from(["registered"] * 4 + ["resident"])),
                        }
                    )
    return rows


@st.composite
def _submissions(draw, days, teams, first, last) -> list[dict[str, Any]]:
    rows = []
    for team in teams:
        for month in _months(first, last):
            if draw(st.integers(0, 6)) == 0:
                continue
            hidden = draw(st.integers(0, 8)) == 0
            rows.append(
                {
                    "team_id": team,
                    "month": month,
                    "measure_id": draw(st.sampled_from(["Z1"] * 8 + ["Z2"])),
                    "numerator": draw(_maybe(st.integers(0, 9)) if hidden else st.integers(0, 9)),
                    "denominator": draw(_maybe(st.decimals(0, 30, places=1))),
                    "suppressed": hidden,
                    "submitted_by_role": draw(_maybe(st.just("lead"))),
                }
            )
    return rows


@st.composite
def _discharges(draw, days, teams, first, last) -> list[dict[str, Any]]:
    rows = []
    for team in teams:
        whole = draw(st.booleans())
        given_days = draw(st.sets(days, max_size=8))
        if whole:
            end = add_months(last, 1)
            given_days |= set(pd.date_range(first, end, inclusive="left").date)
            given_days -= draw(st.sets(days, max_size=3))
        waiting = draw(st.lists(_maybe(st.integers(0, 90)), min_size=5, max_size=5))
        rows += [
            {
                "team_id": team,
                "date": given_day,
                "no_longer_need_hospital": waiting[given_day.day % 5],
                "discharged_total": given_day.day,
            }
            for given_day in sorted(given_days)
        ]
    return rows


CONTENT = {
    "discharge_day": _discharges,
    "referral": _referrals,
    "hospital_spell": _spells,
    "fft_response": _answers,
    "absence_month": _absence,
    "workforce_month": _workforce,
    "population": _population,
    "aggregate_submission": _submissions,
}


# ---------------------------------------------------------------- measures to draw from


def _where(*conditions: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return [[], *([condition] for condition in conditions), list(conditions[:2])]


REFERRALS_WHERE = _where(
    {"column": "sector", "is": "health"},
    {"column": "priority", "is_not": "routine"},
    {"column": "priority", "in": ["2-hour", "urgent"]},
    {"column": "sector", "not_in": ["social care"]},
    {"column": "closed_on", "empty": True},
    {"column": "named_worker_on", "not_empty": True},
    {"column": "coordinator_recorded", "is": False},
    {"column": "received_at", "at_most": day("2024-03-01")},
    {"column": "received_at", "is": day("2024-02-29")},
    {"column": "closed_on", "at_least": day("2024-02-29"), "at_most": day("2024-04-30")},
    {"days": ["received_at", "closed_on"], "at_least": 0},
    {"days": ["received_at", "first_seen_on"], "at_least": 1, "at_most": 28},
)
SPELLS_WHERE = _where(
    {"column": "admission_method", "in": ["21", "2A"]},
    {"column": "age_band", "is": "85+"},
    {"days": ["admitted_on", "discharged_on"], "at_least": 0},
)
ABSENCE_WHERE = _where(
    {"column": "employer", "is": "council"},
    {"column": "fte_days_lost", "at_least": Decimal("20.5")},
    {"column": "basis", "is_not": "working"},
)


BY_MONTH_AND_QUARTER = ({"every": "month"}, {"every": "quarter"})
BY_WINDOW = ({"every": "month", "rolling": 2}, {"every": "month", "rolling": 3})


def _agrees(
    world: World, kinds: Sequence[dict[str, Any]] = BY_MONTH_AND_QUARTER, **parts: Any
) -> None:
    """Check every area and period of a measure against the slow counts, by each kind of period."""
    measures = [a_measure(**parts, **every) for every in kinds]
    asked = [measure.periods for measure in measures]
    with calculator(world.rows, world.first, world.last, world.received, kinds=asked) as ready:
        for measure in measures:
            found = ready.values(measure)
            expected = answers(world, measure)
            assert len(found) == len(expected)
            for row in found.to_dict("records"):
                key = (row["area_level"], row["area_id"], row["period_start"].date())
                answer = (row["state"], _known(row["numerator"]), _known(row["denominator"]))
                assert answer == _as_floats(expected[key]), (measure.periods, key, row["reason"])


def _known(amount: float) -> float | None:
    return None if pd.isna(amount) else float(amount)


def _as_floats(answer: Answer) -> tuple[str, Any, float | None]:
    above, below = answer.numerator, answer.denominator
    numerator: Any = None if above is None else float(above)
    if isinstance(above, Fraction):
        # What was scaled up is rounded to the four decimals in which amounts are kept.
        numerator = pytest.approx(numerator, rel=1e-12, abs=1e-3)
    return (answer.state, numerator, None if below is None else float(below))


@quick
@given(
    worlds("referral"),
    st.sampled_from(["received_at", "closed_on", "first_seen_on"]),
    st.sampled_from(REFERRALS_WHERE),
    st.sampled_from(["receiving", "population"]),
)
def test_rows_agree_with_the_slow_counts(world, on, where, attribution):
    block = {"rows": "referral", "on": on, "where": where}

    _agrees(world, numerator=block, attribution=attribution)


@quick
@given(worlds("hospital_spell"), st.sampled_from(SPELLS_WHERE))
def test_rows_placed_by_practice_agree_with_the_slow_counts(world, where):
    block = {"rows": "hospital_spell", "on": "admitted_on", "where": where}

    _agrees(world, numerator=block, attribution="population")


@quick
@given(worlds("fft_response"))
def test_a_share_of_rows_agrees_with_the_slow_counts(world):
    good = {"column": "answer", "is": "very good"}
    answered = {"rows": "fft_response", "on": "responded_on"}
    share = {
        "numerator": {**answered, "where": [good]},
        "denominator": answered,
        "show": {"as": "percent"},
    }

    _agrees(world, **share, attribution="respondent")


@quick
@given(worlds("fft_response"))
def test_a_sum_over_events_agrees_with_the_slow_counts(world):
    block = {"sum": "eligible_count", "of": "fft_response", "on": "responded_on"}

    _agrees(world, numerator=block, attribution="respondent")


@quick
@given(worlds("absence_month"), st.sampled_from(ABSENCE_WHERE), st.booleans())
def test_sums_of_what_is_reported_agree_with_the_slow_counts(world, where, as_share):
    lost = {"sum": "fte_days_lost", "of": "absence_month", "on": "month", "where": where}
    available = {"sum": "fte_days_available", "of": "absence_month", "on": "month"}
    parts = {"numerator": lost}
    if as_share:
        parts |= {"denominator": available, "show": {"as": "percent"}}

    _agrees(world, **parts, attribution="employing")


@quick
@given(worlds("absence_month"), st.sampled_from(ABSENCE_WHERE))
def test_rows_of_what_is_reported_agree_with_the_slow_counts(world, where):
    block = {"rows": "absence_month", "on": "month", "where": where}

    _agrees(world, numerator=block, attribution="employing")


@quick
@given(worlds("discharge_day"), st.sampled_from(["mean_a_day", "count"]))
def test_what_is_reported_by_the_day_agrees_with_the_slow_counts(world, shown):
    block = {"sum": "no_longer_need_hospital", "of": "discharge_day", "on": "date"}

    _agrees(world, numerator=block, attribution="population", show={"as": shown})


@quick
@given(worlds("hospital_spell"), st.sampled_from(SPELLS_WHERE))
def test_days_agree_with_the_slow_counts(world, where):
    stays = {
        "days": ["admitted_on", "discharged_on"],
        "of": "hospital_spell",
        "on": "discharged_on",
        "where": where,
    }
    ended = {"rows": "hospital_spell", "on": "discharged_on", "where": where}
    mean = {"numerator": stays, "denominator": ended, "show": {"as": "mean"}}

    _agrees(world, **mean, attribution="population")


@quick
@given(
    worlds("referral"),
    st.sampled_from([["closed_on"], ["first_seen_on", "closed_on"], ["named_worker_on"]]),
    st.sampled_from(REFERRALS_WHERE),
    st.sampled_from(["receiving", "population"]),
)
def test_what_is_open_agrees_with_the_slow_counts(world, until, where, attribution):
    block = {"open": "referral", "from": "received_at", "until": until, "where": where}

    _agrees(world, numerator=block, attribution=attribution)


@quick
@given(worlds("hospital_spell"))
def test_what_is_open_by_practice_agrees_with_the_slow_counts(world):
    block = {"open": "hospital_spell", "from": "admitted_on", "until": ["discharged_on"]}

    _agrees(world, numerator=block, attribution="population")


@quick
@given(
    worlds("referral"),
    st.sampled_from([1, 7, 28, 40, 127]),
    st.sampled_from([["closed_on"], ["first_seen_on", "closed_on"]]),
    st.sampled_from(["receiving", "population"]),
)
def test_what_has_been_open_for_long_agrees_with_the_slow_counts(
    world, after_days, until, attribution
):
    block = {"open": "referral", "from": "received_at", "until": until}
    long = {**block, "after_days": after_days}

    _agrees(world, numerator=long, attribution=attribution)
    shown = {"show": {"as": "percent"}, "attribution": attribution}
    _agrees(world, numerator=long, denominator=block, **shown)


@quick
@given(worlds("hospital_spell"), st.sampled_from(SPELLS_WHERE))
def test_nights_inside_a_period_agree_with_the_slow_counts(world, where):
    block = {
        "days_inside": "hospital_spell",
        "from": "admitted_on",
        "until": ["discharged_on"],
        "where": where,
    }

    _agrees(world, numerator=block, attribution="population")


@quick
@given(worlds("referral"))
def test_days_on_a_list_agree_with_the_slow_counts(world):
    block = {
        "days_inside": "referral",
        "from": "received_at",
        "until": ["assessed_on", "closed_on"],
    }

    _agrees(world, numerator=block)


@quick
@given(
    worlds("referral", "population"),
    st.sampled_from(["received_at", "closed_on"]),
    st.sampled_from(REFERRALS_WHERE),
    st.sampled_from(["receiving", "population"]),
)
def test_different_people_agree_with_the_slow_counts(world, on, where, attribution):
    people = {"people": "person_key", "of": "referral", "on": on, "where": where}
    all_people = {"people": "person_key", "of": "referral", "on": on}
    adults = {"person_days": {}}

    _agrees(world, numerator=people, attribution=attribution)
    shares = [(all_people, "percent"), ({"rows": "referral", "on": on}, "mean")]
    for below, shown in [*shares, (adults, "per_1000_people_a_year")]:
        _agrees(
            world,
            numerator=people,
            denominator=below,
            show={"as": shown},
            attribution=attribution,
        )


@quick
@given(
    worlds("referral", "hospital_spell"),
    st.sampled_from(["followed_by", "not_followed_by", "preceded_by", "not_preceded_by"]),
    st.sampled_from([[0, 29], [0, 0], [1, 90], [14, 14]]),
    st.sampled_from(["spells", "referrals", "spells by referrals"]),
)
def test_what_lies_before_or_after_agrees_with_the_slow_counts(world, side, within, of):
    referrals = {"table": "referral", "on": "received_at", "within_days": within}
    spells = {
        "table": "hospital_spell",
        "on": "admitted_on",
        "within_days": within,
        "where": [{"column": "admission_method", "in": ["21", "2A"]}],
    }
    if of == "spells":
        block = {"rows": "hospital_spell", "on": "discharged_on", side: [spells]}
    elif of == "referrals":
        same = {**referrals, "same": ["person_key", "sector"]}
        block = {"rows": "referral", "on": "received_at", side: [same]}
    else:
        block = {"people": "person_key", "of": "referral", "on": "closed_on", side: [spells]}

    _agrees(world, numerator=block, attribution="population")


@quick
@given(
    worlds("workforce_month"),
    st.sampled_from(["in_post_fte", "headcount", "agency_fte"]),
    st.sampled_from([[], [{"column": "employer", "is": "NHS"}]]),
)
def test_levels_agree_with_the_slow_counts(world, column, where):
    block = {"level": column, "of": "workforce_month", "on": "month", "where": where}

    _agrees(world, numerator=block, attribution="employing")


@quick
@given(
    worlds("population"),
    st.sampled_from(
        [{}, {"age_bands": ["85+"]}, {"sex": ["2", "X"]}, {"basis": "resident", "sex": ["1"]}]
    ),
)
def test_populations_agree_with_the_slow_counts(world, who):
    block = {"population": who}

    _agrees(world, numerator=block, attribution="population")


@quick
@given(
    worlds("population", "referral"),
    st.sampled_from([{}, {"age_bands": ["85+"]}, {"basis": "resident"}]),
)
def test_person_days_agree_with_the_slow_counts(world, who):
    rate = {
        "numerator": {"rows": "referral", "on": "received_at"},
        "denominator": {"person_days": who},
        "show": {"as": "per_1000_people_a_year"},
    }

    _agrees(world, **rate)
    _agrees(world, numerator={"person_days": who})


@quick
@given(worlds("aggregate_submission"), st.booleans(), st.booleans())
def test_what_was_submitted_agrees_with_the_slow_counts(world, as_share, by_a_lead):
    where = [{"column": "submitted_by_role", "is": "lead"}] if by_a_lead else []
    parts: dict[str, Any] = {"numerator": {"submitted": "numerator", "where": where}}
    if as_share:
        parts |= {
            "denominator": {"submitted": "denominator", "where": where},
            "show": {"as": "percent"},
        }

    _agrees(world, **parts)


@quick
@given(
    worlds("referral"),
    st.sampled_from([Decimal("0.5"), Decimal("0.9"), Decimal("0.25"), Decimal("0.333")]),
    st.sampled_from(["received_at", "closed_on"]),
    st.sampled_from(["waiting", "left out"]),
    st.sampled_from(REFERRALS_WHERE),
)
def test_quantiles_agree_with_the_slow_counts(world, at, on, open_cases, where):
    block = {
        "at": at,
        "days": ["received_at", "first_seen_on"],
        "of": "referral",
        "on": on,
        "open_cases": open_cases,
        "where": where,
    }

    _agrees(world, quantile=block, show={"as": "days"})


REFERRED = {"rows": "referral", "on": "received_at"}
WEEK_BY_WEEK: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "rows": (("referral",), {"numerator": REFERRED}),
    "rows by practice": (
        ("referral", "population"),
        {
            "numerator": REFERRED,
            "denominator": {"person_days": {}},
            "show": {"as": "per_1000_people_a_year"},
            "attribution": "population",
        },
    ),
    "people": (
        ("referral",),
        {
            "numerator": {"people": "person_key", "of": "referral", "on": "received_at"},
            "denominator": REFERRED,
            "show": {"as": "ratio"},
        },
    ),
    "nights": (
        ("hospital_spell",),
        {
            "numerator": {
                "days_inside": "hospital_spell",
                "from": "admitted_on",
                "until": ["discharged_on"],
            },
            "attribution": "population",
        },
    ),
    "reported by the day": (
        ("discharge_day",),
        {
            "numerator": {"sum": "no_longer_need_hospital", "of": "discharge_day", "on": "date"},
            "show": {"as": "mean_a_day"},
            "attribution": "population",
        },
    ),
    "a quantile": (
        ("referral",),
        {
            "quantile": {
                "at": Decimal("0.5"),
                "days": ["received_at", "first_seen_on"],
                "of": "referral",
                "on": "received_at",
                "open_cases": "waiting",
            },
            "show": {"as": "days"},
        },
    ),
}
MOMENTS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "open": (
        ("referral",),
        {"numerator": {"open": "referral", "from": "received_at", "until": ["closed_on"]}},
    ),
    "open for long": (
        ("referral",),
        {
            "numerator": {
                "open": "referral",
                "from": "received_at",
                "until": ["closed_on"],
                "after_days": 28,
            }
        },
    ),
    "population": (
        ("population",),
        {"numerator": {"population": {}}, "attribution": "population"},
    ),
}
BY_MONTH: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "reported by the month": (
        ("absence_month",),
        {
            "numerator": {"sum": "fte_days_lost", "of": "absence_month", "on": "month"},
            "denominator": {"sum": "fte_days_available", "of": "absence_month", "on": "month"},
            "show": {"as": "percent"},
            "attribution": "employing",
        },
    ),
    "submitted": (("aggregate_submission",), {"numerator": {"submitted": "numerator"}}),
}


@pytest.mark.parametrize("which", (WEEK_BY_WEEK | MOMENTS).values(), ids=WEEK_BY_WEEK | MOMENTS)
@few
@given(data=st.data())
def test_weeks_agree_with_the_slow_counts(which, data):
    tables, parts = which

    _agrees(data.draw(worlds(*tables)), kinds=[{"every": "week"}], **parts)


@pytest.mark.parametrize("which", (WEEK_BY_WEEK | BY_MONTH).values(), ids=WEEK_BY_WEEK | BY_MONTH)
@few
@given(data=st.data())
def test_windows_agree_with_the_slow_counts(which, data):
    tables, parts = which

    _agrees(data.draw(worlds(*tables)), kinds=BY_WINDOW, **parts)


@few
@given(worlds("referral"))
def test_windows_of_weeks_agree_with_the_slow_counts(world):
    _agrees(world, kinds=[{"every": "week", "rolling": 4}], numerator=REFERRED)


@quick
@given(worlds("absence_month", "workforce_month", "population"))
def test_a_rate_over_two_tables_agrees_with_the_slow_counts(world):
    lost = {"sum": "fte_days_lost", "of": "absence_month", "on": "month"}
    in_post = {"level": "in_post_fte", "of": "workforce_month", "on": "month"}
    parts = {"numerator": lost, "denominator": in_post, "show": {"as": "ratio"}}

    _agrees(world, **parts, attribution="employing")


# ---------------------------------------------------------------- examples that once went wrong


def test_a_condition_on_a_moment_is_about_its_day():
    evening = datetime.datetime(2025, 3, 31, 23, 50)
    rows = {
        "team": [a_team("T1", "A")],
        "referral": [{"referral_id": "r1", "team_id": "T1", "received_at": evening}],
    }

    for test in ("is", "at_least", "at_most"):
        where = [{"column": "received_at", test: day("2025-03-31")}]
        block = {"rows": "referral", "on": "received_at", "where": where}
        values = values_of(a_measure(numerator=block), rows, "2025-03", "2025-03")
        assert values.loc[("team", "T1", "2025-03-01"), "numerator"] == 1, test


def test_a_team_that_begins_within_a_quarter_is_counted_from_what_it_sent_since():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A", since="2025-05-10")],
        "referral": [
            {"referral_id": "r1", "team_id": "T1", "received_at": day("2025-04-02")},
            {"referral_id": "r2", "team_id": "T2", "received_at": day("2025-06-30")},
        ],
    }
    months = [day("2025-04-01"), day("2025-05-01"), day("2025-06-01")]
    received = [("referral", "T1", month) for month in months]
    received += [("referral", "T2", month) for month in months[1:]]
    measure = a_measure(numerator={"rows": "referral", "on": "received_at"}, every="quarter")

    values = values_of(measure, rows, "2025-04", "2025-06", received)

    assert values.loc[("team", "T2", "2025-04-01"), "numerator"] == 1
    assert values.loc[("locality", "A", "2025-04-01"), "numerator"] == 2


def test_a_quarter_that_is_only_partly_there_has_no_figure():
    rows = {
        "team": [a_team("T1", "A")],
        "referral": [{"referral_id": "r1", "team_id": "T1", "received_at": day("2025-04-02")}],
        "absence_month": [
            {"team_id": "T1", "month": day("2025-04-01"), "fte_days_lost": 5},
            {"team_id": "T1", "month": day("2025-05-01"), "fte_days_lost": 6},
        ],
    }
    referrals = a_measure(numerator={"rows": "referral", "on": "received_at"}, every="quarter")
    block = {"sum": "fte_days_lost", "of": "absence_month", "on": "month"}
    lost = a_measure(numerator=block, every="quarter", attribution="employing")

    for measure in (referrals, lost):
        values = values_of(measure, rows, "2025-04", "2025-05")
        assert set(values["state"]) == {"missing"}
        assert set(values["reason"]) <= {"not received", "0 of 1 teams"}


def test_a_team_that_moves_within_a_month_takes_its_open_cases_along():
    rows = {
        "team": [a_team("T1", "A", until="2025-03-16"), a_team("T1", "B", since="2025-03-16")],
        "referral": [
            {"referral_id": "r1", "team_id": "T1", "received_at": day("2025-02-10")},
            {"referral_id": "r2", "team_id": "T1", "received_at": day("2025-03-02")},
        ],
    }
    block = {"open": "referral", "from": "received_at", "until": ["closed_on"]}

    values = values_of(a_measure(numerator=block), rows, "2025-02", "2025-03")

    open_cases = values["numerator"]
    assert open_cases["locality", "A", "2025-02-01"] == 1
    assert open_cases["locality", "A", "2025-03-01"] == 0
    assert open_cases["locality", "B", "2025-03-01"] == 2
    assert open_cases["team", "T1", "2025-03-01"] == 2


def test_a_daily_mean_of_a_team_that_moves_is_its_mean_and_not_twice_that():
    days = pd.date_range("2025-06-01", "2025-06-30").date
    rows = {
        "team": [a_team("T1", "A", until="2025-06-16"), a_team("T1", "B", since="2025-06-16")],
        "discharge_day": [
            {"team_id": "T1", "date": one, "no_longer_need_hospital": 100} for one in days
        ],
    }
    block = {"sum": "no_longer_need_hospital", "of": "discharge_day", "on": "date"}
    measure = a_measure(numerator=block, show={"as": "mean_a_day"}, attribution="population")

    values = values_of(measure, rows, "2025-06", "2025-06")["value"]

    assert values["team", "T1", "2025-06-01"] == 100
    assert values["locality", "A", "2025-06-01"] == 50
    assert values["locality", "B", "2025-06-01"] == 50
    assert values["partnership", "city", "2025-06-01"] == 100


def test_a_mean_a_day_of_what_is_not_reported_by_the_day_is_over_all_days():
    rows = {
        "team": [a_team("T1", "A")],
        "absence_month": [{"team_id": "T1", "month": day("2025-06-01"), "fte_days_lost": 60}],
    }
    block = {"sum": "fte_days_lost", "of": "absence_month", "on": "month"}
    measure = a_measure(numerator=block, show={"as": "mean_a_day"}, attribution="employing")

    values = values_of(measure, rows, "2025-06", "2025-06")

    assert set(values["value"]) == {2.0}


def test_person_days_are_unknown_while_a_team_that_moved_had_no_list():
    rows = {
        "team": [a_team("T1", "A", until="2025-03-16"), a_team("T1", "B", since="2025-03-16")],
        "population": [
            {
                "team_id": "T1",
                "as_at": day("2025-03-10"),
                "age_band": "85+",
                "sex": "1",
                "basis": "registered",
                "people": 10,
            }
        ],
    }

    values = values_of(a_measure(numerator={"person_days": {}}), rows, "2025-03", "2025-04")

    assert values["state"]["locality", "A", "2025-03-01"] == "missing"
    assert values["numerator"]["locality", "B", "2025-03-01"] == 160
    assert values["state"]["team", "T1", "2025-03-01"] == "missing"
    assert values["numerator"]["team", "T1", "2025-04-01"] == 300


def test_a_list_without_anybody_of_an_age_is_a_list_of_none_and_no_list_is_missing():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A")],
        "population": [
            {
                "team_id": "T1",
                "as_at": day("2025-01-01"),
                "age_band": "45-64",
                "sex": "1",
                "basis": "registered",
                "people": 10,
            }
        ],
    }

    for block in ("population", "person_days"):
        measure = a_measure(numerator={block: {"age_bands": ["85+"]}})
        values = values_of(measure, rows, "2025-03", "2025-03")
        assert values["numerator"]["team", "T1", "2025-03-01"] == 0
        assert values["state"]["team", "T2", "2025-03-01"] == "missing"


def test_a_team_that_ends_within_a_month_serves_nobody_at_its_end():
    people = {"age_band": "45-64", "sex": "1", "basis": "registered", "as_at": day("2025-01-01")}
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A", until="2025-03-16")],
        "population": [
            {"team_id": "T1", "people": 10, **people},
            {"team_id": "T2", "people": 7, **people},
        ],
    }

    values = values_of(a_measure(numerator={"population": {}}), rows, "2025-02", "2025-03")

    assert values["numerator"]["locality", "A", "2025-02-01"] == 17
    assert values["numerator"]["locality", "A", "2025-03-01"] == 10


# ---------------------------------------------------------------- stocks, the slow way in SQL


def test_a_stock_of_many_cases_equals_a_plain_range_join():
    random = np.random.default_rng(7)
    count = 20_000
    received = pd.Timestamp("2021-06-01") + pd.to_timedelta(random.integers(0, 1700, count), "D")
    closed = received + pd.to_timedelta(random.integers(-20, 400, count), "D")
    referrals = pd.DataFrame(
        {
            "referral_id": [f"r{number}" for number in range(count)],
            "team_id": random.choice(["T1", "T2", "T3"], count),
            "received_at": received + pd.to_timedelta(random.integers(0, 86_400, count), "s"),
            "closed_on": closed.where(random.random(count) < 0.9),
        }
    )
    teams = [
        a_team("T1", "A"),
        a_team("T2", "A", until="2023-05-17"),
        a_team("T2", "B", since="2023-05-17"),
        a_team("T3", "B", since="2023-02-11", until="2024-08-01"),
    ]
    block = {"open": "referral", "from": "received_at", "until": ["closed_on"]}

    with calculator({"team": teams}, day("2023-01-01"), day("2024-12-01")) as ready:
        ready.connection.register("random_referrals", referrals)
        ready.connection.execute("INSERT INTO main.referral BY NAME SELECT * FROM random_referrals")
        ready.connection.unregister("random_referrals")
        found = replace(ready, collected=frozenset({"referral"})).values(a_measure(numerator=block))
        expected = ready.connection.execute(
            """
            SELECT p.period_start, a.locality_id, COUNT(r.referral_id) AS open
            FROM period AS p
            JOIN prepared.team_area AS a
                ON a.valid_from <= p.last_day AND a.valid_to > p.last_day
            LEFT JOIN main.referral AS r
                ON r.team_id = a.code AND CAST(r.received_at AS DATE) <= p.last_day
                AND (r.closed_on IS NULL OR r.closed_on > p.last_day)
            WHERE p.every = 'month'
            GROUP BY ALL
            """
        ).fetchall()

    localities = found[(found["area_level"] == "locality") & (found["state"] == "value")]
    counted = {
        (start.date(), area): int(open_cases)
        for start, area, open_cases in zip(
            localities["period_start"], localities["area_id"], localities["numerator"], strict=True
        )
    }
    assert counted == {(start, area): open_cases for start, area, open_cases in expected}
    assert min(counted.values()) > 500


# ---------------------------------------------------------------- what the SQL may be

ONE_OF_EACH: dict[str, dict[str, Any]] = {
    "rows": {"rows": "referral", "on": "received_at"},
    "sum": {"sum": "fte_days_lost", "of": "absence_month", "on": "month"},
    "days": {
        "days": ["admitted_on", "discharged_on"],
        "of": "hospital_spell",
        "on": "discharged_on",
    },
    "people": {"people": "person_key", "of": "referral", "on": "received_at"},
    "open": {"open": "referral", "from": "received_at", "until": ["closed_on"]},
    "days_inside": {"days_inside": "referral", "from": "received_at", "until": ["closed_on"]},
    "level": {"level": "headcount", "of": "workforce_month", "on": "month"},
    "population": {"population": {}},
    "person_days": {"person_days": {}},
    "submitted": {"submitted": "numerator"},
}
MEDIAN = {
    "at": Decimal("0.5"),
    "days": ["received_at", "closed_on"],
    "of": "referral",
    "on": "closed_on",
    "open_cases": "left out",
}


def sql_of(**parts: Any) -> str:
    """Return a measure's SQL without the texts in it."""
    return re.sub(r"'(?:[^']|'')*'", "''", compile_measure(a_measure(**parts), SCHEMA))


def test_every_kind_of_block_is_among_these():
    assert set(ONE_OF_EACH) == set(COUNT_BLOCKS)


@pytest.mark.parametrize("every", ["month", "quarter"])
@pytest.mark.parametrize("block", ONE_OF_EACH.values(), ids=ONE_OF_EACH)
def test_the_sql_never_divides(block, every):
    below = {"submitted": "denominator"} if "submitted" in block else block
    statements = [
        sql_of(numerator=block, every=every),
        sql_of(numerator=block, denominator=below, every=every, show={"as": "percent"}),
        sql_of(numerator=block, every=every, disclosure="staff"),
        sql_of(quantile=MEDIAN, every=every, show={"as": "days"}),
    ]

    for sql in statements:
        assert not re.search(r"/|\bAVG\b|\bMEDIAN\b|\bQUANTILE|\bDOUBLE\b|\bFLOAT\b", sql, re.I)


def test_only_a_month_reported_in_part_is_scaled_and_then_by_one_division():
    block = {"sum": "no_longer_need_hospital", "of": "discharge_day", "on": "date"}

    sql = sql_of(numerator=block, show={"as": "mean_a_day"}, attribution="population")

    assert sql.count("/") == 1
    assert "WHEN days_ok = days THEN numerator" in sql


@pytest.mark.parametrize("block", ONE_OF_EACH.values(), ids=ONE_OF_EACH)
def test_there_is_one_row_for_each_area_and_period_in_which_it_was_there(block):
    rows = {
        "team": [
            a_team("T1", "A", until="2025-02-11"),
            a_team("T1", "B", since="2025-02-11"),
            a_team("T2", "B", since="2025-03-01"),
        ],
        "practice_team": [a_practice("P1", "T1"), a_practice("P2", "T2")],
    }
    measure = a_measure(numerator=block)

    with calculator(rows, day("2025-01-01"), day("2025-04-01")) as ready:
        answer = ready.connection.execute(compile_measure(measure, SCHEMA)).df()

    assert list(answer.columns) == [
        *("area_level", "area_id", "period_start", "numerator", "denominator", "scaled", "n"),
        *("teams", "teams_ok", "teams_part", "suppressed", "days_ok", "days"),
    ]
    counted = answer.groupby("area_level").size().to_dict()
    assert counted == {"team": 4 + 2, "locality": 2 + 3, "partnership": 4}
    assert not answer.duplicated(["area_level", "area_id", "period_start"]).any()


def test_decimals_are_added_up_exactly():
    tenths = [Decimal("0.1")] * 3 + [Decimal("1000000.0001")]
    rows = {
        "team": [a_team("T1", "A")],
        "absence_month": [
            {"team_id": "T1", "month": day("2025-03-01"), "fte_days_lost": lost} for lost in tenths
        ],
    }
    measure = a_measure(numerator=ONE_OF_EACH["sum"], attribution="employing")

    with calculator(rows, day("2025-03-01"), day("2025-03-01")) as ready:
        sql = compile_measure(measure, SCHEMA)
        found = ready.connection.execute(f"SELECT DISTINCT numerator FROM ({sql})").fetchall()

    assert found == [(Decimal("1000000.3001"),)]


# ---------------------------------------------------------------- nothing can be injected


@settings(deadline=None, max_examples=60)
@given(st.text() | st.sampled_from(["'", "''", "\\'", "'; DROP TABLE referral; --", "$$", "a\0'b"]))
def test_a_text_in_sql_is_that_text_and_nothing_else(text):
    with calculator({}, day("2025-01-01"), day("2025-01-01")) as ready:
        assert ready.connection.execute(f"SELECT {literal(text)}").fetchall() == [(text,)]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "TRUE"),
        (False, "FALSE"),
        (7, "7"),
        (Decimal("2.50"), "2.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (day("2024-02-29"), "DATE '2024-02-29'"),
        ("2-hour", "'2-hour'"),
    ],
)
def test_a_value_in_sql_is_exact(value, written):
    assert literal(value) == written


@pytest.mark.parametrize(
    "text", ["w1' OR '1'='1", "'; DROP TABLE main.referral; --", "w1\\' --", "/* w1 */", "“w1”"]
)
def test_a_text_in_a_condition_finds_exactly_the_rows_that_hold_it(text):
    rows = {
        "team": [a_team("T1", "A")],
        "referral": [
            {
                "referral_id": f"r{number}",
                "team_id": "T1",
                "received_at": day("2025-03-03"),
                "allocated_to_key": key,
            }
            for number, key in enumerate([text, "w1", "1", None])
        ],
    }

    counted = {}
    for test, tested in (("is", text), ("in", [text]), ("is_not", text), ("not_in", [text])):
        where = [{"column": "allocated_to_key", test: tested}]
        measure = a_measure(numerator={**ONE_OF_EACH["rows"], "where": where})
        values = values_of(measure, rows, "2025-03", "2025-03")
        counted[test] = values.loc[("team", "T1", "2025-03-01"), "numerator"]

    assert counted == {"is": 1, "in": 1, "is_not": 3, "not_in": 3}
