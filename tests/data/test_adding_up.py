"""What any run of batches adds up to, held against a slow account of what one would expect."""

import datetime
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from data.acts import in_force, reinstate, standings, withdraw
from data.check import Stated
from data.held import as_csv, held_rows
from data.home import Home
from data.load import load_files
from tests.data.test_acts import NOON, rows_in_force
from tests.small_partnership import set_up

KEYED, UNKEYED = "aggregate_submission", "fft_response"
TEAMS, MONTHS = ("N1", "N2"), ("2024-04", "2024-05")
HEADERS = {
    KEYED: "team_id,month,measure_id,numerator,denominator",
    UNKEYED: "team_id,responded_on,answer",
}
WRONG, GOOD = "wrong", ("very good", "good", "poor")
Row = tuple[str, str, str]


@dataclass(frozen=True)
class Sent:
    """One file: rows of team, month and what is said; a row may be wrong."""

    table: str
    rows: tuple[Row, ...]
    how: str

    @property
    def text(self) -> str:
        lines = [_line(self.table, *row) for row in self.rows]
        return "\n".join([HEADERS[self.table], *lines, ""])


def _line(table: str, team: str, month: str, said: str) -> str:
    if table == UNKEYED:
        return f"{team},{month}-05,{said}"
    number = WRONG if said == WRONG else GOOD.index(said)
    return f"{team},{month},W03,{number},10"


@dataclass
class Expected:
    """A careful person's account: every file with its place, and what became of it."""

    table: str
    how: str
    place: float
    rows: list[Row]
    held: list[Row]
    put_right: dict[int, Row] = field(default_factory=dict)
    counts: bool = True

    @property
    def months(self) -> tuple[str, str] | None:
        months = sorted(month for _, month, _ in self.rows)
        return (months[0], months[-1]) if months else None

    def speaks_for(self, row: Row) -> bool:
        months = self.months
        teams = {team for team, _, _ in self.rows}
        return months is not None and months[0] <= row[1] <= months[1] and row[0] in teams


def what_counts(files: Sequence[Expected], table: str) -> Counter[Row]:
    """Return the rows of a table, file by file in their places, each rule as one would say it."""
    rows: list[Row] = []
    for file in sorted(files, key=lambda file: file.place):
        if file.table != table or not file.counts:
            continue
        if file.how == "replaces" or (table == UNKEYED and file.how != "adds"):
            rows = [row for row in rows if not file.speaks_for(row)]
        for row in [*file.rows, *(file.put_right[at] for at in sorted(file.put_right))]:
            if table == KEYED:
                rows = [other for other in rows if other[:2] != row[:2]]
            rows.append(row)
    return Counter(rows)


def as_counted(home: Home, table: str, day: datetime.date | None = None) -> Counter[Row]:
    """Return what the tables hold, in the same words."""
    found: Counter[Row] = Counter()
    for row, times in rows_in_force(home, table, day).items():
        said = row[2] if table == UNKEYED else GOOD[int(row[3])]
        found[row[0], row[1][:7], said] += times
    return found


@contextmanager
def a_home() -> Iterator[Home]:
    folder = Path(tempfile.mkdtemp())
    try:
        yield set_up(folder / "home")
    finally:
        shutil.rmtree(folder)


def send(home: Home, file: Sent, how: str | None = None) -> str:
    """Load a file; return its batch."""
    path = home.path / "sent.csv"
    path.write_text(file.text, encoding="utf-8")
    stated = Stated(file.table, "ymd", how=file.how if how is None else how)  # type: ignore[arg-type]
    (report,) = load_files(home, [path], stated)
    assert report.batch_id, report.as_text()
    return report.batch_id


# Months and teams of each file, its rows: for a keyed table each team and month once.
said = st.sampled_from((*GOOD, WRONG))
keyed = st.dictionaries(
    st.tuples(st.sampled_from(TEAMS), st.sampled_from(MONTHS)), said, min_size=1
)
unkeyed = st.lists(
    st.tuples(st.sampled_from(TEAMS), st.sampled_from(MONTHS), said), min_size=1, max_size=5
)
files = st.one_of(
    st.builds(
        lambda rows, how: Sent(KEYED, tuple((*where, s) for where, s in rows.items()), how),
        keyed,
        st.sampled_from(("", "replaces")),
    ),
    st.builds(
        lambda rows, how: Sent(UNKEYED, tuple(rows), how),
        unkeyed,
        # Said each time, so that none is asked about; see test_overtaken for those that are.
        st.sampled_from(("replaces", "adds")),
    ),
)
steps = st.lists(
    st.one_of(
        files,
        st.tuples(st.just("withdraw"), st.integers(0, 9)),
        st.tuples(st.just("reinstate"), st.integers(0, 9)),
        st.tuples(st.just("again"), st.integers(0, 9)),
        st.tuples(st.just("correct"), st.integers(0, 9), st.sampled_from((*GOOD, WRONG))),
    ),
    min_size=2,
    max_size=7,
)


