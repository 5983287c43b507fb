"""Workbooks to fill in: one sheet for each table, which load without a change.

Each sheet has its column names in the row that the reader takes for the header, what to write above
them, and one example below. Codes to choose from stand in a hidden sheet.
"""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from data.contract import COUNTED, DATED, Column, Contract
from data.errors import DataError
from data.lists import Lists
from data.template_rows import EXAMPLE, HOW_TO_FILL_IN, MARK, MAY_STAND_IN

READ_ME, LISTS = "Read me", "lists"
# Where things stand in a sheet, counting from 0: the reader looks for the header in the first 30.
TITLE_ROW, HOW_ROW, NEEDED_ROW, WORDS_ROW, HEADER_ROW = range(5)
LAST_ROW = 1_048_575
# What Excel holds at most in a box that opens beside a cell.
LONGEST_TITLE, LONGEST_MESSAGE = 32, 255
# A list longer than this is no help to choose from.
LONGEST_LIST = 5_000
NEEDED, MAY_BE_BLANK, LEFT_AS_IT_IS = "* needed", "may be blank", "leave as it is"
NUMBER_FORMATS = {"date": "yyyy-mm-dd", "month": "yyyy-mm", "ts": "yyyy-mm-dd hh:mm", "text": "@"}
# A file has the same bytes whenever it is made.
MADE_ON = datetime.datetime(2024, 1, 1)
DARK, PALE, INK, QUIET = "#1F3864", "#E7E6E6", "#000000", "#595959"

WHAT_THIS_IS = (
    "Each sheet is one table. Fill in the ones you have, and leave the others as they are.",
    "Write under the example, one row for each thing the sheet asks for. The example has the word"
    " example in its first cell and is never loaded; leave it, or delete it.",
    "Leave the first column, this_row_is, blank in your own rows.",
    "A column marked * needed, white on dark blue, must be filled in every row.",
    "A small triangle in a column's name opens what it means. A cell with a list shows it when you"
    " choose the cell.",
    "Write dates as 2024-04-03 and months as 2024-04. Leave a cell blank where you do not know, and"
    " write 0 only where you counted none.",
    "Do not rename columns. Columns of your own are left out.",
)
NOBODY = (
    "Nothing that says who somebody is may be in it: no names, NHS numbers, dates of birth,"
    " addresses, postcodes, telephone numbers or e-mail addresses, no staff numbers. A file with"
    " any of these is refused. Where a table asks for a key, send a keyed hash."
)


def default_tables(contracts: Mapping[str, Contract]) -> list[str]:
    """Return the tables of a template for which none is named: those with figures, then lists.

    Free text that is read only where it is asked for by name is not among them.
    """
    sent = [c for c in contracts.values() if not c.generated and not c.only_if_named]
    return [c.table for c in sorted(sent, key=lambda c: (c.kind == "reference", c.table))]


def write_template(
    path: Path, contracts: Mapping[str, Contract], tables: Sequence[str], lists: Lists
) -> None:
    """Write a workbook with a sheet to fill in for each table.

    Args:
        path: Where to; there must be no file yet.
        contracts: Every contract there is.
        tables: The tables, in the order of the sheets.
        lists: The codes known here, to choose from; none where there is no partnership.

    Raises:
        DataError: If a table is not known or is made here, or there is a file already.
    """
    wanted = [_wanted(contracts, table) for table in dict.fromkeys(tables)]
    refuse_to_overwrite(path)
    with xlsxwriter.Workbook(path) as workbook:
        book = Book(workbook)
        book.read_me([*WHAT_THIS_IS, *(_to_be_named(c) for c in wanted if c.only_if_named)], path)
        for contract in wanted:
            _write_table(book, contract, lists)
        book.write_lists()


def refuse_to_overwrite(path: Path) -> None:
    """Raise a DataError where a file is there already: somebody may have filled it in."""
    if path.exists():
        raise DataError(
            f"{path}: there is a file of this name, and it may hold somebody's figures. Name"
            " another with --out, or move it away."
        )
    if not path.parent.is_dir():
        raise DataError(f"{path.parent}: there is no such folder. Make it, or name another.")
    if path.suffix.casefold() != ".xlsx":
        raise DataError(f"{path}: a template is an Excel workbook. Let the name end in .xlsx.")


def _wanted(contracts: Mapping[str, Contract], table: str) -> Contract:
    contract = contracts.get(table)
    if contract is None or contract.generated:
        known = ", ".join(sorted(name for name, c in contracts.items() if not c.generated))
        raise DataError(f"There is no table {table} to send. There are {known}. Name one of them.")
    return contract


