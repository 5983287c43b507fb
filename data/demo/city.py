"""Make the fictional city: its records as tables, and a home with them loaded."""

import datetime
import hashlib
import io
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from data.batches import list_batches
from data.check import Stated
from data.contract import DATED, Contract, load_contracts
from data.demo import (
    care,
    contacts,
    counts,
    emergency,
    feedback,
    hospital,
    joining_up,
    lists,
    meetings,
    places,
    questionnaires,
    referrals,
    stories,
    workforce,
)
from data.demo.months import Month, month_name, month_of, months_of
from data.demo.spoiled import FOLDER, write_spoiled
from data.errors import DataError
from data.home import Home
from data.load import load_files

MONTHS = 36
DEFAULT_SEED = 1
DEFAULT_UNTIL = "2026-03"
# Goes up whenever the same seed would give other rows: a home is never a mixture of two cities.
EDITION = 2

_LARGEST_SEED = 2**32 - 1

REFERENCE_TABLES = (
    "partnership",
    "locality",
    "team",
    "team_lineage",
    "team_context",
    "practice_team",
    "lsoa_team",
    "team_alias",
    "profession",
    "population",
    "acsc_code",
    "instrument_item",
    "target",
    "site",
    "annotation",
    "feed",
    "feed_status",
)
RECORD_TABLES = (
    "hospital_spell",
    "ed_attendance",
    "referral",
    "referral_handoff",
    "contact",
    "assessment",
    "service",
    "review",
    "discharge_handover",
    "information_request",
    "signpost",
    "workforce_month",
    "absence_month",
    "absence_reason_month",
    "workday_constraint",
    "caseload_snapshot",
    "team_pulse",
    "fft_response",
    "questionnaire_response",
    "feedback_item",
    "comment",
    "mdt_meeting",
    "mdt_attendance",
    "learning_session",
    "interpretation",
    "aggregate_submission",
)

# Where and how the city shows its measures, as it is written into its folder.
ADOPTION = Path(__file__).with_name("adoption.toml")

RECORD_MAKERS: dict[str, Callable[[int, range], pd.DataFrame]] = {
    "hospital_spell": hospital.hospital_spell_frame,
    "ed_attendance": emergency.ed_attendance_frame,
    "referral": referrals.referral_frame,
    "referral_handoff": joining_up.referral_handoff_frame,
    "contact": contacts.contact_frame,
    "assessment": care.assessment_frame,
    "service": care.service_frame,
    "review": care.review_frame,
    "discharge_handover": joining_up.discharge_handover_frame,
    "information_request": joining_up.information_request_frame,
    "signpost": joining_up.signpost_frame,
    "workforce_month": workforce.workforce_month_frame,
    "absence_month": workforce.absence_month_frame,
    "absence_reason_month": workforce.absence_reason_month_frame,
    "workday_constraint": workforce.workday_constraint_frame,
    "caseload_snapshot": workforce.caseload_snapshot_frame,
    "team_pulse": questionnaires.team_pulse_frame,
    "fft_response": feedback.fft_response_frame,
    "questionnaire_response": questionnaires.questionnaire_response_frame,
    "feedback_item": feedback.feedback_item_frame,
    "comment": feedback.comment_frame,
    "mdt_meeting": meetings.mdt_meeting_frame,
    "mdt_attendance": meetings.mdt_attendance_frame,
    "learning_session": meetings.learning_session_frame,
    "interpretation": meetings.interpretation_frame,
    "aggregate_submission": counts.aggregate_submission_frame,
}

Progress = Callable[[str, int, int], None]


def frames(seed: int = DEFAULT_SEED, until: str = DEFAULT_UNTIL) -> dict[str, pd.DataFrame]:
    """Return every table of the city by its name, as the contracts have it.

    Args:
        seed: Which city: a whole number from 0. The same seed gives the same rows.
        until: The last of its 36 months, `YYYY-MM`. What is planted has fixed dates, and a month's
            rows are the same whatever the last month is, save that what comes after it is blank.

    Raises:
        DataError: If the seed or the month is not one the city can be made with.
    """
    return {table: make_one() for table, make_one in _makers(seed, until).items()}


def digest(tables: dict[str, pd.DataFrame]) -> str:
    """Return the SHA-256 of the tables' text: the same on any machine for the same rows."""
    whole = hashlib.sha256()
    contracts = load_contracts(None)
    for table in sorted(tables):
        whole.update(f"{table}\n".encode())
        whole.update(_csv(tables[table], contracts[table]))
    return whole.hexdigest()


