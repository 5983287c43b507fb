"""A measure is a file: reading the definitions, and refusing the ones that cannot be right."""

import datetime
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from data.home import Home
from data.records import Schema
from metrics.blocks import (
    COUNT_BLOCKS,
    Block,
    Cell,
    Condition,
    CountBlock,
    Days,
    Followed,
    Level,
    Open,
    People,
    PersonDays,
    Population,
    Quantile,
    Rows,
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
    "per_1000",
    "mean",
    "mean_a_day",
    "days",
)
# What a worked case shows besides the ordinary: the edges at which counts go wrong.
EDGES = (
    "dated before receipt",
    "still open",
    "same day",
    "leap day",
    "first or last day of a range",
    "across two periods",
    "missing practice",
    "team closed",
    "moved between teams",
    "another code",
    "nobody's",
    "counted once",
    "nobody to count",
    "not sent",
    "hidden by the sender",
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
FIGURE_PATTERN = r"^[a-z][a-z0-9_]*$"
SLUG_PATTERN = r"^[a-z][a-z0-9_]*$"
# What to do about a fault that a validation found, where its own words would not say so.
WRITTEN = {
    ID_PATTERN: "write capital letters, then digits, such as F04",
    FIGURE_PATTERN: "write small letters, digits and _ only, a letter first, such as oldest",
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
    # The part asked about, where the measure is split.
    split: str = ""
    edge: Literal[EDGES] | None = None  # type: ignore[valid-type]
    rows: dict[str, tuple[dict[str, Cell], ...]]

    @model_validator(mode="after")
    def _asks_something(self) -> "Case":
        answers = (self.numerator, self.denominator, self.value)
        if self.state == "value" and all(answer is None for answer in answers):
            raise ValueError(
                "a case gives a numerator, a denominator, a value or a state to expect"
            )
        return self


class Figure(BaseModel):
    """A further figure of a measure: what it says in another way, all else is the measure's."""

    model_config = Strict

    id: str = Field(pattern=FIGURE_PATTERN)
    title: Text
    numerator: CountBlock | None = None
    denominator: CountBlock | None = None
    quantile: Quantile | None = None
    show: Show | None = None
    unit: Text | None = None
    decimals: int | None = Field(None, ge=0, le=3)
    better: Literal["higher", "lower", "neither"] | None = None
    says: Says | None = None
    every: Literal["month", "quarter"] | None = None
    rolling: int | None = Field(None, ge=2, le=24)
    split_by: str | None = None
    whole: bool | None = None
    complete_after_days: int | None = Field(None, ge=0)
    case: tuple[Case, ...] = ()


class Measure(BaseModel):
    """One definition, as its file says it."""

    model_config = Strict

    id: str
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
    # Windows of this many periods, moving by one: they overlap.
    rolling: int | None = Field(None, ge=2, le=24)
    # Each value of this column is a series of its own; `whole` is whether all together are too.
    split_by: str | None = None
    whole: bool = True
    # Days after a period's end from which a prepared column is complete.
    complete_after_days: int = Field(0, ge=0)
    # It joins records of two organisations by person: without a shared key it cannot be had.
    needs_shared_key: bool = False
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
    exclusions: tuple[Text, ...] = ()
    gaming_risk: tuple[Text, ...] = ()
    caveat: tuple[Caveat, ...] = ()
    pairs_with: tuple[Pair, ...] = ()
    numerator: CountBlock | None = None
    denominator: CountBlock | None = None
    quantile: Quantile | None = None
    case: tuple[Case, ...] = ()
    figure: tuple[Figure, ...] = ()

    @model_validator(mode="after")
    def _parts_fit_together(self) -> "Measure":
        faults = list(_misfits(self))
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def main_id(self) -> str:
        """The id of the measure that this is, or is a further figure of."""
        return self.id.partition(".")[0]

    @property
    def is_figure(self) -> bool:
        """Whether this is a further figure of a measure."""
        return self.id != self.main_id

    @property
    def figures(self) -> tuple["Measure", ...]:
        """The further figures, each as a measure of its own: "F04.oldest"."""
        return tuple(_as_measure(self, figure) for figure in self.figure)

    @property
    def overlaps(self) -> bool:
        """Whether a figure shares days with the one before, so that no run means anything."""
        return self.rolling is not None

    @property
    def days_after(self) -> int:
        """How many days after a period's end have to be known before its figure is complete."""
        return max(self.complete_after_days, *(block.days_after for block in self.blocks))

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


def _as_measure(measure: Measure, figure: Figure) -> Measure:
    """Return a further figure as a measure: its own blocks, and what it does not say, of the whole.

    Blocks go together: a figure that names any has no other.
    """
    said = measure.model_dump(by_alias=True, exclude={"figure", "case"}, exclude_unset=True)
    own = figure.model_dump(by_alias=True, exclude_unset=True)
    if {"numerator", "denominator", "quantile"} & set(own):
        for block in ("numerator", "denominator", "quantile"):
            said.pop(block, None)
    return Measure.model_validate(said | own | {"id": f"{measure.id}.{figure.id}"})


def with_figures(measures: Mapping[str, Measure]) -> dict[str, Measure]:
    """Return each measure followed by its further figures, by id."""
    return {one.id: one for measure in measures.values() for one in (measure, *measure.figures)}


def _misfits(measure: Measure) -> Iterator[str]:
    shown, denominator = measure.show.as_, measure.denominator
    if not re.fullmatch(ID_PATTERN, measure.main_id):
        yield f"id: {WRITTEN[ID_PATTERN]}"
    if (measure.quantile is None) == (measure.numerator is None):
        yield "a measure has either a [numerator] or a [quantile]"
    if measure.quantile and denominator:
        yield "a [quantile] takes no [denominator]"
    if (shown == "days") != (measure.quantile is not None):
        yield 'show as = "days" goes with a [quantile], and a [quantile] with nothing else'
    if shown in ("percent", "ratio", "mean", "per_1000") and denominator is None:
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
    yield from _window_faults(measure)
    if not measure.whole and measure.split_by is None:
        yield "whole = false goes with `split_by`; without parts there would be no figure at all"
    ids = [figure.id for figure in measure.figure]
    yield from (
        f"two figures have the id {name}" for name in sorted(set(ids)) if ids.count(name) > 1
    )


def _window_faults(measure: Measure) -> Iterator[str]:
    if measure.rolling is None:
        return
    for entry in ("numerator", "denominator"):
        block = getattr(measure, entry)
        if isinstance(block, Open | Level | Population):
            yield (
                f"rolling: the {entry} is as things stand at one moment, and moments are not added"
                " up; remove `rolling`, or count what happened in the period"
            )


def load_measures(home: Home | None, schema: Schema) -> dict[str, Measure]:
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
                measure = read_measure(file, schema)
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


def read_measure(file: Path, schema: Schema) -> Measure:
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
    faults = list(_against_tables(measure, schema))
    for figure in measure.figure:
        try:
            own = list(_against_tables(_as_measure(measure, figure), schema))
        except ValidationError as error:
            own = [_fault_in_words(fault) for fault in error.errors()]
        faults += [f"figure {figure.id}: {fault}" for fault in own]
    if faults:
        raise MeasureError("\n".join(f"{file.name}: {fault}" for fault in faults))
    return measure


def _in_words(file: Path, error: ValidationError) -> Iterator[str]:
    yield from (f"{file.name}: {_fault_in_words(fault)}" for fault in error.errors())


def _fault_in_words(fault: ErrorDetails) -> str:
    where = _entry(fault["loc"])
    return f"{where + ': ' if where else ''}{_remedy(fault)}"


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


def _against_tables(measure: Measure, schema: Schema) -> Iterator[str]:
    for entry in ("numerator", "denominator", "quantile"):
        block = getattr(measure, entry)
        if block is not None:
            faults = _block_faults(block, schema)
            yield from (f"{entry}: {fault}" for fault in faults)
    yield from _split_faults(measure, schema)
    unserved = [_attribution_fault(measure, block, schema) for block in measure.blocks]
    yield from (f"attribution: {fault}" for fault in dict.fromkeys(filter(None, unserved)))
    for number, case in enumerate(measure.case, start=1):
        for table, rows in case.rows.items():
            faults = _case_faults(table, rows, schema)
            yield from (f"case {number}: {fault}" for fault in dict.fromkeys(faults))


def _split_faults(measure: Measure, schema: Schema) -> Iterator[str]:
    """Yield why a measure cannot be split: what is counted has to have the column to split by.

    Below the line it need not: of a population, which has none, everybody counts in each part.
    """
    if measure.split_by is None:
        return
    if isinstance(measure.numerator, Population | PersonDays | Submitted):
        yield "split_by: what is counted here has no columns to split by; remove `split_by`"
        return
    for block in measure.blocks:
        if isinstance(block, Population | PersonDays | Submitted):
            continue
        columns = schema.columns(block.table)
        if columns and columns.get(measure.split_by) not in ("VARCHAR", "BOOLEAN"):
            texts = [name for name, kind in columns.items() if kind in ("VARCHAR", "BOOLEAN")]
            yield (
                f"split_by: {block.table} has no text {measure.split_by}; it has {', '.join(texts)}"
            )


def _case_faults(table: str, rows: Sequence[Mapping[str, Any]], schema: Schema) -> Iterator[str]:
    known = schema.contract_columns(table)
    if not known:
        yield _no_table(table, schema.contracts)
        return
    for column in sorted({name for row in rows for name in row} - set(known)):
        yield f"{table} has no column {column}; a case has what is sent in: {', '.join(known)}"
    for row in rows:
        for name, value in row.items():
            if name in known:
                expected = _value_types(known[name])
                if known[name] == "TIMESTAMP":
                    expected = (*expected, datetime.datetime)
                yield from _value_faults(table, name, value, schema, expected)


def _no_table(table: str, known: Iterable[str]) -> str:
    return f"there is no table {table}; there are {', '.join(sorted(known))}"


def _attribution_fault(measure: Measure, block: Block, schema: Schema) -> str | None:
    contract = schema.countable.get(block.table)
    if contract is None or isinstance(block, Population | PersonDays | Submitted):
        return None
    if measure.attribution in contract.attribution:
        return None
    if not contract.attribution:
        return f"the rows of {block.table} belong to no team; count another table"
    options = ", ".join(contract.attribution)
    return f"{block.table} cannot say which team by {measure.attribution}; it can by {options}"


def _block_faults(block: Block, schema: Schema) -> Iterator[str]:
    table = block.table
    columns = schema.columns(table)
    if table not in schema.countable:
        yield _no_table(table, schema.countable)
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
        faults = _condition_faults(table, condition, schema)
        yield from (f"where {number}: {fault}" for fault in faults)
    for name in block.FELLOWS:
        for number, other in enumerate(getattr(block, name), start=1):
            faults = _fellow_faults(block, other, schema)
            yield from (f"{name} {number}: {fault}" for fault in faults)


def _fellow_faults(block: Block, other: Followed, schema: Schema) -> Iterator[str]:
    """Yield what is wrong with a row asked after: it needs a table, a date and the same columns."""
    table = other.table
    columns = schema.columns(table)
    if table not in schema.countable:
        yield _no_table(table, schema.countable)
        return
    if columns.get(other.on) not in DATE_TYPES:
        dates = [name for name in columns if columns[name] in DATE_TYPES]
        yield f"{table} has no date {other.on}; dates are {', '.join(dates)}"
    asked = [column for c in other.where for column in (c.column, *(c.days or ())) if column]
    for name in dict.fromkeys((*other.same, *asked)):
        if name not in columns:
            yield f"{table} has no column {name}; it has {', '.join(columns)}"
    if not isinstance(block, Rows | Sum | Days | People):
        yield "only what happens on a day can be followed or preceded by something"
    if table == block.table and not schema.countable[table].key:
        yield f"the rows of {table} have no key, so a row cannot be told from the next"
    for number, condition in enumerate(other.where, start=1):
        faults = _condition_faults(table, condition, schema)
        yield from (f"where {number}: {fault}" for fault in faults)


def _condition_faults(table: str, condition: Condition, schema: Schema) -> Iterator[str]:
    columns = schema.columns(table)
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
    in_order = condition.at_least is not None or condition.at_most is not None
    if in_order and _value_types(columns[name]) == (str,):
        # "T981" comes after "T98" among texts: a range of codes silently loses some.
        yield f"{table}.{name} holds text, which has no order; list what is meant with `in`"
        return
    for value in condition.values:
        yield from _value_faults(table, name, value, schema, _value_types(columns[name]))


def _value_faults(
    table: str,
    name: str,
    value: Any,
    schema: Schema,
    expected: tuple[type, ...],
) -> Iterator[str]:
    if type(value) not in expected:
        kinds = " or ".join(KINDS_OF_VALUE[kind] for kind in expected)
        yield f"{table}.{name} is never {value!r}; it holds {kinds}"
        return
    contract = schema.countable[table]
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
