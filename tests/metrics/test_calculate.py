from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.home import Words
from metrics.calculate import VALUE_COLUMNS
from tests.metrics.measure_tables import (
    CITY,
    a_measure,
    a_practice,
    a_team,
    calculator,
    day,
    values_of,
)

TWELVE = [a_team(f"T{number:02}", "AB"[number % 2]) for number in range(1, 13)]
RECEIVED = {"rows": "referral", "on": "received_at"}
OPEN = {"open": "referral", "from": "received_at", "until": ["closed_on"]}
LOST = {"sum": "fte_days_lost", "of": "absence_month", "on": "month"}
AVAILABLE = {"sum": "fte_days_available", "of": "absence_month", "on": "month"}
SICKNESS: dict[str, Any] = {
    "numerator": LOST,
    "denominator": AVAILABLE,
    "show": {"as": "percent"},
    "attribution": "employing",
}
WAITING = {"sum": "no_longer_need_hospital", "of": "discharge_day", "on": "date"}
A_DAY: dict[str, Any] = {
    "numerator": WAITING,
    "show": {"as": "mean_a_day"},
    "attribution": "population",
}


def a_referral(team: str, received: str, **more: Any) -> dict[str, Any]:
    return {"referral_id": "r", "team_id": team, "received_at": day(received), **more}


def absence(team: str, month: str, lost: float, available: float, employer: str = "NHS") -> dict:
    return {
        "team_id": team,
        "month": day(f"{month}-01"),
        "employer": employer,
        "fte_days_lost": Decimal(str(lost)),
        "fte_days_available": Decimal(str(available)),
    }


def submission(team: str, month: str = "2025-03", **more: Any) -> dict[str, Any]:
    return {"team_id": team, "month": day(f"{month}-01"), "measure_id": "Z1", **more}


def people(team: str, number: int, as_at: str = "2020-01-01") -> dict[str, Any]:
    return {
        "team_id": team,
        "as_at": day(as_at),
        "age_band": "45-64",
        "sex": "1",
        "basis": "registered",
        "people": number,
    }


def said(frame: pd.DataFrame, level: str, area: str, start: str) -> tuple[str, float | None, str]:
    """Return the state, the value and the reason of one figure."""
    row = frame.loc[(level, area, start)]
    return row["state"], None if pd.isna(row["value"]) else float(row["value"]), row["reason"]


# ---------------------------------------------------------------- the five states


def test_none_where_it_was_received_is_a_true_zero_and_outside_it_is_missing():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A")],
        "referral": [a_referral("T1", "2025-03-04")],
    }
    both = [("referral", "T1", day("2025-03-01")), ("referral", "T2", day("2025-03-01"))]
    received = [*both, ("referral", "T1", day("2025-04-01"))]

    frame = values_of(a_measure(numerator=RECEIVED), rows, "2025-03", "2025-04", received)

    assert said(frame, "team", "T2", "2025-03-01") == ("value", 0.0, "")
    assert said(frame, "team", "T1", "2025-04-01") == ("value", 0.0, "")
    assert said(frame, "team", "T2", "2025-04-01") == ("missing", None, "not received")


def test_a_table_of_which_nothing_was_ever_loaded_is_not_collected():
    rows = {"team": [a_team("T1", "A")]}

    frame = values_of(a_measure(numerator=RECEIVED), rows, "2025-03", "2025-03")

    assert set(frame["state"]) == {"not_collected"}
    assert set(frame["reason"]) == {"Referrals: nothing loaded here"}
    assert frame[["numerator", "denominator", "n", "value"]].isna().all(axis=None)


def test_a_rate_says_which_of_its_tables_was_never_loaded():
    rows = {"team": [a_team("T1", "A")], "referral": [a_referral("T1", "2025-03-04")]}
    rate = a_measure(
        numerator=RECEIVED, denominator={"population": {}}, show={"as": "per_1000_people"}
    )

    frame = values_of(rate, rows, "2025-03", "2025-03")

    assert set(frame["reason"]) == {"Population: nothing loaded here"}


