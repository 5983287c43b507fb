"""Bytes become rows of text that keep the numbers the sender sees, or are refused."""

import datetime
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from data import workbooks
from data.reading import MOST_BYTES, Source
from data.report import FileRefusedError
from data.sheet import MOST_COLUMNS, ROWS_AT_A_TIME, Line, read_sheet

Write = Callable[..., Path]
ALL = 10_000_000


def lines(path: Path) -> list[tuple[int, list[str]]]:
    """Return the number and cells of each line of a file with one sheet."""
    (table,) = Source(path).tables
    return [(line.number, list(line.cells)) for line in table.first(ALL)]


def refused(path: Path) -> str:
    """Return the rule by which a file is refused, wherever in it the fault lies."""
    with pytest.raises(FileRefusedError) as raised:
        for table in Source(path).tables:
            table.first(ALL)
    (problem,) = raised.value.problems
    assert problem.message.endswith(".")
    return problem.rule


def saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def one_sheet(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    return saved(book)


def with_sheet_changed(old: bytes, new: bytes) -> bytes:
    """Return a workbook in whose first sheet something was replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(one_sheet(["a", 1]))) as before,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            part = before.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert old in part
                part = part.replace(old, new)
            after.writestr(name, part)
    return stream.getvalue()


def with_headers_changed(at: int, value: int) -> bytes:
    """Return a workbook with a number changed in what its archive says of every part."""
    content = bytearray(one_sheet(["a", 1]))
    for mark, place in ((b"PK\x01\x02", at), (b"PK\x03\x04", at - 2)):
        start = content.find(mark)
        while start >= 0:
            content[start + place] = value
            start = content.find(mark, start + 4)
    return bytes(content)


# ---------------------------------------------------------------- text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_letters_survive_every_encoding(write: Write, encoding: str) -> None:
    path = write("team,note\nN1,“café” – 5 €\n".encode(encoding))

    assert lines(path) == [(1, ["team", "note"]), (2, ["N1", "“café” – 5 €"])]


def test_what_is_not_utf_8_is_windows_1252(write: Write) -> None:
    path = write("team,note\nN1,“café” – 5 €\n".encode("cp1252"))

    assert lines(path)[1] == (2, ["N1", "“café” – 5 €"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_whatever_the_cells_hold(write: Write, delimiter: str) -> None:
    rows = [["team", "note", "n"], ["N1", '"a, b; c | d"', "1"], ["N2", '"e, f"', "2"]]
    path = write("A title, with commas\n" + "".join(delimiter.join(row) + "\n" for row in rows))

    assert lines(path)[1:] == [
        (2, ["team", "note", "n"]),
        (3, ["N1", "a, b; c | d", "1"]),
        (4, ["N2", "e, f", "2"]),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_row_has_the_number_of_its_first_line(write: Write, end: str) -> None:
    path = write(end.join(["a,b", '1,"two', "", 'lines"', "", "3,4"]))

    assert lines(path) == [
        (1, ["a", "b"]),
        (2, ["1", f"two{end}{end}lines"]),
        (5, []),
        (6, ["3", "4"]),
    ]


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ('a,b\n1,2\n3,"open\n4,5\n', 3),
        ('a,b\n1,2\n"x" y,3\n', 3),
        ('a,b\n"one\ntwo",2\n"x"y,3\n', 4),
    ],
)
def test_a_row_that_cannot_be_read_is_named(write: Write, content: str, row: int) -> None:
    with pytest.raises(FileRefusedError) as raised:
        lines(write(content))

    (problem,) = raised.value.problems
    assert (problem.rule, problem.row) == ("damaged_row", row)


def test_half_a_letter_of_utf_16_is_refused(write: Write) -> None:
    assert refused(write("a,b\n1,2\n".encode("utf-16") + b"\x00")) == "not_text"


# ---------------------------------------------------------------- workbooks


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


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "files.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("counts.csv", "a,b\n1,2\n")

    assert refused(path) == "wrong_kind"


def test_an_archive_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(20_000_000))

    assert refused(path) == "too_large"


def test_a_file_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)

    assert refused(path) == "too_large"


# ---------------------------------------------------------------- rows under a header


def sheet_of(*rows: list[str], header: int = 1) -> tuple[Line, list[Line]]:
    read = [Line(number, cells, number) for number, cells in enumerate(rows, start=header)]
    return read[0], read[1:]


def test_blank_rows_are_no_rows() -> None:
    sheet = read_sheet(*sheet_of(["a", "b"], ["1", "2"], [], ["", " \t"], ["3", "4"], header=4))

    assert sheet.numbers.tolist() == [5, 8]
    assert [column.to_pylist() for column in sheet.columns] == [["1", "3"], ["2", "4"]]


def test_short_and_wide_rows_keep_what_fits() -> None:
    sheet = read_sheet(*sheet_of(["a", "b"], ["1"], ["2", "3", "", "4"], ["5", "6", " ", ""]))

    assert [column.to_pylist() for column in sheet.columns] == [["1", "2", "5"], ["", "3", "6"]]
    assert sheet.widths.tolist() == [1, 4, 2]


def test_blank_names_far_to_the_right_are_passed_over() -> None:
    header = ["a", *[""] * 16_000]

    assert read_sheet(*sheet_of(header, ["1", *[""] * 16_000])).columns[0].to_pylist() == ["1"]
    with pytest.raises(FileRefusedError, match=f"at most {MOST_COLUMNS} are read"):
        read_sheet(*sheet_of([*header, "z"], ["1"]))


def test_rows_are_kept_in_order_over_many_blocks() -> None:
    header, rows = sheet_of(["a"], *([str(n)] for n in range(2 * ROWS_AT_A_TIME + 3)))

    sheet = read_sheet(header, rows)

    assert sheet.columns[0].to_pylist() == [str(n) for n in range(2 * ROWS_AT_A_TIME + 3)]
    assert sheet.numbers.tolist() == list(range(2, 2 * ROWS_AT_A_TIME + 5))


def test_a_sheet_without_some_rows_keeps_what_is_known_of_the_others() -> None:
    rows = [Line(2, ["1"], 2), Line(3, ["two\nlines"], 4), Line(5, ["3", "more"], 5)]
    sheet = read_sheet(Line(1, ["a"], 1), rows)

    kept = sheet.take(np.array([False, True, True]))

    assert kept.columns[0].to_pylist() == ["two\nlines", "3"]
    assert kept.numbers.tolist() == [3, 5]
    assert kept.widths.tolist() == [1, 2]
    assert kept.spans == {0: 2}


def test_letters_that_are_half_letters_are_refused() -> None:
    with pytest.raises(FileRefusedError, match="Some letters are damaged"):
        read_sheet(*sheet_of(["a"], ["\ud800"]))
