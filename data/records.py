"""The contract tables of a snapshot: filled from reference lists and batches, and prepared views.

Measures are compiled against what stands here: the contract tables under their own names, and in
the schema `prepared` the views that add derived columns, or derived tables, to them.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from data.batches import ALL_AREAS, Batch, names_in, read_rows, without
from data.contract import Contract
from data.errors import DataError
from data.home import Settings
from data.prepared_tables import PREPARED, added_columns, countable
from data.snapshots import Connection, memory, parquet_relation

# A view that is read this often is worked out once: to write a table takes as long as reading its
# rows twice.
READS_WORTH_A_TABLE = 3
_READ_FROM_PREPARED = re.compile(r'\bprepared\."?(\w+)"?')
_LOOKS_AT_OTHER_ROWS = re.compile(r"\b(?:JOIN|GROUP BY|OVER|DISTINCT|UNION|EXISTS)\b")


@dataclass(frozen=True)
class Schema:
    """The tables and columns that a definition may name, with their SQL types.

    Attributes:
        contracts: The contracts of what is sent, by table.
        countable: The contracts of everything that a definition may count, by table: of what is
            sent with the prepared columns, and of the prepared tables.
        contract: Columns of each contract table, as a sender knows them.
        prepared: Columns of each prepared view, the contract's own and the derived ones.
        added: The columns that a prepared view adds to a table that is sent, or puts in the place
            of what was sent, by table; all other columns are there as they were sent.
    """

    contracts: Mapping[str, Contract]
    countable: Mapping[str, Contract]
    contract: Mapping[str, Mapping[str, str]]
    prepared: Mapping[str, Mapping[str, str]]
    added: Mapping[str, frozenset[str]]

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(sorted({*self.contract, *self.prepared}))

    def columns(self, table: str) -> Mapping[str, str]:
        """Return column -> SQL type, derived columns included; empty where there is no table."""
        return self.prepared.get(table) or self.contract.get(table) or {}

    def contract_columns(self, table: str) -> Mapping[str, str]:
        """Return column -> SQL type of what a sender sends; empty where there is no table."""
        return self.contract.get(table) or {}

    def relation(self, table: str, columns: Iterable[str] | None = None) -> str:
        """Return the name by which SQL reads a table: its prepared view where there is one.

        Args:
            table: The table.
            columns: Those that are read; None: any. Where a view adds none of these, the table is
                read as it was sent, and nothing is derived that nobody asks for.
        """
        if table not in self.prepared:
            return f'main."{table}"'
        as_sent = columns is not None and table in self.added
        if as_sent and self.added[table].isdisjoint(columns or ()):
            return f'main."{table}"'
        return f'prepared."{table}"'


def create_tables(connection: Connection, contracts: Mapping[str, Contract]) -> None:
    """Create every contract table, empty."""
    for contract in contracts.values():
        columns = ", ".join(f'"{c.name}" {contract.sql_type(c.name)}' for c in contract.columns)
        connection.execute(f'CREATE TABLE "{contract.table}" ({columns})')


def create_prepared(
    connection: Connection, settings: Settings, statements: Iterable[str] = ()
) -> None:
    """Create the prepared views, and the list of duty desks that one of them asks.

    Args:
        connection: Where they are made. To keep any as tables, what they read must be filled.
        settings: The partnership's, for its duty desks.
        statements: What will be asked. A view that these read often is worked out once, and kept
            as a table of the same name.
    """
    connection.execute("CREATE TABLE duty_desk (worker_key VARCHAR PRIMARY KEY)")
    desks = sorted({desk.strip().upper() for desk in settings.duty_desks})
    connection.executemany("INSERT INTO duty_desk VALUES (?)", [[desk] for desk in desks])
    connection.execute("CREATE SCHEMA prepared")
    waiting = {file.stem: file.read_text(encoding="utf-8") for file in PREPARED.glob("*.sql")}
    kept = _worth_keeping(waiting, statements)
    reads = {name: {*_READ_FROM_PREPARED.findall(sql)} - {name} for name, sql in waiting.items()}
    while waiting:
        # A view may read another: those that read none that is still waiting go first.
        ready = [name for name in sorted(waiting) if reads[name].isdisjoint(waiting)]
        if not ready:
            raise DataError(f"{PREPARED}: these views read each other: {', '.join(waiting)}")
        for name in ready:
            kind = "TABLE" if name in kept else "VIEW"
            connection.execute(f'CREATE {kind} prepared."{name}" AS {waiting.pop(name)}')


def _worth_keeping(views: Mapping[str, str], statements: Iterable[str]) -> frozenset[str]:
    """Return the views that are read so often that it is quicker to work them out once.

    One that only adds to each row what stands in that row is as quick to read as its table.
    """
    asked = list(statements)
    if not asked:
        return frozenset()
    reads = Counter(
        name for sql in (*asked, *views.values()) for name in _READ_FROM_PREPARED.findall(sql)
    )
    return frozenset(
        name
        for name, sql in views.items()
        if reads[name] >= READS_WORTH_A_TABLE and _LOOKS_AT_OTHER_ROWS.search(sql)
    )


def schema_of(contracts: Mapping[str, Contract]) -> Schema:
    """Return what definitions may name, read from the real tables and views, made empty."""
    with memory() as connection:
        create_tables(connection, contracts)
        create_prepared(connection, Settings(id="empty", name="empty"))
        found: dict[str, dict[str, dict[str, str]]] = {"main": {}, "prepared": {}}
        rows = connection.execute(
            "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()"
            " WHERE schema_name IN ('main', 'prepared') ORDER BY table_name, column_index"
        ).fetchall()
    for schema, table, column, sql_type in rows:
        if table in contracts or schema == "prepared":
            found[schema].setdefault(table, {})[column] = sql_type
    made = countable(contracts)
    return Schema(
        contracts=contracts,
        countable=made,
        contract=found["main"],
        prepared=found["prepared"],
        added={
            table: frozenset(column.name for column in columns)
            for table, columns in added_columns(contracts, made).items()
        },
    )


def fill_tables(
    connection: Connection,
    contracts: Mapping[str, Contract],
    reference: Mapping[str, pa.Table],
    batches: Sequence[Batch],
) -> None:
    """Fill the contract tables: reference lists first, then batches in the order given.

    Where rows have a key, the latest row of each key wins. Where they have none, a later batch
    takes the place of everything in the months and areas that it covers, unless it was said to
    add; and where a batch was said to replace, it does so in any table. Rows that correct held
    rows of a batch count as rows of that batch, each held row once. Lists are filled before what
    refers to them: an area that a batch covers may be a locality.
    """
    lists = [c for c in contracts.values() if c.kind == "reference"]
    sent = [c for c in contracts.values() if c.kind != "reference"]
    with_practices = "practice_team" in contracts
    for contract in lists:
        _fill(connection, contract, reference, batches, with_practices)

    def fill_beside(contract: Contract) -> None:
        with connection.cursor() as beside:
            _fill(beside, contract, reference, batches, with_practices)

    # DuckDB writes rows of one file with one processor, so tables are filled side by side, those
    # with the most rows first.
    rows = Counter[str]()
    for batch in batches:
        rows[batch.table] += batch.rows_loaded
    sent.sort(key=lambda contract: -rows[contract.table])
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        list(pool.map(fill_beside, sent))


def _fill(
    connection: Connection,
    contract: Contract,
    reference: Mapping[str, pa.Table],
    batches: Sequence[Batch],
    with_practices: bool,
) -> None:
    own = [batch for batch in batches if batch.table == contract.table]
    layers = list(_layers(reference.get(contract.table), own))
    if layers:
        stated = any(batch.covers.stated_areas for batch in own)
        relation = _CLEARED if stated and with_practices else "cleared"
        _insert(connection, contract, layers, _cleared(contract, own), relation)


@dataclass(frozen=True)
class _Layer:
    """Rows that take effect together.

    Attributes:
        rows: The rows, or the Parquet file that holds them, which DuckDB reads faster by itself.
        place: When: 0 for the lists in `reference/`, then batches in their order; a correction
            has the place of the batch that it corrects.
        part: Which of two in one place goes before: the higher.
    """

    rows: pa.Table | Path
    place: int
    part: int

    @property
    def names(self) -> list[str]:
        return names_in(self.rows) if isinstance(self.rows, Path) else self.rows.column_names


def _layers(oldest: pa.Table | None, batches: Sequence[Batch]) -> Iterator[_Layer]:
    if oldest is not None:
        yield _Layer(oldest, 0, 0)
    place = {batch.id: number for number, batch in enumerate(batches, start=1)}
    for number, batch in enumerate(batches, start=1):
        if not batch.corrects:
            yield _Layer(batch.rows_file, number, 0)
        elif batch.corrects in place:
            later = {
                row
                for other in batches[number:]
                if other.corrects == batch.corrects
                for row in other.settles
            }
            yield _Layer(without(read_rows(batch), later), place[batch.corrects], number)


def _cleared(
    contract: Contract, batches: Sequence[Batch]
) -> dict[tuple[str | None, str | None], int]:
    """Return, for each month and area of which earlier rows are gone, the last place to do so.

    A list has no months. Without an area column all areas are meant.
    """
    cleared: dict[tuple[str | None, str | None], int] = {}
    for place, batch in enumerate(batches, start=1):
        if batch.corrects or batch.how == "adds" or (contract.key and batch.how != "replaces"):
            continue
        covers = batch.covers
        months = [f"{month:%Y-%m}" for month in covers.months()] if by_month(contract) else [None]
        everywhere = contract.area_column is None or ALL_AREAS in covers.stated_areas
        areas = [None] if everywhere else [*covers.areas, *covers.stated_areas]
        cleared |= dict.fromkeys(((month, area) for month in months for area in areas), place)
    return cleared


def by_month(contract: Contract) -> bool:
    """Return whether what a batch of a table covers is said in months."""
    return contract.kind != "reference" and contract.date is not None


def _columns(contract: Contract, layer: _Layer) -> str:
    """Return the columns of a layer in the contract's order; one that it lacks is blank."""
    names = layer.names
    return ", ".join(
        f'"{c.name}"' if c.name in names else f'NULL AS "{c.name}"' for c in contract.columns
    )


