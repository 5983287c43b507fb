"""Erasing: rows that are really gone, and a tombstone that says what is missing and why."""

import contextlib
import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from data.acts import (
    Act,
    allow,
    find,
    in_force,
    is_erased,
    list_acts,
    new_act,
    record,
    refuse_no_reason,
    stands_for,
)
from data.backup import take_out
from data.batches import (
    HELD_REASON,
    Batch,
    batch_id,
    list_batches,
    loading,
    next_sequence,
    read_held,
    read_rows,
    said_of,
    write_last,
    write_rows,
)
from data.errors import DataError, SnapshotError
from data.held import batch_named_in
from data.home import Home
from data.reading import Source
from data.report import FileRefusedError
from data.snapshots import discard, manifest, publishing, served_version, versions

# What is said of a batch that is to take the place of another, until that is decided.
WAITING = ".toml.waiting"


@dataclass(frozen=True)
class Erased:
    """What erasing did.

    Attributes:
        tombstones: One for each batch: the one named, and those that corrected its held rows.
        still_served: The version being served that was made from them; publishing takes it away.
    """

    tombstones: tuple[Act, ...]
    still_served: str | None


def to_be_erased(home: Home, start: str) -> list[Batch]:
    """Return the batch whose id begins so, after those that correct held rows of it.

    Raises:
        DataError: If there is none, or more than one, or it is erased already.
    """
    standing = find(home, start)
    if standing.batch is None:
        raise DataError(f"{standing.id} was erased already, on {standing.acts[-1].at:%Y-%m-%d}.")
    acts = list_acts(home)
    corrections = [
        b
        for b in list_batches(home)
        if b.corrects and stands_for(b.corrects, b.sequence, acts) == standing.id
    ]
    return [*corrections, standing.batch]


def erase(home: Home, start: str, why: str, by: str | None = None) -> Erased:
    """Take a batch away for good: its rows, its held rows, and every copy of them in the home.

    What was published from it goes too, but for the version being served: that goes when the next
    is published. Corrections of its held rows are erased with it.

    Args:
        home: The partnership.
        start: The batch's id, or a beginning of it that no other has.
        why: The reason, in words.
        by: Who does it; else the system's name of the user.

    Raises:
        DataError: If there is no such batch, it is erased already, or no reason is given.
    """
    allow("erased", by)
    with loading(home), publishing(home):
        finish_erasures(home)
        refuse_no_reason(why)
        stones = [
            record(home, _tombstone(home, batch, why, by)) for batch in to_be_erased(home, start)
        ]
        finish_erasures(home)
        return Erased(tuple(stones), discard_snapshots_of_erased(home))


def batches_with_person(home: Home, key: str) -> list[Batch]:
    """Return the batches in which any cell, accepted or held, is the key of one person.

    Raises:
        DataError: If the key is blank.
    """
    if not key.strip():
        raise DataError("Name the person by the key that the files have in person_key.")
    acts = list_acts(home)
    return [
        batch
        for batch in list_batches(home)
        if not is_erased(batch, acts)
        and (_has(read_rows(batch), key).any() or _has(read_held(batch), key).any())
    ]


def erase_person(home: Home, key: str, why: str, by: str | None = None) -> Erased:
    """Take the rows of one person out of every batch, as `erase` takes a whole one away.

    Each batch that has such rows gives way to one without them, in the same place and of the same
    months and areas. The key itself is kept nowhere.

    Args:
        home: The partnership.
        key: The person, as the files name them in `person_key`.
        why: The reason, in words.
        by: Who does it; else the system's name of the user.

    Raises:
        DataError: If the person is in no batch, or no reason is given.
    """
    allow("erased", by)
    with loading(home), publishing(home):
        finish_erasures(home)
        refuse_no_reason(why)
        found = batches_with_person(home, key)
        if not found:
            raise DataError("No batch here has a row with this key. Nothing was erased.")
        stones = []
        for batch in found:
            instead = _write_without(home, batch, key)
            gone = {
                "instead": instead.id,
                "rows_accepted": batch.rows_accepted - instead.rows_accepted,
                "rows_held": batch.rows_held - instead.rows_held,
            }
            stone = _tombstone(home, batch, why, by).model_copy(update=gone)
            stones.append(record(home, stone))
            finish_erasures(home)
        return Erased(tuple(stones), discard_snapshots_of_erased(home))


def _tombstone(home: Home, batch: Batch, why: str, by: str | None) -> Act:
    made = tuple(v for v in versions(home) if _is_made_from(home, v, batch.id, None))
    said = {
        "batch_sequence": batch.sequence,
        "loaded_at": batch.loaded_at,
        "loaded_by": batch.loaded_by,
        "rows_accepted": batch.rows_accepted,
        "rows_held": batch.rows_held,
        "covers": batch.covers,
        "snapshots": made,
    }
    return new_act(home, "erased", batch, why, by).model_copy(update=said)


def _has(rows: pa.Table, key: str) -> np.ndarray:
    """Return which rows have a cell that is the key."""
    found = np.zeros(rows.num_rows, bool)
    for name in rows.column_names:
        if pa.types.is_string(rows.schema.field(name).type):
            cells = rows.column(name).to_pandas().fillna("")
            found |= (cells.str.strip() == key.strip()).to_numpy(bool)
    return found


