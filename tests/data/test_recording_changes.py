import datetime
from collections.abc import Iterator

import pytest

from data.contract import load_contracts
from data.definitions import Definition
from data.recording_changes import annotate_changes, changes_of_recording
from data.records import create_tables
from data.snapshots import Connection, memory

CONTRACTS = load_contracts()
CARE_HOMES = Definition(
    "H11", "", True, {"count": "hospital_spell", "where": [{"column": "discharge_destination"}]}
)


@pytest.fixture
def tables() -> Iterator[Connection]:
    with memory() as connection:
        create_tables(connection, CONTRACTS)
        yield connection


def went(tables: Connection, *stays: tuple[str, str]) -> None:
    """Add stays in hospital: the day of admission, and where the person went."""
    for day, code in stays:
        tables.execute(
            "INSERT INTO hospital_spell (admitted_on, discharge_destination) VALUES (?, ?)",
            [day, code],
        )


def events(tables: Connection) -> list[tuple[object, ...]]:
    return tables.execute(
        'SELECT scope_id, "on", kind, affects_measures, is_break, added_by FROM annotation'
    ).fetchall()


def test_newer_codes_after_older_ones_are_a_change(tables: Connection) -> None:
    went(tables, ("2024-04-01", "54"), ("2024-05-01", "19"), ("2024-06-01", "55"))

    (change,) = changes_of_recording(tables, CONTRACTS)

    assert (change.table, change.column) == ("hospital_spell", "discharge_destination")
    assert (change.first, change.rows) == (datetime.date(2024, 6, 1), 1)
    assert (change.older, change.newer) == (("54",), ("55",))


@pytest.mark.parametrize(
    "stays",
    [
        [("2024-04-01", "54"), ("2024-06-01", "54")],
        [("2024-04-01", "55"), ("2024-06-01", "55")],
        [("2024-04-01", "54"), ("2024-06-01", "55"), ("2024-07-01", "54")],
        [("2024-04-01", "65"), ("2024-06-01", "55")],
        [],
    ],
    ids=["older only", "newer only", "both side by side", "not in its place", "none"],
)
def test_anything_else_is_none(tables: Connection, stays: list[tuple[str, str]]) -> None:
    went(tables, *stays)

    assert changes_of_recording(tables, CONTRACTS) == []


def test_a_change_is_an_event_of_the_measures_that_count_the_column(tables: Connection) -> None:
    went(tables, ("2024-04-01", "54"), ("2024-06-01", "55"))

    annotate_changes(tables, CONTRACTS, {"H11": CARE_HOMES}, "small")

    day = datetime.date(2024, 6, 1)
    assert events(tables) == [("small", day, "recording change", "H11", False, "the program")]


def test_where_nothing_counts_the_column_no_chart_is_burdened(tables: Connection) -> None:
    went(tables, ("2024-04-01", "54"), ("2024-06-01", "55"))

    annotate_changes(tables, CONTRACTS, {}, "small")

    assert events(tables) == []


@pytest.mark.parametrize(("day", "added"), [("2024-06-20", 0), ("2024-09-01", 1)])
def test_what_somebody_has_written_down_is_not_said_again(
    tables: Connection, day: str, added: int
) -> None:
    went(tables, ("2024-04-01", "54"), ("2024-06-01", "55"))
    tables.execute(
        'INSERT INTO annotation (scope, scope_id, "on", kind, text)'
        " VALUES ('partnership', 'small', ?, 'recording change', 'A new list.')",
        [day],
    )

    annotate_changes(tables, CONTRACTS, {"H11": CARE_HOMES}, "small")

    assert len(events(tables)) == 1 + added
