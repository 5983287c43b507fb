"""Erasing: rows that are really gone, and a tombstone that says what is missing and why."""

import contextlib
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.acts import Act, find, in_force, is_erased, list_acts, new_act, record, refuse_no_reason
from data.batches import Batch, list_batches, loading
from data.errors import DataError, SnapshotError
from data.held import batch_named_in
from data.home import Home
from data.reading import Source
from data.report import FileRefusedError
from data.snapshots import current_version, discard, manifest, publishing, versions


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
    corrections = [b for b in list_batches(home) if b.corrects == standing.id]
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
    with loading(home), publishing(home):
        refuse_no_reason(why)
        stones = []
        for batch in to_be_erased(home, start):
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
            act = new_act(home, "erased", batch, why, by).model_copy(update=said)
            stones.append(record(home, act))
        finish_erasures(home)
        return Erased(tuple(stones), discard_snapshots_of_erased(home))


def finish_erasures(home: Home) -> None:
    """Remove every file of erased batches that is still there, also after a kill.

    Call it while `loading` is held.
    """
    acts = list_acts(home)
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


def _remove_copies(home: Home, erased: Sequence[Batch]) -> None:
    """Remove from the inbox the files that were loaded, and those that hold their held rows."""
    digests = {batch.source_sha256 for batch in erased}
    ids = {batch.id for batch in erased}
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
    serving = None
    with contextlib.suppress(SnapshotError):
        serving = current_version(home)
    still = None
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
