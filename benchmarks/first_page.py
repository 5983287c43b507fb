"""From nothing to the first page: what somebody waits for who tries this for the first time."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from time import perf_counter

from playwright.sync_api import Browser

from benchmarks.browser import new_visitor, visit
from benchmarks.figures import Figure, Tell
from benchmarks.homes import folder
from benchmarks.server import dashboard

TOTAL_GOAL, PUBLISH_GOAL = 60, 3
_SAID = re.compile(r"values in ([\d.]+) s\.")

MAKE = "the fictional city from nothing: python -m data demo"
PUBLISH = "its figures: python -m metrics publish"
SAID = "   of which to compute and write, as it says itself"
SERVE = "the dashboard until it answers: python -m dashboard"
PAINT = "its first page until the first sentence is painted"
TOTAL = "all of that"
GOALS = {SAID: PUBLISH_GOAL, TOTAL: TOTAL_GOAL}


def measure(browser: Browser, runs: int, tell: Tell) -> list[Figure]:
    """Return the seconds of each step from an empty folder to a page that can be read."""
    found: dict[str, list[float]] = {}
    for run in range(runs):
        tell(f"From nothing to the first page, run {run + 1} of {runs}")
        with folder() as path:
            for what, taken in _run(browser, path / "partnership"):
                found.setdefault(what, []).append(taken)
    return [Figure(what, taken, GOALS.get(what)) for what, taken in found.items()]


def _run(browser: Browser, home: Path) -> Iterator[tuple[str, float]]:
    made, _ = _timed("data", "demo", home)
    published, said = _timed("metrics", "publish", home)
    yield MAKE, made
    yield PUBLISH, published
    matched = _SAID.search(said)
    assert matched, said
    yield SAID, float(matched[1])
    served, painted = _shown(browser, home)
    yield SERVE, served
    yield PAINT, painted
    yield TOTAL, made + published + served + painted


def _timed(package: str, command: str, home: Path) -> tuple[float, str]:
    """Return how long a command took as a process of its own, and what it said."""
    words = [sys.executable, "-m", package, command, "--home", str(home)]
    started = perf_counter()
    done = subprocess.run(words, check=True, text=True, encoding="utf-8", stdout=subprocess.PIPE)
    return perf_counter() - started, done.stdout


def _shown(browser: Browser, home: Path) -> tuple[float, float]:
    started = perf_counter()
    running: AbstractContextManager[str] = dashboard(home)
    with running as address:
        served = perf_counter() - started
        with new_visitor(browser) as page:
            return served, visit(page, address, "").heading
