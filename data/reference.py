"""A partnership's reference lists: `reference/*.csv`, checked like any file."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from data.acts import in_force
from data.batches import read_rows
from data.check import Rulebook, Stated, check_file, table_of
from data.contract import Contract, in_reading_order
from data.errors import DataError
from data.home import Home
from data.lists import Lists


def reference_tables(home: Home, contracts: Mapping[str, Contract]) -> dict[str, pa.Table]:
    """Return every table for which there is a file in `reference/`, by its name.

    Raises:
        DataError: If a file is not of a table, or any row of one cannot be taken: lists are what
            everything else is held against, so they are taken whole or not at all.
    """
    return _read(home, Rulebook.of(home), contracts)[0]


def rulebook(home: Home) -> Rulebook:
    """Return what files are checked against here, with every list that there is.

    Raises:
        DataError: As for `reference_tables`.
    """
    rules = Rulebook.of(home)
    _, lists = _read(home, rules, rules.contracts)
    batches = in_force(home)
    for batch in batches:
        contract = rules.contracts.get(batch.table)
        if contract is not None and contract.kind == "reference":
            lists.add(batch.table, read_rows(batch))
    return replace(rules, lists=lists, batches={batch.id: batch for batch in batches})


def files_in_reading_order(
    files: list[Path], rules: Rulebook, as_named: str | None = None
) -> list[Path]:
    """Return files so that a list comes before what refers to it; others stay as they were."""
    if len(files) < 2:
        return files
    order = {table: place for place, table in enumerate(in_reading_order(rules.contracts))}
    return sorted(files, key=lambda file: order.get(table_of(file, rules, as_named) or "", 0))


def _read(
    home: Home, rules: Rulebook, contracts: Mapping[str, Contract]
) -> tuple[dict[str, pa.Table], Lists]:
    tables: dict[str, pa.Table] = {}
    lists = Lists()
    rules = replace(rules, lists=lists)
    for file in files_in_reading_order(sorted(home.reference.glob("*.csv")), rules):
        checked = check_file(file, rules, Stated())
        if checked.report.status != "accepted" or checked.contract is None:
            raise DataError(
                "A reference list is taken whole or not at all. Correct this one and try again.\n"
                + checked.report.as_text()
            )
        table = checked.contract.table
        if table not in contracts:
            continue
        both = [tables[table]] if table in tables else []
        tables[table] = pa.concat_tables([*both, checked.accepted])
        _refuse_keys_in_two_files(file, checked.contract, tables[table])
        lists.add(table, checked.accepted)
    return tables, lists


def _refuse_keys_in_two_files(file: Path, contract: Contract, rows: pa.Table) -> None:
    # Within one file this was looked at when it was checked.
    keys = Counter(zip(*(rows.column(name).to_pylist() for name in contract.key), strict=True))
    twice = next((key for key, count in keys.items() if count > 1), None)
    if twice:
        named = ", ".join(f"{n} {value}" for n, value in zip(contract.key, twice, strict=True))
        raise DataError(
            f"{file}: {named} is in another file of this folder too, and both would be counted."
            " A list may be in several files, each row of it in one."
        )
