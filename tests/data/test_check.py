"""Whole files: whatever is sent, every row of it is accounted for."""

import datetime
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.check import Checked, Rulebook, Stated, check_file, table_of
from data.home import Home
from data.load import check_files
from data.reference import rulebook
from data.report import Report
from tests.data.sent_files import COUNTS, adds_up, counts, places, rules
from tests.small_partnership import set_up

Write = Callable[..., Path]
Check = Callable[..., Report]

# ---------------------------------------------------------------- files as they really come

REFERRALS = """\
referral_id,team_id,received_at,closed_on
r1,N1,{0},{1}
r2,S1,{2},
"""

READ_ALL_THE_SAME = {
    "plain": counts(),
    "semicolons": counts().replace(",", ";"),
    "tabs": counts().replace(",", "\t"),
    "upright bars": counts().replace(",", "|"),
    "spaces after commas": counts().replace(",", ", "),
    "UTF-8 with a mark": b"\xef\xbb\xbf" + counts().encode(),
    "UTF-16 with a mark": counts().encode("utf-16"),
    "UTF-16 without one": counts().encode("utf-16-le"),
    "UTF-16 the other way round": counts().encode("utf-16-be"),
    "Windows-1252": counts().replace("fine", "“it’s fine”").encode("cp1252"),
    "ends of lines from Windows": counts().replace("\n", "\r\n"),
    "ends of lines from an old Mac": counts().replace("\n", "\r"),
    "no end of the last line": counts().rstrip("\n"),
    "everything in quotation marks": re.sub(r"[^,\n]+", r'"\g<0>"', counts()),
    "title rows": f"Counts by team\nMade on 3 May,,\n\n{counts()}",
    "the separator's own line": f"sep=,\n{counts()}",
    "blank lines": counts().replace("\n", "\n\n , ,,\n"),
    "delimiters after the last column": counts().replace("\n", ",,,\n"),
    "upper-case names of columns": counts(header=COUNTS.upper()),
    "names with spaces": counts(header=COUNTS.replace("_", " ").title()),
    "lower-case codes": counts("n1,2024-04,W03,5,10,", "n2 ,2024-04,W03,6,12,fine"),
    "another order of columns": "\n".join(
        ",".join(reversed(line.split(","))) for line in counts().splitlines()
    ),
}


@pytest.mark.parametrize("content", READ_ALL_THE_SAME.values(), ids=READ_ALL_THE_SAME.keys())
def test_files_are_read_as_senders_write_them(check: Check, content: str | bytes) -> None:
    report = check(content)

    assert (report.status, report.table) == ("accepted", "aggregate_submission")
    assert (report.rows_in_file, report.rows_accepted, report.rows_held) == (2, 2, 0)
    assert report.warnings == []
    assert report.covers is not None
    assert report.covers.areas == ("N1", "N2")


REFUSED = {
    "an empty file": (b"", "empty_file"),
    "only white space": (b" \n\t\n ", "empty_file"),
    "only a byte order mark": (b"\xef\xbb\xbf", "empty_file"),
    "only blank cells": (b",,,\n,,,\n", "empty_file"),
    "a header and nothing else": (counts("", "").encode(), "no_rows"),
    "a single zero byte": (b"\x00", "not_text"),
    "UTF-32": (counts().encode("utf-32"), "not_text"),
    "letters of no known alphabet": (counts().encode() + b"N1\xc3\x28\x81\n", "not_text"),
    "a web page with another ending": (b"<html><table><tr><td>team_id</td></tr>", "not_text"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + bytes(500), "wrong_kind"),
    "a PDF": (b"%PDF-1.7\n%abc", "wrong_kind"),
    "a compressed file": (b"\x1f\x8b\x08\x00", "wrong_kind"),
    "a damaged Parquet file": (b"PAR1" + bytes(20), "damaged_file"),
    "a database": (b"SQLite format 3\x00", "wrong_kind"),
    "a letter": (b"Dear all,\nplease find the figures below.\n", "unknown_table"),
    "too many columns": (
        counts(header=COUNTS + "".join(f",c{n}" for n in range(400))).encode(),
        "too_many_columns",
    ),
    "a quotation mark never closed": (
        counts('N1,2024-04,W03,5,10,"open', "N2,2024-04,W03,6,12,").encode(),
        "damaged_row",
    ),
    "a quotation mark inside a cell": (
        counts('N1,2024-04,W03,5,10,"a "short" note"').encode(),
        "damaged_row",
    ),
    "a line break inside a code": (
        counts('"N1\nN1",2024-04,W03,5,10,').encode(),
        "control_character",
    ),
    "long numbers that a spreadsheet shortened": (
        b"spell_id,practice_code,admitted_on,admission_method\n9.43477E+09,Z90001,2024-04-01,21\n",
        "digits_lost",
    ),
    "the calendar": (
        b"date,week_start,month_start,quarter_start,fin_year,fin_month,fin_quarter,working_days,"
        b"bank_holiday\n2024-04-01,2024-04-01,2024-04-01,2024-04-01,2024/25,1,1,1,no\n",
        "generated",
    ),
}


