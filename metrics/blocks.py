"""Count blocks: the whole grammar in which a measure says what it counts.

A block is a small table of enumerated choices. There is no SQL in it and no expression, so a form
can write one, a person can read one, and nothing can be injected through one.
"""

import datetime
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    Tag,
    ValidationInfo,
    model_validator,
)

from metrics.errors import Fault, refuse

AGE_BANDS = ("0-17", "18-24", "25-44", "45-64", "65-74", "75-84", "85+")
SEXES = ("1", "2", "9", "X")
# Ten years: nobody waits longer for a figure, and no calendar ends within it.
MOST_DAYS = 3_660
NUMBERS = (int, float, Decimal)


# How what JSON has no word for stands in it, so that a definition comes back as it was written.
JSON_TYPES: dict[str, type] = {
    "decimal": Decimal,
    "moment": datetime.datetime,
    "day": datetime.date,
}


def _exact(value: Any) -> Any:
    """Turn floating-point numbers into the decimals that were written."""
    return Decimal(str(value)) if isinstance(value, float) else value


def _number(value: Any, info: ValidationInfo) -> Any:
    """Return a number as it was written; in JSON, which has no decimals, it may be in quotes."""
    if info.mode == "python" and (isinstance(value, bool) or not isinstance(value, NUMBERS)):
        raise ValueError("write a number, without quotes")
    return _exact(value)


def _day(value: Any, info: ValidationInfo) -> Any:
    if info.mode == "python" and type(value) is not datetime.date:
        raise ValueError("write a date without quotes, such as 2025-03-31")
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        ((name, text),) = value.items()
        if name in JSON_TYPES and isinstance(text, str):
            kind = JSON_TYPES[name]
            return Decimal(text) if kind is Decimal else kind.fromisoformat(text)
    return _exact(value)


def _to_json(value: Any) -> Any:
    for name, kind in JSON_TYPES.items():
        if isinstance(value, kind):
            return {name: str(value) if kind is Decimal else value.isoformat()}
    return value


def _cell(value: Any) -> Any:
    cell = _from_json(value)
    is_number = isinstance(cell, Decimal) and cell.is_finite()
    if not (is_number or isinstance(cell, bool | int | datetime.date | str)):
        raise ValueError("write one text in quotes, one number, one date, or true or false")
    return cell


def _value(value: Any) -> Any:
    cell = _cell(value)
    if isinstance(cell, datetime.datetime):
        raise ValueError("write the date without the time of day")
    return cell


# One value: in a condition, or in a row of a worked case, where it may have a time of day.
Literal_ = Annotated[
    bool | int | Decimal | datetime.date | str,
    BeforeValidator(_value),
    PlainSerializer(_to_json, when_used="json"),
]
Cell = Annotated[
    bool | int | Decimal | datetime.datetime | datetime.date | str,
    BeforeValidator(_cell),
    PlainSerializer(_to_json, when_used="json"),
]
# Numbers that are said exactly, as such, and days that are.
Number = Annotated[Decimal, BeforeValidator(_number)]
Day = Annotated[datetime.date, BeforeValidator(_day)]
WholeNumber = Annotated[int, Field(strict=True)]
Truth = Annotated[bool, Field(strict=True)]
Strict = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _in_reverse(least: Any, most: Any) -> bool:
    """Return whether a range has its ends the wrong way round, so that nothing lies in it."""
    numbers = all(isinstance(end, int | Decimal) for end in (least, most))
    dates = all(isinstance(end, datetime.date) for end in (least, most))
    return (numbers or dates) and least > most


