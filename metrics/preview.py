"""A draft definition tried on the partnership's own data: shown to who asked, and kept nowhere.

What is made here is in no snapshot, so no page, pack or alert can hold it. The values are those
that publishing would give on the records of the snapshot being served.
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel

from data import snapshots
from data.calendar import create_periods
from data.contract import load_contracts
from data.coverage import create_coverage_by_period
from data.errors import DataError
from data.home import Home, Settings
from data.limited import LimitError, Limits, run_limited
from data.records import schema_of
from data.snapshots import Connection
from metrics.areas import Area
from metrics.calculate import VALUE_COLUMNS, Calculator, create_parts
from metrics.cases import run_cases
from metrics.compiler import compile_measure
from metrics.definition import Measure, measure_from, with_figures
from metrics.errors import MeasureError
from metrics.explain import explain
from metrics.reading import Snapshot

MARK = "DRAFT"
DEFAULT_LIMITS = Limits()
# A definition is a page of text.
MOST_BYTES = 1_000_000
DATES = ("period_start", "period_end")
STATES = {
    "missing": "missing",
    "suppressed": "hidden by the sender",
    "not_collected": "not collected",
    "not_applicable": "not applicable",
}


class TriedCase(BaseModel):
    """One worked case, and how it came out: each answer expected beside the one found."""

    measure_id: str
    number: int
    given: str
    holds: bool
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What a draft would show.

    Attributes:
        file: The draft's name.
        problems: Why there is nothing to show, in words; all below is empty then.
        measure: The definition.
        sentences: It in plain English, made from its blocks.
        sql: What is asked of the records.
        cases: Its worked cases.
        values: The columns of `measure_value`: the measure and its further figures.
        areas: The areas by name, in their order.
        published_at: When the records that it was tried on were published.
    """

    file: str
    problems: tuple[str, ...]
    measure: Measure | None
    sentences: tuple[str, ...]
    sql: str
    cases: tuple[TriedCase, ...]
    values: pd.DataFrame
    areas: tuple[Area, ...]
    published_at: datetime.datetime

    def latest(self) -> pd.DataFrame:
        """Return the rows of the latest period of each figure, areas in their order."""
        order = {(area.level, area.id): area.order for area in self.areas}
        if self.values.empty:
            return self.values
        last = self.values.groupby("measure_id")["period_start"].transform("max")
        rows = self.values.loc[self.values["period_start"] == last]
        places = [order.get(place, len(order)) for place in _places(rows)]
        return (
            rows.assign(place=places)
            .sort_values(["measure_id", "split", "place"], kind="stable")
            .drop(columns="place")
            .reset_index(drop=True)
        )

    def in_words(self) -> Iterator[str]:
        """Yield the lines that a terminal shows, marked as a draft above and below."""
        yield f"{MARK}: {self.file}. This is nobody's figure yet: it is shown here, kept nowhere."
        yield ""
        if self.problems or self.measure is None:
            yield from self.problems
        else:
            yield from self._figures(self.measure)
        yield ""
        yield f"{MARK}: small numbers are not hidden. Do not pass this on as it is."

    def _figures(self, measure: Measure) -> Iterator[str]:
        yield f"{measure.id} {measure.title}"
        yield measure.question
        yield ""
        yield from self.sentences
        yield ""
        yield "Worked cases:" if self.cases else "There are no worked cases yet."
        for case in self.cases:
            figure = f"{case.measure_id}, " if case.measure_id != measure.id else ""
            outcome = "holds" if case.holds else "DOES NOT HOLD"
            yield f"  {figure}case {case.number} {outcome}: {case.given}"
            yield from (f"    {answer}" for answer in ([] if case.holds else case.answers))
        figures = with_figures({measure.id: measure})
        latest = self.latest()
        keys = latest[["measure_id", "split"]].drop_duplicates().itertuples(index=False)
        for name, split in keys:
            own = latest.loc[(latest["measure_id"] == name) & (latest["split"] == split)]
            yield ""
            yield from self._table(figures[str(name)], str(split), own)
        yield ""
        yield f"These are from the records published on {self.published_at:%Y-%m-%d at %H:%M}."

    def _table(self, figure: Measure, split: str, rows: pd.DataFrame) -> Iterator[str]:
        part = f", {split}" if split else ""
        first = rows["period_start"].iloc[0]
        last = rows["period_end"].iloc[0] - pd.Timedelta(days=1)
        yield (
            f"{figure.title}{part} ({figure.unit}), from {first:%Y-%m-%d} to {last:%Y-%m-%d}, as"
            f" {figure.show.as_}:"
        )
        names = {(area.level, area.id): area.name for area in self.areas}
        width = max(map(len, names.values()), default=0)
        for place, row in zip(_places(rows), rows.to_dict("records"), strict=True):
            yield f"  {names.get(place, place[1]):{width}}  {_said(figure, row)}"


def _places(rows: pd.DataFrame) -> Iterable[tuple[Any, Any]]:
    return zip(rows["area_level"], rows["area_id"], strict=True)


