import datetime
import re
import shutil
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from data.acts import reinstate, withdraw
from data.batches import list_batches
from data.contract import SHIPPED, load_contracts
from data.errors import DataError
from data.home import Home
from data.snapshots import RECORDS, RESTRICTED, current_version, is_whole, manifest, query
from metrics.definition import CATALOGUE, Measure, main_of
from metrics.errors import MeasureError
from metrics.publish import publish, values_known
from metrics.reading import Snapshot
from tests.small_partnership import load, load_everything, records, set_up

MONTHS = ("2025-01", "2025-02", "2025-03")
# How many figures the city has of a measure and an area.
PERIODS = {"month": 36, "quarter": 12}


def periods_of(measure: Measure) -> int:
    """Return of how many periods the city's three years have a figure: of windows, fewer."""
    return PERIODS[measure.every] - (measure.rolling or 1) + 1


def assert_whole(frame: pd.DataFrame, snapshot: Snapshot, areas: int) -> None:
    """Check that every measure, further figure and part has a row for each area and period."""
    for (measure_id, split), rows in frame.groupby(["measure_id", "split"]):
        measure = snapshot.definitions[str(measure_id)]
        assert len(rows) == areas * periods_of(measure), (measure_id, split)


@pytest.fixture
def home(tmp_path: Path, few_measures: Path) -> Home:
    place = set_up(tmp_path / "home")
    load_everything(place, MONTHS)
    return place


def copy_without_snapshots(home: Home, to: Path) -> Home:
    """Return another home with the same files and batches, in which nothing was published."""
    kept_back = shutil.ignore_patterns("snapshots", "CURRENT*")
    return Home(shutil.copytree(home.path, to, ignore=kept_back))


def values(home: Home, version: str) -> pd.DataFrame:
    return query(home, version, "SELECT * FROM measure_value ORDER BY ALL")


def value(home: Home, measure_id: str, area_id: str, month: str) -> tuple[float, str]:
    """Return one value of the version served, and its state."""
    (row,) = query(
        home,
        current_version(home),
        "SELECT value, state FROM measure_value"
        " WHERE measure_id = $1 AND area_id = $2 AND strftime(period_start, '%Y-%m') = $3",
        [measure_id, area_id, month],
    ).itertuples(index=False, name=None)
    return row


def tables(home: Home, version: str, sql: str = "SELECT table_name FROM duckdb_tables()") -> set:
    return set(query(home, version, sql)["table_name"])


def test_a_snapshot_is_two_databases_and_what_they_were_made_from(city):
    version = current_version(city)

    names = {path.name for path in (city.snapshots / version).iterdir()}

    # What may leave the room has no database until there is disclosure control.
    assert names == {RECORDS, RESTRICTED, "manifest.json"}
    assert is_whole(city, version)


def test_the_database_served_holds_values_and_what_is_said_of_them_and_no_record(city):
    assert tables(city, current_version(city)) == {
        "adoption",
        "area",
        "disagreement",
        "event",
        "feed_status",
        "finding",
        "logic_model",
        "measure",
        "measure_value",
        "note",
        "settings",
        "spc_point",
        "still_expected",
    }


def test_the_records_stand_beside_it_under_the_contracts_names(home, tmp_path):
    version = publish(home).version

    # A reader opens the file it is told to: here the one that the dashboard never opens.
    aside = Home(tmp_path / "aside")
    folder = aside.snapshots / version
    folder.mkdir(parents=True)
    shutil.copy(home.snapshots / version / RECORDS, folder / RESTRICTED)
    assert tables(aside, version) >= set(load_contracts(home))
    for table, count in {"referral": 18, "hospital_spell": 18, "absence_month": 9}.items():
        assert query(aside, version, f"SELECT COUNT(*) AS n FROM {table}")["n"].item() == count
    days = query(aside, version, "SELECT MIN(date) AS a, MAX(date) AS z FROM calendar")
    assert days["a"].item() == pd.Timestamp("2025-01-01")
    assert days["z"].item() == pd.Timestamp("2025-03-31")


