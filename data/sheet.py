"""The rows under a header, as text, each with the number that the sender sees."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.recipe import plain_name
from data.report import FileRefusedError

MOST_COLUMNS = 200
# More rows than a partnership sends in a year, and few enough to be kept in memory.
MOST_ROWS = 10_000_000
ROWS_AT_A_TIME = 20_000
# How a column of text is kept: each different text once, and for every row which one it has.
TEXT = pa.dictionary(pa.int32(), pa.string())


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
        columns: For each name, the cells, trimmed of nothing; '' where there is none. Each
            different text is kept once.
        numbers: For each row, its number as the sender sees it.
        widths: For each row, how many cells it has: up to its last one that is not blank, where
            that lies beyond the header, and else as many as were written.
        spans: Rows that run over several lines (an index into the rows): their lines.
        header_lines: How many lines of the file the header runs over.
        delimiter: What stands between the cells of a text file; '' where nothing does.
        parts: Where the rows come from several sheets of a workbook: the name of each and the
            index of its first row, in order.
    """

    header: tuple[str, ...]
    columns: tuple[pa.DictionaryArray, ...]
    numbers: np.ndarray
    widths: np.ndarray
    spans: dict[int, int] = field(default_factory=dict)
    header_lines: int = 1
    delimiter: str = ""
    parts: tuple[tuple[str, int], ...] = ()

    def place(self, row: int) -> tuple[int, str | None]:
        """Return a row's number, and the sheet it is on where there are several."""
        names = [name for name, first in self.parts if first <= row]
        return int(self.numbers[row]), names[-1] if names else None

    def take(self, rows: np.ndarray) -> "Sheet":
        """Return the sheet with only the rows for which the mask is true."""
        kept = np.flatnonzero(rows)
        place = {int(old): new for new, old in enumerate(kept)} if self.spans else {}
        return Sheet(
            self.header,
            tuple(_only(column, kept) for column in self.columns),
            self.numbers[kept],
            self.widths[kept],
            {place[row]: lines for row, lines in self.spans.items() if row in place},
            self.header_lines,
            self.delimiter,
            tuple((name, int(np.searchsorted(kept, first))) for name, first in self.parts),
        )


def place_in_batch(sheet: Sheet, row: int) -> int:
    """Return the number by which a row is known in a batch: on the first sheet, as it is seen.

    On each further sheet it is counted from the next ten million.
    """
    before = sum(first <= row for _, first in sheet.parts[1:])
    return int(sheet.numbers[row]) + before * MOST_ROWS


def _only(column: pa.DictionaryArray, rows: np.ndarray) -> pa.DictionaryArray:
    # Encoded anew, so that no text stays behind whose rows are gone.
    return encoded(column.take(pa.array(rows)).cast(pa.string()))


def encoded(cells: pa.Array) -> pa.DictionaryArray:
    """Return texts with each different one kept once."""
    return cells.dictionary_encode()


def one_after_the_other(arrays: Sequence[pa.DictionaryArray]) -> pa.DictionaryArray:
    """Return columns of text as one, each different text kept once."""
    if not arrays:
        return pa.array([], TEXT)
    return pa.chunked_array(arrays, TEXT).combine_chunks()


class Rows:
    """Rows gathered one by one under a header.

    Attributes:
        names: The names in the header that count: blank ones far to the right do not.
    """

    def __init__(self, header: Line) -> None:
        """Start with none.

        Raises:
            FileRefusedError: If there are too many columns.
        """
        names = list(header.cells)
        while len(names) > MOST_COLUMNS and not names[-1].strip():
            names.pop()
        if len(names) > MOST_COLUMNS:
            raise FileRefusedError.of(
                "too_many_columns",
                f"The header has {len(names)} columns; at most {MOST_COLUMNS} are read. Delete"
                " those that no table asks for, and send the file again.",
            )
        self.names = tuple(names)
        self.numbers: list[int] = []
        self.widths: list[int] = []
        self.spans: dict[int, int] = {}
        self._chunks: list[list[pa.DictionaryArray]] = []
        self._waiting: list[Sequence[str]] = []

    def add(self, line: Line) -> None:
        """Add a row, unless it is blank."""
        cells, width = line.cells, len(self.names)
        if not any(cells) or not any(cell.strip() for cell in cells):
            return
        if line.last > line.number:
            self.spans[len(self.numbers)] = line.last - line.number + 1
        self.numbers.append(line.number)
        if len(cells) == width:
            self.widths.append(width)
            self._waiting.append(cells)
        else:
            beyond = [at for at, cell in enumerate(cells) if cell.strip() and at >= width]
            self.widths.append(beyond[-1] + 1 if beyond else min(len(cells), width))
            self._waiting.append([*cells[:width], *[""] * (width - len(cells))])
        if len(self._waiting) == ROWS_AT_A_TIME:
            self._settle()

    def _settle(self) -> None:
        if self._waiting:
            self._chunks.append(_as_columns(self._waiting))
            self._waiting = []

    def columns(self) -> list[pa.DictionaryArray]:
        """Return the cells of the rows so far, column by column."""
        self._settle()
        places = range(len(self.names))
        return [one_after_the_other([chunk[at] for chunk in self._chunks]) for at in places]


