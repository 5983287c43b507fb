"""Files opened and read as they are, and workbooks made to be read."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from data.reading import Source
from data.report import FileRefusedError

ALL = 10_000_000


def lines(path: Path) -> list[tuple[int, list[str]]]:
    """Return the number and cells of each line of a file with one sheet."""
    (table,) = Source(path).tables
    return [(line.number, list(line.cells)) for line in table.first(ALL)]


def refused(path: Path) -> str:
    """Return the rule by which a file is refused, wherever in it the fault lies."""
    with pytest.raises(FileRefusedError) as raised:
        _read_all(path)
    (problem,) = raised.value.problems
    assert problem.message.endswith(".")
    return problem.rule


def _read_all(path: Path) -> None:
    for table in Source(path).tables:
        table.first(ALL)


def saved(book: openpyxl.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def one_sheet(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    return saved(book)


def with_sheet_changed(old: bytes, new: bytes, content: bytes | None = None) -> bytes:
    """Return a workbook in whose first sheet something was replaced."""
    return with_part_changed("xl/worksheets/sheet1.xml", old, new, content)


def with_part_changed(part: str, old: bytes, new: bytes, content: bytes | None = None) -> bytes:
    """Return a workbook, of one row if none is given, with something in a part replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content or one_sheet(["a", 1]))) as before,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            found = before.read(name)
            if name == part:
                assert old in found
                found = found.replace(old, new)
            after.writestr(name, found)
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
