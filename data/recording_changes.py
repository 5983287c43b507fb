"""Codes that came in place of others: seen only from a day on, and the older ones only before.

A step in a figure on that day may be no more than the new list. So it is said as an event, which
every chart that counts the column shows.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from data.contract import Column, Contract
from data.definitions import Definition
from data.snapshots import Connection

ADDED_BY = "the program"
KIND = "recording change"
# An event that somebody wrote down within so many days of it says the same.
SAID_WITHIN_DAYS = 31


@dataclass(frozen=True)
class Change:
    """One column in which newer codes took the place of older ones.

    Attributes:
        first: The day of the first row with a newer code.
        older: The older codes that are in the rows.
        newer: The newer ones.
        rows: Rows with an older code.
    """

    table: str
    column: str
    first: datetime.date
    older: tuple[str, ...]
    newer: tuple[str, ...]
    rows: int

    def in_words(self, title: str) -> str:
        """Return what happened, with the table's title."""
        newer, older = " and ".join(self.newer), " and ".join(self.older)
        return (
            f"{title}: {self.column} is recorded by a newer list. {newer} came in place of {older}."
        )


def changes_of_recording(connection: Connection, contracts: Mapping[str, Contract]) -> list[Change]:
    """Return every change of codes that shows in the tables of a connection."""
    return [
        change
        for contract in contracts.values()
        for column in contract.columns
        if (change := _change(connection, contract, column)) is not None
    ]


def _change(connection: Connection, contract: Contract, column: Column) -> Change | None:
    if column.codes is None or contract.date is None:
        return None
    replaced = {entry.code: entry.replaces for entry in column.codes.entries if entry.replaces}
    if not replaced:
        return None
    seen = connection.execute(
        f'SELECT "{column.name}", CAST(MIN("{contract.date}") AS DATE),'
        f' CAST(MAX("{contract.date}") AS DATE), COUNT(*) FROM main."{contract.table}"'
        f' WHERE "{column.name}" IS NOT NULL AND "{contract.date}" IS NOT NULL'
        f' GROUP BY "{column.name}"'
    ).fetchall()
    spans = {code: (first, last, rows) for code, first, last, rows in seen}
    newer = sorted(code for code in replaced if code in spans)
    older = sorted({old for code in newer for old in replaced[code] if old in spans})
    if not newer or not older:
        return None
    first = min(spans[code][0] for code in newer)
    if max(spans[code][1] for code in older) >= first:
        return None
    rows = sum(spans[code][2] for code in older)
    return Change(contract.table, column.name, first, tuple(older), tuple(newer), rows)


def annotate_changes(
    connection: Connection,
    contracts: Mapping[str, Contract],
    definitions: Mapping[str, Definition],
    partnership_id: str,
) -> None:
    """Add each change as an event to `annotation`, where a measure counts its column.

    Where somebody has written such an event down already, it is left at that.
    """
    for change in changes_of_recording(connection, contracts):
        affected = [
            one.id for one in definitions.values() if one.names(change.table, change.column)
        ]
        said = connection.execute(
            "SELECT 1 FROM main.annotation"
            " WHERE kind = ? AND ABS(DATE_DIFF('day', \"on\", ?)) <= ?",
            [KIND, change.first, SAID_WITHIN_DAYS],
        ).fetchall()
        if said or not affected:
            continue
        connection.execute(
            'INSERT INTO main.annotation (scope, scope_id, "on", kind, text, affects_measures,'
            " is_break, added_by) VALUES ('partnership', ?, ?, ?, ?, ?, FALSE, ?)",
            [
                partnership_id,
                change.first,
                KIND,
                change.in_words(contracts[change.table].title),
                ";".join(sorted(affected)),
                ADDED_BY,
            ],
        )
