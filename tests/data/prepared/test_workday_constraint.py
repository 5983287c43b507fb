from decimal import Decimal

from tests.data.prepared.few_rows import day, prepared


def tally(team: str, on: str, reason: str, available: int | None, lost: int) -> dict:
    return {
        "team_id": team,
        "week_start": day(on),
        "reason": reason,
        "field_staff_days_available": available,
        "days_not_out": lost,
    }


def test_the_days_there_were_count_once_a_week_wherever_they_are_written() -> None:
    rows = [
        tally("T1", "4", "IT/system", 92, 2),
        tally("T1", "4", "no car", 92, 4),
        tally("T1", "11", "IT/system", None, 1),
        tally("T1", "11", "no car", 88, 1),
        tally("T2", "4", "none", 70, 0),
        tally("T2", "11", "no car", None, 3),
    ]

    found = prepared(
        "workday_constraint", "team_id, week_start, days_available_once",
        {"workday_constraint": rows},
    )  # fmt: skip

    assert found == [
        ("T1", day("4"), Decimal(92)),
        ("T1", day("4"), None),
        ("T1", day("11"), Decimal(88)),
        ("T1", day("11"), None),
        ("T2", day("4"), Decimal(70)),
        ("T2", day("11"), None),
    ]
