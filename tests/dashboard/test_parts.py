"""Pages of a partnership with a measure whose parts have no whole."""

import pytest

from dashboard import boards, headlines
from dashboard.book import Book
from dashboard.cached import series_of_area, series_of_measure
from dashboard.measure_words import headline
from dashboard.selection import Selection, address
from dashboard.tables import as_csv, file_name
from metrics.reading import Snapshot
from tests.metrics.test_parts_by_themselves import BY_THEMSELVES, snapshot

__all__ = ["snapshot"]


@pytest.fixture(scope="module")
def parted(snapshot: Snapshot) -> Book:
    return Book(snapshot)


def test_boards_show_each_part_in_turn(parted: Book):
    area = parted.areas["N1"]
    series = series_of_area(parted.snapshot.home.path, parted.snapshot.version, "team", "N1")

    drawn = [
        tile for group in boards.tiles(parted, area, series)["groups"] for tile in group["tiles"]
    ]

    titles = [f"Months with much absence ({part})" for part in ("poor", "very good")]
    assert [tile["title"] for tile in drawn if "much absence" in tile["title"]] == titles
    own = [tile for tile in drawn if tile["title"] in titles]
    assert all(len(tile["chart"]["marks"]) == 24 for tile in own)
    assert own[0]["href"] == address("measure", measure="L02:poor", team="N1")


def test_every_part_is_accounted_for_on_a_teams_page(parted: Book):
    area = parted.areas["N1"]

    assert {f.measure_id for f in parted.findings_of(area)} >= set(BY_THEMSELVES)
    assert headlines.team_headline(parted, area)[1]


@pytest.mark.parametrize("asked", ["L02", *BY_THEMSELVES])
def test_an_address_of_the_measure_leads_to_its_first_part(parted: Book, asked: str):
    chosen = Selection.read({"measure": asked, "team": "N1"}, parted.snapshot)

    assert chosen.measure == (asked if ":" in asked else BY_THEMSELVES[0])
    measure, area = parted.measures[chosen.measure], parted.areas["N1"]
    assert measure.title.split(" (")[1][:-1] in headline(parted, area, measure)[0]


def test_the_file_of_a_part_names_the_measure_and_the_part(parted: Book):
    measure = parted.measures["L02:very good"]
    home, version = parted.snapshot.home.path, parted.snapshot.version

    assert file_name(parted, measure) == "L02_answers_very_good.csv"
    text = as_csv(parted, measure, series_of_measure(home, version, measure.id)).decode("utf-8-sig")
    assert text.splitlines()[1].startswith("L02,Months with much absence (very good),")
