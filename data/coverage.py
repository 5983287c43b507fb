"""What has been received: for which tables, teams and periods a missing row means none.

Inside what a batch covers an area with no rows has none; outside it nobody knows. Nothing here is
ever filled in.

A team is covered in a month when its code is. Where a table goes by practices, every practice of
the team that the table has ever had rows for must be covered. A practice is covered by a file
that has rows for it in any month; by a file that has rows for another practice of its team, where
the two have come in one file of that system before; and by what the sender said. A practice with
no row in any file empties nothing, but the figures say that it is not among them.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from data.batches import ALL_AREAS, Batch
from data.calendar import add_months
from data.contract import COUNTED, PRACTICE, Contract
from data.snapshots import Connection

# How long somebody who reported is missed, in months.
MONTHS_MISSED = 12


def area_view(column: str) -> str:
    """Return the prepared view that says which team and locality a column's codes stand for."""
    return "prepared.practice_area" if column == PRACTICE else "prepared.team_code"


def create_coverage(
    connection: Connection, contracts: Mapping[str, Contract], batches: Sequence[Batch]
) -> None:
    """Create what is known of what was received.

    `covered` (table_name, every, team_id, period_start): every month of it was received; a team
    that was there for only some months of a period is covered when those were.

    `gap` (table_name, every, team_id, period_start, month, next_month, part_column, part, reason):
    why a month is not, in words; with a part, only that part (an employer) was not received.

    `remark` (table_name, every, team_id, period_start, provisional, reason): what must be said
    beside a figure that is there.

    Also `sent_month` and `team_coverage`, by month, for `data.feeds`. Needs the filled tables, the
    prepared views and the tables of `data.calendar.create_periods`.
    """
    _register_batches(connection, contracts, batches)
    _create_months(connection)
    connection.execute(_RECEIVED)
    connection.execute(_KNOWN)
    _create_presence(connection, contracts)
    connection.execute(_TEAM_COVERAGE)
    create_coverage_by_period(connection)
    for name in ("batch_area_rows", "batch_month_rows"):
        connection.unregister(name)


def create_coverage_by_period(connection: Connection, *, temporary: bool = False) -> None:
    """Create `covered`, `gap` and `remark` for every kind of period, from what is known by month.

    Temporary ones go before a snapshot's own, which stay as they are.
    """
    connection.execute(_EMPTY.replace("CREATE TABLE", "CREATE TEMP TABLE") if temporary else _EMPTY)
    connection.execute(_BY_PERIOD)


def create_complete_coverage(connection: Connection) -> None:
    """Create `covered`, `gap` and `remark` as they are where everything was received whole."""
    connection.execute(_EMPTY)
    connection.execute(
        "INSERT INTO covered SELECT DISTINCT t.table_name, g.every, g.team_id, g.period_start"
        " FROM part AS g CROSS JOIN (SELECT table_name FROM duckdb_tables()) AS t"
    )


_EMPTY = """
CREATE TABLE covered (table_name VARCHAR, every VARCHAR, team_id VARCHAR, period_start DATE);
CREATE TABLE gap (
    table_name VARCHAR, every VARCHAR, team_id VARCHAR, period_start DATE, month DATE,
    next_month DATE, part_column VARCHAR, part VARCHAR, reason VARCHAR
);
CREATE TABLE remark (
    table_name VARCHAR, every VARCHAR, team_id VARCHAR, period_start DATE, provisional BOOLEAN,
    reason VARCHAR
);
"""


