"""A measure whose parts have no whole, from its file to what the pages read."""

import pytest

from data.home import Home
from metrics.export import exported
from metrics.publish import publish
from metrics.reading import Snapshot
from tests.metrics.test_reading import OWN
from tests.small_partnership import load_everything, set_up

MONTHS = [f"{year}-{month:02}" for year in (2023, 2024) for month in range(1, 13)]
ANSWERS = (
    OWN[: OWN.index("[numerator]")]
    .replace("L01", "L02")
    .replace('every = "quarter"', 'every = "month"\nsplit_by = "answer"\nwhole = false')
    .replace("employing", "respondent")
    .replace("much_absence", "answers")
    + """
[numerator]
rows = "fft_response"
on = "responded_on"

[show]
as = "count"

[[figure]]
id = "year"
title = "Over twelve months"
rolling = 12
"""
)
ON_TRIAL = '[[measure]]\nid = "L02"\nstatus = "trial"\n'
BY_THEMSELVES = ["L02:poor", "L02:very good"]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    home: Home = set_up(tmp_path_factory.mktemp("parts") / "home")
    home.measures.mkdir()
    (home.measures / "L02.toml").write_text(ANSWERS, encoding="utf-8")
    home.adoption_file.write_text(ON_TRIAL, encoding="utf-8")
    load_everything(home, MONTHS)
    publish(home)
    return Snapshot.current(home)


def test_each_part_is_a_measure_of_its_own_to_the_pages(snapshot: Snapshot):
    own = [one for name, one in snapshot.measures.items() if name.startswith("L02")]

    assert [one.id for one in own] == BY_THEMSELVES
    assert own[0].title == "Months with much absence (poor)"
    assert (own[0].says.level, own[0].main_id) == ("Months (poor)", "L02")
    assert snapshot.explained["L02:poor"] == snapshot.explained["L02"]


def test_each_has_a_finding_in_every_area_and_its_series(snapshot: Snapshot):
    found = [f for f in snapshot.findings if f.measure_id.startswith("L02")]

    assert len(found) == len(BY_THEMSELVES) * len(snapshot.areas)
    assert {(f.split, f.value) for f in found if f.area_level == "team"} == {("", 1)}
    points = snapshot.points("L02:poor", "team")
    assert set(points["split"]) == {"poor"}
    assert len(points) == 3 * len(MONTHS)
    here = snapshot.points_of_area("team", "N1")
    assert {n for n in here["measure_id"] if n.startswith("L02")} == set(BY_THEMSELVES)
    assert (
        here.groupby("measure_id").size() == here.groupby("measure_id")["period_start"].nunique()
    ).all()


def test_a_further_figure_over_windows_is_with_them_and_on_no_board(snapshot: Snapshot):
    further = snapshot.further("L02:poor", "team", "N1")

    assert [(f.measure_id, f.split, f.kind) for f in further] == [
        ("L02.year", "poor", "overlapping"),
        ("L02.year", "very good", "overlapping"),
    ]
    assert {f.value for f in further} == {12}
    assert not any(f.measure_id == "L02.year" for f in snapshot.findings)


def test_what_stands_for_the_measure_stands_for_its_parts(snapshot: Snapshot):
    assert all(snapshot.adoption.shows(name, [("team", "N1")]) for name in BY_THEMSELVES)
    assert not snapshot.adoption.shows("L03:poor", [("team", "N1")])


def test_what_is_handed_over_has_the_measure_and_the_part_in_columns(snapshot: Snapshot):
    table = exported(snapshot).to_pandas()

    own = table[table["measure_id"] == "L02"]
    assert set(own["split"]) == {"poor", "very good"}
    assert set(own["title"]) == {"Months with much absence"}