def test_an_area_that_did_not_exist_yet_is_not_applicable_and_never_zero():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "B", since="2025-04-01", until="2025-05-01")],
        "referral": [a_referral("T1", "2025-03-04")],
    }
    words = Words(team="board", teams="boards", locality="region")

    frame = values_of(a_measure(numerator=RECEIVED), rows, "2025-03", "2025-05", words=words)

    for month in ("2025-03-01", "2025-05-01"):
        assert said(frame, "team", "T2", month) == (
            "not_applicable",
            None,
            "this board did not exist then",
        )
        assert said(frame, "locality", "B", month) == (
            "not_applicable",
            None,
            "this region did not exist then",
        )
    assert said(frame, "team", "T2", "2025-04-01") == ("value", 0.0, "")
    assert said(frame, "partnership", "city", "2025-03-01") == ("value", 1.0, "")


def test_before_any_team_was_there_the_partnership_was_not_either():
    rows = {
        "team": [a_team("T1", "A", since="2025-04-01")],
        "referral": [a_referral("T1", "2025-04-02")],
    }

    frame = values_of(a_measure(numerator=RECEIVED), rows, "2025-03", "2025-04")

    assert said(frame, "partnership", "city", "2025-03-01") == (
        "not_applicable",
        None,
        "this partnership did not exist then",
    )


def test_a_share_of_nobody_is_not_applicable_and_a_share_of_none_of_them_is_zero():
    good = {"column": "answer", "is": "good"}
    answered = {"rows": "fft_response", "on": "responded_on"}
    share = a_measure(
        numerator={**answered, "where": [good]},
        denominator=answered,
        show={"as": "percent"},
        attribution="respondent",
    )
    answer = {"team_id": "T1", "responded_on": day("2025-03-04"), "answer": "poor"}
    rows = {"team": [a_team("T1", "A"), a_team("T2", "B")], "fft_response": [answer]}

    frame = values_of(share, rows, "2025-03", "2025-03")

    assert said(frame, "team", "T1", "2025-03-01") == ("value", 0.0, "")
    assert said(frame, "team", "T2", "2025-03-01") == ("not_applicable", None, "nobody to count")


def test_a_count_that_was_hidden_is_suppressed_and_neither_zero_nor_missing():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A"), a_team("T3", "B")],
        "aggregate_submission": [
            submission("T1", numerator=12),
            submission("T2", numerator=None, suppressed=True),
        ],
    }

    frame = values_of(a_measure(numerator={"submitted": "numerator"}), rows, "2025-03", "2025-03")

    hidden = ("suppressed", None, "hidden by the sender to protect people")
    assert said(frame, "team", "T1", "2025-03-01") == ("value", 12.0, "")
    assert said(frame, "team", "T2", "2025-03-01") == hidden
    assert said(frame, "locality", "A", "2025-03-01") == hidden
    assert said(frame, "team", "T3", "2025-03-01") == ("missing", None, "not received")
    assert said(frame, "partnership", "city", "2025-03-01") == hidden


def test_counts_that_nobody_ever_sent_are_not_collected_though_others_were_sent():
    rows = {"team": [a_team("T1", "A")], "aggregate_submission": [submission("T1", numerator=12)]}
    sent = a_measure(numerator={"submitted": "numerator"})
    never = a_measure(id="Z9", numerator={"submitted": "numerator"})

    frame = values_of(never, rows, "2025-02", "2025-03")

    assert said(values_of(sent, rows, "2025-02", "2025-03"), "team", "T1", "2025-02-01") == (
        "missing",
        None,
        "not received",
    )
    assert set(frame["state"]) == {"not_collected"}
    assert set(frame["reason"]) == {"no team has sent counts for this"}


def test_a_rate_leaves_a_hidden_part_out_above_and_below_and_says_so():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A"), a_team("T3", "B")],
        "aggregate_submission": [
            submission("T1", numerator=12, denominator=48),
            # Marked as hidden, though a number stands there.
            submission("T2", numerator=700, denominator=1000, suppressed=True),
            submission("T3", numerator=None, denominator=9, suppressed=True),
        ],
    }
    share = a_measure(
        numerator={"submitted": "numerator"},
        denominator={"submitted": "denominator"},
        show={"as": "percent"},
    )

    frame = values_of(share, rows, "2025-03", "2025-03")

    assert said(frame, "locality", "A", "2025-03-01") == ("value", 25.0, "1 of 2 teams")
    assert said(frame, "partnership", "city", "2025-03-01") == ("value", 25.0, "1 of 3 teams")
    assert said(frame, "locality", "B", "2025-03-01")[0] == "suppressed"
    assert frame.loc[("locality", "A", "2025-03-01"), "denominator"] == 48


