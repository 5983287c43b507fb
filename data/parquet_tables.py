"""Parquet files: typed columns become the text that a careful sender would have written."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.report import FileRefusedError
from data.sheet import (
    MOST_COLUMNS,
    Line,
    Sheet,
    encoded,
    refuse_too_many_rows,
    without_blank_rows,
)
from data.workbooks import MOST_UNPACKED, text_of

_TIME_ZONE = "Europe/London"
_DAMAGED = "The Parquet file is damaged. Save it again and send it again."


class ParquetTable:
    """The one table of a Parquet file; its rows are counted from 1."""

    name = ""

    def __init__(self, content: bytes) -> None:
        """Read what the file says about itself.

        Raises:
            FileRefusedError: If it is damaged, too large, or not a plain table.
        """
        try:
            # Not the file's memory itself: it is given back after reading.
            self._file = pq.ParquetFile(io.BytesIO(content), page_checksum_verification=True)
            schema = self._file.schema_arrow
        except (pa.ArrowException, OSError, ValueError) as error:
            raise FileRefusedError.of("damaged_file", _DAMAGED) from error
        about = self._file.metadata
        refuse_too_many_rows(about.num_rows)
        groups = [about.row_group(at) for at in range(about.num_row_groups)]
        if sum(group.total_byte_size for group in groups) > MOST_UNPACKED:
            raise FileRefusedError.of(
                "too_large",
                f"The file unpacks to more than {MOST_UNPACKED // 1_000_000} MB. Send it in parts,"
                " a year in each.",
            )
        self._names = [field.name for field in schema]
        for field in schema:
            kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
            if pa.types.is_nested(kind) or _is_binary(kind):
                raise FileRefusedError.of(
                    "nested_column",
                    "This column holds lists, records or bytes, and a table has one value in each"
                    " cell. Write its parts as columns of their own, or leave it out.",
                    column=field.name,
                )

    def first(self, rows: int) -> list[Line]:
        """Return the header, which is before the first row, and no more: there are no titles."""
        return [Line(0, self._names, 0)][:rows]

    def read(self, header: Line) -> Sheet:
        """Return all rows.

        Raises:
            FileRefusedError: If there are too many columns, or the file is damaged.
        """
        if len(header.cells) > MOST_COLUMNS:
            raise FileRefusedError.of(
                "too_many_columns",
                f"The file has {len(header.cells)} columns; at most {MOST_COLUMNS} are read. Leave"
                " out those that no table asks for, and send the file again.",
            )
        columns = []
        try:
            # Column by column, so that only one is in memory twice; names need not differ.
            for place in range(len(header.cells)):
                columns.append(_as_text(self._column(place)))
        except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
            raise FileRefusedError.of("damaged_file", _DAMAGED) from error
        rows = self._file.metadata.num_rows
        if any(len(column) != rows for column in columns):
            raise FileRefusedError.of("damaged_file", _DAMAGED)
        width = len(header.cells)
        sheet = Sheet(
            tuple(header.cells), tuple(columns), np.arange(1, rows + 1), np.full(rows, width)
        )
        return without_blank_rows(sheet)

    def _column(self, place: int) -> pa.ChunkedArray:
        groups = [
            self._file.reader.read_row_group(at, column_indices=[place]).column(0)
            for at in range(self._file.metadata.num_row_groups)
        ]
        return pa.chunked_array(groups, self._file.schema_arrow.field(place).type)


def _is_binary(kind: pa.DataType) -> bool:
    return (
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def _as_text(column: pa.ChunkedArray) -> pa.DictionaryArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind) and kind.tz:
        # The clock on the wall where the work was done.
        column = column.cast(pa.timestamp(kind.unit, _TIME_ZONE))
        column = pc.call_function("local_timestamp", [column])
    whole = column.combine_chunks().dictionary_encode()
    written = [_value_text(value) for value in whole.dictionary]
    texts = encoded(pa.array([*written, ""], pa.string()))
    places = pc.fill_null(whole.indices, len(written)).cast(pa.int32())
    return pa.DictionaryArray.from_arrays(texts.indices.take(places), texts.dictionary)


def _value_text(value: pa.Scalar) -> str:
    if pa.types.is_timestamp(value.type) and value.type.unit == "ns":
        value = value.cast(pa.timestamp("us"), safe=False)
    plain = value.as_py()
    return plain if isinstance(plain, str) else "" if plain != plain else text_of(plain)
