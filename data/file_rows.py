"""The rows of one file: which are taken, which are held back and why, and which are no data.

The unit is a row of the file, whatever it becomes: where it makes several rows of a contract they
are taken or held together, so that taken, held and dropped always add up to the file.
"""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.batches import ARROW_TYPES, HELD_REASON, HELD_ROW, arrow_schema
from data.contract import Column, Contract, Rule
from data.distinct import Cells
from data.file_columns import each_once
from data.identifiers import masked, names_somebody
from data.report import Problem
from data.sheet import Sheet, place_in_batch
from data.template_rows import CHANGED, MARK

_LONGEST_SHOWN = 24
# Rows under the data that are no data, known by the words with which their first cell begins.
_NO_DATA = (
    ("total_row", re.compile(r"(?:grand |sub-?)?totals?\b|sum of\b", re.IGNORECASE)),
    ("footer", re.compile(r"(?:source|notes?):|data source\b|©|published by\b", re.IGNORECASE)),
)
# Wide enough for the largest whole number kept, with the decimals of a decimal.
_EXACT = pa.decimal128(23, 4)
_TIMES = pa.decimal128(8, 4)


class FileRows:
    """What is decided about each row of a file.

    Attributes:
        reasons: For each held row (counted from 0), what is wrong with it.
        dropped: For each row left out as no data, the rule.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.reasons: dict[int, list[Problem]] = {}
        self.dropped: dict[int, str] = {}
        # Cells, by row and the column's name in the file, that seem to say who somebody is.
        self._naming: set[tuple[int, str]] = set()

    @property
    def taken(self) -> np.ndarray:
        """Whether each row is taken."""
        mask = np.ones(len(self.sheet.numbers), bool)
        mask[[*self.reasons, *self.dropped]] = False
        return mask

    @property
    def problems(self) -> list[Problem]:
        """Everything wrong, in the order of the rows."""
        return [problem for row in sorted(self.reasons) for problem in self.reasons[row]]

    def _hold(self, row: int, column: str | None, rule: str, message: str) -> None:
        number, sheet = self.sheet.place(row)
        problem = Problem(number, column, rule, message, sheet)
        self.reasons.setdefault(row, []).append(problem)

    def hold_faulty_cells(self, parts: Iterable[Mapping[str, Cells]]) -> None:
        """Hold the rows with a cell that cannot be taken."""
        for cells in each_once(parts):
            where = cells.notes.distinct.where
            name = cells.file_column or cells.column.name
            texts = {at: cells.notes.distinct.text(at) for at in cells.notes.faults}
            naming = {at for at, text in texts.items() if names_somebody(text)}
            shown = {at: _shown(text, at in naming) for at, text in texts.items()}
            for row in _true(cells.faulty()):
                at = int(where[row])
                fault = cells.notes.faults[at]
                self._hold(row, name, fault.rule, fault.message.replace("{}", shown[at], 1))
                if at in naming:
                    self._naming.add((row, name))

    def hold_wide_rows(self) -> None:
        """Hold the rows that have something beyond the header's last column."""
        width = len(self.sheet.header)
        for row in _true(self.sheet.widths > width):
            message = (
                f"This row has {self.sheet.widths[row]} cells and the header {width}. A delimiter"
                " inside a cell does this; put the cell in quotation marks, or take it out."
            )
            self._hold(row, None, "too_many_cells", message)

    def hold_changed_examples(self, marked: np.ndarray) -> None:
        """Hold the rows that are marked as a template's example and are not what it wrote.

        Args:
            marked: Whether each row is one.
        """
        for row in _true(marked):
            self._hold(row, MARK, "example_changed", CHANGED)

    def hold_broken(self, rule: Rule, table: pa.Table) -> None:
        """Hold the rows whose columns contradict each other."""
        first, second = (table.column(name) for name in rule.columns)
        if rule.order:
            dates = [second.cast(pa.date32()), first.cast(pa.date32())]
            broken = pc.call_function("less", dates)
        elif rule.not_more_than:
            times = pa.scalar(rule.times, _TIMES)
            most = pc.call_function("multiply", [second.cast(_EXACT), times])
            broken = pc.call_function("greater", [first.cast(_EXACT), most])
        else:
            broken = _wrongly_filled(rule, first.is_valid(), second.is_valid())
        for row in _true(pc.fill_null(broken, False)):
            found = " and ".join(
                f"{name} is {_plain(table.column(name)[row].as_py())}" for name in rule.columns
            )
            message = f"{rule.message} Here {found}. Correct whichever is wrong."
            self._hold(row, None, rule.name, message)

    def settle_repeated_keys(self, contract: Contract, tables: Sequence[pa.Table]) -> None:
        """Drop rows that only say again what another says; hold those that contradict another.

        Rows that are held for something else are not looked at.
        """
        taken = self.taken
        if not contract.key or not taken.any():
            return
        keys = only_taken(taken, [table.select(contract.key) for table in tables])
        things = pd.DataFrame(
            {
                "row": np.tile(np.flatnonzero(taken), len(tables)),
                "key": _numbered(keys, contract.key),
            }
        )
        repeated = things["key"].duplicated(keep=False).to_numpy()
        if not repeated.any():
            return
        # How a sender spelt a code is kept beside it, and says nothing of its own.
        said = [column.name for column in contract.columns if column.copy_of is None]
        whole = only_taken(taken, tables).filter(pa.array(repeated))
        said_once_only = things["row"].to_numpy()[~repeated]
        things = things.loc[repeated].reset_index(drop=True)
        things["said"] = _numbered(whole, said)
        # A key with which two different things are said turns up again after the repeats are gone.
        said_once = things.drop_duplicates(["key", "said"])["key"]
        contradicts = things["key"].isin(said_once[said_once.duplicated()])
        again = things.duplicated(["key", "said"]) & ~contradicts
        names = " and ".join(contract.key)
        for row in np.unique(things["row"].to_numpy()[contradicts.to_numpy()]):
            message = (
                f"Another row of this file has the same {names} and says something else. Keep the"
                " one that is right."
            )
            self._hold(int(row), None, "same_key_twice", message)
        only_again = again.groupby(things["row"]).all()
        rows = only_again.index.to_numpy()[only_again.to_numpy()]
        rows = np.setdiff1d(rows, said_once_only)
        self.dropped |= dict.fromkeys(rows.tolist(), "duplicate_row")

    def drop_what_is_no_data(self) -> None:
        """Drop the rows that would be held and are totals or footers."""
        for row in list(self.reasons):
            cells = (str(column[row]).strip() for column in self.sheet.columns)
            first = next((cell for cell in cells if cell), "")
            for rule, beginning in _NO_DATA:
                if beginning.match(first):
                    del self.reasons[row]
                    self.dropped[row] = rule
                    break

    def held_table(self, columns: Iterable[int]) -> pa.Table:
        """Return the held rows as the sender wrote them, each with its number and the reasons.

        A cell that was found to name somebody is left blank: it is not kept anywhere.

        Args:
            columns: The places of the columns to keep.
        """
        rows = sorted(self.reasons)
        arrays: dict[str, pa.Array] = {}
        for place in columns:
            name, cells = self.sheet.header[place], self.sheet.columns[place]
            texts = ["" if (row, name) in self._naming else str(cells[row]) for row in rows]
            arrays[name] = pa.array(texts, pa.string())
        numbers = [place_in_batch(self.sheet, row) for row in rows]
        reasons = [" ".join(map(_reason, self.reasons[row])) for row in rows]
        arrays[HELD_ROW] = pa.array(numbers, pa.int64())
        arrays[HELD_REASON] = pa.array(reasons, pa.string())
        return pa.table(arrays)


