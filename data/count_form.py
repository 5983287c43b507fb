"""The monthly counts form: one row for each team, month and measure that no system holds.

It is read by the shipped recipe `monthly_counts`, as it is filled in.
"""

import datetime
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from data.calendar import add_months
from data.contract import load_contracts
from data.counts import Team, teams_of
from data.errors import DataError
from data.home import Home
from data.reference import rulebook
from data.template import (
    HEADER_ROW,
    HOW_ROW,
    LEFT_AS_IT_IS,
    MAY_BE_BLANK,
    NOBODY,
    QUIET,
    TITLE_ROW,
    Book,
    allow,
    finish,
    refuse_to_overwrite,
    write_header,
    write_mark,
)
from data.template_rows import TO_FILL_IN

# The definitions lie beside us as files; what they compute is no business of this layer.
CATALOGUE = Path(__file__).resolve().parents[1] / "metrics" / "catalogue"
TABLE = "aggregate_submission"
SHEET = "monthly counts"
MOST_MONTHS = 24
NOTHING_BELOW = "nothing: only the count"
LINES = (
    "Fill in the columns numerator and denominator: a count, and what it is out of. The columns"
    " before each say what to count.",
    "Write 0 only where you counted none. Leave a row blank where you did not count: a blank is a"
    " gap and never 0. A row in which nothing was filled in is left out.",
    "Where a count is too small to show, write * or <5.",
    "Do not change the first columns, and do not rename columns. You may send part of it now and"
    " the rest later; a row that is sent again takes the earlier one's place.",
)
# The form's columns, with what stands above each; those that belong to the table have its names.
COLUMNS = (
    ("team_id", "The team.", 10),
    ("team", "Its name.", 22),
    ("month", "The month.", 10),
    ("measure_id", "The measure, by its number.", 12),
    ("measure", "What it is called.", 32),
    ("what_to_count", "What to count.", 48),
    ("numerator", "Your count.", 12),
    ("out_of_what", "What it is out of.", 36),
    ("denominator", "How many there were in all.", 14),
    ("submitted_by_role", "Your role, never your name.", 20),
    ("note", "Anything one should know; never about one person.", 40),
)
SIGNS = {
    "numerator": "* fill in",
    "denominator": "* fill in",
    "submitted_by_role": MAY_BE_BLANK,
    "note": MAY_BE_BLANK,
}


@dataclass(frozen=True)
class Counted:
    """A measure that teams count themselves, as far as a form needs it.

    Attributes:
        count: What goes into the numerator, in words.
        out_of: What goes into the denominator, in words; '' where there is none.
    """

    measure_id: str
    title: str
    count: str
    out_of: str


