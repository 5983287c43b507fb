"""Each of the twelve stories is in the records that were loaded, and in those of other cities."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data.batches import list_batches, read_rows
from data.contract import DATED, load_contracts
from data.demo import places, stories
from data.demo.questionnaires import instrument_item_frame
from data.home import Home
from tests.data.demo import made_city
from tests.data.demo.made_city import EMERGENCY, TEAM_OF_PRACTICE

Tables = Callable[[str], pd.DataFrame]

CONTRACTS = load_contracts(None)
LOADED = "as loaded"
OTHER_SEEDS = (2, 3)


def loaded_tables(home: Home) -> Tables:
    """Return the rows of each table's batches, one after the other, as pandas has them."""

    @cache
    def _rows(table: str) -> pd.DataFrame:
        batches = [batch for batch in list_batches(home) if batch.table == table]
        frame = pa.concat_tables([read_rows(batch) for batch in batches]).to_pandas()
        for column in CONTRACTS[table].columns:
            if column.type in DATED:
                frame[column.name] = pd.to_datetime(frame[column.name])
            if column.type == "dec":
                frame[column.name] = frame[column.name].astype(float)
        return frame

    return _rows


@pytest.fixture(scope="module")
def of_city(city: Home) -> Tables:
    return loaded_tables(city)


@pytest.fixture(params=[LOADED, *OTHER_SEEDS])
def tables(request: pytest.FixtureRequest) -> Tables:
    """The records that were loaded, and those of other cities as they are made."""
    if request.param == LOADED:
        return request.getfixturevalue("of_city")
    return lambda table: made_city.table(table, request.param)


def quarter(days: pd.Series) -> pd.Series:
    return days.dt.to_period("Q").astype(str)


def month(days: pd.Series) -> pd.Series:
    return days.dt.to_period("M").astype(str)


def waiting(rows: pd.DataFrame, day: str) -> pd.DataFrame:
    """Return who waits for a first contact or assessment at the end of a day."""
    end = pd.Timestamp(day)
    until = rows[["first_contact_on", "assessed_on", "closed_on"]].min(axis="columns")
    return rows[(rows["received_at"].dt.normalize() <= end) & ~(until <= end)]


def open_cases(rows: pd.DataFrame, day: str) -> pd.DataFrame:
    end = pd.Timestamp(day)
    return rows[(rows["received_at"].dt.normalize() <= end) & ~(rows["closed_on"] <= end)]


def adults_emergencies(tables: Tables) -> pd.DataFrame:
    rows = tables("hospital_spell")
    rows = rows[rows["admission_method"].isin(EMERGENCY) & (rows["age_band"] != "0-17")]
    return rows.assign(team_id=rows["practice_code"].map(TEAM_OF_PRACTICE))


def of_team(rows: pd.DataFrame, team: str) -> pd.DataFrame:
    return rows[rows["team_id"] == team]


def between(days: pd.Series, first: str, last: str) -> pd.Series:
    """Return whether days lie in months, the last one included."""
    return days.dt.to_period("M").between(pd.Period(first), pd.Period(last))


def test_1_the_team_with_the_best_hospital_numbers_cannot_cope(tables):
    admitted = of_team(adults_emergencies(tables), "N2")["admitted_on"]
    before, after = ("2023-10", "2024-03"), ("2025-10", "2026-03")
    referred = of_team(tables("referral"), "N2")
    weeks = of_team(tables("workday_constraint"), "N2").astype(
        {"days_not_out": float, "field_staff_days_available": float}
    )

    fell = between(admitted, *after).sum() / between(admitted, *before).sum() - 1
    assert fell == pytest.approx(-0.12, abs=0.05)
    assert len(waiting(referred, "2024-03-31")) == pytest.approx(95, abs=30)
    assert len(waiting(referred, "2026-01-31")) == pytest.approx(260, abs=40)
    shares = []
    for months in (before, after):
        chosen = weeks[between(weeks["week_start"], *months)]
        there = chosen.drop_duplicates("week_start")["field_staff_days_available"].sum()
        shares.append(100 * chosen["days_not_out"].sum() / there)
    assert shares[0] == pytest.approx(6, abs=1.5)
    assert shares[1] == pytest.approx(15, abs=2)
    cases = of_team(tables("caseload_snapshot"), "N2").groupby("as_at")[
        ["open_cases", "unallocated"]
    ]
    share = 100 * cases.sum()["unallocated"] / cases.sum()["open_cases"]
    assert share.iloc[:12].mean() < 8 < 22 < share.iloc[-6:].mean()


