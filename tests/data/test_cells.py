"""One column of text becomes values of its type: put right, blank, or a fault."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.batches import ARROW_TYPES
from data.cells import BLANK_WORDS, dated_column, read_cells
from data.contract import Column, ColumnType
from data.dates import find_forms
from data.distinct import Cells, Distinct, Reading
from data.lists import ALIASES, Lists
from data.report import FileRefusedError
from data.sheet import encoded

TODAY = datetime.date(2024, 6, 15)
TEAMS = pa.table({"team_id": ["N1", "NT-03"]})
SPELLINGS = pa.table(
    {
        "raw_code": ["Nbhd 3", "Both", "Both"],
        "team_id": ["NT-03", "N1", "NT-03"],
        "source_system": ["", "A", "B"],
    }
)


def column(kind: ColumnType, **said: Any) -> Column:
    return Column(name="cell", type=kind, words="What it is.", **said)


def cells(
    asked: Column, *texts: str, lists: Lists | None = None, codes: Mapping[str, str] | None = None
) -> Cells:
    distinct = Distinct.of(encoded(pa.array(texts, pa.string())))
    form = None
    if asked.type in ("date", "month", "ts"):
        form = find_forms({"cell": dated_column(asked, distinct, codes or {})})["cell"]
    reading = Reading(lists or Lists(), TODAY, codes or {}, form, lambda row: (row + 2, None))
    return read_cells(asked, "Cell", distinct, reading)


def value(asked: Column, text: str, **known: Any) -> object:
    """Return what one text is read as, which must be no fault."""
    read = cells(asked, text, **known)
    assert read.notes.faults == {}, read.notes.faults
    return read.rows()[0].as_py()


def fault(asked: Column, text: str, **known: Any) -> str:
    """Return the rule that one text breaks; nothing is read from it."""
    read = cells(asked, text, **known)
    assert read.rows().to_pylist() == [None]
    assert read.faulty().tolist() == [True]
    (found,) = read.notes.faults.values()
    return found.rule


def known_lists() -> Lists:
    lists = Lists()
    lists.add("team", TEAMS)
    lists.add(ALIASES, SPELLINGS)
    return lists


# ---------------------------------------------------------------- any type

KINDS: tuple[ColumnType, ...] = ("text", "int", "dec", "date", "month", "ts", "bool")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("word", ["", " ", "\xa0", *sorted(BLANK_WORDS), "NULL", "Unknown", "#N/A"])
def test_words_for_nothing_are_blank_in_every_column(kind: ColumnType, word: str) -> None:
    assert value(column(kind), word) is None
    assert fault(column(kind, required=True), word) == "required_blank"


@pytest.mark.parametrize("kind", KINDS)
def test_values_have_the_exact_type_of_the_contract(kind: ColumnType) -> None:
    text = {"int": "1", "dec": "1.5", "bool": "yes", "text": "a"}.get(kind, "2024-04-01")

    read = cells(column(kind), text).rows()

    assert read.type == ARROW_TYPES[kind]
    assert not pa.types.is_floating(read.type)


def test_a_word_for_nothing_that_is_a_code_is_that_code() -> None:
    assert value(column("text", allowed=("known", "unknown")), "Unknown") == "unknown"


def test_a_required_blank_is_told_what_is_needed_and_what_stood_for_it() -> None:
    read = cells(column("text", required=True), "", "N/A")

    messages = [found.message for found in read.notes.faults.values()]
    assert messages == [
        "This is blank. It is needed: What it is. Fill it in.",
        "{} stands for a blank. It is needed: What it is. Fill it in.",
    ]


def test_spaces_at_an_end_are_taken_off_and_counted_by_cell() -> None:
    read = cells(column("text"), " a", "a", " a", "b\xa0", "   ")

    assert read.rows().to_pylist() == ["a", "a", "a", "b", None]
    assert read.notes.fixes == {"spaces_trimmed": 3}


def test_fixes_are_counted_by_cell_and_not_by_different_texts() -> None:
    read = cells(column("int"), "1,204", "1,204", "7", "1,204")

    assert read.rows().to_pylist() == [1204, 1204, 7, 1204]
    assert read.notes.fixes == {"thousands_comma": 3}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("inside", ["\n", "\r", "\t", "\x00", "\x1a", "\x85", "\u2028"])
def test_a_control_character_inside_a_cell_refuses_the_file_and_says_where(
    kind: ColumnType, inside: str
) -> None:
    with pytest.raises(FileRefusedError) as raised:
        cells(column(kind), "", f"1{inside}2")

    (problem,) = raised.value.problems
    assert (problem.rule, problem.row, problem.column) == ("control_character", 3, "Cell")


def test_a_recipe_may_translate_what_the_file_writes() -> None:
    codes = {"1": "very good", "2": "poor"}
    answers = column("text", allowed=("very good", "poor"))

    read = cells(answers, "1", "2", "Poor", "3", codes=codes)

    assert read.rows().to_pylist() == ["very good", "poor", "poor", None]
    assert [found.rule for found in read.notes.faults.values()] == ["code_not_allowed"]


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0), ("31", 31), ("-3", -3), ("+3", 3), ("1,204", 1204), ("1,234,567", 1234567),
        ("5.0", 5), ("5.", 5), ("£1,204", 1204), ("007", 7), ("999999999999999999", 10**18 - 1),
    ],
)  # fmt: skip
def test_whole_numbers(text: str, number: int) -> None:
    assert value(column("int"), text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("24.5", "24.5000"), (".5", "0.5000"), ("1,204.75", "1204.7500"), ("£ 3", "3.0000"),
        ("-0.0", "0.0000"), ("99999999999999.9999", "99999999999999.9999"),
    ],
)  # fmt: skip
def test_decimal_numbers_are_exact(text: str, number: str) -> None:
    assert value(column("dec"), text) == Decimal(number)


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.00005", "0.0000"), ("0.00015", "0.0002"), ("1.00004999", "1.0000"), ("2.00010", "2.0001")],
)
def test_more_than_four_decimals_are_rounded_halves_to_even_and_counted(
    text: str, number: str
) -> None:
    read = cells(column("dec"), text)

    assert read.rows().to_pylist() == [Decimal(number)]
    assert read.notes.fixes == ({} if text == "2.00010" else {"rounded": 1})


@pytest.mark.parametrize(
    "text",
    ["5.5", "many", "1.204,5", "12,04", "1,20", "1 204", "5%", "(5)", "1e3", "0x1F", "5-6", "٣"],
)
def test_what_is_no_whole_number_is_a_fault(text: str) -> None:
    assert fault(column("int"), text) == "not_a_whole_number"


@pytest.mark.parametrize("text", ["many", "1.2.3", "1,5", "5%", "1E+05", "infinity", "--5", "£"])
def test_what_is_no_number_is_a_fault(text: str) -> None:
    assert fault(column("dec"), text) == "not_a_number"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("int", "1000000000000000000"),
        ("int", "-1000000000000000000"),
        ("int", "9" * 400),
        ("dec", "100000000000000"),
        ("dec", "99999999999999.99995"),
        ("dec", "9" * 400 + ".5"),
    ],
)
def test_numbers_too_large_to_be_kept_are_a_fault(kind: ColumnType, text: str) -> None:
    assert fault(column(kind), text) == "too_large"


def test_numbers_have_the_bounds_of_their_column() -> None:
    share = column("dec", at_least=Decimal(0), at_most=Decimal(1))

    assert value(share, "0") == 0
    assert value(share, "1.0") == 1
    assert fault(share, "-0.1") == "too_small"
    assert fault(share, "1.01") == "too_large"


@pytest.mark.parametrize(
    "mark",
    ["*", "**", "<5", "< 5", "≤7", "5-", "c", "C", "s", "[c]", "fewer than 5", "Less than 8"],
)
def test_a_mark_for_a_hidden_number_is_kept_as_hidden_and_is_no_zero(mark: str) -> None:
    read = cells(column("int", suppressed_into="suppressed"), mark, "0")

    assert read.rows().to_pylist() == [None, 0]
    assert read.hidden().tolist() == [True, False]
    assert read.notes.fixes == {"suppressed_mark": 1}


@pytest.mark.parametrize("mark", ["*", "<5", "c"])
def test_where_nothing_can_be_hidden_such_a_mark_is_a_fault(mark: str) -> None:
    assert fault(column("int"), mark) == "not_a_whole_number"


@settings(max_examples=80, deadline=None)
@given(text=st.text(alphabet="0123456789.,+-£* <", max_size=24))
def test_a_number_is_exactly_what_was_written_or_a_fault(text: str) -> None:
    read = cells(column("dec"), text)

    (number,) = read.rows().to_pylist()
    plain = text.strip().removeprefix("£").strip().replace(",", "")
    if number is not None:
        assert abs(number - Decimal(plain)) <= Decimal("0.00005")
        assert not read.notes.faults
    else:
        assert read.notes.faults or text.strip().casefold() in {"", *BLANK_WORDS}


# ---------------------------------------------------------------- yes and no


@pytest.mark.parametrize("text", ["yes", "Y", "TRUE", "t", "1"])
def test_ways_of_saying_yes(text: str) -> None:
    assert value(column("bool"), text) is True


@pytest.mark.parametrize("text", ["no", "N", "False", "f", "0"])
def test_ways_of_saying_no(text: str) -> None:
    assert value(column("bool"), text) is False


def test_anything_else_is_neither() -> None:
    assert fault(column("bool"), "2") == "not_yes_or_no"


# ---------------------------------------------------------------- codes


@pytest.mark.parametrize("text", ["carer/family", "CARER/FAMILY", " Carer/Family "])
def test_codes_are_known_in_any_case(text: str) -> None:
    assert value(column("text", allowed=("GP", "carer/family")), text) == "carer/family"


def test_a_code_that_is_none_is_told_which_there_are() -> None:
    read = cells(column("text", allowed=("GP", "self")), "dentist")

    (found,) = read.notes.faults.values()
    assert found.rule == "code_not_allowed"
    assert found.message == "{} is not one of the codes: GP, self. Use one of them."


@pytest.mark.parametrize(
    ("text", "team", "fix"),
    [
        ("NT-03", "NT-03", {}),
        ("nt–03", "NT-03", {"code_spelling": 1}),
        ("NT - 03", "NT-03", {"code_spelling": 1}),
        ("NBHD  3", "NT-03", {"team_alias": 1}),
    ],
)
def test_teams_are_known_by_any_spelling_on_the_lists(
    text: str, team: str, fix: dict[str, int]
) -> None:
    read = cells(column("text", refers_to="team.team_id"), text, lists=known_lists())

    assert read.rows().to_pylist() == [team]
    assert read.notes.fixes == fix


@pytest.mark.parametrize("text", ["N9", "Both"])
def test_a_team_on_no_list_or_meaning_two_is_a_fault(text: str) -> None:
    team = column("text", refers_to="team.team_id")

    assert fault(team, text, lists=known_lists()) == "unknown_team"


def test_another_spelling_of_a_team_is_none_of_a_locality() -> None:
    lists = known_lists()
    lists.add("locality", pa.table({"locality_id": ["N"]}))
    locality = column("text", refers_to="locality.locality_id")

    assert fault(locality, "Nbhd 3", lists=lists) == "unknown_locality"


def test_without_a_list_any_code_is_taken_as_it_is() -> None:
    assert value(column("text", refers_to="team.team_id"), "nt–03") == "nt–03"


@pytest.mark.parametrize("text", ["9.43477E+09", "9e+9", "1.2E+015"])
def test_codes_shortened_by_a_spreadsheet_refuse_the_file(text: str) -> None:
    with pytest.raises(FileRefusedError) as raised:
        cells(column("text"), "abc", text)

    (problem,) = raised.value.problems
    assert (problem.rule, problem.row, problem.column) == ("digits_lost", 3, "Cell")


def test_a_text_that_anybody_typed_may_say_so() -> None:
    assert value(column("text", free_text=True), "9.4E+09") == "9.4E+09"


# ---------------------------------------------------------------- dates


def test_a_month_is_the_date_of_its_first_day() -> None:
    month = column("month")

    assert value(month, "2024-04") == datetime.date(2024, 4, 1)
    read = cells(month, "2024-04-30", "2024-05-01")
    assert read.rows().to_pylist() == [datetime.date(2024, 4, 1), datetime.date(2024, 5, 1)]
    assert read.notes.fixes == {"month_first_day": 1}


def test_the_time_of_day_is_kept_only_where_it_is_asked_for() -> None:
    assert value(column("ts"), "2024-04-01 09:30") == datetime.datetime(2024, 4, 1, 9, 30)
    assert value(column("date"), "2024-04-01 09:30") == datetime.date(2024, 4, 1)
    assert value(column("ts"), "2024-04-01") == datetime.datetime(2024, 4, 1)


@pytest.mark.parametrize("text", ["01/01/1900", "31/12/9999", "1899-12-30", "01/01/1970 00:00"])
def test_a_placeholder_is_blank_and_counted(text: str) -> None:
    read = cells(column("date"), text, "2024-04-13")

    assert read.rows().to_pylist() == [None, datetime.date(2024, 4, 13)]
    assert read.notes.fixes == {"placeholder_date": 1}
    assert fault(column("date", required=True), text) == "required_blank"


def test_placeholders_do_not_decide_how_dates_are_written() -> None:
    read = cells(column("date"), "31/12/9999", "31/12/9999", "04/13/2024")

    assert read.rows().to_pylist() == [None, None, datetime.date(2024, 4, 13)]


@pytest.mark.parametrize("text", ["1899-12-31", "0024-04-01", "1850-06-01"])
def test_dates_before_1900_are_a_fault(text: str) -> None:
    assert fault(column("date"), text) == "not_a_date"


@pytest.mark.parametrize("kind", ["date", "ts"])
def test_what_has_not_happened_yet_is_a_fault(kind: ColumnType) -> None:
    assert value(column(kind), "2024-06-15") is not None
    assert value(column("ts"), "2024-06-15 23:59:59") is not None
    assert fault(column(kind), "2024-06-16") == "future_date"
    assert value(column(kind, future=True), "2024-06-16") is not None


def test_the_month_that_is_running_has_begun() -> None:
    assert value(column("month"), "2024-06") == datetime.date(2024, 6, 1)
    assert fault(column("month"), "2024-07") == "future_date"


def test_a_date_written_otherwise_is_told_how_the_column_is_written() -> None:
    read = cells(column("date"), "13/04/2024", "14/04/2024", "2024-04-15")

    (found,) = read.notes.faults.values()
    assert found.rule == "not_a_date"
    assert "31/01/2024 (day, month, year)" in found.message