def test_a_sender_who_hid_one_month_hid_the_quarter():
    rows = {
        "team": [a_team("T1", "A")],
        "aggregate_submission": [
            submission("T1", "2025-01", numerator=12),
            submission("T1", "2025-02", numerator=None, suppressed=True),
            submission("T1", "2025-03", numerator=12),
        ],
    }
    measure = a_measure(numerator={"submitted": "numerator"}, every="quarter")

    frame = values_of(measure, rows, "2025-01", "2025-03")

    assert set(frame["state"]) == {"suppressed"}


# ---------------------------------------------------------------- parts that are not there


def test_a_count_with_a_missing_part_is_missing_and_says_how_many_are_there():
    rows = {"team": TWELVE, "referral": [a_referral("T01", "2025-03-04")]}
    received = [("referral", team["team_id"], day("2025-03-01")) for team in TWELVE[1:]]

    frame = values_of(a_measure(numerator=OPEN), rows, "2025-03", "2025-03", received)

    assert said(frame, "partnership", "city", "2025-03-01") == ("missing", None, "11 of 12 teams")
    assert said(frame, "locality", "B", "2025-03-01") == ("missing", None, "5 of 6 teams")
    assert said(frame, "locality", "A", "2025-03-01") == ("value", 0.0, "")


def test_a_rate_uses_the_parts_that_have_both_and_says_11_of_12_teams():
    rows = {
        "team": TWELVE,
        "absence_month": [absence(team["team_id"], "2025-03", 5, 100) for team in TWELVE[:-1]],
    }

    frame = values_of(a_measure(**SICKNESS), rows, "2025-03", "2025-03")

    assert said(frame, "partnership", "city", "2025-03-01") == ("value", 5.0, "11 of 12 teams")
    assert said(frame, "locality", "A", "2025-03-01") == ("value", 5.0, "5 of 6 teams")
    assert said(frame, "locality", "B", "2025-03-01") == ("value", 5.0, "")
    assert said(frame, "team", "T12", "2025-03-01") == ("missing", None, "not received")
    whole = frame.loc[("partnership", "city", "2025-03-01")]
    assert (whole["numerator"], whole["denominator"]) == (55, 1100)


def test_a_part_with_only_one_of_the_two_counts_is_in_neither():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A"), a_team("T3", "A")],
        "referral": [a_referral("T1", "2025-03-04"), a_referral("T2", "2025-03-04")],
        "population": [people("T1", 100), people("T3", 5000)],
    }
    received = [("referral", team, day("2025-03-01")) for team in ("T1", "T2")]
    rate = a_measure(
        numerator=RECEIVED, denominator={"population": {}}, show={"as": "per_1000_people"}
    )

    frame = values_of(rate, rows, "2025-03", "2025-03", received)

    assert said(frame, "locality", "A", "2025-03-01") == ("value", 10.0, "1 of 3 teams")
    assert said(frame, "team", "T2", "2025-03-01") == ("missing", None, "not received")
    assert said(frame, "team", "T3", "2025-03-01") == ("missing", None, "not received")


def test_a_rate_of_which_no_part_is_whole_is_missing():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A")],
        "referral": [a_referral("T1", "2025-03-04")],
        "population": [people("T2", 100)],
    }
    rate = a_measure(
        numerator=RECEIVED, denominator={"population": {}}, show={"as": "per_1000_people"}
    )

    frame = values_of(rate, rows, "2025-03", "2025-03", [("referral", "T1", day("2025-03-01"))])

    assert set(frame["state"]) == {"missing"}


