import datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from data import snapshots
from data.contract import load_contracts
from data.errors import SnapshotError
from data.home import Home
from data.records import schema_of
from data.snapshots import current_version
from metrics.compiler import compile_measure
from metrics.definition import load_measures
from metrics.explain import explain
from metrics.publish import publish
from metrics.reading import Snapshot
from tests.small_partnership import load, load_everything, records, set_up

MONTHS = [f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)]
EVENTS = """\
scope,scope_id,on,until,kind,text,affects_measures,is_break
team,N1,2024-10-07,,outage,The “old” system was down for a day; nobody could record.,F02;W01,false
partnership,small,2024-03-01,2024-04-01,policy,Visits were counted anew.,,true
"""
# One with a date and a decimal in its conditions, which JSON knows nothing of.
OWN = """\
id = "L01"
slug = "much_absence"
title = "Months with much absence"
question = "How often?"
family = "proposed"
group = "staff"
sector = ["health"]
kind = "process"
better = "lower"
attribution = "employing"
every = "quarter"
unit = "months"
disclosure = "staff"
checked_against = "Nothing."

[origin]
kind = "workshop"
source = "A workshop"

[says]
higher = "More"
lower = "Fewer"
rose = "more"
fell = "fewer"
level = "Months"

[numerator]
rows = "absence_month"
on = "month"
where = [
    { column = "fte_days_lost", at_least = 31.5 },
    { column = "month", at_least = 2023-02-01 },
]

[show]
as = "count"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    place = set_up(tmp_path_factory.mktemp("reading") / "home", annotation=EVENTS)
    place.measures.mkdir()
    (place.measures / "L01.toml").write_text(OWN, encoding="utf-8")
    load_everything(place, MONTHS)
    publish(place)
    return place


@pytest.fixture(scope="module")
def snapshot(home: Home) -> Snapshot:
    return Snapshot.current(home)


def test_a_home_in_which_nothing_was_published_says_what_to_do(tmp_path: Path):
    with pytest.raises(SnapshotError, match="Run `python -m metrics publish`"):
        Snapshot.current(Home(tmp_path))


def test_the_current_snapshot_is_the_one_being_served(home, snapshot):
    assert snapshot.version == current_version(home)
    assert snapshot.settings == home.settings()
    assert snapshot.published_at == snapshots.manifest(home, snapshot.version).published_at


def test_measures_come_back_as_they_were_written_and_in_order(home, snapshot):
    contracts = load_contracts(home)
    measures = load_measures(home, schema_of(contracts))

    assert snapshot.measures == measures
    assert list(snapshot.measures) == sorted(measures)
    own = snapshot.measures["L01"].numerator
    assert own is not None
    assert [condition.values for condition in own.where] == [
        (Decimal("31.5"),),
        (datetime.date(2023, 2, 1),),
    ]


def test_a_definition_read_back_makes_the_same_sql_and_the_same_words(home, snapshot):
    contracts = load_contracts(home)
    schema = schema_of(contracts)

    assert set(snapshot.explained) == {*snapshot.definitions, *snapshot.measures}
    for measure_id, measure in snapshot.definitions.items():
        said = snapshot.explained[measure_id]
        assert compile_measure(measure, schema) == said.sql
        assert explain(measure, schema) == said.sentences


def test_areas_come_in_reading_order(snapshot):
    assert [area.id for area in snapshot.areas] == ["small", "N", "N1", "N2", "S", "S1"]
    assert [area.order for area in snapshot.areas] == list(range(6))


def test_events_come_oldest_first_with_all_that_was_recorded(snapshot):
    first, second = snapshot.events

    assert (first.on, first.until, first.is_break) == (
        datetime.date(2024, 3, 1),
        datetime.date(2024, 4, 1),
        True,
    )
    assert second.text == "The “old” system was down for a day; nobody could record."
    assert second.measure_ids == ("F02", "W01")


def test_there_is_a_finding_for_each_measure_and_area_also_without_a_value(snapshot):
    places = {(f.measure_id, f.area_level, f.area_id) for f in snapshot.findings}

    assert len(snapshot.findings) == len(places) == len(snapshot.measures) * len(snapshot.areas)
    assert {(level, area) for _, level, area in places} == {
        (area.level, area.id) for area in snapshot.areas
    }


def test_a_finding_says_what_the_value_and_the_chart_say(snapshot):
    for finding in snapshot.findings:
        points = snapshot.points(finding.measure_id, finding.area_level)
        own = points[points["area_id"] == finding.area_id]
        last = own.iloc[-1]
        assert last["period_start"].date() == finding.period_start
        assert last["state"] == finding.state
        assert (None if pd.isna(last["value"]) else last["value"]) == finding.value
        if finding.kind in ("signal", "usual"):
            assert last["upper_limit"] == finding.upper_limit
            assert last["judgement"] == finding.variation
            assert last["special_cause"] == finding.special_cause


def test_a_finding_carries_what_explains_it_and_only_in_its_own_area(snapshot):
    explained = {(f.measure_id, f.area_id) for f in snapshot.findings if f.explained_by}

    quarterlies = [
        m.id for m in snapshot.measures.values() if m.every == "quarter" or m.rolling == 12
    ]
    # Six quarters ago is long before six months ago: there the change of policy is recent.
    assert explained == {
        ("F02", "N1"),
        ("W01", "N1"),
        *((quarterly, area.id) for quarterly in quarterlies for area in snapshot.areas),
    }


def test_points_are_those_of_a_measure_at_one_level_or_at_all(snapshot):
    teams, everywhere = snapshot.points("F02", "team"), snapshot.points("F02")

    assert set(teams["area_id"]) == {"N1", "N2", "S1"}
    assert len(teams) == 3 * 24
    assert len(everywhere) == 6 * 24
    assert {
        *("area_level", "area_id", "period_start", "period_end", "value", "numerator"),
        *("denominator", "n", "state", "provisional", "reason", "segment", "mean"),
        *("lower_limit", "upper_limit", "lower_near_limit", "upper_near_limit"),
        *("special_cause", "judgement"),
    } <= set(teams.columns)
    for _, series in everywhere.groupby(["area_level", "area_id"]):
        assert series["period_start"].is_monotonic_increasing


def test_points_of_an_area_are_those_of_every_measure_there(snapshot):
    points = snapshot.points_of_area("team", "N1")

    assert set(points["measure_id"]) == set(snapshot.measures)
    assert set(points["area_id"]) == {"N1"}
    of_one = points[points["measure_id"] == "F02"].reset_index(drop=True)
    same = snapshot.points("F02", "team")
    same = same[same["area_id"] == "N1"].reset_index(drop=True)
    pd.testing.assert_frame_equal(of_one, same, check_dtype=False)


def test_there_is_nothing_to_say_of_a_measure_or_area_that_is_not_there(snapshot):
    assert snapshot.points("Z99").empty
    assert snapshot.points_of_area("team", "N").empty


def test_disagreements_and_notes_are_read_too(tmp_path):
    home = set_up(tmp_path / "home")
    months = MONTHS[:2]
    load(home, "referral", records("referral", months))
    spells = records("hospital_spell", months) + "x,Z99999,2023-01-05,2023-01-06,21,75-84\n"
    load(home, "hospital_spell", spells)
    publish(home)

    snapshot = Snapshot.current(home)

    assert snapshot.disagreements == []
    (note,) = snapshot.notes
    assert note.startswith("Hospital spells: 1 rows belong to no team on their date")
