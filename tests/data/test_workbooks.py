"""Excel workbooks become rows of text, or are refused."""

import datetime
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from data import workbooks
from data.reading import Source
from data.report import Report
from tests.data.read_files import (
    ALL,
    lines,
    one_sheet,
    refused,
    saved,
    with_headers_changed,
    with_part_changed,
    with_sheet_changed,
)

Write = Callable[..., Path]
Check = Callable[..., Report]

CELLS = [
    ("N1", "N1"),
    (None, ""),
    (5, "5"),
    (5.0, "5"),
    (0.1, "0.1"),
    (1204.25, "1204.25"),
    (True, "true"),
    (False, "false"),
    (datetime.date(2024, 4, 1), "2024-04-01"),
    (datetime.datetime(2024, 4, 1), "2024-04-01"),
    (datetime.datetime(2024, 4, 1, 9, 30), "2024-04-01 09:30:00"),
]


def test_cells_of_a_workbook_become_text(write: Write) -> None:
    path = write(one_sheet([cell for cell, _ in CELLS]), "book.xlsx")

    assert lines(path) == [(1, [text for _, text in CELLS])]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (4.440892098500626e-16, "0.0000000000000004440892098500626"),
        (-0.00001, "-0.00001"),
        (9434765919.0, "9434765919"),
        (123456789012345.0, "123456789012345"),
        (1.5e20, "1.5e+20"),
    ],
)
def test_only_numbers_whose_digits_are_lost_are_written_short(
    write: Write, number: float, text: str
) -> None:
    assert lines(write(one_sheet([number]), "book.xlsx")) == [(1, [text])]


def test_rows_of_a_workbook_keep_their_numbers(write: Write) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0]["B2"] = "title"
    book.worksheets[0]["A5"] = "a"

    read = lines(write(saved(book), "book.xlsx"))

    assert [(number, cells) for number, cells in read if any(cells)] == [
        (2, ["", "title"]),
        (5, ["a"]),
    ]


def test_the_kind_of_a_file_is_told_from_its_content_not_its_name(write: Write) -> None:
    assert lines(write(one_sheet(["a", 1]), "counts.csv")) == [(1, ["a", "1"])]
    assert lines(write("a,1\n", "counts.xlsx")) == [(1, ["a", "1"])]


def test_each_sheet_is_given_with_its_name(workbook: Write) -> None:
    path = workbook(First=[["a"]], Second=[["b"], ["c"]])

    tables = Source(path).tables
    sheets = [(table.name, [list(line.cells) for line in table.first(ALL)]) for table in tables]

    assert sheets == [("First", [["a"]]), ("Second", [["b"], ["c"]])]


DAMAGED = {
    "cut short": one_sheet(["a", 1])[:-200],
    "not an archive at all": b"PK\x03\x04" + bytes(200),
    "a sheet that is no XML": with_sheet_changed(b"<row", b"<<row"),
    "a cell that is nowhere": with_sheet_changed(b'r="A1"', b'r="1A1"'),
    "a part with a password": with_headers_changed(8, 1),
    "a compression that nobody knows": with_headers_changed(10, 99),
    "a version that nobody knows": with_headers_changed(6, 175),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_damaged_workbooks_are_refused(write: Write, content: bytes) -> None:
    assert refused(write(content, "book.xlsx")) == "damaged_file"


def test_a_workbook_that_claims_a_row_beyond_the_last_is_refused(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = with_sheet_changed(b'<row r="1"', b'<row r="99999999"')
    # Reading up to the last row that Excel has takes seconds; a smaller one does as well.
    monkeypatch.setattr(workbooks, "LAST_ROW_IN_A_WORKBOOK", 1_000)

    assert refused(write(content, "book.xlsx")) == "damaged_file"


def merged_book(rows: list[list[object]], *ranges: str) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    for cells in ranges:
        book.worksheets[0].merge_cells(cells)
    return saved(book)


def test_a_value_merged_down_over_rows_belongs_to_each_of_them(write: Write) -> None:
    rows: list[list[object]] = [["team", "n"], ["N1", 1], [None, 2], [None, None], ["N2", 4]]
    path = write(merged_book(rows, "A2:A4"), "book.xlsx")

    # A row that has nothing of its own stays blank.
    assert [cells for _, cells in lines(path)] == [
        ["team", "n"],
        ["N1", "1"],
        ["N1", "2"],
        [],
        ["N2", "4"],
    ]


def test_a_value_merged_over_columns_belongs_to_the_first(write: Write) -> None:
    path = write(merged_book([["x", None, 1], [None, None, 2]], "A1:B2"), "book.xlsx")

    assert [cells for _, cells in lines(path)] == [["x", "", "1"], ["x", "", "2"]]


def test_merged_titles_and_a_header_of_two_rows_do_no_harm(check: Check, write: Write) -> None:
    rows: list[list[object]] = [
        ["Counts by team", *[None] * 5],
        ["team_id", "month", "measure_id", "Counts", None, None],
        [None, None, None, "numerator", "denominator", "note"],
        ["N1", "2024-04", "W03", 5, 10, None],
        [None, "2024-05", "W03", 6, 12, None],
    ]
    ranges = ("A1:F1", "A2:A3", "B2:B3", "C2:C3", "D2:F2", "A4:A5")

    report = check(write(merged_book(rows, *ranges), "book.xlsx"))

    assert (report.status, report.rows_in_file, report.rows_accepted) == ("accepted", 2, 2)
    assert report.covers is not None
    assert report.covers.areas == ("N1",)


REPEATED = {
    "a row twice": (b"</row>", b'</row><row r="1"><c r="A1"><v>7</v></c></row>'),
    "a cell twice": (b'<c r="B1"', b'<c r="A1"'),
}


@pytest.mark.parametrize(("old", "new"), REPEATED.values(), ids=REPEATED.keys())
def test_rows_and_cells_that_openpyxl_would_pass_over_refuse_the_workbook(
    write: Write, old: bytes, new: bytes
) -> None:
    assert refused(write(with_sheet_changed(old, new), "book.xlsx")) == "damaged_file"


def test_a_sheet_that_nothing_points_to_any_more_refuses_the_workbook(write: Write) -> None:
    target = b"worksheets/sheet1.xml"
    content = with_part_changed("xl/_rels/workbook.xml.rels", target, target.replace(b"1", b"8"))

    assert refused(write(content, "book.xlsx")) == "damaged_file"


def test_cells_far_to_the_right_in_every_row_are_not_waited_for(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "MOST_CELLS_BEYOND", 100_000)
    far = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (n, n) for n in range(2, 9))

    content = with_sheet_changed(b"</sheetData>", far + b"</sheetData>")

    assert refused(write(content, "book.xlsx")) == "damaged_file"


def test_entities_that_grow_without_end_are_refused(write: Write) -> None:
    grows = b"".join(
        b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"x" * 10) for n in range(12)
    )
    content = with_sheet_changed(b"<worksheet", b"<!DOCTYPE worksheet [%s]><worksheet" % grows)
    content = with_sheet_changed(b"<v>1</v>", b"<v>&e11;</v>", content)

    assert refused(write(content, "book.xlsx")) == "damaged_file"


def test_a_workbook_of_the_strict_kind_is_refused_with_what_to_do(write: Write) -> None:
    strict = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    content = with_part_changed(
        "xl/workbook.xml", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", strict
    )

    assert refused(write(content, "book.xlsx")) == "wrong_kind"
