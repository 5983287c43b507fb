"""What data health says: what is fresh, late, held back and doubtful, and what was loaded."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from dashboard.numbers import day, plural, sentence_case
from data.acts import Standing
from data.as_read import ColumnRead
from data.contract import Contract
from data.doubtful import Doubt
from data.feeds import FeedStatus, LateFeed, late
from data.report import covers_in_words

# Of what has the same table and sender, more months than these are a number and no list.
MONTHS_NAMED = 3
_HERE = ("on time", "received")


@dataclass(frozen=True)
class StateOfData:
    """Everything the page shows.

    Attributes:
        batches: What was loaded, the oldest first.
        feeds: What is expected from whom, and what came; none before anything was published.
        notes: What publishing had to say, such as rows that belong to nobody.
        published_at: When the figures were last worked out; None: never.
    """

    today: datetime.date
    contracts: Mapping[str, Contract]
    batches: Sequence[Standing] = ()
    feeds: Sequence[FeedStatus] = ()
    notes: Sequence[str] = ()
    published_at: datetime.datetime | None = None

    @property
    def counting(self) -> list[Standing]:
        """Return the batches that count."""
        return [one for one in self.batches if one.state == "counts" and one.batch is not None]

    @property
    def held(self) -> int:
        """Return how many rows wait to be put right."""
        return sum(still_held(one) for one in self.counting)

    @property
    def is_ahead_of_the_figures(self) -> bool:
        """Return whether anything was loaded or done since the figures were worked out."""
        if not self.batches:
            return False
        done = [act.at for one in self.batches for act in one.acts]
        done += [one.batch.loaded_at for one in self.batches if one.batch]
        return self.published_at is None or max(done) > self.published_at

    @property
    def late(self) -> list[LateFeed]:
        """Return the feeds that are late today."""
        return late(self.feeds)

    def title_of(self, table: str) -> str:
        """Return what people call a table."""
        return self.contracts[table].title if table in self.contracts else table


def still_held(standing: Standing) -> int:
    """Return how many rows of a batch wait to be put right; a correction's are its batch's own."""
    if standing.batch is None or standing.batch.corrects:
        return 0
    return standing.batch.rows_held - standing.corrected


def first_sentence(state: StateOfData) -> str:
    """Return what is most in want of somebody: what is late, what is held."""
    if not state.batches:
        return "Nothing has been loaded here yet. Bring the first files in below."
    said = []
    if state.late:
        count = len(state.late)
        verb = plural(count, "source is", "sources are")
        said.append(f"{_number(count)} {verb} late")
    if state.held:
        verb = plural(state.held, "row is", "rows are")
        said.append(f"{_number(state.held)} {verb} held back until somebody puts them right")
    if not said and not any(one.expected == "yes" for one in state.feeds):
        return "No row is held back. Nobody has said yet what is expected, so nothing is late."
    if not said:
        return "Everything that is due is here, and no row is held back."
    return f"{sentence_case(', and '.join(said))}."


def rest(state: StateOfData) -> str:
    """Return which sources are late, and how much is here."""
    rows = sum(one.batch.rows_loaded for one in state.counting if one.batch)
    files = len(state.counting)
    here = f"{rows:,} {plural(rows, 'row', 'rows')} of {files:,} {plural(files, 'file', 'files')}"
    waiting = [
        f"{one.title}{f' from {one.sent_by}' if one.sent_by else ''}, {one.month:%B %Y},"
        f" due {day(one.due_on)}"
        for one in state.late[:MONTHS_NAMED]
    ]
    said = f"Late: {'; '.join(waiting)}. " if waiting else ""
    return f"{said}{here} count." if state.batches else ""


def _number(count: int) -> str:
    return f"{count:,}"


def feeds(state: StateOfData) -> pd.DataFrame:
    """Return one row for each table and sender: how far it goes, and what is not here."""
    groups: dict[tuple[str, str], list[FeedStatus]] = {}
    for one in state.feeds:
        groups.setdefault((one.title, one.sent_by), []).append(one)
    rows = [
        {
            "Table": title,
            "From": sent_by or "nobody is named",
            "Newest month": _newest(group),
            "State": _state(group),
            "Gaps": _months(one.month for one in group if one.state == "missing"),
            "In part": _months(one.month for one in group if one.state == "part-filled"),
        }
        for (title, sent_by), group in groups.items()
    ]
    return pd.DataFrame(rows, dtype="str").set_index("Table") if rows else pd.DataFrame()


def _newest(group: Sequence[FeedStatus]) -> str:
    here = [one.month for one in group if one.state in (*_HERE, "part-filled")]
    return f"{max(here):%B %Y}" if here else "none yet"


def _state(group: Sequence[FeedStatus]) -> str:
    waiting = [one for one in group if one.state == "late"]
    if waiting:
        due = min(one.due_on for one in waiting if one.due_on is not None)
        return f"late since {day(due)}"
    not_yet = [one.due_on for one in group if one.state == "not yet due" and one.due_on]
    return f"next due {day(min(not_yet))}" if not_yet else "here"


def _months(months: Iterable[datetime.date]) -> str:
    found = sorted(set(months))
    if not found:
        return ""
    if len(found) <= MONTHS_NAMED:
        return ", ".join(f"{month:%b %Y}" for month in found)
    return f"{len(found)} months, {found[0]:%b %Y} to {found[-1]:%b %Y}"


def doubts(state: StateOfData, found: Sequence[Doubt]) -> list[str]:
    """Return what is doubtful once everything is loaded, each with where it is and how often."""
    return [*state.notes, *(_doubt(state, one) for one in found)]


def _doubt(state: StateOfData, doubt: Doubt) -> str:
    months = f", {' to '.join(dict.fromkeys(doubt.months))}" if doubt.months else ""
    named = list(doubt.areas.items())[:MONTHS_NAMED]
    where = ", ".join(f"{area} {rows:,}" for area, rows in named)
    more = len(doubt.areas) - len(named)
    places = f" Where: {where}{f' and {more} more' if more else ''}." if named else ""
    rows = f"{doubt.rows:,} {plural(doubt.rows, 'row', 'rows')}"
    return f"{state.title_of(doubt.table)}: {rows}{months}. {doubt.message}{places}"


def batches(state: StateOfData) -> pd.DataFrame:
    """Return every batch, the newest first: what it is, who loaded it, and how it stands."""
    rows = []
    for one in reversed(state.batches):
        loaded = one.batch.loaded_at if one.batch else one.acts[-1].loaded_at
        by = one.batch.loaded_by if one.batch else one.acts[-1].loaded_by
        rows.append(
            {
                "Batch": short(one),
                "Table": state.title_of(one.table),
                "File": one.batch.source_name if one.batch else "",
                "Rows": f"{one.batch.rows_accepted:,}" if one.batch else "",
                "Held": _held(one),
                "Covers": covers_in_words(one.batch.covers) if one.batch else "",
                "Loaded": f"{day(loaded.date())}{f' by {by}' if by else ''}" if loaded else "",
                "Stands": stands(one),
            }
        )
    return pd.DataFrame(rows, dtype="str").set_index("Batch") if rows else pd.DataFrame()


def short(standing: Standing) -> str:
    """Return enough of a batch's id to name it by."""
    return standing.id[:8]


