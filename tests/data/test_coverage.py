import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.batches import list_batches
from data.calendar import create_periods, months_covered
from data.contract import load_contracts
from data.coverage import create_coverage, unplaced_rows
from data.home import Home
from data.records import create_prepared, create_tables, fill_tables
from data.reference import reference_tables
from data.snapshots import Connection, memory
from tests.small_partnership import load, records, set_up

CONTRACTS = load_contracts(None)
ANSWERS = "team_id,responded_on,answer\n"
STAYS = "spell_id,practice_code,admitted_on,discharged_on,admission_method\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return set_up(tmp_path / "home")


@pytest.fixture
def connection() -> Iterator[Connection]:
    with memory() as opened:
        yield opened


def fill(connection: Connection, home: Home) -> None:
    batches = list_batches(home)
    covered = months_covered(batches)
    assert covered is not None
    create_tables(connection, CONTRACTS)
    fill_tables(connection, CONTRACTS, reference_tables(home, CONTRACTS), batches)
    create_prepared(connection, home.settings())
    create_periods(connection, *covered)
    create_coverage(connection, CONTRACTS, batches)


def covered(connection: Connection, table: str, every: str = "month") -> set[tuple[str, str]]:
    found = connection.execute(
        "SELECT team_id, strftime(period_start, '%Y-%m') FROM covered"
        " WHERE table_name = ? AND every = ?",
        [table, every],
    ).fetchall()
    assert len(found) == len(set(found))
    return set(found)


def test_a_team_is_covered_in_the_months_from_its_files_first_to_its_last(home, connection):
    load(home, "fft_response", f"{ANSWERS}N1,2025-01-05,good\nN2,2025-03-05,good\n")

    fill(connection, home)

    # N1 answered nobody's question in March, and the file speaks for March: that is none.
    assert covered(connection, "fft_response") == {
        (team, month) for team in ("N1", "N2") for month in ("2025-01", "2025-02", "2025-03")
    }


def test_a_team_that_a_file_does_not_speak_of_is_not_covered(home, connection):
    load(home, "fft_response", f"{ANSWERS}N1,2025-01-05,good\n")
    load(home, "absence_month", records("absence_month", ["2025-01"]))

    fill(connection, home)

    assert covered(connection, "fft_response") == {("N1", "2025-01")}
    assert covered(connection, "absence_month") == {
        ("N1", "2025-01"),
        ("N2", "2025-01"),
        ("S1", "2025-01"),
    }
    assert covered(connection, "referral") == set()


def test_what_the_sender_says_is_covered_goes_before_what_is_in_the_rows(home, connection):
    load(home, "fft_response", f"{ANSWERS}N1,2025-02-05,good\n", covers=("2025-01", "2025-04"))

    fill(connection, home)

    assert covered(connection, "fft_response") == {
        ("N1", f"2025-{month:02}") for month in range(1, 5)
    }


def test_a_quarter_is_covered_only_when_all_its_months_are(home, connection):
    load(home, "fft_response", f"{ANSWERS}N1,2025-02-05,good\n", covers=("2025-02", "2025-06"))
    load(home, "fft_response", f"{ANSWERS}N2,2025-01-05,good\n", covers=("2025-01", "2025-02"))
    load(home, "fft_response", f"{ANSWERS}N2,2025-03-05,good\n")

    fill(connection, home)

    assert covered(connection, "fft_response", "quarter") == {("N1", "2025-04"), ("N2", "2025-01")}


def test_a_month_sent_twice_is_covered_once(home, connection):
    load(home, "fft_response", f"{ANSWERS}N1,2025-01-05,good\n", covers=("2025-01", "2025-03"))
    load(home, "fft_response", f"{ANSWERS}N1,2025-01-06,poor\n", covers=("2025-01", "2025-01"))

    fill(connection, home)

    assert covered(connection, "fft_response") == {
        ("N1", "2025-01"),
        ("N1", "2025-02"),
        ("N1", "2025-03"),
    }
    assert covered(connection, "fft_response", "quarter") == {("N1", "2025-01")}


def test_practices_cover_the_team_that_is_theirs_in_the_month(tmp_path, connection):
    home = set_up(
        tmp_path / "home",
        practice_team="practice_code,team_id,valid_from,valid_to\n"
        "Z90001,N1,2020-01-01,2025-02-15\nZ90001,N2,2025-02-15,\n",
    )
    load(home, "hospital_spell", f"{STAYS}s1,Z90001,2025-01-03,,21\ns2,Z90001,2025-03-03,,21\n")

    fill(connection, home)

    assert covered(connection, "hospital_spell") == {
        ("N1", "2025-01"),
        ("N1", "2025-02"),
        ("N2", "2025-02"),
        ("N2", "2025-03"),
    }


def test_a_team_is_not_covered_before_it_was_there(tmp_path, connection):
    home = set_up(
        tmp_path / "home",
        team="team_id,locality_id,name,valid_from,valid_to\n"
        "N1,N,North 1,2020-01-01,2025-02-01\nN2,N,North 2,2025-02-01,\nS1,S,South 1,2020-01-01,\n",
    )
    both = f"{ANSWERS}N1,2025-01-05,good\nN2,2025-03-05,good\n"
    load(home, "fft_response", both, covers=("2025-01", "2025-03"))

    fill(connection, home)

    assert covered(connection, "fft_response") == {
        ("N1", "2025-01"),
        ("N2", "2025-02"),
        ("N2", "2025-03"),
    }


def test_a_quarter_in_which_a_team_began_is_covered_by_the_months_it_was_there(
    tmp_path, connection
):
    home = set_up(
        tmp_path / "home",
        team="team_id,locality_id,name,valid_from,valid_to\n"
        "N1,N,North 1,2025-03-01,\nN2,N,North 2,2020-01-01,\nS1,S,South 1,2020-01-01,\n",
    )
    load(home, "fft_response", f"{ANSWERS}N1,2025-03-05,good\nN2,2025-03-05,good\n")

    fill(connection, home)

    assert covered(connection, "fft_response", "quarter") == {("N1", "2025-01")}


def test_rows_that_belong_to_no_team_on_their_date_are_counted(tmp_path, connection):
    home = set_up(
        tmp_path / "home",
        practice_team="practice_code,team_id,valid_from,valid_to\nZ90001,N1,2025-01-10,2025-02-01\n",
    )
    load(
        home,
        "hospital_spell",
        f"{STAYS}s1,Z90001,2025-01-09,,21\ns2,Z90001,2025-01-10,,21\ns3,Z90001,2025-01-31,,21\n"
        "s4,Z90001,2025-02-01,,21\ns5,Z99999,2025-01-20,,21\n",
    )
    load(home, "absence_month", records("absence_month", ["2025-01"]))

    fill(connection, home)

    assert unplaced_rows(connection, CONTRACTS) == {"hospital_spell": 3}


def test_where_every_row_has_its_team_there_is_nothing_to_say(home, connection):
    for table in ("hospital_spell", "referral", "absence_month", "fft_response"):
        load(home, table, records(table, ["2025-01", "2025-02"]))

    fill(connection, home)

    assert unplaced_rows(connection, CONTRACTS) == {}


def test_the_months_covered_by_all_files_run_from_the_first_to_the_last(home):
    assert months_covered(list_batches(home)) is None

    load(home, "fft_response", f"{ANSWERS}N1,2025-03-05,good\n")
    load(home, "absence_month", records("absence_month", ["2024-11"]))

    assert months_covered(list_batches(home)) == (
        datetime.date(2024, 11, 1),
        datetime.date(2025, 3, 1),
    )