def make(
    home: Home,
    *,
    seed: int = DEFAULT_SEED,
    until: str = DEFAULT_UNTIL,
    spoiled: bool = False,
    progress: Progress | None = None,
) -> None:
    """Make the city in a home: settings, reference lists and 36 months of loaded records.

    The records go through the same checking as anybody's files. Made twice with the same seed and
    month, the home stays as it is.

    Args:
        home: Where to make it. A folder that is not there is made.
        seed: As for `frames`.
        until: As for `frames`.
        spoiled: Write dirty files into the home's folder `spoiled` too; they are not loaded.
        progress: Called with what is being done, how many steps are done, and of how many.

    Raises:
        DataError: If the home holds another partnership or another city, if the seed or month
            cannot be used, or if a record does not pass its check.
    """
    makers = _makers(seed, until)
    origin = (
        f"Invented for trying things out (city {EDITION}, seed {seed}, to {until}). No person,"
        " practice, hospital or neighbourhood in it is real."
    )
    _refuse_another(home, origin)
    _refuse_what_is_to_come(until)
    steps = len(REFERENCE_TABLES) + 2 * len(RECORD_TABLES)
    tell = progress or _say_nothing

    lists_made: dict[str, pd.DataFrame] = {}
    for done, table in enumerate(REFERENCE_TABLES):
        tell(f"Making {table}", done, steps)
        lists_made[table] = makers[table]()
    _write_reference(home, lists_made, origin)
    contracts = load_contracts(home)
    loaded = _loaded(home)
    last = month_of(until)
    span = range(last - MONTHS + 1, last + 1)
    with tempfile.TemporaryDirectory(prefix="city-") as folder:
        for number, table in enumerate(RECORD_TABLES):
            done = len(REFERENCE_TABLES) + 2 * number
            if loaded >= set(_parts(table, span)):
                continue
            tell(f"Making {table}", done, steps)
            frame = makers[table]()
            tell(f"Loading {table}", done + 1, steps)
            for name, covered in _parts(table, span).items():
                months = month_name(covered.start), month_name(covered.stop - 1)
                path = Path(folder) / f"{name}.csv"
                path.write_bytes(_csv(_rows_of(name, frame, span), contracts[table]))
                _load(home, path, table, months)
                path.unlink()
    if spoiled:
        tell("Writing spoiled files", steps, steps)
        write_spoiled(home.path / FOLDER)
    tell("Done", steps, steps)


def is_whole(home: Home) -> bool:
    """Return whether the city that was begun in a home was finished.

    One of another edition is taken as it is: nothing of this one could be added to it.
    """
    if f"(city {EDITION}," not in home.settings().sources:
        return True
    return {batch.table for batch in list_batches(home)} >= set(RECORD_TABLES)


def _loaded(home: Home) -> set[str]:
    """Return the names of the files that are loaded already, without their endings."""
    return {Path(batch.source_name).stem for batch in list_batches(home)}


def _makers(seed: int, until: str) -> dict[str, Callable[[], pd.DataFrame]]:
    """Return for each table what makes it, once seed and month have been looked at."""
    if not 0 <= seed <= _LARGEST_SEED:
        raise DataError(f"The seed {seed} cannot be used: write one from 0 to {_LARGEST_SEED}.")
    last: Month = month_of(until)
    span = range(last - MONTHS + 1, last + 1)
    return {
        "partnership": lists.partnership_frame,
        "locality": places.locality_frame,
        "team": places.team_frame,
        "team_lineage": places.team_lineage_frame,
        "team_context": lists.team_context_frame,
        "practice_team": places.practice_team_frame,
        "lsoa_team": lists.lsoa_team_frame,
        "team_alias": places.team_alias_frame,
        "profession": places.profession_frame,
        "population": lambda: places.population_frame(span),
        "acsc_code": lists.acsc_code_frame,
        "instrument_item": questionnaires.instrument_item_frame,
        "target": lists.target_frame,
        "site": lists.site_frame,
        "annotation": stories.annotation_frame,
        "feed": lambda: lists.feed_frame(span),
        "feed_status": lambda: lists.feed_status_frame(span),
        **{table: partial(make_one, seed, span) for table, make_one in RECORD_MAKERS.items()},
    }


def _parts(table: str, span: range) -> dict[str, range]:
    """Return the files in which a table is sent, by name, and the months that each covers.

    Contacts are sent as a real system sends them, in several files. The months of the outage are
    left out by the locality whose system was down, and come afterwards in a file of their own.
    """
    if table != "contact":
        return {table: span}
    first, last = stories.OUTAGE_MONTHS
    parts = {
        _BEFORE: range(span.start, first),
        _DURING: range(first, last + 1),
        _AFTER: range(last + 1, span.stop),
        _TYPED_IN: range(first, last + 1),
    }
    inside = {
        name: range(max(months.start, span.start), min(months.stop, span.stop))
        for name, months in parts.items()
    }
    return {name: months for name, months in inside.items() if months}


