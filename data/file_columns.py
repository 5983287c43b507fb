"""The columns of one file: which are read, which cannot be, and every cell of those that are."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from data.cells import dated_column, read_cells
from data.contract import DATED, Column, Contract
from data.dates import Form, find_forms
from data.distinct import Cells, Distinct, Reading
from data.identifiers import Judged, find_identifiers, names_somebody
from data.lists import Lists, same_code
from data.recipe import DateOrder, Recipe, plain_name
from data.recognise import Recognised
from data.report import FileRefusedError
from data.sheet import Sheet
from data.template_rows import MARK

_LINE_END = re.compile(r"\r\n|\r|\n")
_ROWS_IN_A_CELL = (
    "runs over several lines and seems to hold more than one row. A quotation mark is probably"
    " opened and not closed. Correct it, or save the file again from where it came."
)


def without_left_out(sheet: Sheet, recipe: Recipe) -> tuple[Sheet, int]:
    """Return a sheet without the rows that a recipe does not want, and how many these were."""
    names = [plain_name(name) for name in sheet.header]
    unwanted = np.zeros(len(sheet.numbers), bool)
    for column, values in recipe.leave_out.items():
        if plain_name(column) in names:
            known = {same_code(value) for value in values}
            cells = sheet.columns[names.index(plain_name(column))]
            unwanted_texts = [same_code(text) in known for text in cells.dictionary.to_pylist()]
            unwanted |= np.array(unwanted_texts, bool)[np.asarray(cells.indices)]
    return (sheet.take(~unwanted), int(unwanted.sum())) if unwanted.any() else (sheet, 0)


def refuse_swallowed_rows(sheet: Sheet) -> None:
    """Refuse a file in which a stray quotation mark has drawn several rows into one cell."""
    # A header that has drawn in the end of a row has more cells than the rows have.
    wider = len(sheet.header) > int(np.bincount(sheet.widths).argmax())
    if sheet.header_lines > 1 and (wider or _holds_rows(sheet.header, sheet.delimiter)):
        raise FileRefusedError.of("rows_in_a_cell", f"The header {_ROWS_IN_A_CELL}")
    for row in sheet.spans:
        # Where the rows are shorter than the header, a row is what is written as one.
        width = int(sheet.widths[row]) if sheet.widths[row] > 1 else len(sheet.header)
        cells = [str(column[row]) for column in sheet.columns[:width]]
        if width > len(sheet.header) or _holds_rows(cells, sheet.delimiter):
            raise FileRefusedError.of(
                "rows_in_a_cell",
                f"The row that begins here {_ROWS_IN_A_CELL}",
                row=int(sheet.numbers[row]),
            )


def _holds_rows(cells: Sequence[str], delimiter: str) -> bool:
    """Return whether a cell runs over the end of one row into the next.

    It then holds the delimiters of a whole row, or those that the first row still lacked and as
    many as the last one has before the same column.
    """
    needed = len(cells) - 1
    for at, cell in enumerate(cells if needed else ()):
        first, *inner = _LINE_END.split(cell)
        if not inner or not delimiter:
            continue
        before, after = first.count(delimiter), [line.count(delimiter) for line in inner]
        if max(after) >= needed or (before >= needed - at and after[-1] >= at):
            return True
    return False


class FileColumns:
    """The columns of a file, as a recipe reads them.

    Attributes:
        read: Where each column that is read stands, by its `plain_name`.
        order: The order in which it writes days and months, where that was asked; else ''.
    """

    def __init__(self, sheet: Sheet, found: Recognised, lists: Lists) -> None:
        """Look at every column of the file, also at those that are not read.

        Raises:
            FileRefusedError: If two columns have a name that is read, or one says who anybody is.
        """
        self.sheet, self.contract, self.recipe = sheet, found.contract, found.recipe
        self.order = ""
        self._lists = lists
        self._distinct = [Distinct.of(column) for column in sheet.columns]
        self.read = self._places()
        problems = find_identifiers(self._judged(found.by_recipe))
        if problems:
            raise FileRefusedError(problems)

    def _places(self) -> dict[str, int]:
        names = [plain_name(name) for name in self.sheet.header]
        read = {plain_name(name): name for name in self.recipe.file_columns()}
        for name, written in read.items():
            if name not in names:
                raise FileRefusedError.of(
                    "missing_column",
                    f"The recipe {self.recipe.recipe} reads this column, and the file has none of"
                    f" this name. It has {', '.join(filter(None, self.sheet.header))}. Correct the"
                    " recipe, or add the column and send the file again.",
                    column=written,
                )
            if names.count(name) > 1:
                raise FileRefusedError.of(
                    "column_twice",
                    "Two columns have this name, and nobody can tell which is meant. Rename or"
                    " delete one.",
                    column=self.sheet.header[names.index(name)],
                )
        return {name: names.index(name) for name in read}

    def _judged(self, by_recipe: bool) -> list[Judged]:
        ignored = {plain_name(name) for name in self.recipe.ignores}
        may_be_read_as_a_name = by_recipe or "name" in self.contract.names
        judged = []
        for written, distinct in zip(self.sheet.header, self._distinct, strict=True):
            name = plain_name(written)
            known = name in self.read
            may_be_named = (known and may_be_read_as_a_name) or name in ignored
            judged.append(Judged(written, distinct, known, may_be_named))
        return judged

    def written_name(self, file_column: str) -> str:
        """Return a column's name as the file has it, for the name that a recipe gives it."""
        return self.sheet.header[self.read[plain_name(file_column)]]

    def not_read(self) -> list[str]:
        """Return the columns that nobody knows and that hold anything, as the file names them."""
        known = {*self.read, MARK, *(plain_name(name) for name in self.recipe.ignores)}
        named = zip(self.sheet.header, self._distinct, strict=True)
        return [
            " ".join(name.split()) or f"number {number} (it has no name)"
            for number, (name, distinct) in enumerate(named, start=1)
            if plain_name(name) not in known and (name.strip() or len(distinct.filled))
        ]

    def lists_missing(self) -> list[tuple[str, str]]:
        """Return the columns that ought to be held against a list, with the lists not here yet."""
        asked = {name for columns, constants in self._parts() for name in (*columns, *constants)}
        return [
            (column.name, referred[0])
            for column in self.contract.columns
            if column.name in asked
            and (referred := column.list_referred_to)
            and self._lists.of(*referred) is None
        ]

    def _parts(self) -> list[tuple[dict[str, str], dict[str, str]]]:
        return self.recipe.row_parts()

    def read_parts(self, reading: Reading, dates: DateOrder | None) -> list[dict[str, Cells]]:
        """Return, for each row of the contract that a row of the file becomes, its columns read.

        A column that several of them share is read once.

        Args:
            reading: What is known besides the columns.
            dates: The order in which dates are written, where anybody has said so.

        Raises:
            FileRefusedError: If a column of dates can be read two ways, or is damaged.
        """
        forms = self._forms(dates)
        self.order = dates or "".join(sorted({form.order for form in forms.values()} - {""})[:1])
        done: dict[tuple[str, str | None, str | None], Cells] = {}

        def cells(name: str, file_column: str | None, constant: str | None) -> Cells:
            key = (name, file_column, constant)
            if key not in done:
                done[key] = self._cells(name, file_column, constant, reading, forms)
            return done[key]

        return [
            {name: cells(name, column, None) for name, column in columns.items()}
            | {name: cells(name, None, text) for name, text in constants.items()}
            for columns, constants in self._parts()
        ]

    def _forms(self, dates: DateOrder | None) -> dict[str, Form]:
        dated = {
            self.written_name(file_column): (self.contract.column(name), file_column)
            for columns, _ in self._parts()
            for name, file_column in columns.items()
            if self.contract.column(name).type in DATED
        }
        return find_forms(
            {
                written: dated_column(column, self._texts(file_column), self._codes(column.name))
                for written, (column, file_column) in dated.items()
            },
            dates or self.recipe.dates,
        )

    def _texts(self, file_column: str) -> Distinct:
        return self._distinct[self.read[plain_name(file_column)]]

    def _codes(self, name: str) -> dict[str, str]:
        return {same_code(text): code for text, code in self.recipe.codes.get(name, {}).items()}

    def _cells(
        self,
        name: str,
        file_column: str | None,
        constant: str | None,
        reading: Reading,
        forms: Mapping[str, Form],
    ) -> Cells:
        column, codes = self.contract.column(name), self._codes(name)
        if file_column is None:
            distinct = Distinct.constant(constant or "", len(self.sheet.numbers))
            written, form = None, _form_of(column, distinct)
        else:
            distinct, written = self._texts(file_column), self.written_name(file_column)
            form = forms.get(written)
        known = Reading(reading.lists, reading.today, codes, form, self.sheet.place)
        cells = read_cells(column, written, distinct, known)
        if column.free_text:
            _hold_who_is_named(cells)
        return cells


def _form_of(column: Column, constant: Distinct) -> Form | None:
    """Return how a recipe's constant writes its date; None where it is not a date."""
    if column.type not in DATED:
        return None
    return find_forms({column.name: dated_column(column, constant, {})})[column.name]


def _hold_who_is_named(cells: Cells) -> None:
    for at, text in enumerate(cells.notes.distinct.texts):
        if names_somebody(text):
            cells.notes.fault(
                at,
                "identifier_in_text",
                "This text seems to say who somebody is, and it is not kept. Take the name or"
                " number out.",
            )


def each_once(parts: Iterable[Mapping[str, Cells]]) -> Sequence[Cells]:
    """Return every column that was read, once, in order."""
    return list({id(cells): cells for part in parts for cells in part.values()}.values())


def unknown_columns_in_words(contract: Contract, names: Sequence[str]) -> str:
    """Return what is said of columns that were left out."""
    were = "it was" if len(names) == 1 else "they were"
    return f"{contract.table} asks for no column {', '.join(names)}; {were} left out."