class Condition(BaseModel):
    """One condition on a row: a column or a number of days, and exactly one test of it."""

    model_config = Strict

    column: str | None = None
    days: tuple[str, str] | None = None
    is_: Literal_ | None = Field(None, alias="is")
    is_not: Literal_ | None = None
    in_: tuple[Literal_, ...] | None = Field(None, alias="in", min_length=1)
    not_in: tuple[Literal_, ...] | None = Field(None, min_length=1)
    at_least: Literal_ | None = None
    at_most: Literal_ | None = None
    empty: Literal[True] | None = None
    not_empty: Literal[True] | None = None

    TESTS: ClassVar = (
        "is_",
        "is_not",
        "in_",
        "not_in",
        "at_least",
        "at_most",
        "empty",
        "not_empty",
    )

    @model_validator(mode="after")
    def _one_subject_one_test(self) -> "Condition":
        if (self.column is None) == (self.days is None):
            raise ValueError("a condition names either one `column` or two dates in `days`")
        tests = [name.rstrip("_") for name in self.TESTS if getattr(self, name) is not None]
        allowed = {"at_least", "at_most"}
        if self.days is not None and not (tests and set(tests) <= allowed):
            raise ValueError("a condition on `days` takes `at_least`, `at_most` or both")
        if self.days is not None and self.days[0] == self.days[1]:
            raise ValueError("between a date and itself lie no days; name two dates in `days`")
        if self.column is not None and len(tests) != 1 and set(tests) != allowed:
            raise ValueError(
                f"a condition takes one of is, is_not, in, not_in, at_least, at_most, empty,"
                f" not_empty; this one has {', '.join(tests) or 'none'}"
            )
        least, most = self.at_least, self.at_most
        if _in_reverse(least, most):
            raise ValueError("`at_least` is more than `at_most`, so nothing would ever count")
        return self

    @property
    def values(self) -> tuple[Any, ...]:
        """Every value that the condition compares with."""
        single = (self.is_, self.is_not, self.at_least, self.at_most)
        return tuple(v for v in single if v is not None) + (self.in_ or ()) + (self.not_in or ())


class Followed(BaseModel):
    """Another row that belongs to a row and lies a number of days from it.

    Days are counted from the row's own date: of a `preceded_by` backwards, of a `followed_by`
    forwards. `same` are the columns in which the two rows agree; a blank agrees with nothing.
    """

    model_config = Strict

    table: str
    on: str
    within_days: tuple[WholeNumber, WholeNumber]
    same: tuple[str, ...] = Field(("person_key",), min_length=1)
    where: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _from_the_nearer_day_to_the_further(self) -> "Followed":
        nearest, furthest = self.within_days
        if not 0 <= nearest <= furthest <= MOST_DAYS:
            said = (
                f"write [nearest, furthest], from 0 up and to {MOST_DAYS}, such as [0, 29];"
                f" this is [{nearest}, {furthest}]"
            )
            refuse([Fault(("within_days",), said)])
        return self


class Block(BaseModel):
    """What every block can say of itself."""

    model_config = Strict

    where: tuple[Condition, ...] = ()
    followed_by: tuple[Followed, ...] = ()
    not_followed_by: tuple[Followed, ...] = ()
    preceded_by: tuple[Followed, ...] = ()
    not_preceded_by: tuple[Followed, ...] = ()
    # True where areas may be added up after counting; a quantile is taken anew at each level.
    additive: ClassVar[bool] = True
    # True where the counts of periods may be added up; a stock never.
    adds_up_over_time: ClassVar[bool] = True

    FELLOWS: ClassVar = ("followed_by", "not_followed_by", "preceded_by", "not_preceded_by")

    @property
    def fellows(self) -> tuple[Followed, ...]:
        """Every other row that the block asks after."""
        return tuple(other for name in self.FELLOWS for other in getattr(self, name))

    @property
    def days_after(self) -> int:
        """How many days after a row's own date have to be known before it can be counted."""
        later = (*self.followed_by, *self.not_followed_by)
        return max((other.within_days[1] for other in later), default=0)

    @property
    def days_before(self) -> int:
        """How many days before a row's own date have to be known before it can be counted."""
        earlier = (*self.preceded_by, *self.not_preceded_by)
        return max((other.within_days[1] for other in earlier), default=0)

    @property
    def table(self) -> str:
        """The contract table whose rows are counted."""
        raise NotImplementedError

    @property
    def dates(self) -> tuple[str, ...]:
        """The columns that must hold dates."""
        return ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns that must hold whole numbers or decimals."""
        return ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns whose different values are counted."""
        return ()