def _insert(
    connection: Connection,
    contract: Contract,
    layers: Sequence[_Layer],
    cleared: Mapping[tuple[str | None, str | None], int],
    cleared_relation: str = "cleared",
) -> None:
    """Insert of all layers what is not overtaken by a later one."""
    places, registered = [], []
    for number, layer in enumerate(layers):
        if isinstance(layer.rows, Path):
            places.append(parquet_relation(layer.rows))
        else:
            connection.register(f"layer_{number}", layer.rows)
            registered.append(f"layer_{number}")
            places.append(f"layer_{number}")
    union = " UNION ALL ".join(
        f"SELECT {layer.place} AS _place, {layer.part} AS _part, {_columns(contract, layer)}"
        f" FROM {place}"
        for layer, place in zip(layers, places, strict=True)
    )
    columns = ", ".join(f'"{c.name}"' for c in contract.columns)
    latest = f"SELECT * FROM ({union})"
    if contract.key and len(layers) > 1:
        latest = _latest_of_each_key(connection, contract, union)
    first = min(layer.place for layer in layers)
    overtaking = {where: place for where, place in cleared.items() if place > first}
    kept = ""
    if overtaking:
        # First the latest row of a key, then whether it is gone: else one that was moved to
        # another month and then deleted would come back as it was before.
        connection.register("cleared", _as_table(overtaking))
        same = ["c.place > latest._place"]
        if by_month(contract):
            same.append(f"""c.month = strftime(latest."{contract.date}", '%Y-%m')""")
        if contract.area_column:
            same.append(f'(c.area IS NULL OR c.area = latest."{contract.area_column}")')
        if contract.kind == "reference":
            # The partnership's own lists are changed by editing them.
            same.append("latest._place > 0")
        kept = (
            f" WHERE NOT EXISTS (SELECT 1 FROM {cleared_relation} AS c WHERE {' AND '.join(same)})"
        )
    connection.execute(
        f'INSERT INTO "{contract.table}" SELECT {columns} FROM ({latest}) AS latest{kept}'
    )
    if overtaking:
        registered.append("cleared")
    for name in registered:
        connection.unregister(name)


