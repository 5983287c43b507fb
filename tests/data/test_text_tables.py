"""Text becomes rows: quickly or carefully, and the same either way."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import text_tables
from data.report import FileRefusedError
from data.text_tables import MOST_IN_A_LINE, TextTable
from tests.data.read_files import lines, refused

Write = Callable[..., Path]


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


@pytest.mark.parametrize("delimiter", ["^", "~", ":"])
def test_any_delimiter_that_splits_the_rows_evenly_is_found(write: Write, delimiter: str) -> None:
    rows = [["team", "note", "n"], ["N1", "one, two", "1"], ["N2", "three", "2"]]

    path = write("\n".join(delimiter.join(row) for row in rows))

    assert [cells for _, cells in lines(path)] == rows


def test_times_do_not_make_a_colon_a_delimiter(write: Write) -> None:
    path = write("team,at\nN1,2024-04-01 09:30:15\nN2,2024-04-02 10:30:15\n")

    assert lines(path)[1] == (2, ["N1", "2024-04-01 09:30:15"])


def test_a_file_may_say_what_its_delimiter_is(write: Write) -> None:
    path = write("sep=;\nteam;a,b,c\nN1;1,2,3\n")

    assert lines(path)[1:] == [(2, ["team", "a,b,c"]), (3, ["N1", "1,2,3"])]


def test_a_line_longer_than_any_table_has_is_refused(write: Write) -> None:
    assert refused(write("a,b\n" + "," * (MOST_IN_A_LINE + 1))) == "line_too_long"


# ---------------------------------------------------------------- quick and careful

PIECES = (
    *("a", "bc", "1", "é", "€", " ", "  ", ",", ",", ",", ";", '"', '"', '""', '","', ',"'),
    *(
        '",',
        '"a""b"',
        '"""",',
        '""" "',
        "\n",
        "\n",
        "\n",
        "\r\n",
        "\r",
        '"\n',
        '\n"',
        "\t",
        "\xa0",
        "\u2028",
        "x" * 300,
        "''",
    ),
)
tables = st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), max_size=12)


def outcome(content: bytes, *, careful: bool) -> object:
    """Return everything that reading a file under its first row gives, or why it is refused."""
    table = TextTable(content)
    try:
        (header,) = table.first(1)
        sheet = table.read(header, careful=careful)
    except FileRefusedError as refusal:
        return refusal.problems
    columns = [column.to_pylist() for column in sheet.columns]
    return sheet.header, columns, sheet.numbers.tolist(), sheet.widths.tolist(), sheet.spans


@settings(max_examples=600, deadline=None)
@given(rows=tables, end=st.sampled_from(["\n", "\r\n", "\r"]), bytes_at_a_time=st.integers(1, 60))
def test_quick_reading_gives_what_careful_reading_gives(
    rows: list[str], end: str, bytes_at_a_time: int
) -> None:
    content = end.join(["a,b,c", *rows]).encode()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_tables, "BYTES_AT_A_TIME", bytes_at_a_time)
        quick = outcome(content, careful=False)

    assert quick == outcome(content, careful=True)


cell = st.text(st.sampled_from('ab ,;"\n€'), max_size=6)


@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=12),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    bytes_at_a_time=st.integers(1, 60),
)
def test_quick_reading_gives_the_cells_that_were_written(
    rows: list[list[str]], quoting: Literal[0, 1], end: str, bytes_at_a_time: int
) -> None:
    stream = io.StringIO()
    csv.writer(stream, quoting=quoting, lineterminator=end).writerows([["a", "b", "c"], *rows])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_tables, "BYTES_AT_A_TIME", bytes_at_a_time)
        table = TextTable(stream.getvalue().encode())
        table.delimiter = ","
        sheet = table.read(table.first(1)[0])

    # Spaces at an end are trimmed by whoever reads the column; blank rows are none.
    expected = [[text.strip(" ") for text in row] for row in rows if any(map(str.strip, row))]
    read = [[text.strip(" ") for text in column.to_pylist()] for column in sheet.columns]
    assert [list(row) for row in zip(*read, strict=True)] == expected


def test_rows_keep_their_numbers_over_many_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_tables, "BYTES_AT_A_TIME", 1_000)
    rows = [f"{n},x" if n % 7 else f'"{n}","two\nlines"\n' for n in range(2_000)]

    table = TextTable("\n".join(["n,word", *rows]).encode())
    sheet = table.read(table.first(1)[0])

    assert sheet.columns[0].to_pylist() == [str(n) for n in range(2_000)]
    starts, line = [], 2
    for row in rows:
        starts.append(line)
        line += row.count("\n") + 1
    assert sheet.numbers.tolist() == starts
    assert len(sheet.spans) == len(range(0, 2_000, 7))
