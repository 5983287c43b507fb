"""What has been received: for which tables, teams and periods a missing row means none.

Inside what a batch covers an area with no rows has none; outside it nobody knows. Nothing here is
ever filled in.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from data.batches import Batch
from data.contract import Contract
from data.snapshots import Connection

PRACTICE = "practice_code"


def area_view(column: str) -> str:
    """Return the prepared view that says which team and locality a column's codes stand for."""
    return "prepared.practice_area" if column == PRACTICE else "prepared.team_area"


def create_coverage(
    connection: Connection, contracts: Mapping[str, Contract], batches: Sequence[Batch]
) -> None:
    """Create `covered` (table_name, every, team_id, period_start): every month of it received.

    A team that was there for only some months of a period is covered when those were received.
    Needs the prepared views and the tables of `data.calendar.create_periods`.
    """
    rows = [
        (batch.table, contracts[batch.table].area_column == PRACTICE, area, month)
        for batch in batches
        for month in batch.covers.months()
        for area in batch.covers.areas
    ]
    frame = pd.DataFrame(rows, columns=["table_name", "by_practice", "code", "month"])
    frame = frame.astype({"month": "datetime64[s]", "by_practice": bool})
    connection.register("stated", frame)
    connection.execute(
        """
        CREATE TABLE covered AS
        WITH area AS (
            SELECT TRUE AS by_practice, * FROM prepared.practice_area
            UNION ALL
            SELECT FALSE AS by_practice, * FROM prepared.team_area
        ),
        team_month AS (
            SELECT DISTINCT m.every, m.period_start, m.month, a.by_practice, a.team_id, a.code
            FROM period_month AS m
            JOIN area AS a ON a.valid_from < m.next_month AND a.valid_to > m.month
        ),
        received AS (
            SELECT DISTINCT table_name, by_practice, code, CAST(month AS DATE) AS month FROM stated
        ),
        team_received AS (
            SELECT k.table_name, t.every, t.team_id, t.period_start, t.month,
                COUNT(r.code) AS codes
            FROM (SELECT DISTINCT table_name, by_practice FROM stated) AS k
            JOIN team_month AS t ON t.by_practice = k.by_practice
            LEFT JOIN received AS r
                ON r.table_name = k.table_name AND r.code = t.code AND r.month = t.month
            GROUP BY k.table_name, t.every, t.team_id, t.period_start, t.month
        )
        SELECT table_name, every, team_id, period_start
        FROM team_received
        GROUP BY table_name, every, team_id, period_start
        HAVING MIN(codes) > 0
        """
    )
    connection.unregister("stated")


def unplaced_rows(connection: Connection, contracts: Mapping[str, Contract]) -> dict[str, int]:
    """Return, by table, how many rows of figures belong to no team on their date.

    They count nowhere: a practice that nobody mapped, or a team that did not exist that day.
    """
    found: dict[str, int] = {}
    for contract in contracts.values():
        column, date = contract.area_column, contract.date
        if contract.kind == "reference" or column is None or date is None:
            continue
        ((count,),) = connection.execute(
            f'SELECT COUNT(*) FROM main."{contract.table}" AS r'
            f' LEFT JOIN {area_view(column)} AS a ON a.code = r."{column}"'
            f' AND CAST(r."{date}" AS DATE) >= a.valid_from'
            f' AND CAST(r."{date}" AS DATE) < a.valid_to'
            f" JOIN period_day AS d ON d.every = 'month' AND d.day = CAST(r.\"{date}\" AS DATE)"
            " WHERE a.code IS NULL"
        ).fetchall()
        if count:
            found[contract.table] = int(count)
    return found
