"""A measure is a file: reading the definitions, and refusing the ones that cannot be right."""

import datetime
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from data.contract import Contract
from data.home import Home
from data.records import Schema
from metrics.blocks import (
    COUNT_BLOCKS,
    Block,
    Cell,
    Condition,
    CountBlock,
    PersonDays,
    Population,
    Quantile,
    Strict,
    Submitted,
    Sum,
    _exact,
    columns_named,
)
from metrics.errors import MeasureError

CATALOGUE = Path(__file__).parent / "catalogue"
GROUPS = ("people", "flow", "staff", "joining_up", "prevention", "hospital")
SHOWN_AS = (
    "count",
    "percent",
    "per_1000_people",
    "per_1000_people_a_year",
    "per_100000_people_a_year",
    "ratio",
    "mean",
    "mean_a_day",
    "days",
)
DATE_TYPES = ("DATE", "TIMESTAMP")
NUMBER_TYPES = ("BIGINT", "DECIMAL")
KINDS_OF_VALUE: dict[type, str] = {
    int: "whole numbers",
    Decimal: "decimals",
    bool: "true or false",
    datetime.date: "dates, written without quotes",
    datetime.datetime: "dates with a time of day",
    str: "text, written in quotes",
}
ID_PATTERN = r"^[A-Z]+[0-9]+$"
SLUG_PATTERN = r"^[a-z][a-z0-9_]*$"
# What to do about a fault that a validation found, where its own words would not say so.
WRITTEN = {
    ID_PATTERN: "write capital letters, then digits, such as F04",
    SLUG_PATTERN: "write small letters, digits and _ only, a letter first, such as people_waiting",
}
REMEDIES = {
    "missing": "this is missing; write it",
    "extra_forbidden": "there is no such entry; check its spelling or remove it",
    "tuple_type": "write a list: between [ and ], with commas",
    "too_short": "write at least one",
    "string_too_short": "write something",
    "string_type": "write text, in quotes",
    "dict_type": "write a table of entries: between { and }, or under a heading in [ and ]",
    "model_type": "write a table of entries: between { and }, or under a heading in [ and ]",
    "date_type": "write a date without quotes, such as 2025-03-31",
}

Text = Annotated[str, Field(min_length=1)]


class Origin(BaseModel):
    """Whose idea a measure is, and in whose words."""

    model_config = Strict

    kind: Literal["national", "interview", "described", "recommendation", "instrument", "workshop"]
    words: str = ""
    source: Text


class Caveat(BaseModel):
    """One thing to know before believing the figure."""

    model_config = Strict

    text: Text


class Pair(BaseModel):
    """A measure to be read beside this one."""

    model_config = Strict

    measure: str = Field(pattern=ID_PATTERN)
    why: Text


class Says(BaseModel):
    """The clauses from which sentences about the measure are made, without a full stop.

    `higher` and `lower` complete "… : 66; usually 20 to 41"; `rose` and `fell` complete
    "In North 2, …"; `level` names the figure: "Cases with nobody assigned".
    """

    model_config = Strict

    higher: Text
    lower: Text
    rose: Text
    fell: Text
    level: Text


class Show(BaseModel):
    """How the figure is shown."""

    model_config = Strict

    as_: Literal[SHOWN_AS] = Field(alias="as")  # type: ignore[valid-type]
    also: tuple[Literal[SHOWN_AS], ...] = ()  # type: ignore[valid-type]


class Case(BaseModel):
    """A worked case: a few rows and the answer that its owner agreed to."""

    model_config = Strict

    given: Text
    at: datetime.date
    numerator: Annotated[Decimal | None, BeforeValidator(_exact)] = None
    denominator: Annotated[Decimal | None, BeforeValidator(_exact)] = None
    value: Annotated[Decimal | None, BeforeValidator(_exact)] = None
    state: Literal["value", "missing", "suppressed", "not_applicable"] = "value"
    rows: dict[str, tuple[dict[str, Cell], ...]]

    @model_validator(mode="after")
    def _asks_something(self) -> "Case":
        answers = (self.numerator, self.denominator, self.value)
        if self.state == "value" and all(answer is None for answer in answers):
            raise ValueError(
                "a case gives a numerator, a denominator, a value or a state to expect"
            )
        return self