def _register_batches(
    connection: Connection, contracts: Mapping[str, Contract], batches: Sequence[Batch]
) -> None:
    areas, months = [], []
    part_filled = {batch.id: batch.part_filled for batch in batches}
    for number, batch in enumerate(batches):
        by_practice = contracts[batch.table].area_column == PRACTICE
        about = (number, batch.id, batch.loaded_at.date(), batch.table, batch.source_system)
        areas += [(*about, by_practice, code, False) for code in batch.covers.areas]
        areas += [(*about, by_practice, code, True) for code in batch.covers.stated_areas]
        # Held rows that were put right make a month no more whole than it was.
        part = part_filled.get(batch.corrects, batch.part_filled)
        months += [(number, month, part == f"{month:%Y-%m}") for month in batch.covers.months()]
    area_columns = ["batch", "batch_id", "loaded_on", "table_name", "source", "by_practice"]
    area_columns += ["code", "said"]
    frame = pd.DataFrame(areas, columns=area_columns)
    text = dict.fromkeys(("batch_id", "table_name", "source", "code"), "string")
    yes_or_no = dict.fromkeys(("by_practice", "said"), bool)
    frame = frame.astype({**text, **yes_or_no, "batch": "int64", "loaded_on": "datetime64[s]"})
    connection.register("batch_area_rows", frame)
    frame = pd.DataFrame(months, columns=["batch", "month", "part_filled"])
    frame = frame.astype({"batch": "int64", "month": "datetime64[s]", "part_filled": bool})
    connection.register("batch_month_rows", frame)


def _create_months(connection: Connection) -> None:
    """Create `coverage_month` (month, next_month, missed_since): the months of any period."""
    found = connection.execute("SELECT DISTINCT month FROM period_month").fetchall()
    rows = [(m, add_months(m, 1), add_months(m, -MONTHS_MISSED)) for (m,) in found]
    frame = pd.DataFrame(rows, columns=["month", "next_month", "missed_since"])
    connection.register("month_rows", frame.astype("datetime64[s]"))
    connection.execute(
        "CREATE TABLE coverage_month AS SELECT CAST(month AS DATE) AS month,"
        " CAST(next_month AS DATE) AS next_month, CAST(missed_since AS DATE) AS missed_since"
        " FROM month_rows"
    )
    connection.unregister("month_rows")


_RECEIVED = f"""
CREATE TABLE batch_area AS SELECT * REPLACE (CAST(loaded_on AS DATE) AS loaded_on)
FROM batch_area_rows;

CREATE TABLE batch_month AS SELECT * REPLACE (CAST(month AS DATE) AS month) FROM batch_month_rows;

-- Whose codes are which team's, in which month.
CREATE TABLE team_month AS
WITH area AS (
    SELECT TRUE AS by_practice, * FROM prepared.practice_area
    UNION ALL
    SELECT FALSE AS by_practice, * FROM prepared.team_code
)
SELECT DISTINCT m.month, m.next_month, m.missed_since, a.by_practice, a.team_id, a.locality_id,
    a.code
FROM coverage_month AS m
JOIN area AS a ON a.valid_from < m.next_month AND a.valid_to > m.month;

CREATE TABLE received_code AS
WITH in_the_rows AS (
    SELECT b.*, m.month, m.part_filled, t.team_id
    FROM batch_area AS b
    JOIN batch_month AS m ON m.batch = b.batch
    JOIN team_month AS t
        ON t.by_practice = b.by_practice AND t.code = b.code AND t.month = m.month
    WHERE NOT b.said
),
one_team AS (
    SELECT DISTINCT a.team_id, a.code, b.code AS other
    FROM prepared.practice_area AS a
    JOIN prepared.practice_area AS b ON b.team_id = a.team_id AND b.code <> a.code
),
-- Practices of a team that have come in one file of one system, and so are asked for together.
together AS (
    SELECT DISTINCT a.table_name, a.source, o.team_id, a.code, b.code AS other
    FROM one_team AS o
    JOIN batch_area AS a ON a.code = o.code AND a.by_practice AND NOT a.said
    JOIN batch_area AS b ON b.batch = a.batch AND b.code = o.other AND NOT b.said
),
in_their_files AS (
    SELECT r.*, o.code AS with_code
    FROM in_the_rows AS r
    JOIN together AS o ON o.table_name = r.table_name AND o.source = r.source
        AND o.team_id = r.team_id AND o.other = r.code
),
said AS (
    SELECT b.*, m.month, m.part_filled, t.team_id, t.code AS meant
    FROM batch_area AS b
    JOIN batch_month AS m ON m.batch = b.batch
    JOIN team_month AS t ON t.by_practice = b.by_practice AND t.month = m.month
        AND (
            b.code IN ('{ALL_AREAS}', t.code, t.team_id)
            -- A code that is a team's is that team, and not the locality of the same code.
            OR b.code = t.locality_id AND b.code NOT IN (SELECT team_id FROM main.team)
        )
    WHERE b.said
)
SELECT DISTINCT table_name, source, batch_id, loaded_on, month, team_id, code, part_filled
FROM (
    SELECT table_name, source, batch_id, loaded_on, month, team_id, code, part_filled
    FROM in_the_rows
    UNION ALL
    SELECT f.table_name, f.source, f.batch_id, f.loaded_on, f.month, f.team_id, t.code,
        f.part_filled
    FROM in_their_files AS f
    JOIN team_month AS t ON t.by_practice AND t.code = f.with_code AND t.team_id = f.team_id
        AND t.month = f.month
    UNION ALL
    SELECT table_name, source, batch_id, loaded_on, month, team_id, meant, part_filled FROM said
);

-- What came for a team in a month, by the system it came from.
CREATE TABLE sent_month AS
SELECT table_name, source, team_id, month, MIN(loaded_on) AS received_on,
    LIST(DISTINCT batch_id ORDER BY batch_id) AS batch_ids
FROM received_code
GROUP BY table_name, source, team_id, month;
"""

