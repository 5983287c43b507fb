"""Excel workbooks (.xlsx): each sheet becomes rows of text, a merged value in each of its rows."""

import datetime
import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice, pairwise
from typing import Any

import openpyxl
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._reader import WorkSheetParser

from data.file_kinds import refuse_other_archives
from data.report import FileRefusedError
from data.sheet import MOST_COLUMNS, Line, Sheet, read_sheet

# A workbook is a compressed archive: a small one can hold far more than it seems to. Real ones
# unpack to 5 or 20 times their size.
MOST_UNPACKED = 500_000_000
MOST_TIMES_UNPACKED = 100
# Excel has no row beyond this one; only a damaged workbook says so.
LAST_ROW_IN_A_WORKBOOK = 1_048_576
# Cells to the right of all that are read, in the whole sheet. Formats alone can make some.
MOST_CELLS_BEYOND = 20_000_000
_BYTES_AT_A_TIME = 1_000_000
_LONGEST_TAG = 200
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}[0-9]+:[A-Z]{1,3}[0-9]+)"')
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_STRICT = b"http://purl.oclc.org/ooxml/"

# What openpyxl raises on a workbook that somebody or something has damaged.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    SyntaxError,
    OverflowError,
    RuntimeError,
)
_UNREADABLE = "The workbook cannot be read. Open it in Excel, save it as CSV, and send that."


@contextmanager
def _reading_a_workbook() -> Iterator[None]:
    with warnings.catch_warnings():
        # openpyxl warns of styles and drop-downs that it passes over; no value is touched by them.
        warnings.simplefilter("ignore")
        try:
            yield
        except _DAMAGE as error:
            raise FileRefusedError.of("damaged_file", _UNREADABLE) from error


