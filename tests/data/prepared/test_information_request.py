import datetime

from tests.data.prepared.few_rows import Rows, day, prepared

FRIDAY = datetime.date(2024, 3, 1)
# From Friday 1 March on for three weeks; Monday the 4th is taken for a bank holiday.
CALENDAR = [
    {"date": on, "working_days": int(on.weekday() < 5 and on.day != 4)}
    for on in (FRIDAY + datetime.timedelta(days=number) for number in range(21))
]


def late(asked: str, answered: str | None) -> tuple[datetime.date | None, bool | None]:
    row = {
        "request_id": "q1",
        "team_id": "T1",
        "asked_on": day(asked),
        "answered_on": None if answered is None else day(answered),
    }
    rows: Rows = {"information_request": [row], "calendar": CALENDAR}
    found = prepared("information_request", "answer_due_on, is_late", rows)
    assert len(found) == 1
    return found[0]


def test_weekends_and_bank_holidays_are_no_working_days() -> None:
    assert late("1", "6") == (day("6"), False)
    assert late("1", "7") == (day("6"), True)


def test_what_is_asked_on_a_saturday_runs_from_the_next_working_day() -> None:
    assert late("9", "12") == (day("12"), False)
    assert late("9", "13") == (day("12"), True)


def test_what_was_never_answered_is_late_and_the_same_day_is_not() -> None:
    assert late("12", None) == (day("14"), True)
    assert late("12", "12") == (day("14"), False)


def test_nobody_can_say_while_the_calendar_does_not_reach_so_far() -> None:
    assert late("21", None) == (None, None)
