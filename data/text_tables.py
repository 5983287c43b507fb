"""A table as text (CSV): bytes become rows, quickly where that is safe and one by one elsewhere.

Every line that holds exactly the header's cells, with quotation marks only around whole cells, is
given to Arrow's reader, and every other to the csv module. A line of the first kind means the same
to both, wherever it stands outside a cell of several lines; and where such a cell begins, the csv
module reads on to its end.
"""

import codecs
import csv
import io
import os
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from data.report import FileRefusedError
from data.sheet import (
    TEXT,
    Line,
    Rows,
    Sheet,
    one_after_the_other,
    refuse_too_many_rows,
    without_blank_rows,
)

ROWS_LOOKED_AT = 30
DELIMITERS = (",", ";", "\t", "|", "^", "~")
# These stand inside times and ratios too: only where no other splits the rows.
_RARE_DELIMITERS = (":",)
BYTES_AT_A_TIME = 4_000_000
# Far more than any real line has.
MOST_IN_A_LINE = 1_000_000
# Longer lines are read one by one: the csv module takes no cell with more letters than this.
_PLAIN_LINE = csv.field_size_limit()
_SAMPLE = 200_000
_WORKERS = min(4, os.cpu_count() or 1)
_LINE_END = re.compile(rb"\r\n?|\n")
_SAYS_DELIMITER = re.compile(rb'"?sep=(.)"?(?:\r|\n)', re.IGNORECASE)
_RETURN, _NEWLINE, _QUOTE, _SPACE = b'\r\n" '
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def as_utf_8(content: bytes) -> bytes:
    """Return the text of a file in UTF-8, UTF-16 or Windows-1252 as UTF-8, without a mark.

    Raises:
        FileRefusedError: If it is not text in any of these.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _recoded(content, [encoding], len(mark))
    start = content[:2000]
    if start.count(0) > len(start) // 4:
        return _recoded(content, ["utf-16-le" if start[1:2] == b"\x00" else "utf-16-be"], 0)
    return _recoded(content, ["utf-8", "cp1252"], 0)


def _recoded(content: bytes, encodings: Sequence[str], start: int) -> bytes:
    for encoding in encodings:
        try:
            text = content[start:] if encoding == "utf-8" else b""
            parts = []
            # In parts: the whole text at once would take several times the room of the file.
            decoder = codecs.getincrementaldecoder(encoding)()
            for at in range(start, len(content), BYTES_AT_A_TIME):
                end = at + BYTES_AT_A_TIME
                part = decoder.decode(content[at:end], final=end >= len(content))
                if encoding != "utf-8":
                    parts.append(part.encode())
        except UnicodeDecodeError:
            continue
        text = text or b"".join(parts)
        if b"\x00" not in text:
            return text
    raise FileRefusedError.of(
        "not_text",
        "This is neither a table as text (CSV) nor an .xlsx workbook or a Parquet file. Save it"
        " as one of them, text as UTF-8, and send it again.",
    )


def find_delimiter(content: bytes) -> str:
    """Return the delimiter that splits the first rows into the most cells, most evenly."""
    sample = content[:_SAMPLE].decode("utf-8", "ignore")

    def split(delimiter: str) -> tuple[int, bool]:
        """Return how many cells it makes of the rows alike, and whether of most of the rows."""
        counts: Counter[int] = Counter()
        try:
            stream = io.StringIO(sample, newline="")
            for row in islice(csv.reader(stream, delimiter=delimiter), ROWS_LOOKED_AT):
                counts[len(row)] += 1
        except csv.Error:
            return 0, False
        alike = {cells * rows: rows for cells, rows in counts.items() if cells > 1}
        best = max(alike, default=0)
        return best, alike.get(best, 0) * 2 > counts.total()

    said = _SAYS_DELIMITER.match(content)
    if said and said[1].decode("ascii", "ignore") in (*DELIMITERS, *_RARE_DELIMITERS):
        return said[1].decode()
    best = max(DELIMITERS, key=split)
    return best if split(best)[1] else max(best, *_RARE_DELIMITERS, key=split)


@dataclass
class _Place:
    """A place in a file: a byte at which a line begins, and how many lines are before it."""

    content: bytes
    at: int = 0
    line: int = 0

    def lines(self) -> Iterator[str]:
        """Yield the lines from here on, wherever here has come to be."""
        while self.at < len(self.content):
            most = self.at + MOST_IN_A_LINE
            found = _LINE_END.search(self.content, self.at, most)
            end = found.end() if found else len(self.content)
            if end >= most and most < len(self.content):
                raise FileRefusedError.of(
                    "line_too_long",
                    f"This line has more than {MOST_IN_A_LINE:,} characters, so this is probably"
                    " not a table as text (CSV). Save the table as CSV and send it again.",
                    row=self.line + 1,
                )
            line = self.content[self.at : end]
            self.at = end
            self.line += 1
            yield line.decode()


class _Records:
    """The csv module, reading one row at a time from wherever its place is moved to."""

    def __init__(self, content: bytes, delimiter: str) -> None:
        self.place = _Place(content)
        self._reader = csv.reader(
            self.place.lines(), delimiter=delimiter, strict=True, skipinitialspace=True
        )

    def next(self) -> Line | None:
        """Return the row that begins here, or None at the end."""
        before = self.place.line
        try:
            cells = next(self._reader, None)
        except csv.Error as error:
            raise FileRefusedError.of(
                "damaged_row",
                f"The row that begins here cannot be read ({error}). A quotation mark is probably"
                " opened and not closed, or stands in the middle of a cell. Correct it, or save"
                " the file again from where it came.",
                row=before + 1,
            ) from error
        return None if cells is None else Line(before + 1, cells, self.place.line)


@dataclass(frozen=True)
class _Piece:
    """Some whole lines of a file, as far as they could be read without looking at each.

    Attributes:
        plain: The lines that were read, counted from 0 in this piece.
        columns: Their cells.
        others: The lines still to be read, in order.
        starts: For each line, the byte of the file where it begins.
    """

    plain: np.ndarray
    columns: Sequence[pa.DictionaryArray]
    others: np.ndarray
    starts: np.ndarray


class TextTable:
    """One table as text."""

    name = ""

    def __init__(self, content: bytes) -> None:
        """Find the delimiter.

        Args:
            content: Text in UTF-8.
        """
        self.content = content
        self.delimiter = find_delimiter(content)

    def first(self, rows: int) -> list[Line]:
        """Return the first rows, blank ones too.

        Raises:
            FileRefusedError: If one of them is damaged.
        """
        records = _Records(self.content, self.delimiter)
        return list(islice(iter(records.next, None), rows))

    def read(self, header: Line, *, careful: bool = False) -> Sheet:
        """Return all rows below a header.

        Args:
            header: One of the first rows.
            careful: Read every row one by one; it takes longer and gives the same.

        Raises:
            FileRefusedError: If there are too many columns or rows, or a row is damaged.
        """
        rows = Rows(header)
        at = _byte_after(self.content, header.last)
        gathered = _Gathered(self, rows.names, at, header.last)
        if careful:
            gathered.read_one_by_one(rows)
        else:
            gathered.read_in_pieces(header)
        return without_blank_rows(gathered.sheet(header))


def _byte_after(content: bytes, lines: int) -> int:
    ends = [found.end() for found in islice(_LINE_END.finditer(content), lines)]
    # The last line of a file may have no end.
    return ends[-1] if len(ends) == lines else len(content)


class _Gathered:
    """The rows of one file, gathered piece by piece."""

    def __init__(self, table: TextTable, names: Sequence[str], at: int, line: int) -> None:
        self.content, self.delimiter, self.names = table.content, table.delimiter, tuple(names)
        self.at, self.line = at, line
        self.records = _Records(table.content, table.delimiter)
        self.place = self.records.place
        self.columns: list[list[pa.DictionaryArray]] = [[] for _ in names]
        self.numbers: list[np.ndarray] = []
        self.widths: list[np.ndarray] = []
        self.spans: dict[int, int] = {}
        self.rows = 0

    def sheet(self, header: Line) -> Sheet:
        with ThreadPoolExecutor(_WORKERS) as pool:
            columns = list(pool.map(_joined, self.columns))
        none = np.zeros(0, int)
        return Sheet(
            self.names,
            tuple(columns),
            np.concatenate([none, *self.numbers]),
            np.concatenate([none, *self.widths]),
            self.spans,
            header.last - header.number + 1,
            self.delimiter,
        )

    def read_one_by_one(self, rows: Rows) -> None:
        self.place.at, self.place.line = self.at, self.line
        for line in iter(self.records.next, None):
            rows.add(line)
        self._add(rows.columns(), np.array(rows.numbers, int), np.array(rows.widths, int))
        self.spans = rows.spans

    def read_in_pieces(self, header: Line) -> None:
        with ThreadPoolExecutor(_WORKERS) as pool:
            waiting: deque[tuple[int, int, Future[_Piece]]] = deque()
            places = _pieces(self.content, self.at)
            while True:
                for start, end in islice(places, 2 * _WORKERS - len(waiting)):
                    waiting.append((start, end, pool.submit(self._plain, start, end)))
                if not waiting:
                    return
                start, end, future = waiting.popleft()
                piece = future.result()
                if self.at > start:
                    # A cell of several lines ran over into this piece.
                    piece = self._plain(self.at, end) if self.at < end else None
                if piece is not None:
                    self._read_rest(piece, end, header)
                refuse_too_many_rows(self.rows)

    def _plain(self, start: int, end: int) -> _Piece:
        data = np.frombuffer(self.content, np.uint8, end - start, start)
        starts, ends, nexts = _lines(data)
        plain = _plain_lines(data, starts, ends, ord(self.delimiter), len(self.names))
        blank = starts == ends
        plain &= ~blank
        if plain.all():
            text = pa.py_buffer(memoryview(self.content)[start:end])
        else:
            text = pa.py_buffer(data[np.repeat(plain, nexts - starts)].tobytes())
        columns = _read_plain(text, self.delimiter, len(self.names))
        if len(columns[0]) != int(plain.sum()):
            raise AssertionError("The two readers of text count the lines of this file differently")
        return _Piece(
            np.flatnonzero(plain), columns, np.flatnonzero(~plain & ~blank), starts + start
        )

    def _read_rest(self, piece: _Piece, end: int, header: Line) -> None:
        """Read the lines of a piece that have to be looked at, and put all in order."""
        lines, before = len(piece.starts), self.line
        rows = Rows(header)
        swallowed = np.zeros(lines, bool)
        read_to = 0
        starts = piece.starts.tolist() if len(piece.others) else []
        for line in piece.others.tolist():
            if line < read_to:
                continue
            self.place.at, self.place.line = starts[line], before + line
            row = self.records.next()
            assert row is not None
            rows.add(row)
            read_to = self.place.line - before
            swallowed[line:read_to] = True
        plain, columns = piece.plain, list(piece.columns)
        if (kept := ~swallowed[plain]).sum() < len(plain):
            plain = plain[kept]
            columns = [column.filter(pa.array(kept)) for column in columns]
        numbers = plain + before + 1
        widths = np.full(len(plain), len(self.names))
        if rows.numbers:
            numbers = np.concatenate([numbers, np.array(rows.numbers, int)])
            widths = np.concatenate([widths, np.array(rows.widths, int)])
            order = np.argsort(numbers)
            place = np.argsort(order)
            both = zip(columns, rows.columns(), strict=True)
            columns = [one_after_the_other(pair).take(pa.array(order)) for pair in both]
            numbers, widths = numbers[order], widths[order]
            for row, span in rows.spans.items():
                self.spans[self.rows + int(place[len(plain) + row])] = span
        self._add(columns, numbers, widths)
        over = read_to > lines
        self.at = self.place.at if over else end
        self.line = before + max(lines, read_to)

    def _add(
        self, columns: Sequence[pa.DictionaryArray], numbers: np.ndarray, widths: np.ndarray
    ) -> None:
        for chunks, column in zip(self.columns, columns, strict=True):
            chunks.append(column)
        self.numbers.append(numbers)
        self.widths.append(widths)
        self.rows += len(numbers)


def _joined(chunks: list[pa.DictionaryArray]) -> pa.DictionaryArray:
    column = one_after_the_other(chunks)
    chunks.clear()
    return column


def _pieces(content: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Yield where pieces of whole lines begin and end."""
    size = BYTES_AT_A_TIME
    while at < len(content):
        end = min(at + size, len(content))
        if end < len(content):
            end = content.rfind(b"\n", at, end) + 1
            if not end:
                # The last byte is left out: the line end may be two bytes, and this the first.
                end = content.rfind(b"\r", at, at + size - 1) + 1
            if not end:
                size *= 2
                continue
        yield at, end
        at, size = end, BYTES_AT_A_TIME


