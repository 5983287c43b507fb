"""What a sender sent, as it was read: column by column and month by month, and no person's row."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from data.batches import Batch, read_rows
from data.contract import COUNTED, DATED, Column, Contract

CODES_SHOWN = 8


@dataclass(frozen=True)
class ColumnRead:
    """One column of a batch.

    Attributes:
        filled: In how many rows it is not blank.
        different: How many different values it has.
        least: The earliest day or the smallest number; '' for texts.
        most: The latest day or the largest number.
        codes: The commonest codes, each with its number of rows; none where it is no list of codes.
    """

    name: str
    words: str
    filled: int
    different: int
    least: str = ""
    most: str = ""
    codes: tuple[tuple[str, int], ...] = ()


def columns_read(batch: Batch, contract: Contract) -> list[ColumnRead]:
    """Return what each column of a batch holds, but for columns that are blank throughout."""
    rows = read_rows(batch)
    named = [column for column in contract.columns if column.name in rows.column_names]
    read = [_column(column, rows.column(column.name)) for column in named]
    return [column for column in read if column.filled]


def rows_by_month(batch: Batch, contract: Contract) -> list[tuple[str, int]]:
    """Return how many rows each month has, as `YYYY-MM`; none for a list without dates."""
    if contract.date is None:
        return []
    days = read_rows(batch).column(contract.date).drop_null()
    months = pc.call_function("strftime", [days.cast(pa.timestamp("s"))], _MONTH)
    return sorted(_counts(months))


_MONTH = pc.StrftimeOptions("%Y-%m")


def _column(column: Column, values: pa.ChunkedArray) -> ColumnRead:
    there = values.drop_null()
    least = most = ""
    codes: tuple[tuple[str, int], ...] = ()
    if column.type in (*DATED, *COUNTED) and len(there):
        ends = pc.call_function("min_max", [there]).as_py()
        least, most = _plain(column, ends["min"]), _plain(column, ends["max"])
    # A key or a free text is shown as a number of different ones, never as itself.
    elif column.allowed or column.refers_to or column.type == "bool":
        codes = _commonest(there)
    return ColumnRead(
        column.name, column.words, len(there), len(there.unique()), least, most, codes
    )


def _plain(column: Column, value: object) -> str:
    if column.type == "month":
        return str(value)[:7]
    if column.type in DATED:
        return str(value)[:10]
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _commonest(values: pa.ChunkedArray) -> tuple[tuple[str, int], ...]:
    counted = sorted(_counts(values.cast(pa.string())), key=lambda pair: (-pair[1], pair[0]))
    return tuple(counted[:CODES_SHOWN])


def _counts(values: pa.ChunkedArray) -> Sequence[tuple[str, int]]:
    counted = values.value_counts().to_pylist()
    return [(str(pair["values"]), int(pair["counts"])) for pair in counted]