def test_2_a_boundary_moves_numbers_and_hardly_any_rate(tables):
    referred = tables("referral")
    received = referred["received_at"]
    before = referred[between(received, "2023-10", "2024-09")]
    after = referred[between(received, "2024-10", "2025-09")]
    people = places.population_frame(made_city.SPAN)
    people = people.groupby(["team_id", "as_at"])["people"].sum().unstack()
    moved = places.redrawn_practices()

    change = after.groupby("team_id").size() / before.groupby("team_id").size() - 1
    assert change["C1"] == pytest.approx(-0.19, abs=0.06)
    assert change["C4"] > 0.15
    for team in ("C1", "C4"):
        rates = [
            (of_team(rows, team).shape[0] / people.loc[team, pd.Timestamp(day)])
            for rows, day in ((before, "2024-04-01"), (after, "2025-04-01"))
        ]
        assert rates[1] / rates[0] == pytest.approx(1, abs=0.1)
    theirs = referred[referred["practice_code"].isin(moved)]
    late = theirs["received_at"] >= pd.Timestamp(places.REDRAWN)
    assert set(theirs[~late & (theirs["received_at"] >= "2023-04-01")]["team_id"]) == {"C1"}
    assert set(theirs[late]["team_id"]) == {"C4"}


def test_3_in_the_outage_three_in_ten_contacts_are_never_typed_in(tables):
    rows = tables("contact")
    rows = rows[rows["started_at"].notna()]
    south = rows["team_id"].astype(str).str.startswith("S")
    by_week = [
        rows[chosen].groupby(rows["started_at"].dt.to_period("W-SUN").dt.start_time).size()
        for chosen in (south, ~south)
    ]
    share = by_week[0] / (by_week[0] + by_week[1])
    down = share["2025-02-03":"2025-03-10"]
    around = pd.concat([share["2024-12-30":"2025-01-27"], share["2025-03-17":"2025-04-07"]])
    usual = around.mean()

    assert len(down) == 6
    kept = (down.mean() / (1 - down.mean())) / (usual / (1 - usual))
    assert kept == pytest.approx(0.70, abs=0.06)


def test_3_what_is_there_of_the_outage_came_as_a_second_file(city):
    batches = [batch for batch in list_batches(city) if batch.table == "contact"]
    months = {"2025-02", "2025-03"}
    south = {"S1", "S2", "S3", "S4"}
    covering = [
        batch
        for batch in batches
        if months & {f"{day:%Y-%m}" for day in batch.covers.months()}
        and south & {*batch.covers.areas}
    ]

    # Before the last file nothing is said about these months in the South: a gap, and no zero.
    assert [batch.source_name for batch in covering] == ["contact typed in afterwards.csv"]
    assert covering[0].sequence == max(batch.sequence for batch in batches)
    assert set(covering[0].covers.areas) == south


def test_3_waits_look_better_than_they_were_because_the_long_ones_are_missing(tables):
    referred, contacts = tables("referral"), tables("contact")
    rows = referred[referred["team_id"].str.startswith("S") & (referred["sector"] == "health")]
    rows = rows[rows["first_contact_on"].between("2025-02-03", "2025-03-16")]
    begun = contacts[contacts["started_at"].between("2025-02-03", "2025-03-17")]
    first = rows.merge(
        begun.assign(day=begun["started_at"].dt.normalize())[["referral_id", "day"]],
        left_on=["referral_id", "first_contact_on"],
        right_on=["referral_id", "day"],
    ).drop_duplicates("referral_id")

    def mean_wait(these: pd.DataFrame) -> float:
        return (these["first_contact_on"] - these["received_at"].dt.normalize()).dt.days.mean()

    assert 0.4 < len(first) / len(rows) < 0.8
    assert mean_wait(first) < 0.9 * mean_wait(rows)


