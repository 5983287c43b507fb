"""A measure is a file: reading the definitions, and refusing the ones that cannot be right."""

import datetime
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from data.calendar import windows
from data.contract import Contract
from data.home import Home
from data.records import Schema
from data.toml_lines import EntryPath, lines_of
from metrics.blocks import (
    COUNT_BLOCKS,
    MOST_DAYS,
    Block,
    Cell,
    Condition,
    CountBlock,
    Day,
    Days,
    Followed,
    Level,
    Number,
    Open,
    People,
    PersonDays,
    Population,
    Quantile,
    Rows,
    Strict,
    Submitted,
    Sum,
    Truth,
    WholeNumber,
)
from metrics.errors import Fault, MeasureError, entry, refuse
from metrics.faults import (
    ID_PATTERN,
    SLUG_PATTERN,
    WRITTEN,
    faults_found,
    meant,
    unreadable,
)

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
# What a column of decimals holds.
MOST = Decimal(10) ** 14
FINEST = 20
TOO_LONG = "no column holds so large or so fine a number; write it with fewer digits"
# Those that divide by something.
SHARES = tuple(shown for shown in SHOWN_AS if shown not in ("count", "mean_a_day", "days"))
# What stands between a measure's id and a code, where a part is shown by itself.
PART = ":"
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
    at: Day
    numerator: Number | None = None
    denominator: Number | None = None
    value: Number | None = None
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

    id: str = Field(pattern=SLUG_PATTERN)
    title: Text
    numerator: CountBlock | None = None
    denominator: CountBlock | None = None
    quantile: Quantile | None = None
    show: Show | None = None
    unit: Text | None = None
    decimals: WholeNumber | None = Field(None, ge=0, le=3)
    better: Literal["higher", "lower", "neither"] | None = None
    says: Says | None = None
    every: Literal["week", "month", "quarter"] | None = None
    rolling: WholeNumber | None = Field(None, ge=2, le=24)
    split_by: str | None = None
    whole: Truth | None = None
    complete_after_days: WholeNumber | None = Field(None, ge=0, le=MOST_DAYS)
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
    contested: Truth = False
    dispute: str = ""
    logic_node: str = ""
    attribution: Literal[
        "population", "receiving", "visiting", "allocated", "employing", "respondent"
    ]
    every: Literal["week", "month", "quarter"] = "month"
    # Windows of this many periods, moving by one: they overlap.
    rolling: WholeNumber | None = Field(None, ge=2, le=24)
    # Each value of this column is a series of its own; `whole` is whether all together are too.
    split_by: str | None = None
    whole: Truth = True
    # Days after a period's end from which a prepared column is complete.
    complete_after_days: WholeNumber = Field(0, ge=0, le=MOST_DAYS)
    # It joins records of two organisations by person: without a shared key it cannot be had.
    needs_shared_key: Truth = False
    unit: Text
    decimals: WholeNumber = Field(0, ge=0, le=3)
    disclosure: Literal["people", "staff", "questionnaire", "open"]
    version: WholeNumber = Field(1, ge=1)
    checked_against: Text
    burden_minutes_per_month: WholeNumber = Field(0, ge=0)
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
        refuse(_misfits(self))
        return self

    @property
    def main_id(self) -> str:
        """The id of the measure that this is, or is a further figure or a part of."""
        return main_of(self.id)

    @property
    def is_figure(self) -> bool:
        """Whether this is a further figure of a measure."""
        return "." in self.id

    @property
    def figures(self) -> tuple["Measure", ...]:
        """The further figures, each as a measure of its own: "F04.oldest"."""
        return tuple(_as_measure(self, figure) for figure in self.figure)

    @property
    def periods(self) -> str:
        """The kind of period that a figure covers: "month", or "month*12" for rolling windows."""
        return windows(self.every, self.rolling)

    @property
    def overlaps(self) -> bool:
        """Whether a figure shares days with the one before, so that no run means anything."""
        return self.rolling is not None

    @property
    def days_after(self) -> int:
        """How many days after a period's end have to be known before its figure is complete."""
        return max(self.complete_after_days, *(block.days_after for block in self.blocks))

    @property
    def days_before(self) -> int:
        """How many days before a period have to be known before its figure is complete."""
        return max(block.days_before for block in self.blocks)

    def part(self, code: str | bool) -> "Measure":
        """Return the measure of one part alone: the rows with a code in the column it is split by.

        People on a list have no such column: below the line everybody counts in each part.
        """
        only = Condition.model_validate({"column": self.split_by, "is": code})
        of_part = {
            name: block.model_copy(update={"where": (*block.where, only)})
            for name in ("numerator", "denominator", "quantile")
            if (block := getattr(self, name)) is not None
            and not isinstance(block, Population | PersonDays | Submitted)
        }
        return self.model_copy(update=of_part)

    def by_itself(self, split: str) -> "Measure":
        """Return a part as boards show it where there is no whole: by its own id and title.

        It speaks for no side of where the two kinds disagree: its fellows would say it again.
        """
        part = f"{self.split_by}: {'yes' if split == 'true' else 'no'}".replace("_", " ")
        part = part if split in ("true", "false") else split.replace("_", " ")
        says = {name: f"{getattr(self.says, name)} ({part})" for name in Says.model_fields}
        named = {"id": f"{self.id}{PART}{split}", "title": f"{self.title} ({part})"}
        alone = {"says": Says.model_validate(says), "speaks_for": None}
        return self.model_copy(update=named | alone)

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


