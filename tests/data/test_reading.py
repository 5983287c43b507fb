"""A file is opened as what its content says it is, or refused."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from data.reading import MOST_BYTES
from tests.data.read_files import refused

Write = Callable[..., Path]


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