@pytest.mark.parametrize(("content", "rule"), REFUSED.values(), ids=REFUSED.keys())
def test_files_that_cannot_be_trusted_are_refused(check: Check, content: bytes, rule: str) -> None:
    report = check(content)

    assert report.status == "refused"
    assert rules(report) == [rule]
    assert report.rows_accepted == report.rows_held == 0
    assert report.rows_loaded == 0
    assert sum(report.rows_dropped.values()) == report.rows_in_file


def test_a_folder_and_a_file_that_is_not_there_are_refused(check: Check, tmp_path: Path) -> None:
    folder, missing = check(tmp_path), check(tmp_path / "missing.csv")

    assert rules(folder) == ["not_a_file"]
    assert rules(missing) == ["no_such_file"]


def test_a_row_is_named_by_the_number_the_sender_sees(check: Check) -> None:
    titles = ["Counts by team", "", '"A title', 'of two lines"', ""]
    lines = [COUNTS, "N1,2024-04,W03,5,10,", "", "N2,2024-04,W03,many,12,", ",,,,,", "N1,x,W03,5,,"]

    report = check("\n".join([*titles, *lines]))

    assert report.rows_in_file == 3
    assert places(report) == [(9, "numerator"), (11, "month")]


def test_rows_after_a_cell_of_several_lines_keep_their_numbers(check: Check) -> None:
    report = check(
        counts(
            'N1,2024-04,W03,5,10,,"first line\nsecond line\n\nfourth line"',
            "N2,2024-04,W03,many,12,,short",
            header=f"{COUNTS},comment",
        )
    )

    assert report.rows_in_file == 2
    assert places(report) == [(6, "numerator")]


def test_held_rows_do_not_stop_the_others(check: Check) -> None:
    report = check(counts("N1,2024-04,W03,5,10,", "N2,2024-04,W03,many,12,"))

    assert report.status == "accepted_with_held_rows"
    assert (report.rows_accepted, report.rows_held) == (1, 1)


def test_a_file_all_of_whose_rows_are_held_is_not_refused(check: Check) -> None:
    report = check(counts("N1,2024-04,W03,many,10,", "N2,2024-04,W03,few,12,"))

    assert report.status == "accepted_with_held_rows"
    assert (report.rows_accepted, report.rows_held) == (0, 2)


def test_every_fault_of_a_row_is_said(check: Check) -> None:
    report = check(counts("N9,last spring,,-3,10,"))

    assert report.rows_held == 1
    assert sorted(rules(report)) == ["not_a_month", "required_blank", "too_small", "unknown_team"]


@pytest.mark.parametrize("name", ["team_id", "month", "measure_id"])
def test_a_missing_required_column_refuses_the_file(check: Check, name: str) -> None:
    header = COUNTS.replace(name, "something_else")

    unnamed = check(counts(header=header))
    named = check(counts(header=header), as_named="aggregate_submission")

    assert unnamed.status == named.status == "refused"
    assert name in unnamed.problems[0].message
    assert rules(named) == ["missing_column"]
    assert named.problems[0].column == name
    assert [dict(one.rows_dropped) for one in (unnamed, named)] == [{"file_refused": 2}] * 2


def test_the_rows_of_a_file_that_nobody_knows_are_counted_below_its_fullest_row(
    check: Check,
) -> None:
    report = check("What we had\n\na,b,c\n1,2,3\n,,\n4,5,\n")

    assert rules(report) == ["unknown_table"]
    assert report.rows_in_file == 2
    assert dict(report.rows_dropped) == {"file_refused": 2}


def test_columns_that_are_not_required_may_be_missing(check: Check) -> None:
    report = check("month,measure_id,team_id\n2024-04,W03,N1\n")

    assert report.status == "accepted"


