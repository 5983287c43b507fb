"""Batches: what was accepted from one file, kept as it was and never changed.

A batch is `ID.parquet` (accepted rows, typed as the contract says), `ID.held.parquet` (held rows as
text, with the reasons) and `ID.toml` (what is said about the file). The TOML file is written last:
a batch without it was never finished and is not listed. The id is a digest of the content, so the
same content loaded twice is one batch, and no clock is inside the rows.

Which batches count, and what was done to any of them later, is said in `data.acts`.
"""

import contextlib
import datetime
import hashlib
import json
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock, Timeout
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from data.contract import Contract
from data.errors import DataError
from data.home import Home
from data.toml import in_words

ARROW_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "int": pa.int64(),
    "dec": pa.decimal128(18, 4),
    "date": pa.date32(),
    "month": pa.date32(),
    "ts": pa.timestamp("us"),
    "bool": pa.bool_(),
}
# 80 bits: two different contents sharing an id is not a thing that happens.
ID_LENGTH = 20
LOADING_WAIT_SECONDS = 60
# Acts on batches are kept beside the folders of tables; no table can have such a name.
ACTS = "_acts"
HELD_ROW, HELD_REASON = "held_row", "held_reason"
# What the sender says of the rows already there: nothing, that the file takes their place in all
# that it covers, or that its rows come on top.
How = Literal["", "replaces", "adds"]
# No earlier date is taken from a file; a batch that covered more would be a slip of the hand.
FIRST_MONTH = "1900-01"
# The sender speaks for every area: one with no rows has none.
ALL_AREAS = "all"
_BLANK = "\x00"


class Covers(BaseModel):
    """The months and areas a batch speaks for: inside them an area with no rows has none.

    Attributes:
        from_month: The first month, `YYYY-MM`; None where the table has no date.
        to_month: The last month, inclusive.
        areas: The codes in the contract's area column, as they are in the rows.
        stated_areas: What the sender says it speaks for, which then decides: codes of practices,
            teams or localities, or `all`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    from_month: str | None = Field(default=None, alias="from", pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    to_month: str | None = Field(default=None, alias="to", pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    areas: tuple[str, ...] = ()
    stated_areas: tuple[str, ...] = ()

    @model_serializer(mode="wrap")
    def _without_what_was_not_said(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A batch's id is a digest of this, and one of an earlier version must keep its id.
        said = write(self)
        return said if self.stated_areas else {k: v for k, v in said.items() if k != "stated_areas"}

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if (self.from_month is None) != (self.to_month is None):
            raise ValueError("a first and a last month belong together")
        if self.from_month and self.to_month and self.to_month < self.from_month:
            raise ValueError(f"{self.to_month} is before {self.from_month}")
        if self.from_month and self.from_month < FIRST_MONTH:
            raise ValueError(f"{self.from_month} is before {FIRST_MONTH}")
        return self

    @classmethod
    def of(
        cls,
        months: tuple[str, str] | None,
        areas: Sequence[str],
        stated_areas: Sequence[str] = (),
    ) -> "Covers":
        """Return what is covered from a first and last month, `YYYY-MM`, and the areas.

        Raises:
            ValueError: If these are not two months, the earlier first.
        """
        first, last = months or (None, None)
        return cls.model_validate(
            {
                "from": first,
                "to": last,
                "areas": tuple(areas),
                "stated_areas": tuple(stated_areas),
            }
        )

    def months(self) -> list[datetime.date]:
        """Return the first day of each month covered, in order."""
        if self.from_month is None or self.to_month is None:
            return []
        first, last = (_months_since_year_0(text) for text in (self.from_month, self.to_month))
        return [datetime.date(m // 12, m % 12 + 1, 1) for m in range(first, last + 1)]


def _months_since_year_0(text: str) -> int:
    year, month = text.split("-")
    return int(year) * 12 + int(month) - 1


class Batch(BaseModel):
    """What is said about one batch; the rows are in its files.

    Attributes:
        sequence: The order of loading in this home, from 1.
        loaded_at: When it was loaded, with a time zone.
        extracted_at: When the file was last written, as far as anybody knows.
        extracted_on: The day on which it was drawn from its system, where the sender said so.
        part_filled: The last month covered, `YYYY-MM`, where it was not over when the file was
            drawn; '' where every month is whole.
        rows_by_month: How many rows each month covered has, by `YYYY-MM`.
        source_name: The file's own name, without its folder.
        loaded_by: The name that was typed or the system's name of the user: nobody verified it.
        recipe: The recipe it was read by; '' where the contract's own columns were recognised.
        dates: The order in which its dates were read, as stated or found; '' where none was asked.
        how: What the sender said of the rows that were there before.
        corrects: The batch whose held rows it puts right; '' where it is a file of its own.
        settles: The held rows of that batch, by their numbers there, of which it says the last.
        rewritten: The act by which rows of one person were taken out of it; 0: none.
        folder: Where its files are.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    table: str
    contract_version: int
    sequence: int
    source_name: str
    source_sha256: str
    source_system: str = ""
    extracted_at: datetime.datetime | None = None
    extracted_on: datetime.date | None = None
    part_filled: str = ""
    loaded_at: datetime.datetime
    loaded_by: str = ""
    recipe: str = ""
    dates: str = ""
    how: How = ""
    corrects: str = ""
    settles: tuple[int, ...] = ()
    rewritten: int = 0
    rows_in_file: int
    rows_accepted: int
    rows_loaded: int
    rows_held: int
    rows_dropped: dict[str, int] = {}
    fixes: dict[str, int] = {}
    rows_by_month: dict[str, int] = {}
    covers: Covers = Covers()
    folder: Path = Field(exclude=True)

    @property
    def rows_file(self) -> Path:
        """Return the Parquet file of accepted rows."""
        return self.folder / f"{self.id}.parquet"

    @property
    def held_file(self) -> Path | None:
        """Return the Parquet file of held rows, or None where nothing was held."""
        return self.folder / f"{self.id}.held.parquet" if self.rows_held else None


