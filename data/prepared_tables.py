"""What is counted besides what was sent: columns and tables that SQL in `prepared/` derives.

Beside each view stands a file in words. Where the view adds columns to a table that is sent, the
file names these. Where it makes a table of its own, the file is a contract like any other, with
`made_from`: the tables that have to be received for its rows to be there.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.contract import Column, Contract, read_contract
from data.errors import ContractError
from data.toml import in_words, read_toml

PREPARED = Path(__file__).parent / "prepared"


class AddedColumns(BaseModel):
    """The columns that a prepared view adds to a table as it was sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str
    columns: tuple[Column, ...] = Field(alias="column", min_length=1)


def countable(contracts: Mapping[str, Contract]) -> dict[str, Contract]:
    """Return every table that a definition may count, by name, with all of its columns in words.

    Raises:
        ContractError: If a file beside a prepared view cannot be used.
    """
    tables = dict(contracts)
    faults: list[str] = []
    for path in sorted(PREPARED.glob("*.toml")):
        try:
            tables |= _read(path, tables)
        except ContractError as error:
            faults.append(str(error))
    if faults:
        raise ContractError("\n".join(faults))
    return dict(sorted(tables.items()))


def added_columns(
    contracts: Mapping[str, Contract], made: Mapping[str, Contract]
) -> dict[str, tuple[Column, ...]]:
    """Return the columns that prepared views add to tables that are sent, or put in their place.

    Args:
        contracts: The tables as they are sent.
        made: What `countable` returns for them.
    """
    return {
        table: tuple(c for c in made[table].columns if c not in contract.columns)
        for table, contract in contracts.items()
    }


def _read(path: Path, tables: Mapping[str, Contract]) -> Iterator[tuple[str, Contract]]:
    said = read_toml(path)
    if said.get("made_from"):
        contract = read_contract(path)
        if set(contract.made_from) <= set(tables):
            yield contract.table, contract
        return
    try:
        added = AddedColumns.model_validate(said)
    except ValidationError as error:
        raise ContractError("\n".join(f"{path}: {fault}" for fault in in_words(error))) from error
    sent = tables.get(added.table)
    if sent is not None:
        # A view may put a better date in the place of the one that was sent.
        again = {column.name: column for column in added.columns}
        kept = [again.pop(column.name, column) for column in sent.columns]
        yield added.table, sent.model_copy(update={"columns": (*kept, *again.values())})
