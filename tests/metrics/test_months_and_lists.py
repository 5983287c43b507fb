"""From files to figures: old months keep their old lists, and months not whole are provisional."""

from pathlib import Path

import pandas as pd
import pytest

from data.home import Home
from data.snapshots import query
from metrics.publish import publish
from metrics.reading import Snapshot
from tests.small_partnership import LISTS, load, records, set_up

REFERRALS = "referral_id,team_id,sector,received_at,first_contact_on,closed_on\n"
STAYS = "spell_id,practice_code,admitted_on,discharged_on,admission_method,age_band\n"
TEAM = "team_id,locality_id,name,valid_from,valid_to\n"
MONTHS = ("2025-01", "2025-02", "2025-03", "2025-04")


def published(home: Home) -> pd.DataFrame:
    version = publish(home).version
    frame = query(home, version, "SELECT * FROM measure_value")
    frame["month"] = frame["period_start"].dt.strftime("%Y-%m")
    return frame.set_index(["measure_id", "area_id", "month"]).sort_index()


def amounts(frame: pd.DataFrame, measure_id: str, area_id: str) -> list[float | str]:
    """Return the numerator of each month, or its state where it has none."""
    rows = frame.loc[(measure_id, area_id)].sort_index()
    return [
        numerator if state == "value" else state
        for numerator, state in zip(rows["numerator"], rows["state"], strict=True)
    ]


def notes(home: Home) -> list[str]:
    return Snapshot.current(home).notes


def a_referral_a_month(team: str, closed: str = "") -> str:
    """Return a referral of each month, received on the 10th and still waiting."""
    return "".join(f"{team}{month},{team},health,{month}-10,,{closed}\n" for month in MONTHS)


def a_stay_a_month(*practices: str) -> str:
    return STAYS + "".join(
        f"{practice}{month},{practice},{month}-10,{month}-12,21,75-84\n"
        for practice in practices
        for month in MONTHS
    )


# ---------------------------------------------------------------- lists with dates


def test_a_team_that_closed_keeps_its_months_and_has_none_after_them(tmp_path):
    team = (
        f"{TEAM}N1,N,North 1,2020-01-01,2025-03-01\nN2,N,North 2,2020-01-01,\nS1,S,S,2020-01-01,\n"
    )
    home = set_up(tmp_path / "home", team=team)
    load(home, "referral", REFERRALS + a_referral_a_month("N1") + a_referral_a_month("N2"))

    frame = published(home)

    gone = "not_applicable"
    assert amounts(frame, "F01", "N1") == [1, 1, gone, gone]
    assert amounts(frame, "F01", "N2") == [1, 1, 1, 1]
    assert amounts(frame, "F01", "N") == [2, 2, 1, 1]
    assert amounts(frame, "F02", "N2") == [1, 2, 3, 4]
    assert amounts(frame, "F02", "N") == [2, 4, 3, 4]
    assert notes(home)[0].startswith("Referrals: 2 rows belong to no team on their date")


def test_after_a_merger_the_team_that_took_over_has_the_rows_and_the_people_waiting(tmp_path):
    team = (
        f"{TEAM}N1,N,North 1,2020-01-01,2025-03-01\nN2,N,North 2,2020-01-01,\nS1,S,S,2020-01-01,\n"
    )
    lineage = "from_team_id,to_team_id,changed_on,share,kind\nN1,N2,2025-03-01,1,merge\n"
    home = set_up(tmp_path / "home", team=team, team_lineage=lineage)
    load(home, "referral", REFERRALS + a_referral_a_month("N1") + a_referral_a_month("N2"))

    frame = published(home)

    gone = "not_applicable"
    assert amounts(frame, "F01", "N1") == [1, 1, gone, gone]
    assert amounts(frame, "F01", "N2") == [1, 1, 2, 2]
    assert amounts(frame, "F02", "N1") == [1, 2, gone, gone]
    assert amounts(frame, "F02", "N2") == [1, 2, 6, 8]
    assert amounts(frame, "F02", "N") == [2, 4, 6, 8]
    assert notes(home) == [
        "Referrals: 2 rows name N1 after it closed, and count with N2, which took over. Ask the"
        " sender to write N2."
    ]


def test_a_practice_that_moved_leaves_its_past_where_it_was(tmp_path):
    lists = "practice_code,team_id,valid_from,valid_to\n"
    lists += "Z90001,N1,2020-01-01,2025-02-11\nZ90001,S1,2025-02-11,\n"
    lists += "Z90002,N1,2020-01-01,\nZ90003,S1,2020-01-01,\n"
    home = set_up(tmp_path / "home", practice_team=lists)
    load(home, "hospital_spell", a_stay_a_month("Z90001", "Z90002", "Z90003"))

    frame = published(home)

    assert amounts(frame, "H01", "N1") == [2, 2, 1, 1]
    assert amounts(frame, "H01", "S1") == [1, 1, 2, 2]