def test_the_manifest_names_every_input(home):
    version = publish(home).version

    made_from = manifest(home, version).made_from

    batches = {f"batch {batch.table}/{batch.id}" for batch in list_batches(home)}
    lists = {f"file reference/{path.name}" for path in home.reference.glob("*.csv")}
    assert set(made_from) == batches | lists | {
        "file partnership.toml",
        "code data",
        "code metrics",
    }


def test_every_measure_has_a_value_or_a_reason_for_every_area_and_month(city):
    frame = values(city, current_version(city))
    shipped = {path.stem.split("_")[0] for path in CATALOGUE.glob("*.toml")}

    # 12 teams, 3 localities and the partnership, in 36 months or 12 quarters.
    snapshot = Snapshot.current(city)
    assert_whole(frame, snapshot, 16)
    assert set(frame["measure_id"]) == set(snapshot.definitions)
    assert {main_of(name) for name in snapshot.definitions} == shipped
    key = ["measure_id", "split", "area_level", "area_id", "period_start"]
    assert not frame.duplicated(key).any()
    states = {"value", "missing", "suppressed", "not_applicable", "not_collected"}
    assert set(frame["state"]) <= states
    assert (frame["value"].notna() == (frame["state"] == "value")).all()
    assert (frame.loc[frame["state"] != "value", "reason"] != "").all()
    # What the city's teams do not count is not collected in any of its areas and months.
    collected = frame[frame["state"] != "not_collected"]
    assert not set(collected["measure_id"]) & set(
        frame.loc[frame["state"] == "not_collected", "measure_id"]
    )
    assert (collected["state"] == "value").mean() > 0.99


def test_every_measure_and_area_has_one_finding_and_every_finding_its_points(city):
    snapshot = Snapshot.current(city)

    found = {(f.measure_id, f.area_level, f.area_id) for f in snapshot.findings}

    assert len(found) == len(snapshot.findings) == len(snapshot.measures) * len(snapshot.areas)
    points = query(city, snapshot.version, "SELECT * FROM spc_point")
    assert_whole(points, snapshot, 16)
    latest = {(snapshot.measures[f.measure_id].periods, f.period_start) for f in snapshot.findings}
    assert latest == {
        ("month", datetime.date(2026, 3, 1)),
        ("month*3", datetime.date(2026, 1, 1)),
        ("month*12", datetime.date(2025, 4, 1)),
        ("quarter", datetime.date(2026, 1, 1)),
    }


def test_publishing_twice_changes_nothing(city_copy):
    before = {path: path.stat().st_mtime_ns for path in city_copy.path.rglob("*")}

    published = publish(city_copy)

    after = {path: path.stat().st_mtime_ns for path in city_copy.path.rglob("*")}
    lock = city_copy.snapshots / "publishing.lock"
    assert (published.version, published.changed) == (current_version(city_copy), False)
    assert {path for path in {*before, *after} if before.get(path) != after.get(path)} <= {lock}


def test_the_same_file_loaded_again_changes_nothing(home):
    first = publish(home)

    load(home, "referral", records("referral", MONTHS))
    again = publish(home)

    assert (again.version, again.changed) == (first.version, False)


def test_the_same_rows_in_another_file_change_nothing(home):
    first = publish(home)

    load(home, "referral", records("referral", MONTHS).replace("\n", "\r\n"), name="referrals_2")

    assert not publish(home).changed
    assert current_version(home) == first.version


def test_the_whole_city_comes_out_the_same_from_its_batches_alone(city, tmp_path):
    fresh = copy_without_snapshots(city, tmp_path / "fresh")

    published = publish(fresh)

    before, after = values(city, current_version(city)), values(fresh, published.version)
    team_values = after[after["area_level"] == "team"]
    assert published.changed
    assert published.version == current_version(city)
    assert published.values == len(after)
    assert_whole(team_values, Snapshot.current(city), 12)
    pd.testing.assert_frame_equal(before, after, check_exact=True)


def test_what_is_said_of_the_values_comes_out_the_same_too(city, tmp_path):
    fresh = copy_without_snapshots(city, tmp_path / "fresh")

    publish(fresh)

    here, there = Snapshot.current(city), Snapshot.current(fresh)
    assert there.findings == here.findings
    assert there.disagreements == here.disagreements
    assert there.areas == here.areas
    assert there.events == here.events
    assert there.measures == here.measures
    pd.testing.assert_frame_equal(
        *(
            query(home, current_version(home), "SELECT * FROM spc_point ORDER BY ALL")
            for home in (city, fresh)
        ),
        check_exact=True,
    )


