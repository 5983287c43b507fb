"""A contract says what one table holds: columns, codes, key and rules, in words for the sender."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.code_lists import CodeList, load_code_lists
from data.errors import ContractError
from data.home import Home
from data.toml import in_words, read_toml

SHIPPED = Path(__file__).parent / "contracts"
# The column whose codes are a team's through the list of practices, and not its own.
PRACTICE = "practice_code"
# The batch says these about all its rows: nobody is asked for them row by row.
CARRIED_BY_THE_BATCH = ("source_system", "batch_id", "extracted_at")

ColumnType = Literal["text", "int", "dec", "date", "month", "ts", "bool"]
Attribution = Literal["population", "receiving", "visiting", "allocated", "employing", "respondent"]
SQL_TYPES: dict[str, str] = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "dec": "DECIMAL(18,4)",
    "date": "DATE",
    "month": "DATE",
    "ts": "TIMESTAMP",
    "bool": "BOOLEAN",
}
DATED = ("date", "month", "ts")
COUNTED = ("int", "dec")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def _table_and_column(named: str | None) -> tuple[str, str] | None:
    if named is None:
        return None
    table, _, column = named.partition(".")
    return table, column


class Column(BaseModel):
    """One column of a contract.

    Attributes:
        required: The column must be in the file and no cell of it may be blank.
        filled: We fill it when loading; a sender is never asked for it.
        copy_of: The column whose cell, as it was written, is kept in this one.
        blank_means: What an empty cell says, where it says something ("still in hospital").
        default: What a blank becomes.
        future: The date may lie after today.
        codes: The list that the allowed codes come from.
        shape: How every code is built, where no list can hold them all; it is brought to that.
        known_in: The table and column, as `table.column`, in which its value should stand: it is
            brought to the spelling there, and one that is not there is kept and told.
        quarters: It holds quarters, which may be written `Q1 2024/25`; else they are refused.
        system_names: What NHS and council systems call the column; a file may use these too.
        free_text: Anybody may have typed anything, so it is searched for identifiers.
        suppressed_into: A mark such as `*` or `<5` blanks the number and sets this column.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    type: ColumnType
    words: str = Field(min_length=1)
    required: bool = False
    filled: bool = False
    copy_of: str | None = None
    unit: str = ""
    codes: CodeList | None = None
    allowed: tuple[str, ...] = ()
    shape: Literal["icd10"] | None = None
    refers_to: str | None = None
    known_in: str | None = Field(default=None, pattern=r"^\w+\.\w+$")
    quarters: bool = False
    system_names: tuple[str, ...] = ()
    example: str = ""
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    blank_means: str = ""
    default: str | None = None
    future: bool = False
    free_text: bool = False
    suppressed_into: str | None = None

    @property
    def sql_type(self) -> str:
        """Return the SQL type of the column."""
        return SQL_TYPES[self.type]

    @property
    def list_referred_to(self) -> tuple[str, str] | None:
        """Return the table and column whose values are allowed here, or None."""
        return _table_and_column(self.refers_to)

    @property
    def list_looked_up(self) -> tuple[str, str] | None:
        """Return the table and column in which its value should stand, or None."""
        return _table_and_column(self.known_in)

    @model_validator(mode="before")
    @classmethod
    def _takes_its_codes_from_the_list(cls, said: Any) -> Any:
        if not isinstance(said, dict) or not isinstance(said.get("codes"), CodeList):
            return said
        if said.get("allowed"):
            raise ValueError("give either codes, the name of a list, or allowed, the codes")
        return {**said, "allowed": said["codes"].codes}

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is not a name: use small letters, digits and _")
        if self.allowed and self.type != "text":
            raise ValueError(f"{self.name}: only text has allowed codes, this is {self.type}")
        if self.type not in COUNTED and (self.at_least is not None or self.at_most is not None):
            raise ValueError(f"{self.name}: only int and dec can be at_least or at_most something")
        if self.refers_to is not None and not re.fullmatch(r"\w+\.\w+", self.refers_to):
            raise ValueError(f"{self.name}: refers_to is written table.column")
        if self.quarters and self.type not in ("date", "month"):
            raise ValueError(f"{self.name}: only date and month can hold quarters")
        if (self.shape or self.known_in) and self.type != "text":
            raise ValueError(f"{self.name}: only text has a shape or is known in a list")
        if self.type == "bool" and self.default not in (None, "true", "false"):
            raise ValueError(f"{self.name}: the default of a bool is written true or false")
        if self.filled and self.required:
            raise ValueError(f"{self.name}: what we fill ourselves cannot be required of a sender")
        if self.filled != (self.copy_of is not None):
            raise ValueError(
                f"{self.name}: a filled column says with copy_of what it is filled from"
            )
        return self


