"""A few rows in contract tables, and what a prepared view makes of them."""

import atexit
import datetime
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from typing import Any

from hypothesis import strategies as st

from data.contract import load_contracts
from data.home import Settings
from data.records import create_prepared, create_tables
from data.snapshots import Connection, memory

CONTRACTS = load_contracts(None)
FIRST_DAY = datetime.date(2024, 2, 20)
Rows = Mapping[str, Sequence[Mapping[str, Any]]]
# Few people and days, so that rows of one person often meet; rows of nobody known are there too.
people = st.sampled_from(["p1", "p2", None])
days = st.integers(0, 40).map(lambda number: FIRST_DAY + datetime.timedelta(days=number))
days_or_none = st.none() | days


def day(text: str) -> datetime.date:
    """Return a day of March 2024, or of another month where one is written: "5" or "2024-04-05"."""
    return datetime.date.fromisoformat(text if "-" in text else f"2024-03-{int(text):02}")


@cache
def _empty_tables() -> Connection:
    """Return tables without a row, and the views over them: made once, and left as they were."""
    opened = ExitStack()
    atexit.register(opened.close)
    connection = opened.enter_context(memory())
    create_tables(connection, CONTRACTS)
    create_prepared(connection, Settings(id="few", name="Few rows"))
    return connection


def prepared(view: str, columns: str, rows: Rows) -> list[tuple[Any, ...]]:
    """Return columns of each row of a prepared view, in order, for rows of contract tables."""
    connection = _empty_tables()
    connection.begin()
    for table, given in rows.items():
        for row in given:
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join("?" for _ in row)
            connection.execute(
                f'INSERT INTO main."{table}" ({names}) VALUES ({marks})', list(row.values())
            )
    found = connection.execute(f'SELECT {columns} FROM prepared."{view}" ORDER BY ALL').fetchall()
    connection.rollback()
    return found


def numbered(key: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with a key each: r00, r01 and so on."""
    return [{key: f"r{place:02}", **row} for place, row in enumerate(rows)]


def in_order(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return rows as a view gives them: blanks last in each column."""
    return sorted(rows, key=lambda row: [(cell is None, cell) for cell in row])