def _held(standing: Standing) -> str:
    if standing.batch is None or not standing.batch.rows_held:
        return ""
    said = f"{standing.batch.rows_held:,}"
    return f"{said}, {standing.corrected:,} since corrected" if standing.corrected else said


def stands(standing: Standing) -> str:
    """Return whether a batch counts, and if not, since when and why."""
    if standing.state == "counts":
        return "counts"
    last = standing.acts[-1]
    by = f" by {last.by}" if last.by else ""
    return f"was {last.act} on {day(last.at.date())}{by}: {last.why}"


def name_of(state: StateOfData, standing: Standing) -> str:
    """Return a batch as a list to choose from names it."""
    file = standing.batch.source_name if standing.batch else "erased"
    return f"{state.title_of(standing.table)}, {file} ({short(standing)})"


def columns(read: Sequence[ColumnRead], rows: int) -> pd.DataFrame:
    """Return what each column was read as, for whoever sent it to compare with their own file."""
    frame = pd.DataFrame(
        [
            {
                "Column": column.name,
                "Filled": f"{column.filled:,} of {rows:,}",
                "Different": f"{column.different:,}",
                "From": column.least,
                "To": column.most,
                "Commonest": ", ".join(f"{code} {count:,}" for code, count in column.codes),
                "What it is": column.words,
            }
            for column in read
        ],
        dtype="str",
    )
    return frame.set_index("Column") if len(frame) else frame


def by_month(months: Sequence[tuple[str, int]]) -> pd.DataFrame:
    """Return how many rows each month has, newest first."""
    frame = pd.DataFrame(
        [{"Month": month, "Rows": f"{rows:,}"} for month, rows in reversed(months)], dtype="str"
    )
    return frame.set_index("Month") if len(frame) else frame
