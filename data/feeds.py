"""Which table is expected from whom, team by team and month by month, and what has become of it.

What depends on the batches and lists alone is worked out once (`feed_months`, `still_expected`).
Whether what is not here is late depends on the day on which somebody asks (`with_states`).
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd

from data.acts import in_force
from data.calendar import add_months, create_periods, months_covered
from data.contract import Contract, load_contracts
from data.coverage import area_view, create_coverage
from data.home import Home
from data.records import check_areas, create_prepared, create_tables, fill_tables
from data.reference import reference_tables
from data.snapshots import Connection, memory

FeedState = Literal[
    "on time", "received", "part-filled", "not yet due", "late", "missing", "not expected"
]
Expected = Literal["yes", "no", "not said"]
SHOWN = 2


@dataclass(frozen=True)
class FeedMonth:
    """One table of one team in one month.

    Attributes:
        feed: The table.
        title: What the table is called.
        sent_by: Who has agreed to send it; '' where nobody has.
        month: Its first day.
        expected: Whether the lists say that it is owed; "not said": they do not name the table.
        due_on: The day by which it should be here.
        received: Whether it is here whole enough to be counted.
        received_on: The day on which the first file with it was loaded.
        rows: How many rows there are of it.
        complete_pct: About how much of it somebody said was received.
        part_filled: The month was not over when the files were drawn.
        told_missing: Somebody wrote that it was not received.
        batch_ids: The batches that speak for it.
        note: What is known of why it is not here, or not whole.
    """

    feed: str
    title: str
    sent_by: str
    team_id: str
    month: datetime.date
    expected: Expected
    due_on: datetime.date | None
    received: bool
    received_on: datetime.date | None
    rows: int
    complete_pct: float | None
    part_filled: bool
    told_missing: bool
    batch_ids: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class FeedStatus(FeedMonth):
    """The same on a day.

    Attributes:
        state: `on time`: here by the day it was due; `received`: here, later or with no such day;
            `part-filled`: here in part; `not yet due`; `late`: due, and still awaited; `missing`:
            not here, and later months are or somebody wrote that it was not received;
            `not expected`.
    """

    state: FeedState

    def as_dict(self) -> dict[str, Any]:
        """Return the status as plain values, ready for JSON."""
        said = asdict(self)
        for name in ("month", "due_on", "received_on"):
            said[name] = said[name] and said[name].isoformat()
        return {**said, "batch_ids": list(self.batch_ids)}


@dataclass(frozen=True)
class StillExpected:
    """What goes on being owed after the last month with figures.

    Attributes:
        after: The first day of the last month with figures.
        until: The first day for which it is no longer owed, if that is known.
    """

    feed: str
    title: str
    sent_by: str
    team_id: str
    expected_from: datetime.date
    until: datetime.date | None
    due_days: int
    after: datetime.date


@dataclass(frozen=True)
class LateFeed:
    """One sender's table that is late, with the first month awaited and the teams that wait."""

    feed: str
    title: str
    sent_by: str
    month: datetime.date
    due_on: datetime.date
    team_ids: tuple[str, ...]


def feeds_of(home: Home, today: datetime.date | None = None) -> list[FeedStatus]:
    """Return the status of every feed of a partnership from what is loaded, published or not.

    Raises:
        DataError: If a file of the partnership cannot be used.
    """
    today = today or home.now().date()
    contracts = load_contracts(home)
    batches = [batch for batch in in_force(home) if batch.table in contracts]
    last_month = add_months(today.replace(day=1), -1)
    first, last = months_covered(batches) or (last_month, last_month)
    with memory() as connection:
        create_tables(connection, contracts)
        fill_tables(connection, contracts, reference_tables(home, contracts), batches)
        create_prepared(connection, home.settings())
        create_periods(connection, first, last)
        check_areas(connection)
        create_coverage(connection, contracts, batches)
        months = months_from(feed_months(connection, contracts))
        later = still_expected_from(still_expected(connection, contracts, last))
    return with_states(months, later, today)


def feed_months(connection: Connection, contracts: Mapping[str, Contract]) -> pd.DataFrame:
    """Return one row for each `FeedMonth`, as its columns; needs `data.coverage.create_coverage`.

    Every month with figures is there for each table that is expected or of which anything came,
    and every team that was there then.
    """
    _create_row_counts(connection, contracts)
    found = connection.execute(_FEED_MONTHS).df()
    connection.execute("DROP TABLE row_count")
    return found