class Story:
    """A run of acts on a home, told to the careful person too."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.told: dict[str, Expected] = {}
        self.sent: dict[str, Sent] = {}
        self.corrections: set[str] = set()
        self.place = 0.0

    def take(self, step: object) -> None:
        self.place += 1
        if isinstance(step, Sent):
            self._send(step)
        elif isinstance(step, tuple) and self.told:
            name, which, *more = step
            batch = list(self.told)[int(which) % len(self.told)]
            getattr(self, f"_{name}")(batch, *more)

    def _send(self, file: Sent) -> None:
        # Rows that came on top, as a plain or replacing file before, are still the same rows.
        batch = send(self.home, file)
        if batch in self.told:
            known = self.told[batch]
            if not known.counts:
                known.counts, known.place = True, self.place
            return
        rows = [row for row in file.rows if row[2] != WRONG]
        held = [row for row in file.rows if row[2] == WRONG]
        self.told[batch] = Expected(file.table, file.how, self.place, rows, held)
        self.sent[batch] = file

    def _again(self, batch: str) -> None:
        self._send(self.sent[batch])

    def _withdraw(self, batch: str) -> None:
        if self.told[batch].counts:
            withdraw(self.home, batch, "because")
            self.told[batch].counts = False

    def _reinstate(self, batch: str) -> None:
        if not self.told[batch].counts:
            reinstate(self.home, batch, "because")
            self.told[batch].counts = True

    def _correct(self, batch: str, answer: str) -> None:
        expected = self.told[batch]
        if not expected.held or not expected.counts:
            return
        counting = [b for b in in_force(self.home) if b.id == batch]
        text = as_csv(counting[0], held_rows(counting[0], counting))
        number = WRONG if answer == WRONG else str(GOOD.index(answer))
        by_whom = number if expected.table == KEYED else answer
        header, *lines = text.splitlines()
        body = [header, *(line.replace(f",{WRONG},", f",{by_whom},", 1) for line in lines)]
        path = self.home.path / "held.csv"
        path.write_text("\n".join([*body, ""]), encoding="utf-8")
        (report,) = load_files(self.home, [path])
        again = report.batch_id in self.corrections
        self.corrections.add(str(report.batch_id))
        # The same correction again changes nothing, also after another one.
        if answer != WRONG and not again:
            for at, (team, month, _) in enumerate(expected.held):
                expected.put_right[at] = (team, month, answer)


@settings(max_examples=50, deadline=None)
@given(steps)
def test_tables_are_what_a_careful_person_would_expect(run: list[object]) -> None:
    with a_home() as home:
        story = Story(home)
        for step in run:
            story.take(step)

        for table in (KEYED, UNKEYED):
            assert as_counted(home, table) == what_counts(list(story.told.values()), table)
        corrected = {one.id: one.corrected for one in standings(home)}
        for batch, expected in story.told.items():
            if expected.counts:
                assert corrected[batch] == len(expected.put_right)


@settings(max_examples=15, deadline=None)
@given(steps)
def test_what_was_known_on_a_day_is_the_same_whenever_it_is_asked(run: list[object]) -> None:
    with a_home() as home:
        story, known = Story(home), {}
        for day, step in enumerate(run, start=1):
            with patch.object(Home, "clock", lambda _, day=day: NOON.replace(day=day)):
                story.take(step)
            known[day] = {table: as_counted(home, table) for table in (KEYED, UNKEYED)}

        for day, tables in known.items():
            for table, rows in tables.items():
                assert as_counted(home, table, datetime.date(2025, 6, day)) == rows


apart = st.permutations([(team, month) for team in TEAMS for month in MONTHS])


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from((KEYED, UNKEYED)),
    apart,
    apart,
    st.lists(st.sampled_from(GOOD), min_size=4, max_size=4),
)
def test_files_that_speak_for_different_things_may_come_in_any_order(
    table: str,
    one_order: list[tuple[str, str]],
    other_order: list[tuple[str, str]],
    answers: list[str],
) -> None:
    found = []
    sent = {
        where: Sent(table, ((*where, answer),) * (1 if table == KEYED else 3), "")
        for where, answer in zip(sorted(one_order), answers, strict=True)
    }
    for order in (one_order, other_order):
        with a_home() as home:
            for where in order:
                send(home, sent[where])
            found.append(as_counted(home, table))

    assert found[0] == found[1]
    assert sum(found[0].values()) == (4 if table == KEYED else 12)
