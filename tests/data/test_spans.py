import datetime

import pyarrow as pa
import pytest

from data.batches import arrow_schema
from data.contract import load_contracts
from data.lists import Lists
from data.spans import outside_their_time

CONTRACTS = load_contracts()


def day(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def lists(table: str, column: str, *spans: tuple[str, str, str | None]) -> Lists:
    """Return the lists with one table of codes: code, first day, and end."""
    known = Lists()
    rows = {
        column: [code for code, _, _ in spans],
        "valid_from": [day(first) for _, first, _ in spans],
        "valid_to": pa.array([day(end) for _, _, end in spans], pa.date32()),
    }
    known.add(table, pa.table(rows))
    return known


def rows(table: str, column: str, date: str, *sent: tuple[str, str]) -> pa.Table:
    contract = CONTRACTS[table]
    columns: dict[str, list[object]] = {name: [None] * len(sent) for name in contract.names}
    columns[column] = [code for code, _ in sent]
    columns[date] = [datetime.datetime.fromisoformat(on) for _, on in sent]
    return pa.table(columns, schema=arrow_schema(contract))


def test_the_last_day_of_a_code_is_the_day_before_its_end() -> None:
    known = lists("team", "team_id", ("N1", "2024-01-01", "2024-10-01"))
    sent = rows(
        *("referral", "team_id", "received_at"),
        *(("N1", "2023-12-31"), ("N1", "2024-01-01"), ("N1", "2024-09-30"), ("N1", "2024-10-01")),
    )

    (said,) = outside_their_time(CONTRACTS["referral"], sent, known)

    assert "2 rows are dated before or after the time of their code: N1 (2)" in said


@pytest.mark.parametrize(
    ("month", "outside"),
    [("2024-02-01", True), ("2024-03-01", False), ("2024-10-01", False), ("2024-11-01", True)],
)
def test_a_month_is_a_teams_where_the_team_was_there_on_any_day_of_it(
    month: str, outside: bool
) -> None:
    known = lists("team", "team_id", ("N1", "2024-03-18", "2024-10-02"))
    sent = rows("absence_month", "team_id", "month", ("N1", month))

    assert bool(list(outside_their_time(CONTRACTS["absence_month"], sent, known))) is outside


def test_a_team_whose_name_changed_is_there_throughout() -> None:
    known = lists(
        *("team", "team_id", ("N1", "2020-01-01", "2024-04-01"), ("N1", "2024-04-01", None)),
    )
    sent = rows("referral", "team_id", "received_at", ("N1", "2024-03-31"), ("N1", "2024-04-01"))

    assert list(outside_their_time(CONTRACTS["referral"], sent, known)) == []


def test_without_a_list_and_in_a_list_nothing_is_said() -> None:
    sent = rows("referral", "team_id", "received_at", ("N1", "2024-03-31"))

    assert list(outside_their_time(CONTRACTS["referral"], sent, Lists())) == []
    assert list(outside_their_time(CONTRACTS["practice_team"], sent, Lists())) == []


def test_no_more_than_five_codes_are_named() -> None:
    known = lists("practice_team", "practice_code", ("Z1", "2020-01-01", None))
    sent = rows(
        *("hospital_spell", "practice_code", "admitted_on"),
        *((f"Y{number}", "2024-04-01") for number in range(7)),
    )

    (said,) = outside_their_time(CONTRACTS["hospital_spell"], sent, known)

    assert "Y4 (1) and 2 more. They are kept" in said