def contract_table(contract: Contract, part: Mapping[str, Cells], sheet: Sheet) -> pa.Table:
    """Return one row of the contract for each row of a file, typed; blank where it cannot be."""
    rows = len(sheet.numbers)
    arrays: dict[str, pa.Array] = {}
    for column in contract.columns:
        if column.copy_of is not None:
            arrays[column.name] = _as_written(part.get(column.copy_of), sheet)
        elif column.name in part:
            arrays[column.name] = part[column.name].rows()
        else:
            arrays[column.name] = pa.nulls(rows, ARROW_TYPES[column.type])
    for cells in part.values():
        flag = cells.column.suppressed_into
        if flag is not None and cells.notes.hidden:
            hidden = pa.array(cells.hidden())
            arrays[flag] = pc.call_function("if_else", [hidden, pa.scalar(True), arrays[flag]])
    for column in contract.columns:
        if column.default is not None:
            arrays[column.name] = pc.fill_null(arrays[column.name], _default(column))
    return pa.table(arrays, schema=arrow_schema(contract))


def only_taken(taken: np.ndarray, tables: Sequence[pa.Table]) -> pa.Table:
    """Return the rows that are taken of each table, one table after the other."""
    if taken.all():
        return pa.concat_tables(tables)
    return pa.concat_tables([table.filter(pa.array(taken)) for table in tables])


def _as_written(cells: Cells | None, sheet: Sheet) -> pa.Array:
    if cells is None or cells.file_column is None:
        return pa.nulls(len(sheet.numbers), pa.string())
    return sheet.columns[sheet.header.index(cells.file_column)].cast(pa.string())


def _wrongly_filled(rule: Rule, first: pa.ChunkedArray, second: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return for each row whether two columns are filled, or blank, against a rule."""
    if rule.needs:
        return pc.call_function("and_not", [first, second])
    if rule.not_both:
        return pc.call_function("and", [first, second])
    return pc.call_function("invert", [pc.call_function("or", [first, second])])


def _default(column: Column) -> pa.Scalar:
    said = column.default == "true" if column.type == "bool" else column.default
    return pa.scalar(said).cast(ARROW_TYPES[column.type])


def _true(mask: np.ndarray | pa.Array | pa.ChunkedArray) -> list[int]:
    return np.flatnonzero(np.asarray(mask)).tolist()


def _numbered(table: pa.Table, names: Sequence[str]) -> np.ndarray:
    """Return one whole number a row: the same for rows that are equal in every column named."""
    numbers = np.zeros(table.num_rows, "int64")
    for name in names:
        encoded = table.column(name).combine_chunks().dictionary_encode().indices
        codes = np.asarray(pc.fill_null(encoded, -1), "int64") + 1
        if len(names) == 1:
            return codes
        # Numbered anew after each column, so that the product never grows beyond 64 bits.
        numbers = pd.factorize(numbers * (int(codes.max(initial=0)) + 1) + codes)[0]
    return numbers


def _plain(value: object) -> str:
    return value.date().isoformat() if isinstance(value, datetime.datetime) else str(value)


def _shown(text: str, names: bool) -> str:
    if len(text) > _LONGEST_SHOWN:
        return f"A text of {len(text)} characters"
    return f'"{masked(text) if names else text}"'


def _reason(problem: Problem) -> str:
    where = [f"sheet {problem.sheet}"] if problem.sheet else []
    where += [problem.column] if problem.column else []
    return f"{', '.join(where)}: {problem.message}" if where else problem.message