_KNOWN = """
-- What somebody wrote of a team's month; what is said of one team goes before what is said of all.
CREATE TABLE told AS
SELECT s.feed AS table_name, t.team_id, s.month, s.expected, s.received, s.complete_pct,
    RTRIM(TRIM(s.note), '.') AS note
FROM main.feed_status AS s
JOIN (SELECT DISTINCT team_id FROM main.team) AS t
    ON s.team_id IS NULL OR s.team_id = t.team_id
QUALIFY ROW_NUMBER() OVER (
    PARTITION BY s.feed, t.team_id, s.month ORDER BY s.team_id IS NULL
) = 1;

-- Who has agreed to send what, for which team and month.
CREATE TABLE expected_month AS
SELECT DISTINCT f.feed AS table_name, f.sent_by, COALESCE(f.system, '') AS source,
    t.team_id, t.month, t.next_month, f.due_days, f.note
FROM main.feed AS f
JOIN (
    SELECT DISTINCT team_id, month, next_month FROM team_month WHERE NOT by_practice
) AS t
    ON (f.team_id IS NULL OR f.team_id = t.team_id)
    AND f.expected_from < t.next_month
    AND (f.expected_to IS NULL OR f.expected_to > t.month);
"""


def _create_presence(connection: Connection, contracts: Mapping[str, Contract]) -> None:
    """Create `presence`: in which months which part of a team reported, and whether not noughts."""
    connection.execute(
        "CREATE TABLE presence (table_name VARCHAR, part_column VARCHAR, team_id VARCHAR,"
        " month DATE, part VARCHAR, any_amount BOOLEAN)"
    )
    for contract in contracts.values():
        amounts = [f'COALESCE(e."{c.name}", 0) <> 0' for c in contract.columns if c.type in COUNTED]
        for column in contract.expects_each:
            date, area = f'CAST(e."{contract.date}" AS DATE)', str(contract.area_column)
            connection.execute(
                f"INSERT INTO presence SELECT ?, ?, a.team_id, d.period_start, "
                f' e."{column}", BOOL_OR({" OR ".join(amounts) or "TRUE"})'
                f' FROM main."{contract.table}" AS e'
                f' JOIN {area_view(area)} AS a ON a.code = e."{area}"'
                f" AND {date} >= a.valid_from AND {date} < a.valid_to"
                f" JOIN period_day AS d ON d.every = 'month' AND d.day = {date}"
                f" GROUP BY ALL",
                [contract.table, column],
            )


