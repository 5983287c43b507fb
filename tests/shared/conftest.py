"""Tests on material kept beside the project. Without its folder they are left out, and say so."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[2] / "shared"

# What both kinds of test compare with is read by the modules beside the project's own tests.
sys.path.append(str(HERE.parent / "metrics"))

if not SHARED.is_dir():
    collect_ignore_glob = ["test_*.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not SHARED.is_dir():
        terminalreporter.write_line("left out: tests/shared (no shared folder beside the project)")
