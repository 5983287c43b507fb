"""What a check accepts is kept as a batch; the rest leaves no trace."""

import datetime
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.batches import list_batches, read_rows
from data.check import Stated
from data.contract import load_contracts
from data.errors import HomeError
from data.home import Home
from data.load import check_files, load_files
from data.records import create_tables, fill_tables
from data.reference import reference_tables
from data.report import Report
from data.snapshots import memory
from tests.data.sent_files import COUNTS, PUBLISHED_NHS_NUMBER, counts, rules

Take = Callable[..., Report]
Write = Callable[..., Path]
NEW_TEAM = "team_id,locality_id,name,valid_from\nS2,S,South 2,2024-01-01\n"


def everything_in(home: Home) -> dict[Path, bytes]:
    """Return every file, but for the one in which readers of the workspace mark where they are."""
    files = [path for path in home.path.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in files if not path.name.endswith("-shm")}


def kept_in(home: Home) -> list[Path]:
    """Return everything that loading left behind, but for the lock that it held."""
    return [path for path in home.batches.rglob("*") if path.name != "loading.lock"]


def numbers_in_force(home: Home) -> dict[str, int]:
    """Return the numerator of each team after all that was loaded."""
    contracts = load_contracts(home)
    with memory() as connection:
        create_tables(connection, contracts)
        fill_tables(connection, contracts, reference_tables(home, contracts), list_batches(home))
        rows = connection.execute("SELECT team_id, numerator FROM aggregate_submission").fetchall()
    assert len(rows) == len({team for team, _ in rows})
    return dict(rows)


# ---------------------------------------------------------------- what is kept


def test_a_batch_says_where_it_came_from_and_what_became_of_it(home: Home, write: Write) -> None:
    file = write(counts('N1,2024-04,S02,"1,204",10,', "Total,,,1204,,", "N9,2024-04,W03,5,10,"))
    os.utime(file, (1_714_550_000, 1_714_550_000))
    before = datetime.datetime.now(datetime.UTC).replace(microsecond=0)

    (report,) = load_files(home, [file])

    (batch,) = list_batches(home)
    assert (batch.id, batch.table) == (report.batch_id, "aggregate_submission")
    assert (batch.source_name, batch.source_system, batch.recipe) == ("counts.csv", "", "")
    assert batch.source_sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert batch.extracted_at == datetime.datetime.fromtimestamp(1_714_550_000, datetime.UTC)
    assert before <= batch.loaded_at <= datetime.datetime.now(datetime.UTC)
    assert (batch.rows_in_file, batch.rows_accepted, batch.rows_held) == (3, 1, 1)
    assert (batch.rows_dropped, batch.fixes) == ({"total_row": 1}, {"thousands_comma": 1})
    assert batch.covers == report.covers
    assert [row["numerator"] for row in read_rows(batch).to_pylist()] == [1204]


def test_no_clock_and_no_name_of_a_file_is_in_the_rows(home: Home, load: Take) -> None:
    load(counts())

    (batch,) = list_batches(home)
    assert read_rows(batch).column_names == list(load_contracts()[batch.table].names)


def test_the_months_said_to_be_covered_are_kept(home: Home, load: Take) -> None:
    load(counts(), months=("2024-01", "2024-06"))

    (batch,) = list_batches(home)
    assert (batch.covers.from_month, batch.covers.to_month) == ("2024-01", "2024-06")


def test_a_file_whose_name_cannot_be_written_down_is_kept_all_the_same(
    home: Home, load: Take
) -> None:
    load(counts(), name="caf\udce9.csv")

    (batch,) = list_batches(home)
    assert batch.source_name == "caf?.csv"


# ---------------------------------------------------------------- twice, and corrections


