"""Our work beside the least that it could be, in one run on one machine."""

import datetime
import random
import time
from collections.abc import Iterator, Mapping

import duckdb
import numpy as np

from benchmarks.figures import Figure, Tell, seconds
from benchmarks.homes import forget_published
from data.contract import load_contracts
from data.home import Home
from data.records import schema_of
from data.snapshots import RECORDS, current_version
from metrics.compiler import compile_measure
from metrics.definition import load_measures, with_figures
from metrics.publish import publish
from metrics.spc import LIMIT_FACTOR, xmr

SERIES, POINTS = 1_000, 36
# Seconds to compute and write all measures of the fictional city, on two processors.
PUBLISHED_IN = 4.0


def beside(what: str, ours: Figure, least: Figure) -> Figure:
    """Return how many times the least each of our runs took."""
    pairs = zip(ours.runs, least.runs, strict=True)
    return Figure(what, [one / other for one, other in pairs], unit="times", decimals=1)


def publishing(home: Home, runs: int, tell: Tell) -> list[Figure]:
    """Return publishing beside the measures' SQL alone, and what publishing spends its time on."""
    whole: list[float] = []
    sql: list[float] = []
    parts: dict[str, list[float]] = {}
    for run in range(runs):
        tell(f"Publishing beside its SQL alone, run {run + 1} of {runs}")
        forget_published(home)
        clock = _Clock()
        whole.append(publish(home, clock.next).seconds)
        for part, taken in clock.stop().items():
            parts.setdefault(part, []).append(taken)
        sql.append(_sql_alone(home))
    ours, least = (
        Figure("publish, every measure", whole, PUBLISHED_IN),
        Figure("the measures' SQL alone, same records", sql),
    )
    rows = [Figure(f"   {part}", taken) for part, taken in parts.items()]
    return [ours, *rows, least, beside("publish, in times its SQL alone", ours, least)]


class _Clock:
    """Adds up the time between what publishing says it is doing; computing is one thing."""

    def __init__(self) -> None:
        self._parts: dict[str, float] = {}
        self._doing, self._since = "Looking at what there is", time.perf_counter()

    def next(self, doing: str) -> None:
        """Note that something else is being done from now on."""
        now = time.perf_counter()
        before = "Computing" if self._doing.startswith("Computing") else self._doing
        self._parts[before] = self._parts.get(before, 0) + now - self._since
        self._doing, self._since = doing, now

    def stop(self) -> Mapping[str, float]:
        """Return the seconds of each part."""
        self.next("")
        return self._parts


def _sql_alone(home: Home) -> float:
    schema = schema_of(load_contracts(home))
    measures = with_figures(load_measures(home, schema)).values()
    statements = [compile_measure(measure, schema) for measure in measures]
    file = home.snapshots / current_version(home) / RECORDS
    with duckdb.connect(str(file), read_only=True) as connection:
        return seconds(lambda: [connection.execute(sql).fetchall() for sql in statements])


def charts(runs: int, tell: Tell) -> list[Figure]:
    """Return 1,000 charts with every rule beside their means and limits alone in NumPy."""
    months = [datetime.date(2023 + at // 12, at % 12 + 1, 1) for at in range(POINTS)]
    noise = random.Random(20260401)
    series = [[noise.gauss(50, 5) for _ in months] for _ in range(SERIES)]
    ours: list[float] = []
    least: list[float] = []
    for run in range(runs):
        tell(f"Charts beside NumPy alone, run {run + 1} of {runs}")
        ours.append(seconds(lambda: [xmr(values, months) for values in series]))
        least.append(seconds(lambda: [_mean_and_limits(values) for values in series]))
    words = f"{SERIES:,} series of {POINTS} points"
    rows = [Figure(f"xmr, {words}", ours), Figure(f"mean and limits in NumPy, {words}", least)]
    return [*rows, *_each(ours), beside("xmr, in times NumPy's mean and limits", *rows)]


def _each(ours: list[float]) -> Iterator[Figure]:
    each = [taken / SERIES * 1_000 for taken in ours]
    yield Figure("xmr, each series", each, unit="ms")
    a_second = [SERIES / taken for taken in ours]
    yield Figure("xmr, series a second", a_second, unit="series", decimals=0)


def _mean_and_limits(values: list[float]) -> tuple[float, float, float]:
    numbers = np.array(values)
    mean = float(numbers.mean())
    reach = LIMIT_FACTOR * float(np.abs(np.diff(numbers)).mean())
    return mean - reach, mean, mean + reach
