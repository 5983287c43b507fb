"""A file of a million rows: checked, and loaded, beside DuckDB reading it as nothing but text."""

import multiprocessing
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec, TypeVar

import duckdb
import numpy as np
import pandas as pd

from benchmarks.figures import Figure, Tell, seconds
from benchmarks.homes import configuration_of, folder
from benchmarks.ratios import beside
from data.check import Stated, check_file
from data.demo import city
from data.home import Home
from data.load import load_files
from data.reference import rulebook

ROWS = 1_000_000
BYTES_IN_A_MEGABYTE = 1_000_000
# Times DuckDB's reading of the same file, and megabytes.
MOST_TIMES, MOST_MEMORY = 5, 1_000

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
# Seconds, and megabytes of memory at the most where that can be known.
Cost = tuple[float, float | None]


def measure(home: Home, runs: int, tell: Tell) -> list[Figure]:
    """Return what a large file costs beside DuckDB's reading of it, in time and memory."""
    checking: list[Cost] = []
    loading: list[Cost] = []
    least: list[Cost] = []
    with folder() as path:
        tell(f"Writing a file of {ROWS:,} referrals")
        file = path / "referral.csv"
        alone(write_file, file)
        for run in range(runs):
            tell(f"A file of {ROWS:,} rows, run {run + 1} of {runs}")
            place = configuration_of(home.path, path / f"home-{run}")
            least.append(alone(read_as_text, file))
            checking.append(alone(check, place, file))
            loading.append(alone(load, place, file))
        size = file.stat().st_size / BYTES_IN_A_MEGABYTE
    what = f"{ROWS:,} rows, {size:,.0f} MB"
    reading = Figure("DuckDB's read_csv of it, all as text", [taken for taken, _ in least])
    checked = Figure(f"check, {what}", [taken for taken, _ in checking])
    loaded = Figure(f"check and load, {what}", [taken for taken, _ in loading])
    times = beside("check, in times read_csv", checked, reading)
    return [
        checked,
        loaded,
        reading,
        replace(times, goal=MOST_TIMES),
        beside("check and load, in times read_csv", loaded, reading),
        *_memory("check", checking, MOST_MEMORY),
        *_memory("check and load", loading),
        *_memory("read_csv", least),
    ]


def knows_memory() -> bool:
    """Return whether this system says how much memory a process used."""
    return sys.platform != "win32"


def _memory(what: str, costs: Sequence[Cost], goal: float | None = None) -> Iterator[Figure]:
    peaks = [peak for _, peak in costs if peak is not None]
    if peaks:
        yield Figure(f"{what}, most memory in use", peaks, goal, unit="MB", decimals=0)


def alone(
    work: Callable[Arguments, Answer], *args: Arguments.args, **named: Arguments.kwargs
) -> Answer:
    """Return what work gives in a fresh process: its memory is its own, and is given back."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=fresh) as pool:
        return pool.submit(work, *args, **named).result()


def write_file(file: Path) -> None:
    """Write the city's referrals over and over, each time those of other people.

    Every referral has an id of its own, its minute of the day and the columns that the city leaves
    out, so that a column has as many different texts as it would have in a real file.
    """
    chance = np.random.default_rng(20260401)
    referrals = city.frames()["referral"]
    written = copy = 0
    with file.open("w", encoding="utf-8", newline="") as stream:
        while written < ROWS:
            part = referrals.head(ROWS - written).reset_index(drop=True)
            rows = len(part)
            ids = pd.Series([f"r{number}" for number in range(written, written + rows)])
            minutes = pd.to_timedelta(chance.integers(0, 24 * 60, rows), unit="min")
            before = pd.Series(chance.permutation(ids.to_numpy())).where(chance.random(rows) < 0.1)
            part = part.assign(
                referral_id=ids,
                person_key=part["person_key"].str[:-1] + f"{copy:x}",
                received_at=part["received_at"].dt.normalize() + minutes,
                coordinator_recorded=chance.choice(["yes", "no"], rows),
                previous_referral_id=before,
            )
            part.to_csv(stream, index=False, header=written == 0, lineterminator="\n")
            written, copy = written + rows, copy + 1


def check(home: Home, file: Path) -> Cost:
    """Check the file by every rule; all of it must be right for the figure to mean anything."""
    rules = rulebook(home)
    reports = []
    taken = seconds(lambda: reports.append(check_file(file, rules, Stated()).report))
    if [report.rows_accepted for report in reports] != [ROWS]:
        raise RuntimeError(reports[0].as_text())
    return taken, peak_memory()


def load(home: Home, file: Path) -> Cost:
    """Check and load the file, all of which must be taken for the figure to mean anything."""
    reports = []
    taken = seconds(lambda: reports.extend(load_files(home, [file])))
    if [report.rows_loaded for report in reports] != [ROWS]:
        raise RuntimeError(reports[0].as_text())
    return taken, peak_memory()


def read_as_text(file: Path) -> Cost:
    """Read the file into a table of text and nothing else."""
    with duckdb.connect() as connection:
        # It would draw its own progress bar between our tables.
        connection.execute("SET enable_progress_bar = false")
        sql = "CREATE TABLE referral AS SELECT * FROM read_csv(?, all_varchar = true)"
        return seconds(lambda: connection.execute(sql, [str(file)])), peak_memory()


def peak_memory() -> float | None:
    """Return the most memory this process had in use, in megabytes, where the system says so."""
    if sys.platform == "win32":
        return None
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux getrusage gives a process what the one that started it had in use, if more.
        lines = status.read_text(encoding="utf-8").splitlines()
        (most,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
        return int(most) * 1024 / BYTES_IN_A_MEGABYTE
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts in bytes, others in kilobytes.
    return most / BYTES_IN_A_MEGABYTE * (1 if sys.platform == "darwin" else 1024)