def test_an_unknown_column_is_left_out_with_a_warning(check: Check) -> None:
    report = check(counts("N1,2024-04,W03,5,10,,blue", header=f"{COUNTS},colour"))

    assert report.status == "accepted"
    assert report.warnings == ["aggregate_submission asks for no column colour; it was left out."]


def test_what_the_batch_carries_is_never_asked_of_a_sender(check: Check) -> None:
    report = check(
        counts(
            "N1,2024-04,W03,5,10,,x,y,2024-05-01",
            header=f"{COUNTS},source_system,batch_id,extracted_at",
        )
    )

    assert report.status == "accepted"
    assert "source_system, batch_id, extracted_at; they were left out" in report.warnings[0]


def test_a_column_without_a_name_is_left_out_with_a_warning(check: Check) -> None:
    numbered = check(counts("0,N1,2024-04,W03,5,10,", header=f",{COUNTS}"))
    empty = check(counts(",N1,2024-04,W03,5,10,", header=f",{COUNTS}"))

    assert numbered.status == empty.status == "accepted"
    assert "number 1 (it has no name)" in numbered.warnings[0]
    assert empty.warnings == []


def test_what_was_put_right_is_counted_by_rule(check: Check) -> None:
    report = check(
        counts(
            'n1 ,2024-04-01,W03,"1,204",£12.5,',
            "Nbhd 2,2024-04-30,W03,N/A,10.00005,",
            "S1,2024-04-01,W03,*,<5,",
        )
    )

    assert report.status == "accepted"
    assert report.fixes == {
        "spaces_trimmed": 1,
        "code_spelling": 1,
        "thousands_comma": 1,
        "currency_sign": 1,
        "team_alias": 1,
        "month_first_day": 1,
        "blank_word": 1,
        "rounded": 1,
        "suppressed_mark": 2,
    }


# ---------------------------------------------------------------- months, areas, lists


def test_a_file_covers_the_months_and_areas_present_in_it(check: Check) -> None:
    report = check(counts("S1,2024-03,W03,1,,", "N1,2024-06,W03,1,,", "N2,2023-12,W03,x,,"))

    assert report.covers is not None
    assert (report.covers.from_month, report.covers.to_month) == ("2024-03", "2024-06")
    assert report.covers.areas == ("N1", "S1")
    assert "covers 2024-03 to 2024-06, for N1, S1" in report.as_text()


def test_a_sender_can_say_which_months_a_file_covers(check: Check) -> None:
    report = check(counts(), months=("2024-01", "2024-12"))

    assert report.covers is not None
    assert (report.covers.from_month, report.covers.to_month) == ("2024-01", "2024-12")
    assert report.warnings == []


def test_rows_outside_the_months_said_to_be_covered_are_taken_with_a_warning(check: Check) -> None:
    report = check(counts(), months=("2024-05", "2024-12"))

    assert report.rows_accepted == 2
    assert report.warnings == [
        "2 rows are dated outside the months the file is said to cover, 2024-05 to 2024-12."
        " They were read all the same."
    ]


def test_where_no_row_is_accepted_no_month_is_covered(check: Check) -> None:
    report = check(counts("N1,2024-04,W03,many,,"))

    assert report.covers is not None
    assert report.covers.months() == []
    assert "covers no months, for no areas" in report.as_text()


def test_a_list_of_places_covers_no_months(check: Check) -> None:
    report = check("practice_code,team_id,valid_from\nZ90009,N1,2024-01-01\n")

    assert report.covers is not None
    assert report.covers.months() == []


def test_without_a_list_of_teams_their_codes_are_taken_with_a_warning(
    nowhere: Home, write: Write
) -> None:
    (report,) = check_files(nowhere, [write(counts("XX,2024-04,W03,5,10,"))])

    assert report.status == "accepted"
    assert report.warnings == ["There is no list of team codes here yet: team_id was not checked."]


def test_the_last_possible_day_is_today(home: Home, write: Write) -> None:
    here = rulebook(home)
    file = write(counts("N1,2024-04,W03,5,10,", "N1,2024-05,W03,5,10,"))

    earlier = check_file(file, replace(here, today=datetime.date(2024, 4, 30))).report
    on_the_day = check_file(file, replace(here, today=datetime.date(2024, 5, 1))).report

    assert places(earlier) == [(3, "month")]
    assert rules(earlier) == ["future_date"]
    assert "is after 2024-04-30, the day this file was drawn or read" in earlier.problems[0].message
    assert on_the_day.status == "accepted"


# ---------------------------------------------------------------- values