def main_of(measure_id: str) -> str:
    """Return the id of a measure from its own, from a further figure's, or from a part's."""
    return measure_id.partition(PART)[0].partition(".")[0]


def with_figures(measures: Mapping[str, Measure]) -> dict[str, Measure]:
    """Return each measure followed by its further figures, by id."""
    return {one.id: one for measure in measures.values() for one in (measure, *measure.figures)}


def _misfits(measure: Measure) -> Iterator[Fault]:
    shown, denominator = measure.show.as_, measure.denominator
    if not re.fullmatch(ID_PATTERN, measure.main_id):
        yield Fault(("id",), WRITTEN[ID_PATTERN])
    if (measure.quantile is None) == (measure.numerator is None):
        where = ("quantile",) if measure.quantile else ()
        yield Fault(where, "a measure has either a [numerator] or a [quantile]")
    if measure.quantile and denominator:
        yield Fault(("denominator",), "a [quantile] takes no [denominator]; remove it")
    yield from (Fault(("show", "as"), said) for said in _shown_faults(measure, shown))
    for number, also in enumerate(measure.show.also):
        where = ("show", "also", number)
        if also == shown:
            yield Fault(where, f'"{also}" is how it is shown already; remove it')
        if also in SHARES and denominator is None:
            yield Fault(where, f'"{also}" needs a [denominator]; remove it')
    if measure.contested and not measure.dispute:
        said = "a contested measure says in `dispute` who disputes it and why"
        yield Fault(("contested",), said)
    if measure.dispute and not measure.contested:
        yield Fault(("dispute",), "a dispute goes with contested = true; write that too")
    if measure.origin.kind == "interview" and not measure.origin.words:
        said = "what somebody said in an interview stands in `words`, as they said it"
        yield Fault(("origin",), said)
    yield from _said_faults(measure)
    yield from _pair_faults(measure)
    yield from _window_faults(measure)
    if not measure.whole and measure.split_by is None:
        said = "whole = false goes with `split_by`; without parts there would be no figure at all"
        yield Fault(("whole",), said)
    yield from _figure_faults(measure)


def _shown_faults(measure: Measure, shown: str) -> Iterator[str]:
    denominator = measure.denominator
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


def _said_faults(measure: Measure) -> Iterator[Fault]:
    for name in Says.model_fields:
        if getattr(measure.says, name).rstrip().endswith("."):
            yield Fault(("says", name), "a sentence goes on after this; remove the full stop")


def _pair_faults(measure: Measure) -> Iterator[Fault]:
    named: set[str] = set()
    for number, pair in enumerate(measure.pairs_with):
        where = ("pairs_with", number, "measure")
        if pair.measure == measure.main_id:
            yield Fault(where, "this is the measure itself; name another")
        if pair.measure in named:
            yield Fault(where, f"{pair.measure} stands twice; keep one")
        named.add(pair.measure)


def _slot_faults(measure: Measure) -> Iterator[Fault]:
    for part in ("numerator", "denominator"):
        block = getattr(measure, part)
        if isinstance(block, Submitted) and block.submitted != part:
            yield Fault((part, "submitted"), f'in [{part}] write submitted = "{part}"')