def test_a_new_batch_makes_a_new_version_and_the_old_one_stays_readable(home):
    first = publish(home)
    assert value(home, "W01", "N1", "2025-03") == (5.25, "value")

    load(
        home,
        "absence_month",
        "team_id,month,employer,fte_days_lost,fte_days_available\nN1,2025-03,NHS,60,600\n",
    )
    second = publish(home)

    assert second.changed
    assert current_version(home) == second.version != first.version
    assert value(home, "W01", "N1", "2025-03") == (10.0, "value")
    assert is_whole(home, first.version)
    assert len(values(home, first.version)) == first.values


RECIPE = """
recipe = "supplier"
title = "Answers as the supplier sends them"
table = "fft_response"
header = ["Place", "When", "Said"]

[columns]
team_id = "Place"
responded_on = "When"
answer = "Said"
"""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("partnership.toml", 'id = "small"\nname = "Renamed"\n'),
        ("reference/team_alias.csv", "raw_code,team_id\nNorth One,N1\n"),
        ("recipes/supplier.toml", RECIPE),
        ("contracts/annotation.toml", (SHIPPED / "annotation.toml").read_text(encoding="utf-8")),
    ],
)
def test_a_file_of_the_partnership_that_changed_makes_a_new_version(home, path, text):
    first = publish(home)
    file = home.path / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")

    again = publish(home)

    assert again.changed
    assert current_version(home) == again.version != first.version


def test_going_back_to_what_was_serves_the_snapshot_that_is_there(home):
    was = home.settings_file.read_text(encoding="utf-8")
    first = publish(home)
    home.settings_file.write_text(was.replace("Small.", "Smaller."), encoding="utf-8")
    assert publish(home).changed

    home.settings_file.write_text(was, encoding="utf-8")
    back = publish(home)

    assert (back.version, back.changed) == (first.version, False)
    assert current_version(home) == first.version
    assert Snapshot.current(home).settings.about == "Small."


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('rows = "fft_response"', 'rows = "no_such_table"', "no_such_table"),
        ('better = "higher"', 'better = "up"', "better"),
        ('id = "X01"', 'id = "X01"\nsql = "SELECT 1"', "sql"),
        ("[numerator]", "[numerator", "cannot be read; end the heading"),
    ],
)
def test_a_wrong_definition_is_left_out_and_every_other_is_computed(home, old, new, told):
    served = publish(home)
    before = values(home, served.version)
    shipped = (CATALOGUE / "X01_friends_and_family.toml").read_text(encoding="utf-8")
    home.measures.mkdir()
    file = home.measures / "X01_friends_and_family.toml"
    assert old in shipped
    file.write_text(shipped.replace(old, new), encoding="utf-8")

    done = publish(home)
    again = publish(home)

    assert done.changed
    assert not again.changed
    (said,) = done.left_out
    assert said.startswith("X01_friends_and_family.toml is left out, and X01 has no figures")
    assert told in said
    assert again.left_out == done.left_out
    snapshot = Snapshot.current(home)
    assert snapshot.notes[0] == said
    assert set(before["measure_id"]) & set(snapshot.measures) == {
        name for name in before["measure_id"] if "." not in name and name != "X01"
    }
    # The shipped one, whose place it takes, is not shown in its stead.
    now = values(home, done.version)
    others = before.loc[~before["measure_id"].str.startswith("X01")].reset_index(drop=True)
    assert_frame_equal(now.reset_index(drop=True), others)
    assert set(values_known(home)["measure_id"]) == set(now["measure_id"])

    file.unlink()
    put_right = publish(home)
    assert (put_right.version, put_right.left_out) == (served.version, ())


