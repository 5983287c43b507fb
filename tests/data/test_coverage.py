import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.batches import list_batches
from data.calendar import create_periods, months_covered
from data.contract import load_contracts
from data.coverage import (
    create_coverage,
    handed_on_rows,
    unplaced_rows,
    unseen_practices,
)
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


# ---------------------------------------------------------------- every practice of a team

THREE_PRACTICES = """\
practice_code,team_id,valid_from,valid_to
Z90001,N1,2020-01-01,
Z90002,N1,2020-01-01,
Z90003,N1,2020-01-01,
Z90009,S1,2020-01-01,
"""


@pytest.fixture
def north(tmp_path: Path) -> Home:
    return set_up(tmp_path / "north", practice_team=THREE_PRACTICES)


def stays(*codes_and_months: str) -> str:
    """Return a file of one stay for each "1 2025-01": the last digit of a practice, and a month."""
    rows = []
    for at, text in enumerate(codes_and_months):
        digit, month = text.split()
        rows.append(f"s{text}{at},Z9000{digit},{month}-03,{month}-05,21\n")
    return STAYS + "".join(rows)


def gaps(connection: Connection) -> set[tuple[str, str, str]]:
    return set(
        connection.execute(
            "SELECT team_id, strftime(month, '%Y-%m'), reason FROM gap WHERE every = 'month'"
        ).fetchall()
    )


def remarks(connection: Connection) -> set[tuple[str, str, bool, str]]:
    return set(
        connection.execute(
            "SELECT team_id, strftime(period_start, '%Y-%m'), provisional, reason FROM remark"
            " WHERE every = 'month'"
        ).fetchall()
    )


def test_a_practice_that_is_usually_in_the_file_and_not_this_month_had_nobody(north, connection):
    load(north, "hospital_spell", stays("1 2025-01", "2 2025-01", "3 2025-01"), name="jan")
    load(north, "hospital_spell", stays("1 2025-02"), name="feb")

    fill(connection, north)

    assert covered(connection, "hospital_spell") == {("N1", "2025-01"), ("N1", "2025-02")}
    assert gaps(connection) == set()
    assert remarks(connection) == set()


def test_a_practice_with_a_file_of_its_own_that_did_not_come_leaves_the_team_uncovered(
    north, connection
):
    for digit in "123":
        load(north, "hospital_spell", stays(f"{digit} 2025-01"), name=f"{digit} jan")
    for digit in "12":
        load(north, "hospital_spell", stays(f"{digit} 2025-02"), name=f"{digit} feb")

    fill(connection, north)

    assert covered(connection, "hospital_spell") == {("N1", "2025-01")}
    assert gaps(connection) == {("N1", "2025-02", "2 of 3 practices")}


def test_a_practice_that_is_in_no_file_empties_nothing_and_is_not_passed_over_in_silence(
    north, connection
):
    load(north, "hospital_spell", stays("1 2025-01", "2 2025-02"))

    fill(connection, north)

    assert covered(connection, "hospital_spell") == {("N1", "2025-01"), ("N1", "2025-02")}
    assert remarks(connection) == {
        ("N1", "2025-01", False, "2 of 3 practices"),
        ("N1", "2025-02", False, "2 of 3 practices"),
    }
    assert unseen_practices(connection) == [("hospital_spell", "N1", "Z90003")]


@pytest.mark.parametrize("areas", [("all",), ("N1", "S1"), ("N", "S"), ("Z90003", "N1", "Z90009")])
def test_what_the_sender_says_it_speaks_for_has_none_where_it_has_no_rows(north, connection, areas):
    load(north, "hospital_spell", stays("1 2025-01"), areas=areas)

    fill(connection, north)

    assert covered(connection, "hospital_spell") == {("N1", "2025-01"), ("S1", "2025-01")}
    assert remarks(connection) == set()
    assert unseen_practices(connection) == []


def test_a_sender_speaks_for_the_areas_in_the_rows_besides(north, connection):
    load(north, "hospital_spell", stays("1 2025-01"), areas=("S1",))

    fill(connection, north)

    assert covered(connection, "hospital_spell") == {("N1", "2025-01"), ("S1", "2025-01")}