def _write_without(home: Home, batch: Batch, key: str) -> Batch:
    """Write a batch without the rows of one person, to be listed once its act is recorded."""
    rows, held = read_rows(batch), read_held(batch)
    left = rows.filter(pa.array(~_has(rows, key)))
    left_held = held.filter(pa.array(~_has(held, key))) if held.num_rows else held
    # Each row of a file makes the same number of rows of the contract.
    rows_of_each = batch.rows_loaded // batch.rows_accepted if batch.rows_accepted else 1
    gone = (rows.num_rows - left.num_rows) // rows_of_each
    gone_held = held.num_rows - left_held.num_rows
    said = [
        word for word in ("replaces" if batch.how == "replaces" else "", batch.corrects) if word
    ]
    without_reasons = left_held.drop([HELD_REASON]) if held.num_rows else left_held
    instead = batch.model_copy(
        update={
            "id": batch_id(batch.table, left, without_reasons, batch.covers, *said),
            "source_sha256": "",
            "rewritten": next_sequence(home),
            "rows_in_file": batch.rows_in_file - gone - gone_held,
            "rows_accepted": batch.rows_accepted - gone,
            "rows_loaded": left.num_rows,
            "rows_held": batch.rows_held - gone_held,
        }
    )
    if not (batch.folder / f"{instead.id}.toml").exists():
        instead = write_rows(home, instead, left, left_held)
        write_last(instead.folder / f"{instead.id}{WAITING}", said_of(instead))
    return instead


def finish_erasures(home: Home) -> None:
    """Remove every file of erased batches that is still there, also after a kill.

    Call it while `loading` is held.
    """
    acts = list_acts(home)
    _list_those_waiting(home, acts)
    erased = [batch for batch in list_batches(home) if is_erased(batch, acts)]
    if erased:
        _remove_copies(home, erased)
    for batch in erased:
        # What is said of it goes last: by that the rest is found.
        said = batch.folder / f"{batch.id}.toml"
        for file in batch.folder.glob(f"*{batch.id}*"):
            if file != said:
                file.unlink()
        said.unlink()
    for act in acts:
        if act.act == "erased":
            kept = home.batches / act.table / f"{act.batch}.toml"
            for file in home.batches.glob(f"{act.table}/*{act.batch}*"):
                if not kept.exists():
                    file.unlink()


def _list_those_waiting(home: Home, acts: Sequence[Act]) -> None:
    """List what was written in place of a batch and its act recorded; remove what never was."""
    expected = {act.instead for act in acts if act.instead}
    for waiting in home.batches.glob(f"*/*{WAITING}"):
        identity = waiting.name.removesuffix(WAITING)
        if identity in expected:
            os.replace(waiting, waiting.with_name(f"{identity}.toml"))
            continue
        for file in waiting.parent.glob(f"{identity}*"):
            file.unlink()


def _remove_copies(home: Home, erased: Sequence[Batch]) -> None:
    """Remove what else in the home has the rows: backups, and files in the inbox.

    In the inbox these are the files that were loaded, and those that hold their held rows.
    """
    digests = {batch.source_sha256 for batch in erased}
    digests.discard("")
    ids = {batch.id for batch in erased}
    for backup in home.backups.glob("*.zip"):
        take_out(backup, lambda name: not any(identity in name for identity in ids))
    for file in [path for path in home.inbox.rglob("*") if path.is_file()]:
        if _digest(file) in digests or _held_in(file) in ids:
            file.unlink()


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _held_in(file: Path) -> str | None:
    with contextlib.suppress(FileRefusedError):
        return batch_named_in(Source(file))
    return None


def discard_snapshots_of_erased(home: Home, *, also_served: bool = False) -> str | None:
    """Remove the snapshots made from erased batches; return the one that is still served, if any.

    Call it while `publishing` is held.

    Args:
        home: The partnership.
        also_served: Whether to take away the one being served, so that nothing is.
    """
    stones = [act for act in list_acts(home) if act.act == "erased"]
    serving, still = served_version(home), None
    for version in versions(home):
        if not any(_is_made_from(home, version, s.batch, s.sequence) for s in stones):
            continue
        if version == serving and not also_served:
            still = version
            continue
        if version == serving:
            home.current_file.unlink()
        discard(home, version)
    return still


def _is_made_from(home: Home, version: str, batch: str, before: int | None) -> bool:
    """Return whether a snapshot was made from a batch, as it was before some act if one is named.

    One that cannot be read is taken to be.
    """
    try:
        made_from = manifest(home, version).made_from
    except SnapshotError:
        return before is not None
    for name, place in made_from.items():
        if name.startswith("batch ") and name.endswith(f"/{batch}"):
            return before is None or max(map(int, re.findall(r"\d+", place))) < before
    return False


def nothing_left(home: Home) -> bool:
    """Return whether batches were erased here and none that counts is left."""
    return not in_force(home) and any(act.act == "erased" for act in list_acts(home))
