import pyarrow as pa
import pytest

from data.lists import ALIASES, Codes, Lists, same_code


@pytest.mark.parametrize(
    "written",
    ["NT-03", "nt-03", " NT-03 ", "NT–03", "NT—03", "NT − 03", "nt ‐ 03", "NT-03\xa0"],
)
def test_case_spaces_and_dashes_make_no_other_code(written: str) -> None:
    assert same_code(written) == same_code("NT-03")


@pytest.mark.parametrize("written", ["don't know", "Don’t  know", "DON`T KNOW", "don´t\tknow"])
def test_apostrophes_and_gaps_make_no_other_code(written: str) -> None:
    assert same_code(written) == "don't know"


@pytest.mark.parametrize("written", ["NT03", "NT-3", "NT-03 N", "N T-03"])
def test_letters_and_digits_make_another_code(written: str) -> None:
    assert same_code(written) != same_code("NT-03")


def test_a_code_is_found_in_the_lists_own_spelling() -> None:
    codes = Codes.of(["North", "85+"])

    assert codes.find("NORTH ") == "North"
    assert codes.find("85+") == "85+"
    assert codes.find("South") is None


def test_two_codes_that_differ_in_case_are_both_kept_and_the_first_is_meant() -> None:
    codes = Codes.of(["n1", "N1"])

    assert codes.find("n1") == "n1"
    assert codes.find("N1") == "N1"
    assert codes.find(" N1") == "n1"


def test_lists_are_made_of_every_text_column_and_grow() -> None:
    lists = Lists()

    lists.add("team", pa.table({"team_id": ["N1", None], "name": ["North 1", "x"], "n": [1, 2]}))
    lists.add("team", pa.table({"team_id": ["N2"], "name": ["North 2"], "n": [1]}))

    ids = lists.of("team", "team_id")
    assert ids is not None
    assert ids.exact == {"N1", "N2"}
    assert lists.of("team", "n") is None


def test_an_empty_list_is_none() -> None:
    lists = Lists()
    lists.add("team", pa.table({"team_id": pa.array([], pa.string())}))

    assert lists.of("team", "team_id") is None
    assert lists.of("locality", "locality_id") is None


def test_another_spelling_means_a_team_unless_it_means_two() -> None:
    lists = Lists()
    spellings = {
        "raw_code": ["Nbhd 1", "nbhd 1", "Both", "both"],
        "team_id": ["N1", "N1", "N1", "N2"],
        "source_system": ["A", "B", "A", "B"],
    }

    lists.add(ALIASES, pa.table(spellings))

    assert lists.team_meant("NBHD  1") == "N1"
    assert lists.team_meant("Both") is None
    assert lists.team_meant("Nbhd 2") is None