def still_expected(
    connection: Connection, contracts: Mapping[str, Contract], last: datetime.date
) -> pd.DataFrame:
    """Return one row for each `StillExpected`, as its columns."""
    _create_row_counts(connection, contracts, counts=False)
    found = connection.execute(_STILL_EXPECTED, [last]).df()
    connection.execute("DROP TABLE row_count")
    return found


def _create_row_counts(
    connection: Connection, contracts: Mapping[str, Contract], *, counts: bool = True
) -> None:
    """Create `row_count` (feed, title, reported, team_id, month, rows); a table without has one."""
    connection.execute(
        "CREATE TEMP TABLE row_count (feed VARCHAR, title VARCHAR, reported BOOLEAN,"
        " team_id VARCHAR, month DATE, rows BIGINT)"
    )
    for contract in contracts.values():
        if contract.kind == "reference" or contract.date is None or contract.area_column is None:
            continue
        if not contract.by_team:
            # What a locality reports as a whole is owed by none of its teams.
            continue
        about = [contract.table, contract.title, contract.kind == "reported"]
        connection.execute("INSERT INTO row_count VALUES (?, ?, ?, NULL, NULL, 0)", about)
        if counts:
            date = f'CAST(e."{contract.date}" AS DATE)'
            connection.execute(
                f"INSERT INTO row_count SELECT ?, ?, ?, a.team_id, d.period_start, COUNT(*)"
                f' FROM main."{contract.table}" AS e'
                f" JOIN {area_view(contract.area_column)} AS a"
                f' ON a.code = e."{contract.area_column}"'
                f" AND {date} >= a.valid_from AND {date} < a.valid_to"
                f" JOIN period_day AS d ON d.every = 'month' AND d.day = {date}"
                " GROUP BY a.team_id, d.period_start",
                about,
            )


_FEED_MONTHS = """
WITH feed AS (
    SELECT feed, title, reported FROM row_count WHERE team_id IS NULL
),
there AS (
    SELECT DISTINCT t.team_id, t.month, t.next_month
    FROM team_month AS t
    JOIN period_month AS m ON m.every = 'month' AND m.month = t.month
    WHERE NOT t.by_practice
),
listed AS (
    SELECT DISTINCT feed FROM main.feed
),
asked AS (
    SELECT f.feed, f.title, f.reported, COALESCE(e.sent_by, '') AS sent_by,
        COALESCE(e.source, '') AS source, t.team_id, t.month,
        CASE
            WHEN e.table_name IS NOT NULL THEN 'yes' WHEN l.feed IS NOT NULL THEN 'no'
            ELSE 'not said'
        END AS expected,
        t.next_month + CAST(e.due_days - 1 AS INTEGER) AS due_on,
        e.note
    FROM feed AS f
    LEFT JOIN listed AS l ON l.feed = f.feed
    CROSS JOIN there AS t
    LEFT JOIN expected_month AS e
        ON e.table_name = f.feed AND e.team_id = t.team_id AND e.month = t.month
    LEFT JOIN (
        SELECT b.table_name, MIN(m.month) AS first_month, MAX(m.month) AS last_month
        FROM batch_area AS b JOIN batch_month AS m ON m.batch = b.batch
        GROUP BY b.table_name
    ) AS s ON s.table_name = f.feed
    WHERE e.table_name IS NOT NULL OR t.month BETWEEN s.first_month AND s.last_month
),
sent AS (
    SELECT table_name, source, team_id, month, received_on, batch_ids FROM sent_month
    WHERE source <> ''
    UNION ALL
    SELECT table_name, '', team_id, month, MIN(received_on),
        LIST_SORT(LIST_DISTINCT(FLATTEN(LIST(batch_ids))))
    FROM sent_month GROUP BY table_name, team_id, month
),
lost AS (
    SELECT table_name, team_id, month, STRING_AGG(DISTINCT reason, '; ' ORDER BY reason) AS reason
    FROM lost_part GROUP BY table_name, team_id, month
)
SELECT a.feed, a.title, a.sent_by, a.team_id, a.month,
    CASE WHEN o.expected THEN 'yes' WHEN NOT o.expected THEN 'no' ELSE a.expected END AS expected,
    a.due_on,
    COALESCE(o.received, TRUE) AND CASE
        WHEN a.source <> '' THEN s.month IS NOT NULL
        WHEN a.reported THEN r.rows IS NOT NULL AND l.month IS NULL
        ELSE COALESCE(c.ok, FALSE)
    END AS received,
    COALESCE(NOT o.received, FALSE) AS told_missing,
    s.received_on,
    COALESCE(r.rows, 0) AS rows,
    CAST(o.complete_pct AS DOUBLE) AS complete_pct,
    COALESCE(c.part_filled, FALSE) AS part_filled,
    ARRAY_TO_STRING(COALESCE(s.batch_ids, []), ' ') AS batch_ids,
    COALESCE(o.note, l.reason, c.reason, a.note, '') AS note
FROM asked AS a
LEFT JOIN told AS o ON o.table_name = a.feed AND o.team_id = a.team_id AND o.month = a.month
LEFT JOIN sent AS s ON s.table_name = a.feed AND s.source = a.source AND s.team_id = a.team_id
    AND s.month = a.month
LEFT JOIN row_count AS r ON r.feed = a.feed AND r.team_id = a.team_id AND r.month = a.month
LEFT JOIN team_coverage AS c ON c.table_name = a.feed AND c.team_id = a.team_id
    AND c.month = a.month
LEFT JOIN lost AS l ON l.table_name = a.feed AND l.team_id = a.team_id AND l.month = a.month
ORDER BY a.feed, a.sent_by, a.team_id, a.month
"""

