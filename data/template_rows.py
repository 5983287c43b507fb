"""Rows of a template that are no data: its example, and those that nobody filled in.

A template has a column of its own, `this_row_is`. A row is left out only where that column says so
and the rest of the row is what the template wrote; a row that somebody changed is never left out.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

import numpy as np

from data.contract import Contract
from data.lists import same_code
from data.recipe import plain_name
from data.recognise import Recognised
from data.sheet import Sheet

MARK = "this_row_is"
EXAMPLE = "example"
TO_FILL_IN = "to fill in"
CHANGED = (
    "This row is marked as the example, and something in it was changed. If it is data, clear the"
    f' word "{EXAMPLE}" from its first cell; else delete the row.'
)
# How the sheets of a template begin that are no table.
HOW_TO_FILL_IN, MAY_STAND_IN = "How to fill this in", "what may stand in "
NOTHING_FILLED_IN = "No row of this template was filled in, so there is nothing to keep."


def is_about_a_template(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a sheet is one of a template's own, which say how to fill in the others."""
    first = rows[0][0].strip() if rows and rows[0] else ""
    return first == HOW_TO_FILL_IN or first.startswith(MAY_STAND_IN)


def without_template_rows(sheet: Sheet, found: Recognised) -> tuple[Sheet, Counter[str]]:
    """Return a sheet without the rows that a template wrote and nobody touched, and their counts.

    The counts are by rule, and empty where the sheet has not the template's column. Rows that are
    marked as the example and are not what it says stay: see `marked_as_example`.
    """
    marks = _marks(sheet)
    if marks is None:
        return sheet, Counter()
    names = [plain_name(name) for name in sheet.header]
    places = {
        name: names.index(plain_name(file_column))
        for columns, _ in found.recipe.row_parts()
        for name, file_column in columns.items()
        if plain_name(file_column) in names
    }
    untouched: dict[str, tuple[str, Callable[[Contract, Mapping[str, str]], bool]]] = {
        EXAMPLE: ("example_row", is_example),
        TO_FILL_IN: ("not_filled_in", _only_has_its_key),
    }
    dropped = np.zeros(len(marks), bool)
    counts: Counter[str] = Counter()
    for row, mark in enumerate(marks):
        if mark in untouched:
            rule, is_untouched = untouched[mark]
            cells = {name: sheet.columns[at][row].as_py().strip() for name, at in places.items()}
            if is_untouched(found.contract, cells):
                dropped[row] = True
                counts[rule] += 1
    return (sheet.take(~dropped) if counts else sheet), counts


def marked_as_example(sheet: Sheet) -> np.ndarray:
    """Return whether each row of a sheet is marked as a template's example."""
    marks = _marks(sheet)
    if marks is None:
        return np.zeros(len(sheet.numbers), bool)
    return np.array([mark == EXAMPLE for mark in marks], bool)


def is_example(contract: Contract, cells: Mapping[str, str]) -> bool:
    """Return whether a row, by the contract's columns, is the example that a template writes."""
    return all(_same(cell, contract.column(name).example) for name, cell in cells.items())


def _marks(sheet: Sheet) -> list[str] | None:
    names = [plain_name(name) for name in sheet.header]
    if MARK not in names:
        return None
    return [same_code(mark) for mark in sheet.columns[names.index(MARK)].to_pylist()]


def _only_has_its_key(contract: Contract, cells: Mapping[str, str]) -> bool:
    return bool(contract.key) and not any(
        cell for name, cell in cells.items() if name not in contract.key
    )


def _same(cell: str, example: str) -> bool:
    if same_code(cell) == same_code(example):
        return True
    try:
        # A workbook writes 46.50 as 46.5.
        return Decimal(cell) == Decimal(example)
    except InvalidOperation:
        return False