def hand_offs(tables: Tables, team: str) -> pd.Series:
    """Return hand-offs for each closed referral, by the quarter of closing."""
    closed = of_team(tables("referral"), team).dropna(subset="closed_on")
    times = tables("referral_handoff").groupby("referral_id").size()
    return closed["referral_id"].map(times).fillna(0).groupby(quarter(closed["closed_on"])).mean()


def refused(tables: Tables, team: str) -> pd.Series:
    rows = of_team(tables("information_request"), team)
    return 100 * (rows["result"] == "refused").groupby(month(rows["asked_on"])).mean()


def told_once(tables: Tables, team: str) -> pd.Series:
    rows = of_team(tables("questionnaire_response"), team)
    rows = rows[rows["item_key"] == "told_story_once"]
    return 100 * (rows["score"].astype(float) > 0).groupby(quarter(rows["completed_on"])).mean()


def test_4_where_moving_in_together_worked_people_are_passed_on_less_after_some_months(tables):
    times = hand_offs(tables, "S3")
    assert times[:"2024Q2"].mean() == pytest.approx(0.95, abs=0.06)
    assert times["2025Q1":].mean() == pytest.approx(0.58, abs=0.05)
    # Not at once: the first months after moving in are as before.
    june_and_july = hand_offs(tables, "S3")["2024Q2"]
    assert june_and_july > 0.8

    share = refused(tables, "S3")
    assert share[:"2024-06"].mean() == pytest.approx(18, abs=4)
    assert share["2025-01":].mean() == pytest.approx(7, abs=3)
    once = told_once(tables, "S3")
    assert once["2025Q1":].mean() - once[:"2024Q2"].mean() == pytest.approx(14, abs=5)


def test_4_admissions_stay_as_they_were(tables):
    admitted = of_team(adults_emergencies(tables), "S3")["admitted_on"]

    change = (
        between(admitted, "2024-10", "2025-09").sum()
        / between(admitted, "2023-06", "2024-05").sum()
    )
    assert change == pytest.approx(1, abs=0.08)


def pulse(tables: Tables, team: str) -> pd.Series:
    rows = of_team(tables("team_pulse"), team)
    agree = rows[rows["answer"] >= 4].groupby(quarter(rows["quarter"]))["n"].sum()
    return 100 * agree / rows.groupby(quarter(rows["quarter"]))["n"].sum()


def test_5_where_it_did_not_nothing_changes_and_staff_are_less_content(tables):
    times, share = hand_offs(tables, "N4"), refused(tables, "N4")

    assert times["2025Q1":].mean() == pytest.approx(times[:"2024Q2"].mean(), abs=0.08)
    assert share["2025-01":].mean() == pytest.approx(share[:"2024-06"].mean(), abs=5)
    content = pulse(tables, "N4")
    assert content["2024Q4":].mean() < content[:"2024Q2"].mean() - 18
    other = pulse(tables, "S3")
    assert other["2024Q4":].mean() == pytest.approx(other[:"2024Q2"].mean(), abs=10)


def test_4_and_5_both_teams_moved_in_the_same_month():
    rows = stories.annotation_frame().query("kind == 'co-location'")
    teams = places.team_frame()
    teams = teams[teams["colocated_from"] == pd.Timestamp(2024, 6, 1)]

    assert set(rows["scope_id"]) == set(teams["team_id"]) == {"S3", "N4"}
    assert set(rows["on"].dt.strftime("%Y-%m")) == {"2024-06"}


def test_6_looking_for_unmet_need_brings_more_of_everything_for_a_year(tables):
    def grew(days: pd.Series) -> float:
        year, before = ("2024-04", "2025-03"), ("2023-04", "2024-03")
        return between(days, *year).sum() / between(days, *before).sum() - 1

    visits = tables("ed_attendance")
    visits = visits.assign(team_id=visits["practice_code"].map(TEAM_OF_PRACTICE))
    visits = visits[(visits["department_type"] == "01") & (visits["age_band"] != "0-17")]

    assert grew(of_team(tables("referral"), "S1")["received_at"]) == pytest.approx(0.30, abs=0.06)
    assert grew(of_team(visits, "S1")["arrived_at"]) == pytest.approx(0.08, abs=0.05)
    admitted = of_team(adults_emergencies(tables), "S1")["admitted_on"]
    assert grew(admitted) == pytest.approx(0.05, abs=0.06)