class Rule(BaseModel):
    """What must hold between the columns of one row.

    Attributes:
        order: Dates that must not run backwards; blanks are passed over, times of day ignored.
        not_more_than: Two numbers: the first may be at most the second, `times` over.
        needs: Where the first column is filled, the second must be.
        not_both: Two columns of which a row may fill one.
        either: Two columns of which a row must fill one.
        agree: A column that says the same, blanks aside, in all rows of a file that are the same
            in the columns named after it.
        action: A row that breaks it is held back, or kept and named in a warning.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    message: str = Field(min_length=1)
    order: tuple[str, str] | None = None
    not_more_than: tuple[str, str] | None = None
    needs: tuple[str, str] | None = None
    not_both: tuple[str, str] | None = None
    either: tuple[str, str] | None = None
    agree: tuple[str, ...] | None = Field(default=None, min_length=2)
    times: Decimal = Decimal(1)
    action: Literal["hold", "warn"] = "hold"

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns compared, in order: two, or for `agree` two and more."""
        named = self.order or self.not_more_than or self.needs or self.not_both or self.either
        named = named or self.agree
        assert named is not None
        return named

    @property
    def compares(self) -> tuple[ColumnType, ...] | None:
        """Return the types that its columns may have; None: any."""
        return DATED if self.order else COUNTED if self.not_more_than else None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        ways = ("order", "not_more_than", "needs", "not_both", "either", "agree")
        if sum(getattr(self, way) is not None for way in ways) != 1:
            raise ValueError(f"rule {self.name}: give one of {', '.join(ways)}")
        return self


class Across(BaseModel):
    """What should hold between a row and another table; it is looked at once all is loaded.

    A row that breaks it is kept and named: the other table may only be late.

    Attributes:
        column: The column of this table that is looked at.
        known_in: The table and column, as `table.column`, in which its value should stand.
        not_after: A table and date, as `table.column`, that it should not lie after.
        same: The column by which rows of the two tables belong together, for `not_after`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    message: str = Field(min_length=1)
    column: str
    known_in: str | None = Field(default=None, pattern=r"^\w+\.\w+$")
    not_after: str | None = Field(default=None, pattern=r"^\w+\.\w+$")
    same: str | None = None

    @property
    def other(self) -> tuple[str, str]:
        """Return the other table and its column."""
        table, _, column = (self.known_in or self.not_after or "").partition(".")
        return table, column

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.known_in is None) == (self.not_after is None):
            raise ValueError(f"across {self.name}: give either known_in or not_after")
        if (self.not_after is None) != (self.same is None):
            raise ValueError(f"across {self.name}: not_after needs same, and nothing else does")
        return self


class Conversion(BaseModel):
    """Days counted in working days become calendar days, month by month, when a file is loaded.

    Attributes:
        columns: The numbers of days that are converted.
        where: The column that says which kind of days a row has.
        working: What it says of working days; afterwards it says `calendar`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: tuple[str, ...] = Field(min_length=1)
    where: str
    working: str = "working"
    calendar: str = "calendar"


class Episodes(BaseModel):
    """Several rows of one file that are parts of one thing are read as one row.

    Its columns are those of the first part, but for the ones named in `last`.

    Attributes:
        order: The column that numbers the parts.
        last: The columns that are taken from the last part.
        same: The columns that no two parts may contradict; where they do, all are held.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    order: str
    last: tuple[str, ...] = Field(min_length=1)
    same: tuple[str, ...] = ()


class Counted(BaseModel):
    """The rows are figures of measures, and are held against the definitions of these.

    Attributes:
        measure: The column that names the measure.
        numerator: The column of the figure.
        denominator: What it is out of; where the measure is a percentage, the figure is no more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    measure: str
    numerator: str
    denominator: str