class Measure(BaseModel):
    """One definition, as its file says it."""

    model_config = Strict

    id: str = Field(pattern=ID_PATTERN)
    slug: str = Field(pattern=SLUG_PATTERN)
    title: Text
    question: Text
    family: Literal["conventional", "proposed"]
    group: Literal[GROUPS]  # type: ignore[valid-type]
    sector: tuple[Literal["health", "social care"], ...] = Field(min_length=1)
    kind: Literal["outcome", "process", "balancing", "structure"]
    better: Literal["higher", "lower", "neither"]
    contested: bool = False
    dispute: str = ""
    logic_node: str = ""
    attribution: Literal[
        "population", "receiving", "visiting", "allocated", "employing", "respondent"
    ]
    every: Literal["month", "quarter"] = "month"
    unit: Text
    decimals: int = Field(0, ge=0, le=3)
    disclosure: Literal["people", "staff", "questionnaire", "open"]
    version: int = Field(1, ge=1)
    checked_against: Text
    burden_minutes_per_month: int = Field(0, ge=0)
    find_them: str = ""
    # Which side of "where the two kinds disagree" the measure speaks for, if any.
    speaks_for: Literal["hospital use", "working life"] | None = None
    origin: Origin
    says: Says
    show: Show
    caveat: tuple[Caveat, ...] = ()
    pairs_with: tuple[Pair, ...] = ()
    numerator: CountBlock | None = None
    denominator: CountBlock | None = None
    quantile: Quantile | None = None
    case: tuple[Case, ...] = ()

    @model_validator(mode="after")
    def _parts_fit_together(self) -> "Measure":
        faults = list(_misfits(self))
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks that the measure is made of."""
        return tuple(b for b in (self.numerator, self.denominator, self.quantile) if b is not None)

    @property
    def improvement(self) -> Literal["increase", "decrease", "neutral"]:
        """Which way is better, neutral where that is disputed."""
        if self.contested or self.better == "neither":
            return "neutral"
        return "increase" if self.better == "higher" else "decrease"


def _misfits(measure: Measure) -> Iterator[str]:
    shown, denominator = measure.show.as_, measure.denominator
    if (measure.quantile is None) == (measure.numerator is None):
        yield "a measure has either a [numerator] or a [quantile]"
    if measure.quantile and denominator:
        yield "a [quantile] takes no [denominator]"
    if (shown == "days") != (measure.quantile is not None):
        yield 'show as = "days" goes with a [quantile], and a [quantile] with nothing else'
    if shown in ("percent", "ratio", "mean") and denominator is None:
        yield f'show as = "{shown}" needs a [denominator]'
    if shown in ("count", "mean_a_day") and denominator is not None:
        yield f'show as = "{shown}" takes no [denominator]; remove it, or show a percentage'
    if shown == "mean_a_day" and not isinstance(measure.numerator, Sum):
        yield 'show as = "mean_a_day" needs a [numerator] with `sum`'
    if shown == "per_1000_people" and not isinstance(denominator, Population):
        yield f'show as = "{shown}" needs a [denominator] with `population`'
    if shown.endswith("_a_year") and not isinstance(denominator, PersonDays):
        yield f'show as = "{shown}" needs a [denominator] with `person_days`'
    if measure.contested and not measure.dispute:
        yield "a contested measure says in `dispute` who disputes it and why"


def load_measures(
    home: Home | None, contracts: Mapping[str, Contract], schema: Schema
) -> dict[str, Measure]:
    """Return every definition, shipped and the partnership's own, by id.

    A partnership's definition with a shipped id takes the shipped one's place.

    Raises:
        MeasureError: If any definition is wrong; the message lists every fault of every file.
    """
    folders = [CATALOGUE] + ([home.measures] if home and home.measures.is_dir() else [])
    measures: dict[str, Measure] = {}
    faults: list[str] = []
    for folder in folders:
        in_this_folder: dict[str, Path] = {}
        for file in sorted(folder.glob("*.toml")):
            try:
                measure = read_measure(file, contracts, schema)
            except MeasureError as error:
                faults.append(str(error))
                continue
            if measure.id in in_this_folder:
                other = in_this_folder[measure.id].name
                faults.append(
                    f"{file.name}: the id {measure.id} is also in {other}; give it its own"
                )
            in_this_folder[measure.id] = file
            measures[measure.id] = measure
    if faults:
        raise MeasureError("\n".join(faults))
    return dict(sorted(measures.items()))


def read_measure(file: Path, contracts: Mapping[str, Contract], schema: Schema) -> Measure:
    """Return the definition in one file, held against the tables and columns that there are.

    Raises:
        MeasureError: If it cannot be right; the message lists all its faults.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MeasureError(f"{file.name}: this is not readable TOML: {error}") from error
    try:
        measure = Measure.model_validate(document)
    except ValidationError as error:
        raise MeasureError("\n".join(_in_words(file, error))) from error
    faults = list(_against_tables(measure, contracts, schema))
    if faults:
        raise MeasureError("\n".join(f"{file.name}: {fault}" for fault in faults))
    return measure


def _in_words(file: Path, error: ValidationError) -> Iterator[str]:
    for fault in error.errors():
        where = _entry(fault["loc"])
        yield f"{file.name}: {where + ': ' if where else ''}{_remedy(fault)}"


def _entry(loc: tuple[int | str, ...]) -> str:
    """Return where in a file a fault is, as its author knows it: "case 2.rows.referral 1"."""
    if loc[:1] in (("numerator",), ("denominator",)) and loc[1:2] and loc[1] in COUNT_BLOCKS:
        # The second part only says which kind of block it was taken for.
        loc = (loc[0], *loc[2:])
    where = ""
    for part in loc:
        if isinstance(part, int):
            where += f" {part + 1}"
        elif not part.startswith("function-"):
            where += f".{part}" if where else part
    return where