_TEAM_COVERAGE = """
-- By table, team and month: how many codes the team has, how many of them were received, whether
-- one is not that should be, and whether any is of a month that was not over.
CREATE TABLE team_coverage AS
WITH seen AS (
    SELECT DISTINCT table_name, code FROM batch_area WHERE NOT said
),
code AS (
    SELECT table_name, team_id, month, code, BOOL_AND(part_filled) AS part_filled
    FROM received_code
    GROUP BY table_name, team_id, month, code
),
counted AS (
    SELECT k.table_name, t.by_practice, t.team_id, t.month, t.next_month,
        COUNT(DISTINCT t.code) AS codes,
        COUNT(DISTINCT c.code) AS received,
        COUNT(DISTINCT t.code) FILTER (WHERE s.code IS NOT NULL AND c.code IS NULL) AS lost,
        COALESCE(BOOL_OR(c.part_filled), FALSE) AS part_filled
    FROM (SELECT DISTINCT table_name, by_practice FROM batch_area) AS k
    JOIN team_month AS t ON t.by_practice = k.by_practice
    LEFT JOIN code AS c ON c.table_name = k.table_name AND c.team_id = t.team_id
        AND c.month = t.month AND c.code = t.code
    LEFT JOIN seen AS s ON s.table_name = k.table_name AND s.code = t.code
    GROUP BY k.table_name, t.by_practice, t.team_id, t.month, t.next_month
),
unsent AS (
    SELECT e.table_name, e.team_id, e.month, MIN(e.sent_by) AS sent_by
    FROM expected_month AS e
    LEFT JOIN sent_month AS s ON s.table_name = e.table_name AND s.source = e.source
        AND s.team_id = e.team_id AND s.month = e.month
    WHERE e.source <> '' AND s.month IS NULL
    GROUP BY e.table_name, e.team_id, e.month
)
SELECT c.table_name, c.by_practice, c.team_id, c.month, c.next_month, c.codes, c.received,
    c.part_filled, o.complete_pct, o.note,
    c.received > 0 AND (c.lost = 0 OR NOT c.by_practice)
        AND COALESCE(o.received, TRUE) AND u.month IS NULL AS ok,
    CASE
        WHEN NOT o.received THEN 'not received' || COALESCE(': ' || o.note, '')
        WHEN c.received > 0 AND u.month IS NOT NULL THEN 'not received from ' || u.sent_by
        WHEN c.received > 0 AND c.lost > 0 AND c.by_practice
            THEN c.received || ' of ' || c.codes || ' practices'
    END AS reason
FROM counted AS c
LEFT JOIN told AS o
    ON o.table_name = c.table_name AND o.team_id = c.team_id AND o.month = c.month
LEFT JOIN unsent AS u
    ON u.table_name = c.table_name AND u.team_id = c.team_id AND u.month = c.month;

-- Who reported within the last year, and is not there now. A row of noughts says that they left.
CREATE TABLE lost_part AS
WITH reported AS (
    SELECT DISTINCT p.table_name, p.part_column, p.team_id, m.month, m.next_month, m.missed_since
    FROM presence AS p
    JOIN coverage_month AS m ON m.month = p.month
)
SELECT r.table_name, r.part_column, r.team_id, r.month, r.next_month, p.part,
    p.part || ' figures not received' AS reason
FROM reported AS r
JOIN presence AS p ON p.table_name = r.table_name AND p.part_column = r.part_column
    AND p.team_id = r.team_id AND p.month < r.month AND p.month >= r.missed_since
LEFT JOIN presence AS here ON here.table_name = r.table_name AND here.part_column = r.part_column
    AND here.team_id = r.team_id AND here.month = r.month AND here.part = p.part
WHERE here.part IS NULL
GROUP BY r.table_name, r.part_column, r.team_id, r.month, r.next_month, p.part
HAVING ARG_MAX(p.any_amount, p.month);
"""

