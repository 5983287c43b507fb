"""The columns of one file: which are read, which cannot be, and cells that hold other rows."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from data.contract import load_contracts
from data.file_columns import refuse_swallowed_rows, unknown_columns_in_words, without_left_out
from data.home import Home
from data.load import check_files
from data.recipe import Recipe
from data.report import FileRefusedError, Report
from data.sheet import Line, Sheet, read_sheet
from tests.data.sent_files import COUNTS, counts, places, rules

Check = Callable[..., Report]
Write = Callable[..., Path]
CONTRACTS = load_contracts()

# ---------------------------------------------------------------- rows inside a cell

HEADER = "team_id,month,junk,measure_id,numerator,comment"
SWALLOWED = {
    "a whole row in the last cell": 'N1,2024-04,x,W03,5,"a\nN2,2024-04,y,W03,6,b"',
    "several rows in the last cell": 'N1,2024-04,x,W03,5,"a\nN2,2024-04,y,W03,6,\nS1,2024,,,,b"',
    "a whole row between two words": 'N1,2024-04,x,W03,5,"a\nN2,2024-04,y,W03,6,b\nc"',
    "the end of one row and the start of the next": 'N1,2024-04,"x,W03,5,a\nN2,2024-04,y",W03,6,b',
    "a quotation mark closed further on": 'N1,2024-04,"x,W03,5,a\nN2,2024-04,y,W03",6,b',
    "a quotation mark closed further back": 'N1,2024-04,"x,W03,5,a\nN2",2024-04,y,W03,6,b',
    "ends of lines from Windows": 'N1,2024-04,"x,W03,5,a\r\nN2,2024-04,y",W03,6,b',
}


@pytest.mark.parametrize("rows", SWALLOWED.values(), ids=SWALLOWED.keys())
def test_rows_drawn_into_a_cell_by_a_stray_quotation_mark_refuse_the_file(
    check: Check, rows: str
) -> None:
    report = check("\n".join([HEADER, "S1,2024-04,z,W03,4,", rows, ""]))

    assert rules(report) == ["rows_in_a_cell"]
    assert places(report) == [(3, None)]
    assert "quotation mark" in report.problems[0].message


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_they_do_so_with_any_delimiter(check: Check, delimiter: str) -> None:
    rows = SWALLOWED["the end of one row and the start of the next"]

    report = check("\n".join([HEADER, "S1,2024-04,z,W03,4,", rows, ""]).replace(",", delimiter))

    assert rules(report) == ["rows_in_a_cell"]


@pytest.mark.parametrize(
    "drawn",
    [
        f'{COUNTS},"comment\nN1,2024-04,W03,5,10,,x"',
        'team_id,month,measure_id,numerator,"denominator,note,comment\nN1,2024-04,W03,5",10,,x',
        'team_id,month,measure_id,numerator,"denominator,note,comment\nN1,2024-04",W03,5,10,,x',
    ],
)
def test_a_row_drawn_into_the_header_refuses_the_file(check: Check, drawn: str) -> None:
    report = check(f"{drawn}\nN2,2024-04,W03,6,12,,y\n")

    assert rules(report) == ["rows_in_a_cell"]
    assert report.problems[0].message.startswith("The header runs over several lines")


def test_they_do_so_where_every_row_is_shorter_than_the_header(check: Check) -> None:
    rows = SWALLOWED["the end of one row and the start of the next"]

    report = check("\n".join([f"{HEADER},more,and more", "S1,2024-04,z,W03,4,", rows, ""]))

    assert rules(report) == ["rows_in_a_cell"]


HARMLESS = {
    "a comment of two lines": 'N1,2024-04,x,W03,5,"kind, patient\nand quick, too"',
    "an empty line in it": 'N1,2024-04,x,W03,5,"kind\n\nquick"',
    "a line break at its end": 'N1,2024-04,x,W03,5,"kind\n"',
    "a comment in the middle": 'N1,2024-04,"kind, really\nquick",W03,5,',
}


@pytest.mark.parametrize("rows", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_comment_of_several_lines_in_a_column_that_is_not_read_does_no_harm(
    check: Check, rows: str
) -> None:
    report = check("\n".join([HEADER, rows, "N2,2024-04,y,W03,many,b", ""]))

    assert report.rows_in_file == 2
    assert rules(report) == ["not_a_whole_number"]
    assert report.problems[0].row == rows.count("\n") + 3


def test_a_header_of_several_lines_does_no_harm(check: Check) -> None:
    report = check(f'{COUNTS},"comment,\nif any"\nN2,2024-04,W03,many,12,,y\n')

    assert places(report) == [(3, "numerator")]
    assert report.warnings == [
        "aggregate_submission asks for no column comment, if any; it was left out."
    ]


def test_one_column_cannot_hold_the_delimiters_of_a_row() -> None:
    one = read_sheet(Line(1, ["a"], 1), [Line(2, ["one,\ntwo,"], 3)])
    two = read_sheet(Line(1, ["a", "b"], 1), [Line(2, ["one,\ntwo,", "three"], 3)])

    refuse_swallowed_rows(replace(one, delimiter=","))
    refuse_swallowed_rows(replace(two, delimiter=";"))
    with pytest.raises(FileRefusedError):
        refuse_swallowed_rows(replace(two, delimiter=","))


def test_a_cell_of_several_lines_in_a_workbook_is_one_row(check: Check, workbook: Write) -> None:
    header = [*COUNTS.split(","), "comment"]

    report = check(
        workbook(Counts=[header, ["N1", "2024-04", "W03", 5, 10, "", "a,,,,,,\nb,,,,,,"]])
    )

    assert (report.status, report.rows_in_file) == ("accepted", 1)


# ---------------------------------------------------------------- which columns are read


@pytest.mark.parametrize("again", ["month", "Month", " MONTH "])
def test_two_columns_of_one_name_that_is_read_refuse_the_file(check: Check, again: str) -> None:
    report = check(counts("N1,2024-04,W03,5,10,,2024-05", header=f"{COUNTS},{again}"))

    assert rules(report) == ["column_twice"]
    assert report.problems[0].column == "month"


def test_two_columns_of_one_name_that_is_not_read_are_left_out(check: Check) -> None:
    report = check(counts("N1,2024-04,W03,5,10,,a,b", header=f"{COUNTS},colour,Colour"))

    assert report.status == "accepted"
    assert "colour, Colour; they were left out" in report.warnings[0]


def test_the_sender_is_told_of_columns_as_they_are_written(check: Check) -> None:
    header = "Team ID,MONTH,Measure-Id,Numerator"

    report = check(counts("N1,2024-04,W03,5", "N9,2024-04,W03,many", header=header))

    assert places(report) == [(3, "Team ID"), (3, "Numerator")]


def test_what_is_left_out_is_said_in_words() -> None:
    referral = CONTRACTS["referral"]

    assert (
        unknown_columns_in_words(referral, ["a"])
        == "referral asks for no column a; it was left out."
    )
    assert unknown_columns_in_words(referral, ["a", "b"]).endswith("a, b; they were left out.")


def test_what_we_fill_ourselves_is_left_out_where_it_is_sent_too(check: Check) -> None:
    report = check("referral_id,team_id,raw_team_code,received_at\nr1,N1,zzz,2024-04-01\n")

    assert report.status == "accepted"
    assert "referral asks for no column raw_team_code; it was left out." in report.warnings


def test_every_list_that_is_missing_is_warned_of_once(nowhere: Home, write: Write) -> None:
    header = "team_id,month,employer,profession_id,in_post_fte,headcount"

    (report,) = check_files(nowhere, [write(f"{header}\nN1,2024-04,NHS,DN,11.4,14\n")])

    assert report.warnings == [
        "There is no list of team codes here yet: team_id was not checked.",
        "There is no list of profession codes here yet: profession_id was not checked.",
    ]


# ---------------------------------------------------------------- rows a recipe leaves out


def sheet(*rows: list[str]) -> Sheet:
    lines = [Line(number, cells, number) for number, cells in enumerate(rows, start=1)]
    return read_sheet(lines[0], lines[1:])


def leaving_out(**values: tuple[str, ...]) -> Recipe:
    return Recipe(
        recipe="r", title="r", table="team", header=("Area",), leave_out=values, columns={}
    )


def test_rows_that_a_recipe_leaves_out_are_gone_and_counted() -> None:
    areas = sheet(["AREA", "n"], ["North", "1"], ["ENGLAND ", "9"], ["South", "2"], ["", "0"])

    kept, left_out = without_left_out(areas, leaving_out(Area=("England", "")))

    assert kept.columns[0].to_pylist() == ["North", "South"]
    assert kept.numbers.tolist() == [2, 4]
    assert left_out == 2


def test_where_there_is_nothing_to_leave_out_nothing_changes() -> None:
    areas = sheet(["Area"], ["North"])

    assert without_left_out(areas, leaving_out()) == (areas, 0)
    assert without_left_out(areas, leaving_out(Area=("England",)))[1] == 0
    assert without_left_out(areas, leaving_out(Region=("North",)))[1] == 0