def _two_dates(days: tuple[str, str]) -> None:
    if days[0] == days[1]:
        refuse([Fault(("days",), "between a date and itself lie no days; name two dates")])


def _ends_later(start: str, ends: tuple[str, ...]) -> None:
    if start in ends:
        said = f"what begins and ends on {start} is never there; name another date in `until`"
        refuse([Fault(("until", ends.index(start)), said)])


class Rows(Block):
    """Rows whose date falls in the period: a flow."""

    rows: str
    on: str

    @property
    def table(self) -> str:
        return self.rows

    @property
    def dates(self) -> tuple[str, ...]:
        return (self.on,)


class Sum(Block):
    """The sum of a column over the rows whose date falls in the period."""

    sum: str
    of: str
    on: str

    @property
    def table(self) -> str:
        return self.of

    @property
    def dates(self) -> tuple[str, ...]:
        return (self.on,)

    @property
    def numbers(self) -> tuple[str, ...]:
        return (self.sum,)


class Days(Block):
    """The days between two dates, summed over the rows whose date falls in the period."""

    days: tuple[str, str]
    of: str
    on: str

    @property
    def table(self) -> str:
        return self.of

    @property
    def dates(self) -> tuple[str, ...]:
        return (*self.days, self.on)

    @model_validator(mode="after")
    def _from_one_date_to_another(self) -> "Days":
        _two_dates(self.days)
        return self


class People(Block):
    """Different people among the rows whose date falls in the period, counted at each level."""

    people: str
    of: str
    on: str
    additive: ClassVar[bool] = False
    adds_up_over_time: ClassVar[bool] = False

    @property
    def table(self) -> str:
        return self.of

    @property
    def dates(self) -> tuple[str, ...]:
        return (self.on,)

    @property
    def keys(self) -> tuple[str, ...]:
        """The column whose different values are counted."""
        return (self.people,)


class DaysInside(Block):
    """Nights between two dates that fall inside the period; what has not ended goes on."""

    days_inside: str
    from_: str = Field(alias="from")
    until: tuple[str, ...] = Field(min_length=1)

    @property
    def table(self) -> str:
        return self.days_inside

    @property
    def dates(self) -> tuple[str, ...]:
        return (self.from_, *self.until)

    @model_validator(mode="after")
    def _ends_on_another_date(self) -> "DaysInside":
        _ends_later(self.from_, self.until)
        return self


class Open(Block):
    """Rows open at the end of the period: a stock, never added up over time.

    With `after_days` only those that have been open for at least that many days by then.
    """

    open: str
    from_: str = Field(alias="from")
    until: tuple[str, ...] = Field(min_length=1)
    after_days: WholeNumber = Field(0, ge=0, le=MOST_DAYS)
    adds_up_over_time: ClassVar[bool] = False

    @property
    def table(self) -> str:
        return self.open

    @property
    def dates(self) -> tuple[str, ...]:
        return (self.from_, *self.until)

    @model_validator(mode="after")
    def _ends_on_another_date(self) -> "Open":
        _ends_later(self.from_, self.until)
        return self


class Level(Block):
    """The sum of a column at the latest date in the period: staff in post, cases reported open."""

    level: str
    of: str
    on: str
    adds_up_over_time: ClassVar[bool] = False

    @property
    def table(self) -> str:
        return self.of

    @property
    def dates(self) -> tuple[str, ...]:
        return (self.on,)

    @property
    def numbers(self) -> tuple[str, ...]:
        return (self.level,)


class Who(BaseModel):
    """Whom a population counts."""

    model_config = Strict

    age_bands: tuple[Literal[AGE_BANDS], ...] = Field(AGE_BANDS, min_length=1)  # type: ignore[valid-type]
    sex: tuple[Literal[SEXES], ...] = Field(SEXES, min_length=1)  # type: ignore[valid-type]
    basis: Literal["registered", "resident"] = "registered"