def test_6_and_then_handovers_care_and_prevention_are_better(tables):
    handovers = of_team(tables("discharge_handover"), "S1")
    named = (handovers["named_contact"] == "yes").groupby(quarter(handovers["discharged_on"]))
    named = 100 * named.mean()
    assert named["2025Q4":].mean() > named[:"2025Q1"].mean() + 10

    advised = of_team(tables("signpost"), "S1")["signposted_on"]
    closed = of_team(tables("referral"), "S1")["closed_on"].dropna()
    share = quarter(advised).value_counts() / quarter(closed).value_counts()
    share = share.sort_index()
    assert share["2025Q4":].mean() > share["2023Q2":"2025Q1"].mean() + 0.03

    assert p3ceq(tables, "S1")["2025Q4":].mean() > p3ceq(tables, "S1")[:"2025Q1"].mean() + 0.3


def p3ceq(tables: Tables, team: str) -> pd.Series:
    """Return the mean person-centred score, by quarter."""
    rows = of_team(tables("questionnaire_response"), team)
    rows = rows[rows["instrument"] == "P3CEQ"].merge(person_centred(), on="item_key")
    scores = rows.assign(score=rows["score"].astype(float)).groupby(
        [quarter(rows["completed_on"]), "response_id"]
    )["score"]
    return scores.sum().groupby(level=0).mean()


def person_centred() -> pd.DataFrame:
    items = instrument_item_frame()
    return items[items["scale"].str.contains("person_centred")][["item_key"]]


def test_7_a_list_is_cleared_and_three_figures_tell_three_stories(tables):
    rows = of_team(tables("referral"), "C3")
    before = waiting(rows, "2025-08-31")
    assert len(waiting(rows, "2025-11-30")) / len(before) - 1 == pytest.approx(-0.45, abs=0.14)

    seen = rows[["first_contact_on", "assessed_on"]].min(axis="columns")
    wait = (seen - rows["received_at"].dt.normalize()).dt.days
    medians = wait.groupby(month(seen)).median()
    usual = medians["2024-09":"2025-08"].mean()
    for blitz in ("2025-09", "2025-10", "2025-11"):
        assert medians[blitz] > 1.4 * usual
    assert medians["2025-09":"2025-11"].mean() == pytest.approx(2 * usual, rel=0.3)

    def over_a_year(day: str) -> int:
        still = waiting(rows, day)["received_at"]
        return int((pd.Timestamp(day) - still.dt.normalize()).dt.days.ge(365).sum())

    assert over_a_year("2025-10-31") == 0


def test_7_three_in_ten_old_cases_are_closed_unseen_and_people_come_back(tables):
    rows = of_team(tables("referral"), "C3")
    before = waiting(rows, "2025-08-31")
    old = before[before["received_at"] < "2025-08-20"]
    old = old[old["priority"] == "routine"]
    unseen = old[["first_contact_on", "assessed_on"]].isna().all(axis="columns")
    assert unseen.mean() == pytest.approx(0.30, abs=0.12)

    again = repeats(rows)
    received = rows["received_at"]
    later = again[between(received, "2026-01", "2026-03")].mean()
    usual = again[between(received, "2024-01", "2025-08")].mean()
    assert 100 * (later - usual) == pytest.approx(6, abs=4)


def repeats(rows: pd.DataFrame) -> pd.Series:
    """Return whether the same person had a referral for the same reason closed 90 days before."""
    same = ["person_key", "reason_group"]
    pairs = rows[[*same, "referral_id", "received_at"]].merge(
        rows[[*same, "closed_on"]].dropna(), on=same
    )
    days = (pairs["received_at"].dt.normalize() - pairs["closed_on"]).dt.days
    back = pairs.loc[days.between(0, 90), "referral_id"]
    return rows["referral_id"].isin(back)


