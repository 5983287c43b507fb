"""A file of a million rows: checked and loaded, beside DuckDB reading it as nothing but text."""

import multiprocessing
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

import duckdb
import pandas as pd

from benchmarks.figures import Figure, Tell, seconds
from benchmarks.homes import configuration_of, folder
from benchmarks.ratios import beside
from data.demo import city
from data.home import Home
from data.load import load_files

ROWS = 1_000_000
BYTES_IN_A_MEGABYTE = 1_000_000

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
# Seconds, and megabytes of memory at the most where that can be known.
Cost = tuple[float, float | None]


def measure(home: Home, runs: int, tell: Tell) -> list[Figure]:
    """Return what loading a large file costs beside DuckDB's reading of it, in time and memory."""
    ours: list[Cost] = []
    least: list[Cost] = []
    with folder() as path:
        tell(f"Writing a file of {ROWS:,} referrals")
        file = path / "referral.csv"
        alone(write_file, file)
        for run in range(runs):
            tell(f"A file of {ROWS:,} rows, run {run + 1} of {runs}")
            place = configuration_of(home.path, path / f"home-{run}")
            ours.append(alone(load, place, file))
            least.append(alone(read_as_text, file))
        size = file.stat().st_size / BYTES_IN_A_MEGABYTE
    loading = Figure(f"check and load, {ROWS:,} rows, {size:,.0f} MB", [taken for taken, _ in ours])
    reading = Figure("DuckDB's read_csv of it, all as text", [taken for taken, _ in least])
    ratio = beside("check and load, in times read_csv", loading, reading)
    return [loading, reading, ratio, *_memory("check and load", ours), *_memory("read_csv", least)]


def knows_memory() -> bool:
    """Return whether this system says how much memory a process used."""
    return sys.platform != "win32"


def _memory(what: str, costs: Sequence[Cost]) -> Iterator[Figure]:
    peaks = [peak for _, peak in costs if peak is not None]
    if peaks:
        yield Figure(f"{what}, most memory in use", peaks, unit="MB", decimals=0)


def alone(
    work: Callable[Arguments, Answer], *args: Arguments.args, **named: Arguments.kwargs
) -> Answer:
    """Return what work gives in a fresh process: its memory is its own, and is given back."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=fresh) as pool:
        return pool.submit(work, *args, **named).result()


def write_file(file: Path) -> None:
    """Write the city's referrals over and over, each with an id of its own."""
    referrals = city.frames()["referral"]
    written = 0
    with file.open("w", encoding="utf-8", newline="") as stream:
        while written < ROWS:
            part = referrals.head(ROWS - written)
            ids = [f"r{number}" for number in range(written, written + len(part))]
            part = part.assign(referral_id=pd.Series(ids, index=part.index))
            part.to_csv(stream, index=False, header=written == 0, lineterminator="\n")
            written += len(part)


def load(home: Home, file: Path) -> Cost:
    """Check and load the file, all of which must be taken for the figure to mean anything."""
    reports = []
    taken = seconds(lambda: reports.extend(load_files(home, [file])))
    if [report.rows_loaded for report in reports] != [ROWS]:
        raise RuntimeError(reports[0].as_text())
    return taken, _peak()


def read_as_text(file: Path) -> Cost:
    """Read the file into a table of text and nothing else."""
    with duckdb.connect() as connection:
        # It would draw its own progress bar between our tables.
        connection.execute("SET enable_progress_bar = false")
        sql = "CREATE TABLE referral AS SELECT * FROM read_csv(?, all_varchar = true)"
        return seconds(lambda: connection.execute(sql, [str(file)])), _peak()


def _peak() -> float | None:
    """Return the most memory this process had in use, in megabytes, where the system says so."""
    if sys.platform == "win32":
        return None
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in kilobytes, macOS in bytes.
    return most / BYTES_IN_A_MEGABYTE * (1 if sys.platform == "darwin" else 1024)