def test_two_employers_are_added_up_before_dividing():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A")],
        "absence_month": [
            absence("T1", "2025-03", 30, 600),
            absence("T1", "2025-03", 0, 310, "council"),
            absence("T2", "2025-03", 10, 90),
        ],
    }

    frame = values_of(a_measure(**SICKNESS), rows, "2025-03", "2025-03")

    assert said(frame, "locality", "A", "2025-03-01") == ("value", 4.0, "")


# ---------------------------------------------------------------- days reported


def _days(team: str, first: str, last: str, amount: int | None) -> list[dict[str, Any]]:
    return [
        {"team_id": team, "date": one, "no_longer_need_hospital": amount}
        for one in pd.date_range(first, last).date
    ]


def test_a_month_reported_in_part_is_the_mean_of_its_days_and_says_12_of_30_days():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A")],
        "discharge_day": [
            *_days("T1", "2025-06-01", "2025-06-12", 100),
            *_days("T1", "2025-06-13", "2025-06-30", None),
            *_days("T2", "2025-06-01", "2025-06-30", 10),
        ],
    }

    frame = values_of(a_measure(**A_DAY), rows, "2025-06", "2025-06")

    assert said(frame, "team", "T1", "2025-06-01") == ("value", 100.0, "12 of 30 days")
    assert said(frame, "team", "T2", "2025-06-01") == ("value", 10.0, "")
    reason = "1 of 2 teams reported only some days"
    assert said(frame, "locality", "A", "2025-06-01") == ("value", 110.0, reason)
    assert said(frame, "partnership", "city", "2025-06-01") == ("value", 110.0, reason)


def test_a_day_of_zero_is_a_day_and_a_blank_one_is_not():
    days = [
        *_days("T1", "2025-06-01", "2025-06-01", 0),
        *_days("T1", "2025-06-02", "2025-06-02", 9),
    ]
    days += _days("T1", "2025-06-03", "2025-06-03", None)
    rows = {"team": [a_team("T1", "A")], "discharge_day": days}

    frame = values_of(a_measure(**A_DAY), rows, "2025-06", "2025-06")

    assert said(frame, "team", "T1", "2025-06-01") == ("value", 4.5, "2 of 30 days")


def test_a_team_that_began_within_a_month_is_held_against_its_own_days():
    rows = {
        "team": [a_team("T1", "A", since="2025-06-21"), a_team("T2", "B", since="2025-06-21")],
        "discharge_day": [
            *_days("T1", "2025-06-01", "2025-06-30", 30),
            *_days("T2", "2025-06-21", "2025-06-24", 30),
        ],
    }

    frame = values_of(a_measure(**A_DAY), rows, "2025-06", "2025-06")

    assert said(frame, "team", "T1", "2025-06-01") == ("value", 30.0, "")
    assert said(frame, "team", "T2", "2025-06-01") == ("value", 30.0, "4 of 10 days")
    # In a whole month of 30 days these were 300 people-days.
    assert said(frame, "locality", "A", "2025-06-01") == ("value", 10.0, "")


def test_a_count_over_days_says_how_many_it_is_of():
    rows = {
        "team": [a_team("T1", "A")],
        "discharge_day": _days("T1", "2025-06-01", "2025-06-12", 100),
    }
    measure = a_measure(numerator=WAITING, attribution="population")

    frame = values_of(measure, rows, "2025-06", "2025-06")

    assert said(frame, "team", "T1", "2025-06-01") == ("value", 1200.0, "12 of 30 days")


def test_a_daily_mean_with_a_missing_part_is_missing():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A")],
        "discharge_day": _days("T1", "2025-06-01", "2025-06-30", 100),
    }

    frame = values_of(a_measure(**A_DAY), rows, "2025-06", "2025-06")

    assert said(frame, "locality", "A", "2025-06-01") == ("missing", None, "1 of 2 teams")


# ---------------------------------------------------------------- medians and other quantiles


def a_wait(**more: Any) -> dict[str, Any]:
    return {
        "at": 0.5,
        "days": ["received_at", "first_contact_on"],
        "of": "referral",
        "on": "received_at",
        "open_cases": "waiting",
        **more,
    }