def test_values_are_typed_and_exact(home: Home, write: Write) -> None:
    file = write(counts("N1,2024-04-17,W03,1204,0.1,"))

    checked = check_file(file, rulebook(home))

    accepted = checked.accepted
    assert accepted.to_pylist()[0] | {"note": None} == {
        "team_id": "N1",
        "month": datetime.date(2024, 4, 1),
        "measure_id": "W03",
        "numerator": 1204,
        "denominator": pa.scalar("0.1000").cast(pa.decimal128(18, 4)).as_py(),
        "suppressed": False,
        "submitted_by_role": None,
        "submitted_on": None,
        "note": None,
    }
    assert not any(pa.types.is_floating(kind) for kind in accepted.schema.types)


@pytest.mark.parametrize(
    ("order", "received"),
    [("dmy", datetime.datetime(2024, 2, 1)), ("mdy", datetime.datetime(2024, 1, 2))],
)
def test_dates_that_can_be_read_two_ways_are_asked_about(
    home: Home, write: Write, order: str, received: datetime.datetime
) -> None:
    file = write(REFERRALS.format("01/02/2024", "03/04/2024", "05/06/2024"))

    asked = check_file(file, rulebook(home)).report
    answered = check_file(file, rulebook(home), Stated(dates=order))  # type: ignore[arg-type]

    assert rules(asked) == ["ambiguous_dates", "ambiguous_dates"]
    assert [problem.column for problem in asked.problems] == ["received_at", "closed_on"]
    assert f"--dates {order}" in asked.problems[0].message
    assert answered.report.status == "accepted"
    assert answered.accepted.column("received_at")[0].as_py() == received


def test_a_column_that_mixes_orders_of_dates_is_refused(check: Check) -> None:
    report = check(REFERRALS.format("13/02/2024", "2024-04-01", "02/14/2024"))

    assert rules(report) == ["mixed_dates"]


def test_an_answer_settles_a_column_that_seems_mixed(check: Check) -> None:
    report = check(REFERRALS.format("13/02/2024", "", "02/14/2024"), dates="dmy")

    assert places(report) == [(3, "received_at")]


def test_day_numbers_of_a_spreadsheet_are_dates(home: Home, write: Write) -> None:
    file = write(REFERRALS.format("45383.395833333", "45400", "45384"))

    accepted = check_file(file, rulebook(home)).accepted

    assert accepted.column("received_at").to_pylist() == [
        datetime.datetime(2024, 4, 1, 9, 30),
        datetime.datetime(2024, 4, 2),
    ]
    assert accepted.column("closed_on")[0].as_py() == datetime.date(2024, 4, 18)


@pytest.mark.parametrize("placeholder", ["01/01/1900", "31/12/9999", "1899-12-30", "1970-01-01"])
def test_dates_that_stand_for_no_date_become_blank(check: Check, placeholder: str) -> None:
    report = check(REFERRALS.format("2024-04-01", placeholder, "2024-04-02"))

    assert report.status == "accepted"
    assert report.fixes == {"placeholder_date": 1}


# ---------------------------------------------------------------- workbooks


def rows_of(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines()]


def test_a_workbook_is_read_like_a_text_file(check: Check, workbook: Write) -> None:
    header = [*COUNTS.split(","), "submitted_on"]
    april, may = datetime.date(2024, 4, 1), datetime.datetime(2024, 5, 3)

    report = check(
        workbook(
            Counts=[
                ["Counts by team"],
                [],
                header,
                ["N1", april, "W03", 5, 10.5, None, may],
                [None] * 7,
                ["N2", april, "W03", "many", 12, "fine", may],
            ]
        )
    )

    assert (report.rows_in_file, report.rows_accepted) == (2, 1)
    assert places(report) == [(6, "numerator")]


def test_a_sheet_without_a_table_is_passed_over_with_a_warning(
    check: Check, workbook: Write
) -> None:
    report = check(workbook(Contents=[["See the next sheet"]], Counts=rows_of(counts())))

    assert report.rows_accepted == 2
    assert report.warnings == ["The sheet Contents holds no table and was not read."]