def test_a_list_that_is_edited_later_with_dates_changes_only_later_months(tmp_path):
    home = set_up(tmp_path / "home")
    load(home, "hospital_spell", a_stay_a_month("Z90001", "Z90002", "Z90003"))
    before = published(home)

    lists = LISTS["practice_team"].replace(
        "Z90001,N1,2020-01-01,", "Z90001,N1,2020-01-01,2025-03-01"
    )
    text = f"{lists}Z90001,N2,2025-03-01,\n"
    (home.reference / "practice_team.csv").write_text(text, encoding="utf-8")
    after = published(home)

    assert amounts(before, "H01", "N1") == [1, 1, 1, 1]
    assert amounts(after, "H01", "N1")[:2] == [1, 1]
    assert amounts(after, "H01", "N1")[2:] != [1, 1]
    assert amounts(after, "H01", "N2") == [1, 1, 2, 2]
    assert amounts(after, "H01", "S1") == amounts(before, "H01", "S1")


def test_a_list_that_is_loaded_as_a_file_does_the_same(tmp_path):
    home = set_up(tmp_path / "home")
    load(home, "hospital_spell", a_stay_a_month("Z90001", "Z90002", "Z90003"))
    moved = "practice_code,team_id,valid_from,valid_to\n"
    moved += "Z90001,N1,2020-01-01,2025-03-01\nZ90001,N2,2025-03-01,\n"

    load(home, "practice_team", moved)
    frame = published(home)

    assert amounts(frame, "H01", "N1")[:2] == [1, 1]
    assert amounts(frame, "H01", "N2") == [1, 1, 2, 2]


def test_a_team_that_moved_to_another_locality_takes_the_people_waiting_along(tmp_path):
    team = f"{TEAM}N1,N,North 1,2020-01-01,2025-03-01\nN1,S,North 1,2025-03-01,\n"
    team += "N2,N,North 2,2020-01-01,\nS1,S,South 1,2020-01-01,\n"
    home = set_up(tmp_path / "home", team=team)
    rows = [a_referral_a_month(team) for team in ("N1", "N2", "S1")]
    load(home, "referral", REFERRALS + "".join(rows))

    frame = published(home)

    assert amounts(frame, "F01", "N1") == [1, 1, 1, 1]
    assert amounts(frame, "F01", "N") == [2, 2, 1, 1]
    assert amounts(frame, "F01", "S") == [1, 1, 2, 2]
    assert amounts(frame, "F02", "N") == [2, 4, 3, 4]
    assert amounts(frame, "F02", "S") == [1, 2, 6, 8]
    assert amounts(frame, "F02", "small") == [3, 6, 9, 12]


def test_a_boundary_that_was_redrawn_moves_its_practices_on_that_day(tmp_path):
    lists = "practice_code,team_id,valid_from,valid_to\n"
    for practice in ("Z90001", "Z90002"):
        lists += f"{practice},N1,2020-01-01,2025-03-01\n{practice},N2,2025-03-01,\n"
    lists += "Z90003,N1,2020-01-01,\nZ90004,N2,2020-01-01,\n"
    lineage = "from_team_id,to_team_id,changed_on,share,kind\nN1,N2,2025-03-01,0.6,boundary\n"
    home = set_up(tmp_path / "home", practice_team=lists, team_lineage=lineage)
    load(home, "hospital_spell", a_stay_a_month("Z90001", "Z90002", "Z90003", "Z90004"))

    frame = published(home)

    assert amounts(frame, "H01", "N1") == [3, 3, 1, 1]
    assert amounts(frame, "H01", "N2") == [1, 1, 3, 3]
    assert amounts(frame, "H01", "N") == [4, 4, 4, 4]
    assert notes(home) == []


# ---------------------------------------------------------------- history


def test_history_may_come_later_and_a_series_then_begins_earlier(tmp_path):
    home = set_up(tmp_path / "home")
    load(home, "referral", records("referral", MONTHS))
    before = published(home)

    load(home, "referral", records("referral", ["2022-11", "2022-12"]), name="history")
    after = published(home)

    # One more waits each month; those of the history wait still.
    assert amounts(before, "F02", "N1") == [1, 2, 3, 4]
    series = after.loc[("F02", "N1")].sort_index()
    assert list(series.index[:2]) == ["2022-11", "2022-12"]
    assert list(series["state"].iloc[:3]) == ["value", "value", "missing"]
    assert amounts(after, "F02", "N1")[-4:] == [3, 4, 5, 6]
    finding = next(
        f for f in Snapshot.current(home).findings if (f.measure_id, f.area_id) == ("F02", "N1")
    )
    assert f"{finding.began:%Y-%m}" == "2022-11"


# ---------------------------------------------------------------- months that are not whole


