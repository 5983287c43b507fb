"""England's 42 boards in 7 regions through the same pages, by configuration alone."""

import pytest

from dashboard.selection import PageName
from dashboard.visit import FILES
from data.home import Home
from metrics.reading import Snapshot
from tests.dashboard.seen import Dashboard

NORTH_WEST_LONDON = "E54000027"


@pytest.fixture
def seen(england: Home, monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    return Dashboard(england, monkeypatch)


@pytest.mark.parametrize("page", FILES)
def test_a_page_opens_and_says_whose_figures_these_are(seen: Dashboard, page: PageName) -> None:
    seen.open(page)

    assert seen.first_sentence.endswith(".")
    assert "England's integrated care boards" in seen.words
    assert "Fictional data" not in seen.words


def test_hospital_figures_alone_are_said_to_be_alone(seen: Dashboard) -> None:
    seen.open("partnership", kind="proposed")

    assert seen.first_sentence.startswith("Hospital figures only")
    assert seen.app.get("button_group") == []
    assert len(seen.board("matrix")["columns"]) == 7


def test_every_board_stands_under_its_region_in_the_words_of_the_partnership(
    seen: Dashboard,
) -> None:
    board = seen.open("partnership").board("matrix")

    assert len(board["localities"]) == 7
    assert sum(len(region["teams"]) for region in board["localities"]) == 42
    assert board["corner"] == "Board"
    assert [box.label for box in seen.app.selectbox] == ["Region"]


def test_another_region_shows_its_boards_alone(seen: Dashboard) -> None:
    seen.open("partnership").choose("Region", "Y56")

    (region,) = seen.board("matrix")["localities"]
    assert region["name"] == "London"
    assert len(region["teams"]) == 5


def test_an_abbreviation_keeps_its_capitals_in_the_sentence(seen: Dashboard) -> None:
    seen.open("measure", measure="E01", team=NORTH_WEST_LONDON)

    assert seen.first_sentence.startswith("North West London: A&E attendances: ")


def test_a_board_that_stopped_reporting_says_so(seen: Dashboard, england: Home) -> None:
    silent = next(
        found
        for found in Snapshot.current(england).findings
        if found.measure_id == "E05" and found.state == "missing" and found.area_level == "team"
    )

    seen.open("measure", measure="E05", team=silent.area_id)

    assert "not received" in seen.first_sentence


def test_every_board_is_shown_on_one_scale_beside_the_others(seen: Dashboard) -> None:
    seen.open("measure", measure="E05", team=NORTH_WEST_LONDON)

    groups = seen.board("tiles")["groups"]
    assert sum(len(group["tiles"]) for group in groups) == 42
    assert [tile["chosen"] for group in groups for tile in group["tiles"]].count(True) == 1