def test_sheets_of_one_table_are_read_one_after_the_other(check: Check, workbook: Write) -> None:
    turned = [list(reversed(row)) for row in rows_of(counts("N2,2024-05,W03,many,1,x"))]

    report = check(
        workbook(
            April=rows_of(counts()),
            May=[["May"], [], *rows_of(counts("N1,2024-05,W03,5,10,", "N1,2024,W03,1,2,"))],
            June=turned,
            Empty=[],
        )
    )

    assert (report.rows_in_file, report.rows_accepted, report.rows_held) == (5, 3, 2)
    assert report.sheets == ("April", "May", "June")
    assert [(problem.sheet, problem.row) for problem in report.problems] == [
        ("May", 5),
        ("June", 2),
    ]
    assert "row 5 of the sheet May, month: " in report.as_text()


TEAMS = "team_id,name,locality_id,valid_from\nN9,North nine,N,2024-01-01\n"


def test_each_table_of_a_workbook_is_checked_as_its_own_file_would_be(
    home: Home, workbook: Write
) -> None:
    book = workbook(
        Counts=rows_of(counts("N9,2024-04,W03,5,10,", "N1,2024-04,W03,many,10,")),
        Notes=[["See the other sheets"]],
        Teams=rows_of(TEAMS),
    )

    teams, submitted = check_files(home, [book])

    assert (teams.table, teams.status, teams.sheets) == ("team", "accepted", ("Teams",))
    # The list came first, though its sheet is the last: its team is known.
    assert (submitted.table, submitted.rows_accepted) == ("aggregate_submission", 1)
    assert places(submitted) == [(3, "numerator")]
    assert teams.warnings == ["The sheet Notes holds no table and was not read."]
    assert submitted.warnings == []


def test_sheets_with_names_and_no_rows_are_left_unread(check: Check, workbook: Write) -> None:
    names, blank = rows_of(counts())[0], [None] * 6
    empty = [names, *[blank] * 50]

    filled = check(workbook(April=empty, May=[*empty, *rows_of(counts())[1:]], Teams=[["team_id"]]))
    nothing = check(workbook(April=empty, May=[names]))

    assert (filled.rows_accepted, filled.sheets) == (2, ("May",))
    assert "There are column names and no rows on April." in filled.warnings
    assert rules(nothing) == ["no_rows"]


def test_a_sheet_that_nearly_is_a_table_is_passed_over_with_the_reason(
    check: Check, workbook: Write
) -> None:
    report = check(
        workbook(April=rows_of(counts()), May=rows_of(counts(header=COUNTS.replace("th", "ht"))))
    )

    assert report.rows_accepted == 2
    assert report.warnings[0].startswith("The sheet May was not read. No table fits these columns.")
    assert "no column month" in report.warnings[0]


def test_where_one_table_is_asked_for_a_workbook_of_two_is_refused(
    home: Home, workbook: Write
) -> None:
    book = workbook(Counts=rows_of(counts()), Teams=rows_of(TEAMS))

    report = check_file(book, rulebook(home)).report

    assert rules(report) == ["several_tables"]
    assert "Counts and Teams" in report.problems[0].message


def test_where_no_sheet_can_be_read_each_says_why(check: Check, workbook: Write) -> None:
    report = check(
        workbook(
            Contents=[["See the next sheet"]],
            Counts=rows_of(counts(header=COUNTS.replace("month", "period"))),
        )
    )

    assert rules(report) == ["unknown_table", "unknown_table"]
    assert report.problems[0].message.startswith("Sheet Contents: No row")
    assert "Sheet Counts: " in report.problems[1].message
    assert "no column month" in report.problems[1].message


def test_which_table_a_file_holds_is_told_from_any_of_its_sheets(
    home: Home, write: Write, workbook: Write
) -> None:
    here = rulebook(home)
    book = workbook(Contents=[["See the next sheet"]], Counts=rows_of(counts()))

    assert table_of(book, here) == "aggregate_submission"
    assert table_of(write("name,colour\na,b\n"), here) is None
    assert table_of(home.path / "missing.csv", here) is None


def test_without_a_partnership_the_shipped_rules_hold(nowhere: Home) -> None:
    here = Rulebook.of(nowhere)

    assert here.today == datetime.date.today()
    assert "referral" in here.contracts
    assert not nowhere.path.exists()


def test_rows_of_data_above_the_column_names_are_never_passed_over_in_silence(
    check: Check,
) -> None:
    above = ["N1,2024-01,W03,5,10,", "N1,2024-02,W03,5,10,", "N1,2024-03,W03,5,10,"]

    two, three = (check("\n".join([*above[:n], counts()])) for n in (2, 3))

    assert two.rows_accepted == 2
    assert two.warnings == [
        "Rows 1, 2 above the column names (row 3) may be data, and nothing above the names is read."
    ]
    assert rules(three) == ["rows_above_header"]
    assert three.rows_in_file == 5


