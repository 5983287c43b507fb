"""What is done to batches after they were loaded: withdrawn, reinstated, loaded again, erased.

Nothing here rewrites a batch. Each act is one small file, numbered in one sequence with the
batches, and never changed. So which batches count follows from what is kept, and so does which
counted on any day before. An erased batch leaves its act, which is its tombstone.
"""

import contextlib
import datetime
import getpass
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from data.batches import (
    ACTS,
    Batch,
    Covers,
    as_toml,
    list_batches,
    loading,
    next_sequence,
    write_last,
)
from data.errors import DataError
from data.home import Home
from data.toml import in_words

Done = Literal["withdrawn", "reinstated", "loaded_again", "erased"]
State = Literal["counts", "withdrawn", "erased"]
_FEWEST_LETTERS = 4


class Act(BaseModel):
    """One thing done to a batch.

    Attributes:
        sequence: Its place among all that was done here, loading included.
        at: When, with a time zone.
        by: The name that was typed or the system's name of the user: nobody verified it.
        instead: Of an erased batch, the one that has its rows but for those of one person; ''
            where all are gone.
        batch_sequence: Of an erased batch, its own place.
        loaded_at: Of an erased batch, when it was loaded.
        snapshots: Of an erased batch, the published versions that were made from it.
    """

    model_config = ConfigDict(frozen=True)

    sequence: int
    act: Done
    batch: str
    table: str
    at: datetime.datetime
    by: str
    why: str
    instead: str = ""
    batch_sequence: int = 0
    loaded_at: datetime.datetime | None = None
    loaded_by: str = ""
    rows_accepted: int = 0
    rows_held: int = 0
    snapshots: tuple[str, ...] = ()
    covers: Covers = Covers()


@dataclass(frozen=True)
class Standing:
    """One batch as it stands now, for a list of everything that was ever loaded.

    Attributes:
        batch: What is said of it, its sequence being its place among those that count; None where
            it was erased.
        acts: What was done to it, oldest first; of an erased one the last is its tombstone.
        corrected: How many of its held rows were put right by corrections that count.
    """

    id: str
    table: str
    sequence: int
    state: State
    batch: Batch | None
    acts: tuple[Act, ...] = ()
    corrected: int = 0


def who(by: str | None) -> str:
    """Return the name given, else the system's name of the user; '' where there is neither."""
    if by and by.strip():
        return " ".join(by.split())
    with contextlib.suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return ""


def list_acts(home: Home) -> list[Act]:
    """Return everything done to batches here, oldest first.

    Raises:
        DataError: If an act cannot be read.
    """
    acts = [_read(path) for path in home.batches.glob(f"{ACTS}/*.toml")]
    return sorted(acts, key=lambda act: act.sequence)


def _read(path: Path) -> Act:
    try:
        return Act.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: this is not readable TOML: {error}") from error
    except ValidationError as error:
        raise DataError("\n".join(f"{path}: {fault}" for fault in in_words(error))) from error


def record(home: Home, act: Act) -> Act:
    """Keep an act under the next number. Call it while `loading` is held."""
    numbered = act.model_copy(update={"sequence": next_sequence(home)})
    folder = home.batches / ACTS
    folder.mkdir(parents=True, exist_ok=True)
    said = numbered.model_dump(mode="python", by_alias=True, exclude_defaults=True)
    write_last(folder / f"{numbered.sequence:08d}.toml", as_toml(said))
    return numbered


def in_force(home: Home, as_known_on: datetime.date | None = None) -> list[Batch]:
    """Return the batches that count, in the order in which they take effect.

    A correction of held rows counts as long as the batch does that it corrects. The sequence of a
    batch that was loaded again after it had been withdrawn is that of its loading again.

    Args:
        home: The partnership.
        as_known_on: What counted at the end of that day, by the partnership's clock.

    Raises:
        DataError: If something that counted on that day was erased since.
    """
    acts, batches = list_acts(home), list_batches(home)
    if as_known_on is not None:
        _refuse_what_is_erased(home, acts, as_known_on)
    return _counting(home, batches, acts, as_known_on)