def counted_measures(home: Home | None = None) -> list[Counted]:
    """Return the measures whose definitions say in words what a team counts, by their numbers.

    A partnership's own definition takes the place of a shipped one with the same number.

    Raises:
        DataError: If a definition is not readable TOML.
    """
    found: dict[str, Counted | None] = {}
    for folder in (CATALOGUE, *([home.measures] if home else [])):
        for file in sorted(folder.glob("*.toml")):
            try:
                said = tomllib.loads(file.read_text(encoding="utf-8-sig"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise DataError(f"{file}: this is not readable TOML: {error}") from error
            found[str(said.get("id"))] = _counted(said)
    return [measure for _, measure in sorted(found.items()) if measure is not None]


def _counted(said: dict[str, Any]) -> Counted | None:
    above, below = said.get("numerator", {}), said.get("denominator", {})
    if not (above.get("submitted") and above.get("words")):
        return None
    out_of = str(below.get("words", "")) if below.get("submitted") else ""
    return Counted(str(said["id"]), str(said.get("title", "")), str(above["words"]), out_of)


def months_named(text: str) -> list[datetime.date]:
    """Return the first days of the months from and to, both inside: `2026-04` or `2026-04:2026-06`.

    Raises:
        DataError: If it is not written so, runs backwards, or is longer than two years.
    """
    first, _, last = text.partition(":")
    try:
        start = datetime.datetime.strptime(first, "%Y-%m").date()
        end = datetime.datetime.strptime(last or first, "%Y-%m").date()
    except ValueError as error:
        raise DataError(f"{text} is not a month, as 2026-04, or 2026-04:2026-06.") from error
    months = []
    while start <= end:
        months.append(start)
        start = add_months(start, 1)
    if not 1 <= len(months) <= MOST_MONTHS:
        raise DataError(
            f"{text} is {len(months)} months. Name 1 to {MOST_MONTHS}, the first one first."
        )
    return months


def last_month(home: Home) -> datetime.date:
    """Return the first day of the last month that is over."""
    return add_months(home.now().date().replace(day=1), -1)


def write_count_form(path: Path, home: Home, months: Sequence[datetime.date]) -> int:
    """Write the form for every team there was in these months; return how many rows it has.

    Args:
        path: Where to; there must be no file yet.
        home: Whose teams and measures.
        months: The first days of the months.

    Raises:
        DataError: If there is no partnership, no team in these months, nothing for teams to count,
            or a file already.
    """
    home.settings()
    refuse_to_overwrite(path)
    measures = counted_measures(home)
    if not measures:
        raise DataError(
            f"{home.measures}: no measure here says what a team counts. Write a definition with"
            " submitted and words, as docs/add_a_measure.md has it."
        )
    rows = [
        (team, month, measure)
        for team in teams_of(home)
        for month in months
        if team.is_there(month)
        for measure in measures
    ]
    if not rows:
        raise DataError(
            f"{home.reference}: no team was there in {months[0]:%Y-%m}. Write the list of teams"
            " first, or name another month with --month."
        )
    with xlsxwriter.Workbook(path) as workbook:
        _write_rows(Book(workbook), home, rows, path)
    return len(rows)


def _write_rows(
    book: Book, home: Home, rows: Sequence[tuple[Team, datetime.date, Counted]], path: Path
) -> None:
    contract, lists = load_contracts(home)[TABLE], rulebook(home).lists
    sheet = book.workbook.add_worksheet(SHEET)
    sheet.write_string(TITLE_ROW, 0, "Monthly counts", book.look(bold=True, font_size=14))
    how = "\n".join([*LINES, NOBODY, f"When it is filled in: python -m data load {path.name}"])
    sheet.merge_range(HOW_ROW, 0, HOW_ROW, len(COLUMNS), how, book.look(text_wrap=True))
    sheet.set_row(HOW_ROW, 15 * (how.count("\n") + 3))
    write_mark(book, sheet, "Leave this as it is.")
    for at, (name, words, width) in enumerate(COLUMNS, start=1):
        write_header(book, sheet, at, name, words, SIGNS.get(name, LEFT_AS_IT_IS))
        sheet.set_column(at, at, width)
        if name in SIGNS:
            allow(book, sheet, HEADER_ROW + 1, at, TABLE, contract.column(name), lists)
    given = book.look(text_wrap=True, valign="top", num_format="@")
    to_write = book.look(border=1, border_color=QUIET, valign="top")
    for down, (team, month, measure) in enumerate(rows, start=HEADER_ROW + 1):
        cells = {
            "team_id": team.team_id,
            "team": team.name,
            "month": f"{month:%Y-%m}",
            "measure_id": measure.measure_id,
            "measure": measure.title,
            "what_to_count": measure.count,
            "out_of_what": measure.out_of or NOTHING_BELOW,
        }
        sheet.write_string(down, 0, TO_FILL_IN, book.look(font_color=QUIET, valign="top"))
        for at, (name, _, _) in enumerate(COLUMNS, start=1):
            if name in cells:
                sheet.write_string(down, at, cells[name], given)
            elif name != "denominator" or measure.out_of:
                sheet.write_blank(down, at, None, to_write)
    finish(sheet)
