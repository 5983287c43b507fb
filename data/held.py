"""Held rows go out as a file, and come back corrected.

The file has the columns as they were sent, and three more: the batch, the row and the reasons.
By the first two it is known again, so that what is put right is counted once.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from data.acts import find, in_force
from data.batches import HELD_REASON, HELD_ROW, Batch, read_held, without
from data.errors import DataError
from data.home import Home
from data.reading import Source
from data.recipe import plain_name
from data.recognise import ROWS_SEARCHED
from data.report import FileRefusedError, Problem
from data.safe_cells import as_it_was, as_safe_text
from data.sheet import Sheet, encoded, place_in_batch

HELD_BATCH = "held_in_batch"
_MOST_SHOWN = 20


def held_rows(batch: Batch, batches: Sequence[Batch]) -> pa.Table:
    """Return the rows of a batch that are still held: as sent, with number and reasons.

    A row that came back and was still wrong is given as it came back last.

    Args:
        batch: The batch; not one that corrects another.
        batches: Those that count, in their order.
    """
    rows, settled = read_held(batch), set[int]()
    for correction in batches:
        if correction.corrects != batch.id:
            continue
        settled |= {*correction.settles}
        again = without(read_held(correction), settled)
        held_again = again.column(HELD_ROW).to_pylist() if again.num_rows else []
        rows = without(rows, {*settled, *held_again})
        if again.num_rows:
            rows = pa.concat_tables([rows, again], promote_options="default")
    return rows.sort_by(HELD_ROW) if rows.num_rows else rows


def held_rows_of(home: Home, start: str) -> tuple[Batch, pa.Table]:
    """Return a batch and its rows that are still held; for a correction, those of what it corrects.

    Args:
        home: The partnership.
        start: The batch's id, or a beginning of it that no other has.

    Raises:
        DataError: If there is no such batch, it does not count, or none of its rows is held.
    """
    counting = in_force(home)
    standing = find(home, start)
    named = next((batch for batch in counting if batch.id == standing.id), None)
    if named is None:
        raise DataError(f"{standing.id} was {standing.state}: there is nothing of it to correct.")
    root = next(batch for batch in counting if batch.id == (named.corrects or named.id))
    rows = held_rows(root, counting)
    if not rows.num_rows:
        raise DataError(f"{root.id}: no row of it is held.")
    return root, rows


def as_csv(batch: Batch, rows: pa.Table) -> str:
    """Return held rows as the text of a CSV file, safe to open in a spreadsheet."""
    names = [name for name in rows.column_names if name not in (HELD_ROW, HELD_REASON)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*map(as_safe_text, names), HELD_BATCH, HELD_ROW, HELD_REASON])
    for row in rows.to_pylist():
        cells = [as_safe_text(row[name] or "") for name in names]
        writer.writerow([*cells, batch.id, row[HELD_ROW], as_safe_text(row[HELD_REASON])])
    return text.getvalue()


@dataclass(frozen=True)
class Correction:
    """What a file says that corrects held rows.

    Attributes:
        batch: The batch whose rows they are.
        held: The numbers of all its held rows.
    """

    batch: Batch
    held: frozenset[int]


def batch_named_in(source: Source) -> str | None:
    """Return the batch whose held rows a file says it holds, or None where it says nothing so.

    Raises:
        FileRefusedError: If the file is damaged.
    """
    for table in source.tables:
        place = None
        for line in table.first(ROWS_SEARCHED):
            names = [plain_name(cell) for cell in line.cells]
            if place is None and HELD_BATCH in names and HELD_ROW in names:
                place = names.index(HELD_BATCH)
            elif place is not None and place < len(line.cells) and line.cells[place].strip():
                return line.cells[place].strip()
    return None


def correction_in(source: Source, batches: Mapping[str, Batch]) -> Correction | None:
    """Return which held rows a file corrects; None where it is a file of its own.

    Raises:
        FileRefusedError: If it corrects what is not here or does not count.
    """
    named = batch_named_in(source)
    if named is None:
        return None
    batch = batches.get(named)
    if batch is None or batch.corrects:
        raise FileRefusedError.of(
            "not_this_batch",
            f"The column {HELD_BATCH} names {named}, and no batch of that id counts here. It may"
            " have been withdrawn or erased, or belong to another partnership. To load these rows"
            f" as a file of their own, delete the columns {HELD_BATCH}, {HELD_ROW} and"
            f" {HELD_REASON}.",
        )
    held = read_held(batch)
    numbers = held.column(HELD_ROW).to_pylist() if held.num_rows else []
    return Correction(batch, frozenset(numbers))


def taken_apart(sheet: Sheet, correction: Correction) -> tuple[Sheet, dict[int, int]]:
    """Return a sheet of corrected rows as the sender had it.

    And, for the number of each row in this file, which held row it is.

    Raises:
        FileRefusedError: If a row is none of those that were held, or is there twice.
    """
    names = [plain_name(name) for name in sheet.header]
    if HELD_BATCH not in names or HELD_ROW not in names:
        raise FileRefusedError.of(
            "not_this_batch",
            f"Another sheet of this workbook corrects held rows, and this one has no columns"
            f" {HELD_BATCH} and {HELD_ROW}. Save each as its own file.",
        )
    ours = {plain_name(name) for name in (HELD_BATCH, HELD_ROW, HELD_REASON)}
    batches = [str(cell).strip() for cell in sheet.columns[names.index(HELD_BATCH)].to_pylist()]
    texts = [str(cell).strip() for cell in sheet.columns[names.index(HELD_ROW)].to_pylist()]
    numbers = [int(text) if text.isascii() and text.isdigit() else 0 for text in texts]
    problems = list(_misnamed(sheet, correction, batches, numbers))
    if problems:
        raise FileRefusedError(problems[:_MOST_SHOWN])
    kept = [at for at, name in enumerate(names) if name not in ours]
    columns = [
        encoded(pa.array([as_it_was(cell) for cell in sheet.columns[at].to_pylist()], pa.string()))
        for at in kept
    ]
    header = tuple(as_it_was(sheet.header[at]) for at in kept)
    # Cells beyond the header stay beyond it.
    widths = np.maximum(sheet.widths - (len(sheet.header) - len(header)), 0)
    plain = replace(sheet, header=header, columns=tuple(columns), widths=widths)
    return plain, {place_in_batch(sheet, row): number for row, number in enumerate(numbers)}


def _misnamed(
    sheet: Sheet, correction: Correction, batches: Sequence[str], numbers: Sequence[int]
) -> Iterator[Problem]:
    times = Counter(numbers)
    for at, (batch, number) in enumerate(zip(batches, numbers, strict=True)):
        row, name = sheet.place(at)
        if batch != correction.batch.id:
            message = (
                f"This row is not of batch {correction.batch.id}, as the first one is. Load the"
                " held rows of each batch as a file of their own."
            )
            yield Problem(row, HELD_BATCH, "not_this_batch", message, name)
        elif number not in correction.held:
            message = (
                "No row of this number was held back in that batch. Leave the numbers as they were"
                " written, and send new rows in a file of their own."
            )
            yield Problem(row, HELD_ROW, "not_a_held_row", message, name)
        elif times[number] > 1:
            message = (
                "This row is here more than once, and it may be put right once. Keep the one that"
                " is right, and send further rows in a file of their own."
            )
            yield Problem(row, HELD_ROW, "held_row_twice", message, name)