def test_a_row_of_words_above_the_column_names_is_a_title(check: Check) -> None:
    report = check("\n".join(["Team,Month,Measure,How many,Of how many,Note", counts()]))

    assert (report.rows_accepted, report.warnings) == (2, [])


# ---------------------------------------------------------------- files damaged at random

WHOLE = """\
team_id,month,measure_id,numerator,denominator,suppressed,note,comment
N1,2024-04,W03,5,10.5,no,"one, two",x
N2,2024-04,W03,6,12,,,
S1,2024-04,W03,<5,*,,fine,"a, b"
N1,2024-05,W03,"1,204",2000,yes,,y
N2,2024-05,W03,8,16,no,"said ""no"" twice",
S1,2024-05,W03,9,18,no,,z
"""
DELIMITERS_IN_A_ROW = 7
PIECES = (",", ";", "\t", '"', '""', "'", "\n", "\r\n", "\r", '"\n', '\n"', ",,,", " ", "\x00", "é")
BYTES = (0x00, 0x0B, 0x22, 0x2C, 0x3B, 0x41, 0x5C, 0x85, 0x93, 0xC3, 0xE2, 0xFF)

damage = st.one_of(
    st.tuples(st.just("byte"), st.integers(0, len(WHOLE)), st.sampled_from(BYTES)),
    st.tuples(st.just("insert"), st.integers(0, len(WHOLE)), st.sampled_from(PIECES)),
    st.tuples(st.just("cut"), st.integers(0, len(WHOLE)), st.integers(1, 40)),
    st.tuples(st.just("drop line"), st.integers(0, 6), st.just(0)),
    st.tuples(st.just("repeat line"), st.integers(1, 6), st.integers(1, 7)),
    st.tuples(st.just("stray quotes"), st.integers(0, 5), st.integers(0, 7)),
)


def damaged(content: bytes, kind: str, at: int, what: int | str) -> bytes:
    if kind == "insert":
        return content[:at] + str(what).encode() + content[at:]
    if kind == "byte":
        return content[:at] + bytes([int(what)]) + content[at + 1 :]
    if kind == "cut":
        return content[:at] + content[at + int(what) :]
    lines = content.splitlines(keepends=True)
    if kind == "repeat line":
        lines[int(what) : int(what)] = lines[at : at + 1]
    elif kind == "drop line":
        del lines[at : at + 1]
    else:
        # A cell is opened in one line and closed after the same column of the next.
        for place, sides in ((at, b'"%s'), (at + 1, b'%s"')):
            cells = lines[place].split(b",") if place < len(lines) else []
            if int(what) < len(cells) - 1:
                cells[int(what)] = sides % cells[int(what)]
                lines[place] = b",".join(cells)
    return b"".join(lines)


def whole_lines(content: bytes) -> int:
    """Return how many lines hold a whole row's delimiters, or more; no CSV parser is asked."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    lines = re.split(r"\r\n|\r|\n", text)
    return sum(
        line.count(",") >= DELIMITERS_IN_A_ROW and bool(line.strip(' \t,;|"')) for line in lines
    )


@pytest.fixture(scope="module")
def check_content(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], Checked]:
    folder = tmp_path_factory.mktemp("damaged")
    rules_here = rulebook(set_up(folder / "home"))

    def _check(content: bytes) -> Checked:
        file = folder / "damaged.csv"
        file.write_bytes(content)
        return check_file(file, rules_here)

    return _check


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(damages=st.lists(damage, min_size=1, max_size=4))
def test_a_damaged_file_is_read_whole_or_refused(
    damages: list[tuple[str, int, int | str]], check_content: Callable[[bytes], Checked]
) -> None:
    content = WHOLE.encode()
    for kind, at, what in damages:
        content = damaged(content, kind, at, what)

    checked = check_content(content)

    report = checked.report
    assert adds_up(report)
    if report.status == "refused":
        assert report.problems
        assert all(problem.message for problem in report.problems)
    else:
        assert report.rows_in_file >= whole_lines(content) - len(["the header"])
        assert checked.accepted.num_rows == report.rows_accepted
        assert checked.held.num_rows == report.rows_held


def test_the_file_that_is_damaged_at_random_is_sound(
    check_content: Callable[[bytes], Checked],
) -> None:
    report = check_content(WHOLE.encode()).report

    assert report.status == "accepted"
    assert report.rows_in_file == whole_lines(WHOLE.encode()) - 1 == 6
