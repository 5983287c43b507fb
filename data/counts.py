"""Counts that a team types itself: what it sent before, what looks odd, and saving them.

They are saved as a file is: checked against the contract, and kept as a batch. What nobody typed
stays blank, which is not zero.
"""

import csv
import datetime
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from data.acts import actor, in_force
from data.authority import Scope, Verb, authorise
from data.batches import list_batches
from data.calendar import add_months
from data.check import Stated
from data.contract import load_contracts
from data.home import Home
from data.load import load_files
from data.recorded import record_counts
from data.records import create_tables, fill_tables
from data.reference import reference_tables
from data.report import Report
from data.snapshots import memory

MONTHLY = "aggregate_submission"
WEEKLY = "workday_constraint"
# The reason of a week in which nobody was kept in.
NONE = "none"
# A count is odd beside the last one where it is twice as many or half as many, and the difference
# is more than a few: of small counts nobody need be asked.
ODD_TIMES, ODD_FEWEST = 2, 5


@dataclass(frozen=True)
class Count:
    """One count, and what it is out of; None where nobody knows.

    Attributes:
        hidden: It was sent as a mark, because it is small.
    """

    numerator: int | None = None
    denominator: Decimal | None = None
    hidden: bool = False

    @property
    def is_blank(self) -> bool:
        """Return whether nothing at all was said."""
        return self.numerator is None and self.denominator is None and not self.hidden


@dataclass(frozen=True)
class Team:
    """A team, and the days from and to which (the end not included) it is there."""

    team_id: str
    name: str
    valid_from: datetime.date
    valid_to: datetime.date | None

    def is_there(self, day: datetime.date) -> bool:
        """Return whether it is there on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class _What:
    """What is saved: the table, whose counts, and of which measures."""

    table: str
    team_id: str
    counted: Sequence[str]


def teams_of(home: Home) -> list[Team]:
    """Return every team that the partnership's lists and batches name, by its code.

    Raises:
        DataError: If the partnership's lists cannot be used.
    """
    rows = _rows(home, "team", "team_id, name, valid_from, valid_to")
    return sorted((Team(*row) for row in rows), key=lambda team: (team.team_id, team.valid_from))


def teams_now(home: Home, today: datetime.date) -> list[Team]:
    """Return the teams there are on a day, by name. Raises as `teams_of` does."""
    here = [team for team in teams_of(home) if team.is_there(today)]
    return sorted(here, key=lambda team: team.name)


def counts_sent(home: Home, team_id: str) -> dict[datetime.date, dict[str, Count]]:
    """Return what a team has sent so far: by the month's first day, and by measure."""
    columns = "month, measure_id, numerator, denominator, suppressed"
    sent: dict[datetime.date, dict[str, Count]] = {}
    for month, measure_id, numerator, denominator, hidden in _rows(home, MONTHLY, columns, team_id):
        sent.setdefault(month, {})[measure_id] = Count(numerator, denominator, bool(hidden))
    return sent


def days_sent(home: Home, team_id: str) -> dict[datetime.date, dict[str, Count]]:
    """Return a team's tallies so far: by the week's Monday, and by reason.

    The numerator is the days on which staff could not go out, to the nearest whole day.
    """
    columns = "week_start, reason, days_not_out, field_staff_days_available"
    sent: dict[datetime.date, dict[str, Count]] = {}
    for week, reason, days, available in _rows(home, WEEKLY, columns, team_id):
        sent.setdefault(week, {})[reason] = Count(round(days), available)
    return sent


def _rows(home: Home, table: str, columns: str, team_id: str = "") -> list[tuple]:
    """Return columns of one table, of one team or all, as it stands with every batch taken in."""
    contracts = {table: load_contracts(home)[table]}
    is_list = contracts[table].kind == "reference"
    reference = reference_tables(home, contracts) if is_list else {}
    batches = [batch for batch in in_force(home) if batch.table == table]
    with memory() as connection:
        create_tables(connection, contracts)
        fill_tables(connection, contracts, reference, batches)
        return connection.execute(
            f"SELECT {columns} FROM \"{table}\" WHERE ? IN ('', team_id)", [team_id]
        ).fetchall()