_STILL_EXPECTED = """
SELECT DISTINCT f.feed, k.title, f.sent_by, t.team_id,
    GREATEST(f.expected_from, t.valid_from) AS expected_from,
    LEAST(f.expected_to, t.valid_to) AS until, f.due_days, CAST($1 AS DATE) AS after
FROM main.feed AS f
JOIN row_count AS k ON k.feed = f.feed
JOIN main.team AS t ON f.team_id IS NULL OR f.team_id = t.team_id
WHERE (f.expected_to IS NULL OR f.expected_to > $1) AND (t.valid_to IS NULL OR t.valid_to > $1)
ORDER BY ALL
"""


def months_from(rows: pd.DataFrame) -> list[FeedMonth]:
    """Return the months that rows with their columns hold."""
    return [
        FeedMonth(
            feed=row["feed"],
            title=row["title"],
            sent_by=row["sent_by"],
            team_id=row["team_id"],
            month=row["month"].date(),
            expected=row["expected"],
            due_on=_day(row["due_on"]),
            received=bool(row["received"]),
            received_on=_day(row["received_on"]),
            rows=int(row["rows"]),
            complete_pct=None if pd.isna(row["complete_pct"]) else float(row["complete_pct"]),
            part_filled=bool(row["part_filled"]),
            told_missing=bool(row["told_missing"]),
            batch_ids=tuple(row["batch_ids"].split()),
            note=row["note"],
        )
        for row in rows.to_dict("records")
    ]


def still_expected_from(rows: pd.DataFrame) -> list[StillExpected]:
    """Return what is still expected from rows with its columns."""
    return [
        StillExpected(
            feed=row["feed"],
            title=row["title"],
            sent_by=row["sent_by"],
            team_id=row["team_id"],
            expected_from=row["expected_from"].date(),
            until=_day(row["until"]),
            due_days=int(row["due_days"]),
            after=row["after"].date(),
        )
        for row in rows.to_dict("records")
    ]


def _day(cell: Any) -> datetime.date | None:
    return None if pd.isna(cell) else cell.date()


def with_states(
    months: Iterable[FeedMonth], later: Iterable[StillExpected], today: datetime.date
) -> list[FeedStatus]:
    """Return the status of each month on a day, with the months since the last with figures.

    In order of feed, sender, team and month. A month is asked for when it is over.
    """
    known = [*months, *(month for owed in later for month in _owed(owed, today))]
    known.sort(key=lambda one: (one.feed, one.sent_by, one.team_id, one.month))
    latest: dict[tuple[str, str, str], datetime.date] = {}
    for one in known:
        if one.received:
            latest[one.feed, one.sent_by, one.team_id] = one.month
    return [
        FeedStatus(
            **{name: getattr(one, name) for name in FeedMonth.__dataclass_fields__},
            state=_state(one, latest.get((one.feed, one.sent_by, one.team_id)), today),
        )
        for one in known
    ]