def _to_be_named(contract: Contract) -> str:
    return (
        f"{contract.title} are read only where you ask for them, after every name was taken out:"
        f" python -m data load --as {contract.table} FILE"
    )


@dataclass
class Book:
    """A workbook being written: its formats, and the codes to choose from."""

    workbook: xlsxwriter.Workbook
    ranges: dict[str, tuple[str, ...]] = field(default_factory=dict)
    formats: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.workbook.set_properties({"created": MADE_ON})

    def look(self, **properties: Any) -> Format:
        """Return a format; the same properties give the same one."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format(properties)
        return self.formats[key]

    def read_me(self, lines: Iterable[str], path: Path) -> None:
        """Add the first sheet: what this is, how to fill it in, and where it goes."""
        sheet = self.workbook.add_worksheet(READ_ME)
        sheet.set_column(0, 0, 100)
        sheet.write_string(0, 0, HOW_TO_FILL_IN, self.look(bold=True, font_size=14))
        sent = (
            "When it is filled in, check it and load it:",
            f"python -m data check {path.name}",
            f"python -m data load {path.name}",
        )
        for row, line in enumerate((*lines, NOBODY, *sent), start=1):
            sheet.write_string(row, 0, line, self.look(text_wrap=True, valign="top"))

    def choices(self, name: str, codes: Sequence[str]) -> str:
        """Return the name of a range with these codes, for a cell to choose from."""
        written = "choices_" + re.sub(r"\W", "_", name)
        self.ranges[written] = tuple(codes)
        return written

    def write_lists(self) -> None:
        """Add the hidden sheet with every list of codes, one in each column."""
        if not self.ranges:
            return
        sheet = self.workbook.add_worksheet(LISTS)
        sheet.hide()
        as_text = self.look(num_format="@")
        for at, (name, codes) in enumerate(self.ranges.items()):
            sheet.write_string(0, at, f"{MAY_STAND_IN}{name}")
            for row, code in enumerate(codes, start=1):
                sheet.write_string(row, at, code, as_text)
            letter = xl_col_to_name(at)
            self.workbook.define_name(name, f"={LISTS}!${letter}$2:${letter}${len(codes) + 1}")


def asked(contract: Contract) -> list[Column]:
    """Return the columns that a sender fills in."""
    return [column for column in contract.columns if not column.filled]


def _write_table(book: Book, contract: Contract, lists: Lists) -> None:
    sheet = book.workbook.add_worksheet(contract.table)
    sheet.write_string(TITLE_ROW, 0, contract.title, book.look(bold=True, font_size=14))
    how = f"{contract.describes} Write under the example; leave the first column blank."
    sheet.write_string(HOW_ROW, 0, how)
    write_mark(book, sheet, f'The row marked "{EXAMPLE}" is not loaded.')
    shown = book.look(italic=True, font_color=QUIET, num_format="@")
    sheet.write_string(HEADER_ROW + 1, 0, EXAMPLE, shown)
    for at, column in enumerate(asked(contract), start=1):
        sign = NEEDED if column.required else MAY_BE_BLANK
        write_header(book, sheet, at, column.name, column.words, sign)
        sheet.write_comment(
            HEADER_ROW, at, in_words(column), {"x_scale": 2.2, "y_scale": 2.4, "author": ""}
        )
        write_as = book.look(num_format=NUMBER_FORMATS.get(column.type, "General"))
        sheet.set_column(at, at, max(16, len(column.name) + 3), write_as)
        if column.type in COUNTED and column.example:
            number = book.look(italic=True, font_color=QUIET)
            sheet.write_number(HEADER_ROW + 1, at, float(column.example), number)
        elif column.example:
            sheet.write_string(HEADER_ROW + 1, at, column.example, shown)
        allow(book, sheet, HEADER_ROW + 2, at, contract.table, column, lists)
    finish(sheet)


def write_mark(book: Book, sheet: Worksheet, words: str) -> None:
    """Write the heading of the template's own first column."""
    write_header(book, sheet, 0, MARK, words, LEFT_AS_IT_IS)
    sheet.set_column(0, 0, 13)


def write_header(book: Book, sheet: Worksheet, at: int, name: str, words: str, sign: str) -> None:
    """Write a column's name, and above it whether it is needed and what to write.

    What has to be filled in has a sign, words and a colour.
    """
    to_do = {"bg_color": DARK, "font_color": "#FFFFFF"}
    colours = to_do if sign.startswith("*") else {"bg_color": PALE, "font_color": INK}
    edge = {"border": 1, "border_color": QUIET, "valign": "top"}
    sheet.write_string(NEEDED_ROW, at, sign, book.look(**edge, **colours))
    sheet.write_string(
        WORDS_ROW, at, words, book.look(**edge, text_wrap=True, font_size=9, font_color=INK)
    )
    sheet.write_string(HEADER_ROW, at, name, book.look(**edge, **colours, bold=True))