def test_a_practice_that_closed_is_asked_for_as_long_as_it_was_there(tmp_path, connection):
    home = set_up(
        tmp_path / "home",
        practice_team="practice_code,team_id,valid_from,valid_to\n"
        "Z90001,N1,2020-01-01,\nZ90002,N1,2020-01-01,2025-02-01\n",
    )
    load(home, "hospital_spell", stays("1 2025-01"), name="a")
    load(home, "hospital_spell", stays("1 2025-02", "1 2025-03"), name="b")
    load(home, "hospital_spell", stays("2 2025-01"), name="c")

    fill(connection, home)

    assert covered(connection, "hospital_spell") == {
        ("N1", "2025-01"),
        ("N1", "2025-02"),
        ("N1", "2025-03"),
    }
    assert remarks(connection) == set()


# ---------------------------------------------------------------- every employer

ABSENCE = "team_id,month,employer,fte_days_lost,fte_days_available\n"


def absence(*rows: str) -> str:
    return ABSENCE + "".join(f"{row}\n" for row in rows)


def test_an_employer_who_reported_before_and_not_now_was_not_received(home, connection):
    text = absence(
        "N1,2025-01,NHS,3,300",
        "N1,2025-01,council,2,200",
        "N1,2025-02,NHS,3,300",
        "N2,2025-01,NHS,3,300",
        "N2,2025-02,NHS,3,300",
    )
    load(home, "absence_month", text)

    fill(connection, home)

    assert gaps(connection) == {("N1", "2025-02", "council figures not received")}


def test_an_employer_who_sent_noughts_has_left(home, connection):
    text = absence(
        "N1,2025-01,NHS,3,300",
        "N1,2025-01,council,2,200",
        "N1,2025-02,NHS,3,300",
        "N1,2025-02,council,0,0",
        "N1,2025-03,NHS,3,300",
    )
    load(home, "absence_month", text)

    fill(connection, home)

    assert gaps(connection) == set()


def test_an_employer_is_missed_for_a_year(home, connection):
    months = [f"2024-{month:02}" for month in range(1, 13)] + ["2025-01", "2025-02"]
    text = absence("N1,2024-01,council,2,200", *(f"N1,{month},NHS,3,300" for month in months))
    load(home, "absence_month", text)

    fill(connection, home)

    assert {month for _, month, _ in gaps(connection)} == set(months[1:-1])


# ---------------------------------------------------------------- what somebody wrote


def test_a_month_that_was_not_received_is_a_gap_whatever_the_file_covers(tmp_path, connection):
    home = set_up(
        tmp_path / "home",
        feed_status="feed,team_id,month,received,complete_pct,note\n"
        "fft_response,,2025-02,no,,the supplier was changed.\n"
        "fft_response,N2,2025-02,yes,,\n"
        "fft_response,N2,2025-01,yes,60,\n"
        "absence_month,N1,2025-01,no,,\n",
    )
    both = f"{ANSWERS}N1,2025-01-05,good\nN2,2025-01-05,good\n"
    load(home, "fft_response", both, covers=("2025-01", "2025-02"))
    load(home, "absence_month", records("absence_month", ["2025-01"]))

    fill(connection, home)

    assert covered(connection, "fft_response") == {
        ("N1", "2025-01"),
        ("N2", "2025-01"),
        ("N2", "2025-02"),
    }
    assert gaps(connection) == {
        ("N1", "2025-02", "not received: the supplier was changed"),
        ("S1", "2025-02", "not received: the supplier was changed"),
        ("N1", "2025-01", "not received"),
    }
    assert remarks(connection) == {("N2", "2025-01", True, "about 60% received")}


# ---------------------------------------------------------------- part-filled


def test_a_month_that_was_not_over_is_covered_and_not_complete_yet(home, connection):
    text = f"{ANSWERS}N1,2025-02-05,good\nN1,2025-03-05,good\n"
    load(home, "fft_response", text, extracted="2025-03-15")

    fill(connection, home)

    assert covered(connection, "fft_response") == {("N1", "2025-02"), ("N1", "2025-03")}
    assert remarks(connection) == {("N1", "2025-03", True, "March 2025 is not complete yet")}


def test_a_later_file_that_covers_the_month_wholly_ends_that(home, connection):
    early = f"{ANSWERS}N1,2025-03-05,good\nN2,2025-03-06,good\n"
    load(home, "fft_response", early, extracted="2025-03-15")
    load(home, "fft_response", f"{ANSWERS}N1,2025-03-05,good\n", extracted="2025-04-02")

    fill(connection, home)

    assert remarks(connection) == {("N2", "2025-03", True, "March 2025 is not complete yet")}