def test_figures_of_a_month_that_was_not_over_are_provisional_and_say_why(tmp_path):
    home = set_up(tmp_path / "home")
    load(home, "referral", records("referral", MONTHS), extracted="2025-04-25")

    frame = published(home)

    why = "April 2025 is not complete yet"
    for measure_id in ("F01", "F02"):
        months = frame.loc[(measure_id, "N1")].sort_index()
        assert list(months["provisional"]) == [False, False, False, True]
        assert list(months["reason"]) == ["", "", "", why]
        assert list(months["state"]) == ["value"] * 4
    whole = frame.loc[("F01", "small", "2025-04")]
    assert (whole["provisional"], whole["reason"]) == (True, "3 of 3 teams not complete yet")
    finding = next(
        f for f in Snapshot.current(home).findings if (f.measure_id, f.area_id) == ("F01", "N1")
    )
    assert finding.provisional
    assert finding.kind != "signal"


def test_a_later_file_that_has_the_month_whole_ends_that(tmp_path):
    home = set_up(tmp_path / "home")
    load(home, "referral", records("referral", MONTHS), extracted="2025-04-25")
    published(home)

    load(home, "referral", records("referral", ["2025-04"]), extracted="2025-05-02")
    frame = published(home)

    assert not frame.loc["F01"]["provisional"].any()
    assert set(frame.loc["F01"]["reason"]) == {""}


def test_a_month_received_in_part_is_provisional_for_that_team_alone(tmp_path):
    told = "feed,team_id,month,received,complete_pct,note\nreferral,N1,2025-04,yes,60,system down\n"
    home = set_up(tmp_path / "home", feed_status=told)
    load(home, "referral", records("referral", MONTHS))

    frame = published(home)

    assert list(frame.loc[("F01", "N1")].sort_index()["provisional"]) == [False, False, False, True]
    assert frame.loc[("F01", "N1", "2025-04")]["reason"] == "about 60% received: system down"
    assert not frame.loc[("F01", "N2", "2025-04")]["provisional"]
    north = frame.loc[("F01", "N", "2025-04")]
    assert (north["state"], north["reason"]) == ("value", "1 of 2 teams not complete yet")


def test_an_outage_is_a_gap_with_its_reason_and_never_nought(tmp_path):
    told = "feed,team_id,month,received,note\nreferral,N1,2025-03,no,the case system was down\n"
    home = set_up(tmp_path / "home", feed_status=told)
    load(home, "referral", records("referral", MONTHS))

    frame = published(home)

    outage = frame.loc[("F01", "N1", "2025-03")]
    assert (outage["state"], outage["reason"]) == (
        "missing",
        "not received: the case system was down",
    )
    assert frame.loc[("F01", "N", "2025-03")]["reason"] == "1 of 2 teams"
    assert frame.loc[("F01", "N2", "2025-03")]["state"] == "value"


def test_an_employer_that_is_not_there_makes_the_month_missing_by_name(tmp_path):
    home = set_up(tmp_path / "home")
    rows = ["team_id,month,employer,fte_days_lost,fte_days_available"]
    for month in MONTHS:
        rows += [f"{team},{month},NHS,10,100" for team in ("N1", "N2", "S1")]
        rows += [f"N1,{month},council,5,100"] if month < "2025-04" else []
    load(home, "absence_month", "\n".join([*rows, ""]))

    frame = published(home)

    assert amounts(frame, "W01", "N1") == [15, 15, 15, "missing"]
    assert frame.loc[("W01", "N1", "2025-04")]["reason"] == "council figures not received"
    north = frame.loc[("W01", "N", "2025-04")]
    assert (north["value"], north["reason"]) == (10, "1 of 2 teams")


def test_a_practice_in_no_file_is_said_beside_the_figure_and_in_the_notes(tmp_path):
    lists = f"{LISTS['practice_team']}Z90009,N1,2020-01-01,\n"
    home = set_up(tmp_path / "home", practice_team=lists)
    load(home, "hospital_spell", a_stay_a_month("Z90001", "Z90002", "Z90003"))

    frame = published(home)

    figure = frame.loc[("H01", "N1", "2025-01")]
    assert (figure["state"], figure["reason"]) == ("value", "1 of 2 practices")
    assert not figure["provisional"]
    assert frame.loc[("H01", "N", "2025-01")]["reason"] == "1 of 2 teams without some practices"
    assert notes(home) == [
        "Hospital spells: no file has a row of Z90009, of N1. If the file was asked for it and it"
        " had none, load it with --areas; if it has closed, end it in the list of practices."
    ]


@pytest.mark.parametrize("file", ["hospital_spell", "referral"])
def test_a_rate_is_provisional_where_any_of_its_tables_is(tmp_path: Path, file):
    home = set_up(tmp_path / "home")
    for table in ("hospital_spell", "referral"):
        drawn = "2025-04-25" if table == file else "2025-05-20"
        load(home, table, records(table, MONTHS), extracted=drawn)

    frame = published(home)

    about = {"hospital_spell": "H01", "referral": "F01"}
    for table, measure_id in about.items():
        assert frame.loc[(measure_id, "N1", "2025-04")]["provisional"] == (table == file)