@contextlib.contextmanager
def loading(home: Home) -> Iterator[None]:
    """Hold the right to load here; the system gives it back if the process dies.

    Raises:
        DataError: If somebody else is loading into the same partnership now.
    """
    home.batches.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(home.batches / "loading.lock", timeout=LOADING_WAIT_SECONDS):
            for left_over in home.batches.glob("*/.*.partial"):
                left_over.unlink()
            yield
    except Timeout as error:
        raise DataError(
            f"{home.path}: somebody else is loading files here; try again when they are done."
        ) from error


def list_batches(home: Home, table: str | None = None) -> list[Batch]:
    """Return the batches kept in a home, oldest first; those of one table if it is named.

    Whether a batch still counts is not looked at: see `data.acts.in_force`.

    Raises:
        DataError: If what is said about a batch cannot be read.
    """
    pattern = f"{table or '*'}/*.toml"
    files = [path for path in home.batches.glob(pattern) if path.parent.name != ACTS]
    batches = [_read(path) for path in files]
    return sorted(batches, key=lambda batch: (batch.sequence, batch.id))


def _read(path: Path) -> Batch:
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        return Batch.model_validate({**said, "folder": path.parent})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: this is not readable TOML: {error}") from error
    except ValidationError as error:
        raise DataError("\n".join(f"{path}: {fault}" for fault in in_words(error))) from error


def read_rows(batch: Batch) -> pa.Table:
    """Return the accepted rows of a batch, typed as its contract said when it was loaded."""
    return pq.read_table(batch.rows_file)


def names_in(file: Path) -> list[str]:
    """Return the columns of a batch's file of rows, in order."""
    return pq.read_schema(file).names


def without(rows: pa.Table, numbers: Iterable[int]) -> pa.Table:
    """Return rows that have the number of a held row, without those of the numbers given."""
    if not rows.num_rows:
        return rows
    gone = np.isin(rows.column(HELD_ROW).to_numpy(), sorted(numbers))
    return rows.filter(pa.array(~gone))


def arrow_schema(contract: Contract) -> pa.Schema:
    """Return the columns and exact types in which rows of a table are kept."""
    return pa.schema([(column.name, ARROW_TYPES[column.type]) for column in contract.columns])


def batch_id(table: str, accepted: pa.Table, held: pa.Table, covers: Covers, *said: str) -> str:
    """Return the digest of a batch's content: the same on every machine and in every version.

    Args:
        table: Its table.
        accepted: Its accepted rows.
        held: Its held rows.
        covers: The months and areas that it speaks for.
        said: What else makes it another batch: that it replaces, or what it corrects.
    """
    digest = hashlib.sha256()
    digest.update(json.dumps([table, covers.model_dump(mode="json"), *said]).encode())
    for part in (accepted, held):
        digest.update(json.dumps([part.num_rows, part.num_columns]).encode())
        for name in part.column_names:
            _add(digest, name, part.column(name))
    return digest.hexdigest()[:ID_LENGTH]