# ---------------------------------------------------------------- a closed team's code

LINEAGE = "from_team_id,to_team_id,changed_on,share,kind\n"
CLOSING = """\
team_id,locality_id,name,valid_from,valid_to
N1,N,North 1,2020-01-01,2025-02-01
N2,N,North 2,2020-01-01,
S1,S,South 1,2020-01-01,
"""


def test_rows_of_a_team_that_was_merged_count_with_the_team_that_took_over(tmp_path, connection):
    home = set_up(
        tmp_path / "home", team=CLOSING, team_lineage=f"{LINEAGE}N1,N2,2025-02-01,1,merge\n"
    )
    load(home, "fft_response", f"{ANSWERS}N1,2025-01-05,good\nN1,2025-02-05,good\n")

    fill(connection, home)

    assert covered(connection, "fft_response") == {("N1", "2025-01"), ("N2", "2025-02")}
    assert unplaced_rows(connection, CONTRACTS) == {}
    assert handed_on_rows(connection, CONTRACTS) == {("fft_response", "N1", "N2"): 1}


@pytest.mark.parametrize(
    "lineage",
    [
        "N1,N2,2025-02-01,0.5,split\nN1,S1,2025-02-01,0.5,split\n",
        "N1,N2,2025-02-01,0.5,merge\n",
        "N1,N2,2024-02-01,1,boundary\n",
        "",
    ],
)
def test_rows_of_a_team_that_nobody_took_over_whole_belong_to_nobody(tmp_path, connection, lineage):
    home = set_up(tmp_path / "home", team=CLOSING)
    if lineage:
        (home.reference / "team_lineage.csv").write_text(LINEAGE + lineage, encoding="utf-8")
    load(home, "fft_response", f"{ANSWERS}N1,2025-01-05,good\nN1,2025-02-05,good\n")

    fill(connection, home)

    assert covered(connection, "fft_response") == {("N1", "2025-01")}
    assert unplaced_rows(connection, CONTRACTS) == {"fft_response": 1}
    assert handed_on_rows(connection, CONTRACTS) == {}


def test_a_code_is_handed_on_twice(tmp_path, connection):
    home = set_up(
        tmp_path / "home",
        team="team_id,locality_id,name,valid_from,valid_to\n"
        "N1,N,North 1,2020-01-01,2025-02-01\nN2,N,North 2,2020-01-01,2025-03-01\n"
        "S1,S,South 1,2020-01-01,\n",
        team_lineage=f"{LINEAGE}N1,N2,2025-02-01,1,rename\nN2,S1,2025-03-01,1,merge\n"
        "N1,S1,2022-01-01,0.1,boundary\n",
    )
    months = ("2025-01", "2025-02", "2025-03")
    load(home, "fft_response", ANSWERS + "".join(f"N1,{month}-05,good\n" for month in months))

    fill(connection, home)

    assert covered(connection, "fft_response") == {
        ("N1", "2025-01"),
        ("N2", "2025-02"),
        ("S1", "2025-03"),
    }
    assert unplaced_rows(connection, CONTRACTS) == {}


def test_a_code_that_is_a_teams_is_not_the_locality_of_the_same_code(tmp_path, connection):
    home = set_up(
        tmp_path / "home",
        team="team_id,locality_id,name,valid_from,valid_to\n"
        "N,S,Team N,2020-01-01,\nN2,N,North 2,2020-01-01,\n",
        practice_team="practice_code,team_id,valid_from,valid_to\n",
        population="team_id,as_at,age_band,sex,people,basis\n",
    )
    for table in ("practice_team", "population"):
        (home.reference / f"{table}.csv").unlink()
    load(home, "fft_response", f"{ANSWERS}N,2025-01-05,good\n", areas=("N",))

    fill(connection, home)

    assert covered(connection, "fft_response") == {("N", "2025-01")}


def test_what_a_locality_reports_as_a_whole_is_of_no_team_and_not_out_of_place(home, connection):
    reasons = "locality_id,month,employer,reason,fte_days\n"
    load(home, "absence_reason_month", f"{reasons}N,2025-01,NHS,S13,31.5\n")

    fill(connection, home)

    assert unplaced_rows(connection, CONTRACTS) == {}
    assert not CONTRACTS["absence_reason_month"].by_team
    assert CONTRACTS["absence_month"].by_team
