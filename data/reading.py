"""A file becomes rows of text that keep the numbers the sender sees, or is refused.

Nothing is guessed about values here. The standard csv module and openpyxl do the parsing; this
module finds out which of them to ask, and refuses what neither can be trusted with.
"""

import codecs
import csv
import datetime
import hashlib
import io
import struct
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa

from data.report import FileRefusedError

MOST_BYTES = 200_000_000
# A workbook is a compressed archive: a small one can hold far more than it seems to. Real ones
# unpack to 5 or 20 times their size.
MOST_TIMES_UNPACKED = 100
MOST_COLUMNS = 200
ROWS_LOOKED_AT = 30
DELIMITERS = (",", ";", "\t", "|")
ROWS_AT_A_TIME = 20_000
# Excel has no row beyond this one; only a damaged workbook says so.
LAST_ROW_IN_A_WORKBOOK = 1_048_576

# The first bytes of files that are not text, and what to do about each.
OTHER_KINDS = (
    (
        b"\xd0\xcf\x11\xe0",
        "an old Excel file (.xls) or a workbook with a password. Open it in Excel and save it as"
        " .xlsx or CSV, without a password",
    ),
    (b"PAR1", "a Parquet file. Save the table as CSV or .xlsx"),
    (b"%PDF", "a PDF. Ask for the table as CSV or .xlsx"),
    (b"\x1f\x8b", "compressed. Unpack it first"),
    (b"SQLite format 3", "a database. Save the table as CSV or .xlsx"),
)

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


@dataclass(frozen=True)
class Line:
    """One row as it was read: the number of its first line, its cells, and its last line."""

    number: int
    cells: Sequence[str]
    last: int


@dataclass(frozen=True)
class Sheet:
    """The rows under a header, as text.

    Attributes:
        header: The names of the columns, as the file has them.
        columns: For each name, the cells, trimmed of nothing; '' where there is none.
        numbers: For each row, its number as the sender sees it.
        widths: For each row, how many cells it has: up to its last one that is not blank, where
            that lies beyond the header, and else as many as were written.
        spans: Rows that run over several lines (an index into the rows): their lines.
        header_lines: How many lines of the file the header runs over.
    """

    header: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    numbers: np.ndarray
    widths: np.ndarray
    spans: dict[int, int]
    header_lines: int = 1

    def take(self, rows: np.ndarray) -> "Sheet":
        """Return the sheet with only the rows for which the mask is true."""
        kept = np.flatnonzero(rows)
        place = {int(old): new for new, old in enumerate(kept)} if self.spans else {}
        return Sheet(
            self.header,
            tuple(column.filter(pa.array(rows)) for column in self.columns),
            self.numbers[kept],
            self.widths[kept],
            {place[row]: lines for row, lines in self.spans.items() if row in place},
            self.header_lines,
        )


class Source:
    """One opened file: its sheets, each with its first rows, and its digest."""

    def __init__(self, path: Path) -> None:
        """Read the bytes of a file.

        Raises:
            FileRefusedError: If it is not a file, too large, or of a kind that is not read here.
        """
        self.content = _bytes(path)
        self.sha256 = hashlib.sha256(self.content).hexdigest()
        self.is_workbook = self.content.startswith(b"PK\x03\x04")

    def sheets(self) -> Iterator[tuple[str, Iterator[Line]]]:
        """Yield each sheet's name and rows; a text file is one sheet without a name.

        Raises:
            FileRefusedError: If the content is damaged; also while the rows are being read.
        """
        if self.is_workbook:
            yield from _workbook_sheets(self.content)
        else:
            text = _text(self.content)
            yield "", _text_lines(text, _delimiter(text))


def _bytes(path: Path) -> bytes:
    try:
        if not path.exists():
            raise FileRefusedError.of("no_such_file", "There is no such file.")
        if not path.is_file():
            raise FileRefusedError.of("not_a_file", "This is a folder, not a file.")
        if path.stat().st_size > MOST_BYTES:
            most = MOST_BYTES // 1_000_000
            raise FileRefusedError.of(
                "too_large", f"The file has more than {most} MB. Send it in parts, a year in each."
            )
        content = path.read_bytes()
    except OSError as error:
        raise FileRefusedError.of(
            "not_readable", f"The file cannot be read: {error.strerror}."
        ) from error
    for start, what in OTHER_KINDS:
        if content.startswith(start):
            raise FileRefusedError.of("wrong_kind", f"This is {what}, and send it again.")
    if not content.strip():
        raise FileRefusedError.of("empty_file", "The file is empty.")
    return content