def waits(*days: int | None) -> dict[str, list[dict[str, Any]]]:
    received = day("2025-03-03")
    return {
        "team": [a_team("T1", "A")],
        "referral": [
            a_referral(
                "T1",
                "2025-03-03",
                first_contact_on=None
                if wait is None
                else (pd.Timestamp(received) + pd.Timedelta(days=wait)).date(),
            )
            for wait in days
        ],
    }


@pytest.mark.parametrize(
    ("days", "median"),
    [
        ((7,), 7.0),
        ((1, 2), 1.5),
        ((3, 12, 40), 12.0),
        ((1, 2, 3, 10), 2.5),
        ((0, 0, 0, 9), 0.0),
        ((5, 5, 6, 6), 5.5),
        ((1, 2, 3, None), 2.5),
        ((1, 2, None), 2.0),
        ((-3, 4), 0.5),
    ],
)
def test_a_median_is_exact_also_between_two_values(days, median):
    frame = values_of(
        a_measure(quantile=a_wait(), show={"as": "days"}), waits(*days), *["2025-03"] * 2
    )

    row = frame.loc[("team", "T1", "2025-03-01")]
    assert (row["state"], row["value"], row["n"]) == ("value", median, len(days))
    assert (row["numerator"], row["denominator"]) == (2 * median, 2)


@pytest.mark.parametrize("days", [(1, None), (1, 2, None, None), (None,), (1, None, None)])
def test_a_median_that_half_or_more_have_not_reached_has_no_figure(days):
    measure = a_measure(quantile=a_wait(), show={"as": "days"})

    frame = values_of(measure, waits(*days), "2025-03", "2025-03")

    assert said(frame, "team", "T1", "2025-03-01") == (
        "missing",
        None,
        "too many are still waiting",
    )


def test_those_still_waiting_can_be_left_out_and_then_nobody_may_be_left():
    measure = a_measure(quantile=a_wait(open_cases="left out"), show={"as": "days"})

    some = values_of(measure, waits(4, None, None), "2025-03", "2025-03")
    nobody = values_of(measure, waits(None, None), "2025-03", "2025-03")

    assert said(some, "team", "T1", "2025-03-01") == ("value", 4.0, "")
    assert said(nobody, "team", "T1", "2025-03-01")[::2] == ("not_applicable", "nobody to count")


@pytest.mark.parametrize(
    ("at", "count", "rank"), [(0.9, 10, 9), (0.9, 11, 10), (0.25, 4, 1), (0.25, 5, 2), (0.1, 3, 1)]
)
def test_another_quantile_is_the_nearest_rank(at, count, rank):
    measure = a_measure(quantile=a_wait(at=at), show={"as": "days"})

    frame = values_of(measure, waits(*(10 * n for n in range(1, count + 1))), "2025-03", "2025-03")

    row = frame.loc[("team", "T1", "2025-03-01")]
    assert (row["value"], row["denominator"]) == (10.0 * rank, 1)


def test_a_median_of_a_locality_is_taken_anew_and_says_whose_cases_it_has():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A"), a_team("T3", "A")],
        "referral": [
            a_referral("T1", "2025-03-03", first_contact_on=day("2025-03-04")),
            a_referral("T1", "2025-03-03", first_contact_on=day("2025-03-05")),
            a_referral("T1", "2025-03-03", first_contact_on=day("2025-03-06")),
            a_referral("T2", "2025-03-03", first_contact_on=day("2025-03-23")),
            a_referral("T3", "2025-03-03", first_contact_on=day("2025-03-30")),
        ],
    }
    received = [("referral", team, day("2025-03-01")) for team in ("T1", "T2")]
    measure = a_measure(quantile=a_wait(), show={"as": "days"})

    frame = values_of(measure, rows, "2025-03", "2025-03", received)

    assert said(frame, "team", "T1", "2025-03-01") == ("value", 2.0, "")
    assert said(frame, "team", "T2", "2025-03-01") == ("value", 20.0, "")
    # Of 1, 2, 3 and 20 days; the case of the team that was not received is not among them.
    assert said(frame, "locality", "A", "2025-03-01") == ("value", 2.5, "2 of 3 teams")


# ---------------------------------------------------------------- how it is shown, and n