def _remedy(fault: ErrorDetails) -> str:
    kind, message = fault["type"], fault["msg"].removeprefix("Value error, ")
    if kind == "string_pattern_mismatch":
        return WRITTEN[fault["ctx"]["pattern"]] if "ctx" in fault else message
    if kind.startswith(("date_", "datetime_")):
        return REMEDIES["date_type"]
    said = message.replace("Input should be", "this must be").replace("True", "true")
    return REMEDIES.get(kind, said)


def _against_tables(
    measure: Measure, contracts: Mapping[str, Contract], schema: Schema
) -> Iterator[str]:
    for entry in ("numerator", "denominator", "quantile"):
        block = getattr(measure, entry)
        if block is not None:
            faults = _block_faults(block, contracts, schema)
            yield from (f"{entry}: {fault}" for fault in faults)
    unserved = [_attribution_fault(measure, block, contracts) for block in measure.blocks]
    yield from (f"attribution: {fault}" for fault in dict.fromkeys(filter(None, unserved)))
    for number, case in enumerate(measure.case, start=1):
        for table, rows in case.rows.items():
            faults = _case_faults(table, rows, contracts, schema)
            yield from (f"case {number}: {fault}" for fault in dict.fromkeys(faults))


def _case_faults(
    table: str,
    rows: Sequence[Mapping[str, Any]],
    contracts: Mapping[str, Contract],
    schema: Schema,
) -> Iterator[str]:
    known = schema.contract_columns(table)
    if not known:
        yield _no_table(table, contracts)
        return
    for column in sorted({name for row in rows for name in row} - set(known)):
        yield f"{table} has no column {column}; a case has what is sent in: {', '.join(known)}"
    for row in rows:
        for name, value in row.items():
            if name in known:
                expected = _value_types(known[name])
                if known[name] == "TIMESTAMP":
                    expected = (*expected, datetime.datetime)
                yield from _value_faults(table, name, value, contracts, expected)


def _no_table(table: str, contracts: Mapping[str, Contract]) -> str:
    return f"there is no table {table}; there are {', '.join(sorted(contracts))}"


def _attribution_fault(
    measure: Measure, block: Block, contracts: Mapping[str, Contract]
) -> str | None:
    contract = contracts.get(block.table)
    if contract is None or isinstance(block, Population | PersonDays | Submitted):
        return None
    if measure.attribution in contract.attribution:
        return None
    if not contract.attribution:
        return f"the rows of {block.table} belong to no team; count another table"
    options = ", ".join(contract.attribution)
    return f"{block.table} cannot say which team by {measure.attribution}; it can by {options}"


def _block_faults(block: Block, contracts: Mapping[str, Contract], schema: Schema) -> Iterator[str]:
    table = block.table
    columns = schema.columns(table)
    if table not in contracts:
        yield _no_table(table, contracts)
        return
    for name in dict.fromkeys(columns_named(block)):
        if name not in columns:
            yield f"{table} has no column {name}; it has {', '.join(columns)}"
    dates = [name for name in columns if columns[name] in DATE_TYPES]
    numbers = [name for name in columns if columns[name].startswith(NUMBER_TYPES)]
    for name in dict.fromkeys(block.dates):
        if name in columns and name not in dates:
            yield f"{table}.{name} is not a date; dates are {', '.join(dates)}"
    for name in block.numbers:
        if name in columns and name not in numbers:
            yield f"{table}.{name} is not a number; numbers are {', '.join(numbers) or 'none'}"
    for number, condition in enumerate(block.where, start=1):
        faults = _condition_faults(table, condition, contracts, columns)
        yield from (f"where {number}: {fault}" for fault in faults)


def _condition_faults(
    table: str, condition: Condition, contracts: Mapping[str, Contract], columns: Mapping[str, str]
) -> Iterator[str]:
    if condition.days:
        for name in condition.days:
            if columns.get(name, "DATE") not in DATE_TYPES:
                yield f"{table}.{name} is not a date"
        if not all(type(value) is int for value in condition.values):
            yield "a number of days is a whole number, without quotes"
        return
    name = condition.column or ""
    if name not in columns:
        return
    for value in condition.values:
        yield from _value_faults(table, name, value, contracts, _value_types(columns[name]))


def _value_faults(
    table: str,
    name: str,
    value: Any,
    contracts: Mapping[str, Contract],
    expected: tuple[type, ...],
) -> Iterator[str]:
    if type(value) not in expected:
        kinds = " or ".join(KINDS_OF_VALUE[kind] for kind in expected)
        yield f"{table}.{name} is never {value!r}; it holds {kinds}"
        return
    contract = contracts[table]
    allowed = contract.column(name).allowed if name in contract.names else ()
    if allowed and value not in allowed:
        yield f"{table}.{name} never holds {value!r}; it holds {', '.join(allowed)}"


def _value_types(sql_type: str) -> tuple[type, ...]:
    if sql_type == "BIGINT":
        return (int,)
    if sql_type.startswith("DECIMAL"):
        return (int, Decimal)
    if sql_type == "BOOLEAN":
        return (bool,)
    if sql_type in DATE_TYPES:
        return (datetime.date,)
    return (str,)
