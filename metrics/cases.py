"""Worked cases: a definition's own examples, run through the real SQL on real tables."""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from data.calendar import MONTHS_IN, WEEK, add_months, create_calendar, create_periods, periods
from data.contract import Contract
from data.coverage import create_complete_coverage
from data.home import Settings
from data.records import Schema, create_prepared, create_tables
from data.snapshots import Connection, memory
from metrics.calculate import Calculator, create_parts
from metrics.definition import Case, Measure
from metrics.errors import MeasureError

# Values are compared after division, so to the last bits of a float; counts are compared exactly.
VALUE_TOLERANCE = 1e-9

TEAM, PRACTICE, LOCALITY, PARTNERSHIP = "T1", "P1", "L1", "case"
LONG_AGO = datetime.date(1900, 1, 1)
# What a case need not say: its one team, the practice whose people are that team's, and the like.
PLACES: dict[str, list[dict[str, Any]]] = {
    "team": [{"team_id": TEAM, "locality_id": LOCALITY, "name": TEAM, "valid_from": LONG_AGO}],
    "practice_team": [{"practice_code": PRACTICE, "team_id": TEAM, "valid_from": LONG_AGO}],
}
DEFAULTS = {"team_id": TEAM, "practice_code": PRACTICE, "basis": "registered"}


@dataclass(frozen=True)
class Outcome:
    """How one worked case came out.

    Attributes:
        number: The case's place in its definition, from 1.
        found: Each answer found, by name, for those that the case expects.
        expected: The same answers as the case expects them.
    """

    measure_id: str
    number: int
    given: str
    expected: Mapping[str, Any]
    found: Mapping[str, Any]

    @property
    def holds(self) -> bool:
        return all(_agree(name, self.expected[name], self.found[name]) for name in self.expected)

    def answers(self) -> tuple[str, ...]:
        """Return each answer that was expected beside the one found: "value: expected 1, …"."""
        return tuple(
            f"{name}: expected {expected}, found {_plain(self.found[name])}"
            for name, expected in self.expected.items()
        )


def _plain(found: object) -> str:
    if found is None:
        return "no figure"
    # In full: 1234567 and not 1.23457e+06.
    return f"{found:.10f}".rstrip("0").rstrip(".") if isinstance(found, float) else str(found)


def _agree(name: str, expected: object, found: object) -> bool:
    if isinstance(expected, str) or found is None:
        return expected == found
    assert isinstance(expected, Decimal | int | float)
    assert isinstance(found, int | float)
    tolerance = VALUE_TOLERANCE * max(1.0, abs(float(expected))) if name == "value" else 0.0
    return abs(float(expected) - found) <= tolerance


def run_cases(measure: Measure, schema: Schema) -> Iterator[Outcome]:
    """Run every worked case of a measure, each on tables that hold its own rows only.

    Figures are read for the partnership as a whole, in the period that holds the case's `at`.
    """
    with memory() as connection:
        create_tables(connection, schema.contracts)
        create_prepared(connection, Settings(id=PARTNERSHIP, name=PARTNERSHIP))
        calculator = Calculator(
            connection=connection,
            schema=schema,
            partnership_id=PARTNERSHIP,
            collected=frozenset(schema.contracts),
            words=Settings(id=PARTNERSHIP, name=PARTNERSHIP).words,
        )
        for number, case in enumerate(measure.case, start=1):
            connection.begin()
            row = _answer(calculator, measure, case)
            connection.rollback()
            expected = {
                name: getattr(case, name)
                for name in ("numerator", "denominator", "value", "state")
                if getattr(case, name) is not None
            }
            found = {name: _known(row[name]) for name in expected}
            yield Outcome(measure.id, number, case.given, expected, found)


def _known(found: Any) -> Any:
    """Return what was found, None where there is no figure."""
    return None if pd.isna(found) else found


def _answer(calculator: Calculator, measure: Measure, case: Case) -> pd.Series:
    connection = calculator.connection
    for table, rows in {**PLACES, **case.rows}.items():
        _insert(connection, calculator.schema.contracts[table], list(rows))
    first, last = _months_around(measure, case.at)
    create_periods(connection, first, last, {measure.periods})
    # Working days are counted past a month's end.
    create_calendar(connection, first, add_months(last, 1))
    create_parts(connection, PARTNERSHIP)
    create_complete_coverage(connection)
    values = calculator.values(measure)
    starts = pd.to_datetime(values["period_start"]).dt.date
    ends = pd.to_datetime(values["period_end"]).dt.date
    here = (values["area_level"] == "partnership") & (starts <= case.at) & (ends > case.at)
    if case.split not in set(values["split"]):
        raise MeasureError(
            f"{measure.id}: the case “{case.given}” asks about {case.split!r}, and no row has that."
        )
    # Of windows that hold the day it is the one that ends first after it.
    return values[here & (values["split"] == case.split)].iloc[0]


def _months_around(measure: Measure, at: datetime.date) -> tuple[datetime.date, datetime.date]:
    """Return the first and the last month of the period that holds a day; of windows, the last."""
    month = at.replace(day=1)
    near = periods(measure.every, add_months(month, -1), add_months(month, 1))
    start, end = next((s, e) for s, e in near if s <= at < e)
    back = (measure.rolling or 1) - 1
    if measure.every == "week":
        start -= back * WEEK
        first = start.replace(day=1)
    else:
        first = add_months(start, -back * MONTHS_IN[measure.every])
    return first, (end - datetime.timedelta(days=1)).replace(day=1)


def _insert(connection: Connection, contract: Contract, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        defaults = {name: DEFAULTS[name] for name in contract.names if name in DEFAULTS}
        given = {**defaults, **row}
        columns = ", ".join(f'"{name}"' for name in given)
        marks = ", ".join("?" for _ in given)
        connection.execute(
            f'INSERT INTO "{contract.table}" ({columns}) VALUES ({marks})', list(given.values())
        )
