"""What has been received: for which tables, teams and periods a missing row means none.

Inside what a batch covers an area with no rows has none; outside it nobody knows. Nothing here is
ever filled in.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from data.batches import Batch
from data.calendar import MONTHS_IN
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

    Needs the prepared views and the table `period`.
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
    lengths = " ".join(f"WHEN '{every}' THEN {months}" for every, months in MONTHS_IN.items())
    connection.execute(
        f"""
        CREATE TABLE covered AS
        WITH team_month AS (
            SELECT DISTINCT s.table_name, a.team_id, CAST(s.month AS DATE) AS month
            FROM stated AS s
            JOIN period AS m ON m.every = 'month' AND m.period_start = CAST(s.month AS DATE)
            JOIN (
                SELECT TRUE AS by_practice, * FROM prepared.practice_area
                UNION ALL
                SELECT FALSE AS by_practice, * FROM prepared.team_area
            ) AS a
                ON a.by_practice = s.by_practice AND a.code = s.code
                AND a.valid_from < m.period_end AND a.valid_to > m.period_start
        )
        SELECT t.table_name, p.every, t.team_id, p.period_start
        FROM team_month AS t
        JOIN period AS p ON t.month >= p.period_start AND t.month < p.period_end
        GROUP BY t.table_name, p.every, t.team_id, p.period_start
        HAVING COUNT(*) = CASE p.every {lengths} END
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
        (count,) = connection.execute(
            f'SELECT COUNT(*) FROM main."{contract.table}" AS r'
            f' LEFT JOIN {area_view(column)} AS a ON a.code = r."{column}"'
            f' AND CAST(r."{date}" AS DATE) >= a.valid_from'
            f' AND CAST(r."{date}" AS DATE) < a.valid_to'
            f" JOIN period_day AS d ON d.every = 'month' AND d.day = CAST(r.\"{date}\" AS DATE)"
            " WHERE a.code IS NULL"
        ).fetchone() or (0,)
        if count:
            found[contract.table] = int(count)
    return found
