"""Tests on material kept beside the project. Without its folder they are left out, and say so."""

from pathlib import Path

import pytest

from benchmarks.homes import configuration_of
from data.home import Home
from data.load import load_files
from data.report import Report
from metrics.publish import publish

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared"

REAL = SHARED / "real"
ENGLAND = HERE.parents[1] / "examples" / "england"

if not SHARED.is_dir():
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """England's 42 boards as they are configured, with nothing loaded."""
    return configuration_of(ENGLAND, tmp_path_factory.mktemp("england") / "home")


@pytest.fixture(scope="session")
def reports(home: Home) -> list[Report]:
    """What was said when the files were loaded as they were published."""
    return load_files(home, [REAL / "ae_icb_monthly.csv", REAL / "discharge_icb_daily.csv"])


@pytest.fixture(scope="session")
def england(home: Home, reports: list[Report]) -> Home:
    """England's 42 boards, loaded and published."""
    publish(home)
    return home


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not SHARED.is_dir():
        terminalreporter.write_line("left out: tests/shared (no shared folder beside the project)")