def read_sheet(header: Line, rows: Iterable[Line]) -> Sheet:
    """Return the rows under a header as columns of text, without the blank rows.

    Raises:
        FileRefusedError: If there are too many columns, or the file is damaged further down.
    """
    gathered = Rows(header)
    for line in rows:
        gathered.add(line)
    return Sheet(
        gathered.names,
        tuple(gathered.columns()),
        np.array(gathered.numbers, int),
        np.array(gathered.widths, int),
        gathered.spans,
        header.last - header.number + 1,
    )


def joined(parts: Sequence[tuple[str, Sheet]]) -> Sheet:
    """Return the rows of several sheets one after the other.

    Args:
        parts: The name and rows of each. All have the same named columns, in any order; they are
            put in the order of the sheet with the most columns.
    """
    if len(parts) == 1:
        return parts[0][1]
    sheets = [sheet for _, sheet in parts]
    widest = max(sheets, key=lambda sheet: len(sheet.header))
    wanted, places = _told_apart(widest.header), [_told_apart(sheet.header) for sheet in sheets]
    columns = [
        one_after_the_other(
            [
                sheet.columns[place[name]] if name in place else _blank(len(sheet.numbers))
                for sheet, place in zip(sheets, places, strict=True)
            ]
        )
        for name in wanted
    ]
    widths = []
    for sheet in sheets:
        own, here = len(sheet.header), sheet.widths
        widths.append(np.where(here > own, here + len(widest.header) - own, here))
    firsts = np.cumsum([0, *(len(sheet.numbers) for sheet in sheets[:-1])]).tolist()
    return Sheet(
        widest.header,
        tuple(columns),
        np.concatenate([sheet.numbers for sheet in sheets]),
        np.concatenate(widths),
        parts=tuple(zip((name for name, _ in parts), firsts, strict=True)),
    )


def _told_apart(header: Sequence[str]) -> dict[tuple[str, int], int]:
    """Return the place of each column by its name, and which one of this name it is."""
    places: dict[tuple[str, int], int] = {}
    for place, name in enumerate(header):
        plain = plain_name(name)
        nth = sum(other == plain for other, _ in places)
        places[plain, nth] = place
    return places


def _blank(rows: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(np.zeros(rows, "int32"), pa.array([""]))


def _as_columns(rows: Sequence[Sequence[str]]) -> list[pa.DictionaryArray]:
    try:
        return [encoded(pa.array(cells, pa.string())) for cells in zip(*rows, strict=True)]
    except UnicodeEncodeError as error:
        raise FileRefusedError.of(
            "not_text", "Some letters are damaged. Save the file as UTF-8 and send it again."
        ) from error


def refuse_too_many_rows(rows: int) -> None:
    """Refuse a file with more rows than are read.

    Raises:
        FileRefusedError: If there are more than `MOST_ROWS`.
    """
    if rows > MOST_ROWS:
        raise FileRefusedError.of(
            "too_many_rows",
            f"The file has more than {MOST_ROWS:,} rows. Send it in parts, a year in each.",
        )


def without_blank_rows(sheet: Sheet) -> Sheet:
    """Return a sheet without the rows in which every cell is blank."""
    blank = np.ones(len(sheet.numbers), bool)
    for column in sheet.columns:
        blank &= _blank_texts(column.dictionary)[np.asarray(column.indices)]
        if not blank.any():
            return sheet
    return sheet.take(~blank)


def _blank_texts(texts: pa.Array) -> np.ndarray:
    """Return for each text whether nothing of it can be seen."""
    # One letter of ASCII is enough; the few texts without any are looked at one by one.
    seen = np.asarray(pc.call_function("match_substring_regex", [texts], _A_LETTER), bool)
    blank = ~seen
    for at in np.flatnonzero(blank):
        blank[at] = not str(texts[int(at)]).strip()
    return blank


_A_LETTER = pc.MatchSubstringOptions("[!-~]")
