"""A recipe says how a file as published becomes rows of a contract.

It is recognised by the file's header, so a file is loaded as it was downloaded, unedited.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.contract import Contract
from data.errors import ContractError
from data.home import Home
from data.toml import in_words, read_toml

SHIPPED = Path(__file__).parent / "recipes"

DateOrder = Literal["ymd", "dmy", "mdy", "excel"]


def plain_name(header: str) -> str:
    """Return a column's name as it is compared: small letters and digits, joined by _."""
    return re.sub(r"[^a-z0-9+]+", "_", header.strip().casefold()).strip("_")


class Part(BaseModel):
    """One of several contract rows that each row of the file becomes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    constants: dict[str, str] = Field(alias="set", default={})
    columns: dict[str, str] = {}


class Recipe(BaseModel):
    """How the rows of one kind of file become rows of a contract.

    Attributes:
        source: Where the file comes from; kept with the batch.
        header: The columns, as the file names them, by which it is recognised; all must be there.
        ignores: Columns that are known and not wanted: no warning is given for them.
        dates: The order in which the file writes days, months and years.
        columns: For a column of the contract, the file's column.
        constants: For a column of the contract, the one value it has in every row.
        parts: One for each contract row that a file's row becomes; none means one.
        codes: For a column of the contract, what the file writes and which code it stands for.
        leave_out: For a file's column, the values whose rows are not wanted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    recipe: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    table: str
    source: str = ""
    header: tuple[str, ...] = Field(min_length=1)
    ignores: tuple[str, ...] = ()
    dates: DateOrder | None = None
    columns: dict[str, str] = {}
    constants: dict[str, str] = Field(alias="set", default={})
    parts: tuple[Part, ...] = Field(alias="each", default=())
    codes: dict[str, dict[str, str]] = {}
    leave_out: dict[str, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _gives_each_column_once(self) -> Self:
        for part in self.parts or (Part(),):
            given = [*self.columns, *self.constants, *part.columns, *part.constants]
            twice = sorted({name for name in given if given.count(name) > 1})
            if twice:
                raise ValueError(f"{', '.join(twice)}: given twice for the same row")
        return self

    def matches(self, names: frozenset[str]) -> bool:
        """Return whether a header holds every column by which the file is recognised."""
        return {plain_name(name) for name in self.header} <= names

    def row_parts(self) -> list[tuple[dict[str, str], dict[str, str]]]:
        """Return, for each contract row made of a file's row, its columns and its constants."""
        return [
            ({**self.columns, **part.columns}, {**self.constants, **part.constants})
            for part in self.parts or (Part(),)
        ]

    def file_columns(self) -> list[str]:
        """Return every column of the file that is read, as the recipe names it, once."""
        read = [name for columns, _ in self.row_parts() for name in columns.values()]
        return list(dict.fromkeys(read))


def load_recipes(contracts: Mapping[str, Contract], home: Home | None = None) -> list[list[Recipe]]:
    """Return the partnership's own recipes, then the shipped ones: the first level to match wins.

    Raises:
        ContractError: If any recipe cannot be used; the message lists every fault found.
    """
    levels: list[list[Recipe]] = []
    faults: list[str] = []
    for folder in (*([home.recipes] if home else []), SHIPPED):
        level: list[Recipe] = []
        for path in sorted(folder.glob("*.toml")):
            try:
                recipe = Recipe.model_validate(read_toml(path))
                wrong = list(_faults(recipe, contracts))
            except ContractError as error:
                faults.append(str(error))
            except ValidationError as error:
                faults += [f"{path}: {fault}" for fault in in_words(error)]
            else:
                faults += [f"{path}: {fault}" for fault in wrong]
                level.append(recipe)
        levels.append(level)
    if faults:
        raise ContractError("\n".join(faults))
    return levels


def from_contract(contract: Contract, names: frozenset[str]) -> Recipe:
    """Return the recipe of a file with a contract's own column names, or those of systems.

    Args:
        contract: What the file is to be read as.
        names: The file's column names, as `plain_name` writes them.
    """
    columns: dict[str, str] = {}
    for column in contract.columns:
        copies = (other.name for other in contract.columns if other.copy_of == column.name)
        found = [
            name
            for name in (column.name, *column.system_names, *copies)
            if plain_name(name) in names
        ]
        if found and not column.filled:
            columns[column.name] = found[0]
    return Recipe(
        recipe="own_names",
        title="The contract's own column names",
        table=contract.table,
        header=tuple(columns.values()) or (contract.table,),
        columns=columns,
    )


def _faults(recipe: Recipe, contracts: Mapping[str, Contract]) -> Iterator[str]:
    contract = contracts.get(recipe.table)
    if contract is None:
        yield f"there is no contract for {recipe.table}; there are {', '.join(sorted(contracts))}"
        return
    if contract.generated:
        yield f"{recipe.table} is made here and cannot be loaded"
    asked = {column.name: column for column in contract.columns if not column.filled}
    for columns, constants in recipe.row_parts():
        given = {*columns, *constants}
        for name in sorted(given - set(asked)):
            yield f"{recipe.table} does not ask for a column {name}; it asks for {', '.join(asked)}"
        for name in (n for n, column in asked.items() if column.required and n not in given):
            yield f"nothing says what {recipe.table}.{name} is, and it is required"
    for name, codes in recipe.codes.items():
        if name not in asked:
            yield f"codes are given for {name}, which {recipe.table} does not ask for"
        elif asked[name].allowed:
            for code in sorted(set(codes.values()) - set(asked[name].allowed)):
                yield f"codes.{name}: {code!r} is not one of {', '.join(asked[name].allowed)}"
