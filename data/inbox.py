"""The inbox: files waiting to be loaded, taken all at once and put away when they are kept.

A file is moved only after its batch is kept. A kill in between leaves it in the inbox, and loading
it again changes nothing and puts it away.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from data.acts import in_force
from data.batches import Batch
from data.check import Stated
from data.errors import DataError
from data.held import as_csv, held_rows
from data.home import Home
from data.load import Progress, load_files
from data.report import Report

DONE, HELD = "done", "held"
# What systems and programs leave in a folder while a file is open or on its way.
_NOT_FILES = ("~$", ".", "thumbs.db", "desktop.ini")
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".download", ".lock")
_LETTERS = 8


@dataclass
class Taken:
    """What became of the files in an inbox.

    Attributes:
        said: Where each file went that was put away, and where its held rows are.
    """

    reports: list[Report] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def waiting(home: Home) -> list[Path]:
    """Return the files waiting in a home's inbox, by name; none that is hidden or unfinished."""
    if not home.inbox.is_dir():
        return []
    return sorted(
        path
        for path in home.inbox.iterdir()
        if path.is_file()
        and not path.name.casefold().startswith(_NOT_FILES)
        and not path.name.casefold().endswith(_UNFINISHED)
    )


def load_inbox(
    home: Home,
    stated: Stated | None = None,
    progress: Progress | None = None,
    by: str | None = None,
) -> Taken:
    """Load every file in the inbox; move those kept to `inbox/done`, and leave those refused.

    Where rows are held, they are written to `inbox/held` as a file to correct.

    Args:
        home: The partnership.
        stated: What the sender says about all of them.
        progress: As for `load_files`.
        by: Who loads them; else the system's name of the user.

    Raises:
        DataError: If there is no partnership here, its own files cannot be used, or a file cannot
            be moved.
    """
    home.settings()
    files = waiting(home)
    if not files:
        return Taken()
    taken = Taken(load_files(home, files, stated, progress, by))
    counting = in_force(home)
    for file in files:
        # A workbook has a report for each of its tables.
        reports = [report for report in taken.reports if report.file == str(file)]
        kept = [b for b in counting if b.id in {report.batch_id for report in reports}]
        if not kept or any(report.status == "refused" for report in reports):
            taken.said.append(f"{file.name} stays in the inbox.")
            continue
        held = [path for batch in kept if (path := _write_held(home, batch, counting))]
        try:
            place = _put_away(home, file)
        except OSError as error:
            raise DataError(
                f"{file}: its rows are kept as {_named(kept)}, but it cannot be moved to {DONE}:"
                f" {error.strerror}. Close it and load the inbox again; nothing is counted twice."
            ) from error
        taken.said.append(f"{file.name} is now {place.relative_to(home.path).as_posix()}.")
        for path in held:
            where = path.relative_to(home.path).as_posix()
            taken.said.append(f"Its held rows are in {where}. Correct them there and load that.")
    return taken


def _named(batches: Sequence[Batch]) -> str:
    return f"batch{'es' if len(batches) > 1 else ''} {', '.join(batch.id for batch in batches)}"


def _write_held(home: Home, batch: Batch, counting: list[Batch]) -> Path | None:
    """Write what is still held of a batch, or of the one it corrects; None where nothing is."""
    root = next(b for b in counting if b.id == (batch.corrects or batch.id))
    rows = held_rows(root, counting)
    if not rows.num_rows:
        return None
    folder = home.inbox / HELD
    folder.mkdir(exist_ok=True)
    name = f"{Path(root.source_name).stem} held {root.id[:_LETTERS]}.csv"
    place = folder / name
    partial = folder / f".{name}.partial"
    partial.write_text(as_csv(root, rows), encoding="utf-8-sig", newline="")
    os.replace(partial, place)
    return place


def _put_away(home: Home, file: Path) -> Path:
    folder = home.inbox / DONE
    folder.mkdir(exist_ok=True)
    place = folder / file.name
    if place.exists() and place.read_bytes() != file.read_bytes():
        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:_LETTERS]
        place = folder / f"{file.stem} {digest}{file.suffix}"
    os.replace(file, place)
    return place