def test_loading_the_same_file_twice_changes_nothing(home: Home, write: Write) -> None:
    file = write(counts("N1,2024-04,W03,5,10,", "N9,2024-04,W03,5,10,"))
    (first,) = load_files(home, [file])
    before = everything_in(home)

    (again,) = load_files(home, [file])

    assert again.batch_id == first.batch_id
    (said,) = again.warnings
    assert said.startswith("This content was loaded before, on ")
    assert said.endswith(f"as batch {first.batch_id}. Nothing changes.")
    assert {**again.as_dict(), "warnings": []} == first.as_dict()
    assert everything_in(home) == before


SAME_CONTENT = {
    "another name": (counts(), "april.csv"),
    "another delimiter": (counts().replace(",", ";"), "counts.csv"),
    "another encoding": (counts().encode("utf-16"), "counts.csv"),
    "another order of columns": (
        "\n".join(",".join(reversed(line.split(","))) for line in counts().splitlines()),
        "counts.csv",
    ),
    "a column that is left out": (
        "\n".join(f"{line},x" for line in counts().splitlines()),
        "counts.csv",
    ),
    "titles above": ("Counts\n\n" + counts(), "counts.csv"),
}


@pytest.mark.parametrize(("content", "name"), SAME_CONTENT.values(), ids=SAME_CONTENT.keys())
def test_the_same_rows_in_another_file_are_the_same_batch(
    home: Home, load: Take, content: str | bytes, name: str
) -> None:
    first = load(counts())

    again = load(content, name)

    assert again.batch_id == first.batch_id
    assert len(list_batches(home)) == 1


