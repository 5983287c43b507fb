"""Parquet files become rows of text, counted from 1, or are refused."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import parquet_tables, sheet
from data.home import Home
from data.load import check_files
from data.reading import Source
from data.report import FileRefusedError, Report
from data.sheet import MOST_COLUMNS
from tests.data.read_files import refused
from tests.data.sent_files import COUNTS, counts, places

Check = Callable[..., Report]


def written(tmp_path: Path, table: pa.Table, **how: Any) -> Path:
    path = tmp_path / "counts.parquet"
    pq.write_table(table, path, **how)
    return path


def texts(path: Path) -> list[list[str]]:
    (table,) = Source(path).tables
    (header,) = table.first(30)
    return [column.to_pylist() for column in table.read(header).columns]


TYPED = [
    (pa.array(["a", None, " b "]), ["a", "", " b "]),
    (pa.array([1, None, -3], pa.int32()), ["1", "", "-3"]),
    (pa.array([1.0, 0.1, None]), ["1", "0.1", ""]),
    (pa.array([float("nan"), 1e-5, 2.5]), ["", "0.00001", "2.5"]),
    (pa.array([Decimal("1.50"), None, Decimal("0.01")]), ["1.50", "", "0.01"]),
    (pa.array([True, None, False]), ["true", "", "false"]),
    (pa.array([datetime.date(2024, 4, 1), None, None]), ["2024-04-01", "", ""]),
    (pa.array(["x", "y", "x"]).dictionary_encode(), ["x", "y", "x"]),
    (
        pa.array([datetime.datetime(2024, 4, 1, 9, 30), datetime.datetime(2024, 4, 1), None]),
        ["2024-04-01 09:30:00", "2024-04-01", ""],
    ),
    (
        pa.array(np.array(["2024-04-01T09:30:00.123456789", "NaT", "NaT"], "datetime64[ns]")),
        ["2024-04-01 09:30:00.123456", "", ""],
    ),
    (
        # In summer the clocks of England are an hour ahead of this one.
        pa.array([datetime.datetime(2024, 7, 1, 9, 30)] * 3, pa.timestamp("us", "UTC")),
        ["2024-07-01 10:30:00"] * 3,
    ),
]


@pytest.mark.parametrize(("column", "expected"), TYPED, ids=[str(c.type) for c, _ in TYPED])
def test_typed_values_become_the_text_of_a_careful_sender(
    tmp_path: Path, column: pa.Array, expected: list[str]
) -> None:
    named = pa.array(["1", "2", "3"])

    assert texts(written(tmp_path, pa.table({"n": named, "x": column}))) == [
        ["1", "2", "3"],
        expected,
    ]


def test_rows_of_many_groups_are_read_in_order(tmp_path: Path) -> None:
    path = written(tmp_path, pa.table({"n": range(1_000)}), row_group_size=90)

    assert texts(path) == [[str(n) for n in range(1_000)]]


def test_a_parquet_file_is_checked_like_a_text_file(home: Home, tmp_path: Path) -> None:
    rows = [line.split(",") for line in counts("N1,2024-04,W03,5,10,", "N2,,W03,x,1,y").split()]
    columns = zip(*rows[1:], strict=True)
    table = pa.table({name: list(cells) for name, cells in zip(rows[0], columns, strict=True)})
    empty = pa.table({name: [None] for name in rows[0]}, schema=table.schema)

    (report,) = check_files(home, [written(tmp_path, pa.concat_tables([empty, table]))])

    assert (report.table, report.rows_in_file, report.rows_accepted) == (
        "aggregate_submission",
        2,
        1,
    )
    # The first row of all is blank, and is counted.
    assert places(report) == [(3, "month"), (3, "numerator")]


def test_lists_records_and_bytes_are_refused(tmp_path: Path) -> None:
    for column in ([[1]], [{"a": 1}], [b"x"]):
        path = written(tmp_path, pa.table({"team_id": ["N1"], "odd": column}))
        with pytest.raises(FileRefusedError) as raised:
            Source(path)
        (problem,) = raised.value.problems
        assert (problem.rule, problem.column) == ("nested_column", "odd")


def test_limits_hold_before_a_row_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, pa.table({"n": range(1_000)}))

    monkeypatch.setattr(sheet, "MOST_ROWS", 999)
    assert refused(path) == "too_many_rows"
    monkeypatch.setattr(sheet, "MOST_ROWS", 1_000)
    assert refused_nothing(path)
    monkeypatch.setattr(parquet_tables, "MOST_UNPACKED", 1_000)
    assert refused(path) == "too_large"


def refused_nothing(path: Path) -> bool:
    return len(Source(path).tables) == 1


def test_too_many_columns_are_refused(check: Check, tmp_path: Path) -> None:
    names = [*COUNTS.split(","), *(f"c{n}" for n in range(MOST_COLUMNS))]

    report = check(written(tmp_path, pa.table({name: ["1"] for name in names})))

    assert [problem.rule for problem in report.problems] == ["too_many_columns"]


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    whole = written(tmp_path, pa.table({"n": range(1_000)})).read_bytes()
    path = tmp_path / "damaged.parquet"

    path.write_bytes(whole[:-200])

    assert refused(path) == "damaged_file"


def test_a_page_that_was_changed_on_its_way_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, pa.table({"n": ["abcdefgh" * 9] * 9}), write_page_checksum=True)
    content = bytearray(path.read_bytes())
    content[content.find(b"abcdefgh") + 3] ^= 1
    path.write_bytes(bytes(content))

    with pytest.raises(FileRefusedError, match="damaged"):
        texts(path)