def test_what_is_agreed_about_a_measure_stops_nothing_where_its_definition_is_wrong(home):
    home.measures.mkdir()
    (home.measures / "X01_ours.toml").write_text("= nonsense", encoding="utf-8")
    said = '[[measure]]\nid = "X01"\nstatus = "trial"\n'
    home.adoption_file.write_text(said, encoding="utf-8")

    assert publish(home).left_out
    home.adoption_file.write_text(said.replace("X01", "X91"), encoding="utf-8")
    with pytest.raises(MeasureError, match="there is no such measure"):
        publish(home)


def test_where_every_definition_is_wrong_the_old_snapshot_stays_served(home):
    served = publish(home)
    home.measures.mkdir()
    for shipped in CATALOGUE.glob("*.toml"):
        (home.measures / shipped.name).write_text("= nonsense", encoding="utf-8")

    with pytest.raises(MeasureError, match=r"F02_people_waiting\.toml is left out, and F02 has no"):
        publish(home)

    assert current_version(home) == served.version
    assert {path.name for path in home.snapshots.glob("*/")} == {served.version}


def test_lists_that_put_a_team_in_two_places_leave_the_old_snapshot_served(home):
    served = publish(home)
    with (home.reference / "team.csv").open("a", encoding="utf-8") as file:
        file.write("N1,S,South 4,2024-01-01,\n")

    with pytest.raises(DataError, match=r"these are in two: N1 on 2024-01-01"):
        publish(home)

    assert current_version(home) == served.version
    assert {path.name for path in home.snapshots.glob("*/")} == {served.version}


def test_where_nothing_was_loaded_the_way_to_load_is_said(tmp_path):
    empty = set_up(tmp_path / "home")

    with pytest.raises(DataError, match="python -m data load FILE"):
        publish(empty)

    assert not empty.current_file.exists()
    assert list(empty.snapshots.glob("*/")) == []


def test_a_damaged_snapshot_is_made_again(home):
    published = publish(home)
    before = values(home, published.version)
    with (home.snapshots / published.version / RESTRICTED).open("r+b") as file:
        file.seek(5000)
        file.write(b"\x00\x01\x02\x03")
    assert not is_whole(home, published.version)

    again = publish(home)

    assert (again.version, again.changed) == (published.version, True)
    assert is_whole(home, again.version)
    pd.testing.assert_frame_equal(values(home, again.version), before)


def test_a_damaged_current_is_put_right(home):
    published = publish(home)
    home.current_file.write_bytes(b"\xff\xfe")

    again = publish(home)

    assert (again.version, again.changed) == (published.version, False)
    assert current_version(home) == published.version


def test_inside_what_was_sent_no_row_is_none_and_outside_nobody_knows(home):
    load(
        home,
        "fft_response",
        "team_id,responded_on,answer\nN1,2025-05-02,good\n",
        covers=("2025-04", "2025-05"),
    )

    publish(home)

    # Nobody was asked in N1 in April; N2 sent nothing, so of the partnership one team is known.
    assert value(home, "X01", "N1", "2025-05") == (100.0, "value")
    assert value(home, "X01", "N1", "2025-04")[1] == "not_applicable"
    assert value(home, "X01", "N2", "2025-05")[1] == "missing"
    assert value(home, "F01", "N1", "2025-05")[1] == "missing"
    assert value(home, "X01", "small", "2025-05") == (100.0, "value")


def test_rows_that_no_team_could_be_given_are_noted(home):
    load(
        home,
        "hospital_spell",
        "spell_id,practice_code,admitted_on,discharged_on,admission_method,age_band\n"
        "s1,Z99999,2025-02-03,2025-02-04,21,75-84\ns2,Z99999,2025-02-03,2025-02-04,21,75-84\n",
    )

    publish(home)

    (note,) = Snapshot.current(home).notes
    assert note.startswith("Hospital spells: 2 rows belong to no team on their date")


def test_progress_is_told_from_reading_to_writing(home):
    told: list[str] = []

    publish(home, told.append)

    assert told[0] == "Reading what was loaded"
    assert told[-2:] == ["Judging each series", "Writing the snapshot"]
    computed = [text.split()[1] for text in told if text.startswith("Computing ")]
    # Two at a time: their order is not always the same.
    assert sorted(computed) == sorted(Snapshot.current(home).definitions)


# --- what counts, and what was known ---


