"""The contract tables of a snapshot: filled from reference lists and batches, and prepared views.

Measures are compiled against what stands here: the contract tables under their own names, and in
the schema `prepared` the views that add derived columns, or derived tables, to them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from data.batches import ALL_AREAS, PRACTICE, Batch, read_rows
from data.contract import Contract
from data.errors import DataError
from data.home import Settings
from data.snapshots import Connection, memory

PREPARED = Path(__file__).parent / "prepared"


@dataclass(frozen=True)
class Schema:
    """The tables and columns that a definition may name, with their SQL types.

    Attributes:
        contract: Columns of each contract table, as a sender knows them.
        prepared: Columns of each prepared view, the contract's own and the derived ones.
    """

    contract: Mapping[str, Mapping[str, str]]
    prepared: Mapping[str, Mapping[str, str]]

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(sorted({*self.contract, *self.prepared}))

    def columns(self, table: str) -> Mapping[str, str]:
        """Return column -> SQL type, derived columns included; empty where there is no table."""
        return self.prepared.get(table) or self.contract.get(table) or {}

    def contract_columns(self, table: str) -> Mapping[str, str]:
        """Return column -> SQL type of what a sender sends; empty where there is no table."""
        return self.contract.get(table) or {}

    def relation(self, table: str) -> str:
        """Return the name by which SQL reads a table: its prepared view where there is one."""
        return f'prepared."{table}"' if table in self.prepared else f'main."{table}"'


def create_tables(connection: Connection, contracts: Mapping[str, Contract]) -> None:
    """Create every contract table, empty."""
    for contract in contracts.values():
        columns = ", ".join(f'"{c.name}" {contract.sql_type(c.name)}' for c in contract.columns)
        connection.execute(f'CREATE TABLE "{contract.table}" ({columns})')


def create_prepared(connection: Connection, settings: Settings) -> None:
    """Create the prepared views, and the list of duty desks that one of them asks."""
    connection.execute("CREATE TABLE duty_desk (worker_key VARCHAR PRIMARY KEY)")
    desks = sorted({desk.strip().upper() for desk in settings.duty_desks})
    connection.executemany("INSERT INTO duty_desk VALUES (?)", [[desk] for desk in desks])
    connection.execute("CREATE SCHEMA prepared")
    waiting = {file.stem: file.read_text(encoding="utf-8") for file in PREPARED.glob("*.sql")}
    while waiting:
        # A view may read another: those that read none that is still waiting go first.
        ready = [
            name
            for name, sql in sorted(waiting.items())
            if not any(f"prepared.{other}" in sql for other in waiting if other != name)
        ]
        if not ready:
            raise DataError(f"{PREPARED}: these views read each other: {', '.join(waiting)}")
        for name in ready:
            connection.execute(f'CREATE VIEW prepared."{name}" AS {waiting.pop(name)}')


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
    return Schema(contract=found["main"], prepared=found["prepared"])


def fill_tables(
    connection: Connection,
    contracts: Mapping[str, Contract],
    reference: Mapping[str, pa.Table],
    batches: Sequence[Batch],
) -> None:
    """Fill the contract tables: reference lists first, then batches in the order of loading.

    Where rows have a key, the latest row of each key wins. Where they have none, a later batch
    takes the place of everything in the months and areas that it covers. Lists are filled before
    what refers to them: an area that a batch covers may be a locality.
    """
    lists_first = sorted(contracts.items(), key=lambda item: item[1].kind != "reference")
    for table, contract in lists_first:
        oldest = [reference[table]] if table in reference else []
        own = [batch for batch in batches if batch.table == table]
        if contract.key:
            _insert_latest(connection, contract, oldest + [read_rows(batch) for batch in own])
            continue
        for layer in oldest:
            _insert(connection, contract, layer)
        for batch in own:
            _clear_covered(connection, contract, batch)
            _insert(connection, contract, read_rows(batch))


def _columns(contract: Contract, layer: pa.Table) -> str:
    """Return the columns of a layer in the contract's order; one that it lacks is blank."""
    return ", ".join(
        f'"{c.name}"' if c.name in layer.column_names else f'NULL AS "{c.name}"'
        for c in contract.columns
    )


def _insert(connection: Connection, contract: Contract, layer: pa.Table) -> None:
    connection.register("layer", layer)
    columns = _columns(contract, layer)
    connection.execute(f'INSERT INTO "{contract.table}" SELECT {columns} FROM layer')
    connection.unregister("layer")


def _insert_latest(connection: Connection, contract: Contract, layers: list[pa.Table]) -> None:
    if not layers:
        return
    for number, layer in enumerate(layers):
        connection.register(f"layer_{number}", layer)
    union = " UNION ALL ".join(
        f"SELECT {number} AS layer_number, {_columns(contract, layer)} FROM layer_{number}"
        for number, layer in enumerate(layers)
    )
    key = ", ".join(f'"{name}"' for name in contract.key)
    columns = ", ".join(f'"{c.name}"' for c in contract.columns)
    latest = (
        f"SELECT {columns} FROM ({union})"
        f" QUALIFY ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY layer_number DESC) = 1"
    )
    source = latest if len(layers) > 1 else f"SELECT {columns} FROM ({union})"
    connection.execute(f'INSERT INTO "{contract.table}" {source}')
    for number in range(len(layers)):
        connection.unregister(f"layer_{number}")


def _clear_covered(connection: Connection, contract: Contract, batch: Batch) -> None:
    area = contract.area_column
    if contract.date is None or area is None:
        return
    said = batch.covers.stated_areas
    # A code that is a team's is that team, and not the locality of the same code.
    places = (
        "SELECT team_id FROM main.team WHERE list_contains($2, locality_id)"
        " AND locality_id NOT IN (SELECT team_id FROM main.team)"
    )
    if area == PRACTICE:
        places = (
            "SELECT practice_code FROM main.practice_team"
            f" WHERE list_contains($2, team_id) OR team_id IN ({places})"
        )
    covered = f'$3 OR list_contains($1, "{area}") OR "{area}" IN ({places})'
    connection.execute(
        f'DELETE FROM "{contract.table}" WHERE ({covered})'
        f""" AND list_contains($4, strftime("{contract.date}", '%Y-%m'))""",
        [
            [*batch.covers.areas, *said],
            list(said),
            ALL_AREAS in said,
            [f"{month:%Y-%m}" for month in batch.covers.months()],
        ],
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
