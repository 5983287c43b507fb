"""One column of text becomes values of its type.

A cell is put right where only one thing can be meant, and counted. Any other cell that is not what
the contract asks for is a fault, and holds its row.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa

from data.batches import ARROW_TYPES
from data.cell_codes import read_texts, read_yes_or_no
from data.cell_dates import read_dated
from data.cell_numbers import read_numbers
from data.contract import COUNTED, DATED, Column
from data.dates import DatedColumn, are_placeholders, as_series
from data.distinct import Cells, Distinct, Notes, Reading
from data.lists import Codes, Lists, same_code
from data.report import FileRefusedError

BLANK_WORDS = frozenset({"null", "(null)", "nan", "n/a", "#n/a", "-", "–", "—", ".", "unknown"})
# In the syntax of RE2, in which every text of a column is looked at in one go.
_DIGITS_LOST = r"^[0-9](?:\.[0-9]+)?[eE]\+[0-9]{1,3}$"
_CONTROL = r"[\x00-\x1f\x7f-\x{9f}\x{2028}\x{2029}]"
_CONTROL_IN_TEXT = r"[\x00-\x08\x0e-\x1f\x7f-\x{84}\x{86}-\x{9f}]"
_BREAKS_IN_TEXT = r"[\t-\r\x{85}\x{2028}\x{2029}]"
_BREAKS = re.compile("[\t-\r\x85\u2028\u2029]+")


def read_cells(
    column: Column, file_column: str | None, distinct: Distinct, reading: Reading
) -> Cells:
    """Return one column of the contract, read from the different texts of a file's column.

    Raises:
        FileRefusedError: If the column shows that the file was damaged on its way.
    """
    _refuse_damage(column, file_column or column.name, distinct, reading)
    notes = Notes(distinct)
    texts = _without_blank_words(column, reading, notes)
    if column.free_text:
        _join_lines(texts, notes)
    values = _values(column, texts, reading, notes)
    if column.required:
        _hold_blanks(column, texts, notes)
    if distinct.trimmed:
        notes.fixes["spaces_trimmed"] += distinct.trimmed
    return Cells(column, file_column, values, notes)


def dated_column(column: Column, distinct: Distinct, codes: Mapping[str, str]) -> DatedColumn:
    """Return the texts that show how a column writes its dates: no blanks, no placeholders."""
    if codes:
        texts = pa.array([codes.get(same_code(text), text) for text in distinct.texts], pa.string())
        distinct = replace(distinct, words=texts)
    kept = ~(distinct.among({"", *BLANK_WORDS}) | are_placeholders(distinct.words))
    words = distinct.words.filter(pa.array(kept))
    return DatedColumn(as_series(words), distinct.times[kept], column.type == "month")


def _refuse_damage(column: Column, name: str, distinct: Distinct, reading: Reading) -> None:
    damaged = distinct.holding(_CONTROL_IN_TEXT if column.free_text else _CONTROL)
    if damaged.any():
        row, sheet = _first_place(damaged, distinct, reading)
        raise FileRefusedError.of(
            "control_character",
            "This cell holds a line break, a tab or a control character. A quotation mark that is"
            " not closed does this, and so does pressing Enter inside a cell. Take it out.",
            row=row,
            column=name,
            sheet=sheet,
        )
    if column.type != "text" or column.allowed or column.free_text:
        return
    shortened = distinct.holding(_DIGITS_LOST)
    if shortened.any():
        row, sheet = _first_place(shortened, distinct, reading)
        raise FileRefusedError.of(
            "digits_lost",
            "A spreadsheet has turned long numbers of this column into short ones such as"
            " 9.4E+09, and their digits are lost. Export the file again and do not open it in a"
            " spreadsheet, or format the column as text first.",
            row=row,
            column=name,
            sheet=sheet,
        )


def _first_place(
    texts: np.ndarray, distinct: Distinct, reading: Reading
) -> tuple[int | None, str | None]:
    """Return the number of the first row that has one of the texts marked, and its sheet."""
    return reading.place(int(np.flatnonzero(texts[distinct.where])[0]))


def _without_blank_words(column: Column, reading: Reading, notes: Notes) -> list[str]:
    """Return the texts, translated by the recipe, with '' for what stands for a blank."""
    cleaned = notes.distinct.texts
    places = np.flatnonzero(notes.distinct.among(BLANK_WORDS)).tolist()
    if reading.codes:
        cleaned = [reading.codes.get(same_code(text), text) for text in cleaned]
        places = range(len(cleaned))
    known = [Codes.of(column.allowed), _listed(column, reading.lists)]
    for at in places:
        text = cleaned[at]
        if text.casefold() in BLANK_WORDS and not any(codes.find(text) for codes in known):
            notes.fixed("blank_word", at)
            cleaned[at] = ""
    return cleaned


def _join_lines(texts: list[str], notes: Notes) -> None:
    """Put a space for what Enter or Tab leave inside a cell of free text."""
    for at in np.flatnonzero(notes.distinct.holding(_BREAKS_IN_TEXT)).tolist():
        if texts[at]:
            texts[at] = _BREAKS.sub(" ", texts[at])
            notes.fixed("line_break_in_text", at)


def _listed(column: Column, lists: Lists) -> Codes:
    referred = column.list_referred_to
    return (lists.of(*referred) if referred else None) or Codes()


def _values(column: Column, texts: list[str], reading: Reading, notes: Notes) -> pa.Array:
    arrow_type = ARROW_TYPES[column.type]
    if column.type in DATED:
        read = read_dated(column, texts, reading.form, reading.today, notes)
        return read.cast(arrow_type, safe=False)
    if column.type in COUNTED:
        return pa.array(read_numbers(column, texts, notes), type=arrow_type)
    if column.type == "bool":
        return pa.array(read_yes_or_no(texts, notes), type=arrow_type)
    return pa.array(read_texts(column, texts, reading.lists, notes), type=arrow_type)


def _hold_blanks(column: Column, texts: list[str], notes: Notes) -> None:
    for at in (at for at, text in enumerate(texts) if not text):
        if at not in notes.faults:
            what = "{} stands for a blank." if notes.distinct.text(at) else "This is blank."
            notes.fault(at, "required_blank", f"{what} It is needed: {column.words} Fill it in.")