_BY_PERIOD = """
INSERT INTO covered
SELECT c.table_name, m.every, c.team_id, m.period_start
FROM team_coverage AS c
JOIN period_month AS m ON m.month = c.month
GROUP BY c.table_name, m.every, c.team_id, m.period_start
HAVING BOOL_AND(c.ok);

INSERT INTO gap
SELECT g.table_name, m.every, g.team_id, m.period_start, g.month, g.next_month, g.part_column,
    g.part, g.reason
FROM (
    SELECT table_name, team_id, month, next_month, NULL AS part_column, NULL AS part, reason
    FROM team_coverage
    WHERE reason IS NOT NULL
    UNION ALL
    SELECT table_name, team_id, month, next_month, part_column, part, reason FROM lost_part
) AS g
JOIN period_month AS m ON m.month = g.month;

INSERT INTO remark
SELECT r.table_name, m.every, r.team_id, m.period_start, r.provisional, r.reason
FROM (
    SELECT table_name, team_id, month, TRUE AS provisional,
        strftime(month, '%B %Y') || ' is not complete yet' AS reason
    FROM team_coverage
    WHERE ok AND part_filled
    UNION ALL
    SELECT table_name, team_id, month, TRUE,
        'about ' || CAST(CAST(complete_pct AS INTEGER) AS VARCHAR) || '% received'
        || COALESCE(': ' || note, '')
    FROM team_coverage
    WHERE ok AND complete_pct < 100
    UNION ALL
    SELECT table_name, team_id, month, FALSE, received || ' of ' || codes || ' practices'
    FROM team_coverage
    WHERE ok AND by_practice AND received < codes
) AS r
JOIN period_month AS m ON m.month = r.month
GROUP BY ALL;
"""


def unplaced_rows(connection: Connection, contracts: Mapping[str, Contract]) -> dict[str, int]:
    """Return, by table, how many rows of figures belong to no team on their date.

    They count nowhere: a practice that nobody mapped, or a team that did not exist that day.
    """
    found: dict[str, int] = {}
    for contract, column, date in _dated_by_area(contracts):
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


def handed_on_rows(
    connection: Connection, contracts: Mapping[str, Contract]
) -> dict[tuple[str, str, str], int]:
    """Return how many rows name a team after it closed, by table, that team and its successor.

    They count with the successor. A row that names a closed team without one is in
    `unplaced_rows`.
    """
    closed = connection.execute(
        "SELECT code FROM prepared.team_code WHERE code <> team_id LIMIT 1"
    ).fetchall()
    found: dict[tuple[str, str, str], int] = {}
    for contract, column, date in _dated_by_area(contracts) if closed else []:
        if column == PRACTICE:
            continue
        rows = connection.execute(
            f'SELECT a.code, a.team_id, COUNT(*) FROM main."{contract.table}" AS r'
            f' JOIN {area_view(column)} AS a ON a.code = r."{column}"'
            f' AND CAST(r."{date}" AS DATE) >= a.valid_from'
            f' AND CAST(r."{date}" AS DATE) < a.valid_to'
            " WHERE a.code <> a.team_id GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        found |= {(contract.table, old, new): int(count) for old, new, count in rows}
    return found


def unseen_practices(connection: Connection) -> list[tuple[str, str, str]]:
    """Return the practices with no row in any file, as (table, team, practice).

    Only where the team's other practices are there, and nobody said that the file speaks for it.
    """
    return connection.execute(
        "SELECT DISTINCT c.table_name, t.team_id, t.code FROM team_coverage AS c"
        " JOIN team_month AS t ON t.by_practice AND t.team_id = c.team_id AND t.month = c.month"
        " LEFT JOIN received_code AS r ON r.table_name = c.table_name AND r.code = t.code"
        " WHERE c.by_practice AND c.ok AND c.received < c.codes AND r.code IS NULL"
        " ORDER BY ALL"
    ).fetchall()


def _dated_by_area(contracts: Mapping[str, Contract]) -> list[tuple[Contract, str, str]]:
    """Return the tables of figures whose rows are of a team, with the columns that say so."""
    return [
        (contract, contract.area_column, contract.date)
        for contract in contracts.values()
        if contract.kind != "reference" and contract.area_column and contract.date
        # What is of a locality or of anything else is of no team, and nothing is wrong with it.
        if contract.by_team
    ]
