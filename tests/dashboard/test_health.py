import datetime
from pathlib import Path

import pytest

from dashboard import health
from dashboard.health import StateOfData
from data.acts import standings, withdraw
from data.contract import load_contracts
from data.doubtful import Doubt
from data.feeds import feeds_of
from data.held import as_csv, held_rows_of
from data.home import Home
from data.load import load_files
from tests.data.sent_files import counts
from tests.small_partnership import load, records, set_up

TODAY = datetime.date(2024, 3, 25)
FEED = "feed,sent_by,expected_from,due_days\nabsence_month,Council,2024-01-01,10\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return set_up(tmp_path / "small")


def state(home: Home, published: datetime.datetime | None = None) -> StateOfData:
    return StateOfData(
        TODAY,
        load_contracts(home),
        standings(home),
        feeds_of(home, TODAY),
        published_at=published,
    )


def hold_a_row(home: Home) -> str:
    file = home.path / "counts.csv"
    file.write_text(counts("N1,2024-01,W03,5,10,", "N9,2024-01,W03,6,12,"), encoding="utf-8")
    (report,) = load_files(home, [file], by="Ann")
    return str(report.batch_id)


def test_a_home_without_files_says_what_to_do(home: Home) -> None:
    said = health.first_sentence(state(home))

    assert said == "Nothing has been loaded here yet. Bring the first files in below."


def test_where_nobody_said_what_is_expected_nothing_is_called_late(home: Home) -> None:
    load(home, "absence_month", records("absence_month", ["2024-01"]))

    assert health.first_sentence(state(home)) == (
        "No row is held back. Nobody has said yet what is expected, so nothing is late."
    )


def test_the_page_opens_with_what_is_late_and_what_is_held(home: Home) -> None:
    (home.reference / "feed.csv").write_text(FEED, encoding="utf-8")
    load(home, "absence_month", records("absence_month", ["2024-01"]))
    hold_a_row(home)
    here = state(home)

    assert health.first_sentence(here) == (
        "1 source is late, and 1 row is held back until somebody puts them right."
    )
    assert "Late: Sickness absence from Council, February 2024, due 10 March" in health.rest(here)
    row = health.feeds(here).loc["Sickness absence"]
    assert (row["From"], row["Newest month"]) == ("Council", "January 2024")
    assert row["State"].startswith("late since 10 March")


def test_what_is_here_in_time_is_not_late(home: Home) -> None:
    (home.reference / "feed.csv").write_text(FEED, encoding="utf-8")
    load(home, "absence_month", records("absence_month", ["2024-01", "2024-02"]))

    assert health.first_sentence(state(home)) == (
        "Everything that is due is here, and no row is held back."
    )


def test_every_batch_is_listed_with_who_loaded_it_and_how_it_stands(home: Home) -> None:
    load(home, "absence_month", records("absence_month", ["2024-01"]))
    batch = hold_a_row(home)
    withdraw(home, batch, "the wrong month", "Ben")

    table = health.batches(state(home))

    assert next(iter(table.index)) == batch[:8]
    row = table.loc[batch[:8]]
    assert (row["Table"], row["Rows"], row["Held"]) == ("Counts sent by a team", "1", "1")
    assert "by Ann" in row["Loaded"]
    assert row["Stands"].startswith("was withdrawn on ")
    assert row["Stands"].endswith(" by Ben: the wrong month")


def test_rows_of_a_withdrawn_batch_are_not_waited_for(home: Home) -> None:
    batch = hold_a_row(home)
    assert state(home).held == 1

    withdraw(home, batch, "the wrong month", "Ben")

    assert state(home).held == 0


def test_a_row_that_is_still_wrong_after_a_correction_is_one_row(home: Home) -> None:
    batch, rows = held_rows_of(home, hold_a_row(home))
    file = home.path / "held.csv"
    file.write_text(as_csv(batch, rows).replace("N9", "N8"), encoding="utf-8")
    load_files(home, [file], by="Ann")

    assert [one.batch.rows_held for one in standings(home) if one.batch] == [1, 1]
    assert state(home).held == 1


def test_figures_are_behind_once_something_is_loaded_or_withdrawn(home: Home) -> None:
    assert not state(home).is_ahead_of_the_figures
    batch = hold_a_row(home)
    assert state(home).is_ahead_of_the_figures

    now = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
    assert not state(home, now).is_ahead_of_the_figures

    before = now - datetime.timedelta(hours=1)
    withdraw(home, batch, "the wrong month", "Ben")
    assert state(home, before).is_ahead_of_the_figures


def test_a_doubt_says_where_and_how_often_and_names_nobody(home: Home) -> None:
    doubt = Doubt(
        "after_death", "referral", "It lies after a death.", 12, ("r1",), {"N1": 9, "N2": 3}, None
    )

    assert health.doubts(state(home), [doubt]) == [
        "Referrals: 12 rows. It lies after a death. Where: N1 9, N2 3."
    ]
