"""A second reading of a file, to judge the first by: slow, obvious, and sharing no line with it.

It is only right for the files that `mutated_files` makes, whose delimiter and columns it is told.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

import duckdb

LOOKED_AT = 30
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class UnreadableError(Exception):
    """The file is not what it says it is, and nothing can be said about its rows."""


@dataclass(frozen=True)
class Row:
    """One row: the number of its first line, and its cells."""

    number: int
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True)
class Reading:
    """The rows below and above the header that are not blank, and what it calls each column."""

    header: list[str]
    rows: list[Row]
    above: list[Row]

    def cell(self, row: Row, name: str) -> str | None:
        """Return the trimmed cell of a column, or None where there is no such column."""
        if name not in self.header:
            return None
        at = self.header.index(name)
        return row.cells[at].strip() if at < len(row.cells) else ""


def text_of(content: bytes) -> str:
    """Return a file's text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def read_text(text: str, delimiter: str) -> list[Row]:
    """Return every row of a text, letter by letter.

    Raises:
        UnreadableError: If a quotation mark is not closed, or closed in the middle of a cell.
    """
    rows: list[Row] = []
    cells: list[str] = []
    cell: list[str] = []
    line = first = 1
    state = "start"
    at = 0
    while at < len(text):
        letter = text[at]
        ends = letter in "\r\n"
        if ends and text[at : at + 2] == "\r\n":
            letter = "\r\n"
        at += len(letter)
        if state == "quoted":
            if letter == '"' and text[at : at + 1] == '"':
                cell.append('"')
                at += 1
            elif letter == '"':
                state = "closed"
            else:
                cell.append(letter)
                line += ends
        elif ends:
            rows.append(Row(first, [*cells, "".join(cell)]))
            cells, cell, state = [], [], "start"
            line += 1
            first = line
        elif letter == delimiter:
            cells.append("".join(cell))
            cell, state = [], "start"
        elif state == "closed":
            raise UnreadableError(f"something after a closing quotation mark in line {line}")
        elif state == "start" and letter == '"':
            state = "quoted"
        elif state != "start" or letter != " ":
            cell.append(letter)
            state = "plain"
    if state == "quoted":
        raise UnreadableError(f"a quotation mark opened in line {first} is not closed")
    if cells or cell or state != "start":
        rows.append(Row(first, [*cells, "".join(cell)]))
    return rows


def read_workbook(content: bytes) -> list[list[Row]]:
    """Return the rows of each sheet of a workbook, as its XML has them.

    Raises:
        UnreadableError: If it is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [n for n in archive.namelist() if re.fullmatch(r"xl/worksheets/\w+\.xml", n)]
            shared: list[str] = []
            if "xl/sharedStrings.xml" in archive.namelist():
                strings = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
                for item in strings.iter(f"{_MAIN}si"):
                    shared.append("".join(part.text or "" for part in item.iter(f"{_MAIN}t")))
            sheets = [ElementTree.fromstring(archive.read(name)) for name in sorted(names)]
        return [_rows_of_xml(sheet, shared) for sheet in sheets]
    except (zipfile.BadZipFile, ElementTree.ParseError, ValueError, KeyError, IndexError) as error:
        raise UnreadableError(str(error)) from error
    except (OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise UnreadableError(str(error)) from error


def _rows_of_xml(sheet: ElementTree.Element, shared: Sequence[str]) -> list[Row]:
    rows = []
    number = 0
    for row in sheet.iter(f"{_MAIN}row"):
        number = int(row.get("r", number + 1))
        cells: list[str] = []
        for cell in row.iter(f"{_MAIN}c"):
            letters = re.match(r"[A-Z]+", cell.get("r", ""))
            place = len(cells) + 1
            if letters:
                place = 0
                for letter in letters.group():
                    place = place * 26 + ord(letter) - 64
            cells += [""] * (place - len(cells))
            value = cell.findtext(f"{_MAIN}v") or ""
            if cell.get("t") == "s" and value:
                value = shared[int(value)]
            if cell.get("t") == "inlineStr":
                value = "".join(part.text or "" for part in cell.iter(f"{_MAIN}t"))
            cells[place - 1] = value
        rows.append(Row(number, cells))
    return rows


def rows_of_parquet(path: str) -> int:
    """Return how many rows DuckDB finds in a Parquet file that are not blank throughout.

    Raises:
        UnreadableError: If it finds the file damaged.
    """
    try:
        with duckdb.connect() as connection:
            sql = "SELECT * FROM read_parquet(?)"
            rows = connection.execute(sql, [path]).fetchall()
    except duckdb.Error as error:
        raise UnreadableError(str(error)) from error
    return sum(any(value is not None and str(value).strip() for value in row) for row in rows)


def below_the_header(
    rows: Sequence[Row], known: frozenset[str], required: frozenset[str]
) -> Reading:
    """Return the rows below the one that names the most known columns, the first of these.

    A row that does not name those required names none.
    """
    named = [[_plain(cell) for cell in row.cells] for row in rows[:LOOKED_AT]]
    scores = [len(known.intersection(names)) * (required <= {*names}) for names in named]
    at = scores.index(max(scores))
    below, above = (
        [row for row in part if not row.is_blank] for part in (rows[at + 1 :], rows[:at])
    )
    return Reading(named[at], below, above)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.strip().casefold()).strip("_")