class Contract(BaseModel):
    """What one table holds, and what is asked of whoever sends it.

    Attributes:
        sent_by: Who usually has it.
        kind: `events` (inside what a batch covers, no row means none happened), `reported` (one
            row for each area and month is expected; no row means not received) or `reference`.
        key: The columns that identify a row; none: identical rows are all kept, and a later batch
            replaces the months and areas it covers.
        date: The column that says which month a row belongs to.
        attribution: For each way of saying whose row it is, the column that says it.
        expects_each: Columns of the key, such as the employer: whoever reported a team's month
            before is expected to go on, and without them it was not received.
        generated: We make the table ourselves; it cannot be loaded.
        only_if_named: It is read only where the sender says with its name what the file is.
        kept_for_months: How long rows may be kept after their date; None: as long as it is used.
        working_days: How working days become calendar days, where senders count either.
        episodes: How several rows of a file become one, where senders send one thing in parts.
        counted: Which columns are a figure of a measure, where rows are that.
        made_from: The tables that a prepared table is made from; it is sent by nobody, and is
            received where they are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    table: str = Field(pattern=_NAME.pattern)
    title: str = Field(min_length=1)
    describes: str = Field(min_length=1)
    sent_by: str = ""
    version: int = Field(ge=1)
    kind: Literal["events", "reported", "reference"]
    key: tuple[str, ...]
    date: str | None = None
    attribution: dict[Attribution, str] = {}
    expects_each: tuple[str, ...] = ()
    generated: bool = False
    only_if_named: bool = False
    kept_for_months: int | None = Field(default=None, ge=1)
    working_days: Conversion | None = None
    episodes: Episodes | None = None
    counted: Counted | None = None
    made_from: tuple[str, ...] = ()
    columns: tuple[Column, ...] = Field(alias="column", min_length=1)
    rules: tuple[Rule, ...] = Field(alias="rule", default=())
    across: tuple[Across, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def area_column(self) -> str | None:
        """Return the column whose codes say which areas a batch covers."""
        return next(iter(self.attribution.values()), None)

    @property
    def by_team(self) -> bool:
        """Return whether each row is one team's, by its code or by a practice of its."""
        area = self.area_column
        if area is None:
            return False
        return area == PRACTICE or self.column(area).refers_to == "team.team_id"

    @property
    def received_with(self) -> tuple[str, ...]:
        """Return the tables that have to be received for its rows to be there: itself, if sent."""
        return self.made_from or (self.table,)

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises:
            KeyError: If the contract has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.table} has no column {name}; it has {', '.join(self.names)}")

    def sql_type(self, column: str) -> str:
        """Return the SQL type of a column."""
        return self.column(column).sql_type

    @model_validator(mode="after")
    def _names_its_own_columns(self) -> Self:
        faults = list(_faults(self))
        if faults:
            raise ValueError("; ".join(faults))
        return self


def _faults(contract: Contract) -> Iterator[str]:
    types = {column.name: column.type for column in contract.columns}
    named = list(contract.names)
    yield from (f"column {name} is there twice" for name in types if named.count(name) > 1)
    yield from (
        f"key names {name}, which is not a column" for name in contract.key if name not in types
    )
    for attribution, name in contract.attribution.items():
        if name not in types:
            yield f"attribution {attribution} names {name}, which is not a column"
    for name in contract.expects_each:
        if name not in contract.key or types.get(name) != "text" or contract.kind != "reported":
            yield f"expects_each names {name}, which is not a text in the key of a reported table"
    if contract.date is not None and types.get(contract.date) not in DATED:
        yield f"date names {contract.date}, which is not a column holding dates"
    if contract.kind != "reference" and (contract.date is None or not contract.attribution):
        yield f"{contract.kind} need a date and an attribution, or nobody knows what is covered"
    for rule in contract.rules:
        wanted = rule.compares
        for name in rule.columns:
            if wanted is None and name not in types:
                yield f"rule {rule.name} names {name}, which is not a column"
            elif wanted is not None and types.get(name) not in wanted:
                kinds = " or ".join(wanted)
                yield f"rule {rule.name} names {name}, which is not a column of {kinds}"
    for across in contract.across:
        for name in (across.column, across.same):
            if name is not None and name not in types:
                yield f"across {across.name} names {name}, which is not a column"
    for what, names in _columns_named(contract):
        for name in names:
            if name not in types:
                yield f"{what} names {name}, which is not a column"
    for column in contract.columns:
        if column.copy_of is not None and column.copy_of not in types:
            yield f"{column.name} is a copy of {column.copy_of}, which is not a column"
        if column.suppressed_into is not None and types.get(column.suppressed_into) != "bool":
            yield f"{column.name} is suppressed into {column.suppressed_into}, which is not a bool"