def open_workbook(content: bytes) -> list["WorkbookTable"]:
    """Return the sheets of a workbook, in order.

    Raises:
        FileRefusedError: If it is damaged, too large, or no .xlsx workbook.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            refuse_other_archives(archive)
            unpacked = sum(part.file_size for part in archive.infolist())
            most = min(MOST_UNPACKED, MOST_TIMES_UNPACKED * len(content))
            # More than it says comes out of no part: the standard library stops there.
            if unpacked > most:
                raise FileRefusedError.of(
                    "too_large",
                    f"The workbook unpacks to {unpacked / 1e6:,.0f} MB. At most"
                    f" {MOST_UNPACKED / 1e6:,.0f} MB are read, and {MOST_TIMES_UNPACKED} times its"
                    " size. Send the table as CSV.",
                )
            sheets = sum(bool(_SHEET.fullmatch(name)) for name in archive.namelist())
            if _STRICT in archive.read("xl/workbook.xml"):
                raise FileRefusedError.of(
                    "wrong_kind",
                    "This is a workbook saved as Strict Open XML. Open it in Excel and choose File"
                    " > Save As, Excel Workbook (.xlsx), and send it again.",
                )
    except _DAMAGE as error:
        raise FileRefusedError.of(
            "damaged_file", "The workbook is damaged. Save it again and send it again."
        ) from error
    with _reading_a_workbook():
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        if len(book.worksheets) < sheets:
            # openpyxl passes over a sheet to which nothing in the workbook points any more.
            raise ValueError("a sheet that is there is not listed")
        return [WorkbookTable(book, sheet) for sheet in book.worksheets]


class WorkbookTable:
    """One sheet of a workbook."""

    def __init__(self, book: Any, sheet: Any) -> None:
        self.name = str(sheet.title)
        self._book, self._sheet = book, sheet
        self._lines = self._rows()
        self._first: list[Line] = []

    def first(self, rows: int) -> list[Line]:
        """Return the first rows, blank ones too.

        Raises:
            FileRefusedError: If the sheet is damaged there.
        """
        self._first += islice(self._lines, max(0, rows - len(self._first)))
        return self._first[:rows]

    def is_filled(self, header: Line) -> bool:
        """Return whether there is any row below a header."""
        if any(any(line.cells) for line in self._first if line.number > header.number):
            return True
        found = next((line for line in self._lines if any(line.cells)), None)
        self._first += [found] if found else []
        return found is not None

    def read(self, header: Line) -> Sheet:
        """Return all rows below a header; to be called once.

        Raises:
            FileRefusedError: If there are too many columns, or the sheet is damaged.
        """

        def below() -> Iterator[Line]:
            yield from (line for line in self._first if line.number > header.number)
            yield from self._lines

        return read_sheet(header, below())

    def _rows(self) -> Iterator[Line]:
        with _reading_a_workbook():
            merged = self._merged()
        beyond = 0
        # For each column, the merged value that reaches down to a row.
        reaching: dict[int, tuple[int, str]] = {}
        for number, values in self._values():
            beyond += max(0, len(values) - MOST_COLUMNS)
            if number > LAST_ROW_IN_A_WORKBOOK or beyond > MOST_CELLS_BEYOND:
                raise FileRefusedError.of("damaged_file", _UNREADABLE)
            cells = [_cell_text(value) for value in values]
            if reaching and any(cells):
                _fill(cells, number, reaching)
            for column, last in merged.get(number, ()):
                if column < len(cells):
                    reaching[column] = last, cells[column]
            yield Line(number, cells, number)

    def _merged(self) -> dict[int, list[tuple[int, int]]]:
        """Return, for the first row of each merged range, its first columns and its last rows."""
        ranges: dict[int, list[tuple[int, int]]] = {}
        end = b""
        with self._sheet._get_source() as source:
            # They stand below the rows, and are wanted before these.
            while part := source.read(_BYTES_AT_A_TIME):
                for found in _MERGED.finditer(end + part):
                    left, top, _, bottom = range_boundaries(found[1].decode())
                    assert isinstance(left, int)
                    assert isinstance(top, int)
                    assert isinstance(bottom, int)
                    if bottom > top and left <= MOST_COLUMNS:
                        ranges.setdefault(top, []).append((left - 1, bottom))
                end = part[-_LONGEST_TAG:]
        return ranges

    def _values(self) -> Iterator[tuple[int, list[object]]]:
        """Yield the rows that the sheet has, in order.

        As openpyxl's own loop, which however passes over a row whose number was there before, and
        over the first of two cells at one place.
        """
        book, sheet = self._book, self._sheet
        with sheet._get_source() as source:
            parser = WorkSheetParser(
                source,
                sheet._shared_strings,
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            rows = parser.parse()
            before = 0
            while True:
                with _reading_a_workbook():
                    found = next(rows, None)
                    if found is None:
                        return
                    number, cells = found
                    places = [cell["column"] for cell in cells]
                    if number <= before or any(a >= b for a, b in pairwise(places)):
                        raise ValueError("rows or cells out of order")
                    values: list[object] = [None] * (places[-1] if places else 0)
                    for cell in cells:
                        values[cell["column"] - 1] = cell["value"]
                yield number, values
                before = number


def _fill(cells: list[str], row: int, reaching: dict[int, tuple[int, str]]) -> None:
    """Put the merged values that reach down to a row into its blank cells."""
    for column, (last, text) in list(reaching.items()):
        if row > last:
            del reaching[column]
            continue
        cells += [""] * (column + 1 - len(cells))
        cells[column] = cells[column] or text


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return text_of(value)


def text_of(value: object) -> str:
    """Return a typed value as text: whole numbers without a point, days without a time."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, float) and abs(value) < 1:
        # A spreadsheet's remainder of nothing is 4.4E-16: a number, and here written as one.
        return format(Decimal(repr(value)), "f")
    if isinstance(value, datetime.datetime):
        whole_day = value.time() == datetime.time()
        return value.date().isoformat() if whole_day else value.isoformat(" ")
    return str(value)