def _text(content: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or Windows-1252."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return _decoded(content, [encoding])
    start = content[:2000]
    if start.count(0) > len(start) // 4:
        return _decoded(content, ["utf-16-le" if start[1:2] == b"\x00" else "utf-16-be"])
    return _decoded(content, ["utf-8", "cp1252"])


def _decoded(content: bytes, encodings: Sequence[str]) -> str:
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            if text.lstrip()[:5].casefold() in ("<html", "<!doc", "<?xml"):
                break
            return text
    raise FileRefusedError.of(
        "not_text",
        "This is neither a table as text (CSV) nor an .xlsx workbook. Save it as one of them, as"
        " UTF-8, and send it again.",
    )


def _delimiter(text: str) -> str:
    """Return the delimiter that splits the first rows into the most cells, most evenly."""

    def evenness(delimiter: str) -> int:
        sample = io.StringIO(text[:200_000], newline="")
        counts: Counter[int] = Counter()
        try:
            for row in islice(csv.reader(sample, delimiter=delimiter), ROWS_LOOKED_AT):
                counts[len(row)] += 1
        except csv.Error:
            return 0
        return max((cells * rows for cells, rows in counts.items() if cells > 1), default=0)

    return max(DELIMITERS, key=evenness)


def _text_lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True
    )
    last = 0
    try:
        for cells in reader:
            yield Line(last + 1, cells, reader.line_num)
            last = reader.line_num
    except csv.Error as error:
        raise FileRefusedError.of(
            "damaged_row",
            f"The row that begins here cannot be read ({error}). A quotation mark is probably"
            " opened and not closed, or stands in the middle of a cell. Correct it, or save the"
            " file again from where it came.",
            row=last + 1,
        ) from error


def _workbook_sheets(content: bytes) -> Iterator[tuple[str, Iterator[Line]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            unpacked = sum(part.file_size for part in archive.infolist())
    except _DAMAGE as error:
        raise FileRefusedError.of(
            "damaged_file", "The workbook is damaged. Save it again and send it again."
        ) from error
    if "xl/workbook.xml" not in names:
        raise FileRefusedError.of(
            "wrong_kind",
            "This is an archive or a binary workbook (.xlsb), not an .xlsx workbook. Open it and"
            " save the table as .xlsx or CSV, and send it again.",
        )
    if unpacked > min(MOST_BYTES, MOST_TIMES_UNPACKED * len(content)):
        raise FileRefusedError.of("too_large", "The workbook is too large. Send the table as CSV.")
    with _reading_a_workbook():
        workbook = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
    for sheet in workbook.worksheets:
        # What the file says of its own size may be wrong, and rows beyond it would be lost.
        sheet.reset_dimensions()
        yield sheet.title, _sheet_lines(sheet.iter_rows(values_only=True))
    workbook.close()


@contextmanager
def _reading_a_workbook() -> Iterator[None]:
    with warnings.catch_warnings():
        # openpyxl warns of styles and drop-downs that it passes over; no value is touched by them.
        warnings.simplefilter("ignore")
        try:
            yield
        except _DAMAGE as error:
            raise FileRefusedError.of("damaged_file", _UNREADABLE) from error


def _sheet_lines(rows: Iterable[Sequence[object]]) -> Iterator[Line]:
    numbered = enumerate(rows, start=1)
    while True:
        with _reading_a_workbook():
            block = list(islice(numbered, ROWS_AT_A_TIME))
        if not block:
            return
        if block[-1][0] > LAST_ROW_IN_A_WORKBOOK:
            raise FileRefusedError.of("damaged_file", _UNREADABLE)
        for number, values in block:
            yield Line(number, [_cell_text(value) for value in values], number)


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
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


def read_sheet(header: Line, rows: Iterable[Line]) -> Sheet:
    """Return the rows under a header as columns of text, without the blank rows.

    Raises:
        FileRefusedError: If there are too many columns, or the file is damaged further down.
    """
    names = list(header.cells)
    while len(names) > MOST_COLUMNS and not names[-1].strip():
        names.pop()
    width = len(names)
    if width > MOST_COLUMNS:
        raise FileRefusedError.of(
            "too_many_columns", f"The header has {width} columns; at most {MOST_COLUMNS} are read."
        )
    chunks: list[list[pa.Array]] = []
    numbers: list[int] = []
    widths: list[int] = []
    spans: dict[int, int] = {}
    waiting: list[Sequence[str]] = []
    for line in rows:
        cells = line.cells
        if not any(cells) or not any(cell.strip() for cell in cells):
            continue
        if line.last > line.number:
            spans[len(numbers)] = line.last - line.number + 1
        numbers.append(line.number)
        if len(cells) == width:
            widths.append(width)
            waiting.append(cells)
        else:
            beyond = [at for at, cell in enumerate(cells) if cell.strip() and at >= width]
            widths.append(beyond[-1] + 1 if beyond else min(len(cells), width))
            waiting.append([*cells[:width], *[""] * (width - len(cells))])
        if len(waiting) == ROWS_AT_A_TIME:
            chunks.append(_as_columns(waiting))
            waiting = []
    if waiting:
        chunks.append(_as_columns(waiting))
    columns = tuple(
        pa.chunked_array([chunk[at] for chunk in chunks], type=pa.string()) for at in range(width)
    )
    return Sheet(
        tuple(names),
        columns,
        np.array(numbers, int),
        np.array(widths, int),
        spans,
        header.last - header.number + 1,
    )


def _as_columns(rows: Sequence[Sequence[str]]) -> list[pa.Array]:
    try:
        return [pa.array(cells, type=pa.string()) for cells in zip(*rows, strict=True)]
    except UnicodeEncodeError as error:
        raise FileRefusedError.of(
            "not_text", "Some letters are damaged. Save the file as UTF-8 and send it again."
        ) from error
