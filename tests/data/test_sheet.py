"""Rows under a header become columns of text."""

import numpy as np
import pytest

from data.report import FileRefusedError
from data.sheet import MOST_COLUMNS, ROWS_AT_A_TIME, Line, read_sheet


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