def _figure_faults(measure: Measure) -> Iterator[Fault]:
    ids: set[str] = set()
    for number, figure in enumerate(measure.figure):
        if figure.id in ids:
            said = f"two figures have the id {figure.id}; give each its own"
            yield Fault(("figure", number, "id"), said)
        ids.add(figure.id)
        if not figure.model_fields_set - {"id", "title", "case"}:
            said = "this figure is the measure itself; write what it counts or shows otherwise"
            yield Fault(("figure", number), said)


def _answer_faults(measure: Measure, case: Case) -> Iterator[Fault]:
    has_two = measure.denominator or measure.quantile or measure.show.as_ == "mean_a_day"
    if case.denominator is not None and not has_two:
        yield Fault(("denominator",), "the measure has no [denominator]; remove this")
    if case.split and measure.split_by is None:
        yield Fault(("split",), "the measure has no `split_by`; remove this")
    if case.state != "value":
        for name in ("numerator", "denominator", "value"):
            if getattr(case, name) is not None:
                yield Fault(
                    (name,), f'where state = "{case.state}" there is no figure; remove this'
                )


def _window_faults(measure: Measure) -> Iterator[Fault]:
    if measure.rolling is None:
        return
    for part in ("numerator", "denominator"):
        block = getattr(measure, part)
        if isinstance(block, Open | Level | Population):
            yield Fault(
                ("rolling",),
                f"the {part} is as things stand at one moment, and moments are not added up;"
                " remove `rolling`, or count what happened in the period",
            )


@dataclass(frozen=True)
class LeftOut:
    """A file whose definition cannot be used, and so gives no figures.

    Attributes:
        file: Its name.
        ids: The ids that it claims, by what it says or by its name: these have no figures.
        faults: What is wrong, one sentence each, with the line and the remedy.
    """

    file: str
    ids: tuple[str, ...]
    faults: tuple[str, ...]

    def lead(self) -> str:
        """Return what is not shown because of it, as the beginning of a sentence."""
        lost = f", and {' and '.join(self.ids)} has no figures" if self.ids else ""
        return f"{self.file} is left out{lost}"

    def in_words(self) -> str:
        """Return what is not shown because of it, and its first fault."""
        first, *others = self.faults
        more = f" ({len(others)} more)" if others else ""
        said = f"{self.lead()}{more}: {first.rstrip('.')}"
        return said if said.endswith("?") else f"{said}."


@dataclass(frozen=True)
class Catalogue:
    """The definitions that can be used, by id and in that order, and the files that cannot."""

    measures: dict[str, Measure]
    left_out: tuple[LeftOut, ...]

    @property
    def ids_left_out(self) -> frozenset[str]:
        """The ids that have no figures because their file is wrong."""
        return frozenset(name for file in self.left_out for name in file.ids)


def load_measures(home: Home | None, schema: Schema) -> dict[str, Measure]:
    """Return every definition, shipped and the partnership's own, by id.

    Raises:
        MeasureError: If any definition is wrong; the message lists every fault of every file.
    """
    catalogue = read_catalogue(home, schema)
    if catalogue.left_out:
        raise MeasureError("\n".join(said for file in catalogue.left_out for said in file.faults))
    return catalogue.measures


def read_catalogue(home: Home | None, schema: Schema) -> Catalogue:
    """Return every definition that can be used, shipped and the partnership's own.

    A partnership's definition with a shipped id takes the shipped one's place, also where it is
    wrong: then the id has none.
    """
    folders = [CATALOGUE] + ([home.measures] if home and home.measures.is_dir() else [])
    measures: dict[str, Measure] = {}
    left_out: list[LeftOut] = []
    for folder in folders:
        files = sorted(folder.glob("*.toml"))
        claims = {file: _ids_claimed(file) for file in files}
        for file in files:
            for claimed in claims[file]:
                measures.pop(claimed, None)
        for file in files:
            try:
                measure = read_measure(file, schema)
            except MeasureError as error:
                left_out.append(LeftOut(file.name, claims[file], tuple(str(error).splitlines())))
                continue
            others = [o.name for o in files if o != file and measure.id in claims[o]]
            if others:
                # Nobody can tell which is meant, so neither counts.
                said = f"the id {measure.id} is also in {', '.join(others)}; give it its own"
                fault = Fault(("id",), said).in_words(
                    file.name, lines_of(_text(file.read_bytes(), file.name))
                )
                left_out.append(LeftOut(file.name, (measure.id,), (fault,)))
                continue
            measures[measure.id] = measure
    return Catalogue(dict(sorted(measures.items())), tuple(left_out))