def test_8_a_recording_change_takes_nine_percent_of_the_norths_admissions(tables):
    rows = adults_emergencies(tables)
    north = rows["team_id"].isin(["N1", "N3", "N4"])
    same_day = (rows["discharged_on"] == rows["admitted_on"]) & north
    quarters = quarter(rows["admitted_on"])

    share = same_day.groupby(quarters).sum() / north.groupby(quarters).sum()
    assert share["2023Q2":"2024Q2"].mean() - share["2024Q3":].mean() == pytest.approx(
        0.1, abs=0.025
    )
    stays = (rows[north & ~same_day]["admitted_on"]).dt.to_period("Y").value_counts()
    assert stays[pd.Period("2025")] / stays[pd.Period("2024")] == pytest.approx(1, abs=0.06)
    visits = tables("ed_attendance")
    moved = visits[visits["department_type"] == "05"]["arrived_at"]
    assert (moved >= "2024-07-01").all()
    assert len(moved) > 500


def test_9_some_numbers_are_too_small_to_tell_anything(tables):
    rows = adults_emergencies(tables)
    falls = of_team(rows[rows["external_cause_icd10"].notna()], "C2")
    by_month = month(falls["admitted_on"]).value_counts().sort_index()["2023-04":]
    waits = []
    referred = of_team(tables("referral"), "C2")
    for day in pd.date_range("2023-04-30", "2026-03-31", freq="ME"):
        still = waiting(referred, str(day.date()))["received_at"]
        waits.append(int((day - still.dt.normalize()).dt.days.ge(365).sum()))

    assert max(waits) <= 6
    assert np.mean(waits) < 3
    assert len(set(waits)) >= 3
    assert 4 <= by_month.mean() <= 14
    # No trend, and yet months differ two- and threefold.
    assert by_month.max() > 2 * by_month.min()


def test_10_at_the_duty_desk_nobody_is_left_without_a_name(tables):
    rows = of_team(tables("referral"), "S4")
    cases = open_cases(rows, "2025-01-31")
    nobody = cases["allocated_on"].isna() | (cases["allocated_on"] > "2025-01-31")
    given = cases[
        (cases["allocated_to_key"] == "DUTY") & between(cases["allocated_on"], "2025-01", "2025-01")
    ]
    before = open_cases(rows, "2024-12-31")
    unnamed = before["allocated_on"].isna() | (before["allocated_on"] > "2024-12-31")

    assert unnamed.sum() > 15
    assert nobody.sum() == 0
    assert len(given) == pytest.approx(stories.DUTY_CASES, abs=14)


def test_11_when_meetings_go_online_the_gp_is_there_and_nothing_else_moves_yet(tables):
    meetings = of_team(tables("mdt_meeting"), "N1").query("status == 'held'")
    came = tables("mdt_attendance").query("profession_id == 'gp' and mode != 'written'")
    with_gp = meetings["meeting_id"].isin(came["meeting_id"]).groupby(month(meetings["held_on"]))
    share, held = with_gp.mean(), with_gp.size()
    assert set(held) == {4}
    assert share[:"2024-12"].mean() == pytest.approx(0.25, abs=0.12)
    assert share["2025-01":].mean() > 0.95

    rows = of_team(tables("referral"), "N1")
    recorded = (
        rows["coordinator_recorded"].astype(bool).groupby(quarter(rows["received_at"])).mean()
    )
    assert recorded["2025Q1":].mean() - recorded["2023Q2":"2024Q4"].mean() > 0.2
    times = hand_offs(tables, "N1")
    assert times["2025Q1":].mean() == pytest.approx(times[:"2024Q4"].mean(), abs=0.08)


def test_12_after_a_ward_moved_its_patients_are_not_told_whom_to_ask(tables):
    rows = tables("discharge_handover")
    yes = 100 * (rows["named_contact"] == "yes")
    before, after = rows["discharged_on"] < "2025-03-01", rows["discharged_on"] >= "2025-03-01"
    share = {
        (name, provider): yes[chosen & (rows["provider_code"] == provider)].mean()
        for name, chosen in (("before", before), ("after", after))
        for provider in (places.NORTHGATE, places.ROYAL)
    }

    assert share["before", places.NORTHGATE] == pytest.approx(62, abs=3)
    assert share["after", places.NORTHGATE] == pytest.approx(38, abs=4)
    assert share["after", places.ROYAL] == pytest.approx(share["before", places.ROYAL], abs=3)
    by_team = yes.groupby([rows["team_id"], after]).mean().unstack()
    fell = by_team[False] - by_team[True]
    assert set(fell[fell > 10].index) == {"N1", "N3", "N4"}