def _counting(
    home: Home, batches: Sequence[Batch], acts: Sequence[Act], day: datetime.date | None
) -> list[Batch]:
    def known(time: datetime.datetime) -> bool:
        return day is None or home.day_of(time) <= day

    there = {b.id: b for b in batches if known(b.loaded_at) and not is_erased(b, acts)}
    withdrawn: set[str] = set()
    for act in acts:
        identity = stands_for(act.batch, act.sequence, acts)
        batch = there.get(identity)
        # What was done to the same content before it was erased and loaded anew is past.
        if batch is None or act.sequence < batch.sequence or not known(act.at):
            continue
        if act.act == "withdrawn":
            withdrawn.add(identity)
        elif act.act in ("reinstated", "loaded_again"):
            withdrawn.discard(identity)
        if act.act == "loaded_again":
            there[identity] = batch.model_copy(update={"sequence": act.sequence})
    for identity, batch in there.items():
        if batch.corrects:
            now = stands_for(batch.corrects, batch.sequence, acts)
            there[identity] = batch.model_copy(update={"corrects": now})
    counting = {identity: b for identity, b in there.items() if identity not in withdrawn}
    in_order = sorted(counting.values(), key=lambda batch: (batch.sequence, batch.id))
    return [b for b in in_order if not b.corrects or b.corrects in counting]


def is_erased(batch: Batch, acts: Sequence[Act]) -> bool:
    """Return whether a batch is erased, though a kill may have left files of it."""
    last = max(batch.sequence, batch.rewritten)
    return any(a.act == "erased" and a.batch == batch.id and a.sequence > last for a in acts)


def stands_for(identity: str, said_at: int, acts: Sequence[Act]) -> str:
    """Return the batch that stands for one named at some moment, after rows of it were erased."""
    for act in acts:
        if act.sequence > said_at and act.batch == identity and act.instead:
            identity = act.instead
    return identity


def _refuse_what_is_erased(home: Home, acts: Sequence[Act], day: datetime.date) -> None:
    gone: list[str] = []
    for stone in acts:
        loaded = stone.loaded_at
        if stone.act != "erased" or loaded is None:
            continue
        if not home.day_of(loaded) <= day < home.day_of(stone.at):
            continue
        earlier = [
            act.act
            for act in acts
            if stone.batch_sequence < act.sequence < stone.sequence
            and stands_for(act.batch, act.sequence, acts[: acts.index(stone)]) == stone.batch
            and home.day_of(act.at) <= day
        ]
        if earlier[-1:] != ["withdrawn"]:
            gone.append(tombstone_in_words(home, stone))
    if gone:
        raise DataError(
            f"What was known on {day} is not reproducible: erased. {' '.join(gone)} Ask for a day"
            " before it was loaded, or from the day it was erased."
        )


def tombstone_in_words(home: Home, stone: Act) -> str:
    """Return a sentence on what was erased, when and why."""
    loaded = f", loaded on {home.day_of(stone.loaded_at)}" if stone.loaded_at else ""
    what = "Rows of one person in batch" if stone.instead else "Batch"
    return (
        f"{what} {stone.batch} ({stone.table}, {stone.rows_accepted:,} rows{loaded}) was erased on"
        f" {home.day_of(stone.at)}: {stone.why.rstrip('.')}."
    )


def standings(home: Home) -> list[Standing]:
    """Return every batch that was ever loaded here as it stands now, oldest first."""
    acts, batches = list_acts(home), list_batches(home)
    counting = {batch.id: batch for batch in _counting(home, batches, acts, None)}
    found = []
    for stone in acts:
        if stone.act == "erased":
            own = [
                a
                for a in acts
                if stone.batch_sequence < a.sequence <= stone.sequence and a.batch == stone.batch
            ]
            found.append(
                Standing(stone.batch, stone.table, stone.batch_sequence, "erased", None, tuple(own))
            )
    for kept in batches:
        if is_erased(kept, acts):
            continue
        batch = counting.get(kept.id, kept)
        own = [
            act
            for act in acts
            if act.sequence > kept.sequence
            and act.act != "erased"
            and stands_for(act.batch, act.sequence, acts) == kept.id
        ]
        state: State = "counts" if kept.id in counting else "withdrawn"
        settled = settled_rows(kept.id, counting.values())
        found.append(
            Standing(kept.id, kept.table, batch.sequence, state, batch, tuple(own), len(settled))
        )
    return sorted(found, key=lambda standing: (standing.sequence, standing.id))


