"""Rows of a template that are no data: its example, and those that nobody filled in.

A template has a column of its own, `this_row_is`. A row is left out only where that column says so
and the rest of the row is what the template wrote; a row that somebody changed is never left out.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np

from data.contract import Contract
from data.lists import same_code
from data.reading import Sheet
from data.recipe import plain_name
from data.recognise import Recognised

MARK = "this_row_is"
EXAMPLE = "example"
TO_FILL_IN = "to fill in"
CHANGED = (
    "This row is marked as the example, and something in it was changed. If it is data, clear the"
    f' word "{EXAMPLE}" from its first cell; else delete the row.'
)
NOTHING_FILLED_IN = "No row of this template was filled in, so there is nothing to keep."


@dataclass(frozen=True)
class WithoutTemplateRows:
    """A sheet without the template's own rows.

    Attributes:
        dropped: For each rule, how many rows were left out.
        changed: The rows (counted from 0) that are marked as the example and are not the example.
    """

    sheet: Sheet
    dropped: Counter[str]
    changed: tuple[int, ...] = ()

    @classmethod
    def of(cls, sheet: Sheet, found: Recognised) -> "WithoutTemplateRows":
        """Return a sheet without the rows that the template wrote and nobody touched."""
        names = [plain_name(name) for name in sheet.header]
        if MARK not in names:
            return cls(sheet, Counter())
        marks = [same_code(mark) for mark in sheet.columns[names.index(MARK)].to_pylist()]
        places = {
            name: names.index(plain_name(file_column))
            for columns, _ in found.recipe.row_parts()
            for name, file_column in columns.items()
            if plain_name(file_column) in names
        }
        untouched: dict[str, Callable[[dict[str, str]], bool]] = {
            EXAMPLE: lambda cells: is_example(found.contract, cells),
            TO_FILL_IN: lambda cells: _only_has_its_key(found.contract, cells),
        }
        rules = {EXAMPLE: "example_row", TO_FILL_IN: "not_filled_in"}
        dropped = np.zeros(len(marks), bool)
        counted: Counter[str] = Counter()
        for row, mark in enumerate(marks):
            if mark not in untouched:
                continue
            cells = {name: str(sheet.columns[at][row]).strip() for name, at in places.items()}
            if untouched[mark](cells):
                dropped[row] = True
                counted[rules[mark]] += 1
        kept = np.flatnonzero(~dropped)
        changed = tuple(at for at, row in enumerate(kept) if marks[row] == EXAMPLE)
        return cls(sheet.take(~dropped) if counted else sheet, counted, changed)


def is_example(contract: Contract, cells: dict[str, str]) -> bool:
    """Return whether a row, by the contract's columns, is the example that a template writes."""
    return all(_same(cell, contract.column(name).example) for name, cell in cells.items())


def _only_has_its_key(contract: Contract, cells: dict[str, str]) -> bool:
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
