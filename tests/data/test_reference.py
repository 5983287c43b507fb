"""A partnership's reference lists, checked like any file and taken whole or not at all."""

from collections.abc import Callable
from pathlib import Path

import pytest

from data.contract import load_contracts
from data.errors import DataError
from data.home import Home
from data.reference import files_in_reading_order, reference_tables, rulebook
from tests.data.sent_files import counts
from tests.small_partnership import LISTS

Write = Callable[..., Path]
CONTRACTS = load_contracts()
ENGLAND = Home(Path(__file__).resolve().parents[2] / "examples" / "england")


def put(home: Home, name: str, text: str) -> None:
    (home.reference / name).write_text(text, encoding="utf-8")


def test_every_list_is_read_and_typed(home: Home) -> None:
    tables = reference_tables(home, CONTRACTS)

    assert set(tables) == {*LISTS, "team_alias"}
    assert tables["team"].column("team_id").to_pylist() == ["N1", "N2", "S1"]
    assert tables["population"].column_names == list(CONTRACTS["population"].names)


def test_without_a_folder_there_are_no_lists(nowhere: Home) -> None:
    assert reference_tables(nowhere, CONTRACTS) == {}


def test_a_file_is_known_by_its_columns_where_its_name_says_nothing(home: Home) -> None:
    put(home, "from 2024.csv", "team_id,locality_id,name,valid_from\nS2,S,South 2,2024-01-01\n")
    put(home, "notes.txt", "not a list")

    tables = reference_tables(home, CONTRACTS)

    assert tables["team"].column("team_id").to_pylist() == ["S2", "N1", "N2", "S1"]


def test_lists_may_refer_to_each_other_whatever_the_files_are_called(home: Home) -> None:
    (home.reference / "team.csv").rename(home.reference / "0.csv")
    (home.reference / "locality.csv").rename(home.reference / "9.csv")

    assert reference_tables(home, CONTRACTS)["team"].num_rows == 3


def test_a_list_of_which_a_row_is_held_is_not_taken_and_says_why(home: Home) -> None:
    put(home, "practice_team.csv", "practice_code,team_id,valid_from\nZ90001,N9,2024-01-01\n")

    with pytest.raises(DataError) as raised:
        reference_tables(home, CONTRACTS)

    said = str(raised.value)
    assert said.startswith("A reference list is taken whole or not at all.")
    assert "practice_team.csv: accepted, 1 rows held back" in said
    assert 'row 2, team_id: "N9" is not in the list of team codes.' in said


def test_a_list_that_is_refused_is_not_taken_and_says_why(home: Home) -> None:
    put(home, "team.csv", "team_id,locality_id,name\nN1,N,North 1\n")

    with pytest.raises(DataError, match="team needs a column valid_from"):
        rulebook(home)


def test_one_row_in_two_files_is_refused(home: Home) -> None:
    put(home, "more.csv", LISTS["team"])

    with pytest.raises(DataError, match="team_id N1, valid_from 2020-01-01 is in another file"):
        reference_tables(home, CONTRACTS)


def test_a_table_that_nobody_asks_for_is_passed_over(home: Home) -> None:
    asked = {"locality": CONTRACTS["locality"]}

    assert set(reference_tables(home, asked)) == {"locality"}


def test_the_rulebook_knows_every_code_of_the_lists(home: Home) -> None:
    lists = rulebook(home).lists

    teams = lists.of("team", "team_id")
    assert teams is not None
    assert teams.exact == {"N1", "N2", "S1"}
    assert lists.team_meant("nbhd 2") == "N2"
    assert lists.of("profession", "profession_id") is None


def test_files_are_put_in_reading_order_and_others_stay_as_they_were(
    home: Home, write: Write
) -> None:
    teams = write(LISTS["team"], "b.csv")
    localities = write(LISTS["locality"], "c.csv")
    second, first = write(counts(), "second.csv"), write(counts(), "first.csv")

    ordered = files_in_reading_order([second, teams, first, localities], rulebook(home))

    assert ordered.index(localities) < ordered.index(teams)
    assert ordered.index(second) < ordered.index(first)


def test_a_table_on_a_later_sheet_is_put_in_order_too(
    home: Home, write: Write, workbook: Write
) -> None:
    figures = workbook(
        Contents=[["See the next sheet"]],
        Figures=[line.split(",") for line in counts().splitlines()],
    )
    teams = write(LISTS["team"], "team.csv")

    assert files_in_reading_order([figures, teams], rulebook(home)) == [teams, figures]


def test_the_example_of_a_country_has_sound_lists() -> None:
    contracts = load_contracts(ENGLAND)

    tables = reference_tables(ENGLAND, contracts)

    assert (tables["locality"].num_rows, tables["team"].num_rows) == (7, 42)
