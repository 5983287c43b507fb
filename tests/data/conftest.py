"""A small partnership, and ways to put files before it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from data.check import Stated
from data.home import Home
from data.load import check_files, load_files
from data.report import Report
from tests.data.sent_files import ALIASES, adds_up
from tests.small_partnership import set_up

Write = Callable[..., Path]
Take = Callable[..., Report]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A partnership of two localities and three teams, with a list of other spellings."""
    return set_up(tmp_path / "home", team_alias=ALIASES)


@pytest.fixture
def nowhere(tmp_path: Path) -> Home:
    """A folder in which there is no partnership."""
    return Home(tmp_path / "nowhere")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file as it is sent; text is UTF-8, and bytes are bytes."""

    def _write(content: str | bytes, name: str = "counts.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _write


@pytest.fixture
def workbook(tmp_path: Path) -> Write:
    """Write an Excel workbook: for each sheet's name, its rows."""

    def _workbook(name: str = "book.xlsx", **sheets: list[list[Any]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        path = tmp_path / name
        book.save(path)
        return path

    return _workbook


@pytest.fixture
def check(home: Home, write: Write) -> Take:
    """Check one file, given as its content or its path; whatever it says, its counts add up."""

    def _check(sent: str | bytes | Path, name: str = "counts.csv", **stated: Any) -> Report:
        path = sent if isinstance(sent, Path) else write(sent, name)
        (report,) = check_files(home, [path], Stated(**stated))
        assert adds_up(report), report.as_text()
        return report

    return _check


@pytest.fixture
def load(home: Home, write: Write) -> Take:
    """Load one file, given as its content or its path."""

    def _load(sent: str | bytes | Path, name: str = "counts.csv", **stated: Any) -> Report:
        path = sent if isinstance(sent, Path) else write(sent, name)
        (report,) = load_files(home, [path], Stated(**stated))
        assert adds_up(report), report.as_text()
        return report

    return _load
