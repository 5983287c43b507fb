import datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.batches import arrow_schema
from data.contract import load_contracts
from data.working_days import days_of_month, in_calendar_days

ABSENCE = load_contracts()["absence_month"]


def rows(*sent: tuple[str, str, str | None]) -> pa.Table:
    """Return rows of absence: the month, the days lost, and what they are said to be."""
    columns: dict[str, list[object]] = {name: [None] * len(sent) for name in ABSENCE.names}
    columns["month"] = [datetime.date.fromisoformat(f"{month}-01") for month, _, _ in sent]
    columns["fte_days_lost"] = [Decimal(lost) for _, lost, _ in sent]
    columns["basis"] = [basis for _, _, basis in sent]
    return pa.table(columns, schema=arrow_schema(ABSENCE))


@pytest.mark.parametrize(
    ("month", "days", "worked"),
    [
        # May has two bank holidays, August and December one or two; February may have 29 days.
        *(("2024-05-01", 31, 21), ("2024-08-15", 31, 21), ("2024-12-01", 31, 20)),
        *(("2024-02-01", 29, 21), ("2025-02-01", 28, 20), ("2023-05-01", 31, 20)),
    ],
)
def test_a_month_has_its_days_and_those_that_are_worked(month: str, days: int, worked: int) -> None:
    assert days_of_month(datetime.date.fromisoformat(month)) == (days, worked)


def test_only_working_days_are_converted_to_four_decimals() -> None:
    sent = rows(
        ("2024-05", "10", "working"), ("2024-05", "10", "calendar"), ("2024-05", "10", None)
    )

    read, converted = in_calendar_days(ABSENCE, sent)

    assert converted == 1
    assert read.column("fte_days_lost").to_pylist() == [
        *(Decimal("14.7619"), Decimal("10.0000"), Decimal("10.0000")),
    ]
    assert read.column("basis").to_pylist() == ["calendar", "calendar", None]
    assert read.schema == sent.schema


def test_a_table_that_knows_no_working_days_stays_as_it_is() -> None:
    referral = load_contracts()["referral"]
    sent = pa.table({name: [] for name in referral.names}, schema=arrow_schema(referral))

    assert in_calendar_days(referral, sent) == (sent, 0)


@given(st.dates(datetime.date(2000, 1, 1), datetime.date(2060, 1, 1)), st.integers(0, 30))
def test_a_whole_month_of_working_days_is_a_whole_month(day: datetime.date, lost: int) -> None:
    days, worked = days_of_month(day)

    read, _ = in_calendar_days(ABSENCE, rows((f"{day:%Y-%m}", str(worked), "working")))

    assert read.column("fte_days_lost").to_pylist() == [Decimal(days)]
    assert 18 <= worked <= 23
    assert lost * days / worked >= lost