def test_withdrawing_a_batch_makes_another_version_and_reinstating_it_the_first(home):
    first = publish(home)
    batch = list_batches(home, "absence_month")[0].id

    withdraw(home, batch, "another employer's file")
    without = publish(home)
    reinstate(home, batch, "it was ours")

    assert without.changed
    assert without.version != first.version
    assert publish(home) == replace(first, changed=False, values=0, seconds=ANY)


def test_values_as_known_on_a_day_are_those_computed_on_that_day(home, monkeypatch):
    days = [datetime.datetime(2030, 6, day, 12, tzinfo=datetime.UTC) for day in (1, 2, 3)]
    computed = {}
    for day in days:
        monkeypatch.setattr(Home, "clock", lambda _, day=day: day)
        if day == days[0]:
            load(home, "absence_month", records("absence_month", ("2025-04",)))
        elif day == days[1]:
            text = records("absence_month", ("2025-04",)).replace("31.5", "63.0")
            load(home, "absence_month", text)
        else:
            withdraw(home, list_batches(home, "absence_month")[1].id, "wrong month")
        computed[day] = values_known(home)
    served = publish(home).version

    for day, values_then in computed.items():
        assert_frame_equal(values_known(home, day.date()), values_then)
    assert not computed[days[0]].equals(computed[days[1]])
    assert current_version(home) == served


def test_a_day_before_anything_was_loaded_is_said(home):
    with pytest.raises(DataError, match="nothing had been loaded here by 1999-01-01"):
        values_known(home, datetime.date(1999, 1, 1))


def test_a_team_that_another_practice_came_to_starts_again_and_its_chart_says_why(
    tmp_path: Path,
) -> None:
    moved = (
        "practice_code,team_id,valid_from,valid_to\n"
        "Z90001,N1,2020-01-01,\n"
        "Z90002,N2,2020-01-01,\n"
        "Z90003,S1,2020-01-01,\n"
        "Z90004,N2,2020-01-01,2024-03-01\n"
        "Z90004,N1,2024-03-01,\n"
    )
    place = set_up(tmp_path / "home", practice_team=moved)
    months = [f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)]
    load_everything(place, months)

    publish(place)

    snapshot = Snapshot.current(place)
    assert {(event.scope_id, event.on) for event in snapshot.events} == {
        ("N1", datetime.date(2024, 3, 1)),
        ("N2", datetime.date(2024, 3, 1)),
    }
    assert "From March 2024 North 1 has practice Z90004 from North 2" in snapshot.events[0].text
    segments = query(
        place,
        current_version(place),
        "SELECT area_id, segment, MIN(strftime(period_start, '%Y-%m')) AS first FROM spc_point"
        " WHERE measure_id = 'H01' AND split = '' GROUP BY ALL",
    )
    assert set(segments.itertuples(index=False, name=None)) == {
        *((area, 0, "2023-01") for area in ("small", "N", "N1", "N2", "S", "S1")),
        ("N1", 1, "2024-03"),
        ("N2", 1, "2024-03"),
    }


def test_the_citys_redrawn_teams_are_said_once_and_its_locality_goes_on(city: Home) -> None:
    breaks = [
        (event.scope_id, f"{event.on}")
        for event in Snapshot.current(city).events
        if event.kind == "reconfiguration"
    ]

    assert breaks == [("C1", "2024-10-01"), ("C4", "2024-10-01")]


def test_the_citys_redrawn_teams_start_again_though_nobody_wrote_it_down(city_copy: Home) -> None:
    file = city_copy.reference / "annotation.csv"
    said = pd.read_csv(file, dtype=str)
    said.loc[said["kind"] != "reconfiguration"].to_csv(file, index=False)

    publish(city_copy)

    events = [e for e in Snapshot.current(city_copy).events if e.kind == "reconfiguration"]
    assert [(e.scope, e.scope_id, f"{e.on}", e.is_break) for e in events] == [
        ("team", "C1", "2024-10-01", True),
        ("team", "C4", "2024-10-01", True),
    ]
    assert re.search(r"C.* no longer has practices .* and .*: 19% of its people", events[0].text)
    assert "Central 1" in events[1].text