def _ids_claimed(file: Path) -> tuple[str, ...]:
    """Return the ids whose place a file would take; there may be no more than a name to go by."""
    text = file.read_bytes().decode("utf-8", errors="replace")
    said = re.findall(r"""^\ufeff?id\s*=\s*["']([A-Z]+[0-9]+)["']""", text, re.MULTILINE)[:1]
    named = re.findall(r"^[A-Z]+[0-9]+(?=_|$)", file.stem)
    return tuple(dict.fromkeys([*said, *named]))


def read_measure(file: Path, schema: Schema) -> Measure:
    """Return the definition in one file, held against the tables and columns that there are.

    Raises:
        MeasureError: If it cannot be right; the message lists all its faults, one a line.
    """
    return measure_from(file.read_bytes(), file.name, schema)


def measure_from(content: bytes, name: str, schema: Schema) -> Measure:
    """Return the definition that a file holds, as `read_measure` does.

    Args:
        content: The file as it is on the disk.
        name: Its name, for what is said of it.
        schema: The tables and columns that there are.

    Raises:
        MeasureError: If it cannot be right; the message lists all its faults, one a line.
    """
    text = _text(content, name)
    document = _document(text, name)
    faults = [*_unprintable(document), *_misnamed(name, document)]
    try:
        measure = Measure.model_validate(document)
    except ValidationError as error:
        faults += faults_found(Measure, error)
    else:
        faults += _measure_faults(measure, schema)
        if not faults:
            return measure
    lines = lines_of(text)
    said = dict.fromkeys(fault.in_words(name, lines) for fault in faults)
    raise MeasureError("\n".join(said))


def _text(content: bytes, name: str) -> str:
    """Return what a file says, whether or not its writer marked it as UTF-8."""
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        said = "there is a character here that is not UTF-8; save the file as UTF-8"
        raise MeasureError(f"{name}, line {line}: {said}") from error