def test_a_file_loaded_again_on_another_day_is_the_same_batch(
    home: Home, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(counts("N1,2024-04,W03,5,10,", "N1,2024-09,W03,5,10,"))
    ids = []
    for day in (1, 2):
        today = datetime.datetime(2024, 6, day, 12)
        monkeypatch.setattr(Home, "now", lambda _, today=today: today)
        (report,) = load_files(home, [file])
        assert rules(report) == ["future_date"]
        ids.append(report.batch_id)

    assert ids[0] == ids[1]


def test_a_file_given_twice_is_told_twice_and_kept_once(home: Home, write: Write) -> None:
    file = write(counts())

    reports = load_files(home, [file, file])

    assert [report.status for report in reports] == ["accepted", "accepted"]
    assert len(list_batches(home)) == 1


def test_a_correction_is_a_later_batch_whose_keys_win(home: Home, load: Take) -> None:
    first = load(counts("N1,2024-04,W03,5,10,", "N2,2024-04,W03,6,12,"))

    correction = load(counts("N1,2024-04,W03,7,10,"))

    assert [batch.id for batch in list_batches(home)] == [first.batch_id, correction.batch_id]
    assert numbers_in_force(home) == {"N1": 7, "N2": 6}


def test_what_was_corrected_stays_so_when_the_first_file_comes_again(
    home: Home, load: Take
) -> None:
    load(counts("N1,2024-04,W03,5,10,"))
    load(counts("N1,2024-04,W03,7,10,"))

    load(counts("N1,2024-04,W03,5,10,"))

    assert numbers_in_force(home) == {"N1": 7}


def test_held_rows_that_were_put_right_are_another_batch(home: Home, load: Take) -> None:
    load(counts("N1,2024-04,W03,5,10,", "N2,2024-04,W03,many,12,"))
    load(counts("N1,2024-04,W03,5,10,", "N2,2024-04,W03,6,12,"))

    assert numbers_in_force(home) == {"N1": 5, "N2": 6}
    assert [batch.rows_held for batch in list_batches(home)] == [1, 0]


# ---------------------------------------------------------------- what is not kept

REFUSED = {
    "no required column": counts(header=COUNTS.replace("month", "period")),
    "an identifier": counts(f"N1,2024-04,W03,5,10,,{PUBLISHED_NHS_NUMBER}", header=f"{COUNTS},x"),
    "a line break in a code": counts('"N1\n2",2024-04,W03,5,10,'),
    "a workbook of the old kind": b"\xd0\xcf\x11\xe0" + bytes(500),
    "the calendar": "date,month_start,fin_year,fin_month,fin_quarter,working_days,bank_holiday\n1",
    "nothing": b"",
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED.keys())
def test_nothing_of_a_refused_file_is_kept(home: Home, load: Take, content: str | bytes) -> None:
    report = load(content)

    assert report.status == "refused"
    assert report.batch_id is None
    assert kept_in(home) == []


def test_a_refused_file_does_not_stop_the_others(home: Home, write: Write) -> None:
    files = [write(b"", "empty.csv"), write(counts(), "good.csv"), write(b"%PDF-", "x.pdf")]

    reports = load_files(home, files)

    assert [report.status for report in reports] == ["refused", "accepted", "refused"]
    assert [batch.source_name for batch in list_batches(home)] == ["good.csv"]


def test_a_file_all_of_whose_rows_are_held_is_kept(home: Home, load: Take) -> None:
    report = load(counts("N9,2024-04,W03,5,10,"))

    (batch,) = list_batches(home)
    assert report.batch_id == batch.id
    assert (read_rows(batch).num_rows, batch.rows_held) == (0, 1)


def test_a_check_keeps_nothing(home: Home, write: Write) -> None:
    files = [write(counts(), "good.csv"), write(NEW_TEAM, "team.csv"), write(b"", "empty.csv")]
    before = everything_in(home)

    reports = check_files(home, files)

    assert [report.status for report in reports] == ["accepted", "accepted", "refused"]
    assert {report.batch_id for report in reports} == {None}
    assert everything_in(home) == before


def test_a_check_needs_no_partnership(nowhere: Home, write: Write) -> None:
    (report,) = check_files(nowhere, [write(counts())])

    assert report.status == "accepted"
    assert not nowhere.path.exists()


def test_loading_needs_a_partnership(nowhere: Home, write: Write) -> None:
    with pytest.raises(HomeError, match="there is no partnership here"):
        load_files(nowhere, [write(counts())])

    assert not nowhere.path.exists()


# ---------------------------------------------------------------- several files


def test_a_list_is_read_before_the_files_that_refer_to_it(home: Home, write: Write) -> None:
    figures = write(counts("S2,2024-04,W03,5,10,"), "figures.csv")
    teams = write(NEW_TEAM, "teams.csv")

    for take in (check_files, load_files):
        reports = take(home, [figures, teams])

        assert [report.table for report in reports] == ["aggregate_submission", "team"]
        assert [report.status for report in reports] == ["accepted", "accepted"]
    assert [batch.table for batch in list_batches(home)] == ["team", "aggregate_submission"]


def test_a_list_that_was_loaded_holds_for_the_files_of_another_day(home: Home, load: Take) -> None:
    before = load(counts("S2,2024-04,W03,5,10,"))
    load(NEW_TEAM)

    after = load(counts("S2,2024-04,W03,5,10,"))

    assert rules(before) == ["unknown_team"]
    assert after.status == "accepted"


def test_a_list_that_is_refused_is_no_list(home: Home, write: Write) -> None:
    teams = write(NEW_TEAM.replace("valid_from", "since"), "team.csv")

    reports = check_files(home, [teams, write(counts("S2,2024-04,W03,5,10,"))])

    assert [report.status for report in reports] == ["refused", "accepted_with_held_rows"]


def test_what_is_stated_holds_for_every_file(home: Home, write: Write) -> None:
    rows = "team_id,responded_on,answer\nN1,01/02/2024,good\n"
    files = [write(rows, "first.csv"), write(rows.replace("N1", "N2"), "second.csv")]

    reports = check_files(home, files, Stated("fft_response", "dmy", ("2024-01", "2024-03")))

    assert [report.status for report in reports] == ["accepted", "accepted"]
    for report in reports:
        assert report.covers is not None
        assert report.covers.from_month == "2024-01"


def test_progress_is_told_file_by_file(home: Home, write: Write) -> None:
    told: list[Any] = []

    check_files(
        home,
        [write(counts(), "one.csv"), write(counts(), "two.csv")],
        progress=lambda *said: told.append(said),
    )

    assert told == [("one.csv", 0, 2), ("two.csv", 1, 2), ("", 2, 2)]