def finish(sheet: Worksheet) -> None:
    """Keep the header in sight, and the sentences above it readable."""
    sheet.set_row(WORDS_ROW, 84)
    sheet.freeze_panes(HEADER_ROW + 1, 0)


def in_words(column: Column) -> str:
    """Return all that a sender may want to know about a column."""
    said = [column.words]
    if column.unit:
        said.append(f"In {column.unit}.")
    if column.codes is not None:
        codes = (f"{c.code}: {c.words}" if c.words else c.code for c in column.codes.entries)
        said.append("One of:\n" + "\n".join(codes))
    elif column.allowed:
        said.append(f"One of: {', '.join(column.allowed)}.")
    if column.at_least is not None:
        said.append(f"At least {column.at_least}.")
    if column.at_most is not None:
        said.append(f"At most {column.at_most}.")
    if column.suppressed_into:
        said.append("Where it is hidden because it is small, write * or <5.")
    if column.free_text:
        said.append("Nobody may be named.")
    if column.system_names:
        said.append(f"In other systems: {', '.join(column.system_names)}.")
    blank = column.blank_means or (f"{column.default}" if column.default else "")
    if column.required:
        said.append("It is needed in every row.")
    elif blank:
        said.append(f"A blank means: {blank}.")
    return "\n".join(said)


def allow(
    book: Book,
    sheet: Worksheet,
    first_row: int,
    at: int,
    table: str,
    column: Column,
    lists: Lists,
) -> None:
    """Let the cells of a column take what the contract allows: a list, a date or a number.

    Codes of a contract and numbers outside its bounds are turned away; what a partnership's own
    lists do not hold is only asked about, for a team may have other spellings.
    """
    options = _allowed(book, table, column, lists)
    if options is None:
        return
    message = column.words if len(column.words) <= LONGEST_MESSAGE else ""
    about = {
        "input_title": column.name[:LONGEST_TITLE],
        "input_message": message,
        "ignore_blank": True,
    }
    sheet.data_validation(first_row, at, LAST_ROW, at, {**about, **options})


def _allowed(book: Book, table: str, column: Column, lists: Lists) -> dict[str, Any] | None:
    if column.allowed:
        name = column.codes.name if column.codes is not None else f"{table}_{column.name}"
        source = book.choices(name, column.allowed)
        return _choose(source, "stop", "Choose one of the codes in the list.")
    if column.type == "bool":
        return _choose(book.choices("yes_or_no", ("yes", "no")), "stop", "Choose yes or no.")
    referred = column.list_referred_to
    listed = lists.of(*referred) if referred else None
    if referred and listed is not None and len(listed.exact) <= LONGEST_LIST:
        source = book.choices("_".join(referred), sorted(listed.exact))
        asked_about = f"This is not in your list of {referred[0]} codes. Keep it?"
        return _choose(source, "warning", asked_about)
    if column.type in DATED:
        written = "a month, such as 2024-04" if column.type == "month" else "a date: 2024-04-03"
        return {
            "validate": "date",
            "criteria": ">=",
            "value": datetime.date(1900, 1, 1),
            "error_type": "warning",
            "error_message": f"Write {written}. Keep what you wrote?",
        }
    if column.type in COUNTED:
        return _number(column)
    return None


def _choose(source: str, error_type: str, message: str) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": f"={source}",
        "error_type": error_type,
        "error_message": message,
    }


def _number(column: Column) -> dict[str, Any]:
    least, most = column.at_least, column.at_most
    said = "a whole number" if column.type == "int" else "a number"
    said += f" of at least {least}" if least is not None else ""
    said += f"{' and' if least is not None else ' of'} at most {most}" if most is not None else ""
    bounds: dict[str, Any] = {"criteria": ">=", "value": -1e15}
    if least is not None and most is not None:
        bounds = {"criteria": "between", "minimum": float(least), "maximum": float(most)}
    elif least is not None:
        bounds = {"criteria": ">=", "value": float(least)}
    elif most is not None:
        bounds = {"criteria": "<=", "value": float(most)}
    hidden = column.suppressed_into is not None
    return {
        "validate": "integer" if column.type == "int" else "decimal",
        **bounds,
        # A mark for a number that is hidden is no number, and may stay.
        "error_type": "warning" if hidden else "stop",
        "error_message": f"Write {said}{', or * or <5 where it is hidden' if hidden else ''}.",
    }
