"""What is doubtful once everything is loaded: what no file shows by itself.

Each doubt is a file in `data/doubts`: a comment that says what is doubtful and what to do, and the
question that finds the rows (table_name, row_key, area, day). A contract's `across` rules are
doubts too. Nothing is changed or held by a doubt, and no row of a person is shown.
"""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.acts import in_force
from data.contract import Across, Contract, load_contracts
from data.home import Home
from data.recording_changes import changes_of_recording
from data.records import create_prepared, create_tables, fill_tables
from data.reference import reference_tables
from data.snapshots import Connection, memory

DOUBTS = Path(__file__).parent / "doubts"
EXAMPLES = 5


@dataclass(frozen=True)
class Doubt:
    """Rows of one table that are doubtful for one reason.

    Attributes:
        rule: The reason's name.
        rows: How many rows.
        examples: The keys of some of them, as the contract's key has them; never a person's.
        areas: For each team or practice, how many.
        months: The first and last month of these rows, `YYYY-MM`; None where they have no date.
    """

    rule: str
    table: str
    message: str
    rows: int
    examples: tuple[str, ...]
    areas: Mapping[str, int]
    months: tuple[str, str] | None

    def as_dict(self) -> dict[str, Any]:
        """Return the doubt as plain values."""
        return {
            "rule": self.rule,
            "table": self.table,
            "message": self.message,
            "rows": self.rows,
            "examples": list(self.examples),
            "areas": dict(self.areas),
            "months": list(self.months) if self.months else None,
        }


def doubts_of(home: Home) -> list[Doubt]:
    """Return what is doubtful in all that counts here.

    Raises:
        DataError: If there is no partnership here, or its own files cannot be used.
    """
    settings, contracts = home.settings(), load_contracts(home)
    batches = [batch for batch in in_force(home) if batch.table in contracts]
    with memory() as connection:
        create_tables(connection, contracts)
        fill_tables(connection, contracts, reference_tables(home, contracts), batches)
        create_prepared(connection, settings)
        return find_doubts(connection, contracts, home.now().date())


def find_doubts(
    connection: Connection, contracts: Mapping[str, Contract], today: datetime.date
) -> list[Doubt]:
    """Return what is doubtful in the tables and prepared views of a connection.

    Args:
        connection: One that was filled by `data.records`.
        contracts: The contracts by table.
        today: The day from which ages of records are counted.
    """
    found = []
    for file in sorted(DOUBTS.glob("*.sql")):
        message, sql = _message_and_question(file.read_text(encoding="utf-8"))
        found += _doubts(connection, file.stem, message, sql, today)
    for contract in contracts.values():
        for rule in contract.across:
            sql = _across(connection, contract, contracts[rule.other[0]], rule)
            if sql:
                found += _doubts(connection, rule.name, rule.message, sql, today)
    return [*found, *_changes(connection, contracts)]


def _message_and_question(text: str) -> tuple[str, str]:
    lines = text.splitlines()
    comment = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
    return " ".join(comment), "\n".join(line for line in lines if not line.startswith("--"))


def _doubts(
    connection: Connection, rule: str, message: str, sql: str, today: datetime.date
) -> Iterator[Doubt]:
    values = {"today": today} if "$today" in sql else {}
    connection.execute(f"CREATE OR REPLACE TEMP TABLE doubtful_row AS {sql}", values)
    tables = connection.execute(
        "SELECT table_name, COUNT(*), MIN(day), MAX(day) FROM doubtful_row"
        " GROUP BY table_name ORDER BY table_name"
    ).fetchall()
    for table, rows, first, last in tables:
        areas = connection.execute(
            "SELECT area, COUNT(*) FROM doubtful_row WHERE table_name = ? AND area IS NOT NULL"
            " GROUP BY area ORDER BY COUNT(*) DESC, area",
            [table],
        ).fetchall()
        keys = connection.execute(
            "SELECT DISTINCT row_key FROM doubtful_row WHERE table_name = ? AND row_key <> ''"
            " ORDER BY row_key LIMIT ?",
            [table, EXAMPLES],
        ).fetchall()
        months = (f"{first:%Y-%m}", f"{last:%Y-%m}") if first and last else None
        examples = tuple(str(key) for (key,) in keys)
        yield Doubt(rule, table, message, int(rows), examples, dict(areas), months)
    connection.execute("DROP TABLE doubtful_row")


def _across(
    connection: Connection, contract: Contract, other: Contract, rule: Across
) -> str | None:
    """Return the question that a rule across tables asks; None where the other table is empty."""
    table, column = rule.other
    if not connection.execute(f'SELECT 1 FROM main."{table}" LIMIT 1').fetchall():
        return None
    # A person's key is never shown, even where it is part of a key.
    keys = [f'r."{name}"' for name in contract.key if name != "person_key"]
    row_key = f"CONCAT_WS(', ', {', '.join(keys)})" if keys else "''"
    area = f'r."{contract.area_column}"' if contract.area_column else "NULL"
    day = f'CAST(r."{contract.date}" AS DATE)' if contract.date else "CAST(NULL AS DATE)"
    belongs = f'o."{column}" = r."{rule.column}"'
    # A list that says from when until when is asked about the day of the row.
    if contract.date and {"valid_from", "valid_to"} <= {*other.names}:
        belongs += f" AND {day} >= o.valid_from AND {day} < COALESCE(o.valid_to, '9999-12-31')"
    broken = f'r."{rule.column}" IS NOT NULL AND NOT EXISTS'
    if rule.not_after:
        broken = "EXISTS"
        belongs = f'o."{rule.same}" = r."{rule.same}" AND r."{rule.column}" > o."{column}"'
    return (
        f"SELECT '{contract.table}' AS table_name, {row_key} AS row_key, {area} AS area,"
        f' {day} AS day FROM main."{contract.table}" AS r'
        f' WHERE {broken} (SELECT 1 FROM main."{table}" AS o WHERE {belongs})'
    )


def _changes(connection: Connection, contracts: Mapping[str, Contract]) -> Iterator[Doubt]:
    for change in changes_of_recording(connection, contracts):
        month = f"{change.first:%Y-%m}"
        yield Doubt(
            "recording_change",
            change.table,
            f"{change.in_words(contracts[change.table].title)} A figure that counts only one of the"
            " lists takes a step that day: its definition must name both.",
            change.rows,
            (),
            {},
            (month, month),
        )


def as_text(doubts: Sequence[Doubt]) -> str:
    """Return doubts as lines to read."""
    if not doubts:
        return "Nothing that was loaded is doubtful."
    lines = []
    for doubt in doubts:
        months = "" if doubt.months is None else f", {' to '.join(dict.fromkeys(doubt.months))}"
        lines.append(f"{doubt.table}: {doubt.rows:,} rows{months} ({doubt.rule.replace('_', ' ')})")
        lines.append(f"  {doubt.message}")
        if doubt.areas:
            areas = [f"{area} {rows:,}" for area, rows in list(doubt.areas.items())[:EXAMPLES]]
            more = len(doubt.areas) - len(areas)
            lines.append(f"  where: {', '.join(areas)}{f' and {more} more' if more else ''}")
        if doubt.examples:
            lines.append(f"  such as {', '.join(doubt.examples)}")
    return "\n".join(lines)
