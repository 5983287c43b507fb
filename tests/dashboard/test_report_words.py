from pathlib import Path

import pytest

from dashboard import report_words
from dashboard.report_words import ASKS_FOR_DATES, ASKS_FOR_TABLE
from data.home import Home
from data.load import check_files, load_files
from data.report import Report
from tests.data.sent_files import counts
from tests.small_partnership import set_up

TITLES = {"aggregate_submission": "Counts sent by a team"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return set_up(tmp_path / "small")


def checked(home: Home, text: str, name: str = "sent.csv") -> Report:
    file = home.path / name
    file.write_text(text, encoding="utf-8")
    (report,) = check_files(home, [file])
    return report


def test_what_can_be_taken_and_what_was_taken_are_two_things(home: Home) -> None:
    text = counts("N1,2024-01,W03,5,10,")
    report = checked(home, text)
    (loaded,) = load_files(home, [home.path / "sent.csv"])

    assert report_words.headline(report, "sent.csv") == "sent.csv: 1 row can be taken."
    assert report_words.headline(loaded, "sent.csv") == "sent.csv: 1 row taken."


def test_held_rows_are_named_with_their_row_and_what_to_do(home: Home) -> None:
    report = checked(home, counts("N1,2024-01,W03,5,10,", "N9,2024-01,W03,6,12,"))

    assert report_words.headline(report, "a.csv") == "a.csv: 1 row can be taken, 1 held back."
    table = report_words.problems(report)
    assert list(table.index) == ["3"]
    assert table["Column"].tolist() == ["team_id"]
    assert table["What to do"].str.contains("not in the list of team codes").all()


def test_a_file_says_what_it_was_read_as_and_what_it_covers(home: Home) -> None:
    said = report_words.facts(checked(home, counts("N1,2024-01,W03,5,10,")), TITLES)

    assert said[0] == "Read as Counts sent by a team (aggregate_submission)."
    assert said[1] == "It covers 2024-01, for N1."


def test_a_file_whose_dates_can_be_read_two_ways_asks_which(home: Home) -> None:
    report = checked(home, "team_id,responded_on,answer\nN1,03/04/2024,good\n")

    assert report_words.headline(report, "a.csv") == (
        "a.csv cannot be taken yet. Nothing of it is kept."
    )
    assert report_words.asks(report, ASKS_FOR_DATES)
    assert not report_words.asks(report, ASKS_FOR_TABLE)


def test_a_file_that_is_no_table_known_here_asks_what_it_is(home: Home) -> None:
    assert report_words.asks(checked(home, "colour,shape\nred,round\n"), ASKS_FOR_TABLE)


def test_a_long_list_of_problems_is_cut_and_says_so(home: Home) -> None:
    rows = [f"X{number},2024-01,W03,5,10," for number in range(60)]
    report = checked(home, counts(*rows, "N1,2024-01,W03,5,10,"))

    assert len(report_words.problems(report)) == report_words.PROBLEMS_SHOWN
    assert report_words.more_problems(report) == "And 10 more like these."