def _document(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        line, said = unreadable(error, text)
        raise MeasureError(f"{name}, line {line}: {said}") from error
    except RecursionError as error:
        said = "lists lie too deep inside each other to be read; no entry needs that"
        raise MeasureError(f"{name}, line 1: {said}") from error
    except (ValueError, ArithmeticError) as error:
        line = next(
            (n for n, one in enumerate(text.splitlines(), 1) if _LONG_NUMBER.search(one)), 1
        )
        said = "a number has too many digits to be read; write it with fewer"
        raise MeasureError(f"{name}, line {line}: {said}") from error


_LONG_NUMBER = re.compile(r"=\s*[-+]?[\d_]{1000,}|[eE][-+]?\d{7,}")


def _unprintable(said: Any, path: EntryPath = ()) -> Iterator[Fault]:
    """Yield the texts with a character that no page can show, and that SQL may end at."""
    if isinstance(said, str) and re.search(r"[\x00-\x08\x0b-\x1f\x7f]", said):
        yield Fault(path, "there is a control character in this text; remove it")
    inside = said.items() if isinstance(said, dict) else ()
    inside = enumerate(said) if isinstance(said, list) else inside
    for name, part in inside:
        yield from _unprintable(part, (*path, name))


def _misnamed(name: str, document: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield that a file bears the id of another measure: most likely a copy, changed in part."""
    named, said = re.match(r"([A-Z]+[0-9]+)_", name), document.get("id")
    written = isinstance(said, str) and re.fullmatch(ID_PATTERN, said)
    if named and written and said != named[1]:
        yield Fault(("id",), f"the file is named {named[1]} and says {said}; make them the same")


def _measure_faults(measure: Measure, schema: Schema) -> Iterator[Fault]:
    own = list(_against_tables(measure, schema))
    yield from own
    said = {fault.said for fault in own}
    for number, figure in enumerate(measure.figure):
        try:
            faults = list(_against_tables(_as_measure(measure, figure), schema))
        except ValidationError as error:
            faults = list(faults_found(Measure, error))
        for fault in faults:
            if fault.path[:1] and fault.path[0] in figure.model_fields_set:
                yield fault.under("figure", number)
            elif fault.said not in said:
                yield Fault(("figure", number), f"{entry(fault.path)}: {fault.said}")
        for at, case in enumerate(figure.case):
            yield from (f.under("figure", number, "case", at) for f in _rows_faults(case, schema))


def _against_tables(measure: Measure, schema: Schema) -> Iterator[Fault]:
    for part in ("numerator", "denominator", "quantile"):
        block = getattr(measure, part)
        if block is not None:
            yield from (fault.under(part) for fault in _block_faults(block, schema))
    if measure.numerator is not None and measure.numerator == measure.denominator:
        said = "this counts the same as the [numerator]; write what the figure is out of"
        yield Fault(("denominator",), said)
    yield from _slot_faults(measure)
    yield from _split_faults(measure, schema)
    yield from _week_faults(measure, schema)
    unserved = [_attribution_fault(measure, block, schema) for block in measure.blocks]
    for said in dict.fromkeys(filter(None, unserved)):
        yield Fault(("attribution",), said)
    for number, case in enumerate(measure.case):
        faults = [*_answer_faults(measure, case), *_rows_faults(case, schema)]
        yield from (fault.under("case", number) for fault in faults)


def _week_faults(measure: Measure, schema: Schema) -> Iterator[Fault]:
    """Yield why there can be no figure of a week: a month is not divided into weeks."""
    if measure.every != "week":
        return
    monthly: list[str] = []
    for block in measure.blocks:
        contract = schema.countable.get(block.table)
        types = {c.name: c.type for c in contract.columns} if contract else {}
        by_month = any(types.get(name) == "month" for name in block.dates)
        if by_month or isinstance(block, Submitted):
            monthly.append(block.table)
    for table in dict.fromkeys(monthly):
        said = f"{table} is reported by the month, so no week has a figure of its own"
        yield Fault(("every",), f'{said}; write every = "month" or "quarter"')


def _split_faults(measure: Measure, schema: Schema) -> Iterator[Fault]:
    """Yield why a measure cannot be split: what is counted has to have the column to split by.

    Below the line it need not: of a population, which has none, everybody counts in each part.
    """
    name = measure.split_by
    if name is None:
        return
    if isinstance(measure.numerator, Population | PersonDays | Submitted):
        said = "what is counted here has no columns to split by; remove `split_by`"
        yield Fault(("split_by",), said)
        return
    for block in measure.blocks:
        if isinstance(block, Population | PersonDays | Submitted):
            continue
        columns = schema.columns(block.table)
        texts = [n for n, kind in columns.items() if kind in ("VARCHAR", "BOOLEAN")]
        if columns and name not in texts:
            said = _with_guess(name, texts, f"it has {', '.join(texts)}")
            yield Fault(("split_by",), f"{block.table} has no text {name}; {said}")
        elif columns and _tells_rows_apart(name, schema.countable[block.table]):
            said = f"{name} tells one row from another, so each part would be one of them"
            yield Fault(("split_by",), f"{said}; split by a column with a list of codes")


def _tells_rows_apart(name: str, contract: Contract) -> bool:
    """Return whether each part would be one row, one person or one worker."""
    # The short name of a question is called a key too, and is shared by all who answer it.
    of_somebody = name.endswith("_key") and name != "item_key"
    return of_somebody or contract.key == (name,)


def _rows_faults(case: Case, schema: Schema) -> Iterator[Fault]:
    said: set[str] = set()
    for table, rows in case.rows.items():
        for fault in _table_faults(table, rows, schema):
            if fault.said not in said:
                said.add(fault.said)
                yield fault.under("rows", table)


def _table_faults(table: str, rows: Sequence[Mapping[str, Any]], schema: Schema) -> Iterator[Fault]:
    known = schema.contract_columns(table)
    if not known:
        yield Fault((), _no_table(table, schema.contracts))
        return
    for number, row in enumerate(rows):
        for name, value in row.items():
            if name not in known:
                said = _with_guess(name, known, f"a case has what is sent in: {', '.join(known)}")
                yield Fault((number, name), f"{table} has no column {name}; {said}")
                continue
            expected = _value_types(known[name])
            if known[name] == "TIMESTAMP":
                expected = (*expected, datetime.datetime)
            faults = _value_faults(table, name, value, schema, expected)
            yield from (Fault((number, name), fault) for fault in faults)


def _with_guess(name: str, known: Iterable[str], all_of_them: str) -> str:
    """Return all that is allowed, after what was surely meant."""
    guess = meant(name, known)
    return f"{guess}{all_of_them[:1].upper()}{all_of_them[1:]}" if guess else all_of_them


def _no_table(table: str, known: Iterable[str]) -> str:
    names = sorted(known)
    allowed = _with_guess(table, names, f"there are {', '.join(names)}")
    return f"there is no table {table}; {allowed}"


def _no_column(table: str, name: str, columns: Iterable[str]) -> str:
    names = list(columns)
    allowed = _with_guess(name, names, f"it has {', '.join(names)}")
    return f"{table} has no column {name}; {allowed}"


def _attribution_fault(measure: Measure, block: Block, schema: Schema) -> str | None:
    contract = schema.countable.get(block.table)
    if contract is None or isinstance(block, Population | PersonDays | Submitted):
        return None
    if measure.attribution in contract.attribution:
        return None
    if block is measure.denominator and contract.kind == "reported" and contract.by_team:
        # What a team says of itself is its own, however the rows above the line find their team.
        return None
    if not contract.attribution:
        return f"the rows of {block.table} belong to no team; count another table"
    options = ", ".join(contract.attribution)
    return f"{block.table} cannot say which team by {measure.attribution}; it can by {options}"


def _columns_at(block: Block) -> Iterator[tuple[EntryPath, str]]:
    """Yield each column that a block names outside its conditions, with its entry."""
    named = {*block.dates, *block.numbers, *block.keys}
    for name, field in type(block).model_fields.items():
        said, where = getattr(block, name), field.alias or name
        if isinstance(said, str) and said in named:
            yield (where,), said
        for number, part in enumerate(said if isinstance(said, tuple) else ()):
            if isinstance(part, str) and part in named:
                yield (where, number), part


def _block_faults(block: Block, schema: Schema) -> Iterator[Fault]:
    table = block.table
    columns = schema.columns(table)
    if table not in schema.countable:
        where = next(
            name
            for name in ("of", *COUNT_BLOCKS)
            if name in type(block).model_fields and getattr(block, name) == table
        )
        yield Fault((where,), _no_table(table, schema.countable))
        return
    dates = [name for name in columns if columns[name] in DATE_TYPES]
    numbers = [name for name in columns if columns[name].startswith(NUMBER_TYPES)]
    for path, name in _columns_at(block):
        if name not in columns:
            yield Fault(path, _no_column(table, name, columns))
        elif path[0] == "people":
            yield from (Fault(path, said) for said in _key_faults(table, name, schema))
        elif path[0] in ("sum", "level"):
            if name not in numbers:
                options = ", ".join(numbers) or "none"
                yield Fault(path, f"{table}.{name} is not a number; numbers are {options}")
        elif name not in dates:
            yield Fault(path, f"{table}.{name} is not a date; dates are {', '.join(dates)}")
    for number, condition in enumerate(block.where):
        faults = _condition_faults(table, condition, schema)
        yield from (fault.under("where", number) for fault in faults)
    for name in block.FELLOWS:
        for number, other in enumerate(getattr(block, name)):
            faults = _fellow_faults(block, other, schema)
            yield from (fault.under(name, number) for fault in faults)


def _key_faults(table: str, name: str, schema: Schema) -> Iterator[str]:
    contract = schema.countable[table]
    columns = schema.columns(table)
    keys = [
        other
        for other, kind in columns.items()
        if kind == "VARCHAR" and not (other in contract.names and contract.column(other).allowed)
    ]
    if name not in keys:
        yield (
            f"{table}.{name} does not tell one from another, so they cannot be counted by it;"
            f" what may is {', '.join(keys)}"
        )


def _fellow_faults(block: Block, other: Followed, schema: Schema) -> Iterator[Fault]:
    """Yield what is wrong with a row asked after: it needs a table, a date and the same columns."""
    table = other.table
    columns, own = schema.columns(table), schema.columns(block.table)
    if table not in schema.countable:
        yield Fault(("table",), _no_table(table, schema.countable))
        return
    if columns.get(other.on) not in DATE_TYPES:
        dates = [name for name in columns if columns[name] in DATE_TYPES]
        said = _with_guess(other.on, dates, f"dates are {', '.join(dates)}")
        yield Fault(("on",), f"{table} has no date {other.on}; {said}")
    for number, name in enumerate(other.same):
        for named, having in ((table, columns), (block.table, own)):
            if name not in having:
                yield Fault(("same", number), _no_column(named, name, having))
        if name in columns and name in own and columns[name] != own[name]:
            said = f"{table}.{name} and {block.table}.{name} hold different kinds of value"
            yield Fault(("same", number), f"{said}; name a column in which they can agree")
    if not isinstance(block, Rows | Sum | Days | People):
        yield Fault((), "only what happens on a day can be followed or preceded by something")
    if table == block.table and not schema.countable[table].key:
        said = f"the rows of {table} have no key, so a row cannot be told from the next"
        yield Fault(("table",), f"{said}; ask after another table")
    for number, condition in enumerate(other.where):
        faults = _condition_faults(table, condition, schema)
        yield from (fault.under("where", number) for fault in faults)


def _condition_faults(table: str, condition: Condition, schema: Schema) -> Iterator[Fault]:
    columns = schema.columns(table)
    if condition.days:
        for number, name in enumerate(condition.days):
            if name not in columns:
                yield Fault(("days", number), _no_column(table, name, columns))
            elif columns[name] not in DATE_TYPES:
                dates = [other for other in columns if columns[other] in DATE_TYPES]
                said = f"{table}.{name} is not a date; dates are {', '.join(dates)}"
                yield Fault(("days", number), said)
        for path, value in _values_at(condition):
            if not _fits(value):
                yield Fault(path, TOO_LONG)
            elif type(value) is not int:
                yield Fault(path, "a number of days is a whole number, without quotes")
        return
    name = condition.column or ""
    if name not in columns:
        yield Fault(("column",), _no_column(table, name, columns))
        return
    in_order = condition.at_least is not None or condition.at_most is not None
    if in_order and _value_types(columns[name]) in ((str,), (bool,)):
        # "T981" comes after "T98" among texts: a range of codes silently loses some.
        kind = KINDS_OF_VALUE[_value_types(columns[name])[0]].partition(",")[0]
        where = "at_least" if condition.at_least is not None else "at_most"
        said = f"{table}.{name} holds {kind}, which has no order; list what is meant with `in`"
        yield Fault((where,), said)
        return
    seen: list[Any] = []
    for path, value in _values_at(condition):
        if value in seen and len(path) > 1:
            yield Fault(path, "this stands in the list already; remove it")
        seen.append(value)
        for said in _value_faults(table, name, value, schema, _value_types(columns[name])):
            yield Fault(path, said)


def _values_at(condition: Condition) -> Iterator[tuple[EntryPath, Any]]:
    """Yield every value that a condition compares with, with its entry."""
    for name in ("is_", "is_not", "at_least", "at_most"):
        if getattr(condition, name) is not None:
            yield (name.rstrip("_"),), getattr(condition, name)
    for name in ("in_", "not_in"):
        for number, value in enumerate(getattr(condition, name) or ()):
            yield (name.rstrip("_"), number), value


def _value_faults(
    table: str,
    name: str,
    value: Any,
    schema: Schema,
    expected: tuple[type, ...],
) -> Iterator[str]:
    if not _fits(value):
        yield TOO_LONG
        return
    if type(value) not in expected:
        kinds = " or ".join(KINDS_OF_VALUE[kind] for kind in expected)
        yield f"{table}.{name} is never {_as_written(value)}; it holds {kinds}"
        return
    contract = schema.countable[table]
    allowed = contract.column(name).allowed if name in contract.names else ()
    if allowed and value not in allowed:
        said = _with_guess(value, allowed, f"it holds {', '.join(allowed)}")
        yield f"{table}.{name} never holds {value!r}; {said}"


def _fits(value: Any) -> bool:
    """Return whether a value could stand in a column: a number, written out, is short enough."""
    if not isinstance(value, int | Decimal):
        return True
    number = Decimal(value)
    return abs(number) < MOST and number.normalize().adjusted() > -FINEST


def _as_written(value: Any) -> str:
    """Return a value as its file has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str) else str(value)


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