def test_rates_a_year_can_be_compared_between_long_and_short_months():
    rows = {
        "team": [a_team("T1", "A")],
        "referral": [a_referral("T1", "2024-02-29"), a_referral("T1", "2024-03-31")],
        "population": [people("T1", 1000)],
    }
    rate = a_measure(
        numerator=RECEIVED, denominator={"person_days": {}}, show={"as": "per_1000_people_a_year"}
    )

    frame = values_of(rate, rows, "2024-02", "2024-03")

    february = frame.loc[("team", "T1", "2024-02-01")]
    march = frame.loc[("team", "T1", "2024-03-01")]
    assert (february["denominator"], march["denominator"]) == (29_000, 31_000)
    assert february["value"] == pytest.approx(365.25 / 29)
    assert march["value"] == pytest.approx(365.25 / 31)


@pytest.mark.parametrize(
    ("shown", "value"),
    [("percent", 50.0), ("ratio", 0.5), ("mean", 0.5)],
)
def test_the_same_counts_are_shown_as_the_definition_says(shown, value):
    measure = a_measure(**{**SICKNESS, "show": {"as": shown}})
    rows = {"team": [a_team("T1", "A")], "absence_month": [absence("T1", "2025-03", 50, 100)]}

    frame = values_of(measure, rows, "2025-03", "2025-03")

    assert said(frame, "team", "T1", "2025-03-01")[1] == value


def test_n_is_the_people_whom_a_figure_could_give_away():
    rows = {
        "team": [a_team("T1", "A")],
        "referral": [a_referral("T1", "2025-03-04"), a_referral("T1", "2025-03-05")],
        "population": [people("T1", 1000)],
    }
    share = {"numerator": OPEN, "denominator": RECEIVED, "show": {"as": "percent"}}
    rate = {
        "numerator": RECEIVED,
        "denominator": {"population": {}},
        "show": {"as": "per_1000_people"},
    }

    counted = {
        name: values_of(a_measure(**parts), rows, "2025-03", "2025-03").iloc[0]["n"]
        for name, parts in {"count": {"numerator": RECEIVED}, "share": share, "rate": rate}.items()
    }

    assert counted == {"count": 2, "share": 2, "rate": 2}


def test_n_of_a_figure_about_staff_is_the_staff_behind_it():
    def staff(team: str, number: int) -> dict[str, Any]:
        return {
            "team_id": team,
            "month": day("2025-03-01"),
            "employer": "NHS",
            "in_post_fte": number,
            "headcount": number,
        }

    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A"), a_team("T3", "B")],
        "absence_month": [absence("T1", "2025-03", 5, 100), absence("T3", "2025-03", 5, 100)],
        "workforce_month": [staff("T1", 9), staff("T2", 40)],
    }

    frame = values_of(a_measure(**SICKNESS, disclosure="staff"), rows, "2025-03", "2025-03")

    n = frame["n"]
    assert n["team", "T1", "2025-03-01"] == 9
    # The staff of a team that is not in the figure do not stand behind it.
    assert n["locality", "A", "2025-03-01"] == 9
    assert pd.isna(n["locality", "B", "2025-03-01"])


def test_people_belong_to_the_team_their_practice_belonged_to_on_the_day():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "B")],
        "practice_team": [
            a_practice("P1", "T1", until="2025-03-16"),
            a_practice("P1", "T2", since="2025-03-16"),
        ],
        "hospital_spell": [
            {"practice_code": "P1", "admitted_on": day("2025-03-15"), "admission_method": "21"},
            {"practice_code": "P1", "admitted_on": day("2025-03-16"), "admission_method": "21"},
            {"practice_code": "P1", "admitted_on": day("2025-03-17"), "admission_method": "21"},
        ],
    }
    measure = a_measure(
        numerator={"rows": "hospital_spell", "on": "admitted_on"}, attribution="population"
    )

    frame = values_of(measure, rows, "2025-03", "2025-03")

    assert frame["numerator"]["team", "T1", "2025-03-01"] == 1
    assert frame["numerator"]["locality", "B", "2025-03-01"] == 2


# ---------------------------------------------------------------- laws