def _said(figure: Measure, row: dict[Any, Any]) -> str:
    """Return a figure with what is known of it, or why there is none; never a blank."""
    if row["state"] != "value" or pd.isna(row["value"]):
        said = STATES.get(row["state"], "no figure")
    else:
        said = f"{row['value']:,.{figure.decimals}f}"
        said += "" if pd.isna(row["n"]) else f" (n = {row['n']:,.0f})"
        said += ", provisional" if row["provisional"] else ""
    return f"{said}: {row['reason']}" if row["reason"] else said


def preview(file: Path, home: Home, limits: Limits = DEFAULT_LIMITS) -> Preview:
    """Return what a draft would show on what is being served; what is served stays as it is.

    Raises:
        DataError: If the file cannot be read, or nothing has been published.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise DataError(f"{file}: this cannot be read: {error.strerror}.") from error
    return preview_of(content, file.name, home, limits)


def preview_of(content: bytes, name: str, home: Home, limits: Limits = DEFAULT_LIMITS) -> Preview:
    """Return what a draft would show, from the content of its file; else as `preview`."""
    snapshot = Snapshot.current(home)
    answer = _Answer(problems=_too_long(content, name))
    if not answer.problems:
        asked = _Asked(
            # JSON holds texts only: each byte is one character of this.
            content=content.decode("latin-1"),
            name=name,
            home=str(home.path),
            version=snapshot.version,
            settings=snapshot.settings,
            seconds=limits.seconds,
        )
        try:
            made = run_limited("metrics.preview:try_out", asked.model_dump_json(), limits)
            answer = _Answer.model_validate_json(made)
        except LimitError as error:
            answer = _Answer(problems=(f"{name}: {error}. {_WHAT_TO_DO}",))
    return Preview(
        file=name,
        problems=answer.problems,
        measure=Measure.model_validate_json(answer.measure) if answer.measure else None,
        sentences=answer.sentences,
        sql=answer.sql,
        cases=answer.cases,
        values=_as_frame(answer.values),
        areas=tuple(snapshot.areas),
        published_at=snapshot.published_at,
    )


_WHAT_TO_DO = "Count fewer rows: add a condition, or ask for fewer days before or after."


def _too_long(content: bytes, name: str) -> tuple[str, ...]:
    if len(content) <= MOST_BYTES:
        return ()
    return (f"{name}: this is longer than any definition; is it the right file?",)


class _Asked(BaseModel):
    """What the process is told."""

    content: str
    name: str
    home: str
    version: str
    settings: Settings
    seconds: float


class _Answer(BaseModel):
    """What it answers."""

    problems: tuple[str, ...] = ()
    measure: str = ""
    sentences: tuple[str, ...] = ()
    sql: str = ""
    cases: tuple[TriedCase, ...] = ()
    values: dict[str, list[Any]] = {}


def try_out(asked: str) -> str:
    """Try a draft out: what the process with limits does, from JSON to JSON."""
    return _answer(_Asked.model_validate_json(asked)).model_dump_json()


def _answer(asked: _Asked) -> _Answer:
    home = Home(Path(asked.home))
    schema = schema_of(load_contracts(home))
    settings = asked.settings
    try:
        measure = measure_from(asked.content.encode("latin-1"), asked.name, schema)
        figures = tuple(with_figures({measure.id: measure}).values())
        with snapshots.records(home, asked.version, asked.seconds) as connection:
            _make_periods(connection, {figure.periods for figure in figures}, settings.id)
            calculator = Calculator.of_records(connection, schema, settings)
            values = pd.concat([calculator.values(one) for one in figures], ignore_index=True)
    except (MeasureError, DataError) as error:
        return _Answer(problems=tuple(str(error).splitlines()))
    return _Answer(
        measure=measure.model_dump_json(by_alias=True),
        sentences=explain(measure, schema, settings.words),
        sql=compile_measure(measure, schema),
        cases=tuple(
            TriedCase(
                measure_id=outcome.measure_id,
                number=outcome.number,
                given=outcome.given,
                holds=outcome.holds,
                answers=outcome.answers(),
            )
            for figure in figures
            for outcome in run_cases(figure, schema)
        ),
        values=_as_lists(values),
    )


def _make_periods(connection: Connection, kinds: set[str], partnership_id: str) -> None:
    """Make the kinds of period that a draft asks for, where no published definition has them.

    They are made beside the snapshot, which nothing is written to.
    """
    known = connection.execute("SELECT DISTINCT every FROM period").fetchall()
    if kinds <= {kind for (kind,) in known}:
        return
    ((first, last),) = connection.execute(
        "SELECT MIN(period_start), MAX(period_start) FROM period WHERE every = 'month'"
    ).fetchall()
    create_periods(connection, first, last, kinds, temporary=True)
    create_coverage_by_period(connection, temporary=True)
    create_parts(connection, partnership_id, temporary=True)


def _as_lists(values: pd.DataFrame) -> dict[str, list[Any]]:
    """Return the columns as JSON can hold them: no figure is None, a day its text."""
    days = {name: values[name].dt.strftime("%Y-%m-%d") for name in DATES}
    plain = values.assign(**days).astype(object)
    return {str(name): plain[name].where(plain[name].notna(), None).tolist() for name in plain}


def _as_frame(lists: dict[str, list[Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(lists, columns=list(VALUE_COLUMNS))
    for name in ("numerator", "denominator", "n", "value"):
        frame[name] = frame[name].astype("float64")
    for name in DATES:
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return frame
