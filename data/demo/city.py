"""Make the fictional city: its records as tables, and a home with them loaded."""

import datetime
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from data.batches import list_batches
from data.check import Stated
from data.demo import feedback, hospital, places, referrals, stories, workforce
from data.demo.months import Month, month_name, month_of
from data.errors import DataError
from data.home import Home
from data.load import load_files

MONTHS = 36
DEFAULT_SEED = 1
DEFAULT_UNTIL = "2026-03"
# Goes up whenever the same seed would give other rows: a home is never a mixture of two cities.
EDITION = 1

_LARGEST_SEED = 2**32 - 1

REFERENCE_TABLES = (
    "locality",
    "team",
    "practice_team",
    "team_alias",
    "profession",
    "population",
    "annotation",
)
RECORD_TABLES = (
    "hospital_spell",
    "referral",
    "workforce_month",
    "absence_month",
    "fft_response",
    "aggregate_submission",
)

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
    for table in sorted(tables):
        whole.update(f"{table}\n{_text(tables[table])}".encode())
    return whole.hexdigest()


def make(
    home: Home,
    *,
    seed: int = DEFAULT_SEED,
    until: str = DEFAULT_UNTIL,
    progress: Progress | None = None,
) -> None:
    """Make the city in a home: settings, reference lists and 36 months of loaded records.

    The records go through the same checking as anybody's files. Made twice with the same seed and
    month, the home stays as it is.

    Args:
        home: Where to make it. A folder that is not there is made.
        seed: As for `frames`.
        until: As for `frames`.
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
    steps = len(makers) + len(RECORD_TABLES)
    tell = progress or _say_nothing

    tables: dict[str, pd.DataFrame] = {}
    for done, (table, make_one) in enumerate(makers.items()):
        tell(f"Making {table}", done, steps)
        tables[table] = make_one()
    _write_reference(home, tables, origin)
    last = month_of(until)
    months = month_name(last - MONTHS + 1), until
    with tempfile.TemporaryDirectory(prefix="city-") as folder:
        for done, table in enumerate(RECORD_TABLES, start=len(makers)):
            tell(f"Loading {table}", done, steps)
            _load(home, Path(folder), table, tables[table], months)
    tell("Done", steps, steps)


def is_whole(home: Home) -> bool:
    """Return whether the city that was begun in a home was finished."""
    loaded = {batch.table for batch in list_batches(home)}
    return loaded >= set(RECORD_TABLES)


def _makers(seed: int, until: str) -> dict[str, Callable[[], pd.DataFrame]]:
    """Return for each table what makes it, once seed and month have been looked at."""
    if not 0 <= seed <= _LARGEST_SEED:
        raise DataError(f"The seed {seed} cannot be used: write one from 0 to {_LARGEST_SEED}.")
    last: Month = month_of(until)
    span = range(last - MONTHS + 1, last + 1)
    return {
        "locality": places.locality_frame,
        "team": places.team_frame,
        "practice_team": places.practice_team_frame,
        "team_alias": places.team_alias_frame,
        "profession": places.profession_frame,
        "population": lambda: places.population_frame(span),
        "annotation": stories.annotation_frame,
        "hospital_spell": lambda: hospital.hospital_spell_frame(seed, span),
        "referral": lambda: referrals.referral_frame(seed, span),
        "workforce_month": lambda: workforce.workforce_month_frame(seed, span),
        "absence_month": lambda: workforce.absence_month_frame(seed, span),
        "fft_response": lambda: feedback.fft_response_frame(seed, span),
        "aggregate_submission": lambda: feedback.aggregate_submission_frame(seed, span),
    }


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
    for table in REFERENCE_TABLES:
        _write_new(home.reference / f"{table}.csv", _text(tables[table]))


def _write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, whole or not at all."""
    if path.exists():
        return
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)


def _load(
    home: Home, folder: Path, table: str, frame: pd.DataFrame, months: tuple[str, str]
) -> None:
    path = folder / f"{table}.csv"
    _write_new(path, _text(frame))
    for report in load_files(home, [path], Stated(table, "ymd", months)):
        if report.status != "accepted":
            raise DataError(
                f"{table}: the city's own records did not pass their check. If contracts or lists"
                f" in {home.path} have been changed, make the city in another folder with --home."
                f"\n{report.as_text()}"
            )


def _text(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False, lineterminator="\n")


def _say_nothing(doing: str, done: int, of: int) -> None:
    """Ignore progress that nobody asked to see."""
    del doing, done, of