def last_before(
    sent: Mapping[datetime.date, Mapping[str, Count]], period: datetime.date, name: str
) -> tuple[datetime.date, Count] | None:
    """Return the newest count of one thing before a period, and when that was; None for none."""
    earlier = [day for day, counts in sent.items() if day < period and name in counts]
    return (max(earlier), sent[max(earlier)][name]) if earlier else None


def is_odd(now: Decimal | int | None, before: Decimal | int | None) -> bool:
    """Return whether a number is so unlike the last one that whoever typed it is asked."""
    if now is None or before is None:
        return False
    low, high = sorted((now, before))
    return high - low > ODD_FEWEST and high >= ODD_TIMES * low


def recent_months(today: datetime.date, count: int) -> list[datetime.date]:
    """Return the first days of the newest months, newest first, the one that runs included."""
    this = today.replace(day=1)
    return [add_months(this, -back) for back in range(count)]


def recent_weeks(today: datetime.date, count: int) -> list[datetime.date]:
    """Return the Mondays of the newest weeks, newest first, the one that runs included."""
    monday = today - datetime.timedelta(days=today.weekday())
    return [monday - datetime.timedelta(weeks=back) for back in range(count)]


def save_month(
    home: Home,
    team_id: str,
    month: datetime.date,
    counts: Mapping[str, Count],
    *,
    role: str,
    note: str = "",
    by: str = "",
) -> Report:
    """Keep a team's counts of one month as a batch; return what became of them.

    Args:
        home: Where to keep them.
        team_id: The team.
        month: The first day of the month.
        counts: By measure. A blank takes back what was sent before; else it is left out.
        role: The role of whoever counted, never the name.
        note: Anything one should know about them.
        by: Who saved it, as typed.
    """
    today = home.now().date().isoformat()
    before = counts_sent(home, team_id).get(month, {})
    header = (
        "team_id month measure_id numerator denominator suppressed submitted_by_role submitted_on"
        " note"
    )
    rows = [
        [
            team_id,
            f"{month:%Y-%m}",
            measure_id,
            _text(count.numerator),
            _text(count.denominator),
            "yes" if count.hidden else "no",
            role,
            today,
            note,
        ]
        for measure_id, count in counts.items()
        if not count.is_blank or measure_id in before
    ]
    name = f"counts {team_id} {month:%Y-%m}.csv"
    what = _What(MONTHLY, team_id, [row[2] for row in rows])
    return _save(home, name, [header.split(), *rows], what, by)


def save_week(
    home: Home,
    team_id: str,
    week: datetime.date,
    available: int | None,
    days: Mapping[str, int],
    *,
    by: str = "",
) -> Report:
    """Keep a team's tally of one week as a batch; return what became of it.

    Args:
        home: Where to keep it.
        team_id: The team.
        week: Its Monday.
        available: Days on which staff who visit people were at work.
        days: By reason, the days of these on which they could not go out.
        by: Who saved it, as typed.
    """
    header = ["team_id", "week_start", "reason", "field_staff_days_available", "days_not_out"]
    # Every reason has its row, so that a correction takes the place of the whole week.
    rows = [
        [team_id, week.isoformat(), reason, _text(available), str(days.get(reason, 0))]
        for reason in reasons(home)
    ]
    what = _What(WEEKLY, team_id, [])
    return _save(home, f"days {team_id} {week}.csv", [header, *rows], what, by)


def reasons(home: Home) -> list[str]:
    """Return why staff may not have been able to go out, as the tally names it."""
    return [code for code in load_contracts(home)[WEEKLY].column("reason").allowed if code != NONE]


def _text(number: Decimal | int | None) -> str:
    return "" if number is None else str(number)


def _save(
    home: Home,
    name: str,
    lines: Sequence[Sequence[str]],
    what: _What,
    by: str,
) -> Report:
    submitter, area = actor(by), Scope("team", what.team_id)
    authorise(submitter, Verb.SUBMIT_COUNTS, area)
    with tempfile.TemporaryDirectory(prefix="counts-") as folder:
        path = Path(folder) / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)
        (report,) = load_files(home, [path], Stated(what.table, "ymd"), by=by)
    kept = next((b for b in list_batches(home, what.table) if b.id == report.batch_id), None)
    if kept is not None:
        record_counts(home, kept, submitter, area, what.counted)
    return report