def _add(digest: Any, name: str, column: pa.ChunkedArray) -> None:
    """Add one column to a digest as lengths and bytes, so that no two contents run together."""
    text = pc.fill_null(column.cast(pa.string()), _BLANK).cast(pa.large_binary())
    digest.update(json.dumps([name, str(column.type)]).encode())
    lengths = pc.call_function("binary_length", [text])
    digest.update(np.asarray(lengths, dtype="<i8").tobytes())
    for chunk in text.chunks:
        offsets = np.frombuffer(chunk.buffers()[1], "<i8")[chunk.offset :]
        data = chunk.buffers()[2]
        if data is not None and len(chunk):
            digest.update(memoryview(data)[offsets[0] : offsets[len(chunk)]])


def keep(home: Home, batch: Batch, accepted: pa.Table, held: pa.Table) -> Batch:
    """Write a batch and return it; where it is kept already, change nothing and return that one.

    The sequence and folder given are replaced by the next number and the table's own folder.
    """
    folder = home.batches / batch.table
    said = folder / f"{batch.id}.toml"
    if said.exists():
        return _read(said)
    numbered = batch.model_copy(update={"sequence": next_sequence(home)})
    return write(home, numbered, accepted, held)


def write(home: Home, batch: Batch, accepted: pa.Table, held: pa.Table) -> Batch:
    """Write a batch under the sequence that it has, and return it with its table's folder."""
    batch = write_rows(home, batch, accepted, held)
    write_last(batch.folder / f"{batch.id}.toml", said_of(batch))
    return batch


def write_rows(home: Home, batch: Batch, accepted: pa.Table, held: pa.Table) -> Batch:
    """Write the rows of a batch, which makes none yet; return it with its table's folder."""
    folder = home.batches / batch.table
    folder.mkdir(parents=True, exist_ok=True)
    batch = batch.model_copy(update={"folder": folder})
    _write_parquet(accepted, batch.rows_file)
    if batch.held_file is not None:
        _write_parquet(held, batch.held_file)
    return batch


def said_of(batch: Batch) -> str:
    """Return what is said of a batch, as the text of its TOML file."""
    return as_toml(batch.model_dump(mode="python", by_alias=True))


def next_sequence(home: Home) -> int:
    """Return the number of the next thing done here: batches and acts are counted together."""
    done = [batch.sequence for batch in list_batches(home)]
    done += [int(path.stem) for path in home.batches.glob(f"{ACTS}/*.toml")]
    return max(done, default=0) + 1


def read_held(batch: Batch) -> pa.Table:
    """Return the held rows of a batch as text, with the number and the reasons of each."""
    return pa.table({}) if batch.held_file is None else pq.read_table(batch.held_file)


def _write_parquet(table: pa.Table, path: Path) -> None:
    partial = path.with_name(f".{path.name}.partial")
    pq.write_table(table, partial, compression="zstd")
    # On the disk before what is said about them, which makes them a batch.
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(partial, path)


def write_last(path: Path, text: str) -> None:
    """Write a small file whole, in one step, so that a kill leaves it there or not there."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def as_toml(said: Mapping[str, Any]) -> str:
    """Return a mapping of plain values, lists and one level of mappings as TOML."""
    plain = [
        f"{_quoted_key(key)} = {_toml_value(value)}"
        for key, value in said.items()
        if value is not None and not isinstance(value, Mapping)
    ]
    for key, value in said.items():
        if isinstance(value, Mapping):
            plain += ["", f"[{_quoted_key(key)}]"]
            plain += [
                f"{_quoted_key(inner)} = {_toml_value(content)}"
                for inner, content in value.items()
                if content is not None
            ]
    return "\n".join(plain) + "\n"


def _quoted_key(key: str) -> str:
    return key if key.isidentifier() and key.isascii() else _toml_value(key)


def _toml_value(value: Any) -> str:
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return f"[{', '.join(_toml_value(part) for part in value)}]"
    # A JSON string is a TOML string, but for the one control character JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