def settled_rows(identity: str, batches: Iterable[Batch]) -> set[int]:
    """Return the held rows of a batch of which corrections among those given say the last."""
    return {row for batch in batches if batch.corrects == identity for row in batch.settles}


def find(home: Home, start: str) -> Standing:
    """Return the batch whose id begins so; what is kept goes before what was erased.

    Raises:
        DataError: If there is none, or more than one.
    """
    start = start.strip().casefold()
    fitting = {one.id: one for one in standings(home) if one.id.startswith(start)}
    kept = {i: one for i, one in fitting.items() if one.state != "erased"} or fitting
    if len(start) < _FEWEST_LETTERS:
        raise DataError(
            f"{start!r} is too short for the id of a batch: write at least {_FEWEST_LETTERS}"
            " letters of it. `python -m data batches` lists them."
        )
    if len(kept) != 1:
        said = (
            f"begins the ids of {len(kept)} batches: {', '.join(kept)}"
            if kept
            else ("is not the beginning of the id of any batch here")
        )
        raise DataError(f"{start} {said}. `python -m data batches` lists them.")
    return next(iter(kept.values()))


def withdraw(home: Home, start: str, why: str, by: str | None = None) -> Standing:
    """Mark a batch as withdrawn: it no longer counts, and neither do corrections of it.

    Args:
        home: The partnership.
        start: The batch's id, or a beginning of it that no other has.
        why: The reason, in words.
        by: Who does it; else the system's name of the user.

    Raises:
        DataError: If there is no such batch, it does not count anyway, or no reason is given.
    """
    return _act(home, start, "withdrawn", why, by)


def reinstate(home: Home, start: str, why: str, by: str | None = None) -> Standing:
    """Let a withdrawn batch count again, in the place that it had.

    Args:
        home: The partnership.
        start: The batch's id, or a beginning of it that no other has.
        why: The reason, in words.
        by: Who does it; else the system's name of the user.

    Raises:
        DataError: If there is no such batch, it was not withdrawn, or no reason is given.
    """
    return _act(home, start, "reinstated", why, by)


def _act(home: Home, start: str, act: Done, why: str, by: str | None) -> Standing:
    with loading(home):
        standing = find(home, start)
        refuse_no_reason(why)
        batch = standing.batch
        if batch is None:
            raise DataError(f"{standing.id}: {tombstone_in_words(home, standing.acts[-1])}")
        last = next((a.act for a in reversed(standing.acts)), None)
        if act == "withdrawn" and last == "withdrawn":
            raise DataError(f"{standing.id} is withdrawn already.")
        if act == "reinstated" and last != "withdrawn":
            raise DataError(f"{standing.id} was not withdrawn; there is nothing to undo.")
        record(home, new_act(home, act, batch, why, by))
        return find(home, standing.id)


def refuse_no_reason(why: str) -> None:
    """Refuse an act without a reason.

    Raises:
        DataError: If the reason is blank.
    """
    if not why.strip():
        raise DataError("Say why, in a few words: --why TEXT. It is kept for whoever asks later.")


def new_act(home: Home, act: Done, batch: Batch, why: str, by: str | None) -> Act:
    """Return an act of now, not yet numbered or kept."""
    return Act(
        sequence=0,
        act=act,
        batch=batch.id,
        table=batch.table,
        at=home.clock(),
        by=who(by),
        why=" ".join(why.split()),
    )


def as_day(text: str) -> datetime.date:
    """Return a day written `YYYY-MM-DD`.

    Raises:
        DataError: If it is not written so.
    """
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        with contextlib.suppress(ValueError):
            return datetime.date.fromisoformat(text)
    raise DataError(f"{text} is not a day. Write it as 2025-06-30.")