def _columns_named(contract: Contract) -> Iterator[tuple[str, tuple[str, ...]]]:
    if (days := contract.working_days) is not None:
        yield "working_days", (*days.columns, days.where)
    if (episodes := contract.episodes) is not None:
        yield "episodes", (episodes.order, *episodes.last, *episodes.same)
    if (counted := contract.counted) is not None:
        yield "counted", (counted.measure, counted.numerator, counted.denominator)


def load_contracts(home: Home | None = None) -> dict[str, Contract]:
    """Return every contract by table: the shipped ones, and the partnership's own over them.

    Raises:
        ContractError: If any contract cannot be used; the message lists every fault found.
    """
    contracts: dict[str, Contract] = {}
    faults: list[str] = []
    code_lists = load_code_lists(home)
    for folder in (SHIPPED, *([home.contracts] if home else [])):
        seen: dict[str, Path] = {}
        for path in sorted(folder.glob("*.toml")):
            try:
                contract = read_contract(path, code_lists)
            except ContractError as error:
                faults.append(str(error))
                continue
            if contract.table in seen:
                faults.append(f"{path}: {seen[contract.table].name} is about {contract.table} too")
            seen[contract.table] = path
            contracts[contract.table] = contract
    faults += _broken_references(contracts)
    if faults:
        raise ContractError("\n".join(faults))
    return contracts


def read_contract(path: Path, code_lists: Mapping[str, CodeList] | None = None) -> Contract:
    """Return the contract in a TOML file.

    Args:
        path: The file.
        code_lists: The lists that its columns may name; None: the shipped ones.

    Raises:
        ContractError: If it is not TOML or not a contract; every fault in the file is listed.
    """
    said = read_toml(path)
    lists = load_code_lists() if code_lists is None else code_lists
    columns = said.get("column")
    unknown = []
    for column in columns if isinstance(columns, list) else []:
        name = column.get("codes") if isinstance(column, dict) else None
        if isinstance(name, str) and name in lists:
            column["codes"] = lists[name]
        elif name is not None:
            known = ", ".join(sorted(lists))
            unknown.append(
                f"{path}: {column.get('name')}: there is no list of codes {name}; there are {known}"
            )
    if unknown:
        raise ContractError("\n".join(unknown))
    try:
        return Contract.model_validate(said)
    except ValidationError as error:
        raise ContractError("\n".join(f"{path}: {fault}" for fault in in_words(error))) from error


def in_reading_order(contracts: Mapping[str, Contract]) -> list[str]:
    """Return the tables in an order in which each comes after those that its columns refer to."""
    order: dict[str, None] = {}

    def visit(table: str, waiting: frozenset[str]) -> None:
        if table in order or table in waiting or table not in contracts:
            return
        for column in contracts[table].columns:
            for referred in (column.list_referred_to, column.list_looked_up):
                if referred is not None:
                    visit(referred[0], waiting | {table})
        order[table] = None

    for table in contracts:
        visit(table, frozenset())
    return list(order)


def _broken_references(contracts: dict[str, Contract]) -> Iterator[str]:
    for contract in contracts.values():
        for column in contract.columns:
            for referred in (column.list_referred_to, column.list_looked_up):
                table, name = referred or (contract.table, column.name)
                if table not in contracts or name not in contracts[table].names:
                    where = f"{contract.table}.{column.name}"
                    yield f"{where} refers to {table}.{name}, which no contract has"
        for across in contract.across:
            table, name = across.other
            if table not in contracts or name not in contracts[table].names:
                where = f"{contract.table}: across {across.name}"
                yield f"{where} speaks of {table}.{name}, which no contract has"
