"""Measures run on rows written out in a test: real tables, real coverage, the real SQL."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from data.batches import Batch, Covers
from data.calendar import add_months, create_periods
from data.contract import load_contracts
from data.coverage import PRACTICE, create_coverage
from data.home import Home, Settings, Words
from data.records import collected_tables, create_prepared, create_tables, schema_of
from data.snapshots import Connection, memory
from metrics.adoption import Adoption, Standing
from metrics.calculate import Calculator, create_parts
from metrics.definition import Measure

PROJECT = Path(__file__).resolve().parents[2]
# The shipped contracts, and one of a table that is reported by the day.
ENGLAND = Home(PROJECT / "examples" / "england")
CONTRACTS = load_contracts(ENGLAND)
SCHEMA = schema_of(CONTRACTS)
CITY = Settings(id="city", name="City")

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Received = Iterable[tuple[str, str, datetime.date]]

WITHOUT_BLOCKS: dict[str, Any] = {
    "id": "Z1",
    "slug": "a_measure",
    "title": "A measure",
    "question": "How many?",
    "family": "proposed",
    "group": "flow",
    "sector": ["health"],
    "kind": "process",
    "better": "lower",
    "attribution": "receiving",
    "unit": "referrals",
    "disclosure": "people",
    "checked_against": "nothing",
    "origin": {"kind": "workshop", "source": "a test"},
    "says": {"higher": "a", "lower": "b", "rose": "c", "fell": "d", "level": "e"},
    "show": {"as": "count"},
}


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def a_measure(**parts: Any) -> Measure:
    return Measure.model_validate({**WITHOUT_BLOCKS, **parts})


def on_trial(*measures: Measure) -> Adoption:
    """Return that measures are on trial everywhere."""
    standings = [Standing(measure_id=one.id, place=None, status="trial") for one in measures]
    return Adoption(standings=tuple(standings))


def a_team(team: str, locality: str, since: str = "2000-01-01", until: str | None = None) -> dict:
    return {
        "team_id": team,
        "locality_id": locality,
        "name": team,
        "valid_from": day(since),
        "valid_to": None if until is None else day(until),
    }


def a_practice(code: str, team: str, since: str = "2000-01-01", until: str | None = None) -> dict:
    return {
        "practice_code": code,
        "team_id": team,
        "valid_from": day(since),
        "valid_to": None if until is None else day(until),
    }


def everything_received(rows: Rows, first: datetime.date, last: datetime.date) -> Received:
    """Return that every team and practice sent every table for every month."""
    codes = {
        False: {row["team_id"] for row in rows.get("team", ())},
        True: {row["practice_code"] for row in rows.get("practice_team", ())},
    }
    month = first
    while month <= last:
        for contract in CONTRACTS.values():
            if contract.kind != "reference":
                for code in codes[contract.area_column == PRACTICE]:
                    yield contract.table, code, month
        month = add_months(month, 1)


@cache
def _tables(
    first: datetime.date, last: datetime.date, kinds: frozenset[str] = frozenset()
) -> Connection:
    """Return empty tables, made once for all tests about the same months and kinds of period."""
    connection = memory()
    # Rows are few here, and one thread answers fastest.
    connection.execute("SET threads = 1")
    create_tables(connection, CONTRACTS)
    create_prepared(connection, CITY)
    create_periods(connection, first, last, kinds)
    return connection


@contextmanager
def calculator(
    rows: Rows,
    first: datetime.date,
    last: datetime.date,
    received: Received | None = None,
    words: Words | None = None,
    kinds: Iterable[str] = (),
) -> Iterator[Calculator]:
    """Yield a calculator on tables that hold these rows, and afterwards make them empty again.

    Args:
        rows: Rows by table; what a row does not say is blank.
        first: First day of the first month there are figures for.
        last: First day of the last.
        received: What was received, as (table, area's code, month); None: everything.
        words: The partnership's own.
        kinds: Kinds of period besides months and quarters, as `data.calendar.windows` names them.
    """
    connection = _tables(first, last, frozenset(kinds))
    connection.begin()
    try:
        for table, content in rows.items():
            _insert(connection, table, content)
        stated = everything_received(rows, first, last) if received is None else received
        create_coverage(connection, CONTRACTS, _batches(stated))
        create_parts(connection, CITY.id)
        yield Calculator(
            connection=connection,
            schema=SCHEMA,
            partnership_id=CITY.id,
            collected=collected_tables(connection, CONTRACTS),
            words=words or Words(),
        )
    finally:
        connection.rollback()


def values_of(
    measure: Measure,
    rows: Rows,
    first: str,
    last: str,
    received: Received | None = None,
    words: Words | None = None,
) -> pd.DataFrame:
    """Return a measure's values, indexed by level, area and the period's first day as text."""
    months = day(f"{first}-01"), day(f"{last}-01")
    with calculator(rows, *months, received, words, [measure.periods]) as ready:
        frame = ready.values(measure)
    frame["start"] = frame["period_start"].dt.strftime("%Y-%m-%d")
    return frame.set_index(["area_level", "area_id", "start"]).sort_index()


def _insert(connection: Connection, table: str, content: Sequence[Mapping[str, Any]]) -> None:
    if not content:
        return
    names = sorted({name for row in content for name in row})
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join(["(" + ", ".join("?" for _ in names) + ")"] * len(content))
    connection.execute(
        f'INSERT INTO main."{table}" ({columns}) VALUES {marks}',
        [row.get(name) for row in content for name in names],
    )


def _batches(received: Received) -> list[Batch]:
    areas: dict[tuple[str, datetime.date], set[str]] = defaultdict(set)
    for table, code, month in received:
        areas[table, month].add(code)
    return [
        a_batch(table, f"{month:%Y-%m}", f"{month:%Y-%m}", sorted(codes))
        for (table, month), codes in areas.items()
    ]


def a_batch(table: str, first: str, last: str, areas: Sequence[str] = ()) -> Batch:
    return Batch(
        id=f"{table}{first}",
        table=table,
        contract_version=1,
        sequence=1,
        source_name="a file",
        source_sha256="",
        loaded_at=datetime.datetime(2025, 1, 1),
        rows_in_file=0,
        rows_accepted=0,
        rows_loaded=0,
        rows_held=0,
        covers=Covers.of((first, last), areas),
        folder=Path(),
    )