def _latest_of_each_key(connection: Connection, contract: Contract, union: str) -> str:
    """Return the query for the latest row of each key.

    Most keys are in one layer only, and to put all rows in order would take several times as long
    as to read them. So first the hashes are counted, and only rows whose hash is there more than
    once are put in order: equal keys have equal hashes, so no other row can be overtaken.
    """
    key = ", ".join(f'"{name}"' for name in contract.key)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT hash({key}) AS hashed FROM ({union})"
        " GROUP BY hashed HAVING COUNT(*) > 1"
    )
    if not connection.execute("SELECT 1 FROM repeated LIMIT 1").fetchall():
        return f"SELECT * FROM ({union})"
    return (
        f"SELECT * FROM ({union}) WHERE hash({key}) NOT IN (SELECT hashed FROM repeated)"
        f" UNION ALL SELECT * FROM (SELECT * FROM ({union}) WHERE hash({key}) IN"
        " (SELECT hashed FROM repeated)) QUALIFY ROW_NUMBER() OVER"
        f" (PARTITION BY {key} ORDER BY _place DESC, _part DESC) = 1"
    )


# A code that is no team's may be a locality, and stands for its teams; a team, for its practices.
_CLEARED = """(
    WITH by_team AS (
        SELECT month, area, place FROM cleared
        UNION ALL
        SELECT c.month, t.team_id, c.place FROM cleared AS c
        JOIN main.team AS t ON t.locality_id = c.area
        WHERE c.area NOT IN (SELECT team_id FROM main.team)
    )
    SELECT * FROM by_team
    UNION ALL
    SELECT b.month, p.practice_code, b.place FROM by_team AS b
    JOIN main.practice_team AS p ON p.team_id = b.area
)"""