def test_every_area_and_period_has_one_row_with_exactly_its_columns():
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "B", since="2025-02-01")],
        "referral": [a_referral("T1", "2025-01-04")],
    }

    with calculator(rows, day("2025-01-01"), day("2025-03-01")) as ready:
        frame = ready.values(a_measure(numerator=RECEIVED, version=4))

    assert tuple(frame.columns) == VALUE_COLUMNS
    assert len(frame) == (2 + 2 + 1) * 3
    assert set(frame["measure_version"]) == {4}
    assert set(frame["split"]) == {""}
    assert not frame["provisional"].any()
    assert frame[frame["area_level"] == "partnership"]["area_id"].unique().tolist() == [CITY.id]
    assert frame["period_end"].max() == pd.Timestamp("2025-04-01")


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["T1", "T2"]),
            st.sampled_from(["2025-01", "2025-02", "2025-03"]),
            st.none() | st.integers(0, 5),
            st.none() | st.integers(0, 5),
            st.booleans(),
        ),
        unique_by=lambda sent: sent[:2],
    ),
    st.sampled_from(["month", "quarter"]),
    st.sampled_from(["count", "percent"]),
)
def test_there_is_a_number_exactly_where_the_state_is_value(sent, every, shown):
    rows = {
        "team": [a_team("T1", "A"), a_team("T2", "A", since="2025-02-11")],
        "aggregate_submission": [
            submission(team, month, numerator=above, denominator=below, suppressed=hidden)
            for team, month, above, below, hidden in sent
        ],
    }
    parts: dict[str, Any] = {"numerator": {"submitted": "numerator"}, "show": {"as": shown}}
    if shown == "percent":
        parts["denominator"] = {"submitted": "denominator"}

    frame = values_of(a_measure(**parts, every=every), rows, "2025-01", "2025-03")

    is_value = frame["state"] == "value"
    for name in ("numerator", "value", "n"):
        assert frame[name].notna().equals(is_value), name
    assert (frame[~is_value]["reason"] != "").all()


# ---------------------------------------------------------------- employers that are missed


def test_a_measure_of_one_employer_does_not_wait_for_the_others():
    rows = {
        "team": [a_team("T1", "A")],
        "absence_month": [
            absence("T1", "2025-01", 30, 600),
            absence("T1", "2025-01", 10, 200, "council"),
            absence("T1", "2025-02", 30, 600),
        ],
    }

    def of(employer: str) -> pd.DataFrame:
        where = [{"column": "employer", "is": employer}]
        blocks = {
            "numerator": {**LOST, "where": where},
            "denominator": {**AVAILABLE, "where": where},
        }
        return values_of(a_measure(**{**SICKNESS, **blocks}), rows, "2025-01", "2025-02")

    both = values_of(a_measure(**SICKNESS), rows, "2025-01", "2025-02")

    lost = ("missing", None, "council figures not received")
    assert said(both, "team", "T1", "2025-01-01") == ("value", 5.0, "")
    assert said(both, "team", "T1", "2025-02-01") == lost
    assert said(both, "partnership", "city", "2025-02-01") == lost
    assert said(of("NHS"), "team", "T1", "2025-02-01") == ("value", 5.0, "")
    assert said(of("council"), "team", "T1", "2025-02-01")[0] == "missing"


def test_staff_in_post_at_the_end_of_a_quarter_waits_only_for_its_last_month():
    def post(month: str, employer: str, people: int) -> dict[str, Any]:
        return {
            "team_id": "T1",
            "month": day(f"{month}-01"),
            "employer": employer,
            "in_post_fte": Decimal(people),
            "headcount": people,
        }

    months = ("2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06")
    rows = {
        "team": [a_team("T1", "A")],
        "workforce_month": [
            *(post(month, "NHS", 8) for month in months),
            *(post(month, "council", 4) for month in months if month not in ("2025-02", "2025-06")),
        ],
    }
    level = {"level": "headcount", "of": "workforce_month", "on": "month"}
    measure = a_measure(numerator=level, attribution="employing", every="quarter")

    frame = values_of(measure, rows, "2025-01", "2025-06")

    assert said(frame, "team", "T1", "2025-01-01") == ("value", 12.0, "")
    assert said(frame, "team", "T1", "2025-04-01")[0] == "missing"