_BEFORE, _DURING, _AFTER = "contact before", "contact during", "contact after"
_TYPED_IN = "contact typed in afterwards"


def _rows_of(name: str, frame: pd.DataFrame, span: range) -> pd.DataFrame:
    """Return the rows of a table that are sent in a file."""
    if name not in (_BEFORE, _DURING, _AFTER, _TYPED_IN):
        return frame
    first, last = stories.OUTAGE_MONTHS
    begun = frame["started_at"].fillna(frame["booked_on"]).to_numpy()
    # What is booked for later is sent with the last file.
    month = np.minimum(months_of(begun.astype("datetime64[D]").astype("int64")), span.stop - 1)
    down = frame["team_id"].isin(
        [team.team_id for team in places.TEAMS if team.locality_id == stories.OUTAGE_LOCALITY]
    )
    outage = (month >= first) & (month <= last)
    chosen = {
        _BEFORE: month < first,
        _DURING: outage & ~down,
        _AFTER: month > last,
        _TYPED_IN: outage & down,
    }
    return frame.loc[chosen[name]]


def _refuse_another(home: Home, origin: str) -> None:
    if not home.exists():
        if any(home.reference.glob("*.csv")) or any(home.batches.glob("*/*")):
            raise DataError(
                f"{home.path}: there are loaded files or lists here, but no partnership.toml to say"
                " whose they are. Name another folder with --home."
            )
        return
    settings = home.settings()
    if not settings.fictional or settings.id != places.CITY_ID:
        raise DataError(
            f"{home.path}: this is the home of {settings.name}, and the fictional city is never"
            " mixed with another partnership's records. Name another folder with --home."
        )
    if settings.sources != origin:
        raise DataError(
            f"{home.path}: the fictional city is here already, but not this one. Here:"
            f" {settings.sources} Asked for: {origin} Name another folder with --home, or remove"
            " this one first."
        )


def _refuse_what_is_to_come(until: str) -> None:
    """Records say what has happened, so the check would hold every row after today."""
    this_month = f"{datetime.date.today():%Y-%m}"
    if until >= this_month:
        raise DataError(
            f"{until} is not over yet, and records say what has happened. Name a month before"
            f" {this_month} with --until."
        )


def _write_reference(home: Home, tables: dict[str, pd.DataFrame], origin: str) -> None:
    """Write what is not there yet: lists that somebody has changed since stay changed."""
    home.reference.mkdir(parents=True, exist_ok=True)
    settings = (
        f'id = "{places.CITY_ID}"\n'
        f'name = "{places.CITY_NAME}"\n'
        "fictional = true\n"
        'time_zone = "Europe/London"\n'
        'about = "A city that does not exist, with three localities and twelve neighbourhood'
        ' teams, to try Common Measure with."\n'
        f'sources = "{origin}"\n'
    )
    _write_new(home.settings_file, settings)
    _write_new(home.adoption_file, ADOPTION.read_text(encoding="utf-8"))
    for table in REFERENCE_TABLES:
        # Of a city whose months lie elsewhere nothing is known of an outage.
        if len(tables[table]):
            _write_new(home.reference / f"{table}.csv", _text(tables[table]))


def _write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, whole or not at all."""
    if path.exists():
        return
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)


def _load(home: Home, path: Path, table: str, months: tuple[str, str]) -> None:
    for report in load_files(home, [path], Stated(table, "ymd", months)):
        if report.status != "accepted":
            raise DataError(
                f"{table}: the city's own records did not pass their check. If contracts or lists"
                f" in {home.path} have been changed, make the city in another folder with --home."
                f"\n{report.as_text()}"
            )


def _text(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False, lineterminator="\n")


def _csv(frame: pd.DataFrame, contract: Contract) -> bytes:
    """Return a table as CSV: days as 2024-04-01, times as 2024-04-01 09:30."""
    columns = {}
    for column in contract.columns:
        if column.name not in frame:
            continue
        values = frame[column.name]
        if column.type in DATED:
            form = "%Y-%m-%d %H:%M" if column.type == "ts" else "%Y-%m-%d"
            columns[column.name] = pc.call_function(
                "strftime", [pa.array(values)], pc.StrftimeOptions(form)
            )
        else:
            array = pa.Array.from_pandas(values)
            dictionary = pa.types.is_dictionary(array.type)
            columns[column.name] = array.dictionary_decode() if dictionary else array
    written = io.BytesIO()
    csv.write_csv(pa.table(columns), written, csv.WriteOptions(quoting_style="needed"))
    return written.getvalue()


def _say_nothing(doing: str, done: int, of: int) -> None:
    """Ignore progress that nobody asked to see."""
    del doing, done, of