def _as_table(cleared: Mapping[tuple[str | None, str | None], int]) -> pa.Table:
    return pa.table(
        {
            "month": pa.array([month for month, _ in cleared], pa.string()),
            "area": pa.array([area for _, area in cleared], pa.string()),
            "place": pa.array(list(cleared.values()), pa.int64()),
        }
    )


def check_areas(connection: Connection) -> None:
    """Check that on any day a team lies in one locality and a practice in one team.

    Raises:
        DataError: If one lies in two at once: its rows would be counted twice.
    """
    for view, what in (("team_area", "team"), ("practice_area", "practice")):
        twice = connection.execute(
            f"SELECT a.code, MAX(GREATEST(a.valid_from, b.valid_from)) FROM prepared.{view} AS a"
            f" JOIN prepared.{view} AS b ON a.code = b.code AND a.valid_from < b.valid_to"
            " AND b.valid_from < a.valid_to AND (a.valid_from, a.valid_to, a.team_id)"
            " < (b.valid_from, b.valid_to, b.team_id) GROUP BY a.code ORDER BY a.code"
        ).fetchall()
        if twice:
            listed = ", ".join(f"{code} on {day}" for code, day in twice[:10])
            raise DataError(
                f"Each {what} belongs to one place on any day, but these are in two: {listed}."
                f" Set valid_to of the earlier row to the day the later one begins."
            )


def collected_tables(connection: Connection, contracts: Mapping[str, Contract]) -> frozenset[str]:
    """Return the tables of which anything at all has been received."""
    return frozenset(
        table
        for table in contracts
        if connection.execute(f'SELECT 1 FROM main."{table}" LIMIT 1').fetchall()
    )


def person_key_is_shared(connection: Connection) -> bool:
    """Return whether any person is known to health and to social care by one key.

    Where only one of the two sent keys, nothing says that they differ.
    """
    ((health, social_care, both),) = connection.execute(
        """
        WITH health AS (
            SELECT person_key FROM main.hospital_spell
            UNION SELECT person_key FROM main.referral WHERE sector = 'health'
        ),
        social_care AS (
            SELECT person_key FROM main.service
            UNION SELECT person_key FROM main.referral WHERE sector = 'social care'
        )
        SELECT
            EXISTS (SELECT 1 FROM health WHERE person_key IS NOT NULL),
            EXISTS (SELECT 1 FROM social_care WHERE person_key IS NOT NULL),
            EXISTS (SELECT 1 FROM health AS h JOIN social_care AS s USING (person_key))
        """
    ).fetchall()
    return bool(both) or not (health and social_care)