def _lines(data: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where each line begins, where its text ends, and where the next one begins."""
    newlines = data == _NEWLINE
    returns = data == _RETURN
    if returns.any():
        pairs = np.flatnonzero(returns[:-1] & newlines[1:])
        ends = newlines | returns
        ends[pairs + 1] = False
        ends = np.flatnonzero(ends)
        nexts = ends + 1
        nexts[np.searchsorted(ends, pairs)] += 1
    else:
        ends = np.flatnonzero(newlines)
        nexts = ends + 1
    if not len(nexts) or nexts[-1] < len(data):
        ends, nexts = np.append(ends, len(data)), np.append(nexts, len(data))
    starts = np.concatenate([[0], nexts[:-1]])
    return starts, ends, nexts


def _plain_lines(
    data: np.ndarray, starts: np.ndarray, ends: np.ndarray, delimiter: int, width: int
) -> np.ndarray:
    """Return which lines have so many cells, with quotation marks only around whole cells.

    Inside them other marks are doubled, and no space stands at the beginning: the csv module would
    leave it, and from cells without marks it is taken.
    """
    if delimiter > 127:
        return np.zeros(len(starts), bool)
    delimiters = np.flatnonzero(data == delimiter)
    cells = np.searchsorted(delimiters, ends) - np.searchsorted(delimiters, starts) + 1
    plain = ends - starts <= _PLAIN_LINE
    quotes = np.flatnonzero(data == _QUOTE)
    if len(quotes):
        firsts, lasts = np.searchsorted(quotes, starts), np.searchsorted(quotes, ends)
        plain &= (lasts - firsts) % 2 == 0
        line = np.searchsorted(ends, quotes)
        opens = (np.arange(len(quotes)) - firsts[line]) % 2 == 0
        before, after = data[np.maximum(quotes - 1, 0)], data[np.minimum(quotes + 1, len(data) - 1)]
        # A mark that closes right before one that opens stands, with it, for a mark in the cell.
        begins = (quotes == starts[line]) | (before == delimiter)
        begins = (begins & (after != _SPACE)) | (before == _QUOTE)
        finishes = (quotes + 1 == ends[line]) | (after == delimiter) | (after == _QUOTE)
        plain[line[~np.where(opens, begins, finishes)]] = False
        # What is odd about a line that is not plain is of no interest any more.
        quotes, line, opens = (these[plain[line]] for these in (quotes, line, opens))
        inside = np.searchsorted(delimiters, quotes[~opens]) - np.searchsorted(
            delimiters, quotes[opens]
        )
        cells -= np.bincount(line[opens], inside, len(starts)).astype(int)
    return plain & (cells == width)


def _read_plain(text: pa.Buffer, delimiter: str, width: int) -> list[pa.DictionaryArray]:
    names = [str(place) for place in range(width)]
    if not text.size:
        return [pa.array([], TEXT) for _ in names]
    table = arrow_csv.read_csv(
        pa.BufferReader(text),
        # One block: a line end of two bytes is then never cut in half.
        arrow_csv.ReadOptions(column_names=names, block_size=text.size + 1, use_threads=False),
        arrow_csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False),
        arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, TEXT),
            null_values=[],
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )
    return [_without_first_spaces(one_after_the_other(column.chunks)) for column in table.columns]


def _without_first_spaces(column: pa.DictionaryArray) -> pa.DictionaryArray:
    """Return cells without the spaces after a delimiter, which the csv module skips too."""
    texts = column.dictionary
    if not np.asarray(pc.call_function("starts_with", [texts], _STARTS_WITH_SPACE)).any():
        return column
    trimmed = pc.call_function("utf8_ltrim", [texts], _ONLY_SPACES)
    again = trimmed.dictionary_encode()
    indices = again.indices.take(column.indices)
    return pa.DictionaryArray.from_arrays(indices, again.dictionary)


_STARTS_WITH_SPACE = pc.MatchSubstringOptions(" ")
_ONLY_SPACES = pc.TrimOptions(" ")