def _owed(owed: StillExpected, today: datetime.date) -> Iterator[FeedMonth]:
    month = add_months(owed.after, 1)
    while (next_month := add_months(month, 1)) <= today:
        if next_month > owed.expected_from and (owed.until is None or month < owed.until):
            yield FeedMonth(
                feed=owed.feed,
                title=owed.title,
                sent_by=owed.sent_by,
                team_id=owed.team_id,
                month=month,
                expected="yes",
                due_on=next_month + datetime.timedelta(days=owed.due_days - 1),
                received=False,
                received_on=None,
                rows=0,
                complete_pct=None,
                part_filled=False,
                told_missing=False,
                batch_ids=(),
                note="",
            )
        month = next_month


def _state(one: FeedMonth, latest: datetime.date | None, today: datetime.date) -> FeedState:
    if one.received:
        if one.part_filled or (one.complete_pct is not None and one.complete_pct < 100):
            return "part-filled"
        in_time = one.due_on and one.received_on and one.received_on <= one.due_on
        return "on time" if in_time else "received"
    if one.expected == "no":
        return "not expected"
    if one.due_on is None or one.told_missing or (latest is not None and latest > one.month):
        return "missing"
    return "late" if today > one.due_on else "not yet due"


def late(feeds: Sequence[FeedStatus]) -> list[LateFeed]:
    """Return the feeds that are late, each sender's table once, the longest awaited first."""
    waiting: dict[tuple[str, str], list[FeedStatus]] = {}
    for one in feeds:
        if one.state == "late":
            waiting.setdefault((one.feed, one.sent_by), []).append(one)
    found = [
        LateFeed(
            feed=feed,
            title=group[0].title,
            sent_by=sent_by,
            month=min(one.month for one in group),
            due_on=min(one.due_on for one in group if one.due_on is not None),
            team_ids=tuple(sorted({one.team_id for one in group})),
        )
        for (feed, sent_by), group in waiting.items()
    ]
    return sorted(found, key=lambda one: (one.due_on, one.feed, one.sent_by))


def in_summary(feeds: Sequence[FeedStatus]) -> list[tuple[str, ...]]:
    """Return one line for each sender's table, as texts.

    The table, who sends it, the months that are here, and which are part-filled, late, missing or
    not yet due.
    """
    groups: dict[tuple[str, str], list[FeedStatus]] = {}
    for one in feeds:
        groups.setdefault((one.feed, one.sent_by), []).append(one)
    lines = []
    for (feed, sent_by), group in groups.items():
        here = [one.month for one in group if one.received]
        span = f"{min(here):%Y-%m} to {max(here):%Y-%m}" if here else "nothing"
        states: Sequence[FeedState] = ("part-filled", "late", "missing", "not yet due")
        lines.append((feed, sent_by or "not said", span, *(_where(group, s) for s in states)))
    return lines


def in_notes(feeds: Sequence[FeedStatus]) -> list[str]:
    """Return what is known of why months are not here or not whole, each note once, as lines.

    "Community contacts, from trust: N1 2024-10, N2 2024-10: the system was down"
    """
    groups: dict[tuple[str, str, str], list[FeedStatus]] = {}
    for one in feeds:
        if one.note and one.state in _NOTED:
            groups.setdefault((one.title, one.sent_by, one.note), []).append(one)
    return [
        f"{title}, from {sent_by or 'not said'}: {_listed(group)}: {note}"
        for (title, sent_by, note), group in groups.items()
    ]


_NOTED: tuple[FeedState, ...] = ("part-filled", "late", "missing")


def _where(group: Sequence[FeedStatus], state: FeedState) -> str:
    found = [one for one in group if one.state == state]
    return _listed(found) if found else "-"


def _listed(found: Sequence[FeedStatus]) -> str:
    shown = ", ".join(f"{one.team_id} {one.month:%Y-%m}" for one in found[:SHOWN])
    more = len(found) - SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