class _People(Block):
    """What is counted on lists of people, which have only the columns that `Who` names."""

    @model_validator(mode="after")
    def _says_who_and_not_where(self) -> "_People":
        refuse(
            Fault((name,), f"people are chosen by `age_bands`, `sex` and `basis`; remove `{name}`")
            for name in ("where", *self.FELLOWS)
            if getattr(self, name)
        )
        return self

    @property
    def table(self) -> str:
        return "population"


class Population(_People):
    """People on the list at the end of the period."""

    population: Who
    adds_up_over_time: ClassVar[bool] = False

    @property
    def who(self) -> Who:
        return self.population


class PersonDays(_People):
    """People times the days of the period on which they were on the list."""

    person_days: Who

    @property
    def who(self) -> Who:
        return self.person_days


class Submitted(Block):
    """The count itself, as a team sent it in `aggregate_submission`.

    `words` say what the team counts; they stand beside the cell in which it writes the number.
    """

    submitted: Literal["numerator", "denominator"]
    words: str = ""

    @property
    def table(self) -> str:
        return "aggregate_submission"


class Quantile(Block):
    """A median or another quantile of a number of days, exact, taken anew at each level."""

    at: Number = Field(gt=0, lt=1)
    days: tuple[str, str]
    of: str
    on: str
    open_cases: Literal["waiting", "left out"]
    additive: ClassVar[bool] = False
    adds_up_over_time: ClassVar[bool] = False

    @model_validator(mode="after")
    def _those_who_wait_have_a_date(self) -> "Quantile":
        _two_dates(self.days)
        if self.open_cases == "waiting" and self.on == self.days[1]:
            said = (
                f"those who wait have no {self.on} yet and would never be counted; count them `on`"
                ' another date, or leave them out with open_cases = "left out"'
            )
            refuse([Fault(("on",), said)])
        return self

    @property
    def table(self) -> str:
        return self.of

    @property
    def dates(self) -> tuple[str, ...]:
        return (*self.days, self.on)


COUNT_BLOCKS: dict[str, type[Block]] = {
    "rows": Rows,
    "sum": Sum,
    "days": Days,
    "people": People,
    "open": Open,
    "days_inside": DaysInside,
    "level": Level,
    "population": Population,
    "person_days": PersonDays,
    "submitted": Submitted,
}


def _naming_word(given: Any) -> str | None:
    if isinstance(given, Block):
        return next(name for name, kind in COUNT_BLOCKS.items() if isinstance(given, kind))
    named = [name for name in COUNT_BLOCKS if isinstance(given, dict) and name in given]
    return named[0] if len(named) == 1 else None


CountBlock = Annotated[
    Annotated[Rows, Tag("rows")]
    | Annotated[Sum, Tag("sum")]
    | Annotated[Days, Tag("days")]
    | Annotated[People, Tag("people")]
    | Annotated[Open, Tag("open")]
    | Annotated[DaysInside, Tag("days_inside")]
    | Annotated[Level, Tag("level")]
    | Annotated[Population, Tag("population")]
    | Annotated[PersonDays, Tag("person_days")]
    | Annotated[Submitted, Tag("submitted")],
    Discriminator(
        _naming_word,
        custom_error_type="block",
        custom_error_message=f"a block has exactly one of {', '.join(COUNT_BLOCKS)}",
    ),
]


def columns_named(block: Block) -> Iterator[str]:
    """Yield every column of its table that a block names."""
    yield from block.dates
    yield from block.numbers
    yield from block.keys
    yield from columns_of(block.where)
    for other in block.fellows:
        yield from other.same


def columns_of(conditions: Iterable[Condition]) -> Iterator[str]:
    """Yield every column that conditions ask about."""
    for condition in conditions:
        yield from (condition.column,) if condition.column else (condition.days or ())
